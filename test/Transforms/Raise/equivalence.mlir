// RUN: sparse-opt %s --test-sparse-ir-equivalence="pipeline=sparse-ir-raise"
// RUN: sparse-opt %s --sparse-ir-raise | FileCheck %s

// Every form computes the same after raising (first run, on random inputs), and
// every one of them is raised (second run).

// CHECK-LABEL: @lhs(
// CHECK: sparse_ir.matmul
func.func @lhs(%b: tensor<4x?xf64>, %c: tensor<2x?xf64>) -> tensor<2x?xf64> {
  %a = arith.constant dense<[[1., 0., 2., 0.], [0., 0., 0., 3.]]> : tensor<2x4xf64>
  %r = linalg.matmul ins(%a, %b : tensor<2x4xf64>, tensor<4x?xf64>)
                     outs(%c : tensor<2x?xf64>) -> tensor<2x?xf64>
  return %r : tensor<2x?xf64>
}

// CHECK-LABEL: @rhs(
// CHECK: sparse_ir.matmul
func.func @rhs(%a: tensor<?x2xf64>, %c: tensor<?x4xf64>) -> tensor<?x4xf64> {
  %b = arith.constant dense<[[1., 0., 2., 0.], [0., 0., 0., 3.]]> : tensor<2x4xf64>
  %r = linalg.matmul ins(%a, %b : tensor<?x2xf64>, tensor<2x4xf64>)
                     outs(%c : tensor<?x4xf64>) -> tensor<?x4xf64>
  return %r : tensor<?x4xf64>
}

// CHECK-LABEL: @rhs_filled(
// CHECK: sparse_ir.matmul
func.func @rhs_filled(%a: tensor<3x2xf64>) -> tensor<3x4xf64> {
  %b = arith.constant dense<[[1., 0., 2., 0.], [0., 0., 0., 3.]]> : tensor<2x4xf64>
  %v = arith.constant 0.5 : f64
  %e = tensor.empty() : tensor<3x4xf64>
  %c = linalg.fill ins(%v : f64) outs(%e : tensor<3x4xf64>) -> tensor<3x4xf64>
  %r = linalg.matmul ins(%a, %b : tensor<3x2xf64>, tensor<2x4xf64>)
                     outs(%c : tensor<3x4xf64>) -> tensor<3x4xf64>
  return %r : tensor<3x4xf64>
}

// CHECK-LABEL: @transposed_maps(
// CHECK: sparse_ir.matmul
func.func @transposed_maps(%b: tensor<3x4xf64>, %c: tensor<2x3xf64>) -> tensor<2x3xf64> {
  %a = arith.constant dense<[[1., 0.], [0., 0.], [2., 0.], [0., 3.]]> : tensor<4x2xf64>
  %r = linalg.matmul
         indexing_maps = [affine_map<(m, n, k) -> (k, m)>,
                          affine_map<(m, n, k) -> (n, k)>,
                          affine_map<(m, n, k) -> (m, n)>]
         ins(%a, %b : tensor<4x2xf64>, tensor<3x4xf64>)
         outs(%c : tensor<2x3xf64>) -> tensor<2x3xf64>
  return %r : tensor<2x3xf64>
}

// The constant is seen through a transpose and a cast to a dynamic type.
// CHECK-LABEL: @looked_through(
// CHECK-NOT: linalg.transpose
// CHECK: sparse_ir.matmul
func.func @looked_through(%b: tensor<4x3xf64>, %c: tensor<2x3xf64>) -> tensor<?x3xf64> {
  %t = arith.constant dense<[[1., 0.], [0., 0.], [2., 0.], [0., 3.]]> : tensor<4x2xf64>
  %e = tensor.empty() : tensor<2x4xf64>
  %a = linalg.transpose ins(%t : tensor<4x2xf64>) outs(%e : tensor<2x4xf64>) permutation = [1, 0]
  %d = tensor.cast %a : tensor<2x4xf64> to tensor<?x4xf64>
  %c3 = tensor.cast %c : tensor<2x3xf64> to tensor<?x3xf64>
  %r = linalg.matmul ins(%d, %b : tensor<?x4xf64>, tensor<4x3xf64>)
                     outs(%c3 : tensor<?x3xf64>) -> tensor<?x3xf64>
  return %r : tensor<?x3xf64>
}

