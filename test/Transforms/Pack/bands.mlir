// RUN: sparse-opt %s -sparse-ir-pack -split-input-file -verify-diagnostics | FileCheck %s

// Chains by bands of 32 k, of which the third has none: whole steps of 16, rows whose
// k are equal modulo 8 in other eights as far as can be, and where each band of each
// panel begins, in steps.

#t = #sparse_ir.chains<rows = 16, depth = 1, phases = 1, panel_rows = dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]> : tensor<16xi32>, chain_ptr = dense<[0, 17]> : tensor<2xi32>, entries = dense<[0, 1, 8, 9, 16, 17, 18, 19, 20, 21, 22, 23, 26, 27, 28, 29, 33]> : tensor<17xi32>>
#s = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 16, depth = 1, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 32, stages = 3, warps_i = 1, warps_j = 1, panels = 4>
// CHECK-LABEL: func.func @bands
// CHECK-DAG: %[[PTR:.*]] = arith.constant dense<[0, 32]> : tensor<2xi32>
// CHECK-DAG: %[[ENTRIES:.*]] = arith.constant dense<[0, 1, 18, 19, 20, 21, 22, 23, 8, 9, 26, 27, 28, 29, 16, 17, 33, 33, 33, 33, 33, 33, 33, 33, 33, 33, 33, 33, 33, 33, 33, 33]> : tensor<32xi32>
// CHECK-DAG: %[[STEPS:.*]] = arith.constant dense<[0, 1, 2, 2]> : tensor<4xi32>
// CHECK: sparse_ir.kernel ins(%{{.*}}, %{{.*}} : tensor<512xf16>, tensor<70x5xf16>) tables(%{{.*}}, %[[PTR]], %[[ENTRIES]], %{{.*}}, %[[STEPS]] :
func.func @bands(%b: tensor<70x5xf16>, %c: tensor<16x5xf32>) -> tensor<16x5xf32> {
  %a = arith.constant dense<0.0> : tensor<16x70xf16>
  %r = sparse_ir.kernel ins(%a, %b : tensor<16x70xf16>, tensor<70x5xf16>) outs(%c : tensor<16x5xf32>) of #t extents [16, 5, 70] strategy(#s) -> tensor<16x5xf32>
  return %r : tensor<16x5xf32>
}

// -----

#t = #sparse_ir.chains<rows = 16, depth = 1, phases = 1, panel_rows = dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]> : tensor<16xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<3> : tensor<1xi32>>
#s = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 16, depth = 1, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 48, stages = 3, warps_i = 1, warps_j = 1, panels = 4>
func.func @width(%b: tensor<70x5xf16>, %c: tensor<16x5xf32>) -> tensor<16x5xf32> {
  %a = arith.constant dense<0.0> : tensor<16x70xf16>
  // expected-error @+1 {{cannot be packed for its strategy: bands: found 48 k, expected a power of two from 16 to 256}}
  %r = sparse_ir.kernel ins(%a, %b : tensor<16x70xf16>, tensor<70x5xf16>) outs(%c : tensor<16x5xf32>) of #t extents [16, 5, 70] strategy(#s) -> tensor<16x5xf32>
  return %r : tensor<16x5xf32>
}
