# ===- __init__.py - What ours is compared with ---------------------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""One module a peer. Each has `variants(problem)`, which yields the ways to use
the library; the benchmark keeps the fastest one whose result is correct."""

import importlib
from dataclasses import dataclass
from typing import Callable, Optional

MODULES = {
    "cublas": "peers.cublas",
    "cusparselt": "peers.cusparselt",
    "cusparse-csr": "peers.cusparse_csr",
    "cusparse-blocked-ell": "peers.cusparse_ell",
    "sdpa": "peers.sdpa",
    "flex-attention": "peers.flex_attention",
    "cudnn": "peers.cudnn",
    "spmmplu": "peers.spmmplu_program",
}


class NotApplicable(Exception):
    """The library has no way to solve this problem: one line why."""


def _as_it_is(raw, _):
    return raw


@dataclass
class Variant:
    """`launch(i)` starts work on PyTorch's current stream with set i and returns
    what it writes to; `result(raw, i)` is that in the problem's layout.
    `outputs`: a buffer a set that the variant owns, None where the library
    allocates. `computes`: which reference holds, see Problem.reference.
    `tolerances`: how many of the problem's its error may be, where a library is
    known to round more often than once; the table says which one needed it."""

    label: str
    launch: Callable
    result: Callable = _as_it_is
    outputs: Optional[list] = None
    computes: str = "sparse"
    tolerances: float = 1


def load(name):
    """The module of a peer."""
    return importlib.import_module(MODULES[name])
