//===- HtmlView.cpp - The script that draws an HTML plot ------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "HtmlPage.h"

const std::string_view mlir::spmmplu::htmlView = R"js(
const $ = id => document.getElementById(id);
const view = $('view'), context = view.getContext('2d');
// Until the person moves, the whole mask is fitted to each new size.
const state = {x: 0, y: 0, scale: 1, fitted: true, mode: 'mask', alone: -1,
               hover: null};
const rgb = text => [1, 3, 5].map(n => parseInt(text.slice(n, n + 2), 16));
const ramp = (colors, part) => colors[Math.round(part * (colors.length - 1))];
const groupRamp = P.groupRamp.map(rgb), chainRamp = P.chainRamp.map(rgb);
const setColors = P.sets.map(set => rgb(set.color));
const isDark = () => document.documentElement.dataset.theme === 'dark';
const paper = () => isDark() ? [27, 30, 39] : [255, 255, 255];
const ink = () => isDark() ? [226, 230, 240] : [36, 44, 66];
const count = n => n.toLocaleString('en-US');
const percent = part => {
  const n = part * 100;
  return (n > 0 && n < 0.1 ? n.toPrecision(1) : String(+n.toFixed(2))) + ' %';
};
const groupColor = g => g < 0 ? [150, 155, 165]
    : ramp(groupRamp, P.groups > 1 ? g / (P.groups - 1) : 0.4);
const chainColor = panel =>
    ramp(chainRamp, M.chain.length[panel] / Math.max(1, M.chain.longest));

//--- Tiles: pictures of tileSize pixels, 2^level elements a pixel ------------

const tileSize = 512, maxTiles = 160;
const tiles = new Map();
const sums = new Float32Array(tileSize * tileSize * 4);
// Sparse areas would be too pale to tell from empty ones otherwise.
const shades = Float32Array.from({length: 257}, (_, n) => (n / 256) ** 0.6);
const shade = d => shades[Math.min(256, Math.round(d * 256))];

// Adds a colour over elements [r0, r1) x [c0, c1), relative to the tile.
function addRect(t, r0, r1, c0, c1, color) {
  const b = t.block;
  r0 = Math.max(r0, 0); c0 = Math.max(c0, 0);
  r1 = Math.min(r1, t.rows); c1 = Math.min(c1, t.cols);
  for (let y = Math.floor(r0 / b); y * b < r1; ++y) {
    const high = (Math.min(r1, (y + 1) * b) - Math.max(r0, y * b)) /
        Math.min(b, t.rows - y * b);
    for (let x = Math.floor(c0 / b); x * b < c1; ++x) {
      const part = high * (Math.min(c1, (x + 1) * b) - Math.max(c0, x * b)) /
          Math.min(b, t.cols - x * b);
      const at = (y * tileSize + x) * 4;
      sums[at] += part * color[0];
      sums[at + 1] += part * color[1];
      sums[at + 2] += part * color[2];
      sums[at + 3] += part;
    }
  }
}

function addColors(t) {
  const r1 = t.r0 + t.rows, c1 = t.c0 + t.cols;
  if (state.mode === 'chain') {
    for (let r = t.r0; r < r1; ++r)
      forEachEntry(r, t.c0, c1, (from, to, panel) => addRect(
          t, r - t.r0, r - t.r0 + 1, from - t.c0, to - t.c0,
          chainColor(panel)));
    return;
  }
  for (const set of M.sets) {
    if (state.alone >= 0 && state.alone !== set.index)
      continue;
    forEachMetaOp(set, t.r0, r1, t.c0, c1, n => {
      const [a, b, c, d] = rectOf(set, n);
      addRect(t, a - t.r0, b - t.r0, c - t.c0, d - t.c0, colorOf(set, n));
    });
  }
}

const colorOf = (set, n) =>
    state.mode === 'group' ? groupColor(set.group[n]) : setColors[set.index];

