# ===- cusparselt.py - 2:4 products ---------------------------------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""cuSPARSELt through PyTorch. Its own search picks algorithms whose results are
wrong, so its choice and its default are variants, and are checked."""

import torch

from peers import NotApplicable, Variant


def variants(problem):
    if not torch.backends.cusparselt.is_available():
        raise NotApplicable("cuSPARSELt is not available")
    compressed = [torch._cslt_compress(problem.weights)
                  for _ in range(problem.sets)]
    # The search ends the process with an illegal instruction when asked for a
    # transposed result (0.8.0, H100): what it finds without serves both.
    found = _search(compressed[0], problem.token_major(0).t())
    algorithms = sorted({0, found[0]} if found else {0})
    for label, transposed, operand in (
            ("X by columns", False, lambda i: problem.token_major(i).t()),
            ("Y by columns", True, lambda i: problem.token_major(i).t()),
            ("all by rows", False, lambda i: problem.x[i])):
        def make(name, transposed=transposed, operand=operand, **options):
            return Variant(
                f"{name}, {label}",
                lambda i: torch._cslt_sparse_mm(
                    compressed[i], operand(i), transpose_result=transposed,
                    **options),
                # A transposed result is [tokens, rows].
                result=lambda raw, _: raw.t() if transposed else raw)

        if found and found[1] > 1:
            yield make(f"algorithm {found[0]}, split {found[1]}",
                       alg_id=found[0], split_k=found[1],
                       split_k_mode=found[2])
        for algorithm in algorithms:
            if _accepts(compressed[0], operand(0), transposed, algorithm):
                yield make(f"algorithm {algorithm}", alg_id=algorithm)


def _search(compressed, operand):
    """The library's own choice: algorithm, split along k, how, and the last
    algorithm; None where this PyTorch does not tell."""
    try:
        return torch._C._cusparselt.mm_search(compressed, operand, None, None,
                                              None, False)
    except (AttributeError, RuntimeError, TypeError):
        return None


def _accepts(compressed, operand, transposed, algorithm):
    try:
        torch._cslt_sparse_mm(compressed, operand, alg_id=algorithm,
                              transpose_result=transposed)
    except RuntimeError:
        return False
    return True
