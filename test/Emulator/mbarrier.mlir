// RUN: sparse-opt %s -split-input-file -verify-diagnostics -test-emulate -o /dev/null | FileCheck %s

// A ring of two stages: warp 2 fills it with bulk copies, warps 0 and 1 read.
// CHECK: argument 1: 64 {{.*}} [1636, 4916, 8196, 11476, 1636,
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>, %out: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c2 = arith.constant 2 : i32
    %c3 = arith.constant 3 : i32
    %c8 = arith.constant 8 : i32
    %c64 = arith.constant 64 : i32
    %c256 = arith.constant 256 : i32
    %c1000 = arith.constant 1000 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %c32 = arith.constant 32 : i32
    %warp = arith.divui %thread, %c32 : i32
    %full = llvm.getelementptr %shared[4096] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i64
    %empty = llvm.getelementptr %full[16] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
    %leads = arith.cmpi eq, %thread, %c0 : i32
    scf.if %leads {
    scf.for %stage = %c0 to %c2 step %c1 : i32 {
    %f = llvm.getelementptr %full[%stage] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i64
    %e = llvm.getelementptr %empty[%stage] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i64
    nvvm.mbarrier.init %f, %c1 : !llvm.ptr<3>, i32
    nvvm.mbarrier.init %e, %c64 : !llvm.ptr<3>, i32
    }
    }
    nvvm.fence.mbarrier.init
    nvvm.barrier
    %produces = arith.cmpi eq, %warp, %c2 : i32
    scf.if %produces {
    nvvm.setmaxregister decrease 24
    %elected = nvvm.elect.sync -> i1
    scf.if %elected {
    scf.for %step = %c0 to %c8 step %c1 : i32 {
    %stage = arith.remui %step, %c2 : i32
    %round = arith.divui %step, %c2 : i32
    %odd = arith.remui %round, %c2 : i32
    %parity = arith.xori %odd, %c1 : i32
    %f = llvm.getelementptr %full[%stage] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i64
    %e = llvm.getelementptr %empty[%stage] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i64
    nvvm.mbarrier.try_wait.parity %e, %parity, %c1000 : !llvm.ptr<3>, i32, i32
    %none = nvvm.mbarrier.arrive.expect_tx %f, %c256 : !llvm.ptr<3>, i32 -> i64
    %at = arith.muli %stage, %c256 : i32
    %slot = llvm.getelementptr %shared[%at] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    %slot_address = llvm.ptrtoint %slot : !llvm.ptr<3> to i32
    %target = llvm.inttoptr %slot_address : i32 to !llvm.ptr<7>
    %from_at = arith.muli %step, %c64 : i32
    %from = llvm.getelementptr %a[%from_at] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    nvvm.cp.async.bulk.shared.cluster.global %target, %from, %f, %c256 : !llvm.ptr<7>, !llvm.ptr<1>
    }
    }
    } else {
    %sum = scf.for %step = %c0 to %c8 step %c1 iter_args(%so_far = %c0) -> (i32) : i32 {
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
    %state = nvvm.mbarrier.arrive %e : !llvm.ptr<3> -> i64
    %scaled = arith.muli %so_far, %c3 : i32
    %next = arith.addi %scaled, %x : i32
    scf.yield %next : i32
    }
    %out_at = llvm.getelementptr %out[%thread] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    llvm.store %sum, %out_at : i32, !llvm.ptr<1>
    }
    gpu.return
  }
}

