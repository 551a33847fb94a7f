//===- CAPI.cpp - C interface of the compiler ------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu-c/Compiler.h"

#include "spmmplu/Package/Compiler.h"
#include "spmmplu/Pipelines/Registration.h"
#include "spmmplu/Pruning/Layer.h"
#include "spmmplu/Target/Target.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Parser/Parser.h"

#include <memory>

using namespace mlir;
using namespace mlir::spmmplu;
using ::spmmplu::DType;
using ::spmmplu::Error;
using ::spmmplu::Result;
using ::spmmplu::Tensor;
using ::spmmplu::TensorView;

static std::string &lastError() {
  thread_local std::string message;
  return message;
}

static int fail(std::string message) {
  // One line, whatever a file's name or a diagnostic holds.
  std::replace(message.begin(), message.end(), '\n', ' ');
  lastError() = std::move(message);
  return -1;
}

struct spmmplu_pruned {
  PrunedLayer layer;
  /// By the names of the interface.
  std::map<std::string, const Tensor *> tensors;
  std::map<std::string, std::string> types;
};

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

static Result<TensorView> toView(const char *what,
                                 const spmmplu_tensor *tensor) {
  std::string label(what);
  if (!tensor || !tensor->dtype || tensor->rank < 0 ||
      tensor->rank > int64_t(::spmmplu::maxRank) ||
      (tensor->rank > 0 && !tensor->shape))
    return Error{label + " has no type or no shape"};
  std::optional<DType> dtype = ::spmmplu::parseDType(tensor->dtype);
  if (!dtype)
    return Error{label + ": found type '" + tensor->dtype +
                 "', expected a type such as 'F32'"};
  TensorView view{*dtype, {tensor->shape, tensor->shape + tensor->rank}, {}};
  Result<int64_t> bytes = ::spmmplu::denseByteSize(*dtype, view.shape);
  if (!bytes)
    return Error{label + ": " + bytes.error()};
  if (*bytes > 0 && !tensor->data)
    return Error{label + " has no data"};
  view.data = {static_cast<const std::byte *>(tensor->data), size_t(*bytes)};
  return view;
}

static Result<std::vector<int32_t>>
toOrder(const char *what, const spmmplu_tensor *tensor, size_t rank) {
  if (!tensor)
    return std::vector<int32_t>();
  auto view = toView(what, tensor);
  if (!view)
    return Error{view.error()};
  if (view->dtype != DType::I32 || view->shape.size() != rank)
    return Error{std::string(what) + ": expected I32 of rank " +
                 std::to_string(rank) + ", found " +
                 std::string(::spmmplu::name(view->dtype)) + " " +
                 ::spmmplu::shapeToString(view->shape)};
  std::vector<int32_t> values(view->data.size() / sizeof(int32_t));
  std::memcpy(values.data(), view->data.data(), view->data.size());
  return values;
}

//===----------------------------------------------------------------------===//
// Pruning
//===----------------------------------------------------------------------===//

static Result<LayerOptions> toOptions(const spmmplu_prune_options &given) {
  LayerOptions options;
  auto pattern = parsePattern(given.pattern ? given.pattern : "");
  if (!pattern)
    return Error{pattern.error()};
  options.pattern = *pattern;
  StringRef permute = given.permute ? given.permute : "none";
  if (!llvm::is_contained({"none", "output", "input", "both"}, permute))
    return Error{"permutation: expected none, output, input or both, found '" +
                 permute.str() + "'"};
  options.permuteOutput = permute == "output" || permute == "both";
  options.permuteInput = permute == "input" || permute == "both";
  options.seed = int64_t(given.seed);
  options.threads = std::clamp(given.threads, 0, 1024);
  // Only patterns of the N:M family have a compact form.
  options.compact = bool(layoutInOrder(**pattern, Mask(0, 0), {}));
  return options;
}

static void nameTensors(spmmplu_pruned &pruned) {
  for (auto &[name, tensor] : pruned.layer.tensors) {
    std::string key = name == "weights" ? name : name.substr(8);
    pruned.tensors[key] = &tensor;
    pruned.types[key] = std::string(::spmmplu::name(tensor.dtype));
  }
}

