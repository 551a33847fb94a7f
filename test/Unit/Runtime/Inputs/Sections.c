/*===- Sections.c - Every kind of section and relocation ------------------===*\
|*                                                                            *|
|* Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.       *|
|* See LICENSE for license information.                                       *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#include <math.h>
#include <stdint.h>
#include <string.h>

int32_t counter = 40;       /* .data, through the offset table */
static int32_t zeros[4096]; /* .bss */
int32_t tentative[16];      /* common, with -fcommon */
static const int32_t table[8] = {1, 2, 3, 5, 8, 13, 21, 34}; /* .rodata */

static int32_t addOne(int32_t x) { return x + 1; }
static int32_t addTwo(int32_t x) { return x + 2; }
/* .data.rel.ro: 64-bit addresses */
static int32_t (*const volatile steps[2])(int32_t) = {addOne, addTwo};
static float (*const volatile roots[1])(float) = {expf};

int32_t countUp(void) { return ++counter; }
int32_t sumOfZeros(void) {
  int32_t sum = 0;
  for (int i = 0; i < 4096; ++i)
    sum += ((volatile int32_t *)zeros)[i];
  for (int i = 0; i < 16; ++i)
    sum += tentative[i];
  return sum;
}
int32_t lookUp(int32_t i) { return table[i & 7]; }
int32_t step(int32_t which, int32_t x) { return steps[which & 1](x); }
float exponential(float x) { return expf(x) - roots[0](x); }
float hyperbolic(float x) { return tanhf(x); }
/* A jump table. */
int32_t dispatch(int32_t op, int32_t x, int32_t y) {
  switch (op) {
  case 0:
    return x + y;
  case 1:
    return x - y;
  case 2:
    return x * y;
  case 3:
    return countUp();
  case 4:
    return x ^ y;
  case 5:
    return lookUp(x);
  case 6:
    return step(x, y);
  default:
    return -1;
  }
}
