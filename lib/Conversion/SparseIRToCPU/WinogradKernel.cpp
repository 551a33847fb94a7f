//===- WinogradKernel.cpp - Into Winograd's domain and back ----*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Both transforms are two passes of one dimension for one channel, over scratch
// memory that the L1 holds. Along columns of an image vectors run over a row's
// elements. Along rows they run over tiles: the elements that follow each other
// in a row are four tiles' worth a vector, so that four vectors are taken apart
// (or put together) by shuffles and nothing is gathered. For that the rows of a
// tile row lie without gaps, 4 elements a tile; the last two elements that a
// tile shares with the next are in a second array, which starts 4 later.
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"

#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mlir::spmmplu;

/// Channels of an image that one task transforms: enough to pay for a thread's
/// wake-up. Where the channels of an element lie side by side (NHWC) those of a
/// line are read, or written, together.
static constexpr int64_t kChannelsPerTask = 8, kChannelsOfLine = 16;

namespace {

/// What both directions need.
class WinogradEmitter {
public:
  WinogradEmitter(Emitter &e, Value images, bool nhwc, ArrayRef<int64_t> tiles,
                  int64_t lanes)
      : e(e), lanes(lanes), vector(VectorType::get({lanes}, e.b.getF32Type())),
        dims(getImageDims(nhwc)), flat(e.flatten(images)), tileRows(tiles[0]),
        tileCols(tiles[1]), pitch(kWinogradOut * tiles[1]) {
    auto type = cast<MemRefType>(images.getType());
    batch = type.getDimSize(0);
    channels = type.getDimSize(dims.channel);
    height = type.getDimSize(dims.height);
    width = type.getDimSize(dims.width);
    count = batch * tileRows * tileCols;
  }

protected:
  using Vectors = SmallVector<Value>;

  Value add(Value a, Value b) {
    return arith::AddFOp::create(e.b, e.loc, a, b);
  }
  Value sub(Value a, Value b) {
    return arith::SubFOp::create(e.b, e.loc, a, b);
  }
  Value constant(double value) {
    Value scalar =
        arith::ConstantOp::create(e.b, e.loc, e.b.getF32FloatAttr(value));
    return e.splat(vector, scalar);
  }
  Value times(double factor, Value a) {
    return arith::MulFOp::create(e.b, e.loc, constant(factor), a);
  }
  /// factor * a + b.
  Value fma(double factor, Value a, Value b) {
    return e.fma(constant(factor), a, b);
  }

  Value shuffle(Value a, Value b, function_ref<int64_t(int64_t)> source) {
    SmallVector<int64_t> mask;
    for (int64_t lane = 0; lane < lanes; ++lane)
      mask.push_back(source(lane));
    return vector::ShuffleOp::create(e.b, e.loc, a, b, mask);
  }

  Value allocFloats(int64_t size) {
    return e.alloc(e.b.getF32Type(), e.index(size));
  }

  /// Calls `body` for all vectors of `size` elements, with a mask of those that
  /// exist, null where all do.
  void forVectors(int64_t size, function_ref<void(Value at, Value mask)> body) {
    e.forRange(e.index(0), e.index(size), lanes, [&](Value at) {
      body(at, size % lanes == 0 ? Value()
                                 : e.laneMask(lanes, e.sub(e.index(size), at)));
    });
  }
  Value load(Value data, Value at, Value mask = Value()) {
    return mask ? e.maskedLoad(vector, data, at, mask)
                : e.loadVector(vector, data, at);
  }
  void store(Value value, Value data, Value at, Value mask = Value()) {
    if (mask)
      e.maskedStore(value, data, at, mask);
    else
      e.storeVector(value, data, at);
  }

  int64_t getTaskSize() const {
    return hasContiguousRows() ? kChannelsPerTask : kChannelsOfLine;
  }
  /// Channels of which a task holds the elements at once.
  int64_t getSlots() const { return hasContiguousRows() ? 1 : getTaskSize(); }

