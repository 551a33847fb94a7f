//===- GpuSpace.cpp - The strategy space of GPUs ---------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GpuModel.h"
#include "StrategyList.h"

#include "spmmplu/Segmentation/Tables.h"

#include <map>

using namespace mlir::spmmplu;

namespace {

/// Makes the candidates, family by family: the block's tile, its warps, the
/// step, as many stages as are worth it, and what an entry spans.
class GpuSpace : StrategyList {
public:
  using StrategyList::StrategyList;

  std::vector<Strategy> enumerate() {
    bool mayBeSparse = problem.role == SparseRole::Lhs && problem.constantLhs;
    for (const IntrinsicRate &rate : target.rates) {
      s = Strategy();
      s.intrinsic = rate.intrinsic;
      if (rate.intrinsic->input != problem.element ||
          (rate.intrinsic->sparse && !mayBeSparse) ||
          !isAllowed(problem, *rate.intrinsic))
        continue;
      if (problem.valuesLhs || problem.valuesOut)
        addValues(*rate.intrinsic);
      else if (problem.role == SparseRole::Out)
        addOutputTiles();
      else if (!problem.constantLhs)
        addGathers();
      else if (rate.intrinsic->isTransposed())
        addTransposed();
      else if (rate.intrinsic->unit == IntrinsicUnit::WarpgroupMatrix)
        addWarpgroups();
      else if (rate.intrinsic->unit == IntrinsicUnit::WarpMatrix) {
        addBands();
        addWarps();
      } else
        addFma();
    }
    return std::move(strategies);
  }

private:
  void addValues(const Intrinsic &intrinsic) {
    for (const Strategy &strategy : getValueStrategies(problem, intrinsic))
      add(strategy);
  }

  void addOutputTiles() {
    s.rows = 64;
    s.vectors = 8;
    for (s.step = 16; s.step <= 64; s.step *= 2)
      for (s.stages = 2; s.stages <= 3; ++s.stages)
        for (s.split = 2; s.split <= 4; ++s.split)
          for (s.warpsI = 1; s.warpsI <= 4; s.warpsI *= 2) {
            s.warpsJ = 4 / s.warpsI;
            s.depth = s.step;
            add(s);
          }
  }

  void addFma() {
    for (s.rows = 16; s.rows <= 128; s.rows *= 2)
      for (s.vectors = 1; s.vectors <= 32; s.vectors *= 2)
        for (s.step = 8; s.step <= 32; s.step *= 2)
          for (s.stages = 3; s.stages <= 4; ++s.stages)
            for (int64_t warps : {2, 4, 8})
              for (s.warpsI = 1; s.warpsI <= warps; s.warpsI *= 2) {
                s.warpsJ = warps / s.warpsI;
                addDepths();
              }
    for (s.rows = 16; s.rows <= 64; s.rows *= 2)
      for (s.vectors = 1; s.vectors <= 8; s.vectors *= 2)
        for (s.step = 8; s.step <= 32; s.step *= 2)
          addStreams();
  }

  void addWarps() {
    for (s.rows = problem.element == Element::F32 ? 32 : 64; s.rows <= 128;
         s.rows *= 2)
      for (s.vectors = 1; s.vectors <= 32; s.vectors *= 2)
        for (s.step = problem.element == Element::F32 ? 16 : 32; s.step <= 128;
             s.step *= 2)
          for (s.stages = 3; s.stages <= 5; ++s.stages)
            for (int64_t warps : {4, 8})
              for (s.warpsI = 1; s.warpsI <= warps; s.warpsI *= 2) {
                s.warpsJ = warps / s.warpsI;
                addDepths();
              }
    for (s.rows = 32; s.rows <= 64; s.rows *= 2)
      for (s.vectors = 1; s.vectors <= 8; s.vectors *= 2)
        for (s.step = problem.element == Element::F32 ? 16 : 32; s.step <= 128;
             s.step *= 2)
          addStreams();
  }

  /// For one number of columns: their order of k is no other kernel's.
  void addBands() {
    if (problem.n && !s.intrinsic->sparse && problem.element != Element::F32)
      for (const Strategy &strategy : getBandStrategies(*s.intrinsic))
        add(strategy);
  }

  void addGathers() {
    for (s.rows = 16; s.rows <= 128; s.rows *= 2)
      for (s.vectors = 2; s.vectors <= 16; s.vectors *= 2) {
        // A tile twice as wide as there are columns only costs.
        if (problem.n && s.vectors > 2 && s.vectors * 4 >= *problem.n)
          break;
        for (s.depth = 16; s.depth <= 64; s.depth *= 2)
          for (s.step = s.depth; s.step <= 64; s.step *= 2)
            for (s.stages = 3; s.stages <= 5; ++s.stages)
              for (s.warpsI = 1; s.warpsI <= 4; s.warpsI *= 2) {
                s.warpsJ = 4 / s.warpsI;
                add(s);
              }
      }
  }

