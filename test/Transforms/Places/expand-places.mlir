// RUN: sparse-opt %s -sparse-ir-expand-places=target=x86-64-v4 | FileCheck %s
// RUN: not sparse-opt %s -sparse-ir-expand-places=target=sm_90a 2>&1 | FileCheck %s --check-prefix=GPU
// RUN: sparse-opt %s -test-sparse-ir-equivalence='pipeline="sparse-ir-expand-places{target=x86-64-v4}"' -o /dev/null
// RUN: not sparse-opt %s -sparse-ir-expand-places=target=abacus 2>&1 | FileCheck %s --check-prefix=TARGET

// TARGET: error: in target 'abacus':
// GPU: error: 'sparse_ir.compress' op is no operand or result of a kernel that takes values of places, and GPUs copy none

#places = #sparse_ir.sparsity<#sparse_ir.window<1>>

// CHECK-LABEL: func.func @compress
// CHECK-SAME: %[[M:.*]]: tensor<?x4x4xf32
// CHECK-DAG: %[[P:.*]] = arith.constant dense<[0, 1, 4, 5, 6, 9, 10, 11, 14, 15]> : tensor<10xi64>
// CHECK-DAG: %[[N:.*]] = tensor.dim %[[M]]
// CHECK: scf.for %[[B:.*]] = %{{.*}} to %[[N]]
// CHECK: scf.for %[[I:.*]] = %{{.*}} to %{{.*}} step %{{.*}} iter_args(%[[V:.*]] = %{{.*}}) -> (tensor<?x10xf32>)
// CHECK: tensor.extract %[[P]][%[[I]]]
// CHECK: %[[E:.*]] = tensor.extract %[[M]][%[[B]], %{{.*}}, %{{.*}}]
// CHECK: tensor.insert %[[E]] into %[[V]][%[[B]], %[[I]]]
func.func @compress(%m: tensor<?x4x4xf32, #places>) -> tensor<?x10xf32> {
  %0 = sparse_ir.compress %m : tensor<?x4x4xf32, #places> to tensor<?x10xf32>
  return %0 : tensor<?x10xf32>
}

// CHECK-LABEL: func.func @expand
// CHECK: linalg.fill
// CHECK: scf.for
// CHECK: tensor.insert
func.func @expand(%v: tensor<10xf32>) -> tensor<4x4xf32, #places> {
  %0 = sparse_ir.expand %v : tensor<10xf32> to tensor<4x4xf32, #places>
  return %0 : tensor<4x4xf32, #places>
}
