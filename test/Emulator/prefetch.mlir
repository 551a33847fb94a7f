// RUN: sparse-opt %s -split-input-file -verify-diagnostics -test-emulate -o /dev/null

// What is asked of the L2 must be there.
module attributes {gpu.container_module} {
gpu.module @device {
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %all = arith.constant 256 : i32
    nvvm.cp.async.bulk.prefetch %a, %all : !llvm.ptr<1>
    %past = llvm.getelementptr %a[16] : (!llvm.ptr<1>) -> !llvm.ptr<1>, i8
    // expected-error @+1 {{block (0, 0) warp 0 lane 0: byte 16 is out of bounds of an allocation of 256 bytes}}
    nvvm.cp.async.bulk.prefetch %past, %all : !llvm.ptr<1>
    gpu.return
  }
}

func.func @main(%a: memref<64xi32>) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %index = memref.extract_aligned_pointer_as_index %a : memref<64xi32> -> index
  %address = arith.index_cast %index : index to i64
  %pointer = llvm.inttoptr %address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
    args(%pointer : !llvm.ptr<1>)
  return
}
}

// -----

module attributes {gpu.container_module} {
gpu.module @device {
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %part = arith.constant 24 : i32
    %from = llvm.getelementptr %a[4] : (!llvm.ptr<1>) -> !llvm.ptr<1>, i8
    // expected-error @+1 {{expected an address and a size of multiples of 16, found 4 and 8 past one}}
    nvvm.cp.async.bulk.prefetch %from, %part : !llvm.ptr<1>
    gpu.return
  }
}

func.func @main(%a: memref<64xi32>) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %index = memref.extract_aligned_pointer_as_index %a : memref<64xi32> -> index
  %address = arith.index_cast %index : index to i64
  %pointer = llvm.inttoptr %address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
    args(%pointer : !llvm.ptr<1>)
  return
}
}

// -----

module attributes {gpu.container_module} {
gpu.module @device {
  gpu.func @kernel(%a: i64) kernel {
    %map = llvm.inttoptr %a : i64 to !llvm.ptr
    // expected-error @+1 {{block (0, 0) warp 0 lane 0: expected a tensor map}}
    nvvm.prefetch tensormap, %map : !llvm.ptr
    gpu.return
  }
}

func.func @main(%a: memref<64xi32>) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %index = memref.extract_aligned_pointer_as_index %a : memref<64xi32> -> index
  %address = arith.index_cast %index : index to i64
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
    args(%address : i64)
  return
}
}

// -----

// A line may be asked for before earlier launches have ended: of what they
// write, too. Nothing is read; but it must be there.
module attributes {gpu.container_module} {
gpu.module @device {
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    nvvm.prefetch level = L2, %a : !llvm.ptr<1>
    %past = llvm.getelementptr %a[256] : (!llvm.ptr<1>) -> !llvm.ptr<1>, i8
    // expected-error @+1 {{block (0, 0) warp 0 lane 0: byte 256 is out of bounds of an allocation of 256 bytes}}
    nvvm.prefetch level = L2, %past : !llvm.ptr<1>
    nvvm.griddepcontrol wait
    gpu.return
  }
}

func.func @main(%a: memref<64xi32>) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %index = memref.extract_aligned_pointer_as_index %a : memref<64xi32> -> index
  %address = arith.index_cast %index : index to i64
  %pointer = llvm.inttoptr %address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
    args(%pointer : !llvm.ptr<1>)
  return
}
}

// -----

module attributes {gpu.container_module} {
gpu.module @device {
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    // expected-error @+1 {{prefetches of device kernels are of tensor maps, or of device memory into the L2, without a predicate}}
    nvvm.prefetch level = L1, %a : !llvm.ptr<1>
    gpu.return
  }
}

func.func @main(%a: memref<64xi32>) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %index = memref.extract_aligned_pointer_as_index %a : memref<64xi32> -> index
  %address = arith.index_cast %index : index to i64
  %pointer = llvm.inttoptr %address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
    args(%pointer : !llvm.ptr<1>)
  return
}
}
