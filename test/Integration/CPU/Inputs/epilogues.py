# ===- epilogues.py - Elementwise ops after products, on the CPU -------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------===#
"""Bias, activation and residual in the kernel, whatever its family and the
layout of its result; a sparse MLP, which `--print-mlp f16` prints."""

import functools
import math
import sys

import numpy as np

from convolution import literal
from harness import ROUND_OFF, compare, product_bound, round_to, run_cases

ERF = np.vectorize(math.erf, otypes=[float])


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


# An activation in f32 (f64), and how much it enlarges errors at most.
ACTIVATIONS = {
    "relu": (lambda x: np.maximum(x, 0), """
    %c0 = arith.constant 0.0 : {t}
    %a = arith.maximumf %u, %c0 : {t}"""),
    "gelu": (lambda x: 0.5 * x * (1 + ERF(x / math.sqrt(2))), """
    %c0 = arith.constant 0.5 : {t}
    %c1 = arith.constant 1.0 : {t}
    %c2 = arith.constant 0.7071067811865476 : {t}
    %a0 = arith.mulf %u, %c2 : {t}
    %a1 = math.erf %a0 : {t}
    %a2 = arith.addf %a1, %c1 : {t}
    %a3 = arith.mulf %u, %c0 : {t}
    %a = arith.mulf %a3, %a2 : {t}"""),
    "gelu-tanh": (lambda x: 0.5 * x * (1 + np.tanh(
        math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))), """
    %c0 = arith.constant 0.5 : {t}
    %c1 = arith.constant 1.0 : {t}
    %c2 = arith.constant 0.7978845608028654 : {t}
    %c3 = arith.constant 0.044715 : {t}
    %a0 = arith.mulf %u, %u : {t}
    %a1 = arith.mulf %a0, %u : {t}
    %a2 = arith.mulf %a1, %c3 : {t}
    %a3 = arith.addf %u, %a2 : {t}
    %a4 = arith.mulf %a3, %c2 : {t}
    %a5 = math.tanh %a4 : {t}
    %a6 = arith.addf %a5, %c1 : {t}
    %a7 = arith.mulf %u, %c0 : {t}
    %a = arith.mulf %a7, %a6 : {t}"""),
    "silu": (lambda x: x * sigmoid(x), """
    %c1 = arith.constant 1.0 : {t}
    %a0 = arith.negf %u : {t}
    %a1 = math.exp %a0 : {t}
    %a2 = arith.addf %a1, %c1 : {t}
    %a = arith.divf %u, %a2 : {t}"""),
}


def tensor(dtype, *sizes):
    return f"tensor<{''.join(f'{size}x' for size in sizes)}{dtype}>"


