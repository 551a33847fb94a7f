// RUN: sparse-opt %s -convert-sparse-ir-to-gpu -canonicalize -cse | FileCheck %s

#u = #sparse_ir.chains<rows = 64, depth = 64, phases = 1, panel_rows = dense<-1> : tensor<64xi32>, chain_ptr = dense<[0, 2]> : tensor<2xi32>, entries = dense<[0, 64]> : tensor<2xi32>>
#g = #sparse_ir.chains<rows = 32, depth = 1, phases = 1, panel_rows = dense<-1> : tensor<32xi32>, chain_ptr = dense<[0, 32]> : tensor<2xi32>, entries = dense<1> : tensor<32xi32>>
#stream = #sparse_ir.strategy<intrinsic = "mma.sp-f16", rows = 64, depth = 64, vectors = 1, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 0, warps_i = 1, warps_j = 2, split = 3>
#alone = #sparse_ir.strategy<intrinsic = "mma.sp-f16", rows = 64, depth = 64, vectors = 1, phase = 0, tasks = 3, pack_rhs = false, step = 64, stages = 0, warps_i = 1, warps_j = 4>
#streamd = #sparse_ir.strategy<intrinsic = "mma-bf16", rows = 32, depth = 1, vectors = 2, phase = 0, tasks = 1, pack_rhs = false, step = 16, stages = 0, warps_i = 1, warps_j = 4>

// Each of two warps has a ring of six stages. Values and metadata of the first
// ones are requested before earlier launches have ended, the rhs after that, a
// group of copies each; three blocks take a part of the chain each: the last to
// count itself adds up all three.
// CHECK-LABEL: gpu.func @kernel0
// CHECK-SAME: known_block_size = array<i32: 64, 1, 1>
// CHECK: nvvm.griddepcontrol launch_dependents
// CHECK: nvvm.read.ptx.sreg.ctaid.y
// CHECK-NOT: nvvm.cp.async.commit.group
// CHECK: nvvm.cp.async.shared.global {{.*}}, 16, cache = cg
// CHECK-NOT: nvvm.cp.async.commit.group
// CHECK: nvvm.griddepcontrol wait
// CHECK: nvvm.cp.async.shared.global
// CHECK-COUNT-6: nvvm.cp.async.commit.group
// CHECK-NOT: nvvm.cp.async.commit.group
// CHECK: scf.for {{.*}} step %c2_i32
// CHECK-NEXT: %[[STAGE:.*]] = arith.addi
// CHECK: nvvm.cp.async.wait.group 5
// CHECK-NEXT: nvvm.bar.warp.sync
// CHECK: %[[A0:.*]] = llvm.load {{.*}} {alignment = 16 : i64} : !llvm.ptr<3> -> vector<8xf16>
// CHECK: %[[WORDS:.*]] = llvm.load {{.*}} {alignment = 16 : i64} : !llvm.ptr<3> -> vector<4xi32>
// CHECK: nvvm.ldmatrix {{.*}} layout = #nvvm.mma_layout<col>, num = 4 : i32
// CHECK: %[[WORD0:.*]] = vector.extract %[[WORDS]][0]
// CHECK: sparse_gpu.mma %[[A0]], {{.*}} meta %[[WORD0]] : vector<8xf16>, vector<8xf16>, vector<4xf32>
// CHECK-COUNT-3: sparse_gpu.mma {{.*}} meta %{{[^ ]*}} : vector<8xf16>
// CHECK: nvvm.ldmatrix
// CHECK: sparse_gpu.mma {{.*}} meta %[[WORD0]] selector 1 : vector<8xf16>
// CHECK-COUNT-3: sparse_gpu.mma {{.*}} selector 1 : vector<8xf16>
// CHECK-NOT: sparse_gpu.mma
// CHECK: nvvm.bar.warp.sync
// CHECK: nvvm.cp.async.shared.global
// CHECK: nvvm.cp.async.commit.group
// CHECK: nvvm.cp.async.wait.group 0
// CHECK-NEXT: nvvm.barrier
// CHECK: llvm.store {{.*}} {alignment = 4 : i64} : f32, !llvm.ptr<1>
// CHECK: nvvm.memory.barrier <gpu>
// CHECK-NEXT: nvvm.barrier
// CHECK: scf.if
// CHECK-NEXT: %[[BEFORE:.*]] = llvm.atomicrmw add %[[COUNTER:.*]], %c1_i32 syncscope("device") acq_rel : !llvm.ptr<1>, i32
// CHECK-NEXT: %[[LAST:.*]] = arith.cmpi eq, %[[BEFORE]], %c2_i32
// CHECK-NEXT: scf.if %[[LAST]] {
// CHECK-NEXT: llvm.store %c0_i32, %[[COUNTER]]
// CHECK: llvm.store %[[BEFORE]], %[[FLAG:[^ ]*]] {{.*}} : i32, !llvm.ptr<3>
// CHECK: nvvm.barrier
// CHECK-NEXT: %[[SEEN:.*]] = llvm.load %[[FLAG]]
// CHECK-NEXT: %[[LAST:.*]] = arith.cmpi eq, %[[SEEN]], %c2_i32
// CHECK-NEXT: scf.if %[[LAST]] {
// CHECK-NEXT: nvvm.memory.barrier <gpu>
// CHECK: scf.for
// CHECK-COUNT-3: llvm.load {{.*}} : !llvm.ptr<1> -> f32
// CHECK-NOT: llvm.load {{.*}} : !llvm.ptr<1> -> f32
// CHECK: nvvm.barrier
// CHECK: gpu.return

