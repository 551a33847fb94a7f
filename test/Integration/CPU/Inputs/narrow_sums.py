# ===- narrow_sums.py - Results narrower than sums of several phases ------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""A result of 16 bits whose sums cancel: what the first phases of k sum up to is large,
the whole is small. Sums that were rounded to the result's type in between would show."""

import functools

import numpy as np

import masks
from harness import ROUND_OFF, compare, product_bound, round_to, run_cases

M, N, K = 40, 50, 256


def case(dtype, chosen, transposed, fill, work):
    rng = np.random.default_rng(31)
    mask = rng.random((M, K)) < 0.6
    lhs = np.where(mask, 1.0, 0.0)
    lhs[:, K // 2:] *= -1
    rhs = round_to(dtype, 50 + rng.random((K, N)))
    init = round_to(dtype, rng.random((M, N)) if not fill else np.zeros((M, N)))
    # Every row's sums cancel but for some of the rhs' digits.
    for row, kept in zip(lhs, mask):
        surplus = int(row.sum())
        drop = np.flatnonzero(row == np.sign(surplus))[:abs(surplus)]
        row[drop] = 0
        kept[drop] = False
    y = f"tensor<{N}x{M}x{dtype}>" if transposed else f"tensor<{M}x{N}x{dtype}>"
    a, b = f"tensor<{M}x{K}x{dtype}>", f"tensor<{K}x{N}x{dtype}>"
    result = "j, i" if transposed else "i, j"
    given = "" if fill else f", %init: {y}"
    start = "" if not fill else f"""
  %zero = arith.constant 0.0 : {dtype}
  %empty = tensor.empty() : {y}
  %init = linalg.fill ins(%zero : {dtype}) outs(%empty : {y}) -> {y}"""
    text = f"""
func.func @main(%a: {a}, %b: {b}{given}) -> {y} {{{start}
  %y = linalg.generic {{
         indexing_maps = [affine_map<(i, j, k) -> (i, k)>,
                          affine_map<(i, j, k) -> (k, j)>,
                          affine_map<(i, j, k) -> ({result})>],
         iterator_types = ["parallel", "parallel", "reduction"],
         sparse_ir.lhs = {masks.attribute(mask)}}}
         ins(%a, %b : {a}, {b}) outs(%init : {y}) {{
  ^bb0(%x: {dtype}, %w: {dtype}, %s: {dtype}):
    %p = arith.mulf %x, %w : {dtype}
    %t = arith.addf %s, %p : {dtype}
    linalg.yield %t : {dtype}
  }} -> {y}
  return %y : {y}
}}
"""
    intrinsic, rows, depth, phase = chosen
    work.compile_program(
        text,
        f'--strategy=#sparse_ir.strategy<intrinsic = "{intrinsic}", '
        f"rows = {rows}, depth = {depth}, vectors = 2, phase = {phase}, "
        "tasks = 2, pack_rhs = true>")
    inputs = [lhs, rhs] + ([] if fill else [init.T if transposed else init])
    found = work.run(*inputs)
    expected = init + lhs @ rhs
    # f32 sums, which are rounded once.
    bound = (product_bound("f32", lhs, rhs, init=init)
             + ROUND_OFF[dtype] * np.abs(expected))
    compare(found.T if transposed else found, expected, bound)


def cases():
    for dtype, chosen in (("bf16", ("amx-bf16", 16, 32, 64)),
                          ("bf16", ("avx512-bf16-f32", 2, 1, 64)),
                          ("f16", ("avx512-f16-f32", 4, 2, 32))):
        for transposed in (False, True):
            for fill in (False, True):
                yield (f"{chosen} {transposed} {fill}",
                       functools.partial(case, dtype, chosen, transposed,
                                         fill))


if __name__ == "__main__":
    run_cases(cases())