// CHECK-LABEL: @constant_init(
// CHECK: sparse_ir.matmul
func.func @constant_init(%a: tensor<2x2xf64>) -> tensor<2x4xf64> {
  %b = arith.constant dense<[[1., 0., 2., 0.], [0., 0., 0., 3.]]> : tensor<2x4xf64>
  %c = arith.constant dense<[[1., 2., 3., 4.], [5., 6., 7., 8.]]> : tensor<2x4xf64>
  %r = linalg.matmul ins(%a, %b : tensor<2x2xf64>, tensor<2x4xf64>)
                     outs(%c : tensor<2x4xf64>) -> tensor<2x4xf64>
  return %r : tensor<2x4xf64>
}

// CHECK-LABEL: @matvec(
// CHECK: sparse_ir.matmul
func.func @matvec(%x: tensor<4xf64>, %c: tensor<2xf64>) -> tensor<2xf64> {
  %a = arith.constant dense<[[1., 0., 2., 0.], [0., 0., 0., 3.]]> : tensor<2x4xf64>
  %r = linalg.matvec ins(%a, %x : tensor<2x4xf64>, tensor<4xf64>)
                     outs(%c : tensor<2xf64>) -> tensor<2xf64>
  return %r : tensor<2xf64>
}

// CHECK-LABEL: @matvec_filled(
// CHECK: sparse_ir.matmul
func.func @matvec_filled(%x: tensor<4xf64>) -> tensor<2xf64> {
  %a = arith.constant dense<[[1., 0., 2., 0.], [0., 0., 0., 3.]]> : tensor<2x4xf64>
  %v = arith.constant 0.0 : f64
  %e = tensor.empty() : tensor<2xf64>
  %c = linalg.fill ins(%v : f64) outs(%e : tensor<2xf64>) -> tensor<2xf64>
  %r = linalg.matvec ins(%a, %x : tensor<2x4xf64>, tensor<4xf64>)
                     outs(%c : tensor<2xf64>) -> tensor<2xf64>
  return %r : tensor<2xf64>
}

// CHECK-LABEL: @vecmat(
// CHECK: sparse_ir.matmul
func.func @vecmat(%x: tensor<2xf64>, %c: tensor<4xf64>) -> tensor<4xf64> {
  %a = arith.constant dense<[[1., 0., 2., 0.], [0., 0., 0., 3.]]> : tensor<2x4xf64>
  %r = linalg.vecmat ins(%x, %a : tensor<2xf64>, tensor<2x4xf64>)
                     outs(%c : tensor<4xf64>) -> tensor<4xf64>
  return %r : tensor<4xf64>
}

// A constant a batch: the masks' union.
// CHECK-LABEL: @batch_lhs(
// CHECK: scf.for
// CHECK: sparse_ir.matmul
func.func @batch_lhs(%b: tensor<2x3x4xf64>, %c: tensor<2x2x4xf64>) -> tensor<2x2x4xf64> {
  %a = arith.constant dense<[[[1., 0., 0.], [0., 2., 0.]], [[3., 0., 0.], [0., 0., 0.]]]> : tensor<2x2x3xf64>
  %r = linalg.batch_matmul ins(%a, %b : tensor<2x2x3xf64>, tensor<2x3x4xf64>)
                           outs(%c : tensor<2x2x4xf64>) -> tensor<2x2x4xf64>
  return %r : tensor<2x2x4xf64>
}

// CHECK-LABEL: @batch_rhs(
// CHECK: scf.for
// CHECK: sparse_ir.matmul
func.func @batch_rhs(%a: tensor<2x4x2xf64>, %c: tensor<2x4x3xf64>) -> tensor<2x4x3xf64> {
  %b = arith.constant dense<[[[1., 0., 0.], [0., 2., 0.]], [[3., 0., 0.], [0., 0., 0.]]]> : tensor<2x2x3xf64>
  %r = linalg.batch_matmul ins(%a, %b : tensor<2x4x2xf64>, tensor<2x2x3xf64>)
                           outs(%c : tensor<2x4x3xf64>) -> tensor<2x4x3xf64>
  return %r : tensor<2x4x3xf64>
}

