//===- SparseWinograd.cpp - Into Winograd's domain and back ----*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Interpreter.h"

#include "spmmplu/IR/Winograd.h"

using namespace mlir;
using namespace mlir::spmmplu;

/// A matrix of at most 6x6.
using Tile = std::array<std::array<double, kWinogradIn>, kWinogradIn>;

/// matrix * tile * its transposed.
template <size_t rows>
static Tile transform(const double (&matrix)[rows][kWinogradIn],
                      const Tile &tile) {
  Tile half = {}, result = {};
  for (size_t x = 0; x < rows; ++x)
    for (int64_t k = 0; k < kWinogradIn; ++k)
      for (int64_t y = 0; y < kWinogradIn; ++y)
        half[x][y] += matrix[x][k] * tile[k][y];
  for (size_t x = 0; x < rows; ++x)
    for (size_t y = 0; y < rows; ++y)
      for (int64_t k = 0; k < kWinogradIn; ++k)
        result[x][y] += half[x][k] * matrix[y][k];
  return result;
}

namespace {

/// A batch of images, and where its elements lie.
struct Images {
  Images(ArrayRef<int64_t> shape, bool nhwc)
      : dims(getImageDims(nhwc)), shape(shape) {}

  /// None outside of the image.
  std::optional<int64_t> find(int64_t image, int64_t channel, int64_t row,
                              int64_t col) const {
    SmallVector<int64_t, 4> at(4, image);
    at[dims.channel] = channel;
    at[dims.height] = row;
    at[dims.width] = col;
    return getFlat(shape, at);
  }

  ImageDims dims;
  ArrayRef<int64_t> shape;
};

} // namespace

/// Calls `visit(image, row, col, t)` for the first element of each tile t.
template <typename Visitor>
static void forEachTile(int64_t images, ArrayRef<int64_t> tiles,
                        Visitor &&visit) {
  int64_t t = 0;
  for (int64_t n = 0; n < images; ++n)
    for (int64_t ty = 0; ty < tiles[0]; ++ty)
      for (int64_t tx = 0; tx < tiles[1]; ++tx)
        visit(n, ty * kWinogradOut, tx * kWinogradOut, t++);
}

static LogicalResult checkNumber(Operation *op, int64_t number, int64_t lowest,
                                 int64_t count) {
  if (number >= lowest && number < count)
    return success();
  return op->emitOpError("expects numbers from ")
         << lowest << " to " << count - 1 << ", found " << number;
}

static LogicalResult runInput(Interpreter &interpreter, WinogradInputOp op) {
  if (op.getResults().empty())
    return op.emitOpError("expected tensors, found ") << op.getInit().getType();
  const ReferenceTensor &image = interpreter.getTensor(op.getImage());
  const ReferenceTensor &channels = interpreter.getTensor(op.getChannels());
  ReferenceTensor result = interpreter.getTensor(op.getInit());
  int64_t kept = result.shape[1], count = result.shape[2];
  if (failed(interpreter.spend(op, 2 * kWinogradIn * result.size())))
    return failure();
  Images images(image.shape, op.getNhwc());
  for (int64_t c = 0; c < kept; ++c) {
    int64_t channel = channels.integers[c];
    if (failed(checkNumber(op, channel, 0, image.shape[images.dims.channel])))
      return failure();
    forEachTile(image.shape[0], op.getTiles(),
                [&](int64_t n, int64_t row, int64_t col, int64_t t) {
                  Tile tile = {};
                  for (int64_t y = 0; y < kWinogradIn; ++y)
                    for (int64_t x = 0; x < kWinogradIn; ++x)
                      if (auto at =
                              images.find(n, channel, row + y - op.getPad()[0],
                                          col + x - op.getPad()[1]))
                        tile[y][x] = image.reals[*at];
                  tile = transform(kWinograd.image, tile);
                  for (int64_t p = 0; p < kWinogradProducts; ++p)
                    result.reals[(p * kept + c) * count + t] =
                        tile[p / kWinogradIn][p % kWinogradIn];
                });
  }
  return interpreter.set(op, op.getResult(0), std::move(result));
}

static LogicalResult runOutput(Interpreter &interpreter, WinogradOutputOp op) {
  if (op.getResults().empty())
    return op.emitOpError("expected tensors, found ") << op.getInit().getType();
  const ReferenceTensor &products = interpreter.getTensor(op.getProducts());
  const ReferenceTensor &filters = interpreter.getTensor(op.getFilters());
  ReferenceTensor result = interpreter.getTensor(op.getInit());
  int64_t kept = products.shape[1], count = products.shape[2];
  if (failed(interpreter.spend(op, result.size() +
                                       2 * kWinogradIn * products.size())))
    return failure();
  if (!op.getAccumulate())
    llvm::fill(result.reals, 0);
  Images images(result.shape, op.getNhwc());
  for (auto [filter, number] : llvm::enumerate(filters.integers)) {
    if (failed(checkNumber(op, number, -1, kept)))
      return failure();
    if (number < 0)
      continue;
    forEachTile(result.shape[0], op.getTiles(),
                [&, filter = filter, number = number](int64_t n, int64_t row,
                                                      int64_t col, int64_t t) {
                  Tile tile = {};
                  for (int64_t p = 0; p < kWinogradProducts; ++p)
                    tile[p / kWinogradIn][p % kWinogradIn] =
                        products.reals[(p * kept + number) * count + t];
                  tile = transform(kWinograd.result, tile);
                  for (int64_t y = 0; y < kWinogradOut; ++y)
                    for (int64_t x = 0; x < kWinogradOut; ++x)
                      if (auto at = images.find(n, filter, row + y, col + x))
                        result.reals[*at] += tile[y][x];
                });
  }
  return interpreter.set(op, op.getResult(0), std::move(result));
}

void mlir::spmmplu::addWinogradHandlers(HandlerTable &table) {
  table.add<WinogradInputOp, runInput>();
  table.add<WinogradOutputOp, runOutput>();
}
