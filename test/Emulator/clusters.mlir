// RUN: sparse-opt %s -split-input-file -verify-diagnostics -test-emulate -o /dev/null | FileCheck %s

// Two clusters of two blocks, each with a ring of two stages: a block asks for
// half of what both read, and fills a stage once both have released it.
// CHECK: argument 1: 256 {{.*}} [469996, 1317461, 2052205, 366635,
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>, %out: !llvm.ptr<1>) kernel
      attributes {known_block_size = array<i32: 96, 1, 1>, known_cluster_size = array<i32: 2, 1, 1>} {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c2 = arith.constant 2 : i32
    %c4 = arith.constant 4 : i32
    %c8 = arith.constant 8 : i32
    %c32 = arith.constant 32 : i32
    %c64 = arith.constant 64 : i32
    %c128 = arith.constant 128 : i32
    %c256 = arith.constant 256 : i32
    %c1000 = arith.constant 1000 : i32
    %all_lanes = arith.constant -1 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %block = nvvm.read.ptx.sreg.ctaid.x : i32
    %rank = nvvm.read.ptx.sreg.cluster.ctarank : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %leads = arith.cmpi eq, %thread, %c0 : i32
    %cluster = arith.divui %block, %c2 : i32
    %warp = arith.divui %thread, %c32 : i32
    %lane = arith.remui %thread, %c32 : i32
    %full = llvm.getelementptr %shared[2048] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
    %empty = llvm.getelementptr %full[16] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
    scf.if %leads {
    scf.for %stage = %c0 to %c2 step %c1 : i32 {
    %f = llvm.getelementptr %full[%stage] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i64
    %e = llvm.getelementptr %empty[%stage] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i64
    nvvm.mbarrier.init %f, %c1 : !llvm.ptr<3>, i32
    nvvm.mbarrier.init %e, %c4 : !llvm.ptr<3>, i32
    }
    nvvm.fence.mbarrier.init
    }
    nvvm.cluster.arrive {aligned}
    nvvm.cluster.wait {aligned}
    %produces = arith.cmpi eq, %warp, %c2 : i32
    scf.if %produces {
    %elected = nvvm.elect.sync -> i1
    scf.if %elected {
    %all = arith.constant 3 : i16
    %half = arith.muli %rank, %c128 : i32
    scf.for %step = %c0 to %c8 step %c1 : i32 {
    %stage = arith.remui %step, %c2 : i32
    %round = arith.divui %step, %c2 : i32
    %odd = arith.remui %round, %c2 : i32
    %parity = arith.xori %odd, %c1 : i32
    %f = llvm.getelementptr %full[%stage] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i64
    %e = llvm.getelementptr %empty[%stage] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i64
    nvvm.mbarrier.try_wait.parity %e, %parity, %c1000 : !llvm.ptr<3>, i32, i32
    %none = nvvm.mbarrier.arrive.expect_tx %f, %c256 : !llvm.ptr<3>, i32 -> i64
    %slot = arith.muli %stage, %c256 : i32
    %to = arith.addi %slot, %half : i32
    %to_pointer = llvm.getelementptr %shared[%to] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    %to_address = llvm.ptrtoint %to_pointer : !llvm.ptr<3> to i32
    %target = llvm.inttoptr %to_address : i32 to !llvm.ptr<7>
    %first = arith.muli %cluster, %c8 : i32
    %number = arith.addi %first, %step : i32
    %line = arith.muli %number, %c256 : i32
    %from = arith.addi %line, %half : i32
    %source = llvm.getelementptr %a[%from] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    nvvm.cp.async.bulk.shared.cluster.global %target, %source, %f, %c128 multicast_mask = %all : !llvm.ptr<7>, !llvm.ptr<1>
    }
    }
    } else {
    %sum = scf.for %step = %c0 to %c8 step %c1 iter_args(%so_far = %block) -> (i32) : i32 {
    %stage = arith.remui %step, %c2 : i32
    %round = arith.divui %step, %c2 : i32
    %parity = arith.remui %round, %c2 : i32
    %f = llvm.getelementptr %full[%stage] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i64
    %e = llvm.getelementptr %empty[%stage] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i64
    nvvm.mbarrier.try_wait.parity %f, %parity, %c1000 : !llvm.ptr<3>, i32, i32
    %at = arith.muli %stage, %c64 : i32
    %mine = arith.addi %at, %thread : i32
    %slot = llvm.getelementptr %shared[%mine] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i32
    %x = llvm.load %slot : !llvm.ptr<3> -> i32
    nvvm.bar.warp.sync %all_lanes : i32
    %releases = arith.cmpi ult, %lane, %c2 : i32
    scf.if %releases {
    %remote = nvvm.mapa %e, %lane : !llvm.ptr<3> -> !llvm.ptr<7>
    nvvm.mbarrier.arrive %remote : !llvm.ptr<7>
    }
    %scaled = arith.muli %so_far, %c4 : i32
    %next = arith.addi %scaled, %x : i32
    scf.yield %next : i32
    }
    %before = arith.muli %block, %c64 : i32
    %out_number = arith.addi %before, %thread : i32
    %out_at = llvm.getelementptr %out[%out_number] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    llvm.store %sum, %out_at : i32, !llvm.ptr<1>
    }
    nvvm.cluster.arrive {aligned}
    nvvm.cluster.wait {aligned}
    gpu.return
  }
}

