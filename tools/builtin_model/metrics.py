# SPDX-License-Identifier: LGPL-2.1-or-later
"""Metrics of image scores, and of maps against masks."""

import numpy as np
from scipy import ndimage

LEVELS = 20000

# NumPy 2's name for it, or NumPy 1's
trapezoid = getattr(np, "trapezoid", None) or np.trapz


def auroc(scores, labels):
    """Area under the ROC curve, by ranks, ties counting half."""
    scores, labels = np.asarray(scores), np.asarray(labels, bool)
    _, inverse, counts = np.unique(
        scores, return_inverse=True, return_counts=True
    )
    ranks = np.cumsum(counts) - (counts - 1) / 2
    n, m = labels.sum(), (~labels).sum()
    if n == 0 or m == 0:
        return float("nan")
    return (ranks[inverse][labels].sum() - n * (n + 1) / 2) / (n * m)


def average_precision(scores, labels):
    """Area under the precision-recall steps, equal scores being one step."""
    values, inverse = np.unique(-np.asarray(scores), return_inverse=True)
    labels = np.asarray(labels, bool)
    hits = np.cumsum(np.bincount(inverse[labels], minlength=len(values)))
    total = np.cumsum(np.bincount(inverse, minlength=len(values)))
    gained = np.diff(hits, prepend=0) / max(1, hits[-1])
    return float((gained * hits / total).sum())


def pixel_figures(maps, masks, limit=0.3):
    """Pixel AUROC and PRO (false positive rate up to limit) of [N,S,S].

    Thresholds are quantiles of the maps; regions are 8-connected; the false
    positive rate counts all defect-free pixels.
    """
    edges = np.unique(np.quantile(maps, np.linspace(0, 1, LEVELS + 1)))
    levels = np.searchsorted(edges, maps, side="right") - 1
    n = len(edges)

    def share_above(values):
        """The share of values at or above each level, highest first."""
        counts = np.bincount(values.ravel(), minlength=n)
        return np.cumsum(counts[::-1]) / max(1, values.size)

    false = share_above(levels[~masks])
    true = share_above(levels[masks])
    overlap, n_regions = np.zeros(n), 0
    for level, mask in zip(levels, masks):
        if not mask.any():
            continue
        regions, count = ndimage.label(mask, np.ones((3, 3)))
        for i in range(1, count + 1):
            overlap += share_above(level[regions == i])
        n_regions += count
    overlap /= max(1, n_regions)
    x = np.concatenate([[0], false])
    area = trapezoid(np.concatenate([[0], true]), x)
    y = np.concatenate([[0], overlap])
    end = np.interp(limit, x, y)
    inside = x < limit
    pro = trapezoid(
        np.append(y[inside], end), np.append(x[inside], limit)
    )
    return float(area), float(pro / limit)
