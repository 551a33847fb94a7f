// RUN: sparse-opt %s -split-input-file -test-sparse-ir-evaluate | FileCheck %s

#chains = #sparse_ir.chains<rows = 2, depth = 1, phases = 1,
  panel_rows = dense<[2, 0, 1, -1]> : tensor<4xi32>,
  chain_ptr = dense<[0, 2, 3]> : tensor<3xi32>,
  entries = dense<[0, 2, 1]> : tensor<3xi32>>

// Slices are gathers; padding (the last row of position 1) reads as zero.
// CHECK: slices#0: 2x2 sum 20 [7, 9; 1, 3]
// CHECK: slices#1: 2x1 sum 5 [5; 0]
// CHECK: slices#2: 2x2 sum 14 [1, 2; 5, 6]
// CHECK: slices#3: 2x2 sum 70 [30, 40; 0, 0]
func.func @slices() -> (tensor<2x?xf32>, tensor<2x?xf32>, tensor<?x?xf32>, tensor<2x?xf32>) {
  %a = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]> : tensor<3x3xf32>
  %b = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %c = arith.constant dense<[[10.0, 20.0], [30.0, 40.0], [50.0, 60.0]]> : tensor<3x2xf32>
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %lhs0 = sparse_ir.slice lhs %a[%0] of #chains : tensor<3x3xf32> to tensor<2x?xf32>
  %lhs1 = sparse_ir.slice lhs %a[%1] of #chains : tensor<3x3xf32> to tensor<2x?xf32>
  %rhs0 = sparse_ir.slice rhs %b[%0] of #chains : tensor<3x2xf32> to tensor<?x?xf32>
  %out1 = sparse_ir.slice out %c[%1] of #chains : tensor<3x2xf32> to tensor<2x?xf32>
  return %lhs0, %lhs1, %rhs0, %out1
    : tensor<2x?xf32>, tensor<2x?xf32>, tensor<?x?xf32>, tensor<2x?xf32>
}

// CHECK: assigns#0: 3x2 sum 80 [3, 4; 30, 40; 1, 2]
// CHECK: assigns#1: 3x2 sum 143 [10, 20; 1, 2; 50, 60]
func.func @assigns() -> (tensor<3x2xf32>, tensor<3x2xf32>) {
  %t = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %c = arith.constant dense<[[10.0, 20.0], [30.0, 40.0], [50.0, 60.0]]> : tensor<3x2xf32>
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %x = sparse_ir.assign %t into %c[%0] of #chains : tensor<2x2xf32> into tensor<3x2xf32>
  %y = sparse_ir.assign %t into %c[%1] of #chains : tensor<2x2xf32> into tensor<3x2xf32>
  return %x, %y : tensor<3x2xf32>, tensor<3x2xf32>
}

// One rolled loop over the table: slice, matmul, assign.
// CHECK: loop#0: 3x2 sum 401 [26, 40; 45, 60; 102, 128]
func.func @loop() -> tensor<3x2xf32> {
  %a = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]> : tensor<3x3xf32>
  %b = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %c = arith.constant dense<[[10.0, 20.0], [30.0, 40.0], [50.0, 60.0]]> : tensor<3x2xf32>
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %2 = arith.constant 2 : index
  %r = scf.for %p = %0 to %2 step %1 iter_args(%acc = %c) -> tensor<3x2xf32> {
    %x = sparse_ir.slice lhs %a[%p] of #chains : tensor<3x3xf32> to tensor<2x?xf32>
    %y = sparse_ir.slice rhs %b[%p] of #chains : tensor<3x2xf32> to tensor<?x2xf32>
    %z = sparse_ir.slice out %acc[%p] of #chains : tensor<3x2xf32> to tensor<2x2xf32>
    %m = linalg.matmul ins(%x, %y : tensor<2x?xf32>, tensor<?x2xf32>)
                       outs(%z : tensor<2x2xf32>) -> tensor<2x2xf32>
    %s = sparse_ir.assign %m into %acc[%p] of #chains : tensor<2x2xf32> into tensor<3x2xf32>
    scf.yield %s : tensor<3x2xf32>
  }
  return %r : tensor<3x2xf32>
}

// -----

// The last cell is moved back: its first column belongs to the cell before.
#deep = #sparse_ir.chains<rows = 1, depth = 2, phases = 1,
  panel_rows = dense<0> : tensor<1xi32>,
  chain_ptr = dense<[0, 2]> : tensor<2xi32>,
  entries = dense<[0, 1]> : tensor<2xi32>>

// CHECK: moved_back#0: 1x4 sum 6 [1, 2, 0, 3]
func.func @moved_back() -> tensor<1x?xf32> {
  %a = arith.constant dense<[[1.0, 2.0, 3.0]]> : tensor<1x3xf32>
  %0 = arith.constant 0 : index
  %s = sparse_ir.slice lhs %a[%0] of #deep : tensor<1x3xf32> to tensor<1x?xf32>
  return %s : tensor<1x?xf32>
}

// -----

#chains = #sparse_ir.chains<rows = 2, depth = 1, phases = 1,
  panel_rows = dense<[2, 0, 1, -1]> : tensor<4xi32>,
  chain_ptr = dense<[0, 2, 3]> : tensor<3xi32>,
  entries = dense<[0, 2, 1]> : tensor<3xi32>>

// A contract is one meta-op; the rhs is stored transposed. Dynamic extents are
// what the maps take from the operands.
// CHECK: contract#0: 3x2 sum 366 [26, 40; 30, 40; 102, 128]
// CHECK: contract#1: 3x2 sum 245 [10, 20; 45, 60; 50, 60]
func.func @contract() -> (tensor<3x2xf32>, tensor<3x2xf32>) {
  %a = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]> : tensor<3x3xf32>
  %b = arith.constant dense<[[1.0, 3.0, 5.0], [2.0, 4.0, 6.0]]> : tensor<2x3xf32>
  %c = arith.constant dense<[[10.0, 20.0], [30.0, 40.0], [50.0, 60.0]]> : tensor<3x2xf32>
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %x = sparse_ir.contract ins(%a, %b : tensor<3x3xf32>, tensor<2x3xf32>)
         outs(%c : tensor<3x2xf32>) at [%0] of #chains extents [3, 2, 3]
         {rhs_map = affine_map<(k, j) -> (j, k)>}
  %y = sparse_ir.contract ins(%a, %b : tensor<3x3xf32>, tensor<2x3xf32>)
         outs(%c : tensor<3x2xf32>) at [%1] of #chains extents [-1, -1, -1]
         {rhs_map = affine_map<(k, j) -> (j, k)>}
  return %x, %y : tensor<3x2xf32>, tensor<3x2xf32>
}
