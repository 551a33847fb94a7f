//===- Canvas.h - Pixels, rectangles and text -------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_PLOT_CANVAS_H
#define SPMMPLU_LIB_PLOT_CANVAS_H

#include "Figures.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mlir::spmmplu {

/// `top` over `bottom` with `alpha` in [0, 1].
Color blend(Color bottom, Color top, double alpha);

struct TextStyle {
  double height = 10; ///< of a capital letter, in pixels
  Color color = {31, 36, 48};
  bool bold = false;
};

/// An RGB image. Whatever lies outside of it is clipped.
class Canvas {
public:
  Canvas(int64_t width, int64_t height, Color background);

  int64_t width() const { return numCols; }
  int64_t height() const { return numRows; }

  Color get(int64_t x, int64_t y) const;
  void set(int64_t x, int64_t y, Color color);
  void fillRect(int64_t x, int64_t y, int64_t width, int64_t height,
                Color color);
  /// The outermost pixels of the rectangle.
  void strokeRect(int64_t x, int64_t y, int64_t width, int64_t height,
                  Color color);
  /// One line of text, its baseline at `y`, its left end at `x`. Characters
  /// that are not ASCII are drawn as one '?' each.
  void drawText(double x, double y, std::string_view text,
                const TextStyle &style);
  /// The same, with its right end at `x`.
  void drawTextRight(double x, double y, std::string_view text,
                     const TextStyle &style) {
    drawText(x - textWidth(text, style.height), y, text, style);
  }
  static double textWidth(std::string_view text, double height);

  /// The image as a PNG file; empty if memory runs out.
  std::string encodePng() const;

private:
  void drawSegment(double x0, double y0, double x1, double y1, double halfWidth,
                   Color color);

  int64_t numCols, numRows;
  std::vector<uint8_t> bytes; ///< [height][width][3]
};

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_PLOT_CANVAS_H
