//===- DirectConvolution.cpp - Convolutions for GPUs -----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// linalg.conv_2d_nhwc_hwcf with constant filters, and the zeros around its
// image, as sparse_ir.convolution: finds what filters and channels are kept,
// chooses a tile, packs the filters.
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Transforms/ConvolutionPasses.h"

#include "RaiseProducts.h"
#include "Remarks.h"
#include "TableConstants.h"

#include "spmmplu/IR/Convolution.h"
#include "spmmplu/Target/ConvolutionPlan.h"
#include "spmmplu/Transforms/ResolveTarget.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

#include <cstring>
#include <variant>

namespace mlir::spmmplu {
#define GEN_PASS_DEF_SPARSEIRDIRECTCONVOLUTION
#include "spmmplu/Transforms/ConvolutionPasses.h.inc"
} // namespace mlir::spmmplu

using namespace mlir;
using namespace mlir::spmmplu;

static RankedTensorType getType(Value value) {
  return cast<RankedTensorType>(value.getType());
}

namespace {

/// 16-bit elements of a constant, [kernel height, width, channel, filter].
class FilterView {
public:
  explicit FilterView(const ConstantView &view) {
    raw = *getRawElements(view.elements, storage);
    ArrayRef<int64_t> shape = view.elements.getShapedType().getShape();
    SmallVector<int64_t> stride(4, 1);
    for (int64_t dim = 2; dim >= 0; --dim)
      stride[dim] = stride[dim + 1] * shape[dim + 1];
    for (int64_t dim = 0; dim < 4; ++dim) {
      sizes[dim] = view.getDimSize(dim);
      strides[dim] = stride[view.permutation[dim]];
    }
  }

  uint16_t get(int64_t tap, int64_t channel, int64_t filter) const {
    int64_t at = tap / sizes[1] * strides[0] + tap % sizes[1] * strides[1] +
                 channel * strides[2] + filter * strides[3];
    uint16_t bits;
    std::memcpy(&bits, raw.data() + at * 2, 2);
    return bits;
  }

  /// Channels that some filter reads, and filters that read some, by the bits
  /// beside the sign.
  void findKept(ConvolutionProblem &problem) const {
    std::vector<bool> channels(sizes[2]), filters(sizes[3]);
    for (int64_t tap = 0; tap < sizes[0] * sizes[1]; ++tap)
      for (int64_t channel = 0; channel < sizes[2]; ++channel)
        for (int64_t filter = 0; filter < sizes[3]; ++filter)
          if (get(tap, channel, filter) & 0x7fff)
            channels[channel] = filters[filter] = true;
    auto list = [](const std::vector<bool> &kept, std::vector<int32_t> &into) {
      for (auto [at, isKept] : llvm::enumerate(kept))
        if (isKept)
          into.push_back(int32_t(at));
    };
    list(channels, problem.keptChannels);
    list(filters, problem.keptFilters);
  }

private:
  SmallVector<char> storage;
  ArrayRef<char> raw;
  std::array<int64_t, 4> sizes, strides;
};

/// What a convolution is made of, once it is one that the kernel takes.
struct Convolution {
  linalg::Conv2DNhwcHwcfOp op;
  Value image, init; ///< without padding and the fill
  ConstantView filter;
  ConvolutionProblem problem;
};

} // namespace

/// A tensor that gets memory of its own, or is an argument: contiguous.
static bool isWhole(Value value) {
  Operation *op = value.getDefiningOp();
  return !op || isa<linalg::LinalgOp, ConvolutionOp, tensor::EmptyOp,
                    arith::ConstantOp>(op);
}

