//===- Options.cpp - The command line of sparse-compile --------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Options.h"

#include "spmmplu/Pattern/Pattern.h"
#include "spmmplu/Target/Target.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir::spmmplu;
namespace cl = llvm::cl;

// libLLVM and libMLIR register options of their own at start-up, `threads` and
// some hundred that mean nothing here. They are initialised before this file,
// whose own options follow.
static const bool foreignOptionsRemoved = [] {
  llvm::SmallVector<cl::Option *> options;
  for (auto &[name, option] : cl::getRegisteredOptions())
    if (name != "help" && name != "version")
      options.push_back(option);
  for (cl::Option *option : options)
    option->removeArgument();
  return true;
}();

static cl::OptionCategory category("sparse-compile options");

cl::opt<std::string> cli::input(cl::Positional,
                                cl::desc("<weights: .npy .safetensors .mtx "
                                         ".smtx, or a program: .mlir>"),
                                cl::cat(category));
cl::opt<std::string>
    cli::output("o",
                cl::desc("Output file (default: the input's name with .spmm)"),
                cl::value_desc("file"), cl::cat(category));
cl::opt<std::string> cli::tensor("tensor",
                                 cl::desc("Tensor of a .safetensors file"),
                                 cl::value_desc("name"), cl::cat(category));
cl::opt<std::string> cli::shape(
    "shape",
    cl::desc("No weights: a matrix of this shape and --pattern, whose values "
             "are set when the package runs"),
    cl::value_desc("MxK"), cl::cat(category));
cl::opt<std::string> cli::pattern(
    "pattern",
    cl::desc("auto: find the pattern; or a pattern that the weights must obey"),
    cl::init("auto"), cl::value_desc("pattern"), cl::cat(category));
cl::opt<std::string>
    cli::prune("prune", cl::desc("Prune the weights by magnitude first"),
               cl::value_desc("pattern"), cl::cat(category));
cl::opt<std::string>
    cli::dtype("dtype",
               cl::desc("Convert the weights to f64, f32, f16 or bf16; on "
                        "GPUs also to f8e4m3, f8e5m2 (to the nearest, what is "
                        "too large to the largest) or i8 (integers only)"),
               cl::value_desc("type"), cl::cat(category));
cl::opt<std::string> cli::outDtype(
    "out-dtype",
    cl::desc("Type of the result (default: f32 for weights of f16, bf16 and "
             "f8, i32 for i8, else theirs)"),
    cl::value_desc("type"), cl::cat(category));
cl::opt<std::string>
    cli::plot("plot",
              cl::desc("Also draw mask, meta-ops and groups (.png or .html)"),
              cl::value_desc("file"), cl::cat(category));
cl::opt<std::string> cli::calibrate(
    "calibrate",
    cl::desc(
        "Measure this machine's clock and memory, and write them to a file "
        "for --calibration; no input"),
    cl::value_desc("file"), cl::cat(category));
cl::opt<bool> cli::tune(
    "tune",
    cl::desc("Measure the model's best strategies on this machine first, and "
             "add their times to the file of --tuning"),
    cl::cat(category));
cl::opt<unsigned>
    cli::tuneTop("tune-top",
                 cl::desc("How many strategies --tune measures for each N "
                          "(and --dump-strategies lists, if given)"),
                 cl::init(3), cl::cat(category));
cl::list<int64_t> cli::tuneColumns(
    "tune-columns",
    cl::desc("The N that --tune measures (default: 1,16,64,256,1024,4096)"),
    cl::value_desc("N,..."), cl::CommaSeparated, cl::cat(category));
cl::opt<bool> cli::dumpStrategies(
    "dump-strategies",
    cl::desc("Print the space of strategies as a table instead of compiling"),
    cl::cat(category));
cl::opt<bool> cli::remarks("remarks",
                           cl::desc("Print the compiler's decisions"),
                           cl::cat(category));
cl::opt<bool> cli::explain(
    "explain",
    cl::desc("Print what was chosen and its rivals: time, and per level of "
             "memory bytes, intensity and bound"),
    cl::cat(category));
cl::opt<EmitKind> cli::emit(
    "emit", cl::desc("What to write"), cl::init(EmitKind::Package),
    cl::values(clEnumValN(EmitKind::Package, "package",
                          "a package for sparse-run (default)"),
               clEnumValN(EmitKind::MLIR, "mlir", "the fused kernels as MLIR"),
               clEnumValN(EmitKind::PTX, "ptx", "a GPU's kernels as PTX"),
               clEnumValN(EmitKind::Cubin, "cubin",
                          "a GPU's kernels as machine code (needs ptxas)"),
               clEnumValN(EmitKind::Object, "object", "the ELF object")),
    cl::cat(category));

