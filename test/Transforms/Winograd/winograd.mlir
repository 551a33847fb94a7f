// RUN: sparse-opt %s --sparse-ir-winograd="target=x86-64-v4 when=always" -mlir-print-local-scope --remarks-filter='sparse-ir.*' 2>&1 | FileCheck %s
// RUN: sparse-opt %s --sparse-ir-winograd="target=x86-64-v4 when=always images=1" | FileCheck %s --check-prefix=BLOCKS
// RUN: sparse-opt %s --sparse-ir-winograd="target=x86-64-v4 when=never" | FileCheck %s --check-prefix=NEVER
// RUN: sparse-opt %s --sparse-ir-winograd="target=sm_90a when=always" | FileCheck %s --check-prefix=NEVER
// RUN: sparse-opt %s --sparse-ir-winograd="target=x86-64-v4 when=always" --sparse-ir-raise --remarks-filter='sparse-ir.*' -o /dev/null 2>&1 | FileCheck %s --check-prefix=RAISED
// RUN: not sparse-opt %s --sparse-ir-winograd=when=sometimes 2>&1 | FileCheck %s --check-prefix=WHEN

// The same result, but that the transformed filters are rounded to f32.
// RUN: sparse-opt %s --test-sparse-ir-equivalence='pipeline="builtin.module(sparse-ir-winograd{target=x86-64-v4 when=always})" tolerance=1e-6' -o /dev/null
// RUN: sparse-opt %s --test-sparse-ir-equivalence='pipeline="builtin.module(sparse-ir-winograd{target=x86-64-v4 when=always images=1})" tolerance=1e-6' -o /dev/null

// CHECK-DAG: [Passed] sparse-ir-winograd | {{.*}}channels=1, direct-us={{.*}}, filters=2, images={{[12]}}, transforms-us={{.*}}, winograd-us=
// CHECK-DAG: [Passed] sparse-ir-winograd | {{.*}}channels=2, direct-us={{.*}}, filters=1, images=1,
// CHECK-DAG: [Missed] {{.*}}the convolution has strides or dilations
// CHECK-DAG: [Missed] {{.*}}the filter is not 3x3
// CHECK-DAG: [Missed] {{.*}}the filter is no constant
// CHECK-DAG: [Missed] {{.*}}the filter is zero
// CHECK-DAG: [Missed] {{.*}}the elements are not f32
// CHECK-DAG: [Missed] {{.*}}a pattern is given
// WHEN: expected when=best, always or never, found 'sometimes'
// NEVER-NOT: winograd_
// RAISED-COUNT-2: [Passed] sparse-ir-raise

// The padding goes into the op, the fill away. Channel 1 and filters 0 and 2 are
// kept.
// CHECK-LABEL: func.func @pruned
// CHECK-DAG: %[[W:.*]] = arith.constant dense{{.*}} : tensor<36x2x1xf32>
// CHECK-DAG: %[[C:.*]] = arith.constant dense<1> : tensor<1xi32>
// CHECK-DAG: %[[F:.*]] = arith.constant dense<[0, -1, 1]> : tensor<3xi32>
// CHECK-NOT: tensor.pad
// CHECK: %[[V:.*]] = sparse_ir.winograd_input ins(%{{.*}}, %[[C]] : tensor<{{[12]}}x2x5x9xf32>, tensor<1xi32>) outs(%{{.*}}) pad [1, 2] tiles [2, 3] {lanes = 16 : i64}
// CHECK: %[[M:.*]] = linalg.batch_matmul {sparse_ir.raise} ins(%[[W]], %[[V]]
// CHECK: sparse_ir.winograd_output ins(%[[M]], %[[F]] : {{.*}} tiles [2, 3] {lanes = 16 : i64}
// BLOCKS-LABEL: func.func @pruned
// BLOCKS: scf.for %[[N:.*]] = %{{.*}} to %{{.*}} step %{{.*}} iter_args(%[[ALL:.*]] = %
// BLOCKS-DAG: %[[O:.*]] = tensor.extract_slice %[[ALL]][%[[N]], 0, 0, 0] [1, 3, 6, 11]
// BLOCKS-DAG: %[[X:.*]] = tensor.extract_slice %arg0[%[[N]], 0, 0, 0] [1, 2, 5, 9]
// BLOCKS: sparse_ir.winograd_input ins(%[[X]],
// BLOCKS: %[[Y:.*]] = sparse_ir.winograd_output {{.*}} outs(%[[O]]
// BLOCKS: tensor.insert_slice %[[Y]] into %[[ALL]][%[[N]], 0, 0, 0]
func.func @pruned(%x: tensor<2x2x5x9xf32>) -> tensor<2x3x6x11xf32> {
  %w = arith.constant dense<[[[[0.0, 0.0, 0.0], [0.0, 0.0, -0.0], [0.0, 0.0, 0.0]], [[0.0, 0.0, 0.0], [0.0, 576.0, 0.0], [0.0, 0.0, 0.0]]], [[[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]], [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]], [[[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]], [[576.0, 1152.0, 1728.0], [0.0, -576.0, 2304.0], [576.0, 0.0, 2880.0]]]]> : tensor<3x2x3x3xf32>
  %z = arith.constant 0.0 : f32
  %p = tensor.pad %x low[0, 0, 1, 2] high[0, 0, 2, 2] {
  ^bb0(%a: index, %b: index, %c: index, %d: index):
    tensor.yield %z : f32
  } : tensor<2x2x5x9xf32> to tensor<2x2x8x13xf32>
  %e = tensor.empty() : tensor<2x3x6x11xf32>
  %i = linalg.fill ins(%z : f32) outs(%e : tensor<2x3x6x11xf32>) -> tensor<2x3x6x11xf32>
  %y = linalg.conv_2d_nchw_fchw ins(%p, %w : tensor<2x2x8x13xf32>, tensor<3x2x3x3xf32>) outs(%i : tensor<2x3x6x11xf32>) -> tensor<2x3x6x11xf32>
  return %y : tensor<2x3x6x11xf32>
}

