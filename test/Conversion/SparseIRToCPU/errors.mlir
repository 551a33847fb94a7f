// RUN: sparse-opt %s -split-input-file -verify-diagnostics -convert-sparse-ir-to-cpu

#s = #sparse_ir.strategy<intrinsic = "avx1024-f32", rows = 1, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
#t = #sparse_ir.chains<rows = 1, depth = 1, phases = 1, panel_rows = dense<0> : tensor<1xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>

func.func @intrinsic(%a: memref<1x4xf32>, %b: memref<4x16xf32>, %c: memref<1x16xf32>, %r: memref<1xi32>, %p: memref<2xi32>, %e: memref<1xi32>, %t: memref<2xi32>) {
  // expected-error @+1 {{names the intrinsic 'avx1024-f32', which is in no table}}
  sparse_ir.kernel ins(%a, %b : memref<1x4xf32>, memref<4x16xf32>) tables(%r, %p, %e, %t : memref<1xi32>, memref<2xi32>, memref<1xi32>, memref<2xi32>) outs(%c : memref<1x16xf32>) of #t extents [1, 16, 4] strategy(#s)
  return
}

// -----

#s = #sparse_ir.strategy<intrinsic = "avx512-bf16-f32", rows = 1, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
#t = #sparse_ir.chains<rows = 1, depth = 1, phases = 1, panel_rows = dense<0> : tensor<1xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>

func.func @type(%a: memref<1x4xf32>, %b: memref<4x16xf32>, %c: memref<1x16xf32>, %r: memref<1xi32>, %p: memref<2xi32>, %e: memref<1xi32>, %t: memref<2xi32>) {
  // expected-error @+1 {{expects operands of the intrinsic's type 'bf16', found 'f32'}}
  sparse_ir.kernel ins(%a, %b : memref<1x4xf32>, memref<4x16xf32>) tables(%r, %p, %e, %t : memref<1xi32>, memref<2xi32>, memref<1xi32>, memref<2xi32>) outs(%c : memref<1x16xf32>) of #t extents [1, 16, 4] strategy(#s)
  return
}

// -----

#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 1, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
#t = #sparse_ir.ranges<i = 1, j = -1, k = 1, points = dense<0> : tensor<1x3xi32>>

func.func @ranges(%a: memref<1x4xf32>, %b: memref<4x16xf32>, %c: memref<1x16xf32>, %p: memref<1x3xi32>, %t: memref<2xi32>) {
  // expected-error @+1 {{expects meta-ops of ranges to add to their output and an lhs that is not packed}}
  sparse_ir.kernel ins(%a, %b : memref<1x4xf32>, memref<4x16xf32>) tables(%p, %t : memref<1x3xi32>, memref<2xi32>) outs(%c : memref<1x16xf32>) of #t extents [1, 16, 4] strategy(#s)
  return
}

// -----

#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 1, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
#t = #sparse_ir.ranges<i = 1, j = -1, k = 1, points = dense<0> : tensor<1x3xi32>>

func.func @no_tables(%a: memref<1x4xf32>, %b: memref<4x16xf32>, %c: memref<1x16xf32>) {
  // expected-error @+1 {{expects 2 tables, found 0: pack before this conversion}}
  sparse_ir.kernel ins(%a, %b : memref<1x4xf32>, memref<4x16xf32>) outs(%c : memref<1x16xf32>) of #t extents [1, 16, 4] strategy(#s) {accumulate}
  return
}

// -----

#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 1, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
#t = #sparse_ir.ranges<i = 1, j = -1, k = 1, points = dense<0> : tensor<1x3xi32>>

func.func @table_type(%a: memref<1x4xf32>, %b: memref<4x16xf32>, %c: memref<1x16xf32>, %p: memref<1x3xi32>, %t: memref<2xf32>) {
  // expected-error @+1 {{expects table 1 as a static memref of i32, found 'memref<2xf32>'}}
  sparse_ir.kernel ins(%a, %b : memref<1x4xf32>, memref<4x16xf32>) tables(%p, %t : memref<1x3xi32>, memref<2xf32>) outs(%c : memref<1x16xf32>) of #t extents [1, 16, 4] strategy(#s) {accumulate}
  return
}

// -----

#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 4, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
#t = #sparse_ir.chains<rows = 1, depth = 1, phases = 1, panel_rows = dense<0> : tensor<1xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>

