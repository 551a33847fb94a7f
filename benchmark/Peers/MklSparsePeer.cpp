//===- MklSparsePeer.cpp - Sparse matrix products by MKL ------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness/AlignedBuffer.h"
#include "Peers/BlockRows.h"
#include "Peers/MklLibrary.h"
#include "Peers/Peer.h"
#include "Peers/Variants.h"

#include <map>

using namespace spmmplu;
using namespace spmmplu::bench;

namespace {

class MklSparse final : public Peer {
public:
  MklSparse(bool blocked, const PeerOptions &options)
      : blocked(blocked), path(options.mklPath) {}
  ~MklSparse() override {
    for (MklLibrary::Handle handle : handles)
      mkl->destroy(handle);
  }

  Status supports(const Problem &problem) const override;
  Status prepare(const Problem &problem) override;
  std::string implementation() const override { return chosen.implementation; }
  void run() override { chosen.run(); }
  std::span<const float> result() override { return output; }

private:
  Status addVariants(int block);
  Status addVariant(int block, bool vector);
  Result<MklLibrary::Handle> create(int block);

  bool blocked;
  std::string path;
  const MklLibrary *mkl = nullptr;
  Problem problem;
  /// By block size; handles refer to them.
  std::map<int, BlockRows> matrices;
  std::vector<MklLibrary::Handle> handles;
  AlignedBuffer<float> output;
  std::vector<Variant> variants;
  Variant chosen;
};

} // namespace

Status MklSparse::supports(const Problem &problem) const {
  if (problem.kind != ProblemKind::Spmm)
    return Error{"mkl sparse: expected a product with a sparse matrix"};
  if (blocked &&
      (problem.blockRows != problem.blockCols || problem.blockRows == 1))
    return Error{"mkl bsr: blocks of " + std::to_string(problem.blockRows) +
                 "x" + std::to_string(problem.blockCols) +
                 ", expected square blocks larger than 1x1"};
  if (Status status = MklLibrary::checkSizes(problem); !status)
    return status;
  Result<const MklLibrary *> library = MklLibrary::load(path);
  if (!library)
    return Error{library.error()};
  return Success{};
}

Result<MklLibrary::Handle> MklSparse::create(int block) {
  BlockRows &matrix = matrices[block];
  int rows = int(problem.m) / block, cols = int(problem.k) / block;
  int *starts = matrix.starts.data();
  MklLibrary::Handle handle = nullptr;
  constexpr int zeroBased = 0;
  int status =
      blocked
          ? mkl->createBsr(&handle, zeroBased, MklLibrary::RowMajor, rows, cols,
                           block, starts, starts + 1, matrix.columns.data(),
                           matrix.values.data())
          : mkl->createCsr(&handle, zeroBased, rows, cols, starts, starts + 1,
                           matrix.columns.data(), matrix.values.data());
  if (status != 0)
    return Error{"mkl sparse: creating the matrix gave status " +
                 std::to_string(status)};
  handles.push_back(handle);
  return handle;
}

/// Adds the product with a matrix, or with a `vector`, after the library's own
/// inspection of the sparse matrix.
Status MklSparse::addVariant(int block, bool vector) {
  using Mkl = MklLibrary;
  // As many calls as make any preparation worth its while.
  constexpr int expectedCalls = 100000;
  Result<Mkl::Handle> handle = create(block);
  if (!handle)
    return Error{handle.error()};
  int n = int(problem.n);
  Mkl::Descriptor descriptor;
  // A hint that is not supported leaves the product correct, so its status
  // does not matter; that of the product does.
  if (vector)
    mkl->setMvHint(*handle, Mkl::NonTranspose, descriptor, expectedCalls);
  else
    mkl->setMmHint(*handle, Mkl::NonTranspose, descriptor, Mkl::RowMajor, n,
                   expectedCalls);
  mkl->optimize(*handle);
  auto multiply = [this, descriptor, vector, n, sparse = *handle] {
    if (vector)
      return mkl->sparseMv(Mkl::NonTranspose, 1.0f, sparse, descriptor,
                           problem.b, 0.0f, output.data());
    return mkl->sparseMm(Mkl::NonTranspose, 1.0f, sparse, descriptor,
                         Mkl::RowMajor, problem.b, n, n, 0.0f, output.data(),
                         n);
  };
  if (int status = multiply(); status != 0)
    return Error{"mkl sparse: the product gave status " +
                 std::to_string(status)};
  std::string name = vector ? "mkl_sparse_s_mv" : "mkl_sparse_s_mm";
  std::string size = std::to_string(block);
  variants.push_back(
      {name + (blocked ? " (bsr " + size + "x" + size + ")" : " (csr)"),
       [multiply] { multiply(); },
       {}});
  return Success{};
}

Status MklSparse::addVariants(int block) {
  if (Status status = addVariant(block, /*vector=*/false); !status)
    return status;
  return problem.n == 1 ? addVariant(block, /*vector=*/true)
                        : Status(Success{});
}

Status MklSparse::prepare(const Problem &theProblem) {
  Result<const MklLibrary *> library = MklLibrary::load(path);
  if (!library)
    return Error{library.error()};
  mkl = *library;
  problem = theProblem;
  mkl->useThreads(problem.threads);
  output.assign(problem.resultSize(), 0.0f);
  // Larger blocks are faster where the non-zeros happen to fill them.
  size_t values = 0;
  int largest = blocked ? 64 : 1;
  for (int block = blocked ? int(problem.blockRows) : 1;; block *= 2) {
    if (problem.m % block != 0 || problem.k % block != 0)
      break;
    BlockRows matrix = toBlockRows(problem, block, block);
    if (values && matrix.values.size() != values)
      break;
    values = matrix.values.size();
    matrices[block] = std::move(matrix);
    if (Status status = addVariants(block); !status)
      return status;
    if (values == 0 || block * 2 > largest)
      break;
  }
  Result<Variant> best = fastestVariant(std::move(variants), "mkl sparse");
  if (!best)
    return Error{best.error()};
  chosen = std::move(*best);
  return Success{};
}

namespace spmmplu::bench {
std::unique_ptr<Peer> createMklCsr(const PeerOptions &options) {
  return std::make_unique<MklSparse>(false, options);
}
std::unique_ptr<Peer> createMklBsr(const PeerOptions &options) {
  return std::make_unique<MklSparse>(true, options);
}
} // namespace spmmplu::bench
