// RUN: sparse-opt %s -split-input-file -test-emulate -o /dev/null | FileCheck %s

// One wgmma on operands that a kernel lays out by the canonical layouts of the
// PTX ISA, and the same product in plain loops.

// b with n in the lines of the 128-byte swizzle, a in registers
// CHECK: argument 2: 64x64 weighted sum [[D:.*]]
// CHECK-NEXT: argument 3: 64x64 weighted sum [[D]]{{$}}
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @product(%a: !llvm.ptr<1>, %b: !llvm.ptr<1>, %d: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c2 = arith.constant 2 : i32
    %c4 = arith.constant 4 : i32
    %c8 = arith.constant 8 : i32
    %c16 = arith.constant 16 : i32
    %c24 = arith.constant 24 : i32
    %c32 = arith.constant 32 : i32
    %c40 = arith.constant 40 : i32
    %c48 = arith.constant 48 : i32
    %c56 = arith.constant 56 : i32
    %c64 = arith.constant 64 : i32
    %c128 = arith.constant 128 : i32
    %c512 = arith.constant 512 : i32
    %c520 = arith.constant 520 : i32
    %c528 = arith.constant 528 : i32
    %c536 = arith.constant 536 : i32
    %c544 = arith.constant 544 : i32
    %c552 = arith.constant 552 : i32
    %c560 = arith.constant 560 : i32
    %c568 = arith.constant 568 : i32
    %c1024 = arith.constant 1024 : i32
    %c16384 = arith.constant 16384 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    scf.for %be = %thread to %c1024 step %c128 : i32 {
    %bfirst = arith.divui %be, %c64 : i32
    %bsecond = arith.remui %be, %c64 : i32
    %bgp = llvm.getelementptr %b[%be] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f16
    %bv = llvm.load %bgp : !llvm.ptr<1> -> f16
    %bl8 = arith.remui %bfirst, %c8 : i32
    %blh = arith.divui %bfirst, %c8 : i32
    %bb = arith.muli %bsecond, %c2 : i32
    %bin = arith.remui %bb, %c128 : i32
    %bout = arith.divui %bb, %c128 : i32
    %bx0 = arith.muli %bl8, %c128 : i32
    %bx1 = arith.muli %blh, %c1024 : i32
    %bx2 = arith.muli %bout, %c1024 : i32
    %by0 = arith.addi %bx0, %bx1 : i32
    %by1 = arith.addi %bx2, %bin : i32
    %by2 = arith.addi %by0, %by1 : i32
    %bz0 = arith.divui %by2, %c128 : i32
    %bz1 = arith.remui %bz0, %c8 : i32
    %bz2 = arith.muli %bz1, %c16 : i32
    %bz3 = arith.xori %by2, %bz2 : i32
    %boff = arith.addi %bz3, %c16384 : i32
    %bsp = llvm.getelementptr %shared[%boff] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    llvm.store %bv, %bsp : f16, !llvm.ptr<3>
    }
    nvvm.fence.proxy {kind = #nvvm.proxy_kind<async.shared>, space = #nvvm.shared_space<cta>}
    nvvm.barrier
    %lane_a = arith.remui %thread, %c32 : i32
    %warp_a = arith.divui %thread, %c32 : i32
    %r_a = arith.divui %lane_a, %c4 : i32
    %q_a = arith.remui %lane_a, %c4 : i32
    %c_a = arith.muli %q_a, %c2 : i32
    %top_a = arith.muli %warp_a, %c16 : i32
    %row_a = arith.addi %top_a, %r_a : i32
    %rr0 = arith.addi %row_a, %c0 : i32
    %rm0 = arith.muli %rr0, %c16 : i32
    %rc0 = arith.addi %c_a, %c0 : i32
    %ra0 = arith.addi %rm0, %rc0 : i32
    %rp0 = llvm.getelementptr %a[%ra0] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f16
    %rv0 = llvm.load %rp0 {alignment = 4 : i64} : !llvm.ptr<1> -> vector<2xf16>
    %re0:2 = vector.to_elements %rv0 : vector<2xf16>
    %rr1 = arith.addi %row_a, %c8 : i32
    %rm1 = arith.muli %rr1, %c16 : i32
    %rc1 = arith.addi %c_a, %c0 : i32
    %ra1 = arith.addi %rm1, %rc1 : i32
    %rp1 = llvm.getelementptr %a[%ra1] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f16
    %rv1 = llvm.load %rp1 {alignment = 4 : i64} : !llvm.ptr<1> -> vector<2xf16>
    %re1:2 = vector.to_elements %rv1 : vector<2xf16>
    %rr2 = arith.addi %row_a, %c0 : i32
    %rm2 = arith.muli %rr2, %c16 : i32
    %rc2 = arith.addi %c_a, %c8 : i32
    %ra2 = arith.addi %rm2, %rc2 : i32
    %rp2 = llvm.getelementptr %a[%ra2] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f16
    %rv2 = llvm.load %rp2 {alignment = 4 : i64} : !llvm.ptr<1> -> vector<2xf16>
    %re2:2 = vector.to_elements %rv2 : vector<2xf16>
    %rr3 = arith.addi %row_a, %c8 : i32
    %rm3 = arith.muli %rr3, %c16 : i32
    %rc3 = arith.addi %c_a, %c8 : i32
    %ra3 = arith.addi %rm3, %rc3 : i32
    %rp3 = llvm.getelementptr %a[%ra3] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f16
    %rv3 = llvm.load %rp3 {alignment = 4 : i64} : !llvm.ptr<1> -> vector<2xf16>
    %re3:2 = vector.to_elements %rv3 : vector<2xf16>
    %adesc = vector.from_elements %re0#0, %re0#1, %re1#0, %re1#1, %re2#0, %re2#1, %re3#0, %re3#1 : vector<8xf16>
    %baddr = llvm.ptrtoint %shared : !llvm.ptr<3> to i32
    %baddr_at = arith.addi %baddr, %c16384 : i32
    %bunits = arith.divui %baddr_at, %c16 : i32
    %blow = arith.extui %bunits : i32 to i64
    %bfixed = arith.constant 4611686293309489152 : i64
    %bdesc = arith.addi %blow, %bfixed : i64
    %zeros = arith.constant dense<0.0> : vector<32xf32>
    nvvm.wgmma.fence.aligned
    %started = sparse_gpu.wgmma f16 %adesc, %bdesc, %zeros transpose_b : vector<8xf16>, vector<32xf32>
    nvvm.wgmma.commit.group.sync.aligned
    %d_all = sparse_gpu.wgmma_wait 0, %started : vector<32xf32>
    %lane = arith.remui %thread, %c32 : i32
    %warp = arith.divui %thread, %c32 : i32
    %quad = arith.divui %lane, %c4 : i32
    %in_quad = arith.remui %lane, %c4 : i32
    %pair = arith.muli %in_quad, %c2 : i32
    %top = arith.muli %warp, %c16 : i32
    %row = arith.addi %top, %quad : i32
    %line = arith.muli %row, %c64 : i32
    %corner = arith.addi %line, %pair : i32
    %d0 = vector.extract_strided_slice %d_all {offsets = [0], sizes = [2], strides = [1]} : vector<32xf32> to vector<2xf32>
    %to0 = arith.addi %corner, %c0 : i32
    %dp0 = llvm.getelementptr %d[%to0] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    llvm.store %d0, %dp0 {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<1>
    %d1 = vector.extract_strided_slice %d_all {offsets = [2], sizes = [2], strides = [1]} : vector<32xf32> to vector<2xf32>
    %to1 = arith.addi %corner, %c512 : i32
    %dp1 = llvm.getelementptr %d[%to1] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    llvm.store %d1, %dp1 {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<1>
    %d2 = vector.extract_strided_slice %d_all {offsets = [4], sizes = [2], strides = [1]} : vector<32xf32> to vector<2xf32>
    %to2 = arith.addi %corner, %c8 : i32
    %dp2 = llvm.getelementptr %d[%to2] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    llvm.store %d2, %dp2 {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<1>
    %d3 = vector.extract_strided_slice %d_all {offsets = [6], sizes = [2], strides = [1]} : vector<32xf32> to vector<2xf32>
    %to3 = arith.addi %corner, %c520 : i32
    %dp3 = llvm.getelementptr %d[%to3] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    llvm.store %d3, %dp3 {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<1>
    %d4 = vector.extract_strided_slice %d_all {offsets = [8], sizes = [2], strides = [1]} : vector<32xf32> to vector<2xf32>
    %to4 = arith.addi %corner, %c16 : i32
    %dp4 = llvm.getelementptr %d[%to4] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    llvm.store %d4, %dp4 {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<1>
    %d5 = vector.extract_strided_slice %d_all {offsets = [10], sizes = [2], strides = [1]} : vector<32xf32> to vector<2xf32>
    %to5 = arith.addi %corner, %c528 : i32
    %dp5 = llvm.getelementptr %d[%to5] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    llvm.store %d5, %dp5 {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<1>
    %d6 = vector.extract_strided_slice %d_all {offsets = [12], sizes = [2], strides = [1]} : vector<32xf32> to vector<2xf32>
    %to6 = arith.addi %corner, %c24 : i32
    %dp6 = llvm.getelementptr %d[%to6] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    llvm.store %d6, %dp6 {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<1>
    %d7 = vector.extract_strided_slice %d_all {offsets = [14], sizes = [2], strides = [1]} : vector<32xf32> to vector<2xf32>
    %to7 = arith.addi %corner, %c536 : i32
    %dp7 = llvm.getelementptr %d[%to7] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    llvm.store %d7, %dp7 {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<1>
    %d8 = vector.extract_strided_slice %d_all {offsets = [16], sizes = [2], strides = [1]} : vector<32xf32> to vector<2xf32>
    %to8 = arith.addi %corner, %c32 : i32
    %dp8 = llvm.getelementptr %d[%to8] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    llvm.store %d8, %dp8 {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<1>
    %d9 = vector.extract_strided_slice %d_all {offsets = [18], sizes = [2], strides = [1]} : vector<32xf32> to vector<2xf32>
    %to9 = arith.addi %corner, %c544 : i32
    %dp9 = llvm.getelementptr %d[%to9] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    llvm.store %d9, %dp9 {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<1>
    %d10 = vector.extract_strided_slice %d_all {offsets = [20], sizes = [2], strides = [1]} : vector<32xf32> to vector<2xf32>
    %to10 = arith.addi %corner, %c40 : i32
    %dp10 = llvm.getelementptr %d[%to10] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    llvm.store %d10, %dp10 {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<1>
    %d11 = vector.extract_strided_slice %d_all {offsets = [22], sizes = [2], strides = [1]} : vector<32xf32> to vector<2xf32>
    %to11 = arith.addi %corner, %c552 : i32
    %dp11 = llvm.getelementptr %d[%to11] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    llvm.store %d11, %dp11 {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<1>
    %d12 = vector.extract_strided_slice %d_all {offsets = [24], sizes = [2], strides = [1]} : vector<32xf32> to vector<2xf32>
    %to12 = arith.addi %corner, %c48 : i32
    %dp12 = llvm.getelementptr %d[%to12] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    llvm.store %d12, %dp12 {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<1>
    %d13 = vector.extract_strided_slice %d_all {offsets = [26], sizes = [2], strides = [1]} : vector<32xf32> to vector<2xf32>
    %to13 = arith.addi %corner, %c560 : i32
    %dp13 = llvm.getelementptr %d[%to13] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    llvm.store %d13, %dp13 {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<1>
    %d14 = vector.extract_strided_slice %d_all {offsets = [28], sizes = [2], strides = [1]} : vector<32xf32> to vector<2xf32>
    %to14 = arith.addi %corner, %c56 : i32
    %dp14 = llvm.getelementptr %d[%to14] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    llvm.store %d14, %dp14 {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<1>
    %d15 = vector.extract_strided_slice %d_all {offsets = [30], sizes = [2], strides = [1]} : vector<32xf32> to vector<2xf32>
    %to15 = arith.addi %corner, %c568 : i32
    %dp15 = llvm.getelementptr %d[%to15] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    llvm.store %d15, %dp15 {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<1>
    gpu.return
  }

  gpu.func @plain(%a: !llvm.ptr<1>, %b: !llvm.ptr<1>, %d: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c16 = arith.constant 16 : i32
    %c64 = arith.constant 64 : i32
    %c128 = arith.constant 128 : i32
    %c4096 = arith.constant 4096 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %zero = arith.constant 0.0 : f32
    scf.for %at = %thread to %c4096 step %c128 : i32 {
    %row = arith.divui %at, %c64 : i32
    %col = arith.remui %at, %c64 : i32
    %sum = scf.for %s = %c0 to %c16 step %c1 iter_args(%so_far = %zero) -> (f32) : i32 {
    %a_row = arith.muli %row, %c16 : i32
    %a_at = arith.addi %a_row, %s : i32
    %a_pointer = llvm.getelementptr %a[%a_at] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f16
    %x = llvm.load %a_pointer : !llvm.ptr<1> -> f16
    %k = arith.addi %s, %c0 : i32
    %b_row = arith.muli %k, %c64 : i32
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

func.func @main(%a: memref<64x16xf16>, %b: memref<16x64xf16>, %d: memref<64x64xf32> {test.output}, %e: memref<64x64xf32> {test.output}) {
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  %bytes0 = arith.constant 0 : i32
  %bytes32768 = arith.constant 32768 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<64x16xf16> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  %b_index = memref.extract_aligned_pointer_as_index %b : memref<16x64xf16> -> index
  %b_address = arith.index_cast %b_index : index to i64
  %b_pointer = llvm.inttoptr %b_address : i64 to !llvm.ptr<1>
  %d_index = memref.extract_aligned_pointer_as_index %d : memref<64x64xf32> -> index
  %d_address = arith.index_cast %d_index : index to i64
  %d_pointer = llvm.inttoptr %d_address : i64 to !llvm.ptr<1>
  %e_index = memref.extract_aligned_pointer_as_index %e : memref<64x64xf32> -> index
  %e_address = arith.index_cast %e_index : index to i64
  %e_pointer = llvm.inttoptr %e_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@product blocks in (%c1, %c1, %c1) threads in (%c128, %c1, %c1)
      dynamic_shared_memory_size %bytes32768 args(%a_pointer : !llvm.ptr<1>, %b_pointer : !llvm.ptr<1>, %d_pointer : !llvm.ptr<1>)
  gpu.launch_func @device::@plain blocks in (%c1, %c1, %c1) threads in (%c128, %c1, %c1)
      dynamic_shared_memory_size %bytes0 args(%a_pointer : !llvm.ptr<1>, %b_pointer : !llvm.ptr<1>, %e_pointer : !llvm.ptr<1>)
  return
}
}
