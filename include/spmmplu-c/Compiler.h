//===- Compiler.h - C interface of the compiler -------------------*- C -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Pruning, permutation and compilation for C and for everything that can call
// C. A function that can fail returns 0 on success and -1 on failure;
// `spmmplu_compiler_error` then says why. Calls may come from different threads
// at once. Packages are run by the library of Runtime.h, which has no LLVM.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_C_COMPILER_H
#define SPMMPLU_C_COMPILER_H

#include "spmmplu-c/Runtime.h" /* spmmplu_tensor, SPMMPLU_EXPORT */

#ifdef __cplusplus
extern "C" {
#endif

/// Why the last call on this thread failed: one line, never NULL, valid until
/// the next call on this thread.
SPMMPLU_EXPORT const char *spmmplu_compiler_error(void);

/// Weights that were pruned, and what goes with them.
typedef struct spmmplu_pruned spmmplu_pruned;

typedef struct {
  const char *pattern; ///< e.g. "hinm<v=64,vector=0.5,2:4>"
  const char *permute; ///< NULL or "none", "output", "input", "both"
  uint64_t seed;
  int threads; ///< 0: what the machine has; changes the time only
  /// Called with the part that is done, never by two threads at once; NULL: not
  /// called.
  void (*progress)(double fraction, void *data);
  void *progress_data;
} spmmplu_prune_options;

/// Parts of the saliency, 0 to 1, but for the first three and the last two.
typedef struct {
  int64_t rows, cols;
  double density;        ///< of the mask
  double unpermuted;     ///< kept without a permutation
  double rows_permuted;  ///< with that of the output channels alone
  double retained;       ///< kept
  double unstructured;   ///< kept by an unstructured mask of the same density
  double relative_error; ///< Frobenius norm of what goes over that of all
  double seconds;
} spmmplu_prune_report;

/// Prunes `weights` (rank 2 or more, any float type or I8). `saliency`, of the
/// same shape and any float type, says what each is worth; NULL: its magnitude.
/// On success `*pruned` must be freed; on failure it is NULL.
SPMMPLU_EXPORT int spmmplu_prune(const spmmplu_tensor *weights,
                                 const spmmplu_tensor *saliency,
                                 const spmmplu_prune_options *options,
                                 spmmplu_pruned **pruned);
/// NULL is allowed.
SPMMPLU_EXPORT void spmmplu_pruned_free(spmmplu_pruned *pruned);
SPMMPLU_EXPORT void spmmplu_pruned_report(const spmmplu_pruned *pruned,
                                          spmmplu_prune_report *report);
/// One of "weights", "mask", "row_order", "columns", "values", "indices" (see
/// docs/pruning.md), valid as long as `pruned`. What the pattern or the
/// permutation does not have gets NULL data and rank 0.
SPMMPLU_EXPORT int spmmplu_pruned_tensor(const spmmplu_pruned *pruned,
                                         const char *name,
                                         spmmplu_tensor *tensor);

/// A field that is 0 or NULL is the tool's default.
typedef struct {
  /// What the weights must obey; NULL or "auto": found in their zeros.
  const char *pattern;
  /// The order in which they do, as I32: of `spmmplu_pruned_tensor`; or NULL.
  const spmmplu_tensor *row_order, *columns;
  const char *target;    ///< as --target
  int64_t cols;          ///< of the dense operand; 0: any number
  int threads;           ///< 0: the target's cores
  const char *out_dtype; ///< "F32", ...
  const char *strategy;  ///< as --strategy
  int force_sparse;      ///< do not choose dense
} spmmplu_compile_options;

/// Compiles Y = W X for constant weights [M, K] of F64, F32, F16 or BF16 into
/// the package `path`. `explanation`, if not NULL, is set to what
/// sparse-compile
/// --explain prints, valid until the next call on this thread.
SPMMPLU_EXPORT int spmmplu_compile(const spmmplu_tensor *weights,
                                   const spmmplu_compile_options *options,
                                   const char *path, const char **explanation);

/// Compiles a program, the text of an MLIR module. Of the options the pattern,
/// the orders, `cols` and `out_dtype` must not be set.
SPMMPLU_EXPORT int
spmmplu_compile_program(const char *text,
                        const spmmplu_compile_options *options,
                        const char *path, const char **explanation);

#ifdef __cplusplus
}
#endif

#endif // SPMMPLU_C_COMPILER_H
