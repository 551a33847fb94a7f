//===- Externals.cpp - What a kernel may call -----------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The fixed list of functions that an object's undefined symbols resolve to:
// what LLVM's code generation and MLIR's lowerings call. The list is compiled
// in, so what a kernel can name does not depend on what else is in the process.
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Runtime/CPU/ElfObject.h"
#include "spmmplu/Runtime/CUDA/Launch.h"
#include "spmmplu/Runtime/IO/Tensor.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <omp.h>

using namespace spmmplu;

// The OpenMP entry points that clang and MLIR's OpenMP translation call. Only
// their addresses are taken here, so no signature is needed.
#define SPMMPLU_KMPC_ENTRY_POINTS(X)                                           \
  X(__kmpc_fork_call)                                                          \
  X(__kmpc_fork_call_if)                                                       \
  X(__kmpc_global_thread_num)                                                  \
  X(__kmpc_global_num_threads)                                                 \
  X(__kmpc_bound_thread_num)                                                   \
  X(__kmpc_bound_num_threads)                                                  \
  X(__kmpc_in_parallel)                                                        \
  X(__kmpc_serialized_parallel)                                                \
  X(__kmpc_end_serialized_parallel)                                            \
  X(__kmpc_push_num_threads)                                                   \
  X(__kmpc_push_proc_bind)                                                     \
  X(__kmpc_for_static_init_4)                                                  \
  X(__kmpc_for_static_init_4u)                                                 \
  X(__kmpc_for_static_init_8)                                                  \
  X(__kmpc_for_static_init_8u)                                                 \
  X(__kmpc_for_static_fini)                                                    \
  X(__kmpc_dispatch_init_4)                                                    \
  X(__kmpc_dispatch_init_4u)                                                   \
  X(__kmpc_dispatch_init_8)                                                    \
  X(__kmpc_dispatch_init_8u)                                                   \
  X(__kmpc_dispatch_next_4)                                                    \
  X(__kmpc_dispatch_next_4u)                                                   \
  X(__kmpc_dispatch_next_8)                                                    \
  X(__kmpc_dispatch_next_8u)                                                   \
  X(__kmpc_dispatch_fini_4)                                                    \
  X(__kmpc_dispatch_fini_4u)                                                   \
  X(__kmpc_dispatch_fini_8)                                                    \
  X(__kmpc_dispatch_fini_8u)                                                   \
  X(__kmpc_dispatch_deinit)                                                    \
  X(__kmpc_barrier)                                                            \
  X(__kmpc_cancel_barrier)                                                     \
  X(__kmpc_flush)                                                              \
  X(__kmpc_critical)                                                           \
  X(__kmpc_critical_with_hint)                                                 \
  X(__kmpc_end_critical)                                                       \
  X(__kmpc_single)                                                             \
  X(__kmpc_end_single)                                                         \
  X(__kmpc_master)                                                             \
  X(__kmpc_end_master)                                                         \
  X(__kmpc_masked)                                                             \
  X(__kmpc_end_masked)                                                         \
  X(__kmpc_reduce)                                                             \
  X(__kmpc_reduce_nowait)                                                      \
  X(__kmpc_end_reduce)                                                         \
  X(__kmpc_end_reduce_nowait)

#define SPMMPLU_DECLARE(name) extern "C" void name();
SPMMPLU_KMPC_ENTRY_POINTS(SPMMPLU_DECLARE)
#undef SPMMPLU_DECLARE

// Conversions that LLVM calls where the processor has no instruction for them.
// A 16-bit float travels in the low half of an xmm register, which is where a
// `float` argument or result lies too: so these need no 16-bit type, which not
// every host compiler has.

static float lowHalf(uint16_t bits) {
  return std::bit_cast<float>(uint32_t(bits));
}

static float truncateToBf16(float value) { return lowHalf(floatToBf16(value)); }
static float truncateToF16(float value) { return lowHalf(floatToF16(value)); }
static float extendF16(float half) {
  return f16ToFloat(uint16_t(std::bit_cast<uint32_t>(half)));
}

