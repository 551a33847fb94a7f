// RUN: sparse-opt %s -split-input-file -verify-diagnostics

func.func @c1_rank(%a: tensor<2x4x1xf32>, %b: tensor<4x3xf32>, %c: tensor<2x3xf32>) {
  // expected-error @+1 {{expects lhs to be a rank-2 tensor of floats, or of i8 with a result of i32, found 'tensor<2x4x1xf32>'}}
  %0 = sparse_ir.matmul ins(%a, %b : tensor<2x4x1xf32>, tensor<4x3xf32>) outs(%c : tensor<2x3xf32>)
  return
}

// -----

func.func @c1_element(%a: tensor<2x4xf32>, %b: tensor<4x3xf32>, %c: tensor<2x3xi32>) {
  // expected-error @+1 {{expects a result of floats of floats and one of i32 of i8, found 'i32' of 'f32'}}
  %0 = sparse_ir.matmul ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%c : tensor<2x3xi32>)
  return
}

// -----

func.func @c1_one_type(%a: tensor<2x4xf32>, %b: tensor<4x3xf16>, %c: tensor<2x3xf32>) {
  // expected-error @+1 {{expects lhs and rhs of one element type, found 'f32' and 'f16'}}
  %0 = sparse_ir.matmul ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf16>) outs(%c : tensor<2x3xf32>)
  return
}

// -----

func.func @c2_k(%a: tensor<2x4xf32>, %b: tensor<5x3xf32>, %c: tensor<2x3xf32>) {
  // expected-error @+1 {{expects axis k of rhs to be 4, found 5}}
  %0 = sparse_ir.matmul ins(%a, %b : tensor<2x4xf32>, tensor<5x3xf32>) outs(%c : tensor<2x3xf32>)
  return
}

// -----

func.func @c2_i(%a: tensor<2x?xf32>, %b: tensor<?x3xf32>, %c: tensor<7x3xf32>) {
  // expected-error @+1 {{expects axis i of out to be 2, found 7}}
  %0 = sparse_ir.matmul ins(%a, %b : tensor<2x?xf32>, tensor<?x3xf32>) outs(%c : tensor<7x3xf32>)
  return
}

// -----

func.func @c3_dynamic(%a: tensor<2x?xf32>, %b: tensor<?x3xf32>, %c: tensor<2x3xf32>) {
  // expected-error @+1 {{expects static sizes of the sparse lhs, found 'tensor<2x?xf32>'}}
  %0 = sparse_ir.matmul ins(%a, %b : tensor<2x?xf32>, tensor<?x3xf32>) outs(%c : tensor<2x3xf32>)
         lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.window<1>>)
  return
}

// -----

func.func @c3_size(%a: tensor<2x4xf32>, %b: tensor<4x3xf32>, %c: tensor<2x3xf32>) {
  // expected-error @+1 {{expects a 4x3 mask of rhs, found 1x2}}
  %0 = sparse_ir.matmul ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%c : tensor<2x3xf32>)
         rhs_sparsity(#sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["10"]>>)
  return
}

// -----

func.func @c3_no_mask(%a: tensor<2x4xf32>, %b: tensor<4x3xf32>, %c: tensor<2x3xf32>) {
  // expected-error @+1 {{expects a mask of out, pattern 'unstructured' does not determine one}}
  %0 = sparse_ir.matmul ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%c : tensor<2x3xf32>)
         out_sparsity(#sparse_ir.sparsity<#sparse_ir.unstructured>)
  return
}

// -----

func.func @c5(%a: tensor<2x4xf32>, %b: tensor<4x3xf32>, %c: tensor<2x3xf32>) {
  %0 = sparse_ir.matmul ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%c : tensor<2x3xf32>) groups {
    // expected-error @+1 {{is no group: 'sparse_ir.matmul' holds nothing but 'sparse_ir.group's}}
    %1 = arith.constant 1 : index
  }
  return
}
