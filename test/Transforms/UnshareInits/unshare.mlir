// RUN: sparse-opt %s -sparse-ir-unshare-inits | FileCheck %s

// CHECK-LABEL: func.func @shared_fill
// CHECK: %[[E0:.*]] = tensor.empty()
// CHECK: %[[F0:.*]] = linalg.fill ins(%{{.*}}) outs(%[[E0]] :
// CHECK: linalg.matmul {{.*}} outs(%[[F0]] :
// CHECK: %[[E1:.*]] = tensor.empty()
// CHECK: %[[F1:.*]] = linalg.fill ins(%{{.*}}) outs(%[[E1]] :
// CHECK: linalg.matmul {{.*}} outs(%[[F1]] :
// CHECK-NOT: linalg.fill
func.func @shared_fill(%a: tensor<4x8xf32>, %b: tensor<8x4xf32>, %c: tensor<8x4xf32>) -> (tensor<4x4xf32>, tensor<4x4xf32>) {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4x4xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<4x4xf32>) -> tensor<4x4xf32>
  %r = linalg.matmul ins(%a, %b : tensor<4x8xf32>, tensor<8x4xf32>) outs(%f : tensor<4x4xf32>) -> tensor<4x4xf32>
  %s = linalg.matmul ins(%a, %c : tensor<4x8xf32>, tensor<8x4xf32>) outs(%f : tensor<4x4xf32>) -> tensor<4x4xf32>
  return %r, %s : tensor<4x4xf32>, tensor<4x4xf32>
}

// A loop writes what it starts from; an operand that is only read shares.
// CHECK-LABEL: func.func @loop
// CHECK: %[[E0:.*]] = tensor.empty()
// CHECK: %[[F0:.*]] = linalg.fill ins(%{{.*}}) outs(%[[E0]] :
// CHECK: %[[E1:.*]] = tensor.empty()
// CHECK: %[[F1:.*]] = linalg.fill ins(%{{.*}}) outs(%[[E1]] :
// CHECK: scf.for {{.*}} iter_args(%[[X:.*]] = %[[F1]])
// CHECK: linalg.add ins(%{{.*}}, %[[F0]] : {{.*}} outs(%[[X]] :
func.func @loop(%a: tensor<4xf32>, %n: index) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%x = %f) -> tensor<4xf32> {
    %s = linalg.add ins(%a, %f : tensor<4xf32>, tensor<4xf32>) outs(%x : tensor<4xf32>) -> tensor<4xf32>
    scf.yield %s : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// What costs more than a copy is copied for all but the last.
// CHECK-LABEL: func.func @copied
// CHECK: %[[M:.*]] = linalg.matmul
// CHECK: %[[E:.*]] = tensor.empty(%{{.*}}) : tensor<?x4xf32>
// CHECK: %[[C:.*]] = linalg.copy ins(%[[M]] : {{.*}} outs(%[[E]] :
// CHECK: linalg.matmul {{.*}} outs(%[[C]] :
// CHECK: linalg.matmul {{.*}} outs(%[[M]] :
func.func @copied(%a: tensor<?x4xf32>, %b: tensor<4x4xf32>, %c: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  %m = linalg.matmul ins(%a, %b : tensor<?x4xf32>, tensor<4x4xf32>) outs(%c : tensor<?x4xf32>) -> tensor<?x4xf32>
  %r = linalg.matmul ins(%a, %b : tensor<?x4xf32>, tensor<4x4xf32>) outs(%m : tensor<?x4xf32>) -> tensor<?x4xf32>
  %s = linalg.matmul ins(%a, %b : tensor<?x4xf32>, tensor<4x4xf32>) outs(%m : tensor<?x4xf32>) -> tensor<?x4xf32>
  return %r, %s : tensor<?x4xf32>, tensor<?x4xf32>
}

// One op may write; others only read.
// CHECK-LABEL: func.func @alone
// CHECK-COUNT-1: tensor.empty
// CHECK-COUNT-1: linalg.fill
// CHECK-NOT: linalg.copy
// CHECK: %[[M:.*]] = linalg.matmul
// CHECK: linalg.matmul ins(%[[M]], %[[M]] : {{.*}} outs(%[[M]] :
func.func @alone(%a: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4x4xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<4x4xf32>) -> tensor<4x4xf32>
  %m = linalg.matmul ins(%a, %a : tensor<4x4xf32>, tensor<4x4xf32>) outs(%f : tensor<4x4xf32>) -> tensor<4x4xf32>
  %r = linalg.matmul ins(%m, %m : tensor<4x4xf32>, tensor<4x4xf32>) outs(%m : tensor<4x4xf32>) -> tensor<4x4xf32>
  return %r : tensor<4x4xf32>
}
