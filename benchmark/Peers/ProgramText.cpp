//===- ProgramText.cpp - Problems as MLIR programs ------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Peers/ProgramText.h"

#include "spmmplu/Pattern/Mask.h"

#include <span>
#include <vector>

using namespace spmmplu::bench;
using mlir::spmmplu::Mask;

static std::string hex(std::span<const uint8_t> bytes) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (uint8_t byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

static std::string tensorType(std::initializer_list<int64_t> shape,
                              const std::string &element) {
  std::string text = "tensor<";
  for (int64_t extent : shape)
    text += std::to_string(extent) + "x";
  return text + element + ">";
}

/// By the pattern's name where there is one, else the mask bit by bit.
static std::string sparsity(const Problem &problem) {
  if (!problem.pattern.empty())
    return "#sparse_ir.sparsity<#sparse_ir." + problem.pattern + ">";
  bool sddmm = problem.kind == ProblemKind::Sddmm;
  int64_t rows = problem.m, cols = sddmm ? problem.n : problem.k;
  Mask mask = sddmm ? Mask::ofNonZeros<uint8_t>(
                          {problem.mask, size_t(rows * cols)}, rows, cols)
                    : Mask::ofNonZeros<float>({problem.a, size_t(rows * cols)},
                                              rows, cols);
  std::vector<uint8_t> bytes = mask.toBytes();
  return "#sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<" +
         std::to_string(rows) + "x" + std::to_string(cols) + ", dense<\"0x" +
         hex(bytes) + "\"> : " + tensorType({int64_t(bytes.size())}, "i8") +
         ">>";
}

/// `%c`, a tensor of zeros of `type`.
static std::string zeros(const std::string &type) {
  return "  %z = arith.constant 0.0 : f32\n"
         "  %e = tensor.empty() : " +
         type + "\n  %c = linalg.fill ins(%z : f32) outs(%e : " + type +
         ") -> " + type + "\n";
}

static std::string product(const Problem &problem, const std::string &element) {
  bool sddmm = problem.kind == ProblemKind::Sddmm;
  std::string a = tensorType({problem.m, problem.k}, element);
  std::string b = sddmm ? tensorType({problem.n, problem.k}, element)
                        : tensorType({problem.k, problem.n}, element);
  std::string y =
      tensorType({problem.m, problem.n}, sddmm ? "f32, #sparsity" : "f32");
  std::string how = sddmm
                        ? " indexing_maps = [affine_map<(m, n, k) -> (m, k)>, "
                          "affine_map<(m, n, k) -> (n, k)>, "
                          "affine_map<(m, n, k) -> (m, n)>]"
                        : " {sparse_ir.lhs = #sparsity}";
  return "#sparsity = " + sparsity(problem) + "\nfunc.func @main(%a: " + a +
         ", %b: " + b + ") -> " + y + " {\n" + zeros(y) +
         "  %r = linalg.matmul" + how + "\n    ins(%a, %b : " + a + ", " + b +
         ") outs(%c : " + y + ") -> " + y + "\n  return %r : " + y + "\n}\n";
}

std::string spmmplu::bench::valuesProgramText(const Problem &problem,
                                              DataType dtype, int64_t places) {
  std::string element = dtype == DataType::BF16 ? "bf16" : "f32";
  bool sddmm = problem.kind == ProblemKind::Sddmm;
  std::string a = tensorType({problem.m, problem.k}, element);
  std::string b = tensorType({problem.n, problem.k}, element);
  std::string y = tensorType({problem.m, problem.n}, "f32, #sparsity");
  std::string values = tensorType({places}, sddmm ? "f32" : element);
  std::string head = "#sparsity = " + sparsity(problem) + "\n";
  if (sddmm)
    return head + "func.func @main(%a: " + a + ", %b: " + b + ") -> " + values +
           " {\n" + zeros(y) +
           "  %r = linalg.matmul indexing_maps = ["
           "affine_map<(m, n, k) -> (m, k)>, "
           "affine_map<(m, n, k) -> (n, k)>, "
           "affine_map<(m, n, k) -> (m, n)>]\n    ins(%a, %b : " +
           a + ", " + b + ") outs(%c : " + y + ") -> " + y +
           "\n  %v = sparse_ir.compress %r : " + y + " to " + values +
           "\n  return %v : " + values + "\n}\n";
  a = tensorType({problem.m, problem.k}, element + ", #sparsity");
  b = tensorType({problem.k, problem.n}, element);
  y = tensorType({problem.m, problem.n}, "f32");
  return head + "func.func @main(%v: " + values + ", %b: " + b + ") -> " + y +
         " {\n" + zeros(y) + "  %a = sparse_ir.expand %v : " + values + " to " +
         a + "\n  %r = linalg.matmul ins(%a, %b : " + a + ", " + b +
         ") outs(%c : " + y + ") -> " + y + "\n  return %r : " + y + "\n}\n";
}

/// The filter as the text of a resource, after its alignment.
static std::string filterBytes(const Problem &problem, DataType dtype) {
  bool bf16 = dtype == DataType::BF16;
  auto *data = bf16 ? reinterpret_cast<const uint8_t *>(problem.aBf16)
                    : reinterpret_cast<const uint8_t *>(problem.a);
  size_t size = size_t(problem.aSize()) * (bf16 ? 2 : 4);
  return (bf16 ? "0x02000000" : "0x04000000") + hex({data, size});
}

static std::string convolution(const Problem &problem, DataType dtype,
                               const std::string &element) {
  const ConvShape &conv = problem.conv;
  int64_t height = conv.height + 2 * conv.padding;
  int64_t width = conv.width + 2 * conv.padding;
  std::string x = tensorType(
      {conv.batch, conv.inChannels, conv.height, conv.width}, element);
  std::string padded =
      tensorType({conv.batch, conv.inChannels, height, width}, element);
  std::string w = tensorType(
      {conv.outChannels, conv.inChannels, conv.kernelHeight, conv.kernelWidth},
      element);
  std::string y = tensorType(
      {conv.batch, conv.outChannels, conv.outHeight(), conv.outWidth()}, "f32");
  std::string pad = std::to_string(conv.padding);
  std::string edges = "[0, 0, " + pad + ", " + pad + "]";
  std::string stride = std::to_string(conv.stride);
  return "func.func @main(%x: " + x + ") -> " + y +
         " {\n  %w = arith.constant dense_resource<filter> : " + w +
         "\n  %p0 = arith.constant 0.0 : " + element +
         "\n  %p = tensor.pad %x low" + edges + " high" + edges +
         " {\n  ^bb0(%i: index, %j: index, %k: index, %l: index):\n"
         "    tensor.yield %p0 : " +
         element + "\n  } : " + x + " to " + padded + "\n" + zeros(y) +
         "  %r = linalg.conv_2d_nchw_fchw {strides = dense<" + stride +
         "> : vector<2xi64>}\n    ins(%p, %w : " + padded + ", " + w +
         ") outs(%c : " + y + ") -> " + y + "\n  return %r : " + y +
         "\n}\n{-#\n  dialect_resources: {\n    builtin: {\n      filter: \"" +
         filterBytes(problem, dtype) + "\"\n    }\n  }\n#-}\n";
}

std::string spmmplu::bench::programText(const Problem &problem,
                                        DataType dtype) {
  std::string element = dtype == DataType::BF16 ? "bf16" : "f32";
  return problem.kind == ProblemKind::Conv2d
             ? convolution(problem, dtype, element)
             : product(problem, element);
}
