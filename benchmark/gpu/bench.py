#!/usr/bin/env python3
# ===- bench.py - Times programs on a GPU beside what else there is -------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""Runs the packages of compile.py on this machine's GPU, beside cuBLAS,
cuSPARSELt, cuSPARSE, SDPA, FlexAttention and cuDNN, checks every result against
f64, and says which bars are met. Builds nothing.

Exit code: 0; 1 if a case failed or a result of ours is wrong; 2 for bad usage.
Bars that are not met do not change it.
"""

import argparse
import json
import sys
from pathlib import Path

import cases
import report
import stats
from clocks import ClockMonitor, describe
from packages import read_index
from supervise import Supervisor


class Results:
    """Rows as they come: printed, and written to the file each time, so that a
    run that is cut off has what it found."""

    def __init__(self, chosen, path):
        self.chosen, self.path = chosen, path
        self.document = {"card": None, "environment": None, "rows": []}
        self.monitor = None

    def set_environment(self, environment):
        if self.document["environment"] is None:
            versions = ", ".join(f"{key} {value}" for key, value in
                                 environment.items() if key != "gpu")
            print(f"{versions}\n\n{report.header()}", flush=True)
        self.document["environment"] = environment
        self.monitor.take()  # what belongs to no case

    def add(self, case, row):
        row["clocks"] = self.monitor.take()
        self.document["rows"].append(row)
        self.write()
        print(report.describe(row, case.family.each), flush=True)

    def write(self):
        if not self.path:
            return
        partial = self.path.with_suffix(self.path.suffix + ".part")
        partial.write_text(json.dumps(self.document, indent=1), encoding="utf-8")
        partial.replace(self.path)

    def summarize(self):
        rows = self.document["rows"]
        summaries = stats.summarize_families(self.chosen, rows)
        self.document["families"] = [
            {"family": one.family.title, "measured": one.measured,
             "of": one.total, "geometricMeans": one.means, "met": one.verdict}
            for one in summaries]
        self.write()
        print(report.describe_families(summaries))
        print(f"\n{report.LEGEND}", end="")
        clocks = [row["clocks"] for row in rows if row.get("clocks")]
        if clocks:
            lowest = min(one["smMHzMin"] for one in clocks)
            highest = max(one["smMHz"] for one in clocks)
            print(f"SM clock     {lowest:.0f} to {highest:.0f} MHz under load, up "
                  f"to {max(one['watts'] for one in clocks):.0f} W")

    def all_passed(self):
        return all(row.get("ours", {}).get("passed") and not row.get("error")
                   for row in self.document["rows"])


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--packages", type=Path, required=True, metavar="DIR",
                        help="what compile.py wrote")
    parser.add_argument("--cases", default="", metavar="LIST",
                        help="groups, cases or parts of names, by comma; all; "
                        f"default: {','.join(cases.DEFAULT_GROUPS)}")
    parser.add_argument("--json", type=Path, metavar="FILE",
                        help="also write all figures, after each case")
    parser.add_argument("--budget", type=float, default=345.0, metavar="SECONDS",
                        help="cases that do not begin by then are not run "
                        "(default: 345)")
    parser.add_argument("--rivals-alone", action="store_true",
                        help="time the rivals where ours fails or is missing too")
    parser.add_argument("--dry-run", action="store_true",
                        help="list the cases and what was compiled; no GPU")
    return parser.parse_args()


def list_cases(chosen, folder):
    index = read_index(folder)
    for case in chosen:
        entry = index.get(case.name)
        state = ("not compiled" if entry is None else entry.get("error") or
                 f"{entry['bytes'] / 2**20:.2f} MiB")
        peers = ", ".join(name for _, name in case.family.peers)
        bars = ", ".join(f"{bar.ratio:g}x {bar.role}" for bar in case.family.each)
        print(f"{case.name:40} {str(case.problem):28} {peers:30} "
              f"{bars or '-':26} {state}")


def main():
    options = parse_arguments()
    try:
        chosen = cases.select(options.cases)
    except cases.SelectionError as error:
        print(f"bench.py: {error}", file=sys.stderr)
        return 2
    if options.dry_run:
        list_cases(chosen, options.packages)
        return 0
    results = Results(chosen, options.json)
    results.document["card"] = describe()
    print(results.document["card"], flush=True)
    results.monitor = ClockMonitor()
    arguments = [f"--packages={options.packages.resolve()}"]
    if options.rivals_alone:
        arguments.append("--rivals-alone")
    try:
        Supervisor(chosen, arguments, options.budget, results.add,
                   results.set_environment).run()
    finally:
        results.monitor.close()
    results.summarize()
    return 0 if results.all_passed() else 1


if __name__ == "__main__":
    sys.exit(main())
