//===- MlirSparseTensor.mlir - Upstream's sparse product, as a peer -------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// C[M,N] += A[M,K] * B[K,N] with A in CSR, and in BSR where its blocks tile it,
// by upstream's sparse_tensor dialect alone. A template: build_mlir_peer.sh
// writes sizes in place of @M@ and the like, since sparse_tensor.assemble takes
// static shapes only. Sizes are part of the functions' names, so that a library
// made for other sizes is found out when it is loaded.
//
// The caller zeroes C: a linalg.fill ahead of the product becomes a constant
// that is copied on every call.
//
//===----------------------------------------------------------------------===//

#CSR = #sparse_tensor.encoding<{
  map = (i, j) -> (i : dense, j : compressed),
  posWidth = 32, crdWidth = 32
}>

func.func @csr_@M@x@K@x@N@@SUFFIX@(
    %starts: tensor<?xi32>, %columns: tensor<?xi32>, %values: tensor<?xf32>,
    %b: tensor<@K@x@N@xf32>, %out: memref<@M@x@N@xf32>)
    attributes {llvm.emit_c_interface} {
  %a = sparse_tensor.assemble (%starts, %columns), %values
    : (tensor<?xi32>, tensor<?xi32>), tensor<?xf32>
    to tensor<@M@x@K@xf32, #CSR>
  %c = bufferization.to_tensor %out restrict writable
    : memref<@M@x@N@xf32> to tensor<@M@x@N@xf32>
  %y = linalg.matmul
    ins(%a, %b : tensor<@M@x@K@xf32, #CSR>, tensor<@K@x@N@xf32>)
    outs(%c : tensor<@M@x@N@xf32>) -> tensor<@M@x@N@xf32>
  bufferization.materialize_in_destination %y in restrict writable %out
    : (tensor<@M@x@N@xf32>, memref<@M@x@N@xf32>) -> ()
  return
}

// begin BSR
#BSR = #sparse_tensor.encoding<{
  map = (i, j) -> (i floordiv @R@ : dense, j floordiv @S@ : compressed,
                   i mod @R@ : dense, j mod @S@ : dense),
  posWidth = 32, crdWidth = 32
}>

func.func @bsr_@M@x@K@x@N@_@R@x@S@@SUFFIX@(
    %starts: tensor<?xi32>, %columns: tensor<?xi32>, %values: tensor<?xf32>,
    %b: tensor<@K@x@N@xf32>, %out: memref<@M@x@N@xf32>)
    attributes {llvm.emit_c_interface} {
  %a = sparse_tensor.assemble (%starts, %columns), %values
    : (tensor<?xi32>, tensor<?xi32>), tensor<?xf32>
    to tensor<@M@x@K@xf32, #BSR>
  %c = bufferization.to_tensor %out restrict writable
    : memref<@M@x@N@xf32> to tensor<@M@x@N@xf32>
  %y = linalg.matmul
    ins(%a, %b : tensor<@M@x@K@xf32, #BSR>, tensor<@K@x@N@xf32>)
    outs(%c : tensor<@M@x@N@xf32>) -> tensor<@M@x@N@xf32>
  bufferization.materialize_in_destination %y in restrict writable %out
    : (tensor<@M@x@N@xf32>, memref<@M@x@N@xf32>) -> ()
  return
}
// end BSR
