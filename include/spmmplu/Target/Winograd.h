//===- Winograd.h - What Winograd's convolution costs -----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A 3x3 convolution of f32 as 36 products of tiles, F(4x4, 3x3), on the
// channels and filters that pruning leaves.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TARGET_WINOGRAD_H
#define SPMMPLU_TARGET_WINOGRAD_H

#include "spmmplu/Support/Result.h"
#include "spmmplu/Target/Target.h"

#include <cstdint>

namespace mlir::spmmplu {

struct WinogradProblem {
  int64_t batch = 1;
  int64_t tiles = 1;    ///< of 4x4 elements, of one image
  int64_t channels = 1; ///< that some filter reads
  int64_t filters = 1;  ///< that read some
  int64_t threads = 1;
};

/// How many images are transformed, multiplied and written before the next, a
/// divisor of the batch: what lies between fits the caches.
struct WinogradPlan {
  int64_t images = 1;
  int64_t lanes = 16; ///< of the products' vectors
  double micros = 0;  ///< all of it, transforms included
  double transforms = 0;
};

/// The plan of the least time; one of `images` images at a time if that is not
/// 0. Fails where the target has no product of f32.
::spmmplu::Result<WinogradPlan> planWinograd(const Target &target,
                                             const WinogradProblem &problem,
                                             int64_t images = 0);

} // namespace mlir::spmmplu

#endif // SPMMPLU_TARGET_WINOGRAD_H
