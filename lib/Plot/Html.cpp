//===- Html.cpp - The picture as a self-contained HTML page ---------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The page is fixed text around two pieces of data: a JSON object of shapes and
// figures, and one zlib stream in base64 of everything that is long:
//
//   the mask's bits       as Mask::toBytes
//   for each set          positions of its meta-ops, ascending, as differences;
//                         then the group + 1 of each, 0 for none
//   the chain table       rows + 1 of each panel; the length of each chain;
//                         differences of consecutive entries, signed
//
// Numbers are LEB128; a signed one is 2n or -2n - 1. The position of a meta-op
// is its row-major index in the grid of aligned meta-ops of its extent.
//
//===----------------------------------------------------------------------===//

#include "Figures.h"
#include "HtmlPage.h"

#include <zlib.h>

#include <algorithm>
#include <cstdio>
#include <string_view>

using namespace mlir::spmmplu;
using ::spmmplu::Error;
using ::spmmplu::Result;

//===----------------------------------------------------------------------===//
// The long data
//===----------------------------------------------------------------------===//

static void appendNumber(std::string &out, uint64_t value) {
  for (; value >= 128; value >>= 7)
    out += char(value | 128);
  out += char(value);
}

static void appendSigned(std::string &out, int64_t value) {
  appendNumber(out,
               value >= 0 ? 2 * uint64_t(value) : 2 * uint64_t(-value) - 1);
}

static int64_t divideUp(int64_t a, int64_t b) { return (a + b - 1) / b; }

static void appendSets(std::string &out, const PlotInput &input,
                       const Figures &figures) {
  int64_t gridCols = divideUp(input.mask->cols(), input.cellCols);
  size_t first = 0;
  for (const MetaOpSet &set : input.sets) {
    int64_t stride = divideUp(gridCols, set.extent[2]);
    std::vector<std::pair<uint64_t, int32_t>> metaOps; // position, group
    metaOps.reserve(set.lo.size());
    for (const Cell &lo : set.lo)
      metaOps.emplace_back(lo[0] / set.extent[0] * stride +
                               lo[2] / set.extent[2],
                           figures.groupOf[first++]);
    std::sort(metaOps.begin(), metaOps.end());
    uint64_t last = 0;
    for (auto [position, group] : metaOps) {
      appendNumber(out, position - last);
      last = position;
    }
    for (auto [position, group] : metaOps)
      appendNumber(out, uint64_t(group + 1));
  }
}

static void appendChains(std::string &out, const ChainTable &table) {
  for (int32_t row : table.panelRows)
    appendNumber(out, uint64_t(row + 1));
  for (size_t c = 0; c + 1 < table.chainPtr.size(); ++c)
    appendNumber(out, uint64_t(table.chainPtr[c + 1] - table.chainPtr[c]));
  int32_t last = 0;
  for (int32_t entry : table.entries) {
    appendSigned(out, int64_t(entry) - last);
    last = entry;
  }
}

static std::string encodeBase64(std::string_view bytes) {
  static constexpr char digits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t at = 0; at < bytes.size(); at += 3) {
    uint32_t three = 0;
    for (size_t n = 0; n < 3; ++n)
      three =
          three << 8 | (at + n < bytes.size() ? uint8_t(bytes[at + n]) : 0u);
    for (size_t n = 0; n < 4; ++n)
      out += at + n <= bytes.size() ? digits[three >> (18 - 6 * n) & 63] : '=';
  }
  return out;
}

static Result<std::string> packData(const PlotInput &input,
                                    const Figures &figures) {
  std::vector<uint8_t> bits = input.mask->toBytes();
  std::string raw(bits.begin(), bits.end());
  appendSets(raw, input, figures);
  if (input.chains)
    appendChains(raw, *input.chains);
  uLongf size = compressBound(raw.size());
  std::string packed(size, '\0');
  if (compress2(reinterpret_cast<Bytef *>(packed.data()), &size,
                reinterpret_cast<const Bytef *>(raw.data()), raw.size(),
                6) != Z_OK)
    return Error{"plot: out of memory for the data of the page"};
  return encodeBase64(std::string_view(packed).substr(0, size));
}

