// RUN: sparse-opt %s -sparse-ir-pack --remarks-filter=sparse-ir -o %t 2>&1 | FileCheck %s
// RUN: FileCheck %s --check-prefix=AFTER --input-file=%t

#vector = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 2, vectors = 1, phase = 0, tasks = 2, pack_rhs = false>
#tile = #sparse_ir.strategy<intrinsic = "amx-bf16", rows = 2, depth = 2, vectors = 1, phase = 0, tasks = 2, pack_rhs = false>
#t = #sparse_ir.chains<rows = 2, depth = 2, phases = 1, panel_rows = dense<[2, 0, 1, -1]> : tensor<4xi32>, chain_ptr = dense<[0, 1, 2]> : tensor<3xi32>, entries = dense<[0, 1]> : tensor<2xi32>>
#identity = #sparse_ir.chains<rows = 1, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 1, 2]> : tensor<3xi32>, entries = dense<[0, 1]> : tensor<2xi32>>

// Entry 0: rows 2 and 0 by k = 0 and 1. Entry 1: row 1 and padding by k = 1, 2,
// of which the first belongs to another cell. Columns one after the other.
// 3, 1, 0, 2, 0, 0, 4, 0 (the -0.0 of the lhs is none of its non-zeros).
// CHECK: [Passed] sparse-ir-pack | Category:sparse-ir | bytes=32, dense-bytes=36, entries=2
// AFTER-LABEL: func.func @k_major
// AFTER-DAG: %[[V:.*]] = arith.constant dense_resource<values> : tensor<8xf32>
// AFTER-DAG: %[[ROWS:.*]] = arith.constant dense<[2, 0, 1, -1]> : tensor<4xi32>
// AFTER-DAG: %[[PTR:.*]] = arith.constant dense<[0, 1, 2]> : tensor<3xi32>
// AFTER-DAG: %[[ENTRIES:.*]] = arith.constant dense<[0, 1]> : tensor<2xi32>
// AFTER-DAG: %[[TASKS:.*]] = arith.constant dense<[0, 1, 2]> : tensor<3xi32>
// AFTER: sparse_ir.kernel ins(%[[V]], %arg0 : tensor<8xf32>, tensor<3x5xf32>) tables(%[[ROWS]], %[[PTR]], %[[ENTRIES]], %{{.*}} : tensor<4xi32>, tensor<3xi32>, tensor<2xi32>, tensor<3xi32>) outs({{.*}} {packed_lhs}
func.func @k_major(%b: tensor<3x5xf32>, %c: tensor<3x5xf32>) -> tensor<3x5xf32> {
  %a = arith.constant dense<[[1.0, 2.0, 0.0], [-0.0, 0.0, 4.0], [3.0, 0.0, -0.0]]> : tensor<3x3xf32>
  %r = sparse_ir.kernel ins(%a, %b : tensor<3x3xf32>, tensor<3x5xf32>) outs(%c : tensor<3x5xf32>) of #t extents [3, 5, 3] strategy(#vector) -> tensor<3x5xf32>
  return %r : tensor<3x5xf32>
}

// A tile unit reads rows: 3, 0, 1, 2, 0, 4, 0, 0. The lhs is read through its
// map, here transposed, which is gone afterwards.
// CHECK: [Passed] sparse-ir-pack | Category:sparse-ir | bytes=16, dense-bytes=18, entries=2
// AFTER-LABEL: func.func @row_major
// AFTER: sparse_ir.kernel ins(%{{.*}}, %arg0 : tensor<8xbf16>, tensor<3x5xbf16>) {{.*}} {packed_lhs} -> tensor<3x5xf32>
func.func @row_major(%b: tensor<3x5xbf16>, %c: tensor<3x5xf32>) -> tensor<3x5xf32> {
  %a = arith.constant dense<[[1.0, 0.0, 3.0], [2.0, -0.0, 0.0], [0.0, 4.0, 0.0]]> : tensor<3x3xbf16>
  %r = sparse_ir.kernel ins(%a, %b : tensor<3x3xbf16>, tensor<3x5xbf16>) outs(%c : tensor<3x5xf32>) of #t extents [3, 5, 3] strategy(#tile) {lhs_map = affine_map<(i, k) -> (k, i)>} -> tensor<3x5xf32>
  return %r : tensor<3x5xf32>
}

// A lhs that is no constant is read in place; the table is data all the same.
// CHECK-NOT: remark
// AFTER-LABEL: func.func @argument
// AFTER: sparse_ir.kernel ins(%arg0, %arg1 : tensor<3x3xf32>, tensor<3x5xf32>) tables(
// AFTER-NOT: packed_lhs
func.func @argument(%a: tensor<3x3xf32>, %b: tensor<3x5xf32>, %c: tensor<3x5xf32>) -> tensor<3x5xf32> {
  %r = sparse_ir.kernel ins(%a, %b : tensor<3x3xf32>, tensor<3x5xf32>) outs(%c : tensor<3x5xf32>) of #t extents [3, 5, 3] strategy(#vector) -> tensor<3x5xf32>
  return %r : tensor<3x5xf32>
}

// AFTER: values: "0x4000000000004040{{0000803F00000000000000400000000000000000}}0000804000000000"
// AFTER: values_1: "0x4000000040400000803F0040000080400000{{0000}}"
