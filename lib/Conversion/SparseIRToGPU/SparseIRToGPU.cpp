//===- SparseIRToGPU.cpp - Fused kernels to device kernels -----*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Conversion/Passes.h"

#include "../KernelOperands.h"
#include "ConvolutionKernel.h"

#include "spmmplu/GPU/SparseGPU.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Matchers.h"

namespace mlir::spmmplu {
#define GEN_PASS_DEF_CONVERTSPARSEIRTOGPU
#include "spmmplu/Conversion/Passes.h.inc"
} // namespace mlir::spmmplu

using namespace mlir;
using namespace mlir::spmmplu;

/// The module's `gpu.module @device`, made where there is none.
static gpu::GPUModuleOp getDeviceModule(ModuleOp module) {
  if (auto found = module.lookupSymbol<gpu::GPUModuleOp>("device"))
    return found;
  module->setAttr(gpu::GPUDialect::getContainerModuleAttrName(),
                  UnitAttr::get(module.getContext()));
  OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
  auto device = gpu::GPUModuleOp::create(builder, module.getLoc(), "device");
  builder.setInsertionPointToStart(device.getBody());
  LLVM::GlobalOp::create(builder, module.getLoc(),
                         LLVM::LLVMArrayType::get(builder.getI8Type(), 0),
                         /*isConstant=*/false, LLVM::Linkage::External,
                         "shared", Attribute(),
                         /*alignment=*/1024, /*addrSpace=*/3);
  return device;
}

Type KernelContext::operand() const {
  return getType(intrinsic.input, input.getContext());
}

static LogicalResult convert(KernelOp op, ModuleOp module) {
  const Intrinsic *intrinsic =
      lookupIntrinsic(std::string_view(op.getStrategy().getIntrinsic()));
  if (!intrinsic)
    return op.emitOpError("names the intrinsic '")
           << op.getStrategy().getIntrinsic() << "', which is in no table";
  if (intrinsic->unit != IntrinsicUnit::WarpFma &&
      intrinsic->unit != IntrinsicUnit::WarpMatrix &&
      intrinsic->unit != IntrinsicUnit::WarpgroupMatrix)
    return op.emitOpError("names the intrinsic '")
           << op.getStrategy().getIntrinsic() << "', which no GPU has";
  if (op.getStrategy().getPanels() > 1 &&
      (intrinsic->unit == IntrinsicUnit::WarpFma || !op.getPackedLhs()))
    return op.emitOpError("expects one panel a block unless tensor cores "
                          "multiply a packed lhs, found ")
           << op.getStrategy().getPanels();
  bool isBanded = usesBands(*intrinsic, op.getStrategy().getPanels());
  if (op.getStrategy().getCluster() > 1 &&
      (intrinsic->unit != IntrinsicUnit::WarpgroupMatrix || !op.getPackedLhs()))
    return op.emitOpError("expects one block a cluster unless warpgroups "
                          "multiply a packed lhs, found ")
           << op.getStrategy().getCluster();
  size_t runs = op.getLhsPlaces() || op.getOutPlaces();
  // Of bands where each begins, of pairs who they are and what they walk.
  size_t pairs = isBanded ? 1 : op.getStrategy().getPanels() > 1 ? 2 : 0;
  size_t parts =
      (isa<TilesAttr>(op.getTable()) ? 7 : 4 + intrinsic->sparse + pairs) +
      runs;
  if (failed(verifyTables(op, parts)))
    return failure();
  Type input = getElementTypeOrSelf(op.getRhs().getType());
  if (input != getType(intrinsic->input, op.getContext()))
    return op.emitOpError("expects operands of the intrinsic's type ")
           << getType(intrinsic->input, op.getContext()) << ", found " << input;
  if (input.getIntOrFloatBitWidth() == 8) {
    Type out = getElementTypeOrSelf(op.getInit().getType());
    if (out.isInteger() != input.isInteger() ||
        out.getIntOrFloatBitWidth() < 16)
      return op.emitOpError("expects a result of ")
             << (input.isInteger() ? "i32" : "16 bits or more")
             << " with operands of " << input << ", found " << out;
    input = IntegerType::get(op.getContext(), 8);
  }
  bool isOutputTiles = isa<TilesAttr>(op.getTable()) &&
                       intrinsic->unit != IntrinsicUnit::WarpFma;
  bool isGathered = isa<ChainsAttr>(op.getTable()) && !op.getPackedLhs() &&
                    intrinsic->unit == IntrinsicUnit::WarpMatrix;
  BatchSlices batch;
  // (What an epilogue reads has no slices here.)
  if (isOutputTiles || (isGathered && !op.hasEpilogue()))
    batch = hoistOutOfBatchLoop(op);
  OpBuilder builder(op);
  for (Axis axis : {Axis::I, Axis::J, Axis::K})
    if (failed(getExtent(builder, op, axis)))
      return failure();
  KernelContext context{op.getStrategy(), *intrinsic, input,
                        getType(intrinsic->accumulate, op.getContext()), batch};
  KernelBuilder kernel(op, getDeviceModule(module));
  bool packed = isa<ChainsAttr>(op.getTable()) && op.getPackedLhs();
  if (packed && isBanded)
    return emitChainBandKernel(kernel, context);
  if (packed && intrinsic->unit != IntrinsicUnit::WarpgroupMatrix)
    return op.getStrategy().getStages() > 0
               ? emitChainWarpKernel(kernel, context)
               : emitChainStreamKernel(kernel, context);
  if (packed)
    return intrinsic->isTransposed()
               ? emitChainTransposedKernel(kernel, context)
               : emitChainWarpgroupKernel(kernel, context);
  if (isGathered && op.getLhsPlaces())
    return emitChainValuesKernel(kernel, context);
  if (isGathered)
    return emitChainGatherKernel(kernel, context);
  if (isOutputTiles)
    return emitOutputTileKernel(kernel, context);
  return op.emitOpError("has no kernel for GPUs with the table ")
         << op.getTable().getAbstractAttribute().getName() << " and "
         << (op.getPackedLhs() ? "a packed" : "an unpacked")
         << " lhs under this strategy";
}

