//===- ManifestBuilder.cpp - What a package says of its program -*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ManifestBuilder.h"

#include "spmmplu/IR/Attention.h"
#include "spmmplu/Target/Target.h"

#include "mlir/IR/Matchers.h"

#include <cstring>

using namespace mlir;
using namespace mlir::spmmplu;
using ::spmmplu::DType;
using ::spmmplu::Extent;
using ::spmmplu::MatrixSpec;

FailureOr<DType> mlir::spmmplu::getDType(Type type) {
  if (type.isF64())
    return DType::F64;
  if (type.isF32())
    return DType::F32;
  if (type.isF16())
    return DType::F16;
  if (type.isBF16())
    return DType::BF16;
  if (isa<Float8E4M3FNType>(type))
    return DType::F8_E4M3;
  if (isa<Float8E5M2Type>(type))
    return DType::F8_E5M2;
  if (type.isInteger(64))
    return DType::I64;
  if (type.isInteger(32))
    return DType::I32;
  if (type.isInteger(16))
    return DType::I16;
  if (type.isInteger(8))
    return DType::I8;
  if (type.isInteger(1))
    return DType::Bool;
  return failure();
}

namespace {

/// Numbers the products as they are met, and the strategies of each.
struct ProductCounter {
  int64_t products = 0, strategies = 0;
  Operation *current = nullptr; ///< the switch of the latest one

  std::pair<int64_t, int64_t> count(Operation *op) {
    Operation *choice = op->getParentOp();
    while (choice && !choice->hasAttr(kProductAttrName))
      choice = choice->getParentOp();
    if (!choice || choice != current) {
      ++products;
      strategies = 0;
    }
    current = choice;
    return {products - 1, strategies++};
  }
};

} // namespace

/// The fraction of non-zeros of a constant; nothing for anything else.
static std::optional<double> measureDensity(Value value) {
  ElementsAttr elements;
  SmallVector<char> storage;
  if (!matchPattern(value, m_Constant(&elements)) ||
      !isa<FloatType>(elements.getElementType()))
    return std::nullopt;
  FailureOr<ArrayRef<char>> raw = getRawElements(elements, storage);
  size_t width = elements.getElementType().getIntOrFloatBitWidth() / 8;
  if (failed(raw) || raw->empty() || width == 0)
    return std::nullopt;
  int64_t nonZeros = 0;
  for (size_t at = 0; at + width <= raw->size(); at += width) {
    // The last byte has the sign, which zeros may have too.
    uint64_t bits = 0;
    std::memcpy(&bits, raw->data() + at, width);
    nonZeros += (bits & ~(uint64_t(1) << (8 * width - 1))) != 0;
  }
  return double(nonZeros) / double(raw->size() / width);
}

static std::string describeShape(MatmulOp op) {
  std::string text;
  for (Axis axis : {Axis::I, Axis::J, Axis::K}) {
    int64_t extent = op.getExtent(axis);
    text += (text.empty() ? "" : "x") +
            (ShapedType::isDynamic(extent) ? "?" : std::to_string(extent));
  }
  return text;
}

static std::string describe(StrategyAttr strategy) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  stream << strategy.getIntrinsic() << " " << strategy.getRows() << "x"
         << strategy.getVectors() << "v x" << strategy.getDepth();
  if (strategy.getPhase())
    stream << ", phase " << strategy.getPhase();
  if (strategy.getPackRhs())
    stream << ", packed rhs";
  return text;
}

static int64_t countMetaOps(MatmulOp op) {
  int64_t count = 0;
  op.walk([&](Operation *inner) {
    if (auto metaOps = dyn_cast<MetaOpsOp>(inner)) {
      auto chains = dyn_cast<ChainsAttr>(metaOps.getTable());
      count += chains ? chains.getEntries().getNumElements()
                      : metaOps.getTable().getNumPositions();
    } else if (isa<MetaOpOp>(inner)) {
      ++count;
    }
  });
  return count;
}

