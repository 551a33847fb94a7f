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
#include "spmmplu/IR/Winograd.h"

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

/// Of an op that writes init, and reads what it holds where `readsInit` says
/// so.
template <typename OpTy, bool (*readsInit)(OpTy)>
struct OntoInitInterface : DstBufferizableOpInterfaceExternalModel<
                               OntoInitInterface<OpTy, readsInit>, OpTy> {
  bool bufferizesToMemoryRead(Operation *op, OpOperand &operand,
                              const AnalysisState &) const {
    auto concrete = cast<OpTy>(op);
    return &operand != &concrete.getInitMutable() || readsInit(concrete);
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    return bufferizeOntoInit(op, rewriter, options, state);
  }
};

/// A table that leaves elements as they are needs them there.
bool readsKernelInit(KernelOp op) {
  return op.getAccumulate() || !isa<ChainsAttr>(op.getTable());
}
bool readsOutputInit(WinogradOutputOp op) { return op.getAccumulate(); }
/// Every element is written from nothing.
template <typename OpTy> bool readsNoInit(OpTy) { return false; }

template <typename OpTy, bool (*readsInit)(OpTy) = readsNoInit<OpTy>>
void attach(MLIRContext *context) {
  OpTy::template attachInterface<OntoInitInterface<OpTy, readsInit>>(*context);
}

} // namespace

void mlir::spmmplu::registerBufferizableOpInterfaceExternalModels(
    DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, SparseIRDialect *) {
    attach<KernelOp, readsKernelInit>(context);
    attach<AttentionOp>(context);
    attach<ConvolutionOp>(context);
    attach<WinogradInputOp>(context);
    attach<WinogradOutputOp, readsOutputInit>(context);
  });
}
