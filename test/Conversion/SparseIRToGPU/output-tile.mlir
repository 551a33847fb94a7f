// RUN: sparse-opt %s -convert-sparse-ir-to-gpu -canonicalize -cse -split-input-file | FileCheck %s

#s = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 16, depth = 64, vectors = 2, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 3, split = 2>
#run = #sparse_ir.tiles<rows = 16, cols = 16, panel_rows = dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]> : tensor<16xi32>, granule_cols = dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]> : tensor<16xi32>, tile_ptr = dense<[0, 1]> : tensor<2xi32>, tiles = dense<0> : tensor<1xi32>, mask_offset = dense<-1> : tensor<1xi32>, masks = dense<> : tensor<0xi64>>

// All of k in one step: no accumulators are carried. What the table says comes
// by copies too: the first records, then the lists they name, before anything
// that an earlier launch may write. (One tile is too little for turns of two.)
// CHECK-LABEL: gpu.func @kernel0
// CHECK-SAME: known_block_size = array<i32: 32, 1, 1>, nvvm.minctasm = 2 : i32
// CHECK: nvvm.griddepcontrol launch_dependents
// CHECK: nvvm.cp.async.shared.global
// CHECK: nvvm.cp.async.wait.group 0
// CHECK: nvvm.barrier
// CHECK: nvvm.cp.async.shared.global
// CHECK: nvvm.cp.async.wait.group 0
// CHECK: nvvm.barrier
// CHECK: nvvm.griddepcontrol wait
// CHECK: scf.for {{.*}} -> (i32, i32) : i32
// CHECK: nvvm.cp.async.wait.group 1
// CHECK: nvvm.barrier
// CHECK-NOT: llvm.load {{.*}}!llvm.ptr<1>
// CHECK: nvvm.cp.async.shared.global {{.*}}, 16, cache = cg, %{{.*}}
// CHECK: nvvm.cp.async.commit.group
// CHECK: nvvm.ldmatrix
// CHECK-COUNT-8: sparse_gpu.mma
// CHECK-NOT: sparse_gpu.mma
// CHECK: nvvm.bar.warp.sync
// CHECK: llvm.store {{.*}} {alignment = 16 : i64} : vector<4xf32>, !llvm.ptr<1>
// CHECK: llvm.store {{.*}} {alignment = 4 : i64} : f32, !llvm.ptr<1>
// CHECK: nvvm.cp.async.wait.group 0
// CHECK-LABEL: func.func @run
// CHECK: gpu.launch_func @device::@kernel0 blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
func.func @run(%a: memref<16x64xf16>, %b: memref<16x64xf16>, %c: memref<16x16xf32>, %r: memref<16xi32>, %g: memref<16xi32>, %p: memref<2xi32>, %t: memref<1xi32>, %o: memref<1xi32>, %m: memref<0xi64>, %tasks: memref<4xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<16x64xf16>, memref<16x64xf16>) tables(%r, %g, %p, %t, %o, %m, %tasks : memref<16xi32>, memref<16xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>, memref<0xi64>, memref<4xi32>) outs(%c : memref<16x16xf32>) of #run extents [16, 16, 64] strategy(#s) {rhs_map = affine_map<(k, j) -> (j, k)>}
  return
}

// -----

#s = #sparse_ir.strategy<intrinsic = "mma-bf16", rows = 16, depth = 32, vectors = 2, phase = 0, tasks = 1, pack_rhs = false, step = 32, stages = 2>
#run = #sparse_ir.tiles<rows = 16, cols = 16, panel_rows = dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]> : tensor<16xi32>, granule_cols = dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]> : tensor<16xi32>, tile_ptr = dense<[0, 1]> : tensor<2xi32>, tiles = dense<0> : tensor<1xi32>, mask_offset = dense<-1> : tensor<1xi32>, masks = dense<> : tensor<0xi64>>

