# ===- runtime.py - Runs packages from Python -----------------------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""The runtime's C interface (include/spmmplu-c/Runtime.h) as a class.

    program = Program.load("layer.spmm")
    y = program.run(x)                                # NumPy arrays
    program = Program.load("layer.spmm", device="cuda")
    program.run_on_device([x], [y], stream)           # tensors of PyTorch, CuPy

Only NumPy is needed. NumPy has no bfloat16: where a package has the type BF16,
arrays of uint16 with its bits stand for it (arrays of the package ml_dtypes
serve too), and outputs come back as those; of uint8 for F8_E4M3 and F8_E5M2.
"""

import ctypes
import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

LIBRARY = "libspmmplu_runtime.so"

_NUMPY_TYPES = {
    "F64": np.float64, "F32": np.float32, "F16": np.float16, "BF16": np.uint16,
    "I64": np.int64, "I32": np.int32, "I16": np.int16, "I8": np.int8,
    "U8": np.uint8, "BOOL": np.bool_, "F8_E4M3": np.uint8, "F8_E5M2": np.uint8,
}  # fmt: skip
# Arrays of these types stand for bits of types that NumPy does not have.
_BITS = {"BF16": np.uint16, "F8_E4M3": np.uint8, "F8_E5M2": np.uint8}
# How PyTorch, NumPy and ml_dtypes call what packages call F32 and so on.
_TYPE_NAMES = {
    "float64": "F64", "float32": "F32", "float16": "F16", "bfloat16": "BF16",
    "int64": "I64", "int32": "I32", "int16": "I16", "int8": "I8", "uint8": "U8",
    "bool": "BOOL", "float8_e4m3fn": "F8_E4M3", "float8_e5m2": "F8_E5M2",
}  # fmt: skip


class RuntimeLibraryError(Exception):
    """The runtime's library is missing, or lacks a function."""


class ProgramError(Exception):
    """A call failed: the runtime's own line, which says where and why."""


class _Tensor(ctypes.Structure):
    _fields_ = [
        ("data", ctypes.c_void_p),
        ("dtype", ctypes.c_char_p),
        ("rank", ctypes.c_int64),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
    ]


class _TensorInfo(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p),
        ("dtype", ctypes.c_char_p),
        ("rank", ctypes.c_int64),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("symbols", ctypes.POINTER(ctypes.c_char_p)),
    ]


_pointer = ctypes.c_void_p
_tensors = ctypes.POINTER(_Tensor)
_size = ctypes.c_int64
# Argument types of the functions that return 0 or fail.
_SIGNATURES = {
    "spmmplu_program_load_on":
        [ctypes.c_char_p, ctypes.c_char_p, ctypes.POINTER(_pointer)],
    "spmmplu_program_input": [_pointer, _size, ctypes.POINTER(_TensorInfo)],
    "spmmplu_program_output": [_pointer, _size, ctypes.POINTER(_TensorInfo)],
    "spmmplu_program_output_shape":
        [_pointer, _tensors, _size, _size, ctypes.POINTER(_size)],
    "spmmplu_program_run":
        [_pointer, _tensors, _size, _tensors, _size, ctypes.c_int],
    "spmmplu_program_run_on_device":
        [_pointer, _tensors, _size, _tensors, _size, _pointer],
    "spmmplu_program_set_matrix": [_pointer, ctypes.c_char_p, _tensors],
}  # fmt: skip


@dataclass(frozen=True)
class TensorInfo:
    """What an input or output must be. A string in `shape` is a symbol: it
    stands for the same extent wherever it occurs."""

    name: str
    dtype: str
    shape: tuple


