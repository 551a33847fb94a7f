# ===- tiles.py - Products on tile units (AMX), bf16 --------------------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------===#
"""Kernels of tiles, forced by their strategy whatever the model would choose.

`in place`: the lhs changes from call to call. `sampled`: the result is sparse.
`values`: the lhs is stored as the values of its mask's places. `gathered`: rows of
constant weights share columns that do not follow each other.
"""

import functools

import numpy as np

import masks
from attention import check_sampled
from harness import compare, product_bound, round_to, run_cases

DTYPE = "bf16"


def strategy(rows, depth, vectors, phase=0, tasks=2):
    return ('--strategy=#sparse_ir.strategy<intrinsic = "amx-bf16", '
            f"rows = {rows}, depth = {depth}, vectors = {vectors}, "
            f"phase = {phase}, tasks = {tasks}, pack_rhs = true>")


def program(m, n, k, out, role, sparsity, lhs_transposed, rhs_transposed,
            fill):
    """init + lhs rhs, either operand stored as its transpose."""
    a = f"tensor<{k}x{m}x{DTYPE}>" if lhs_transposed else f"tensor<{m}x{k}x{DTYPE}>"
    b = f"tensor<{n}x{k}x{DTYPE}>" if rhs_transposed else f"tensor<{k}x{n}x{DTYPE}>"
    y = f"tensor<{m}x{n}x{out}>"
    maps = ", ".join(
        f"affine_map<(i, j, k) -> ({dims})>"
        for dims in ("k, i" if lhs_transposed else "i, k",
                     "j, k" if rhs_transposed else "k, j", "i, j"))
    init = "" if fill else f", %init: {y}"
    start = "" if not fill else f"""
  %zero = arith.constant 0.0 : {out}
  %empty = tensor.empty() : {y}
  %init = linalg.fill ins(%zero : {out}) outs(%empty : {y}) -> {y}"""
    return f"""
func.func @main(%a: {a}, %b: {b}{init}) -> {y} {{{start}
  %y = linalg.matmul indexing_maps = [{maps}] {{sparse_ir.{role} = {sparsity}}}
         ins(%a, %b : {a}, {b}) outs(%init : {y}) -> {y}
  return %y : {y}
}}
"""


def make_inputs(rng, m, n, k, lhs_transposed, rhs_transposed, out, fill, mask):
    lhs = round_to(DTYPE, rng.standard_normal((m, k)) * mask)
    rhs = round_to(DTYPE, rng.standard_normal((k, n)))
    inputs = [lhs.T if lhs_transposed else lhs, rhs.T if rhs_transposed else rhs]
    init = np.zeros((m, n))
    if not fill:
        init = round_to(out, 100 + rng.random((m, n)))
        inputs.append(init)
    return lhs, rhs, init, inputs


def in_place_case(shape, mask, out, transposed, fill, vectors, phase, work):
    m, n, k = shape
    rng = np.random.default_rng(6)
    work.compile_program(
        program(m, n, k, out, "lhs",
                masks.attribute(mask.T if transposed[0] else mask),
                *transposed, fill),
        strategy(16, 32, vectors, phase))
    lhs, rhs, init, inputs = make_inputs(rng, m, n, k, *transposed, out, fill,
                                         mask)
    compare(work.run(*inputs), init + lhs @ rhs,
            product_bound(DTYPE, lhs, rhs, init=init, out_dtype=out))


def values_case(shape, mask, out, vectors, work):
    m, n, k = shape
    rng = np.random.default_rng(11)
    s, v = f"tensor<{m}x{k}x{DTYPE}, #mask>", f"tensor<{mask.sum()}x{DTYPE}>"
    x, y = f"tensor<{k}x{n}x{DTYPE}>", f"tensor<{m}x{n}x{out}>"
    work.compile_program(f"""
#mask = {masks.attribute(mask)}
func.func @main(%v: {v}, %x: {x}) -> {y} {{
  %zero = arith.constant 0.0 : {out}
  %s = sparse_ir.expand %v : {v} to {s}
  %e = tensor.empty() : {y}
  %i = linalg.fill ins(%zero : {out}) outs(%e : {y}) -> {y}
  %y = linalg.matmul ins(%s, %x : {s}, {x}) outs(%i : {y}) -> {y}
  return %y : {y}
}}
""", strategy(16, 32, vectors))
    lhs, rhs, _, _ = make_inputs(rng, m, n, k, False, False, out, True, mask)
    compare(work.run(lhs[mask], rhs), lhs @ rhs,
            product_bound(DTYPE, lhs, rhs, out_dtype=out))


