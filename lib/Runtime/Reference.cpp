//===- Reference.cpp - What a program should have computed ----------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Runtime/Reference.h"

#include "spmmplu/Runtime/Matrix.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

using namespace spmmplu;

/// The elements of `view`, exactly, as doubles.
static Result<std::vector<double>> toDoubles(const TensorView &view) {
  Result<Tensor> copy = Tensor::copyOf(view);
  if (!copy)
    return Error{copy.error()};
  Result<Tensor> wide = convert(*copy, DType::F64);
  if (!wide)
    return Error{wide.error()};
  std::span<const double> values = std::as_const(*wide).as<double>();
  return std::vector<double>(values.begin(), values.end());
}

//===----------------------------------------------------------------------===//
// Decoding
//===----------------------------------------------------------------------===//

namespace {

struct Element {
  int32_t row, col;
  double value;
};

} // namespace

static std::vector<Element> unpackElements(const MatrixSpec &matrix,
                                           const MatrixTables &tables,
                                           const std::vector<double> &values) {
  std::vector<Element> elements;
  int64_t panels = int64_t(tables.panelRows.size()) / matrix.panel;
  for (int64_t chain = 0; chain < matrix.phases * panels; ++chain)
    for (int64_t e = tables.chainPtr[chain]; e < tables.chainPtr[chain + 1];
         ++e)
      for (int64_t r = 0; r < matrix.panel; ++r)
        for (int64_t kk = 0; kk < matrix.depth; ++kk) {
          int64_t lane = matrix.layout == ValueLayout::kMajor
                             ? kk * matrix.panel + r
                             : r * matrix.depth + kk;
          int64_t at = e * matrix.panel * matrix.depth + lane;
          if (matrix.layout == ValueLayout::gathered)
            at = mlir::spmmplu::getGatheredOffset(e, r, matrix.panel);
          double value = values[at];
          int32_t row = tables.panelRows[(chain % panels) * matrix.panel + r];
          // What a padding row holds has no place in the matrix.
          if (row >= 0 && value != 0)
            elements.push_back({row, int32_t(tables.entries[e] + kk), value});
        }
  return elements;
}

static CsrMatrix toCsr(int64_t rows, int64_t cols,
                       const std::vector<double> &dense) {
  CsrMatrix csr{rows, cols, {0}, {}, {}};
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t col = 0; col < cols; ++col)
      if (double value = dense[row * cols + col]; value != 0) {
        csr.columns.push_back(int32_t(col));
        csr.values.push_back(value);
      }
    csr.rowPtr.push_back(int64_t(csr.columns.size()));
  }
  return csr;
}

Result<CsrMatrix> spmmplu::decodeMatrix(const MatrixSpec &matrix,
                                        const TensorLookup &lookup) {
  Result<MatrixTables> tables = readTables(matrix, lookup);
  if (!tables)
    return Error{tables.error()};
  if (!lookup(matrix.values))
    return Error{"matrix '" + matrix.name + "' has no values yet"};
  if (matrix.isForTensorCores()) {
    Result<Tensor> dense = unpackMatrix(matrix, *tables);
    if (!dense)
      return Error{dense.error()};
    auto wide = toDoubles(dense->view());
    if (!wide)
      return Error{wide.error()};
    return toCsr(matrix.rows, matrix.cols, *wide);
  }
  auto values = toDoubles(tables->values);
  if (!values)
    return Error{values.error()};
  std::vector<Element> elements = unpackElements(matrix, *tables, *values);
  std::sort(elements.begin(), elements.end(),
            [](const Element &a, const Element &b) {
              return std::pair(a.row, a.col) < std::pair(b.row, b.col);
            });
  CsrMatrix csr;
  csr.rows = matrix.rows;
  csr.cols = matrix.cols;
  csr.rowPtr.assign(matrix.rows + 1, 0);
  const Element *previous = nullptr;
  for (const Element &element : elements) {
    if (previous && previous->row == element.row &&
        previous->col == element.col) {
      csr.values.back() += element.value;
    } else {
      csr.columns.push_back(element.col);
      csr.values.push_back(element.value);
      ++csr.rowPtr[element.row + 1];
    }
    previous = &element;
  }
  for (int64_t row = 0; row < matrix.rows; ++row)
    csr.rowPtr[row + 1] += csr.rowPtr[row];
  return csr;
}

//===----------------------------------------------------------------------===//
// Comparing
//===----------------------------------------------------------------------===//

