// RUN: sparse-opt %s -split-input-file --sparse-ir-gpu="target=sm_90a stop-after=kernels" -mlir-print-local-scope | FileCheck %s --check-prefix=GPU
// RUN: sparse-opt %s -split-input-file --sparse-ir-cpu="target=x86-64-v4 allow-dense=false stop-after=kernels" -mlir-print-local-scope | FileCheck %s --check-prefix=CPU

// The scores' kernel stores their values, slice by slice; there is no matrix.
#places = #sparse_ir.sparsity<#sparse_ir.window<3>>
// GPU-LABEL: func.func @scores
// GPU-NOT: 32x32
// GPU: scf.for
// GPU: sparse_ir.kernel {{.*}}out_places = #sparse_ir.sparsity<#sparse_ir.window<3>>{{.*}} -> tensor<212xf16>
// GPU: tensor.insert_slice %{{.*}} into %{{.*}}[%{{.*}}, 0] [1, 212] [1, 1] : tensor<212xf16> into tensor<2x212xf16>
// GPU-NOT: sparse_ir.compress
// CPU-LABEL: func.func @scores
// CPU: sparse_ir.kernel {{.*}}out_places = #sparse_ir.sparsity<#sparse_ir.window<3>>
// CPU-NOT: sparse_ir.compress
func.func @scores(%q: tensor<2x32x16xf16>, %k: tensor<2x16x32xf16>) -> tensor<2x212xf16> {
  %zero = arith.constant 0.0 : f16
  %e = tensor.empty() : tensor<2x32x32xf16, #places>
  %i = linalg.fill ins(%zero : f16) outs(%e : tensor<2x32x32xf16, #places>) -> tensor<2x32x32xf16, #places>
  %s = linalg.batch_matmul ins(%q, %k : tensor<2x32x16xf16>, tensor<2x16x32xf16>) outs(%i : tensor<2x32x32xf16, #places>) -> tensor<2x32x32xf16, #places>
  %v = sparse_ir.compress %s : tensor<2x32x32xf16, #places> to tensor<2x212xf16>
  return %v : tensor<2x212xf16>
}

// -----

// On CPUs values in rows are what chains of single rows read as they are packed.
#places = #sparse_ir.sparsity<#sparse_ir.window<3>>
// GPU-LABEL: func.func @values
// GPU: %[[V:.*]] = tensor.extract_slice %{{.*}}[%{{.*}}, 0] [1, 212] [1, 1] : tensor<2x212xf16> to tensor<212xf16>
// GPU: sparse_ir.kernel ins(%[[V]], {{.*}}lhs_places = #sparse_ir.sparsity<#sparse_ir.window<3>>
// GPU-NOT: sparse_ir.expand
// CPU-LABEL: func.func @values
// CPU: %[[V:.*]] = tensor.extract_slice %{{.*}}[%{{.*}}, 0] [1, 212] [1, 1] : tensor<2x212xf16> to tensor<212xf16>
// CPU: sparse_ir.kernel ins(%[[V]], {{.*}}packed_lhs
// CPU-NOT: sparse_ir.expand
func.func @values(%v: tensor<2x212xf16>, %x: tensor<2x32x16xf16>) -> tensor<2x32x16xf16> {
  %zero = arith.constant 0.0 : f16
  %p = sparse_ir.expand %v : tensor<2x212xf16> to tensor<2x32x32xf16, #places>
  %e = tensor.empty() : tensor<2x32x16xf16>
  %i = linalg.fill ins(%zero : f16) outs(%e : tensor<2x32x16xf16>) -> tensor<2x32x16xf16>
  %y = linalg.batch_matmul ins(%p, %x : tensor<2x32x32xf16, #places>, tensor<2x32x16xf16>) outs(%i : tensor<2x32x16xf16>) -> tensor<2x32x16xf16>
  return %y : tensor<2x32x16xf16>
}

// -----

// Rows of the far part have places of the near one between theirs: its tile
// comes twice. One kernel takes the tiles of both parts.
#places = #sparse_ir.sparsity<#sparse_ir.gst<window=2,stride=8>>
// GPU-LABEL: func.func @parts
// GPU: sparse_ir.kernel {{.*}}out_places
// GPU-NOT: sparse_ir.kernel
func.func @parts(%q: tensor<32x16xf16>, %k: tensor<16x32xf16>) -> tensor<190xf16> {
  %zero = arith.constant 0.0 : f16
  %e = tensor.empty() : tensor<32x32xf16, #places>
  %i = linalg.fill ins(%zero : f16) outs(%e : tensor<32x32xf16, #places>) -> tensor<32x32xf16, #places>
  %s = linalg.matmul ins(%q, %k : tensor<32x16xf16>, tensor<16x32xf16>) outs(%i : tensor<32x32xf16, #places>) -> tensor<32x32xf16, #places>
  %v = sparse_ir.compress %s : tensor<32x32xf16, #places> to tensor<190xf16>
  return %v : tensor<190xf16>
}
