//===- SparseIRSparsity.cpp - Patterns, masks and their orders -*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "VerifyTable.h"

#include "spmmplu/Pattern/Pruning.h"
#include "spmmplu/Pattern/Transposed.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace mlir::spmmplu;

//===----------------------------------------------------------------------===//
// PatternAttr
//===----------------------------------------------------------------------===//

PatternAttr PatternAttr::get(MLIRContext *context,
                             const mlir::spmmplu::Pattern &pattern) {
  return get(context, StringRef(pattern.str()));
}

PatternRef PatternAttr::getPattern() const {
  return *parsePattern(std::string_view(getText().data(), getText().size()));
}

LogicalResult PatternAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                  StringRef text) {
  auto pattern = parsePattern(std::string_view(text.data(), text.size()));
  if (!pattern)
    return emitError() << "in pattern '" << text << "': " << pattern.error();
  if ((*pattern)->str() != text)
    return emitError() << "pattern '" << text
                       << "' is not canonical, expected '" << (*pattern)->str()
                       << "'";
  return success();
}

//===----------------------------------------------------------------------===//
// MaskAttr
//===----------------------------------------------------------------------===//

/// Masks of at most this many elements print as rows of 0 and 1.
static constexpr int64_t kMaxPrintedMask = 4096;

MaskAttr MaskAttr::get(MLIRContext *context, const Mask &mask) {
  std::vector<uint8_t> bytes = mask.toBytes();
  ElementsAttr bits = getTableElements(context, "mask", {int64_t(bytes.size())},
                                       ArrayRef<uint8_t>(bytes));
  return get(context, mask.rows(), mask.cols(), bits);
}

/// Whether the bits are at hand: a resource gets them when the parser comes to
/// the end of a file, after the attributes that name it.
static bool hasData(MaskAttr mask) {
  SmallVector<char> storage;
  return succeeded(getRawElements(mask.getBits(), storage));
}

Mask MaskAttr::getMask() const {
  // Where nothing is known every element may be non-zero.
  if (!hasData(*this))
    return Mask(getRows(), getCols(), true);
  SmallVector<char> storage;
  ArrayRef<uint8_t> bytes = getValues<uint8_t>(getBits(), storage);
  return Mask::fromBytes(getRows(), getCols(), {bytes.data(), bytes.size()});
}

LogicalResult MaskAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                               int64_t rows, int64_t cols, ElementsAttr bits) {
  if (rows < 0 || cols < 0 || rows > INT32_MAX || cols > INT32_MAX)
    return emitError() << "expected a mask of 0 to 2^31 - 1 rows and columns, "
                          "found "
                       << rows << "x" << cols;
  int64_t expected = rows * ((cols + 7) / 8);
  auto type = dyn_cast<RankedTensorType>(bits.getShapedType());
  if (!type || !type.getElementType().isInteger(8) || type.getRank() != 1 ||
      type.getDimSize(0) != expected)
    return emitError() << "expected the bits of a " << rows << "x" << cols
                       << " mask as tensor<" << expected << "xi8>, found "
                       << bits.getShapedType();
  // A resource may have its data later; the ops check that it came.
  SmallVector<char> storage;
  if (failed(getRawElements(bits, storage)) && !isAwaitingData(bits))
    return emitError() << "the bits of a " << rows << "x" << cols
                       << " mask have no data";
  return success();
}

/// The rows-of-digits form.
static Attribute parsePrintedMask(AsmParser &parser) {
  SmallVector<std::string> rows;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, [&] {
        return parser.parseString(&rows.emplace_back());
      }))
    return {};
  int64_t cols = rows.empty() ? 0 : rows.front().size();
  Mask mask(rows.size(), cols);
  for (auto [r, row] : llvm::enumerate(rows)) {
    if (int64_t(row.size()) != cols ||
        StringRef(row).find_first_not_of("01") != StringRef::npos) {
      parser.emitError(loc) << "row " << r << " of the mask: expected " << cols
                            << " digits 0 or 1, found '" << row << "'";
      return {};
    }
    for (int64_t c = 0; c < cols; ++c)
      if (row[c] == '1')
        mask.set(r, c);
  }
  return MaskAttr::get(parser.getContext(), mask);
}

Attribute MaskAttr::parse(AsmParser &parser, Type) {
  if (parser.parseLess())
    return {};
  SmallVector<int64_t> size;
  SMLoc loc = parser.getCurrentLocation();
  Attribute result;
  if (parser.parseDimensionList(size, /*allowDynamic=*/false,
                                /*withTrailingX=*/false))
    return {};
  if (size.empty()) {
    result = parsePrintedMask(parser);
  } else {
    ElementsAttr bits;
    if (parser.parseComma() || parser.parseAttribute(bits))
      return {};
    if (size.size() != 2) {
      parser.emitError(loc)
          << "expected rows x columns, found " << size.size() << " dimensions";
      return {};
    }
    result = MaskAttr::getChecked([&] { return parser.emitError(loc); },
                                  parser.getContext(), size[0], size[1], bits);
  }
  return !result || parser.parseGreater() ? Attribute() : result;
}

void MaskAttr::print(AsmPrinter &printer) const {
  // The digits of a mask without rows or columns would not say its size.
  if (getRows() * getCols() > kMaxPrintedMask || !getRows() || !getCols() ||
      !hasData(*this)) {
    printer << "<" << getRows() << "x" << getCols() << ", " << getBits() << ">";
    return;
  }
  Mask mask = getMask();
  printer << "<[";
  for (int64_t r = 0; r < mask.rows(); ++r) {
    printer << (r ? ", \"" : "\"");
    for (int64_t c = 0; c < mask.cols(); ++c)
      printer << (mask.get(r, c) ? '1' : '0');
    printer << '"';
  }
  printer << "]>";
}

