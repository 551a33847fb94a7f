// RUN: sparse-opt %s -split-input-file -verify-diagnostics -test-emulate -o /dev/null | FileCheck %s

// Copies land when their group is waited for. A source of 8 bytes is padded with
// zeros; one of none is not read: it may be out of bounds.
// CHECK: argument 1: 256 {{.*}} [0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0,
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>, %out: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c2 = arith.constant 2 : i32
    %c8 = arith.constant 8 : i32
    %c16 = arith.constant 16 : i32
    %c512 = arith.constant 512 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %c32 = arith.constant 32 : i32
    %lane = arith.remui %thread, %c32 : i32
    %bytes = arith.muli %thread, %c16 : i32
    %from = llvm.getelementptr %a[%bytes] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %to = llvm.getelementptr %shared[%bytes] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    %is_even = arith.remui %lane, %c2 : i32
    %half = arith.muli %is_even, %c8 : i32
    nvvm.cp.async.shared.global %to, %from, 16, cache = cg, %half : !llvm.ptr<3>, !llvm.ptr<1>, i32
    nvvm.cp.async.commit.group
    %far = llvm.getelementptr %from[1048576] : (!llvm.ptr<1>) -> !llvm.ptr<1>, i8
    %next = llvm.getelementptr %to[1024] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
    nvvm.cp.async.shared.global %next, %far, 16, cache = cg, %c0 : !llvm.ptr<3>, !llvm.ptr<1>, i32
    nvvm.cp.async.commit.group
    nvvm.cp.async.wait.group 1
    nvvm.barrier
    %swapped = arith.xori %bytes, %c512 : i32
    %read = llvm.getelementptr %shared[%swapped] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    %x = llvm.load %read {alignment = 16 : i64} : !llvm.ptr<3> -> vector<4xi32>
    nvvm.cp.async.wait.group 0
    %y = llvm.load %next {alignment = 16 : i64} : !llvm.ptr<3> -> vector<4xi32>
    %z = arith.addi %x, %y : vector<4xi32>
    %result = llvm.getelementptr %out[%swapped] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    llvm.store %z, %result {alignment = 16 : i64} : vector<4xi32>, !llvm.ptr<1>
    gpu.return
  }
}

func.func @main(%a: memref<256xi32> {test.input = dense<3> : tensor<256xi32>}, %out: memref<256xi32> {test.output}) {
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %bytes2048 = arith.constant 2048 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<256xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  %out_index = memref.extract_aligned_pointer_as_index %out : memref<256xi32> -> index
  %out_address = arith.index_cast %out_index : index to i64
  %out_pointer = llvm.inttoptr %out_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
      dynamic_shared_memory_size %bytes2048 args(%a_pointer : !llvm.ptr<1>, %out_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// Before the wait.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %c16 = arith.constant 16 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %bytes = arith.muli %thread, %c16 : i32
    %from = llvm.getelementptr %a[%bytes] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %to = llvm.getelementptr %shared[%bytes] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    nvvm.cp.async.shared.global %to, %from, 16, cache = cg : !llvm.ptr<3>, !llvm.ptr<1>
    nvvm.cp.async.commit.group
    nvvm.cp.async.wait.group 1
    // expected-error @+1 {{block (0, 0) warp 0 lane 0: shared byte 0 is still to be written by an asynchronous copy that has not been waited for}}
    %x = llvm.load %to : !llvm.ptr<3> -> i32
    gpu.return
  }
}

func.func @main(%a: memref<256xi32>) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes1024 = arith.constant 1024 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<256xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes1024 args(%a_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// A wait of the warp that copies says nothing to the others.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %c1 = arith.constant 1 : i32
    %c16 = arith.constant 16 : i32
    %c512 = arith.constant 512 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %c32 = arith.constant 32 : i32
    %warp = arith.divui %thread, %c32 : i32
    %bytes = arith.muli %thread, %c16 : i32
    %from = llvm.getelementptr %a[%bytes] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %to = llvm.getelementptr %shared[%bytes] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    nvvm.cp.async.shared.global %to, %from, 16, cache = cg : !llvm.ptr<3>, !llvm.ptr<1>
    nvvm.cp.async.commit.group
    nvvm.cp.async.wait.group 0
    %swapped = arith.xori %bytes, %c512 : i32
    %read = llvm.getelementptr %shared[%swapped] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    %is_second = arith.cmpi eq, %warp, %c1 : i32
    scf.if %is_second {
    // expected-error @+1 {{block (0, 0) warp 1 lane 0: shared byte 0 is written by warp 0 without synchronization: a race}}
    %x = llvm.load %read : !llvm.ptr<3> -> i32
    }
    gpu.return
  }
}

