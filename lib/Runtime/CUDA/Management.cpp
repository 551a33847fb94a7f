//===- Management.cpp - Clocks as the management library sees them --------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Runtime/CUDA/Device.h"

#include <dlfcn.h>

using namespace spmmplu;

namespace {

/// The three entry points of NVML that a clock takes; null where it is missing.
struct ManagementLibrary {
  int (*init)() = nullptr;
  int (*deviceByPciBusId)(const char *, void **) = nullptr;
  int (*clockInfo)(void *, int, unsigned *) = nullptr;
  bool usable = false;

  ManagementLibrary() {
    void *library = dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!library)
      return;
    init = reinterpret_cast<int (*)()>(dlsym(library, "nvmlInit_v2"));
    deviceByPciBusId = reinterpret_cast<int (*)(const char *, void **)>(
        dlsym(library, "nvmlDeviceGetHandleByPciBusId_v2"));
    clockInfo = reinterpret_cast<int (*)(void *, int, unsigned *)>(
        dlsym(library, "nvmlDeviceGetClockInfo"));
    usable = init && deviceByPciBusId && clockInfo && init() == 0;
  }
};

} // namespace

int CudaDevice::currentClockMhz() const {
  constexpr int smClock = 1;
  static const ManagementLibrary library;
  char busId[32] = {};
  void *found = nullptr;
  unsigned clock = 0;
  if (!library.usable ||
      api().deviceGetPciBusId(busId, sizeof(busId) - 1, handle) != 0 ||
      library.deviceByPciBusId(busId, &found) != 0 ||
      library.clockInfo(found, smClock, &clock) != 0)
    return 0;
  return int(clock);
}
