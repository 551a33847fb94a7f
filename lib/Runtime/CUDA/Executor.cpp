//===- Executor.cpp - Calls the GPU kernels of a package ------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Runtime/CUDA/Executor.h"

#include "spmmplu/Runtime/CUDA/Launch.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>

using namespace spmmplu;
using namespace spmmplu::cuda;

/// Tensor maps that are remembered. A program has a few an input, and callers
/// use few buffers in turn.
static constexpr size_t mostTensorMaps = 256;

//===----------------------------------------------------------------------===//
// Loading
//===----------------------------------------------------------------------===//

/// Whether the headers of the ELF file `image` stay inside of it. The driver
/// is given no size.
static bool isCompleteElf(const std::string &image) {
  auto read = [&](size_t offset, size_t width) {
    uint64_t value = 0;
    if (offset <= image.size() && width <= image.size() - offset)
      std::memcpy(&value, image.data() + offset, width);
    return value;
  };
  constexpr size_t headerBytes = 64, sectionBytes = 64, noBits = 8;
  constexpr uint64_t cudaMachine = 190;
  if (image.size() < headerBytes || image.compare(0, 5, "\177ELF\2") != 0 ||
      read(18, 2) != cudaMachine)
    return false;
  auto fits = [&](uint64_t offset, uint64_t size) {
    return offset <= image.size() && size <= image.size() - offset;
  };
  uint64_t table = read(40, 8), count = read(60, 2);
  if (read(58, 2) != sectionBytes || !fits(table, count * sectionBytes) ||
      !fits(read(32, 8), read(56, 2) * read(54, 2)))
    return false;
  for (uint64_t i = 0; i < count; ++i) {
    size_t section = table + i * sectionBytes;
    if (read(section + 4, 4) != noBits &&
        !fits(read(section + 24, 8), read(section + 32, 8)))
      return false;
  }
  return true;
}

static const char *toText(DeviceCodeFormat format) {
  return format == DeviceCodeFormat::cubin ? "cubin" : "ptx";
}

/// The first line that says something, of a compiler's log.
static std::string firstLine(const char *log) {
  std::string text(log);
  size_t begin = text.find_first_not_of(" \n\r\t");
  if (begin == std::string::npos)
    return "";
  return text.substr(begin, text.find('\n', begin) - begin);
}

/// Kernels made for older chips have nothing to wait with. The environment can
/// forbid it, for debugging and to time kernels one by one.
static bool allowsEarlyLaunch(const std::string &chip) {
  constexpr int first = 90;
  int number = 0;
  const char *isSerial = std::getenv("SPMMPLU_SERIAL_LAUNCHES");
  return std::sscanf(chip.c_str(), "sm_%d", &number) == 1 && number >= first &&
         !(isSerial && *isSerial);
}

Status CudaExecutor::loadModule(const DeviceCode &code) {
  // A copy: PTX has to end with a zero, and a cubin to be aligned.
  std::string image(reinterpret_cast<const char *>(code.bytes.data()),
                    code.bytes.size());
  std::string label =
      std::string(toText(code.format)) + " for " + code.chip + ": ";
  if (code.format == DeviceCodeFormat::cubin && !isCompleteElf(image))
    return Error{label + "is no complete elf file for a GPU"};
  std::vector<char> log(16 << 10);
  int options[] = {jitErrorLog, jitErrorLogBytes};
  void *values[] = {log.data(), reinterpret_cast<void *>(log.size() - 1)};
  CudaDevice::Scope scope(owner);
  Status status = owner.driver().check(
      owner.api().moduleLoadDataEx(&module, image.c_str(), 2, options, values),
      "cuModuleLoadDataEx");
  if (!status) {
    std::string line = firstLine(log.data());
    return Error{label + status.error() + (line.empty() ? "" : ": " + line)};
  }
  loadedChip = code.chip;
  loadedFormat = code.format;
  canBeginEarly = allowsEarlyLaunch(code.chip);
  return status;
}

Result<std::unique_ptr<CudaExecutor>>
CudaExecutor::create(const CudaDevice &device, std::span<const DeviceCode> code,
                     CpuExecutor host) {
  const CudaProperties &facts = device.properties();
  std::unique_ptr<CudaExecutor> executor(
      new CudaExecutor(device, std::move(host)));
  std::string reason;
  for (DeviceCodeFormat format :
       {DeviceCodeFormat::cubin, DeviceCodeFormat::ptx})
    for (const DeviceCode &candidate : code) {
      if (candidate.format != format ||
          !runsOn(candidate.chip, format, facts.major, facts.minor))
        continue;
      Status status = executor->loadModule(candidate);
      if (status)
        return executor;
      reason = status.error();
    }
  if (!reason.empty())
    return Error{reason};
  std::string chips;
  for (const DeviceCode &candidate : code)
    chips += (chips.empty() ? "" : ", ") + candidate.chip + " (" +
             toText(candidate.format) + ")";
  return Error{facts.name + " is " + facts.architecture() +
               ", the package has code for " + chips};
}