  /// Few columns: warps and blocks share a chain, so that all SMs read it.
  void addStreams() {
    // A tile twice as wide as there are columns only costs; a narrower one
    // reads all values again.
    if (problem.n &&
        (*problem.n > kMaxStreamCols || s.vectors * 8 < *problem.n ||
         (s.vectors > 1 && s.vectors * 4 >= *problem.n)))
      return;
    s.stages = 0;
    s.warpsI = 1;
    for (s.warpsJ = 4; s.warpsJ <= 8; s.warpsJ *= 2)
      for (s.split = 1; s.split <= 16; s.split *= 2)
        for (s.tasks = 1; s.tasks <= 3; s.tasks += 2)
          addDepths();
    s.split = s.tasks = 1;
  }

  void addWarpgroups() {
    for (s.rows = 64; s.rows <= 256; s.rows += 64)
      for (s.vectors = 8; s.vectors <= 64; s.vectors += 8)
        for (s.step = 64; s.step <= 128; s.step *= 2)
          for (s.stages = 2; s.stages <= 8; ++s.stages)
            for (int64_t groups : {1, 2, 3}) {
              if (s.rows % (64 * groups) || (groups == 3) != (s.rows == 192))
                continue;
              s.warpsI = 4 * groups;
              // Beside each other only where a panel has rows for one: they
              // would both read the lhs.
              for (s.warpsJ = 1; s.warpsJ <= (s.rows == 64 ? 2 : 1);
                   s.warpsJ *= 2)
                addShares();
            }
    addPairs();
  }

  /// Chains alone, and shared by clusters of two where their tiles leave SMs
  /// idle. Clusters of four would leave some: not all run at once. Those of
  /// gathered rows were not measured.
  void addShares() {
    int64_t tiles = (problem.m + s.rows - 1) / s.rows;
    int64_t cols = s.vectors * s.intrinsic->j;
    if (problem.n)
      tiles *= (*problem.n + cols - 1) / cols;
    addDepths();
    s.split = 2;
    if (tiles * s.split <= target.cores)
      addDepths();
    s.split = 1;
  }

  /// Two panels a block, for weights in blocks: where nearly all panels have
  /// nearly all k, taller ones read the same.
  void addPairs() {
    constexpr int64_t kCell = 64;
    if (s.intrinsic->sparse || problem.m <= kCell || problem.k < kCell)
      return;
    int64_t cells = countEntries(*problem.mask, {kCell, kCell, 0, {}});
    int64_t all =
        (problem.m + kCell - 1) / kCell * ((problem.k + kCell - 1) / kCell);
    if (double(cells) > 0.95 * double(all))
      return;
    s.panels = 2;
    s.step = s.depth = 64;
    s.warpsI = 4;
    s.warpsJ = 1;
    for (s.rows = 64; s.rows <= 128; s.rows += 64)
      for (s.vectors = 8; s.vectors <= 32; s.vectors += 8)
        for (s.stages = 2; s.stages <= 4; ++s.stages)
          for (s.cluster = 1; s.cluster <= 2; ++s.cluster)
            addCopies();
    s.panels = s.cluster = 1;
  }

  void addTransposed() {
    s.warpsI = 4;
    s.step = 32; // longer ones leave fewer stages
    for (s.rows = 32; s.rows <= 256; s.rows *= 2)
      for (s.warpsJ = 1; s.warpsJ <= 2; ++s.warpsJ)
        for (int64_t blocks : {1, 2, 4})
          for (s.stages = 2; s.stages <= 8; ++s.stages) {
            s.vectors = blocks * s.warpsJ;
            addDepths();
          }
  }

  void addDepths() {
    static constexpr int64_t kDepths[] = {1, 8, 16, 32, 64, 128};
    for (int64_t depth : kDepths)
      if (s.step % depth == 0 && !isTooNarrow(depth) &&
          (s.split == 1 || s.stages == 0 || depth > 1) &&
          (!s.intrinsic->sparse || isSparse(depth))) {
        s.depth = depth;
        addCopies();
      }
  }

  /// With the rhs as it is, and copied.
  void addCopies() {
    add(s);
    s.packRhs = mayPackRhs();
    if (s.packRhs)
      add(s);
    s.packRhs = false;
  }

  /// Boxes of rows that may begin within a sector.
  bool mayPackRhs() const {
    return s.intrinsic->unit == IntrinsicUnit::WarpgroupMatrix && s.depth > 1 &&
           (!problem.n || *problem.n * getSize(problem.element) % 32 == 16);
  }

  /// A warpgroup's tile of gathered rows has 64 columns or more, and that of a
  /// transposed product.
  bool isTooNarrow(int64_t depth) const {
    return depth == 1 && problem.n && *problem.n < 64 &&
           s.intrinsic->unit == IntrinsicUnit::WarpgroupMatrix;
  }

  bool isSparse(int64_t depth) {
    // Panels of any height have the same windows where all columns are kept.
    int64_t rows = depth > 1 ? 0 : s.rows;
    auto [found, isNew] = twoOfFour.try_emplace(rows, false);
    if (isNew)
      found->second = isHalved(problem, rows, depth);
    return found->second;
  }

  Strategy s;
  std::map<int64_t, bool> twoOfFour; ///< by rows of a panel
};

} // namespace

std::vector<Strategy>
mlir::spmmplu::enumerateGpuStrategies(const Target &target,
                                      const ProductProblem &problem,
                                      std::vector<Strategy> *rejected) {
  return GpuSpace(target, problem, rejected).enumerate();
}
