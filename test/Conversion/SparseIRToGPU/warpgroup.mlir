// RUN: sparse-opt %s -convert-sparse-ir-to-gpu -canonicalize -cse | FileCheck %s
// UNSUPPORTED: roundtrip
// RUN: %python %S/Inputs/warpgroup.py layouts > %t.layouts.mlir
// RUN: sparse-opt %t.layouts.mlir -test-gpu-equivalence="pipeline={sparse-ir-gpu{target=sm_90a stop-after=device}} sizes=1,37,72" -o /dev/null
// RUN: %python %S/Inputs/warpgroup.py waves > %t.waves.mlir
// RUN: sparse-opt %t.waves.mlir -test-gpu-equivalence="pipeline={sparse-ir-gpu{target=sm_90a stop-after=device}} sizes=1100" -o /dev/null
// RUN: %python %S/Inputs/warpgroup.py clusters > %t.clusters.mlir
// RUN: sparse-opt %t.clusters.mlir -test-gpu-equivalence="pipeline={sparse-ir-gpu{target=sm_90a stop-after=device}} sizes=1,200" -o /dev/null
// RUN: %python %S/Inputs/warpgroup.py shared > %t.shared.mlir
// RUN: sparse-opt %t.shared.mlir -test-gpu-equivalence="pipeline={sparse-ir-gpu{target=sm_90a stop-after=device}} sizes=1,37,200" -o /dev/null
// RUN: %python %S/Inputs/warpgroup.py pairs > %t.pairs.mlir
// RUN: sparse-opt %t.pairs.mlir -test-gpu-equivalence="pipeline={sparse-ir-gpu{target=sm_90a stop-after=device}} sizes=1,37,72,200" -o /dev/null

#sparse = #sparse_ir.strategy<intrinsic = "wgmma.sp-f16", rows = 128, depth = 128, vectors = 6, phase = 0, tasks = 1, pack_rhs = false, step = 128, stages = 2, warps_i = 8>
#dense = #sparse_ir.strategy<intrinsic = "wgmma-bf16", rows = 64, depth = 32, vectors = 16, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 3, warps_i = 4, warps_j = 2>
#one = #sparse_ir.chains<rows = 128, depth = 128, phases = 1, panel_rows = dense_resource<rows128> : tensor<128xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#two = #sparse_ir.chains<rows = 64, depth = 32, phases = 1, panel_rows = dense<-1> : tensor<64xi32>, chain_ptr = dense<[0, 2]> : tensor<2xi32>, entries = dense<[32, 96]> : tensor<2xi32>>

// Two threads copy: one a step's values and metadata as they lie; the other, after
// earlier launches, two parts of the rhs. Two warpgroups multiply: four instructions a step, of which two
// share a word of metadata, and two groups, one of which stays in flight while
// the stages of the one before are given back. The output's columns are
// contiguous: matrices are transposed on their way to scratch.
// CHECK: gpu.func @kernel0({{.*}}!llvm.ptr {llvm.align = 64 : i64, llvm.byval = !llvm.array<128 x i8>}{{.*}}) kernel attributes {known_block_size = array<i32: 384, 1, 1>, nvvm.minctasm = 1 : i32}
// CHECK: nvvm.griddepcontrol launch_dependents
// CHECK: nvvm.mbarrier.init
// CHECK: nvvm.fence.mbarrier.init
// CHECK: nvvm.barrier
// CHECK: nvvm.setmaxregister decrease 40
// CHECK: nvvm.elect.sync
// CHECK-NOT: nvvm.griddepcontrol
// CHECK: nvvm.mbarrier.arrive.expect_tx %{{.*}}, %c18432_i32
// CHECK: nvvm.cp.async.bulk.shared.cluster.global %{{.*}}, %{{.*}}, %{{.*}}, %c16384_i32
// CHECK: nvvm.cp.async.bulk.shared.cluster.global %{{.*}}, %{{.*}}, %{{.*}}, %c2048_i32
// CHECK: nvvm.elect.sync
// CHECK: nvvm.griddepcontrol wait
// CHECK: nvvm.mbarrier.arrive.expect_tx %{{.*}}, %c6144_i32
// CHECK: nvvm.cp.async.bulk.tensor.shared.cluster.global
// CHECK: nvvm.cp.async.bulk.tensor.shared.cluster.global
// CHECK-NOT: nvvm.cp.async.bulk
// CHECK: nvvm.setmaxregister increase 232
// CHECK-NEXT: nvvm.griddepcontrol wait
// CHECK: %[[WORD0:.*]] = llvm.load {{.*}} : !llvm.ptr<3> -> i32
// CHECK: nvvm.wgmma.fence.aligned
// CHECK: sparse_gpu.wgmma f16 {{.*}} meta %[[WORD0]] : i64, vector<24xf32>
// CHECK: sparse_gpu.wgmma f16 {{.*}} meta %[[WORD0]] selector 1 : i64, vector<24xf32>
// CHECK: nvvm.wgmma.commit.group.sync.aligned
// CHECK: sparse_gpu.wgmma_wait 1
// CHECK-COUNT-2: nvvm.mbarrier.arrive %
// CHECK: nvvm.mbarrier.try_wait.parity
// CHECK: %[[WORD1:.*]] = llvm.load {{.*}} : !llvm.ptr<3> -> i32
// CHECK: nvvm.wgmma.fence.aligned
// CHECK: sparse_gpu.wgmma f16 {{.*}} meta %[[WORD1]] : i64, vector<24xf32>
// CHECK: sparse_gpu.wgmma f16 {{.*}} meta %[[WORD1]] selector 1 : i64, vector<24xf32>
// CHECK: sparse_gpu.wgmma_wait 1
// CHECK: sparse_gpu.wgmma_wait 0
// CHECK-COUNT-3: nvvm.stmatrix {{.*}} layout = #nvvm.mma_layout<col>
// CHECK-NOT: nvvm.stmatrix

