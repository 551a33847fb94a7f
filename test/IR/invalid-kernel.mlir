// RUN: sparse-opt %s -split-input-file -verify-diagnostics

#t = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>

func.func @c1_no_result(%a: tensor<2x4xf32>, %b: tensor<4x3xf32>, %c: tensor<2x3xf32>) {
  // expected-error @+1 {{expects one result of init's type for tensors and none for memrefs, found 0 results for 'tensor<2x3xf32>'}}
  sparse_ir.kernel ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%c : tensor<2x3xf32>) of #t extents [2, 3, 4] strategy(#s)
  return
}

// -----

#t = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>

func.func @c1_memref(%a: memref<2x4xf32>, %b: memref<4x3xf32>, %c: memref<2x3xf32>) {
  // expected-error @+1 {{found 1 results for 'memref<2x3xf32>'}}
  %0 = sparse_ir.kernel ins(%a, %b : memref<2x4xf32>, memref<4x3xf32>) outs(%c : memref<2x3xf32>) of #t extents [2, 3, 4] strategy(#s) -> tensor<2x3xf32>
  return
}

// -----

#t = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>

func.func @c2(%a: tensor<2xf32>, %b: tensor<4x3xf32>, %c: tensor<2x3xf32>) {
  // expected-error @+1 {{expects a packed lhs of rank 1 with tables, found 'tensor<2xf32>' and 0 tables}}
  %0 = sparse_ir.kernel ins(%a, %b : tensor<2xf32>, tensor<4x3xf32>) outs(%c : tensor<2x3xf32>) of #t extents [2, 3, 4] strategy(#s) {packed_lhs} -> tensor<2x3xf32>
  return
}

// -----

#t = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>

func.func @c3(%a: tensor<2x4xf32>, %b: tensor<1x4x3xf32>, %c: tensor<2x3xf32>) {
  // expected-error @+1 {{expects a map from 2 dimensions to the dimensions of rhs 'tensor<1x4x3xf32>', found affine_map<(d0, d1) -> (d0, d1)>}}
  %0 = sparse_ir.kernel ins(%a, %b : tensor<2x4xf32>, tensor<1x4x3xf32>) outs(%c : tensor<2x3xf32>) of #t extents [2, 3, 4] strategy(#s) -> tensor<2x3xf32>
  return
}

// -----

#t = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>

func.func @contract_map(%p: index, %a: tensor<2x4xf32>, %b: tensor<4x3xf32>, %c: tensor<2x3xf32>) {
  // expected-error @+1 {{expects a map from 2 dimensions to the dimensions of out 'tensor<2x3xf32>', found affine_map<(d0, d1, d2) -> (d0, d1)>}}
  %0 = sparse_ir.contract ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%c : tensor<2x3xf32>) at [%p] of #t extents [2, 3, 4] {out_map = affine_map<(i, j, k) -> (i, j)>}
  return
}

// -----

#t = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 1, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>

func.func @c4_rows(%a: tensor<2x4xf32>, %b: tensor<4x3xf32>, %c: tensor<2x3xf32>) {
  // expected-error @+1 {{has a table of 2x1 entries, its strategy says 1x1}}
  %0 = sparse_ir.kernel ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%c : tensor<2x3xf32>) of #t extents [2, 3, 4] strategy(#s) -> tensor<2x3xf32>
  return
}

// -----

#t = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 2, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>

func.func @c4_depth(%a: tensor<2x4xf32>, %b: tensor<4x3xf32>, %c: tensor<2x3xf32>) {
  // expected-error @+1 {{has a table of 2x1 entries, its strategy says 2x2}}
  %0 = sparse_ir.kernel ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%c : tensor<2x3xf32>) of #t extents [2, 3, 4] strategy(#s) -> tensor<2x3xf32>
  return
}
