#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Trains the built-in model from scratch on images of `feclip synth`.

Every step draws its images from the seed and the step's number alone, so a
run that was stopped and goes on ends where an undisturbed one would.
With --workers, as many processes share each batch and add up their gradients.
"""

import argparse
import json
import math
import os
import time

# Set before numpy starts threads: each worker uses one thread.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
import torch
import torch.multiprocessing as mp

from losses import losses
from network import FeClip
from images import Images, batch


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", help="checkpoint, resumed if it exists")
    parser.add_argument(
        "pools", nargs="+", help="folders that feclip synth --npy wrote"
    )
    parser.add_argument("--size", type=int, default=120)
    parser.add_argument("--start", help="checkpoint whose weights to start from")
    parser.add_argument("--images", type=int, default=100000)
    parser.add_argument("--least-area", type=float, default=0.0)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--muon-rate", type=float, default=0.005)
    parser.add_argument("--optimizer", default="muon")
    parser.add_argument("--decay", type=float, default=0.05)
    parser.add_argument("--warm-up", type=int, default=200)
    parser.add_argument("--average", type=float, default=0.998)
    parser.add_argument("--loss", choices=["paper", "plus"], default="plus")
    parser.add_argument("--pair", type=float, default=1.0, help="its weight")
    parser.add_argument("--lambda", dest="share", type=float, default=0.1)
    parser.add_argument("--patch", type=int, default=8)
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--blocks", type=int, default=6)
    parser.add_argument("--taps", default="2,3,4,5")
    parser.add_argument("--embedding", type=int, default=64)
    parser.add_argument(
        "--products", choices=["float32", "bfloat16"], default="float32"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--save-every", type=int, default=200)
    parser.add_argument(
        "--stop-at", type=int, default=0, help="images after which to stop"
    )
    return parser.parse_args()


def make_config(options):
    return {
        "size": options.size,
        "patch": options.patch,
        "width": options.width,
        "blocks": options.blocks,
        "embedding": options.embedding,
        "taps": [int(tap) for tap in options.taps.split(",")],
        "lambda": options.share,
        "temperature": 0.07,
    }


def draw(pools, pairs, count, rng):
    """Draws as many pairs from each pool; returns their images [(pool, index)]."""
    places = []
    for _ in range(count):
        which = rng.integers(len(pools))
        first = 2 * int(rng.choice(pairs[which]))
        places += [(pools[which], first), (pools[which], first + 1)]
    return places


def orthogonal(matrix):
    """Approximates the closest matrix with orthonormal rows by Newton–Schulz.

    The quintic's coefficients are Jordan's (Muon, 2024).
    """
    a, b, c = 3.4445, -4.7750, 2.0315
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.t() if tall else matrix
    x = x / (x.norm() + 1e-7)
    for _ in range(5):
        square = x @ x.t()
        x = a * x + (b * square + c * square @ square) @ x
    return x.t() if tall else x


class Muon(torch.optim.Optimizer):
    """Momentum with orthogonalized steps, for hidden matrices."""

    def __init__(self, parameters, lr, momentum=0.95, weight_decay=0.0):
        defaults = {"momentum": momentum, "weight_decay": weight_decay}
        super().__init__(parameters, {"lr": lr, **defaults})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                state = self.state[p]
                if not state:
                    state["momentum"] = torch.zeros_like(p)
                mean = state["momentum"]
                mean.lerp_(p.grad, 1 - group["momentum"])
                ahead = p.grad.lerp(mean, group["momentum"])
                step = orthogonal(ahead.flatten(1))
                step = step * max(1, step.shape[0] / step.shape[1]) ** 0.5
                p.mul_(1 - group["lr"] * group["weight_decay"])
                p.add_(step.view_as(p), alpha=-group["lr"])


def optimizers(model, options):
    hidden, plain, matrices = [], [], []
    for name, p in model.named_parameters():
        inner = any(s in name for s in ("resblocks", "ffe.", "lfs."))
        if p.dim() < 2 or "embedding" in name or name == "text_features":
            plain.append(p)
        elif inner and options.optimizer == "muon":
            hidden.append(p)
        else:
            matrices.append(p)
    groups = [
        {"params": plain, "weight_decay": 0.0},
        {"params": matrices, "weight_decay": options.decay},
    ]
    chosen = [torch.optim.AdamW(groups, lr=options.rate, betas=(0.9, 0.98))]
    if hidden:
        chosen.append(
            Muon(hidden, options.muon_rate, weight_decay=options.decay)
        )
    for each in chosen:
        for group in each.param_groups:
            group["full_rate"] = group["lr"]
    return chosen


def share_of_rate(step, n_steps, warm_up):
    """The learning rate: linear warm-up, then cosine decay to a fiftieth."""
    if step < warm_up:
        return (step + 1) / warm_up
    done = (step - warm_up) / max(1, n_steps - warm_up)
    return 0.02 + 0.98 * (0.5 + 0.5 * math.cos(math.pi * min(done, 1)))


class Sum:
    """Adds up the workers' gradients in shared memory."""

    def __init__(self, n_workers, n_numbers):
        self.parts = torch.zeros(n_workers, n_numbers).share_memory_()
        self.barrier = mp.get_context("spawn").Barrier(n_workers)

    def mean(self, model, rank):
        if len(self.parts) == 1:
            return
        own = [p.grad.flatten() for p in model.parameters()]
        torch.cat(own, out=self.parts[rank])
        self.barrier.wait()
        mean = self.parts.mean(0)
        self.barrier.wait()
        start = 0
        for p in model.parameters():
            p.grad.copy_(mean[start : start + p.numel()].view_as(p))
            start += p.numel()


