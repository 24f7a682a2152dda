#!/usr/bin/env python3
"""Makes the PyTorch golden values that test/core/training/pytorch.test.ts compares Handgrad with.

    OMP_NUM_THREADS=1 python3 test/golden/make_golden.py

needs PyTorch (Debian: python3-torch and libopenblas0-pthread) and writes golden.json (the index)
and golden.bin.gz (the numbers, little-endian) beside itself. Run twice, it writes the same bytes.

Inputs, labels and starting weights are not stored: they come from an exact integer formula that
Python and TypeScript both compute (all arithmetic modulo 2^32):

    mix(x)         x ^= x >> 16;  x *= 0x7feb352d;  x ^= x >> 15;  x *= 0x846ca68b;  x ^= x >> 16
    hash(s, i)   = mix(i * 0x9e3779b9 + mix(s))          stream s, index i
    weight         stream 1000 * seed + t for the t-th parameter tensor (weight 0, bias 0, weight 1, ...),
                   i = row-major index in Handgrad's layout;
                   float32((hash / 2^32 * 2 - 1) / sqrt(fan_in)), computed in float64, rounded once
    pixel          stream 1000 * seed + 500 + step, i = row-major index in [sample][y][x];
                   0 in a border of floor(min(height, width) / 9) + sample % 3 pixels, 0 where hash % 8 == 0,
                   else the byte 1 + (hash >> 8) % 255; a byte k is the input float32(k * float32(1 / 255))
    label          stream 1000 * seed + 700 + step, i = sample; hash % classes

Stored values are already in Handgrad's layouts: B samples, H height, W width, C channels in, O channels out,
    convolution weight [O][ky][kx][C]    dense weight [inputs][units]    logits [B][classes]
    images [B][H][W][C], flattened in that order before a dense layer
and parameters (gradients likewise) are one flat vector: weight, bias, layer by layer.

What is stored for each net, in float64 ("double") and in float32 ("single"), from the same float32 inputs:
logits, mean cross-entropy loss, all gradients and the statistics of batch normalisation (mean and unbiased
variance, layer by layer) on the batch of step 0; and for each optimizer
STEPS training steps from the same start, step s on the batch of step s: the loss before each update,
and every `stride`-th parameter after the last one (a prime stride, so that the sample wanders over
all rows and columns).

What this file deliberately does not do: use Handgrad, real images, or PyTorch's random numbers.
"""

import gzip
import json
import math
import platform
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

STEPS = 10
HERE = Path(__file__).parent

