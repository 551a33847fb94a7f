// RUN: sparse-opt %s -convert-sparse-ir-to-gpu -split-input-file -verify-diagnostics

// What no kernel on chains takes: tables that were not packed, intrinsics and
// types that no such kernel has, tiles that its warps do not divide.

#t = #sparse_ir.chains<rows = 64, depth = 64, phases = 1, panel_rows = dense<-1> : tensor<64xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#s = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 64, depth = 64, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 2, warps_i = 2, warps_j = 2>
func.func @tables(%a: memref<4096xf16>, %b: memref<64x64xf16>, %c: memref<64x64xf32>, %t0: memref<64xi32>, %t1: memref<2xi32>, %t2: memref<1xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op expects 4 tables, found 3: pack before this conversion}}
  sparse_ir.kernel ins(%a, %b : memref<4096xf16>, memref<64x64xf16>) tables(%t0, %t1, %t2 : memref<64xi32>, memref<2xi32>, memref<1xi32>) outs(%c : memref<64x64xf32>) of #t extents [64, 64, 64] strategy(#s) {packed_lhs}
  return
}

// -----

#t = #sparse_ir.chains<rows = 64, depth = 64, phases = 1, panel_rows = dense<-1> : tensor<64xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#s = #sparse_ir.strategy<intrinsic = "mma.sp-f16", rows = 64, depth = 64, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 2, warps_i = 2, warps_j = 2>
func.func @metadata(%a: memref<2048xf16>, %b: memref<64x64xf16>, %c: memref<64x64xf32>, %t0: memref<64xi32>, %t1: memref<2xi32>, %t2: memref<1xi32>, %t3: memref<1xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op expects 5 tables, found 4: pack before this conversion}}
  sparse_ir.kernel ins(%a, %b : memref<2048xf16>, memref<64x64xf16>) tables(%t0, %t1, %t2, %t3 : memref<64xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>) outs(%c : memref<64x64xf32>) of #t extents [64, 64, 64] strategy(#s) {packed_lhs}
  return
}

// -----

#t = #sparse_ir.chains<rows = 64, depth = 64, phases = 1, panel_rows = dense<-1> : tensor<64xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#s = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 64, depth = 64, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 2, warps_i = 2, warps_j = 2>
func.func @wide_table(%a: memref<4096xf16>, %b: memref<64x64xf16>, %c: memref<64x64xf32>, %t0: memref<64xi32>, %t1: memref<2xi32>, %t2: memref<1xi64>, %t3: memref<1xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op expects table 2 as a static memref of i32, found 'memref<1xi64>'}}
  sparse_ir.kernel ins(%a, %b : memref<4096xf16>, memref<64x64xf16>) tables(%t0, %t1, %t2, %t3 : memref<64xi32>, memref<2xi32>, memref<1xi64>, memref<1xi32>) outs(%c : memref<64x64xf32>) of #t extents [64, 64, 64] strategy(#s) {packed_lhs}
  return
}

// -----

#t = #sparse_ir.chains<rows = 64, depth = 64, phases = 1, panel_rows = dense<-1> : tensor<64xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#s = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 64, depth = 64, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 2, warps_i = 2, warps_j = 2>
func.func @dynamic_table(%a: memref<4096xf16>, %b: memref<64x64xf16>, %c: memref<64x64xf32>, %t0: memref<64xi32>, %t1: memref<2xi32>, %t2: memref<1xi32>, %t3: memref<?xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op expects table 3 as a static memref of i32, found 'memref<?xi32>'}}
  sparse_ir.kernel ins(%a, %b : memref<4096xf16>, memref<64x64xf16>) tables(%t0, %t1, %t2, %t3 : memref<64xi32>, memref<2xi32>, memref<1xi32>, memref<?xi32>) outs(%c : memref<64x64xf32>) of #t extents [64, 64, 64] strategy(#s) {packed_lhs}
  return
}

// -----

