#!/usr/bin/env python3
"""Makes trainings.json: whole trainings in PyTorch, which test/core/training/training-goldens.test.ts repeats through `train`.

    OMP_NUM_THREADS=1 python3 test/golden/make_trainings.py

needs PyTorch. Run twice, it writes the same bytes. Nothing but settings and results is stored: starting weights, the order of
samples and all draws of augmentation and pruning are replayed from Handgrad's streams (streams.py), and the data are a formula
of make_golden.py's hash, on images of SIDE x SIDE, split 0 for training and 1 for testing:

    label    hash(9200 + split, sample) % CLASSES
    pixel    0 in a border of 2 pixels and where h % 4 == 0, else (3 * pattern + (h >> 8) % 256) / 4, rounded down;
             h = hash(9100 + split, row-major index in [sample][y][x]),
             pattern = hash(9000 + label, y / 4 * 7 + x / 4) % 256, both quotients rounded down

What is stored for each training, in float64: mean training loss and accuracy, test loss and accuracy after every epoch; after the
last one every `stride`-th parameter and all running statistics (means and variances, each padded with zeros to a multiple of
four), those that are trained ("own") and those that are evaluated ("evaluated": their moving averages, where asked for), and
the logits of the first LOGITS test samples, evaluated.

PyTorch computes forward and backward passes, running statistics, optimizers and schedules; what has no counterpart there
(clipping by the exact norm, averages that start from the first weights, views, mixing, pruning) is written out here and in
draws.py.

Where two pixels of a pooling window are equal up to rounding, or an input of ReLU is 0 up to rounding, another order of sums may
choose otherwise, which moves a gradient to another place. The seeds are such that no choice is nearer than the distance printed.
"""

import copy
import json
import math
import platform
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from draws import Pruning, augmented
from make_golden import make_optimizer
from seeded_net import CLASSES, COUNTS, SIDE, SeededNet, as_input, samples
from streams import RandomStream

LOGITS = 8


def normalised(channels, activation, stride=1):
    return [{"kind": "conv2d", "channels": channels, "kernel": 3, "padding": 1, "stride": stride, "bias": False},
            {"kind": "batchNorm", "momentum": 0.1, "epsilon": 1e-5}, {"kind": activation}]


POOL = {"kind": "maxPool2d", "size": 2}
POOLED = {"kind": "layers", "name": "pooled", "layers": [
    *normalised(5, "relu"), POOL, {"kind": "residual", "layers": normalised(5, "relu")}, *normalised(10, "relu"), POOL,
    {"kind": "flatten"}, {"kind": "dense", "units": CLASSES}]}
SMOOTH = {"kind": "layers", "name": "smooth", "layers": [
    *normalised(5, "gelu", 2), *normalised(7, "silu"), {"kind": "residual", "layers": normalised(7, "silu") + normalised(7, "silu")},
    *normalised(9, "silu", 2), {"kind": "flatten"}, {"kind": "dense", "units": CLASSES}]}
CNN = {"kind": "cnn", "channels": [5, 7]}
NESTEROV = {"kind": "nesterov", "lr": 0.1, "momentum": 0.9, "weightDecay": 0.005}

RECIPE = {"optimizer": NESTEROV, "epochs": 3, "batchSize": 32, "clipNorm": 1.5, "labelSmoothing": 0.1, "weightAverage": 0.5,
          "schedule": {"kind": "oneCycle", "warmup": 0.2, "start": 0.04, "final": 0.0001}}

# Batches of 32 leave 3 of 131 samples to the last one.
TRAININGS = [
    {"name": "everything of a long recipe, pooled", "stride": 41, "config": {**RECIPE, "model": POOLED, "seed": 24}},
    {"name": "everything of a long recipe, smooth", "stride": 41, "config": {**RECIPE, "model": SMOOTH, "seed": 7}},
    {"name": "mixup", "stride": 307, "config": {
        "model": {"kind": "mlp", "hidden": [64, 32]}, "optimizer": NESTEROV, "seed": 4, "epochs": 3, "batchSize": 32,
        "augment": {"mixup": 0.4}}},
    {"name": "cutmix", "stride": 23, "config": {
        "model": CNN, "optimizer": {"kind": "sgd", "lr": 0.2, "momentum": 0.9}, "seed": 65, "epochs": 3, "batchSize": 32,
        "augment": {"cutmix": 1}, "labelSmoothing": 0.05}},
    {"name": "mixup or cutmix, by a coin", "stride": 23, "config": {
        "model": CNN, "optimizer": {"kind": "adam", "lr": 0.004, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
        "seed": 58, "epochs": 3, "batchSize": 32, "augment": {"mixup": 1, "cutmix": 0.5}}},
    {"name": "pruning", "stride": 23, "config": {
        "model": CNN, "optimizer": NESTEROV, "seed": 44, "epochs": 5, "batchSize": 32,
        "schedule": {"kind": "cosine", "warmup": 0, "final": 0},
        "prune": {"easy": 0.6, "skip": 0.5, "until": 0.75}}},
    {"name": "ten views", "stride": 23, "config": {
        "model": CNN, "optimizer": NESTEROV, "seed": 24, "epochs": 2, "batchSize": 32,
        "evaluateFlipped": True, "evaluateShifted": 2}},
]


def make_schedule(config, optimizer, steps):
    schedule = config.get("schedule", {"kind": "constant"})
    peak = config["optimizer"]["lr"]
    if schedule["kind"] == "oneCycle":
        return torch.optim.lr_scheduler.OneCycleLR(optimizer, peak, total_steps=steps, pct_start=schedule["warmup"], cycle_momentum=False,
                                                   div_factor=1 / schedule["start"], final_div_factor=schedule["start"] / schedule["final"])
    if schedule["kind"] == "cosine":
        return torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps - 1, eta_min=schedule["final"] * peak)
    return torch.optim.lr_scheduler.ConstantLR(optimizer, factor=1)


