//===- Intrinsic.h - What a machine multiplies with ------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TARGET_INTRINSIC_H
#define SPMMPLU_TARGET_INTRINSIC_H

#include <cstdint>
#include <span>
#include <string_view>

namespace mlir::spmmplu {

/// The family of kernels that an intrinsic belongs to.
enum class IntrinsicUnit {
  VectorFma,      ///< vector registers of a core
  TileMatrix,     ///< AMX tiles
  WarpFma,        ///< multiply-adds of a GPU's lanes
  WarpMatrix,     ///< mma.sync: fragments in a warp's registers
  WarpgroupMatrix ///< wgmma: operands in shared memory, four warps
};

/// Element types as the tables name them; I32 are sums of I8 only. F8E4M3 is
/// the variant without infinities.
enum class Element { F64, F32, BF16, F16, I32, I8, F8E4M3, F8E5M2 };

/// A row of the table of intrinsics: an operation of the hardware as a cuboid
/// along (i, j, k), its types and what it sustains. Adding one is a row.
struct Intrinsic {
  std::string_view name;
  IntrinsicUnit unit;
  Element input;             ///< of lhs and rhs
  Element accumulate;        ///< of the accumulators
  int64_t i, j, k;           ///< the cuboid
  int64_t lanes;             ///< elements of an accumulator vector
  int64_t registers;         ///< architectural vector or tile registers
  int64_t latency;           ///< cycles from operand to result
  int64_t throughput;        ///< operations started in a cycle, at most
  std::string_view features; ///< comma-separated, as LLVM names them
  /// The lhs holds `k` / 2 kept values of 2:4 rows (1:2 for f32) and indices.
  bool sparse = false;
  /// f32 operands are rounded to tf32 (10 bits): to be allowed by the user.
  bool tf32 = false;

  /// The rhs's columns are the instruction's rows: it multiplies the
  /// transposes.
  bool isTransposed() const {
    return unit == IntrinsicUnit::WarpgroupMatrix && i < j;
  }
};

/// All rows, the best of each input type first.
std::span<const Intrinsic> listIntrinsics();
/// The row of that name, or null.
const Intrinsic *lookupIntrinsic(std::string_view name);

/// Whether it is an instruction of GPUs; null is none.
bool isOfGpu(const Intrinsic *intrinsic);

/// Whether a block with so many panels has bands of the rhs in shared memory,
/// from which each panel's warps take their rows: of warps' matrices. (Of
/// warpgroups' two panels share stages.)
inline bool usesBands(const Intrinsic &intrinsic, int64_t panels) {
  return panels > 1 && intrinsic.unit == IntrinsicUnit::WarpMatrix;
}

enum class PackedLayout : uint8_t;
/// How a CPU's kernels read a packed lhs of entries of that depth.
PackedLayout getPackedLayout(const Intrinsic &intrinsic, int64_t depth);

/// How a CPU's kernels read an lhs that is the values at a mask's places.
enum class ValueSource {
  None,
  Rows, ///< as the packed values of single rows
  Cells ///< rows of cells are filled from runs of values (ValueRuns.h)
};
/// By the rows and the depth of an entry. Of the places only a part may count.
ValueSource getValueSource(const Intrinsic &intrinsic, int64_t rows,
                           int64_t depth, bool isPart);
/// The k of a cell, one entry or, where entries are single k, so many.
int64_t getCellDepth(const Intrinsic &intrinsic);

/// The rows, of a panel's `rows`, that a register tile of `vectors` vectors of
/// columns takes at once: a power of two, or all of them. The kernels walk a
/// panel in tiles of so many; the cost model counts them.
int64_t getRegisterRows(const Intrinsic &intrinsic, int64_t rows,
                        int64_t vectors);

} // namespace mlir::spmmplu

#endif // SPMMPLU_TARGET_INTRINSIC_H
