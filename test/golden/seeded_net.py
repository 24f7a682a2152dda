"""A model with Handgrad's starting weights in PyTorch's own modules, and the data it is trained on."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from make_golden import hashes, model_layers
from streams import RandomStream

SIDE, CLASSES, COUNTS = 28, 10, (131, 50)


def samples(split):
    """images uint8 [N][SIDE][SIDE], labels int64 [N]."""
    n = COUNTS[split]
    labels = (hashes(9200 + split, n) % CLASSES).astype(np.int64)
    h = hashes(9100 + split, n * SIDE * SIDE).reshape(n, SIDE, SIDE)
    y, x = np.indices((SIDE, SIDE))
    pattern = np.stack([hashes(9000 + label, 49)[y // 4 * 7 + x // 4] % 256 for label in labels])
    pixels = np.where(h % 4 == 0, 0, (3 * pattern + (h >> np.uint32(8)) % 256) // 4)
    inside = np.minimum(np.minimum(y, x), SIDE - 1 - np.maximum(y, x)) >= 2
    return (pixels * inside).astype(np.uint8), labels


def as_input(images, dtype):
    return torch.from_numpy(np.asarray(images).astype(np.float32) * np.float32(1 / 255)).to(dtype).unsqueeze(1)


def in_layout(parameter):
    """A view in Handgrad's layout: [O][ky][kx][C], [inputs][units]."""
    return parameter.permute(0, 2, 3, 1) if parameter.dim() == 4 else parameter.t() if parameter.dim() == 2 else parameter


class ChannelsLast(nn.Module):
    def forward(self, x):
        return x.permute(0, 2, 3, 1).flatten(1)


def module_of(layer, x):
    """PyTorch's own module for a layer whose input is like x."""
    inputs = x.shape[1]
    match layer["kind"]:
        case "conv2d":
            return nn.Conv2d(inputs, layer["channels"], layer["kernel"], layer.get("stride", 1), layer["padding"], bias=layer.get("bias", True))
        case "batchNorm":
            return nn.BatchNorm2d(inputs, eps=layer["epsilon"], momentum=layer["momentum"])
        case "dense":
            return nn.Linear(inputs, layer["units"])
        case "maxPool2d":
            return nn.MaxPool2d(layer["size"])
        case "relu":
            return nn.ReLU()
        case "silu":
            return nn.SiLU()
        case "gelu":
            return nn.GELU(approximate="tanh")
        case "flatten":
            return ChannelsLast()
        case "add":
            return nn.Identity()


def nearest_choice(layer, x):
    """How near inputs of ReLU come to 0, and pixels to the largest of their pooling window (equal ones take the first)."""
    if layer["kind"] == "relu":
        distances = x.abs().flatten()
    elif layer["kind"] == "maxPool2d":
        largest, second = F.unfold(x.reshape(-1, 1, *x.shape[2:]), layer["size"], stride=layer["size"]).topk(2, dim=1).values.unbind(1)
        distances = (largest - second)[largest > 0]
    else:
        return math.inf
    return min(distances[distances > 1e-13].tolist(), default=math.inf)


class SeededNet(nn.Module):
    """A model with Handgrad's starting weights."""

    def __init__(self, model, seed, dtype):
        super().__init__()
        self.layers = model_layers(model, CLASSES)
        self.steps = nn.ModuleList()
        x = torch.zeros(1, 1, SIDE, SIDE)
        for index, layer in enumerate(self.layers):
            self.steps.append(module_of(layer, x).eval())
            x = self.steps[-1](x)
            if layer["kind"] in ("conv2d", "dense"):
                stream = RandomStream("init", seed, index)
                parameters = list(self.steps[-1].parameters())
                bound = 1 / math.sqrt(parameters[0][0].numel())
                for parameter in parameters:
                    view = in_layout(parameter.data)
                    view.copy_(torch.tensor([(2 * stream.uniform() - 1) * bound for _ in range(view.numel())]).reshape(view.shape))
        self.to(dtype)
        self.nearest = math.inf  # of all choices in training that rounding could turn, how near one was

    def forward(self, x):
        inputs = []
        for layer, step in zip(self.layers, self.steps):
            inputs.append(x)
            if self.training:
                self.nearest = min(self.nearest, nearest_choice(layer, x.detach()))
            x = x + inputs[len(inputs) - 1 - layer["span"]] if layer["kind"] == "add" else step(x)
        return x

    def values(self, stride):
        """Every stride-th parameter, and all running statistics."""
        flat = torch.cat([in_layout(p.detach()).reshape(-1) for p in self.parameters()])
        statistics = [F.pad(s, (0, -len(s) % 4)) for s in self.buffers() if s.dim() > 0]
        return {"weights": flat[::stride].tolist(), "statistics": torch.cat(statistics).tolist() if statistics else []}
