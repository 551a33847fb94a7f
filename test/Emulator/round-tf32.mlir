// RUN: sparse-opt %s -test-emulate -o /dev/null | FileCheck %s

// Ties go away from zero, the greatest number to infinity; low bits are zero, a
// product of what was rounded is exact.
module attributes {gpu.container_module} {
gpu.module @device {
  gpu.func @kernel(%out: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %lane = nvvm.read.ptx.sreg.laneid : i32
    %leads = arith.cmpi eq, %lane, %c0 : i32
    // 1, and 2^-11 above it, less and more; -1 and 2^-11 below it; -(2 - 2^-23).
    %near = arith.constant dense<[1.0, 0x3F801000, 0x3F800FFF, 0x3F802FFF, 0xBF801000, 0xBFFFFFFF]> : vector<6xf32>
    %r0 = sparse_gpu.round_tf32 %near : vector<6xf32>
    // The greatest, infinities, a NaN whose payload is dropped, the least normal and subnormal numbers.
    %far = arith.constant dense<[0x7F7FFFFF, 0x7F800000, 0xFF800000, 0xFF800001, 0x00801000, 0x00001000]> : vector<6xf32>
    %r1 = sparse_gpu.round_tf32 %far : vector<6xf32>
    %b0 = vector.bitcast %r0 : vector<6xf32> to vector<6xi32>
    %b1 = vector.bitcast %r1 : vector<6xf32> to vector<6xi32>
    %at = llvm.getelementptr %out[24] : (!llvm.ptr<1>) -> !llvm.ptr<1>, i8
    scf.if %leads {
      llvm.store %b0, %out {alignment = 4 : i64} : vector<6xi32>, !llvm.ptr<1>
      llvm.store %b1, %at {alignment = 4 : i64} : vector<6xi32>, !llvm.ptr<1>
    }
    gpu.return
  }
}

// 0x3F800000 0x3F802000 0x3F800000 0x3F802000 0xBF802000 0xC0000000
// 0x7F800000 0x7F800000 0xFF800000 0xFF800000 0x00802000 0x00002000
// CHECK: argument 0: 12 {{.*}} [1065353216, 1065361408, 1065353216, 1065361408, -1082122240, -1073741824, 2139095040, 2139095040, -8388608, -8388608, 8396800, 8192]
func.func @main(%out: memref<12xi32> {test.output}) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %index = memref.extract_aligned_pointer_as_index %out : memref<12xi32> -> index
  %address = arith.index_cast %index : index to i64
  %pointer = llvm.inttoptr %address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1) args(%pointer : !llvm.ptr<1>)
  return
}
}
