// RUN: sparse-opt %s -split-input-file -verify-diagnostics -test-emulate=max-steps=1000 -o /dev/null

// Past the end of an allocation.
module attributes {gpu.container_module} {
gpu.module @device {
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %c24 = arith.constant 24 : i32
    %at = arith.addi %thread, %c24 : i32
    %p = llvm.getelementptr %a[%at] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    // expected-error @+1 {{block (0, 0) warp 1 lane 8: byte 256 is out of bounds of an allocation of 256 bytes}}
    %x = llvm.load %p : !llvm.ptr<1> -> i32
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

// In no allocation.
module attributes {gpu.container_module} {
gpu.module @device {
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %address = arith.constant 16 : i64
    %null = llvm.inttoptr %address : i64 to !llvm.ptr<1>
    // expected-error @+1 {{block (0, 0) warp 0 lane 0: address 0x10 is in no allocation}}
    %x = llvm.load %null : !llvm.ptr<1> -> i32
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

// Misaligned.
module attributes {gpu.container_module} {
gpu.module @device {
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %c2 = arith.constant 2 : i32
    %p = llvm.getelementptr %a[%c2] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    // expected-error @+1 {{block (0, 0) warp 0 lane 0: expected an address aligned to 4 bytes, found 2 bytes past one}}
    %x = llvm.load %p {alignment = 4 : i64} : !llvm.ptr<1> -> i32
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

// An output is unwritten until a kernel writes it.
module attributes {gpu.container_module} {
gpu.module @device {
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %p = llvm.getelementptr %a[%thread] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    // expected-error @+1 {{block (0, 0) warp 0 lane 0: byte 0 of an allocation of 256 bytes was never written}}
    %x = llvm.load %p : !llvm.ptr<1> -> i32
    gpu.return
  }
}

func.func @main(%a: memref<64xi32> {test.output}) {
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

// Past the end of shared memory.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %p = llvm.getelementptr %shared[%thread] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i32
    // expected-error @+1 {{block (0, 0) warp 0 lane 16: byte 64 is out of bounds of shared memory of 64 bytes}}
    llvm.store %thread, %p : i32, !llvm.ptr<3>
    gpu.return
  }
}

func.func @main(%a: memref<64xi32>) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes64 = arith.constant 64 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<64xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes64 args(%a_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// Before its beginning.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %p = llvm.getelementptr %shared[-4] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
    // expected-error @+1 {{block (0, 0) warp 0 lane 0: byte -4 is out of bounds of shared memory of 1024 bytes}}
    %x = llvm.load %p : !llvm.ptr<3> -> i32
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

// Shared memory is unwritten, from block to block too.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %p = llvm.getelementptr %shared[%thread] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i32
    %block = nvvm.read.ptx.sreg.ctaid.x : i32
    %first = arith.cmpi eq, %block, %c0 : i32
    scf.if %first {
    llvm.store %thread, %p : i32, !llvm.ptr<3>
    }
    // expected-error @+1 {{block (1, 0) warp 0 lane 0: shared byte 0 was never written}}
    %x = llvm.load %p : !llvm.ptr<3> -> i32
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

// One store, two values for one place.
module attributes {gpu.container_module} {
gpu.module @device {
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %c2 = arith.constant 2 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %half = arith.divui %thread, %c2 : i32
    %p = llvm.getelementptr %a[%half] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    // expected-error @+1 {{block (0, 0) warp 0 lane 1: two lanes of one store write different values to the same bytes}}
    llvm.store %thread, %p : i32, !llvm.ptr<1>
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

// A division by zero on an active lane.
module attributes {gpu.container_module} {
gpu.module @device {
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %c1 = arith.constant 1 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    // expected-error @+1 {{block (0, 0) warp 0 lane 0: a division by zero}}
    %q = arith.divui %c1, %thread : i32
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

// A loop without end.
module attributes {gpu.container_module} {
gpu.module @device {
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %zero = scf.while (%n = %c0) : (i32) -> i32 {
    %more = arith.cmpi eq, %n, %c0 : i32
    scf.condition(%more) %n : i32
    } do {
    ^bb0(%n: i32):
    // expected-error @+1 {{block (0, 0) warp 0: the budget of 1000 instructions is spent}}
    scf.yield %n : i32
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
