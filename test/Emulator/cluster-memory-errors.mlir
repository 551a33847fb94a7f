// RUN: sparse-opt %s -split-input-file -verify-diagnostics -test-emulate -o /dev/null

// No block may end while another arrives at its mbarriers.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel
      attributes {known_block_size = array<i32: 32, 1, 1>, known_cluster_size = array<i32: 2, 1, 1>} {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
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
    %isLast = arith.cmpi eq, %rank, %c1 : i32
    %both = arith.andi %leads, %isLast : i1
    scf.if %both {
    %far = nvvm.mapa %bar, %c0 : !llvm.ptr<3> -> !llvm.ptr<7>
    nvvm.mbarrier.arrive %far {scope = #nvvm.mem_scope<cluster>} : !llvm.ptr<7>
    }
    // expected-error @+1 {{block (0, 0): may end before block 1 of its cluster is at its shared memory}}
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

// The other block may not have made its mbarriers.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel
      attributes {known_block_size = array<i32: 32, 1, 1>, known_cluster_size = array<i32: 2, 1, 1>} {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c128 = arith.constant 128 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %leads = arith.cmpi eq, %thread, %c0 : i32
    %bar = llvm.getelementptr %shared[2048] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
    scf.if %leads {
    nvvm.mbarrier.init %bar, %c1 : !llvm.ptr<3>, i32
    nvvm.fence.mbarrier.init
    }
    scf.if %leads {
    %mask = arith.constant 3 : i16
    %none = nvvm.mbarrier.arrive.expect_tx %bar, %c128 : !llvm.ptr<3>, i32 -> i64
    %address = llvm.ptrtoint %shared : !llvm.ptr<3> to i32
    %target = llvm.inttoptr %address : i32 to !llvm.ptr<7>
    // expected-error @+1 {{block (0, 0) warp 0 lane 0: in block 1 of the cluster no mbarrier was initialized at shared byte 2048}}
    nvvm.cp.async.bulk.shared.cluster.global %target, %a, %bar, %c128 multicast_mask = %mask : !llvm.ptr<7>, !llvm.ptr<1>
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

// Nor made them known to the cluster.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel
      attributes {known_block_size = array<i32: 32, 1, 1>, known_cluster_size = array<i32: 2, 1, 1>} {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c128 = arith.constant 128 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %leads = arith.cmpi eq, %thread, %c0 : i32
    %bar = llvm.getelementptr %shared[2048] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
    scf.if %leads {
    nvvm.mbarrier.init %bar, %c1 : !llvm.ptr<3>, i32
    }
    nvvm.cluster.arrive {aligned}
    nvvm.cluster.wait {aligned}
    scf.if %leads {
    %mask = arith.constant 3 : i16
    %none = nvvm.mbarrier.arrive.expect_tx %bar, %c128 : !llvm.ptr<3>, i32 -> i64
    %address = llvm.ptrtoint %shared : !llvm.ptr<3> to i32
    %target = llvm.inttoptr %address : i32 to !llvm.ptr<7>
    // expected-error @+1 {{block (1, 0) warp 0 lane 0: in block 0 of the cluster the mbarrier at shared byte 2048 was initialized without fence.mbarrier.init}}
    nvvm.cp.async.bulk.shared.cluster.global %target, %a, %bar, %c128 multicast_mask = %mask : !llvm.ptr<7>, !llvm.ptr<1>
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

// A relaxed arrival tells nothing of what no fence is behind.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel
      attributes {known_block_size = array<i32: 32, 1, 1>, known_cluster_size = array<i32: 2, 1, 1>} {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c128 = arith.constant 128 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %leads = arith.cmpi eq, %thread, %c0 : i32
    %bar = llvm.getelementptr %shared[2048] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
    scf.if %leads {
    nvvm.mbarrier.init %bar, %c1 : !llvm.ptr<3>, i32
    }
    nvvm.cluster.arrive.relaxed {aligned}
    nvvm.cluster.wait {aligned}
    scf.if %leads {
    %mask = arith.constant 3 : i16
    %none = nvvm.mbarrier.arrive.expect_tx %bar, %c128 : !llvm.ptr<3>, i32 -> i64
    %address = llvm.ptrtoint %shared : !llvm.ptr<3> to i32
    %target = llvm.inttoptr %address : i32 to !llvm.ptr<7>
    // expected-error @+1 {{in block 0 of the cluster shared byte 2048 is made an mbarrier by warp 0 without synchronization: a race}}
    nvvm.cp.async.bulk.shared.cluster.global %target, %a, %bar, %c128 multicast_mask = %mask : !llvm.ptr<7>, !llvm.ptr<1>
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

// A copy to a block that is not there.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel
      attributes {known_block_size = array<i32: 32, 1, 1>, known_cluster_size = array<i32: 2, 1, 1>} {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c128 = arith.constant 128 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %leads = arith.cmpi eq, %thread, %c0 : i32
    %bar = llvm.getelementptr %shared[2048] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
    scf.if %leads {
    nvvm.mbarrier.init %bar, %c1 : !llvm.ptr<3>, i32
    nvvm.fence.mbarrier.init
    }
    nvvm.cluster.arrive {aligned}
    nvvm.cluster.wait {aligned}
    scf.if %leads {
    %mask = arith.constant 5 : i16
    %none = nvvm.mbarrier.arrive.expect_tx %bar, %c128 : !llvm.ptr<3>, i32 -> i64
    %address = llvm.ptrtoint %shared : !llvm.ptr<3> to i32
    %target = llvm.inttoptr %address : i32 to !llvm.ptr<7>
    // expected-error @+1 {{block (1, 0) warp 0 lane 0: expected a mask of the cluster's 2 blocks, found 5}}
    nvvm.cp.async.bulk.shared.cluster.global %target, %a, %bar, %c128 multicast_mask = %mask : !llvm.ptr<7>, !llvm.ptr<1>
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

// Nor to no block.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel
      attributes {known_block_size = array<i32: 32, 1, 1>, known_cluster_size = array<i32: 2, 1, 1>} {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c128 = arith.constant 128 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %leads = arith.cmpi eq, %thread, %c0 : i32
    %bar = llvm.getelementptr %shared[2048] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
    scf.if %leads {
    nvvm.mbarrier.init %bar, %c1 : !llvm.ptr<3>, i32
    nvvm.fence.mbarrier.init
    }
    nvvm.cluster.arrive {aligned}
    nvvm.cluster.wait {aligned}
    scf.if %leads {
    %mask = arith.constant 0 : i16
    %none = nvvm.mbarrier.arrive.expect_tx %bar, %c128 : !llvm.ptr<3>, i32 -> i64
    %address = llvm.ptrtoint %shared : !llvm.ptr<3> to i32
    %target = llvm.inttoptr %address : i32 to !llvm.ptr<7>
    // expected-error @+1 {{block (1, 0) warp 0 lane 0: expected a mask of the cluster's 2 blocks, found 0}}
    nvvm.cp.async.bulk.shared.cluster.global %target, %a, %bar, %c128 multicast_mask = %mask : !llvm.ptr<7>, !llvm.ptr<1>
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

// An address of a block that is not there.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel
      attributes {known_block_size = array<i32: 32, 1, 1>, known_cluster_size = array<i32: 2, 1, 1>} {
    %c1 = arith.constant 1 : i32
    %c2 = arith.constant 2 : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    // expected-error @+1 {{block (0, 0) warp 0 lane 0: expected one of the cluster's 2 blocks, found number 2}}
    %far = nvvm.mapa %shared, %c2 : !llvm.ptr<3> -> !llvm.ptr<7>
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

// Nor before: that the blocks run one after the other is luck.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel
      attributes {known_block_size = array<i32: 32, 1, 1>, known_cluster_size = array<i32: 2, 1, 1>} {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
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
    %other = arith.subi %c1, %rank : i32
    scf.if %leads {
    %far = nvvm.mapa %bar, %other : !llvm.ptr<3> -> !llvm.ptr<7>
    // expected-error @+1 {{block (0, 0) warp 0 lane 0: in block 1 of the cluster nothing is left: it has ended}}
    nvvm.mbarrier.arrive %far {scope = #nvvm.mem_scope<cluster>} : !llvm.ptr<7>
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

// A store to the other block, and an arrival that says only what was read.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel
      attributes {known_block_size = array<i32: 32, 1, 1>, known_cluster_size = array<i32: 2, 1, 1>} {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %rank = nvvm.read.ptx.sreg.cluster.ctarank : i32
    %other = arith.subi %c1, %rank : i32
    %leads = arith.cmpi eq, %thread, %c0 : i32
    %bar = llvm.getelementptr %shared[2048] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
    scf.if %leads {
    nvvm.mbarrier.init %bar, %c1 : !llvm.ptr<3>, i32
    nvvm.fence.mbarrier.init
    }
    nvvm.cluster.arrive {aligned}
    nvvm.cluster.wait {aligned}
    scf.if %leads {
    %far = nvvm.mapa %bar, %other : !llvm.ptr<3> -> !llvm.ptr<7>
    %far_data = nvvm.mapa %shared, %other : !llvm.ptr<3> -> !llvm.ptr<7>
    llvm.store %thread, %far_data : i32, !llvm.ptr<7>
    // expected-error @+1 {{block (1, 0) warp 0: stores to other blocks are released with the scope of the cluster}}
    nvvm.mbarrier.arrive %far : !llvm.ptr<7>
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

// Written while the other block reads.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel
      attributes {known_block_size = array<i32: 32, 1, 1>, known_cluster_size = array<i32: 2, 1, 1>} {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c128 = arith.constant 128 : i32
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
    %slot = llvm.getelementptr %shared[%thread] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i32
    llvm.store %thread, %slot : i32, !llvm.ptr<3>
    nvvm.cluster.arrive {aligned}
    nvvm.cluster.wait {aligned}
    %isFirst = arith.cmpi eq, %rank, %c0 : i32
    scf.if %isFirst {
    %x = llvm.load %slot : !llvm.ptr<3> -> i32
    } else {
    scf.if %leads {
    %mask = arith.constant 1 : i16
    %none = nvvm.mbarrier.arrive.expect_tx %bar, %c128 : !llvm.ptr<3>, i32 -> i64
    %address = llvm.ptrtoint %shared : !llvm.ptr<3> to i32
    %target = llvm.inttoptr %address : i32 to !llvm.ptr<7>
    // expected-error @+1 {{block (1, 0) warp 0 lane 0: in block 0 of the cluster shared byte 0 is read by warp 0 without synchronization: a race}}
    nvvm.cp.async.bulk.shared.cluster.global %target, %a, %bar, %c128 multicast_mask = %mask : !llvm.ptr<7>, !llvm.ptr<1>
    }
    }
    nvvm.cluster.arrive {aligned}
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

// The other block may not have begun.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%out: !llvm.ptr<1>) kernel
      attributes {known_block_size = array<i32: 64, 1, 1>, known_cluster_size = array<i32: 2, 1, 1>} {
    %c1 = arith.constant 1 : i32
    %c4 = arith.constant 4 : i32
    %c64 = arith.constant 64 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %block = nvvm.read.ptx.sreg.ctaid.x : i32
    %rank = nvvm.read.ptx.sreg.cluster.ctarank : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %other = arith.xori %rank, %c1 : i32
    %first = arith.muli %block, %c64 : i32
    %mine = arith.addi %first, %thread : i32
    %far = nvvm.mapa %shared, %other : !llvm.ptr<3> -> !llvm.ptr<7>
    %to = llvm.getelementptr %far[%thread] : (!llvm.ptr<7>, i32) -> !llvm.ptr<7>, i32
    // expected-error @+1 {{block (0, 0) warp 0 lane 0: block 1 of the cluster may not have begun}}
    llvm.store %mine, %to : i32, !llvm.ptr<7>
    nvvm.cluster.arrive {aligned}
    nvvm.cluster.wait {aligned}
    %from = llvm.getelementptr %shared[%thread] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i32
    %x = llvm.load %from : !llvm.ptr<3> -> i32
    %out_at = llvm.getelementptr %out[%mine] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    llvm.store %x, %out_at : i32, !llvm.ptr<1>
    gpu.return
  }
}

func.func @main(%out: memref<256xi32> {test.output}) {
  %c1 = arith.constant 1 : index
  %blocks = arith.constant 4 : index
  %threads = arith.constant 64 : index
  %bytes = arith.constant 1024 : i32
  %out_index = memref.extract_aligned_pointer_as_index %out : memref<256xi32> -> index
  %out_address = arith.index_cast %out_index : index to i64
  %out_pointer = llvm.inttoptr %out_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%blocks, %c1, %c1) threads in (%threads, %c1, %c1)
      dynamic_shared_memory_size %bytes args(%out_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// What another block stores may not have come before the blocks have met.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%out: !llvm.ptr<1>) kernel
      attributes {known_block_size = array<i32: 64, 1, 1>, known_cluster_size = array<i32: 2, 1, 1>} {
    %c1 = arith.constant 1 : i32
    %c4 = arith.constant 4 : i32
    %c64 = arith.constant 64 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %block = nvvm.read.ptx.sreg.ctaid.x : i32
    %rank = nvvm.read.ptx.sreg.cluster.ctarank : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %other = arith.xori %rank, %c1 : i32
    %first = arith.muli %block, %c64 : i32
    %mine = arith.addi %first, %thread : i32
    nvvm.cluster.arrive {aligned}
    nvvm.cluster.wait {aligned}
    %far = nvvm.mapa %shared, %other : !llvm.ptr<3> -> !llvm.ptr<7>
    %to = llvm.getelementptr %far[%thread] : (!llvm.ptr<7>, i32) -> !llvm.ptr<7>, i32
    llvm.store %mine, %to : i32, !llvm.ptr<7>
    %from = llvm.getelementptr %shared[%thread] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i32
    // expected-error @+1 {{block (1, 0) warp 1 lane 0: shared byte 128 was never written}}
    %x = llvm.load %from : !llvm.ptr<3> -> i32
    %out_at = llvm.getelementptr %out[%mine] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    llvm.store %x, %out_at : i32, !llvm.ptr<1>
    nvvm.cluster.arrive {aligned}
    nvvm.cluster.wait {aligned}
    gpu.return
  }
}

func.func @main(%out: memref<256xi32> {test.output}) {
  %c1 = arith.constant 1 : index
  %blocks = arith.constant 4 : index
  %threads = arith.constant 64 : index
  %bytes = arith.constant 1024 : i32
  %out_index = memref.extract_aligned_pointer_as_index %out : memref<256xi32> -> index
  %out_address = arith.index_cast %out_index : index to i64
  %out_pointer = llvm.inttoptr %out_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%blocks, %c1, %c1) threads in (%threads, %c1, %c1)
      dynamic_shared_memory_size %bytes args(%out_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// A block may end before the other has stored to it.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%out: !llvm.ptr<1>) kernel
      attributes {known_block_size = array<i32: 64, 1, 1>, known_cluster_size = array<i32: 2, 1, 1>} {
    %c1 = arith.constant 1 : i32
    %c4 = arith.constant 4 : i32
    %c64 = arith.constant 64 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %block = nvvm.read.ptx.sreg.ctaid.x : i32
    %rank = nvvm.read.ptx.sreg.cluster.ctarank : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %other = arith.xori %rank, %c1 : i32
    %first = arith.muli %block, %c64 : i32
    %mine = arith.addi %first, %thread : i32
    nvvm.cluster.arrive {aligned}
    nvvm.cluster.wait {aligned}
    %far = nvvm.mapa %shared, %other : !llvm.ptr<3> -> !llvm.ptr<7>
    %to = llvm.getelementptr %far[%thread] : (!llvm.ptr<7>, i32) -> !llvm.ptr<7>, i32
    llvm.store %mine, %to : i32, !llvm.ptr<7>
    %out_at = llvm.getelementptr %out[%mine] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    llvm.store %thread, %out_at : i32, !llvm.ptr<1>
    // expected-error @+1 {{block (0, 0): may end before block 1 of its cluster is at its shared memory}}
    gpu.return
  }
}

func.func @main(%out: memref<256xi32> {test.output}) {
  %c1 = arith.constant 1 : index
  %blocks = arith.constant 4 : index
  %threads = arith.constant 64 : index
  %bytes = arith.constant 1024 : i32
  %out_index = memref.extract_aligned_pointer_as_index %out : memref<256xi32> -> index
  %out_address = arith.index_cast %out_index : index to i64
  %out_pointer = llvm.inttoptr %out_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%blocks, %c1, %c1) threads in (%threads, %c1, %c1)
      dynamic_shared_memory_size %bytes args(%out_pointer : !llvm.ptr<1>)
  return
}
}
