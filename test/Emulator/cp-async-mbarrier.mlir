// RUN: sparse-opt %s -split-input-file -verify-diagnostics -test-emulate -o /dev/null | FileCheck %s

// The phase is complete once every lane's copies have landed: what other warps
// copied is there.
// CHECK: argument 1: 4 {{.*}} [3, 3, 3, 3]
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>, %out: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c16 = arith.constant 16 : i32
    %count = arith.constant 128 : i32
    %sleep = arith.constant 10000000 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %barrier = llvm.getelementptr %shared[2048] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
    %is_first = arith.cmpi eq, %thread, %c0 : i32
    scf.if %is_first {
      nvvm.mbarrier.init %barrier, %count : !llvm.ptr<3>, i32
    }
    nvvm.barrier
    %bytes = arith.muli %thread, %c16 : i32
    %from = llvm.getelementptr %a[%bytes] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %to = llvm.getelementptr %shared[%bytes] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    nvvm.cp.async.shared.global %to, %from, 16, cache = cg : !llvm.ptr<3>, !llvm.ptr<1>
    nvvm.cp.async.mbarrier.arrive %barrier {noinc = true} : !llvm.ptr<3>
    nvvm.mbarrier.try_wait.parity %barrier, %c0, %sleep : !llvm.ptr<3>, i32, i32
    scf.if %is_first {
      %last = llvm.getelementptr %shared[2032] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
      %x = llvm.load %last {alignment = 16 : i64} : !llvm.ptr<3> -> vector<4xi32>
      llvm.store %x, %out {alignment = 16 : i64} : vector<4xi32>, !llvm.ptr<1>
    }
    gpu.return
  }
}

func.func @main(%a: memref<512xi32> {test.input = dense<3> : tensor<512xi32>}, %out: memref<4xi32> {test.output}) {
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  %all = arith.constant 2056 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<512xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  %out_index = memref.extract_aligned_pointer_as_index %out : memref<4xi32> -> index
  %out_address = arith.index_cast %out_index : index to i64
  %out_pointer = llvm.inttoptr %out_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c128, %c1, %c1)
      dynamic_shared_memory_size %all args(%a_pointer : !llvm.ptr<1>, %out_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// Matrix products read after a proxy fence: 16 products of 1 (0x3C00).
// CHECK: argument 1: 4 {{.*}} [1098907648, 1098907648, 1098907648, 1098907648]
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>, %out: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c16 = arith.constant 16 : i32
    %count = arith.constant 128 : i32
    %sleep = arith.constant 10000000 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %barrier = llvm.getelementptr %shared[2048] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
    %is_first = arith.cmpi eq, %thread, %c0 : i32
    scf.if %is_first {
      nvvm.mbarrier.init %barrier, %count : !llvm.ptr<3>, i32
    }
    nvvm.barrier
    %bytes = arith.muli %thread, %c16 : i32
    %from = llvm.getelementptr %a[%bytes] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %to = llvm.getelementptr %shared[%bytes] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    nvvm.cp.async.shared.global %to, %from, 16, cache = cg : !llvm.ptr<3>, !llvm.ptr<1>
    nvvm.cp.async.mbarrier.arrive %barrier {noinc = true} : !llvm.ptr<3>
    nvvm.mbarrier.try_wait.parity %barrier, %c0, %sleep : !llvm.ptr<3>, i32, i32
    nvvm.fence.proxy {kind = #nvvm.proxy_kind<async.shared>, space = #nvvm.shared_space<cta>}
    %zeros = arith.constant dense<0.0> : vector<4xf32>
    %address = llvm.ptrtoint %shared : !llvm.ptr<3> to i32
    %units = arith.divui %address, %c16 : i32
    %low = arith.extui %units : i32 to i64
    %fixed = arith.constant 68720001024 : i64
    %desc = arith.addi %low, %fixed : i64
    nvvm.wgmma.fence.aligned
    %d = sparse_gpu.wgmma f16 %desc, %desc, %zeros : i64, vector<4xf32>
    nvvm.wgmma.commit.group.sync.aligned
    %e = sparse_gpu.wgmma_wait 0, %d : vector<4xf32>
    scf.if %is_first {
      %bits = vector.bitcast %e : vector<4xf32> to vector<4xi32>
      llvm.store %bits, %out {alignment = 16 : i64} : vector<4xi32>, !llvm.ptr<1>
    }
    gpu.return
  }
}

