// RUN: sparse-opt %s -convert-sparse-ir-to-gpu -canonicalize -cse | FileCheck %s

#s = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 16, depth = 64, vectors = 2, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 2>
#near = #sparse_ir.tiles<rows = 16, cols = 16, panel_rows = dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]> : tensor<16xi32>, granule_cols = dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]> : tensor<16xi32>, tile_ptr = dense<[0, 1]> : tensor<2xi32>, tiles = dense<0> : tensor<1xi32>, mask_offset = dense<-1> : tensor<1xi32>, masks = dense<> : tensor<0xi64>>
#far = #sparse_ir.tiles<rows = 16, cols = 16, panel_rows = dense<[0, 2, 4, 6, 8, 10, 12, 14, -1, -1, -1, -1, -1, -1, -1, -1]> : tensor<16xi32>, granule_cols = dense<[16, 18, 20, 22, 24, 26, 28, 30, -1, -1, -1, -1, -1, -1, -1, -1]> : tensor<16xi32>, tile_ptr = dense<[0, 1]> : tensor<2xi32>, tiles = dense<0> : tensor<1xi32>, mask_offset = dense<0> : tensor<1xi32>, masks = dense<1> : tensor<16xi64>>

// The first part starts from nothing, the second from what the first left: its
// output and a maximum and a sum for each row. Nothing of the size of the
// scores is in memory; weights go from accumulators to the second product.
// CHECK-LABEL: gpu.func @kernel0
// CHECK: scf.for {{.*}} -> (f32, f32, f32, f32, vector<4xf32>
// CHECK-COUNT-8: sparse_gpu.mma
// CHECK: scf.if
// CHECK: nvvm.shfl.sync bfly
// CHECK: math.exp2
// CHECK: arith.truncf %{{.*}} : vector<8xf32> to vector<8xf16>
// CHECK: sparse_gpu.mma
// CHECK: nvvm.cp.async.wait.group 0
// CHECK: llvm.store {{.*}} : vector<2xf32>, !llvm.ptr<1>
// CHECK-LABEL: gpu.func @kernel1
// CHECK: llvm.load {{.*}} -> vector<2xf32>
// CHECK: scf.for {{.*}} -> (f32, f32, f32, f32, vector<4xf32>
// CHECK: nvvm.cp.async.wait.group 0
// CHECK-NOT: llvm.store {{.*}} : vector<2xf32>, !llvm.ptr<1>
// CHECK-LABEL: func.func @parts
// CHECK: %[[SUMS:.*]] = memref.alloc(%{{.*}}) : memref<?x16x2xf32>
// CHECK: gpu.launch_func @device::@kernel0
// CHECK: gpu.launch_func @device::@kernel1
// CHECK: memref.dealloc %[[SUMS]]
func.func @parts(%q: memref<?x16x64xf16>, %k: memref<?x32x64xf16>, %v: memref<?x32x64xf16>, %o: memref<?x16x64xf16>, %r: memref<16xi32>, %g: memref<16xi32>, %p: memref<2xi32>, %t: memref<1xi32>, %f: memref<1xi32>, %m: memref<0xi64>, %n: memref<16xi64>) {
  sparse_ir.attention ins(%q, %k, %v : memref<?x16x64xf16>, memref<?x32x64xf16>, memref<?x32x64xf16>) tables(%r, %g, %p, %t, %f, %m, %r, %g, %p, %t, %f, %n : memref<16xi32>, memref<16xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>, memref<0xi64>, memref<16xi32>, memref<16xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>, memref<16xi64>) outs(%o : memref<?x16x64xf16>) of [#near, #far] scale 0.125 strategy(#s)
  return
}
