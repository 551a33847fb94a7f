// RUN: sparse-opt %s -split-input-file -verify-diagnostics -allow-unregistered-dialect

// expected-error @+1 {{expected positive rows, depth and phases, found 0}}
"test.attribute"() {a = #sparse_ir.chains<rows = 0, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>} : () -> ()

// -----

// expected-error @+1 {{expected positive rows, depth and phases, found -1}}
"test.attribute"() {a = #sparse_ir.chains<rows = 2, depth = -1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>} : () -> ()

// -----

// expected-error @+1 {{expected positive rows, depth and phases, found 2147483648}}
"test.attribute"() {a = #sparse_ir.chains<rows = 2, depth = 1, phases = 2147483648, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>} : () -> ()

// -----

// expected-error @+1 {{expected 'panel_rows' as a rank-1 tensor of i32, found 'tensor<2x1xi32>'}}
"test.attribute"() {a = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<0> : tensor<2x1xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>} : () -> ()

// -----

// expected-error @+1 {{expected 'chain_ptr' as a rank-1 tensor of i32, found 'tensor<2xi64>'}}
"test.attribute"() {a = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<0> : tensor<2xi64>, entries = dense<0> : tensor<1xi32>>} : () -> ()

// -----

// expected-error @+1 {{expected 'entries' as a rank-1 tensor of i32, found 'tensor<1xf32>'}}
"test.attribute"() {a = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0.0> : tensor<1xf32>>} : () -> ()

// -----

// expected-error @+1 {{expected 1 chains for each panel of 2 rows, found 3 rows and 2 chain pointers}}
"test.attribute"() {a = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<0> : tensor<3xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>} : () -> ()

// -----

// expected-error @+1 {{expected 2 chains for each panel of 2 rows, found 2 rows and 2 chain pointers}}
"test.attribute"() {a = #sparse_ir.chains<rows = 2, depth = 1, phases = 2, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>} : () -> ()

// -----

// expected-error @+1 {{expected 'chain_ptr' to ascend from 0 to 1}}
"test.attribute"() {a = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[1, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>} : () -> ()

// -----

// expected-error @+1 {{expected 'chain_ptr' to ascend from 0 to 1}}
"test.attribute"() {a = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 2]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>} : () -> ()

// -----

// expected-error @+1 {{expected 'chain_ptr' to ascend from 0 to 1}}
"test.attribute"() {a = #sparse_ir.chains<rows = 2, depth = 1, phases = 2, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 2, 1]> : tensor<3xi32>, entries = dense<0> : tensor<1xi32>>} : () -> ()

// -----

// expected-error @+1 {{expected 'panel_rows' of at least -1, found -2}}
"test.attribute"() {a = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, -2]> : tensor<2xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>} : () -> ()

// -----

// expected-error @+1 {{expected 'entries' of at least 0, found -1}}
"test.attribute"() {a = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<-1> : tensor<1xi32>>} : () -> ()
