// UNSUPPORTED: roundtrip
// RUN: sparse-opt %s -sparse-ir-fuse-attention="target=sm_90a" --remarks-filter=sparse-ir -o %t 2>&1 | FileCheck %s
// RUN: FileCheck %s --check-prefix=AFTER --input-file=%t

// What is left alone, and why; the last one shows what is not.
// AFTER-COUNT-13: linalg.softmax
// AFTER-NOT: linalg.softmax
// AFTER: sparse_ir.attention

#less = #sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["1100", "0110"]>>
#id = affine_map<(i, j) -> (i, j)>

// The scores are wanted themselves.
// CHECK: [Missed] sparse-ir-fuse-attention | {{.*}}Reason="the scores have another user"
func.func @scores(%q: tensor<2x8xf16>, %k: tensor<4x8xf16>, %v: tensor<4x8xf16>, %mask: tensor<2x4xi1>, %init: tensor<2x8xf16>) -> (tensor<2x8xf16>, tensor<2x4xf16>) {
  %bits = arith.constant dense<[[true, true, false, false], [false, true, true, true]]> : tensor<2x4xi1>
  %zero = arith.constant 0.0 : f16
  %none = arith.constant 0xFC00 : f16
  %scale = arith.constant 0.5 : f16
  %e = tensor.empty() : tensor<2x4xf16>
  %z = linalg.fill ins(%zero : f16) outs(%e : tensor<2x4xf16>) -> tensor<2x4xf16>
  %s = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] 
         ins(%q, %k : tensor<2x8xf16>, tensor<4x8xf16>) outs(%z : tensor<2x4xf16>) -> tensor<2x4xf16>
  %masked = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
              ins(%s, %bits : tensor<2x4xf16>, tensor<2x4xi1>) outs(%e : tensor<2x4xf16>) {
  ^bb0(%x: f16, %b: i1, %o: f16):
    %m = arith.mulf %x, %scale : f16
    %r = arith.select %b, %m, %none : f16
    linalg.yield %r : f16
  } -> tensor<2x4xf16>
  %p = linalg.softmax dimension(1) ins(%masked : tensor<2x4xf16>) outs(%e : tensor<2x4xf16>) -> tensor<2x4xf16>
  %ye = tensor.empty() : tensor<2x8xf16>
  %yz = linalg.fill ins(%zero : f16) outs(%ye : tensor<2x8xf16>) -> tensor<2x8xf16>
  %y = linalg.matmul  ins(%p, %v : tensor<2x4xf16>, tensor<4x8xf16>) outs(%yz : tensor<2x8xf16>) -> tensor<2x8xf16>
  return %y, %masked : tensor<2x8xf16>, tensor<2x4xf16>
}

// So are the probabilities.
// CHECK: [Missed] sparse-ir-fuse-attention | {{.*}}Reason="the scores have another user"
func.func @probabilities(%q: tensor<2x8xf16>, %k: tensor<4x8xf16>, %v: tensor<4x8xf16>, %mask: tensor<2x4xi1>, %init: tensor<2x8xf16>) -> (tensor<2x8xf16>, tensor<2x4xf16>) {
  %bits = arith.constant dense<[[true, true, false, false], [false, true, true, true]]> : tensor<2x4xi1>
  %zero = arith.constant 0.0 : f16
  %none = arith.constant 0xFC00 : f16
  %scale = arith.constant 0.5 : f16
  %e = tensor.empty() : tensor<2x4xf16>
  %z = linalg.fill ins(%zero : f16) outs(%e : tensor<2x4xf16>) -> tensor<2x4xf16>
  %s = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] 
         ins(%q, %k : tensor<2x8xf16>, tensor<4x8xf16>) outs(%z : tensor<2x4xf16>) -> tensor<2x4xf16>
  %masked = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
              ins(%s, %bits : tensor<2x4xf16>, tensor<2x4xi1>) outs(%e : tensor<2x4xf16>) {
  ^bb0(%x: f16, %b: i1, %o: f16):
    %m = arith.mulf %x, %scale : f16
    %r = arith.select %b, %m, %none : f16
    linalg.yield %r : f16
  } -> tensor<2x4xf16>
  %p = linalg.softmax dimension(1) ins(%masked : tensor<2x4xf16>) outs(%e : tensor<2x4xf16>) -> tensor<2x4xf16>
  %ye = tensor.empty() : tensor<2x8xf16>
  %yz = linalg.fill ins(%zero : f16) outs(%ye : tensor<2x8xf16>) -> tensor<2x8xf16>
  %y = linalg.matmul  ins(%p, %v : tensor<2x4xf16>, tensor<4x8xf16>) outs(%yz : tensor<2x8xf16>) -> tensor<2x8xf16>
  return %y, %p : tensor<2x8xf16>, tensor<2x4xf16>
}

