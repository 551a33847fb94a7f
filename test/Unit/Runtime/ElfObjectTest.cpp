//===- ElfObjectTest.cpp - Tests of the object loader ---------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Runtime/CPU/ElfObject.h"

#include "TestPackage.h"

#include <bit>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <elf.h>
#include <random>
#include <sstream>

using namespace spmmplu;
using namespace spmmplu::testing;

template <typename Function>
static Function *find(const ElfObject &object, const char *name) {
  void *address = object.lookup(name);
  EXPECT_NE(address, nullptr) << name;
  return reinterpret_cast<Function *>(address);
}

class ElfObjectSections : public ::testing::TestWithParam<const char *> {};

TEST_P(ElfObjectSections, CodeSeesItsDataAndTheLibraries) {
  std::string bytes = readObject(GetParam());
  auto object = ElfObject::load(bytesOf(bytes));
  ASSERT_TRUE(object) << object.error();
  bytes.assign(bytes.size(), '\xcc'); // the loader must have copied
  auto *dispatch =
      find<int32_t(int32_t, int32_t, int32_t)>(*object, "dispatch");
  EXPECT_EQ(dispatch(0, 30, 12), 42);
  EXPECT_EQ(dispatch(2, 6, 7), 42);
  EXPECT_EQ(dispatch(5, 7, 0), 34);  // .rodata
  EXPECT_EQ(dispatch(6, 1, 40), 42); // addresses in .data.rel.ro
  EXPECT_EQ(dispatch(6, 0, 40), 41);
  EXPECT_EQ(dispatch(9, 0, 0), -1);
  auto *countUp = find<int32_t()>(*object, "countUp"); // .data is writable
  EXPECT_EQ(countUp(), 41);
  EXPECT_EQ(dispatch(3, 0, 0), 42);
  EXPECT_EQ(find<int32_t()>(*object, "sumOfZeros")(), 0);
  // A call and a call by address reach the same function.
  EXPECT_EQ(find<float(float)>(*object, "exponential")(1.5f), 0.0f);
  EXPECT_EQ(find<float(float)>(*object, "hyperbolic")(0.5f), std::tanh(0.5f));
}

INSTANTIATE_TEST_SUITE_P(All, ElfObjectSections,
                         ::testing::Values("Sections", "SectionsNoPlt"));

TEST(ElfObject, EachLoadHasItsOwnData) {
  std::string bytes = readObject("Sections");
  auto first = ElfObject::load(bytesOf(bytes));
  auto second = ElfObject::load(bytesOf(bytes));
  ASSERT_TRUE(first && second);
  EXPECT_EQ(find<int32_t()>(*first, "countUp")(), 41);
  EXPECT_EQ(find<int32_t()>(*second, "countUp")(), 41);
  ElfObject moved = std::move(*first);
  EXPECT_EQ(find<int32_t()>(moved, "countUp")(), 42);
}

TEST(ElfObject, LookupFindsOnlyExportedCode) {
  auto object = ElfObject::load(bytesOf(readObject("Sections")));
  ASSERT_TRUE(object);
  EXPECT_EQ(object->lookup("counter"), nullptr); // data
  EXPECT_EQ(object->lookup("addOne"), nullptr);  // local
  EXPECT_EQ(object->lookup("expf"), nullptr);    // undefined
  EXPECT_EQ(object->lookup(""), nullptr);
}

TEST(ElfObject, NoPageIsWritableAndExecutable) {
  auto object = ElfObject::load(bytesOf(readObject("Sections")));
  ASSERT_TRUE(object);
  auto maps = readFile("/proc/self/maps", 1 << 24);
  ASSERT_TRUE(maps);
  std::istringstream lines(*maps);
  uint64_t base = reinterpret_cast<uint64_t>(object->image().data());
  uint64_t end = base + object->image().size(), covered = 0;
  std::string seen;
  for (std::string line; std::getline(lines, line);) {
    unsigned long low, high;
    char mode[5] = {};
    ASSERT_EQ(std::sscanf(line.c_str(), "%lx-%lx %4s", &low, &high, mode), 3);
    if (high <= base || low >= end)
      continue;
    covered += std::min<uint64_t>(high, end) - std::max<uint64_t>(low, base);
    seen += std::string(mode, 3) + " ";
    EXPECT_FALSE(mode[1] == 'w' && mode[2] == 'x') << line;
  }
  EXPECT_EQ(covered, object->image().size());
  EXPECT_EQ(seen.substr(0, 11), "r-x r-- rw-");
}

struct Refusal {
  const char *object, *message;
};

class ElfObjectRefusal : public ::testing::TestWithParam<Refusal> {};

TEST_P(ElfObjectRefusal, NamesTheReason) {
  auto object = ElfObject::load(bytesOf(readObject(GetParam().object)));
  ASSERT_FALSE(object);
  EXPECT_NE(object.error().find(GetParam().message), std::string::npos)
      << object.error();
}

