// RUN: sparse-opt %s --sparse-ir-raise -split-input-file | FileCheck %s

// Where sparsity comes from, and what becomes of it.

#left = #sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["1010", "0001"]>>

// CHECK-LABEL: @attribute(
// CHECK-SAME:    %[[A:[a-z0-9]+]]: tensor<2x4xf32>, %[[B:[a-z0-9]+]]: tensor<4x?xf32>, %[[C:[a-z0-9]+]]: tensor<2x?xf32>
// CHECK-NEXT:    %[[R:.*]] = sparse_ir.matmul ins(%[[A]], %[[B]] : {{.*}}) outs(%[[C]] : {{.*}}) lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["1010", "0001"]>>)
// CHECK-NEXT:    return %[[R]]
func.func @attribute(%a: tensor<2x4xf32>, %b: tensor<4x?xf32>, %c: tensor<2x?xf32>) -> tensor<2x?xf32> {
  %r = linalg.matmul {sparse_ir.lhs = #left}
         ins(%a, %b : tensor<2x4xf32>, tensor<4x?xf32>)
         outs(%c : tensor<2x?xf32>) -> tensor<2x?xf32>
  return %r : tensor<2x?xf32>
}

// -----

#left = #sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["1010", "0001"]>>

// The encoding does not survive: no later pass speaks of it.
// CHECK-LABEL: @encoding(
// CHECK-NEXT:    %[[A:.*]] = tensor.cast %{{.*}} : tensor<2x4xf32, #{{.*}}> to tensor<2x4xf32>
// CHECK-NEXT:    sparse_ir.matmul ins(%[[A]], %{{.*}} : tensor<2x4xf32>, tensor<4x3xf32>) {{.*}} lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["1010", "0001"]>>)
func.func @encoding(%a: tensor<2x4xf32, #left>, %b: tensor<4x3xf32>, %c: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %r = linalg.matmul ins(%a, %b : tensor<2x4xf32, #left>, tensor<4x3xf32>)
                     outs(%c : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %r : tensor<2x3xf32>
}

// -----

#out = #sparse_ir.sparsity<#sparse_ir.window<1>>

// CHECK-LABEL: @result_encoding(
// CHECK-SAME:    %[[A:[a-z0-9]+]]: tensor<4x2xf32>, %[[B:[a-z0-9]+]]: tensor<2x4xf32>, %[[C:[a-z0-9]+]]: tensor<4x4xf32, #
// CHECK-NEXT:    %[[I:.*]] = tensor.cast %[[C]] : tensor<4x4xf32, #{{.*}}> to tensor<4x4xf32>
// CHECK-NEXT:    %[[P:.*]] = sparse_ir.matmul ins(%[[A]], %[[B]] : {{.*}}) outs(%[[I]] : tensor<4x4xf32>) out_sparsity(#sparse_ir.sparsity<#sparse_ir.window<1>>)
// CHECK-NEXT:    %[[R:.*]] = tensor.cast %[[P]] : tensor<4x4xf32> to tensor<4x4xf32, #
// CHECK-NEXT:    return %[[R]]
func.func @result_encoding(%a: tensor<4x2xf32>, %b: tensor<2x4xf32>, %c: tensor<4x4xf32, #out>) -> tensor<4x4xf32, #out> {
  %r = linalg.matmul ins(%a, %b : tensor<4x2xf32>, tensor<2x4xf32>)
                     outs(%c : tensor<4x4xf32, #out>) -> tensor<4x4xf32, #out>
  return %r : tensor<4x4xf32, #out>
}

// -----

// An attribute comes before an encoding, and it may say dense.
#e = #sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["1010", "0001"]>>
#d = #sparse_ir.sparsity<#sparse_ir.dense>

// CHECK-LABEL: @attribute_first(
// CHECK: linalg.matmul
func.func @attribute_first(%a: tensor<2x4xf32, #e>, %b: tensor<4x3xf32>, %c: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %r = linalg.matmul {sparse_ir.lhs = #d}
         ins(%a, %b : tensor<2x4xf32, #e>, tensor<4x3xf32>)
         outs(%c : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %r : tensor<2x3xf32>
}

// -----

// The pattern of a constant without a mask takes the mask from its values; a
// block that is not full is made whole.
#w = #sparse_ir.sparsity<#sparse_ir.block<2x2>>

// CHECK-LABEL: @mask_of_values(
// CHECK: lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.block<2x2>, #sparse_ir.mask<["1100", "1100"]>>)
func.func @mask_of_values(%b: tensor<4x3xf32>, %c: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %a = arith.constant dense<[[1., 2., 0., 0.], [0., 4., 0., 0.]]> : tensor<2x4xf32>
  %r = linalg.matmul {sparse_ir.lhs = #w}
         ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>)
         outs(%c : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %r : tensor<2x3xf32>
}

// -----

// Sparse on the right: the product is transposed, and the block with it.
#right = #sparse_ir.sparsity<#sparse_ir.block<2x1>, #sparse_ir.mask<["101", "101", "010", "010"]>>

// CHECK-LABEL: @block_transposed(
// CHECK: linalg.transpose
// CHECK: linalg.transpose
// CHECK: sparse_ir.matmul ins(%{{.*}}, %{{.*}} : tensor<3x4xf32>, tensor<4x2xf32>) outs(%{{.*}} : tensor<3x2xf32>) lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.block<1x2>, #sparse_ir.mask<["1100", "0011", "1100"]>>)
// CHECK: linalg.transpose
func.func @block_transposed(%a: tensor<2x4xf32>, %b: tensor<4x3xf32>, %c: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %r = linalg.matmul {sparse_ir.rhs = #right}
         ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>)
         outs(%c : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %r : tensor<2x3xf32>
}

// -----

// A window is the same transposed and still needs no mask; a causal one is
// another pattern, recognised from its mask.
#window = #sparse_ir.sparsity<#sparse_ir.window<1>>
#causal = #sparse_ir.sparsity<#sparse_ir.window<1,causal>>

// CHECK-LABEL: @window_transposed(
// CHECK: sparse_ir.matmul {{.*}} lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.window<1>>)
// CHECK: sparse_ir.matmul {{.*}} lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.{{[^w].*}}, #sparse_ir.mask<["110", "011", "001"]>>)
func.func @window_transposed(%a: tensor<2x3xf32>, %b: tensor<3x3xf32>, %c: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %0 = linalg.matmul {sparse_ir.rhs = #window}
         ins(%a, %b : tensor<2x3xf32>, tensor<3x3xf32>)
         outs(%c : tensor<2x3xf32>) -> tensor<2x3xf32>
  %1 = linalg.matmul {sparse_ir.rhs = #causal}
         ins(%a, %b : tensor<2x3xf32>, tensor<3x3xf32>)
         outs(%0 : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %1 : tensor<2x3xf32>
}

// -----

// The mask speaks of the operand as it is stored, here k x m.
#stored = #sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["10", "00", "10", "01"]>>

// CHECK-LABEL: @stored_transposed(
// CHECK: lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["1010", "0001"]>>)
func.func @stored_transposed(%a: tensor<4x2xf32>, %b: tensor<4x3xf32>, %c: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %r = linalg.matmul
         indexing_maps = [affine_map<(m, n, k) -> (k, m)>,
                          affine_map<(m, n, k) -> (k, n)>,
                          affine_map<(m, n, k) -> (m, n)>]
         {sparse_ir.lhs = #stored}
         ins(%a, %b : tensor<4x2xf32>, tensor<4x3xf32>)
         outs(%c : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %r : tensor<2x3xf32>
}

// -----

// Sparsity of the result keeps the orientation, whatever else is sparse.
#out = #sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["100", "011"]>>
#right = #sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["100", "011", "000", "001"]>>

// CHECK-LABEL: @result(
// CHECK-NOT: linalg.transpose
// CHECK: sparse_ir.matmul {{.*}} rhs_sparsity(#sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["100", "011", "000", "001"]>>) out_sparsity(#sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["100", "011"]>>)
// CHECK-NOT: linalg.transpose
func.func @result(%a: tensor<2x4xf32>, %b: tensor<4x3xf32>, %c: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %r = linalg.matmul {sparse_ir.rhs = #right, sparse_ir.out = #out}
         ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>)
         outs(%c : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %r : tensor<2x3xf32>
}

// -----

// One mask for all batches: sampled products of attention.
#out = #sparse_ir.sparsity<#sparse_ir.window<1>>

// CHECK-LABEL: @batch_result(
// CHECK: scf.for
// CHECK: sparse_ir.matmul {{.*}} out_sparsity(#sparse_ir.sparsity<#sparse_ir.window<1>>)
func.func @batch_result(%q: tensor<?x4x2xf32>, %k: tensor<?x2x4xf32>, %c: tensor<?x4x4xf32>) -> tensor<?x4x4xf32> {
  %r = linalg.batch_matmul {sparse_ir.out = #out}
         ins(%q, %k : tensor<?x4x2xf32>, tensor<?x2x4xf32>)
         outs(%c : tensor<?x4x4xf32>) -> tensor<?x4x4xf32>
  return %r : tensor<?x4x4xf32>
}

// -----

// 16-bit floats: the sign of a zero does not count. A NaN is no zero.
// CHECK-LABEL: @halves(
// CHECK: tensor<2x4xbf16>{{.*}} lhs_sparsity({{.*}} #sparse_ir.mask<["1000", "0001"]>>)
// CHECK: tensor<2x4xf16>{{.*}} lhs_sparsity({{.*}} #sparse_ir.mask<["1000", "0001"]>>)
func.func @halves(%b: tensor<4x3xbf16>, %h: tensor<4x3xf16>, %c: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %a = arith.constant dense<[[1., 0., -0., 0.], [-0., 0., 0., 0x7FC0]]> : tensor<2x4xbf16>
  %g = arith.constant dense<[[1., 0., -0., 0.], [-0., 0., 0., 3.]]> : tensor<2x4xf16>
  %0 = linalg.matmul ins(%a, %b : tensor<2x4xbf16>, tensor<4x3xbf16>)
                     outs(%c : tensor<2x3xf32>) -> tensor<2x3xf32>
  %1 = linalg.matmul ins(%g, %h : tensor<2x4xf16>, tensor<4x3xf16>)
                     outs(%0 : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %1 : tensor<2x3xf32>
}

// -----

// A resource is read as it is; transposed, a small one becomes inline.
// CHECK-LABEL: @resource(
// CHECK: arith.constant dense_resource<weights> : tensor<2x2xf32>
// CHECK: sparse_ir.matmul {{.*}} lhs_sparsity({{.*}} #sparse_ir.mask<["10", "00"]>>)
// CHECK: arith.constant dense<{{\[\[}}1.000000e+00, 0.000000e+00], [0.000000e+00, 0.000000e+00]]> : tensor<2x2xf32>
// CHECK: sparse_ir.matmul {{.*}} lhs_sparsity({{.*}} #sparse_ir.mask<["10", "00"]>>)
func.func @resource(%b: tensor<2x2xf32>, %c: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %a = arith.constant dense_resource<weights> : tensor<2x2xf32>
  %0 = linalg.matmul ins(%a, %b : tensor<2x2xf32>, tensor<2x2xf32>)
                     outs(%c : tensor<2x2xf32>) -> tensor<2x2xf32>
  %1 = linalg.matmul ins(%b, %a : tensor<2x2xf32>, tensor<2x2xf32>)
                     outs(%0 : tensor<2x2xf32>) -> tensor<2x2xf32>
  return %1 : tensor<2x2xf32>
}

{-#
  dialect_resources: {
    builtin: {
      weights: "0x040000000000803F000000000000000000000000"
    }
  }
#-}

// -----

// A splat of zeros is as sparse as can be, also without any elements at hand.
// CHECK-LABEL: @zeros(
// CHECK: sparse_ir.matmul {{.*}} lhs_sparsity({{.*}} #sparse_ir.mask<["000", "000"]>>)
func.func @zeros(%b: tensor<3x2xf32>, %c: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %a = arith.constant dense<0.0> : tensor<2x3xf32>
  %r = linalg.matmul ins(%a, %b : tensor<2x3xf32>, tensor<3x2xf32>)
                     outs(%c : tensor<2x2xf32>) -> tensor<2x2xf32>
  return %r : tensor<2x2xf32>
}

// -----

// The filter's mask is [OC, C * KH * KW], also where the filter is no constant.
#filter = #sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["1000", "0001"]>>

// CHECK-LABEL: @filter(
// CHECK: %[[T:.*]] = linalg.transpose ins(%{{.*}} : tensor<2x2x1x2xf32>) outs({{.*}}) permutation = [3, 2, 0, 1]
// CHECK: %[[W:.*]] = tensor.collapse_shape %{{.*}} {{\[\[}}0], [1, 2, 3]] : tensor<2x1x2x2xf32> into tensor<2x4xf32>
// CHECK: sparse_ir.matmul ins(%[[W]], {{.*}} lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["1000", "0001"]>>)
func.func @filter(%x: tensor<1x3x3x1xf32>, %w: tensor<2x2x1x2xf32>, %c: tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32> {
  %r = linalg.conv_2d_nhwc_hwcf {sparse_ir.rhs = #filter}
         ins(%x, %w : tensor<1x3x3x1xf32>, tensor<2x2x1x2xf32>)
         outs(%c : tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  return %r : tensor<1x2x2x2xf32>
}