/// The convolution, if the kernel takes it: else the reason why not.
static std::variant<Convolution, StringRef>
getConvolution(linalg::Conv2DNhwcHwcfOp op) {
  if (!op.hasPureTensorSemantics())
    return "the operands are no tensors";
  Value filterValue = op.getInputs()[1];
  for (Value operand : {op.getInputs()[0], filterValue, op.getOutputs()[0]})
    if (!getType(operand).hasStaticShape() ||
        getType(operand).getNumElements() == 0)
      return "a dimension of the convolution is dynamic or zero";
  auto filter = findConstant(filterValue);
  if (!filter)
    return "the filter is no constant";
  Convolution found{op, {}, {}, *filter, {}};
  ConvolutionShape &shape = found.problem.shape;
  found.image = dropZeroPadding(op.getInputs()[0], {1, 2}, shape.pad);
  Type element = getType(found.image).getElementType();
  Type result = getType(op.getOutputs()[0]).getElementType();
  if ((!element.isF16() && !element.isBF16()) ||
      filter->getElementType() != element ||
      (result != element && !result.isF32()))
    return "the elements are not of 16 bits";
  if (op->hasAttr(getSparsityAttrName(Role::Lhs)) ||
      op->hasAttr(getSparsityAttrName(Role::Out)))
    return "sparsity of the input or the result is not supported";
  auto isOne = [](const APInt &value) { return value.isOne(); };
  if (!llvm::all_of(op.getStrides().getValues<APInt>(), isOne))
    return "the convolution has strides";
  linalg::FillOp fill = findFill(op.getOutputs()[0]);
  if (!fill || !matchPattern(fill.value(), m_AnyZeroFloat()))
    return "the result does not start from zero";
  found.init = fill.getOutputs()[0];
  if (!isWhole(found.image) || !isWhole(found.init) ||
      getType(found.image).getEncoding() || getType(found.init).getEncoding())
    return "an image is a part of a tensor or sparse";
  ArrayRef<int64_t> in = getType(found.image).getShape();
  ArrayRef<int64_t> out = getType(found.init).getShape();
  auto dilation = op.getDilations().getValues<int64_t>();
  shape.batch = in[0];
  shape.channels = in[3];
  shape.image = {in[1], in[2]};
  shape.result = {out[1], out[2]};
  shape.kernel = {filter->getDimSize(0), filter->getDimSize(1)};
  shape.dilation = {dilation[0], dilation[1]};
  found.problem.filters = out[3];
  found.problem.resultBytes = result.getIntOrFloatBitWidth() / 8;
  return found;
}

//===----------------------------------------------------------------------===//
// Packed operands
//===----------------------------------------------------------------------===//

/// Column j of panel p is the filter at p * cols + j: -1 is none.
static std::vector<int32_t> listColumns(const ConvolutionProblem &problem,
                                        const ConvolutionPlan &plan) {
  std::vector<int32_t> columns;
  size_t next = 0;
  const std::vector<int32_t> &kept = problem.keptFilters;
  for (size_t panel = 1; panel < plan.bounds.size(); ++panel) {
    while (next < kept.size() && kept[next] < plan.bounds[panel])
      columns.push_back(kept[next++]);
    columns.resize(panel * plan.tile.cols, -1);
  }
  return columns;
}

/// Whether the panels' columns are all channels between their bounds, in order.
static bool isNatural(const ConvolutionPlan &plan, ArrayRef<int32_t> columns) {
  for (size_t panel = 0; panel + 1 < plan.bounds.size(); ++panel)
    for (int32_t f = plan.bounds[panel]; f < plan.bounds[panel + 1]; ++f)
      if (columns[panel * plan.tile.cols + f - plan.bounds[panel]] != f)
        return false;
  return true;
}

static std::vector<uint16_t> packFilters(const FilterView &filter,
                                         const ConvolutionTile &tile,
                                         ArrayRef<int32_t> channels,
                                         ArrayRef<int32_t> columns) {
  std::vector<uint16_t> packed;
  packed.reserve(columns.size() * channels.size() * tile.kernelTaps);
  for (size_t panel = 0; panel < columns.size(); panel += tile.cols)
    for (size_t block = 0; block < channels.size(); block += tile.block)
      for (int64_t tap = 0; tap < tile.kernelTaps; ++tap)
        for (int64_t chunk = 0; chunk < tile.block; chunk += 8)
          for (int64_t col = 0; col < tile.cols; ++col)
            for (int64_t n = 0; n < 8; ++n) {
              int32_t channel = channels[block + chunk + n];
              int32_t column = columns[panel + col];
              packed.push_back(channel < 0 || column < 0
                                   ? uint16_t(0)
                                   : filter.get(tap, channel, column));
            }
  return packed;
}

