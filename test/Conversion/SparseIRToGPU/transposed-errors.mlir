// RUN: sparse-opt %s -convert-sparse-ir-to-gpu -split-input-file -verify-diagnostics

// What the kernel of transposed products cannot take: tiles that no warpgroup has,
// stages that do not fit, and rows that are not contiguous.

#t = #sparse_ir.chains<rows = 32, depth = 1, phases = 1, panel_rows = dense<-1> : tensor<32xi32>, chain_ptr = dense<[0, 32]> : tensor<2xi32>, entries = dense<3> : tensor<32xi32>>
#warps = #sparse_ir.strategy<intrinsic = "wgmma-tf32", rows = 32, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false, step = 32, stages = 2, warps_i = 4, warps_j = 2>
func.func @cols(%a: memref<1024xf32>, %b: memref<64x256xf32>, %c: memref<32x256xf32>, %r: memref<32xi32>, %p: memref<2xi32>, %e: memref<32xi32>, %o: memref<1xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op has a strategy that its kernel cannot take: #sparse_ir.strategy<intrinsic = "wgmma-tf32"}}
  sparse_ir.kernel ins(%a, %b : memref<1024xf32>, memref<64x256xf32>) tables(%r, %p, %e, %o : memref<32xi32>, memref<2xi32>, memref<32xi32>, memref<1xi32>) outs(%c : memref<32x256xf32>) of #t extents [32, 256, 64] strategy(#warps) {packed_lhs}
  return
}

// -----

#t = #sparse_ir.chains<rows = 32, depth = 1, phases = 1, panel_rows = dense<-1> : tensor<32xi32>, chain_ptr = dense<[0, 32]> : tensor<2xi32>, entries = dense<3> : tensor<32xi32>>
#stages = #sparse_ir.strategy<intrinsic = "wgmma-tf32", rows = 32, depth = 1, vectors = 4, phase = 0, tasks = 1, pack_rhs = false, step = 32, stages = 7, warps_i = 4, warps_j = 2>
func.func @stages(%a: memref<1024xf32>, %b: memref<64x256xf32>, %c: memref<32x256xf32>, %r: memref<32xi32>, %p: memref<2xi32>, %e: memref<32xi32>, %o: memref<1xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op has stages that take 265328 bytes of shared memory, expected at most 232448}}
  sparse_ir.kernel ins(%a, %b : memref<1024xf32>, memref<64x256xf32>) tables(%r, %p, %e, %o : memref<32xi32>, memref<2xi32>, memref<32xi32>, memref<1xi32>) outs(%c : memref<32x256xf32>) of #t extents [32, 256, 64] strategy(#stages) {packed_lhs}
  return
}

// -----

#t = #sparse_ir.chains<rows = 32, depth = 1, phases = 1, panel_rows = dense<-1> : tensor<32xi32>, chain_ptr = dense<[0, 32]> : tensor<2xi32>, entries = dense<3> : tensor<32xi32>>
#s = #sparse_ir.strategy<intrinsic = "wgmma-tf32", rows = 32, depth = 1, vectors = 4, phase = 0, tasks = 1, pack_rhs = false, step = 32, stages = 2, warps_i = 4, warps_j = 2>
func.func @strided(%a: memref<1024xf32>, %b: memref<64x256xf32, strided<[512, 2]>>, %c: memref<32x256xf32>, %r: memref<32xi32>, %p: memref<2xi32>, %e: memref<32xi32>, %o: memref<1xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op expects an rhs with lines of consecutive elements, found 'memref<64x256xf32, strided<[512, 2]>>'}}
  sparse_ir.kernel ins(%a, %b : memref<1024xf32>, memref<64x256xf32, strided<[512, 2]>>) tables(%r, %p, %e, %o : memref<32xi32>, memref<2xi32>, memref<32xi32>, memref<1xi32>) outs(%c : memref<32x256xf32>) of #t extents [32, 256, 64] strategy(#s) {packed_lhs}
  return
}
