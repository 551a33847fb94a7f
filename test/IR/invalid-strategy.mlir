// RUN: sparse-opt %s -split-input-file -verify-diagnostics -allow-unregistered-dialect

// expected-error @+1 {{expected the name of an intrinsic}}
"test.attribute"() {a = #sparse_ir.strategy<intrinsic = "", rows = 1, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>} : () -> ()

// -----

// expected-error @+1 {{expected a positive 32-bit 'rows', found 0}}
"test.attribute"() {a = #sparse_ir.strategy<intrinsic = "x", rows = 0, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>} : () -> ()

// -----

// expected-error @+1 {{expected a positive 32-bit 'depth', found -4}}
"test.attribute"() {a = #sparse_ir.strategy<intrinsic = "x", rows = 1, depth = -4, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>} : () -> ()

// -----

// expected-error @+1 {{expected a positive 32-bit 'vectors', found 0}}
"test.attribute"() {a = #sparse_ir.strategy<intrinsic = "x", rows = 1, depth = 1, vectors = 0, phase = 0, tasks = 1, pack_rhs = false>} : () -> ()

// -----

// expected-error @+1 {{expected a positive 32-bit 'tasks', found 4294967297}}
"test.attribute"() {a = #sparse_ir.strategy<intrinsic = "x", rows = 1, depth = 1, vectors = 1, phase = 0, tasks = 4294967297, pack_rhs = false>} : () -> ()

// -----

// expected-error @+1 {{expected 'phase' to be a multiple of depth 4, found 6}}
"test.attribute"() {a = #sparse_ir.strategy<intrinsic = "x", rows = 1, depth = 4, vectors = 1, phase = 6, tasks = 1, pack_rhs = false>} : () -> ()

// -----

// expected-error @+1 {{expected 'phase' to be a multiple of depth 1, found -1}}
"test.attribute"() {a = #sparse_ir.strategy<intrinsic = "x", rows = 1, depth = 1, vectors = 1, phase = -1, tasks = 1, pack_rhs = false>} : () -> ()

// -----

// expected-error @+1 {{expected 'panels' of 1 or 2, found 3}}
#s = #sparse_ir.strategy<intrinsic = "wgmma-f16", rows = 64, depth = 64, vectors = 32, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 4, warps_i = 4, panels = 3>
