//===- AsyncEmitter.cpp - mbarriers, bulk copies, wgmma --------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AsyncEmitter.h"

#include "spmmplu/GPU/SparseGPU.h"

using namespace mlir;
using namespace mlir::spmmplu;

//===----------------------------------------------------------------------===//
// mbarriers
//===----------------------------------------------------------------------===//

/// How long a wait may sleep before it looks again, in nanoseconds.
static constexpr int64_t kSleep = 10000000;

void AsyncEmitter::initBarrier(Value barrier, int64_t arrivals) {
  NVVM::MBarrierInitOp::create(b, loc, barrier, e.i32(arrivals), Value());
}

void AsyncEmitter::fenceBarriers() {
  NVVM::FenceMbarrierInitOp::create(b, loc);
}

void AsyncEmitter::meet(int64_t cluster) {
  if (cluster == 1)
    return e.barrier();
  e.syncWarp(); // one of its lanes has made them
  NVVM::ClusterArriveRelaxedOp::create(b, loc, b.getUnitAttr());
  NVVM::ClusterWaitOp::create(b, loc, b.getUnitAttr());
}

void AsyncEmitter::arrive(Value barrier) {
  NVVM::MBarrierArriveOp::create(b, loc, Type(), barrier, Value());
}

void AsyncEmitter::arriveAt(Value barrier, int64_t rank) {
  NVVM::MBarrierArriveOp::create(b, loc, Type(), inBlock(barrier, e.i32(rank)),
                                 Value());
}

void AsyncEmitter::arriveExpecting(Value barrier, Value bytes) {
  NVVM::MBarrierArriveExpectTxOp::create(b, loc, Type(), barrier, bytes,
                                         NVVM::MemScopeKind::CTA,
                                         /*relaxed=*/false, Value());
}

void AsyncEmitter::arriveAfterCopies(Value barrier) {
  NVVM::CpAsyncMBarrierArriveOp::create(b, loc, barrier, /*noinc=*/true);
}

void AsyncEmitter::wait(Value barrier, Value parity) {
  NVVM::MBarrierTryWaitParityOp::create(b, loc, barrier, parity, e.i32(kSleep));
}

//===----------------------------------------------------------------------===//
// Copies
//===----------------------------------------------------------------------===//

/// Bulk copies write to the shared memory of a cluster, in which a block's own
/// has the addresses that it has in the block.
static Value inCluster(DeviceEmitter &e, Value shared) {
  Value address =
      LLVM::PtrToIntOp::create(e.b, e.loc, e.b.getI32Type(), shared);
  return LLVM::IntToPtrOp::create(
      e.b, e.loc, LLVM::LLVMPointerType::get(e.b.getContext(), 7), address);
}

Value AsyncEmitter::multicastMask(int64_t blocks) {
  if (blocks == 1)
    return {};
  return arith::ConstantIntOp::create(b, loc, (int64_t(1) << blocks) - 1, 16);
}

void AsyncEmitter::copyBulk(Value shared, Value global, Value bytes,
                            Value barrier, int64_t blocks) {
  NVVM::CpAsyncBulkGlobalToSharedClusterOp::create(
      b, loc, inCluster(e, shared), global, barrier, bytes,
      multicastMask(blocks), Value());
}

void AsyncEmitter::prefetch(Value global, Value bytes) {
  NVVM::CpAsyncBulkPrefetchOp::create(b, loc, global, bytes, Value());
}

void AsyncEmitter::prefetchMap(Value map) {
  NVVM::PrefetchOp::create(b, loc, NVVM::PrefetchCacheLevelAttr(),
                           NVVM::CacheEvictionPriorityAttr(), map, Value(),
                           /*tensormap=*/b.getUnitAttr(),
                           /*uniform=*/UnitAttr(),
                           /*in_param_space=*/UnitAttr());
}

void AsyncEmitter::copyBox(Value shared, Value map, Value row, Value col,
                           Value barrier, int64_t blocks) {
  NVVM::CpAsyncBulkTensorGlobalToSharedClusterOp::create(
      b, loc, inCluster(e, shared), map, ValueRange{col, row}, barrier,
      ValueRange(), multicastMask(blocks), Value(), NVVM::TMALoadMode::TILE,
      /*isCTAOnly=*/false, NVVM::CTAGroupKindAttr(), Value());
}

