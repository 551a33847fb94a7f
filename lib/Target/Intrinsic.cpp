//===- Intrinsic.cpp - The table of intrinsics -----------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Target/Intrinsic.h"

#include "spmmplu/Segmentation/Tables.h"

#include <array>

using namespace mlir::spmmplu;

// Latency and throughput: Intel's optimisation manual for cores with two
// 512-bit FMA ports. bf16 and f16 without tiles are widened and multiplied in
// f32: AVX512-BF16's dot product is slower than that on the machines measured
// (docs/performance.md).
static constexpr std::array kIntrinsics = {
    Intrinsic{
        "amx-bf16", IntrinsicUnit::TileMatrix, Element::BF16, Element::F32, 16,
        16, 32, 16, 8, 52, 1,
        "amx-tile,amx-bf16,avx512f,avx512bw,avx512vl,avx512bf16,avx512vbmi2"},
    Intrinsic{"avx512-f32", IntrinsicUnit::VectorFma, Element::F32,
              Element::F32, 1, 16, 1, 16, 32, 4, 2,
              "avx512f,avx512bw,avx512vl,avx512dq"},
    Intrinsic{"avx512-f64", IntrinsicUnit::VectorFma, Element::F64,
              Element::F64, 1, 8, 1, 8, 32, 4, 2,
              "avx512f,avx512bw,avx512vl,avx512dq"},
    Intrinsic{"avx512-bf16-f32", IntrinsicUnit::VectorFma, Element::BF16,
              Element::F32, 1, 16, 1, 16, 32, 4, 2,
              "avx512f,avx512bw,avx512vl,avx512dq"},
    Intrinsic{"avx512-f16-f32", IntrinsicUnit::VectorFma, Element::F16,
              Element::F32, 1, 16, 1, 16, 32, 4, 2,
              "avx512f,avx512bw,avx512vl,avx512dq"},
    Intrinsic{"avx2-f32", IntrinsicUnit::VectorFma, Element::F32, Element::F32,
              1, 8, 1, 8, 16, 4, 2, "avx2,fma"},
    Intrinsic{"avx2-f64", IntrinsicUnit::VectorFma, Element::F64, Element::F64,
              1, 4, 1, 4, 16, 4, 2, "avx2,fma"},
    Intrinsic{"avx2-bf16-f32", IntrinsicUnit::VectorFma, Element::BF16,
              Element::F32, 1, 8, 1, 8, 16, 4, 2, "avx2,fma"},
    Intrinsic{"avx2-f16-f32", IntrinsicUnit::VectorFma, Element::F16,
              Element::F32, 1, 8, 1, 8, 16, 4, 2, "avx2,fma,f16c"},
    // Tensor cores. Cuboids: PTX ISA, "Matrix shape". Latency and throughput
    // are a warp's (warpgroup's) and stand here for completeness: the GPU model
    // counts with the target's rates. wgmma's j is what its N comes in steps
    // of; with tf32 it multiplies the transposes, and i is.
    Intrinsic{"wgmma.sp-f16", IntrinsicUnit::WarpgroupMatrix, Element::F16,
              Element::F32, 64, 8, 32, 1, 255, 64, 1, "sm_90a", true},
    Intrinsic{"wgmma.sp-bf16", IntrinsicUnit::WarpgroupMatrix, Element::BF16,
              Element::F32, 64, 8, 32, 1, 255, 64, 1, "sm_90a", true},
    Intrinsic{"wgmma-f16", IntrinsicUnit::WarpgroupMatrix, Element::F16,
              Element::F32, 64, 8, 16, 1, 255, 64, 1, "sm_90a"},
    Intrinsic{"wgmma-bf16", IntrinsicUnit::WarpgroupMatrix, Element::BF16,
              Element::F32, 64, 8, 16, 1, 255, 64, 1, "sm_90a"},
    Intrinsic{"mma.sp-f16", IntrinsicUnit::WarpMatrix, Element::F16,
              Element::F32, 16, 8, 32, 1, 255, 33, 1, "sm_80", true},
    Intrinsic{"mma.sp-bf16", IntrinsicUnit::WarpMatrix, Element::BF16,
              Element::F32, 16, 8, 32, 1, 255, 33, 1, "sm_80", true},
    Intrinsic{"mma-f16", IntrinsicUnit::WarpMatrix, Element::F16, Element::F32,
              16, 8, 16, 1, 255, 33, 1, "sm_80"},
    Intrinsic{"mma-bf16", IntrinsicUnit::WarpMatrix, Element::BF16,
              Element::F32, 16, 8, 16, 1, 255, 33, 1, "sm_80"},
    Intrinsic{"wgmma-tf32", IntrinsicUnit::WarpgroupMatrix, Element::F32,
              Element::F32, 8, 64, 8, 1, 255, 64, 1, "sm_90a", false, true},
    Intrinsic{"mma-tf32", IntrinsicUnit::WarpMatrix, Element::F32, Element::F32,
              16, 8, 8, 1, 255, 33, 1, "sm_80", false, true},
    Intrinsic{"mma.sp-tf32", IntrinsicUnit::WarpMatrix, Element::F32,
              Element::F32, 16, 8, 16, 1, 255, 33, 1, "sm_80", true, true},
    // 8-bit elements.
    Intrinsic{"mma.sp-i8", IntrinsicUnit::WarpMatrix, Element::I8, Element::I32,
              16, 8, 64, 1, 255, 33, 1, "sm_80", true},
    Intrinsic{"mma-i8", IntrinsicUnit::WarpMatrix, Element::I8, Element::I32,
              16, 8, 32, 1, 255, 33, 1, "sm_80"},
    Intrinsic{"mma.sp-f8e4m3", IntrinsicUnit::WarpMatrix, Element::F8E4M3,
              Element::F32, 16, 8, 64, 1, 255, 33, 1, "sm_89", true},
    Intrinsic{"mma-f8e4m3", IntrinsicUnit::WarpMatrix, Element::F8E4M3,
              Element::F32, 16, 8, 32, 1, 255, 33, 1, "sm_89"},
    Intrinsic{"mma.sp-f8e5m2", IntrinsicUnit::WarpMatrix, Element::F8E5M2,
              Element::F32, 16, 8, 64, 1, 255, 33, 1, "sm_89", true},
    Intrinsic{"mma-f8e5m2", IntrinsicUnit::WarpMatrix, Element::F8E5M2,
              Element::F32, 16, 8, 32, 1, 255, 33, 1, "sm_89"},
    // The same as of f16 above with sums in f16, to be asked for.
    Intrinsic{"mma.sp-f16-f16", IntrinsicUnit::WarpMatrix, Element::F16,
              Element::F16, 16, 8, 32, 1, 255, 33, 1, "sm_80", true},
    Intrinsic{"mma-f16-f16", IntrinsicUnit::WarpMatrix, Element::F16,
              Element::F16, 16, 8, 16, 1, 255, 33, 1, "sm_80"},
    // One instruction of a warp: its lanes lie as 4 x 8.
    Intrinsic{"fma-f32", IntrinsicUnit::WarpFma, Element::F32, Element::F32, 4,
              8, 1, 1, 255, 4, 1, "sm_80"},
};

