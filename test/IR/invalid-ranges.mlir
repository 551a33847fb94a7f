// RUN: sparse-opt %s -split-input-file -verify-diagnostics -allow-unregistered-dialect

// expected-error @+1 {{expected a positive 32-bit extent, or -1 for the whole axis, found 0}}
"test.attribute"() {a = #sparse_ir.ranges<i = 0, j = -1, k = 1, points = dense<0> : tensor<1x3xi32>>} : () -> ()

// -----

// expected-error @+1 {{expected a positive 32-bit extent, or -1 for the whole axis, found -2}}
"test.attribute"() {a = #sparse_ir.ranges<i = 1, j = -2, k = 1, points = dense<0> : tensor<1x3xi32>>} : () -> ()

// -----

// expected-error @+1 {{expected a positive 32-bit extent, or -1 for the whole axis, found 2147483648}}
"test.attribute"() {a = #sparse_ir.ranges<i = 1, j = -1, k = 2147483648, points = dense<0> : tensor<1x3xi32>>} : () -> ()

// -----

// expected-error @+1 {{expected 'points' as a rank-2 tensor of i32, found 'tensor<3xi32>'}}
"test.attribute"() {a = #sparse_ir.ranges<i = 1, j = -1, k = 1, points = dense<0> : tensor<3xi32>>} : () -> ()

// -----

// expected-error @+1 {{expected 'points' as a rank-2 tensor of i32, found 'tensor<1x3xi64>'}}
"test.attribute"() {a = #sparse_ir.ranges<i = 1, j = -1, k = 1, points = dense<0> : tensor<1x3xi64>>} : () -> ()

// -----

// expected-error @+1 {{expected points of 3 coordinates, found 'tensor<1x2xi32>'}}
"test.attribute"() {a = #sparse_ir.ranges<i = 1, j = -1, k = 1, points = dense<0> : tensor<1x2xi32>>} : () -> ()

// -----

// expected-error @+1 {{expected 'points' of at least 0, found -1}}
"test.attribute"() {a = #sparse_ir.ranges<i = 1, j = -1, k = 1, points = dense<[[0, 0, -1]]> : tensor<1x3xi32>>} : () -> ()

// -----

// expected-error @+1 {{'points' has no data of type 'tensor<1x3xi32>'}}
"test.attribute"() {a = #sparse_ir.ranges<i = 1, j = -1, k = 1, points = sparse<[[0, 0]], 1> : tensor<1x3xi32>>} : () -> ()