OPTIMIZERS = [
    {"kind": "sgd", "lr": 0.01, "momentum": 0},
    {"kind": "sgd", "lr": 0.01, "momentum": 0.9},
    {"kind": "nesterov", "lr": 0.01, "momentum": 0.9},
    {"kind": "adam", "lr": 0.001, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
]

CASES = [
    {"name": "mlp", "seed": 1, "height": 28, "width": 28, "classes": 10, "batch": 16, "stride": 211,
     "model": {"kind": "mlp", "hidden": [100, 100]}},
    {"name": "cnn", "seed": 2, "height": 28, "width": 28, "classes": 10, "batch": 20, "stride": 211,
     "model": {"kind": "cnn", "channels": [16, 32, 64]}},
    {"name": "odd mlp", "seed": 3, "height": 13, "width": 11, "classes": 10, "batch": 7, "stride": 7,
     "model": {"kind": "mlp", "hidden": [7, 9]}},
    {"name": "odd cnn", "seed": 4, "height": 13, "width": 11, "classes": 10, "batch": 7, "stride": 7,
     "model": {"kind": "cnn", "channels": [5, 6]}},
    {"name": "layers", "seed": 5, "height": 12, "width": 10, "classes": 6, "batch": 5, "stride": 7,
     "model": {"kind": "layers", "name": "mixed", "layers": [
         {"kind": "conv2d", "channels": 4, "kernel": 5, "padding": 2},
         {"kind": "relu"},
         {"kind": "conv2d", "channels": 3, "kernel": 3, "padding": 0},
         {"kind": "relu"},
         {"kind": "maxPool2d", "size": 3},
         {"kind": "flatten"},
         {"kind": "dense", "units": 8},
         {"kind": "relu"},
         {"kind": "dense", "units": 6}]}},
    {"name": "resnet", "seed": 6, "height": 13, "width": 11, "classes": 10, "batch": 9, "stride": 7,
     "model": {"kind": "resnet", "padded": True, "width": 3, "residual": True, "batchNorm": True, "activation": "relu",
               "globalPool": "max", "dropout": 0}},
    {"name": "activations", "seed": 7, "height": 12, "width": 10, "classes": 6, "batch": 8, "stride": 7,
     "model": {"kind": "layers", "name": "unlike", "layers": [
         {"kind": "conv2d", "channels": 5, "kernel": 3, "padding": 1, "stride": 2},
         {"kind": "silu"},
         {"kind": "residual", "layers": [
             {"kind": "conv2d", "channels": 5, "kernel": 3, "padding": 1, "bias": False},
             {"kind": "batchNorm", "momentum": 0.1, "epsilon": 1e-3},
             {"kind": "gelu"}]},
         {"kind": "conv2d", "channels": 7, "kernel": 1, "padding": 0, "stride": 2, "bias": False},
         {"kind": "leakyRelu", "slope": 0.1},
         {"kind": "globalAveragePool2d"},
         {"kind": "dense", "units": 9},
         {"kind": "gelu"},
         {"kind": "batchNorm", "momentum": 0.1, "epsilon": 1e-2},
         {"kind": "dense", "units": 6}]}},
]


def mix(x):
    x = np.asarray(x, dtype=np.uint32)
    x = x ^ (x >> np.uint32(16))
    x = x * np.uint32(0x7FEB352D)
    x = x ^ (x >> np.uint32(15))
    x = x * np.uint32(0x846CA68B)
    return x ^ (x >> np.uint32(16))


def hashes(stream, count):
    """uint32 [count]: hash(stream, i) for i = 0 .. count - 1."""
    i = np.arange(count, dtype=np.uint32)
    return mix(i * np.uint32(0x9E3779B9) + mix([stream]))


def weights(stream, shape, fan_in):
    u = hashes(stream, math.prod(shape)).astype(np.float64) / 2.0**32
    return ((u * 2 - 1) / math.sqrt(fan_in)).astype(np.float32).reshape(shape)


def batch(case, step):
    """images float32 [B][H][W], labels int64 [B]."""
    n, h, w = case["batch"], case["height"], case["width"]
    q = hashes(1000 * case["seed"] + 500 + step, n * h * w).reshape(n, h, w)
    pixels = np.where(q % 8 == 0, 0, 1 + (q >> np.uint32(8)) % 255)
    for sample in range(n):
        border = min(h, w) // 9 + sample % 3
        inside = np.zeros((h, w), dtype=bool)
        inside[border:h - border, border:w - border] = True
        pixels[sample][~inside] = 0
    labels = hashes(1000 * case["seed"] + 700 + step, n) % case["classes"]
    return pixels.astype(np.float32) * np.float32(1 / 255), labels.astype(np.int64)


def model_layers(model, classes):
    """The plain layers a model spec stands for (Handgrad's modelLayers)."""
    if model["kind"] == "layers":
        return flatten_blocks(model["layers"])
    if model["kind"] == "resnet":
        return flatten_blocks(residual_network(model, classes))
    dense = {"kind": "dense", "units": classes}
    if model["kind"] == "mlp":
        hidden = [[{"kind": "dense", "units": units}, {"kind": "relu"}] for units in model["hidden"]]
        return [{"kind": "flatten"}, *sum(hidden, []), dense]
    blocks = [[{"kind": "conv2d", "channels": channels, "kernel": 3, "padding": 1},
               {"kind": "relu"}, {"kind": "maxPool2d", "size": 2}] for channels in model["channels"]]
    return [*sum(blocks, []), {"kind": "flatten"}, dense]


def flatten_blocks(blocks):
    """Residual blocks as their layers and an addition of the input of the layer `span` places before."""
    flat = []
    for block in blocks:
        if block["kind"] == "residual":
            flat += [*block["layers"], {"kind": "add", "span": len(block["layers"])}]
        else:
            flat.append(block)
    return flat


def residual_network(model, classes):
    def convolution(channels):
        return [{"kind": "conv2d", "channels": channels, "kernel": 3, "padding": 1, "bias": False},
                {"kind": "batchNorm", "momentum": 0.1, "epsilon": 1e-5}, {"kind": model["activation"]}]

    def block(channels):
        return {"kind": "residual", "layers": convolution(channels) + convolution(channels)}

    width, pool = model["width"], {"kind": "maxPool2d", "size": 2}
    return [*convolution(width), *convolution(2 * width), pool, block(2 * width), *convolution(4 * width), pool,
            block(4 * width), {"kind": "globalMaxPool2d"}, {"kind": "dense", "units": classes}]


class Net:
    """A net whose parameters are PyTorch tensors in PyTorch's layouts."""

    def __init__(self, case, dtype):
        self.layers = model_layers(case["model"], case["classes"])
        self.parameters = []  # PyTorch's layouts
        self.described = []   # name and shape in Handgrad's layout
        h, w, c = case["height"], case["width"], 1
        flat = None
        for index, layer in enumerate(self.layers):
            if layer["kind"] == "conv2d":
                k, o, stride = layer["kernel"], layer["channels"], layer.get("stride", 1)
                self.add(case, dtype, f"layer {index} conv2d weight", (o, k, k, c), k * k * c)
                if layer.get("bias", True):
                    self.add(case, dtype, f"layer {index} conv2d bias", (o,), k * k * c)
                h, w = ((side + 2 * layer["padding"] - k) // stride + 1 for side in (h, w))
                c = o
            elif layer["kind"] == "batchNorm":
                channels = c if flat is None else flat
                self.add(case, dtype, f"layer {index} batchNorm weight", (channels,), channels)
                self.add(case, dtype, f"layer {index} batchNorm bias", (channels,), channels)
            elif layer["kind"] in ("globalMaxPool2d", "globalAveragePool2d"):
                flat = c
            elif layer["kind"] == "maxPool2d":
                h, w = h // layer["size"], w // layer["size"]
            elif layer["kind"] == "flatten":
                flat = h * w * c
            elif layer["kind"] == "dense":
                self.add(case, dtype, f"layer {index} dense weight", (flat, layer["units"]), flat)
                self.add(case, dtype, f"layer {index} dense bias", (layer["units"],), flat)
                flat = layer["units"]

    def add(self, case, dtype, name, shape, fan_in):
        values = weights(1000 * case["seed"] + len(self.parameters), shape, fan_in)
        tensor = torch.from_numpy(values).to(dtype)
        if len(shape) == 4:
            tensor = tensor.permute(0, 3, 1, 2)  # [O][ky][kx][C] -> [O][C][ky][kx]
        elif len(shape) == 2:
            tensor = tensor.t()                  # [inputs][units] -> [units][inputs]
        self.parameters.append(tensor.contiguous().requires_grad_())
        self.described.append({"name": name, "shape": list(shape)})

    def forward(self, images):
        """images [B][H][W] -> logits [B][classes]"""
        x = images.unsqueeze(1)
        remaining = iter(self.parameters)
        inputs = []           # of every layer
        self.statistics = []  # of every batch normalisation: mean, unbiased variance
        for index, layer in enumerate(self.layers):
            inputs.append(x)
            if layer["kind"] == "conv2d":
                weight = next(remaining)
                bias = next(remaining) if layer.get("bias", True) else None
                x = F.conv2d(x, weight, bias, stride=layer.get("stride", 1), padding=layer["padding"])
            elif layer["kind"] == "relu":
                x = F.relu(x)
            elif layer["kind"] == "leakyRelu":
                x = F.leaky_relu(x, layer["slope"])
            elif layer["kind"] == "silu":
                x = F.silu(x)
            elif layer["kind"] == "gelu":
                x = F.gelu(x, approximate="tanh")
            elif layer["kind"] == "batchNorm":
                mean, variance = torch.zeros(x.shape[1], dtype=x.dtype), torch.ones(x.shape[1], dtype=x.dtype)
                # Momentum 1: the running statistics become those of the batch.
                x = F.batch_norm(x, mean, variance, next(remaining), next(remaining), training=True, momentum=1, eps=layer["epsilon"])
                self.statistics += [mean, variance]
            elif layer["kind"] == "add":
                x = x + inputs[index - layer["span"]]
            elif layer["kind"] == "globalMaxPool2d":
                x = x.amax((2, 3))
            elif layer["kind"] == "globalAveragePool2d":
                x = x.mean((2, 3))
            elif layer["kind"] == "maxPool2d":
                x = F.max_pool2d(x, layer["size"])
            elif layer["kind"] == "flatten":
                x = x.permute(0, 2, 3, 1).flatten(1)  # channels last, as Handgrad flattens
            elif layer["kind"] == "dense":
                x = F.linear(x, next(remaining), next(remaining))
        return x

    def flat(self, gradients=False):
        """All parameters, or their gradients, in Handgrad's layouts and order."""
        parts = []
        for parameter in self.parameters:
            tensor = (parameter.grad if gradients else parameter).detach()
            if tensor.dim() == 4:
                tensor = tensor.permute(0, 2, 3, 1)
            elif tensor.dim() == 2:
                tensor = tensor.t()
            parts.append(tensor.reshape(-1))
        return torch.cat(parts).numpy()


def make_optimizer(spec, parameters):
    if spec["kind"] == "adam":
        return torch.optim.Adam(parameters, lr=spec["lr"], betas=(spec["beta1"], spec["beta2"]), eps=spec["epsilon"])
    return torch.optim.SGD(parameters, lr=spec["lr"], momentum=spec["momentum"], nesterov=spec["kind"] == "nesterov")


def loss_of(net, case, step, dtype):
    images, labels = batch(case, step)
    logits = net.forward(torch.from_numpy(images).to(dtype))
    return logits, F.cross_entropy(logits, torch.from_numpy(labels))


class Binary:
    """Collects arrays; each starts at a multiple of 8 bytes, so that typed arrays can view it."""

    def __init__(self):
        self.bytes = bytearray()

    def add(self, values):
        values = np.ascontiguousarray(values).reshape(-1)
        place = {"offset": len(self.bytes), "length": int(values.size)}
        self.bytes += values.astype(values.dtype.newbyteorder("<")).tobytes()
        self.bytes += bytes(-len(self.bytes) % 8)
        return place


def make_case(case, binary):
    precisions = {"double": torch.float64, "single": torch.float32}
    entry = dict(case)
    for precision, dtype in precisions.items():
        net = Net(case, dtype)
        entry["parameters"] = net.described
        logits, loss = loss_of(net, case, 0, dtype)
        loss.backward()
        entry[precision] = {
            "loss": loss.item(),
            "logits": binary.add(logits.detach().numpy()),
            "gradients": binary.add(net.flat(gradients=True)),
        }
        if net.statistics:
            entry[precision]["statistics"] = binary.add(torch.cat(net.statistics).numpy())
    entry["training"] = []
    for spec in OPTIMIZERS:
        run = {"optimizer": spec}
        for precision, dtype in precisions.items():
            net = Net(case, dtype)
            optimizer = make_optimizer(spec, net.parameters)
            losses = []
            for step in range(STEPS):
                optimizer.zero_grad()
                _, loss = loss_of(net, case, step, dtype)
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
            run[precision] = {"losses": losses, "weights": binary.add(net.flat()[::case["stride"]])}
        entry["training"].append(run)
    return entry


def report(entry, binary):
    """How far PyTorch's own float32 lies from its float64: a measure for the tolerances of the tests."""
    def both(get):
        double, single = get("double"), get("single")
        a = np.frombuffer(binary.bytes, "<f8", double["length"], double["offset"])
        b = np.frombuffer(binary.bytes, "<f4", single["length"], single["offset"]).astype(np.float64)
        return f"{np.abs(a - b).max():.1e} of {np.abs(a).max():.1e}"
    print(f"{entry['name']}: float32 against float64, largest difference of largest value")
    print(f"  logits {both(lambda p: entry[p]['logits'])}, gradients {both(lambda p: entry[p]['gradients'])},",
          f"loss {abs(entry['double']['loss'] - entry['single']['loss']):.1e}")
    for run in entry["training"]:
        losses = np.abs(np.array(run["double"]["losses"]) - np.array(run["single"]["losses"])).max()
        print(f"  {run['optimizer']['kind']} momentum {run['optimizer'].get('momentum', '-')}:",
              f"weights {both(lambda p: run[p]['weights'])}, losses {losses:.1e},",
              f"loss {run['double']['losses'][0]:.3f} to {run['double']['losses'][-1]:.3f}")


def main():
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    binary = Binary()
    index = {
        "versions": {"pytorch": torch.__version__, "numpy": np.__version__, "python": platform.python_version()},
        "steps": STEPS,
        "cases": [make_case(case, binary) for case in CASES],
    }
    for entry in index["cases"]:
        report(entry, binary)
    packed = gzip.compress(bytes(binary.bytes), mtime=0)
    (HERE / "golden.bin.gz").write_bytes(packed)
    (HERE / "golden.json").write_text(json.dumps(index, indent=1) + "\n")
    print(f"golden.bin.gz {len(packed)} bytes, unpacked {len(binary.bytes)}")


if __name__ == "__main__":
    main()