#t = #sparse_ir.chains<rows = 64, depth = 64, phases = 1, panel_rows = dense<-1> : tensor<64xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#s = #sparse_ir.strategy<intrinsic = "mma-f17", rows = 64, depth = 64, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 2, warps_i = 2, warps_j = 2>
func.func @unknown(%a: memref<4096xf16>, %b: memref<64x64xf16>, %c: memref<64x64xf32>, %t0: memref<64xi32>, %t1: memref<2xi32>, %t2: memref<1xi32>, %t3: memref<1xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op names the intrinsic 'mma-f17', which is in no table}}
  sparse_ir.kernel ins(%a, %b : memref<4096xf16>, memref<64x64xf16>) tables(%t0, %t1, %t2, %t3 : memref<64xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>) outs(%c : memref<64x64xf32>) of #t extents [64, 64, 64] strategy(#s) {packed_lhs}
  return
}

// -----

#t = #sparse_ir.chains<rows = 64, depth = 64, phases = 1, panel_rows = dense<-1> : tensor<64xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 64, depth = 64, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 2, warps_i = 2, warps_j = 2>
func.func @cpu(%a: memref<4096xf32>, %b: memref<64x64xf32>, %c: memref<64x64xf32>, %t0: memref<64xi32>, %t1: memref<2xi32>, %t2: memref<1xi32>, %t3: memref<1xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op names the intrinsic 'avx512-f32', which no GPU has}}
  sparse_ir.kernel ins(%a, %b : memref<4096xf32>, memref<64x64xf32>) tables(%t0, %t1, %t2, %t3 : memref<64xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>) outs(%c : memref<64x64xf32>) of #t extents [64, 64, 64] strategy(#s) {packed_lhs}
  return
}

// -----

#t = #sparse_ir.chains<rows = 64, depth = 64, phases = 1, panel_rows = dense<-1> : tensor<64xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#s = #sparse_ir.strategy<intrinsic = "mma-bf16", rows = 64, depth = 64, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 2, warps_i = 2, warps_j = 2>
func.func @operands(%a: memref<4096xf16>, %b: memref<64x64xf16>, %c: memref<64x64xf32>, %t0: memref<64xi32>, %t1: memref<2xi32>, %t2: memref<1xi32>, %t3: memref<1xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op expects operands of the intrinsic's type 'bf16', found 'f16'}}
  sparse_ir.kernel ins(%a, %b : memref<4096xf16>, memref<64x64xf16>) tables(%t0, %t1, %t2, %t3 : memref<64xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>) outs(%c : memref<64x64xf32>) of #t extents [64, 64, 64] strategy(#s) {packed_lhs}
  return
}

// -----

#t = #sparse_ir.chains<rows = 64, depth = 64, phases = 1, panel_rows = dense<-1> : tensor<64xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#s = #sparse_ir.strategy<intrinsic = "fma-f32", rows = 64, depth = 64, vectors = 6, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 2, warps_i = 2, warps_j = 2>
func.func @fma_lanes(%a: memref<4096xf32>, %b: memref<64x64xf32>, %c: memref<64x64xf32>, %t0: memref<64xi32>, %t1: memref<2xi32>, %t2: memref<1xi32>, %t3: memref<1xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op has a strategy that its kernel cannot take}}
  sparse_ir.kernel ins(%a, %b : memref<4096xf32>, memref<64x64xf32>) tables(%t0, %t1, %t2, %t3 : memref<64xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>) outs(%c : memref<64x64xf32>) of #t extents [64, 64, 64] strategy(#s) {packed_lhs}
  return
}

// -----

#t = #sparse_ir.chains<rows = 64, depth = 64, phases = 1, panel_rows = dense<-1> : tensor<64xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#s = #sparse_ir.strategy<intrinsic = "fma-f32", rows = 64, depth = 64, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 0, warps_i = 2, warps_j = 2>
func.func @fma_stream(%a: memref<4096xf32>, %b: memref<64x64xf32>, %c: memref<64x64xf32>, %t0: memref<64xi32>, %t1: memref<2xi32>, %t2: memref<1xi32>, %t3: memref<1xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op streams panels of at most 64 rows, all of them in each warp, found 64 rows and 2 warps along them}}
  sparse_ir.kernel ins(%a, %b : memref<4096xf32>, memref<64x64xf32>) tables(%t0, %t1, %t2, %t3 : memref<64xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>) outs(%c : memref<64x64xf32>) of #t extents [64, 64, 64] strategy(#s) {packed_lhs}
  return
}