@dataclass(frozen=True)
class DeviceTensor:
    """A row-major tensor in device memory, by its address. `dtype` as packages
    name it: F16, BF16, F32, ..."""

    pointer: int
    dtype: str
    shape: tuple

    @classmethod
    def of(cls, tensor):
        """Of a tensor of PyTorch, or of anything that has the CUDA array
        interface. Must be contiguous: the runtime takes no strides."""
        if isinstance(tensor, cls):
            return tensor
        if hasattr(tensor, "data_ptr"):  # PyTorch: has types that CUDA's lacks
            if not tensor.is_cuda or not tensor.is_contiguous():
                raise ProgramError("found a tensor that is not on a GPU or not "
                                   "contiguous, expected one that is both")
            return cls(tensor.data_ptr(), _type_name(tensor.dtype),
                       tuple(tensor.shape))
        interface = getattr(tensor, "__cuda_array_interface__", None)
        if interface is None:
            raise ProgramError(f"found a {type(tensor).__name__}, expected a "
                               "tensor in device memory")
        if interface.get("strides") is not None:
            raise ProgramError("found a tensor with strides, expected a "
                               "contiguous one")
        return cls(interface["data"][0],
                   _type_name(np.dtype(interface["typestr"])),
                   tuple(interface["shape"]))


def _type_name(dtype):
    name = str(dtype).removeprefix("torch.")
    if name not in _TYPE_NAMES:
        raise ProgramError(f"found type {name}, expected one of "
                           f"{', '.join(_TYPE_NAMES)}")
    return _TYPE_NAMES[name]


class Library:
    """The loaded library. One is enough for a process."""

    def __init__(self, path=None):
        self.path = Path(path) if path else find_library()
        try:
            self._library = ctypes.CDLL(str(self.path))
        except OSError as error:
            raise RuntimeLibraryError(str(error)) from error
        for name, types in _SIGNATURES.items():
            self._function(name).argtypes = types
        for name in ("num_inputs", "num_outputs"):
            function = self._function(f"spmmplu_program_{name}")
            function.argtypes, function.restype = [_pointer], _size
        for name in ("manifest", "device"):
            function = self._function(f"spmmplu_program_{name}")
            function.argtypes, function.restype = [_pointer], ctypes.c_char_p
        self._function("spmmplu_program_free").argtypes = [_pointer]
        self._function("spmmplu_program_free").restype = None
        self._function("spmmplu_last_error").restype = ctypes.c_char_p

    def _function(self, name):
        try:
            return getattr(self._library, name)
        except AttributeError:
            raise RuntimeLibraryError(
                f"{self.path}: found no function '{name}'; the library is older "
                "than this module") from None

    def call(self, name, *arguments):
        """What `name` returns."""
        return self._function(name)(*arguments)

    def check(self, name, *arguments):
        """Calls a function that returns 0, or raises ProgramError."""
        if self.call(name, *arguments):
            raise ProgramError(self.call("spmmplu_last_error").decode())


def find_built(library, variable):
    """The path in the environment's `variable`, or that of `library` in a build
    of these sources."""
    given = os.environ.get(variable)
    if given:
        return Path(given)
    root = Path(__file__).resolve().parents[2]
    for build in ("release", "asan"):
        path = root / "build" / build / "lib" / library
        if path.exists():
            return path
    raise RuntimeLibraryError(f"found no {library}; set {variable} to its path")


def find_library():
    """SPMMPLU_RUNTIME, or the library of a build of these sources."""
    return find_built(LIBRARY, "SPMMPLU_RUNTIME")


_default_library = []


def default_library():
    """The library of `find_library`, loaded once."""
    if not _default_library:
        _default_library.append(Library())
    return _default_library[0]


