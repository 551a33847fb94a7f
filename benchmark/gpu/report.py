# ===- report.py - The table ----------------------------------------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""Rows of results as text. Standard library only."""

import stats

HEADER = ("case", "ours us", "(p10 - p90)", "TF", "dense us", "sparse us",
          "x dense", "x sparse", "error", "bar", "notes")
WIDTHS = (31, 9, 17, 6, 9, 9, 7, 8, 8, 4, 0)
LEFT = {0, 10}
VERDICTS = {True: "yes", False: "NO", None: "-"}

LEGEND = """\
ours us      median of one launch in a CUDA graph, over buffers that exceed the L2
TF           dense-equivalent: the operations of the dense problem over our time
dense us     the fastest correct dense rival, sparse us the fastest sparse one
error        relative Frobenius error of our result against f64
bar          whether this row meets its own bars; families have theirs below
"""


def _line(cells):
    parts = []
    for number, (cell, width) in enumerate(zip(cells, WIDTHS)):
        parts.append(cell.ljust(width) if number in LEFT else cell.rjust(width))
    return " ".join(parts).rstrip()


def header():
    return _line(HEADER)


def _time(entry):
    return f"{entry['medianUs']:.1f}" if entry and entry.get("medianUs") else "-"


def _notes(row):
    notes = [row["error"]] if row.get("error") else []
    ours = row.get("ours", {})
    if ours.get("error"):
        notes.append(f"ours: {ours['error']}")
    for rival in row.get("rivals", {}).values():
        label = rival.get("label")
        if label:
            notes.append(label)
        if rival.get("coarse"):
            notes.append(f"{rival['name']} is coarse: error "
                         f"{rival['relativeError']:.1e}")
    for peer in row.get("peers", []):
        if peer.get("error"):
            notes.append(f"{peer['name']}: {peer['error']}")
        elif peer.get("wrong"):
            notes.append(f"{peer['name']}: {peer['wrong']} of {peer['tried']} "
                         "wrong")
    return "; ".join(notes)


def describe(row, bars):
    """One line for a result row."""
    ours, rivals = row.get("ours", {}), row.get("rivals", {})
    ratios = stats.speedups(row)
    median = ours.get("medianUs")
    spread = f"({ours['p10Us']:.1f} - {ours['p90Us']:.1f})" if median else "-"
    rate = f"{stats.teraflops(row['flops'], median):.0f}" if median else "-"
    error = ours.get("relativeError")
    cells = [row["case"], _time(ours), spread, rate, _time(rivals.get("dense")),
             _time(rivals.get("sparse"))]
    cells += [f"{ratios[role]:.2f}" if role in ratios else "-"
              for role in ("dense", "sparse")]
    cells.append("-" if error is None else f"{error:.1e}")
    failed = bool(row.get("error") or ours.get("error"))
    cells.append("NO" if failed else VERDICTS[stats.judge(bars, ratios)])
    return _line([*cells, _notes(row)])


def describe_families(summaries):
    lines = ["", "geometric means"]
    for one in summaries:
        means = ", ".join(f"{mean:.2f}x {role}" for role, mean in one.means.items())
        bars = ", ".join(f">= {bar.ratio:g}x {bar.role}" for bar in one.family.mean)
        text = f"{one.family.title:32} {means or 'nothing measured'}"
        if one.measured < one.total:
            text += f" ({one.measured} of {one.total} cases)"
        if bars:
            text += f"; bar {bars}: {VERDICTS[one.verdict]}"
        lines.append(text)
    return "\n".join(lines)
