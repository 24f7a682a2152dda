#!/usr/bin/env python3
"""Makes soft_targets.json: PyTorch's cross-entropy with label smoothing and with targets mixed of two classes,
which test/core/kernels/soft-targets.test.ts compares both kernel sets with.

    OMP_NUM_THREADS=1 python3 test/golden/make_soft_targets.py

needs PyTorch (Debian: python3-torch). For each case: logits (multiples of 1/1024, exact in Float32), labels, partners and
shares (multiples of 1/256), the sum of the samples' losses and the gradient of their mean, in Float64. A sample's target is
share * [c = label] + (1 - share) * [c = partner], smoothed by F.cross_entropy's own label_smoothing.
"""

import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

CASES = [
    {"name": "hard labels", "samples": 5, "classes": 10, "smoothing": 0, "mixed": False, "size": 4},
    {"name": "smoothed labels", "samples": 5, "classes": 10, "smoothing": 0.1, "mixed": False, "size": 4},
    {"name": "mixed labels", "samples": 7, "classes": 10, "smoothing": 0, "mixed": True, "size": 4},
    {"name": "mixed and smoothed", "samples": 6, "classes": 10, "smoothing": 0.05, "mixed": True, "size": 4},
    {"name": "three classes, far apart", "samples": 8, "classes": 3, "smoothing": 0.3, "mixed": True, "size": 40},
    {"name": "two classes", "samples": 3, "classes": 2, "smoothing": 0.5, "mixed": True, "size": 1},
]


def make(case, generator):
    n, classes = case["samples"], case["classes"]
    size = case["size"] * 1024
    logits = generator.integers(-size, size + 1, (n, classes)) / 1024
    labels = generator.integers(0, classes, n)
    partners = generator.integers(0, classes, n)
    shares = generator.integers(0, 257, n) / 256 if case["mixed"] else np.ones(n)
    if case["mixed"]:
        partners[0] = labels[0]  # a sample mixed with one of its own class
        shares[1], shares[2] = 1, 0
    rows = torch.arange(n)
    targets = torch.zeros(n, classes, dtype=torch.float64)
    targets[rows, torch.from_numpy(labels)] += torch.from_numpy(shares)
    targets[rows, torch.from_numpy(partners)] += 1 - torch.from_numpy(shares)
    z = torch.from_numpy(logits).requires_grad_()
    F.cross_entropy(z, targets, label_smoothing=case["smoothing"]).backward()
    loss = F.cross_entropy(z, targets, label_smoothing=case["smoothing"], reduction="sum").item()
    return {
        "name": case["name"], "smoothing": case["smoothing"], "labels": labels.tolist(), "partners": partners.tolist(),
        "shares": shares.tolist(), "logits": logits.tolist(), "loss": loss, "gradient": z.grad.tolist(),
    }


generator = np.random.default_rng(6)
index = {"versions": {"pytorch": torch.__version__, "numpy": np.__version__}, "cases": [make(case, generator) for case in CASES]}
(Path(__file__).parent / "soft_targets.json").write_text(json.dumps(index) + "\n")
