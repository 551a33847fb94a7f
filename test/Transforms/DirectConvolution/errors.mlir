// RUN: sparse-opt %s -sparse-ir-direct-convolution=target=sm_90a -split-input-file -verify-diagnostics

func.func @count(%x: tensor<1x4x4x8xf16>) -> tensor<1x4x4x8xf16> {
  %w = arith.constant dense<1.0> : tensor<1x1x8x8xf16>
  %z = arith.constant 0.0 : f16
  %e = tensor.empty() : tensor<1x4x4x8xf16>
  %i = linalg.fill ins(%z : f16) outs(%e : tensor<1x4x4x8xf16>) -> tensor<1x4x4x8xf16>
  // expected-error @+1 {{expects 8 numbers of 'sparse_ir.tile', found 2}}
  %y = linalg.conv_2d_nhwc_hwcf {sparse_ir.tile = array<i64: 64, 1>} ins(%x, %w : tensor<1x4x4x8xf16>, tensor<1x1x8x8xf16>) outs(%i : tensor<1x4x4x8xf16>) -> tensor<1x4x4x8xf16>
  return %y : tensor<1x4x4x8xf16>
}

// -----

func.func @stages(%x: tensor<1x4x4x8xf16>) -> tensor<1x4x4x8xf16> {
  %w = arith.constant dense<1.0> : tensor<1x1x8x8xf16>
  %z = arith.constant 0.0 : f16
  %e = tensor.empty() : tensor<1x4x4x8xf16>
  %i = linalg.fill ins(%z : f16) outs(%e : tensor<1x4x4x8xf16>) -> tensor<1x4x4x8xf16>
  // expected-error @+1 {{has a tile that its kernel cannot take: [64, 1, 8, 16, 1, 1, 0, 0]}}
  %y = linalg.conv_2d_nhwc_hwcf {sparse_ir.tile = array<i64: 64, 1, 8, 16, 1, 1, 0, 0>} ins(%x, %w : tensor<1x4x4x8xf16>, tensor<1x1x8x8xf16>) outs(%i : tensor<1x4x4x8xf16>) -> tensor<1x4x4x8xf16>
  return %y : tensor<1x4x4x8xf16>
}
