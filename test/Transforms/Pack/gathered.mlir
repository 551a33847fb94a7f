// RUN: sparse-opt %s -sparse-ir-pack -split-input-file -verify-diagnostics | FileCheck %s

// Entries of one k for tile units: the chain is padded to 32 entries by its
// last one, and values are a tile of 16 rows by 32 k. A chain without an entry
// stays one.

#s = #sparse_ir.strategy<intrinsic = "amx-bf16", rows = 16, depth = 1, vectors = 2, phase = 0, tasks = 2, pack_rhs = true>
#t = #sparse_ir.chains<rows = 16, depth = 1, phases = 1, panel_rows = dense<[0, 1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 2, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1]> : tensor<32xi32>, chain_ptr = dense<[0, 2, 2]> : tensor<3xi32>, entries = dense<[1, 2]> : tensor<2xi32>>

// CHECK-LABEL: func.func @padded
// CHECK-DAG: %[[V:.*]] = arith.constant dense_resource<values> : tensor<512xbf16>
// CHECK-DAG: %[[PTR:.*]] = arith.constant dense<[0, 32, 32]> : tensor<3xi32>
// CHECK-DAG: %[[E:.*]] = arith.constant dense<[1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]> : tensor<32xi32>
// CHECK: sparse_ir.kernel ins(%[[V]], {{.*}} tables(%{{.*}}, %[[PTR]], %[[E]], {{.*}} {packed_lhs}
func.func @padded(%b: tensor<3x5xbf16>, %c: tensor<3x5xf32>) -> tensor<3x5xf32> {
  %a = arith.constant dense<[[0.0, 1.0, 2.0], [0.0, 3.0, 4.0], [0.0, 0.0, 0.0]]> : tensor<3x3xbf16>
  %r = sparse_ir.kernel ins(%a, %b : tensor<3x3xbf16>, tensor<3x5xbf16>) outs(%c : tensor<3x5xf32>) of #t extents [3, 5, 3] strategy(#s) -> tensor<3x5xf32>
  return %r : tensor<3x5xf32>
}

// Rows 0 and 1: 1, 2 and zeros; 3, 4 and zeros.
// CHECK: values: "0x40000000803F0040{{(0{120})}}40408040{{0+}}"

// -----

#s = #sparse_ir.strategy<intrinsic = "amx-bf16", rows = 8, depth = 1, vectors = 2, phase = 0, tasks = 1, pack_rhs = true>
#t = #sparse_ir.chains<rows = 8, depth = 1, phases = 1, panel_rows = dense<[0, -1, -1, -1, -1, -1, -1, -1]> : tensor<8xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>

func.func @rows(%b: tensor<1x5xbf16>, %c: tensor<1x5xf32>) -> tensor<1x5xf32> {
  %a = arith.constant dense<1.0> : tensor<1x1xbf16>
  // expected-error @+1 {{expects panels of a multiple of 16 rows to gather k for tiles, found 8}}
  %r = sparse_ir.kernel ins(%a, %b : tensor<1x1xbf16>, tensor<1x5xbf16>) outs(%c : tensor<1x5xf32>) of #t extents [1, 5, 1] strategy(#s) -> tensor<1x5xf32>
  return %r : tensor<1x5xf32>
}
