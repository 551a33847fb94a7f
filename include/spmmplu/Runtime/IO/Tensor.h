//===- Tensor.h - Owned dense tensors and element types ---------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_RUNTIME_IO_TENSOR_H
#define SPMMPLU_RUNTIME_IO_TENSOR_H

#include "spmmplu/Support/Result.h"

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace spmmplu {

/// Element types, named as safetensors names them. F8_E4M3 is the variant
/// without infinities (OCP FP8). A Bool is one byte, true where non-zero.
enum class DType : uint8_t {
  F64,
  F32,
  F16,
  BF16,
  F8_E4M3,
  F8_E5M2,
  I64,
  I32,
  I16,
  I8,
  U64,
  U32,
  U16,
  U8,
  Bool
};

/// Bytes of one element.
int64_t byteWidth(DType dtype);
/// The safetensors name: "F32", "BF16", "BOOL", ...
std::string_view name(DType dtype);
/// The inverse of `name` (case matters); nothing for any other string.
std::optional<DType> parseDType(std::string_view name);

/// The readers refuse tensors of a higher rank.
inline constexpr size_t maxRank = 64;
/// The default bound on the dense matrix that a sparse text file expands to.
inline constexpr int64_t defaultMaxDenseBytes = int64_t(8) << 30;

/// "[3072, 1024]", for messages.
std::string shapeToString(std::span<const int64_t> shape);

/// Bytes of a dense tensor. An error for a negative extent, and where the
/// product, zero extents counted as one, does not fit int64_t: so every stride
/// of a tensor that passes fits too, even of an empty one.
Result<int64_t> denseByteSize(DType dtype, std::span<const int64_t> shape);

/// A tensor in memory owned by someone else. `data` is row-major, little-endian
/// and may be unaligned: copy elements out with memcpy.
struct TensorView {
  DType dtype = DType::F32;
  std::vector<int64_t> shape;
  std::span<const std::byte> data;
};

/// A row-major tensor that owns its elements, 64-byte aligned; from 4 MiB on in
/// huge pages where the system has them. Move-only; copy with
/// `convert(tensor, tensor.dtype)`. A default-constructed or moved-from
/// tensor has no elements whatever its shape says.
struct Tensor {
  DType dtype = DType::F32;
  /// Outermost first; {} is a scalar. May be replaced by another shape with the
  /// same number of elements.
  std::vector<int64_t> shape;

  /// All elements zero. Errors: see `denseByteSize`; out of memory.
  static Result<Tensor> allocate(DType dtype, std::vector<int64_t> shape);
  /// A copy of `view`. An error where its bytes do not match its shape.
  static Result<Tensor> copyOf(const TensorView &view);

  Tensor() = default;
  Tensor(Tensor &&other) noexcept { *this = std::move(other); }
  Tensor &operator=(Tensor &&other) noexcept;

  int64_t numElements() const { return numBytes / byteWidth(dtype); }

  std::span<std::byte> bytes() { return {begin(), size_t(numBytes)}; }
  std::span<const std::byte> bytes() const {
    return {begin(), size_t(numBytes)};
  }
  TensorView view() const { return {dtype, shape, bytes()}; }

  /// The elements as `T`, whose size must be that of `dtype`: uint16_t for F16
  /// and BF16, uint8_t for F8 and Bool.
  template <typename T> std::span<T> as() {
    checkElement<T>();
    return {reinterpret_cast<T *>(begin()), size_t(numBytes) / sizeof(T)};
  }
  template <typename T> std::span<const T> as() const {
    checkElement<T>();
    return {reinterpret_cast<const T *>(begin()), size_t(numBytes) / sizeof(T)};
  }

private:
  /// Rows of a large matrix lie pages apart: with small pages a panel of rows
  /// takes a page walk a line.
  static constexpr int64_t minHugeBytes = int64_t(4) << 20;
  static constexpr size_t hugePage = size_t(2) << 20;
  static size_t alignmentOf(int64_t numBytes) {
    return numBytes >= minHugeBytes ? hugePage : 64;
  }
  struct Free {
    void operator()(std::byte *memory) const { std::free(memory); }
  };

  template <typename T> void checkElement() const {
    static_assert(std::is_trivially_copyable_v<T> && !std::is_same_v<T, bool>,
                  "a stored Bool may be any byte: use uint8_t");
    assert(sizeof(T) == size_t(byteWidth(dtype)) && "element size mismatch");
  }
  /// The allocation is at least the alignment longer than the elements.
  std::byte *begin() const {
    size_t alignment = alignmentOf(numBytes);
    uintptr_t misalignment =
        reinterpret_cast<uintptr_t>(buffer.get()) % alignment;
    return buffer.get() + (misalignment ? alignment - misalignment : 0);
  }

  std::unique_ptr<std::byte[], Free> buffer;
  int64_t numBytes = 0;
};

/// Exact.
float bf16ToFloat(uint16_t bits);
float f16ToFloat(uint16_t bits);
/// Round to nearest, ties to even; overflow gives infinity; a NaN stays a NaN
/// of the same sign (quiet, its payload truncated).
uint16_t floatToBf16(float value);
uint16_t floatToF16(float value);

/// A copy with elements of type `dtype`, rounded once (nearest, ties to even;
/// of the types F8 what is too large becomes the largest finite number). All
/// types convert to floats, and to I8 where every element is such an integer.
/// Everything else is an error.
Result<Tensor> convert(const Tensor &tensor, DType dtype);

} // namespace spmmplu

#endif // SPMMPLU_RUNTIME_IO_TENSOR_H
