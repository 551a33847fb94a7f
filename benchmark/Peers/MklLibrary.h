//===- MklLibrary.h - MKL, loaded when a problem asks for it ----*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// MKL comes as a Python package without headers, so the few functions used are
// declared here, with the enumerators' values of its public headers. The LP64
// interface (32-bit sizes) and the GNU threading layer are selected: the latter
// shares the process's OpenMP runtime (see Harness/Threads.h), while the Intel
// layer brings its own libiomp5.so from beside libmkl_rt.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_BENCHMARK_PEERS_MKLLIBRARY_H
#define SPMMPLU_BENCHMARK_PEERS_MKLLIBRARY_H

#include "Harness/Problem.h"
#include "spmmplu/Support/Result.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace spmmplu::bench {

/// Function types and names as in MKL's C interface.
struct MklLibrary {
  enum : int { RowMajor = 101, NoTrans = 111, Trans = 112 };
  enum : int { Packed = 151, MatrixA = 161 };
  enum : int { NonTranspose = 10, General = 20, LowerFill = 40, NonUnit = 50 };
  enum : int { ThreadingGnu = 3, InterfaceLp64 = 0 };

  /// Passed by value to the sparse functions.
  struct Descriptor {
    int type = General, fill = LowerFill, diagonal = NonUnit;
  };
  /// Opaque sparse matrix.
  using Handle = void *;

  void (*sgemm)(int, int, int, int, int, int, float, const float *, int,
                const float *, int, float, float *, int);
  void (*sgemv)(int, int, int, int, float, const float *, int, const float *,
                int, float, float *, int);
  size_t (*sgemmPackSize)(int, int, int, int);
  void (*sgemmPack)(int, int, int, int, int, int, float, const float *, int,
                    float *);
  void (*sgemmCompute)(int, int, int, int, int, int, const float *, int,
                       const float *, int, float, float *, int);
  void (*bf16Gemm)(int, int, int, int, int, int, float, const uint16_t *, int,
                   const uint16_t *, int, float, float *, int);
  size_t (*bf16PackSize)(int, int, int, int);
  void (*bf16Pack)(int, int, int, int, int, int, const uint16_t *, int,
                   uint16_t *);
  void (*bf16Compute)(int, int, int, int, int, int, float, const uint16_t *,
                      int, const uint16_t *, int, float, float *, int);
  int (*createCsr)(Handle *, int, int, int, int *, int *, int *, float *);
  int (*createBsr)(Handle *, int, int, int, int, int, int *, int *, int *,
                   float *);
  int (*setMmHint)(Handle, int, Descriptor, int, int, int);
  int (*setMvHint)(Handle, int, Descriptor, int);
  int (*optimize)(Handle);
  int (*sparseMm)(int, float, Handle, Descriptor, int, const float *, int, int,
                  float, float *, int);
  int (*sparseMv)(int, float, Handle, Descriptor, const float *, float,
                  float *);
  int (*destroy)(Handle);
  void (*setNumThreads)(int);
  void (*setDynamic)(int);
  void (*getVersionString)(char *, int);

  /// The library at `path`, or on the loader's search path if empty. Loaded
  /// once a process: the first success is kept whatever the path.
  static Result<const MklLibrary *> load(const std::string &path);

  /// Success if all sizes of `problem` fit MKL's 32 bits.
  static Status checkSizes(const Problem &problem);

  /// Sets MKL's own thread count; it does not follow OpenMP's once set.
  void useThreads(int threads) const {
    setDynamic(0);
    setNumThreads(threads);
  }
};

} // namespace spmmplu::bench

#endif // SPMMPLU_BENCHMARK_PEERS_MKLLIBRARY_H
