# ===- attention.py - Masked attention written with tensors ---------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""Prints programs of attention, from the forms that users write.

usage: attention.py NAME...

The mask is the encoding of the scores' type (encoding), a constant that selects
(select) or is added (add). The softmax is linalg.softmax or its expansion.
"""

import random
import sys
from dataclasses import dataclass

random.seed(7)


@dataclass
class Case:
    mask: object  # a pattern, or rows of booleans
    form: str = "encoding"  # select, add
    batch: tuple = (2,)
    rows: int = 100
    cols: int = 100
    depth: int = 64
    width: int = 64
    element: str = "f16"
    expanded: bool = False
    transposed: bool = False  # K is transposed by an op
    wide: bool = False  # scores and softmax in f32


def explicit(rows, cols, density, empty=()):
    """A random mask with empty rows."""
    return [[row not in empty and random.random() < density for _ in range(cols)]
            for row in range(rows)]


def window(size, reach, causal):
    return [[0 <= q - k <= reach if causal else abs(q - k) <= reach
             for k in range(size)] for q in range(size)]


def strided(size, reach, stride):
    return [[abs(q - k) < reach or (q - k) % stride == 0 for k in range(size)]
            for q in range(size)]


CASES = {
    # Two parts; the second goes on from what the first left.
    "gst": Case("gst<window=10,stride=16>"),
    "gst-causal": Case("gst<window=5,stride=8,causal>", rows=70, cols=70,
                       depth=40, element="bf16"),
    "longformer": Case("longformer<window=8,global=5>", rows=130, cols=130,
                       depth=32, width=48, expanded=False),
    "bigbird": Case("bigbird<block=16,window=3,random=2,global=2,seed=1>",
                    rows=96, cols=96, element="bf16"),
    "window": Case("window<9>", rows=65, cols=65, batch=()),
    "causal": Case(window(70, 70, True), form="add", rows=70, cols=70,
                   expanded=True, wide=True, transposed=True),
    "select": Case(window(50, 6, False), form="select", rows=50, cols=50,
                   batch=(2, 2), depth=16, width=24, expanded=True),
    "added": Case(window(40, 3, True), form="add", rows=40, cols=40,
                  batch=("?",), depth=128, width=128),
    # A constant whose pattern is found again: two parts.
    "strided": Case(strided(160, 3, 32), form="select", rows=160, cols=160,
                    batch=(), depth=16, width=16),
    # Rows 0 .. 63 are a panel of nothing.
    "empty": Case(explicit(72, 45, 0.2, empty=[*range(64), 67]), rows=72,
                  cols=45, transposed=True),
    "one": Case([[True]], rows=1, cols=1, depth=1, width=1, batch=(1,)),
    "none": Case(explicit(20, 30, 0), rows=20, cols=30, batch=()),
}


class Program:
    def __init__(self, case):
        self.case = case
        self.element = case.element
        self.inner = "f32" if case.wide else case.element
        self.lines, self.count = [], 0
        rank = len(case.batch)
        self.dims = [f"d{n}" for n in range(rank)]
        self.loops = ", ".join([*self.dims, "i", "j"])
        self.scores = (*case.batch, case.rows, case.cols)

    def type(self, shape, element, encoding=""):
        return f"tensor<{'x'.join(map(str, [*shape, element]))}{encoding}>"

    def map(self, *results, loops=None):
        return (f"affine_map<({loops or self.loops}) -> "
                f"({', '.join(results)})>")

    def name(self):
        self.count += 1
        return f"%t{self.count}"

    def add(self, text):
        name = self.name()
        self.lines.append(f"{name} = {text}")
        return name

    def empty(self, of_type):
        size = "%batch" if "?" in of_type else ""
        return self.add(f"tensor.empty({size}) : {of_type}")

    def fill(self, value, of_type, element):
        number = self.add(f"arith.constant {value} : {element}")
        return self.add(f"linalg.fill ins({number} : {element}) "
                        f"outs({self.empty(of_type)} : {of_type}) -> {of_type}")

    def generic(self, inputs, of_type, body, iterators=None, out=None, init=None):
        """`inputs`: (value, type, map)."""
        iterators = iterators or ["parallel"] * len(self.scores)
        maps = [entry[2] for entry in inputs] + [out or self.map(*self.dims, "i", "j")]
        arguments = [f"%x{n}: {entry[1].rstrip('>').rpartition('x')[2]}"
                     for n, entry in enumerate(inputs)]
        element = of_type.rstrip(">").rpartition("x")[2]
        arguments.append(f"%o: {element}")
        names = ", ".join(entry[0] for entry in inputs)
        types = ", ".join(entry[1] for entry in inputs)
        kinds = ", ".join('"' + kind + '"' for kind in iterators)
        return self.add(
            f"linalg.generic {{indexing_maps = [{', '.join(maps)}], "
            f"iterator_types = [{kinds}]}} ins({names} : {types}) "
            f"outs({init or self.empty(of_type)} : {of_type}) {{\n"
            f"  ^bb0({', '.join(arguments)}):\n    "
            + "\n    ".join(body).replace("T", element)
            + f"\n  }} -> {of_type}")

    def product(self, lhs, rhs, lhs_map, rhs_map, lhs_type, rhs_type, of_type):
        """Over (i, j, k), k reduced."""
        loops = ", ".join([*self.dims, "i", "j", "k"])
        element = of_type.rstrip(">").partition(",")[0].rpartition("x")[2]
        maps = [self.map(*self.dims, *entry, loops=loops)
                for entry in (lhs_map, rhs_map, "ij")]
        kinds = ", ".join(['"parallel"'] * len(self.scores) + ['"reduction"'])
        widen = element != self.element
        body = ["%m = arith.mulf %x, %y : T"]
        if widen:
            body = [f"%a = arith.extf %x : {self.element} to T",
                    f"%b = arith.extf %y : {self.element} to T",
                    "%m = arith.mulf %a, %b : T"]
        body += ["%s = arith.addf %o, %m : T", "linalg.yield %s : T"]
        init = self.fill("0.0", of_type, element)
        return self.add(
            f"linalg.generic {{indexing_maps = [{', '.join(maps)}], "
            f"iterator_types = [{kinds}]}} ins({lhs}, {rhs} : {lhs_type}, "
            f"{rhs_type}) outs({init} : {of_type}) {{\n  ^bb0(%x: "
            f"{self.element}, %y: {self.element}, %o: {element}):\n    "
            + "\n    ".join(body).replace("T", element)
            + f"\n  }} -> {of_type}")

    def softmax(self, scores, of_type):
        case = self.case
        if not case.expanded:
            return self.add(f"linalg.softmax dimension({len(self.scores) - 1}) "
                            f"ins({scores} : {of_type}) "
                            f"outs({self.empty(of_type)} : {of_type}) -> {of_type}")
        whole = self.map(*self.dims, "i", "j")
        rows = self.map(*self.dims, "i")
        kinds = ["parallel"] * (len(self.scores) - 1) + ["reduction"]
        row_type = self.type(self.scores[:-1], self.inner)
        lowest = "0xFF800000" if self.inner == "f32" else "0xFC00"
        highest = self.generic(
            [(scores, of_type, whole)], row_type,
            ["%m = arith.maximumf %x0, %o : T", "linalg.yield %m : T"], kinds, rows,
            self.fill(lowest, row_type, self.inner))
        weights = self.generic(
            [(scores, of_type, whole), (highest, row_type, rows)], of_type,
            ["%d = arith.subf %x0, %x1 : T", "%e = math.exp %d : T",
             "linalg.yield %e : T"])
        total = self.generic(
            [(weights, of_type, whole)], row_type,
            ["%s = arith.addf %x0, %o : T", "linalg.yield %s : T"], kinds, rows,
            self.fill("0.0", row_type, self.inner))
        return self.generic(
            [(weights, of_type, whole), (total, row_type, rows)], of_type,
            ["%p = arith.divf %x0, %x1 : T", "linalg.yield %p : T"])

    def mask(self, scores, of_type):
        case = self.case
        whole, last = self.map(*self.dims, "i", "j"), self.map("i", "j")
        none = "0xFF800000" if self.inner == "f32" else "0xFC00"
        if case.form == "add":
            rows = ", ".join("[" + ", ".join("0.0" if bit else none for bit in row)
                             + "]" for row in case.mask)
            type_ = self.type((case.rows, case.cols), self.inner)
            body = ["%s = arith.addf %x0, %x1 : T", "linalg.yield %s : T"]
        else:
            rows = ", ".join("[" + ", ".join(str(bit).lower() for bit in row)
                             + "]" for row in case.mask)
            type_ = self.type((case.rows, case.cols), "i1")
            body = [f"%n = arith.constant {none} : T",
                    "%s = arith.select %x1, %x0, %n : T", "linalg.yield %s : T"]
        mask = self.add(f"arith.constant dense<[{rows}]> : {type_}")
        return self.generic([(scores, of_type, whole), (mask, type_, last)],
                            of_type, body)

    def text(self, name):
        case = self.case
        query = self.type((*case.batch, case.rows, case.depth), self.element)
        value = self.type((*case.batch, case.cols, case.width), self.element)
        result = self.type((*case.batch, case.rows, case.width), self.element)
        shape = (case.cols, case.depth)
        key, key_map, keys = self.type((*case.batch, *shape), self.element), "jk", "%k"
        stored = key
        if case.transposed:
            key, key_map = self.type((*case.batch, *shape[::-1]), self.element), "kj"
            rank = len(case.batch)
            order = ", ".join(map(str, [*range(rank), rank + 1, rank]))
            keys = self.add(f"linalg.transpose ins(%k : {stored}) "
                            f"outs({self.empty(key)} : {key}) permutation = [{order}]")
        encoding = ""
        if case.form == "encoding":
            encoding = ", #mask"
        scores_type = self.type(self.scores, self.inner, encoding)
        scores = self.product("%q", keys, "ik", key_map, query, key, scores_type)
        plain = self.type(self.scores, self.inner)
        if encoding:
            whole = self.map(*self.dims, "i", "j")
            kinds = ", ".join(['"parallel"'] * len(self.scores))
            scores = self.add(
                f"linalg.generic {{indexing_maps = [{whole}, {whole}], "
                f"iterator_types = [{kinds}]}} ins({scores} : {scores_type}) "
                f"outs({self.empty(scores_type)} : {scores_type}) {{\n"
                f"  ^bb0(%x: {self.inner}, %o: {self.inner}):\n"
                f"    %c = arith.constant 0.25 : {self.inner}\n"
                f"    %m = arith.mulf %x, %c : {self.inner}\n"
                f"    linalg.yield %m : {self.inner}\n  }} -> {scores_type}")
            of_type = scores_type
        else:
            whole = self.map(*self.dims, "i", "j")
            scores = self.generic(
                [(scores, plain, whole)], plain,
                ["%c = arith.constant 4.0 : T", "%m = arith.divf %x0, %c : T",
                 "linalg.yield %m : T"])
            scores, of_type = self.mask(scores, plain), plain
        weights = self.softmax(scores, of_type)
        if self.inner != self.element:
            narrow = self.type(self.scores, self.element)
            weights = self.generic(
                [(weights, of_type, whole)], narrow,
                [f"%n = arith.truncf %x0 : {self.inner} to T", "linalg.yield %n : T"])
            of_type = narrow
        found = self.product(weights, "%v", "ik", "kj", of_type, value, result)
        size = ""
        if "?" in case.batch:
            size = (f"%zero = arith.constant 0 : index\n  "
                    f"%batch = tensor.dim %q, %zero : {query}\n  ")
        body = "\n  ".join(self.lines)
        return (f"func.func @{name.replace('-', '_')}(%q: {query}, %k: {stored}, "
                f"%v: {value}) -> {result} {{\n  {size}{body}\n  return {found} : "
                f"{result}\n}}\n").replace("#mask", self.attribute())

    def attribute(self):
        mask = self.case.mask
        if isinstance(mask, str):
            return f"#sparse_ir.sparsity<#sparse_ir.{mask}>"
        rows = ", ".join('"' + "".join("01"[bit] for bit in row) + '"'
                         for row in mask)
        return ("#sparse_ir.sparsity<#sparse_ir.unstructured, "
                f"#sparse_ir.mask<[{rows}]>>")


for name in sys.argv[1:] or CASES:
    print(Program(CASES[name]).text(name))
