//===- Manifest.cpp - What a package says about itself --------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Runtime/Manifest.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

using namespace spmmplu;

using Json = nlohmann::json;

static constexpr int64_t maxExtent = std::numeric_limits<int64_t>::max();
static constexpr int64_t maxIndex = std::numeric_limits<int32_t>::max();
/// Reports are flat in practice; the bound keeps recursion shallow.
static constexpr int maxReportDepth = 8;

std::string spmmplu::shapeToString(const std::vector<Extent> &shape) {
  std::string text = "[";
  for (const Extent &extent : shape) {
    text += text.size() > 1 ? ", " : "";
    text += extent.isDynamic() ? extent.symbol : std::to_string(extent.value);
  }
  return text + "]";
}

const MatrixSpec *Manifest::findMatrix(std::string_view name) const {
  auto it = std::find_if(matrices.begin(), matrices.end(),
                         [&](const MatrixSpec &m) { return m.name == name; });
  return it == matrices.end() ? nullptr : &*it;
}

const MatrixSpec *Manifest::findDeferred(std::string_view name) const {
  auto it =
      std::find_if(matrices.begin(), matrices.end(), [&](const MatrixSpec &m) {
        return m.deferred && (m.values == name || m.metadata == name);
      });
  return it == matrices.end() ? nullptr : &*it;
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

namespace {

/// Keeps the first error, so that readers of fields can be written one after
/// the other; a failed one yields a default value.
class Errors {
public:
  void report(const std::string &path, const std::string &message) {
    if (text.empty())
      text = "manifest: key '" + path + "': " + message;
  }
  const std::string &first() const { return text; }

private:
  std::string text;
};

/// A JSON value with the path that leads to it.
struct Node {
  const Json *json; ///< null where an error was reported on the way
  std::string path;
  Errors *errors;

  void fail(const std::string &expected) const {
    if (!json)
      return;
    // Not `dump` for those: it recurses, and nesting is the file's choice.
    std::string found =
        json->is_structured()
            ? std::string("an ") + json->type_name()
            : json->dump(-1, ' ', true, Json::error_handler_t::replace);
    if (found.size() > 40)
      found = found.substr(0, 40) + "...";
    errors->report(path, "found " + found + ", expected " + expected);
  }

  /// Requires an object that has no other keys than `keys`.
  void requireObject(std::initializer_list<std::string_view> keys) const {
    if (!json)
      return;
    if (!json->is_object())
      return fail("an object");
    for (auto it = json->begin(); it != json->end(); ++it)
      if (std::find(keys.begin(), keys.end(), it.key()) == keys.end())
        errors->report(path.empty() ? it.key() : path + "." + it.key(),
                       "is not a key of this format");
  }

  Node at(const char *key) const {
    Node child{nullptr, path.empty() ? key : path + "." + key, errors};
    if (!json || !json->is_object())
      return child;
    auto it = json->find(key);
    if (it == json->end())
      errors->report(child.path, "is missing");
    else
      child.json = &*it;
    return child;
  }
  bool has(const char *key) const {
    return json && json->is_object() && json->contains(key);
  }

  std::string string() const {
    if (json && json->is_string() &&
        !json->get_ref<const std::string &>().empty())
      return json->get_ref<const std::string &>();
    fail("a string that is not empty");
    return {};
  }
  int64_t integer(int64_t least, int64_t most) const {
    // An unsigned number beyond int64_t would read as negative.
    bool fits = json && json->is_number_integer() &&
                (!json->is_number_unsigned() ||
                 json->get<uint64_t>() <= uint64_t(maxExtent));
    int64_t value = fits ? json->get<int64_t>() : 0;
    if (fits && value >= least && value <= most)
      return value;
    fail("an integer from " + std::to_string(least) + " to " +
         std::to_string(most));
    return least;
  }
  bool boolean() const {
    if (json && json->is_boolean())
      return json->get<bool>();
    fail("true or false");
    return false;
  }
  double fraction() const {
    double value = json && json->is_number() ? json->get<double>() : -1;
    if (value >= 0 && value <= 1)
      return value;
    fail("a number from 0 to 1");
    return 0;
  }
  /// Calls `read` for each element of an array and collects the results.
  template <typename Read> auto list(Read &&read) const {
    std::vector<decltype(read(*this))> result;
    if (json && !json->is_array())
      fail("an array");
    else if (json)
      for (size_t i = 0; i < json->size(); ++i)
        result.push_back(read(
            Node{&(*json)[i], path + "[" + std::to_string(i) + "]", errors}));
    return result;
  }
};

} // namespace

static bool isIdentifier(std::string_view text) {
  auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !text.empty() && letter(text[0]) &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return letter(c) || (c >= '0' && c <= '9');
         });
}

