//===- DenseBaseline.cpp - A dense product to compare with ----------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The C interface of oneDNN 2: its C++ interface throws.
//
//===----------------------------------------------------------------------===//

#include "DenseBaseline.h"

#ifdef SPMMPLU_HAVE_DNNL

#include <algorithm>
#include <chrono>
#include <cstring>
#include <limits>
#include <oneapi/dnnl/dnnl.h>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

static_assert(DNNL_VERSION_MAJOR == 2, "written for the interface of oneDNN 2");

using namespace spmmplu;

namespace {

template <typename T, dnnl_status_t (*destroy)(T *)> struct Destroy {
  void operator()(T *handle) const { destroy(handle); }
};
template <typename T, dnnl_status_t (*destroy)(T *)>
using Handle = std::unique_ptr<T, Destroy<T, destroy>>;
using Engine = Handle<dnnl_engine, dnnl_engine_destroy>;
using Stream = Handle<dnnl_stream, dnnl_stream_destroy>;
using Memory = Handle<dnnl_memory, dnnl_memory_destroy>;
using Primitive = Handle<dnnl_primitive, dnnl_primitive_destroy>;
using PrimitiveDesc = Handle<dnnl_primitive_desc, dnnl_primitive_desc_destroy>;
using MemoryDesc = dnnl_memory_desc_t;

/// Y = W X (W is oneDNN's "source", X its "weights") or the transposed product,
/// whose "weights" are W; and whether oneDNN chooses the layout of X and Y.
struct Variant {
  bool transposed, freeLayout;
};
constexpr Variant variants[] = {
    {false, false}, {false, true}, {true, false}, {true, true}};

struct Problem {
  int64_t rows, cols, n;
  dnnl_data_type_t compute, input, output;
};

/// What has to happen for a product, in order.
struct Step {
  Primitive primitive;
  std::vector<dnnl_exec_arg_t> arguments;
};

class DnnlProduct final : public DenseBaseline {
public:
  static std::unique_ptr<DnnlProduct> create(const Problem &problem,
                                             const Variant &variant,
                                             const Tensor &weights,
                                             const Tensor &rhs);
  bool run() override;
  std::string implementation() const override { return name; }
  Result<Tensor> result() const override;

private:
  std::optional<MemoryDesc> describe(int64_t rows, int64_t cols,
                                     dnnl_data_type_t type,
                                     dnnl_format_tag_t tag) const;
  dnnl_memory *allocate(const MemoryDesc &desc, const Tensor *contents);
  bool addReorder(dnnl_memory *from, dnnl_memory *to, std::vector<Step> &steps);
  bool build(const Tensor &weights, const Tensor &rhs);
  PrimitiveDesc choose() const;
  bool execute(const std::vector<Step> &steps);

  Problem problem;
  Variant variant;
  std::string name;
  // The engine outlives what is made on it: members die in reverse order.
  Engine engine;
  Stream stream;
  std::vector<Memory> memories;
  std::vector<Step> steps;
  dnnl_memory *output = nullptr;
};

} // namespace

static std::optional<dnnl_data_type_t> toDnnl(DType dtype) {
  if (dtype == DType::F32)
    return dnnl_f32;
  if (dtype == DType::BF16)
    return dnnl_bf16;
  return std::nullopt;
}

/// A [rows, cols] matrix; the transposed variant sees its transpose.
std::optional<MemoryDesc> DnnlProduct::describe(int64_t rows, int64_t cols,
                                                dnnl_data_type_t type,
                                                dnnl_format_tag_t tag) const {
  dnnl_dims_t dims = {rows, cols};
  if (variant.transposed) {
    std::swap(dims[0], dims[1]);
    tag = tag == dnnl_ab ? dnnl_ba : tag;
  }
  MemoryDesc desc;
  if (dnnl_memory_desc_init_by_tag(&desc, 2, dims, type, tag) != dnnl_success)
    return std::nullopt;
  return desc;
}