func.func @main(%a: memref<512xi32> {test.input = dense<"0x000000000100000002000000030000000000000001000000020000000300000000000000010000000200000003000000000000000100000002000000030000000000000001000000020000000300000000000000010000000200000003000000000000000100000002000000030000000000000001000000020000000300000000000000010000000200000003000000000000000100000002000000030000000000000001000000020000000300000000000000010000000200000003000000000000000100000002000000030000000000000001000000020000000300000000000000010000000200000003000000000000000100000002000000030000000100000002000000030000000400000001000000020000000300000004000000010000000200000003000000040000000100000002000000030000000400000001000000020000000300000004000000010000000200000003000000040000000100000002000000030000000400000001000000020000000300000004000000010000000200000003000000040000000100000002000000030000000400000001000000020000000300000004000000010000000200000003000000040000000100000002000000030000000400000001000000020000000300000004000000010000000200000003000000040000000100000002000000030000000400000002000000030000000400000005000000020000000300000004000000050000000200000003000000040000000500000002000000030000000400000005000000020000000300000004000000050000000200000003000000040000000500000002000000030000000400000005000000020000000300000004000000050000000200000003000000040000000500000002000000030000000400000005000000020000000300000004000000050000000200000003000000040000000500000002000000030000000400000005000000020000000300000004000000050000000200000003000000040000000500000002000000030000000400000005000000030000000400000005000000060000000300000004000000050000000600000003000000040000000500000006000000030000000400000005000000060000000300000004000000050000000600000003000000040000000500000006000000030000000400000005000000060000000300000004000000050000000600000003000000040000000500000006000000030000000400000005000000060000000300000004000000050000000600000003000000040000000500000006000000030000000400000005000000060000000300000004000000050000000600000003000000040000000500000006000000030000000400000005000000060000000400000005000000060000000700000004000000050000000600000007000000040000000500000006000000070000000400000005000000060000000700000004000000050000000600000007000000040000000500000006000000070000000400000005000000060000000700000004000000050000000600000007000000040000000500000006000000070000000400000005000000060000000700000004000000050000000600000007000000040000000500000006000000070000000400000005000000060000000700000004000000050000000600000007000000040000000500000006000000070000000400000005000000060000000700000005000000060000000700000008000000050000000600000007000000080000000500000006000000070000000800000005000000060000000700000008000000050000000600000007000000080000000500000006000000070000000800000005000000060000000700000008000000050000000600000007000000080000000500000006000000070000000800000005000000060000000700000008000000050000000600000007000000080000000500000006000000070000000800000005000000060000000700000008000000050000000600000007000000080000000500000006000000070000000800000005000000060000000700000008000000060000000700000008000000090000000600000007000000080000000900000006000000070000000800000009000000060000000700000008000000090000000600000007000000080000000900000006000000070000000800000009000000060000000700000008000000090000000600000007000000080000000900000006000000070000000800000009000000060000000700000008000000090000000600000007000000080000000900000006000000070000000800000009000000060000000700000008000000090000000600000007000000080000000900000006000000070000000800000009000000060000000700000008000000090000000700000008000000090000000A0000000700000008000000090000000A0000000700000008000000090000000A0000000700000008000000090000000A0000000700000008000000090000000A0000000700000008000000090000000A0000000700000008000000090000000A0000000700000008000000090000000A0000000700000008000000090000000A0000000700000008000000090000000A0000000700000008000000090000000A0000000700000008000000090000000A0000000700000008000000090000000A0000000700000008000000090000000A0000000700000008000000090000000A0000000700000008000000090000000A000000"> : tensor<512xi32>}, %out: memref<64xi32> {test.output}) {
  %c1 = arith.constant 1 : index
  %c96 = arith.constant 96 : index
  %bytes40960 = arith.constant 40960 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<512xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  %out_index = memref.extract_aligned_pointer_as_index %out : memref<64xi32> -> index
  %out_address = arith.index_cast %out_index : index to i64
  %out_pointer = llvm.inttoptr %out_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c96, %c1, %c1)
      dynamic_shared_memory_size %bytes40960 args(%a_pointer : !llvm.ptr<1>, %out_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// Released before it is read.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>, %out: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c2 = arith.constant 2 : i32
    %c3 = arith.constant 3 : i32
    %c8 = arith.constant 8 : i32
    %c64 = arith.constant 64 : i32
    %c256 = arith.constant 256 : i32
    %c1000 = arith.constant 1000 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %c32 = arith.constant 32 : i32
    %warp = arith.divui %thread, %c32 : i32
    %full = llvm.getelementptr %shared[4096] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i64
    %empty = llvm.getelementptr %full[16] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
    %leads = arith.cmpi eq, %thread, %c0 : i32
    scf.if %leads {
    scf.for %stage = %c0 to %c2 step %c1 : i32 {
    %f = llvm.getelementptr %full[%stage] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i64
    %e = llvm.getelementptr %empty[%stage] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i64
    nvvm.mbarrier.init %f, %c1 : !llvm.ptr<3>, i32
    nvvm.mbarrier.init %e, %c64 : !llvm.ptr<3>, i32
    }
    }
    nvvm.fence.mbarrier.init
    nvvm.barrier
    %produces = arith.cmpi eq, %warp, %c2 : i32
    scf.if %produces {
    nvvm.setmaxregister decrease 24
    %elected = nvvm.elect.sync -> i1
    scf.if %elected {
    scf.for %step = %c0 to %c8 step %c1 : i32 {
    %stage = arith.remui %step, %c2 : i32
    %round = arith.divui %step, %c2 : i32
    %odd = arith.remui %round, %c2 : i32
    %parity = arith.xori %odd, %c1 : i32
    %f = llvm.getelementptr %full[%stage] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i64
    %e = llvm.getelementptr %empty[%stage] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i64
    nvvm.mbarrier.try_wait.parity %e, %parity, %c1000 : !llvm.ptr<3>, i32, i32
    %none = nvvm.mbarrier.arrive.expect_tx %f, %c256 : !llvm.ptr<3>, i32 -> i64
    %at = arith.muli %stage, %c256 : i32
    %slot = llvm.getelementptr %shared[%at] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
    %slot_address = llvm.ptrtoint %slot : !llvm.ptr<3> to i32
    %target = llvm.inttoptr %slot_address : i32 to !llvm.ptr<7>
    %from_at = arith.muli %step, %c64 : i32
    %from = llvm.getelementptr %a[%from_at] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    // expected-error @+1 {{block (0, 0) warp 2 lane 0: shared byte 0 is read by warp 0 without synchronization: a race}}
    nvvm.cp.async.bulk.shared.cluster.global %target, %from, %f, %c256 : !llvm.ptr<7>, !llvm.ptr<1>
    }
    }
    } else {
    %sum = scf.for %step = %c0 to %c8 step %c1 iter_args(%so_far = %c0) -> (i32) : i32 {
    %stage = arith.remui %step, %c2 : i32
    %round = arith.divui %step, %c2 : i32
    %parity = arith.remui %round, %c2 : i32
    %f = llvm.getelementptr %full[%stage] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i64
    %e = llvm.getelementptr %empty[%stage] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i64
    nvvm.mbarrier.try_wait.parity %f, %parity, %c1000 : !llvm.ptr<3>, i32, i32
    %at = arith.muli %stage, %c64 : i32
    %mine = arith.addi %at, %thread : i32
    %slot = llvm.getelementptr %shared[%mine] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i32
    %state = nvvm.mbarrier.arrive %e : !llvm.ptr<3> -> i64
    %x = llvm.load %slot : !llvm.ptr<3> -> i32
    %scaled = arith.muli %so_far, %c3 : i32
    %next = arith.addi %scaled, %x : i32
    scf.yield %next : i32
    }
    %out_at = llvm.getelementptr %out[%thread] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    llvm.store %sum, %out_at : i32, !llvm.ptr<1>
    }
    gpu.return
  }
}