static cl::opt<std::string>
    cols("cols", cl::desc("Columns of the dense operand"), cl::init("dynamic"),
         cl::value_desc("dynamic|N"), cl::cat(category));
static cl::opt<std::string>
    target("target",
           cl::desc("host, a row of the table of targets, or either "
                    "with overrides such as host,cores=1"),
           cl::init("host"), cl::cat(category));
static cl::opt<std::string> policy("policy",
                                   cl::desc("Grouping: chain or disjoint"),
                                   cl::init("chain"), cl::cat(category));
static cl::opt<unsigned> threads("threads",
                                 cl::desc("Threads that the kernel may use "
                                          "(default: the target's cores)"),
                                 cl::init(0), cl::cat(category));
static cl::opt<std::string> strategy(
    "strategy",
    cl::desc("Use this strategy instead of choosing one, e.g. "
             "'#sparse_ir.strategy<intrinsic = \"avx512-f32\", rows = 4, "
             "depth = 1, vectors = 4, phase = 0, tasks = 8, pack_rhs = "
             "true>'"),
    cl::value_desc("attribute"), cl::cat(category));
static cl::opt<int64_t> maxKernels(
    "max-kernels",
    cl::desc("Strategies that a product of dynamic columns may have"),
    cl::init(12), cl::cat(category));
static cl::opt<std::string>
    tuning("tuning", cl::desc("Choose by the times in this file (see --tune)"),
           cl::value_desc("file"), cl::cat(category));
static cl::opt<std::string> calibration(
    "calibration",
    cl::desc("Figures of this machine, for --target=host (see --calibrate)"),
    cl::value_desc("file"), cl::cat(category));
static cl::opt<bool>
    allowTF32("allow-tf32",
              cl::desc("Let f32 operands be rounded to tf32 (10 bits) where a "
                       "GPU's tensor cores are faster"),
              cl::cat(category));
static cl::opt<std::string>
    accumulate("accumulate",
               cl::desc("f16: let a GPU sum f16 products in f16 where that "
                        "is faster (default: f32)"),
               cl::init("f32"), cl::value_desc("type"), cl::cat(category));
static cl::opt<bool>
    forceSparse("force-sparse",
                cl::desc("Do not choose dense, even where it is faster"),
                cl::cat(category));

[[noreturn]] static void exitWith(const llvm::Twine &message) {
  llvm::errs() << "sparse-compile: " << message << "\n";
  std::exit(2);
}

/// --target with what --calibration adds.
static std::string getTarget() {
  if (calibration.empty())
    return target;
  if (target != "host" && !llvm::StringRef(target).starts_with("host,"))
    exitWith("--calibration is for --target=host, found '" + target + "'");
  auto file = llvm::MemoryBuffer::getFile(calibration);
  if (!file)
    exitWith("--calibration: " + calibration + ": " +
             file.getError().message());
  return target + "," + (*file)->getBuffer().trim().str();
}

/// What --help says after the options.
static std::string describeChoices() {
  std::string text;
  llvm::raw_string_ostream stream(text);
  stream << "\nPatterns (--prune, --pattern):\n";
  for (const PatternInfo &info : listPatterns())
    stream << llvm::formatv("  {0,-44} {1}\n", info.usage, info.help);
  stream << "\nTargets (--target):";
  for (std::string_view name : listTargets())
    stream << " " << name;
  stream << "\n";
  return text;
}

static std::string getName(const cl::Option &option) {
  return (option.ArgStr.size() > 1 ? "--" : "-") + option.ArgStr.str();
}

/// An empty value is a mistake, of a script's variable for one, and would
/// silently be no option at all; so would be all but the last of several.
static void checkValues() {
  for (auto &[name, option] : cl::getRegisteredOptions())
    if (option->getNumOccurrences() > 1 && name != cli::tuneColumns.ArgStr)
      exitWith(getName(*option) + " was given " +
               llvm::Twine(option->getNumOccurrences()) +
               " times, expected one");
  for (const cl::opt<std::string> *option :
       {&cli::output, &cli::tensor, &cli::shape, &cli::pattern, &cli::prune,
        &cli::dtype, &cli::outDtype, &cli::plot, &cli::calibrate, &strategy,
        &tuning, &calibration})
    if (option->getNumOccurrences() && option->empty())
      exitWith(getName(*option) + " needs a value, found nothing");
}

