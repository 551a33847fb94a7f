// RUN: sparse-opt %s --sparse-ir-cpu="target=sapphirerapids allow-dense=false stop-after=kernels" -mlir-print-local-scope | FileCheck %s

// Tiles are filled from the values: four words for each row of each entry.
#places = #sparse_ir.sparsity<#sparse_ir.window<20>>
// CHECK-LABEL: func.func @tiles
// CHECK-NOT: sparse_ir.expand
// CHECK: sparse_ir.kernel ins(%arg0, {{.*}} tables({{.*}}) {{.*}}intrinsic = "amx-bf16"{{.*}}lhs_places = #sparse_ir.sparsity<#sparse_ir.window<20>>
// CHECK-NOT: packed_lhs
func.func @tiles(%v: tensor<4828xbf16>, %x: tensor<128x64xbf16>) -> tensor<128x64xf32> {
  %zero = arith.constant 0.0 : f32
  %s = sparse_ir.expand %v : tensor<4828xbf16> to tensor<128x128xbf16, #places>
  %e = tensor.empty() : tensor<128x64xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<128x64xf32>) -> tensor<128x64xf32>
  %y = linalg.matmul ins(%s, %x : tensor<128x128xbf16, #places>, tensor<128x64xbf16>) outs(%i : tensor<128x64xf32>) -> tensor<128x64xf32>
  return %y : tensor<128x64xf32>
}
