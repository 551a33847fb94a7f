// RUN: sparse-opt %s -split-input-file -verify-diagnostics -test-emulate -o /dev/null

// The result before the wait.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %c16 = arith.constant 16 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %zeros = arith.constant dense<0.0> : vector<4xf32>
    %zero16 = arith.constant dense<0> : vector<4xi32>
    %at = arith.muli %thread, %c16 : i32
    %mine = llvm.getelementptr %shared[%at] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    llvm.store %zero16, %mine {alignment = 16 : i64} : vector<4xi32>, !llvm.ptr<3>
    nvvm.fence.proxy {kind = #nvvm.proxy_kind<async.shared>, space = #nvvm.shared_space<cta>}
    nvvm.barrier
    %address = llvm.ptrtoint %shared : !llvm.ptr<3> to i32
    %units = arith.divui %address, %c16 : i32
    %low = arith.extui %units : i32 to i64
    %fixed = arith.constant 68720001024 : i64
    %desc = arith.addi %low, %fixed : i64
    nvvm.wgmma.fence.aligned
    %d = sparse_gpu.wgmma f16 %desc, %desc, %zeros : i64, vector<4xf32>
    nvvm.wgmma.commit.group.sync.aligned
    // expected-error @+1 {{block (0, 0) warp 3: uses a result of an asynchronous matrix product that has not been waited for}}
    %early = arith.addf %d, %d : vector<4xf32>
    gpu.return
  }
}

func.func @main(%a: memref<64xi32>) {
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  %bytes2048 = arith.constant 2048 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<64xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c128, %c1, %c1)
      dynamic_shared_memory_size %bytes2048 args(%a_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// A wait that leaves its group in flight.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %c16 = arith.constant 16 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %zeros = arith.constant dense<0.0> : vector<4xf32>
    %zero16 = arith.constant dense<0> : vector<4xi32>
    %at = arith.muli %thread, %c16 : i32
    %mine = llvm.getelementptr %shared[%at] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    llvm.store %zero16, %mine {alignment = 16 : i64} : vector<4xi32>, !llvm.ptr<3>
    nvvm.fence.proxy {kind = #nvvm.proxy_kind<async.shared>, space = #nvvm.shared_space<cta>}
    nvvm.barrier
    %address = llvm.ptrtoint %shared : !llvm.ptr<3> to i32
    %units = arith.divui %address, %c16 : i32
    %low = arith.extui %units : i32 to i64
    %fixed = arith.constant 68720001024 : i64
    %desc = arith.addi %low, %fixed : i64
    nvvm.wgmma.fence.aligned
    %d = sparse_gpu.wgmma f16 %desc, %desc, %zeros : i64, vector<4xf32>
    nvvm.wgmma.commit.group.sync.aligned
    %r = sparse_gpu.wgmma_wait 1, %d : vector<4xf32>
    // expected-error @+1 {{block (0, 0) warp 3: uses a result of an asynchronous matrix product that has not been waited for}}
    %early = arith.addf %r, %r : vector<4xf32>
    gpu.return
  }
}

func.func @main(%a: memref<64xi32>) {
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  %bytes2048 = arith.constant 2048 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<64xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c128, %c1, %c1)
      dynamic_shared_memory_size %bytes2048 args(%a_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// The result carried by a loop.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c2 = arith.constant 2 : i32
    %c16 = arith.constant 16 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %zeros = arith.constant dense<0.0> : vector<4xf32>
    %zero16 = arith.constant dense<0> : vector<4xi32>
    %at = arith.muli %thread, %c16 : i32
    %mine = llvm.getelementptr %shared[%at] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    llvm.store %zero16, %mine {alignment = 16 : i64} : vector<4xi32>, !llvm.ptr<3>
    nvvm.fence.proxy {kind = #nvvm.proxy_kind<async.shared>, space = #nvvm.shared_space<cta>}
    nvvm.barrier
    %address = llvm.ptrtoint %shared : !llvm.ptr<3> to i32
    %units = arith.divui %address, %c16 : i32
    %low = arith.extui %units : i32 to i64
    %fixed = arith.constant 68720001024 : i64
    %desc = arith.addi %low, %fixed : i64
    %e = scf.for %n = %c0 to %c2 step %c1 iter_args(%c = %zeros) -> (vector<4xf32>) : i32 {
    nvvm.wgmma.fence.aligned
    %d = sparse_gpu.wgmma f16 %desc, %desc, %c : i64, vector<4xf32>
    nvvm.wgmma.commit.group.sync.aligned
    scf.yield %d : vector<4xf32>
    }
    %first = vector.extract %e[0] : f32 from vector<4xf32>
    // expected-error @+1 {{block (0, 0) warp 3: uses a result of an asynchronous matrix product that has not been waited for}}
    %early = arith.addf %first, %first : f32
    gpu.return
  }
}

