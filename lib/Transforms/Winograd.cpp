//===- Winograd.cpp - Pruned convolutions in Winograd's domain -*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A 3x3 convolution of f32 with a constant filter as 36 products of what F(4x4,
// 3x3) makes of the image's tiles. The domain makes any mask within a filter
// dense, but channels that no filter reads, and filters without a weight,
// vanish from all products. Taken where the model expects it to be faster.
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Transforms/ConvolutionPasses.h"

#include "RaiseProducts.h"
#include "Remarks.h"
#include "TableConstants.h"

#include "spmmplu/IR/Winograd.h"
#include "spmmplu/Target/Strategy.h"
#include "spmmplu/Target/Winograd.h"
#include "spmmplu/Transforms/ResolveTarget.h"

#include "mlir/IR/Matchers.h"

#include <cstring>
#include <variant>

namespace mlir::spmmplu {
#define GEN_PASS_DEF_SPARSEIRWINOGRAD
#include "spmmplu/Transforms/ConvolutionPasses.h.inc"
} // namespace mlir::spmmplu

using namespace mlir;
using namespace mlir::spmmplu;

/// Forces the op into Winograd's domain (true), or keeps it out (false).
static constexpr StringLiteral kChoiceAttrName = "sparse_ir.winograd";

/// Winograd's rounding errors are larger: it must be worth something.
static constexpr double kMargin = 1.1;

static RankedTensorType getType(Value value) {
  return cast<RankedTensorType>(value.getType());
}

namespace {

/// A 3x3 convolution that the transforms can take.
struct Convolution {
  linalg::LinalgOp op;
  bool nhwc = false;
  Value image, init; ///< without padding, and the fill with zeros
  std::array<int64_t, 2> pad = {0, 0}, tiles = {0, 0};
  bool accumulate = false; ///< the result is added to init
  /// Its weights as [filter][channel][9].
  std::vector<float> weights;
  int64_t filters = 0, channels = 0;
  std::vector<int32_t> keptFilters, keptChannels;

  const float *getWeights(int64_t filter, int64_t channel) const {
    return weights.data() + (filter * channels + channel) * 9;
  }
  void findKept();
};

} // namespace

void Convolution::findKept() {
  std::vector<bool> hasFilter(filters), hasChannel(channels);
  for (int64_t f = 0; f < filters; ++f)
    for (int64_t c = 0; c < channels; ++c)
      if (llvm::any_of(ArrayRef(getWeights(f, c), 9),
                       [](float weight) { return weight != 0; }))
        hasFilter[f] = hasChannel[c] = true;
  for (int64_t f = 0; f < filters; ++f)
    if (hasFilter[f])
      keptFilters.push_back(int32_t(f));
  for (int64_t c = 0; c < channels; ++c)
    if (hasChannel[c])
      keptChannels.push_back(int32_t(c));
}

//===----------------------------------------------------------------------===//
// Matching
//===----------------------------------------------------------------------===//

/// The weights with their dimensions in the order `order`.
static std::vector<float> readWeights(const ConstantView &view,
                                      ArrayRef<int64_t> order) {
  ShapedType type = view.elements.getShapedType();
  SmallVector<char> storage;
  ArrayRef<char> raw = *getRawElements(view.elements, storage);
  SmallVector<int64_t> strides(4, 1), size(4), step(4);
  for (int64_t dim = 2; dim >= 0; --dim)
    strides[dim] = strides[dim + 1] * type.getDimSize(dim + 1);
  for (auto [at, dim] : llvm::enumerate(order)) {
    size[at] = view.getDimSize(dim);
    step[at] = strides[view.permutation[dim]];
  }
  std::vector<float> weights;
  weights.reserve(type.getNumElements());
  for (int64_t f = 0; f < size[0]; ++f)
    for (int64_t c = 0; c < size[1]; ++c)
      for (int64_t y = 0; y < size[2]; ++y)
        for (int64_t x = 0; x < size[3]; ++x) {
          int64_t at = f * step[0] + c * step[1] + y * step[2] + x * step[3];
          std::memcpy(&weights.emplace_back(), raw.data() + at * sizeof(float),
                      sizeof(float));
        }
  return weights;
}

static bool isOnes(DenseIntElementsAttr numbers) {
  return llvm::all_of(numbers.getValues<APInt>(),
                      [](const APInt &value) { return value.isOne(); });
}

