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

/// Where a pipeline may stop, in order: CPUs have loops, GPUs device kernels.
enum class PipelinePhase {
  SparseIR,
  MetaDFG,
  Kernels,
  Buffers,
  Loops,
  Device,
  LLVM
};

/// What all pipelines, `sparse-compile` and tests have in common.
struct ProgramOptions : PassPipelineOptions<ProgramOptions> {
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
  Option<bool> allowTF32{
      *this, "allow-tf32",
      llvm::cl::desc("Let f32 operands be rounded to tf32 for tensor cores"),
      llvm::cl::init(false)};
  Option<std::string> accumulate{
      *this, "accumulate",
      llvm::cl::desc(
          "f16: let a GPU sum f16 products in f16 where that is faster"),
      llvm::cl::init("f32")};
  Option<std::string> strategy{
      *this, "strategy",
      llvm::cl::desc("A #sparse_ir.strategy for every product"),
      llvm::cl::init("")};
  Option<int64_t> maxKernels{
      *this, "max-kernels",
      llvm::cl::desc("Strategies that a product of dynamic N may have"),
      llvm::cl::init(12)};
  Option<std::string> tuning{
      *this, "tuning",
      llvm::cl::desc(
          "A file of measured times, as sparse-compile --tune writes"),
      llvm::cl::init("")};
  Option<int64_t> tuneTop{
      *this, "tune-top",
      llvm::cl::desc("Note the best so many strategies of several N, to be "
                     "measured"),
      llvm::cl::init(0)};
  Option<bool> dumpStrategies{
      *this, "dump-strategies",
      llvm::cl::desc("Print the space of strategies of every product"),
      llvm::cl::init(false)};
  Option<double> minSparsity{
      *this, "min-sparsity",
      llvm::cl::desc("Least fraction of zeros at which a constant is sparse"),
      llvm::cl::init(0.3)};
};

/// The values of `stop-after`: the phases that all pipelines begin with, then
/// those of one.
template <typename... Values>
llvm::cl::ValuesClass getPhaseValues(Values... own) {
  return llvm::cl::values(
      clEnumValN(PipelinePhase::SparseIR, "sparse-ir",
                 "products raised, segmented and grouped"),
      clEnumValN(PipelinePhase::MetaDFG, "meta-dfg",
                 "slices, products and assigns"),
      clEnumValN(PipelinePhase::Kernels, "kernels",
                 "one packed kernel a table, on tensors"),
      clEnumValN(PipelinePhase::Buffers, "buffers", "on memrefs"), own...);
}

/// Options of `sparse-ir-cpu`.
struct CPUPipelineOptions : ProgramOptions {
  Option<PipelinePhase> stopAfter{
      *this, "stop-after", llvm::cl::desc("The last phase to run"),
      llvm::cl::init(PipelinePhase::LLVM),
      getPhaseValues(
          clEnumValN(PipelinePhase::Loops, "loops", "loops of vectors"),
          clEnumValN(PipelinePhase::LLVM, "llvm", "the LLVM dialect"))};
};

/// Options of `sparse-ir-gpu`.
struct GPUPipelineOptions : ProgramOptions {
  Option<PipelinePhase> stopAfter{
      *this, "stop-after", llvm::cl::desc("The last phase to run"),
      llvm::cl::init(PipelinePhase::LLVM),
      getPhaseValues(
          clEnumValN(PipelinePhase::Device, "device",
                     "device kernels and their launches"),
          clEnumValN(PipelinePhase::LLVM, "llvm",
                     "the host's LLVM dialect, without device code"))};
};

/// Phase sparse-ir: products raised, strategies chosen, segmented, grouped.
void buildSparseIRPhase(OpPassManager &pm, const ProgramOptions &options);
/// Phase meta-dfg: slices, products and assigns.
void buildMetaDFGPhase(OpPassManager &pm);
/// Phase kernels: layout transformations gone, one packed kernel a table, its
/// constants arguments. Remarks predict times for `target`.
void buildKernelPhase(OpPassManager &pm, const std::string &target);
/// Phase buffers: memrefs.
void buildBufferPhase(OpPassManager &pm);
/// Phase loops: kernels as loops and vectors.
void buildLoopPhase(OpPassManager &pm);
/// The rest: OpenMP and the LLVM dialect.
void buildLLVMPhase(OpPassManager &pm);

/// All phases, up to `stopAfter`.
void buildCPUPipeline(OpPassManager &pm, const CPUPipelineOptions &options);

/// Phase device: device kernels and their launches (docs/gpu.md).
void buildDevicePhase(OpPassManager &pm);
/// Phase llvm of a GPU program: launches as calls of the runtime, the host in
/// the LLVM dialect.
void buildHostPhase(OpPassManager &pm);

/// All phases of a GPU program, up to `stopAfter`.
void buildGPUPipeline(OpPassManager &pm, const GPUPipelineOptions &options);

/// The device kernels of a `gpu.module` in the LLVM dialect. `pm` is of
/// `builtin.module`.
void buildDevicePipeline(OpPassManager &pm);

/// Registers `sparse-ir-cpu`, `sparse-ir-gpu` and `sparse-ir-device`.
void registerPipelines();

} // namespace mlir::spmmplu

#endif // SPMMPLU_PIPELINES_PIPELINES_H