function drawTile(level, tx, ty) {
  const b = 2 ** level, r0 = ty * tileSize * b, c0 = tx * tileSize * b;
  const t = {block: b, r0, c0, rows: Math.min(tileSize * b, P.rows - r0),
             cols: Math.min(tileSize * b, P.cols - c0)};
  const width = Math.ceil(t.cols / b), height = Math.ceil(t.rows / b);
  const showMask = $('mask').checked, back = paper(), front = ink();
  sums.fill(0);
  if (state.mode !== 'mask')
    addColors(t);
  const image = new ImageData(width, height);
  for (let y = 0; y < height; ++y)
    for (let x = 0; x < width; ++x) {
      const from = c0 + x * b, to = Math.min(P.cols, from + b);
      const begin = r0 + y * b, end = Math.min(P.rows, begin + b);
      let bits = 0;
      if (showMask)
        for (let r = begin; r < end; ++r)
          bits += b === 1 ? isSet(r, from) : countRow(r, from, to);
      const density = bits / ((to - from) * (end - begin));
      const at = (y * tileSize + x) * 4, cover = Math.min(1, sums[at + 3]);
      let alpha = shade(density);
      if (cover > 0) {
        alpha = cover * (showMask ? 0.3 + 0.7 * shade(density / cover) : 0.9);
      } else if (state.mode !== 'mask') {
        alpha *= 0.3; // not of the extent that is shown alone
      }
      const out = (y * width + x) * 4;
      for (let n = 0; n < 3; ++n) {
        const color = cover > 0 ? sums[at + n] / sums[at + 3] : front[n];
        image.data[out + n] = back[n] + (color - back[n]) * alpha;
      }
      image.data[out + 3] = 255;
    }
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  canvas.getContext('2d').putImageData(image, 0, 0);
  return canvas;
}

function cachedTile(level, tx, ty, mayDraw) {
  const key = level + '/' + tx + '/' + ty;
  let tile = tiles.get(key);
  if (!tile && mayDraw)
    tile = drawTile(level, tx, ty);
  if (tile) { // the one that was used last is the last to go
    tiles.delete(key);
    tiles.set(key, tile);
    if (tiles.size > maxTiles)
      tiles.delete(tiles.keys().next().value);
  }
  return tile;
}

//--- The view ----------------------------------------------------------------

const topLevel = Math.max(0, Math.ceil(Math.log2(
    Math.max(P.rows, P.cols, 1) / tileSize)));
// Elements are square, unless the mask is so oblong that it would be a line.
const stretchX = Math.max(1, P.rows / (24 * Math.max(P.cols, 1)));
const stretchY = Math.max(1, P.cols / (24 * Math.max(P.rows, 1)));
const scaleX = () => state.scale * stretchX;
const scaleY = () => state.scale * stretchY;
const toX = c => (c - state.x) * scaleX(), toY = r => (r - state.y) * scaleY();
const viewCols = () => view.clientWidth / scaleX();
const viewRows = () => view.clientHeight / scaleY();

function paintLevel(level, budget) {
  const span = tileSize * 2 ** level, start = performance.now();
  const begin = n => Math.max(0, Math.floor(n / span));
  const right = Math.min(P.cols, state.x + viewCols());
  const bottom = Math.min(P.rows, state.y + viewRows());
  let complete = true;
  for (let ty = begin(state.y); ty * span < bottom; ++ty)
    for (let tx = begin(state.x); tx * span < right; ++tx) {
      const inTime = performance.now() - start < budget;
      const tile = cachedTile(level, tx, ty, inTime);
      complete = complete && !!tile;
      if (tile)
        context.drawImage(tile, toX(tx * span), toY(ty * span),
                          tile.width * 2 ** level * scaleX(),
                          tile.height * 2 ** level * scaleY());
    }
  return complete;
}

