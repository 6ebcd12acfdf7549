#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Feclip beside its peers: all take turns in one call, so that a busy machine is
busy for each of them. The table shows each one's best and median round and the
median of the processor's time, then the first one's over these, where below 1 the
first is faster; "per round" is the median of each round's ratio. Where other programs
take the processor, its time tells more than the time that passes.

usage: compare.py [--build FOLDER] [--python PROGRAM] [--rounds N] [--size SIZE]
                  [--threads N] [WORK...]

WORK is one or more of
  products   577 x {1024,4096} x {1024,4096} beside OpenBLAS
  encoder    CLIP's visual encoder, ViT-L/14@336 unless --size says otherwise, fp32,
             beside PyTorch and ONNX Runtime on the processor
  gpu        the same beside PyTorch fp16 in a CUDA graph, on the device that
             FECLIP_DEVICE names or the best one; batches of 1 and of 8
Default: products encoder. PROGRAM is the Python that has the peers' modules; unset,
each peer runs with the first of $PYTHON, this one and /usr/bin/python3 that can import
its modules. A peer that cannot start is named, with the reason, and left out.

Seven rounds of the encoder at full size take two to three minutes in all and 6 GB.
SIZE is ViT-L-14-336, ViT-B-16-224 or ViT-B-32-224.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys

from peers import SIZES

HERE = pathlib.Path(__file__).resolve().parent
PYTHONS = [os.environ.get("PYTHON"), sys.executable, "/usr/bin/python3"]
PRODUCTS = [(577, n, k) for n in (1024, 4096) for k in (1024, 4096)]


class Runner:
    """A program that runs a round whenever it is asked to."""

    def __init__(self, name, command, threads):
        # Idle threads must not take the processor from whose turn it is, and all
        # have as many: left alone, PyTorch counts cores and feclip their threads.
        environment = dict(
            os.environ, OMP_WAIT_POLICY="passive", OMP_NUM_THREADS=str(threads),
            OPENBLAS_NUM_THREADS=str(threads), LP_NUM_THREADS=str(threads))
        self.name = name
        self.seconds = []
        self.processor = []
        self.program = subprocess.Popen(
            [str(word) for word in command], text=True, env=environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        answer = self.program.stdout.readline().strip()
        self.usable = answer.startswith("ready")
        if not self.usable:
            print(f"  {name} is left out: it did not start")
        elif answer != "ready":
            print(f"  {name}: {answer[len('ready '):]}", flush=True)

    def one_round(self):
        """Runs one and notes how long it took."""
        self.program.stdin.write("\n")
        self.program.stdin.flush()
        seconds, processor = self.program.stdout.readline().split()
        self.seconds.append(float(seconds))
        self.processor.append(float(processor))

    def close(self):
        """Ends the program."""
        self.program.stdin.close()
        self.program.wait()


def find_python(wanted, *modules):
    """A Python that can import these modules: the one that is wanted, or the first."""
    pythons = [wanted] if wanted else [python for python in PYTHONS if python]
    for python in pythons:
        found = subprocess.run(
            [python, "-c", "import " + ", ".join(("ctypes", *modules))],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        if found.returncode == 0:
            return python
    return pythons[0]


def show(runner, first, amount):
    """A line of the table."""
    seconds = runner.seconds
    ratios = [
        min(first.seconds) / min(seconds),
        statistics.median(first.seconds) / statistics.median(seconds),
        statistics.median(a / b for a, b in zip(first.seconds, seconds)),
        statistics.median(first.processor) / statistics.median(runner.processor),
    ]
    print(f"  {runner.name:24} {min(seconds):9.5f} {statistics.median(seconds):9.5f} "
          f"{statistics.median(runner.processor):9.5f}  "
          + " ".join(f"{ratio:9.2f}" for ratio in ratios)
          + (f"  {amount / min(seconds):9.1f}" if amount else ""), flush=True)


def compare(title, commands, options, amount=0, unit=""):
    """Runs all in turns; the first is the one that others are held beside. A round is
    this amount, whose units per second the table has where there is one."""
    rounds = options.rounds
    print(f"\n{title}, {rounds} rounds, {options.threads} threads", flush=True)
    runners = [Runner(name, command, options.threads) for name, command in commands]
    usable = [runner for runner in runners if runner.usable]
    for _ in range(rounds):
        for runner in usable:
            runner.one_round()
    for runner in runners:
        runner.close()
    if not runners[0].usable:
        sys.exit(f"{runners[0].name} itself did not start")
    print(f"  {'seconds of a round:':24} {'best':>9} {'median':>9} {'CPU time':>9}  "
          f"{'best':>9} {'median':>9} {'per round':>9} {'CPU time':>9}"
          + (f"  {unit:>9}" if amount else ""))
    for runner in usable:
        show(runner, runners[0], amount)


def main():
    """Reads the command line and runs what it asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", nargs="*", metavar="WORK")
    parser.add_argument("--build", default=HERE.parent.parent / "build")
    parser.add_argument("--python")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--size", default="ViT-L-14-336", choices=SIZES)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    options = parser.parse_args()
    rounds = pathlib.Path(options.build) / "tests" / "bench" / "rounds"
    work = options.work or ["products", "encoder"]
    unknown = set(work) - {"products", "encoder", "gpu"}
    if unknown:
        parser.error(f"there is no work named {', '.join(sorted(unknown))}")
    if options.rounds < 1 or options.threads < 1:
        parser.error("--rounds and --threads are at least 1")
    if not rounds.exists():
        parser.error(f"{rounds} is not there: --build names a folder that is built")

    def peer(name, *modules):
        """The command line of a peer."""
        return [find_python(options.python, *modules), HERE / "peers.py", name]

    if "products" in work:
        for shape in PRODUCTS:
            m, n, k = shape
            compare(f"product {m} x {n} x {k}, fp32",
                    [("feclip", [rounds, "product", *shape]),
                     ("OpenBLAS", [*peer("openblas"), *shape])],
                    options, 2e-9 * m * n * k, "GFLOP/s")
    if "encoder" in work:
        compare(f"encoder {options.size}, fp32, one frame",
                [("feclip", [rounds, "encoder", options.size]),
                 ("PyTorch", [*peer("torch", "torch"), options.size]),
                 ("ONNX Runtime", [*peer("onnxruntime", "onnxruntime", "onnx"),
                                   options.size])],
                options)
    for batch in (1, 8) if "gpu" in work else ():
        compare(f"encoder {options.size} on a GPU, batch {batch}",
                [("feclip fp32", [rounds, "encoder", options.size, batch]),
                 ("feclip fp16", ["env", "FECLIP_BENCH_PRECISION=fp16", rounds,
                                  "encoder", options.size, batch]),
                 ("PyTorch fp16, CUDA graph",
                  [*peer("cuda", "torch"), options.size, batch])],
                options, batch, "frames/s")


if __name__ == "__main__":
    main()
