//===- Tune.cpp - Measures strategies on this machine ----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Tune.h"

#include "spmmplu/IR/SparseIR.h"
#include "spmmplu/Runtime/Runtime.h"
#include "spmmplu/Target/Calibrate.h"
#include "spmmplu/Target/Tuning.h"

#include "mlir/Support/FileUtilities.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/ToolOutputFile.h"

#include <chrono>
#include <limits>

using namespace mlir;
using namespace mlir::spmmplu;
using ::spmmplu::BufferRef;
using ::spmmplu::Program;
using ::spmmplu::Tensor;

/// Rounds in which strategies have a turn; the shortest counts. From the third
/// on those that are clearly slower than the fastest are left out, and none
/// begins once rounds have taken long: long turns are disturbed less.
static constexpr int kRounds = 7, kRoundsOfAll = 2;
static constexpr double kClearlySlower = 1.5;
static constexpr double kLongMicros = 1e6;
/// A turn is repeated until it has taken so long.
static constexpr double kTurnMicros = 300;

static LogicalResult fail(const Twine &message) {
  llvm::errs() << "sparse-compile: " << message << "\n";
  return failure();
}

static LogicalResult writeFile(StringRef path, StringRef text) {
  std::string error;
  auto file = openOutputFile(path, &error);
  if (!file)
    return fail(error);
  file->os() << text;
  file->keep();
  return success();
}

LogicalResult mlir::spmmplu::writeCalibration(StringRef path) {
  auto host = detectHost();
  if (!host)
    return fail("--calibrate: " + host.error());
  return writeFile(path, calibrate(*host) + "\n");
}

namespace {

/// What `decide` noted: the strategies, and the name of the problem.
struct Notes {
  std::string key;
  std::vector<Strategy> strategies;
};

/// A strategy as a program of its own.
struct Contender {
  TunedStrategy tuned;
  std::unique_ptr<Program> program;
};

} // namespace

static FailureOr<Notes> readNotes(ModuleOp module) {
  DictionaryAttr noted;
  bool isOne = true;
  module.walk([&](MatmulOp op) {
    auto found = op->getAttrOfType<DictionaryAttr>("sparse_ir.tune");
    isOne = isOne && found && (!noted || noted == found);
    noted = found;
  });
  if (!noted || !isOne)
    return fail("--tune: expected one product, of constant weights and a "
                "dynamic number of columns");
  Notes notes{cast<StringAttr>(noted.get("key")).str(), {}};
  for (auto words :
       cast<ArrayAttr>(noted.get("strategies")).getAsRange<StringAttr>()) {
    auto strategy = fromWords(std::string_view(words.getValue()));
    if (!strategy)
      return fail(strategy.error());
    notes.strategies.push_back(*strategy);
  }
  return notes;
}

static std::string getText(MLIRContext *context, const Strategy &s) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  stream << StrategyAttr::get(context, StringRef(s.intrinsic->name), s.rows,
                              s.depth, s.vectors, s.phase, s.tasks, s.packRhs,
                              s.step, s.stages, s.warpsI, s.warpsJ, s.split,
                              s.panels, s.cluster);
  return text;
}

static FailureOr<std::unique_ptr<Program>>
load(const CompiledProgram &compiled) {
  SmallString<128> path;
  if (llvm::sys::fs::createTemporaryFile("sparse-compile", "spmm", path))
    return fail("--tune: cannot make a temporary file");
  llvm::FileRemover remover(path);
  if (auto written = writePackage(path.str().str(), compiled); !written)
    return fail(written.error());
  auto program = Program::load(path.str().str(), ::spmmplu::DeviceKind::cpu);
  if (!program)
    return fail("--tune: " + program.error());
  return std::make_unique<Program>(std::move(*program));
}

/// Microseconds of one call, the mean of a turn.
static double takeTurn(const Program &program, const Tensor &x, Tensor &y,
                       int threads) {
  using Clock = std::chrono::steady_clock;
  BufferRef in[] = {BufferRef::of(x)}, out[] = {BufferRef::of(y)};
  Clock::time_point start = Clock::now();
  double micros = 0;
  int64_t calls = 0;
  for (; micros < kTurnMicros; ++calls) {
    if (!program.runInto(in, out, threads))
      return -1;
    micros =
        std::chrono::duration<double, std::micro>(Clock::now() - start).count();
  }
  return micros / double(calls);
}

static LogicalResult measure(std::vector<Contender> &contenders, int64_t n,
                             int threads) {
  const auto &spec = contenders.front().program->manifest().program;
  auto x = Tensor::allocate(spec.inputs[0].dtype,
                            {spec.inputs[0].shape[0].value, n});
  auto y = Tensor::allocate(spec.outputs[0].dtype,
                            {spec.outputs[0].shape[0].value, n});
  if (!x || !y)
    return fail("--tune: not enough memory for " + Twine(n) + " columns");
  llvm::fill(x->bytes(), std::byte(0));
  // Turn by turn, so that all of them see what else the machine does.
  double fastest = std::numeric_limits<double>::infinity(), taken = 0;
  for (int round = 0;
       round < kRoundsOfAll || (round < kRounds && taken < kLongMicros);
       ++round)
    for (Contender &each : contenders) {
      auto [best, isNew] = each.tuned.micros.try_emplace(
          n, std::numeric_limits<double>::infinity());
      if (round >= kRoundsOfAll && best->second > kClearlySlower * fastest)
        continue;
      double micros = takeTurn(*each.program, *x, *y, threads);
      if (micros < 0)
        return fail("--tune: a program did not run");
      best->second = std::min(best->second, micros);
      fastest = std::min(fastest, micros);
      taken += std::max(micros, kTurnMicros);
    }
  return success();
}

static LogicalResult store(const std::string &path, const Tuning &measured) {
  Tuning all;
  if (auto file = llvm::MemoryBuffer::getFile(path)) {
    auto parsed = Tuning::parse(std::string_view((*file)->getBuffer()));
    if (!parsed)
      return fail("in tuning file '" + path + "': " + parsed.error());
    all = std::move(*parsed);
  }
  all.merge(measured);
  return writeFile(path, all.print());
}

LogicalResult
mlir::spmmplu::tune(llvm::function_ref<OwningOpRef<ModuleOp>()> build,
                    const CompileOptions &options, int64_t top,
                    ArrayRef<int64_t> columns) {
  CompileOptions alone = options;
  alone.tuning.clear();
  alone.dumpStrategies = false;
  alone.tuneTop = top;
  OwningOpRef<ModuleOp> module = build();
  if (!module || failed(decide(*module, alone)))
    return failure();
  FailureOr<Notes> notes = readNotes(*module);
  if (failed(notes))
    return failure();
  alone.tuneTop = 0;
  std::vector<Contender> contenders;
  for (const Strategy &strategy : notes->strategies) {
    alone.strategy = getText(module->getContext(), strategy);
    OwningOpRef<ModuleOp> copy = build();
    FailureOr<CompiledProgram> compiled = failure();
    if (copy)
      compiled = compileProgram(*copy, alone, true);
    if (failed(compiled))
      return failure();
    FailureOr<std::unique_ptr<Program>> program = load(*compiled);
    if (failed(program))
      return failure();
    contenders.push_back({{strategy, {}}, std::move(*program)});
  }
  for (int64_t n : columns)
    if (failed(measure(contenders, n, int(options.threads))))
      return failure();
  Tuning measured;
  for (Contender &each : contenders)
    measured.problems[notes->key].push_back(std::move(each.tuned));
  return store(options.tuning, measured);
}
