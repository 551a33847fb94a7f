# ===- cudnn.py - Dense convolutions --------------------------------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""cuDNN through PyTorch, which tries its algorithms; images and filters by
channels last."""

import torch

from peers import Variant


def variants(problem):
    torch.backends.cudnn.benchmark = True
    filters = [problem.weights.permute(3, 2, 0, 1).contiguous(
        memory_format=torch.channels_last) for _ in range(problem.sets)]
    images = [x.permute(0, 3, 1, 2) for x in problem.x]
    yield Variant(
        "channels last",
        lambda i: torch.nn.functional.conv2d(images[i], filters[i],
                                             padding=problem.spec.kernel // 2),
        result=lambda raw, _: raw.permute(0, 2, 3, 1))
