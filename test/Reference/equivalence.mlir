// RUN: sparse-opt %s -test-sparse-ir-equivalence='pipeline="canonicalize,cse" dynamic=7' | FileCheck %s
// RUN: sparse-opt %s -test-sparse-ir-equivalence='pipeline="builtin.module(func.func(linalg-generalize-named-ops),canonicalize)"' | FileCheck %s

// The module is left as it was: the sum is still there twice.
// CHECK-LABEL: func.func @same
// CHECK-COUNT-2: arith.addf
// CHECK: linalg.matmul
func.func @same(%a: tensor<4x?xf32>, %b: tensor<?x3xf32>, %n: index, %flags: tensor<3xi1>) -> (tensor<4x3xf32>, tensor<4x?xf32>, tensor<3xi1>, index) {
  %c = arith.constant dense<1.0> : tensor<4x3xf32>
  %x = arith.addf %a, %a : tensor<4x?xf32>
  %y = arith.addf %a, %a : tensor<4x?xf32>
  %z = arith.mulf %x, %y : tensor<4x?xf32>
  %r = linalg.matmul ins(%z, %b : tensor<4x?xf32>, tensor<?x3xf32>)
                     outs(%c : tensor<4x3xf32>) -> tensor<4x3xf32>
  return %r, %z, %flags, %n : tensor<4x3xf32>, tensor<4x?xf32>, tensor<3xi1>, index
}

// Elements that are undefined before may be anything after.
func.func @undefined() -> tensor<2xf32> {
  %r = tensor.empty() : tensor<2xf32>
  return %r : tensor<2xf32>
}