// The largest score would be the smallest.
// CHECK: [Missed] sparse-ir-fuse-attention | {{.*}}Reason="the scale is not positive"
func.func @negative(%q: tensor<2x8xf16>, %k: tensor<4x8xf16>, %v: tensor<4x8xf16>, %mask: tensor<2x4xi1>, %init: tensor<2x8xf16>) -> (tensor<2x8xf16>) {
  %bits = arith.constant dense<[[true, true, false, false], [false, true, true, true]]> : tensor<2x4xi1>
  %zero = arith.constant 0.0 : f16
  %none = arith.constant 0xFC00 : f16
  %scale = arith.constant -0.5 : f16
  %e = tensor.empty() : tensor<2x4xf16>
  %z = linalg.fill ins(%zero : f16) outs(%e : tensor<2x4xf16>) -> tensor<2x4xf16>
  %s = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] 
         ins(%q, %k : tensor<2x8xf16>, tensor<4x8xf16>) outs(%z : tensor<2x4xf16>) -> tensor<2x4xf16>
  %masked = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
              ins(%s, %bits : tensor<2x4xf16>, tensor<2x4xi1>) outs(%e : tensor<2x4xf16>) {
  ^bb0(%x: f16, %b: i1, %o: f16):
    %m = arith.mulf %x, %scale : f16
    %r = arith.select %b, %m, %none : f16
    linalg.yield %r : f16
  } -> tensor<2x4xf16>
  %p = linalg.softmax dimension(1) ins(%masked : tensor<2x4xf16>) outs(%e : tensor<2x4xf16>) -> tensor<2x4xf16>
  %ye = tensor.empty() : tensor<2x8xf16>
  %yz = linalg.fill ins(%zero : f16) outs(%ye : tensor<2x8xf16>) -> tensor<2x8xf16>
  %y = linalg.matmul  ins(%p, %v : tensor<2x4xf16>, tensor<4x8xf16>) outs(%yz : tensor<2x8xf16>) -> tensor<2x8xf16>
  return %y : tensor<2x8xf16>
}

// No kernel has this type.
// CHECK: [Missed] sparse-ir-fuse-attention | {{.*}}Reason="operands are not all f16 or all bf16"
func.func @single(%q: tensor<2x8xf32>, %k: tensor<4x8xf32>, %v: tensor<4x8xf32>, %mask: tensor<2x4xi1>, %init: tensor<2x8xf32>) -> (tensor<2x8xf32>) {
  %bits = arith.constant dense<[[true, true, false, false], [false, true, true, true]]> : tensor<2x4xi1>
  %zero = arith.constant 0.0 : f32
  %none = arith.constant 0xFF800000 : f32
  %scale = arith.constant 0.5 : f32
  %e = tensor.empty() : tensor<2x4xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<2x4xf32>) -> tensor<2x4xf32>
  %s = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] 
         ins(%q, %k : tensor<2x8xf32>, tensor<4x8xf32>) outs(%z : tensor<2x4xf32>) -> tensor<2x4xf32>
  %masked = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
              ins(%s, %bits : tensor<2x4xf32>, tensor<2x4xi1>) outs(%e : tensor<2x4xf32>) {
  ^bb0(%x: f32, %b: i1, %o: f32):
    %m = arith.mulf %x, %scale : f32
    %r = arith.select %b, %m, %none : f32
    linalg.yield %r : f32
  } -> tensor<2x4xf32>
  %p = linalg.softmax dimension(1) ins(%masked : tensor<2x4xf32>) outs(%e : tensor<2x4xf32>) -> tensor<2x4xf32>
  %ye = tensor.empty() : tensor<2x8xf32>
  %yz = linalg.fill ins(%zero : f32) outs(%ye : tensor<2x8xf32>) -> tensor<2x8xf32>
  %y = linalg.matmul  ins(%p, %v : tensor<2x4xf32>, tensor<4x8xf32>) outs(%yz : tensor<2x8xf32>) -> tensor<2x8xf32>
  return %y : tensor<2x8xf32>
}