// What init holds is added to; padding by ones stays.
// CHECK-LABEL: func.func @added
// CHECK: %[[P:.*]] = tensor.pad
// CHECK: sparse_ir.winograd_input ins(%[[P]], {{.*}} pad [0, 0] tiles [1, 2] {lanes = 16 : i64, nhwc}
// CHECK: sparse_ir.winograd_output {{.*}} outs(%arg1 : tensor<1x4x6x1xf32>) tiles [1, 2] {accumulate, lanes = 16 : i64, nhwc}
func.func @added(%x: tensor<1x5x8x2xf32>, %init: tensor<1x4x6x1xf32>) -> tensor<1x4x6x1xf32> {
  %w = arith.constant dense<576.0> : tensor<3x3x2x1xf32>
  %one = arith.constant 1.0 : f32
  %p = tensor.pad %x low[0, 1, 0, 0] high[0, 0, 0, 0] {
  ^bb0(%a: index, %b: index, %c: index, %d: index):
    tensor.yield %one : f32
  } : tensor<1x5x8x2xf32> to tensor<1x6x8x2xf32>
  %y = linalg.conv_2d_nhwc_hwcf ins(%p, %w : tensor<1x6x8x2xf32>, tensor<3x3x2x1xf32>) outs(%init : tensor<1x4x6x1xf32>) -> tensor<1x4x6x1xf32>
  return %y : tensor<1x4x6x1xf32>
}

// CHECK-LABEL: func.func @others
// CHECK-NOT: winograd_
func.func @others(%x: tensor<1x6x6x2xf32>, %h: tensor<1x6x6x2xf16>, %u: tensor<3x3x2x1xf32>, %a: tensor<1x2x2x1xf32>, %b: tensor<1x4x4x1xf32>, %c: tensor<1x4x4x1xf16>, %d: tensor<1x5x5x1xf32>) {
  %w = arith.constant dense<1.0> : tensor<3x3x2x1xf32>
  %w2 = arith.constant dense<1.0> : tensor<2x2x2x1xf32>
  %w0 = arith.constant dense<0.0> : tensor<3x3x2x1xf32>
  %wh = arith.constant dense<1.0> : tensor<3x3x2x1xf16>
  %0 = linalg.conv_2d_nhwc_hwcf {strides = dense<2> : tensor<2xi64>} ins(%x, %w : tensor<1x6x6x2xf32>, tensor<3x3x2x1xf32>) outs(%a : tensor<1x2x2x1xf32>) -> tensor<1x2x2x1xf32>
  %1 = linalg.conv_2d_nhwc_hwcf ins(%x, %w2 : tensor<1x6x6x2xf32>, tensor<2x2x2x1xf32>) outs(%d : tensor<1x5x5x1xf32>) -> tensor<1x5x5x1xf32>
  %2 = linalg.conv_2d_nhwc_hwcf ins(%x, %u : tensor<1x6x6x2xf32>, tensor<3x3x2x1xf32>) outs(%b : tensor<1x4x4x1xf32>) -> tensor<1x4x4x1xf32>
  %3 = linalg.conv_2d_nhwc_hwcf ins(%x, %w0 : tensor<1x6x6x2xf32>, tensor<3x3x2x1xf32>) outs(%b : tensor<1x4x4x1xf32>) -> tensor<1x4x4x1xf32>
  %4 = linalg.conv_2d_nhwc_hwcf ins(%h, %wh : tensor<1x6x6x2xf16>, tensor<3x3x2x1xf16>) outs(%c : tensor<1x4x4x1xf16>) -> tensor<1x4x4x1xf16>
  %5 = linalg.conv_2d_nhwc_hwcf {sparse_ir.rhs = #sparse_ir.sparsity<#sparse_ir.dense>} ins(%x, %w : tensor<1x6x6x2xf32>, tensor<3x3x2x1xf32>) outs(%b : tensor<1x4x4x1xf32>) -> tensor<1x4x4x1xf32>
  %6 = linalg.conv_2d_nhwc_hwcf {sparse_ir.winograd = false} ins(%x, %w : tensor<1x6x6x2xf32>, tensor<3x3x2x1xf32>) outs(%b : tensor<1x4x4x1xf32>) -> tensor<1x4x4x1xf32>
  return
}
