//===- PanelStore.h - Panels' sums to the output ----------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What stores of panels share: which row of the output a panel's row is, adding
// to what is there, and the way from scratch in shared memory to the output,
// whole lines a warp.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_PANELSTORE_H
#define SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_PANELSTORE_H

#include "Epilogue.h"

namespace mlir::spmmplu {

class PanelStore {
protected:
  PanelStore(KernelBuilder &k, DeviceOperand out);

  /// The output's row of the panels' row `at`; negative: none.
  Value outputRow(Value at);
  /// Stores `value`, or adds it to what is at `target`.
  void put(Value value, Value target, int64_t alignment);

  KernelBuilder &k;
  DeviceEmitter &e;
  DeviceOperand out;
  bool natural; ///< panels hold all rows, in order
  bool accumulate;
  Value panelRows;
  Epilogue epilogue;
};

/// Of sums that lie in scratch as lines of the output: its rows, or its columns
/// where these are contiguous.
class ScratchStore : protected PanelStore {
protected:
  ScratchStore(KernelBuilder &k, DeviceOperand out);
  virtual ~ScratchStore() = default;

  /// Scratch's place of elements `within` and following of a line: of 16 bytes
  /// (`within` is a multiple of them), or of one.
  virtual Value placeOf(Value line, Value within, int64_t size) = 0;

  /// Finds out what `flush` does with lines, where all threads pass.
  void begin();
  /// Stores `rows` x `cols` sums, those of the panels' rows from `firstRow` on
  /// and of columns from `firstCol` on that are before `end`. `thread` is one
  /// of `threads`.
  void flush(int64_t rows, int64_t cols, Value thread, int64_t threads,
             Value firstRow, Value firstCol, Value end);

  bool byRow; ///< a line of scratch is a row of the output; else a column

private:
  void flushByRow(Value line, Value within, int64_t size, Value firstRow,
                  Value firstCol, Value end);
  void flushByColumn(Value line, Value within, int64_t size, Value firstRow,
                     Value firstCol, Value end);
  void storeChunk(Value source, Value count, int64_t size, Value target);
  void storeElement(Value source, Value target);

  /// Whether lines start at multiples of 16 bytes; null: no dimension is
  /// contiguous.
  Value aligned;
};

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_PANELSTORE_H