func.func @main(%a: memref<256xi32>) {
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %bytes1024 = arith.constant 1024 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<256xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
      dynamic_shared_memory_size %bytes1024 args(%a_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// A copy over what another warp may still read.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %c1 = arith.constant 1 : i32
    %c16 = arith.constant 16 : i32
    %c512 = arith.constant 512 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %c32 = arith.constant 32 : i32
    %warp = arith.divui %thread, %c32 : i32
    %bytes = arith.muli %thread, %c16 : i32
    %from = llvm.getelementptr %a[%bytes] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %to = llvm.getelementptr %shared[%bytes] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    llvm.store %thread, %to : i32, !llvm.ptr<3>
    nvvm.barrier
    %swapped = arith.xori %bytes, %c512 : i32
    %read = llvm.getelementptr %shared[%swapped] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    %is_second = arith.cmpi eq, %warp, %c1 : i32
    scf.if %is_second {
    %x = llvm.load %read : !llvm.ptr<3> -> i32
    } else {
    // expected-error @+1 {{block (0, 0) warp 0 lane 0: shared byte 0 is read by warp 1 without synchronization: a race}}
    nvvm.cp.async.shared.global %to, %from, 16, cache = cg : !llvm.ptr<3>, !llvm.ptr<1>
    }
    gpu.return
  }
}

func.func @main(%a: memref<256xi32>) {
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %bytes1024 = arith.constant 1024 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<256xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
      dynamic_shared_memory_size %bytes1024 args(%a_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// Never waited for.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %c16 = arith.constant 16 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %bytes = arith.muli %thread, %c16 : i32
    %from = llvm.getelementptr %a[%bytes] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %to = llvm.getelementptr %shared[%bytes] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    nvvm.cp.async.shared.global %to, %from, 16, cache = cg : !llvm.ptr<3>, !llvm.ptr<1>
    nvvm.cp.async.commit.group
    // expected-error @+1 {{block (0, 0) warp 0 lane 0: ends with a cp.async in flight}}
    gpu.return
  }
}

func.func @main(%a: memref<256xi32>) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes1024 = arith.constant 1024 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<256xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes1024 args(%a_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// Source out of bounds.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %c16 = arith.constant 16 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %bytes = arith.muli %thread, %c16 : i32
    %from = llvm.getelementptr %a[%bytes] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %to = llvm.getelementptr %shared[%bytes] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    %past = llvm.getelementptr %from[1016] : (!llvm.ptr<1>) -> !llvm.ptr<1>, i8
    // expected-error @+1 {{block (0, 0) warp 0 lane 1: byte 1032 is out of bounds of an allocation of 1024 bytes}}
    nvvm.cp.async.shared.global %to, %past, 8, cache = ca : !llvm.ptr<3>, !llvm.ptr<1>
    gpu.return
  }
}

func.func @main(%a: memref<256xi32>) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes1024 = arith.constant 1024 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<256xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes1024 args(%a_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// Misaligned.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %c16 = arith.constant 16 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %bytes = arith.muli %thread, %c16 : i32
    %from = llvm.getelementptr %a[%bytes] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %to = llvm.getelementptr %shared[%bytes] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    %past = llvm.getelementptr %from[8] : (!llvm.ptr<1>) -> !llvm.ptr<1>, i8
    // expected-error @+1 {{block (0, 0) warp 0 lane 0: expected addresses aligned to 16 bytes and a source of that size or less, found 0 and 8 bytes past one, and 16 bytes}}
    nvvm.cp.async.shared.global %to, %past, 16, cache = cg : !llvm.ptr<3>, !llvm.ptr<1>
    gpu.return
  }
}

func.func @main(%a: memref<256xi32>) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes1024 = arith.constant 1024 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<256xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes1024 args(%a_pointer : !llvm.ptr<1>)
  return
}
}
