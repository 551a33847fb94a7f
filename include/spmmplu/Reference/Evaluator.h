//===- Evaluator.h - What a function means, slowly --------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A slow, obvious evaluator of Sparse IR on tensors: what every level of the
// compiler is compared with. It takes the operator, its groups, the Meta-DFG,
// contracts and kernels, and the linalg, tensor, arith, math, affine and scf
// ops around them. Floats are f64 whatever their type, so that two forms of one
// program differ by the order of additions only.
//
// Undefined values are NaN: the contents of `tensor.empty`, and all that is
// computed from them. Where they reach a result, the result is undefined.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_REFERENCE_EVALUATOR_H
#define SPMMPLU_REFERENCE_EVALUATOR_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinAttributeInterfaces.h"
#include "mlir/Support/LLVM.h"

#include <cstdint>
#include <vector>

namespace mlir::spmmplu {

/// A scalar: `real` for float types, `integer` for index and integer types. An
/// i1 is 0 or 1; wider integers are sign-extended unless their type is
/// unsigned.
struct Number {
  double real = 0;
  int64_t integer = 0;
};

/// A tensor, or a scalar as a tensor of rank 0. Row-major; the elements are in
/// `reals` for float element types and in `integers` for all others.
struct ReferenceTensor {
  SmallVector<int64_t> shape;
  bool isInteger = false;
  std::vector<double> reals;
  std::vector<int64_t> integers;

  ReferenceTensor() = default;
  /// All elements are `fill`. Extents are not negative.
  ReferenceTensor(ArrayRef<int64_t> shape, bool isInteger, Number fill = {});

  int64_t size() const { return isInteger ? integers.size() : reals.size(); }
  Number get(int64_t flat) const {
    return isInteger ? Number{0, integers[flat]} : Number{reals[flat], 0};
  }
  void set(int64_t flat, Number value) {
    if (isInteger)
      integers[flat] = value.integer;
    else
      reals[flat] = value.real;
  }
};

struct EvaluatorOptions {
  /// Round every op's result to its element type. Off: all floats are f64.
  bool roundResults = false;
  /// Scalar operations (ops run, elements copied, products summed) before the
  /// evaluation is given up with a diagnostic.
  int64_t maxSteps = int64_t(1) << 32;
  /// Elements of the largest tensor.
  int64_t maxElements = int64_t(1) << 27;
};

/// Evaluates functions. Whatever is wrong (an op it does not know, an index out
/// of bounds, a shape that contradicts a type, a spent budget) is a diagnostic
/// at the op, and a failure.
class Evaluator {
public:
  explicit Evaluator(const EvaluatorOptions &options = {}) : options(options) {}

  /// One tensor an input of `func`, of a size that its type allows; scalars are
  /// tensors of rank 0. Returns one tensor a result.
  FailureOr<SmallVector<ReferenceTensor>>
  evaluate(func::FuncOp func, ArrayRef<ReferenceTensor> inputs) const;

private:
  EvaluatorOptions options;
};

/// Multiples of 1/64 in [-2, 2] without 0: exact in bf16 and f16 (sums of
/// products of them are exact in f64 in any order), and a missing or doubled
/// term always shows. Depends on the seed and the position only.
ReferenceTensor randomTensor(ArrayRef<int64_t> shape, uint64_t seed);

/// Random inputs of `func`: floats as `randomTensor`, integer tensors and
/// scalars small (i1: 0 or 1), index scalars `dynamicSize`, which is the size
/// of every dynamic dimension too. Sparse arguments obey their masks
/// (`zeroOutsideMasks`). Fails with a diagnostic on other argument types.
FailureOr<SmallVector<ReferenceTensor>>
randomInputs(func::FuncOp func, int64_t dynamicSize, uint64_t seed);

/// Sparsity on an operand is a promise; this makes arguments keep it. Zeroes
/// each of `inputs` outside of the masks that `func` states for it: by the
/// type's encoding, by the lhs and rhs sparsity of a `sparse_ir.matmul`, by the
/// attributes `sparse_ir.lhs` and `sparse_ir.rhs` of a linalg op, all of these
/// also through casts, reshapes and rank-2 transposes of the argument. Fails
/// with a diagnostic where a mask does not fit the argument.
LogicalResult zeroOutsideMasks(func::FuncOp func,
                               MutableArrayRef<ReferenceTensor> inputs);

/// The elements of a dense or resource attribute of floats, integers or
/// indices; fails for other attributes and for a resource without its data.
FailureOr<ReferenceTensor> toReferenceTensor(ElementsAttr elements);

} // namespace mlir::spmmplu

#endif // SPMMPLU_REFERENCE_EVALUATOR_H
