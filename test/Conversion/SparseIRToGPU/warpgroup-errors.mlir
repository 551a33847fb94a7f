// RUN: sparse-opt %s -convert-sparse-ir-to-gpu -split-input-file -verify-diagnostics

// What a kernel of the wgmma family cannot take: tiles that no warpgroup has,
// stages that do not fit, and an rhs that no tensor map describes.

#t = #sparse_ir.chains<rows = 64, depth = 64, phases = 1, panel_rows = dense<-1> : tensor<64xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#warps = #sparse_ir.strategy<intrinsic = "wgmma-f16", rows = 64, depth = 64, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 2, warps_i = 2>
func.func @warps(%a: memref<4096xf16>, %b: memref<64x64xf16>, %c: memref<64x64xf16>, %r: memref<64xi32>, %p: memref<2xi32>, %e: memref<1xi32>, %o: memref<1xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op has a strategy that its kernel cannot take: #sparse_ir.strategy<intrinsic = "wgmma-f16"}}
  sparse_ir.kernel ins(%a, %b : memref<4096xf16>, memref<64x64xf16>) tables(%r, %p, %e, %o : memref<64xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>) outs(%c : memref<64x64xf16>) of #t extents [64, 64, 64] strategy(#warps) {packed_lhs}
  return
}

// -----

#t = #sparse_ir.chains<rows = 64, depth = 64, phases = 1, panel_rows = dense<-1> : tensor<64xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#stages = #sparse_ir.strategy<intrinsic = "wgmma-f16", rows = 64, depth = 64, vectors = 32, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 24, warps_i = 4>
func.func @stages(%a: memref<4096xf16>, %b: memref<64x64xf16>, %c: memref<64x64xf16>, %r: memref<64xi32>, %p: memref<2xi32>, %e: memref<1xi32>, %o: memref<1xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op has stages that leave 26624 bytes of shared memory for two of the rhs, of 32768 bytes each}}
  sparse_ir.kernel ins(%a, %b : memref<4096xf16>, memref<64x64xf16>) tables(%r, %p, %e, %o : memref<64xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>) outs(%c : memref<64x64xf16>) of #t extents [64, 64, 64] strategy(#stages) {packed_lhs}
  return
}

// -----

#t = #sparse_ir.chains<rows = 64, depth = 64, phases = 1, panel_rows = dense<-1> : tensor<64xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#s = #sparse_ir.strategy<intrinsic = "wgmma-f16", rows = 64, depth = 64, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 2, warps_i = 4>
func.func @strided(%a: memref<4096xf16>, %b: memref<64x64xf16, strided<[128, 2]>>, %c: memref<64x64xf16>, %r: memref<64xi32>, %p: memref<2xi32>, %e: memref<1xi32>, %o: memref<1xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op expects an rhs with lines of consecutive elements, found 'memref<64x64xf16, strided<[128, 2]>>'}}
  sparse_ir.kernel ins(%a, %b : memref<4096xf16>, memref<64x64xf16, strided<[128, 2]>>) tables(%r, %p, %e, %o : memref<64xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>) outs(%c : memref<64x64xf16>) of #t extents [64, 64, 64] strategy(#s) {packed_lhs}
  return
}

// -----

#t = #sparse_ir.chains<rows = 64, depth = 64, phases = 1, panel_rows = dense<-1> : tensor<64xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#s = #sparse_ir.strategy<intrinsic = "wgmma-f16", rows = 64, depth = 64, vectors = 5, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 2, warps_i = 4>
func.func @cols(%a: memref<4096xf16>, %b: memref<64x64xf16>, %c: memref<64x64xf16>, %r: memref<64xi32>, %p: memref<2xi32>, %e: memref<1xi32>, %o: memref<1xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op expects a multiple of 64 columns for each warpgroup where the rhs lies along j, found 40}}
  sparse_ir.kernel ins(%a, %b : memref<4096xf16>, memref<64x64xf16>) tables(%r, %p, %e, %o : memref<64xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>) outs(%c : memref<64x64xf16>) of #t extents [64, 64, 64] strategy(#s) {packed_lhs}
  return
}

// -----

#t = #sparse_ir.chains<rows = 64, depth = 32, phases = 1, panel_rows = dense<-1> : tensor<64xi32>, chain_ptr = dense<[0, 2]> : tensor<2xi32>, entries = dense<[0, 32]> : tensor<2xi32>>
#s = #sparse_ir.strategy<intrinsic = "wgmma-f16", rows = 64, depth = 32, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 2, warps_i = 4>
func.func @depth(%a: memref<4096xf16>, %b: memref<64x64xf16>, %c: memref<64x64xf16>, %r: memref<64xi32>, %p: memref<2xi32>, %e: memref<2xi32>, %o: memref<1xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op expects entries of a multiple of 64 consecutive k where the rhs lies along k, found 32}}
  sparse_ir.kernel ins(%a, %b : memref<4096xf16>, memref<64x64xf16>) tables(%r, %p, %e, %o : memref<64xi32>, memref<2xi32>, memref<2xi32>, memref<1xi32>) outs(%c : memref<64x64xf16>) of #t extents [64, 64, 64] strategy(#s) {packed_lhs, rhs_map = affine_map<(d0, d1) -> (d1, d0)>}
  return
}

