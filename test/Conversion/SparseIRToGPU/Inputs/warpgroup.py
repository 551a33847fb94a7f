#===- warpgroup.py - Kernels on chains for wgmma -------------*- Python -*-===//
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#===----------------------------------------------------------------------===//
"""Prints kernels with constant lhs for the tests of the wgmma family.

usage: warpgroup.py (layouts | waves | gather | pairs | clusters | shared |
                     tf32 | tf32-clusters | tf32-waves | bands | bands-waves)

layouts: 2:4 and block-sparse lhs, both layouts of rhs and output, rows out of
order, an empty chain, entries that are shorter than a stage.
waves, tf32-waves: more tiles than blocks, of panels and of pairs of them.
gather: entries of one k: vectors of rows, dense or 2:4 along a chain, in any
order of k; chains that end in a step, with all k at one end, and empty ones.
tf32: transposed products: all entries, layouts, widths of lanes and numbers of
warpgroups; weights of few bits, which tf32 holds.
pairs: two panels a block: an odd number of panels, rows out of order, an empty
chain, a pair without an entry, a K that is no multiple of an entry's.
bands: warps of mma that take rows from bands of the rhs: as gather, with
numbers of panels that are no multiple of a block's, panels of vector N:M, which
have equally many k of each band, and no entry at all.
clusters, tf32-clusters: blocks that share the packed lhs, of each of these.
shared: chains that two or four blocks of a cluster share: of more and of fewer
steps than blocks, of none, dense, 2:4 and gathered, by one warpgroup and two.
"""

import random
import struct
import sys

random.seed(7)


def encode(value, element):
    if element == "f16":
        return struct.pack("<e", value)
    return struct.pack("<f", value)[0 if element == "f32" else 2:]


def tensor(values):
    return "dense<[%s]> : tensor<%dxi32>" % (
        ", ".join(map(str, values)), len(values))


