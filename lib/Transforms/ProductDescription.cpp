//===- ProductDescription.cpp - Products as the cost model sees them ------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ProductDescription.h"

#include "FoldPlaces.h"
#include "LayoutMap.h"

#include "spmmplu/IR/SparseIR.h"
#include "spmmplu/Segmentation/Tables.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Matchers.h"

#include <numeric>

using namespace mlir;
using namespace mlir::spmmplu;

std::optional<Element> mlir::spmmplu::getElement(Type type) {
  if (type.isF64())
    return Element::F64;
  if (type.isF32())
    return Element::F32;
  if (type.isBF16())
    return Element::BF16;
  if (type.isF16())
    return Element::F16;
  if (type.isInteger(8))
    return Element::I8;
  if (isa<Float8E4M3FNType>(type))
    return Element::F8E4M3;
  if (isa<Float8E5M2Type>(type))
    return Element::F8E5M2;
  return std::nullopt;
}

/// The order in which grouping will fill panels, as far as it is known before
/// the strategy is: for panels of a usual height.
static std::vector<int32_t>
getRowOrder(ArrayRef<MaskPart> parts, const Mask &mask, const Target &machine) {
  ChainTableOptions options;
  options.rows = machine.kind == TargetKind::Gpu ? 64 : 8;
  return chooseRowOrder(mask, options, parts);
}

/// See `ProductProblem::outParts`.
static std::vector<Mask> getOutParts(MatmulOp op, const Mask &mask) {
  std::vector<Mask> masks;
  SparsityAttr sparsity = op.getSparsity(Role::Out);
  if (!sparsity)
    return masks;
  for (const MaskPart &part : sparsity.decompose(mask)) {
    int64_t rows = part.rowOrder.empty() ? mask.rows() : part.rowOrder.size();
    int64_t cols = part.colOrder.empty() ? mask.cols() : part.colOrder.size();
    std::vector<int32_t> place(mask.cols());
    std::iota(place.begin(), place.end(), 0);
    for (auto [at, col] : llvm::enumerate(part.colOrder))
      place[col] = at;
    Mask &ordered = masks.emplace_back(rows, cols);
    for (int64_t row = 0; row < rows; ++row)
      part.mask.forEachInRow(
          part.rowOrder.empty() ? row : part.rowOrder[row],
          [&](int64_t col) { ordered.set(row, place[col]); });
  }
  return masks;
}

/// Whether the rhs still is a matrix in memory when layout elimination is done:
/// what makes it of another tensor only permutes the axes.
static bool isMatrixInMemory(Value rhs) {
  AffineMap map = AffineMap::getMultiDimIdentityMap(2, rhs.getContext());
  while (auto layout = getLayoutTransformation(rhs.getDefiningOp())) {
    map = simplifyAffineMap(layout->toSource.compose(map));
    rhs = layout->source;
  }
  return map.isPermutation();
}

/// Iterations of the loop around a batched product, 1 where they are not known.
static int64_t getBatch(MatmulOp op) {
  auto loop = dyn_cast<scf::ForOp>(op->getParentOp());
  if (!loop)
    return 1;
  auto lower = getConstantIntValue(loop.getLowerBound());
  auto upper = getConstantIntValue(loop.getUpperBound());
  auto step = getConstantIntValue(loop.getStep());
  return lower && upper && step && *step > 0 && *upper > *lower
             ? llvm::divideCeil(*upper - *lower, *step)
             : 1;
}

mlir::spmmplu::ProductDescription::ProductDescription(MatmulOp op,
                                                      const Target &machine)
    : masks(op) {
  auto element = getElement(op.getLhs().getType().getElementType());
  if (!element)
    obstacle = "no kernel has this type";
  else if (ShapedType::isDynamic(masks.extent[0]) ||
           ShapedType::isDynamic(masks.extent[2]))
    obstacle = "the size of the lhs is dynamic";
  if (obstacle)
    return;
  problem.m = masks.extent[0];
  problem.k = masks.extent[2];
  if (!ShapedType::isDynamic(masks.extent[1]))
    problem.n = masks.extent[1];
  problem.element = *element;
  problem.role = masks.out && !masks.lhs ? SparseRole::Out : SparseRole::Lhs;
  problem.mask = problem.role == SparseRole::Out ? &*masks.out
                 : masks.lhs ? &*masks.lhs
                             : &(full = Mask(problem.m, problem.k, true));
  if (problem.role == SparseRole::Lhs) {
    std::vector<MaskPart> parts;
    if (SparsityAttr sparsity = op.getSparsity(Role::Lhs))
      parts = sparsity.decompose(*problem.mask);
    problem.rowOrder = getRowOrder(parts, *problem.mask, machine);
  }
  problem.valuesOut = bool(findCompress(op.getResult()));
  if (problem.role == SparseRole::Out &&
      (machine.kind == TargetKind::Cpu || problem.valuesOut))
    problem.outParts = getOutParts(op, *problem.mask);
  ExpandOp expand = findExpand(op.getLhs());
  problem.valuesLhs = expand && expand.getSource().getType().getRank() == 1;
  problem.valuesPart = problem.valuesLhs && expand.getPlaces();
  problem.constantLhs = matchPattern(op.getLhs(), m_Constant()) ||
                        (problem.valuesLhs && machine.kind == TargetKind::Cpu);
  problem.narrowOut = op.getInit().getType().getElementTypeBitWidth() <
                      (*element == Element::F64 ? 64 : 32);
  problem.matrixRhs = isMatrixInMemory(op.getRhs());
  problem.batch = getBatch(op);
}

ProductProblem mlir::spmmplu::describePart(const ProductProblem &whole,
                                           const Target &machine,
                                           const MaskPart &part) {
  ProductProblem problem = whole;
  problem.mask = &part.mask;
  problem.rowOrder = getRowOrder(part, part.mask, machine);
  problem.valuesPart = true;
  return problem;
}
