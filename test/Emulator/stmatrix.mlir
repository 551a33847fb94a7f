// RUN: sparse-opt %s -split-input-file -test-emulate -o /dev/null | FileCheck %s

// Lane l's half h of register m is the number 64 * m + 2 * l + h.

// CHECK: argument 0: 8x8 weighted sum {{.*}} [0, 1, 2, 3, 4, 5, 6, 7; 8, 9, 10, 11, 12, 13, 14, 15; 16, 17, 18, 19, 20, 21, 22, 23; 24, 25, 26, 27, 28, 29, 30, 31; 32, 33, 34, 35, 36, 37, 38, 39; 40, 41, 42, 43, 44, 45, 46, 47; 48, 49, 50, 51, 52, 53, 54, 55; 56, 57, 58, 59, 60, 61, 62, 63]
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @store(%out: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c2 = arith.constant 2 : i32
    %c3 = arith.constant 3 : i32
    %c4 = arith.constant 4 : i32
    %c8 = arith.constant 8 : i32
    %c16 = arith.constant 16 : i32
    %c31 = arith.constant 31 : i32
    %c32 = arith.constant 32 : i32
    %c64 = arith.constant 64 : i32
    %c96 = arith.constant 96 : i32
    %c131074 = arith.constant 131074 : i32
    %c65536 = arith.constant 65536 : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %lane = nvvm.read.ptx.sreg.tid.x : i32
    %bytes = arith.muli %lane, %c16 : i32
    %row = llvm.getelementptr %shared[%bytes] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    %word = arith.muli %lane, %c4 : i32
    %w0 = arith.muli %word, %c131074 : i32
    %x0 = arith.addi %w0, %c65536 : i32
    %x1 = arith.addi %x0, %c131074 : i32
    %x2 = arith.addi %x1, %c131074 : i32
    %x3 = arith.addi %x2, %c131074 : i32
    %x = vector.from_elements %x0, %x1, %x2, %x3 : vector<4xi32>
    llvm.store %x, %row {alignment = 16 : i64} : vector<4xi32>, !llvm.ptr<3>
    %all = arith.constant -1 : i32
    nvvm.bar.warp.sync %all : i32
    %n0 = arith.constant 0 : i32
    %base = arith.constant 512 : i32
    %to = arith.addi %bytes, %base : i32
    %target = llvm.getelementptr %shared[%to] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    %s0 = arith.addi %lane, %n0 : i32
    %t0 = arith.muli %s0, %c131074 : i32
    %r0 = arith.addi %t0, %c65536 : i32
    nvvm.stmatrix %target, %r0 {layout = #nvvm.mma_layout<row>, shape = #nvvm.ld_st_matrix_shape<m = 8, n = 8>, eltType = #nvvm.ld_st_matrix_elt_type<b16>} : !llvm.ptr<3>, i32
    nvvm.bar.warp.sync %all : i32
    %rows = arith.constant 8 : i32
    %mine = arith.cmpi slt, %lane, %rows : i32
    scf.if %mine {
    %v = llvm.load %target {alignment = 16 : i64} : !llvm.ptr<3> -> vector<4xi32>
    %p = llvm.getelementptr %out[%bytes] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    llvm.store %v, %p {alignment = 16 : i64} : vector<4xi32>, !llvm.ptr<1>
    }
    gpu.return
  }
}

