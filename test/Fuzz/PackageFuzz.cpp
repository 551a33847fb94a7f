//===- PackageFuzz.cpp - Fuzzes the package reader ------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads arbitrary bytes as a package and its kernels as objects. Nothing is
// run: the machine code of a package is trusted, its structure is not.
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Runtime/CPU/ElfObject.h"
#include "spmmplu/Runtime/Package.h"
#include "spmmplu/Runtime/Reference.h"

using namespace spmmplu;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  auto bytes = std::as_bytes(std::span(data, size));
  (void)bool(ElfObject::load(bytes));
  Result<Package> package = Package::fromMemory(bytes);
  if (!package)
    return 0;
  const Manifest &manifest = package->manifest();
  for (const KernelSpec &kernel : manifest.kernels)
    if (Result<TensorView> object = package->tensor(kernel.object))
      (void)bool(ElfObject::load(object->data));
  for (const MatrixSpec &matrix : manifest.matrices)
    (void)bool(decodeMatrix(matrix, package->lookup()));
  // A package that was read is printed and read again as the same.
  Result<Manifest> again = Manifest::parse(manifest.print());
  if (!again || !(*again == manifest))
    __builtin_trap();
  return 0;
}
