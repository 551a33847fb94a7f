//===- HostCpu.h - What the processor and the system offer ------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_RUNTIME_CPU_HOSTCPU_H
#define SPMMPLU_RUNTIME_CPU_HOSTCPU_H

#include "spmmplu/Support/Result.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace spmmplu {

/// The x86-64 features of this machine under LLVM's names ("avx512f",
/// "amx-bf16"). A feature whose registers the operating system does not save
/// is not there, whatever cpuid says.
class HostCpu {
public:
  /// Detected once, on first use; safe from several threads.
  static const HostCpu &get();

  bool has(std::string_view feature) const;
  /// Success when every name in `features` is here; the error names all that
  /// are missing. A name the runtime does not know is missing.
  Status require(std::span<const std::string> features) const;

  /// Sorted.
  const std::vector<std::string> &features() const { return names; }
  /// The processor's brand string, "unknown" where it has none.
  const std::string &model() const { return brand; }

private:
  HostCpu();

  std::vector<std::string> names;
  std::string brand;
};

/// Asks Linux once for the AMX tile registers, which a process may not touch
/// before. Needed by kernels with a feature "amx-*"; later calls return the
/// first answer. It holds for all threads of the process.
Status requestAmxPermission();

} // namespace spmmplu

#endif // SPMMPLU_RUNTIME_CPU_HOSTCPU_H
