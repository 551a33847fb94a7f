// RUN: sparse-opt %s -sparse-ir-fuse-meta-ops --remarks-filter=sparse-ir -o %t 2>&1 | FileCheck %s
// RUN: FileCheck %s --check-prefix=AFTER --input-file=%t

// Loops that stay loops, each with the reason.
// AFTER-NOT: sparse_ir.kernel

#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 1, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
#t = #sparse_ir.ranges<i = 1, j = -1, k = 1, points = dense<0> : tensor<2x3xi32>>

// CHECK: [Missed] sparse-ir-fuse-meta-ops | Category:sparse-ir | Reason="the product has no strategy"
func.func @no_strategy(%0: index, %1: index, %2: index, %c: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %r = scf.for %p = %0 to %2 step %1 iter_args(%acc = %c) -> tensor<2x3xf32> {
    scf.yield %acc : tensor<2x3xf32>
  } {sparse_ir.policy = #sparse_ir.policy<chain>}
  return %r : tensor<2x3xf32>
}

// CHECK: [Missed] sparse-ir-fuse-meta-ops | Category:sparse-ir | Reason="the meta-ops are not grouped"
func.func @not_grouped(%0: index, %1: index, %2: index, %c: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %r = scf.for %p = %0 to %2 step %1 iter_args(%acc = %c) -> tensor<2x3xf32> {
    scf.yield %acc : tensor<2x3xf32>
  } {sparse_ir.policy = #sparse_ir.policy<ungrouped>, sparse_ir.strategy = #s}
  return %r : tensor<2x3xf32>
}

// CHECK: [Missed] sparse-ir-fuse-meta-ops | Category:sparse-ir | Reason="the loop holds more than one contract: eliminate layout transformations first"
func.func @no_contract(%0: index, %1: index, %2: index, %c: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %r = scf.for %p = %0 to %2 step %1 iter_args(%acc = %c) -> tensor<2x3xf32> {
    scf.yield %acc : tensor<2x3xf32>
  } {sparse_ir.policy = #sparse_ir.policy<chain>, sparse_ir.strategy = #s}
  return %r : tensor<2x3xf32>
}

// A contract at the loop's position, but on another initial value.
// CHECK: Reason="the loop holds more than one contract
func.func @other_init(%0: index, %1: index, %2: index, %a: tensor<2x4xf32>, %b: tensor<4x3xf32>, %c: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %r = scf.for %p = %0 to %2 step %1 iter_args(%acc = %c) -> tensor<2x3xf32> {
    %n = sparse_ir.contract ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%c : tensor<2x3xf32>) at [%p] of #t extents [2, 3, 4]
    scf.yield %n : tensor<2x3xf32>
  } {sparse_ir.policy = #sparse_ir.policy<disjoint>, sparse_ir.strategy = #s}
  return %r : tensor<2x3xf32>
}

// CHECK: [Missed] sparse-ir-fuse-meta-ops | Category:sparse-ir | Reason="the loop does not walk the whole table"
func.func @part(%a: tensor<2x4xf32>, %b: tensor<4x3xf32>, %c: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %r = scf.for %p = %0 to %1 step %1 iter_args(%acc = %c) -> tensor<2x3xf32> {
    %n = sparse_ir.contract ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%acc : tensor<2x3xf32>) at [%p] of #t extents [2, 3, 4]
    scf.yield %n : tensor<2x3xf32>
  } {sparse_ir.policy = #sparse_ir.policy<disjoint>, sparse_ir.strategy = #s}
  return %r : tensor<2x3xf32>
}

// Every other position.
// CHECK: Reason="the loop does not walk the whole table"
func.func @step(%a: tensor<2x4xf32>, %b: tensor<4x3xf32>, %c: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %0 = arith.constant 0 : index
  %2 = arith.constant 2 : index
  %r = scf.for %p = %0 to %2 step %2 iter_args(%acc = %c) -> tensor<2x3xf32> {
    %n = sparse_ir.contract ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%acc : tensor<2x3xf32>) at [%p] of #t extents [2, 3, 4]
    scf.yield %n : tensor<2x3xf32>
  } {sparse_ir.policy = #sparse_ir.policy<disjoint>, sparse_ir.strategy = #s}
  return %r : tensor<2x3xf32>
}

// A loop of someone else's.
// CHECK-NOT: remark
func.func @foreign(%0: index, %1: index, %2: index, %c: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %r = scf.for %p = %0 to %2 step %1 iter_args(%acc = %c) -> tensor<2x3xf32> {
    scf.yield %acc : tensor<2x3xf32>
  }
  return %r : tensor<2x3xf32>
}
