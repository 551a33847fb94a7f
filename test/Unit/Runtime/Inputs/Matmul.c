/*===- Matmul.c - A kernel for the tests of the runtime -------------------===*\
|*                                                                            *|
|* Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.       *|
|* See LICENSE for license information.                                       *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

/* What the compiler's kernels do, plainly: out = W rhs over the chain tables of
   W. Panel and depth come from the shapes of the tables, so that one object
   serves all tests, and prove that descriptors arrive as documented. */

#include <stdint.h>
#include <string.h>

typedef struct {
  void *allocated, *aligned;
  int64_t offset, sizes[1], strides[1];
} Memref1;
typedef struct {
  void *allocated, *aligned;
  int64_t offset, sizes[2], strides[2];
} Memref2;
typedef struct {
  void *allocated, *aligned;
  int64_t offset, sizes[3], strides[3];
} Memref3;

/* args: rhs [cols, n], out [rows, n], panelRows [panels, panel], chainPtr
   [panels + 1], entries [E], values [E, depth, panel] (kMajor), one phase. */
void spmmplu_main(void **args) {
  const Memref2 *rhs = args[0], *out = args[1], *panelRows = args[2];
  const Memref1 *chainPtr = args[3], *entries = args[4];
  const Memref3 *values = args[5];
  const int32_t *rowsOf = panelRows->aligned, *ptr = chainPtr->aligned;
  const int32_t *first = entries->aligned;
  int64_t panels = panelRows->sizes[0], panel = panelRows->sizes[1];
  int64_t depth = values->sizes[1], n = rhs->sizes[1];
#pragma omp parallel for schedule(dynamic)
  for (int64_t p = 0; p < panels; ++p)
    for (int64_t r = 0; r < panel; ++r) {
      int32_t row = rowsOf[p * panel + r];
      if (row < 0)
        continue;
      float *y = (float *)out->aligned + row * out->strides[0];
      memset(y, 0, n * sizeof(float));
      for (int32_t e = ptr[p]; e < ptr[p + 1]; ++e)
        for (int64_t kk = 0; kk < depth; ++kk) {
          float a =
              ((const float *)values->aligned)[e * values->strides[0] +
                                               kk * values->strides[1] + r];
          const float *x =
              (const float *)rhs->aligned + (first[e] + kk) * rhs->strides[0];
          for (int64_t j = 0; j < n; ++j)
            y[j] += a * x[j];
        }
    }
}
