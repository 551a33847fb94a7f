// RUN: sparse-opt %s -split-input-file -verify-diagnostics -test-emulate -o /dev/null | FileCheck %s

// A box from row -2 and column 8 on: outside of the 10 x 36 matrix are zeros.
// Chunk c of row r lies at chunk c xor r.
// CHECK: argument 1: 8x64 weighted sum [[OUT:.*]]
// CHECK-NEXT: argument 2: 8x64 weighted sum [[OUT]]{{$}}
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%map: !llvm.ptr {llvm.byval = !llvm.array<128 x i8>, llvm.align = 64 : i64}, %out: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c4 = arith.constant 4 : i32
    %c8 = arith.constant 8 : i32
    %c16 = arith.constant 16 : i32
    %c128 = arith.constant 128 : i32
    %c1000 = arith.constant 1000 : i32
    %c1024 = arith.constant 1024 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %c32 = arith.constant 32 : i32
    %lane = arith.remui %thread, %c32 : i32
    %bar = llvm.getelementptr %shared[4096] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
    %leads = arith.cmpi eq, %thread, %c0 : i32
    scf.if %leads {
    nvvm.mbarrier.init %bar, %c1 : !llvm.ptr<3>, i32
    }
    nvvm.fence.mbarrier.init
    nvvm.barrier
    %address = llvm.ptrtoint %shared : !llvm.ptr<3> to i32
    %target = llvm.inttoptr %address : i32 to !llvm.ptr<7>
    %row = arith.constant -2 : i32
    scf.if %leads {
    %none = nvvm.mbarrier.arrive.expect_tx %bar, %c1024 : !llvm.ptr<3>, i32 -> i64
    nvvm.cp.async.bulk.tensor.shared.cluster.global %target, %map, %bar, box[%c8, %row] : !llvm.ptr<7>, !llvm.ptr
    }
    nvvm.mbarrier.try_wait.parity %bar, %c0, %c1000 : !llvm.ptr<3>, i32, i32
    scf.for %line = %c0 to %c8 step %c1 : i32 {
    %half = arith.muli %lane, %c4 : i32
    %chunk = arith.divui %half, %c16 : i32
    %place = arith.xori %chunk, %line : i32
    %in = arith.remui %half, %c16 : i32
    %line_at = arith.muli %line, %c128 : i32
    %place_at = arith.muli %place, %c16 : i32
    %x0 = arith.addi %line_at, %place_at : i32
    %x1 = arith.addi %x0, %in : i32
    %p = llvm.getelementptr %shared[%x1] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    %v = llvm.load %p : !llvm.ptr<3> -> i32
    %x2 = arith.addi %line_at, %half : i32
    %q = llvm.getelementptr %out[%x2] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    llvm.store %v, %q : i32, !llvm.ptr<1>
    }
    gpu.return
  }
}

func.func @main(%a: memref<10x40xf16>, %out: memref<8x64xf16> {test.output},
    %expected: memref<8x64xf16> {test.output}) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes = arith.constant 8192 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<10x40xf16> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %out_index = memref.extract_aligned_pointer_as_index %out : memref<8x64xf16> -> index
  %out_address = arith.index_cast %out_index : index to i64
  %out_pointer = llvm.inttoptr %out_address : i64 to !llvm.ptr<1>
  %rows = arith.constant 10 : i64
  %cols = arith.constant 36 : i64
  %stride = arith.constant 40 : i64
  %map = sparse_gpu.tensor_map f16 %a_address, %rows, %cols, %stride box [8, 64] : !llvm.ptr
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes args(%map : !llvm.ptr, %out_pointer : !llvm.ptr<1>)
  %zero = arith.constant 0.0 : f16
  linalg.fill ins(%zero : f16) outs(%expected : memref<8x64xf16>)
  %inside = memref.subview %a[0, 8] [6, 28] [1, 1] : memref<10x40xf16> to memref<6x28xf16, strided<[40, 1], offset: 8>>
  %place = memref.subview %expected[2, 0] [6, 28] [1, 1] : memref<8x64xf16> to memref<6x28xf16, strided<[64, 1], offset: 128>>
  memref.copy %inside, %place : memref<6x28xf16, strided<[40, 1], offset: 8>> to memref<6x28xf16, strided<[64, 1], offset: 128>>
  return
}
}

// -----