class Program:
    """A loaded package. Runs may come from several threads at once, but not
    while `set_matrix` is at work."""

    def __init__(self, library, handle):
        self._library, self._handle = library, handle

    @classmethod
    def load(cls, path, device="auto", library=None):
        """Opens a package and loads its kernel for "cpu", for "cuda", or the
        first one that this machine can run ("auto")."""
        library = library or default_library()
        handle = _pointer()
        library.check("spmmplu_program_load_on", os.fsencode(path),
                      device.encode(), ctypes.byref(handle))
        return cls(library, handle)

    def close(self):
        """Frees the package; further calls are errors."""
        handle, self._handle = self._handle, None
        if handle:
            self._library.call("spmmplu_program_free", handle)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __del__(self):
        self.close()

    @property
    def _open(self):
        if not self._handle:
            raise ProgramError("the program is closed")
        return self._handle

    @property
    def device(self):
        """Where it runs: "cpu" or "cuda"."""
        return self._library.call("spmmplu_program_device", self._open).decode()

    @property
    def manifest(self):
        """See docs/package.md."""
        return json.loads(self._library.call("spmmplu_program_manifest",
                                             self._open))

    @property
    def inputs(self):
        return self._infos("input")

    @property
    def outputs(self):
        return self._infos("output")

    def _infos(self, what):
        count = self._library.call(f"spmmplu_program_num_{what}s", self._open)
        infos = []
        for index in range(count):
            info = _TensorInfo()
            self._library.check(f"spmmplu_program_{what}", self._open, index,
                                ctypes.byref(info))
            shape = tuple(
                info.symbols[axis].decode() if info.symbols[axis]
                else info.shape[axis] for axis in range(info.rank))
            infos.append(TensorInfo(info.name.decode(), info.dtype.decode(),
                                    shape))
        return infos

    def run(self, *inputs, threads=0):
        """Runs on arrays, in the order of `inputs`: the output, or a tuple where
        there are several. Arrays are not converted: their types must be the
        package's. With copies where the program's device is a GPU. `threads` 0:
        OpenMP's default."""
        arrays = [np.ascontiguousarray(array) for array in inputs]
        given = self._host_tensors(arrays, self.inputs)
        # Results of sparse types are written at their mask's places only.
        outputs = [
            np.zeros(self._output_shape(given, len(arrays), index),
                     _NUMPY_TYPES[info.dtype])
            for index, info in enumerate(self.outputs)
        ]  # fmt: skip
        self._library.check(
            "spmmplu_program_run", self._open, given, len(arrays),
            self._host_tensors(outputs, self.outputs), len(outputs), threads)
        return outputs[0] if len(outputs) == 1 else tuple(outputs)

    def run_on_device(self, inputs, outputs, stream=0):
        """Runs on tensors in the GPU's memory: those of PyTorch and CuPy, or
        `DeviceTensor`. Ordered by `stream`, the address of a CUDA stream (0: the
        default one); returns before it is done, so tensors must live until
        then. Outputs are overwritten; of a sparse result only the mask's
        elements are. After a first run it can be captured into a graph."""
        given = [DeviceTensor.of(tensor) for tensor in inputs]
        written = [DeviceTensor.of(tensor) for tensor in outputs]
        self._library.check(
            "spmmplu_program_run_on_device", self._open,
            self._device_tensors(given), len(given),
            self._device_tensors(written), len(written), stream)

    def set_matrix(self, name, values):
        """Replaces the values of the manifest's matrix `name` by those of a
        dense array [rows, cols] of any float type, which are rounded to the
        package's. Non-zeros must be where the package has them, and obey its
        N:M; the error names the first row and column that do not."""
        values = np.ascontiguousarray(values)
        tensor = _make_tensors([(values.ctypes.data, _type_name(values.dtype),
                                 values.shape)])
        self._library.check("spmmplu_program_set_matrix", self._open,
                            name.encode(), tensor)

    @staticmethod
    def _device_tensors(tensors):
        return _make_tensors((tensor.pointer, tensor.dtype, tensor.shape)
                             for tensor in tensors)

    @staticmethod
    def _host_tensors(arrays, infos):
        """Bits of a type that NumPy does not have are named by the package."""
        names = []
        for index, array in enumerate(arrays):
            wanted = infos[index].dtype if index < len(infos) else None
            is_bits = wanted in _BITS and array.dtype == _BITS[wanted]
            names.append(wanted if is_bits else _type_name(array.dtype))
        return _make_tensors(
            (array.ctypes.data, name, array.shape)
            for array, name in zip(arrays, names))

    def _output_shape(self, inputs, count, index):
        shape = (_size * 32)()
        self._library.check("spmmplu_program_output_shape", self._open, inputs,
                            count, index, shape)
        return tuple(shape[:len(self.outputs[index].shape)])


def _make_tensors(described):
    """An array of C's tensors, which keeps its shapes and names alive."""
    described = list(described)
    tensors = (_Tensor * len(described))()
    for tensor, (pointer, name, shape) in zip(tensors, described):
        tensor.data, tensor.dtype, tensor.rank = pointer, name.encode(), len(shape)
        tensor.shape = (_size * len(shape))(*shape)
    return tensors
