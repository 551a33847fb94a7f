# ===- harness.py - Compiles and runs programs, compares with NumPy ----------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------===#
"""What the integration tests of the CPU have in common.

A test compiles a program or weights with `sparse-compile`, runs the package
with `sparse-run` and compares each output with NumPy in f64. Tools are looked
up in PATH.
"""

import os
import subprocess
import sys
import tempfile
import traceback
import zlib

import numpy as np

# Unit round-off of the type that is stored and of the type that sums are in.
ROUND_OFF = {"f64": 2.0**-53, "f32": 2.0**-24, "f16": 2.0**-11, "bf16": 2.0**-8}
ACCUMULATE = {"f64": "f64", "f32": "f32", "f16": "f32", "bf16": "f32"}
# The least normal number: below it, results may be flushed to zero.
LEAST_NORMAL = {"f64": 2.0**-1022, "f32": 2.0**-126, "f16": 2.0**-14,
                "bf16": 2.0**-126}


def round_to(dtype, values):
    """`values` as the nearest numbers of `dtype`, in f64."""
    if dtype == "f64":
        return np.asarray(values, np.float64)
    if dtype in ("f32", "f16"):
        numpy_type = np.float32 if dtype == "f32" else np.float16
        return np.asarray(values, numpy_type).astype(np.float64)
    bits = np.asarray(values, np.float32).view(np.uint32).astype(np.uint64)
    bits += 0x7FFF + ((bits >> 16) & 1)  # nearest, ties to even
    return ((bits >> 16) << 16).astype(np.uint32).view(np.float32).astype(
        np.float64)


def from_file(path):
    """An output as f64. bf16 has no type in NumPy: two bytes an element."""
    values = np.load(path)
    if values.dtype.kind == "V":
        bits = values.view(np.uint16).astype(np.uint32) << 16
        return bits.view(np.float32).astype(np.float64)
    return values.astype(np.float64)


def product_bound(dtype, lhs, rhs, init=None, length=None, out_dtype=None):
    """What rounding may do to init + lhs @ rhs, element by element.

    A sum of `length` products in whatever order is off by at most
    gamma = length * u times the sum of their absolute values (Higham, Accuracy
    and Stability of Numerical Algorithms, 3.1); storing rounds once more.
    """
    length = (lhs.shape[-1] if length is None else length) + 2
    unit = ROUND_OFF[ACCUMULATE[dtype]]
    gamma = length * unit / (1 - length * unit)
    magnitude = np.abs(lhs) @ np.abs(rhs)
    if init is not None:
        magnitude = magnitude + np.abs(init)
    out = out_dtype or ACCUMULATE[dtype]
    return ((gamma + ROUND_OFF[out] * (1 + gamma)) * magnitude
            + length * LEAST_NORMAL[out])


class Failure(Exception):
    """One line: what was found and what was expected."""


def compare(found, expected, bound):
    """Fails, naming the worst element, if any is off by more than `bound`."""
    if found.shape != expected.shape:
        raise Failure(f"found shape {found.shape}, expected {expected.shape}")
    if not found.size:
        return
    bound = np.broadcast_to(bound, found.shape)
    error = np.abs(found - expected)
    excess = np.where(np.isfinite(found), error - bound, np.inf)
    excess[(found == expected)] = -1
    worst = np.unravel_index(np.argmax(excess), excess.shape)
    if excess[worst] > 0:
        count = int((excess > 0).sum())
        raise Failure(
            f"{count} of {found.size} elements are beyond their bound, the worst "
            f"at {[int(x) for x in worst]}: found {found[worst]!r}, expected "
            f"{expected[worst]!r} within {bound[worst]:.3g}")


class Workspace:
    """A temporary directory with one package at a time."""

    def __init__(self, directory):
        self.directory = directory
        self.package = self.path("package.spmm")

    def path(self, name):
        return os.path.join(self.directory, name)

    def save(self, name, values):
        np.save(self.path(name), values)
        return self.path(name)

    @staticmethod
    def call(command):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            text = (done.stderr or done.stdout).strip().splitlines()
            raise Failure(f"{os.path.basename(command[0])} exits with "
                          f"{done.returncode}: {' | '.join(text[:3])}")
        return done.stdout + done.stderr

    def compile_weights(self, weights, *options):
        self.call(["sparse-compile", self.save("weights.npy", weights),
                   "-o", self.package, *options])

    def compile_program(self, text, *options):
        with open(self.path("program.mlir"), "w", encoding="utf-8") as file:
            file.write(text)
        self.call(["sparse-compile", self.path("program.mlir"), "-o",
                   self.package, *options])

    def run(self, *inputs, options=()):
        """The only output for `inputs` in order, in f64."""
        arguments = [f"--input={self.save(f'in{n}.npy', values)}"
                     for n, values in enumerate(inputs)]
        output = self.path("out.npy")
        self.call(["sparse-run", self.package, *arguments,
                   f"--output={output}", *options])
        return from_file(output)


def select(cases, arguments):
    """The cases whose name has all words of `arguments`; with `--sample=N`, one
    in N of them, chosen by name so that adding one does not move the others."""
    words = [word for word in arguments if not word.startswith("--sample=")]
    samples = [int(word.split("=")[1]) for word in arguments
               if word.startswith("--sample=")]
    for name, function in cases:
        if all(word in name for word in words) and (
                not samples or zlib.crc32(name.encode()) % samples[0] == 0):
            yield name, function


def run_cases(cases):
    """Runs (name, function of a workspace) pairs as the command line selects
    them; exits with 1 if one failed or none was selected."""
    failed = total = 0
    for name, function in select(cases, sys.argv[1:]):
        total += 1
        with tempfile.TemporaryDirectory() as directory:
            try:
                function(Workspace(directory))
            except Failure as failure:
                failed += 1
                print(f"FAILED {name}: {failure}", flush=True)
            except Exception:  # a mistake in the test itself
                failed += 1
                print(f"FAILED {name}:", flush=True)
                traceback.print_exc(file=sys.stdout)
    print(f"{total - failed} of {total} cases passed")
    sys.exit(1 if failed or not total else 0)
