// RUN: sparse-opt %s -convert-sparse-ir-to-gpu | FileCheck %s

// The kernel of bands (against the reference: bands-equivalence.test).

#t = #sparse_ir.chains<rows = 16, depth = 1, phases = 1, panel_rows = dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]> : tensor<16xi32>, chain_ptr = dense<[0, 16]> : tensor<2xi32>, entries = dense<9> : tensor<16xi32>>
#s = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 16, depth = 1, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 32, stages = 3, warps_i = 1, warps_j = 1, panels = 4>
// A warpgroup multiplies, a warp of another one requests a box for each band of 32
// k. A warp's values and k are loaded ahead, from where they lie; then a step reads
// 16 rows of the band by 64 columns. A band is given back once the next is there.
// CHECK: gpu.func @kernel0({{.*}}) kernel attributes {known_block_size = array<i32: 256, 1, 1>, nvvm.minctasm = 1 : i32}
// CHECK: nvvm.mbarrier.init
// CHECK-COUNT-2: llvm.load {{.*}} {alignment = 16 : i64} : !llvm.ptr<1> -> vector<8xf16>
// CHECK: nvvm.griddepcontrol wait
// CHECK: nvvm.mbarrier.try_wait.parity
// CHECK: nvvm.mbarrier.arrive %
// CHECK: llvm.load {{.*}} {alignment = 16 : i64} : !llvm.ptr<1> -> vector<8xf16>
// CHECK-COUNT-4: nvvm.ldmatrix {{.*}} layout = #nvvm.mma_layout<col>
// CHECK-NOT: nvvm.ldmatrix
// CHECK: nvvm.mbarrier.arrive %
// CHECK: nvvm.stmatrix
// CHECK: nvvm.elect.sync
// CHECK: nvvm.griddepcontrol wait
// CHECK: nvvm.mbarrier.arrive.expect_tx %{{.*}}, %c4096_i32
// CHECK: nvvm.cp.async.bulk.tensor.shared.cluster.global
// CHECK-NOT: nvvm.cp.async.bulk
// CHECK-LABEL: func.func @bands
// Three bands of 4 KiB, scratch of 2 KiB a warp, two barriers a band.
// CHECK: %[[BYTES:.*]] = arith.constant 20528 : i32
// CHECK: gpu.launch_func @device::@kernel0 {{.*}} dynamic_shared_memory_size %[[BYTES]]
func.func @bands(%a: memref<256xf16>, %b: memref<64x64xf16>, %c: memref<16x64xf16>, %r: memref<16xi32>, %p: memref<2xi32>, %e: memref<16xi32>, %o: memref<1xi32>, %d: memref<3xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<256xf16>, memref<64x64xf16>) tables(%r, %p, %e, %o, %d : memref<16xi32>, memref<2xi32>, memref<16xi32>, memref<1xi32>, memref<3xi32>) outs(%c : memref<16x64xf16>) of #t extents [16, 64, 64] strategy(#s) {packed_lhs}
  return
}
