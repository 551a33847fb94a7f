//===- OutputTile.h - Tiles of listed lines ---------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the kernels on output tiles share: copies of the rows and columns that
// a table lists into shared memory, the fragments of those tiles, and the store
// of accumulators where a tile's mask has bits.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_OUTPUTTILE_H
#define SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_OUTPUTTILE_H

#include "Kernels.h"

namespace mlir::spmmplu {

/// The table's parts, in the order of `TilesAttr`.
enum TilePart { PanelRows, GranuleCols, TilePtr, Tiles, MaskOffset, Masks };

/// Bytes of the widest access.
inline constexpr int64_t kChunkBytes = 16;

/// What is known of a table's granules before it runs.
struct GranuleShape {
  bool runs;    ///< each is a run of columns, padding last
  bool aligned; ///< and begins at a multiple of 8

  static GranuleShape get(TilesAttr table);
};

/// Ends a phase in which lanes of one warp wrote what others read.
void syncWarp(DeviceEmitter &e);

/// Byte of 16-byte chunk `chunk` of row `row` in a tile of `count` chunks a row
/// (a power of two or a multiple of 8), so that eight rows at one chunk lie in
/// different banks.
Value swizzleChunk(DeviceEmitter &e, Value row, Value chunk, int64_t count);

/// An operand, the block's slice of it where the launch takes a batch; or its
/// first slice, for kernels whose blocks take several.
struct SlicedOperand : DeviceOperand {
  enum Slices { Own, All };

  SlicedOperand(KernelBuilder &k, const KernelContext &c, Role role,
                Slices slices = Own);
  /// A matrix, or a batch of them along the first of three dimensions.
  SlicedOperand(KernelBuilder &k, Value memref);
  /// Of `All`: that slice.
  SlicedOperand of(DeviceEmitter &e, Value slice) const;
  /// Whether the base (of `All`, of every slice) lies at a multiple of 16
  /// bytes: an i1 of the device.
  Value isBaseAligned(DeviceEmitter &e) const;

private:
  /// Finds what is known of the alignment, and the way to the block's slice
  /// where slices lie `hostStride` elements apart (null: there is one).
  void select(KernelBuilder &k, MemRefType type, Value hostStride);

  bool isKnownAligned;
  Value sliceBytes; ///< i64, from one to the next; null: this is one slice
};

/// A tile of 16-bit elements in shared memory, [line][width], swizzled: `lines`
/// lines of an operand that a table lists, `width` elements along the other
/// coordinate. Padding (index -1) and what lies outside of the operand is zero.
/// With `asRun` it is the transpose: [along][line], where the listed lines are
/// a run, for operands in which they are contiguous.
class LineTile {
public:
  struct Shape {
    bool listsX; ///< lines are the operand's x, else its y
    int64_t lines, width;
    int64_t threads; ///< that copy it together
    bool asRun = false;
  };

  LineTile(DeviceEmitter &e, SlicedOperand operand, Shape shape);

  int64_t bytes() const { return shape.lines * shape.width * 2; }
  bool isRun() const { return shape.asRun; }
  /// What `request` needs of the table: the indices of this thread's lines.
  /// `list` points to the tile's first index.
  SmallVector<Value> fetch(Value thread, Value list);
  /// Requests the elements from `first` on along the line, of `extent`, into
  /// the tile at `shared`; the caller commits. `lineExtent` bounds the lines.
  void request(Value thread, ValueRange indices, Value first, Value extent,
               Value lineExtent, Value shared);
  /// Of an operand with all slices: requests are of this one from now on.
  void moveTo(Value slice) { operand = all.of(e, slice); }
  /// Byte of 8 elements of line (asRun: of coordinate along the line) `row`.
  Value chunkAt(Value row, Value chunk);

private:
  int64_t chunksPerRow() const {
    return (shape.asRun ? shape.lines : shape.width) / 8;
  }
  /// Chunks that each thread copies; the last may be beyond the tile.
  int64_t rounds() const {
    return llvm::divideCeil(bytes() / kChunkBytes, shape.threads);
  }
  void requestChunk(Value row, Value chunk, Value index, Value first,
                    Value extent, Value lineExtent, Value shared);
  Value gather(Value line, Value along, Value extent, Value lineExtent);

  DeviceEmitter &e;
  Shape shape;
  SlicedOperand all, operand;
  Value aligned; ///< whether chunks may be copied whole; null: never
};

/// Writes a warp's accumulators where the tile's mask has bits. Each warp has
/// scratch of its own.
class MaskedStore {
public:
  struct Shape {
    int64_t rows, cols;         ///< of a panel and a granule
    int64_t warpRows, warpCols; ///< of a warp's part of the tile
    int64_t warps;
  };

  MaskedStore(KernelBuilder &k, const KernelContext &c, Shape shape,
              GranuleShape granules, ArrayRef<Value> tables);

  /// Of all warps.
  int64_t bytes() const;
  /// `sums` are m16n8 accumulators, row tile by row tile; the warp's part
  /// begins at (firstRow, firstCol) of the tile.
  struct Tile {
    Value slice, tile, panel, granule; ///< i32
  };
  void write(ValueRange sums, Value scratch, Value warp, Value lane, Tile tile,
             Value firstRow, Value firstCol);

private:
  int64_t pitch() const; ///< bytes from one row of scratch to the next
  int64_t width() const { return scratchType.getIntOrFloatBitWidth() / 8; }
  void writeScratch(ValueRange sums, Value base, Value lane);
  void storeChunk(Value source, Value row, Value firstColumn, Value columns,
                  Value bits);
  void storeWhole(Value source, Value to);
  void storeSingle(Value source, Value row, Value columns, Value bits);

  DeviceEmitter &e;
  Shape shape;
  GranuleShape granules;
  SmallVector<Value> tables;
  SlicedOperand all, out; ///< `out` of the slice that is written
  bool accumulate;
  Type scratchType; ///< of the output, or f32 where it is added to
};

/// Where a warp stands in its block, and a lane in its warp.
struct TilePlace {
  Value thread, warp, lane;
  static TilePlace get(DeviceEmitter &e);
};

/// The A fragment of 16 rows from `row` and 16 k from chunk `chunk` on.
Value loadLhsFragment(DeviceEmitter &e, LineTile &tile, Value shared,
                      Value lane, Value row, int64_t chunk, Type element);
/// The B fragments of 16 columns from `column` on and 16 k from `along` on: two
/// of 8 columns. A row of the tile is a k if `byRow`, else a column.
SmallVector<Value> loadRhsFragments(DeviceEmitter &e, LineTile &tile,
                                    Value shared, Value lane, Value column,
                                    int64_t along, Type element, bool byRow);
/// Adds the products of the A fragments of 16 k from `along` on and as many
/// columns from `column` on as `sums` has: [A fragment][8 columns].
void multiplyFragments(DeviceEmitter &e, ArrayRef<Value> fragments,
                       LineTile &rhs, Value shared, Value lane, Value column,
                       int64_t along, Type element, bool byRow,
                       MutableArrayRef<Value> sums);

/// The output, the block's slice of it where the launch takes a batch: one that
/// may begin anywhere.
DeviceOperand getSlicedOutput(KernelBuilder &k, const KernelContext &c);

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_OUTPUTTILE_H
