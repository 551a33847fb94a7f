#!/usr/bin/env python3
# ===- dynamic.py - One package over N, on the CPU -------------------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""What a package of dynamic N costs and loses.

For each weight matrix: seconds to compile, kernels, bytes beyond the packed
weights, nanoseconds to select, the regret of the selected strategy against the
best of the candidates (all that dominance keeps, or the model's best few) at 40
numbers of columns, and the time beside dense oneDNN for each of them.

Candidates are timed in turns by `sparse-compile --tune`, and the selected ones
are among them: so regret compares times of one run. On a machine with other
load the shortest turns still differ by some percent.
"""

import argparse
import json
import math
import re
import struct
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

# Not used to make anything: half of them odd, 1 to 16384, even on a log axis.
COLUMNS = (1, 2, 3, 5, 7, 9, 12, 15, 18, 23, 29, 33, 40, 47, 52, 65, 77, 96, 111,
           130, 150, 193, 222, 257, 320, 391, 480, 513, 640, 777, 960, 1200,
           1537, 2000, 2561, 3333, 4500, 6145, 9999, 16384)  # fmt: skip
FREE_BYTES = 2 << 20


@dataclass(frozen=True)
class Case:
    name: str
    rows: int
    cols: int
    pattern: str


CASES = (Case("random75", 1024, 1024, "unstructured<0.75>"),
         Case("block4x4-75", 1024, 1024, "block<4x4,0.75>"),
         Case("block16x16-75", 1024, 1024, "block<16x16,0.75>"),
         Case("vector-nm75", 1024, 1024, "vector-nm<8:32,l=32>"),
         Case("random90", 2048, 2048, "unstructured<0.9>"),
         Case("block4x4-94", 3072, 1024, "block<4x4,0.94>"),
         Case("block16x32-75", 1024, 1024, "block<16x32,0.75>"))


class BenchError(Exception):
    """One line."""


def run(command):
    done = subprocess.run([str(word) for word in command], capture_output=True,
                          text=True)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no message"]
        raise BenchError(f"{Path(command[0]).name}: {lines[-1]}")
    return done.stdout


def read_tensors(package):
    """The package's tensors: name to bytes; and its manifest."""
    with open(package, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
    manifest = json.loads(header.pop("__metadata__")["spmmplu"])
    sizes = {name: tensor["data_offsets"][1] - tensor["data_offsets"][0]
             for name, tensor in header.items()}
    return sizes, manifest


def count_overhead(package):
    """Bytes of the package beyond the first form of each matrix."""
    sizes, manifest = read_tensors(package)
    keys = ("panelRows", "chainPtr", "entries", "values", "metadata")
    packed = {matrix[key] for matrix in manifest["matrices"]
              if "of" not in matrix for key in keys if key in matrix}
    return package.stat().st_size - sum(sizes.get(name, 0) for name in packed)


class Selection:
    """What `--dump-strategies` says of it: which words serve which N."""

    def __init__(self, text):
        self.words = re.findall(r"^#\d+ is (.*)$", text, re.MULTILINE)
        self.ranges = {}
        for kind in ("aligned N", "other N", "N"):
            match = re.search(rf"^{kind} from:(.*)$", text, re.MULTILINE)
            if match:
                self.ranges[kind] = [
                    (int(first), int(number)) for first, number in
                    re.findall(r"(\d+) #(\d+)", match[1])]
        kept = re.search(r"^(\d+) not dominated", text, re.MULTILINE)
        self.kept = int(kept[1]) if kept else 0

    def at(self, n, lanes):
        ranges = self.ranges.get("N") or self.ranges[
            "other N" if n % lanes else "aligned N"]
        return self.words[[number for first, number in ranges if first <= n][-1]]


def read_times(path):
    """Microseconds by strategy and N from a file of --tune."""
    times, current = {}, None
    for line in path.read_text(encoding="utf-8").splitlines():
        key, _, rest = line.partition(" ")
        if key == "strategy":
            current = times.setdefault(rest, {})
        elif key == "time":
            n, micros = rest.split()
            current[int(n)] = float(micros)
    return times


def measure_dense(tools, package, n, seconds):
    """Medians of the package and of dense f32 beside it, in turns."""
    text = run([tools / "sparse-run", package, f"--cols={n}", "--bench", "--json",
                f"--bench-time={seconds}", "--threads=1"])
    rows = {row["name"]: row for row in json.loads(text)["bench"]}
    dense = rows.get("dense f32", {})
    return rows["sparse"]["medianUs"], dense.get("medianUs")


def measure_selection(tools, weights, folder, options):
    """Nanoseconds that choosing adds to a call: what a call of a package of
    several strategies takes beyond one of a package of one, without a column to
    compute. The two take turns, so that what moves both cancels."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "python"))
    from spmmplu.runtime import Program
    programs = []
    for kernels in (1, 12):
        package = folder / f"empty{kernels}.spmm"
        run([tools / "sparse-compile", weights, "-o", package, "--threads=1",
             "--force-sparse", f"--max-kernels={kernels}", *options])
        programs.append(Program.load(package))
    x = np.zeros((programs[0].inputs[0].shape[0], 0), np.float32)
    turns = [[time_calls(program, x) for program in programs]
             for _ in range(400)]
    return float(np.median([several - one for one, several in turns]))


def time_calls(program, x, calls=50):
    """Nanoseconds of one call, from Python through the C interface."""
    start = time.perf_counter_ns()
    for _ in range(calls):
        program.run(x, threads=1)
    return (time.perf_counter_ns() - start) / calls


def geomean(values):
    return math.exp(sum(map(math.log, values)) / len(values))


def bench_case(case, options, folder):
    rng = np.random.default_rng(1)
    weights = folder / "w.npy"
    np.save(weights, rng.standard_normal((case.rows, case.cols),
                                         dtype=np.float32))
    tools, package, times = options.tools, folder / "w.spmm", folder / "times"
    times.unlink(missing_ok=True)
    common = [weights, f"--prune={case.pattern}", "--threads=1",
              "--force-sparse"]
    start = time.perf_counter()
    run([tools / "sparse-compile", *common, "-o", package])
    seconds = time.perf_counter() - start
    selection = Selection(run([tools / "sparse-compile", *common,
                               "--dump-strategies"]))
    columns = [n for n in COLUMNS if n <= options.most]
    run([tools / "sparse-compile", *common, "-o", folder / "tuned.spmm",
         "--tune", f"--tuning={times}", f"--tune-top={options.top}",
         f"--tune-columns={','.join(map(str, columns))}"])
    measured = read_times(times)
    lanes = 16
    regret, dense = {}, {}
    for n in columns:
        words = selection.at(n, lanes)
        if words not in measured:
            raise BenchError(f"the selected strategy was not measured: {words}")
        best = min(found[n] for found in measured.values())
        regret[n] = measured[words][n] / best
        ours, rival = measure_dense(tools, package, n, options.seconds)
        if rival:
            dense[n] = rival / ours
    return {
        "case": case.name, "compileSeconds": seconds,
        "kernels": len(selection.words), "notDominated": selection.kept,
        "candidates": len(measured), "overheadBytes": count_overhead(package),
        "selectionNs": measure_selection(tools, weights, folder,
                                         [f"--prune={case.pattern}"]),
        "regret": regret, "overDense": dense,
    }  # fmt: skip


def describe(row):
    regret, dense = row["regret"], row["overDense"]
    worst = max(regret, key=regret.get)
    faster = sum(ratio > 1 for ratio in dense.values())
    print(f"{row['case']:16} compile {row['compileSeconds']:.2f} s, "
          f"{row['kernels']} kernels, overhead "
          f"{row['overheadBytes'] / 2**20:.2f} MiB, selection "
          f"{row['selectionNs']:.0f} ns; regret over {row['candidates']} of "
          f"{row['notDominated']} candidates, {len(regret)} N: mean "
          f"{100 * (geomean(regret.values()) - 1):.1f} %, worst "
          f"{100 * (regret[worst] - 1):.1f} % (N = {worst})"
          + (f"; {geomean(dense.values()):.2f}x dense oneDNN, faster at "
             f"{faster} of {len(dense)} N" if dense else ""), flush=True)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--tools", type=Path, default=Path("build/release/bin"),
                        metavar="DIR", help="where sparse-compile is")
    parser.add_argument("--cases", default="", metavar="LIST",
                        help="parts of names, by comma; all")
    parser.add_argument("--top", type=int, default=6,
                        help="candidates of each N by the model; a large number "
                        "is exhaustive search")
    parser.add_argument("--most", type=int, default=16384,
                        help="the largest N")
    parser.add_argument("--seconds", type=float, default=0.2,
                        help="for each time beside dense")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    rows, failed = [], 0
    words = [word for word in options.cases.split(",") if word]
    for case in CASES:
        if words and not any(word in case.name for word in words):
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                rows.append(bench_case(case, options, Path(folder)))
                describe(rows[-1])
            except (BenchError, OSError) as error:
                print(f"{case.name:16} FAILED: {error}", flush=True)
                failed += 1
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
