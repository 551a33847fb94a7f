// RUN: sparse-opt %s -sparse-ir-select-strategy="target=sm_90a" | FileCheck %s
// RUN: sparse-opt %s -sparse-ir-select-strategy="target=sm_90a allow-tf32=true" --remarks-filter=sparse-ir -o %t 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: FileCheck %s --check-prefix=TF32 --input-file=%t
// RUN: sparse-opt %s -sparse-ir-select-strategy="target=sm_86 accumulate=f16" | FileCheck %s --check-prefix=HALF
// RUN: not sparse-opt %s -sparse-ir-select-strategy="target=sm_80 accumulate=bf16" 2>&1 | FileCheck %s --check-prefix=ERROR

// f32 is exact unless it is said that it need not be, and the remark says that
// it is not. Sums are f32, whatever is faster, unless f16 is allowed; bf16 has
// no other.
// ERROR: error: expected accumulate=f32 or f16, found 'bf16'

// CHECK-LABEL: func.func @exact
// CHECK: strategy(#sparse_ir.strategy<intrinsic = "fma-f32",
// REMARK: strategy="wgmma-tf32 {{.*}}, f32 rounded to tf32"
// TF32-LABEL: func.func @exact
// TF32: strategy(#sparse_ir.strategy<intrinsic = "wgmma-tf32",
func.func @exact(%b: tensor<1024x1024xf32>, %c: tensor<1024x1024xf32>) -> tensor<1024x1024xf32> {
  %a = arith.constant dense<1.0> : tensor<1024x1024xf32>
  %r = sparse_ir.matmul ins(%a, %b : tensor<1024x1024xf32>, tensor<1024x1024xf32>) outs(%c : tensor<1024x1024xf32>)
  return %r : tensor<1024x1024xf32>
}

// CHECK-LABEL: func.func @f16
// CHECK: strategy(#sparse_ir.strategy<intrinsic = "wgmma-f16",
// HALF-LABEL: func.func @f16
// HALF: strategy(#sparse_ir.strategy<intrinsic = "mma-f16-f16",
func.func @f16(%b: tensor<1024x1024xf16>, %c: tensor<1024x1024xf16>) -> tensor<1024x1024xf16> {
  %a = arith.constant dense<1.0> : tensor<1024x1024xf16>
  %r = sparse_ir.matmul ins(%a, %b : tensor<1024x1024xf16>, tensor<1024x1024xf16>) outs(%c : tensor<1024x1024xf16>)
  return %r : tensor<1024x1024xf16>
}

// HALF-LABEL: func.func @bf16
// HALF: strategy(#sparse_ir.strategy<intrinsic = "mma-bf16",
func.func @bf16(%b: tensor<1024x1024xbf16>, %c: tensor<1024x1024xf32>) -> tensor<1024x1024xf32> {
  %a = arith.constant dense<1.0> : tensor<1024x1024xbf16>
  %r = sparse_ir.matmul ins(%a, %b : tensor<1024x1024xbf16>, tensor<1024x1024xbf16>) outs(%c : tensor<1024x1024xf32>)
  return %r : tensor<1024x1024xf32>
}
