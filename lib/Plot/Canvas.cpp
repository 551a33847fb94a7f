//===- Canvas.cpp - Pixels, rectangles and text ---------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Canvas.h"

#include <zlib.h>

#include <algorithm>
#include <cmath>

using namespace mlir::spmmplu;

Color mlir::spmmplu::blend(Color bottom, Color top, double alpha) {
  alpha = std::clamp(alpha, 0.0, 1.0);
  auto mix = [&](uint8_t a, uint8_t b) {
    return uint8_t(a + (double(b) - a) * alpha + 0.5);
  };
  return {mix(bottom.red, top.red), mix(bottom.green, top.green),
          mix(bottom.blue, top.blue)};
}

Canvas::Canvas(int64_t width, int64_t height, Color background)
    : numCols(width), numRows(height), bytes(size_t(width * height * 3)) {
  fillRect(0, 0, width, height, background);
}

Color Canvas::get(int64_t x, int64_t y) const {
  if (x < 0 || y < 0 || x >= numCols || y >= numRows)
    return {0, 0, 0};
  const uint8_t *pixel = bytes.data() + (y * numCols + x) * 3;
  return {pixel[0], pixel[1], pixel[2]};
}

void Canvas::set(int64_t x, int64_t y, Color color) {
  if (x < 0 || y < 0 || x >= numCols || y >= numRows)
    return;
  uint8_t *pixel = bytes.data() + (y * numCols + x) * 3;
  pixel[0] = color.red;
  pixel[1] = color.green;
  pixel[2] = color.blue;
}

void Canvas::fillRect(int64_t x, int64_t y, int64_t width, int64_t height,
                      Color color) {
  for (int64_t row = y; row < y + height; ++row)
    for (int64_t col = x; col < x + width; ++col)
      set(col, row, color);
}