//===----------------------------------------------------------------------===//
// The object of shapes and figures
//===----------------------------------------------------------------------===//

/// A JSON string that may stand in a script element: no `<` can end it.
static std::string quote(std::string_view text) {
  std::string out = "\"";
  for (char c : text)
    if (uint8_t(c) < ' ' || c == '"' || c == '\\' || c == '<') {
      char code[8];
      std::snprintf(code, sizeof(code), "\\u%04x", unsigned(c));
      out += code;
    } else {
      out += c;
    }
  return out + '"';
}

static std::string quote(Color color) {
  char code[16];
  std::snprintf(code, sizeof(code), "\"#%02x%02x%02x\"", unsigned(color.red),
                unsigned(color.green), unsigned(color.blue));
  return code;
}

template <typename ColorAt> static std::string toRamp(ColorAt &&colorAt) {
  constexpr int64_t steps = 64;
  std::string out = "[";
  for (int64_t n = 0; n < steps; ++n)
    out += (n ? "," : "") + quote(colorAt(n, steps));
  return out + "]";
}

static std::string toPair(int64_t a, int64_t b) {
  return "[" + std::to_string(a) + "," + std::to_string(b) + "]";
}

static std::string describeSets(const PlotInput &input,
                                const Figures &figures) {
  std::string out = "[";
  for (size_t s = 0; s < input.sets.size(); ++s) {
    const SetFigures &set = figures.sets[s];
    const Cell &extent = input.sets[s].extent;
    out += std::string(s ? "," : "") +
           "\n{extent:" + toPair(extent[0], extent[2]) +
           ",count:" + std::to_string(set.count) +
           ",area:" + std::to_string(set.area) +
           ",nonZeros:" + std::to_string(set.nonZeros) + ",color:" +
           quote(extentColor(int64_t(s), int64_t(input.sets.size()))) + "}";
  }
  return out + "]";
}

static std::string describePlot(const PlotInput &input,
                                const Figures &figures) {
  const Mask &mask = *input.mask;
  std::string chain = "null";
  if (input.chains)
    chain = "{rows:" + std::to_string(input.chains->rows) +
            ",depth:" + std::to_string(input.chains->depth) +
            ",phases:" + std::to_string(input.chains->phases) +
            ",panels:" + std::to_string(input.chains->panels()) + "}";
  auto chainAt = [](int64_t n, int64_t steps) {
    return chainColor(double(n) / double(steps - 1));
  };
  return "{title:" + quote(input.title) + ",pattern:" + quote(input.pattern) +
         ",rows:" + std::to_string(mask.rows()) +
         ",cols:" + std::to_string(mask.cols()) +
         ",nonZeros:" + std::to_string(figures.nonZeros) +
         ",cell:" + toPair(input.cellRows, input.cellCols) + ",grid:" +
         toPair(divideUp(mask.rows(), input.cellRows),
                divideUp(mask.cols(), input.cellCols)) +
         ",groups:" + std::to_string(input.groups.size()) + ",chain:" + chain +
         ",\ngroupRamp:" + toRamp(groupColor) +
         ",\nchainRamp:" + toRamp(chainAt) +
         ",\nsets:" + describeSets(input, figures) + "}";
}

Result<std::string> mlir::spmmplu::renderHtml(const PlotInput &input) {
  Result<Figures> figures = computeFigures(input);
  if (!figures)
    return Error{figures.error()};
  int64_t elements = input.mask->rows() * input.mask->cols();
  if (elements > maxHtmlElements)
    return Error{"plot: expected a mask of at most " +
                 formatCount(maxHtmlElements) + " elements for .html, found " +
                 formatCount(elements) + "; write a .png"};
  Result<std::string> data = packData(input, *figures);
  if (!data)
    return data;
  std::string page(htmlHead);
  page += "<script type=\"text/plain\" id=\"data\">" + *data + "</script>\n";
  page += "<script>\nconst P = " + describePlot(input, *figures) + ";\n";
  page += htmlModel;
  page += htmlView;
  page += htmlControls;
  page += "</script>\n</body>\n</html>\n";
  return page;
}