// Lines of a rhs with a dynamic number of columns may not be aligned: then a
// kernel ahead copies them, sixteen bytes a thread, and the one above needs no
// second way to read them.
// CHECK-LABEL: gpu.func @kernel1
// CHECK-SAME: known_block_size = array<i32: 256, 1, 1>
// CHECK: nvvm.griddepcontrol launch_dependents
// CHECK: nvvm.griddepcontrol wait
// CHECK-COUNT-8: llvm.load {{.*}} {alignment = 2 : i64} : !llvm.ptr<1> -> f16
// CHECK-NOT: llvm.load
// CHECK: llvm.store {{.*}} {alignment = 16 : i64} : vector<8xf16>, !llvm.ptr<1>
// CHECK: gpu.return

// Without a split the block adds up its four warps in shared memory. Entries of
// one k are chunks where the rhs lies along j; a warp holds those of a step in its
// lanes, and loads the next one's before it waits.
// CHECK-LABEL: gpu.func @kernel2
// CHECK-NOT: nvvm.read.ptx.sreg.nctaid
// CHECK: nvvm.cp.async.shared.global
// CHECK-NOT: llvm.load
// CHECK: nvvm.griddepcontrol wait
// CHECK-NOT: llvm.load
// CHECK: nvvm.shfl.sync idx
// CHECK: scf.for {{.*}} step %c4_i32
// CHECK: %[[NEXT:.*]] = llvm.load {{.*}} : !llvm.ptr<1> -> i32
// CHECK: nvvm.cp.async.wait.group
// CHECK: nvvm.ldmatrix {{.*}} layout = #nvvm.mma_layout<col>, num = 4 : i32
// CHECK-COUNT-4: sparse_gpu.mma {{.*}} : vector<8xbf16>, vector<4xbf16>, vector<4xf32>
// CHECK-NOT: sparse_gpu.mma
// CHECK-COUNT-8: llvm.store {{.*}} {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<3>
// CHECK: nvvm.barrier
// CHECK: scf.for
// CHECK-COUNT-4: llvm.load {{.*}} : !llvm.ptr<3> -> f32
// CHECK-NOT: llvm.load {{.*}} : !llvm.ptr<3> -> f32
// CHECK-NOT: llvm.atomicrmw
// CHECK: gpu.return

