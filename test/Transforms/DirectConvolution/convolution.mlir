// RUN: sparse-opt %s -sparse-ir-direct-convolution=target=sm_90a -mlir-print-local-scope --remarks-filter=sparse-ir 2>&1 | FileCheck %s
// RUN: sparse-opt %s -sparse-ir-direct-convolution=target=sm_80 | FileCheck %s --check-prefix=OTHER
// RUN: sparse-opt %s -sparse-ir-direct-convolution=target=x86-64-v4 | FileCheck %s --check-prefix=CPU

// CHECK-DAG: [Passed] sparse-ir-direct-convolution | {{.*}}channels=2, compact=no, filters=4, gather=yes, {{.*}}panels=1
// CHECK-DAG: [Missed] {{.*}}the convolution has strides
// CHECK-DAG: [Missed] {{.*}}the filter is no constant
// CHECK-DAG: [Missed] {{.*}}the result does not start from zero

// Without wgmma nothing changes, but all convolutions are raised on a GPU.
// OTHER-COUNT-4: linalg.conv_2d_nhwc_hwcf {{.*}}sparse_ir.raise
// CPU-COUNT-4: linalg.conv_2d_nhwc_hwcf
// CPU-NOT: sparse_ir.raise

// The padding goes into the op, the fill away. Channels 0 and 2 are kept.
// CHECK-LABEL: func.func @padded
// CHECK-NOT: tensor.pad
// CHECK-NOT: linalg.fill
// CHECK-DAG: %[[E:.*]] = tensor.empty() : tensor<1x5x5x4xf16>
// CHECK-DAG: %[[C:.*]] = arith.constant dense<[0, 2, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1]> : tensor<16xi32>
// CHECK-DAG: %[[B:.*]] = arith.constant dense<[0, 4]> : tensor<2xi32>
// CHECK-DAG: %[[F:.*]] = arith.constant dense<[0, 1, 2, 3, -1, -1, -1, -1]> : tensor<8xi32>
// CHECK: %[[R:.*]] = sparse_ir.convolution ins(%arg0, %{{.*}} : tensor<1x4x5x3xf16>, tensor<128xf16>) tables(%[[C]], %[[B]], %[[F]] : tensor<16xi32>, tensor<2xi32>, tensor<8xi32>) outs(%[[E]] : tensor<1x5x5x4xf16>) kernel [1, 1] dilation [1, 1] pad [1, 0] {{{.*}}gather, natural{{.*}}}
// CHECK: return %[[R]]
func.func @padded(%x: tensor<1x4x5x3xf16>) -> tensor<1x5x5x4xf16> {
  %w = arith.constant dense<[[[[1.0, 1.0, 1.0, 1.0], [0.0, -0.0, 0.0, 0.0], [2.0, 2.0, 2.0, 2.0]]]]> : tensor<1x1x3x4xf16>
  %z = arith.constant 0.0 : f16
  %p = tensor.pad %x low[0, 1, 0, 0] high[0, 0, 0, 0] {
  ^bb0(%a: index, %b: index, %c: index, %d: index):
    tensor.yield %z : f16
  } : tensor<1x4x5x3xf16> to tensor<1x5x5x3xf16>
  %e = tensor.empty() : tensor<1x5x5x4xf16>
  %i = linalg.fill ins(%z : f16) outs(%e : tensor<1x5x5x4xf16>) -> tensor<1x5x5x4xf16>
  %y = linalg.conv_2d_nhwc_hwcf ins(%p, %w : tensor<1x5x5x3xf16>, tensor<1x1x3x4xf16>) outs(%i : tensor<1x5x5x4xf16>) -> tensor<1x5x5x4xf16>
  return %y : tensor<1x5x5x4xf16>
}

// CHECK-LABEL: func.func @strided
// CHECK: linalg.conv_2d_nhwc_hwcf {{.*}}sparse_ir.raise
func.func @strided(%x: tensor<1x4x4x8xf16>) -> tensor<1x2x2x8xf16> {
  %w = arith.constant dense<1.0> : tensor<1x1x8x8xf16>
  %z = arith.constant 0.0 : f16
  %e = tensor.empty() : tensor<1x2x2x8xf16>
  %i = linalg.fill ins(%z : f16) outs(%e : tensor<1x2x2x8xf16>) -> tensor<1x2x2x8xf16>
  %y = linalg.conv_2d_nhwc_hwcf {strides = dense<2> : vector<2xi64>} ins(%x, %w : tensor<1x4x4x8xf16>, tensor<1x1x8x8xf16>) outs(%i : tensor<1x2x2x8xf16>) -> tensor<1x2x2x8xf16>
  return %y : tensor<1x2x2x8xf16>
}

// CHECK-LABEL: func.func @dynamic_filter
// CHECK: linalg.conv_2d_nhwc_hwcf
func.func @dynamic_filter(%x: tensor<1x4x4x8xf16>, %w: tensor<1x1x8x8xf16>) -> tensor<1x4x4x8xf16> {
  %z = arith.constant 0.0 : f16
  %e = tensor.empty() : tensor<1x4x4x8xf16>
  %i = linalg.fill ins(%z : f16) outs(%e : tensor<1x4x4x8xf16>) -> tensor<1x4x4x8xf16>
  %y = linalg.conv_2d_nhwc_hwcf ins(%x, %w : tensor<1x4x4x8xf16>, tensor<1x1x8x8xf16>) outs(%i : tensor<1x4x4x8xf16>) -> tensor<1x4x4x8xf16>
  return %y : tensor<1x4x4x8xf16>
}

// CHECK-LABEL: func.func @added
// CHECK: linalg.conv_2d_nhwc_hwcf
func.func @added(%x: tensor<1x4x4x8xf16>, %i: tensor<1x4x4x8xf16>) -> tensor<1x4x4x8xf16> {
  %w = arith.constant dense<1.0> : tensor<1x1x8x8xf16>
  %y = linalg.conv_2d_nhwc_hwcf ins(%x, %w : tensor<1x4x4x8xf16>, tensor<1x1x8x8xf16>) outs(%i : tensor<1x4x4x8xf16>) -> tensor<1x4x4x8xf16>
  return %y : tensor<1x4x4x8xf16>
}
