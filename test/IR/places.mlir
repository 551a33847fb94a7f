// RUN: sparse-opt %s -split-input-file -verify-diagnostics -canonicalize | sparse-opt -split-input-file | FileCheck %s

#places = #sparse_ir.sparsity<#sparse_ir.window<1>>

// CHECK-LABEL: func.func @round_trip
// CHECK: %[[V:.*]] = sparse_ir.compress %{{.*}} : tensor<2x4x4xf16, #{{.*}}> to tensor<2x10xf16>
// CHECK: sparse_ir.expand %{{.*}} : tensor<?x10xf16> to tensor<?x4x4xf16, #{{.*}}>
func.func @round_trip(%m: tensor<2x4x4xf16, #places>, %v: tensor<?x10xf16>) -> (tensor<2x10xf16>, tensor<?x4x4xf16, #places>) {
  %0 = sparse_ir.compress %m : tensor<2x4x4xf16, #places> to tensor<2x10xf16>
  %1 = sparse_ir.expand %v : tensor<?x10xf16> to tensor<?x4x4xf16, #places>
  return %0, %1 : tensor<2x10xf16>, tensor<?x4x4xf16, #places>
}

// One is the inverse of the other.
// CHECK-LABEL: func.func @inverse
// CHECK-SAME: %[[M:.*]]: tensor<4x4xf32, #{{.*}}>, %[[V:.*]]: tensor<10xf32>
// CHECK-NEXT: return %[[V]], %[[M]]
func.func @inverse(%m: tensor<4x4xf32, #places>, %v: tensor<10xf32>) -> (tensor<10xf32>, tensor<4x4xf32, #places>) {
  %0 = sparse_ir.expand %v : tensor<10xf32> to tensor<4x4xf32, #places>
  %1 = sparse_ir.compress %0 : tensor<4x4xf32, #places> to tensor<10xf32>
  %2 = sparse_ir.compress %m : tensor<4x4xf32, #places> to tensor<10xf32>
  %3 = sparse_ir.expand %2 : tensor<10xf32> to tensor<4x4xf32, #places>
  return %1, %3 : tensor<10xf32>, tensor<4x4xf32, #places>
}

// CHECK-LABEL: func.func @fill
// CHECK: %[[E:.*]] = tensor.empty(%{{.*}}) : tensor<?x10xf32>
// CHECK: linalg.fill ins(%{{.*}} : f32) outs(%[[E]] : tensor<?x10xf32>)
func.func @fill(%n: index, %x: f32) -> tensor<?x10xf32> {
  %e = tensor.empty(%n) : tensor<?x4x4xf32>
  %f = linalg.fill ins(%x : f32) outs(%e : tensor<?x4x4xf32>) -> tensor<?x4x4xf32>
  %c = tensor.cast %f : tensor<?x4x4xf32> to tensor<?x4x4xf32, #places>
  %0 = sparse_ir.compress %c : tensor<?x4x4xf32, #places> to tensor<?x10xf32>
  return %0 : tensor<?x10xf32>
}

// Of more values than the result has places.
#more = #sparse_ir.sparsity<#sparse_ir.window<2>>
// CHECK-LABEL: func.func @part
// CHECK: sparse_ir.expand %{{.*}} {places = #{{.*}}} : tensor<14xf32> to tensor<4x4xf32
func.func @part(%v: tensor<14xf32>) -> tensor<4x4xf32, #places> {
  %0 = sparse_ir.expand %v {places = #more} : tensor<14xf32> to tensor<4x4xf32, #places>
  return %0 : tensor<4x4xf32, #places>
}

// -----