  /// Tasks of some of `size` channels; scratch memory is the task's own.
  void forTasks(int64_t size, function_ref<void(Value lo, Value hi)> body) {
    int64_t chunk = getTaskSize();
    e.parallel(e.index(llvm::divideCeil(size, chunk)), [&](ValueRange task) {
      Value lo = e.mul(task[0], chunk);
      body(lo, e.min(e.add(lo, chunk), e.index(size)));
    });
  }

  /// Calls `body` for the elements of all images of the channels [lo, hi),
  /// those of one place after each other.
  void forPixels(
      Value lo, Value hi,
      function_ref<void(Value n, Value y, Value x, Value place, Value channel)>
          body) {
    Value zero = e.index(0);
    e.forRange(zero, e.index(batch), 1, [&](Value n) {
      e.forRange(zero, e.index(height), 1, [&](Value y) {
        Value row = getRow(n, zero, y);
        e.forRange(zero, e.index(width), 1, [&](Value x) {
          Value place = e.add(row, e.mul(x, flat.strides[dims.width]));
          e.forRange(lo, hi, 1,
                     [&](Value channel) { body(n, y, x, place, channel); });
        });
      });
    });
  }

  /// Where row `row` of image `n`, channel `channel`, begins.
  Value getRow(Value n, Value channel, Value row) {
    Value at = e.add(e.mul(n, flat.strides[0]),
                     e.mul(channel, flat.strides[dims.channel]));
    return e.add(at, e.mul(row, flat.strides[dims.height]));
  }
  bool hasContiguousRows() const {
    return isConstantIntValue(flat.strides[dims.width], 1);
  }
  Emitter &e;
  int64_t lanes;
  VectorType vector;
  ImageDims dims;
  FlatMemRef flat; ///< the images
  int64_t tileRows, tileCols;
  int64_t pitch; ///< elements of a row's tiles
  int64_t batch, channels, height, width;
  int64_t count; ///< tiles of all images
};

class InputEmitter : WinogradEmitter {
public:
  InputEmitter(Emitter &e, WinogradInputOp op)
      : WinogradEmitter(e, op.getImage(), op.getNhwc(), op.getTiles(),
                        op.getLanes()),
        op(op), out(e.flatten(op.getInit())),
        planePitch(llvm::alignTo(pitch, lanes) + kWinogradOut),
        planeRows(kWinogradOut * tileRows + 2),
        half(count * kWinogradOut + 4 * lanes) {}

  void emit() {
    auto type = cast<MemRefType>(op.getInit().getType());
    forTasks(type.getDimSize(1), [&](Value lo, Value hi) {
      planes = allocFloats(getSlots() * batch * planeSize());
      first = allocFloats(kWinogradIn * half);
      second = allocFloats(kWinogradIn * half);
      clearPlanes();
      if (!hasContiguousRows())
        copyPixels(lo, hi);
      e.forRange(lo, hi, 1, [&](Value kept) {
        if (!hasContiguousRows())
          return emitChannel(kept, e.sub(kept, lo));
        copyRows(kept);
        emitChannel(kept, e.index(0));
      });
      for (Value scratch : {planes, first, second})
        e.free(scratch);
    });
  }

private:
  int64_t planeSize() const { return planeRows * planePitch; }
  /// Where an image's first element lies, after its padding.
  Value getPlane(Value slot, Value n) {
    return e.mul(e.add(e.mul(slot, batch), n), planeSize());
  }
  Value inPlane(Value plane, Value y, Value x) {
    Value row = e.mul(e.add(y, op.getPad()[0]), planePitch);
    return e.add(e.add(plane, row), e.add(x, op.getPad()[1]));
  }

  /// The zeros around an image stay when others are copied over it.
  void clearPlanes() {
    Value size = e.index(getSlots() * batch * planeSize());
    e.forRange(e.index(0), size, 1, [&](Value at) {
      memref::StoreOp::create(e.b, e.loc, e.zero(e.b.getF32Type()), planes, at);
    });
  }

