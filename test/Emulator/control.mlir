// RUN: sparse-opt %s -test-emulate -o /dev/null | FileCheck %s

// Lanes that take different ways. Everything is computed from the lane's number
// by other means too.

module attributes {gpu.container_module} {
gpu.module @device {
  // A loop of as many steps as the lane's number, which swaps two values in
  // every step, and inside a branch in a branch.
  gpu.func @loops(%out: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c2 = arith.constant 2 : i32
    %c3 = arith.constant 3 : i32
    %c100 = arith.constant 100 : i32
    %lane = nvvm.read.ptx.sreg.laneid : i32
    %r:3 = scf.for %n = %c0 to %lane step %c1 iter_args(%a = %c1, %b = %c2, %sum = %c0) -> (i32, i32, i32) : i32 {
      %odd = arith.remui %n, %c2 : i32
      %is_odd = arith.cmpi eq, %odd, %c1 : i32
      %next = scf.if %is_odd -> (i32) {
        %third = arith.remui %n, %c3 : i32
        %is_third = arith.cmpi eq, %third, %c0 : i32
        %inner = scf.if %is_third -> (i32) {
          %x = arith.addi %sum, %c100 : i32
          scf.yield %x : i32
        } else {
          scf.yield %sum : i32
        }
        scf.yield %inner : i32
      } else {
        %x = arith.addi %sum, %c1 : i32
        scf.yield %x : i32
      }
      scf.yield %b, %a, %next : i32, i32, i32
    }
    %w0 = arith.muli %r#0, %c100 : i32
    %w1 = arith.muli %w0, %c100 : i32
    %w2 = arith.muli %r#1, %c100 : i32
    %w3 = arith.muli %w2, %c100 : i32
    %w4 = arith.muli %w3, %c100 : i32
    %w5 = arith.addi %w1, %w4 : i32
    %w6 = arith.addi %w5, %r#2 : i32
    %p = llvm.getelementptr %out[%lane] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    llvm.store %w6, %p : i32, !llvm.ptr<1>
    gpu.return
  }

  // Halving until 0 counts the bits of a number; results of lanes that are done
  // stay as they are. The loop carries a vector that is updated in place.
  gpu.func @while(%out: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %lane = nvvm.read.ptx.sreg.laneid : i32
    %zeros = arith.constant dense<0> : vector<2xi32>
    %start = vector.insert %lane, %zeros [0] : i32 into vector<2xi32>
    %r = scf.while (%v = %start) : (vector<2xi32>) -> vector<2xi32> {
      %n = vector.extract %v[0] : i32 from vector<2xi32>
      %more = arith.cmpi ne, %n, %c0 : i32
      scf.condition(%more) %v : vector<2xi32>
    } do {
    ^bb0(%v: vector<2xi32>):
      %e:2 = vector.to_elements %v : vector<2xi32>
      %n = arith.shrui %e#0, %c1 : i32
      %count = arith.addi %e#1, %c1 : i32
      %v0 = vector.insert %n, %v [0] : i32 into vector<2xi32>
      %v1 = vector.insert %count, %v0 [1] : i32 into vector<2xi32>
      scf.yield %v1 : vector<2xi32>
    }
    %bits = vector.extract %r[1] : i32 from vector<2xi32>
    %p = llvm.getelementptr %out[%lane] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
    llvm.store %bits, %p : i32, !llvm.ptr<1>
    gpu.return
  }

  // An accumulator in slices: what is inserted must not show in what was
  // extracted before.
  gpu.func @slices(%out: !llvm.ptr<1>) kernel {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c3 = arith.constant 3 : i32
    %lane = nvvm.read.ptx.sreg.laneid : i32
    %start = vector.broadcast %lane : i32 to vector<4xi32>
    %ones = arith.constant dense<[1, 10]> : vector<2xi32>
    %r = scf.for %n = %c0 to %c3 step %c1 iter_args(%v = %start) -> (vector<4xi32>) : i32 {
      %low = vector.extract_strided_slice %v {offsets = [0], sizes = [2], strides = [1]} : vector<4xi32> to vector<2xi32>
      %high = vector.extract_strided_slice %v {offsets = [2], sizes = [2], strides = [1]} : vector<4xi32> to vector<2xi32>
      %sum = arith.addi %low, %ones : vector<2xi32>
      %v0 = vector.insert_strided_slice %sum, %v {offsets = [2], strides = [1]} : vector<2xi32> into vector<4xi32>
      %v1 = vector.insert_strided_slice %high, %v0 {offsets = [0], strides = [1]} : vector<2xi32> into vector<4xi32>
      scf.yield %v1 : vector<4xi32>
    }
    %is_last = arith.constant 31 : i32
    %writes = arith.cmpi eq, %lane, %is_last : i32
    scf.if %writes {
      llvm.store %r, %out {alignment = 16 : i64} : vector<4xi32>, !llvm.ptr<1>
    }
    gpu.return
  }
}

// Lane n after n steps: the values swapped if n is odd; of the steps 0 .. n-1
// the even ones count 1, of the odd ones those divisible by three 100.
// CHECK: argument 0: 32 {{.*}} [2010000, 1020001, 2010001, 1020002, 2010102, 1020103, 2010103, 1020104, 2010104, 1020105, 2010205, 1020206, 2010206, 1020207, 2010207, 1020208, 2010308, 1020309, 2010309, 1020310, 2010310, 1020311, 2010411, 1020412, 2010412, 1020413, 2010413, 1020414, 2010514, 1020515, 2010515, 1020516]
// CHECK: argument 1: 32 {{.*}} [0, 1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5]
// CHECK: argument 2: 4 {{.*}} [32, 41, 33, 51]
func.func @main(%a: memref<32xi32> {test.output}, %b: memref<32xi32> {test.output}, %c: memref<4xi32> {test.output}) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %a_index = memref.extract_aligned_pointer_as_index %a : memref<32xi32> -> index
  %a_address = arith.index_cast %a_index : index to i64
  %a_pointer = llvm.inttoptr %a_address : i64 to !llvm.ptr<1>
  %b_index = memref.extract_aligned_pointer_as_index %b : memref<32xi32> -> index
  %b_address = arith.index_cast %b_index : index to i64
  %b_pointer = llvm.inttoptr %b_address : i64 to !llvm.ptr<1>
  %c_index = memref.extract_aligned_pointer_as_index %c : memref<4xi32> -> index
  %c_address = arith.index_cast %c_index : index to i64
  %c_pointer = llvm.inttoptr %c_address : i64 to !llvm.ptr<1>
  gpu.launch_func @device::@loops blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1) args(%a_pointer : !llvm.ptr<1>)
  gpu.launch_func @device::@while blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1) args(%b_pointer : !llvm.ptr<1>)
  gpu.launch_func @device::@slices blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1) args(%c_pointer : !llvm.ptr<1>)
  return
}
}
