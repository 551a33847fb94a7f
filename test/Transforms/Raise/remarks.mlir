// RUN: sparse-opt %s --sparse-ir-raise --remarks-filter='sparse-ir.*' -o /dev/null 2>&1 | FileCheck %s
// RUN: sparse-opt %s --sparse-ir-raise="min-sparsity=0.9" --remarks-filter='sparse-ir.*' -o /dev/null 2>&1 | FileCheck %s --check-prefix=HIGH

// Every decision with its figures. Products are left alone for a reason.

// CHECK: [[@LINE+4]]:8: remark: [Passed] sparse-ir-raise | Category:sparse-ir | density=3.750000e-01, non-zeros=3, op=linalg.matmul, pattern=nm<2:4>, shape=2x?x4, sparse=lhs
// HIGH: [[@LINE+3]]:8: remark: [Missed] sparse-ir-raise | Category:sparse-ir | Reason="the constant operand is dense", min-sparsity=9.000000e-01, op=linalg.matmul, zeros=6.250000e-01
func.func @raised(%b: tensor<4x?xf32>, %c: tensor<2x?xf32>) -> tensor<2x?xf32> {
  %a = arith.constant dense<[[1., 0., 2., 0.], [0., 0., 0., 3.]]> : tensor<2x4xf32>
  %r = linalg.matmul ins(%a, %b : tensor<2x4xf32>, tensor<4x?xf32>)
                     outs(%c : tensor<2x?xf32>) -> tensor<2x?xf32>
  return %r : tensor<2x?xf32>
}

// CHECK: Reason="the constant operand is dense", min-sparsity=3.000000e-01, op=linalg.matmul, zeros=1.250000e-01
func.func @dense(%b: tensor<4x3xf32>, %c: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %a = arith.constant dense<[[1., 0., 2., 4.], [5., 6., 7., 3.]]> : tensor<2x4xf32>
  %r = linalg.matmul ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>)
                     outs(%c : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %r : tensor<2x3xf32>
}

// CHECK: Reason="no operand is known to be sparse"
func.func @unknown(%a: tensor<2x4xf32>, %b: tensor<4x3xf32>, %c: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %r = linalg.matmul ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>)
                     outs(%c : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %r : tensor<2x3xf32>
}

// CHECK: Reason="elements of type i32 are no floats"
func.func @integers(%b: tensor<4x3xi32>, %c: tensor<2x3xi32>) -> tensor<2x3xi32> {
  %a = arith.constant dense<0> : tensor<2x4xi32>
  %r = linalg.matmul ins(%a, %b : tensor<2x4xi32>, tensor<4x3xi32>)
                     outs(%c : tensor<2x3xi32>) -> tensor<2x3xi32>
  return %r : tensor<2x3xi32>
}

// CHECK: Reason="the product narrows f32 to f16"
func.func @narrowed(%b: tensor<4x3xf32>, %c: tensor<2x3xf16>) -> tensor<2x3xf16> {
  %a = arith.constant dense<0.0> : tensor<2x4xf32>
  %r = linalg.matmul ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>)
                     outs(%c : tensor<2x3xf16>) -> tensor<2x3xf16>
  return %r : tensor<2x3xf16>
}

// CHECK: Reason="neither operand is a matrix"
func.func @dot(%b: tensor<4xf32>, %c: tensor<f32>) -> tensor<f32> {
  %a = arith.constant dense<0.0> : tensor<4xf32>
  %r = linalg.dot ins(%a, %b : tensor<4xf32>, tensor<4xf32>) outs(%c : tensor<f32>) -> tensor<f32>
  return %r : tensor<f32>
}

// CHECK: Reason="there is more than one reduction"
func.func @batch_reduce(%b: tensor<2x4x3xf32>, %c: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %a = arith.constant dense<0.0> : tensor<2x2x4xf32>
  %r = linalg.batch_reduce_matmul ins(%a, %b : tensor<2x2x4xf32>, tensor<2x4x3xf32>)
                                  outs(%c : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %r : tensor<2x3xf32>
}

// CHECK: Reason="the size of the sparse lhs is dynamic"
func.func @dynamic(%a: tensor<?x4xf32>, %b: tensor<4x3xf32>, %c: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %r = linalg.matmul {sparse_ir.lhs = #sparse_ir.sparsity<#sparse_ir.window<1>>}
         ins(%a, %b : tensor<?x4xf32>, tensor<4x3xf32>)
         outs(%c : tensor<?x3xf32>) -> tensor<?x3xf32>
  return %r : tensor<?x3xf32>
}

// CHECK: Reason="the body does more than to multiply and add"
func.func @rounded_product(%b: tensor<4x3xf32>, %c: tensor<2x3xf64>) -> tensor<2x3xf64> {
  %a = arith.constant dense<0.0> : tensor<2x4xf32>
  %r = linalg.generic {
         indexing_maps = [affine_map<(m, n, k) -> (m, k)>,
                          affine_map<(m, n, k) -> (k, n)>,
                          affine_map<(m, n, k) -> (m, n)>],
         iterator_types = ["parallel", "parallel", "reduction"]}
         ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%c : tensor<2x3xf64>) {
  ^bb0(%x: f32, %y: f32, %z: f64):
    %p = arith.mulf %x, %y : f32
    %w = arith.extf %p : f32 to f64
    %q = arith.addf %z, %w : f64
    linalg.yield %q : f64
  } -> tensor<2x3xf64>
  return %r : tensor<2x3xf64>
}

// CHECK: Reason="the operands are not two tensors and an initial tensor"
func.func @buffers(%a: memref<2x4xf32>, %b: memref<4x3xf32>, %c: memref<2x3xf32>) {
  linalg.matmul ins(%a, %b : memref<2x4xf32>, memref<4x3xf32>) outs(%c : memref<2x3xf32>)
  return
}

// CHECK: Reason="a dimension of the convolution is dynamic"
func.func @dynamic_convolution(%x: tensor<1x?x3x1xf32>, %c: tensor<1x?x2x2xf32>) -> tensor<1x?x2x2xf32> {
  %w = arith.constant dense<0.0> : tensor<2x2x1x2xf32>
  %r = linalg.conv_2d_nhwc_hwcf
         ins(%x, %w : tensor<1x?x3x1xf32>, tensor<2x2x1x2xf32>)
         outs(%c : tensor<1x?x2x2xf32>) -> tensor<1x?x2x2xf32>
  return %r : tensor<1x?x2x2xf32>
}

// CHECK: Reason="sparsity of a convolution's input is not supported, only of its filter"
func.func @sparse_image(%x: tensor<1x3x3x1xf32>, %w: tensor<2x2x1x2xf32>, %c: tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32> {
  %r = linalg.conv_2d_nhwc_hwcf {sparse_ir.lhs = #sparse_ir.sparsity<#sparse_ir.window<1>>}
         ins(%x, %w : tensor<1x3x3x1xf32>, tensor<2x2x1x2xf32>)
         outs(%c : tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  return %r : tensor<1x2x2x2xf32>
}

// CHECK: Reason="the op is no product"
func.func @no_product(%a: tensor<2x4xf32>, %c: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %r = linalg.exp {sparse_ir.lhs = #sparse_ir.sparsity<#sparse_ir.window<1>>}
         ins(%a : tensor<2x4xf32>) outs(%c : tensor<2x4xf32>) -> tensor<2x4xf32>
  return %r : tensor<2x4xf32>
}