// Deeper than a step: the panel's rows come with each stage, accumulators are
// carried; the rhs lies [k][j] and is transposed on the way into registers.
// What is added to is added in f32.
// CHECK-LABEL: gpu.func @kernel0
// CHECK: scf.for {{.*}} -> (vector<4xf32>, vector<4xf32>, i32, i32
// CHECK: nvvm.ldmatrix {{.*}}layout = #nvvm.mma_layout<row>
// CHECK: nvvm.ldmatrix {{.*}}layout = #nvvm.mma_layout<col>
// CHECK-COUNT-4: sparse_gpu.mma {{.*}} : vector<8xbf16>, vector<4xbf16>, vector<4xf32>
// CHECK: llvm.load {{.*}} -> vector<8xbf16>
// CHECK: arith.extf
// CHECK: arith.addf
// CHECK: arith.truncf
// CHECK: llvm.store {{.*}} {alignment = 16 : i64} : vector<8xbf16>, !llvm.ptr<1>
func.func @deep(%a: memref<16x64xbf16>, %b: memref<64x16xbf16>, %c: memref<16x16xbf16>, %r: memref<16xi32>, %g: memref<16xi32>, %p: memref<2xi32>, %t: memref<1xi32>, %o: memref<1xi32>, %m: memref<0xi64>, %tasks: memref<4xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<16x64xbf16>, memref<64x16xbf16>) tables(%r, %g, %p, %t, %o, %m, %tasks : memref<16xi32>, memref<16xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>, memref<0xi64>, memref<4xi32>) outs(%c : memref<16x16xbf16>) of #run extents [16, 16, 64] strategy(#s) {accumulate}
  return
}

// -----

#s = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 16, depth = 64, vectors = 2, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 2>
#list = #sparse_ir.tiles<rows = 16, cols = 16, panel_rows = dense<[0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, -1]> : tensor<16xi32>, granule_cols = dense<[1, 0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, -1]> : tensor<16xi32>, tile_ptr = dense<[0, 1]> : tensor<2xi32>, tiles = dense<0> : tensor<1xi32>, mask_offset = dense<0> : tensor<1xi32>, masks = dense<1> : tensor<16xi64>>

// Heads: tiles of all slices are one sequence, which blocks take in turns of one
// tile, or of two where there are many; then a panel's rows are carried from one
// to the other. Columns that are no run are stored one by one.
// CHECK-LABEL: gpu.func @kernel0
// CHECK-NOT: nvvm.read.ptx.sreg.ctaid.y
// CHECK: scf.for {{.*}} -> (vector<8xf16>, vector<8xf16>, vector<8xf16>, vector<8xf16>, i32, i32) : i32
// CHECK: scf.if {{.*}} -> (vector<8xf16>, vector<8xf16>, vector<8xf16>, vector<8xf16>)
// CHECK: nvvm.ldmatrix
// CHECK-NOT: llvm.store {{.*}} : vector<{{.*}}>, !llvm.ptr<1>
// CHECK: llvm.store {{.*}} : f16, !llvm.ptr<1>
// CHECK-NOT: llvm.store {{.*}} : vector<{{.*}}>, !llvm.ptr<1>
// CHECK-LABEL: func.func @heads
// CHECK-NOT: scf.for
// CHECK: %[[BLOCKS:.*]] = arith.minui %{{.*}}, %c132
// CHECK: gpu.launch_func @device::@kernel0 blocks in (%[[BLOCKS]], %c1, %c1)
func.func @heads(%heads: index, %a: memref<?x15x64xf16>, %b: memref<?x15x64xf16>, %c: memref<?x15x15xf16>, %r: memref<16xi32>, %g: memref<16xi32>, %p: memref<2xi32>, %t: memref<1xi32>, %o: memref<1xi32>, %m: memref<16xi64>, %tasks: memref<4xi32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %h = %c0 to %heads step %c1 {
    %x = memref.subview %a[%h, 0, 0] [1, 15, 64] [1, 1, 1] : memref<?x15x64xf16> to memref<15x64xf16, strided<[64, 1], offset: ?>>
    %y = memref.subview %b[%h, 0, 0] [1, 15, 64] [1, 1, 1] : memref<?x15x64xf16> to memref<15x64xf16, strided<[64, 1], offset: ?>>
    %z = memref.subview %c[%h, 0, 0] [1, 15, 15] [1, 1, 1] : memref<?x15x15xf16> to memref<15x15xf16, strided<[15, 1], offset: ?>>
    sparse_ir.kernel ins(%x, %y : memref<15x64xf16, strided<[64, 1], offset: ?>>, memref<15x64xf16, strided<[64, 1], offset: ?>>) tables(%r, %g, %p, %t, %o, %m, %tasks : memref<16xi32>, memref<16xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>, memref<16xi64>, memref<4xi32>) outs(%z : memref<15x15xf16, strided<[15, 1], offset: ?>>) of #list extents [15, 15, 64] strategy(#s) {rhs_map = affine_map<(k, j) -> (j, k)>}
  }
  return
}

