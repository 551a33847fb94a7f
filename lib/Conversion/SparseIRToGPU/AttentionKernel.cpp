//===- AttentionKernel.cpp - Sparse attention on mma.sync ------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A block takes a panel of query rows and walks its tiles once: scores of a
// tile, their part of the softmax, and its product with the tile's values stay
// in registers; accumulators are rescaled where a row's maximum grows. A warp
// owns whole rows, so that maxima and sums are a matter of four lanes. Key and
// value rows of a granule come together by cp.async into a ring of stages.
//
// Scores count in powers of two, scale * log2(e) * q k^T. With several tables
// the kernel of one leaves each row's maximum and sum of weights for that of
// the next, which goes on from there with the output as it was stored.
//
//===----------------------------------------------------------------------===//

#include "AttentionTile.h"
#include "CopyRing.h"

#include "spmmplu/GPU/SparseGPU.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mlir::spmmplu;

namespace {

class AttentionKernel {
public:
  AttentionKernel(KernelBuilder &k, AttentionOp op, const AttentionTile &tile,
                  const AttentionPart &part)
      : k(k), e(k.e), op(op), tile(tile), place(TilePlace::get(e)),
        softmax(e, tile, place), part(part),
        tables(readTables(k, op, part.number)),
        query(e, SlicedOperand(k, op.getQuery()),
              {/*listsX=*/true, tile.rows, tile.depth, tile.threads()}),
        key(e, SlicedOperand(k, op.getKey()),
            {/*listsX=*/true, tile.cols, tile.depth, tile.threads()}),
        value(e, SlicedOperand(k, op.getValue()),
              {/*listsX=*/true, tile.cols, tile.width, tile.threads()}),
        ring(e, tile.stages, tile.stageBytes(),
             [this](Value step, ValueRange, Value stage) {
               request(fetch(step), stage);
             }),
        store(k, op, tile, part, tables[PanelRows]) {}

  void emit() {
    begin();
    scratch = e.at(e.shared(), ring.bytes());
    SmallVector<Value> state = softmax.start();
    if (part.number > 0)
      state = store.load(place, panel, firstRow);
    prologue();
    state = ring.walk(
        state, [&](Value step, Value stage, SmallVectorImpl<Value> &next) {
          compute(e.add(firstTile, step), stage, next);
        });
    e.waitCopies(0);
    store.write(softmax, state, scratch, place, panel, firstRow);
    int64_t extra = std::max(query.bytes(), store.bytes());
    auto table = cast<TilesAttr>(op.getParts()[part.number]);
    k.launch(k.hostIndex(table.getNumPanels()), part.batch, tile.threads(),
             ring.bytes() + extra);
  }

private:
  static SmallVector<Value> readTables(KernelBuilder &k, AttentionOp op,
                                       int64_t number) {
    SmallVector<Value> tables;
    for (int64_t at = PanelRows; at <= Masks; ++at)
      tables.push_back(
          k.pointer(op.getTables()[number * kAttentionTableParts + at]));
    return tables;
  }

  Value wordAt(TilePart which, Value index) {
    return e.loadWord(tables[which], index);
  }

  void begin() {
    panel = k.block();
    firstTile = wordAt(TilePtr, panel);
    steps = e.sub(wordAt(TilePtr, e.add(panel, 1)), firstTile);
    firstRow = e.mul(place.warp, tile.warpRows());
    depth = e.i32(op.getDepth());
    width = e.i32(op.getWidth());
    rows = e.i32(op.getRows());
    cols = e.i32(op.getCols());
  }

  //===--------------------------------------------------------------------===//
  // The pipeline
  //===--------------------------------------------------------------------===//

  /// The rows of the key that this thread copies for a step, then those of the
  /// value where it copies others; of the last step beyond the end.
  SmallVector<Value> fetch(Value step) {
    Value at = e.add(firstTile, e.min(step, e.sub(steps, e.i32(1))));
    Value list =
        e.at(tables[GranuleCols], e.mul(wordAt(Tiles, at), tile.cols * 4));
    SmallVector<Value> indices = key.fetch(place.thread, list);
    if (tile.width != tile.depth)
      indices.append(value.fetch(place.thread, list));
    return indices;
  }

