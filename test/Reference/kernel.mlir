// RUN: sparse-opt %s -split-input-file -test-sparse-ir-evaluate | FileCheck %s

#strategy = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 1,
  vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
#chains = #sparse_ir.chains<rows = 2, depth = 1, phases = 1,
  panel_rows = dense<[2, 0, 1, -1]> : tensor<4xi32>,
  chain_ptr = dense<[0, 2, 3]> : tensor<3xi32>,
  entries = dense<[0, 2, 1]> : tensor<3xi32>>
// The same meta-ops, k cut into two phases; one chain is empty.
#phases = #sparse_ir.chains<rows = 2, depth = 1, phases = 2,
  panel_rows = dense<[2, 0, 1, -1]> : tensor<4xi32>,
  chain_ptr = dense<[0, 1, 2, 3, 3]> : tensor<5xi32>,
  entries = dense<[0, 1, 2]> : tensor<3xi32>>

// Without `accumulate` the initial value counts as zero.
// CHECK: chains#0: 3x2 sum 191 [16, 20; 15, 20; 52, 68]
// CHECK: chains#1: 3x2 sum 401 [26, 40; 45, 60; 102, 128]
// CHECK: chains#2: 3x2 sum 191 [16, 20; 15, 20; 52, 68]
func.func @chains() -> (tensor<3x2xf32>, tensor<3x2xf32>, tensor<3x2xf32>) {
  %a = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]> : tensor<3x3xf32>
  %b = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %c = arith.constant dense<[[10.0, 20.0], [30.0, 40.0], [50.0, 60.0]]> : tensor<3x2xf32>
  %undefined = tensor.empty() : tensor<3x2xf32>
  %x = sparse_ir.kernel ins(%a, %b : tensor<3x3xf32>, tensor<3x2xf32>)
         outs(%undefined : tensor<3x2xf32>) of #chains extents [3, -1, 3]
         strategy(#strategy) -> tensor<3x2xf32>
  %y = sparse_ir.kernel ins(%a, %b : tensor<3x3xf32>, tensor<3x2xf32>)
         outs(%c : tensor<3x2xf32>) of #chains extents [3, 2, 3]
         strategy(#strategy) {accumulate} -> tensor<3x2xf32>
  %z = sparse_ir.kernel ins(%a, %b : tensor<3x3xf32>, tensor<3x2xf32>)
         outs(%c : tensor<3x2xf32>) of #phases extents [3, 2, 3]
         strategy(#strategy) -> tensor<3x2xf32>
  return %x, %y, %z : tensor<3x2xf32>, tensor<3x2xf32>, tensor<3x2xf32>
}

// The lhs packed: rows 2 and 0 at k = 0, row 1 and padding at k = 1, rows 2 and
// 0 at k = 2. The output is stored transposed.
// CHECK: packed#0: 2x3 sum 191 [16, 15, 52; 20, 20, 68]
func.func @packed() -> tensor<2x3xf32> {
  %a = arith.constant dense<[7.0, 1.0, 5.0, 0.0, 9.0, 3.0]> : tensor<6xf32>
  %b = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %c = tensor.empty() : tensor<2x3xf32>
  %rows = arith.constant dense<[2, 0, 1, -1]> : tensor<4xi32>
  %ptr = arith.constant dense<[0, 1, 2, 3, 3]> : tensor<5xi32>
  %entries = arith.constant dense<[0, 1, 2]> : tensor<3xi32>
  %tasks = arith.constant dense<[0, 2]> : tensor<2xi32>
  %x = sparse_ir.kernel ins(%a, %b : tensor<6xf32>, tensor<3x2xf32>)
         tables(%rows, %ptr, %entries, %tasks
                : tensor<4xi32>, tensor<5xi32>, tensor<3xi32>, tensor<2xi32>)
         outs(%c : tensor<2x3xf32>) of #phases extents [3, 2, 3]
         strategy(#strategy)
         {packed_lhs, out_map = affine_map<(i, j) -> (j, i)>} -> tensor<2x3xf32>
  return %x : tensor<2x3xf32>
}

// -----

// Entries of two k, the last one moved back. Vector units read a column of the
// panel after the other, matrix units a row after the other. A packed lhs is
// read whole: what an entry does not own must be zero in it.
#deep = #sparse_ir.chains<rows = 2, depth = 2, phases = 1,
  panel_rows = dense<[0, 1]> : tensor<2xi32>,
  chain_ptr = dense<[0, 2]> : tensor<2xi32>,
  entries = dense<[0, 1]> : tensor<2xi32>>
#vector = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 2,
  vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
#matrix = #sparse_ir.strategy<intrinsic = "amx-bf16", rows = 2, depth = 2,
  vectors = 1, phase = 0, tasks = 1, pack_rhs = false>

// CHECK: layouts#0: 2x2 sum 163 [22, 28; 49, 64]
// CHECK: layouts#1: 2x2 sum 163 [22, 28; 49, 64]
// CHECK: layouts#2: 2x2 sum 170 [25, 32; 49, 64]
func.func @layouts() -> (tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>) {
  %columns = arith.constant dense<[1.0, 4.0, 2.0, 5.0, 0.0, 0.0, 3.0, 6.0]> : tensor<8xf32>
  %rows = arith.constant dense<[1.0, 2.0, 4.0, 5.0, 0.0, 3.0, 0.0, 6.0]> : tensor<8xf32>
  %wrong = arith.constant dense<[1.0, 2.0, 4.0, 5.0, 1.0, 3.0, 0.0, 6.0]> : tensor<8xf32>
  %b = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %c = tensor.empty() : tensor<2x2xf32>
  %panels = arith.constant dense<[0, 1]> : tensor<2xi32>
  %ptr = arith.constant dense<[0, 2]> : tensor<2xi32>
  %entries = arith.constant dense<[0, 1]> : tensor<2xi32>
  %x = sparse_ir.kernel ins(%columns, %b : tensor<8xf32>, tensor<3x2xf32>)
         tables(%panels, %ptr, %entries : tensor<2xi32>, tensor<2xi32>, tensor<2xi32>)
         outs(%c : tensor<2x2xf32>) of #deep extents [2, 2, 3]
         strategy(#vector) {packed_lhs} -> tensor<2x2xf32>
  %y = sparse_ir.kernel ins(%rows, %b : tensor<8xf32>, tensor<3x2xf32>)
         tables(%panels, %ptr, %entries : tensor<2xi32>, tensor<2xi32>, tensor<2xi32>)
         outs(%c : tensor<2x2xf32>) of #deep extents [2, 2, 3]
         strategy(#matrix) {packed_lhs} -> tensor<2x2xf32>
  %z = sparse_ir.kernel ins(%wrong, %b : tensor<8xf32>, tensor<3x2xf32>)
         tables(%panels, %ptr, %entries : tensor<2xi32>, tensor<2xi32>, tensor<2xi32>)
         outs(%c : tensor<2x2xf32>) of #deep extents [2, 2, 3]
         strategy(#matrix) {packed_lhs} -> tensor<2x2xf32>
  return %x, %y, %z : tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>
}

// -----

// Rows 0 and 2 by columns 1 and 0, of which (0, 0) is not in the mask: what no
// tile writes stays as it is.
#tiles = #sparse_ir.tiles<rows = 2, cols = 2,
  panel_rows = dense<[0, 2]> : tensor<2xi32>,
  granule_cols = dense<[1, 0]> : tensor<2xi32>,
  tile_ptr = dense<[0, 1]> : tensor<2xi32>,
  tiles = dense<0> : tensor<1xi32>,
  mask_offset = dense<0> : tensor<1xi32>,
  masks = dense<[1, 3]> : tensor<2xi64>>
#strategy = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 1,
  vectors = 1, phase = 0, tasks = 1, pack_rhs = false>

// CHECK: tiles#0: 3x2 sum 284 [10, 28; 30, 40; 76, 100]
// CHECK: tiles#1: 3x2 sum 414 [10, 48; 30, 40; 126, 160]
// CHECK: tiles#2: 3x2 sum 88 [10, 1; 30, 40; 3, 4]
func.func @tiles() -> (tensor<3x2xf32>, tensor<3x2xf32>, tensor<3x2xf32>) {
  %a = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]> : tensor<3x3xf32>
  %b = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %c = arith.constant dense<[[10.0, 20.0], [30.0, 40.0], [50.0, 60.0]]> : tensor<3x2xf32>
  %x = sparse_ir.kernel ins(%a, %b : tensor<3x3xf32>, tensor<3x2xf32>)
         outs(%c : tensor<3x2xf32>) of #tiles extents [3, 2, 3]
         strategy(#strategy) -> tensor<3x2xf32>
  %y = sparse_ir.kernel ins(%a, %b : tensor<3x3xf32>, tensor<3x2xf32>)
         outs(%c : tensor<3x2xf32>) of #tiles extents [3, 2, 3]
         strategy(#strategy) {accumulate} -> tensor<3x2xf32>
  %0 = arith.constant 0 : index
  %t = arith.constant dense<[[1.0, 2.0], [4.0, 3.0]]> : tensor<2x2xf32>
  %z = sparse_ir.assign %t into %c[%0] of #tiles : tensor<2x2xf32> into tensor<3x2xf32>
  return %x, %y, %z : tensor<3x2xf32>, tensor<3x2xf32>, tensor<3x2xf32>
}
