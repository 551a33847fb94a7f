// RUN: sparse-opt %s -allow-unregistered-dialect | sparse-opt -allow-unregistered-dialect | FileCheck %s
// RUN: sparse-opt %s -allow-unregistered-dialect -emit-bytecode | sparse-opt -allow-unregistered-dialect | FileCheck %s

// Every pattern of the library is an attribute, and prints in canonical form.

// CHECK: "test.patterns"() {
"test.patterns"() {
  // CHECK-SAME: p00 = #sparse_ir.dense,
  p00 = #sparse_ir.dense,
  // CHECK-SAME: p01 = #sparse_ir.unstructured,
  p01 = #sparse_ir.unstructured,
  // CHECK-SAME: p02 = #sparse_ir.unstructured<0.9>,
  p02 = #sparse_ir.unstructured<0.9>,
  // CHECK-SAME: p03 = #sparse_ir.block<4x8>,
  p03 = #sparse_ir.block<4x8>,
  // CHECK-SAME: p04 = #sparse_ir.channel<0.5,9>,
  p04 = #sparse_ir.channel<0.5,9>,
  // CHECK-SAME: p05 = #sparse_ir.filter<0.5>,
  p05 = #sparse_ir.filter<0.5>,
  // CHECK-SAME: p06 = #sparse_ir.nm<2:4>,
  p06 = #sparse_ir.nm<2:4>,
  // CHECK-SAME: p07 = #sparse_ir<vector-nm<1:4,l=32>>,
  p07 = #sparse_ir.vector-nm<1:4>,
  // CHECK-SAME: p08 = #sparse_ir.hinm<v=64,vector=0.5,2:4>,
  p08 = #sparse_ir.hinm,
  // CHECK-SAME: p09 = #sparse_ir.pcnn<n=4,patterns=8>,
  p09 = #sparse_ir.pcnn,
  // CHECK-SAME: p10 = #sparse_ir.gst<window=2,stride=4>,
  p10 = #sparse_ir.gst<stride=4,window=2>,
  // CHECK-SAME: p11 = #sparse_ir.gst<window=2,stride=4,causal>,
  p11 = #sparse_ir.gst<window=2,stride=4,causal>,
  // CHECK-SAME: p12 = #sparse_ir.longformer<window=9,global=0,dilation=1>,
  p12 = #sparse_ir.longformer<window=9>,
  // CHECK-SAME: p13 = #sparse_ir.bigbird<block=64,window=3,random=3,global=2,seed=0>,
  p13 = #sparse_ir.bigbird,
  // CHECK-SAME: p14 = #sparse_ir.window<3,causal>,
  p14 = #sparse_ir.window<3,causal>,
  // CHECK-SAME: p15 = #sparse_ir.random<density=0.5,seed=0>}
  p15 = #sparse_ir.random<density=0.5>
} : () -> ()
