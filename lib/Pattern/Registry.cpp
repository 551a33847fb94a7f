//===- Registry.cpp - All patterns, and their text ------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Pattern/Arguments.h"
#include "spmmplu/Pattern/Attention.h"
#include "spmmplu/Pattern/Block.h"
#include "spmmplu/Pattern/Dense.h"
#include "spmmplu/Pattern/HiNM.h"
#include "spmmplu/Pattern/NM.h"
#include "spmmplu/Pattern/PCNN.h"
#include "spmmplu/Pattern/Random.h"
#include "spmmplu/Pattern/Transposed.h"
#include "spmmplu/Pattern/VNM.h"

namespace mlir::spmmplu {

using ::spmmplu::Error;
using ::spmmplu::Result;

namespace {
struct Entry {
  PatternInfo info;
  Result<PatternRef> (*parse)(Arguments &args);
};
} // namespace

/// One row a pattern.
template <typename T>
static constexpr Entry entry(std::string_view usage, std::string_view help) {
  return {{T::mnemonic, usage, help}, &T::parse};
}

static Result<PatternRef> expectInner(Arguments &) {
  return Error{"expected transposed<pattern>, found no pattern"};
}

static constexpr Entry registry[] = {
    entry<DensePattern>("dense", "every element"),
    entry<UnstructuredPattern>("unstructured[<sparsity>]",
                               "any elements, the fraction of zeros given"),
    entry<BlockPattern>("block<RxC[,sparsity]>",
                        "blocks of R rows and C columns, empty or full"),
    entry<ChannelPattern>(
        "channel[<sparsity[,group]>]",
        "whole columns, in groups of consecutive ones (9 for 3x3 kernels)"),
    entry<FilterPattern>("filter[<sparsity>]", "whole rows"),
    entry<NMPattern>("nm<N:M>", "at most N of M consecutive columns of a row"),
    entry<VectorNMPattern>("vector-nm<N:M[,l=32]>",
                           "N:M, the choice shared by l consecutive rows"),
    entry<HiNMPattern>(
        "hinm<[v=64][,vector=0.5][,2:4]>",
        "per v rows a fraction of the columns goes, then N:M in those kept"),
    entry<VNMPattern>(
        "vnm<N:M[,v=64]>",
        "per v rows 2N of every M columns stay, N of these a row"),
    entry<PCNNPattern>(
        "pcnn<[n=4][,patterns=8]>",
        "n weights of each 3x3 kernel, in one of a few shared patterns"),
    entry<GSTPattern>("gst<window=W,stride=S[,causal]>",
                      "attention: (q-k) % S == 0 or |q-k| < W"),
    entry<LongformerPattern>(
        "longformer<window=w[,global=0][,dilation=1]>",
        "attention: a window of +-w, dilated, and the first global tokens"),
    entry<BigBirdPattern>(
        "bigbird<[block=64][,window=3][,random=3][,global=2][,seed=0]>",
        "attention: window, random and global blocks"),
    entry<WindowPattern>("window<w[,causal]>", "attention: |q-k| <= w"),
    {{TransposedPattern::mnemonic, "transposed<PATTERN>",
      "the transposed matrix has the pattern: for weights stored [in, out]"},
     &expectInner},
    entry<RandomPattern>("random<density=D[,seed=0]>",
                         "elements drawn evenly, a fixed set for a seed"),
};

/// What stands in the brackets of `transposed<...>`, if `text` is that: another
/// pattern's text, which is no list of arguments.
static std::optional<std::string_view> insideTransposed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  size_t begin = std::min(text.find_first_not_of(blanks), text.size());
  text.remove_prefix(begin);
  text = text.substr(0, text.find_last_not_of(blanks) + 1);
  if (!text.starts_with(TransposedPattern::mnemonic) || !text.ends_with('>'))
    return std::nullopt;
  text.remove_prefix(TransposedPattern::mnemonic.size());
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  if (!text.starts_with('<'))
    return std::nullopt;
  return text.substr(1, text.size() - 2);
}

Result<PatternRef> parsePattern(std::string_view text) {
  if (auto inner = insideTransposed(text))
    return TransposedPattern::parse(*inner);
  Result<Arguments> args = Arguments::split(text);
  if (!args)
    return Error{args.error()};
  std::vector<std::string_view> names;
  for (const Entry &row : registry) {
    if (row.info.name == args->name())
      return row.parse(*args);
    names.push_back(row.info.name);
  }
  return Error{args->unknownName(names)};
}

std::vector<PatternInfo> listPatterns() {
  std::vector<PatternInfo> result;
  for (const Entry &row : registry)
    result.push_back(row.info);
  return result;
}

} // namespace mlir::spmmplu
