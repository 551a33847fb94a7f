// RUN: sparse-opt %s -split-input-file -verify-diagnostics -test-emulate -o /dev/null

// Part of a warp.
module attributes {gpu.container_module} {
gpu.module @device {
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %c5 = arith.constant 5 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %few = arith.cmpi slt, %thread, %c5 : i32
    scf.if %few {
    // expected-error @+1 {{block (0, 0) warp 0: all lanes of a warp execute 'nvvm.barrier' together, found 5 active}}
    nvvm.barrier
    }
    gpu.return
  }
}

func.func @main(%a: memref<64xi32>) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes1024 = arith.constant 1024 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<64xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes1024 args(%a_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// One warp waits, the other has ended.
module attributes {gpu.container_module} {
gpu.module @device {
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %c1 = arith.constant 1 : i32
    %c32 = arith.constant 32 : i32
    %warp = arith.divui %thread, %c32 : i32
    %is_second = arith.cmpi eq, %warp, %c1 : i32
    scf.if %is_second {
    // expected-error @+1 {{block (0, 0) warp 1: deadlock: warp 0 has ended, warp 1 waits for barrier 0 (1 of 2 warps)}}
    nvvm.barrier
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

// Each waits at another barrier.
module attributes {gpu.container_module} {
gpu.module @device {
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %c1 = arith.constant 1 : i32
    %c64 = arith.constant 64 : i32
    %c32 = arith.constant 32 : i32
    %warp = arith.divui %thread, %c32 : i32
    %number = arith.addi %warp, %c1 : i32
    // expected-error @+1 {{block (0, 0) warp 0: deadlock: warp 0 waits for barrier 1 (1 of 2 warps), warp 1 waits for barrier 2 (1 of 2 warps)}}
    nvvm.barrier id = %number number_of_threads = %c64
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

// Different counts.
module attributes {gpu.container_module} {
gpu.module @device {
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %c1 = arith.constant 1 : i32
    %c32 = arith.constant 32 : i32
    %c64 = arith.constant 64 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %warp = arith.divui %thread, %c32 : i32
    %count = arith.muli %warp, %c32 : i32
    %threads = arith.addi %count, %c64 : i32
    // expected-error @+1 {{block (0, 0) warp 1: barrier 1 is used with 96 threads while others wait with 64}}
    nvvm.barrier id = %c1 number_of_threads = %threads
    gpu.return
  }
}

func.func @main(%a: memref<64xi32>) {
  %c1 = arith.constant 1 : index
  %c96 = arith.constant 96 : index
  %bytes1024 = arith.constant 1024 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<64xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c96, %c1, %c1)
      dynamic_shared_memory_size %bytes1024 args(%a_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// No whole warps.
module attributes {gpu.container_module} {
gpu.module @device {
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %c1 = arith.constant 1 : i32
    %c40 = arith.constant 40 : i32
    // expected-error @+1 {{block (0, 0) warp 0: expected a barrier from 0 to 15 of whole warps of the block, found barrier 1 of 40 threads}}
    nvvm.barrier id = %c1 number_of_threads = %c40
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

// Inactive lanes of a collective op.
module attributes {gpu.container_module} {
gpu.module @device {
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %c8 = arith.constant 8 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %few = arith.cmpi slt, %thread, %c8 : i32
    %f = arith.constant dense<0.0> : vector<8xf16>
    %g = arith.constant dense<0.0> : vector<4xf16>
    %h = arith.constant dense<0.0> : vector<4xf32>
    scf.if %few {
    // expected-error @+1 {{block (0, 0) warp 0: all lanes of a warp execute 'sparse_gpu.mma' together, found 8 active}}
    %d = sparse_gpu.mma %f, %g, %h : vector<8xf16>, vector<4xf16>, vector<4xf32>
    }
    gpu.return
  }
}

func.func @main(%a: memref<64xi32>) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes1024 = arith.constant 1024 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<64xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes1024 args(%a_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// A shuffle whose mask is not the active lanes.
module attributes {gpu.container_module} {
gpu.module @device {
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %c1 = arith.constant 1 : i32
    %c8 = arith.constant 8 : i32
    %c31 = arith.constant 31 : i32
    %all = arith.constant -1 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %few = arith.cmpi slt, %thread, %c8 : i32
    scf.if %few {
    // expected-error @+1 {{block (0, 0) warp 0: the mask names lanes 0xFFFFFFFF, active are 0xFF}}
    %x = nvvm.shfl.sync bfly %all, %thread, %c1, %c31 : i32 -> i32
    }
    gpu.return
  }
}

func.func @main(%a: memref<64xi32>) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes1024 = arith.constant 1024 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<64xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes1024 args(%a_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// Illegal metadata.
module attributes {gpu.container_module} {
gpu.module @device {
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %f = arith.constant dense<0.0> : vector<8xf16>
    %h = arith.constant dense<0.0> : vector<4xf32>
    %m = arith.constant 0x44445444 : i32
    // expected-error @+1 {{block (0, 0) warp 0: metadata of row 0, columns 12 to 15 (lane 2): nibble 5 names no ascending positions}}
    %d = sparse_gpu.mma %f, %f, %h meta %m selector 1 : vector<8xf16>, vector<8xf16>, vector<4xf32>
    gpu.return
  }
}

func.func @main(%a: memref<64xi32>) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes1024 = arith.constant 1024 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<64xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes1024 args(%a_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// A block of part of a warp.
module attributes {gpu.container_module} {
gpu.module @device {
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    nvvm.barrier
    gpu.return
  }
}

func.func @main(%a: memref<64xi32>) {
  %c1 = arith.constant 1 : index
  %c48 = arith.constant 48 : index
  %bytes1024 = arith.constant 1024 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<64xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  // expected-error @+1 {{expected a block of whole warps in one dimension, found 48 x 1 x 1}}
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c48, %c1, %c1)
      dynamic_shared_memory_size %bytes1024 args(%a_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// An op of no device kernel.
module attributes {gpu.container_module} {
gpu.module @device {
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %y = arith.constant 1.0 : f32
    // expected-error @+1 {{'math.sqrt' is not an op of device kernels}}
    %x = math.sqrt %y : f32
    gpu.return
  }
}

func.func @main(%a: memref<64xi32>) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes1024 = arith.constant 1024 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<64xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes1024 args(%a_pointer : !llvm.ptr<1>)
  return
}
}
