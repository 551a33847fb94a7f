// RUN: sparse-opt %s -split-input-file -verify-diagnostics -test-emulate -o /dev/null | FileCheck %s

// A kernel that waits for earlier launches itself reads constants before.
// CHECK: argument 1: 32 {{.*}} [8, 8, 8,
module attributes {gpu.container_module} {
memref.global "private" constant @weights : memref<32xi32> = dense<5>
gpu.module @device {
  gpu.func @kernel(%w: !llvm.ptr<1>, %a: !llvm.ptr<1>, %out: !llvm.ptr<1>) kernel {
    %lane = nvvm.read.ptx.sreg.tid.x : i32
    %from_w = llvm.getelementptr %w[%lane] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    %from_a = llvm.getelementptr %a[%lane] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    %to = llvm.getelementptr %out[%lane] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    nvvm.griddepcontrol launch_dependents
    %x = llvm.load %from_w : !llvm.ptr<1> -> i32
    nvvm.griddepcontrol wait
    %y = llvm.load %from_a : !llvm.ptr<1> -> i32
    %z = arith.addi %x, %y : i32
    llvm.store %z, %to : i32, !llvm.ptr<1>
    gpu.return
  }
}

func.func @main(%a: memref<32xi32> {test.input = dense<3> : tensor<32xi32>}, %out: memref<32xi32> {test.output}) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes = arith.constant 0 : i32
  %w = memref.get_global @weights : memref<32xi32>
  %w_index = memref.extract_aligned_pointer_as_index %w : memref<32xi32> -> index
  %w_address = arith.index_cast %w_index : index to i64
  %w_pointer = llvm.inttoptr %w_address : i64 to !llvm.ptr<1>
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<32xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  %out_index = memref.extract_aligned_pointer_as_index %out : memref<32xi32> -> index
  %out_address = arith.index_cast %out_index : index to i64
  %out_pointer = llvm.inttoptr %out_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes args(%w_pointer : !llvm.ptr<1>, %a_pointer : !llvm.ptr<1>, %out_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// An earlier launch may still write what is no constant.
module attributes {gpu.container_module} {
memref.global "private" constant @weights : memref<32xi32> = dense<5>
gpu.module @device {
  gpu.func @kernel(%w: !llvm.ptr<1>, %a: !llvm.ptr<1>, %out: !llvm.ptr<1>) kernel {
    %lane = nvvm.read.ptx.sreg.tid.x : i32
    %from_w = llvm.getelementptr %w[%lane] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    %from_a = llvm.getelementptr %a[%lane] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    %to = llvm.getelementptr %out[%lane] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    // expected-error @+1 {{block (0, 0) warp 0 lane 0: byte 0 of an allocation of 128 bytes is no constant and is read before griddepcontrol.wait}}
    %y = llvm.load %from_a : !llvm.ptr<1> -> i32
    nvvm.griddepcontrol wait
    gpu.return
  }
}

func.func @main(%a: memref<32xi32> {test.input = dense<3> : tensor<32xi32>}, %out: memref<32xi32> {test.output}) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes = arith.constant 0 : i32
  %w = memref.get_global @weights : memref<32xi32>
  %w_index = memref.extract_aligned_pointer_as_index %w : memref<32xi32> -> index
  %w_address = arith.index_cast %w_index : index to i64
  %w_pointer = llvm.inttoptr %w_address : i64 to !llvm.ptr<1>
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<32xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  %out_index = memref.extract_aligned_pointer_as_index %out : memref<32xi32> -> index
  %out_address = arith.index_cast %out_index : index to i64
  %out_pointer = llvm.inttoptr %out_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes args(%w_pointer : !llvm.ptr<1>, %a_pointer : !llvm.ptr<1>, %out_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// It may still read what this one writes.
module attributes {gpu.container_module} {
memref.global "private" constant @weights : memref<32xi32> = dense<5>
gpu.module @device {
  gpu.func @kernel(%w: !llvm.ptr<1>, %a: !llvm.ptr<1>, %out: !llvm.ptr<1>) kernel {
    %lane = nvvm.read.ptx.sreg.tid.x : i32
    %from_w = llvm.getelementptr %w[%lane] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    %from_a = llvm.getelementptr %a[%lane] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    %to = llvm.getelementptr %out[%lane] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    // expected-error @+1 {{block (0, 0) warp 0 lane 0: byte 0 of an allocation of 128 bytes is written before griddepcontrol.wait}}
    llvm.store %lane, %to : i32, !llvm.ptr<1>
    nvvm.griddepcontrol wait
    gpu.return
  }
}

func.func @main(%a: memref<32xi32> {test.input = dense<3> : tensor<32xi32>}, %out: memref<32xi32> {test.output}) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes = arith.constant 0 : i32
  %w = memref.get_global @weights : memref<32xi32>
  %w_index = memref.extract_aligned_pointer_as_index %w : memref<32xi32> -> index
  %w_address = arith.index_cast %w_index : index to i64
  %w_pointer = llvm.inttoptr %w_address : i64 to !llvm.ptr<1>
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<32xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  %out_index = memref.extract_aligned_pointer_as_index %out : memref<32xi32> -> index
  %out_address = arith.index_cast %out_index : index to i64
  %out_pointer = llvm.inttoptr %out_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes args(%w_pointer : !llvm.ptr<1>, %a_pointer : !llvm.ptr<1>, %out_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// Without a wait the launch begins when the earlier ones have ended.
// CHECK: argument 1: 32 {{.*}} [3, 3, 3,
module attributes {gpu.container_module} {
memref.global "private" constant @weights : memref<32xi32> = dense<5>
gpu.module @device {
  gpu.func @kernel(%w: !llvm.ptr<1>, %a: !llvm.ptr<1>, %out: !llvm.ptr<1>) kernel {
    %lane = nvvm.read.ptx.sreg.tid.x : i32
    %from_w = llvm.getelementptr %w[%lane] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    %from_a = llvm.getelementptr %a[%lane] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    %to = llvm.getelementptr %out[%lane] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    nvvm.griddepcontrol launch_dependents
    %y = llvm.load %from_a : !llvm.ptr<1> -> i32
    llvm.store %y, %to : i32, !llvm.ptr<1>
    gpu.return
  }
}

func.func @main(%a: memref<32xi32> {test.input = dense<3> : tensor<32xi32>}, %out: memref<32xi32> {test.output}) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes = arith.constant 0 : i32
  %w = memref.get_global @weights : memref<32xi32>
  %w_index = memref.extract_aligned_pointer_as_index %w : memref<32xi32> -> index
  %w_address = arith.index_cast %w_index : index to i64
  %w_pointer = llvm.inttoptr %w_address : i64 to !llvm.ptr<1>
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<32xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  %out_index = memref.extract_aligned_pointer_as_index %out : memref<32xi32> -> index
  %out_address = arith.index_cast %out_index : index to i64
  %out_pointer = llvm.inttoptr %out_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes args(%w_pointer : !llvm.ptr<1>, %a_pointer : !llvm.ptr<1>, %out_pointer : !llvm.ptr<1>)
  return
}
}
