# ===- convolution.py - Convolutions with pruned filters ---------------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------===#
"""3x3 and 1x1 filters, strides and dilations, NHWC and NCHW."""

import functools

import numpy as np

from harness import compare, product_bound, round_to, run_cases

NUMPY_TYPE = {"f32": np.float32, "f64": np.float64, "f16": np.float16}


def literal(values, dtype):
    """A dense constant, its elements as bytes."""
    if dtype == "bf16":
        bits = values.astype(np.float32).view(np.uint32) >> 16
        raw = bits.astype("<u2").tobytes()
    else:
        raw = values.astype(NUMPY_TYPE[dtype]).tobytes()
    shape = "x".join(map(str, values.shape))
    return f'dense<"0x{raw.hex().upper()}"> : tensor<{shape}x{dtype}>'


def prune(filters, how, rng):
    """Zeros in `filters` (oc, c, kh, kw): whole channels, filters or any."""
    if how == "channel":
        filters[:, rng.random(filters.shape[1]) < 0.7] = 0
    elif how == "filter":
        filters[rng.random(filters.shape[0]) < 0.6] = 0
    elif how == "kernel":
        filters[rng.random(filters.shape[:2]) < 0.7] = 0
    else:
        filters[rng.random(filters.shape) < 0.85] = 0
    return filters


def convolve(x, filters, stride, dilation):
    """NCHW, without padding, in f64: [B * OH * OW, C * KH * KW] @ filters."""
    batch, channels, height, width = x.shape
    kh, kw = filters.shape[2:]
    oh = (height - dilation * (kh - 1) - 1) // stride + 1
    ow = (width - dilation * (kw - 1) - 1) // stride + 1
    columns = np.empty((batch, oh, ow, channels, kh, kw))
    for y in range(kh):
        for z in range(kw):
            top, left = y * dilation, z * dilation
            part = x[:, :, top:top + stride * (oh - 1) + 1:stride,
                     left:left + stride * (ow - 1) + 1:stride]
            columns[..., y, z] = part.transpose(0, 2, 3, 1)
    columns = columns.reshape(batch * oh * ow, -1)
    return columns, filters.reshape(filters.shape[0], -1).T, (batch, oh, ow)


def program(layout, x, weights, y, dtype, out, stride, dilation, init):
    name = "conv_2d_nhwc_hwcf" if layout == "nhwc" else "conv_2d_nchw_fchw"
    shape = lambda sizes, element: (  # noqa: E731
        f"tensor<{'x'.join(map(str, sizes))}x{element}>")
    tx, ty = shape(x, dtype), shape(y, out)
    tw = shape(weights.shape, dtype)
    extra = f", %init: {ty}" if init else ""
    start = "" if init else f"""
  %zero = arith.constant 0.0 : {out}
  %empty = tensor.empty() : {ty}
  %init = linalg.fill ins(%zero : {out}) outs(%empty : {ty}) -> {ty}"""
    return f"""
func.func @main(%x: {tx}{extra}) -> {ty} {{
  %w = arith.constant {literal(weights, dtype)}{start}
  %y = linalg.{name} {{strides = dense<{stride}> : tensor<2xi64>,
                       dilations = dense<{dilation}> : tensor<2xi64>}}
         ins(%x, %w : {tx}, {tw}) outs(%init : {ty}) -> {ty}
  return %y : {ty}
}}
"""


def case(layout, how, batch, channels, filters, size, kernel, stride, dilation,
         dtype, policy, init, work):
    rng = np.random.default_rng(9)
    out = "f64" if dtype == "f64" else "f32"
    x = round_to(dtype, rng.standard_normal((batch, channels, *size)))
    w = rng.standard_normal((filters, channels, kernel, kernel))
    w = round_to(dtype, prune(w, how, rng))
    columns, matrix, (batch, oh, ow) = convolve(x, w, stride, dilation)

    def order(values):  # NCHW to the layout
        return values.transpose(0, 2, 3, 1) if layout == "nhwc" else values

    def image(values):  # [B * OH * OW, OC] to the layout
        return order(values.reshape(batch, oh, ow, -1).transpose(0, 3, 1, 2))

    weights = w.transpose(2, 3, 1, 0) if layout == "nhwc" else w
    start = round_to(out, rng.standard_normal((batch, filters, oh, ow)))
    if not init:
        start = np.zeros_like(start)
    start = order(start)
    work.compile_program(
        program(layout, order(x).shape, np.ascontiguousarray(weights),
                start.shape, dtype, out, stride, dilation, init),
        f"--policy={policy}", "--force-sparse")
    inputs = [np.ascontiguousarray(order(x))]
    if init:
        inputs.append(np.ascontiguousarray(start))
    bound = image(product_bound(dtype, columns, matrix)) + 1e-6 * np.abs(start)
    compare(work.run(*inputs), start + image(columns @ matrix), bound)


def cases():
    shapes = {
        "3x3": (2, 8, 12, (9, 9), 3, 1, 1),
        "3x3-stride2": (2, 8, 12, (11, 13), 3, 2, 1),
        "3x3-dilated": (1, 5, 7, (12, 10), 3, 1, 2),
        "1x1": (3, 20, 17, (5, 7), 1, 1, 1),
        "1x1-stride2": (1, 16, 9, (8, 9), 1, 2, 1),
        "wide": (1, 3, 16, (6, 70), 3, 1, 1),
        "one-pixel": (1, 9, 11, (3, 3), 3, 1, 1),
    }
    for policy in ("chain", "disjoint"):
        for dtype in ("f32", "f64", "bf16", "f16"):
            for layout in ("nhwc", "nchw"):
                for how in ("channel", "filter", "kernel", "any"):
                    for name, shape in shapes.items():
                        if dtype in ("f64", "f16") and how in ("filter",
                                                               "kernel"):
                            continue
                        init = name in ("3x3", "1x1") and how == "any"
                        yield (f"{name} {layout} {how} {dtype} {policy}",
                               functools.partial(case, layout, how, *shape,
                                                 dtype, policy, init))


if __name__ == "__main__":
    run_cases(cases())
