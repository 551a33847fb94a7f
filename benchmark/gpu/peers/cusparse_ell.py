# ===- cusparse_ell.py - Products of Blocked-ELL --------------------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""cuSPARSE SpMM on Blocked-ELL, blocks of 64x64, rows padded to the longest one.
The conversion is not timed."""

import torch

from peers import NotApplicable, Variant
from peers.cusparse_library import PLAIN, SPMM_BLOCKED_ELL, shared

BLOCK = 64
# With more blocks than that kept, dense is the better peer.
MOST_BLOCKS = 0.6


def _columns(mask):
    """[block rows, blocks a row], ascending, -1 last."""
    rows, cols = mask.shape[0] // BLOCK, mask.shape[1] // BLOCK
    kept = mask.view(rows, BLOCK, cols, BLOCK).any(3).any(1)
    longest = int(kept.sum(1).max())
    if longest > MOST_BLOCKS * cols:
        raise NotApplicable(f"a row has {longest} of {cols} blocks of "
                            f"{BLOCK}x{BLOCK}")
    order = (~kept).to(torch.int8).argsort(dim=1, stable=True)[:, :longest]
    present = kept.gather(1, order)
    return order.masked_fill(~present, -1).to(torch.int32).contiguous()


def _values(matrix, columns):
    """[rows, blocks a row * block] of [rows, cols]."""
    rows, width = columns.shape
    blocks = matrix.view(rows, BLOCK, -1, BLOCK)
    index = columns.clamp(min=0).long()[:, None, :, None].expand(
        rows, BLOCK, width, BLOCK)
    values = blocks.gather(2, index)
    values *= (columns >= 0)[:, None, :, None]
    return values.reshape(rows * BLOCK, width * BLOCK).contiguous()


def variants(problem):
    columns, library = _columns(problem.mask), shared()
    shape = (problem.spec.rows, problem.spec.depth)
    # The weights of all sets are equal, but lie at addresses of their own.
    values = [_values(problem.weights, columns) for _ in range(problem.sets)]
    outputs = [problem.output() for _ in range(problem.sets)]
    runs = [library.product(
        "cusparseSpMM", (PLAIN, PLAIN),
        library.blocked_ell(shape, BLOCK, columns, value), library.dense(x),
        library.dense(out), SPMM_BLOCKED_ELL)
        for value, x, out in zip(values, problem.x, outputs)]

    def launch(i):
        runs[i]()
        return outputs[i]

    launch.kept = (columns, values)  # the library has their addresses only
    yield Variant("Blocked-ELL", launch, outputs=outputs)
