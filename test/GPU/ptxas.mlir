// REQUIRES: ptxas
// RUN: sparse-opt %s -test-emit-device -o /dev/null | FileCheck %s --implicit-check-not=warning:

// Loops of wgmma keep their accumulators: no spills, and ptxas does not
// serialize them, which it would report as a warning.

gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>

  // CHECK-DAG: kernel sparse256: {{[0-9]+}} registers, 0 stack, 0 spilled, 0 shared, 0 warnings
  gpu.func @sparse256(%p: !llvm.ptr<1>, %out: !llvm.ptr<1>, %n: i32, %d: i64) kernel
      attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c2048 = arith.constant 2048 : i32
    %step = arith.constant 4 : i64
    %zero = arith.constant dense<0.0> : vector<128xf32>
    %half = arith.constant dense<0.5> : vector<128xf32>
    %tid = nvvm.read.ptx.sreg.tid.x : i32
    %acc = scf.for %i = %c0 to %n step %c1 iter_args(%x = %zero) -> (vector<128xf32>) : i32 {
      %row = arith.muli %i, %c2048 : i32
      %at = arith.addi %row, %tid : i32
      %q = llvm.getelementptr %p[%at] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, vector<4xi32>
      %v = llvm.load %q {alignment = 16 : i64} : !llvm.ptr<1> -> vector<4xi32>
      %m0 = vector.extract %v[0] : i32 from vector<4xi32>
      %ra = vector.bitcast %v : vector<4xi32> to vector<8xf16>
      %d2 = arith.addi %d, %step : i64
      nvvm.wgmma.fence.aligned
      %y = sparse_gpu.wgmma f16 %d, %d, %x meta %m0 selector 0 : i64, vector<128xf32>
      %z = sparse_gpu.wgmma f16 %d, %d2, %y meta %m0 selector 1 : i64, vector<128xf32>
      nvvm.wgmma.commit.group.sync.aligned
      %w = sparse_gpu.wgmma_wait 0, %z : vector<128xf32>
      scf.yield %w : vector<128xf32>
    }
    %r = sparse_gpu.wgmma_wait 0, %acc : vector<128xf32>
    %s = arith.mulf %r, %half : vector<128xf32>
    %o = llvm.getelementptr %out[%tid] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, vector<128xf32>
    llvm.store %s, %o {alignment = 16 : i64} : vector<128xf32>, !llvm.ptr<1>
    gpu.return
  }

  // CHECK-DAG: kernel sparse192: {{[0-9]+}} registers, 0 stack, 0 spilled, 0 shared, 0 warnings
  gpu.func @sparse192(%p: !llvm.ptr<1>, %out: !llvm.ptr<1>, %n: i32, %d: i64) kernel
      attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c2048 = arith.constant 2048 : i32
    %step = arith.constant 4 : i64
    %zero = arith.constant dense<0.0> : vector<96xf32>
    %half = arith.constant dense<0.5> : vector<96xf32>
    %tid = nvvm.read.ptx.sreg.tid.x : i32
    %acc = scf.for %i = %c0 to %n step %c1 iter_args(%x = %zero) -> (vector<96xf32>) : i32 {
      %row = arith.muli %i, %c2048 : i32
      %at = arith.addi %row, %tid : i32
      %q = llvm.getelementptr %p[%at] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, vector<4xi32>
      %v = llvm.load %q {alignment = 16 : i64} : !llvm.ptr<1> -> vector<4xi32>
      %m0 = vector.extract %v[0] : i32 from vector<4xi32>
      %ra = vector.bitcast %v : vector<4xi32> to vector<8xf16>
      %d2 = arith.addi %d, %step : i64
      nvvm.wgmma.fence.aligned
      %y = sparse_gpu.wgmma f16 %d, %d, %x meta %m0 selector 0 : i64, vector<96xf32>
      %z = sparse_gpu.wgmma f16 %d, %d2, %y meta %m0 selector 1 : i64, vector<96xf32>
      nvvm.wgmma.commit.group.sync.aligned
      %w = sparse_gpu.wgmma_wait 1, %z : vector<96xf32>
      scf.yield %w : vector<96xf32>
    }
    %r = sparse_gpu.wgmma_wait 0, %acc : vector<96xf32>
    %s = arith.mulf %r, %half : vector<96xf32>
    %o = llvm.getelementptr %out[%tid] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, vector<96xf32>
    llvm.store %s, %o {alignment = 16 : i64} : vector<96xf32>, !llvm.ptr<1>
    gpu.return
  }

  // CHECK-DAG: kernel sparse192_registers: {{[0-9]+}} registers, 0 stack, 0 spilled, 0 shared, 0 warnings
  gpu.func @sparse192_registers(%p: !llvm.ptr<1>, %out: !llvm.ptr<1>, %n: i32, %d: i64) kernel
      attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c2048 = arith.constant 2048 : i32
    %step = arith.constant 4 : i64
    %zero = arith.constant dense<0.0> : vector<96xf32>
    %half = arith.constant dense<0.5> : vector<96xf32>
    %tid = nvvm.read.ptx.sreg.tid.x : i32
    %acc = scf.for %i = %c0 to %n step %c1 iter_args(%x = %zero) -> (vector<96xf32>) : i32 {
      %row = arith.muli %i, %c2048 : i32
      %at = arith.addi %row, %tid : i32
      %q = llvm.getelementptr %p[%at] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, vector<4xi32>
      %v = llvm.load %q {alignment = 16 : i64} : !llvm.ptr<1> -> vector<4xi32>
      %m0 = vector.extract %v[0] : i32 from vector<4xi32>
      %ra = vector.bitcast %v : vector<4xi32> to vector<8xf16>
      %d2 = arith.addi %d, %step : i64
      nvvm.wgmma.fence.aligned
      %y = sparse_gpu.wgmma f16 %ra, %d, %x meta %m0 selector 0 : vector<8xf16>, vector<96xf32>
      %z = sparse_gpu.wgmma f16 %ra, %d2, %y meta %m0 selector 1 : vector<8xf16>, vector<96xf32>
      nvvm.wgmma.commit.group.sync.aligned
      %w = sparse_gpu.wgmma_wait 0, %z : vector<96xf32>
      scf.yield %w : vector<96xf32>
    }
    %r = sparse_gpu.wgmma_wait 0, %acc : vector<96xf32>
    %s = arith.mulf %r, %half : vector<96xf32>
    %o = llvm.getelementptr %out[%tid] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, vector<96xf32>
    llvm.store %s, %o {alignment = 16 : i64} : vector<96xf32>, !llvm.ptr<1>
    gpu.return
  }

  // CHECK-DAG: kernel dense256: {{[0-9]+}} registers, 0 stack, 0 spilled, 0 shared, 0 warnings
  gpu.func @dense256(%p: !llvm.ptr<1>, %out: !llvm.ptr<1>, %n: i32, %d: i64) kernel
      attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c2048 = arith.constant 2048 : i32
    %step = arith.constant 4 : i64
    %zero = arith.constant dense<0.0> : vector<128xf32>
    %half = arith.constant dense<0.5> : vector<128xf32>
    %tid = nvvm.read.ptx.sreg.tid.x : i32
    %acc = scf.for %i = %c0 to %n step %c1 iter_args(%x = %zero) -> (vector<128xf32>) : i32 {
      %row = arith.muli %i, %c2048 : i32
      %at = arith.addi %row, %tid : i32
      %q = llvm.getelementptr %p[%at] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, vector<4xi32>
      %v = llvm.load %q {alignment = 16 : i64} : !llvm.ptr<1> -> vector<4xi32>
      %m0 = vector.extract %v[0] : i32 from vector<4xi32>
      %ra = vector.bitcast %v : vector<4xi32> to vector<8xf16>
      %d2 = arith.addi %d, %step : i64
      nvvm.wgmma.fence.aligned
      %y = sparse_gpu.wgmma f16 %d, %d, %x : i64, vector<128xf32>
      %z = sparse_gpu.wgmma f16 %d, %d2, %y : i64, vector<128xf32>
      nvvm.wgmma.commit.group.sync.aligned
      %w = sparse_gpu.wgmma_wait 0, %z : vector<128xf32>
      scf.yield %w : vector<128xf32>
    }
    %r = sparse_gpu.wgmma_wait 0, %acc : vector<128xf32>
    %s = arith.mulf %r, %half : vector<128xf32>
    %o = llvm.getelementptr %out[%tid] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, vector<128xf32>
    llvm.store %s, %o {alignment = 16 : i64} : vector<128xf32>, !llvm.ptr<1>
    gpu.return
  }
}

// CHECK: cubin ELF
