# ===- products.py - The forms that a product may take in a program ----------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------===#
"""Transposed and vector forms, sparse on the right, several in a row, bias and
relu, dynamic and empty dimensions, two sparse operands."""

import functools

import numpy as np

import masks
from convolution import literal
from harness import compare, product_bound, round_to, run_cases


def tensor(dtype, *sizes):
    return f"tensor<{''.join(f'{size}x' for size in sizes)}{dtype}>"


def filled(name, dtype, *sizes, dynamic=""):
    """A tensor of zeros; `dynamic` are the SSA values of its ? sizes."""
    t = tensor(dtype, *sizes)
    return f"""
  %{name}_zero = arith.constant 0.0 : {dtype}
  %{name}_empty = tensor.empty({dynamic}) : {t}
  %{name} = linalg.fill ins(%{name}_zero : {dtype})
              outs(%{name}_empty : {t}) -> {t}"""


def sparse_weights(rng, rows, cols, dtype, density=0.15):
    values = rng.standard_normal((rows, cols))
    return round_to(dtype, values * (rng.random((rows, cols)) < density))


def out_type(dtype):
    return "f64" if dtype == "f64" else "f32"


def maps(lhs, rhs):
    return ("indexing_maps = [affine_map<(m, n, k) -> (%s)>, "
            "affine_map<(m, n, k) -> (%s)>, affine_map<(m, n, k) -> (m, n)>]"
            % (lhs, rhs))


def form_case(sparse, transposed, m, n, k, dtype, policy, work):
    """A constant on either side, either operand stored transposed."""
    rng = np.random.default_rng(21)
    out = out_type(dtype)
    a, b = (m, k), (k, n)
    if sparse == "left":
        lhs = sparse_weights(rng, *a, dtype)
        rhs = round_to(dtype, rng.standard_normal(b))
    else:
        lhs = round_to(dtype, rng.standard_normal(a))
        rhs = sparse_weights(rng, *b, dtype)
    stored_lhs = lhs.T if "a" in transposed else lhs
    stored_rhs = rhs.T if "b" in transposed else rhs
    constant, argument = ((stored_lhs, stored_rhs) if sparse == "left"
                          else (stored_rhs, stored_lhs))
    operands = "%w, %x" if sparse == "left" else "%x, %w"
    types = ", ".join(tensor(dtype, *s.shape) for s in (stored_lhs, stored_rhs))
    text = f"""
func.func @main(%x: {tensor(dtype, *argument.shape)}) -> {tensor(out, m, n)} {{
  %w = arith.constant {literal(np.ascontiguousarray(constant), dtype)}
  {filled('init', out, m, n)}
  %y = linalg.matmul {maps('k, m' if 'a' in transposed else 'm, k',
                           'n, k' if 'b' in transposed else 'k, n')}
         ins({operands} : {types}) outs(%init : {tensor(out, m, n)})
         -> {tensor(out, m, n)}
  return %y : {tensor(out, m, n)}
}}
"""
    work.compile_program(text, f"--policy={policy}", "--force-sparse")
    found = work.run(np.ascontiguousarray(argument))
    compare(found, lhs @ rhs, product_bound(dtype, lhs, rhs))


def vector_case(form, m, k, dtype, policy, work):
    rng = np.random.default_rng(22)
    out = out_type(dtype)
    w = sparse_weights(rng, m, k, dtype, 0.2)
    length = k if form == "matvec" else m
    x = round_to(dtype, rng.standard_normal(length))
    result = m if form == "matvec" else k
    operands, types = "%w, %x", (w.shape, x.shape)
    if form == "vecmat":
        operands, types = "%x, %w", (x.shape, w.shape)
    types = ", ".join(tensor(dtype, *shape) for shape in types)
    text = f"""
func.func @main(%x: {tensor(dtype, length)}) -> {tensor(out, result)} {{
  %w = arith.constant {literal(w, dtype)}
  {filled('init', out, result)}
  %y = linalg.{form} ins({operands} : {types})
         outs(%init : {tensor(out, result)}) -> {tensor(out, result)}
  return %y : {tensor(out, result)}
}}
"""
    work.compile_program(text, f"--policy={policy}", "--force-sparse")
    expected = w @ x if form == "matvec" else x @ w
    matrix = w if form == "matvec" else w.T
    bound = product_bound(dtype, matrix, x[:, None])[:, 0]
    compare(work.run(x), expected, bound)