// -----

// Blocks share a chain only in streams.
#t = #sparse_ir.chains<rows = 64, depth = 32, phases = 1, panel_rows = dense<-1> : tensor<64xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#s = #sparse_ir.strategy<intrinsic = "fma-f32", rows = 64, depth = 32, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 32, stages = 2, warps_i = 2, warps_j = 2, split = 2>
func.func @split(%a: memref<2048xf32>, %b: memref<64x64xf32>, %c: memref<64x64xf32>, %t0: memref<64xi32>, %t1: memref<2xi32>, %t2: memref<1xi32>, %t3: memref<1xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op has a strategy that its kernel cannot take}}
  sparse_ir.kernel ins(%a, %b : memref<2048xf32>, memref<64x64xf32>) tables(%t0, %t1, %t2, %t3 : memref<64xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>) outs(%c : memref<64x64xf32>) of #t extents [64, 64, 64] strategy(#s) {packed_lhs}
  return
}

// -----

#t = #sparse_ir.chains<rows = 64, depth = 64, phases = 1, panel_rows = dense<-1> : tensor<64xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#s = #sparse_ir.strategy<intrinsic = "wgmma-f16", rows = 64, depth = 64, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 2, warps_i = 4, warps_j = 1>
func.func @unpacked(%a: memref<64x64xf16>, %b: memref<64x64xf16>, %c: memref<64x64xf32>, %t0: memref<64xi32>, %t1: memref<2xi32>, %t2: memref<1xi32>, %t3: memref<1xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op has no kernel for GPUs with the table sparse_ir.chains and an unpacked lhs under this strategy}}
  sparse_ir.kernel ins(%a, %b : memref<64x64xf16>, memref<64x64xf16>) tables(%t0, %t1, %t2, %t3 : memref<64xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>) outs(%c : memref<64x64xf32>) of #t extents [64, 64, 64] strategy(#s) 
  return
}

// -----

// Rows of 16 do not go round the warps.
#t = #sparse_ir.chains<rows = 48, depth = 64, phases = 1, panel_rows = dense<-1> : tensor<48xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#s = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 48, depth = 64, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 2, warps_i = 2, warps_j = 2>
func.func @rows(%a: memref<3072xf16>, %b: memref<64x64xf16>, %c: memref<48x64xf32>, %t0: memref<48xi32>, %t1: memref<2xi32>, %t2: memref<1xi32>, %t3: memref<1xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op has a strategy that its kernel cannot take: #sparse_ir.strategy<intrinsic = "mma-f16"}}
  sparse_ir.kernel ins(%a, %b : memref<3072xf16>, memref<64x64xf16>) tables(%t0, %t1, %t2, %t3 : memref<48xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>) outs(%c : memref<48x64xf32>) of #t extents [48, 64, 64] strategy(#s) {packed_lhs}
  return
}

// -----

// Nor do columns.
#t = #sparse_ir.chains<rows = 64, depth = 64, phases = 1, panel_rows = dense<-1> : tensor<64xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#s = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 64, depth = 64, vectors = 3, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 2, warps_i = 2, warps_j = 2>
func.func @columns(%a: memref<4096xf16>, %b: memref<64x64xf16>, %c: memref<64x64xf32>, %t0: memref<64xi32>, %t1: memref<2xi32>, %t2: memref<1xi32>, %t3: memref<1xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op has a strategy that its kernel cannot take: #sparse_ir.strategy<intrinsic = "mma-f16"}}
  sparse_ir.kernel ins(%a, %b : memref<4096xf16>, memref<64x64xf16>) tables(%t0, %t1, %t2, %t3 : memref<64xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>) outs(%c : memref<64x64xf32>) of #t extents [64, 64, 64] strategy(#s) {packed_lhs}
  return
}

// -----