func.func @disagree(%a: memref<1x4xf32>, %b: memref<4x16xf32>, %c: memref<1x16xf32>, %r: memref<1xi32>, %p: memref<2xi32>, %e: memref<1xi32>, %t: memref<2xi32>) {
  // expected-error @+1 {{has a table of 1x1 entries, its strategy says 4x1}}
  sparse_ir.kernel ins(%a, %b : memref<1x4xf32>, memref<4x16xf32>) tables(%r, %p, %e, %t : memref<1xi32>, memref<2xi32>, memref<1xi32>, memref<2xi32>) outs(%c : memref<1x16xf32>) of #t extents [1, 16, 4] strategy(#s)
  return
}

// -----

#s = #sparse_ir.strategy<intrinsic = "amx-bf16", rows = 1, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
#t = #sparse_ir.chains<rows = 1, depth = 1, phases = 1, panel_rows = dense<0> : tensor<1xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>

func.func @amx(%a: memref<1x4xbf16>, %b: memref<4x16xbf16>, %c: memref<1x16xf32>, %r: memref<1xi32>, %p: memref<2xi32>, %e: memref<1xi32>, %t: memref<2xi32>) {
  // expected-error @+1 {{expects a packed lhs or values of places, panels of 16 or 32 rows and two vectors to gather k for AMX tiles, found rows = 1, vectors = 1}}
  sparse_ir.kernel ins(%a, %b : memref<1x4xbf16>, memref<4x16xbf16>) tables(%r, %p, %e, %t : memref<1xi32>, memref<2xi32>, memref<1xi32>, memref<2xi32>) outs(%c : memref<1x16xf32>) of #t extents [1, 16, 4] strategy(#s)
  return
}

// -----

#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 1, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
#t = #sparse_ir.tiles<rows = 1, cols = 2, panel_rows = dense<0> : tensor<1xi32>, granule_cols = dense<[0, 1]> : tensor<2xi32>, tile_ptr = dense<[0, 1]> : tensor<2xi32>, tiles = dense<0> : tensor<1xi32>, mask_offset = dense<-1> : tensor<1xi32>, masks = dense<> : tensor<0xi64>>

func.func @granule(%a: memref<1x4xf32>, %b: memref<4x16xf32>, %c: memref<1x16xf32>, %r: memref<1xi32>, %p: memref<2xi32>, %e: memref<1xi32>, %x: memref<1xi32>, %m: memref<2xi64>, %t: memref<2xi32>) {
  // expected-error @+1 {{expects granules of whole vectors of 16 elements, found 2 columns}}
  sparse_ir.kernel ins(%a, %b : memref<1x4xf32>, memref<4x16xf32>) tables(%r, %p, %p, %e, %x, %m, %t : memref<1xi32>, memref<2xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>, memref<2xi64>, memref<2xi32>) outs(%c : memref<1x16xf32>) of #t extents [1, 16, 4] strategy(#s)
  return
}

// -----

#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 1, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
#t = #sparse_ir.chains<rows = 1, depth = 1, phases = 1, panel_rows = dense<0> : tensor<1xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>

func.func @extent(%a: memref<1x4xf32>, %b: memref<4x16xf32>, %c: memref<1x16xf32>, %r: memref<1xi32>, %p: memref<2xi32>, %e: memref<1xi32>, %t: memref<2xi32>) {
  // expected-error @+1 {{has a dynamic extent that no operand tells}}
  sparse_ir.kernel ins(%a, %b : memref<1x4xf32>, memref<4x16xf32>) tables(%r, %p, %e, %t : memref<1xi32>, memref<2xi32>, memref<1xi32>, memref<2xi32>) outs(%c : memref<1x16xf32>) of #t extents [1, -1, 4] strategy(#s) {rhs_map = affine_map<(k, j) -> (k, j floordiv 2)>, out_map = affine_map<(i, j) -> (i, j floordiv 2)>}
  return
}

// -----

#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 1, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
#t = #sparse_ir.chains<rows = 1, depth = 1, phases = 1, panel_rows = dense<0> : tensor<1xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>

func.func @tensors(%a: tensor<1x4xf32>, %b: tensor<4x16xf32>, %c: tensor<1x16xf32>) -> tensor<1x16xf32> {
  // expected-error @+1 {{expects memrefs: bufferize before this conversion}}
  %0 = sparse_ir.kernel ins(%a, %b : tensor<1x4xf32>, tensor<4x16xf32>) outs(%c : tensor<1x16xf32>) of #t extents [1, 16, 4] strategy(#s) -> tensor<1x16xf32>
  return %0 : tensor<1x16xf32>
}

