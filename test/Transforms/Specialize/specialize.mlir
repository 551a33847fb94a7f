// RUN: sparse-opt %s -sparse-ir-specialize --remarks-filter=sparse-ir -o %t 2>%t.remarks
// RUN: FileCheck %s --input-file=%t
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks

#a = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 4, depth = 1, vectors = 4, phase = 0, tasks = 2, pack_rhs = true>
#b = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 4, depth = 1, vectors = 1, phase = 0, tasks = 2, pack_rhs = false>
#c = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 1, vectors = 2, phase = 0, tasks = 2, pack_rhs = false>
#band = #sparse_ir.sparsity<#sparse_ir.window<3>>

// REMARK: [Passed] sparse-ir-specialize | Category:sparse-ir | {{.*}}kernels=3{{.*}}ops=3{{.*}}ranges=5

// Zeros, transpose and store move into the regions, so that each becomes what
// one product alone becomes; N comes from the init.
// CHECK-LABEL: func.func @stored
// CHECK-SAME: %[[B:.*]]: tensor<64x?xf32>, %[[OUT:.*]]: memref<?x64xf32>
// CHECK: %[[N:.*]] = tensor.dim %[[B]]
// CHECK-NOT: sparse_ir.matmul
// CHECK: %[[OTHER0:.*]] = arith.constant 1 : index
// CHECK: %[[REACHED:.*]] = arith.cmpi sge, %[[N]], %{{.*}} : index
// CHECK: %[[OTHERS:.*]] = arith.select %[[REACHED]], %{{.*}}, %[[OTHER0]] : index
// CHECK: arith.cmpi sge
// CHECK: arith.cmpi sge
// CHECK: %[[ALIGNED:.*]] = arith.select
// CHECK: %[[REST:.*]] = arith.remsi %[[N]], %{{.*}} : index
// CHECK: %[[IS_ALIGNED:.*]] = arith.cmpi eq, %[[REST]], %{{.*}} : index
// CHECK: %[[INDEX:.*]] = arith.select %[[IS_ALIGNED]], %[[ALIGNED]], %[[OTHERS]] : index
// CHECK: scf.index_switch %[[INDEX]]
// CHECK-SAME: {sparse_ir.product}
// CHECK: case 0 {
// CHECK: %[[EMPTY:.*]] = tensor.empty(%[[N]])
// CHECK: %[[ZEROS:.*]] = linalg.fill {{.*}} outs(%[[EMPTY]]
// CHECK: %[[Y:.*]] = sparse_ir.matmul ins(%{{.*}}, %[[B]] : {{.*}}) outs(%[[ZEROS]] : tensor<64x?xf32>) {{.*}}vectors = 4
// CHECK-NOT: selection
// CHECK: %[[T:.*]] = linalg.transpose ins(%[[Y]]
// CHECK: bufferization.materialize_in_destination %[[T]] in restrict writable %[[OUT]]
// CHECK: scf.yield
// CHECK: case 1 {
// CHECK: sparse_ir.matmul {{.*}}vectors = 1
// CHECK: materialize_in_destination
// CHECK: default {
// CHECK: sparse_ir.matmul {{.*}}rows = 2, depth = 1, vectors = 2
// CHECK: materialize_in_destination
// CHECK-NOT: materialize_in_destination
func.func @stored(%b: tensor<64x?xf32>, %out: memref<?x64xf32>) {
  %a = arith.constant dense<0.0> : tensor<64x64xf32>
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %b, %c1 : tensor<64x?xf32>
  %empty = tensor.empty(%n) : tensor<64x?xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<64x?xf32>) -> tensor<64x?xf32>
  %y = sparse_ir.matmul ins(%a, %b : tensor<64x64xf32>, tensor<64x?xf32>) outs(%zeros : tensor<64x?xf32>)
         lhs_sparsity(#band) strategy(#a)
         selection(#sparse_ir.selection<strategies = [#a, #b, #c], modulus = 16, aligned = [0, 0, 64, 2, 128, 0], others = [0, 1, 100, 2]>)
  %et = tensor.empty(%n) : tensor<?x64xf32>
  %t = linalg.transpose ins(%y : tensor<64x?xf32>) outs(%et : tensor<?x64xf32>) permutation = [1, 0]
  bufferization.materialize_in_destination %t in restrict writable %out : (tensor<?x64xf32>, memref<?x64xf32>) -> ()
  return
}

// What is used twice, or computed with, stays outside and sees the result.
// CHECK-LABEL: func.func @used_twice
// CHECK: %[[R:.*]] = scf.index_switch %{{.*}} -> tensor<64x?xf32>
// CHECK: scf.yield %{{.*}} : tensor<64x?xf32>
// CHECK: scf.yield %{{.*}} : tensor<64x?xf32>
// CHECK: return %[[R]], %[[R]]
func.func @used_twice(%b: tensor<64x?xf32>, %c: tensor<64x?xf32>) -> (tensor<64x?xf32>, tensor<64x?xf32>) {
  %a = arith.constant dense<0.0> : tensor<64x64xf32>
  %y = sparse_ir.matmul ins(%a, %b : tensor<64x64xf32>, tensor<64x?xf32>) outs(%c : tensor<64x?xf32>)
         lhs_sparsity(#band)
         selection(#sparse_ir.selection<strategies = [#a, #b], modulus = 1, aligned = [], others = [0, 1, 8, 0]>)
  return %y, %y : tensor<64x?xf32>, tensor<64x?xf32>
}

// One strategy needs no switch.
// CHECK-LABEL: func.func @one
// CHECK-NOT: scf.index_switch
// CHECK: sparse_ir.matmul {{.*}}strategy(#sparse_ir.strategy<{{.*}}rows = 2
// CHECK-NOT: selection
func.func @one(%b: tensor<64x?xf32>, %c: tensor<64x?xf32>) -> tensor<64x?xf32> {
  %a = arith.constant dense<0.0> : tensor<64x64xf32>
  %y = sparse_ir.matmul ins(%a, %b : tensor<64x64xf32>, tensor<64x?xf32>) outs(%c : tensor<64x?xf32>)
         lhs_sparsity(#band)
         selection(#sparse_ir.selection<strategies = [#c], modulus = 1, aligned = [], others = [0, 0]>)
  return %y : tensor<64x?xf32>
}

// Nothing to do without a selection.
// CHECK-LABEL: func.func @none
// CHECK-NOT: scf.index_switch
// CHECK: sparse_ir.matmul
func.func @none(%b: tensor<64x?xf32>, %c: tensor<64x?xf32>) -> tensor<64x?xf32> {
  %a = arith.constant dense<0.0> : tensor<64x64xf32>
  %y = sparse_ir.matmul ins(%a, %b : tensor<64x64xf32>, tensor<64x?xf32>) outs(%c : tensor<64x?xf32>)
         lhs_sparsity(#band) strategy(#a)
  return %y : tensor<64x?xf32>
}