func.func @main(%a: memref<512xi32> {test.input = dense<"0x000000000100000002000000030000000000000001000000020000000300000000000000010000000200000003000000000000000100000002000000030000000000000001000000020000000300000000000000010000000200000003000000000000000100000002000000030000000000000001000000020000000300000000000000010000000200000003000000000000000100000002000000030000000000000001000000020000000300000000000000010000000200000003000000000000000100000002000000030000000000000001000000020000000300000000000000010000000200000003000000000000000100000002000000030000000100000002000000030000000400000001000000020000000300000004000000010000000200000003000000040000000100000002000000030000000400000001000000020000000300000004000000010000000200000003000000040000000100000002000000030000000400000001000000020000000300000004000000010000000200000003000000040000000100000002000000030000000400000001000000020000000300000004000000010000000200000003000000040000000100000002000000030000000400000001000000020000000300000004000000010000000200000003000000040000000100000002000000030000000400000002000000030000000400000005000000020000000300000004000000050000000200000003000000040000000500000002000000030000000400000005000000020000000300000004000000050000000200000003000000040000000500000002000000030000000400000005000000020000000300000004000000050000000200000003000000040000000500000002000000030000000400000005000000020000000300000004000000050000000200000003000000040000000500000002000000030000000400000005000000020000000300000004000000050000000200000003000000040000000500000002000000030000000400000005000000030000000400000005000000060000000300000004000000050000000600000003000000040000000500000006000000030000000400000005000000060000000300000004000000050000000600000003000000040000000500000006000000030000000400000005000000060000000300000004000000050000000600000003000000040000000500000006000000030000000400000005000000060000000300000004000000050000000600000003000000040000000500000006000000030000000400000005000000060000000300000004000000050000000600000003000000040000000500000006000000030000000400000005000000060000000400000005000000060000000700000004000000050000000600000007000000040000000500000006000000070000000400000005000000060000000700000004000000050000000600000007000000040000000500000006000000070000000400000005000000060000000700000004000000050000000600000007000000040000000500000006000000070000000400000005000000060000000700000004000000050000000600000007000000040000000500000006000000070000000400000005000000060000000700000004000000050000000600000007000000040000000500000006000000070000000400000005000000060000000700000005000000060000000700000008000000050000000600000007000000080000000500000006000000070000000800000005000000060000000700000008000000050000000600000007000000080000000500000006000000070000000800000005000000060000000700000008000000050000000600000007000000080000000500000006000000070000000800000005000000060000000700000008000000050000000600000007000000080000000500000006000000070000000800000005000000060000000700000008000000050000000600000007000000080000000500000006000000070000000800000005000000060000000700000008000000060000000700000008000000090000000600000007000000080000000900000006000000070000000800000009000000060000000700000008000000090000000600000007000000080000000900000006000000070000000800000009000000060000000700000008000000090000000600000007000000080000000900000006000000070000000800000009000000060000000700000008000000090000000600000007000000080000000900000006000000070000000800000009000000060000000700000008000000090000000600000007000000080000000900000006000000070000000800000009000000060000000700000008000000090000000700000008000000090000000A0000000700000008000000090000000A0000000700000008000000090000000A0000000700000008000000090000000A0000000700000008000000090000000A0000000700000008000000090000000A0000000700000008000000090000000A0000000700000008000000090000000A0000000700000008000000090000000A0000000700000008000000090000000A0000000700000008000000090000000A0000000700000008000000090000000A0000000700000008000000090000000A0000000700000008000000090000000A0000000700000008000000090000000A0000000700000008000000090000000A000000"> : tensor<512xi32>}, %out: memref<64xi32> {test.output}) {
  %c1 = arith.constant 1 : index
  %c96 = arith.constant 96 : index
  %bytes40960 = arith.constant 40960 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<512xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  %out_index = memref.extract_aligned_pointer_as_index %out : memref<64xi32> -> index
  %out_address = arith.index_cast %out_index : index to i64
  %out_pointer = llvm.inttoptr %out_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c96, %c1, %c1)
      dynamic_shared_memory_size %bytes40960 args(%a_pointer : !llvm.ptr<1>, %out_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// Nothing is copied: the phase lacks its bytes.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c256 = arith.constant 256 : i32
    %c1000 = arith.constant 1000 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %bar = llvm.getelementptr %shared[4096] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
    %leads = arith.cmpi eq, %thread, %c0 : i32
    scf.if %leads {
    nvvm.mbarrier.init %bar, %c1 : !llvm.ptr<3>, i32
    }
    nvvm.fence.mbarrier.init
    nvvm.barrier
    scf.if %leads {
    %none = nvvm.mbarrier.arrive.expect_tx %bar, %c256 : !llvm.ptr<3>, i32 -> i64
    }
    // expected-error @+1 {{block (0, 0) warp 0: deadlock: warp 0 waits for parity 0 of the mbarrier at shared byte 4096 (in phase 0, 0 arrivals and 256 bytes missing)}}
    nvvm.mbarrier.try_wait.parity %bar, %c0, %c1000 : !llvm.ptr<3>, i32, i32
    gpu.return
  }
}

