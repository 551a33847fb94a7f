//===- Pipelines.h - From a tensor program to LLVM -------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_PIPELINES_PIPELINES_H
#define SPMMPLU_PIPELINES_PIPELINES_H

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

namespace mlir::spmmplu {

/// Where a pipeline may stop, in order.
enum class PipelinePhase { SparseIR, MetaDFG, Kernels, Buffers, Loops, LLVM };

/// The one set of options behind `sparse-ir-cpu`, `sparse-compile` and tests.
struct CPUPipelineOptions : PassPipelineOptions<CPUPipelineOptions> {
  Option<std::string> target{*this, "target",
                             llvm::cl::desc("A row of the table of targets"),
                             llvm::cl::init("host")};
  Option<int64_t> threads{*this, "threads",
                          llvm::cl::desc("Threads a product may use"),
                          llvm::cl::init(1)};
  Option<std::string> policy{*this, "policy",
                             llvm::cl::desc("Grouping: chain or disjoint"),
                             llvm::cl::init("chain")};
  Option<bool> allowDense{*this, "allow-dense",
                          llvm::cl::desc("Let dense win where it is faster"),
                          llvm::cl::init(true)};
  Option<std::string> strategy{
      *this, "strategy",
      llvm::cl::desc("A #sparse_ir.strategy for every product"),
      llvm::cl::init("")};
  Option<double> minSparsity{
      *this, "min-sparsity",
      llvm::cl::desc("Least fraction of zeros at which a constant is sparse"),
      llvm::cl::init(0.3)};
  Option<PipelinePhase> stopAfter{
      *this, "stop-after", llvm::cl::desc("The last phase to run"),
      llvm::cl::init(PipelinePhase::LLVM),
      llvm::cl::values(
          clEnumValN(PipelinePhase::SparseIR, "sparse-ir",
                     "products raised, segmented and grouped"),
          clEnumValN(PipelinePhase::MetaDFG, "meta-dfg",
                     "slices, products and assigns"),
          clEnumValN(PipelinePhase::Kernels, "kernels",
                     "one packed kernel a table, on tensors"),
          clEnumValN(PipelinePhase::Buffers, "buffers", "on memrefs"),
          clEnumValN(PipelinePhase::Loops, "loops", "loops of vectors"),
          clEnumValN(PipelinePhase::LLVM, "llvm", "the LLVM dialect"))};
};

/// Phase sparse-ir: products raised, strategies chosen, segmented, grouped.
void buildSparseIRPhase(OpPassManager &pm, const CPUPipelineOptions &options);
/// Phase meta-dfg: slices, products and assigns.
void buildMetaDFGPhase(OpPassManager &pm);
/// Phase kernels: layout transformations gone, one packed kernel a table, its
/// constants arguments.
void buildKernelPhase(OpPassManager &pm);
/// Phase buffers: memrefs.
void buildBufferPhase(OpPassManager &pm);
/// Phase loops: kernels as loops and vectors.
void buildLoopPhase(OpPassManager &pm);
/// The rest: OpenMP and the LLVM dialect.
void buildLLVMPhase(OpPassManager &pm);

/// All phases, up to `stopAfter`.
void buildCPUPipeline(OpPassManager &pm, const CPUPipelineOptions &options);

/// Registers `sparse-ir-cpu`.
void registerPipelines();

} // namespace mlir::spmmplu

#endif // SPMMPLU_PIPELINES_PIPELINES_H
