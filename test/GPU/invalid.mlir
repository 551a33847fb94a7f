// RUN: sparse-opt %s -split-input-file -verify-diagnostics

func.func @mma_c1_element(%a: vector<8xf64>, %b: vector<4xf64>, %c: vector<4xf32>) {
  // expected-error @+1 {{(C1) expects a and b of one type, f16, bf16, f32, i8, f8E4M3FN or f8E5M2; found 'vector<8xf64>' and 'vector<4xf64>'}}
  %0 = sparse_gpu.mma %a, %b, %c : vector<8xf64>, vector<4xf64>, vector<4xf32>
  return
}

// -----

func.func @mma_c1_mixed(%a: vector<8xf16>, %b: vector<4xbf16>, %c: vector<4xf32>) {
  // expected-error @+1 {{(C1) expects a and b of one type, f16, bf16, f32, i8, f8E4M3FN or f8E5M2; found 'vector<8xf16>' and 'vector<4xbf16>'}}
  %0 = sparse_gpu.mma %a, %b, %c : vector<8xf16>, vector<4xbf16>, vector<4xf32>
  return
}

// -----

func.func @mma_c1_dense(%a: vector<8xf16>, %b: vector<8xf16>, %c: vector<4xf32>) {
  // expected-error @+1 {{(C1) expects 8 values of a and 4 of b, found 'vector<8xf16>' and 'vector<8xf16>'}}
  %0 = sparse_gpu.mma %a, %b, %c : vector<8xf16>, vector<8xf16>, vector<4xf32>
  return
}

// -----

func.func @mma_c1_sparse(%a: vector<4xf32>, %b: vector<2xf32>, %c: vector<4xf32>, %m: i32) {
  // expected-error @+1 {{(C1) expects 4 values of a and 4 of b, found 'vector<4xf32>' and 'vector<2xf32>'}}
  %0 = sparse_gpu.mma %a, %b, %c meta %m : vector<4xf32>, vector<2xf32>, vector<4xf32>
  return
}

// -----

func.func @mma_c1_rank(%a: vector<2x4xf16>, %b: vector<4xf16>, %c: vector<4xf32>) {
  // expected-error @+1 {{(C1) expects 8 values of a and 4 of b, found 'vector<2x4xf16>' and 'vector<4xf16>'}}
  %0 = sparse_gpu.mma %a, %b, %c : vector<2x4xf16>, vector<4xf16>, vector<4xf32>
  return
}

// -----

func.func @mma_c1_scalable(%a: vector<[8]xf16>, %b: vector<4xf16>, %c: vector<4xf32>) {
  // expected-error @+1 {{(C1) expects 8 values of a and 4 of b, found 'vector<[8]xf16>' and 'vector<4xf16>'}}
  %0 = sparse_gpu.mma %a, %b, %c : vector<[8]xf16>, vector<4xf16>, vector<4xf32>
  return
}

// -----

func.func @mma_c1_accumulator(%a: vector<8xbf16>, %b: vector<4xbf16>, %c: vector<4xf16>) {
  // expected-error @+1 {{(C1) expects c of 4 values of f32, of i32 where a is i8, or f16 where a is f16; found 'vector<4xf16>'}}
  %0 = sparse_gpu.mma %a, %b, %c : vector<8xbf16>, vector<4xbf16>, vector<4xf16>
  return
}

// -----

func.func @mma_c1_accumulators(%a: vector<8xf16>, %b: vector<4xf16>, %c: vector<8xf32>) {
  // expected-error @+1 {{(C1) expects c of 4 values of f32, of i32 where a is i8, or f16 where a is f16; found 'vector<8xf32>'}}
  %0 = sparse_gpu.mma %a, %b, %c : vector<8xf16>, vector<4xf16>, vector<8xf32>
  return
}

// -----

func.func @mma_c2_range(%a: vector<8xf16>, %c: vector<4xf32>, %m: i32) {
  // expected-error @+1 {{(C2) expects selector 0 or 1, found 2}}
  %0 = sparse_gpu.mma %a, %a, %c meta %m selector 2 : vector<8xf16>, vector<8xf16>, vector<4xf32>
  return
}

// -----

func.func @mma_c2_dense(%a: vector<8xf16>, %b: vector<4xf16>, %c: vector<4xf32>) {
  // expected-error @+1 {{(C2) expects metadata with selector 1, found none}}
  %0 = sparse_gpu.mma %a, %b, %c selector 1 : vector<8xf16>, vector<4xf16>, vector<4xf32>
  return
}

// -----

func.func @wgmma_c1_cols(%a: i64, %c: vector<6xf32>) {
  // expected-error @+1 {{(C1) expects c of N / 2 values of 'f32', N a multiple of 8 up to 256, found 'vector<6xf32>'}}
  %0 = sparse_gpu.wgmma f16 %a, %a, %c : i64, vector<6xf32>
  return
}

// -----

