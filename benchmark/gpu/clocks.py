# ===- clocks.py - What the card does meanwhile ---------------------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""Clocks, power and temperature by `nvidia-smi`, which is only asked: nothing
is set. Standard library only."""

import statistics
import subprocess
import threading

SETTINGS = ("name,driver_version,clocks.max.sm,clocks.max.mem,power.limit,"
            "power.max_limit")
SAMPLED = "clocks.sm,clocks.mem,power.draw,temperature.gpu"
PERIOD_MS = 100


def describe():
    """One line: the card, its driver and limits; why there is none."""
    command = ["nvidia-smi", f"--query-gpu={SETTINGS}", "--format=csv,noheader"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"nvidia-smi: {error}"
    values = [value.strip() for value in done.stdout.splitlines()[0].split(",")
              ] if done.returncode == 0 and done.stdout else []
    if len(values) != 6:
        return f"nvidia-smi: exit code {done.returncode}"
    return (f"{values[0]}, driver {values[1]}, clocks up to {values[2]} SM and "
            f"{values[3]} memory, power limit {values[4]} of {values[5]}")


def parse_sample(line):
    """{smMHz, memoryMHz, watts, celsius}; None for a line that is no sample."""
    try:
        sm, memory, watts, celsius = (float(part) for part in line.split(","))
    except ValueError:
        return None
    return {"smMHz": sm, "memoryMHz": memory, "watts": watts, "celsius": celsius}


def summarize(samples):
    """The busiest half of the samples by power, as medians; the lowest SM clock
    of those. Empty where there are none."""
    if not samples:
        return {}
    busy = sorted(samples, key=lambda one: one["watts"])[len(samples) // 2:]
    summary = {key: statistics.median(one[key] for one in busy) for key in busy[0]}
    summary["smMHzMin"] = min(one["smMHz"] for one in busy)
    return summary


class ClockMonitor:
    """Samples until it is closed. Without nvidia-smi there are no samples."""

    def __init__(self):
        self._samples, self._lock = [], threading.Lock()
        try:
            self._process = subprocess.Popen(
                ["nvidia-smi", f"--query-gpu={SAMPLED}", f"--loop-ms={PERIOD_MS}",
                 "--format=csv,noheader,nounits"],
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        except OSError:
            self._process = None
            return
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self._process.stdout:
            sample = parse_sample(line)
            if sample:
                with self._lock:
                    self._samples.append(sample)

    def take(self):
        """A summary of the samples since the last call."""
        with self._lock:
            samples, self._samples = self._samples, []
        return summarize(samples)

    def close(self):
        if self._process:
            self._process.terminate()
            self._process.wait()
