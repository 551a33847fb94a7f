//===- AttentionProducts.cpp - Attention's operands and masks --*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionPattern.h"

#include "spmmplu/Target/Attention.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::spmmplu;

/// `value` with its last two dimensions exchanged, if it is there.
static Value getTransposed(Value value) {
  auto transpose = value.getDefiningOp<linalg::TransposeOp>();
  if (!transpose)
    return {};
  ArrayRef<int64_t> permutation = transpose.getPermutation();
  int64_t rank = permutation.size();
  for (int64_t dim = 0; dim + 2 < rank; ++dim)
    if (permutation[dim] != dim)
      return {};
  return rank >= 2 && permutation[rank - 1] == rank - 2 ? transpose.getInput()
                                                        : Value();
}

namespace {

/// The operands of a batched product as matrices: `rows` and `cols` are the
/// last two loops of the result, the others its batch.
struct BatchedProduct {
  explicit BatchedProduct(linalg::LinalgOp op) : c(op) {
    if (!c.analyze().empty() || c.dims[2].size() < 2)
      return;
    for (const LoopAxis &axis : c.axes)
      if (axis.kind != LoopKind::Batch && axis.loops.size() != 1)
        return;
    batch.assign(c.dims[2].begin(), c.dims[2].end() - 2);
    rows = c.dims[2].end()[-2];
    cols = c.dims[2].back();
    isProduct = (rows == c.m && cols == c.n) || (rows == c.n && cols == c.m);
  }

  /// The operand over (x, y), exchanged back where it is a transposed one;
  /// null where it lies otherwise.
  Value get(unsigned number, int x, int y) {
    auto lies = [&](int first, int second) {
      SmallVector<unsigned> order(batch);
      order.append({unsigned(first), unsigned(second)});
      return llvm::equal(c.dims[number], order);
    };
    Value value = c.values[number];
    if (lies(x, y))
      return value;
    return lies(y, x) ? getTransposed(value) : Value();
  }

  Contraction c;
  bool isProduct = false;
  SmallVector<unsigned> batch;
  int rows = kNone, cols = kNone;
};

} // namespace

static bool startsFromZero(linalg::LinalgOp op) {
  auto fill = findFill(op.getDpsInitOperand(0)->get());
  return fill && matchPattern(fill.value(), m_AnyZeroFloat());
}

bool AttentionPattern::takeOperands(linalg::LinalgOp scores) {
  BatchedProduct first(scores), second(product);
  if (!first.isProduct || !second.isProduct || second.rows != second.c.m)
    return fail("a product is none of a batch of matrices by rows");
  unsigned left = first.rows == first.c.m ? 0 : 1;
  query = first.get(left, first.rows, first.c.k);
  key = first.get(1 - left, first.cols, first.c.k);
  value = second.get(1, second.c.k, second.cols);
  if (!query || !key || !value || !second.get(0, second.rows, second.c.k))
    return fail("an operand is stored by columns");
  if (!startsFromZero(scores) || !startsFromZero(product))
    return fail("a product is added to other values than zeros");
  for (Value operand : {query, key, value}) {
    auto type = cast<RankedTensorType>(operand.getType());
    if (type.getEncoding())
      return fail("an operand is sparse");
    if (type.getElementType() != getElementTypeOrSelf(query.getType()) ||
        !(type.getElementType().isF16() || type.getElementType().isBF16()))
      return fail("operands are not all f16 or all bf16");
    int64_t width = type.getDimSize(type.getRank() - 1);
    if (ShapedType::isDynamic(width) || width > kMaxAttentionWidth)
      return fail("an operand has more than " + Twine(kMaxAttentionWidth) +
                  " columns, or a dynamic number");
  }
  for (Role role : {Role::Lhs, Role::Rhs})
    if (scores->hasAttr(getSparsityAttrName(role)))
      return fail("an operand is sparse");
  if (product->hasAttr(getSparsityAttrName(Role::Rhs)))
    return fail("an operand is sparse");
  return true;
}

/// The sparsity that an op's attribute or the type of `value` gives it.
static SparsityAttr getSparsity(Operation *op, Role role, Value value) {
  if (auto given = op->getAttrOfType<SparsityAttr>(getSparsityAttrName(role)))
    return given;
  return dyn_cast_or_null<SparsityAttr>(
      cast<RankedTensorType>(value.getType()).getEncoding());
}

/// Completes the mask by those of types and products, which must let all of it
/// through.
bool AttentionPattern::takeMasks(linalg::LinalgOp scores) {
  SparsityAttr computed = getSparsity(scores, Role::Out, scores->getResult(0));
  SparsityAttr read =
      getSparsity(product, Role::Lhs, product.getDpsInputOperand(0)->get());
  auto resolve = [&](SparsityAttr attr) -> std::optional<Mask> {
    FailureOr<Mask> found = attr.resolveMask(mask.rows(), mask.cols());
    return succeeded(found) ? std::optional<Mask>(*found) : std::nullopt;
  };
  if (softmaxSparsity) {
    auto found = resolve(softmaxSparsity);
    if (!found)
      return fail("the mask of the softmax is not known");
    mask &= *found;
  } else if (!hasConstantMask) {
    return fail("the softmax has no mask");
  }
  for (auto [attr, reason] :
       {std::pair(computed, "the softmax reads scores outside of the mask of "
                            "their product"),
        std::pair(read, "the second product leaves out probabilities of the "
                        "softmax")}) {
    if (!attr)
      continue;
    auto found = resolve(attr);
    Mask outside = mask;
    if (found)
      outside -= *found;
    if (!found || !outside.none())
      return fail(reason);
  }
  for (SparsityAttr attr : {softmaxSparsity, computed, read})
    if (attr && !sparsity && resolve(attr) == mask)
      sparsity = attr;
  for (int64_t row = 0; isFinite && row < mask.rows(); ++row)
    if (mask.countRow(row) == 0)
      return fail("a row has masked scores only, and these are finite");
  return true;
}

bool AttentionPattern::haveOtherUsers(linalg::LinalgOp scores) {
  SmallVector<Operation *> worklist = {scores};
  llvm::SmallPtrSet<Operation *, 16> visited;
  while (!worklist.empty()) {
    Operation *op = worklist.pop_back_val();
    if (!visited.insert(op).second)
      continue;
    for (Operation *user : op->getUsers()) {
      if (user == product)
        continue;
      if (!seen.contains(user))
        return true;
      worklist.push_back(user);
    }
  }
  return false;
}
