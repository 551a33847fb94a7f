// RUN: sparse-opt %s -sparse-ir-externalize-constants | FileCheck %s --check-prefixes=CHECK,DEFAULT
// RUN: sparse-opt %s -sparse-ir-externalize-constants="min-bytes=17" | FileCheck %s --check-prefixes=CHECK,SMALL
// RUN: sparse-opt %s -sparse-ir-externalize-constants="min-bytes=17" -sparse-ir-externalize-constants | FileCheck %s --check-prefixes=CHECK,SMALL
// RUN: sparse-opt %s -test-sparse-ir-equivalence='pipeline="sparse-ir-externalize-constants"' -o /dev/null

// In order of occurrence, after all other arguments; equal constants are one. A
// resource keeps its name. A second run adds nothing and loses nothing.
// DEFAULT: module attributes {sparse_ir.constants = {c0 = dense<2.000000e+00> : tensor<16xf32>, c1.weights = dense_resource<weights> : tensor<16xf32>}} {
// SMALL: module attributes {sparse_ir.constants = {c0 = dense<2.000000e+00> : tensor<16xf32>, c1 = dense<3.000000e+00> : tensor<5xf32>, c2.weights = dense_resource<weights> : tensor<16xf32>}} {
// CHECK-LABEL: func.func @main
// DEFAULT-SAME: %{{.*}}: tensor<16xf32>, %{{.*}}: tensor<5xf32>, %[[C0:[a-z0-9]+]]: tensor<16xf32> {{{.*}}sparse_ir.constant = "c0"}, %[[C1:[a-z0-9]+]]: tensor<16xf32> {{{.*}}sparse_ir.constant = "c1.weights"})
// SMALL-SAME: %[[C0:[a-z0-9]+]]: tensor<16xf32> {{{.*}}sparse_ir.constant = "c0"}, %[[FIVE:[a-z0-9]+]]: tensor<5xf32> {{{.*}}sparse_ir.constant = "c1"}, %[[C1:[a-z0-9]+]]: tensor<16xf32> {{{.*}}sparse_ir.constant = "c2.weights"})
// CHECK: arith.addf %{{.*}}, %[[C0]] : tensor<16xf32>
// DEFAULT: %[[FIVE:.*]] = arith.constant dense<3.000000e+00> : tensor<5xf32>
// CHECK: arith.mulf %{{.*}}, %[[FIVE]] : tensor<5xf32>
// CHECK: arith.mulf %{{.*}}, %[[C1]] : tensor<16xf32>
// CHECK: arith.subf %{{.*}}, %[[C0]] : tensor<16xf32>
func.func @main(%a: tensor<16xf32>, %b: tensor<5xf32>) -> (tensor<16xf32>, tensor<5xf32>) {
  %x = arith.constant dense<2.0> : tensor<16xf32>
  %r = arith.addf %a, %x : tensor<16xf32>
  %five = arith.constant dense<3.0> : tensor<5xf32>
  %s = arith.mulf %b, %five : tensor<5xf32>
  %y = arith.constant dense_resource<weights> : tensor<16xf32>
  %t = arith.mulf %r, %y : tensor<16xf32>
  %z = arith.constant dense<2.0> : tensor<16xf32>
  %u = arith.subf %t, %z : tensor<16xf32>
  return %u, %s : tensor<16xf32>, tensor<5xf32>
}

// What is called, or is not public, would have to pass its constants on.
// CHECK-LABEL: func.func @called(%{{.*}}: tensor<16xf32>) -> tensor<16xf32>
// CHECK: arith.constant dense<4.0
func.func @called(%a: tensor<16xf32>) -> tensor<16xf32> {
  %x = arith.constant dense<4.0> : tensor<16xf32>
  %r = arith.addf %a, %x : tensor<16xf32>
  return %r : tensor<16xf32>
}
// CHECK-LABEL: func.func private @private
// CHECK: arith.constant dense<5.0
func.func private @private(%a: tensor<16xf32>) -> tensor<16xf32> {
  %x = arith.constant dense<5.0> : tensor<16xf32>
  %r = arith.addf %a, %x : tensor<16xf32>
  return %r : tensor<16xf32>
}
// CHECK-LABEL: func.func @caller(%{{.*}}: tensor<16xf32>) -> tensor<16xf32>
func.func @caller(%a: tensor<16xf32>) -> tensor<16xf32> {
  %r = func.call @called(%a) : (tensor<16xf32>) -> tensor<16xf32>
  return %r : tensor<16xf32>
}

{-# dialect_resources: { builtin: {
  weights: "0x040000000000803F000000400000404000008040000080400000804000008040000080400000803F00000040000040400000804000008040000080400000804000008040"
} } #-}
