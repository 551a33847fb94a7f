# ===- plot_predictions.py - Predicted against measured -------------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""Draws what the cost model predicts and what packages take, over sparsity.

For each pattern a random matrix is pruned to several densities and compiled with
--force-sparse; the prediction is in the package's report, the time is the median
of sparse-run --bench. Writes an SVG and, beside it, the numbers as JSON. Only
NumPy is needed.
"""

import argparse
import json
import math
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

# A pattern's name, and its text at a density in 32nds.
PATTERNS = {
    "vector-nm l=32": lambda kept: f"vector-nm<{kept}:32,l=32>",
    "block 16x16": lambda kept: f"block<16x16,{1 - kept / 32}>",
    "unstructured": lambda kept: f"unstructured<{1 - kept / 32}>",
}
KEPT = [1, 2, 4, 6, 8, 12, 16, 20, 24]
COLOURS = ["#1b6ca8", "#c2410c", "#3f7d20"]


def run(*command):
    result = subprocess.run([str(part) for part in command], capture_output=True,
                            text=True)
    if result.returncode:
        lines = result.stderr.strip().splitlines() or ["no message"]
        raise SystemExit(f"plot_predictions.py: {Path(command[0]).name}: {lines[-1]}")
    return result.stdout


def measure(options, weights, package, pattern):
    run(options.tools / "sparse-compile", weights, "-o", package,
        f"--prune={pattern}", f"--cols={options.cols}", "--threads=1",
        "--force-sparse", f"--dtype={options.dtype}")  # fmt: skip
    info = json.loads(run(options.tools / "sparse-run", package, "--info", "--json"))
    report = info["report"]["product0"]
    bench = json.loads(run(
        options.tools / "sparse-run", package, "--bench", "--json", "--threads=1",
        f"--bench-time={options.bench_time}"))["bench"]  # fmt: skip
    times = {row["name"]: row["medianUs"] for row in bench}
    return {
        "pattern": pattern,
        "zeros": 1 - report["density"],
        "predictedUs": report["predictedUs"]["sparse"],
        "denseUs": report["predictedUs"]["dense"],
        "measuredUs": times["sparse"],
        "strategy": report["strategy"],
    }


def collect(options, folder):
    weights, series = folder / "w.npy", {}
    random = np.random.default_rng(0)
    np.save(weights, random.standard_normal((options.size, options.size),
                                            np.float32))  # fmt: skip
    for name, text in PATTERNS.items():
        series[name] = []
        for kept in options.kept:
            if sys.stderr.isatty():
                print(f"\r\033[K{text(kept)}", end="", file=sys.stderr, flush=True)
            series[name].append(
                measure(options, weights, folder / "w.spmm", text(kept)))
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    return series


class Chart:
    """Zeros to the right, microseconds upwards on a logarithmic scale."""

    WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 720, 460, 70, 40, 190, 50

    def __init__(self, times):
        self.low = math.floor(math.log10(min(times)) * 4) / 4
        self.high = math.ceil(math.log10(max(times)) * 4) / 4 + 0.01
        self.parts = []

    def x(self, zeros):
        return self.LEFT + zeros * (self.WIDTH - self.LEFT - self.RIGHT)

    def y(self, micros):
        part = (math.log10(micros) - self.low) / (self.high - self.low)
        return self.HEIGHT - self.BOTTOM - part * (self.HEIGHT - self.TOP - self.BOTTOM)

    def text(self, x, y, text, anchor="start", colour="#333"):
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" '
                          f'text-anchor="{anchor}">{text}</text>')

    def line(self, x0, y0, x1, y1, colour="#ddd"):
        self.parts.append(f'<line x1="{x0:.1f}" y1="{y0:.1f}" x2="{x1:.1f}" '
                          f'y2="{y1:.1f}" stroke="{colour}"/>')

    def axes(self):
        bottom = self.HEIGHT - self.BOTTOM
        for tenth in range(0, 11, 2):
            at = self.x(tenth / 10)
            self.line(at, self.TOP, at, bottom)
            self.text(at, bottom + 18, f"{tenth * 10} %", "middle")
        for exponent in range(math.floor(self.low), math.ceil(self.high) + 1):
            for digit in (1, 2, 5):
                micros = digit * 10.0**exponent
                if self.low <= math.log10(micros) <= self.high:
                    self.line(self.x(0), self.y(micros), self.x(1), self.y(micros))
                    self.text(self.x(0) - 6, self.y(micros) + 4, f"{micros:g}", "end")
        self.text(self.x(0.5), self.HEIGHT - 10, "zeros", "middle")
        self.text(self.x(0) - 60, self.TOP - 8, "microseconds")

    def series(self, rows, field, colour, dashed):
        points = [(self.x(row["zeros"]), self.y(row[field])) for row in rows]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        dash = ' stroke-dasharray="6 4"' if dashed else ""
        self.parts.append(f'<polyline points="{path}" fill="none" '
                          f'stroke="{colour}" stroke-width="2"{dash}/>')
        if not dashed:
            self.parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" '
                           f'fill="{colour}"/>' for x, y in points]

    def svg(self, title):
        body = "\n".join(self.parts)
        return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.WIDTH}" '
                f'height="{self.HEIGHT}" font-family="sans-serif" font-size="12">\n'
                f'<rect width="100%" height="100%" fill="white"/>\n{body}\n'
                f'<text x="{self.LEFT}" y="18" font-size="14">{title}</text>\n</svg>\n')


def draw(series, title):
    rows = [row for each in series.values() for row in each]
    chart = Chart([row[field] for row in rows
                   for field in ("predictedUs", "measuredUs", "denseUs")])
    chart.axes()
    right = chart.x(1) + 14
    dense = rows[0]["denseUs"]
    chart.line(chart.x(0), chart.y(dense), chart.x(1), chart.y(dense), "#888")
    chart.text(right, chart.y(dense) + 4, "dense, predicted", colour="#888")
    for number, (name, each) in enumerate(series.items()):
        colour = COLOURS[number]
        chart.series(each, "measuredUs", colour, dashed=False)
        chart.series(each, "predictedUs", colour, dashed=True)
        ratios = [row["predictedUs"] / row["measuredUs"] for row in each]
        mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
        y = chart.TOP + 60 + 44 * number
        chart.text(right, y, name, colour=colour)
        chart.text(right, y + 16, f"predicted / measured {mean:.2f}", colour=colour)
    chart.text(right, chart.TOP + 20, "line: measured")
    chart.text(right, chart.TOP + 36, "dashes: predicted")
    return chart.svg(title)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=Path, help="an .svg file")
    found = shutil.which("sparse-compile") or "build/release/bin/sparse-compile"
    parser.add_argument("--tools", type=Path, default=Path(found).parent,
                        help="folder of sparse-compile and sparse-run (default: "
                             "that of PATH, or build/release/bin)")  # fmt: skip
    parser.add_argument("--size", type=int, default=2048, help="of the square matrix")
    parser.add_argument("--cols", type=int, default=256)
    parser.add_argument("--dtype", default="f32")
    parser.add_argument("--kept", default=KEPT, metavar="N,N,...",
                        type=lambda text: [int(part) for part in text.split(",")],
                        help="densities in 32nds (default: nine from 1 to 24)")
    parser.add_argument("--bench-time", type=float, default=0.3, metavar="SECONDS")
    return parser.parse_args()


def main():
    options = parse_arguments()
    if options.output.suffix != ".svg":
        raise SystemExit("plot_predictions.py: expected a name that ends in .svg, "
                         f"found '{options.output}'")
    with tempfile.TemporaryDirectory() as folder:
        series = collect(options, Path(folder))
    title = (f"{options.size}x{options.size} by {options.cols} columns, "
             f"{options.dtype}, 1 thread")
    options.output.write_text(draw(series, title))
    options.output.with_suffix(".json").write_text(json.dumps(series, indent=1))


if __name__ == "__main__":
    main()