func.func @wgmma_c1_wide(%a: i64, %c: vector<132xf32>) {
  // expected-error @+1 {{(C1) expects c of N / 2 values of 'f32', N a multiple of 8 up to 256, found 'vector<132xf32>'}}
  %0 = sparse_gpu.wgmma f16 %a, %a, %c : i64, vector<132xf32>
  return
}

// -----

func.func @wgmma_c1_element(%a: i64, %c: vector<8xf16>) {
  // expected-error @+1 {{(C1) expects c of N / 2 values of 'f32', N a multiple of 8 up to 256, found 'vector<8xf16>'}}
  %0 = sparse_gpu.wgmma f16 %a, %a, %c : i64, vector<8xf16>
  return
}

// -----

func.func @wgmma_c1_rank(%a: i64, %c: vector<2x4xf32>) {
  // expected-error @+1 {{(C1) expects c of N / 2 values of 'f32', N a multiple of 8 up to 256, found 'vector<2x4xf32>'}}
  %0 = sparse_gpu.wgmma f16 %a, %a, %c : i64, vector<2x4xf32>
  return
}

// -----

func.func @wgmma_c2_element(%a: i64, %c: vector<8xf32>) {
  // expected-error @+1 {{(C2) expects f16, bf16, tf32, i8, f8E4M3FN or f8E5M2, found 'f32'}}
  %0 = sparse_gpu.wgmma f32 %a, %a, %c : i64, vector<8xf32>
  return
}

// -----

func.func @wgmma_c2_registers(%r: vector<8xf16>, %b: i64, %c: vector<8xf32>) {
  // expected-error @+1 {{(C2) expects a descriptor (i64) or 'vector<8xbf16>' as a, found 'vector<8xf16>'}}
  %0 = sparse_gpu.wgmma bf16 %r, %b, %c : vector<8xf16>, vector<8xf32>
  return
}

// -----

func.func @wgmma_c2_tf32(%r: vector<8xf32>, %b: i64, %c: vector<8xf32>) {
  // expected-error @+1 {{(C2) expects a descriptor (i64) or 'vector<4xf32>' as a, found 'vector<8xf32>'}}
  %0 = sparse_gpu.wgmma tf32 %r, %b, %c : vector<8xf32>, vector<8xf32>
  return
}

// -----

func.func @wgmma_c3(%a: i64, %c: vector<8xf32>) {
  // expected-error @+1 {{(C3) transposes b of 16-bit elements only, found 'tf32'}}
  %0 = sparse_gpu.wgmma tf32 %a, %a, %c transpose_b : i64, vector<8xf32>
  return
}

// -----

func.func @wgmma_c4_range(%a: i64, %c: vector<8xf32>, %m: i32) {
  // expected-error @+1 {{(C4) expects selector 0 or 1, found -1}}
  %0 = sparse_gpu.wgmma f16 %a, %a, %c meta %m selector -1 : i64, vector<8xf32>
  return
}

// -----

func.func @wgmma_c4_dense(%a: i64, %c: vector<8xf32>) {
  // expected-error @+1 {{(C4) expects metadata with selector 1, found none}}
  %0 = sparse_gpu.wgmma f16 %a, %a, %c selector 1 : i64, vector<8xf32>
  return
}

// -----

func.func @tensor_map_c1_bytes(%n: i64) {
  // expected-error @+1 {{(C1) expects a box of at most 256 rows of 16 to 128 bytes in steps of 16, found 8 rows of 72 elements of 2 bytes}}
  %0 = sparse_gpu.tensor_map f16 %n, %n, %n, %n box [8, 72] : !llvm.ptr
  return
}

// -----

func.func @tensor_map_c1_step(%n: i64) {
  // expected-error @+1 {{found 8 rows of 12 elements of 2 bytes}}
  %0 = sparse_gpu.tensor_map bf16 %n, %n, %n, %n box [8, 12] : !llvm.ptr
  return
}

// -----

func.func @tensor_map_c1_huge(%n: i64) {
  // expected-error @+1 {{found 8 rows of 9223372036854775807 elements of 4 bytes}}
  %0 = sparse_gpu.tensor_map f32 %n, %n, %n, %n box [8, 9223372036854775807] : !llvm.ptr
  return
}

// -----

func.func @tensor_map_c1_rows(%n: i64) {
  // expected-error @+1 {{found 257 rows of 64 elements of 2 bytes}}
  %0 = sparse_gpu.tensor_map f16 %n, %n, %n, %n box [257, 64] : !llvm.ptr
  return
}

// -----

func.func @tensor_map_c1_none(%n: i64) {
  // expected-error @+1 {{found 0 rows of 64 elements of 2 bytes}}
  %0 = sparse_gpu.tensor_map f16 %n, %n, %n, %n box [0, 64] : !llvm.ptr
  return
}

// -----

func.func @tensor_map_c2(%n: i64) {
  // expected-error @+1 {{(C2) expects f16, bf16 or f32, found 'i8'}}
  %0 = sparse_gpu.tensor_map i8 %n, %n, %n, %n box [8, 64] : !llvm.ptr
  return
}

