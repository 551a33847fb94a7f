//===- Product.cpp - The program of one product ----------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Package/Compiler.h"

#include "spmmplu/IR/SparseIR.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace mlir::spmmplu;
using ::spmmplu::DType;

static Type getElementType(OpBuilder &builder, DType dtype) {
  switch (dtype) {
  case DType::I8:
    return builder.getI8Type();
  case DType::F8_E4M3:
    return Float8E4M3FNType::get(builder.getContext());
  case DType::F8_E5M2:
    return Float8E5M2Type::get(builder.getContext());
  case DType::F64:
    return builder.getF64Type();
  case DType::F16:
    return builder.getF16Type();
  case DType::BF16:
    return builder.getBF16Type();
  default:
    assert(dtype == DType::F32 && "weights are converted before");
    return builder.getF32Type();
  }
}

static SparsityAttr getSparsity(MLIRContext &context,
                                const ProductRequest &request) {
  auto getOrder = [&](StringRef name, std::span<const int32_t> values,
                      int64_t lists) -> ElementsAttr {
    if (values.empty())
      return {};
    SmallVector<int64_t> shape = {int64_t(values.size())};
    if (lists)
      shape = {lists, shape[0] / lists};
    return getTableElements(&context, name, shape,
                            ArrayRef(values.data(), values.size()));
  };
  return SparsityAttr::get(
      &context, PatternAttr::get(&context, *request.pattern), MaskAttr(),
      getOrder("row_order", request.order.rows, 0),
      getOrder("columns", request.order.columns, request.columnLists));
}

OwningOpRef<ModuleOp>
mlir::spmmplu::buildProduct(MLIRContext &context,
                            const ProductRequest &request) {
  context.loadDialect<arith::ArithDialect, func::FuncDialect,
                      linalg::LinalgDialect, tensor::TensorDialect,
                      SparseIRDialect>();
  OpBuilder builder(&context);
  Location loc = builder.getUnknownLoc();
  OwningOpRef<ModuleOp> module = ModuleOp::create(builder, loc);
  const ::spmmplu::Tensor &weights = *request.weights;
  int64_t m = weights.shape[0], k = weights.shape[1];
  int64_t n = request.cols < 0 ? ShapedType::kDynamic : request.cols;
  Type element = getElementType(builder, weights.dtype);
  Type outElement = element;
  if (element.isInteger())
    outElement = builder.getI32Type();
  else if (element.getIntOrFloatBitWidth() < 32)
    outElement = builder.getF32Type();
  if (request.result)
    outElement = getElementType(builder, *request.result);
  auto lhsType = RankedTensorType::get({m, k}, element);
  auto rhsType = RankedTensorType::get({k, n}, element);
  auto outType = RankedTensorType::get({m, n}, outElement);

  builder.setInsertionPointToEnd(module->getBody());
  auto function = func::FuncOp::create(
      builder, loc, "main", builder.getFunctionType({rhsType}, {outType}));
  builder.setInsertionPointToStart(function.addEntryBlock());
  Value rhs = function.getArgument(0);
  auto bytes = weights.bytes();
  ArrayRef<char> raw(reinterpret_cast<const char *>(bytes.data()),
                     bytes.size());
  ElementsAttr values;
  if (raw.empty())
    values = DenseElementsAttr::getFromRawBuffer(lhsType, raw);
  else
    values = DenseResourceElementsAttr::get(
        lhsType, "w", UnmanagedAsmResourceBlob::allocateInferAlign(raw));
  Value lhs = arith::ConstantOp::create(builder, loc, cast<TypedAttr>(values));
  SmallVector<Value> sizes;
  if (ShapedType::isDynamic(n)) {
    function.setArgAttr(0, "sparse_ir.dims",
                        builder.getArrayAttr({builder.getI64IntegerAttr(k),
                                              builder.getStringAttr("n")}));
    sizes.push_back(tensor::DimOp::create(builder, loc, rhs, 1));
  }
  Value empty = tensor::EmptyOp::create(builder, loc, outType, sizes);
  Value zero =
      arith::ConstantOp::create(builder, loc, builder.getZeroAttr(outElement));
  Value init = linalg::FillOp::create(builder, loc, zero, empty).getResult(0);
  auto product = linalg::MatmulOp::create(
      builder, loc, TypeRange{outType}, ValueRange{lhs, rhs}, ValueRange{init});
  if (request.pattern)
    product->setAttr("sparse_ir.lhs", getSparsity(context, request));
  func::ReturnOp::create(builder, loc, product.getResult(0));
  return module;
}
