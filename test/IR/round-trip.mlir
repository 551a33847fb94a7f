// RUN: sparse-opt %s | sparse-opt -mlir-print-local-scope | FileCheck %s
// RUN: sparse-opt %s -mlir-print-op-generic | sparse-opt -mlir-print-local-scope | FileCheck %s
// RUN: sparse-opt %s -emit-bytecode | sparse-opt -mlir-print-local-scope | FileCheck %s

#m = #sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["1010", "0001"]>>
#w = #sparse_ir.sparsity<#sparse_ir.window<1>>
#st = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
#t = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 2]> : tensor<2xi32>, entries = dense<[0, 3]> : tensor<2xi32>>

// CHECK-LABEL: func.func @operator
func.func @operator(%a: tensor<2x4xf32>, %b: tensor<4x?xf32>, %c: tensor<2x?xf32>, %d: tensor<4x3xf32>, %e: tensor<2x3xf64>) {
  // CHECK: sparse_ir.matmul ins(%{{.*}}, %{{.*}} : tensor<2x4xf32>, tensor<4x?xf32>) outs(%{{.*}} : tensor<2x?xf32>) lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["1010", "0001"]>>){{$}}
  %0 = sparse_ir.matmul ins(%a, %b : tensor<2x4xf32>, tensor<4x?xf32>) outs(%c : tensor<2x?xf32>) lhs_sparsity(#m)
  // Clauses in any order; no sparsity at all is a product too.
  // CHECK: lhs_sparsity({{.*}}) rhs_sparsity({{.*}}window<1>>) out_sparsity({{.*}}window<1>>) strategy(#sparse_ir.strategy<intrinsic = "avx512-f32"{{.*}}>) {tag = 1 : i32}
  %1 = sparse_ir.matmul ins(%a, %d : tensor<2x4xf32>, tensor<4x3xf32>) outs(%e : tensor<2x3xf64>) strategy(#st) out_sparsity(#w) rhs_sparsity(#w) lhs_sparsity(#m) {tag = 1 : i32}
  // CHECK: sparse_ir.matmul {{.*}} outs(%{{.*}} : tensor<2x3xf64>){{$}}
  %2 = sparse_ir.matmul ins(%a, %d : tensor<2x4xf32>, tensor<4x3xf32>) outs(%e : tensor<2x3xf64>)
  // CHECK:      lhs_sparsity({{.*}}) groups {
  // CHECK-NEXT:   sparse_ir.group <ungrouped> {
  // CHECK-NEXT:     sparse_ir.meta_op i <0 to 1> j <*> k <[0, 2], nm 1 of 2>
  // CHECK-NEXT:     sparse_ir.meta_op i <[1]> j <*> k <3 to 4>
  // CHECK-NEXT:   }
  // CHECK-NEXT:   sparse_ir.group <chain> {
  // CHECK-NEXT:     sparse_ir.meta_ops #sparse_ir.chains<rows = 2, depth = 1
  // CHECK-NEXT:   }
  // CHECK-NEXT:   sparse_ir.group <disjoint> {
  // CHECK-NEXT:   }
  // CHECK-NEXT: } {tag = 2 : i32}
  %3 = sparse_ir.matmul ins(%a, %b : tensor<2x4xf32>, tensor<4x?xf32>) outs(%c : tensor<2x?xf32>) lhs_sparsity(#m) groups {
    sparse_ir.group <ungrouped> {
      sparse_ir.meta_op i <0 to 1> j <*> k <[0, 2], nm 1 of 2>
      sparse_ir.meta_op i <[1]> j <*> k <3 to 4>
    }
    sparse_ir.group <chain> {
      sparse_ir.meta_ops #t
    }
    sparse_ir.group <disjoint> {
    }
  } {tag = 2 : i32}
  // An operator of an empty mask is grouped, into nothing.
  // CHECK:      groups {
  // CHECK-NEXT: }
  // CHECK-NEXT: return
  %4 = sparse_ir.matmul ins(%a, %d : tensor<2x4xf32>, tensor<4x3xf32>) outs(%e : tensor<2x3xf64>) groups {
  }
  return
}

// CHECK-LABEL: func.func @below
func.func @below(%p: index, %a: tensor<2x4xf32>, %b: tensor<4x3xf32>, %c: tensor<3x2xf32>, %m: memref<3x2xf32>, %ma: memref<2xf32>, %mb: memref<4x3xf32>, %i: memref<2xi32>) {
  // CHECK: sparse_ir.slice lhs %{{.*}}[%{{.*}}] of #sparse_ir.chains<rows = 2{{.*}}> {tag = 1 : i32} : tensor<2x4xf32> to tensor<2x?xf32>
  %s = sparse_ir.slice lhs %a[%p] of #t {tag = 1 : i32} : tensor<2x4xf32> to tensor<2x?xf32>
  // CHECK: sparse_ir.assign %{{.*}} into %{{.*}}[%{{.*}}] of #sparse_ir.chains<{{.*}}> : tensor<2x?xf32> into tensor<2x4xf32>
  %r = sparse_ir.assign %s into %a[%p] of #t : tensor<2x?xf32> into tensor<2x4xf32>
  // CHECK: sparse_ir.contract ins({{.*}}) outs({{.*}}) at[%{{.*}}] of #sparse_ir.chains<{{.*}}> extents [2, 3, 4] {out_map = affine_map<(d0, d1) -> (d1, d0)>}
  %t = sparse_ir.contract ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%c : tensor<3x2xf32>) at [%p] of #t extents [2, 3, 4] {out_map = affine_map<(i, j) -> (j, i)>}
  // CHECK: sparse_ir.kernel ins({{.*}}) outs({{.*}}) of #sparse_ir.chains<{{.*}}> extents [2, -1, 4] strategy({{.*}}) {accumulate, out_map = affine_map<(d0, d1) -> (d1, d0)>} -> tensor<3x2xf32>
  %u = sparse_ir.kernel ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%c : tensor<3x2xf32>) of #t extents [2, -1, 4] strategy(#st) {accumulate, out_map = affine_map<(i, j) -> (j, i)>} -> tensor<3x2xf32>
  // CHECK: sparse_ir.kernel ins({{.*}}) tables(%{{.*}}, %{{.*}} : memref<2xi32>, memref<2xi32>) outs({{.*}}) of #sparse_ir.chains<{{.*}}> extents [2, 3, 4] strategy({{.*}}) {out_map = affine_map<(d0, d1) -> (d1, d0)>, packed_lhs}{{$}}
  sparse_ir.kernel ins(%ma, %mb : memref<2xf32>, memref<4x3xf32>) tables(%i, %i : memref<2xi32>, memref<2xi32>) outs(%m : memref<3x2xf32>) of #t extents [2, 3, 4] strategy(#st) {packed_lhs, out_map = affine_map<(i, j) -> (j, i)>}
  return
}