// CHECK: [Missed] sparse-ir-fuse-attention | {{.*}}Reason="an operand has more than 128 columns, or a dynamic number"
func.func @broad(%q: tensor<2x8xf16>, %k: tensor<4x8xf16>, %v: tensor<4x136xf16>, %mask: tensor<2x4xi1>, %init: tensor<2x136xf16>) -> (tensor<2x136xf16>) {
  %bits = arith.constant dense<[[true, true, false, false], [false, true, true, true]]> : tensor<2x4xi1>
  %zero = arith.constant 0.0 : f16
  %none = arith.constant 0xFC00 : f16
  %scale = arith.constant 0.5 : f16
  %e = tensor.empty() : tensor<2x4xf16>
  %z = linalg.fill ins(%zero : f16) outs(%e : tensor<2x4xf16>) -> tensor<2x4xf16>
  %s = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] 
         ins(%q, %k : tensor<2x8xf16>, tensor<4x8xf16>) outs(%z : tensor<2x4xf16>) -> tensor<2x4xf16>
  %masked = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
              ins(%s, %bits : tensor<2x4xf16>, tensor<2x4xi1>) outs(%e : tensor<2x4xf16>) {
  ^bb0(%x: f16, %b: i1, %o: f16):
    %m = arith.mulf %x, %scale : f16
    %r = arith.select %b, %m, %none : f16
    linalg.yield %r : f16
  } -> tensor<2x4xf16>
  %p = linalg.softmax dimension(1) ins(%masked : tensor<2x4xf16>) outs(%e : tensor<2x4xf16>) -> tensor<2x4xf16>
  %ye = tensor.empty() : tensor<2x136xf16>
  %yz = linalg.fill ins(%zero : f16) outs(%ye : tensor<2x136xf16>) -> tensor<2x136xf16>
  %y = linalg.matmul  ins(%p, %v : tensor<2x4xf16>, tensor<4x136xf16>) outs(%yz : tensor<2x136xf16>) -> tensor<2x136xf16>
  return %y : tensor<2x136xf16>
}

// CHECK: [Missed] sparse-ir-fuse-attention | {{.*}}Reason="the mask is no constant"
func.func @argument(%q: tensor<2x8xf16>, %k: tensor<4x8xf16>, %v: tensor<4x8xf16>, %mask: tensor<2x4xi1>, %init: tensor<2x8xf16>) -> (tensor<2x8xf16>) {
  %bits = arith.constant dense<[[true, true, false, false], [false, true, true, true]]> : tensor<2x4xi1>
  %zero = arith.constant 0.0 : f16
  %none = arith.constant 0xFC00 : f16
  %scale = arith.constant 0.5 : f16
  %e = tensor.empty() : tensor<2x4xf16>
  %z = linalg.fill ins(%zero : f16) outs(%e : tensor<2x4xf16>) -> tensor<2x4xf16>
  %s = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] 
         ins(%q, %k : tensor<2x8xf16>, tensor<4x8xf16>) outs(%z : tensor<2x4xf16>) -> tensor<2x4xf16>
  %masked = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
              ins(%s, %mask : tensor<2x4xf16>, tensor<2x4xi1>) outs(%e : tensor<2x4xf16>) {
  ^bb0(%x: f16, %b: i1, %o: f16):
    %m = arith.mulf %x, %scale : f16
    %r = arith.select %b, %m, %none : f16
    linalg.yield %r : f16
  } -> tensor<2x4xf16>
  %p = linalg.softmax dimension(1) ins(%masked : tensor<2x4xf16>) outs(%e : tensor<2x4xf16>) -> tensor<2x4xf16>
  %ye = tensor.empty() : tensor<2x8xf16>
  %yz = linalg.fill ins(%zero : f16) outs(%ye : tensor<2x8xf16>) -> tensor<2x8xf16>
  %y = linalg.matmul  ins(%p, %v : tensor<2x4xf16>, tensor<4x8xf16>) outs(%yz : tensor<2x8xf16>) -> tensor<2x8xf16>
  return %y : tensor<2x8xf16>
}

