// RUN: sparse-opt %s --pass-pipeline='builtin.module(sparse-ir-cpu{stop-after=buffers allow-dense=false})' -split-input-file | FileCheck %s

// One product: written into the result's memory, which is neither filled nor
// copied.
// CHECK-LABEL: @product(
// CHECK-SAME:    %[[OUT:arg[0-9]+]]: memref<4x32xf32> {{{[^}]*}}sparse_ir.result
// CHECK-NOT:     memref.alloc
// CHECK-NOT:     linalg.fill
// CHECK:         sparse_ir.kernel {{.*}} outs(%[[OUT]] :
// CHECK-NOT:     memref.copy
// CHECK:         return
func.func @product(%x: tensor<4x32xf32>) -> tensor<4x32xf32> {
  %w = arith.constant dense<[[1., 0., 0., 0.], [0., 0., 2., 0.],
                             [0., 0., 0., 0.], [0., 3., 0., 0.]]> : tensor<4x4xf32>
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<4x32xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x32xf32>) -> tensor<4x32xf32>
  %y = linalg.matmul ins(%w, %x : tensor<4x4xf32>, tensor<4x32xf32>)
                     outs(%init : tensor<4x32xf32>) -> tensor<4x32xf32>
  return %y : tensor<4x32xf32>
}

// -----

// An initial value that is an input is not written: it is copied, once, into
// the result's memory.
// CHECK-LABEL: @input(
// CHECK-SAME:    %[[IN:arg[0-9]+]]: memref<16x16xf32> {sparse_ir.dims
// CHECK-SAME:    %[[OUT:arg[0-9]+]]: memref<16x16xf32> {{{[^}]*}}sparse_ir.result
// CHECK-NOT:     memref.alloc
// CHECK:         linalg.copy ins(%[[IN]] : {{.*}}) outs(%[[OUT]] :
// CHECK-NEXT:    sparse_ir.kernel {{.*}} outs(%[[OUT]] :
// CHECK-NOT:     memref.copy
// CHECK:         return
func.func @input(%q: tensor<16x8xf32>, %k: tensor<8x16xf32>, %c: tensor<16x16xf32>) -> tensor<16x16xf32> {
  %y = linalg.matmul {sparse_ir.out = #sparse_ir.sparsity<#sparse_ir.window<2>>}
         ins(%q, %k : tensor<16x8xf32>, tensor<8x16xf32>)
         outs(%c : tensor<16x16xf32>) -> tensor<16x16xf32>
  return %y : tensor<16x16xf32>
}