std::span<const Intrinsic> mlir::spmmplu::listIntrinsics() {
  return kIntrinsics;
}

const Intrinsic *mlir::spmmplu::lookupIntrinsic(std::string_view name) {
  for (const Intrinsic &intrinsic : kIntrinsics)
    if (intrinsic.name == name)
      return &intrinsic;
  return nullptr;
}

bool mlir::spmmplu::isOfGpu(const Intrinsic *intrinsic) {
  return intrinsic && (intrinsic->unit == IntrinsicUnit::WarpFma ||
                       intrinsic->unit == IntrinsicUnit::WarpMatrix ||
                       intrinsic->unit == IntrinsicUnit::WarpgroupMatrix);
}

PackedLayout mlir::spmmplu::getPackedLayout(const Intrinsic &intrinsic,
                                            int64_t depth) {
  if (intrinsic.unit != IntrinsicUnit::TileMatrix)
    return PackedLayout::kMajor;
  return depth == 1 ? PackedLayout::gathered : PackedLayout::rowMajor;
}

ValueSource mlir::spmmplu::getValueSource(const Intrinsic &intrinsic,
                                          int64_t rows, int64_t depth,
                                          bool isPart) {
  if (intrinsic.unit == IntrinsicUnit::TileMatrix)
    return depth == 1 || depth == intrinsic.k ? ValueSource::Cells
                                              : ValueSource::None;
  if (intrinsic.unit != IntrinsicUnit::VectorFma || depth != 1)
    return ValueSource::None;
  if (rows == 1 && !isPart)
    return ValueSource::Rows;
  // AVX-512 spreads a run to the lanes of a vector as it loads it, but elements
  // of 16 bits only with further features.
  bool spreads = intrinsic.features.find("avx512f") != std::string_view::npos &&
                 intrinsic.input == intrinsic.accumulate;
  return spreads ? ValueSource::Cells : ValueSource::None;
}

int64_t mlir::spmmplu::getCellDepth(const Intrinsic &intrinsic) {
  return intrinsic.unit == IntrinsicUnit::TileMatrix ? intrinsic.k
                                                     : intrinsic.lanes;
}

int64_t mlir::spmmplu::getRegisterRows(const Intrinsic &intrinsic, int64_t rows,
                                       int64_t vectors) {
  // One register a vector of the rhs and two for broadcasts are not
  // accumulators.
  int64_t accumulators = intrinsic.registers - vectors - 2;
  while (rows > 1 && rows * vectors > accumulators && rows % 2 == 0)
    rows /= 2;
  return rows;
}
