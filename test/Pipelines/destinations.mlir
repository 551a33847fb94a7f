// RUN: sparse-opt %s -sparse-ir-cpu="target=sapphirerapids allow-dense=false stop-after=buffers" | FileCheck %s

// A kernel writes into the argument that its result became: no buffer of its
// own, no copy. A value that is two results is copied once, an argument that is
// a result too.

// CHECK-LABEL: func.func @once
// CHECK-NOT: memref.alloc
// CHECK: sparse_ir.kernel {{.*}} outs(%arg1 :
// CHECK-NOT: memref.copy
// CHECK: return
func.func @once(%x: tensor<2x16xf32>) -> tensor<2x16xf32> {
  %w = arith.constant dense<[[1.0, 0.0], [0.0, 2.0]]> : tensor<2x2xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x16xf32>
  %c = linalg.fill ins(%zero : f32) outs(%e : tensor<2x16xf32>) -> tensor<2x16xf32>
  %y = linalg.matmul ins(%w, %x : tensor<2x2xf32>, tensor<2x16xf32>) outs(%c : tensor<2x16xf32>) -> tensor<2x16xf32>
  return %y : tensor<2x16xf32>
}

// CHECK-LABEL: func.func @twice
// CHECK-COUNT-1: sparse_ir.kernel
// CHECK-DAG: memref.copy %{{.*}}, %arg2
// CHECK-DAG: memref.copy %arg0, %arg3
// CHECK: return
func.func @twice(%x: tensor<2x16xf32>) -> (tensor<2x16xf32>, tensor<2x16xf32>, tensor<2x16xf32>) {
  %w = arith.constant dense<[[1.0, 0.0], [0.0, 2.0]]> : tensor<2x2xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x16xf32>
  %c = linalg.fill ins(%zero : f32) outs(%e : tensor<2x16xf32>) -> tensor<2x16xf32>
  %y = linalg.matmul ins(%w, %x : tensor<2x2xf32>, tensor<2x16xf32>) outs(%c : tensor<2x16xf32>) -> tensor<2x16xf32>
  return %y, %y, %x : tensor<2x16xf32>, tensor<2x16xf32>, tensor<2x16xf32>
}
