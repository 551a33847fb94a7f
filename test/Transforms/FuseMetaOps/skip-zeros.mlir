// RUN: sparse-opt %s -sparse-ir-results-to-destinations -sparse-ir-raise -sparse-ir-select-strategy='target=sapphirerapids allow-dense=false' -sparse-ir-segment -sparse-ir-group -sparse-ir-to-meta-dfg -sparse-ir-eliminate-layout -sparse-ir-fuse-meta-ops -canonicalize | FileCheck %s

// The fill of a result whose type has a mask is neither written nor read, by
// however many kernels there are: the caller's buffer holds zeros elsewhere.

#gst = #sparse_ir.sparsity<#sparse_ir.gst<window=20,stride=64>>
#o = #sparse_ir.sparsity<#sparse_ir.longformer<window=4>>

// CHECK-LABEL: func.func @two_kernels
// CHECK-NOT: linalg.fill
// CHECK: %[[E:.*]] = tensor.empty
// CHECK: %[[A:.*]] = sparse_ir.kernel {{.*}} outs(%[[E]]
// CHECK-NOT: accumulate
// CHECK: sparse_ir.kernel {{.*}} outs(%[[A]]
// CHECK-NOT: accumulate
// CHECK: return
func.func @two_kernels(%a: tensor<256x64xf32>, %b: tensor<64x256xf32>) -> tensor<256x256xf32, #gst> {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<256x256xf32, #gst>
  %c = linalg.fill ins(%z : f32) outs(%e : tensor<256x256xf32, #gst>) -> tensor<256x256xf32, #gst>
  %r = linalg.matmul ins(%a, %b : tensor<256x64xf32>, tensor<64x256xf32>) outs(%c : tensor<256x256xf32, #gst>) -> tensor<256x256xf32, #gst>
  return %r : tensor<256x256xf32, #gst>
}

// A result of a dense type has zeros outside of the mask. They are written, but
// not read: an element of the mask lies in one tile.
// CHECK-LABEL: func.func @dense_result
// CHECK: %[[Z:.*]] = linalg.fill
// CHECK: sparse_ir.kernel {{.*}} outs(%[[Z]]
// CHECK-NOT: accumulate
// CHECK: return
func.func @dense_result(%a: tensor<64x16xf32>, %b: tensor<16x64xf32>) -> tensor<64x64xf32> {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<64x64xf32>
  %c = linalg.fill ins(%z : f32) outs(%e : tensor<64x64xf32>) -> tensor<64x64xf32>
  %r = linalg.matmul {sparse_ir.out = #o} ins(%a, %b : tensor<64x16xf32>, tensor<16x64xf32>) outs(%c : tensor<64x64xf32>) -> tensor<64x64xf32>
  return %r : tensor<64x64xf32>
}

// So has what the function itself goes on to use.
// CHECK-LABEL: func.func @used
// CHECK: linalg.fill
// CHECK: sparse_ir.kernel
// CHECK-NOT: accumulate
// CHECK: return
func.func @used(%a: tensor<64x16xf32>, %b: tensor<16x64xf32>) -> (tensor<64x64xf32, #o>, f32) {
  %z = arith.constant 0.0 : f32
  %i = arith.constant 7 : index
  %e = tensor.empty() : tensor<64x64xf32, #o>
  %c = linalg.fill ins(%z : f32) outs(%e : tensor<64x64xf32, #o>) -> tensor<64x64xf32, #o>
  %r = linalg.matmul ins(%a, %b : tensor<64x16xf32>, tensor<16x64xf32>) outs(%c : tensor<64x64xf32, #o>) -> tensor<64x64xf32, #o>
  %x = tensor.extract %r[%i, %i] : tensor<64x64xf32, #o>
  return %r, %x : tensor<64x64xf32, #o>, f32
}

// Other values than zeros are read.
// CHECK-LABEL: func.func @ones
// CHECK: linalg.fill
// CHECK: sparse_ir.kernel
// CHECK-SAME: accumulate
func.func @ones(%a: tensor<64x16xf32>, %b: tensor<16x64xf32>) -> tensor<64x64xf32, #o> {
  %z = arith.constant 1.0 : f32
  %e = tensor.empty() : tensor<64x64xf32, #o>
  %c = linalg.fill ins(%z : f32) outs(%e : tensor<64x64xf32, #o>) -> tensor<64x64xf32, #o>
  %r = linalg.matmul ins(%a, %b : tensor<64x16xf32>, tensor<16x64xf32>) outs(%c : tensor<64x64xf32, #o>) -> tensor<64x64xf32, #o>
  return %r : tensor<64x64xf32, #o>
}

// Slices of a batch, by two kernels each.
// CHECK-LABEL: func.func @batch
// CHECK-NOT: linalg.fill
// CHECK: scf.for {{.*}} iter_args(%[[WHOLE:.*]] = %
// CHECK: %[[SLICE:.*]] = tensor.extract_slice %[[WHOLE]]
// CHECK: %[[A:.*]] = sparse_ir.kernel {{.*}} outs(%[[SLICE]]
// CHECK-NOT: accumulate
// CHECK: %[[B:.*]] = sparse_ir.kernel {{.*}} outs(%[[A]]
// CHECK-NOT: accumulate
// CHECK: tensor.insert_slice %[[B]] into %[[WHOLE]]
// CHECK: return
func.func @batch(%a: tensor<3x256x64xf32>, %b: tensor<3x64x256xf32>) -> tensor<3x256x256xf32, #gst> {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<3x256x256xf32, #gst>
  %c = linalg.fill ins(%z : f32) outs(%e : tensor<3x256x256xf32, #gst>) -> tensor<3x256x256xf32, #gst>
  %r = linalg.batch_matmul ins(%a, %b : tensor<3x256x64xf32>, tensor<3x64x256xf32>) outs(%c : tensor<3x256x256xf32, #gst>) -> tensor<3x256x256xf32, #gst>
  return %r : tensor<3x256x256xf32, #gst>
}