  void request(ValueRange indices, Value stage) {
    Value to = e.at(e.shared(), stage);
    size_t keyCount =
        tile.width != tile.depth
            ? key.bytes() * indices.size() / (key.bytes() + value.bytes())
            : indices.size();
    key.request(place.thread, indices.take_front(keyCount), e.i32(0), depth,
                cols, to);
    value.request(place.thread,
                  tile.width != tile.depth ? indices.drop_front(keyCount)
                                           : indices,
                  e.i32(0), width, cols, e.at(to, key.bytes()));
  }

  void prologue() {
    Value list = e.at(tables[PanelRows], e.mul(panel, tile.rows * 4));
    query.request(place.thread, query.fetch(place.thread, list), e.i32(0),
                  depth, rows, scratch);
    ring.begin(steps);
    ring.wait();
    for (int64_t at = 0; at < tile.depth; at += 16)
      for (int64_t i = 0; i < tile.warpRows(); i += 16)
        queries.push_back(loadLhsFragment(e, query, scratch, place.lane,
                                          e.add(firstRow, i), at / 8,
                                          tile.input));
  }

  //===--------------------------------------------------------------------===//
  // A tile
  //===--------------------------------------------------------------------===//

  void compute(Value at, Value stage, SmallVectorImpl<Value> &state) {
    SmallVector<Value> scores = multiplyKeys(stage);
    scores = mask(at, scores);
    softmax.update(scores, state);
    multiplyValues(scores, e.at(stage, key.bytes()), state);
  }

  Value multiply(Value a, Value b, Value c) {
    return MmaOp::create(e.b, e.loc, c.getType(), a, b, c, Value());
  }

  SmallVector<Value> multiplyKeys(Value stage) {
    int64_t tilesI = tile.warpRows() / 16, tilesJ = tile.cols / 8;
    SmallVector<Value> scores(tilesI * tilesJ,
                              e.zero(e.vector(4, e.b.getF32Type())));
    for (int64_t at = 0; at < tile.depth; at += 16)
      multiplyFragments(
          e, ArrayRef<Value>(queries).slice(at / 16 * tilesI, tilesI), key,
          stage, place.lane, e.i32(0), at, tile.input, /*byRow=*/false, scores);
    return scores;
  }

  /// Scores outside of the mask become -inf; a full tile has none.
  SmallVector<Value> mask(Value at, ArrayRef<Value> scores) {
    Value offset = wordAt(MaskOffset, at);
    auto condition = e.compare(arith::CmpIPredicate::sge, offset, e.i32(0));
    auto types = llvm::to_vector(ValueRange(scores).getTypes());
    auto branch =
        scf::IfOp::create(e.b, e.loc, types, condition, /*withElse=*/true);
    OpBuilder::InsertionGuard guard(e.b);
    e.b.setInsertionPointToStart(branch.elseBlock());
    scf::YieldOp::create(e.b, e.loc, ValueRange(scores));
    e.b.setInsertionPointToStart(branch.thenBlock());
    Value row = e.add(firstRow, e.div(place.lane, 4));
    Value words = e.at(tables[Masks], e.mul(e.add(offset, row), 8));
    SmallVector<Value> masked = softmax.mask(words, scores);
    scf::YieldOp::create(e.b, e.loc, masked);
    return llvm::to_vector(ValueRange(branch.getResults()));
  }

  /// Weights are a fragment of the left operand as they lie.
  void multiplyValues(ArrayRef<Value> weights, Value stage,
                      SmallVectorImpl<Value> &state) {
    int64_t tilesI = tile.warpRows() / 16, tilesJ = tile.cols / 8;
    for (int64_t at = 0; at < tile.cols; at += 16) {
      SmallVector<Value> fragments;
      for (int64_t i = 0; i < tilesI; ++i)
        fragments.push_back(softmax.toFragment(
            weights[i * tilesJ + at / 8], weights[i * tilesJ + at / 8 + 1]));
      for (int64_t j = 0; j < tile.width / 8; j += 2) {
        SmallVector<Value> b =
            loadRhsFragments(e, value, stage, place.lane, e.i32(j * 8), at,
                             tile.input, /*byRow=*/true);
        for (int64_t i = 0; i < tilesI; ++i)
          for (int64_t n = 0; n < 2; ++n) {
            Value &sum = softmax.output(state, i, j + n);
            sum = multiply(fragments[i], b[n], sum);
          }
      }
    }
  }

