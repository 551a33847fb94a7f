//===- PlotTest.cpp - Tests of the pictures -------------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Plot/Plot.h"

#include "spmmplu/Pattern/Pattern.h"
#include "spmmplu/Runtime/IO/File.h"

#include "gtest/gtest.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <unistd.h>

using namespace mlir::spmmplu;

namespace {

Mask maskOf(const char *pattern, int64_t rows, int64_t cols) {
  return *(*parsePattern(pattern))->mask(rows, cols);
}

//===----------------------------------------------------------------------===//
// Readers of the two formats, by their specifications
//===----------------------------------------------------------------------===//

uint32_t bigEndian(std::string_view bytes, size_t at) {
  uint32_t value = 0;
  for (size_t n = 0; n < 4; ++n)
    value = value << 8 | uint8_t(bytes[at + n]);
  return value;
}

std::string inflated(std::string_view packed) {
  z_stream stream = {};
  EXPECT_EQ(inflateInit(&stream), Z_OK);
  stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(packed.data()));
  stream.avail_in = uInt(packed.size());
  std::string out;
  int state = Z_OK;
  while (state == Z_OK) {
    char buffer[1 << 14];
    stream.next_out = reinterpret_cast<Bytef *>(buffer);
    stream.avail_out = sizeof(buffer);
    state = inflate(&stream, Z_NO_FLUSH);
    out.append(buffer, sizeof(buffer) - stream.avail_out);
  }
  EXPECT_EQ(state, Z_STREAM_END);
  inflateEnd(&stream);
  return out;
}

/// An RGB PNG of filter 2 in every row.
struct Picture {
  uint32_t width = 0, height = 0;
  std::string pixels;

  std::array<int, 3> at(uint32_t x, uint32_t y) const {
    const char *pixel = pixels.data() + (size_t(y) * width + x) * 3;
    return {uint8_t(pixel[0]), uint8_t(pixel[1]), uint8_t(pixel[2])};
  }
};

Picture readPng(std::string_view png) {
  Picture picture;
  EXPECT_EQ(png.substr(0, 8), std::string_view("\x89PNG\r\n\x1a\n"));
  std::string data;
  for (size_t at = 8; at + 12 <= png.size();) {
    uint32_t length = bigEndian(png, at);
    std::string_view type = png.substr(at + 4, 4);
    std::string_view chunk = png.substr(at + 4, length + 4);
    EXPECT_EQ(bigEndian(png, at + 8 + length),
              crc32(0, reinterpret_cast<const Bytef *>(chunk.data()),
                    uInt(chunk.size())));
    if (type == "IHDR") {
      picture.width = bigEndian(png, at + 8);
      picture.height = bigEndian(png, at + 12);
      EXPECT_EQ(png.substr(at + 16, 5), std::string_view("\x8\x2\0\0\0", 5));
    } else if (type == "IDAT") {
      data += png.substr(at + 8, length);
    }
    at += length + 12;
    EXPECT_EQ(type == "IEND", at == png.size());
  }
  std::string raw = inflated(data);
  size_t stride = size_t(picture.width) * 3;
  EXPECT_EQ(raw.size(), (stride + 1) * picture.height);
  for (size_t y = 0; y < picture.height; ++y) {
    EXPECT_EQ(raw[y * (stride + 1)], 2);
    for (size_t x = 0; x < stride; ++x)
      picture.pixels += char(raw[y * (stride + 1) + 1 + x] +
                             (y ? picture.pixels[(y - 1) * stride + x] : 0));
  }
  return picture;
}

std::string decodeBase64(std::string_view text) {
  std::string out;
  uint32_t bits = 0;
  int held = 0;
  for (char c : text) {
    if (c == '=')
      break;
    uint32_t digit = c >= 'A' && c <= 'Z'   ? c - 'A'
                     : c >= 'a' && c <= 'z' ? c - 'a' + 26
                     : c >= '0' && c <= '9' ? c - '0' + 52
                     : c == '+'             ? 62
                                            : 63;
    bits = bits << 6 | digit;
    if ((held += 6) >= 8)
      out += char(bits >> (held -= 8));
  }
  return out;
}

