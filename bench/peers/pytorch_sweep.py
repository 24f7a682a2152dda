#!/usr/bin/env python3
"""The homework's whole sweep in PyTorch, to compare wall times with `npm run sweep`.

    python3 bench/peers/pytorch_sweep.py --data-dir DIR [--workers 2] [--epochs 10] [--train-limit N] [--test-limit N] [--json]

12 cells (2 models x 3 optimizers x original and permuted pixels), 10 epochs, batch 64, test evaluation after every
epoch: in the best ordinary way, without a profiler. Data preloaded as tensors and indexed by shuffled batches (no
DataLoader, which is slower), channels_last for the CNN, one process a core with one thread each, the long cells first.
Any Python with PyTorch will do: ~/wheel/bin/python bench/peers/pytorch_sweep.py for a wheel in a virtual environment.
DIR (or $FASHION_MNIST_DIR) holds the four FashionMNIST files, .gz or not.
"""

import argparse
import gzip
import json
import multiprocessing
import os
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

from model import make_model, make_optimizer

BATCH = 64
EVALUATION_BATCH = 500
RATES = {"sgd": 0.01, "nesterov": 0.01, "adam": 0.1}

data = {}


def read_idx(folder, name, header):
    file = Path(folder) / name
    raw = file.read_bytes() if file.exists() else gzip.decompress((Path(folder) / f"{name}.gz").read_bytes())
    return np.frombuffer(raw, dtype=np.uint8, offset=header)


def load(folder, train_limit, test_limit):
    """Runs once in every process."""
    torch.set_num_threads(1)
    for split, prefix, limit in (("train", "train", train_limit), ("test", "t10k", test_limit)):
        images = read_idx(folder, f"{prefix}-images-idx3-ubyte", 16).reshape(-1, 1, 28, 28)[:limit]
        labels = read_idx(folder, f"{prefix}-labels-idx1-ubyte", 8)[:limit]
        data[split] = torch.from_numpy(images.copy()).float() / 255, torch.from_numpy(labels.astype(np.int64))


def permuted(images, permutation):
    if permutation == 0:
        return images
    order = torch.randperm(784, generator=torch.Generator().manual_seed(permutation))
    return images.flatten(1)[:, order].reshape(images.shape)


def run_cell(cell):
    name, kind, permutation, epochs = cell
    start = time.perf_counter()
    torch.manual_seed(0)
    model = make_model(name)
    (images, labels), (test_images, test_labels) = (
        (permuted(x, permutation), y) for x, y in (data["train"], data["test"]))
    if name == "cnn":
        model = model.to(memory_format=torch.channels_last)
        images = images.to(memory_format=torch.channels_last)
        test_images = test_images.to(memory_format=torch.channels_last)
    criterion = nn.CrossEntropyLoss()
    optimizer = make_optimizer(kind, model.parameters(), RATES[kind])
    curve = []
    for epoch in range(1, epochs + 1):
        loss_sum, correct = 0.0, 0
        for indices in torch.randperm(len(labels)).split(BATCH):
            y = labels[indices]
            logits = model(images[indices])
            loss = criterion(logits, y)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            loss_sum += loss.item() * len(y)
            correct += (logits.argmax(1) == y).sum().item()
        test_loss, test_correct = 0.0, 0
        with torch.no_grad():
            for x, y in zip(test_images.split(EVALUATION_BATCH), test_labels.split(EVALUATION_BATCH)):
                logits = model(x)
                test_loss += criterion(logits, y).item() * len(y)
                test_correct += (logits.argmax(1) == y).sum().item()
        curve.append({"epoch": epoch, "trainLoss": loss_sum / len(labels), "trainAccuracy": correct / len(labels),
                      "testLoss": test_loss / len(test_labels), "testAccuracy": test_correct / len(test_labels)})
    return {"model": name, "optimizer": kind, "permutation": permutation, "seconds": time.perf_counter() - start, "curve": curve}


def main():
    start = time.perf_counter()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-dir", default=os.environ.get("FASHION_MNIST_DIR"))
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--train-limit", type=int)
    parser.add_argument("--test-limit", type=int)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    if not args.data_dir:
        parser.error("no data: give --data-dir DIR or set FASHION_MNIST_DIR")
    cells = [(model, kind, permutation, args.epochs)
             for model in ("cnn", "mlp") for kind in ("adam", "nesterov", "sgd") for permutation in (0, 1)]
    results = []
    context = multiprocessing.get_context("spawn")
    with context.Pool(args.workers, load, (args.data_dir, args.train_limit, args.test_limit)) as pool:
        for result in pool.imap_unordered(run_cell, cells, chunksize=1):
            results.append(result)
            last = result["curve"][-1]
            print(f"{result['model']} {result['optimizer']:8} permutation {result['permutation']}:"
                  f" train loss {last['trainLoss']:.4f}, test accuracy {last['testAccuracy']:.4f},"
                  f" {result['seconds']:.1f} s", file=sys.stderr, flush=True)
    wall = time.perf_counter() - start
    results.sort(key=lambda result: (result["model"], result["optimizer"], result["permutation"]))
    if args.json:
        print(json.dumps({"pytorch": torch.__version__, "wallSeconds": wall, "cells": results}))
    else:
        print(f"{len(results)} cells, {args.workers} processes: {wall:.1f} s")


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
