// RUN: sparse-opt %s --sparse-ir-raise | FileCheck %s
// RUN: sparse-opt %s --sparse-ir-raise=target=sm_89 | FileCheck %s
// RUN: sparse-opt %s --sparse-ir-raise=target=sm_80 | FileCheck %s --check-prefix=SM80
// RUN: sparse-opt %s --sparse-ir-raise=target=sm_80 --remarks-filter='sparse-ir.*' -o /dev/null 2>&1 | FileCheck %s --check-prefix=SM80-MISSED
// RUN: sparse-opt %s --sparse-ir-raise=target=x86-64-v4 --remarks-filter='sparse-ir.*' -o /dev/null 2>&1 | FileCheck %s --check-prefix=CPU

// Products of 8-bit elements, where the target multiplies them.

// A value of -128 is no zero.
// CHECK-LABEL: @integers
// CHECK: sparse_ir.matmul {{.*}}<2:4>, #sparse_ir.mask<["1010", "0101"]>
// SM80-LABEL: @integers
// SM80: sparse_ir.matmul
// CPU: target 'x86-64-v4' has no kernels for elements of type i8
func.func @integers(%b: tensor<4x3xi8>, %c: tensor<2x3xi32>) -> tensor<2x3xi32> {
  %a = arith.constant dense<[[-128, 0, 2, 0], [0, 6, 0, 127]]> : tensor<2x4xi8>
  %r = linalg.matmul ins(%a, %b : tensor<2x4xi8>, tensor<4x3xi8>) outs(%c : tensor<2x3xi32>) -> tensor<2x3xi32>
  return %r : tensor<2x3xi32>
}

// A transposed rhs, in a generic op.
// CHECK-LABEL: @generic
// CHECK: sparse_ir.matmul {{.*}} outs(%{{.*}} : tensor<2x3xi32>)
func.func @generic(%b: tensor<3x4xi8>, %c: tensor<2x3xi32>) -> tensor<2x3xi32> {
  %a = arith.constant dense<[[-128, 0, 2, 0], [0, 6, 0, 127]]> : tensor<2x4xi8>
  %r = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (j, k)>, affine_map<(i, j, k) -> (i, j)>], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %b : tensor<2x4xi8>, tensor<3x4xi8>) outs(%c : tensor<2x3xi32>) {
  ^bb0(%x: i8, %y: i8, %z: i32):
    %u = arith.extsi %x : i8 to i32
    %v = arith.extsi %y : i8 to i32
    %p = arith.muli %u, %v : i32
    %s = arith.addi %z, %p : i32
    linalg.yield %s : i32
  } -> tensor<2x3xi32>
  return %r : tensor<2x3xi32>
}

// What has no sign is not multiplied as if it had one.
// CHECK-LABEL: @unsigned
// CHECK: linalg.matmul
func.func @unsigned(%b: tensor<4x3xi8>, %c: tensor<2x3xi32>) -> tensor<2x3xi32> {
  %a = arith.constant dense<[[-128, 0, 2, 0], [0, 6, 0, 127]]> : tensor<2x4xi8>
  %r = linalg.matmul {cast = #linalg.type_fn<cast_unsigned>} ins(%a, %b : tensor<2x4xi8>, tensor<4x3xi8>) outs(%c : tensor<2x3xi32>) -> tensor<2x3xi32>
  return %r : tensor<2x3xi32>
}

// Zeros have a sign (0x80).
// CHECK-LABEL: @floats
// CHECK: sparse_ir.matmul {{.*}}#sparse_ir.mask<["1010", "0101"]>
// SM80-LABEL: @floats
// SM80: linalg.matmul
// SM80-MISSED: target 'sm_80' has no kernels for elements of type f8E4M3FN
func.func @floats(%b: tensor<4x3xf8E4M3FN>, %c: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %a = arith.constant dense<[[1.0, -0.0, 2.0, 0.0], [-0.0, 6.0, 0.0, 3.5]]> : tensor<2x4xf8E4M3FN>
  %r = linalg.matmul ins(%a, %b : tensor<2x4xf8E4M3FN>, tensor<4x3xf8E4M3FN>) outs(%c : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %r : tensor<2x3xf32>
}

// CHECK-LABEL: @convolution
// CHECK: linalg.conv_2d_nhwc_hwcf
func.func @convolution(%x: tensor<1x4x4x2xi8>, %c: tensor<1x4x4x4xi32>) -> tensor<1x4x4x4xi32> {
  %w = arith.constant dense<0> : tensor<1x1x2x4xi8>
  %r = linalg.conv_2d_nhwc_hwcf ins(%x, %w : tensor<1x4x4x2xi8>, tensor<1x1x2x4xi8>) outs(%c : tensor<1x4x4x4xi32>) -> tensor<1x4x4x4xi32>
  return %r : tensor<1x4x4x4xi32>
}
