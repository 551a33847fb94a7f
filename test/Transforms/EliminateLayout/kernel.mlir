// RUN: sparse-opt %s -sparse-ir-eliminate-layout -mlir-print-local-scope --remarks-filter=sparse-ir 2>&1 | FileCheck %s

#t = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 2]> : tensor<2xi32>, entries = dense<[0, 3]> : tensor<2xi32>>
#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>

// CHECK-DAG: [Passed] sparse-ir-eliminate-layout | Category:sparse-ir | folded=tensor.collapse_shape, operand=rhs
// CHECK-DAG: [Passed] sparse-ir-eliminate-layout | Category:sparse-ir | folded=linalg.transpose, operand=out

// A reshape before, a transpose after: both are maps. What the kernel writes is
// another buffer then.
// CHECK-LABEL: func.func @both_sides
// CHECK: %[[E:.*]] = tensor.empty() : tensor<6x2xf32>
// CHECK: %[[R:.*]] = sparse_ir.kernel ins(%arg0, %arg1 : tensor<2x4xf32>, tensor<2x2x6xf32>) outs(%[[E]] : tensor<6x2xf32>) {{.*}} extents [2, 6, 4] {{.*}} {out_map = affine_map<(d0, d1) -> (d1, d0)>, rhs_map = affine_map<(d0, d1) -> (d0 floordiv 2, d0 mod 2, d1)>} -> tensor<6x2xf32>
// CHECK-NEXT: return %[[R]]
func.func @both_sides(%a: tensor<2x4xf32>, %b: tensor<2x2x6xf32>) -> tensor<6x2xf32> {
  %x = tensor.collapse_shape %b [[0, 1], [2]] : tensor<2x2x6xf32> into tensor<4x6xf32>
  %e = tensor.empty() : tensor<2x6xf32>
  %r = sparse_ir.kernel ins(%a, %x : tensor<2x4xf32>, tensor<4x6xf32>) outs(%e : tensor<2x6xf32>) of #t extents [2, 6, 4] strategy(#s) -> tensor<2x6xf32>
  %f = tensor.empty() : tensor<6x2xf32>
  %y = linalg.transpose ins(%r : tensor<2x6xf32>) outs(%f : tensor<6x2xf32>) permutation = [1, 0]
  return %y : tensor<6x2xf32>
}

// A kernel that reads its initial value keeps it, and with it its layout.
// CHECK-LABEL: func.func @accumulate
// CHECK: sparse_ir.kernel
// CHECK: linalg.transpose
func.func @accumulate(%a: tensor<2x4xf32>, %b: tensor<4x6xf32>, %c: tensor<2x6xf32>) -> tensor<6x2xf32> {
  %r = sparse_ir.kernel ins(%a, %b : tensor<2x4xf32>, tensor<4x6xf32>) outs(%c : tensor<2x6xf32>) of #t extents [2, 6, 4] strategy(#s) {accumulate} -> tensor<2x6xf32>
  %f = tensor.empty() : tensor<6x2xf32>
  %y = linalg.transpose ins(%r : tensor<2x6xf32>) outs(%f : tensor<6x2xf32>) permutation = [1, 0]
  return %y : tensor<6x2xf32>
}

// A slice is a map, unless an extent would then be read off what it is cut out
// of. A fill moves nothing: it stays.
// CHECK-LABEL: func.func @slices
// CHECK: sparse_ir.kernel ins(%arg0, %arg1 : tensor<2x4xf32>, tensor<9x9xf32>) {{.*}} {rhs_map = affine_map<(d0, d1) -> (d0 * 2 + 1, d1)>}
// CHECK: tensor.extract_slice {{.*}} tensor<4x?xf32>
// CHECK: sparse_ir.kernel ins(%arg0, %extracted_slice
// CHECK: linalg.fill
// CHECK: sparse_ir.kernel
func.func @slices(%a: tensor<2x4xf32>, %b: tensor<9x9xf32>, %d: tensor<4x?xf32>, %n: index, %v: f32) -> (tensor<2x6xf32>, tensor<2x?xf32>, tensor<2x6xf32>) {
  %x = tensor.extract_slice %b[1, 0] [4, 6] [2, 1] : tensor<9x9xf32> to tensor<4x6xf32>
  %e = tensor.empty() : tensor<2x6xf32>
  %r = sparse_ir.kernel ins(%a, %x : tensor<2x4xf32>, tensor<4x6xf32>) outs(%e : tensor<2x6xf32>) of #t extents [2, 6, 4] strategy(#s) -> tensor<2x6xf32>
  %y = tensor.extract_slice %d[0, 0] [4, %n] [1, 1] : tensor<4x?xf32> to tensor<4x?xf32>
  %f = tensor.empty(%n) : tensor<2x?xf32>
  %q = sparse_ir.kernel ins(%a, %y : tensor<2x4xf32>, tensor<4x?xf32>) outs(%f : tensor<2x?xf32>) of #t extents [2, -1, 4] strategy(#s) -> tensor<2x?xf32>
  %g = tensor.empty() : tensor<4x6xf32>
  %z = linalg.fill ins(%v : f32) outs(%g : tensor<4x6xf32>) -> tensor<4x6xf32>
  %p = sparse_ir.kernel ins(%a, %z : tensor<2x4xf32>, tensor<4x6xf32>) outs(%e : tensor<2x6xf32>) of #t extents [2, 6, 4] strategy(#s) -> tensor<2x6xf32>
  return %r, %q, %p : tensor<2x6xf32>, tensor<2x?xf32>, tensor<2x6xf32>
}
