# ===- bad_input.py - What the tools say of input that is off -------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""Runs tools on bad input: each run must fail with a code of the tool's own and
one line that says why, and leave the folder as it was."""

import subprocess
import sys
from pathlib import Path

import numpy as np

STRATEGY = ("--strategy=#sparse_ir.strategy<intrinsic = \"%s\", rows = 4, depth = 1, "
            "vectors = 4, phase = 0, tasks = 1, pack_rhs = true>")

# A line of arguments, and what is said of it.
COMPILE = [
    ("w.npy -o w.npy", "-o: 'w.npy' is the input"),
    ("w.npy -o ./w.npy --emit=mlir", "-o: './w.npy' is the input"),
    ("w.npy -o=", "-o needs a value, found nothing"),
    ("w.npy -o out.spmm --prune=", "--prune needs a value, found nothing"),
    ("w.npy -o out.spmm --pattern=", "--pattern needs a value, found nothing"),
    ("w.npy -o folder", "folder: not a regular file"),
    ("w.npy -o missing/out.spmm", "missing/out.spmm: cannot create"),
    ("w.npy -o out.spmm --cols=0", "expected --cols=dynamic or a positive number"),
    ("w.npy -o out.spmm --cols=2199023255552", "w.npy: error: 'sparse_ir.matmul' op"),
    ("w.npy -o out.spmm --prune=nm<2:4> --prune=nm<1:4>", "--prune was given 2 times"),
    ("w.npy -o out.spmm --plot=w.txt", "ending in .png or .html"),
    ("w.npy -o out.spmm --no-such-option", "--no-such-option"),
    ("w.npy -o out.spmm --tuning=missing", "w.npy: error: cannot read tuning file"),
    ("w.npy --calibrate=out", "--calibrate measures the machine, expected no input"),
    ("folder -o out.spmm", "folder"),
    ("missing.npy -o out.spmm", "missing.npy: cannot open"),
    ("empty.npy -o out.spmm", "empty.npy: starts with ''"),
    ("empty.safetensors -o out.spmm", "expected at least 8"),
    ("empty.mlir -o out.spmm", "expected a public function with a body"),
    ("callee.mlir -o out.spmm", "undefined symbol 'g'"),
    ("vector.npy -o out.spmm", "expected a matrix (rank 2), found rank 1"),
    ("words.npy -o out.spmm", "element type '<U1'"),
    ("--shape=1048576x1048576 --pattern=nm<2:4> -o out.spmm", "2^30 elements"),
]  # fmt: skip
INTRINSICS = [
    ("nope", "host", "intrinsic 'nope', which is in no table"),
    ("mma-f16", "host", "intrinsic 'mma-f16', which target 'host' does not have"),
    ("avx512-f32", "sm_90a", "which target 'sm_90a' does not have"),
]
RUN = [
    ("nan.spmm --cols=3 --check", "matrix 'w0' holds nan at row 1, column 2"),
    ("good.spmm", "symbol 'n'"),
    ("good.spmm --cols=-1", "'--cols'"),
    ("good.spmm --cols=3 --output=out.txt", "'out.txt'"),
    ("good.spmm --cols=3 --device=cuda", "no kernel for NVIDIA GPUs"),
    ("gpu.spmm --cols=3 --device=cpu", "no kernel for x86_64"),
    ("cut.spmm --cols=3", "cut.spmm"),
    ("w.npy --cols=3", "header of"),
    ("good.spmm good.spmm --cols=3", "second package"),
]
PRUNE = [
    ("nan.npy --pattern=nm<2:4> -o out.safetensors", "found nan"),
    ("w.npy --pattern=nm<2:4> -o out.npy", "ends in .safetensors"),
    ("w.npy --pattern=nm<2:4> --pattern=nm<1:4>", "expected one pattern"),
    ("w.npy --budget=retained=nan --cols=4", "found 'retained=nan'"),
]


def make_inputs():
    weights = np.random.default_rng(0).standard_normal((16, 16), np.float32)
    np.save("w.npy", weights)
    np.save("vector.npy", weights[0])
    np.save("words.npy", np.array(["a", "b"]))
    weights[1, 2] = np.nan
    np.save("nan.npy", weights)
    for name in ("empty.npy", "empty.safetensors", "empty.mlir"):
        Path(name).touch()
    Path("folder").mkdir()
    Path("callee.mlir").write_text(
        "func.func private @g(tensor<4xf32>) -> tensor<4xf32>\n"
        "func.func @f(%a: tensor<4xf32>) -> tensor<4xf32> {\n"
        "  %r = call @g(%a) : (tensor<4xf32>) -> tensor<4xf32>\n"
        "  return %r : tensor<4xf32>\n}\n")
    for source, target in (("w", "good"), ("nan", "nan")):
        subprocess.run(["sparse-compile", f"{source}.npy", "-o", f"{target}.spmm"],
                       check=True)
    subprocess.run(["sparse-compile", "w.npy", "--dtype=f16", "--target=sm_90a",
                    "-o", "gpu.spmm"], check=True)
    Path("cut.spmm").write_bytes(Path("good.spmm").read_bytes()[:700])


def read_folder():
    return {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}


def check(command, says):
    before = read_folder()
    done = subprocess.run(command, capture_output=True, text=True)
    lines = [line for line in done.stderr.splitlines() if line]
    found = []
    if done.returncode not in (1, 2):
        found.append(f"code {done.returncode}")
    if len(lines) != 1 or says not in lines[0] or done.stdout:
        found.append(f"{done.stdout}{done.stderr}")
    if read_folder() != before:
        found.append("files that changed")
    if found:
        print(*command, "expected", says, "found", *found, sep="\n  ")
    return not found


def main():
    make_inputs()
    cases = [("sparse-compile", line, says) for line, says in COMPILE]
    cases += [("sparse-run", line, says) for line, says in RUN]
    cases += [("sparse-prune", line, says) for line, says in PRUNE]
    commands = [([tool, *line.split()], says) for tool, line, says in cases]
    commands += [(["sparse-compile", "w.npy", "-o", "out.spmm", STRATEGY % name,
                   f"--target={target}"], says)
                 for name, target, says in INTRINSICS]  # fmt: skip
    results = [check(*each) for each in commands]
    print(f"{sum(results)} of {len(results)} as expected")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
