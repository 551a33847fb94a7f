//===- RaiseSparsity.cpp - Where the sparsity of a product is --*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RaiseSparsity.h"

#include "spmmplu/Pattern/Block.h"
#include "spmmplu/Pattern/Dense.h"
#include "spmmplu/Pattern/HiNM.h"
#include "spmmplu/Pattern/NM.h"
#include "spmmplu/Pattern/Pruning.h"
#include "spmmplu/Pattern/Recognize.h"
#include "spmmplu/Pattern/Transposed.h"
#include "spmmplu/Pattern/VNM.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::spmmplu;

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

static bool isKnownElement(Type type) {
  return type.isInteger(8) ||
         isa<Float64Type, Float32Type, BFloat16Type, Float16Type,
             Float8E4M3FNType, Float8E5M2Type>(type);
}

static int64_t getElementBytes(const ConstantView &view) {
  return view.getElementType().getIntOrFloatBitWidth() / 8;
}

std::optional<ConstantView> mlir::spmmplu::findConstant(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || !isKnownElement(type.getElementType()))
    return std::nullopt;
  auto permutation = llvm::to_vector(llvm::seq<int64_t>(0, type.getRank()));
  while (Operation *op = value.getDefiningOp()) {
    if (auto cast = dyn_cast<tensor::CastOp>(op)) {
      value = cast.getSource();
      if (!isa<RankedTensorType>(value.getType()))
        return std::nullopt;
    } else if (auto transpose = dyn_cast<linalg::TransposeOp>(op)) {
      value = transpose.getInput();
      for (int64_t &dim : permutation)
        dim = transpose.getPermutation()[dim];
    } else {
      break;
    }
  }
  ElementsAttr elements;
  SmallVector<char> storage;
  if (!matchPattern(value, m_Constant(&elements)) ||
      (!isa<DenseElementsAttr>(elements) &&
       failed(getRawElements(elements, storage))))
    return std::nullopt;
  return ConstantView{elements, permutation};
}

/// Copies `in`, a row-major tensor of `shape`, with its dimensions in the order
/// `permutation`. Works on squares of two dimensions, the one that is
/// contiguous in `in` and the one that is in `out`, so that both are read and
/// written by whole cache lines.
template <typename T>
static void copyPermuted(const T *in, T *out, ArrayRef<int64_t> shape,
                         ArrayRef<int64_t> permutation) {
  constexpr int64_t square = 32;
  SmallVector<int64_t> strideOfDim(shape.size(), 1), size, stride;
  for (int64_t d = int64_t(shape.size()) - 2; d >= 0; --d)
    strideOfDim[d] = strideOfDim[d + 1] * shape[d + 1];
  // A row that is a square wide and high even where there is one dimension.
  size = {1, 1};
  stride = {0, 0};
  for (int64_t dim : permutation)
    if (shape[dim] != 1) {
      size.push_back(shape[dim]);
      stride.push_back(strideOfDim[dim]);
    }
  size_t last = size.size() - 1, across = last - 1;
  for (size_t d = 2; d < last; ++d)
    if (stride[d] == 1)
      across = d;
  SmallVector<int64_t> outStride(size.size(), 1);
  for (size_t d = last; d-- > 0;)
    outStride[d] = outStride[d + 1] * size[d + 1];

  SmallVector<int64_t> at(size.size(), 0);
  for (;;) {
    const T *from = in;
    T *to = out;
    for (size_t d = 0; d < last; ++d) {
      from += at[d] * stride[d];
      to += at[d] * outStride[d];
    }
    int64_t rows = std::min(square, size[across] - at[across]);
    for (int64_t c = 0; c < size[last]; c += square)
      for (int64_t r = 0; r < rows; ++r)
        for (int64_t x = c, end = std::min(c + square, size[last]); x < end;
             ++x)
          to[r * outStride[across] + x] =
              from[r * stride[across] + x * stride[last]];
    size_t d = last;
    while (d-- > 0) {
      at[d] += d == across ? square : 1;
      if (at[d] < size[d])
        break;
      at[d] = 0;
    }
    if (d == size_t(-1))
      return;
  }
}

