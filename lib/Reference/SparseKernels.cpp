//===- SparseKernels.cpp - Contracts and kernels ---------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SparseTables.h"
#include "spmmplu/Segmentation/ValueRuns.h"
#include "spmmplu/Target/Intrinsic.h"

using namespace mlir;
using namespace mlir::spmmplu;

//===----------------------------------------------------------------------===//
// Tables
//===----------------------------------------------------------------------===//

/// Whether the table's own index list along `axis` is short enough to be made:
/// the extents in an attribute are any positive number.
static bool isListable(const EvaluatorOptions &options,
                       TableAttrInterface table, Axis axis) {
  int64_t extent = table.getStaticExtent(axis);
  if (auto chains = dyn_cast<ChainsAttr>(table); chains && axis == Axis::K)
    return !llvm::MulOverflow(chains.getDepth(),
                              chains.getEntries().getNumElements(), extent) &&
           extent <= options.maxElements;
  return ShapedType::isDynamic(extent) || extent <= options.maxElements;
}

LogicalResult
mlir::spmmplu::getTableIndices(Interpreter &interpreter, Operation *op,
                               TableAttrInterface table, int64_t position,
                               Axis axis, int64_t size,
                               SmallVectorImpl<int64_t> &indices) {
  if (position < 0 || position >= table.getNumPositions())
    return op->emitError("position ")
           << position << " lies outside of a table of "
           << table.getNumPositions();
  if (!isListable(interpreter.getOptions(), table, axis))
    return op->emitError("a meta-op is longer than ")
           << interpreter.getOptions().maxElements;
  indices = table.getIndices(position, axis, size);
  for (int64_t index : indices)
    if (index < -1 || index >= size)
      return op->emitError("position ")
             << position << " of the table holds index " << index
             << " of an axis of " << size;
  return interpreter.spend(op, indices.size());
}

/// A table's parts in the order in which the attribute lists them.
static SmallVector<std::pair<StringRef, ElementsAttr>>
getParts(TableAttrInterface table) {
  if (auto chains = dyn_cast<ChainsAttr>(table))
    return {{"panel_rows", chains.getPanelRows()},
            {"chain_ptr", chains.getChainPtr()},
            {"entries", chains.getEntries()}};
  if (auto tiles = dyn_cast<TilesAttr>(table))
    return {{"panel_rows", tiles.getPanelRows()},
            {"granule_cols", tiles.getGranuleCols()},
            {"tile_ptr", tiles.getTilePtr()},
            {"tiles", tiles.getTiles()},
            {"mask_offset", tiles.getMaskOffset()},
            {"masks", tiles.getMasks()}};
  if (auto ranges = dyn_cast<RangesAttr>(table))
    return {{"points", ranges.getPoints()}};
  return {};
}

/// The parts that a kernel is handed as tensors must be those of its table;
/// one more is the boundaries of its tasks, in panels.
static LogicalResult checkParts(Interpreter &interpreter, KernelOp op) {
  auto parts = getParts(op.getTable());
  size_t count = op.getTables().size();
  if (count == 0)
    return success();
  // Runs of values come before the tasks.
  size_t runs = op.getPlaces(Role::Lhs) || op.getPlaces(Role::Out);
  if (count != parts.size() && count != parts.size() + 1 + runs)
    return op.emitError("expected ")
           << parts.size() + runs << " tables and the tasks, found " << count;
  for (auto [part, value] : llvm::zip(parts, op.getTables())) {
    auto expected = interpreter.getConstant(part.second);
    const ReferenceTensor &found = interpreter.getTensor(value);
    if (failed(expected) || !found.isInteger || !(*expected)->isInteger ||
        (*expected)->shape != found.shape ||
        (*expected)->integers != found.integers)
      return op.emitError("the tensor of '")
             << part.first << "' is not that of the table";
  }
  if (count == parts.size())
    return success();
  // Tasks of ranges are cut between positions.
  int64_t panels = op.getTable().getNumPositions();
  if (auto chains = dyn_cast<ChainsAttr>(op.getTable()))
    panels = chains.getNumPanels();
  else if (auto tiles = dyn_cast<TilesAttr>(op.getTable()))
    panels = tiles.getNumPanels();
  ArrayRef<int64_t> tasks =
      interpreter.getTensor(op.getTables().back()).integers;
  if (tasks.empty() || tasks.front() != 0 || tasks.back() != panels ||
      !llvm::is_sorted(tasks))
    return op.emitError("expected tasks that ascend from 0 to ")
           << panels << " panels";
  return success();
}

//===----------------------------------------------------------------------===//
// Products with mapped operands
//===----------------------------------------------------------------------===//

