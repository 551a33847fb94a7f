//===- ConvolutionPasses.td - Passes on convolutions --------*- tablegen -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TRANSFORMS_CONVOLUTIONPASSES_TD
#define SPMMPLU_TRANSFORMS_CONVOLUTIONPASSES_TD

include "mlir/Pass/PassBase.td"

def SparseIRDirectConvolution : Pass<"sparse-ir-direct-convolution", "::mlir::ModuleOp"> {
  let summary = "Turns convolutions with constant filters into sparse_ir.convolution";
  let description = [{
    On targets with `wgmma`: `linalg.conv_2d_nhwc_hwcf` of 16-bit elements with
    strides of 1, a result that starts from zero and a constant filter, with
    the `tensor.pad` of zeros before it. Channels that no filter reads and
    filters of zeros are left out; the tile is the cheapest of
    `lib/Target/ConvolutionPlan.cpp`, or what the op's attribute
    `sparse_ir.tile` gives (pixels, warpgroups, cols, block, taps, stages and
    whether to gather).

    Other convolutions are left to `sparse-ir-raise`, and a remark says why. On
    GPUs they get the attribute `sparse_ir.raise`, by which those with a dense
    constant filter are raised too: there is no other way for them.
  }];
  let options = [
    Option<"target", "target", "std::string", "\"host\"",
           "A row of the table of targets, with overrides">];
  let dependentDialects = ["SparseIRDialect", "::mlir::arith::ArithDialect",
                           "::mlir::tensor::TensorDialect"];
}

def SparseIRWinograd : Pass<"sparse-ir-winograd", "::mlir::ModuleOp"> {
  let summary = "Turns 3x3 convolutions on CPUs into products in Winograd's domain";
  let description = [{
    `linalg.conv_2d_nchw_fchw` and `linalg.conv_2d_nhwc_hwcf` of f32 with a
    constant 3x3 filter, strides and dilations of 1, and the `tensor.pad` of zeros
    before them: `sparse_ir.winograd_input`, a `linalg.batch_matmul` of 36 products
    with the transformed filters, which `sparse-ir-raise` takes whatever its
    sparsity, and `sparse_ir.winograd_output`. Channels that no filter reads and
    filters of zeros are in none of them. Other zeros are: what is left within a
    filter becomes dense.

    Taken where lib/Target/Winograd.cpp expects it to be at least 1.1 times as fast
    as one product, sparse or dense; a remark has both times. The op's attribute
    `sparse_ir.winograd`, true or false, decides before the model. Rounding errors
    are about 3 times those of a direct product in f32; 16-bit types are left
    alone for that reason, and so is an op with a pattern that is given. The batch
    is taken some images at a time, so that their tiles stay in the caches.

    ```mlir
    %y = linalg.conv_2d_nchw_fchw
           ins(%x, %w : tensor<1x2x6x6xf32>, tensor<1x2x3x3xf32>)
           outs(%zeros : tensor<1x1x4x4xf32>) -> tensor<1x1x4x4xf32>
    ```
    becomes, where channel 0 has no weight,
    ```mlir
    %v = sparse_ir.winograd_input
           ins(%x, %channels : tensor<1x2x6x6xf32>, tensor<1xi32>)
           outs(%e : tensor<36x1x1xf32>) pad [0, 0] tiles [1, 1]
           {lanes = 16} -> tensor<36x1x1xf32>
    %m = linalg.batch_matmul {sparse_ir.raise}
           ins(%u, %v : tensor<36x1x1xf32>, tensor<36x1x1xf32>)
           outs(%f : tensor<36x1x1xf32>) -> tensor<36x1x1xf32>
    %y = sparse_ir.winograd_output
           ins(%m, %filters : tensor<36x1x1xf32>, tensor<1xi32>)
           outs(%o : tensor<1x1x4x4xf32>) tiles [1, 1]
           {lanes = 16} -> tensor<1x1x4x4xf32>
    ```
  }];
  let options = [
    Option<"target", "target", "std::string", "\"host\"",
           "A row of the table of targets, with overrides">,
    Option<"threads", "threads", "int64_t", "1", "Threads of the program">,
    Option<"when", "when", "std::string", "\"best\"",
           "best: where it is expected to be faster; always; never">,
    Option<"images", "images", "int64_t", "0",
           "Images of the batch at a time (0: chosen)">];
  let dependentDialects = ["SparseIRDialect", "::mlir::arith::ArithDialect",
                           "::mlir::tensor::TensorDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::scf::SCFDialect"];
}

#endif // SPMMPLU_TRANSFORMS_CONVOLUTIONPASSES_TD