// CHECK-LABEL: @batch_filled(
// CHECK: scf.for
// CHECK: linalg.fill
// CHECK: sparse_ir.matmul
func.func @batch_filled(%b: tensor<2x3x?xf64>, %n: tensor<2x2x?xf64>) -> tensor<2x2x?xf64> {
  %a = arith.constant dense<[[[1., 0., 0.], [0., 2., 0.]], [[3., 0., 0.], [0., 0., 0.]]]> : tensor<2x2x3xf64>
  %v = arith.constant 0.0 : f64
  %c = linalg.fill ins(%v : f64) outs(%n : tensor<2x2x?xf64>) -> tensor<2x2x?xf64>
  %r = linalg.batch_matmul ins(%a, %b : tensor<2x2x3xf64>, tensor<2x3x?xf64>)
                           outs(%c : tensor<2x2x?xf64>) -> tensor<2x2x?xf64>
  return %r : tensor<2x2x?xf64>
}

// CHECK-LABEL: @batch_rhs_filled(
// CHECK: scf.for
// CHECK: sparse_ir.matmul
func.func @batch_rhs_filled(%a: tensor<2x4x2xf64>) -> tensor<2x4x3xf64> {
  %b = arith.constant dense<[[[1., 0., 0.], [0., 2., 0.]], [[3., 0., 0.], [0., 0., 0.]]]> : tensor<2x2x3xf64>
  %v = arith.constant 1.0 : f64
  %e = tensor.empty() : tensor<2x4x3xf64>
  %c = linalg.fill ins(%v : f64) outs(%e : tensor<2x4x3xf64>) -> tensor<2x4x3xf64>
  %r = linalg.batch_matmul ins(%a, %b : tensor<2x4x2xf64>, tensor<2x2x3xf64>)
                           outs(%c : tensor<2x4x3xf64>) -> tensor<2x4x3xf64>
  return %r : tensor<2x4x3xf64>
}

// A batch of one needs no loop.
// CHECK-LABEL: @batch_of_one(
// CHECK-NOT: scf.for
// CHECK: sparse_ir.matmul
func.func @batch_of_one(%b: tensor<1x3x4xf64>, %c: tensor<1x2x4xf64>) -> tensor<1x2x4xf64> {
  %a = arith.constant dense<[[[1., 0., 0.], [0., 2., 0.]]]> : tensor<1x2x3xf64>
  %r = linalg.batch_matmul ins(%a, %b : tensor<1x2x3xf64>, tensor<1x3x4xf64>)
                           outs(%c : tensor<1x2x4xf64>) -> tensor<1x2x4xf64>
  return %r : tensor<1x2x4xf64>
}

// CHECK-LABEL: @batch_matvec(
// CHECK: scf.for
// CHECK: sparse_ir.matmul
func.func @batch_matvec(%x: tensor<2x3xf64>, %c: tensor<2x2xf64>) -> tensor<2x2xf64> {
  %a = arith.constant dense<[[[1., 0., 0.], [0., 2., 0.]], [[3., 0., 0.], [0., 0., 0.]]]> : tensor<2x2x3xf64>
  %r = linalg.batch_matvec ins(%a, %x : tensor<2x2x3xf64>, tensor<2x3xf64>)
                           outs(%c : tensor<2x2xf64>) -> tensor<2x2xf64>
  return %r : tensor<2x2xf64>
}

// CHECK-LABEL: @batch_vecmat_filled(
// CHECK: scf.for
// CHECK: sparse_ir.matmul
func.func @batch_vecmat_filled(%x: tensor<2x2xf64>) -> tensor<2x3xf64> {
  %a = arith.constant dense<[[[1., 0., 0.], [0., 2., 0.]], [[3., 0., 0.], [0., 0., 0.]]]> : tensor<2x2x3xf64>
  %v = arith.constant 2.0 : f64
  %e = tensor.empty() : tensor<2x3xf64>
  %c = linalg.fill ins(%v : f64) outs(%e : tensor<2x3xf64>) -> tensor<2x3xf64>
  %r = linalg.batch_vecmat ins(%x, %a : tensor<2x2xf64>, tensor<2x2x3xf64>)
                           outs(%c : tensor<2x3xf64>) -> tensor<2x3xf64>
  return %r : tensor<2x3xf64>
}

