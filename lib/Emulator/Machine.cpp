//===- Machine.cpp - Running blocks and warps -------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Machine.h"

#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::spmmplu;
using namespace mlir::spmmplu::emulator;

Machine::Machine(const Program &program, GlobalMemory &global,
                 const Launch &launch, const EmulatorOptions &options)
    : program(program), global(global), launch(launch), options(options) {
  warps.resize(getWarps());
}

InFlightDiagnostic Machine::error(const Warp &warp,
                                  const Instruction &instruction,
                                  std::optional<uint32_t> lane) {
  InFlightDiagnostic diagnostic = emitError(instruction.op->getLoc());
  diagnostic << "block (" << block[0] << ", " << block[1] << ") warp "
             << warp.index;
  if (lane)
    diagnostic << " lane " << *lane;
  diagnostic << ": ";
  return diagnostic;
}

bool Machine::isPartial(const Warp &warp, const Instruction &instruction) {
  if (warp.mask == kFullMask)
    return false;
  error(warp, instruction) << "all lanes of a warp execute '"
                           << instruction.op->getName() << "' together, found "
                           << llvm::popcount(warp.mask) << " active";
  return true;
}

//===----------------------------------------------------------------------===//
// Blocks
//===----------------------------------------------------------------------===//

void Machine::beginBlock() {
  global.beginBlock();
  shared.reset(launch.sharedBytes, getWarps(), program.hasAsyncProducts);
  mbarriers.clear();
  bulkCopies = 0;
  warpgroups.assign((getWarps() + 3) / 4, {});
  for (BlockBarrier &barrier : barriers) {
    barrier = {};
    barrier.gathered.reset(shared.getAgents());
  }
  for (auto [index, warp] : llvm::enumerate(warps)) {
    std::vector<char> registers = std::move(warp.registers);
    warp = {};
    warp.index = index;
    warp.mask = kFullMask;
    warp.registers = std::move(registers);
    warp.registers.resize(program.registerBytes);
    llvm::copy(program.image, warp.registers.begin());
    warp.clock.reset(shared.getAgents());
    warp.clock.seen[index] = 1;
  }
}

/// The bits of every argument, on all lanes of every warp.
static void setArguments(const Program &program, const Launch &launch,
                         Warp &warp) {
  for (auto [place, bits] :
       llvm::zip_equal(program.arguments, launch.arguments)) {
    uint32_t bytes = place.size / kLanes;
    for (uint32_t lane = 0; lane < kLanes; ++lane)
      memcpy(warp.at<char>(place.begin + lane * bytes), &bits, bytes);
  }
}

LogicalResult Machine::run() {
  global.beginLaunch();
  for (block[1] = 0; block[1] < launch.grid[1]; ++block[1]) {
    for (block[0] = 0; block[0] < launch.grid[0]; ++block[0]) {
      beginBlock();
      for (Warp &warp : warps)
        setArguments(program, launch, warp);
      if (failed(runBlock()))
        return failure();
    }
  }
  return success();
}

LogicalResult Machine::runBlock() {
  while (true) {
    bool progress = false, allEnded = true;
    for (Warp &warp : warps) {
      if (!warp.hasEnded && failed(runWarp(warp, progress)))
        return failure();
      allEnded &= warp.hasEnded;
    }
    if (allEnded)
      return checkBlockEnd();
    if (!progress)
      return reportDeadlock();
  }
}

LogicalResult Machine::reportDeadlock() {
  const Warp *first = nullptr;
  std::string waits;
  for (const Warp &warp : warps) {
    waits += waits.empty() ? "" : ", ";
    waits += llvm::formatv("warp {0} ", warp.index);
    if (warp.hasEnded) {
      waits += "has ended";
      continue;
    }
    first = first ? first : &warp;
    waits += "waits for " +
             describeWait(*this, warp, program.instructions[warp.next]);
  }
  return error(*first, program.instructions[first->next])
         << "deadlock: " << waits;
}

LogicalResult Machine::checkBlockEnd() {
  Operation *end = program.instructions.back().op;
  std::string where = llvm::formatv("block ({0}, {1}): ", block[0], block[1]);
  for (auto &[address, barrier] : mbarriers)
    if (!barrier.copies.empty() || !barrier.arrivals.empty())
      return end->emitError(where)
             << "ends with "
             << (barrier.copies.empty() ? "a cp.async" : "a bulk copy")
             << " in flight to the mbarrier at shared byte "
             << address - kSharedBase;
  for (auto [number, group] : llvm::enumerate(warpgroups))
    for (const Warp &warp : warps)
      if (warp.index / 4 == number && warp.products != group.products.size())
        return end->emitError(where)
               << "warp " << warp.index << " took part in " << warp.products
               << " of " << group.products.size()
               << " matrix products of its warpgroup";
  return success();
}

//===----------------------------------------------------------------------===//
// Warps
//===----------------------------------------------------------------------===//

LogicalResult Machine::checkEnd(Warp &warp, const Instruction &instruction) {
  warp.hasEnded = true;
  if (!warp.copies.empty())
    return error(warp, instruction, warp.copies.front().lane)
           << "ends with a cp.async in flight";
  if (warp.hasOpenGroup || warp.productGroups > warp.productGroupsDone)
    return error(warp, instruction) << "ends with matrix products in flight";
  return success();
}

bool Machine::usesPending(Warp &warp, const Instruction &instruction) {
  if (instruction.mayUsePending)
    return false;
  for (uint32_t number = 0; number < instruction.readsCount; ++number) {
    Place place = program.reads[instruction.readsBegin + number];
    for (const PendingResult &pending : llvm::to_vector(warp.pending)) {
      if (!pending.place.overlaps(place))
        continue;
      if (!instruction.isMove) {
        error(warp, instruction) << "uses a result of an asynchronous matrix "
                                    "product that has not been waited for";
        return true;
      }
      warp.pending.push_back({{instruction.result, place.size}, pending.group});
      break;
    }
  }
  return false;
}

LogicalResult Machine::runWarp(Warp &warp, bool &progress) {
  while (true) {
    const Instruction &instruction = program.instructions[warp.next];
    if (++steps > options.maxSteps)
      return error(warp, instruction) << "the budget of " << options.maxSteps
                                      << " instructions is spent";
    if (!warp.pending.empty() && usesPending(warp, instruction))
      return failure();
    switch (instruction.execute(*this, warp, instruction)) {
    case Step::Next:
      ++warp.next;
      break;
    case Step::Jump:
      break;
    case Step::Blocked:
      return success();
    case Step::Ended:
      progress = true;
      return checkEnd(warp, instruction);
    case Step::Failed:
      return failure();
    }
    progress = true;
  }
}