// -----

func.func @round(%v: vector<2xf16>) {
  // expected-error @+1 {{(C1) expects f32 or a vector of it, found 'vector<2xf16>'}}
  %0 = sparse_gpu.round_tf32 %v : vector<2xf16>
  return
}

// -----

func.func @round_matrix(%v: vector<2x2xf32>) {
  // expected-error @+1 {{(C1) expects f32 or a vector of it, found 'vector<2x2xf32>'}}
  %0 = sparse_gpu.round_tf32 %v : vector<2x2xf32>
  return
}

// -----

func.func @mma_c1_integer_sums(%a: vector<16xi8>, %b: vector<8xi8>, %c: vector<4xf32>) {
  // expected-error @+1 {{(C1) expects c of 4 values of f32, of i32 where a is i8, or f16 where a is f16; found 'vector<4xf32>'}}
  %0 = sparse_gpu.mma %a, %b, %c : vector<16xi8>, vector<8xi8>, vector<4xf32>
  return
}

// -----

func.func @mma_c1_float8_sums(%a: vector<16xf8E4M3FN>, %b: vector<8xf8E4M3FN>, %c: vector<4xi32>) {
  // expected-error @+1 {{(C1) expects c of 4 values of f32, of i32 where a is i8, or f16 where a is f16; found 'vector<4xi32>'}}
  %0 = sparse_gpu.mma %a, %b, %c : vector<16xf8E4M3FN>, vector<8xf8E4M3FN>, vector<4xi32>
  return
}

// -----

func.func @mma_c1_bytes(%a: vector<8xi8>, %c: vector<4xi32>) {
  // expected-error @+1 {{(C1) expects 16 values of a and 8 of b, found 'vector<8xi8>' and 'vector<8xi8>'}}
  %0 = sparse_gpu.mma %a, %a, %c : vector<8xi8>, vector<8xi8>, vector<4xi32>
  return
}

// -----

func.func @mma_c2_bytes(%a: vector<16xi8>, %c: vector<4xi32>, %m: i32) {
  // expected-error @+1 {{(C2) expects selector 0 with 'i8', found 1}}
  %0 = sparse_gpu.mma %a, %a, %c meta %m selector 1 : vector<16xi8>, vector<16xi8>, vector<4xi32>
  return
}

// -----

func.func @mma_c3(%a: vector<16xf8E5M2>, %b: vector<8xf8E5M2>, %c: vector<4xf32>) {
  // expected-error @+1 {{(C3) expects unsigned elements to be i8, found 'f8E5M2'}}
  %0 = sparse_gpu.mma %a, %b, %c unsigned_b : vector<16xf8E5M2>, vector<8xf8E5M2>, vector<4xf32>
  return
}

// -----

func.func @wgmma_c1_sums(%d: i64, %c: vector<8xf32>) {
  // expected-error @+1 {{(C1) expects c of N / 2 values of 'i32', N a multiple of 8 up to 256, found 'vector<8xf32>'}}
  %0 = sparse_gpu.wgmma i8 %d, %d, %c : i64, vector<8xf32>
  return
}

// -----

func.func @wgmma_c1_integer_cols(%d: i64, %c: vector<20xi32>) {
  // expected-error @+1 {{(C1) expects N to be a multiple of 16 from 32 on with i8, found 40}}
  %0 = sparse_gpu.wgmma i8 %d, %d, %c : i64, vector<20xi32>
  return
}

// -----

func.func @wgmma_c2_registers(%a: vector<16xi8>, %d: i64, %c: vector<8xf32>) {
  // expected-error @+1 {{(C2) expects a descriptor (i64) or 'vector<16xf8E4M3FN>' as a, found 'vector<16xi8>'}}
  %0 = sparse_gpu.wgmma f8E4M3FN %a, %d, %c : vector<16xi8>, vector<8xf32>
  return
}

// -----

func.func @wgmma_c3_bytes(%d: i64, %c: vector<8xi32>) {
  // expected-error @+1 {{(C3) transposes b of 16-bit elements only, found 'i8'}}
  %0 = sparse_gpu.wgmma i8 %d, %d, %c transpose_b : i64, vector<8xi32>
  return
}

// -----

func.func @wgmma_c4_bytes(%d: i64, %c: vector<8xf32>, %m: i32) {
  // expected-error @+1 {{(C4) expects selector 0 with 'f8E5M2', found 1}}
  %0 = sparse_gpu.wgmma f8E5M2 %d, %d, %c meta %m selector 1 : i64, vector<8xf32>
  return
}

// -----

func.func @wgmma_c5(%d: i64, %c: vector<8xf32>) {
  // expected-error @+1 {{(C5) expects unsigned elements to be i8, found 'f16'}}
  %0 = sparse_gpu.wgmma f16 %d, %d, %c unsigned_a : i64, vector<8xf32>
  return
}
