//===- EmulationJson.cpp - What an emulation did, as JSON -------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EmulationJson.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::spmmplu;

static std::string toHex(const EmulatedTensor &tensor) {
  return llvm::toHex(StringRef(tensor.data.data(), tensor.data.size()),
                     /*LowerCase=*/true);
}

EmulationJson::EmulationJson(ArrayRef<EmulatedTensor> arguments) {
  for (const EmulatedTensor &argument : arguments)
    inputs.push_back(argument.isUninitialized
                         ? std::string(2 * argument.data.size(), 'f')
                         : toHex(argument));
}

static llvm::json::Value toJson(const EmulatedLaunch::Argument &argument) {
  // JSON's numbers are doubles; bits may need all 64.
  llvm::json::Object object{{"bits", std::to_string(argument.bits)},
                            {"bytes", argument.bytes}};
  if (argument.memory)
    object["memory"] = *argument.memory;
  if (!argument.map.empty()) {
    object["map"] = llvm::json::Array(argument.map);
    object["mapElement"] = argument.mapElement;
  }
  return object;
}

void EmulationJson::addLaunch(const EmulatedLaunch &launch) {
  llvm::json::Array arguments;
  for (const EmulatedLaunch::Argument &argument : launch.arguments)
    arguments.push_back(toJson(argument));
  launches.push_back(llvm::json::Object{
      {"kernel", launch.kernel},
      {"grid", llvm::json::Array{launch.grid[0], launch.grid[1]}},
      {"threads", launch.threads},
      {"sharedBytes", launch.sharedBytes},
      {"arguments", std::move(arguments)}});
}

void EmulationJson::print(func::FuncOp func, ArrayRef<EmulatedTensor> arguments,
                          raw_ostream &os) const {
  llvm::json::Array described;
  for (auto [number, argument] : llvm::enumerate(arguments)) {
    llvm::json::Object object{{"shape", llvm::json::Array(argument.shape)},
                              {"input", inputs[number]}};
    if (func.getArgAttr(number, "test.output"))
      object["output"] = toHex(argument);
    described.push_back(std::move(object));
  }
  os << llvm::json::Value(
            llvm::json::Object{{"launches", llvm::json::Array(launches)},
                               {"arguments", std::move(described)}})
     << "\n";
}
