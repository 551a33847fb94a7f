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
// The functions `spmmplu_cuda_*` are what a caller without a CUDA library of
// its own needs. They use the primary context of the device that is current on
// the thread, else of the first: their memory, streams and events are those of
// the CUDA runtime and its users. A stream is a CUstream (cudaStream_t), NULL
// the legacy default stream.
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
/// The same for one kind of device: "cpu", "cuda", or "auto", the first kernel
/// that this machine can run.
SPMMPLU_EXPORT int spmmplu_program_load_on(const char *path, const char *device,
                                           spmmplu_program **program);
/// "cpu" or "cuda".
SPMMPLU_EXPORT const char *
spmmplu_program_device(const spmmplu_program *program);
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

/// Runs the program on host memory, with copies where its device is a GPU.
/// Outputs are overwritten and must not overlap anything else; a program that
/// is refused leaves them unchanged. `threads` 0: OpenMP's default.
SPMMPLU_EXPORT int spmmplu_program_run(const spmmplu_program *program,
                                       const spmmplu_tensor *inputs,
                                       int64_t num_inputs,
                                       const spmmplu_tensor *outputs,
                                       int64_t num_outputs, int threads);

/// Runs the program, loaded for "cuda", on device memory (16-byte aligned),
/// ordered by `stream`: returns before it is done. Can be captured into a graph
/// after a first run outside of one.
SPMMPLU_EXPORT int spmmplu_program_run_on_device(const spmmplu_program *program,
                                                 const spmmplu_tensor *inputs,
                                                 int64_t num_inputs,
                                                 const spmmplu_tensor *outputs,
                                                 int64_t num_outputs,
                                                 void *stream);

/// Replaces the values of the manifest's matrix `name` by `dense`, [rows, cols]
/// in host memory of any float type, which is rounded to the matrix's.
/// Non-zeros must be where the package has them, and obey its N:M; the error
/// names the first row and column that do not. Not while the program runs.
SPMMPLU_EXPORT int spmmplu_program_set_matrix(spmmplu_program *program,
                                              const char *name,
                                              const spmmplu_tensor *dense);

/// Device memory; 256-byte aligned, NULL for zero bytes.
SPMMPLU_EXPORT int spmmplu_cuda_alloc(int64_t bytes, void **memory);
/// NULL is allowed.
SPMMPLU_EXPORT int spmmplu_cuda_free(void *memory);
/// Ordered by the stream. From pageable memory, which it has read when it
/// returns.
SPMMPLU_EXPORT int spmmplu_cuda_copy_to_device(void *to, const void *from,
                                               int64_t bytes, void *stream);
/// Has written `to` when it returns.
SPMMPLU_EXPORT int spmmplu_cuda_copy_to_host(void *to, const void *from,
                                             int64_t bytes, void *stream);
SPMMPLU_EXPORT int spmmplu_cuda_zero(void *to, int64_t bytes, void *stream);
/// Waits for the stream; fails where anything on it did.
SPMMPLU_EXPORT int spmmplu_cuda_synchronize(void *stream);
/// A stream that does not wait for the default stream.
SPMMPLU_EXPORT int spmmplu_cuda_stream_create(void **stream);
SPMMPLU_EXPORT int spmmplu_cuda_stream_destroy(void *stream);
/// A CUevent that takes times.
SPMMPLU_EXPORT int spmmplu_cuda_event_create(void **event);
SPMMPLU_EXPORT int spmmplu_cuda_event_destroy(void *event);
SPMMPLU_EXPORT int spmmplu_cuda_event_record(void *event, void *stream);
/// Waits for `end`; the time from `begin` to it.
SPMMPLU_EXPORT int spmmplu_cuda_elapsed_us(void *begin, void *end,
                                           double *microseconds);

/// What the GPU is; `name` is valid as long as the process.
typedef struct {
  const char *name;
  int32_t major, minor; ///< compute capability
  int32_t multiprocessors;
  int32_t max_clock_mhz, max_memory_clock_mhz;
  int32_t clock_mhz; ///< of the multiprocessors now, 0 where not known
  int64_t l2_bytes, memory_bytes;
} spmmplu_cuda_info;
SPMMPLU_EXPORT int spmmplu_cuda_describe(spmmplu_cuda_info *info);

#ifdef __cplusplus
}
#endif

#endif // SPMMPLU_C_RUNTIME_H