static double unitRoundoff(DType dtype) {
  switch (dtype) {
  case DType::F64:
    return 0x1p-53;
  case DType::F16:
    return 0x1p-11;
  case DType::BF16:
    return 0x1p-8;
  default:
    return 0x1p-24;
  }
}

static bool isHalf(DType dtype) {
  return dtype == DType::F16 || dtype == DType::BF16;
}

static double gammaOf(double n, double u) { return n * u / (1 - n * u); }

namespace {

/// The tolerance of Reference.h for one package.
struct Tolerance {
  double accumulate, operands, output, leastNormal, leastOutput;

  static Tolerance of(const MatrixSpec &matrix, DType values, DType rhs,
                      DType output) {
    // Sums of integers are exact. (One that wraps is wrong here.)
    if (values == DType::I8)
      return {0, 0, 0, 0, std::numeric_limits<double>::min()};
    bool wide = values == DType::F64 && rhs == DType::F64;
    bool truncates = matrix.isForTensorCores();
    Tolerance tolerance;
    tolerance.accumulate = wide ? 0x1p-53 : truncates ? 0x1p-23 : 0x1p-24;
    tolerance.operands =
        isHalf(values) && !isHalf(rhs) ? unitRoundoff(values) : 0;
    if (truncates && values == DType::F32)
      tolerance.operands = 2 * 0x1p-11 + 0x1p-22;
    tolerance.output = isHalf(output) ? unitRoundoff(output) : 0;
    tolerance.leastNormal = wide ? std::numeric_limits<double>::min()
                                 : std::numeric_limits<float>::min();
    tolerance.leastOutput = output == DType::F16 ? 0x1p-24
                            : output == DType::F64
                                ? std::numeric_limits<double>::denorm_min()
                                : std::numeric_limits<float>::min();
    return tolerance;
  }

  double operator()(int64_t nonZeros, double magnitude, double value) const {
    double n = double(nonZeros) + 2;
    double rounding = gammaOf(n, accumulate);
    double exact =
        (rounding + operands * (1 + rounding) + gammaOf(n, 0x1p-53)) *
        magnitude;
    return exact + output * (std::fabs(value) + exact) + n * leastNormal +
           leastOutput;
  }
};

/// One row of the exact result and of its magnitudes.
struct ReferenceRow {
  std::vector<double> values, magnitudes;
};

} // namespace

static void computeRow(const CsrMatrix &matrix, int64_t row, double bias,
                       Activation activation, const std::vector<double> &rhs,
                       ReferenceRow &out) {
  size_t cols = out.values.size();
  std::fill(out.values.begin(), out.values.end(), bias);
  std::fill(out.magnitudes.begin(), out.magnitudes.end(), std::fabs(bias));
  for (int64_t i = matrix.rowPtr[row]; i < matrix.rowPtr[row + 1]; ++i) {
    double a = matrix.values[i];
    const double *b = rhs.data() + matrix.columns[i] * cols;
    for (size_t j = 0; j < cols; ++j) {
      out.values[j] += a * b[j];
      out.magnitudes[j] += std::fabs(a) * std::fabs(b[j]);
    }
  }
  if (activation == Activation::relu)
    for (double &value : out.values)
      value = std::max(value, 0.0);
}

static Status checkShape(const char *what, const TensorSpec &spec,
                         const TensorView &view, int64_t rows, int64_t cols) {
  if (view.dtype == spec.dtype && view.shape == std::vector{rows, cols})
    return Success{};
  return Error{std::string(what) + " is " + std::string(name(view.dtype)) +
               " " + shapeToString(view.shape) + ", expected " +
               std::string(name(spec.dtype)) + " " +
               shapeToString(std::vector<int64_t>{rows, cols})};
}

namespace {

/// Everything the comparison needs, as doubles.
struct Operands {
  CsrMatrix matrix;
  std::vector<double> bias, rhs, found;
  int64_t cols = 0;
};

} // namespace