func.func @main(%a: memref<1024xi32>) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes8192 = arith.constant 8192 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<1024xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes8192 args(%a_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// More arrivals than the phase has.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c16 = arith.constant 16 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %bar = llvm.getelementptr %shared[4096] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
    %leads = arith.cmpi eq, %thread, %c0 : i32
    scf.if %leads {
    nvvm.mbarrier.init %bar, %c1 : !llvm.ptr<3>, i32
    }
    nvvm.fence.mbarrier.init
    nvvm.barrier
    scf.if %leads {
    nvvm.mbarrier.arrive.expect_tx %bar, %c16 : !llvm.ptr<3>, i32
    }
    scf.if %leads {
    // expected-error @+1 {{block (0, 0) warp 0 lane 0: 1 arrivals at an mbarrier whose phase 0 lacks 0}}
    nvvm.mbarrier.arrive.expect_tx %bar, %c16 : !llvm.ptr<3>, i32
    }
    gpu.return
  }
}

func.func @main(%a: memref<1024xi32>) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes8192 = arith.constant 8192 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<1024xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes8192 args(%a_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// No mbarrier.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    // expected-error @+1 {{block (0, 0) warp 0 lane 0: no mbarrier was initialized at shared byte 0}}
    %state = nvvm.mbarrier.arrive %shared : !llvm.ptr<3> -> i64
    gpu.return
  }
}

func.func @main(%a: memref<1024xi32>) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes8192 = arith.constant 8192 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<1024xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes8192 args(%a_pointer : !llvm.ptr<1>)
  return
}
}

// -----

// Its initialization was not waited for.
module attributes {gpu.container_module} {
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @kernel(%a: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c64 = arith.constant 64 : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %shared = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %bar = llvm.getelementptr %shared[4096] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
    %leads = arith.cmpi eq, %thread, %c0 : i32
    scf.if %leads {
    nvvm.mbarrier.init %bar, %c64 : !llvm.ptr<3>, i32
    }
    nvvm.fence.mbarrier.init
    // expected-error @+1 {{block (0, 0) warp 1 lane 0: shared byte 4096 is made an mbarrier by warp 0 without synchronization: a race}}
    %state = nvvm.mbarrier.arrive %bar : !llvm.ptr<3> -> i64
    gpu.return
  }
}

func.func @main(%a: memref<1024xi32>) {
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %bytes8192 = arith.constant 8192 : i32
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<1024xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@kernel blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
      dynamic_shared_memory_size %bytes8192 args(%a_pointer : !llvm.ptr<1>)
  return
}
}
