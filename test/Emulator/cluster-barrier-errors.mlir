// RUN: sparse-opt %s -split-input-file -verify-diagnostics -test-emulate -o /dev/null

// A grid that is no multiple of the cluster.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel
      attributes {known_block_size = array<i32: 32, 1, 1>, known_cluster_size = array<i32: 2, 1, 1>} {
    %c1 = arith.constant 1 : i32
    gpu.return
  }
}

func.func @main(%a: memref<256xi32>) {
  %c1 = arith.constant 1 : index
  %blocks = arith.constant 3 : index
  %threads = arith.constant 32 : index
  %bytes = arith.constant 4096 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<256xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  // expected-error @+1 {{expected a grid of a multiple of 2 blocks, which a cluster has, found 3}}
  gpu.launch_func @device::@kernel blocks in (%blocks, %c1, %c1) threads in (%threads, %c1, %c1)
      dynamic_shared_memory_size %bytes args(%a_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// More blocks than every GPU has room for.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel
      attributes {known_block_size = array<i32: 32, 1, 1>, known_cluster_size = array<i32: 16, 1, 1>} {
    %c1 = arith.constant 1 : i32
    gpu.return
  }
}

func.func @main(%a: memref<256xi32>) {
  %c1 = arith.constant 1 : index
  %blocks = arith.constant 16 : index
  %threads = arith.constant 32 : index
  %bytes = arith.constant 4096 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<256xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  // expected-error @+1 {{expected clusters of 1 to 8 blocks in one dimension, found 16 x 1 x 1}}
  gpu.launch_func @device::@kernel blocks in (%blocks, %c1, %c1) threads in (%threads, %c1, %c1)
      dynamic_shared_memory_size %bytes args(%a_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// Twice at the barrier.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel
      attributes {known_block_size = array<i32: 32, 1, 1>, known_cluster_size = array<i32: 2, 1, 1>} {
    %c1 = arith.constant 1 : i32
    nvvm.cluster.arrive {aligned}
    // expected-error @+1 {{block (0, 0) warp 0: arrives at the cluster's barrier again without having waited}}
    nvvm.cluster.arrive {aligned}
    gpu.return
  }
}

func.func @main(%a: memref<256xi32>) {
  %c1 = arith.constant 1 : index
  %blocks = arith.constant 2 : index
  %threads = arith.constant 32 : index
  %bytes = arith.constant 4096 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<256xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%blocks, %c1, %c1) threads in (%threads, %c1, %c1)
      dynamic_shared_memory_size %bytes args(%a_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// Not at the barrier at all.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel
      attributes {known_block_size = array<i32: 32, 1, 1>, known_cluster_size = array<i32: 2, 1, 1>} {
    %c1 = arith.constant 1 : i32
    // expected-error @+1 {{block (0, 0) warp 0: waits for the cluster's barrier without having arrived}}
    nvvm.cluster.wait {aligned}
    gpu.return
  }
}

func.func @main(%a: memref<256xi32>) {
  %c1 = arith.constant 1 : index
  %blocks = arith.constant 2 : index
  %threads = arith.constant 32 : index
  %bytes = arith.constant 4096 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<256xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%blocks, %c1, %c1) threads in (%threads, %c1, %c1)
      dynamic_shared_memory_size %bytes args(%a_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// A part of a warp.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel
      attributes {known_block_size = array<i32: 32, 1, 1>, known_cluster_size = array<i32: 2, 1, 1>} {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %leads = arith.cmpi eq, %thread, %c0 : i32
    scf.if %leads {
    // expected-error @+1 {{block (0, 0) warp 0: all lanes of a warp execute 'nvvm.cluster.arrive' together, found 1 active}}
    nvvm.cluster.arrive {aligned}
    }
    gpu.return
  }
}

func.func @main(%a: memref<256xi32>) {
  %c1 = arith.constant 1 : index
  %blocks = arith.constant 2 : index
  %threads = arith.constant 32 : index
  %bytes = arith.constant 4096 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<256xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%blocks, %c1, %c1) threads in (%threads, %c1, %c1)
      dynamic_shared_memory_size %bytes args(%a_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// Lanes are not counted one by one.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel
      attributes {known_block_size = array<i32: 32, 1, 1>, known_cluster_size = array<i32: 2, 1, 1>} {
    %c1 = arith.constant 1 : i32
    // expected-error @+1 {{whole warps of device kernels are at the cluster's barrier: expected 'aligned'}}
    nvvm.cluster.arrive
    gpu.return
  }
}

func.func @main(%a: memref<256xi32>) {
  %c1 = arith.constant 1 : index
  %blocks = arith.constant 2 : index
  %threads = arith.constant 32 : index
  %bytes = arith.constant 4096 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<256xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%blocks, %c1, %c1) threads in (%threads, %c1, %c1)
      dynamic_shared_memory_size %bytes args(%a_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// Blocks that wait for each other.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel
      attributes {known_block_size = array<i32: 32, 1, 1>, known_cluster_size = array<i32: 2, 1, 1>} {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c1000 = arith.constant 1000 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %rank = nvvm.read.ptx.sreg.cluster.ctarank : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %leads = arith.cmpi eq, %thread, %c0 : i32
    %bar = llvm.getelementptr %shared[2048] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
    scf.if %leads {
    nvvm.mbarrier.init %bar, %c1 : !llvm.ptr<3>, i32
    nvvm.fence.mbarrier.init
    }
    nvvm.cluster.arrive {aligned}
    nvvm.cluster.wait {aligned}
    %isFirst = arith.cmpi eq, %rank, %c0 : i32
    scf.if %isFirst {
    // expected-error @+1 {{block (0, 0) warp 0: deadlock: block (0, 0) warp 0 waits for parity 0 of the mbarrier at shared byte 2048 (in phase 0, 1 arrivals and 0 bytes missing), block (1, 0) warp 0 waits for the cluster's barrier (1 of 2 warps)}}
    nvvm.mbarrier.try_wait.parity %bar, %c0, %c1000 : !llvm.ptr<3>, i32, i32
    } else {
    nvvm.cluster.arrive {aligned}
    nvvm.cluster.wait {aligned}
    }
    gpu.return
  }
}

func.func @main(%a: memref<256xi32>) {
  %c1 = arith.constant 1 : index
  %blocks = arith.constant 2 : index
  %threads = arith.constant 32 : index
  %bytes = arith.constant 4096 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<256xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%blocks, %c1, %c1) threads in (%threads, %c1, %c1)
      dynamic_shared_memory_size %bytes args(%a_pointer : !llvm.ptr<1>)
  return
}
}
