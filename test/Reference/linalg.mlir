// RUN: sparse-opt %s -split-input-file -test-sparse-ir-evaluate | FileCheck %s

// CHECK: named#0: 2x2 sum 163 [22, 28; 49, 64]
// CHECK: named#1: 3x2 sum 21 [1, 4; 2, 5; 3, 6]
// CHECK: named#2: 2x2x3 sum 42 [1, 2, 3; 4, 5, 6; 1, 2, 3; 4, 5, 6]
// CHECK: named#3: 2 sum 21 [6, 15]
// CHECK: named#4: 2x3 sum 91 [1, 4, 9; 16, 25, 36]
func.func @named() -> (tensor<2x2xf32>, tensor<3x2xf32>, tensor<2x2x3xf32>, tensor<2xf32>, tensor<2x3xf32>) {
  %a = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %b = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %zero = arith.constant 0.0 : f32
  %e0 = tensor.empty() : tensor<2x2xf32>
  %f0 = linalg.fill ins(%zero : f32) outs(%e0 : tensor<2x2xf32>) -> tensor<2x2xf32>
  %r0 = linalg.matmul ins(%a, %b : tensor<2x3xf32>, tensor<3x2xf32>)
                      outs(%f0 : tensor<2x2xf32>) -> tensor<2x2xf32>
  %e1 = tensor.empty() : tensor<3x2xf32>
  %r1 = linalg.transpose ins(%a : tensor<2x3xf32>) outs(%e1 : tensor<3x2xf32>)
          permutation = [1, 0]
  %e2 = tensor.empty() : tensor<2x2x3xf32>
  %r2 = linalg.broadcast ins(%a : tensor<2x3xf32>) outs(%e2 : tensor<2x2x3xf32>)
          dimensions = [0]
  %e3 = tensor.empty() : tensor<2xf32>
  %f3 = linalg.fill ins(%zero : f32) outs(%e3 : tensor<2xf32>) -> tensor<2xf32>
  %r3 = linalg.reduce { arith.addf } ins(%a : tensor<2x3xf32>)
          outs(%f3 : tensor<2xf32>) dimensions = [1]
  %e4 = tensor.empty() : tensor<2x3xf32>
  %r4 = linalg.map { arith.mulf } ins(%a, %a : tensor<2x3xf32>, tensor<2x3xf32>)
          outs(%e4 : tensor<2x3xf32>)
  return %r0, %r1, %r2, %r3, %r4
    : tensor<2x2xf32>, tensor<3x2xf32>, tensor<2x2x3xf32>, tensor<2xf32>, tensor<2x3xf32>
}

// Output sparsity on a linalg op: what is not in the mask stays as it is.
// CHECK: masked#0: 2x2 sum 93 [22, 7; 0, 64]
func.func @masked() -> tensor<2x2xf32> {
  %a = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %b = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %c = arith.constant dense<[[0.0, 7.0], [0.0, 0.0]]> : tensor<2x2xf32>
  %r = linalg.matmul {sparse_ir.out = #sparse_ir.sparsity<#sparse_ir.unstructured,
                                        #sparse_ir.mask<["10", "01"]>>}
         ins(%a, %b : tensor<2x3xf32>, tensor<3x2xf32>)
         outs(%c : tensor<2x2xf32>) -> tensor<2x2xf32>
  return %r : tensor<2x2xf32>
}

// A window sum in one dimension, by its indexing map; the size is dynamic.
#in = affine_map<(i, w) -> (i + w)>
#window = affine_map<(i, w) -> (w)>
#sum = affine_map<(i, w) -> (i)>
// CHECK: window#0: 3 sum 18 [3, 6, 9]
// CHECK: window#1: 3 sum 3 [0, 1, 2]
func.func @window() -> (tensor<?xf32>, tensor<3xi32>) {
  %x = arith.constant dense<[0.0, 1.0, 2.0, 3.0, 4.0]> : tensor<5xf32>
  %d = tensor.cast %x : tensor<5xf32> to tensor<?xf32>
  %w = tensor.empty() : tensor<3xf32>
  %c = arith.constant dense<0.0> : tensor<3xf32>
  %cd = tensor.cast %c : tensor<3xf32> to tensor<?xf32>
  %r = linalg.generic {indexing_maps = [#in, #window, #sum],
                       iterator_types = ["parallel", "reduction"]}
       ins(%d, %w : tensor<?xf32>, tensor<3xf32>) outs(%cd : tensor<?xf32>) {
  ^bb0(%in: f32, %unused: f32, %out: f32):
    %s = arith.addf %in, %out : f32
    linalg.yield %s : f32
  } -> tensor<?xf32>
  %e = tensor.empty() : tensor<3xi32>
  %i = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>],
                       iterator_types = ["parallel"]}
       outs(%e : tensor<3xi32>) {
  ^bb0(%out: i32):
    %at = linalg.index 0 : index
    %cast = arith.index_cast %at : index to i32
    linalg.yield %cast : i32
  } -> tensor<3xi32>
  return %r, %i : tensor<?xf32>, tensor<3xi32>
}

// A convolution, and a body that gathers with tensor.extract.
// CHECK: gather#0: 1x1x2x1 sum 12 [5; 7]
// CHECK: gather#1: 3 sum 7 [4, 1, 2]
func.func @gather() -> (tensor<1x1x2x1xf32>, tensor<3xf32>) {
  %image = arith.constant dense<[[[[1.0], [2.0], [3.0]]]]> : tensor<1x1x3x1xf32>
  %filter = arith.constant dense<[[[[1.0]], [[2.0]]]]> : tensor<1x2x1x1xf32>
  %c0 = arith.constant dense<[[[[0.0], [-1.0]]]]> : tensor<1x1x2x1xf32>
  %conv = linalg.conv_2d_nhwc_hwcf
            ins(%image, %filter : tensor<1x1x3x1xf32>, tensor<1x2x1x1xf32>)
            outs(%c0 : tensor<1x1x2x1xf32>) -> tensor<1x1x2x1xf32>
  %values = arith.constant dense<[1.0, 2.0, 4.0]> : tensor<3xf32>
  %order = arith.constant dense<[2, 0, 1]> : tensor<3xindex>
  %e = tensor.empty() : tensor<3xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>],
                       iterator_types = ["parallel"]}
       ins(%order : tensor<3xindex>) outs(%e : tensor<3xf32>) {
  ^bb0(%at: index, %out: f32):
    %v = tensor.extract %values[%at] : tensor<3xf32>
    linalg.yield %v : f32
  } -> tensor<3xf32>
  return %conv, %r : tensor<1x1x2x1xf32>, tensor<3xf32>
}

// The same by the encoding of the type, for each matrix of a batch.
#encoding = #sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["01"]>>
// CHECK: encoded#0: 2x1x2 sum 4 [0, 2; 0, 2]
func.func @encoded() -> tensor<2x1x2xf32, #encoding> {
  %a = arith.constant dense<1.0> : tensor<2x1x2xf32>
  %b = arith.constant dense<1.0> : tensor<2x2x2xf32>
  %c = arith.constant dense<0.0> : tensor<2x1x2xf32, #encoding>
  %r = linalg.batch_matmul ins(%a, %b : tensor<2x1x2xf32>, tensor<2x2x2xf32>)
         outs(%c : tensor<2x1x2xf32, #encoding>) -> tensor<2x1x2xf32, #encoding>
  return %r : tensor<2x1x2xf32, #encoding>
}