extern "C" {

const char *spmmplu_compiler_error(void) { return lastError().c_str(); }

int spmmplu_prune(const spmmplu_tensor *weights, const spmmplu_tensor *saliency,
                  const spmmplu_prune_options *options,
                  spmmplu_pruned **pruned) {
  if (!options || !pruned)
    return fail("options or result are null");
  *pruned = nullptr;
  auto view = toView("weights", weights);
  if (!view)
    return fail(view.error());
  std::optional<Tensor> worth;
  if (saliency) {
    auto given = toView("saliency", saliency);
    if (!given)
      return fail(given.error());
    auto copy = Tensor::copyOf(*given);
    if (!copy)
      return fail("saliency: " + copy.error());
    worth = std::move(*copy);
  }
  auto parsed = toOptions(*options);
  if (!parsed)
    return fail(parsed.error());
  std::function<void(double)> progress;
  if (options->progress)
    progress = [&](double part) {
      options->progress(part, options->progress_data);
    };
  auto layer = pruneLayer({"weights", *view}, worth ? &*worth : nullptr,
                          *parsed, progress);
  if (!layer)
    return fail(layer.error());
  auto result = std::make_unique<spmmplu_pruned>();
  result->layer = std::move(*layer);
  nameTensors(*result);
  *pruned = result.release();
  return 0;
}

void spmmplu_pruned_free(spmmplu_pruned *pruned) { delete pruned; }

void spmmplu_pruned_report(const spmmplu_pruned *pruned,
                           spmmplu_prune_report *report) {
  const LayerReport &from = pruned->layer.report;
  *report = {from.rows,         from.cols,          from.density,
             from.unpermuted,   from.outputOnly,    from.retained,
             from.unstructured, from.relativeError, from.seconds};
}

int spmmplu_pruned_tensor(const spmmplu_pruned *pruned, const char *name,
                          spmmplu_tensor *tensor) {
  StringRef key = name ? name : "";
  if (!llvm::is_contained(
          {"weights", "mask", "row_order", "columns", "values", "indices"},
          key))
    return fail("found tensor '" + key.str() +
                "', expected weights, mask, row_order, columns, values or "
                "indices");
  *tensor = {nullptr, "", 0, nullptr};
  auto found = pruned->tensors.find(key.str());
  if (found == pruned->tensors.end())
    return 0;
  const Tensor &from = *found->second;
  *tensor = {const_cast<std::byte *>(from.bytes().data()),
             pruned->types.at(key.str()).c_str(), int64_t(from.shape.size()),
             from.shape.data()};
  return 0;
}

} // extern "C"

//===----------------------------------------------------------------------===//
// Compilation
//===----------------------------------------------------------------------===//

namespace {

/// A context of its own a call: threads may compile at once.
class Session {
public:
  explicit Session(const spmmplu_compile_options &given)
      : given(given), registry(makeRegistry()),
        context(registry, MLIRContext::Threading::DISABLED),
        handler(&context, [this](Diagnostic &diagnostic) {
          if (diagnostic.getSeverity() == DiagnosticSeverity::Error &&
              error.empty())
            error = diagnostic.str();
        }) {
    context.printOpOnDiagnostic(false);
  }

  int compileProduct(const spmmplu_tensor *weights, const char *path);
  int compileText(const char *text, const char *path);
  const std::string &getExplanation() const { return explanation; }

private:
  static DialectRegistry makeRegistry() {
    DialectRegistry registry;
    registerAllDialects(registry);
    registerAllExtensions(registry);
    registerDialect(registry);
    return registry;
  }

  static std::string orDefault(const char *text, const char *otherwise) {
    return text && *text ? text : otherwise;
  }

  int failCompile(const char *what) {
    return fail(error.empty() ? std::string(what) : error);
  }

  Result<CompileOptions> getOptions(bool isProgram) const {
    CompileOptions options;
    options.target = orDefault(given.target, "host");
    auto target = lookupTarget(options.target);
    if (!target)
      return Error{"target: " + target.error()};
    if (given.threads < 0 || given.threads > 1024)
      return Error{"expected 0 to 1024 threads, found " +
                   std::to_string(given.threads)};
    options.threads = given.threads ? given.threads : target->cores;
    options.allowDense = !given.force_sparse;
    options.minSparsity = given.force_sparse || !isProgram ? 0.0 : 0.3;
    options.strategy = orDefault(given.strategy, "");
    options.source = isProgram ? "program" : "weights";
    options.explain = true;
    return options;
  }

  int write(ModuleOp module, const char *path, bool isProduct);

  const spmmplu_compile_options &given;
  DialectRegistry registry;
  MLIRContext context;
  std::string error, explanation;
  ScopedDiagnosticHandler handler;
};

/// The weights, held against their pattern, and the request for them.
struct ProductInput {
  Tensor weights;
  PatternRef pattern;
  std::vector<int32_t> rowOrder, columns;
  ProductRequest request;
};

} // namespace

static bool hasKernels(DType dtype) {
  return dtype == DType::F64 || dtype == DType::F32 || dtype == DType::F16 ||
         dtype == DType::BF16;
}