def sampled_case(shape, mask, sparsity, out, transposed, fill, vectors, work):
    m, n, k = shape
    rng = np.random.default_rng(7)
    work.compile_program(
        program(m, n, k, out, "out", sparsity, *transposed, fill),
        strategy(16, 1, vectors))
    lhs, rhs, init, inputs = make_inputs(rng, m, n, k, *transposed, out, fill,
                                         1)
    check_sampled(work.run(*inputs), init, lhs @ rhs,
                  product_bound(DTYPE, lhs, rhs, init=init, out_dtype=out),
                  mask)


def gathered_case(shape, mask, rows, phase, work):
    m, n, k = shape
    rng = np.random.default_rng(9)
    weights = round_to(DTYPE, rng.standard_normal((m, k)) * mask)
    work.compile_weights(weights.astype(np.float32), f"--dtype={DTYPE}",
                         strategy(rows, 1, 2, phase))
    rhs = round_to(DTYPE, rng.standard_normal((k, n)))
    compare(work.run(rhs), weights @ rhs, product_bound(DTYPE, weights, rhs))


def some_masks(rows, cols):
    """Random, in blocks, the blocks' rows shuffled, rows empty, one element."""
    rng = np.random.default_rng(8)
    random = rng.random((rows, cols)) < 0.1
    random[rows // 3:rows // 2] = False
    yield "random", random
    coarse = rng.random((rows // 16 + 1, cols // 32 + 1)) < 0.4
    blocks = coarse.repeat(16, 0).repeat(32, 1)[:rows, :cols]
    yield "blocks", blocks
    yield "shuffled", blocks[rng.permutation(rows)]
    one = np.zeros((rows, cols), bool)
    one[rows - 1, cols - 1] = True
    yield "corner", one
    yield "all", np.ones((rows, cols), bool)


TRANSPOSED = ((False, False), (False, True), (True, False), (True, True))


def in_place_cases():
    for m, n, k in ((64, 64, 64), (37, 33, 96), (7, 1, 32), (100, 70, 160)):
        for name, mask in some_masks(m, k):
            for transposed in TRANSPOSED:
                for out, fill, vectors, phase in (("f32", True, 4, 0),
                                                  ("f32", False, 2, 64),
                                                  ("bf16", False, 3, 0)):
                    yield (f"in place {name} {m}x{n}x{k} {out} {transposed} "
                           f"{vectors}",
                           functools.partial(in_place_case, (m, n, k), mask,
                                             out, transposed, fill, vectors,
                                             phase))


def values_cases():
    for m, n, k in ((64, 64, 64), (37, 33, 96), (7, 1, 32), (100, 70, 160)):
        for name, mask in some_masks(m, k):
            for out, vectors in (("f32", 4), ("bf16", 1)):
                yield (f"values {name} {m}x{n}x{k} {out}",
                       functools.partial(values_case, (m, n, k), mask, out,
                                         vectors))


def sampled_cases():
    for m, n, k in ((64, 64, 64), (37, 100, 33), (7, 1, 32), (100, 70, 1),
                    (80, 130, 95)):
        chosen = [(name, masks.attribute(mask), mask)
                  for name, mask in some_masks(m, n)]
        if m == n:
            chosen += [("gst", masks.determined("gst<window=3,stride=16>"),
                        masks.gst(m, 3, 16)),
                       ("longformer",
                        masks.determined("longformer<window=5,global=3>"),
                        masks.longformer(m, 5, 3))]
        for name, sparsity, mask in chosen:
            for transposed in TRANSPOSED:
                for out, fill, vectors in (("f32", False, 4), ("f32", True, 2),
                                           ("bf16", False, 1)):
                    yield (f"sampled {name} {m}x{n}x{k} {out} {transposed} "
                           f"{vectors}",
                           functools.partial(sampled_case, (m, n, k), mask,
                                             sparsity, out, transposed, fill,
                                             vectors))


def vectors(rows, cols, length, density):
    """Columns that `length` rows share."""
    rng = np.random.default_rng(10)
    shared = rng.random((-(-rows // length), cols)) < density
    shared[len(shared) // 2] = False
    return shared.repeat(length, 0)[:rows]


def gathered_cases():
    for m, n, k in ((96, 64, 128), (100, 33, 77), (33, 100, 1), (64, 1, 300),
                    (7, 17, 31)):
        chosen = [("vectors of 32", vectors(m, k, 32, 0.3)),
                  ("vectors of 16", vectors(m, k, 16, 0.6))]
        for name, mask in chosen + list(some_masks(m, k)):
            for rows, phase in ((32, 0), (16, 0), (32, 32)):
                yield (f"gathered {name} {m}x{n}x{k} {rows} {phase}",
                       functools.partial(gathered_case, (m, n, k), mask, rows,
                                         phase))


def cases():
    yield from in_place_cases()
    yield from values_cases()
    yield from sampled_cases()
    yield from gathered_cases()


if __name__ == "__main__":
    run_cases(cases())