//===----------------------------------------------------------------------===//
// Clusters
//===----------------------------------------------------------------------===//

Value AsyncEmitter::clusterRank() {
  return NVVM::ClusterId::create(b, loc, b.getI32Type());
}

void AsyncEmitter::clusterBarrier() {
  e.syncWarp(); // lanes that one of them has left behind
  NVVM::ClusterArriveOp::create(b, loc, b.getUnitAttr());
  NVVM::ClusterWaitOp::create(b, loc, b.getUnitAttr());
}

Value AsyncEmitter::inBlock(Value shared, Value rank) {
  return NVVM::MapaOp::create(
      b, loc, LLVM::LLVMPointerType::get(b.getContext(), 7), shared, rank);
}

//===----------------------------------------------------------------------===//
// Threads
//===----------------------------------------------------------------------===//

Value AsyncEmitter::elect() {
  return NVVM::ElectSyncOp::create(b, loc, b.getI1Type(), Value());
}

void AsyncEmitter::fenceProxy() {
  NVVM::FenceProxyOp::create(
      b, loc, NVVM::ProxyKind::async_shared,
      NVVM::SharedSpaceAttr::get(b.getContext(),
                                 NVVM::SharedSpace::shared_cta));
}

void AsyncEmitter::setRegisters(int64_t count, int64_t before) {
  NVVM::SetMaxRegisterOp::create(b, loc, uint32_t(count),
                                 count < before
                                     ? NVVM::SetMaxRegisterAction::decrease
                                     : NVVM::SetMaxRegisterAction::increase);
}

void AsyncEmitter::barrier(Value id, int64_t threads) {
  NVVM::BarrierOp::create(b, loc, Type(), id, e.i32(threads),
                          NVVM::BarrierReductionAttr(), Value());
}

void AsyncEmitter::storeMatrix(Value pointer, ValueRange registers,
                               bool transpose) {
  MLIRContext *context = b.getContext();
  NVVM::StMatrixOp::create(b, loc, pointer, registers,
                           transpose ? NVVM::MMALayout::col
                                     : NVVM::MMALayout::row,
                           NVVM::LdStMatrixShapeAttr::get(context, 8, 8),
                           NVVM::LdStMatrixEltType::B16);
}

//===----------------------------------------------------------------------===//
// wgmma
//===----------------------------------------------------------------------===//

Value AsyncEmitter::sharedAddress() {
  return LLVM::PtrToIntOp::create(b, loc, b.getI32Type(), e.shared());
}

/// Shared memory that a descriptor's 14 bits reach, in bytes.
static constexpr int64_t kSharedWindow = int64_t(1) << 18;

Value AsyncEmitter::descriptor(Value address, int64_t groupStride,
                               int64_t lineStride) {
  // Units of 16 bytes: the address in bits 13..0, the strides from 16 and from
  // 32 on; 1 in bits 63..62 is the swizzle of 128 bytes.
  uint64_t fixed = uint64_t(1) << 62 | uint64_t(lineStride / 16) << 32 |
                   uint64_t(groupStride / 16) << 16;
  // In a cluster addresses have the block's rank from bit 24 on.
  Value within = e.bitAnd(address, kSharedWindow - 1);
  Value low =
      b.createOrFold<arith::ExtUIOp>(loc, b.getI64Type(), e.div(within, 16));
  return e.add(low, e.i64(int64_t(fixed)));
}

void AsyncEmitter::fenceWgmma() { NVVM::WgmmaFenceAlignedOp::create(b, loc); }

void AsyncEmitter::commitWgmma() {
  NVVM::WgmmaGroupSyncAlignedOp::create(b, loc);
}

SmallVector<Value> AsyncEmitter::waitWgmma(int64_t pending,
                                           ValueRange accumulators) {
  return llvm::to_vector(
      ValueRange(WgmmaWaitOp::create(b, loc, accumulators.getTypes(), pending,
                                     accumulators)
                     .getResults()));
}
