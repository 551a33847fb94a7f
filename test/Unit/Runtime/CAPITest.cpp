//===- CAPITest.cpp - Tests of the runtime's C interface ------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu-c/Runtime.h"

#include "TestPackage.h"

using namespace spmmplu;
using namespace spmmplu::testing;

class CAPI : public ::testing::Test {
protected:
  void SetUp() override {
    ASSERT_TRUE(test.save(folder.path("a.spmm")));
    ASSERT_EQ(spmmplu_program_load(folder.path("a.spmm").c_str(), &program), 0)
        << spmmplu_last_error();
  }
  void TearDown() override { spmmplu_program_free(program); }

  TemporaryFolder folder;
  TestPackage test{TestMatrix(8, 12, 4, 4, 1.0)};
  spmmplu_program *program = nullptr;
};

TEST_F(CAPI, DescribesTheProgram) {
  EXPECT_EQ(spmmplu_program_num_inputs(program), 1);
  EXPECT_EQ(spmmplu_program_num_outputs(program), 1);
  spmmplu_tensor_info info;
  ASSERT_EQ(spmmplu_program_input(program, 0, &info), 0);
  EXPECT_STREQ(info.name, "rhs");
  EXPECT_STREQ(info.dtype, "F32");
  ASSERT_EQ(info.rank, 2);
  EXPECT_EQ(info.shape[0], 12);
  EXPECT_EQ(info.shape[1], -1);
  EXPECT_EQ(info.symbols[0], nullptr);
  EXPECT_STREQ(info.symbols[1], "n");
  ASSERT_EQ(spmmplu_program_output(program, 0, &info), 0);
  EXPECT_STREQ(info.name, "out");
  EXPECT_EQ(spmmplu_program_input(program, 1, &info), -1);
  EXPECT_EQ(spmmplu_program_output(program, -1, &info), -1);
  auto manifest = Manifest::parse(spmmplu_program_manifest(program));
  ASSERT_TRUE(manifest);
  EXPECT_EQ(*manifest, test.manifest);
}

TEST_F(CAPI, Runs) {
  Tensor rhs = makeRhs(12, 3);
  std::vector<float> y(8 * 3, -1);
  int64_t outShape[2];
  spmmplu_tensor input = {nullptr, "F32", 2, rhs.shape.data()};
  ASSERT_EQ(spmmplu_program_output_shape(program, &input, 1, 0, outShape), 0);
  EXPECT_EQ(outShape[0], 8);
  EXPECT_EQ(outShape[1], 3);
  spmmplu_tensor output = {y.data(), "F32", 2, outShape};
  EXPECT_EQ(spmmplu_program_run(program, &input, 1, &output, 1, 0), -1);
  EXPECT_STREQ(spmmplu_last_error(), "input 'rhs' has no data");
  EXPECT_EQ(y[0], -1);
  input.data = rhs.bytes().data();
  ASSERT_EQ(spmmplu_program_run(program, &input, 1, &output, 1, 0), 0)
      << spmmplu_last_error();
  for (int i = 0; i < 8; ++i)
    for (int j = 0; j < 3; ++j) {
      double expected = 0;
      for (int k = 0; k < 12; ++k)
        expected += double(test.matrix.dense[i * 12 + k]) *
                    std::as_const(rhs).as<float>()[k * 3 + j];
      EXPECT_NEAR(y[i * 3 + j], expected, 1e-4);
    }
}

TEST_F(CAPI, RefusesBadArguments) {
  int64_t shape[2] = {12, 3};
  spmmplu_tensor input = {nullptr, "F31", 2, shape};
  int64_t out[2];
  EXPECT_EQ(spmmplu_program_output_shape(program, &input, 1, 0, out), -1);
  EXPECT_NE(std::string(spmmplu_last_error()).find("F31"), std::string::npos);
  input = {nullptr, "F32", -1, shape};
  EXPECT_EQ(spmmplu_program_output_shape(program, &input, 1, 0, out), -1);
  input = {nullptr, "F32", 2, nullptr};
  EXPECT_EQ(spmmplu_program_output_shape(program, &input, 1, 0, out), -1);
  EXPECT_EQ(spmmplu_program_output_shape(program, nullptr, 1, 0, out), -1);
  spmmplu_program *none = program;
  EXPECT_EQ(spmmplu_program_load("/does/not/exist", &none), -1);
  EXPECT_EQ(none, nullptr);
  EXPECT_NE(std::string(spmmplu_last_error()).find("/does/not/exist"),
            std::string::npos);
  EXPECT_EQ(spmmplu_program_load(nullptr, &none), -1);
  spmmplu_program_free(nullptr);
}
