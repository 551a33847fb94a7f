// RUN: sparse-opt %s -sparse-ir-fuse-epilogues="target=sapphirerapids" --remarks-filter='sparse-ir.*' -o %t 2>&1 | FileCheck %s
// RUN: FileCheck %s --check-prefix=AFTER --input-file=%t
// RUN: not sparse-opt %s -sparse-ir-fuse-epilogues="target=nothing" 2>&1 | FileCheck %s --check-prefix=ERROR
// ERROR: error: in target 'nothing': {{.+}}

// What stays as it is, and why.

#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 1, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
#all = #sparse_ir.chains<rows = 1, depth = 1, phases = 1, panel_rows = dense<[1, 0]> : tensor<2xi32>, chain_ptr = dense<[0, 1, 1]> : tensor<3xi32>, entries = dense<2> : tensor<1xi32>>
#some = #sparse_ir.chains<rows = 1, depth = 1, phases = 1, panel_rows = dense<1> : tensor<1xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<2> : tensor<1xi32>>
#phases = #sparse_ir.chains<rows = 1, depth = 1, phases = 2, panel_rows = dense<[1, 0]> : tensor<2xi32>, chain_ptr = dense<[0, 1, 1, 1, 2]> : tensor<5xi32>, entries = dense<[1, 2]> : tensor<2xi32>>
#ranges = #sparse_ir.ranges<i = 2, j = -1, k = 1, points = dense<[[0, 0, 1]]> : tensor<1x3xi32>>
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>

// CHECK: [[@LINE+5]]:8: remark: [Missed] sparse-ir-fuse-epilogues | Category:sparse-ir | Reason="the table does not list all rows of the result"
// AFTER-LABEL: func.func @rows
// AFTER: sparse_ir.kernel {{.*}} {accumulate} -> tensor<2x3xf32>
// AFTER: linalg.generic
func.func @rows(%a: tensor<2x4xf32>, %b: tensor<4x3xf32>, %c: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %k = sparse_ir.kernel ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%c : tensor<2x3xf32>) of #some extents [2, 3, 4] strategy(#s) {accumulate} -> tensor<2x3xf32>
  %y = linalg.negf ins(%k : tensor<2x3xf32>) outs(%c : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}
// CHECK: Reason="an element of the result is written more than once"
// CHECK: Reason="an element of the result is written more than once"
// AFTER-LABEL: func.func @phases
// AFTER-NOT: epilogue
func.func @phases(%a: tensor<2x4xf32>, %b: tensor<4x3xf32>, %c: tensor<2x3xf32>) -> (tensor<2x3xf32>, tensor<2x3xf32>) {
  %k = sparse_ir.kernel ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%c : tensor<2x3xf32>) of #phases extents [2, 3, 4] strategy(#s) -> tensor<2x3xf32>
  %y = linalg.negf ins(%k : tensor<2x3xf32>) outs(%c : tensor<2x3xf32>) -> tensor<2x3xf32>
  %l = sparse_ir.kernel ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%c : tensor<2x3xf32>) of #ranges extents [2, 3, 4] strategy(#s) {accumulate} -> tensor<2x3xf32>
  %z = linalg.negf ins(%l : tensor<2x3xf32>) outs(%c : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %y, %z : tensor<2x3xf32>, tensor<2x3xf32>
}
// CHECK: Reason="the result has several uses"
// AFTER-LABEL: func.func @uses
// AFTER-NOT: epilogue
func.func @uses(%a: tensor<2x4xf32>, %b: tensor<4x3xf32>, %c: tensor<2x3xf32>) -> (tensor<2x3xf32>, tensor<2x3xf32>) {
  %k = sparse_ir.kernel ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%c : tensor<2x3xf32>) of #all extents [2, 3, 4] strategy(#s) -> tensor<2x3xf32>
  %y = linalg.negf ins(%k : tensor<2x3xf32>) outs(%c : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %k, %y : tensor<2x3xf32>, tensor<2x3xf32>
}
// CHECK: Reason="an op on the result is not in the list of what epilogues hold"
// CHECK: Reason="an op on the result has numbers that are wider than the sums"
// CHECK: Reason="an op on the result uses a number that is no constant"
// AFTER-LABEL: func.func @bodies
// AFTER-NOT: epilogue
func.func @bodies(%a: tensor<2x4xf32>, %b: tensor<4x3xf32>, %c: tensor<2x3xf32>, %w: tensor<2xf64>, %f: f32) -> (tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>) {
  %k0 = sparse_ir.kernel ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%c : tensor<2x3xf32>) of #all extents [2, 3, 4] strategy(#s) -> tensor<2x3xf32>
  %y0 = linalg.log ins(%k0 : tensor<2x3xf32>) outs(%c : tensor<2x3xf32>) -> tensor<2x3xf32>
  %k1 = sparse_ir.kernel ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%c : tensor<2x3xf32>) of #all extents [2, 3, 4] strategy(#s) -> tensor<2x3xf32>
  %y1 = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]} ins(%k1, %w : tensor<2x3xf32>, tensor<2xf64>) outs(%c : tensor<2x3xf32>) {
  ^bb0(%x: f32, %y: f64, %o: f32):
    %1 = arith.extf %x : f32 to f64
    %2 = arith.addf %1, %y : f64
    %3 = arith.truncf %2 : f64 to f32
    linalg.yield %3 : f32
  } -> tensor<2x3xf32>
  %k2 = sparse_ir.kernel ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%c : tensor<2x3xf32>) of #all extents [2, 3, 4] strategy(#s) -> tensor<2x3xf32>
  %y2 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%k2 : tensor<2x3xf32>) outs(%c : tensor<2x3xf32>) {
  ^bb0(%x: f32, %o: f32):
    %1 = arith.mulf %x, %f : f32
    linalg.yield %1 : f32
  } -> tensor<2x3xf32>
  return %y0, %y1, %y2 : tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>
}
// An initial value that is there anyway is added to in its place.
// CHECK-NOT: fuse-epilogues
// AFTER-LABEL: func.func @added
// AFTER: sparse_ir.kernel {{.*}} {accumulate}
func.func @added(%a: tensor<2x4xf32>, %b: tensor<4x3xf32>, %c: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %k = sparse_ir.kernel ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%c : tensor<2x3xf32>) of #all extents [2, 3, 4] strategy(#s) {accumulate} -> tensor<2x3xf32>
  return %k : tensor<2x3xf32>
}
