//===- ElfFile.cpp - A checked view of a relocatable object ---------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ElfFile.h"

#include "spmmplu/Runtime/CPU/ElfObject.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>

using namespace spmmplu;

static constexpr uint64_t pageBytes = 4096;
/// Bounds the search for a name's end: without it, many symbols that share one
/// long string would make reading quadratic.
static constexpr size_t maxNameLength = 4096;
static constexpr uint32_t typeUnwind = 0x70000001;     // SHT_X86_64_UNWIND
static constexpr uint32_t typeAddressSig = 0x6fff4c03; // SHT_LLVM_ADDRSIG
static constexpr uint64_t flagLarge = 0x10000000;      // SHF_X86_64_LARGE

std::string spmmplu::quoteName(std::string_view name) {
  constexpr size_t longest = 80;
  std::string text = "'";
  for (char c : name.substr(0, longest))
    text += c >= ' ' && c <= '~' ? c : '?';
  return text + (name.size() > longest ? "...'" : "'");
}

static Error failure(std::string message) {
  return Error{"elf object: " + std::move(message)};
}

unsigned spmmplu::widthOfRelocation(uint32_t type) {
  switch (type) {
  case R_X86_64_64:
  case R_X86_64_PC64:
    return 8;
  case R_X86_64_PC32:
  case R_X86_64_PLT32:
  case R_X86_64_GOTPCREL:
  case R_X86_64_GOTPCRELX:
  case R_X86_64_REX_GOTPCRELX:
    return 4;
  default:
    return 0;
  }
}

namespace {

class Reader {
public:
  explicit Reader(std::span<const std::byte> bytes) : bytes(bytes) {}

  Result<ElfFile> read();

private:
  /// The `index`-th `T` of a table that has been checked to hold it. The bytes
  /// need not be aligned.
  template <typename T>
  static T load(std::span<const std::byte> table, uint64_t index) {
    T value;
    std::memcpy(&value, table.data() + index * sizeof(T), sizeof(T));
    return value;
  }

  std::string where(uint32_t section) const {
    return "section " + std::to_string(section) + " " +
           quoteName(file.sections[section].name);
  }

  Status readHeader();
  Status readSectionTable();
  Status checkSection(uint32_t index);
  Status checkLoaded(uint32_t index);
  Status readSymbols();
  Status checkSymbol(uint32_t index, const Elf64_Sym &raw);
  Status readRelocations(uint32_t index);
  Status checkRelocation(uint32_t target, const Elf64_Rela &raw);

  std::optional<std::string_view> nameAt(uint32_t stringTable,
                                         uint32_t offset) const;
  std::span<const std::byte> contents(uint32_t index) const {
    const Elf64_Shdr &header = headers[index];
    return bytes.subspan(header.sh_offset, header.sh_size);
  }

  std::span<const std::byte> bytes;
  Elf64_Ehdr header;
  std::vector<Elf64_Shdr> headers;
  uint32_t symbolTable = 0;
  ElfFile file;
};

} // namespace

Status Reader::readHeader() {
  if (bytes.size() < sizeof(header))
    return failure("has " + std::to_string(bytes.size()) +
                   " bytes, expected at least " +
                   std::to_string(sizeof(header)));
  header = load<Elf64_Ehdr>(bytes, 0);
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
    return failure("does not start with the magic number of ELF");
  if (header.e_ident[EI_CLASS] != ELFCLASS64 ||
      header.e_ident[EI_DATA] != ELFDATA2LSB || header.e_machine != EM_X86_64)
    return failure("machine " + std::to_string(header.e_machine) +
                   ", expected 64-bit little-endian x86-64");
  if (header.e_type != ET_REL)
    return failure("type " + std::to_string(header.e_type) +
                   ", expected 1 (relocatable)");
  // GNU marks objects that use its extensions; each of those is refused below.
  unsigned abi = header.e_ident[EI_OSABI];
  if (header.e_ident[EI_VERSION] != EV_CURRENT ||
      header.e_version != EV_CURRENT || header.e_flags != 0 ||
      (abi != ELFOSABI_SYSV && abi != ELFOSABI_GNU))
    return failure("version, ABI or flags other than those of System V");
  if (header.e_shentsize != sizeof(Elf64_Shdr) || header.e_shnum == 0 ||
      header.e_shnum >= SHN_LORESERVE)
    return failure("section table of " + std::to_string(header.e_shnum) +
                   " entries of " + std::to_string(header.e_shentsize) +
                   " bytes, expected entries of 64");
  uint64_t tableBytes = uint64_t(header.e_shnum) * sizeof(Elf64_Shdr);
  if (header.e_shoff > bytes.size() ||
      tableBytes > bytes.size() - header.e_shoff)
    return failure("section table ends outside of the file");
  if (header.e_shstrndx >= header.e_shnum)
    return failure("section of names is " + std::to_string(header.e_shstrndx) +
                   " of " + std::to_string(header.e_shnum));
  return Success{};
}

