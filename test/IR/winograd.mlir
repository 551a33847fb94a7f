// RUN: sparse-opt %s -split-input-file -verify-diagnostics | sparse-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @tensors
// CHECK: sparse_ir.winograd_input ins(%{{.*}}, %{{.*}} : tensor<2x5x9x6xf32>, tensor<3xi32>) outs(%{{.*}} : tensor<36x3x12xf32>) pad [1, 1] tiles [3, 2] {lanes = 16 : i64} -> tensor<36x3x12xf32>
// CHECK: sparse_ir.winograd_output ins(%{{.*}}, %{{.*}} : tensor<36x3x12xf32>, tensor<7xi32>) outs(%{{.*}} : tensor<2x7x9x6xf32>) tiles [3, 2] {accumulate, lanes = 16 : i64} -> tensor<2x7x9x6xf32>
func.func @tensors(%x: tensor<2x5x9x6xf32>, %c: tensor<3xi32>, %e: tensor<36x3x12xf32>, %f: tensor<7xi32>, %o: tensor<2x7x9x6xf32>) -> tensor<2x7x9x6xf32> {
  %v = sparse_ir.winograd_input ins(%x, %c : tensor<2x5x9x6xf32>, tensor<3xi32>) outs(%e : tensor<36x3x12xf32>) pad [1, 1] tiles [3, 2] {lanes = 16} -> tensor<36x3x12xf32>
  %y = sparse_ir.winograd_output ins(%v, %f : tensor<36x3x12xf32>, tensor<7xi32>) outs(%o : tensor<2x7x9x6xf32>) tiles [3, 2] {lanes = 16, accumulate} -> tensor<2x7x9x6xf32>
  return %y : tensor<2x7x9x6xf32>
}

// -----

// CHECK-LABEL: func.func @memrefs
// CHECK: sparse_ir.winograd_input {{.*}} outs(%{{.*}} : memref<36x3x1xf32>) pad [0, 0] tiles [1, 1] {lanes = 8 : i64, nhwc}
// CHECK: sparse_ir.winograd_output {{.*}} outs(%{{.*}} : memref<1x4x4x3xf32>) tiles [1, 1] {lanes = 8 : i64, nhwc}
func.func @memrefs(%x: memref<1x6x6x3xf32>, %c: memref<3xi32>, %e: memref<36x3x1xf32>, %o: memref<1x4x4x3xf32>) {
  sparse_ir.winograd_input ins(%x, %c : memref<1x6x6x3xf32>, memref<3xi32>) outs(%e : memref<36x3x1xf32>) pad [0, 0] tiles [1, 1] {lanes = 8, nhwc}
  sparse_ir.winograd_output ins(%e, %c : memref<36x3x1xf32>, memref<3xi32>) outs(%o : memref<1x4x4x3xf32>) tiles [1, 1] {lanes = 8, nhwc}
  return
}

// -----

func.func @half(%x: memref<1x3x6x6xf16>, %c: memref<3xi32>, %e: memref<36x3x1xf32>) {
  // expected-error @+1 {{expects static images of rank 4 and f32, found 'memref<1x3x6x6xf16>'}}
  sparse_ir.winograd_input ins(%x, %c : memref<1x3x6x6xf16>, memref<3xi32>) outs(%e : memref<36x3x1xf32>) pad [0, 0] tiles [1, 1] {lanes = 8}
  return
}

// -----

func.func @no_tiles(%x: memref<1x3x6x6xf32>, %c: memref<3xi32>, %e: memref<36x3x1xf32>) {
  // expected-error @+1 {{expects two positive numbers of tiles, found [1, 0]}}
  sparse_ir.winograd_input ins(%x, %c : memref<1x3x6x6xf32>, memref<3xi32>) outs(%e : memref<36x3x1xf32>) pad [0, 0] tiles [1, 0] {lanes = 8}
  return
}

// -----

func.func @count(%x: memref<1x3x6x6xf32>, %c: memref<3xi32>, %e: memref<36x3x2xf32>) {
  // expected-error @+1 {{expects f32 tiles of 36 x channels x 1, found 'memref<36x3x2xf32>'}}
  sparse_ir.winograd_input ins(%x, %c : memref<1x3x6x6xf32>, memref<3xi32>) outs(%e : memref<36x3x2xf32>) pad [0, 0] tiles [1, 1] {lanes = 8}
  return
}

