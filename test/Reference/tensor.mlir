// RUN: sparse-opt %s -split-input-file -test-sparse-ir-evaluate | FileCheck %s
// RUN: sparse-opt %s -split-input-file -test-sparse-ir-evaluate=round | FileCheck %s --check-prefix=ROUND

// CHECK: slices#0: 2 sum 8 [1, 7]
// CHECK: slices#1: 3x3 sum 57 [1, 20, 3; 4, 5, 6; 7, 2, 9]
// CHECK: slices#2: 3x4 sum 84 [8, 1, 3, 8; 8, 8, 8, 8; 8, 8, 8, 8]
func.func @slices() -> (tensor<2xf32>, tensor<3x3xf32>, tensor<?x?xf32>) {
  %a = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]> : tensor<3x3xf32>
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %2 = arith.constant 2 : index
  %r0 = tensor.extract_slice %a[0, 0] [2, 1] [%2, 1] : tensor<3x3xf32> to tensor<2xf32>
  %s = arith.constant dense<[20.0, 2.0]> : tensor<2xf32>
  %r1 = tensor.insert_slice %s into %a[0, %1] [2, 1] [2, 1] : tensor<2xf32> into tensor<3x3xf32>
  %x = tensor.extract_slice %a[0, 0] [1, 2] [1, 2] : tensor<3x3xf32> to tensor<1x2xf32>
  %pad = arith.constant 8.0 : f32
  %r2 = tensor.pad %x low[%0, %1] high[%2, %1] {
  ^bb0(%i: index, %j: index):
    tensor.yield %pad : f32
  } : tensor<1x2xf32> to tensor<?x?xf32>
  return %r0, %r1, %r2 : tensor<2xf32>, tensor<3x3xf32>, tensor<?x?xf32>
}

// CHECK: shapes#0: 2x2 sum 10 [1, 2; 3, 4]
// CHECK: shapes#1: 4 sum 10 [1, 2, 3, 4]
// CHECK: shapes#2: 2 sum 8 [6, 2]
// CHECK: shapes#3: 2x3 sum 6 [1, 1, 1; 1, 1, 1]
// CHECK: shapes#4: sum 2 [2]
// CHECK: shapes#5: sum 12 [12]
func.func @shapes() -> (tensor<2x2xf32>, tensor<4xf32>, tensor<2xindex>, tensor<2x3xf32>, index, f32) {
  %0 = arith.constant 0 : index
  %6 = arith.constant 6 : index
  %a = arith.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %r0 = tensor.expand_shape %a [[0, 1]] output_shape [2, 2] : tensor<4xf32> into tensor<2x2xf32>
  %r1 = tensor.collapse_shape %r0 [[0, 1]] : tensor<2x2xf32> into tensor<4xf32>
  %d = tensor.dim %r0, %0 : tensor<2x2xf32>
  %r2 = tensor.from_elements %6, %d : tensor<2xindex>
  %one = arith.constant 1.0 : f32
  %r3 = tensor.splat %one[%d] : tensor<?x3xf32>
  %r3s = tensor.cast %r3 : tensor<?x3xf32> to tensor<2x3xf32>
  %twelve = arith.constant 12.0 : f32
  %i = tensor.insert %twelve into %a[%d] : tensor<4xf32>
  %r5 = tensor.extract %i[%d] : tensor<4xf32>
  return %r0, %r1, %r2, %r3s, %d, %r5
    : tensor<2x2xf32>, tensor<4xf32>, tensor<2xindex>, tensor<2x3xf32>, index, f32
}

// CHECK: control#0: sum 30 [30]
// CHECK: control#1: sum -3 [-3]
// CHECK: control#2: sum 5 [5]
// CHECK-NOT: helper
func.func @control() -> (index, index, index) {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %3 = arith.constant 3 : index
  %5 = arith.constant 5 : index
  %minus5 = arith.constant -5 : index
  // Even numbers below 5 count twice, odd ones nine: 0 + 9 + 4 + 9 + 8.
  %sum = scf.for %i = %0 to %5 step %1 iter_args(%acc = %0) -> index {
    %odd = affine.apply affine_map<(d0) -> (d0 mod 2)>(%i)
    %isOdd = arith.cmpi eq, %odd, %1 : index
    %term = scf.if %isOdd -> index {
      %nine = func.call @helper(%3) : (index) -> index
      scf.yield %nine : index
    } else {
      %twice = arith.addi %i, %i : index
      scf.yield %twice : index
    }
    %next = arith.addi %acc, %term : index
    scf.yield %next : index
  }
  %floor = affine.apply affine_map<(d0) -> (d0 floordiv 2)>(%minus5)
  %min = affine.min affine_map<(d0)[s0] -> (d0 * 2, s0 + 2)>(%3)[%3]
  return %sum, %floor, %min : index, index, index
}
func.func private @helper(%x: index) -> index {
  %y = arith.muli %x, %x : index
  return %y : index
}

// Integers wrap at their width; floats keep f64 unless they are to be rounded.
// CHECK: numbers#0: sum -128 [-128]
// CHECK: numbers#1: sum 255 [255]
// CHECK: numbers#2: sum 1 [1]
// CHECK: numbers#3: sum 0 [0]
// CHECK: numbers#4: 2 sum 7 [3, 4]
// CHECK: numbers#5: sum 1e-10 [1e-10]
// ROUND: numbers#5: sum 0 [0]
func.func @numbers() -> (i8, i32, i1, f32, tensor<2xf32>, f32) {
  %127 = arith.constant 127 : i8
  %1 = arith.constant 1 : i8
  %wrapped = arith.addi %127, %1 : i8
  %m1 = arith.constant -1 : i8
  %wide = arith.extui %m1 : i8 to i32
  %less = arith.cmpi slt, %m1, %1 : i8
  %x = arith.constant -2.5 : f32
  %zero = arith.constant 0.0 : f32
  %relu = arith.maximumf %x, %zero : f32
  %v = arith.constant dense<[9.0, 16.0]> : tensor<2xf32>
  %root = math.sqrt %v : tensor<2xf32>
  %one = arith.constant 1.0 : f32
  %tiny = arith.constant 1.0e-10 : f32
  %sum = arith.addf %one, %tiny : f32
  %rest = arith.subf %sum, %one : f32
  return %wrapped, %wide, %less, %relu, %root, %rest
    : i8, i32, i1, f32, tensor<2xf32>, f32
}

// CHECK: resource#0: 2x2 sum 3 [0, 1; 0, 2]
// CHECK: undefined#0: 1 sum nan [nan]
func.func @resource() -> tensor<2x2xf32> {
  %r = arith.constant dense_resource<values> : tensor<2x2xf32>
  return %r : tensor<2x2xf32>
}
func.func @undefined() -> tensor<1xf32> {
  %r = tensor.empty() : tensor<1xf32>
  return %r : tensor<1xf32>
}

{-# dialect_resources: { builtin: {
  values: "0x04000000000000000000803F0000000000000040"
} } #-}
