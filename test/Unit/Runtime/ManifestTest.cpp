//===- ManifestTest.cpp - Tests of the manifest ---------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Runtime/Manifest.h"

#include <gtest/gtest.h>

using namespace spmmplu;

static const char *const valid = R"({
  "format": 1, "producer": "p", "source": "s",
  "program": {
    "inputs": [{"name": "rhs", "dtype": "F32", "shape": [8, "n"]}],
    "outputs": [{"name": "out", "dtype": "BF16", "shape": [4, "n"]}],
    "constants": ["w.values"]},
  "kernels": [{"target": "x86_64", "features": ["avx512f"],
               "object": "kernel.cpu", "symbol": "spmmplu_main"}],
  "matrices": [{"name": "w", "rows": 4, "cols": 8, "pattern": "block<4x4>",
                "density": 0.5, "panel": 4, "depth": 2, "layout": "rowMajor",
                "panelRows": "w.panelRows", "chainPtr": "w.chainPtr",
                "entries": "w.entries", "values": "w.values", "phases": 1}],
  "check": {"op": "matmul", "matrix": "w", "bias": "b", "activation": "relu"},
  "report": {"strategy": "x", "predicted": {"sparseUs": 1.5, "ok": true},
             "metaOps": 12}})";

static std::string replaced(const std::string &from, const std::string &to) {
  std::string text = valid;
  size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(Manifest, ParsesEveryKey) {
  auto manifest = Manifest::parse(valid);
  ASSERT_TRUE(manifest) << manifest.error();
  EXPECT_EQ(manifest->producer, "p");
  EXPECT_EQ(manifest->source, "s");
  const TensorSpec &input = manifest->program.inputs.at(0);
  EXPECT_EQ(input.name, "rhs");
  EXPECT_EQ(input.shape[0], Extent::fixed(8));
  EXPECT_EQ(input.shape[1], Extent::dynamic("n"));
  EXPECT_EQ(manifest->program.outputs.at(0).dtype, DType::BF16);
  EXPECT_EQ(manifest->program.constants.at(0), "w.values");
  EXPECT_EQ(manifest->kernels.at(0).features.at(0), "avx512f");
  const MatrixSpec *matrix = manifest->findMatrix("w");
  ASSERT_NE(matrix, nullptr);
  EXPECT_EQ(matrix->layout, ValueLayout::rowMajor);
  EXPECT_EQ(matrix->depth, 2);
  EXPECT_EQ(matrix->density, 0.5);
  EXPECT_EQ(manifest->findMatrix("v"), nullptr);
  EXPECT_EQ(manifest->check->bias, "b");
  EXPECT_EQ(manifest->check->activation, Activation::relu);
  EXPECT_EQ(manifest->report.at("predicted.sparseUs"), ReportValue(1.5));
  EXPECT_EQ(manifest->report.at("metaOps"), ReportValue(int64_t(12)));
}

TEST(Manifest, PrintRoundTrips) {
  auto manifest = Manifest::parse(valid);
  ASSERT_TRUE(manifest);
  manifest->report["metaOps.split"] = true; // "metaOps" is a number already
  manifest->check->bias.reset();
  auto again = Manifest::parse(manifest->print());
  ASSERT_TRUE(again) << again.error();
  EXPECT_EQ(*manifest, *again);
  manifest->check.reset();
  again = Manifest::parse(manifest->print());
  ASSERT_TRUE(again);
  EXPECT_EQ(*manifest, *again);
}

/// The same for a GPU, with a 2:4 matrix whose values come later.
static std::string validForGpu() {
  std::string text = valid;
  auto replace = [&](const std::string &from, const std::string &to) {
    text.replace(text.find(from), from.size(), to);
  };
  replace("\"target\": \"x86_64\"",
          "\"device\": [{\"chip\": \"sm_90a\", \"format\": \"cubin\", "
          "\"tensor\": \"kernel.cubin\"}, {\"chip\": \"sm_80\", "
          "\"format\": \"ptx\", \"tensor\": \"kernel.ptx\"}], "
          "\"target\": \"sm_90a\"");
  replace("\"layout\": \"rowMajor\"",
          "\"layout\": \"fragment\", \"metadata\": \"w.metadata\", "
          "\"deferred\": \"F16\", \"of\": \"v\"");
  return text;
}

TEST(Manifest, GpuKeysRoundTrip) {
  auto manifest = Manifest::parse(validForGpu());
  ASSERT_TRUE(manifest) << manifest.error();
  const KernelSpec &kernel = manifest->kernels.at(0);
  EXPECT_TRUE(kernel.isForGpu());
  ASSERT_EQ(kernel.device.size(), 2u);
  EXPECT_EQ(kernel.device[1],
            (DeviceCodeSpec{"sm_80", DeviceCodeFormat::ptx, "kernel.ptx"}));
  const MatrixSpec &matrix = manifest->matrices.at(0);
  EXPECT_TRUE(matrix.isForTensorCores());
  EXPECT_EQ(matrix.metadata, "w.metadata");
  EXPECT_EQ(matrix.deferred, DType::F16);
  EXPECT_EQ(matrix.of, "v");
  EXPECT_EQ(manifest->findDeferred("w.values"), &matrix);
  EXPECT_EQ(manifest->findDeferred("w.metadata"), &matrix);
  EXPECT_EQ(manifest->findDeferred("w.entries"), nullptr);
  auto again = Manifest::parse(manifest->print());
  ASSERT_TRUE(again) << again.error();
  EXPECT_EQ(*manifest, *again);
}

TEST(Manifest, GpuMistakesNameTheKey) {
  auto errorOf = [](const std::string &from, const std::string &to) {
    std::string text = validForGpu();
    size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    auto manifest = Manifest::parse(text.replace(at, from.size(), to));
    return manifest ? "" : manifest.error();
  };
  EXPECT_NE(errorOf("\"target\": \"sm_90a\"", "\"target\": \"x86_64\"")
                .find("key 'kernels[0].device': found an array, expected no "
                      "code"),
            std::string::npos);
  EXPECT_NE(errorOf("\"format\": \"ptx\"", "\"format\": \"sass\"")
                .find("key 'kernels[0].device[1].format'"),
            std::string::npos);
  EXPECT_NE(errorOf("\"chip\": \"sm_80\", ", "")
                .find("key 'kernels[0].device[1].chip': is missing"),
            std::string::npos);
  EXPECT_NE(errorOf("fragment", "kMajor").find("key 'matrices[0].layout'"),
            std::string::npos);
  EXPECT_NE(errorOf("\"F16\"", "\"half\"").find("key 'matrices[0].deferred'"),
            std::string::npos);
  auto none = Manifest::parse(replaced("x86_64", "sm_90a"));
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().find("key 'kernels[0].device': is missing"),
            std::string::npos);
}

