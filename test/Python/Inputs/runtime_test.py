# ===- runtime_test.py - Tests of spmmplu.runtime -------------------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""Compiles small packages with `sparse-compile` (in PATH) and runs them."""

import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "python"), str(ROOT / "benchmark" / "gpu")]

import masks  # noqa: E402
import packages  # noqa: E402
import programs  # noqa: E402
from cases import Attention, Convolution  # noqa: E402
from spmmplu.runtime import (DeviceTensor, Library, Program,  # noqa: E402
                             ProgramError, RuntimeLibraryError, TensorInfo)

TOOL = shutil.which("sparse-compile")


def to_bits(values):
    """bf16 of f32, truncated."""
    return (np.asarray(values, np.float32).view(np.uint32) >> 16).astype(np.uint16)


class PackageTest(unittest.TestCase):
    """Compiles into a folder that a class has for itself."""

    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.folder = Path(scratch.name)
        cls.library = Library(Path(TOOL).parents[1] / "lib" / packages.LIBRARY)
        random = np.random.RandomState(0)
        cls.weights = (random.randn(48, 64) * (random.rand(48, 64) < 0.3)).astype(
            np.float32)
        np.save(cls.folder / "w.npy", cls.weights)

    def compile(self, source, *options):
        """The path of a package that is new for each call."""
        package = self.folder / f"{self.id()}-{len(list(self.folder.iterdir()))}"
        subprocess.run([TOOL, self.folder / source, "-o", package, *options],
                       check=True)
        return package

    def load(self, source="w.npy", *options):
        program = Program.load(self.compile(source, *options), "cpu", self.library)
        self.addCleanup(program.close)
        return program


class RuntimeTest(PackageTest):
    def test_describes_inputs_and_outputs(self):
        program = self.load()
        self.assertEqual(program.inputs, [TensorInfo("in0", "F32", (64, "n"))])
        self.assertEqual(program.outputs, [TensorInfo("out0", "F32", (48, "n"))])
        self.assertEqual(program.manifest["matrices"][0]["rows"], 48)
        self.assertEqual(program.device, "cpu")

    def test_runs(self):
        program = self.load()
        for columns in (1, 17):
            x = np.random.RandomState(1).randn(64, columns).astype(np.float32)
            np.testing.assert_allclose(program.run(x), self.weights @ x,
                                       rtol=1e-4, atol=1e-4)

    def test_makes_strided_inputs_contiguous(self):
        x = np.random.RandomState(1).randn(9, 64).astype(np.float32)
        np.testing.assert_allclose(self.load().run(x.T), self.weights @ x.T,
                                   rtol=1e-4, atol=1e-4)

    def test_takes_bits_for_bf16(self):
        program = self.load("w.npy", "--dtype=bf16")
        x = np.ones((64, 3), np.float32)
        found = program.run(to_bits(x))
        self.assertEqual(found.dtype, np.float32)
        np.testing.assert_allclose(found, self.weights @ x, rtol=0.02, atol=0.02)

    def test_refuses_wrong_inputs(self):
        program = self.load()
        x = np.zeros((64, 3), np.float32)
        for inputs, words in (((), "found 0 inputs, expected 1"),
                              ((x.astype(np.float64),), "is F64, expected F32"),
                              ((x[1:],), "expected 64"),
                              ((x.astype(complex),), "found type complex128")):
            with self.assertRaisesRegex(ProgramError, words):
                program.run(*inputs)

    def test_refuses_what_cannot_be_loaded(self):
        with self.assertRaisesRegex(ProgramError, "/does/not/exist"):
            Program.load("/does/not/exist", "cpu", self.library)
        with self.assertRaisesRegex(ProgramError, "sideways"):
            Program.load(self.compile("w.npy"), "sideways", self.library)
        with self.assertRaisesRegex(RuntimeLibraryError, "/does/not/exist"):
            Library("/does/not/exist")

    def test_a_closed_program_is_an_error(self):
        program = self.load()
        with program:
            pass
        with self.assertRaisesRegex(ProgramError, "closed"):
            program.run(np.zeros((64, 1), np.float32))

    def test_a_cpu_program_does_not_run_on_device_memory(self):
        tensor = DeviceTensor(4096, "F32", (64, 1))
        out = DeviceTensor(8192, "F32", (48, 1))
        with self.assertRaises(ProgramError):
            self.load().run_on_device([tensor], [out])

    def test_device_tensors_are_on_a_device(self):
        with self.assertRaisesRegex(ProgramError, "found a ndarray"):
            DeviceTensor.of(np.zeros(3))

        class Strided:
            __cuda_array_interface__ = {"strides": (8,), "shape": (3,),
                                        "typestr": "<f2", "data": (16, False)}

        with self.assertRaisesRegex(ProgramError, "contiguous"):
            DeviceTensor.of(Strided())
        Strided.__cuda_array_interface__["strides"] = None
        self.assertEqual(DeviceTensor.of(Strided()), DeviceTensor(16, "F16", (3,)))

    def test_set_matrix_replaces_values(self):
        program = self.load()
        # Further forms of a matrix name the first, which is the one to set.
        (matrix,) = [each for each in program.manifest["matrices"]
                     if not each.get("of")]
        x = np.random.RandomState(1).randn(64, 5).astype(np.float32)
        program.set_matrix(matrix["name"], self.weights * 3)
        np.testing.assert_allclose(program.run(x), 3 * self.weights @ x,
                                   rtol=1e-4, atol=1e-3)
        with self.assertRaises(ProgramError):
            program.set_matrix(matrix["name"], self.weights[1:])
        with self.assertRaisesRegex(ProgramError, "nobody"):
            program.set_matrix("nobody", self.weights)


