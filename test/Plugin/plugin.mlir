// REQUIRES: plugin
// RUN: mlir-opt %s --load-dialect-plugin=%plugin --load-pass-plugin=%plugin --pass-pipeline='builtin.module(sparse-ir-segment{cuboid=1,1,1},sparse-ir-group{policy=disjoint})' | FileCheck %s
// RUN: mlir-opt %s --load-dialect-plugin=%plugin --load-pass-plugin=%plugin --pass-pipeline='builtin.module(sparse-ir-cpu{target=sapphirerapids stop-after=kernels})' | FileCheck %s --check-prefix=KERNEL
// RUN: not mlir-opt %s 2>&1 | FileCheck %s --check-prefix=WITHOUT

// Stock mlir-opt with the plug-in: dialect, passes with options, pipelines.

// CHECK-LABEL: func.func @f
// CHECK: sparse_ir.group <disjoint>
// KERNEL-LABEL: func.func @f
// KERNEL: sparse_ir.kernel
// WITHOUT: error: {{.*}}sparse_ir
func.func @f(%a: tensor<2x2xf32>, %b: tensor<2x3xf32>, %c: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %r = sparse_ir.matmul ins(%a, %b : tensor<2x2xf32>, tensor<2x3xf32>) outs(%c : tensor<2x3xf32>)
         lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.window<0>>)
  return %r : tensor<2x3xf32>
}
