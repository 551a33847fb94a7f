//===- Weights.cpp - Loads, prunes and checks weights ----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Weights.h"

#include "Options.h"

#include "spmmplu/Pattern/Block.h"
#include "spmmplu/Pattern/Pattern.h"
#include "spmmplu/Pattern/Pruning.h"
#include "spmmplu/Pattern/Recognize.h"
#include "spmmplu/Plot/Plot.h"
#include "spmmplu/Runtime/IO/Open.h"
#include "spmmplu/Runtime/IO/Safetensors.h"
#include "spmmplu/Target/Target.h"

#include "llvm/ADT/ArrayRef.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <random>

using namespace mlir::spmmplu;
using ::spmmplu::DType;
using ::spmmplu::Error;
using ::spmmplu::Result;
using ::spmmplu::Tensor;

namespace {
struct NamedType {
  std::string_view name;
  DType type;
};
} // namespace

/// Of results; weights may also be of 8 bits.
static constexpr std::array kFloats = {
    NamedType{"f64", DType::F64}, NamedType{"f32", DType::F32},
    NamedType{"f16", DType::F16}, NamedType{"bf16", DType::BF16}};
static constexpr std::array kWeightTypes = {
    kFloats[0],
    kFloats[1],
    kFloats[2],
    kFloats[3],
    NamedType{"i8", DType::I8},
    NamedType{"f8e4m3", DType::F8_E4M3},
    NamedType{"f8e5m2", DType::F8_E5M2}};

/// The type that option `--option` names by `text`; nothing where it is empty.
static Result<std::optional<DType>> parseType(std::string_view option,
                                              std::string_view text,
                                              llvm::ArrayRef<NamedType> types) {
  if (text.empty())
    return std::optional<DType>();
  std::string all;
  for (const NamedType &type : types) {
    if (text == type.name)
      return std::optional(type.type);
    all += (all.empty()              ? ""
            : &type == &types.back() ? " or "
                                     : ", ") +
           std::string(type.name);
  }
  return Error{"expected --" + std::string(option) + "=" + all + ", found '" +
               std::string(text) + "'"};
}

static Result<DType> getRequestedType(DType found) {
  auto named = parseType("dtype", cli::dtype.getValue(), kWeightTypes);
  if (!named)
    return Error{named.error()};
  if (*named)
    return **named;
  for (DType type : {DType::F64, DType::F32, DType::F16, DType::BF16})
    if (found == type)
      return found;
  return DType::F32; // integers, and floats of 8 bits
}

Result<std::optional<DType>> mlir::spmmplu::getResultType(DType weights) {
  auto named = parseType("out-dtype", cli::outDtype.getValue(), kFloats);
  if (named && *named && byteWidth(weights) == 1) {
    bool isFloat8 = weights != DType::I8 && **named != DType::F64;
    return isFloat8 ? named
                    : Error{"expected --out-dtype to be f32, f16 or bf16 with "
                            "weights of f8, and none with i8, found '" +
                            cli::outDtype + "'"};
  }
  bool isHalf = weights == DType::F16 || weights == DType::BF16;
  if (named && *named && **named != weights &&
      !(isHalf && **named == DType::F32))
    return Error{"expected --out-dtype to be the weights' type, or f32 for f16 "
                 "and bf16; found '" +
                 cli::outDtype + "'"};
  return named;
}

::spmmplu::Status mlir::spmmplu::checkWeightType(DType weights,
                                                 std::string_view target) {
  if (byteWidth(weights) > 1)
    return ::spmmplu::Success{};
  auto machine = lookupTarget(target);
  if (!machine)
    return Error{machine.error()};
  Element element = weights == DType::I8        ? Element::I8
                    : weights == DType::F8_E4M3 ? Element::F8E4M3
                                                : Element::F8E5M2;
  if (std::ranges::any_of(machine->rates, [&](const IntrinsicRate &rate) {
        return rate.intrinsic->input == element;
      }))
    return ::spmmplu::Success{};
  return Error{"target '" + std::string(target) +
               "' has no kernels for --dtype=" + cli::dtype};
}

/// Of weights of a type that `getRequestedType` allows.
static Mask getNonZeros(const Tensor &weights) {
  if (weights.dtype == DType::I8)
    return Mask::ofNonZeros(weights.as<int8_t>(), weights.shape[0],
                            weights.shape[1]);
  return Mask::ofNonZeroFloats(weights.view().data, byteWidth(weights.dtype),
                               weights.shape[0], weights.shape[1]);
}

