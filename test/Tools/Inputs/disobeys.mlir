func.func @f(%a: tensor<1x2xf32>, %b: tensor<2x2xf32>, %c: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %0 = sparse_ir.matmul ins(%a, %b : tensor<1x2xf32>, tensor<2x2xf32>) outs(%c : tensor<1x2xf32>) lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.nm<1:2>, #sparse_ir.mask<["11"]>>)
  return %0 : tensor<1x2xf32>
}