func.func @main(%out: memref<8x8xi16> {test.output}) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes1024 = arith.constant 1024 : i32
  %out_index = memref.extract_aligned_pointer_as_index %out : memref<8x8xi16> -> index
  %out_address = arith.index_cast %out_index : index to i64
  %out_pointer = llvm.inttoptr %out_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@store blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes1024 args(%out_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// CHECK: argument 0: 16x8 weighted sum {{.*}} [0, 8, 16, 24, 32, 40, 48, 56; 1, 9, 17, 25, 33, 41, 49, 57; 2, 10, 18, 26, 34, 42, 50, 58; 3, 11, 19, 27, 35, 43, 51, 59; 4, 12, 20, 28, 36, 44, 52, 60; 5, 13, 21, 29, 37, 45, 53, 61; 6, 14, 22, 30, 38, 46, 54, 62; 7, 15, 23, 31, 39, 47, 55, 63; 64, 72, 80, 88, 96, 104, 112, 120; 65, 73, 81, 89, 97, 105, 113, 121; 66, 74, 82, 90, 98, 106, 114, 122; 67, 75, 83, 91, 99, 107, 115, 123; 68, 76, 84, 92, 100, 108, 116, 124; 69, 77, 85, 93, 101, 109, 117, 125; 70, 78, 86, 94, 102, 110, 118, 126; 71, 79, 87, 95, 103, 111, 119, 127]
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @store(%out: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c2 = arith.constant 2 : i32
    %c3 = arith.constant 3 : i32
    %c4 = arith.constant 4 : i32
    %c8 = arith.constant 8 : i32
    %c16 = arith.constant 16 : i32
    %c31 = arith.constant 31 : i32
    %c32 = arith.constant 32 : i32
    %c64 = arith.constant 64 : i32
    %c96 = arith.constant 96 : i32
    %c131074 = arith.constant 131074 : i32
    %c65536 = arith.constant 65536 : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %lane = nvvm.read.ptx.sreg.tid.x : i32
    %bytes = arith.muli %lane, %c16 : i32
    %row = llvm.getelementptr %shared[%bytes] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    %word = arith.muli %lane, %c4 : i32
    %w0 = arith.muli %word, %c131074 : i32
    %x0 = arith.addi %w0, %c65536 : i32
    %x1 = arith.addi %x0, %c131074 : i32
    %x2 = arith.addi %x1, %c131074 : i32
    %x3 = arith.addi %x2, %c131074 : i32
    %x = vector.from_elements %x0, %x1, %x2, %x3 : vector<4xi32>
    llvm.store %x, %row {alignment = 16 : i64} : vector<4xi32>, !llvm.ptr<3>
    %all = arith.constant -1 : i32
    nvvm.bar.warp.sync %all : i32
    %n0 = arith.constant 0 : i32
    %n1 = arith.constant 32 : i32
    %base = arith.constant 512 : i32
    %to = arith.addi %bytes, %base : i32
    %target = llvm.getelementptr %shared[%to] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    %s0 = arith.addi %lane, %n0 : i32
    %t0 = arith.muli %s0, %c131074 : i32
    %r0 = arith.addi %t0, %c65536 : i32
    %s1 = arith.addi %lane, %n1 : i32
    %t1 = arith.muli %s1, %c131074 : i32
    %r1 = arith.addi %t1, %c65536 : i32
    nvvm.stmatrix %target, %r0, %r1 {layout = #nvvm.mma_layout<col>, shape = #nvvm.ld_st_matrix_shape<m = 8, n = 8>, eltType = #nvvm.ld_st_matrix_elt_type<b16>} : !llvm.ptr<3>, i32, i32
    nvvm.bar.warp.sync %all : i32
    %rows = arith.constant 16 : i32
    %mine = arith.cmpi slt, %lane, %rows : i32
    scf.if %mine {
    %v = llvm.load %target {alignment = 16 : i64} : !llvm.ptr<3> -> vector<4xi32>
    %p = llvm.getelementptr %out[%bytes] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    llvm.store %v, %p {alignment = 16 : i64} : vector<4xi32>, !llvm.ptr<1>
    }
    gpu.return
  }
}

func.func @main(%out: memref<16x8xi16> {test.output}) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes1024 = arith.constant 1024 : i32
  %out_index = memref.extract_aligned_pointer_as_index %out : memref<16x8xi16> -> index
  %out_address = arith.index_cast %out_index : index to i64
  %out_pointer = llvm.inttoptr %out_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@store blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes1024 args(%out_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// CHECK: argument 0: 32x8 weighted sum {{.*}} [0, 1, 2, 3, 4, 5, 6, 7; 8, 9, 10, 11, 12, 13, 14, 15; 16, 17, 18, 19, 20, 21, 22, 23; 24, 25, 26, 27, 28, 29, 30, 31; 32, 33, 34, 35, 36, 37, 38, 39; 40, 41, 42, 43, 44, 45, 46, 47; 48, 49, 50, 51, 52, 53, 54, 55; 56, 57, 58, 59, 60, 61, 62, 63; 64, 65, 66, 67, 68, 69, 70, 71; 72, 73, 74, 75, 76, 77, 78, 79; 80, 81, 82, 83, 84, 85, 86, 87; 88, 89, 90, 91, 92, 93, 94, 95; 96, 97, 98, 99, 100, 101, 102, 103; 104, 105, 106, 107, 108, 109, 110, 111; 112, 113, 114, 115, 116, 117, 118, 119; 120, 121, 122, 123, 124, 125, 126, 127; 128, 129, 130, 131, 132, 133, 134, 135; 136, 137, 138, 139, 140, 141, 142, 143; 144, 145, 146, 147, 148, 149, 150, 151; 152, 153, 154, 155, 156, 157, 158, 159; 160, 161, 162, 163, 164, 165, 166, 167; 168, 169, 170, 171, 172, 173, 174, 175; 176, 177, 178, 179, 180, 181, 182, 183; 184, 185, 186, 187, 188, 189, 190, 191; 192, 193, 194, 195, 196, 197, 198, 199; 200, 201, 202, 203, 204, 205, 206, 207; 208, 209, 210, 211, 212, 213, 214, 215; 216, 217, 218, 219, 220, 221, 222, 223; 224, 225, 226, 227, 228, 229, 230, 231; 232, 233, 234, 235, 236, 237, 238, 239; 240, 241, 242, 243, 244, 245, 246, 247; 248, 249, 250, 251, 252, 253, 254, 255]
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @store(%out: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c2 = arith.constant 2 : i32
    %c3 = arith.constant 3 : i32
    %c4 = arith.constant 4 : i32
    %c8 = arith.constant 8 : i32
    %c16 = arith.constant 16 : i32
    %c31 = arith.constant 31 : i32
    %c32 = arith.constant 32 : i32
    %c64 = arith.constant 64 : i32
    %c96 = arith.constant 96 : i32
    %c131074 = arith.constant 131074 : i32
    %c65536 = arith.constant 65536 : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %lane = nvvm.read.ptx.sreg.tid.x : i32
    %bytes = arith.muli %lane, %c16 : i32
    %row = llvm.getelementptr %shared[%bytes] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    %word = arith.muli %lane, %c4 : i32
    %w0 = arith.muli %word, %c131074 : i32
    %x0 = arith.addi %w0, %c65536 : i32
    %x1 = arith.addi %x0, %c131074 : i32
    %x2 = arith.addi %x1, %c131074 : i32
    %x3 = arith.addi %x2, %c131074 : i32
    %x = vector.from_elements %x0, %x1, %x2, %x3 : vector<4xi32>
    llvm.store %x, %row {alignment = 16 : i64} : vector<4xi32>, !llvm.ptr<3>
    %all = arith.constant -1 : i32
    nvvm.bar.warp.sync %all : i32
    %n0 = arith.constant 0 : i32
    %n1 = arith.constant 32 : i32
    %n2 = arith.constant 64 : i32
    %n3 = arith.constant 96 : i32
    %base = arith.constant 512 : i32
    %to = arith.addi %bytes, %base : i32
    %target = llvm.getelementptr %shared[%to] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    %s0 = arith.addi %lane, %n0 : i32
    %t0 = arith.muli %s0, %c131074 : i32
    %r0 = arith.addi %t0, %c65536 : i32
    %s1 = arith.addi %lane, %n1 : i32
    %t1 = arith.muli %s1, %c131074 : i32
    %r1 = arith.addi %t1, %c65536 : i32
    %s2 = arith.addi %lane, %n2 : i32
    %t2 = arith.muli %s2, %c131074 : i32
    %r2 = arith.addi %t2, %c65536 : i32
    %s3 = arith.addi %lane, %n3 : i32
    %t3 = arith.muli %s3, %c131074 : i32
    %r3 = arith.addi %t3, %c65536 : i32
    nvvm.stmatrix %target, %r0, %r1, %r2, %r3 {layout = #nvvm.mma_layout<row>, shape = #nvvm.ld_st_matrix_shape<m = 8, n = 8>, eltType = #nvvm.ld_st_matrix_elt_type<b16>} : !llvm.ptr<3>, i32, i32, i32, i32
    nvvm.bar.warp.sync %all : i32
    %rows = arith.constant 32 : i32
    %mine = arith.cmpi slt, %lane, %rows : i32
    scf.if %mine {
    %v = llvm.load %target {alignment = 16 : i64} : !llvm.ptr<3> -> vector<4xi32>
    %p = llvm.getelementptr %out[%bytes] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    llvm.store %v, %p {alignment = 16 : i64} : vector<4xi32>, !llvm.ptr<1>
    }
    gpu.return
  }
}

func.func @main(%out: memref<32x8xi16> {test.output}) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes1024 = arith.constant 1024 : i32
  %out_index = memref.extract_aligned_pointer_as_index %out : memref<32x8xi16> -> index
  %out_address = arith.index_cast %out_index : index to i64
  %out_pointer = llvm.inttoptr %out_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@store blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes1024 args(%out_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// CHECK: argument 0: 32x8 weighted sum {{.*}} [0, 8, 16, 24, 32, 40, 48, 56; 1, 9, 17, 25, 33, 41, 49, 57; 2, 10, 18, 26, 34, 42, 50, 58; 3, 11, 19, 27, 35, 43, 51, 59; 4, 12, 20, 28, 36, 44, 52, 60; 5, 13, 21, 29, 37, 45, 53, 61; 6, 14, 22, 30, 38, 46, 54, 62; 7, 15, 23, 31, 39, 47, 55, 63; 64, 72, 80, 88, 96, 104, 112, 120; 65, 73, 81, 89, 97, 105, 113, 121; 66, 74, 82, 90, 98, 106, 114, 122; 67, 75, 83, 91, 99, 107, 115, 123; 68, 76, 84, 92, 100, 108, 116, 124; 69, 77, 85, 93, 101, 109, 117, 125; 70, 78, 86, 94, 102, 110, 118, 126; 71, 79, 87, 95, 103, 111, 119, 127; 128, 136, 144, 152, 160, 168, 176, 184; 129, 137, 145, 153, 161, 169, 177, 185; 130, 138, 146, 154, 162, 170, 178, 186; 131, 139, 147, 155, 163, 171, 179, 187; 132, 140, 148, 156, 164, 172, 180, 188; 133, 141, 149, 157, 165, 173, 181, 189; 134, 142, 150, 158, 166, 174, 182, 190; 135, 143, 151, 159, 167, 175, 183, 191; 192, 200, 208, 216, 224, 232, 240, 248; 193, 201, 209, 217, 225, 233, 241, 249; 194, 202, 210, 218, 226, 234, 242, 250; 195, 203, 211, 219, 227, 235, 243, 251; 196, 204, 212, 220, 228, 236, 244, 252; 197, 205, 213, 221, 229, 237, 245, 253; 198, 206, 214, 222, 230, 238, 246, 254; 199, 207, 215, 223, 231, 239, 247, 255]
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @store(%out: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c2 = arith.constant 2 : i32
    %c3 = arith.constant 3 : i32
    %c4 = arith.constant 4 : i32
    %c8 = arith.constant 8 : i32
    %c16 = arith.constant 16 : i32
    %c31 = arith.constant 31 : i32
    %c32 = arith.constant 32 : i32
    %c64 = arith.constant 64 : i32
    %c96 = arith.constant 96 : i32
    %c131074 = arith.constant 131074 : i32
    %c65536 = arith.constant 65536 : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %lane = nvvm.read.ptx.sreg.tid.x : i32
    %bytes = arith.muli %lane, %c16 : i32
    %row = llvm.getelementptr %shared[%bytes] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    %word = arith.muli %lane, %c4 : i32
    %w0 = arith.muli %word, %c131074 : i32
    %x0 = arith.addi %w0, %c65536 : i32
    %x1 = arith.addi %x0, %c131074 : i32
    %x2 = arith.addi %x1, %c131074 : i32
    %x3 = arith.addi %x2, %c131074 : i32
    %x = vector.from_elements %x0, %x1, %x2, %x3 : vector<4xi32>
    llvm.store %x, %row {alignment = 16 : i64} : vector<4xi32>, !llvm.ptr<3>
    %all = arith.constant -1 : i32
    nvvm.bar.warp.sync %all : i32
    %n0 = arith.constant 0 : i32
    %n1 = arith.constant 32 : i32
    %n2 = arith.constant 64 : i32
    %n3 = arith.constant 96 : i32
    %base = arith.constant 512 : i32
    %to = arith.addi %bytes, %base : i32
    %target = llvm.getelementptr %shared[%to] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    %s0 = arith.addi %lane, %n0 : i32
    %t0 = arith.muli %s0, %c131074 : i32
    %r0 = arith.addi %t0, %c65536 : i32
    %s1 = arith.addi %lane, %n1 : i32
    %t1 = arith.muli %s1, %c131074 : i32
    %r1 = arith.addi %t1, %c65536 : i32
    %s2 = arith.addi %lane, %n2 : i32
    %t2 = arith.muli %s2, %c131074 : i32
    %r2 = arith.addi %t2, %c65536 : i32
    %s3 = arith.addi %lane, %n3 : i32
    %t3 = arith.muli %s3, %c131074 : i32
    %r3 = arith.addi %t3, %c65536 : i32
    nvvm.stmatrix %target, %r0, %r1, %r2, %r3 {layout = #nvvm.mma_layout<col>, shape = #nvvm.ld_st_matrix_shape<m = 8, n = 8>, eltType = #nvvm.ld_st_matrix_elt_type<b16>} : !llvm.ptr<3>, i32, i32, i32, i32
    nvvm.bar.warp.sync %all : i32
    %rows = arith.constant 32 : i32
    %mine = arith.cmpi slt, %lane, %rows : i32
    scf.if %mine {
    %v = llvm.load %target {alignment = 16 : i64} : !llvm.ptr<3> -> vector<4xi32>
    %p = llvm.getelementptr %out[%bytes] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    llvm.store %v, %p {alignment = 16 : i64} : vector<4xi32>, !llvm.ptr<1>
    }
    gpu.return
  }
}

func.func @main(%out: memref<32x8xi16> {test.output}) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes1024 = arith.constant 1024 : i32
  %out_index = memref.extract_aligned_pointer_as_index %out : memref<32x8xi16> -> index
  %out_address = arith.index_cast %out_index : index to i64
  %out_pointer = llvm.inttoptr %out_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@store blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes1024 args(%out_pointer : !llvm.ptr<1>)
  return
}
}
