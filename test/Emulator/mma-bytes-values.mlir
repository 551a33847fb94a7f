// RUN: sparse-opt %s -test-emulate -o /dev/null | FileCheck %s

// Sums of i32 wrap. Of 8-bit floats subnormals count, e4m3 has a NaN and no
// infinity, e5m2 has both.
module attributes {gpu.container_module} {
gpu.module @device {
  gpu.func @kernel(%integers: !llvm.ptr<1>, %floats: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %lane = nvvm.read.ptx.sreg.laneid : i32
    %leads = arith.cmpi eq, %lane, %c0 : i32

    // 32 * (-128) * (-128), 32 * 255 * (-1), 32 * 255 * 255.
    %least = arith.constant dense<-128> : vector<16xi8>
    %least8 = arith.constant dense<-128> : vector<8xi8>
    %ones = arith.constant dense<-1> : vector<16xi8>
    %ones8 = arith.constant dense<-1> : vector<8xi8>
    %sums = arith.constant dense<2147483647> : vector<4xi32>
    %zero = arith.constant dense<0> : vector<4xi32>
    %d0 = sparse_gpu.mma %least, %least8, %sums : vector<16xi8>, vector<8xi8>, vector<4xi32>
    %d1 = sparse_gpu.mma %ones, %ones8, %zero unsigned_a : vector<16xi8>, vector<8xi8>, vector<4xi32>
    %d2 = sparse_gpu.mma %ones, %ones8, %zero unsigned_a unsigned_b : vector<16xi8>, vector<8xi8>, vector<4xi32>
    %i0 = vector.extract %d0[0] : i32 from vector<4xi32>
    %i1 = vector.extract %d1[0] : i32 from vector<4xi32>
    %i2 = vector.extract %d2[0] : i32 from vector<4xi32>
    %all = vector.from_elements %i0, %i1, %i2 : vector<3xi32>

    // 32 * 448, 32 * 2^-9, 32 * 57344, 32 * 2^-16; whether 0x7f, 0x7c are numbers.
    %zeros = arith.constant dense<0.0> : vector<4xf32>
    %b = arith.constant dense<0x38> : vector<8xi8>
    %one = vector.bitcast %b : vector<8xi8> to vector<8xf8E4M3FN>
    %s = arith.constant dense<0x3C> : vector<8xi8>
    %unit = vector.bitcast %s : vector<8xi8> to vector<8xf8E5M2>
    %m0 = arith.constant dense<0x7E> : vector<16xi8>
    %m1 = arith.constant dense<0x01> : vector<16xi8>
    %m2 = arith.constant dense<0x7B> : vector<16xi8>
    %m3 = arith.constant dense<0x7F> : vector<16xi8>
    %m4 = arith.constant dense<0x7C> : vector<16xi8>
    %a0 = vector.bitcast %m0 : vector<16xi8> to vector<16xf8E4M3FN>
    %a1 = vector.bitcast %m1 : vector<16xi8> to vector<16xf8E4M3FN>
    %a2 = vector.bitcast %m2 : vector<16xi8> to vector<16xf8E5M2>
    %a3 = vector.bitcast %m1 : vector<16xi8> to vector<16xf8E5M2>
    %a4 = vector.bitcast %m3 : vector<16xi8> to vector<16xf8E4M3FN>
    %a5 = vector.bitcast %m4 : vector<16xi8> to vector<16xf8E5M2>
    %f0 = sparse_gpu.mma %a0, %one, %zeros : vector<16xf8E4M3FN>, vector<8xf8E4M3FN>, vector<4xf32>
    %f1 = sparse_gpu.mma %a1, %one, %zeros : vector<16xf8E4M3FN>, vector<8xf8E4M3FN>, vector<4xf32>
    %f2 = sparse_gpu.mma %a2, %unit, %zeros : vector<16xf8E5M2>, vector<8xf8E5M2>, vector<4xf32>
    %f3 = sparse_gpu.mma %a3, %unit, %zeros : vector<16xf8E5M2>, vector<8xf8E5M2>, vector<4xf32>
    %f4 = sparse_gpu.mma %a4, %one, %zeros : vector<16xf8E4M3FN>, vector<8xf8E4M3FN>, vector<4xf32>
    %f5 = sparse_gpu.mma %a5, %unit, %zeros : vector<16xf8E5M2>, vector<8xf8E5M2>, vector<4xf32>
    %nan = arith.cmpf uno, %f4, %f4 : vector<4xf32>
    %is_nan = arith.uitofp %nan : vector<4xi1> to vector<4xf32>
    %e0 = vector.extract %f0[0] : f32 from vector<4xf32>
    %e1 = vector.extract %f1[0] : f32 from vector<4xf32>
    %e2 = vector.extract %f2[0] : f32 from vector<4xf32>
    %e3 = vector.extract %f3[0] : f32 from vector<4xf32>
    %e4 = vector.extract %is_nan[0] : f32 from vector<4xf32>
    %e5 = vector.extract %f5[0] : f32 from vector<4xf32>
    %reals = vector.from_elements %e0, %e1, %e2, %e3, %e4, %e5 : vector<6xf32>
    scf.if %leads {
      llvm.store %all, %integers {alignment = 4 : i64} : vector<3xi32>, !llvm.ptr<1>
      llvm.store %reals, %floats {alignment = 4 : i64} : vector<6xf32>, !llvm.ptr<1>
    }
    gpu.return
  }
}

// CHECK: argument 0: 3 {{.*}} [-2146959361, -8160, 2080800]
// CHECK: argument 1: 6 {{.*}} [14336, 0.0625, 1835008, 0.00048828125, 1, inf]
func.func @main(%integers: memref<3xi32> {test.output}, %floats: memref<6xf32> {test.output}) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %integers_index = memref.extract_aligned_pointer_as_index %integers : memref<3xi32> -> index
  %integers_address = arith.index_cast %integers_index : index to i64
  %integers_pointer = llvm.inttoptr %integers_address : i64 to !llvm.ptr<1>
  %floats_index = memref.extract_aligned_pointer_as_index %floats : memref<6xf32> -> index
  %floats_address = arith.index_cast %floats_index : index to i64
  %floats_pointer = llvm.inttoptr %floats_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1) args(%integers_pointer : !llvm.ptr<1>, %floats_pointer : !llvm.ptr<1>)
  return
}
}
