//===- BufferizableOpInterfaceImpl.cpp - Bufferizes fused kernels ===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Transforms/BufferizableOpInterfaceImpl.h"

#include "spmmplu/IR/Attention.h"
#include "spmmplu/IR/Convolution.h"

#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/DstBufferizableOpInterfaceImpl.h"

using namespace mlir;
using namespace mlir::bufferization;
using namespace mlir::spmmplu;

namespace {

/// `op` on the buffers of its operands, with one of them as its init.
LogicalResult bufferizeOntoInit(Operation *op, RewriterBase &rewriter,
                                const BufferizationOptions &options,
                                BufferizationState &state) {
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
  auto dps = cast<DestinationStyleOpInterface>(op);
  Value init = buffers[dps.getDpsInitOperand(0)->getOperandNumber()];
  OperationState newState(op->getLoc(), op->getName(), buffers, TypeRange(),
                          op->getAttrs());
  newState.propertiesAttr = op->getPropertiesAsAttribute();
  for (Region &region : op->getRegions())
    newState.addRegion()->takeBody(region);
  rewriter.setInsertionPoint(op);
  rewriter.create(newState);
  replaceOpWithBufferizedValues(rewriter, op, init);
  return success();
}

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
    return bufferizeOntoInit(op, rewriter, options, state);
  }
};

struct ConvolutionOpInterface
    : DstBufferizableOpInterfaceExternalModel<ConvolutionOpInterface,
                                              ConvolutionOp> {
  bool bufferizesToMemoryRead(Operation *op, OpOperand &operand,
                              const AnalysisState &) const {
    return &operand != &cast<ConvolutionOp>(op).getInitMutable();
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    return bufferizeOntoInit(op, rewriter, options, state);
  }
};

struct AttentionOpInterface
    : DstBufferizableOpInterfaceExternalModel<AttentionOpInterface,
                                              AttentionOp> {
  /// Every row is written from nothing.
  bool bufferizesToMemoryRead(Operation *op, OpOperand &operand,
                              const AnalysisState &) const {
    return &operand != &cast<AttentionOp>(op).getInitMutable();
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    return bufferizeOntoInit(op, rewriter, options, state);
  }
};

} // namespace

void mlir::spmmplu::registerBufferizableOpInterfaceExternalModels(
    DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, SparseIRDialect *) {
    KernelOp::attachInterface<KernelOpInterface>(*context);
    AttentionOp::attachInterface<AttentionOpInterface>(*context);
    ConvolutionOp::attachInterface<ConvolutionOpInterface>(*context);
  });
}
