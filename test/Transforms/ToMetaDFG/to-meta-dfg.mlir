// RUN: sparse-opt %s -sparse-ir-to-meta-dfg | FileCheck %s
// RUN: sparse-opt %s -sparse-ir-to-meta-dfg="unroll=2" | FileCheck %s --check-prefix=UNROLL

#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
#t = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1, 2, -1]> : tensor<4xi32>, chain_ptr = dense<[0, 2, 3]> : tensor<3xi32>, entries = dense<[0, 2, 1]> : tensor<3xi32>>

// One loop over the table: slice, product, inverse slice and assign. Extents
// that the table fixes are static, as are those of whole axes.
// CHECK-LABEL: func.func @loop
// CHECK-SAME: %[[A:.*]]: tensor<3x3xf32>, %[[B:.*]]: tensor<3x?xf32>, %[[C:.*]]: tensor<3x?xf32>
// CHECK-DAG: %[[ZERO:.*]] = arith.constant 0 : index
// CHECK-DAG: %[[END:.*]] = arith.constant 2 : index
// CHECK-DAG: %[[ONE:.*]] = arith.constant 1 : index
// CHECK: %[[R:.*]] = scf.for %[[P:.*]] = %[[ZERO]] to %[[END]] step %[[ONE]] iter_args(%[[ACC:.*]] = %[[C]]) -> (tensor<3x?xf32>) {
// CHECK-NEXT: %[[X:.*]] = sparse_ir.slice lhs %[[A]][%[[P]]] of #chains : tensor<3x3xf32> to tensor<2x?xf32>
// CHECK-NEXT: %[[Y:.*]] = sparse_ir.slice rhs %[[B]][%[[P]]] of #chains : tensor<3x?xf32> to tensor<?x?xf32>
// CHECK-NEXT: %[[Z:.*]] = sparse_ir.slice out %[[ACC]][%[[P]]] of #chains : tensor<3x?xf32> to tensor<2x?xf32>
// CHECK-NEXT: %[[M:.*]] = linalg.matmul ins(%[[X]], %[[Y]] : tensor<2x?xf32>, tensor<?x?xf32>) outs(%[[Z]] : tensor<2x?xf32>)
// CHECK-NEXT: %[[N:.*]] = sparse_ir.assign %[[M]] into %[[ACC]][%[[P]]] of #chains : tensor<2x?xf32> into tensor<3x?xf32>
// CHECK-NEXT: scf.yield %[[N]]
// CHECK-NEXT: } {sparse_ir.policy = #sparse_ir.policy<chain>, sparse_ir.strategy = #sparse_ir.strategy<intrinsic = "avx512-f32"
// CHECK-NEXT: return %[[R]]

// UNROLL-LABEL: func.func @loop
// UNROLL-NOT: scf.for
// UNROLL: %[[P0:.*]] = arith.constant 0 : index
// UNROLL: %[[R:.*]] = sparse_ir.assign %{{.*}} into %{{.*}}[%[[P0]]]
// UNROLL: %[[P1:.*]] = arith.constant 1 : index
// UNROLL: sparse_ir.slice out %[[R]][%[[P1]]]
// UNROLL-NOT: scf.for
// UNROLL: return
func.func @loop(%a: tensor<3x3xf32>, %b: tensor<3x?xf32>, %c: tensor<3x?xf32>) -> tensor<3x?xf32> {
  %r = sparse_ir.matmul ins(%a, %b : tensor<3x3xf32>, tensor<3x?xf32>) outs(%c : tensor<3x?xf32>) strategy(#s) groups {
    sparse_ir.group <chain> {
      sparse_ir.meta_ops #t
    }
  }
  return %r : tensor<3x?xf32>
}

// Meta-ops one by one become tables of one position: ranges, chains (a list
// along k), tiles (a list along j). Groups run in sequence.
// CHECK-LABEL: func.func @single
// CHECK: scf.for {{.*}} iter_args(%{{.*}} = %arg2)
// CHECK: slice lhs {{.*}} of #ranges : tensor<3x3xf32> to tensor<2x1xf32>
// CHECK: {sparse_ir.policy = #sparse_ir.policy<disjoint>}
// CHECK: scf.for
// CHECK: slice rhs {{.*}} of #chains1 : tensor<3x4xf32> to tensor<?x4xf32>
// CHECK: {sparse_ir.policy = #sparse_ir.policy<ungrouped>}
// CHECK: scf.for
// CHECK: slice out {{.*}} of #tiles : tensor<3x4xf32> to tensor<2x2xf32>
// CHECK: {sparse_ir.policy = #sparse_ir.policy<ungrouped>}
func.func @single(%a: tensor<3x3xf32>, %b: tensor<3x4xf32>, %c: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %r = sparse_ir.matmul ins(%a, %b : tensor<3x3xf32>, tensor<3x4xf32>) outs(%c : tensor<3x4xf32>) groups {
    sparse_ir.group <disjoint> {
      sparse_ir.meta_op i <0 to 2> j <*> k <1 to 2>
    }
    sparse_ir.group <ungrouped> {
      sparse_ir.meta_op i <0 to 2> j <*> k <[0, 2]>
      sparse_ir.meta_op i <[0, 2]> j <[1, 3]> k <*>
    }
  }
  return %r : tensor<3x4xf32>
}
