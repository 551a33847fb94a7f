// RUN: sparse-opt %s -split-input-file -verify-diagnostics -allow-unregistered-dialect

// expected-error @+1 {{expected positive rows and 1 to 64 columns, found 0 and 2}}
"test.attribute"() {a = #sparse_ir.tiles<rows = 0, cols = 2, panel_rows = dense<0> : tensor<1xi32>, granule_cols = dense<[0, 1]> : tensor<2xi32>, tile_ptr = dense<[0, 1]> : tensor<2xi32>, tiles = dense<0> : tensor<1xi32>, mask_offset = dense<0> : tensor<1xi32>, masks = dense<1> : tensor<1xi64>>} : () -> ()

// -----

// expected-error @+1 {{expected positive rows and 1 to 64 columns, found 1 and 65}}
"test.attribute"() {a = #sparse_ir.tiles<rows = 1, cols = 65, panel_rows = dense<0> : tensor<1xi32>, granule_cols = dense<[0, 1]> : tensor<2xi32>, tile_ptr = dense<[0, 1]> : tensor<2xi32>, tiles = dense<0> : tensor<1xi32>, mask_offset = dense<0> : tensor<1xi32>, masks = dense<1> : tensor<1xi64>>} : () -> ()

// -----

// expected-error @+1 {{expected 'masks' as a rank-1 tensor of i64, found 'tensor<1xi32>'}}
"test.attribute"() {a = #sparse_ir.tiles<rows = 1, cols = 2, panel_rows = dense<0> : tensor<1xi32>, granule_cols = dense<[0, 1]> : tensor<2xi32>, tile_ptr = dense<[0, 1]> : tensor<2xi32>, tiles = dense<0> : tensor<1xi32>, mask_offset = dense<0> : tensor<1xi32>, masks = dense<1> : tensor<1xi32>>} : () -> ()

// -----

// expected-error @+1 {{expected 'tiles' as a rank-1 tensor of i32, found 'tensor<1xi64>'}}
"test.attribute"() {a = #sparse_ir.tiles<rows = 1, cols = 2, panel_rows = dense<0> : tensor<1xi32>, granule_cols = dense<[0, 1]> : tensor<2xi32>, tile_ptr = dense<[0, 1]> : tensor<2xi32>, tiles = dense<0> : tensor<1xi64>, mask_offset = dense<0> : tensor<1xi32>, masks = dense<1> : tensor<1xi64>>} : () -> ()

// -----

// expected-error @+1 {{the sizes of the parts of the tile table disagree}}
"test.attribute"() {a = #sparse_ir.tiles<rows = 1, cols = 2, panel_rows = dense<0> : tensor<1xi32>, granule_cols = dense<0> : tensor<3xi32>, tile_ptr = dense<[0, 1]> : tensor<2xi32>, tiles = dense<0> : tensor<1xi32>, mask_offset = dense<0> : tensor<1xi32>, masks = dense<1> : tensor<1xi64>>} : () -> ()

// -----

// expected-error @+1 {{the sizes of the parts of the tile table disagree}}
"test.attribute"() {a = #sparse_ir.tiles<rows = 1, cols = 2, panel_rows = dense<0> : tensor<2xi32>, granule_cols = dense<[0, 1]> : tensor<2xi32>, tile_ptr = dense<[0, 1]> : tensor<2xi32>, tiles = dense<0> : tensor<1xi32>, mask_offset = dense<0> : tensor<1xi32>, masks = dense<1> : tensor<1xi64>>} : () -> ()

// -----

// expected-error @+1 {{the sizes of the parts of the tile table disagree}}
"test.attribute"() {a = #sparse_ir.tiles<rows = 1, cols = 2, panel_rows = dense<0> : tensor<1xi32>, granule_cols = dense<[0, 1]> : tensor<2xi32>, tile_ptr = dense<[0, 1]> : tensor<2xi32>, tiles = dense<0> : tensor<1xi32>, mask_offset = dense<0> : tensor<2xi32>, masks = dense<1> : tensor<1xi64>>} : () -> ()

// -----

// expected-error @+1 {{expected 'tile_ptr' to ascend from 0 to 1}}
"test.attribute"() {a = #sparse_ir.tiles<rows = 1, cols = 2, panel_rows = dense<0> : tensor<1xi32>, granule_cols = dense<[0, 1]> : tensor<2xi32>, tile_ptr = dense<[0, 0]> : tensor<2xi32>, tiles = dense<0> : tensor<1xi32>, mask_offset = dense<0> : tensor<1xi32>, masks = dense<1> : tensor<1xi64>>} : () -> ()

// -----

// expected-error @+1 {{expected 'panel_rows' of at least -1, found -2}}
"test.attribute"() {a = #sparse_ir.tiles<rows = 1, cols = 2, panel_rows = dense<-2> : tensor<1xi32>, granule_cols = dense<[0, 1]> : tensor<2xi32>, tile_ptr = dense<[0, 1]> : tensor<2xi32>, tiles = dense<0> : tensor<1xi32>, mask_offset = dense<0> : tensor<1xi32>, masks = dense<1> : tensor<1xi64>>} : () -> ()

// -----

// expected-error @+1 {{expected 'granule_cols' of at least -1, found -7}}
"test.attribute"() {a = #sparse_ir.tiles<rows = 1, cols = 2, panel_rows = dense<0> : tensor<1xi32>, granule_cols = dense<[0, -7]> : tensor<2xi32>, tile_ptr = dense<[0, 1]> : tensor<2xi32>, tiles = dense<0> : tensor<1xi32>, mask_offset = dense<0> : tensor<1xi32>, masks = dense<1> : tensor<1xi64>>} : () -> ()

// -----

// expected-error @+1 {{expected tiles in 0 .. 0, found 1}}
"test.attribute"() {a = #sparse_ir.tiles<rows = 1, cols = 2, panel_rows = dense<0> : tensor<1xi32>, granule_cols = dense<[0, 1]> : tensor<2xi32>, tile_ptr = dense<[0, 1]> : tensor<2xi32>, tiles = dense<1> : tensor<1xi32>, mask_offset = dense<0> : tensor<1xi32>, masks = dense<1> : tensor<1xi64>>} : () -> ()

// -----

// expected-error @+1 {{mask offset 1 lies outside of the 1 mask words}}
"test.attribute"() {a = #sparse_ir.tiles<rows = 1, cols = 2, panel_rows = dense<0> : tensor<1xi32>, granule_cols = dense<[0, 1]> : tensor<2xi32>, tile_ptr = dense<[0, 1]> : tensor<2xi32>, tiles = dense<0> : tensor<1xi32>, mask_offset = dense<1> : tensor<1xi32>, masks = dense<1> : tensor<1xi64>>} : () -> ()

// -----

// expected-error @+1 {{mask offset -2 lies outside of the 1 mask words}}
"test.attribute"() {a = #sparse_ir.tiles<rows = 1, cols = 2, panel_rows = dense<0> : tensor<1xi32>, granule_cols = dense<[0, 1]> : tensor<2xi32>, tile_ptr = dense<[0, 1]> : tensor<2xi32>, tiles = dense<0> : tensor<1xi32>, mask_offset = dense<-2> : tensor<1xi32>, masks = dense<1> : tensor<1xi64>>} : () -> ()

// -----

// A full tile needs no mask word.
"test.attribute"() {a = #sparse_ir.tiles<rows = 2, cols = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, granule_cols = dense<0> : tensor<1xi32>, tile_ptr = dense<[0, 1]> : tensor<2xi32>, tiles = dense<0> : tensor<1xi32>, mask_offset = dense<-1> : tensor<1xi32>, masks = dense<> : tensor<0xi64>>} : () -> ()