static ::spmmplu::Status pruneInPlace(Tensor &weights) {
  auto pattern = parsePattern(cli::prune.getValue());
  if (!pattern)
    return Error{"--prune: " + pattern.error()};
  auto floats = convert(weights, DType::F32);
  if (!floats)
    return Error{floats.error()};
  std::span<float> values = floats->as<float>();
  for (float &value : values)
    value = std::fabs(value);
  auto mask =
      (*pattern)->prune(Saliency{weights.shape[0], weights.shape[1], values});
  if (!mask)
    return Error{cli::input + ": --prune=" + cli::prune + ": " + mask.error()};
  std::span<std::byte> bytes = weights.bytes();
  int64_t width = byteWidth(weights.dtype), cols = weights.shape[1];
  for (int64_t r = 0; r < weights.shape[0]; ++r)
    for (int64_t c = 0; c < cols; ++c)
      if (!mask->get(r, c))
        std::fill_n(bytes.begin() + (r * cols + c) * width, width,
                    std::byte(0));
  return ::spmmplu::Success{};
}

static ::spmmplu::Status checkPattern(const Tensor &weights) {
  auto pattern = parsePattern(cli::pattern.getValue());
  if (!pattern)
    return Error{"--pattern: " + pattern.error()};
  Mask mask = getNonZeros(weights);
  // Zeros inside a block or vector are values like any other.
  if (auto violation = (*pattern)->check((*pattern)->completed(mask)))
    return Error{cli::input + ": the weights do not obey " + cli::pattern +
                 ": " + violation->message};
  return ::spmmplu::Success{};
}

/// --shape: what `MxK` says.
static Result<std::pair<int64_t, int64_t>> parseShape() {
  auto [rows, cols] = llvm::StringRef(cli::shape).split('x');
  std::pair<int64_t, int64_t> shape;
  constexpr int64_t most = int64_t(1) << 20;
  if (rows.getAsInteger(10, shape.first) ||
      cols.getAsInteger(10, shape.second) || shape.first < 1 ||
      shape.second < 1 || shape.first > most || shape.second > most)
    return Error{"expected --shape such as 4096x4096, found '" + cli::shape +
                 "'"};
  if (constexpr int64_t mostElements = int64_t(1) << 30;
      shape.first > mostElements / shape.second)
    return Error{"expected --shape of at most 2^30 elements, found '" +
                 cli::shape + "'"};
  return shape;
}

/// A matrix that obeys --pattern: random magnitudes, pruned by it, and ones in
/// the place of what is left.
static Result<Tensor> sampleWeights() {
  auto shape = parseShape();
  if (!shape)
    return Error{shape.error()};
  auto pattern = parsePattern(cli::pattern.getValue());
  if (!pattern)
    return Error{"--pattern: " + pattern.error()};
  auto [rows, cols] = *shape;
  std::vector<float> magnitudes(rows * cols);
  std::minstd_rand random(1);
  for (float &magnitude : magnitudes)
    magnitude = 1 + float(random() % 4096) / 4096;
  auto mask = (*pattern)->prune(Saliency{rows, cols, magnitudes});
  if (!mask)
    return Error{"--pattern=" + cli::pattern + ": " + mask.error()};
  auto weights = Tensor::allocate(DType::F32, {rows, cols});
  if (!weights)
    return weights;
  std::span<float> values = weights->as<float>();
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < cols; ++c)
      values[r * cols + c] = mask->get(r, c) ? 1.0f : 0.0f;
  auto type = getRequestedType(DType::F16);
  if (!type)
    return Error{type.error()};
  return convert(*weights, *type);
}

/// A companion of a layer; nothing where the file has none.
static Result<std::vector<int32_t>>
readOrder(const ::spmmplu::SafetensorsFile &file, const std::string &name,
          size_t rank, int64_t &lists) {
  std::vector<std::string> names = file.names();
  if (std::ranges::find(names, name) == names.end())
    return std::vector<int32_t>();
  auto tensor = file.read(name);
  if (!tensor)
    return Error{tensor.error()};
  if (tensor->dtype != DType::I32 || tensor->shape.size() != rank)
    return Error{cli::input + ": tensor '" + name + "': expected I32 of rank " +
                 std::to_string(rank) + ", found " +
                 std::string(::spmmplu::name(tensor->dtype)) + " " +
                 ::spmmplu::shapeToString(tensor->shape)};
  lists = tensor->shape[0];
  std::span<const int32_t> values = tensor->as<int32_t>();
  return std::vector<int32_t>(values.begin(), values.end());
}

