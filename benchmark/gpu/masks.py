# ===- masks.py - The masks of the cases, the same wherever they are made -===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""Masks as boolean arrays, a function of pattern, shape and seed alone.

Packages are compiled on one machine and run on another one, which makes the
masks again: so random numbers come from generators whose streams are fixed
(NumPy's `RandomState`, the 64-bit Mersenne twister).
"""

import re

import numpy as np


class PatternError(ValueError):
    """A pattern's text that no mask is defined for."""


def parse(text):
    """`name<positional, key=value>` as (name, [positional], {key: value})."""
    match = re.fullmatch(r"([a-z-]+)(?:<([^<>]*)>)?", text)
    if not match:
        raise PatternError(f"found pattern '{text}', expected name<arguments>")
    positional, keys = [], {}
    for part in filter(None, (match[2] or "").split(",")):
        key, equals, value = part.partition("=")
        if equals:
            keys[key] = value
        else:
            positional.append(part)
    return match[1], positional, keys


# ---- Attention ---------------------------------------------------------------


class MersenneTwister64:
    """std::mt19937_64, of which masks draw a few hundred numbers."""

    SIZE, MIDDLE, WORD = 312, 156, (1 << 64) - 1

    def __init__(self, seed):
        state = [seed & self.WORD]
        for i in range(1, self.SIZE):
            previous = state[-1] ^ (state[-1] >> 62)
            state.append((6364136223846793005 * previous + i) & self.WORD)
        self.state, self.next = state, self.SIZE

    def _twist(self):
        state, size = self.state, self.SIZE
        for i in range(size):
            x = (state[i] & ~0x7FFFFFFF & self.WORD) | (
                state[(i + 1) % size] & 0x7FFFFFFF)
            odd = 0xB5026F5AA96619E9 if x & 1 else 0
            state[i] = state[(i + self.MIDDLE) % size] ^ (x >> 1) ^ odd
        self.next = 0

    def draw(self):
        if self.next == self.SIZE:
            self._twist()
        x = self.state[self.next]
        self.next += 1
        x ^= (x >> 29) & 0x5555555555555555
        x ^= (x << 17) & 0x71D67FFFEDA60000
        x ^= (x << 37) & 0xFFF7EEE000000000
        return (x ^ (x >> 43)) & self.WORD

    def below(self, bound):
        """Of [0, bound): the high half of the product, as lib/Pattern draws."""
        return self.draw() * bound >> 64


def bigbird_blocks(blocks, window, random, total, seed):
    """Which blocks BigBird keeps: [blocks, blocks]."""
    first, last = (total + 1) // 2, total // 2
    reach = (window - 1) // 2
    generator = MersenneTwister64(seed)
    kept = np.zeros((blocks, blocks), bool)
    for q in range(blocks):
        if q < first or q >= blocks - last:
            kept[q] = True
            continue
        kept[q, max(0, q - reach):q + reach + 1] = True
        kept[q, :first] = True
        kept[q, blocks - last:] = True
        rest = [int(k) for k in np.flatnonzero(~kept[q])]
        for i in range(min(random, len(rest))):
            other = i + generator.below(len(rest) - i)
            rest[i], rest[other] = rest[other], rest[i]
            kept[q, rest[i]] = True
    return kept


def attention_mask(pattern, length):
    """[length, length]: which key (column) a query (row) sees."""
    name, _, keys = parse(pattern)
    keys = {key: int(value) for key, value in keys.items()}
    distance = np.subtract.outer(np.arange(length, dtype=np.int32),
                                 np.arange(length, dtype=np.int32))
    if name == "gst":
        return ((distance % keys["stride"] == 0)
                | (np.abs(distance) < keys["window"]))
    if name == "longformer":
        mask = np.abs(distance) <= keys["window"]
        mask[:keys["global"]] = True
        mask[:, :keys["global"]] = True
        return mask
    if name == "bigbird":
        block = keys["block"]
        kept = bigbird_blocks(-(-length // block), keys["window"],
                              keys["random"], keys["global"], keys["seed"])
        return kept.repeat(block, 0).repeat(block, 1)[:length, :length]
    raise PatternError(f"found pattern '{pattern}', expected gst, longformer "
                       "or bigbird")


# ---- Weights -----------------------------------------------------------------


def _choose(random, shape, kept):
    """True at `kept` random places along the last axis of `shape`."""
    order = random.random_sample(shape).argsort(-1)
    mask = np.zeros(shape, bool)
    np.put_along_axis(mask, order[..., :kept], True, -1)
    return mask


def _n_m(rows, cols, kept, window, random):
    if cols % window:
        raise PatternError(f"found {cols} columns, expected a multiple of "
                           f"{window}")
    return _choose(random, (rows, cols // window, window), kept).reshape(
        rows, cols)


def _ratio(text):
    kept, _, window = text.partition(":")
    return int(kept), int(window)


def _hinm(rows, cols, tile, zeros, ratio, random):
    """A tile of rows keeps some columns, in groups of the window; N:M holds
    over consecutive ones of those kept."""
    kept, window = ratio
    groups = round(cols * (1 - zeros) / window)
    mask = np.zeros((rows, cols), bool)
    for first in range(0, rows, tile):
        count = min(tile, rows - first)
        columns = np.flatnonzero(_choose(random, (cols,), groups * window))
        mask[first:first + count, columns] = _n_m(count, len(columns), kept,
                                                  window, random)
    return mask


def weight_mask(pattern, rows, cols, seed=0):
    """[rows, cols]: the non-zeros of weights that obey `pattern`."""
    name, positional, keys = parse(pattern)
    random = np.random.RandomState(seed)
    if name == "dense":
        return np.ones((rows, cols), bool)
    if name == "nm":
        # A period of 64 along a row keeps packages small once they are
        # compressed. No row is another one: panels of equal rows would have
        # columns of their own, which weights do not.
        tile = _n_m(rows, 64, *_ratio(positional[0]), random)
        return np.tile(tile, (1, -(-cols // 64)))[:, :cols]
    if name == "block":
        height, width = map(int, positional[0].split("x"))
        blocks = (-(-rows // height), -(-cols // width))
        count = round(blocks[0] * blocks[1] * (1 - float(positional[1])))
        kept = _choose(random, (blocks[0] * blocks[1],), count).reshape(blocks)
        return kept.repeat(height, 0).repeat(width, 1)[:rows, :cols]
    if name == "vector-nm":
        length = int(keys["l"])
        vectors = _n_m(-(-rows // length), cols, *_ratio(positional[0]), random)
        return vectors.repeat(length, 0)[:rows]
    if name == "hinm":
        return _hinm(rows, cols, int(keys["v"]), float(keys["vector"]),
                     _ratio(positional[0]), random)
    raise PatternError(f"found pattern '{pattern}', expected dense, nm, "
                       "block, vector-nm or hinm")


def sample_weights(pattern, rows, cols, seed=0):
    """Weights for the compiler, f16: values of a period of 64 x 64, because the
    benchmark replaces them and they then compress to next to nothing."""
    values = np.random.RandomState(seed + 1).uniform(0.5, 1.0, (64, 64))
    values = np.tile(values.astype(np.float16),
                     (-(-rows // 64), -(-cols // 64)))[:rows, :cols]
    return values * weight_mask(pattern, rows, cols, seed)


def sample_filters(problem, seed=0):
    """Filters of a convolution, f16 [kernel, kernel, channels, filters]; they
    stay as they are compiled."""
    random = np.random.RandomState(seed)
    shape = (problem.kernel, problem.kernel, problem.channels, problem.filters)
    values = random.uniform(-1.0, 1.0, shape).astype(np.float16)
    axis = 2 if problem.pruned == "channel" else 3
    count = round(float(problem.zeros) * shape[axis])
    gone = np.flatnonzero(_choose(random, (shape[axis],), count))
    if axis == 2:
        values[:, :, gone] = 0
    else:
        values[..., gone] = 0
    return values
