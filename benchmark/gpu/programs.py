# ===- programs.py - Cases as the compiler's input ------------------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""What `sparse-compile` is given for a case: weights, or a program as MLIR."""

import numpy as np

from cases import Attention, Convolution, Weights
from masks import attention_mask, sample_filters, sample_weights


def _tensor(*shape, encoding=""):
    return f"tensor<{'x'.join(map(str, shape))}xf16{encoding}>"


def _zeros(name, of_type):
    return f"""
  %{name}_empty = tensor.empty() : {of_type}
  %{name}_zero = linalg.fill ins(%zero : f16) outs(%{name}_empty : {of_type})
    -> {of_type}"""


def _scores(queries, scores):
    """Q K^T, both [heads, length, width]."""
    return f"""
  %scores = linalg.batch_matmul indexing_maps = [
      affine_map<(b, m, n, k) -> (b, m, k)>, affine_map<(b, m, n, k) -> (b, n, k)>,
      affine_map<(b, m, n, k) -> (b, m, n)>]
    ins(%q, %k : {queries}, {queries}) outs(%scores_zero : {scores}) -> {scores}"""


def _values(probabilities, scores, queries):
    return f"""
  %y = linalg.batch_matmul ins({probabilities}, %v : {scores}, {queries})
    outs(%y_zero : {queries}) -> {queries}
  return %y : {queries}"""


def _scale(problem, scores):
    return f"""
  %scale = arith.constant {problem.width**-0.5} : f16
  %scaled = linalg.generic {{indexing_maps = [#id, #id],
      iterator_types = ["parallel", "parallel", "parallel"]}}
    ins(%scores : {scores}) outs(%scores_empty : {scores}) {{
  ^bb0(%score: f16, %out: f16):
    %product = arith.mulf %score, %scale : f16
    linalg.yield %product : f16
  }} -> {scores}"""


def _count_places(problem):
    return int(attention_mask(problem.mask, problem.length).sum())


def attention_text(problem):
    """The mask is the encoding of the scores' type: there are no elements
    elsewhere, so softmax runs over those that there are."""
    queries = _tensor(problem.heads, problem.length, problem.width)
    scores = _tensor(problem.heads, problem.length, problem.length,
                     encoding=", #mask")
    zero = "  %zero = arith.constant 0.0 : f16"
    values = _tensor(problem.heads, _count_places(problem))
    if problem.kind == "sddmm":
        arguments, result = f"%q: {queries}, %k: {queries}", scores
        body, returned = _zeros("scores", scores) + _scores(queries, scores), "%scores"
        if problem.storage == "values":
            result, returned = values, "%kept"
            body += f"\n  %kept = sparse_ir.compress %scores : {scores} to {values}"
        body += f"\n  return {returned} : {result}"
    elif problem.kind == "sdmm":
        arguments, result = f"%p: {scores}, %v: {queries}", queries
        body = _zeros("y", queries) + _values("%p", scores, queries)
        if problem.storage == "values":
            arguments = f"%kept: {values}, %v: {queries}"
            body = f"\n  %p = sparse_ir.expand %kept : {values} to {scores}{body}"
    else:
        arguments = f"%q: {queries}, %k: {queries}, %v: {queries}"
        result = queries
        softmax = f"""
  %p = linalg.softmax dimension(2) ins(%scaled : {scores})
    outs(%scores_empty : {scores}) -> {scores}"""
        body = (_zeros("scores", scores) + _scores(queries, scores)
                + _scale(problem, scores) + softmax + _zeros("y", queries)
                + _values("%p", scores, queries))
    return f"""#mask = #sparse_ir.sparsity<#sparse_ir.{problem.mask}>
#id = affine_map<(b, i, j) -> (b, i, j)>
func.func @main({arguments}) -> {result} {{
{zero}{body}
}}
"""


def convolution_text(problem):
    filters = sample_filters(problem)
    size, edge = problem.size, problem.kernel // 2
    x = _tensor(problem.batch, size, size, problem.channels)
    padded = _tensor(problem.batch, size + 2 * edge, size + 2 * edge,
                     problem.channels)
    y = _tensor(problem.batch, size, size, problem.filters)
    w = _tensor(*filters.shape)
    image, pad = "%x", ""
    if edge:
        image = "%padded"
        edges = f"[0, {edge}, {edge}, 0]"
        pad = f"""
  %padded = tensor.pad %x low{edges} high{edges} {{
  ^bb0(%i: index, %j: index, %k: index, %l: index):
    tensor.yield %zero : f16
  }} : {x} to {padded}"""
    # A resource starts with its alignment.
    data = "0x02000000" + filters.astype("<f2").tobytes().hex().upper()
    return f"""func.func @main(%x: {x}) -> {y} {{
  %w = arith.constant dense_resource<filters> : {w}
  %zero = arith.constant 0.0 : f16{pad}{_zeros("y", y)}
  %y = linalg.conv_2d_nhwc_hwcf ins({image}, %w : {padded if edge else x}, {w})
    outs(%y_zero : {y}) -> {y}
  return %y : {y}
}}
{{-# dialect_resources: {{ builtin: {{ filters: "{data}" }} }} #-}}
"""


def write_input(problem, folder, stem):
    """Writes what the compiler reads into `folder`; its path and the options
    that belong to it. Weights of equal shape and pattern share a file."""
    if isinstance(problem, Weights):
        name = f"{problem.rows}x{problem.depth}-{problem.pattern}"
        if problem.precision == "i8":
            name += "-i8"
        path = folder / ("".join(c if c.isalnum() else "_" for c in name) + ".npy")
        if not path.exists():
            weights = sample_weights(problem.pattern, problem.rows,
                                     problem.depth)
            if problem.precision == "i8":
                weights = np.sign(weights)
            np.save(path, weights)
        if problem.precision == "i8":
            types = ["--dtype=i8"]
        elif problem.precision == "f8e4m3":
            types = ["--dtype=f8e4m3", "--out-dtype=f16"]
        elif problem.precision == "f16":
            types = ["--dtype=f16", "--out-dtype=f16"]
        else:
            types = ["--dtype=f32", "--out-dtype=f32"]
        if problem.precision == "tf32":
            types.append("--allow-tf32")
        return path, [*types,
                      f"--pattern={problem.pattern}",
                      f"--cols={problem.tokens}"]
    assert isinstance(problem, (Attention, Convolution))
    text = (attention_text if isinstance(problem, Attention)
            else convolution_text)(problem)
    path = folder / f"{stem}.mlir"
    path.write_text(text, encoding="utf-8")
    return path, []
