#!/usr/bin/env python3
# ===- compile.py - Makes the packages that bench.py runs -----------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""Compiles every case for a GPU and says how long each kernel took.

Writes into the folder of packages: a compressed package a case, index.json, and
the runtime with the libraries it needs, so that this folder and the sources are
all that has to travel to the machine with the GPU. Needs no GPU.

Exit code: 0; 1 if a case could not be compiled; 2 for bad usage.
"""

import argparse
import gzip
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cases
import programs
from packages import INDEX, LIBRARY, read_index, read_manifest

BAR_SECONDS = 2.0
# The OpenMP that the runtime was linked with: other machines need not have it.
BUNDLED = re.compile(r"libi?omp\d*\.so")


class CompileError(Exception):
    """One line: what sparse-compile said last."""


def run_compiler(command):
    """Seconds that `command` took."""
    start = time.perf_counter()
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except OSError as error:
        raise CompileError(f"{command[0]}: {error.strerror}") from error
    seconds = time.perf_counter() - start
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        said = next((line for line in lines if "error:" in line),
                    lines[-1] if lines else f"exit code {done.returncode}")
        raise CompileError(said)
    return seconds


def count_kernels(ptx):
    return len(re.findall(r"^\s*(?:\.visible\s+)?\.entry\b", ptx, re.MULTILINE))


def compile_case(case, options, scratch):
    """What index.json says of `case`."""
    source, arguments = programs.write_input(case.problem, scratch, case.name)
    command = [options.tools / "sparse-compile", source,
               f"--target={options.target}", "--force-sparse", *arguments,
               *options.option]  # fmt: skip
    raw, ptx = scratch / "case.spmm", scratch / "case.ptx"
    entry = {"seconds": run_compiler([*command, "-o", raw])}
    if not options.package_only:
        entry["ptxSeconds"] = run_compiler([*command, "--emit=ptx", "-o", ptx])
        entry["cubinSeconds"] = run_compiler(
            [*command, "--emit=cubin", "-o", scratch / "case.cubin"])
        entry["kernels"] = count_kernels(ptx.read_text(encoding="utf-8"))
    entry["report"] = read_manifest(raw).get("report", {})
    entry["package"] = f"{case.name}.spmm.gz"
    target = options.packages / entry["package"]
    with open(raw, "rb") as data, gzip.open(target, "wb", 6) as packed:
        shutil.copyfileobj(data, packed, 1 << 22)
    entry["bytes"] = target.stat().st_size
    return entry


def seconds_per_kernel(entry):
    """The slowest of what was timed, by kernel; None where nothing was."""
    times = [entry[key] for key in ("ptxSeconds", "cubinSeconds", "seconds")
             if key in entry]
    return max(times) / max(1, entry.get("kernels", 1)) if times else None


def describe(case, entry):
    if "error" in entry:
        return f"{case.name:40} FAILED: {entry['error']}"
    cells = [f"{entry[key]:7.2f}" if key in entry else "      -"
             for key in ("ptxSeconds", "cubinSeconds", "seconds")]
    bar = "yes" if seconds_per_kernel(entry) <= BAR_SECONDS else "NO"
    return (f"{case.name:40} {entry.get('kernels', '-'):>7} {' '.join(cells)} "
            f"{entry['bytes'] / 2**20:7.2f}  {bar}")


def bundle_libraries(tools, packages):
    """Copies the runtime and what it needs that another machine may lack."""
    library = tools.parent / "lib" / LIBRARY
    if not library.exists():
        raise CompileError(f"{library}: no such file; build target "
                           "SpMMPluRuntimeShared")
    shutil.copy2(library, packages / LIBRARY)
    done = subprocess.run(["ldd", library], capture_output=True, text=True)
    for line in done.stdout.splitlines():
        match = re.match(r"\s*(\S+) => (/\S+)", line)
        if match and BUNDLED.match(match[1]):
            shutil.copy2(Path(match[2]).resolve(), packages / match[1])


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--packages", type=Path, required=True, metavar="DIR",
                        help="folder for the packages")
    parser.add_argument("--tools", type=Path, default=Path("build/release/bin"),
                        metavar="DIR", help="where sparse-compile is")
    parser.add_argument("--cases", default="", metavar="LIST",
                        help="groups, cases or parts of names, by comma; all")
    parser.add_argument("--target", default="sm_90a", help="of sparse-compile")
    parser.add_argument("--option", action="append", default=[],
                        help="a further option of sparse-compile")
    parser.add_argument("--package-only", action="store_true",
                        help="do not time PTX and cubin on their own")
    parser.add_argument("--no-libraries", action="store_true",
                        help="do not copy the runtime")
    return parser.parse_args()


def compile_all(chosen, options):
    """Compiles into the folder; the number of cases that failed."""
    index, failed = read_index(options.packages), 0
    print(f"{'case':40} {'kernels':>7} {'ptx s':>7} {'cubin s':>7} "
          f"{'all s':>7} {'MiB':>7}  <= {BAR_SECONDS:.0f} s a kernel")
    with tempfile.TemporaryDirectory() as folder:
        for case in chosen:
            try:
                entry = compile_case(case, options, Path(folder))
            except (CompileError, OSError, ValueError) as error:
                text = str(error).replace(f"{folder}/", "")
                entry, failed = {"error": text}, failed + 1
            index[case.name] = entry
            print(describe(case, entry), flush=True)
            (options.packages / INDEX).write_text(
                json.dumps(index, indent=1), encoding="utf-8")
    return failed


def main():
    options = parse_arguments()
    try:
        chosen = cases.select(options.cases)
        options.packages.mkdir(parents=True, exist_ok=True)
        if not options.no_libraries:
            bundle_libraries(options.tools, options.packages)
    except (cases.SelectionError, CompileError, OSError) as error:
        print(f"compile.py: {error}", file=sys.stderr)
        return 2
    return 1 if compile_all(chosen, options) else 0


if __name__ == "__main__":
    sys.exit(main())
