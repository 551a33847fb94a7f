//===- Reference.cpp - What a program should have computed ----------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Runtime/Reference.h"

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
          double value = values[e * matrix.panel * matrix.depth + lane];
          int32_t row = tables.panelRows[(chain % panels) * matrix.panel + r];
          // What a padding row holds has no place in the matrix.
          if (row >= 0 && value != 0)
            elements.push_back({row, int32_t(tables.entries[e] + kk), value});
        }
  return elements;
}

Result<CsrMatrix> spmmplu::decodeMatrix(const MatrixSpec &matrix,
                                        const TensorLookup &lookup) {
  Result<MatrixTables> tables = readTables(matrix, lookup);
  if (!tables)
    return Error{tables.error()};
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
  double accumulate, rhs, output, leastNormal, leastOutput;

  static Tolerance of(DType values, DType rhs, DType output) {
    bool wide = values == DType::F64 && rhs == DType::F64;
    Tolerance tolerance;
    tolerance.accumulate = wide ? 0x1p-53 : 0x1p-24;
    tolerance.rhs = isHalf(values) && !isHalf(rhs) ? unitRoundoff(values) : 0;
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
        (rounding + rhs * (1 + rounding) + gammaOf(n, 0x1p-53)) * magnitude;
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

static Result<Operands> readOperands(const Package &package,
                                     const TensorView &rhs,
                                     const TensorView &output) {
  const Manifest &manifest = package.manifest();
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
  auto csr = decodeMatrix(matrix, package.lookup());
  auto x = toDoubles(rhs), y = toDoubles(output);
  if (!csr || !x || !y)
    return Error{!csr ? csr.error() : !x ? x.error() : y.error()};
  for (size_t i = 0; i < x->size(); ++i)
    if (!std::isfinite((*x)[i]))
      return Error{"right-hand side holds " + std::to_string((*x)[i]) +
                   " at element " + std::to_string(i) +
                   ", expected finite values"};
  operands.bias.assign(matrix.rows, 0);
  if (check.bias) {
    Result<TensorView> bias = package.tensor(*check.bias);
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

/// Takes note of one element. A NaN is infinitely far from everything.
static void compareElement(CheckReport &report, int64_t row, int64_t col,
                           double found, double expected, double allowed) {
  double ratio = std::fabs(found - expected) / allowed;
  if (std::isnan(ratio))
    ratio = std::numeric_limits<double>::infinity();
  bool first = row == 0 && col == 0;
  if (!first && ratio <= report.maxRatio)
    return;
  report = {ratio <= 1, 0, ratio, row, col, found, expected};
}

Result<CheckReport> spmmplu::checkOutput(const Package &package,
                                         const TensorView &rhs,
                                         const TensorView &output) {
  const Manifest &manifest = package.manifest();
  if (!manifest.check)
    return Error{"package has no key 'check' to compare with"};
  Result<Operands> operands = readOperands(package, rhs, output);
  if (!operands)
    return Error{operands.error()};
  const CsrMatrix &matrix = operands->matrix;
  Result<TensorView> values =
      package.tensor(manifest.findMatrix(manifest.check->matrix)->values);
  if (!values)
    return Error{values.error()};
  Tolerance tolerance = Tolerance::of(values->dtype, rhs.dtype, output.dtype);
  size_t cols = operands->cols;
  ReferenceRow exact{std::vector<double>(cols), std::vector<double>(cols)};
  CheckReport report;
  double errorSquares = 0, squares = 0;
  for (int64_t row = 0; row < matrix.rows; ++row) {
    computeRow(matrix, row, operands->bias[row], manifest.check->activation,
               operands->rhs, exact);
    int64_t nonZeros = matrix.rowPtr[row + 1] - matrix.rowPtr[row];
    for (size_t col = 0; col < cols; ++col) {
      double found = operands->found[row * cols + col];
      double expected = exact.values[col];
      errorSquares += (found - expected) * (found - expected);
      squares += expected * expected;
      compareElement(report, row, col, found, expected,
                     tolerance(nonZeros, exact.magnitudes[col], expected));
    }
  }
  report.relativeFrobenius =
      std::sqrt(errorSquares) / (squares > 0 ? std::sqrt(squares) : 1);
  return report;
}
