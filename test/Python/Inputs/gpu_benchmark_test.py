# ===- gpu_benchmark_test.py - Tests of benchmark/gpu ---------------------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
"""All of the benchmark that needs neither a GPU nor PyTorch."""

import contextlib
import gzip
import io
import json
import math
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import numpy as np

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "benchmark" / "gpu"))

import bench  # noqa: E402
import cases  # noqa: E402
import check  # noqa: E402
import clocks  # noqa: E402
import masks  # noqa: E402
import packages  # noqa: E402
import programs  # noqa: E402
import report  # noqa: E402
import stats  # noqa: E402
import supervise  # noqa: E402
import compile as compiler  # noqa: E402


def result(case, ours, dense=None, sparse=None, **more):
    """A row as workers send it; times in microseconds."""
    def entry(time):
        return {"medianUs": time, "p10Us": time, "p90Us": time, "passed": True,
                "relativeError": 2e-4, "label": ""}

    rivals = {role: entry(time) for role, time in
              (("dense", dense), ("sparse", sparse)) if time}
    return {"case": case.name, "flops": case.problem.flops, "ours": entry(ours),
            "rivals": rivals, "peers": [], **more}


class CasesTest(unittest.TestCase):
    def test_names_are_unique_files(self):
        names = [case.name for case in cases.CASES]
        self.assertEqual(len(names), len(set(names)))
        for name in names:
            self.assertRegex(name, r"^[a-z0-9.-]+$")

    def test_select(self):
        default = cases.select("")
        self.assertEqual({case.family.group for case in default},
                         set(cases.DEFAULT_GROUPS))
        self.assertEqual(cases.select("all"), list(cases.CASES))
        self.assertEqual([case.name for case in cases.select("sdmm,sddmm-gst")],
                         ["sddmm-gst", "sdmm-gst", "sdmm-longformer",
                          "sdmm-bigbird"])
        with self.assertRaisesRegex(cases.SelectionError, "found case 'x!'"):
            cases.select("decode,x!")

    def test_two_four_shapes(self):
        shapes = {(c.problem.rows, c.problem.depth, c.problem.tokens)
                  for c in cases.select("decode,gemm")}
        # The 18 of the issue hold 4096^3 twice.
        self.assertEqual(len(shapes), 17)
        self.assertIn((8192, 8192, 8192), shapes)

    def test_precisions_are_options(self):
        with tempfile.TemporaryDirectory() as folder, mock.patch.object(
                programs, "sample_weights", return_value=np.zeros((2, 2))):
            options = [programs.write_input(
                cases.Weights(64, 64, 8, "dense", precision), Path(folder), "x")[1]
                for precision in ("f16", "f32", "tf32")]
        self.assertIn("--dtype=f16", options[0])
        self.assertIn("--dtype=f32", options[1])
        self.assertNotIn("--allow-tf32", options[1])
        self.assertIn("--allow-tf32", options[2])
        for case in cases.select("f32"):
            self.assertIn(case.problem.precision, ("f32", "tf32"))

    def test_flops(self):
        self.assertEqual(cases.Weights(2, 3, 5, "nm<2:4>").flops, 60)
        one = cases.Attention("sddmm", "window<1>", 2, 8, 4)
        self.assertEqual(one.flops, 2 * 2 * 8 * 8 * 4)
        both = cases.Attention("attention", "window<1>", 2, 8, 4)
        self.assertEqual(both.flops, 2 * one.flops)


