// RUN: sparse-opt %s -split-input-file -verify-diagnostics -allow-unregistered-dialect

// expected-error @+1 {{expected the name of an intrinsic}}
"test.attribute"() {a = #sparse_ir.strategy<intrinsic = "", rows = 1, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>} : () -> ()

// -----

// expected-error @+1 {{expected 'rows' of 1 to 1024, found 0}}
"test.attribute"() {a = #sparse_ir.strategy<intrinsic = "x", rows = 0, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>} : () -> ()

// -----

// expected-error @+1 {{expected a positive 32-bit 'depth', found -4}}
"test.attribute"() {a = #sparse_ir.strategy<intrinsic = "x", rows = 1, depth = -4, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>} : () -> ()

// -----

// expected-error @+1 {{expected 'vectors' of 1 to 256, found 0}}
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

// expected-error @+1 {{expected 'panels' of 1 to 16, found 17}}
#s = #sparse_ir.strategy<intrinsic = "wgmma-f16", rows = 64, depth = 64, vectors = 32, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 4, warps_i = 4, panels = 17>

// -----

// expected-error @+1 {{expected 'cluster' of 1 or 2, found 3}}
#s = #sparse_ir.strategy<intrinsic = "wgmma-f16", rows = 64, depth = 64, vectors = 32, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 4, warps_i = 4, cluster = 3>

// -----

// expected-error @+1 {{expected 'rows' of 1 to 1024, found 1025}}
#s = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 1025, depth = 64, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 4, warps_i = 4>

// -----

// expected-error @+1 {{expected 'vectors' of 1 to 256, found 257}}
#s = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 64, depth = 64, vectors = 257, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 4, warps_i = 4>

// -----

// expected-error @+1 {{expected 'warps_i' of 1 to 32, found 33}}
#s = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 64, depth = 64, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 4, warps_i = 33>

// -----

// expected-error @+1 {{expected 'stages' of 0 to 64, found 65}}
#s = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 64, depth = 64, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 65, warps_i = 4>

// -----

// expected-error @+1 {{expected 'step' to be a multiple of depth 64 of at most 4096, found 8192}}
#s = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 64, depth = 64, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 8192, stages = 4, warps_i = 4>
