//===- Bands.h - Chains cut where their rhs is ------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A *band* is some consecutive rows of the rhs that a block of a GPU has in
// shared memory, all of them. Its warps take from there the rows that their
// panels list: in steps of one instruction, eight rows at a time, which are
// read at once where they lie in different banks.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_SEGMENTATION_BANDS_H
#define SPMMPLU_SEGMENTATION_BANDS_H

#include "spmmplu/Segmentation/Tables.h"
#include "spmmplu/Support/Result.h"

#include <span>

namespace mlir::spmmplu {

/// Rows of the rhs in a step, and those that are read together. Rows whose k
/// are equal modulo the latter share their banks.
inline constexpr int32_t kBandStep = 16, kBandTogether = 8;

/// `table` with its chains band by band of `band` consecutive k: what a chain
/// has of a band are whole steps, in an order in which rows that are read
/// together share few banks. Padding (the last entry of the band again) is at
/// the band's end; a band without an entry has none. Fails unless entries are
/// single k of one phase and `band` is a power of two, 16 to 256, and on more
/// than 2^31 - 1 entries.
::spmmplu::Result<ChainTable> padBands(const ChainTable &table, int64_t band);

/// The first step of each band of each panel, panel by panel, of a table that
/// `padBands` made, and the number of all steps.
std::vector<int32_t> getBandSteps(const ChainTable &table, int64_t band);

/// How often shared memory is read for all of `entries`, of one band or more,
/// in this order: of eight at a time, as often as one bank has rows of them.
int64_t countBankReads(std::span<const int32_t> entries);

} // namespace mlir::spmmplu

#endif // SPMMPLU_SEGMENTATION_BANDS_H
