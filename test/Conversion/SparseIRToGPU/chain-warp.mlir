// RUN: sparse-opt %s -convert-sparse-ir-to-gpu -canonicalize -cse | FileCheck %s

#u = #sparse_ir.chains<rows = 64, depth = 64, phases = 1, panel_rows = dense<-1> : tensor<64xi32>, chain_ptr = dense<[0, 2]> : tensor<2xi32>, entries = dense<[0, 64]> : tensor<2xi32>>
#g = #sparse_ir.chains<rows = 32, depth = 1, phases = 1, panel_rows = dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31]> : tensor<32xi32>, chain_ptr = dense<[0, 64]> : tensor<2xi32>, entries = dense<1> : tensor<64xi32>>
#sparse = #sparse_ir.strategy<intrinsic = "mma.sp-f16", rows = 64, depth = 64, vectors = 4, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 3, warps_i = 2, warps_j = 2>
#dense = #sparse_ir.strategy<intrinsic = "mma-bf16", rows = 32, depth = 1, vectors = 4, phase = 0, tasks = 1, pack_rhs = false, step = 32, stages = 2, warps_i = 1, warps_j = 2>

// All chains are the same run of k: no table is read. Two stages are requested
// ahead, values and metadata as they lie, the rhs in whole chunks, for tiles do
// not reach beyond its columns; a stage is requested while one is multiplied. Every
// warp has 32 rows (two words of metadata) by 16 columns.
// CHECK-LABEL: gpu.func @kernel0
// CHECK-SAME: known_block_size = array<i32: 128, 1, 1>
// CHECK-NOT: !llvm.ptr<1> -> i32
// CHECK: nvvm.griddepcontrol wait
// CHECK-NOT: arith.maxsi
// CHECK-COUNT-5: nvvm.cp.async.shared.global {{.*}}, 16, cache = cg, %c16_i32
// CHECK-NOT: nvvm.cp.async.shared.global
// CHECK: nvvm.cp.async.commit.group
// CHECK: nvvm.cp.async.commit.group
// CHECK-NOT: nvvm.cp.async.commit.group
// CHECK: scf.for {{.*}} -> (vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>, i32, i32) : i32 {
// CHECK-NEXT: nvvm.cp.async.wait.group 1
// CHECK-NEXT: nvvm.barrier
// CHECK: scf.if
// CHECK-COUNT-5: nvvm.cp.async.shared.global
// CHECK-NOT: nvvm.cp.async.shared.global
// CHECK: nvvm.cp.async.commit.group
// CHECK: %[[A0:.*]] = llvm.load {{.*}} {alignment = 16 : i64} : !llvm.ptr<3> -> vector<8xf16>
// CHECK: %[[A1:.*]] = llvm.load {{.*}} {alignment = 16 : i64} : !llvm.ptr<3> -> vector<8xf16>
// CHECK: %[[WORDS:.*]] = llvm.load {{.*}} {alignment = 8 : i64} : !llvm.ptr<3> -> vector<2xi32>
// CHECK-COUNT-2: nvvm.ldmatrix {{.*}} layout = #nvvm.mma_layout<col>, num = 4 : i32
// CHECK: %[[WORD0:.*]] = vector.extract %[[WORDS]][0]
// CHECK-COUNT-2: sparse_gpu.mma %[[A0]], {{.*}} meta %[[WORD0]] : vector<8xf16>, vector<8xf16>, vector<4xf32>
// CHECK: %[[WORD1:.*]] = vector.extract %[[WORDS]][1]
// CHECK-COUNT-2: sparse_gpu.mma %[[A1]], {{.*}} meta %[[WORD1]] : vector<8xf16>
// CHECK-COUNT-4: sparse_gpu.mma {{.*}} meta %{{.*}} selector 1 : vector<8xf16>
// CHECK-NOT: sparse_gpu.mma
// CHECK: nvvm.cp.async.wait.group 0
// CHECK-NEXT: nvvm.barrier
// CHECK-COUNT-8: llvm.store {{.*}} {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<3>
// CHECK: nvvm.barrier
// CHECK: llvm.load {{.*}} : !llvm.ptr<1> -> i32
// CHECK: llvm.store {{.*}} {alignment = 16 : i64} : vector<4xf32>, !llvm.ptr<1>
// CHECK: gpu.return

