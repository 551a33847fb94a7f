// RUN: sparse-opt %s -test-sparse-ir-equivalence='pipeline="sparse-ir-segment"' -o /dev/null
// RUN: sparse-opt %s -test-sparse-ir-equivalence='pipeline="sparse-ir-segment{cuboid=2,3,4}"' -o /dev/null
// RUN: sparse-opt %s -test-sparse-ir-equivalence='pipeline="sparse-ir-segment{cuboid=1,2,1 cube-threshold=3 face-threshold=2 edge-threshold=1}"' -o /dev/null

#l = #sparse_ir.sparsity<#sparse_ir.random<density=0.4,seed=1>>
#r = #sparse_ir.sparsity<#sparse_ir.random<density=0.3,seed=2>>
#o = #sparse_ir.sparsity<#sparse_ir.random<density=0.5,seed=3>>

func.func @lhs(%a: tensor<7x11xf32>, %b: tensor<11x?xf32>, %c: tensor<7x?xf32>) -> tensor<7x?xf32> {
  %r = sparse_ir.matmul ins(%a, %b : tensor<7x11xf32>, tensor<11x?xf32>) outs(%c : tensor<7x?xf32>) lhs_sparsity(#l)
  return %r : tensor<7x?xf32>
}
func.func @rhs(%a: tensor<?x11xf32>, %b: tensor<11x6xf32>, %c: tensor<?x6xf32>) -> tensor<?x6xf32> {
  %r = sparse_ir.matmul ins(%a, %b : tensor<?x11xf32>, tensor<11x6xf32>) outs(%c : tensor<?x6xf32>) rhs_sparsity(#r)
  return %r : tensor<?x6xf32>
}
func.func @out(%a: tensor<7x?xf32>, %b: tensor<?x6xf32>, %c: tensor<7x6xf32>) -> tensor<7x6xf32> {
  %r = sparse_ir.matmul ins(%a, %b : tensor<7x?xf32>, tensor<?x6xf32>) outs(%c : tensor<7x6xf32>) out_sparsity(#o)
  return %r : tensor<7x6xf32>
}
func.func @all(%a: tensor<7x11xf32>, %b: tensor<11x6xf32>, %c: tensor<7x6xf32>) -> tensor<7x6xf32> {
  %r = sparse_ir.matmul ins(%a, %b : tensor<7x11xf32>, tensor<11x6xf32>) outs(%c : tensor<7x6xf32>)
         lhs_sparsity(#l) rhs_sparsity(#r) out_sparsity(#o)
  return %r : tensor<7x6xf32>
}
func.func @empty(%a: tensor<2x4xf32>, %b: tensor<4x3xf32>, %c: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %r = sparse_ir.matmul ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%c : tensor<2x3xf32>)
         lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["0000", "0000"]>>)
  return %r : tensor<2x3xf32>
}
