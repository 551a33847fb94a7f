# ===- worker.py - The process that uses the GPU --------------------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""Runs the cases that bench.py names and prints a JSON line for each. A process
of its own, because a kernel's bad access leaves a process without GPU.

Lines are {"begin": case} and {"row": {...}}. Exit code 3: the GPU is lost to
this process; a new one takes the cases that are left.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

LOST = 3
ROOT = Path(__file__).resolve().parents[2]


def emit(stream, **line):
    stream.write(json.dumps(line) + "\n")
    stream.flush()


def _environment(torch):
    return {"torch": torch.__version__, "cuda": torch.version.cuda,
            "gpu": torch.cuda.get_device_name(),
            "multiprocessors":
                torch.cuda.get_device_properties(0).multi_processor_count,
            "cudnn": torch.backends.cudnn.version(),
            "cusparselt": (torch.backends.cusparselt.version()
                           if torch.backends.cusparselt.is_available() else None)}


def _is_lost(torch):
    try:
        torch.cuda.synchronize()
        torch.zeros(1, device="cuda").item()
    except Exception:
        return True
    return False


def _set_up(packages_folder):
    """The runtime's library has to be chosen before its module is used."""
    import packages

    sys.path.insert(0, str(ROOT / "python"))
    library = packages.preload_libraries(packages_folder)
    os.environ.setdefault("SPMMPLU_RUNTIME", str(library))
    return packages


def run(names, packages_folder, rivals_alone, stream):
    packages = _set_up(packages_folder)
    import torch

    import cases
    import engine

    torch.cuda.init()
    emit(stream, environment=_environment(torch))
    by_name = {case.name: case for case in cases.CASES}
    with tempfile.TemporaryDirectory() as scratch:
        for name in names:
            emit(stream, begin=name)

            def unpack(name=name):
                return packages.unpack(packages_folder, name, Path(scratch))

            row = engine.run_case(by_name[name], unpack, rivals_alone)
            lost = _is_lost(torch)
            if lost:
                row["lostDevice"] = True
            emit(stream, row=row)
            if lost:
                return LOST
            engine.release()
            (Path(scratch) / f"{name}.spmm").unlink(missing_ok=True)
    return 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--packages", type=Path, required=True)
    parser.add_argument("--rivals-alone", action="store_true")
    parser.add_argument("names", nargs="+")
    options = parser.parse_args()
    # Lines have a stream of their own: libraries print to standard output.
    stream = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    code = run(options.names, options.packages, options.rivals_alone, stream)
    # Without the clean-up of a process whose GPU is lost, which can hang.
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
