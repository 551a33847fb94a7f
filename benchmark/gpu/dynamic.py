#!/usr/bin/env python3
# ===- dynamic.py - One package over N, on a GPU --------------------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""What a package of dynamic N loses to the candidates it was chosen over.

    benchmark/gpu/dynamic.py compile --packages=DIR     # here, without a GPU
    python3 benchmark/gpu/dynamic.py run --packages=DIR --json=FILE   # there

`compile` makes, for each case, the package of dynamic N, and one of each of the
model's best strategies over N alone. `run` loads all of them once, with sets of
buffers that exceed the L2, and times them in turns at every N, with cuBLAS and
cuSPARSELt where it takes the shape. Every package's results are checked against
f64 first.
"""

import argparse
import gzip
import json
import math
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cases
import programs
from compile import CompileError, bundle_libraries
from packages import preload_libraries, read_manifest

ROOT = Path(__file__).resolve().parents[2]
INDEX = "dynamic.json"
CASES = {"nm-4096x4096": cases.Weights(4096, 4096, 1, "nm<2:4>"),
         "block75-4096x4096": cases.Weights(4096, 4096, 1, "block<64x64,0.75>"),
         "vector75-4096x4096": cases.Weights(4096, 4096, 1,
                                             "vector-nm<8:32,l=128>")}
# Not used to make anything, nor to fit the cost model; odd ones among them.
COLUMNS = (2, 5, 8, 11, 20, 28, 36, 44, 56, 72, 88, 104, 112, 136, 144, 150, 176,
           208, 224, 240, 264, 288, 333, 352, 392, 448, 520, 600, 640, 777, 896,
           1001, 1280, 1544, 2056, 3000, 3072, 5000, 6144, 12345)  # fmt: skip


class DynamicError(Exception):
    """One line."""


# ---- Here --------------------------------------------------------------------


def run_compiler(command):
    done = subprocess.run([str(word) for word in command], capture_output=True,
                          text=True)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if "error" in line]
        raise DynamicError((lines or ["sparse-compile failed"])[0])
    return done.stdout


def as_attribute(words):
    """`intrinsic=a rows=4 ...` of a table as the attribute of --strategy."""
    fields = dict(word.split("=") for word in words.split())
    fields["intrinsic"] = f'"{fields["intrinsic"]}"'
    fields["pack_rhs"] = "true" if fields["pack_rhs"] == "1" else "false"
    return ("#sparse_ir.strategy<"
            + ", ".join(f"{key} = {value}" for key, value in fields.items())
            + ">")


def pack(raw, folder, name):
    with open(raw, "rb") as data, gzip.open(folder / name, "wb", 6) as packed:
        shutil.copyfileobj(data, packed, 1 << 22)
    return name


def compile_case(name, spec, options, scratch):
    source, arguments = programs.write_input(spec, scratch, name)
    arguments = [a for a in arguments if not a.startswith("--cols=")]
    command = [options.tools / "sparse-compile", source, *arguments,
               f"--target={options.target}", "--force-sparse"]
    raw = scratch / "case.spmm"
    start = time.perf_counter()
    run_compiler([*command, "-o", raw])
    seconds = time.perf_counter() - start
    entry = {"seconds": seconds, "bytes": raw.stat().st_size,
             "report": read_manifest(raw)["report"]["product0"],
             "package": pack(raw, options.packages, f"{name}.spmm.gz"),
             "candidates": []}
    table = run_compiler([*command, "--dump-strategies",
                          f"--tune-top={options.top}"])
    selected = re.findall(r"^#\d+ is (.*)$", table, re.MULTILINE)
    leading = re.findall(r"^leading (.*)$", table, re.MULTILINE)
    for number, words in enumerate(dict.fromkeys(selected + leading)):
        try:
            run_compiler([*command, f"--strategy={as_attribute(words)}", "-o",
                          raw])
        except DynamicError as error:
            print(f"  {words}: {error}")
            continue
        entry["candidates"].append({
            "words": words, "selected": words in selected,
            "package": pack(raw, options.packages, f"{name}.{number}.spmm.gz")})
    print(f"{name}: {seconds:.1f} s, {entry['bytes'] / 2**20:.1f} MiB, "
          f"{len(selected)} kernels, {len(entry['candidates'])} candidates",
          flush=True)
    return entry


def compile_all(chosen, options):
    options.packages.mkdir(parents=True, exist_ok=True)
    bundle_libraries(options.tools, options.packages)
    index = {}
    with tempfile.TemporaryDirectory() as scratch:
        for name in chosen:
            index[name] = compile_case(name, CASES[name], options, Path(scratch))
    (options.packages / INDEX).write_text(json.dumps(index, indent=1),
                                          encoding="utf-8")


# ---- There -------------------------------------------------------------------


class Runner:
    """The programs of a case, each a few times with weights of its own, so that
    a round of launches exceeds the L2."""

    def __init__(self, folder, entry, spec, scratch, sets):
        import torch
        from problems import WeightsProblem
        self.torch, self.spec, self.sets = torch, spec, sets
        self.mask = WeightsProblem._mask(spec)
        self.weights = torch.randn(spec.rows, spec.depth, device="cuda",
                                   dtype=torch.float16).mul_(0.05) * self.mask
        names = [entry["package"]] + [c["package"] for c in entry["candidates"]]
        host = self.weights.cpu().numpy()
        with ThreadPoolExecutor(max_workers=12) as pool:
            self.programs = list(pool.map(
                lambda name: self._load(folder, name, scratch, host), names))

    def _load(self, folder, name, scratch, host):
        """As many programs as sets; only the first of a package is checked."""
        from spmmplu.runtime import Program, default_library
        path = scratch / name.removesuffix(".gz")
        with gzip.open(folder / name, "rb") as packed, open(path, "wb") as raw:
            shutil.copyfileobj(packed, raw, 1 << 22)
        loaded = []
        for _ in range(self.sets):
            program = Program.load(path, device="cuda", library=default_library())
            program.set_matrix("w0", host)
            loaded.append(program)
        return loaded

    def variants(self, n):
        """A launch function for each package at n columns, and the operands."""
        torch, spec = self.torch, self.spec
        x = [torch.randn(spec.depth, n, device="cuda", dtype=torch.float16)
             for _ in range(self.sets)]
        y = [torch.empty(spec.rows, n, device="cuda", dtype=torch.float16)
             for _ in range(self.sets)]
        expected = self.weights.double() @ x[0].double()

        def bind(programs_of_package):
            def launch(i):
                programs_of_package[i].run_on_device(
                    [x[i]], [y[i]], torch.cuda.current_stream().cuda_stream)
                return y[i]
            return launch

        return [bind(loaded) for loaded in self.programs], x, y, expected


class Launch:
    """What timing.py calls a variant."""

    def __init__(self, label, launch):
        self.label, self.launch = label, launch


def dense_launch(runner, x, n):
    torch = runner.torch
    weights = [runner.weights.clone() for _ in range(runner.sets)]
    y = [torch.empty(runner.spec.rows, n, device="cuda", dtype=torch.float16)
         for _ in range(runner.sets)]
    return Launch("dense", lambda i: torch.mm(weights[i], x[i], out=y[i]))


def measure_columns(runner, n):
    """Microseconds of each package at n columns (None: it failed), of dense."""
    import check
    import timing
    torch = runner.torch
    launches, x, y, expected = runner.variants(n)
    tolerance = check.tolerance(runner.spec.depth)
    usable, numbers, notes = [], [], {}
    for number, launch in enumerate(launches):
        y[0].fill_(math.nan)
        try:
            launch(0)
            torch.cuda.synchronize()
        except Exception as error:
            notes[number] = timing.first_line(error)
            continue
        error = check.relative_error(y[0], expected)
        if not error <= tolerance:
            notes[number] = f"error {error:.1e}"
            continue
        usable.append(Launch(str(number), launch))
        numbers.append(number)
    del expected
    usable.append(dense_launch(runner, x, n))
    found = timing.measure(usable, runner.sets)
    times = {number: one.median for number, one in zip(numbers, found)}
    return times, found[-1].median, notes


def run_case(name, entry, options, scratch):
    import torch
    spec = CASES[name]
    runner = Runner(options.packages, entry, spec, scratch, options.sets)
    rows, start = [], time.monotonic()
    for n in COLUMNS:
        if time.monotonic() - start > options.budget:
            print(f"{name}: no time left for N = {n} and beyond")
            break
        times, dense, notes = measure_columns(runner, n)
        candidates = {number: value for number, value in times.items() if number}
        row = {"n": n, "dense": dense, "times": times, "notes": notes}
        if 0 in times and candidates:
            best = min(candidates, key=candidates.get)
            row["regret"] = times[0] / min(times.values())
            row["best"] = entry["candidates"][best - 1]["words"]
        rows.append(row)
        print(f"{name} N = {n:5}: {times.get(0, math.nan):8.1f} us, dense "
              f"{dense:8.1f}, regret {row.get('regret', math.nan):5.2f}, best "
              f"{row.get('best', '-')} {notes or ''}", flush=True)
        torch.cuda.empty_cache()
    found = [row["regret"] for row in rows if "regret" in row]
    if found:
        mean = math.exp(sum(map(math.log, found)) / len(found))
        over = [row["dense"] / row["times"][0] for row in rows
                if 0 in row["times"]]
        print(f"{name}: regret {100 * (mean - 1):.1f} % in the mean, "
              f"{100 * (max(found) - 1):.1f} % at worst, over {len(found)} N; "
              f"dense {math.exp(sum(map(math.log, over)) / len(over)):.2f}x",
              flush=True)
    return rows


def run_all(chosen, options):
    import os
    sys.path.insert(0, str(ROOT / "python"))
    os.environ.setdefault("SPMMPLU_RUNTIME",
                          str(preload_libraries(options.packages)))
    index = json.loads((options.packages / INDEX).read_text(encoding="utf-8"))
    results = {}
    with tempfile.TemporaryDirectory() as scratch:
        for name in chosen:
            if name in index:
                results[name] = run_case(name, index[name], options,
                                         Path(scratch))
            if options.json:
                options.json.write_text(json.dumps(results, indent=1),
                                        encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("action", choices=("compile", "run"))
    parser.add_argument("--packages", type=Path, required=True, metavar="DIR")
    parser.add_argument("--tools", type=Path, default=Path("build/release/bin"),
                        metavar="DIR", help="where sparse-compile is")
    parser.add_argument("--cases", default=",".join(CASES), metavar="LIST")
    parser.add_argument("--target", default="sm_90a", help="of sparse-compile")
    parser.add_argument("--top", type=int, default=3,
                        help="candidates of each of several N by the model")
    parser.add_argument("--sets", type=int, default=8,
                        help="sets of buffers that take turns")
    parser.add_argument("--budget", type=float, default=80,
                        help="seconds for a case")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    chosen = options.cases.split(",")
    for name in chosen:
        if name not in CASES:
            parser.error(f"found case '{name}', expected {', '.join(CASES)}")
    try:
        (compile_all if options.action == "compile" else run_all)(chosen, options)
    except (CompileError, DynamicError, OSError) as error:
        print(f"dynamic.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
