// RUN: sparse-opt %s -test-gpu-equivalence="pipeline={sparse-ir-gpu{target=sm_80 stop-after=device}} sizes=1,37,300" -o /dev/null
// RUN: sparse-opt %s -sparse-ir-gpu="target=sm_80 stop-after=device" | FileCheck %s

// Elementwise ops without a kernel to end are kernels of their own: with
// broadcasts, transposes, casts, functions and values that several ops use.

#id = affine_map<(i, j) -> (i, j)>
#swap = affine_map<(i, j) -> (j, i)>
#row = affine_map<(i, j) -> (i)>
#all = affine_map<(i, j) -> ()>

// CHECK: gpu.module @device
// CHECK: gpu.func @kernel0({{.*}}) kernel attributes {known_block_size = array<i32: 256, 1, 1>}
// CHECK: math.exp2
// CHECK-LABEL: func.func @mixed
// CHECK: gpu.launch_func
// CHECK-NOT: linalg
// CHECK: return
func.func @mixed(%a: tensor<?x7xf16>, %b: tensor<7x?xbf16>, %c: tensor<?xf32>, %s: tensor<f32>) -> tensor<?x7xf16> {
  %zero = arith.constant 0 : index
  %n = tensor.dim %a, %zero : tensor<?x7xf16>
  %e = tensor.empty(%n) : tensor<?x7xf16>
  %limit = arith.constant 2.0 : f32
  %y = linalg.generic {indexing_maps = [#id, #swap, #row, #all, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a, %b, %c, %s : tensor<?x7xf16>, tensor<7x?xbf16>, tensor<?xf32>, tensor<f32>) outs(%e : tensor<?x7xf16>) {
  ^bb0(%x: f16, %t: bf16, %r: f32, %u: f32, %o: f16):
    %0 = arith.extf %t : bf16 to f32
    %1 = arith.addf %0, %r : f32
    %2 = math.tanh %1 : f32
    %3 = arith.minimumf %2, %limit : f32
    %4 = arith.mulf %3, %u : f32
    %5 = arith.truncf %4 : f32 to f16
    %6 = arith.cmpf olt, %x, %5 : f16
    %7 = arith.select %6, %x, %5 : f16
    linalg.yield %7 : f16
  } -> tensor<?x7xf16>
  return %y : tensor<?x7xf16>
}
// Two results, of one value; a transpose.
// CHECK-LABEL: func.func @several
// CHECK-COUNT-3: gpu.launch_func
// CHECK-NOT: linalg
// CHECK: return
func.func @several(%a: tensor<5x?xf32>) -> (tensor<5x?xf32>, tensor<?x5xf32>) {
  %one = arith.constant 1 : index
  %n = tensor.dim %a, %one : tensor<5x?xf32>
  %e = tensor.empty(%n) : tensor<5x?xf32>
  %f = tensor.empty(%n) : tensor<?x5xf32>
  %0 = linalg.exp ins(%a : tensor<5x?xf32>) outs(%e : tensor<5x?xf32>) -> tensor<5x?xf32>
  %1 = linalg.add ins(%0, %a : tensor<5x?xf32>, tensor<5x?xf32>) outs(%e : tensor<5x?xf32>) -> tensor<5x?xf32>
  %2 = linalg.transpose ins(%0 : tensor<5x?xf32>) outs(%f : tensor<?x5xf32>) permutation = [1, 0]
  return %1, %2 : tensor<5x?xf32>, tensor<?x5xf32>
}
