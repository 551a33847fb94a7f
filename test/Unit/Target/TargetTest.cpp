//===- TargetTest.cpp - Tables of machines ---------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Target/Target.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

using namespace mlir::spmmplu;

static std::string getError(std::string_view text) {
  auto target = lookupTarget(text);
  return target ? "no error" : target.error();
}

static bool hasFeature(const Target &target, std::string_view feature) {
  return std::ranges::count(target.features(), feature) == 1;
}

TEST(Target, RowsAreComplete) {
  for (std::string_view name : listTargets()) {
    if (name == "host")
      continue;
    const Target *row = lookupTargetRow(name);
    ASSERT_TRUE(row) << name;
    if (row->kind == TargetKind::Gpu)
      continue;
    for (double figure :
         {row->clockGhz, row->l1Kib, row->l1Gbps, row->l2Gbps, row->l3Gbps.one,
          row->dramGbps.one, row->launchMicros})
      EXPECT_GT(figure, 0) << name;
    EXPECT_LT(row->l1Kib, row->l2Kib) << name;
    EXPECT_LT(row->l2Kib, row->l3Kib) << name;
    EXPECT_LE(row->l3Gbps.one, row->l3Gbps.all) << name;
    EXPECT_LE(row->dramGbps.one, row->dramGbps.all) << name;
    EXPECT_GE(row->cores, 1) << name;
    std::set<Element> inputs;
    for (const IntrinsicRate &rate : row->rates) {
      ASSERT_TRUE(rate.intrinsic) << name;
      EXPECT_GT(rate.gflops, 0) << rate.intrinsic->name;
      inputs.insert(rate.intrinsic->input);
    }
    EXPECT_EQ(inputs.size(), 4u) << name << " lacks an element type";
  }
}

TEST(Target, RatesAreWhatThePortsStart) {
  // Two vector operations a cycle; a tile product every sixteen.
  for (std::string_view name : listTargets()) {
    const Target *row = lookupTargetRow(name);
    if (!row || row->kind == TargetKind::Gpu)
      continue;
    for (const IntrinsicRate &rate : row->rates) {
      bool isTile = rate.intrinsic->unit == IntrinsicUnit::TileMatrix;
      EXPECT_NEAR(row->cyclesPerOperation(*rate.intrinsic), isTile ? 16 : 0.5,
                  isTile ? 0.5 : 0.02)
          << name << " " << rate.intrinsic->name;
    }
  }
}

TEST(Target, GpuRowsAreComplete) {
  std::vector<std::string_view> names;
  for (std::string_view name : listTargets()) {
    const Target *row = lookupTargetRow(name);
    if (!row || row->kind != TargetKind::Gpu)
      continue;
    names.push_back(name);
    for (double figure :
         {row->clockGhz, row->l1Gbps, row->l2Gbps, row->dramGbps.one,
          row->launchMicros, row->sharedKib, double(row->registers)})
      EXPECT_GT(figure, 0) << name;
    EXPECT_LT(row->l1Kib, row->l2Kib) << name;
    EXPECT_LT(row->dramGbps.one, row->dramGbps.all) << name;
    std::set<Element> inputs;
    for (const IntrinsicRate &rate : row->rates) {
      ASSERT_TRUE(rate.intrinsic) << name;
      inputs.insert(rate.intrinsic->input);
      bool isWarpgroup = rate.intrinsic->unit == IntrinsicUnit::WarpgroupMatrix;
      EXPECT_TRUE(isWarpgroup
                      ? name == "sm_90a"
                      : rate.intrinsic->unit == IntrinsicUnit::WarpMatrix ||
                            rate.intrinsic->unit == IntrinsicUnit::WarpFma)
          << name << " " << rate.intrinsic->name;
    }
    bool hasFloat8 = name != "sm_80" && name != "sm_86";
    EXPECT_EQ(inputs.size(), hasFloat8 ? 6u : 4u)
        << name << " lacks an element type";
    EXPECT_EQ(row->llvmCpu(), name);
  }
  EXPECT_EQ(names,
            (std::vector<std::string_view>{"sm_80", "sm_86", "sm_89", "sm_90",
                                           "sm_90a", "sm_100a", "sm_120a"}));
}