func.func @main(%a: memref<1024xi32> {test.input = dense<"0x11000000480000006100000008000000200000000F0000003F00000061000000390000003C00000053000000300000001A0000000C0000003E0000000300000031000000370000004D0000006100000062000000000000005900000039000000220000005C0000001D0000004B0000000D0000002800000003000000020000000300000053000000450000000100000030000000570000001B000000360000005C00000003000000430000001C00000061000000380000003F000000460000001D0000002C0000001D000000560000001C000000610000003A00000025000000020000003500000047000000520000000C00000017000000500000005C000000250000000F0000005F0000002A0000005C0000005B000000400000003600000040000000550000001800000026000000240000004B0000003F00000040000000320000004B000000040000003D0000001F0000005F000000330000003500000055000000160000002E000000460000005900000063000000560000005E0000002F0000000B0000003800000054000000410000000D000000630000001400000042000000320000002F0000003E0000005D000000030000003C00000005000000270000005A0000004E0000004B0000004A00000032000000520000001500000015000000400000001D00000001000000620000001900000045000000460000001D00000033000000410000002C000000490000002D0000003A0000002200000054000000460000004D0000005D00000000000000310000005E00000041000000100000004200000063000000470000001A00000036000000070000003D0000002E00000048000000460000001900000040000000340000003E0000002D000000350000002C0000000000000044000000450000004F0000004E0000002A0000003A0000004C000000030000001D0000005100000016000000460000004A000000170000000B00000046000000200000000400000056000000090000000A0000000200000039000000010000006000000060000000230000001F000000220000000E0000004F000000170000002C000000250000000800000015000000140000002000000043000000150000005400000022000000520000005B000000250000003A00000059000000290000003F0000003C0000000E0000000300000027000000310000002B0000003500000018000000210000000D000000200000005D000000410000001A0000004D00000037000000020000001C000000020000003200000012000000040000005C00000014000000390000005A000000400000005600000036000000450000001C000000500000005800000042000000390000001C00000043000000530000000300000032000000560000004900000029000000540000005000000036000000070000005E00000026000000100000001B0000000600000027000000090000000900000027000000260000005F00000014000000350000004800000020000000100000000100000047000000040000004B0000001B000000480000003A00000015000000630000005A0000004F000000410000000400000030000000190000002C0000000C0000001A0000004900000056000000370000004B000000180000003F0000000D000000550000003100000025000000400000003F00000002000000290000004E00000033000000240000000200000014000000190000002900000048000000110000002B000000360000001B00000022000000560000000C00000030000000460000002C00000057000000440000003E00000062000000440000001E000000080000005C000000050000000A000000110000001500000015000000440000001B00000022000000610000002A0000004C00000040000000200000002F0000002B0000002B0000000E000000250000001E0000004D000000630000005B0000003E000000110000004A00000046000000620000000D000000290000000500000034000000090000003000000012000000100000002B0000000E0000004E0000004B000000300000000900000049000000460000001C000000480000000A000000220000002E0000002500000048000000440000000E0000003A000000230000000D0000000500000025000000010000004E00000055000000010000000B000000340000000E00000005000000180000001E0000004B00000035000000140000000E0000003900000015000000570000001E000000140000005F0000000D0000003700000030000000450000002500000046000000200000005B0000003D000000280000000C0000001A0000005300000028000000050000000300000001000000250000005C0000004C00000028000000390000003200000028000000330000000800000008000000280000004C0000003A0000000E000000200000001B0000004F0000006300000045000000580000003C000000540000002D0000002100000017000000450000001A00000027000000190000001F0000002E0000000A000000230000000B00000060000000390000000B0000005300000049000000520000002B0000001D0000003100000027000000050000002900000017000000280000004A000000260000001F0000002A0000000C000000450000004E0000004A0000004C0000000B0000001F0000001C000000020000001F00000033000000090000002200000046000000090000005D0000000900000002000000510000000100000025000000600000002D0000003F0000003C000000130000000C000000400000006300000029000000090000004100000055000000160000001600000063000000130000001200000028000000270000000D0000005A000000410000004D00000025000000100000001A00000012000000450000005C0000000400000063000000280000004F00000056000000460000005F000000580000001A0000001600000026000000370000004400000014000000060000005B000000550000001F00000020000000630000000800000057000000390000003700000046000000200000004500000038000000440000003A00000001000000320000002B00000015000000210000003E000000030000005200000035000000490000000200000007000000580000002D0000004A000000110000004B00000010000000110000002100000023000000320000004800000033000000160000004E0000000B0000001D0000003E0000000000000016000000430000002800000040000000530000003800000057000000510000005D0000001C0000001E000000280000003F000000570000003D0000001C0000005B000000340000002B000000470000004E0000005D0000005300000023000000520000001C00000006000000090000006100000041000000520000002F0000001400000041000000620000001A00000027000000260000005800000026000000460000002F0000001500000059000000590000005E0000003B0000004C0000000A0000000F0000004D000000410000004900000030000000160000001300000020000000360000001B000000480000005C00000060000000060000003F00000057000000320000005B000000510000002C000000310000004100000015000000450000005D00000005000000430000000B00000020000000500000000C000000220000005E0000000A00000011000000630000004E0000005400000057000000590000000A000000380000001E000000300000003700000032000000150000002900000038000000100000004F0000003E0000001B0000000F000000370000004C00000044000000340000000F0000005400000025000000230000001F000000300000005F00000047000000000000001800000043000000380000004A0000000200000003000000500000004D0000001F000000210000001A000000160000002400000012000000450000001900000022000000270000004A0000006000000020000000570000003900000015000000450000002D0000003E000000350000000F000000620000001A00000049000000310000001A000000240000000D000000030000000F000000480000005F00000001000000450000002500000056000000610000005C000000530000001100000009000000400000002F00000049000000270000003700000040000000560000002D000000610000004300000029000000000000000F000000380000005B000000390000002C0000002700000045000000330000002B0000005D00000057000000490000003F0000000E0000005200000030000000300000001A000000470000000000000023000000510000004C0000005C0000005E0000005D00000041000000190000003B0000004C00000042000000340000005F0000005B000000270000005900000015000000390000004F0000005500000043000000190000002E000000430000000000000056000000310000004A00000036000000330000002B0000004F0000004A0000005D000000590000005F000000080000003F0000005F0000001F0000005100000053000000250000005000000002000000340000005C000000500000001300000051000000630000003200000022000000160000006200000009000000630000004D000000010000002C000000210000005A00000034000000570000004500000026000000130000003B000000210000003E000000150000003B000000410000000500000022000000410000000C0000005F0000004B00000036000000080000002D0000000800000054000000380000000200000015000000400000005A00000014000000580000000B000000330000005100000058000000230000004D000000260000001A000000430000001A0000001E0000002A0000002200000008000000090000005900000042000000540000002F0000003B00000041000000470000005E000000060000001500000026000000530000005E0000005B00000047000000220000002D0000004E0000005E0000001D000000320000004700000033000000160000003D000000210000004E0000002A0000005B0000001C000000210000004E0000005A0000001F00000054000000030000004F000000330000002800000037000000610000001F000000220000001800000009000000500000005D000000150000004A000000380000004A0000005D000000120000004D000000210000003A00000043000000140000001100000063000000110000005B000000380000002E0000002700000060000000330000001E0000000E0000005B0000001A0000005B0000005700000027000000080000000D0000001D00000032000000290000003F0000000C0000001700000005000000070000004C00000002000000600000001B00000057000000040000003F0000005A000000430000005C0000004E000000380000002B00000054000000230000000F0000004E00000058000000160000000C0000001C000000330000001D0000003F000000390000003000000060000000150000001D0000001E000000240000003B000000460000004A000000310000001B000000390000005B000000210000002A0000003F0000004B0000000E0000001B0000000A000000050000000100000000000000"> : tensor<1024xi32>}, %out: memref<256xi32> {test.output}) {
  %c1 = arith.constant 1 : index
  %blocks = arith.constant 4 : index
  %threads = arith.constant 96 : index
  %bytes = arith.constant 4096 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<1024xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  %out_index = memref.extract_aligned_pointer_as_index %out : memref<256xi32> -> index
  %out_address = arith.index_cast %out_index : index to i64
  %out_pointer = llvm.inttoptr %out_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%blocks, %c1, %c1) threads in (%threads, %c1, %c1)
      dynamic_shared_memory_size %bytes args(%a_pointer : !llvm.ptr<1>, %out_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// Each of two blocks asks for half of a box's rows, for both: the swizzle follows
// the address.
// CHECK: argument 1: 16x64 weighted sum [[OUT:.*]]
// CHECK-NEXT: argument 2: 16x64 weighted sum [[OUT]]{{$}}
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%map: !llvm.ptr {llvm.byval = !llvm.array<128 x i8>, llvm.align = 64 : i64}, %out: !llvm.ptr<1>) kernel
      attributes {known_block_size = array<i32: 32, 1, 1>, known_cluster_size = array<i32: 2, 1, 1>} {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c2 = arith.constant 2 : i32
    %c4 = arith.constant 4 : i32
    %c8 = arith.constant 8 : i32
    %c32 = arith.constant 32 : i32
    %c128 = arith.constant 128 : i32
    %c1000 = arith.constant 1000 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %block = nvvm.read.ptx.sreg.ctaid.x : i32
    %rank = nvvm.read.ptx.sreg.cluster.ctarank : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %c16 = arith.constant 16 : i32
    %c512 = arith.constant 512 : i32
    %c1024 = arith.constant 1024 : i32
    %leads = arith.cmpi eq, %thread, %c0 : i32
    %bar = llvm.getelementptr %shared[2048] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
    scf.if %leads {
    nvvm.mbarrier.init %bar, %c1 : !llvm.ptr<3>, i32
    nvvm.fence.mbarrier.init
    }
    nvvm.cluster.arrive {aligned}
    nvvm.cluster.wait {aligned}
    scf.if %leads {
    %all = arith.constant 3 : i16
    %none = nvvm.mbarrier.arrive.expect_tx %bar, %c1024 : !llvm.ptr<3>, i32 -> i64
    %at = arith.muli %rank, %c512 : i32
    %to = llvm.getelementptr %shared[%at] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    %address = llvm.ptrtoint %to : !llvm.ptr<3> to i32
    %target = llvm.inttoptr %address : i32 to !llvm.ptr<7>
    %row = arith.muli %rank, %c4 : i32
    nvvm.cp.async.bulk.tensor.shared.cluster.global %target, %map, %bar, box[%c0, %row] multicast_mask = %all : !llvm.ptr<7>, !llvm.ptr
    }
    nvvm.mbarrier.try_wait.parity %bar, %c0, %c1000 : !llvm.ptr<3>, i32, i32
    %first = arith.muli %block, %c1024 : i32
    scf.for %line = %c0 to %c8 step %c1 : i32 {
    %in_line = arith.muli %thread, %c4 : i32
    %chunk = arith.divui %in_line, %c16 : i32
    %place = arith.xori %chunk, %line : i32
    %in_chunk = arith.remui %in_line, %c16 : i32
    %line_at = arith.muli %line, %c128 : i32
    %place_at = arith.muli %place, %c16 : i32
    %x0 = arith.addi %line_at, %place_at : i32
    %x1 = arith.addi %x0, %in_chunk : i32
    %p = llvm.getelementptr %shared[%x1] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    %v = llvm.load %p : !llvm.ptr<3> -> i32
    %x2 = arith.addi %line_at, %in_line : i32
    %x3 = arith.addi %first, %x2 : i32
    %q = llvm.getelementptr %out[%x3] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    llvm.store %v, %q : i32, !llvm.ptr<1>
    }
    gpu.return
  }
}