// CHECK: [Missed] sparse-ir-fuse-attention | {{.*}}Reason="the softmax has no mask"
func.func @unmasked(%q: tensor<2x8xf16>, %k: tensor<4x8xf16>, %v: tensor<4x8xf16>, %mask: tensor<2x4xi1>, %init: tensor<2x8xf16>) -> (tensor<2x8xf16>) {
  %bits = arith.constant dense<[[true, true, false, false], [false, true, true, true]]> : tensor<2x4xi1>
  %zero = arith.constant 0.0 : f16
  %none = arith.constant 0xFC00 : f16
  %scale = arith.constant 0.5 : f16
  %e = tensor.empty() : tensor<2x4xf16>
  %z = linalg.fill ins(%zero : f16) outs(%e : tensor<2x4xf16>) -> tensor<2x4xf16>
  %s = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] 
         ins(%q, %k : tensor<2x8xf16>, tensor<4x8xf16>) outs(%z : tensor<2x4xf16>) -> tensor<2x4xf16>
  %masked = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
              ins(%s, %bits : tensor<2x4xf16>, tensor<2x4xi1>) outs(%e : tensor<2x4xf16>) {
  ^bb0(%x: f16, %b: i1, %o: f16):
    %m = arith.mulf %x, %scale : f16
    %r = arith.mulf %m, %scale : f16
    linalg.yield %r : f16
  } -> tensor<2x4xf16>
  %p = linalg.softmax dimension(1) ins(%masked : tensor<2x4xf16>) outs(%e : tensor<2x4xf16>) -> tensor<2x4xf16>
  %ye = tensor.empty() : tensor<2x8xf16>
  %yz = linalg.fill ins(%zero : f16) outs(%ye : tensor<2x8xf16>) -> tensor<2x8xf16>
  %y = linalg.matmul  ins(%p, %v : tensor<2x4xf16>, tensor<4x8xf16>) outs(%yz : tensor<2x8xf16>) -> tensor<2x8xf16>
  return %y : tensor<2x8xf16>
}

// CHECK: [Missed] sparse-ir-fuse-attention | {{.*}}Reason="the scores are more than scaled and masked by a constant"
func.func @squared(%q: tensor<2x8xf16>, %k: tensor<4x8xf16>, %v: tensor<4x8xf16>, %mask: tensor<2x4xi1>, %init: tensor<2x8xf16>) -> (tensor<2x8xf16>) {
  %bits = arith.constant dense<[[true, true, false, false], [false, true, true, true]]> : tensor<2x4xi1>
  %zero = arith.constant 0.0 : f16
  %none = arith.constant 0xFC00 : f16
  %scale = arith.constant 0.5 : f16
  %e = tensor.empty() : tensor<2x4xf16>
  %z = linalg.fill ins(%zero : f16) outs(%e : tensor<2x4xf16>) -> tensor<2x4xf16>
  %s = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] 
         ins(%q, %k : tensor<2x8xf16>, tensor<4x8xf16>) outs(%z : tensor<2x4xf16>) -> tensor<2x4xf16>
  %masked = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
              ins(%s, %bits : tensor<2x4xf16>, tensor<2x4xi1>) outs(%e : tensor<2x4xf16>) {
  ^bb0(%x: f16, %b: i1, %o: f16):
    %m = arith.mulf %x, %scale : f16
    %r = arith.mulf %m, %x : f16
    linalg.yield %r : f16
  } -> tensor<2x4xf16>
  %p = linalg.softmax dimension(1) ins(%masked : tensor<2x4xf16>) outs(%e : tensor<2x4xf16>) -> tensor<2x4xf16>
  %ye = tensor.empty() : tensor<2x8xf16>
  %yz = linalg.fill ins(%zero : f16) outs(%ye : tensor<2x8xf16>) -> tensor<2x8xf16>
  %y = linalg.matmul  ins(%p, %v : tensor<2x4xf16>, tensor<4x8xf16>) outs(%yz : tensor<2x8xf16>) -> tensor<2x8xf16>
  return %y : tensor<2x8xf16>
}