// -----

func.func @lanes(%x: memref<1x3x6x6xf32>, %c: memref<3xi32>, %e: memref<36x3x1xf32>) {
  // expected-error @+1 {{expects 4, 8 or 16 lanes, found 6}}
  sparse_ir.winograd_input ins(%x, %c : memref<1x3x6x6xf32>, memref<3xi32>) outs(%e : memref<36x3x1xf32>) pad [0, 0] tiles [1, 1] {lanes = 6}
  return
}

// -----

func.func @padding(%x: memref<1x3x6x6xf32>, %c: memref<3xi32>, %e: memref<36x3x1xf32>) {
  // expected-error @+1 {{expects two paddings that are not negative, found [-1, 0]}}
  sparse_ir.winograd_input ins(%x, %c : memref<1x3x6x6xf32>, memref<3xi32>) outs(%e : memref<36x3x1xf32>) pad [-1, 0] tiles [1, 1] {lanes = 8}
  return
}

// -----

func.func @uncovered(%x: memref<1x3x6x6xf32>, %c: memref<3xi32>, %e: memref<36x3x1xf32>) {
  // expected-error @+1 {{expects tiles that cover 1 of padding and 6 elements, found 1}}
  sparse_ir.winograd_input ins(%x, %c : memref<1x3x6x6xf32>, memref<3xi32>) outs(%e : memref<36x3x1xf32>) pad [0, 1] tiles [1, 1] {lanes = 8}
  return
}

// -----

func.func @table(%x: memref<1x3x6x6xf32>, %c: memref<2xi32>, %e: memref<36x3x1xf32>) {
  // expected-error @+1 {{expects a table of 3 i32, found 'memref<2xi32>'}}
  sparse_ir.winograd_input ins(%x, %c : memref<1x3x6x6xf32>, memref<2xi32>) outs(%e : memref<36x3x1xf32>) pad [0, 0] tiles [1, 1] {lanes = 8}
  return
}

// -----

func.func @channel(%x: tensor<1x3x6x6xf32>, %e: tensor<36x2x1xf32>) -> tensor<36x2x1xf32> {
  %c = arith.constant dense<[2, 3]> : tensor<2xi32>
  // expected-error @+1 {{expects numbers from 0 to 2, found 3}}
  %v = sparse_ir.winograd_input ins(%x, %c : tensor<1x3x6x6xf32>, tensor<2xi32>) outs(%e : tensor<36x2x1xf32>) pad [0, 0] tiles [1, 1] {lanes = 8} -> tensor<36x2x1xf32>
  return %v : tensor<36x2x1xf32>
}

// -----

func.func @filter(%m: tensor<36x2x1xf32>, %o: tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32> {
  %f = arith.constant dense<[1, -2, 0]> : tensor<3xi32>
  // expected-error @+1 {{expects numbers from -1 to 1, found -2}}
  %y = sparse_ir.winograd_output ins(%m, %f : tensor<36x2x1xf32>, tensor<3xi32>) outs(%o : tensor<1x3x4x4xf32>) tiles [1, 1] {lanes = 8} -> tensor<1x3x4x4xf32>
  return %y : tensor<1x3x4x4xf32>
}

// -----

func.func @too_many_tiles(%m: memref<36x2x2xf32>, %f: memref<3xi32>, %o: memref<1x3x4x4xf32>) {
  // expected-error @+1 {{expects 1 tiles for 4 elements, found 2}}
  sparse_ir.winograd_output ins(%m, %f : memref<36x2x2xf32>, memref<3xi32>) outs(%o : memref<1x3x4x4xf32>) tiles [2, 1] {lanes = 8}
  return
}

// -----

func.func @results(%m: tensor<36x2x1xf32>, %f: tensor<3xi32>, %o: tensor<1x3x4x4xf32>) {
  // expected-error @+1 {{expects one result of init's type for tensors}}
  sparse_ir.winograd_output ins(%m, %f : tensor<36x2x1xf32>, tensor<3xi32>) outs(%o : tensor<1x3x4x4xf32>) tiles [1, 1] {lanes = 8}
  return
}