  void emitChannel(Value kept, Value slot) {
    e.forRange(e.index(0), e.index(batch), 1, [&](Value n) {
      Value plane = getPlane(slot, n);
      e.forRange(e.index(0), e.index(tileRows), 1, [&](Value ty) {
        for (int64_t shift : {int64_t(0), kWinogradOut})
          transformRows(plane, n, ty, shift);
      });
    });
    Value at = e.mul(kept, out.strides[1]);
    e.forRange(e.index(0), e.index(kWinogradIn), 1, [&](Value x) {
      forVectors(count,
                 [&](Value t, Value mask) { transformTiles(x, t, mask, at); });
    });
  }

  /// All images of a channel.
  void copyRows(Value kept) {
    Value channel = e.loadIndex(op.getChannels(), kept);
    e.forRange(e.index(0), e.index(batch), 1, [&](Value n) {
      Value plane = getPlane(e.index(0), n);
      e.forRange(e.index(0), e.index(height), 1, [&](Value y) {
        Value from = getRow(n, channel, y);
        Value to = inPlane(plane, y, e.index(0));
        forVectors(width, [&](Value x, Value mask) {
          store(load(flat.data, e.add(from, x), mask), planes, e.add(to, x),
                mask);
        });
      });
    });
  }

  /// All images of the channels [lo, hi).
  void copyPixels(Value lo, Value hi) {
    forPixels(lo, hi, [&](Value n, Value y, Value x, Value place, Value kept) {
      Value channel = e.loadIndex(op.getChannels(), kept);
      Value from = e.add(place, e.mul(channel, flat.strides[dims.channel]));
      memref::StoreOp::create(e.b, e.loc, e.load(flat.data, from), planes,
                              inPlane(getPlane(e.sub(kept, lo), n), y, x));
    });
  }

  /// Bt d along columns, for a row of tiles. A last vector that is too long
  /// ends in what the next row of tiles overwrites.
  void transformRows(Value plane, Value n, Value ty, int64_t shift) {
    Value into = shift ? second : first;
    Value row = e.add(e.mul(n, tileRows), ty);
    e.forRange(e.index(0), e.index(pitch), lanes, [&](Value x) {
      Vectors d;
      for (int64_t y = 0; y < kWinogradIn; ++y) {
        Value at = e.mul(e.add(e.mul(ty, kWinogradOut), y), planePitch);
        d.push_back(load(planes, e.add(e.add(e.add(plane, at), x), shift)));
      }
      for (auto [y, value] : llvm::enumerate(transform(d)))
        store(value, into, e.add(e.add(e.mul(row, pitch), x), y * half));
    });
  }

  /// And along rows, for `lanes` tiles.
  void transformTiles(Value x, Value t, Value mask, Value at) {
    Value from = e.add(e.mul(x, half), e.mul(t, kWinogradOut));
    Vectors d = takeApart(first, from, kWinogradOut);
    d.append(takeApart(second, from, 2));
    Value to = e.add(at, e.mul(t, out.strides[2]));
    for (auto [y, value] : llvm::enumerate(transform(d))) {
      Value product = e.add(e.mul(x, kWinogradIn), y);
      store(value, out.data, e.add(to, e.mul(product, out.strides[0])), mask);
    }
  }

  /// Vector j: elements j, j + 4, j + 8, and so on, from `from` on.
  Vectors takeApart(Value data, Value from, int64_t wanted) {
    Vectors v, result;
    for (int64_t part = 0; part < 4; ++part)
      v.push_back(load(data, e.add(from, part * lanes)));
    for (int64_t j = 0; j < wanted; j += 2) {
      // Of two vectors all j, then all j + 1.
      auto pick = [&](int64_t lane) {
        int64_t within = lane % (lanes / 2);
        return within * 4 + j + lane / (lanes / 2);
      };
      Value low = shuffle(v[0], v[1], pick), high = shuffle(v[2], v[3], pick);
      for (int64_t odd : {0, 1})
        result.push_back(shuffle(low, high, [&](int64_t lane) {
          return lane % (lanes / 2) + lane / (lanes / 2) * lanes +
                 odd * (lanes / 2);
        }));
    }
    return result;
  }

