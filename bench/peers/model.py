"""The homework's two models and the optimizers, as a student writes them in PyTorch."""

import torch
from torch import nn


def make_model(name):
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


def make_optimizer(kind, parameters, lr):
    if kind == "adam":
        return torch.optim.Adam(parameters, lr=lr)
    momentum = 0.9 if kind == "nesterov" else 0
    return torch.optim.SGD(parameters, lr=lr, momentum=momentum, nesterov=kind == "nesterov")
