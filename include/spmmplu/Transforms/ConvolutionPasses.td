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

#endif // SPMMPLU_TRANSFORMS_CONVOLUTIONPASSES_TD
