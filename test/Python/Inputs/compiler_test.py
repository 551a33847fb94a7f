# ===- compiler_test.py - Tests of spmmplu.compiler -----------------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""Prunes, compiles and runs small layers through the two C interfaces."""

import ctypes
import os
import re
import shutil
import sys
import tempfile
import threading
import unittest
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "python"))
LIBRARIES = Path(shutil.which("sparse-compile")).parents[1] / "lib"
os.environ["SPMMPLU_COMPILER"] = str(LIBRARIES / "libspmmplu_compiler.so")
os.environ["SPMMPLU_RUNTIME"] = str(LIBRARIES / "libspmmplu_runtime.so")

import spmmplu  # noqa: E402
from spmmplu.runtime import RuntimeLibraryError  # noqa: E402
from spmmplu.compiler import CompilerLibrary  # noqa: E402

HINM = "hinm<v=16,vector=0.5,2:4>"


def random(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape, np.float32)


def to_bits(values):
    """bf16 of f32, truncated."""
    return (np.asarray(values, np.float32).view(np.uint32) >> 16).astype(np.uint16)


class CompilerTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.path = Path(scratch.name) / "layer.spmm"

    def run_compiled(self, source, x, **options):
        spmmplu.compile(source, self.path, threads=1, **options)
        program = spmmplu.load(self.path, "cpu")
        self.addCleanup(program.close)
        return program.run(x)

    def expect_error(self, text, function, *arguments, **options):
        with self.assertRaises(spmmplu.CompileError) as caught:
            function(*arguments, **options)
        self.assertIn(text, str(caught.exception))
        self.assertNotIn("\n", str(caught.exception))