func.func @main(%a: memref<512xi32> {test.input = dense<1006648320> : tensor<512xi32>}, %out: memref<4xi32> {test.output}) {
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  %all = arith.constant 2056 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<512xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  %out_index = memref.extract_aligned_pointer_as_index %out : memref<4xi32> -> index
  %out_address = arith.index_cast %out_index : index to i64
  %out_pointer = llvm.inttoptr %out_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c128, %c1, %c1)
      dynamic_shared_memory_size %all args(%a_pointer : !llvm.ptr<1>, %out_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// Copies of threads are no accesses of the asynchronous proxy.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>, %out: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c16 = arith.constant 16 : i32
    %count = arith.constant 128 : i32
    %sleep = arith.constant 10000000 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %barrier = llvm.getelementptr %shared[2048] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
    %is_first = arith.cmpi eq, %thread, %c0 : i32
    scf.if %is_first {
      nvvm.mbarrier.init %barrier, %count : !llvm.ptr<3>, i32
    }
    nvvm.barrier
    %bytes = arith.muli %thread, %c16 : i32
    %from = llvm.getelementptr %a[%bytes] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %to = llvm.getelementptr %shared[%bytes] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    nvvm.cp.async.shared.global %to, %from, 16, cache = cg : !llvm.ptr<3>, !llvm.ptr<1>
    nvvm.cp.async.mbarrier.arrive %barrier {noinc = true} : !llvm.ptr<3>
    nvvm.mbarrier.try_wait.parity %barrier, %c0, %sleep : !llvm.ptr<3>, i32, i32
    %zeros = arith.constant dense<0.0> : vector<4xf32>
    %address = llvm.ptrtoint %shared : !llvm.ptr<3> to i32
    %units = arith.divui %address, %c16 : i32
    %low = arith.extui %units : i32 to i64
    %fixed = arith.constant 68720001024 : i64
    %desc = arith.addi %low, %fixed : i64
    nvvm.wgmma.fence.aligned
    // expected-error @+1 {{block (0, 0) warp 2: shared byte 1024 was written by an asynchronous copy with no proxy fence before an asynchronous read}}
    %d = sparse_gpu.wgmma f16 %desc, %desc, %zeros : i64, vector<4xf32>
    nvvm.wgmma.commit.group.sync.aligned
    %e = sparse_gpu.wgmma_wait 0, %d : vector<4xf32>
    gpu.return
  }
}

func.func @main(%a: memref<512xi32> {test.input = dense<3> : tensor<512xi32>}, %out: memref<4xi32> {test.output}) {
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  %all = arith.constant 2056 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<512xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  %out_index = memref.extract_aligned_pointer_as_index %out : memref<4xi32> -> index
  %out_address = arith.index_cast %out_index : index to i64
  %out_pointer = llvm.inttoptr %out_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c128, %c1, %c1)
      dynamic_shared_memory_size %all args(%a_pointer : !llvm.ptr<1>, %out_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// Before the wait.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>, %out: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c16 = arith.constant 16 : i32
    %count = arith.constant 128 : i32
    %sleep = arith.constant 10000000 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %barrier = llvm.getelementptr %shared[2048] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
    %is_first = arith.cmpi eq, %thread, %c0 : i32
    scf.if %is_first {
      nvvm.mbarrier.init %barrier, %count : !llvm.ptr<3>, i32
    }
    nvvm.barrier
    %bytes = arith.muli %thread, %c16 : i32
    %from = llvm.getelementptr %a[%bytes] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %to = llvm.getelementptr %shared[%bytes] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    nvvm.cp.async.shared.global %to, %from, 16, cache = cg : !llvm.ptr<3>, !llvm.ptr<1>
    nvvm.cp.async.mbarrier.arrive %barrier {noinc = true} : !llvm.ptr<3>
    scf.if %is_first {
      %last = llvm.getelementptr %shared[2032] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
      // expected-error @+1 {{block (0, 0) warp 0 lane 0: shared byte 2032 is still to be written by an asynchronous copy that has not been waited for}}
      %x = llvm.load %last {alignment = 16 : i64} : !llvm.ptr<3> -> vector<4xi32>
      llvm.store %x, %out {alignment = 16 : i64} : vector<4xi32>, !llvm.ptr<1>
    }
    gpu.return
  }
}

