# ===- attention.py - Sampled and sparse products of attention ---------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------===#
"""SDDMM (the result is sparse) and SDMM (the lhs is), one head and several.

Elements of a sampled product outside of the mask must keep the initial value,
bit by bit. The masks of patterns that draw at random are read off the result:
an element that differs from its initial value is in the mask.
"""

import functools

import numpy as np

import masks
from harness import Failure, compare, product_bound, round_to, run_cases

FLOATS = ("f32", "f64", "bf16", "f16")


def sampled_program(size, depth, dtype, out, sparsity, transposed, fill):
    """q k^T where the mask says so, added to a third input or to zero."""
    k = f"tensor<{size}x{depth}x{dtype}>"
    maps = ("indexing_maps = [affine_map<(i, j, k) -> (i, k)>, "
            "affine_map<(i, j, k) -> (j, k)>, affine_map<(i, j, k) -> (i, j)>]")
    if not transposed:
        k, maps = f"tensor<{depth}x{size}x{dtype}>", ""
    q, y = f"tensor<{size}x{depth}x{dtype}>", f"tensor<{size}x{size}x{out}>"
    init = "" if fill else f", %init: {y}"
    start = "" if not fill else f"""
  %zero = arith.constant 0.0 : {out}
  %empty = tensor.empty() : {y}
  %init = linalg.fill ins(%zero : {out}) outs(%empty : {y}) -> {y}"""
    return f"""
func.func @main(%q: {q}, %k: {k}{init}) -> {y} {{{start}
  %y = linalg.matmul {maps} {{sparse_ir.out = {sparsity}}}
         ins(%q, %k : {q}, {k}) outs(%init : {y}) -> {y}
  return %y : {y}
}}
"""


def check_sampled(found, init, product, bound, mask):
    if mask is None:
        mask = found != init
    kept = ~mask
    if not np.array_equal(found[kept], init[kept]):
        where = np.argwhere(kept & (found != init))
        raise Failure(f"{len(where)} elements outside of the mask have changed, "
                      f"the first at {[int(x) for x in where[0]]}")
    compare(found[mask], (init + product)[mask], bound[mask])
    return mask


def sampled_case(size, depth, dtype, sparsity, mask, policy, transposed, fill,
                 density, work):
    rng = np.random.default_rng(3)
    out = "f64" if dtype == "f64" else "f32"
    work.compile_program(sampled_program(size, depth, dtype, out, sparsity,
                                         transposed, fill),
                         f"--policy={policy}")
    q = round_to(dtype, rng.standard_normal((size, depth)))
    k = round_to(dtype, rng.standard_normal((size, depth)))
    init = np.zeros((size, size))
    inputs = [q, k if transposed else k.T]
    if not fill:
        init = round_to(out, 100 + rng.random((size, size)))
        inputs.append(init)
    found = work.run(*inputs)
    bound = product_bound(dtype, q, k.T, init=init)
    mask = check_sampled(found, init, q @ k.T, bound, mask)
    if density and not density[0] <= mask.mean() <= density[1]:
        raise Failure(f"the mask has density {mask.mean():.3f}, expected "
                      f"{density[0]} to {density[1]}")


def sparse_program(size, depth, dtype, out, sparsity, right):
    p, v = f"tensor<{size}x{size}x{dtype}>", f"tensor<{size}x{depth}x{dtype}>"
    y = f"tensor<{size}x{depth}x{out}>"
    operands, types, role = "%p, %v", f"{p}, {v}", "lhs"
    if right:
        v, y = (f"tensor<{depth}x{size}x{dtype}>",
                f"tensor<{depth}x{size}x{out}>")
        operands, types, role = "%v, %p", f"{v}, {p}", "rhs"
    return f"""
func.func @main(%p: {p}, %v: {v}) -> {y} {{
  %zero = arith.constant 0.0 : {out}
  %empty = tensor.empty() : {y}
  %init = linalg.fill ins(%zero : {out}) outs(%empty : {y}) -> {y}
  %y = linalg.matmul {{sparse_ir.{role} = {sparsity}}}
         ins({operands} : {types}) outs(%init : {y}) -> {y}
  return %y : {y}
}}
"""


def sparse_case(size, depth, dtype, sparsity, mask, policy, right, work):
    rng = np.random.default_rng(4)
    out = "f64" if dtype == "f64" else "f32"
    work.compile_program(sparse_program(size, depth, dtype, out, sparsity,
                                        right), f"--policy={policy}")
    p = round_to(dtype, rng.random((size, size)) * mask)
    v = round_to(dtype, rng.standard_normal((size, depth)))
    length = int(mask.sum(0 if right else 1).max(initial=0))
    if right:
        lhs, rhs = v.T, p
        found = work.run(p, v.T)
    else:
        lhs, rhs = p, v
        found = work.run(p, v)
    compare(found, lhs @ rhs, product_bound(dtype, lhs, rhs, length=length))