def layers_case(n, dtype, policy, work):
    """relu(W1 x + b) then W2: two products, bias and relu between them."""
    rng = np.random.default_rng(23)
    sizes = (70, 53, 41)
    w1 = sparse_weights(rng, sizes[1], sizes[0], dtype)
    w2 = sparse_weights(rng, sizes[2], sizes[1], dtype)
    bias = round_to(dtype, rng.standard_normal(sizes[1]))
    x = round_to(dtype, rng.standard_normal((sizes[0], n)))
    t = [tensor(dtype, size, "?") for size in sizes]
    text = f"""
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
func.func @main(%x: {t[0]}, %bias: {tensor(dtype, sizes[1])}) -> {t[2]} {{
  %one = arith.constant 1 : index
  %n = tensor.dim %x, %one : {t[0]}
  %w1 = arith.constant {literal(w1, dtype)}
  %w2 = arith.constant {literal(w2, dtype)}
  {filled('h0', dtype, sizes[1], '?', dynamic='%n')}
  %h1 = linalg.matmul ins(%w1, %x : {tensor(dtype, *w1.shape)}, {t[0]})
          outs(%h0 : {t[1]}) -> {t[1]}
  %h2 = linalg.generic {{indexing_maps = [#id, #row, #id],
          iterator_types = ["parallel", "parallel"]}}
          ins(%h1, %bias : {t[1]}, {tensor(dtype, sizes[1])})
          outs(%h0 : {t[1]}) {{
  ^bb0(%value: {dtype}, %b: {dtype}, %o: {dtype}):
    %floor = arith.constant 0.0 : {dtype}
    %sum = arith.addf %value, %b : {dtype}
    %relu = arith.maximumf %sum, %floor : {dtype}
    linalg.yield %relu : {dtype}
  }} -> {t[1]}
  {filled('y0', dtype, sizes[2], '?', dynamic='%n')}
  %y = linalg.matmul ins(%w2, %h2 : {tensor(dtype, *w2.shape)}, {t[1]})
         outs(%y0 : {t[2]}) -> {t[2]}
  return %y : {t[2]}
}}
"""
    work.compile_program(text, f"--policy={policy}", "--force-sparse")
    hidden = np.maximum(w1 @ x + bias[:, None], 0)
    first = product_bound(dtype, w1, x, init=bias[:, None], out_dtype=dtype)
    bound = (product_bound(dtype, w2, np.abs(hidden) + first, out_dtype=dtype)
             + np.abs(w2) @ (2 * first))
    compare(work.run(x, bias), w2 @ hidden, bound)


def dynamic_case(m, n, k, dtype, policy, work):
    """A dynamic N and an initial value that is added to."""
    rng = np.random.default_rng(24)
    out = out_type(dtype)
    w = sparse_weights(rng, m, k, dtype)
    y = tensor(out, m, "?")
    text = f"""
func.func @main(%x: {tensor(dtype, k, '?')} {{sparse_ir.dims = [{k}, "n"]}},
                %c: {y} {{sparse_ir.dims = [{m}, "n"]}}) -> {y} {{
  %w = arith.constant {literal(w, dtype)}
  %y = linalg.matmul ins(%w, %x : {tensor(dtype, m, k)}, {tensor(dtype, k, '?')})
         outs(%c : {y}) -> {y}
  return %y : {y}
}}
"""
    work.compile_program(text, f"--policy={policy}", "--force-sparse")
    x = round_to(dtype, rng.standard_normal((k, n)))
    c = round_to(out, rng.standard_normal((m, n)))
    compare(work.run(x, c), c + w @ x, product_bound(dtype, w, x, init=c))


