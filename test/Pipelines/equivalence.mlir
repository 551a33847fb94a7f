// RUN: sparse-opt %s -test-sparse-ir-equivalence='pipeline="sparse-ir-raise,sparse-ir-select-strategy{target=sapphirerapids allow-dense=false},sparse-ir-segment,sparse-ir-group"' -o /dev/null
// RUN: sparse-opt %s -test-sparse-ir-equivalence='pipeline="sparse-ir-raise,sparse-ir-select-strategy{target=sapphirerapids allow-dense=false},sparse-ir-segment,sparse-ir-group,sparse-ir-to-meta-dfg"' -o /dev/null
// RUN: sparse-opt %s -test-sparse-ir-equivalence='pipeline="sparse-ir-raise,sparse-ir-select-strategy{target=sapphirerapids allow-dense=false},sparse-ir-segment,sparse-ir-group{policy=disjoint},sparse-ir-to-meta-dfg,sparse-ir-eliminate-layout"' -o /dev/null
// RUN: sparse-opt %s -test-sparse-ir-equivalence='pipeline="sparse-ir-raise,sparse-ir-select-strategy{target=sapphirerapids allow-dense=false},sparse-ir-segment,sparse-ir-group,sparse-ir-to-meta-dfg,sparse-ir-eliminate-layout,sparse-ir-fuse-meta-ops,sparse-ir-eliminate-layout,cse,sparse-ir-pack,canonicalize,sparse-ir-externalize-constants"' -o /dev/null
// RUN: sparse-opt %s -test-sparse-ir-equivalence='pipeline="sparse-ir-raise,sparse-ir-select-strategy{target=x86-64-v4},sparse-ir-segment,sparse-ir-group,sparse-ir-to-meta-dfg,sparse-ir-eliminate-layout,sparse-ir-fuse-meta-ops,sparse-ir-eliminate-layout,cse,sparse-ir-pack,canonicalize"' -o /dev/null

// The phases on tensors keep the values of a program from linalg: a constant on
// the left, an activation, a constant on the right, and a result that is masked.
#mask = #sparse_ir.sparsity<#sparse_ir.window<1>>

func.func @network(%x: tensor<6x?xf32>, %q: tensor<5x7xf32>, %k: tensor<7x5xf32>) -> (tensor<?x3xf32>, tensor<5x5xf32>) {
  %w = arith.constant dense<[[1.0, 0.0, 0.0, 2.0, 0.0, -0.0], [0.0, 0.0, 3.0, 0.0, 0.0, 0.0],
                             [0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 4.0, 0.0, 0.0, 0.0, 5.0]]> : tensor<4x6xf32>
  %v = arith.constant dense<[[0.0, 0.5, 0.0], [0.0, 0.0, 0.0], [1.5, 0.0, 0.0], [0.0, 0.0, -1.0]]> : tensor<4x3xf32>
  %1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %1 : tensor<6x?xf32>
  %e = tensor.empty(%n) : tensor<4x?xf32>
  %c = linalg.fill ins(%zero : f32) outs(%e : tensor<4x?xf32>) -> tensor<4x?xf32>
  %y = linalg.matmul ins(%w, %x : tensor<4x6xf32>, tensor<6x?xf32>) outs(%c : tensor<4x?xf32>) -> tensor<4x?xf32>
  %a = linalg.abs ins(%y : tensor<4x?xf32>) outs(%e : tensor<4x?xf32>) -> tensor<4x?xf32>
  %f = tensor.empty(%n) : tensor<?x4xf32>
  %t = linalg.transpose ins(%a : tensor<4x?xf32>) outs(%f : tensor<?x4xf32>) permutation = [1, 0]
  %g = tensor.empty(%n) : tensor<?x3xf32>
  %d = linalg.fill ins(%zero : f32) outs(%g : tensor<?x3xf32>) -> tensor<?x3xf32>
  %z = linalg.matmul ins(%t, %v : tensor<?x4xf32>, tensor<4x3xf32>) outs(%d : tensor<?x3xf32>) -> tensor<?x3xf32>
  %h = tensor.empty() : tensor<5x5xf32>
  %i = linalg.fill ins(%zero : f32) outs(%h : tensor<5x5xf32>) -> tensor<5x5xf32>
  %s = linalg.matmul {sparse_ir.out = #mask} ins(%q, %k : tensor<5x7xf32>, tensor<7x5xf32>) outs(%i : tensor<5x5xf32>) -> tensor<5x5xf32>
  return %z, %s : tensor<?x3xf32>, tensor<5x5xf32>
}
