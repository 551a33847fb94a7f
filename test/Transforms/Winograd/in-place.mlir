// RUN: sparse-opt %s --pass-pipeline='builtin.module(sparse-ir-cpu{target=x86-64-v4 stop-after=buffers})' | FileCheck %s

// The images are read, and the result is written, where the caller has them; the
// padding is no image of its own.
// CHECK-LABEL: @layer(
// CHECK-SAME: %[[X:arg[0-9]+]]: memref<4x2x8x8xf32>
// CHECK-SAME: %[[Y:arg[0-9]+]]: memref<4x2x8x8xf32> {{{[^}]*}}sparse_ir.result
// CHECK-NOT: memref.alloc() {{.*}}memref<4x2x
// CHECK-NOT: memref.copy
// CHECK-NOT: linalg.fill
// CHECK: sparse_ir.winograd_input
// CHECK-NOT: memref.copy
// CHECK-NOT: linalg.fill
// CHECK: sparse_ir.kernel
// CHECK-NOT: memref.copy
// CHECK: sparse_ir.winograd_output
// CHECK-NOT: memref.copy
// CHECK: return
func.func @layer(%x: tensor<4x2x8x8xf32>) -> tensor<4x2x8x8xf32> {
  %w = arith.constant dense<1.0> : tensor<2x2x3x3xf32>
  %z = arith.constant 0.0 : f32
  %p = tensor.pad %x low[0, 0, 1, 1] high[0, 0, 1, 1] {
  ^bb0(%a: index, %b: index, %c: index, %d: index):
    tensor.yield %z : f32
  } : tensor<4x2x8x8xf32> to tensor<4x2x10x10xf32>
  %e = tensor.empty() : tensor<4x2x8x8xf32>
  %i = linalg.fill ins(%z : f32) outs(%e : tensor<4x2x8x8xf32>) -> tensor<4x2x8x8xf32>
  %y = linalg.conv_2d_nchw_fchw {sparse_ir.winograd = true} ins(%p, %w : tensor<4x2x10x10xf32>, tensor<2x2x3x3xf32>) outs(%i : tensor<4x2x8x8xf32>) -> tensor<4x2x8x8xf32>
  return %y : tensor<4x2x8x8xf32>
}