namespace {

struct ConvertSparseIRToGPUPass
    : mlir::spmmplu::impl::ConvertSparseIRToGPUBase<ConvertSparseIRToGPUPass> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto emitAttention = [&](AttentionOp op) {
      return emitAttentionKernels(op, getDeviceModule(module));
    };
    auto emitConvolution = [&](ConvolutionOp op) {
      return emitConvolutionKernel(op, getDeviceModule(module));
    };
    auto emitKernel = [&](KernelOp op) { return convert(op, module); };
    if (failed(lowerAll<AttentionOp>(module, emitAttention)) ||
        failed(lowerAll<ConvolutionOp>(module, emitConvolution)) ||
        failed(lowerAll<KernelOp>(module, emitKernel)))
      return signalPassFailure();
    convertElementwise();
  }

private:
  /// The runtime fills contiguous memory with zeros: no kernel is needed.
  static bool isZeroFill(linalg::LinalgOp op) {
    auto fill = dyn_cast<linalg::FillOp>(op.getOperation());
    if (!fill || !(matchPattern(fill.getInputs()[0], m_PosZeroFloat()) ||
                   matchPattern(fill.getInputs()[0], m_Zero())))
      return false;
    auto type = dyn_cast<MemRefType>(fill.getOutputs()[0].getType());
    return type && type.getLayout().isIdentity();
  }

  void convertElementwise() {
    SmallVector<linalg::LinalgOp> ops;
    getOperation()->walk([&](linalg::LinalgOp op) {
      if (!isZeroFill(op) && isElementwiseKernel(op))
        ops.push_back(op);
    });
    for (linalg::LinalgOp op : ops) {
      emitElementwiseKernel(op, getDeviceModule(getOperation()));
      op->erase();
    }
  }
};

} // namespace
