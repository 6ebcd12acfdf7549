# SPDX-License-Identifier: LGPL-2.1-or-later
"""The arrays that `feclip synth --npy` writes, as batches for training."""

import glob
import json
import os

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)


class Images:
    """A memory-mapped folder of arrays; even indices are good, odd defective."""

    def __init__(self, folder):
        def array(name, mode="r"):
            return np.load(os.path.join(folder, name), mmap_mode=mode)

        self.images = array("images.npy")
        self.masks = array("masks.npy")
        labels = array("labels.npy", None)
        self.kinds, self.defects = labels[:, 0], labels[:, 1]
        self.labels = np.arange(len(self.images)) % 2
        with open(os.path.join(folder, "names.json"), encoding="utf-8") as file:
            self.names = json.load(file)
        self.size = self.images.shape[1]

    def __len__(self):
        return len(self.images)

    def pairs(self, least=0.0, most=1.0):
        """Selects pairs by the share of the image that the defect covers."""
        boxes = np.arange(len(self) // 2)
        if least <= 0 and most >= 1:
            return boxes
        shares = np.array([(self.masks[2 * i + 1] > 127).mean() for i in boxes])
        return boxes[(shares >= least) & (shares <= most)]


class Photos:
    """A category in the layout of MVTec AD, resized as feclip does."""

    def __init__(self, folder, size):
        self.images, self.masks, self.labels = [], [], []
        for path in sorted(glob.glob(os.path.join(folder, "test", "*", "*.*"))):
            kind = os.path.basename(os.path.dirname(path))
            name = os.path.splitext(os.path.basename(path))[0]
            mask = os.path.join(
                folder, "ground_truth", kind, name + "_mask.png"
            )
            image = Image.open(path).convert("RGB")
            self.images.append(_crop(image, size, Image.BICUBIC))
            if os.path.exists(mask):
                mask = _crop(Image.open(mask).convert("L"), size, Image.NEAREST)
            else:
                mask = np.zeros((size, size), np.uint8)
            self.masks.append(mask)
            self.labels.append(int(kind != "good"))
        if not self.images:
            raise SystemExit(f"{folder}: no image below test/KIND")
        self.images = np.stack(self.images)
        self.masks = np.stack(self.masks)
        self.labels = np.array(self.labels)


def _crop(image, size, how):
    scale = size / min(image.size)
    width, height = (max(size, int(edge * scale)) for edge in image.size)
    left, top = round((width - size) / 2), round((height - size) / 2)
    image = image.resize((width, height), how)
    return np.array(image.crop((left, top, left + size, top + size)))


def normalize(images):
    """Normalizes images [B,S,S,3], 0 to 255, for the network: [B,3,S,S]."""
    x = torch.as_tensor(images).float().permute(0, 3, 1, 2) / 255
    mean = torch.tensor(MEAN).view(1, 3, 1, 1)
    std = torch.tensor(STD).view(1, 3, 1, 1)
    return ((x - mean) / std).contiguous()


def _turn(image, mask, rng):
    """Rotates and flips a square image in one of eight ways."""
    if rng.random() < 0.5:
        image, mask = image[::-1], mask[::-1]
    if rng.random() < 0.5:
        image, mask = image[:, ::-1], mask[:, ::-1]
    if rng.random() < 0.5:
        image, mask = image.swapaxes(0, 1), mask.swapaxes(0, 1)
    return image, mask


def _recolor(image, rng):
    """Varies white balance, exposure and contrast; sometimes makes it gray."""
    image = image.astype(np.float32)
    choice = rng.random()
    if choice < 0.15:
        image = np.repeat(image.mean(2, keepdims=True), 3, axis=2)
    elif choice < 0.5:
        image = image[:, :, rng.permutation(3)]
    if rng.random() < 0.1:
        image = 255 - image
    gain = rng.uniform(0.75, 1.25) * rng.uniform(0.92, 1.08, 3)
    offset = rng.uniform(-15, 15)
    return np.clip(image * gain.astype(np.float32) + offset, 0, 255)


def _fit(image, mask, size):
    """Resizes an image of another pool to the training size."""
    if len(image) == size:
        return image, mask
    both = np.concatenate([image, mask[:, :, None]], 2).astype(np.float32)
    x = torch.from_numpy(both).permute(2, 0, 1)[None]
    x = F.interpolate(x, (size, size), mode="bilinear", antialias=True)
    both = x[0].permute(1, 2, 0).numpy()
    return both[:, :, :3], both[:, :, 3]


def batch(places, size, rng):
    """Augments images at random; returns images, masks, labels.

    places are tuples of Images and a place in them.
    """
    images, masks, labels = [], [], []
    for images, place in places:
        both = images.images[place], images.masks[place]
        image, mask = _turn(*_fit(*both, size), rng)
        images.append(_recolor(image, rng))
        masks.append(mask)
        labels.append(place % 2)
    masks = torch.from_numpy(np.stack(masks)).float() / 255
    return normalize(np.stack(images)), masks, torch.tensor(labels).float()
