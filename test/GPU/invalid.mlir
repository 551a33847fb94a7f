// RUN: sparse-opt %s -split-input-file -verify-diagnostics

func.func @mma_c1_element(%a: vector<8xf64>, %b: vector<4xf64>, %c: vector<4xf32>) {
  // expected-error @+1 {{(C1) expects a and b of f16, bf16 or f32, found 'vector<8xf64>' and 'vector<4xf64>'}}
  %0 = sparse_gpu.mma %a, %b, %c : vector<8xf64>, vector<4xf64>, vector<4xf32>
  return
}

// -----

func.func @mma_c1_mixed(%a: vector<8xf16>, %b: vector<4xbf16>, %c: vector<4xf32>) {
  // expected-error @+1 {{(C1) expects a and b of f16, bf16 or f32, found 'vector<8xf16>' and 'vector<4xbf16>'}}
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
  // expected-error @+1 {{(C1) expects c of 4 values of f32, or f16 where a is f16; found 'vector<4xf16>'}}
  %0 = sparse_gpu.mma %a, %b, %c : vector<8xbf16>, vector<4xbf16>, vector<4xf16>
  return
}

// -----

func.func @mma_c1_accumulators(%a: vector<8xf16>, %b: vector<4xf16>, %c: vector<8xf32>) {
  // expected-error @+1 {{(C1) expects c of 4 values of f32, or f16 where a is f16; found 'vector<8xf32>'}}
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
  // expected-error @+1 {{(C1) expects c of N / 2 values of f32, N a multiple of 8 up to 256, found 'vector<6xf32>'}}
  %0 = sparse_gpu.wgmma f16 %a, %a, %c : i64, vector<6xf32>
  return
}

// -----

func.func @wgmma_c1_wide(%a: i64, %c: vector<132xf32>) {
  // expected-error @+1 {{(C1) expects c of N / 2 values of f32, N a multiple of 8 up to 256, found 'vector<132xf32>'}}
  %0 = sparse_gpu.wgmma f16 %a, %a, %c : i64, vector<132xf32>
  return
}

// -----

func.func @wgmma_c1_element(%a: i64, %c: vector<8xf16>) {
  // expected-error @+1 {{(C1) expects c of N / 2 values of f32, N a multiple of 8 up to 256, found 'vector<8xf16>'}}
  %0 = sparse_gpu.wgmma f16 %a, %a, %c : i64, vector<8xf16>
  return
}

// -----

func.func @wgmma_c1_rank(%a: i64, %c: vector<2x4xf32>) {
  // expected-error @+1 {{(C1) expects c of N / 2 values of f32, N a multiple of 8 up to 256, found 'vector<2x4xf32>'}}
  %0 = sparse_gpu.wgmma f16 %a, %a, %c : i64, vector<2x4xf32>
  return
}

// -----

func.func @wgmma_c2_element(%a: i64, %c: vector<8xf32>) {
  // expected-error @+1 {{(C2) expects f16, bf16 or tf32, found 'f32'}}
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