func.func @main(%a: memref<64xi32>) {
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  %bytes2048 = arith.constant 2048 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<64xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c128, %c1, %c1)
      dynamic_shared_memory_size %bytes2048 args(%a_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// No fence.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %c16 = arith.constant 16 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %zeros = arith.constant dense<0.0> : vector<4xf32>
    %zero16 = arith.constant dense<0> : vector<4xi32>
    %at = arith.muli %thread, %c16 : i32
    %mine = llvm.getelementptr %shared[%at] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    llvm.store %zero16, %mine {alignment = 16 : i64} : vector<4xi32>, !llvm.ptr<3>
    nvvm.fence.proxy {kind = #nvvm.proxy_kind<async.shared>, space = #nvvm.shared_space<cta>}
    nvvm.barrier
    %address = llvm.ptrtoint %shared : !llvm.ptr<3> to i32
    %units = arith.divui %address, %c16 : i32
    %low = arith.extui %units : i32 to i64
    %fixed = arith.constant 68720001024 : i64
    %desc = arith.addi %low, %fixed : i64
    // expected-error @+1 {{block (0, 0) warp 3: no wgmma.fence since the last wait for matrix products}}
    %d = sparse_gpu.wgmma f16 %desc, %desc, %zeros : i64, vector<4xf32>
    gpu.return
  }
}

func.func @main(%a: memref<64xi32>) {
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  %bytes2048 = arith.constant 2048 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<64xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c128, %c1, %c1)
      dynamic_shared_memory_size %bytes2048 args(%a_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// Written by ordinary stores without a proxy fence.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %c16 = arith.constant 16 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %zeros = arith.constant dense<0.0> : vector<4xf32>
    %zero16 = arith.constant dense<0> : vector<4xi32>
    %at = arith.muli %thread, %c16 : i32
    %mine = llvm.getelementptr %shared[%at] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    llvm.store %zero16, %mine {alignment = 16 : i64} : vector<4xi32>, !llvm.ptr<3>
    nvvm.barrier
    %address = llvm.ptrtoint %shared : !llvm.ptr<3> to i32
    %units = arith.divui %address, %c16 : i32
    %low = arith.extui %units : i32 to i64
    %fixed = arith.constant 68720001024 : i64
    %desc = arith.addi %low, %fixed : i64
    nvvm.wgmma.fence.aligned
    // expected-error @+1 {{block (0, 0) warp 3: shared byte 1536 was written by warp 3 with no proxy fence before an asynchronous read}}
    %d = sparse_gpu.wgmma f16 %desc, %desc, %zeros : i64, vector<4xf32>
    gpu.return
  }
}

