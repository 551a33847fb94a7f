//===- GPUPipeline.cpp - From a tensor program to GPUs ----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Pipelines/Pipelines.h"

#include "spmmplu/Conversion/Passes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::spmmplu;

void mlir::spmmplu::buildDevicePhase(OpPassManager &pm) {
  pm.addPass(createConvertSparseIRToGPU());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

void mlir::spmmplu::buildHostPhase(OpPassManager &pm) {
  // Clones first: what they become is device memory too.
  pm.addPass(createConvertBufferizationToMemRefPass());
  pm.addPass(createConvertGPULaunchesToCalls());
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createSCFToControlFlowPass());
  pm.addPass(createArithToLLVMConversionPass());
  pm.addPass(createConvertIndexToLLVMPass());
  pm.addPass(createFinalizeMemRefToLLVMConversionPass());
  pm.addPass(createConvertControlFlowToLLVMPass());
  pm.addPass(createConvertFuncToLLVMPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

void mlir::spmmplu::buildGPUPipeline(OpPassManager &pm,
                                     const GPUPipelineOptions &options) {
  const std::pair<PipelinePhase, std::function<void()>> phases[] = {
      {PipelinePhase::SparseIR, [&] { buildSparseIRPhase(pm, options); }},
      {PipelinePhase::MetaDFG, [&] { buildMetaDFGPhase(pm); }},
      {PipelinePhase::Kernels, [&] { buildKernelPhase(pm, options.target); }},
      {PipelinePhase::Buffers, [&] { buildBufferPhase(pm); }},
      {PipelinePhase::Device, [&] { buildDevicePhase(pm); }},
      {PipelinePhase::LLVM, [&] { buildHostPhase(pm); }},
  };
  for (auto &[phase, build] : phases)
    if (phase <= options.stopAfter)
      build();
}

void mlir::spmmplu::buildDevicePipeline(OpPassManager &module) {
  OpPassManager &pm = module.nest<gpu::GPUModuleOp>();
  pm.addPass(createConvertSparseGPUToNVVM());
  pm.addPass(createSCFToControlFlowPass());
  pm.addPass(createConvertVectorToLLVMPass());
  ConvertGpuOpsToNVVMOpsOptions nvvm;
  nvvm.indexBitwidth = 64;
  pm.addPass(createConvertGpuOpsToNVVMOps(nvvm));
  pm.addPass(createConvertNVVMToLLVMPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}