// One iteration reads what another writes: a launch each.
// CHECK-LABEL: func.func @dependent
// CHECK: scf.for
// CHECK: gpu.launch_func
func.func @dependent(%heads: index, %a: memref<?x15x64xf16>, %c: memref<?x15x15xf16>, %r: memref<16xi32>, %g: memref<16xi32>, %p: memref<2xi32>, %t: memref<1xi32>, %o: memref<1xi32>, %m: memref<16xi64>, %tasks: memref<4xi32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %h = %c0 to %heads step %c1 {
    %x = memref.subview %a[0, 0, 0] [1, 15, 15] [1, 1, 1] : memref<?x15x64xf16> to memref<15x15xf16, strided<[64, 1]>>
    %z = memref.subview %a[%h, 0, 0] [1, 15, 15] [1, 1, 1] : memref<?x15x64xf16> to memref<15x15xf16, strided<[64, 1], offset: ?>>
    sparse_ir.kernel ins(%x, %x : memref<15x15xf16, strided<[64, 1]>>, memref<15x15xf16, strided<[64, 1]>>) tables(%r, %g, %p, %t, %o, %m, %tasks : memref<16xi32>, memref<16xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>, memref<16xi64>, memref<4xi32>) outs(%z : memref<15x15xf16, strided<[64, 1], offset: ?>>) of #list extents [15, 15, 15] strategy(#s)
  }
  return
}

// -----

#s = #sparse_ir.strategy<intrinsic = "wgmma-f16", rows = 64, depth = 64, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 2, warps_i = 4, split = 4>
#none = #sparse_ir.tiles<rows = 64, cols = 64, panel_rows = dense<> : tensor<0xi32>, granule_cols = dense<> : tensor<0xi32>, tile_ptr = dense<[0]> : tensor<1xi32>, tiles = dense<> : tensor<0xi32>, mask_offset = dense<> : tensor<0xi32>, masks = dense<> : tensor<0xi64>>

// A warpgroup reads the columns from shared memory once for its four warps;
// threads make what they have copied visible to it before the barrier.
// CHECK-LABEL: gpu.func @kernel0
// CHECK-SAME: known_block_size = array<i32: 128, 1, 1>, nvvm.minctasm = 4 : i32
// CHECK: scf.for
// CHECK: nvvm.cp.async.wait.group 0
// CHECK-NEXT: nvvm.fence.proxy
// CHECK-NEXT: nvvm.barrier
// CHECK: nvvm.wgmma.fence.aligned
// CHECK-COUNT-4: sparse_gpu.wgmma f16 %{{.*}} : vector<8xf16>, vector<32xf32>
// CHECK-NEXT: nvvm.wgmma.commit.group.sync.aligned
// CHECK-NEXT: sparse_gpu.wgmma_wait 0
// CHECK-LABEL: func.func @warpgroup
// CHECK: gpu.launch_func @device::@kernel0 blocks in (%c0, %c1, %c1) threads in (%c128, %c1, %c1)
func.func @warpgroup(%a: memref<64x64xf16>, %b: memref<64x64xf16>, %c: memref<64x64xf16>, %r: memref<0xi32>, %g: memref<0xi32>, %p: memref<1xi32>, %t: memref<0xi32>, %o: memref<0xi32>, %m: memref<0xi64>, %tasks: memref<0xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<64x64xf16>, memref<64x64xf16>) tables(%r, %g, %p, %t, %o, %m, %tasks : memref<0xi32>, memref<0xi32>, memref<1xi32>, memref<0xi32>, memref<0xi32>, memref<0xi64>, memref<0xi32>) outs(%c : memref<64x64xf16>) of #none extents [64, 64, 64] strategy(#s) {rhs_map = affine_map<(k, j) -> (j, k)>}
  return
}
