// RUN: sparse-opt %s -split-input-file -verify-diagnostics -sparse-ir-pack

#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 1, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
#t = #sparse_ir.chains<rows = 1, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 1, 1]> : tensor<3xi32>, entries = dense<0> : tensor<1xi32>>

func.func @outside(%b: tensor<2x5xf32>, %c: tensor<2x5xf32>) -> tensor<2x5xf32> {
  %a = arith.constant dense<[[1.0, 0.0], [0.0, 2.0]]> : tensor<2x2xf32>
  // expected-error @+1 {{has a non-zero of its lhs outside of its table}}
  %r = sparse_ir.kernel ins(%a, %b : tensor<2x2xf32>, tensor<2x5xf32>) outs(%c : tensor<2x5xf32>) of #t extents [2, 5, 2] strategy(#s) -> tensor<2x5xf32>
  return %r : tensor<2x5xf32>
}

// -----

#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 1, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
#empty = #sparse_ir.chains<rows = 1, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<0> : tensor<3xi32>, entries = dense<> : tensor<0xi32>>

func.func @outside_of_nothing(%b: tensor<2x5xf32>, %c: tensor<2x5xf32>) -> tensor<2x5xf32> {
  %a = arith.constant dense<[[1.0, 0.0], [0.0, 2.0]]> : tensor<2x2xf32>
  // expected-error @+1 {{has a non-zero of its lhs outside of its table}}
  %r = sparse_ir.kernel ins(%a, %b : tensor<2x2xf32>, tensor<2x5xf32>) outs(%c : tensor<2x5xf32>) of #empty extents [2, 5, 2] strategy(#s) -> tensor<2x5xf32>
  return %r : tensor<2x5xf32>
}

// -----

#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
#t = #sparse_ir.chains<rows = 1, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 1, 1]> : tensor<3xi32>, entries = dense<0> : tensor<1xi32>>

func.func @strategy(%a: tensor<2x2xf32>, %b: tensor<2x5xf32>, %c: tensor<2x5xf32>) -> tensor<2x5xf32> {
  // expected-error @+1 {{has a table of 1x1 entries, its strategy says 2x1}}
  %r = sparse_ir.kernel ins(%a, %b : tensor<2x2xf32>, tensor<2x5xf32>) outs(%c : tensor<2x5xf32>) of #t extents [2, 5, 2] strategy(#s) -> tensor<2x5xf32>
  return %r : tensor<2x5xf32>
}

// -----

#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 1, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
#t = #sparse_ir.chains<rows = 1, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 1, 1]> : tensor<3xi32>, entries = dense<0> : tensor<1xi32>>

func.func @dynamic(%a: tensor<2x?xf32>, %b: tensor<?x5xf32>, %c: tensor<2x5xf32>) -> tensor<2x5xf32> {
  // expected-error @+1 {{expects static extents of its sparse lhs}}
  %r = sparse_ir.kernel ins(%a, %b : tensor<2x?xf32>, tensor<?x5xf32>) outs(%c : tensor<2x5xf32>) of #t extents [2, 5, -1] strategy(#s) -> tensor<2x5xf32>
  return %r : tensor<2x5xf32>
}

// -----

#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 1, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
#t = #sparse_ir.chains<rows = 1, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 1, 1]> : tensor<3xi32>, entries = dense<0> : tensor<1xi32>>

func.func @map(%b: tensor<2x5xf32>, %c: tensor<2x5xf32>) -> tensor<2x5xf32> {
  %a = arith.constant dense<1.0> : tensor<2x2xf32>
  // expected-error @+1 {{has a map that leads out of its constant lhs 'tensor<2x2xf32>'}}
  %r = sparse_ir.kernel ins(%a, %b : tensor<2x2xf32>, tensor<2x5xf32>) outs(%c : tensor<2x5xf32>) of #t extents [2, 5, 2] strategy(#s) {lhs_map = affine_map<(i, k) -> (i + 1, k)>} -> tensor<2x5xf32>
  return %r : tensor<2x5xf32>
}

// -----

#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 1, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
#t = #sparse_ir.chains<rows = 1, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 1, 1]> : tensor<3xi32>, entries = dense<0> : tensor<1xi32>>

func.func @width(%b: tensor<2x5xi8>, %c: tensor<2x5xi8>) -> tensor<2x5xi8> {
  %a = arith.constant dense<1> : tensor<2x2xi8>
  // expected-error @+1 {{expects a lhs of 16, 32 or 64 bits an element off tensor cores}}
  %r = sparse_ir.kernel ins(%a, %b : tensor<2x2xi8>, tensor<2x5xi8>) outs(%c : tensor<2x5xi8>) of #t extents [2, 5, 2] strategy(#s) -> tensor<2x5xi8>
  return %r : tensor<2x5xi8>
}

// -----

#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 1, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
#t = #sparse_ir.chains<rows = 1, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 1, 1]> : tensor<3xi32>, entries = dense<0> : tensor<1xi32>>