// Entries of 32 k are boxes of their own, as are 64 columns of the rhs, which
// lies along j; of a box behind the last column the tile's first takes the place.
// stmatrix takes 16-bit elements: 32-bit ones are stored singly.
// CHECK: gpu.func @kernel1
// CHECK: nvvm.cp.async.bulk.tensor.shared.cluster.global {{.*}} box[%[[FIRST:[^,]*]], %[[K:[^,]*]]]
// CHECK: %[[EXISTS:.*]] = arith.cmpi slt, %[[SECOND:.*]], %{{.*}} : i32
// CHECK: %[[COL:.*]] = arith.select %[[EXISTS]], %[[SECOND]], %[[FIRST]] : i32
// CHECK: nvvm.cp.async.bulk.tensor.shared.cluster.global {{.*}} box[%[[COL]], %[[K]]]
// CHECK: nvvm.cp.async.bulk.tensor.shared.cluster.global {{.*}} box[%[[FIRST]],
// CHECK: nvvm.cp.async.bulk.tensor.shared.cluster.global {{.*}} box[%[[COL]],
// CHECK-COUNT-4: sparse_gpu.wgmma bf16 {{.*}} transpose_b : i64, vector<32xf32>
// CHECK: sparse_gpu.wgmma_wait 0
// CHECK-NOT: nvvm.stmatrix
// CHECK: gpu.return

// Lines that may not start at multiples of 16 bytes are copied first.
// CHECK: gpu.func @kernel2
// CHECK-SAME: known_block_size = array<i32: 256, 1, 1>
// CHECK-COUNT-8: llvm.load {{.*}} : !llvm.ptr<1> -> bf16
// CHECK: llvm.store {{.*}} {alignment = 16 : i64} : vector<8xbf16>, !llvm.ptr<1>

// A group reads its metadata from registers while it runs: the words stay in use
// until their part of the next step, by a store that never happens.
// CHECK: gpu.func @kernel3(
// CHECK: scf.for {{.*}}, %[[BEFORE0:[^ ]*]] = %c0_i32, %[[BEFORE1:[^ ]*]] = %c0_i32) -> (vector<24xf32>
// CHECK: scf.if %[[NEVER:[^ ]*]] {
// CHECK-NEXT: llvm.store %[[BEFORE0]], {{.*}} : i32, !llvm.ptr<3>
// CHECK: %[[NOW0:.*]] = llvm.load {{.*}} : !llvm.ptr<3> -> i32
// CHECK: sparse_gpu.wgmma f16 {{.*}} meta %[[NOW0]] :
// CHECK: scf.if %[[NEVER]] {
// CHECK-NEXT: llvm.store %[[BEFORE1]], {{.*}} : i32, !llvm.ptr<3>
// CHECK: %[[NOW1:.*]] = llvm.load {{.*}} : !llvm.ptr<3> -> i32
// CHECK: sparse_gpu.wgmma f16 {{.*}} meta %[[NOW1]] :
// CHECK: scf.yield {{.*}}, %[[NOW0]], %[[NOW1]] : vector<24xf32>

