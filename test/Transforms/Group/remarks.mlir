// RUN: sparse-opt %s -sparse-ir-segment -sparse-ir-group --remarks-filter='sparse-ir' -o /dev/null 2>&1 | FileCheck %s
// RUN: sparse-opt %s -sparse-ir-segment -sparse-ir-group="policy=disjoint min-group-size=1" --remarks-filter='sparse-ir' -o /dev/null 2>&1 | FileCheck %s --check-prefix=DISJOINT

// CHECK: [Passed] sparse-ir-group | Category:sparse-ir | groups=1, meta-ops=5, policy=chain
// DISJOINT: [Passed] sparse-ir-group | Category:sparse-ir | groups=2, largest=3, meta-ops=4, policy=disjoint
func.func @lhs(%a: tensor<3x4xf32>, %b: tensor<4x2xf32>, %c: tensor<3x2xf32>) -> tensor<3x2xf32> {
  %r = sparse_ir.matmul ins(%a, %b : tensor<3x4xf32>, tensor<4x2xf32>) outs(%c : tensor<3x2xf32>)
         lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["1010", "0011", "0001"]>>)
  return %r : tensor<3x2xf32>
}

// Sparsity of the rhs, or of two operands, is grouped disjointly whatever the
// policy: no chain serves it.
// CHECK: [Passed] sparse-ir-group | Category:sparse-ir | groups=1, largest=2, meta-ops=2, policy=disjoint
func.func @rhs(%a: tensor<3x2xf32>, %b: tensor<2x2xf32>, %c: tensor<3x2xf32>) -> tensor<3x2xf32> {
  %r = sparse_ir.matmul ins(%a, %b : tensor<3x2xf32>, tensor<2x2xf32>) outs(%c : tensor<3x2xf32>)
         rhs_sparsity(#sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["10", "11"]>>)
  return %r : tensor<3x2xf32>
}

// CHECK: [Missed] sparse-ir-group | Category:sparse-ir | Reason="the product is not segmented"
func.func @dense(%a: tensor<3x2xf32>, %b: tensor<2x2xf32>, %c: tensor<3x2xf32>) -> tensor<3x2xf32> {
  %r = sparse_ir.matmul ins(%a, %b : tensor<3x2xf32>, tensor<2x2xf32>) outs(%c : tensor<3x2xf32>)
  return %r : tensor<3x2xf32>
}

// CHECK: [Missed] sparse-ir-group | Category:sparse-ir | Reason="the size of the lhs is dynamic"
func.func @dynamic(%a: tensor<?x2xf32>, %b: tensor<2x2xf32>, %c: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %r = sparse_ir.matmul ins(%a, %b : tensor<?x2xf32>, tensor<2x2xf32>) outs(%c : tensor<?x2xf32>)
         strategy(#sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 2, vectors = 1, phase = 4, tasks = 1, pack_rhs = false>)
  return %r : tensor<?x2xf32>
}
