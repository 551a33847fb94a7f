# ===- compiler.py - Prunes and compiles from Python ----------------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""The compiler's C interface (include/spmmplu-c/Compiler.h).

    layer = prune(weights, "hinm<v=64,vector=0.5,2:4>", permute="both")
    compile(layer, "layer.spmm")
    y = load("layer.spmm").run(x)

Only NumPy is needed. Arrays of uint16 stand for bfloat16 where `dtype="BF16"`
says so (arrays of the package ml_dtypes need not be told).
"""

import ctypes
import os
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from spmmplu.runtime import (RuntimeLibraryError, _Tensor, _make_tensors,
                             _type_name, find_built)

LIBRARY = "libspmmplu_compiler.so"

_pointer = ctypes.c_void_p
_tensors = ctypes.POINTER(_Tensor)
_Progress = ctypes.CFUNCTYPE(None, ctypes.c_double, _pointer)
_ARRAY_TYPES = {
    "F64": np.float64, "F32": np.float32, "F16": np.float16, "BF16": np.uint16,
    "F8_E4M3": np.uint8, "F8_E5M2": np.uint8, "I8": np.int8, "I32": np.int32,
    "U8": np.uint8, "BOOL": np.bool_,
}  # fmt: skip


class CompileError(Exception):
    """A call failed: the compiler's own line, which says where and why."""


class _PruneOptions(ctypes.Structure):
    _fields_ = [
        ("pattern", ctypes.c_char_p),
        ("permute", ctypes.c_char_p),
        ("seed", ctypes.c_uint64),
        ("threads", ctypes.c_int),
        ("progress", _Progress),
        ("progress_data", _pointer),
    ]


class _PruneReport(ctypes.Structure):
    _fields_ = [
        ("rows", ctypes.c_int64),
        ("cols", ctypes.c_int64),
        ("density", ctypes.c_double),
        ("unpermuted", ctypes.c_double),
        ("rows_permuted", ctypes.c_double),
        ("retained", ctypes.c_double),
        ("unstructured", ctypes.c_double),
        ("relative_error", ctypes.c_double),
        ("seconds", ctypes.c_double),
    ]


class _CompileOptions(ctypes.Structure):
    _fields_ = [
        ("pattern", ctypes.c_char_p),
        ("row_order", _tensors),
        ("columns", _tensors),
        ("target", ctypes.c_char_p),
        ("cols", ctypes.c_int64),
        ("threads", ctypes.c_int),
        ("out_dtype", ctypes.c_char_p),
        ("strategy", ctypes.c_char_p),
        ("force_sparse", ctypes.c_int),
    ]


_SIGNATURES = {
    "spmmplu_prune":
        [_tensors, _tensors, ctypes.POINTER(_PruneOptions),
         ctypes.POINTER(_pointer)],
    "spmmplu_pruned_tensor": [_pointer, ctypes.c_char_p, _tensors],
    "spmmplu_compile":
        [_tensors, ctypes.POINTER(_CompileOptions), ctypes.c_char_p,
         ctypes.POINTER(ctypes.c_char_p)],
    "spmmplu_compile_program":
        [ctypes.c_char_p, ctypes.POINTER(_CompileOptions), ctypes.c_char_p,
         ctypes.POINTER(ctypes.c_char_p)],
}  # fmt: skip


class CompilerLibrary:
    """The loaded library. One is enough for a process."""

    def __init__(self, path=None):
        self.path = Path(path) if path else find_built(LIBRARY, "SPMMPLU_COMPILER")
        try:
            self._library = ctypes.CDLL(str(self.path))
        except OSError as error:
            raise RuntimeLibraryError(str(error)) from error
        for name, types in _SIGNATURES.items():
            getattr(self._library, name).argtypes = types
        self._library.spmmplu_compiler_error.restype = ctypes.c_char_p
        self._library.spmmplu_pruned_free.argtypes = [_pointer]
        self._library.spmmplu_pruned_free.restype = None
        self._library.spmmplu_pruned_report.argtypes = [
            _pointer, ctypes.POINTER(_PruneReport)]
        self._library.spmmplu_pruned_report.restype = None

    def call(self, name, *arguments):
        """What `name` returns."""
        return getattr(self._library, name)(*arguments)

    def check(self, name, *arguments):
        """Calls a function that returns 0, or raises CompileError."""
        if self.call(name, *arguments):
            raise CompileError(
                self._library.spmmplu_compiler_error().decode(errors="replace"))