def two_sided_case(roles, m, n, k, dtype, policy, work):
    """Sparsity of two operands, or of an operand and the result."""
    rng = np.random.default_rng(25)
    out = out_type(dtype)
    shape = {"lhs": (m, k), "rhs": (k, n), "out": (m, n)}
    mask = {role: rng.random(shape[role]) < 0.3 if role in roles
            else np.ones(shape[role], bool) for role in shape}
    for role in roles:  # whole cells too
        mask[role][:16, :32] = True
    attributes = ", ".join(f"sparse_ir.{role} = {masks.attribute(mask[role])}"
                           for role in roles)
    a, b, c = (tensor(dtype, m, k), tensor(dtype, k, n), tensor(out, m, n))
    text = f"""
func.func @main(%a: {a}, %b: {b}, %c: {c}) -> {c} {{
  %y = linalg.matmul {{{attributes}}}
         ins(%a, %b : {a}, {b}) outs(%c : {c}) -> {c}
  return %y : {c}
}}
"""
    work.compile_program(text, f"--policy={policy}", "--force-sparse")
    lhs = round_to(dtype, rng.standard_normal((m, k)) * mask["lhs"])
    rhs = round_to(dtype, rng.standard_normal((k, n)) * mask["rhs"])
    init = round_to(out, rng.standard_normal((m, n)))
    bound = product_bound(dtype, lhs, rhs, init=init) * mask["out"]
    compare(work.run(lhs, rhs, init), init + (lhs @ rhs) * mask["out"], bound)


def batch_case(sparse, batch, m, n, k, dtype, policy, work):
    rng = np.random.default_rng(26)
    out = out_type(dtype)
    w = rng.standard_normal((batch, m, k) if sparse == "left" else (batch, k, n))
    w = round_to(dtype, w * (rng.random(w.shape[1:]) < 0.2))
    x = round_to(dtype, rng.standard_normal(
        (batch, k, n) if sparse == "left" else (batch, m, k)))
    lhs, rhs = (w, x) if sparse == "left" else (x, w)
    operands = "%w, %x" if sparse == "left" else "%x, %w"
    y = tensor(out, batch, m, n)
    text = f"""
func.func @main(%x: {tensor(dtype, *x.shape)}) -> {y} {{
  %w = arith.constant {literal(w, dtype)}
  {filled('init', out, batch, m, n)}
  %y = linalg.batch_matmul ins({operands} : {tensor(dtype, *lhs.shape)},
         {tensor(dtype, *rhs.shape)}) outs(%init : {y}) -> {y}
  return %y : {y}
}}
"""
    work.compile_program(text, f"--policy={policy}", "--force-sparse")
    compare(work.run(x), lhs @ rhs, product_bound(dtype, lhs, rhs))


SIZES = [(40, 64, 64), (37, 17, 53), (16, 1, 33), (65, 130, 7), (3, 257, 2),
         (1, 16, 1), (31, 3, 100)]


def cases():
    for policy in ("chain", "disjoint"):
        for dtype in ("f32", "f64", "bf16", "f16"):
            for size in SIZES:
                label = f"{'x'.join(map(str, size))} {dtype} {policy}"
                for sparse in ("left", "right"):
                    for transposed in ("", "a", "b", "ab"):
                        yield (f"form {sparse} [{transposed}] {label}",
                               functools.partial(form_case, sparse, transposed,
                                                 *size, dtype, policy))
                    yield (f"batch {sparse} {label}", functools.partial(
                        batch_case, sparse, 3, *size, dtype, policy))
                for roles in (("lhs", "rhs"), ("lhs", "out"), ("rhs", "out"),
                              ("lhs", "rhs", "out"), ("rhs",), ("out",)):
                    yield (f"masks {'+'.join(roles)} {label}",
                           functools.partial(two_sided_case, roles, *size,
                                             dtype, policy))
            for form in ("matvec", "vecmat"):
                for m, k in ((50, 70), (33, 17), (1, 9), (9, 1)):
                    yield (f"{form} {m}x{k} {dtype} {policy}",
                           functools.partial(vector_case, form, m, k, dtype,
                                             policy))
            for n in (0, 1, 19, 64):
                yield (f"layers N={n} {dtype} {policy}", functools.partial(
                    layers_case, n, dtype, policy))
                yield (f"dynamic N={n} {dtype} {policy}", functools.partial(
                    dynamic_case, 45, n, 62, dtype, policy))


if __name__ == "__main__":
    run_cases(cases())
