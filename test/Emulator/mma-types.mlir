// RUN: sparse-opt %s -test-emulate -o /dev/null | FileCheck %s

// Of f32 operands the low 13 bits do not count; f16 sums are rounded to the
// nearest, ties to even; subnormal operands count.
module attributes {gpu.container_module} {
gpu.module @device {
  gpu.func @kernel(%out: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %lane = nvvm.read.ptx.sreg.laneid : i32
    %leads = arith.cmpi eq, %lane, %c0 : i32

    // 8 * (1 + 2^-23) * 1, and 8 * (1 + 2^-10) * 1.
    %low = arith.constant dense<0x3F800001> : vector<4xf32>
    %high = arith.constant dense<0x3F802000> : vector<4xf32>
    %one = arith.constant dense<1.0> : vector<2xf32>
    %zeros = arith.constant dense<0.0> : vector<4xf32>
    %d0 = sparse_gpu.mma %low, %one, %zeros : vector<4xf32>, vector<2xf32>, vector<4xf32>
    %d1 = sparse_gpu.mma %high, %one, %zeros : vector<4xf32>, vector<2xf32>, vector<4xf32>

    // 16 * 1 * 2^-4 + 2048, + 2050.
    %ones = arith.constant dense<1.0> : vector<8xf16>
    %small = arith.constant dense<0.0625> : vector<4xf16>
    %c = arith.constant dense<[2048.0, 2050.0, 2052.0, 1.0]> : vector<4xf16>
    %d2 = sparse_gpu.mma %ones, %small, %c : vector<8xf16>, vector<4xf16>, vector<4xf16>
    %wide = arith.extf %d2 : vector<4xf16> to vector<4xf32>

    // 16 * 2^-24 * 1.
    %least = arith.constant dense<0x0001> : vector<8xf16>
    %unit = arith.constant dense<1.0> : vector<4xf16>
    %d3 = sparse_gpu.mma %least, %unit, %zeros : vector<8xf16>, vector<4xf16>, vector<4xf32>
    %scale = arith.constant dense<0x4B800000> : vector<4xf32>
    %scaled = arith.mulf %d3, %scale : vector<4xf32>
    %e0:4 = vector.to_elements %wide : vector<4xf32>
    %e1 = vector.extract %d0[0] : f32 from vector<4xf32>
    %e2 = vector.extract %d1[0] : f32 from vector<4xf32>
    %e3 = vector.extract %scaled[0] : f32 from vector<4xf32>
    %all = vector.from_elements %e1, %e2, %e0#0, %e0#1, %e0#2, %e0#3, %e3 : vector<7xf32>
    scf.if %leads {
      llvm.store %all, %out {alignment = 4 : i64} : vector<7xf32>, !llvm.ptr<1>
    }
    gpu.return
  }
}

// CHECK: argument 0: 7 {{.*}} [8, 8.0078125, 2048, 2052, 2052, 2, 16]
func.func @main(%out: memref<7xf32> {test.output}) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %index = memref.extract_aligned_pointer_as_index %out : memref<7xf32> -> index
  %address = arith.index_cast %index : index to i64
  %pointer = llvm.inttoptr %address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1) args(%pointer : !llvm.ptr<1>)
  return
}
}
