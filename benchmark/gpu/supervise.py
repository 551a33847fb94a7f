# ===- supervise.py - Workers, time limits and what they found ------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""Gives cases to worker processes until all have a row. Standard library only."""

import json
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path

WORKER = Path(__file__).with_name("worker.py")
# Of one case; FlexAttention compiles for some seconds.
CASE_SECONDS = 90.0
START_SECONDS = 120.0
MAX_WORKERS_WITHOUT_ROW = 2


def failed_row(case, text):
    return {"case": case.name, "family": case.family.title,
            "group": case.family.group, "flops": case.problem.flops, "error": text}


class _Worker:
    """A process and the lines it prints; None is its end."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        self.lines, self.said = queue.Queue(), []
        self.readers = [threading.Thread(target=target, daemon=True)
                        for target in (self._read, self._read_errors)]
        for reader in self.readers:
            reader.start()

    def _read(self):
        with self.process.stdout as stream:
            for line in stream:
                try:
                    self.lines.put(json.loads(line))
                except json.JSONDecodeError:
                    continue
        self.lines.put(None)

    def _read_errors(self):
        with self.process.stderr as stream:
            for line in stream:
                if line.strip():
                    self.said = [*self.said[-19:], line.strip()]

    def next_line(self, seconds):
        """Raises queue.Empty after `seconds`."""
        return self.lines.get(timeout=max(0.0, seconds))

    def stop(self):
        """What it said last, after it has ended."""
        if self.process.poll() is None:
            try:
                self.process.wait(2)
            except subprocess.TimeoutExpired:
                self.process.kill()
        code = self.process.wait()
        for reader in self.readers:
            reader.join(2)
        return f"exit code {code}" + (f": {self.said[-1][:200]}" if self.said else "")


class Supervisor:
    """`on_row(case, row)` and `on_environment(dict)` are called as they come."""

    def __init__(self, cases, arguments, budget, on_row, on_environment,
                 command=None):
        self.left = list(cases)
        self.command = (command or [sys.executable, str(WORKER)]) + arguments
        self.deadline = time.monotonic() + budget
        self.on_row, self.on_environment = on_row, on_environment

    def run(self):
        fruitless = 0
        while self.left:
            before = len(self.left)
            if time.monotonic() >= self.deadline:
                self._give_up("not run: out of time")
                return
            said = self._run_worker()
            fruitless = fruitless + 1 if len(self.left) == before else 0
            if fruitless == MAX_WORKERS_WITHOUT_ROW:
                self._give_up(f"no worker: {said}")
                return

    def _give_up(self, text):
        while self.left:
            case = self.left.pop(0)
            self.on_row(case, failed_row(case, text))

    def _finish(self, row):
        case = self.left.pop(0)
        self.on_row(case, row if row else failed_row(case, "no row"))

    def _run_worker(self):
        """One worker, until it ends or has to be ended; what it said last."""
        worker = _Worker([*self.command, *(case.name for case in self.left)])
        began, limit = None, START_SECONDS
        while True:
            seconds = min(limit, self.deadline - time.monotonic())
            try:
                line = worker.next_line(seconds)
            except queue.Empty:
                worker.process.kill()
                worker.stop()
                late = time.monotonic() >= self.deadline
                text = "out of time" if late else f"no result in {limit:.0f} s"
                if began:
                    self._finish(failed_row(self.left[0], text))
                return text
            if line is None:
                said = worker.stop()
                if began:
                    self._finish(failed_row(self.left[0], f"worker ended, {said}"))
                return said
            if "environment" in line:
                self.on_environment(line["environment"])
            elif "begin" in line:
                began, limit = line["begin"], CASE_SECONDS
            elif "row" in line:
                began, limit = None, CASE_SECONDS
                self._finish(line["row"])
