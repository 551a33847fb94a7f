//===- SparseIRConvolution.td - Convolutions of pruned filters -*- tablegen -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_IR_SPARSEIRCONVOLUTION_TD
#define SPMMPLU_IR_SPARSEIRCONVOLUTION_TD

include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "spmmplu/IR/SparseIRAttributes.td"

def SparseIR_ConvolutionOp : Op<SparseIR_Dialect, "convolution", [
    DestinationStyleOpInterface,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "a convolution with packed filters, straight from the image";
  let description = [{
    `out[b, y, x, f] = sum over r, s, c of w[r, s, c, f] *
    image[b, y + r * dilation_h - pad_h, x + s * dilation_w - pad_w, c]`, with
    zeros around the image. Image and result are NHWC, strides are 1. All of the
    result is written; what init holds is not read.

    `channels` lists the image's channels that some filter reads, a multiple of
    16 of them: -1 is a channel of zeros. Filters are cut into panels of `cols`
    columns; panel p writes the result's channels from `bounds[p]` up to
    `bounds[p + 1]`: column j of it the channel `columns[p * cols + j]` (-1:
    none), and zeros elsewhere.

    The filters of a panel are, for every block of `block` listed channels,
    every tap (r, s) and every eight channels of the block, `cols` lines of these
    eight: what a stage of the kernel's pipeline needs is contiguous.

    What the kernel obeys: `pixels` of the result to a tile (in memory's order,
    padding of the image counted), `warpgroups` that share them, `block`, `taps`
    of the filter in one step, `stages` of steps in shared memory, `launched`
    blocks that take all tiles in turns (0: a block a tile). `gather`:
    channels are read one by one, as listed. Else the list is that of all
    channels, in order; or, with `compact`, for every 128 channels of the image
    (64 if there are no more) some eights of them, in any order.

    Constraints:
    - (C1) image and init have rank 4, static sizes and one batch; the image is
      f16 or bf16, the filters are of its type;
    - (C2) results are one tensor of init's type, or none if init is a memref;
    - (C3) the sizes of filters and tables are those that the attributes imply;
    - (C4) `gather` stands without `compact` and `launched`, which is not negative.

    ```mlir
    %y = sparse_ir.convolution
           ins(%x, %w : tensor<1x7x7x24xf16>, tensor<2304xf16>)
           tables(%c, %b, %f : tensor<32xi32>, tensor<2xi32>, tensor<8xi32>)
           outs(%o : tensor<1x7x7x5xf16>) kernel [3, 3] dilation [1, 1] pad [1, 1]
           {pixels = 64, warpgroups = 1, cols = 8, span = 8, block = 32,
            taps = 9, stages = 3} -> tensor<1x7x7x5xf16>
    ```
  }];
  let arguments = (ins AnyShaped:$image, AnyShaped:$filters,
                       AnyShaped:$channels, AnyShaped:$bounds,
                       AnyShaped:$columns, AnyShaped:$init,
                       DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$dilation,
                       DenseI64ArrayAttr:$pad, I64Attr:$pixels,
                       I64Attr:$warpgroups, I64Attr:$cols, I64Attr:$span,
                       I64Attr:$block, I64Attr:$taps, I64Attr:$stages,
                       DefaultValuedAttr<I64Attr, "0">:$launched,
                       UnitAttr:$gather, UnitAttr:$compact,
                       UnitAttr:$natural);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    `ins` `(` $image `,` $filters `:` type($image) `,` type($filters) `)`
    `tables` `(` $channels `,` $bounds `,` $columns `:` type($channels) `,`
    type($bounds) `,` type($columns) `)`
    `outs` `(` $init `:` type($init) `)` `kernel` $kernel `dilation` $dilation
    `pad` $pad attr-dict (`->` type($results)^)?
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getInitMutable(); }
    int64_t getChannelCount() {
      return ::llvm::cast<::mlir::ShapedType>(getChannels().getType())
          .getDimSize(0);
    }
    int64_t getPanels() {
      return ::llvm::cast<::mlir::ShapedType>(getBounds().getType())
                 .getDimSize(0) - 1;
    }
  }];
}

#endif // SPMMPLU_IR_SPARSEIRCONVOLUTION_TD