class MasksTest(unittest.TestCase):
    def test_mersenne_twister(self):
        # What the C++ standard says the 10000th number is.
        generator = masks.MersenneTwister64(5489)
        for _ in range(9999):
            generator.draw()
        self.assertEqual(generator.draw(), 9981545732273789042)

    def test_published_sparsity(self):
        for name, zeros in (("gst", 0.925), ("longformer", 0.949),
                            ("bigbird", 0.85)):
            mask = masks.attention_mask(cases.MASKS[name], 4096)
            self.assertAlmostEqual(1 - mask.mean(), zeros, delta=0.005)
            self.assertTrue(mask.any(1).all())

    def test_weight_masks_obey_their_patterns(self):
        n_m = masks.weight_mask("nm<2:4>", 96, 128)
        np.testing.assert_array_equal(n_m.reshape(96, 32, 4).sum(2), 2)
        self.assertTrue(n_m[:64].any(0).all())  # no column is gone
        block = masks.weight_mask("block<16x16,0.75>", 64, 64)
        means = block.reshape(4, 16, 4, 16).mean((1, 3))
        self.assertEqual(sorted(means.ravel()), [0.0] * 12 + [1.0] * 4)
        vector = masks.weight_mask("vector-nm<8:32,l=32>", 70, 64)
        np.testing.assert_array_equal(vector.reshape(70, 2, 32).sum(2), 8)
        np.testing.assert_array_equal(vector[:32], vector[:1].repeat(32, 0))
        np.testing.assert_array_equal(vector[64:], vector[64:65].repeat(6, 0))
        self.assertTrue((vector[0] != vector[32]).any())

    def test_hinm_keeps_columns_then_n_m(self):
        mask = masks.weight_mask("hinm<v=64,vector=0.5,2:4>", 128, 256)
        for tile in (mask[:64], mask[64:]):
            columns = np.flatnonzero(tile.any(0))
            self.assertEqual(len(columns), 128)
            np.testing.assert_array_equal(
                tile[:, columns].reshape(64, 32, 4).sum(2), 2)

    def test_masks_depend_on_the_seed_only(self):
        for pattern in ("nm<2:4>", "block<64x64,0.5>", "vector-nm<8:32,l=32>"):
            first = masks.weight_mask(pattern, 256, 256, 1)
            np.testing.assert_array_equal(
                first, masks.weight_mask(pattern, 256, 256, 1))
            self.assertTrue((first != masks.weight_mask(pattern, 256, 256, 2)
                             ).any())

    def test_unknown_patterns_are_errors(self):
        with self.assertRaisesRegex(masks.PatternError, "found pattern 'x<1>'"):
            masks.weight_mask("x<1>", 4, 4)
        with self.assertRaisesRegex(masks.PatternError, "expected name"):
            masks.parse("<1")
        with self.assertRaisesRegex(masks.PatternError, "multiple of 32"):
            masks.weight_mask("vector-nm<8:32,l=32>", 32, 40)

    def test_filters(self):
        for pruned, axis in (("channel", (0, 1, 3)), ("filter", (0, 1, 2))):
            problem = cases.Convolution(20, 4, 20, 3, pruned, 0.6)
            kept = masks.sample_filters(problem).any(axis)
            self.assertEqual(kept.sum(), 8)


class CheckTest(unittest.TestCase):
    def test_relative_error(self):
        expected = np.array([[3.0, 4.0]])
        self.assertEqual(check.relative_error(expected, expected), 0)
        self.assertAlmostEqual(
            check.relative_error(np.array([[3.0, 4.5]]), expected), 0.1)
        zeros = np.zeros((2, 2))
        self.assertEqual(check.relative_error(zeros, zeros), 0)
        self.assertEqual(check.relative_error(zeros + 1, zeros), math.inf)

    def test_no_nan_and_no_other_shape_passes(self):
        expected = np.ones((2, 2))
        for bad in (math.nan, math.inf, -math.inf):
            found = np.ones((2, 2), np.float16)
            found[1, 0] = bad
            self.assertEqual(check.relative_error(found, expected), math.inf)
        self.assertEqual(check.relative_error(np.ones(4), expected), math.inf)

    def test_rounding_is_within_and_a_lost_term_beyond_the_tolerance(self):
        random = np.random.RandomState(0)
        a, b = random.randn(64, 4096), random.randn(4096, 64)
        exact = a @ b
        self.assertLess(check.relative_error(exact.astype(np.float16), exact),
                        check.tolerance(4096))
        lost = a[:, :-1] @ b[:-1]
        self.assertGreater(check.relative_error(lost, exact),
                           check.tolerance(4096))

    def test_attention_in_f16_is_within_its_tolerance(self):
        random = np.random.RandomState(1)
        q, k, v = (random.randn(256, 64).astype(np.float16) for _ in range(3))

        def attend(store):
            scores = store(q.astype(float) @ k.T.astype(float)) / 8
            p = np.exp(store(scores) - scores.max(1, keepdims=True))
            return store(store(p / p.sum(1, keepdims=True)) @ v.astype(float))

        exact = attend(lambda x: x)
        found = attend(lambda x: x.astype(np.float16).astype(float))
        error = check.relative_error(found, exact)
        self.assertLess(error, check.attention_tolerance(64, 256))
        self.assertLess(check.attention_tolerance(64, 4096), 0.01)


