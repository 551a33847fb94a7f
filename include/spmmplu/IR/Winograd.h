//===- Winograd.h - Convolutions in Winograd's domain ----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// F(4x4, 3x3): of 6x6 elements of an image 4x4 of the result, by 36 products.
// (Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, 2015.)
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_IR_WINOGRAD_H
#define SPMMPLU_IR_WINOGRAD_H

#include "spmmplu/IR/SparseIR.h"

#define GET_OP_CLASSES
#include "spmmplu/IR/SparseIRWinograd.h.inc"

namespace mlir::spmmplu {

/// Elements of the result along an axis of a tile, of the filter, and of the
/// image that these need.
inline constexpr int64_t kWinogradOut = 4, kWinogradTaps = 3, kWinogradIn = 6;
inline constexpr int64_t kWinogradProducts = kWinogradIn * kWinogradIn;

/// Polynomials are interpolated at 0, -a, a, -b, b and infinity. With these a
/// and b sums in f32 lose half as much as with the usual 1 and 2, and all that
/// the image is multiplied by is a number of f32.
inline constexpr double kWinogradA = 5. / 8, kWinogradB = 3. / 2;
inline constexpr double kWinogradA2 = kWinogradA * kWinogradA,
                        kWinogradB2 = kWinogradB * kWinogradB;

/// The transforms along one axis: of the image (Bt), the filter (G) and the
/// products (At).
struct WinogradMatrices {
  double image[6][6], filter[6][3], result[4][6];
};
constexpr WinogradMatrices getWinogradMatrices() {
  double a = kWinogradA, b = kWinogradB, a2 = kWinogradA2, b2 = kWinogradB2;
  double ofA = 1 / (2 * a2 * (a2 - b2)), ofB = 1 / (2 * b2 * (b2 - a2));
  return {{{a2 * b2, 0, -a2 - b2, 0, 1, 0},
           {0, -a * b2, -b2, a, 1, 0},
           {0, a * b2, -b2, -a, 1, 0},
           {0, -b * a2, -a2, b, 1, 0},
           {0, b * a2, -a2, -b, 1, 0},
           {0, a2 * b2, 0, -a2 - b2, 0, 1}},
          {{1 / (a2 * b2), 0, 0},
           {ofA, a * ofA, a2 * ofA},
           {ofA, -a * ofA, a2 * ofA},
           {ofB, b * ofB, b2 * ofB},
           {ofB, -b * ofB, b2 * ofB},
           {0, 0, 1}},
          {{1, 1, 1, 1, 1, 0},
           {0, a, -a, b, -b, 0},
           {0, a2, a2, b2, b2, 0},
           {0, a * a2, -a * a2, b * b2, -b * b2, 1}}};
}
inline constexpr WinogradMatrices kWinograd = getWinogradMatrices();

/// The dimensions of a batch of images.
struct ImageDims {
  int64_t channel, height, width;
};
inline ImageDims getImageDims(bool nhwc) {
  return nhwc ? ImageDims{3, 1, 2} : ImageDims{1, 2, 3};
}

} // namespace mlir::spmmplu

#endif // SPMMPLU_IR_WINOGRAD_H
