// RUN: sparse-opt %s -split-input-file -verify-diagnostics

#a = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 4, depth = 1, vectors = 4, phase = 0, tasks = 2, pack_rhs = true>
// expected-error @+1 {{expected one '#sparse_ir.strategy' or more, found []}}
#s = #sparse_ir.selection<strategies = [], modulus = 1, aligned = [], others = [0, 0]>

// -----

// expected-error @+1 {{expected one '#sparse_ir.strategy' or more, found [4]}}
#s = #sparse_ir.selection<strategies = [4], modulus = 1, aligned = [], others = [0, 0]>

// -----

#a = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 4, depth = 1, vectors = 4, phase = 0, tasks = 2, pack_rhs = true>
// expected-error @+1 {{expected a positive 32-bit 'modulus', found 0}}
#s = #sparse_ir.selection<strategies = [#a], modulus = 0, aligned = [], others = [0, 0]>

// -----

#a = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 4, depth = 1, vectors = 4, phase = 0, tasks = 2, pack_rhs = true>
// expected-error @+1 {{expected no 'aligned' ranges with a modulus of 1}}
#s = #sparse_ir.selection<strategies = [#a], modulus = 1, aligned = [0, 0], others = [0, 0]>

// -----

#a = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 4, depth = 1, vectors = 4, phase = 0, tasks = 2, pack_rhs = true>
// expected-error @+1 {{expected 'others' to be pairs of a first N and a strategy, beginning at 0}}
#s = #sparse_ir.selection<strategies = [#a], modulus = 1, aligned = [], others = [1, 0]>

// -----

#a = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 4, depth = 1, vectors = 4, phase = 0, tasks = 2, pack_rhs = true>
// expected-error @+1 {{expected 'aligned' to be pairs of a first N and a strategy, beginning at 0}}
#s = #sparse_ir.selection<strategies = [#a], modulus = 8, aligned = [], others = [0, 0]>

// -----

#a = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 4, depth = 1, vectors = 4, phase = 0, tasks = 2, pack_rhs = true>
// expected-error @+1 {{expected the ranges of 'others' to ascend, found 8 after 8}}
#s = #sparse_ir.selection<strategies = [#a], modulus = 1, aligned = [], others = [0, 0, 8, 0, 8, 0]>

// -----

#a = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 4, depth = 1, vectors = 4, phase = 0, tasks = 2, pack_rhs = true>
// expected-error @+1 {{expected 'others' to name one of 1 strategies, found 1}}
#s = #sparse_ir.selection<strategies = [#a], modulus = 1, aligned = [], others = [0, 1]>