class StatsTest(unittest.TestCase):
    def test_summary(self):
        times = stats.summarize([5.0, 1.0, 2.0, 4.0, 3.0])
        self.assertEqual((times.median, times.count), (3.0, 5))
        self.assertAlmostEqual(times.p10, 1.4)
        self.assertAlmostEqual(times.p90, 4.6)
        self.assertEqual(stats.summarize([7.0]), stats.Times(7.0, 7.0, 7.0, 1))

    def test_geometric_mean(self):
        self.assertAlmostEqual(stats.geometric_mean([1.0, 4.0]), 2.0)
        self.assertIsNone(stats.geometric_mean([]))

    def test_speedups_need_a_result_that_passed(self):
        (case,) = cases.select("decode-4096x4096-t16")
        row = result(case, 10.0, dense=20.0)
        self.assertEqual(stats.speedups(row), {"dense": 2.0})
        row["ours"]["passed"] = False
        self.assertEqual(stats.speedups(row), {})
        self.assertEqual(stats.speedups({"case": "x", "error": "lost"}), {})

    def test_judge(self):
        bars = (cases.Bar("dense", 1.5), cases.Bar("sparse", 1.1))
        self.assertTrue(stats.judge(bars, {"dense": 1.5, "sparse": 2.0}))
        self.assertIs(stats.judge(bars, {"dense": 1.49, "sparse": 2.0}), False)
        self.assertIs(stats.judge(bars, {"dense": 1.49}), False)
        self.assertIsNone(stats.judge(bars, {"dense": 1.5}))
        self.assertIsNone(stats.judge((), {"dense": 1.5}))

    def test_families(self):
        chosen = cases.select("gemm")
        rows = [result(case, 10.0, dense=20.0, sparse=10.5) for case in chosen]
        (one,) = stats.summarize_families(chosen, rows)
        self.assertAlmostEqual(one.means["dense"], 2.0)
        self.assertTrue(one.verdict)
        (one,) = stats.summarize_families(chosen, rows[1:])
        self.assertEqual((one.measured, one.total), (10, 11))
        self.assertIsNone(one.verdict)
        slow = [result(case, 10.0, dense=12.0, sparse=10.5) for case in chosen[:3]]
        (one,) = stats.summarize_families(chosen, slow)
        self.assertIs(one.verdict, False)


class ReportTest(unittest.TestCase):
    def setUp(self):
        (self.case,) = cases.select("gemm-4096x4096-t4096")

    def test_row(self):
        row = result(self.case, 125.0, dense=190.0, sparse=100.0)
        row["peers"] = [{"name": "cusparselt", "wrong": 3, "tried": 40}]
        text = report.describe(row, self.case.family.each)
        self.assertEqual(text.split(), [
            "gemm-4096x4096-t4096", "125.0", "(125.0", "-", "125.0)", "1100",
            "190.0", "100.0", "1.52", "0.80", "2.0e-04", "NO", "cusparselt:", "3",
            "of", "40", "wrong"])

    def test_a_coarse_rival_is_said_to_be(self):
        row = result(self.case, 50.0, dense=200.0, sparse=300.0)
        row["rivals"]["sparse"].update(name="cusparse-csr", coarse=True,
                                       relativeError=1e-3)
        text = report.describe(row, self.case.family.each)
        self.assertTrue(text.endswith("cusparse-csr is coarse: error 1.0e-03"), text)

    def test_rows_that_failed(self):
        row = supervise.failed_row(self.case, "no result in 90 s")
        text = report.describe(row, self.case.family.each)
        self.assertTrue(text.endswith("NO no result in 90 s"), text)
        row = result(self.case, 125.0, dense=190.0, sparse=125.0)
        row["ours"].update(passed=False, error="error inf", relativeError=None)
        text = report.describe(row, self.case.family.each)
        self.assertTrue(text.endswith("NO ours: error inf"), text)
        self.assertNotIn("1.52", text)

    def test_columns_line_up(self):
        row = result(self.case, 125.0, dense=190.0, sparse=100.0)
        line, head = report.describe(row, ()), report.header()
        self.assertEqual(line.index("190.0") + 5, head.index("dense us") + 8)

    def test_families(self):
        chosen = [self.case]
        summaries = stats.summarize_families(
            chosen, [result(self.case, 100.0, dense=150.0, sparse=90.0)])
        self.assertIn("1.50x dense, 0.90x sparse; bar >= 1x sparse, >= 1.35x "
                      "dense: NO", report.describe_families(summaries))