  KernelBuilder &k;
  DeviceEmitter &e;
  AttentionOp op;
  const AttentionTile &tile;
  TilePlace place;
  OnlineSoftmax softmax;
  const AttentionPart &part;
  SmallVector<Value> tables;
  LineTile query, key, value;
  CopyRing ring;
  AttentionStore store;
  Value panel, firstTile, steps, firstRow, scratch;
  Value depth, width, rows, cols;
  SmallVector<Value> queries; ///< the warp's rows, for all tiles
};

} // namespace

/// What the emission above relies on.
static LogicalResult verify(AttentionOp op, const AttentionTile &tile) {
  int64_t depth = op.getDepth(), width = op.getWidth();
  if (ShapedType::isDynamic(depth) || ShapedType::isDynamic(width) ||
      std::max(tile.depth, tile.width) > 128)
    return op.emitOpError("has no kernel for GPUs with ")
           << depth << " and " << width
           << " columns of the key and v, expected static ones up to 128";
  if (!tile.input.isF16() && !tile.input.isBF16())
    return op.emitOpError("has no kernel for GPUs with operands of type ")
           << tile.input << ", expected f16 or bf16";
  if (tile.rows % (16 * tile.warps) != 0 || tile.cols % 16 != 0 ||
      tile.stages < 2)
    return op.emitOpError("has a strategy that its kernel cannot take: ")
           << op.getStrategy() << " with tiles of " << tile.rows << "x"
           << tile.cols;
  return success();
}

/// That the tables are those of the parts, as kernels index them.
static LogicalResult verifyTables(AttentionOp op) {
  if (op.getTables().empty())
    return op.emitOpError("expects tables: pack before this conversion");
  for (auto [at, table] : llvm::enumerate(op.getTables())) {
    auto type = dyn_cast<MemRefType>(table.getType());
    unsigned width = at % kAttentionTableParts == Masks ? 64 : 32;
    if (!type || !type.hasStaticShape() || !type.getLayout().isIdentity() ||
        !type.getElementType().isInteger(width))
      return op.emitOpError("expects table ")
             << at << " as a static memref of i" << width << ", found "
             << table.getType();
  }
  return success();
}

static Value getBatch(OpBuilder &builder, AttentionOp op) {
  auto type = cast<ShapedType>(op.getQuery().getType());
  if (type.getRank() == 2)
    return arith::ConstantIndexOp::create(builder, op.getLoc(), 1);
  return builder.createOrFold<memref::DimOp>(op.getLoc(), op.getQuery(), 0);
}

LogicalResult mlir::spmmplu::emitAttentionKernels(AttentionOp op,
                                                  gpu::GPUModuleOp module) {
  AttentionTile tile = AttentionTile::get(op);
  if (failed(verifyTables(op)) || failed(verify(op, tile)))
    return failure();
  OpBuilder builder(op);
  AttentionPart part;
  part.count = op.getParts().size();
  part.batch = getBatch(builder, op);
  if (part.count > 1) {
    auto type = MemRefType::get({ShapedType::kDynamic, op.getRows(), 2},
                                builder.getF32Type());
    part.sums = memref::AllocOp::create(builder, op.getLoc(), type, part.batch);
  }
  for (; part.number < part.count; ++part.number) {
    KernelBuilder kernel(op, module);
    bool isBatch = cast<ShapedType>(op.getQuery().getType()).getRank() == 3;
    kernel.takeBatch(isBatch ? part.batch : Value());
    AttentionKernel(kernel, op, tile, part).emit();
  }
  if (part.sums)
    memref::DeallocOp::create(builder, op.getLoc(), part.sums);
  return success();
}