// -----

#s = #sparse_ir.strategy<intrinsic = "amx-bf16", rows = 16, depth = 32, vectors = 1, phase = 0, tasks = 1, pack_rhs = true>
#t = #sparse_ir.chains<rows = 16, depth = 32, phases = 1, panel_rows = dense<0> : tensor<16xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>

func.func @in_place(%a: memref<1x34xbf16>, %b: memref<34x16xbf16>, %c: memref<1x16xf32>, %r: memref<16xi32>, %p: memref<2xi32>, %e: memref<1xi32>, %t: memref<2xi32>) {
  // expected-error @+1 {{(a multiple of 32 unless the lhs is packed) for AMX tiles, found rows = 16, depth = 32, K = 34}}
  sparse_ir.kernel ins(%a, %b : memref<1x34xbf16>, memref<34x16xbf16>) tables(%r, %p, %e, %t : memref<16xi32>, memref<2xi32>, memref<1xi32>, memref<2xi32>) outs(%c : memref<1x16xf32>) of #t extents [1, 16, 34] strategy(#s)
  return
}

// -----

#s = #sparse_ir.strategy<intrinsic = "amx-bf16", rows = 1, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = true>
#t = #sparse_ir.tiles<rows = 1, cols = 16, panel_rows = dense<0> : tensor<1xi32>, granule_cols = dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]> : tensor<16xi32>, tile_ptr = dense<[0, 1]> : tensor<2xi32>, tiles = dense<0> : tensor<1xi32>, mask_offset = dense<-1> : tensor<1xi32>, masks = dense<> : tensor<0xi64>>

func.func @tile(%a: memref<1x4xbf16>, %b: memref<4x16xbf16>, %c: memref<1x16xf32>, %r: memref<1xi32>, %g: memref<16xi32>, %p: memref<2xi32>, %x: memref<1xi32>, %m: memref<0xi64>, %t: memref<2xi32>) {
  // expected-error @+1 {{expects tiles of 16 rows and a multiple of 16 columns for AMX, found 1x16}}
  sparse_ir.kernel ins(%a, %b : memref<1x4xbf16>, memref<4x16xbf16>) tables(%r, %g, %p, %x, %x, %m, %t : memref<1xi32>, memref<16xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>, memref<0xi64>, memref<2xi32>) outs(%c : memref<1x16xf32>) of #t extents [1, 16, 4] strategy(#s)
  return
}

// -----

#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 1, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
#t = #sparse_ir.chains<rows = 1, depth = 1, phases = 1, panel_rows = dense<0> : tensor<1xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>

func.func @places(%a: memref<1xf32>, %b: memref<1x16xf32>, %c: memref<1x16xf32>, %r: memref<1xi32>, %p: memref<2xi32>, %e: memref<1xi32>, %u: memref<4xi32>, %t: memref<2xi32>) {
  // expected-error @+1 {{expects AMX tiles, or AVX-512 and entries of several rows and one k, for a lhs that is values of places}}
  sparse_ir.kernel ins(%a, %b : memref<1xf32>, memref<1x16xf32>) tables(%r, %p, %e, %u, %t : memref<1xi32>, memref<2xi32>, memref<1xi32>, memref<4xi32>, memref<2xi32>) outs(%c : memref<1x16xf32>) of #t extents [1, 16, 1] strategy(#s) {lhs_places = #sparse_ir.sparsity<#sparse_ir.dense>}
  return
}

// -----

// A part of the values is spread to vectors, which AVX2 does not do.
#s = #sparse_ir.strategy<intrinsic = "avx2-f32", rows = 2, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
#t = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>

func.func @part(%a: memref<2xf32>, %b: memref<1x16xf32>, %c: memref<2x16xf32>, %r: memref<2xi32>, %p: memref<2xi32>, %e: memref<1xi32>, %u: memref<8xi32>, %t: memref<2xi32>) {
  // expected-error @+1 {{expects AMX tiles, or AVX-512 and entries of several rows and one k}}
  sparse_ir.kernel ins(%a, %b : memref<2xf32>, memref<1x16xf32>) tables(%r, %p, %e, %u, %t : memref<2xi32>, memref<2xi32>, memref<1xi32>, memref<8xi32>, memref<2xi32>) outs(%c : memref<2x16xf32>) of #t extents [2, 16, 1] strategy(#s) {lhs_places = #sparse_ir.sparsity<#sparse_ir.dense>}
  return
}
