//===- CopyRing.h - Stages of copies ahead of their use ---------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_COPYRING_H
#define SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_COPYRING_H

#include "Emitter.h"

namespace mlir::spmmplu {

/// A ring of stages at the start of shared memory that all threads of a block
/// fill by cp.async: in step s the copies of step s + stages - 1 are requested,
/// and those of step s have landed. A stage is known by its byte offset.
///
/// Each step is one group of copies, also where it requests none; what was
/// requested before `begin` lands with the first.
class CopyRing {
public:
  /// Reads what the copies of a step need, such as the rows they name; also
  /// for steps beyond the last.
  using Fetch = std::function<SmallVector<Value>(Value step)>;
  /// The same of a number that `Key` reads a step before, such as which list a
  /// step reads: so no load waits for another one.
  using Key = std::function<Value(Value step)>;
  using FetchBy = std::function<SmallVector<Value>(Value key)>;
  /// Requests the copies of a step into the stage at `offset`.
  using Request =
      std::function<void(Value step, ValueRange fetched, Value offset)>;
  /// Computes with the stage of a step, and may replace `state`.
  using Use = function_ref<void(Value step, Value stage,
                                SmallVectorImpl<Value> &state)>;

  /// `stages` is at least 2. With `fetch`, the loop reads for the copies of a
  /// step while another step computes; without, `request` gets no values.
  CopyRing(DeviceEmitter &e, int64_t stages, int64_t stageBytes,
           Request request, Fetch fetch = nullptr);
  CopyRing(DeviceEmitter &e, int64_t stages, int64_t stageBytes,
           Request request, Key key, FetchBy fetch);

  int64_t bytes() const { return stages * stageBytes; }

  /// What each thread does once its copies of a step have landed, before others
  /// may read them.
  void onLanding(std::function<void()> action) { landed = std::move(action); }
  /// Requests the first stages - 1 of `steps` steps. If `afterEarlier`, what is
  /// fetched for them are constants, and the copies begin when the launches
  /// before have ended.
  void begin(Value steps, bool afterEarlier = false);
  /// Waits for the copies of a step in all threads.
  void wait();
  /// Loops over the steps that `begin` was told of; returns the last state.
  SmallVector<Value> walk(ValueRange state, Use use);

private:
  SmallVector<Value> fetched(Value step);
  Value next(Value offset);

  DeviceEmitter &e;
  int64_t stages, stageBytes;
  Request request;
  Fetch fetch;
  Key key; ///< null: there is none
  FetchBy fetchBy;
  std::function<void()> landed;
  Value steps;
};

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_COPYRING_H
