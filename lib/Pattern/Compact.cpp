//===- Compact.cpp - The compact form of N:M matrices ---------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Pattern/Compact.h"
#include "Selection.h"

#include <cstring>

namespace mlir::spmmplu {

using ::spmmplu::Error;
using ::spmmplu::Result;
using ::spmmplu::Status;
using ::spmmplu::Success;

/// No element type is wider.
static constexpr int64_t maxElementBytes = 16;

//===----------------------------------------------------------------------===//
// Indices
//===----------------------------------------------------------------------===//

int64_t indexBits(int64_t m) {
  int64_t bits = 1;
  while (bits < 32 && (m - 1) >> bits)
    bits *= 2;
  return bits;
}

static int64_t bytesOfIndices(const GroupedLayout &layout) {
  return ceilDiv(layout.slots() * indexBits(layout.ratio.m), 8);
}

int64_t CompactMatrix::indexRowBytes() const { return bytesOfIndices(layout); }

int64_t CompactMatrix::index(int64_t vector, int64_t slot) const {
  int64_t bits = indexBits(layout.ratio.m);
  const uint8_t *row = indices.data() + vector * indexRowBytes();
  if (bits < 8)
    return row[slot * bits / 8] >> (slot * bits % 8) & ((1 << bits) - 1);
  int64_t value = 0;
  for (int64_t b = 0; b < bits / 8; ++b)
    value |= int64_t(row[slot * bits / 8 + b]) << (8 * b);
  return value;
}

/// Writes into zero bits.
static void setIndex(uint8_t *row, int64_t bits, int64_t slot, int64_t value) {
  if (bits < 8) {
    row[slot * bits / 8] |= uint8_t(value << (slot * bits % 8));
    return;
  }
  for (int64_t b = 0; b < bits / 8; ++b)
    row[slot * bits / 8 + b] = uint8_t(value >> (8 * b));
}

/// Calls `visit(slot, index, column)` for the slots of the rows of `vector`, in
/// order; the column is -1 where a group is filled up with none.
template <typename Visitor>
static void forEachSlot(const CompactMatrix &matrix, int64_t vector,
                        Visitor &&visit) {
  const GroupedLayout &layout = matrix.layout;
  int64_t tile = vector * layout.vectorRows / layout.tileRows, slot = 0;
  for (int64_t g = 0; g < layout.groupCount(); ++g) {
    int64_t share = layout.slotsOfGroup(layout.groupSize(g));
    for (int64_t n = 0; n < share; ++n, ++slot) {
      int64_t index = matrix.index(vector, slot);
      visit(slot, index, layout.columnAt(tile, g * layout.ratio.m + index));
    }
  }
}

//===----------------------------------------------------------------------===//
// Validation
//===----------------------------------------------------------------------===//

static Error expectedBytes(std::string_view what, int64_t expected,
                           size_t found) {
  return Error{"compact matrix: expected " + std::to_string(expected) +
               " bytes of " + std::string(what) + ", found " +
               std::to_string(found)};
}

/// Whether `size` is a * b * c, numbers >= 0, without overflow.
static bool isProduct(size_t size, int64_t a, int64_t b, int64_t c) {
  __extension__ using Wide = unsigned __int128;
  return Wide(a) * Wide(b) * Wide(c) == Wide(size);
}

static Status validateIndices(const CompactMatrix &matrix) {
  const GroupedLayout &layout = matrix.layout;
  for (int64_t v = 0; v < layout.vectorCount(); ++v) {
    int64_t slot = 0;
    for (int64_t g = 0; g < layout.groupCount(); ++g) {
      int64_t size = layout.groupSize(g), last = -1;
      for (int64_t n = layout.slotsOfGroup(size); n > 0; --n, ++slot) {
        int64_t index = matrix.index(v, slot);
        if (index <= last || index >= size)
          return Error{"compact matrix: expected ascending indices below " +
                       std::to_string(size) + " in group " + std::to_string(g) +
                       " of vector " + std::to_string(v) + ", found " +
                       std::to_string(index)};
        last = index;
      }
    }
  }
  return Success{};
}

/// Columns that do not exist hold zeros, and bytes after the last index too.
static Status validateFilling(const CompactMatrix &matrix) {
  const GroupedLayout &layout = matrix.layout;
  int64_t width = matrix.elementBytes, rowBytes = layout.slots() * width;
  int64_t usedBits = layout.slots() * indexBits(layout.ratio.m);
  std::optional<Error> error;
  for (int64_t v = 0; v < layout.vectorCount() && !error; ++v) {
    int64_t begin = v * layout.vectorRows;
    int64_t end = std::min(layout.rows, begin + layout.vectorRows);
    if (int64_t bytes = matrix.indexRowBytes();
        usedBits % 8 && matrix.indices[(v + 1) * bytes - 1] >> usedBits % 8)
      return Error{"compact matrix: expected zero bits after the indices of "
                   "vector " +
                   std::to_string(v) + ", found others"};
    forEachSlot(matrix, v, [&](int64_t slot, int64_t, int64_t column) {
      for (int64_t p = begin; p < end && column < 0; ++p) {
        auto at = matrix.values.begin() + p * rowBytes + slot * width;
        if (std::any_of(at, at + width,
                        [](std::byte b) { return b != std::byte(0); }))
          error = Error{"compact matrix: expected zero in slot " +
                        std::to_string(slot) + " of stored row " +
                        std::to_string(p) +
                        ", which has no column, found "
                        "another value"};
      }
    });
  }
  if (error)
    return *error;
  return Success{};
}

Status CompactMatrix::validate() const {
  if (Status status = layout.validate(); !status)
    return status;
  if (elementBytes < 1 || elementBytes > maxElementBytes)
    return Error{"compact matrix: expected elements of 1 to " +
                 std::to_string(maxElementBytes) + " bytes, found " +
                 std::to_string(elementBytes)};
  if (!isProduct(values.size(), layout.rows, layout.slots(), elementBytes))
    return expectedBytes("values", layout.rows * layout.slots() * elementBytes,
                         values.size());
  if (!isProduct(indices.size(), layout.vectorCount(), indexRowBytes(), 1))
    return expectedBytes("indices", layout.vectorCount() * indexRowBytes(),
                         indices.size());
  if (Status status = validateIndices(*this); !status)
    return status;
  return validateFilling(*this);
}

//===----------------------------------------------------------------------===//
// Packing
//===----------------------------------------------------------------------===//

namespace {
/// Packs one vector after the other.
class Packer {
public:
  Packer(CompactMatrix &result, const Mask &mask,
         std::span<const std::byte> dense)
      : result(result), layout(result.layout), mask(mask), dense(dense),
        positionOf(layout.cols, -1), present(layout.keptColumns) {}