func.func @main(%a: memref<64xi32>) {
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  %bytes2048 = arith.constant 2048 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<64xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c128, %c1, %c1)
      dynamic_shared_memory_size %bytes2048 args(%a_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// Overwritten while it is read.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %c16 = arith.constant 16 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %zeros = arith.constant dense<0.0> : vector<4xf32>
    %zero16 = arith.constant dense<0> : vector<4xi32>
    %at = arith.muli %thread, %c16 : i32
    %mine = llvm.getelementptr %shared[%at] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    llvm.store %zero16, %mine {alignment = 16 : i64} : vector<4xi32>, !llvm.ptr<3>
    nvvm.fence.proxy {kind = #nvvm.proxy_kind<async.shared>, space = #nvvm.shared_space<cta>}
    nvvm.barrier
    %address = llvm.ptrtoint %shared : !llvm.ptr<3> to i32
    %units = arith.divui %address, %c16 : i32
    %low = arith.extui %units : i32 to i64
    %fixed = arith.constant 68720001024 : i64
    %desc = arith.addi %low, %fixed : i64
    nvvm.wgmma.fence.aligned
    %d = sparse_gpu.wgmma f16 %desc, %desc, %zeros : i64, vector<4xf32>
    // expected-error @+1 {{block (0, 0) warp 3 lane 0: shared byte 1536 is read by a matrix product of warp 3 without synchronization: a race}}
    llvm.store %zero16, %mine {alignment = 16 : i64} : vector<4xi32>, !llvm.ptr<3>
    nvvm.wgmma.commit.group.sync.aligned
    %r = sparse_gpu.wgmma_wait 0, %d : vector<4xf32>
    gpu.return
  }
}

func.func @main(%a: memref<64xi32>) {
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  %bytes2048 = arith.constant 2048 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<64xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c128, %c1, %c1)
      dynamic_shared_memory_size %bytes2048 args(%a_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// Overwritten by a warp before others have read.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %c16 = arith.constant 16 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %zeros = arith.constant dense<0.0> : vector<4xf32>
    %zero16 = arith.constant dense<0> : vector<4xi32>
    %at = arith.muli %thread, %c16 : i32
    %mine = llvm.getelementptr %shared[%at] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    llvm.store %zero16, %mine {alignment = 16 : i64} : vector<4xi32>, !llvm.ptr<3>
    nvvm.fence.proxy {kind = #nvvm.proxy_kind<async.shared>, space = #nvvm.shared_space<cta>}
    nvvm.barrier
    %address = llvm.ptrtoint %shared : !llvm.ptr<3> to i32
    %units = arith.divui %address, %c16 : i32
    %low = arith.extui %units : i32 to i64
    %fixed = arith.constant 68720001024 : i64
    %desc = arith.addi %low, %fixed : i64
    nvvm.wgmma.fence.aligned
    // expected-error @+1 {{block (0, 0) warp 0: shared byte 0 is written by warp 3 without synchronization: a race}}
    %d = sparse_gpu.wgmma f16 %desc, %desc, %zeros : i64, vector<4xf32>
    nvvm.wgmma.commit.group.sync.aligned
    %r = sparse_gpu.wgmma_wait 0, %d : vector<4xf32>
    llvm.store %zero16, %shared {alignment = 16 : i64} : vector<4xi32>, !llvm.ptr<3>
    gpu.return
  }
}

func.func @main(%a: memref<64xi32>) {
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  %bytes2048 = arith.constant 2048 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<64xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c128, %c1, %c1)
      dynamic_shared_memory_size %bytes2048 args(%a_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// Warps of one group with different operands.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %c16 = arith.constant 16 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %c32 = arith.constant 32 : i32
    %warp = arith.divui %thread, %c32 : i32
    %zeros = arith.constant dense<0.0> : vector<4xf32>
    %zero16 = arith.constant dense<0> : vector<4xi32>
    %at = arith.muli %thread, %c16 : i32
    %mine = llvm.getelementptr %shared[%at] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    llvm.store %zero16, %mine {alignment = 16 : i64} : vector<4xi32>, !llvm.ptr<3>
    nvvm.fence.proxy {kind = #nvvm.proxy_kind<async.shared>, space = #nvvm.shared_space<cta>}
    nvvm.barrier
    %address = llvm.ptrtoint %shared : !llvm.ptr<3> to i32
    %units = arith.divui %address, %c16 : i32
    %low = arith.extui %units : i32 to i64
    %fixed = arith.constant 68720001024 : i64
    %desc = arith.addi %low, %fixed : i64
    %warp_bits = arith.extui %warp : i32 to i64
    %other = arith.addi %desc, %warp_bits : i64
    nvvm.wgmma.fence.aligned
    // expected-error @+1 {{block (0, 0) warp 0: the warps of a warpgroup start different matrix products}}
    %d = sparse_gpu.wgmma f16 %desc, %other, %zeros : i64, vector<4xf32>
    nvvm.wgmma.commit.group.sync.aligned
    %r = sparse_gpu.wgmma_wait 0, %d : vector<4xf32>
    gpu.return
  }
}

