//===- HostTarget.cpp - The machine this runs on ---------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Target/Target.h"

#include <algorithm>
#include <unistd.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

using namespace mlir::spmmplu;
using ::spmmplu::Error;
using ::spmmplu::Result;

#if defined(__x86_64__)

namespace {

/// The answer of one cpuid leaf; zeros where the processor has none.
struct Leaf {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;

  explicit Leaf(unsigned number, unsigned sub = 0) {
    if (!__get_cpuid_count(number, sub, &eax, &ebx, &ecx, &edx))
      eax = ebx = ecx = edx = 0;
  }
};

/// Where cpuid reports a feature, and what the operating system must save on a
/// context switch for it to be usable (bits of XCR0).
struct FeatureBit {
  std::string_view name;
  unsigned leaf, sub;
  unsigned Leaf::*word;
  int bit;
  uint64_t saved;
};

} // namespace

static constexpr uint64_t kYmm = 0x6, kZmm = 0xe6, kTiles = 0x60000;
static constexpr FeatureBit kFeatureBits[] = {
    {"fma", 1, 0, &Leaf::ecx, 12, kYmm},
    {"movbe", 1, 0, &Leaf::ecx, 22, 0},
    {"f16c", 1, 0, &Leaf::ecx, 29, kYmm},
    {"bmi", 7, 0, &Leaf::ebx, 3, 0},
    {"avx2", 7, 0, &Leaf::ebx, 5, kYmm},
    {"bmi2", 7, 0, &Leaf::ebx, 8, 0},
    {"avx512f", 7, 0, &Leaf::ebx, 16, kZmm},
    {"avx512dq", 7, 0, &Leaf::ebx, 17, kZmm},
    {"avx512cd", 7, 0, &Leaf::ebx, 28, kZmm},
    {"avx512bw", 7, 0, &Leaf::ebx, 30, kZmm},
    {"avx512vl", 7, 0, &Leaf::ebx, 31, kZmm},
    {"amx-bf16", 7, 0, &Leaf::edx, 22, kTiles},
    {"amx-tile", 7, 0, &Leaf::edx, 24, kTiles},
    {"avx512bf16", 7, 1, &Leaf::eax, 5, kZmm},
    {"avx512vbmi2", 7, 0, &Leaf::ecx, 6, kZmm},
    {"lzcnt", 0x80000001, 0, &Leaf::ecx, 5, 0},
};

namespace {

/// What processor and operating system offer together.
class HostFeatures {
public:
  HostFeatures() {
    constexpr unsigned osxsave = 1u << 27;
    if (Leaf(1).ecx & osxsave)
      saved = readSavedState();
  }

  /// Whether LLVM's feature of that name may be used.
  bool has(std::string_view name) const {
    for (const FeatureBit &feature : kFeatureBits)
      if (feature.name == name)
        return (Leaf(feature.leaf, feature.sub).*feature.word >> feature.bit &
                1) &&
               (saved & feature.saved) == feature.saved;
    return false;
  }

  bool hasAll(std::string_view names) const {
    while (!names.empty()) {
      size_t comma = std::min(names.find(','), names.size());
      if (!has(names.substr(0, comma)))
        return false;
      names.remove_prefix(std::min(comma + 1, names.size()));
    }
    return true;
  }

private:
  /// The register states that the system saves (XCR0).
  static uint64_t readSavedState() {
    uint32_t low, high;
    asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return uint64_t(high) << 32 | low;
  }

  uint64_t saved = 0;
};

} // namespace

/// What the rows' baseline processors have beyond the intrinsics' features.
static std::string_view getBaseline(const Target &row) {
  return row.llvmCpu() == "x86-64-v4" ? "bmi,bmi2,lzcnt,movbe,avx512cd"
                                      : "bmi,bmi2,lzcnt,movbe";
}

/// KiB, or what the nearest row has where the system does not say.
static double cacheKib(int name, double otherwise) {
  long bytes = sysconf(name);
  return bytes > 0 ? bytes / 1024.0 : otherwise;
}

Result<Target> mlir::spmmplu::detectHost() {
  HostFeatures features;
  // The best row of which the machine has every intrinsic.
  const Target *nearest = nullptr;
  for (std::string_view name : {"x86-64-v3", "x86-64-v4", "sapphirerapids"}) {
    const Target *row = lookupTargetRow(name);
    if (features.hasAll(getBaseline(*row)) &&
        std::ranges::all_of(row->rates, [&](const IntrinsicRate &rate) {
          return features.hasAll(rate.intrinsic->features);
        }))
      nearest = row;
  }
  if (!nearest)
    return Error{"target 'host': found a processor or system without AVX2, "
                 "FMA, F16C or BMI, expected x86-64-v3 or later"};
  Target host = *nearest;
  host.name = "host";
  host.l1Kib = cacheKib(_SC_LEVEL1_DCACHE_SIZE, nearest->l1Kib);
  host.l2Kib = cacheKib(_SC_LEVEL2_CACHE_SIZE, nearest->l2Kib);
  host.l3Kib = cacheKib(_SC_LEVEL3_CACHE_SIZE, nearest->l3Kib);
  // Base frequency in MHz: what remains of it under wide vectors is close.
  if (unsigned baseMhz = Leaf(0x16).eax & 0xffff)
    setClock(host, baseMhz / 1000.0);
  setCores(host, std::max(1l, sysconf(_SC_NPROCESSORS_ONLN)));
  return host;
}

#else

Result<Target> mlir::spmmplu::detectHost() {
  return Error{"target 'host': found a processor that is not x86-64, expected "
               "x86-64-v3 or later"};
}

#endif