  /// `kWinograd.image`.
  Vectors transform(ArrayRef<Value> d) {
    constexpr double a = kWinogradA, b = kWinogradB;
    constexpr double a2 = kWinogradA2, b2 = kWinogradB2;
    Value evenA = fma(-b2, d[2], d[4]), oddA = fma(-b2, d[1], d[3]);
    Value evenB = fma(-a2, d[2], d[4]), oddB = fma(-a2, d[1], d[3]);
    return {fma(a2 * b2, d[0], fma(-a2 - b2, d[2], d[4])),
            fma(a, oddA, evenA),
            fma(-a, oddA, evenA),
            fma(b, oddB, evenB),
            fma(-b, oddB, evenB),
            fma(a2 * b2, d[1], fma(-a2 - b2, d[3], d[5]))};
  }

  WinogradInputOp op;
  FlatMemRef out;
  int64_t planePitch, planeRows; ///< of an image with its padding
  int64_t
      half; ///< elements of all images' rows of tiles, and a vector's excess
  Value planes, first, second;
};

class OutputEmitter : WinogradEmitter {
public:
  OutputEmitter(Emitter &e, WinogradOutputOp op)
      : WinogradEmitter(e, op.getInit(), op.getNhwc(), op.getTiles(),
                        op.getLanes()),
        op(op), products(e.flatten(op.getProducts())),
        rowSize(llvm::alignTo(count, lanes) * kWinogradOut + lanes) {}

  void emit() {
    forTasks(channels, [&](Value lo, Value hi) {
      rows = allocFloats(getSlots() * kWinogradOut * rowSize);
      e.forRange(lo, hi, 1, [&](Value filter) {
        Value number = e.loadIndex(op.getFilters(), filter);
        Value exists = e.compare(arith::CmpIPredicate::sge, number, 0);
        Value slot = hasContiguousRows() ? e.index(0) : e.sub(filter, lo);
        emitFilter(filter, number, exists, e.mul(slot, kWinogradOut * rowSize));
      });
      if (!hasContiguousRows())
        writePixels(lo, hi);
      e.free(rows);
    });
  }

private:
  void emitFilter(Value filter, Value number, Value exists, Value base) {
    auto transformAll = [&] {
      Value at = e.mul(number, products.strides[1]);
      forVectors(count, [&](Value t, Value mask) {
        transformTiles(base, t, mask, at);
      });
      if (hasContiguousRows())
        writeRows(filter, /*isZero=*/false);
    };
    auto writeZeros = [&] {
      if (hasContiguousRows())
        return writeRows(filter, /*isZero=*/true);
      e.forRange(base, e.add(base, kWinogradOut * rowSize), 1, [&](Value at) {
        memref::StoreOp::create(e.b, e.loc, e.zero(e.b.getF32Type()), rows, at);
      });
    };
    if (op.getAccumulate() && hasContiguousRows())
      e.ifThen(exists, transformAll);
    else
      e.ifThen(exists, transformAll, writeZeros);
  }

  /// At m A for `lanes` tiles, as four rows of elements.
  void transformTiles(Value base, Value t, Value mask, Value at) {
    Vectors half[kWinogradIn];
    for (int64_t y = 0; y < kWinogradIn; ++y) {
      Vectors m;
      for (int64_t x = 0; x < kWinogradIn; ++x) {
        Value from =
            e.add(at, e.mul(products.strides[0], e.index(x * kWinogradIn + y)));
        m.push_back(load(products.data,
                         e.add(from, e.mul(t, products.strides[2])), mask));
      }
      half[y] = transform(m);
    }
    for (int64_t y = 0; y < kWinogradOut; ++y) {
      Vectors m;
      for (const Vectors &column : half)
        m.push_back(column[y]);
      Value to = e.add(e.add(base, e.mul(t, kWinogradOut)), y * rowSize);
      for (auto [part, value] : llvm::enumerate(putTogether(transform(m))))
        store(value, rows, e.add(to, part * lanes));
    }
  }

