// RUN: sparse-opt %s -split-input-file -verify-diagnostics -test-emulate -o /dev/null | FileCheck %s

// A write of one warp and a read of another without a barrier.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %c1 = arith.constant 1 : i32
    %c32 = arith.constant 32 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %warp = arith.divui %thread, %c32 : i32
    %own = llvm.getelementptr %shared[%thread] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i32
    %swapped = arith.xori %thread, %c32 : i32
    %other = llvm.getelementptr %shared[%swapped] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i32
    %is_second = arith.cmpi eq, %warp, %c1 : i32
    llvm.store %thread, %own : i32, !llvm.ptr<3>
    scf.if %is_second {
    // expected-error @+1 {{block (0, 0) warp 1 lane 0: shared byte 0 is written by warp 0 without synchronization: a race}}
    %x = llvm.load %other : !llvm.ptr<3> -> i32
    }
    gpu.return
  }
}

func.func @main(%a: memref<64xi32>) {
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %bytes1024 = arith.constant 1024 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<64xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
      dynamic_shared_memory_size %bytes1024 args(%a_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// A read of one warp and a write of another without a barrier.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %c1 = arith.constant 1 : i32
    %c32 = arith.constant 32 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %warp = arith.divui %thread, %c32 : i32
    %own = llvm.getelementptr %shared[%thread] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i32
    %swapped = arith.xori %thread, %c32 : i32
    %other = llvm.getelementptr %shared[%swapped] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i32
    %is_second = arith.cmpi eq, %warp, %c1 : i32
    llvm.store %thread, %own : i32, !llvm.ptr<3>
    nvvm.barrier
    scf.if %is_second {
    %x = llvm.load %other : !llvm.ptr<3> -> i32
    } else {
    // expected-error @+1 {{block (0, 0) warp 0 lane 0: shared byte 0 is read by warp 1 without synchronization: a race}}
    llvm.store %thread, %own : i32, !llvm.ptr<3>
    }
    gpu.return
  }
}

func.func @main(%a: memref<64xi32>) {
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %bytes1024 = arith.constant 1024 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<64xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
      dynamic_shared_memory_size %bytes1024 args(%a_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// Two writes after a barrier.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %c1 = arith.constant 1 : i32
    %c32 = arith.constant 32 : i32
    %c64 = arith.constant 64 : i32
    %all = arith.constant -1 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %lane = arith.remui %thread, %c32 : i32
    %warp = arith.divui %thread, %c32 : i32
    %own = llvm.getelementptr %shared[%thread] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i32
    %swapped = arith.xori %thread, %c32 : i32
    %other = llvm.getelementptr %shared[%swapped] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i32
    %is_second = arith.cmpi eq, %warp, %c1 : i32
    %all_same = llvm.getelementptr %shared[%lane] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i32
    nvvm.barrier id = %c1 number_of_threads = %c64
    // expected-error @+1 {{block (0, 0) warp 0 lane 0: shared byte 0 is written by warp 1 without synchronization: a race}}
    llvm.store %lane, %all_same : i32, !llvm.ptr<3>
    gpu.return
  }
}

func.func @main(%a: memref<64xi32>) {
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %bytes1024 = arith.constant 1024 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<64xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
      dynamic_shared_memory_size %bytes1024 args(%a_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// A barrier orders: no error.
// CHECK: argument 0: 64 {{.*}} [32, 33, {{.*}}, 63, 0, 1, {{.*}}, 31]
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %c1 = arith.constant 1 : i32
    %c32 = arith.constant 32 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %warp = arith.divui %thread, %c32 : i32
    %own = llvm.getelementptr %shared[%thread] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i32
    %swapped = arith.xori %thread, %c32 : i32
    %other = llvm.getelementptr %shared[%swapped] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i32
    %is_second = arith.cmpi eq, %warp, %c1 : i32
    llvm.store %thread, %own : i32, !llvm.ptr<3>
    nvvm.barrier
    %x = llvm.load %other : !llvm.ptr<3> -> i32
    nvvm.barrier
    llvm.store %thread, %own : i32, !llvm.ptr<3>
    %to = llvm.getelementptr %a[%thread] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    llvm.store %x, %to : i32, !llvm.ptr<1>
    gpu.return
  }
}