// Vectors of one k are gathered element by element where the rhs lies along k:
// a chunk would leave its entry. Two stages leave no group in flight. The
// output's columns are contiguous, as are the tile's in scratch.
// CHECK-LABEL: gpu.func @kernel1
// CHECK-SAME: known_block_size = array<i32: 64, 1, 1>
// CHECK-COUNT-2: nvvm.cp.async.shared.global {{.*}}, 16, cache = cg, %c16_i32
// CHECK-COUNT-8: llvm.load {{.*}} : !llvm.ptr<1> -> bf16
// CHECK: llvm.store {{.*}} {alignment = 16 : i64} : vector<8xbf16>, !llvm.ptr<3>
// CHECK: scf.for {{.*}} -> (vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>, i32, i32)
// CHECK-NEXT: nvvm.cp.async.wait.group 0
// CHECK: nvvm.ldmatrix {{.*}} layout = #nvvm.mma_layout<row>, num = 4 : i32
// CHECK-COUNT-4: sparse_gpu.mma {{.*}} : vector<8xbf16>, vector<4xbf16>, vector<4xf32>
// CHECK: nvvm.ldmatrix {{.*}} layout = #nvvm.mma_layout<row>, num = 4 : i32
// CHECK-COUNT-4: sparse_gpu.mma {{.*}} : vector<8xbf16>, vector<4xbf16>, vector<4xf32>
// CHECK-NOT: sparse_gpu.mma
// CHECK-COUNT-16: llvm.store {{.*}} {alignment = 2 : i64} : bf16, !llvm.ptr<3>
// CHECK: llvm.store {{.*}} {alignment = 16 : i64} : vector<8xbf16>, !llvm.ptr<1>
// CHECK: gpu.return

// A stage: 4 KiB of values, 512 bytes of metadata, 4 KiB of the rhs.
// CHECK-LABEL: func.func @runs
// CHECK: gpu.launch_func @device::@kernel0 blocks in (%c3, %c1, %c1) threads in (%c128, %c1, %c1) dynamic_shared_memory_size %c26112_i32
func.func @runs(%a: memref<4096xf16>, %b: memref<128x96xf16>, %c: memref<64x96xf32>, %r: memref<64xi32>, %p: memref<2xi32>, %e: memref<2xi32>, %o: memref<1xi32>, %m: memref<512xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<4096xf16>, memref<128x96xf16>) tables(%r, %p, %e, %o, %m : memref<64xi32>, memref<2xi32>, memref<2xi32>, memref<1xi32>, memref<512xi32>) outs(%c : memref<64x96xf32>) of #u extents [64, 96, 128] strategy(#sparse) {packed_lhs}
  return
}

// CHECK-LABEL: func.func @gathers
// CHECK: %[[N:.*]] = memref.dim %{{.*}}, %c0 : memref<?x128xbf16>
// CHECK: %[[BLOCKS:.*]] = arith.ceildivsi %[[N]], %c32
// CHECK: gpu.launch_func @device::@kernel1 blocks in (%[[BLOCKS]], %c1, %c1) threads in (%c64, %c1, %c1) dynamic_shared_memory_size %c8192_i32
func.func @gathers(%a: memref<2048xbf16>, %b: memref<?x128xbf16>, %c: memref<?x32xbf16>, %r: memref<32xi32>, %p: memref<2xi32>, %e: memref<64xi32>, %o: memref<1xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<2048xbf16>, memref<?x128xbf16>) tables(%r, %p, %e, %o : memref<32xi32>, memref<2xi32>, memref<64xi32>, memref<1xi32>) outs(%c : memref<?x32xbf16>) of #g extents [32, -1, 128] strategy(#dense) {packed_lhs, rhs_map = affine_map<(d0, d1) -> (d1, d0)>, out_map = affine_map<(d0, d1) -> (d1, d0)>}
  return
}