static Extent readExtent(const Node &node) {
  if (!node.json || !node.json->is_string())
    return Extent::fixed(node.integer(0, maxExtent));
  std::string symbol = node.string();
  if (!isIdentifier(symbol))
    node.fail("a number or a symbol such as \"n\"");
  return Extent::dynamic(std::move(symbol));
}

static TensorSpec readTensorSpec(const Node &node) {
  node.requireObject({"name", "dtype", "shape"});
  TensorSpec spec;
  spec.name = node.at("name").string();
  Node dtype = node.at("dtype");
  if (std::optional<DType> parsed = parseDType(dtype.string()))
    spec.dtype = *parsed;
  else
    dtype.fail("a type such as \"F32\"");
  Node shape = node.at("shape");
  spec.shape = shape.list(readExtent);
  if (spec.shape.size() > maxRank)
    shape.fail("at most " + std::to_string(maxRank) + " extents");
  return spec;
}

static std::string readString(const Node &node) { return node.string(); }

static void requireDistinct(const Node &node, const std::string &name,
                            std::set<std::string> &seen) {
  if (!seen.insert(name).second)
    node.fail("names that differ");
}

static ProgramSpec readProgram(const Node &node) {
  node.requireObject({"inputs", "outputs", "constants"});
  ProgramSpec spec;
  spec.inputs = node.at("inputs").list(readTensorSpec);
  spec.outputs = node.at("outputs").list(readTensorSpec);
  spec.constants = node.at("constants").list(readString);
  std::set<std::string> names, symbols;
  for (const TensorSpec &input : spec.inputs) {
    requireDistinct(node.at("inputs"), input.name, names);
    for (const Extent &extent : input.shape)
      symbols.insert(extent.symbol);
  }
  for (const TensorSpec &output : spec.outputs) {
    requireDistinct(node.at("outputs"), output.name, names);
    for (const Extent &extent : output.shape)
      if (extent.isDynamic() && !symbols.count(extent.symbol))
        node.at("outputs").fail("the symbol '" + extent.symbol +
                                "' in the shape of an input too");
  }
  return spec;
}

static DeviceCodeSpec readDeviceCode(const Node &node) {
  node.requireObject({"chip", "format", "tensor"});
  DeviceCodeSpec spec;
  spec.chip = node.at("chip").string();
  spec.tensor = node.at("tensor").string();
  Node format = node.at("format");
  std::string name = format.string();
  if (name == "ptx")
    spec.format = DeviceCodeFormat::ptx;
  else if (name != "cubin")
    format.fail("\"cubin\" or \"ptx\"");
  return spec;
}

static KernelSpec readKernel(const Node &node) {
  node.requireObject({"target", "features", "object", "symbol", "device"});
  KernelSpec spec{node.at("target").string(),
                  node.at("features").list(readString),
                  node.at("object").string(),
                  node.at("symbol").string(),
                  {}};
  if (spec.isForGpu() || node.has("device")) {
    Node device = node.at("device");
    spec.device = device.list(readDeviceCode);
    if (spec.device.empty() == spec.isForGpu())
      device.fail(spec.isForGpu() ? "code for at least one chip"
                                  : "no code, as the target is no GPU");
  }
  return spec;
}

static constexpr std::pair<ValueLayout, const char *> layoutNames[] = {
    {ValueLayout::kMajor, "kMajor"},
    {ValueLayout::rowMajor, "rowMajor"},
    {ValueLayout::gathered, "gathered"},
    {ValueLayout::fragment, "fragment"},
    {ValueLayout::warpgroup, "warpgroup"}};

static ValueLayout readLayout(const Node &node) {
  std::string name = node.string();
  for (auto [layout, known] : layoutNames)
    if (name == known)
      return layout;
  node.fail("\"kMajor\", \"rowMajor\", \"gathered\", \"fragment\" or "
            "\"warpgroup\"");
  return ValueLayout::kMajor;
}

