/*===- Launches.c - Host code of a GPU program for tests ------------------===*\
|*                                                                            *|
|* Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.       *|
|* See LICENSE for license information.                                       *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

/* What the compiler makes of a host function, plainly. args: x [4, n] and out
   [4, n], f32, and constants that differ. All data is on the device: only
   sizes are read here. */

#include <stdint.h>

typedef struct {
  void *allocated, *aligned;
  int64_t offset, sizes[2], strides[2];
} Memref2;

void spmmplu_launch(const char *kernel, const int64_t grid[3],
                    const int64_t block[3], int64_t shared_bytes,
                    void **arguments, int64_t count);
void spmmplu_launch_early(const char *kernel, const int64_t grid[3],
                          const int64_t block[3], int64_t shared_bytes,
                          void **arguments, int64_t count);
void *spmmplu_tensor_map(int32_t element, int64_t base, int64_t rows,
                         int64_t cols, int64_t stride, int64_t box_rows,
                         int64_t box_cols);
void *spmmplu_device_alloc(int64_t bytes);
void spmmplu_device_free(void *memory);
void spmmplu_device_copy(void *to, const void *from, int64_t bytes);
void spmmplu_device_zero(void *to, int64_t bytes);
void *spmmplu_scratch(int64_t bytes);

enum { elementF32 = 1 };

/* out = x + c, row by row, by way of a copy of x; c [4] f32. */
void add_main(void **args) {
  const Memref2 *x = args[0], *out = args[1], *c = args[2];
  int64_t n = x->sizes[1], bytes = x->sizes[0] * n * 4;
  void *copy = spmmplu_device_alloc(bytes), *y = out->aligned;
  void *counters = spmmplu_scratch(64);
  spmmplu_device_copy(copy, x->aligned, bytes);
  spmmplu_device_zero(y, bytes);
  void *map = spmmplu_tensor_map(elementF32, (int64_t)x->aligned, x->sizes[0],
                                 n, x->strides[0], 4, 32);
  const void *constants = c->aligned;
  int64_t grid[3] = {n, 2, 1}, block[3] = {128, 1, 1};
  void *arguments[] = {&copy, &y, &constants, &n, map, &counters};
  spmmplu_launch("add", grid, block, 100000, arguments, 6);
  spmmplu_device_free(copy);
}

/* Launches what the device cannot: the sizes come from n. */
void large_main(void **args) {
  const Memref2 *x = args[0];
  int64_t n = x->sizes[1];
  int64_t grid[3] = {1, n == 4 ? 65536 : 1, 1};
  int64_t block[3] = {n == 8 ? 1024 : 32, 1, 1};
  void *unused = x->aligned, *arguments[] = {&unused};
  void *kept = spmmplu_device_alloc(n == 16 ? (int64_t)1 << 40 : 256);
  spmmplu_launch(n == 20 ? "missing" : "add", grid, block, n == 12 ? 300000 : 0,
                 arguments, 1);
  spmmplu_device_zero(kept, 256);
}

/* A kernel that waits for the one before it itself. */
void early_main(void **args) {
  int64_t grid[3] = {3, 2, 1}, block[3] = {64, 1, 1};
  spmmplu_launch_early("add", grid, block, 60000, args, 1);
}

/* A grid without blocks. */
void empty_main(void **args) {
  int64_t grid[3] = {0, 1, 1}, block[3] = {32, 1, 1};
  spmmplu_launch("add", grid, block, 0, args, 1);
}
