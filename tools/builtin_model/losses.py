# SPDX-License-Identifier: LGPL-2.1-or-later
"""The losses of a tap's score and map, averaged over the taps."""

import torch
import torch.nn.functional as F

LEAST = 1e-6


def _focal(p, mask, anomalous, normal, gamma=2):
    p = p.clamp(LEAST, 1 - LEAST)
    missed = anomalous * mask * (1 - p) ** gamma * -torch.log(p)
    false = normal * (1 - mask) * p**gamma * -torch.log(1 - p)
    return (missed + false).mean()


def _dice(p, mask):
    both = (p * mask).sum((-2, -1))
    return 1 - (2 * both + LEAST) / (
        p.sum((-2, -1)) + mask.sum((-2, -1)) + LEAST
    )


def losses(scores, maps, masks, labels, kind, pair=1.0, scale=4):
    """Margins [N,B], [N,B,G,G], masks [B,S,S], labels [B] → three losses.

    Maps are enlarged to scale·G for the comparison, and masks brought to
    the same size by area. kind "paper" is the method's own choice; "plus"
    weighs defective pixels more, leaves good images out of the Dice loss,
    where it says nothing but "smaller", and compares the scores of each pair:
    good images lie at even places, the same items with a defect behind them.
    """
    n, b, g, _ = maps.shape
    side = scale * g
    p = F.interpolate(
        torch.sigmoid(maps.float()), (side, side), mode="bilinear"
    )
    masks = F.adaptive_avg_pool2d(masks[None], side).expand(n, b, side, side)
    score = F.binary_cross_entropy_with_logits(
        scores.float(), labels.expand(n, b)
    )
    if kind == "paper":
        return score, _focal(p, masks, 0.25, 0.75), _dice(p, masks).mean()
    dice = (_dice(p, masks) * labels).sum() / (n * labels.sum()).clamp(min=1)
    # An item with a defect must score higher than the same item without.
    lower = F.softplus(scores[:, 0::2] - scores[:, 1::2]).mean()
    score = score + pair * lower
    return score, 10 * _focal(p, masks, 1, 0.5), dice
