// RUN: sparse-opt %s -convert-sparse-ir-to-gpu -split-input-file -verify-diagnostics

#s = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 8, depth = 64, vectors = 2, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 2>
#t = #sparse_ir.tiles<rows = 8, cols = 16, panel_rows = dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi32>, granule_cols = dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]> : tensor<16xi32>, tile_ptr = dense<[0, 1]> : tensor<2xi32>, tiles = dense<0> : tensor<1xi32>, mask_offset = dense<-1> : tensor<1xi32>, masks = dense<> : tensor<0xi64>>
func.func @rows(%a: memref<8x64xf16>, %b: memref<64x16xf16>, %c: memref<8x16xf32>, %r: memref<8xi32>, %g: memref<16xi32>, %p: memref<2xi32>, %t: memref<1xi32>, %o: memref<1xi32>, %m: memref<0xi64>, %tasks: memref<2xi32>) {
  // expected-error@+1 {{has a strategy that its kernel cannot take: #sparse_ir.strategy<}}
  sparse_ir.kernel ins(%a, %b : memref<8x64xf16>, memref<64x16xf16>) tables(%r, %g, %p, %t, %o, %m, %tasks : memref<8xi32>, memref<16xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>, memref<0xi64>, memref<2xi32>) outs(%c : memref<8x16xf32>) of #t extents [8, 16, 64] strategy(#s)
  return
}

// -----

#s = #sparse_ir.strategy<intrinsic = "mma.sp-f16", rows = 16, depth = 64, vectors = 2, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 2>
#t = #sparse_ir.tiles<rows = 16, cols = 16, panel_rows = dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]> : tensor<16xi32>, granule_cols = dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]> : tensor<16xi32>, tile_ptr = dense<[0, 1]> : tensor<2xi32>, tiles = dense<0> : tensor<1xi32>, mask_offset = dense<-1> : tensor<1xi32>, masks = dense<> : tensor<0xi64>>
func.func @sparse(%a: memref<16x64xf16>, %b: memref<64x16xf16>, %c: memref<16x16xf32>, %r: memref<16xi32>, %g: memref<16xi32>, %p: memref<2xi32>, %t: memref<1xi32>, %o: memref<1xi32>, %m: memref<0xi64>, %tasks: memref<2xi32>) {
  // expected-error@+1 {{has no kernel for output tiles with the intrinsic 'mma.sp-f16'}}
  sparse_ir.kernel ins(%a, %b : memref<16x64xf16>, memref<64x16xf16>) tables(%r, %g, %p, %t, %o, %m, %tasks : memref<16xi32>, memref<16xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>, memref<0xi64>, memref<2xi32>) outs(%c : memref<16x16xf32>) of #t extents [16, 16, 64] strategy(#s)
  return
}

// -----

#s = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 16, depth = 64, vectors = 2, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 2>
#t = #sparse_ir.tiles<rows = 16, cols = 16, panel_rows = dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]> : tensor<16xi32>, granule_cols = dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]> : tensor<16xi32>, tile_ptr = dense<[0, 1]> : tensor<2xi32>, tiles = dense<0> : tensor<1xi32>, mask_offset = dense<-1> : tensor<1xi32>, masks = dense<> : tensor<0xi64>>
func.func @unpacked(%q: memref<16x64xf16>, %o: memref<16x64xf16>) {
  // expected-error@+1 {{expects tables: pack before this conversion}}
  sparse_ir.attention ins(%q, %q, %q : memref<16x64xf16>, memref<16x64xf16>, memref<16x64xf16>) outs(%o : memref<16x64xf16>) of [#t] scale 1.0 strategy(#s)
  return
}

// -----

#s = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 16, depth = 64, vectors = 2, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 2>
#t = #sparse_ir.tiles<rows = 16, cols = 16, panel_rows = dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]> : tensor<16xi32>, granule_cols = dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]> : tensor<16xi32>, tile_ptr = dense<[0, 1]> : tensor<2xi32>, tiles = dense<0> : tensor<1xi32>, mask_offset = dense<-1> : tensor<1xi32>, masks = dense<> : tensor<0xi64>>
func.func @wide(%q: memref<16x160xf16>, %o: memref<16x160xf16>, %r: memref<16xi32>, %g: memref<16xi32>, %p: memref<2xi32>, %t: memref<1xi32>, %f: memref<1xi32>, %m: memref<0xi64>) {
  // expected-error@+1 {{has no kernel for GPUs with 160 and 160 columns of the key and v, expected static ones up to 128}}
  sparse_ir.attention ins(%q, %q, %q : memref<16x160xf16>, memref<16x160xf16>, memref<16x160xf16>) tables(%r, %g, %p, %t, %f, %m : memref<16xi32>, memref<16xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>, memref<0xi64>) outs(%o : memref<16x160xf16>) of [#t] scale 1.0 strategy(#s)
  return
}
