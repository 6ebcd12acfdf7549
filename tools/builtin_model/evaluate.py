#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measures models and, for comparison, four trivial filters.

Prints image AUROC and AP, pixel AUROC and PRO, of all images together and,
with --kinds, of each kind of surface and defect.
"""

import argparse
import os

import numpy as np
import torch
import torch.nn.functional as F

import filters
from export import read
from metrics import auroc, average_precision, pixel_figures
from network import FeClip
from images import Photos, Images, normalize


def load(path):
    if path.endswith(".safetensors"):
        return read(path)
    state = torch.load(path, map_location="cpu")
    model = FeClip(state["config"])
    model.load_state_dict(state["average"], strict=False)
    return model.eval()


@torch.no_grad()
def predict(model, images, size):
    """Scores [N] and maps [N,S,S], computed as feclip does."""
    scores, maps = [], []
    for start in range(0, len(images), 32):
        x = normalize(np.array(images[start : start + 32]))
        if size != x.shape[-1]:
            x = F.interpolate(
                x, (size, size), mode="bicubic", antialias=True
            )
        score, grid = model(x)
        grid = torch.sigmoid(grid).mean(0)[:, None]
        grid = F.interpolate(grid, images.shape[1:3], mode="bilinear")
        scores.append(torch.sigmoid(score).mean(0).numpy())
        maps.append(grid[:, 0].numpy())
    return np.concatenate(scores), np.concatenate(maps)


def line(name, scores, maps, labels, masks):
    pixels = pro = precision = float("nan")
    if masks.any():
        pixels, pro = pixel_figures(maps, masks)
    if 0 < labels.sum() < len(labels):
        precision = average_precision(scores, labels)
    print(
        f"{name:28s} {auroc(scores, labels):.3f}  {precision:.3f}  "
        f"{pixels:.3f}  {pro:.3f}",
        flush=True,
    )


def print_kinds(images, scores, maps, masks):
    """Prints a line for each kind and each defect; good images count for both."""
    for what, numbers in (
        ("kinds", images.kinds),
        ("defects", images.defects),
    ):
        numbers = numbers.copy()
        numbers[0::2] = numbers[1::2]
        for number in np.unique(numbers):
            own = numbers == number
            line(
                "  " + images.names[what][number],
                scores[own],
                maps[own],
                images.labels[own],
                masks[own],
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("images", help="arrays, or MVTec AD's layout")
    parser.add_argument("model", nargs="*", help="safetensors or checkpoint")
    parser.add_argument("--size", type=int, default=0)
    parser.add_argument("--kinds", action="store_true")
    parser.add_argument("--no-filters", action="store_true")
    options = parser.parse_args()
    models = [(path, load(path)) for path in options.model]
    if os.path.exists(os.path.join(options.images, "images.npy")):
        images = Images(options.images)
    else:
        size = options.size or models[0][1].config["size"]
        images = Photos(options.images, size)
    images = np.array(images.images)
    masks = np.array(images.masks) > 127
    print(f"{len(images)} images{'':18s} image  AP     pixel  PRO")
    if not options.no_filters:
        for name, function in filters.FILTERS.items():
            maps = function(images)
            line(name, filters.score(maps), maps, images.labels, masks)
    for path, model in models:
        size = options.size or model.config["size"]
        scores, maps = predict(model, images, size)
        line(os.path.basename(path), scores, maps, images.labels, masks)
        if options.kinds:
            print_kinds(images, scores, maps, masks)


if __name__ == "__main__":
    main()
