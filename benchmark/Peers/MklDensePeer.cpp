//===- MklDensePeer.cpp - Dense matrix products by MKL --------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness/AlignedBuffer.h"
#include "Peers/MklLibrary.h"
#include "Peers/Peer.h"
#include "Peers/Variants.h"

using namespace spmmplu;
using namespace spmmplu::bench;

namespace {

class MklDense final : public Peer {
public:
  MklDense(DataType dtype, const PeerOptions &options)
      : dtype(dtype), path(options.mklPath) {}

  Status supports(const Problem &problem) const override;
  Status prepare(const Problem &problem) override;
  std::string implementation() const override { return chosen.implementation; }
  void run() override { chosen.run(); }
  std::span<const float> result() override { return output; }

private:
  bool mayPack() const {
    return problem.kind == ProblemKind::Spmm && problem.constantA;
  }
  void addF32();
  void addBf16();

  DataType dtype;
  std::string path;
  const MklLibrary *mkl = nullptr;
  Problem problem;
  int transB = MklLibrary::NoTrans;
  int m = 0, k = 0, n = 0, ldb = 0;
  AlignedBuffer<float> output, packed;
  AlignedBuffer<uint16_t> packedBf16;
  std::vector<Variant> variants;
  Variant chosen;
};

} // namespace

Status MklDense::supports(const Problem &problem) const {
  if (problem.kind == ProblemKind::Conv2d)
    return Error{"mkl: the problem is a convolution, expected a matrix "
                 "product"};
  if (Status status = checkDataType(problem, dtype); !status)
    return status;
  if (Status status = MklLibrary::checkSizes(problem); !status)
    return status;
  Result<const MklLibrary *> library = MklLibrary::load(path);
  if (!library)
    return Error{library.error()};
  return Success{};
}

void MklDense::addF32() {
  using Mkl = MklLibrary;
  variants.push_back({"cblas_sgemm",
                      [this] {
                        mkl->sgemm(Mkl::RowMajor, Mkl::NoTrans, transB, m, n, k,
                                   1.0f, problem.a, k, problem.b, ldb, 0.0f,
                                   output.data(), n);
                      },
                      {}});
  if (problem.kind == ProblemKind::Spmm && n == 1)
    variants.push_back({"cblas_sgemv",
                        [this] {
                          mkl->sgemv(Mkl::RowMajor, Mkl::NoTrans, m, k, 1.0f,
                                     problem.a, k, problem.b, 1, 0.0f,
                                     output.data(), 1);
                        },
                        {}});
  if (!mayPack())
    return;
  size_t bytes = mkl->sgemmPackSize(Mkl::MatrixA, m, n, k);
  packed.resize((bytes + sizeof(float) - 1) / sizeof(float));
  mkl->sgemmPack(Mkl::RowMajor, Mkl::MatrixA, Mkl::NoTrans, m, n, k, 1.0f,
                 problem.a, k, packed.data());
  variants.push_back({"cblas_sgemm_compute (A prepacked)",
                      [this] {
                        mkl->sgemmCompute(Mkl::RowMajor, Mkl::Packed, transB, m,
                                          n, k, packed.data(), k, problem.b,
                                          ldb, 0.0f, output.data(), n);
                      },
                      {}});
}

void MklDense::addBf16() {
  using Mkl = MklLibrary;
  variants.push_back({"cblas_gemm_bf16bf16f32",
                      [this] {
                        mkl->bf16Gemm(Mkl::RowMajor, Mkl::NoTrans, transB, m, n,
                                      k, 1.0f, problem.aBf16, k, problem.bBf16,
                                      ldb, 0.0f, output.data(), n);
                      },
                      {}});
  if (!mayPack())
    return;
  size_t bytes = mkl->bf16PackSize(Mkl::MatrixA, m, n, k);
  packedBf16.resize((bytes + sizeof(uint16_t) - 1) / sizeof(uint16_t));
  mkl->bf16Pack(Mkl::RowMajor, Mkl::MatrixA, Mkl::NoTrans, m, n, k,
                problem.aBf16, k, packedBf16.data());
  variants.push_back({"cblas_gemm_bf16bf16f32_compute (A prepacked)",
                      [this] {
                        mkl->bf16Compute(Mkl::RowMajor, Mkl::Packed, transB, m,
                                         n, k, 1.0f, packedBf16.data(), k,
                                         problem.bBf16, ldb, 0.0f,
                                         output.data(), n);
                      },
                      {}});
}

Status MklDense::prepare(const Problem &theProblem) {
  Result<const MklLibrary *> library = MklLibrary::load(path);
  if (!library)
    return Error{library.error()};
  mkl = *library;
  problem = theProblem;
  m = int(problem.m);
  k = int(problem.k);
  n = int(problem.n);
  bool spmm = problem.kind == ProblemKind::Spmm;
  transB = spmm ? MklLibrary::NoTrans : MklLibrary::Trans;
  ldb = spmm ? n : k;
  output.assign(problem.resultSize(), 0.0f);
  mkl->useThreads(problem.threads);
  if (dtype == DataType::BF16)
    addBf16();
  else
    addF32();
  Result<Variant> best = fastestVariant(std::move(variants), "mkl");
  if (!best)
    return Error{best.error()};
  chosen = std::move(*best);
  return Success{};
}

namespace spmmplu::bench {
std::unique_ptr<Peer> createMklF32(const PeerOptions &options) {
  return std::make_unique<MklDense>(DataType::F32, options);
}
std::unique_ptr<Peer> createMklBf16(const PeerOptions &options) {
  return std::make_unique<MklDense>(DataType::BF16, options);
}
} // namespace spmmplu::bench
