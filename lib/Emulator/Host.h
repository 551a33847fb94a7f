//===- Host.h - The host function around launches ---------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Interprets the function that launches kernels: sizes, strides and addresses,
// never an element, but for allocations, copies and fills.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_EMULATOR_HOST_H
#define SPMMPLU_LIB_EMULATOR_HOST_H

#include "Machine.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/OpDefinition.h"

#include <memory>

namespace mlir::spmmplu::emulator {

/// A memref: strides and offset in elements from `base`, the beginning of the
/// allocation.
struct HostMemRef {
  uint64_t base = 0;
  int64_t offset = 0;
  SmallVector<int64_t> sizes;
  SmallVector<int64_t> strides;
  uint32_t elementBytes = 0;

  bool isContiguous() const;
  /// 0 where a size is not positive, the largest number where the product
  /// overflows.
  int64_t getNumElements() const;
};

/// A scalar or a memref. Integers are sign-extended; pointers are addresses.
struct HostValue {
  int64_t integer = 0;
  double real = 0;
  std::shared_ptr<const HostMemRef> memref;
};

class Host;
using HostHandler = LogicalResult (*)(Host &, Operation *);

struct HostTable {
  llvm::StringMap<HostHandler> ops;

  template <typename OpTy, LogicalResult (*handler)(Host &, OpTy)> void add() {
    ops[OpTy::getOperationName()] = [](Host &host, Operation *op) {
      return handler(host, cast<OpTy>(op));
    };
  }
};

void addHostNumberOps(HostTable &table);
void addHostMemoryOps(HostTable &table);
void addHostLaunchOps(HostTable &table);

class Host {
public:
  explicit Host(const EmulatorOptions &options);

  LogicalResult run(func::FuncOp func,
                    MutableArrayRef<EmulatedTensor> arguments);
  /// All ops but the terminator.
  LogicalResult runBlock(Block &block);

  const HostValue &get(Value value) { return values[value]; }
  int64_t getInteger(Value value) { return get(value).integer; }
  const HostMemRef &getMemRef(Value value) { return *get(value).memref; }
  void set(Value value, HostValue hostValue) {
    values[value] = std::move(hostValue);
  }
  void setInteger(Value value, int64_t integer) {
    set(value, {integer, 0, nullptr});
  }
  void setMemRef(Value value, HostMemRef memref) {
    set(value, {0, 0, std::make_shared<const HostMemRef>(std::move(memref))});
  }
  /// Static numbers and values, in their order.
  SmallVector<int64_t> evaluate(ArrayRef<OpFoldResult> mixed);

  /// A new row-major memref; fails with a diagnostic if memory is short.
  FailureOr<HostMemRef> allocate(Operation *op, ArrayRef<int64_t> sizes,
                                 Type element, bool isWritten);

  const EmulatorOptions &options;
  GlobalMemory global;
  /// By the address that stands for the map in a launch.
  DenseMap<uint64_t, TensorMap> tensorMaps;
  DenseMap<Operation *, std::unique_ptr<Program>> programs;
  DenseMap<Operation *, HostMemRef> globals;
  /// The function's memref arguments, by the address of their memory.
  DenseMap<uint64_t, unsigned> argumentMemory;
  /// The largest memory that `sparse_gpu.scratch` asked for.
  Allocation *scratch = nullptr;

private:
  LogicalResult setArgument(func::FuncOp func, unsigned number,
                            EmulatedTensor &argument);

  HostTable table;
  DenseMap<Value, HostValue> values;
};

/// Bytes of an element in memory: an index takes 8, an i1 one; 0 if memory
/// holds no such elements.
uint32_t getElementBytes(Type type);

} // namespace mlir::spmmplu::emulator

#endif // SPMMPLU_LIB_EMULATOR_HOST_H
