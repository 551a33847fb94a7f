// RUN: sparse-opt %s -convert-sparse-ir-to-gpu -split-input-file -verify-diagnostics

// What the kernel of bands cannot take: tiles that its warps do not have, sums of
// another type, bands that do not fit, an rhs that no box describes.

#t = #sparse_ir.chains<rows = 16, depth = 1, phases = 1, panel_rows = dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]> : tensor<16xi32>, chain_ptr = dense<[0, 16]> : tensor<2xi32>, entries = dense<9> : tensor<16xi32>>
#s = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 16, depth = 1, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 32, stages = 3, warps_i = 1, warps_j = 1, panels = 3>
func.func @warps(%a: memref<256xf16>, %b: memref<64x64xf16>, %c: memref<16x64xf16>, %r: memref<16xi32>, %p: memref<2xi32>, %e: memref<16xi32>, %o: memref<1xi32>, %d: memref<3xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op has a strategy that its kernel cannot take: #sparse_ir.strategy<intrinsic = "mma-f16"}}
  sparse_ir.kernel ins(%a, %b : memref<256xf16>, memref<64x64xf16>) tables(%r, %p, %e, %o, %d : memref<16xi32>, memref<2xi32>, memref<16xi32>, memref<1xi32>, memref<3xi32>) outs(%c : memref<16x64xf16>) of #t extents [16, 64, 64] strategy(#s) {packed_lhs}
  return
}

// -----

#t = #sparse_ir.chains<rows = 16, depth = 1, phases = 1, panel_rows = dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]> : tensor<16xi32>, chain_ptr = dense<[0, 16]> : tensor<2xi32>, entries = dense<9> : tensor<16xi32>>
#s = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 16, depth = 1, vectors = 4, phase = 0, tasks = 1, pack_rhs = false, step = 32, stages = 3, warps_i = 1, warps_j = 1, panels = 4>
func.func @cols(%a: memref<256xf16>, %b: memref<64x64xf16>, %c: memref<16x64xf16>, %r: memref<16xi32>, %p: memref<2xi32>, %e: memref<16xi32>, %o: memref<1xi32>, %d: memref<3xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op has a strategy that its kernel cannot take: #sparse_ir.strategy<intrinsic = "mma-f16"}}
  sparse_ir.kernel ins(%a, %b : memref<256xf16>, memref<64x64xf16>) tables(%r, %p, %e, %o, %d : memref<16xi32>, memref<2xi32>, memref<16xi32>, memref<1xi32>, memref<3xi32>) outs(%c : memref<16x64xf16>) of #t extents [16, 64, 64] strategy(#s) {packed_lhs}
  return
}

// -----

#t = #sparse_ir.chains<rows = 16, depth = 1, phases = 1, panel_rows = dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]> : tensor<16xi32>, chain_ptr = dense<[0, 16]> : tensor<2xi32>, entries = dense<9> : tensor<16xi32>>
#s = #sparse_ir.strategy<intrinsic = "mma-f16-f16", rows = 16, depth = 1, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 32, stages = 3, warps_i = 1, warps_j = 1, panels = 4>
func.func @sums(%a: memref<256xf16>, %b: memref<64x64xf16>, %c: memref<16x64xf16>, %r: memref<16xi32>, %p: memref<2xi32>, %e: memref<16xi32>, %o: memref<1xi32>, %d: memref<3xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op has a strategy that its kernel cannot take: #sparse_ir.strategy<intrinsic = "mma-f16-f16"}}
  sparse_ir.kernel ins(%a, %b : memref<256xf16>, memref<64x64xf16>) tables(%r, %p, %e, %o, %d : memref<16xi32>, memref<2xi32>, memref<16xi32>, memref<1xi32>, memref<3xi32>) outs(%c : memref<16x64xf16>) of #t extents [16, 64, 64] strategy(#s) {packed_lhs}
  return
}

// -----

