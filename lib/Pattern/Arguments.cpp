//===- Arguments.cpp - The arguments of a pattern's text ------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Pattern/Arguments.h"

#include <algorithm>
#include <charconv>

namespace mlir::spmmplu {

using ::spmmplu::Error;

static constexpr std::string_view blanks = " \t\r\n";

/// Drops blanks at both ends of `piece`, moving `position` along.
static std::string_view trimmed(std::string_view piece, size_t &position) {
  size_t begin = piece.find_first_not_of(blanks);
  if (begin == std::string_view::npos)
    return {};
  position += begin;
  return piece.substr(begin, piece.find_last_not_of(blanks) + 1 - begin);
}

/// User text as it may stand in a one-line message: short, no control bytes.
static std::string quoted(std::string_view piece) {
  std::string result = "'";
  for (char c : piece.substr(0, 80))
    result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  return result + (piece.size() > 80 ? "...'" : "'");
}

/// Reads the whole of `piece` as a number.
template <typename T>
static std::optional<T> readWhole(std::string_view piece) {
  T value{};
  const char *end = piece.data() + piece.size();
  auto [stop, status] = std::from_chars(piece.data(), end, value);
  if (status != std::errc() || stop != end)
    return std::nullopt;
  return value;
}

std::string formatNumber(double value) {
  char buffer[64];
  auto [end, status] = std::to_chars(buffer, buffer + sizeof(buffer), value);
  return std::string(buffer, end);
}

/// Insertions, deletions, substitutions and exchanges of neighbours from `a` to
/// `b`.
static size_t editDistance(std::string_view a, std::string_view b) {
  std::vector<std::vector<size_t>> cost(a.size() + 1,
                                        std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i)
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        cost[i][j] = i + j;
        continue;
      }
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1,
                             cost[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  return cost[a.size()][b.size()];
}

/// The candidate that `word` was probably meant to be, or an empty view.
static std::string_view
nearest(std::string_view word,
        const std::vector<std::string_view> &candidates) {
  // Beyond a third of the word, the two have little to do with each other.
  size_t best = std::max<size_t>(1, std::min<size_t>(word.size(), 32) / 3) + 1;
  std::string_view result;
  if (word.empty() || word.size() > 32)
    return result;
  for (std::string_view candidate : candidates)
    if (size_t distance = editDistance(word, candidate); distance < best) {
      best = distance;
      result = candidate;
    }
  return result;
}

//===----------------------------------------------------------------------===//
// Splitting
//===----------------------------------------------------------------------===//

::spmmplu::Result<Arguments> Arguments::split(std::string_view text) {
  Arguments result;
  result.text = text;
  size_t position = 1;
  std::string_view body = trimmed(text, position);
  size_t nameSize = std::min(body.find_first_of("<>,= \t\r\n"), body.size());
  result.patternPosition = position;
  result.patternName = body.substr(0, nameSize);
  result.endPosition = position + body.size();
  if (nameSize == 0)
    result.fail(position, "expected a pattern name, found " +
                              (body.empty() ? "nothing" : quoted(body)));
  size_t open = position + nameSize;
  std::string_view rest = trimmed(body.substr(nameSize), open);
  if (rest.empty() || result.mistake) {
    if (result.mistake)
      return Error{*result.mistake};
    return result;
  }
  if (rest.front() != '<')
    result.fail(open, "expected '<' or the end, found " + quoted(rest));
  else if (rest.size() < 2 || rest.back() != '>')
    result.fail(result.endPosition, "expected '>', found the end");
  else {
    --result.endPosition;
    result.splitList(rest.substr(1, rest.size() - 2), open + 1);
  }
  if (result.mistake)
    return Error{*result.mistake};
  return result;
}

void Arguments::splitList(std::string_view list, size_t position) {
  if (list.find_first_not_of(blanks) == std::string_view::npos)
    return;
  for (bool more = true; more && !mistake;) {
    size_t comma = list.find(',');
    more = comma != std::string_view::npos;
    size_t where = position;
    std::string_view piece = trimmed(list.substr(0, comma), where);
    size_t equals = piece.find('='), ignored = 0;
    Argument arg{"", std::string(piece), where};
    if (equals != std::string_view::npos) {
      arg.key = trimmed(piece.substr(0, equals), ignored);
      arg.value = trimmed(piece.substr(equals + 1), ignored);
    }
    bool keyed = equals != std::string_view::npos;
    if (arg.value.empty() || (keyed && arg.key.empty()) ||
        piece.find_first_of("<>") != std::string_view::npos)
      fail(where, "expected an argument, found " +
                      (piece.empty() ? "nothing" : quoted(piece)));
    arguments.push_back(std::move(arg));
    if (more) {
      position += comma + 1;
      list.remove_prefix(comma + 1);
    }
  }
}

//===----------------------------------------------------------------------===//
// Taking
//===----------------------------------------------------------------------===//

void Arguments::fail(size_t position, std::string message) {
  if (!mistake)
    mistake = "pattern " + quoted(text) + ", position " +
              std::to_string(position) + ": " + message;
}

void Arguments::missing(std::string_view what) {
  fail(endPosition, "expected " + std::string(what) + ", found the end");
}

size_t Arguments::positionOf(std::string_view key) const {
  for (const Argument &arg : arguments)
    if (arg.key == key)
      return arg.position;
  return endPosition;
}

Arguments::Argument *Arguments::find(std::string_view key) {
  knownKeys.emplace_back(key);
  for (Argument &arg : arguments)
    if (!arg.taken && arg.key == key) {
      arg.taken = true;
      return &arg;
    }
  return nullptr;
}

Arguments::Argument *Arguments::nextPositional() {
  for (Argument &arg : arguments)
    if (!arg.taken && arg.key.empty()) {
      arg.taken = true;
      return &arg;
    }
  return nullptr;
}

int64_t Arguments::integer(const Argument &arg, std::string_view what,
                           Bounds bounds) {
  std::optional<int64_t> value = readWhole<int64_t>(arg.value);
  if (value && *value >= bounds.min && *value <= bounds.max)
    return *value;
  fail(arg.position, "expected " + std::string(what) + " as an integer from " +
                         std::to_string(bounds.min) + " to " +
                         std::to_string(bounds.max) + ", found " +
                         quoted(arg.value));
  return bounds.min;
}

double Arguments::fraction(const Argument &arg, std::string_view what) {
  std::optional<double> value = readWhole<double>(arg.value);
  // Written so that a NaN fails.
  if (value && *value >= 0 && *value <= 1)
    return *value == 0 ? 0.0 : *value;
  fail(arg.position, "expected " + std::string(what) +
                         " as a number from 0 to 1, found " +
                         quoted(arg.value));
  return 0;
}

bool Arguments::takeFlag(std::string_view key) {
  knownKeys.emplace_back(key);
  for (Argument &arg : arguments)
    if (!arg.taken && arg.key.empty() && arg.value == key)
      return arg.taken = true;
  return false;
}

int64_t Arguments::takeInteger(std::string_view key, Bounds bounds,
                               std::optional<int64_t> fallback) {
  if (Argument *arg = find(key))
    return integer(*arg, key, bounds);
  if (!fallback)
    missing(std::string(key) + "=<integer>");
  return fallback.value_or(bounds.min);
}

int64_t Arguments::takeOddInteger(std::string_view key, Bounds bounds,
                                  std::optional<int64_t> fallback) {
  int64_t value = takeInteger(key, bounds, fallback);
  if (value % 2 == 0)
    fail(positionOf(key), "expected " + std::string(key) +
                              " to be odd, found " + std::to_string(value));
  return value;
}

double Arguments::takeFraction(std::string_view key,
                               std::optional<double> fallback) {
  if (Argument *arg = find(key))
    return fraction(*arg, key);
  if (!fallback)
    missing(std::string(key) + "=<number>");
  return fallback.value_or(0);
}

int64_t Arguments::takeNextInteger(std::string_view what, Bounds bounds,
                                   std::optional<int64_t> fallback) {
  if (Argument *arg = nextPositional())
    return integer(*arg, what, bounds);
  if (!fallback)
    missing("the " + std::string(what));
  return fallback.value_or(bounds.min);
}

std::optional<double> Arguments::takeNextFraction(std::string_view what) {
  if (Argument *arg = nextPositional())
    return fraction(*arg, what);
  return std::nullopt;
}

Ratio Arguments::takeNextRatio(std::optional<Ratio> fallback) {
  Argument *arg = nextPositional();
  if (!arg) {
    if (!fallback)
      missing("a ratio N:M");
    return fallback.value_or(Ratio{1, 1});
  }
  std::string_view value = arg->value;
  size_t colon = value.find(':');
  if (colon != std::string_view::npos) {
    std::optional<int64_t> n = readWhole<int64_t>(value.substr(0, colon));
    std::optional<int64_t> m = readWhole<int64_t>(value.substr(colon + 1));
    if (n && m && *n >= 1 && *n <= *m && *m <= maxExtent)
      return {*n, *m};
  }
  fail(arg->position,
       "expected a ratio N:M with 1 <= N <= M <= " + std::to_string(maxExtent) +
           ", found " + quoted(value));
  return {1, 1};
}

std::pair<int64_t, int64_t> Arguments::takeNextExtents(int64_t max) {
  Argument *arg = nextPositional();
  if (!arg) {
    missing("extents RxC");
    return {1, 1};
  }
  std::string_view value = arg->value;
  size_t cross = value.find('x');
  if (cross != std::string_view::npos) {
    std::optional<int64_t> r = readWhole<int64_t>(value.substr(0, cross));
    std::optional<int64_t> c = readWhole<int64_t>(value.substr(cross + 1));
    if (r && c && *r >= 1 && *c >= 1 && *r <= max && *c <= max)
      return {*r, *c};
  }
  fail(arg->position, "expected extents RxC from 1 to " + std::to_string(max) +
                          ", found " + quoted(value));
  return {1, 1};
}

std::string Arguments::unknownName(const std::vector<std::string_view> &names) {
  std::string_view guess = nearest(patternName, names);
  std::string message =
      "expected a known pattern, found " + quoted(patternName);
  if (!guess.empty()) {
    fail(patternPosition,
         message + ", did you mean '" + std::string(guess) + "'?");
    return *mistake;
  }
  message += "; known are";
  for (std::string_view name : names)
    message += (name == names.front() ? " " : ", ") + std::string(name);
  fail(patternPosition, message);
  return *mistake;
}

::spmmplu::Status Arguments::finish() {
  auto stray = std::find_if(arguments.begin(), arguments.end(),
                            [](const Argument &arg) { return !arg.taken; });
  if (stray != arguments.end()) {
    const std::string &word = stray->key.empty() ? stray->value : stray->key;
    bool repeated = std::any_of(
        arguments.begin(), arguments.end(), [&](const Argument &arg) {
          return arg.taken && (arg.key.empty() ? arg.value : arg.key) == word;
        });
    // A misspelt key also leaves a required one missing, and that was noticed
    // first; but the misspelling is what the user has to see.
    mistake.reset();
    std::string_view guess =
        nearest(word, {knownKeys.begin(), knownKeys.end()});
    if (repeated)
      fail(stray->position,
           "expected " + quoted(word) + " once, found it again");
    else if (guess.empty())
      fail(stray->position, "unexpected argument " + quoted(word));
    else
      fail(stray->position, "unexpected argument " + quoted(word) +
                                ", did you mean '" + std::string(guess) + "'?");
  }
  if (mistake)
    return Error{*mistake};
  return ::spmmplu::Success{};
}

} // namespace mlir::spmmplu
