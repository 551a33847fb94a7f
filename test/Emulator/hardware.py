# ===- hardware.py - The emulator against a GPU, instruction by instruction --===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""Repeats the emulator's tests on a GPU and keeps what the GPU computed.

  hardware.py prepare --sparse-opt=PATH --cases=FILE TEST.mlir...   here
  hardware.py run --cases=FILE --record=FILE                        on the GPU
  hardware.py check --sparse-opt=PATH --record=FILE TEST.mlir...    in the tests

A case is a module of a test file (files are split at `// -----`), named by the
file and its place in it. `prepare` emulates it, which gives its launches and
inputs, and makes its PTX; modules that the emulator rejects, as tests of errors
are, are left out. `run` needs a driver and Python only. `check` emulates again
and compares every byte with the record.
"""

import argparse
import ctypes
import json
import pathlib
import re
import subprocess
import sys

FAILURE = 1
USAGE = 2


class Problem(Exception):
    """What ends the script, in one line."""


# ---- Cases -------------------------------------------------------------------


def split(path):
    """Pairs of a case's name and its module's text."""
    text = path.read_text()
    for index, module in enumerate(re.split(r"^// -----.*$", text, flags=re.M)):
        yield f"{path.stem}.{index}", module


def sparse_opt(tool, module, *options):
    """The standard output, or None where the tool rejects the module."""
    result = subprocess.run([tool, "-", "-o", "/dev/null", *options], text=True,
                            input=module, capture_output=True, check=False)
    return result.stdout if result.returncode == 0 else None


def emulate(tool, module):
    """Launches and arguments of an emulation, or None if it fails."""
    text = sparse_opt(tool, module, "-test-emulate=json")
    return json.loads(text) if text else None


def outputs(emulation):
    """Bytes of the output arguments that kernels were given, in hexadecimal, by
    their number. (Others are what the host computed to compare with.)"""
    given = {argument.get("memory") for launch in emulation["launches"]
             for argument in launch["arguments"]}
    return {str(number): argument["output"]
            for number, argument in enumerate(emulation["arguments"])
            if "output" in argument and number in given}


def is_repeatable(emulation):
    """Whether all memory is that of arguments."""
    return all("memory" in argument or argument["bytes"] < 8
               for launch in emulation["launches"]
               for argument in launch["arguments"])


def prepare(arguments):
    cases = {}
    for path in arguments.tests:
        for name, module in split(path):
            emulation = emulate(arguments.sparse_opt, module)
            if not emulation or not outputs(emulation):
                continue
            ptx = sparse_opt(
                arguments.sparse_opt, module,
                "--pass-pipeline=builtin.module(sparse-ir-device,"
                f"test-emit-device{{chip={arguments.chip}}})")
            if ptx is None or not is_repeatable(emulation):
                print(f"left out: {name}", file=sys.stderr)
                continue
            # What ptxas says follows the code.
            ptx = ptx[:ptx.rindex("\n}\n") + 3]
            cases[name] = {"ptx": ptx, **emulation}
    arguments.cases.write_text(json.dumps(cases))
    print(f"{len(cases)} cases")


# ---- The GPU -----------------------------------------------------------------


class Driver:
    """The calls of the CUDA driver that a case takes (CUDA Driver API)."""

    MAX_SHARED = 8  # CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES
    # CUtensorMapDataType by the size of an element: u8, u16, u32.
    MAP_TYPES = {1: 0, 2: 1, 4: 2}
    MAP_SWIZZLE_128 = 3

    def __init__(self):
        try:
            self.library = ctypes.CDLL("libcuda.so.1")
        except OSError as error:
            raise Problem(f"no CUDA driver: {error}") from error
        self.call("cuInit", 0)
        device, context = ctypes.c_int(), ctypes.c_void_p()
        self.call("cuDeviceGet", ctypes.byref(device), 0)
        name = ctypes.create_string_buffer(128)
        self.call("cuDeviceGetName", name, 128, device)
        self.name = name.value.decode()
        version = ctypes.c_int()
        self.call("cuDriverGetVersion", ctypes.byref(version))
        self.version = version.value
        self.call("cuDevicePrimaryCtxRetain", ctypes.byref(context), device)
        self.call("cuCtxSetCurrent", context)

    def call(self, name, *arguments):
        status = getattr(self.library, name)(*arguments)
        if status:
            text = ctypes.c_char_p()
            self.library.cuGetErrorString(status, ctypes.byref(text))
            raise Problem(f"{name}: {(text.value or b'?').decode()}")

    def allocate(self, data):
        """Device memory with these bytes; its address."""
        address = ctypes.c_uint64()
        self.call("cuMemAlloc_v2", ctypes.byref(address),
                  ctypes.c_size_t(max(len(data), 1)))
        self.call("cuMemcpyHtoD_v2", address, data, ctypes.c_size_t(len(data)))
        return address.value

    def read(self, address, size):
        data = ctypes.create_string_buffer(size)
        self.call("cuMemcpyDtoH_v2", data, ctypes.c_uint64(address),
                  ctypes.c_size_t(size))
        return data.raw

    def free(self, address):
        self.call("cuMemFree_v2", ctypes.c_uint64(address))

    def tensor_map(self, base, argument):
        """An encoded map: a matrix in tiles, 128-byte swizzle."""
        rows, cols, stride, box_rows, box_cols = argument["map"]
        width = argument["mapElement"]
        room = ctypes.create_string_buffer(256)
        at = ctypes.addressof(room)
        encoded = (ctypes.c_char * 128).from_buffer(room, -at % 64)
        encoded.room = room
        self.call(
            "cuTensorMapEncodeTiled", encoded, self.MAP_TYPES[width], 2,
            ctypes.c_uint64(base), (ctypes.c_uint64 * 2)(cols, rows),
            (ctypes.c_uint64 * 1)(stride * width),
            (ctypes.c_uint32 * 2)(box_cols, box_rows),
            (ctypes.c_uint32 * 2)(1, 1), 0, self.MAP_SWIZZLE_128, 0, 0)
        return encoded

    def launch(self, module, launch, memory):
        function = ctypes.c_void_p()
        self.call("cuModuleGetFunction", ctypes.byref(function), module,
                  launch["kernel"].encode())
        self.call("cuFuncSetAttribute", function, self.MAX_SHARED,
                  launch["sharedBytes"])
        values = [self.value(argument, memory)
                  for argument in launch["arguments"]]
        pointers = (ctypes.c_void_p * len(values))(
            *(ctypes.cast(ctypes.byref(value), ctypes.c_void_p)
              for value in values))
        grid_x, grid_y = launch["grid"]
        self.call("cuLaunchKernel", function, grid_x, grid_y, 1,
                  launch["threads"], 1, 1, launch["sharedBytes"], None,
                  pointers, None)
        self.call("cuCtxSynchronize")

    def value(self, argument, memory):
        bits = int(argument["bits"])
        if "map" in argument:
            return self.tensor_map(memory[argument["memory"]] + bits, argument)
        if "memory" in argument:
            bits += memory[argument["memory"]]
        return ctypes.c_uint64(bits)


def run_case(driver, case):
    module = ctypes.c_void_p()
    driver.call("cuModuleLoadData", ctypes.byref(module),
                case["ptx"].encode() + b"\0")
    inputs = [bytes.fromhex(argument["input"])
              for argument in case["arguments"]]
    memory = [driver.allocate(data) for data in inputs]
    for launch in case["launches"]:
        driver.launch(module, launch, memory)
    found = {number: driver.read(memory[int(number)],
                                 len(inputs[int(number)])).hex()
             for number in outputs(case)}
    for address in memory:
        driver.free(address)
    driver.call("cuModuleUnload", module)
    return found


def run(arguments):
    cases = json.loads(arguments.cases.read_text())
    driver = Driver()
    results, differing = {}, []
    for name, case in cases.items():
        try:
            results[name] = run_case(driver, case)
        except Problem as problem:
            raise Problem(f"{name}: {problem}") from problem
        if results[name] != outputs(case):
            differing.append(name)
    record = {"device": driver.name, "driver": driver.version,
              "outputs": results}
    arguments.record.write_text(json.dumps(record, indent=1) + "\n")
    print(f"{len(results)} cases, {len(differing)} unlike the emulator: "
          f"{' '.join(differing)}")


# ---- The test ----------------------------------------------------------------


def check(arguments):
    record = json.loads(arguments.record.read_text())["outputs"]
    compared, wrong = 0, 0
    for path in arguments.tests:
        for name, module in split(path):
            if name not in record:
                continue
            emulation = emulate(arguments.sparse_opt, module)
            found = outputs(emulation) if emulation else None
            compared += 1
            if found != record[name]:
                wrong += 1
                print(f"{name}: the emulator's output is not the GPU's")
    print(f"{compared} cases compared, {wrong} differ")
    missing = len(record) - compared
    if missing:
        print(f"{missing} cases of the record have no module in these tests")
    return FAILURE if wrong or missing else 0


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for function, options in ((prepare, ("sparse_opt", "cases", "tests")),
                              (run, ("cases", "record")),
                              (check, ("sparse_opt", "record", "tests"))):
        command = commands.add_parser(function.__name__)
        command.set_defaults(function=function)
        if "sparse_opt" in options:
            command.add_argument("--sparse-opt", default="sparse-opt")
            command.add_argument("--chip", default="sm_90a")
        for option in ("cases", "record"):
            if option in options:
                command.add_argument(f"--{option}", type=pathlib.Path,
                                     required=True)
        if "tests" in options:
            command.add_argument("tests", type=pathlib.Path, nargs="+")
    arguments = parser.parse_args()
    try:
        return arguments.function(arguments)
    except (Problem, OSError, ValueError) as error:
        print(f"hardware.py: {error}", file=sys.stderr)
        return USAGE


if __name__ == "__main__":
    sys.exit(main())
