// RUN: sparse-opt %s -split-input-file -test-sparse-ir-evaluate="max-steps=100000" -verify-diagnostics

func.func @unknown_op() -> tensor<2x2xi32> {
  %a = arith.constant dense<1.0> : tensor<2x2xf32>
  // expected-error @+1 {{the reference evaluator does not know 'tensor.bitcast'}}
  %r = tensor.bitcast %a : tensor<2x2xf32> to tensor<2x2xi32>
  return %r : tensor<2x2xi32>
}

// -----

// expected-error @+1 {{the reference evaluator has no values of type 'memref<2xf32>' of argument 0}}
func.func @memref_argument(%m: memref<2xf32>) {
  return
}

// -----

func.func @vector() -> vector<2xf32> {
  // expected-error @+1 {{the reference evaluator has no values of type 'vector<2xf32>'}}
  %v = arith.constant dense<1.0> : vector<2xf32>
  return %v : vector<2xf32>
}

// -----

func.func @extract_outside(%a: tensor<?xf32>, %n: index) -> f32 {
  // expected-error @+1 {{index (5) lies outside of the source, a tensor of 5}}
  %x = tensor.extract %a[%n] : tensor<?xf32>
  return %x : f32
}

// -----

func.func @slice_outside(%a: tensor<?xf32>, %n: index) -> tensor<?xf32> {
  // expected-error @+1 {{index (5) lies outside of the sliced tensor, a tensor of 5}}
  %x = tensor.extract_slice %a[1] [%n] [1] : tensor<?xf32> to tensor<?xf32>
  return %x : tensor<?xf32>
}

// -----

func.func @wrong_cast(%a: tensor<?xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{expected a value of type 'tensor<4xf32>', found 5}}
  %x = tensor.cast %a : tensor<?xf32> to tensor<4xf32>
  return %x : tensor<4xf32>
}

// -----

func.func @negative_size(%n: index) -> tensor<?xf32> {
  %minus1 = arith.constant -1 : index
  // expected-error @+1 {{expected a shape without negative extents, found -1}}
  %x = tensor.empty(%minus1) : tensor<?xf32>
  return %x : tensor<?xf32>
}

// -----

func.func @huge() -> tensor<?x?xf32> {
  %n = arith.constant 1099511627776 : index
  // expected-error @+1 {{a tensor of 1099511627776x1099511627776 has more than}}
  %x = tensor.empty(%n, %n) : tensor<?x?xf32>
  return %x : tensor<?x?xf32>
}

// -----

func.func @linalg_sizes(%a: tensor<3x?xf32>, %b: tensor<?x3xf32>, %c: tensor<3x3xf32>) -> tensor<3x3xf32> {
  %short = tensor.extract_slice %a[0, 0] [3, 4] [1, 1] : tensor<3x?xf32> to tensor<3x4xf32>
  %s = tensor.cast %short : tensor<3x4xf32> to tensor<3x?xf32>
  // expected-error @+1 {{expected dimension 0 of operand 1 to be 4, found 5}}
  %r = linalg.matmul ins(%s, %b : tensor<3x?xf32>, tensor<?x3xf32>) outs(%c : tensor<3x3xf32>) -> tensor<3x3xf32>
  return %r : tensor<3x3xf32>
}

// -----

func.func @division(%n: index) -> index {
  %0 = arith.constant 0 : index
  // expected-error @+1 {{division by zero}}
  %x = arith.divui %n, %0 : index
  return %x : index
}

// -----

func.func @runaway() -> index {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %end = arith.constant 9223372036854775807 : index
  // expected-error @+1 {{the reference evaluator gave up after 100000 steps}}
  %x = scf.for %i = %0 to %end step %1 iter_args(%acc = %0) -> index {
    scf.yield %acc : index
  }
  return %x : index
}

// -----

func.func @step() -> index {
  %0 = arith.constant 0 : index
  // expected-error @+1 {{expected a positive step, found 0}}
  %x = scf.for %i = %0 to %0 step %0 iter_args(%acc = %0) -> index {
    scf.yield %acc : index
  }
  return %x : index
}

// -----

func.func @recursion() -> index {
  // expected-error @+1 {{calls are nested deeper than 64}}
  %x = func.call @recursion() : () -> index
  return %x : index
}

// -----

#chains = #sparse_ir.chains<rows = 2, depth = 1, phases = 1,
  panel_rows = dense<[0, 7]> : tensor<2xi32>,
  chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<[0]> : tensor<1xi32>>

func.func @position(%a: tensor<3x3xf32>) -> tensor<?x?xf32> {
  %5 = arith.constant 5 : index
  // expected-error @+1 {{position 5 lies outside of a table of 1}}
  %s = sparse_ir.slice rhs %a[%5] of #chains : tensor<3x3xf32> to tensor<?x?xf32>
  return %s : tensor<?x?xf32>
}

