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
  // expected-error @+1 {{has a constant lhs without readable data of 16, 32 or 64 bits an element}}
  %r = sparse_ir.kernel ins(%a, %b : tensor<2x2xi8>, tensor<2x5xi8>) outs(%c : tensor<2x5xi8>) of #t extents [2, 5, 2] strategy(#s) -> tensor<2x5xi8>
  return %r : tensor<2x5xi8>
}
