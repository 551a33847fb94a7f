// RUN: sparse-opt %s -sparse-ir-cpu="target=sapphirerapids allow-dense=false stop-after=sparse-ir" | FileCheck %s --check-prefix=SPARSE
// RUN: sparse-opt %s -sparse-ir-cpu="target=sapphirerapids allow-dense=false stop-after=meta-dfg" | FileCheck %s --check-prefix=DFG
// RUN: sparse-opt %s -sparse-ir-cpu="target=sapphirerapids allow-dense=false stop-after=kernels" | FileCheck %s --check-prefix=KERNELS
// RUN: sparse-opt %s -sparse-ir-cpu="target=sapphirerapids allow-dense=false stop-after=buffers" | FileCheck %s --check-prefix=BUFFERS
// RUN: sparse-opt %s -sparse-ir-cpu="target=sapphirerapids allow-dense=false stop-after=loops" | FileCheck %s --check-prefix=LOOPS
// RUN: sparse-opt %s -sparse-ir-cpu="target=sapphirerapids allow-dense=false" | FileCheck %s --check-prefix=LLVM

// Each phase leaves nothing of the one before.

// SPARSE-LABEL: func.func @layer
// SPARSE-SAME: memref<4x?xf32> {sparse_ir.dims = [4, "n"], sparse_ir.result = 0 : i64}
// SPARSE-NOT: linalg.matmul
// SPARSE: sparse_ir.matmul {{.*}} strategy({{.*}}) groups {
// SPARSE-NEXT: sparse_ir.group <chain> {
// SPARSE: bufferization.materialize_in_destination

// DFG-LABEL: func.func @layer
// DFG-NOT: sparse_ir.matmul
// DFG: scf.for
// DFG: sparse_ir.slice lhs
// DFG: linalg.matmul
// DFG: sparse_ir.assign

// KERNELS: sparse_ir.constants = {c0
// KERNELS-LABEL: func.func @layer
// KERNELS-NOT: scf.for
// KERNELS: sparse_ir.kernel {{.*}} tables({{.*}} {packed_lhs} -> tensor<4x?xf32>
// KERNELS-NOT: arith.constant dense

// BUFFERS-LABEL: func.func @layer
// BUFFERS-NOT: tensor<
// BUFFERS: sparse_ir.kernel {{.*}} outs(%{{.*}} : memref<4x?xf32>)
// BUFFERS-NOT: memref.copy
// BUFFERS: return

// LOOPS-LABEL: func.func @layer
// LOOPS-NOT: sparse_ir.kernel
// LOOPS: scf.parallel
// LOOPS: vector.fma

// LLVM: llvm.func @layer
// LLVM: omp.parallel
// LLVM-NOT: {{scf|vector|memref|arith|sparse_ir}}.{{[a-z]+}} %
// LLVM: llvm.return
func.func @layer(%x: tensor<8x?xf32> {sparse_ir.dims = [8, "n"]}) -> tensor<4x?xf32> {
  %w = arith.constant dense<[[1.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 3.0, 0.0, 0.0, 0.0, 0.0, 0.0],
                             [0.0, 0.0, 0.0, 0.0, 0.0, -0.0, 0.0, 0.0], [0.0, 4.0, 0.0, 0.0, 0.0, 0.0, 5.0, 6.0]]> : tensor<4x8xf32>
  %1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %1 : tensor<8x?xf32>
  %e = tensor.empty(%n) : tensor<4x?xf32>
  %c = linalg.fill ins(%zero : f32) outs(%e : tensor<4x?xf32>) -> tensor<4x?xf32>
  %y = linalg.matmul ins(%w, %x : tensor<4x8xf32>, tensor<8x?xf32>) outs(%c : tensor<4x?xf32>) -> tensor<4x?xf32>
  return %y : tensor<4x?xf32>
}
