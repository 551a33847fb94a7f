// RUN: sparse-opt %s -sparse-ir-fuse-meta-ops --remarks-filter=sparse-ir -o %t 2>&1 | FileCheck %s
// RUN: FileCheck %s --check-prefix=AFTER --input-file=%t

#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 1, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
#all = #sparse_ir.chains<rows = 1, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 1, 1]> : tensor<3xi32>, entries = dense<2> : tensor<1xi32>>
#some = #sparse_ir.chains<rows = 1, depth = 1, phases = 1, panel_rows = dense<1> : tensor<1xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>

// The table writes every row, the initial value is zero: it is not read.
// CHECK: [Passed] sparse-ir-fuse-meta-ops | Category:sparse-ir | meta-ops=2, reads-init=false
// AFTER-LABEL: func.func @zero
// AFTER: %[[E:.*]] = tensor.empty
// AFTER: sparse_ir.kernel ins(%arg0, %arg1 : tensor<2x4xf32>, tensor<3x4xf32>) outs(%[[E]] : tensor<2x3xf32>) of #chains extents [2, 3, 4] strategy(#sparse_ir.strategy<intrinsic = "avx512-f32"{{.*}}>) {rhs_map = #map} -> tensor<2x3xf32>
func.func @zero(%a: tensor<2x4xf32>, %b: tensor<3x4xf32>) -> tensor<2x3xf32> {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %2 = arith.constant 2 : index
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x3xf32>
  %c = linalg.fill ins(%z : f32) outs(%e : tensor<2x3xf32>) -> tensor<2x3xf32>
  %r = scf.for %p = %0 to %2 step %1 iter_args(%acc = %c) -> tensor<2x3xf32> {
    %n = sparse_ir.contract ins(%a, %b : tensor<2x4xf32>, tensor<3x4xf32>) outs(%acc : tensor<2x3xf32>) at [%p] of #all extents [2, 3, 4] {rhs_map = affine_map<(k, j) -> (j, k)>}
    scf.yield %n : tensor<2x3xf32>
  } {sparse_ir.policy = #sparse_ir.policy<chain>, sparse_ir.strategy = #s}
  return %r : tensor<2x3xf32>
}

// It is read where a row is not written, and where it is no zero.
// CHECK: [Passed] sparse-ir-fuse-meta-ops | Category:sparse-ir | meta-ops=1, reads-init=true
// CHECK: [Passed] sparse-ir-fuse-meta-ops | Category:sparse-ir | meta-ops=2, reads-init=true
// AFTER-LABEL: func.func @read
// AFTER: %[[F:.*]] = linalg.fill
// AFTER: sparse_ir.kernel {{.*}} outs(%[[F]] : {{.*}} {accumulate}
// AFTER: sparse_ir.kernel {{.*}} outs(%arg2 : {{.*}} {accumulate}
func.func @read(%a: tensor<2x4xf32>, %b: tensor<4x3xf32>, %d: tensor<2x3xf32>) -> (tensor<2x3xf32>, tensor<2x3xf32>) {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %2 = arith.constant 2 : index
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x3xf32>
  %c = linalg.fill ins(%z : f32) outs(%e : tensor<2x3xf32>) -> tensor<2x3xf32>
  %r = scf.for %p = %0 to %1 step %1 iter_args(%acc = %c) -> tensor<2x3xf32> {
    %n = sparse_ir.contract ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%acc : tensor<2x3xf32>) at [%p] of #some extents [2, 3, 4]
    scf.yield %n : tensor<2x3xf32>
  } {sparse_ir.policy = #sparse_ir.policy<chain>, sparse_ir.strategy = #s}
  %q = scf.for %p = %0 to %2 step %1 iter_args(%acc = %d) -> tensor<2x3xf32> {
    %n = sparse_ir.contract ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%acc : tensor<2x3xf32>) at [%p] of #all extents [2, 3, 4]
    scf.yield %n : tensor<2x3xf32>
  } {sparse_ir.policy = #sparse_ir.policy<chain>, sparse_ir.strategy = #s}
  return %r, %q : tensor<2x3xf32>, tensor<2x3xf32>
}