/// Weights are easily overwritten.
static void checkOutput() {
  bool isInput = false;
  if (!cli::input.empty() && !cli::output.empty() &&
      !llvm::sys::fs::equivalent(cli::input, cli::output, isInput) && isInput)
    exitWith("-o: '" + cli::output + "' is the input");
}

void cli::parse(int argc, char **argv) {
  cl::HideUnrelatedOptions(category);
  cl::AddExtraVersionPrinter(
      [](llvm::raw_ostream &stream) { stream << "SpMMPlu 0.1\n"; });
  std::string choices = describeChoices();
  cl::extrahelp moreHelp(choices);
  std::string error;
  llvm::raw_string_ostream stream(error);
  if (!cl::ParseCommandLineOptions(
          argc, argv,
          "Compiles sparse weights, or a program with sparse products, into a "
          "package.\n",
          &stream)) {
    llvm::StringRef first = llvm::StringRef(error).split('\n').first;
    llvm::errs() << first << "\n";
    std::exit(2);
  }
  checkValues();
  if (!calibrate.empty()) {
    if (!input.empty() || !shape.empty())
      exitWith("--calibrate measures the machine, expected no input, found '" +
               getSource() + "'");
    return;
  }
  if (input.empty() == shape.empty())
    exitWith(input.empty() ? "expected weights, a program or --shape"
                           : "expected weights or --shape, found both");
  checkOutput();
  if (!shape.empty() && (pattern == "auto" || !prune.empty()))
    exitWith("--shape needs --pattern, and no --prune");
  if (policy != "chain" && policy != "disjoint")
    exitWith("expected --policy=chain or disjoint, found '" + policy + "'");
  auto found = lookupTarget(getTarget());
  if (!found)
    exitWith((calibration.empty() ? "--target: " : "--calibration: ") +
             found.error());
  if (maxKernels < 1)
    exitWith("expected --max-kernels of at least 1, found " +
             llvm::Twine(maxKernels));
  if (tuneTop < 1 ||
      llvm::any_of(
          tuneColumns,
          [](int64_t n) { return n < 1 || n > (int64_t(1) << 24); }))
    exitWith("expected --tune-top of at least 1 and --tune-columns of 1 to "
             "2^24");
  if (tune && (tuning.empty() || isGpuTarget(*found) || !strategy.empty()))
    exitWith("--tune needs --tuning=file and a CPU to run on, and no "
             "--strategy");
  if ((emit == EmitKind::PTX || emit == EmitKind::Cubin) &&
      !isGpuTarget(*found))
    exitWith("--emit=ptx and cubin are for GPUs, found --target=" + target);
  if (accumulate != "f32" && accumulate != "f16")
    exitWith("expected --accumulate=f32 or f16, found '" + accumulate + "'");
  if (threads > 1024)
    exitWith("expected --threads of at most 1024, found " +
             llvm::Twine(threads));
  (void)getCols();
}

CompileOptions cli::getCompileOptions() {
  CompileOptions options;
  options.target = getTarget();
  options.maxKernels = maxKernels;
  options.tuning = tuning;
  options.dumpStrategies = dumpStrategies;
  options.policy = policy;
  options.allowDense = !forceSparse;
  // Weights with few zeros are a product for the cost model too: it may choose
  // dense. What is not raised becomes plain loops.
  bool isProgram = llvm::StringRef(input).ends_with(".mlir");
  options.minSparsity = forceSparse || !isProgram ? 0.0 : 0.3;
  options.threads =
      threads ? int64_t(threads) : lookupTarget(options.target)->cores;
  options.allowTF32 = allowTF32;
  options.accumulate = accumulate;
  options.strategy = strategy;
  options.deferValues = !shape.empty();
  options.explain = explain;
  options.source = llvm::StringRef(getSource()).rsplit('/').second.str();
  if (options.source.empty())
    options.source = getSource();
  return options;
}

std::string cli::getSource() {
  return shape.empty() ? input.getValue() : shape + " " + pattern;
}

int64_t cli::getCols() {
  if (cols == "dynamic")
    return -1;
  int64_t value;
  if (llvm::StringRef(cols).getAsInteger(10, value) || value < 1)
    exitWith("expected --cols=dynamic or a positive number, found '" + cols +
             "'");
  return value;
}

bool cli::hasWeightOptions() {
  return !prune.empty() || pattern != "auto" || !tensor.empty() ||
         !dtype.empty() || !outDtype.empty() || cols.getNumOccurrences() ||
         !plot.empty();
}
