//===- ElfObject.cpp - Loads a relocatable x86-64 object ------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Runtime/CPU/ElfObject.h"

#include "ElfFile.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

using namespace spmmplu;

namespace spmmplu {

/// Places and relocates a checked object. Offsets are from the mapping's start.
///
/// Layout: code sections, stubs | constant sections, global offset table |
/// data sections, common symbols; each part starts on a page. A call of an
/// external function goes to its stub (`jmp *slot(%rip)`), always: libraries
/// are usually further away than 2 GiB.
class ElfLoader {
public:
  explicit ElfLoader(ElfFile file) : file(std::move(file)) {}

  Result<ElfObject> load();

private:
  static constexpr uint32_t absent = UINT32_MAX;
  static constexpr uint64_t stubBytes = 8, slotBytes = 8;
  /// Zeros before the first function: a caller built with clang's function
  /// sanitizer reads the bytes before what it calls.
  static constexpr uint64_t guardBytes = 16;

  Status resolveExternals();
  Status layOut();
  Status placePart(ElfPart part, uint64_t extraBytes);
  Status map();
  void fill();
  Status relocate(const ElfRelocation &relocation);
  Status protect();
  void exportSymbols();

  uint64_t offsetOfDefined(uint32_t symbol) const;
  uint64_t addressOf(uint32_t symbol) const;
  uint64_t stubOf(uint32_t symbol) const {
    return stubs + stubBytes * stubIndex[symbol];
  }
  uint64_t slotOf(uint32_t symbol) const {
    return slots + slotBytes * slotIndex[symbol];
  }
  uint64_t base() const { return reinterpret_cast<uint64_t>(object.base); }

  ElfFile file;
  ElfObject object;
  std::vector<void *> externals;              // per symbol
  std::vector<uint32_t> stubIndex, slotIndex; // per symbol, or absent
  std::vector<uint64_t> sectionStart, commonStart;
  uint32_t stubCount = 0, slotCount = 0;
  uint64_t end = 0; // of what is laid out so far
  uint64_t stubs = 0, slots = 0, constantsStart = 0, dataStart = 0;
};

} // namespace spmmplu

static uint64_t alignUp(uint64_t value, uint64_t alignment) {
  return (value + alignment - 1) & ~(alignment - 1);
}

static Error failure(std::string message) {
  return Error{"elf object: " + std::move(message)};
}

static Error tooLarge() {
  return failure("needs more than " + std::to_string(ElfObject::maxImageBytes) +
                 " bytes of memory");
}

static bool isThroughTable(uint32_t type) {
  return type == R_X86_64_GOTPCREL || type == R_X86_64_GOTPCRELX ||
         type == R_X86_64_REX_GOTPCRELX;
}

Status ElfLoader::resolveExternals() {
  externals.assign(file.symbols.size(), nullptr);
  stubIndex.assign(file.symbols.size(), absent);
  slotIndex.assign(file.symbols.size(), absent);
  auto take = [](uint32_t &index, uint32_t &count) {
    if (index == absent)
      index = count++;
  };
  for (const ElfRelocation &relocation : file.relocations) {
    uint32_t id = relocation.symbol;
    const ElfSymbol &symbol = file.symbols[id];
    bool external = symbol.kind == ElfSymbol::Kind::undefined;
    if (external && !externals[id]) {
      externals[id] = findExternalSymbol(symbol.name);
      if (!externals[id])
        return failure("undefined symbol " + quoteName(symbol.name) +
                       ", which the runtime does not offer to kernels");
    }
    bool relative =
        relocation.type == R_X86_64_PC32 || relocation.type == R_X86_64_PLT32;
    if (external && relative)
      take(stubIndex[id], stubCount);
    if (isThroughTable(relocation.type) || (external && relative))
      take(slotIndex[id], slotCount);
  }
  return Success{};
}

Status ElfLoader::placePart(ElfPart part, uint64_t extraBytes) {
  end = alignUp(end, sysconf(_SC_PAGESIZE));
  if (part == ElfPart::code)
    end += guardBytes;
  for (size_t i = 0; i < file.sections.size(); ++i) {
    const ElfSection &section = file.sections[i];
    if (section.part != part)
      continue;
    sectionStart[i] = alignUp(end, section.alignment);
    // Each size is at most maxImageBytes, so the sum cannot wrap around.
    end = sectionStart[i] + section.size;
    if (end > ElfObject::maxImageBytes)
      return tooLarge();
  }
  end = alignUp(end, 16) + extraBytes;
  if (end > ElfObject::maxImageBytes)
    return tooLarge();
  return Success{};
}

Status ElfLoader::layOut() {
  sectionStart.assign(file.sections.size(), 0);
  commonStart.assign(file.symbols.size(), 0);
  if (Status status = placePart(ElfPart::code, stubCount * stubBytes); !status)
    return status;
  stubs = end - stubCount * stubBytes;
  constantsStart = alignUp(end, sysconf(_SC_PAGESIZE));
  if (Status status = placePart(ElfPart::constants, slotCount * slotBytes);
      !status)
    return status;
  slots = end - slotCount * slotBytes;
  dataStart = alignUp(end, sysconf(_SC_PAGESIZE));
  if (Status status = placePart(ElfPart::data, 0); !status)
    return status;
  for (size_t i = 0; i < file.symbols.size(); ++i) {
    const ElfSymbol &symbol = file.symbols[i];
    if (symbol.kind != ElfSymbol::Kind::common)
      continue;
    commonStart[i] = alignUp(end, symbol.value);
    end = commonStart[i] + symbol.size;
    if (end > ElfObject::maxImageBytes)
      return tooLarge();
  }
  end = alignUp(end, sysconf(_SC_PAGESIZE));
  return Success{};
}

