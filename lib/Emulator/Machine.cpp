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
    : program(program), global(global), launch(launch), options(options),
      blocks(launch.cluster) {
  for (ThreadBlock &each : blocks)
    each.warps.resize(getWarps());
}

InFlightDiagnostic Machine::error(const Warp &warp,
                                  const Instruction &instruction,
                                  std::optional<uint32_t> lane) {
  InFlightDiagnostic diagnostic = emitError(instruction.op->getLoc());
  diagnostic << "block (" << block->index[0] << ", " << block->index[1]
             << ") warp " << warp.index;
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

bool ThreadBlock::hasEnded() const {
  return llvm::all_of(warps, [](const Warp &warp) { return warp.hasEnded; });
}

void Machine::enter(ThreadBlock &next) {
  block = &next;
  global.enter(next.turn);
}

void Machine::beginBlock() {
  block->turn = global.beginBlock();
  block->shared.reset(launch.sharedBytes, getWarps(), program.hasAsyncProducts,
                      block->rank);
  block->mbarriers.clear();
  block->bulkCopies = block->laneCopies = 0;
  block->warpgroups.assign((getWarps() + 3) / 4, {});
  block->visits.assign(getAgents(), 0);
  for (BlockBarrier &barrier : block->barriers) {
    barrier = {};
    barrier.gathered.reset(getAgents());
  }
  for (auto [index, warp] : llvm::enumerate(block->warps)) {
    std::vector<char> registers = std::move(warp.registers);
    warp = {};
    warp.index = index;
    warp.agent = block->shared.getPlace(index);
    warp.mask = kFullMask;
    warp.registers = std::move(registers);
    warp.registers.resize(program.registerBytes);
    llvm::copy(program.image, warp.registers.begin());
    warp.clock.reset(getAgents());
    warp.clock.seen[warp.agent] = 1;
    warp.fenced.reset(getAgents());
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

void Machine::beginCluster(std::array<int64_t, 2> index) {
  clusterBarrier = {};
  clusterBarrier.gathered.reset(getAgents());
  for (auto [rank, each] : llvm::enumerate(blocks)) {
    each.rank = rank;
    each.index = {index[0] + int64_t(rank), index[1]};
    block = &each;
    beginBlock();
    for (Warp &warp : each.warps)
      setArguments(program, launch, warp);
  }
}

LogicalResult Machine::run() {
  global.beginLaunch();
  for (int64_t y = 0; y < launch.grid[1]; ++y) {
    for (int64_t x = 0; x < launch.grid[0]; x += launch.cluster) {
      beginCluster({x, y});
      if (failed(runCluster()))
        return failure();
    }
  }
  return success();
}

LogicalResult Machine::runCluster() {
  while (true) {
    bool progress = false, allEnded = true;
    for (ThreadBlock &each : blocks) {
      if (each.hasEnded())
        continue;
      enter(each);
      for (Warp &warp : each.warps)
        if (!warp.hasEnded && failed(runWarp(warp, progress)))
          return failure();
      if (!each.hasEnded())
        allEnded = false;
      else if (failed(checkBlockEnd()))
        return failure();
    }
    if (allEnded)
      return success();
    if (!progress)
      return reportDeadlock();
  }
}

LogicalResult Machine::reportDeadlock() {
  const Warp *first = nullptr;
  std::string waits;
  for (ThreadBlock &each : blocks) {
    block = &each;
    for (const Warp &warp : each.warps) {
      waits += waits.empty() ? "" : ", ";
      if (blocks.size() > 1)
        waits +=
            llvm::formatv("block ({0}, {1}) ", each.index[0], each.index[1]);
      waits += llvm::formatv("warp {0} ", warp.index);
      if (warp.hasEnded) {
        waits += "has ended";
        continue;
      }
      first = first ? first : &warp;
      waits += "waits for " +
               describeWait(*this, warp, program.instructions[warp.next]);
    }
  }
  block = &*llvm::find_if(blocks,
                          [](ThreadBlock &each) { return !each.hasEnded(); });
  return error(*first, program.instructions[first->next])
         << "deadlock: " << waits;
}

LogicalResult Machine::checkVisits() {
  Clock ends;
  ends.reset(getAgents());
  for (const Warp &warp : block->warps)
    ends.join(warp.clock);
  for (auto [agent, time] : llvm::enumerate(block->visits))
    if (time > ends.seen[agent])
      return program.instructions.back().op->emitError()
             << llvm::formatv("block ({0}, {1}): may end before block {2} of "
                              "its cluster is at its shared memory",
                              block->index[0], block->index[1],
                              agent / SharedMemory::countAgents(getWarps()))
                    .str();
  return success();
}

LogicalResult Machine::checkBlockEnd() {
  Operation *end = program.instructions.back().op;
  std::string where =
      llvm::formatv("block ({0}, {1}): ", block->index[0], block->index[1]);
  for (auto &[address, barrier] : block->mbarriers)
    if (!barrier.copies.empty() || !barrier.arrivals.empty())
      return end->emitError(where)
             << "ends with "
             << (barrier.copies.empty() ? "a cp.async" : "a bulk copy")
             << " in flight to the mbarrier at shared byte "
             << address - kSharedBase;
  for (auto [number, group] : llvm::enumerate(block->warpgroups))
    for (const Warp &warp : block->warps)
      if (warp.index / 4 == number && warp.products != group.products.size())
        return end->emitError(where)
               << "warp " << warp.index << " took part in " << warp.products
               << " of " << group.products.size()
               << " matrix products of its warpgroup";
  return checkVisits();
}

//===----------------------------------------------------------------------===//
// Warps
//===----------------------------------------------------------------------===//

LogicalResult Machine::checkEnd(Warp &warp, const Instruction &instruction) {
  warp.hasEnded = true;
  // Those that have ended are not waited for.
  completeCluster();
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
