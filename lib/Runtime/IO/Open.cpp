//===- Open.cpp - A tensor from a file of any known format ----------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Runtime/IO/Open.h"
#include "Message.h"
#include "spmmplu/Runtime/IO/MatrixMarket.h"
#include "spmmplu/Runtime/IO/Npy.h"
#include "spmmplu/Runtime/IO/Safetensors.h"
#include "spmmplu/Runtime/IO/Smtx.h"

#include <algorithm>

namespace spmmplu {

using io::makeError;
using io::quote;

/// With the dot, in lower case; empty where there is none.
static std::string extensionOf(std::string_view path) {
  std::string_view file = path.substr(path.find_last_of('/') + 1);
  size_t dot = file.find_last_of('.');
  if (dot == std::string_view::npos)
    return "";
  std::string extension(file.substr(dot));
  for (char &c : extension)
    if (c >= 'A' && c <= 'Z')
      c = char(c - 'A' + 'a');
  return extension;
}

/// Reads the one matrix of the file.
bool isPruningCompanion(std::string_view tensor, std::string_view layer) {
  if (!tensor.starts_with(layer))
    return false;
  std::string_view suffix = tensor.substr(layer.size());
  return suffix == ".mask" || suffix == ".row_order" || suffix == ".columns" ||
         suffix == ".values" || suffix == ".indices";
}

/// Whether sparse-prune wrote `name` beside another tensor of the file.
static bool isWrittenBeside(const SafetensorsFile &file,
                            const std::string &name) {
  if (!file.metadata().count("spmmplu.pattern"))
    return false;
  const auto &entries = file.entries();
  return std::any_of(entries.begin(), entries.end(), [&](const auto &entry) {
    return isPruningCompanion(name, entry.name);
  });
}

Result<std::string> nameOfOnlyMatrix(const std::string &path,
                                     const SafetensorsFile &file) {
  constexpr size_t maxListed = 8;
  const SafetensorsEntry *matrix = nullptr;
  std::string list;
  size_t count = 0;
  for (const SafetensorsEntry &entry : file.entries()) {
    if (entry.shape.size() != 2 || isWrittenBeside(file, entry.name))
      continue;
    matrix = &entry;
    if (count++ < maxListed)
      list += (count > 1 ? ", " : "") + quote(entry.name) + " " +
              shapeToString(entry.shape);
  }
  if (count == 1)
    return matrix->name;
  if (count == 0)
    return makeError(path, ": no matrix among its ", file.entries().size(),
                     " tensors, expected one of rank 2 or a tensor name");
  if (count > maxListed)
    list += " and " + std::to_string(count - maxListed) + " more";
  return makeError(path, ": ", count,
                   " matrices, expected one or a tensor name: ", list);
}

Result<Tensor> openTensor(const std::string &path,
                          std::string_view tensorName) {
  std::string extension = extensionOf(path);
  if (extension == ".safetensors") {
    Result<SafetensorsFile> file = SafetensorsFile::open(path);
    if (!file)
      return Error{file.error()};
    if (!tensorName.empty())
      return file->read(tensorName);
    Result<std::string> name = nameOfOnlyMatrix(path, *file);
    if (!name)
      return Error{name.error()};
    return file->read(*name);
  }
  bool known =
      extension == ".npy" || extension == ".mtx" || extension == ".smtx";
  if (!known)
    return makeError(path, ": extension ", quote(extension),
                     ", expected .npy, .safetensors, .mtx or .smtx");
  if (!tensorName.empty())
    return makeError(path, ": tensor name ", quote(tensorName),
                     ", expected none, since tensors in ", extension,
                     " files have no name");
  if (extension == ".npy")
    return readNpy(path);
  return extension == ".mtx" ? readMatrixMarket(path) : readSmtx(path);
}

} // namespace spmmplu