function paintOutlines() {
  const smallest = 7, most = 20000;
  const r0 = Math.max(0, Math.floor(state.y));
  const c0 = Math.max(0, Math.floor(state.x));
  const r1 = Math.min(P.rows, Math.ceil(state.y + viewRows()));
  const c1 = Math.min(P.cols, Math.ceil(state.x + viewCols()));
  let drawn = 0;
  for (const set of M.sets) {
    if (Math.min(set.rows * scaleY(), set.cols * scaleX()) < smallest ||
        r0 >= r1 || c0 >= c1 || state.alone >= 0 && state.alone !== set.index)
      continue;
    forEachMetaOp(set, r0, r1, c0, c1, n => {
      if (++drawn > most)
        return;
      const [a, b, c, d] = rectOf(set, n), dim = isDark() ? 1.15 : 0.6;
      context.strokeStyle = `rgb(${colorOf(set, n).map(v => v * dim)})`;
      context.strokeRect(Math.round(toX(c)) + 0.5, Math.round(toY(a)) + 0.5,
                         Math.round((d - c) * scaleX()) - 1,
                         Math.round((b - a) * scaleY()) - 1);
    });
  }
}

function paint() {
  const dots = window.devicePixelRatio || 1;
  view.width = Math.round(view.clientWidth * dots);
  view.height = Math.round(view.clientHeight * dots);
  context.setTransform(dots, 0, 0, dots, 0, 0);
  context.fillStyle = `rgb(${paper()})`;
  const box = [toX(0), toY(0), P.cols * scaleX(), P.rows * scaleY()];
  context.fillRect(...box);
  context.save();
  context.beginPath();
  context.rect(...box);
  context.clip();
  const level = Math.min(topLevel, Math.max(
      0, Math.floor(-Math.log2(state.scale * dots) + 0.01)));
  context.imageSmoothingEnabled = state.scale * dots < 1;
  // Coarse tiles fill in for those that are not drawn yet.
  if (level < topLevel)
    paintLevel(topLevel, Infinity);
  if (!paintLevel(level, 60))
    repaint();
  if ($('outline').checked && state.mode !== 'mask' && state.mode !== 'chain')
    paintOutlines();
  context.restore();
  context.strokeStyle =
      getComputedStyle(document.body).getPropertyValue('--line');
  context.strokeRect(box[0] - 0.5, box[1] - 0.5, box[2] + 1, box[3] + 1);
  if (state.hover) {
    const [a, b, c, d] = state.hover;
    context.lineWidth = 2;
    context.strokeStyle = isDark() ? '#fff' : '#000';
    context.strokeRect(toX(c) - 1, toY(a) - 1, (d - c) * scaleX() + 2,
                       (b - a) * scaleY() + 2);
  }
}

let pending = 0;
function repaint() {
  if (!pending)
    pending = requestAnimationFrame(() => { pending = 0; paint(); });
}
const redraw = () => { tiles.clear(); repaint(); };

// Pixels of the longer side of an element at which the mask fills the view.
function fittingScale(margin) {
  const cols = Math.max(P.cols, 1), rows = Math.max(P.rows, 1);
  return Math.min((view.clientWidth - margin) / (cols * stretchX),
                  (view.clientHeight - margin) / (rows * stretchY));
}

function fit() {
  state.scale = Math.max(1e-6, Math.min(96, fittingScale(56)));
  state.x = (P.cols - viewCols()) / 2;
  state.y = (P.rows - viewRows()) / 2;
  state.fitted = true;
  repaint();
}

function zoom(factor, x = view.clientWidth / 2, y = view.clientHeight / 2) {
  const least = Math.min(96, fittingScale(0)) / 4;
  const col = state.x + x / scaleX(), row = state.y + y / scaleY();
  state.scale = Math.min(128, Math.max(least, state.scale * factor));
  state.x = col - x / scaleX(); // what is under the pointer stays there
  state.y = row - y / scaleY();
  state.fitted = false;
  repaint();
}
)js";
