//===- SparseRunTest.cpp - Tests of the tool sparse-run -------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Bench.h"
#include "DenseBaseline.h"
#include "Options.h"
#include "Report.h"
#include "Session.h"

#include "TestPackage.h"
#include "spmmplu/Runtime/IO/Npy.h"

#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

using namespace spmmplu;
using namespace spmmplu::testing;

static Result<RunOptions> parse(std::vector<const char *> arguments) {
  return parseOptions(arguments);
}

TEST(SparseRunOptions, Parses) {
  auto options =
      parse({"a.spmm", "--cols=37", "--dim", "m=4", "--check", "--input=x.npy",
             "--input=bias=b.npy", "--output", "y.npy", "--threads=3",
             "--seed=5", "--json", "--bench-time=0.5"});
  ASSERT_TRUE(options) << options.error();
  EXPECT_EQ(options->package, "a.spmm");
  EXPECT_EQ(options->dims.at("n"), 37);
  EXPECT_EQ(options->dims.at("m"), 4);
  EXPECT_TRUE(options->check && options->json);
  EXPECT_FALSE(options->bench || options->info || options->help);
  ASSERT_EQ(options->inputs.size(), 2u);
  EXPECT_EQ(options->inputs[0].tensor, "");
  EXPECT_EQ(options->inputs[1].tensor, "bias");
  EXPECT_EQ(options->inputs[1].path, "b.npy");
  EXPECT_EQ(options->outputs.at(0).path, "y.npy");
  EXPECT_EQ(options->threads, 3);
  EXPECT_EQ(options->benchSeconds, 0.5);
}

TEST(SparseRunOptions, ErrorsSayWhatToDo) {
  auto errorOf = [](std::vector<const char *> arguments) {
    auto options = parse(std::move(arguments));
    return options ? std::string() : options.error();
  };
  EXPECT_EQ(errorOf({"a", "--chekc"}),
            "unknown option '--chekc', did you mean '--check'?");
  EXPECT_EQ(errorOf({"a", "--quantum"}),
            "unknown option '--quantum', see --help");
  EXPECT_EQ(errorOf({"a", "--check=1"}), "option '--check' takes no value");
  EXPECT_EQ(errorOf({"a", "--cols"}),
            "option '--cols' needs a value: --cols=N");
  EXPECT_NE(errorOf({"a", "--cols=-1"}), "");
  EXPECT_NE(errorOf({"a", "--cols=1x"}), "");
  EXPECT_NE(errorOf({"a", "--dim=5"}), "");
  EXPECT_NE(errorOf({"a", "--cols=1", "--dim=n=2"}), "");
  EXPECT_EQ(errorOf({"a", "--cols=2", "--dim=n=2"}), "");
  EXPECT_NE(errorOf({"a", "--threads=0"}), "");
  EXPECT_NE(errorOf({"a", "--input=x="}), "");
  EXPECT_NE(errorOf({"a", "b"}), "");
  EXPECT_NE(errorOf({}), "");
  EXPECT_NE(errorOf({"-v", "a"}), "");
  EXPECT_EQ(errorOf({"a", "--device=tpu"}),
            "option '--device': found 'tpu', expected auto, cpu or cuda");
  EXPECT_EQ(errorOf({"--help"}), "");
}

TEST(SparseRunOptions, HelpFitsATerminal) {
  std::istringstream lines(helpText());
  for (std::string line; std::getline(lines, line);)
    EXPECT_LE(line.size(), 80u) << line;
}

class SparseRunSession : public ::testing::Test {
protected:
  Result<Session> prepare(RunOptions options) {
    return prepareSession(test.manifest, options);
  }
  TemporaryFolder folder;
  TestPackage test{TestMatrix(8, 12, 4, 4, 0.5)};
};

TEST_F(SparseRunSession, RandomInputsFollowTheSeed) {
  RunOptions options;
  options.dims["n"] = 5;
  auto first = prepare(options), second = prepare(options);
  options.seed = 1;
  auto other = prepare(options);
  ASSERT_TRUE(first && second && other);
  auto values = [](const Result<Session> &session) {
    std::span<const float> span = session->inputs.at(0).as<float>();
    return std::vector<float>(span.begin(), span.end());
  };
  ASSERT_EQ(values(first).size(), 60u);
  EXPECT_EQ(values(first), values(second));
  EXPECT_NE(values(first), values(other));
  for (float value : values(first))
    EXPECT_TRUE(value >= -1 && value < 1) << value;
}

TEST_F(SparseRunSession, InputsBindSymbolsAndAreConverted) {
  Tensor rhs = makeRhs(12, 3);
  auto wide = convert(rhs, DType::F64);
  ASSERT_TRUE(wide);
  ASSERT_TRUE(writeNpy(folder.path("x.npy"), wide->view()));
  RunOptions options;
  options.inputs = {{"rhs", folder.path("x.npy")}};
  auto session = prepare(options);
  ASSERT_TRUE(session) << session.error();
  EXPECT_EQ(session->binding.at("n"), 3);
  EXPECT_EQ(session->inputs[0].dtype, DType::F32);
  EXPECT_EQ(std::as_const(session->inputs[0]).as<float>()[7],
            std::as_const(rhs).as<float>()[7]);
  options.dims["n"] = 4;
  EXPECT_FALSE(prepare(options));
  options.dims = {{"m", 4}};
  EXPECT_FALSE(prepare(options));
  options.dims.clear();
  options.inputs.push_back({"rhs", "again.npy"});
  EXPECT_FALSE(prepare(options));
  options.inputs = {{"nothing", folder.path("x.npy")}};
  EXPECT_FALSE(prepare(options));
  EXPECT_FALSE(prepare({})); // n has no value
}

