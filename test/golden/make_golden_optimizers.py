#!/usr/bin/env python3
"""Makes the PyTorch golden values of weight decay and gradient clipping: test/core/optimizers/optimizer-goldens.test.ts.

    OMP_NUM_THREADS=1 python3 test/golden/make_golden_optimizers.py

needs PyTorch and writes golden-optimizers.json beside itself. Run twice, it writes the same bytes.

COUNT weights, STEPS steps. Weights and gradients are exact in every precision, so they are not stored:

    weight i             ((7 i) mod 23 - 11) / 8
    gradient of step s   ((13 i + 29 s) mod 31 - 15) / 16      s = 0, 1, ...

What is stored for each optimizer, in float64 ("double") and in float32 ("single"): all weights after the last step.
Where "clipNorm" is given, torch.nn.utils.clip_grad_norm_ cuts each gradient before its step.
"""

import json
import platform
from pathlib import Path

import torch

COUNT, STEPS = 40, 10

ROWS = [
    {"optimizer": {"kind": "sgd", "lr": 0.1, "momentum": 0, "weightDecay": 0.05}},
    {"optimizer": {"kind": "sgd", "lr": 0.1, "momentum": 0.9, "weightDecay": 0.05}},
    {"optimizer": {"kind": "nesterov", "lr": 0.1, "momentum": 0.9, "weightDecay": 0.05}},
    {"optimizer": {"kind": "nesterov", "lr": 0.1, "momentum": 0.9, "weightDecay": 0.05}, "clipNorm": 1.5},
    {"optimizer": {"kind": "sgd", "lr": 0.1, "momentum": 0}, "clipNorm": 1.5},
    {"optimizer": {"kind": "sgd", "lr": 0.1, "momentum": 0}, "clipNorm": 1000},
    {"optimizer": {"kind": "adam", "lr": 0.05, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weightDecay": 0.1}},
    {"optimizer": {"kind": "adam", "lr": 0.05, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weightDecay": 0.1}, "clipNorm": 1.5},
]


def final_weights(row, dtype):
    spec = row["optimizer"]
    i = torch.arange(COUNT, dtype=torch.int64)
    p = torch.nn.Parameter((((7 * i) % 23 - 11).to(dtype)) / 8)
    if spec["kind"] == "adam":
        step = torch.optim.AdamW([p], lr=spec["lr"], betas=(spec["beta1"], spec["beta2"]), eps=spec["epsilon"],
                                 weight_decay=spec["weightDecay"])
    else:
        step = torch.optim.SGD([p], lr=spec["lr"], momentum=spec["momentum"], weight_decay=spec.get("weightDecay", 0),
                               nesterov=spec["kind"] == "nesterov")
    for s in range(STEPS):
        p.grad = ((13 * i + 29 * s) % 31 - 15).to(dtype) / 16
        if "clipNorm" in row:
            torch.nn.utils.clip_grad_norm_([p], row["clipNorm"])
        step.step()
    return p.detach().tolist()


def main():
    torch.set_num_threads(1)
    rows = [{**row, "double": final_weights(row, torch.float64), "single": final_weights(row, torch.float32)} for row in ROWS]
    versions = {"torch": torch.__version__, "python": platform.python_version()}
    index = {"versions": versions, "count": COUNT, "steps": STEPS, "rows": rows}
    Path(__file__).with_name("golden-optimizers.json").write_text(json.dumps(index, indent=1) + "\n")
    for row in rows:
        apart = max(abs(a - b) for a, b in zip(row["double"], row["single"]))
        print(f"{row['optimizer']['kind']}, clipNorm {row.get('clipNorm')}: float32 lies within {apart:.1e} of float64")


main()
