# ===- problems.py - Data, references and buffers of a case ---------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""A case's operands on the GPU, as many sets as it takes to exceed the L2, and
what the result must be, in f64."""

import math

import torch

import check
import masks
from cases import Attention, Convolution, Weights

# Three times the 50 MB of an H100's L2: one pass evicts all of the last one.
ROTATED_BYTES = 150e6
MAX_SETS = 12


def count_sets(set_bytes):
    """How many sets of buffers; at least two."""
    return max(2, min(MAX_SETS, math.ceil(ROTATED_BYTES / set_bytes)))


class Problem:
    """`sets` sets of operands. `reference(i)` is what set i must give, in the
    layout that the case defines; only the last one asked for is kept."""

    dtype = torch.float16

    def __init__(self, spec, set_bytes, seed=0):
        self.spec = spec
        self.sets = count_sets(set_bytes)
        self.generator = torch.Generator("cuda").manual_seed(seed)
        self._references = {}

    def randn(self, *shape, scale=1.0):
        values = torch.randn(*shape, device="cuda", dtype=self.dtype,
                             generator=self.generator)
        return values.mul_(scale)

    def draw(self, *shape, scale):
        """Normal numbers; small integers and floats of 8 bits have their own
        scale."""
        if self.dtype == torch.int8:
            return torch.randint(-8, 9, shape, device="cuda", dtype=torch.int8,
                                 generator=self.generator)
        if self.dtype == torch.float8_e4m3fn:
            return torch.randn(*shape, device="cuda",
                               generator=self.generator).to(self.dtype)
        return self.randn(*shape, scale=scale)

    def reference(self, i, kind="sparse"):
        """`kind`: `dense` is what a rival computes that has no mask."""
        if (i, kind) not in self._references:
            self._references = {(i, kind): self.compute(i, kind)}
        return self._references[i, kind]

    def forget(self):
        """Frees the reference."""
        self._references = {}


class WeightsProblem(Problem):
    """`x[i]` is [depth, tokens]; all sets have the same weights, at different
    addresses."""

    def __init__(self, spec):
        mask = self._mask(spec)
        self.dtype, self.result = {
            "f16": (torch.float16, torch.float16),
            "i8": (torch.int8, torch.int32),
            "f8e4m3": (torch.float8_e4m3fn, torch.float16),
        }.get(spec.precision, (torch.float32, torch.float32))
        width = self.dtype.itemsize
        packed = 1.125 * width * int(mask.sum())
        super().__init__(spec, packed
                         + width * spec.tokens * (spec.rows + spec.depth))
        self.mask = mask
        weights = self.draw(spec.rows, spec.depth, scale=0.05)
        self.weights = (weights.float() * mask).to(self.dtype)
        self.x = [self.draw(spec.depth, spec.tokens, scale=1.0)
                  for _ in range(self.sets)]
        # tf32 rounds both operands.
        self.tolerance = check.tolerance(
            spec.depth, spec.precision, 2 if spec.precision == "tf32" else 1)
        self._tokens = self._copies = None

    @staticmethod
    def _mask(spec):
        """Blocks and lists as the package has them; of N:M in a row the package
        takes any, so the choice is made here."""
        name, positional, _ = masks.parse(spec.pattern)
        if name != "nm":
            return torch.from_numpy(masks.weight_mask(
                spec.pattern, spec.rows, spec.depth)).cuda()
        kept, window = map(int, positional[0].split(":"))
        order = torch.rand(spec.rows, spec.depth // window, window,
                           device="cuda").argsort(-1)
        return (order < kept).view(spec.rows, spec.depth)

    def token_major(self, i):
        """[tokens, depth], for rivals that would rather have it so."""
        if self._tokens is None:
            self._tokens = [x.t().contiguous() for x in self.x]
        return self._tokens[i]

    def dense_weights(self, i):
        """A copy of the weights for each set."""
        if self._copies is None:
            self._copies = [self.weights.clone() for _ in range(self.sets)]
        return self._copies[i]

    def output(self):
        return torch.empty(self.spec.rows, self.spec.tokens, device="cuda",
                           dtype=self.result)

    def compute(self, i, kind):
        return self.weights.double() @ self.x[i].double()


class AttentionProblem(Problem):
    """`q`, `k`, `v`: [heads, length, width]; `p`: [heads, length, length], zero
    outside of the mask. Scores are checked at the mask's places only: as
    [heads, non-zeros], in row-major order."""

    def __init__(self, spec):
        self.mask = torch.from_numpy(
            masks.attention_mask(spec.mask, spec.length)).cuda()
        self.places = self.mask.reshape(-1).nonzero().squeeze(1)
        self.nonzeros = self.places.numel()
        operand = 2 * spec.heads * spec.length * spec.width
        scores = 2 * spec.heads * self.nonzeros
        super().__init__(spec, {"sddmm": 2 * operand + scores,
                                "sdmm": 2 * operand + scores,
                                "attention": 4 * operand}[spec.kind])
        shape = (spec.heads, spec.length, spec.width)
        self.v = [self.randn(*shape) for _ in range(self.sets)]
        if spec.kind == "sdmm":
            self.p = [self._probabilities() for _ in range(self.sets)]
            self._values = None
            self.tolerance = check.tolerance(spec.length)
            return
        self.q = [self.randn(*shape) for _ in range(self.sets)]
        self.k = [self.randn(*shape) for _ in range(self.sets)]
        self.tolerance = (
            check.tolerance(spec.width) if spec.kind == "sddmm"
            else check.attention_tolerance(spec.width, spec.length))

    def _probabilities(self):
        spec = self.spec
        values = torch.rand(spec.heads, spec.length, spec.length, device="cuda",
                            dtype=torch.float16, generator=self.generator)
        return values.mul_(self.mask)

    def values(self, i):
        """The probabilities at the mask's places: [heads, non-zeros]."""
        if self._values is None:
            self._values = [self.sample(p).contiguous() for p in self.p]
        return self._values[i]

    def sample(self, scores):
        """[heads, length, length] at the mask's places."""
        return scores.reshape(self.spec.heads, -1)[:, self.places]

    def compute(self, i, kind):
        if self.spec.kind == "sdmm":
            return torch.stack([p.double() @ v.double()
                                for p, v in zip(self.p[i], self.v[i])])
        # Head by head: the scores of all heads would be 2 GB in f64.
        return torch.stack([self._head(i, head, kind)
                            for head in range(self.spec.heads)])

    def _head(self, i, head, kind):
        scores = self.q[i][head].double() @ self.k[i][head].double().t()
        if self.spec.kind == "sddmm":
            return scores.reshape(-1)[self.places]
        scores *= self.spec.width**-0.5
        if kind == "sparse":
            scores.masked_fill_(~self.mask, -math.inf)
        return scores.softmax(-1) @ self.v[i][head].double()


