//===- Png.cpp - The picture as a PNG -------------------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Canvas.h"
#include "Figures.h"

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace mlir::spmmplu;
using ::spmmplu::Error;
using ::spmmplu::Result;

static constexpr Color page = {246, 247, 250}, paper = {255, 255, 255},
                       ink = {36, 44, 66}, muted = {104, 112, 130},
                       frame = {205, 210, 220};

//===----------------------------------------------------------------------===//
// From elements to pixels
//===----------------------------------------------------------------------===//

namespace {
/// One axis of a panel: an element is `up` pixels, or a pixel is `down`
/// elements; one of them is 1.
struct Axis {
  int64_t extent, up = 1, down = 1;

  int64_t pixels() const { return (extent + down - 1) / down * up; }
  /// The elements of a pixel.
  int64_t begin(int64_t pixel) const { return pixel / up * down; }
  int64_t end(int64_t pixel) const {
    return std::min(extent, begin(pixel) + down);
  }
  /// Calls `visit(pixel, part)` for every pixel that [from, to) touches, with
  /// the part of the pixel that it covers.
  template <typename Visitor>
  void forEachPixel(int64_t from, int64_t to, Visitor &&visit) const {
    for (int64_t p = from / down * up; p < pixels() && begin(p) < to; ++p)
      visit(p, float(std::min(to, end(p)) - std::max(from, begin(p))) /
                   float(end(p) - begin(p)));
  }
};

struct Axes {
  Axis row, col;
};

/// What one panel shows in colours: the mean colour of what covers a pixel,
/// times how much of the pixel that is, and how much that is.
struct Layer {
  explicit Layer(const Axes &axes)
      : axes(axes), sums(axes.row.pixels() * axes.col.pixels()) {}

  struct Sum {
    float red = 0, green = 0, blue = 0, cover = 0;
  };
  void add(const ElementRect &rect, Color color);

  Axes axes;
  std::vector<Sum> sums;
};
} // namespace

static constexpr int64_t maxPixels = 900, minPixels = 32, maxUp = 96;

static Axis widened(Axis axis) {
  if (axis.extent == 0 || axis.pixels() >= minPixels)
    return axis;
  if (axis.extent < minPixels)
    return {axis.extent, (minPixels + axis.extent - 1) / axis.extent, 1};
  return {axis.extent, 1, axis.extent / minPixels};
}

/// Elements are square, unless the mask is so oblong that it would be a line.
static Axes fitAxes(const Mask &mask) {
  int64_t longest = std::max<int64_t>({mask.rows(), mask.cols(), 1});
  int64_t up = std::clamp<int64_t>(maxPixels / longest, 1, maxUp);
  int64_t down = (longest + maxPixels - 1) / maxPixels;
  return {widened({mask.rows(), up, down}), widened({mask.cols(), up, down})};
}

void Layer::add(const ElementRect &rect, Color color) {
  int64_t width = axes.col.pixels();
  axes.row.forEachPixel(rect.rowBegin, rect.rowEnd, [&](int64_t y, float high) {
    axes.col.forEachPixel(rect.colBegin, rect.colEnd,
                          [&](int64_t x, float wide) {
                            Sum &sum = sums[y * width + x];
                            float part = high * wide;
                            sum.red += part * color.red;
                            sum.green += part * color.green;
                            sum.blue += part * color.blue;
                            sum.cover += part;
                          });
  });
}

/// The density of each pixel's elements.
static std::vector<float> computeDensity(const Mask &mask, const Axes &axes) {
  int64_t width = axes.col.pixels(), height = axes.row.pixels();
  std::vector<float> density(width * height);
  for (int64_t y = 0; y < height; ++y) {
    float *line = density.data() + y * width;
    if (y % axes.row.up) { // the same elements as the line above
      std::copy(line - width, line, line);
      continue;
    }
    int64_t rows = axes.row.end(y) - axes.row.begin(y);
    for (int64_t x = 0; x < width; ++x) {
      int64_t begin = axes.col.begin(x), end = axes.col.end(x), count = 0;
      for (int64_t r = axes.row.begin(y); r < axes.row.end(y); ++r)
        count += mask.countRange(r, begin, end);
      line[x] = float(count) / float(rows * (end - begin));
    }
  }
  return density;
}

