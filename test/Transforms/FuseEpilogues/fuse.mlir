// RUN: sparse-opt %s -sparse-ir-fuse-epilogues="target=sapphirerapids" -cse --remarks-filter='sparse-ir.*' -o %t 2>&1 | FileCheck %s
// RUN: FileCheck %s --check-prefix=AFTER --input-file=%t
// RUN: sparse-opt %s -test-sparse-ir-equivalence='pipeline="sparse-ir-fuse-epilogues{target=sapphirerapids}"' -o /dev/null

#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 1, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
#h = #sparse_ir.strategy<intrinsic = "avx512-f16-f32", rows = 1, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
#t = #sparse_ir.chains<rows = 1, depth = 1, phases = 1, panel_rows = dense<[1, 0]> : tensor<2xi32>, chain_ptr = dense<[0, 1, 1]> : tensor<3xi32>, entries = dense<2> : tensor<1xi32>>
#id = affine_map<(i, j) -> (i, j)>
#swap = affine_map<(i, j) -> (j, i)>
#row = affine_map<(i, j) -> (i)>
#col = affine_map<(i, j) -> (j)>
#none = affine_map<(i, j) -> ()>

// A chain of named and generic ops, with a bias, a residual and two casts: one
// epilogue, and its numbers are the sums'.
// CHECK: remark: [Passed] sparse-ir-fuse-epilogues | Category:sparse-ir | bytes-per-column=16, fused=linalg.generic, operands=2, us-per-column=
// AFTER-LABEL: func.func @layer
// AFTER-NOT: linalg
// AFTER: %[[D:.*]] = tensor.empty(%{{.*}}) : tensor<2x?xf16>
// AFTER: %[[Y:.*]] = sparse_ir.kernel ins(%arg0, %arg1 : tensor<2x4xf32>, tensor<4x?xf32>) outs(%[[D]] : tensor<2x?xf16>)
// AFTER-SAME: {epilogue_maps = [#[[ROW:map[0-9]*]], #[[ID:map[0-9]*]]]} epilogue(%arg2, %arg3 : tensor<2xf32>, tensor<2x?xf16>) {
// AFTER-NEXT: ^bb0(%[[SUM:.*]]: f32, %[[B:.*]]: f32, %[[R:.*]]: f32):
// AFTER-NEXT:   %[[S1:.*]] = arith.addf %[[SUM]], %[[B]] : f32
// AFTER-NEXT:   %[[Z:.*]] = arith.constant 0.000000e+00 : f32
// AFTER-NEXT:   %[[S2:.*]] = arith.maximumf %[[S1]], %[[Z]] : f32
// AFTER-NEXT:   %[[S3:.*]] = arith.addf %[[S2]], %[[R]] : f32
// AFTER-NEXT:   sparse_ir.yield %[[S3]] : f32
// AFTER-NEXT: } -> tensor<2x?xf16>
// AFTER-NEXT: return %[[Y]]
func.func @layer(%a: tensor<2x4xf32>, %b: tensor<4x?xf32>, %bias: tensor<2xf32>, %r: tensor<2x?xf16>) -> tensor<2x?xf16> {
  %one = arith.constant 1 : index
  %n = tensor.dim %b, %one : tensor<4x?xf32>
  %e = tensor.empty(%n) : tensor<2x?xf32>
  %z = arith.constant 0.0 : f32
  %k = sparse_ir.kernel ins(%a, %b : tensor<2x4xf32>, tensor<4x?xf32>) outs(%e : tensor<2x?xf32>) of #t extents [2, -1, 4] strategy(#s) -> tensor<2x?xf32>
  %wide = linalg.broadcast ins(%bias : tensor<2xf32>) outs(%e : tensor<2x?xf32>) dimensions = [1]
  %1 = linalg.add ins(%k, %wide : tensor<2x?xf32>, tensor<2x?xf32>) outs(%e : tensor<2x?xf32>) -> tensor<2x?xf32>
  %2 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%1 : tensor<2x?xf32>) outs(%e : tensor<2x?xf32>) {
  ^bb0(%x: f32, %o: f32):
    %m = arith.maximumf %x, %z : f32
    linalg.yield %m : f32
  } -> tensor<2x?xf32>
  %d = tensor.empty(%n) : tensor<2x?xf16>
  %3 = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]} ins(%2, %r : tensor<2x?xf32>, tensor<2x?xf16>) outs(%d : tensor<2x?xf16>) {
  ^bb0(%x: f32, %y: f16, %o: f16):
    %narrow = arith.truncf %x : f32 to f16
    %m = arith.addf %narrow, %y : f16
    linalg.yield %m : f16
  } -> tensor<2x?xf16>
  return %3 : tensor<2x?xf16>
}