TEST(Target, GpuRatesAreThoseMeasured) {
  auto h100 = lookupTarget("sm_90a");
  ASSERT_TRUE(h100);
  for (auto [name, tflops] :
       {std::pair("mma-f16", 631.0), std::pair("mma.sp-f16", 945.0),
        std::pair("wgmma-bf16", 800.0), std::pair("wgmma.sp-bf16", 1100.0),
        std::pair("mma-tf32", 315.5), std::pair("mma-f16-f16", 631.0),
        std::pair("mma.sp-i8", 945.0), std::pair("mma-f8e4m3", 315.5),
        std::pair("fma-f32", 132 * 128 * 2 * 1.7e-3)})
    EXPECT_NEAR(h100->gflops(*lookupIntrinsic(name)) * 132 / 1e3, tflops, 1e-6);
}

TEST(Target, GpuOverrides) {
  auto gpu = lookupTarget("sm_90a,cores=66,shared=99,registers=32768,"
                          "dram-gbps=1000,launch=5");
  ASSERT_TRUE(gpu) << gpu.error();
  EXPECT_EQ(gpu->cores, 66);
  EXPECT_EQ(gpu->sharedKib, 99);
  EXPECT_EQ(gpu->registers, 32768);
  EXPECT_EQ(gpu->dramGbps.all, 1000);
  EXPECT_EQ(gpu->launchMicros, 5);
  EXPECT_EQ(gpu->dramGbps.one, lookupTarget("sm_90a")->dramGbps.one);
  EXPECT_EQ(getError("sm_90a,registers=1.5"),
            "target 'sm_90a': found registers = '1.5', expected a positive "
            "integer of at most 16777216");
  EXPECT_EQ(hasFeature(*gpu, "+ptx85"), true);
}

TEST(Target, FeaturesFollowFromIntrinsics) {
  auto rapids = lookupTarget("sapphirerapids");
  ASSERT_TRUE(rapids);
  EXPECT_EQ(rapids->llvmCpu(), "x86-64-v4");
  for (std::string_view feature :
       {"+amx-tile", "+amx-bf16", "+avx512f", "-prefer-256-bit"})
    EXPECT_TRUE(hasFeature(*rapids, feature)) << feature;
  auto v4 = lookupTarget("x86-64-v4");
  ASSERT_TRUE(v4);
  EXPECT_EQ(v4->llvmCpu(), "x86-64-v4");
  EXPECT_FALSE(hasFeature(*v4, "+amx-tile"));
  EXPECT_EQ(v4->gflops(*lookupIntrinsic("amx-bf16")), 0);
  auto v3 = lookupTarget("x86-64-v3");
  ASSERT_TRUE(v3);
  EXPECT_EQ(v3->llvmCpu(), "x86-64-v3");
  EXPECT_TRUE(hasFeature(*v3, "+avx2"));
  EXPECT_FALSE(hasFeature(*v3, "+avx512f"));
  EXPECT_FALSE(hasFeature(*v3, "-prefer-256-bit"));
  // The processor follows from the intrinsics, not from the name.
  rapids->rates = v3->rates;
  EXPECT_EQ(rapids->llvmCpu(), "x86-64-v3");
}

TEST(Target, OverridesReplaceFigures) {
  auto target = lookupTarget(" sapphirerapids, cores=2 ,l2=1024,l1 = 32,"
                             "l3=4096,launch=7.5,l1-gbps=100,l2-gbps=50");
  ASSERT_TRUE(target) << target.error();
  EXPECT_EQ(target->name, "sapphirerapids");
  EXPECT_EQ(target->cores, 2);
  EXPECT_EQ(target->l1Kib, 32);
  EXPECT_EQ(target->l2Kib, 1024);
  EXPECT_EQ(target->l3Kib, 4096);
  EXPECT_EQ(target->launchMicros, 7.5);
  EXPECT_EQ(target->l1Gbps, 100);
  EXPECT_EQ(target->l2Gbps, 50);
}