_default_library = []


def compiler_library():
    """The library that SPMMPLU_COMPILER names, or that of a build of these
    sources; loaded once."""
    if not _default_library:
        _default_library.append(CompilerLibrary())
    return _default_library[0]


@dataclass(frozen=True)
class PruneReport:
    """Parts of the saliency, 0 to 1: kept without a permutation, with that of
    the rows alone, and kept; and what an unstructured mask of the same density
    keeps. `relative_error` is the Frobenius norm of what goes over that of
    all."""

    rows: int
    cols: int
    density: float
    unpermuted: float
    rows_permuted: float
    retained: float
    unstructured: float
    relative_error: float
    seconds: float


@dataclass(frozen=True)
class Pruned:
    """Pruned weights, their rows in their own order, and what goes with them
    (docs/pruning.md). Arrays that the pattern does not have are None."""

    pattern: str
    weights: np.ndarray
    mask: np.ndarray
    report: PruneReport
    row_order: np.ndarray | None = None
    columns: np.ndarray | None = None
    values: np.ndarray | None = field(default=None, repr=False)
    indices: np.ndarray | None = field(default=None, repr=False)
    dtype: str = "F32"


def _tensor_of(array, dtype=None):
    array = np.ascontiguousarray(array)
    try:
        name = dtype or _type_name(array.dtype)
    except Exception as error:
        raise CompileError(str(error)) from error
    if array.dtype.itemsize != np.dtype(_ARRAY_TYPES.get(name, array.dtype)).itemsize:
        raise CompileError(f"found an array of {array.dtype}, expected the bits "
                           f"of {name}")
    # The array is kept with the tensor, whose memory it is.
    tensor = _make_tensors([(array.ctypes.data, name, array.shape)])
    tensor.array = array
    return tensor, name


def _copy(library, handle, name, dtype=None):
    tensor = _Tensor()
    library.check("spmmplu_pruned_tensor", handle, name.encode(),
                  ctypes.byref(tensor))
    if tensor.rank == 0:
        return None
    shape = tuple(tensor.shape[axis] for axis in range(tensor.rank))
    numpy_type = np.dtype(dtype or _ARRAY_TYPES[tensor.dtype.decode()])
    result = np.empty(shape, numpy_type)
    if result.nbytes:
        ctypes.memmove(result.ctypes.data, tensor.data, result.nbytes)
    return result


def prune(weights, pattern, permute=None, seed=0, saliency=None, threads=0,
          progress=None, dtype=None, library=None):
    """Prunes an array to `pattern` so that most saliency stays: its magnitude,
    or an array of the same shape. `permute`, for hinm: "output", "input" or
    "both" channels. `progress` is called with the part that is done. `dtype`
    names the type of an array that holds bits: "BF16", "F8_E4M3", "F8_E5M2"."""
    library = library or compiler_library()
    if not isinstance(pattern, str):
        raise CompileError(f"expected the text of a pattern, found {pattern!r}")
    tensor, name = _tensor_of(weights, dtype)
    worth = _tensor_of(saliency)[0] if saliency is not None else None

    def report_progress(fraction, _):
        progress(fraction)

    callback = _Progress(report_progress) if progress else _Progress()
    options = _PruneOptions(pattern.encode(), (permute or "none").encode(), seed,
                            threads, callback, None)
    handle = _pointer()
    library.check("spmmplu_prune", tensor, worth, ctypes.byref(options),
                  ctypes.byref(handle))
    try:
        report = _PruneReport()
        library.call("spmmplu_pruned_report", handle, ctypes.byref(report))
        element = tensor.array.dtype
        arrays = {
            part: _copy(library, handle, part,
                        element if part in ("weights", "values") else None)
            for part in ("weights", "mask", "row_order", "columns", "values",
                         "indices")
        }  # fmt: skip
    finally:
        library.call("spmmplu_pruned_free", handle)
    values = {field: getattr(report, field) for field, _ in report._fields_}
    return Pruned(pattern=pattern, report=PruneReport(**values), dtype=name, **arrays)


