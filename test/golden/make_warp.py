#!/usr/bin/env python3
"""Makes warp.json: images shifted, mirrored, rotated and scaled by PyTorch's grid_sample, for test/core/augment/warp-goldens.test.ts.

    OMP_NUM_THREADS=1 python3 test/golden/make_warp.py

needs PyTorch. The images are make_golden.py's batches of step 0, in bytes; what happens to image i of a case is drawn from
Handgrad's stream ("augment", 100 + i), in the order shift right, shift down, mirrored or not, angle, factor. A pixel is

    mirrored, turned by the angle (from x to y, which points down) and scaled by the factor, all about the centre, then shifted

by a 3 x 3 matrix, which is inverted numerically; grid_sample takes from there, bilinearly and with zeros outside, in float64.
What is stored: its values rounded to the nearest byte, base64.
"""

import base64
import json
import math
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from make_golden import batch
from streams import RandomStream

CASES = [
    {"name": "everything", "height": 28, "width": 28, "batch": 6, "augment": {"shift": 3, "flip": True, "rotate": 25, "scale": 0.3}},
    {"name": "any angle", "height": 28, "width": 28, "batch": 3, "augment": {"rotate": 180}},
    {"name": "scale", "height": 28, "width": 28, "batch": 3, "augment": {"scale": 0.9}},
    {"name": "upright images", "height": 31, "width": 18, "batch": 3, "augment": {"flip": True, "rotate": 90, "scale": 0.2}},
    {"name": "flat images", "height": 5, "width": 40, "batch": 3, "augment": {"shift": 2, "rotate": 45}},
    {"name": "one row", "height": 1, "width": 28, "batch": 3, "augment": {"flip": True, "scale": 0.5}},
]


def translation(x, y):
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1.0]])


def drawn(augment, random, height, width):
    """The matrix that takes a pixel's (x, y, 1) to where it goes."""
    reach = augment.get("shift", 0)
    right, down = (random.below(2 * reach + 1) - reach if reach else 0 for _ in range(2))
    mirrored = augment.get("flip", False) and random.below(2) == 1
    angle = (2 * random.uniform() - 1) * math.radians(augment["rotate"]) if "rotate" in augment else 0
    factor = 1 + (2 * random.uniform() - 1) * augment["scale"] if "scale" in augment else 1
    turn = factor * np.array([[math.cos(angle), -math.sin(angle), 0], [math.sin(angle), math.cos(angle), 0], [0, 0, 1 / factor]])
    x, y = (width - 1) / 2, (height - 1) / 2
    return translation(right, down) @ translation(x, y) @ turn @ np.diag([-1.0 if mirrored else 1.0, 1, 1]) @ translation(-x, -y)


def warped(image, matrix):
    height, width = image.shape
    y, x = np.indices((height, width))
    u, v, _ = np.linalg.inv(matrix) @ np.stack([x.ravel(), y.ravel(), np.ones(x.size)])
    # Without align_corners -1 and 1 are the outer edges of the first and last pixel, half a pixel from their centres.
    grid = np.stack([(2 * u + 1) / width - 1, (2 * v + 1) / height - 1], axis=1).reshape(1, height, width, 2)
    x = torch.from_numpy(image)[None, None]
    return F.grid_sample(x, torch.from_numpy(grid), mode="bilinear", padding_mode="zeros", align_corners=False)[0, 0].numpy()


def make(seed, case):
    spec = {**case, "seed": seed, "classes": 10}
    images = np.rint(batch(spec, 0)[0].astype(np.float64) * 255)
    outs = np.stack([warped(image, drawn(case["augment"], RandomStream("augment", 100 + i), *image.shape)) for i, image in enumerate(images)])
    print(f"{case['name']}: nearest to a half: {np.abs(outs % 1 - 0.5).min():.1e}")
    return {**spec, "bytes": base64.b64encode(np.floor(outs + 0.5).astype(np.uint8).tobytes()).decode()}


versions = {"pytorch": torch.__version__, "numpy": np.__version__}
index = {"versions": versions, "cases": [make(50 + i, case) for i, case in enumerate(CASES)]}
Path(__file__).with_name("warp.json").write_text(json.dumps(index) + "\n")