// CHECK-LABEL: func.func @tokens
// CHECK: sparse_gpu.tensor_map f16 {{.*}} box[48, 64]
// CHECK: gpu.launch_func @device::@kernel0 blocks in (%c2, %c1, %c1) threads in (%c384, %c1, %c1)
func.func @tokens(%a: memref<8192xf16>, %b: memref<96x128xf16>, %c: memref<96x128xf16>, %r: memref<128xi32>, %p: memref<2xi32>, %e: memref<1xi32>, %o: memref<1xi32>, %m: memref<512xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<8192xf16>, memref<96x128xf16>) tables(%r, %p, %e, %o, %m : memref<128xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>, memref<512xi32>) outs(%c : memref<96x128xf16>) of #one extents [128, 96, 128] strategy(#sparse) {packed_lhs, rhs_map = affine_map<(d0, d1) -> (d1, d0)>, out_map = affine_map<(d0, d1) -> (d1, d0)>}
  return
}

// CHECK-LABEL: func.func @features
// CHECK: %[[BUFFER:.*]] = memref.alloc(%{{.*}}) : memref<?xbf16>
// CHECK: gpu.launch_func @device::@kernel2 blocks in (%{{.*}}, %c1, %c1) threads in (%c256, %c1, %c1)
// CHECK: sparse_gpu.tensor_map bf16 {{.*}} box[32, 64]
// CHECK: gpu.launch_func @device::@kernel1
// CHECK: memref.dealloc %[[BUFFER]]
func.func @features(%a: memref<4096xbf16>, %b: memref<128x?xbf16>, %c: memref<64x?xf32>, %r: memref<64xi32>, %p: memref<2xi32>, %e: memref<2xi32>, %o: memref<1xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<4096xbf16>, memref<128x?xbf16>) tables(%r, %p, %e, %o : memref<64xi32>, memref<2xi32>, memref<2xi32>, memref<1xi32>) outs(%c : memref<64x?xf32>) of #two extents [64, -1, 128] strategy(#dense) {packed_lhs}
  return
}

// CHECK-LABEL: func.func @guarded
// CHECK: gpu.launch_func @device::@kernel3
func.func @guarded(%a: memref<8192xf16>, %b: memref<?x128xf16>, %c: memref<?x128xf16>, %r: memref<128xi32>, %p: memref<2xi32>, %e: memref<1xi32>, %o: memref<1xi32>, %m: memref<512xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<8192xf16>, memref<?x128xf16>) tables(%r, %p, %e, %o, %m : memref<128xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>, memref<512xi32>) outs(%c : memref<?x128xf16>) of #one extents [128, -1, 128] strategy(#sparse) {packed_lhs, rhs_map = affine_map<(d0, d1) -> (d1, d0)>, out_map = affine_map<(d0, d1) -> (d1, d0)>}
  return
}

{-#
  dialect_resources: { builtin: { rows128: "0x04000000000000000100000002000000030000000400000005000000060000000700000008000000090000000A0000000B0000000C0000000D0000000E0000000F000000100000001100000012000000130000001400000015000000160000001700000018000000190000001A0000001B0000001C0000001D0000001E0000001F000000200000002100000022000000230000002400000025000000260000002700000028000000290000002A0000002B0000002C0000002D0000002E0000002F000000300000003100000032000000330000003400000035000000360000003700000038000000390000003A0000003B0000003C0000003D0000003E0000003F000000400000004100000042000000430000004400000045000000460000004700000048000000490000004A0000004B0000004C0000004D0000004E0000004F000000500000005100000052000000530000005400000055000000560000005700000058000000590000005A0000005B0000005C0000005D0000005E0000005F000000600000006100000062000000630000006400000065000000660000006700000068000000690000006A0000006B0000006C0000006D0000006E0000006F000000700000007100000072000000730000007400000075000000760000007700000078000000790000007A0000007B0000007C0000007D0000007E0000007F000000" } }
#-}
