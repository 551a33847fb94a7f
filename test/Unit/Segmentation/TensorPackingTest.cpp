//===- TensorPackingTest.cpp - Tests of tensor-core operands ---*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Segmentation/TensorPacking.h"
#include "RandomSpace.h"
#include "spmmplu/Segmentation/PackedValues.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>

using namespace mlir::spmmplu;
using namespace mlir::spmmplu::test;

namespace {

using Ints = std::vector<int32_t>;

template <typename T>
std::vector<T> valuesOf(const Mask &mask, Random &random) {
  std::vector<T> values(mask.rows() * mask.cols(), T(0));
  for (int64_t r = 0; r < mask.rows(); ++r)
    mask.forEachInRow(r, [&](int64_t c) {
      values[r * mask.cols() + c] =
          T(randomIn(random, 1, sizeof(T) == 1 ? 127 : 30000));
    });
  return values;
}

/// At most `keep` of every `width` columns.
Mask randomWindows(Random &random, int64_t rows, int64_t cols, int keep,
                   int width) {
  Mask mask(rows, cols);
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < cols; c += width)
      for (int n = randomIn(random, 0, keep); n > 0; --n) {
        int64_t at = c + randomIn(random, 0, width - 1);
        if (at < cols)
          mask.set(r, at);
      }
  return mask;
}

