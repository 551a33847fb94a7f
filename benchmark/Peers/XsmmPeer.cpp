//===- XsmmPeer.cpp - Sparse matrix products by libxsmm -------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// libxsmm's spmdm: CSR slices with 16-bit indices. Its other sparse kernel,
// fsspmdm, keeps the values in generated code and takes at most 480 different
// ones, which no pruned layer of interest stays below.
//
//===----------------------------------------------------------------------===//

#include "Harness/AlignedBuffer.h"
#include "Harness/Threads.h"
#include "Peers/Peer.h"

#include <limits>

#include <libxsmm.h>

using namespace spmmplu;
using namespace spmmplu::bench;

namespace {

class XsmmSpmdm final : public Peer {
public:
  ~XsmmSpmdm() override {
    if (slices)
      libxsmm_spmdm_destroy(&handle);
  }

  Status supports(const Problem &problem) const override {
    if (problem.kind != ProblemKind::Spmm)
      return Error{"libxsmm: expected a product with a sparse matrix"};
    if (problem.m > std::numeric_limits<int>::max() ||
        problem.k > std::numeric_limits<int>::max() ||
        problem.n > std::numeric_limits<int>::max())
      return Error{"libxsmm: expected sizes of at most 2^31 - 1"};
    return Success{};
  }

  Status prepare(const Problem &theProblem) override {
    problem = theProblem;
    output.assign(problem.resultSize(), 0.0f);
    libxsmm_spmdm_init(int(problem.m), int(problem.n), int(problem.k),
                       problem.threads, &handle, &slices);
    if (!slices)
      return Error{"libxsmm: no memory for the sparse slices"};
    int blocks = libxsmm_spmdm_get_num_createSparseSlice_blocks(&handle);
    for (int block = 0; block < blocks; ++block)
      libxsmm_spmdm_createSparseSlice_fp32_thread(&handle, 'N', problem.a,
                                                  slices, block, 0, 1);
    return Success{};
  }

  std::string implementation() const override {
    return std::string("spmdm (") + libxsmm_get_target_arch() + ", tiles " +
           std::to_string(handle.bm) + "x" + std::to_string(handle.bk) + "x" +
           std::to_string(handle.bn) + ")";
  }

  void run() override {
    // Each thread has its own scratch, chosen by the thread's number.
    parallelRegion(problem.threads, [this](int thread) {
      const float one = 1.0f, zero = 0.0f;
      int blocks = libxsmm_spmdm_get_num_compute_blocks(&handle);
      for (int block = thread; block < blocks; block += problem.threads)
        libxsmm_spmdm_compute_fp32_thread(&handle, 'N', 'N', &one, slices,
                                          problem.b, 'N', &zero, output.data(),
                                          block, thread, problem.threads);
    });
  }

  std::span<const float> result() override { return output; }

private:
  Problem problem;
  libxsmm_spmdm_handle handle = {};
  libxsmm_CSR_sparseslice *slices = nullptr;
  AlignedBuffer<float> output;
};

} // namespace

namespace spmmplu::bench {
std::unique_ptr<Peer> createXsmmSpmdm(const PeerOptions &) {
  return std::make_unique<XsmmSpmdm>();
}
} // namespace spmmplu::bench
