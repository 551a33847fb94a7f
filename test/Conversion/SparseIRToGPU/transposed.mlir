// RUN: sparse-opt %s -convert-sparse-ir-to-gpu -canonicalize -cse | FileCheck %s
// UNSUPPORTED: roundtrip
// RUN: %python %S/Inputs/warpgroup.py tf32 > %t.tf32.mlir
// RUN: sparse-opt %t.tf32.mlir -test-gpu-equivalence="pipeline={sparse-ir-gpu{target=sm_90a stop-after=device}} sizes=1,37,72,129 tolerance=2e-3" -o /dev/null
// RUN: %python %S/Inputs/warpgroup.py tf32-clusters > %t.clusters.mlir
// RUN: sparse-opt %t.clusters.mlir -test-gpu-equivalence="pipeline={sparse-ir-gpu{target=sm_90a stop-after=device}} sizes=1,37,264 tolerance=2e-3" -o /dev/null
// RUN: %python %S/Inputs/warpgroup.py tf32-waves > %t.waves.mlir
// RUN: sparse-opt %t.waves.mlir -test-gpu-equivalence="pipeline={sparse-ir-gpu{target=sm_90a stop-after=device}} sizes=2300 tolerance=2e-3" -o /dev/null

#s = #sparse_ir.strategy<intrinsic = "wgmma-tf32", rows = 32, depth = 1, vectors = 4, phase = 0, tasks = 1, pack_rhs = false, step = 32, stages = 2, warps_i = 4, warps_j = 2>
#t = #sparse_ir.chains<rows = 32, depth = 1, phases = 1, panel_rows = dense<-1> : tensor<32xi32>, chain_ptr = dense<[0, 32]> : tensor<2xi32>, entries = dense<3> : tensor<32xi32>>

// Each of four warps expects its eight rows of 256 columns, the first one the
// packed values too. A row is longer than the tile by 32 bytes. Two warpgroups
// have 128 columns each, which are the rows of two instructions.
// CHECK: gpu.func @kernel0({{.*}} kernel attributes {known_block_size = array<i32: 384, 1, 1>, nvvm.minctasm = 1 : i32}
// CHECK: nvvm.mbarrier.init %{{.*}}, %c4_i32
// CHECK: nvvm.setmaxregister decrease 40
// CHECK: nvvm.griddepcontrol wait
// CHECK: nvvm.mbarrier.arrive.expect_tx %{{.*}}, %c12288_i32
// CHECK: nvvm.cp.async.bulk.shared.cluster.global %{{.*}}, %{{.*}}, %{{.*}}, %c4096_i32
// CHECK: nvvm.mbarrier.arrive.expect_tx %{{.*}}, %c8192_i32
// CHECK: nvvm.bar.warp.sync
// CHECK: nvvm.cp.async.bulk.shared.cluster.global %{{.*}}, %{{.*}}, %{{.*}}, %c1024_i32
// CHECK-NOT: nvvm.cp.async
// A lane's columns at two k make its operands of two instructions.
// CHECK: nvvm.setmaxregister increase 232
// CHECK: %[[LOW:.*]] = llvm.load %{{.*}} {alignment = 16 : i64} : !llvm.ptr<3> -> vector<4xf32>
// CHECK: %[[ROUND0:.*]] = sparse_gpu.round_tf32 %[[LOW]] : vector<4xf32>
// CHECK: %[[HIGH:.*]] = llvm.load %{{.*}} {alignment = 16 : i64} : !llvm.ptr<3> -> vector<4xf32>
// CHECK: %[[ROUND1:.*]] = sparse_gpu.round_tf32 %[[HIGH]] : vector<4xf32>
// CHECK-NEXT: %[[A:.*]] = vector.extract %[[ROUND0]][0]
// CHECK-NEXT: %[[B:.*]] = vector.extract %[[ROUND0]][1]
// CHECK-NEXT: %[[C:.*]] = vector.extract %[[ROUND1]][0]
// CHECK-NEXT: %[[D:.*]] = vector.extract %[[ROUND1]][1]
// CHECK-NEXT: vector.from_elements %[[A]], %[[B]], %[[C]], %[[D]]
// CHECK-NEXT: vector.extract %[[ROUND0]][2]
// Nothing is loaded between the fence and the wait.
// CHECK: nvvm.wgmma.fence.aligned
// CHECK-NOT: llvm.load
// CHECK-COUNT-8: sparse_gpu.wgmma tf32 {{.*}} : vector<4xf32>, vector<16xf32>
// CHECK-NEXT: nvvm.wgmma.commit.group.sync.aligned
// CHECK-NEXT: sparse_gpu.wgmma_wait 0
// Four sums of a row are stored at once, through no shared memory.
// CHECK: nvvm.mbarrier.arrive %{{.*}} : !llvm.ptr<3>
// CHECK-NOT: !llvm.ptr<3>
// CHECK: llvm.store %{{.*}}, %{{.*}} {alignment = 16 : i64} : vector<4xf32>, !llvm.ptr<1>
// CHECK-LABEL: func.func @features
// CHECK: gpu.launch_func @device::@kernel0 blocks in (%c1, %c1, %c1) threads in (%c384, %c1, %c1)
func.func @features(%a: memref<1024xf32>, %b: memref<64x256xf32>, %c: memref<32x256xf32>, %r: memref<32xi32>, %p: memref<2xi32>, %e: memref<32xi32>, %o: memref<1xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<1024xf32>, memref<64x256xf32>) tables(%r, %p, %e, %o : memref<32xi32>, memref<2xi32>, memref<32xi32>, memref<1xi32>) outs(%c : memref<32x256xf32>) of #t extents [32, 256, 64] strategy(#s) {packed_lhs}
  return
}

// Copies move whole chunks: lines that have no whole number of them are copied
// to longer ones, however their rows are aligned; an rhs along k is transposed.
// CHECK-LABEL: func.func @odd
// CHECK: memref.alloc
// CHECK: gpu.launch_func
// CHECK: gpu.launch_func
func.func @odd(%a: memref<1024xf32>, %b: memref<64x30xf32, strided<[32, 1]>>, %c: memref<32x30xf32>, %r: memref<32xi32>, %p: memref<2xi32>, %e: memref<32xi32>, %o: memref<1xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<1024xf32>, memref<64x30xf32, strided<[32, 1]>>) tables(%r, %p, %e, %o : memref<32xi32>, memref<2xi32>, memref<32xi32>, memref<1xi32>) outs(%c : memref<32x30xf32>) of #t extents [32, 30, 64] strategy(#s) {packed_lhs}
  return
}