func.func @main(%a: memref<512xi32> {test.input = dense<3> : tensor<512xi32>}, %out: memref<4xi32> {test.output}) {
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  %all = arith.constant 2056 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<512xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  %out_index = memref.extract_aligned_pointer_as_index %out : memref<4xi32> -> index
  %out_address = arith.index_cast %out_index : index to i64
  %out_pointer = llvm.inttoptr %out_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c128, %c1, %c1)
      dynamic_shared_memory_size %all args(%a_pointer : !llvm.ptr<1>, %out_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// More lanes than the mbarrier expects.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>, %out: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c16 = arith.constant 16 : i32
    %count = arith.constant 30 : i32
    %sleep = arith.constant 10000000 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %barrier = llvm.getelementptr %shared[2048] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
    %is_first = arith.cmpi eq, %thread, %c0 : i32
    scf.if %is_first {
      nvvm.mbarrier.init %barrier, %count : !llvm.ptr<3>, i32
    }
    nvvm.barrier
    %bytes = arith.muli %thread, %c16 : i32
    %from = llvm.getelementptr %a[%bytes] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %to = llvm.getelementptr %shared[%bytes] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    nvvm.cp.async.shared.global %to, %from, 16, cache = cg : !llvm.ptr<3>, !llvm.ptr<1>
    // expected-error @+1 {{block (0, 0) warp 3 lane 30: 1 arrivals at an mbarrier whose phase 0 lacks 0}}
    nvvm.cp.async.mbarrier.arrive %barrier {noinc = true} : !llvm.ptr<3>
    gpu.return
  }
}

func.func @main(%a: memref<512xi32> {test.input = dense<3> : tensor<512xi32>}, %out: memref<4xi32> {test.output}) {
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  %all = arith.constant 2056 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<512xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  %out_index = memref.extract_aligned_pointer_as_index %out : memref<4xi32> -> index
  %out_address = arith.index_cast %out_index : index to i64
  %out_pointer = llvm.inttoptr %out_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c128, %c1, %c1)
      dynamic_shared_memory_size %all args(%a_pointer : !llvm.ptr<1>, %out_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// Nobody waits.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>, %out: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c16 = arith.constant 16 : i32
    %count = arith.constant 128 : i32
    %sleep = arith.constant 10000000 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %barrier = llvm.getelementptr %shared[2048] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
    %is_first = arith.cmpi eq, %thread, %c0 : i32
    scf.if %is_first {
      nvvm.mbarrier.init %barrier, %count : !llvm.ptr<3>, i32
    }
    nvvm.barrier
    %bytes = arith.muli %thread, %c16 : i32
    %from = llvm.getelementptr %a[%bytes] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %to = llvm.getelementptr %shared[%bytes] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    nvvm.cp.async.shared.global %to, %from, 16, cache = cg : !llvm.ptr<3>, !llvm.ptr<1>
    nvvm.cp.async.mbarrier.arrive %barrier {noinc = true} : !llvm.ptr<3>
    // expected-error @+1 {{block (0, 0): ends with a cp.async in flight to the mbarrier at shared byte 2048}}
    gpu.return
  }
}

func.func @main(%a: memref<512xi32> {test.input = dense<3> : tensor<512xi32>}, %out: memref<4xi32> {test.output}) {
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  %all = arith.constant 2056 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<512xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  %out_index = memref.extract_aligned_pointer_as_index %out : memref<4xi32> -> index
  %out_address = arith.index_cast %out_index : index to i64
  %out_pointer = llvm.inttoptr %out_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c128, %c1, %c1)
      dynamic_shared_memory_size %all args(%a_pointer : !llvm.ptr<1>, %out_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// Arrivals that are not counted beforehand.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>, %out: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c16 = arith.constant 16 : i32
    %count = arith.constant 128 : i32
    %sleep = arith.constant 10000000 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %barrier = llvm.getelementptr %shared[2048] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
    %is_first = arith.cmpi eq, %thread, %c0 : i32
    scf.if %is_first {
      nvvm.mbarrier.init %barrier, %count : !llvm.ptr<3>, i32
    }
    nvvm.barrier
    %bytes = arith.muli %thread, %c16 : i32
    %from = llvm.getelementptr %a[%bytes] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %to = llvm.getelementptr %shared[%bytes] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    nvvm.cp.async.shared.global %to, %from, 16, cache = cg : !llvm.ptr<3>, !llvm.ptr<1>
    // expected-error @+1 {{mbarriers of device kernels count the arrivals of copies: expected 'noinc'}}
    nvvm.cp.async.mbarrier.arrive %barrier : !llvm.ptr<3>
    gpu.return
  }
}

func.func @main(%a: memref<512xi32> {test.input = dense<3> : tensor<512xi32>}, %out: memref<4xi32> {test.output}) {
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  %all = arith.constant 2056 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<512xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  %out_index = memref.extract_aligned_pointer_as_index %out : memref<4xi32> -> index
  %out_address = arith.index_cast %out_index : index to i64
  %out_pointer = llvm.inttoptr %out_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c128, %c1, %c1)
      dynamic_shared_memory_size %all args(%a_pointer : !llvm.ptr<1>, %out_pointer : !llvm.ptr<1>)
  return
}
}