Status ElfLoader::map() {
  void *mapping = mmap(nullptr, end, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED)
    return failure("cannot map " + std::to_string(end) +
                   " bytes: " + std::strerror(errno));
  object.base = static_cast<std::byte *>(mapping);
  object.size = end;
  return Success{};
}

uint64_t ElfLoader::offsetOfDefined(uint32_t symbol) const {
  const ElfSymbol &it = file.symbols[symbol];
  return it.kind == ElfSymbol::Kind::common
             ? commonStart[symbol]
             : sectionStart[it.section] + it.value;
}

uint64_t ElfLoader::addressOf(uint32_t symbol) const {
  if (externals[symbol])
    return reinterpret_cast<uint64_t>(externals[symbol]);
  return base() + offsetOfDefined(symbol);
}

void ElfLoader::fill() {
  for (size_t i = 0; i < file.sections.size(); ++i)
    if (std::span<const std::byte> bytes = file.sections[i].bytes;
        !bytes.empty())
      std::memcpy(object.base + sectionStart[i], bytes.data(), bytes.size());
  for (uint32_t i = 0; i < file.symbols.size(); ++i) {
    if (slotIndex[i] != absent) {
      uint64_t address = addressOf(i);
      std::memcpy(object.base + slotOf(i), &address, sizeof(address));
    }
    if (stubIndex[i] != absent) {
      // jmp *disp32(%rip), relative to the end of these six bytes; int3 twice.
      uint8_t code[stubBytes] = {0xff, 0x25, 0, 0, 0, 0, 0xcc, 0xcc};
      int32_t distance = int32_t(slotOf(i) - (stubOf(i) + 6));
      std::memcpy(code + 2, &distance, sizeof(distance));
      std::memcpy(object.base + stubOf(i), code, sizeof(code));
    }
  }
}

Status ElfLoader::relocate(const ElfRelocation &relocation) {
  uint64_t at = sectionStart[relocation.section] + relocation.offset;
  uint32_t id = relocation.symbol;
  bool relative = relocation.type != R_X86_64_64;
  uint64_t target = isThroughTable(relocation.type)       ? base() + slotOf(id)
                    : relative && stubIndex[id] != absent ? base() + stubOf(id)
                                                          : addressOf(id);
  // Unsigned: a hostile addend may wrap around, which is not an error in C++
  // and is caught below where the field is narrower than an address.
  uint64_t value = target + uint64_t(relocation.addend);
  if (relative)
    value -= base() + at;
  if (widthOfRelocation(relocation.type) == 4) {
    int32_t narrow = int32_t(value);
    if (uint64_t(int64_t(narrow)) != value)
      return failure("relocation of " + quoteName(file.symbols[id].name) +
                     " does not reach its target in 32 bits");
    std::memcpy(object.base + at, &narrow, sizeof(narrow));
  } else {
    std::memcpy(object.base + at, &value, sizeof(value));
  }
  return Success{};
}

Status ElfLoader::protect() {
  bool done =
      mprotect(object.base, constantsStart, PROT_READ | PROT_EXEC) == 0 &&
      mprotect(object.base + constantsStart, dataStart - constantsStart,
               PROT_READ) == 0;
  if (done)
    return Success{};
  return failure(std::string("cannot protect its memory: ") +
                 std::strerror(errno));
}

void ElfLoader::exportSymbols() {
  for (const ElfSymbol &symbol : file.symbols) {
    if (symbol.kind != ElfSymbol::Kind::defined || !symbol.exported)
      continue;
    const ElfSection &section = file.sections[symbol.section];
    if (section.part == ElfPart::code && symbol.value < section.size)
      object.symbols.push_back({std::string(symbol.name),
                                sectionStart[symbol.section] + symbol.value});
  }
}

Result<ElfObject> ElfLoader::load() {
  for (auto step :
       {&ElfLoader::resolveExternals, &ElfLoader::layOut, &ElfLoader::map})
    if (Status status = (this->*step)(); !status)
      return Error{status.error()};
  fill();
  for (const ElfRelocation &relocation : file.relocations)
    if (Status status = relocate(relocation); !status)
      return Error{status.error()};
  if (Status status = protect(); !status)
    return Error{status.error()};
  exportSymbols();
  return std::move(object);
}

Result<ElfObject> ElfObject::load(std::span<const std::byte> bytes) {
  Result<ElfFile> file = readElfFile(bytes);
  if (!file)
    return Error{file.error()};
  return ElfLoader(std::move(*file)).load();
}

ElfObject::ElfObject(ElfObject &&other) noexcept
    : base(std::exchange(other.base, nullptr)),
      size(std::exchange(other.size, 0)), symbols(std::move(other.symbols)) {}

ElfObject &ElfObject::operator=(ElfObject &&other) noexcept {
  std::swap(base, other.base);
  std::swap(size, other.size);
  std::swap(symbols, other.symbols);
  return *this;
}

ElfObject::~ElfObject() {
  if (base)
    munmap(base, size);
}

void *ElfObject::lookup(std::string_view name) const {
  auto it = std::find_if(symbols.begin(), symbols.end(),
                         [&](const Symbol &s) { return s.name == name; });
  return it == symbols.end() ? nullptr : base + it->offset;
}
