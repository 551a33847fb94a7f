//===- Matrices.cpp - Values of matrices for a run ------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Matrices.h"

#include "Random.h"
#include "spmmplu/Runtime/IO/Open.h"
#include "spmmplu/Runtime/Matrix.h"

#include <set>

using namespace spmmplu;
using mlir::spmmplu::ChainTable;

/// Fills the places of `table`; of every `window` columns of a chain matrix, if
/// not 0, half a row's.
static void fillChains(const ChainTable &table, int64_t window, uint64_t &state,
                       std::span<float> dense) {
  for (int64_t chain = 0; chain < table.phases * table.panels(); ++chain) {
    int64_t begin = table.chainPtr[chain];
    const int32_t *rows =
        table.panelRows.data() + chain % table.panels() * table.rows;
    for (int64_t e = begin; e < table.chainPtr[chain + 1]; ++e)
      for (int64_t r = 0; r < table.rows; ++r) {
        if (rows[r] < 0 || table.isPadding(e, begin))
          continue;
        for (int64_t k = table.firstOwned(e);
             k < table.entries[e] + table.depth; ++k) {
          int64_t at = (e - begin) * table.depth + k - table.entries[e];
          // Which half: any two of four are equally far apart from row to row.
          bool isKept =
              window == 0 || (at % window + rows[r]) % window < window / 2;
          if (isKept)
            dense[rows[r] * table.matrixCols + k] = randomValue(state);
        }
      }
  }
}

static Status setRandom(Program &program, const MatrixSpec &matrix,
                        uint64_t &state) {
  Result<MatrixTables> tables = readTables(matrix, program.lookup());
  if (!tables)
    return Error{tables.error()};
  auto dense = Tensor::allocate(DType::F32, {matrix.rows, matrix.cols});
  if (!dense)
    return Error{dense.error()};
  int64_t window = !matrix.metadata                       ? 0
                   : byteWidth(tables->values.dtype) == 2 ? 4
                                                          : 2;
  fillChains(toChainTable(matrix, *tables), window, state, dense->as<float>());
  return program.setMatrix(matrix.name, dense->view());
}

Status spmmplu::setMatrices(Program &program, const RunOptions &options) {
  const std::vector<MatrixSpec> &matrices = program.manifest().matrices;
  std::set<std::string> given;
  for (const TensorFile &file : options.matrices) {
    std::string name = file.tensor;
    for (const MatrixSpec &matrix : matrices)
      if (name.empty() && !matrix.of && !given.count(matrix.name))
        name = matrix.name;
    Result<Tensor> values = openTensor(file.path);
    if (!values)
      return Error{values.error()};
    if (Status status = program.setMatrix(name, values->view()); !status)
      return Error{file.path + ": " + status.error()};
    given.insert(name);
  }
  uint64_t state = ~uint64_t(options.seed);
  for (const MatrixSpec &matrix : matrices)
    if (matrix.deferred && !matrix.of && !given.count(matrix.name))
      if (Status status = setRandom(program, matrix, state); !status)
        return status;
  return Success{};
}