std::optional<std::string_view> Reader::nameAt(uint32_t stringTable,
                                               uint32_t offset) const {
  std::span<const std::byte> strings = contents(stringTable);
  if (offset >= strings.size())
    return std::nullopt;
  const char *begin = reinterpret_cast<const char *>(strings.data()) + offset;
  size_t limit = std::min(strings.size() - offset, maxNameLength);
  const void *end = std::memchr(begin, 0, limit);
  if (!end)
    return std::nullopt;
  return std::string_view(begin, static_cast<const char *>(end) - begin);
}

Status Reader::readSectionTable() {
  std::span<const std::byte> table = bytes.subspan(header.e_shoff);
  // Real sections do not overlap, so their sizes add up to less than the file;
  // this also keeps all further work linear in the file's size.
  uint64_t total = 0;
  for (uint32_t i = 0; i < header.e_shnum; ++i) {
    Elf64_Shdr section = load<Elf64_Shdr>(table, i);
    if (section.sh_type == SHT_NULL)
      section = {};
    if (section.sh_type != SHT_NOBITS) {
      if (section.sh_offset > bytes.size() ||
          section.sh_size > bytes.size() - section.sh_offset)
        return failure("section " + std::to_string(i) +
                       " ends outside of the file");
      total += section.sh_size;
      if (total > bytes.size())
        return failure("sections overlap");
    }
    headers.push_back(section);
  }
  file.sections.resize(headers.size());
  if (headers[header.e_shstrndx].sh_type != SHT_STRTAB)
    return failure("section of names is not a string table");
  for (uint32_t i = 0; i < headers.size(); ++i) {
    if (headers[i].sh_type == SHT_NULL)
      continue;
    auto name = nameAt(header.e_shstrndx, headers[i].sh_name);
    if (!name)
      return failure("section " + std::to_string(i) + " has no valid name");
    file.sections[i].name = *name;
    if (Status status = checkSection(i); !status)
      return status;
  }
  return Success{};
}

Status Reader::checkSection(uint32_t index) {
  const Elf64_Shdr &section = headers[index];
  std::string_view name = file.sections[index].name;
  if (section.sh_flags & SHF_TLS)
    return failure(where(index) + " is thread-local, which is not supported");
  bool loaded = section.sh_flags & SHF_ALLOC;
  switch (section.sh_type) {
  case SHT_PROGBITS:
    for (std::string_view refused : {".init", ".fini", ".ctors", ".dtors"})
      if (name.starts_with(refused))
        return failure(where(index) + " runs code at load, which is refused");
    // Unwind tables serve exceptions, which kernels do not have.
    if (!loaded || name == ".eh_frame")
      return Success{};
    return checkLoaded(index);
  case SHT_NOBITS:
    return loaded ? checkLoaded(index) : Status(Success{});
  case SHT_SYMTAB:
    if (symbolTable)
      return failure(where(index) + " is a second symbol table");
    symbolTable = index;
    return Success{};
  case SHT_INIT_ARRAY:
  case SHT_FINI_ARRAY:
  case SHT_PREINIT_ARRAY:
    return failure(where(index) + " runs code at load, which is refused");
  case SHT_STRTAB:
  case SHT_RELA: // read once all sections and symbols are known
  case SHT_NOTE:
  case SHT_GROUP:
  case typeUnwind:
  case typeAddressSig:
    return Success{};
  default:
    return failure(where(index) + " has type " +
                   std::to_string(section.sh_type) +
                   ", which is not supported");
  }
}

