//===- ReaderDriver.h - Any bytes into any reader ---------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What must hold of every reader on every input, shared by the mutation tests
// and the fuzzer.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TEST_UNIT_RUNTIME_IO_READERDRIVER_H
#define SPMMPLU_TEST_UNIT_RUNTIME_IO_READERDRIVER_H

#include "spmmplu/Runtime/IO/MatrixMarket.h"
#include "spmmplu/Runtime/IO/Npy.h"
#include "spmmplu/Runtime/IO/Safetensors.h"
#include "spmmplu/Runtime/IO/Smtx.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace spmmplu::test {

enum class Reader { Npy, Safetensors, MatrixMarket, Smtx };
inline constexpr int numReaders = 4;

/// The dense matrix that a text file of a few bytes may expand to.
inline constexpr int64_t maxTextMatrixBytes = 1 << 20;

/// The verdict on one input: whether it was read, and the rule that the reader
/// broke, if any.
struct Verdict {
  bool accepted = false;
  std::string broken = {};
};

inline std::string brokenByError(const std::string &message) {
  if (message.empty())
    return "an empty message";
  if (message.size() > 4096)
    return "a message of " + std::to_string(message.size()) + " bytes";
  for (char c : message)
    if (c < 0x20 || c > 0x7e)
      return "a message with unprintable characters";
  return "";
}

inline std::string brokenByTensor(const Tensor &tensor, size_t limit) {
  Result<int64_t> size = denseByteSize(tensor.dtype, tensor.shape);
  if (!size || size_t(*size) != tensor.bytes().size())
    return "bytes that do not match the shape";
  if (tensor.bytes().size() > limit)
    return "more memory than the input justifies";
  unsigned sum = 0; // so that a sanitizer sees every byte
  for (std::byte byte : tensor.bytes())
    sum += unsigned(byte);
  return sum == ~0u ? "an impossible sum" : "";
}

inline Verdict judge(const Result<Tensor> &result, size_t limit) {
  if (!result)
    return {false, brokenByError(result.error())};
  return {true, brokenByTensor(*result, limit)};
}

inline Verdict driveSafetensors(std::span<const std::byte> bytes) {
  Result<SafetensorsFile> file = SafetensorsFile::fromMemory(bytes);
  if (!file)
    return {false, brokenByError(file.error())};
  size_t total = 0;
  for (const std::string &name : file->names()) {
    Verdict verdict = judge(file->read(name), bytes.size());
    if (!verdict.accepted)
      return {true, "a tensor of an opened file that cannot be read"};
    if (!verdict.broken.empty())
      return verdict;
    total += file->view(name)->data.size();
  }
  uint64_t header = 0;
  for (size_t i = 0; i < 8; ++i)
    header |= uint64_t(bytes[i]) << (8 * i);
  if (total + 8 + header != bytes.size())
    return {true, "tensors that do not cover the data"};
  if (Result<TensorView> none = file->view("no such tensor"); !none)
    return {true, brokenByError(none.error())};
  return {true};
}

/// Reads `bytes` in the format of `reader`; crashes or breaks no rule.
inline Verdict drive(Reader reader, std::span<const std::byte> bytes) {
  std::string_view text(reinterpret_cast<const char *>(bytes.data()),
                        bytes.size());
  switch (reader) {
  case Reader::Npy:
    return judge(parseNpy(bytes), bytes.size());
  case Reader::Safetensors:
    return driveSafetensors(bytes);
  case Reader::MatrixMarket:
    return judge(parseMatrixMarket(text, {.maxBytes = maxTextMatrixBytes}),
                 maxTextMatrixBytes);
  case Reader::Smtx:
    return judge(parseSmtx(text, {.maxBytes = maxTextMatrixBytes, .seed = 1}),
                 maxTextMatrixBytes);
  }
  return {};
}

} // namespace spmmplu::test

#endif // SPMMPLU_TEST_UNIT_RUNTIME_IO_READERDRIVER_H