static double getReal(const ReferenceTensor &tensor, int64_t flat) {
  return tensor.isInteger ? double(tensor.integers[flat]) : tensor.reals[flat];
}

/// Sums of integers wrap at 32 bits; a product of two is exact.
static void addTerm(ReferenceTensor &sums, int64_t flat, double product) {
  if (sums.isInteger)
    sums.integers[flat] = int32_t(sums.integers[flat] + int64_t(product));
  else
    sums.reals[flat] += product;
}

namespace {

/// A term of the product along k: its index, and its place in the packed lhs.
struct Term {
  int64_t k, entry, lane;
};

/// The meta-ops of a `sparse_ir.contract` or a `sparse_ir.kernel`.
template <typename OpTy> class MappedRun {
public:
  MappedRun(Interpreter &interpreter, OpTy op)
      : interpreter(interpreter), op(op),
        lhs(interpreter.getTensor(op.getLhs())),
        rhs(interpreter.getTensor(op.getRhs())),
        result(interpreter.getTensor(op.getInit())) {}

  LogicalResult readExtents(ArrayRef<Role> roles) {
    for (Axis axis : {Axis::I, Axis::J, Axis::K})
      if (failed(readExtent(axis, roles)))
        return failure();
    return interpreter.spend(op, result.size());
  }

  /// Makes operands values of places.
  LogicalResult readPlaces() {
    for (Role role : {Role::Lhs, Role::Out}) {
      SparsityAttr sparsity = op.getPlaces(role);
      if (!sparsity)
        continue;
      auto [first, second] = getAxes(role);
      FailureOr<Mask> mask =
          sparsity.resolveMask(extents[int(first)], extents[int(second)]);
      if (failed(mask))
        return op.emitError("expected places of ") << stringifyRole(role);
      numbers[int(role)].emplace(std::move(*mask));
    }
    if (auto sparsity = op.getLhsPart()) {
      FailureOr<Mask> mask =
          sparsity->resolveMask(extents[int(Axis::I)], extents[int(Axis::K)]);
      if (failed(mask))
        return op.emitError("expected a part of the lhs");
      part = std::move(*mask);
    }
    return success();
  }

  /// Makes the lhs a packed one.
  LogicalResult readPacked() {
    chains = dyn_cast<ChainsAttr>(op.getTable());
    if (!chains)
      return op.emitError("expected a table of chains for a packed lhs");
    StringRef name = strategyName();
    const Intrinsic *intrinsic =
        lookupIntrinsic(std::string_view(name.data(), name.size()));
    if (!intrinsic)
      return op.emitError("expected an intrinsic of the table, found '")
             << name << "'";
    layout = getPackedLayout(*intrinsic, chains.getDepth());
    entries = interpreter.getConstant(chains.getEntries()).value()->integers;
    int64_t expected = 0;
    if (llvm::MulOverflow(chains.getRows() * chains.getDepth(),
                          int64_t(entries.size()), expected) ||
        lhs.size() != expected)
      return op.emitError("expected ")
             << expected << " packed values, found " << lhs.size();
    return success();
  }

  /// Zeroes what the meta-op at `position` writes.
  LogicalResult clear(int64_t position) {
    return visitOutputs(position,
                        [&](int64_t, int64_t, int64_t, int64_t, int64_t flat) {
                          result.set(flat, {});
                          return success();
                        });
  }

  LogicalResult accumulate(int64_t position) {
    SmallVector<Term> terms;
    if (failed(getTerms(position, terms)))
      return failure();
    return visitOutputs(
        position, [&](int64_t x, int64_t i, int64_t, int64_t j, int64_t flat) {
          for (const Term &term : terms) {
            FailureOr<double> a = loadLhs(x, i, term);
            FailureOr<double> b = load(Role::Rhs, rhs, term.k, j);
            if (failed(a) || failed(b))
              return failure();
            addTerm(result, flat, *a * *b);
          }
          return interpreter.spend(op, 1 + terms.size());
        });
  }

  /// Replaces what the meta-op at `position` wrote by what the epilogue, a
  /// block, makes of it.
  LogicalResult finish(int64_t position, Block &body) {
    return visitOutputs(position, [&](int64_t, int64_t i, int64_t, int64_t j,
                                      int64_t flat) {
      SmallVector<double> numbers = {result.reals[flat]};
      for (auto [at, operand] : llvm::enumerate(op.getEpilogueOperands())) {
        const ReferenceTensor &tensor = interpreter.getTensor(operand);
        FailureOr<SmallVector<int64_t>> index =
            evaluateAffine(op.getEpilogueMap(at), {i, j});
        if (failed(index))
          return LogicalResult(
              op.emitError("division by zero or less in a map of the "
                           "epilogue"));
        FailureOr<int64_t> from =
            getFlat(op, "an epilogue's operand", tensor.shape, *index);
        if (failed(from))
          return LogicalResult(failure());
        numbers.push_back(tensor.reals[*from]);
      }
      for (auto [argument, number] : llvm::zip(body.getArguments(), numbers))
        if (failed(interpreter.set(op, argument, Number{number, 0})))
          return LogicalResult(failure());
      if (failed(interpreter.runBlock(body)))
        return LogicalResult(failure());
      result.reals[flat] =
          interpreter.getNumber(body.getTerminator()->getOperand(0)).real;
      return LogicalResult(success());
    });
  }

  ReferenceTensor takeResult() { return std::move(result); }

private:
  StringRef strategyName() {
    if constexpr (std::is_same_v<OpTy, KernelOp>)
      return op.getStrategy().getIntrinsic();
    return "";
  }

  /// The static extent, or the dimension that a map takes from the axis alone.
  LogicalResult readExtent(Axis axis, ArrayRef<Role> roles) {
    int64_t &extent = extents[int(axis)];
    if (op.getExtents().size() != 3)
      return op.emitError("expected 3 extents, found ")
             << op.getExtents().size();
    extent = op.getExtents()[int(axis)];
    for (Role role : roles) {
      auto [first, second] = getAxes(role);
      if (extent >= 0 || (axis != first && axis != second))
        continue;
      ArrayRef<int64_t> shape = getOperand(role).shape;
      for (auto [dim, expr] : llvm::enumerate(op.getMap(role).getResults()))
        if (auto source = dyn_cast<AffineDimExpr>(expr);
            source && source.getPosition() == (axis == first ? 0 : 1))
          extent = shape[dim];
    }
    if (extent < 0)
      return op.emitError("has a dynamic extent that no operand tells");
    return success();
  }

  const ReferenceTensor &getOperand(Role role) const {
    return role == Role::Lhs ? lhs : role == Role::Rhs ? rhs : result;
  }

  FailureOr<int64_t> locate(Role role, int64_t x, int64_t y) {
    if (const auto &known = numbers[int(role)]) {
      int64_t number = known->at(x, y);
      if (number < 0)
        return op.emitError("writes (")
               << x << ", " << y << "), which is no place";
      return number;
    }
    FailureOr<SmallVector<int64_t>> index =
        evaluateAffine(op.getMap(role), {x, y});
    if (failed(index))
      return op.emitError("division by zero or less in the map of ")
             << stringifyRole(role);
    return getFlat(op, stringifyRole(role), getOperand(role).shape, *index);
  }

  FailureOr<double> load(Role role, const ReferenceTensor &tensor, int64_t x,
                         int64_t y) {
    if (role == Role::Rhs && isPadding(x, y))
      return 0.0;
    if (role == Role::Lhs && numbers[0] &&
        (numbers[0]->at(x, y) < 0 || (part && !part->get(x, y))))
      return 0.0;
    FailureOr<int64_t> flat = locate(role, x, y);
    if (failed(flat))
      return failure();
    return getReal(tensor, *flat);
  }

  /// Whether element (x, y) of the rhs lies in the padding around it.
  bool isPadding(int64_t x, int64_t y) {
    if (!op->hasAttr("rhs_padded"))
      return false;
    FailureOr<SmallVector<int64_t>> index =
        evaluateAffine(op.getMap(Role::Rhs), {x, y});
    return succeeded(index) &&
           llvm::any_of(llvm::zip(*index, rhs.shape), [](auto pair) {
             auto [at, size] = pair;
             return at < 0 || at >= size;
           });
  }

  FailureOr<double> loadLhs(int64_t row, int64_t i, const Term &term) {
    if (!chains)
      return load(Role::Lhs, lhs, i, term.k);
    int64_t rows = chains.getRows(), depth = chains.getDepth();
    if (layout == PackedLayout::gathered)
      return getReal(lhs, getGatheredOffset(term.entry, row, rows));
    int64_t lane = layout == PackedLayout::kMajor ? term.lane * rows + row
                                                  : row * depth + term.lane;
    return getReal(lhs, term.entry * rows * depth + lane);
  }

  /// A packed lhs is read whole: columns that an entry does not own are zeros
  /// in it, not padding of the table.
  LogicalResult getTerms(int64_t position, SmallVectorImpl<Term> &terms) {
    SmallVector<int64_t> indices;
    if (failed(getTableIndices(interpreter, op, op.getTable(), position,
                               Axis::K, extents[int(Axis::K)], indices)))
      return failure();
    if (!chains) {
      // Of values of places an entry that comes again has others of them.
      if (numbers[0]) {
        llvm::sort(indices);
        indices.erase(llvm::unique(indices), indices.end());
      }
      for (int64_t k : indices)
        if (k >= 0)
          terms.push_back({k, 0, 0});
      return success();
    }
    ArrayRef<int64_t> ptr =
        interpreter.getConstant(chains.getChainPtr()).value()->integers;
    for (int64_t e = ptr[position]; e < ptr[position + 1]; ++e)
      for (int64_t lane = 0; lane < chains.getDepth(); ++lane)
        terms.push_back({entries[e] + lane, e, lane});
    return success();
  }

  /// Calls `visit(x, i, y, j, flat)` for every element (x, y) of the output
  /// tile that is written: element (i, j) of the product, at `flat`.
  template <typename Visitor>
  LogicalResult visitOutputs(int64_t position, Visitor &&visit) {
    SmallVector<int64_t> rows, cols;
    TableAttrInterface table = op.getTable();
    if (failed(getTableIndices(interpreter, op, table, position, Axis::I,
                               extents[int(Axis::I)], rows)) ||
        failed(getTableIndices(interpreter, op, table, position, Axis::J,
                               extents[int(Axis::J)], cols)))
      return failure();
    for (auto [x, i] : llvm::enumerate(rows))
      for (auto [y, j] : llvm::enumerate(cols)) {
        if (i < 0 || j < 0 || !table.isWritten(position, x, y))
          continue;
        FailureOr<int64_t> flat = locate(Role::Out, i, j);
        if (failed(flat) || failed(visit(x, i, y, j, *flat)))
          return failure();
      }
    return success();
  }

  Interpreter &interpreter;
  OpTy op;
  const ReferenceTensor &lhs, &rhs;
  ReferenceTensor result;
  int64_t extents[3] = {};
  ChainsAttr chains; ///< null where the lhs is not packed
  ArrayRef<int64_t> entries;
  PackedLayout layout = PackedLayout::kMajor;
  std::optional<PlaceNumbers> numbers[3]; ///< of what is values of places
  std::optional<Mask> part;               ///< of the lhs
};

} // namespace