// An x4 load takes two tiles of columns: a warp has one or an even number.
#t = #sparse_ir.chains<rows = 64, depth = 64, phases = 1, panel_rows = dense<-1> : tensor<64xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#s = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 64, depth = 64, vectors = 6, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 2, warps_i = 2, warps_j = 2>
func.func @odd_columns(%a: memref<4096xf16>, %b: memref<64x64xf16>, %c: memref<64x64xf32>, %t0: memref<64xi32>, %t1: memref<2xi32>, %t2: memref<1xi32>, %t3: memref<1xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op has a strategy that its kernel cannot take: #sparse_ir.strategy<intrinsic = "mma-f16"}}
  sparse_ir.kernel ins(%a, %b : memref<4096xf16>, memref<64x64xf16>) tables(%t0, %t1, %t2, %t3 : memref<64xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>) outs(%c : memref<64x64xf32>) of #t extents [64, 64, 64] strategy(#s) {packed_lhs}
  return
}

// -----

// The swizzle takes a power of two of chunks, or a multiple of eight.
#t = #sparse_ir.chains<rows = 64, depth = 64, phases = 1, panel_rows = dense<-1> : tensor<64xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#s = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 64, depth = 64, vectors = 12, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 2, warps_i = 2, warps_j = 2>
func.func @chunks(%a: memref<4096xf16>, %b: memref<64x64xf16>, %c: memref<64x64xf32>, %t0: memref<64xi32>, %t1: memref<2xi32>, %t2: memref<1xi32>, %t3: memref<1xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op has a strategy that its kernel cannot take: #sparse_ir.strategy<intrinsic = "mma-f16"}}
  sparse_ir.kernel ins(%a, %b : memref<4096xf16>, memref<64x64xf16>) tables(%t0, %t1, %t2, %t3 : memref<64xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>) outs(%c : memref<64x64xf32>) of #t extents [64, 64, 64] strategy(#s) {packed_lhs}
  return
}

// -----

// An instruction takes 16 k.
#t = #sparse_ir.chains<rows = 64, depth = 8, phases = 1, panel_rows = dense<-1> : tensor<64xi32>, chain_ptr = dense<[0, 8]> : tensor<2xi32>, entries = dense<0> : tensor<8xi32>>
#s = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 64, depth = 8, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 24, stages = 2, warps_i = 2, warps_j = 2>
func.func @step(%a: memref<4096xf16>, %b: memref<64x64xf16>, %c: memref<64x64xf32>, %t0: memref<64xi32>, %t1: memref<2xi32>, %t2: memref<8xi32>, %t3: memref<1xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op has a strategy that its kernel cannot take: #sparse_ir.strategy<intrinsic = "mma-f16"}}
  sparse_ir.kernel ins(%a, %b : memref<4096xf16>, memref<64x64xf16>) tables(%t0, %t1, %t2, %t3 : memref<64xi32>, memref<2xi32>, memref<8xi32>, memref<1xi32>) outs(%c : memref<64x64xf32>) of #t extents [64, 64, 64] strategy(#s) {packed_lhs}
  return
}

// -----

// A word of metadata serves 64 k.
#t = #sparse_ir.chains<rows = 64, depth = 32, phases = 1, panel_rows = dense<-1> : tensor<64xi32>, chain_ptr = dense<[0, 2]> : tensor<2xi32>, entries = dense<0> : tensor<2xi32>>
#s = #sparse_ir.strategy<intrinsic = "mma.sp-f16", rows = 64, depth = 32, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 32, stages = 2, warps_i = 2, warps_j = 2>
func.func @half_word(%a: memref<2048xf16>, %b: memref<64x64xf16>, %c: memref<64x64xf32>, %t0: memref<64xi32>, %t1: memref<2xi32>, %t2: memref<2xi32>, %t3: memref<1xi32>, %t4: memref<512xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op has a strategy that its kernel cannot take: #sparse_ir.strategy<intrinsic = "mma.sp-f16"}}
  sparse_ir.kernel ins(%a, %b : memref<2048xf16>, memref<64x64xf16>) tables(%t0, %t1, %t2, %t3, %t4 : memref<64xi32>, memref<2xi32>, memref<2xi32>, memref<1xi32>, memref<512xi32>) outs(%c : memref<64x64xf32>) of #t extents [64, 64, 64] strategy(#s) {packed_lhs}
  return
}

// -----