/// The stream embedded in a page, read number by number.
struct PageData {
  explicit PageData(std::string_view page) {
    constexpr std::string_view open = "id=\"data\">";
    size_t begin = page.find(open) + open.size();
    bytes = inflated(decodeBase64(
        page.substr(begin, page.find("</script>", begin) - begin)));
  }
  uint64_t number() {
    uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      uint8_t byte = uint8_t(bytes.at(at++));
      value |= uint64_t(byte & 127) << shift;
      if (byte < 128)
        return value;
    }
  }
  int64_t signedNumber() {
    uint64_t n = number();
    return n % 2 ? -int64_t((n + 1) / 2) : int64_t(n / 2);
  }

  std::string bytes;
  size_t at = 0;
};

std::string render(const Mask &mask, bool png, int64_t cell = 4) {
  PlotOptions options;
  options.cellRows = options.cellCols = cell;
  auto input = makePlotInput(mask, "title", "pattern", options);
  EXPECT_TRUE(bool(input));
  auto bytes = png ? renderPng(*input) : renderHtml(*input);
  EXPECT_TRUE(bool(bytes)) << bytes.error();
  return *bytes;
}

//===----------------------------------------------------------------------===//
// Tests
//===----------------------------------------------------------------------===//

/// Where the panel of the mask begins, and its two colours.
constexpr uint32_t panelLeft = 40, panelTop = 126;
constexpr std::array<int, 3> ink = {36, 44, 66}, paper = {255, 255, 255};

TEST(Plot, InputCoversTheMask) {
  Mask mask = maskOf("random<density=0.05,seed=3>", 70, 130);
  auto input = makePlotInput(mask, "a", "b", {4, 8});
  ASSERT_TRUE(bool(input));
  Mask covered(70, 130), cells = mask.coarsened(4, 8);
  size_t metaOps = 0, grouped = 0;
  int64_t area = 0;
  for (const MetaOpSet &set : input->sets)
    for (const Cell &lo : set.lo) {
      ++metaOps;
      area += set.extent[0] * set.extent[2];
      for (int64_t r = lo[0] * 4; r < std::min(70, (lo[0] + set.extent[0]) * 4);
           ++r)
        covered.setRange(r, lo[2] * 8, (lo[2] + set.extent[2]) * 8);
    }
  for (const MetaOpGroup &group : input->groups)
    grouped += group.metaOps.size();
  EXPECT_EQ(area, cells.count());
  EXPECT_EQ(grouped, metaOps);
  mask -= covered;
  EXPECT_TRUE(mask.none());
  ASSERT_TRUE(input->chains);
  EXPECT_EQ(int64_t(input->chains->entries.size()), cells.count());
}

TEST(Plot, PngShowsTheMask) {
  Mask mask(30, 30);
  for (int64_t n = 0; n < 30; ++n)
    mask.set(n, (n * 7) % 30);
  Picture picture = readPng(render(mask, true));
  // The panel is 900 pixels; look at the corners of each element.
  for (uint32_t r = 0; r < 30; ++r)
    for (uint32_t c = 0; c < 30; ++c)
      for (uint32_t dy : {0, 29})
        for (uint32_t dx : {0, 29})
          ASSERT_EQ(picture.at(panelLeft + c * 30 + dx, panelTop + r * 30 + dy),
                    mask.get(r, c) ? ink : paper)
              << r << ", " << c;
}

TEST(Plot, PngShadesByDensity) {
  // A pixel is 2x2 elements: columns of pixels have 0, 1, 2 and 4 non-zeros in
  // turn.
  Mask mask(1800, 1800);
  for (int64_t r = 0; r < 1800; ++r)
    for (int64_t c = 0; c < 1800; c += 8) {
      mask.set(r, c + 2, r % 2);
      mask.set(r, c + 5);
      mask.setRange(r, c + 6, c + 8);
    }
  Picture picture = readPng(render(mask, true));
  for (uint32_t y : {0, 1, 450, 899})
    for (uint32_t x : {0, 4, 896}) {
      auto at = [&](uint32_t n) {
        return picture.at(panelLeft + x + n, panelTop + y);
      };
      EXPECT_EQ(at(0), paper);
      EXPECT_GT(at(0)[0], at(1)[0]);
      EXPECT_GT(at(1)[0], at(2)[0]);
      EXPECT_GT(at(2)[0], at(3)[0]);
      EXPECT_EQ(at(3), ink);
    }
}