// -----

#t = #sparse_ir.chains<rows = 64, depth = 1, phases = 1, panel_rows = dense<-1> : tensor<64xi32>, chain_ptr = dense<[0, 64]> : tensor<2xi32>, entries = dense<0> : tensor<64xi32>>
#s = #sparse_ir.strategy<intrinsic = "wgmma-f16", rows = 64, depth = 1, vectors = 24, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 2, warps_i = 4>
func.func @gathered(%a: memref<4096xf16>, %b: memref<64x64xf16>, %c: memref<64x64xf16>, %r: memref<64xi32>, %p: memref<2xi32>, %e: memref<64xi32>, %o: memref<1xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op expects 64, 128 or 256 columns where entries are gathered, found 192}}
  sparse_ir.kernel ins(%a, %b : memref<4096xf16>, memref<64x64xf16>) tables(%r, %p, %e, %o : memref<64xi32>, memref<2xi32>, memref<64xi32>, memref<1xi32>) outs(%c : memref<64x64xf16>) of #t extents [64, 64, 64] strategy(#s) {packed_lhs}
  return
}

// -----

// Steps of pairs are entries.
#t = #sparse_ir.chains<rows = 64, depth = 64, phases = 1, panel_rows = dense<-1> : tensor<64xi32>, chain_ptr = dense<[0, 2]> : tensor<2xi32>, entries = dense<0> : tensor<2xi32>>
#s = #sparse_ir.strategy<intrinsic = "wgmma-f16", rows = 64, depth = 64, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 128, stages = 2, warps_i = 4, panels = 2>
func.func @pair_step(%a: memref<8192xf16>, %b: memref<64x64xf16>, %c: memref<64x64xf16>, %r: memref<64xi32>, %p: memref<2xi32>, %e: memref<2xi32>, %o: memref<1xi32>, %q: memref<8xi32>, %s: memref<1xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op expects panels that share the rhs in entries and steps of 64, 4x1 warps each and no sparse intrinsic, found #sparse_ir.strategy<}}
  sparse_ir.kernel ins(%a, %b : memref<8192xf16>, memref<64x64xf16>) tables(%r, %p, %e, %o, %q, %s : memref<64xi32>, memref<2xi32>, memref<2xi32>, memref<1xi32>, memref<8xi32>, memref<1xi32>) outs(%c : memref<64x64xf16>) of #t extents [64, 64, 64] strategy(#s) {packed_lhs}
  return
}

// -----

#t = #sparse_ir.chains<rows = 64, depth = 64, phases = 1, panel_rows = dense<-1> : tensor<64xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#s = #sparse_ir.strategy<intrinsic = "wgmma-f16", rows = 64, depth = 64, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 2, warps_i = 4, panels = 2>
func.func @pair_tables(%a: memref<4096xf16>, %b: memref<64x64xf16>, %c: memref<64x64xf16>, %r: memref<64xi32>, %p: memref<2xi32>, %e: memref<1xi32>, %o: memref<1xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op expects 6 tables, found 4: pack before this conversion}}
  sparse_ir.kernel ins(%a, %b : memref<4096xf16>, memref<64x64xf16>) tables(%r, %p, %e, %o : memref<64xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>) outs(%c : memref<64x64xf16>) of #t extents [64, 64, 64] strategy(#s) {packed_lhs}
  return
}

// -----

#t = #sparse_ir.chains<rows = 64, depth = 64, phases = 1, panel_rows = dense<-1> : tensor<64xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#s = #sparse_ir.strategy<intrinsic = "fma-f32", rows = 64, depth = 64, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 2, warps_i = 4, panels = 2>
func.func @pair_unit(%a: memref<4096xf16>, %b: memref<64x64xf16>, %c: memref<64x64xf16>, %r: memref<64xi32>, %p: memref<2xi32>, %e: memref<1xi32>, %o: memref<1xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op expects one panel a block unless tensor cores multiply a packed lhs, found 2}}
  sparse_ir.kernel ins(%a, %b : memref<4096xf16>, memref<64x64xf16>) tables(%r, %p, %e, %o : memref<64xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>) outs(%c : memref<64x64xf16>) of #t extents [64, 64, 64] strategy(#s) {packed_lhs}
  return
}

// -----

#t = #sparse_ir.chains<rows = 64, depth = 64, phases = 1, panel_rows = dense<-1> : tensor<64xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#s = #sparse_ir.strategy<intrinsic = "wgmma-f16", rows = 64, depth = 64, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 2, warps_i = 4, split = 8>
func.func @shared_cols(%a: memref<4096xf16>, %b: memref<64x64xf16>, %c: memref<64x64xf16>, %r: memref<64xi32>, %p: memref<2xi32>, %e: memref<1xi32>, %o: memref<1xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op expects a chain shared by up to 8 blocks of single panels and tiles, each with a multiple of 16 columns of a warpgroup, found #sparse_ir.strategy<}}
  sparse_ir.kernel ins(%a, %b : memref<4096xf16>, memref<64x64xf16>) tables(%r, %p, %e, %o : memref<64xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>) outs(%c : memref<64x64xf16>) of #t extents [64, 64, 64] strategy(#s) {packed_lhs}
  return
}
