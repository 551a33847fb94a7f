// RUN: sparse-opt %s -split-input-file -verify-diagnostics -test-emulate=dynamic=6 -o /dev/null | FileCheck %s

// What surrounds launches: sizes, allocations, fills, copies, constants.

module attributes {gpu.container_module} {
gpu.module @device {
  // Every block adds its part of `a` to its part of `b`.
  gpu.func @add(%a: !llvm.ptr<1>, %b: !llvm.ptr<1>, %n: i32, %scale: f32) kernel attributes {known_block_size = array<i32: 32, 1, 1>} {
    %c2 = arith.constant 2 : i32
    %lane = nvvm.read.ptx.sreg.tid.x : i32
    %x = nvvm.read.ptx.sreg.ctaid.x : i32
    %y = nvvm.read.ptx.sreg.ctaid.y : i32
    %blocks = nvvm.read.ptx.sreg.nctaid.x : i32
    %line = arith.muli %y, %blocks : i32
    %block = arith.addi %line, %x : i32
    %first = arith.muli %block, %c2 : i32
    %at = arith.addi %first, %lane : i32
    %is_mine = arith.cmpi slt, %lane, %c2 : i32
    %is_inside = arith.cmpi slt, %at, %n : i32
    %works = arith.andi %is_mine, %is_inside : i1
    scf.if %works {
      %p = llvm.getelementptr %a[%at] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
      %q = llvm.getelementptr %b[%at] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
      %u = llvm.load %p : !llvm.ptr<1> -> f32
      %v = llvm.load %q : !llvm.ptr<1> -> f32
      %scaled = arith.mulf %u, %scale : f32
      %sum = arith.addf %scaled, %v : f32
      llvm.store %sum, %q : f32, !llvm.ptr<1>
    }
    gpu.return
  }
}

memref.global "private" constant @weights : memref<6xf32> = dense<[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]>

// Three launches add twice the constant to 10; one of no blocks does nothing.
// CHECK: argument 0: 6x2 {{.*}} [16, 0.5; 22, 0.5; 28, 0.5; 34, 0.5; 40, 0.5; 46, 0.5]
func.func @main(%out: memref<?x2xf32> {test.output}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %c32 = arith.constant 32 : index
  %ten = arith.constant 10.0 : f32
  %half = arith.constant 0.5 : f32
  %two = arith.constant 2.0 : f32
  %n = memref.dim %out, %c0 : memref<?x2xf32>
  %buffer = memref.alloc(%n) : memref<?xf32>
  linalg.fill ins(%ten : f32) outs(%buffer : memref<?xf32>)
  %weights = memref.get_global @weights : memref<6xf32>
  %w_index = memref.extract_aligned_pointer_as_index %weights : memref<6xf32> -> index
  %w_address = arith.index_cast %w_index : index to i64
  %w = llvm.inttoptr %w_address : i64 to !llvm.ptr<1>
  %b_index = memref.extract_aligned_pointer_as_index %buffer : memref<?xf32> -> index
  %b_address = arith.index_cast %b_index : index to i64
  %b = llvm.inttoptr %b_address : i64 to !llvm.ptr<1>
  %n32 = arith.index_cast %n : index to i32
  %grid = affine.apply affine_map<()[s] -> (s ceildiv 2 - 1)>()[%n]
  %y = affine.min affine_map<()[s] -> (s, 2)>()[%n]
  scf.for %i = %c0 to %c3 step %c1 {
    gpu.launch_func @device::@add blocks in (%grid, %y, %c1) threads in (%c32, %c1, %c1) args(%w : !llvm.ptr<1>, %b : !llvm.ptr<1>, %n32 : i32, %two : f32)
  }
  gpu.launch_func @device::@add blocks in (%c0, %c1, %c1) threads in (%c32, %c1, %c1) args(%w : !llvm.ptr<1>, %b : !llvm.ptr<1>, %n32 : i32, %two : f32)
  %left = memref.subview %out[0, 0] [%n, 1] [1, 1] : memref<?x2xf32> to memref<?xf32, strided<[2]>>
  %right = memref.subview %out[0, 1] [%n, 1] [1, 1] : memref<?x2xf32> to memref<?xf32, strided<[2], offset: 1>>
  memref.copy %buffer, %left : memref<?xf32> to memref<?xf32, strided<[2]>>
  linalg.fill ins(%half : f32) outs(%right : memref<?xf32, strided<[2], offset: 1>>)
  memref.dealloc %buffer : memref<?xf32>
  return
}
}

// -----

// Scratch is zero at first, and the same memory for all launches.
module attributes {gpu.container_module} {
gpu.module @device {
  gpu.func @count(%counter: !llvm.ptr<1>, %out: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %leads = arith.cmpi eq, %thread, %c0 : i32
    scf.if %leads {
      %x = llvm.load %counter : !llvm.ptr<1> -> i32
      %y = arith.addi %x, %c1 : i32
      llvm.store %y, %counter : i32, !llvm.ptr<1>
      llvm.store %y, %out : i32, !llvm.ptr<1>
    }
    gpu.return
  }
}

// CHECK: argument 0: 1 {{.*}} [2]
func.func @main(%out: memref<1xi32> {test.output}) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes = arith.constant 64 : i64
  %index = memref.extract_aligned_pointer_as_index %out : memref<1xi32> -> index
  %address = arith.index_cast %index : index to i64
  %pointer = llvm.inttoptr %address : i64 to !llvm.ptr<1>
  %first = sparse_gpu.scratch %bytes : !llvm.ptr<1>
  gpu.launch_func @device::@count blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1) args(%first : !llvm.ptr<1>, %pointer : !llvm.ptr<1>)
  %second = sparse_gpu.scratch %bytes : !llvm.ptr<1>
  gpu.launch_func @device::@count blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1) args(%second : !llvm.ptr<1>, %pointer : !llvm.ptr<1>)
  return
}
}

// -----

func.func @main(%out: memref<4xf32> {test.output}) {
  %c0 = arith.constant 0 : index
  // expected-error @+1 {{'memref.load' is not an op of host functions}}
  %x = memref.load %out[%c0] : memref<4xf32>
  return
}

// -----

func.func @main(%out: memref<4xf32> {test.output}) {
  %buffer = memref.alloc() : memref<4xf32>
  // expected-error @+1 {{byte 0 of an allocation of 16 bytes was never written}}
  memref.copy %buffer, %out : memref<4xf32> to memref<4xf32>
  return
}

// -----

// expected-error @+1 {{expected a host function with one block and no results}}
func.func @main() -> index {
  %c0 = arith.constant 0 : index
  return %c0 : index
}

// -----

module attributes {gpu.container_module} {
gpu.module @device {
  gpu.func @kernel() kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    gpu.return
  }
}

func.func @main() {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  // expected-error @+1 {{the kernel is made for blocks of 64 threads, found 32}}
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
  return
}
}