dnnl_memory *DnnlProduct::allocate(const MemoryDesc &desc,
                                   const Tensor *contents) {
  dnnl_memory *memory = nullptr;
  if (dnnl_memory_create(&memory, &desc, engine.get(), DNNL_MEMORY_ALLOCATE) !=
      dnnl_success)
    return nullptr;
  memories.emplace_back(memory);
  void *data = nullptr;
  if (contents && dnnl_memory_get_data_handle(memory, &data) == dnnl_success)
    std::memcpy(data, contents->bytes().data(), contents->bytes().size());
  return memory;
}

bool DnnlProduct::addReorder(dnnl_memory *from, dnnl_memory *to,
                             std::vector<Step> &steps) {
  const MemoryDesc *fromDesc, *toDesc;
  dnnl_primitive_desc *desc = nullptr;
  dnnl_primitive *primitive = nullptr;
  if (dnnl_memory_get_memory_desc(from, &fromDesc) != dnnl_success ||
      dnnl_memory_get_memory_desc(to, &toDesc) != dnnl_success ||
      dnnl_reorder_primitive_desc_create(&desc, fromDesc, engine.get(), toDesc,
                                         engine.get(), nullptr) != dnnl_success)
    return false;
  PrimitiveDesc owner(desc);
  if (dnnl_primitive_create(&primitive, desc) != dnnl_success)
    return false;
  steps.push_back(
      {Primitive(primitive), {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}}});
  return true;
}

PrimitiveDesc DnnlProduct::choose() const {
  dnnl_format_tag_t free = dnnl_format_tag_any;
  dnnl_format_tag_t tag = variant.freeLayout ? free : dnnl_ab;
  auto w = describe(problem.rows, problem.cols, problem.compute, free);
  auto x = describe(problem.cols, problem.n, problem.compute, tag);
  auto y = describe(problem.rows, problem.n, problem.output, tag);
  if (!w || !x || !y)
    return nullptr;
  if (variant.transposed)
    std::swap(w, x);
  dnnl_matmul_desc_t desc;
  dnnl_primitive_desc *result = nullptr;
  if (dnnl_matmul_desc_init(&desc, &*w, &*x, nullptr, &*y) != dnnl_success ||
      dnnl_primitive_desc_create(&result, &desc, nullptr, engine.get(),
                                 nullptr) != dnnl_success)
    return nullptr;
  return PrimitiveDesc(result);
}

bool DnnlProduct::build(const Tensor &weights, const Tensor &rhs) {
  PrimitiveDesc chosen = choose();
  const char *text = nullptr;
  if (!chosen ||
      dnnl_primitive_desc_query(chosen.get(), dnnl_query_impl_info_str, 0,
                                &text) != dnnl_success)
    return false;
  name = text;
  if (name.find("ref") != std::string::npos)
    return false;
  auto query = [&](dnnl_query_t what) {
    return *dnnl_primitive_desc_query_md(chosen.get(), what, 0);
  };
  MemoryDesc src = query(dnnl_query_src_md), wei = query(dnnl_query_weights_md);
  MemoryDesc dst = query(dnnl_query_dst_md);
  auto plainW = describe(problem.rows, problem.cols, dnnl_f32, dnnl_ab);
  auto plainX = describe(problem.cols, problem.n, problem.input, dnnl_ab);
  auto plainY = describe(problem.rows, problem.n, problem.output, dnnl_ab);
  if (!plainW || !plainX || !plainY)
    return false;
  dnnl_memory *userW = allocate(*plainW, &weights);
  dnnl_memory *userX = allocate(*plainX, &rhs);
  dnnl_memory *w = allocate(variant.transposed ? wei : src, nullptr);
  const MemoryDesc &xDesc = variant.transposed ? src : wei;
  bool sameX = dnnl_memory_desc_equal(&xDesc, &*plainX);
  bool sameY = dnnl_memory_desc_equal(&dst, &*plainY);
  dnnl_memory *x = sameX ? userX : allocate(xDesc, nullptr);
  output = allocate(*plainY, nullptr);
  dnnl_memory *y = sameY ? output : allocate(dst, nullptr);
  if (!userW || !userX || !w || !x || !y || !output)
    return false;
  std::vector<Step> prepare;
  if (!addReorder(userW, w, prepare) || !execute(prepare))
    return false;
  if (!sameX && !addReorder(userX, x, steps))
    return false;
  dnnl_primitive *primitive = nullptr;
  if (dnnl_primitive_create(&primitive, chosen.get()) != dnnl_success)
    return false;
  steps.push_back({Primitive(primitive),
                   {{DNNL_ARG_SRC, variant.transposed ? x : w},
                    {DNNL_ARG_WEIGHTS, variant.transposed ? w : x},
                    {DNNL_ARG_DST, y}}});
  return sameY || addReorder(y, output, steps);
}