/// What an instruction sees of a packed operand, from PTX's rules on the
/// registers of a lane: one value of the chain matrix at a time.
template <typename T> struct Reader {
  const ChainTable &table;
  TensorFormat format;
  const TensorOperand<T> &operand;

  int64_t cols(int64_t chain) const {
    return (table.chainPtr[chain + 1] - table.chainPtr[chain]) * table.depth;
  }
  int64_t firstValue(int64_t chain) const {
    int64_t values = int64_t(table.chainPtr[chain]) * table.depth * table.rows;
    return format.sparse ? values / 2 : values;
  }

  /// Element (row, col) of the stored matrix.
  T stored(int64_t chain, int64_t row, int64_t col) const {
    const T *values = operand.values.data() + firstValue(chain);
    if (format.layout == TensorLayout::warpgroup) {
      // Lines of 128 bytes, all rows of a block of columns after each other.
      constexpr int64_t piece = 16 / sizeof(T), line = 8 * piece;
      int64_t chunk = col % line / piece ^ (row % 8);
      return values[(col / line * table.rows + row) * line + chunk * piece +
                    col % piece];
    }
    constexpr int64_t tileCols = 32 / sizeof(T);
    constexpr int64_t registers = 16 / sizeof(T);
    int64_t tile = col / tileCols * (table.rows / 16) + row / 16;
    for (int64_t lane = 0; lane < 32; ++lane)
      for (int64_t i = 0; i < registers; ++i)
        if (rowOf(lane, i) == row % 16 && colOf(lane, i) == col % tileCols)
          return values[(tile * 32 + lane) * registers + i];
    ADD_FAILURE() << "no lane holds " << row << ", " << col;
    return T(0);
  }
  /// PTX ISA, fragments of A for m16n8k16 (16 bits), m16n8k8 (tf32) and
  /// m16n8k32 (8 bits).
  static int64_t rowOf(int64_t lane, int64_t i) {
    if (sizeof(T) == 1)
      return i < 4 || (i >= 8 && i < 12) ? lane >> 2 : (lane >> 2) + 8;
    bool upper = sizeof(T) == 2 ? i < 2 || (i >= 4 && i < 6) : i % 2 == 0;
    return upper ? lane >> 2 : (lane >> 2) + 8;
  }
  static int64_t colOf(int64_t lane, int64_t i) {
    int64_t inGroup = lane % 4;
    if (sizeof(T) == 1)
      return inGroup * 4 + (i & 3) + (i >= 8 ? 16 : 0);
    if (sizeof(T) == 2)
      return inGroup * 2 + (i & 1) + (i >= 4 ? 8 : 0);
    return inGroup + (i >= 2 ? 4 : 0);
  }

  /// The nibble of a window of 8-bit elements. An instruction spans 64 columns,
  /// of which a lane provides 32, of one row.
  unsigned byteNibble(int64_t chain, int64_t row, int64_t window) const {
    int64_t before =
        int64_t(table.chainPtr[chain]) * table.depth * table.rows / 32;
    int64_t blockRows = std::min(table.rows, 64), words = blockRows / 16;
    int64_t block = window / 16 * (table.rows / blockRows) + row / blockRows;
    int64_t lane = row % 8 * 4 + window % 16 / 8 * 2 + row % 16 / 8;
    int64_t warp = row % blockRows / 16;
    uint32_t word =
        operand.metadata[before + (block * 32 + lane) * words + warp];
    return word >> (4 * (window % 8)) & 15;
  }

  /// The nibble of a window, as the lane that the selector names provides it.
  unsigned nibble(int64_t chain, int64_t row, int64_t window) const {
    if (sizeof(T) == 1)
      return byteNibble(chain, row, window);
    // An instruction spans 32 columns of 16 bits: eight windows.
    int64_t instruction = window / 8, selector = instruction % 2;
    int64_t inside = window % 8;
    for (int64_t lane = 0; lane < 32; ++lane) {
      if (lane % 4 / 2 != selector)
        continue;
      bool rightHalf = lane % 2;
      if (rightHalf != (inside >= 4) || lane / 4 != row % 8)
        continue;
      int64_t windows = cols(chain) * int64_t(sizeof(T)) / 8;
      int64_t before = int64_t(table.chainPtr[chain]) * table.depth *
                       int64_t(sizeof(T)) / 8 * table.rows / 8;
      EXPECT_LT(window, windows);
      int64_t blockRows = std::min(table.rows, 64);
      int64_t block = instruction / 2 * (table.rows / blockRows);
      block += row / blockRows;
      int64_t words = blockRows / 16, warp = row % blockRows / 16;
      int64_t at = format.layout == TensorLayout::warpgroup
                       ? (block * words + warp) * 32 + lane
                       : (block * 32 + lane) * words + warp;
      uint32_t word = operand.metadata[before + at];
      uint32_t half = row % 16 < 8 ? word & 0xffff : word >> 16;
      return half >> (4 * (inside % 4)) & 15;
    }
    ADD_FAILURE() << "no lane provides window " << window;
    return 0;
  }

  /// Element (row, col) of the chain matrix.
  T at(int64_t chain, int64_t row, int64_t col) const {
    if (!format.sparse)
      return stored(chain, row, col);
    if (sizeof(T) == 4) {
      unsigned bits = nibble(chain, row, col / 2);
      EXPECT_TRUE(bits == 0b0100 || bits == 0b1110);
      int64_t kept = bits == 0b1110;
      return kept == col % 2 ? stored(chain, row, col / 2) : T(0);
    }
    unsigned bits = nibble(chain, row, col / 4);
    unsigned first = bits & 3, second = bits >> 2;
    EXPECT_LT(first, second) << "indices must ascend";
    if (col % 4 == first)
      return stored(chain, row, col / 4 * 2);
    return col % 4 == second ? stored(chain, row, col / 4 * 2 + 1) : T(0);
  }
};

/// The chain matrix by its definition.
template <typename T>
T expectedAt(const ChainTable &table, const std::vector<T> &values,
             int64_t chain, int64_t row, int64_t col) {
  int64_t begin = table.chainPtr[chain], entry = begin + col / table.depth;
  int64_t k = table.entries[entry] + col % table.depth;
  int32_t matrixRow =
      table.panelRows[chain % table.panels() * table.rows + row];
  bool isPadding =
      entry > begin && table.entries[entry - 1] == table.entries[entry];
  if (matrixRow < 0 || isPadding || k < table.firstOwned(entry))
    return T(0);
  return values[matrixRow * table.matrixCols + k];
}

