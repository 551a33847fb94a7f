//===- GpuBench.cpp - Times a program on a GPU ----------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Bench.h"

#include <algorithm>
#include <chrono>

using namespace spmmplu;

namespace {

/// Stream, events and buffers of one measurement.
class GpuBench {
public:
  GpuBench(const Program &program, const CudaDevice &device)
      : program(program), device(device) {}
  ~GpuBench() {
    CudaDevice::Scope scope(device);
    for (cuda::Event event : events)
      device.api().eventDestroy(event);
    if (stream)
      device.api().streamDestroy(stream);
  }

  Status prepare(std::span<const Tensor> inputs,
                 std::span<const Tensor> outputs);
  /// Runs `count` times; appends microseconds.
  Status sample(size_t count, std::vector<double> &samples);

  /// Events are made in pairs before; so many at most a call of `sample`.
  static constexpr size_t mostRuns = 16;

private:
  Status check(cuda::Code code, const char *call) const {
    return device.driver().check(code, call);
  }
  Status upload(std::span<const Tensor> tensors, std::vector<BufferRef> &refs);
  /// Writing so much leaves nothing else in the L2 cache.
  size_t flushBytes() const {
    constexpr int64_t least = 1 << 20;
    return size_t(std::max(2 * device.properties().l2Bytes, least));
  }

  const Program &program;
  const CudaDevice &device;
  cuda::Stream stream = nullptr;
  std::vector<cuda::Event> events;
  std::vector<CudaBuffer> buffers;
  CudaBuffer flush;
  std::vector<BufferRef> in, out;
};

} // namespace

Status GpuBench::upload(std::span<const Tensor> tensors,
                        std::vector<BufferRef> &refs) {
  for (const Tensor &tensor : tensors) {
    size_t bytes = tensor.bytes().size();
    auto buffer = CudaBuffer::allocate(device, bytes);
    if (!buffer)
      return Error{buffer.error()};
    if (Status status = device.copyToDevice(
            buffer->address(), tensor.bytes().data(), bytes, stream);
        !status)
      return status;
    refs.push_back({tensor.dtype, buffer->data(), tensor.shape});
    buffers.push_back(std::move(*buffer));
  }
  return Success{};
}

Status GpuBench::prepare(std::span<const Tensor> inputs,
                         std::span<const Tensor> outputs) {
  CudaDevice::Scope scope(device);
  constexpr unsigned nonBlocking = 1;
  if (Status status = check(device.api().streamCreate(&stream, nonBlocking),
                            "cuStreamCreate");
      !status)
    return status;
  for (size_t i = 0; i < 2 * mostRuns; ++i) {
    cuda::Event event = nullptr;
    if (Status status = check(device.api().eventCreate(&event, /*flags=*/0),
                              "cuEventCreate");
        !status)
      return status;
    events.push_back(event);
  }
  auto memory = CudaBuffer::allocate(device, flushBytes());
  if (!memory)
    return Error{memory.error()};
  flush = std::move(*memory);
  if (Status status = upload(inputs, in); !status)
    return status;
  return upload(outputs, out);
}

Status GpuBench::sample(size_t count, std::vector<double> &samples) {
  CudaDevice::Scope scope(device);
  const cuda::Api &api = device.api();
  for (size_t i = 0; i < count; ++i) {
    // While the GPU writes this, the launch that follows is being prepared: the
    // time between the events has none of the host's.
    if (Status status = device.zero(flush.address(), flushBytes(), stream);
        !status)
      return status;
    if (Status status =
            check(api.eventRecord(events[2 * i], stream), "cuEventRecord");
        !status)
      return status;
    if (Status status = program.runInto(in, out, stream); !status)
      return status;
    if (Status status =
            check(api.eventRecord(events[2 * i + 1], stream), "cuEventRecord");
        !status)
      return status;
  }
  if (Status status = device.synchronize(stream); !status)
    return status;
  for (size_t i = 0; i < count; ++i) {
    float milliseconds = 0;
    if (Status status = check(api.eventElapsedTime(&milliseconds, events[2 * i],
                                                   events[2 * i + 1]),
                              "cuEventElapsedTime");
        !status)
      return status;
    samples.push_back(double(milliseconds) * 1000);
  }
  return Success{};
}

Result<Timing> spmmplu::measureOnGpu(const Program &program,
                                     std::span<const Tensor> inputs,
                                     std::span<const Tensor> outputs,
                                     double seconds) {
  using Clock = std::chrono::steady_clock;
  GpuBench bench(program, program.cuda()->device());
  std::vector<double> samples;
  if (Status status = bench.prepare(inputs, outputs); !status)
    return Error{status.error()};
  if (Status status = bench.sample(GpuBench::mostRuns, samples); !status)
    return Error{status.error()};
  samples.clear(); // the warm-up
  Clock::time_point begin = Clock::now();
  do {
    if (Status status = bench.sample(GpuBench::mostRuns, samples); !status)
      return Error{status.error()};
  } while (std::chrono::duration<double>(Clock::now() - begin).count() <
           seconds);
  return summarize(std::move(samples));
}
