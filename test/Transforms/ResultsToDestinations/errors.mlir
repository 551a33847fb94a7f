// RUN: sparse-opt %s -split-input-file -verify-diagnostics -sparse-ir-results-to-destinations

func.func @no_dimension(%n: index) -> tensor<?xf32> {
  %r = tensor.empty(%n) : tensor<?xf32>
  // expected-error @+1 {{returns a tensor whose dimension 0 is no dimension of an argument}}
  return %r : tensor<?xf32>
}

// -----

// expected-error @+1 {{argument 1 has 1 dims in 'sparse_ir.dims', expected 2}}
func.func @rank(%a: tensor<4xf32>, %b: tensor<?x4xf32> {sparse_ir.dims = ["n"]}) -> tensor<4xf32> {
  return %a : tensor<4xf32>
}