template <typename T>
void expectPacks(const Mask &mask, const ChainTableOptions &options,
                 int64_t step, TensorFormat format, Random &random,
                 bool readAll = true) {
  ChainTable bare = buildChainTable(mask, options);
  auto padded = padChains(bare, step);
  ASSERT_TRUE(padded) << padded.error();
  std::vector<T> values = valuesOf<T>(mask, random);
  auto packed = packTensor<T>(*padded, format, values);
  ASSERT_TRUE(packed) << packed.error();
  auto back =
      unpackTensor<T>(*padded, format, packed->values, packed->metadata);
  ASSERT_TRUE(back) << back.error();
  EXPECT_EQ(*back, values);
  EXPECT_EQ(
      std::ranges::count_if(packed->values, [](T v) { return v != T(0); }),
      mask.count());
  if (!readAll)
    return;
  Reader<T> reader{*padded, format, *packed};
  for (int64_t chain = 0; chain < padded->phases * padded->panels(); ++chain)
    for (int64_t row = 0; row < padded->rows; ++row)
      for (int64_t col = 0; col < reader.cols(chain); ++col)
        ASSERT_EQ(reader.at(chain, row, col),
                  expectedAt(*padded, values, chain, row, col))
            << "chain " << chain << " row " << row << " column " << col;
}

constexpr TensorFormat kFragment{TensorLayout::fragment, false};
constexpr TensorFormat kSparseFragment{TensorLayout::fragment, true};
constexpr TensorFormat kWarpgroup{TensorLayout::warpgroup, false};
constexpr TensorFormat kSparseWarpgroup{TensorLayout::warpgroup, true};

TEST(PadChains, RepeatsTheLastEntry) {
  Mask mask(5, 12);
  mask.set(0, 0), mask.set(1, 5), mask.set(4, 11);
  ChainTable table = buildChainTable(mask, {2, 2, 0, {}});
  EXPECT_EQ(table.entries, (Ints{0, 4, 10}));
  auto padded = padChains(table, 6);
  ASSERT_TRUE(padded);
  // The chain of rows 2 and 3 stays empty.
  EXPECT_EQ(padded->chainPtr, (Ints{0, 3, 3, 6}));
  EXPECT_EQ(padded->entries, (Ints{0, 4, 4, 10, 10, 10}));
  EXPECT_FALSE(padded->isPadding(1, 0));
  EXPECT_TRUE(padded->isPadding(2, 0));
  EXPECT_FALSE(padded->isPadding(3, 3));
  // What is whole stays as it is.
  EXPECT_EQ(padChains(table, 2)->entries, table.entries);
  // The plain layouts pack padding as zeros too.
  std::vector<float> values(60);
  values[0] = 1, values[17] = 2, values[59] = 3;
  for (PackedLayout layout : {PackedLayout::kMajor, PackedLayout::rowMajor})
    EXPECT_EQ(
        unpack<float>(*padded, layout, pack<float>(*padded, layout, values)),
        values);
}

TEST(PadChains, EqualEntriesOfTwoChainsAreNoPadding) {
  Mask mask(2, 4, true);
  ChainTable table = buildChainTable(mask, {1, 4, 0, {}});
  EXPECT_EQ(table.entries, (Ints{0, 0}));
  EXPECT_FALSE(table.isPadding(1, 1));
}

TEST(PadChains, RefusesOddSteps) {
  ChainTable table = buildChainTable(Mask(2, 12, true), {2, 4, 0, {}});
  for (int64_t step : {0, -4, 6, 8192})
    EXPECT_EQ(padChains(table, step).error(),
              "chain table: found a step of " + std::to_string(step) +
                  ", expected a multiple of depth 4 of at most 4096");
}

TEST(TensorPacking, RoundsToTF32) {
  float inf = std::numeric_limits<float>::infinity();
  std::vector<float> values = {1,
                               1 + 0x1p-11f,
                               1 + 0x1.fp-12f,
                               -1.5f,
                               -1 - 0x1.8p-10f,
                               0,
                               -0x1p-149f,
                               std::numeric_limits<float>::max(),
                               inf};
  std::vector<float> expected = {1, 1 + 0x1p-10f, 1,   -1.5f, -1 - 0x1p-9f,
                                 0, -0.0f,        inf, inf};
  EXPECT_EQ(roundToTF32(values), expected);
  EXPECT_TRUE(std::isnan(roundToTF32(std::vector<float>{NAN})[0]));
}

