//===- MatrixMarket.cpp - Matrix Market files -----------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Runtime/IO/MatrixMarket.h"
#include "Message.h"
#include "TextScanner.h"
#include "spmmplu/Runtime/IO/File.h"

#include <array>
#include <limits>

namespace spmmplu {

using io::makeError;
using io::quote;
using io::TextScanner;

namespace {
enum class Symmetry { General, Symmetric, SkewSymmetric };

struct Banner {
  bool coordinate = true;
  bool integer = false;
  bool pattern = false;
  Symmetry symmetry = Symmetry::General;
};
} // namespace

static std::string lowered(std::string_view text) {
  std::string out(text);
  for (char &c : out)
    if (c >= 'A' && c <= 'Z')
      c = char(c - 'A' + 'a');
  return out;
}

static Result<Banner> parseBanner(std::string_view line) {
  TextScanner words(line);
  std::string_view first = words.next();
  if (lowered(first) != "%%matrixmarket")
    return words.errorHere("found ", quote(first),
                           ", expected '%%MatrixMarket'");
  std::array<std::string, 4> fields; // object, format, field, symmetry
  for (std::string &field : fields)
    field = lowered(words.next());
  Banner banner;
  if (fields[0] != "matrix")
    return words.errorHere("object ", quote(fields[0]), ", expected 'matrix'");
  banner.coordinate = fields[1] == "coordinate";
  if (!banner.coordinate && fields[1] != "array")
    return words.errorHere("format ", quote(fields[1]),
                           ", expected 'coordinate' or 'array'");
  banner.integer = fields[2] == "integer";
  banner.pattern = fields[2] == "pattern";
  if (!banner.integer && !banner.pattern && fields[2] != "real")
    return words.errorHere("field ", quote(fields[2]),
                           ", expected 'real', 'integer' or 'pattern'");
  if (fields[3] == "symmetric")
    banner.symmetry = Symmetry::Symmetric;
  else if (fields[3] == "skew-symmetric")
    banner.symmetry = Symmetry::SkewSymmetric;
  else if (fields[3] != "general")
    return words.errorHere(
        "symmetry ", quote(fields[3]),
        ", expected 'general', 'symmetric' or 'skew-symmetric'");
  if (banner.pattern && !banner.coordinate)
    return words.errorHere("a pattern in array format, expected 'coordinate'");
  if (banner.pattern && banner.symmetry == Symmetry::SkewSymmetric)
    return words.errorHere("a skew-symmetric pattern, expected 'general' or "
                           "'symmetric'");
  if (!words.atEnd())
    return words.errorHere("found ", quote(words.next()),
                           ", expected the end of the line");
  return banner;
}

namespace {
/// Fills a dense matrix of `T` from what follows the size line.
template <typename T> class Filler {
public:
  Filler(TextScanner &scanner, const Banner &banner, Tensor &matrix)
      : scanner(scanner), banner(banner), values(matrix.as<T>()),
        rows(matrix.shape[0]), cols(matrix.shape[1]) {}

  Status fillCoordinate(int64_t count);
  Status fillArray();

private:
  Result<T> readValue() {
    if (banner.pattern)
      return T(1);
    if (!banner.integer)
      return scanner.real<T>("a value");
    constexpr int64_t limit = std::numeric_limits<int64_t>::max();
    Result<int64_t> value = scanner.integer("an integer value", -limit, limit);
    if (!value)
      return Error{value.error()};
    return T(*value);
  }
  void add(int64_t row, int64_t col, T value) {
    T &element = values[size_t(row * cols + col)];
    element = banner.pattern ? T(1) : element + value;
  }
  /// Adds the mirrored element too.
  void addBoth(int64_t row, int64_t col, T value) {
    add(row, col, value);
    if (banner.symmetry == Symmetry::Symmetric && row != col)
      add(col, row, value);
    else if (banner.symmetry == Symmetry::SkewSymmetric)
      add(col, row, -value);
  }
  /// The last column of `row` that a file of this symmetry stores, plus one.
  int64_t storedCols(int64_t row) const {
    if (banner.symmetry == Symmetry::General)
      return cols;
    return banner.symmetry == Symmetry::Symmetric ? row + 1 : row;
  }

  TextScanner &scanner;
  const Banner &banner;
  std::span<T> values;
  int64_t rows, cols;
};
} // namespace

template <typename T> Status Filler<T>::fillCoordinate(int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    Result<int64_t> row = scanner.integer("a row index", 1, rows);
    if (!row)
      return Error{row.error()};
    Result<int64_t> col = scanner.integer("a column index", 1, cols);
    if (!col)
      return Error{col.error()};
    if (*col > storedCols(*row - 1))
      return scanner.errorHere(
          "entry (", *row, ", ", *col,
          "), expected only entries below the diagonal",
          banner.symmetry == Symmetry::Symmetric ? " or on it" : "");
    Result<T> value = readValue();
    if (!value)
      return Error{value.error()};
    addBoth(*row - 1, *col - 1, *value);
  }
  return Success{};
}

