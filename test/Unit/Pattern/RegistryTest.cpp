//===- RegistryTest.cpp - Tests of the patterns' text ---------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Pattern/Block.h"
#include "spmmplu/Pattern/HiNM.h"
#include "spmmplu/Pattern/NM.h"
#include "spmmplu/Pattern/Pattern.h"

#include "gtest/gtest.h"

#include <cmath>
#include <set>

using namespace mlir::spmmplu;

namespace {

std::string errorOf(std::string_view text) {
  auto result = parsePattern(text);
  return result ? "parsed as " + (*result)->str() : result.error();
}

TEST(RegistryTest, CanonicalTextIsReadBack) {
  for (std::string text :
       {"dense",
        "unstructured",
        "unstructured<0.9>",
        "unstructured<0>",
        "block<4x4>",
        "block<4x4,0.9>",
        "block<1x1073741824,1>",
        "channel",
        "channel<0.7>",
        "channel<0.7,9>",
        "channel<group=9>",
        "filter",
        "filter<0.64>",
        "nm<2:4>",
        "nm<1:1>",
        "vector-nm<1:4,l=32>",
        "hinm<v=64,vector=0.5,2:4>",
        "vnm<v=64,2:8>",
        "vnm<v=1,1:2>",
        "pcnn<n=4,patterns=8>",
        "gst<window=64,stride=128>",
        "gst<window=0,stride=1,causal>",
        "longformer<window=256,global=16,dilation=2>",
        "bigbird<block=64,window=3,random=3,global=2,seed=0>",
        "window<0>",
        "window<8,causal>",
        "random<density=0.05,seed=7>",
        "random<density=1e-05,seed=9223372036854775807>"}) {
    auto pattern = parsePattern(text);
    ASSERT_TRUE(pattern) << pattern.error();
    EXPECT_EQ((*pattern)->str(), text);
    EXPECT_EQ(text.find((*pattern)->name()), 0u);
  }
}

TEST(RegistryTest, DefaultsOrderAndBlanksAreFree) {
  const std::pair<const char *, const char *> same[] = {
      {"  nm < 2:4 > ", "nm<2:4>"},
      {"dense<>", "dense"},
      {"vector-nm<1:4>", "vector-nm<1:4,l=32>"},
      {"vector-nm<l=8, 1:4>", "vector-nm<1:4,l=8>"},
      {"hinm", "hinm<v=64,vector=0.5,2:4>"},
      {"hinm<1:4,vector = .75>", "hinm<v=64,vector=0.75,1:4>"},
      {"pcnn", "pcnn<n=4,patterns=8>"},
      {"channel<0.50,1>", "channel<0.5>"},
      {"channel<group=9,0.5>", "channel<0.5,9>"},
      {"gst<causal,stride=2,window=1>", "gst<window=1,stride=2,causal>"},
      {"longformer<window=4>", "longformer<window=4,global=0,dilation=1>"},
      {"bigbird", "bigbird<block=64,window=3,random=3,global=2,seed=0>"},
      {"random<density=-0>", "random<density=0,seed=0>"},
      {"\tblock<8x1\n,0.25>", "block<8x1,0.25>"}};
  for (auto [text, canonical] : same) {
    auto pattern = parsePattern(text);
    ASSERT_TRUE(pattern) << pattern.error();
    EXPECT_EQ((*pattern)->str(), canonical);
  }
}

TEST(RegistryTest, ErrorsSayWhereFoundAndExpected) {
  const std::pair<const char *, const char *> cases[] = {
      {"", "pattern '', position 1: expected a pattern name, found nothing"},
      {" <2:4>", "position 2: expected a pattern name, found '<2:4>'"},
      {"blokc<4x4>", "position 1: expected a known pattern, found 'blokc', did "
                     "you mean 'block'?"},
      {"zebra", "found 'zebra'; known are dense, unstructured, block,"},
      {"nm<2:4", "position 7: expected '>', found the end"},
      {"nm 2:4", "position 4: expected '<' or the end, found '2:4'"},
      {"nm<2:4>x", "expected '>'"},
      {"nm", "position 3: expected a ratio N:M, found the end"},
      {"nm<>", "position 4: expected a ratio N:M, found the end"},
      {"nm<3:2>", "position 4: expected a ratio N:M with 1 <= N <= M"},
      {"nm<0:4>", "found '0:4'"},
      {"nm<2:4:8>", "found '2:4:8'"},
      {"nm<2:99999999999999999999>", "found '2:9999"},
      {"nm<2:4,>", "position 8: expected an argument, found nothing"},
      {"nm<=4>", "position 4: expected an argument, found '=4'"},
      {"nm<2:4,5>", "position 8: unexpected argument '5'"},
      {"vector-nm<2:4,k=8>", "position 15: unexpected argument 'k'"},
      {"gst<windwo=3,stride=4>",
       "position 5: unexpected argument 'windwo', did you mean 'window'?"},
      {"gst<window=3>", "position 13: expected stride=<integer>, found the"},
      {"gst<window=3,window=4,stride=1>",
       "position 14: expected 'window' once, found it again"},
      {"gst<window=3,stride=0>", "expected stride as an integer from 1 to"},
      {"gst<window=-1,stride=1>", "expected window as an integer from 0 to"},
      {"window<1.5>", "position 8: expected window as an integer from 0"},
      {"block<4>", "position 7: expected extents RxC from 1 to"},
      {"block<4x0>", "found '4x0'"},
      {"block<4x4,1.5>", "position 11: expected the sparsity as a number from "
                         "0 to 1, found '1.5'"},
      {"unstructured<nan>", "from 0 to 1, found 'nan'"},
      {"unstructured<90%>", "from 0 to 1, found '90%'"},
      {"random", "position 7: expected density=<number>, found the end"},
      {"pcnn<n=10>", "expected n as an integer from 1 to 9, found '10'"},
      {"bigbird<window=4>", "position 9: expected window to be odd, found 4"},
      {"dense<0.5>", "position 7: unexpected argument '0.5'"},
  };
  for (auto [text, part] : cases) {
    std::string error = errorOf(text);
    EXPECT_NE(error.find(part), std::string::npos) << error;
    EXPECT_EQ(error.find("pattern '"), 0u) << error;
    EXPECT_EQ(error.find('\n'), std::string::npos);
  }
  EXPECT_EQ(errorOf("nm<2:4\nx>").find('\n'), std::string::npos);
  EXPECT_LT(errorOf(std::string(100000, '<')).size(), 400u);
}

// Every prefix, and every single-character change, is parsed or refused; what
// is parsed is canonical after one round.
TEST(RegistryTest, AnyTextIsParsedOrRefused) {
  const std::string_view alphabet = "<>,=:x.-0149na \n";
  for (std::string text :
       {"vector-nm<1:4,l=32>", "hinm<v=64,vector=0.5,2:4>", "vnm<v=8,2:8>",
        "block<4x4,0.9>", "gst<window=6,stride=8,causal>", "channel<0.7,9>",
        "window<4>"})
    for (size_t i = 0; i <= text.size(); ++i)
      for (char c : alphabet) {
        std::string changed = text;
        if (i < text.size())
          changed[i] = c;
        for (std::string variant :
             {changed, text.substr(0, i) + c, text.substr(i)})
          if (auto pattern = parsePattern(variant)) {
            auto again = parsePattern((*pattern)->str());
            ASSERT_TRUE(again) << again.error();
            ASSERT_EQ((*again)->str(), (*pattern)->str());
          }
      }
}

TEST(RegistryTest, ListsEveryPatternOnce) {
  std::set<std::string_view> names;
  for (const PatternInfo &info : listPatterns()) {
    EXPECT_TRUE(names.insert(info.name).second) << info.name;
    EXPECT_EQ(info.usage.find(info.name), 0u);
    EXPECT_FALSE(info.help.empty());
    // Known: with no argument, it is parsed or lacks one.
    std::string error = errorOf(info.name);
    EXPECT_EQ(error.find("known pattern"), std::string::npos) << error;
  }
  EXPECT_EQ(names.size(), 16u);
}

TEST(RegistryTest, PatternsAreSeenAsWhatTheyAre) {
  PatternRef pattern = *parsePattern("hinm<v=16,vector=0.75,1:4>");
  EXPECT_EQ(pattern->as<NMPattern>(), nullptr);
  const auto *hinm = pattern->as<HiNMPattern>();
  ASSERT_NE(hinm, nullptr);
  EXPECT_EQ(hinm->tileRows(), 16);
  EXPECT_EQ(hinm->vectorSparsity(), 0.75);
  EXPECT_EQ(hinm->ratio().n, 1);
  EXPECT_EQ(
      (*parsePattern("channel<0.7,9>"))->as<ChannelPattern>()->groupSize(), 9);
}

TEST(RegistryTest, NominalDensities) {
  auto density = [](std::string_view text) {
    return (*parsePattern(text))->nominalDensity();
  };
  EXPECT_EQ(density("dense"), 1);
  EXPECT_DOUBLE_EQ(density("unstructured<0.9>"), 0.1);
  EXPECT_DOUBLE_EQ(density("block<4x4,0.75>"), 0.25);
  EXPECT_EQ(density("nm<2:4>"), 0.5);
  EXPECT_EQ(density("vector-nm<1:4>"), 0.25);
  EXPECT_EQ(density("hinm<vector=0.5,2:4>"), 0.25);
  EXPECT_DOUBLE_EQ(density("pcnn<n=3>"), 1.0 / 3);
  EXPECT_EQ(density("random<density=0.05>"), 0.05);
  for (auto text : {"block<4x4>", "channel", "unstructured", "window<3>",
                    "bigbird", "gst<window=1,stride=2>"})
    EXPECT_TRUE(std::isnan(density(text))) << text;
}

} // namespace
