//===- BufferizableOpInterfaceImpl.cpp - Bufferizes fused kernels ===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Transforms/BufferizableOpInterfaceImpl.h"

#include "spmmplu/IR/SparseIR.h"

#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/DstBufferizableOpInterfaceImpl.h"

using namespace mlir;
using namespace mlir::bufferization;
using namespace mlir::spmmplu;

namespace {

struct KernelOpInterface
    : DstBufferizableOpInterfaceExternalModel<KernelOpInterface, KernelOp> {
  /// A table that leaves elements as they are needs them there.
  bool bufferizesToMemoryRead(Operation *op, OpOperand &operand,
                              const AnalysisState &) const {
    auto kernel = cast<KernelOp>(op);
    return &operand != &kernel.getInitMutable() || kernel.getAccumulate() ||
           !isa<ChainsAttr>(kernel.getTable());
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    auto kernel = cast<KernelOp>(op);
    SmallVector<Value> buffers;
    for (Value operand : op->getOperands()) {
      if (!isa<TensorType>(operand.getType())) {
        buffers.push_back(operand);
        continue;
      }
      FailureOr<Value> buffer = getBuffer(rewriter, operand, options, state);
      if (failed(buffer))
        return failure();
      buffers.push_back(*buffer);
    }
    Value init = buffers.back();
    OperationState newState(op->getLoc(), op->getName(), buffers, TypeRange(),
                            op->getAttrs());
    newState.propertiesAttr = op->getPropertiesAsAttribute();
    rewriter.setInsertionPoint(op);
    rewriter.create(newState);
    replaceOpWithBufferizedValues(rewriter, kernel, init);
    return success();
  }
};

} // namespace

void mlir::spmmplu::registerBufferizableOpInterfaceExternalModels(
    DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, SparseIRDialect *) {
    KernelOp::attachInterface<KernelOpInterface>(*context);
  });
}
