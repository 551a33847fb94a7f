//===- CAPIError.h - Errors of the C interface ------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_RUNTIME_CAPIERROR_H
#define SPMMPLU_LIB_RUNTIME_CAPIERROR_H

#include "spmmplu/Support/Result.h"

#include <string>
#include <utility>

namespace spmmplu {

/// What `spmmplu_last_error` returns on this thread.
inline std::string &lastError() {
  thread_local std::string message;
  return message;
}

inline int fail(std::string message) {
  lastError() = std::move(message);
  return -1;
}

inline int finish(const Status &status) {
  return status ? 0 : fail(status.error());
}

} // namespace spmmplu

#endif // SPMMPLU_LIB_RUNTIME_CAPIERROR_H