/// The elements of `view` in the order `permutation`, row-major and aligned;
/// copied into `storage` only where they do not lie so already.
static ArrayRef<char> getOrdered(const ConstantView &view,
                                 ArrayRef<int64_t> permutation,
                                 SmallVectorImpl<char> &storage) {
  SmallVector<char> splat;
  ArrayRef<char> raw = *getRawElements(view.elements, splat);
  int64_t bytes = getElementBytes(view);
  bool inOrder =
      llvm::equal(permutation, llvm::seq<int64_t>(0, permutation.size()));
  bool ownsNothing = splat.empty();
  if (inOrder || raw.empty() || view.elements.isSplat()) {
    if (ownsNothing && reinterpret_cast<uintptr_t>(raw.data()) % bytes == 0)
      return raw;
    storage.assign(raw.begin(), raw.end());
    return storage;
  }
  SmallVector<char> aligned;
  if (reinterpret_cast<uintptr_t>(raw.data()) % bytes) {
    aligned.assign(raw.begin(), raw.end());
    raw = aligned;
  }
  storage.resize_for_overwrite(raw.size());
  ArrayRef<int64_t> shape = view.elements.getShapedType().getShape();
  auto copy = [&]<typename T>(T) {
    copyPermuted(reinterpret_cast<const T *>(raw.data()),
                 reinterpret_cast<T *>(storage.data()), shape, permutation);
  };
  if (bytes == 8)
    copy(uint64_t());
  else if (bytes == 4)
    copy(uint32_t());
  else if (bytes == 2)
    copy(uint16_t());
  else
    copy(uint8_t());
  return storage;
}

/// Dimensions of the value to dimensions of the elements.
static SmallVector<int64_t> compose(const ConstantView &view,
                                    ArrayRef<int64_t> permutation) {
  return llvm::map_to_vector(
      permutation, [&](int64_t dim) { return view.permutation[dim]; });
}

/// Constants of at most this many elements are printed inline.
static constexpr int64_t kMaxInlineElements = 1024;

Value mlir::spmmplu::createConstant(OpBuilder &builder, Location loc,
                                    const ConstantView &view,
                                    ArrayRef<int64_t> permutation,
                                    ArrayRef<int64_t> shape) {
  auto type = RankedTensorType::get(shape, view.getElementType());
  if (auto dense = dyn_cast<DenseElementsAttr>(view.elements);
      dense && dense.isSplat())
    return arith::ConstantOp::create(builder, loc, type,
                                     dense.resizeSplat(type));
  SmallVector<int64_t> order = compose(view, permutation);
  bool inOrder = llvm::equal(order, llvm::seq<int64_t>(0, order.size()));
  if (inOrder && view.elements.getType() == Type(type))
    return arith::ConstantOp::create(builder, loc, type,
                                     cast<TypedAttr>(view.elements));
  SmallVector<char> storage;
  ArrayRef<char> data = getOrdered(view, order, storage);
  if (type.getNumElements() <= kMaxInlineElements)
    return arith::ConstantOp::create(
        builder, loc, type, DenseElementsAttr::getFromRawBuffer(type, data));
  return createResource(builder, loc, "raised", type, data);
}

Value mlir::spmmplu::createResource(OpBuilder &builder, Location loc,
                                    StringRef name, RankedTensorType type,
                                    ArrayRef<char> bytes) {
  AsmResourceBlob blob =
      HeapAsmResourceBlob::allocateAndCopyWithAlign(bytes, 64);
  return arith::ConstantOp::create(
      builder, loc, type,
      DenseResourceElementsAttr::get(type, name, std::move(blob)));
}

//===----------------------------------------------------------------------===//
// Masks of constants
//===----------------------------------------------------------------------===//

static Mask getNonZeros(const ConstantView &view, ArrayRef<char> data,
                        int64_t rows, int64_t cols) {
  auto bytes = std::as_bytes(std::span(data));
  if (!view.getElementType().isInteger(8))
    return Mask::ofNonZeroFloats(bytes, getElementBytes(view), rows, cols);
  return Mask::ofNonZeros(
      std::span(reinterpret_cast<const int8_t *>(data.data()),
                size_t(rows * cols)),
      rows, cols);
}

static APFloat getElement(ArrayRef<char> data, Type type, int64_t index) {
  if (type.isInteger(8))
    return APFloat(double(int8_t(data[index])));
  auto floatType = cast<FloatType>(type);
  int64_t bytes = floatType.getWidth() / 8;
  uint64_t bits = 0;
  memcpy(&bits, data.data() + index * bytes, bytes);
  return APFloat(floatType.getFloatSemantics(),
                 APInt(floatType.getWidth(), bits));
}

/// The first element that is not zero though `promise` says so.
struct BrokenPromise {
  int64_t row, col;
  APFloat value;
};

