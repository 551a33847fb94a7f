//===- Npy.h - NumPy array files --------------------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Read: versions 1.0, 2.0 and 3.0; f2 f4 f8, i1 to i8, u1 to u8, b1, and V2,
// as which NumPy stores bfloat16; either byte order; C and Fortran order (made
// row-major). Not read: structured, complex, string and object arrays.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_RUNTIME_IO_NPY_H
#define SPMMPLU_RUNTIME_IO_NPY_H

#include "spmmplu/Runtime/IO/Tensor.h"
#include "spmmplu/Support/Result.h"

#include <cstddef>
#include <span>
#include <string>

namespace spmmplu {

/// The array in the file `path`, of whatever shape. The file must end where the
/// array ends. Errors start with the path.
Result<Tensor> readNpy(const std::string &path);
/// The same from memory; allocates no more than about `bytes.size()`.
Result<Tensor> parseNpy(std::span<const std::byte> bytes);

/// Writes version 1.0, C order, little-endian, the data 64-byte aligned in the
/// file; atomically (see File.h). BF16 becomes '<V2'. F8 is an error: the
/// format has no name for it.
Status writeNpy(const std::string &path, const TensorView &tensor);

} // namespace spmmplu

#endif // SPMMPLU_RUNTIME_IO_NPY_H