  /// The elements of four vectors in turns.
  Vectors putTogether(ArrayRef<Value> v) {
    Vectors pairs[2], result; // v[0] with v[1], v[2] with v[3]; lower, upper
    for (int64_t pair : {0, 1})
      for (int64_t upper : {0, 1})
        pairs[pair].push_back(
            shuffle(v[2 * pair], v[2 * pair + 1], [&](int64_t lane) {
              return lane / 2 + lane % 2 * lanes + upper * (lanes / 2);
            }));
    for (int64_t part = 0; part < 4; ++part)
      result.push_back(
          shuffle(pairs[0][part / 2], pairs[1][part / 2], [&](int64_t lane) {
            int64_t within = lane / 4 * 2 + lane % 2 + part % 2 * (lanes / 2);
            return within + lane % 4 / 2 * lanes;
          }));
    return result;
  }

  /// Where row y of image n begins, of those that `transformTiles` makes.
  Value getTileRow(Value n, Value y) {
    Value ty = e.floorDiv(y, kWinogradOut);
    Value within = e.sub(y, e.mul(ty, kWinogradOut));
    return e.add(e.mul(within, rowSize),
                 e.mul(e.add(e.mul(n, tileRows), ty), pitch));
  }

  /// All images of a channel.
  void writeRows(Value filter, bool isZero) {
    e.forRange(e.index(0), e.index(batch), 1, [&](Value n) {
      e.forRange(e.index(0), e.index(height), 1, [&](Value y) {
        Value from = getTileRow(n, y), to = getRow(n, filter, y);
        forVectors(width, [&](Value x, Value mask) {
          Value at = e.add(to, x);
          Value value = isZero ? e.zero(vector) : load(rows, e.add(from, x));
          if (op.getAccumulate())
            value = add(value, load(flat.data, at, mask));
          store(value, flat.data, at, mask);
        });
      });
    });
  }

  /// All images of the channels [lo, hi).
  void writePixels(Value lo, Value hi) {
    forPixels(
        lo, hi, [&](Value n, Value y, Value x, Value place, Value filter) {
          Value base = e.mul(e.sub(filter, lo), kWinogradOut * rowSize);
          Value at = e.add(place, e.mul(filter, flat.strides[dims.channel]));
          Value value = e.load(rows, e.add(base, e.add(getTileRow(n, y), x)));
          if (op.getAccumulate())
            value = add(value, e.load(flat.data, at));
          memref::StoreOp::create(e.b, e.loc, value, flat.data, at);
        });
  }

  /// `kWinograd.result`.
  Vectors transform(ArrayRef<Value> m) {
    constexpr double a = kWinogradA, b = kWinogradB;
    constexpr double a2 = kWinogradA2, b2 = kWinogradB2;
    Value evenA = add(m[1], m[2]), oddA = sub(m[1], m[2]);
    Value evenB = add(m[3], m[4]), oddB = sub(m[3], m[4]);
    return {add(m[0], add(evenA, evenB)), fma(b, oddB, times(a, oddA)),
            fma(b2, evenB, times(a2, evenA)),
            fma(b * b2, oddB, fma(a * a2, oddA, m[5]))};
  }

  WinogradOutputOp op;
  FlatMemRef products;
  int64_t rowSize; ///< elements of one row of all tiles, and a vector's excess
  Value rows;
};

} // namespace

void mlir::spmmplu::emitWinogradInput(Emitter &e, WinogradInputOp op) {
  InputEmitter(e, op).emit();
}

void mlir::spmmplu::emitWinogradOutput(Emitter &e, WinogradOutputOp op) {
  OutputEmitter(e, op).emit();
}
