#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes a checkpoint's averaged weights as the file that feclip reads.

Safetensors in half precision: the header's length, a header in JSON, the
numbers.
"""

import argparse
import json
import math
import struct

import torch

from network import FeClip

DESCRIPTION = "FE-CLIP built into feclip, trained on generated images only"


def resize(state, size):
    """Converts the network to another image size."""
    model = FeClip(state["config"])
    model.load_state_dict(state["average"])
    grid = size // state["config"]["patch"]
    table = model.visual.positions(grid).detach()
    state["average"]["visual.positional_embedding"] = table


def tensors_of(state):
    """The tensors with the names of open_clip, in half precision."""
    for name, tensor in sorted(state["average"].items()):
        half = tensor.half().contiguous()
        if not torch.isfinite(half).all():
            raise SystemExit(f"{name} does not fit half precision")
        yield name, half


def replace_adapters(state, path):
    """Replaces the adapters by those of a file of `feclip train`."""
    header, data = split(path)
    header.pop("__metadata__", None)
    for name, entry in header.items():
        if name.split(".")[0] not in ("ffe", "lfs", "fc_patch"):
            continue
        if entry["dtype"] != "F32":
            raise SystemExit(f"{path}: {name} is not in single precision")
        numbers = data[slice(*entry["data_offsets"])]
        tensor = torch.frombuffer(bytearray(numbers), dtype=torch.float)
        own = state["average"][name]
        state["average"][name] = tensor.view(entry["shape"]).view_as(own)


def split(path):
    """The header and the data of a safetensors file."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        return json.loads(file.read(length)), file.read()


def write(state, path):
    config = state["config"]
    header = {
        "__metadata__": {
            "description": DESCRIPTION,
            "activation": "gelu",
            "tap_indices": ",".join(map(str, config["taps"])),
            "lambda": str(config["lambda"]),
            "temperature": str(config["temperature"]),
            "lfs_statistic": "mean",
            "ffe_window": "3",
            "lfs_window": "3",
        }
    }
    parts, offset = [], 0
    for name, tensor in tensors_of(state):
        data = tensor.numpy().tobytes()
        header[name] = {
            "dtype": "F16",
            "shape": list(tensor.shape),
            "data_offsets": [offset, offset + len(data)],
        }
        parts.append(data)
        offset += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for part in parts:
            file.write(part)


def read(path):
    """The network of a weight file, computed as feclip does."""
    header, data = split(path)
    metadata = header.pop("__metadata__")
    weights = {
        name: torch.frombuffer(
            bytearray(data[slice(*entry["data_offsets"])]), dtype=torch.half
        )
        .float()
        .view(entry["shape"])
        for name, entry in header.items()
    }
    width, _, patch, _ = weights["visual.conv1.weight"].shape
    grid = math.isqrt(len(weights["visual.positional_embedding"]) - 1)
    blocks = {name.split(".")[3] for name in weights if "resblocks" in name}
    model = FeClip(
        {
            "size": grid * patch,
            "patch": patch,
            "width": width,
            "blocks": len(blocks),
            "embedding": weights["visual.proj"].shape[1],
            "taps": [int(tap) for tap in metadata["tap_indices"].split(",")],
            "lambda": float(metadata["lambda"]),
            "temperature": float(metadata["temperature"]),
        }
    )
    model.load_state_dict(weights)
    return model.eval()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint")
    parser.add_argument("output")
    parser.add_argument("--size", type=int, help="for images of this size")
    parser.add_argument("--adapters", help="that feclip train made for it")
    options = parser.parse_args()
    state = torch.load(options.checkpoint, map_location="cpu")
    if options.size:
        resize(state, options.size)
    if options.adapters:
        replace_adapters(state, options.adapters)
    write(state, options.output)


if __name__ == "__main__":
    main()
