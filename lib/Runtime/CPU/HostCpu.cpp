//===- HostCpu.cpp - What the processor and the system offer --------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Runtime/CPU/HostCpu.h"

#include <algorithm>
#include <cerrno>
#include <cpuid.h>
#include <cstdint>
#include <cstring>
#include <sys/syscall.h>
#include <unistd.h>

using namespace spmmplu;

namespace {

enum Register : uint8_t { eax, ebx, ecx, edx };

/// State components of XCR0 that the system must save for a feature's
/// registers to survive a context switch.
enum XState : uint64_t {
  none = 0,
  avx = 0x6,           // xmm, ymm
  avx512 = avx | 0xe0, // opmask, zmm
  amx = 0x60000        // tile configuration, tile data
};

struct Feature {
  const char *name;
  uint32_t leaf, subleaf;
  Register reg;
  uint8_t bit;
  XState state;
};

constexpr Feature featureTable[] = {
    {"sse2", 1, 0, edx, 26, none},
    {"sse3", 1, 0, ecx, 0, none},
    {"ssse3", 1, 0, ecx, 9, none},
    {"sse4.1", 1, 0, ecx, 19, none},
    {"sse4.2", 1, 0, ecx, 20, none},
    {"popcnt", 1, 0, ecx, 23, none},
    {"movbe", 1, 0, ecx, 22, none},
    {"cx16", 1, 0, ecx, 13, none},
    {"lzcnt", 0x80000001, 0, ecx, 5, none},
    {"sahf", 0x80000001, 0, ecx, 0, none},
    {"bmi", 7, 0, ebx, 3, none},
    {"bmi2", 7, 0, ebx, 8, none},
    {"fma", 1, 0, ecx, 12, avx},
    {"f16c", 1, 0, ecx, 29, avx},
    {"avx", 1, 0, ecx, 28, avx},
    {"avx2", 7, 0, ebx, 5, avx},
    {"avxvnni", 7, 1, eax, 4, avx},
    {"avxneconvert", 7, 1, edx, 5, avx},
    {"avx512f", 7, 0, ebx, 16, avx512},
    {"avx512dq", 7, 0, ebx, 17, avx512},
    {"avx512ifma", 7, 0, ebx, 21, avx512},
    {"avx512cd", 7, 0, ebx, 28, avx512},
    {"avx512bw", 7, 0, ebx, 30, avx512},
    {"avx512vl", 7, 0, ebx, 31, avx512},
    {"avx512vbmi", 7, 0, ecx, 1, avx512},
    {"avx512vbmi2", 7, 0, ecx, 6, avx512},
    {"avx512vnni", 7, 0, ecx, 11, avx512},
    {"avx512bitalg", 7, 0, ecx, 12, avx512},
    {"avx512vpopcntdq", 7, 0, ecx, 14, avx512},
    {"avx512fp16", 7, 0, edx, 23, avx512},
    {"avx512bf16", 7, 1, eax, 5, avx512},
    {"amx-bf16", 7, 0, edx, 22, amx},
    {"amx-tile", 7, 0, edx, 24, amx},
    {"amx-int8", 7, 0, edx, 25, amx},
    {"amx-fp16", 7, 1, eax, 21, amx},
};

} // namespace

static uint64_t readXcr0() {
  unsigned a, b, c, d;
  constexpr unsigned osxsave = 1u << 27;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & osxsave))
    return 0;
  uint32_t low, high;
  // The intrinsic would need the whole file to be built with -mxsave.
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return uint64_t(high) << 32 | low;
}

static std::string readBrand() {
  char text[49] = {};
  for (unsigned i = 0; i < 3; ++i) {
    unsigned regs[4];
    if (!__get_cpuid(0x80000002 + i, &regs[0], &regs[1], &regs[2], &regs[3]))
      return "unknown";
    std::memcpy(text + 16 * i, regs, 16);
  }
  std::string brand(text);
  brand.erase(0, brand.find_first_not_of(' '));
  brand.erase(brand.find_last_not_of(' ') + 1);
  return brand.empty() ? "unknown" : brand;
}

HostCpu::HostCpu() : brand(readBrand()) {
  uint64_t xcr0 = readXcr0();
  for (const Feature &feature : featureTable) {
    unsigned regs[4];
    // __get_cpuid_count also checks that the leaf exists; the subleaf of leaf 7
    // reads as zero where it does not.
    if (!__get_cpuid_count(feature.leaf, feature.subleaf, &regs[0], &regs[1],
                           &regs[2], &regs[3]))
      continue;
    if ((regs[feature.reg] >> feature.bit & 1) &&
        (xcr0 & feature.state) == feature.state)
      names.push_back(feature.name);
  }
  std::sort(names.begin(), names.end());
}

const HostCpu &HostCpu::get() {
  static const HostCpu cpu;
  return cpu;
}

bool HostCpu::has(std::string_view feature) const {
  return std::binary_search(names.begin(), names.end(), feature);
}

Status HostCpu::require(std::span<const std::string> features) const {
  std::string missing;
  for (const std::string &feature : features)
    if (!has(feature))
      missing += (missing.empty() ? "" : ", ") + feature;
  if (missing.empty())
    return Success{};
  return Error{"kernel needs " + missing + ", which this machine (" + brand +
               ") does not offer"};
}

Status spmmplu::requestAmxPermission() {
  constexpr int requestPermission = 0x1023; // ARCH_REQ_XCOMP_PERM
  constexpr int tileData = 18;              // XFEATURE_XTILEDATA
  // The first answer holds for the life of the process.
  static const int error =
      syscall(SYS_arch_prctl, requestPermission, tileData) == 0 ? 0 : errno;
  if (error == 0)
    return Success{};
  return Error{std::string("kernel needs the AMX tile registers, which the "
                           "system refused: ") +
               std::strerror(error)};
}
