# ===- selection.py - A product of several strategies ------------------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------===#
"""Prints a program whose product has a strategy of each GPU family, for few,
more and many columns, with other ranges where N is a multiple of eight.

nm     2:4; two kernels share what is packed, though their steps differ
block  blocks of 64 x 64, one panel empty; the result is stored transposed
"""

import random
import struct
import sys

random.seed(5)
M, K = 160, 256


def strategy(intrinsic, vectors, step, stages, warps, split=1):
    return (f'#sparse_ir.strategy<intrinsic = "{intrinsic}", rows = 64, '
            f"depth = 64, vectors = {vectors}, phase = 0, tasks = 1, "
            f"pack_rhs = false, step = {step}, stages = {stages}, "
            f"warps_i = {warps[0]}, warps_j = {warps[1]}, split = {split}>")


def make_two_of_four():
    rows = []
    for _ in range(M):
        row = []
        for _ in range(K // 4):
            kept = random.sample(range(4), 2)
            row += [random.choice([-2, -1, 1, 2]) if c in kept else 0
                    for c in range(4)]
        rows.append(row)
    return rows


def make_blocks():
    blocks = [[random.random() < 0.5 for _ in range(K // 64)]
              for _ in range(-(-M // 64))]
    blocks[1] = [False] * (K // 64)
    return [[random.choice([-1, 1, 2]) if blocks[r // 64][c // 64] else 0
             for c in range(K)] for r in range(M)]


def emit(name, weight, sparse, transposed):
    dot = ".sp" if sparse else ""
    strategies = [strategy(f"mma{dot}-f16", 1, 64, 0, (1, 2), 2),
                  strategy(f"mma{dot}-f16", 4, 128, 3, (2, 2)),
                  strategy(f"wgmma{dot}-f16", 8, 128, 3, (4, 1))]
    mask = ", ".join('"%s"' % "".join("01"[v != 0] for v in row)
                     for row in weight)
    data = b"".join(struct.pack("<e", v) for row in weight for v in row)
    y = f"tensor<?x{M}xf32>" if transposed else f"tensor<{M}x?xf32>"
    print(f"""func.func @{name}(%x: tensor<{K}x?xf16>) -> {y} {{
  %w = arith.constant dense<"0x{data.hex().upper()}"> : tensor<{M}x{K}xf16>
  %at = arith.constant 1 : index
  %n = tensor.dim %x, %at : tensor<{K}x?xf16>
  %e = tensor.empty(%n) : tensor<{M}x?xf32>
  %zero = arith.constant 0.0 : f32
  %c = linalg.fill ins(%zero : f32) outs(%e : tensor<{M}x?xf32>) -> tensor<{M}x?xf32>
  %p = sparse_ir.matmul ins(%w, %x : tensor<{M}x{K}xf16>, tensor<{K}x?xf16>) outs(%c : tensor<{M}x?xf32>)
    lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<[{mask}]>>)
    strategy({strategies[0]})
    selection(#sparse_ir.selection<strategies = [{", ".join(strategies)}], modulus = 8, aligned = [0, 0, 24, 1, 64, 2], others = [0, 0, 16, 1, 100, 2]>)""")
    if transposed:
        print(f"""  %te = tensor.empty(%n) : {y}
  %t = linalg.transpose ins(%p : tensor<{M}x?xf32>) outs(%te : {y}) permutation = [1, 0]
  return %t : {y}
}}""")
    else:
        print(f"  return %p : {y}\n}}")


if sys.argv[1] == "nm":
    emit("main", make_two_of_four(), True, False)
else:
    emit("main", make_blocks(), False, True)