// Two uses that come together in one op; the result is the product transposed,
// and so are the operands' maps.
// CHECK: fused=linalg.generic
// AFTER-LABEL: func.func @swish
// AFTER: sparse_ir.kernel {{.*}} outs(%{{.*}} : tensor<3x2xf32>)
// AFTER-SAME: {epilogue_maps = [#[[ROW]], #[[SWAP:map[0-9]*]]], out_map = #[[SWAP]]} epilogue(%arg2, %arg3 : tensor<2xf32>, tensor<3x2xf32>)
// AFTER-NEXT: ^bb0(%[[SUM:.*]]: f32, %[[B:.*]]: f32, %[[R:.*]]: f32):
// AFTER-DAG:   %[[U:.*]] = arith.addf %[[SUM]], %[[B]]
// AFTER:       math.exp
// AFTER:       %[[G:.*]] = arith.divf
// AFTER:       arith.mulf %[[U]], %[[G]]
// AFTER:       -> tensor<3x2xf32>
// AFTER-NEXT: return
func.func @swish(%a: tensor<2x4xf32>, %b: tensor<4x3xf32>, %bias: tensor<2xf32>, %r: tensor<3x2xf32>) -> tensor<3x2xf32> {
  %e = tensor.empty() : tensor<2x3xf32>
  %d = tensor.empty() : tensor<3x2xf32>
  %one = arith.constant 1.0 : f32
  %k = sparse_ir.kernel ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%e : tensor<2x3xf32>) of #t extents [2, 3, 4] strategy(#s) -> tensor<2x3xf32>
  %u = linalg.generic {indexing_maps = [#swap, #col, #id], iterator_types = ["parallel", "parallel"]} ins(%k, %bias : tensor<2x3xf32>, tensor<2xf32>) outs(%d : tensor<3x2xf32>) {
  ^bb0(%x: f32, %y: f32, %o: f32):
    %m = arith.addf %x, %y : f32
    linalg.yield %m : f32
  } -> tensor<3x2xf32>
  %g = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%u : tensor<3x2xf32>) outs(%d : tensor<3x2xf32>) {
  ^bb0(%x: f32, %o: f32):
    %1 = arith.negf %x : f32
    %2 = math.exp %1 : f32
    %3 = arith.addf %2, %one : f32
    %4 = arith.divf %one, %3 : f32
    linalg.yield %4 : f32
  } -> tensor<3x2xf32>
  %p = linalg.mul ins(%u, %g : tensor<3x2xf32>, tensor<3x2xf32>) outs(%d : tensor<3x2xf32>) -> tensor<3x2xf32>
  %q = linalg.add ins(%p, %r : tensor<3x2xf32>, tensor<3x2xf32>) outs(%d : tensor<3x2xf32>) -> tensor<3x2xf32>
  return %q : tensor<3x2xf32>
}

// An initial value that is a bias, a copy or a constant: not made, not read as
// a whole. So is one whose kernel has an epilogue.
// CHECK: fused=init
// CHECK: fused=init
// CHECK: fused=init
// CHECK: bytes=48, fused=linalg.generic, operands=0
// AFTER-LABEL: func.func @inits
// AFTER-NOT: linalg
// AFTER: sparse_ir.kernel {{.*}} {epilogue_maps = [#[[ROW]]]} epilogue(%arg2 : tensor<2xf32>)
// AFTER: sparse_ir.kernel {{.*}} {epilogue_maps = [#[[ID]]]} epilogue(%arg3 : tensor<2x3xf32>)
// AFTER: sparse_ir.kernel {{.*}} epilogue {
// AFTER:   %[[C:.*]] = arith.constant 3.000000e+00
// AFTER:   arith.addf %{{.*}}, %[[C]]
// AFTER: sparse_ir.kernel {{.*}} {epilogue_maps = [#[[ID]]]} epilogue(%arg3 : tensor<2x3xf32>)
// AFTER:   arith.addf
// AFTER:   arith.negf
// AFTER-NOT: linalg
func.func @inits(%a: tensor<2x4xf32>, %b: tensor<4x3xf32>, %bias: tensor<2xf32>, %c: tensor<2x3xf32>) -> (tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>) {
  %e = tensor.empty() : tensor<2x3xf32>
  %three = arith.constant 3.0 : f32
  %i0 = linalg.broadcast ins(%bias : tensor<2xf32>) outs(%e : tensor<2x3xf32>) dimensions = [1]
  %i1 = linalg.copy ins(%c : tensor<2x3xf32>) outs(%e : tensor<2x3xf32>) -> tensor<2x3xf32>
  %i2 = linalg.fill ins(%three : f32) outs(%e : tensor<2x3xf32>) -> tensor<2x3xf32>
  %k0 = sparse_ir.kernel ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%i0 : tensor<2x3xf32>) of #t extents [2, 3, 4] strategy(#s) {accumulate} -> tensor<2x3xf32>
  %k1 = sparse_ir.kernel ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%i1 : tensor<2x3xf32>) of #t extents [2, 3, 4] strategy(#s) {accumulate} -> tensor<2x3xf32>
  %k2 = sparse_ir.kernel ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%i2 : tensor<2x3xf32>) of #t extents [2, 3, 4] strategy(#s) {accumulate} -> tensor<2x3xf32>
  %k3 = sparse_ir.kernel ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%c : tensor<2x3xf32>) of #t extents [2, 3, 4] strategy(#s) {accumulate} -> tensor<2x3xf32>
  %n = linalg.negf ins(%k3 : tensor<2x3xf32>) outs(%e : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %k0, %k1, %k2, %n : tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>
}

// Elements of two products: the second, whose operand the first is.
// AFTER-LABEL: func.func @two
// AFTER: %[[K0:.*]] = sparse_ir.kernel
// AFTER: sparse_ir.kernel {{.*}} epilogue(%{{.*}} : tensor<2x3xf32>)
// AFTER-NOT: linalg
func.func @two(%a: tensor<2x4xf32>, %b: tensor<4x3xf32>) -> tensor<2x3xf32> {
  %e = tensor.empty() : tensor<2x3xf32>
  %k0 = sparse_ir.kernel ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%e : tensor<2x3xf32>) of #t extents [2, 3, 4] strategy(#s) -> tensor<2x3xf32>
  %k1 = sparse_ir.kernel ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%e : tensor<2x3xf32>) of #t extents [2, 3, 4] strategy(#s) -> tensor<2x3xf32>
  %y = linalg.mul ins(%k0, %k1 : tensor<2x3xf32>, tensor<2x3xf32>) outs(%e : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}
