// RUN: sparse-opt %s -convert-sparse-ir-to-gpu -canonicalize -cse | FileCheck %s
// UNSUPPORTED: roundtrip
// RUN: %python %S/Inputs/warpgroup.py gather > %t.gather.mlir
// RUN: sparse-opt %t.gather.mlir -test-gpu-equivalence="pipeline={sparse-ir-gpu{target=sm_90a stop-after=device}} sizes=1,37,264" -o /dev/null

#dense = #sparse_ir.strategy<intrinsic = "wgmma-f16", rows = 64, depth = 1, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 3, warps_i = 4>
#one = #sparse_ir.chains<rows = 64, depth = 1, phases = 1, panel_rows = dense<-1> : tensor<64xi32>, chain_ptr = dense<[0, 64]> : tensor<2xi32>, entries = dense<7> : tensor<64xi32>>

// All lanes of four warps gather, 16 bytes each, eight lanes a row of 64
// columns: 4 copies a lane for the 64 rows of a stage, whose barrier counts the
// 128 threads. Entries are loaded a step ahead and shared by shuffles. Packed
// values come by a bulk copy. Who multiplies puts a proxy fence first.
// CHECK: gpu.func @kernel0
// CHECK-SAME: known_block_size = array<i32: 256, 1, 1>
// CHECK: nvvm.mbarrier.init %{{.*}}, %c1_i32
// CHECK: nvvm.mbarrier.init %{{.*}}, %c128_i32
// CHECK: scf.for
// CHECK: scf.for
// CHECK: llvm.load {{.*}} : !llvm.ptr<1> -> i32
// CHECK: nvvm.elect.sync
// CHECK: nvvm.cp.async.bulk.shared.cluster.global %{{.*}}, %{{.*}}, %{{.*}}, %c8192_i32
// CHECK: nvvm.mbarrier.try_wait.parity
// CHECK: nvvm.shfl.sync idx
// CHECK-COUNT-4: nvvm.cp.async.shared.global %{{.*}}, %{{.*}}, 16, cache = cg
// CHECK-NOT: nvvm.cp.async.shared
// CHECK: nvvm.cp.async.mbarrier.arrive %{{.*}} {noinc = true}
// CHECK: nvvm.mbarrier.try_wait.parity
// CHECK: nvvm.fence.proxy {kind = #nvvm.proxy_kind<async.shared>, space = #nvvm.shared_space<cta>}
// CHECK: nvvm.wgmma.fence.aligned
// CHECK-COUNT-4: sparse_gpu.wgmma f16 {{.*}} transpose_b : i64, vector<32xf32>
// CHECK: nvvm.wgmma.commit.group.sync.aligned

// An rhs whose lines run along k is transposed by a kernel of its own.
// CHECK: gpu.func @kernel2
// CHECK-SAME: known_block_size = array<i32: 256, 1, 1>
// CHECK: llvm.store {{.*}} : f16, !llvm.ptr<3>
// CHECK: nvvm.barrier
// CHECK: llvm.store {{.*}} : f16, !llvm.ptr<1>

// CHECK-LABEL: func.func @features
// CHECK: gpu.launch_func @device::@kernel0 blocks in (%c2, %c1, %c1) threads in (%c256, %c1, %c1)
func.func @features(%a: memref<4096xf16>, %b: memref<128x128xf16>, %c: memref<64x128xf16>, %r: memref<64xi32>, %p: memref<2xi32>, %e: memref<64xi32>, %o: memref<1xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<4096xf16>, memref<128x128xf16>) tables(%r, %p, %e, %o : memref<64xi32>, memref<2xi32>, memref<64xi32>, memref<1xi32>) outs(%c : memref<64x128xf16>) of #one extents [64, 128, 128] strategy(#dense) {packed_lhs}
  return
}

// CHECK-LABEL: func.func @tokens
// CHECK: %[[BUFFER:.*]] = memref.alloc() : memref<13312xf16>
// CHECK: gpu.launch_func @device::@kernel2 blocks in (%c2, %c2, %c1)
// CHECK: gpu.launch_func @device::@kernel1
// CHECK: memref.dealloc %[[BUFFER]]
func.func @tokens(%a: memref<4096xf16>, %b: memref<100x128xf16>, %c: memref<64x100xf16>, %r: memref<64xi32>, %p: memref<2xi32>, %e: memref<64xi32>, %o: memref<1xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<4096xf16>, memref<100x128xf16>) tables(%r, %p, %e, %o : memref<64xi32>, memref<2xi32>, memref<64xi32>, memref<1xi32>) outs(%c : memref<64x100xf16>) of #one extents [64, 100, 128] strategy(#dense) {packed_lhs, rhs_map = affine_map<(d0, d1) -> (d1, d0)>}
  return
}
