# ===- values.py - Products on values of a mask's places ------------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""SDDMM whose result, and SDMM whose left operand, is stored as the values at the
mask's places in row-major order; and both where no kernel takes them."""

import functools

import numpy as np

import masks
from harness import compare, product_bound, round_to, run_cases

SIZE, DEPTH, BATCH = 75, 40, 2


def tensor(shape, dtype, encoding=""):
    return f"tensor<{'x'.join(map(str, shape))}x{dtype}{encoding}>"


def program(dtype, sparsity, count, arguments, body, result):
    s = tensor((BATCH, SIZE, SIZE), dtype, ", #mask")
    return f"""
#mask = {sparsity}
func.func @main({arguments}) -> {result} {{
  %zero = arith.constant 0.0 : {dtype}
{body.format(s=s, v=tensor((BATCH, count), dtype))}
}}
"""


def sampled_case(dtype, sparsity, mask, is_plain, work):
    """With `is_plain` a second use keeps the matrix: the values are copied."""
    count = int(mask.sum())
    q = tensor((BATCH, SIZE, DEPTH), dtype)
    k = tensor((BATCH, DEPTH, SIZE), dtype)
    v = tensor((BATCH, count), dtype)
    body = f"""  %e = tensor.empty() : {{s}}
  %i = linalg.fill ins(%zero : {dtype}) outs(%e : {{s}}) -> {{s}}
  %s = linalg.batch_matmul ins(%q, %k : {q}, {k}) outs(%i : {{s}}) -> {{s}}
  %v = sparse_ir.compress %s : {{s}} to {{v}}
"""
    if is_plain:
        body += f"""  %w = sparse_ir.compress %s : {{s}} to {{v}}
  %y = linalg.add ins(%v, %w : {{v}}, {{v}}) outs(%v : {{v}}) -> {{v}}
  return %y : {v}"""
    else:
        body += f"  return %v : {v}"
    work.compile_program(
        program(dtype, sparsity, count, f"%q: {q}, %k: {k}", body, v),
        "--force-sparse")
    rng = np.random.default_rng(3)
    lhs = round_to(dtype, rng.standard_normal((BATCH, SIZE, DEPTH)))
    rhs = round_to(dtype, rng.standard_normal((BATCH, DEPTH, SIZE)))
    found = work.run(lhs, rhs)
    for n in range(BATCH):
        bound = product_bound(dtype, lhs[n], rhs[n], out_dtype=dtype)
        times = 2 if is_plain else 1
        compare(found[n], times * (lhs[n] @ rhs[n])[mask],
                times * bound[mask])


def sparse_case(dtype, sparsity, mask, right, work):
    """With `right` the masked matrix is the right operand: no kernel takes its
    values."""
    count = int(mask.sum())
    v = tensor((BATCH, count), dtype)
    shape = (BATCH, DEPTH, SIZE) if right else (BATCH, SIZE, DEPTH)
    x = tensor(shape, dtype)
    operands = (f"%x, %s : {x}, {{s}}" if right else f"%s, %x : {{s}}, {x}")
    body = f"""  %s = sparse_ir.expand %v : {{v}} to {{s}}
  %e = tensor.empty() : {x}
  %i = linalg.fill ins(%zero : {dtype}) outs(%e : {x}) -> {x}
  %y = linalg.batch_matmul ins({operands}) outs(%i : {x}) -> {x}
  return %y : {x}"""
    work.compile_program(
        program(dtype, sparsity, count, f"%v: {v}, %x: {x}", body, x),
        "--force-sparse")
    rng = np.random.default_rng(4)
    values = round_to(dtype, rng.random((BATCH, count)))
    other = round_to(dtype, rng.standard_normal(shape))
    matrix = np.zeros((BATCH, SIZE, SIZE))
    matrix[:, mask] = values
    found = work.run(values, other)
    for n in range(BATCH):
        lhs, rhs = ((other[n], matrix[n]) if right else (matrix[n], other[n]))
        compare(found[n], lhs @ rhs,
                product_bound(dtype, lhs, rhs, out_dtype=dtype))


def sparsities():
    yield "gst", masks.determined("gst<window=6,stride=16>"), masks.gst(SIZE, 6, 16)
    yield ("longformer", masks.determined("longformer<window=8,global=5>"),
           masks.longformer(SIZE, 8, 5))
    random = np.random.default_rng(5).random((SIZE, SIZE)) < 0.2
    random[3] = False
    random[7] = True
    yield "random", masks.attribute(random), random


def cases():
    for name, sparsity, mask in sparsities():
        for dtype in ("f32", "f64", "f16", "bf16"):
            for other in (False, True):
                yield (f"sampled {name} {dtype}{' plain' * other}",
                       functools.partial(sampled_case, dtype, sparsity, mask,
                                         other))
                yield (f"sparse {name} {dtype}{' right' * other}",
                       functools.partial(sparse_case, dtype, sparsity, mask,
                                         other))


if __name__ == "__main__":
    run_cases(cases())
