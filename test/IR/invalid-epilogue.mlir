// RUN: sparse-opt %s -split-input-file -verify-diagnostics

#t = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
func.func @no_region(%a: tensor<2x4xf32>, %b: tensor<4x3xf32>, %c: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // expected-error @+1 {{has operands of an epilogue, but no epilogue}}
  %0 = sparse_ir.kernel ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%c : tensor<2x3xf32>) of #t extents [2, 3, 4] strategy(#s) {epilogue_maps = [affine_map<(i, j) -> (i)>]} -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

#t = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
func.func @c5_accumulate(%a: tensor<2x4xf32>, %b: tensor<4x3xf32>, %c: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // expected-error @+1 {{expects an epilogue with a table of chains of one phase, without accumulate}}
  %0 = sparse_ir.kernel ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%c : tensor<2x3xf32>) of #t extents [2, 3, 4] strategy(#s) {accumulate} epilogue {
  ^bb0(%sum: f32):
    sparse_ir.yield %sum : f32
  } -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

#t = #sparse_ir.chains<rows = 2, depth = 1, phases = 2, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 1, 1]> : tensor<3xi32>, entries = dense<0> : tensor<1xi32>>
#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
func.func @c5_phases(%a: tensor<2x4xf32>, %b: tensor<4x3xf32>, %c: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // expected-error @+1 {{expects an epilogue with a table of chains of one phase, without accumulate}}
  %0 = sparse_ir.kernel ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%c : tensor<2x3xf32>) of #t extents [2, 3, 4] strategy(#s) epilogue {
  ^bb0(%sum: f32):
    sparse_ir.yield %sum : f32
  } -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

#t = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
func.func @maps(%a: tensor<2x4xf32>, %b: tensor<4x3xf32>, %c: tensor<2x3xf32>, %d: tensor<2xf32>) -> tensor<2x3xf32> {
  // expected-error @+1 {{expects a map for each of the 1 operands of its epilogue, found 0}}
  %0 = sparse_ir.kernel ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%c : tensor<2x3xf32>) of #t extents [2, 3, 4] strategy(#s) epilogue(%d : tensor<2xf32>) {
  ^bb0(%sum: f32, %x: f32):
    sparse_ir.yield %sum : f32
  } -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

#t = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
func.func @c3_rank(%a: tensor<2x4xf32>, %b: tensor<4x3xf32>, %c: tensor<2x3xf32>, %d: tensor<2xf32>) -> tensor<2x3xf32> {
  // expected-error @+1 {{expects floats and a map from 2 dimensions for operand 0 of its epilogue, found 'tensor<2xf32>' and affine_map<(d0, d1) -> (d0, d1)>}}
  %0 = sparse_ir.kernel ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%c : tensor<2x3xf32>) of #t extents [2, 3, 4] strategy(#s) {epilogue_maps = [affine_map<(i, j) -> (i, j)>]} epilogue(%d : tensor<2xf32>) {
  ^bb0(%sum: f32, %x: f32):
    sparse_ir.yield %sum : f32
  } -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

#t = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#s = #sparse_ir.strategy<intrinsic = "avx512-f16-f32", rows = 2, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
func.func @c6_arguments(%a: tensor<2x4xf16>, %b: tensor<4x3xf16>, %c: tensor<2x3xf16>) -> tensor<2x3xf16> {
  // expected-error @+1 {{expects an epilogue that takes the sum and 0 more of 'f32' and yields one}}
  %0 = sparse_ir.kernel ins(%a, %b : tensor<2x4xf16>, tensor<4x3xf16>) outs(%c : tensor<2x3xf16>) of #t extents [2, 3, 4] strategy(#s) epilogue {
  ^bb0(%sum: f16):
    sparse_ir.yield %sum : f16
  } -> tensor<2x3xf16>
  return %0 : tensor<2x3xf16>
}

// -----

#t = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
func.func @c6_ops(%a: tensor<2x4xf32>, %b: tensor<4x3xf32>, %c: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %0 = sparse_ir.kernel ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%c : tensor<2x3xf32>) of #t extents [2, 3, 4] strategy(#s) epilogue {
  ^bb0(%sum: f32):
    // expected-error @+1 {{'math.log' op is not what an epilogue on 'f32' may hold}}
    %1 = math.log %sum : f32
    sparse_ir.yield %1 : f32
  } -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}
