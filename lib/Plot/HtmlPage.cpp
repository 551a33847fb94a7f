//===- HtmlPage.cpp - Style and body of an HTML plot ----------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "HtmlPage.h"

const std::string_view mlir::spmmplu::htmlHead = R"html(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sparsity mask</title>
<style>
:root { color-scheme: light; --page: #f5f6fa; --card: #ffffff; --line: #dfe3eb;
  --text: #1f2430; --muted: #667085; --accent: #4c5cd6; --shadow: #1f243014; }
:root[data-theme=dark] { color-scheme: dark; --page: #12141a; --card: #1b1e27;
  --line: #2f3442; --text: #e7eaf2; --muted: #98a1b5; --accent: #8c9aff;
  --shadow: #00000060; }
* { box-sizing: border-box; }
html, body { height: 100%; margin: 0; }
body { display: grid; grid-template: auto 1fr / 1fr 372px; gap: 14px 16px;
  padding: 18px 20px 20px; background: var(--page); color: var(--text);
  font: 14px/1.45 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
header { grid-column: 1 / -1; display: flex; flex-wrap: wrap; gap: 8px 12px;
  align-items: center; }
h1 { margin: 0 8px 0 0; font-size: 20px; font-weight: 650;
  overflow-wrap: anywhere; }
h2 { margin: 0 0 8px; font-size: 12px; font-weight: 650; color: var(--muted);
  text-transform: uppercase; letter-spacing: .06em; }
.chip { padding: 2px 10px; border: 1px solid var(--line); border-radius: 99px;
  background: var(--card); color: var(--muted); font-size: 13px; }
.chip b { color: var(--text); font-weight: 600; }
.card { background: var(--card); border: 1px solid var(--line);
  border-radius: 12px; box-shadow: 0 2px 10px var(--shadow); }
#stage { position: relative; min-height: 340px; overflow: hidden; }
#view { position: absolute; inset: 0; width: 100%; height: 100%;
  cursor: crosshair; touch-action: none; outline-offset: -2px; }
#view.dragging { cursor: grabbing; }
.tools { display: flex; gap: 6px; margin-top: 12px; }
.tools button { flex: 1; }
button { font: inherit; color: var(--text); background: var(--card);
  border: 1px solid var(--line); border-radius: 8px; padding: 4px 11px;
  cursor: pointer; }
button:hover { border-color: var(--accent); }
#where { position: absolute; left: 12px; bottom: 10px; padding: 2px 10px;
  border-radius: 8px; background: var(--card); border: 1px solid var(--line);
  color: var(--muted); font-size: 12px; font-variant-numeric: tabular-nums; }
#tip { position: absolute; display: none; pointer-events: none; z-index: 2;
  padding: 9px 12px; font-size: 13px; white-space: nowrap; }
#tip dl { display: grid; grid-template-columns: auto auto; gap: 1px 14px;
  margin: 5px 0 0; font-variant-numeric: tabular-nums; }
#tip dt { color: var(--muted); }
#tip dd { margin: 0; text-align: right; }
aside { display: flex; flex-direction: column; gap: 14px; overflow: auto;
  min-height: 0; }
aside .card { padding: 14px 16px; flex: none; }
.seg { display: flex; border: 1px solid var(--line); border-radius: 9px;
  overflow: hidden; }
.seg button { flex: 1; border: 0; border-radius: 0; padding: 6px 4px; }
.seg button + button { border-left: 1px solid var(--line); }
.seg button[aria-pressed=true] { background: var(--accent); color: #fff; }
:root[data-theme=dark] .seg button[aria-pressed=true] { color: #12141a; }
.checks { display: flex; gap: 18px; margin-top: 11px; }
.checks label { display: flex; gap: 7px; align-items: center; cursor: pointer; }
input { accent-color: var(--accent); }
table { width: 100%; border-collapse: collapse; font-size: 13px;
  font-variant-numeric: tabular-nums; }
th { text-align: right; font-weight: 500; color: var(--muted);
  padding: 0 0 5px 8px; border-bottom: 1px solid var(--line); }
td { text-align: right; padding: 4px 0 5px 10px; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
tbody tr { cursor: pointer; }
tbody tr:hover td { color: var(--accent); }
tr.off td { opacity: .35; }
.swatch { display: inline-block; width: 12px; height: 12px; margin-right: 9px;
  border-radius: 3px; vertical-align: -1px; }
td:nth-child(3) { position: relative; }
.bar { position: absolute; right: 0; bottom: 0; height: 3px; border-radius: 2px;
  min-width: 1px; }
.hint { margin: 9px 0 0; color: var(--muted); font-size: 12px; }
svg { display: block; width: 100%; height: 64px; }
.ends { display: flex; justify-content: space-between; color: var(--muted);
  font-size: 12px; }
@media (max-width: 860px) {
  body { grid-template: auto 62vh auto / 1fr; }
  aside { overflow: visible; }
}
</style>
</head>
<body>
<header><h1 id="title"></h1></header>
<main class="card" id="stage">
<canvas id="view" tabindex="0"
 aria-label="The mask; drag to move, scroll to zoom"></canvas>
<div id="where">reading&hellip;</div>
<div id="tip" class="card"></div>
</main>
<aside>
<section class="card">
<h2>Colour by</h2>
<div class="seg" id="modes"></div>
<div class="checks">
<label><input type="checkbox" id="mask" checked>Non-zeros</label>
<label><input type="checkbox" id="outline" checked>Outlines</label>
</div>
<div class="tools">
<button id="fit" title="Show all (0)">Fit</button>
<button id="in" title="Closer (+)" aria-label="Zoom in">+</button>
<button id="out" title="Farther (-)" aria-label="Zoom out">&minus;</button>
<button id="theme" title="Light or dark"
 aria-label="Light or dark">&#9680;</button>
</div>
</section>
<section class="card" id="extents">
<h2>Meta-ops by extent</h2>
<table><thead><tr><th>rows &times; cols</th><th>count</th><th>work</th>
<th>fill</th></tr></thead><tbody></tbody></table>
<p class="hint">Click an extent to see it alone, again to see all.
Work is the share of the elements that meta-ops cover; fill, how many of its
elements are non-zero.</p>
</section>
<section class="card" id="groups"><h2>Groups, policy disjoint</h2></section>
<section class="card" id="chains"><h2>Chains</h2></section>
</aside>
)html";
