// RUN: sparse-opt %s -sparse-ir-eliminate-layout -mlir-print-local-scope | FileCheck %s
// RUN: sparse-opt %s -test-sparse-ir-equivalence='pipeline="sparse-ir-eliminate-layout"' -o /dev/null

// A transpose before another structured op is an indexing map of it.
// CHECK-LABEL: func.func @elementwise
// CHECK-NOT: linalg.transpose
// CHECK: linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1, d0)>, affine_map<(d0, d1) -> (d0, d1)>]{{.*}} ins(%arg0 : tensor<4x3xf32>)
func.func @elementwise(%a: tensor<4x3xf32>) -> tensor<3x4xf32> {
  %e = tensor.empty() : tensor<3x4xf32>
  %t = linalg.transpose ins(%a : tensor<4x3xf32>) outs(%e : tensor<3x4xf32>) permutation = [1, 0]
  %r = linalg.abs ins(%t : tensor<3x4xf32>) outs(%e : tensor<3x4xf32>) -> tensor<3x4xf32>
  return %r : tensor<3x4xf32>
}

// A slice is not: its extents bound the loops.
// CHECK-LABEL: func.func @slice
// CHECK: tensor.extract_slice
// CHECK: linalg.abs ins(%{{.*}} : tensor<3x3xf32>)
func.func @slice(%a: tensor<4x4xf32>) -> tensor<3x3xf32> {
  %x = tensor.extract_slice %a[0, 0] [3, 3] [1, 1] : tensor<4x4xf32> to tensor<3x3xf32>
  %e = tensor.empty() : tensor<3x3xf32>
  %r = linalg.abs ins(%x : tensor<3x3xf32>) outs(%e : tensor<3x3xf32>) -> tensor<3x3xf32>
  return %r : tensor<3x3xf32>
}

// Successive transposes collapse.
// CHECK-LABEL: func.func @twice
// CHECK-NEXT: return %arg0
func.func @twice(%a: tensor<4x3xf32>) -> tensor<4x3xf32> {
  %e = tensor.empty() : tensor<3x4xf32>
  %f = tensor.empty() : tensor<4x3xf32>
  %t = linalg.transpose ins(%a : tensor<4x3xf32>) outs(%e : tensor<3x4xf32>) permutation = [1, 0]
  %u = linalg.transpose ins(%t : tensor<3x4xf32>) outs(%f : tensor<4x3xf32>) permutation = [1, 0]
  return %u : tensor<4x3xf32>
}

// A reduction and a product of transposed operands.
// CHECK-LABEL: func.func @products
// CHECK-NOT: linalg.transpose
// CHECK: return
func.func @products(%a: tensor<4x3xf32>, %b: tensor<4x5xf32>) -> (tensor<3x5xf32>, tensor<3xf32>) {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<3x4xf32>
  %t = linalg.transpose ins(%a : tensor<4x3xf32>) outs(%e : tensor<3x4xf32>) permutation = [1, 0]
  %f = tensor.empty() : tensor<3x5xf32>
  %c = linalg.fill ins(%zero : f32) outs(%f : tensor<3x5xf32>) -> tensor<3x5xf32>
  %r = linalg.matmul ins(%t, %b : tensor<3x4xf32>, tensor<4x5xf32>) outs(%c : tensor<3x5xf32>) -> tensor<3x5xf32>
  %g = tensor.empty() : tensor<3xf32>
  %d = linalg.fill ins(%zero : f32) outs(%g : tensor<3xf32>) -> tensor<3xf32>
  %s = linalg.reduce { arith.addf } ins(%t : tensor<3x4xf32>) outs(%d : tensor<3xf32>) dimensions = [1]
  return %r, %s : tensor<3x5xf32>, tensor<3xf32>
}
