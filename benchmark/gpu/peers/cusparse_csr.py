# ===- cusparse_csr.py - Products and sampled products of CSR -------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""cuSPARSE SpMM and SDDMM on CSR, all heads in one batch. The conversion to CSR
is not timed."""

import torch

from peers import Variant
from peers.cusparse_library import (PLAIN, SDDMM_DEFAULT, SPMM_ALGORITHMS,
                                    TRANSPOSED, CusparseError, shared)

# Some of its algorithms of SpMM store partial sums as f16: errors of 6e-4 to 1e-3
# where one rounding explains 5e-4.
PARTIAL_SUMS = 3


def _structure(problem):
    """Offsets, and columns for each head, of the mask."""
    counts = problem.mask.sum(1, dtype=torch.int32)
    offsets = torch.zeros(len(counts) + 1, device="cuda", dtype=torch.int32)
    offsets[1:] = counts.cumsum(0)
    columns = (problem.places % problem.spec.length).to(torch.int32)
    return offsets, columns.repeat(problem.spec.heads, 1)


def variants(problem):
    offsets, columns = _structure(problem)
    if problem.spec.kind == "sddmm":
        yield from _sampled(problem, offsets, columns)
    else:
        yield from _sparse(problem, offsets, columns)


def _sampled(problem, offsets, columns):
    spec, library = problem.spec, shared()
    outputs = [torch.zeros(spec.heads, problem.nonzeros, device="cuda",
                           dtype=torch.float16) for _ in range(problem.sets)]
    scores = [library.csr((spec.length, spec.length), offsets, columns, values)
              for values in outputs]
    failure = None
    # K' as it is, stored by columns, or as the transpose of K.
    for label, operation, by_columns in (("K' by columns", PLAIN, True),
                                         ("K transposed", TRANSPOSED, False)):
        try:
            runs = [library.product(
                "cusparseSDDMM", (PLAIN, operation), library.dense(q),
                library.dense(k, by_columns), matrix, SDDMM_DEFAULT)
                for q, k, matrix in zip(problem.q, problem.k, scores)]
        except CusparseError as error:
            failure = error
            continue
        yield Variant(label, _launch(runs, outputs, offsets, columns),
                      outputs=outputs)
    if failure:
        raise failure


def _sparse(problem, offsets, columns):
    spec, library = problem.spec, shared()
    values = [problem.values(i) for i in range(problem.sets)]
    outputs = [torch.empty(spec.heads, spec.length, spec.width, device="cuda",
                           dtype=torch.float16) for _ in range(problem.sets)]
    for name, algorithm in SPMM_ALGORITHMS.items():
        try:
            runs = [library.product(
                "cusparseSpMM", (PLAIN, PLAIN),
                library.csr((spec.length, spec.length), offsets, columns, kept),
                library.dense(v), library.dense(out), algorithm)
                for kept, v, out in zip(values, problem.v, outputs)]
        except CusparseError:
            continue
        yield Variant(name, _launch(runs, outputs, offsets, columns, values),
                      outputs=outputs, tolerances=PARTIAL_SUMS)


def _launch(runs, outputs, *kept):
    """`kept`: tensors of which the library has the addresses only."""
    def launch(i):
        runs[i]()
        return outputs[i]

    launch.kept = kept
    return launch
