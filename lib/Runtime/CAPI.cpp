//===- CAPI.cpp - C interface of the runtime ------------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu-c/Runtime.h"

#include "CAPIError.h"

#include "spmmplu/Runtime/Runtime.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace spmmplu;

namespace {

/// A `TensorSpec` in C's terms.
struct TensorInfo {
  std::string dtype;
  std::vector<int64_t> shape;
  std::vector<const char *> symbols;
};

} // namespace

struct spmmplu_program {
  explicit spmmplu_program(Program program)
      : program(std::move(program)),
        manifest(this->program.manifest().print()) {
    for (const TensorSpec &spec : this->program.manifest().program.inputs)
      inputs.push_back(describe(spec));
    for (const TensorSpec &spec : this->program.manifest().program.outputs)
      outputs.push_back(describe(spec));
  }

  static TensorInfo describe(const TensorSpec &spec) {
    TensorInfo info{std::string(name(spec.dtype)), {}, {}};
    for (const Extent &extent : spec.shape) {
      info.shape.push_back(extent.isDynamic() ? -1 : extent.value);
      info.symbols.push_back(extent.isDynamic() ? extent.symbol.c_str()
                                                : nullptr);
    }
    return info;
  }

  Program program;
  std::string manifest;
  std::vector<TensorInfo> inputs, outputs;
};

static Result<std::vector<BufferRef>>
toBuffers(const char *what, const spmmplu_tensor *tensors, int64_t count) {
  if (count < 0 || (count > 0 && !tensors))
    return Error{std::string(what) + "s are null"};
  std::vector<BufferRef> buffers;
  for (int64_t i = 0; i < count; ++i) {
    const spmmplu_tensor &tensor = tensors[i];
    std::string label = std::string(what) + " " + std::to_string(i);
    if (!tensor.dtype || tensor.rank < 0 || tensor.rank > int64_t(maxRank) ||
        (tensor.rank > 0 && !tensor.shape))
      return Error{label + " has no type or no shape"};
    std::optional<DType> dtype = parseDType(tensor.dtype);
    if (!dtype)
      return Error{label + ": found type '" + tensor.dtype +
                   "', expected a type such as 'F32'"};
    buffers.push_back(
        {*dtype, tensor.data, {tensor.shape, size_t(tensor.rank)}});
  }
  return buffers;
}

static int describe(const std::vector<TensorSpec> &specs,
                    const std::vector<TensorInfo> &infos, int64_t index,
                    spmmplu_tensor_info *info) {
  if (index < 0 || index >= int64_t(specs.size()) || !info)
    return fail("found index " + std::to_string(index) +
                ", expected one below " + std::to_string(specs.size()));
  const TensorInfo &tensor = infos[index];
  *info = {specs[index].name.c_str(), tensor.dtype.c_str(),
           int64_t(tensor.shape.size()), tensor.shape.data(),
           tensor.symbols.data()};
  return 0;
}

extern "C" {

const char *spmmplu_last_error(void) { return lastError().c_str(); }

int spmmplu_program_load(const char *path, spmmplu_program **program) {
  return spmmplu_program_load_on(path, "auto", program);
}

int spmmplu_program_load_on(const char *path, const char *device,
                            spmmplu_program **program) {
  if (!path || !device || !program)
    return fail("path, device or result is null");
  *program = nullptr;
  std::optional<DeviceKind> kind = parseDeviceKind(device);
  if (!kind)
    return fail("found device '" + std::string(device) +
                "', expected 'auto', 'cpu' or 'cuda'");
  Result<Program> loaded = Program::load(path, *kind);
  if (!loaded)
    return fail(loaded.error());
  *program = std::make_unique<spmmplu_program>(std::move(*loaded)).release();
  return 0;
}

const char *spmmplu_program_device(const spmmplu_program *program) {
  return program->program.cuda() ? "cuda" : "cpu";
}

void spmmplu_program_free(spmmplu_program *program) { delete program; }

const char *spmmplu_program_manifest(const spmmplu_program *program) {
  return program->manifest.c_str();
}

int64_t spmmplu_program_num_inputs(const spmmplu_program *program) {
  return int64_t(program->inputs.size());
}

int64_t spmmplu_program_num_outputs(const spmmplu_program *program) {
  return int64_t(program->outputs.size());
}

int spmmplu_program_input(const spmmplu_program *program, int64_t index,
                          spmmplu_tensor_info *info) {
  return describe(program->program.manifest().program.inputs, program->inputs,
                  index, info);
}

int spmmplu_program_output(const spmmplu_program *program, int64_t index,
                           spmmplu_tensor_info *info) {
  return describe(program->program.manifest().program.outputs, program->outputs,
                  index, info);
}

int spmmplu_program_output_shape(const spmmplu_program *program,
                                 const spmmplu_tensor *inputs,
                                 int64_t num_inputs, int64_t index,
                                 int64_t *shape) {
  const auto &specs = program->program.manifest().program.outputs;
  if (index < 0 || index >= int64_t(specs.size()) || !shape)
    return fail("found index " + std::to_string(index) +
                ", expected one below " + std::to_string(specs.size()));
  auto buffers = toBuffers("input", inputs, num_inputs);
  if (!buffers)
    return fail(buffers.error());
  auto binding = program->program.bindShapes(*buffers);
  if (!binding)
    return fail(binding.error());
  auto resolved = resolveShape(specs[index], *binding);
  if (!resolved)
    return fail(resolved.error());
  std::copy(resolved->begin(), resolved->end(), shape);
  return 0;
}

int spmmplu_program_run(const spmmplu_program *program,
                        const spmmplu_tensor *inputs, int64_t num_inputs,
                        const spmmplu_tensor *outputs, int64_t num_outputs,
                        int threads) {
  auto in = toBuffers("input", inputs, num_inputs);
  if (!in)
    return fail(in.error());
  auto out = toBuffers("output", outputs, num_outputs);
  if (!out)
    return fail(out.error());
  return finish(program->program.runInto(*in, *out, threads));
}

int spmmplu_program_run_on_device(const spmmplu_program *program,
                                  const spmmplu_tensor *inputs,
                                  int64_t num_inputs,
                                  const spmmplu_tensor *outputs,
                                  int64_t num_outputs, void *stream) {
  auto in = toBuffers("input", inputs, num_inputs);
  if (!in)
    return fail(in.error());
  auto out = toBuffers("output", outputs, num_outputs);
  if (!out)
    return fail(out.error());
  return finish(
      program->program.runInto(*in, *out, static_cast<cuda::Stream>(stream)));
}

int spmmplu_program_set_matrix(spmmplu_program *program, const char *name,
                               const spmmplu_tensor *dense) {
  if (!name || !dense || !dense->data)
    return fail("name or values are null");
  auto buffers = toBuffers("value", dense, 1);
  if (!buffers)
    return fail(buffers.error());
  const BufferRef &buffer = buffers->front();
  Result<int64_t> bytes = denseByteSize(buffer.dtype, buffer.shape);
  if (!bytes)
    return fail(bytes.error());
  TensorView view{
      buffer.dtype,
      {buffer.shape.begin(), buffer.shape.end()},
      {static_cast<const std::byte *>(buffer.data), size_t(*bytes)}};
  return finish(program->program.setMatrix(name, view));
}

} // extern "C"