// A weight of exp(-1) is one.
// CHECK: [Missed] sparse-ir-fuse-attention | {{.*}}Reason="the scores are more than scaled and masked by a constant"
func.func @small(%q: tensor<2x8xf16>, %k: tensor<4x8xf16>, %v: tensor<4x8xf16>, %mask: tensor<2x4xi1>, %init: tensor<2x8xf16>) -> (tensor<2x8xf16>) {
  %bits = arith.constant dense<[[true, true, false, false], [false, true, true, true]]> : tensor<2x4xi1>
  %zero = arith.constant 0.0 : f16
  %none = arith.constant -1.0 : f16
  %scale = arith.constant 0.5 : f16
  %e = tensor.empty() : tensor<2x4xf16>
  %z = linalg.fill ins(%zero : f16) outs(%e : tensor<2x4xf16>) -> tensor<2x4xf16>
  %s = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] 
         ins(%q, %k : tensor<2x8xf16>, tensor<4x8xf16>) outs(%z : tensor<2x4xf16>) -> tensor<2x4xf16>
  %masked = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
              ins(%s, %bits : tensor<2x4xf16>, tensor<2x4xi1>) outs(%e : tensor<2x4xf16>) {
  ^bb0(%x: f16, %b: i1, %o: f16):
    %m = arith.mulf %x, %scale : f16
    %r = arith.select %b, %m, %none : f16
    linalg.yield %r : f16
  } -> tensor<2x4xf16>
  %p = linalg.softmax dimension(1) ins(%masked : tensor<2x4xf16>) outs(%e : tensor<2x4xf16>) -> tensor<2x4xf16>
  %ye = tensor.empty() : tensor<2x8xf16>
  %yz = linalg.fill ins(%zero : f16) outs(%ye : tensor<2x8xf16>) -> tensor<2x8xf16>
  %y = linalg.matmul  ins(%p, %v : tensor<2x4xf16>, tensor<4x8xf16>) outs(%yz : tensor<2x8xf16>) -> tensor<2x8xf16>
  return %y : tensor<2x8xf16>
}

// CHECK: [Missed] sparse-ir-fuse-attention | {{.*}}Reason="a product is added to other values than zeros"
func.func @added_to(%q: tensor<2x8xf16>, %k: tensor<4x8xf16>, %v: tensor<4x8xf16>, %mask: tensor<2x4xi1>, %init: tensor<2x8xf16>) -> (tensor<2x8xf16>) {
  %bits = arith.constant dense<[[true, true, false, false], [false, true, true, true]]> : tensor<2x4xi1>
  %zero = arith.constant 0.0 : f16
  %none = arith.constant 0xFC00 : f16
  %scale = arith.constant 0.5 : f16
  %e = tensor.empty() : tensor<2x4xf16>
  %z = linalg.fill ins(%zero : f16) outs(%e : tensor<2x4xf16>) -> tensor<2x4xf16>
  %s = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] 
         ins(%q, %k : tensor<2x8xf16>, tensor<4x8xf16>) outs(%z : tensor<2x4xf16>) -> tensor<2x4xf16>
  %masked = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
              ins(%s, %bits : tensor<2x4xf16>, tensor<2x4xi1>) outs(%e : tensor<2x4xf16>) {
  ^bb0(%x: f16, %b: i1, %o: f16):
    %m = arith.mulf %x, %scale : f16
    %r = arith.select %b, %m, %none : f16
    linalg.yield %r : f16
  } -> tensor<2x4xf16>
  %p = linalg.softmax dimension(1) ins(%masked : tensor<2x4xf16>) outs(%e : tensor<2x4xf16>) -> tensor<2x4xf16>
  %ye = tensor.empty() : tensor<2x8xf16>
  %yz = linalg.fill ins(%zero : f16) outs(%ye : tensor<2x8xf16>) -> tensor<2x8xf16>
  %y = linalg.matmul  ins(%p, %v : tensor<2x4xf16>, tensor<4x8xf16>) outs(%init : tensor<2x8xf16>) -> tensor<2x8xf16>
  return %y : tensor<2x8xf16>
}

