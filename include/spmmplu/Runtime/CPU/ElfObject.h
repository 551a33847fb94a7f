//===- ElfObject.h - Loads a relocatable x86-64 object ----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A package carries its CPU kernel as the ELF64 relocatable object that LLVM
// wrote. This loader places it into memory without a linker. It is a closed
// world: what it does not know it refuses, so a malformed object is an error
// and never a crash of the loader (docs/package.md, "What is trusted").
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_RUNTIME_CPU_ELFOBJECT_H
#define SPMMPLU_RUNTIME_CPU_ELFOBJECT_H

#include "spmmplu/Support/Result.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace spmmplu {

/// An object in memory, ready to be called. Owns one anonymous mapping of
/// three page-aligned parts: code (read, execute), constants and the global
/// offset table (read), data (read, write). No page is ever writable and
/// executable, not even while it is being filled.
class ElfObject {
public:
  /// The most bytes that a loaded object may occupy. Keeps every pc-relative
  /// distance inside of the mapping in 32 bits.
  static constexpr uint64_t maxImageBytes = uint64_t(1) << 30;

  /// Loads the object in `bytes`, which are only read during the call.
  /// Undefined symbols that a relocation names resolve to
  /// `findExternalSymbol` or are an error. No code of the object runs.
  static Result<ElfObject> load(std::span<const std::byte> bytes);

  ElfObject(ElfObject &&other) noexcept;
  ElfObject &operator=(ElfObject &&other) noexcept;
  ~ElfObject();

  /// The address of a defined global or weak symbol in the code part, or null.
  void *lookup(std::string_view name) const;

  /// The mapping, for tests of its protection.
  std::span<const std::byte> image() const { return {base, size}; }

private:
  friend class ElfLoader;
  struct Symbol {
    std::string name;
    uint64_t offset; ///< from the start of the mapping
  };

  ElfObject() = default;

  std::byte *base = nullptr;
  size_t size = 0;
  std::vector<Symbol> symbols;
};

/// The address that an undefined symbol of a kernel resolves to, or null when
/// the name is not in the runtime's fixed list (memory, mathematics, OpenMP).
/// The process's other symbols are out of a kernel's reach by name.
void *findExternalSymbol(std::string_view name);

} // namespace spmmplu

#endif // SPMMPLU_RUNTIME_CPU_ELFOBJECT_H
