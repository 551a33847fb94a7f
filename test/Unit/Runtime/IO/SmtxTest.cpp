//===- SmtxTest.cpp - Sparse matrices of the DLMC -------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Runtime/IO/Smtx.h"
#include "TestFiles.h"

#include <cmath>
#include <set>

using namespace spmmplu;
using namespace spmmplu::test;

namespace {

class SmtxTest : public TempDirTest {};

constexpr std::string_view example = "3, 4, 5\n0 2 2 5 \n3 0 1 2 3 \n";

TEST_F(SmtxTest, Pattern) {
  Result<Tensor> matrix = parseSmtx(example);
  ASSERT_OK(matrix);
  EXPECT_EQ(matrix->shape, (std::vector<int64_t>{3, 4}));
  EXPECT_EQ(valuesOf<float>(*matrix),
            (std::vector<float>{1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 1, 1}));
  Result<Tensor> wide = parseSmtx(example, {.dtype = DType::F64});
  ASSERT_OK(wide);
  EXPECT_EQ(wide->as<double>()[3], 1.0);
}

TEST_F(SmtxTest, Empty) {
  EXPECT_OK(parseSmtx("2, 3, 0\n0 0 0\n\n"));
  EXPECT_OK(parseSmtx("0,0,0\n0\n"));
  EXPECT_OK(parseSmtx("0 9 0\n0"));
}

TEST_F(SmtxTest, RandomValues) {
  constexpr int64_t count = 20000;
  std::string text = "1, " + std::to_string(count) + ", " +
                     std::to_string(count) + "\n0 " + std::to_string(count) +
                     "\n";
  for (int64_t i = 0; i < count; ++i)
    text += std::to_string(i) + " ";
  Result<Tensor> matrix = parseSmtx(text, {.seed = 7});
  ASSERT_OK(matrix);
  double sum = 0, squares = 0;
  int64_t beyondTwo = 0;
  for (float value : matrix->as<float>()) {
    ASSERT_NE(value, 0.0f);
    sum += value;
    squares += double(value) * value;
    beyondTwo += std::abs(value) > 2;
  }
  // Five standard errors of the mean, the variance and the tails.
  EXPECT_NEAR(sum / count, 0, 5 / std::sqrt(double(count)));
  EXPECT_NEAR(squares / count, 1, 5 * std::sqrt(2.0 / count));
  EXPECT_NEAR(double(beyondTwo) / count, 0.0455, 0.0075);

  Result<Tensor> again = parseSmtx(text, {.seed = 7});
  EXPECT_EQ(valuesOf<float>(*again), valuesOf<float>(*matrix));
  Result<Tensor> other = parseSmtx(text, {.seed = 8});
  EXPECT_NE(valuesOf<float>(*other), valuesOf<float>(*matrix));
}

TEST_F(SmtxTest, RefusesBadFiles) {
  EXPECT_TRUE(failsWith(parseSmtx(""), "expected the number of rows"));
  EXPECT_TRUE(failsWith(parseSmtx("3, x, 1"), "line 1: found 'x', expected the "
                                              "number of columns"));
  EXPECT_TRUE(failsWith(parseSmtx("2, 2, 5\n"), "5 non-zeros, expected at most "
                                                "4 in 2 x 2"));
  EXPECT_TRUE(failsWith(parseSmtx("2, 2, 2\n1 1 2\n0 0"),
                        "line 2: a row offset '1' is not in 0 to 0"));
  EXPECT_TRUE(failsWith(parseSmtx("2, 2, 2\n0 3 2\n0 0"),
                        "a row offset '3' is not in 0 to 2"));
  EXPECT_TRUE(failsWith(parseSmtx("3, 2, 2\n0 2 1 2\n0 0"),
                        "a row offset '1' is not in 2 to 2"));
  EXPECT_TRUE(failsWith(parseSmtx("2, 2, 2\n0 1 1\n0 0"),
                        "a row offset '1' is not in 2 to 2"));
  EXPECT_TRUE(failsWith(parseSmtx("2, 2, 2\n0 1 2\n0 2"),
                        "line 3: a column index '2' is not in 0 to 1"));
  EXPECT_TRUE(failsWith(parseSmtx("2, 2, 2\n0 2 2\n1 1"),
                        "column 1 is twice in row 0"));
  EXPECT_TRUE(failsWith(parseSmtx("2, 2, 2\n0 1 2\n0"),
                        "the text ends, expected a column index"));
  EXPECT_TRUE(failsWith(parseSmtx("2, 2, 2\n0 1 2\n0 1 1"),
                        "found '1' after the last column index"));
}

TEST_F(SmtxTest, BoundsTheDenseMatrix) {
  EXPECT_TRUE(failsWith(parseSmtx("1000, 1000, 0\n", {.maxBytes = 3'999'999}),
                        "takes 4000000 bytes, expected at most 3999999"));
  EXPECT_TRUE(failsWith(parseSmtx("4000000000, 4000000000, 0\n"), "too many"));
  // No memory for the rows that a matrix without columns claims.
  EXPECT_TRUE(failsWith(parseSmtx("9223372036854775806, 0, 0\n0 0"), "line 1"));
  EXPECT_TRUE(failsWith(parseSmtx("1000000000000000, 0, 0\n0 0"),
                        "expected a row offset"));
}

TEST_F(SmtxTest, FileErrorsStartWithThePath) {
  std::string path = write("a.smtx", "junk\n");
  EXPECT_TRUE(failsWith(readSmtx(path), path + ": line 1: found 'junk'"));
  EXPECT_OK(readSmtx(write("b.smtx", example)));
}

} // namespace