// Rows that are not 16 bytes apart.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%map: !llvm.ptr {llvm.byval = !llvm.array<128 x i8>, llvm.align = 64 : i64}, %out: !llvm.ptr<1>) kernel {
    nvvm.barrier
    gpu.return
  }
}

func.func @main(%a: memref<10x40xf16>, %out: memref<8x64xf16> {test.output}) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes = arith.constant 8192 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<10x40xf16> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %out_index = memref.extract_aligned_pointer_as_index %out : memref<8x64xf16> -> index
  %out_address = arith.index_cast %out_index : index to i64
  %out_pointer = llvm.inttoptr %out_address : i64 to !llvm.ptr<1>
  %rows = arith.constant 10 : i64
  %cols = arith.constant 36 : i64
  %stride = arith.constant 41 : i64
  // expected-error @+1 {{expected rows aligned to 16 bytes, found a base 0 past one and a stride of 82}}
  %map = sparse_gpu.tensor_map f16 %a_address, %rows, %cols, %stride box [8, 64] : !llvm.ptr
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes args(%map : !llvm.ptr, %out_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// A target that is not aligned to 128 bytes.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%map: !llvm.ptr {llvm.byval = !llvm.array<128 x i8>, llvm.align = 64 : i64}, %out: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c4 = arith.constant 4 : i32
    %c8 = arith.constant 8 : i32
    %c16 = arith.constant 16 : i32
    %c128 = arith.constant 128 : i32
    %c1000 = arith.constant 1000 : i32
    %c1024 = arith.constant 1024 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %c32 = arith.constant 32 : i32
    %lane = arith.remui %thread, %c32 : i32
    %bar = llvm.getelementptr %shared[4096] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
    %leads = arith.cmpi eq, %thread, %c0 : i32
    scf.if %leads {
    nvvm.mbarrier.init %bar, %c1 : !llvm.ptr<3>, i32
    }
    nvvm.fence.mbarrier.init
    nvvm.barrier
    %odd = llvm.getelementptr %shared[16] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
    %address = llvm.ptrtoint %odd : !llvm.ptr<3> to i32
    %target = llvm.inttoptr %address : i32 to !llvm.ptr<7>
    %row = arith.constant -2 : i32
    scf.if %leads {
    %none = nvvm.mbarrier.arrive.expect_tx %bar, %c1024 : !llvm.ptr<3>, i32 -> i64
    // expected-error @+1 {{block (0, 0) warp 0 lane 0: expected a tensor map and a target aligned to 128 bytes}}
    nvvm.cp.async.bulk.tensor.shared.cluster.global %target, %map, %bar, box[%c8, %row] : !llvm.ptr<7>, !llvm.ptr
    }
    nvvm.mbarrier.try_wait.parity %bar, %c0, %c1000 : !llvm.ptr<3>, i32, i32
    scf.for %line = %c0 to %c8 step %c1 : i32 {
    %half = arith.muli %lane, %c4 : i32
    %chunk = arith.divui %half, %c16 : i32
    %place = arith.xori %chunk, %line : i32
    %in = arith.remui %half, %c16 : i32
    %line_at = arith.muli %line, %c128 : i32
    %place_at = arith.muli %place, %c16 : i32
    %x0 = arith.addi %line_at, %place_at : i32
    %x1 = arith.addi %x0, %in : i32
    %p = llvm.getelementptr %shared[%x1] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    %v = llvm.load %p : !llvm.ptr<3> -> i32
    %x2 = arith.addi %line_at, %half : i32
    %q = llvm.getelementptr %out[%x2] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    llvm.store %v, %q : i32, !llvm.ptr<1>
    }
    gpu.return
  }
}

func.func @main(%a: memref<10x40xf16>, %out: memref<8x64xf16> {test.output}) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes = arith.constant 8192 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<10x40xf16> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %out_index = memref.extract_aligned_pointer_as_index %out : memref<8x64xf16> -> index
  %out_address = arith.index_cast %out_index : index to i64
  %out_pointer = llvm.inttoptr %out_address : i64 to !llvm.ptr<1>
  %rows = arith.constant 10 : i64
  %cols = arith.constant 36 : i64
  %stride = arith.constant 40 : i64
  %map = sparse_gpu.tensor_map f16 %a_address, %rows, %cols, %stride box [8, 64] : !llvm.ptr
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes args(%map : !llvm.ptr, %out_pointer : !llvm.ptr<1>)
  return
}
}
