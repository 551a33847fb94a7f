# ===- engine.py - Runs one case: check, choose, time ---------------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""From a case to a row of results. Whatever fails is part of the row."""

import gc
import math
import time

import torch

import check
import peers
import timing
from problems import make_problem

OURS = "spmmplu"
# For one peer's variants; those not tried by then are counted.
SEARCH_SECONDS = 20.0


class WrongResult(Exception):
    """A variant's error exceeds the tolerance."""


def _unwritten(dtype):
    """What no result is; of integers, the least."""
    return math.nan if dtype.is_floating_point else torch.iinfo(dtype).min


def poison(variant, sets):
    """Fills what the variants own with NaN, so that what is not written shows.
    Where the library allocates, freed memory of the same size is filled, which
    the allocator hands out next."""
    if variant.outputs is not None:
        for i in sets:
            output = variant.outputs[i]
            output.fill_(_unwritten(output.dtype))
        return
    raw = variant.launch(sets[0])
    torch.cuda.synchronize()
    shape, dtype = raw.shape, raw.dtype
    del raw
    torch.full(shape, _unwritten(dtype), device="cuda", dtype=dtype)


def find_error(variant, problem, i):
    """Of one launch on set i."""
    poison(variant, [i])
    raw = variant.launch(i)
    torch.cuda.synchronize()
    return check.relative_error(variant.result(raw, i),
                                problem.reference(i, variant.computes))


class Choice:
    """The fastest correct variant of a peer, and what happened on the way."""

    def __init__(self, name, role):
        self.name, self.role = name, role
        self.variant = self.error = self.failure = self.times = None
        self.tried = self.wrong = self.untried = 0
        self.speed = math.inf

    def consider(self, problem):
        """Tries all variants. Raises only what leaves the device unusable."""
        deadline = time.monotonic() + SEARCH_SECONDS
        try:
            for variant in peers.load(self.name).variants(problem):
                if time.monotonic() > deadline and self.variant:
                    self.untried += 1
                    continue
                self._try(variant, problem)
        except Exception as error:
            self._note(error)
        if not self.variant and not self.failure:
            self.failure = "no variant"
        torch.cuda.empty_cache()  # the pools of graphs that were tried

    def _try(self, variant, problem):
        """Keeps the variant if it is the best one so far."""
        self.tried += 1
        try:
            error = find_error(variant, problem, 0)
            allowed = problem.tolerance * variant.tolerances
            if error > allowed:
                self.wrong += 1
                self._note(WrongResult(
                    f"{variant.label or self.name}: error {error:.1e}, expected "
                    f"at most {allowed:.1e}"), error)
                return
            speed = timing.estimate(variant, problem.sets)
        except Exception as failure:
            self._note(failure)
            return
        if speed < self.speed:
            self.variant, self.error, self.speed = variant, error, speed

    def _note(self, failure, error=None):
        """Keeps the first failure; a device that is lost is no peer's matter."""
        torch.cuda.synchronize()
        if not self.failure:
            self.failure = timing.first_line(failure)
        if self.variant is None and self.error is None:
            self.error = error

    def check_again(self, problem):
        """After timing: the last set too, and set 0 twice, whose results must
        be equal bit by bit for a program of ours."""
        last = problem.sets - 1
        self.error = max(self.error, find_error(self.variant, problem, last))
        if self.error > problem.tolerance:
            self.failure = (f"set {last}: error {self.error:.1e}, expected at "
                            f"most {problem.tolerance:.1e}")
            return
        first = self.variant.launch(0).clone()
        again = self.variant.launch(0)
        torch.cuda.synchronize()
        if not torch.equal(first.nan_to_num(), again.nan_to_num()):
            self.failure = "two runs on the same inputs differ"

    def as_json(self, tolerance):
        """`tolerance`: of the problem; a rival beyond it is coarse."""
        row = {"name": self.name, "tried": self.tried, "wrong": self.wrong}
        if self.untried:
            row["untried"] = self.untried
        if self.variant:
            row["label"] = self.variant.label
            row.update(self.times.as_json() if self.times else {})
        if self.error is not None:
            row["relativeError"] = self.error if math.isfinite(self.error) else None
            row["coarse"] = bool(self.variant) and self.error > tolerance
        if self.failure and (not self.variant or self.name == OURS):
            row["error"] = self.failure
        row["passed"] = bool(self.variant) and "error" not in row
        return row


def run_case(case, package, rivals_alone):
    """The row. `package`: a function that gives the path of the unpacked
    package, or raises. `rivals_alone`: measure them where ours fails too."""
    ours = Choice(OURS, "ours")
    row = {"case": case.name, "family": case.family.title,
           "group": case.family.group, "flops": case.problem.flops}
    start = time.monotonic()
    problem = None
    try:
        if rivals_alone:
            problem = make_problem(case.problem)
        try:
            path = package()
            problem = problem or make_problem(case.problem)
            problem.package = path
            ours.consider(problem)
        except Exception as error:
            ours.failure = timing.first_line(error)
        row.update(_measure(case, problem, ours, rivals_alone))
    except Exception as error:
        row["error"] = timing.first_line(error)
    row["seconds"] = round(time.monotonic() - start, 2)
    return row


def _measure(case, problem, ours, rivals_alone):
    choices = [ours]
    if ours.variant or rivals_alone:
        for role, name in case.family.peers:
            choices.append(Choice(name, role))
            choices[-1].consider(problem)
    usable = [choice for choice in choices if choice.variant]
    if usable:
        problem.forget()
        times = timing.measure([choice.variant for choice in usable], problem.sets)
        for choice, found in zip(usable, times):
            choice.times = found
    if ours.variant:
        ours.check_again(problem)
    rivals = {}
    for choice in usable:
        known = rivals.get(choice.role)
        if choice is not ours and (
                known is None or choice.times.median < known.times.median):
            rivals[choice.role] = choice
    tolerance = problem.tolerance if problem else math.inf
    return {
        "sets": problem.sets if problem else None,
        "tolerance": problem.tolerance if problem else None,
        "ours": ours.as_json(tolerance),
        "rivals": {role: choice.as_json(tolerance)
                   for role, choice in rivals.items()},
        "peers": [choice.as_json(tolerance) | {"role": choice.role}
                  for choice in choices if choice is not ours],
    }


def release():
    """Frees what the last case held."""
    gc.collect()
    torch.cuda.empty_cache()
