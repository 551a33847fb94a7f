//===- Driver.cpp - The CUDA driver's library -----------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Runtime/CUDA/Driver.h"

#include <cstdlib>
#include <dlfcn.h>
#include <map>
#include <memory>
#include <mutex>

using namespace spmmplu;
using namespace spmmplu::cuda;

Status CudaDriver::check(Code code, const char *call) const {
  if (code == 0)
    return Success{};
  const char *name = nullptr, *text = nullptr;
  entries.getErrorName(code, &name);
  entries.getErrorString(code, &text);
  std::string message = std::string(call) + ": ";
  message += name ? name : "error " + std::to_string(code);
  if (text)
    message += " (" + std::string(text) + ")";
  return Error{message};
}

Result<const CudaDriver *> CudaDriver::open(const std::string &path) {
  void *library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return Error{"no NVIDIA driver: cannot open " + path};
  auto driver = std::make_unique<CudaDriver>();
  const char *missing = nullptr;
#define SPMMPLU_CUDA_LOOKUP(member, name, parameters)                          \
  driver->entries.member =                                                     \
      reinterpret_cast<decltype(Api::member)>(dlsym(library, name));           \
  if (!driver->entries.member && !missing)                                     \
    missing = name;
  SPMMPLU_CUDA_ENTRY_POINTS(SPMMPLU_CUDA_LOOKUP)
#undef SPMMPLU_CUDA_LOOKUP
  if (missing)
    return Error{path + " has no " + missing +
                 ", expected a driver of CUDA 12 or newer"};
  if (Status status = driver->check(driver->entries.init(0), "cuInit"); !status)
    return Error{status.error()};
  return driver.release();
}

Result<const CudaDriver *> CudaDriver::get() {
  const char *named = std::getenv("SPMMPLU_LIBCUDA");
  std::string path = named && *named ? named : "libcuda.so.1";
  static std::mutex mutex;
  // Never destroyed: programs may be freed after static objects are.
  static auto &drivers = *new std::map<std::string, const CudaDriver *>();
  std::lock_guard lock(mutex);
  auto it = drivers.find(path);
  if (it != drivers.end())
    return it->second;
  Result<const CudaDriver *> driver = open(path);
  if (driver)
    drivers.emplace(path, *driver);
  return driver;
}
