// RUN: sparse-opt %s -split-input-file -verify-diagnostics -allow-unregistered-dialect

// expected-error @+1 {{expected a non-empty list of non-negative 32-bit indices}}
"test.attribute"() {a = #sparse_ir.axis<[-1, 2]>} : () -> ()

// -----

// expected-error @+1 {{expected ascending indices, found 5 before 5}}
"test.attribute"() {a = #sparse_ir.axis<[1, 5, 5]>} : () -> ()

// -----

// expected-error @+1 {{expected 1 <= n <= m in 'nm n of m', found 4 of 2}}
"test.attribute"() {a = #sparse_ir.axis<0 to 4, nm 4 of 2>} : () -> ()

// -----

// expected-error @+1 {{expected 1 <= n <= m in 'nm n of m', found 0 of 4}}
"test.attribute"() {a = #sparse_ir.axis<0 to 4, nm 0 of 4>} : () -> ()

// -----

// expected-error @+1 {{expected 1 <= n <= m in 'nm n of m', found 0 of 0}}
"test.attribute"() {a = #sparse_ir.axis<0 to 4, nm 0 of 0>} : () -> ()

// -----

// expected-error @+1 {{expected 'to'}}
"test.attribute"() {a = #sparse_ir.axis<0>} : () -> ()
