//===- MatrixMarketTest.cpp - Matrix Market files -------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Runtime/IO/MatrixMarket.h"
#include "TestFiles.h"

#include <cmath>
#include <limits>

using namespace spmmplu;
using namespace spmmplu::test;

namespace {

class MatrixMarketTest : public TempDirTest {};

Result<Tensor> parse(const std::string &kind, const std::string &body,
                     DType dtype = DType::F32) {
  return parseMatrixMarket("%%MatrixMarket matrix " + kind + "\n" + body,
                           {.dtype = dtype});
}

void expectMatrix(const std::string &kind, const std::string &body,
                  std::vector<int64_t> shape, std::vector<double> values) {
  Result<Tensor> matrix = parse(kind, body, DType::F64);
  ASSERT_OK(matrix);
  EXPECT_EQ(matrix->shape, shape);
  EXPECT_EQ(valuesOf<double>(*matrix), values) << kind;
  Result<Tensor> narrow = parse(kind, body);
  ASSERT_OK(narrow);
  EXPECT_EQ(valuesOf<float>(*narrow),
            std::vector<float>(values.begin(), values.end()));
}

TEST_F(MatrixMarketTest, Coordinate) {
  expectMatrix(
      "coordinate real general",
      "% a comment\n%\n\n2 3 3\n1 1 1.5\n2 3 -2e1\n% here too\n1 3 +.5\n",
      {2, 3}, {1.5, 0, .5, 0, 0, -20});
  expectMatrix("coordinate integer general", "2 2 2\r\n1 2 7\r\n2 1 -3\r\n",
               {2, 2}, {0, 7, -3, 0});
  expectMatrix("coordinate pattern general", "2 2 3\n1 2\n2 2\n1 2", {2, 2},
               {0, 1, 0, 1});
  expectMatrix("coordinate real general", "0 5 0\n", {0, 5}, {});
}

TEST_F(MatrixMarketTest, Symmetries) {
  expectMatrix("coordinate real symmetric", "2 2 2\n1 1 1\n2 1 5\n", {2, 2},
               {1, 5, 5, 0});
  expectMatrix("coordinate pattern symmetric", "2 2 2\n1 1\n2 1\n", {2, 2},
               {1, 1, 1, 0});
  expectMatrix("coordinate real skew-symmetric", "2 2 1\n2 1 5\n", {2, 2},
               {0, -5, 5, 0});
  EXPECT_TRUE(failsWith(parse("coordinate real symmetric", "2 2 1\n1 2 1\n"),
                        "line 3: entry (1, 2), expected only entries below the "
                        "diagonal or on it"));
  EXPECT_TRUE(failsWith(parse("coordinate real skew-symmetric", "2 2 1\n1 1 1"),
                        "expected only entries below the diagonal"));
  EXPECT_TRUE(failsWith(parse("coordinate real symmetric", "2 3 0\n"),
                        "line 2: a symmetric matrix of 2 x 3"));
}

TEST_F(MatrixMarketTest, Array) {
  expectMatrix("array real general", "2 3\n1\n2\n3\n4\n5\n6\n", {2, 3},
               {1, 3, 5, 2, 4, 6});
  expectMatrix("array real symmetric", "2 2\n1\n2\n3\n", {2, 2}, {1, 2, 2, 3});
  expectMatrix("array real skew-symmetric", "3 3\n1\n2\n3\n", {3, 3},
               {0, -1, -2, 1, 0, -3, 2, 3, 0});
}

TEST_F(MatrixMarketTest, RepeatedEntriesAdd) {
  expectMatrix("coordinate real general", "1 1 3\n1 1 1\n1 1 2\n1 1 .25\n",
               {1, 1}, {3.25});
}

TEST_F(MatrixMarketTest, BannerIsCaseInsensitive) {
  EXPECT_OK(parseMatrixMarket("%%MATRIXMARKET Matrix COORDINATE Real General\n"
                              "1 1 0\n"));
}

TEST_F(MatrixMarketTest, RefusesOtherKinds) {
  EXPECT_TRUE(failsWith(parseMatrixMarket(""), "line 1: found ''"));
  EXPECT_TRUE(failsWith(parseMatrixMarket("%MatrixMarket matrix\n"),
                        "expected '%%MatrixMarket'"));
  EXPECT_TRUE(failsWith(parse("array pattern general", "1 1\n"), "pattern"));
  EXPECT_TRUE(failsWith(parse("coordinate complex general", "1 1 0"),
                        "field 'complex', expected"));
  EXPECT_TRUE(failsWith(parse("coordinate real hermitian", "1 1 0"),
                        "symmetry 'hermitian', expected"));
  EXPECT_TRUE(failsWith(parse("coordinate real", "1 1 0"), "symmetry ''"));
  EXPECT_TRUE(failsWith(parse("coordinate pattern skew-symmetric", "1 1 0"),
                        "a skew-symmetric pattern"));
  EXPECT_TRUE(failsWith(parse("elements real general", ""), "format"));
  EXPECT_TRUE(failsWith(parse("coordinate real general x", "1 1 0"),
                        "found 'x', expected the end of the line"));
}

TEST_F(MatrixMarketTest, RefusesBadEntries) {
  auto body = [](const char *text) {
    return parse("coordinate real general", text);
  };
  EXPECT_TRUE(failsWith(body("2 2\n"), "the text ends, expected the number of "
                                       "entries"));
  EXPECT_TRUE(
      failsWith(body("2 2 1\n"), "the text ends, expected a row index"));
  EXPECT_TRUE(failsWith(body("2 2 1\n\n1 1\n"), "expected a value"));
  EXPECT_TRUE(failsWith(body("2 2 1\n0 1 1\n"),
                        "line 3: a row index '0' is not in 1 to 2"));
  EXPECT_TRUE(
      failsWith(body("2 2 1\n1 3 1\n"), "a column index '3' is not in 1 to 2"));
  EXPECT_TRUE(failsWith(body("0 2 1\n1 1 1\n"), "is not in 1 to 0"));
  EXPECT_TRUE(failsWith(body("2 2 1\n1 1 1x\n"), "found '1x', expected"));
  EXPECT_TRUE(failsWith(body("2 2 1\n1.5 1 1\n"), "found '1.5', expected"));
  EXPECT_TRUE(failsWith(body("2 2 1\n1 1 0x10\n"), "found '0x10'"));
  EXPECT_TRUE(failsWith(body("2 2 1\n1 1 1\n2 2 2\n"),
                        "line 4: found '2' after the last entry"));
  EXPECT_TRUE(failsWith(body("-1 2 1\n"), "the number of rows '-1'"));
  EXPECT_TRUE(failsWith(body("99999999999999999999 2 1\n"), "is not in"));
  EXPECT_TRUE(failsWith(parse("coordinate integer general", "1 1 1\n1 1 1.5"),
                        "found '1.5', expected an integer value"));
}

TEST_F(MatrixMarketTest, ValuesOutOfRange) {
  auto value = [](const std::string &text, DType dtype) {
    return parse("array real general", "1 1\n" + text, dtype);
  };
  EXPECT_TRUE(failsWith(value("1e39", DType::F32),
                        "a value '1e39' is out of range for 32 bits"));
  EXPECT_TRUE(
      failsWith(value("1e309", DType::F64), "out of range for 64 bits"));
  EXPECT_EQ(value("1e39", DType::F64)->as<double>()[0], 1e39);
  EXPECT_EQ(value("1e-60", DType::F32)->as<float>()[0], 0.0f);
  EXPECT_EQ(value("1e-45", DType::F32)->as<float>()[0],
            std::numeric_limits<float>::denorm_min());
  EXPECT_EQ(value("-inf", DType::F32)->as<float>()[0], -INFINITY);
  EXPECT_TRUE(std::isnan(value("nan", DType::F64)->as<double>()[0]));
  // Rounded once: by way of double this would become 1.
  EXPECT_EQ(value("1.000000059604644775390625000000000000001", DType::F32)
                ->as<float>()[0],
            1.00000012f);
}

TEST_F(MatrixMarketTest, BoundsTheDenseMatrix) {
  std::string text = "%%MatrixMarket matrix coordinate real general\n"
                     "1000 1000 0\n";
  EXPECT_OK(parseMatrixMarket(text, {.maxBytes = 4'000'000}));
  EXPECT_TRUE(failsWith(
      parseMatrixMarket(text, {.maxBytes = 3'999'999}),
      "line 2: a dense 1000 x 1000 matrix of F32 takes 4000000 bytes, expected "
      "at most 3999999"));
  EXPECT_TRUE(failsWith(
      parse("coordinate real general", "4000000000 4000000000 0"), "too many"));
  EXPECT_TRUE(failsWith(parseMatrixMarket(text, {.dtype = DType::F16}),
                        "result type F16, expected F32 or F64"));
}

TEST_F(MatrixMarketTest, FileErrorsStartWithThePath) {
  std::string path = write("a.mtx", "junk\n");
  EXPECT_TRUE(
      failsWith(readMatrixMarket(path), path + ": line 1: found 'junk'"));
  EXPECT_TRUE(failsWith(readMatrixMarket(pathOf("no.mtx")),
                        pathOf("no.mtx") + ": cannot open"));
}

} // namespace