static ::spmmplu::Status readPattern(const spmmplu_compile_options &given,
                                     ProductInput &input) {
  StringRef text = given.pattern ? given.pattern : "auto";
  auto rows = toOrder("row order", given.row_order, 1);
  auto columns = toOrder("columns", given.columns, 2);
  if (!rows || !columns)
    return Error{rows ? columns.error() : rows.error()};
  input.rowOrder = std::move(*rows);
  input.columns = std::move(*columns);
  if (text == "auto") {
    if (!input.rowOrder.empty() || !input.columns.empty())
      return Error{"expected a pattern with the row order or columns, found "
                   "none"};
    return ::spmmplu::Success{};
  }
  auto pattern = parsePattern(std::string_view(text.data(), text.size()));
  if (!pattern)
    return Error{pattern.error()};
  auto floats = convert(input.weights, DType::F32);
  if (!floats)
    return Error{floats.error()};
  Mask mask = Mask::ofNonZeros<float>(
      floats->as<float>(), input.weights.shape[0], input.weights.shape[1]);
  ChannelOrder order{input.rowOrder, input.columns};
  if (order.empty())
    mask = (*pattern)->completed(mask);
  if (auto status = checkInOrder(**pattern, mask, order); !status)
    return Error{"the weights do not obey " + (*pattern)->str() + ": " +
                 status.error()};
  input.pattern = *pattern;
  // What holds in the natural order is found again in the zeros.
  if (!order.empty())
    input.request.pattern = *pattern;
  input.request.columnLists = given.columns ? given.columns->shape[0] : 0;
  return ::spmmplu::Success{};
}

static Result<ProductInput> readProduct(const spmmplu_tensor *weights,
                                        const spmmplu_compile_options &given) {
  auto view = toView("weights", weights);
  if (!view)
    return Error{view.error()};
  if (view->shape.size() != 2 || view->shape[0] < 1 || view->shape[1] < 1 ||
      !hasKernels(view->dtype))
    return Error{"expected a matrix with elements of F64, F32, F16 or BF16, "
                 "found " +
                 std::string(::spmmplu::name(view->dtype)) + " " +
                 ::spmmplu::shapeToString(view->shape)};
  auto copy = Tensor::copyOf(*view);
  if (!copy)
    return Error{copy.error()};
  ProductInput input;
  input.weights = std::move(*copy);
  if (given.cols < 0)
    return Error{"expected 0 columns (any number) or more, found " +
                 std::to_string(given.cols)};
  input.request.cols = given.cols ? given.cols : -1;
  if (given.out_dtype) {
    auto result = ::spmmplu::parseDType(given.out_dtype);
    bool isHalf = view->dtype == DType::F16 || view->dtype == DType::BF16;
    if (!result ||
        (*result != view->dtype && !(isHalf && *result == DType::F32)))
      return Error{"expected the result's type to be the weights', or F32 for "
                   "F16 and BF16; found '" +
                   std::string(given.out_dtype) + "'"};
    input.request.result = *result;
  }
  if (auto status = readPattern(given, input); !status)
    return Error{status.error()};
  return input;
}

int Session::write(ModuleOp module, const char *path, bool isProduct) {
  auto options = getOptions(!isProduct);
  if (!options)
    return fail(options.error());
  FailureOr<CompiledProgram> program =
      compileProgram(module, *options, isProduct);
  if (failed(program))
    return failCompile("the program cannot be compiled");
  explanation = program->explanation;
  auto written = writePackage(path, *program);
  return written ? 0 : fail(written.error());
}

int Session::compileProduct(const spmmplu_tensor *weights, const char *path) {
  auto input = readProduct(weights, given);
  if (!input)
    return fail(input.error());
  ProductRequest request = input->request;
  request.weights = &input->weights;
  request.order = {input->rowOrder, input->columns};
  OwningOpRef<ModuleOp> module = buildProduct(context, request);
  if (!module)
    return failCompile("the product cannot be built");
  return write(*module, path, /*isProduct=*/true);
}

int Session::compileText(const char *text, const char *path) {
  if (given.pattern || given.row_order || given.columns || given.cols ||
      given.out_dtype)
    return fail("pattern, orders, columns and the result's type are for "
                "weights, found one with a program");
  OwningOpRef<ModuleOp> module =
      parseSourceString<ModuleOp>(text, ParserConfig(&context), "program");
  if (!module)
    return failCompile("the program cannot be read");
  return write(*module, path, /*isProduct=*/false);
}

static int runSession(const spmmplu_compile_options *options, const char *path,
                      const char **explanation,
                      llvm::function_ref<int(Session &)> run) {
  static const spmmplu_compile_options defaults = {};
  thread_local std::string text;
  if (!path)
    return fail("path is null");
  Session session(options ? *options : defaults);
  int status = run(session);
  text = session.getExplanation();
  if (explanation)
    *explanation = text.c_str();
  return status;
}

extern "C" {

int spmmplu_compile(const spmmplu_tensor *weights,
                    const spmmplu_compile_options *options, const char *path,
                    const char **explanation) {
  return runSession(options, path, explanation, [&](Session &session) {
    return session.compileProduct(weights, path);
  });
}

int spmmplu_compile_program(const char *text,
                            const spmmplu_compile_options *options,
                            const char *path, const char **explanation) {
  if (!text)
    return fail("the program is null");
  return runSession(options, path, explanation, [&](Session &session) {
    return session.compileText(text, path);
  });
}

} // extern "C"
