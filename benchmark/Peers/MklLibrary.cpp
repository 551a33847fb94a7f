//===- MklLibrary.cpp - MKL, loaded when a problem asks for it ------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Peers/MklLibrary.h"

#include <algorithm>
#include <dlfcn.h>
#include <limits>

using namespace spmmplu;
using namespace spmmplu::bench;

namespace {

/// Looks symbols up one after another and keeps the first that is missing.
struct SymbolReader {
  void *library;
  std::string missing;

  template <typename Function> void read(Function *&target, const char *name) {
    target = reinterpret_cast<Function *>(dlsym(library, name));
    if (!target && missing.empty())
      missing = name;
  }
};

Result<void *> openLibrary(const std::string &path) {
  if (!path.empty()) {
    if (void *library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL))
      return library;
    return Error{"mkl: " + std::string(dlerror())};
  }
  for (const char *name : {"libmkl_rt.so.3", "libmkl_rt.so.2", "libmkl_rt.so"})
    if (void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL))
      return library;
  return Error{"mkl: no libmkl_rt.so on the loader's search path, expected "
               "its path"};
}

std::string readSymbols(MklLibrary &mkl, void *library) {
  SymbolReader reader{library, {}};
  reader.read(mkl.sgemm, "cblas_sgemm");
  reader.read(mkl.sgemv, "cblas_sgemv");
  reader.read(mkl.sgemmPackSize, "cblas_sgemm_pack_get_size");
  reader.read(mkl.sgemmPack, "cblas_sgemm_pack");
  reader.read(mkl.sgemmCompute, "cblas_sgemm_compute");
  reader.read(mkl.bf16Gemm, "cblas_gemm_bf16bf16f32");
  reader.read(mkl.bf16PackSize, "cblas_gemm_bf16bf16f32_pack_get_size");
  reader.read(mkl.bf16Pack, "cblas_gemm_bf16bf16f32_pack");
  reader.read(mkl.bf16Compute, "cblas_gemm_bf16bf16f32_compute");
  reader.read(mkl.createCsr, "mkl_sparse_s_create_csr");
  reader.read(mkl.createBsr, "mkl_sparse_s_create_bsr");
  reader.read(mkl.setMmHint, "mkl_sparse_set_mm_hint");
  reader.read(mkl.setMvHint, "mkl_sparse_set_mv_hint");
  reader.read(mkl.optimize, "mkl_sparse_optimize");
  reader.read(mkl.sparseMm, "mkl_sparse_s_mm");
  reader.read(mkl.sparseMv, "mkl_sparse_s_mv");
  reader.read(mkl.destroy, "mkl_sparse_destroy");
  // The lower-case names of these are the Fortran ones, with other arguments.
  reader.read(mkl.setNumThreads, "MKL_Set_Num_Threads");
  reader.read(mkl.setDynamic, "MKL_Set_Dynamic");
  reader.read(mkl.getVersionString, "MKL_Get_Version_String");
  return reader.missing;
}

/// Layers can be chosen only before the first other call into the library.
Status selectLayers(void *library) {
  int (*setInterface)(int) = nullptr;
  int (*setThreading)(int) = nullptr;
  SymbolReader reader{library, {}};
  reader.read(setInterface, "MKL_Set_Interface_Layer");
  reader.read(setThreading, "MKL_Set_Threading_Layer");
  if (!reader.missing.empty())
    return Error{"mkl: no symbol " + reader.missing};
  if (setInterface(MklLibrary::InterfaceLp64) != MklLibrary::InterfaceLp64)
    return Error{"mkl: another interface layer is active, expected LP64"};
  if (setThreading(MklLibrary::ThreadingGnu) != MklLibrary::ThreadingGnu)
    return Error{"mkl: another threading layer is active, expected GNU"};
  return Success{};
}

} // namespace

Result<const MklLibrary *> MklLibrary::load(const std::string &path) {
  static MklLibrary mkl;
  static bool loaded = false;
  if (loaded)
    return &mkl;
  Result<void *> library = openLibrary(path);
  if (!library)
    return Error{library.error()};
  if (std::string missing = readSymbols(mkl, *library); !missing.empty())
    return Error{"mkl: no symbol " + missing};
  if (Status status = selectLayers(*library); !status)
    return Error{status.error()};
  loaded = true;
  return &mkl;
}

Status MklLibrary::checkSizes(const Problem &problem) {
  int64_t largest =
      std::max({problem.m, problem.k, problem.n, problem.aSize()});
  if (largest > std::numeric_limits<int>::max())
    return Error{"mkl: size " + std::to_string(largest) +
                 ", expected at most 2^31 - 1"};
  return Success{};
}
