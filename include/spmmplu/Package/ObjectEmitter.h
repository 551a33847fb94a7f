//===- ObjectEmitter.h - The LLVM dialect to machine code ------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_PACKAGE_OBJECTEMITTER_H
#define SPMMPLU_PACKAGE_OBJECTEMITTER_H

#include "spmmplu/Target/Target.h"

#include "mlir/IR/BuiltinOps.h"

#include <string>

namespace mlir::spmmplu {

enum class CodeKind { LLVMIR, Assembly, Object };

/// The entry point of a package (docs/package.md): `spmmplu_main(void **args)`,
/// args[i] the memref descriptor of argument i.
inline constexpr const char *kEntryName = "spmmplu_main";

/// Translates `module` (LLVM dialect), adds the entry point for the function
/// `function`, optimises for `target` and emits. Position independent.
FailureOr<std::string> emitCode(ModuleOp module, StringRef function,
                                const Target &target, CodeKind kind);

} // namespace mlir::spmmplu

#endif // SPMMPLU_PACKAGE_OBJECTEMITTER_H
