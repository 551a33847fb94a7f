# ===- phases.py - Chains of several phases of k ---------------------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""Rows that several phases visit, that one does, and that none does. Sums wait between
phases in scratch memory, and the rows of the rhs of a phase are copied when it begins:
K that no phase and no depth divides, columns that fill no tile, tasks of unequal size."""

import functools

import numpy as np

from harness import compare, product_bound, run_cases

M = 70


def make_weights(cols, phase):
    """Rows of every kind, so that panels of rows of one kind and of several occur."""
    rng = np.random.default_rng(5)
    mask = rng.random((M, cols)) < 0.3
    mask[8:16] = False
    for row in range(16, 64):
        first = row // 4 * phase // 2 % cols
        mask[row, :first] = mask[row, first + phase // 2:] = False
    mask[40:48, :-1] = False  # only the last row of the rhs
    return np.where(mask, rng.standard_normal(mask.shape), 0).astype(np.float32)


def case(chosen, cols, work):
    rows, depth, vectors, phase, tasks, pack = chosen
    weights = make_weights(cols, phase)
    work.compile_weights(
        weights, "--force-sparse",
        '--strategy=#sparse_ir.strategy<intrinsic = "avx512-f32", '
        f"rows = {rows}, depth = {depth}, vectors = {vectors}, phase = {phase}, "
        f"tasks = {tasks}, pack_rhs = {'true' if pack else 'false'}>")
    rng = np.random.default_rng(6)
    for n in (1, 15, 16, 48, 65, 128):
        rhs = rng.standard_normal((cols, n)).astype(np.float32)
        for threads in (1, 2):
            found = work.run(rhs, options=[f"--threads={threads}"])
            compare(found, weights.astype(np.float64) @ rhs,
                    product_bound("f32", weights, rhs))


def cases():
    for chosen in ((1, 1, 4, 64, 1, True), (1, 1, 2, 32, 3, False),
                   (4, 4, 4, 32, 2, True), (16, 8, 3, 64, 3, True),
                   (2, 32, 1, 32, 2, True), (8, 2, 2, 128, 1, True)):
        for cols in (150, 160):
            yield f"{chosen} K={cols}", functools.partial(case, chosen, cols)


if __name__ == "__main__":
    run_cases(cases())
