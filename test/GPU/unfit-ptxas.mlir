// A ptxas that is too old, or does not run, leaves PTX; one that refuses the
// code ends the compilation.

// RUN: rm -rf %t && mkdir -p %t/old %t/broken %t/failing
// RUN: cp %S/Inputs/old-ptxas %t/old/ptxas
// RUN: cp %S/Inputs/failing-ptxas %t/failing/ptxas
// RUN: echo nothing > %t/broken/ptxas && chmod +x %t/broken/ptxas
// RUN: env PATH=%t/old:%{PATH} sparse-opt %s -test-emit-device -o /dev/null 2>&1 | FileCheck %s --check-prefixes=OLD,PTX
// RUN: env PATH=%t/broken:%{PATH} sparse-opt %s -test-emit-device -o /dev/null 2>&1 | FileCheck %s --check-prefixes=BROKEN,PTX
// RUN: not env PATH=%t/failing:%{PATH} sparse-opt %s -test-emit-device -o /dev/null 2>&1 | FileCheck %s --check-prefix=FAILING

// OLD: warning: '{{.*}}ptxas' failed for sm_90a: ptxas fatal   : Unsupported .version 8.5; current version is '8.0'; there will be PTX only
// BROKEN: warning: '{{.*}}ptxas' failed for sm_90a: {{.*}}; there will be PTX only
// FAILING: error: '{{.*}}ptxas' failed for sm_90a: ptxas x.ptx, line 1; error   : Illegal operand
// PTX: .visible .entry kernel
// PTX-NOT: cubin
gpu.module @device {
  gpu.func @kernel() kernel {
    gpu.return
  }
}
