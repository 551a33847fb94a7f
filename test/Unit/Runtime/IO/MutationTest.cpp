//===- MutationTest.cpp - Damaged files, reproducibly ---------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Thousands of damaged copies of valid files, the same ones on every run: no
// reader may crash, break a rule of ReaderDriver.h, or take more memory than
// the input justifies. The fuzzer looks for more; this runs everywhere.
//
//===----------------------------------------------------------------------===//

#include "ReaderDriver.h"
#include "TestFiles.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>
#include <random>

/// The largest request to `operator new` since it was last set to zero. (Tensor
/// memory does not come from there; ReaderDriver.h checks its size.)
static std::atomic<size_t> largestRequest = 0;

// The compiler cannot know that both replacements agree.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif
void *operator new(size_t size) {
  size_t largest = largestRequest.load();
  while (size > largest &&
         !largestRequest.compare_exchange_weak(largest, size)) {
  }
  if (void *memory = std::malloc(size ? size : 1))
    return memory;
  std::abort();
}
void operator delete(void *memory) noexcept { std::free(memory); }
void operator delete(void *memory, size_t) noexcept { std::free(memory); }

using namespace spmmplu;
using namespace spmmplu::test;

namespace {

struct Seed {
  const char *name;
  Reader reader;
  std::string file;
};

std::string safetensorsSeed() {
  return safetensorsFile(
      R"({"__metadata__":{"format":"pt","n":"\u00e9\n"},)"
      R"("a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},)"
      R"("b.weight":{"dtype":"BF16","shape":[4],"data_offsets":[24,32]},)"
      R"("c":{"dtype":"I64","shape":[3,0],"data_offsets":[32,32]},)"
      R"("d":{"dtype":"BOOL","shape":[],"data_offsets":[32,33]}}  )",
      std::string(33, '\x3f'));
}

std::vector<Seed> seeds() {
  std::string floats = rawBytes<float>({1, 2, 3, 4, 5, 6});
  return {
      {"npy", Reader::Npy,
       npyFile(1, npyHeader("<f4", "False", "(2, 3)"), floats)},
      {"npy, swapped, Fortran", Reader::Npy,
       npyFile(2, npyHeader(">f8", "True", "(3, 1)"), floats)},
      {"npy, rank 3", Reader::Npy,
       npyFile(3, npyHeader("|u1", "True", "(2, 3, 4)"), floats)},
      {"safetensors", Reader::Safetensors, safetensorsSeed()},
      {"coordinate", Reader::MatrixMarket,
       "%%MatrixMarket matrix coordinate real general\n% note\n3 4 5\n"
       "1 1 1.5\n2 3 -2e-3\n3 4 +7\n1 4 inf\n3 1 0\n"},
      {"symmetric pattern", Reader::MatrixMarket,
       "%%MatrixMarket matrix coordinate pattern symmetric\n3 3 3\n"
       "1 1\n2 1\n3 3\n"},
      {"skew array", Reader::MatrixMarket,
       "%%MatrixMarket matrix array integer skew-symmetric\n3 3\n1\n2\n-3\n"},
      {"smtx", Reader::Smtx, "4, 6, 7\n0 2 2 5 7\n0 5 1 2 3 4 0\n"},
  };
}

class Mutator {
public:
  explicit Mutator(uint64_t seed) : random(seed) {}

  std::string mutate(std::string file) {
    for (size_t edits = 1 + below(4); edits > 0; --edits)
      edit(file);
    return file;
  }

private:
  /// Uniform enough; the standard's distributions differ among libraries.
  size_t below(size_t bound) { return bound ? random() % bound : 0; }

  void edit(std::string &file) {
    constexpr std::string_view likely = "0123456789-+.,:(){}[]'\"\\ \n\0\xff";
    constexpr std::string_view words[] = {"18446744073709551615",
                                          "9223372036854775807",
                                          "-1",
                                          "4294967296",
                                          "1e999",
                                          "\"a\":{",
                                          "[[[[",
                                          "\xc3"};
    size_t at = below(file.size());
    switch (below(7)) {
    case 0: // flip a bit
      if (!file.empty())
        file[at] ^= char(1 << below(8));
      break;
    case 1: // another character of the formats' grammars
      if (!file.empty())
        file[at] = likely[below(likely.size())];
      break;
    case 2:
      file.erase(at, 1 + below(8));
      break;
    case 3:
      file.insert(at, 1, likely[below(likely.size())]);
      break;
    case 4:
      file.insert(at, words[below(std::size(words))]);
      break;
    case 5: // repeat a part
      file.insert(at, file.substr(below(file.size()), 1 + below(32)));
      break;
    case 6: // another digit: the structure stays, a number changes
      at = file.find_first_of("0123456789", at);
      if (at != std::string::npos)
        file[at] = char('0' + below(10));
      break;
    }
  }

  std::mt19937_64 random;
};

/// `drive` on exactly-sized heap memory, where a sanitizer sees an overrun.
Verdict driveCopy(Reader reader, std::string_view file) {
  std::vector<char> copy(file.begin(), file.end());
  largestRequest = 0;
  Verdict verdict = drive(reader, std::as_bytes(std::span(copy)));
  // Row offsets and header entries are in proportion to the text; the constant
  // covers short messages and buffers.
  if (verdict.broken.empty() && largestRequest > 4096 + 64 * file.size())
    verdict.broken = "a request for " + std::to_string(largestRequest) +
                     " bytes on " + std::to_string(file.size());
  return verdict;
}

TEST(Mutation, SeedsAreValid) {
  for (const Seed &seed : seeds()) {
    Verdict verdict = driveCopy(seed.reader, seed.file);
    EXPECT_TRUE(verdict.accepted) << seed.name;
    EXPECT_EQ(verdict.broken, "") << seed.name;
  }
}

TEST(Mutation, Truncations) {
  for (const Seed &seed : seeds())
    for (size_t size = 0; size < seed.file.size(); ++size) {
      Verdict verdict = driveCopy(seed.reader, seed.file.substr(0, size));
      EXPECT_EQ(verdict.broken, "") << seed.name << ", " << size << " bytes";
      bool binary =
          seed.reader == Reader::Npy || seed.reader == Reader::Safetensors;
      if (binary)
        EXPECT_FALSE(verdict.accepted) << seed.name << ", " << size;
    }
}

TEST(Mutation, Edits) {
  constexpr int rounds = 10000;
  for (const Seed &seed : seeds()) {
    Mutator mutator(rounds);
    int accepted = 0;
    for (int round = 0; round < rounds; ++round) {
      std::string file = mutator.mutate(seed.file);
      Verdict verdict = driveCopy(seed.reader, file);
      accepted += verdict.accepted;
      ASSERT_EQ(verdict.broken, "") << seed.name << ", round " << round << "\n"
                                    << file;
    }
    // Both ways out of a reader must have been taken.
    EXPECT_GT(accepted, rounds / 100) << seed.name;
    EXPECT_LT(accepted, rounds) << seed.name;
  }
}

/// One reader's file in another: told apart at once.
TEST(Mutation, ForeignFiles) {
  for (const Seed &seed : seeds())
    for (int other = 0; other < numReaders; ++other) {
      Verdict verdict = driveCopy(Reader(other), seed.file);
      EXPECT_EQ(verdict.broken, "") << seed.name;
      EXPECT_EQ(verdict.accepted, Reader(other) == seed.reader) << seed.name;
    }
}

} // namespace
