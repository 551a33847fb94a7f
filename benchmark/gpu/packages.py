# ===- packages.py - The folder that travels to the GPU -------------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""index.json, compressed packages and libraries. Standard library only."""

import ctypes
import gzip
import json
import shutil
import struct

INDEX = "index.json"
LIBRARY = "libspmmplu_runtime.so"


class PackageError(Exception):
    """One line: what is missing or was not compiled."""


def read_index(folder):
    """What compile.py said of each case; empty where it has not run."""
    try:
        return json.loads((folder / INDEX).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}


def read_manifest(path):
    """The manifest of an uncompressed package, see docs/package.md."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
    return json.loads(header["__metadata__"]["spmmplu"])


def unpack(folder, case_name, scratch):
    """The package of a case, uncompressed, in `scratch`."""
    entry = read_index(folder).get(case_name)
    if entry is None:
        raise PackageError(f"{folder / INDEX}: no case '{case_name}'; run "
                           "compile.py")
    if "error" in entry:
        raise PackageError(f"not compiled: {entry['error']}")
    path = scratch / f"{case_name}.spmm"
    with gzip.open(folder / entry["package"], "rb") as packed, open(
            path, "wb") as raw:
        shutil.copyfileobj(packed, raw, 1 << 22)
    return path


def preload_libraries(folder):
    """Loads the bundled libraries that the runtime asks for by name, so that
    the loader does not search this machine for them; the runtime's path."""
    for path in sorted(folder.glob("lib*omp.so*")):
        ctypes.CDLL(str(path), mode=ctypes.RTLD_GLOBAL)
    return folder / LIBRARY