func.func @main(%a: memref<8x64xf16>, %out: memref<16x64xf16> {test.output},
    %expected: memref<16x64xf16> {test.output}) {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c32 = arith.constant 32 : index
  %bytes = arith.constant 4096 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<8x64xf16> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %out_index = memref.extract_aligned_pointer_as_index %out : memref<16x64xf16> -> index
  %out_address = arith.index_cast %out_index : index to i64
  %out_pointer = llvm.inttoptr %out_address : i64 to !llvm.ptr<1>
  %rows = arith.constant 8 : i64
  %cols = arith.constant 64 : i64
  %map = sparse_gpu.tensor_map f16 %a_address, %rows, %cols, %cols box [4, 64] : !llvm.ptr
  gpu.launch_func @device::@kernel blocks in (%c2, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes args(%map : !llvm.ptr, %out_pointer : !llvm.ptr<1>)
  %upper = memref.subview %expected[0, 0] [8, 64] [1, 1] : memref<16x64xf16> to memref<8x64xf16, strided<[64, 1]>>
  %lower = memref.subview %expected[8, 0] [8, 64] [1, 1] : memref<16x64xf16> to memref<8x64xf16, strided<[64, 1], offset: 512>>
  memref.copy %a, %upper : memref<8x64xf16> to memref<8x64xf16, strided<[64, 1]>>
  memref.copy %a, %lower : memref<8x64xf16> to memref<8x64xf16, strided<[64, 1], offset: 512>>
  return
}
}

