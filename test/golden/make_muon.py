#!/usr/bin/env python3
"""Makes muon.json: steps of Muon as it was published (Jordan et al., 2024), for test/core/optimizers/muon-goldens.test.ts.

    OMP_NUM_THREADS=1 python3 test/golden/make_muon.py

needs PyTorch. LAYERS on 28 x 28 images; weights are make_golden.py's, and the gradient of step s of the t-th parameter is

    (hash(20000 + 100 * s + t, i) / 2^32 * 2 - 1) * (1 + i % 7)      i = row-major index in Handgrad's layout

What is stored, in float64: every `stride`-th element of every parameter after each of some steps, step s at SHARES[s] of the learning rates.

The orthogonalisation is the published `zeropower_via_newtonschulz5` on X itself, but in the precision at hand instead of
bfloat16, and without the 1e-7 that is added to the norm. A convolution's matrix has a filter a row, and a step is
sqrt(max(1, rows / columns)) times as long. torch.optim.SGD moves biases, gains and the last layer.
"""

import json
import math
import platform
from pathlib import Path

import numpy as np
import torch

from make_golden import Net, hashes
from seeded_net import in_layout

SHARES = [0.25, 1, 0.75, 0.5, 0.125]
OPTIMIZER = {"kind": "muon", "lr": 0.3, "momentum": 0.95, "weightDecay": 0.1,
             "others": {"lr": 0.005, "momentum": 0.9, "weightDecay": 0.01}}
# Matrices of 33 x 9, 64 x 297, 150 x 64, 70 x 150 and, the last, 10 x 70.
LAYERS = [
    {"kind": "conv2d", "channels": 33, "kernel": 3, "padding": 1},
    {"kind": "relu"},
    {"kind": "maxPool2d", "size": 2},
    {"kind": "conv2d", "channels": 64, "kernel": 3, "padding": 1, "bias": False},
    {"kind": "batchNorm", "momentum": 0.1, "epsilon": 1e-5},
    {"kind": "globalAveragePool2d"},
    {"kind": "dense", "units": 150},
    {"kind": "relu"},
    {"kind": "dense", "units": 70},
    {"kind": "relu"},
    {"kind": "dense", "units": 10},
]
CASE = {"seed": 20, "height": 28, "width": 28, "classes": 10, "model": {"kind": "layers", "layers": LAYERS}}
STRIDE = 151


def zeropower_via_newtonschulz5(g):
    a, b, c = 3.4445, -4.7750, 2.0315
    x = g.T if g.size(0) > g.size(1) else g
    x = x / x.norm()
    for _ in range(5):
        s = x @ x.T
        x = a * x + (b * s + c * s @ s) @ x
    return x.T if g.size(0) > g.size(1) else x


def muon_step(weight, momentum, lr):
    momentum.mul_(OPTIMIZER["momentum"]).add_(weight.grad)
    update = weight.grad.add(momentum, alpha=OPTIMIZER["momentum"]).flatten(1)
    length = max(1, update.size(0) / update.size(1)) ** 0.5
    weight.data.mul_(1 - lr * OPTIMIZER["weightDecay"])
    weight.data.add_(zeropower_via_newtonschulz5(update).view_as(weight), alpha=-lr * length)


def gradient(parameter, t, step):
    shape = {4: lambda o, c, k, l: (o, k, l, c), 2: lambda o, i: (i, o), 1: lambda n: (n,)}[parameter.dim()](*parameter.shape)
    i = np.arange(math.prod(shape))
    values = (hashes(20000 + 100 * step + t, len(i)).astype(np.float64) / 2.0**32 * 2 - 1) * (1 + i % 7)
    tensor = torch.from_numpy(values.astype(np.float32).reshape(shape)).to(parameter.dtype)
    return {4: lambda: tensor.permute(0, 3, 1, 2), 2: tensor.t, 1: lambda: tensor}[parameter.dim()]().contiguous()


def run(dtype):
    net = Net(CASE, dtype)
    last = [p for p in net.parameters if p.dim() > 1][-1]
    matrices = [p for p in net.parameters if p.dim() > 1 and p is not last]
    momenta = [torch.zeros_like(p) for p in matrices]
    plain = OPTIMIZER["others"]
    others = torch.optim.SGD([p for p in net.parameters if p.dim() == 1 or p is last], lr=plain["lr"], momentum=plain["momentum"],
                             weight_decay=plain["weightDecay"], nesterov=True)
    steps = []
    for step, share in enumerate(SHARES):
        for t, parameter in enumerate(net.parameters):
            parameter.grad = gradient(parameter, t, step)
        for weight, momentum in zip(matrices, momenta):
            muon_step(weight, momentum, share * OPTIMIZER["lr"])
        others.param_groups[0]["lr"] = share * plain["lr"]
        others.step()
        steps.append([in_layout(p.detach()).reshape(-1)[::STRIDE].tolist() for p in net.parameters])
    return steps


def main():
    torch.set_num_threads(1)
    double, single = run(torch.float64), run(torch.float32)
    versions = {"pytorch": torch.__version__, "numpy": np.__version__, "python": platform.python_version()}
    index = {"versions": versions, **CASE, "layers": LAYERS, "optimizer": OPTIMIZER, "shares": SHARES, "stride": STRIDE, "steps": double}
    del index["model"]
    Path(__file__).with_name("muon.json").write_text(json.dumps(index) + "\n")
    for step, (a, b) in enumerate(zip(double, single)):
        apart = [np.abs(np.subtract(p, q)).max() / np.abs(p).max() for p, q in zip(a, b)]
        print(f"step {step + 1}: float32 lies within {max(apart):.1e} of each parameter's largest float64")


main()
