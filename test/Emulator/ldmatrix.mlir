// RUN: sparse-opt %s -split-input-file -test-emulate -o /dev/null | FileCheck %s

// Element e of shared memory is e. Lanes name rows in descending order: the last
// row of the first matrix is row 0 of the result's last one.

// CHECK: argument 0: 32x2 weighted sum {{.*}} [56, 57; 58, 59; 60, 61; 62, 63; 48, 49; 50, 51; 52, 53; 54, 55; 40, 41; 42, 43; 44, 45; 46, 47; 32, 33; 34, 35; 36, 37; 38, 39; 24, 25; 26, 27; 28, 29; 30, 31; 16, 17; 18, 19; 20, 21; 22, 23; 8, 9; 10, 11; 12, 13; 14, 15; 0, 1; 2, 3; 4, 5; 6, 7]
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @load(%out: !llvm.ptr<1>) kernel {
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
    %last = arith.constant 7 : i32
    %reversed = arith.subi %last, %lane : i32
    %named = arith.andi %reversed, %c31 : i32
    %named_bytes = arith.muli %named, %c16 : i32
    %named_row = llvm.getelementptr %shared[%named_bytes] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    %l = nvvm.ldmatrix %named_row {num = 1 : i32, layout = #nvvm.mma_layout<row>, shape = #nvvm.ld_st_matrix_shape<m = 8, n = 8>, eltType = #nvvm.ld_st_matrix_elt_type<b16>} : (!llvm.ptr<3>) -> i32
    %oout0 = arith.addi %lane, %c0 : i32
    %pout0 = llvm.getelementptr %out[%oout0] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    llvm.store %l, %pout0 : i32, !llvm.ptr<1>
    gpu.return
  }
}

