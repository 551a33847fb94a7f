# ===- stats.py - Medians, spreads, means and bars ------------------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""Statistics of the table. Standard library only."""

import math
import statistics
from dataclasses import dataclass


@dataclass(frozen=True)
class Times:
    """Microseconds of one launch."""

    median: float
    p10: float
    p90: float
    count: int

    def as_json(self):
        return {"medianUs": self.median, "p10Us": self.p10, "p90Us": self.p90,
                "samples": self.count}


def percentile(values, part):
    """Between the nearest ranks, linearly; `part` of 0 to 1."""
    ordered = sorted(values)
    place = part * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def summarize(samples):
    """Times of samples in microseconds, of which there is at least one."""
    return Times(statistics.median(samples), percentile(samples, 0.1),
                 percentile(samples, 0.9), len(samples))


def geometric_mean(values):
    """None of no values."""
    values = list(values)
    if not values:
        return None
    return math.exp(math.fsum(map(math.log, values)) / len(values))


def teraflops(flops, microseconds):
    return flops / microseconds / 1e6


def speedups(row):
    """{role: rival's time / our time} of a result row, for roles with both."""
    ours = row.get("ours", {}).get("medianUs")
    if not ours or not row["ours"].get("passed"):
        return {}
    return {
        role: rival["medianUs"] / ours
        for role, rival in row.get("rivals", {}).items()
        if rival.get("medianUs")
    }


def judge(bars, ratios):
    """Whether `ratios`, by role, meet all bars: True, False, or None where a
    bar's role has no ratio, or where there are no bars."""
    if any(ratios.get(bar.role) is not None and ratios[bar.role] < bar.ratio
           for bar in bars):
        return False
    if not bars or any(ratios.get(bar.role) is None for bar in bars):
        return None
    return True


@dataclass(frozen=True)
class FamilySummary:
    """Geometric means over the cases that were measured."""

    family: object
    measured: int
    total: int
    means: dict
    verdict: object


def summarize_families(chosen, rows):
    """One summary a family of the chosen cases, in their order. A family whose
    cases did not all give a ratio has no verdict but a failed one."""
    by_name = {row["case"]: row for row in rows}
    families = dict.fromkeys(case.family for case in chosen)
    summaries = []
    for family in families:
        names = [case.name for case in chosen if case.family == family]
        ratios = [speedups(by_name.get(name, {})) for name in names]
        roles = dict.fromkeys(role for one in ratios for role in one)
        means = {role: geometric_mean(one[role] for one in ratios if role in one)
                 for role in roles}  # fmt: skip
        complete = {role: mean for role, mean in means.items()
                    if all(role in one for one in ratios)}
        verdict = judge(family.mean, complete)
        if any(judge((bar,), means) is False for bar in family.mean):
            verdict = False
        measured = sum(bool(one) for one in ratios)
        summaries.append(FamilySummary(family, measured, len(names), means,
                                       verdict))
    return summaries
