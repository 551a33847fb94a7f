// RUN: sparse-opt %s -split-input-file -verify-diagnostics | sparse-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @tensors
// CHECK: sparse_ir.convolution ins(%{{.*}}, %{{.*}} : tensor<1x7x7x5xf16>, tensor<1152xf16>) tables(%{{.*}}, %{{.*}}, %{{.*}} : tensor<16xi32>, tensor<2xi32>, tensor<8xi32>) outs(%{{.*}} : tensor<1x7x7x3xf32>) kernel [3, 3] dilation [1, 1] pad [1, 1] {block = 16 : i64, cols = 8 : i64, gather, pixels = 64 : i64, span = 8 : i64, stages = 3 : i64, taps = 9 : i64, warpgroups = 1 : i64} -> tensor<1x7x7x3xf32>
func.func @tensors(%x: tensor<1x7x7x5xf16>, %w: tensor<1152xf16>, %c: tensor<16xi32>, %b: tensor<2xi32>, %f: tensor<8xi32>, %o: tensor<1x7x7x3xf32>) -> tensor<1x7x7x3xf32> {
  %y = sparse_ir.convolution ins(%x, %w : tensor<1x7x7x5xf16>, tensor<1152xf16>) tables(%c, %b, %f : tensor<16xi32>, tensor<2xi32>, tensor<8xi32>) outs(%o : tensor<1x7x7x3xf32>) kernel [3, 3] dilation [1, 1] pad [1, 1] {pixels = 64, warpgroups = 1, cols = 8, span = 8, block = 16, taps = 9, stages = 3, gather} -> tensor<1x7x7x3xf32>
  return %y : tensor<1x7x7x3xf32>
}

// -----

// CHECK-LABEL: func.func @turns
// CHECK: sparse_ir.convolution {{.*}}, compact, launched = 132 : i64, pixels
func.func @turns(%x: tensor<1x7x7x8xf16>, %w: tensor<1152xf16>, %c: tensor<16xi32>, %b: tensor<2xi32>, %f: tensor<8xi32>, %o: tensor<1x7x7x3xf32>) -> tensor<1x7x7x3xf32> {
  %y = sparse_ir.convolution ins(%x, %w : tensor<1x7x7x8xf16>, tensor<1152xf16>) tables(%c, %b, %f : tensor<16xi32>, tensor<2xi32>, tensor<8xi32>) outs(%o : tensor<1x7x7x3xf32>) kernel [3, 3] dilation [1, 1] pad [1, 1] {pixels = 64, warpgroups = 1, cols = 8, span = 8, block = 16, taps = 9, stages = 3, launched = 132, compact} -> tensor<1x7x7x3xf32>
  return %y : tensor<1x7x7x3xf32>
}

// -----

func.func @gathered_turns(%x: tensor<1x7x7x8xf16>, %w: tensor<1152xf16>, %c: tensor<16xi32>, %b: tensor<2xi32>, %f: tensor<8xi32>, %o: tensor<1x7x7x3xf32>) -> tensor<1x7x7x3xf32> {
  // expected-error @+1 {{expects no negative number of blocks, and neither 'compact' nor 'launched' beside 'gather'}}
  %y = sparse_ir.convolution ins(%x, %w : tensor<1x7x7x8xf16>, tensor<1152xf16>) tables(%c, %b, %f : tensor<16xi32>, tensor<2xi32>, tensor<8xi32>) outs(%o : tensor<1x7x7x3xf32>) kernel [3, 3] dilation [1, 1] pad [1, 1] {pixels = 64, warpgroups = 1, cols = 8, span = 8, block = 16, taps = 9, stages = 3, launched = 132, gather} -> tensor<1x7x7x3xf32>
  return %y : tensor<1x7x7x3xf32>
}

// -----

