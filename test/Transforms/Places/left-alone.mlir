// RUN: sparse-opt %s --sparse-ir-cpu="target=x86-64-v4 allow-dense=false stop-after=meta-dfg" | sparse-opt -sparse-ir-eliminate-layout -sparse-ir-fuse-meta-ops -sparse-ir-eliminate-layout | FileCheck %s

#places = #sparse_ir.sparsity<#sparse_ir.window<1>>

// A second use wants the matrix.
// CHECK-LABEL: func.func @second_use
// CHECK: sparse_ir.kernel
// CHECK-NOT: out_places
// CHECK: sparse_ir.compress
func.func @second_use(%q: tensor<4x8xf32>, %k: tensor<8x4xf32>) -> (tensor<10xf32>, tensor<4x4xf32, #places>) {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4x4xf32, #places>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<4x4xf32, #places>) -> tensor<4x4xf32, #places>
  %s = linalg.matmul ins(%q, %k : tensor<4x8xf32>, tensor<8x4xf32>) outs(%i : tensor<4x4xf32, #places>) -> tensor<4x4xf32, #places>
  %v = sparse_ir.compress %s : tensor<4x4xf32, #places> to tensor<10xf32>
  return %v, %s : tensor<10xf32>, tensor<4x4xf32, #places>
}

// Values are by rows, the kernel of a masked rhs walks its columns.
// CHECK-LABEL: func.func @right
// CHECK: sparse_ir.expand
// CHECK-NOT: lhs_places
// CHECK: return
func.func @right(%v: tensor<10xf32>, %x: tensor<8x4xf32>) -> tensor<8x4xf32> {
  %zero = arith.constant 0.0 : f32
  %p = sparse_ir.expand %v : tensor<10xf32> to tensor<4x4xf32, #places>
  %e = tensor.empty() : tensor<8x4xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<8x4xf32>) -> tensor<8x4xf32>
  %y = linalg.matmul ins(%x, %p : tensor<8x4xf32>, tensor<4x4xf32, #places>) outs(%i : tensor<8x4xf32>) -> tensor<8x4xf32>
  return %y : tensor<8x4xf32>
}
