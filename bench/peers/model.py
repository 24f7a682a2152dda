"""The homework's two models, the bonus's residual network and the optimizers, as a student writes them in PyTorch."""

import torch
from torch import nn


class Residual(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        self.layers = nn.Sequential(*layers)

    def forward(self, x):
        return x + self.layers(x)


def convolution(inputs, outputs, padding=1):
    return nn.Conv2d(inputs, outputs, 3, padding=padding, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()


def residual_network(width):
    one, two, four = width, 2 * width, 4 * width
    return nn.Sequential(
        *convolution(1, one, padding=0), *convolution(one, two, padding=0), nn.MaxPool2d(2),
        Residual(*convolution(two, two), *convolution(two, two)),
        *convolution(two, four), nn.MaxPool2d(2),
        Residual(*convolution(four, four), *convolution(four, four)),
        nn.AdaptiveMaxPool2d(1), nn.Flatten(),
        nn.Linear(four, 10))


def make_model(name):
    if name == "resnet":
        return residual_network(24)
    if name == "mlp":
        return nn.Sequential(
            nn.Flatten(),
            nn.Linear(784, 100), nn.ReLU(),
            nn.Linear(100, 100), nn.ReLU(),
            nn.Linear(100, 10))
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(576, 10))


def make_optimizer(kind, parameters, lr, decay=0):
    if kind == "adam":
        return torch.optim.AdamW(parameters, lr=lr, weight_decay=decay) if decay else torch.optim.Adam(parameters, lr=lr)
    momentum = 0.9 if kind == "nesterov" else 0
    return torch.optim.SGD(parameters, lr=lr, momentum=momentum, nesterov=kind == "nesterov", weight_decay=decay)
