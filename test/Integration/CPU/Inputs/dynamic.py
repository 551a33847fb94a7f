# ===- dynamic.py - One package for every number of columns ------------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------===#
"""A package of several kernels against NumPy for every n in 0..600 and some
large ones, and what --tune and a file of times do."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[4]
sys.path.insert(0, str(ROOT / "python"))

from harness import ROUND_OFF  # noqa: E402
from spmmplu.runtime import Program  # noqa: E402

LARGE = [777, 1024, 1601, 4096, 5003]


def make_weights(kind, rng):
    values = rng.standard_normal((144, 160))
    if kind == "blocks":
        return values * np.kron(rng.random((36, 40)) < 0.15, np.ones((4, 4)))
    return values * (rng.random(values.shape) < 0.2)


def compile_weights(folder, weights, *options):
    np.save(f"{folder}/w.npy", weights)
    subprocess.run(["sparse-compile", f"{folder}/w.npy", "-o",
                    f"{folder}/w.spmm", *options], check=True)
    return Program.load(f"{folder}/w.spmm")


class Expected:
    """Random columns and their products, in f64: the first n of them serve for
    every n."""

    def __init__(self, weights, columns, rng):
        wide = weights.astype(np.float64)
        self.x = rng.standard_normal((weights.shape[1], columns)).astype(
            weights.dtype)
        self.y = wide @ self.x
        unit = ROUND_OFF["f64" if weights.dtype == np.float64 else "f32"]
        self.bound = weights.shape[1] * unit * (abs(wide) @ abs(self.x)) * 1.01

    def check(self, program, n):
        y = program.run(self.x[:, :n])
        assert y.shape == (self.y.shape[0], n), (y.shape, n)
        error = abs(y - self.y[:, :n])
        assert np.all(error <= self.bound[:, :n]), f"n = {n} is wrong"


def check_every_n(kind, dtype):
    rng = np.random.default_rng(4)
    weights = make_weights(kind, rng).astype(dtype)
    with tempfile.TemporaryDirectory() as folder:
        program = compile_weights(folder, weights, "--force-sparse")
        kernels = [key for key in program.manifest["report"]["product0"]
                   if key.startswith("strategy")]
        assert len(kernels) > 1, "expected several kernels, found one"
        few, many = (Expected(weights, n, rng) for n in (600, max(LARGE)))
        for n in range(601):
            few.check(program, n)
        for n in LARGE:
            many.check(program, n)
        print(f"{kind} {dtype.__name__}: {len(kernels)} kernels")


def check_new_values():
    """All forms of the matrix change with it."""
    rng = np.random.default_rng(9)
    weights = make_weights("blocks", rng).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder:
        program = compile_weights(folder, weights, "--force-sparse")
        weights *= -2
        program.set_matrix("w0", weights)
        expected = Expected(weights, 300, rng)
        for n in range(1, 300, 13):
            expected.check(program, n)


def check_tuning():
    rng = np.random.default_rng(6)
    weights = make_weights("blocks", rng).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder:
        times = f"{folder}/times"
        program = compile_weights(folder, weights, "--tune",
                                  f"--tuning={times}", "--force-sparse")
        lines = Path(times).read_text().splitlines()
        assert lines[0] == "spmmplu tuning 1"
        assert sum(line.startswith("problem ") for line in lines) == 1
        measured = sum(line.startswith("strategy ") for line in lines)
        assert measured >= 3
        assert sum(line.startswith("time ") for line in lines) == 6 * measured
        expected = Expected(weights, 1000, rng)
        for n in (1, 17, 256, 1000):
            expected.check(program, n)
        # Without measuring again it is the same choice.
        again = compile_weights(folder, weights, f"--tuning={times}",
                                "--force-sparse")
        assert again.manifest["report"] == program.manifest["report"]


def check_calibration():
    rng = np.random.default_rng(6)
    weights = make_weights("blocks", rng).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/host"
        subprocess.run(["sparse-compile", f"--calibrate={path}"], check=True)
        figures = dict(word.split("=") for word in
                       Path(path).read_text().strip().split(","))
        assert set(figures) == {"clock", "l1-gbps", "l2-gbps", "l3-gbps",
                                "dram-gbps"}
        assert all(float(value) > 0 for value in figures.values())
        program = compile_weights(folder, weights, f"--calibration={path}")
        Expected(weights, 33, rng).check(program, 33)


os.environ.setdefault("OMP_NUM_THREADS", "1")
for case in sys.argv[1:]:
    if case == "tuning":
        check_tuning()
    elif case == "calibration":
        check_calibration()
    elif case == "new-values":
        check_new_values()
    else:
        check_every_n(case, np.float32)
        check_every_n(case, np.float64)
