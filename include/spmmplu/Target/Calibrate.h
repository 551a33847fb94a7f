//===- Calibrate.h - Measures the lowest level of this machine -*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TARGET_CALIBRATE_H
#define SPMMPLU_TARGET_CALIBRATE_H

#include "spmmplu/Target/Target.h"

#include <string>

namespace mlir::spmmplu {

/// Measures what one core of this machine sustains: its clock, and what it
/// reads a second from each level of `host`'s memory. Takes a few seconds. The
/// result is text as `lookupTarget` takes it after a name: `clock=2.9,...`.
std::string calibrate(const Target &host);

} // namespace mlir::spmmplu

#endif // SPMMPLU_TARGET_CALIBRATE_H
