//===- ElfFile.h - A checked view of a relocatable object -------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The first half of the loader: everything the bytes claim is checked here, so
// that the second half (placing and relocating) works on facts only.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_RUNTIME_CPU_ELFFILE_H
#define SPMMPLU_LIB_RUNTIME_CPU_ELFFILE_H

#include "spmmplu/Support/Result.h"

#include <cstddef>
#include <cstdint>
#include <elf.h>
#include <span>
#include <string_view>
#include <vector>

namespace spmmplu {

/// Which part of the mapping a section goes to.
enum class ElfPart : uint8_t { none, code, constants, data };

struct ElfSection {
  std::string_view name;
  ElfPart part = ElfPart::none;
  uint64_t size = 0;
  uint64_t alignment = 1;           ///< a power of two, at most a page
  std::span<const std::byte> bytes; ///< empty: zeros (or nothing to load)
};

struct ElfSymbol {
  enum class Kind : uint8_t {
    defined,   ///< at `value` in `section`; value <= size of the section
    undefined, ///< to be resolved by name
    common,    ///< `size` bytes of zeros, aligned to `value`
    other      ///< absolute: may be there, may not be referred to
  };
  std::string_view name;
  Kind kind = Kind::other;
  bool exported = false; ///< global or weak
  uint32_t section = 0;
  uint64_t value = 0;
  uint64_t size = 0;
};

/// One relocation of a loaded section that has bytes. `offset` plus the width
/// of the relocated field is in the section, `symbol` is in `ElfFile::symbols`
/// and is not 0, `type` is one of those that `widthOfRelocation` knows.
struct ElfRelocation {
  uint32_t section, type, symbol;
  uint64_t offset;
  int64_t addend;
};

struct ElfFile {
  std::vector<ElfSection> sections;
  std::vector<ElfSymbol> symbols;
  std::vector<ElfRelocation> relocations;
};

/// Reads and checks all of `bytes`; the views in the result point into it.
Result<ElfFile> readElfFile(std::span<const std::byte> bytes);

/// Bytes that a relocation of this type writes; 0: not supported.
unsigned widthOfRelocation(uint32_t type);

/// `name` in quotes, cut and without control characters: names come from the
/// file and errors are one line.
std::string quoteName(std::string_view name);

} // namespace spmmplu

#endif // SPMMPLU_LIB_RUNTIME_CPU_ELFFILE_H
