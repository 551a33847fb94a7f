//===- Threads.cpp - The one OpenMP runtime of the process ----------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness/Threads.h"

#include <cstdlib>
#include <cstring>
#include <link.h>
#include <omp.h>

using namespace spmmplu::bench;

void spmmplu::bench::bindThreads() { setenv("OMP_PROC_BIND", "true", 0); }

void spmmplu::bench::setThreads(int threads) {
  omp_set_dynamic(0);
  omp_set_num_threads(threads);
}

void spmmplu::bench::parallelRegion(int threads,
                                    const std::function<void(int)> &body) {
  if (threads == 1)
    return body(0);
#pragma omp parallel num_threads(threads)
  body(omp_get_thread_num());
}

static int collectRuntime(dl_phdr_info *info, size_t, void *data) {
  const char *slash = std::strrchr(info->dlpi_name, '/');
  const char *file = slash ? slash + 1 : info->dlpi_name;
  for (const char *stem :
       {"libomp.so", "libomp5.so", "libiomp5.so", "libgomp.so"})
    if (std::strncmp(file, stem, std::strlen(stem)) == 0)
      static_cast<std::vector<std::string> *>(data)->push_back(info->dlpi_name);
  return 0;
}

std::vector<std::string> spmmplu::bench::loadedOpenMpRuntimes() {
  std::vector<std::string> paths;
  dl_iterate_phdr(collectRuntime, &paths);
  return paths;
}
