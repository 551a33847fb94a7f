//===- Attention.cpp - The masks of sparse attention ----------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Pattern/Attention.h"
#include "Selection.h"
#include "spmmplu/Pattern/Random.h"

#include <numeric>

namespace mlir::spmmplu {

using ::spmmplu::Error;
using ::spmmplu::Result;

static std::string keyed(std::string_view key, int64_t value) {
  return std::string(key) + "=" + std::to_string(value);
}

//===----------------------------------------------------------------------===//
// Sparse Transformer, strided
//===----------------------------------------------------------------------===//

GSTPattern::GSTPattern(int64_t window, int64_t stride, bool causal)
    : reach(window), step(stride), causal(causal) {
  assert(window >= 0 && stride >= 1);
}

Result<PatternRef> GSTPattern::parse(Arguments &args) {
  bool causal = args.takeFlag("causal");
  int64_t window = args.takeInteger("window", {0, maxExtent});
  int64_t stride = args.takeInteger("stride", {1, maxExtent});
  if (auto status = args.finish(); !status)
    return Error{status.error()};
  return PatternRef(std::make_shared<GSTPattern>(window, stride, causal));
}

std::string GSTPattern::str() const {
  return "gst<" + keyed("window", reach) + "," + keyed("stride", step) +
         (causal ? ",causal>" : ">");
}

Mask GSTPattern::windowMask(int64_t rows, int64_t cols) const {
  Mask result(rows, cols);
  for (int64_t q = 0; q < rows; ++q)
    result.setRange(q, q - reach + 1,
                    causal ? std::min(q + 1, q + reach) : q + reach);
  return result;
}

std::optional<Mask> GSTPattern::mask(int64_t rows, int64_t cols) const {
  Mask result = windowMask(rows, cols);
  for (int64_t q = 0; q < rows; ++q)
    for (int64_t k = q % step, end = causal ? std::min(cols, q + 1) : cols;
         k < end; k += step)
      result.set(q, k);
  return result;
}

/// 0 .. count - 1 ordered by (index % step, index / step).
static std::vector<int32_t> residueOrder(int64_t count, int64_t step) {
  std::vector<int32_t> order;
  order.reserve(count);
  for (int64_t first = 0; first < std::min(step, count); ++first)
    for (int64_t i = first; i < count; i += step)
      order.push_back(int32_t(i));
  return order;
}

std::vector<MaskPart> GSTPattern::decompose(const Mask &mask) const {
  Mask near = mask;
  near &= windowMask(mask.rows(), mask.cols());
  Mask far = mask;
  far -= near;
  std::vector<MaskPart> parts;
  if (!near.none() || far.none())
    parts.push_back({std::move(near), {}, {}});
  if (!far.none())
    parts.push_back({std::move(far), residueOrder(mask.rows(), step),
                     residueOrder(mask.cols(), step)});
  return parts;
}

//===----------------------------------------------------------------------===//
// Longformer
//===----------------------------------------------------------------------===//

LongformerPattern::LongformerPattern(int64_t window, int64_t global,
                                     int64_t dilation)
    : reach(window), tokens(global), step(dilation) {
  assert(window >= 0 && global >= 0 && dilation >= 1);
}

Result<PatternRef> LongformerPattern::parse(Arguments &args) {
  int64_t window = args.takeInteger("window", {0, maxExtent});
  int64_t global = args.takeInteger("global", {0, maxExtent}, 0);
  int64_t dilation = args.takeInteger("dilation", {1, maxExtent}, 1);
  if (auto status = args.finish(); !status)
    return Error{status.error()};
  return PatternRef(
      std::make_shared<LongformerPattern>(window, global, dilation));
}

std::string LongformerPattern::str() const {
  return "longformer<" + keyed("window", reach) + "," +
         keyed("global", tokens) + "," + keyed("dilation", step) + ">";
}

std::optional<Mask> LongformerPattern::mask(int64_t rows, int64_t cols) const {
  Mask result(rows, cols);
  for (int64_t q = 0; q < rows; ++q) {
    result.setRange(q, 0, q < tokens ? cols : tokens);
    if (step == 1) {
      result.setRange(q, q - reach, q + reach + 1);
      continue;
    }
    // The first key in reach that is not before the first column.
    int64_t back = std::min(reach, q / step);
    int64_t end = std::min(cols, q + reach * step + 1);
    for (int64_t k = q - back * step; k < end; k += step)
      result.set(q, k);
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Window
//===----------------------------------------------------------------------===//

WindowPattern::WindowPattern(int64_t window, bool causal)
    : reach(window), causal(causal) {
  assert(window >= 0);
}

Result<PatternRef> WindowPattern::parse(Arguments &args) {
  bool causal = args.takeFlag("causal");
  int64_t window = args.takeNextInteger("window", {0, maxExtent});
  if (auto status = args.finish(); !status)
    return Error{status.error()};
  return PatternRef(std::make_shared<WindowPattern>(window, causal));
}

std::string WindowPattern::str() const {
  return "window<" + std::to_string(reach) + (causal ? ",causal>" : ">");
}

std::optional<Mask> WindowPattern::mask(int64_t rows, int64_t cols) const {
  Mask result(rows, cols);
  for (int64_t q = 0; q < rows; ++q)
    result.setRange(q, q - reach, causal ? q + 1 : q + reach + 1);
  return result;
}

//===----------------------------------------------------------------------===//
// BigBird
//===----------------------------------------------------------------------===//

BigBirdPattern::BigBirdPattern(Options options) : opts(options) {
  assert(opts.block >= 1 && opts.window >= 1 && opts.window % 2 == 1);
  assert(opts.random >= 0 && opts.global >= 0 && opts.seed >= 0);
}

Result<PatternRef> BigBirdPattern::parse(Arguments &args) {
  Options options;
  options.block = args.takeInteger("block", {1, maxExtent}, options.block);
  options.window =
      args.takeOddInteger("window", {1, maxExtent - 1}, options.window);
  options.random = args.takeInteger("random", {0, maxExtent}, options.random);
  options.global = args.takeInteger("global", {0, maxExtent}, options.global);
  options.seed = args.takeInteger("seed", {0, maxSeed}, options.seed);
  if (auto status = args.finish(); !status)
    return Error{status.error()};
  return PatternRef(std::make_shared<BigBirdPattern>(options));
}

std::string BigBirdPattern::str() const {
  return "bigbird<" + keyed("block", opts.block) + "," +
         keyed("window", opts.window) + "," + keyed("random", opts.random) +
         "," + keyed("global", opts.global) + "," + keyed("seed", opts.seed) +
         ">";
}

std::optional<Mask> BigBirdPattern::mask(int64_t rows, int64_t cols) const {
  int64_t blockRows = ceilDiv(rows, opts.block);
  int64_t blockCols = ceilDiv(cols, opts.block);
  int64_t first = (opts.global + 1) / 2, last = opts.global / 2;
  int64_t reach = (opts.window - 1) / 2;
  RandomGenerator random(opts.seed);
  std::vector<int64_t> rest;
  Mask blocks(blockRows, blockCols);
  for (int64_t q = 0; q < blockRows; ++q) {
    if (q < first || q >= blockRows - last) {
      blocks.setRange(q, 0, blockCols);
      continue;
    }
    blocks.setRange(q, q - reach, q + reach + 1);
    blocks.setRange(q, 0, first);
    blocks.setRange(q, blockCols - last, blockCols);
    rest.clear();
    for (int64_t k = 0; k < blockCols; ++k)
      if (!blocks.get(q, k))
        rest.push_back(k);
    int64_t count = int64_t(rest.size());
    for (int64_t i = 0; i < std::min(opts.random, count); ++i) {
      std::swap(rest[i], rest[i + random.below(count - i)]);
      blocks.set(q, rest[i]);
    }
  }
  Mask result(rows, cols);
  for (int64_t q = 0; q < rows; ++q)
    blocks.forEachInRow(q / opts.block, [&](int64_t k) {
      result.setRange(q, k * opts.block, (k + 1) * opts.block);
    });
  return result;
}

} // namespace mlir::spmmplu
