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

// -----

// Two results from one initial tensor: each is written into its own memory.
#st = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = true>
#half = #sparse_ir.tiles<rows = 2, cols = 16, panel_rows = dense<[0, 1]> : tensor<2xi32>, granule_cols = dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]> : tensor<16xi32>, tile_ptr = dense<[0, 1]> : tensor<2xi32>, tiles = dense<0> : tensor<1xi32>, mask_offset = dense<-1> : tensor<1xi32>, masks = dense<> : tensor<0xi64>>
// CHECK-LABEL: @two(
// CHECK:         linalg.fill {{.*}} outs(%[[A:.*]] :
// CHECK-NEXT:    sparse_ir.kernel {{.*}} outs(%[[A]] :
// CHECK-NEXT:    linalg.fill {{.*}} outs(%[[B:.*]] :
// CHECK-NEXT:    sparse_ir.kernel {{.*}} outs(%[[B]] :
// CHECK-NEXT:    return
func.func @two(%a: tensor<4x8xf32>, %b: tensor<4x8xf32>, %c: tensor<8x16xf32>) -> (tensor<4x16xf32>, tensor<4x16xf32>) {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4x16xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<4x16xf32>) -> tensor<4x16xf32>
  %r = sparse_ir.kernel ins(%a, %c : tensor<4x8xf32>, tensor<8x16xf32>) outs(%f : tensor<4x16xf32>) of #half extents [4, 16, 8] strategy(#st) -> tensor<4x16xf32>
  %s = sparse_ir.kernel ins(%b, %c : tensor<4x8xf32>, tensor<8x16xf32>) outs(%f : tensor<4x16xf32>) of #half extents [4, 16, 8] strategy(#st) -> tensor<4x16xf32>
  return %r, %s : tensor<4x16xf32>, tensor<4x16xf32>
}
