//===- SparseIRInterfaces.td - Interfaces of sparse_ir ------*- tablegen -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_IR_SPARSEIRINTERFACES_TD
#define SPMMPLU_IR_SPARSEIRINTERFACES_TD

include "mlir/IR/OpBase.td"

def SparseIR_TableAttrInterface : AttrInterface<"TableAttrInterface"> {
  let cppNamespace = "::mlir::spmmplu";
  let description = [{
    A table of meta-ops. Position p of the table is one meta-op; the table knows
    its indices along each axis of the computational space.
  }];
  let methods = [
    InterfaceMethod<"The number of meta-ops.", "int64_t", "getNumPositions">,
    InterfaceMethod<[{
      The indices of the meta-op at `position` along `axis`, an axis of `size`
      elements, in the order in which a slice holds them; -1 is padding: reads
      as zero, is not written.
    }], "::llvm::SmallVector<int64_t>", "getIndices",
      (ins "int64_t":$position, "Axis":$axis, "int64_t":$size)>,
    InterfaceMethod<[{
      Whether element (i, j) of the output tile at `position` is written, for i
      and j counted within the tile.
    }], "bool", "isWritten",
      (ins "int64_t":$position, "int64_t":$i, "int64_t":$j), [{}],
      [{ return true; }]>,
    InterfaceMethod<[{
      The extent along `axis` if every meta-op of the table has the same;
      ShapedType::kDynamic otherwise, or where it is the whole axis.
    }], "int64_t", "getStaticExtent", (ins "Axis":$axis)>,
    InterfaceMethod<"Whether every meta-op takes the whole of `axis`.",
      "bool", "isWhole", (ins "Axis":$axis)>
  ];
}

#endif // SPMMPLU_IR_SPARSEIRINTERFACES_TD