TEST(TensorPacking, DenseFragments) {
  Random random(31);
  for (int n = 0; n < 12; ++n) {
    int32_t rows = 16 * randomIn(random, 1, 5);
    int32_t depth = std::array{1, 2, 16, 32}[n % 4];
    Mask mask =
        randomMask(random, randomIn(random, 1, 150), randomIn(random, 32, 90),
                   0.05 * randomIn(random, 0, 6));
    ChainTableOptions options{rows, depth, n % 3 ? 0 : 2 * depth, {}};
    if (n % 2) {
      options.rowOrder.resize(mask.rows());
      std::iota(options.rowOrder.begin(), options.rowOrder.end(), 0);
      std::shuffle(options.rowOrder.begin(), options.rowOrder.end(), random);
    }
    expectPacks<uint16_t>(mask, options, 32, kFragment, random);
    expectPacks<float>(mask, options, 32, kFragment, random);
    expectPacks<int8_t>(mask, options, 32, kFragment, random);
  }
}

TEST(TensorPacking, SparseFragments) {
  Random random(32);
  for (int n = 0; n < 6; ++n) {
    // Columns that are no multiple of the depth: the last entry moves back.
    int32_t cols = 4 * randomIn(random, 16, 40);
    int32_t depth = std::array{4, 32, 64}[n % 3];
    ChainTableOptions options{n % 2 ? 64 : 128, depth, 0, {}};
    int64_t rows = randomIn(random, 1, 200);
    expectPacks<uint16_t>(randomWindows(random, rows, cols, 2, 4), options, 64,
                          kSparseFragment, random);
    expectPacks<float>(randomWindows(random, rows, cols, 1, 2), options, 64,
                       kSparseFragment, random);
    expectPacks<uint8_t>(randomWindows(random, rows, cols, 2, 4), options, 64,
                         kSparseFragment, random);
    expectPacks<int8_t>(randomWindows(random, rows, cols, 2, 4),
                        {n % 2 ? 16 : 32, depth, 0, {}}, 64, kSparseFragment,
                        random);
  }
}

TEST(TensorPacking, Warpgroups) {
  Random random(33);
  for (int32_t rows : {64, 128, 192}) {
    Mask dense = randomMask(random, 150, 100, 0.3);
    expectPacks<uint16_t>(dense, {rows, 64, 0, {}}, 64, kWarpgroup, random);
    expectPacks<uint16_t>(dense, {rows, 1, 0, {}}, 128, kWarpgroup, random);
    Mask half = randomWindows(random, 150, 260, 2, 4);
    expectPacks<uint16_t>(half, {rows, 64, 0, {}}, 128, kSparseWarpgroup,
                          random);
  }
}

TEST(TensorPacking, WarpgroupsOfSingles) {
  Random random(36);
  for (int32_t rows : {16, 48, 128})
    for (int32_t depth : {1, 8, 32})
      expectPacks<float>(randomMask(random, 150, 100, 0.3),
                         {rows, depth, 0, {}}, 64, kWarpgroup, random);
}

TEST(TensorPacking, SmallPanels) {
  Random random(35);
  for (int32_t rows : {16, 32}) {
    Mask half = randomWindows(random, 150, 260, 2, 4);
    expectPacks<uint16_t>(half, {rows, 64, 0, {}}, 64, kSparseFragment, random);
    expectPacks<uint16_t>(half, {rows, 4, 0, {}}, 128, kSparseFragment, random);
  }
}

TEST(TensorPacking, EmptyChainsAndMatrices) {
  Random random(34);
  for (TensorFormat format :
       {kFragment, kSparseFragment, kWarpgroup, kSparseWarpgroup}) {
    expectPacks<uint16_t>(Mask(130, 128), {64, 64, 0, {}}, 128, format, random);
    expectPacks<uint16_t>(Mask(0, 128), {64, 64, 0, {}}, 128, format, random);
    expectPacks<uint16_t>(Mask(5, 0), {64, 64, 0, {}}, 128, format, random);
    Mask oneRow(200, 256);
    oneRow.set(70, 255);
    expectPacks<uint16_t>(oneRow, {64, 64, 0, {}}, 128, format, random);
  }
}

TEST(TensorPacking, FragmentByHand) {
  std::vector<uint16_t> values(256);
  std::iota(values.begin(), values.end(), uint16_t(0));
  ChainTable table = buildChainTable(Mask(16, 16, true), {16, 16, 0, {}});
  auto packed = packTensor<uint16_t>(table, kFragment, values);
  ASSERT_TRUE(packed);
  // Lane 5: rows 1 and 9, columns 2, 3, 10, 11.
  std::vector<uint16_t> lane(packed->values.begin() + 40,
                             packed->values.begin() + 48);
  EXPECT_EQ(lane, (std::vector<uint16_t>{18, 19, 146, 147, 26, 27, 154, 155}));
}