namespace {

struct External {
  std::string_view name;
  void *address;
};

template <typename Function>
External entry(std::string_view name, Function *function) {
  return {name, reinterpret_cast<void *>(function)};
}

} // namespace

static std::vector<External> makeMathTable() {
  using F1 = float(float);
  using F2 = float(float, float);
  using F3 = float(float, float, float);
  using D1 = double(double);
  using D2 = double(double, double);
  using D3 = double(double, double, double);
// A function of <cmath> in both precisions; the type picks the overload.
#define SPMMPLU_MATH(name, arity)                                              \
  entry<F##arity>(#name "f", ::name##f), entry<D##arity>(#name, ::name)
  return {SPMMPLU_MATH(exp, 1),      SPMMPLU_MATH(exp2, 1),
          SPMMPLU_MATH(expm1, 1),    SPMMPLU_MATH(log, 1),
          SPMMPLU_MATH(log2, 1),     SPMMPLU_MATH(log10, 1),
          SPMMPLU_MATH(log1p, 1),    SPMMPLU_MATH(pow, 2),
          SPMMPLU_MATH(sqrt, 1),     SPMMPLU_MATH(cbrt, 1),
          SPMMPLU_MATH(sin, 1),      SPMMPLU_MATH(cos, 1),
          SPMMPLU_MATH(tan, 1),      SPMMPLU_MATH(atan, 1),
          SPMMPLU_MATH(atan2, 2),    SPMMPLU_MATH(tanh, 1),
          SPMMPLU_MATH(erf, 1),      SPMMPLU_MATH(erfc, 1),
          SPMMPLU_MATH(fma, 3),      SPMMPLU_MATH(fmod, 2),
          SPMMPLU_MATH(fmin, 2),     SPMMPLU_MATH(fmax, 2),
          SPMMPLU_MATH(floor, 1),    SPMMPLU_MATH(ceil, 1),
          SPMMPLU_MATH(trunc, 1),    SPMMPLU_MATH(round, 1),
          SPMMPLU_MATH(rint, 1),     SPMMPLU_MATH(nearbyint, 1),
          SPMMPLU_MATH(roundeven, 1)};
#undef SPMMPLU_MATH
}

static std::vector<External> makeTable() {
#define SPMMPLU_ENTRY(name) entry(#name, &::name),
  std::vector<External> table = {
      entry("memcpy", &::memcpy),
      entry("memmove", &::memmove),
      entry("memset", &::memset),
      entry<int(const void *, const void *, size_t)>("memcmp", ::memcmp),
      entry("malloc", &::malloc),
      entry("calloc", &::calloc),
      entry("aligned_alloc", &::aligned_alloc),
      entry("free", &::free),
      entry("abort", &::abort),
      entry("puts", &::puts),
      entry("__truncsfbf2", &truncateToBf16),
      entry("__truncsfhf2", &truncateToF16),
      entry("__extendhfsf2", &extendF16),
      SPMMPLU_ENTRY(omp_get_num_threads) SPMMPLU_ENTRY(omp_get_max_threads)
          SPMMPLU_ENTRY(omp_get_thread_num) SPMMPLU_ENTRY(omp_get_num_procs)
              SPMMPLU_ENTRY(omp_in_parallel)
                  SPMMPLU_KMPC_ENTRY_POINTS(SPMMPLU_ENTRY)};
#undef SPMMPLU_ENTRY
  std::vector<External> math = makeMathTable();
  table.insert(table.end(), math.begin(), math.end());
  for (const LaunchFunction &function : listLaunchFunctions())
    table.push_back({function.name, function.address});
  std::sort(
      table.begin(), table.end(),
      [](const External &a, const External &b) { return a.name < b.name; });
  return table;
}

void *spmmplu::findExternalSymbol(std::string_view name) {
  static const std::vector<External> table = makeTable();
  auto it = std::lower_bound(
      table.begin(), table.end(), name,
      [](const External &e, std::string_view key) { return e.name < key; });
  return it != table.end() && it->name == name ? it->address : nullptr;
}
