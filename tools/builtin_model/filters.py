# SPDX-License-Identifier: LGPL-2.1-or-later
"""Four trivial detectors, which a trained model must surpass."""

import numpy as np
from scipy import ndimage


def _gray(images):
    return images.astype(np.float32).mean(3)


def local_deviation(images):
    gray = _gray(images)
    size = max(3, gray.shape[1] // 16)
    mean = ndimage.uniform_filter(gray, (0, size, size))
    square = ndimage.uniform_filter(gray**2, (0, size, size))
    return np.sqrt(np.maximum(square - mean**2, 0))


def distance_from_median(images):
    images = images.astype(np.float32)
    middle = np.median(images, (1, 2), keepdims=True)
    distance = np.sqrt(((images - middle) ** 2).sum(3))
    return ndimage.uniform_filter(distance, (0, 3, 3))


def darkness(images):
    return 255 - ndimage.uniform_filter(_gray(images), (0, 3, 3))


def centre(images):
    n, height, width, _ = images.shape
    y, x = np.mgrid[:height, :width]
    y, x = (y + 0.5) / height - 0.5, (x + 0.5) / width - 0.5
    one = 1 - np.sqrt(x**2 + y**2)
    return np.broadcast_to(one, (n, height, width)).astype(np.float32)


FILTERS = {
    "local deviation": local_deviation,
    "distance from the median": distance_from_median,
    "darkness": darkness,
    "centre": centre,
}


def score(maps):
    """An image's score: the mean of the top two percent of its map."""
    flat = np.sort(maps.reshape(len(maps), -1), 1)
    return flat[:, -max(1, flat.shape[1] // 50) :].mean(1)
