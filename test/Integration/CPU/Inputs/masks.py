# ===- masks.py - The masks of attention, from their definitions -------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------===#
"""Masks that the test knows without asking the compiler, and as attributes."""

import numpy as np


def gst(size, window, stride):
    distance = np.subtract.outer(np.arange(size), np.arange(size))
    return (distance % stride == 0) | (np.abs(distance) < window)


def window(size, width, causal=False):
    distance = np.subtract.outer(np.arange(size), np.arange(size))
    mask = np.abs(distance) <= width
    return mask & (distance >= 0) if causal else mask


def longformer(size, width, tokens):
    mask = window(size, width)
    mask[:tokens] = True
    mask[:, :tokens] = True
    return mask


def attribute(mask):
    """`mask` written out, as an unstructured sparsity."""
    rows = ", ".join('"' + "".join("01"[int(bit)] for bit in row) + '"'
                     for row in mask)
    return ("#sparse_ir.sparsity<#sparse_ir.unstructured, "
            f"#sparse_ir.mask<[{rows}]>>")


def determined(pattern):
    """The sparsity of a pattern that determines its mask."""
    return f"#sparse_ir.sparsity<#sparse_ir.{pattern}>"
