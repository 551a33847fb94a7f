#===- epilogue.py - Products with elementwise ops around them -*- Python -*-===//
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#===----------------------------------------------------------------------===//
"""Prints kernels with constant lhs and what follows their results.

usage: epilogue.py (mma | bands | wgmma | tf32)

For every way that sums take to memory, with rows out of order, an empty panel
and widths that are no multiple of a tile:

relu      a bias for each row, f32, and relu
gelu      a bias in the result's type, a number for each column, erf, a
          residual as the result lies
silu      a residual that lies the other way, and exp before it
init      a bias as the initial value, tanh
"""

import random
import struct
import sys

random.seed(5)
M, K = 100, 128


def encode(value, element):
    if element == "f16":
        return struct.pack("<e", value)
    return struct.pack("<f", value)[0 if element == "f32" else 2:]


def tensor(values):
    listed = "[%s]" % ", ".join(map(str, values)) if values else ""
    return "dense<%s> : tensor<%dxi32>" % (listed, len(values))


def make_table(rows, depth, shuffled):
    """Panel rows, entries of each panel, and weights that they cover."""
    panels = -(-M // rows)
    order = [row if row < M else -1 for row in range(panels * rows)]
    chains = [list(range(0, K, depth)) for _ in range(panels)]
    if shuffled:
        random.shuffle(order)
        chains[1] = []
    weight = [[0] * K for _ in range(M)]
    for at, row in enumerate(order):
        for first in chains[at // rows] if row >= 0 else ():
            for group in range(first, first + depth, 4):
                for column in random.sample(range(4), 2) if depth > 1 else [0]:
                    weight[row][group + column] = random.choice([-2, -1, 1, 2])
    return order, chains, weight


def widen(name, element):
    """Makes %<name>_w of a float `name`, in f32."""
    if element == "f32":
        return f"%{name}_z = arith.constant -0.0 : f32\n" \
               f"%{name}_w = arith.addf %{name}, %{name}_z : f32"
    return f"%{name}_w = arith.extf %{name} : {element} to f32"


BODIES = {
    "relu": """
    %0 = arith.constant 0.0 : f32
    %1 = arith.addf %sum_w, %row_w : f32
    %out = arith.maximumf %1, %0 : f32""",
    "gelu": """
    %half = arith.constant 0.5 : f32
    %one = arith.constant 1.0 : f32
    %root = arith.constant 0.70710678 : f32
    %scale = arith.constant 0.125 : f32
    %1 = arith.mulf %sum_w, %scale : f32
    %2 = arith.addf %1, %row_w : f32
    %3 = arith.subf %2, %col_w : f32
    %4 = arith.mulf %3, %root : f32
    %5 = math.erf %4 : f32
    %6 = arith.addf %5, %one : f32
    %7 = arith.mulf %3, %half : f32
    %8 = arith.mulf %6, %7 : f32
    %out = arith.addf %8, %full_w : f32""",
    "silu": """
    %one = arith.constant 1.0 : f32
    %1 = arith.negf %sum_w : f32
    %2 = math.exp %1 : f32
    %3 = arith.addf %2, %one : f32
    %4 = arith.divf %sum_w, %3 : f32
    %out = arith.addf %4, %full_w : f32""",
    "init": """
    %out = math.tanh %sum_w : f32""",
}


def emit(kind, intrinsic, rows, cols, step, stages, warps, layout, result,
         split=1, depth=64, shuffled=False, panels=1):
    element = intrinsic.split("-")[1].replace("tf32", "f32")
    width = 64 if element == "f32" else 8
    order, chains, weight = make_table(rows, depth, shuffled)
    entries = [entry for chain in chains for entry in chain]
    pointers = [sum(map(len, chains[:n])) for n in range(len(chains) + 1)]
    data = b"".join(encode(v, element) for row in weight for v in row)
    tokens = layout == "jk"
    x = f"tensor<?x{K}x{element}>" if tokens else f"tensor<{K}x?x{element}>"
    shape = f"?x{M}" if tokens else f"{M}x?"
    other = f"{M}x?" if tokens else f"?x{M}"
    y, s = f"tensor<{shape}x{result}>", f"tensor<{shape}xf32>"
    bias = "f32" if kind == "relu" else result
    full = f"tensor<{other if kind == 'silu' else shape}x{result}>"
    identity = "affine_map<(d0, d1) -> (d0, d1)>"
    swap = "affine_map<(d0, d1) -> (d1, d0)>"
    row, col = ("d1", "d0") if tokens else ("d0", "d1")
    marks = [f"rhs_map = {swap}", f"out_map = {swap}"] * tokens
    if kind == "init":
        marks.append("accumulate")
    share = "" if split == 1 else f", split = {split}"
    share += "" if panels == 1 else f", panels = {panels}"
    inputs = [("sum", s, identity, "f32"),
              ("row", f"tensor<{M}x{bias}>",
               f"affine_map<(d0, d1) -> ({row})>", bias),
              ("col", "tensor<?xf32>", f"affine_map<(d0, d1) -> ({col})>",
               "f32"),
              ("full", full, swap if kind == "silu" else identity, result)]
    maps = ", ".join([i[2] for i in inputs] + [identity])
    names = ", ".join("%t_" + i[0] for i in inputs)
    types = ", ".join(i[1] for i in inputs)
    arguments = ", ".join(f"%{i[0]}: {i[3]}" for i in inputs)
    widened = "\n    ".join(widen(i[0], i[3]) for i in inputs)
    narrow = (f"linalg.yield %out : f32" if result == "f32" else
              f"%stored = arith.truncf %out : f32 to {result}\n"
              f"    linalg.yield %stored : {result}")
    init = f"""%zero = arith.constant 0.0 : f32
  %c = linalg.fill ins(%zero : f32) outs(%e : {s}) -> {s}"""
    if kind == "init":
        init = f"""%c = linalg.generic {{
      indexing_maps = [affine_map<(d0, d1) -> ({row})>, {identity}],
      iterator_types = ["parallel", "parallel"]}}
      ins(%t_row : tensor<{M}x{bias}>) outs(%e : {s}) {{
  ^bb0(%row: {bias}, %old: f32):
    {widen("row", bias)}
    linalg.yield %row_w : f32
  }} -> {s}"""
    name = "_".join([kind, intrinsic.replace(".", "_").replace("-", "_"),
                     layout, str(rows), str(cols), str(split)])
    print(f"""func.func @{name}(%x: {x}, %t_row: tensor<{M}x{bias}>, %t_col: tensor<?xf32>, %t_full: {full}) -> {y} {{
  %w = arith.constant dense<"0x{data.hex().upper()}"> : tensor<{M}x{K}x{element}>
  %at = arith.constant {0 if tokens else 1} : index
  %n = tensor.dim %x, %at : {x}
  %e = tensor.empty(%n) : {s}
  %d = tensor.empty(%n) : {y}
  {init}
  %t_sum = sparse_ir.kernel ins(%w, %x : tensor<{M}x{K}x{element}>, {x}) outs(%c : {s})
    of #sparse_ir.chains<rows = {rows}, depth = {depth}, phases = 1, panel_rows = {tensor(order)}, chain_ptr = {tensor(pointers)}, entries = {tensor(entries)}>
    extents [{M}, -1, {K}]
    strategy(#sparse_ir.strategy<intrinsic = "{intrinsic}", rows = {rows}, depth = {depth}, vectors = {cols // width}, phase = 0, tasks = 1, pack_rhs = false, step = {step}, stages = {stages}, warps_i = {warps[0]}, warps_j = {warps[1]}{share}>)
    {{{", ".join(marks)}}} -> {s}
  %y = linalg.generic {{indexing_maps = [{maps}], iterator_types = ["parallel", "parallel"]}}
      ins({names} : {types}) outs(%d : {y}) {{
  ^bb0({arguments}, %old: {result}):
    {widened}{BODIES[kind]}
    {narrow}
  }} -> {y}
  return %y : {y}
}}""")


if sys.argv[1] == "mma":
    emit("relu", "mma.sp-f16", 64, 32, 64, 3, (2, 2), "kj", "f16")
    emit("gelu", "mma-bf16", 32, 64, 32, 2, (2, 1), "jk", "bf16", depth=32,
         shuffled=True)
    emit("silu", "mma-f16", 32, 16, 32, 2, (1, 2), "kj", "f32", depth=16,
         shuffled=True)
    emit("init", "mma.sp-bf16", 64, 64, 128, 2, (1, 4), "jk", "bf16")
    emit("gelu", "mma.sp-f16", 64, 16, 64, 0, (1, 2), "kj", "f16", split=2)
    emit("silu", "mma-bf16", 32, 8, 64, 0, (1, 1), "jk", "bf16", depth=16,
         shuffled=True)
    emit("init", "mma-f16", 32, 8, 32, 0, (1, 2), "jk", "f16", depth=16,
         shuffled=True, split=3)
elif sys.argv[1] == "bands":
    emit("relu", "mma-f16", 16, 64, 64, 2, (1, 1), "kj", "f16", depth=1,
         panels=4)
    emit("gelu", "mma-bf16", 32, 128, 32, 2, (1, 2), "jk", "bf16", depth=1,
         shuffled=True, panels=2)
    emit("silu", "mma-f16", 16, 64, 64, 3, (1, 1), "kj", "f32", depth=1,
         shuffled=True, panels=8)
    emit("init", "mma-bf16", 48, 64, 128, 2, (1, 1), "jk", "f32", depth=1,
         panels=4)
elif sys.argv[1] == "tf32":
    emit("gelu", "wgmma-tf32", 48, 128, 32, 2, (4, 1), "kj", "f16", depth=32,
         shuffled=True)
    emit("silu", "wgmma-tf32", 32, 128, 64, 2, (4, 2), "kj", "f32", depth=64)
    emit("init", "wgmma-tf32", 64, 64, 32, 3, (4, 1), "jk", "f32", depth=16,
         shuffled=True)
else:
    emit("relu", "wgmma.sp-f16", 128, 64, 128, 2, (8, 1), "kj", "f16")
    emit("gelu", "wgmma.sp-bf16", 64, 40, 128, 2, (4, 1), "jk", "bf16")
    emit("silu", "wgmma-f16", 64, 64, 64, 2, (4, 1), "kj", "f32", depth=64,
         shuffled=True)
    emit("gelu", "wgmma-f16", 64, 128, 64, 2, (4, 2), "kj", "f16", depth=32,
         shuffled=True)
    emit("init", "wgmma-bf16", 64, 24, 128, 2, (4, 1), "jk", "f32", depth=64,
         shuffled=True)