#places = #sparse_ir.sparsity<#sparse_ir.window<1>>
#less = #sparse_ir.sparsity<#sparse_ir.window<0>>
func.func @no_part(%v: tensor<4xf32>) {
  // expected-error @+1 {{has 6 places that the values do not have}}
  %0 = sparse_ir.expand %v {places = #less} : tensor<4xf32> to tensor<4x4xf32, #places>
  return
}

// -----

func.func @plain(%m: tensor<4x4xf32>) {
  // expected-error @+1 {{expects a tensor with a sparsity, found 'tensor<4x4xf32>'}}
  %0 = sparse_ir.compress %m : tensor<4x4xf32> to tensor<10xf32>
  return
}

// -----

#places = #sparse_ir.sparsity<#sparse_ir.window<1>>
func.func @count(%v: tensor<9xf32>) {
  // expected-error @+1 {{expects 10 values, one for each place, found 'tensor<9xf32>'}}
  %0 = sparse_ir.expand %v : tensor<9xf32> to tensor<4x4xf32, #places>
  return
}

// -----

#places = #sparse_ir.sparsity<#sparse_ir.window<1>>
func.func @batch(%v: tensor<3x10xf32>) {
  // expected-error @+1 {{expects values with the matrix' batch and element type in one dimension more, found 'tensor<3x10xf32>' beside 'tensor<2x4x4xf32}}
  %0 = sparse_ir.expand %v : tensor<3x10xf32> to tensor<2x4x4xf32, #places>
  return
}

// -----

#places = #sparse_ir.sparsity<#sparse_ir.window<1>>
func.func @element(%v: tensor<10xf16>) {
  // expected-error @+1 {{expects values with the matrix' batch and element type}}
  %0 = sparse_ir.expand %v : tensor<10xf16> to tensor<4x4xf32, #places>
  return
}

// -----

#places = #sparse_ir.sparsity<#sparse_ir.unstructured>
func.func @undetermined(%v: tensor<10xf32>) {
  // expected-error @+1 {{expects a sparsity that determines the places of a static matrix}}
  %0 = sparse_ir.expand %v : tensor<10xf32> to tensor<4x4xf32, #places>
  return
}

// -----

#places = #sparse_ir.sparsity<#sparse_ir.window<1>>
func.func @dynamic(%v: tensor<10xf32>) {
  // expected-error @+1 {{expects a sparsity that determines the places of a static matrix}}
  %0 = sparse_ir.expand %v : tensor<10xf32> to tensor<4x?xf32, #places>
  return
}

// -----

#places = #sparse_ir.sparsity<#sparse_ir.window<0>>
#t = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 2]> : tensor<2xi32>, entries = dense<[0, 1]> : tensor<2xi32>>
#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>

// CHECK-LABEL: func.func @kernel
// CHECK: sparse_ir.kernel {{.*}}{lhs_places = #
func.func @kernel(%a: tensor<2xf32>, %b: tensor<2x3xf32>, %c: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %0 = sparse_ir.kernel ins(%a, %b : tensor<2xf32>, tensor<2x3xf32>) outs(%c : tensor<2x3xf32>) of #t extents [2, 3, 2] strategy(#s) {lhs_places = #places} -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

#places = #sparse_ir.sparsity<#sparse_ir.window<0>>
#t = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 2]> : tensor<2xi32>, entries = dense<[0, 1]> : tensor<2xi32>>
#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
func.func @c7_count(%a: tensor<3xf32>, %b: tensor<2x3xf32>, %c: tensor<2x3xf32>) {
  // expected-error @+1 {{expects 2 values as its lhs, found 'tensor<3xf32>'}}
  %0 = sparse_ir.kernel ins(%a, %b : tensor<3xf32>, tensor<2x3xf32>) outs(%c : tensor<2x3xf32>) of #t extents [2, 3, 2] strategy(#s) {lhs_places = #places} -> tensor<2x3xf32>
  return
}

// -----

#places = #sparse_ir.sparsity<#sparse_ir.window<0>>
#t = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 2]> : tensor<2xi32>, entries = dense<[0, 1]> : tensor<2xi32>>
#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
func.func @c7_table(%a: tensor<2x2xf32>, %b: tensor<2x2xf32>, %c: tensor<2xf32>) {
  // expected-error @+1 {{has values of places as its out with a table or packing of another kind}}
  %0 = sparse_ir.kernel ins(%a, %b : tensor<2x2xf32>, tensor<2x2xf32>) outs(%c : tensor<2xf32>) of #t extents [2, 2, 2] strategy(#s) {out_places = #places} -> tensor<2xf32>
  return
}

// -----

#places = #sparse_ir.sparsity<#sparse_ir.window<0>>
#t = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 2]> : tensor<2xi32>, entries = dense<[0, 1]> : tensor<2xi32>>
#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
func.func @c7_map(%a: tensor<2xf32>, %b: tensor<2x3xf32>, %c: tensor<2x3xf32>) {
  // expected-error @+1 {{has a map of values of places, its lhs}}
  %0 = sparse_ir.kernel ins(%a, %b : tensor<2xf32>, tensor<2x3xf32>) outs(%c : tensor<2x3xf32>) of #t extents [2, 3, 2] strategy(#s) {lhs_places = #places, lhs_map = affine_map<(i, k) -> (k)>} -> tensor<2x3xf32>
  return
}