TEST_F(SparseRunSession, ColumnsMayBeRepeatedWhereTheyAreFixed) {
  for (TensorSpec *spec :
       {&test.manifest.program.inputs[0], &test.manifest.program.outputs[0]})
    spec->shape[1] = Extent::fixed(5);
  RunOptions options;
  options.dims["n"] = 5;
  auto session = prepare(options);
  ASSERT_TRUE(session) << session.error();
  EXPECT_TRUE(session->binding.empty());
  EXPECT_EQ(session->inputs[0].shape, (std::vector<int64_t>{12, 5}));
  options.dims["n"] = 6;
  session = prepare(options);
  ASSERT_FALSE(session);
  EXPECT_EQ(session.error(),
            "option '--cols': found 6, the package was compiled for 5");
}

TEST_F(SparseRunSession, OutputsAreWritten) {
  RunOptions options;
  options.dims["n"] = 3;
  options.outputs = {{"", folder.path("y.npy")}};
  auto session = prepare(options);
  ASSERT_TRUE(session) << session.error();
  std::vector<Tensor> outputs;
  outputs.push_back(makeRhs(8, 3));
  ASSERT_TRUE(writeOutputs(test.manifest, *session, outputs));
  auto again = readNpy(folder.path("y.npy"));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->shape, (std::vector<int64_t>{8, 3}));
  options.outputs = {{"", folder.path("y.txt")}};
  EXPECT_FALSE(prepare(options));
}

TEST(SparseRunBench, MeasuresWhatRuns) {
  int64_t calls = 0;
  auto timing = measure(
      [&] {
        ++calls;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        return true;
      },
      0);
  ASSERT_TRUE(timing);
  EXPECT_GE(timing->runs, 5);
  EXPECT_GT(calls, timing->runs); // the warm-up is not counted
  EXPECT_GE(timing->min, 1000);
  EXPECT_GE(timing->median, timing->min);
  EXPECT_FALSE(measure([] { return false; }, 0));
}

TEST(SparseRunBench, DenseBaselineComputesTheProduct) {
  Tensor weights = makeRhs(48, 64), rhs = makeRhs(64, 32);
  for (DType compute : {DType::F32, DType::BF16}) {
    auto baseline = DenseBaseline::create(weights, rhs, compute, DType::F32);
    if (!baseline)
      GTEST_SKIP() << baseline.error();
    EXPECT_EQ((*baseline)->implementation().find("ref"), std::string::npos);
    ASSERT_TRUE((*baseline)->run());
    auto result = (*baseline)->result();
    ASSERT_TRUE(result) << result.error();
    std::span<const float> w = std::as_const(weights).as<float>();
    std::span<const float> x = std::as_const(rhs).as<float>();
    // Two roundings to BF16 a product, 64 of at most 1.
    double allowed = compute == DType::F32 ? 1e-4 : 64 * 2 * 0x1p-8;
    for (int i = 0; i < 48; ++i)
      for (int j = 0; j < 32; ++j) {
        double expected = 0;
        for (int k = 0; k < 64; ++k)
          expected += double(w[i * 64 + k]) * x[k * 32 + j];
        ASSERT_NEAR(std::as_const(*result).as<float>()[i * 32 + j], expected,
                    allowed);
      }
  }
}

TEST(SparseRunReport, PrintsBothForms) {
  TestPackage test(TestMatrix(8, 12, 4, 4, 0.5));
  RunReport report;
  report.package = "a.spmm";
  report.threads = 1;
  report.binding["n"] = 37;
  report.check = CheckReport{};
  report.bench = {{"sparse", "x86_64", {2.0, 1.5, 10, 100}},
                  {"dense f32", "built without oneDNN", {}}};
  const KernelSpec &kernel = test.manifest.kernels[0];
  std::string text = printText(test.manifest, kernel, report);
  EXPECT_NE(text.find("n = 37, 1 thread\n"), std::string::npos) << text;
  EXPECT_NE(text.find("check passed"), std::string::npos);
  EXPECT_NE(text.find("n/a"), std::string::npos);
  auto json = nlohmann::json::parse(printJson(test.manifest, kernel, report),
                                    nullptr, false);
  ASSERT_TRUE(json.is_object());
  EXPECT_EQ(json["dims"]["n"], 37);
  EXPECT_EQ(json["check"]["passed"], true);
  EXPECT_EQ(json["bench"][0]["medianUs"], 2.0);
  EXPECT_TRUE(json["bench"][1]["medianUs"].is_null());
  report.gpu = RunReport::Gpu{"a GPU", "sm_90a cubin", 0, 1980};
  text = printText(test.manifest, kernel, report);
  EXPECT_NE(text.find("sm_90a cubin on a GPU\nclock now 0 MHz, at most 1980"),
            std::string::npos)
      << text;
  json = nlohmann::json::parse(printJson(test.manifest, kernel, report),
                               nullptr, false);
  EXPECT_TRUE(json["gpu"]["clockMhz"].is_null());
  EXPECT_EQ(json["gpu"]["maxClockMhz"], 1980);
}
