# ===- spmmplu_program.py - Our own programs ------------------------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""Packages of compile.py through the runtime. A program a set, so that weights
rotate with the other operands; `problem.package` is the unpacked package."""

from concurrent.futures import ThreadPoolExecutor

import torch

from cases import Attention, Weights
from peers import Variant
from spmmplu.runtime import Program, default_library

TYPES = {"F16": torch.float16, "BF16": torch.bfloat16, "F32": torch.float32,
         "I32": torch.int32}


class WroteOutside(Exception):
    """Elements of a sparse result outside of its mask have changed."""


def _load_programs(problem):
    """One for each set, with the problem's weights. Packing takes a core some
    hundred milliseconds; the library does it without Python's lock."""
    library = default_library()

    def load(_):
        program = Program.load(problem.package, device="cuda", library=library)
        if isinstance(problem.spec, Weights):
            (matrix,) = [matrix for matrix in program.manifest["matrices"]
                         if "of" not in matrix]
            program.set_matrix(matrix["name"], weights)
        return program

    if isinstance(problem.spec, Weights):
        weights = problem.weights
        if weights.dtype.itemsize == 1:  # NumPy does not have all of them
            weights = weights.float()
        weights = weights.cpu().numpy()
    # The first one alone: it makes the context and loads the modules' code.
    first = load(0)
    with ThreadPoolExecutor(max_workers=8) as pool:
        return [first, *pool.map(load, range(1, problem.sets))]


def _operands(problem, i):
    if not isinstance(problem.spec, Attention):
        return [problem.x[i]]
    names = {"sddmm": "qk", "sdmm": "pv", "attention": "qkv"}[problem.spec.kind]
    if problem.spec.kind == "sdmm" and problem.spec.storage == "values":
        return [problem.values(i), problem.v[i]]
    return [getattr(problem, name)[i] for name in names]


def _outputs(problem, program):
    (info,) = program.outputs
    if isinstance(problem.spec, Weights):
        shape = (problem.spec.rows, problem.spec.tokens)
    else:
        shape = info.shape
    return [torch.empty(shape, device="cuda", dtype=TYPES[info.dtype])
            for _ in range(problem.sets)]


def _sampled(problem):
    """Reads a sparse result at its mask's places. Others must be as poisoned, or
    zero: callers hand in zeros there."""
    def result(raw, _):
        changed = ~raw.isnan() & (raw != 0) & ~problem.mask
        if changed.any():
            raise WroteOutside("elements outside of the mask have changed")
        return problem.sample(raw)

    return result


def variants(problem):
    programs = _load_programs(problem)
    outputs = _outputs(problem, programs[0])

    def launch(i):
        programs[i].run_on_device(_operands(problem, i), [outputs[i]],
                                  torch.cuda.current_stream().cuda_stream)
        return outputs[i]

    options = {}
    if (isinstance(problem.spec, Attention) and problem.spec.kind == "sddmm"
            and problem.spec.storage == "matrix"):
        options["result"] = _sampled(problem)
    reports = programs[0].manifest.get("report", {})
    report = reports.get("attention0") or reports.get("product0", {})
    (info,) = programs[0].outputs
    yield Variant(f"{report.get('strategy', 'no strategy')}, result {info.dtype}",
                  launch, outputs=outputs, **options)