/// The union of the non-zeros of all matrices of a constant, and where they
/// leave `promise`, if there is one.
static Mask getConstantMask(const ConstantView &view,
                            const MatrixLayout &layout, const Mask *promise,
                            std::optional<BrokenPromise> &broken) {
  SmallVector<int64_t> order(layout.outer);
  llvm::append_range(order, layout.row);
  llvm::append_range(order, layout.col);
  SmallVector<char> storage;
  ArrayRef<char> data = getOrdered(view, compose(view, order), storage);
  Mask result(layout.rows, layout.cols);
  int64_t size = layout.rows * layout.cols * getElementBytes(view);
  for (; size && !data.empty(); data = data.drop_front(size)) {
    Mask nonZeros = getNonZeros(view, data, layout.rows, layout.cols);
    result |= nonZeros;
    if (!promise || broken)
      continue;
    nonZeros -= *promise;
    for (int64_t r = 0; r < layout.rows && !broken; ++r)
      nonZeros.forEachInRow(r, [&](int64_t c) {
        if (!broken)
          broken = {
              r, c,
              getElement(data, view.getElementType(), r * layout.cols + c)};
      });
  }
  return result;
}

//===----------------------------------------------------------------------===//
// The search
//===----------------------------------------------------------------------===//

StringRef mlir::spmmplu::getSparsityAttrName(Role role) {
  return role == Role::Lhs   ? "sparse_ir.lhs"
         : role == Role::Rhs ? "sparse_ir.rhs"
                             : "sparse_ir.out";
}

static FailureOr<SparsityAttr> getGiven(Operation *op, Role role, Value value) {
  StringRef name = getSparsityAttrName(role);
  if (Attribute attribute = op->getDiscardableAttr(name)) {
    if (auto sparsity = dyn_cast<SparsityAttr>(attribute))
      return sparsity;
    return op->emitOpError("expects '")
           << name << "' to be a #sparse_ir.sparsity, found " << attribute;
  }
  return dyn_cast_or_null<SparsityAttr>(
      cast<RankedTensorType>(value.getType()).getEncoding());
}

/// The sparsity of a constant's `nonZeros` that `given` promises in an order of
/// rows and columns. (Zeros inside of units stay zeros: what has units of
/// several rows needs no order.)
static FailureOr<FoundSparsity>
resolveInOrder(Operation *op, Role role, SparsityAttr given,
               const mlir::spmmplu::Pattern &pattern, Mask nonZeros) {
  std::vector<int32_t> rows = given.getRowOrderValues();
  std::vector<int32_t> columns = given.getColumnValues();
  auto status = checkInOrder(pattern, nonZeros, {rows, columns});
  if (!status)
    return op->emitOpError("expects zeros of ")
           << stringifyRole(role) << " by pattern '"
           << given.getPattern().getText()
           << "' in the order given: " << status.error();
  return FoundSparsity{
      given.withMask(MaskAttr::get(op->getContext(), nonZeros)),
      std::move(nonZeros)};
}

/// The sparsity that `given` promises. A mask that it leaves out is the
/// pattern's, or that of a constant.
static FailureOr<FoundSparsity>
resolve(Operation *op, Role role, SparsityAttr given,
        const MatrixLayout &layout, const std::optional<ConstantView> &view) {
  std::optional<BrokenPromise> broken;
  FailureOr<Mask> mask = given.resolveMask(layout.rows, layout.cols);
  if (succeeded(mask)) {
    if (view)
      getConstantMask(*view, layout, &*mask, broken);
    if (broken) {
      SmallString<16> text;
      broken->value.toString(text);
      return op->emitOpError("expects zeros of ")
             << stringifyRole(role) << " outside of the mask of pattern '"
             << given.getPattern().getText() << "', found " << text
             << " at row " << broken->row << ", column " << broken->col;
    }
    return FoundSparsity{given, std::move(*mask)};
  }
  if (MaskAttr wrong = given.getMask())
    return op->emitOpError("expects a ")
           << layout.rows << "x" << layout.cols << " mask of "
           << stringifyRole(role) << ", found " << wrong.getRows() << "x"
           << wrong.getCols();
  if (!view)
    return op->emitOpError("expects a mask of ")
           << stringifyRole(role) << ", pattern '"
           << given.getPattern().getText() << "' does not determine one";
  PatternRef pattern = given.getPattern().getPattern();
  Mask nonZeros = getConstantMask(*view, layout, nullptr, broken);
  MLIRContext *context = op->getContext();
  if (given.getRowOrder() || given.getColumns())
    return resolveInOrder(op, role, given, *pattern, std::move(nonZeros));
  Mask completed = pattern->completed(nonZeros);
  if (auto violation = pattern->check(completed))
    return op->emitOpError("expects zeros of ")
           << stringifyRole(role) << " by pattern '"
           << given.getPattern().getText() << "', found at row "
           << violation->row << ", column " << violation->col << ": "
           << violation->message;
  return FoundSparsity{SparsityAttr::get(context, given.getPattern(),
                                         MaskAttr::get(context, completed)),
                       std::move(completed)};
}

