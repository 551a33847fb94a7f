//===- OneDnnSupport.cpp - Memory and layout changes in oneDNN ------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Peers/OneDnnSupport.h"

#include <string_view>

using namespace spmmplu::bench;

dnnl::engine spmmplu::bench::oneDnnEngine() {
  static dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

bool spmmplu::bench::isOptimized(const dnnl::primitive_desc_base &description) {
  std::string_view name = description.impl_info_str();
  return name.find("ref") == std::string_view::npos;
}

dnnl::memory::desc OneDnnOperand::request() const {
  dnnl::memory::desc desc = given.get_desc();
  if (!anyLayout)
    return desc;
  return dnnl::memory::desc(desc.dims(), desc.data_type(),
                            dnnl::memory::format_tag::any);
}

namespace {

/// A copy between two layouts, with both ends bound.
struct Reorder {
  dnnl::reorder primitive;
  dnnl::memory from, to;

  Reorder(const dnnl::memory &from, const dnnl::memory &to)
      : primitive(from, to), from(from), to(to) {}
  void execute(dnnl::stream &stream) {
    primitive.execute(stream, from, to);
    stream.wait();
  }
};

/// All that a call touches; shared by the variant's functions.
struct Execution {
  dnnl::stream stream{oneDnnEngine()};
  dnnl::primitive primitive;
  std::vector<dnnl::memory> memories;
  std::vector<dnnl_exec_arg_t> arguments;
  std::vector<Reorder> before, after, finally;
  std::string changes;

  void bind(int index, const dnnl::memory &memory) {
    memories.push_back(memory);
    arguments.push_back({index, memory.get()});
  }

  /// Binds an input; a change of layout goes into `before` or happens now.
  void bindInput(int index, const OneDnnOperand &operand,
                 const dnnl::memory::desc &wanted, const char *name) {
    if (operand.given.get_desc() == wanted) {
      bind(index, operand.given);
      return;
    }
    dnnl::memory packed(wanted, oneDnnEngine());
    Reorder reorder(operand.given, packed);
    reorder.execute(stream);
    changes += std::string(", ") + name +
               (operand.convertOnce ? " prepacked" : " packed per call");
    if (!operand.convertOnce)
      before.push_back(reorder);
    bind(index, packed);
  }

  void bindOutput(const OneDnnOperand &operand,
                  const dnnl::memory::desc &produced) {
    if (operand.given.get_desc() == produced) {
      bind(DNNL_ARG_DST, operand.given);
      return;
    }
    dnnl::memory own(produced, oneDnnEngine());
    bind(DNNL_ARG_DST, own);
    changes += operand.convertOnce ? ", result left packed"
                                   : ", result unpacked per call";
    (operand.convertOnce ? finally : after).emplace_back(own, operand.given);
  }

  /// By the C interface, which reports a refusal where the C++ one, without
  /// exceptions, ends the process.
  bool create(const dnnl::primitive_desc_base &description) {
    dnnl_primitive_t created = nullptr;
    if (dnnl_primitive_create(&created, description.get()) != dnnl_success)
      return false;
    primitive.reset(created);
    return true;
  }

  bool run() {
    for (Reorder &reorder : before)
      reorder.execute(stream);
    dnnl_status_t status = dnnl_primitive_execute(
        primitive.get(), stream.get(), int(arguments.size()), arguments.data());
    stream.wait();
    for (Reorder &reorder : after)
      reorder.execute(stream);
    return status == dnnl_success;
  }
};

} // namespace

std::optional<Variant>
spmmplu::bench::makeOneDnnVariant(const OneDnnPrimitive &parts,
                                  const std::string &how) {
  auto execution = std::make_shared<Execution>();
  const dnnl::primitive_desc_base &pd = parts.description;
  if (!execution->create(pd))
    return std::nullopt;
  execution->bindInput(DNNL_ARG_SRC, parts.source,
                       pd.query_md(dnnl::query::src_md, 0), "source");
  execution->bindInput(DNNL_ARG_WEIGHTS, parts.weights,
                       pd.query_md(dnnl::query::weights_md, 0), "weights");
  execution->bindOutput(parts.destination, pd.query_md(dnnl::query::dst_md, 0));
  if (!execution->run())
    return std::nullopt;
  Variant variant;
  variant.implementation =
      std::string(pd.impl_info_str()) + " (" + how + execution->changes + ")";
  variant.run = [execution] { execution->run(); };
  variant.finish = [execution] {
    for (Reorder &reorder : execution->finally)
      reorder.execute(execution->stream);
  };
  return variant;
}
