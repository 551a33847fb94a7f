# ===- __init__.py - SpMMPlu's Python package -----------------------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""SpMMPlu: sparse matrix products, compiled."""

from importlib import import_module

_PLACES = {
    "prune": "compiler", "propagate": "compiler", "compile": "compiler",
    "Pruned": "compiler", "CompileError": "compiler", "Program": "runtime",
    "ProgramError": "runtime",
}  # fmt: skip
__all__ = ["load", *_PLACES]


def load(path, device="auto"):
    """Loads a package: `load("layer.spmm").run(x)`."""
    return import_module("spmmplu.runtime").Program.load(path, device)


def __getattr__(name):
    """NumPy is imported when something that needs it is used: the tools' side
    of the package does not."""
    if name not in _PLACES:
        raise AttributeError(f"module 'spmmplu' has no attribute '{name}'")
    return getattr(import_module(f"spmmplu.{_PLACES[name]}"), name)
