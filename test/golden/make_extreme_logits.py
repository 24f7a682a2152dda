#!/usr/bin/env python3
"""Makes extreme_logits.json: PyTorch's softmax cross-entropy of extreme logits, for test/core/kernels/extreme-logits.test.ts.

    OMP_NUM_THREADS=1 python3 test/golden/make_extreme_logits.py

needs PyTorch. One sample a case: logits that are exact in Float32, label, smoothing, and, in float64 (a loss of 6e38 is no
Float32), its loss, gradient, predicted class and that class's probability. Non-finite numbers are written as strings.
"""

import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

HUGE, INFINITY = float(np.float32(3e38)), float("inf")
# 47 classes: eleven vectors of four and three more.
MANY = [((29 * c) % 47 - 23) / 2 for c in range(47)]


def at(c, value, others):
    return [value if i == c else others[i] for i in range(len(others))]


TEN = [((7 * c) % 10 - 4) / 4 for c in range(10)]
CASES = [
    {"name": "ordinary", "logits": TEN, "label": 3},
    {"name": "all equal", "logits": [0.0] * 10, "label": 9},
    {"name": "all equal and large", "logits": [1e4] * 10, "label": 0},
    {"name": "all equal and huge", "logits": [HUGE] * 10, "label": 4},
    {"name": "all equal and hugely negative", "logits": [-HUGE] * 10, "label": 4},
    {"name": "1e4, rightly", "logits": at(6, 1e4, TEN), "label": 6},
    {"name": "1e4, wrongly", "logits": at(6, 1e4, TEN), "label": 1},
    {"name": "-1e4, its label", "logits": at(2, -1e4, TEN), "label": 2},
    {"name": "1e4 and -1e4 by turns", "logits": [1e4, -1e4] * 5, "label": 7},
    {"name": "1e4 and little less", "logits": [1e4 - c for c in range(10)], "label": 8},
    {"name": "3e38, rightly", "logits": at(9, HUGE, TEN), "label": 9},
    {"name": "3e38, wrongly", "logits": at(9, HUGE, TEN), "label": 0},
    {"name": "-3e38, its label", "logits": at(5, -HUGE, TEN), "label": 5},
    {"name": "-3e38, another's", "logits": at(5, -HUGE, TEN), "label": 4},
    {"name": "3e38 and -3e38 by turns", "logits": [HUGE, -HUGE] * 5, "label": 2},
    {"name": "3e38 and -3e38 by turns, wrongly", "logits": [HUGE, -HUGE] * 5, "label": 3},
    {"name": "-Infinity, another's", "logits": at(0, -INFINITY, TEN), "label": 1},
    {"name": "-Infinity, its label", "logits": at(0, -INFINITY, TEN), "label": 0},
    {"name": "-Infinity for all but the label", "logits": at(3, 2.5, [-INFINITY] * 10), "label": 3},
    {"name": "Infinity", "logits": at(3, INFINITY, TEN), "label": 3},
    {"name": "smoothed, 1e4, wrongly", "logits": at(6, 1e4, TEN), "label": 1, "smoothing": 0.1},
    {"name": "smoothed, 3e38 and -3e38 by turns", "logits": [HUGE, -HUGE] * 5, "label": 2, "smoothing": 0.1},
    {"name": "smoothed, 3e38, wrongly", "logits": at(9, HUGE, TEN), "label": 0, "smoothing": 0.1},
    {"name": "47 classes", "logits": MANY, "label": 46},
    {"name": "47 classes, the last of them 1e4", "logits": at(46, 1e4, MANY), "label": 46},
    {"name": "47 classes, the last of them -1e4", "logits": at(46, -1e4, MANY), "label": 46},
    {"name": "47 classes, the last of them 3e38", "logits": at(46, HUGE, MANY), "label": 44},
    {"name": "47 classes, the last of them -Infinity", "logits": at(46, -INFINITY, MANY), "label": 0},
    {"name": "47 classes, all equal, smoothed", "logits": [-1e4] * 47, "label": 45, "smoothing": 0.1},
]


def written(value):
    if isinstance(value, list):
        return [written(v) for v in value]
    if value != value:
        return "NaN"
    return value if abs(value) < INFINITY else "Infinity" if value > 0 else "-Infinity"


def make(case):
    z = torch.tensor([case["logits"]], dtype=torch.float64, requires_grad=True)
    loss = F.cross_entropy(z, torch.tensor([case["label"]]), label_smoothing=case.get("smoothing", 0))
    loss.backward()
    confidence, predicted = z.detach().softmax(1).max(1)
    return {"smoothing": 0, **case, "logits": written(case["logits"]), "loss": written(loss.item()), "gradient": written(z.grad[0].tolist()),
            "predicted": z.argmax().item(), "confidence": written(confidence.item())}


versions = {"pytorch": torch.__version__, "numpy": np.__version__}
index = {"versions": versions, "cases": [make(case) for case in CASES]}
Path(__file__).with_name("extreme_logits.json").write_text(json.dumps(index) + "\n")
