# ===- sdpa.py - Scaled dot product attention -----------------------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""PyTorch's attention: without the mask (the dense rival, checked against dense
attention) and with it, by the back ends that there are."""

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

from peers import Variant

BACKENDS = {
    "flash": SDPBackend.FLASH_ATTENTION,
    "cuDNN": SDPBackend.CUDNN_ATTENTION,
    "efficient": SDPBackend.EFFICIENT_ATTENTION,
}


def _launch(problem, backend, mask):
    def launch(i):
        with sdpa_kernel(backend):
            return torch.nn.functional.scaled_dot_product_attention(
                problem.q[i][None], problem.k[i][None], problem.v[i][None],
                attn_mask=mask)

    return launch


def variants(problem):
    for name, backend in BACKENDS.items():
        yield Variant(f"{name}, dense", _launch(problem, backend, None),
                      result=lambda raw, _: raw[0], computes="dense")
        if name != "flash":  # takes no mask
            yield Variant(f"{name}, masked",
                          _launch(problem, backend, problem.mask[None, None]),
                          result=lambda raw, _: raw[0])
