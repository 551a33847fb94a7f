//===- Peer.cpp - The table of peers --------------------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Peers/Peer.h"

using namespace spmmplu::bench;

namespace spmmplu::bench {
#define SPMMPLU_PEER(create)                                                   \
  std::unique_ptr<Peer> create(const PeerOptions &options)
#ifdef SPMMPLU_HAVE_DNNL
SPMMPLU_PEER(createOneDnnF32);
SPMMPLU_PEER(createOneDnnF32OwnLayout);
SPMMPLU_PEER(createOneDnnBf16);
SPMMPLU_PEER(createOneDnnBf16OwnLayout);
SPMMPLU_PEER(createOneDnnConvF32);
SPMMPLU_PEER(createOneDnnConvF32OwnLayout);
SPMMPLU_PEER(createOneDnnConvBf16);
SPMMPLU_PEER(createOneDnnConvBf16OwnLayout);
#endif
#ifdef SPMMPLU_HAVE_XSMM
SPMMPLU_PEER(createXsmmSpmdm);
#endif
SPMMPLU_PEER(createMklF32);
SPMMPLU_PEER(createMklBf16);
SPMMPLU_PEER(createMklCsr);
SPMMPLU_PEER(createMklBsr);
SPMMPLU_PEER(createMlirCsr);
SPMMPLU_PEER(createMlirBsr);
SPMMPLU_PEER(createSpMMPluF32);
SPMMPLU_PEER(createSpMMPluF32Sparse);
SPMMPLU_PEER(createSpMMPluBf16);
SPMMPLU_PEER(createSpMMPluBf16Sparse);
SPMMPLU_PEER(createSpMMPluF32Values);
SPMMPLU_PEER(createSpMMPluBf16Values);
#undef SPMMPLU_PEER
} // namespace spmmplu::bench

Peer::~Peer() = default;

// clang-format off
static const PeerFactory kPeers[] = {
#ifdef SPMMPLU_HAVE_DNNL
    {"onednn-f32", "oneDNN matmul, row-major B and result",
     Storage::Dense, DataType::F32, createOneDnnF32},
    {"onednn-f32-own-layout", "oneDNN matmul, B and result in its own layouts",
     Storage::Dense, DataType::F32, createOneDnnF32OwnLayout},
    {"onednn-conv-f32", "oneDNN convolution, NCHW images",
     Storage::Dense, DataType::F32, createOneDnnConvF32},
    {"onednn-conv-f32-own-layout", "oneDNN convolution, its own layouts",
     Storage::Dense, DataType::F32, createOneDnnConvF32OwnLayout},
#endif
    {"mkl-f32", "MKL sgemm, plain or prepacked; sgemv",
     Storage::Dense, DataType::F32, createMklF32},
#ifdef SPMMPLU_HAVE_DNNL
    {"onednn-bf16", "oneDNN matmul in bf16, row-major B and result",
     Storage::Dense, DataType::BF16, createOneDnnBf16},
    {"onednn-bf16-own-layout",
     "oneDNN matmul in bf16, B and result in its own layouts",
     Storage::Dense, DataType::BF16, createOneDnnBf16OwnLayout},
    {"onednn-conv-bf16", "oneDNN convolution in bf16, NCHW images",
     Storage::Dense, DataType::BF16, createOneDnnConvBf16},
    {"onednn-conv-bf16-own-layout",
     "oneDNN convolution in bf16, its own layouts",
     Storage::Dense, DataType::BF16, createOneDnnConvBf16OwnLayout},
#endif
    {"mkl-bf16", "MKL bf16 gemm, plain or prepacked",
     Storage::Dense, DataType::BF16, createMklBf16},
    {"mkl-csr", "MKL inspector-executor, CSR",
     Storage::Sparse, DataType::F32, createMklCsr},
    {"mkl-bsr", "MKL inspector-executor, BSR",
     Storage::Sparse, DataType::F32, createMklBsr},
#ifdef SPMMPLU_HAVE_XSMM
    {"xsmm-spmdm", "libxsmm sparse times dense",
     Storage::Sparse, DataType::F32, createXsmmSpmdm},
#endif
    {"mlir-csr", "upstream MLIR sparse_tensor, CSR",
     Storage::Sparse, DataType::F32, createMlirCsr},
    {"mlir-bsr", "upstream MLIR sparse_tensor, BSR",
     Storage::Sparse, DataType::F32, createMlirBsr},
    {"spmmplu", "this project, its own choice between sparse and dense",
     Storage::Own, DataType::F32, createSpMMPluF32},
    {"spmmplu-sparse", "this project, sparse in any case",
     Storage::Own, DataType::F32, createSpMMPluF32Sparse},
    {"spmmplu-bf16", "this project in bf16, its own choice",
     Storage::Own, DataType::BF16, createSpMMPluBf16},
    {"spmmplu-bf16-sparse", "this project in bf16, sparse in any case",
     Storage::Own, DataType::BF16, createSpMMPluBf16Sparse},
    {"spmmplu-values", "this project, values of the mask's places",
     Storage::Own, DataType::F32, createSpMMPluF32Values},
    {"spmmplu-bf16-values", "this project in bf16, values of the mask's places",
     Storage::Own, DataType::BF16, createSpMMPluBf16Values},
};
// clang-format on

std::span<const PeerFactory> spmmplu::bench::peerTable() { return kPeers; }
