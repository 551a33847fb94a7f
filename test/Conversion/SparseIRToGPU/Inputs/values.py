# ===- values.py - Products on values of a mask's places ------------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""Prints sampled products whose result is stored as the values of the mask's
places (sddmm), and products of a masked matrix that is (sdmm).

usage: values.py (sddmm | sdmm | turns | long-turns) [element type]

turns: results of so many tiles of 16x16 that a block takes several, of several
slices and panels; long-turns: of more, so that it takes two at a time.
"""

import pathlib
import sys

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[4]
sys.path.append(str(ROOT / "benchmark" / "gpu"))
import masks  # noqa: E402

random = np.random.RandomState(11)


def explicit(mask):
    rows = ", ".join('"' + "".join("01"[bit] for bit in row.astype(int)) + '"'
                     for row in mask)
    return ("#sparse_ir.sparsity<#sparse_ir.unstructured, "
            f"#sparse_ir.mask<[{rows}]>>")


def pattern(text, length):
    return (f"#sparse_ir.sparsity<#sparse_ir.{text}>",
            masks.attention_mask(text, length))


def sample(rows, cols, density, empty=(), full=()):
    mask = random.random_sample((rows, cols)) < density
    mask[list(empty)] = False
    mask[list(full)] = True
    return explicit(mask), mask


# Name, sparsity, mask, batch.
MASKS = (
    ("gst", *pattern("gst<window=6,stride=16>", 96), "2x"),
    ("longformer", *pattern("longformer<window=8,global=5,dilation=1>", 100),
     "2x"),
    # Panels of the parts have far fewer columns: a product for each part.
    ("parts", *pattern("gst<window=8,stride=16>", 256), "2x"),
    # Whole tiles, each of whose rows begins at 16 bytes.
    ("bigbird",
     *pattern("bigbird<block=64,window=1,random=0,global=1,seed=3>", 128), "2x"),
    # Row 3 has no place, row 7 all; the last panel is short.
    ("uneven", *sample(75, 48, 0.1, empty=(3,), full=(7,)), ""),
    # An odd number of places: the second slice is not aligned.
    ("odd", explicit(np.tri(31, 40, 3, bool)), np.tri(31, 40, 3, bool), "3x"),
    # The first 64 rows have none.
    ("empty", *sample(80, 32, 0.3, empty=range(64)), "2x"),
    ("none", *sample(20, 16, 0), ""),
    ("all", *sample(70, 72, 1), ""),
    ("column", *sample(90, 1, 0.5), ""),
)
TURNS = (
    ("spread", *sample(70, 72, 0.05, empty=range(30, 50)), "6x"),
    ("whole", *pattern("bigbird<block=16,window=3,random=1,global=1,seed=3>",
                       112), "5x"),
)
LONG_TURNS = (
    ("band", *pattern("longformer<window=20,global=3,dilation=1>", 200), "8x"),
)


def maps(batch, lhs, rhs, out):
    lead = "b, " if batch else ""
    return ", ".join(f"affine_map<({lead}i, j, k) -> ({lead}{', '.join(dims)})>"
                     for dims in (lhs, rhs, out))


def tensor(batch, shape, element, encoding=""):
    return f"tensor<{batch}{shape}x{element}{encoding}>"


def product(name, batch, types, layouts, arguments, before, after):
    """`arguments`: types of %a and %b; `before` and `after`: lines around the
    product of %lhs and %b; `after` comes with the type and name of the result."""
    lhs, rhs, out = types
    op = "linalg.batch_matmul" if batch else "linalg.matmul"
    element = out.partition(",")[0].rstrip(">").rpartition("x")[2]
    line, result, value = after
    return f"""func.func @{name}(%a: {arguments[0]}, %b: {arguments[1]}) -> {result} {{
  %zero = arith.constant 0.0 : {element}
  %empty = tensor.empty() : {out}
  %init = linalg.fill ins(%zero : {element}) outs(%empty : {out}) -> {out}
{before}  %r = {op} indexing_maps = [{maps(batch, *layouts)}]
         ins(%lhs, %b : {lhs}, {rhs}) outs(%init : {out}) -> {out}
{line}  return {value} : {result}
}}
"""


def sddmm(element, cases=MASKS):
    for number, (name, sparsity, mask, batch) in enumerate(cases):
        if name == "parts":  # of a left operand
            continue
        rows, cols = mask.shape
        for depth, by_columns in (((64, True), (40, False))[number % 2],):
            lhs = tensor(batch, f"{rows}x{depth}", element)
            shape = f"{cols}x{depth}" if by_columns else f"{depth}x{cols}"
            rhs = tensor(batch, shape, element)
            out = tensor(batch, f"{rows}x{cols}", element, f", {sparsity}")
            values = tensor(batch, int(mask.sum()), element)
            yield product(
                f"{name}_{depth}", batch, (lhs, rhs, out),
                ("ik", "jk" if by_columns else "kj", "ij"), (lhs, rhs), "",
                (f"  %v = sparse_ir.compress %r : {out} to {values}\n", values,
                 "%v")).replace("%lhs", "%a")


def sdmm(element):
    for number, (name, sparsity, mask, batch) in enumerate(MASKS):
        rows, cols = mask.shape
        for width, by_columns in (((64, False), (37, True), (8, False))[
                number % 3],):
            values = tensor(batch, int(mask.sum()), element)
            lhs = tensor(batch, f"{rows}x{cols}", element, f", {sparsity}")
            shape = f"{width}x{cols}" if by_columns else f"{cols}x{width}"
            rhs = tensor(batch, shape, element)
            out = tensor(batch, f"{rows}x{width}",
                         element if width != 8 else "f32")
            yield product(
                f"{name}_{width}", batch, (lhs, rhs, out),
                ("ik", "jk" if by_columns else "kj", "ij"), (values, rhs),
                f"  %lhs = sparse_ir.expand %a : {values} to {lhs}\n",
                ("", out, "%r"))


kinds = {
    "sddmm": sddmm,
    "sdmm": sdmm,
    "turns": lambda element: sddmm(element, TURNS),
    "long-turns": lambda element: sddmm(element, LONG_TURNS),
}
kind, *element = sys.argv[1:]
for text in kinds[kind](element[0] if element else "f16"):
    print(text)
