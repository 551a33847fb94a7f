// RUN: sparse-opt %s -split-input-file -test-emulate -o /dev/null | FileCheck %s

// One wgmma on operands that a kernel lays out by the canonical layouts of the
// PTX ISA, and the same product in plain loops.

// f16, both in the 128-byte swizzle
// CHECK: argument 2: 64x16 weighted sum [[D:.*]]
// CHECK-NEXT: argument 3: 64x16 weighted sum [[D]]{{$}}
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @product(%a: !llvm.ptr<1>, %b: !llvm.ptr<1>, %d: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c2 = arith.constant 2 : i32
    %c4 = arith.constant 4 : i32
    %c8 = arith.constant 8 : i32
    %c16 = arith.constant 16 : i32
    %c32 = arith.constant 32 : i32
    %c128 = arith.constant 128 : i32
    %c136 = arith.constant 136 : i32
    %c256 = arith.constant 256 : i32
    %c1024 = arith.constant 1024 : i32
    %c16384 = arith.constant 16384 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    scf.for %ae = %thread to %c1024 step %c128 : i32 {
    %afirst = arith.divui %ae, %c16 : i32
    %asecond = arith.remui %ae, %c16 : i32
    %agp = llvm.getelementptr %a[%ae] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f16
    %av = llvm.load %agp : !llvm.ptr<1> -> f16
    %al8 = arith.remui %afirst, %c8 : i32
    %alh = arith.divui %afirst, %c8 : i32
    %ab = arith.muli %asecond, %c2 : i32
    %ain = arith.remui %ab, %c128 : i32
    %aout = arith.divui %ab, %c128 : i32
    %ax0 = arith.muli %al8, %c128 : i32
    %ax1 = arith.muli %alh, %c1024 : i32
    %ax2 = arith.muli %aout, %c0 : i32
    %ay0 = arith.addi %ax0, %ax1 : i32
    %ay1 = arith.addi %ax2, %ain : i32
    %ay2 = arith.addi %ay0, %ay1 : i32
    %az0 = arith.divui %ay2, %c128 : i32
    %az1 = arith.remui %az0, %c8 : i32
    %az2 = arith.muli %az1, %c16 : i32
    %az3 = arith.xori %ay2, %az2 : i32
    %aoff = arith.addi %az3, %c0 : i32
    %asp = llvm.getelementptr %shared[%aoff] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    llvm.store %av, %asp : f16, !llvm.ptr<3>
    }
    scf.for %be = %thread to %c256 step %c128 : i32 {
    %bfirst = arith.divui %be, %c16 : i32
    %bsecond = arith.remui %be, %c16 : i32
    %bgp = llvm.getelementptr %b[%be] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f16
    %bv = llvm.load %bgp : !llvm.ptr<1> -> f16
    %bl8 = arith.remui %bsecond, %c8 : i32
    %blh = arith.divui %bsecond, %c8 : i32
    %bb = arith.muli %bfirst, %c2 : i32
    %bin = arith.remui %bb, %c128 : i32
    %bout = arith.divui %bb, %c128 : i32
    %bx0 = arith.muli %bl8, %c128 : i32
    %bx1 = arith.muli %blh, %c1024 : i32
    %bx2 = arith.muli %bout, %c0 : i32
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
    %aaddr = llvm.ptrtoint %shared : !llvm.ptr<3> to i32
    %aaddr_at = arith.addi %aaddr, %c0 : i32
    %aunits = arith.divui %aaddr_at, %c16 : i32
    %alow = arith.extui %aunits : i32 to i64
    %afixed = arith.constant 4611686293305294848 : i64
    %adesc = arith.addi %alow, %afixed : i64
    %baddr = llvm.ptrtoint %shared : !llvm.ptr<3> to i32
    %baddr_at = arith.addi %baddr, %c16384 : i32
    %bunits = arith.divui %baddr_at, %c16 : i32
    %blow = arith.extui %bunits : i32 to i64
    %bfixed = arith.constant 4611686293305294848 : i64
    %bdesc = arith.addi %blow, %bfixed : i64
    %zeros = arith.constant dense<0.0> : vector<8xf32>
    nvvm.wgmma.fence.aligned
    %started = sparse_gpu.wgmma f16 %adesc, %bdesc, %zeros : i64, vector<8xf32>
    nvvm.wgmma.commit.group.sync.aligned
    %d_all = sparse_gpu.wgmma_wait 0, %started : vector<8xf32>
    %lane = arith.remui %thread, %c32 : i32
    %warp = arith.divui %thread, %c32 : i32
    %quad = arith.divui %lane, %c4 : i32
    %in_quad = arith.remui %lane, %c4 : i32
    %pair = arith.muli %in_quad, %c2 : i32
    %top = arith.muli %warp, %c16 : i32
    %row = arith.addi %top, %quad : i32
    %line = arith.muli %row, %c16 : i32
    %corner = arith.addi %line, %pair : i32
    %d0 = vector.extract_strided_slice %d_all {offsets = [0], sizes = [2], strides = [1]} : vector<8xf32> to vector<2xf32>
    %to0 = arith.addi %corner, %c0 : i32
    %dp0 = llvm.getelementptr %d[%to0] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    llvm.store %d0, %dp0 {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<1>
    %d1 = vector.extract_strided_slice %d_all {offsets = [2], sizes = [2], strides = [1]} : vector<8xf32> to vector<2xf32>
    %to1 = arith.addi %corner, %c128 : i32
    %dp1 = llvm.getelementptr %d[%to1] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    llvm.store %d1, %dp1 {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<1>
    %d2 = vector.extract_strided_slice %d_all {offsets = [4], sizes = [2], strides = [1]} : vector<8xf32> to vector<2xf32>
    %to2 = arith.addi %corner, %c8 : i32
    %dp2 = llvm.getelementptr %d[%to2] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    llvm.store %d2, %dp2 {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<1>
    %d3 = vector.extract_strided_slice %d_all {offsets = [6], sizes = [2], strides = [1]} : vector<8xf32> to vector<2xf32>
    %to3 = arith.addi %corner, %c136 : i32
    %dp3 = llvm.getelementptr %d[%to3] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    llvm.store %d3, %dp3 {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<1>
    gpu.return
  }

  gpu.func @plain(%a: !llvm.ptr<1>, %b: !llvm.ptr<1>, %d: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c16 = arith.constant 16 : i32
    %c128 = arith.constant 128 : i32
    %c1024 = arith.constant 1024 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %zero = arith.constant 0.0 : f32
    scf.for %at = %thread to %c1024 step %c128 : i32 {
    %row = arith.divui %at, %c16 : i32
    %col = arith.remui %at, %c16 : i32
    %sum = scf.for %s = %c0 to %c16 step %c1 iter_args(%so_far = %zero) -> (f32) : i32 {
    %a_row = arith.muli %row, %c16 : i32
    %a_at = arith.addi %a_row, %s : i32
    %a_pointer = llvm.getelementptr %a[%a_at] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f16
    %x = llvm.load %a_pointer : !llvm.ptr<1> -> f16
    %k = arith.addi %s, %c0 : i32
    %b_row = arith.muli %k, %c16 : i32
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

func.func @main(%a: memref<64x16xf16>, %b: memref<16x16xf16>, %d: memref<64x16xf32> {test.output}, %e: memref<64x16xf32> {test.output}) {
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  %bytes0 = arith.constant 0 : i32
  %bytes32768 = arith.constant 32768 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<64x16xf16> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  %b_index = memref.extract_aligned_pointer_as_index %b : memref<16x16xf16> -> index
  %b_address = arith.index_cast %b_index : index to i64
  %b_pointer = llvm.inttoptr %b_address : i64 to !llvm.ptr<1>
  %d_index = memref.extract_aligned_pointer_as_index %d : memref<64x16xf32> -> index
  %d_address = arith.index_cast %d_index : index to i64
  %d_pointer = llvm.inttoptr %d_address : i64 to !llvm.ptr<1>
  %e_index = memref.extract_aligned_pointer_as_index %e : memref<64x16xf32> -> index
  %e_address = arith.index_cast %e_index : index to i64
  %e_pointer = llvm.inttoptr %e_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@product blocks in (%c1, %c1, %c1) threads in (%c128, %c1, %c1)
      dynamic_shared_memory_size %bytes32768 args(%a_pointer : !llvm.ptr<1>, %b_pointer : !llvm.ptr<1>, %d_pointer : !llvm.ptr<1>)
  gpu.launch_func @device::@plain blocks in (%c1, %c1, %c1) threads in (%c128, %c1, %c1)
      dynamic_shared_memory_size %bytes0 args(%a_pointer : !llvm.ptr<1>, %b_pointer : !llvm.ptr<1>, %e_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// bf16, a without swizzle, b in the 64-byte one
// CHECK: argument 2: 64x8 weighted sum [[D:.*]]
// CHECK-NEXT: argument 3: 64x8 weighted sum [[D]]{{$}}
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @product(%a: !llvm.ptr<1>, %b: !llvm.ptr<1>, %d: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c2 = arith.constant 2 : i32
    %c4 = arith.constant 4 : i32
    %c8 = arith.constant 8 : i32
    %c16 = arith.constant 16 : i32
    %c32 = arith.constant 32 : i32
    %c64 = arith.constant 64 : i32
    %c128 = arith.constant 128 : i32
    %c256 = arith.constant 256 : i32
    %c512 = arith.constant 512 : i32
    %c1024 = arith.constant 1024 : i32
    %c16384 = arith.constant 16384 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    scf.for %ae = %thread to %c1024 step %c128 : i32 {
    %afirst = arith.divui %ae, %c16 : i32
    %asecond = arith.remui %ae, %c16 : i32
    %agp = llvm.getelementptr %a[%ae] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, bf16
    %av = llvm.load %agp : !llvm.ptr<1> -> bf16
    %al8 = arith.remui %afirst, %c8 : i32
    %alh = arith.divui %afirst, %c8 : i32
    %ab = arith.muli %asecond, %c2 : i32
    %ain = arith.remui %ab, %c16 : i32
    %aout = arith.divui %ab, %c16 : i32
    %ax0 = arith.muli %al8, %c16 : i32
    %ax1 = arith.muli %alh, %c256 : i32
    %ax2 = arith.muli %aout, %c128 : i32
    %ay0 = arith.addi %ax0, %ax1 : i32
    %ay1 = arith.addi %ax2, %ain : i32
    %ay2 = arith.addi %ay0, %ay1 : i32
    %aoff = arith.addi %ay2, %c0 : i32
    %asp = llvm.getelementptr %shared[%aoff] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    llvm.store %av, %asp : bf16, !llvm.ptr<3>
    }
    scf.for %be = %thread to %c128 step %c128 : i32 {
    %bfirst = arith.divui %be, %c8 : i32
    %bsecond = arith.remui %be, %c8 : i32
    %bgp = llvm.getelementptr %b[%be] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, bf16
    %bv = llvm.load %bgp : !llvm.ptr<1> -> bf16
    %bl8 = arith.remui %bsecond, %c8 : i32
    %blh = arith.divui %bsecond, %c8 : i32
    %bb = arith.muli %bfirst, %c2 : i32
    %bin = arith.remui %bb, %c64 : i32
    %bout = arith.divui %bb, %c64 : i32
    %bx0 = arith.muli %bl8, %c64 : i32
    %bx1 = arith.muli %blh, %c512 : i32
    %bx2 = arith.muli %bout, %c0 : i32
    %by0 = arith.addi %bx0, %bx1 : i32
    %by1 = arith.addi %bx2, %bin : i32
    %by2 = arith.addi %by0, %by1 : i32
    %bz0 = arith.divui %by2, %c128 : i32
    %bz1 = arith.remui %bz0, %c4 : i32
    %bz2 = arith.muli %bz1, %c16 : i32
    %bz3 = arith.xori %by2, %bz2 : i32
    %boff = arith.addi %bz3, %c16384 : i32
    %bsp = llvm.getelementptr %shared[%boff] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    llvm.store %bv, %bsp : bf16, !llvm.ptr<3>
    }
    nvvm.fence.proxy {kind = #nvvm.proxy_kind<async.shared>, space = #nvvm.shared_space<cta>}
    nvvm.barrier
    %aaddr = llvm.ptrtoint %shared : !llvm.ptr<3> to i32
    %aaddr_at = arith.addi %aaddr, %c0 : i32
    %aunits = arith.divui %aaddr_at, %c16 : i32
    %alow = arith.extui %aunits : i32 to i64
    %afixed = arith.constant 68720001024 : i64
    %adesc = arith.addi %alow, %afixed : i64
    %baddr = llvm.ptrtoint %shared : !llvm.ptr<3> to i32
    %baddr_at = arith.addi %baddr, %c16384 : i32
    %bunits = arith.divui %baddr_at, %c16 : i32
    %blow = arith.extui %bunits : i32 to i64
    %bfixed = arith.constant 9223372174293729280 : i64
    %bdesc = arith.addi %blow, %bfixed : i64
    %zeros = arith.constant dense<0.0> : vector<4xf32>
    nvvm.wgmma.fence.aligned
    %started = sparse_gpu.wgmma bf16 %adesc, %bdesc, %zeros : i64, vector<4xf32>
    nvvm.wgmma.commit.group.sync.aligned
    %d_all = sparse_gpu.wgmma_wait 0, %started : vector<4xf32>
    %lane = arith.remui %thread, %c32 : i32
    %warp = arith.divui %thread, %c32 : i32
    %quad = arith.divui %lane, %c4 : i32
    %in_quad = arith.remui %lane, %c4 : i32
    %pair = arith.muli %in_quad, %c2 : i32
    %top = arith.muli %warp, %c16 : i32
    %row = arith.addi %top, %quad : i32
    %line = arith.muli %row, %c8 : i32
    %corner = arith.addi %line, %pair : i32
    %d0 = vector.extract_strided_slice %d_all {offsets = [0], sizes = [2], strides = [1]} : vector<4xf32> to vector<2xf32>
    %to0 = arith.addi %corner, %c0 : i32
    %dp0 = llvm.getelementptr %d[%to0] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    llvm.store %d0, %dp0 {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<1>
    %d1 = vector.extract_strided_slice %d_all {offsets = [2], sizes = [2], strides = [1]} : vector<4xf32> to vector<2xf32>
    %to1 = arith.addi %corner, %c64 : i32
    %dp1 = llvm.getelementptr %d[%to1] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    llvm.store %d1, %dp1 {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<1>
    gpu.return
  }

  gpu.func @plain(%a: !llvm.ptr<1>, %b: !llvm.ptr<1>, %d: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c8 = arith.constant 8 : i32
    %c16 = arith.constant 16 : i32
    %c128 = arith.constant 128 : i32
    %c512 = arith.constant 512 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %zero = arith.constant 0.0 : f32
    scf.for %at = %thread to %c512 step %c128 : i32 {
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

func.func @main(%a: memref<64x16xbf16>, %b: memref<16x8xbf16>, %d: memref<64x8xf32> {test.output}, %e: memref<64x8xf32> {test.output}) {
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  %bytes0 = arith.constant 0 : i32
  %bytes32768 = arith.constant 32768 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<64x16xbf16> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  %b_index = memref.extract_aligned_pointer_as_index %b : memref<16x8xbf16> -> index
  %b_address = arith.index_cast %b_index : index to i64
  %b_pointer = llvm.inttoptr %b_address : i64 to !llvm.ptr<1>
  %d_index = memref.extract_aligned_pointer_as_index %d : memref<64x8xf32> -> index
  %d_address = arith.index_cast %d_index : index to i64
  %d_pointer = llvm.inttoptr %d_address : i64 to !llvm.ptr<1>
  %e_index = memref.extract_aligned_pointer_as_index %e : memref<64x8xf32> -> index
  %e_address = arith.index_cast %e_index : index to i64
  %e_pointer = llvm.inttoptr %e_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@product blocks in (%c1, %c1, %c1) threads in (%c128, %c1, %c1)
      dynamic_shared_memory_size %bytes32768 args(%a_pointer : !llvm.ptr<1>, %b_pointer : !llvm.ptr<1>, %d_pointer : !llvm.ptr<1>)
  gpu.launch_func @device::@plain blocks in (%c1, %c1, %c1) threads in (%c128, %c1, %c1)
      dynamic_shared_memory_size %bytes0 args(%a_pointer : !llvm.ptr<1>, %b_pointer : !llvm.ptr<1>, %e_pointer : !llvm.ptr<1>)
  return
}
}
