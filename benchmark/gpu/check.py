# ===- check.py - Errors and tolerances -----------------------------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""Relative Frobenius errors against f64, and what rounding explains."""

import math

# Unit round-off of what is stored.
ROUND_OFF = {"f16": 2.0**-11, "bf16": 2.0**-8, "f32": 2.0**-24,
             "tf32": 2.0**-11, "i8": 0.0,
             # Stored as f16; wgmma's sums of 8-bit floats have 13 bits.
             "f8e4m3": 2.0**-9}


def tolerance(length, dtype="f16", roundings=1):
    """The relative Frobenius error that rounding explains, of sums of `length`
    products in f32 in any order, stored as `dtype`.

    Each of `roundings` intermediate results that are stored adds a unit. Sums
    err at random: by some 2^-22 (tensor cores truncate) times the square root
    of their length, relative to the norm of independent random terms.
    """
    return roundings * ROUND_OFF[dtype] + 2.0**-22 * math.sqrt(length)


def attention_tolerance(width, length):
    """Scores stored as f16 are off by 2^-11 of themselves, and exp turns that
    into a relative error: up to |score| units, which for normal inputs is
    below 5. Probabilities and result are stored too."""
    return tolerance(width, roundings=5) + tolerance(length, roundings=2)


def relative_error(found, expected):
    """||found - expected|| / ||expected||, both tensors or arrays, in f64.
    Infinite where any element found is not finite, or where the shapes differ:
    a NaN never passes."""
    if tuple(found.shape) != tuple(expected.shape):
        return math.inf
    difference = _to_f64(found)
    difference -= expected
    error = _norm(difference)
    scale = _norm(expected)
    ratio = error / scale if scale else (math.inf if error else 0.0)
    return ratio if math.isfinite(ratio) else math.inf


def _to_f64(values):
    """A copy, in f64."""
    if hasattr(values, "double"):
        return values.double() if values.element_size() != 8 else values.clone()
    return values.astype("float64")


def _norm(values):
    flat = values.reshape(-1)
    return math.sqrt(float((flat @ flat)))
