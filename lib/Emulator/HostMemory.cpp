//===- HostMemory.cpp - Memrefs of host functions ---------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Host.h"

#include "spmmplu/Reference/Evaluator.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mlir::spmmplu;
using namespace mlir::spmmplu::emulator;

template <typename OpTy> static LogicalResult runAlloc(Host &host, OpTy op) {
  MemRefType type = op.getType();
  SmallVector<int64_t> sizes(type.getShape());
  auto dynamic = op.getDynamicSizes().begin();
  for (int64_t &size : sizes)
    if (ShapedType::isDynamic(size))
      size = host.getInteger(*dynamic++);
  if (!type.getLayout().isIdentity())
    return op.emitError("allocations of host functions are row-major");
  FailureOr<HostMemRef> memref =
      host.allocate(op, sizes, type.getElementType(), /*isWritten=*/false);
  if (failed(memref))
    return failure();
  host.setMemRef(op.getResult(), std::move(*memref));
  return success();
}

static LogicalResult runDealloc(Host &host, memref::DeallocOp op) {
  if (!host.global.release(host.getMemRef(op.getMemref()).base))
    return op.emitError("a host function deallocates memory twice");
  return success();
}

static LogicalResult runDim(Host &host, memref::DimOp op) {
  const HostMemRef &memref = host.getMemRef(op.getSource());
  int64_t dim = host.getInteger(op.getIndex());
  if (dim < 0 || dim >= int64_t(memref.sizes.size()))
    return op.emitError("dimension ")
           << dim << " of a memref of rank " << memref.sizes.size();
  host.setInteger(op.getResult(), memref.sizes[dim]);
  return success();
}

/// As the lowering has it: the address of the buffer, not of the first element.
static LogicalResult runPointer(Host &host,
                                memref::ExtractAlignedPointerAsIndexOp op) {
  host.setInteger(op.getResult(), host.getMemRef(op.getSource()).base);
  return success();
}

static LogicalResult runMetadata(Host &host,
                                 memref::ExtractStridedMetadataOp op) {
  const HostMemRef &memref = host.getMemRef(op.getSource());
  HostMemRef base;
  base.base = memref.base;
  base.elementBytes = memref.elementBytes;
  for (auto [result, size] : llvm::zip_equal(op.getSizes(), memref.sizes))
    host.setInteger(result, size);
  for (auto [result, stride] : llvm::zip_equal(op.getStrides(), memref.strides))
    host.setInteger(result, stride);
  host.setInteger(op.getOffset(), memref.offset);
  host.setMemRef(op.getBaseBuffer(), std::move(base));
  return success();
}

static LogicalResult runCast(Host &host, memref::CastOp op) {
  host.set(op.getResult(), host.get(op.getSource()));
  return success();
}

static LogicalResult runReinterpretCast(Host &host,
                                        memref::ReinterpretCastOp op) {
  HostMemRef memref = host.getMemRef(op.getSource());
  memref.offset = host.evaluate(op.getMixedOffsets()).front();
  memref.sizes = host.evaluate(op.getMixedSizes());
  memref.strides = host.evaluate(op.getMixedStrides());
  host.setMemRef(op.getResult(), std::move(memref));
  return success();
}

static LogicalResult runSubView(Host &host, memref::SubViewOp op) {
  const HostMemRef &source = host.getMemRef(op.getSource());
  SmallVector<int64_t> offsets = host.evaluate(op.getMixedOffsets());
  SmallVector<int64_t> sizes = host.evaluate(op.getMixedSizes());
  SmallVector<int64_t> strides = host.evaluate(op.getMixedStrides());
  llvm::SmallBitVector dropped = op.getDroppedDims();
  HostMemRef memref = source;
  memref.sizes.clear();
  memref.strides.clear();
  for (size_t dim = 0; dim < offsets.size(); ++dim) {
    memref.offset += offsets[dim] * source.strides[dim];
    if (dropped.test(dim))
      continue;
    memref.sizes.push_back(sizes[dim]);
    memref.strides.push_back(strides[dim] * source.strides[dim]);
  }
  host.setMemRef(op.getResult(), std::move(memref));
  return success();
}

/// Replaces the sizes of a contiguous memref by others of as many elements.
static LogicalResult reshape(Host &host, Operation *op, Value source,
                             Value result, SmallVector<int64_t> sizes) {
  HostMemRef memref = host.getMemRef(source);
  if (!memref.isContiguous())
    return op->emitError("a host function reshapes what is not contiguous");
  memref.strides.assign(sizes.size(), 1);
  for (int64_t dim = int64_t(sizes.size()) - 2; dim >= 0; --dim)
    memref.strides[dim] = memref.strides[dim + 1] * sizes[dim + 1];
  memref.sizes = std::move(sizes);
  host.setMemRef(result, std::move(memref));
  return success();
}

static LogicalResult runCollapse(Host &host, memref::CollapseShapeOp op) {
  const HostMemRef &source = host.getMemRef(op.getSrc());
  SmallVector<int64_t> sizes;
  for (const ReassociationIndices &group : op.getReassociationIndices()) {
    sizes.push_back(1);
    for (int64_t dim : group)
      sizes.back() *= source.sizes[dim];
  }
  return reshape(host, op, op.getSrc(), op.getResult(), std::move(sizes));
}

static LogicalResult runExpand(Host &host, memref::ExpandShapeOp op) {
  return reshape(host, op, op.getSrc(), op.getResult(),
                 host.evaluate(op.getMixedOutputShape()));
}

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

