# ===- value_cells.py - Cells filled from values of places ----------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""SDMM whose left operand is the values at a mask's places, by kernels forced by
their strategy: of all places, and of two parts that have every row's places in turns,
so that no cell's places follow each other. `split`: the compiler makes the parts."""

import functools

import numpy as np

import masks
from harness import compare, product_bound, round_to, run_cases
from tiles import some_masks


def strategy(intrinsic, rows, depth, vectors, pack):
    return (f'--strategy=#sparse_ir.strategy<intrinsic = "{intrinsic}", '
            f"rows = {rows}, depth = {depth}, vectors = {vectors}, "
            f"phase = 0, tasks = 3, pack_rhs = {str(pack).lower()}>")


def program(shape, dtype, out, places, parts):
    """init + the sum of the parts times x."""
    m, n, k = shape
    v, x = f"tensor<{places}x{dtype}>", f"tensor<{k}x{n}x{dtype}>"
    y = f"tensor<{m}x{n}x{out}>"
    text = f"#all = {parts[0]}\n"
    text += "".join(f"#part{n} = {part}\n" for n, part in enumerate(parts[1:]))
    text += f"func.func @main(%v: {v}, %x: {x}, %sum: {y}) -> {y} {{\n"
    names = [f"#part{n}" for n in range(len(parts) - 1)] or ["#all"]
    total = "%sum"
    for at, name in enumerate(names):
        given = " {places = #all}" if len(parts) > 1 else ""
        s = f"tensor<{m}x{k}x{dtype}, {name}>"
        text += f"""  %s{at} = sparse_ir.expand %v{given} : {v} to {s}
  %y{at} = linalg.matmul ins(%s{at}, %x : {s}, {x}) outs({total} : {y}) -> {y}
"""
        total = f"%y{at}"
    return text + f"  return {total} : {y}\n}}\n"


def check(shape, dtype, out, mask, text, options, work):
    m, n, k = shape
    rng = np.random.default_rng(21)
    work.compile_program(text, *options)
    lhs = round_to(dtype, rng.standard_normal((m, k)) * mask)
    rhs = round_to(dtype, rng.standard_normal((k, n)))
    init = round_to(out, rng.standard_normal((m, n)))
    compare(work.run(lhs[mask], rhs, init), init + lhs @ rhs,
            product_bound(dtype, lhs, rhs, init=init, out_dtype=out))


def given_case(shape, mask, dtype, chosen, in_parts, work):
    sparsities = [masks.attribute(mask)]
    if in_parts:
        turn = np.cumsum(mask, axis=1) % 3 == 0
        sparsities += [masks.attribute(mask & turn),
                       masks.attribute(mask & ~turn)]
    out = "f64" if dtype == "f64" else "f32"
    check(shape, dtype, out, mask,
          program(shape, dtype, out, mask.sum(), sparsities),
          [strategy(*chosen)], work)


def split_case(shape, dtype, out, work):
    size = shape[0]
    mask = masks.gst(size, 30, 32)
    sparsity = masks.determined("gst<window=30,stride=32>")
    check(shape, dtype, out, mask,
          program(shape, dtype, out, mask.sum(), [sparsity]),
          ["--target=sapphirerapids", "--remarks"], work)


def strategies():
    yield "bf16", ("amx-bf16", 16, 32, 3, True)
    yield "bf16", ("amx-bf16", 16, 1, 2, False)
    yield "bf16", ("amx-bf16", 32, 1, 2, True)
    yield "f32", ("avx512-f32", 1, 1, 4, True)
    yield "f32", ("avx512-f32", 4, 1, 4, False)
    yield "f32", ("avx512-f32", 16, 1, 3, False)
    yield "f64", ("avx512-f64", 2, 1, 2, True)


def cases():
    for dtype, chosen in strategies():
        for m, n, k in ((64, 64, 64), (37, 33, 96), (7, 1, 32), (100, 70, 160)):
            for name, mask in some_masks(m, k):
                for in_parts in (False, True):
                    yield (f"{name} {m}x{n}x{k} {chosen}{' parts' * in_parts}",
                           functools.partial(given_case, (m, n, k), mask,
                                             dtype, chosen, in_parts))
    for dtype, out in (("bf16", "f32"), ("bf16", "bf16"), ("f32", "f32")):
        for n in (32, 50):
            yield (f"split {n} {dtype} {out}",
                   functools.partial(split_case, (1024, n, 1024), dtype, out))


if __name__ == "__main__":
    run_cases(cases())