// One stage is no ring.
#t = #sparse_ir.chains<rows = 64, depth = 64, phases = 1, panel_rows = dense<-1> : tensor<64xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#s = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 64, depth = 64, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 1, warps_i = 2, warps_j = 2>
func.func @one_stage(%a: memref<4096xf16>, %b: memref<64x64xf16>, %c: memref<64x64xf32>, %t0: memref<64xi32>, %t1: memref<2xi32>, %t2: memref<1xi32>, %t3: memref<1xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op has a strategy that its kernel cannot take: #sparse_ir.strategy<intrinsic = "mma-f16"}}
  sparse_ir.kernel ins(%a, %b : memref<4096xf16>, memref<64x64xf16>) tables(%t0, %t1, %t2, %t3 : memref<64xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>) outs(%c : memref<64x64xf32>) of #t extents [64, 64, 64] strategy(#s) {packed_lhs}
  return
}

// -----

// Metadata comes in blocks of 64 rows.
#t = #sparse_ir.chains<rows = 32, depth = 64, phases = 1, panel_rows = dense<-1> : tensor<32xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#s = #sparse_ir.strategy<intrinsic = "mma.sp-f16", rows = 32, depth = 64, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 2, warps_i = 2, warps_j = 2>
func.func @sparse_rows(%a: memref<1024xf16>, %b: memref<64x64xf16>, %c: memref<32x64xf32>, %t0: memref<32xi32>, %t1: memref<2xi32>, %t2: memref<1xi32>, %t3: memref<1xi32>, %t4: memref<512xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op has a strategy that its kernel cannot take: #sparse_ir.strategy<intrinsic = "mma.sp-f16"}}
  sparse_ir.kernel ins(%a, %b : memref<1024xf16>, memref<64x64xf16>) tables(%t0, %t1, %t2, %t3, %t4 : memref<32xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>, memref<512xi32>) outs(%c : memref<32x64xf32>) of #t extents [32, 64, 64] strategy(#s) {packed_lhs}
  return
}

// -----

// A warp's words lie in one such block.
#t = #sparse_ir.chains<rows = 128, depth = 64, phases = 1, panel_rows = dense<-1> : tensor<128xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#s = #sparse_ir.strategy<intrinsic = "mma.sp-f16", rows = 128, depth = 64, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 2, warps_i = 1, warps_j = 2>
func.func @sparse_warps(%a: memref<4096xf16>, %b: memref<64x64xf16>, %c: memref<128x64xf32>, %t0: memref<128xi32>, %t1: memref<2xi32>, %t2: memref<1xi32>, %t3: memref<1xi32>, %t4: memref<512xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op has a strategy that its kernel cannot take: #sparse_ir.strategy<intrinsic = "mma.sp-f16"}}
  sparse_ir.kernel ins(%a, %b : memref<4096xf16>, memref<64x64xf16>) tables(%t0, %t1, %t2, %t3, %t4 : memref<128xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>, memref<512xi32>) outs(%c : memref<128x64xf32>) of #t extents [128, 64, 64] strategy(#s) {packed_lhs}
  return
}

// -----

// The same without stages; here warps_j divides no columns.
#t = #sparse_ir.chains<rows = 48, depth = 64, phases = 1, panel_rows = dense<-1> : tensor<48xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#s = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 48, depth = 64, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 0, warps_i = 2, warps_j = 2>
func.func @stream_rows(%a: memref<3072xf16>, %b: memref<64x64xf16>, %c: memref<48x64xf32>, %t0: memref<48xi32>, %t1: memref<2xi32>, %t2: memref<1xi32>, %t3: memref<1xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op has a strategy that its kernel cannot take: #sparse_ir.strategy<intrinsic = "mma-f16"}}
  sparse_ir.kernel ins(%a, %b : memref<3072xf16>, memref<64x64xf16>) tables(%t0, %t1, %t2, %t3 : memref<48xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>) outs(%c : memref<48x64xf32>) of #t extents [48, 64, 64] strategy(#s) {packed_lhs}
  return
}

// -----

