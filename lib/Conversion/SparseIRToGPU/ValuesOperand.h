//===- ValuesOperand.h - Values of places on the device ---------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An operand that is the values at a mask's places (docs/gpu.md, "Values of
// places"), the runs of it that a table names, and the store of a tile into it.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_VALUESOPERAND_H
#define SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_VALUESOPERAND_H

#include "OutputTile.h"

namespace mlir::spmmplu {

/// The values of a batch's slices, of which `of` takes one. A slice may begin
/// anywhere, so values are numbered from a multiple of 16 bytes on that is at
/// or before the first: that one has number `phase`.
struct ValuesOperand {
  ValuesOperand(KernelBuilder &k, const KernelContext &c, Role role);
  /// Numbered from a multiple of `alignment` bytes on.
  ValuesOperand of(DeviceEmitter &e, Value slice,
                   int64_t alignment = kChunkBytes) const;

  /// The address of value `number` (i32, of this numbering).
  Value address(DeviceEmitter &e, Value number) const {
    return e.at(pointer, e.mul(e.widen(number), width()));
  }
  int64_t width() const { return element.getIntOrFloatBitWidth() / 8; }
  /// Values of 16 bytes.
  int64_t perChunk() const { return kChunkBytes / width(); }

  Value pointer, phase; ///< of `of`'s result
  Value sliceBytes;     ///< i64, from one slice to the next; null: there is one
  Type element;
  int64_t count;       ///< of a slice
  bool isKnownAligned; ///< `phase` is the constant 0
};

/// A run of the table on the device: all are i32.
struct DeviceRun {
  Value first, count, low, high; ///< number, and the bits of 32 columns each

  /// The four words at `address`.
  static DeviceRun load(DeviceEmitter &e, Value address);
  /// The part of `cols` (16, 32 or 64) columns from `firstCol`, a multiple of
  /// it, on; its bits begin at bit 0.
  DeviceRun part(DeviceEmitter &e, Value firstCol, int64_t cols) const;
  /// The word with the bit of column `col`.
  Value wordOf(int64_t col) const { return col < 32 ? low : high; }
};

/// The set bits of an i32.
Value countBits(DeviceEmitter &e, Value bits);

/// Where the values of a lane's pairs of columns 8 j + 2 (lane % 4) + {0, 1}
/// lie in a row's run, which is how tensor cores hold rows.
class PairPlaces {
public:
  PairPlaces(DeviceEmitter &e, Value lane);

  struct Pair {
    Value place;         ///< of the first in the run, if it is there
    Value next;          ///< of the second
    Value first, second; ///< whether they are there: i1
  };
  Pair find(const DeviceRun &run, int64_t j);

private:
  DeviceEmitter &e;
  SmallVector<Value> bit;   ///< of the first column, for j % 4
  SmallVector<Value> below; ///< all bits below it
};

/// Stores a warp's accumulators as values of places: packed in shared memory,
/// as far from a multiple of 32 bytes as in device memory, then 16 bytes a
/// lane. Where a row goes on in the next tile of the block's walk (`kGoesOn`),
/// values of an incomplete 32 bytes wait for it: device memory takes whole
/// sectors much faster than parts of them.
class ValueStore {
public:
  /// A run of the result, and what the table says of its neighbours.
  struct Run : DeviceRun {
    Value resumes, goesOn; ///< i1
  };
  ValueStore(KernelBuilder &k, const KernelContext &c,
             MaskedStore::Shape shape);

  /// Of all warps.
  int64_t bytes() const { return shape.warps * warpBytes(); }
  /// Fills the warp's scratch: chunks are read whole, of which a tile may have
  /// written a part. Before the first `write`.
  void clear(Value scratch, Value warp, Value lane);
  /// Reads of a tile's runs those of the rows of which the lane has sums, of
  /// the warp's part of the tile, which begins at (firstRow, firstCol).
  /// The block has not taken the tile before where `isFirst`, and does not take
  /// the one after where `isLast`.
  SmallVector<Run> fetch(Value runs, Value lane, Value firstRow, Value firstCol,
                         Value isFirst, Value isLast);
  /// As `MaskedStore::write`, with what `fetch` read. `areRanges`: the bits of
  /// each of the tile's rows are next to each other, so that sums are put into
  /// lines whole, and what is beside the run is not copied.
  void write(ValueRange sums, Value scratch, Value warp, Value lane,
             Value slice, Value areRanges, ArrayRef<Run> runs);

private:
  static constexpr int64_t kSectorBytes = 32;

  int64_t width() const { return scratchType.getIntOrFloatBitWidth() / 8; }
  int64_t size() const { return out.perChunk(); }
  int64_t perSector() const { return kSectorBytes / out.width(); }
  /// Lines have room for a shift of almost a sector, and begin in different
  /// banks.
  int64_t pitch() const {
    return (shape.warpCols + perSector()) * width() + kChunkBytes;
  }
  /// Of the kernel's tiles a warp has whole rows.
  bool carries() const { return shape.warpCols == shape.cols && !isWhole; }
  /// Lines of values, then for each the number of its beginning, from where to
  /// where it is stored, and where what waits for the next tile begins (or -1).
  int64_t warpBytes() const { return shape.warpRows * (pitch() + kChunkBytes); }
  void pack(ValueRange sums, Value base, Value lane, ArrayRef<Run> runs,
            bool asRanges);
  void storeHead(const Run &run, Value head, Value number, Value begin);
  void packRow(ArrayRef<Value> pairs, const DeviceRun &run, Value line,
               PairPlaces &places);
  void flush(Value base, Value lane);
  void flushChunk(Value base, Value row, Value chunk);
  void carry(Value base, Value lane);
  DeviceRun loadHead(Value base, Value row);
  void storeChunk(Value source, Value to, Value begin, Value end);
  Value countBelow(const DeviceRun &run);
  Value add(Value value, Value to, int64_t count);

  DeviceEmitter &e;
  MaskedStore::Shape shape;
  ValuesOperand all, out; ///< `out` of the slice that is written
  bool accumulate;
  bool isWhole; ///< every run is a whole row, and begins at 16 bytes
  bool isRange; ///< the rows of all tiles are
  Type scratchType;
};

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_VALUESOPERAND_H