static Value createFilters(OpBuilder &builder, Location loc, Type element,
                           ArrayRef<uint16_t> packed) {
  auto type = RankedTensorType::get({int64_t(packed.size())}, element);
  ArrayRef<char> bytes(reinterpret_cast<const char *>(packed.data()),
                       packed.size() * 2);
  return createResource(builder, loc, "filters", type, bytes);
}

static Value createConvolution(OpBuilder &builder, const Convolution &found,
                               const ConvolutionPlan &plan) {
  const ConvolutionTile &tile = plan.tile;
  const ConvolutionShape &shape = found.problem.shape;
  linalg::Conv2DNhwcHwcfOp op = found.op;
  Location loc = op.getLoc();
  std::vector<int32_t> channels = listChannels(found.problem, tile);
  std::vector<int32_t> columns = listColumns(found.problem, plan);
  Value filters = createFilters(
      builder, loc, getType(found.image).getElementType(),
      packFilters(FilterView(found.filter), tile, channels, columns));
  auto flag = [&](bool on) { return on ? builder.getUnitAttr() : UnitAttr(); };
  auto number = [&](int64_t value) { return builder.getI64IntegerAttr(value); };
  return ConvolutionOp::create(
             builder, loc, TypeRange{found.init.getType()}, found.image,
             filters, createTable(builder, loc, "channels", channels),
             createTable(builder, loc, "bounds", plan.bounds),
             createTable(builder, loc, "columns", columns), found.init,
             builder.getDenseI64ArrayAttr(shape.kernel),
             builder.getDenseI64ArrayAttr(shape.dilation),
             builder.getDenseI64ArrayAttr(shape.pad), number(tile.pixels),
             number(tile.warpgroups), number(tile.cols), number(tile.span),
             number(tile.block), number(tile.taps), number(tile.stages),
             number(tile.launched), flag(tile.gather), flag(tile.compact),
             flag(isNatural(plan, columns)))
      .getResult(0);
}