#t = #sparse_ir.chains<rows = 64, depth = 32, phases = 1, panel_rows = dense<-1> : tensor<64xi32>, chain_ptr = dense<[0, 2]> : tensor<2xi32>, entries = dense<0> : tensor<2xi32>>
#s = #sparse_ir.strategy<intrinsic = "mma.sp-f16", rows = 64, depth = 32, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 32, stages = 0, warps_i = 2, warps_j = 2>
func.func @stream_step(%a: memref<2048xf16>, %b: memref<64x64xf16>, %c: memref<64x64xf32>, %t0: memref<64xi32>, %t1: memref<2xi32>, %t2: memref<2xi32>, %t3: memref<1xi32>, %t4: memref<512xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op has a strategy that its kernel cannot take: #sparse_ir.strategy<intrinsic = "mma.sp-f16"}}
  sparse_ir.kernel ins(%a, %b : memref<2048xf16>, memref<64x64xf16>) tables(%t0, %t1, %t2, %t3, %t4 : memref<64xi32>, memref<2xi32>, memref<2xi32>, memref<1xi32>, memref<512xi32>) outs(%c : memref<64x64xf32>) of #t extents [64, 64, 64] strategy(#s) {packed_lhs}
  return
}

// -----

#t = #sparse_ir.chains<rows = 64, depth = 8, phases = 1, panel_rows = dense<-1> : tensor<64xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#s = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 64, depth = 8, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 2, warps_i = 2, warps_j = 2>
func.func @cells(%a: memref<64x64xf16>, %b: memref<64x64xf16>, %c: memref<64x64xf32>, %t0: memref<64xi32>, %t1: memref<2xi32>, %t2: memref<1xi32>, %t3: memref<1xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op has a strategy that its kernel cannot take: #sparse_ir.strategy<intrinsic = "mma-f16", rows = 64, depth = 8, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 2, warps_i = 2, warps_j = 2> with cells of 64x8}}
  sparse_ir.kernel ins(%a, %b : memref<64x64xf16>, memref<64x64xf16>) tables(%t0, %t1, %t2, %t3 : memref<64xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>) outs(%c : memref<64x64xf32>) of #t extents [64, 64, 64] strategy(#s) 
  return
}

// -----

// A warp of a stream has all rows of the panel.
#t = #sparse_ir.chains<rows = 64, depth = 64, phases = 1, panel_rows = dense<-1> : tensor<64xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#s = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 64, depth = 64, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 0, warps_i = 2, warps_j = 2>
func.func @stream_warps(%a: memref<4096xf16>, %b: memref<64x64xf16>, %c: memref<64x64xf32>, %t0: memref<64xi32>, %t1: memref<2xi32>, %t2: memref<1xi32>, %t3: memref<1xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op streams panels of at most 64 rows, all of them in each warp, found 64 rows and 2 warps along them}}
  sparse_ir.kernel ins(%a, %b : memref<4096xf16>, memref<64x64xf16>) tables(%t0, %t1, %t2, %t3 : memref<64xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>) outs(%c : memref<64x64xf32>) of #t extents [64, 64, 64] strategy(#s) {packed_lhs}
  return
}

// -----

// Metadata of 48 rows is no whole word a lane.
#t = #sparse_ir.chains<rows = 48, depth = 64, phases = 1, panel_rows = dense<-1> : tensor<48xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#s = #sparse_ir.strategy<intrinsic = "mma.sp-f16", rows = 48, depth = 64, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 0, warps_i = 1, warps_j = 2>
func.func @stream_words(%a: memref<1536xf16>, %b: memref<64x64xf16>, %c: memref<48x64xf32>, %t0: memref<48xi32>, %t1: memref<2xi32>, %t2: memref<1xi32>, %t3: memref<1xi32>, %t4: memref<192xi32>) {
  // expected-error @+1 {{'sparse_ir.kernel' op has a strategy that its kernel cannot take: #sparse_ir.strategy<intrinsic = "mma.sp-f16"}}
  sparse_ir.kernel ins(%a, %b : memref<1536xf16>, memref<64x64xf16>) tables(%t0, %t1, %t2, %t3, %t4 : memref<48xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>, memref<192xi32>) outs(%c : memref<48x64xf32>) of #t extents [48, 64, 64] strategy(#s) {packed_lhs}
  return
}
