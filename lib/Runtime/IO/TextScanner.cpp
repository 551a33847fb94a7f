//===- TextScanner.cpp - Numbers from a text file -------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TextScanner.h"

namespace spmmplu::io {

std::string_view TextScanner::takeLine() {
  size_t end = rest.find('\n');
  std::string_view text = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  tokenLine = line++;
  atLineStart = true;
  return text;
}

void TextScanner::skipSpace() {
  while (!rest.empty()) {
    if (rest.front() == '\n') {
      ++line;
      atLineStart = true;
    } else if (atLineStart && comment && rest.front() == comment) {
      takeLine();
      continue;
    } else if (isSpace(rest.front())) {
      atLineStart = false;
    } else {
      return;
    }
    rest.remove_prefix(1);
  }
}

std::string_view TextScanner::next() {
  skipSpace();
  tokenLine = line;
  size_t length = 0;
  while (length < rest.size() && rest[length] != '\n' && !isSpace(rest[length]))
    ++length;
  std::string_view token = rest.substr(0, length);
  rest.remove_prefix(length);
  atLineStart = false;
  return token;
}

Error TextScanner::unexpected(std::string_view what,
                              std::string_view token) const {
  if (token.empty())
    return errorHere("the text ends, expected ", what);
  return errorHere("found ", quote(token), ", expected ", what);
}

Result<int64_t> TextScanner::integer(std::string_view what, int64_t lo,
                                     int64_t hi) {
  std::string_view token = next(), number = withoutPlus(token);
  const char *end = number.data() + number.size();
  int64_t value = 0;
  std::from_chars_result parsed = std::from_chars(number.data(), end, value);
  if (parsed.ec == std::errc::invalid_argument || parsed.ptr != end)
    return unexpected(what, token);
  if (parsed.ec != std::errc() || value < lo || value > hi)
    return errorHere(what, " ", quote(token), " is not in ", lo, " to ", hi);
  return value;
}

Result<Tensor> allocateMatrix(DType dtype, int64_t rows, int64_t cols,
                              int64_t maxBytes) {
  if (dtype != DType::F32 && dtype != DType::F64)
    return makeError("result type ", name(dtype), ", expected F32 or F64");
  Result<int64_t> size = denseByteSize(dtype, {{rows, cols}});
  if (!size)
    return Error{size.error()};
  if (*size > maxBytes)
    return makeError("a dense ", rows, " x ", cols, " matrix of ", name(dtype),
                     " takes ", *size, " bytes, expected at most ", maxBytes);
  return Tensor::allocate(dtype, {rows, cols});
}

} // namespace spmmplu::io
