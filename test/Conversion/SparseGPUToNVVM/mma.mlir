// RUN: sparse-opt %s --pass-pipeline='builtin.module(gpu.module(convert-sparse-gpu-to-nvvm))' | FileCheck %s

gpu.module @device {
  // Pairs of f16 are registers.
  // CHECK-LABEL: gpu.func @f16
  // CHECK-SAME: (%[[A:.*]]: vector<8xf16>, %[[B:.*]]: vector<4xf16>, %[[C:.*]]: vector<4xf32>)
  gpu.func @f16(%a: vector<8xf16>, %b: vector<4xf16>, %c: vector<4xf32>) -> vector<4xf32> {
    // CHECK-DAG: %[[CS:.*]]:4 = vector.to_elements %[[C]]
    // CHECK-DAG: %[[A0:.*]] = vector.extract_strided_slice %[[A]] {offsets = [0], sizes = [2]
    // CHECK-DAG: %[[A1:.*]] = vector.extract_strided_slice %[[A]] {offsets = [2], sizes = [2]
    // CHECK-DAG: %[[A2:.*]] = vector.extract_strided_slice %[[A]] {offsets = [4], sizes = [2]
    // CHECK-DAG: %[[A3:.*]] = vector.extract_strided_slice %[[A]] {offsets = [6], sizes = [2]
    // CHECK-DAG: %[[B0:.*]] = vector.extract_strided_slice %[[B]] {offsets = [0], sizes = [2]
    // CHECK-DAG: %[[B1:.*]] = vector.extract_strided_slice %[[B]] {offsets = [2], sizes = [2]
    // CHECK: %[[D:.*]] = nvvm.mma.sync A[%[[A0]], %[[A1]], %[[A2]], %[[A3]]] B[%[[B0]], %[[B1]]] C[%[[CS]]#0, %[[CS]]#1, %[[CS]]#2, %[[CS]]#3]
    // CHECK-SAME: layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>
    // CHECK-SAME: shape = #nvvm.shape<m = 16, n = 8, k = 16>
    // CHECK: %[[D0:.*]] = llvm.extractvalue %[[D]][0]
    // CHECK: %[[D1:.*]] = llvm.extractvalue %[[D]][1]
    // CHECK: %[[D2:.*]] = llvm.extractvalue %[[D]][2]
    // CHECK: %[[D3:.*]] = llvm.extractvalue %[[D]][3]
    // CHECK: vector.from_elements %[[D0]], %[[D1]], %[[D2]], %[[D3]]
    %d = sparse_gpu.mma %a, %b, %c : vector<8xf16>, vector<4xf16>, vector<4xf32>
    gpu.return %d : vector<4xf32>
  }

  // Accumulators of f16 are two pairs.
  // CHECK-LABEL: gpu.func @f16_accumulators
  gpu.func @f16_accumulators(%a: vector<8xf16>, %p: vector<8xf16>, %c: vector<4xf16>, %m: i32) -> vector<4xf16> {
    // CHECK: nvvm.mma.sp.sync A[{{.*}}] B[%{{[0-9]+}}, %{{[0-9]+}}, %{{[0-9]+}}, %{{[0-9]+}}] C[%{{[0-9]+}}, %{{[0-9]+}}]
    // CHECK-SAME: -> !llvm.struct<(vector<2xf16>, vector<2xf16>)>
    // CHECK: vector.from_elements {{.*}} : vector<4xf16>
    %d = sparse_gpu.mma %a, %p, %c meta %m : vector<8xf16>, vector<8xf16>, vector<4xf16>
    gpu.return %d : vector<4xf16>
  }

  // Everything else is in i32.
  // CHECK-LABEL: gpu.func @bf16_sparse
  // CHECK-SAME: %[[M:[a-z0-9]+]]: i32)
  gpu.func @bf16_sparse(%a: vector<8xbf16>, %p: vector<8xbf16>, %c: vector<4xf32>, %m: i32) -> vector<4xf32> {
    // CHECK: %[[ONE:.*]] = arith.constant 1 : i32
    // CHECK: vector.bitcast %{{.*}} : vector<8xbf16> to vector<4xi32>
    // CHECK: nvvm.mma.sp.sync A[{{.*}}] B[{{.*}}] C[{{.*}}] sparseMetadata[%[[M]]] selector[%[[ONE]]]
    // CHECK-SAME: multiplicandAPtxType = #nvvm.mma_type<bf16>
    // CHECK-SAME: orderedMetadata
    // CHECK-SAME: k = 32
    %d = sparse_gpu.mma %a, %p, %c meta %m selector 1 : vector<8xbf16>, vector<8xbf16>, vector<4xf32>
    gpu.return %d : vector<4xf32>
  }

  // CHECK-LABEL: gpu.func @tf32
  gpu.func @tf32(%a: vector<4xf32>, %b: vector<2xf32>, %c: vector<4xf32>, %m: i32) -> vector<4xf32> {
    // CHECK: nvvm.mma.sync A[%{{.*}}#0, %{{.*}}#1, %{{.*}}#2, %{{.*}}#3] B[%{{.*}}#0, %{{.*}}#1]
    // CHECK-SAME: multiplicandAPtxType = #nvvm.mma_type<tf32>
    // CHECK-SAME: k = 8
    %d = sparse_gpu.mma %a, %b, %c : vector<4xf32>, vector<2xf32>, vector<4xf32>
    // CHECK: nvvm.mma.sp.sync
    // CHECK-SAME: orderedMetadata
    // CHECK-SAME: k = 16
    %e = sparse_gpu.mma %a, %a, %d meta %m : vector<4xf32>, vector<4xf32>, vector<4xf32>
    gpu.return %e : vector<4xf32>
  }

  // Sums of integers wrap. 8-bit floats are inline assembly.
  // CHECK-LABEL: gpu.func @bytes
  gpu.func @bytes(%a: vector<16xi8>, %b: vector<8xi8>, %i: vector<4xi32>, %x: vector<16xf8E4M3FN>, %y: vector<8xf8E4M3FN>, %c: vector<4xf32>, %m: i32) -> (vector<4xi32>, vector<4xf32>) {
    // CHECK: vector.bitcast %{{.*}} : vector<16xi8> to vector<4xi32>
    // CHECK: nvvm.mma.sync
    // CHECK-SAME: intOverflowBehavior = #nvvm.mma_int_overflow<wrapped>
    // CHECK-SAME: multiplicandAPtxType = #nvvm.mma_type<s8>, multiplicandBPtxType = #nvvm.mma_type<u8>
    // CHECK-SAME: k = 32
    %0 = sparse_gpu.mma %a, %b, %i unsigned_b : vector<16xi8>, vector<8xi8>, vector<4xi32>
    // CHECK: nvvm.mma.sp.sync
    // CHECK-SAME: multiplicandAPtxType = #nvvm.mma_type<s8>
    // CHECK-SAME: orderedMetadata
    // CHECK-SAME: k = 64
    %1 = sparse_gpu.mma %a, %a, %0 meta %m : vector<16xi8>, vector<16xi8>, vector<4xi32>
    // CHECK: vector.bitcast %{{.*}} : vector<16xf8E4M3FN> to vector<4xi32>
    // CHECK: llvm.inline_asm "mma.sync.aligned.m16n8k32.row.col.f32.e4m3.e4m3.f32 {$0, $1, $2, $3}, {$4, $5, $6, $7}, {$8, $9}, {$10, $11, $12, $13};", "=f,=f,=f,=f,r,r,r,r,r,r,f,f,f,f"
    %2 = sparse_gpu.mma %x, %y, %c : vector<16xf8E4M3FN>, vector<8xf8E4M3FN>, vector<4xf32>
    // CHECK: llvm.inline_asm "mma.sp::ordered_metadata.sync.aligned.m16n8k64.row.col.f32.e4m3.e4m3.f32 {$0, $1, $2, $3}, {$4, $5, $6, $7}, {$8, $9, $10, $11}, {$12, $13, $14, $15}, $16, 0;", "=f,=f,=f,=f,r,r,r,r,r,r,r,r,f,f,f,f,r"
    %3 = sparse_gpu.mma %x, %x, %2 meta %m : vector<16xf8E4M3FN>, vector<16xf8E4M3FN>, vector<4xf32>
    gpu.return %1, %3 : vector<4xi32>, vector<4xf32>
  }
}
