// RUN: sparse-opt %s | sparse-opt | FileCheck %s
// RUN: sparse-opt %s -mlir-print-op-generic | sparse-opt | FileCheck %s
// RUN: sparse-opt %s -emit-bytecode | sparse-opt | FileCheck %s

// Every attribute, printed as it is written. Attributes of the unregistered
// kind on a module are kept as they are.

// CHECK: module attributes
module attributes {
  // The patterns: any that the pattern library knows, in canonical text.
  // CHECK-SAME: a00 = #sparse_ir.dense
  a00 = #sparse_ir.dense,
  // CHECK-SAME: a01 = #sparse_ir.unstructured,
  a01 = #sparse_ir.unstructured,
  // CHECK-SAME: a02 = #sparse_ir.unstructured<0.9>
  a02 = #sparse_ir.unstructured<0.9>,
  // CHECK-SAME: a03 = #sparse_ir.block<4x8>
  a03 = #sparse_ir.block<4x8>,
  // CHECK-SAME: a04 = #sparse_ir.channel<0.5,9>
  a04 = #sparse_ir.channel<0.5,9>,
  // CHECK-SAME: a05 = #sparse_ir.filter<0.5>
  a05 = #sparse_ir.filter<0.5>,
  // CHECK-SAME: a06 = #sparse_ir.nm<2:4>
  a06 = #sparse_ir.nm<2:4>,
  // CHECK-SAME: a07 = #sparse_ir.vector-nm<1:4,l=32>
  a07 = #sparse_ir.vector-nm<1:4>,
  // CHECK-SAME: a08 = #sparse_ir.hinm<v=64,vector=0.5,2:4>
  a08 = #sparse_ir.hinm<>,
  // CHECK-SAME: a09 = #sparse_ir.pcnn<n=4,patterns=8>
  a09 = #sparse_ir.pcnn<>,
  // CHECK-SAME: a10 = #sparse_ir.gst<window=2,stride=4>
  a10 = #sparse_ir.gst<window=2,stride=4>,
  // CHECK-SAME: a11 = #sparse_ir.gst<window=2,stride=4,causal>
  a11 = #sparse_ir.gst<window=2,stride=4,causal>,
  // CHECK-SAME: a12 = #sparse_ir.longformer<window=102,global=64>
  a12 = #sparse_ir.longformer<window=102,global=64>,
  // CHECK-SAME: a13 = #sparse_ir.bigbird
  a13 = #sparse_ir.bigbird,
  // CHECK-SAME: a14 = #sparse_ir.window<3,causal>
  a14 = #sparse_ir.window<3,causal>,
  // CHECK-SAME: a15 = #sparse_ir.random<density=0.5,seed=7>
  a15 = #sparse_ir.random<density=0.5,seed=7>,

  // CHECK-SAME: b0 = #sparse_ir.mask<["1100", "0011"]>
  b0 = #sparse_ir.mask<["1100", "0011"]>,
  // Bytes are bits from the lowest on; bits beyond the columns are nothing.
  // CHECK-SAME: b1 = #sparse_ir.mask<["1010", "1111"]>
  b1 = #sparse_ir.mask<2x4, dense<[5, -1]> : tensor<2xi8>>,
  // CHECK-SAME: b2 = #sparse_ir.mask<0x0, dense<> : tensor<0xi8>>
  b2 = #sparse_ir.mask<[]>,
  // CHECK-SAME: b3 = #sparse_ir.mask<3x0, dense<> : tensor<0xi8>>
  b3 = #sparse_ir.mask<["", "", ""]>,

  // CHECK-SAME: c0 = #sparse_ir.sparsity<#sparse_ir.window<2>>
  c0 = #sparse_ir.sparsity<#sparse_ir.window<2>>,
  // CHECK-SAME: c1 = #sparse_ir.sparsity<#sparse_ir.nm<2:4>, #sparse_ir.mask<["1100"]>>
  c1 = #sparse_ir.sparsity<#sparse_ir.nm<2:4>, #sparse_ir.mask<["1100"]>>,

  // CHECK-SAME: d0 = #sparse_ir.axis<0 to 16>
  d0 = #sparse_ir.axis<0 to 16>,
  // CHECK-SAME: d1 = #sparse_ir.axis<[1, 5, 9]>
  d1 = #sparse_ir.axis<[1, 5, 9]>,
  // CHECK-SAME: d2 = #sparse_ir.axis<*>
  d2 = #sparse_ir.axis<*>,
  // CHECK-SAME: d3 = #sparse_ir.axis<[0, 1], nm 2 of 4>
  d3 = #sparse_ir.axis<[0, 1], nm 2 of 4>,

  // CHECK-SAME: e0 = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 4, depth = 2, vectors = 3, phase = 8, tasks = 5, pack_rhs = true>
  e0 = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 4, depth = 2, vectors = 3, phase = 8, tasks = 5, pack_rhs = true>,
  // CHECK-SAME: f0 = #sparse_ir<policy <ungrouped>>
  f0 = #sparse_ir.policy<ungrouped>
} {}
