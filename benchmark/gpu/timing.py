# ===- timing.py - Launches in CUDA graphs, timed by events ---------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""Times variants side by side. A variant has `launch(i)`, which starts work on
PyTorch's current stream with the buffers of set i."""

import math

import torch

import stats

# One replay lasts at least this long, so that events resolve it.
REPLAY_US = 400.0
TURNS = 5
# What all replays of a variant may take together.
TURN_US = 12000.0


class GraphError(Exception):
    """A library cannot be captured."""


class Replay:
    """A graph of `rounds` launches of each of `sets` sets of buffers. What the
    launches return lives as long as the graph: so each has buffers of its own
    where the library allocates them."""

    def __init__(self, launch, sets, rounds=1):
        self.launches = sets * rounds
        self.graph = torch.cuda.CUDAGraph()
        self.kept = []
        torch.cuda.synchronize()
        # Not `torch.cuda.graph`: that returns all cached memory to the driver
        # each time, which hundreds of captures cannot afford.
        with torch.cuda.stream(torch.cuda.Stream()):
            self.graph.capture_begin(capture_error_mode="thread_local")
            try:
                for number in range(self.launches):
                    self.kept.append(launch(number % sets))
            except Exception as error:
                self._abandon()
                raise GraphError(f"capture: {first_line(error)}") from error
            self.graph.capture_end()

    def _abandon(self):
        """Ends a capture that failed; that it did is known."""
        try:
            self.graph.capture_end()
        except RuntimeError:
            pass

    def sample(self):
        """Microseconds of one launch, from one replay."""
        start = torch.cuda.Event(enable_timing=True)
        end = torch.cuda.Event(enable_timing=True)
        start.record()
        self.graph.replay()
        end.record()
        end.synchronize()
        return start.elapsed_time(end) * 1e3 / self.launches


def first_line(error):
    """An exception as one line, without the advice that PyTorch appends."""
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0][:160]}" if text else (
        type(error).__name__)


def warm_up(launch, sets):
    """Loads modules, picks algorithms, fills caches of plans: on a side stream,
    as capture wants it."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for i in range(sets):
            launch(i)
    torch.cuda.current_stream().wait_stream(stream)
    torch.cuda.synchronize()


def estimate(variant, sets):
    """Microseconds of one launch, roughly: enough to choose by."""
    warm_up(variant.launch, sets)
    replay = Replay(variant.launch, sets)
    replay.sample()
    return min(replay.sample() for _ in range(3))


def measure(variants, sets):
    """Times of each variant. They take turns, so that all of them see the same
    clocks and temperatures; a turn starts with a replay that is not timed."""
    replays, counts = [], []
    for variant in variants:
        guess = estimate(variant, sets)
        rounds = max(1, min(16, math.ceil(REPLAY_US / (guess * sets))))
        replays.append(Replay(variant.launch, sets, rounds))
        once = guess * sets * rounds
        counts.append(max(2, min(20, int(TURN_US / once))))
    samples = [[] for _ in variants]
    for _ in range(TURNS):
        for replay, count, found in zip(replays, counts, samples):
            replay.sample()
            found.extend(replay.sample() for _ in range(count))
    torch.cuda.synchronize()
    return [stats.summarize(found) for found in samples]
