//===- Registration.h - Everything that a tool registers -------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_PIPELINES_REGISTRATION_H
#define SPMMPLU_PIPELINES_REGISTRATION_H

namespace mlir {
class DialectRegistry;
namespace spmmplu {

/// The dialect and its external models; upstream's are the caller's to add.
void registerDialect(DialectRegistry &registry);

/// All passes and pipelines of the project.
void registerPasses();

} // namespace spmmplu
} // namespace mlir

#endif // SPMMPLU_PIPELINES_REGISTRATION_H
