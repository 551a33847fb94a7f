//===- ReadersFuzz.cpp - libFuzzer on all readers -------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The first byte of an input chooses the reader, the rest is the file.
//
//===----------------------------------------------------------------------===//

#include "../Unit/Runtime/IO/ReaderDriver.h"

#include <cstdio>
#include <cstdlib>

using namespace spmmplu::test;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0)
    return 0;
  Verdict verdict = drive(Reader(data[0] % numReaders),
                          std::as_bytes(std::span(data + 1, size - 1)));
  if (!verdict.broken.empty()) {
    std::fprintf(stderr, "a reader gave %s\n", verdict.broken.c_str());
    std::abort();
  }
  return 0;
}
