# ===- break_order.py - Spoils a row order --------------------------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""Copies a .safetensors file with the second entry of weight.row_order made the
first one."""

import json
import sys

data = bytearray(open(sys.argv[1], "rb").read())
size = int.from_bytes(data[:8], "little")
begin = 8 + size + json.loads(data[8:8 + size])["weight.row_order"]["data_offsets"][0]
data[begin + 4:begin + 8] = data[begin:begin + 4]
open(sys.argv[2], "wb").write(data)