FailureOr<SparsitySearch>
mlir::spmmplu::findSparsity(Operation *op, Role role, Value value,
                            const MatrixLayout &layout, double minSparsity) {
  SparsitySearch search;
  FailureOr<SparsityAttr> given = getGiven(op, role, value);
  if (failed(given))
    return failure();
  // Values of the result are no promise: they are added to.
  std::optional<ConstantView> view;
  if (role != Role::Out)
    view = findConstant(value);
  bool isStatic = !ShapedType::isDynamic(layout.rows) &&
                  !ShapedType::isDynamic(layout.cols);
  if (*given) {
    if ((*given).getPattern().getPattern()->as<DensePattern>())
      return search;
    if (!isStatic) {
      search.obstacle =
          ("the size of the sparse " + stringifyRole(role) + " is dynamic")
              .str();
      return search;
    }
    FailureOr<FoundSparsity> found = resolve(op, role, *given, layout, view);
    if (failed(found))
      return failure();
    search.sparsity = std::move(*found);
    return search;
  }
  if (!view || !isStatic)
    return search;
  std::optional<BrokenPromise> none;
  Mask mask = getConstantMask(*view, layout, nullptr, none);
  search.zeros = layout.rows * layout.cols ? 1 - mask.density() : 0;
  if (*search.zeros >= minSparsity)
    search.sparsity = FoundSparsity{SparsityAttr(), std::move(mask)};
  return search;
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

static bool isNMFamily(const mlir::spmmplu::Pattern &pattern) {
  return pattern.as<NMPattern>() || pattern.as<VectorNMPattern>() ||
         pattern.as<HiNMPattern>() || pattern.as<VNMPattern>();
}

/// The pattern of `mask`, the transposed of one of `pattern`. A pattern with a
/// transposed counterpart keeps its meaning, any other is recognised anew.
static PatternRef getTransposed(const mlir::spmmplu::Pattern &pattern,
                                const Mask &mask) {
  PatternRef result;
  if (auto *block = pattern.as<BlockPattern>())
    result = std::make_shared<BlockPattern>(
        block->blockCols(), block->blockRows(), block->sparsity());
  else if (auto *filter = pattern.as<FilterPattern>())
    result = std::make_shared<ChannelPattern>(filter->sparsity());
  else if (isNMFamily(pattern) || pattern.as<TransposedPattern>())
    result = TransposedPattern::of(*parsePattern(pattern.str()));
  else if (pattern.as<UnstructuredPattern>() ||
           pattern.mask(mask.rows(), mask.cols()) == mask)
    result = *parsePattern(pattern.str());
  if (result && !result->check(mask))
    return result;
  return recognizePattern(mask);
}

SparsityAttr mlir::spmmplu::getSparsityAttr(MLIRContext *context,
                                            const FoundSparsity &found,
                                            bool transposed) {
  if (found.given && !transposed)
    return found.given;
  Mask mask = transposed ? found.mask.transposed() : found.mask;
  // Orders are those of the rows and columns that the pattern speaks of.
  if (found.given && (found.given.getRowOrder() || found.given.getColumns())) {
    PatternRef pattern =
        TransposedPattern::of(found.given.getPattern().getPattern());
    return SparsityAttr::get(context, PatternAttr::get(context, *pattern),
                             MaskAttr::get(context, mask),
                             found.given.getRowOrder(),
                             found.given.getColumns());
  }
  PatternRef pattern =
      found.given ? getTransposed(*found.given.getPattern().getPattern(), mask)
                  : recognizePattern(mask);
  bool determined = pattern->mask(mask.rows(), mask.cols()) == mask;
  return SparsityAttr::get(context, PatternAttr::get(context, *pattern),
                           determined ? MaskAttr()
                                      : MaskAttr::get(context, mask));
}
