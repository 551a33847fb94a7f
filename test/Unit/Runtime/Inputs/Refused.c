/*===- Refused.c - Objects that the loader must not accept ----------------===*\
|*                                                                            *|
|* Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.       *|
|* See LICENSE for license information.                                       *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

/* One reason an object, chosen by a macro. */

volatile int shared;

#if defined(REFUSED_THREAD_LOCAL)
_Thread_local int perThread = 1;
int *entry(void) { return &perThread; }
#elif defined(REFUSED_CONSTRUCTOR)
__attribute__((constructor)) static void atLoad(void) { shared = 1; }
int entry(void) { return shared; }
#elif defined(REFUSED_IFUNC)
static int one(void) { return 1; }
static int (*resolve(void))(void) { return one; }
int indirect(void) __attribute__((ifunc("resolve")));
int entry(void) { return indirect(); }
#elif defined(REFUSED_UNDEFINED)
int system(const char *);
int entry(void) { return system("true"); }
#elif defined(REFUSED_ABSOLUTE) /* with -fno-pic -mcmodel=small */
static const int table[64] = {1, 2, 3};
int entry(int i) { return table[i] + shared; }
#elif defined(REFUSED_WRITABLE_CODE)
__asm__(".section .wx,\"awx\",@progbits\n"
        ".globl entry\n"
        "entry: ret\n");
#elif defined(REFUSED_COMMON) /* with -fcommon */
char huge[2000000000];
char *entry(void) { return huge; }
#else
#error "choose a reason"
#endif
