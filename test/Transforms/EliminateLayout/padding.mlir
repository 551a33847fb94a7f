// RUN: sparse-opt %s -sparse-ir-eliminate-layout -mlir-print-local-scope | FileCheck %s

#t = #sparse_ir.chains<rows = 16, depth = 1, phases = 1, panel_rows = dense<[0, 1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1]> : tensor<16xi32>, chain_ptr = dense<[0, 2]> : tensor<2xi32>, entries = dense<[0, 3]> : tensor<2xi32>>
#gpu = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 16, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false, step = 16, stages = 3>
#u = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 2]> : tensor<2xi32>, entries = dense<[0, 3]> : tensor<2xi32>>
#cpu = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>

// Zeros around the rhs become coordinates outside of it. What comes before them
// may still be a permutation, no reshape.
// CHECK-LABEL: func.func @folded
// CHECK: %[[X:.*]] = tensor.collapse_shape %arg1
// CHECK: sparse_ir.kernel ins(%arg0, %[[X]] : tensor<2x4xf16>, tensor<4x3xf16>) {{.*}} {rhs_map = affine_map<(d0, d1) -> (d1 - 2, d0 - 1)>, rhs_padded}
func.func @folded(%a: tensor<2x4xf16>, %b: tensor<2x2x3xf16>) -> tensor<2x6xf16> {
  %z = arith.constant 0.0 : f16
  %x = tensor.collapse_shape %b [[0, 1], [2]] : tensor<2x2x3xf16> into tensor<4x3xf16>
  %e = tensor.empty() : tensor<3x4xf16>
  %s = linalg.transpose ins(%x : tensor<4x3xf16>) outs(%e : tensor<3x4xf16>) permutation = [1, 0]
  %p = tensor.pad %s low[1, 2] high[0, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %z : f16
  } : tensor<3x4xf16> to tensor<4x6xf16>
  %f = tensor.empty() : tensor<2x6xf16>
  %r = sparse_ir.kernel ins(%a, %p : tensor<2x4xf16>, tensor<4x6xf16>) outs(%f : tensor<2x6xf16>) of #t extents [2, 6, 4] strategy(#gpu) -> tensor<2x6xf16>
  return %r : tensor<2x6xf16>
}

// Other values than zero stay, and so do zeros before a kernel for CPUs.
// CHECK-LABEL: func.func @kept
// CHECK: tensor.pad
// CHECK: sparse_ir.kernel
// CHECK-NOT: rhs_padded
// CHECK: tensor.pad
// CHECK: sparse_ir.kernel
// CHECK-NOT: rhs_padded
func.func @kept(%a: tensor<2x4xf16>, %b: tensor<3x6xf16>, %c: tensor<2x4xf32>, %d: tensor<3x6xf32>) -> (tensor<2x6xf16>, tensor<2x6xf32>) {
  %one = arith.constant 1.0 : f16
  %z = arith.constant 0.0 : f32
  %p = tensor.pad %b low[1, 0] high[0, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %one : f16
  } : tensor<3x6xf16> to tensor<4x6xf16>
  %f = tensor.empty() : tensor<2x6xf16>
  %r = sparse_ir.kernel ins(%a, %p : tensor<2x4xf16>, tensor<4x6xf16>) outs(%f : tensor<2x6xf16>) of #t extents [2, 6, 4] strategy(#gpu) -> tensor<2x6xf16>
  %q = tensor.pad %d low[1, 0] high[0, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %z : f32
  } : tensor<3x6xf32> to tensor<4x6xf32>
  %g = tensor.empty() : tensor<2x6xf32>
  %s = sparse_ir.kernel ins(%c, %q : tensor<2x4xf32>, tensor<4x6xf32>) outs(%g : tensor<2x6xf32>) of #u extents [2, 6, 4] strategy(#cpu) -> tensor<2x6xf32>
  return %r, %s : tensor<2x6xf16>, tensor<2x6xf32>
}
