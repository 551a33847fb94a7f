// REQUIRES: ptxas
// RUN: sparse-opt %s -test-emit-device -o /dev/null | FileCheck %s

// ptxas accepts every form of the instructions.

gpu.module @device {
  // CHECK-DAG: kernel mma: {{[0-9]+}} registers, 0 stack, 0 spilled, 0 shared, 0 warnings
  gpu.func @mma(%p: !llvm.ptr<1>, %out: !llvm.ptr<1>, %m: i32) kernel attributes {known_block_size = array<i32: 32, 1, 1>} {
    %h = llvm.load %p {alignment = 16 : i64} : !llvm.ptr<1> -> vector<8xf16>
    %b = llvm.load %p {alignment = 16 : i64} : !llvm.ptr<1> -> vector<8xbf16>
    %t = llvm.load %p {alignment = 16 : i64} : !llvm.ptr<1> -> vector<4xf32>
    %h4 = vector.extract_strided_slice %h {offsets = [0], sizes = [4], strides = [1]} : vector<8xf16> to vector<4xf16>
    %b4 = vector.extract_strided_slice %b {offsets = [4], sizes = [4], strides = [1]} : vector<8xbf16> to vector<4xbf16>
    %t2 = vector.extract_strided_slice %t {offsets = [2], sizes = [2], strides = [1]} : vector<4xf32> to vector<2xf32>
    %0 = sparse_gpu.mma %h, %h4, %t : vector<8xf16>, vector<4xf16>, vector<4xf32>
    %1 = sparse_gpu.mma %h, %h, %0 meta %m : vector<8xf16>, vector<8xf16>, vector<4xf32>
    %2 = sparse_gpu.mma %b, %b4, %1 : vector<8xbf16>, vector<4xbf16>, vector<4xf32>
    %3 = sparse_gpu.mma %b, %b, %2 meta %m selector 1 : vector<8xbf16>, vector<8xbf16>, vector<4xf32>
    %4 = sparse_gpu.mma %t, %t2, %3 : vector<4xf32>, vector<2xf32>, vector<4xf32>
    %5 = sparse_gpu.mma %t, %t, %4 meta %m selector 1 : vector<4xf32>, vector<4xf32>, vector<4xf32>
    llvm.store %5, %out {alignment = 16 : i64} : vector<4xf32>, !llvm.ptr<1>
    %6 = sparse_gpu.mma %h, %h4, %h4 : vector<8xf16>, vector<4xf16>, vector<4xf16>
    %7 = sparse_gpu.mma %h, %h, %6 meta %m selector 1 : vector<8xf16>, vector<8xf16>, vector<4xf16>
    llvm.store %7, %p {alignment = 8 : i64} : vector<4xf16>, !llvm.ptr<1>
    gpu.return
  }

  // CHECK-DAG: kernel descriptors: {{[0-9]+}} registers, 0 stack, 0 spilled, 0 shared, 0 warnings
  gpu.func @descriptors(%out: !llvm.ptr<1>, %d: i64, %m: i32) kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %zero = arith.constant dense<0.0> : vector<4xf32>
    nvvm.wgmma.fence.aligned
    %0 = sparse_gpu.wgmma f16 %d, %d, %zero : i64, vector<4xf32>
    %1 = sparse_gpu.wgmma f16 %d, %d, %0 transpose_b : i64, vector<4xf32>
    %2 = sparse_gpu.wgmma f16 %d, %d, %1 meta %m : i64, vector<4xf32>
    %3 = sparse_gpu.wgmma bf16 %d, %d, %2 meta %m selector 1 transpose_b : i64, vector<4xf32>
    %4 = sparse_gpu.wgmma tf32 %d, %d, %3 : i64, vector<4xf32>
    %5 = sparse_gpu.wgmma tf32 %d, %d, %4 meta %m selector 1 : i64, vector<4xf32>
    nvvm.wgmma.commit.group.sync.aligned
    %6 = sparse_gpu.wgmma_wait 0, %5 : vector<4xf32>
    llvm.store %6, %out {alignment = 16 : i64} : vector<4xf32>, !llvm.ptr<1>
    gpu.return
  }

  // CHECK-DAG: kernel registers: {{[0-9]+}} registers, 0 stack, 0 spilled, 0 shared, 0 warnings
  gpu.func @registers(%p: !llvm.ptr<1>, %out: !llvm.ptr<1>, %d: i64, %m: i32) kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %zero = arith.constant dense<0.0> : vector<4xf32>
    %h = llvm.load %p {alignment = 16 : i64} : !llvm.ptr<1> -> vector<8xf16>
    %b = llvm.load %p {alignment = 16 : i64} : !llvm.ptr<1> -> vector<8xbf16>
    %t = llvm.load %p {alignment = 16 : i64} : !llvm.ptr<1> -> vector<4xf32>
    nvvm.wgmma.fence.aligned
    %0 = sparse_gpu.wgmma f16 %h, %d, %zero : vector<8xf16>, vector<4xf32>
    %1 = sparse_gpu.wgmma f16 %h, %d, %0 transpose_b : vector<8xf16>, vector<4xf32>
    %2 = sparse_gpu.wgmma f16 %h, %d, %1 meta %m : vector<8xf16>, vector<4xf32>
    %3 = sparse_gpu.wgmma bf16 %b, %d, %2 meta %m selector 1 transpose_b : vector<8xbf16>, vector<4xf32>
    %4 = sparse_gpu.wgmma tf32 %t, %d, %3 : vector<4xf32>, vector<4xf32>
    %5 = sparse_gpu.wgmma tf32 %t, %d, %4 meta %m : vector<4xf32>, vector<4xf32>
    nvvm.wgmma.commit.group.sync.aligned
    %6 = sparse_gpu.wgmma_wait 0, %5 : vector<4xf32>
    llvm.store %6, %out {alignment = 16 : i64} : vector<4xf32>, !llvm.ptr<1>
    gpu.return
  }

  // CHECK-DAG: kernel bytes: {{[0-9]+}} registers, 0 stack, 0 spilled, 0 shared, 0 warnings
  gpu.func @bytes(%p: !llvm.ptr<1>, %out: !llvm.ptr<1>, %m: i32) kernel attributes {known_block_size = array<i32: 32, 1, 1>} {
    %a = llvm.load %p {alignment = 16 : i64} : !llvm.ptr<1> -> vector<16xi8>
    %b = llvm.load %p {alignment = 8 : i64} : !llvm.ptr<1> -> vector<8xi8>
    %zero = arith.constant dense<0> : vector<4xi32>
    %zeros = arith.constant dense<0.0> : vector<4xf32>
    %x = vector.bitcast %a : vector<16xi8> to vector<16xf8E4M3FN>
    %x8 = vector.bitcast %b : vector<8xi8> to vector<8xf8E4M3FN>
    %y = vector.bitcast %a : vector<16xi8> to vector<16xf8E5M2>
    %y8 = vector.bitcast %b : vector<8xi8> to vector<8xf8E5M2>
    %0 = sparse_gpu.mma %a, %b, %zero : vector<16xi8>, vector<8xi8>, vector<4xi32>
    %1 = sparse_gpu.mma %a, %a, %0 meta %m unsigned_a : vector<16xi8>, vector<16xi8>, vector<4xi32>
    %2 = sparse_gpu.mma %x, %x8, %zeros : vector<16xf8E4M3FN>, vector<8xf8E4M3FN>, vector<4xf32>
    %3 = sparse_gpu.mma %x, %x, %2 meta %m : vector<16xf8E4M3FN>, vector<16xf8E4M3FN>, vector<4xf32>
    %4 = sparse_gpu.mma %y, %y8, %3 : vector<16xf8E5M2>, vector<8xf8E5M2>, vector<4xf32>
    %5 = sparse_gpu.mma %y, %y, %4 meta %m : vector<16xf8E5M2>, vector<16xf8E5M2>, vector<4xf32>
    llvm.store %1, %p {alignment = 16 : i64} : vector<4xi32>, !llvm.ptr<1>
    llvm.store %5, %out {alignment = 16 : i64} : vector<4xf32>, !llvm.ptr<1>
    gpu.return
  }

  // CHECK-DAG: kernel warpgroup_bytes: {{[0-9]+}} registers, 0 stack, 0 spilled, 0 shared, 0 warnings
  gpu.func @warpgroup_bytes(%p: !llvm.ptr<1>, %out: !llvm.ptr<1>, %d: i64, %m: i32) kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %zero = arith.constant dense<0> : vector<24xi32>
    %zeros = arith.constant dense<0.0> : vector<4xf32>
    %a = llvm.load %p {alignment = 16 : i64} : !llvm.ptr<1> -> vector<16xi8>
    %x = vector.bitcast %a : vector<16xi8> to vector<16xf8E4M3FN>
    %y = vector.bitcast %a : vector<16xi8> to vector<16xf8E5M2>
    nvvm.wgmma.fence.aligned
    %0 = sparse_gpu.wgmma i8 %d, %d, %zero unsigned_a unsigned_b : i64, vector<24xi32>
    %1 = sparse_gpu.wgmma i8 %a, %d, %0 meta %m : vector<16xi8>, vector<24xi32>
    %2 = sparse_gpu.wgmma f8E4M3FN %d, %d, %zeros : i64, vector<4xf32>
    %3 = sparse_gpu.wgmma f8E4M3FN %x, %d, %2 meta %m : vector<16xf8E4M3FN>, vector<4xf32>
    %4 = sparse_gpu.wgmma f8E5M2 %y, %d, %3 : vector<16xf8E5M2>, vector<4xf32>
    %5 = sparse_gpu.wgmma f8E5M2 %d, %d, %4 meta %m : i64, vector<4xf32>
    nvvm.wgmma.commit.group.sync.aligned
    %6:2 = sparse_gpu.wgmma_wait 0, %1, %5 : vector<24xi32>, vector<4xf32>
    llvm.store %6#0, %p {alignment = 16 : i64} : vector<24xi32>, !llvm.ptr<1>
    llvm.store %6#1, %out {alignment = 16 : i64} : vector<4xf32>, !llvm.ptr<1>
    gpu.return
  }
}
