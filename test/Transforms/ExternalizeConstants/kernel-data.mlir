// RUN: sparse-opt %s -sparse-ir-externalize-constants | FileCheck %s

// Packed operands and tables are data whatever their size; a lhs that is read
// in place, and a small initial value, are constants like any other.

#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 1, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
#t = #sparse_ir.chains<rows = 1, depth = 1, phases = 1, panel_rows = dense<0> : tensor<1xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<1> : tensor<1xi32>>

// CHECK: sparse_ir.constants = {c0 = dense<7.000000e+00> : tensor<1xf32>, c1 = dense<0> : tensor<1xi32>, c2 = dense<[0, 1]> : tensor<2xi32>, c3 = dense<1> : tensor<1xi32>}
// CHECK-LABEL: func.func @packed
// CHECK: arith.constant dense<0.0{{.*}}> : tensor<1x2xf32>
// CHECK-NOT: arith.constant
// CHECK: sparse_ir.kernel ins(%arg1, %arg0 : {{.*}}) tables(%arg2, %arg3, %arg4, %arg3
func.func @packed(%b: tensor<2x2xf32>) -> tensor<1x2xf32> {
  %a = arith.constant dense<7.0> : tensor<1xf32>
  %rows = arith.constant dense<0> : tensor<1xi32>
  %ptr = arith.constant dense<[0, 1]> : tensor<2xi32>
  %entries = arith.constant dense<1> : tensor<1xi32>
  %c = arith.constant dense<0.0> : tensor<1x2xf32>
  %r = sparse_ir.kernel ins(%a, %b : tensor<1xf32>, tensor<2x2xf32>)
         tables(%rows, %ptr, %entries, %ptr : tensor<1xi32>, tensor<2xi32>, tensor<1xi32>, tensor<2xi32>)
         outs(%c : tensor<1x2xf32>) of #t extents [1, 2, 2] strategy(#s) {packed_lhs} -> tensor<1x2xf32>
  return %r : tensor<1x2xf32>
}

// CHECK-LABEL: func.func @in_place(%{{.*}}: tensor<2x2xf32>, %{{.*}}: tensor<1x2xf32>) -> tensor<1x2xf32>
// CHECK: arith.constant dense<[{{\[}}0.0{{.*}}> : tensor<1x2xf32>
func.func @in_place(%b: tensor<2x2xf32>, %c: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %a = arith.constant dense<[[0.0, 7.0]]> : tensor<1x2xf32>
  %r = sparse_ir.kernel ins(%a, %b : tensor<1x2xf32>, tensor<2x2xf32>) outs(%c : tensor<1x2xf32>) of #t extents [1, 2, 2] strategy(#s) -> tensor<1x2xf32>
  return %r : tensor<1x2xf32>
}

// Vectors and scalars are no data of a package.
// CHECK-LABEL: func.func @vector() -> (vector<32xf32>, f64)
func.func @vector() -> (vector<32xf32>, f64) {
  %x = arith.constant dense<6.0> : vector<32xf32>
  %y = arith.constant 7.0 : f64
  return %x, %y : vector<32xf32>, f64
}
