//===- File.cpp - Bounded reads, maps and atomic writes -------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Runtime/IO/File.h"
#include "Message.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <limits>
#include <sys/mman.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace spmmplu {

/// The system's text for `code`, in lower case as our messages are.
static std::string systemError(int code) {
  std::string text = std::generic_category().message(code);
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z')
    text[0] = char(text[0] - 'A' + 'a');
  return text;
}

/// Reads `errno`: call it before anything else can change that.
static Error failure(const std::string &path, std::string_view what) {
  int code = errno;
  return io::makeError(path, ": ", what, ": ", systemError(code));
}

namespace {
/// Closes on destruction.
struct Descriptor {
  explicit Descriptor(int value) : value(value) {}
  Descriptor(const Descriptor &) = delete;
  ~Descriptor() {
    if (value >= 0)
      ::close(value);
  }
  int value;
};
} // namespace

Result<std::string> readFile(const std::string &path, int64_t maxBytes) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.value < 0)
    return failure(path, "cannot open");
  // The size that the system reports is only a hint: pipes have none and files
  // grow. One byte over the limit tells that the file is too long.
  constexpr int64_t chunk = 1 << 20;
  maxBytes = std::min(maxBytes, std::numeric_limits<int64_t>::max() / 2);
  struct stat info;
  bool regular = ::fstat(file.value, &info) == 0 && S_ISREG(info.st_mode);
  int64_t hint = regular ? int64_t(info.st_size) : 0;
  if (hint > maxBytes)
    return io::makeError(path, ": ", hint, " bytes, expected at most ",
                         maxBytes);
  std::string contents;
  int64_t size = 0;
  for (;;) {
    int64_t room = std::max(hint + 1 - size, std::max(size, chunk));
    room = std::min(room, maxBytes - size + 1);
    contents.resize(size_t(size + room));
    ssize_t got = ::read(file.value, contents.data() + size, size_t(room));
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return failure(path, "cannot read");
    size += got;
    if (size > maxBytes)
      return io::makeError(path, ": more than ", maxBytes,
                           " bytes, expected at most that");
    if (got == 0)
      break;
  }
  contents.resize(size_t(size));
  return contents;
}

static Status writeAll(int file, const std::string &path,
                       std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    ssize_t count = ::write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return failure(path, "cannot write");
    bytes = bytes.subspan(size_t(count));
  }
  return Success{};
}

/// Creates a file beside `path`, with the permissions that `path` would get.
static Result<std::pair<int, std::string>>
createTemporary(const std::string &path) {
  static std::atomic<unsigned> counter = 0;
  for (int attempt = 0; attempt < 100; ++attempt) {
    std::string name = path + ".tmp-" + std::to_string(::getpid()) + "-" +
                       std::to_string(counter++);
    int file =
        ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file >= 0)
      return std::pair(file, std::move(name));
    if (errno != EEXIST) // else left behind by a killed process of this id
      break;
  }
  return failure(path, "cannot create a temporary file beside it");
}

static Status
writeAndRename(int file, const std::string &temporary, const std::string &path,
               std::span<const std::span<const std::byte>> pieces) {
  for (std::span<const std::byte> piece : pieces)
    if (Status status = writeAll(file, path, piece); !status)
      return status;
  // Before the rename: else a power cut could leave the name without the data.
  if (::fsync(file) != 0)
    return failure(path, "cannot write");
  if (std::rename(temporary.c_str(), path.c_str()) != 0)
    return failure(path, "cannot rename its temporary file");
  return Success{};
}

Status writeFileAtomically(const std::string &path,
                           std::span<const std::span<const std::byte>> pieces) {
  // A rename would replace a device by a file.
  struct stat info;
  if (::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode))
    return io::makeError(path, ": not a regular file");
  Result<std::pair<int, std::string>> temporary = createTemporary(path);
  if (!temporary)
    return Error{temporary.error()};
  Descriptor file(temporary->first);
  Status status = writeAndRename(file.value, temporary->second, path, pieces);
  if (!status)
    ::unlink(temporary->second.c_str());
  return status;
}

Status writeFileAtomically(const std::string &path, std::string_view contents) {
  std::span<const std::byte> piece = std::as_bytes(std::span(contents));
  return writeFileAtomically(path, {&piece, 1});
}

Result<MappedFile> MappedFile::open(const std::string &path) {
  // Not blocking: opening a pipe would wait for a writer.
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.value < 0)
    return failure(path, "cannot open");
  struct stat info;
  if (::fstat(file.value, &info) != 0)
    return failure(path, "cannot read");
  if (!S_ISREG(info.st_mode))
    return io::makeError(path, ": not a regular file");
  MappedFile result;
  size_t size = size_t(info.st_size);
  if (size == 0) // which mmap refuses
    return result;
  void *memory = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.value, 0);
  if (memory == MAP_FAILED)
    return failure(path, "cannot map");
  result.mapping = {static_cast<const std::byte *>(memory), size};
  return result;
}

MappedFile &MappedFile::operator=(MappedFile &&other) noexcept {
  std::swap(mapping, other.mapping); // `other` unmaps what this held
  return *this;
}

MappedFile::~MappedFile() {
  if (!mapping.empty())
    ::munmap(const_cast<std::byte *>(mapping.data()), mapping.size());
}

} // namespace spmmplu
