//===- SparseIRWinograd.td - Convolutions in Winograd's domain -*- tablegen -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_IR_SPARSEIRWINOGRAD_TD
#define SPMMPLU_IR_SPARSEIRWINOGRAD_TD

include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "spmmplu/IR/SparseIRAttributes.td"

class SparseIR_WinogradOp<string mnemonic> : Op<SparseIR_Dialect, mnemonic, [
    DestinationStyleOpInterface,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let hasVerifier = 1;
  code winogradDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getInitMutable(); }
  }];
  let extraClassDeclaration = winogradDeclaration;
}

def SparseIR_WinogradInputOp : SparseIR_WinogradOp<"winograd_input"> {
  let summary = "the tiles of an image in Winograd's domain, F(4x4, 3x3)";
  let description = [{
    Tile (ty, tx) of an image is the 6x6 elements from (4 ty - pad_h,
    4 tx - pad_w) on, zeros outside of the image: what the 4x4 elements of a 3x3
    convolution's result at (4 ty, 4 tx) are made of. With B of F(4x4, 3x3), for the
    points 0, -5/8, 5/8, -3/2, 3/2 and infinity,
    `out[6 x + y, i, (n * tiles_h + ty) * tiles_w + tx]` is element (x, y) of
    `Bt d B`, where d is that tile of image n's channel `channels[i]`.

    Images are NCHW, or NHWC with `nhwc`. All of the result is written; what init
    holds is not read. Vectors of `lanes` elements run along tiles.

    Constraints:
    - (C1) the image is of rank 4, f32 and static;
    - (C2) init is f32 `36 x C' x T`, T the tiles of all images, and `channels`
      are C' indices (i32) of channels of the image;
    - (C3) results are one tensor of init's type, or none if init is a memref;
    - (C4) `pad` and `tiles` are of two dimensions, `pad` is not negative, there
      are tiles, and they cover the padding and the image but for two elements;
    - (C5) `lanes` is 4, 8 or 16.

    ```mlir
    %v = sparse_ir.winograd_input
           ins(%x, %c : tensor<1x8x14x14xf32>, tensor<3xi32>)
           outs(%o : tensor<36x3x16xf32>) pad [1, 1] tiles [4, 4]
           {lanes = 16} -> tensor<36x3x16xf32>
    ```
  }];
  let arguments = (ins AnyShaped:$image, AnyShaped:$channels, AnyShaped:$init,
                       DenseI64ArrayAttr:$pad, DenseI64ArrayAttr:$tiles,
                       I64Attr:$lanes, UnitAttr:$nhwc);
  let assemblyFormat = [{
    `ins` `(` $image `,` $channels `:` type($image) `,` type($channels) `)`
    `outs` `(` $init `:` type($init) `)` `pad` $pad `tiles` $tiles
    attr-dict (`->` type($results)^)?
  }];
}

def SparseIR_WinogradOutputOp : SparseIR_WinogradOp<"winograd_output"> {
  let summary = "images from their tiles in Winograd's domain, F(4x4, 3x3)";
  let description = [{
    The way back from `sparse_ir.winograd_input`: with A of F(4x4, 3x3), m the
    6x6 products `products[6 x + y, filters[f], t]` of tile t = (n * tiles_h +
    ty) * tiles_w + tx, the 4x4 elements at (4 ty, 4 tx) of the result's image n,
    channel f, are `At m A`, as far as they lie in the image. A channel whose
    `filters[f]` is -1 is zero. With `accumulate` all that is added to init; else
    what init holds is not read.

    Images are NCHW, or NHWC with `nhwc`. Vectors of `lanes` elements run along
    tiles.

    Constraints:
    - (C1) init is of rank 4, f32 and static;
    - (C2) products are f32 `36 x F' x T`, T the tiles of all images, and
      `filters` are numbers below F' (i32), one for each channel of init;
    - (C3) results are one tensor of init's type, or none if init is a memref;
    - (C4) `tiles` are two numbers; they cover the image, and each has a part of it;
    - (C5) `lanes` is 4, 8 or 16.

    ```mlir
    %y = sparse_ir.winograd_output
           ins(%m, %f : tensor<36x2x16xf32>, tensor<5xi32>)
           outs(%o : tensor<1x5x14x14xf32>) tiles [4, 4]
           {lanes = 16} -> tensor<1x5x14x14xf32>
    ```
  }];
  let arguments = (ins AnyShaped:$products, AnyShaped:$filters, AnyShaped:$init,
                       DenseI64ArrayAttr:$tiles, I64Attr:$lanes, UnitAttr:$nhwc,
                       UnitAttr:$accumulate);
  let assemblyFormat = [{
    `ins` `(` $products `,` $filters `:` type($products) `,` type($filters) `)`
    `outs` `(` $init `:` type($init) `)` `tiles` $tiles
    attr-dict (`->` type($results)^)?
  }];
}

#endif // SPMMPLU_IR_SPARSEIRWINOGRAD_TD
