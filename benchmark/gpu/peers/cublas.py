# ===- cublas.py - Dense products -----------------------------------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""cuBLAS(Lt) through PyTorch, in the layout that suits it best."""

import torch

from cases import Attention
from peers import Variant


def variants(problem):
    if isinstance(problem.spec, Attention):
        yield _attention(problem)
    elif problem.spec.precision in ("i8", "f8e4m3"):
        yield from _bytes(problem)
    else:
        yield from _weights(problem)


def _weights(problem):
    sets, spec = range(problem.sets), problem.spec
    torch.backends.cuda.matmul.allow_tf32 = spec.precision == "tf32"
    rows_first = [problem.output() for _ in sets]
    yield Variant(
        "W X", lambda i: torch.mm(problem.dense_weights(i), problem.x[i],
                                  out=rows_first[i]), outputs=rows_first)
    yield Variant(
        "W X, X by columns",
        lambda i: torch.mm(problem.dense_weights(i), problem.token_major(i).t(),
                           out=rows_first[i]), outputs=rows_first)
    tokens_first = [torch.empty(spec.tokens, spec.rows, device="cuda",
                                dtype=problem.dtype) for _ in sets]
    yield Variant(
        "X' W'", lambda i: torch.mm(problem.token_major(i),
                                    problem.dense_weights(i).t(),
                                    out=tokens_first[i]),
        result=lambda raw, _: raw.t(), outputs=tokens_first)


def _bytes(problem):
    """One operand by rows, the other by columns: what cuBLAS has of 8 bits."""
    one = torch.ones((), device="cuda")

    def multiply(a, b):
        if problem.dtype == torch.int8:
            return torch._int_mm(a, b)
        return torch._scaled_mm(a, b, scale_a=one, scale_b=one,
                                out_dtype=problem.result)

    yield Variant("W X, X by columns",
                  lambda i: multiply(problem.dense_weights(i),
                                     problem.token_major(i).t()))
    yield Variant("X' W'", lambda i: multiply(problem.token_major(i),
                                              problem.dense_weights(i).t()),
                  result=lambda raw, _: raw.t())


def _attention(problem):
    spec = problem.spec
    width = spec.length if spec.kind == "sddmm" else spec.width
    outputs = [torch.empty(spec.heads, spec.length, width, device="cuda",
                           dtype=torch.float16) for _ in range(problem.sets)]
    if spec.kind == "sddmm":
        return Variant(
            "Q K'", lambda i: torch.bmm(problem.q[i], problem.k[i].mT,
                                        out=outputs[i]),
            result=lambda raw, _: problem.sample(raw), outputs=outputs)
    return Variant("P V", lambda i: torch.bmm(problem.p[i], problem.v[i],
                                              out=outputs[i]), outputs=outputs)
