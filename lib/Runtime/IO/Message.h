//===- Message.h - Building one-line errors ---------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_RUNTIME_IO_MESSAGE_H
#define SPMMPLU_LIB_RUNTIME_IO_MESSAGE_H

#include "spmmplu/Support/Result.h"

#include <concepts>
#include <string>
#include <string_view>

namespace spmmplu::io {

/// Text of unknown origin made fit for a message: in quotes, control and quote
/// characters escaped, no more than the first 64 bytes.
std::string quote(std::string_view text);

inline void append(std::string &out, std::string_view text) { out += text; }
inline void append(std::string &out, std::integral auto number) {
  out += std::to_string(number);
}

/// An error whose message is all parts (text and integers) joined.
template <typename... Parts> Error makeError(const Parts &...parts) {
  Error error;
  (append(error.message, parts), ...);
  return error;
}

/// `result`, its error prefixed with "where: ".
template <typename T>
Result<T> prefixed(std::string_view where, Result<T> result) {
  if (result)
    return result;
  return makeError(where, ": ", result.error());
}

} // namespace spmmplu::io

#endif // SPMMPLU_LIB_RUNTIME_IO_MESSAGE_H