class PruneTest(CompilerTest):
    def test_keeps_what_the_mask_says(self):
        weights = random(40, 50)
        layer = spmmplu.prune(weights, "vector-nm<1:4,l=8>")
        np.testing.assert_array_equal(layer.weights, weights * layer.mask)
        self.assertEqual(layer.mask.dtype, np.bool_)
        self.assertIsNone(layer.row_order)
        self.assertIsNone(layer.columns)
        kept = np.abs(weights)[layer.mask].sum() / np.abs(weights).sum()
        self.assertAlmostEqual(layer.report.retained, kept, places=5)
        self.assertEqual(layer.report.retained, layer.report.unpermuted)
        self.assertAlmostEqual(layer.report.density, layer.mask.mean(), places=9)
        lost = np.linalg.norm(weights - layer.weights) / np.linalg.norm(weights)
        self.assertAlmostEqual(layer.report.relative_error, lost, places=5)

    def test_permutation_keeps_more_and_has_a_seed(self):
        weights = random(64, 96)
        same = [spmmplu.prune(weights, HINM, permute="both", seed=3, threads=t)
                for t in (1, 2)]
        np.testing.assert_array_equal(same[0].mask, same[1].mask)
        self.assertGreater(same[0].report.retained, same[0].report.unpermuted)
        self.assertEqual(sorted(same[0].row_order), list(range(64)))
        self.assertEqual(same[0].columns.shape, (4, 48))
        other = spmmplu.prune(weights, HINM, permute="both", seed=4)
        self.assertFalse(np.array_equal(same[0].mask, other.mask))
        rows = spmmplu.prune(weights, HINM, permute="output").report
        self.assertEqual(rows.retained, rows.rows_permuted)

    def test_given_saliency_decides(self):
        saliency = np.arange(16, dtype=np.float32).reshape(2, 8)
        layer = spmmplu.prune(random(2, 8), "nm<2:4>", saliency=saliency)
        np.testing.assert_array_equal(layer.mask, [[0, 0, 1, 1] * 2] * 2)

    def test_compact_form_holds_the_values(self):
        weights = random(8, 16)
        layer = spmmplu.prune(weights, "nm<2:4>")
        np.testing.assert_array_equal(layer.values,
                                      layer.weights[layer.mask].reshape(8, 8))
        self.assertEqual(layer.indices.shape, (8, 2))
        self.assertIsNone(spmmplu.prune(weights, "block<4x4,0.5>").values)

    def test_takes_every_type(self):
        weights = random(8, 16)
        expected = spmmplu.prune(weights, "nm<2:4>").mask
        for array, dtype in ((weights.astype(np.float64), None),
                             (to_bits(weights), "BF16")):
            layer = spmmplu.prune(array, "nm<2:4>", dtype=dtype)
            np.testing.assert_array_equal(layer.mask, expected)
            self.assertEqual(layer.weights.dtype, array.dtype)
        integers = np.array([[1, -3, 2, -128]], np.int8)
        np.testing.assert_array_equal(
            spmmplu.prune(integers, "nm<2:4>").weights, [[0, -3, 0, -128]])
        # E4M3: 0.5, -448, 2^-9 and 1.
        bits = np.array([[0x30, 0xFE, 0x01, 0x38]], np.uint8)
        np.testing.assert_array_equal(
            spmmplu.prune(bits, "nm<2:4>", dtype="F8_E4M3").mask, [[0, 1, 0, 1]])
        # E5M2: 2^-16, 1, -57344 and 0.
        bits = np.array([[0x01, 0x3C, 0xFB, 0x00]], np.uint8)
        np.testing.assert_array_equal(
            spmmplu.prune(bits, "nm<2:4>", dtype="F8_E5M2").mask, [[0, 1, 1, 0]])

    def test_reports_progress(self):
        seen = []
        spmmplu.prune(random(64, 64), HINM, permute="both", threads=1,
                      progress=seen.append)
        self.assertEqual(seen, sorted(seen))
        self.assertEqual(seen[-1], 1)

    def test_errors_are_one_line(self):
        self.expect_error("did you mean 'hinm'?", spmmplu.prune, random(4, 4), "hnim")
        self.expect_error("expected a hinm pattern, found 'nm<2:4>'",
                          spmmplu.prune, random(4, 4), "nm<2:4>", permute="both")
        self.expect_error("expected none, output, input or both, found 'rows'",
                          spmmplu.prune, random(4, 4), HINM, permute="rows")
        self.expect_error("saliency: expected shape [4, 4], found [4, 5]",
                          spmmplu.prune, random(4, 4), HINM, saliency=random(4, 5))
        self.expect_error("expected a number >= 0", spmmplu.prune, random(4, 4),
                          "nm<2:4>", saliency=-np.ones((4, 4), np.float32))
        self.expect_error("expected a matrix of floats, found F32 [4]",
                          spmmplu.prune, random(4), "nm<2:4>")
        self.expect_error("found type complex64", spmmplu.prune,
                          np.ones((4, 4), np.complex64), "nm<2:4>")
        self.expect_error("expected the bits of BF16", spmmplu.prune, random(4, 4),
                          "nm<2:4>", dtype="BF16")