/// Why the op is none that the transforms can take; empty if it may be one.
static StringRef checkOp(linalg::LinalgOp op, bool hasUnitSteps) {
  if (!op.hasPureTensorSemantics())
    return "the operands are no tensors";
  for (OpOperand &operand : op->getOpOperands()) {
    RankedTensorType type = getType(operand.get());
    if (!type.hasStaticShape() || type.getNumElements() == 0)
      return "a dimension of the convolution is dynamic or zero";
    if (!type.getElementType().isF32())
      return "the elements are not f32: others lose too much in the transforms";
    if (isa_and_nonnull<SparsityAttr>(type.getEncoding()))
      return "a pattern is given";
  }
  for (Role role : {Role::Lhs, Role::Rhs, Role::Out})
    if (op->hasAttr(getSparsityAttrName(role)))
      return "a pattern is given";
  return hasUnitSteps ? "" : "the convolution has strides or dilations";
}

/// The convolution, or why it is left alone.
static std::variant<Convolution, StringRef>
getConvolution(linalg::LinalgOp op) {
  Convolution found;
  found.op = op;
  SmallVector<int64_t> order; // of the filter: filter, channel, height, width
  bool hasUnitSteps;
  if (auto conv = dyn_cast<linalg::Conv2DNhwcHwcfOp>(op.getOperation())) {
    found.nhwc = true;
    order = {3, 2, 0, 1};
    hasUnitSteps = isOnes(conv.getStrides()) && isOnes(conv.getDilations());
  } else {
    auto other = cast<linalg::Conv2DNchwFchwOp>(op.getOperation());
    order = {0, 1, 2, 3};
    hasUnitSteps = isOnes(other.getStrides()) && isOnes(other.getDilations());
  }
  if (StringRef reason = checkOp(op, hasUnitSteps); !reason.empty())
    return reason;
  auto view = findConstant(op->getOperand(1));
  if (!view)
    return StringRef("the filter is no constant");
  if (view->getDimSize(order[2]) != kWinogradTaps ||
      view->getDimSize(order[3]) != kWinogradTaps)
    return StringRef("the filter is not 3x3");
  found.filters = view->getDimSize(order[0]);
  found.channels = view->getDimSize(order[1]);
  ImageDims dims = getImageDims(found.nhwc);
  found.image =
      dropZeroPadding(op->getOperand(0), {dims.height, dims.width}, found.pad);
  found.init = op->getOperand(2);
  for (auto [tiles, dim] :
       llvm::zip(found.tiles, std::array{dims.height, dims.width}))
    tiles = llvm::divideCeil(getType(found.init).getDimSize(dim), kWinogradOut);
  linalg::FillOp fill = findFill(found.init);
  found.accumulate = !fill || !matchPattern(fill.value(), m_AnyZeroFloat());
  if (!found.accumulate)
    found.init = fill.output();
  found.weights = readWeights(*view, order);
  found.findKept();
  if (found.keptFilters.empty())
    return StringRef("the filter is zero");
  return found;
}

//===----------------------------------------------------------------------===//
// Costs
//===----------------------------------------------------------------------===//

/// Microseconds of the convolution as one product, sparse or dense; 0 where the
/// target has none.
static double getDirectMicros(const Target &machine, const Convolution &found,
                              int64_t threads) {
  ProductProblem product;
  product.m = found.filters;
  product.k = found.channels * 9;
  ArrayRef<int64_t> shape = getType(found.init).getShape();
  ImageDims dims = getImageDims(found.nhwc);
  product.n = shape[0] * shape[dims.height] * shape[dims.width];
  Mask mask = Mask::ofNonZeros(std::span<const float>(found.weights), product.m,
                               product.k);
  product.mask = &mask;
  product.matrixRhs = false;
  product.threads = threads;
  auto choice = chooseStrategy(machine, product);
  return choice ? std::min(choice->best.predicted.total,
                           choice->dense.predicted.total)
                : 0.0;
}

//===----------------------------------------------------------------------===//
// Rewriting
//===----------------------------------------------------------------------===//

