// RUN: sparse-opt %s -sparse-ir-results-to-destinations | FileCheck %s

// CHECK-LABEL: func.func @static
// CHECK-SAME: %[[A:[a-z0-9]+]]: tensor<4x8xf32> {bufferization.writable = false, sparse_ir.dims = [4, 8]}, %[[R:[a-z0-9]+]]: memref<4x8xf32> {sparse_ir.dims = [4, 8], sparse_ir.result = 0 : i64}) {
// CHECK: %[[S:.*]] = arith.addf
// CHECK: bufferization.materialize_in_destination %[[S]] in restrict writable %[[R]] : (tensor<4x8xf32>, memref<4x8xf32>) -> ()
// CHECK-NEXT: return{{$}}
func.func @static(%a: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %r = arith.addf %a, %a : tensor<4x8xf32>
  return %r : tensor<4x8xf32>
}

// Symbols: given ones are kept, others made up; what is given elsewhere is not
// made up. A result's dimension is that of the argument it is equal to.
// CHECK-LABEL: func.func @dynamic
// CHECK-SAME: tensor<4x?xf32> {bufferization.writable = false, sparse_ir.dims = [4, "d1"]}
// CHECK-SAME: tensor<?x?xf32> {bufferization.writable = false, sparse_ir.dims = ["n", "d0"]}
// CHECK-SAME: tensor<?xf32> {bufferization.writable = false, sparse_ir.dims = ["d3"]}
// CHECK-SAME: memref<4x?xf32> {sparse_ir.dims = [4, "d0"], sparse_ir.result = 0 : i64}
// CHECK-SAME: memref<?xf32> {sparse_ir.dims = ["d3"], sparse_ir.result = 1 : i64}
func.func @dynamic(%a: tensor<4x?xf32>, %b: tensor<?x?xf32> {sparse_ir.dims = ["n", "d0"]}, %v: tensor<?xf32>) -> (tensor<4x?xf32>, tensor<?xf32>) {
  %0 = arith.constant 1 : index
  %z = arith.constant 0.0 : f32
  %n = tensor.dim %b, %0 : tensor<?x?xf32>
  %e = tensor.empty(%n) : tensor<4x?xf32>
  %c = linalg.fill ins(%z : f32) outs(%e : tensor<4x?xf32>) -> tensor<4x?xf32>
  %r = linalg.matmul ins(%a, %b : tensor<4x?xf32>, tensor<?x?xf32>) outs(%c : tensor<4x?xf32>) -> tensor<4x?xf32>
  return %r, %v : tensor<4x?xf32>, tensor<?xf32>
}

// Results that are no tensors stay results.
// CHECK-LABEL: func.func @mixed
// CHECK-SAME: -> (f32, index) {
// CHECK: return %{{.*}}, %{{.*}} : f32, index
func.func @mixed(%x: f32, %i: index) -> (f32, tensor<1xf32>, index) {
  %t = tensor.from_elements %x : tensor<1xf32>
  return %x, %t, %i : f32, tensor<1xf32>, index
}

// A function that is private, declared, or called keeps its signature.
// CHECK-LABEL: func.func private @private(%{{.*}}: tensor<4xf32>) -> tensor<4xf32>
// CHECK: func.func private @declared(tensor<4xf32>) -> tensor<4xf32>
// CHECK-LABEL: func.func @called(%{{.*}}: tensor<4xf32>) -> tensor<4xf32>
// CHECK-LABEL: func.func @caller(%{{.*}}: tensor<4xf32> {bufferization.writable = false, sparse_ir.dims = [4]}, %{{.*}}: memref<4xf32>
func.func private @private(%a: tensor<4xf32>) -> tensor<4xf32> {
  return %a : tensor<4xf32>
}
func.func private @declared(%a: tensor<4xf32>) -> tensor<4xf32>
func.func @called(%a: tensor<4xf32>) -> tensor<4xf32> {
  return %a : tensor<4xf32>
}
func.func @caller(%a: tensor<4xf32>) -> tensor<4xf32> {
  %r = func.call @called(%a) : (tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}