static bool isConstant(func::FuncOp function, Value value) {
  auto argument = dyn_cast<BlockArgument>(value);
  return argument &&
         function.getArgAttr(argument.getArgNumber(), "sparse_ir.constant");
}

/// The name of a constant operand; every packed kernel's are arguments.
static std::string getName(func::FuncOp function, Value value) {
  unsigned number = cast<BlockArgument>(value).getArgNumber();
  return function.getArgAttrOfType<StringAttr>(number, "sparse_ir.constant")
      .str();
}

static ::spmmplu::ValueLayout getLayout(IntrinsicUnit unit, int64_t depth) {
  switch (unit) {
  case IntrinsicUnit::VectorFma:
  case IntrinsicUnit::WarpFma:
    return ::spmmplu::ValueLayout::kMajor;
  case IntrinsicUnit::TileMatrix:
    return depth == 1 ? ::spmmplu::ValueLayout::gathered
                      : ::spmmplu::ValueLayout::rowMajor;
  case IntrinsicUnit::WarpMatrix:
    return ::spmmplu::ValueLayout::fragment;
  case IntrinsicUnit::WarpgroupMatrix:
    return ::spmmplu::ValueLayout::warpgroup;
  }
  llvm_unreachable("every unit has a layout");
}

void ManifestBuilder::readDecisions() {
  ProductCounter products;
  module.walk([&](MatmulOp op) {
    auto [product, number] = products.count(op);
    std::string prefix = "product" + std::to_string(product) + ".";
    if (number > 0) {
      if (StrategyAttr strategy = op.getStrategyAttr())
        report(prefix + "strategy" + std::to_string(number),
               describe(strategy));
      return;
    }
    report(prefix + "shape", describeShape(op));
    MaskAttr mask;
    if (SparsityAttr sparsity = op.getLhsSparsityAttr()) {
      report(prefix + "pattern", sparsity.getPattern().getText().str());
      mask = sparsity.getMask();
    }
    // Where dense was chosen there is no mask; the weights are as they were.
    if (std::optional<double> density =
            mask ? mask.getMask().density() : measureDensity(op.getLhs()))
      manifest.report[prefix + "density"] = *density;
    if (StrategyAttr strategy = op.getStrategyAttr())
      report(prefix + "strategy", describe(strategy));
    reportPrediction(prefix, op);
    manifest.report[prefix + "metaOps"] = countMetaOps(op);
  });
  int64_t attention = 0;
  module.walk([&](AttentionOp op) {
    std::string prefix = "attention" + std::to_string(attention++) + ".";
    report(prefix + "strategy", describe(op.getStrategy()));
    manifest.report[prefix + "parts"] = int64_t(op.getParts().size());
    int64_t tiles = 0;
    for (Attribute part : op.getParts())
      tiles += cast<TilesAttr>(part).getNumPositions();
    manifest.report[prefix + "tiles"] = tiles;
    reportPrediction(prefix, op);
  });
}

std::string ManifestBuilder::takeExplanations() {
  std::string text;
  module->removeAttr(kExplainAttr);
  ProductCounter products;
  module.walk([&](MatmulOp op) {
    auto [product, number] = products.count(op);
    std::string label = "product" + std::to_string(product) + ": ";
    auto why =
        dyn_cast_or_null<StringAttr>(op->removeAttr("sparse_ir.explanation"));
    if (why && number == 0)
      text += label + why.getValue().str();
  });
  return text;
}

LogicalResult ManifestBuilder::readKernels(func::FuncOp function) {
  for (BlockArgument argument : function.getArguments())
    if (failed(readArgument(function, argument)))
      return failure();
  ProductCounter products;
  function.walk([&](KernelOp op) {
    // Values of places are the program's input.
    if (op.getPackedLhs() && isConstant(function, op.getLhs()))
      readMatrix(function, op, products.count(op).first);
  });
  return success();
}

void ManifestBuilder::report(const std::string &key, std::string value) {
  manifest.report[key] = std::move(value);
}