TEST(Target, OverridesScaleWhatDepends) {
  auto row = lookupTarget("sapphirerapids");
  auto many = lookupTarget("sapphirerapids,cores=8");
  auto one = lookupTarget("sapphirerapids,cores=1");
  auto huge = lookupTarget("sapphirerapids,cores=4096");
  ASSERT_TRUE(row && many && one && huge);
  EXPECT_EQ(many->dramGbps.one, row->dramGbps.one);
  EXPECT_GT(many->dramGbps.all, 3 * row->dramGbps.all);
  EXPECT_EQ(one->dramGbps.all, one->dramGbps.one);
  EXPECT_EQ(huge->dramGbps.all, 16 * row->dramGbps.one);

  auto fast = lookupTarget("sapphirerapids,clock=4.2");
  ASSERT_TRUE(fast);
  const Intrinsic &fma = *lookupIntrinsic("avx512-f32");
  EXPECT_DOUBLE_EQ(fast->gflops(fma), 2 * row->gflops(fma));
  EXPECT_DOUBLE_EQ(fast->cyclesPerOperation(fma), row->cyclesPerOperation(fma));
  EXPECT_DOUBLE_EQ(fast->l2Gbps, 2 * row->l2Gbps);
  EXPECT_EQ(fast->dramGbps.one, row->dramGbps.one);

  auto slow = lookupTarget("sapphirerapids,l3-gbps=14");
  ASSERT_TRUE(slow);
  EXPECT_EQ(slow->l3Gbps.one, 14);
  EXPECT_DOUBLE_EQ(slow->l3Gbps.all, row->l3Gbps.all / 2);
}

TEST(Target, ErrorsNameTheNearest) {
  EXPECT_EQ(getError("saphirerapids"),
            "unknown target 'saphirerapids'; did you mean 'sapphirerapids'?");
  EXPECT_EQ(getError("gpu"),
            "unknown target 'gpu', expected one of host, x86-64-v3, "
            "x86-64-v4, sapphirerapids, sm_80, sm_86, sm_89, sm_90, sm_90a, "
            "sm_100a, sm_120a");
  EXPECT_EQ(getError("x86-64-v4,core=2"),
            "target 'x86-64-v4': unknown key 'core'; did you mean 'cores'?");
  EXPECT_EQ(getError("x86-64-v4,cores"),
            "target 'x86-64-v4': found 'cores', expected key=value");
  EXPECT_EQ(getError("x86-64-v4,cores=2.5"),
            "target 'x86-64-v4': found cores = '2.5', expected a positive "
            "integer of at most 4096");
}

TEST(Target, MalformedTextIsRejected) {
  for (std::string_view text :
       {"", ",", "x86-64-v4,", "x86-64-v4,,l1=2",
        "x86-64-v4,l1=", "x86-64-v4,l1=0", "x86-64-v4,l1=-3",
        "x86-64-v4,l1=nan", "x86-64-v4,l1=inf", "x86-64-v4,l1=1e99",
        "x86-64-v4,l1=3x", "x86-64-v4,=3", "x86-64-v4,cores=0", "X86-64-V4"})
    EXPECT_NE(getError(text), "no error") << text;
  EXPECT_NE(getError(std::string(1 << 20, 'x')), "no error");
}

TEST(Target, SharedFiguresGrowWithBusyCores) {
  SharedFigure figure{10, 40};
  EXPECT_EQ(figure.at(1, 4), 10);
  EXPECT_EQ(figure.at(2, 4), 20);
  EXPECT_EQ(figure.at(4, 4), 40);
  EXPECT_EQ(figure.at(9, 4), 40);
  EXPECT_EQ(figure.at(1, 1), 10);
}

TEST(Target, HostIsUsableOrSaysWhy) {
  auto host = lookupTarget("host");
  if (!host) {
    EXPECT_NE(host.error().find("expected x86-64-v3"), std::string::npos);
    return;
  }
  EXPECT_EQ(host->name, "host");
  EXPECT_FALSE(host->rates.empty());
  EXPECT_GE(host->cores, 1);
  EXPECT_GT(host->l1Kib, 4);
  EXPECT_LT(host->l1Kib, host->l2Kib);
#if defined(__x86_64__)
  // The compiler's own detection, which asks the operating system as well.
  EXPECT_EQ(host->llvmCpu() == "x86-64-v4",
            __builtin_cpu_supports("x86-64-v4") != 0);
#endif
}