  void run() {
    int64_t perTile = layout.tileRows / layout.vectorRows;
    for (int64_t v = 0; v < layout.vectorCount(); ++v) {
      if (v % perTile == 0)
        enterTile(v / perTile);
      packVector(v);
    }
  }

private:
  void enterTile(int64_t tile) {
    std::fill(positionOf.begin(), positionOf.end(), -1);
    for (int64_t k = 0; k < layout.keptColumns; ++k)
      if (int64_t column = layout.columnAt(tile, k); column >= 0)
        positionOf[column] = k;
  }

  void packVector(int64_t v) {
    int64_t begin = v * layout.vectorRows;
    int64_t end = std::min(layout.rows, begin + layout.vectorRows);
    std::fill(present.begin(), present.end(), 0);
    for (int64_t p = begin; p < end; ++p)
      mask.forEachInRow(layout.rowAt(p),
                        [&](int64_t c) { present[positionOf[c]] = 1; });
    fillGroups();
    uint8_t *indices = result.indices.data() + v * result.indexRowBytes();
    int64_t tile = begin / layout.tileRows, slot = 0;
    int64_t bits = indexBits(layout.ratio.m);
    for (int64_t k = 0; k < layout.keptColumns; ++k) {
      if (!present[k])
        continue;
      setIndex(indices, bits, slot, k % layout.ratio.m);
      if (int64_t column = layout.columnAt(tile, k); column >= 0)
        for (int64_t p = begin; p < end; ++p)
          copyElement(p, slot, column);
      ++slot;
    }
  }

  /// Marks the lowest free positions of every group until it has its share.
  void fillGroups() {
    for (int64_t g = 0; g < layout.groupCount(); ++g) {
      auto at = present.begin() + g * layout.ratio.m;
      int64_t size = layout.groupSize(g);
      int64_t missing =
          layout.slotsOfGroup(size) - std::count(at, at + size, 1);
      for (; missing > 0; ++at)
        if (!*at) {
          *at = 1;
          --missing;
        }
    }
  }