func.func @bits(%b: tensor<2x5xi1>, %c: tensor<2x5xi1>) -> tensor<2x5xi1> {
  %a = arith.constant dense<true> : tensor<2x2xi1>
  // expected-error @+1 {{has a constant lhs without readable data of 8, 16, 32 or 64 bits an element}}
  %r = sparse_ir.kernel ins(%a, %b : tensor<2x2xi1>, tensor<2x5xi1>) outs(%c : tensor<2x5xi1>) of #t extents [2, 5, 2] strategy(#s) -> tensor<2x5xi1>
  return %r : tensor<2x5xi1>
}

// -----

#s = #sparse_ir.strategy<intrinsic = "mma.sp-f16", rows = 64, depth = 64, vectors = 1, phase = 0, tasks = 1, pack_rhs = false, step = 64>
#t = #sparse_ir.chains<rows = 64, depth = 64, phases = 1, panel_rows = dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63]> : tensor<64xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>

func.func @not_two_of_four(%b: tensor<64x5xf16>, %c: tensor<64x5xf32>) -> tensor<64x5xf32> {
  %a = arith.constant dense<[1.0, 0.0, 3.0, 2.0]> : tensor<4xf16>
  // expected-error @+1 {{cannot be packed for its strategy: packed lhs: found 3 non-zeros in row 0, window 0 of its chain (from column 0), expected at most 2 of 4}}
  %r = sparse_ir.kernel ins(%a, %b : tensor<4xf16>, tensor<64x5xf16>) outs(%c : tensor<64x5xf32>) of #t extents [64, 5, 64] strategy(#s) {lhs_map = affine_map<(i, k) -> (k mod 4)>} -> tensor<64x5xf32>
  return %r : tensor<64x5xf32>
}

// -----

#s = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 2, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false, step = 16>
#t = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 2]> : tensor<2xi32>, entries = dense<[0, 1]> : tensor<2xi32>>

func.func @rows_of_fragments(%b: tensor<2x5xf16>, %c: tensor<2x5xf32>) -> tensor<2x5xf32> {
  %a = arith.constant dense<1.0> : tensor<2x2xf16>
  // expected-error @+1 {{cannot be packed for its strategy: chain table: found panels of 2 rows, expected a multiple of 16}}
  %r = sparse_ir.kernel ins(%a, %b : tensor<2x2xf16>, tensor<2x5xf16>) outs(%c : tensor<2x5xf32>) of #t extents [2, 5, 2] strategy(#s) -> tensor<2x5xf32>
  return %r : tensor<2x5xf32>
}

// -----

#s = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 2, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
#t = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 2]> : tensor<2xi32>, entries = dense<[0, 1]> : tensor<2xi32>>

func.func @no_step(%b: tensor<2x5xf16>, %c: tensor<2x5xf32>) -> tensor<2x5xf32> {
  %a = arith.constant dense<1.0> : tensor<2x2xf16>
  // expected-error @+1 {{cannot be packed for its strategy: chain table: found a step of 0, expected a multiple of depth 1 of at most 4096}}
  %r = sparse_ir.kernel ins(%a, %b : tensor<2x2xf16>, tensor<2x5xf16>) outs(%c : tensor<2x5xf32>) of #t extents [2, 5, 2] strategy(#s) -> tensor<2x5xf32>
  return %r : tensor<2x5xf32>
}

// -----

#s = #sparse_ir.strategy<intrinsic = "wgmma-f16", rows = 2, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false, step = 16>
#t = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 2]> : tensor<2xi32>, entries = dense<[0, 1]> : tensor<2xi32>>

func.func @argument_on_tensor_cores(%a: tensor<2x2xf16>, %b: tensor<2x5xf16>, %c: tensor<2x5xf32>) -> tensor<2x5xf32> {
  // expected-error @+1 {{expects a constant lhs for the intrinsic 'wgmma-f16', found 'tensor<2x2xf16>'}}
  %r = sparse_ir.kernel ins(%a, %b : tensor<2x2xf16>, tensor<2x5xf16>) outs(%c : tensor<2x5xf32>) of #t extents [2, 5, 2] strategy(#s) -> tensor<2x5xf32>
  return %r : tensor<2x5xf32>
}

// -----

#s = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 2, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false, step = 16>
#t = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 2]> : tensor<2xi32>, entries = dense<[0, 1]> : tensor<2xi32>>

func.func @width_on_tensor_cores(%b: tensor<2x5xf64>, %c: tensor<2x5xf64>) -> tensor<2x5xf64> {
  %a = arith.constant dense<1.0> : tensor<2x2xf64>
  // expected-error @+1 {{expects a lhs of 16 or 32 bits an element (8 of fragments) for the intrinsic 'mma-f16', found 'f64'}}
  %r = sparse_ir.kernel ins(%a, %b : tensor<2x2xf64>, tensor<2x5xf64>) outs(%c : tensor<2x5xf64>) of #t extents [2, 5, 2] strategy(#s) -> tensor<2x5xf64>
  return %r : tensor<2x5xf64>
}
