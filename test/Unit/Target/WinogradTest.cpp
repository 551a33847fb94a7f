//===- WinogradTest.cpp - What Winograd's convolution costs -----*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Target/Winograd.h"

#include <gtest/gtest.h>

using namespace mlir::spmmplu;

static WinogradPlan plan(std::string_view name, const WinogradProblem &problem,
                         int64_t images = 0) {
  auto target = lookupTarget(name);
  EXPECT_TRUE(target) << target.error();
  auto found = planWinograd(*target, problem, images);
  EXPECT_TRUE(found) << found.error();
  return found ? *found : WinogradPlan();
}

static const WinogradProblem kLayer = {
    .batch = 8, .tiles = 16, .channels = 256, .filters = 256};

TEST(WinogradTest, PicksTheCheapestDivisorOfTheBatch) {
  WinogradPlan best = plan("x86-64-v4", kLayer);
  EXPECT_EQ(kLayer.batch % best.images, 0);
  for (int64_t images : {1, 2, 4, 8}) {
    WinogradPlan other = plan("x86-64-v4", kLayer, images);
    EXPECT_EQ(other.images, images);
    EXPECT_GE(other.micros, best.micros) << images;
    EXPECT_LT(other.transforms, other.micros);
  }
}

TEST(WinogradTest, LanesAreThoseOfTheTarget) {
  EXPECT_EQ(plan("x86-64-v4", kLayer).lanes, 16);
  EXPECT_EQ(plan("x86-64-v3", kLayer).lanes, 8);
}

TEST(WinogradTest, PrunedChannelsAndFiltersCostNothing) {
  WinogradProblem channels = kLayer, filters = kLayer;
  channels.channels = filters.filters = 64;
  for (const WinogradProblem &less : {channels, filters}) {
    EXPECT_LT(plan("x86-64-v4", less).micros,
              0.5 * plan("x86-64-v4", kLayer).micros);
    EXPECT_LT(plan("x86-64-v4", less).transforms,
              plan("x86-64-v4", kLayer).transforms);
  }
}

TEST(WinogradTest, WhatTheL2DoesNotHoldCosts) {
  EXPECT_GT(plan("x86-64-v4,l2=256", kLayer, 8).transforms,
            plan("x86-64-v4,l2=65536", kLayer, 8).transforms);
}