/// Array files list columns, of symmetric matrices the lower triangle only.
template <typename T> Status Filler<T>::fillArray() {
  bool general = banner.symmetry == Symmetry::General;
  int64_t offDiagonal = banner.symmetry == Symmetry::SkewSymmetric;
  for (int64_t col = 0; col < cols; ++col)
    for (int64_t row = general ? 0 : col + offDiagonal; row < rows; ++row) {
      Result<T> value = readValue();
      if (!value)
        return Error{value.error()};
      addBoth(row, col, *value);
    }
  return Success{};
}

template <typename T>
static Status fill(TextScanner &scanner, const Banner &banner, int64_t count,
                   Tensor &matrix) {
  Filler<T> filler(scanner, banner, matrix);
  Status status =
      banner.coordinate ? filler.fillCoordinate(count) : filler.fillArray();
  if (!status)
    return status;
  if (!scanner.atEnd())
    return scanner.errorHere("found ", quote(scanner.next()),
                             " after the last entry, expected the end");
  return Success{};
}

Result<Tensor> parseMatrixMarket(std::string_view text,
                                 const MatrixMarketOptions &options) {
  TextScanner scanner(text);
  Result<Banner> banner = parseBanner(scanner.takeLine());
  if (!banner)
    return Error{banner.error()};
  scanner.setCommentChar('%');
  constexpr int64_t limit = std::numeric_limits<int64_t>::max();
  Result<int64_t> rows = scanner.integer("the number of rows", 0, limit);
  if (!rows)
    return Error{rows.error()};
  Result<int64_t> cols = scanner.integer("the number of columns", 0, limit);
  if (!cols)
    return Error{cols.error()};
  Result<int64_t> count = int64_t(0);
  if (banner->coordinate)
    count = scanner.integer("the number of entries", 0, limit);
  if (!count)
    return Error{count.error()};
  if (banner->symmetry != Symmetry::General && *rows != *cols)
    return scanner.errorHere("a symmetric matrix of ", *rows, " x ", *cols,
                             ", expected a square one");
  Result<Tensor> matrix =
      io::allocateMatrix(options.dtype, *rows, *cols, options.maxBytes);
  if (!matrix)
    return scanner.errorHere(matrix.error());
  Status status = options.dtype == DType::F64
                      ? fill<double>(scanner, *banner, *count, *matrix)
                      : fill<float>(scanner, *banner, *count, *matrix);
  if (!status)
    return Error{status.error()};
  return matrix;
}

Result<Tensor> readMatrixMarket(const std::string &path,
                                const MatrixMarketOptions &options) {
  Result<MappedFile> file = MappedFile::open(path);
  if (!file)
    return Error{file.error()};
  return io::prefixed(path, parseMatrixMarket(file->text(), options));
}

} // namespace spmmplu