def clip(parameters, most):
    """clip_grad_norm_ without the 1e-6 that it adds to the norm."""
    norm = torch.cat([p.grad.flatten() for p in parameters]).norm()
    if norm > most:
        for p in parameters:
            p.grad *= most / norm
    return norm > most


def follow(average, net, decay):
    for a, p in zip(average.state_dict().values(), net.state_dict().values()):
        if a.is_floating_point():
            a.lerp_(p, 1 - decay)


def shifted(x, right, down):
    """The images with zeros coming in."""
    room = max(abs(right), abs(down))
    padded = F.pad(x, (room,) * 4)
    return padded[:, :, room - down:room - down + SIDE, room - right:room - right + SIDE]


def views(config, x, last):
    by = config.get("evaluateShifted", 0) if last else 0
    moves = [(0, 0), (by, 0), (-by, 0), (0, by), (0, -by)] if by else [(0, 0)]
    images = [x, x.flip(3)] if config.get("evaluateFlipped") else [x]
    return [shifted(image, *move) for image in images for move in moves]


@torch.no_grad()
def evaluate(config, net, dtype, last):
    """Loss, accuracy and logits of the test samples."""
    net.eval()
    images, labels = samples(1)
    labels = torch.from_numpy(labels)
    logits = torch.stack([net(view) for view in views(config, as_input(images, dtype), last)]).mean(0)
    return F.cross_entropy(logits, labels).item(), (logits.argmax(1) == labels).double().mean().item(), logits


def train(row, dtype):
    config = row["config"]
    images, labels = samples(0)
    net = SeededNet(config["model"], config["seed"], dtype)
    average = copy.deepcopy(net)
    parameters = list(net.parameters())
    optimizer_spec = config["optimizer"]
    optimizer = make_optimizer(optimizer_spec, parameters)
    for group in optimizer.param_groups:
        group["weight_decay"] = optimizer_spec.get("weightDecay", 0)
    pruning = Pruning(config)
    steps = sum(math.ceil(pruning.count(epoch + 1) / config["batchSize"]) for epoch in range(config["epochs"]))
    schedule = make_schedule(config, optimizer, steps)
    step, clipped, curve = 0, 0, []
    for epoch in range(1, config["epochs"] + 1):
        order = RandomStream("shuffle", config["seed"], epoch).shuffled(range(COUNTS[0]))
        order, weights = pruning.epoch(order, epoch)
        loss_sum = correct = 0
        net.train()
        for start in range(0, len(order), config["batchSize"]):
            chosen = order[start:start + config["batchSize"]]
            x, targets = augmented(config, images, labels, order, chosen, epoch, dtype)
            weight = torch.from_numpy(weights[chosen]).to(dtype)
            logits = net(x)
            losses = weight * F.cross_entropy(logits, targets, reduction="none", label_smoothing=config.get("labelSmoothing", 0))
            optimizer.zero_grad()
            losses.mean().backward()
            clipped += int("clipNorm" in config and clip(parameters, config["clipNorm"]))
            optimizer.step()
            schedule.step()
            step += 1
            follow(average, net, min(config.get("weightAverage", 0), (1 + step) / (10 + step)))
            right = logits.argmax(1) == torch.from_numpy(labels[chosen])
            loss_sum += losses.sum().item()
            correct += weight[right].sum().item()
            pruning.seen[chosen] = (logits.softmax(1).amax(1) * right).detach().numpy()
        *test, logits = evaluate(config, average, dtype, epoch == config["epochs"])
        curve.append([loss_sum / len(order), correct / len(order), *test])
    return {"curve": curve, "own": net.values(row["stride"]), "evaluated": average.values(row["stride"]),
            "logits": logits[:LOGITS].reshape(-1).tolist()}, f"{clipped} of {step} steps clipped, choices at least {net.nearest:.1e} apart"


def apart(a, b):
    return np.abs(np.array(a) - np.array(b)).max()


def make(row):
    """The training in float64, and a line on how far PyTorch's own float32 ends from it: what the tolerances of the test go by."""
    (double, steps), (single, _) = train(row, torch.float64), train(row, torch.float32)
    print(f"{row['name']}, {steps}: losses apart {apart(double['curve'], single['curve']):.1e},",
          *(f"{name} {part} {apart(double[name][part], single[name][part]):.1e} of {np.abs(double[name][part]).max():.1e}"
            for name in ("own", "evaluated") for part in ("weights", "statistics") if double[name][part]))
    for epoch in double["curve"]:
        print("  ", *(f"{figure:.4f}" for figure in epoch))
    return {**row, **double}


def main():
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    versions = {"pytorch": torch.__version__, "numpy": np.__version__, "python": platform.python_version()}
    rows = [make(row) for row in TRAININGS]
    index = {"versions": versions, "side": SIDE, "classes": CLASSES, "counts": COUNTS, "trainings": rows}
    Path(__file__).with_name("trainings.json").write_text(json.dumps(index) + "\n")


if __name__ == "__main__":
    main()
