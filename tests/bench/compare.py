#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Feclip beside its peers: all take turns in one call, so that a busy machine is
busy for each of them, and the ratios of their best and median rounds are shown.

usage: compare.py [--build FOLDER] [--python PROGRAM] [--rounds N] [WORK...]

WORK is one or more of
  products   577 x {1024,4096} x {1024,4096} beside OpenBLAS
  encoder    CLIP's visual encoder, ViT-L/14@336 unless --size says otherwise, fp32,
             beside PyTorch and ONNX Runtime on the processor
  gpu        the same beside PyTorch fp16 in a CUDA graph, on the device that
             FECLIP_DEVICE names or the best one; batch 1
Default: products encoder. PROGRAM is the Python that has the peers' modules, by
default $PYTHON or this one. A peer that cannot start is named and left out.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
PRODUCTS = [(577, n, k) for n in (1024, 4096) for k in (1024, 4096)]


class Runner:
    """A program that runs a round whenever it is asked to."""

    def __init__(self, name, command):
        # Idle threads must not take the processor from whose turn it is.
        environment = dict(os.environ, OMP_WAIT_POLICY="passive")
        self.name = name
        self.seconds = []
        self.program = subprocess.Popen(
            [str(word) for word in command], text=True, env=environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.usable = self.program.stdout.readline() == "ready\n"
        if not self.usable:
            print(f"  {name} is left out: it did not start")

    def one_round(self):
        """Runs one and notes how long it took."""
        self.program.stdin.write("\n")
        self.program.stdin.flush()
        self.seconds.append(float(self.program.stdout.readline().split()[0]))

    def close(self):
        """Ends the program."""
        self.program.stdin.close()
        self.program.wait()


def compare(title, commands, rounds, flop=0):
    """Runs all in turns; the first is the one that others are held beside."""
    print(f"\n{title}", flush=True)
    runners = [Runner(name, command) for name, command in commands]
    usable = [runner for runner in runners if runner.usable]
    for _ in range(rounds):
        for runner in usable:
            runner.one_round()
    for runner in runners:
        runner.close()
    if not runners[0].usable:
        sys.exit(f"{runners[0].name} itself did not start")
    own = (min(runners[0].seconds), statistics.median(runners[0].seconds))
    for runner in usable:
        best, median = min(runner.seconds), statistics.median(runner.seconds)
        speed = f"  {flop / best / 1e9:9.1f} GFLOP/s" if flop else ""
        print(f"  {runner.name:24} best {best:9.5f} s  median {median:9.5f} s{speed}"
              f"  time of the first over its own: best {own[0] / best:5.2f}, "
              f"median {own[1] / median:5.2f}", flush=True)


def main():
    """Reads the command line and runs what it asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", nargs="*", metavar="WORK")
    parser.add_argument("--build", default=HERE.parent.parent / "build")
    parser.add_argument("--python", default=os.environ.get("PYTHON", sys.executable))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--size", default="ViT-L-14-336")
    options = parser.parse_args()
    rounds = pathlib.Path(options.build) / "tests" / "rounds"
    peers = [options.python, HERE / "peers.py"]
    work = options.work or ["products", "encoder"]
    unknown = set(work) - {"products", "encoder", "gpu"}
    if unknown:
        parser.error(f"there is no work named {', '.join(sorted(unknown))}")

    if "products" in work:
        for shape in PRODUCTS:
            m, n, k = shape
            compare(f"product {m} x {n} x {k}, fp32",
                    [("feclip", [rounds, "product", *shape]),
                     ("OpenBLAS", [*peers, "openblas", *shape])],
                    options.rounds, 2 * m * n * k)
    if "encoder" in work:
        compare(f"encoder {options.size}, fp32, one frame",
                [("feclip", [rounds, "encoder", options.size]),
                 ("PyTorch", [*peers, "torch", options.size]),
                 ("ONNX Runtime", [*peers, "onnxruntime", options.size])],
                options.rounds)
    if "gpu" in work:
        compare(f"encoder {options.size} on a GPU, one frame",
                [("feclip fp32", [rounds, "encoder", options.size]),
                 ("feclip fp16", ["env", "FECLIP_BENCH_PRECISION=fp16", rounds,
                                  "encoder", options.size]),
                 ("PyTorch fp16, CUDA graph", [*peers, "cuda", options.size, 1])],
                options.rounds)


if __name__ == "__main__":
    main()