  void copyElement(int64_t position, int64_t slot, int64_t column) {
    int64_t row = layout.rowAt(position), width = result.elementBytes;
    if (mask.get(row, column))
      std::memcpy(result.values.data() +
                      (position * layout.slots() + slot) * width,
                  dense.data() + (row * layout.cols + column) * width, width);
  }

  CompactMatrix &result;
  const GroupedLayout &layout;
  const Mask &mask;
  std::span<const std::byte> dense;
  std::vector<int64_t> positionOf;
  std::vector<uint8_t> present;
};
} // namespace

Result<CompactMatrix> pack(const GroupedLayout &layout, const Mask &mask,
                           std::span<const std::byte> dense,
                           int64_t elementBytes) {
  if (Status status = layout.validate(); !status)
    return Error{status.error()};
  if (elementBytes < 1 || elementBytes > maxElementBytes)
    return Error{"dense matrix: expected elements of 1 to " +
                 std::to_string(maxElementBytes) + " bytes, found " +
                 std::to_string(elementBytes)};
  if (auto violation = layout.check(mask))
    return Error{violation->message};
  if (!isProduct(dense.size(), layout.rows, layout.cols, elementBytes))
    return Error{"dense matrix: expected " + std::to_string(layout.rows) +
                 " x " + std::to_string(layout.cols) + " elements of " +
                 std::to_string(elementBytes) + " bytes, found " +
                 std::to_string(dense.size()) + " bytes"};
  CompactMatrix result{layout, elementBytes, {}, {}};
  result.values.resize(layout.rows * layout.slots() * elementBytes);
  result.indices.resize(layout.vectorCount() * result.indexRowBytes());
  Packer(result, mask, dense).run();
  return result;
}

Result<CompactMatrix> pack(const Pattern &pattern, const Mask &mask,
                           std::span<const std::byte> dense,
                           int64_t elementBytes) {
  auto layout = layoutOf(pattern, mask);
  if (!layout)
    return Error{layout.error()};
  return pack(*layout, mask, dense, elementBytes);
}

//===----------------------------------------------------------------------===//
// Unpacking
//===----------------------------------------------------------------------===//

/// Calls `visit(row, column, element)` for all stored elements that have a
/// column.
template <typename Visitor>
static void forEachElement(const CompactMatrix &matrix, Visitor &&visit) {
  const GroupedLayout &layout = matrix.layout;
  int64_t slots = layout.slots(), width = matrix.elementBytes;
  for (int64_t v = 0; v < layout.vectorCount(); ++v) {
    int64_t begin = v * layout.vectorRows;
    int64_t end = std::min(layout.rows, begin + layout.vectorRows);
    forEachSlot(matrix, v, [&](int64_t slot, int64_t, int64_t column) {
      for (int64_t p = begin; p < end && column >= 0; ++p)
        visit(layout.rowAt(p), column,
              matrix.values.data() + (p * slots + slot) * width);
    });
  }
}

std::vector<std::byte> unpack(const CompactMatrix &matrix) {
  int64_t width = matrix.elementBytes, cols = matrix.layout.cols;
  std::vector<std::byte> dense(matrix.layout.rows * cols * width);
  forEachElement(matrix, [&](int64_t row, int64_t column, const std::byte *in) {
    std::memcpy(dense.data() + (row * cols + column) * width, in, width);
  });
  return dense;
}

Mask storedMask(const CompactMatrix &matrix) {
  Mask mask(matrix.layout.rows, matrix.layout.cols);
  forEachElement(matrix, [&](int64_t row, int64_t column, const std::byte *) {
    mask.set(row, column);
  });
  return mask;
}

Mask nonZeroMask(const CompactMatrix &matrix) {
  Mask mask(matrix.layout.rows, matrix.layout.cols);
  forEachElement(matrix, [&](int64_t row, int64_t column, const std::byte *in) {
    if (std::any_of(in, in + matrix.elementBytes,
                    [](std::byte b) { return b != std::byte(0); }))
      mask.set(row, column);
  });
  return mask;
}

Result<CompactMatrix> convert(const CompactMatrix &matrix,
                              const Pattern &pattern) {
  return pack(pattern, pattern.completed(nonZeroMask(matrix)), unpack(matrix),
              matrix.elementBytes);
}

} // namespace mlir::spmmplu
