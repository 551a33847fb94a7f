// RUN: sparse-opt %s -split-input-file -allow-unregistered-dialect -verify-diagnostics -mlir-print-local-scope | FileCheck %s

// A mask that obeys its pattern in another order of the rows, with the columns
// of each tile in the order of their groups.

// CHECK: rows = dense<[0, 2, 1, 3]> : tensor<4xi32>, columns = dense<{{\[\[}}0, 1], [2, 3]]> : tensor<2x2xi32>>
"test.attribute"() {a = #sparse_ir.sparsity<#sparse_ir.hinm<v=2,vector=0.5,1:2>,
  #sparse_ir.mask<["1000", "0010", "0100", "0001"]>,
  columns = dense<[[0, 1], [2, 3]]> : tensor<2x2xi32>,
  rows = dense<[0, 2, 1, 3]> : tensor<4xi32>>} : () -> ()

// Without a mask the orders wait for a constant.
// CHECK: #sparse_ir.sparsity<#sparse_ir.nm<1:2>, rows = dense<[1, 0]> : tensor<2xi32>>
"test.attribute"() {a = #sparse_ir.sparsity<#sparse_ir.nm<1:2>, rows = dense<[1, 0]> : tensor<2xi32>>} : () -> ()

// CHECK: #sparse_ir.transposed<vector-nm<1:4,l=8>>
"test.attribute"() {a = #sparse_ir.transposed<vector-nm<1:4,l=8>>} : () -> ()

// The orders are those of the transposed matrix.
// CHECK: #sparse_ir.sparsity<#sparse_ir.transposed<block<2x1>>, {{.*}}, rows = dense<[0, 2, 1]>
"test.attribute"() {a = #sparse_ir.sparsity<#sparse_ir.transposed<block<2x1>>,
  #sparse_ir.mask<["101", "010"]>, rows = dense<[0, 2, 1]> : tensor<3xi32>>} : () -> ()

// -----

// expected-error @+1 {{mask does not obey pattern 'hinm<v=2,vector=0.5,1:2>': }}
"test.attribute"() {a = #sparse_ir.sparsity<#sparse_ir.hinm<v=2,vector=0.5,1:2>,
  #sparse_ir.mask<["1000", "0010", "0100", "0001"]>,
  rows = dense<[0, 1, 2, 3]> : tensor<4xi32>,
  columns = dense<[[0, 1], [2, 3]]> : tensor<2x2xi32>>} : () -> ()

// -----

// expected-error @+1 {{row order: expected each row from 0 to 1 once, found 1 twice}}
"test.attribute"() {a = #sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["10", "01"]>, rows = dense<1> : tensor<2xi32>>} : () -> ()

// -----

// expected-error @+1 {{expected the order of rows as a tensor<?xi32>, found 'tensor<2xi64>'}}
"test.attribute"() {a = #sparse_ir.sparsity<#sparse_ir.unstructured, rows = dense<[0, 1]> : tensor<2xi64>>} : () -> ()

// -----

// expected-error @+1 {{expected the lists of columns as a tensor<?x?xi32>, found 'tensor<2xi32>'}}
"test.attribute"() {a = #sparse_ir.sparsity<#sparse_ir.unstructured, columns = dense<[0, 1]> : tensor<2xi32>>} : () -> ()

// -----

// expected-error @+1 {{expected 'rows' or 'columns' once, found 'row'}}
"test.attribute"() {a = #sparse_ir.sparsity<#sparse_ir.unstructured, row = dense<[0, 1]> : tensor<2xi32>>} : () -> ()

// -----

// expected-error @+1 {{expected 'rows' or 'columns' once, found 'rows'}}
"test.attribute"() {a = #sparse_ir.sparsity<#sparse_ir.unstructured, rows = dense<[0, 1]> : tensor<2xi32>, rows = dense<[0, 1]> : tensor<2xi32>>} : () -> ()

// -----

// expected-error @+1 {{expected a #sparse_ir.mask, found dense<[0, 1]> : tensor<2xi32>}}
"test.attribute"() {a = #sparse_ir.sparsity<#sparse_ir.unstructured, dense<[0, 1]> : tensor<2xi32>>} : () -> ()

// -----

// A pattern that determines its mask has no other order.
func.func @determined(%a: tensor<4x4xf32>, %b: tensor<4x4xf32>, %c: tensor<4x4xf32>) -> tensor<4x4xf32> {
  // expected-error @+1 {{expects a mask of lhs, pattern 'window<1>' does not determine one}}
  %r = sparse_ir.matmul ins(%a, %b : tensor<4x4xf32>, tensor<4x4xf32>) outs(%c : tensor<4x4xf32>)
         lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.window<1>, rows = dense<[3, 2, 1, 0]> : tensor<4xi32>>)
  return %r : tensor<4x4xf32>
}