CudaExecutor::~CudaExecutor() {
  if (!module)
    return;
  CudaDevice::Scope scope(owner);
  owner.api().moduleUnload(module);
}

//===----------------------------------------------------------------------===//
// Launching
//===----------------------------------------------------------------------===//

Status CudaExecutor::call(std::span<const KernelArgument> arguments,
                          Stream stream) const {
  CudaDevice::Scope scope(owner);
  CudaLaunch launch(*this, stream);
  host.call(arguments, /*threads=*/0);
  return launch.finish();
}

Result<CudaExecutor::Kernel>
CudaExecutor::findKernel(const char *name, int64_t sharedBytes) const {
  const Api &api = owner.api();
  auto check = [&](Code code, const char *call) -> Status {
    Status status = owner.driver().check(code, call);
    return status
               ? status
               : Error{"kernel '" + std::string(name) + "': " + status.error()};
  };
  std::lock_guard lock(mutex);
  auto it = kernels.find(name);
  if (it == kernels.end()) {
    Kernel kernel;
    Status status = check(api.moduleGetFunction(&kernel.function, module, name),
                          "cuModuleGetFunction");
    if (status)
      status = check(api.funcGetAttribute(&kernel.maxThreads,
                                          functionMaxThreads, kernel.function),
                     "cuFuncGetAttribute");
    if (status)
      status = check(api.funcGetAttribute(&kernel.staticSharedBytes,
                                          functionSharedBytes, kernel.function),
                     "cuFuncGetAttribute");
    if (!status)
      return Error{status.error()};
    it = kernels.emplace(name, kernel).first;
  }
  Kernel &kernel = it->second;
  int64_t most = owner.properties().sharedBytes - kernel.staticSharedBytes;
  if (sharedBytes > kernel.dynamicSharedBytes && sharedBytes <= most) {
    if (Status status = check(
            api.funcSetAttribute(kernel.function, functionMaxDynamicSharedBytes,
                                 int(sharedBytes)),
            "cuFuncSetAttribute");
        !status)
      return Error{status.error()};
    kernel.dynamicSharedBytes = int(sharedBytes);
  }
  return kernel;
}

static std::string atMost(const std::string &found, int64_t most,
                          const CudaProperties &facts) {
  return "found " + found + ", expected at most " + std::to_string(most) +
         " on " + facts.name;
}

Status CudaExecutor::checkLaunch(const Kernel &kernel, const int64_t grid[3],
                                 const int64_t block[3],
                                 int64_t sharedBytes) const {
  const CudaProperties &facts = owner.properties();
  for (int axis = 0; axis < 3; ++axis)
    if (grid[axis] < 0 || grid[axis] > facts.maxGrid[axis])
      return Error{atMost(std::to_string(grid[axis]) + " blocks along axis " +
                              std::to_string(axis),
                          facts.maxGrid[axis], facts)};
  int64_t threads = 1, most = std::min(kernel.maxThreads, facts.maxThreads);
  for (int axis = 0; axis < 3; ++axis) {
    // Bounded factors, so that the product is exact.
    if (block[axis] < 1 || block[axis] > most)
      return Error{atMost(std::to_string(block[axis]) + " threads along axis " +
                              std::to_string(axis) + " of a block",
                          most, facts)};
    threads *= block[axis];
  }
  if (threads > most)
    return Error{
        atMost(std::to_string(threads) + " threads a block", most, facts)};
  int64_t dynamic = facts.sharedBytes - kernel.staticSharedBytes;
  if (sharedBytes < 0 || sharedBytes > dynamic)
    return Error{
        atMost(std::to_string(sharedBytes) + " bytes of shared memory a block",
               dynamic, facts)};
  return Success{};
}

Status CudaExecutor::launch(const char *name, const int64_t grid[3],
                            const int64_t block[3], int64_t sharedBytes,
                            void **arguments, Stream stream,
                            bool waitsItself) const {
  // Nothing to compute, which CUDA calls an error.
  if (grid[0] == 0 || grid[1] == 0 || grid[2] == 0)
    return Success{};
  Result<Kernel> kernel = findKernel(name, sharedBytes);
  if (!kernel)
    return Error{kernel.error()};
  Status status = checkLaunch(*kernel, grid, block, sharedBytes);
  if (status && waitsItself && canBeginEarly) {
    LaunchAttribute early;
    early.id = launchProgrammatic;
    early.value = 1;
    LaunchConfig config{
        {unsigned(grid[0]), unsigned(grid[1]), unsigned(grid[2])},
        {unsigned(block[0]), unsigned(block[1]), unsigned(block[2])},
        unsigned(sharedBytes),
        stream,
        &early,
        1};
    status =
        owner.driver().check(owner.api().launchKernelEx(
                                 &config, kernel->function, arguments, nullptr),
                             "cuLaunchKernelEx");
  } else if (status) {
    status = owner.driver().check(
        owner.api().launchKernel(kernel->function, unsigned(grid[0]),
                                 unsigned(grid[1]), unsigned(grid[2]),
                                 unsigned(block[0]), unsigned(block[1]),
                                 unsigned(block[2]), unsigned(sharedBytes),
                                 stream, arguments, nullptr),
        "cuLaunchKernel");
  }
  if (!status)
    return Error{"kernel '" + std::string(name) + "': " + status.error()};
  return status;
}

