//===- Runtime.h - C interface of the runtime ---------------------*- C -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The runtime for C and for everything that can call C. A function that can
// fail returns 0 on success and -1 on failure; `spmmplu_last_error` then says
// why. Distinct programs may be used from different threads at once, and
// `spmmplu_program_run` on the same program too.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_C_RUNTIME_H
#define SPMMPLU_C_RUNTIME_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SPMMPLU_EXPORT __attribute__((visibility("default")))

/// A loaded package.
typedef struct spmmplu_program spmmplu_program;

/// What an input or output must be. Pointers are valid as long as the program.
typedef struct {
  const char *name;
  const char *dtype; ///< "F32", "BF16", ... as safetensors names them
  int64_t rank;
  const int64_t *shape;       ///< -1 where the extent is a symbol
  const char *const *symbols; ///< per axis, NULL where the extent is fixed
} spmmplu_tensor_info;

/// A row-major tensor in the caller's memory, aligned to its element size.
typedef struct {
  void *data; ///< not written to where the tensor is an input
  const char *dtype;
  int64_t rank;
  const int64_t *shape;
} spmmplu_tensor;

/// Why the last call on this thread failed: one line, never NULL, valid until
/// the next call on this thread.
SPMMPLU_EXPORT const char *spmmplu_last_error(void);

/// Opens the package `path` and loads its kernel. On success `*program` must be
/// freed; on failure it is NULL.
SPMMPLU_EXPORT int spmmplu_program_load(const char *path,
                                        spmmplu_program **program);
/// NULL is allowed.
SPMMPLU_EXPORT void spmmplu_program_free(spmmplu_program *program);

/// The manifest as JSON, valid as long as the program.
SPMMPLU_EXPORT const char *
spmmplu_program_manifest(const spmmplu_program *program);

SPMMPLU_EXPORT int64_t
spmmplu_program_num_inputs(const spmmplu_program *program);
SPMMPLU_EXPORT int64_t
spmmplu_program_num_outputs(const spmmplu_program *program);
SPMMPLU_EXPORT int spmmplu_program_input(const spmmplu_program *program,
                                         int64_t index,
                                         spmmplu_tensor_info *info);
SPMMPLU_EXPORT int spmmplu_program_output(const spmmplu_program *program,
                                          int64_t index,
                                          spmmplu_tensor_info *info);

/// The shape that output `index` has for these inputs, whose data may be NULL
/// here. `shape` has room for the output's rank.
SPMMPLU_EXPORT int spmmplu_program_output_shape(const spmmplu_program *program,
                                                const spmmplu_tensor *inputs,
                                                int64_t num_inputs,
                                                int64_t index, int64_t *shape);

/// Runs the program. Outputs are overwritten and must not overlap anything
/// else; on failure they are unchanged. `threads` 0: OpenMP's default.
SPMMPLU_EXPORT int spmmplu_program_run(const spmmplu_program *program,
                                       const spmmplu_tensor *inputs,
                                       int64_t num_inputs,
                                       const spmmplu_tensor *outputs,
                                       int64_t num_outputs, int threads);

#ifdef __cplusplus
}
#endif

#endif // SPMMPLU_C_RUNTIME_H