/// The orders that sparse-prune wrote beside the weights, with the pattern that
/// holds in them.
static ::spmmplu::Status readOrders(Weights &weights) {
  auto file = ::spmmplu::SafetensorsFile::open(cli::input);
  if (!file)
    return Error{file.error()};
  auto text = file->metadata().find("spmmplu.pattern");
  if (text == file->metadata().end())
    return ::spmmplu::Success{};
  Result<std::string> layer = cli::tensor.getValue();
  if (layer->empty())
    layer = nameOfOnlyMatrix(cli::input, *file);
  if (!layer)
    return Error{layer.error()};
  int64_t rows = 0;
  auto rowOrder = readOrder(*file, *layer + ".row_order", 1, rows);
  auto columns = readOrder(*file, *layer + ".columns", 2, weights.columnLists);
  if (!rowOrder || !columns)
    return Error{rowOrder ? columns.error() : rowOrder.error()};
  if (rowOrder->empty() && columns->empty())
    return ::spmmplu::Success{};
  auto pattern = parsePattern(text->second);
  if (!pattern)
    return Error{cli::input + ": " + pattern.error()};
  weights.rowOrder = std::move(*rowOrder);
  weights.columns = std::move(*columns);
  weights.pattern = *pattern;
  return ::spmmplu::Success{};
}

/// Holds the weights against `pattern`, with the orders that came with them.
static ::spmmplu::Status checkOrders(const Weights &weights) {
  auto status = checkInOrder(*weights.pattern, getNonZeros(weights.tensor),
                             {weights.rowOrder, weights.columns});
  if (!status)
    return Error{cli::input + ": the weights do not obey " +
                 weights.pattern->str() +
                 " in the order beside them: " + status.error()};
  return ::spmmplu::Success{};
}

static Result<Tensor> loadTensor() {
  auto loaded = ::spmmplu::openTensor(cli::input, cli::tensor);
  if (!loaded)
    return loaded;
  if (loaded->shape.size() != 2)
    return Error{cli::input + ": expected a matrix (rank 2), found rank " +
                 std::to_string(loaded->shape.size())};
  if (loaded->numElements() == 0)
    return Error{cli::input + ": expected a matrix with elements, found " +
                 std::to_string(loaded->shape[0]) + "x" +
                 std::to_string(loaded->shape[1])};
  auto type = getRequestedType(loaded->dtype);
  if (!type)
    return Error{type.error()};
  if (loaded->dtype == *type)
    return loaded;
  auto weights = convert(*loaded, *type);
  if (!weights)
    return Error{cli::input + ": " + weights.error()};
  return weights;
}

Result<Weights> mlir::spmmplu::loadWeights() {
  Weights weights;
  auto loaded = cli::shape.empty() ? loadTensor() : sampleWeights();
  if (!loaded)
    return Error{loaded.error()};
  weights.tensor = std::move(*loaded);
  if (!cli::shape.empty())
    return weights;
  // Pruned again, or to be held against another pattern: the order is of no
  // use.
  if (!cli::prune.empty()) {
    if (auto pruned = pruneInPlace(weights.tensor); !pruned)
      return Error{pruned.error()};
  } else if (cli::pattern == "auto" &&
             llvm::StringRef(cli::input).ends_with(".safetensors")) {
    if (auto read = readOrders(weights); !read)
      return Error{read.error()};
    if (weights.pattern)
      if (auto checked = checkOrders(weights); !checked)
        return Error{checked.error()};
  }
  if (cli::pattern != "auto")
    if (auto checked = checkPattern(weights.tensor); !checked)
      return Error{checked.error()};
  return weights;
}

::spmmplu::Status mlir::spmmplu::plotWeights(const Tensor &weights) {
  if (cli::plot.empty())
    return ::spmmplu::Success{};
  Mask mask = getNonZeros(weights);
  PatternRef pattern = recognizePattern(mask);
  PlotOptions options;
  if (const auto *block = pattern->as<BlockPattern>()) {
    options.cellRows = block->blockRows();
    options.cellCols = block->blockCols();
  }
  std::string title = cli::input;
  if (!cli::tensor.empty())
    title += " (" + cli::tensor + ")";
  auto input = makePlotInput(mask, title, pattern->str(), options);
  if (!input)
    return Error{cli::input + ": " + input.error()};
  return writePlot(cli::plot, *input);
}