static void readOptionalKeys(const Node &node, MatrixSpec &spec) {
  if (node.has("metadata")) {
    spec.metadata = node.at("metadata").string();
    if (!spec.isForTensorCores())
      node.at("layout").fail("\"fragment\" or \"warpgroup\" with metadata");
  }
  if (node.has("deferred")) {
    Node deferred = node.at("deferred");
    spec.deferred = parseDType(deferred.string());
    if (!spec.deferred)
      deferred.fail("a type such as \"F16\"");
  }
  if (node.has("of"))
    spec.of = node.at("of").string();
  if (node.has("derivesEntries")) {
    spec.derivesEntries = node.at("derivesEntries").boolean();
    if (spec.derivesEntries && !spec.of)
      node.at("derivesEntries").fail("false for a matrix without \"of\"");
  }
}

static MatrixSpec readMatrix(const Node &node) {
  node.requireObject({"name", "rows", "cols", "pattern", "density", "panel",
                      "depth", "layout", "panelRows", "chainPtr", "entries",
                      "values", "phases", "metadata", "deferred", "of",
                      "derivesEntries"});
  MatrixSpec spec;
  spec.name = node.at("name").string();
  spec.pattern = node.at("pattern").string();
  spec.rows = node.at("rows").integer(0, maxIndex);
  spec.cols = node.at("cols").integer(0, maxIndex);
  spec.density = node.at("density").fraction();
  spec.panel = node.at("panel").integer(1, maxIndex);
  spec.depth = node.at("depth").integer(1, maxIndex);
  spec.phases = node.at("phases").integer(1, maxIndex);
  spec.panelRows = node.at("panelRows").string();
  spec.chainPtr = node.at("chainPtr").string();
  spec.entries = node.at("entries").string();
  spec.values = node.at("values").string();
  spec.layout = readLayout(node.at("layout"));
  readOptionalKeys(node, spec);
  return spec;
}

static CheckSpec readCheck(const Node &node) {
  node.requireObject({"op", "matrix", "bias", "activation"});
  CheckSpec spec;
  Node op = node.at("op");
  if (op.string() != "matmul")
    op.fail("\"matmul\"");
  spec.matrix = node.at("matrix").string();
  Node bias = node.at("bias");
  if (bias.json && !bias.json->is_null())
    spec.bias = bias.string();
  Node activation = node.at("activation");
  std::string name = activation.string();
  if (name == "relu")
    spec.activation = Activation::relu;
  else if (name != "none")
    activation.fail("\"none\" or \"relu\"");
  return spec;
}

static void readReport(const Node &node, const std::string &prefix, int depth,
                       Manifest &manifest) {
  if (!node.json)
    return;
  if (!node.json->is_object() || depth > maxReportDepth)
    return node.fail("an object of at most " + std::to_string(maxReportDepth) +
                     " levels");
  for (auto it = node.json->begin(); it != node.json->end(); ++it) {
    std::string key = prefix + it.key();
    Node child{&*it, node.path + "." + it.key(), node.errors};
    if (it->is_object())
      readReport(child, key + ".", depth + 1, manifest);
    else if (it->is_string())
      manifest.report.emplace(key, it->get<std::string>());
    else if (it->is_boolean())
      manifest.report.emplace(key, it->get<bool>());
    else if (it->is_number_float())
      manifest.report.emplace(key, it->get<double>());
    else if (it->is_number_integer())
      manifest.report.emplace(key, child.integer(-maxExtent, maxExtent));
    else
      child.fail("a string, a number, a truth value or an object");
  }
}

Result<Manifest> Manifest::parse(std::string_view text) {
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded())
    return Error{"manifest: is not JSON"};
  if (!json.is_object())
    return Error{"manifest: is not a JSON object"};
  Errors errors;
  Node root{&json, "", &errors};
  // Before the keys, which another format may have others of.
  root.at("format").integer(currentFormat, currentFormat);
  root.requireObject({"format", "producer", "source", "program", "kernels",
                      "matrices", "check", "report"});
  Manifest manifest;
  manifest.producer = root.at("producer").string();
  manifest.source = root.at("source").string();
  manifest.program = readProgram(root.at("program"));
  manifest.kernels = root.at("kernels").list(readKernel);
  manifest.matrices = root.at("matrices").list(readMatrix);
  std::set<std::string> names;
  for (const MatrixSpec &matrix : manifest.matrices)
    requireDistinct(root.at("matrices"), matrix.name, names);
  if (root.has("check") && !json["check"].is_null())
    manifest.check = readCheck(root.at("check"));
  if (root.has("report"))
    readReport(root.at("report"), "", 0, manifest);
  if (!errors.first().empty())
    return Error{errors.first()};
  return manifest;
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