Status Reader::checkLoaded(uint32_t index) {
  const Elf64_Shdr &section = headers[index];
  constexpr uint64_t known = SHF_WRITE | SHF_ALLOC | SHF_EXECINSTR | SHF_MERGE |
                             SHF_STRINGS | SHF_GROUP | flagLarge;
  if (section.sh_flags & ~known)
    return failure(where(index) + " has flags " +
                   std::to_string(section.sh_flags & ~known) +
                   ", which are not supported");
  bool writable = section.sh_flags & SHF_WRITE;
  bool executable = section.sh_flags & SHF_EXECINSTR;
  if (writable && executable)
    return failure(where(index) + " is writable and executable");
  if (executable && section.sh_type == SHT_NOBITS)
    return failure(where(index) + " is executable and has no contents");
  uint64_t alignment = std::max<uint64_t>(section.sh_addralign, 1);
  if (!std::has_single_bit(alignment) || alignment > pageBytes)
    return failure(where(index) + " has alignment " +
                   std::to_string(alignment) +
                   ", expected a power of two up to 4096");
  if (section.sh_size > ElfObject::maxImageBytes)
    return failure(where(index) + " has " + std::to_string(section.sh_size) +
                   " bytes, expected at most " +
                   std::to_string(ElfObject::maxImageBytes));
  ElfSection &out = file.sections[index];
  out.part = executable ? ElfPart::code
             : writable ? ElfPart::data
                        : ElfPart::constants;
  out.size = section.sh_size;
  out.alignment = alignment;
  if (section.sh_type != SHT_NOBITS)
    out.bytes = contents(index);
  return Success{};
}

Status Reader::readSymbols() {
  if (!symbolTable)
    return failure("has no symbol table");
  const Elf64_Shdr &section = headers[symbolTable];
  if (section.sh_entsize != sizeof(Elf64_Sym) ||
      section.sh_size % sizeof(Elf64_Sym) != 0)
    return failure(where(symbolTable) + " has entries of " +
                   std::to_string(section.sh_entsize) + " bytes, expected 24");
  if (section.sh_link >= headers.size() ||
      headers[section.sh_link].sh_type != SHT_STRTAB)
    return failure(where(symbolTable) + " names no string table");
  uint64_t count = section.sh_size / sizeof(Elf64_Sym);
  if (count > UINT32_MAX)
    return failure(where(symbolTable) + " has too many symbols");
  file.symbols.resize(count);
  std::span<const std::byte> table = contents(symbolTable);
  for (uint32_t i = 1; i < count; ++i)
    if (Status status = checkSymbol(i, load<Elf64_Sym>(table, i)); !status)
      return status;
  return Success{};
}

Status Reader::checkSymbol(uint32_t index, const Elf64_Sym &raw) {
  ElfSymbol &symbol = file.symbols[index];
  auto name = nameAt(headers[symbolTable].sh_link, raw.st_name);
  if (!name)
    return failure("symbol " + std::to_string(index) + " has no valid name");
  symbol.name = *name;
  std::string label =
      "symbol " + std::to_string(index) + " " + quoteName(*name);
  unsigned type = ELF64_ST_TYPE(raw.st_info);
  unsigned binding = ELF64_ST_BIND(raw.st_info);
  if (type > STT_COMMON) // thread-local, IFUNC and what comes after them
    return failure(label + " has type " + std::to_string(type) +
                   ", which is not supported");
  if (binding > STB_WEAK)
    return failure(label + " has binding " + std::to_string(binding) +
                   ", which is not supported");
  symbol.exported = binding != STB_LOCAL;
  symbol.value = raw.st_value;
  symbol.size = raw.st_size;
  if (raw.st_shndx == SHN_UNDEF) {
    symbol.kind = ElfSymbol::Kind::undefined;
  } else if (raw.st_shndx == SHN_COMMON) {
    symbol.kind = ElfSymbol::Kind::common;
    if (!std::has_single_bit(raw.st_value) || raw.st_value > pageBytes ||
        raw.st_size > ElfObject::maxImageBytes)
      return failure(label + " is common with " + std::to_string(raw.st_size) +
                     " bytes aligned to " + std::to_string(raw.st_value));
  } else if (raw.st_shndx != SHN_ABS) {
    symbol.kind = ElfSymbol::Kind::defined;
    symbol.section = raw.st_shndx;
    if (raw.st_shndx >= headers.size() ||
        raw.st_value > headers[raw.st_shndx].sh_size)
      return failure(label + " lies outside of section " +
                     std::to_string(raw.st_shndx));
  }
  return Success{};
}