class CompileTest(CompilerTest):
    def test_pruned_layers_run(self):
        x = random(96, 17, seed=1)
        for pattern, permute in (("vector-nm<1:4,l=8>", None), (HINM, None),
                                 (HINM, "both"), ("vnm<v=16,2:8>", None),
                                 ("transposed<" + HINM + ">", "both")):
            with self.subTest(pattern=pattern, permute=permute):
                layer = spmmplu.prune(random(80, 96), pattern, permute=permute)
                y = self.run_compiled(layer, x, force_sparse=True)
                np.testing.assert_allclose(y, layer.weights @ x, rtol=1e-4,
                                           atol=1e-4)

    def test_a_permutation_costs_no_entries(self):
        counts = []
        for permute in (None, "both"):
            layer = spmmplu.prune(random(128, 96), HINM, permute=permute)
            spmmplu.compile(layer, self.path, threads=1, force_sparse=True,
                            strategy='#sparse_ir.strategy<intrinsic = "avx512-f32",'
                                     ' rows = 16, depth = 1, vectors = 2, phase = 0,'
                                     ' tasks = 1, pack_rhs = true>')
            with spmmplu.load(self.path, "cpu") as program:
                counts.append(program.manifest["report"]["product0"]["metaOps"])
        self.assertEqual(counts[0], counts[1])

    def test_plain_arrays_and_their_types(self):
        weights = random(33, 40) * (random(33, 40, seed=2) > 1)
        x = random(40, 5, seed=1)
        np.testing.assert_allclose(self.run_compiled(weights, x), weights @ x,
                                   rtol=1e-4, atol=1e-4)
        half = weights.astype(np.float16)
        y = self.run_compiled(half, x.astype(np.float16), out_dtype="F32")
        np.testing.assert_allclose(y, half.astype("f") @ x.astype(np.float16)
                                   .astype("f"), rtol=1e-2, atol=1e-2)
        y = self.run_compiled(to_bits(weights), to_bits(x), dtype="BF16")
        np.testing.assert_allclose(y, weights @ x, rtol=0.05, atol=0.1)

    def test_programs(self):
        text = """func.func @main(%a: tensor<4x3xf32>, %b: tensor<3x2xf32>)
                    -> tensor<4x2xf32> {
          %z = arith.constant 0.0 : f32
          %e = tensor.empty() : tensor<4x2xf32>
          %f = linalg.fill ins(%z : f32) outs(%e : tensor<4x2xf32>)
                 -> tensor<4x2xf32>
          %r = linalg.matmul ins(%a, %b : tensor<4x3xf32>, tensor<3x2xf32>)
                 outs(%f : tensor<4x2xf32>) -> tensor<4x2xf32>
          return %r : tensor<4x2xf32>
        }"""
        spmmplu.compile(text, self.path, threads=1)
        a, b = random(4, 3), random(3, 2)
        with spmmplu.load(self.path, "cpu") as program:
            np.testing.assert_allclose(program.run(a, b), a @ b, rtol=1e-5)

    def test_explains_the_choice(self):
        why = spmmplu.compile(random(64, 64), self.path, cols=16, threads=1,
                              target="x86-64-v4")
        self.assertRegex(why, r"^product0: 64 x 64 by 16 columns, f32")
        for word in ("chosen", "rival", "flop/byte", "L1", "memory"):
            self.assertIn(word, why)

    def test_threads_compile_at_once(self):
        failures = []

        def compile_one(number):
            try:
                spmmplu.compile(random(32, 32), f"{self.path}{number}", threads=1)
            except Exception as error:
                failures.append(error)

        threads = [threading.Thread(target=compile_one, args=[n]) for n in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])

    def test_errors_are_one_line_and_write_nothing(self):
        def refuse(text, *arguments, **options):
            self.expect_error(text, spmmplu.compile, *arguments, **options)
            self.assertFalse(self.path.exists())

        weights = np.ones((4, 4), np.float32)
        refuse("the weights do not obey nm<2:4>: window at row 0, columns 0..3: "
               "expected at most 2 non-zeros, found 4", weights, self.path,
               pattern="nm<2:4>")
        refuse("target: ", weights, self.path, target="sm_1")
        refuse("expected a matrix with elements of F64", weights[0], self.path)
        refuse("expected a matrix with elements of F64", weights.astype(np.int32),
               self.path)
        refuse("the result's type", weights, self.path, out_dtype="F16")
        refuse("expected a '#sparse_ir.strategy'", weights, self.path,
               strategy="unit")
        refuse("nowhere", weights, self.path.parent / "nowhere" / "x.spmm")
        refuse("expected", "func.func", self.path)
        refuse("expected 0 columns", weights, self.path, cols=-3)
        layer = spmmplu.prune(random(64, 64), HINM, permute="both")
        broken = spmmplu.Pruned(**{**vars(layer), "row_order": layer.row_order[:-1]})
        refuse("row order: expected 64 rows, found 63", broken, self.path)


