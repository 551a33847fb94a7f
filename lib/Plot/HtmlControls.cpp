//===- HtmlControls.cpp - The script behind the controls of an HTML plot --===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "HtmlPage.h"

const std::string_view mlir::spmmplu::htmlControls = R"js(
const escape = text => text.replace(/[&<>"]/g, c => `&#${c.charCodeAt(0)};`);
const chip = html => $('title').parentNode.insertAdjacentHTML(
    'beforeend', `<span class="chip">${html}</span>`);
const plural = (n, noun) => `<b>${count(n)}</b> ${noun}${n === 1 ? '' : 's'}`;

function fillHeader() {
  $('title').textContent = P.title;
  document.title = P.title;
  chip(`<b>${count(P.rows)} &times; ${count(P.cols)}</b>`);
  chip(plural(P.nonZeros, 'non-zero'));
  chip(`density <b>${percent(P.nonZeros / Math.max(1, P.rows * P.cols))}</b>`);
  if (P.pattern)
    chip(`<b>${escape(P.pattern)}</b>`);
  const total = P.sets.reduce((sum, set) => sum + set.count, 0);
  if (total)
    chip(`${plural(total, 'meta-op')} in cells of
          <b>${P.cell[0]} &times; ${P.cell[1]}</b>`);
  if (P.groups)
    chip(plural(P.groups, 'group'));
}

function fillExtents() {
  const area = P.sets.reduce((sum, set) => sum + set.area, 0);
  const most = P.sets.reduce((a, set) => Math.max(a, set.area), 1);
  const body = document.querySelector('#extents tbody');
  $('extents').hidden = !P.sets.length;
  for (const set of M.sets) {
    const row = body.insertRow(), part = set.area / area;
    row.innerHTML = `<td><span class="swatch" style="background:${set.color}">
        </span>${set.rows} &times; ${set.cols}</td><td>${count(set.count)}</td>
        <td>${percent(part)}<span class="bar" style="background:${set.color};
        width:${set.area / most * 88}%"></span></td>
        <td>${percent(set.nonZeros / set.area)}</td>`;
    row.onclick = () => {
      state.alone = state.alone === set.index ? -1 : set.index;
      for (const other of body.rows)
        other.classList.toggle('off', state.alone >= 0 && other !== row);
      setMode(state.mode === 'group' ? 'group' : 'extent');
    };
  }
}

// Bars of `values`, merged to their maximum where there are many.
function bars(values, color, first, last) {
  const shown = Math.min(values.length, 160), width = 320 / shown;
  const most = values.reduce((a, b) => Math.max(a, b), 1);
  let rects = '';
  for (let n = 0; n < shown; ++n) {
    let value = 0;
    const begin = Math.floor(n * values.length / shown);
    const end = Math.floor((n + 1) * values.length / shown);
    for (let at = begin; at < end; ++at)
      value = Math.max(value, values[at]);
    const high = Math.max(value ? 1 : 0, value / most * 62);
    rects += `<rect x="${n * width}" y="${64 - high}" height="${high}"
        width="${shown > 64 ? width + 0.2 : width - Math.min(2, width / 8)}"
        fill="rgb(${color(begin)})"/>`;
  }
  return `<svg viewBox="0 0 320 64" preserveAspectRatio="none">${rects}</svg>
      <div class="ends"><span>${first}</span><span>${last}</span></div>`;
}

function fillGroups() {
  $('groups').hidden = !P.groups;
  if (!P.groups)
    return;
  const sizes = M.groupSizes;
  const least = sizes.reduce((a, b) => Math.min(a, b), Infinity);
  const most = sizes.reduce((a, b) => Math.max(a, b), 0);
  $('groups').innerHTML += bars(sizes, groupColor, 'group 1', count(P.groups)) +
      `<p class="hint">Meta-ops of each group: ${count(least)}${least < most ?
       ' to ' + count(most) : ''}. Groups
       run one after the other; the meta-ops of one add to different rows and
       run at once.</p>`;
}

function fillChains() {
  $('chains').hidden = !M.chain;
  if (!M.chain)
    return;
  const c = M.chain;
  const mean = c.entries.length / Math.max(1, c.panels);
  $('chains').innerHTML += bars(c.length, chainColor, 'panel 1',
                                count(c.panels)) +
      `<p class="hint">Entries of each panel of ${c.rows}
       row${c.rows === 1 ? '' : 's'}: ${mean.toFixed(1)} in the mean,
       ${count(c.longest)} at most. A panel's chain is walked by one block, its
       accumulators in registers.</p>`;
}

function setMode(mode) {
  state.mode = mode;
  for (const button of $('modes').children)
    button.setAttribute('aria-pressed', button.value === mode);
  redraw();
}

function addModes() {
  const modes = [['mask', 'Nothing']];
  if (P.sets.length)
    modes.push(['extent', 'Extent']);
  if (P.groups)
    modes.push(['group', 'Group']);
  if (M.chain)
    modes.push(['chain', 'Chain']);
  for (const [value, label] of modes) {
    const button = document.createElement('button');
    button.value = value;
    button.textContent = label;
    button.onclick = () => setMode(value);
    $('modes').append(button);
  }
  setMode(P.sets.length ? 'extent' : 'mask');
}

//--- The pointer -------------------------------------------------------------

function describe(r, c) {
  const lines = [], line = (a, b) => lines.push(`<dt>${a}</dt><dd>${b}</dd>`);
  line('element', isSet(r, c) ? 'non-zero' : 'zero');
  const found = findMetaOp(r, c);
  state.hover = found ? rectOf(found.set, found.n) : null;
  if (found) {
    const [a, b, k, l] = state.hover, {set, n} = found;
    let bits = 0;
    for (let row = a; row < b; ++row)
      bits += countRow(row, k, l);
    line('meta-op', `<span class="swatch" style="background:${set.color};
        margin:0 6px 0 0"></span>${set.rows} &times; ${set.cols}`);
    line('lo', `(${a}, ${k})`);
    line('hi', `(${a + set.rows}, ${k + set.cols})`);
    line('extent in cells', `${set.extent[0]} &times; ${set.extent[1]}`);
    line('fill', `${count(bits)} of ${count((b - a) * (l - k))}, ` +
         percent(bits / ((b - a) * (l - k))));
    if (set.group[n] >= 0)
      line('group', `${set.group[n] + 1} of ${count(P.groups)}`);
  }
  if (M.chain && M.chain.panelOf[r] >= 0) {
    const panel = M.chain.panelOf[r], length = M.chain.length[panel];
    line('chain', `panel ${count(panel + 1)}, ${count(length)} ` +
         (length === 1 ? 'entry' : 'entries'));
  }
  return `<b>row ${count(r)}, column ${count(c)}</b><dl>${lines.join('')}</dl>`;
}

function point(x, y) {
  const r = Math.floor(state.y + y / scaleY());
  const c = Math.floor(state.x + x / scaleX()), tip = $('tip');
  const inside = r >= 0 && c >= 0 && r < P.rows && c < P.cols;
  tip.style.display = inside ? 'block' : 'none';
  $('where').textContent = inside ? `row ${count(r)}, column ${count(c)}`
      : 'drag to move, scroll to zoom';
  if (inside) {
    tip.innerHTML = describe(r, c);
    const flipX = x + 24 + tip.offsetWidth > view.clientWidth;
    const flipY = y + 24 + tip.offsetHeight > view.clientHeight;
    const left = flipX ? x - 14 - tip.offsetWidth : x + 16;
    const top = flipY ? y - 14 - tip.offsetHeight : y + 16;
    tip.style.left = Math.max(4, left) + 'px';
    tip.style.top = Math.max(4, top) + 'px';
  } else {
    state.hover = null;
  }
  repaint();
}

function addPointer() {
  const down = new Map(); // pointers that are down; two of them pinch
  const spread = () => {
    const [a, b] = [...down.values()];
    return Math.hypot(a.offsetX - b.offsetX, a.offsetY - b.offsetY) || 1;
  };
  view.onpointerdown = event => {
    view.setPointerCapture(event.pointerId);
    down.set(event.pointerId, event);
    view.classList.add('dragging');
  };
  view.onpointermove = event => {
    const last = down.get(event.pointerId);
    if (!last)
      return point(event.offsetX, event.offsetY);
    const before = down.size === 2 ? spread() : 0;
    down.set(event.pointerId, event);
    if (before)
      return zoom(spread() / before, event.offsetX, event.offsetY);
    state.fitted = false;
    state.x -= (event.offsetX - last.offsetX) / scaleX();
    state.y -= (event.offsetY - last.offsetY) / scaleY();
    point(event.offsetX, event.offsetY);
  };
  view.onpointerup = view.onpointercancel = event => {
    down.delete(event.pointerId);
    view.classList.toggle('dragging', down.size > 0);
  };
  view.onpointerleave = () => point(-1e9, -1e9);
  view.addEventListener('wheel', event => {
    event.preventDefault();
    const lines = event.deltaMode ? 24 : 1;
    zoom(Math.exp(-event.deltaY * lines * 0.0016), event.offsetX,
         event.offsetY);
    point(event.offsetX, event.offsetY);
  }, {passive: false});
  view.ondblclick = event => zoom(2, event.offsetX, event.offsetY);
}

function addKeys() {
  const step = 60, move = (x, y) => {
    state.fitted = false;
    state.x += x * step / scaleX();
    state.y += y * step / scaleY();
    repaint();
  };
  const keys = {
    '+': () => zoom(1.5), '=': () => zoom(1.5), '-': () => zoom(1 / 1.5),
    '0': fit, ArrowLeft: () => move(-1, 0), ArrowRight: () => move(1, 0),
    ArrowUp: () => move(0, -1), ArrowDown: () => move(0, 1),
  };
  view.onkeydown = event => {
    if (!keys[event.key] || event.ctrlKey || event.metaKey)
      return;
    event.preventDefault();
    keys[event.key]();
  };
  $('fit').onclick = fit;
  $('in').onclick = () => zoom(1.5);
  $('out').onclick = () => zoom(1 / 1.5);
  $('mask').onchange = redraw;
  $('outline').onchange = repaint;
}

function addTheme() {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const set = isDark => {
    document.documentElement.dataset.theme = isDark ? 'dark' : 'light';
    redraw();
  };
  set(dark.matches);
  dark.onchange = event => set(event.matches);
  $('theme').onclick = () => set(!isDark());
}

async function start() {
  fillHeader();
  await readModel();
  fillExtents();
  fillGroups();
  fillChains();
  addModes();
  addPointer();
  addKeys();
  addTheme();
  fit();
  point(-1e9, -1e9);
  new ResizeObserver(() => {
    if (state.fitted)
      fit();
    paint(); // at once, or the old picture would be shown stretched
  }).observe(view);
}
start().catch(error => {
  $('where').textContent = 'cannot read the data: ' + error.message;
});
)js";