//===----------------------------------------------------------------------===//
// Tensor maps
//===----------------------------------------------------------------------===//

static std::string toText(const TensorMapKey &key) {
  auto pair = [](int64_t a, int64_t b) {
    return std::to_string(a) + "x" + std::to_string(b);
  };
  return "tensor map of " + pair(key.rows, key.cols) + ", stride " +
         std::to_string(key.stride) + ", box " +
         pair(key.boxRows, key.boxCols) + ": ";
}

static std::optional<TensorMapElement> toElement(DType dtype) {
  switch (dtype) {
  case DType::F16:
    return TensorMapElement::f16;
  case DType::BF16:
    return TensorMapElement::bf16;
  case DType::F32:
    return TensorMapElement::f32;
  default:
    return std::nullopt;
  }
}

Result<TensorMap> CudaExecutor::encode(const TensorMapKey &key) const {
  std::optional<TensorMapElement> element = toElement(key.element);
  if (!element)
    return Error{toText(key) + "found element type " +
                 std::to_string(int(key.element)) +
                 ", expected that of F16, BF16 or F32"};
  int64_t width = byteWidth(key.element);
  constexpr int64_t most = int64_t(1) << 32, mostBox = 256;
  if (key.rows < 0 || key.cols < 0 || key.rows > most || key.cols > most ||
      key.boxRows < 1 || key.boxRows > mostBox || key.boxCols < 1 ||
      key.boxCols > mostBox)
    return Error{toText(key) + "expected extents of 0 to 2^32 and boxes of 1 "
                               "to 256"};
  if (key.stride < key.cols || key.stride > most || key.stride * width % 16 ||
      key.base % 16)
    return Error{toText(key) + "found a base at " +
                 std::to_string(key.base % 16) + " modulo 16 bytes and rows " +
                 std::to_string(key.stride * width) +
                 " bytes apart, expected multiples of 16"};
  TensorMap map{};
  // Nothing can be read from an empty matrix; the driver takes none.
  if (key.rows == 0 || key.cols == 0)
    return map;
  uint64_t extents[] = {uint64_t(key.cols), uint64_t(key.rows)};
  uint64_t strides[] = {uint64_t(key.stride * width)};
  uint32_t box[] = {uint32_t(key.boxCols), uint32_t(key.boxRows)};
  uint32_t elementStrides[] = {1, 1};
  Status status = owner.driver().check(
      owner.api().tensorMapEncodeTiled(
          &map, int(*element), /*rank=*/2, reinterpret_cast<void *>(key.base),
          extents, strides, box, elementStrides, /*interleave=*/0,
          swizzle128Bytes, promoteTo256Bytes,
          /*fill=*/0),
      "cuTensorMapEncodeTiled");
  if (!status)
    return Error{toText(key) + status.error()};
  return map;
}

Result<TensorMap> CudaExecutor::tensorMap(const TensorMapKey &key) const {
  std::lock_guard lock(mutex);
  auto it = tensorMaps.find(key);
  if (it != tensorMaps.end())
    return it->second;
  Result<TensorMap> map = encode(key);
  if (!map)
    return map;
  if (tensorMaps.size() >= mostTensorMaps)
    tensorMaps.clear();
  tensorMaps.emplace(key, *map);
  return map;
}

//===----------------------------------------------------------------------===//
// Scratch memory
//===----------------------------------------------------------------------===//

Result<DevicePointer> CudaExecutor::scratch(size_t bytes) const {
  constexpr size_t least = 64 << 10;
  std::lock_guard lock(mutex);
  if (bytes > scratchBytes) {
    size_t wanted = std::max({bytes, 2 * scratchBytes, least});
    auto buffer = CudaBuffer::allocate(owner, wanted);
    if (!buffer)
      return Error{buffer.error()};
    Status status = owner.zero(buffer->address(), wanted, nullptr);
    // Other streams may use it at once.
    if (status)
      status = owner.synchronize(nullptr);
    if (!status)
      return Error{status.error()};
    scratchBuffers.push_back(std::move(*buffer));
    scratchBytes = wanted;
  }
  return scratchBuffers.back().address();
}