func.func @main(%a: memref<64xi32> {test.output}) {
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %bytes1024 = arith.constant 1024 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<64xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
      dynamic_shared_memory_size %bytes1024 args(%a_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// Two blocks write one place.
module attributes {gpu.container_module} {
gpu.module @device {
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %p = llvm.getelementptr %a[%thread] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    // expected-error @+1 {{block (1, 0) warp 0 lane 0: byte 0 of an allocation of 256 bytes is written by another block: a race}}
    llvm.store %thread, %p : i32, !llvm.ptr<1>
    gpu.return
  }
}

func.func @main(%a: memref<64xi32> {test.output}) {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c32 = arith.constant 32 : index
  %bytes1024 = arith.constant 1024 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<64xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c2, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes1024 args(%a_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// One block reads what another writes.
module attributes {gpu.container_module} {
gpu.module @device {
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %c1 = arith.constant 1 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %block = nvvm.read.ptx.sreg.ctaid.x : i32
    %p = llvm.getelementptr %a[%thread] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    %is_second = arith.cmpi eq, %block, %c1 : i32
    scf.if %is_second {
    // expected-error @+1 {{block (1, 0) warp 0 lane 0: byte 0 of an allocation of 256 bytes is read by another block: a race}}
    llvm.store %thread, %p : i32, !llvm.ptr<1>
    } else {
    %x = llvm.load %p : !llvm.ptr<1> -> i32
    }
    gpu.return
  }
}

func.func @main(%a: memref<64xi32>) {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c32 = arith.constant 32 : index
  %bytes1024 = arith.constant 1024 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<64xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c2, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes1024 args(%a_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// Atomics order blocks: the last of them sums up what all have left. The last
// counter is reset.
// CHECK: argument 2: 1 {{.*}} [48]
module attributes {gpu.container_module} {
gpu.module @device {
  gpu.func @kernel(%a: !llvm.ptr<1>, %counter: !llvm.ptr<1>, %result: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c3 = arith.constant 3 : i32
    %c8 = arith.constant 8 : i32
    %c32 = arith.constant 32 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %block = nvvm.read.ptx.sreg.ctaid.x : i32
    %at = arith.muli %block, %c8 : i32
    %p = llvm.getelementptr %a[%at] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    %is_leader = arith.cmpi eq, %thread, %c0 : i32
    scf.if %is_leader {
    llvm.store %at, %p : i32, !llvm.ptr<1>
    nvvm.memory.barrier #nvvm.mem_scope<gpu>
    %count = llvm.atomicrmw add %counter, %c1 acq_rel : !llvm.ptr<1>, i32
    %is_last = arith.cmpi eq, %count, %c3 : i32
    scf.if %is_last {
    %sum = scf.for %n = %c0 to %c32 step %c8 iter_args(%so_far = %c0) -> (i32) : i32 {
    %q = llvm.getelementptr %a[%n] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    %x = llvm.load %q : !llvm.ptr<1> -> i32
    %next = arith.addi %so_far, %x : i32
    scf.yield %next : i32
    }
    llvm.store %sum, %result : i32, !llvm.ptr<1>
    llvm.store %c0, %counter : i32, !llvm.ptr<1>
    }
    }
    gpu.return
  }
}

func.func @main(%a: memref<64xi32>, %counter: memref<1xi32> {test.input = dense<0> : tensor<1xi32>}, %result: memref<1xi32> {test.output}) {
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c32 = arith.constant 32 : index
  %bytes1024 = arith.constant 1024 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<64xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  %counter_index = memref.extract_aligned_pointer_as_index %counter : memref<1xi32> -> index
  %counter_address = arith.index_cast %counter_index : index to i64
  %counter_pointer = llvm.inttoptr %counter_address : i64 to !llvm.ptr<1>
  %result_index = memref.extract_aligned_pointer_as_index %result : memref<1xi32> -> index
  %result_address = arith.index_cast %result_index : index to i64
  %result_pointer = llvm.inttoptr %result_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c4, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes1024 args(%a_pointer : !llvm.ptr<1>, %counter_pointer : !llvm.ptr<1>, %result_pointer : !llvm.ptr<1>)
  return
}
}
