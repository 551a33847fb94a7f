//===- GpuTargets.cpp - The rows of GPUs -----------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GpuTargets.h"

using namespace mlir::spmmplu;

/// What all SMs together sustain, in TFLOP/s of the dense product.
struct TensorRates {
  double mma, sparseMma, wgmma, sparseWgmma;
  /// How much faster sums in f16 are: GeForce has half the rate for f32.
  double halfSums = 1;
  /// The same of elements of i8, and of the two f8 without and with 2:4 (0: no
  /// instruction).
  double bytes = 1, floats8 = 0, sparseFloats8 = 0;
};

/// tf32 has half the rate of 16-bit elements.
static void addRates(Target &target, const TensorRates &rates) {
  auto add = [&](std::string_view name, double tflops) {
    if (tflops > 0)
      target.rates.push_back(
          {lookupIntrinsic(name), tflops * 1e3 / double(target.cores)});
  };
  for (std::string_view type : {"f16", "bf16"}) {
    add("wgmma.sp-" + std::string(type), rates.sparseWgmma);
    add("wgmma-" + std::string(type), rates.wgmma);
    add("mma.sp-" + std::string(type), rates.sparseMma);
    add("mma-" + std::string(type), rates.mma);
  }
  add("wgmma-tf32", rates.wgmma / 2);
  add("mma-tf32", rates.mma / 2);
  add("mma.sp-tf32", rates.sparseMma / 2);
  add("mma-i8", rates.mma * rates.bytes);
  add("mma.sp-i8", rates.sparseMma * rates.bytes);
  for (std::string_view type : {"f8e4m3", "f8e5m2"}) {
    add("mma-" + std::string(type), rates.mma * rates.floats8);
    add("mma.sp-" + std::string(type), rates.sparseMma * rates.sparseFloats8);
  }
  add("mma-f16-f16", rates.mma * rates.halfSums);
  add("mma.sp-f16-f16", rates.sparseMma * rates.halfSums);
}

static Target makeGpu(std::string_view name, int64_t sms, double clockGhz,
                      double sharedKib, double l2Mib, double dramGbps,
                      int64_t fmaLanes, const TensorRates &rates) {
  Target gpu;
  gpu.name = name;
  gpu.kind = TargetKind::Gpu;
  gpu.cores = sms;
  gpu.clockGhz = clockGhz;
  gpu.sharedKib = sharedKib;
  gpu.registers = 65536;
  gpu.l1Kib = sharedKib;
  // 128 bytes a clock from shared memory; about 55 from the L2.
  gpu.l1Gbps = 128 * clockGhz;
  gpu.l2Gbps = 55 * clockGhz;
  gpu.l2Kib = l2Mib * 1024;
  // An SM alone keeps too few requests in flight for more than 35 bytes a
  // clock from memory.
  gpu.dramGbps = {35 * clockGhz, dramGbps};
  gpu.launchMicros = 3;
  addRates(gpu, rates);
  gpu.rates.push_back(
      {lookupIntrinsic("fma-f32"), 2 * double(fmaLanes) * clockGhz});
  return gpu;
}

// Multiply-adds: lanes of an SM times its clock. sm_90 and sm_90a: tensor rates
// and memory measured on an H100, sustained under its power limit. The others
// are vendors' figures less what an H100 sustains of its own (64 % of dense
// mma.sync, 48 % of sparse, 90 % of memory); sm_100a and sm_120a are there to
// compile for.
// Of 8-bit elements the rates are of whole kernels on an H100, which loading
// fragments bounds: vendors name twice as much. Hopper multiplies floats of 8
// bits with warps by way of f16, and with 2:4 many times slower than without.
std::vector<Target> mlir::spmmplu::makeGpuRows() {
  return {
      makeGpu("sm_80", 108, 1.41, 163, 40, 1750, 64, {260, 430, 0, 0}),
      makeGpu("sm_86", 82, 1.70, 99, 6, 840, 128, {65, 110, 0, 0, 2, 2}),
      makeGpu("sm_89", 128, 2.20, 99, 72, 900, 128,
              {150, 250, 0, 0, 2, 2, 2, 2}),
      makeGpu("sm_90", 132, 1.70, 227, 50, 3000, 128,
              {631, 945, 0, 0, 1, 1, 0.5}),
      makeGpu("sm_90a", 132, 1.70, 227, 50, 3000, 128,
              {631, 945, 800, 1100, 1, 1, 0.5}),
      makeGpu("sm_100a", 148, 1.80, 227, 126, 7000, 128,
              {700, 1050, 0, 0, 1, 1, 0.5}),
      makeGpu("sm_120a", 170, 2.30, 99, 96, 1600, 128,
              {190, 300, 0, 0, 2, 2, 2, 2}),
  };
}
