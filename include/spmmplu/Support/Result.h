//===- Result.h - A value or a one-line error -------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The error channel of all code that must not depend on LLVM (the runtime, the
// readers, the pattern library). An error is one line that says where, what was
// found and what was expected, so that a tool can print it as it is.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_SUPPORT_RESULT_H
#define SPMMPLU_SUPPORT_RESULT_H

#include <string>
#include <utility>
#include <variant>

namespace spmmplu {

/// A one-line message in MLIR's style: lower case, no full stop.
struct Error {
  std::string message;
};

/// Either a `T` or an `Error`. Test with `if (!result)`, then read `error()`.
template <typename T> class [[nodiscard]] Result {
public:
  Result(T value) : state(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return state.index() == 0; }
  T &operator*() { return std::get<0>(state); }
  const T &operator*() const { return std::get<0>(state); }
  T *operator->() { return &std::get<0>(state); }
  const T *operator->() const { return &std::get<0>(state); }
  const std::string &error() const { return std::get<1>(state).message; }

private:
  std::variant<T, Error> state;
};

/// The result of something that yields no value.
struct Success {};
using Status = Result<Success>;

} // namespace spmmplu

#endif // SPMMPLU_SUPPORT_RESULT_H
