// RUN: sparse-opt %s | sparse-opt | FileCheck %s
// RUN: sparse-opt %s --mlir-print-op-generic | sparse-opt | FileCheck %s

// CHECK-LABEL: @mma
func.func @mma(%a: vector<8xf16>, %b: vector<4xf16>, %p: vector<8xf16>, %c: vector<4xf32>, %h: vector<4xf16>, %m: i32) {
  // CHECK: sparse_gpu.mma %{{.*}}, %{{.*}}, %{{.*}} : vector<8xf16>, vector<4xf16>, vector<4xf32>
  %0 = sparse_gpu.mma %a, %b, %c : vector<8xf16>, vector<4xf16>, vector<4xf32>
  // CHECK: sparse_gpu.mma %{{.*}}, %{{.*}}, %{{.*}} : vector<8xf16>, vector<4xf16>, vector<4xf16>
  %1 = sparse_gpu.mma %a, %b, %h : vector<8xf16>, vector<4xf16>, vector<4xf16>
  // CHECK: sparse_gpu.mma %{{.*}}, %{{.*}}, %{{.*}} meta %{{[a-z0-9]+}} : vector<8xf16>, vector<8xf16>, vector<4xf32>
  %2 = sparse_gpu.mma %a, %p, %0 meta %m : vector<8xf16>, vector<8xf16>, vector<4xf32>
  // CHECK: sparse_gpu.mma %{{.*}}, %{{.*}}, %{{.*}} meta %{{.*}} selector 1 : vector<8xf16>, vector<8xf16>, vector<4xf32>
  %3 = sparse_gpu.mma %a, %p, %2 meta %m selector 1 : vector<8xf16>, vector<8xf16>, vector<4xf32>
  return
}

// CHECK-LABEL: @mma_types
func.func @mma_types(%a: vector<8xbf16>, %b: vector<4xbf16>, %x: vector<4xf32>, %y: vector<2xf32>, %c: vector<4xf32>, %m: i32) {
  // CHECK: vector<8xbf16>, vector<4xbf16>, vector<4xf32>
  %0 = sparse_gpu.mma %a, %b, %c : vector<8xbf16>, vector<4xbf16>, vector<4xf32>
  // CHECK: vector<4xf32>, vector<2xf32>, vector<4xf32>
  %1 = sparse_gpu.mma %x, %y, %c : vector<4xf32>, vector<2xf32>, vector<4xf32>
  // CHECK: selector 1 : vector<4xf32>, vector<4xf32>, vector<4xf32>
  %2 = sparse_gpu.mma %x, %x, %c meta %m selector 1 : vector<4xf32>, vector<4xf32>, vector<4xf32>
  return
}

// CHECK-LABEL: @wgmma
func.func @wgmma(%a: i64, %r: vector<8xf16>, %t: vector<4xf32>, %c: vector<96xf32>, %m: i32) {
  // CHECK: %[[D:.*]] = sparse_gpu.wgmma f16 %{{.*}}, %{{.*}}, %{{.*}} : i64, vector<96xf32>
  %0 = sparse_gpu.wgmma f16 %a, %a, %c : i64, vector<96xf32>
  // CHECK: %[[E:.*]] = sparse_gpu.wgmma f16 %{{.*}}, %{{.*}}, %[[D]] meta %{{.*}} selector 1 transpose_b : vector<8xf16>, vector<96xf32>
  %1 = sparse_gpu.wgmma f16 %r, %a, %0 meta %m selector 1 transpose_b : vector<8xf16>, vector<96xf32>
  // CHECK: %[[F:.*]] = sparse_gpu.wgmma tf32 %{{.*}}, %{{.*}}, %[[E]] : vector<4xf32>, vector<96xf32>
  %2 = sparse_gpu.wgmma tf32 %t, %a, %1 : vector<4xf32>, vector<96xf32>
  // CHECK: sparse_gpu.wgmma_wait 1, %[[F]] : vector<96xf32>
  %3 = sparse_gpu.wgmma_wait 1, %2 : vector<96xf32>
  // CHECK: sparse_gpu.wgmma_wait 0{{$}}
  sparse_gpu.wgmma_wait 0
  // CHECK: %{{.*}}:2 = sparse_gpu.wgmma_wait 0, %{{.*}}, %{{.*}} : vector<96xf32>, vector<4xf32>
  %4:2 = sparse_gpu.wgmma_wait 0, %3, %t : vector<96xf32>, vector<4xf32>
  return
}

// CHECK-LABEL: @bytes
func.func @bytes(%a: vector<16xi8>, %b: vector<8xi8>, %x: vector<16xf8E4M3FN>, %y: vector<8xf8E5M2>, %z: vector<16xf8E5M2>, %i: vector<4xi32>, %c: vector<4xf32>, %d: i64, %m: i32) {
  // CHECK: sparse_gpu.mma %{{.*}}, %{{.*}}, %{{.*}} : vector<16xi8>, vector<8xi8>, vector<4xi32>
  %0 = sparse_gpu.mma %a, %b, %i : vector<16xi8>, vector<8xi8>, vector<4xi32>
  // CHECK: sparse_gpu.mma %{{.*}}, %{{.*}}, %{{.*}} meta %{{[a-z0-9]+}} unsigned_a unsigned_b : vector<16xi8>, vector<16xi8>, vector<4xi32>
  %1 = sparse_gpu.mma %a, %a, %0 meta %m unsigned_a unsigned_b : vector<16xi8>, vector<16xi8>, vector<4xi32>
  // CHECK: sparse_gpu.mma %{{.*}}, %{{.*}}, %{{.*}} meta %{{[a-z0-9]+}} : vector<16xf8E4M3FN>, vector<16xf8E4M3FN>, vector<4xf32>
  %2 = sparse_gpu.mma %x, %x, %c meta %m : vector<16xf8E4M3FN>, vector<16xf8E4M3FN>, vector<4xf32>
  // CHECK: sparse_gpu.mma %{{.*}}, %{{.*}}, %{{.*}} : vector<16xf8E5M2>, vector<8xf8E5M2>, vector<4xf32>
  %3 = sparse_gpu.mma %z, %y, %2 : vector<16xf8E5M2>, vector<8xf8E5M2>, vector<4xf32>
  // CHECK: sparse_gpu.wgmma i8 %{{.*}}, %{{.*}}, %{{.*}} meta %{{[a-z0-9]+}} unsigned_b : vector<16xi8>, vector<4xi32>
  %4 = sparse_gpu.wgmma i8 %a, %d, %1 meta %m unsigned_b : vector<16xi8>, vector<4xi32>
  // CHECK: sparse_gpu.wgmma f8E5M2 %{{.*}}, %{{.*}}, %{{.*}} : i64, vector<4xf32>
  %5 = sparse_gpu.wgmma f8E5M2 %d, %d, %3 : i64, vector<4xf32>
  return
}

// CHECK-LABEL: @host
func.func @host(%base: i64, %n: i64) {
  // CHECK: sparse_gpu.tensor_map f16 %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} box[192, 64] : !llvm.ptr
  %0 = sparse_gpu.tensor_map f16 %base, %n, %n, %n box [192, 64] : !llvm.ptr
  // CHECK: sparse_gpu.tensor_map f32 %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} box[1, 4] : !llvm.ptr
  %1 = sparse_gpu.tensor_map f32 %base, %n, %n, %n box [1, 4] : !llvm.ptr
  // CHECK: sparse_gpu.scratch %{{.*}} : <1>
  %2 = sparse_gpu.scratch %n : !llvm.ptr<1>
  return
}
