//===- Smtx.cpp - Sparse matrices of the DLMC -----------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Runtime/IO/Smtx.h"
#include "TextScanner.h"
#include "spmmplu/Runtime/IO/File.h"

#include <array>
#include <cmath>
#include <limits>
#include <numbers>

namespace spmmplu {

using io::TextScanner;

namespace {
/// Standard normal values, the same on every platform up to the last bits of
/// the mathematical functions (which std::normal_distribution is not).
class NormalSource {
public:
  explicit NormalSource(uint64_t seed) : state(seed) {}

  /// Never zero, also as a float.
  double next() {
    for (;;) {
      double radius = std::sqrt(-2 * std::log(uniform()));
      double value = radius * std::cos(2 * std::numbers::pi * uniform());
      if (float(value) != 0)
        return value;
    }
  }

private:
  /// In (0, 1], by SplitMix64.
  double uniform() {
    uint64_t bits = state += 0x9e3779b97f4a7c15;
    bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9;
    bits = (bits ^ bits >> 27) * 0x94d049bb133111eb;
    bits ^= bits >> 31;
    return double((bits >> 11) + 1) * 0x1p-53;
  }

  uint64_t state;
};
} // namespace

/// The row offsets: [rows + 1], ascending from 0 to `nnz`.
static Result<std::vector<int64_t>> readOffsets(TextScanner &scanner,
                                                int64_t rows, int64_t nnz) {
  std::vector<int64_t> offsets; // grows as the text does, whatever `rows` says
  int64_t previous = 0;
  for (int64_t i = 0; i <= rows; ++i) {
    int64_t last = i == 0 ? 0 : nnz;
    Result<int64_t> offset =
        scanner.integer("a row offset", i == rows ? nnz : previous, last);
    if (!offset)
      return Error{offset.error()};
    offsets.push_back(previous = *offset);
  }
  return offsets;
}

template <typename T>
static Status fill(TextScanner &scanner, std::span<const int64_t> offsets,
                   std::optional<uint64_t> seed, Tensor &matrix) {
  std::span<T> values = matrix.as<T>();
  int64_t cols = matrix.shape[1];
  NormalSource source(seed.value_or(0));
  for (int64_t row = 0; row < matrix.shape[0]; ++row)
    for (int64_t i = offsets[row]; i < offsets[row + 1]; ++i) {
      Result<int64_t> col = scanner.integer("a column index", 0, cols - 1);
      if (!col)
        return Error{col.error()};
      T &element = values[size_t(row * cols + *col)];
      if (element != 0)
        return scanner.errorHere("column ", *col, " is twice in row ", row,
                                 ", expected once");
      element = seed ? T(source.next()) : T(1);
    }
  if (!scanner.atEnd())
    return scanner.errorHere("found ", io::quote(scanner.next()),
                             " after the last column index, expected the end");
  return Success{};
}

Result<Tensor> parseSmtx(std::string_view text, const SmtxOptions &options) {
  TextScanner scanner(text);
  scanner.setCommaSeparates(true);
  constexpr std::array<std::string_view, 3> names = {
      "the number of rows", "the number of columns", "the number of non-zeros"};
  std::array<int64_t, 3> header = {};
  for (size_t i = 0; i < names.size(); ++i) {
    // One less than the limit, so that rows + 1 is a number too.
    Result<int64_t> number =
        scanner.integer(names[i], 0, std::numeric_limits<int64_t>::max() - 1);
    if (!number)
      return Error{number.error()};
    header[i] = *number;
  }
  scanner.setCommaSeparates(false);
  auto [rows, cols, nnz] = header;
  Result<Tensor> matrix =
      io::allocateMatrix(options.dtype, rows, cols, options.maxBytes);
  if (!matrix)
    return scanner.errorHere(matrix.error());
  if (nnz > matrix->numElements())
    return scanner.errorHere(nnz, " non-zeros, expected at most ",
                             matrix->numElements(), " in ", rows, " x ", cols);
  Result<std::vector<int64_t>> offsets = readOffsets(scanner, rows, nnz);
  if (!offsets)
    return Error{offsets.error()};
  Status status = options.dtype == DType::F64
                      ? fill<double>(scanner, *offsets, options.seed, *matrix)
                      : fill<float>(scanner, *offsets, options.seed, *matrix);
  if (!status)
    return Error{status.error()};
  return matrix;
}

Result<Tensor> readSmtx(const std::string &path, const SmtxOptions &options) {
  Result<MappedFile> file = MappedFile::open(path);
  if (!file)
    return Error{file.error()};
  return io::prefixed(path, parseSmtx(file->text(), options));
}

} // namespace spmmplu