/// All three operands hold reals, or all hold integers of at most 32 bits.
static LogicalResult checkOperands(Operation *op, ValueRange operands) {
  auto isReal = [](Value value) {
    return isa<FloatType>(getElementTypeOrSelf(value.getType()));
  };
  for (Value operand : operands) {
    Type element = getElementTypeOrSelf(operand.getType());
    bool isInteger = element.isInteger(8) || element.isInteger(32);
    if (!isSupported(operand.getType()) ||
        !isa<RankedTensorType>(operand.getType()) ||
        isReal(operand) != isReal(operands[0]) ||
        (!isReal(operand) && !isInteger))
      return op->emitError("the reference evaluator has products of float "
                           "tensors, or of i8 and i32, only, found ")
             << operand.getType();
  }
  return success();
}

LogicalResult mlir::spmmplu::runContract(Interpreter &interpreter,
                                         ContractOp op) {
  if (failed(checkOperands(op, {op.getLhs(), op.getRhs(), op.getInit()})))
    return failure();
  MappedRun<ContractOp> run(interpreter, op);
  if (failed(run.readExtents({Role::Lhs, Role::Rhs, Role::Out})) ||
      failed(run.accumulate(interpreter.getInteger(op.getPosition()))))
    return failure();
  return interpreter.set(op, op.getResult(), run.takeResult());
}

