//===- SparseIRAttributes.cpp - Axes, strategies, selection ----*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "VerifyTable.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::spmmplu;

#include "spmmplu/IR/SparseIREnums.cpp.inc"
#include "spmmplu/IR/SparseIRInterfaces.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "spmmplu/IR/SparseIRAttributes.cpp.inc"

void SparseIRDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "spmmplu/IR/SparseIRAttributes.cpp.inc"
      >();
}

/// Attributes with a mnemonic parse themselves; any other name is a pattern's,
/// whose whole text the pattern library reads.
Attribute SparseIRDialect::parseAttribute(DialectAsmParser &parser,
                                          Type type) const {
  SMLoc loc = parser.getCurrentLocation();
  StringRef spec = parser.getFullSymbolSpec();
  StringRef name = spec.take_until([](char c) { return c == '<'; });
  if (llvm::none_of(listPatterns(), [&](const PatternInfo &info) {
        return StringRef(info.name) == name;
      })) {
    StringRef mnemonic;
    Attribute attribute;
    OptionalParseResult result =
        generatedAttributeParser(parser, &mnemonic, type, attribute);
    if (result.has_value())
      return attribute;
  }
  auto pattern = parsePattern(std::string_view(spec.data(), spec.size()));
  if (!pattern) {
    parser.emitError(loc) << "in pattern '" << spec << "': " << pattern.error();
    return {};
  }
  return PatternAttr::get(getContext(), **pattern);
}

void SparseIRDialect::printAttribute(Attribute attribute,
                                     DialectAsmPrinter &printer) const {
  if (auto pattern = dyn_cast<PatternAttr>(attribute)) {
    printer << pattern.getText();
    return;
  }
  LogicalResult printed = generatedAttributePrinter(attribute, printer);
  assert(succeeded(printed) && "attribute without a printer");
  (void)printed;
}

//===----------------------------------------------------------------------===//
// AxisAttr
//===----------------------------------------------------------------------===//

AxisAttr AxisAttr::getRange(MLIRContext *context, int64_t lo, int64_t hi) {
  return get(context, AxisKind::Range, lo, hi, {}, 0, 0);
}
AxisAttr AxisAttr::getList(MLIRContext *context, ArrayRef<int64_t> indices) {
  return get(context, AxisKind::List, 0, 0, indices, 0, 0);
}
AxisAttr AxisAttr::getWhole(MLIRContext *context) {
  return get(context, AxisKind::Whole, 0, 0, {}, 0, 0);
}

SmallVector<int64_t> AxisAttr::expand(int64_t size) const {
  if (getKind() == AxisKind::List)
    return SmallVector<int64_t>(getIndices());
  int64_t lo = getKind() == AxisKind::Whole ? 0 : getLo();
  int64_t hi = getKind() == AxisKind::Whole ? size : getHi();
  return llvm::to_vector(llvm::seq(lo, hi));
}

int64_t AxisAttr::getBound() const {
  if (getKind() == AxisKind::Range)
    return getHi();
  return getIndices().empty() ? 0 : getIndices().back() + 1;
}

LogicalResult AxisAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                               AxisKind kind, int64_t lo, int64_t hi,
                               ArrayRef<int64_t> indices, int64_t keep,
                               int64_t window) {
  // Tables hold indices as i32.
  if (kind == AxisKind::Range && (lo < 0 || hi <= lo || hi > INT32_MAX))
    return emitError() << "expected a non-empty range of non-negative 32-bit "
                          "indices, found "
                       << lo << " to " << hi;
  if (kind == AxisKind::List) {
    if (indices.empty() || indices.front() < 0 || indices.back() >= INT32_MAX)
      return emitError() << "expected a non-empty list of non-negative 32-bit "
                            "indices";
    for (size_t n = 1; n < indices.size(); ++n)
      if (indices[n] <= indices[n - 1])
        return emitError() << "expected ascending indices, found "
                           << indices[n - 1] << " before " << indices[n];
  }
  if ((keep || window) && (keep < 1 || window < keep))
    return emitError() << "expected 1 <= n <= m in 'nm n of m', found " << keep
                       << " of " << window;
  return success();
}

Attribute AxisAttr::parse(AsmParser &parser, Type) {
  AxisKind kind = AxisKind::Whole;
  int64_t lo = 0, hi = 0, keep = 0, window = 0;
  SmallVector<int64_t> indices;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseLess())
    return {};
  if (failed(parser.parseOptionalStar())) {
    OptionalParseResult first = parser.parseOptionalInteger(lo);
    kind = first.has_value() ? AxisKind::Range : AxisKind::List;
    if (first.has_value()
            ? failed(*first) || parser.parseKeyword("to") ||
                  parser.parseInteger(hi)
            : failed(parser.parseCommaSeparatedList(
                  AsmParser::Delimiter::Square,
                  [&] { return parser.parseInteger(indices.emplace_back()); })))
      return {};
  }
  if (succeeded(parser.parseOptionalComma())) {
    if (parser.parseKeyword("nm") || parser.parseInteger(keep) ||
        parser.parseKeyword("of") || parser.parseInteger(window))
      return {};
    // Both zero stand for no N:M at all.
    if (!keep && !window) {
      parser.emitError(loc)
          << "expected 1 <= n <= m in 'nm n of m', found 0 of 0";
      return {};
    }
  }
  if (parser.parseGreater())
    return {};
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(),
                    kind, lo, hi, indices, keep, window);
}