class ClocksTest(unittest.TestCase):
    def test_samples(self):
        self.assertEqual(clocks.parse_sample("1980, 2619, 650.5, 61"),
                         {"smMHz": 1980, "memoryMHz": 2619, "watts": 650.5,
                          "celsius": 61})
        self.assertIsNone(clocks.parse_sample("[N/A], 1, 2, 3"))
        self.assertIsNone(clocks.parse_sample(""))

    def test_idle_samples_do_not_count(self):
        idle, busy = (dict(smMHz=mhz, memoryMHz=2619, watts=watts, celsius=50)
                      for mhz, watts in ((345, 70), (1400, 690)))
        self.assertEqual(clocks.summarize([idle, busy])["smMHzMin"], 1400)
        self.assertEqual(clocks.summarize([]), {})

    def test_without_nvidia_smi(self):
        with mock.patch.dict("os.environ", PATH="/does/not/exist"):
            self.assertIn("nvidia-smi", clocks.describe())
            monitor = clocks.ClockMonitor()
            self.assertEqual(monitor.take(), {})
            monitor.close()


class PackagesTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)

    def test_unpack(self):
        self.assertEqual(packages.read_index(self.folder), {})
        with self.assertRaisesRegex(packages.PackageError, "no case 'a'"):
            packages.unpack(self.folder, "a", self.folder)
        with gzip.open(self.folder / "a.spmm.gz", "wb") as file:
            file.write(b"bytes")
        (self.folder / packages.INDEX).write_text(json.dumps(
            {"a": {"package": "a.spmm.gz"}, "b": {"error": "no sense"}}))
        path = packages.unpack(self.folder, "a", self.folder)
        self.assertEqual(path.read_bytes(), b"bytes")
        with self.assertRaisesRegex(packages.PackageError, "no sense"):
            packages.unpack(self.folder, "b", self.folder)

    def test_compiler_messages_and_bar(self):
        (case,) = cases.select("block75-4096x4096-t4096")
        entry = {"seconds": 3.0, "ptxSeconds": 1.0, "cubinSeconds": 2.5,
                 "kernels": 2, "bytes": 1 << 20}
        self.assertEqual(compiler.seconds_per_kernel(entry), 1.5)
        self.assertTrue(compiler.describe(case, entry).endswith("1.00  yes"))
        self.assertTrue(compiler.describe(case, entry | {"kernels": 1}
                                          ).endswith("NO"))
        self.assertIn("FAILED: why", compiler.describe(case, {"error": "why"}))
        ptx = ".visible .entry a()\n{}\n.func b()\n.entry c()\n"
        self.assertEqual(compiler.count_kernels(ptx), 2)
        script = ("import sys; print('x.mlir:1: error: bad\\nnote', "
                  "file=sys.stderr); sys.exit(1)")
        with self.assertRaisesRegex(compiler.CompileError, "error: bad"):
            compiler.run_compiler([sys.executable, "-c", script])
        with self.assertRaisesRegex(compiler.CompileError, "No such file"):
            compiler.run_compiler(["/does/not/exist"])

    def test_weights_of_equal_shape_share_a_file(self):
        first, second = (programs.write_input(
            cases.Weights(64, 64, tokens, "nm<2:4>"), self.folder, "x")
            for tokens in (1, 2))
        self.assertEqual(first[0], second[0])
        self.assertNotEqual(first[1], second[1])
        self.assertEqual(np.load(first[0]).dtype, np.float16)