/// Calls `visit` with the addresses of runs of elements that lie side by side,
/// in row-major order, and their number.
template <typename Visitor>
static LogicalResult forEachRun(const HostMemRef &memref, Visitor &&visit) {
  uint64_t base = memref.base + uint64_t(memref.offset) * memref.elementBytes;
  int64_t count = memref.getNumElements();
  if (count == 0)
    return success();
  if (memref.isContiguous())
    return visit(base, count);
  SmallVector<int64_t> index(memref.sizes.size(), 0);
  for (int64_t flat = 0; flat < count; ++flat) {
    int64_t offset = 0;
    for (size_t dim = 0; dim < index.size(); ++dim)
      offset += index[dim] * memref.strides[dim];
    if (failed(visit(base + uint64_t(offset) * memref.elementBytes, 1)))
      return failure();
    for (size_t dim = index.size(); dim-- > 0;) {
      if (++index[dim] < memref.sizes[dim])
        break;
      index[dim] = 0;
    }
  }
  return success();
}

static LogicalResult report(Operation *op,
                            const std::optional<std::string> &wrong) {
  return wrong ? LogicalResult(op->emitError(*wrong)) : success();
}

/// Views may claim to be larger than memory is.
static LogicalResult checkSize(Host &host, Operation *op,
                               const HostMemRef &memref) {
  if (memref.getNumElements() <=
      host.options.maxGlobalBytes / memref.elementBytes)
    return success();
  return op->emitError("a memref is larger than the emulator's memory of ")
         << host.options.maxGlobalBytes << " bytes";
}

static LogicalResult runCopy(Host &host, memref::CopyOp op) {
  const HostMemRef &source = host.getMemRef(op.getSource());
  const HostMemRef &target = host.getMemRef(op.getTarget());
  if (failed(checkSize(host, op, source)))
    return failure();
  if (source.sizes != target.sizes)
    return op.emitError("a host function copies between memrefs of different "
                        "sizes");
  std::vector<char> data(source.getNumElements() * source.elementBytes);
  size_t at = 0;
  auto read = [&](uint64_t address, int64_t count) {
    size_t bytes = count * source.elementBytes;
    at += bytes;
    return report(op, host.global.read(address, bytes, &data[at - bytes],
                                       Accessor::Host));
  };
  if (failed(forEachRun(source, read)))
    return failure();
  at = 0;
  return forEachRun(target, [&](uint64_t address, int64_t count) {
    size_t bytes = count * target.elementBytes;
    at += bytes;
    return report(op, host.global.write(address, bytes, &data[at - bytes],
                                        Accessor::Host));
  });
}

static LogicalResult runFill(Host &host, linalg::FillOp op) {
  Value value = op.getInputs().front();
  if (!isa<MemRefType>(op.getOutputs().front().getType()) ||
      !value.getType().isIntOrIndexOrFloat())
    return op.emitError("fills of host functions write a scalar to a memref");
  ReferenceTensor scalar({}, !isa<FloatType>(value.getType()),
                         {host.get(value).real, host.get(value).integer});
  FailureOr<EmulatedTensor> element = toEmulatedTensor(scalar, value.getType());
  const HostMemRef &target = host.getMemRef(op.getOutputs().front());
  if (failed(element) || element->data.size() != target.elementBytes)
    return op.emitError("a fill of a host function has another type than its "
                        "memref");
  if (failed(checkSize(host, op, target)))
    return failure();
  return forEachRun(target, [&](uint64_t address, int64_t count) {
    std::vector<char> data;
    for (int64_t flat = 0; flat < count; ++flat)
      llvm::append_range(data, element->data);
    return report(op, host.global.write(address, data.size(), data.data(),
                                        Accessor::Host));
  });
}

static LogicalResult runGetGlobal(Host &host, memref::GetGlobalOp op) {
  auto global = SymbolTable::lookupNearestSymbolFrom<memref::GlobalOp>(
      op, op.getNameAttr());
  auto elements = global ? dyn_cast_or_null<ElementsAttr>(
                               global.getInitialValue().value_or(Attribute()))
                         : ElementsAttr();
  if (!elements)
    return op.emitError("the memref.global '")
           << op.getName() << "' has no elements";
  if (auto found = host.globals.find(global); found != host.globals.end()) {
    host.setMemRef(op.getResult(), found->second);
    return success();
  }
  FailureOr<ReferenceTensor> tensor = toReferenceTensor(elements);
  FailureOr<EmulatedTensor> bytes = failure();
  if (succeeded(tensor))
    bytes = toEmulatedTensor(*tensor, op.getType().getElementType());
  if (failed(bytes))
    return op.emitError("the emulator cannot read the elements of '")
           << op.getName() << "'";
  FailureOr<HostMemRef> memref =
      host.allocate(op, bytes->shape, bytes->element, /*isWritten=*/true);
  if (failed(memref))
    return failure();
  Allocation *constant = host.global.find(memref->base);
  constant->data = std::move(bytes->data);
  constant->isConstant = true;
  host.globals[global] = *memref;
  host.setMemRef(op.getResult(), std::move(*memref));
  return success();
}

void mlir::spmmplu::emulator::addHostMemoryOps(HostTable &table) {
  using namespace memref;
  table.add<AllocOp, runAlloc<AllocOp>>();
  table.add<AllocaOp, runAlloc<AllocaOp>>();
  table.add<DeallocOp, runDealloc>();
  table.add<DimOp, runDim>();
  table.add<ExtractAlignedPointerAsIndexOp, runPointer>();
  table.add<ExtractStridedMetadataOp, runMetadata>();
  table.add<memref::CastOp, runCast>();
  table.add<ReinterpretCastOp, runReinterpretCast>();
  table.add<SubViewOp, runSubView>();
  table.add<CollapseShapeOp, runCollapse>();
  table.add<ExpandShapeOp, runExpand>();
  table.add<CopyOp, runCopy>();
  table.add<GetGlobalOp, runGetGlobal>();
  table.add<linalg::FillOp, runFill>();
}