// -----

#chains = #sparse_ir.chains<rows = 2, depth = 1, phases = 1,
  panel_rows = dense<[0, 7]> : tensor<2xi32>,
  chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<[0]> : tensor<1xi32>>

func.func @row_of_table(%a: tensor<?x3xf32>) -> tensor<2x?xf32> {
  %0 = arith.constant 0 : index
  // expected-error @+1 {{position 0 of the table holds index 7 of an axis of 5}}
  %s = sparse_ir.slice lhs %a[%0] of #chains : tensor<?x3xf32> to tensor<2x?xf32>
  return %s : tensor<2x?xf32>
}

// -----

// A depth of 2^31 - 1 must not become an index list of that length.
#chains = #sparse_ir.chains<rows = 1, depth = 2147483647, phases = 1,
  panel_rows = dense<[0]> : tensor<1xi32>,
  chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<[0]> : tensor<1xi32>>

func.func @depth(%a: tensor<3x?xf32>) -> tensor<1x?xf32> {
  %0 = arith.constant 0 : index
  // expected-error @+1 {{a meta-op is longer than}}
  %s = sparse_ir.slice lhs %a[%0] of #chains : tensor<3x?xf32> to tensor<1x?xf32>
  return %s : tensor<1x?xf32>
}

// -----

func.func @matmul_sizes(%a: tensor<?x?xf32>, %b: tensor<4x2xf32>, %c: tensor<5x2xf32>) -> tensor<5x2xf32> {
  // expected-error @+1 {{expected M x K, K x N and M x N, found 5x5, 4x2 and 5x2}}
  %r = sparse_ir.matmul ins(%a, %b : tensor<?x?xf32>, tensor<4x2xf32>) outs(%c : tensor<5x2xf32>)
  return %r : tensor<5x2xf32>
}

// -----

func.func @meta_op_outside(%a: tensor<?x4xf32>, %b: tensor<4x2xf32>, %c: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %r = sparse_ir.matmul ins(%a, %b : tensor<?x4xf32>, tensor<4x2xf32>) outs(%c : tensor<?x2xf32>) groups {
    sparse_ir.group <chain> {
      // expected-error @+1 {{reaches index 7 of an axis of 5}}
      sparse_ir.meta_op i <0 to 8> j <*> k <*>
    }
  }
  return %r : tensor<?x2xf32>
}

// -----

#chains = #sparse_ir.chains<rows = 1, depth = 1, phases = 1,
  panel_rows = dense<[0]> : tensor<1xi32>,
  chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<[0]> : tensor<1xi32>>
#strategy = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 1, depth = 1,
  vectors = 1, phase = 0, tasks = 1, pack_rhs = false>

func.func @wrong_table(%a: tensor<1xf32>, %b: tensor<1x1xf32>, %c: tensor<1x1xf32>) -> tensor<1x1xf32> {
  %rows = arith.constant dense<[0]> : tensor<1xi32>
  %ptr = arith.constant dense<[0, 0]> : tensor<2xi32>
  // expected-error @+1 {{the tensor of 'chain_ptr' is not that of the table}}
  %x = sparse_ir.kernel ins(%a, %b : tensor<1xf32>, tensor<1x1xf32>)
         tables(%rows, %ptr, %rows : tensor<1xi32>, tensor<2xi32>, tensor<1xi32>)
         outs(%c : tensor<1x1xf32>) of #chains extents [1, 1, 1]
         strategy(#strategy) {packed_lhs} -> tensor<1x1xf32>
  return %x : tensor<1x1xf32>
}

// -----

#chains = #sparse_ir.chains<rows = 1, depth = 1, phases = 1,
  panel_rows = dense<[0]> : tensor<1xi32>,
  chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<[0]> : tensor<1xi32>>
#strategy = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 1, depth = 1,
  vectors = 1, phase = 0, tasks = 1, pack_rhs = false>

func.func @packed_size(%a: tensor<2xf32>, %b: tensor<1x1xf32>, %c: tensor<1x1xf32>) -> tensor<1x1xf32> {
  %rows = arith.constant dense<[0]> : tensor<1xi32>
  %ptr = arith.constant dense<[0, 1]> : tensor<2xi32>
  // expected-error @+1 {{expected 1 packed values, found 2}}
  %x = sparse_ir.kernel ins(%a, %b : tensor<2xf32>, tensor<1x1xf32>)
         tables(%rows, %ptr, %rows : tensor<1xi32>, tensor<2xi32>, tensor<1xi32>)
         outs(%c : tensor<1x1xf32>) of #chains extents [1, 1, 1]
         strategy(#strategy) {packed_lhs} -> tensor<1x1xf32>
  return %x : tensor<1x1xf32>
}