def make_chains(m, k, rows, depth, shuffled, density):
    """Panel rows and, for each panel, its entries; the second has none."""
    panels = -(-m // rows)
    order = [row if row < m else -1 for row in range(panels * rows)]
    if shuffled:
        random.shuffle(order)
    chains = [[min(at, k - depth) for at in range(0, k, depth)
               if random.random() < density] for _ in range(panels)]
    if shuffled:
        chains[1] = []
    return order, chains


def make_gathered(m, k, rows, scattered):
    """The same with entries of one k: a half of k, the first k, the last k,
    none, three k; `scattered`: in no order."""
    panels = -(-m // rows)
    order = [row if row < m else -1 for row in range(panels * rows)]
    if scattered:
        random.shuffle(order)
    kinds = (sorted(random.sample(range(k), k // 2)), list(range(70)),
             list(range(k - 66, k)), [], [0, k // 2, k - 1])
    chains = [list(kinds[n % len(kinds)]) for n in range(panels)]
    if scattered:
        for chain in chains:
            random.shuffle(chain)
    return order, chains


def make_windows(m, k, rows, kept, window):
    """So many k of every window, for each panel."""
    panels = -(-m // rows)
    order = [row if row < m else -1 for row in range(panels * rows)]
    chains = [[first + n for first in range(0, k, window)
               for n in sorted(random.sample(range(window), kept))]
              for _ in range(panels)]
    return order, chains


def make_weight(m, k, rows, depth, order, chains, sparse):
    weight = [[0] * k for _ in range(m)]
    for at, row in enumerate(order):
        if row < 0:
            continue
        # The last entry of a K that is no multiple overlaps the one before.
        columns = [first + n for first in chains[at // rows]
                   for n in range(-first % depth, depth)]
        for group in range(0, len(columns), 4):
            window = columns[group:group + 4]
            kept = 2 if sparse else 4
            for column in random.sample(window, min(kept, len(window))):
                weight[row][column] = random.choice([-2, -1, 1, 2])
    return weight


def emit(name, intrinsic, m, k, rows, cols, step, stages, warps, depth, rhs,
         out, result, shuffled=False, density=1.0, pack=False,
         panels=1, kept=None, cluster=1, split=1):
    element = intrinsic.split("-")[1].replace("tf32", "f32")
    width = 64 if element == "f32" else 8
    sparse = intrinsic.split("-")[0].endswith(".sp")
    if kept is not None:
        order, chains = make_windows(m, k, rows, kept, 32)
    elif depth == 1:
        order, chains = make_gathered(m, k, rows, shuffled)
    else:
        order, chains = make_chains(m, k, rows, depth, shuffled, density)
    weight = make_weight(m, k, rows, depth, order, chains, sparse)
    entries = [entry for chain in chains for entry in chain]
    pointers = [sum(map(len, chains[:n])) for n in range(len(chains) + 1)]
    data = b"".join(encode(v, element) for row in weight for v in row)
    x = ("?x%d" if rhs == "jk" else "%dx?") .replace("%d", str(k))
    y = ("?x%d" if out == "ji" else "%dx?").replace("%d", str(m))
    swap = "affine_map<(d0, d1) -> (d1, d0)>"
    maps = ["rhs_map = " + swap] * (rhs == "jk")
    maps += ["out_map = " + swap] * (out == "ji")
    shared = f", panels = {panels}" if panels > 1 else ""
    shared += f", cluster = {cluster}" if cluster > 1 else ""
    shared += f", split = {split}" if split > 1 else ""
    print(f"""func.func @{name}(%x: tensor<{x}x{element}>) -> tensor<{y}x{result}> {{
  %w = arith.constant dense<"0x{data.hex().upper()}"> : tensor<{m}x{k}x{element}>
  %at = arith.constant {0 if rhs == "jk" else 1} : index
  %n = tensor.dim %x, %at : tensor<{x}x{element}>
  %e = tensor.empty(%n) : tensor<{y}x{result}>
  %zero = arith.constant 0.0 : {result}
  %c = linalg.fill ins(%zero : {result}) outs(%e : tensor<{y}x{result}>) -> tensor<{y}x{result}>
  %y = sparse_ir.kernel ins(%w, %x : tensor<{m}x{k}x{element}>, tensor<{x}x{element}>) outs(%c : tensor<{y}x{result}>)
    of #sparse_ir.chains<rows = {rows}, depth = {depth}, phases = 1, panel_rows = {tensor(order)}, chain_ptr = {tensor(pointers)}, entries = {tensor(entries)}>
    extents [{m}, -1, {k}]
    strategy(#sparse_ir.strategy<intrinsic = "{intrinsic}", rows = {rows}, depth = {depth}, vectors = {cols // width}, phase = 0, tasks = 1, pack_rhs = {str(pack).lower()}, step = {step}, stages = {stages}, warps_i = {warps[0]}, warps_j = {warps[1]}{shared}>)
    {{{", ".join(maps)}}} -> tensor<{y}x{result}>
  return %y : tensor<{y}x{result}>
}}""")


if sys.argv[1] == "waves":
    emit("waves", "wgmma-f16", 64, 64, 64, 8, 64, 2, (4, 1), 64, "jk", "ij",
         "f16")
    emit("pair_waves", "wgmma-f16", 100, 128, 64, 8, 64, 2, (4, 1), 64, "jk",
         "ij", "f16", density=0.7, panels=2)
    emit("cluster_waves", "wgmma-f16", 64, 192, 64, 8, 64, 2, (4, 1), 64, "jk",
         "ij", "f16", cluster=2)
    emit("pair_cluster_waves", "wgmma-f16", 100, 128, 64, 8, 64, 2, (4, 1), 64,
         "jk", "ij", "f16", density=0.7, panels=2, cluster=2)
elif sys.argv[1] == "pairs":
    emit("pair_features", "wgmma-f16", 300, 320, 64, 128, 64, 2, (4, 1), 64,
         "kj", "ij", "f16", density=0.5, panels=2)
    emit("pair_tokens", "wgmma-bf16", 360, 230, 64, 40, 64, 3, (4, 1), 64,
         "jk", "ji", "f32", shuffled=True, density=0.5, panels=2)
    emit("pair_tall", "wgmma-f16", 200, 192, 128, 64, 64, 2, (4, 1), 64,
         "kj", "ji", "f16", density=0.6, pack=True, panels=2)
    emit("pair_empty", "wgmma-f16", 128, 128, 64, 64, 64, 2, (4, 1), 64, "kj",
         "ij", "f16", density=0, panels=2)
elif sys.argv[1] == "clusters":
    emit("sparse", "wgmma.sp-f16", 70, 256, 64, 64, 128, 2, (4, 1), 64, "kj",
         "ij", "f32", cluster=2)
    emit("blocks", "wgmma-f16", 100, 192, 64, 40, 64, 2, (4, 1), 64, "jk",
         "ji", "f32", shuffled=True, density=0.5, cluster=2)
    emit("pairs", "wgmma-f16", 200, 192, 64, 128, 64, 2, (4, 1), 64, "kj",
         "ij", "f16", density=0.5, panels=2, cluster=2)
    emit("vectors", "wgmma-bf16", 150, 150, 64, 64, 128, 3, (4, 1), 1, "jk",
         "ji", "f32", shuffled=True, cluster=2)
    emit("hinm", "wgmma.sp-bf16", 150, 152, 128, 64, 128, 2, (8, 1), 1, "kj",
         "ij", "bf16", shuffled=True, cluster=2)
elif sys.argv[1] == "shared":
    emit("shared_tokens", "wgmma.sp-bf16", 100, 640, 128, 64, 128, 2, (8, 1),
         128, "jk", "ji", "bf16", split=4)
    emit("shared_features", "wgmma.sp-f16", 100, 384, 64, 128, 128, 2, (4, 2),
         64, "kj", "ij", "f32", split=2)
    emit("shared_blocks", "wgmma-f16", 200, 320, 64, 128, 64, 3, (4, 1), 32,
         "kj", "ij", "f16", shuffled=True, density=0.5, split=4)
    emit("shared_vectors", "wgmma-f16", 300, 150, 128, 128, 64, 2, (8, 1), 1,
         "kj", "ij", "f16", split=2)
elif sys.argv[1] == "gather":
    emit("vector_features", "wgmma-f16", 300, 150, 128, 128, 64, 2, (8, 1), 1,
         "kj", "ij", "f16")
    emit("vector_tokens", "wgmma-bf16", 300, 150, 64, 64, 128, 3, (4, 1), 1,
         "jk", "ji", "f32", shuffled=True)
    emit("hinm_features", "wgmma.sp-bf16", 300, 152, 128, 64, 128, 2, (8, 1),
         1, "kj", "ij", "bf16", shuffled=True)
    emit("hinm_tokens", "wgmma.sp-f16", 300, 152, 64, 256, 128, 2, (4, 2), 1,
         "jk", "ij", "f16")
elif sys.argv[1] == "bands":
    emit("band_features", "mma-f16", 300, 150, 32, 128, 64, 2, (1, 1), 1,
         "kj", "ij", "f16", panels=4)
    emit("band_tokens", "mma-bf16", 150, 300, 16, 128, 128, 3, (1, 2), 1,
         "jk", "ji", "bf16", shuffled=True, panels=8)
    emit("band_singles", "mma-f16", 250, 150, 48, 64, 32, 2, (1, 1), 1,
         "kj", "ji", "f32", shuffled=True, pack=True, panels=4)
    emit("band_windows", "mma-f16", 150, 256, 32, 64, 128, 2, (1, 1), 1, "kj",
         "ij", "f32", panels=8, kept=8)
    emit("band_empty", "mma-bf16", 70, 64, 32, 128, 64, 2, (1, 2), 1, "kj", "ij",
         "f32", panels=2, kept=0)
elif sys.argv[1] == "bands-waves":
    emit("windows", "mma-f16", 150, 32, 16, 64, 32, 2, (1, 1), 1, "kj", "ij",
         "f16", panels=4, kept=16)
    emit("gathered", "mma-f16", 150, 72, 16, 64, 32, 2, (1, 1), 1, "kj", "ij",
         "f16", panels=4)
elif sys.argv[1] == "tf32":
    emit("gather_features", "wgmma-tf32", 100, 150, 32, 128, 32, 3, (4, 2), 1,
         "kj", "ij", "f32", shuffled=True)
    emit("gather_tokens", "wgmma-tf32", 300, 150, 128, 128, 64, 2, (4, 1), 1,
         "jk", "ji", "f32")
    emit("block_features", "wgmma-tf32", 150, 256, 48, 256, 64, 2, (4, 1), 16,
         "kj", "ij", "f16", shuffled=True, density=0.5, pack=True)
    emit("block_tokens", "wgmma-tf32", 150, 256, 64, 64, 32, 2, (4, 1), 32,
         "jk", "ij", "f32", shuffled=True, density=0.5)
elif sys.argv[1] == "tf32-clusters":
    emit("vectors", "wgmma-tf32", 100, 150, 32, 64, 32, 3, (4, 1), 1, "kj",
         "ij", "f32", shuffled=True, cluster=2)
    emit("blocks", "wgmma-tf32", 150, 256, 48, 64, 64, 2, (4, 1), 16, "jk",
         "ji", "f32", shuffled=True, density=0.5, cluster=2)
elif sys.argv[1] == "tf32-waves":
    emit("waves", "wgmma-tf32", 64, 96, 16, 64, 32, 2, (4, 1), 32, "kj", "ij",
         "f32")
else:
    emit("sparse_tokens", "wgmma.sp-bf16", 100, 256, 128, 48, 128, 2, (8, 1),
         128, "jk", "ji", "bf16")
    emit("sparse_features", "wgmma.sp-f16", 100, 256, 64, 128, 128, 2, (4, 2),
         64, "kj", "ij", "f32")
    emit("block_features", "wgmma-f16", 150, 256, 64, 64, 64, 3, (4, 1), 32,
         "kj", "ij", "f16", shuffled=True, density=0.5, pack=True)
    emit("block_tokens", "wgmma-f16", 150, 256, 64, 40, 128, 2, (4, 1), 64,
         "jk", "ji", "f32", shuffled=True, density=0.5)
