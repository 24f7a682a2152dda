#!/usr/bin/env python3
"""Makes shapes.json and shapes.bin.gz: layers of extreme shapes in PyTorch, for test/core/kernels/shape-goldens.test.ts.

    OMP_NUM_THREADS=1 python3 test/golden/make_shapes.py

needs PyTorch. Inputs, labels, weights, layouts and the file of numbers are make_golden.py's. What is stored for
each net, computed in float64 on the batch of step 0: mean cross-entropy; logits and all gradients, rounded to float32.
"""

import gzip
import json
import platform
from pathlib import Path

import numpy as np
import torch

from make_golden import Binary, Net, loss_of

RELU, FLATTEN, LOGITS = {"kind": "relu"}, {"kind": "flatten"}, {"kind": "dense", "units": 10}


def conv(channels, kernel=3, padding=1, stride=1):
    return {"kind": "conv2d", "channels": channels, "kernel": kernel, "padding": padding, "stride": stride}


def pool(size):
    return {"kind": "maxPool2d", "size": size}


# Eighteen samples are more than go through a convolutional network at once.
CASES = [
    {"name": "convolution 15×15 in strides of 8, of the input and within", "height": 28, "width": 28, "batch": 18, "layers":
        [conv(3), RELU, conv(5, 15, 7, 8), RELU, conv(17), FLATTEN, LOGITS]},
    {"name": "convolution 15×15 in strides of 8, first", "height": 28, "width": 28, "batch": 18, "layers":
        [conv(17, 15, 7, 8), RELU, conv(3, 15, 7, 8), FLATTEN, LOGITS]},
    {"name": "convolution 15×15 in strides of 1", "height": 28, "width": 28, "batch": 5, "layers":
        [conv(3), RELU, pool(2), conv(5, 15, 7), RELU, pool(5), FLATTEN, LOGITS]},
    {"name": "28×28 to 1×1 by convolutions 4×4 in strides of 3", "height": 28, "width": 28, "batch": 18, "layers":
        [conv(5, 4, 1, 3), RELU, conv(17, 4, 1, 3), RELU, conv(5, 4, 1, 3), RELU, conv(33), FLATTEN, LOGITS]},
    {"name": "28×27 to 1×1 by pooling, then convolutions of one pixel", "height": 28, "width": 27, "batch": 18, "layers":
        [conv(5), RELU, pool(8), conv(17), RELU, pool(3), conv(33, 1, 0), RELU, conv(3), FLATTEN, LOGITS]},
    {"name": "pooling 8×8 with rows and columns left over, of 33 channels", "height": 28, "width": 23, "batch": 18, "layers":
        [conv(33), pool(8), RELU, conv(5), FLATTEN, LOGITS]},
    {"name": "pooling 8×8 of the input", "height": 28, "width": 28, "batch": 18, "layers":
        [pool(8), conv(17), RELU, conv(5, 3, 0), FLATTEN, LOGITS]},
    {"name": "images of one pixel", "height": 1, "width": 1, "batch": 18, "layers":
        [conv(3, 1, 0), RELU, conv(33), RELU, conv(5, 4, 2, 3), RELU, conv(17, 2, 1), FLATTEN, LOGITS]},
    {"name": "images of one row", "height": 1, "width": 28, "batch": 18, "layers":
        [conv(5), RELU, conv(17, 4, 2, 3), RELU, conv(3, 3, 2), FLATTEN, LOGITS]},
]


def make(seed, case, binary):
    spec = {**case, "seed": seed, "classes": 10, "model": {"kind": "layers", "layers": case["layers"]}}
    passes = {}
    for dtype in (torch.float64, torch.float32):
        net = Net(spec, dtype)
        logits, loss = loss_of(net, spec, 0, dtype)
        loss.backward()
        passes[dtype] = loss.item(), logits.detach().numpy(), net.flat(gradients=True)
    loss, logits, gradients = passes[torch.float64]
    _, single, single_gradients = passes[torch.float32]
    print(f"{case['name']}: float32 against float64, of the largest value: logits {np.abs(logits - single).max() / np.abs(logits).max():.1e},",
          f"gradients {np.abs(gradients - single_gradients).max() / np.abs(gradients).max():.1e}; {gradients.size} parameters")
    del spec["model"]
    return {**spec, "parameters": net.described, "loss": loss,
            "logits": binary.add(logits.astype(np.float32)), "gradients": binary.add(gradients.astype(np.float32))}


def main():
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    here, binary = Path(__file__).parent, Binary()
    versions = {"pytorch": torch.__version__, "numpy": np.__version__, "python": platform.python_version()}
    index = {"versions": versions, "cases": [make(30 + i, case, binary) for i, case in enumerate(CASES)]}
    (here / "shapes.json").write_text(json.dumps(index, ensure_ascii=False) + "\n")
    (here / "shapes.bin.gz").write_bytes(gzip.compress(bytes(binary.bytes), mtime=0))


main()