void Canvas::strokeRect(int64_t x, int64_t y, int64_t width, int64_t height,
                        Color color) {
  fillRect(x, y, width, 1, color);
  fillRect(x, y + height - 1, width, 1, color);
  fillRect(x, y, 1, height, color);
  fillRect(x + width - 1, y, 1, height, color);
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

/// A stroke font: a glyph is polylines, separated by spaces, of points of two
/// digits x, y. Capitals reach from y = 0 to the baseline y = 7, small letters
/// from 2, descenders to 9. A polyline of one point twice is a dot. Strokes
/// scale to any size and need no font file.
static constexpr std::string_view glyphs[] = {
    "",                                 // space
    "0005 0707",                        // !
    "0002 2022",                        // "
    "1117 3137 0343 0545",              // #
    "413010010213344546371706 2027",    // $
    "4007 0010120200 3545473735",       // %
    "4713112031320506173745",           // &
    "0002",                             // '
    "10020517",                         // (
    "00121507",                         // )
    "2125 0244 0442",                   // *
    "2226 0444",                        // +
    "171809",                           // ,
    "0434",                             // -
    "0707",                             // .
    "3007",                             // /
    "103041463717060110",               // 0
    "112027",                           // 1
    "01103041430747",                   // 2
    "01103041423323 23334446371706",    // 3
    "37300545",                         // 4
    "400003334446371706",               // 5
    "413010010617374644331304",         // 6
    "004017",                           // 7
    "13020110304142331304061737464433", // 8
    "061737464130100103143443",         // 9
    "0303 0707",                        // :
    "1313 171809",                      // ;
    "320436",                           // <
    "0343 0545",                        // =
    "023406",                           // >
    "01103041422425 2727",              // ?
    "47170601104051553532222535",       // @
    "072047 1535",                      // A
    "0333444637070030414233",           // B
    "4130100106173746",                 // C
    "00072745422000",                   // D
    "40000747 0333",                    // E
    "400007 0333",                      // F
    "41301001061737464424",             // G
    "0007 4047 0343",                   // H
    "0007",                             // I
    "3036271706",                       // J
    "0007 4004 1347",                   // K
    "000747",                           // L
    "0700244047",                       // M
    "07004740",                         // N
    "104051564717060110",               // O
    "07003041433404",                   // P
    "104051564717060110 3558",          // Q
    "07003041433404 2447",              // R
    "413010010213344546371706",         // S
    "0040 2027",                        // T
    "000617374640",                     // U
    "002740",                           // V
    "0017325760",                       // W
    "0047 4007",                        // X
    "002340 2327",                      // Y
    "00400747",                         // Z
    "10000717",                         // [
    "0037",                             // backslash
    "00101707",                         // ]
    "022042",                           // ^
    "0848",                             // _
    "0011",                             // `
    "4332120306173746 4247",            // a
    "0007 0312324346371706",            // b
    "4332120306173746",                 // c
    "4332120306173746 4047",            // d
    "04444332120306173746",             // e
    "30201117 0232",                    // f
    "4332120306173746 4248391908",      // g
    "0007 0312324347",                  // h
    "0207 0000",                        // i
    "121809 1010",                      // j
    "0007 3205 1437",                   // k
    "000617",                           // l
    "0702 0312223337 3342526367",       // m
    "0702 0312324347",                  // n
    "123243463717060312",               // o
    "0209 0312324346371706",            // p
    "4332120306173746 4249",            // q
    "0702 041232",                      // r
    "43321203143546371706",             // s
    "10162737 0232",                    // t
    "0206173746 4247",                  // u
    "022742",                           // v
    "0217335762",                       // w
    "0247 4207",                        // x
    "0227 4219",                        // y
    "02420747",                         // z
    "20111304151627",                   // {
    "0008",                             // |
    "00111324151607",                   // }
    "05143544",                         // ~
};
static_assert(std::size(glyphs) == 95);

static constexpr double capitalUnits = 7, spacingUnits = 2.1;
/// Letters drawn a little narrower than the grid look less childish.
static constexpr double widthScale = 0.88;

/// The bytes of UTF-8 after the first of a character.
static bool isContinuation(char c) { return (uint8_t(c) & 0xC0) == 0x80; }

static std::string_view glyphOf(char c) {
  return glyphs[c >= ' ' && c <= '~' ? c - ' ' : '?' - ' '];
}

/// In units; digits are all as wide, so that columns of numbers line up.
static double glyphWidth(char c) {
  if (c >= '0' && c <= '9')
    return 4;
  if (c == ' ')
    return 1.4;
  int widest = 0;
  std::string_view glyph = glyphOf(c);
  for (size_t at = 0; at < glyph.size(); at += glyph[at] == ' ' ? 1 : 2)
    if (glyph[at] != ' ')
      widest = std::max(widest, glyph[at] - '0');
  return widest;
}

double Canvas::textWidth(std::string_view text, double height) {
  double units = 0;
  for (char c : text)
    if (!isContinuation(c))
      units += glyphWidth(c) + spacingUnits;
  return std::max(0.0, units - spacingUnits) * widthScale * height /
         capitalUnits;
}

/// A line with round ends, anti-aliased by its distance to pixel centres.
void Canvas::drawSegment(double x0, double y0, double x1, double y1,
                         double halfWidth, Color color) {
  double dx = x1 - x0, dy = y1 - y0, length2 = dx * dx + dy * dy;
  double margin = halfWidth + 1;
  for (int64_t y = int64_t(std::min(y0, y1) - margin),
               yEnd = int64_t(std::max(y0, y1) + margin) + 1;
       y < yEnd; ++y)
    for (int64_t x = int64_t(std::min(x0, x1) - margin),
                 xEnd = int64_t(std::max(x0, x1) + margin) + 1;
         x < xEnd; ++x) {
      double px = double(x) + 0.5 - x0, py = double(y) + 0.5 - y0;
      double at =
          length2 > 0 ? std::clamp((px * dx + py * dy) / length2, 0.0, 1.0) : 0;
      double distance = std::hypot(px - at * dx, py - at * dy);
      double alpha = halfWidth + 0.5 - distance;
      if (alpha > 0)
        set(x, y, blend(get(x, y), color, alpha));
    }
}

void Canvas::drawText(double x, double y, std::string_view text,
                      const TextStyle &style) {
  double unit = style.height / capitalUnits;
  double halfWidth = std::max(0.5, unit * (style.bold ? 0.62 : 0.42));
  for (char c : text) {
    if (isContinuation(c))
      continue;
    std::string_view glyph = glyphOf(c);
    auto pointX = [&](size_t at) {
      return x + (glyph[at] - '0') * unit * widthScale;
    };
    auto pointY = [&](size_t at) {
      return y + (glyph[at + 1] - '0' - capitalUnits) * unit;
    };
    for (size_t at = 0; at + 3 < glyph.size();)
      if (glyph[at + 2] == ' ') {
        at += 3; // the next polyline
      } else {
        drawSegment(pointX(at), pointY(at), pointX(at + 2), pointY(at + 2),
                    halfWidth, style.color);
        at += 2;
      }
    x += (glyphWidth(c) + spacingUnits) * unit * widthScale;
  }
}

//===----------------------------------------------------------------------===//
// The file
//===----------------------------------------------------------------------===//

static void appendBigEndian(std::string &out, uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8)
    out += char(value >> shift & 0xFF);
}

static void appendChunk(std::string &out, std::string_view type,
                        std::string_view data) {
  appendBigEndian(out, uint32_t(data.size()));
  size_t begin = out.size();
  out += type;
  out += data;
  appendBigEndian(
      out, uint32_t(crc32(0, reinterpret_cast<const Bytef *>(&out[begin]),
                          uInt(out.size() - begin))));
}

std::string Canvas::encodePng() const {
  // Every row less the one above (filter 2): an enlarged mask has equal rows.
  std::string raw;
  size_t stride = size_t(numCols) * 3;
  raw.reserve((stride + 1) * size_t(numRows));
  for (size_t y = 0; y < size_t(numRows); ++y) {
    raw += char(2);
    for (size_t at = y * stride; at < (y + 1) * stride; ++at)
      raw += char(bytes[at] - (y ? bytes[at - stride] : 0));
  }
  uLongf size = compressBound(raw.size());
  std::string packed(size, '\0');
  if (compress2(reinterpret_cast<Bytef *>(packed.data()), &size,
                reinterpret_cast<const Bytef *>(raw.data()), raw.size(),
                5) != Z_OK)
    return "";
  packed.resize(size);

  std::string header;
  appendBigEndian(header, uint32_t(numCols));
  appendBigEndian(header, uint32_t(numRows));
  header += std::string_view("\x08\x02\x00\x00\x00", 5); // 8 bits, RGB
  std::string out("\x89PNG\r\n\x1a\n");
  appendChunk(out, "IHDR", header);
  appendChunk(out, "IDAT", packed);
  appendChunk(out, "IEND", "");
  return out;
}