TEST(TensorPacking, MetadataByHand) {
  // Row 0 keeps columns 1 and 3 of window 0; nothing else is set.
  std::vector<uint16_t> values(64 * 64);
  values[1] = 7, values[3] = 9;
  ChainTable table = buildChainTable(Mask(64, 64, true), {64, 64, 0, {}});
  auto packed = packTensor<uint16_t>(table, kSparseFragment, values);
  ASSERT_TRUE(packed);
  ASSERT_EQ(packed->metadata.size(), 128u);
  EXPECT_EQ(packed->metadata[0], 0x4444444du);
  for (size_t word = 1; word < 128; ++word)
    EXPECT_EQ(packed->metadata[word], 0x44444444u);
  EXPECT_EQ(packed->values[0], 7);
  EXPECT_EQ(packed->values[1], 9);
}

TEST(TensorPacking, MetadataOfBytesByHand) {
  // Row 9 keeps columns 37 and 39: window 9, of the second half of the columns.
  std::vector<int8_t> values(16 * 64);
  values[9 * 64 + 37] = 7, values[9 * 64 + 39] = -128;
  ChainTable table = buildChainTable(Mask(16, 64, true), {16, 64, 0, {}});
  auto packed = packTensor<int8_t>(table, kSparseFragment, values);
  ASSERT_TRUE(packed);
  ASSERT_EQ(packed->metadata.size(), 32u);
  for (size_t word = 0; word < 32; ++word)
    EXPECT_EQ(packed->metadata[word], word == 7 ? 0x444444d4u : 0x44444444u);
  // Stored columns 18 and 19 of row 9: lane 4, the fourth register.
  EXPECT_EQ(packed->values[4 * 16 + 14], 7);
  EXPECT_EQ(packed->values[4 * 16 + 15], -128);
  // The same bits are two zeros with a sign as floats, of which none is kept.
  std::vector<uint8_t> zeros(16 * 64, 0x80);
  auto floats = packTensor<uint8_t>(table, kSparseFragment, zeros);
  ASSERT_TRUE(floats);
  EXPECT_EQ(floats->metadata[7], 0x44444444u);
}

TEST(TensorPacking, EveryWindowIsLegal) {
  // All sets of at most two of four columns, in sixteen windows of a row.
  std::vector<uint16_t> values(64 * 64);
  for (int set = 0; set < 16; ++set)
    for (int at = 0; at < 4; ++at)
      if (set >> at & 1 && std::popcount(unsigned(set)) <= 2)
        values[4 * set + at] = uint16_t(16 * set + at + 1);
  ChainTable table = buildChainTable(Mask(64, 64, true), {64, 64, 0, {}});
  auto packed = packTensor<uint16_t>(table, kSparseFragment, values);
  ASSERT_TRUE(packed);
  Reader<uint16_t> reader{table, kSparseFragment, *packed};
  for (int64_t col = 0; col < 64; ++col)
    EXPECT_EQ(reader.at(0, 0, col), values[col]);
}

TEST(TensorPacking, SignedZerosAndNaNs) {
  // Negative zeros are no non-zeros; a NaN is one.
  std::vector<uint16_t> values(64 * 64, 0x8000);
  values[2] = 0x7e00, values[3] = 0xfe00;
  ChainTable table = buildChainTable(Mask(64, 64, true), {64, 64, 0, {}});
  auto packed = packTensor<uint16_t>(table, kSparseFragment, values);
  ASSERT_TRUE(packed) << packed.error();
  Reader<uint16_t> reader{table, kSparseFragment, *packed};
  EXPECT_EQ(reader.at(0, 0, 2), 0x7e00);
  EXPECT_EQ(reader.at(0, 0, 3), 0xfe00);
}

