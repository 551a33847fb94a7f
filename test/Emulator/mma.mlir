// RUN: sparse-opt %s -split-input-file -test-emulate -o /dev/null | FileCheck %s

// One mma on fragments that lanes load as the PTX ISA places them, and the same
// product in plain loops.

// f16, k = 16
// CHECK: argument 2: 16x8 weighted sum [[D:.*]]
// CHECK-NEXT: argument 3: 16x8 weighted sum [[D]]{{$}}
module attributes {gpu.container_module} {
gpu.module @device {
  gpu.func @fragments(%a: !llvm.ptr<1>, %b: !llvm.ptr<1>, %d: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c2 = arith.constant 2 : i32
    %c4 = arith.constant 4 : i32
    %c8 = arith.constant 8 : i32
    %c12 = arith.constant 12 : i32
    %c16 = arith.constant 16 : i32
    %c24 = arith.constant 24 : i32
    %c32 = arith.constant 32 : i32
    %lane = nvvm.read.ptx.sreg.tid.x : i32
    %r = arith.divui %lane, %c4 : i32
    %r8 = arith.addi %r, %c8 : i32
    %q = arith.remui %lane, %c4 : i32
    %c = arith.muli %q, %c2 : i32
    %row0 = arith.muli %r, %c16 : i32
    %col0 = arith.addi %c, %c0 : i32
    %at0 = arith.addi %row0, %col0 : i32
    %p0 = llvm.getelementptr %a[%at0] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f16
    %v0 = llvm.load %p0 {alignment = 4 : i64} : !llvm.ptr<1> -> vector<2xf16>
    %row1 = arith.muli %r8, %c16 : i32
    %col1 = arith.addi %c, %c0 : i32
    %at1 = arith.addi %row1, %col1 : i32
    %p1 = llvm.getelementptr %a[%at1] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f16
    %v1 = llvm.load %p1 {alignment = 4 : i64} : !llvm.ptr<1> -> vector<2xf16>
    %row2 = arith.muli %r, %c16 : i32
    %col2 = arith.addi %c, %c8 : i32
    %at2 = arith.addi %row2, %col2 : i32
    %p2 = llvm.getelementptr %a[%at2] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f16
    %v2 = llvm.load %p2 {alignment = 4 : i64} : !llvm.ptr<1> -> vector<2xf16>
    %row3 = arith.muli %r8, %c16 : i32
    %col3 = arith.addi %c, %c8 : i32
    %at3 = arith.addi %row3, %col3 : i32
    %p3 = llvm.getelementptr %a[%at3] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f16
    %v3 = llvm.load %p3 {alignment = 4 : i64} : !llvm.ptr<1> -> vector<2xf16>
    %h0 = vector.shuffle %v0, %v1 [0, 1, 2, 3] : vector<2xf16>, vector<2xf16>
    %h1 = vector.shuffle %v2, %v3 [0, 1, 2, 3] : vector<2xf16>, vector<2xf16>
    %fa = vector.shuffle %h0, %h1 [0, 1, 2, 3, 4, 5, 6, 7] : vector<4xf16>, vector<4xf16>
    %k0_0 = arith.addi %c, %c0 : i32
    %kk0_0 = arith.addi %k0_0, %c0 : i32
    %brow0_0 = arith.muli %kk0_0, %c8 : i32
    %bat0_0 = arith.addi %brow0_0, %r : i32
    %bp0_0 = llvm.getelementptr %b[%bat0_0] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f16
    %bv0_0 = llvm.load %bp0_0 : !llvm.ptr<1> -> f16
    %k0_1 = arith.addi %c, %c0 : i32
    %kk0_1 = arith.addi %k0_1, %c1 : i32
    %brow0_1 = arith.muli %kk0_1, %c8 : i32
    %bat0_1 = arith.addi %brow0_1, %r : i32
    %bp0_1 = llvm.getelementptr %b[%bat0_1] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f16
    %bv0_1 = llvm.load %bp0_1 : !llvm.ptr<1> -> f16
    %k1_0 = arith.addi %c, %c8 : i32
    %kk1_0 = arith.addi %k1_0, %c0 : i32
    %brow1_0 = arith.muli %kk1_0, %c8 : i32
    %bat1_0 = arith.addi %brow1_0, %r : i32
    %bp1_0 = llvm.getelementptr %b[%bat1_0] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f16
    %bv1_0 = llvm.load %bp1_0 : !llvm.ptr<1> -> f16
    %k1_1 = arith.addi %c, %c8 : i32
    %kk1_1 = arith.addi %k1_1, %c1 : i32
    %brow1_1 = arith.muli %kk1_1, %c8 : i32
    %bat1_1 = arith.addi %brow1_1, %r : i32
    %bp1_1 = llvm.getelementptr %b[%bat1_1] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f16
    %bv1_1 = llvm.load %bp1_1 : !llvm.ptr<1> -> f16
    %fb = vector.from_elements %bv0_0, %bv0_1, %bv1_0, %bv1_1 : vector<4xf16>
    %zeros = arith.constant dense<0.0> : vector<4xf32>
    %fd = sparse_gpu.mma %fa, %fb, %zeros : vector<8xf16>, vector<4xf16>, vector<4xf32>
    %two_q = arith.muli %q, %c2 : i32
    %d_row = arith.muli %r, %c8 : i32
    %d_row8 = arith.muli %r8, %c8 : i32
    %d_at = arith.addi %d_row, %two_q : i32
    %d_at8 = arith.addi %d_row8, %two_q : i32
    %dp = llvm.getelementptr %d[%d_at] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    %dp8 = llvm.getelementptr %d[%d_at8] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    %lo = vector.extract_strided_slice %fd {offsets = [0], sizes = [2], strides = [1]} : vector<4xf32> to vector<2xf32>
    %hi = vector.extract_strided_slice %fd {offsets = [2], sizes = [2], strides = [1]} : vector<4xf32> to vector<2xf32>
    llvm.store %lo, %dp {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<1>
    llvm.store %hi, %dp8 {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<1>
    gpu.return
  }

  gpu.func @plain(%a: !llvm.ptr<1>, %b: !llvm.ptr<1>, %d: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c4 = arith.constant 4 : i32
    %c8 = arith.constant 8 : i32
    %c16 = arith.constant 16 : i32
    %c32 = arith.constant 32 : i32
    %c128 = arith.constant 128 : i32
    %zero = arith.constant 0.0 : f32
    %lane = nvvm.read.ptx.sreg.tid.x : i32
    scf.for %at = %lane to %c128 step %c32 : i32 {
    %row = arith.divui %at, %c8 : i32
    %col = arith.remui %at, %c8 : i32
    %sum = scf.for %s = %c0 to %c16 step %c1 iter_args(%so_far = %zero) -> (f32) : i32 {
    %a_row = arith.muli %row, %c16 : i32
    %a_at = arith.addi %a_row, %s : i32
    %a_pointer = llvm.getelementptr %a[%a_at] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f16
    %x = llvm.load %a_pointer : !llvm.ptr<1> -> f16
    %k = arith.addi %s, %c0 : i32
    %b_row = arith.muli %k, %c8 : i32
    %b_at = arith.addi %b_row, %col : i32
    %b_pointer = llvm.getelementptr %b[%b_at] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f16
    %y = llvm.load %b_pointer : !llvm.ptr<1> -> f16
    %u = arith.extf %x : f16 to f32
    %v = arith.extf %y : f16 to f32
    %product = arith.mulf %u, %v : f32
    %next = arith.addf %so_far, %product : f32
    scf.yield %next : f32
    }
    %d_pointer = llvm.getelementptr %d[%at] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    llvm.store %sum, %d_pointer : f32, !llvm.ptr<1>
    }
    gpu.return
  }
}

func.func @main(%a: memref<16x16xf16>, %b: memref<16x8xf16>, %d: memref<16x8xf32> {test.output}, %e: memref<16x8xf32> {test.output}) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes0 = arith.constant 0 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<16x16xf16> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  %b_index = memref.extract_aligned_pointer_as_index %b : memref<16x8xf16> -> index
  %b_address = arith.index_cast %b_index : index to i64
  %b_pointer = llvm.inttoptr %b_address : i64 to !llvm.ptr<1>
  %d_index = memref.extract_aligned_pointer_as_index %d : memref<16x8xf32> -> index
  %d_address = arith.index_cast %d_index : index to i64
  %d_pointer = llvm.inttoptr %d_address : i64 to !llvm.ptr<1>
  %e_index = memref.extract_aligned_pointer_as_index %e : memref<16x8xf32> -> index
  %e_address = arith.index_cast %e_index : index to i64
  %e_pointer = llvm.inttoptr %e_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@fragments blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes0 args(%a_pointer : !llvm.ptr<1>, %b_pointer : !llvm.ptr<1>, %d_pointer : !llvm.ptr<1>)
  gpu.launch_func @device::@plain blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes0 args(%a_pointer : !llvm.ptr<1>, %b_pointer : !llvm.ptr<1>, %e_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// bf16, k = 16
// CHECK: argument 2: 16x8 weighted sum [[D:.*]]
// CHECK-NEXT: argument 3: 16x8 weighted sum [[D]]{{$}}
module attributes {gpu.container_module} {
gpu.module @device {
  gpu.func @fragments(%a: !llvm.ptr<1>, %b: !llvm.ptr<1>, %d: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c2 = arith.constant 2 : i32
    %c4 = arith.constant 4 : i32
    %c8 = arith.constant 8 : i32
    %c12 = arith.constant 12 : i32
    %c16 = arith.constant 16 : i32
    %c24 = arith.constant 24 : i32
    %c32 = arith.constant 32 : i32
    %lane = nvvm.read.ptx.sreg.tid.x : i32
    %r = arith.divui %lane, %c4 : i32
    %r8 = arith.addi %r, %c8 : i32
    %q = arith.remui %lane, %c4 : i32
    %c = arith.muli %q, %c2 : i32
    %row0 = arith.muli %r, %c16 : i32
    %col0 = arith.addi %c, %c0 : i32
    %at0 = arith.addi %row0, %col0 : i32
    %p0 = llvm.getelementptr %a[%at0] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, bf16
    %v0 = llvm.load %p0 {alignment = 4 : i64} : !llvm.ptr<1> -> vector<2xbf16>
    %row1 = arith.muli %r8, %c16 : i32
    %col1 = arith.addi %c, %c0 : i32
    %at1 = arith.addi %row1, %col1 : i32
    %p1 = llvm.getelementptr %a[%at1] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, bf16
    %v1 = llvm.load %p1 {alignment = 4 : i64} : !llvm.ptr<1> -> vector<2xbf16>
    %row2 = arith.muli %r, %c16 : i32
    %col2 = arith.addi %c, %c8 : i32
    %at2 = arith.addi %row2, %col2 : i32
    %p2 = llvm.getelementptr %a[%at2] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, bf16
    %v2 = llvm.load %p2 {alignment = 4 : i64} : !llvm.ptr<1> -> vector<2xbf16>
    %row3 = arith.muli %r8, %c16 : i32
    %col3 = arith.addi %c, %c8 : i32
    %at3 = arith.addi %row3, %col3 : i32
    %p3 = llvm.getelementptr %a[%at3] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, bf16
    %v3 = llvm.load %p3 {alignment = 4 : i64} : !llvm.ptr<1> -> vector<2xbf16>
    %h0 = vector.shuffle %v0, %v1 [0, 1, 2, 3] : vector<2xbf16>, vector<2xbf16>
    %h1 = vector.shuffle %v2, %v3 [0, 1, 2, 3] : vector<2xbf16>, vector<2xbf16>
    %fa = vector.shuffle %h0, %h1 [0, 1, 2, 3, 4, 5, 6, 7] : vector<4xbf16>, vector<4xbf16>
    %k0_0 = arith.addi %c, %c0 : i32
    %kk0_0 = arith.addi %k0_0, %c0 : i32
    %brow0_0 = arith.muli %kk0_0, %c8 : i32
    %bat0_0 = arith.addi %brow0_0, %r : i32
    %bp0_0 = llvm.getelementptr %b[%bat0_0] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, bf16
    %bv0_0 = llvm.load %bp0_0 : !llvm.ptr<1> -> bf16
    %k0_1 = arith.addi %c, %c0 : i32
    %kk0_1 = arith.addi %k0_1, %c1 : i32
    %brow0_1 = arith.muli %kk0_1, %c8 : i32
    %bat0_1 = arith.addi %brow0_1, %r : i32
    %bp0_1 = llvm.getelementptr %b[%bat0_1] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, bf16
    %bv0_1 = llvm.load %bp0_1 : !llvm.ptr<1> -> bf16
    %k1_0 = arith.addi %c, %c8 : i32
    %kk1_0 = arith.addi %k1_0, %c0 : i32
    %brow1_0 = arith.muli %kk1_0, %c8 : i32
    %bat1_0 = arith.addi %brow1_0, %r : i32
    %bp1_0 = llvm.getelementptr %b[%bat1_0] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, bf16
    %bv1_0 = llvm.load %bp1_0 : !llvm.ptr<1> -> bf16
    %k1_1 = arith.addi %c, %c8 : i32
    %kk1_1 = arith.addi %k1_1, %c1 : i32
    %brow1_1 = arith.muli %kk1_1, %c8 : i32
    %bat1_1 = arith.addi %brow1_1, %r : i32
    %bp1_1 = llvm.getelementptr %b[%bat1_1] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, bf16
    %bv1_1 = llvm.load %bp1_1 : !llvm.ptr<1> -> bf16
    %fb = vector.from_elements %bv0_0, %bv0_1, %bv1_0, %bv1_1 : vector<4xbf16>
    %zeros = arith.constant dense<0.0> : vector<4xf32>
    %fd = sparse_gpu.mma %fa, %fb, %zeros : vector<8xbf16>, vector<4xbf16>, vector<4xf32>
    %two_q = arith.muli %q, %c2 : i32
    %d_row = arith.muli %r, %c8 : i32
    %d_row8 = arith.muli %r8, %c8 : i32
    %d_at = arith.addi %d_row, %two_q : i32
    %d_at8 = arith.addi %d_row8, %two_q : i32
    %dp = llvm.getelementptr %d[%d_at] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    %dp8 = llvm.getelementptr %d[%d_at8] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    %lo = vector.extract_strided_slice %fd {offsets = [0], sizes = [2], strides = [1]} : vector<4xf32> to vector<2xf32>
    %hi = vector.extract_strided_slice %fd {offsets = [2], sizes = [2], strides = [1]} : vector<4xf32> to vector<2xf32>
    llvm.store %lo, %dp {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<1>
    llvm.store %hi, %dp8 {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<1>
    gpu.return
  }

  gpu.func @plain(%a: !llvm.ptr<1>, %b: !llvm.ptr<1>, %d: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c4 = arith.constant 4 : i32
    %c8 = arith.constant 8 : i32
    %c16 = arith.constant 16 : i32
    %c32 = arith.constant 32 : i32
    %c128 = arith.constant 128 : i32
    %zero = arith.constant 0.0 : f32
    %lane = nvvm.read.ptx.sreg.tid.x : i32
    scf.for %at = %lane to %c128 step %c32 : i32 {
    %row = arith.divui %at, %c8 : i32
    %col = arith.remui %at, %c8 : i32
    %sum = scf.for %s = %c0 to %c16 step %c1 iter_args(%so_far = %zero) -> (f32) : i32 {
    %a_row = arith.muli %row, %c16 : i32
    %a_at = arith.addi %a_row, %s : i32
    %a_pointer = llvm.getelementptr %a[%a_at] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, bf16
    %x = llvm.load %a_pointer : !llvm.ptr<1> -> bf16
    %k = arith.addi %s, %c0 : i32
    %b_row = arith.muli %k, %c8 : i32
    %b_at = arith.addi %b_row, %col : i32
    %b_pointer = llvm.getelementptr %b[%b_at] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, bf16
    %y = llvm.load %b_pointer : !llvm.ptr<1> -> bf16
    %u = arith.extf %x : bf16 to f32
    %v = arith.extf %y : bf16 to f32
    %product = arith.mulf %u, %v : f32
    %next = arith.addf %so_far, %product : f32
    scf.yield %next : f32
    }
    %d_pointer = llvm.getelementptr %d[%at] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    llvm.store %sum, %d_pointer : f32, !llvm.ptr<1>
    }
    gpu.return
  }
}

func.func @main(%a: memref<16x16xbf16>, %b: memref<16x8xbf16>, %d: memref<16x8xf32> {test.output}, %e: memref<16x8xf32> {test.output}) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes0 = arith.constant 0 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<16x16xbf16> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  %b_index = memref.extract_aligned_pointer_as_index %b : memref<16x8xbf16> -> index
  %b_address = arith.index_cast %b_index : index to i64
  %b_pointer = llvm.inttoptr %b_address : i64 to !llvm.ptr<1>
  %d_index = memref.extract_aligned_pointer_as_index %d : memref<16x8xf32> -> index
  %d_address = arith.index_cast %d_index : index to i64
  %d_pointer = llvm.inttoptr %d_address : i64 to !llvm.ptr<1>
  %e_index = memref.extract_aligned_pointer_as_index %e : memref<16x8xf32> -> index
  %e_address = arith.index_cast %e_index : index to i64
  %e_pointer = llvm.inttoptr %e_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@fragments blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes0 args(%a_pointer : !llvm.ptr<1>, %b_pointer : !llvm.ptr<1>, %d_pointer : !llvm.ptr<1>)
  gpu.launch_func @device::@plain blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes0 args(%a_pointer : !llvm.ptr<1>, %b_pointer : !llvm.ptr<1>, %e_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// f32, k = 8
// CHECK: argument 2: 16x8 weighted sum [[D:.*]]
// CHECK-NEXT: argument 3: 16x8 weighted sum [[D]]{{$}}
module attributes {gpu.container_module} {
gpu.module @device {
  gpu.func @fragments(%a: !llvm.ptr<1>, %b: !llvm.ptr<1>, %d: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c2 = arith.constant 2 : i32
    %c4 = arith.constant 4 : i32
    %c8 = arith.constant 8 : i32
    %c12 = arith.constant 12 : i32
    %c16 = arith.constant 16 : i32
    %c24 = arith.constant 24 : i32
    %c32 = arith.constant 32 : i32
    %lane = nvvm.read.ptx.sreg.tid.x : i32
    %r = arith.divui %lane, %c4 : i32
    %r8 = arith.addi %r, %c8 : i32
    %q = arith.remui %lane, %c4 : i32
    %c = arith.addi %q, %c0 : i32
    %row0 = arith.muli %r, %c8 : i32
    %col0 = arith.addi %c, %c0 : i32
    %at0 = arith.addi %row0, %col0 : i32
    %p0 = llvm.getelementptr %a[%at0] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    %v0 = llvm.load %p0 : !llvm.ptr<1> -> f32
    %row1 = arith.muli %r8, %c8 : i32
    %col1 = arith.addi %c, %c0 : i32
    %at1 = arith.addi %row1, %col1 : i32
    %p1 = llvm.getelementptr %a[%at1] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    %v1 = llvm.load %p1 : !llvm.ptr<1> -> f32
    %row2 = arith.muli %r, %c8 : i32
    %col2 = arith.addi %c, %c4 : i32
    %at2 = arith.addi %row2, %col2 : i32
    %p2 = llvm.getelementptr %a[%at2] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    %v2 = llvm.load %p2 : !llvm.ptr<1> -> f32
    %row3 = arith.muli %r8, %c8 : i32
    %col3 = arith.addi %c, %c4 : i32
    %at3 = arith.addi %row3, %col3 : i32
    %p3 = llvm.getelementptr %a[%at3] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    %v3 = llvm.load %p3 : !llvm.ptr<1> -> f32
    %fa = vector.from_elements %v0, %v1, %v2, %v3 : vector<4xf32>
    %k0_0 = arith.addi %c, %c0 : i32
    %kk0_0 = arith.addi %k0_0, %c0 : i32
    %brow0_0 = arith.muli %kk0_0, %c8 : i32
    %bat0_0 = arith.addi %brow0_0, %r : i32
    %bp0_0 = llvm.getelementptr %b[%bat0_0] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    %bv0_0 = llvm.load %bp0_0 : !llvm.ptr<1> -> f32
    %k1_0 = arith.addi %c, %c4 : i32
    %kk1_0 = arith.addi %k1_0, %c0 : i32
    %brow1_0 = arith.muli %kk1_0, %c8 : i32
    %bat1_0 = arith.addi %brow1_0, %r : i32
    %bp1_0 = llvm.getelementptr %b[%bat1_0] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    %bv1_0 = llvm.load %bp1_0 : !llvm.ptr<1> -> f32
    %fb = vector.from_elements %bv0_0, %bv1_0 : vector<2xf32>
    %zeros = arith.constant dense<0.0> : vector<4xf32>
    %fd = sparse_gpu.mma %fa, %fb, %zeros : vector<4xf32>, vector<2xf32>, vector<4xf32>
    %two_q = arith.muli %q, %c2 : i32
    %d_row = arith.muli %r, %c8 : i32
    %d_row8 = arith.muli %r8, %c8 : i32
    %d_at = arith.addi %d_row, %two_q : i32
    %d_at8 = arith.addi %d_row8, %two_q : i32
    %dp = llvm.getelementptr %d[%d_at] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    %dp8 = llvm.getelementptr %d[%d_at8] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    %lo = vector.extract_strided_slice %fd {offsets = [0], sizes = [2], strides = [1]} : vector<4xf32> to vector<2xf32>
    %hi = vector.extract_strided_slice %fd {offsets = [2], sizes = [2], strides = [1]} : vector<4xf32> to vector<2xf32>
    llvm.store %lo, %dp {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<1>
    llvm.store %hi, %dp8 {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<1>
    gpu.return
  }

  gpu.func @plain(%a: !llvm.ptr<1>, %b: !llvm.ptr<1>, %d: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c4 = arith.constant 4 : i32
    %c8 = arith.constant 8 : i32
    %c32 = arith.constant 32 : i32
    %c128 = arith.constant 128 : i32
    %zero = arith.constant 0.0 : f32
    %lane = nvvm.read.ptx.sreg.tid.x : i32
    scf.for %at = %lane to %c128 step %c32 : i32 {
    %row = arith.divui %at, %c8 : i32
    %col = arith.remui %at, %c8 : i32
    %sum = scf.for %s = %c0 to %c8 step %c1 iter_args(%so_far = %zero) -> (f32) : i32 {
    %a_row = arith.muli %row, %c8 : i32
    %a_at = arith.addi %a_row, %s : i32
    %a_pointer = llvm.getelementptr %a[%a_at] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    %x = llvm.load %a_pointer : !llvm.ptr<1> -> f32
    %k = arith.addi %s, %c0 : i32
    %b_row = arith.muli %k, %c8 : i32
    %b_at = arith.addi %b_row, %col : i32
    %b_pointer = llvm.getelementptr %b[%b_at] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    %y = llvm.load %b_pointer : !llvm.ptr<1> -> f32
    %u = arith.addf %x, %zero : f32
    %v = arith.addf %y, %zero : f32
    %product = arith.mulf %u, %v : f32
    %next = arith.addf %so_far, %product : f32
    scf.yield %next : f32
    }
    %d_pointer = llvm.getelementptr %d[%at] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    llvm.store %sum, %d_pointer : f32, !llvm.ptr<1>
    }
    gpu.return
  }
}

func.func @main(%a: memref<16x8xf32>, %b: memref<8x8xf32>, %d: memref<16x8xf32> {test.output}, %e: memref<16x8xf32> {test.output}) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes0 = arith.constant 0 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<16x8xf32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  %b_index = memref.extract_aligned_pointer_as_index %b : memref<8x8xf32> -> index
  %b_address = arith.index_cast %b_index : index to i64
  %b_pointer = llvm.inttoptr %b_address : i64 to !llvm.ptr<1>
  %d_index = memref.extract_aligned_pointer_as_index %d : memref<16x8xf32> -> index
  %d_address = arith.index_cast %d_index : index to i64
  %d_pointer = llvm.inttoptr %d_address : i64 to !llvm.ptr<1>
  %e_index = memref.extract_aligned_pointer_as_index %e : memref<16x8xf32> -> index
  %e_address = arith.index_cast %e_index : index to i64
  %e_pointer = llvm.inttoptr %e_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@fragments blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes0 args(%a_pointer : !llvm.ptr<1>, %b_pointer : !llvm.ptr<1>, %d_pointer : !llvm.ptr<1>)
  gpu.launch_func @device::@plain blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes0 args(%a_pointer : !llvm.ptr<1>, %b_pointer : !llvm.ptr<1>, %e_pointer : !llvm.ptr<1>)
  return
}
}
