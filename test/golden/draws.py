"""What Handgrad draws for an epoch (src/core/augment/mix.ts, src/core/training/pruning.ts), replayed: mixed images, pruned orders."""

import math

import numpy as np
import torch
import torch.nn.functional as F

from seeded_net import CLASSES, COUNTS, SIDE, as_input
from streams import RandomStream


def symmetric_beta(alpha, random):
    growth = math.exp(-math.log(random.uniform()) / alpha) - 1
    c = math.cos(2 * math.pi * random.uniform())
    distance = 0.5 / math.sqrt(1 + 1 / (growth * c * c))
    return 0.5 - distance if c < 0 else 0.5 + distance


def mixed(augment, image, other, random):
    """The image with its partner mixed in, and the share of itself, a float32."""
    if "cutmix" in augment and ("mixup" not in augment or random.below(2) == 1):
        side = math.sqrt(1 - symmetric_beta(augment["cutmix"], random))
        length = math.floor(SIDE * side)
        rows, columns = (slice(max(0, start), min(SIDE, start + length)) for start in (random.below(SIDE) - length // 2 for _ in range(2)))
        image = image.copy()
        image[rows, columns] = other[rows, columns]
        return image, float(np.float32(1 - image[rows, columns].size / SIDE**2))
    share = float(np.float32(symmetric_beta(augment["mixup"], random)))
    return np.floor(share * image + (1 - share) * other + 0.5), share


def one_hot(labels):
    return F.one_hot(torch.as_tensor(labels), CLASSES)


def augmented(config, images, labels, order, chosen, epoch, dtype):
    """Inputs and targets of the chosen samples."""
    if "augment" not in config:
        return as_input(images[chosen], dtype), one_hot(labels[chosen]).to(dtype)
    pictures, targets = [], []
    for sample in chosen:
        random = RandomStream("augment", config["seed"], epoch, sample)
        partner = order[random.below(len(order))]
        picture, share = mixed(config["augment"], images[sample], images[partner], random)
        pictures.append(picture)
        targets.append(share * one_hot(labels[sample]).to(dtype) + (1 - share) * one_hot(labels[partner]).to(dtype))
    return as_input(pictures, dtype), torch.stack(targets)


class Pruning:
    def __init__(self, config):
        self.config, self.seen = config, np.zeros(COUNTS[0])
        easy = math.floor(config["prune"]["easy"] * COUNTS[0]) if "prune" in config else 0
        self.easy, self.skipped = easy, math.floor(config["prune"]["skip"] * easy) if easy else 0

    def prunes(self, epoch):
        return self.easy > 0 and epoch > 1 and (epoch - 1) / self.config["epochs"] < self.config["prune"]["until"]

    def count(self, epoch):
        return COUNTS[0] - self.skipped if self.prunes(epoch) else COUNTS[0]

    def epoch(self, order, epoch):
        """The samples that stay, and what every sample counts."""
        weights = np.ones(COUNTS[0])
        if not self.prunes(epoch):
            return order, weights
        ranked = sorted(range(COUNTS[0]), key=lambda i: (-self.seen[i], i))
        scores = self.seen[ranked][:self.easy + 1]
        gap = np.diff(-scores[scores > 0]).min()
        assert gap > 2e-5, f"scores {gap} apart, which rounding could swap: choose another seed"
        chosen = RandomStream("prune", self.config["seed"], epoch).shuffled(ranked[:self.easy])
        share = self.count(epoch) / COUNTS[0]
        weights[:] = share
        weights[chosen] = share * self.easy / (self.easy - self.skipped)
        return [i for i in order if i not in chosen[:self.skipped]], weights
