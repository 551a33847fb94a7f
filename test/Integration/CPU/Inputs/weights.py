# ===- weights.py - Pruned weights times dense columns -----------------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------===#
"""Every pattern x element type x policy x N, and shapes chosen to be awkward.

The pruned weights are read back as the product with the identity, which is
exact, and must be the weights or zero; all other products are compared with
those of NumPy.
"""

import functools

import numpy as np

from harness import Failure, compare, product_bound, round_to, run_cases

# Pattern, shape, and the fraction of zeros that it must make (None: any).
PATTERNS = [
    ("dense", (37, 53), 0.0),
    ("unstructured<0.9>", (67, 131), 0.9),
    ("block<4x4,0.75>", (64, 96), 0.75),
    ("block<1x16,0.8>", (33, 160), 0.8),
    ("channel<0.7>", (30, 70), 0.7),
    ("channel<0.7,9>", (40, 90), 0.7),
    ("filter<0.5>", (50, 41), 0.5),
    ("nm<2:4>", (45, 92), 0.5),
    ("nm<1:4>", (31, 64), 0.75),
    ("vector-nm<1:4,l=32>", (64, 100), 0.75),
    ("vector-nm<2:4,l=8>", (40, 68), 0.5),
    ("hinm<v=64,vector=0.5,2:4>", (128, 128), 0.75),
    ("pcnn<n=4,patterns=8>", (20, 81), 5 / 9),
    ("gst<window=3,stride=8>", (61, 61), None),
    ("longformer<window=5,global=3>", (70, 70), None),
    ("bigbird<block=8,window=3,random=1,global=1>", (96, 96), None),
    ("window<4>", (50, 50), None),
    ("window<6,causal>", (50, 50), None),
    ("random<density=0.1,seed=3>", (57, 83), None),
]
COLUMNS = [1, 3, 16, 17, 64, 100, 257]


def prune_case(pattern, shape, zeros, dtype, policy, work):
    rng = np.random.default_rng(7)
    weights = round_to(dtype, rng.standard_normal(shape))
    work.compile_weights(weights, f"--prune={pattern}", f"--dtype={dtype}",
                         f"--policy={policy}", "--force-sparse")
    rows, depth = shape
    pruned = work.run(np.eye(depth))
    kept = pruned != 0
    if not np.array_equal(pruned[kept], weights[kept]):
        raise Failure("the product with the identity is not the weights")
    if zeros is not None and abs((1 - kept.mean()) - zeros) > 0.06:
        raise Failure(f"found {1 - kept.mean():.3f} zeros, expected {zeros:.3f}")
    multiply_columns(work, pruned, dtype, rng, COLUMNS)


def multiply_columns(work, weights, dtype, rng, columns):
    length = int((weights != 0).sum(1).max(initial=0))
    for n in columns:
        x = round_to(dtype, rng.standard_normal((weights.shape[1], n)))
        bound = product_bound(dtype, weights, x, length=length)
        try:
            compare(work.run(x), weights @ x, bound)
        except Failure as failure:
            raise Failure(f"N = {n}: {failure}") from None


def shape_case(weights, dtype, options, columns, work):
    weights = round_to(dtype, weights)
    work.compile_weights(weights, f"--dtype={dtype}", *options)
    multiply_columns(work, weights, dtype, np.random.default_rng(11), columns)


def random_weights(rows, cols, density, seed=5):
    rng = np.random.default_rng(seed)
    values = rng.standard_normal((rows, cols))
    return values * (rng.random((rows, cols)) < density)


def awkward_weights():
    """Name and weights: shapes and masks at the edges of what there is."""
    yield "1x1", np.array([[2.5]])
    yield "1x1-zero", np.zeros((1, 1))
    yield "one-row", random_weights(1, 77, 0.3)
    yield "one-column", random_weights(77, 1, 0.5)
    yield "K2", random_weights(33, 2, 0.5)
    yield "K3", random_weights(33, 3, 0.5)
    yield "K7-odd", random_weights(19, 7, 0.4)
    yield "K31", random_weights(16, 31, 0.4)
    yield "K33", random_weights(17, 33, 0.3)
    yield "K65", random_weights(15, 65, 0.3)
    yield "primes", random_weights(97, 101, 0.1)
    yield "all-zero", np.zeros((20, 40))
    yield "full", random_weights(35, 45, 2.0)
    empty_rows = random_weights(50, 60, 0.2)
    empty_rows[::3] = 0
    empty_rows[20:40] = 0
    yield "empty-rows", empty_rows
    one = np.zeros((40, 70))
    one[39, 69] = -1.5
    yield "last-element", one
    column = np.zeros((40, 70))
    column[:, 69] = np.arange(40) - 19.5
    yield "last-column", column
    row = np.zeros((40, 70))
    row[39] = np.arange(70) - 35.5
    yield "last-row", row
    uneven = random_weights(64, 200, 0.02)
    uneven[5] = np.linspace(-1, 1, 200)
    yield "one-full-row", uneven


def cases():
    for dtype in ("f32", "f64", "bf16", "f16"):
        for policy in ("chain", "disjoint"):
            for pattern, shape, zeros in PATTERNS:
                yield (f"prune {pattern} {dtype} {policy}",
                       functools.partial(prune_case, pattern, shape, zeros,
                                         dtype, policy))
            for name, weights in awkward_weights():
                for cols in (None, 1, 5, 33):
                    option = ["--force-sparse", f"--policy={policy}"]
                    columns = [1, 2, 15, 16, 31, 64, 130]
                    if cols is not None:
                        if dtype not in ("f32", "bf16"):
                            continue
                        option.append(f"--cols={cols}")
                        columns = [cols]
                    yield (f"shape {name} {dtype} {policy} "
                           f"cols={cols or 'dynamic'}",
                           functools.partial(shape_case, weights, dtype, option,
                                             columns))


if __name__ == "__main__":
    run_cases(cases())