TEST(Plot, PngColoursMetaOpsByExtent) {
  Mask mask(8, 8); // the cells (0, 0), (1, 0) and (1, 1)
  for (int64_t r = 0; r < 8; ++r)
    mask.setRange(r, 0, r < 4 ? 4 : 8);
  Picture picture = readPng(render(mask, true));
  uint32_t up = 96, second = panelLeft + 8 * up + 32;
  auto at = [&](uint32_t r, uint32_t c) {
    return picture.at(second + c * up + up / 2, panelTop + r * up + up / 2);
  };
  EXPECT_EQ(at(0, 6), paper);
  // The upper left cell merges with the one below: two extents, two colours.
  EXPECT_EQ(at(0, 0), at(7, 3));
  EXPECT_EQ(at(4, 4), at(7, 7));
  EXPECT_NE(at(0, 0), at(4, 4));
}

TEST(Plot, PngIsBoundedInSize) {
  for (auto [rows, cols] : {std::pair<int64_t, int64_t>{5000, 5000},
                            {1, 1 << 20},
                            {1 << 20, 1},
                            {3, 4096}}) {
    Picture picture = readPng(render(Mask(rows, cols, true), true));
    EXPECT_LE(picture.width, 3400u) << rows << "x" << cols;
    EXPECT_LE(picture.height, 1200u) << rows << "x" << cols;
  }
}

TEST(Plot, EdgeCases) {
  for (auto [rows, cols] : {std::pair<int64_t, int64_t>{1, 1},
                            {1, 7},
                            {9, 1},
                            {0, 0},
                            {0, 5},
                            {5, 0},
                            {13, 65}})
    for (bool full : {false, true})
      for (bool png : {false, true})
        for (int64_t cell : {1, 4, 64})
          EXPECT_GT(render(Mask(rows, cols, full), png, cell).size(), 100u);
}

TEST(Plot, HtmlHoldsTheWholePlot) {
  Mask mask = maskOf("random<density=0.1,seed=1>", 61, 93);
  auto input = makePlotInput(mask, "t", "p", {4, 4, 8});
  ASSERT_TRUE(bool(input));
  auto page = renderHtml(*input);
  ASSERT_TRUE(bool(page));
  PageData data(*page);
  std::vector<uint8_t> bits = mask.toBytes();
  ASSERT_GE(data.bytes.size(), bits.size());
  EXPECT_EQ(std::memcmp(data.bytes.data(), bits.data(), bits.size()), 0);
  data.at = bits.size();
  for (const MetaOpSet &set : input->sets) {
    int64_t stride = (24 + set.extent[2] - 1) / set.extent[2];
    uint64_t position = 0;
    for (const Cell &lo : set.lo) {
      position += data.number();
      EXPECT_EQ(position, uint64_t(lo[0] / set.extent[0] * stride +
                                   lo[2] / set.extent[2]));
    }
    for (const Cell &lo : set.lo) {
      uint64_t group = data.number();
      ASSERT_GE(group, 1u);
      const auto &metaOps = input->groups.at(group - 1).metaOps;
      EXPECT_TRUE(std::any_of(metaOps.begin(), metaOps.end(),
                              [&](const MetaOp &op) { return op.lo == lo; }));
    }
  }
  const ChainTable &table = *input->chains;
  for (int32_t row : table.panelRows)
    EXPECT_EQ(int64_t(data.number()) - 1, row);
  for (size_t c = 1; c < table.chainPtr.size(); ++c)
    EXPECT_EQ(int64_t(data.number()),
              table.chainPtr[c] - table.chainPtr[c - 1]);
  int64_t entry = 0;
  for (int32_t expected : table.entries)
    EXPECT_EQ(entry += data.signedNumber(), expected);
  EXPECT_EQ(data.at, data.bytes.size());
}