// The lhs is the same for every batch: its batch is a second n.
// CHECK-LABEL: @broadcast_lhs(
// CHECK: scf.for
// CHECK: sparse_ir.matmul
func.func @broadcast_lhs(%b: tensor<2x4x3xf64>, %c: tensor<2x2x3xf64>) -> tensor<2x2x3xf64> {
  %a = arith.constant dense<[[1., 0., 2., 0.], [0., 0., 0., 3.]]> : tensor<2x4xf64>
  %r = linalg.batch_matmul
         indexing_maps = [affine_map<(b, m, n, k) -> (m, k)>,
                          affine_map<(b, m, n, k) -> (b, k, n)>,
                          affine_map<(b, m, n, k) -> (b, m, n)>]
         ins(%a, %b : tensor<2x4xf64>, tensor<2x4x3xf64>)
         outs(%c : tensor<2x2x3xf64>) -> tensor<2x2x3xf64>
  return %r : tensor<2x2x3xf64>
}

// The batch and m are neighbours in the lhs and the result: one axis.
// CHECK-LABEL: @broadcast_rhs(
// CHECK-NOT: scf.for
// CHECK: sparse_ir.matmul
func.func @broadcast_rhs(%a: tensor<2x3x2xf64>, %c: tensor<2x3x4xf64>) -> tensor<2x3x4xf64> {
  %b = arith.constant dense<[[1., 0., 2., 0.], [0., 0., 0., 3.]]> : tensor<2x4xf64>
  %r = linalg.batch_matmul
         indexing_maps = [affine_map<(b, m, n, k) -> (b, m, k)>,
                          affine_map<(b, m, n, k) -> (k, n)>,
                          affine_map<(b, m, n, k) -> (b, m, n)>]
         ins(%a, %b : tensor<2x3x2xf64>, tensor<2x4xf64>)
         outs(%c : tensor<2x3x4xf64>) -> tensor<2x3x4xf64>
  return %r : tensor<2x3x4xf64>
}

// CHECK-LABEL: @generic_rhs_3d(
// CHECK-NOT: scf.for
// CHECK: sparse_ir.matmul
func.func @generic_rhs_3d(%a: tensor<?x3x2xf64>, %s: tensor<?x3x4xf64>) -> tensor<?x3x4xf64> {
  %b = arith.constant dense<[[1., 0.], [0., 0.], [2., 0.], [0., 3.]]> : tensor<4x2xf64>
  %v = arith.constant 0.0 : f64
  %c = linalg.fill ins(%v : f64) outs(%s : tensor<?x3x4xf64>) -> tensor<?x3x4xf64>
  %r = linalg.generic {
         indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>,
                          affine_map<(d0, d1, d2, d3) -> (d2, d3)>,
                          affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>],
         iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
         ins(%a, %b : tensor<?x3x2xf64>, tensor<4x2xf64>)
         outs(%c : tensor<?x3x4xf64>) {
  ^bb0(%x: f64, %y: f64, %z: f64):
    %p = arith.mulf %y, %x : f64
    %q = arith.addf %p, %z : f64
    linalg.yield %q : f64
  } -> tensor<?x3x4xf64>
  return %r : tensor<?x3x4xf64>
}

// Two reductions that are neighbours, a result that is stored transposed.
// CHECK-LABEL: @generic_two_reductions(
// CHECK: sparse_ir.matmul
func.func @generic_two_reductions(%b: tensor<2x2x3xf64>, %c: tensor<3x2xf64>) -> tensor<3x2xf64> {
  %a = arith.constant dense<[[[1., 0.], [2., 0.]], [[0., 0.], [0., 3.]]]> : tensor<2x2x2xf64>
  %r = linalg.generic {
         indexing_maps = [affine_map<(m, n, k, l) -> (m, k, l)>,
                          affine_map<(m, n, k, l) -> (k, l, n)>,
                          affine_map<(m, n, k, l) -> (n, m)>],
         iterator_types = ["parallel", "parallel", "reduction", "reduction"]}
         ins(%a, %b : tensor<2x2x2xf64>, tensor<2x2x3xf64>)
         outs(%c : tensor<3x2xf64>) {
  ^bb0(%x: f64, %y: f64, %z: f64):
    %p = arith.mulf %x, %y : f64
    %q = arith.addf %z, %p : f64
    linalg.yield %q : f64
  } -> tensor<3x2xf64>
  return %r : tensor<3x2xf64>
}