TEST(PackedValues, FindsTheFirstThatWasLost) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::vector<float> before = {0.f, -0.f, 1.f, nan, 2.f, 3.f}, after = before;
  auto find = [&] { return findLost<float>(before, after); };
  after[0] = -0.f;
  after[1] = 0.f;
  EXPECT_EQ(find(), std::nullopt);
  after[5] = 0;
  EXPECT_EQ(find(), 5);
  after[3] = 0;
  EXPECT_EQ(find(), 3);
  std::vector<uint16_t> bits = {0x8000, 0x3c00}, back = {0, 0};
  EXPECT_EQ(findLost<uint16_t>(bits, back), 1);
}

TEST(TensorPacking, ErrorsNameRowAndWindow) {
  std::vector<uint16_t> values(128 * 128);
  ChainTableOptions options{64, 64, 0, {}};
  // Panel 1 holds rows 64 on; column block 1 is the first of its chain.
  Mask mask(128, 128);
  mask.setRange(70, 64, 128);
  values[70 * 128 + 72] = values[70 * 128 + 73] = values[70 * 128 + 75] = 1;
  ChainTable table = buildChainTable(mask, options);
  for (TensorFormat format : {kSparseFragment, kSparseWarpgroup})
    EXPECT_EQ(
        packTensor<uint16_t>(*padChains(table, 128), format, values).error(),
        "packed lhs: found 3 non-zeros in row 70, window 2 of its chain "
        "(from column 72), expected at most 2 of 4");
  std::vector<float> wide(values.begin(), values.end());
  EXPECT_EQ(packTensor<float>(table, kSparseFragment, wide).error(),
            "packed lhs: found 2 non-zeros in row 70, window 4 of its chain "
            "(from column 72), expected at most 1 of 2");
}

TEST(TensorPacking, BytesAreFragments) {
  ChainTable table = buildChainTable(Mask(64, 128, true), {64, 64, 0, {}});
  std::vector<int8_t> values(64 * 128);
  auto packed = packTensor<int8_t>(table, kWarpgroup, values);
  ASSERT_FALSE(packed);
  EXPECT_EQ(packed.error(),
            "warpgroup layout: found values of 1 byte, expected 2 or 4");
}

TEST(TensorPacking, ErrorsOfShapes) {
  std::vector<uint16_t> values(64 * 64);
  std::vector<float> wide(64 * 64);
  ChainTable table = buildChainTable(Mask(64, 64, true), {48, 16, 0, {}});
  EXPECT_EQ(packTensor<uint16_t>(table, kSparseFragment, values).error(),
            "chain table: found panels of 48 rows, expected a multiple of 64");
  EXPECT_EQ(packTensor<float>(table, kSparseWarpgroup, wide).error(),
            "warpgroup layout: found values of 4 bytes with metadata, "
            "expected 2");
  table = buildChainTable(Mask(64, 64, true), {64, 16, 0, {}});
  EXPECT_EQ(packTensor<uint16_t>(table, kSparseWarpgroup, values).error(),
            "chain table: found 64 columns in chain 0, expected a multiple of "
            "128");
  values.pop_back();
  EXPECT_EQ(packTensor<uint16_t>(table, kFragment, values).error(),
            "packed lhs: found a matrix of 4095 values, expected 64x64");
  EXPECT_EQ(unpackTensor<uint16_t>(table, kSparseFragment, values, {}).error(),
            "packed lhs: found 4095 values and 0 words of metadata, expected "
            "2048 and 128");
}

TEST(TensorPacking, IsFast) {
  constexpr int64_t n = 4096;
  Mask full(n, n, true);
  std::vector<uint16_t> values(n * n);
  for (int64_t at = 0; at < n * n; at += 4)
    values[at + at / 4 % 3] = values[at + 3] = uint16_t(at | 1);
  ChainTable table = buildChainTable(full, {128, 64, 0, {}});
  for (TensorFormat format :
       {kFragment, kSparseFragment, kWarpgroup, kSparseWarpgroup}) {
    auto start = std::chrono::steady_clock::now();
    auto packed = packTensor<uint16_t>(table, format, values);
    std::chrono::duration<double> spent =
        std::chrono::steady_clock::now() - start;
    ASSERT_TRUE(packed) << packed.error();
#ifdef NDEBUG
    // A 16th of a second is usual for a quarter of 8192 x 8192.
    EXPECT_LT(spent.count(), 0.5);
#else
    EXPECT_LT(spent.count(), 10);
#endif
    RecordProperty("seconds", std::to_string(spent.count()));
  }
}

} // namespace