/// Sparse areas would be too pale to tell from empty ones if shades were
/// linear.
static double shade(double density) {
  return std::pow(std::min(density, 1.0), 0.6);
}

//===----------------------------------------------------------------------===//
// Panels
//===----------------------------------------------------------------------===//

namespace {
class PngPlot {
public:
  PngPlot(const PlotInput &input, const Figures &figures)
      : input(input), figures(figures), axes(fitAxes(*input.mask)),
        density(computeDensity(*input.mask, axes)) {}

  std::string render();

private:
  using ColorOf = Color (PngPlot::*)(size_t set, size_t metaOp) const;

  Color byExtent(size_t set, size_t) const {
    return extentColor(int64_t(set), int64_t(input.sets.size()));
  }
  Color byGroup(size_t, size_t metaOp) const {
    int32_t group = figures.groupOf[metaOp];
    int64_t count = int64_t(input.groups.size());
    return group < 0 ? frame : groupColor(group, count);
  }

  void drawMask(Canvas &canvas, int64_t x, int64_t y) const;
  void drawMetaOps(Canvas &canvas, int64_t x, int64_t y, ColorOf colorOf) const;
  void drawOutlines(Canvas &canvas, int64_t x, int64_t y,
                    ColorOf colorOf) const;
  void drawCaption(Canvas &canvas, int64_t x, int64_t y,
                   std::string_view text) const;
  void drawLegend(Canvas &canvas, int64_t x, int64_t y) const;
  void drawGroupLegend(Canvas &canvas, int64_t x, int64_t y) const;
  void drawPanels(Canvas &canvas) const;

  std::vector<size_t> legendSets() const;
  std::string title() const;
  std::string figuresLine() const;
  int64_t legendHeight() const;

  /// A mask without elements still has a frame.
  int64_t panelWidth() const { return std::max(axes.col.pixels(), minPixels); }
  int64_t panelHeight() const { return std::max(axes.row.pixels(), minPixels); }
  int64_t numPanels() const {
    return 1 + !input.sets.empty() + !input.groups.empty();
  }
  /// Wide panels are stacked.
  bool isStacked() const { return panelWidth() > 2 * panelHeight(); }
  int64_t pitch() const {
    return isStacked() ? panelHeight() + captionHeight + gap
                       : std::max(panelWidth(), minPitch) + gap;
  }

  static constexpr int64_t margin = 40, gap = 32, captionHeight = 30,
                           headerHeight = 96, legendWidth = 310,
                           legendLine = 24, minPitch = 150;
  static constexpr size_t maxLegendSets = 20;

  const PlotInput &input;
  const Figures &figures;
  Axes axes;
  std::vector<float> density;
};
} // namespace

void PngPlot::drawMask(Canvas &canvas, int64_t x, int64_t y) const {
  int64_t width = axes.col.pixels();
  for (size_t at = 0; at < density.size(); ++at)
    canvas.set(x + int64_t(at) % width, y + int64_t(at) / width,
               blend(paper, ink, shade(density[at])));
}

void PngPlot::drawMetaOps(Canvas &canvas, int64_t x, int64_t y,
                          ColorOf colorOf) const {
  Layer layer(axes);
  size_t index = 0;
  for (size_t s = 0; s < input.sets.size(); ++s)
    for (const Cell &lo : input.sets[s].lo)
      layer.add(getRect(input, lo, input.sets[s].extent),
                (this->*colorOf)(s, index++));
  int64_t width = axes.col.pixels();
  for (size_t at = 0; at < density.size(); ++at) {
    const Layer::Sum &sum = layer.sums[at];
    if (sum.cover <= 0)
      continue;
    auto mean = [&](float channel) {
      return uint8_t(std::min(channel / sum.cover + 0.5f, 255.0f));
    };
    Color color = {mean(sum.red), mean(sum.green), mean(sum.blue)};
    // Zeros inside a meta-op, its redundant work, are a tint of its colour.
    double full = shade(density[at] / sum.cover);
    canvas.set(x + int64_t(at) % width, y + int64_t(at) / width,
               blend(paper, color, (0.3 + 0.7 * full) * sum.cover));
  }
  drawOutlines(canvas, x, y, colorOf);
}

