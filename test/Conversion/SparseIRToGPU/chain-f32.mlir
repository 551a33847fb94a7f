// RUN: sparse-opt %s -convert-sparse-ir-to-gpu -canonicalize -cse | FileCheck %s

#u = #sparse_ir.chains<rows = 64, depth = 32, phases = 1, panel_rows = dense<-1> : tensor<64xi32>, chain_ptr = dense<[0, 2]> : tensor<2xi32>, entries = dense<[0, 32]> : tensor<2xi32>>
#g = #sparse_ir.chains<rows = 32, depth = 1, phases = 1, panel_rows = dense<-1> : tensor<32xi32>, chain_ptr = dense<[0, 8]> : tensor<2xi32>, entries = dense<1> : tensor<8xi32>>
#tf32 = #sparse_ir.strategy<intrinsic = "mma.sp-tf32", rows = 64, depth = 32, vectors = 2, phase = 0, tasks = 1, pack_rhs = false, step = 32, stages = 2, warps_i = 4, warps_j = 1>
#fma = #sparse_ir.strategy<intrinsic = "fma-f32", rows = 32, depth = 1, vectors = 4, phase = 0, tasks = 1, pack_rhs = false, step = 4, stages = 2, warps_i = 2, warps_j = 1>

// 1:2 on tensor cores: fragments of four values, a word of metadata for 32
// columns. A lane loads what it multiplies from rows of the rhs, four k apart,
// and rounds it; the two instructions of a block take its halves.
// CHECK-LABEL: gpu.func @kernel0
// CHECK: nvvm.cp.async.shared.global
// CHECK: scf.for
// CHECK: %[[A:.*]] = llvm.load {{.*}} {alignment = 16 : i64} : !llvm.ptr<3> -> vector<4xf32>
// CHECK: llvm.load {{.*}} : !llvm.ptr<3> -> vector<1xi32>
// CHECK-COUNT-4: llvm.load {{.*}} {alignment = 4 : i64} : !llvm.ptr<3> -> f32
// CHECK: vector.from_elements {{.*}} : vector<4xf32>
// CHECK: %[[B:.*]] = sparse_gpu.round_tf32 {{.*}} : vector<4xf32>
// CHECK: sparse_gpu.mma %[[A]], %[[B]], {{.*}} meta %{{.*}} : vector<4xf32>, vector<4xf32>, vector<4xf32>
// CHECK: sparse_gpu.mma {{.*}} meta %{{.*}} : vector<4xf32>
// CHECK-COUNT-2: sparse_gpu.mma {{.*}} meta %{{.*}} selector 1 : vector<4xf32>
// CHECK-NOT: sparse_gpu.mma
func.func @tensor_cores(%a: memref<2048xf32>, %b: memref<64x?xf32>, %c: memref<64x?xf32>, %t0: memref<64xi32>, %t1: memref<2xi32>, %t2: memref<2xi32>, %t3: memref<1xi32>, %t4: memref<256xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<2048xf32>, memref<64x?xf32>) tables(%t0, %t1, %t2, %t3, %t4 : memref<64xi32>, memref<2xi32>, memref<2xi32>, memref<1xi32>, memref<256xi32>) outs(%c : memref<64x?xf32>) of #u extents [64, -1, 64] strategy(#tf32) {packed_lhs}
  return
}

// Exact: no instruction of tensor cores, nothing rounded. A lane has 4 x 4: of
// each k four rows and four columns, one load each, and sixteen multiply-adds. The
// chain is found without a lookup, and chunks are cut off at the last column.
// CHECK-LABEL: gpu.func @kernel2
// CHECK-SAME: known_block_size = array<i32: 64, 1, 1>
// CHECK-NOT: sparse_gpu
// CHECK: nvvm.griddepcontrol launch_dependents
// CHECK: nvvm.griddepcontrol wait
// CHECK: %[[LEFT:.*]] = arith.maxsi
// CHECK: %[[BYTES:.*]] = arith.muli %[[LEFT]], %c4_i32
// CHECK: nvvm.cp.async.shared.global {{.*}}, 16, cache = cg, %[[BYTES]]
// CHECK: scf.for {{.*}} -> (vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>, i32, i32) : i32 {
// CHECK: nvvm.barrier
// CHECK: %[[ROWS:.*]] = llvm.load {{.*}} {alignment = 16 : i64} : !llvm.ptr<3> -> vector<4xf32>
// CHECK: %[[COLS:.*]] = llvm.load {{.*}} {alignment = 16 : i64} : !llvm.ptr<3> -> vector<4xf32>
// CHECK: %[[ROW:.*]] = vector.extract %[[ROWS]][0]
// CHECK: %[[ALL:.*]] = vector.{{from_elements|broadcast}} %[[ROW]]
// CHECK: math.fma %[[ALL]], %[[COLS]], {{.*}} : vector<4xf32>
// CHECK-COUNT-15: math.fma {{.*}} : vector<4xf32>
// CHECK-NOT: math.fma
// CHECK-NOT: sparse_gpu
// CHECK: gpu.return
func.func @lanes(%a: memref<256xf32>, %b: memref<64x?xf32>, %c: memref<32x?xf32>, %t0: memref<32xi32>, %t1: memref<2xi32>, %t2: memref<8xi32>, %t3: memref<1xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<256xf32>, memref<64x?xf32>) tables(%t0, %t1, %t2, %t3 : memref<32xi32>, memref<2xi32>, memref<8xi32>, memref<1xi32>) outs(%c : memref<32x?xf32>) of #g extents [32, -1, 64] strategy(#fma) {packed_lhs}
  return
}
