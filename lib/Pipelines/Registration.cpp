//===- Registration.cpp - Everything that a tool registers -----*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Pipelines/Registration.h"

#include "spmmplu/Conversion/Passes.h"
#include "spmmplu/GPU/SparseGPU.h"
#include "spmmplu/IR/SparseIR.h"
#include "spmmplu/Pipelines/Pipelines.h"
#include "spmmplu/Transforms/BufferizableOpInterfaceImpl.h"
#include "spmmplu/Transforms/ConvolutionPasses.h"
#include "spmmplu/Transforms/Passes.h"

#include "mlir/Pass/PassRegistry.h"

using namespace mlir;

void mlir::spmmplu::registerDialect(DialectRegistry &registry) {
  registry.insert<SparseGPUDialect, SparseIRDialect>();
  registerBufferizableOpInterfaceExternalModels(registry);
}

void mlir::spmmplu::registerPipelines() {
  PassPipelineRegistration<CPUPipelineOptions>(
      "sparse-ir-cpu",
      "From linalg on tensors to the LLVM dialect for CPUs: raise, choose, "
      "segment, group, Meta-DFG, layout elimination, fusion, packing, loops",
      buildCPUPipeline);
  PassPipelineRegistration<GPUPipelineOptions>(
      "sparse-ir-gpu",
      "From linalg on tensors to device kernels and the host code that "
      "launches them; the phases of sparse-ir-cpu up to buffers",
      buildGPUPipeline);
  PassPipelineRegistration<>(
      "sparse-ir-device",
      "The device kernels of a gpu.module to the LLVM dialect",
      buildDevicePipeline);
}

void mlir::spmmplu::registerPasses() {
  registerSparseIRPasses();
  registerSparseIRConvolutionPasses();
  registerSparseIRConversionPasses();
  registerPipelines();
}