void PngPlot::drawOutlines(Canvas &canvas, int64_t x, int64_t y,
                           ColorOf colorOf) const {
  constexpr int64_t smallest = 7; // pixels, so that the outline leaves a fill
  size_t index = 0;
  for (size_t s = 0; s < input.sets.size(); ++s)
    for (const Cell &lo : input.sets[s].lo) {
      ElementRect rect = getRect(input, lo, input.sets[s].extent);
      auto toPixel = [](const Axis &axis, int64_t element) {
        return std::min((element + axis.down - 1) / axis.down * axis.up,
                        axis.pixels());
      };
      int64_t left = toPixel(axes.col, rect.colBegin),
              top = toPixel(axes.row, rect.rowBegin),
              width = toPixel(axes.col, rect.colEnd) - left,
              height = toPixel(axes.row, rect.rowEnd) - top;
      Color color = (this->*colorOf)(s, index++);
      if (width >= smallest && height >= smallest)
        canvas.strokeRect(x + left, y + top, width, height,
                          blend(color, {0, 0, 0}, 0.4));
    }
}

void PngPlot::drawCaption(Canvas &canvas, int64_t x, int64_t y,
                          std::string_view text) const {
  canvas.drawText(double(x), double(y + 18), text, {11, ink, true});
  canvas.fillRect(x - 1, y + captionHeight - 1, panelWidth() + 2,
                  panelHeight() + 2, frame);
  canvas.fillRect(x, y + captionHeight, panelWidth(), panelHeight(), paper);
}

void PngPlot::drawPanels(Canvas &canvas) const {
  int64_t x = margin, y = headerHeight;
  auto advance = [&] { (isStacked() ? y : x) += pitch(); };
  drawCaption(canvas, x, y, "Mask");
  drawMask(canvas, x, y + captionHeight);
  if (!input.sets.empty()) {
    advance();
    drawCaption(canvas, x, y, "Meta-ops by extent");
    drawMetaOps(canvas, x, y + captionHeight, &PngPlot::byExtent);
  }
  if (!input.groups.empty()) {
    advance();
    drawCaption(canvas, x, y, "Meta-ops by group");
    drawMetaOps(canvas, x, y + captionHeight, &PngPlot::byGroup);
  }
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

/// The sets of most work, as many as there are lines for, in their own order.
std::vector<size_t> PngPlot::legendSets() const {
  std::vector<size_t> order(figures.sets.size());
  std::iota(order.begin(), order.end(), 0);
  if (order.size() <= maxLegendSets)
    return order;
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return std::pair(-figures.sets[a].area, a) <
           std::pair(-figures.sets[b].area, b);
  });
  order.resize(maxLegendSets);
  std::sort(order.begin(), order.end());
  return order;
}

std::string PngPlot::title() const {
  constexpr size_t most = 72;
  const std::string &text = input.title;
  // Both ends of a path tell more than its middle.
  return text.size() <= most ? text
                             : text.substr(0, most / 3) + "..." +
                                   text.substr(text.size() - most * 2 / 3);
}

std::string PngPlot::figuresLine() const {
  std::string line = formatExtent({input.mask->rows(), input.mask->cols()}) +
                     "    " + formatNoun(figures.nonZeros, "non-zero") +
                     "    density " + formatPercent(input.mask->density());
  if (!input.pattern.empty())
    line += "    " + input.pattern.substr(0, 72);
  if (figures.metaOps)
    line += "    " + formatNoun(figures.metaOps, "meta-op") + " in cells of " +
            formatExtent({input.cellRows, input.cellCols});
  if (!input.groups.empty())
    line += "    " + formatNoun(int64_t(input.groups.size()), "group");
  return line;
}

int64_t PngPlot::legendHeight() const {
  int64_t lines = int64_t(legendSets().size()) + 3;
  return captionHeight + legendLine * (lines + (input.groups.empty() ? 0 : 5));
}