/// G w Gt of all kept filters and channels: [36][filters][channels], computed
/// in f64 and rounded once.
static std::vector<float> transformWeights(const Convolution &found) {
  size_t size = found.keptFilters.size() * found.keptChannels.size();
  std::vector<float> result(kWinogradProducts * size);
  size_t at = 0;
  for (int32_t filter : found.keptFilters)
    for (int32_t channel : found.keptChannels) {
      const float *w = found.getWeights(filter, channel);
      double half[6][3] = {};
      for (int64_t x = 0; x < 6; ++x)
        for (int64_t y = 0; y < 3; ++y)
          for (int64_t k = 0; k < 3; ++k)
            half[x][y] += kWinograd.filter[x][k] * w[k * 3 + y];
      for (int64_t x = 0; x < 6; ++x)
        for (int64_t y = 0; y < 6; ++y) {
          double sum = 0;
          for (int64_t k = 0; k < 3; ++k)
            sum += half[x][k] * kWinograd.filter[y][k];
          result[(x * 6 + y) * size + at] = float(sum);
        }
      ++at;
    }
  return result;
}

static Value createFilters(OpBuilder &builder, Location loc,
                           const Convolution &found) {
  std::vector<float> weights = transformWeights(found);
  auto type = RankedTensorType::get({kWinogradProducts,
                                     int64_t(found.keptFilters.size()),
                                     int64_t(found.keptChannels.size())},
                                    builder.getF32Type());
  ArrayRef<char> bytes(reinterpret_cast<const char *>(weights.data()),
                       weights.size() * sizeof(float));
  return createResource(builder, loc, "winograd", type, bytes);
}

namespace {

/// Builds the transforms and products of blocks of images.
class WinogradBuilder {
public:
  WinogradBuilder(OpBuilder &builder, const Convolution &found,
                  const WinogradPlan &plan)
      : b(builder), found(found), plan(plan),
        loc(const_cast<linalg::LinalgOp &>(found.op).getLoc()) {
    std::vector<int32_t> numbers(found.filters, -1);
    for (auto [number, filter] : llvm::enumerate(found.keptFilters))
      numbers[filter] = int32_t(number);
    weights = createFilters(b, loc, found);
    channels = createTable(b, loc, "channels", found.keptChannels);
    filters = createTable(b, loc, "filters", numbers);
  }

  Value build() {
    int64_t batch = getType(found.image).getDimSize(0);
    if (plan.images == batch)
      return buildBlock(found.image, found.init);
    auto index = [&](int64_t value) {
      return arith::ConstantIndexOp::create(b, loc, value);
    };
    auto loop = scf::ForOp::create(
        b, loc, index(0), index(batch), index(plan.images), found.init,
        [&](OpBuilder &, Location, Value first, ValueRange whole) {
          auto [offsets, sizes, strides] = getSlice(whole.front(), first);
          Value init = tensor::ExtractSliceOp::create(b, loc, whole.front(),
                                                      offsets, sizes, strides);
          Value result = buildBlock(getImages(first), init);
          Value all = tensor::InsertSliceOp::create(
              b, loc, result, whole.front(), offsets, sizes, strides);
          scf::YieldOp::create(b, loc, all);
        });
    return loop.getResult(0);
  }

private:
  using Parts = SmallVector<OpFoldResult>;

  std::tuple<Parts, Parts, Parts> getSlice(Value images, Value first) {
    Parts offsets(4, b.getIndexAttr(0)), strides(4, b.getIndexAttr(1));
    Parts sizes = tensor::getMixedSizes(b, loc, images);
    offsets[0] = first;
    sizes[0] = b.getIndexAttr(plan.images);
    return {offsets, sizes, strides};
  }

  Value getImages(Value first) {
    auto [offsets, sizes, strides] = getSlice(found.image, first);
    return tensor::ExtractSliceOp::create(b, loc, found.image, offsets, sizes,
                                          strides);
  }

  Value createTiles(int64_t rows) {
    int64_t tiles = plan.images * found.tiles[0] * found.tiles[1];
    return tensor::EmptyOp::create(
        b, loc, ArrayRef<int64_t>{kWinogradProducts, rows, tiles},
        b.getF32Type());
  }