func.func @filters(%x: memref<1x7x7x5xf16>, %w: memref<1151xf16>, %c: memref<16xi32>, %b: memref<2xi32>, %f: memref<8xi32>, %o: memref<1x7x7x3xf32>) {
  // expected-error @+1 {{expects 1152 values of filters, found 'memref<1151xf16>'}}
  sparse_ir.convolution ins(%x, %w : memref<1x7x7x5xf16>, memref<1151xf16>) tables(%c, %b, %f : memref<16xi32>, memref<2xi32>, memref<8xi32>) outs(%o : memref<1x7x7x3xf32>) kernel [3, 3] dilation [1, 1] pad [1, 1] {pixels = 64, warpgroups = 1, cols = 8, span = 8, block = 16, taps = 9, stages = 3, gather}
  return
}

// -----

func.func @columns(%x: memref<1x7x7x5xf16>, %w: memref<1152xf16>, %c: memref<16xi32>, %b: memref<3xi32>, %f: memref<8xi32>, %o: memref<1x7x7x3xf32>) {
  // expected-error @+1 {{expects whole blocks of channels and 8 columns for each panel, found 16 channels, 2 panels and 'memref<8xi32>'}}
  sparse_ir.convolution ins(%x, %w : memref<1x7x7x5xf16>, memref<1152xf16>) tables(%c, %b, %f : memref<16xi32>, memref<3xi32>, memref<8xi32>) outs(%o : memref<1x7x7x3xf32>) kernel [3, 3] dilation [1, 1] pad [1, 1] {pixels = 64, warpgroups = 1, cols = 8, span = 8, block = 16, taps = 9, stages = 3, gather}
  return
}

// -----

func.func @image(%x: memref<1x?x7x5xf16>, %w: memref<1152xf16>, %c: memref<16xi32>, %b: memref<2xi32>, %f: memref<8xi32>, %o: memref<1x7x7x3xf32>) {
  // expected-error @+1 {{expects static NHWC images, found 'memref<1x?x7x5xf16>'}}
  sparse_ir.convolution ins(%x, %w : memref<1x?x7x5xf16>, memref<1152xf16>) tables(%c, %b, %f : memref<16xi32>, memref<2xi32>, memref<8xi32>) outs(%o : memref<1x7x7x3xf32>) kernel [3, 3] dilation [1, 1] pad [1, 1] {pixels = 64, warpgroups = 1, cols = 8, span = 8, block = 16, taps = 9, stages = 3, gather}
  return
}

// -----

func.func @taps(%x: memref<1x7x7x5xf16>, %w: memref<1152xf16>, %c: memref<16xi32>, %b: memref<2xi32>, %f: memref<8xi32>, %o: memref<1x7x7x3xf32>) {
  // expected-error @+1 {{steps that part the taps, found 16, 8 and 2}}
  sparse_ir.convolution ins(%x, %w : memref<1x7x7x5xf16>, memref<1152xf16>) tables(%c, %b, %f : memref<16xi32>, memref<2xi32>, memref<8xi32>) outs(%o : memref<1x7x7x3xf32>) kernel [3, 3] dilation [1, 1] pad [1, 1] {pixels = 64, warpgroups = 1, cols = 8, span = 8, block = 16, taps = 2, stages = 3, gather}
  return
}

// -----

func.func @pad(%x: memref<1x7x7x5xf16>, %w: memref<1152xf16>, %c: memref<16xi32>, %b: memref<2xi32>, %f: memref<8xi32>, %o: memref<1x7x7x3xf32>) {
  // expected-error @+1 {{expects positive kernels and dilations and no negative padding}}
  sparse_ir.convolution ins(%x, %w : memref<1x7x7x5xf16>, memref<1152xf16>) tables(%c, %b, %f : memref<16xi32>, memref<2xi32>, memref<8xi32>) outs(%o : memref<1x7x7x3xf32>) kernel [3, 3] dilation [1, 1] pad [-1, 1] {pixels = 64, warpgroups = 1, cols = 8, span = 8, block = 16, taps = 9, stages = 3, gather}
  return
}
