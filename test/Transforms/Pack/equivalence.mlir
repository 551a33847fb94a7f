// RUN: sparse-opt %s -test-sparse-ir-equivalence='pipeline="sparse-ir-select-strategy{target=sapphirerapids allow-dense=false},sparse-ir-segment,sparse-ir-group,sparse-ir-to-meta-dfg,sparse-ir-eliminate-layout,sparse-ir-fuse-meta-ops,sparse-ir-pack"' -o /dev/null
// RUN: sparse-opt %s -test-sparse-ir-equivalence='pipeline="sparse-ir-select-strategy{target=sapphirerapids allow-dense=false},sparse-ir-segment,sparse-ir-group{policy=disjoint},sparse-ir-to-meta-dfg,sparse-ir-eliminate-layout,sparse-ir-fuse-meta-ops,sparse-ir-pack,canonicalize"' -o /dev/null

// The tables become data: what a kernel does does not depend on it.

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
// The orders that a pattern knows make several groups.
func.func @orders(%a: tensor<12x12xf32>, %b: tensor<12x3xf32>, %c: tensor<12x3xf32>) -> (tensor<12x3xf32>, tensor<12x3xf32>) {
  %r = sparse_ir.matmul ins(%a, %b : tensor<12x12xf32>, tensor<12x3xf32>) outs(%c : tensor<12x3xf32>)
         lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.gst<window=2,stride=4>>)
  %s = sparse_ir.matmul ins(%a, %r : tensor<12x12xf32>, tensor<12x3xf32>) outs(%c : tensor<12x3xf32>)
         lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.longformer<window=1,global=2,dilation=2>>)
  return %r, %s : tensor<12x3xf32>, tensor<12x3xf32>
}
func.func @empty_full(%a: tensor<2x4xf32>, %b: tensor<4x3xf32>, %c: tensor<2x3xf32>) -> (tensor<2x3xf32>, tensor<2x3xf32>) {
  %r = sparse_ir.matmul ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%c : tensor<2x3xf32>)
         out_sparsity(#sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["000", "000"]>>)
  %s = sparse_ir.matmul ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%r : tensor<2x3xf32>)
         out_sparsity(#sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["111", "111"]>>)
  return %r, %s : tensor<2x3xf32>, tensor<2x3xf32>
}
