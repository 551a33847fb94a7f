// RUN: sparse-opt %s -sparse-ir-segment="cuboid=1,1,1" --remarks-filter='sparse-ir.*' -o %t 2>&1 | FileCheck %s
// RUN: FileCheck %s --check-prefix=AFTER --input-file=%t
// RUN: sparse-opt %s -sparse-ir-segment --remarks-filter='sparse-ir.*' --remark-format=yaml --remarks-output-file=%t.yaml -o %t
// RUN: FileCheck %s --check-prefix=YAML --input-file=%t.yaml

// Two rows of two: one meta-op, of four cells.
// CHECK: remark: [Passed] sparse-ir-segment | Category:sparse-ir | cells=4, extents=1, meta-ops=1
// YAML: --- !Passed
// YAML-NEXT: Pass: {{ *}}sparse-ir
// YAML-NEXT: Name: {{ *}}sparse-ir-segment
func.func @f(%a: tensor<2x4xf32>, %b: tensor<4x5xf32>, %c: tensor<2x5xf32>) -> tensor<2x5xf32> {
  %r = sparse_ir.matmul ins(%a, %b : tensor<2x4xf32>, tensor<4x5xf32>) outs(%c : tensor<2x5xf32>)
         lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["0011", "0011"]>>)
  return %r : tensor<2x5xf32>
}

// Cells of several masks are counted where all of them meet.
// CHECK: [Passed] sparse-ir-segment | Category:sparse-ir | cells=6, extents=2, meta-ops=5
func.func @two_masks(%a: tensor<4x4xf32>, %b: tensor<4x4xf32>, %c: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %r = sparse_ir.matmul ins(%a, %b : tensor<4x4xf32>, tensor<4x4xf32>) outs(%c : tensor<4x4xf32>)
         lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.window<0>>)
         out_sparsity(#sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["1000", "0101", "1000", "0011"]>>)
  return %r : tensor<4x4xf32>
}

// Nothing is sparse; a dense pattern says no more.
// CHECK: [Missed] sparse-ir-segment | Category:sparse-ir | Reason="no operand is sparse"
// CHECK: [Missed] sparse-ir-segment | Category:sparse-ir | Reason="no operand is sparse"
// AFTER-LABEL: func.func @dense
// AFTER-NOT: groups
// AFTER: return
func.func @dense(%a: tensor<2x4xf32>, %b: tensor<4x5xf32>, %c: tensor<2x5xf32>) -> tensor<2x5xf32> {
  %r = sparse_ir.matmul ins(%a, %b : tensor<2x4xf32>, tensor<4x5xf32>) outs(%c : tensor<2x5xf32>)
  %s = sparse_ir.matmul ins(%a, %b : tensor<2x4xf32>, tensor<4x5xf32>) outs(%r : tensor<2x5xf32>)
         lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.dense>)
  return %s : tensor<2x5xf32>
}

// What has groups is left alone.
// CHECK-NOT: remark
// AFTER: sparse_ir.meta_op i <0 to 1> j <*> k <*>
func.func @grouped(%a: tensor<1x4xf32>, %b: tensor<4x5xf32>, %c: tensor<1x5xf32>) -> tensor<1x5xf32> {
  %r = sparse_ir.matmul ins(%a, %b : tensor<1x4xf32>, tensor<4x5xf32>) outs(%c : tensor<1x5xf32>)
         lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.window<9>>) groups {
    sparse_ir.group <disjoint> {
      sparse_ir.meta_op i <0 to 1> j <*> k <*>
    }
  }
  return %r : tensor<1x5xf32>
}