class ConvolutionProblem(Problem):
    """`x[i]`: [batch, size, size, channels]; `weights`: [kernel, kernel,
    channels, filters]; the result is [batch, size, size, filters]."""

    def __init__(self, spec):
        super().__init__(spec, 2 * spec.pixels * (spec.channels + spec.filters))
        self.weights = torch.from_numpy(masks.sample_filters(spec)).cuda()
        shape = (spec.batch, spec.size, spec.size, spec.channels)
        self.x = [self.randn(*shape) for _ in range(self.sets)]
        self.tolerance = check.tolerance(spec.channels * spec.kernel**2)

    def output_shape(self):
        spec = self.spec
        return (spec.batch, spec.size, spec.size, spec.filters)

    def compute(self, i, kind):
        # By shifted products: no library's convolution decides what is right.
        spec, edge = self.spec, self.spec.kernel // 2
        x = torch.nn.functional.pad(self.x[i].double(),
                                    (0, 0, edge, edge, edge, edge))
        total = torch.zeros(self.output_shape(), device="cuda",
                            dtype=torch.float64)
        for row in range(spec.kernel):
            for column in range(spec.kernel):
                part = x[:, row:row + spec.size, column:column + spec.size]
                total += part @ self.weights[row, column].double()
        return total


def make_problem(spec):
    kinds = {Weights: WeightsProblem, Attention: AttentionProblem,
             Convolution: ConvolutionProblem}
    return kinds[type(spec)](spec)
