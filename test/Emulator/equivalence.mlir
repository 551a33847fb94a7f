// RUN: sparse-opt %s -split-input-file -verify-diagnostics -test-gpu-equivalence='pipeline="sparse-ir-gpu{target=sm_80 allow-dense=false stop-after=device}" sizes=5,37 tolerance=1e-12' -o /dev/null
// RUN: sparse-opt %s -test-gpu-equivalence='pipeline="sparse-ir-gpu{target=sm_80 allow-dense=false stop-after=device}" sizes=5,37' -o /dev/null

// By the types' tolerance the device computes what the program says; without
// one the sums show that they are rounded to f16.

// expected-error @+1 {{result 0 element}}
func.func @main(%x: tensor<24x?xf16>) -> tensor<4x?xf16> {
  %w = arith.constant dense<[
    [1.0, 0.5, 0.0, 2.0, 0.0, 0.0, 0.25, 0.125, 1.0, 0.0, 0.0, 0.0, 0.0, 3.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 5.0, 0.0, 0.0, 1.0],
    [0.0, 0.0, 3.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    [0.0, 4.0, 0.0, 0.0, 0.0, 5.0, 0.0, 0.0, 0.0, 0.125, 0.0, 0.0, 0.0, 0.0, 0.0, 7.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]> : tensor<4x24xf16>
  %1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f16
  %n = tensor.dim %x, %1 : tensor<24x?xf16>
  %e = tensor.empty(%n) : tensor<4x?xf16>
  %c = linalg.fill ins(%zero : f16) outs(%e : tensor<4x?xf16>) -> tensor<4x?xf16>
  %y = linalg.matmul ins(%w, %x : tensor<4x24xf16>, tensor<24x?xf16>) outs(%c : tensor<4x?xf16>) -> tensor<4x?xf16>
  return %y : tensor<4x?xf16>
}
