//===- File.h - Bounded reads, maps and atomic writes -----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_RUNTIME_IO_FILE_H
#define SPMMPLU_RUNTIME_IO_FILE_H

#include "spmmplu/Support/Result.h"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace spmmplu {

/// The whole file (a pipe too). More than `maxBytes` is an error. All errors
/// of this header start with the path.
Result<std::string> readFile(const std::string &path, int64_t maxBytes);

/// Writes `pieces` one after the other as the file `path`: whole or not at all.
/// The bytes go to a new file beside it, reach the disk, and are renamed over
/// `path`; on failure the new file is removed and `path` is as it was. A `path`
/// that exists and is not a regular file (a directory, /dev/null) is an error.
Status writeFileAtomically(const std::string &path,
                           std::span<const std::span<const std::byte>> pieces);
Status writeFileAtomically(const std::string &path, std::string_view contents);

/// A regular file mapped read-only. Move-only. The contents are undefined, and
/// access may fault, if another process truncates the file meanwhile.
class MappedFile {
public:
  static Result<MappedFile> open(const std::string &path);

  MappedFile() = default;
  MappedFile(MappedFile &&other) noexcept { *this = std::move(other); }
  MappedFile &operator=(MappedFile &&other) noexcept;
  ~MappedFile();

  std::span<const std::byte> bytes() const { return mapping; }
  std::string_view text() const {
    return {reinterpret_cast<const char *>(mapping.data()), mapping.size()};
  }

private:
  std::span<const std::byte> mapping;
};

} // namespace spmmplu

#endif // SPMMPLU_RUNTIME_IO_FILE_H
