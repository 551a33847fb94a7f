//===- FileTest.cpp - Bounded reads and atomic writes ---------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Runtime/IO/File.h"
#include "TestFiles.h"

#include <csignal>
#include <limits>
#include <sys/resource.h>
#include <sys/stat.h>
#include <thread>

using namespace spmmplu;
using namespace spmmplu::test;

namespace {

class FileTest : public TempDirTest {};

TEST_F(FileTest, ReadsWithinTheLimit) {
  std::string text(3'000'000, 'x');
  std::string path = write("file", text);
  Result<std::string> read = readFile(path, int64_t(text.size()));
  ASSERT_OK(read);
  EXPECT_EQ(*read, text);
  EXPECT_TRUE(failsWith(readFile(path, int64_t(text.size()) - 1),
                        path + ": 3000000 bytes, expected at most 2999999"));
  EXPECT_OK(readFile(path, std::numeric_limits<int64_t>::max()));
  EXPECT_EQ(*readFile(write("empty", ""), 0), "");
}

TEST_F(FileTest, ReadsAPipe) {
  std::string path = pathOf("pipe");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  std::string text(200'000, 'y');
  std::thread writer([&] { std::ofstream(path) << text; });
  Result<std::string> read = readFile(path, 1 << 20);
  writer.join();
  ASSERT_OK(read);
  EXPECT_EQ(*read, text);
  EXPECT_TRUE(failsWith(MappedFile::open(path), "not a regular file"));
}

TEST_F(FileTest, ErrorsStartWithThePath) {
  std::string missing = pathOf("missing");
  EXPECT_TRUE(failsWith(readFile(missing, 10),
                        missing + ": cannot open: no such file"));
  EXPECT_TRUE(failsWith(MappedFile::open(missing), missing + ": cannot open"));
  EXPECT_TRUE(failsWith(readFile(directory, 10), "is a directory"));
  EXPECT_TRUE(failsWith(MappedFile::open(directory), "not a regular file"));
}

TEST_F(FileTest, Maps) {
  Result<MappedFile> file = MappedFile::open(write("file", "hello"));
  ASSERT_OK(file);
  EXPECT_EQ(file->text(), "hello");
  MappedFile moved = std::move(*file);
  EXPECT_EQ(moved.text(), "hello");
  EXPECT_TRUE(file->bytes().empty());
  Result<MappedFile> empty = MappedFile::open(write("empty", ""));
  ASSERT_OK(empty);
  EXPECT_TRUE(empty->bytes().empty());
}

TEST_F(FileTest, WritesAndReplaces) {
  std::string path = pathOf("out");
  ASSERT_OK(writeFileAtomically(path, "first, longer"));
  std::span<const std::byte> pieces[] = {bytesOf("sec"), {}, bytesOf("ond")};
  ASSERT_OK(writeFileAtomically(path, pieces));
  EXPECT_EQ(contents(path), "second");
  EXPECT_EQ(fileCount(), 1u);
}

TEST_F(FileTest, FailureLeavesNothing) {
  EXPECT_TRUE(failsWith(writeFileAtomically(pathOf("none/out"), "text"),
                        pathOf("none/out") + ": cannot create"));
  EXPECT_TRUE(
      failsWith(writeFileAtomically(directory, "text"), "not a regular file"));
  EXPECT_TRUE(failsWith(writeFileAtomically("/dev/null", "text"),
                        "not a regular file"));
  EXPECT_EQ(fileCount(), 0u);
}

/// A full disk, played by the limit on file sizes.
TEST_F(FileTest, FailedWriteKeepsTheOldFile) {
  std::string path = write("out", "old");
  rlimit before;
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit small = {1000, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  Status status = writeFileAtomically(path, std::string(5000, 'n'));
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_TRUE(failsWith(status, path + ": cannot write: file too large"));
  EXPECT_EQ(contents(path), "old");
  EXPECT_EQ(fileCount(), 1u);
}

} // namespace
