//===- FakeDriver.h - A CUDA driver without a GPU ---------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A library with the driver's entry points, over host memory: device pointers
// are addresses of the process, kernels are functions that a test installs, and
// all work is done when it is started. SPMMPLU_LIBCUDA names it.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TEST_UNIT_RUNTIME_CUDA_FAKEDRIVER_H
#define SPMMPLU_TEST_UNIT_RUNTIME_CUDA_FAKEDRIVER_H

#include "spmmplu/Runtime/CUDA/Api.h"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace spmmplu::testing {

struct FakeDevice {
  std::string name;
  int major, minor;
};

struct FakeLaunch {
  std::string kernel;
  std::array<unsigned, 3> grid, block;
  unsigned sharedBytes;
  cuda::Stream stream;
  bool isEarly = false; ///< may begin before the one ahead of it has ended
};

/// What the fake is asked to do and what it saw. One for the process.
struct FakeDriver {
  // Asked.
  int deviceCount = 2;
  int currentDevice = -1;  ///< of the thread's context; -1: there is none
  std::string failingCall; ///< its name without what follows
  int failingCode = 0;
  std::map<std::string, std::function<void(void **)>> kernels;

  // Seen.
  std::vector<FakeLaunch> launches;
  std::vector<std::string> modules; ///< images loaded
  std::set<uint64_t> allocations, asyncAllocations;
  std::map<std::string, int> sharedLimits; ///< set, by kernel
  int contextDepth = 0, tensorMaps = 0, synchronizations = 0;
  uint32_t lastBox[2] = {};

  static constexpr uint64_t mapMark = 0x70616d726f736e74;
  static constexpr int sharedBytes = 232448, staticSharedBytes = 1024;
  const FakeDevice devices[2] = {{"Fake H100", 9, 0}, {"Fake A100", 8, 0}};
};

/// What the library exports as `fakeDriver` beside the driver's names: the
/// address of the one `FakeDriver`.
using FakeDriverGetter = void *();

} // namespace spmmplu::testing

#endif // SPMMPLU_TEST_UNIT_RUNTIME_CUDA_FAKEDRIVER_H