# Patterns that say nothing of where a column lies.
_COLUMN_FREE = ("dense", "unstructured", "filter")


def propagate(first, second):
    """Moves the row order of `first` into the columns of `second`, where nothing
    but operations element by element lies between the two layers.

    Returns both layers and the order. The rows of the new first layer lie as they
    are stored, so its result comes in that order, and the new second layer
    expects it so: together they compute the same. What is added or multiplied
    between them, such as a bias, must be brought into the order too:
    `bias[order]`. A second layer whose pattern counts columns from the left (nm,
    vector-nm, block) does not allow it; the order stays undone in the store
    there, which is what `compile` does without this."""
    order = first.row_order
    if order is None:
        return first, second, np.arange(len(first.weights), dtype=np.int32)
    if first.pattern.startswith("transposed") or second.pattern.startswith(
            "transposed"):
        raise CompileError("expected layers stored [out, in], found a transposed "
                           "pattern")
    if second.weights.ndim != 2 or second.weights.shape[1] != len(order):
        raise CompileError(f"expected a second layer of {len(order)} columns, "
                           f"found shape {list(second.weights.shape)}")
    if second.columns is None and not second.pattern.startswith(_COLUMN_FREE):
        raise CompileError(f"pattern '{second.pattern}' does not allow another "
                           "order of columns, expected hinm, vnm or one without "
                           "a rule for columns")
    position = np.empty_like(order)
    position[order] = np.arange(len(order), dtype=order.dtype)
    columns = second.columns
    if columns is not None:
        columns = np.where(columns < 0, columns, position[columns])
    moved = replace(first, weights=first.weights[order], mask=first.mask[order],
                    row_order=None)
    # The compact form is in stored order: that of the first layer stays. Indices
    # of the second are those inside its lists, which only were renamed.
    return moved, replace(second, weights=second.weights[:, order],
                          mask=second.mask[:, order], columns=columns), order


# How names of weights and programs end, and no program does.
_FILES = (".mlir", ".npy", ".safetensors", ".mtx", ".smtx")


def compile(source, path, pattern=None, target="host", cols=None, threads=0,
            out_dtype=None, strategy=None, force_sparse=False, dtype=None,
            library=None):
    """Compiles the product Y = W X into the package `path`. `source` is an array
    W, what `prune` returned, or the text of an MLIR program. Returns why the
    strategy was chosen: what `sparse-compile --explain` prints.

    `pattern` is what an array must obey (default: found in its zeros), `cols`
    the columns of X (default: any number), `out_dtype` the type of Y."""
    library = library or compiler_library()
    if isinstance(source, Path) or (isinstance(source, str) and
                                    source.endswith(_FILES)):
        raise CompileError(f"found '{source}', expected an array or the text of a "
                           "program, not the name of a file")
    options = _CompileOptions(
        target=target.encode(), cols=cols or 0, threads=threads,
        out_dtype=out_dtype.encode() if out_dtype else None,
        strategy=strategy.encode() if strategy else None,
        force_sparse=int(force_sparse))
    explanation = ctypes.c_char_p()
    results = (ctypes.byref(options), os.fsencode(path),
               ctypes.byref(explanation))
    if isinstance(source, str):
        if pattern or dtype:
            raise CompileError("pattern and dtype are for weights, found one with "
                               "a program")
        library.check("spmmplu_compile_program", source.encode(), *results)
        return explanation.value.decode()
    kept = []
    if isinstance(source, Pruned):
        if pattern or dtype:
            raise CompileError("pruned weights have a pattern and a type, found "
                               "another")
        dtype = source.dtype
        pattern = source.pattern
        for name in ("row_order", "columns"):
            order = getattr(source, name)
            if order is not None:
                kept.append(_tensor_of(order)[0])
                setattr(options, name, kept[-1])
        source = source.weights
    options.pattern = pattern.encode() if pattern else None
    library.check("spmmplu_compile", _tensor_of(source, dtype)[0], *results)
    return explanation.value.decode()