def heads_program(heads, size, depth, dtype, sparsity):
    """Scores, scaled, times values: three heads at once."""
    q, k = (f"tensor<{heads}x{size}x{depth}x{dtype}>",
            f"tensor<{heads}x{depth}x{size}x{dtype}>")
    s = f"tensor<{heads}x{size}x{size}x{dtype}>"
    return f"""
#mask = {sparsity}
#id = affine_map<(b, i, j) -> (b, i, j)>
func.func @main(%q: {q}, %k: {k}, %v: {q}) -> {q} {{
  %zero = arith.constant 0.0 : {dtype}
  %scale = arith.constant 0.125 : {dtype}
  %s0 = tensor.empty() : {s}
  %s1 = linalg.fill ins(%zero : {dtype}) outs(%s0 : {s}) -> {s}
  %s2 = linalg.batch_matmul {{sparse_ir.out = #mask}}
          ins(%q, %k : {q}, {k}) outs(%s1 : {s}) -> {s}
  %s3 = linalg.generic {{indexing_maps = [#id, #id],
          iterator_types = ["parallel", "parallel", "parallel"]}}
          ins(%s2 : {s}) outs(%s0 : {s}) {{
  ^bb0(%x: {dtype}, %o: {dtype}):
    %m = arith.mulf %x, %scale : {dtype}
    linalg.yield %m : {dtype}
  }} -> {s}
  %y0 = tensor.empty() : {q}
  %y1 = linalg.fill ins(%zero : {dtype}) outs(%y0 : {q}) -> {q}
  %y = linalg.batch_matmul {{sparse_ir.lhs = #mask}}
         ins(%s3, %v : {s}, {q}) outs(%y1 : {q}) -> {q}
  return %y : {q}
}}
"""


def heads_case(heads, size, depth, dtype, sparsity, mask, policy, work):
    rng = np.random.default_rng(5)
    work.compile_program(heads_program(heads, size, depth, dtype, sparsity),
                         f"--policy={policy}")
    q, k, v = (round_to(dtype, rng.standard_normal((heads, size, depth)))
               for _ in range(3))
    kt = k.transpose(0, 2, 1)
    scores = (q @ kt) * mask * 0.125
    found = work.run(q, kt, v)
    # The second product adds up what the first was off by.
    first = product_bound(dtype, q, kt) * mask * 0.125
    bound = product_bound(dtype, np.abs(scores) + first, v) + first @ np.abs(v)
    compare(found, scores @ v, bound)


def known_masks(size):
    yield "gst", masks.determined("gst<window=3,stride=16>"), masks.gst(
        size, 3, 16)
    yield "longformer", masks.determined(
        "longformer<window=5,global=3>"), masks.longformer(size, 5, 3)
    yield "window", masks.determined("window<7>"), masks.window(size, 7)
    yield "causal", masks.determined("window<9,causal>"), masks.window(
        size, 9, True)
    rng = np.random.default_rng(1)
    random = rng.random((size, size)) < 0.1
    random[size // 3:size // 2] = False
    yield "explicit", masks.attribute(random), random
    yield "none", masks.attribute(np.zeros((size, size))), np.zeros(
        (size, size), bool)
    yield "all", masks.attribute(np.ones((size, size))), np.ones(
        (size, size), bool)
    one = np.zeros((size, size), bool)
    one[size - 1, size - 1] = True
    yield "corner", masks.attribute(one), one


def small_cases():
    for policy in ("chain", "disjoint"):
        for dtype in FLOATS:
            for size, depth in ((64, 64), (100, 64), (100, 33), (37, 1)):
                for name, sparsity, mask in known_masks(size):
                    for transposed, fill in ((True, False), (False, True)):
                        yield (f"sampled {name} {size}x{depth} {dtype} {policy}"
                               f"{' transposed' if transposed else ''}",
                               functools.partial(sampled_case, size, depth,
                                                 dtype, sparsity, mask, policy,
                                                 transposed, fill, None))
                    for right in (False, True):
                        yield (f"sparse {name} {size}x{depth} {dtype} {policy}"
                               f"{' right' if right else ' left'}",
                               functools.partial(sparse_case, size, depth,
                                                 dtype, sparsity, mask, policy,
                                                 right))
        for pattern, density in (
                ("bigbird<block=16,window=3,random=1,global=1>", (0.4, 1.0)),
                ("random<density=0.05,seed=2>", (0.04, 0.06))):
            yield (f"sampled {pattern.split('<')[0]} 160x33 f32 {policy}",
                   functools.partial(sampled_case, 160, 33, "f32",
                                     masks.determined(pattern), None, policy,
                                     True, False, density))
        for dtype in ("f32", "f64"):
            for name, sparsity, mask in known_masks(67):
                yield (f"heads {name} {dtype} {policy}",
                       functools.partial(heads_case, 3, 67, 40, dtype, sparsity,
                                         mask, policy))


def large_cases():
    size = 4096
    pattern = masks.determined("longformer<window=102,global=64>")
    mask = masks.longformer(size, 102, 64)
    yield ("large sampled", functools.partial(
        sampled_case, size, 64, "f32", pattern, mask, "chain", True, False,
        None))
    yield ("large sparse", functools.partial(
        sparse_case, size, 64, "f32", pattern, mask, "chain", False))
    pattern = masks.determined("gst<window=32,stride=64>")
    mask = masks.gst(size, 32, 64)
    yield ("large gst", functools.partial(
        sampled_case, size, 65, "f32", pattern, mask, "chain", True, False,
        None))


def cases():
    yield from small_cases()
    yield from large_cases()


if __name__ == "__main__":
    run_cases(cases())
