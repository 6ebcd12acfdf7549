#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Prints PyTorch's results for images and an exported model as JSON.

The images have the network's size, so that nothing has to be resized.
"""

import argparse
import json
import os

import numpy as np
import torch
from PIL import Image

from export import read
from images import normalize


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("images", nargs="+")
    options = parser.parse_args()
    model = read(options.model)
    results = {}
    for path in options.images:
        image = np.array(Image.open(path).convert("RGB"))
        scores, maps = model(normalize(image[None]))
        grid = torch.sigmoid(maps).mean(0)[0]
        results[os.path.basename(path)] = {
            "tap_scores": [round(x, 6) for x in torch.sigmoid(scores)[:, 0].tolist()],
            "map_mean": round(grid.mean().item(), 6),
            "map_max": round(grid.max().item(), 6),
        }
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
