// REQUIRES: plugin
// RUN: mlir-opt %s --load-dialect-plugin=%plugin --load-pass-plugin=%plugin --transform-interpreter | FileCheck %s

// The passes from a transform script, in stock mlir-opt.

// CHECK-LABEL: func.func @f
// CHECK: scf.for
// CHECK: sparse_ir.contract
module attributes {transform.with_named_sequence} {
  module @payload {
    func.func @f(%a: tensor<2x2xf32>, %b: tensor<2x3xf32>, %c: tensor<2x3xf32>) -> tensor<2x3xf32> {
      %r = sparse_ir.matmul ins(%a, %b : tensor<2x2xf32>, tensor<2x3xf32>) outs(%c : tensor<2x3xf32>)
             lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.window<0>>)
      return %r : tensor<2x3xf32>
    }
  }
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.consumed}) {
    %0 = transform.structured.match ops{["builtin.module"]} attributes {sym_name = "payload"} in %root : (!transform.any_op) -> !transform.any_op
    %1 = transform.apply_registered_pass "sparse-ir-segment" to %0 : (!transform.any_op) -> !transform.any_op
    %2 = transform.apply_registered_pass "sparse-ir-group" with options = { "policy" = "disjoint" } to %1 : (!transform.any_op) -> !transform.any_op
    %3 = transform.apply_registered_pass "sparse-ir-to-meta-dfg" to %2 : (!transform.any_op) -> !transform.any_op
    %4 = transform.apply_registered_pass "sparse-ir-eliminate-layout" to %3 : (!transform.any_op) -> !transform.any_op
    transform.yield
  }
}