class BenchmarkProgramsTest(PackageTest):
    """The programs of benchmark/gpu mean what its references compute."""

    def run_text(self, problem, *inputs):
        source, options = programs.write_input(problem, self.folder, self.id())
        return self.load(source.name, *options, "--force-sparse").run(*inputs)

    def test_scores_and_masks(self):
        # The compiler's mask is where the scores of ones are not zero.
        q = np.ones((2, 512, 16), np.float16)
        for pattern in ("gst<window=20,stride=64>",
                        "longformer<window=9,global=5>",
                        "bigbird<block=32,window=3,random=3,global=2,seed=0>",
                        "bigbird<block=64,window=1,random=2,global=1,seed=7>"):
            mask = masks.attention_mask(pattern, 512)
            for storage, expected in (("values", mask[mask]), ("matrix", mask)):
                problem = Attention("sddmm", pattern, heads=2, length=512,
                                    width=16, storage=storage)
                np.testing.assert_array_equal(self.run_text(problem, q, q),
                                              np.stack([16.0 * expected] * 2))

    def test_probabilities_times_values(self):
        mask = masks.attention_mask("longformer<window=3,global=2>", 64)
        random = np.random.RandomState(2)
        p = (random.rand(2, 64, 64) * mask).astype(np.float16)
        v = random.randn(2, 64, 16).astype(np.float16)
        expected = p.astype(np.float64) @ v.astype(np.float64)
        for storage, stored in (("values", p[:, mask]), ("matrix", p)):
            problem = Attention("sdmm", "longformer<window=3,global=2>", 2, 64,
                                16, storage=storage)
            np.testing.assert_allclose(self.run_text(problem, stored, v),
                                       expected, rtol=2e-3, atol=2e-2)

    def test_convolutions(self):
        for pruned in ("channel", "filter"):
            for kernel in (1, 3):
                problem = Convolution(8, 6, 12, kernel, pruned, 0.5, batch=2)
                x = np.random.RandomState(3).randn(2, 6, 6, 8).astype(np.float16)
                w = masks.sample_filters(problem).astype(np.float64)
                edge = kernel // 2
                padded = np.pad(x.astype(np.float64),
                                ((0, 0), (edge, edge), (edge, edge), (0, 0)))
                expected = sum(
                    padded[:, i:i + 6, j:j + 6] @ w[i, j]
                    for i in range(kernel) for j in range(kernel))
                np.testing.assert_allclose(self.run_text(problem, x), expected,
                                           rtol=2e-3, atol=2e-2)


if __name__ == "__main__":
    unittest.main()
