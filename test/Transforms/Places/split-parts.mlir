// RUN: sparse-opt %s -sparse-ir-split-parts=target=sm_90a --remarks-filter=sparse-ir -o %t 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: FileCheck %s < %t
// RUN: sparse-opt %s -sparse-ir-split-parts=target=x86-64-v4 | FileCheck %s --check-prefix=CPU
// RUN: sparse-opt %s -test-sparse-ir-equivalence='pipeline="sparse-ir-split-parts{target=sm_90a}"' -o /dev/null
// RUN: sparse-opt %s -test-sparse-ir-equivalence='pipeline="sparse-ir-split-parts{target=sm_90a},sparse-ir-expand-places{target=x86-64-v4}"' -o /dev/null
// RUN: not sparse-opt %s -sparse-ir-split-parts=target=abacus 2>&1 | FileCheck %s --check-prefix=TARGET

// TARGET: error: in target 'abacus':
// REMARK: [Passed] sparse-ir-split-parts {{.*}}parts=2
// REMARK: [Missed] sparse-ir-split-parts {{.*}}Reason="panels of the parts have too many columns"

#gst = #sparse_ir.sparsity<#sparse_ir.gst<window=8,stride=16>>
#window = #sparse_ir.sparsity<#sparse_ir.window<8>>

// Panels of 64 neighbours have all columns, panels of a few residues have few.
// CHECK-LABEL: func.func @gst
// CHECK: %[[NEAR:.*]] = sparse_ir.expand %[[V:.*]] {places = #{{.*}}} : tensor<7624xf16> to
// CHECK: %[[A:.*]] = tensor.cast %[[NEAR]]
// CHECK: %[[FIRST:.*]] = sparse_ir.matmul ins(%[[A]], %[[X:.*]] : {{.*}}) outs(%[[INIT:.*]] :
// CHECK: %[[FAR:.*]] = sparse_ir.expand %[[V]] {places = #{{.*}}} : tensor<7624xf16> to
// CHECK: %[[B:.*]] = tensor.cast %[[FAR]]
// CHECK: sparse_ir.matmul ins(%[[B]], %[[X]] : {{.*}}) outs(%[[FIRST]] :
// (No vectors spread elements of 16 bits.)
// CPU-LABEL: func.func @gst
// CPU: sparse_ir.matmul
// CPU-NOT: sparse_ir.matmul
// CPU: return
func.func @gst(%v: tensor<7624xf16>, %x: tensor<256x4xf16>, %i: tensor<256x4xf16>) -> tensor<256x4xf16> {
  %0 = sparse_ir.expand %v : tensor<7624xf16> to tensor<256x256xf16, #gst>
  %a = tensor.cast %0 : tensor<256x256xf16, #gst> to tensor<256x256xf16>
  %y = sparse_ir.matmul ins(%a, %x : tensor<256x256xf16>, tensor<256x4xf16>) outs(%i : tensor<256x4xf16>) lhs_sparsity(#gst)
  return %y : tensor<256x4xf16>
}

// One part.
// CHECK-LABEL: func.func @window
// CHECK: sparse_ir.matmul
// CHECK-NOT: sparse_ir.matmul
// CHECK: return
func.func @window(%v: tensor<4280xf16>, %x: tensor<256x4xf16>, %i: tensor<256x4xf16>) -> tensor<256x4xf16> {
  %0 = sparse_ir.expand %v : tensor<4280xf16> to tensor<256x256xf16, #window>
  %a = tensor.cast %0 : tensor<256x256xf16, #window> to tensor<256x256xf16>
  %y = sparse_ir.matmul ins(%a, %x : tensor<256x256xf16>, tensor<256x4xf16>) outs(%i : tensor<256x4xf16>) lhs_sparsity(#window)
  return %y : tensor<256x4xf16>
}

// A matrix in memory is read by cells: nothing is known of values.
// CHECK-LABEL: func.func @matrix
// CHECK: sparse_ir.matmul
// CHECK-NOT: sparse_ir.matmul
// CHECK: return
func.func @matrix(%a: tensor<256x256xf16>, %x: tensor<256x4xf16>, %i: tensor<256x4xf16>) -> tensor<256x4xf16> {
  %y = sparse_ir.matmul ins(%a, %x : tensor<256x256xf16>, tensor<256x4xf16>) outs(%i : tensor<256x4xf16>) lhs_sparsity(#gst)
  return %y : tensor<256x4xf16>
}