// -----

// What each lane counts is stored into the other block's shared memory: clusters
// of blocks 0, 1 and 2, 3 exchange their numbers.
// CHECK: argument 0: 256 {{.*}} [64, 65, 66,
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%out: !llvm.ptr<1>) kernel
      attributes {known_block_size = array<i32: 64, 1, 1>, known_cluster_size = array<i32: 2, 1, 1>} {
    %c1 = arith.constant 1 : i32
    %c4 = arith.constant 4 : i32
    %c64 = arith.constant 64 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %block = nvvm.read.ptx.sreg.ctaid.x : i32
    %rank = nvvm.read.ptx.sreg.cluster.ctarank : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %other = arith.xori %rank, %c1 : i32
    %first = arith.muli %block, %c64 : i32
    %mine = arith.addi %first, %thread : i32
    nvvm.cluster.arrive {aligned}
    nvvm.cluster.wait {aligned}
    %far = nvvm.mapa %shared, %other : !llvm.ptr<3> -> !llvm.ptr<7>
    %to = llvm.getelementptr %far[%thread] : (!llvm.ptr<7>, i32) -> !llvm.ptr<7>, i32
    llvm.store %mine, %to : i32, !llvm.ptr<7>
    nvvm.cluster.arrive {aligned}
    nvvm.cluster.wait {aligned}
    %from = llvm.getelementptr %shared[%thread] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i32
    %x = llvm.load %from : !llvm.ptr<3> -> i32
    %out_at = llvm.getelementptr %out[%mine] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    llvm.store %x, %out_at : i32, !llvm.ptr<1>
    gpu.return
  }
}

