//===- CopyRing.cpp - Stages of copies ahead of their use -------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CopyRing.h"

using namespace mlir;
using namespace mlir::spmmplu;

CopyRing::CopyRing(DeviceEmitter &e, int64_t stages, int64_t stageBytes,
                   Request request, Fetch fetch)
    : e(e), stages(stages), stageBytes(stageBytes), request(std::move(request)),
      fetch(std::move(fetch)) {}

CopyRing::CopyRing(DeviceEmitter &e, int64_t stages, int64_t stageBytes,
                   Request request, Key key, FetchBy fetch)
    : e(e), stages(stages), stageBytes(stageBytes), request(std::move(request)),
      key(std::move(key)), fetchBy(std::move(fetch)) {}

SmallVector<Value> CopyRing::fetched(Value step) {
  if (key)
    return fetchBy(key(step));
  return fetch ? fetch(step) : SmallVector<Value>();
}

Value CopyRing::next(Value offset) {
  Value after = e.add(offset, stageBytes);
  return e.select(e.equal(after, bytes()), e.i32(0), after);
}

void CopyRing::begin(Value stepCount, bool afterEarlier) {
  steps = stepCount;
  SmallVector<SmallVector<Value>> early;
  if (afterEarlier) {
    for (int64_t s = 0; s + 1 < stages; ++s)
      early.push_back(fetched(e.i32(s)));
    e.waitForEarlier();
  }
  for (int64_t s = 0; s + 1 < stages; ++s) {
    e.ifThen(e.less(e.i32(s), steps), [&] {
      request(e.i32(s), afterEarlier ? early[s] : fetched(e.i32(s)),
              e.i32(s * stageBytes));
    });
    e.commitCopies();
  }
}

void CopyRing::wait() {
  e.waitCopies(stages - 2);
  if (landed)
    landed();
  e.barrier();
}

SmallVector<Value> CopyRing::walk(ValueRange state, Use use) {
  size_t own = state.size();
  SmallVector<Value> carried(state);
  carried.append({e.i32(0), e.i32((stages - 1) * stageBytes)});
  size_t keys = bool(key);
  if (key)
    carried.push_back(key(e.i32(stages)));
  carried.append(fetched(e.i32(stages - 1)));
  SmallVector<Value> results = e.forRange(
      e.i32(0), steps, 1, carried, [&](Value step, ValueRange values) {
        SmallVector<Value> after(values.take_front(own));
        Value read = values[own], write = values[own + 1];
        wait();
        Value ahead = e.add(step, stages - 1);
        e.ifThen(e.less(ahead, steps), [&] {
          request(ahead, values.drop_front(own + 2 + keys), write);
        });
        e.commitCopies();
        SmallVector<Value> fetchedAfter =
            key ? fetchBy(values[own + 2]) : fetched(e.add(ahead, 1));
        Value keyAfter = key ? key(e.add(ahead, 2)) : Value();
        use(step, e.at(e.shared(), read), after);
        after.append({next(read), next(write)});
        if (key)
          after.push_back(keyAfter);
        after.append(fetchedAfter);
        return after;
      });
  results.truncate(own);
  return results;
}