// Scores outside of the product's mask are zeros.
// CHECK: [Missed] sparse-ir-fuse-attention | {{.*}}Reason="the softmax reads scores outside of the mask of their product"
func.func @fewer_scores(%q: tensor<2x8xf16>, %k: tensor<4x8xf16>, %v: tensor<4x8xf16>, %mask: tensor<2x4xi1>, %init: tensor<2x8xf16>) -> (tensor<2x8xf16>) {
  %bits = arith.constant dense<[[true, true, false, false], [false, true, true, true]]> : tensor<2x4xi1>
  %zero = arith.constant 0.0 : f16
  %none = arith.constant 0xFC00 : f16
  %scale = arith.constant 0.5 : f16
  %e = tensor.empty() : tensor<2x4xf16>
  %z = linalg.fill ins(%zero : f16) outs(%e : tensor<2x4xf16>) -> tensor<2x4xf16>
  %s = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] {sparse_ir.out = #less}
         ins(%q, %k : tensor<2x8xf16>, tensor<4x8xf16>) outs(%z : tensor<2x4xf16>) -> tensor<2x4xf16>
  %masked = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
              ins(%s, %bits : tensor<2x4xf16>, tensor<2x4xi1>) outs(%e : tensor<2x4xf16>) {
  ^bb0(%x: f16, %b: i1, %o: f16):
    %m = arith.mulf %x, %scale : f16
    %r = arith.select %b, %m, %none : f16
    linalg.yield %r : f16
  } -> tensor<2x4xf16>
  %p = linalg.softmax dimension(1) ins(%masked : tensor<2x4xf16>) outs(%e : tensor<2x4xf16>) -> tensor<2x4xf16>
  %ye = tensor.empty() : tensor<2x8xf16>
  %yz = linalg.fill ins(%zero : f16) outs(%ye : tensor<2x8xf16>) -> tensor<2x8xf16>
  %y = linalg.matmul  ins(%p, %v : tensor<2x4xf16>, tensor<4x8xf16>) outs(%yz : tensor<2x8xf16>) -> tensor<2x8xf16>
  return %y : tensor<2x8xf16>
}

// CHECK: [Missed] sparse-ir-fuse-attention | {{.*}}Reason="the second product leaves out probabilities of the softmax"
func.func @fewer_weights(%q: tensor<2x8xf16>, %k: tensor<4x8xf16>, %v: tensor<4x8xf16>, %mask: tensor<2x4xi1>, %init: tensor<2x8xf16>) -> (tensor<2x8xf16>) {
  %bits = arith.constant dense<[[true, true, false, false], [false, true, true, true]]> : tensor<2x4xi1>
  %zero = arith.constant 0.0 : f16
  %none = arith.constant 0xFC00 : f16
  %scale = arith.constant 0.5 : f16
  %e = tensor.empty() : tensor<2x4xf16>
  %z = linalg.fill ins(%zero : f16) outs(%e : tensor<2x4xf16>) -> tensor<2x4xf16>
  %s = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] 
         ins(%q, %k : tensor<2x8xf16>, tensor<4x8xf16>) outs(%z : tensor<2x4xf16>) -> tensor<2x4xf16>
  %masked = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
              ins(%s, %bits : tensor<2x4xf16>, tensor<2x4xi1>) outs(%e : tensor<2x4xf16>) {
  ^bb0(%x: f16, %b: i1, %o: f16):
    %m = arith.mulf %x, %scale : f16
    %r = arith.select %b, %m, %none : f16
    linalg.yield %r : f16
  } -> tensor<2x4xf16>
  %p = linalg.softmax dimension(1) ins(%masked : tensor<2x4xf16>) outs(%e : tensor<2x4xf16>) -> tensor<2x4xf16>
  %ye = tensor.empty() : tensor<2x8xf16>
  %yz = linalg.fill ins(%zero : f16) outs(%ye : tensor<2x8xf16>) -> tensor<2x8xf16>
  %y = linalg.matmul {sparse_ir.lhs = #less} ins(%p, %v : tensor<2x4xf16>, tensor<4x8xf16>) outs(%yz : tensor<2x8xf16>) -> tensor<2x8xf16>
  return %y : tensor<2x8xf16>
}

