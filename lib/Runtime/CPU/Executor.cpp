//===- Executor.cpp - Calls the CPU kernel of a package -------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Runtime/CPU/Executor.h"

#include "spmmplu/Runtime/CPU/HostCpu.h"

#include <algorithm>
#include <omp.h>

using namespace spmmplu;

Result<CpuExecutor> CpuExecutor::create(std::span<const std::byte> bytes,
                                        const std::string &symbol,
                                        std::span<const std::string> features) {
  if (Status status = HostCpu::get().require(features); !status)
    return Error{status.error()};
  bool usesTiles = std::any_of(
      features.begin(), features.end(),
      [](const std::string &feature) { return feature.starts_with("amx-"); });
  if (usesTiles)
    if (Status status = requestAmxPermission(); !status)
      return Error{status.error()};
  Result<ElfObject> object = ElfObject::load(bytes);
  if (!object)
    return Error{object.error()};
  void *entry = object->lookup(symbol);
  if (!entry)
    return Error{"elf object: defines no function '" + symbol + "'"};
  return CpuExecutor(std::move(*object), entry);
}

void CpuExecutor::call(std::span<const KernelArgument> arguments,
                       int threads) const {
  static_assert(sizeof(void *) == sizeof(int64_t));
  size_t words = 0;
  for (const KernelArgument &argument : arguments)
    words += 3 + 2 * argument.shape.size();
  std::vector<int64_t> descriptors;
  descriptors.reserve(words); // pointers into it are taken below
  std::vector<void *> pointers;
  pointers.reserve(arguments.size());
  for (const KernelArgument &argument : arguments) {
    pointers.push_back(descriptors.data() + descriptors.size());
    int64_t address = reinterpret_cast<int64_t>(argument.data);
    descriptors.insert(descriptors.end(), {address, address, 0});
    descriptors.insert(descriptors.end(), argument.shape.begin(),
                       argument.shape.end());
    size_t rank = argument.shape.size(), strides = descriptors.size();
    descriptors.resize(strides + rank);
    int64_t stride = 1;
    for (size_t axis = rank; axis-- > 0;) {
      descriptors[strides + axis] = stride;
      stride *= std::max<int64_t>(argument.shape[axis], 1);
    }
  }
  int before = omp_get_max_threads();
  if (threads > 0)
    omp_set_num_threads(threads);
  reinterpret_cast<void (*)(void **)>(entry)(pointers.data());
  omp_set_num_threads(before);
}
