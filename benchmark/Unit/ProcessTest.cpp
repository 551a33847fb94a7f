//===- ProcessTest.cpp - Other programs and files for them ----------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness/Process.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

using namespace spmmplu;
using namespace spmmplu::bench;

TEST(Process, TellsHowItEnded) {
  Result<ProcessResult> result =
      runProcess({"/bin/sh", "-c", "echo out; echo err >&2; exit 3"});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->exitCode, 3);
  EXPECT_EQ(result->errors, "err\n");
  EXPECT_GT(result->seconds, 0.0);
  EXPECT_GT(result->peakBytes, 0);
  result = runProcess({"/bin/sh", "-c", "kill -9 $$"});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->exitCode, 128 + 9);
}

TEST(Process, LimitsWhatItKeepsOfTheErrors) {
  Result<ProcessResult> result =
      runProcess({"/bin/sh", "-c",
                  "i=0; while [ $i -lt 3000 ]; do "
                  "echo 'a line of more than thirty characters' >&2; "
                  "i=$((i+1)); done"});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->exitCode, 0);
  EXPECT_EQ(result->errors.size(), size_t(64) << 10);
}

TEST(Process, CheckedGivesTheFirstLine) {
  EXPECT_TRUE(runChecked({"/bin/sh", "-c", "exit 0"}));
  Result<ProcessResult> result =
      runChecked({"/bin/sh", "-c", "echo why >&2; echo more >&2; exit 1"});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error(), "sh: exit code 1: why");
  result = runChecked({"/nonexistent/program"});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error(),
            "program: exit code 127: No such file or directory");
}

TEST(ScratchFolder, IsGoneAfterUse) {
  std::string file;
  {
    Result<ScratchFolder> made = ScratchFolder::create();
    ASSERT_TRUE(made);
    ScratchFolder folder = std::move(*made);
    file = folder.file("a");
    std::ofstream(file) << "text";
    EXPECT_TRUE(std::filesystem::exists(file));
  }
  EXPECT_FALSE(std::filesystem::exists(file));
}