class PropagateTest(CompilerTest):
    """Two layers with a bias and a ReLU between them."""

    def run_network(self, first, second, bias, x):
        hidden = np.maximum(self.run_compiled(first, x) + bias[:, None], 0)
        return self.run_compiled(second, hidden)

    def test_the_network_computes_the_same(self):
        first = spmmplu.prune(random(80, 48), HINM, permute="both")
        bias, x = random(80, seed=4), random(48, 9, seed=5)
        for pattern in (HINM, "vnm<v=16,2:8>", "unstructured<0.7>"):
            permute = "both" if pattern == HINM else None
            second = spmmplu.prune(random(64, 80, seed=3), pattern, permute=permute)
            expected = second.weights @ np.maximum(
                first.weights @ x + bias[:, None], 0)
            moved, after, order = spmmplu.propagate(first, second)
            self.assertIsNone(moved.row_order)
            self.assertFalse(np.array_equal(order, range(80)))
            np.testing.assert_array_equal(moved.weights, first.weights[order])
            y = self.run_network(moved, after, bias[order], x)
            np.testing.assert_allclose(y, expected, rtol=1e-3, atol=1e-3)
            # Without it the store undoes the order.
            y = self.run_network(first, second, bias, x)
            np.testing.assert_allclose(y, expected, rtol=1e-3, atol=1e-3)

    def test_nothing_to_move(self):
        layers = [spmmplu.prune(random(32, 32), "nm<2:4>")] * 2
        first, second, order = spmmplu.propagate(*layers)
        self.assertIs(first, layers[0])
        self.assertIs(second, layers[1])
        np.testing.assert_array_equal(order, range(32))

    def test_what_does_not_allow_it_is_an_error(self):
        first = spmmplu.prune(random(64, 32), HINM, permute="both")
        self.expect_error("pattern 'nm<2:4>' does not allow another order",
                          spmmplu.propagate, first,
                          spmmplu.prune(random(16, 64), "nm<2:4>"))
        self.expect_error("expected a second layer of 64 columns, found shape "
                          "[16, 32]", spmmplu.propagate, first,
                          spmmplu.prune(random(16, 32), HINM))
        self.expect_error("found a transposed pattern", spmmplu.propagate, first,
                          spmmplu.prune(random(64, 64), f"transposed<{HINM}>"))


class LibraryTest(unittest.TestCase):
    def test_null_arguments_are_errors(self):
        library = CompilerLibrary()
        self.assertEqual(library.call("spmmplu_prune", None, None, None, None), -1)
        self.assertEqual(library.call("spmmplu_compile", None, None, b"x", None), -1)
        self.assertEqual(library.call("spmmplu_compile", None, None, None, None), -1)
        self.assertEqual(
            library.call("spmmplu_compile_program", None, None, b"x", None), -1)

    def test_only_the_interface_is_visible(self):
        library = ctypes.CDLL(os.environ["SPMMPLU_COMPILER"])
        self.assertTrue(hasattr(library, "spmmplu_prune"))
        self.assertFalse(hasattr(library, "spmmplu_program_load"))

    def test_a_missing_library_is_an_error(self):
        with self.assertRaises(RuntimeLibraryError):
            CompilerLibrary("/nowhere/libspmmplu_compiler.so")

    def test_the_readme_example_runs(self):
        text = (ROOT / "README.md").read_text()
        code, = re.findall(r"```python\n(.*?)```", text, re.S)
        here = os.getcwd()
        with tempfile.TemporaryDirectory() as scratch:
            os.chdir(scratch)
            try:
                exec(compile(code, "README.md", "exec"), {})
            finally:
                os.chdir(here)


if __name__ == "__main__":
    unittest.main()
