// A layer with constant weights in blocks of 2x4 and a bias: the compiler finds
// the pattern in the zeros.
//
//   sparse-compile examples/layer.mlir -o layer.spmm --remarks
//   sparse-run layer.spmm --cols=5 --output=y.npy

func.func @layer(%x: tensor<8x?xf32> {sparse_ir.dims = [8, "n"]}) -> tensor<4x?xf32> {
  %w = arith.constant dense<[
    [0.5, -1.0, 2.0, 0.25, 0.0, 0.0, 0.0, 0.0],
    [1.5, 3.0, -0.5, 1.0, 0.0, 0.0, 0.0, 0.0],
    [0.0, 0.0, 0.0, 0.0, -2.0, 1.0, 0.5, 4.0],
    [0.0, 0.0, 0.0, 0.0, 1.0, -0.25, 2.5, 1.0]]> : tensor<4x8xf32>
  %bias = arith.constant dense<[1.0, -1.0, 0.5, 0.0]> : tensor<4xf32>
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c1 : tensor<8x?xf32>
  %empty = tensor.empty(%n) : tensor<4x?xf32>
  %init = linalg.broadcast ins(%bias : tensor<4xf32>)
                           outs(%empty : tensor<4x?xf32>) dimensions = [1]
  %y = linalg.matmul ins(%w, %x : tensor<4x8xf32>, tensor<8x?xf32>)
                     outs(%init : tensor<4x?xf32>) -> tensor<4x?xf32>
  return %y : tensor<4x?xf32>
}
