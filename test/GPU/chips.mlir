// RUN: not sparse-opt %s -test-emit-device=chip=sm_31 2>&1 | FileCheck %s --check-prefix=CHIP
// RUN: not sparse-opt %s -test-emit-device=chip=host 2>&1 | FileCheck %s --check-prefix=HOST
// RUN: sparse-opt %s -test-emit-device=chip=sm_80 -o /dev/null | FileCheck %s --check-prefix=SM80
// RUN: sparse-opt %s -test-emit-device=chip=sm_120a -o /dev/null | FileCheck %s --check-prefix=SM120
// RUN: echo "module {}" | not sparse-opt -test-emit-device 2>&1 | FileCheck %s --check-prefix=NONE

// CHIP: error: cannot generate device code: expected a chip such as sm_90a, found 'sm_31'
// HOST: error: cannot generate device code: expected a chip such as sm_90a, found 'host'
// SM80: .version 8.5
// SM80: .target sm_80
// SM120: .version 8.7
// SM120: .target sm_120a
// NONE: error: expected one gpu.module, found 0

gpu.module @device {
  gpu.func @k() kernel {
    gpu.return
  }
}