// Two batches that are no neighbours: two loops. The constant is brought into
// the order of the loops.
// CHECK-LABEL: @contract_two_batches(
// CHECK: scf.for
// CHECK: scf.for
// CHECK: sparse_ir.matmul
func.func @contract_two_batches(%b: tensor<2x3x2x4xf64>, %c: tensor<4x2x2x2xf64>) -> tensor<4x2x2x2xf64> {
  %a = arith.constant dense<[[[[1., 0., 0.], [0., 4., 0.]], [[0., 0., 0.], [0., 2., 0.]]],
                             [[[3., 0., 0.], [0., 0., 0.]], [[5., 0., 0.], [0., 6., 0.]]]]> : tensor<2x2x2x3xf64>
  %r = linalg.contract
         indexing_maps = [affine_map<(g, h, m, n, k) -> (g, m, h, k)>,
                          affine_map<(g, h, m, n, k) -> (g, k, h, n)>,
                          affine_map<(g, h, m, n, k) -> (n, h, g, m)>]
         ins(%a, %b : tensor<2x2x2x3xf64>, tensor<2x3x2x4xf64>)
         outs(%c : tensor<4x2x2x2xf64>) -> tensor<4x2x2x2xf64>
  return %r : tensor<4x2x2x2xf64>
}

// CHECK-LABEL: @widened(
// CHECK: sparse_ir.matmul
func.func @widened(%b: tensor<4x3xf32>, %c: tensor<2x3xf64>) -> tensor<2x3xf64> {
  %a = arith.constant dense<[[1., 0., 2., 0.], [0., 0., 0., 3.]]> : tensor<2x4xf32>
  %r = linalg.matmul ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>)
                     outs(%c : tensor<2x3xf64>) -> tensor<2x3xf64>
  return %r : tensor<2x3xf64>
}

// CHECK-LABEL: @conv_nhwc(
// CHECK: sparse_ir.matmul
func.func @conv_nhwc(%x: tensor<2x6x7x2xf64>, %c: tensor<2x3x2x3xf64>) -> tensor<2x3x2x3xf64> {
  %w = arith.constant dense<[[[[1., 0., 0.], [0., 2., 0.]], [[0., 0., 0.], [0., 0., 3.]], [[4., 0., 0.], [0., 0., 0.]]],
                             [[[0., 0., 5.], [6., 0., 0.]], [[0., 7., 0.], [0., 0., 0.]], [[0., 0., 0.], [0., 8., 0.]]]]> : tensor<2x3x2x3xf64>
  %r = linalg.conv_2d_nhwc_hwcf {strides = dense<[2, 3]> : tensor<2xi64>, dilations = dense<[1, 1]> : tensor<2xi64>}
         ins(%x, %w : tensor<2x6x7x2xf64>, tensor<2x3x2x3xf64>)
         outs(%c : tensor<2x3x2x3xf64>) -> tensor<2x3x2x3xf64>
  return %r : tensor<2x3x2x3xf64>
}

// CHECK-LABEL: @conv_nchw(
// CHECK: sparse_ir.matmul
func.func @conv_nchw(%x: tensor<2x2x6x7xf64>) -> tensor<2x3x4x6xf64> {
  %w = arith.constant dense<[[[[1., 0.], [0., 0.]], [[0., 2.], [0., 0.]]],
                             [[[0., 0.], [3., 0.]], [[0., 0.], [0., 0.]]],
                             [[[0., 4.], [0., 0.]], [[5., 0.], [0., 6.]]]]> : tensor<3x2x2x2xf64>
  %v = arith.constant 0.25 : f64
  %e = tensor.empty() : tensor<2x3x4x6xf64>
  %c = linalg.fill ins(%v : f64) outs(%e : tensor<2x3x4x6xf64>) -> tensor<2x3x4x6xf64>
  %r = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>, dilations = dense<[2, 1]> : tensor<2xi64>}
         ins(%x, %w : tensor<2x2x6x7xf64>, tensor<3x2x2x2xf64>)
         outs(%c : tensor<2x3x4x6xf64>) -> tensor<2x3x4x6xf64>
  return %r : tensor<2x3x4x6xf64>
}
