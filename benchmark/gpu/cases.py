# ===- cases.py - What the GPU benchmark runs, one row each ---------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""The table of cases, their rivals and their bars. Standard library only.

A case belongs to a family; a bar holds for each case of a family or for the
geometric mean over it. Groups are what `--cases` selects.
"""

from dataclasses import dataclass
from fractions import Fraction

DENSE = "dense"
SPARSE = "sparse"


@dataclass(frozen=True)
class Weights:
    """Y [rows, tokens] = W [rows, depth] X [depth, tokens], W sparse.
    `precision`: f16, f32, or f32 whose products may be tf32; i8, whose result is
    i32; f8e4m3, whose result is f16."""

    rows: int
    depth: int
    tokens: int
    pattern: str
    precision: str = "f16"

    @property
    def flops(self):
        return 2 * self.rows * self.depth * self.tokens

    def __str__(self):
        return f"{self.rows}x{self.depth} x {self.tokens}"


@dataclass(frozen=True)
class Attention:
    """One layer of `heads` heads of `width`, f16. `kind`: the scores Q K^T at
    the mask's places (sddmm), probabilities times values (sdmm), or
    softmax(Q K^T / sqrt(width)) V over the mask (attention). `storage` of
    scores and probabilities in our program: the values at the mask's places, as
    CSR has them, or the places of a matrix."""

    kind: str
    mask: str
    heads: int = 16
    length: int = 4096
    width: int = 64
    storage: str = "values"

    @property
    def flops(self):
        products = 2 if self.kind == "attention" else 1
        return products * 2 * self.heads * self.length**2 * self.width

    def __str__(self):
        return f"{self.heads} x {self.length} x {self.width}"


@dataclass(frozen=True)
class Convolution:
    """Square images and kernels, f16, NHWC, stride 1, padded to the same size.
    `pruned`: whole input channels (channel) or filters (filter) are zero."""

    channels: int
    size: int
    filters: int
    kernel: int
    pruned: str
    zeros: Fraction
    batch: int = 32

    @property
    def pixels(self):
        return self.batch * self.size**2

    @property
    def flops(self):
        return 2 * self.pixels * self.channels * self.kernel**2 * self.filters

    def __str__(self):
        return (f"{self.channels}x{self.size}^2 > {self.filters}, "
                f"{self.kernel}x{self.kernel}")


@dataclass(frozen=True)
class Bar:
    """Ours must be `ratio` times as fast as the rivals of that role."""

    role: str
    ratio: float


@dataclass(frozen=True)
class Family:
    """`peers` by role; of several in a role, the fastest correct one is the
    rival. `each` holds for every case, `mean` for the geometric mean."""

    group: str
    title: str
    peers: tuple
    each: tuple = ()
    mean: tuple = ()


@dataclass(frozen=True)
class Case:
    name: str
    family: Family
    problem: object


# ---- Families ----------------------------------------------------------------

CUBLAS = (DENSE, "cublas")
CUSPARSELT = (SPARSE, "cusparselt")
CSR = (SPARSE, "cusparse-csr")
BLOCKED_ELL = (SPARSE, "cusparse-blocked-ell")

DECODE_16 = Family("decode", "2:4, T = 16", (CUBLAS, CUSPARSELT),
                   each=(Bar(SPARSE, 1.15), Bar(DENSE, 1.5)))
DECODE_128 = Family("decode", "2:4, T = 128", (CUBLAS, CUSPARSELT),
                    each=(Bar(SPARSE, 1.15),))
GEMM = Family("gemm", "2:4, T >= 1024", (CUBLAS, CUSPARSELT),
              each=(Bar(SPARSE, 0.9),),
              mean=(Bar(SPARSE, 1.0), Bar(DENSE, 1.35)))
BLOCK_75 = Family("block", "blocks 64x64, 75 %", (CUBLAS, BLOCKED_ELL),
                  each=(Bar(DENSE, 2.5),))
BLOCK_90 = Family("block", "blocks 64x64, 90 %", (CUBLAS, BLOCKED_ELL),
                  each=(Bar(DENSE, 5.0),))
SDDMM = Family("sddmm", "SDDMM", (CUBLAS, CSR),
               each=(Bar(DENSE, 4.0), Bar(SPARSE, 3.0)))
SDMM = Family("sdmm", "SDMM", (CUBLAS, CSR),
              each=(Bar(DENSE, 4.0), Bar(SPARSE, 3.0)))
SDDMM_MATRIX = Family("sddmm-matrix", "SDDMM into a matrix", (CUBLAS, CSR))
SDMM_MATRIX = Family("sdmm-matrix", "SDMM of a matrix", (CUBLAS, CSR))
ATTENTION = Family("attention", "attention",
                   ((DENSE, "sdpa"), (SPARSE, "flex-attention")),
                   each=(Bar(DENSE, 1.0), Bar(SPARSE, 1.0)))
CHANNELS = Family("conv", "convolution, channels 71.8 %",
                  ((DENSE, "cudnn"),), mean=(Bar(DENSE, 1.6),))
FILTERS = Family("conv", "convolution, filters 63.9 %",
                 ((DENSE, "cudnn"),), mean=(Bar(DENSE, 1.6),))


def _n_m(title, ratio, group="vector-nm"):
    return Family(group, title, (CUBLAS,), mean=(Bar(DENSE, ratio),))


# ---- Cases -------------------------------------------------------------------

LAYERS = ((4096, 4096), (11008, 4096), (4096, 11008))
SQUARES = (2048, 4096, 8192)
# Sparsity as published at length 4096: 92.5 %, 94.9 % and 85.4 %.
MASKS = {
    "gst": "gst<window=125,stride=64>",
    "longformer": "longformer<window=64,global=41>",
    "bigbird": "bigbird<block=64,window=3,random=3,global=2,seed=0>",
}
# ResNet-50: channels, image size, filters, kernel size.
RESNET = ((64, 56, 64, 3), (64, 56, 256, 1), (256, 56, 64, 1), (128, 28, 128, 3),
          (256, 14, 256, 3), (512, 7, 512, 3), (1024, 14, 256, 1),
          (2048, 7, 512, 1))


def _weights(prefix, family, rows, depth, tokens, pattern, precision="f16"):
    return Case(f"{prefix}-{rows}x{depth}-t{tokens}", family,
                Weights(rows, depth, tokens, pattern, precision))


def _two_four():
    for tokens, family in ((16, DECODE_16), (128, DECODE_128)):
        for rows, depth in LAYERS:
            yield _weights("decode", family, rows, depth, tokens, "nm<2:4>")
    for tokens in (1024, 4096, 8192):
        for rows, depth in LAYERS:
            yield _weights("gemm", GEMM, rows, depth, tokens, "nm<2:4>")
    # The square of 4096 is one of the layers.
    for size in SQUARES:
        if (size, size) not in LAYERS:
            yield _weights("gemm", GEMM, size, size, size, "nm<2:4>")


def _blocks():
    for family, zeros in ((BLOCK_75, "0.75"), (BLOCK_90, "0.9")):
        yield _weights(f"block{zeros[2:]:0<2}", family, 4096, 4096, 4096,
                       f"block<64x64,{zeros}>")


def _attention():
    for family in (SDDMM, SDMM, ATTENTION):
        for name, mask in MASKS.items():
            yield Case(f"{family.group}-{name}", family,
                       Attention(family.group, mask))
    for kind, family in (("sddmm", SDDMM_MATRIX), ("sdmm", SDMM_MATRIX)):
        for name, mask in MASKS.items():
            yield Case(f"{family.group}-{name}", family,
                       Attention(kind, mask, storage="matrix"))


def _convolutions():
    for family, pruned, zeros in (
            (CHANNELS, "channel", Fraction(718, 1000)),
            (FILTERS, "filter", Fraction(639, 1000))):
        for channels, size, filters, kernel in RESNET:
            yield Case(f"conv-{pruned}-{channels}x{size}-{filters}-{kernel}x{kernel}",
                       family, Convolution(channels, size, filters, kernel,
                                           pruned, zeros))


def _vector_n_m():
    shapes = ((4096, 4096, 4096), (4096, 4096, 1024), (11008, 4096, 1024),
              (4096, 11008, 1024))
    for kept, zeros, ratio in ((16, "50", 1.2), (12, "62.5", 1.4),
                               (8, "75", 1.8), (4, "87.5", 3.0)):
        family = _n_m(f"vector {kept}:32, L = 32, {zeros} %", ratio)
        for rows, depth, tokens in shapes:
            yield _weights(f"nm{kept}of32-l32", family, rows, depth, tokens,
                           f"vector-nm<{kept}:32,l=32>")
    family = _n_m("vector 8:32, L = 128, 75 %", 2.2)
    for rows, depth, tokens in shapes:
        yield _weights("nm8of32-l128", family, rows, depth, tokens,
                       "vector-nm<8:32,l=128>")


def _singles():
    for precision in ("f32", "tf32"):
        # Of what is left to do, 80 %.
        for name, pattern, ratio in (
                ("dense", "dense", 0.8),
                ("nm16of32-l32", "vector-nm<16:32,l=32>", 1.6),
                ("nm8of32-l32", "vector-nm<8:32,l=32>", 3.2),
                ("nm16of32-l128", "vector-nm<16:32,l=128>", 1.6),
                ("nm8of32-l128", "vector-nm<8:32,l=128>", 3.2),
                ("block75", "block<64x64,0.75>", 3.2),
                *([("nm1of2", "nm<1:2>", 1.6)] if precision == "tf32" else [])):
            family = Family("f32", f"{precision}, {pattern}", (CUBLAS,),
                            each=(Bar(DENSE, ratio),))
            for tokens in (16, 4096):
                yield _weights(f"{precision}-{name}", family, 4096, 4096,
                               tokens, pattern, precision)


def _bytes():
    for precision in ("i8", "f8e4m3"):
        for name, pattern in (("nm2of4", "nm<2:4>"),
                              ("block75", "block<64x64,0.75>")):
            family = Family("bytes", f"{precision}, {pattern}", (CUBLAS,))
            for tokens in (16, 128, 4096):
                yield _weights(f"{precision}-{name}", family, 4096, 4096,
                               tokens, pattern, precision)


def _hinm():
    for vector, zeros, ratio in (("0.5", "75", 1.8), ("0.75", "87.5", 2.8)):
        for rows_a_tile in (64, 128):
            family = _n_m(f"HiNM, V = {rows_a_tile}, {zeros} %", ratio, "hinm")
            for tokens in (1024, 4096):
                yield _weights(
                    f"hinm{zeros}-v{rows_a_tile}", family, 4096, 4096, tokens,
                    f"hinm<v={rows_a_tile},vector={vector},2:4>")


def _n_m_decode():
    for name, pattern in (("hinm75", "hinm<v=64,vector=0.5,2:4>"),
                          ("nm1of4", "vector-nm<1:4,l=32>")):
        family = Family("nm-decode", f"{pattern}, T = 16", (CUBLAS,),
                        each=(Bar(DENSE, 2.5),))
        for rows, depth in LAYERS[:2]:
            yield _weights(f"{name}-decode", family, rows, depth, 16, pattern)


CASES = tuple(
    case
    for source in (_two_four, _blocks, _attention, _convolutions, _vector_n_m,
                   _singles, _bytes, _hinm, _n_m_decode)
    for case in source())  # fmt: skip
GROUPS = tuple(dict.fromkeys(case.family.group for case in CASES))
# The others need patterns that come later.
DEFAULT_GROUPS = ("decode", "gemm", "block", "sddmm", "sdmm", "attention", "conv")


class SelectionError(ValueError):
    """A word of --cases is no group, no case and no part of a case's name."""


def select(words):
    """The cases that `words`, separated by commas, name: groups, names of cases,
    or else parts of names; `all`; none: the default groups. In the table's
    order."""
    words = [word for word in (words or "").split(",") if word]
    if not words:
        words = list(DEFAULT_GROUPS)
    chosen = set()
    for word in words:
        found = [case.name for case in CASES
                 if word in ("all", case.family.group, case.name)]
        found = found or [case.name for case in CASES if word in case.name]
        if not found:
            raise SelectionError(f"found case '{word}', expected one of "
                                 f"{', '.join(GROUPS)}, all, or a part of a "
                                 "case's name")
        chosen.update(found)
    return [case for case in CASES if case.name in chosen]
