# ===- masked.py - Products under a mask, of operands that change ---------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""Prints sampled products (sddmm) and products of a masked matrix (sdmm).

usage: masked.py (sddmm | sdmm)
"""

import random
import sys

random.seed(5)


def explicit(rows, cols, density, empty=()):
    lines = ['"' + "".join(
        "01"[row not in empty and random.random() < density]
        for _ in range(cols)) + '"' for row in range(rows)]
    return (f"#sparse_ir.sparsity<#sparse_ir.unstructured, "
            f"#sparse_ir.mask<[{', '.join(lines)}]>>")


def pattern(text):
    return f"#sparse_ir.sparsity<#sparse_ir.{text}>"


# Name, mask, rows, columns of the mask, batch.
MASKS = (
    ("window", pattern("window<9>"), 112, 112, ""),
    ("gst", pattern("gst<window=6,stride=16>"), 96, 96, "2x"),
    ("longformer", pattern("longformer<window=8,global=5>"), 160, 160, "3x"),
    ("bigbird", pattern("bigbird<block=16,window=3,random=1,global=2,seed=3>"),
     128, 128, "2x"),
    # Row 3 has no element, the last panel is short.
    ("uneven", explicit(75, 48, 0.1, empty=(3,)), 75, 48, ""),
    # The first 64 rows have none.
    ("empty", explicit(80, 32, 0.3, empty=range(64)), 80, 32, "2x"),
    ("none", explicit(20, 16, 0), 20, 16, ""),
)
# Columns of the other operand, and how it is stored.
OTHERS = ((64, False), (37, True), (8, False))


def maps(batch, lhs, rhs, out):
    lead = "b, " if batch else ""
    return ", ".join(f"affine_map<({lead}i, j, k) -> ({lead}{', '.join(dims)})>"
                     for dims in (lhs, rhs, out))


def product(name, batch, types, layouts, result, attributes):
    lhs, rhs, out = types
    op = "linalg.batch_matmul" if batch else "linalg.matmul"
    element = out.partition(",")[0].rstrip(">").rpartition("x")[2]
    return f"""func.func @{name}(%a: {lhs}, %b: {rhs}) -> {result} {{
  %zero = arith.constant 0.0 : {element}
  %empty = tensor.empty() : {out}
  %init = linalg.fill ins(%zero : {element}) outs(%empty : {out}) -> {out}
  %r = {op} indexing_maps = [{maps(batch, *layouts)}] {attributes}
         ins(%a, %b : {lhs}, {rhs}) outs(%init : {out}) -> {out}
  return %r : {out}
}}
"""


def sddmm():
    for name, mask, rows, cols, batch in MASKS:
        for depth, by_columns in ((64, True), (40, False)):
            lhs = f"tensor<{batch}{rows}x{depth}xf16>"
            shape = f"{cols}x{depth}" if by_columns else f"{depth}x{cols}"
            rhs = f"tensor<{batch}{shape}xf16>"
            layouts = ("ik", "jk" if by_columns else "kj", "ij")
            sparse = f"tensor<{batch}{rows}x{cols}xf16, {mask}>"
            yield product(f"{name}_{depth}", batch, (lhs, rhs, sparse), layouts,
                          sparse, "")
            plain = f"tensor<{batch}{rows}x{cols}xf32>"
            yield product(f"{name}_{depth}_plain", batch, (lhs, rhs, plain),
                          layouts, plain, f"{{sparse_ir.out = {mask}}}")


def sdmm():
    for name, mask, rows, cols, batch in MASKS:
        for (width, by_columns), element in zip(OTHERS, ("f16", "bf16", "f16")):
            out = element if width != 8 else "f32"
            lhs = f"tensor<{batch}{rows}x{cols}x{element}, {mask}>"
            shape = f"{width}x{cols}" if by_columns else f"{cols}x{width}"
            rhs = f"tensor<{batch}{shape}x{element}>"
            layouts = ("ik", "jk" if by_columns else "kj", "ij")
            types = (lhs, rhs, f"tensor<{batch}{rows}x{width}x{out}>")
            yield product(f"{name}_{width}", batch, types, layouts, types[2], "")
    # The masked matrix lies by columns: its cells are gathered.
    mask = pattern("window<9>")
    yield product("by_columns", "", ("tensor<64x64xf16>", "tensor<64x24xf16>",
                                     "tensor<64x24xf16>"), ("ki", "kj", "ij"),
                  "tensor<64x24xf16>", f"{{sparse_ir.lhs = {mask}}}")


for text in {"sddmm": sddmm, "sdmm": sdmm}[sys.argv[1]]():
    print(text)