Status Reader::readRelocations(uint32_t index) {
  const Elf64_Shdr &section = headers[index];
  uint32_t target = section.sh_info;
  if (target >= headers.size())
    return failure(where(index) + " relocates section " +
                   std::to_string(target) + " of " +
                   std::to_string(headers.size()));
  if (file.sections[target].part == ElfPart::none)
    return Success{};
  if (section.sh_link != symbolTable ||
      section.sh_entsize != sizeof(Elf64_Rela) ||
      section.sh_size % sizeof(Elf64_Rela) != 0)
    return failure(where(index) +
                   " is not a table of relocations by the symbol table");
  std::span<const std::byte> table = contents(index);
  uint64_t count = section.sh_size / sizeof(Elf64_Rela);
  for (uint64_t i = 0; i < count; ++i)
    if (Status status = checkRelocation(target, load<Elf64_Rela>(table, i));
        !status)
      return status;
  return Success{};
}

Status Reader::checkRelocation(uint32_t target, const Elf64_Rela &raw) {
  uint32_t type = ELF64_R_TYPE(raw.r_info), symbol = ELF64_R_SYM(raw.r_info);
  auto at = [&] {
    return where(target) + ": relocation at " + std::to_string(raw.r_offset);
  };
  if (type == R_X86_64_NONE)
    return Success{};
  unsigned width = widthOfRelocation(type);
  if (!width) {
    bool absolute = type == R_X86_64_32 || type == R_X86_64_32S;
    return failure(at() + " has type " + std::to_string(type) +
                   (absolute ? ", an absolute 32-bit address, expected "
                               "position-independent code"
                             : ", which is not supported"));
  }
  uint64_t size = file.sections[target].bytes.size();
  if (raw.r_offset > size || width > size - raw.r_offset)
    return failure(at() + " ends outside of the section");
  if (symbol == 0 || symbol >= file.symbols.size())
    return failure(at() + " names symbol " + std::to_string(symbol) + " of " +
                   std::to_string(file.symbols.size()));
  const ElfSymbol &to = file.symbols[symbol];
  if (to.kind == ElfSymbol::Kind::other)
    return failure(at() + " names the absolute symbol " + quoteName(to.name));
  if (to.kind == ElfSymbol::Kind::defined &&
      file.sections[to.section].part == ElfPart::none)
    return failure(at() + " points into " + where(to.section) +
                   ", which is not loaded");
  file.relocations.push_back(
      {target, type, symbol, raw.r_offset, raw.r_addend});
  return Success{};
}

Result<ElfFile> Reader::read() {
  for (auto step :
       {&Reader::readHeader, &Reader::readSectionTable, &Reader::readSymbols})
    if (Status status = (this->*step)(); !status)
      return Error{status.error()};
  for (uint32_t i = 0; i < headers.size(); ++i)
    if (headers[i].sh_type == SHT_RELA)
      if (Status status = readRelocations(i); !status)
        return Error{status.error()};
  return std::move(file);
}

Result<ElfFile> spmmplu::readElfFile(std::span<const std::byte> bytes) {
  return Reader(bytes).read();
}