  Value buildBlock(Value image, Value init) {
    auto tiles = b.getDenseI64ArrayAttr(found.tiles);
    auto lanes = b.getI64IntegerAttr(plan.lanes);
    auto flag = [&](bool on) { return on ? b.getUnitAttr() : UnitAttr(); };
    Value empty = createTiles(found.keptChannels.size());
    Value input = WinogradInputOp::create(b, loc, TypeRange{empty.getType()},
                                          image, channels, empty,
                                          b.getDenseI64ArrayAttr(found.pad),
                                          tiles, lanes, flag(found.nhwc))
                      .getResult(0);
    Value zero = arith::ConstantOp::create(b, loc, b.getF32FloatAttr(0));
    Value sums = linalg::FillOp::create(b, loc, ValueRange{zero},
                                        createTiles(found.keptFilters.size()))
                     ->getResult(0);
    auto products = linalg::BatchMatmulOp::create(
        b, loc, TypeRange{sums.getType()}, ValueRange{weights, input},
        ValueRange{sums});
    products->setAttr(kRaiseAttrName, b.getUnitAttr());
    return WinogradOutputOp::create(b, loc, TypeRange{init.getType()},
                                    products->getResult(0), filters, init,
                                    tiles, lanes, flag(found.nhwc),
                                    flag(found.accumulate))
        .getResult(0);
  }

  OpBuilder &b;
  const Convolution &found;
  WinogradPlan plan;
  Location loc;
  Value weights, channels, filters;
};

struct WinogradPass : mlir::spmmplu::impl::SparseIRWinogradBase<WinogradPass> {
  using SparseIRWinogradBase::SparseIRWinogradBase;

  void runOnOperation() override {
    FailureOr<Target> machine = resolveTarget(getOperation(), target);
    if (failed(machine))
      return signalPassFailure();
    if (when != "best" && when != "always" && when != "never") {
      getOperation()->emitError("expected when=best, always or never, found '")
          << when << "'";
      return signalPassFailure();
    }
    if (machine->kind != TargetKind::Cpu)
      return;
    SmallVector<linalg::LinalgOp> ops;
    getOperation()->walk([&](linalg::LinalgOp op) {
      if (isa<linalg::Conv2DNhwcHwcfOp, linalg::Conv2DNchwFchwOp>(op))
        ops.push_back(op);
    });
    for (linalg::LinalgOp op : ops)
      rewrite(op, *machine);
  }

private:
  /// What the op says, or else the pass: taken, left alone, or judged.
  StringRef getChoice(Operation *op) const {
    if (auto given = op->getAttrOfType<BoolAttr>(kChoiceAttrName))
      return given.getValue() ? "always" : "never";
    return when.getValue();
  }

  static void remarkLeft(Operation *op, StringRef reason) {
    emitRemark(op, "sparse-ir-winograd", /*taken=*/false)
        << remark::reason("{0}", reason);
  }

  void rewrite(linalg::LinalgOp op, const Target &machine) {
    StringRef choice = getChoice(op);
    if (choice == "never")
      return;
    auto match = getConvolution(op);
    if (auto *reason = std::get_if<StringRef>(&match))
      return remarkLeft(op, *reason);
    auto &found = std::get<Convolution>(match);
    WinogradProblem problem;
    problem.batch = getType(found.image).getDimSize(0);
    problem.tiles = found.tiles[0] * found.tiles[1];
    problem.channels = found.keptChannels.size();
    problem.filters = found.keptFilters.size();
    problem.threads = threads;
    if (images > 0 && problem.batch % images)
      return remarkLeft(op, "the batch is no multiple of 'images'");
    auto plan = planWinograd(machine, problem, images);
    if (!plan)
      return remarkLeft(op, plan.error());
    double direct = getDirectMicros(machine, found, threads);
    bool isTaken = choice == "always" || plan->micros * kMargin < direct;
    emitRemark(op, "sparse-ir-winograd", isTaken)
        << remark::metric("winograd-us", plan->micros)
        << remark::metric("transforms-us", plan->transforms)
        << remark::metric("direct-us", direct)
        << remark::metric("channels", problem.channels)
        << remark::metric("filters", problem.filters)
        << remark::metric("images", plan->images);
    if (isTaken)
      replace(found, *plan);
  }

  static void replace(const Convolution &found, const WinogradPlan &plan) {
    linalg::LinalgOp op = found.op;
    OpBuilder builder(op);
    Value result = WinogradBuilder(builder, found, plan).build();
    op->getResult(0).replaceAllUsesWith(result);
    SmallVector<Value> unused(op->getOperands());
    op->erase();
    for (Value value : unused)
      if (Operation *producer = value.getDefiningOp();
          producer && producer->use_empty())
        producer->erase();
  }
};

} // namespace