// A row of equal finite scores has a softmax.
// CHECK: [Missed] sparse-ir-fuse-attention | {{.*}}Reason="a row has masked scores only, and these are finite"
func.func @finite(%q: tensor<2x8xf16>, %k: tensor<4x8xf16>, %v: tensor<4x8xf16>, %mask: tensor<2x4xi1>, %init: tensor<2x8xf16>) -> (tensor<2x8xf16>) {
  %bits = arith.constant dense<[[true, true, false, false], [false, false, false, false]]> : tensor<2x4xi1>
  %zero = arith.constant 0.0 : f16
  %none = arith.constant -6.0e4 : f16
  %scale = arith.constant 0.5 : f16
  %e = tensor.empty() : tensor<2x4xf16>
  %z = linalg.fill ins(%zero : f16) outs(%e : tensor<2x4xf16>) -> tensor<2x4xf16>
  %s = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] 
         ins(%q, %k : tensor<2x8xf16>, tensor<4x8xf16>) outs(%z : tensor<2x4xf16>) -> tensor<2x4xf16>
  %masked = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
              ins(%s, %bits : tensor<2x4xf16>, tensor<2x4xi1>) outs(%e : tensor<2x4xf16>) {
  ^bb0(%x: f16, %b: i1, %o: f16):
    %m = arith.mulf %x, %scale : f16
    %r = arith.select %b, %m, %none : f16
    linalg.yield %r : f16
  } -> tensor<2x4xf16>
  %p = linalg.softmax dimension(1) ins(%masked : tensor<2x4xf16>) outs(%e : tensor<2x4xf16>) -> tensor<2x4xf16>
  %ye = tensor.empty() : tensor<2x8xf16>
  %yz = linalg.fill ins(%zero : f16) outs(%ye : tensor<2x8xf16>) -> tensor<2x8xf16>
  %y = linalg.matmul  ins(%p, %v : tensor<2x4xf16>, tensor<4x8xf16>) outs(%yz : tensor<2x8xf16>) -> tensor<2x8xf16>
  return %y : tensor<2x8xf16>
}

// CHECK: [Passed] sparse-ir-fuse-attention | {{.*}}density=6.250000e-01, fused-us={{[0-9.e+-]+}}, parts=1, separate-us={{[0-9.e+-]+}}
func.func @fused(%q: tensor<2x8xf16>, %k: tensor<4x8xf16>, %v: tensor<4x8xf16>, %mask: tensor<2x4xi1>, %init: tensor<2x8xf16>) -> (tensor<2x8xf16>) {
  %bits = arith.constant dense<[[true, true, false, false], [false, true, true, true]]> : tensor<2x4xi1>
  %zero = arith.constant 0.0 : f16
  %none = arith.constant 0xFC00 : f16
  %scale = arith.constant 0.5 : f16
  %e = tensor.empty() : tensor<2x4xf16>
  %z = linalg.fill ins(%zero : f16) outs(%e : tensor<2x4xf16>) -> tensor<2x4xf16>
  %s = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] 
         ins(%q, %k : tensor<2x8xf16>, tensor<4x8xf16>) outs(%z : tensor<2x4xf16>) -> tensor<2x4xf16>
  %masked = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
              ins(%s, %bits : tensor<2x4xf16>, tensor<2x4xi1>) outs(%e : tensor<2x4xf16>) {
  ^bb0(%x: f16, %b: i1, %o: f16):
    %m = arith.mulf %x, %scale : f16
    %r = arith.select %b, %m, %none : f16
    linalg.yield %r : f16
  } -> tensor<2x4xf16>
  %p = linalg.softmax dimension(1) ins(%masked : tensor<2x4xf16>) outs(%e : tensor<2x4xf16>) -> tensor<2x4xf16>
  %ye = tensor.empty() : tensor<2x8xf16>
  %yz = linalg.fill ins(%zero : f16) outs(%ye : tensor<2x8xf16>) -> tensor<2x8xf16>
  %y = linalg.matmul  ins(%p, %v : tensor<2x4xf16>, tensor<4x8xf16>) outs(%yz : tensor<2x8xf16>) -> tensor<2x8xf16>
  return %y : tensor<2x8xf16>
}
