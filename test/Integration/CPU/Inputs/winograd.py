# ===- winograd.py - Convolutions in Winograd's domain -----------------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------===#
"""3x3 convolutions that are told to go through F(4x4, 3x3)."""

import functools

import numpy as np

from convolution import literal
from harness import ROUND_OFF, compare, run_cases

A, B = 5 / 8, 3 / 2  # the points, beside 0 and infinity
IMAGE = np.array([[A**2 * B**2, 0, -A**2 - B**2, 0, 1, 0],
                  [0, -A * B**2, -B**2, A, 1, 0],
                  [0, A * B**2, -B**2, -A, 1, 0],
                  [0, -B * A**2, -A**2, B, 1, 0],
                  [0, B * A**2, -A**2, -B, 1, 0],
                  [0, A**2 * B**2, 0, -A**2 - B**2, 0, 1]])
OF_A, OF_B = 1 / (2 * A**2 * (A**2 - B**2)), 1 / (2 * B**2 * (B**2 - A**2))
FILTER = np.array([[1 / (A**2 * B**2), 0, 0],
                   [OF_A, A * OF_A, A**2 * OF_A],
                   [OF_A, -A * OF_A, A**2 * OF_A],
                   [OF_B, B * OF_B, B**2 * OF_B],
                   [OF_B, -B * OF_B, B**2 * OF_B], [0, 0, 1]])
RESULT = np.array([[p**k for p in (0, A, -A, B, -B)] + [k == 3]
                   for k in range(4)], float)


def convolve(x, w):
    """NCHW, without padding, in f64."""
    height, width = x.shape[2] - 2, x.shape[3] - 2
    return sum(np.einsum("fc,nchw->nfhw", w[:, :, y, z],
                         x[:, :, y:y + height, z:z + width])
               for y in range(3) for z in range(3))


def rounding_bound(x, w):
    """What rounding may do to the result: all steps of the algorithm on absolute
    values, times the operations that an element goes through. (That is what
    F(4x4, 3x3) loses: some 3 times what a direct product does.)"""
    height, width = x.shape[2] - 2, x.shape[3] - 2
    rows, cols = -(-height // 4), -(-width // 4)
    padded = np.zeros(x.shape[:2] + (4 * rows + 2, 4 * cols + 2))
    padded[:, :, :height + 2, :width + 2] = np.abs(x)
    at = [4 * np.arange(count)[:, None] + np.arange(6) for count in (rows, cols)]
    tiles = padded[:, :, at[0][:, None, :, None], at[1][None, :, None, :]]
    image, filters, result = (np.abs(m) for m in (IMAGE, FILTER, RESULT))
    inputs = np.einsum("xk,nctskl,yl->nctsxy", image, tiles, image)
    weights = np.einsum("xk,fckl,yl->fcxy", filters, np.abs(w), filters)
    products = np.einsum("fcxy,nctsxy->nftsxy", weights, inputs)
    out = np.einsum("ak,nftskl,bl->nftasb", result, products, result)
    out = out.reshape(out.shape[:2] + (4 * rows, 4 * cols))
    return (x.shape[1] + 32) * ROUND_OFF["f32"] * out[:, :, :height, :width]


def prune(w, how, rng):
    if how == "channel":
        w[:, 1::2] = 0
    elif how == "one-channel":
        w[:, :-1] = 0
    elif how == "filter":
        w[::3] = 0
    elif how == "any":
        w[rng.random(w.shape) < 0.8] = 0
    return w


def program(x, weights, y, pad, nhwc, init):
    shape = lambda sizes: f"tensor<{'x'.join(map(str, sizes))}xf32>"  # noqa: E731
    name = "conv_2d_nhwc_hwcf" if nhwc else "conv_2d_nchw_fchw"
    edges = f"[0, {pad}, {pad}, 0]" if nhwc else f"[0, 0, {pad}, {pad}]"
    padded = [size + (2 * pad if dim in ((1, 2) if nhwc else (2, 3)) else 0)
              for dim, size in enumerate(x)]
    start = "" if init else f"""
  %empty = tensor.empty() : {shape(y)}
  %init = linalg.fill ins(%zero : f32) outs(%empty : {shape(y)}) -> {shape(y)}"""
    extra = f", %init: {shape(y)}" if init else ""
    return f"""
func.func @main(%x: {shape(x)}{extra}) -> {shape(y)} {{
  %zero = arith.constant 0.0 : f32
  %w = arith.constant {literal(weights, "f32")}{start}
  %p = tensor.pad %x low{edges} high{edges} {{
  ^bb0(%a: index, %b: index, %c: index, %d: index):
    tensor.yield %zero : f32
  }} : {shape(x)} to {shape(padded)}
  %y = linalg.{name} {{sparse_ir.winograd = true}}
         ins(%p, %w : {shape(padded)}, {shape(weights.shape)})
         outs(%init : {shape(y)}) -> {shape(y)}
  return %y : {shape(y)}
}}
"""


def case(nhwc, how, batch, channels, filters, size, pad, init, threads, target,
         work):
    rng = np.random.default_rng(5)
    x = rng.standard_normal((batch, channels, *size)).astype(np.float32)
    w = prune(rng.standard_normal((filters, channels, 3, 3)).astype(np.float32),
              how, rng)
    around = np.pad(x.astype(float), ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    expected = convolve(around, w.astype(float))
    bound = rounding_bound(around, w.astype(float))
    start = rng.standard_normal(expected.shape).astype(np.float32)
    if init:
        expected = expected + start
        bound = bound + ROUND_OFF["f32"] * np.abs(expected)

    def order(values):
        return np.ascontiguousarray(
            values.transpose(0, 2, 3, 1) if nhwc else values)

    weights = np.ascontiguousarray(w.transpose(2, 3, 1, 0)) if nhwc else w
    work.compile_program(
        program(order(x).shape, weights, order(expected).shape, pad, nhwc, init),
        f"--threads={threads}", f"--target={target}")
    inputs = [order(x), order(start)] if init else [order(x)]
    compare(work.run(*inputs, options=[f"--threads={threads}"]),
            order(expected), order(bound))


def cases():
    shapes = {  # batch, channels, filters, image, padding
        "whole": (1, 3, 5, (14, 14), 1),
        "overhang": (3, 5, 4, (7, 9), 1),
        "unpadded": (2, 4, 3, (13, 6), 0),
        "tail": (5, 2, 9, (5, 21), 0),
        "least": (1, 1, 1, (3, 3), 0),
        "one-pixel": (4, 2, 2, (1, 1), 1),
        "wide": (1, 2, 2, (4, 70), 1),
        "tasks": (2, 19, 21, (8, 8), 1),
    }
    for target in ("host", "x86-64-v3"):
        for nhwc in (False, True):
            for how in ("none", "channel", "one-channel", "filter", "any"):
                for name, shape in shapes.items():
                    if how in ("channel", "one-channel", "filter") and (
                            name in ("least",)):
                        continue
                    threads = 2 if name in ("tasks", "tail") else 1
                    init = name in ("overhang", "tasks")
                    yield (f"{name} {'nhwc' if nhwc else 'nchw'} {how} {target}",
                           functools.partial(case, nhwc, how, *shape, init,
                                             threads, target))


if __name__ == "__main__":
    run_cases(cases())
