// RUN: sparse-opt %s -sparse-ir-fuse-attention="target=sm_90a" -canonicalize -split-input-file | FileCheck %s
// RUN: sparse-opt %s -sparse-ir-fuse-attention="target=sapphirerapids" -split-input-file | FileCheck %s --check-prefix=CPU

// CPU-NOT: sparse_ir.attention

#mask = #sparse_ir.sparsity<#sparse_ir.gst<window=3,stride=64>>
#id = affine_map<(b, i, j) -> (b, i, j)>

// The mask is the encoding of what the softmax reads; its pattern cuts it into
// two tables, the first of which has all rows.
// CHECK-LABEL: func.func @encoding
// CHECK-SAME: %[[Q:[a-z0-9]+]]: tensor<16x2048x64xf16>, %[[K:[a-z0-9]+]]: tensor<16x2048x64xf16>, %[[V:[a-z0-9]+]]: tensor<16x2048x64xf16>
// CHECK-NEXT: %[[E:.*]] = tensor.empty() : tensor<16x2048x64xf16>
// CHECK-NEXT: %[[R:.*]] = sparse_ir.attention ins(%[[Q]], %[[K]], %[[V]] : {{.*}}) outs(%[[E]] : {{.*}}) of [#tiles{{.*}}, #tiles{{.*}}] scale 1.250000e-01 strategy(#sparse_ir.strategy<intrinsic = "mma-f16", {{.*}}>) {sparse_ir.predicted_us = {fused = {{.*}}, separate = {{.*}}}}
// CHECK-NEXT: return %[[R]]
func.func @encoding(%q: tensor<16x2048x64xf16>, %k: tensor<16x2048x64xf16>, %v: tensor<16x2048x64xf16>) -> tensor<16x2048x64xf16> {
  %zero = arith.constant 0.0 : f16
  %e = tensor.empty() : tensor<16x2048x2048xf16, #mask>
  %z = linalg.fill ins(%zero : f16) outs(%e : tensor<16x2048x2048xf16, #mask>) -> tensor<16x2048x2048xf16, #mask>
  %s = linalg.batch_matmul indexing_maps = [affine_map<(b, m, n, k) -> (b, m, k)>, affine_map<(b, m, n, k) -> (b, n, k)>, affine_map<(b, m, n, k) -> (b, m, n)>]
         ins(%q, %k : tensor<16x2048x64xf16>, tensor<16x2048x64xf16>) outs(%z : tensor<16x2048x2048xf16, #mask>) -> tensor<16x2048x2048xf16, #mask>
  %scale = arith.constant 0.125 : f16
  %scaled = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
              ins(%s : tensor<16x2048x2048xf16, #mask>) outs(%e : tensor<16x2048x2048xf16, #mask>) {
  ^bb0(%x: f16, %o: f16):
    %m = arith.mulf %x, %scale : f16
    linalg.yield %m : f16
  } -> tensor<16x2048x2048xf16, #mask>
  %p = linalg.softmax dimension(2) ins(%scaled : tensor<16x2048x2048xf16, #mask>) outs(%e : tensor<16x2048x2048xf16, #mask>) -> tensor<16x2048x2048xf16, #mask>
  %ye = tensor.empty() : tensor<16x2048x64xf16>
  %yz = linalg.fill ins(%zero : f16) outs(%ye : tensor<16x2048x64xf16>) -> tensor<16x2048x64xf16>
  %y = linalg.batch_matmul ins(%p, %v : tensor<16x2048x2048xf16, #mask>, tensor<16x2048x64xf16>) outs(%yz : tensor<16x2048x64xf16>) -> tensor<16x2048x64xf16>
  return %y : tensor<16x2048x64xf16>
}

// -----

#rows = affine_map<(i, j) -> (i)>
#id = affine_map<(i, j) -> (i, j)>

// A constant is added; K is transposed by an op; scores are f32. The softmax is
// written out. Two scales are one.
// CHECK-LABEL: func.func @added
// CHECK-SAME: %[[Q:[a-z0-9]+]]: tensor<3x8xbf16>, %[[K:[a-z0-9]+]]: tensor<2x8xbf16>, %[[V:[a-z0-9]+]]: tensor<2x16xbf16>
// CHECK-NOT: linalg
// CHECK: %[[R:.*]] = sparse_ir.attention ins(%[[Q]], %[[K]], %[[V]] : {{.*}}) of [#tiles] scale 1.250000e-01
// CHECK-NOT: linalg
func.func @added(%q: tensor<3x8xbf16>, %k: tensor<2x8xbf16>, %v: tensor<2x16xbf16>) -> tensor<3x16xf32> {
  %mask = arith.constant dense<[[0.0, 0xFF800000], [-1.0e9, 0.0], [0.0, -0.0]]> : tensor<3x2xf32>
  %zero = arith.constant 0.0 : f32
  %low = arith.constant -1.0e38 : f32
  %four = arith.constant dense<4.0> : tensor<3x2xf32>
  %half = arith.constant 0.5 : f32
  %te = tensor.empty() : tensor<8x2xbf16>
  %kt = linalg.transpose ins(%k : tensor<2x8xbf16>) outs(%te : tensor<8x2xbf16>) permutation = [1, 0]
  %e = tensor.empty() : tensor<3x2xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<3x2xf32>) -> tensor<3x2xf32>
  %s = linalg.matmul ins(%q, %kt : tensor<3x8xbf16>, tensor<8x2xbf16>) outs(%z : tensor<3x2xf32>) -> tensor<3x2xf32>
  %s1 = linalg.div ins(%s, %four : tensor<3x2xf32>, tensor<3x2xf32>) outs(%e : tensor<3x2xf32>) -> tensor<3x2xf32>
  %s2 = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
          ins(%s1, %mask : tensor<3x2xf32>, tensor<3x2xf32>) outs(%e : tensor<3x2xf32>) {
  ^bb0(%x: f32, %m: f32, %o: f32):
    %h = arith.mulf %half, %x : f32
    %a = arith.addf %m, %h : f32
    linalg.yield %a : f32
  } -> tensor<3x2xf32>
  %re = tensor.empty() : tensor<3xf32>
  %lows = linalg.fill ins(%low : f32) outs(%re : tensor<3xf32>) -> tensor<3xf32>
  %max = linalg.reduce ins(%s2 : tensor<3x2xf32>) outs(%lows : tensor<3xf32>) dimensions = [1]
    (%in: f32, %out: f32) { %m = arith.maxnumf %in, %out : f32
                            linalg.yield %m : f32 }
  %maxes = linalg.broadcast ins(%max : tensor<3xf32>) outs(%e : tensor<3x2xf32>) dimensions = [1]
  %d = linalg.sub ins(%s2, %maxes : tensor<3x2xf32>, tensor<3x2xf32>) outs(%e : tensor<3x2xf32>) -> tensor<3x2xf32>
  %w = linalg.exp ins(%d : tensor<3x2xf32>) outs(%e : tensor<3x2xf32>) -> tensor<3x2xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%re : tensor<3xf32>) -> tensor<3xf32>
  %sum = linalg.generic {indexing_maps = [#id, #rows], iterator_types = ["parallel", "reduction"]}
           ins(%w : tensor<3x2xf32>) outs(%zeros : tensor<3xf32>) {
  ^bb0(%x: f32, %o: f32):
    %a = arith.addf %o, %x : f32
    linalg.yield %a : f32
  } -> tensor<3xf32>
  %pe = tensor.empty() : tensor<3x2xbf16>
  %keep = tensor.expand_shape %sum [[0, 1]] output_shape [3, 1] : tensor<3xf32> into tensor<3x1xf32>
  %p = linalg.generic {indexing_maps = [#id, affine_map<(i, j) -> (i, 0)>, #id], iterator_types = ["parallel", "parallel"]}
         ins(%w, %keep : tensor<3x2xf32>, tensor<3x1xf32>) outs(%pe : tensor<3x2xbf16>) {
  ^bb0(%x: f32, %t: f32, %o: bf16):
    %r = arith.divf %x, %t : f32
    %n = arith.truncf %r : f32 to bf16
    linalg.yield %n : bf16
  } -> tensor<3x2xbf16>
  %ye = tensor.empty() : tensor<3x16xf32>
  %yz = linalg.fill ins(%zero : f32) outs(%ye : tensor<3x16xf32>) -> tensor<3x16xf32>
  %y = linalg.matmul ins(%p, %v : tensor<3x2xbf16>, tensor<2x16xbf16>) outs(%yz : tensor<3x16xf32>) -> tensor<3x16xf32>
  return %y : tensor<3x16xf32>
}
