// RUN: sparse-opt %s -split-input-file -test-emulate -o /dev/null | FileCheck %s

// One mma of 8-bit elements on fragments that lanes load as the PTX ISA places
// them, and the same product in plain loops on integers, which read the columns'
// indices. Of floats the values are integers whose sums are exact.

// s8, k = 32
// CHECK: argument 4: 16x8 weighted sum [[D:.*]]
// CHECK-NEXT: argument 5: 16x8 weighted sum [[D]]{{$}}
module attributes {gpu.container_module} {
gpu.module @device {
  gpu.func @fragments(%a: !llvm.ptr<1>, %b: !llvm.ptr<1>, %d: !llvm.ptr<1>, %meta: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c2 = arith.constant 2 : i32
    %c4 = arith.constant 4 : i32
    %c8 = arith.constant 8 : i32
    %c16 = arith.constant 16 : i32
    %c32 = arith.constant 32 : i32
    %x1 = nvvm.read.ptx.sreg.tid.x : i32
    %x2 = arith.divui %x1, %c4 : i32
    %x3 = arith.remui %x1, %c4 : i32
    %x4 = arith.muli %x3, %c4 : i32
    %x5 = arith.addi %x2, %c0 : i32
    %x6 = arith.muli %x5, %c32 : i32
    %x7 = arith.addi %x4, %c0 : i32
    %x8 = arith.addi %x6, %x7 : i32
    %x9 = llvm.getelementptr %a[%x8] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x10 = llvm.load %x9 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x11 = arith.addi %x2, %c8 : i32
    %x12 = arith.muli %x11, %c32 : i32
    %x13 = arith.addi %x4, %c0 : i32
    %x14 = arith.addi %x12, %x13 : i32
    %x15 = llvm.getelementptr %a[%x14] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x16 = llvm.load %x15 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x17 = arith.addi %x2, %c0 : i32
    %x18 = arith.muli %x17, %c32 : i32
    %x19 = arith.addi %x4, %c16 : i32
    %x20 = arith.addi %x18, %x19 : i32
    %x21 = llvm.getelementptr %a[%x20] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x22 = llvm.load %x21 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x23 = arith.addi %x2, %c8 : i32
    %x24 = arith.muli %x23, %c32 : i32
    %x25 = arith.addi %x4, %c16 : i32
    %x26 = arith.addi %x24, %x25 : i32
    %x27 = llvm.getelementptr %a[%x26] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x28 = llvm.load %x27 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x29 = vector.from_elements %x10, %x16, %x22, %x28 : vector<4xi32>
    %x30 = vector.bitcast %x29 : vector<4xi32> to vector<16xi8>
    %x31 = arith.divui %x1, %c4 : i32
    %x32 = arith.remui %x1, %c4 : i32
    %x33 = arith.muli %x32, %c4 : i32
    %x34 = arith.muli %x31, %c32 : i32
    %x35 = arith.addi %x33, %c0 : i32
    %x36 = arith.addi %x34, %x35 : i32
    %x37 = llvm.getelementptr %b[%x36] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x38 = llvm.load %x37 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x39 = arith.muli %x31, %c32 : i32
    %x40 = arith.addi %x33, %c16 : i32
    %x41 = arith.addi %x39, %x40 : i32
    %x42 = llvm.getelementptr %b[%x41] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x43 = llvm.load %x42 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x44 = vector.from_elements %x38, %x43 : vector<2xi32>
    %x45 = vector.bitcast %x44 : vector<2xi32> to vector<8xi8>
    %zeros = arith.constant dense<0> : vector<4xi32>
    %x46 = sparse_gpu.mma %x30, %x45, %zeros : vector<16xi8>, vector<8xi8>, vector<4xi32>
    %x47 = arith.divui %x1, %c4 : i32
    %x48 = arith.remui %x1, %c4 : i32
    %x49 = arith.muli %x48, %c2 : i32
    %x50 = arith.addi %x47, %c0 : i32
    %x51 = arith.muli %x50, %c8 : i32
    %x52 = arith.addi %x51, %x49 : i32
    %x53 = vector.extract_strided_slice %x46 {offsets = [0], sizes = [2], strides = [1]} : vector<4xi32> to vector<2xi32>
    %x54 = llvm.getelementptr %d[%x52] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    llvm.store %x53, %x54 {alignment = 8 : i64} : vector<2xi32>, !llvm.ptr<1>
    %x55 = arith.addi %x47, %c8 : i32
    %x56 = arith.muli %x55, %c8 : i32
    %x57 = arith.addi %x56, %x49 : i32
    %x58 = vector.extract_strided_slice %x46 {offsets = [2], sizes = [2], strides = [1]} : vector<4xi32> to vector<2xi32>
    %x59 = llvm.getelementptr %d[%x57] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    llvm.store %x58, %x59 {alignment = 8 : i64} : vector<2xi32>, !llvm.ptr<1>
    gpu.return
  }

  gpu.func @plain(%a: !llvm.ptr<1>, %b: !llvm.ptr<1>, %d: !llvm.ptr<1>, %index: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c8 = arith.constant 8 : i32
    %c32 = arith.constant 32 : i32
    %c128 = arith.constant 128 : i32
    %x1 = nvvm.read.ptx.sreg.tid.x : i32
    scf.for %at = %x1 to %c128 step %c32 : i32 {
    %x2 = arith.divui %at, %c8 : i32
    %x3 = arith.remui %at, %c8 : i32
    %sum = scf.for %s = %c0 to %c32 step %c1 iter_args(%so_far = %c0) -> (i32) : i32 {
    %x4 = arith.muli %x2, %c32 : i32
    %x5 = arith.addi %x4, %s : i32
    %x6 = llvm.getelementptr %a[%x5] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x7 = llvm.load %x6 : !llvm.ptr<1> -> i8
    %x8 = llvm.getelementptr %index[%x5] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x9 = llvm.load %x8 : !llvm.ptr<1> -> i8
    %x10 = arith.extui %x9 : i8 to i32
    %x11 = arith.muli %x3, %c32 : i32
    %x12 = arith.addi %x11, %x10 : i32
    %x13 = llvm.getelementptr %b[%x12] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x14 = llvm.load %x13 : !llvm.ptr<1> -> i8
    %x15 = arith.extsi %x7 : i8 to i32
    %x16 = arith.extsi %x14 : i8 to i32
    %x17 = arith.muli %x15, %x16 : i32
    %x18 = arith.addi %so_far, %x17 : i32
    scf.yield %x18 : i32
    }
    %x19 = llvm.getelementptr %d[%at] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    llvm.store %sum, %x19 : i32, !llvm.ptr<1>
    }
    gpu.return
  }
}

func.func @main(%a: memref<16x32xi8> {test.input = dense<"0x905B7787E96C7B0ED2917A27A6FF389657C7354357110669D91B39C469FA61409682F8C4E31B3BFA20665F70A126D0F253FA92907E1AA4A9CC443FCCB9B162D5E1325D5464FD0CC9DBBD08691AD4D9DA7531275EF282962923FCA806654FD1477DFB0B777FA0D57A6C4DC55732467AD461B254928160A19933AFCDB76878C76A5F642F046A5828CEF92590E4758CBB175EFE14AD97B612D374C8384DE233DDA8E35AEAB11D6D5865EA083ABB83EB595143E6A358AD9C3202386959E3106E167F064F622E320D77647475AA3B4FD654A11C882724A54B3F10DFFBD61DB09BF0A557E2608848E72DE1279899923B4B26D7D0BC30D48F32AD4B60329ECA63716762D935582F6A46E3B15DCE95DFE15B3840999AD41FF299DAB338DF1A954A5BA730E37BD3D64F6F2893D8DA57CE48B04BBCF8B6581F14B23073FD1486D045F5B172B34CEF1335A3E08DA64C90885C2DDB98372673D789E9C114E7FEFE45568FC082BF8E9CDBBF45A2875EDD5798D69B406B692BDF914C6B7A3AA4C70701DAAE6B86CE0EA81DC8B5BD132B81045ACA9E9C9EEC87EDCB1C56CD8D3FBB74196D6DD9C88E4ECE67DB2D70CF967A47D5700CEC7D3442CC2222C29C6A9B2B9842A992C191853B5EF174AEB4A23B695B1FDAC04CE2FBCF43EF7A45E1A2CFC2A44A69ADEB8668DBD73B44EAFE2A1904CF9E7855362E8226169850116BD7BB565BAFBD6CD2A5"> : tensor<16x32xi8>},
    %b: memref<8x32xi8> {test.input = dense<"0x41A9830577AB57BB5074F1498B636A7C5618CF66D5F4717F6F4E1A658B3C6D1BDEF8F23FD28D909DD4571DD4E48ED66F2095FD9288C87A68348B57360488CF0295C8FABA721733235A28165B9CB67638785F7136A3D0E12413E5825B95D7D2773849BD47FFE7A77B9B037AAAACFDD9D6664FE158F55E53E1F63876C2E59ADFE0A84981F427217BD970FC404C6DB657AFFE9EB7A10AFE0E2E123CC533C1A48766BC4E8BD3C550FB736CA1D7A82F09CF9D62959B9160521E3815C56D2A36A3051532B40140206D5B4FD50CBBCCD68163385C08D120E0C1999BD6CD9E17346C3A1D03A4E535A3A4FE62F90814995C2D6F9C3F2B747B1079803F0070DDF5465F240C"> : tensor<8x32xi8>},
    %meta: memref<32xi32> {test.input = dense<"0x0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"> : tensor<32xi32>},
    %index: memref<16x32xi8> {test.input = dense<"0x000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"> : tensor<16x32xi8>},
    %d: memref<16x8xi32> {test.output},
    %e: memref<16x8xi32> {test.output}) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes0 = arith.constant 0 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<16x32xi8> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  %b_index = memref.extract_aligned_pointer_as_index %b : memref<8x32xi8> -> index
  %b_address = arith.index_cast %b_index : index to i64
  %b_pointer = llvm.inttoptr %b_address : i64 to !llvm.ptr<1>
  %meta_index = memref.extract_aligned_pointer_as_index %meta : memref<32xi32> -> index
  %meta_address = arith.index_cast %meta_index : index to i64
  %meta_pointer = llvm.inttoptr %meta_address : i64 to !llvm.ptr<1>
  %index_index = memref.extract_aligned_pointer_as_index %index : memref<16x32xi8> -> index
  %index_address = arith.index_cast %index_index : index to i64
  %index_pointer = llvm.inttoptr %index_address : i64 to !llvm.ptr<1>
  %d_index = memref.extract_aligned_pointer_as_index %d : memref<16x8xi32> -> index
  %d_address = arith.index_cast %d_index : index to i64
  %d_pointer = llvm.inttoptr %d_address : i64 to !llvm.ptr<1>
  %e_index = memref.extract_aligned_pointer_as_index %e : memref<16x8xi32> -> index
  %e_address = arith.index_cast %e_index : index to i64
  %e_pointer = llvm.inttoptr %e_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@fragments blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes0 args(%a_pointer : !llvm.ptr<1>, %b_pointer : !llvm.ptr<1>, %d_pointer : !llvm.ptr<1>, %meta_pointer : !llvm.ptr<1>)
  gpu.launch_func @device::@plain blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes0 args(%a_pointer : !llvm.ptr<1>, %b_pointer : !llvm.ptr<1>, %e_pointer : !llvm.ptr<1>, %index_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// u8, k = 32
// CHECK: argument 4: 16x8 weighted sum [[D:.*]]
// CHECK-NEXT: argument 5: 16x8 weighted sum [[D]]{{$}}
module attributes {gpu.container_module} {
gpu.module @device {
  gpu.func @fragments(%a: !llvm.ptr<1>, %b: !llvm.ptr<1>, %d: !llvm.ptr<1>, %meta: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c2 = arith.constant 2 : i32
    %c4 = arith.constant 4 : i32
    %c8 = arith.constant 8 : i32
    %c16 = arith.constant 16 : i32
    %c32 = arith.constant 32 : i32
    %x1 = nvvm.read.ptx.sreg.tid.x : i32
    %x2 = arith.divui %x1, %c4 : i32
    %x3 = arith.remui %x1, %c4 : i32
    %x4 = arith.muli %x3, %c4 : i32
    %x5 = arith.addi %x2, %c0 : i32
    %x6 = arith.muli %x5, %c32 : i32
    %x7 = arith.addi %x4, %c0 : i32
    %x8 = arith.addi %x6, %x7 : i32
    %x9 = llvm.getelementptr %a[%x8] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x10 = llvm.load %x9 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x11 = arith.addi %x2, %c8 : i32
    %x12 = arith.muli %x11, %c32 : i32
    %x13 = arith.addi %x4, %c0 : i32
    %x14 = arith.addi %x12, %x13 : i32
    %x15 = llvm.getelementptr %a[%x14] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x16 = llvm.load %x15 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x17 = arith.addi %x2, %c0 : i32
    %x18 = arith.muli %x17, %c32 : i32
    %x19 = arith.addi %x4, %c16 : i32
    %x20 = arith.addi %x18, %x19 : i32
    %x21 = llvm.getelementptr %a[%x20] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x22 = llvm.load %x21 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x23 = arith.addi %x2, %c8 : i32
    %x24 = arith.muli %x23, %c32 : i32
    %x25 = arith.addi %x4, %c16 : i32
    %x26 = arith.addi %x24, %x25 : i32
    %x27 = llvm.getelementptr %a[%x26] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x28 = llvm.load %x27 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x29 = vector.from_elements %x10, %x16, %x22, %x28 : vector<4xi32>
    %x30 = vector.bitcast %x29 : vector<4xi32> to vector<16xi8>
    %x31 = arith.divui %x1, %c4 : i32
    %x32 = arith.remui %x1, %c4 : i32
    %x33 = arith.muli %x32, %c4 : i32
    %x34 = arith.muli %x31, %c32 : i32
    %x35 = arith.addi %x33, %c0 : i32
    %x36 = arith.addi %x34, %x35 : i32
    %x37 = llvm.getelementptr %b[%x36] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x38 = llvm.load %x37 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x39 = arith.muli %x31, %c32 : i32
    %x40 = arith.addi %x33, %c16 : i32
    %x41 = arith.addi %x39, %x40 : i32
    %x42 = llvm.getelementptr %b[%x41] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x43 = llvm.load %x42 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x44 = vector.from_elements %x38, %x43 : vector<2xi32>
    %x45 = vector.bitcast %x44 : vector<2xi32> to vector<8xi8>
    %zeros = arith.constant dense<0> : vector<4xi32>
    %x46 = sparse_gpu.mma %x30, %x45, %zeros unsigned_a unsigned_b : vector<16xi8>, vector<8xi8>, vector<4xi32>
    %x47 = arith.divui %x1, %c4 : i32
    %x48 = arith.remui %x1, %c4 : i32
    %x49 = arith.muli %x48, %c2 : i32
    %x50 = arith.addi %x47, %c0 : i32
    %x51 = arith.muli %x50, %c8 : i32
    %x52 = arith.addi %x51, %x49 : i32
    %x53 = vector.extract_strided_slice %x46 {offsets = [0], sizes = [2], strides = [1]} : vector<4xi32> to vector<2xi32>
    %x54 = llvm.getelementptr %d[%x52] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    llvm.store %x53, %x54 {alignment = 8 : i64} : vector<2xi32>, !llvm.ptr<1>
    %x55 = arith.addi %x47, %c8 : i32
    %x56 = arith.muli %x55, %c8 : i32
    %x57 = arith.addi %x56, %x49 : i32
    %x58 = vector.extract_strided_slice %x46 {offsets = [2], sizes = [2], strides = [1]} : vector<4xi32> to vector<2xi32>
    %x59 = llvm.getelementptr %d[%x57] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    llvm.store %x58, %x59 {alignment = 8 : i64} : vector<2xi32>, !llvm.ptr<1>
    gpu.return
  }

  gpu.func @plain(%a: !llvm.ptr<1>, %b: !llvm.ptr<1>, %d: !llvm.ptr<1>, %index: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c8 = arith.constant 8 : i32
    %c32 = arith.constant 32 : i32
    %c128 = arith.constant 128 : i32
    %x1 = nvvm.read.ptx.sreg.tid.x : i32
    scf.for %at = %x1 to %c128 step %c32 : i32 {
    %x2 = arith.divui %at, %c8 : i32
    %x3 = arith.remui %at, %c8 : i32
    %sum = scf.for %s = %c0 to %c32 step %c1 iter_args(%so_far = %c0) -> (i32) : i32 {
    %x4 = arith.muli %x2, %c32 : i32
    %x5 = arith.addi %x4, %s : i32
    %x6 = llvm.getelementptr %a[%x5] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x7 = llvm.load %x6 : !llvm.ptr<1> -> i8
    %x8 = llvm.getelementptr %index[%x5] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x9 = llvm.load %x8 : !llvm.ptr<1> -> i8
    %x10 = arith.extui %x9 : i8 to i32
    %x11 = arith.muli %x3, %c32 : i32
    %x12 = arith.addi %x11, %x10 : i32
    %x13 = llvm.getelementptr %b[%x12] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x14 = llvm.load %x13 : !llvm.ptr<1> -> i8
    %x15 = arith.extui %x7 : i8 to i32
    %x16 = arith.extui %x14 : i8 to i32
    %x17 = arith.muli %x15, %x16 : i32
    %x18 = arith.addi %so_far, %x17 : i32
    scf.yield %x18 : i32
    }
    %x19 = llvm.getelementptr %d[%at] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    llvm.store %sum, %x19 : i32, !llvm.ptr<1>
    }
    gpu.return
  }
}

func.func @main(%a: memref<16x32xi8> {test.input = dense<"0xE7EEE7615EF35F30E49B482E15CAE75007201E12617B0FEDA7E1647796FF022BEA8ED02A82A175930F2337CD3794C52208006D6B1AF0C0CBD625658AAC2C9FAA07D13C447E33051EEEF95A60E56143D6C43BCAD76C008A9B0A6B5FC933154A6DE28404A897C525262E6A7C07BCBEE841F745C55D4E9F747F615164C6F728D718353713827AC883D7FB9659234074F5258F6C68082389D2E47F1E175A90BC432FB946E6A9471109F3B79F110A26F6229FA3452526E7BC1642AEB42BF227D50FFF07C3C20624292E3B83D5A9C6EAE1EC2A0F9E2CF60B7539FEF88205BC9A496756AFE2FF7BA7CF8065DC666DC470A26B4544FEB314208D5639E6F18C6DD3C3FCA1E7A426108E158FB59E0945CFE8610C887948183BE437BC276566F3835B05F1125B738BB151C9722CD2C642E6E86403C0AFEDA768323F6D7CC72C9EA48608B22A13E1AFD78CF90E6F20DB1158AB47F04CE1FC2C71E09454839FC36A9B488BFE66D23A02C10E16CD3EFB2F5521EAD3CE897EF2FC41ADDEF3A23762D60F85420B12634F740691A4B57DFF35FF3E8065DF0BC0D351686F6E4577B15CA1A1636F6331447A432D84C631DED74066CE093166B7B83BAF6024F6360C13F64B615E3A68585090301F44EC2731A7C8EFDAB5DC6BBF0614665CD0E8B8BDCF63543007A52BCF61AE848F3B51CF44A8BDDD5CCF695E24AE9AF03305B619768B99AC6ECF5D27C7"> : tensor<16x32xi8>},
    %b: memref<8x32xi8> {test.input = dense<"0xFE6D3DCA0B3A377983E3CD1964C0053284808DAED433E32717C551C5F156FD1DDBFDD791CC9FBB92F78A91970D077D1550D1C71BA1CB19A32572DBF4807C1732EF497D3A19D5E93C681AB64F3FBAE247D5E986D6BA4694417AF63A9EB78C8B618E7A617F64141F048A84D90D1334718E252C5278BFF7F5B56BADAFFD44263DE56DE3D984C74DBC4EA6945EDABD31ECA5282ADDF8ED9904269E6D299BFDA7904970B7A7BB3CA5E18EE09CEAA271CC7F2BB9BB0CBACAC663BCC74F5A5A2DE8900B711D51970BD8209C2BAB298C35A02B0D4931D87D70FAADEBC9B3ACAA45FCF92517D2B201C12DED0CB90538D7D74A7D53C055A468C7D9958C1EF19D3A9B4F5B1F"> : tensor<8x32xi8>},
    %meta: memref<32xi32> {test.input = dense<"0x0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"> : tensor<32xi32>},
    %index: memref<16x32xi8> {test.input = dense<"0x000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"> : tensor<16x32xi8>},
    %d: memref<16x8xi32> {test.output},
    %e: memref<16x8xi32> {test.output}) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes0 = arith.constant 0 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<16x32xi8> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  %b_index = memref.extract_aligned_pointer_as_index %b : memref<8x32xi8> -> index
  %b_address = arith.index_cast %b_index : index to i64
  %b_pointer = llvm.inttoptr %b_address : i64 to !llvm.ptr<1>
  %meta_index = memref.extract_aligned_pointer_as_index %meta : memref<32xi32> -> index
  %meta_address = arith.index_cast %meta_index : index to i64
  %meta_pointer = llvm.inttoptr %meta_address : i64 to !llvm.ptr<1>
  %index_index = memref.extract_aligned_pointer_as_index %index : memref<16x32xi8> -> index
  %index_address = arith.index_cast %index_index : index to i64
  %index_pointer = llvm.inttoptr %index_address : i64 to !llvm.ptr<1>
  %d_index = memref.extract_aligned_pointer_as_index %d : memref<16x8xi32> -> index
  %d_address = arith.index_cast %d_index : index to i64
  %d_pointer = llvm.inttoptr %d_address : i64 to !llvm.ptr<1>
  %e_index = memref.extract_aligned_pointer_as_index %e : memref<16x8xi32> -> index
  %e_address = arith.index_cast %e_index : index to i64
  %e_pointer = llvm.inttoptr %e_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@fragments blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes0 args(%a_pointer : !llvm.ptr<1>, %b_pointer : !llvm.ptr<1>, %d_pointer : !llvm.ptr<1>, %meta_pointer : !llvm.ptr<1>)
  gpu.launch_func @device::@plain blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes0 args(%a_pointer : !llvm.ptr<1>, %b_pointer : !llvm.ptr<1>, %e_pointer : !llvm.ptr<1>, %index_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// s8 by u8, k = 32
// CHECK: argument 4: 16x8 weighted sum [[D:.*]]
// CHECK-NEXT: argument 5: 16x8 weighted sum [[D]]{{$}}
module attributes {gpu.container_module} {
gpu.module @device {
  gpu.func @fragments(%a: !llvm.ptr<1>, %b: !llvm.ptr<1>, %d: !llvm.ptr<1>, %meta: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c2 = arith.constant 2 : i32
    %c4 = arith.constant 4 : i32
    %c8 = arith.constant 8 : i32
    %c16 = arith.constant 16 : i32
    %c32 = arith.constant 32 : i32
    %x1 = nvvm.read.ptx.sreg.tid.x : i32
    %x2 = arith.divui %x1, %c4 : i32
    %x3 = arith.remui %x1, %c4 : i32
    %x4 = arith.muli %x3, %c4 : i32
    %x5 = arith.addi %x2, %c0 : i32
    %x6 = arith.muli %x5, %c32 : i32
    %x7 = arith.addi %x4, %c0 : i32
    %x8 = arith.addi %x6, %x7 : i32
    %x9 = llvm.getelementptr %a[%x8] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x10 = llvm.load %x9 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x11 = arith.addi %x2, %c8 : i32
    %x12 = arith.muli %x11, %c32 : i32
    %x13 = arith.addi %x4, %c0 : i32
    %x14 = arith.addi %x12, %x13 : i32
    %x15 = llvm.getelementptr %a[%x14] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x16 = llvm.load %x15 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x17 = arith.addi %x2, %c0 : i32
    %x18 = arith.muli %x17, %c32 : i32
    %x19 = arith.addi %x4, %c16 : i32
    %x20 = arith.addi %x18, %x19 : i32
    %x21 = llvm.getelementptr %a[%x20] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x22 = llvm.load %x21 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x23 = arith.addi %x2, %c8 : i32
    %x24 = arith.muli %x23, %c32 : i32
    %x25 = arith.addi %x4, %c16 : i32
    %x26 = arith.addi %x24, %x25 : i32
    %x27 = llvm.getelementptr %a[%x26] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x28 = llvm.load %x27 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x29 = vector.from_elements %x10, %x16, %x22, %x28 : vector<4xi32>
    %x30 = vector.bitcast %x29 : vector<4xi32> to vector<16xi8>
    %x31 = arith.divui %x1, %c4 : i32
    %x32 = arith.remui %x1, %c4 : i32
    %x33 = arith.muli %x32, %c4 : i32
    %x34 = arith.muli %x31, %c32 : i32
    %x35 = arith.addi %x33, %c0 : i32
    %x36 = arith.addi %x34, %x35 : i32
    %x37 = llvm.getelementptr %b[%x36] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x38 = llvm.load %x37 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x39 = arith.muli %x31, %c32 : i32
    %x40 = arith.addi %x33, %c16 : i32
    %x41 = arith.addi %x39, %x40 : i32
    %x42 = llvm.getelementptr %b[%x41] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x43 = llvm.load %x42 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x44 = vector.from_elements %x38, %x43 : vector<2xi32>
    %x45 = vector.bitcast %x44 : vector<2xi32> to vector<8xi8>
    %zeros = arith.constant dense<0> : vector<4xi32>
    %x46 = sparse_gpu.mma %x30, %x45, %zeros unsigned_b : vector<16xi8>, vector<8xi8>, vector<4xi32>
    %x47 = arith.divui %x1, %c4 : i32
    %x48 = arith.remui %x1, %c4 : i32
    %x49 = arith.muli %x48, %c2 : i32
    %x50 = arith.addi %x47, %c0 : i32
    %x51 = arith.muli %x50, %c8 : i32
    %x52 = arith.addi %x51, %x49 : i32
    %x53 = vector.extract_strided_slice %x46 {offsets = [0], sizes = [2], strides = [1]} : vector<4xi32> to vector<2xi32>
    %x54 = llvm.getelementptr %d[%x52] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    llvm.store %x53, %x54 {alignment = 8 : i64} : vector<2xi32>, !llvm.ptr<1>
    %x55 = arith.addi %x47, %c8 : i32
    %x56 = arith.muli %x55, %c8 : i32
    %x57 = arith.addi %x56, %x49 : i32
    %x58 = vector.extract_strided_slice %x46 {offsets = [2], sizes = [2], strides = [1]} : vector<4xi32> to vector<2xi32>
    %x59 = llvm.getelementptr %d[%x57] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    llvm.store %x58, %x59 {alignment = 8 : i64} : vector<2xi32>, !llvm.ptr<1>
    gpu.return
  }

  gpu.func @plain(%a: !llvm.ptr<1>, %b: !llvm.ptr<1>, %d: !llvm.ptr<1>, %index: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c8 = arith.constant 8 : i32
    %c32 = arith.constant 32 : i32
    %c128 = arith.constant 128 : i32
    %x1 = nvvm.read.ptx.sreg.tid.x : i32
    scf.for %at = %x1 to %c128 step %c32 : i32 {
    %x2 = arith.divui %at, %c8 : i32
    %x3 = arith.remui %at, %c8 : i32
    %sum = scf.for %s = %c0 to %c32 step %c1 iter_args(%so_far = %c0) -> (i32) : i32 {
    %x4 = arith.muli %x2, %c32 : i32
    %x5 = arith.addi %x4, %s : i32
    %x6 = llvm.getelementptr %a[%x5] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x7 = llvm.load %x6 : !llvm.ptr<1> -> i8
    %x8 = llvm.getelementptr %index[%x5] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x9 = llvm.load %x8 : !llvm.ptr<1> -> i8
    %x10 = arith.extui %x9 : i8 to i32
    %x11 = arith.muli %x3, %c32 : i32
    %x12 = arith.addi %x11, %x10 : i32
    %x13 = llvm.getelementptr %b[%x12] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x14 = llvm.load %x13 : !llvm.ptr<1> -> i8
    %x15 = arith.extsi %x7 : i8 to i32
    %x16 = arith.extui %x14 : i8 to i32
    %x17 = arith.muli %x15, %x16 : i32
    %x18 = arith.addi %so_far, %x17 : i32
    scf.yield %x18 : i32
    }
    %x19 = llvm.getelementptr %d[%at] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    llvm.store %sum, %x19 : i32, !llvm.ptr<1>
    }
    gpu.return
  }
}

func.func @main(%a: memref<16x32xi8> {test.input = dense<"0x720933C943853F770C6BF480CA613CD32DEB9EE6A62C4FAC899FF2AE5863B958C520D39AD7AA4D567074448FAAE2053639451EBA01F82B3A3EDB8E435C908DF15A9646E8B4F0DBA70C925D0D7F309A6B3CEA2D10697376FAD56D3ADDE0F083092EDBFB8494FEBB38CF8C250FBCF5747A350663D36515970E2863ED11028E818DC30857C6FBE65E719E0494555CAF4FE5313C45D288CF8F93A554E642B234E01F0A7BBFEC49FDA4503625AA2AC8AE1F1FDC5F3BDA8FEB796378DB9D2E69FA27B1F283383B0FE75D17F0CB2AD36D47FF6B6B99F4504A619AB61F3388247F381DD7C574F3C4007D975B3A1251104724CBC00490415359062D50427C444CDDD6E902B8099B371CC61FEC8C1D9586D7E4D3E417E1DE1F8BB43A7FE665B283C04979166F3646548E0E8ACF7B3BB45A4F3FA4C2329FF6B758AB9C84FF8FB98EF473E96B2C5821FB48AC2C9E39C818BE78C50E86E5F5BF775F2E4F222D43782FE339A0F62E4508C0610E012F56B4BD7CD839CF0D412B1E3F35296BA4D84CE8253B33C8172C2A4B9528A5B300D378AE1FD760F510A2F7E0E40CBEECDD751E6AC37748616E47380BE4FA782D354C1CC58CA615471476CD5720DB0458539AC89967BB1DFDD1EBBE427B1DAFE2CAF442033BE0C0EAB7FA059163B77ADE9D5F1A8B7C44374CABA7684C843E54C88C2BA50D1FF019500F49A997123A1231AABF95BAC8A0CCC4D5"> : tensor<16x32xi8>},
    %b: memref<8x32xi8> {test.input = dense<"0x5AB472CE094A90EAE9A755800592DDDE69560AB5B79530FABED4B6A6149A0498A1471DA27A683E2C2159DCAE8917DF70BFA2AC1AA1F568702230F5FC5367EFC7AC614556F1E54F3A67D26D5A8324A7F0E62EDEC866565B492B55A6571677F1F847512DEB754CFD4A8C7E858028C9538B0FDA15E64066DE5D1F09043E48CE996A2DE02C59972353CF0DAB054D37280588BD869BB73C56E031DFD0BE8FB93736A78C75A683F5F4AE023D2BCC035075E0FFC9C5222F50E456E59F9878180164A1FCC8A0594521D34328A8C303A3EC8DB5269EADAF0A37ACD87888631ED44569057494371A490BBC2DBC6B58DE3C2E29B4F45E465BFEACDA335F4D9CE33A1F0EF21D"> : tensor<8x32xi8>},
    %meta: memref<32xi32> {test.input = dense<"0x0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"> : tensor<32xi32>},
    %index: memref<16x32xi8> {test.input = dense<"0x000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"> : tensor<16x32xi8>},
    %d: memref<16x8xi32> {test.output},
    %e: memref<16x8xi32> {test.output}) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes0 = arith.constant 0 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<16x32xi8> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  %b_index = memref.extract_aligned_pointer_as_index %b : memref<8x32xi8> -> index
  %b_address = arith.index_cast %b_index : index to i64
  %b_pointer = llvm.inttoptr %b_address : i64 to !llvm.ptr<1>
  %meta_index = memref.extract_aligned_pointer_as_index %meta : memref<32xi32> -> index
  %meta_address = arith.index_cast %meta_index : index to i64
  %meta_pointer = llvm.inttoptr %meta_address : i64 to !llvm.ptr<1>
  %index_index = memref.extract_aligned_pointer_as_index %index : memref<16x32xi8> -> index
  %index_address = arith.index_cast %index_index : index to i64
  %index_pointer = llvm.inttoptr %index_address : i64 to !llvm.ptr<1>
  %d_index = memref.extract_aligned_pointer_as_index %d : memref<16x8xi32> -> index
  %d_address = arith.index_cast %d_index : index to i64
  %d_pointer = llvm.inttoptr %d_address : i64 to !llvm.ptr<1>
  %e_index = memref.extract_aligned_pointer_as_index %e : memref<16x8xi32> -> index
  %e_address = arith.index_cast %e_index : index to i64
  %e_pointer = llvm.inttoptr %e_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@fragments blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes0 args(%a_pointer : !llvm.ptr<1>, %b_pointer : !llvm.ptr<1>, %d_pointer : !llvm.ptr<1>, %meta_pointer : !llvm.ptr<1>)
  gpu.launch_func @device::@plain blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes0 args(%a_pointer : !llvm.ptr<1>, %b_pointer : !llvm.ptr<1>, %e_pointer : !llvm.ptr<1>, %index_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// s8, k = 64, with metadata
// CHECK: argument 4: 16x8 weighted sum [[D:.*]]
// CHECK-NEXT: argument 5: 16x8 weighted sum [[D]]{{$}}
module attributes {gpu.container_module} {
gpu.module @device {
  gpu.func @fragments(%a: !llvm.ptr<1>, %b: !llvm.ptr<1>, %d: !llvm.ptr<1>, %meta: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c2 = arith.constant 2 : i32
    %c4 = arith.constant 4 : i32
    %c8 = arith.constant 8 : i32
    %c16 = arith.constant 16 : i32
    %c32 = arith.constant 32 : i32
    %c48 = arith.constant 48 : i32
    %c64 = arith.constant 64 : i32
    %x1 = nvvm.read.ptx.sreg.tid.x : i32
    %x2 = arith.divui %x1, %c4 : i32
    %x3 = arith.remui %x1, %c4 : i32
    %x4 = arith.muli %x3, %c4 : i32
    %x5 = arith.addi %x2, %c0 : i32
    %x6 = arith.muli %x5, %c32 : i32
    %x7 = arith.addi %x4, %c0 : i32
    %x8 = arith.addi %x6, %x7 : i32
    %x9 = llvm.getelementptr %a[%x8] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x10 = llvm.load %x9 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x11 = arith.addi %x2, %c8 : i32
    %x12 = arith.muli %x11, %c32 : i32
    %x13 = arith.addi %x4, %c0 : i32
    %x14 = arith.addi %x12, %x13 : i32
    %x15 = llvm.getelementptr %a[%x14] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x16 = llvm.load %x15 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x17 = arith.addi %x2, %c0 : i32
    %x18 = arith.muli %x17, %c32 : i32
    %x19 = arith.addi %x4, %c16 : i32
    %x20 = arith.addi %x18, %x19 : i32
    %x21 = llvm.getelementptr %a[%x20] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x22 = llvm.load %x21 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x23 = arith.addi %x2, %c8 : i32
    %x24 = arith.muli %x23, %c32 : i32
    %x25 = arith.addi %x4, %c16 : i32
    %x26 = arith.addi %x24, %x25 : i32
    %x27 = llvm.getelementptr %a[%x26] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x28 = llvm.load %x27 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x29 = vector.from_elements %x10, %x16, %x22, %x28 : vector<4xi32>
    %x30 = vector.bitcast %x29 : vector<4xi32> to vector<16xi8>
    %x31 = arith.divui %x1, %c4 : i32
    %x32 = arith.remui %x1, %c4 : i32
    %x33 = arith.muli %x32, %c4 : i32
    %x34 = arith.muli %x31, %c64 : i32
    %x35 = arith.addi %x33, %c0 : i32
    %x36 = arith.addi %x34, %x35 : i32
    %x37 = llvm.getelementptr %b[%x36] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x38 = llvm.load %x37 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x39 = arith.muli %x31, %c64 : i32
    %x40 = arith.addi %x33, %c16 : i32
    %x41 = arith.addi %x39, %x40 : i32
    %x42 = llvm.getelementptr %b[%x41] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x43 = llvm.load %x42 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x44 = arith.muli %x31, %c64 : i32
    %x45 = arith.addi %x33, %c32 : i32
    %x46 = arith.addi %x44, %x45 : i32
    %x47 = llvm.getelementptr %b[%x46] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x48 = llvm.load %x47 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x49 = arith.muli %x31, %c64 : i32
    %x50 = arith.addi %x33, %c48 : i32
    %x51 = arith.addi %x49, %x50 : i32
    %x52 = llvm.getelementptr %b[%x51] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x53 = llvm.load %x52 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x54 = vector.from_elements %x38, %x43, %x48, %x53 : vector<4xi32>
    %x55 = vector.bitcast %x54 : vector<4xi32> to vector<16xi8>
    %zeros = arith.constant dense<0> : vector<4xi32>
    %x56 = llvm.getelementptr %meta[%x1] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    %x57 = llvm.load %x56 : !llvm.ptr<1> -> i32
    %x58 = sparse_gpu.mma %x30, %x55, %zeros meta %x57 : vector<16xi8>, vector<16xi8>, vector<4xi32>
    %x59 = arith.divui %x1, %c4 : i32
    %x60 = arith.remui %x1, %c4 : i32
    %x61 = arith.muli %x60, %c2 : i32
    %x62 = arith.addi %x59, %c0 : i32
    %x63 = arith.muli %x62, %c8 : i32
    %x64 = arith.addi %x63, %x61 : i32
    %x65 = vector.extract_strided_slice %x58 {offsets = [0], sizes = [2], strides = [1]} : vector<4xi32> to vector<2xi32>
    %x66 = llvm.getelementptr %d[%x64] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    llvm.store %x65, %x66 {alignment = 8 : i64} : vector<2xi32>, !llvm.ptr<1>
    %x67 = arith.addi %x59, %c8 : i32
    %x68 = arith.muli %x67, %c8 : i32
    %x69 = arith.addi %x68, %x61 : i32
    %x70 = vector.extract_strided_slice %x58 {offsets = [2], sizes = [2], strides = [1]} : vector<4xi32> to vector<2xi32>
    %x71 = llvm.getelementptr %d[%x69] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    llvm.store %x70, %x71 {alignment = 8 : i64} : vector<2xi32>, !llvm.ptr<1>
    gpu.return
  }

  gpu.func @plain(%a: !llvm.ptr<1>, %b: !llvm.ptr<1>, %d: !llvm.ptr<1>, %index: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c8 = arith.constant 8 : i32
    %c32 = arith.constant 32 : i32
    %c64 = arith.constant 64 : i32
    %c128 = arith.constant 128 : i32
    %x1 = nvvm.read.ptx.sreg.tid.x : i32
    scf.for %at = %x1 to %c128 step %c32 : i32 {
    %x2 = arith.divui %at, %c8 : i32
    %x3 = arith.remui %at, %c8 : i32
    %sum = scf.for %s = %c0 to %c32 step %c1 iter_args(%so_far = %c0) -> (i32) : i32 {
    %x4 = arith.muli %x2, %c32 : i32
    %x5 = arith.addi %x4, %s : i32
    %x6 = llvm.getelementptr %a[%x5] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x7 = llvm.load %x6 : !llvm.ptr<1> -> i8
    %x8 = llvm.getelementptr %index[%x5] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x9 = llvm.load %x8 : !llvm.ptr<1> -> i8
    %x10 = arith.extui %x9 : i8 to i32
    %x11 = arith.muli %x3, %c64 : i32
    %x12 = arith.addi %x11, %x10 : i32
    %x13 = llvm.getelementptr %b[%x12] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x14 = llvm.load %x13 : !llvm.ptr<1> -> i8
    %x15 = arith.extsi %x7 : i8 to i32
    %x16 = arith.extsi %x14 : i8 to i32
    %x17 = arith.muli %x15, %x16 : i32
    %x18 = arith.addi %so_far, %x17 : i32
    scf.yield %x18 : i32
    }
    %x19 = llvm.getelementptr %d[%at] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    llvm.store %sum, %x19 : i32, !llvm.ptr<1>
    }
    gpu.return
  }
}

func.func @main(%a: memref<16x32xi8> {test.input = dense<"0x0414DFF6CBF3DFC2A4ED168F5CC0870DCBAB06665FC70336F7795B3A5C20BC310665C56163DA16E7DB36013E6B060F4AC27BF8F8E33BC3A55C6D47815996F3C87E6301D1530033E73FC6F97EEC9593372EDD17E2D4B9F3D5A35B93612FAF81C01FBE501A09A7703B9282232BCF7E72F2EA179040D0CA0459EE0459F836FD135BE8335993224B6BACA397821CE16676472A9F145EC6CB9AB93CD0EF1D1B46149131C1B3387B625E963317C29925D5C082FFCCAD753EA43007ED98F9FA61E3499B9ABBC63D4B19CC1805AC3E9A8FD587B60AAE2A59D21494B8B01D4F46714709CDCC661A818E040D29F3FE3F55D0775105CF6C6DE34073E18E9176DBC0B482C41DA97E9CED5B8D8BC918CE9B5B03F3798BB0FC2184662EF09A5AF886B33CCB6E34C430F411AF03C4C0DBB59CC88D6C36437F53A2630F2D42BFE92740A77454198D654752769FA800EE81CA2619EA5C1685E8ADB9C1A245EC20D188D1DE999CF65FDB51A979CFB99B329AD9AE5A1C5718FD061055100FECB1ABD298BD02CCF01CB3B47C62B59757C674F774293ABF817AADB309658757C780C7FC32CD5B5F8936392832E2B6CBD1D65A9D5DBF7B52EACE408A4B492E5B4C13A9FC4DD6996C61B467C996E08DFB5E967F0B599533E16A4CD161E95C499D484EF1E158E893928864494DC368AC7C7A65A9869E7ADAFABA8E57E86E75925495E70D7FCCCBCF88DAA216"> : tensor<16x32xi8>},
    %b: memref<8x64xi8> {test.input = dense<"0xD673E37C80FFA26FBBA1A146DBE29C8E43E96628C965D9C7FBA75BD64C53FD1E126783B6626AF8DE078A6DEF0D80C15829FB61894C0AB3C69228628EA4A6B83AABDA786F806E892D30A85051AAEB2ECFBCCFA646157D1255E57EE3B4441A97A71C67E57184985AA4721CEBBE25851A718AD42893155C8058C458993DCED53A44FF1975E98BB120D69CFEF010364C128587E104A1FBC6B5554962162102A15811F45EBE76FDB5A2E9BB2AEFD6AE314CFEE123BFA827526F57464CA63B53DB05174075A2CAA134862A36555446D0B7ED4BB5E9BF4A517AE94EA40A6560833BE1117E0CDC3F132C06DD9621ACCBF604163B8F74ADDA426D583354B28A05DAFAA38488B654F9D8E868DF29B65DA8BD584C9B6416A01F02E8B975A56F921662D63B7EE5046F54220940CE2590AA7AEA5915305AE84699755085290E1CA759A99B1CFBEBA5618AC16C79EB8186B7DD93C01718936463B21747F79286780C74DEC9DEB58F2E8D950AD30E234436F4EB10F32726A743DA94C3E76F700297AB9DA40872B2713000728DC12714D914440132566D4FD6EFA0D66FFB5ACCCA9726C82DB4662D3A80EA84561847CE00929A53F326D0B89DBA73D9C053D05B05ED829752F06FFB620E16E87B9E530BB936246667F822C129F406E32044DA2F2E6F936D483F48BD7A96BDB07FB1F796AE69AC6A5A0DBE8FEE2E7F941D2BBE0ADBC04DEDC1DADB01"> : tensor<8x64xi8>},
    %meta: memref<32xi32> {test.input = dense<"0x9C4EC4884E8DC49C44C4448D989E9DCCD89949DE4C8CE9D4C8CCE88DED94D9EC9E4E44D4D4CC9ED98CDEE8C4E8D4DE88EEE494EC949E9CE4898DDD849D98E44D984ED99D94E8D8D8C4DD494ED4444999E4E9ED94C48DD4989C99EECE9D9EDC98889E9DEE494C9CE9E4CEC894D8D89E84944CEEC999D98C4EEDD948DE98E94EEC"> : tensor<32xi32>},
    %index: memref<16x32xi8> {test.input = dense<"0x000305060A0B0C0D10111417181A1C1E2021242528292C2F30313435393B3C3E00020507090A0D0E111214151A1B1D1F20222427282B2C2F30323637393B3C3E020305060A0B0C0D1011141518191D1F202324262A2B2D2F3032363738393C3F0203060708090E0F10111516181B1E1F21222426292B2C2E3133353738393C3E000205060A0B0C0D11121517191B1D1E20212427292B2D2F313234353A3B3C3D00010607090A0E0F1113161718191D1E20232526292A2D2E323336373A3B3C3F000204060A0B0D0E111315161A1B1E1F202126272A2B2C2F3032343738393D3E00010506080B0C0D12131617191A1C1F21232627292A2D2F303234353A3B3D3F02030405090B0C0E10111417181B1D1E202225262A2B2D2E31333536383B3C3F00030405080B0C0E1112161718191D1F2123262728292D2E31323537383B3E3F00010507080B0C0F12131516191A1D1F2022262728292D2F32333537383A3C3E000105060A0B0D0E1013151618191E1F21232526282A2D2E30313637393B3C3D00010506080A0E0F10121517181A1D1F2021252728292C2D31323435393A3D3E00010407090B0C0E10111517181A1D1E212325262A2B2D2E30333537383A3D3E01020405080B0C0D10131516191A1E1F20222527282A2D2F3233353638393C3E01020506090A0D0F101314161A1B1C1D20222526292A2E2F32333435383B3E3F"> : tensor<16x32xi8>},
    %d: memref<16x8xi32> {test.output},
    %e: memref<16x8xi32> {test.output}) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes0 = arith.constant 0 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<16x32xi8> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  %b_index = memref.extract_aligned_pointer_as_index %b : memref<8x64xi8> -> index
  %b_address = arith.index_cast %b_index : index to i64
  %b_pointer = llvm.inttoptr %b_address : i64 to !llvm.ptr<1>
  %meta_index = memref.extract_aligned_pointer_as_index %meta : memref<32xi32> -> index
  %meta_address = arith.index_cast %meta_index : index to i64
  %meta_pointer = llvm.inttoptr %meta_address : i64 to !llvm.ptr<1>
  %index_index = memref.extract_aligned_pointer_as_index %index : memref<16x32xi8> -> index
  %index_address = arith.index_cast %index_index : index to i64
  %index_pointer = llvm.inttoptr %index_address : i64 to !llvm.ptr<1>
  %d_index = memref.extract_aligned_pointer_as_index %d : memref<16x8xi32> -> index
  %d_address = arith.index_cast %d_index : index to i64
  %d_pointer = llvm.inttoptr %d_address : i64 to !llvm.ptr<1>
  %e_index = memref.extract_aligned_pointer_as_index %e : memref<16x8xi32> -> index
  %e_address = arith.index_cast %e_index : index to i64
  %e_pointer = llvm.inttoptr %e_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@fragments blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes0 args(%a_pointer : !llvm.ptr<1>, %b_pointer : !llvm.ptr<1>, %d_pointer : !llvm.ptr<1>, %meta_pointer : !llvm.ptr<1>)
  gpu.launch_func @device::@plain blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes0 args(%a_pointer : !llvm.ptr<1>, %b_pointer : !llvm.ptr<1>, %e_pointer : !llvm.ptr<1>, %index_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// u8 by s8, k = 64, with metadata
// CHECK: argument 4: 16x8 weighted sum [[D:.*]]
// CHECK-NEXT: argument 5: 16x8 weighted sum [[D]]{{$}}
module attributes {gpu.container_module} {
gpu.module @device {
  gpu.func @fragments(%a: !llvm.ptr<1>, %b: !llvm.ptr<1>, %d: !llvm.ptr<1>, %meta: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c2 = arith.constant 2 : i32
    %c4 = arith.constant 4 : i32
    %c8 = arith.constant 8 : i32
    %c16 = arith.constant 16 : i32
    %c32 = arith.constant 32 : i32
    %c48 = arith.constant 48 : i32
    %c64 = arith.constant 64 : i32
    %x1 = nvvm.read.ptx.sreg.tid.x : i32
    %x2 = arith.divui %x1, %c4 : i32
    %x3 = arith.remui %x1, %c4 : i32
    %x4 = arith.muli %x3, %c4 : i32
    %x5 = arith.addi %x2, %c0 : i32
    %x6 = arith.muli %x5, %c32 : i32
    %x7 = arith.addi %x4, %c0 : i32
    %x8 = arith.addi %x6, %x7 : i32
    %x9 = llvm.getelementptr %a[%x8] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x10 = llvm.load %x9 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x11 = arith.addi %x2, %c8 : i32
    %x12 = arith.muli %x11, %c32 : i32
    %x13 = arith.addi %x4, %c0 : i32
    %x14 = arith.addi %x12, %x13 : i32
    %x15 = llvm.getelementptr %a[%x14] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x16 = llvm.load %x15 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x17 = arith.addi %x2, %c0 : i32
    %x18 = arith.muli %x17, %c32 : i32
    %x19 = arith.addi %x4, %c16 : i32
    %x20 = arith.addi %x18, %x19 : i32
    %x21 = llvm.getelementptr %a[%x20] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x22 = llvm.load %x21 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x23 = arith.addi %x2, %c8 : i32
    %x24 = arith.muli %x23, %c32 : i32
    %x25 = arith.addi %x4, %c16 : i32
    %x26 = arith.addi %x24, %x25 : i32
    %x27 = llvm.getelementptr %a[%x26] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x28 = llvm.load %x27 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x29 = vector.from_elements %x10, %x16, %x22, %x28 : vector<4xi32>
    %x30 = vector.bitcast %x29 : vector<4xi32> to vector<16xi8>
    %x31 = arith.divui %x1, %c4 : i32
    %x32 = arith.remui %x1, %c4 : i32
    %x33 = arith.muli %x32, %c4 : i32
    %x34 = arith.muli %x31, %c64 : i32
    %x35 = arith.addi %x33, %c0 : i32
    %x36 = arith.addi %x34, %x35 : i32
    %x37 = llvm.getelementptr %b[%x36] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x38 = llvm.load %x37 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x39 = arith.muli %x31, %c64 : i32
    %x40 = arith.addi %x33, %c16 : i32
    %x41 = arith.addi %x39, %x40 : i32
    %x42 = llvm.getelementptr %b[%x41] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x43 = llvm.load %x42 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x44 = arith.muli %x31, %c64 : i32
    %x45 = arith.addi %x33, %c32 : i32
    %x46 = arith.addi %x44, %x45 : i32
    %x47 = llvm.getelementptr %b[%x46] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x48 = llvm.load %x47 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x49 = arith.muli %x31, %c64 : i32
    %x50 = arith.addi %x33, %c48 : i32
    %x51 = arith.addi %x49, %x50 : i32
    %x52 = llvm.getelementptr %b[%x51] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x53 = llvm.load %x52 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x54 = vector.from_elements %x38, %x43, %x48, %x53 : vector<4xi32>
    %x55 = vector.bitcast %x54 : vector<4xi32> to vector<16xi8>
    %zeros = arith.constant dense<0> : vector<4xi32>
    %x56 = llvm.getelementptr %meta[%x1] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    %x57 = llvm.load %x56 : !llvm.ptr<1> -> i32
    %x58 = sparse_gpu.mma %x30, %x55, %zeros meta %x57 unsigned_a : vector<16xi8>, vector<16xi8>, vector<4xi32>
    %x59 = arith.divui %x1, %c4 : i32
    %x60 = arith.remui %x1, %c4 : i32
    %x61 = arith.muli %x60, %c2 : i32
    %x62 = arith.addi %x59, %c0 : i32
    %x63 = arith.muli %x62, %c8 : i32
    %x64 = arith.addi %x63, %x61 : i32
    %x65 = vector.extract_strided_slice %x58 {offsets = [0], sizes = [2], strides = [1]} : vector<4xi32> to vector<2xi32>
    %x66 = llvm.getelementptr %d[%x64] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    llvm.store %x65, %x66 {alignment = 8 : i64} : vector<2xi32>, !llvm.ptr<1>
    %x67 = arith.addi %x59, %c8 : i32
    %x68 = arith.muli %x67, %c8 : i32
    %x69 = arith.addi %x68, %x61 : i32
    %x70 = vector.extract_strided_slice %x58 {offsets = [2], sizes = [2], strides = [1]} : vector<4xi32> to vector<2xi32>
    %x71 = llvm.getelementptr %d[%x69] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    llvm.store %x70, %x71 {alignment = 8 : i64} : vector<2xi32>, !llvm.ptr<1>
    gpu.return
  }

  gpu.func @plain(%a: !llvm.ptr<1>, %b: !llvm.ptr<1>, %d: !llvm.ptr<1>, %index: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c8 = arith.constant 8 : i32
    %c32 = arith.constant 32 : i32
    %c64 = arith.constant 64 : i32
    %c128 = arith.constant 128 : i32
    %x1 = nvvm.read.ptx.sreg.tid.x : i32
    scf.for %at = %x1 to %c128 step %c32 : i32 {
    %x2 = arith.divui %at, %c8 : i32
    %x3 = arith.remui %at, %c8 : i32
    %sum = scf.for %s = %c0 to %c32 step %c1 iter_args(%so_far = %c0) -> (i32) : i32 {
    %x4 = arith.muli %x2, %c32 : i32
    %x5 = arith.addi %x4, %s : i32
    %x6 = llvm.getelementptr %a[%x5] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x7 = llvm.load %x6 : !llvm.ptr<1> -> i8
    %x8 = llvm.getelementptr %index[%x5] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x9 = llvm.load %x8 : !llvm.ptr<1> -> i8
    %x10 = arith.extui %x9 : i8 to i32
    %x11 = arith.muli %x3, %c64 : i32
    %x12 = arith.addi %x11, %x10 : i32
    %x13 = llvm.getelementptr %b[%x12] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x14 = llvm.load %x13 : !llvm.ptr<1> -> i8
    %x15 = arith.extui %x7 : i8 to i32
    %x16 = arith.extsi %x14 : i8 to i32
    %x17 = arith.muli %x15, %x16 : i32
    %x18 = arith.addi %so_far, %x17 : i32
    scf.yield %x18 : i32
    }
    %x19 = llvm.getelementptr %d[%at] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    llvm.store %sum, %x19 : i32, !llvm.ptr<1>
    }
    gpu.return
  }
}

func.func @main(%a: memref<16x32xi8> {test.input = dense<"0x367E8A829525E69BEECBC93C8672A1B785B84C528C5405233EAC0E2A8C68C3CEE03039BA5C30F9638AE76FF89082343E2D8E8F3C0E52D23A2FD9F556C5E99EF8EBDFD53083F2C978E6FA2249FA88E109CFD80AB1BCF186B69A6015F08330C63211629F0C0090B7803A114A65007580875D7F6AA995BC105165BBFBC47DC6A0F9107EDBF0AD2D863442661B486C84F9E540C21A3683BCD9D641E3712E4B584B0871B417D0EF88F0A527BB1F3123DA3A1A5722009C1645C24C02E6EFFD0A97298A7F90007803B7393FCBC3E496B1AA0E8146909F6EE20D23E0AEC4D880D6660FC0F37DC63D71786382267E2EE8190E6190D9EB7322265EBEEB67C436BAF26FB2AAFE9F1959EB448CF39C184E1C0F9DF8BA97BC59430C6B2243749ECEF3B35AB37EB4ABDD3807149C8B579965663A73C690E239C539E0277B1E69C0632943BAF43C292E76733644F2F1A2C521B83EAD8B54E8F732B514E7A2071FC0677C35B4548FDA195B22D8AFF660DF4ED79A7C976E573D827C1E68496DC98139777505649E118D7B70AA45751A8D5C01D78CF9E77B19FD4DE86B85669C3FFCCF0EF4A6D9A394A52307AF207E5260E080E3FDC6C401CC7927922F6AF6D7E8A9B8C3F287C68FBB5E0940943EFCF91C77F10B1B46D359665AC5146B974114A7A6206909362B0671D14C1AABABD6D408F50A1A0C30DB620740349AA50A1562EFA45E7F918BF3D463"> : tensor<16x32xi8>},
    %b: memref<8x64xi8> {test.input = dense<"0x78EEDF7FF70B74D295A9472B7DDCDC5C2111592F80993693FE8E889F28A6D32B784343C2294BE2BEC3414CE419BF36A21E091264FD9564B847BB41472ABC2AAC16F31FEEB624796A9C0F1516C32F1D0375ADB065710B8019430F23C8CFAB09D5E57BE64D0E465320B2B47524B8F754D74E658F00371F715C4C0D066E4ADC17EB685142650CDF947413C2B7F0918BD7BEC8BDF978EAD6EE937326C08E5365BBD6B17DF3D5E720752ED3C33D077B07F25E16FA0134A693E1614B11A28A886F7A77F0E4A73E5586C0244D15165D96839E47909E62FC91C99D0A6ECB05BFCC0FB625F817A6D1544A6886155BB311A18FD52D9960B752A4CECC53A0A397F739FBF6C5A6FCF1E8D92E1177EBDD989D47B54C0D6FBD4C7967228A37F993C530238D56EA4F8C0FC3909DE9FBB3B2F3E724BB0767F624EE60A96E76BBA42EB880B684848D987041DC77824AD046F401D6625F3702BD73B2249FE45F302745EF2F6985149DB73D46B2ACD019AA7DAE89FD23DD6D3A7AEE6A9B44CCC6D61674C255FDA1D578704B00E07CCF4279F33641F6C1BCEC476BD9B8D3C2A21CF73C521C97EFD169C15DF7C8423D79D70ABAE646C3B204314CA9D16C6819BDB99004C92DE2821EAB71676071EB83EBA50ECE2D9096A2236FEC1B4AEFDEC1B40408E1F31EDE01EF4A09094BF6099D34190101B609DC09CE78F662E1D9946D2C064A37BB1097D5B93A6C"> : tensor<8x64xi8>},
    %meta: memref<32xi32> {test.input = dense<"0x8E44EDE49DD8488D9DC9DD488C888EDCEDDCE88E98E8ED4D9DE9CC999E84CC94C49E9C84D48D9E4D9CC9C4CC4CCCDEECC48C98C94EEE9DDC998CCCE94444D99D8C984CED9EE889C9CE4E9DE4D998CCD4CEC899994884D8D9C4DDEE9DDC4484984499DDECD944E84C99CE4EDCD4449D94844C4CD9D899CC44C4C8ECE94C4E48DE"> : tensor<32xi32>},
    %index: memref<16x32xi8> {test.input = dense<"0x0203040608090C0D1113161718191E1F21232526292A2C2F31333537383A3C3D01030607080B0D0F101216171A1B1C1E21232526292A2E2F30333437393A3D3E000104070A0B0D0E1013151618191C1E20232526292A2C2F30313437383B3C3F00010407080B0C0E10121516191A1C1F21222526282B2C2E30333437393A3E3F00030406080A0D0E10131415191B1E1F222324272A2B2C2D3133353638393E3F02030407080A0C0F11121516191A1D1E20212427292B2D2F32333637393B3D3E00010405090A0D0E11131517181B1E1F212225262A2B2C2F32333435383B3D3F00010406080B0C0D10131415191A1D1F20212427282A2C2F30333637393A3E3F01030506080A0D0F10121415191B1C1E20232426282A2C2E32333436383B3D3F00020506080A0E0F11131617191B1C1D2223252628292C2E3033343738393D3E00010507090B0C0E12131516191B1C1D20232425282B2C2F32333537383B3E3F020304050A0B0E0F11131516181B1D1F2021242528292C2D31323537393B3D3E02030506080A0E0F11121416191A1C1F21222527282A2D2E3033343738393D3F0002040508090C0E10121517191A1D1F2023252728292C2D30313436383A3D3E0102050708090C0D10121617181B1C1D2021252728292C2D3133353638393D3E00020507090A0D0E1013141718191C1D202324252A2B2C2D303234353A3B3D3F"> : tensor<16x32xi8>},
    %d: memref<16x8xi32> {test.output},
    %e: memref<16x8xi32> {test.output}) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes0 = arith.constant 0 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<16x32xi8> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  %b_index = memref.extract_aligned_pointer_as_index %b : memref<8x64xi8> -> index
  %b_address = arith.index_cast %b_index : index to i64
  %b_pointer = llvm.inttoptr %b_address : i64 to !llvm.ptr<1>
  %meta_index = memref.extract_aligned_pointer_as_index %meta : memref<32xi32> -> index
  %meta_address = arith.index_cast %meta_index : index to i64
  %meta_pointer = llvm.inttoptr %meta_address : i64 to !llvm.ptr<1>
  %index_index = memref.extract_aligned_pointer_as_index %index : memref<16x32xi8> -> index
  %index_address = arith.index_cast %index_index : index to i64
  %index_pointer = llvm.inttoptr %index_address : i64 to !llvm.ptr<1>
  %d_index = memref.extract_aligned_pointer_as_index %d : memref<16x8xi32> -> index
  %d_address = arith.index_cast %d_index : index to i64
  %d_pointer = llvm.inttoptr %d_address : i64 to !llvm.ptr<1>
  %e_index = memref.extract_aligned_pointer_as_index %e : memref<16x8xi32> -> index
  %e_address = arith.index_cast %e_index : index to i64
  %e_pointer = llvm.inttoptr %e_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@fragments blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes0 args(%a_pointer : !llvm.ptr<1>, %b_pointer : !llvm.ptr<1>, %d_pointer : !llvm.ptr<1>, %meta_pointer : !llvm.ptr<1>)
  gpu.launch_func @device::@plain blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes0 args(%a_pointer : !llvm.ptr<1>, %b_pointer : !llvm.ptr<1>, %e_pointer : !llvm.ptr<1>, %index_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// f8E4M3FN, k = 32
// CHECK: argument 6: 16x8 weighted sum [[D:.*]]
// CHECK-NEXT: argument 7: 16x8 weighted sum [[D]]{{$}}
module attributes {gpu.container_module} {
gpu.module @device {
  gpu.func @fragments(%a: !llvm.ptr<1>, %b: !llvm.ptr<1>, %d: !llvm.ptr<1>, %meta: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c2 = arith.constant 2 : i32
    %c4 = arith.constant 4 : i32
    %c8 = arith.constant 8 : i32
    %c16 = arith.constant 16 : i32
    %c32 = arith.constant 32 : i32
    %x1 = nvvm.read.ptx.sreg.tid.x : i32
    %x2 = arith.divui %x1, %c4 : i32
    %x3 = arith.remui %x1, %c4 : i32
    %x4 = arith.muli %x3, %c4 : i32
    %x5 = arith.addi %x2, %c0 : i32
    %x6 = arith.muli %x5, %c32 : i32
    %x7 = arith.addi %x4, %c0 : i32
    %x8 = arith.addi %x6, %x7 : i32
    %x9 = llvm.getelementptr %a[%x8] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x10 = llvm.load %x9 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x11 = arith.addi %x2, %c8 : i32
    %x12 = arith.muli %x11, %c32 : i32
    %x13 = arith.addi %x4, %c0 : i32
    %x14 = arith.addi %x12, %x13 : i32
    %x15 = llvm.getelementptr %a[%x14] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x16 = llvm.load %x15 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x17 = arith.addi %x2, %c0 : i32
    %x18 = arith.muli %x17, %c32 : i32
    %x19 = arith.addi %x4, %c16 : i32
    %x20 = arith.addi %x18, %x19 : i32
    %x21 = llvm.getelementptr %a[%x20] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x22 = llvm.load %x21 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x23 = arith.addi %x2, %c8 : i32
    %x24 = arith.muli %x23, %c32 : i32
    %x25 = arith.addi %x4, %c16 : i32
    %x26 = arith.addi %x24, %x25 : i32
    %x27 = llvm.getelementptr %a[%x26] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x28 = llvm.load %x27 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x29 = vector.from_elements %x10, %x16, %x22, %x28 : vector<4xi32>
    %x30 = vector.bitcast %x29 : vector<4xi32> to vector<16xf8E4M3FN>
    %x31 = arith.divui %x1, %c4 : i32
    %x32 = arith.remui %x1, %c4 : i32
    %x33 = arith.muli %x32, %c4 : i32
    %x34 = arith.muli %x31, %c32 : i32
    %x35 = arith.addi %x33, %c0 : i32
    %x36 = arith.addi %x34, %x35 : i32
    %x37 = llvm.getelementptr %b[%x36] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x38 = llvm.load %x37 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x39 = arith.muli %x31, %c32 : i32
    %x40 = arith.addi %x33, %c16 : i32
    %x41 = arith.addi %x39, %x40 : i32
    %x42 = llvm.getelementptr %b[%x41] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x43 = llvm.load %x42 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x44 = vector.from_elements %x38, %x43 : vector<2xi32>
    %x45 = vector.bitcast %x44 : vector<2xi32> to vector<8xf8E4M3FN>
    %zeros = arith.constant dense<0.0> : vector<4xf32>
    %x46 = sparse_gpu.mma %x30, %x45, %zeros : vector<16xf8E4M3FN>, vector<8xf8E4M3FN>, vector<4xf32>
    %x47 = arith.divui %x1, %c4 : i32
    %x48 = arith.remui %x1, %c4 : i32
    %x49 = arith.muli %x48, %c2 : i32
    %x50 = arith.addi %x47, %c0 : i32
    %x51 = arith.muli %x50, %c8 : i32
    %x52 = arith.addi %x51, %x49 : i32
    %x53 = vector.extract_strided_slice %x46 {offsets = [0], sizes = [2], strides = [1]} : vector<4xf32> to vector<2xf32>
    %x54 = llvm.getelementptr %d[%x52] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    llvm.store %x53, %x54 {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<1>
    %x55 = arith.addi %x47, %c8 : i32
    %x56 = arith.muli %x55, %c8 : i32
    %x57 = arith.addi %x56, %x49 : i32
    %x58 = vector.extract_strided_slice %x46 {offsets = [2], sizes = [2], strides = [1]} : vector<4xf32> to vector<2xf32>
    %x59 = llvm.getelementptr %d[%x57] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    llvm.store %x58, %x59 {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<1>
    gpu.return
  }

  gpu.func @plain(%a: !llvm.ptr<1>, %b: !llvm.ptr<1>, %d: !llvm.ptr<1>, %index: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c8 = arith.constant 8 : i32
    %c32 = arith.constant 32 : i32
    %c128 = arith.constant 128 : i32
    %x1 = nvvm.read.ptx.sreg.tid.x : i32
    scf.for %at = %x1 to %c128 step %c32 : i32 {
    %x2 = arith.divui %at, %c8 : i32
    %x3 = arith.remui %at, %c8 : i32
    %sum = scf.for %s = %c0 to %c32 step %c1 iter_args(%so_far = %c0) -> (i32) : i32 {
    %x4 = arith.muli %x2, %c32 : i32
    %x5 = arith.addi %x4, %s : i32
    %x6 = llvm.getelementptr %a[%x5] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x7 = llvm.load %x6 : !llvm.ptr<1> -> i8
    %x8 = llvm.getelementptr %index[%x5] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x9 = llvm.load %x8 : !llvm.ptr<1> -> i8
    %x10 = arith.extui %x9 : i8 to i32
    %x11 = arith.muli %x3, %c32 : i32
    %x12 = arith.addi %x11, %x10 : i32
    %x13 = llvm.getelementptr %b[%x12] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x14 = llvm.load %x13 : !llvm.ptr<1> -> i8
    %x15 = arith.extsi %x7 : i8 to i32
    %x16 = arith.extsi %x14 : i8 to i32
    %x17 = arith.muli %x15, %x16 : i32
    %x18 = arith.addi %so_far, %x17 : i32
    scf.yield %x18 : i32
    }
    %x19 = arith.sitofp %sum : i32 to f32
    %x20 = llvm.getelementptr %d[%at] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    llvm.store %x19, %x20 : f32, !llvm.ptr<1>
    }
    gpu.return
  }
}

func.func @main(%a: memref<16x32xi8> {test.input = dense<"0x4000C84C00B8CE400000CECCCAB84E4C44403844484C44C0C4C04440CE4E404E44CC4440C0CE4CC8C4404A484EC44838484ACC44484A44CE4CCA48C4CC4ECC38484E0040B8C8B84ACC4C4E4C00C0C848B8CE4E38CE38C40038484C4ECEC8C0C4CEC840B8C8C8443840C0C0B84ECA44C4CE48444E48CC38CCCE4ECCC048B838CA48C4C4004EC0CE4C38C0380048CE00C0B84E484A484E4800C800484E384A4840CCCC4A484C4CC0CA384A000044CCCA4EC4C444004ACE4CC04A48C0C84E00CCC4CE4ECEC400CECACE444AC4CEC800B8C04048C84444CE40CA4A444844004A444C4044CE004EB8CA4EC84C384E4C4AC4444ECE4EB844384444484C4AC84A484ACE38C4CECC4A0038CC4EB84CCA484EB8CA404AC8C84ACC4444C440C8CAC8CA38C84C484AB84E4CCACCCE44484E4A4ACAC400C044B8CCC044B80048CE4C4ACC403838CAC0404CCA38CCCE4C48C8B8CECE4044B84A4ECE0044C440C44CCEB844CC4AB8C8B84848CE48484AB8C438C4C0CE484C40CA004844C4CECAB800CA4A004ACA4848004448CE484ACCC0C448CC48C44CCAC8CC38B8CA4448CE48444C4A48C838404E40B8CCC8C8C4CA384CC4CA4444CE4E4E48C0B8CE4EC0CEC438C0CE4C4C40C0B84AC0CEC0B848CAC840B848C838CA40CC40C4C4404AC04EC44CCA48CACACAC44CCC4E48CC4044CCC44444C444CA4438CCB84840CA4C404ACA4E38B84CC84C"> : tensor<16x32xi8>},
    %b: memref<8x32xi8> {test.input = dense<"0xC0C0404048C0484EB84E404ECC48CE44B8CEC8CACA40CEC84EC84ACCCACC4C444A38CC4A00C0CC004000444EC444C8C04ACA4ACE444444C4CAC8CECAC4CC00CE4E48CE4C4E4ACA40C44C38CACEB8C4B838004A3800CAC44C4AC8CCC444B840C844CE4E38B80044C8C0CEC8C80048C800B8004A48CC48404CB8CAB8C84AC440CC4C404CCEC44E44CACC480038CCCCC8B8C4CECE4E4AC0CE44CCCCCCCA38CEC0B8C80040C048B8CCC4C0CA384AC8C4CE40CA4E4C004C484A44B8B8CE403838C044CAB840B8CE4AC0C4B84A48404C00B8C8CACECACC4E00CCCECC44C43848444AB8CA4E4C44CCC8004CCA480048CA444A4AB8CC40C44C44484ACEC4CACC4E44C438"> : tensor<8x32xi8>},
    %m: memref<16x32xi8> {test.input = dense<"0x0200FC0600FFF9020000F9FAFBFF070603020103040603FEFDFE0302F907020703FA0302FEF906FCFD02050407FD04010405FA03040503F906FB04FDFA07FA0104070002FFFCFF05FA06070600FEFC04FFF90701F901FD0001040607F9FCFEFDF9FC02FFFCFC030102FEFEFF07FB03FDF904030704FA01FAF907FAFE04FF01FB04FDFD0007FEF90601FE010004F900FEFF07040504070400FC00040701050402FAFA05040606FEFB0105000003FAFB07FDFD030005F906FE0504FEFC0700FAFDF907F9FD00F9FBF90305FDF9FC00FFFE0204FC0303F902FB05030403000503060203F90007FFFB07FC0601070605FD0307F907FF03010303040605FC050405F901FDF9FA050001FA07FF06FB0407FFFB0205FCFC05FA0303FD02FCFBFCFB01FC060405FF0706FBFAF90304070505FBFD00FE03FFFAFE03FF0004F90605FA020101FBFE0206FB01FAF90604FCFFF9F90203FF0507F90003FD02FD06F9FF03FA05FFFCFF0404F9040405FFFD01FDFEF9040602FB000403FDF9FBFF00FB050005FB0404000304F90405FAFEFD04FA04FD06FBFCFA01FFFB0304F90403060504FC01020702FFFAFCFCFDFB0106FDFB0303F9070704FEFFF907FEF9FD01FEF9060602FEFF05FEF9FEFF04FBFC02FF04FC01FB02FA02FDFD0205FE07FD06FB04FBFBFBFD06FA0704FA0203FAFD0303FD03FB0301FAFF0402FB060205FB0701FF06FC06"> : tensor<16x32xi8>},
    %n: memref<8x32xi8> {test.input = dense<"0xFEFE020204FE0407FF070207FA04F903FFF9FCFBFB02F9FC07FC05FAFBFA06030501FA0500FEFA0002000307FD03FCFE05FB05F9030303FDFBFCF9FBFDFA00F90704F9060705FB02FD0601FBF9FFFDFF0100050100FBFD0605FCFAFD03FF02FC03F90701FF0003FCFEF9FCFC0004FC00FF000504FA040206FFFBFFFC05FD02FA060206F9FD0703FBFA040001FAFAFCFFFDF9F90705FEF903FAFAFAFB01F9FEFFFC0002FE04FFFAFDFEFB0105FCFDF902FB07060006040503FFFFF9020101FE03FBFF02FFF905FEFDFF0504020600FFFCFBF9FBFA0700FAF9FA03FD01040305FFFB070603FAFC0006FB040004FB030505FFFA02FD06030405F9FDFBFA0703FD01"> : tensor<8x32xi8>},
    %meta: memref<32xi32> {test.input = dense<"0x0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"> : tensor<32xi32>},
    %index: memref<16x32xi8> {test.input = dense<"0x000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"> : tensor<16x32xi8>},
    %d: memref<16x8xf32> {test.output},
    %e: memref<16x8xf32> {test.output}) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes0 = arith.constant 0 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<16x32xi8> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  %b_index = memref.extract_aligned_pointer_as_index %b : memref<8x32xi8> -> index
  %b_address = arith.index_cast %b_index : index to i64
  %b_pointer = llvm.inttoptr %b_address : i64 to !llvm.ptr<1>
  %m_index = memref.extract_aligned_pointer_as_index %m : memref<16x32xi8> -> index
  %m_address = arith.index_cast %m_index : index to i64
  %m_pointer = llvm.inttoptr %m_address : i64 to !llvm.ptr<1>
  %n_index = memref.extract_aligned_pointer_as_index %n : memref<8x32xi8> -> index
  %n_address = arith.index_cast %n_index : index to i64
  %n_pointer = llvm.inttoptr %n_address : i64 to !llvm.ptr<1>
  %meta_index = memref.extract_aligned_pointer_as_index %meta : memref<32xi32> -> index
  %meta_address = arith.index_cast %meta_index : index to i64
  %meta_pointer = llvm.inttoptr %meta_address : i64 to !llvm.ptr<1>
  %index_index = memref.extract_aligned_pointer_as_index %index : memref<16x32xi8> -> index
  %index_address = arith.index_cast %index_index : index to i64
  %index_pointer = llvm.inttoptr %index_address : i64 to !llvm.ptr<1>
  %d_index = memref.extract_aligned_pointer_as_index %d : memref<16x8xf32> -> index
  %d_address = arith.index_cast %d_index : index to i64
  %d_pointer = llvm.inttoptr %d_address : i64 to !llvm.ptr<1>
  %e_index = memref.extract_aligned_pointer_as_index %e : memref<16x8xf32> -> index
  %e_address = arith.index_cast %e_index : index to i64
  %e_pointer = llvm.inttoptr %e_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@fragments blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes0 args(%a_pointer : !llvm.ptr<1>, %b_pointer : !llvm.ptr<1>, %d_pointer : !llvm.ptr<1>, %meta_pointer : !llvm.ptr<1>)
  gpu.launch_func @device::@plain blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes0 args(%m_pointer : !llvm.ptr<1>, %n_pointer : !llvm.ptr<1>, %e_pointer : !llvm.ptr<1>, %index_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// f8E4M3FN, k = 64, with metadata
// CHECK: argument 6: 16x8 weighted sum [[D:.*]]
// CHECK-NEXT: argument 7: 16x8 weighted sum [[D]]{{$}}
module attributes {gpu.container_module} {
gpu.module @device {
  gpu.func @fragments(%a: !llvm.ptr<1>, %b: !llvm.ptr<1>, %d: !llvm.ptr<1>, %meta: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c2 = arith.constant 2 : i32
    %c4 = arith.constant 4 : i32
    %c8 = arith.constant 8 : i32
    %c16 = arith.constant 16 : i32
    %c32 = arith.constant 32 : i32
    %c48 = arith.constant 48 : i32
    %c64 = arith.constant 64 : i32
    %x1 = nvvm.read.ptx.sreg.tid.x : i32
    %x2 = arith.divui %x1, %c4 : i32
    %x3 = arith.remui %x1, %c4 : i32
    %x4 = arith.muli %x3, %c4 : i32
    %x5 = arith.addi %x2, %c0 : i32
    %x6 = arith.muli %x5, %c32 : i32
    %x7 = arith.addi %x4, %c0 : i32
    %x8 = arith.addi %x6, %x7 : i32
    %x9 = llvm.getelementptr %a[%x8] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x10 = llvm.load %x9 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x11 = arith.addi %x2, %c8 : i32
    %x12 = arith.muli %x11, %c32 : i32
    %x13 = arith.addi %x4, %c0 : i32
    %x14 = arith.addi %x12, %x13 : i32
    %x15 = llvm.getelementptr %a[%x14] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x16 = llvm.load %x15 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x17 = arith.addi %x2, %c0 : i32
    %x18 = arith.muli %x17, %c32 : i32
    %x19 = arith.addi %x4, %c16 : i32
    %x20 = arith.addi %x18, %x19 : i32
    %x21 = llvm.getelementptr %a[%x20] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x22 = llvm.load %x21 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x23 = arith.addi %x2, %c8 : i32
    %x24 = arith.muli %x23, %c32 : i32
    %x25 = arith.addi %x4, %c16 : i32
    %x26 = arith.addi %x24, %x25 : i32
    %x27 = llvm.getelementptr %a[%x26] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x28 = llvm.load %x27 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x29 = vector.from_elements %x10, %x16, %x22, %x28 : vector<4xi32>
    %x30 = vector.bitcast %x29 : vector<4xi32> to vector<16xf8E4M3FN>
    %x31 = arith.divui %x1, %c4 : i32
    %x32 = arith.remui %x1, %c4 : i32
    %x33 = arith.muli %x32, %c4 : i32
    %x34 = arith.muli %x31, %c64 : i32
    %x35 = arith.addi %x33, %c0 : i32
    %x36 = arith.addi %x34, %x35 : i32
    %x37 = llvm.getelementptr %b[%x36] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x38 = llvm.load %x37 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x39 = arith.muli %x31, %c64 : i32
    %x40 = arith.addi %x33, %c16 : i32
    %x41 = arith.addi %x39, %x40 : i32
    %x42 = llvm.getelementptr %b[%x41] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x43 = llvm.load %x42 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x44 = arith.muli %x31, %c64 : i32
    %x45 = arith.addi %x33, %c32 : i32
    %x46 = arith.addi %x44, %x45 : i32
    %x47 = llvm.getelementptr %b[%x46] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x48 = llvm.load %x47 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x49 = arith.muli %x31, %c64 : i32
    %x50 = arith.addi %x33, %c48 : i32
    %x51 = arith.addi %x49, %x50 : i32
    %x52 = llvm.getelementptr %b[%x51] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x53 = llvm.load %x52 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x54 = vector.from_elements %x38, %x43, %x48, %x53 : vector<4xi32>
    %x55 = vector.bitcast %x54 : vector<4xi32> to vector<16xf8E4M3FN>
    %zeros = arith.constant dense<0.0> : vector<4xf32>
    %x56 = llvm.getelementptr %meta[%x1] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    %x57 = llvm.load %x56 : !llvm.ptr<1> -> i32
    %x58 = sparse_gpu.mma %x30, %x55, %zeros meta %x57 : vector<16xf8E4M3FN>, vector<16xf8E4M3FN>, vector<4xf32>
    %x59 = arith.divui %x1, %c4 : i32
    %x60 = arith.remui %x1, %c4 : i32
    %x61 = arith.muli %x60, %c2 : i32
    %x62 = arith.addi %x59, %c0 : i32
    %x63 = arith.muli %x62, %c8 : i32
    %x64 = arith.addi %x63, %x61 : i32
    %x65 = vector.extract_strided_slice %x58 {offsets = [0], sizes = [2], strides = [1]} : vector<4xf32> to vector<2xf32>
    %x66 = llvm.getelementptr %d[%x64] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    llvm.store %x65, %x66 {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<1>
    %x67 = arith.addi %x59, %c8 : i32
    %x68 = arith.muli %x67, %c8 : i32
    %x69 = arith.addi %x68, %x61 : i32
    %x70 = vector.extract_strided_slice %x58 {offsets = [2], sizes = [2], strides = [1]} : vector<4xf32> to vector<2xf32>
    %x71 = llvm.getelementptr %d[%x69] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    llvm.store %x70, %x71 {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<1>
    gpu.return
  }

  gpu.func @plain(%a: !llvm.ptr<1>, %b: !llvm.ptr<1>, %d: !llvm.ptr<1>, %index: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c8 = arith.constant 8 : i32
    %c32 = arith.constant 32 : i32
    %c64 = arith.constant 64 : i32
    %c128 = arith.constant 128 : i32
    %x1 = nvvm.read.ptx.sreg.tid.x : i32
    scf.for %at = %x1 to %c128 step %c32 : i32 {
    %x2 = arith.divui %at, %c8 : i32
    %x3 = arith.remui %at, %c8 : i32
    %sum = scf.for %s = %c0 to %c32 step %c1 iter_args(%so_far = %c0) -> (i32) : i32 {
    %x4 = arith.muli %x2, %c32 : i32
    %x5 = arith.addi %x4, %s : i32
    %x6 = llvm.getelementptr %a[%x5] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x7 = llvm.load %x6 : !llvm.ptr<1> -> i8
    %x8 = llvm.getelementptr %index[%x5] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x9 = llvm.load %x8 : !llvm.ptr<1> -> i8
    %x10 = arith.extui %x9 : i8 to i32
    %x11 = arith.muli %x3, %c64 : i32
    %x12 = arith.addi %x11, %x10 : i32
    %x13 = llvm.getelementptr %b[%x12] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x14 = llvm.load %x13 : !llvm.ptr<1> -> i8
    %x15 = arith.extsi %x7 : i8 to i32
    %x16 = arith.extsi %x14 : i8 to i32
    %x17 = arith.muli %x15, %x16 : i32
    %x18 = arith.addi %so_far, %x17 : i32
    scf.yield %x18 : i32
    }
    %x19 = arith.sitofp %sum : i32 to f32
    %x20 = llvm.getelementptr %d[%at] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    llvm.store %x19, %x20 : f32, !llvm.ptr<1>
    }
    gpu.return
  }
}

func.func @main(%a: memref<16x32xi8> {test.input = dense<"0x444848C0C4404800C44ECA4CC040CA4000C0C04E44CAB84C4AC000CC404AC000CEB8CC4ACACA0048484ACA4CC040CCC044C0C4CC384448C4C8CAB84AC04A00C0384ECC00C8444048B8C0C044484838B84C484C4E00484E4E4800CE4E484CCC38484E4A3848CA00B84C40CEC4CE4400C800CACAC44A4448C8CA4ECCCACA4E4E384044384C38C8384000C4CA00CE4E384CCA004ECCC4B8CECA4CC040B84A0040C840CE3838CAB8C0C4C400C448CE4C4848C00000004C40C4CAC0CEC8C438CC4038C4CA38C03848C4B84EC440B8CEB8CEC4C4C840C4B844CA484EB84EC440CAC44E0048C04AC0384E38CCCCC04C4840C8CA48404A48C8B848C838CCCACA384CCA44004838CC484CCC00C844C8B8384C44C4C0C438404048404C00CA004044C44A4A4000C0CECA00C4CA00B8CAC84C4040C8CC4ECA4EC8CA4ECA4C4CCEC0C8004A4ACCCCC840484A4844B84C484C4CCEB838400038CE444CC0CA4ECA38B800B8CE4A4CCC4C384CCC4044404AC438B8CE384838CE004AB8B8CA4CCCB8CC40C400CC4438CA4EC4C4C0384AC44A40444C4844C40044404E3840C4C4CECC004A40C4CC4CCAC84400C8C44400CAB8C44044B8C400C4004EC4CA4E4C48CACE00B8CE00B84CCE40CA4AC04ACA4AC44E000038CE4EC84EC800B8444A4A384AC8C048B84AC4C04A4ACCC4C838CE4CCCCEB84A00C0C0C0CA4C48CE4C4438CE4E4ECECAC0C4C04E"> : tensor<16x32xi8>},
    %b: memref<8x64xi8> {test.input = dense<"0xCA4ACC4800383844CEC4C04E48C04ECC40C000484C004C404E38CCC4B84A40CE44C44ACC384C4EC0CE4ECCCC0044B844C44AC044CC40B8CA40CC4CC800C838C0004C00C8384E4C4EC04038384848440000CE384CC0CAC44E3844C44A48C4CE404A40C0B840CAB8B8C44C4438B800CA40CCB8CECCCCCAC4384CC04ECEC0CEC4444CCC44CCC44044404800C800440048C8C4C8C4CE4A38C8B84C40C84000B800B8C04044480048B84E4E404448C4CA444C4440C0C4CA00CEC4CE004E40CACAC4CAB80040CE4E4ACE4ACAB8004A38CEC8404A40CEC4C0004800CE444CC0444C44CC404000C8C0B84CC0444E443840384800C0CA404EC0C4C8B84CC0C8004E44C400404438CA444444C4C8C0404ACC38CE404A4CCE4ACACE384AB84EC4C8B84CCEC84ACEB8404AB8CC404C4CCC4A48C84040B8C44AC0003840CCCC4CCCCA444E4EC8CCC040CACECCCA004A380038CACA38B8CEB800C4C444C040C8B8B8444C44CA4AC4CC4C4AC4C84E40C8C0C44CB8444C38C4C44844B8C440C4CE4ACC4EC44ACCCCCAB840C4C838CC4AC4C8C43800C84A4048CA4444CC48384ACCC84CCEB8C038384A44CC444A4EC8CEC04A00CC40C438C0C440CAC844384EC448CE40CEC8444EC044C84448C83840CC444C0040384ACA48C0CEC844B8CACE44CA4ACACC4E38CCC444CA4A48B8B8CA3844CAC8C44E4EC04A4000CC44C04ACECCCEC0B844C8CCC0CA"> : tensor<8x64xi8>},
    %m: memref<16x32xi8> {test.input = dense<"0x030404FEFD020400FD07FB06FE02FB0200FEFE0703FBFF0605FE00FA0205FE00F9FFFA05FBFB00040405FB06FE02FAFE03FEFDFA010304FDFCFBFF05FE0500FE0107FA00FC030204FFFEFE03040401FF06040607000407070400F9070406FA010407050104FB00FF0602F9FDF90300FC00FBFBFD050304FCFB07FAFBFB0707010203010601FC010200FDFB00F9070106FB0007FAFDFFF9FB06FE02FF050002FC02F90101FBFFFEFDFD00FD04F9060404FE0000000602FDFBFEF9FCFD01FA0201FDFB01FE0104FDFF07FD02FFF9FFF9FDFDFC02FDFF03FB0407FF07FD02FBFD070004FE05FE010701FAFAFE060402FCFB04020504FCFF04FC01FAFBFB0106FB03000401FA0406FA00FC03FCFF010603FDFEFD01020204020600FB000203FD05050200FEF9FB00FDFB00FFFBFC060202FCFA07FB07FCFB07FB0606F9FEFC000505FAFAFC0204050403FF06040606F9FF01020001F90306FEFB07FB01FF00FFF90506FA060106FA02030205FD01FFF9010401F90005FFFFFB06FAFFFA02FD00FA0301FB07FDFDFE0105FD050203060403FD000302070102FDFDF9FA000502FDFA06FBFC0300FCFD0300FBFFFD0203FFFD00FD0007FDFB070604FBF900FFF900FF06F902FB05FE05FB05FD07000001F907FC07FC00FF0305050105FCFE04FF05FDFE0505FAFDFC01F906FAF9FF0500FEFEFEFB0604F9060301F90707F9FBFEFDFE07"> : tensor<16x32xi8>},
    %n: memref<8x64xi8> {test.input = dense<"0xFB05FA0400010103F9FDFE0704FE07FA02FE0004060006020701FAFDFF0502F903FD05FA010607FEF907FAFA0003FF03FD05FE03FA02FFFB02FA06FC00FC01FE000600FC01070607FE0201010404030000F90106FEFBFD070103FD0504FDF9020502FEFF02FBFFFFFD060301FF00FB02FAFFF9FAFAFBFD0106FE07F9FEF9FD0306FA03FAFD0203020400FC00030004FCFDFCFDF90501FCFF0602FC0200FF00FFFE0203040004FF0707020304FDFB03060302FEFDFB00F9FDF9000702FBFBFDFBFF0002F90705F905FBFF000501F9FC020502F9FDFE000400F90306FE030603FA020200FCFEFF06FE0307030102010400FEFB0207FEFDFCFF06FEFC000703FD00020301FB030303FDFCFE0205FA01F9020506F905FBF90105FF07FDFCFF06F9FC05F9FF0205FFFA020606FA0504FC0202FFFD05FE000102FAFA06FAFB030707FCFAFE02FBF9FAFB0005010001FBFB01FFF9FF00FDFD03FE02FCFFFF030603FB05FDFA0605FDFC0702FCFEFD06FF030601FDFD0403FFFD02FDF905FA07FD05FAFAFBFF02FDFC01FA05FDFCFD0100FC050204FB0303FA040105FAFC06F9FFFE01010503FA030507FCF9FE0500FA02FD01FEFD02FBFC030107FD04F902F9FC0307FE03FC0304FC0102FA030600020105FB04FEF9FC03FFFBF903FB05FBFA0701FAFD03FB0504FFFFFB0103FBFCFD0707FE050200FA03FE05F9FAF9FEFF03FCFAFEFB"> : tensor<8x64xi8>},
    %meta: memref<32xi32> {test.input = dense<"0xDE4DD99D98988898C89E448CE44EEDDCEE99DE9DD998E8E9D488E48DE9DEE444DD4EECD4448CE44EE88848DE8EE48D9DC84849D8884EEDDDC4C4CCDDEEDD4D9E488CDC84EED4EE94CCD48C8E9CCEC9948848D9DD8C4C9DCCE99CE9DEEC49E9CDDCEC4D8ED899CEC84DDEC949CEEECCE88E8E8E9D4C84D8494ED4CD44D9C8EE94"> : tensor<32xi32>},
    %index: memref<16x32xi8> {test.input = dense<"0x02030507090B0C0D11121517191B1D1E202224272A2B2D2E30313435383B3C3E02030607090A0D0E12131517191B1D1E20212527282A2C2E30313637393B3C3E010305070A0B0C0D1013161718191D1F20222627282A2C2E303234353A3B3D3F00020407080A0C0D11121415181A1D1F2021242728292C2F30333437393B3D3F00020405080B0C0E1013151718191C1E2023242728292D2F303334363A3B3C3E00020406080A0C0D11121517191B1D1F21222627282B2D2E313236373A3B3D3F00030507080B0E0F111314151A1B1C1E212324252A2B2D2F31323437393A3C3D020304060A0B0C0E12131416191B1D1E2223242528292D2F3133343738393C3D00020506080A0D0E10121416181A1D1E202126272A2B2C2D31333637383B3D3F01020507080A0D0E10121617191A1E1F212226272A2B2D2F3031363738393C3D00010405080B0C0E101116171A1B1C1D2223242628292E2F31333436393B3D3E000204060A0B0C0D11131617191B1D1F22232627292B2D2F313334353A3B3D3E0203060708090D0F1213161718191D1E202325262A2B2C2F3132343738393D3E00030406080B0C0D11131516181B1C1F20232627292A2C2D31323637393B3C3F00020507090A0D0E12131417181A1C1F222324272A2B2E2F30333437383A3E3F0003040508090C0E10121517191A1C1D21222527282A2C2F3233363738393D3E"> : tensor<16x32xi8>},
    %d: memref<16x8xf32> {test.output},
    %e: memref<16x8xf32> {test.output}) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes0 = arith.constant 0 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<16x32xi8> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  %b_index = memref.extract_aligned_pointer_as_index %b : memref<8x64xi8> -> index
  %b_address = arith.index_cast %b_index : index to i64
  %b_pointer = llvm.inttoptr %b_address : i64 to !llvm.ptr<1>
  %m_index = memref.extract_aligned_pointer_as_index %m : memref<16x32xi8> -> index
  %m_address = arith.index_cast %m_index : index to i64
  %m_pointer = llvm.inttoptr %m_address : i64 to !llvm.ptr<1>
  %n_index = memref.extract_aligned_pointer_as_index %n : memref<8x64xi8> -> index
  %n_address = arith.index_cast %n_index : index to i64
  %n_pointer = llvm.inttoptr %n_address : i64 to !llvm.ptr<1>
  %meta_index = memref.extract_aligned_pointer_as_index %meta : memref<32xi32> -> index
  %meta_address = arith.index_cast %meta_index : index to i64
  %meta_pointer = llvm.inttoptr %meta_address : i64 to !llvm.ptr<1>
  %index_index = memref.extract_aligned_pointer_as_index %index : memref<16x32xi8> -> index
  %index_address = arith.index_cast %index_index : index to i64
  %index_pointer = llvm.inttoptr %index_address : i64 to !llvm.ptr<1>
  %d_index = memref.extract_aligned_pointer_as_index %d : memref<16x8xf32> -> index
  %d_address = arith.index_cast %d_index : index to i64
  %d_pointer = llvm.inttoptr %d_address : i64 to !llvm.ptr<1>
  %e_index = memref.extract_aligned_pointer_as_index %e : memref<16x8xf32> -> index
  %e_address = arith.index_cast %e_index : index to i64
  %e_pointer = llvm.inttoptr %e_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@fragments blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes0 args(%a_pointer : !llvm.ptr<1>, %b_pointer : !llvm.ptr<1>, %d_pointer : !llvm.ptr<1>, %meta_pointer : !llvm.ptr<1>)
  gpu.launch_func @device::@plain blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes0 args(%m_pointer : !llvm.ptr<1>, %n_pointer : !llvm.ptr<1>, %e_pointer : !llvm.ptr<1>, %index_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// f8E5M2, k = 32
// CHECK: argument 6: 16x8 weighted sum [[D:.*]]
// CHECK-NEXT: argument 7: 16x8 weighted sum [[D]]{{$}}
module attributes {gpu.container_module} {
gpu.module @device {
  gpu.func @fragments(%a: !llvm.ptr<1>, %b: !llvm.ptr<1>, %d: !llvm.ptr<1>, %meta: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c2 = arith.constant 2 : i32
    %c4 = arith.constant 4 : i32
    %c8 = arith.constant 8 : i32
    %c16 = arith.constant 16 : i32
    %c32 = arith.constant 32 : i32
    %x1 = nvvm.read.ptx.sreg.tid.x : i32
    %x2 = arith.divui %x1, %c4 : i32
    %x3 = arith.remui %x1, %c4 : i32
    %x4 = arith.muli %x3, %c4 : i32
    %x5 = arith.addi %x2, %c0 : i32
    %x6 = arith.muli %x5, %c32 : i32
    %x7 = arith.addi %x4, %c0 : i32
    %x8 = arith.addi %x6, %x7 : i32
    %x9 = llvm.getelementptr %a[%x8] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x10 = llvm.load %x9 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x11 = arith.addi %x2, %c8 : i32
    %x12 = arith.muli %x11, %c32 : i32
    %x13 = arith.addi %x4, %c0 : i32
    %x14 = arith.addi %x12, %x13 : i32
    %x15 = llvm.getelementptr %a[%x14] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x16 = llvm.load %x15 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x17 = arith.addi %x2, %c0 : i32
    %x18 = arith.muli %x17, %c32 : i32
    %x19 = arith.addi %x4, %c16 : i32
    %x20 = arith.addi %x18, %x19 : i32
    %x21 = llvm.getelementptr %a[%x20] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x22 = llvm.load %x21 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x23 = arith.addi %x2, %c8 : i32
    %x24 = arith.muli %x23, %c32 : i32
    %x25 = arith.addi %x4, %c16 : i32
    %x26 = arith.addi %x24, %x25 : i32
    %x27 = llvm.getelementptr %a[%x26] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x28 = llvm.load %x27 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x29 = vector.from_elements %x10, %x16, %x22, %x28 : vector<4xi32>
    %x30 = vector.bitcast %x29 : vector<4xi32> to vector<16xf8E5M2>
    %x31 = arith.divui %x1, %c4 : i32
    %x32 = arith.remui %x1, %c4 : i32
    %x33 = arith.muli %x32, %c4 : i32
    %x34 = arith.muli %x31, %c32 : i32
    %x35 = arith.addi %x33, %c0 : i32
    %x36 = arith.addi %x34, %x35 : i32
    %x37 = llvm.getelementptr %b[%x36] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x38 = llvm.load %x37 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x39 = arith.muli %x31, %c32 : i32
    %x40 = arith.addi %x33, %c16 : i32
    %x41 = arith.addi %x39, %x40 : i32
    %x42 = llvm.getelementptr %b[%x41] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x43 = llvm.load %x42 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x44 = vector.from_elements %x38, %x43 : vector<2xi32>
    %x45 = vector.bitcast %x44 : vector<2xi32> to vector<8xf8E5M2>
    %zeros = arith.constant dense<0.0> : vector<4xf32>
    %x46 = sparse_gpu.mma %x30, %x45, %zeros : vector<16xf8E5M2>, vector<8xf8E5M2>, vector<4xf32>
    %x47 = arith.divui %x1, %c4 : i32
    %x48 = arith.remui %x1, %c4 : i32
    %x49 = arith.muli %x48, %c2 : i32
    %x50 = arith.addi %x47, %c0 : i32
    %x51 = arith.muli %x50, %c8 : i32
    %x52 = arith.addi %x51, %x49 : i32
    %x53 = vector.extract_strided_slice %x46 {offsets = [0], sizes = [2], strides = [1]} : vector<4xf32> to vector<2xf32>
    %x54 = llvm.getelementptr %d[%x52] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    llvm.store %x53, %x54 {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<1>
    %x55 = arith.addi %x47, %c8 : i32
    %x56 = arith.muli %x55, %c8 : i32
    %x57 = arith.addi %x56, %x49 : i32
    %x58 = vector.extract_strided_slice %x46 {offsets = [2], sizes = [2], strides = [1]} : vector<4xf32> to vector<2xf32>
    %x59 = llvm.getelementptr %d[%x57] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    llvm.store %x58, %x59 {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<1>
    gpu.return
  }

  gpu.func @plain(%a: !llvm.ptr<1>, %b: !llvm.ptr<1>, %d: !llvm.ptr<1>, %index: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c8 = arith.constant 8 : i32
    %c32 = arith.constant 32 : i32
    %c128 = arith.constant 128 : i32
    %x1 = nvvm.read.ptx.sreg.tid.x : i32
    scf.for %at = %x1 to %c128 step %c32 : i32 {
    %x2 = arith.divui %at, %c8 : i32
    %x3 = arith.remui %at, %c8 : i32
    %sum = scf.for %s = %c0 to %c32 step %c1 iter_args(%so_far = %c0) -> (i32) : i32 {
    %x4 = arith.muli %x2, %c32 : i32
    %x5 = arith.addi %x4, %s : i32
    %x6 = llvm.getelementptr %a[%x5] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x7 = llvm.load %x6 : !llvm.ptr<1> -> i8
    %x8 = llvm.getelementptr %index[%x5] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x9 = llvm.load %x8 : !llvm.ptr<1> -> i8
    %x10 = arith.extui %x9 : i8 to i32
    %x11 = arith.muli %x3, %c32 : i32
    %x12 = arith.addi %x11, %x10 : i32
    %x13 = llvm.getelementptr %b[%x12] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x14 = llvm.load %x13 : !llvm.ptr<1> -> i8
    %x15 = arith.extsi %x7 : i8 to i32
    %x16 = arith.extsi %x14 : i8 to i32
    %x17 = arith.muli %x15, %x16 : i32
    %x18 = arith.addi %so_far, %x17 : i32
    scf.yield %x18 : i32
    }
    %x19 = arith.sitofp %sum : i32 to f32
    %x20 = llvm.getelementptr %d[%at] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    llvm.store %x19, %x20 : f32, !llvm.ptr<1>
    }
    gpu.return
  }
}

func.func @main(%a: memref<16x32xi8> {test.input = dense<"0x48474546454249C4400044C647C448C5C6C0493CC0C2C04949C2C54940BC4547BC48C8C04748C5004746CA3C463CC846CA00C6444049C24448463CC4BCC4C2494949C0C44546C542C540CACAC4C5003C4600C7C4C83CC245C4BCC800CA48C0C6C8CAC642C2C4C040C23C4945C5C53C4247BC45C4C6C8BC49BC49444449C4CA42453CC8CAC6C844494748C7BCC7C244C8C5C24600CACA48473CC5CA424944C54642C2454746C7CABC48404800C2CA4942C7C7C748C04949C8C70045C44200C7C5C5C23CC44048000040C845C24000C7494400C640473C493CC249C4C4464649CA47C60048C5BC3C45C5C540C5C04944C845C740C444BC4745C2C846C0C248CAC045BC47C748C648C049C042CA49C5C84547BC4442C0444749C549C748C04544C8C448C2460040C5C8BC47BC48C64442BC45BC45C5C7C5C0C0C445C6C5CA48C04740C444C2C2494647C6C4BC45C6C2C5003CCACA3C46C8C647C445C74247C2C2C246C244C6BCC7C24648C0CAC8C7BCC04447C644C6C6C8C544C5C6C242C800C84047C84042C800C4C8C0C242C4C03C4045C73CBC45C44945C648C4CA3C00494549BC3CC44546C8C248403C4646C8C7C5C8464400404648C0C64049BC3CC640C7C0C249C73CC400CA4040C0C844454545C5490047BCC600C740C549C5C73CC8BC49C74540CAC0BCC53CC0CAC24547BC40C63CC8484747C4CA44CA48C6C044C544C5"> : tensor<16x32xi8>},
    %b: memref<8x32xi8> {test.input = dense<"0xC8C5C240C248C7C2C74746473CC2404400C43CC44647C63C494948000049C5CAC54246CAC544C4CAC7C740C000C0C748C0C7CA000042C6C6C640C4C2C2C000C7C5C0C8444746C4C7C8BC424044C8444540C448CAC4C5C7C448C600C7C44248C2C2403C46403CC246C544C2484242CA00C83CC74747C54849C7CA3C00BCBC4245CAC63CC04542C542C5C5C844CAC74547C242CA4745C749453C48C5C0C53C004540BC46CA4048C2BC4642C8C8C5C0C7C8C24447004449C248BC47CA44C8C4CA454942C5C7C0C5C4C4BCC8C4C7C600484247C500C23CC8454046C4484645443C4400C8BC473CC64644C4C44845CA493C00C44600CA4449C0C73CC5BC463CC24548"> : tensor<8x32xi8>},
    %m: memref<16x32xi8> {test.input = dense<"0x0807050605030AFC020004FA07FC08FBFAFE0A01FEFDFE0A0AFDFB0A02FF0507FF08F8FE0708FB000706F4010601F806F400FA04020AFD04080601FCFFFCFD0A0A0AFEFC0506FB03FB02F4F4FCFB00010600F9FCF801FD05FCFFF800F408FEFAF8F4FA03FDFCFE02FD010A05FBFB010307FF05FCFAF8FF0AFF0A04040AFCF4030501F8F4FAF8040A0708F9FFF9FD04F8FBFD0600F4F4080701FBF4030A04FB0603FD050706F9F4FF08020800FDF40A03F9F9F908FE0A0AF8F90005FC0300F9FBFBFD01FC0208000002F805FD0200F90A0400FA0207010A01FD0AFCFC06060AF407FA0008FBFF0105FBFB02FBFE0A04F805F902FC04FF0705FDF806FEFD08F4FE05FF07F908FA08FE0AFE03F40AFBF80507FF0403FE04070AFB0AF908FE0504F8FC08FD060002FBF8FF07FF08FA0403FF05FF05FBF9FBFEFEFC05FAFBF408FE0702FC04FDFD0A0607FAFCFF05FAFDFB0001F4F40106F8FA07FC05F90307FDFDFD06FD04FAFFF9FD0608FEF4F8F9FFFE0407FA04FAFAF8FB04FBFAFD03F800F80207F80203F800FCF8FEFD03FCFE010205F901FF05FC0A05FA08FCF401000A050AFF01FC0506F8FD0802010606F8F9FBF8060400020608FEFA020AFF01FA02F9FEFD0AF901FC00F40202FEF804050505FB0A0007FFFA00F902FB0AFBF901F8FF0AF90502F4FEFFFB01FEF4FD0507FF02FA01F8080707FCF404F408FAFE04FB04FB"> : tensor<16x32xi8>},
    %n: memref<8x32xi8> {test.input = dense<"0xF8FBFD02FD08F9FDF907060701FD020400FC01FC0607FA010A0A0800000AFBF4FB0306F4FB04FCF4F9F902FE00FEF908FEF9F4000003FAFAFA02FCFDFDFE00F9FBFEF8040706FCF9F8FF030204F8040502FC08F4FCFBF9FC08FA00F9FC0308FDFD0201060201FD06FB04FD080303F400F801F90707FB080AF9F40100FFFF0305F4FA01FE0503FB03FBFBF804F4F90507FD03F40705F90A050108FBFEFB01000502FF06F40208FDFF0603F8F8FBFEF9F8FD040700040AFD08FF07F404F8FCF4050A03FBF9FEFBFCFCFFF8FCF9FA00080307FB00FD01F8050206FC08060504010400F8FF0701FA0604FCFC0805F40A0100FC0600F4040AFEF901FBFF0601FD0508"> : tensor<8x32xi8>},
    %meta: memref<32xi32> {test.input = dense<"0x0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"> : tensor<32xi32>},
    %index: memref<16x32xi8> {test.input = dense<"0x000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"> : tensor<16x32xi8>},
    %d: memref<16x8xf32> {test.output},
    %e: memref<16x8xf32> {test.output}) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes0 = arith.constant 0 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<16x32xi8> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  %b_index = memref.extract_aligned_pointer_as_index %b : memref<8x32xi8> -> index
  %b_address = arith.index_cast %b_index : index to i64
  %b_pointer = llvm.inttoptr %b_address : i64 to !llvm.ptr<1>
  %m_index = memref.extract_aligned_pointer_as_index %m : memref<16x32xi8> -> index
  %m_address = arith.index_cast %m_index : index to i64
  %m_pointer = llvm.inttoptr %m_address : i64 to !llvm.ptr<1>
  %n_index = memref.extract_aligned_pointer_as_index %n : memref<8x32xi8> -> index
  %n_address = arith.index_cast %n_index : index to i64
  %n_pointer = llvm.inttoptr %n_address : i64 to !llvm.ptr<1>
  %meta_index = memref.extract_aligned_pointer_as_index %meta : memref<32xi32> -> index
  %meta_address = arith.index_cast %meta_index : index to i64
  %meta_pointer = llvm.inttoptr %meta_address : i64 to !llvm.ptr<1>
  %index_index = memref.extract_aligned_pointer_as_index %index : memref<16x32xi8> -> index
  %index_address = arith.index_cast %index_index : index to i64
  %index_pointer = llvm.inttoptr %index_address : i64 to !llvm.ptr<1>
  %d_index = memref.extract_aligned_pointer_as_index %d : memref<16x8xf32> -> index
  %d_address = arith.index_cast %d_index : index to i64
  %d_pointer = llvm.inttoptr %d_address : i64 to !llvm.ptr<1>
  %e_index = memref.extract_aligned_pointer_as_index %e : memref<16x8xf32> -> index
  %e_address = arith.index_cast %e_index : index to i64
  %e_pointer = llvm.inttoptr %e_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@fragments blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes0 args(%a_pointer : !llvm.ptr<1>, %b_pointer : !llvm.ptr<1>, %d_pointer : !llvm.ptr<1>, %meta_pointer : !llvm.ptr<1>)
  gpu.launch_func @device::@plain blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes0 args(%m_pointer : !llvm.ptr<1>, %n_pointer : !llvm.ptr<1>, %e_pointer : !llvm.ptr<1>, %index_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// f8E5M2, k = 64, with metadata
// CHECK: argument 6: 16x8 weighted sum [[D:.*]]
// CHECK-NEXT: argument 7: 16x8 weighted sum [[D]]{{$}}
module attributes {gpu.container_module} {
gpu.module @device {
  gpu.func @fragments(%a: !llvm.ptr<1>, %b: !llvm.ptr<1>, %d: !llvm.ptr<1>, %meta: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c2 = arith.constant 2 : i32
    %c4 = arith.constant 4 : i32
    %c8 = arith.constant 8 : i32
    %c16 = arith.constant 16 : i32
    %c32 = arith.constant 32 : i32
    %c48 = arith.constant 48 : i32
    %c64 = arith.constant 64 : i32
    %x1 = nvvm.read.ptx.sreg.tid.x : i32
    %x2 = arith.divui %x1, %c4 : i32
    %x3 = arith.remui %x1, %c4 : i32
    %x4 = arith.muli %x3, %c4 : i32
    %x5 = arith.addi %x2, %c0 : i32
    %x6 = arith.muli %x5, %c32 : i32
    %x7 = arith.addi %x4, %c0 : i32
    %x8 = arith.addi %x6, %x7 : i32
    %x9 = llvm.getelementptr %a[%x8] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x10 = llvm.load %x9 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x11 = arith.addi %x2, %c8 : i32
    %x12 = arith.muli %x11, %c32 : i32
    %x13 = arith.addi %x4, %c0 : i32
    %x14 = arith.addi %x12, %x13 : i32
    %x15 = llvm.getelementptr %a[%x14] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x16 = llvm.load %x15 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x17 = arith.addi %x2, %c0 : i32
    %x18 = arith.muli %x17, %c32 : i32
    %x19 = arith.addi %x4, %c16 : i32
    %x20 = arith.addi %x18, %x19 : i32
    %x21 = llvm.getelementptr %a[%x20] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x22 = llvm.load %x21 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x23 = arith.addi %x2, %c8 : i32
    %x24 = arith.muli %x23, %c32 : i32
    %x25 = arith.addi %x4, %c16 : i32
    %x26 = arith.addi %x24, %x25 : i32
    %x27 = llvm.getelementptr %a[%x26] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x28 = llvm.load %x27 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x29 = vector.from_elements %x10, %x16, %x22, %x28 : vector<4xi32>
    %x30 = vector.bitcast %x29 : vector<4xi32> to vector<16xf8E5M2>
    %x31 = arith.divui %x1, %c4 : i32
    %x32 = arith.remui %x1, %c4 : i32
    %x33 = arith.muli %x32, %c4 : i32
    %x34 = arith.muli %x31, %c64 : i32
    %x35 = arith.addi %x33, %c0 : i32
    %x36 = arith.addi %x34, %x35 : i32
    %x37 = llvm.getelementptr %b[%x36] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x38 = llvm.load %x37 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x39 = arith.muli %x31, %c64 : i32
    %x40 = arith.addi %x33, %c16 : i32
    %x41 = arith.addi %x39, %x40 : i32
    %x42 = llvm.getelementptr %b[%x41] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x43 = llvm.load %x42 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x44 = arith.muli %x31, %c64 : i32
    %x45 = arith.addi %x33, %c32 : i32
    %x46 = arith.addi %x44, %x45 : i32
    %x47 = llvm.getelementptr %b[%x46] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x48 = llvm.load %x47 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x49 = arith.muli %x31, %c64 : i32
    %x50 = arith.addi %x33, %c48 : i32
    %x51 = arith.addi %x49, %x50 : i32
    %x52 = llvm.getelementptr %b[%x51] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x53 = llvm.load %x52 {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %x54 = vector.from_elements %x38, %x43, %x48, %x53 : vector<4xi32>
    %x55 = vector.bitcast %x54 : vector<4xi32> to vector<16xf8E5M2>
    %zeros = arith.constant dense<0.0> : vector<4xf32>
    %x56 = llvm.getelementptr %meta[%x1] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    %x57 = llvm.load %x56 : !llvm.ptr<1> -> i32
    %x58 = sparse_gpu.mma %x30, %x55, %zeros meta %x57 : vector<16xf8E5M2>, vector<16xf8E5M2>, vector<4xf32>
    %x59 = arith.divui %x1, %c4 : i32
    %x60 = arith.remui %x1, %c4 : i32
    %x61 = arith.muli %x60, %c2 : i32
    %x62 = arith.addi %x59, %c0 : i32
    %x63 = arith.muli %x62, %c8 : i32
    %x64 = arith.addi %x63, %x61 : i32
    %x65 = vector.extract_strided_slice %x58 {offsets = [0], sizes = [2], strides = [1]} : vector<4xf32> to vector<2xf32>
    %x66 = llvm.getelementptr %d[%x64] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    llvm.store %x65, %x66 {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<1>
    %x67 = arith.addi %x59, %c8 : i32
    %x68 = arith.muli %x67, %c8 : i32
    %x69 = arith.addi %x68, %x61 : i32
    %x70 = vector.extract_strided_slice %x58 {offsets = [2], sizes = [2], strides = [1]} : vector<4xf32> to vector<2xf32>
    %x71 = llvm.getelementptr %d[%x69] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    llvm.store %x70, %x71 {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<1>
    gpu.return
  }

  gpu.func @plain(%a: !llvm.ptr<1>, %b: !llvm.ptr<1>, %d: !llvm.ptr<1>, %index: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c8 = arith.constant 8 : i32
    %c32 = arith.constant 32 : i32
    %c64 = arith.constant 64 : i32
    %c128 = arith.constant 128 : i32
    %x1 = nvvm.read.ptx.sreg.tid.x : i32
    scf.for %at = %x1 to %c128 step %c32 : i32 {
    %x2 = arith.divui %at, %c8 : i32
    %x3 = arith.remui %at, %c8 : i32
    %sum = scf.for %s = %c0 to %c32 step %c1 iter_args(%so_far = %c0) -> (i32) : i32 {
    %x4 = arith.muli %x2, %c32 : i32
    %x5 = arith.addi %x4, %s : i32
    %x6 = llvm.getelementptr %a[%x5] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x7 = llvm.load %x6 : !llvm.ptr<1> -> i8
    %x8 = llvm.getelementptr %index[%x5] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x9 = llvm.load %x8 : !llvm.ptr<1> -> i8
    %x10 = arith.extui %x9 : i8 to i32
    %x11 = arith.muli %x3, %c64 : i32
    %x12 = arith.addi %x11, %x10 : i32
    %x13 = llvm.getelementptr %b[%x12] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    %x14 = llvm.load %x13 : !llvm.ptr<1> -> i8
    %x15 = arith.extsi %x7 : i8 to i32
    %x16 = arith.extsi %x14 : i8 to i32
    %x17 = arith.muli %x15, %x16 : i32
    %x18 = arith.addi %so_far, %x17 : i32
    scf.yield %x18 : i32
    }
    %x19 = arith.sitofp %sum : i32 to f32
    %x20 = llvm.getelementptr %d[%at] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    llvm.store %x19, %x20 : f32, !llvm.ptr<1>
    }
    gpu.return
  }
}

func.func @main(%a: memref<16x32xi8> {test.input = dense<"0x4240C7C544C2C8C842C845C7C4C2C440C54842444244C246CA48C2C8C245C400C5C644C64946CACA48C4C445494045C8CA48C0C842C2C247C04748C8CA40C2CAC449C549C8BCC8C0C8C0C8BC44BC4946C2C6CA494800C0BCC8C6C642C647C0C4C646C0C5C545C0474900CA47C0424700484949C7494000C447C6C849C847C04442424645C83CBC46494248C0C2C4BC42CA44C04540CA46BC46C5BCC44642C64748474800C4473CCAC4C6C4BCC2454246C0C7BC40C5C449C748CABC44BCC7C542BC444649C84848C6C645C70048C2C200BCC646BCCA00C4C24449C0C500C044C7C40048474842C447C0C844C4C83C4846483CC7454500C248CAC200424544C247BC494200C74944C7BCC8C8C2C2C7C5C44745C0C2C6C54949C446C23CBCC0C6BCBCC8C446C2C8BCBC46C0C5C5004746C23C45C24442C046C200CA3CC049C5C03C4442C54549C5CAC548CAC5C4454644C8464747464940C4C7C0C2C84644C745C2C8C0C445C646C4C845C245CA00C644C63C4840463CC647BC4746C84649C2474549C6CA4448BC44BCCA4847C5C44746C54946CA46CA4245423CC500C2C644C549C840C845C5C0BC4544C4444747C2BC4047C5C5C5C200BC49CA4242000049C0C64840CAC048C247C644C5C0CAC6473C49C6C2C8C5C7C73C47BC3C48C4423CC4C0C540003C004045C5C445C749C0C5C645BCBC444847BCC0C448C544493C0048C7"> : tensor<16x32xi8>},
    %b: memref<8x64xi8> {test.input = dense<"0x40C6C5BC484740C4423CC53C4945C24742C2C0C8C748443CC0484646C44842C6C748C24644C5C8C646C8444749C6C0C800464249C2C8C74547444045003CBCC84447BCC648463C49453CC54246444940C0CACA424442C53C47CAC4C6C0C8C246C0C0BCC447CA4246C4C6CA3CC2BCC4C8494845C747CAC747C742C849C84846493C42494246C4493CC8C2C03C4244BCC442BC00C544C844C80042C045C6CA0000C6473CC246CA4948CA454740C24845C44747C4C4C5403C403C49C63C48CA49C0C5424040400000C4C7C7BC4042C700474647C249C047CA4746C244CA4500C0484946C2C747CAC8C23C480048C545C740C64248000040C54500BC4740C7C73C004044CAC60049BCC0BCC7C5C5C0C6494048C6CABCC7C64246484847BCC24244483C3CC0C4473CC745C53C40C23CC8C0480045BCC846C8C0C5C5C4C5453C47C648BCBC49453CC5C24545463C45C0C23C44BCC8C70045C642C444C4C64744003C4046C03C00C84500C647004848C4454942BC4848C2C749BC0045BCC7C2C0C8C7C545CAC4C4CA4648C545C2C0C546C249C8C5C04945BC47BCC74746C2BC454844C445474048C5C7C6C2C44249C2C74500C545BCCA3C4845474047C2CAC0BCCAC240C6BC4040C047444846C700C6CA40C8CAC2BC42C4C7C0C040404200C2C53C004946BC49C0C045454746C84547C6CA464547C0C5C7C749BC4200C8C2C5463CCAC7"> : tensor<8x64xi8>},
    %m: memref<16x32xi8> {test.input = dense<"0x0302F9FB04FDF8F803F805F9FCFDFC02FB0803040304FD06F408FDF8FD05FC00FBFA04FA0A06F4F408FCFC050A0205F8F408FEF803FDFD07FE0708F8F402FDF4FC0AFB0AF8FFF8FEF8FEF8FF04FF0A06FDFAF40A0800FEFFF8FAFA03FA07FEFCFA06FEFBFB05FE070A00F407FE030700080A0AF90A0200FC07FAF80AF807FE0403030605F801FF060A0308FEFDFCFF03F404FE0502F406FF06FBFFFC0603FA0708070800FC0701F4FCFAFCFFFD050306FEF9FF02FBFC0AF908F4FF04FFF9FB03FF04060AF80808FAFA05F90008FDFD00FFFA06FFF400FCFD040AFEFB00FE04F9FC0008070803FC07FEF804FCF80108060801F9050500FD08F4FD00030504FD07FF0A0300F90A04F9FFF8F8FDFDF9FBFC0705FEFDFAFB0A0AFC06FD01FFFEFAFFFFF8FC06FDF8FFFF06FEFBFB000706FD0105FD0403FE06FD00F401FE0AFBFE010403FB050AFBF4FB08F4FBFC050604F8060707060A02FCF9FEFDF80604F905FDF8FEFC05FA06FCF805FD05F400FA04FA0108020601FA07FF0706F8060AFD07050AFAF40408FF04FFF40807FBFC0706FB0A06F406F403050301FB00FDFA04FB0AF802F805FBFEFF0504FC040707FDFF0207FBFBFBFD00FF0AF4030300000AFEFA0802F4FE08FD07FA04FBFEF4FA07010AFAFDF8FBF9F90107FF0108FC0301FCFEFB020001000205FBFC05F90AFEFBFA05FFFF040807FFFEFC08FB040A010008F9"> : tensor<16x32xi8>},
    %n: memref<8x64xi8> {test.input = dense<"0x02FAFBFF080702FC0301FB010A05FD0703FDFEF8F9080401FE080606FC0803FAF908FD0604FBF8FA06F804070AFAFEF80006030AFDF8F905070402050001FFF80407FFFA0806010A0501FB0306040A02FEF4F4030403FB0107F4FCFAFEF8FD06FEFEFFFC07F40306FCFAF401FDFFFCF80A0805F907F4F907F903F80AF808060A01030A0306FC0A01F8FDFE010304FFFC03FF00FB04F804F80003FE05FAF40000FA0701FD06F40A08F4050702FD0805FC0707FCFCFB020102010AFA0108F40AFEFB030202020000FCF9F9FF0203F900070607FD0AFE07F40706FD04F40500FE080A06FDF907F4F8FD01080008FB05F902FA0308000002FB0500FF0702F9F901000204F4FA000AFFFEFFF9FBFBFEFA0A0208FAF4FFF9FA0306080807FFFD0304080101FEFC0701F905FB0102FD01F8FE080005FFF806F8FEFBFBFCFB050107FA08FFFF0A0501FBFD0505060105FEFD0104FFF8F90005FA03FC04FCFA070400010206FE0100F80500FA07000808FC050A03FF0808FDF90AFF0005FFF9FDFEF8F9FB05F4FCFCF40608FB05FDFEFB06FD0AF8FBFE0A05FF07FFF90706FDFF050804FC05070208FBF9FAFDFC030AFDF90500FB05FFF4010805070207FDF4FEFFF4FD02FAFF0202FE07040806F900FAF402F8F4FDFF03FCF9FEFE02020300FDFB01000A06FF0AFEFE05050706F80507FAF4060507FEFBF9F90AFF0300F8FDFB0601F4F9"> : tensor<8x64xi8>},
    %meta: memref<32xi32> {test.input = dense<"0x8844C9DE84DE49EDDE84E4D88DC994DED9DDE8CDC98D4C49E88DCC84EC84CDCDCCD9498C9E944E8C899C9D84E4DE9CD84999E9C4D899E89DE984E89EDC4D894CCEDD98DEDD8D88C88E9C4448C44EEEDDDD9C99ECD4EE8DC94498E9CE49D8CCE89494E8C8D984DE4D8DD9CE8D494899DD89E9CECE9E8D8C8CC89DCDE89E9994D9"> : tensor<32xi32>},
    %index: memref<16x32xi8> {test.input = dense<"0x0002040608090C0D111214171A1B1D1F2223252728292C2E30313637383A3D3F01020507090B0D0F10121617191B1C1F20222627292B2C2E3033343738393C3E00030407090A0D0F11121415181B1C1E21222426282B2D2E3133353638393C3E01020405090A0D0E1112161718191C1F2122262728292C2E303236373A3B3D3E02030407090B0D0F101215161A1B1D1F22232426282B2D2E30313435383A3C3D01030507080B0D0E11121516181B1E1F20212425282A2D2E313236373A3B3C3F0001050608090D0E10121617181A1C1F21232426292A2D2F32333437393B3C3E01020406090A0E0F121314171A1B1C1F20222427292B2D2E31333437383A3E3F000104060A0B0D0F11121415191B1E1F21232426292A2C2F303135363A3B3D3F01020407090B0C0E10131415191A1C1D2023262728292C2E31333437393B3C3F0203050608090D0E12131415181B1C1E202126272A2B2D2F30333536383A3D3F00020507090A0D0E10121617191B1D1E20232527292B2C2D31323436383B3C3D01030507090B0C0E10121416181A1C1F202124272A2B2C2D32333637393B3D3F000105070A0B0E0F11131416191A1C1F21222425282A2D2F30333437383A3E3F0102050708090C0E12131517191B1C1D21222425282A2C2D31323536393B3D3F02030506090B0C0E10131416181B1C1E22232526292A2D2E30313536393A3D3F"> : tensor<16x32xi8>},
    %d: memref<16x8xf32> {test.output},
    %e: memref<16x8xf32> {test.output}) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes0 = arith.constant 0 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<16x32xi8> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  %b_index = memref.extract_aligned_pointer_as_index %b : memref<8x64xi8> -> index
  %b_address = arith.index_cast %b_index : index to i64
  %b_pointer = llvm.inttoptr %b_address : i64 to !llvm.ptr<1>
  %m_index = memref.extract_aligned_pointer_as_index %m : memref<16x32xi8> -> index
  %m_address = arith.index_cast %m_index : index to i64
  %m_pointer = llvm.inttoptr %m_address : i64 to !llvm.ptr<1>
  %n_index = memref.extract_aligned_pointer_as_index %n : memref<8x64xi8> -> index
  %n_address = arith.index_cast %n_index : index to i64
  %n_pointer = llvm.inttoptr %n_address : i64 to !llvm.ptr<1>
  %meta_index = memref.extract_aligned_pointer_as_index %meta : memref<32xi32> -> index
  %meta_address = arith.index_cast %meta_index : index to i64
  %meta_pointer = llvm.inttoptr %meta_address : i64 to !llvm.ptr<1>
  %index_index = memref.extract_aligned_pointer_as_index %index : memref<16x32xi8> -> index
  %index_address = arith.index_cast %index_index : index to i64
  %index_pointer = llvm.inttoptr %index_address : i64 to !llvm.ptr<1>
  %d_index = memref.extract_aligned_pointer_as_index %d : memref<16x8xf32> -> index
  %d_address = arith.index_cast %d_index : index to i64
  %d_pointer = llvm.inttoptr %d_address : i64 to !llvm.ptr<1>
  %e_index = memref.extract_aligned_pointer_as_index %e : memref<16x8xf32> -> index
  %e_address = arith.index_cast %e_index : index to i64
  %e_pointer = llvm.inttoptr %e_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@fragments blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes0 args(%a_pointer : !llvm.ptr<1>, %b_pointer : !llvm.ptr<1>, %d_pointer : !llvm.ptr<1>, %meta_pointer : !llvm.ptr<1>)
  gpu.launch_func @device::@plain blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes0 args(%m_pointer : !llvm.ptr<1>, %n_pointer : !llvm.ptr<1>, %e_pointer : !llvm.ptr<1>, %index_pointer : !llvm.ptr<1>)
  return
}
}
