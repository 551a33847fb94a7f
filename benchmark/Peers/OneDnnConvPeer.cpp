//===- OneDnnConvPeer.cpp - Dense convolutions by oneDNN ------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Peers/OneDnnSupport.h"
#include "Peers/Peer.h"

using namespace spmmplu;
using namespace spmmplu::bench;

namespace {

class OneDnnConv final : public Peer {
public:
  /// `ownLayout` as in the matrix product's peer: blocked channels from layer
  /// to layer.
  OneDnnConv(DataType dtype, bool ownLayout)
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
  void addVariants(dnnl::algorithm algorithm, const char *name);

  DataType dtype;
  bool ownLayout;
  Problem problem;
  AlignedBuffer<float> output;
  std::vector<Variant> variants;
  Variant chosen;
};

} // namespace

Status OneDnnConv::supports(const Problem &problem) const {
  if (problem.kind != ProblemKind::Conv2d)
    return Error{"onednn convolution: the problem is a matrix product, "
                 "expected a convolution"};
  return checkDataType(problem, dtype);
}

void OneDnnConv::addVariants(dnnl::algorithm algorithm, const char *name) {
  using Memory = dnnl::memory;
  using Tag = dnnl::memory::format_tag;
  const ConvShape &conv = problem.conv;
  bool bf16 = dtype == DataType::BF16;
  Memory::data_type type = oneDnnType(dtype);
  Memory::desc source({conv.batch, conv.inChannels, conv.height, conv.width},
                      type, Tag::nchw);
  Memory::desc weights(
      {conv.outChannels, conv.inChannels, conv.kernelHeight, conv.kernelWidth},
      type, Tag::oihw);
  Memory::desc result(
      {conv.batch, conv.outChannels, conv.outHeight(), conv.outWidth()},
      Memory::data_type::f32, Tag::nchw);
  const void *b = bf16 ? static_cast<const void *>(problem.bBf16) : problem.b;
  const void *a = bf16 ? static_cast<const void *>(problem.aBf16) : problem.a;
  for (bool anyImage : {false, true}) {
    OneDnnOperand x{oneDnnView(source, b), anyImage, ownLayout};
    OneDnnOperand w{oneDnnView(weights, a), true, true};
    OneDnnOperand y{oneDnnView(result, output.data()), anyImage, ownLayout};
    Memory::dims strides{conv.stride, conv.stride};
    // Rows and columns at the far edge that no window reaches are padding that
    // oneDNN wants to be told of as negative.
    auto farPadding = [&](int64_t in, int64_t kernel, int64_t out) {
      return (out - 1) * conv.stride + kernel - in - conv.padding;
    };
    Memory::dims nearPads{conv.padding, conv.padding};
    Memory::dims farPads{
        farPadding(conv.height, conv.kernelHeight, conv.outHeight()),
        farPadding(conv.width, conv.kernelWidth, conv.outWidth())};
    dnnl::convolution_forward::desc desc(
        dnnl::prop_kind::forward_inference, algorithm, x.request(), w.request(),
        y.request(), strides, nearPads, farPads);
    dnnl::convolution_forward::primitive_desc pd(desc, oneDnnEngine(),
                                                 /*allow_empty=*/true);
    if (!pd || !isOptimized(pd))
      continue;
    if (auto variant = makeOneDnnVariant({pd, x, w, y}, name))
      variants.push_back(std::move(*variant));
  }
}

Status OneDnnConv::prepare(const Problem &theProblem) {
  problem = theProblem;
  output.assign(problem.resultSize(), 0.0f);
  addVariants(dnnl::algorithm::convolution_direct, "direct");
  // Winograd rounds differently, and oneDNN has it for 3x3 of stride 1 only.
  const ConvShape &conv = problem.conv;
  if (conv.kernelHeight == 3 && conv.kernelWidth == 3 && conv.stride == 1)
    addVariants(dnnl::algorithm::convolution_winograd, "winograd");
  Result<Variant> best =
      fastestVariant(std::move(variants), "onednn convolution");
  if (!best)
    return Error{best.error()};
  chosen = std::move(*best);
  return Success{};
}

namespace spmmplu::bench {
std::unique_ptr<Peer> createOneDnnConvF32(const PeerOptions &) {
  return std::make_unique<OneDnnConv>(DataType::F32, false);
}
std::unique_ptr<Peer> createOneDnnConvF32OwnLayout(const PeerOptions &) {
  return std::make_unique<OneDnnConv>(DataType::F32, true);
}
std::unique_ptr<Peer> createOneDnnConvBf16(const PeerOptions &) {
  return std::make_unique<OneDnnConv>(DataType::BF16, false);
}
std::unique_ptr<Peer> createOneDnnConvBf16OwnLayout(const PeerOptions &) {
  return std::make_unique<OneDnnConv>(DataType::BF16, true);
}
} // namespace spmmplu::bench