func.func @main(%out: memref<256xi32> {test.output}) {
  %c1 = arith.constant 1 : index
  %blocks = arith.constant 4 : index
  %threads = arith.constant 64 : index
  %bytes = arith.constant 1024 : i32
  %out_index = memref.extract_aligned_pointer_as_index %out : memref<256xi32> -> index
  %out_address = arith.index_cast %out_index : index to i64
  %out_pointer = llvm.inttoptr %out_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%blocks, %c1, %c1) threads in (%threads, %c1, %c1)
      dynamic_shared_memory_size %bytes args(%out_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// The other block's consumers may still read.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>, %out: !llvm.ptr<1>) kernel
      attributes {known_block_size = array<i32: 96, 1, 1>, known_cluster_size = array<i32: 2, 1, 1>} {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c2 = arith.constant 2 : i32
    %c4 = arith.constant 4 : i32
    %c8 = arith.constant 8 : i32
    %c32 = arith.constant 32 : i32
    %c64 = arith.constant 64 : i32
    %c128 = arith.constant 128 : i32
    %c256 = arith.constant 256 : i32
    %c1000 = arith.constant 1000 : i32
    %all_lanes = arith.constant -1 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %block = nvvm.read.ptx.sreg.ctaid.x : i32
    %rank = nvvm.read.ptx.sreg.cluster.ctarank : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %leads = arith.cmpi eq, %thread, %c0 : i32
    %cluster = arith.divui %block, %c2 : i32
    %warp = arith.divui %thread, %c32 : i32
    %lane = arith.remui %thread, %c32 : i32
    %full = llvm.getelementptr %shared[2048] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
    %empty = llvm.getelementptr %full[16] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
    scf.if %leads {
    scf.for %stage = %c0 to %c2 step %c1 : i32 {
    %f = llvm.getelementptr %full[%stage] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i64
    %e = llvm.getelementptr %empty[%stage] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i64
    nvvm.mbarrier.init %f, %c1 : !llvm.ptr<3>, i32
    nvvm.mbarrier.init %e, %c2 : !llvm.ptr<3>, i32
    }
    nvvm.fence.mbarrier.init
    }
    nvvm.cluster.arrive {aligned}
    nvvm.cluster.wait {aligned}
    %produces = arith.cmpi eq, %warp, %c2 : i32
    scf.if %produces {
    %elected = nvvm.elect.sync -> i1
    scf.if %elected {
    %all = arith.constant 3 : i16
    %half = arith.muli %rank, %c128 : i32
    scf.for %step = %c0 to %c8 step %c1 : i32 {
    %stage = arith.remui %step, %c2 : i32
    %round = arith.divui %step, %c2 : i32
    %odd = arith.remui %round, %c2 : i32
    %parity = arith.xori %odd, %c1 : i32
    %f = llvm.getelementptr %full[%stage] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i64
    %e = llvm.getelementptr %empty[%stage] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i64
    nvvm.mbarrier.try_wait.parity %e, %parity, %c1000 : !llvm.ptr<3>, i32, i32
    %none = nvvm.mbarrier.arrive.expect_tx %f, %c256 : !llvm.ptr<3>, i32 -> i64
    %slot = arith.muli %stage, %c256 : i32
    %to = arith.addi %slot, %half : i32
    %to_pointer = llvm.getelementptr %shared[%to] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    %to_address = llvm.ptrtoint %to_pointer : !llvm.ptr<3> to i32
    %target = llvm.inttoptr %to_address : i32 to !llvm.ptr<7>
    %first = arith.muli %cluster, %c8 : i32
    %number = arith.addi %first, %step : i32
    %line = arith.muli %number, %c256 : i32
    %from = arith.addi %line, %half : i32
    %source = llvm.getelementptr %a[%from] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    // expected-error @+1 {{block (1, 0) warp 2 lane 0: in block 0 of the cluster shared byte 128 is written by a bulk copy without synchronization: a race}}
    nvvm.cp.async.bulk.shared.cluster.global %target, %source, %f, %c128 multicast_mask = %all : !llvm.ptr<7>, !llvm.ptr<1>
    }
    }
    } else {
    %sum = scf.for %step = %c0 to %c8 step %c1 iter_args(%so_far = %block) -> (i32) : i32 {
    %stage = arith.remui %step, %c2 : i32
    %round = arith.divui %step, %c2 : i32
    %parity = arith.remui %round, %c2 : i32
    %f = llvm.getelementptr %full[%stage] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i64
    %e = llvm.getelementptr %empty[%stage] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i64
    nvvm.mbarrier.try_wait.parity %f, %parity, %c1000 : !llvm.ptr<3>, i32, i32
    %at = arith.muli %stage, %c64 : i32
    %mine = arith.addi %at, %thread : i32
    %slot = llvm.getelementptr %shared[%mine] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i32
    %x = llvm.load %slot : !llvm.ptr<3> -> i32
    nvvm.bar.warp.sync %all_lanes : i32
    %releases = arith.cmpi eq, %lane, %c0 : i32
    scf.if %releases {
    %state = nvvm.mbarrier.arrive %e : !llvm.ptr<3> -> i64
    }
    %scaled = arith.muli %so_far, %c4 : i32
    %next = arith.addi %scaled, %x : i32
    scf.yield %next : i32
    }
    %before = arith.muli %block, %c64 : i32
    %out_number = arith.addi %before, %thread : i32
    %out_at = llvm.getelementptr %out[%out_number] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    llvm.store %sum, %out_at : i32, !llvm.ptr<1>
    }
    nvvm.cluster.arrive {aligned}
    nvvm.cluster.wait {aligned}
    gpu.return
  }
}

func.func @main(%a: memref<1024xi32> {test.input = dense<0> : tensor<1024xi32>}, %out: memref<256xi32> {test.output}) {
  %c1 = arith.constant 1 : index
  %blocks = arith.constant 2 : index
  %threads = arith.constant 96 : index
  %bytes = arith.constant 4096 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<1024xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  %out_index = memref.extract_aligned_pointer_as_index %out : memref<256xi32> -> index
  %out_address = arith.index_cast %out_index : index to i64
  %out_pointer = llvm.inttoptr %out_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%blocks, %c1, %c1) threads in (%threads, %c1, %c1)
      dynamic_shared_memory_size %bytes args(%a_pointer : !llvm.ptr<1>, %out_pointer : !llvm.ptr<1>)
  return
}
}
