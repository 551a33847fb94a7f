# ===- flex_attention.py - FlexAttention with block masks -----------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""PyTorch's FlexAttention, compiled. The block mask is made once, not timed."""

import torch
from torch.nn.attention.flex_attention import create_block_mask, flex_attention

import masks
from peers import NotApplicable, Variant


def _predicate(problem):
    """The mask as the function that FlexAttention compiles."""
    name, _, keys = masks.parse(problem.spec.mask)
    keys = {key: int(value) for key, value in keys.items()}
    if name == "gst":
        window, stride = keys["window"], keys["stride"]
        return lambda b, h, q, k: ((q - k).abs() < window) | ((q - k) % stride == 0)
    if name == "longformer":
        window, first = keys["window"], keys["global"]
        return lambda b, h, q, k: (
            ((q - k).abs() <= window) | (q < first) | (k < first))
    if name == "bigbird":
        block = keys["block"]
        kept = problem.mask[::block, ::block].contiguous()
        return lambda b, h, q, k: kept[q // block, k // block]
    raise NotApplicable(f"no function for mask '{problem.spec.mask}'")


def variants(problem):
    predicate, length = _predicate(problem), problem.spec.length
    # Each size is a compilation of some seconds; blocks of 64 suit masks that
    # are made of them.
    sizes = (64, 128) if "bigbird" in problem.spec.mask else (128,)
    torch._dynamo.reset()
    compiled = torch.compile(flex_attention, dynamic=False)
    for size in sizes:
        mask = create_block_mask(predicate, None, None, length, length,
                                 device="cuda", BLOCK_SIZE=size)
        yield Variant(f"blocks of {size}", _launch(problem, compiled, mask),
                      result=lambda raw, _: raw[0])


def _launch(problem, compiled, mask):
    return lambda i: compiled(problem.q[i][None], problem.k[i][None],
                              problem.v[i][None], block_mask=mask)