LogicalResult mlir::spmmplu::runKernel(Interpreter &interpreter, KernelOp op) {
  if (failed(checkOperands(op, {op.getLhs(), op.getRhs(), op.getInit()})) ||
      failed(checkParts(interpreter, op)))
    return failure();
  MappedRun<KernelOp> run(interpreter, op);
  SmallVector<Role> mapped;
  for (Role role : {Role::Lhs, Role::Rhs, Role::Out})
    if (!op.getPlaces(role) && !(role == Role::Lhs && op.getPackedLhs()))
      mapped.push_back(role);
  if (op.getPackedLhs() && failed(run.readPacked()))
    return failure();
  if (failed(run.readExtents(mapped)) || failed(run.readPlaces()))
    return failure();
  int64_t positions = op.getTable().getNumPositions();
  // All first: several positions may write one element.
  for (int64_t p = 0; !op.getAccumulate() && p < positions; ++p)
    if (failed(run.clear(p)))
      return failure();
  for (int64_t p = 0; p < positions; ++p)
    if (failed(run.accumulate(p)))
      return failure();
  for (int64_t p = 0; op.hasEpilogue() && p < positions; ++p)
    if (failed(run.finish(p, op.getEpilogue().front())))
      return failure();
  return interpreter.set(op, op.getResult(0), run.takeResult());
}