func.func @main(%out: memref<32x2xi16> {test.output}) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes512 = arith.constant 512 : i32
  %out_index = memref.extract_aligned_pointer_as_index %out : memref<32x2xi16> -> index
  %out_address = arith.index_cast %out_index : index to i64
  %out_pointer = llvm.inttoptr %out_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@load blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes512 args(%out_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// CHECK: argument 0: 64x2 weighted sum {{.*}} [120, 112; 104, 96; 88, 80; 72, 64; 121, 113; 105, 97; 89, 81; 73, 65; 122, 114; 106, 98; 90, 82; 74, 66; 123, 115; 107, 99; 91, 83; 75, 67; 124, 116; 108, 100; 92, 84; 76, 68; 125, 117; 109, 101; 93, 85; 77, 69; 126, 118; 110, 102; 94, 86; 78, 70; 127, 119; 111, 103; 95, 87; 79, 71; 56, 48; 40, 32; 24, 16; 8, 0; 57, 49; 41, 33; 25, 17; 9, 1; 58, 50; 42, 34; 26, 18; 10, 2; 59, 51; 43, 35; 27, 19; 11, 3; 60, 52; 44, 36; 28, 20; 12, 4; 61, 53; 45, 37; 29, 21; 13, 5; 62, 54; 46, 38; 30, 22; 14, 6; 63, 55; 47, 39; 31, 23; 15, 7]
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @load(%out: !llvm.ptr<1>) kernel {
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
    %last = arith.constant 15 : i32
    %reversed = arith.subi %last, %lane : i32
    %named = arith.andi %reversed, %c31 : i32
    %named_bytes = arith.muli %named, %c16 : i32
    %named_row = llvm.getelementptr %shared[%named_bytes] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    %l = nvvm.ldmatrix %named_row {num = 2 : i32, layout = #nvvm.mma_layout<col>, shape = #nvvm.ld_st_matrix_shape<m = 8, n = 8>, eltType = #nvvm.ld_st_matrix_elt_type<b16>} : (!llvm.ptr<3>) -> !llvm.struct<(i32, i32)>
    %l0 = llvm.extractvalue %l[0] : !llvm.struct<(i32, i32)>
    %l1 = llvm.extractvalue %l[1] : !llvm.struct<(i32, i32)>
    %oout0 = arith.addi %lane, %c0 : i32
    %pout0 = llvm.getelementptr %out[%oout0] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    llvm.store %l0, %pout0 : i32, !llvm.ptr<1>
    %oout1 = arith.addi %lane, %c32 : i32
    %pout1 = llvm.getelementptr %out[%oout1] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    llvm.store %l1, %pout1 : i32, !llvm.ptr<1>
    gpu.return
  }
}

func.func @main(%out: memref<64x2xi16> {test.output}) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes512 = arith.constant 512 : i32
  %out_index = memref.extract_aligned_pointer_as_index %out : memref<64x2xi16> -> index
  %out_address = arith.index_cast %out_index : index to i64
  %out_pointer = llvm.inttoptr %out_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@load blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes512 args(%out_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// CHECK: argument 0: 128x2 weighted sum {{.*}} [248, 249; 250, 251; 252, 253; 254, 255; 240, 241; 242, 243; 244, 245; 246, 247; 232, 233; 234, 235; 236, 237; 238, 239; 224, 225; 226, 227; 228, 229; 230, 231; 216, 217; 218, 219; 220, 221; 222, 223; 208, 209; 210, 211; 212, 213; 214, 215; 200, 201; 202, 203; 204, 205; 206, 207; 192, 193; 194, 195; 196, 197; 198, 199; 184, 185; 186, 187; 188, 189; 190, 191; 176, 177; 178, 179; 180, 181; 182, 183; 168, 169; 170, 171; 172, 173; 174, 175; 160, 161; 162, 163; 164, 165; 166, 167; 152, 153; 154, 155; 156, 157; 158, 159; 144, 145; 146, 147; 148, 149; 150, 151; 136, 137; 138, 139; 140, 141; 142, 143; 128, 129; 130, 131; 132, 133; 134, 135; 120, 121; 122, 123; 124, 125; 126, 127; 112, 113; 114, 115; 116, 117; 118, 119; 104, 105; 106, 107; 108, 109; 110, 111; 96, 97; 98, 99; 100, 101; 102, 103; 88, 89; 90, 91; 92, 93; 94, 95; 80, 81; 82, 83; 84, 85; 86, 87; 72, 73; 74, 75; 76, 77; 78, 79; 64, 65; 66, 67; 68, 69; 70, 71; 56, 57; 58, 59; 60, 61; 62, 63; 48, 49; 50, 51; 52, 53; 54, 55; 40, 41; 42, 43; 44, 45; 46, 47; 32, 33; 34, 35; 36, 37; 38, 39; 24, 25; 26, 27; 28, 29; 30, 31; 16, 17; 18, 19; 20, 21; 22, 23; 8, 9; 10, 11; 12, 13; 14, 15; 0, 1; 2, 3; 4, 5; 6, 7]
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @load(%out: !llvm.ptr<1>) kernel {
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
    %last = arith.constant 31 : i32
    %reversed = arith.subi %last, %lane : i32
    %named = arith.andi %reversed, %c31 : i32
    %named_bytes = arith.muli %named, %c16 : i32
    %named_row = llvm.getelementptr %shared[%named_bytes] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    %l = nvvm.ldmatrix %named_row {num = 4 : i32, layout = #nvvm.mma_layout<row>, shape = #nvvm.ld_st_matrix_shape<m = 8, n = 8>, eltType = #nvvm.ld_st_matrix_elt_type<b16>} : (!llvm.ptr<3>) -> !llvm.struct<(i32, i32, i32, i32)>
    %l0 = llvm.extractvalue %l[0] : !llvm.struct<(i32, i32, i32, i32)>
    %l1 = llvm.extractvalue %l[1] : !llvm.struct<(i32, i32, i32, i32)>
    %l2 = llvm.extractvalue %l[2] : !llvm.struct<(i32, i32, i32, i32)>
    %l3 = llvm.extractvalue %l[3] : !llvm.struct<(i32, i32, i32, i32)>
    %oout0 = arith.addi %lane, %c0 : i32
    %pout0 = llvm.getelementptr %out[%oout0] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    llvm.store %l0, %pout0 : i32, !llvm.ptr<1>
    %oout1 = arith.addi %lane, %c32 : i32
    %pout1 = llvm.getelementptr %out[%oout1] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    llvm.store %l1, %pout1 : i32, !llvm.ptr<1>
    %oout2 = arith.addi %lane, %c64 : i32
    %pout2 = llvm.getelementptr %out[%oout2] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    llvm.store %l2, %pout2 : i32, !llvm.ptr<1>
    %oout3 = arith.addi %lane, %c96 : i32
    %pout3 = llvm.getelementptr %out[%oout3] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    llvm.store %l3, %pout3 : i32, !llvm.ptr<1>
    gpu.return
  }
}

func.func @main(%out: memref<128x2xi16> {test.output}) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes512 = arith.constant 512 : i32
  %out_index = memref.extract_aligned_pointer_as_index %out : memref<128x2xi16> -> index
  %out_address = arith.index_cast %out_index : index to i64
  %out_pointer = llvm.inttoptr %out_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@load blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes512 args(%out_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// CHECK: argument 0: 128x2 weighted sum {{.*}} [248, 240; 232, 224; 216, 208; 200, 192; 249, 241; 233, 225; 217, 209; 201, 193; 250, 242; 234, 226; 218, 210; 202, 194; 251, 243; 235, 227; 219, 211; 203, 195; 252, 244; 236, 228; 220, 212; 204, 196; 253, 245; 237, 229; 221, 213; 205, 197; 254, 246; 238, 230; 222, 214; 206, 198; 255, 247; 239, 231; 223, 215; 207, 199; 184, 176; 168, 160; 152, 144; 136, 128; 185, 177; 169, 161; 153, 145; 137, 129; 186, 178; 170, 162; 154, 146; 138, 130; 187, 179; 171, 163; 155, 147; 139, 131; 188, 180; 172, 164; 156, 148; 140, 132; 189, 181; 173, 165; 157, 149; 141, 133; 190, 182; 174, 166; 158, 150; 142, 134; 191, 183; 175, 167; 159, 151; 143, 135; 120, 112; 104, 96; 88, 80; 72, 64; 121, 113; 105, 97; 89, 81; 73, 65; 122, 114; 106, 98; 90, 82; 74, 66; 123, 115; 107, 99; 91, 83; 75, 67; 124, 116; 108, 100; 92, 84; 76, 68; 125, 117; 109, 101; 93, 85; 77, 69; 126, 118; 110, 102; 94, 86; 78, 70; 127, 119; 111, 103; 95, 87; 79, 71; 56, 48; 40, 32; 24, 16; 8, 0; 57, 49; 41, 33; 25, 17; 9, 1; 58, 50; 42, 34; 26, 18; 10, 2; 59, 51; 43, 35; 27, 19; 11, 3; 60, 52; 44, 36; 28, 20; 12, 4; 61, 53; 45, 37; 29, 21; 13, 5; 62, 54; 46, 38; 30, 22; 14, 6; 63, 55; 47, 39; 31, 23; 15, 7]
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @load(%out: !llvm.ptr<1>) kernel {
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
    %last = arith.constant 31 : i32
    %reversed = arith.subi %last, %lane : i32
    %named = arith.andi %reversed, %c31 : i32
    %named_bytes = arith.muli %named, %c16 : i32
    %named_row = llvm.getelementptr %shared[%named_bytes] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    %l = nvvm.ldmatrix %named_row {num = 4 : i32, layout = #nvvm.mma_layout<col>, shape = #nvvm.ld_st_matrix_shape<m = 8, n = 8>, eltType = #nvvm.ld_st_matrix_elt_type<b16>} : (!llvm.ptr<3>) -> !llvm.struct<(i32, i32, i32, i32)>
    %l0 = llvm.extractvalue %l[0] : !llvm.struct<(i32, i32, i32, i32)>
    %l1 = llvm.extractvalue %l[1] : !llvm.struct<(i32, i32, i32, i32)>
    %l2 = llvm.extractvalue %l[2] : !llvm.struct<(i32, i32, i32, i32)>
    %l3 = llvm.extractvalue %l[3] : !llvm.struct<(i32, i32, i32, i32)>
    %oout0 = arith.addi %lane, %c0 : i32
    %pout0 = llvm.getelementptr %out[%oout0] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    llvm.store %l0, %pout0 : i32, !llvm.ptr<1>
    %oout1 = arith.addi %lane, %c32 : i32
    %pout1 = llvm.getelementptr %out[%oout1] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    llvm.store %l1, %pout1 : i32, !llvm.ptr<1>
    %oout2 = arith.addi %lane, %c64 : i32
    %pout2 = llvm.getelementptr %out[%oout2] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    llvm.store %l2, %pout2 : i32, !llvm.ptr<1>
    %oout3 = arith.addi %lane, %c96 : i32
    %pout3 = llvm.getelementptr %out[%oout3] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    llvm.store %l3, %pout3 : i32, !llvm.ptr<1>
    gpu.return
  }
}

func.func @main(%out: memref<128x2xi16> {test.output}) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes512 = arith.constant 512 : i32
  %out_index = memref.extract_aligned_pointer_as_index %out : memref<128x2xi16> -> index
  %out_address = arith.index_cast %out_index : index to i64
  %out_pointer = llvm.inttoptr %out_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@load blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes512 args(%out_pointer : !llvm.ptr<1>)
  return
}
}
