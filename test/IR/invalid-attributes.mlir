// RUN: sparse-opt %s -split-input-file -verify-diagnostics -allow-unregistered-dialect

// expected-error @+1 {{in pattern 'nm<4:2>': }}
"test.attribute"() {a = #sparse_ir.nm<4:2>} : () -> ()

// -----

// expected-error @+1 {{expected a known pattern, found 'blok', did you mean 'block'?}}
"test.attribute"() {a = #sparse_ir.blok<4x4>} : () -> ()

// -----

// expected-error @+1 {{row 1 of the mask: expected 2 digits 0 or 1, found '1'}}
"test.attribute"() {a = #sparse_ir.mask<["10", "1"]>} : () -> ()

// -----

// expected-error @+1 {{row 0 of the mask: expected 2 digits 0 or 1, found '1x'}}
"test.attribute"() {a = #sparse_ir.mask<["1x"]>} : () -> ()

// -----

// expected-error @+1 {{expected rows x columns, found 1 dimensions}}
"test.attribute"() {a = #sparse_ir.mask<4, dense<0> : tensor<4xi8>>} : () -> ()

// -----

// expected-error @+1 {{expected the bits of a 2x9 mask as tensor<4xi8>, found 'tensor<2xi8>'}}
"test.attribute"() {a = #sparse_ir.mask<2x9, dense<0> : tensor<2xi8>>} : () -> ()

// -----

// expected-error @+1 {{expected the bits of a 2x2 mask as tensor<2xi8>, found 'tensor<2xi32>'}}
"test.attribute"() {a = #sparse_ir.mask<2x2, dense<0> : tensor<2xi32>>} : () -> ()

// -----

// 2^61 rows of 8 bytes are no bytes at all, modulo 2^64.
// expected-error @+1 {{expected a mask of 0 to 2^31 - 1 rows and columns, found 2305843009213693952x64}}
"test.attribute"() {a = #sparse_ir.mask<2305843009213693952x64, dense<> : tensor<0xi8>>} : () -> ()

// -----

// expected-error @+1 {{the bits of a 1x1 mask have no data}}
"test.attribute"() {a = #sparse_ir.mask<1x1, sparse<0, 1> : tensor<1xi8>>} : () -> ()

// -----

// expected-error @+1 {{mask does not obey pattern 'nm<2:4>': }}
"test.attribute"() {a = #sparse_ir.sparsity<#sparse_ir.nm<2:4>, #sparse_ir.mask<["1110"]>>} : () -> ()

// -----

// expected-error @+1 {{mask does not obey pattern 'block<2x2>': }}
"test.attribute"() {a = #sparse_ir.sparsity<#sparse_ir.block<2x2>, #sparse_ir.mask<["11", "01"]>>} : () -> ()

// -----

// expected-error @+1 {{expected a non-empty range of non-negative 32-bit indices, found 4 to 4}}
"test.attribute"() {a = #sparse_ir.axis<4 to 4>} : () -> ()

// -----

// expected-error @+1 {{expected a non-empty range of non-negative 32-bit indices, found -1 to 4}}
"test.attribute"() {a = #sparse_ir.axis<-1 to 4>} : () -> ()

// -----

// expected-error @+1 {{expected a non-empty range of non-negative 32-bit indices, found 0 to 2147483648}}
"test.attribute"() {a = #sparse_ir.axis<0 to 2147483648>} : () -> ()

// -----

// expected-error @+1 {{expected a non-empty list of non-negative 32-bit indices}}
"test.attribute"() {a = #sparse_ir.axis<[]>} : () -> ()
