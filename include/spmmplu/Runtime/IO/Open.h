//===- Open.h - A tensor from a file of any known format --------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_RUNTIME_IO_OPEN_H
#define SPMMPLU_RUNTIME_IO_OPEN_H

#include "spmmplu/Runtime/IO/Tensor.h"
#include "spmmplu/Support/Result.h"

#include <string>
#include <string_view>

namespace spmmplu {

class SafetensorsFile;

/// Whether `tensor` is the name of what sparse-prune writes beside `layer`: its
/// mask, its orders, its compact form.
bool isPruningCompanion(std::string_view tensor, std::string_view layer);

/// The name of the one matrix (rank 2) of `file`, not counting companions of
/// another; else an error that starts with `path` and lists them.
Result<std::string> nameOfOnlyMatrix(const std::string &path,
                                     const SafetensorsFile &file);

/// Reads a tensor from `path`; the extension, in any case, tells the format:
/// .npy, .safetensors, .mtx or .smtx (the latter two as F32, patterns as ones).
///
/// `tensorName` picks a tensor of a .safetensors file. Without it the file must
/// hold exactly one matrix (rank 2), else the error lists them; with it, a file
/// of another format is an error, since its tensor has no name. Errors start
/// with the path.
Result<Tensor> openTensor(const std::string &path,
                          std::string_view tensorName = "");

} // namespace spmmplu

#endif // SPMMPLU_RUNTIME_IO_OPEN_H
