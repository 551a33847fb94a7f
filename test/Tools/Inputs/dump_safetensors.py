# ===- dump_safetensors.py - Prints small tensors of a file ---------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""Prints metadata, then name, type, shape and elements of every tensor, sorted."""

import json
import struct
import sys

CODES = {"F32": "f", "I32": "i", "U8": "B", "BOOL": "B"}


def main():
    with open(sys.argv[1], "rb") as file:
        size = struct.unpack("<Q", file.read(8))[0]
        header = json.loads(file.read(size))
        data = file.read()
    metadata = header.pop("__metadata__", {})
    for key in sorted(metadata):
        print(f"{key}: {metadata[key]}")
    for name in sorted(header):
        entry = header[name]
        begin, end = entry["data_offsets"]
        code = CODES[entry["dtype"]]
        count = (end - begin) // struct.calcsize(code)
        values = struct.unpack(f"<{count}{code}", data[begin:end])
        print(name, entry["dtype"], entry["shape"], *(f"{v:g}" for v in values))


if __name__ == "__main__":
    main()