func.func @main(%a: memref<64xi32>) {
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  %bytes2048 = arith.constant 2048 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<64xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c128, %c1, %c1)
      dynamic_shared_memory_size %bytes2048 args(%a_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// One warp takes no part.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %c3 = arith.constant 3 : i32
    %c16 = arith.constant 16 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %c32 = arith.constant 32 : i32
    %warp = arith.divui %thread, %c32 : i32
    %zeros = arith.constant dense<0.0> : vector<4xf32>
    %zero16 = arith.constant dense<0> : vector<4xi32>
    %at = arith.muli %thread, %c16 : i32
    %mine = llvm.getelementptr %shared[%at] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    llvm.store %zero16, %mine {alignment = 16 : i64} : vector<4xi32>, !llvm.ptr<3>
    nvvm.fence.proxy {kind = #nvvm.proxy_kind<async.shared>, space = #nvvm.shared_space<cta>}
    nvvm.barrier
    %address = llvm.ptrtoint %shared : !llvm.ptr<3> to i32
    %units = arith.divui %address, %c16 : i32
    %low = arith.extui %units : i32 to i64
    %fixed = arith.constant 68720001024 : i64
    %desc = arith.addi %low, %fixed : i64
    %joins = arith.cmpi slt, %warp, %c3 : i32
    scf.if %joins {
    nvvm.wgmma.fence.aligned
    %d = sparse_gpu.wgmma f16 %desc, %desc, %zeros : i64, vector<4xf32>
    nvvm.wgmma.commit.group.sync.aligned
    %r = sparse_gpu.wgmma_wait 0, %d : vector<4xf32>
    }
    // expected-error @+1 {{block (0, 0): warp 3 took part in 0 of 1 matrix products of its warpgroup}}
    gpu.return
  }
}

func.func @main(%a: memref<64xi32>) {
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  %bytes2048 = arith.constant 2048 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<64xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c128, %c1, %c1)
      dynamic_shared_memory_size %bytes2048 args(%a_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// In flight at the end.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %c16 = arith.constant 16 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %zeros = arith.constant dense<0.0> : vector<4xf32>
    %zero16 = arith.constant dense<0> : vector<4xi32>
    %at = arith.muli %thread, %c16 : i32
    %mine = llvm.getelementptr %shared[%at] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    llvm.store %zero16, %mine {alignment = 16 : i64} : vector<4xi32>, !llvm.ptr<3>
    nvvm.fence.proxy {kind = #nvvm.proxy_kind<async.shared>, space = #nvvm.shared_space<cta>}
    nvvm.barrier
    %address = llvm.ptrtoint %shared : !llvm.ptr<3> to i32
    %units = arith.divui %address, %c16 : i32
    %low = arith.extui %units : i32 to i64
    %fixed = arith.constant 68720001024 : i64
    %desc = arith.addi %low, %fixed : i64
    nvvm.wgmma.fence.aligned
    %d = sparse_gpu.wgmma f16 %desc, %desc, %zeros : i64, vector<4xf32>
    nvvm.wgmma.commit.group.sync.aligned
    // expected-error @+1 {{block (0, 0) warp 3: ends with matrix products in flight}}
    gpu.return
  }
}

func.func @main(%a: memref<64xi32>) {
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  %bytes2048 = arith.constant 2048 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<64xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c128, %c1, %c1)
      dynamic_shared_memory_size %bytes2048 args(%a_pointer : !llvm.ptr<1>)
  return
}
}
