//===- CPUPipeline.cpp - From a tensor program to LLVM for CPUs -*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Pipelines/Pipelines.h"

#include "spmmplu/Conversion/Passes.h"
#include "spmmplu/Transforms/ConvolutionPasses.h"
#include "spmmplu/Transforms/Passes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Bufferization/Pipelines/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::spmmplu;

void mlir::spmmplu::buildSparseIRPhase(OpPassManager &pm,
                                       const ProgramOptions &options) {
  pm.addPass(createSparseIRResultsToDestinations());
  SparseIRDirectConvolutionOptions direct;
  direct.target = options.target;
  pm.addPass(createSparseIRDirectConvolution(direct));
  SparseIRWinogradOptions winograd;
  winograd.target = options.target;
  winograd.threads = options.threads;
  // Who asks for a strategy or for sparse products means those of the weights.
  if (!options.strategy.empty() || !options.allowDense)
    winograd.when = "never";
  pm.addPass(createSparseIRWinograd(winograd));
  SparseIRFuseAttentionOptions attention;
  attention.target = options.target;
  attention.strategy = options.strategy;
  pm.addPass(createSparseIRFuseAttention(attention));
  SparseIRRaiseOptions raise;
  raise.minSparsity = options.minSparsity;
  raise.target = options.target;
  pm.addPass(createSparseIRRaise(raise));
  SparseIRSplitPartsOptions parts;
  parts.target = options.target;
  parts.threads = options.threads;
  pm.addPass(createSparseIRSplitParts(parts));
  SparseIRSelectStrategyOptions strategy;
  strategy.target = options.target;
  strategy.threads = options.threads;
  strategy.allowDense = options.allowDense;
  strategy.allowTF32 = options.allowTF32;
  strategy.accumulate = options.accumulate;
  strategy.strategy = options.strategy;
  strategy.maxKernels = options.maxKernels;
  strategy.tuning = options.tuning;
  strategy.tuneTop = options.tuneTop;
  strategy.dump = options.dumpStrategies;
  pm.addPass(createSparseIRSelectStrategy(strategy));
  pm.addPass(createSparseIRSpecialize());
  pm.addPass(createSparseIRSegment());
  SparseIRGroupOptions group;
  group.policy = options.policy;
  pm.addPass(createSparseIRGroup(group));
}

void mlir::spmmplu::buildMetaDFGPhase(OpPassManager &pm) {
  pm.addPass(createSparseIRToMetaDFG());
}

void mlir::spmmplu::buildKernelPhase(OpPassManager &pm,
                                     const std::string &target) {
  pm.addPass(createSparseIREliminateLayout());
  pm.addPass(createSparseIRFuseMetaOps());
  // Fusion makes results of loops results of kernels: fold what follows them.
  pm.addPass(createSparseIREliminateLayout());
  SparseIRFuseEpiloguesOptions epilogues;
  epilogues.target = target;
  pm.addPass(createSparseIRFuseEpilogues(epilogues));
  // And what follows the ops that are kernels now.
  pm.addPass(createSparseIREliminateLayout());
  SparseIRExpandPlacesOptions places;
  places.target = target;
  pm.addPass(createSparseIRExpandPlaces(places));
  pm.addPass(createCSEPass());
  pm.addPass(createSparseIRPack());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createSparseIRExternalizeConstants());
}

void mlir::spmmplu::buildBufferPhase(OpPassManager &pm) {
  pm.addPass(createSparseIRUnshareInits());
  pm.addPass(bufferization::createEmptyTensorEliminationPass());
  pm.addPass(bufferization::createEmptyTensorToAllocTensorPass());
  bufferization::OneShotBufferizePassOptions bufferize;
  bufferize.bufferizeFunctionBoundaries = true;
  bufferize.functionBoundaryTypeConversion =
      bufferization::LayoutMapOption::IdentityLayoutMap;
  pm.addPass(bufferization::createOneShotBufferizePass(bufferize));
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  bufferization::BufferDeallocationPipelineOptions deallocation;
  bufferization::buildBufferDeallocationPipeline(pm, deallocation);
}

void mlir::spmmplu::buildLoopPhase(OpPassManager &pm) {
  pm.addPass(createConvertSparseIRToCPU());
  pm.addPass(createSparseIRExpandCopies());
  pm.addNestedPass<func::FuncOp>(createConvertLinalgToLoopsPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

void mlir::spmmplu::buildLLVMPhase(OpPassManager &pm) {
  pm.addPass(createConvertBufferizationToMemRefPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createConvertSCFToOpenMPPass());
  // Inlines the memref.alloca_scopes around loop bodies, which hold no alloca:
  // they could not hold the blocks that scf becomes.
  pm.addPass(createCanonicalizerPass());
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createSCFToControlFlowPass());
  ConvertVectorToLLVMPassOptions vector;
  vector.amx = true;
  vector.x86Vector = true;
  pm.addPass(createConvertVectorToLLVMPass(vector));
  pm.addPass(createConvertMathToLLVMPass());
  pm.addPass(createConvertMathToLibmPass());
  pm.addPass(createArithToLLVMConversionPass());
  pm.addPass(createConvertIndexToLLVMPass());
  FinalizeMemRefToLLVMConversionPassOptions memref;
  memref.useAlignedAlloc = true;
  pm.addPass(createFinalizeMemRefToLLVMConversionPass(memref));
  // With AMX: accumulators are tiles that loops, now branches, carry, and the
  // conversion of branches alone does not know their type.
  ConvertToLLVMPassOptions branches;
  branches.filterDialects = {"cf", "amx"};
  pm.addPass(createConvertToLLVMPass(branches));
  pm.addPass(createConvertFuncToLLVMPass());
  pm.addPass(createConvertOpenMPToLLVMPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

void mlir::spmmplu::buildCPUPipeline(OpPassManager &pm,
                                     const CPUPipelineOptions &options) {
  const std::pair<PipelinePhase, std::function<void()>> phases[] = {
      {PipelinePhase::SparseIR, [&] { buildSparseIRPhase(pm, options); }},
      {PipelinePhase::MetaDFG, [&] { buildMetaDFGPhase(pm); }},
      {PipelinePhase::Kernels, [&] { buildKernelPhase(pm, options.target); }},
      {PipelinePhase::Buffers, [&] { buildBufferPhase(pm); }},
      {PipelinePhase::Loops, [&] { buildLoopPhase(pm); }},
      {PipelinePhase::LLVM, [&] { buildLLVMPhase(pm); }},
  };
  for (auto &[phase, build] : phases)
    if (phase <= options.stopAfter)
      build();
}
