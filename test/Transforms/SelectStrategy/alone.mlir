// RUN: sparse-opt %s -sparse-ir-select-strategy="target=sapphirerapids" --remarks-filter=sparse-ir -o %t 2>&1 | FileCheck %s
// RUN: FileCheck %s --check-prefix=AFTER --input-file=%t

// CHECK: [Missed] sparse-ir-select-strategy | Category:sparse-ir | Reason="the size of the lhs is dynamic"
// AFTER-LABEL: func.func @dynamic
// AFTER-NOT: strategy
// AFTER: return
func.func @dynamic(%a: tensor<?x4xf32>, %b: tensor<4x3xf32>, %c: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %r = sparse_ir.matmul ins(%a, %b : tensor<?x4xf32>, tensor<4x3xf32>) outs(%c : tensor<?x3xf32>)
  return %r : tensor<?x3xf32>
}

// CHECK: [Missed] sparse-ir-select-strategy | Category:sparse-ir | Reason="no kernel has this type"
// AFTER-LABEL: func.func @type
// AFTER-NOT: strategy
// AFTER: return
func.func @type(%a: tensor<4x4xf8E4M3FNUZ>, %b: tensor<4x3xf8E4M3FNUZ>, %c: tensor<4x3xf32>) -> tensor<4x3xf32> {
  %r = sparse_ir.matmul ins(%a, %b : tensor<4x4xf8E4M3FNUZ>, tensor<4x3xf8E4M3FNUZ>) outs(%c : tensor<4x3xf32>)
  return %r : tensor<4x3xf32>
}

// A strategy that is given is obeyed.
// CHECK-NOT: remark
// AFTER-LABEL: func.func @given
// AFTER: strategy(#sparse_ir.strategy<intrinsic = "avx2-f32", rows = 1, depth = 1, vectors = 1, phase = 0, tasks = 7, pack_rhs = false>){{$}}
func.func @given(%a: tensor<4x4xf32>, %b: tensor<4x3xf32>, %c: tensor<4x3xf32>) -> tensor<4x3xf32> {
  %r = sparse_ir.matmul ins(%a, %b : tensor<4x4xf32>, tensor<4x3xf32>) outs(%c : tensor<4x3xf32>)
         lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.window<0>>)
         strategy(#sparse_ir.strategy<intrinsic = "avx2-f32", rows = 1, depth = 1, vectors = 1, phase = 0, tasks = 7, pack_rhs = false>)
  return %r : tensor<4x3xf32>
}
