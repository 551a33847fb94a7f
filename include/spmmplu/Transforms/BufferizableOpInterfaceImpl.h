//===- BufferizableOpInterfaceImpl.h - Bufferizes fused kernels -*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TRANSFORMS_BUFFERIZABLEOPINTERFACEIMPL_H
#define SPMMPLU_TRANSFORMS_BUFFERIZABLEOPINTERFACEIMPL_H

namespace mlir {
class DialectRegistry;
namespace spmmplu {

/// Lets One-Shot Bufferize take `sparse_ir.kernel` to memrefs.
void registerBufferizableOpInterfaceExternalModels(DialectRegistry &registry);

} // namespace spmmplu
} // namespace mlir

#endif // SPMMPLU_TRANSFORMS_BUFFERIZABLEOPINTERFACEIMPL_H
