#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The numbers of feclip eval beside scikit-learn's, and its PRO beside one
that looks at every threshold and every region by itself.

usage: eval-metrics.py EVAL-NUMBERS

Exits with 77, skipped, where scikit-learn is missing.
"""

import struct
import subprocess
import sys
import tempfile

try:
    import numpy as np
    from scipy import ndimage
    from sklearn import metrics
except ImportError as error:
    print(f"skipped: {error}; Debian's package is python3-sklearn")
    sys.exit(77)

EXACT = 1e-6
STREAMED = 1e-4
PRO = 1e-3


class Data:
    """Images with scores, maps and masks."""

    def __init__(self, maps, masks, scores):
        self.maps = maps.astype(np.float32)
        self.masks = masks.astype(np.uint8)
        self.scores = scores.astype(np.float64)
        self.labels = self.masks.any(axis=(1, 2)).astype(np.int32)

    def write(self, path):
        with open(path, "wb") as file:
            file.write(struct.pack("=3i", *self.maps.shape))
            for i, label in enumerate(self.labels):
                file.write(struct.pack("=di", self.scores[i], label))
                file.write(self.maps[i].tobytes() + self.masks[i].tobytes())


def draw_masks(random, n, size):
    """Up to three boxes in every second image, some of them touching."""
    masks = np.zeros((n, size, size), np.uint8)
    for mask in masks[::2]:
        for _ in range(random.integers(1, 4)):
            top, left = random.integers(0, size - 1, 2)
            height, width = random.integers(1, size // 2, 2)
            mask[top:top + height, left:left + width] = 1
    return masks


def make_data(seed, n, size, separation, digits=None):
    """Normal scores; `digits` rounds them, so that many are equal."""
    random = np.random.default_rng(seed)
    masks = draw_masks(random, n, size)
    maps = random.normal(size=masks.shape) + separation * masks.astype(float)
    scores = random.normal(size=n) + separation * masks.any(axis=(1, 2))
    if digits is not None:
        maps, scores = maps.round(digits), scores.round(digits)
    return Data(maps, masks, scores)


def f1_max(labels, scores):
    precision, recall, _ = metrics.precision_recall_curve(labels, scores)
    both = precision + recall
    return (2 * precision * recall / np.where(both > 0, both, 1)).max()


def brute_pro(data, defective_only):
    """Each region's overlap and the false positive rate, threshold by
    threshold."""
    flawless = data.masks == 0
    if defective_only:
        flawless &= data.labels[:, None, None] == 1
    regions = []
    for i, mask in enumerate(data.masks):
        labels, count = ndimage.label(mask, np.ones((3, 3)))
        regions += [np.sort(data.maps[i][labels == j + 1])
                    for j in range(count)]
    negatives = np.sort(data.maps[flawless])
    # Quantiles of what the abscissa is made of, and the regions' own scores.
    thresholds = np.unique(np.concatenate(
        [np.quantile(negatives, np.linspace(0, 1, 2000), method="nearest"),
         np.concatenate(regions)]))[::-1]
    rate = 1 - np.searchsorted(negatives, thresholds) / len(negatives)
    overlap = np.mean([1 - np.searchsorted(region, thresholds) / len(region)
                       for region in regions], axis=0)
    rate, overlap = np.append(0, rate), np.append(0, overlap)
    inside = rate <= 0.3
    x = np.append(rate[inside], 0.3)
    y = np.append(overlap[inside], np.interp(0.3, rate, overlap))
    return metrics.auc(x, y) / 0.3


def run(program, data):
    with tempfile.NamedTemporaryFile() as file:
        data.write(file.name)
        text = subprocess.run([program, file.name], check=True,
                              capture_output=True, text=True).stdout
    return [(line.split()[0], [float(word) for word in line.split()[1:]])
            for line in text.splitlines()]


failed = 0


def expect(what, got, wanted, tolerance):
    global failed
    if not abs(got - wanted) <= tolerance:
        failed += 1
        print(f"FAILED {what}: {got!r}, not {wanted!r} ± {tolerance}")


class Reference:
    """What others make of the same scores."""

    def __init__(self, labels, scores):
        self.labels, self.scores = labels, scores
        self.auroc = metrics.roc_auc_score(labels, scores)
        self.ap = metrics.average_precision_score(labels, scores)
        self.f1 = f1_max(labels, scores)

    def compare(self, name, numbers, tolerance):
        auroc, ap, f1, threshold, _, _ = numbers
        expect(f"{name} AUROC", auroc, self.auroc, tolerance)
        expect(f"{name} AP", ap, self.ap, tolerance)
        expect(f"{name} F1", f1, self.f1, tolerance)
        expect(f"{name} F1 at its threshold", f1,
               metrics.f1_score(self.labels, self.scores >= threshold),
               tolerance)


def check(name, program, data):
    pixels = Reference(data.masks.ravel(), data.maps.ravel())
    pro = brute_pro(data, False), brute_pro(data, True)
    lines = run(program, data)
    Reference(data.labels, data.scores).compare(name + " images",
                                                lines[0][1], EXACT)
    for i, (way, numbers) in enumerate(lines[1:]):
        tolerance = EXACT if way == "exact" else STREAMED
        pixels.compare(f"{name} {way}", numbers, tolerance)
        expect(f"{name} {way} PRO", numbers[4], pro[i // 2], PRO)
        expect(f"{name} {way} bound", numbers[5], 0,
               0 if way == "exact" else STREAMED)
    print(f"{name}: {data.masks.size} pixels, bound {lines[2][1][5]:.2g}")


def main():
    program = sys.argv[1]
    for seed, separation in enumerate([0, 0.5, 1.5, 4, -1]):
        check(f"random {separation}", program,
              make_data(seed, 12, 40, separation))
        check(f"tied {separation}", program,
              make_data(seed, 12, 40, separation, 1))
    check("hardly any score", program, make_data(7, 20, 20, 1, 0))
    check("many", program, make_data(8, 24, 256, 1.5))
    close = make_data(9, 24, 256, 1.5)
    close.maps = (0.5 + 1e-6 * close.maps).astype(np.float32)
    check("close together", program, close)
    print("failed" if failed else "all agree")
    return 1 if failed else 0


sys.exit(main())
