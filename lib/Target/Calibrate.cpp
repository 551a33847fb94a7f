//===- Calibrate.cpp - Measures the lowest level of a machine --*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Target/Calibrate.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <vector>

using namespace mlir::spmmplu;

/// Rounds of a measurement: others may use the machine, so the best one counts.
static constexpr int kRounds = 15;

/// The shortest of some runs, in nanoseconds.
static double getShortest(const std::function<void()> &run) {
  using Clock = std::chrono::steady_clock;
  double shortest = 1e18;
  for (int round = 0; round < kRounds; ++round) {
    Clock::time_point start = Clock::now();
    run();
    std::chrono::duration<double, std::nano> time = Clock::now() - start;
    shortest = std::min(shortest, time.count());
  }
  return shortest;
}

/// Additions that wait for each other: one a cycle, on every machine.
static double measureClock() {
  constexpr int64_t kSteps = 4'000'000, kUnroll = 16;
  double nanos = getShortest([&] {
    uint64_t value = 1;
    for (int64_t step = 0; step < kSteps; ++step)
      for (int64_t i = 0; i < kUnroll; ++i) {
        // Opaque, so that additions are not merged.
        value += uint64_t(step);
        asm volatile("" : "+r"(value));
      }
  });
  return double(kSteps * kUnroll) / nanos;
}

// Sums in eight vectors, so that reads bound it and not the latency of adding.
#define SPMMPLU_READ_LOOP(name, attribute, bytes)                              \
  attribute static void name(const char *data, int64_t size) {                 \
    typedef int64_t Vector __attribute__((vector_size(bytes), may_alias));     \
    Vector sums[8] = {};                                                       \
    constexpr int64_t kStep = 8 * sizeof(Vector);                              \
    for (int64_t at = 0; at + kStep <= size; at += kStep) {                    \
      const auto *from = reinterpret_cast<const Vector *>(data + at);          \
      for (int i = 0; i < 8; ++i)                                              \
        sums[i] += from[i];                                                    \
    }                                                                          \
    for (const Vector &sum : sums)                                             \
      asm volatile("" : : "m"(sum));                                           \
  }

#if defined(__x86_64__)
SPMMPLU_READ_LOOP(readWide, __attribute__((target("avx512f"))), 64)
SPMMPLU_READ_LOOP(readNarrow, __attribute__((target("avx2"))), 32)
#else
SPMMPLU_READ_LOOP(readNarrow, , 16)
#endif

/// GB/s of one core that reads `kib` again and again.
static double measureReads(double kib, bool isWide) {
  int64_t size = std::max<int64_t>(int64_t(kib * 1024) / 4096 * 4096, 4096);
  std::vector<char> memory(size + 4096, 1);
  auto misaligned = reinterpret_cast<uintptr_t>(memory.data()) % 64;
  const char *data = memory.data() + (64 - misaligned) % 64;
  // A round reads at least this much.
  constexpr int64_t kBytes = int64_t(64) << 20;
  int64_t walks = std::max<int64_t>(kBytes / size, 1);
  double nanos = getShortest([&] {
    for (int64_t walk = 0; walk < walks; ++walk) {
#if defined(__x86_64__)
      if (isWide)
        readWide(data, size);
      else
#endif
        readNarrow(data, size);
    }
  });
  return double(size * walks) / nanos;
}

std::string mlir::spmmplu::calibrate(const Target &host) {
  bool isWide = false;
  for (const std::string &feature : host.features())
    isWide |= feature == "+avx512f";
  // The middle of what each level holds beyond the one before it.
  struct Level {
    const char *key;
    double kib;
  };
  const Level levels[] = {
      {"l1-gbps", host.l1Kib / 2},
      {"l2-gbps", host.l2Kib / 2},
      {"l3-gbps", std::min(host.l3Kib / 2, 4 * host.l2Kib)},
      {"dram-gbps", std::min(4 * host.l3Kib, 1024.0 * 1024)},
  };
  char number[64];
  std::snprintf(number, sizeof number, "clock=%.3g", measureClock());
  std::string text = number;
  for (const Level &level : levels) {
    std::snprintf(number, sizeof number, ",%s=%.4g", level.key,
                  measureReads(level.kib, isWide));
    text += number;
  }
  return text;
}