TEST(Plot, HtmlIsSelfContainedAndEscapes) {
  Mask mask(4, 4, true);
  auto input = makePlotInput(mask, "a</script><b>\"\\\n", "nm<2:4>");
  auto page = renderHtml(*input);
  ASSERT_TRUE(bool(page));
  for (const char *link : {"http:", "https:", "//cdn", "src=", "<link", "url("})
    EXPECT_EQ(page->find(link), std::string::npos) << link;
  EXPECT_EQ(page->find("a</script>"), std::string::npos);
  EXPECT_NE(page->find("\"a\\u003c/script>\\u003cb>\\u0022\\u005c\\u000a\""),
            std::string::npos);
}

TEST(Plot, LargeMasksAreFast) {
  Mask mask = maskOf("random<density=0.1>", 4096, 4096);
  auto start = std::chrono::steady_clock::now();
  size_t png = render(mask, true).size(), html = render(mask, false).size();
  std::chrono::duration<double> seconds =
      std::chrono::steady_clock::now() - start;
  EXPECT_GT(png, 10000u);
  EXPECT_LT(html, 4000000u);
  // Each takes well below 1 s; a debug build on a busy machine is slower.
  EXPECT_LT(seconds.count(), 20);
}

TEST(Plot, RejectsBadInput) {
  Mask mask(8, 8, true);
  EXPECT_FALSE(bool(makePlotInput(mask, "", "", {0, 4})));
  PlotInput none;
  EXPECT_FALSE(bool(renderPng(none)));
  auto errorOf = [&](auto &&change) {
    auto input = makePlotInput(mask, "", "");
    change(*input);
    auto png = renderPng(*input), html = renderHtml(*input);
    EXPECT_FALSE(bool(png));
    return html ? std::string() : html.error();
  };
  EXPECT_EQ(errorOf([](PlotInput &in) { in.cellCols = 0; }),
            "plot: expected cells of 1x1 elements or more, found 4x0");
  EXPECT_EQ(errorOf([](PlotInput &in) { in.sets[0].lo[0] = {2, 0, 0}; }),
            "plot: meta-op of extent (2, 2) at cell (2, 0) is not aligned, or "
            "outside of the mask");
  EXPECT_EQ(errorOf([](PlotInput &in) { in.sets[0].lo[0] = {-2, 0, 0}; }),
            "plot: meta-op of extent (2, 2) at cell (-2, 0) is not aligned, or "
            "outside of the mask");
  EXPECT_EQ(errorOf([](PlotInput &in) { in.sets.push_back(in.sets[0]); }),
            "plot: expected meta-ops that do not overlap, found 128 elements "
            "covered in a mask of 64");
  EXPECT_EQ(errorOf([](PlotInput &in) { in.chains->matrixCols = 9; }),
            "plot: expected a chain table of 8x8, found 8x9");
  EXPECT_EQ(errorOf([](PlotInput &in) { in.chains->chainPtr.pop_back(); }),
            "plot: the chain table is not well-formed");
  EXPECT_EQ(errorOf([](PlotInput &in) { in.chains->entries[0] = 8; }),
            "plot: the chain table has an index outside of the mask");
}

TEST(Plot, WritesWhatTheExtensionSays) {
  std::filesystem::path folder = std::filesystem::temp_directory_path() /
                                 ("plot-test-" + std::to_string(getpid()));
  std::filesystem::create_directory(folder);
  Mask mask(8, 8, true);
  auto input = makePlotInput(mask, "t", "p");
  auto write = [&](const char *name) {
    std::string path = folder / name;
    auto status = writePlot(path, *input);
    if (!status)
      return status.error().substr(std::string(folder).size() + 1);
    return ::spmmplu::readFile(path, 1 << 24)->substr(0, 4);
  };
  EXPECT_EQ(write("a.png"), "\x89PNG");
  EXPECT_EQ(write("a.PNG"), "\x89PNG");
  EXPECT_EQ(write("b.html"), "<!DO");
  EXPECT_EQ(write("c.jpg"),
            "c.jpg: expected a plot file ending in .png or .html");
  EXPECT_EQ(write("png"), "png: expected a plot file ending in .png or .html");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 3);
  EXPECT_FALSE(bool(writePlot(folder / "missing" / "a.png", *input)));
  std::filesystem::remove_all(folder);
}

} // namespace