static Json toJson(const TensorSpec &spec) {
  Json shape = Json::array();
  for (const Extent &extent : spec.shape)
    shape.push_back(extent.isDynamic() ? Json(extent.symbol)
                                       : Json(extent.value));
  return {{"name", spec.name},
          {"dtype", std::string(name(spec.dtype))},
          {"shape", std::move(shape)}};
}

static Json toJson(const std::string &text) { return text; }

static Json toJson(const DeviceCodeSpec &spec) {
  bool isPtx = spec.format == DeviceCodeFormat::ptx;
  return {{"chip", spec.chip},
          {"format", isPtx ? "ptx" : "cubin"},
          {"tensor", spec.tensor}};
}

static Json toJson(const KernelSpec &spec) {
  Json json = {{"target", spec.target},
               {"features", Json(spec.features)},
               {"object", spec.object},
               {"symbol", spec.symbol}};
  for (const DeviceCodeSpec &code : spec.device)
    json["device"].push_back(toJson(code));
  return json;
}

static Json toJson(const MatrixSpec &spec) {
  Json json = {{"name", spec.name},
               {"rows", spec.rows},
               {"cols", spec.cols},
               {"pattern", spec.pattern},
               {"density", spec.density},
               {"panel", spec.panel},
               {"depth", spec.depth},
               {"layout", layoutNames[size_t(spec.layout)].second},
               {"panelRows", spec.panelRows},
               {"chainPtr", spec.chainPtr},
               {"entries", spec.entries},
               {"values", spec.values},
               {"phases", spec.phases}};
  if (spec.metadata)
    json["metadata"] = *spec.metadata;
  if (spec.deferred)
    json["deferred"] = std::string(name(*spec.deferred));
  if (spec.of)
    json["of"] = *spec.of;
  if (spec.derivesEntries)
    json["derivesEntries"] = true;
  return json;
}

template <typename T> static Json toJsonArray(const std::vector<T> &list) {
  Json array = Json::array();
  for (const T &element : list)
    array.push_back(toJson(element));
  return array;
}

/// Puts `value` at the path `key`, whose parts are separated by dots. Where a
/// part is taken by something else than an object, the rest stays one key:
/// reading joins the parts again, so nothing is lost. (Keys come sorted: "a"
/// before "a.b".)
static void insertReport(Json &object, std::string_view key, Json value) {
  Json *at = &object;
  for (int depth = 0; depth < maxReportDepth; ++depth) {
    size_t dot = key.find('.');
    if (dot == std::string_view::npos)
      break;
    std::string part(key.substr(0, dot));
    auto it = at->find(part);
    if (it != at->end() && !it->is_object())
      break;
    at = it != at->end() ? &*it : &((*at)[part] = Json::object());
    key.remove_prefix(dot + 1);
  }
  (*at)[std::string(key)] = std::move(value);
}

std::string Manifest::print() const {
  Json json = {{"format", currentFormat},
               {"producer", producer},
               {"source", source},
               {"program",
                {{"inputs", toJsonArray(program.inputs)},
                 {"outputs", toJsonArray(program.outputs)},
                 {"constants", toJsonArray(program.constants)}}},
               {"kernels", toJsonArray(kernels)},
               {"matrices", toJsonArray(matrices)}};
  if (check)
    json["check"] = {{"op", "matmul"},
                     {"matrix", check->matrix},
                     {"bias", check->bias ? Json(*check->bias) : Json()},
                     {"activation",
                      check->activation == Activation::relu ? "relu" : "none"}};
  Json &out = json["report"] = Json::object();
  for (const auto &[key, value] : report)
    insertReport(out, key,
                 std::visit([](const auto &v) { return Json(v); }, value));
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}
