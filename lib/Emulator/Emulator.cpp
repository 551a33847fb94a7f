//===- Emulator.cpp - Entry, and tensors as bytes ---------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Emulator/Emulator.h"

#include "Host.h"

#include "spmmplu/Reference/Evaluator.h"

using namespace mlir;
using namespace mlir::spmmplu;
using namespace mlir::spmmplu::emulator;

LogicalResult mlir::spmmplu::emulate(ModuleOp module, StringRef function,
                                     MutableArrayRef<EmulatedTensor> arguments,
                                     const EmulatorOptions &options) {
  auto func = module.lookupSymbol<func::FuncOp>(function);
  if (!func)
    return module.emitError("no function '") << function << "'";
  return Host(options).run(func, arguments);
}

FailureOr<EmulatedTensor>
mlir::spmmplu::toEmulatedTensor(const ReferenceTensor &tensor, Type element) {
  uint32_t bytes = getElementBytes(element);
  auto real = dyn_cast<FloatType>(element);
  if (!bytes || tensor.isInteger == bool(real))
    return failure();
  EmulatedTensor result;
  result.element = element;
  result.shape = tensor.shape;
  result.data.resize(tensor.size() * bytes);
  for (int64_t flat = 0; flat < tensor.size(); ++flat) {
    uint64_t bits = uint64_t(tensor.get(flat).integer);
    if (real) {
      llvm::APFloat value(tensor.get(flat).real);
      bool losesInfo;
      value.convert(real.getFloatSemantics(),
                    llvm::RoundingMode::NearestTiesToEven, &losesInfo);
      bits = value.bitcastToAPInt().getZExtValue();
    }
    memcpy(&result.data[flat * bytes], &bits, bytes);
  }
  return result;
}

ReferenceTensor mlir::spmmplu::toReferenceTensor(const EmulatedTensor &tensor) {
  uint32_t bytes = getElementBytes(tensor.element);
  auto real = dyn_cast<FloatType>(tensor.element);
  ReferenceTensor result(tensor.shape, !real);
  for (int64_t flat = 0; flat < result.size(); ++flat) {
    uint64_t bits = 0;
    memcpy(&bits, &tensor.data[flat * bytes], bytes);
    if (!real) {
      unsigned width = tensor.element.isIndex()
                           ? 64
                           : tensor.element.getIntOrFloatBitWidth();
      llvm::APInt integer(width, bits, false, /*implicitTrunc=*/true);
      bool isUnsigned = width == 1 || tensor.element.isUnsignedInteger();
      result.integers[flat] =
          isUnsigned ? int64_t(integer.getZExtValue()) : integer.getSExtValue();
      continue;
    }
    llvm::APFloat value(real.getFloatSemantics(),
                        llvm::APInt(real.getWidth(), bits));
    bool losesInfo;
    value.convert(llvm::APFloat::IEEEdouble(),
                  llvm::RoundingMode::NearestTiesToEven, &losesInfo);
    result.reals[flat] = value.convertToDouble();
  }
  return result;
}
