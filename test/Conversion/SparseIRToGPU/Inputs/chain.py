#===- chain.py - Kernels on chains for mma.sync --------------*- Python -*-===//
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#===----------------------------------------------------------------------===//
"""Prints kernels with constant lhs for the tests of the families on chains.

usage: chain.py (warp | stream | tf32 | half | fma | bytes | types | byte-types)

Every pattern with both layouts: of the rhs, [k][j] and [j][k], and with the
latter of a transposed result. 100 rows are no multiple of any panel.

nm      2:4 (f32: 1:2), all of k: one run, which needs no table
part    2:4 (1:2), some entries of 64, one empty chain, rows out of order
block   16 x 16 blocks, one empty panel and one empty row in each other
vector  vectors of 32 x 1, which are gathered one k at a time
empty   no entry at all
"""

import random
import struct
import sys

random.seed(11)
M, K = 100, 192


# An i8; and f8 of 1 and 2, which differ in the exponent.
BYTES = {"i8": None, "f8E4M3FN": (0x38, 0x40), "f8E5M2": (0x3C, 0x40)}


def encode(value, element):
    if element == "i8":
        return struct.pack("<b", value)
    if element in BYTES:
        sign = 0x80 if value < 0 else 0
        return bytes([sign | BYTES[element][abs(value) - 1] if value else 0])
    if element == "f16":
        return struct.pack("<e", value)
    return struct.pack("<f", value)[0 if element == "f32" else 2:]


def tensor(values):
    listed = "[%s]" % ", ".join(map(str, values)) if values else ""
    return "dense<%s> : tensor<%dxi32>" % (listed, len(values))


