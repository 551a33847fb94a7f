//===- HtmlModel.cpp - The script that reads the data of an HTML plot -----===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "HtmlPage.h"

const std::string_view mlir::spmmplu::htmlModel = R"js(
'use strict';
// The data: P has shapes and figures; the packed stream has, in this order,
// the mask's bits, positions and groups of each set's meta-ops, the chain
// table.
const reader = bytes => {
  let at = 0;
  return {
    take: n => bytes.subarray(at, at += n),
    number() { // LEB128; multiplied, since positions exceed 32 bits
      let value = 0, scale = 1, byte;
      do {
        byte = bytes[at++];
        value += (byte & 127) * scale;
        scale *= 128;
      } while (byte & 128);
      return value;
    },
    signed() {
      const n = this.number();
      return n % 2 ? -(n + 1) / 2 : n / 2;
    },
  };
};

async function unpack() {
  const text = document.getElementById('data').textContent.trim();
  const raw = atob(text), packed = new Uint8Array(raw.length);
  for (let n = 0; n < raw.length; ++n)
    packed[n] = raw.charCodeAt(n);
  const stream = new Blob([packed]).stream()
      .pipeThrough(new DecompressionStream('deflate'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

const M = {rowBytes: Math.ceil(P.cols / 8), chain: null};

function readSets(input) {
  M.groupSizes = new Array(P.groups).fill(0);
  M.sets = P.sets.map((info, index) => {
    const set = {...info, index, rows: info.extent[0] * P.cell[0],
                 cols: info.extent[1] * P.cell[1],
                 stride: Math.ceil(P.grid[1] / info.extent[1]),
                 at: new Float64Array(info.count),
                 group: new Int32Array(info.count)};
    let position = 0;
    for (let n = 0; n < info.count; ++n)
      set.at[n] = position += input.number();
    for (let n = 0; n < info.count; ++n) {
      const group = set.group[n] = input.number() - 1;
      if (group >= 0)
        ++M.groupSizes[group];
    }
    return set;
  });
}

function readChains(input) {
  const c = M.chain = {...P.chain, panelOf: new Int32Array(P.rows).fill(-1)};
  for (let n = 0; n < c.panels * c.rows; ++n) {
    const row = input.number() - 1;
    if (row >= 0)
      c.panelOf[row] = Math.floor(n / c.rows);
  }
  const chains = c.panels * c.phases;
  c.begin = new Int32Array(chains + 1);
  for (let n = 0; n < chains; ++n)
    c.begin[n + 1] = c.begin[n] + input.number();
  c.entries = new Int32Array(c.begin[chains]);
  for (let n = 0, k = 0; n < c.entries.length; ++n)
    c.entries[n] = k += input.signed();
  c.length = new Int32Array(c.panels);
  for (let n = 0; n < chains; ++n)
    c.length[n % c.panels] += c.begin[n + 1] - c.begin[n];
  c.longest = c.length.reduce((a, b) => Math.max(a, b), 0);
}

const bitCount = Uint8Array.from({length: 256}, (_, n) => {
  let count = 0;
  for (; n; n >>= 1)
    count += n & 1;
  return count;
});

// Set bits of row r in columns [begin, end).
function countRow(r, begin, end) {
  let count = 0;
  const base = r * M.rowBytes;
  for (let c = begin; c < end;) {
    const length = Math.min(end - c, 8 - c % 8);
    const bits = M.bits[base + (c >> 3)] >> (c % 8) & (1 << length) - 1;
    count += bitCount[bits];
    c += length;
  }
  return count;
}

const isSet = (r, c) => M.bits[r * M.rowBytes + (c >> 3)] >> (c % 8) & 1;

function lowerBound(array, value, from, to) {
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (array[middle] < value) from = middle + 1; else to = middle;
  }
  return from;
}

// Element rectangle [r0, r1, c0, c1) of meta-op n of a set, clipped.
function rectOf(set, n) {
  const i = Math.floor(set.at[n] / set.stride), k = set.at[n] % set.stride;
  return [i * set.rows, Math.min(P.rows, (i + 1) * set.rows),
          k * set.cols, Math.min(P.cols, (k + 1) * set.cols)];
}

// Visits the meta-ops of a set that touch a rectangle of elements.
function forEachMetaOp(set, r0, r1, c0, c1, visit) {
  const first = Math.floor(c0 / set.cols);
  const last = Math.floor((c1 - 1) / set.cols);
  const lastRow = Math.floor((r1 - 1) / set.rows);
  for (let i = Math.floor(r0 / set.rows), n = 0; i <= lastRow; ++i) {
    n = lowerBound(set.at, i * set.stride + first, n, set.at.length);
    for (; n < set.at.length && set.at[n] <= i * set.stride + last; ++n)
      visit(n);
  }
}

// Visits the parts [c0, c1) that chains cover of row r.
function forEachEntry(r, c0, c1, visit) {
  const c = M.chain, panel = c.panelOf[r];
  if (panel < 0)
    return;
  for (let f = 0; f < c.phases; ++f) {
    const end = c.begin[f * c.panels + panel + 1];
    let e = lowerBound(c.entries, c0 - c.depth + 1,
                       c.begin[f * c.panels + panel], end);
    for (; e < end && c.entries[e] < c1; ++e) {
      const k = c.entries[e]; // the last cell is moved back to fit
      visit(Math.ceil(k / c.depth) * c.depth, k + c.depth, panel);
    }
  }
}

function findMetaOp(r, c) {
  for (const set of M.sets) {
    const position = Math.floor(r / set.rows) * set.stride +
        Math.floor(c / set.cols);
    const n = lowerBound(set.at, position, 0, set.at.length);
    if (set.at[n] === position)
      return {set, n};
  }
  return null;
}

async function readModel() {
  const input = reader(await unpack());
  M.bits = input.take(P.rows * M.rowBytes);
  readSets(input);
  if (P.chain)
    readChains(input);
}
)js";