// Three tasks have eight stages for four warps where one has three. The L2 is
// asked for the rows of the rhs before earlier launches have ended.
// CHECK-LABEL: gpu.func @kernel3
// CHECK-NOT: nvvm.griddepcontrol wait
// CHECK: %[[ROW:.*]] = llvm.getelementptr {{.*}} : (!llvm.ptr<1>, i64) -> !llvm.ptr<1>
// CHECK: nvvm.prefetch level = L2
// CHECK: nvvm.griddepcontrol wait
// CHECK-COUNT-8: nvvm.cp.async.commit.group
// CHECK-NOT: nvvm.cp.async.commit.group
// CHECK: scf.for
// CHECK: nvvm.cp.async.wait.group 7
// CHECK: gpu.return

// CHECK-LABEL: func.func @split
// CHECK: %[[ALIGNED:.*]] = arith.cmpi eq
// CHECK: %[[SIZE:.*]] = arith.select %[[ALIGNED]], %c0, %{{.*}} : index
// CHECK: %[[COPY:.*]] = memref.alloc(%[[SIZE]]) : memref<?xf16>
// CHECK: %[[GRID:.*]] = arith.select %[[ALIGNED]], %c0, %{{.*}} : index
// CHECK: gpu.launch_func @device::@kernel1 blocks in (%[[GRID]], %c1, %c1)
// CHECK: %[[PARTS:.*]] = arith.select %{{.*}}, %c3, %c1 : index
// CHECK: %[[BYTES:.*]] = arith.addi
// CHECK: %[[COUNT:.*]] = arith.index_cast %[[BYTES]] : index to i64
// CHECK: sparse_gpu.scratch %[[COUNT]]
// CHECK: gpu.launch_func @device::@kernel0 blocks in (%{{.*}}, %[[PARTS]], %c1) threads in (%c64, %c1, %c1)
// CHECK: memref.dealloc %[[COPY]]
func.func @split(%a: memref<4096xf16>, %b: memref<128x?xf16>, %c: memref<64x?xf32>, %r: memref<64xi32>, %p: memref<2xi32>, %e: memref<2xi32>, %o: memref<1xi32>, %m: memref<512xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<4096xf16>, memref<128x?xf16>) tables(%r, %p, %e, %o, %m : memref<64xi32>, memref<2xi32>, memref<2xi32>, memref<1xi32>, memref<512xi32>) outs(%c : memref<64x?xf32>) of #u extents [64, -1, 128] strategy(#stream) {packed_lhs}
  return
}

// CHECK-LABEL: func.func @warps
// CHECK-NOT: sparse_gpu.scratch
// CHECK: gpu.launch_func @device::@kernel2 blocks in (%c1, %c1, %c1) threads in (%c128, %c1, %c1) dynamic_shared_memory_size %c49152_i32
func.func @warps(%a: memref<1024xbf16>, %b: memref<128x16xbf16>, %c: memref<32x16xbf16>, %r: memref<32xi32>, %p: memref<2xi32>, %e: memref<32xi32>, %o: memref<1xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<1024xbf16>, memref<128x16xbf16>) tables(%r, %p, %e, %o : memref<32xi32>, memref<2xi32>, memref<32xi32>, memref<1xi32>) outs(%c : memref<32x16xbf16>) of #g extents [32, 16, 128] strategy(#streamd) {packed_lhs}
  return
}

func.func @alone(%a: memref<4096xf16>, %b: memref<128x8xf16>, %c: memref<64x8xf32>, %r: memref<64xi32>, %p: memref<2xi32>, %e: memref<2xi32>, %o: memref<1xi32>, %m: memref<512xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<4096xf16>, memref<128x8xf16>) tables(%r, %p, %e, %o, %m : memref<64xi32>, memref<2xi32>, memref<2xi32>, memref<1xi32>, memref<512xi32>) outs(%c : memref<64x8xf32>) of #u extents [64, 8, 128] strategy(#alone) {packed_lhs}
  return
}
