//===- OneDnnPeer.cpp - Dense matrix products by oneDNN -------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// oneDNN 2's matmul, C = source * weights. The constant A of an Spmm can stand
// on either side, since Y = A * B is also Y^T = B^T * A^T, and only the side
// called weights has packed layouts. Which way is best depends on the shape
// and on the version, so all are tried.
//
//===----------------------------------------------------------------------===//

#include "Peers/OneDnnSupport.h"
#include "Peers/Peer.h"

#include <utility>

using namespace spmmplu;
using namespace spmmplu::bench;

namespace {

class OneDnnMatmul final : public Peer {
public:
  /// `ownLayout`: B and the result may be in the library's favourite layout,
  /// as if all of a network ran in it; converting them is not timed.
  OneDnnMatmul(DataType dtype, bool ownLayout)
      : dtype(dtype), ownLayout(ownLayout) {}

  Status supports(const Problem &problem) const override;
  Status prepare(const Problem &problem) override;
  std::string implementation() const override { return chosen.implementation; }
  void run() override { chosen.run(); }
  std::span<const float> result() override {
    chosen.finish();
    return output;
  }

private:
  enum Layout { Given, Any };
  void addVariant(bool transposed, Layout constantA, Layout b, Layout result);

  DataType dtype;
  bool ownLayout;
  Problem problem;
  AlignedBuffer<float> output;
  std::vector<Variant> variants;
  Variant chosen;
};

} // namespace

Status OneDnnMatmul::supports(const Problem &problem) const {
  if (problem.kind == ProblemKind::Conv2d)
    return Error{"onednn matmul: the problem is a convolution, expected a "
                 "matrix product"};
  return checkDataType(problem, dtype);
}

/// `transposed`: computes the transposed result, with A as the weights.
void OneDnnMatmul::addVariant(bool transposed, Layout layoutA, Layout layoutB,
                              Layout layoutResult) {
  using Memory = dnnl::memory;
  int64_t m = problem.m, k = problem.k, n = problem.n;
  bool spmm = problem.kind == ProblemKind::Spmm;
  bool bf16 = dtype == DataType::BF16;
  auto matrix = [&](int64_t rows, int64_t cols, int64_t rowStride,
                    int64_t colStride, Memory::data_type type,
                    const void *data) {
    Memory::dims dims{rows, cols}, strides{rowStride, colStride};
    if (transposed) {
      std::swap(dims[0], dims[1]);
      std::swap(strides[0], strides[1]);
    }
    // The stride of a dimension of one says nothing, but oneDNN reads the
    // layout from it: make it that of a plain row-major matrix.
    if (dims[1] == 1)
      strides[1] = 1;
    if (dims[0] == 1)
      strides[0] = dims[1] * strides[1];
    return oneDnnView(Memory::desc(dims, type, strides), data);
  };
  Memory::data_type type = oneDnnType(dtype);
  OneDnnOperand a{
      matrix(m, k, k, 1, type,
             bf16 ? static_cast<const void *>(problem.aBf16) : problem.a),
      layoutA == Any, (spmm && problem.constantA) || ownLayout};
  OneDnnOperand b{
      matrix(k, n, spmm ? n : 1, spmm ? 1 : k, type,
             bf16 ? static_cast<const void *>(problem.bBf16) : problem.b),
      layoutB == Any, ownLayout};
  OneDnnOperand y{matrix(m, n, n, 1, Memory::data_type::f32, output.data()),
                  layoutResult == Any, ownLayout};
  const OneDnnOperand &source = transposed ? b : a;
  const OneDnnOperand &weights = transposed ? a : b;

  dnnl::matmul::desc desc(source.request(), weights.request(), y.request());
  dnnl::matmul::primitive_desc pd(desc, oneDnnEngine(),
                                  /*allow_empty=*/true);
  if (!pd || !isOptimized(pd))
    return;
  if (auto variant = makeOneDnnVariant({pd, source, weights, y},
                                       transposed ? "B^T x A^T" : "A x B"))
    variants.push_back(std::move(*variant));
}

Status OneDnnMatmul::prepare(const Problem &theProblem) {
  problem = theProblem;
  output.assign(problem.resultSize(), 0.0f);
  for (bool transposed : {false, true}) {
    addVariant(transposed, Given, Given, Given);
    addVariant(transposed, Any, Given, Given);
    addVariant(transposed, Any, Any, Given);
    addVariant(transposed, Any, Any, Any);
  }
  Result<Variant> best = fastestVariant(std::move(variants), "onednn matmul");
  if (!best)
    return Error{best.error()};
  chosen = std::move(*best);
  return Success{};
}

namespace spmmplu::bench {
std::unique_ptr<Peer> createOneDnnF32(const PeerOptions &) {
  return std::make_unique<OneDnnMatmul>(DataType::F32, false);
}
std::unique_ptr<Peer> createOneDnnF32OwnLayout(const PeerOptions &) {
  return std::make_unique<OneDnnMatmul>(DataType::F32, true);
}
std::unique_ptr<Peer> createOneDnnBf16(const PeerOptions &) {
  return std::make_unique<OneDnnMatmul>(DataType::BF16, false);
}
std::unique_ptr<Peer> createOneDnnBf16OwnLayout(const PeerOptions &) {
  return std::make_unique<OneDnnMatmul>(DataType::BF16, true);
}
} // namespace spmmplu::bench