std::unique_ptr<DnnlProduct> DnnlProduct::create(const Problem &problem,
                                                 const Variant &variant,
                                                 const Tensor &weights,
                                                 const Tensor &rhs) {
  auto product = std::make_unique<DnnlProduct>();
  product->problem = problem;
  product->variant = variant;
  dnnl_engine *engine = nullptr;
  if (dnnl_engine_create(&engine, dnnl_cpu, 0) != dnnl_success)
    return nullptr;
  product->engine.reset(engine);
  dnnl_stream *stream = nullptr;
  if (dnnl_stream_create(&stream, engine, dnnl_stream_default_flags) !=
      dnnl_success)
    return nullptr;
  product->stream.reset(stream);
  if (!product->build(weights, rhs))
    return nullptr;
  return product;
}

bool DnnlProduct::execute(const std::vector<Step> &steps) {
  for (const Step &step : steps)
    if (dnnl_primitive_execute(step.primitive.get(), stream.get(),
                               int(step.arguments.size()),
                               step.arguments.data()) != dnnl_success)
      return false;
  return dnnl_stream_wait(stream.get()) == dnnl_success;
}

bool DnnlProduct::run() { return execute(steps); }

Result<Tensor> DnnlProduct::result() const {
  void *data = nullptr;
  if (dnnl_memory_get_data_handle(output, &data) != dnnl_success)
    return Error{"onednn: the result is not accessible"};
  TensorView view{problem.output == dnnl_f32 ? DType::F32 : DType::BF16,
                  {problem.rows, problem.n},
                  {}};
  Result<int64_t> bytes = denseByteSize(view.dtype, view.shape);
  if (!bytes)
    return Error{bytes.error()};
  view.data = {static_cast<const std::byte *>(data), size_t(*bytes)};
  return Tensor::copyOf(view);
}

/// Seconds of the fastest of a few runs; infinite where one fails.
static double trialSeconds(DnnlProduct &product) {
  double best = std::numeric_limits<double>::infinity();
  for (int i = 0; i < 4; ++i) {
    auto start = std::chrono::steady_clock::now();
    if (!product.run())
      return std::numeric_limits<double>::infinity();
    std::chrono::duration<double> taken =
        std::chrono::steady_clock::now() - start;
    best = std::min(best, taken.count());
  }
  return best;
}

Result<std::unique_ptr<DenseBaseline>>
DenseBaseline::create(const Tensor &weights, const Tensor &rhs, DType compute,
                      DType output) {
  auto c = toDnnl(compute), x = toDnnl(rhs.dtype), y = toDnnl(output);
  bool fits = weights.dtype == DType::F32 && weights.shape.size() == 2 &&
              rhs.shape.size() == 2 && rhs.shape[0] == weights.shape[1];
  if (!c || !x || !y || !fits || !weights.numElements() || !rhs.numElements())
    return Error{"types or shapes that the dense baseline does not support"};
  Problem problem{weights.shape[0], weights.shape[1], rhs.shape[1], *c, *x, *y};
  std::unique_ptr<DenseBaseline> best;
  double bestSeconds = std::numeric_limits<double>::infinity();
  for (const Variant &variant : variants) {
    auto product = DnnlProduct::create(problem, variant, weights, rhs);
    double seconds = product ? trialSeconds(*product) : bestSeconds;
    if (seconds < bestSeconds) {
      bestSeconds = seconds;
      best = std::move(product);
    }
  }
  if (!best)
    return Error{"onednn has only reference code for this product"};
  return best;
}

#else

spmmplu::Result<std::unique_ptr<spmmplu::DenseBaseline>>
spmmplu::DenseBaseline::create(const Tensor &, const Tensor &, DType, DType) {
  return Error{"built without oneDNN"};
}

#endif // SPMMPLU_HAVE_DNNL
