//===- Process.cpp - Other programs and files for them --------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness/Process.h"

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace spmmplu;
using namespace spmmplu::bench;

static constexpr rlim_t kCpuSeconds = 600;
static constexpr size_t kMaxErrorBytes = 64 << 10;

/// In the child, where nothing may be allocated: threads of the parent may have
/// held the allocator's locks.
[[noreturn]] static void becomeProgram(char *const *arguments, int errors) {
  rlimit limit{kCpuSeconds, kCpuSeconds};
  setrlimit(RLIMIT_CPU, &limit);
  int nothing = open("/dev/null", O_RDWR);
  dup2(nothing, STDIN_FILENO);
  dup2(nothing, STDOUT_FILENO);
  dup2(errors, STDERR_FILENO);
  execv(arguments[0], arguments);
  const char *reason = std::strerror(errno);
  (void)!write(STDERR_FILENO, reason, std::strlen(reason));
  _exit(127);
}

/// Reads until the other end is closed; what exceeds the limit is dropped.
static std::string readAll(int file) {
  std::string text;
  char buffer[4096];
  for (;;) {
    ssize_t count = read(file, buffer, sizeof(buffer));
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return text;
    text.append(buffer, std::min(size_t(count), kMaxErrorBytes - text.size()));
  }
}

Result<ProcessResult>
spmmplu::bench::runProcess(const std::vector<std::string> &arguments) {
  std::vector<char *> pointers;
  for (const std::string &argument : arguments)
    pointers.push_back(const_cast<char *>(argument.c_str()));
  pointers.push_back(nullptr);
  auto error = [&](const char *what) {
    return Error{arguments[0] + ": " + what + ": " + std::strerror(errno)};
  };
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    return error("no pipe");
  auto start = std::chrono::steady_clock::now();
  // Not vfork: then the peak would count the largest resident set that this
  // process ever had.
  pid_t child = fork();
  if (child == 0)
    becomeProgram(pointers.data(), ends[1]);
  close(ends[1]);
  if (child < 0) {
    close(ends[0]);
    return error("cannot be started");
  }
  ProcessResult result;
  result.errors = readAll(ends[0]);
  close(ends[0]);
  int status = 0;
  rusage usage{};
  while (wait4(child, &status, 0, &usage) < 0)
    if (errno != EINTR)
      return error("lost");
  auto end = std::chrono::steady_clock::now();
  result.seconds = std::chrono::duration<double>(end - start).count();
  result.exitCode =
      WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  result.peakBytes = int64_t(usage.ru_maxrss) * 1024;
  return result;
}

Result<ProcessResult>
spmmplu::bench::runChecked(const std::vector<std::string> &arguments) {
  Result<ProcessResult> result = runProcess(arguments);
  if (!result || result->exitCode == 0)
    return result;
  std::string line = result->errors.substr(0, result->errors.find('\n'));
  if (line.empty())
    line = "no message";
  return Error{arguments[0].substr(arguments[0].rfind('/') + 1) +
               ": exit code " + std::to_string(result->exitCode) + ": " + line};
}

std::string spmmplu::bench::besideThisProgram(const std::string &name) {
  char path[4096];
  ssize_t length = readlink("/proc/self/exe", path, sizeof(path));
  std::string self(path, length > 0 ? size_t(length) : 0);
  return self.substr(0, self.rfind('/') + 1) + name;
}

Result<ScratchFolder> ScratchFolder::create() {
  const char *parent = std::getenv("TMPDIR");
  std::string path =
      std::string(parent && *parent ? parent : "/tmp") + "/spmmplu-XXXXXX";
  if (!mkdtemp(path.data()))
    return Error{path + ": cannot be created: " + std::strerror(errno)};
  return ScratchFolder(std::move(path));
}

ScratchFolder::ScratchFolder(ScratchFolder &&other) noexcept
    : path(std::move(other.path)) {
  other.path.clear();
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  if (!path.empty())
    std::filesystem::remove_all(path, ignored);
}