void ManifestBuilder::reportPrediction(const std::string &prefix,
                                       Operation *op) {
  if (auto predicted =
          op->getAttrOfType<DictionaryAttr>("sparse_ir.predicted_us"))
    for (NamedAttribute entry : predicted)
      manifest.report[prefix + "predictedUs." + entry.getName().str()] =
          cast<FloatAttr>(entry.getValue()).getValueAsDouble();
}

LogicalResult ManifestBuilder::readArgument(func::FuncOp function,
                                            BlockArgument argument) {
  unsigned number = argument.getArgNumber();
  if (auto name =
          function.getArgAttrOfType<StringAttr>(number, "sparse_ir.constant")) {
    manifest.program.constants.push_back(name.str());
    return success();
  }
  auto type = dyn_cast<ShapedType>(argument.getType());
  FailureOr<DType> dtype = type && type.hasRank()
                               ? getDType(type.getElementType())
                               : FailureOr<DType>(failure());
  if (failed(dtype))
    return function.emitOpError("argument ")
           << number << " of type " << argument.getType()
           << " cannot be passed to a package, expected a tensor of floats "
              "or integers";
  bool isResult = bool(function.getArgAttr(number, "sparse_ir.result"));
  auto &specs = isResult ? manifest.program.outputs : manifest.program.inputs;
  auto given = function.getArgAttrOfType<StringAttr>(number, "sparse_ir.name");
  std::string name =
      given ? given.str()
            : (isResult ? "out" : "in") + std::to_string(specs.size());
  ::spmmplu::TensorSpec spec{name, *dtype, {}};
  auto dims = function.getArgAttrOfType<ArrayAttr>(number, "sparse_ir.dims");
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    auto symbol = dims ? dyn_cast<StringAttr>(dims[dim]) : StringAttr();
    spec.shape.push_back(symbol ? Extent::dynamic(symbol.str())
                                : Extent::fixed(type.getDimSize(dim)));
  }
  specs.push_back(std::move(spec));
  return success();
}

void ManifestBuilder::readMatrix(func::FuncOp function, KernelOp op,
                                 int64_t product) {
  std::string values = getName(function, op.getLhs());
  auto isKnown = [&](const MatrixSpec &known) {
    return known.values == values &&
           known.entries == getName(function, op.getTables()[2]);
  };
  if (llvm::any_of(manifest.matrices, isKnown))
    return;
  auto chains = cast<ChainsAttr>(op.getTable());
  MatrixSpec matrix;
  matrix.name = "w" + std::to_string(product);
  auto isForm = [&](const MatrixSpec &known) {
    return known.name == matrix.name || known.of == matrix.name;
  };
  if (int64_t forms = llvm::count_if(manifest.matrices, isForm)) {
    matrix.of = matrix.name;
    matrix.name += "." + std::to_string(forms);
  }
  matrix.rows = op.getExtent(Axis::I);
  matrix.cols = op.getExtent(Axis::K);
  std::string prefix = "product" + std::to_string(product) + ".";
  auto pattern = manifest.report.find(prefix + "pattern");
  matrix.pattern = pattern == manifest.report.end()
                       ? "dense"
                       : std::get<std::string>(pattern->second);
  auto density = manifest.report.find(prefix + "density");
  matrix.density = density == manifest.report.end()
                       ? 1.0
                       : std::get<double>(density->second);
  matrix.panel = chains.getRows();
  matrix.depth = chains.getDepth();
  matrix.phases = chains.getPhases();
  const Intrinsic *intrinsic =
      lookupIntrinsic(std::string_view(op.getStrategy().getIntrinsic()));
  if (!intrinsic)
    return; // an error of the conversion
  matrix.layout = getLayout(intrinsic->unit, matrix.depth);
  if (intrinsic->sparse)
    matrix.metadata = getName(function, op.getTables()[4]);
  matrix.panelRows = getName(function, op.getTables()[0]);
  matrix.chainPtr = getName(function, op.getTables()[1]);
  matrix.entries = getName(function, op.getTables()[2]);
  matrix.values = std::move(values);
  manifest.matrices.push_back(std::move(matrix));
}