WORKER = """
import json, os, sys, time
names = sys.argv[1:]
def line(**values): print(json.dumps(values), flush=True)
line(environment={"gpu": "none"})
for name in names:
    line(begin=name)
    if name == MODE_CASE:
        MODE
    line(row={"case": name})
"""


class SuperviseTest(unittest.TestCase):
    def supervise(self, mode, budget=30.0, names="decode"):
        chosen, rows, environments = cases.select(names), [], []
        script = WORKER.replace("MODE_CASE", repr(chosen[1].name)).replace(
            "MODE", mode)
        supervise.Supervisor(chosen, [], budget,
                             lambda case, row: rows.append((case.name, row)),
                             environments.append,
                             command=[sys.executable, "-c", script]).run()
        self.assertEqual([name for name, _ in rows], [c.name for c in chosen])
        return [row.get("error") for _, row in rows], environments

    def test_all_rows(self):
        errors, environments = self.supervise("pass")
        self.assertEqual(errors, [None] * 6)
        self.assertEqual(environments, [{"gpu": "none"}])

    def test_a_crash_costs_one_row(self):
        errors, environments = self.supervise(
            "print('bad access', file=sys.stderr); os._exit(9)")
        self.assertEqual(errors[1], "worker ended, exit code 9: bad access")
        self.assertEqual(errors[:1] + errors[2:], [None] * 5)
        self.assertEqual(len(environments), 2)

    def test_a_lost_device_costs_one_row(self):
        errors, environments = self.supervise(
            "line(row={'case': name, 'error': 'lost'}); os._exit(3)")
        self.assertEqual(errors, [None, "lost", None, None, None, None])
        self.assertEqual(len(environments), 2)

    def test_a_hang_costs_one_row(self):
        with mock.patch.object(supervise, "CASE_SECONDS", 0.5):
            errors, _ = self.supervise("time.sleep(60)")
        self.assertEqual(errors[1], "no result in 0 s")
        self.assertEqual(errors[2:], [None] * 4)

    def test_the_budget_ends_the_run(self):
        errors, _ = self.supervise("time.sleep(60)", budget=1.5)
        self.assertEqual(errors[1:], ["out of time"]
                         + ["not run: out of time"] * 4)

    def test_workers_that_do_nothing(self):
        chosen, rows = cases.select("block"), []
        supervise.Supervisor(
            chosen, [], 30.0, lambda case, row: rows.append(row), print,
            command=[sys.executable, "-c", "raise SystemExit('no GPU')"]).run()
        self.assertEqual([row["error"] for row in rows],
                         ["no worker: exit code 1: no GPU"] * 2)


class BenchTest(unittest.TestCase):
    def test_results_are_written_as_they_come(self):
        chosen = cases.select("block")
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(
                io.StringIO()) as out:
            path = Path(folder) / "r.json"
            results = bench.Results(chosen, path)
            results.monitor = mock.Mock(take=lambda: {})
            results.set_environment({"gpu": "none", "torch": "2"})
            results.add(chosen[0], result(chosen[0], 10.0, dense=30.0))
            self.assertEqual(len(json.loads(path.read_text())["rows"]), 1)
            self.assertTrue(results.all_passed())
            results.add(chosen[1], supervise.failed_row(chosen[1], "lost"))
            self.assertFalse(results.all_passed())
            results.summarize()
            written = json.loads(path.read_text())
        self.assertEqual([family["measured"] for family in written["families"]],
                         [1, 0])
        self.assertIn("blocks 64x64, 75 %", out.getvalue())

    def test_help_names_all_groups(self):
        done = subprocess.run(
            [sys.executable, str(ROOT / "benchmark" / "gpu" / "bench.py"), "--help"],
            capture_output=True, text=True, check=True)
        text = " ".join(done.stdout.split()).replace(" ", "")
        self.assertIn(",".join(cases.DEFAULT_GROUPS), text)


if __name__ == "__main__":
    unittest.main()
