#===- convolution.py - Convolutions with pruned filters ------*- Python -*-===//
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#===----------------------------------------------------------------------===//
"""Prints convolutions with constant filters for tests.

usage: convolution.py (tiles | turns | plans | general)

tiles: tiles given, so that rings wrap, panels end inside of a unit, one step is
a tap, a row of taps or all of them; turns: blocks take tiles in turns, or boxes
are compacted; plans: tiles as the compiler chooses them;
general: what only the path for every machine takes.
"""

import random
import struct
import sys

random.seed(3)


def encode(value, element):
    if element == "f16":
        return struct.pack("<e", value)
    return struct.pack("<f", value)[2:]


def make_filters(shape, pruned, element):
    """Bytes of [kh, kw, c, f]; `pruned`: which channels and filters are zero."""
    kh, kw, channels, filters = shape
    lost_channels, lost_filters = pruned
    data = bytearray()
    for _ in range(kh * kw):
        for c in range(channels):
            for f in range(filters):
                lost = lost_channels(c) or lost_filters(f)
                value = 0.0 if lost else random.choice([-1.5, -1, -0.5, 0.5, 1, 2])
                data += encode(value, element)
    return bytes(data)


def never(_):
    return False


def always(_):
    return True


def emit(name, image, filters, kernel, low=(0, 0), high=(0, 0), strides=(1, 1),
         dilations=(1, 1), lost=(never, never), element="f16", result=None,
         tile=None, nchw=False):
    batch, height, width, channels = image
    result = result or element
    padded = (batch, height + low[0] + high[0], width + low[1] + high[1], channels)
    out = [batch]
    for at in range(2):
        reach = dilations[at] * (kernel[at] - 1) + 1
        out.append((padded[1 + at] - reach) // strides[at] + 1)
    out.append(filters)

    def tensor(shape, of):
        shape = [shape[0], shape[3], *shape[1:3]] if nchw else shape
        return f"tensor<{'x'.join(map(str, shape))}x{of}>"

    data = make_filters((*kernel, channels, filters), lost, element)
    if nchw:
        size = len(data) // (kernel[0] * kernel[1] * channels * filters)
        taps = kernel[0] * kernel[1]
        data = b"".join(
            data[((t * channels + c) * filters + f) * size:][:size]
            for f in range(filters) for c in range(channels) for t in range(taps))
        w = f"tensor<{filters}x{channels}x{kernel[0]}x{kernel[1]}x{element}>"
    else:
        w = f"tensor<{kernel[0]}x{kernel[1]}x{channels}x{filters}x{element}>"
    x, p, y = tensor(image, element), tensor(padded, element), tensor(out, result)
    op = "nchw_fchw" if nchw else "nhwc_hwcf"
    lines = [f"func.func @{name}(%x: {x}) -> {y} {{",
             f'  %w = arith.constant dense<"0x{data.hex().upper()}"> : {w}']
    source = "%x"
    if low != (0, 0) or high != (0, 0):
        edges = [(f"[0, 0, {a}, {b}]" if nchw else f"[0, {a}, {b}, 0]")
                 for a, b in (low, high)]
        lines += [f"  %none = arith.constant 0.0 : {element}",
                  f"  %p = tensor.pad %x low{edges[0]} high{edges[1]} {{",
                  "  ^bb0(%a: index, %b: index, %c: index, %d: index):",
                  f"    tensor.yield %none : {element}", f"  }} : {x} to {p}"]
        source = "%p"
    attributes = (f"{{dilations = dense<[{dilations[0]}, {dilations[1]}]> : vector<2xi64>, "
                  f"strides = dense<[{strides[0]}, {strides[1]}]> : vector<2xi64>")
    attributes += f", sparse_ir.tile = array<i64: {', '.join(map(str, tile))}>}}" if tile else "}"
    lines += [f"  %zero = arith.constant 0.0 : {result}",
              f"  %e = tensor.empty() : {y}",
              f"  %i = linalg.fill ins(%zero : {result}) outs(%e : {y}) -> {y}",
              f"  %y = linalg.conv_2d_{op} {attributes}",
              f"    ins({source}, %w : {p}, {w}) outs(%i : {y}) -> {y}",
              f"  return %y : {y}", "}"]
    print("\n".join(lines))


def some(keep):
    return lambda n: n % keep != 0


ONE = (1, 1)
if sys.argv[1] == "tiles":
    # pixels, warpgroups, cols, block, taps, stages, launched, mode: 1 gathers, 2
    # compacts
    emit("tap_a_step", (2, 7, 7, 40), 5, (3, 3), ONE, ONE,
         tile=(64, 1, 8, 48, 1, 3, 0, 0))
    emit("row_a_step", (1, 11, 11, 72), 24, (3, 3), ONE, ONE,
         lost=(never, some(3)), tile=(128, 1, 8, 64, 3, 2, 0, 0))
    emit("all_in_a_step", (3, 5, 9, 64), 16, (3, 3), ONE, ONE, element="bf16",
         tile=(128, 2, 16, 64, 9, 2, 0, 0))
    emit("gathered", (2, 7, 9, 50), 24, (3, 3), ONE, ONE, lost=(some(3), never),
         tile=(128, 2, 24, 32, 9, 3, 0, 1))
    emit("gathered_blocks", (1, 9, 5, 37), 16, (3, 3), ONE, ONE,
         lost=(some(2), never), element="bf16", tile=(64, 1, 16, 16, 1, 5, 0, 1))
    emit("points", (3, 5, 7, 136), 72, (1, 1), lost=(never, some(2)),
         tile=(64, 1, 24, 64, 1, 4, 0, 0))
    emit("many_points", (2, 17, 9, 264), 24, (1, 1), lost=(never, some(2)),
         tile=(256, 2, 16, 128, 1, 3, 0, 0))
    emit("planes", (1, 6, 7, 200), 8, (3, 3), ONE, ONE,
         tile=(64, 1, 8, 128, 3, 2, 0, 0))
    emit("whole_runs", (2, 9, 8, 64), 24, (3, 3), lost=(never, some(2)),
         tile=(256, 1, 16, 64, 1, 3, 0, 0))
    emit("many_rows", (9, 3, 3, 16), 8, (2, 2), (1, 1), (0, 0),
         tile=(256, 1, 8, 16, 4, 2, 0, 0))
    emit("wide_lines", (1, 4, 4, 16), 264, (1, 1), lost=(never, some(5)),
         result="f32", tile=(64, 1, 64, 16, 1, 3, 0, 0))
elif sys.argv[1] == "turns":
    emit("turns", (6, 5, 5, 72), 24, (3, 3), ONE, ONE, lost=(never, some(3)),
         tile=(64, 1, 16, 64, 3, 3, 3, 0))
    emit("turns_same_filters", (9, 5, 5, 64), 24, (3, 3), ONE, ONE,
         lost=(never, some(3)), tile=(64, 1, 8, 64, 3, 3, 4, 0))
    emit("turns_points", (5, 9, 7, 136), 24, (1, 1), tile=(128, 2, 24, 64, 1, 3, 2, 0))
    emit("compact", (2, 7, 7, 64), 16, (3, 3), ONE, ONE, lost=(some(3), never),
         tile=(64, 1, 16, 32, 3, 3, 0, 2))
    emit("compact_lines", (1, 13, 15, 64), 8, (3, 3), ONE, ONE,
         lost=(some(4), never), tile=(256, 2, 8, 16, 3, 2, 0, 2))
    emit("compact_blocks", (1, 6, 5, 328), 8, (2, 2), ONE, ONE,
         lost=(lambda c: c % 3 != 0 or 128 <= c < 256, never), element="bf16",
         tile=(64, 1, 8, 64, 2, 2, 0, 2))
    emit("compact_turns", (3, 9, 7, 136), 16, (1, 1), lost=(some(4), never),
         tile=(64, 1, 16, 48, 1, 2, 2, 2))
    emit("compact_none_last", (2, 6, 6, 392), 8, (3, 3), ONE, ONE,
         lost=(lambda c: c % 2 != 0 or c > 200, never),
         tile=(64, 1, 8, 64, 9, 2, 2, 2))
elif sys.argv[1] == "plans":
    emit("five", (1, 7, 7, 5), 3, (3, 3), ONE, ONE)
    emit("dilated", (2, 9, 8, 16), 12, (3, 2), (2, 1), (2, 0), dilations=(2, 1))
    emit("uneven", (1, 6, 11, 24), 20, (2, 5), (0, 3), (1, 0),
         lost=(never, some(4)))
    emit("far", (1, 3, 4, 8), 8, (1, 1), (3, 2), (2, 4))
    emit("no_channel", (1, 7, 7, 16), 8, (3, 3), ONE, ONE, lost=(always, never))
    emit("no_filter", (2, 5, 5, 16), 33, (3, 3), ONE, ONE, lost=(never, always))
    emit("odd_filters", (1, 5, 6, 32), 21, (1, 1), lost=(some(4), never),
         element="bf16", result="f32")
    emit("unpadded", (1, 8, 8, 32), 16, (3, 3), lost=(some(2), some(2)))
    emit("few_channels", (1, 9, 9, 72), 8, (3, 3), ONE, ONE, lost=(some(3), never))
    emit("long_rows", (1, 2, 259, 16), 8, (1, 3), (0, 1), (0, 1))
else:
    emit("strided", (1, 14, 14, 16), 24, (3, 3), ONE, ONE, strides=(2, 2),
         lost=(some(3), never))
    emit("strided_dilated", (2, 9, 11, 5), 7, (3, 3), (2, 1), (2, 3),
         strides=(1, 2), dilations=(2, 1), element="bf16", result="f32")
    emit("nchw", (2, 7, 7, 12), 20, (3, 3), ONE, ONE, lost=(never, some(3)),
         nchw=True)
    emit("nchw_unpadded", (1, 6, 6, 8), 16, (2, 2), lost=(some(2), never),
         nchw=True)
    emit("whole", (1, 7, 7, 5), 9, (3, 3), ONE, ONE)
    emit("empty", (1, 5, 5, 8), 16, (3, 3), ONE, ONE, lost=(always, never))
    emit("points", (2, 5, 7, 24), 16, (1, 1), lost=(never, some(3)))
