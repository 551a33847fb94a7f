# ===- cusparse_library.py - cuSPARSE's generic interface -----------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""The functions of cuSPARSE that the peers use, over ctypes: CuPy and PyTorch
offer neither Blocked-ELL nor products of f16 with f32 sums."""

import ctypes
import glob
import os
import re

import torch

F32, F16 = 0, 2
INDEX_32 = 2
BY_COLUMNS, BY_ROWS = 1, 2
PLAIN, TRANSPOSED = 0, 1
SPMM_ALGORITHMS = {"default": 0, "CSR 1": 4, "CSR 2": 6, "CSR 3": 12}
SPMM_BLOCKED_ELL = 13
SDDMM_DEFAULT = 0

_size = ctypes.c_int64
_descriptor = ctypes.c_void_p


class CusparseError(Exception):
    """A call failed: its name and the library's words."""


def _find():
    """The library that PyTorch has loaded, else the one it is installed with."""
    with open("/proc/self/maps", encoding="utf-8") as maps:
        match = re.search(r"\S*/libcusparse\.so\S*", maps.read())
    if match:
        return match[0]
    site = os.path.dirname(os.path.dirname(torch.__file__))
    found = glob.glob(os.path.join(site, "nvidia", "*", "lib", "libcusparse.so*"))
    return found[0] if found else "libcusparse.so.12"


class Cusparse:
    """A handle. Scalars are 1 and 0, sums in f32."""

    def __init__(self):
        try:
            self.library = ctypes.CDLL(_find())
        except OSError as error:
            raise CusparseError(str(error)) from error
        self.library.cusparseGetErrorString.restype = ctypes.c_char_p
        self.handle = ctypes.c_void_p()
        self.call("cusparseCreate", ctypes.byref(self.handle))
        self.one, self.zero = ctypes.c_float(1), ctypes.c_float(0)

    def call(self, name, *arguments):
        status = getattr(self.library, name)(*arguments)
        if status:
            words = self.library.cusparseGetErrorString(status).decode()
            raise CusparseError(f"{name}: {words}")

    def dense(self, tensor, by_columns=False):
        """[rows, cols] or [batch, rows, cols], contiguous; `by_columns`: the
        transpose of it."""
        rows, cols = tensor.shape[-2:]
        matrix = _descriptor()
        shape = (cols, rows) if by_columns else (rows, cols)
        self.call("cusparseCreateDnMat", ctypes.byref(matrix), _size(shape[0]),
                  _size(shape[1]), _size(cols), _descriptor(tensor.data_ptr()),
                  F16, BY_COLUMNS if by_columns else BY_ROWS)
        if tensor.dim() == 3:
            self.call("cusparseDnMatSetStridedBatch", matrix, tensor.shape[0],
                      _size(rows * cols))
        return matrix

    def csr(self, shape, offsets, columns, values):
        """`columns` and `values` are [batch, non-zeros]; all of the batch have
        the same offsets."""
        matrix = _descriptor()
        batch, count = values.shape
        self.call("cusparseCreateCsr", ctypes.byref(matrix), _size(shape[0]),
                  _size(shape[1]), _size(count), _descriptor(offsets.data_ptr()),
                  _descriptor(columns.data_ptr()), _descriptor(values.data_ptr()),
                  INDEX_32, INDEX_32, 0, F16)
        self.call("cusparseCsrSetStridedBatch", matrix, batch, _size(0),
                  _size(count))
        return matrix

    def blocked_ell(self, shape, block, columns, values):
        """`columns`: [block rows, blocks a row], -1 where there is none;
        `values`: [rows, blocks a row * block]."""
        matrix = _descriptor()
        self.call("cusparseCreateBlockedEll", ctypes.byref(matrix),
                  _size(shape[0]), _size(shape[1]), _size(block),
                  _size(values.shape[1]), _descriptor(columns.data_ptr()),
                  _descriptor(values.data_ptr()), INDEX_32, 0, F16)
        return matrix

    def product(self, function, operations, a, b, c, algorithm):
        """A function that runs c = a b (SpMM) or c = a b at c's places (SDDMM)
        on PyTorch's current stream."""
        arguments = [self.handle, *operations, ctypes.byref(self.one), a, b,
                     ctypes.byref(self.zero), c, F32, algorithm]
        size = ctypes.c_size_t()
        self.call(f"{function}_bufferSize", *arguments, ctypes.byref(size))
        buffer = torch.empty(max(16, size.value), device="cuda",
                             dtype=torch.uint8)
        arguments.append(_descriptor(buffer.data_ptr()))
        self._use_stream()
        self.call(f"{function}_preprocess", *arguments)

        def run():
            self._use_stream()
            self.call(function, *arguments)
            return buffer  # alive as long as a graph that has the launch

        return run

    def _use_stream(self):
        stream = torch.cuda.current_stream().cuda_stream
        self.call("cusparseSetStream", self.handle, _descriptor(stream))


_shared = []


def shared():
    """One handle a process."""
    if not _shared:
        _shared.append(Cusparse())
    return _shared[0]