// CHECK-LABEL: func.func @epilogues
func.func @epilogues(%a: tensor<2x4xf32>, %b: tensor<4x3xf32>, %c: tensor<2x3xf16>, %d: tensor<2xbf16>, %ma: memref<2x4xf32>, %mb: memref<4x3xf32>, %mc: memref<2x3xf16>) {
  // CHECK:      sparse_ir.kernel ins({{.*}}) outs({{.*}}) of #sparse_ir.chains<{{.*}}> extents [2, 3, 4] strategy({{.*}}) {epilogue_maps = [affine_map<(d0, d1) -> (d0)>]} epilogue(%arg3 : tensor<2xbf16>) {
  // CHECK-NEXT: ^bb0(%[[SUM:.*]]: f32, %[[B:.*]]: f32):
  // CHECK-NEXT:   %[[C:.*]] = arith.cmpf olt, %[[SUM]], %[[B]] : f32
  // CHECK-NEXT:   %[[Y:.*]] = arith.select %[[C]], %[[SUM]], %[[B]] : f32
  // CHECK-NEXT:   sparse_ir.yield %[[Y]] : f32
  // CHECK-NEXT: } -> tensor<2x3xf16>
  %0 = sparse_ir.kernel ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%c : tensor<2x3xf16>) of #t extents [2, 3, 4] strategy(#st) {epilogue_maps = [affine_map<(i, j) -> (i)>]} epilogue(%d : tensor<2xbf16>) {
  ^bb0(%sum: f32, %x: f32):
    %1 = arith.cmpf olt, %sum, %x : f32
    %2 = arith.select %1, %sum, %x : f32
    sparse_ir.yield %2 : f32
  } -> tensor<2x3xf16>
  // CHECK:      sparse_ir.kernel ins({{.*}} strategy({{.*}}) epilogue {
  // CHECK-NEXT: ^bb0(%[[SUM:.*]]: f32):
  // CHECK-NEXT:   sparse_ir.yield %[[SUM]] : f32
  // CHECK-NEXT: }{{$}}
  sparse_ir.kernel ins(%ma, %mb : memref<2x4xf32>, memref<4x3xf32>) outs(%mc : memref<2x3xf16>) of #t extents [2, 3, 4] strategy(#st) epilogue {
  ^bb0(%sum: f32):
    sparse_ir.yield %sum : f32
  }
  return
}
