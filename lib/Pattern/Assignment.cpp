//===- Assignment.cpp - The assignment problem ----------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Pattern/Assignment.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <numeric>

namespace mlir::spmmplu {

// Everything below minimises cost = -gain. A column's price is a dual variable
// <= 0 that starts at zero for rectangular problems, where a column may stay
// free only at price zero.

/// Bids that pay, for each row that is free before.
static constexpr int64_t bidsPerRow = 8;

/// Where all columns will be taken, prices may start at the least cost of each:
/// then most rows find their column without a search.
void AssignmentSolver::reduceColumns(std::span<const float> gains, int64_t rows,
                                     int64_t cols) {
  if (rows != cols)
    return;
  std::vector<int32_t> bestRow(cols, 0);
  std::vector<float> best(gains.begin(), gains.begin() + cols);
  for (int64_t i = 1; i < rows; ++i)
    for (int64_t j = 0; j < cols; ++j)
      if (gains[i * cols + j] > best[j]) {
        best[j] = gains[i * cols + j];
        bestRow[j] = int32_t(i);
      }
  for (int64_t j = cols - 1; j >= 0; --j) {
    price[j] = -double(best[j]);
    if (columnOfRow[bestRow[j]] >= 0)
      continue;
    columnOfRow[bestRow[j]] = int32_t(j);
    rowOfColumn[j] = bestRow[j];
  }
}

/// Gives free rows their cheapest column, lowered in price until the second
/// cheapest is as good, from whichever row has it; that row looks for another
/// then. Most rows find their column so, at a scan of a row each.
void AssignmentSolver::bid(std::span<const float> gains, int64_t rows,
                           int64_t cols) {
  freeRows.clear();
  for (int64_t i = 0; i < rows; ++i)
    if (columnOfRow[i] < 0)
      freeRows.push_back(int32_t(i));
  // Prices may fall by ever smaller steps: what is left is for the search.
  int64_t bids = bidsPerRow * int64_t(freeRows.size());
  while (!freeRows.empty() && bids-- > 0) {
    int32_t row = freeRows.back();
    freeRows.pop_back();
    const float *gain = gains.data() + int64_t(row) * cols;
    double least = std::numeric_limits<double>::infinity(), second = least;
    int32_t best = 0, next = 0;
    for (int64_t j = 0; j < cols; ++j) {
      double cost = -double(gain[j]) - price[j];
      if (cost >= second)
        continue;
      second = cost;
      next = int32_t(j);
      if (second < least) {
        std::swap(least, second);
        std::swap(best, next);
      }
    }
    if (second == least && rowOfColumn[best] >= 0)
      best = next;
    else if (cols > 1)
      price[best] -= second - least;
    int32_t loser = rowOfColumn[best];
    rowOfColumn[best] = row;
    columnOfRow[row] = best;
    if (loser < 0)
      continue;
    columnOfRow[loser] = -1;
    // Without a lower price the two would take turns.
    if (second > least)
      freeRows.push_back(loser);
  }
}

/// Dijkstra's algorithm over reduced costs from the free row `start` to the
/// nearest free column, which is returned.
int32_t AssignmentSolver::findShortestPath(std::span<const float> gains,
                                           int64_t cols, int32_t start) {
  std::iota(order.begin(), order.end(), 0);
  std::fill(predecessor.begin(), predecessor.end(), start);
  for (int64_t j = 0; j < cols; ++j)
    distance[j] = -double(gains[start * cols + j]) - price[j];
  done = 0;
  for (int64_t scanned = 0, equal = 0;; ++scanned) {
    if (scanned == equal) {
      // All at the least distance are done: collect the next ones.
      done = scanned;
      shortest = std::numeric_limits<double>::infinity();
      for (int64_t k = done; k < cols; ++k) {
        double d = distance[order[k]];
        if (d > shortest)
          continue;
        if (d < shortest) {
          shortest = d;
          equal = done;
        }
        std::swap(order[k], order[equal++]);
      }
      for (int64_t k = done; k < equal; ++k)
        if (rowOfColumn[order[k]] < 0)
          return order[k];
    }
    int32_t column = order[scanned], row = rowOfColumn[column];
    const float *gain = gains.data() + row * cols;
    double offset = shortest + double(gain[column]) + price[column];
    for (int64_t k = equal; k < cols; ++k) {
      int32_t j = order[k];
      double d = offset - double(gain[j]) - price[j];
      if (d >= distance[j])
        continue;
      distance[j] = d;
      predecessor[j] = row;
      // Rounding may make it smaller than the least, which it is not.
      if (d > shortest)
        continue;
      if (rowOfColumn[j] < 0)
        return j;
      std::swap(order[k], order[equal++]);
    }
  }
}

void AssignmentSolver::augment(int32_t start, int32_t end) {
  for (int64_t k = 0; k < done; ++k)
    price[order[k]] += distance[order[k]] - shortest;
  for (int32_t column = end, row = -1; row != start;) {
    row = predecessor[column];
    rowOfColumn[column] = row;
    std::swap(column, columnOfRow[row]);
  }
}

std::span<const int32_t> AssignmentSolver::solve(std::span<const float> gains,
                                                 int64_t rows, int64_t cols) {
  assert(rows <= cols && int64_t(gains.size()) == rows * cols);
  columnOfRow.assign(rows, -1);
  rowOfColumn.assign(cols, -1);
  price.assign(cols, 0.0);
  distance.resize(cols);
  predecessor.resize(cols);
  order.resize(cols);
  reduceColumns(gains, rows, cols);
  bid(gains, rows, cols);
  for (int64_t i = 0; i < rows; ++i)
    if (columnOfRow[i] < 0)
      augment(int32_t(i), findShortestPath(gains, cols, int32_t(i)));
  return columnOfRow;
}

} // namespace mlir::spmmplu
