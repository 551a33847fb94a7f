# ===- tools.py - Runs the command-line tools -----------------------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""`sparse-compile` and `sparse-run` as functions."""

import json
import subprocess
import time
from pathlib import Path


class ToolError(Exception):
    """A tool failed; the text is its last line on standard error."""


class Tools:
    """The tools of one build, in the folder `directory`."""

    def __init__(self, directory):
        self.directory = Path(directory)

    def _run(self, tool, *arguments):
        command = [self.directory / tool, *map(str, arguments)]
        try:
            return subprocess.run(command, capture_output=True, text=True)
        except OSError as error:
            raise ToolError(f"{command[0]}: {error.strerror}") from error

    def compile(self, weights, package, *options):
        """Writes `package`; returns how long that took, in seconds."""
        start = time.perf_counter()
        result = self._run("sparse-compile", weights, "-o", package, *options)
        seconds = time.perf_counter() - start
        if result.returncode:
            raise ToolError(_last_line(result, "sparse-compile"))
        return seconds

    def info(self, package):
        """The manifest of `package`, see docs/package.md."""
        return self._json("--info", package)

    def run(self, package, cols, *options):
        """Runs `package` on `cols` random columns; what sparse-run reports. A
        failed check is no error: the report says so."""
        return self._json(package, f"--cols={cols}", *options)

    def _json(self, *arguments):
        result = self._run("sparse-run", "--json", *arguments)
        if result.returncode not in (0, 1):
            raise ToolError(_last_line(result, "sparse-run"))
        try:
            return json.loads(result.stdout)
        except json.JSONDecodeError as error:
            raise ToolError(_last_line(result, "sparse-run")) from error


def _last_line(result, tool):
    lines = result.stderr.strip().splitlines()
    return lines[-1] if lines else f"{tool}: exit code {result.returncode}"