def save(path, model, average, chosen, step, options):
    state = {
        "config": model.config,
        "options": vars(options),
        "model": model.state_dict(),
        "average": average,
        "optimizers": [each.state_dict() for each in chosen],
        "step": step,
    }
    torch.save(state, path + ".part")
    os.replace(path + ".part", path)


def start_from(model, path):
    state = torch.load(path, map_location="cpu")
    weights = dict(state["average"])
    table = "visual.positional_embedding"
    if weights[table].shape != model.visual.positional_embedding.shape:
        old = FeClip(state["config"])
        old.load_state_dict(weights, strict=False)
        weights[table] = old.visual.positions(model.visual.grid).detach()
    model.load_state_dict(weights, strict=False)


def work(rank, options, total):
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    pools = [Images(folder) for folder in options.pools]
    model = FeClip(make_config(options))
    if options.start:
        start_from(model, options.start)
    chosen = optimizers(model, options)
    step = 0
    average = {k: v.clone() for k, v in model.state_dict().items()}
    if os.path.exists(options.output):
        state = torch.load(options.output, map_location="cpu")
        model.load_state_dict(state["model"])
        average, step = state["average"], state["step"]
        for each, own in zip(chosen, state["optimizers"]):
            each.load_state_dict(own)
    pairs = [pool.pairs(options.least_area) for pool in pools]
    n_steps = options.images // options.batch
    last = options.stop_at // options.batch if options.stop_at else n_steps
    own = options.batch // options.workers
    began, first = time.time(), step
    seen = torch.zeros(4)
    half = options.products == "bfloat16"
    while step < last:
        # Both images of a pair are in the same batch.
        rng = np.random.default_rng([options.seed, step])
        places = draw(pools, pairs, options.batch // 2, rng)
        rng = np.random.default_rng([options.seed, step, rank])
        own_places = places[rank * own : (rank + 1) * own]
        part = batch(own_places, options.size, rng)
        images, masks, labels = part
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            scores, maps = model(images)
        each = losses(scores, maps, masks, labels, options.loss, options.pair)
        each = torch.stack(each)
        model.zero_grad()
        each.sum().backward()
        total.mean(model, rank)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        rate = share_of_rate(step, n_steps, options.warm_up)
        for optimizer in chosen:
            for group in optimizer.param_groups:
                group["lr"] = group["full_rate"] * rate
            optimizer.step()
        step += 1
        higher = (scores[:, 1::2] > scores[:, 0::2]).float().mean()
        seen += torch.cat([each.detach(), higher[None]])
        with torch.no_grad():
            keep = min(options.average, step / (step + 10))
            for name, value in model.state_dict().items():
                average[name].lerp_(value, 1 - keep)
        if rank == 0 and step % 50 == 0:
            speed = (step - first) * options.batch / (time.time() - began)
            left = (n_steps - step) * options.batch / speed / 60
            text = " ".join(f"{value / 50:.4f}" for value in seen)
            print(
                f"{step * options.batch:8d} images  {text}  "
                f"{speed:.1f} images/s  {left:.0f} min left",
                flush=True,
            )
            seen.zero_()
        if rank == 0 and step % options.save_every == 0:
            save(options.output, model, average, chosen, step, options)
    if rank == 0:
        save(options.output, model, average, chosen, step, options)


def main():
    options = parse()
    print(json.dumps(vars(options)), flush=True)
    probe = FeClip(make_config(options))
    n_numbers = sum(p.numel() for p in probe.parameters())
    total = Sum(options.workers, n_numbers)
    if options.workers == 1:
        work(0, options, total)
    else:
        mp.spawn(work, (options, total), options.workers)


if __name__ == "__main__":
    main()