def weights(rng, rows, cols, dtype, density=0.2):
    values = rng.standard_normal((rows, cols)) * (
        rng.random((rows, cols)) < density)
    values[rows // 2] = 0  # a row without entries
    return round_to(dtype, values)


def convert(name, source, target):
    """Makes %<name>_c of %<name>."""
    if source == target:
        return f"%{name}_c = arith.addf %{name}, %zero : {target}"
    op = "extf" if source in ("f16", "bf16") else "truncf"
    return f"%{name}_c = arith.{op} %{name} : {source} to {target}"


def layer_case(activation, side, n, m, k, dtype, residual_dtype, work):
    """act(w x + b) + r, or the same of tokens by features: x w^T."""
    rng = np.random.default_rng(31)
    number = "f64" if dtype == "f64" else "f32"
    function, body = ACTIVATIONS[activation]
    w = weights(rng, m, k, dtype)
    x = round_to(dtype, rng.standard_normal((k, n)))
    bias = round_to(dtype, rng.standard_normal(m))
    r = round_to(residual_dtype, rng.standard_normal((m, n)))
    right = side == "right"
    shape = ("?", m) if right else (m, "?")
    xt = tensor(dtype, "?", k) if right else tensor(dtype, k, "?")
    yt, st = tensor(residual_dtype, *shape), tensor(number, *shape)
    wt, bt = tensor(dtype, *w.shape), tensor(dtype, m)
    dims = f'["n", {m}]' if right else f'[{m}, "n"]'
    x_dims = f'["n", {k}]' if right else f'[{k}, "n"]'
    product = (f"""linalg.matmul indexing_maps = [
      affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>,
      affine_map<(m, n, k) -> (m, n)>] ins(%x, %w : {xt}, {wt})""" if right
               else f"linalg.matmul ins(%w, %x : {wt}, {xt})")
    text = f"""
#id = affine_map<(i, j) -> (i, j)>
#bias = affine_map<(i, j) -> ({'j' if right else 'i'})>
func.func @main(%x: {xt} {{sparse_ir.dims = {x_dims}}}, %bias: {bt},
                %r: {yt} {{sparse_ir.dims = {dims}}}) -> {yt} {{
  %at = arith.constant {0 if right else 1} : index
  %n = tensor.dim %x, %at : {xt}
  %w = arith.constant {literal(w, dtype)}
  %zero = arith.constant 0.0 : {number}
  %e = tensor.empty(%n) : {st}
  %z = linalg.fill ins(%zero : {number}) outs(%e : {st}) -> {st}
  %s = {product} outs(%z : {st}) -> {st}
  %d = tensor.empty(%n) : {yt}
  %y = linalg.generic {{indexing_maps = [#id, #bias, #id, #id],
         iterator_types = ["parallel", "parallel"]}}
         ins(%s, %bias, %r : {st}, {bt}, {yt}) outs(%d : {yt}) {{
  ^bb0(%sum: {number}, %b: {dtype}, %res: {residual_dtype}, %o: {residual_dtype}):
    {convert('b', dtype, number)}
    {convert('res', residual_dtype, number)}
    %u = arith.addf %sum, %b_c : {number}{body.format(t=number)}
    %v = arith.addf %a, %res_c : {number}
    {convert('v', number, residual_dtype)}
    linalg.yield %v_c : {residual_dtype}
  }} -> {yt}
  return %y : {yt}
}}
"""
    work.compile_program(text, "--force-sparse")
    found = work.run(x.T if right else x, bias, r.T if right else r)
    u = w @ x + bias[:, None]
    # 1.2: no activation is steeper. Functions of f32 are a few units off.
    bound = 1.2 * product_bound(dtype, w, x, init=bias[:, None],
                                out_dtype=number)
    expected = function(u) + r
    bound = bound + 16 * ROUND_OFF[number] * (1 + np.abs(u)) + 2 * ROUND_OFF[
        residual_dtype] * np.abs(expected) + 2.0**-24
    compare(found, expected.T if right else expected,
            bound.T if right else bound)


def mlp_weights(dtype, features, hidden):
    rng = np.random.default_rng(32)
    w1 = round_to(dtype, weights(rng, hidden, features, dtype) / 4)
    w2 = round_to(dtype, weights(rng, features, hidden, dtype) / 4)
    return (w1, w2, round_to("f32", rng.standard_normal(hidden)),
            round_to("f32", rng.standard_normal(features)))


def mlp_text(dtype, w1, w2, b1, b2):
    """w2 gelu(w1 x + b1) + b2 + x, tokens by features, of f32 sums."""
    hidden, features = w1.shape
    xt, ht = tensor(dtype, "?", features), tensor(dtype, "?", hidden)
    xs, hs = tensor("f32", "?", features), tensor("f32", "?", hidden)

    def store(name):
        if dtype == "f32":
            return f"linalg.yield %{name} : f32"
        return (f"%st = arith.truncf %{name} : f32 to {dtype}\n"
                f"    linalg.yield %st : {dtype}")

    widen = (f"%w = arith.extf %res : {dtype} to f32" if dtype != "f32"
             else "%w = arith.addf %res, %zero : f32")
    return f"""
#id = affine_map<(i, j) -> (i, j)>
#col = affine_map<(i, j) -> (j)>
#a = affine_map<(m, n, k) -> (m, k)>
#b = affine_map<(m, n, k) -> (n, k)>
#c = affine_map<(m, n, k) -> (m, n)>
func.func @main(%x: {xt} {{sparse_ir.dims = ["n", {features}]}}) -> {xt} {{
  %at = arith.constant 0 : index
  %n = tensor.dim %x, %at : {xt}
  %w1 = arith.constant {literal(w1, dtype)}
  %w2 = arith.constant {literal(w2, dtype)}
  %b1 = arith.constant {literal(b1, 'f32')}
  %b2 = arith.constant {literal(b2, 'f32')}
  %zero = arith.constant 0.0 : f32
  %he = tensor.empty(%n) : {hs}
  %hb = linalg.broadcast ins(%b1 : tensor<{hidden}xf32>) outs(%he : {hs}) dimensions = [0]
  %h = linalg.matmul indexing_maps = [#a, #b, #c]
         ins(%x, %w1 : {xt}, {tensor(dtype, *w1.shape)}) outs(%hb : {hs}) -> {hs}
  %ge = tensor.empty(%n) : {ht}
  %g = linalg.generic {{indexing_maps = [#id, #id],
         iterator_types = ["parallel", "parallel"]}} ins(%h : {hs}) outs(%ge : {ht}) {{
  ^bb0(%u: f32, %o: {dtype}):{ACTIVATIONS["gelu"][1].format(t='f32')}
    {store('a')}
  }} -> {ht}
  %ye = tensor.empty(%n) : {xs}
  %yz = linalg.fill ins(%zero : f32) outs(%ye : {xs}) -> {xs}
  %s = linalg.matmul indexing_maps = [#a, #b, #c]
         ins(%g, %w2 : {ht}, {tensor(dtype, *w2.shape)}) outs(%yz : {xs}) -> {xs}
  %d = tensor.empty(%n) : {xt}
  %y = linalg.generic {{indexing_maps = [#id, #col, #id, #id],
         iterator_types = ["parallel", "parallel"]}}
         ins(%s, %b2, %x : {xs}, tensor<{features}xf32>, {xt}) outs(%d : {xt}) {{
  ^bb0(%sum: f32, %b: f32, %res: {dtype}, %o: {dtype}):
    {widen}
    %0 = arith.addf %sum, %b : f32
    %1 = arith.addf %0, %w : f32
    {store('1')}
  }} -> {xt}
  return %y : {xt}
}}
"""


def mlp_case(n, dtype, work):
    w1, w2, b1, b2 = mlp_weights(dtype, 96, 200)
    rng = np.random.default_rng(33)
    x = round_to(dtype, rng.standard_normal((n, 96)))
    work.compile_program(mlp_text(dtype, w1, w2, b1, b2), "--force-sparse")
    u = x @ w1.T + b1
    first = (1.2 * product_bound(dtype, x, w1.T, init=b1, out_dtype="f32")
             + 2.0**-20 * (1 + np.abs(u)))
    g = ACTIVATIONS["gelu"][0](u)
    first = first + ROUND_OFF[dtype] * np.abs(g)
    expected = g @ w2.T + b2 + x
    bound = (product_bound(dtype, np.abs(g) + first, np.abs(w2.T), init=b2 + x,
                           out_dtype="f32") + 1.01 * first @ np.abs(w2.T)
             + 2 * ROUND_OFF[dtype] * np.abs(expected) + 2.0**-24)
    compare(work.run(x), expected, bound)


def cases():
    for dtype in ("f32", "bf16", "f16", "f64"):
        residuals = {"f64": ("f64",), "f32": ("f32", "f16")}.get(
            dtype, ("f32", dtype))
        for residual in residuals:
            for n in (0, 1, 19, 64):
                for activation in ACTIVATIONS:
                    for side in ("left", "right"):
                        yield (f"layer {activation} {side} N={n} {dtype} "
                               f"{residual}", functools.partial(
                                   layer_case, activation, side, n, 45, 62,
                                   dtype, residual))
        if dtype != "f64":
            for n in (1, 33):
                yield (f"mlp N={n} {dtype}",
                       functools.partial(mlp_case, n, dtype))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--print-mlp"]:
        print(mlp_text(sys.argv[2], *mlp_weights(sys.argv[2], 96, 200)))
    else:
        run_cases(cases())
