//===- SafetensorsHeader.h - Safetensors JSON header ------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_RUNTIME_IO_SAFETENSORSHEADER_H
#define SPMMPLU_LIB_RUNTIME_IO_SAFETENSORSHEADER_H

#include "spmmplu/Runtime/IO/Safetensors.h"

namespace spmmplu::io {

/// As the reference implementation has it.
inline constexpr uint64_t maxSafetensorsHeader = 100'000'000;
inline constexpr std::string_view safetensorsMetadataKey = "__metadata__";

struct SafetensorsHeader {
  std::vector<SafetensorsEntry> entries; ///< in the order of their data
  std::vector<uint32_t> byName;          ///< indices, sorted by name
  SafetensorsMetadata metadata;
};

/// Parses `json` and checks all that `SafetensorsFile` promises, for a data
/// section of `dataBytes`. Memory is in proportion to `json`.
Result<SafetensorsHeader> parseSafetensorsHeader(std::string_view json,
                                                 uint64_t dataBytes);

} // namespace spmmplu::io

#endif // SPMMPLU_LIB_RUNTIME_IO_SAFETENSORSHEADER_H
