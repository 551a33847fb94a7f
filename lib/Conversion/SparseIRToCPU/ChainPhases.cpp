//===- ChainPhases.cpp - Sums of chains in several phases -------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChainPhases.h"

using namespace mlir;
using namespace mlir::spmmplu;

ChainPhases::ChainPhases(Emitter &e, const KernelContext &c) : e(e), c(c) {
  auto chains = cast<ChainsAttr>(c.op.getTable());
  phases = chains.getPhases();
  panels = chains.getNumPanels();
  findEnds();
}

void ChainPhases::findEnds() {
  ends = e.alloc(e.b.getI32Type(), e.index(2 * panels));
  auto type = VectorType::get({c.lanes()}, e.b.getI32Type());
  auto splat = [&](Value index) {
    return e.splat(type, arith::IndexCastOp::create(
                             e.b, e.loc, type.getElementType(), index));
  };
  Value starts = c.op.getTables()[1];
  Value never = splat(e.index(phases)), final = splat(e.index(phases - 1));
  e.forRange(e.index(0), e.index(panels), c.lanes(), [&](Value panel) {
    Value mask = e.laneMask(c.lanes(), e.sub(e.index(panels), panel));
    auto visit = [&](Value phase, ValueRange found) -> SmallVector<Value> {
      Value chain = e.add(panel, e.mul(phase, panels));
      Value isVisited = arith::CmpIOp::create(
          e.b, e.loc, arith::CmpIPredicate::ne,
          e.maskedLoad(type, starts, chain, mask),
          e.maskedLoad(type, starts, e.add(chain, 1), mask));
      Value at = splat(phase);
      Value first = arith::SelectOp::create(e.b, e.loc, isVisited, at, never);
      return {arith::MinSIOp::create(e.b, e.loc, found[0], first),
              arith::SelectOp::create(e.b, e.loc, isVisited, at, found[1])};
    };
    SmallVector<Value> found =
        e.forRange(e.index(0), e.index(phases), 1, {never, final}, visit);
    // Without any entry the final phase is both.
    Value first = arith::MinSIOp::create(e.b, e.loc, found[0], found[1]);
    e.maskedStore(first, ends, panel, mask);
    e.maskedStore(found[1], ends, e.add(panel, panels), mask);
  });
}

Value ChainPhases::allocSums(Value task, int64_t width) {
  Value tasks = c.op.getTables().back();
  Value visited =
      e.sub(e.loadIndex(tasks, e.add(task, 1)), e.loadIndex(tasks, task));
  return e.alloc(c.accumulateType,
                 e.mul(visited, c.strategy.getRows() * width));
}

void ChainPhases::forEachVisit(
    Value task, Value phase, Value sums, int64_t width,
    function_ref<void(Value, Value, const PanelVisit &)> body) {
  Value starts = c.op.getTables()[1];
  Value firstPanel = e.loadIndex(c.op.getTables().back(), task);
  auto isPhase = [&](Value at) {
    return e.compare(arith::CmpIPredicate::eq, e.loadIndex(ends, at), phase);
  };
  c.forEachPanel(e, task, [&](Value panel) {
    Value chain = e.add(e.mul(phase, panels), panel);
    Value isVisited =
        e.compare(arith::CmpIPredicate::ne, e.loadIndex(starts, chain),
                  e.loadIndex(starts, e.add(chain, 1)));
    Value isLast = isPhase(e.add(panel, panels));
    e.ifThen(arith::OrIOp::create(e.b, e.loc, isVisited, isLast), [&] {
      Value base =
          e.mul(e.sub(panel, firstPanel), c.strategy.getRows() * width);
      body(panel, chain, {isPhase(panel), isLast, sums, base, width});
    });
  });
}

bool ChainPhases::areRowsOfRhs(const KernelContext &c) {
  auto chains = cast<ChainsAttr>(c.op.getTable());
  int64_t rows = c.op.getExtent(Axis::K), depth = chains.getDepth();
  int64_t ofPhase = c.strategy.getPhase(), panels = chains.getNumPanels();
  if (ShapedType::isDynamic(rows) || ofPhase < depth || rows < depth ||
      chains.getPhases() == 1 || chains.getPhases() * ofPhase < rows)
    return false;
  SmallVector<char> startStorage, entryStorage;
  auto starts = getValues<int32_t>(chains.getChainPtr(), startStorage);
  auto entries = getValues<int32_t>(chains.getEntries(), entryStorage);
  for (int64_t phase = 0; phase < chains.getPhases(); ++phase) {
    int64_t first = std::min(phase * ofPhase, rows - depth);
    int64_t last = std::min((phase + 1) * ofPhase, rows);
    for (int32_t entry :
         entries.slice(starts[phase * panels],
                       starts[(phase + 1) * panels] - starts[phase * panels]))
      if (entry < first || entry + depth > last)
        return false;
  }
  return true;
}

std::pair<Value, Value> ChainPhases::getRows(Value phase) {
  // The last entry ends with the rhs where the depth does not divide its rows:
  // it may begin before its phase does.
  Value first = e.mul(phase, c.strategy.getPhase());
  Value latest = e.sub(c.depthExtent, e.index(c.strategy.getDepth()));
  return {e.min(first, latest),
          e.min(e.add(first, c.strategy.getPhase()), c.depthExtent)};
}
