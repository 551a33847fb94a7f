// RUN: sparse-opt %s -split-input-file -verify-diagnostics -test-emulate -o /dev/null

// Read as data.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %bar = llvm.getelementptr %shared[4096] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
    %leads = arith.cmpi eq, %thread, %c0 : i32
    scf.if %leads {
    nvvm.mbarrier.init %bar, %c1 : !llvm.ptr<3>, i32
    }
    nvvm.fence.mbarrier.init
    nvvm.barrier
    // expected-error @+1 {{block (0, 0) warp 0 lane 0: shared byte 4096 is part of an mbarrier}}
    %x = llvm.load %bar : !llvm.ptr<3> -> i32
    gpu.return
  }
}

func.func @main(%a: memref<1024xi32>) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes8192 = arith.constant 8192 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<1024xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes8192 args(%a_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// Read before the copy is waited for.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c256 = arith.constant 256 : i32
    %all = arith.constant -1 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %bar = llvm.getelementptr %shared[4096] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
    %leads = arith.cmpi eq, %thread, %c0 : i32
    scf.if %leads {
    nvvm.mbarrier.init %bar, %c1 : !llvm.ptr<3>, i32
    }
    nvvm.fence.mbarrier.init
    nvvm.barrier
    %address = llvm.ptrtoint %shared : !llvm.ptr<3> to i32
    %target = llvm.inttoptr %address : i32 to !llvm.ptr<7>
    scf.if %leads {
    %none = nvvm.mbarrier.arrive.expect_tx %bar, %c256 : !llvm.ptr<3>, i32 -> i64
    nvvm.cp.async.bulk.shared.cluster.global %target, %a, %bar, %c256 : !llvm.ptr<7>, !llvm.ptr<1>
    }
    nvvm.bar.warp.sync %all : i32
    // expected-error @+1 {{block (0, 0) warp 0 lane 0: shared byte 0 is still to be written by an asynchronous copy that has not been waited for}}
    %x = llvm.load %shared : !llvm.ptr<3> -> i32
    gpu.return
  }
}

func.func @main(%a: memref<1024xi32>) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes8192 = arith.constant 8192 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<1024xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes8192 args(%a_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// A warp that did not wait itself: what another released before its wait says
// nothing of the copy.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c256 = arith.constant 256 : i32
    %c1000 = arith.constant 1000 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %c32 = arith.constant 32 : i32
    %warp = arith.divui %thread, %c32 : i32
    %bar = llvm.getelementptr %shared[4096] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
    %leads = arith.cmpi eq, %thread, %c0 : i32
    scf.if %leads {
    nvvm.mbarrier.init %bar, %c1 : !llvm.ptr<3>, i32
    %other = llvm.getelementptr %bar[8] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
    nvvm.mbarrier.init %other, %c1 : !llvm.ptr<3>, i32
    }
    nvvm.fence.mbarrier.init
    nvvm.barrier
    %address = llvm.ptrtoint %shared : !llvm.ptr<3> to i32
    %target = llvm.inttoptr %address : i32 to !llvm.ptr<7>
    %signal = llvm.getelementptr %bar[8] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
    scf.if %leads {
    nvvm.mbarrier.arrive.expect_tx %bar, %c256 : !llvm.ptr<3>, i32
    nvvm.cp.async.bulk.shared.cluster.global %target, %a, %bar, %c256 : !llvm.ptr<7>, !llvm.ptr<1>
    %state = nvvm.mbarrier.arrive %signal : !llvm.ptr<3> -> i64
    }
    %is_first = arith.cmpi eq, %warp, %c0 : i32
    scf.if %is_first {
    nvvm.mbarrier.try_wait.parity %bar, %c0, %c1000 : !llvm.ptr<3>, i32, i32
    } else {
    nvvm.mbarrier.try_wait.parity %signal, %c0, %c1000 : !llvm.ptr<3>, i32, i32
    // expected-error @+1 {{block (0, 0) warp 1 lane 0: shared byte 0 is written by a bulk copy without synchronization: a race}}
    %x = llvm.load %shared : !llvm.ptr<3> -> i32
    }
    gpu.return
  }
}

func.func @main(%a: memref<1024xi32>) {
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %bytes8192 = arith.constant 8192 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<1024xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
      dynamic_shared_memory_size %bytes8192 args(%a_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// Never waited for.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c256 = arith.constant 256 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %bar = llvm.getelementptr %shared[4096] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
    %leads = arith.cmpi eq, %thread, %c0 : i32
    scf.if %leads {
    nvvm.mbarrier.init %bar, %c1 : !llvm.ptr<3>, i32
    }
    nvvm.fence.mbarrier.init
    nvvm.barrier
    %address = llvm.ptrtoint %shared : !llvm.ptr<3> to i32
    %target = llvm.inttoptr %address : i32 to !llvm.ptr<7>
    scf.if %leads {
    %none = nvvm.mbarrier.arrive.expect_tx %bar, %c256 : !llvm.ptr<3>, i32 -> i64
    nvvm.cp.async.bulk.shared.cluster.global %target, %a, %bar, %c256 : !llvm.ptr<7>, !llvm.ptr<1>
    }
    // expected-error @+1 {{block (0, 0): ends with a bulk copy in flight to the mbarrier at shared byte 4096}}
    gpu.return
  }
}

func.func @main(%a: memref<1024xi32>) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes8192 = arith.constant 8192 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<1024xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes8192 args(%a_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// Not a multiple of 16 bytes.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c40 = arith.constant 40 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %bar = llvm.getelementptr %shared[4096] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
    %leads = arith.cmpi eq, %thread, %c0 : i32
    scf.if %leads {
    nvvm.mbarrier.init %bar, %c1 : !llvm.ptr<3>, i32
    }
    nvvm.fence.mbarrier.init
    nvvm.barrier
    %address = llvm.ptrtoint %shared : !llvm.ptr<3> to i32
    %target = llvm.inttoptr %address : i32 to !llvm.ptr<7>
    scf.if %leads {
    // expected-error @+1 {{block (0, 0) warp 0 lane 0: expected addresses and a size of multiples of 16, found 0, 0 and 8 past one}}
    nvvm.cp.async.bulk.shared.cluster.global %target, %a, %bar, %c40 : !llvm.ptr<7>, !llvm.ptr<1>
    }
    gpu.return
  }
}

func.func @main(%a: memref<1024xi32>) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes8192 = arith.constant 8192 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<1024xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes8192 args(%a_pointer : !llvm.ptr<1>)
  return
}
}