static Result<Operands> readOperands(const Manifest &manifest,
                                     const TensorLookup &lookup,
                                     const TensorView &rhs,
                                     const TensorView &output) {
  const CheckSpec &check = *manifest.check;
  const MatrixSpec &matrix = *manifest.findMatrix(check.matrix);
  Operands operands;
  operands.cols = rhs.shape.size() == 2 ? rhs.shape[1] : 0;
  if (Status status = checkShape("right-hand side", manifest.program.inputs[0],
                                 rhs, matrix.cols, operands.cols);
      !status)
    return Error{status.error()};
  if (Status status = checkShape("output", manifest.program.outputs[0], output,
                                 matrix.rows, operands.cols);
      !status)
    return Error{status.error()};
  auto csr = decodeMatrix(matrix, lookup);
  auto x = toDoubles(rhs), y = toDoubles(output);
  if (!csr || !x || !y)
    return Error{!csr ? csr.error() : !x ? x.error() : y.error()};
  for (int64_t row = 0; row < matrix.rows; ++row)
    for (int64_t i = csr->rowPtr[row]; i < csr->rowPtr[row + 1]; ++i)
      if (!std::isfinite(csr->values[i]))
        return Error{"matrix '" + matrix.name + "' holds " +
                     std::to_string(csr->values[i]) + " at row " +
                     std::to_string(row) + ", column " +
                     std::to_string(csr->columns[i]) +
                     ", expected finite values"};
  for (size_t i = 0; i < x->size(); ++i)
    if (!std::isfinite((*x)[i]))
      return Error{"right-hand side holds " + std::to_string((*x)[i]) +
                   " at element " + std::to_string(i) +
                   ", expected finite values"};
  operands.bias.assign(matrix.rows, 0);
  if (check.bias) {
    Result<TensorView> bias = lookup(*check.bias);
    if (!bias)
      return Error{bias.error()};
    auto values = toDoubles(*bias);
    if (!values)
      return Error{values.error()};
    operands.bias = std::move(*values);
  }
  operands.matrix = std::move(*csr);
  operands.rhs = std::move(*x);
  operands.found = std::move(*y);
  return operands;
}

namespace {

/// What a row contributes; `report.maxRatio` is that of the row.
struct RowCheck {
  CheckReport report;
  double errorSquares = 0, squares = 0;
};

} // namespace

/// A NaN is infinitely far from everything.
static RowCheck compareRow(const Operands &operands, int64_t row,
                           Activation activation, const Tolerance &tolerance) {
  size_t cols = operands.cols;
  const CsrMatrix &matrix = operands.matrix;
  ReferenceRow exact{std::vector<double>(cols), std::vector<double>(cols)};
  computeRow(matrix, row, operands.bias[row], activation, operands.rhs, exact);
  int64_t nonZeros = matrix.rowPtr[row + 1] - matrix.rowPtr[row];
  RowCheck check;
  for (size_t col = 0; col < cols; ++col) {
    double found = operands.found[row * cols + col];
    double expected = exact.values[col];
    double error = found - expected;
    check.errorSquares += error * error;
    check.squares += expected * expected;
    double ratio =
        std::fabs(error) / tolerance(nonZeros, exact.magnitudes[col], expected);
    if (std::isnan(ratio))
      ratio = std::numeric_limits<double>::infinity();
    if (col == 0 || ratio > check.report.maxRatio)
      check.report = {ratio <= 1, 0, ratio, row, int64_t(col), found, expected};
  }
  return check;
}

Result<CheckReport> spmmplu::checkOutput(const Package &package,
                                         const TensorView &rhs,
                                         const TensorView &output) {
  return checkOutput(package.manifest(), package.lookup(), rhs, output);
}

Result<CheckReport> spmmplu::checkOutput(const Manifest &manifest,
                                         const TensorLookup &lookup,
                                         const TensorView &rhs,
                                         const TensorView &output) {
  if (!manifest.check)
    return Error{"package has no key 'check' to compare with"};
  Result<Operands> operands = readOperands(manifest, lookup, rhs, output);
  if (!operands)
    return Error{operands.error()};
  const CsrMatrix &matrix = operands->matrix;
  const MatrixSpec &spec = *manifest.findMatrix(manifest.check->matrix);
  Result<TensorView> values = lookup(spec.values);
  if (!values)
    return Error{values.error()};
  Tolerance tolerance =
      Tolerance::of(spec, values->dtype, rhs.dtype, output.dtype);
  std::vector<RowCheck> rows(matrix.rows);
#pragma omp parallel for schedule(dynamic)
  for (int64_t row = 0; row < matrix.rows; ++row)
    rows[row] =
        compareRow(*operands, row, manifest.check->activation, tolerance);
  CheckReport report;
  double errorSquares = 0, squares = 0;
  for (const RowCheck &row : rows) {
    errorSquares += row.errorSquares;
    squares += row.squares;
    if (&row == &rows.front() || row.report.maxRatio > report.maxRatio)
      report = row.report;
  }
  report.relativeFrobenius =
      std::sqrt(errorSquares) / (squares > 0 ? std::sqrt(squares) : 1);
  return report;
}