namespace {

struct DirectConvolutionPass
    : mlir::spmmplu::impl::SparseIRDirectConvolutionBase<
          DirectConvolutionPass> {
  using SparseIRDirectConvolutionBase::SparseIRDirectConvolutionBase;

  void runOnOperation() override {
    FailureOr<Target> machine = resolveTarget(getOperation(), target);
    if (failed(machine))
      return signalPassFailure();
    SmallVector<linalg::Conv2DNhwcHwcfOp> ops;
    getOperation()->walk(
        [&](linalg::Conv2DNhwcHwcfOp op) { ops.push_back(op); });
    for (linalg::Conv2DNhwcHwcfOp op : ops)
      if (failed(rewrite(op, *machine)))
        return signalPassFailure();
    if (machine->kind != TargetKind::Gpu)
      return;
    getOperation()->walk([](linalg::LinalgOp op) {
      if (isa<linalg::Conv2DNhwcHwcfOp, linalg::Conv2DNchwFchwOp>(op))
        op->setAttr(kRaiseAttrName, UnitAttr::get(op.getContext()));
    });
  }

private:
  static bool hasUnit(const Target &machine, Type element) {
    const Intrinsic *intrinsic =
        lookupIntrinsic(element.isF16() ? "wgmma-f16" : "wgmma-bf16");
    return intrinsic && machine.gflops(*intrinsic) > 0;
  }

  LogicalResult rewrite(linalg::Conv2DNhwcHwcfOp op, const Target &machine) {
    if (!hasUnit(machine, getElementTypeOrSelf(op.getInputs()[0].getType())))
      return success(); // the general path has remarks of its own
    auto found = getConvolution(op);
    if (auto *reason = std::get_if<StringRef>(&found)) {
      remarkMissed(op, reason->str());
      return success();
    }
    Convolution &convolution = std::get<Convolution>(found);
    // What the filter promises is checked; what it holds decides.
    MatrixLayout layout{{}, {3}, {2, 0, 1}, convolution.problem.filters};
    layout.cols =
        convolution.problem.shape.taps() * convolution.problem.shape.channels;
    if (failed(findSparsity(op, Role::Rhs, op.getInputs()[1], layout,
                            /*minSparsity=*/0)))
      return failure();
    FilterView(convolution.filter).findKept(convolution.problem);
    FailureOr<std::optional<ConvolutionPlan>> plan =
        getPlan(op, machine, convolution.problem);
    if (failed(plan))
      return failure();
    if (!*plan) {
      remarkMissed(op, "no tile of the convolution fits the machine");
      return success();
    }
    replace(op, convolution, **plan);
    return success();
  }

  static FailureOr<std::optional<ConvolutionPlan>>
  getPlan(linalg::Conv2DNhwcHwcfOp op, const Target &machine,
          const ConvolutionProblem &problem) {
    auto given = op->getAttrOfType<DenseI64ArrayAttr>("sparse_ir.tile");
    if (!given)
      return chooseConvolutionPlan(machine, problem);
    ArrayRef<int64_t> numbers = given.asArrayRef();
    ConvolutionTile tile;
    int64_t mode;
    int64_t *members[] = {
        &tile.pixels, &tile.warpgroups, &tile.cols,     &tile.block,
        &tile.taps,   &tile.stages,     &tile.launched, &mode};
    if (numbers.size() != std::size(members))
      return op.emitOpError("expects 8 numbers of 'sparse_ir.tile', found ")
             << numbers.size();
    for (auto [member, number] : llvm::zip(members, numbers))
      *member = number;
    tile.gather = mode == 1;
    tile.compact = mode == 2;
    std::optional<ConvolutionPlan> plan = completePlan(machine, problem, tile);
    if (!plan)
      return op.emitOpError("has a tile that its kernel cannot take: [")
             << numbers << "]";
    return plan;
  }

  static void replace(linalg::Conv2DNhwcHwcfOp op,
                      const Convolution &convolution,
                      const ConvolutionPlan &plan) {
    OpBuilder builder(op);
    Value result = createConvolution(builder, convolution, plan);
    remarkRaised(op, convolution.problem, plan);
    op.getResult(0).replaceAllUsesWith(result);
    Value unused[] = {op.getInputs()[0], op.getInputs()[1], op.getOutputs()[0]};
    op.erase();
    for (Value value : unused)
      if (Operation *producer = value.getDefiningOp();
          producer && value.use_empty())
        producer->erase();
  }

  static void remarkRaised(Operation *op, const ConvolutionProblem &problem,
                           const ConvolutionPlan &plan) {
    const ConvolutionTile &tile = plan.tile;
    emitRemark(op, "sparse-ir-direct-convolution")
        << remark::metric("channels", problem.keptChannels.size())
        << remark::metric("filters", problem.keptFilters.size())
        << remark::metric("gather", tile.gather ? "yes" : "no")
        << remark::metric("compact", tile.compact ? "yes" : "no")
        << remark::metric("panels", plan.bounds.size() - 1)
        << remark::metric("tile", std::to_string(tile.pixels) + "x" +
                                      std::to_string(tile.cols) + "x" +
                                      std::to_string(tile.block * tile.taps))
        << remark::metric("warpgroups", tile.warpgroups)
        << remark::metric("stages", tile.stages)
        << remark::metric("launched", tile.launched)
        << remark::metric("us", plan.micros);
  }
};

} // namespace