#t = #sparse_ir.chains<rows = 16, depth = 1, phases = 1, panel_rows = dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]> : tensor<16xi32>, chain_ptr = dense<[0, 16]> : tensor<2xi32>, entries = dense<9> : tensor<16xi32>>
#s = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 16, depth = 1, vectors = 64, phase = 0, tasks = 1, pack_rhs = false, step = 32, stages = 3, warps_i = 1, warps_j = 1, panels = 8>
func.func @registers(%a: memref<256xf16>, %b: memref<64x64xf16>, %c: memref<16x64xf16>, %r: memref<16xi32>, %p: memref<2xi32>, %e: memref<16xi32>, %o: memref<1xi32>, %d: memref<3xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op has a strategy that its kernel cannot take: #sparse_ir.strategy<intrinsic = "mma-f16"}}
  sparse_ir.kernel ins(%a, %b : memref<256xf16>, memref<64x64xf16>) tables(%r, %p, %e, %o, %d : memref<16xi32>, memref<2xi32>, memref<16xi32>, memref<1xi32>, memref<3xi32>) outs(%c : memref<16x64xf16>) of #t extents [16, 64, 64] strategy(#s) {packed_lhs}
  return
}

// -----

#t = #sparse_ir.chains<rows = 16, depth = 1, phases = 1, panel_rows = dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]> : tensor<16xi32>, chain_ptr = dense<[0, 16]> : tensor<2xi32>, entries = dense<9> : tensor<16xi32>>
#s = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 16, depth = 1, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 32, stages = 60, warps_i = 1, warps_j = 1, panels = 4>
func.func @stages(%a: memref<256xf16>, %b: memref<64x64xf16>, %c: memref<16x64xf16>, %r: memref<16xi32>, %p: memref<2xi32>, %e: memref<16xi32>, %o: memref<1xi32>, %d: memref<3xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op has stages that take 254912 bytes of shared memory, expected at most 232448}}
  sparse_ir.kernel ins(%a, %b : memref<256xf16>, memref<64x64xf16>) tables(%r, %p, %e, %o, %d : memref<16xi32>, memref<2xi32>, memref<16xi32>, memref<1xi32>, memref<3xi32>) outs(%c : memref<16x64xf16>) of #t extents [16, 64, 64] strategy(#s) {packed_lhs}
  return
}

// -----

#t = #sparse_ir.chains<rows = 16, depth = 1, phases = 1, panel_rows = dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]> : tensor<16xi32>, chain_ptr = dense<[0, 16]> : tensor<2xi32>, entries = dense<9> : tensor<16xi32>>
#s = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 16, depth = 1, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 32, stages = 3, warps_i = 1, warps_j = 1, panels = 4>
func.func @strided(%a: memref<256xf16>, %b: memref<64x64xf16, strided<[128, 2]>>, %c: memref<16x64xf16>, %r: memref<16xi32>, %p: memref<2xi32>, %e: memref<16xi32>, %o: memref<1xi32>, %d: memref<3xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op expects an rhs with lines of consecutive elements, found 'memref<64x64xf16, strided<[128, 2]>>'}}
  sparse_ir.kernel ins(%a, %b : memref<256xf16>, memref<64x64xf16, strided<[128, 2]>>) tables(%r, %p, %e, %o, %d : memref<16xi32>, memref<2xi32>, memref<16xi32>, memref<1xi32>, memref<3xi32>) outs(%c : memref<16x64xf16>) of #t extents [16, 64, 64] strategy(#s) {packed_lhs}
  return
}

// -----

#t = #sparse_ir.chains<rows = 16, depth = 1, phases = 1, panel_rows = dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]> : tensor<16xi32>, chain_ptr = dense<[0, 16]> : tensor<2xi32>, entries = dense<9> : tensor<16xi32>>
#s = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 16, depth = 1, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 32, stages = 3, warps_i = 1, warps_j = 1, panels = 4>
func.func @tables(%a: memref<256xf16>, %b: memref<64x64xf16>, %c: memref<16x64xf16>, %r: memref<16xi32>, %p: memref<2xi32>, %e: memref<16xi32>, %o: memref<1xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op expects 5 tables, found 4: pack before this conversion}}
  sparse_ir.kernel ins(%a, %b : memref<256xf16>, memref<64x64xf16>) tables(%r, %p, %e, %o : memref<16xi32>, memref<2xi32>, memref<16xi32>, memref<1xi32>) outs(%c : memref<16x64xf16>) of #t extents [16, 64, 64] strategy(#s) {packed_lhs}
  return
}