def make_chains(pattern, rows, depth):
    """Panel rows and, for each panel, its entries."""
    panels = -(-M // rows)
    order = [row if row < M else -1 for row in range(panels * rows)]
    if pattern in ("part", "block"):
        random.shuffle(order)
    density = {"nm": 1, "empty": 0}.get(pattern, 0.5)
    chains = [[at for at in range(0, K, depth) if random.random() < density]
              for _ in range(panels)]
    if pattern in ("part", "block"):
        chains[1] = []
        chains[0] = chains[0] or [depth]
    return order, chains


def draw(element):
    # Sums of small integers are exact in f16; f32 has to round.
    if element == "i8":
        return random.choice([-128, -3, 1, 127])
    return (random.uniform(-2, 2) if element == "f32" else
            random.choice([-2, -1, 1, 2]))


def make_weight(pattern, element, rows, depth, order, chains):
    window = 2 if element == "f32" else 4
    weight = [[0] * K for _ in range(M)]
    for at, row in enumerate(order):
        if row < 0 or (pattern == "block" and at % rows == 5):
            continue
        for first in chains[at // rows]:
            kept = range(first, first + depth)
            if pattern in ("nm", "part"):
                kept = [group + column for group in kept[::window]
                        for column in random.sample(range(window), window // 2)]
            for column in kept:
                weight[row][column] = draw(element)
    return weight


def emit(pattern, element, rows, cols, step, stages, warps, layout, result,
         split=1, accumulate=False, unit="mma", sums=""):
    sparse = pattern in ("nm", "part") and unit == "mma"
    reads = "tf32" if element == "f32" and unit == "mma" else element
    reads = reads.removesuffix("FN").lower()
    intrinsic = f"{unit}{'.sp' if sparse else ''}-{reads}{sums}"
    depth = min({"block": 16, "vector": 1}.get(pattern, 64), step)
    order, chains = make_chains(pattern, rows, depth)
    weight = make_weight(pattern, element, rows, depth, order, chains)
    entries = [entry for chain in chains for entry in chain]
    pointers = [sum(map(len, chains[:n])) for n in range(len(chains) + 1)]
    data = b"".join(encode(v, element) for row in weight for v in row)
    tokens = layout == "jk"
    x = f"tensor<?x{K}x{element}>" if tokens else f"tensor<{K}x?x{element}>"
    y = f"tensor<?x{M}x{result}>" if tokens else f"tensor<{M}x?x{result}>"
    swap = "affine_map<(d0, d1) -> (d1, d0)>"
    marks = [f"rhs_map = {swap}", f"out_map = {swap}"] * tokens
    marks += ["accumulate"] * accumulate
    share = "" if split == 1 else f", split = {split}"
    first = 3.0 if accumulate else 0.0
    first = int(first) if result == "i32" else first
    name = "_".join([unit, pattern, element, layout, str(rows), str(cols),
                     str(split)] + ["added"] * accumulate) + sums.replace("-", "_")
    print(f"""func.func @{name}(%x: {x}) -> {y} {{
  %w = arith.constant dense<"0x{data.hex().upper()}"> : tensor<{M}x{K}x{element}>
  %at = arith.constant {0 if tokens else 1} : index
  %n = tensor.dim %x, %at : {x}
  %e = tensor.empty(%n) : {y}
  %first = arith.constant {first} : {result}
  %c = linalg.fill ins(%first : {result}) outs(%e : {y}) -> {y}
  %y = sparse_ir.kernel ins(%w, %x : tensor<{M}x{K}x{element}>, {x}) outs(%c : {y})
    of #sparse_ir.chains<rows = {rows}, depth = {depth}, phases = 1, panel_rows = {tensor(order)}, chain_ptr = {tensor(pointers)}, entries = {tensor(entries)}>
    extents [{M}, -1, {K}]
    strategy(#sparse_ir.strategy<intrinsic = "{intrinsic}", rows = {rows}, depth = {depth}, vectors = {cols // 8}, phase = 0, tasks = 1, pack_rhs = false, step = {step}, stages = {stages}, warps_i = {warps[0]}, warps_j = {warps[1]}{share}>)
    {{{", ".join(marks)}}} -> {y}
  return %y : {y}
}}""")


if sys.argv[1] == "warp":
    emit("nm", "f16", 64, 32, 64, 3, (2, 2), "kj", "f16")
    emit("nm", "bf16", 64, 16, 64, 2, (4, 1), "jk", "bf16")
    emit("part", "bf16", 64, 64, 128, 2, (1, 4), "kj", "f32")
    emit("part", "f16", 64, 32, 64, 4, (2, 1), "jk", "f16")
    emit("block", "f16", 32, 64, 32, 3, (2, 1), "kj", "f32", accumulate=True)
    emit("block", "bf16", 32, 8, 64, 2, (1, 1), "jk", "bf16")
    emit("vector", "bf16", 32, 64, 32, 2, (1, 2), "kj", "bf16")
    emit("vector", "f16", 32, 32, 16, 3, (2, 2), "jk", "f32", accumulate=True)
    emit("empty", "f16", 64, 64, 64, 3, (2, 2), "kj", "f16")
    emit("empty", "bf16", 64, 64, 64, 2, (4, 1), "jk", "f32")
elif sys.argv[1] == "tf32":
    emit("nm", "f32", 64, 32, 64, 3, (2, 2), "kj", "f32")
    emit("nm", "f32", 64, 16, 32, 2, (4, 1), "jk", "f32")
    emit("part", "f32", 64, 64, 64, 2, (1, 4), "kj", "f32")
    emit("part", "f32", 64, 32, 64, 4, (2, 1), "jk", "f32")
    emit("block", "f32", 32, 128, 16, 3, (2, 2), "kj", "f32", accumulate=True)
    emit("block", "f32", 32, 8, 32, 2, (1, 1), "jk", "f32")
    emit("vector", "f32", 32, 64, 32, 2, (1, 2), "kj", "f32")
    emit("vector", "f32", 32, 8, 8, 3, (1, 1), "kj", "f32")
    emit("vector", "f32", 32, 16, 16, 3, (2, 1), "jk", "f32", accumulate=True)
    emit("empty", "f32", 64, 64, 64, 3, (2, 2), "kj", "f32")
    emit("nm", "f32", 64, 16, 32, 0, (1, 2), "kj", "f32", split=3)
    emit("part", "f32", 64, 8, 64, 0, (1, 2), "jk", "f32")
    emit("block", "f32", 32, 32, 32, 0, (1, 2), "jk", "f32", split=3)
    emit("vector", "f32", 16, 8, 16, 0, (1, 4), "kj", "f32")
elif sys.argv[1] == "bytes":
    emit("nm", "i8", 64, 32, 64, 3, (2, 2), "kj", "i32")
    emit("nm", "f8E4M3FN", 64, 16, 128, 2, (4, 1), "jk", "f32")
    emit("part", "f8E5M2", 64, 64, 64, 2, (1, 4), "kj", "f16")
    emit("part", "i8", 64, 32, 64, 4, (2, 1), "jk", "i32")
    emit("block", "i8", 32, 128, 32, 3, (2, 1), "kj", "i32", accumulate=True)
    emit("block", "f8E5M2", 32, 16, 64, 2, (1, 1), "jk", "f32")
    emit("vector", "f8E4M3FN", 32, 256, 32, 2, (1, 2), "kj", "f32")
    emit("vector", "i8", 32, 32, 32, 3, (2, 2), "jk", "i32", accumulate=True)
    emit("empty", "i8", 64, 64, 64, 3, (2, 2), "kj", "i32")
    emit("nm", "i8", 64, 16, 64, 0, (1, 2), "kj", "i32", split=3)
    emit("nm", "f8E4M3FN", 64, 128, 64, 0, (1, 1), "kj", "f32")
    emit("part", "f8E5M2", 16, 16, 64, 0, (1, 2), "jk", "f32", split=3)
    emit("part", "i8", 32, 32, 128, 0, (1, 3), "kj", "i32")
    emit("block", "i8", 32, 16, 64, 0, (1, 1), "jk", "i32", accumulate=True)
    emit("vector", "f8E4M3FN", 32, 16, 32, 0, (1, 4), "kj", "f32")
    emit("vector", "i8", 16, 16, 32, 0, (1, 2), "jk", "i32", split=3)
    emit("empty", "f8E4M3FN", 64, 16, 64, 0, (1, 2), "kj", "f32", split=3)
elif sys.argv[1] == "half":
    emit("nm", "f16", 64, 32, 64, 3, (2, 2), "kj", "f16", sums="-f16")
    emit("block", "f16", 32, 64, 32, 3, (2, 1), "jk", "f32", accumulate=True,
         sums="-f16")
    emit("part", "f16", 64, 16, 64, 0, (1, 2), "kj", "f32", split=3,
         sums="-f16")
    emit("vector", "f16", 32, 8, 16, 0, (1, 4), "jk", "f16", sums="-f16")
elif sys.argv[1] == "byte-types":
    for element in BYTES:
        result = "i32" if element == "i8" else "f32"
        for pattern in ("nm", "vector"):
            emit(pattern, element, 64, 32, 64, 3, (2, 2), "kj", result)
            emit(pattern, element, 64, 16, 64, 0, (1, 2), "jk", result)
elif sys.argv[1] == "types":
    for element, sums in (("f16", ""), ("bf16", ""), ("f32", ""),
                          ("f16", "-f16")):
        for pattern in ("nm", "vector"):
            emit(pattern, element, 64, 32, 64, 3, (2, 2), "kj", element,
                 sums=sums)
            emit(pattern, element, 64, 8, 64, 0, (1, 2), "jk", element,
                 sums=sums)
    emit("vector", "f32", 32, 64, 8, 3, (2, 2), "kj", "f32", unit="fma")
    emit("block", "f32", 32, 64, 16, 3, (2, 2), "jk", "f32", unit="fma")
elif sys.argv[1] == "fma":
    # Lanes of 4 x 4, 4 x 2, 8 x 4, 2 x 1, 1 x 1, 8 x 8.
    emit("nm", "f32", 32, 64, 8, 3, (2, 2), "kj", "f32", unit="fma")
    emit("nm", "f32", 32, 64, 8, 3, (2, 2), "jk", "f32", unit="fma")
    emit("block", "f32", 16, 16, 16, 4, (1, 1), "kj", "f32", accumulate=True,
         unit="fma")
    emit("block", "f32", 32, 32, 8, 2, (1, 1), "jk", "f32", accumulate=True,
         unit="fma")
    emit("vector", "f32", 16, 8, 16, 3, (2, 1), "kj", "f32", unit="fma")
    emit("vector", "f32", 4, 8, 4, 2, (1, 1), "jk", "f32", unit="fma")
    emit("vector", "f32", 32, 64, 32, 2, (1, 1), "kj", "f32", unit="fma")
    emit("vector", "f32", 64, 64, 4, 2, (2, 1), "jk", "f32", unit="fma")
    emit("empty", "f32", 16, 32, 16, 3, (1, 1), "kj", "f32", unit="fma")
    emit("nm", "f32", 32, 16, 16, 0, (1, 2), "kj", "f32", split=3, unit="fma")
    emit("block", "f32", 16, 8, 16, 0, (1, 4), "jk", "f32", accumulate=True,
         unit="fma")
    emit("vector", "f32", 32, 16, 32, 0, (1, 3), "kj", "f32", unit="fma")
    emit("vector", "f32", 64, 64, 8, 0, (1, 2), "jk", "f32", split=2,
         unit="fma")
    emit("empty", "f32", 32, 32, 16, 0, (1, 2), "kj", "f32", unit="fma")
else:
    emit("nm", "f16", 64, 8, 64, 0, (1, 2), "kj", "f16")
    # Two stages for three steps: the ring wraps around.
    emit("nm", "f16", 64, 256, 64, 0, (1, 1), "kj", "f16")
    emit("nm", "bf16", 32, 16, 64, 0, (1, 1), "jk", "bf16", split=3)
    emit("part", "bf16", 16, 16, 64, 0, (1, 2), "kj", "f32", split=3)
    emit("part", "f16", 64, 32, 128, 0, (1, 3), "jk", "f16")
    emit("block", "f16", 32, 32, 32, 0, (1, 2), "kj", "f32", split=3,
         accumulate=True)
    emit("block", "bf16", 32, 8, 64, 0, (1, 1), "jk", "bf16")
    emit("vector", "bf16", 32, 8, 16, 0, (1, 4), "kj", "bf16")
    emit("vector", "f16", 32, 16, 32, 0, (1, 2), "jk", "f32", split=3)
    emit("empty", "f16", 64, 8, 64, 0, (1, 2), "kj", "f16", split=3)
    emit("empty", "bf16", 64, 16, 64, 0, (1, 2), "jk", "f32")
