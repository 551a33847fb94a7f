//===- TextScanner.h - Numbers from a text file -----------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_RUNTIME_IO_TEXTSCANNER_H
#define SPMMPLU_LIB_RUNTIME_IO_TEXTSCANNER_H

#include "Message.h"

#include "spmmplu/Runtime/IO/Tensor.h"
#include "spmmplu/Support/Result.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <string_view>

namespace spmmplu::io {

/// Cuts text into tokens separated by white space and, where asked, commas.
/// Independent of the locale. Errors name the line.
class TextScanner {
public:
  explicit TextScanner(std::string_view text) : rest(text) {}

  /// The rest of the current line, without its end; moves to the next line.
  std::string_view takeLine();
  /// Lines that start with `c` are skipped from now on. The scanner must be at
  /// the start of a line.
  void setCommentChar(char c) { comment = c; }
  void setCommaSeparates(bool value) { commaSeparates = value; }

  /// The next token; empty at the end of the text.
  std::string_view next();
  bool atEnd() { return skipSpace(), rest.empty(); }

  /// The next token as an integer in [lo, hi]; `what` names it in errors.
  Result<int64_t> integer(std::string_view what, int64_t lo, int64_t hi);
  /// The next token as a float or double. Infinities and NaN must be spelled;
  /// a number that overflows is an error, one that underflows is rounded.
  template <typename T> Result<T> real(std::string_view what);

  /// "line N: " and the parts; N is the line of the token last read.
  template <typename... Parts> Error errorHere(const Parts &...parts) const {
    return makeError("line ", tokenLine, ": ", parts...);
  }

private:
  bool isSpace(char c) const {
    return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f' ||
           (c == ',' && commaSeparates);
  }
  void skipSpace();
  Error unexpected(std::string_view what, std::string_view token) const;

  std::string_view rest;
  int64_t line = 1;
  int64_t tokenLine = 1;
  char comment = 0;
  bool commaSeparates = false;
  bool atLineStart = true;
};

/// Drops a plus sign, which std::from_chars does not know.
inline std::string_view withoutPlus(std::string_view token) {
  bool plus = token.size() > 1 && token[0] == '+' && token[1] != '-';
  return token.substr(plus);
}

template <typename T> Result<T> TextScanner::real(std::string_view what) {
  std::string_view token = next(), number = withoutPlus(token);
  const char *end = number.data() + number.size();
  T value = 0;
  std::from_chars_result parsed = std::from_chars(number.data(), end, value);
  if (parsed.ec == std::errc::invalid_argument || parsed.ptr != end)
    return unexpected(what, token);
  bool spelled = number.find_first_of("nN") != std::string_view::npos;
  if (parsed.ec == std::errc() && (std::isfinite(value) || spelled))
    return value;
  // Too large or too small, and only a wider type tells which.
  if constexpr (sizeof(T) < sizeof(double)) {
    double wide = 0;
    parsed = std::from_chars(number.data(), end, wide);
    if (parsed.ec == std::errc() && std::isfinite(T(wide)))
      return T(wide);
  }
  return errorHere(what, " ", quote(token), " is out of range for ",
                   sizeof(T) * 8, " bits");
}

/// The dense `rows` x `cols` matrix of zeros that a sparse file expands to.
/// `dtype` must be F32 or F64; more than `maxBytes` is an error.
Result<Tensor> allocateMatrix(DType dtype, int64_t rows, int64_t cols,
                              int64_t maxBytes);

} // namespace spmmplu::io

#endif // SPMMPLU_LIB_RUNTIME_IO_TEXTSCANNER_H