void AxisAttr::print(AsmPrinter &printer) const {
  printer << "<";
  if (getKind() == AxisKind::Whole) {
    printer << "*";
  } else if (getKind() == AxisKind::Range) {
    printer << getLo() << " to " << getHi();
  } else {
    printer << "[";
    llvm::interleaveComma(getIndices(), printer.getStream());
    printer << "]";
  }
  if (getWindow())
    printer << ", nm " << getKeep() << " of " << getWindow();
  printer << ">";
}

//===----------------------------------------------------------------------===//
// StrategyAttr
//===----------------------------------------------------------------------===//

// Kernels have code for each of these: far more than any machine has room for
// would take hours to compile.
static constexpr int64_t kMaxRows = 1024;
static constexpr int64_t kMaxVectors = 256;
static constexpr int64_t kMaxStep = 4096;
static constexpr int64_t kMaxStages = 64;
static constexpr int64_t kMaxWarps = 32;
static constexpr int64_t kMaxPanels = 16;

LogicalResult StrategyAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                   StringRef intrinsic, int64_t rows,
                                   int64_t depth, int64_t vectors,
                                   int64_t phase, int64_t tasks, bool,
                                   int64_t step, int64_t stages, int64_t warpsI,
                                   int64_t warpsJ, int64_t split,
                                   int64_t panels, int64_t cluster) {
  auto atMost = [&](StringRef name, int64_t value,
                    int64_t most) -> LogicalResult {
    if (value < 1 || value > most)
      return emitError() << "expected '" << name << "' of 1 to " << most
                         << ", found " << value;
    return success();
  };
  auto positive = [&](StringRef name, int64_t value) -> LogicalResult {
    if (value < 1 || value > INT32_MAX)
      return emitError() << "expected a positive 32-bit '" << name
                         << "', found " << value;
    return success();
  };
  if (intrinsic.empty())
    return emitError() << "expected the name of an intrinsic";
  if (failed(atMost("rows", rows, kMaxRows)) ||
      failed(positive("depth", depth)) ||
      failed(atMost("vectors", vectors, kMaxVectors)) ||
      failed(positive("tasks", tasks)) ||
      failed(atMost("warps_i", warpsI, kMaxWarps)) ||
      failed(atMost("warps_j", warpsJ, kMaxWarps)) ||
      failed(positive("split", split)))
    return failure();
  if (panels < 1 || panels > kMaxPanels)
    return emitError() << "expected 'panels' of 1 to " << kMaxPanels
                       << ", found " << panels;
  if (cluster != 1 && cluster != 2)
    return emitError() << "expected 'cluster' of 1 or 2, found " << cluster;
  if (step < 0 || step > kMaxStep || step % depth)
    return emitError() << "expected 'step' to be a multiple of depth " << depth
                       << " of at most " << kMaxStep << ", found " << step;
  if (stages < 0 || stages > kMaxStages)
    return emitError() << "expected 'stages' of 0 to " << kMaxStages
                       << ", found " << stages;
  if (phase < 0 || phase % depth)
    return emitError() << "expected 'phase' to be a multiple of depth " << depth
                       << ", found " << phase;
  return success();
}

//===----------------------------------------------------------------------===//
// SelectionAttr
//===----------------------------------------------------------------------===//

static LogicalResult verifyRanges(function_ref<InFlightDiagnostic()> emitError,
                                  StringRef name, ArrayRef<int64_t> ranges,
                                  size_t numStrategies) {
  if (ranges.empty() || ranges.size() % 2 || ranges[0] != 0)
    return emitError() << "expected '" << name
                       << "' to be pairs of a first N and a strategy, "
                          "beginning at 0";
  for (size_t at = 0; at < ranges.size(); at += 2) {
    if (at && ranges[at] <= ranges[at - 2])
      return emitError() << "expected the ranges of '" << name
                         << "' to ascend, found " << ranges[at] << " after "
                         << ranges[at - 2];
    if (ranges[at + 1] < 0 || size_t(ranges[at + 1]) >= numStrategies)
      return emitError() << "expected '" << name << "' to name one of "
                         << numStrategies << " strategies, found "
                         << ranges[at + 1];
  }
  return success();
}

LogicalResult
SelectionAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                      ArrayAttr strategies, int64_t modulus,
                      DenseI64ArrayAttr aligned, DenseI64ArrayAttr others) {
  if (strategies.empty() ||
      !llvm::all_of(strategies, llvm::IsaPred<StrategyAttr>))
    return emitError() << "expected one '#sparse_ir.strategy' or more, found "
                       << strategies;
  if (modulus < 1 || modulus > INT32_MAX)
    return emitError() << "expected a positive 32-bit 'modulus', found "
                       << modulus;
  if (modulus == 1 && !aligned.empty())
    return emitError() << "expected no 'aligned' ranges with a modulus of 1";
  if (modulus > 1 &&
      failed(verifyRanges(emitError, "aligned", aligned.asArrayRef(),
                          strategies.size())))
    return failure();
  return verifyRanges(emitError, "others", others.asArrayRef(),
                      strategies.size());
}

int64_t SelectionAttr::getStrategyAt(int64_t n) const {
  bool isAligned = getModulus() > 1 && n % getModulus() == 0;
  ArrayRef<int64_t> ranges =
      (isAligned ? getAligned() : getOthers()).asArrayRef();
  int64_t found = ranges[1];
  for (size_t at = 2; at < ranges.size() && ranges[at] <= n; at += 2)
    found = ranges[at + 1];
  return found;
}