INSTANTIATE_TEST_SUITE_P(
    All, ElfObjectRefusal,
    ::testing::Values(Refusal{"THREAD_LOCAL", "thread-local"},
                      Refusal{"CONSTRUCTOR", "runs code at load"},
                      Refusal{"IFUNC", "has type 10"},
                      Refusal{"UNDEFINED", "undefined symbol 'system'"},
                      Refusal{"ABSOLUTE", "position-independent"},
                      Refusal{"WRITABLE_CODE", "writable and executable"},
                      Refusal{"COMMON", "common with 2000000000 bytes"}),
    [](const auto &info) { return std::string(info.param.object); });

TEST(ElfObject, RefusesWhatIsNotARelocatableObject) {
  auto errorOf = [](std::string bytes) {
    auto object = ElfObject::load(bytesOf(bytes));
    return object ? std::string() : object.error();
  };
  EXPECT_NE(errorOf(""), "");
  EXPECT_NE(errorOf(std::string(64, '\0')).find("magic"), std::string::npos);
  auto self = readFile("/proc/self/exe", int64_t(1) << 32);
  ASSERT_TRUE(self);
  EXPECT_NE(errorOf(*self).find("relocatable"), std::string::npos);
  std::string other = readObject("Sections");
  other[offsetof(Elf64_Ehdr, e_machine)] = EM_ARM;
  EXPECT_NE(errorOf(other).find("x86-64"), std::string::npos);
}

// Loads only: what a changed object would compute is nobody's promise.
TEST(ElfObject, TruncationAndMutationNeverCrashTheLoader) {
  std::string original = readObject("Sections");
  for (size_t size = 0; size < original.size(); size += 7)
    EXPECT_FALSE(ElfObject::load(bytesOf(original.substr(0, size))));
  std::mt19937 random(1);
  size_t loaded = 0;
  const uint64_t extremes[] = {
      0, 1, 0x7f, 0xff, 0xffff, 0x80000000, UINT64_MAX, uint64_t(INT64_MAX)};
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = original;
    for (int edits = 1 + random() % 3; edits > 0; --edits) {
      size_t at = random() % bytes.size();
      uint64_t value = random() % 2 ? extremes[random() % 8] : random();
      size_t width = std::min<size_t>(1 << random() % 4, bytes.size() - at);
      std::memcpy(bytes.data() + at, &value, width);
    }
    loaded += bool(ElfObject::load(bytesOf(bytes)));
  }
  // Both outcomes occur, so the mutations reach past the first checks.
  EXPECT_GT(loaded, 100u);
  EXPECT_LT(loaded, 19900u);
}

TEST(ElfObject, SectionTableMutationNeverCrashesTheLoader) {
  std::string original = readObject("Sections");
  Elf64_Ehdr header;
  std::memcpy(&header, original.data(), sizeof(header));
  for (unsigned section = 0; section < header.e_shnum; ++section)
    for (size_t field = 0; field < sizeof(Elf64_Shdr); field += 4)
      for (uint32_t value : {0u, 1u, 2u, 6u, 8u, 14u, 0x40u, 0x400u, 0x1000u,
                             0x7fffffffu, 0xffffffffu}) {
        std::string bytes = original;
        std::memcpy(bytes.data() + header.e_shoff +
                        section * sizeof(Elf64_Shdr) + field,
                    &value, sizeof(value));
        auto object = ElfObject::load(bytesOf(bytes));
        if (!object) {
          EXPECT_EQ(object.error().find("elf object: "), 0u);
        }
      }
}

TEST(Externals, TheListIsClosed) {
  EXPECT_EQ(findExternalSymbol("memcpy"), reinterpret_cast<void *>(&memcpy));
  EXPECT_NE(findExternalSymbol("__kmpc_fork_call"), nullptr);
  for (const char *name : {"system", "dlopen", "mmap", "", "memcp", "memcpyy"})
    EXPECT_EQ(findExternalSymbol(name), nullptr) << name;
}

TEST(Externals, HalfConversionsUseTheLowHalfOfTheRegister) {
  auto bits = [](const char *name, float argument) {
    auto *convert =
        reinterpret_cast<float (*)(float)>(findExternalSymbol(name));
    return std::bit_cast<uint32_t>(convert(argument));
  };
  EXPECT_EQ(bits("__truncsfbf2", 1.0f) & 0xffff, 0x3f80u);
  EXPECT_EQ(bits("__truncsfhf2", -2.0f) & 0xffff, 0xc000u);
  EXPECT_EQ(bits("__extendhfsf2", std::bit_cast<float>(0xffff3c00u)),
            std::bit_cast<uint32_t>(1.0f));
}