void PngPlot::drawLegend(Canvas &canvas, int64_t x, int64_t y) const {
  TextStyle head = {9, muted}, text = {10, ink};
  double columns[] = {double(x + 160), double(x + 228), double(x + 300)};
  canvas.drawText(double(x), double(y + 18), "Extents", {11, ink, true});
  y += captionHeight + 12;
  canvas.drawText(double(x + 26), double(y), "rows x cols", head);
  canvas.drawTextRight(columns[0], double(y), "count", head);
  canvas.drawTextRight(columns[1], double(y), "work", head);
  canvas.drawTextRight(columns[2], double(y), "fill", head);
  canvas.fillRect(x, y + 7, legendWidth - 10, 1, frame);
  std::vector<size_t> shown = legendSets();
  for (size_t s : shown) {
    const SetFigures &set = figures.sets[s];
    y += legendLine;
    Color color = byExtent(s, 0);
    canvas.fillRect(x, y - 12, 15, 15, color);
    canvas.strokeRect(x, y - 12, 15, 15, blend(color, {0, 0, 0}, 0.4));
    canvas.drawText(double(x + 26), double(y), formatExtent(set.extent), text);
    canvas.drawTextRight(columns[0], double(y), formatCount(set.count), text);
    canvas.drawTextRight(columns[1], double(y),
                         formatPercent(double(set.area) / figures.area), text);
    canvas.drawTextRight(columns[2], double(y),
                         formatPercent(double(set.nonZeros) / double(set.area)),
                         text);
  }
  if (shown.size() < figures.sets.size()) {
    y += legendLine;
    canvas.drawText(double(x + 26), double(y),
                    "and " +
                        std::to_string(figures.sets.size() - shown.size()) +
                        " extents of less work",
                    head);
  }
  if (!input.groups.empty())
    drawGroupLegend(canvas, x, y + legendLine + 10);
}

void PngPlot::drawGroupLegend(Canvas &canvas, int64_t x, int64_t y) const {
  constexpr int64_t width = legendWidth - 10;
  TextStyle head = {9, muted};
  canvas.drawText(double(x), double(y + 18), "Groups (policy disjoint)",
                  {11, ink, true});
  y += captionHeight;
  int64_t count = int64_t(input.groups.size());
  for (int64_t at = 0; at < width; ++at) {
    // As many steps as there are groups.
    canvas.fillRect(x + at, y, 1, 15, groupColor(at * count / width, count));
  }
  canvas.drawText(double(x), double(y + 32), "1", head);
  canvas.drawTextRight(double(x + width), double(y + 32), formatCount(count),
                       head);
  canvas.drawText(double(x), double(y + 56),
                  (figures.smallestGroup < figures.largestGroup
                       ? formatCount(figures.smallestGroup) + " to "
                       : std::string()) +
                      formatNoun(figures.largestGroup, "meta-op") + " each",
                  head);
}

std::string PngPlot::render() {
  int64_t along = numPanels() * pitch();
  int64_t width = isStacked() ? panelWidth() + gap : along;
  int64_t height = isStacked() ? along : panelHeight() + captionHeight + gap;
  bool hasLegend = !input.sets.empty();
  TextStyle large = {17, ink, true}, small = {10.5, muted};
  int64_t textWidth =
      int64_t(std::max(Canvas::textWidth(title(), large.height),
                       Canvas::textWidth(figuresLine(), small.height)));
  int64_t contentWidth =
      std::max(width + (hasLegend ? legendWidth : 0), textWidth);
  Canvas canvas(contentWidth + 2 * margin - (hasLegend ? 0 : gap),
                headerHeight + margin - gap +
                    std::max(height, hasLegend ? legendHeight() : 0),
                page);
  canvas.drawText(margin, 48, title(), large);
  canvas.drawText(margin, 76, figuresLine(), small);
  drawPanels(canvas);
  if (hasLegend)
    drawLegend(canvas, margin + width, headerHeight);
  return canvas.encodePng();
}

Result<std::string> mlir::spmmplu::renderPng(const PlotInput &input) {
  Result<Figures> figures = computeFigures(input);
  if (!figures)
    return Error{figures.error()};
  std::string bytes = PngPlot(input, *figures).render();
  if (bytes.empty())
    return Error{"plot: out of memory for the picture"};
  return bytes;
}