//===----------------------------------------------------------------------===//
// SparsityAttr
//===----------------------------------------------------------------------===//

/// `, rows = ...` or `, columns = ...`, the comma read already.
static ParseResult parseOrder(AsmParser &parser, ElementsAttr &rows,
                              ElementsAttr &columns) {
  StringRef keyword;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseKeyword(&keyword) || parser.parseEqual())
    return failure();
  ElementsAttr *order = keyword == "rows"      ? &rows
                        : keyword == "columns" ? &columns
                                               : nullptr;
  if (!order || *order)
    return parser.emitError(loc)
           << "expected 'rows' or 'columns' once, found '" << keyword << "'";
  return parser.parseAttribute(*order);
}

Attribute SparsityAttr::parse(AsmParser &parser, Type) {
  PatternAttr pattern;
  MaskAttr mask;
  ElementsAttr rows, columns;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseLess() || parser.parseAttribute(pattern))
    return {};
  while (succeeded(parser.parseOptionalComma())) {
    OptionalParseResult parsedMask;
    if (!mask && !rows && !columns) {
      Attribute attribute;
      SMLoc at = parser.getCurrentLocation();
      parsedMask = parser.parseOptionalAttribute(attribute);
      mask = dyn_cast_or_null<MaskAttr>(attribute);
      if (parsedMask.has_value() && succeeded(*parsedMask) && !mask) {
        parser.emitError(at)
            << "expected a #sparse_ir.mask, found " << attribute;
        return {};
      }
    }
    if (parsedMask.has_value() ? failed(*parsedMask)
                               : parseOrder(parser, rows, columns).failed())
      return {};
  }
  if (parser.parseGreater())
    return {};
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(),
                    pattern, mask, rows, columns);
}

void SparsityAttr::print(AsmPrinter &printer) const {
  printer << "<" << getPattern();
  if (getMask())
    printer << ", " << getMask();
  if (getRowOrder())
    printer << ", rows = " << getRowOrder();
  if (getColumns())
    printer << ", columns = " << getColumns();
  printer << ">";
}

/// Whether `order` is a tensor of i32 of this rank, which may get its data
/// later.
static bool isOrder(ElementsAttr order, int64_t rank) {
  SmallVector<char> storage;
  return order.getElementType().isInteger(32) &&
         order.getShapedType().getRank() == rank &&
         (isAwaitingData(order) || succeeded(getRawElements(order, storage)));
}

static std::vector<int32_t> getOrderValues(ElementsAttr order) {
  SmallVector<char> storage;
  if (!order || isAwaitingData(order))
    return {};
  ArrayRef<int32_t> values = getValues<int32_t>(order, storage);
  return {values.begin(), values.end()};
}

LogicalResult SparsityAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                   PatternAttr pattern, MaskAttr mask,
                                   ElementsAttr rowOrder,
                                   ElementsAttr columns) {
  if (rowOrder && !isOrder(rowOrder, 1))
    return emitError() << "expected the order of rows as a tensor<?xi32>, "
                          "found "
                       << rowOrder.getShapedType();
  if (columns && !isOrder(columns, 2))
    return emitError() << "expected the lists of columns as a tensor<?x?xi32>, "
                          "found "
                       << columns.getShapedType();
  if (!mask || !hasData(mask))
    return success();
  std::vector<int32_t> rows = getOrderValues(rowOrder);
  std::vector<int32_t> lists = getOrderValues(columns);
  auto status =
      checkInOrder(*pattern.getPattern(), mask.getMask(), {rows, lists});
  if (!status)
    return emitError() << "mask does not obey pattern '" << pattern.getText()
                       << "': " << status.error();
  return success();
}

SparsityAttr SparsityAttr::withMask(MaskAttr mask) const {
  return get(getContext(), getPattern(), mask, getRowOrder(), getColumns());
}

std::vector<int32_t> SparsityAttr::getRowOrderValues() const {
  return getOrderValues(getRowOrder());
}

std::vector<int32_t> SparsityAttr::getColumnValues() const {
  return getOrderValues(getColumns());
}

std::vector<MaskPart> SparsityAttr::decompose(const Mask &mask) const {
  PatternRef pattern = getPattern().getPattern();
  std::vector<MaskPart> parts = pattern->decompose(mask);
  std::vector<int32_t> rows = getRowOrderValues();
  // The rows of a transposed matrix are this one's columns.
  if (!rows.empty() && !pattern->as<TransposedPattern>())
    parts.push_back({mask, std::move(rows), {}});
  return parts;
}

::spmmplu::Result<GroupedLayout>
SparsityAttr::getLayout(const Mask &mask) const {
  std::vector<int32_t> rows = getRowOrderValues(), lists = getColumnValues();
  return layoutInOrder(*getPattern().getPattern(), mask, {rows, lists});
}

FailureOr<Mask> SparsityAttr::resolveMask(int64_t rows, int64_t cols) const {
  if (!getMask()) {
    // A mask that a pattern determines has one order only.
    if (getRowOrder() || getColumns())
      return failure();
    std::optional<Mask> mask = getPattern().getPattern()->mask(rows, cols);
    if (!mask)
      return failure();
    return std::move(*mask);
  }
  if (getMask().getRows() != rows || getMask().getCols() != cols ||
      !hasData(getMask()))
    return failure();
  return getMask().getMask();
}
