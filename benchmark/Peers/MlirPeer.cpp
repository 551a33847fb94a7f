//===- MlirPeer.cpp - Upstream MLIR's sparse products ---------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loads what build_mlir_peer.sh made and calls it through MLIR's C interface:
// every argument is a pointer to a strided memref descriptor.
//
//===----------------------------------------------------------------------===//

#include "Harness/AlignedBuffer.h"
#include "Peers/BlockRows.h"
#include "Peers/Peer.h"

#include <algorithm>
#include <dlfcn.h>
#include <limits>

using namespace spmmplu;
using namespace spmmplu::bench;

namespace {

/// MLIR's descriptor of a dense row-major memref.
template <int Rank> struct MemRef {
  void *allocated, *aligned;
  int64_t offset = 0;
  int64_t sizes[Rank];
  int64_t strides[Rank];

  MemRef(const void *data, int64_t size)
    requires(Rank == 1)
      : allocated(const_cast<void *>(data)), aligned(allocated), sizes{size},
        strides{1} {}
  MemRef(const void *data, int64_t rows, int64_t cols)
    requires(Rank == 2)
      : allocated(const_cast<void *>(data)), aligned(allocated),
        sizes{rows, cols}, strides{cols, 1} {}
};

using Product = void (*)(MemRef<1> *starts, MemRef<1> *columns,
                         MemRef<1> *values, MemRef<2> *b, MemRef<2> *result);

class MlirSparse final : public Peer {
public:
  MlirSparse(bool blocked, const PeerOptions &options)
      : blocked(blocked), path(options.mlirPath) {}

  Status supports(const Problem &problem) const override;
  Status prepare(const Problem &problem) override;
  std::string implementation() const override { return symbol(problem); }
  void run() override;
  std::span<const float> result() override { return output; }

private:
  std::string symbol(const Problem &problem) const;
  Result<Product> find(const Problem &problem) const;

  bool blocked;
  std::string path;
  Problem problem;
  BlockRows matrix;
  AlignedBuffer<float> output;
  Product product = nullptr;
};

} // namespace

/// As MlirSparseTensor.mlir names its functions.
std::string MlirSparse::symbol(const Problem &problem) const {
  std::string name = (blocked ? "bsr_" : "csr_") + std::to_string(problem.m) +
                     "x" + std::to_string(problem.k) + "x" +
                     std::to_string(problem.n);
  if (blocked)
    name += "_" + std::to_string(problem.blockRows) + "x" +
            std::to_string(problem.blockCols);
  return problem.threads > 1 ? name + "_omp" : name;
}

Result<Product> MlirSparse::find(const Problem &problem) const {
  if (path.empty())
    return Error{"mlir: no library given, expected what build_mlir_peer.sh "
                 "makes"};
  // Without a slash the loader would look elsewhere than in this directory.
  std::string file = path.find('/') == std::string::npos ? "./" + path : path;
  // Never closed: the library is small, and its OpenMP workers may still be in
  // its code.
  void *library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return Error{"mlir: " + std::string(dlerror())};
  std::string name = "_mlir_ciface_" + symbol(problem);
  void *function = dlsym(library, name.c_str());
  if (!function)
    return Error{"mlir: " + path + " has no " + symbol(problem) +
                 ", expected a library made for this problem's sizes"};
  return reinterpret_cast<Product>(function);
}

Status MlirSparse::supports(const Problem &problem) const {
  if (problem.kind != ProblemKind::Spmm)
    return Error{"mlir: expected a product with a sparse matrix"};
  if (blocked && problem.blockRows * problem.blockCols == 1)
    return Error{"mlir bsr: the blocks are 1x1, expected larger ones"};
  if (problem.aSize() > std::numeric_limits<int32_t>::max())
    return Error{"mlir: " + std::to_string(problem.aSize()) +
                 " elements, expected less than 2^31"};
  Result<Product> function = find(problem);
  if (!function)
    return Error{function.error()};
  return Success{};
}

Status MlirSparse::prepare(const Problem &theProblem) {
  Result<Product> function = find(theProblem);
  if (!function)
    return Error{function.error()};
  product = *function;
  problem = theProblem;
  matrix = blocked ? toBlockRows(problem, problem.blockRows, problem.blockCols)
                   : toBlockRows(problem, 1, 1);
  output.assign(problem.resultSize(), 0.0f);
  return Success{};
}

void MlirSparse::run() {
  // The compiled product adds to its result.
  std::fill(output.begin(), output.end(), 0.0f);
  MemRef<1> starts(matrix.starts.data(), int64_t(matrix.starts.size()));
  MemRef<1> columns(matrix.columns.data(), int64_t(matrix.columns.size()));
  MemRef<1> values(matrix.values.data(), int64_t(matrix.values.size()));
  MemRef<2> b(problem.b, problem.k, problem.n);
  MemRef<2> y(output.data(), problem.m, problem.n);
  product(&starts, &columns, &values, &b, &y);
}

namespace spmmplu::bench {
std::unique_ptr<Peer> createMlirCsr(const PeerOptions &options) {
  return std::make_unique<MlirSparse>(false, options);
}
std::unique_ptr<Peer> createMlirBsr(const PeerOptions &options) {
  return std::make_unique<MlirSparse>(true, options);
}
} // namespace spmmplu::bench
