//===- Target.h - Tables of machines ---------------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A machine as its levels see it, innermost first: what an instruction
// sustains, what a core holds and how fast it reads it, what all cores share.
// The cost model reads nothing else, so a new machine is a row.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TARGET_TARGET_H
#define SPMMPLU_TARGET_TARGET_H

#include "spmmplu/Support/Result.h"
#include "spmmplu/Target/Intrinsic.h"

#include <string>
#include <string_view>
#include <vector>

namespace mlir::spmmplu {

/// What a core sustains with an intrinsic that the machine has.
struct IntrinsicRate {
  const Intrinsic *intrinsic = nullptr;
  double gflops = 0; ///< of one core; a multiply-add counts as two
};

/// A figure of what cores share: for one busy core, and for all of them
/// together.
struct SharedFigure {
  double one = 0, all = 0;

  /// For `busy` of `cores` cores: linear in between.
  double at(int64_t busy, int64_t cores) const {
    if (busy <= 1 || cores <= 1)
      return one;
    return busy >= cores ? all : one + (all - one) * (busy - 1) / (cores - 1);
  }
};

enum class TargetKind { Cpu, Gpu };

/// Of a GPU a core is an SM, L1 its shared memory, and L2 what all SMs share:
/// there is no L3.
struct Target {
  /// Of a GPU also the chip's, e.g. `sm_90a`.
  std::string name;
  TargetKind kind = TargetKind::Cpu;

  // The instruction level.
  double clockGhz = 1; ///< sustained with the widest vectors busy
  std::vector<IntrinsicRate> rates;

  // The core level: capacities in KiB, read bandwidths in GB/s of one core.
  double l1Kib = 0, l2Kib = 0;
  double l1Gbps = 0, l2Gbps = 0;
  double sharedKib = 0;  ///< GPUs: shared memory that one block may have
  int64_t registers = 0; ///< GPUs: 32-bit registers of an SM

  // The device level.
  double l3Kib = 0;
  SharedFigure l3Gbps, dramGbps; ///< read bandwidths in GB/s
  int64_t cores = 1;
  double launchMicros = 0; ///< of a parallel region on several cores, a kernel

  /// GFLOP/s of a core; 0 if the machine does not have the intrinsic.
  double gflops(const Intrinsic &intrinsic) const;
  /// Cycles between two operations of the intrinsic on one core.
  double cyclesPerOperation(const Intrinsic &intrinsic) const;

  /// What LLVM is told. The processor is a baseline that follows from the
  /// features, never the machine's own name: a machine may be sold, or
  /// virtualised, with less than its name promises. Of a GPU the chip.
  std::string_view llvmCpu() const;
  /// Each with its sign, e.g. `+avx512f`, without repetition.
  std::vector<std::string> features() const;
};

/// The names that `lookupTarget` knows, `host` first.
std::vector<std::string_view> listTargets();

/// The target of a text `name[,key=value]...`; a key replaces a figure:
///   cores; l1, l2, l3 (KiB); clock (GHz); launch (us);
///   l1-gbps, l2-gbps (one core); l3-gbps, dram-gbps (one core; of GPUs all);
///   shared (KiB of a block), registers (of an SM).
/// Replacing `cores` scales what all cores share (but a GPU's memory, which a
/// part of its SMs saturates), replacing a shared figure
/// scales its value for all cores with that for one, and replacing `clock`
/// scales GFLOP/s and the bandwidths of the core's own caches. Fails on unknown
/// names and keys, naming the nearest known one, and on values that are no
/// positive numbers.
::spmmplu::Result<Target> lookupTarget(std::string_view text);

/// The row with the given name; null if there is none (`host` is no row).
const Target *lookupTargetRow(std::string_view name);

/// The machine this runs on. Intrinsics from cpuid, as far as the operating
/// system saves their registers; cache sizes and cores as the system reports
/// them; all else from the nearest row, scaled to that. Fails without AVX2.
::spmmplu::Result<Target> detectHost();

/// Replaces the number of cores, and scales what all of them share.
void setCores(Target &target, int64_t cores);
/// Replaces the clock, and scales what runs at it.
void setClock(Target &target, double clockGhz);

} // namespace mlir::spmmplu

#endif // SPMMPLU_TARGET_TARGET_H