struct Mistake {
  const char *from, *to, *key;
};

class ManifestMistake : public ::testing::TestWithParam<Mistake> {};

TEST_P(ManifestMistake, ErrorNamesTheKey) {
  auto manifest = Manifest::parse(replaced(GetParam().from, GetParam().to));
  ASSERT_FALSE(manifest);
  std::string expected = "key '" + std::string(GetParam().key) + "'";
  EXPECT_NE(manifest.error().find(expected), std::string::npos)
      << manifest.error();
  EXPECT_EQ(manifest.error().find('\n'), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    All, ManifestMistake,
    ::testing::Values(
        Mistake{"\"format\": 1", "\"format\": 2", "format"},
        Mistake{"\"format\": 1, ", "", "format"},
        Mistake{"\"producer\": \"p\"", "\"producer\": \"\"", "producer"},
        Mistake{"\"producer\"", "\"produced\"", "produced"},
        Mistake{"\"F32\"", "\"F31\"", "program.inputs[0].dtype"},
        Mistake{"[8, \"n\"]", "[-8, \"n\"]", "program.inputs[0].shape[0]"},
        Mistake{"[8, \"n\"]", "[8, \"n m\"]", "program.inputs[0].shape[1]"},
        Mistake{"[8, \"n\"]", "[8.5, \"n\"]", "program.inputs[0].shape[0]"},
        Mistake{"[8, \"n\"]", "[18446744073709551615, \"n\"]",
                "program.inputs[0].shape[0]"},
        Mistake{"[4, \"n\"]", "[4, \"m\"]", "program.outputs"},
        Mistake{"\"name\": \"out\"", "\"name\": \"rhs\"", "program.outputs"},
        Mistake{"[\"w.values\"]", "\"w.values\"", "program.constants"},
        Mistake{"[\"avx512f\"]", "[1]", "kernels[0].features[0]"},
        Mistake{"\"symbol\": \"spmmplu_main\"", "\"entry\": \"a\"",
                "kernels[0].entry"},
        Mistake{"\"rows\": 4", "\"rows\": 2147483648", "matrices[0].rows"},
        Mistake{"\"panel\": 4", "\"panel\": 0", "matrices[0].panel"},
        Mistake{"\"density\": 0.5", "\"density\": 50", "matrices[0].density"},
        Mistake{"rowMajor", "colMajor", "matrices[0].layout"},
        Mistake{"\"matmul\"", "\"conv\"", "check.op"},
        Mistake{"\"relu\"", "\"gelu\"", "check.activation"},
        Mistake{"\"bias\": \"b\"", "\"bias\": 3", "check.bias"},
        Mistake{"\"metaOps\": 12", "\"metaOps\": [12]", "report.metaOps"}));

TEST(Manifest, RefusesWhatIsNotAnObject) {
  for (const char *text : {"", "{", "[]", "1", "null", "{\"format\": 1} x"})
    EXPECT_FALSE(Manifest::parse(text)) << text;
}

TEST(Manifest, NestingDoesNotExhaustTheStack) {
  std::string deep(200000, '['), objects;
  EXPECT_FALSE(Manifest::parse(
      replaced("\"producer\": \"p\"",
               "\"producer\": " + deep + std::string(200000, ']'))));
  for (int i = 0; i < 100000; ++i)
    objects += "{\"a\":";
  objects += "1" + std::string(100000, '}');
  EXPECT_FALSE(Manifest::parse(
      replaced("\"strategy\": \"x\"", "\"strategy\": " + objects)));
}
