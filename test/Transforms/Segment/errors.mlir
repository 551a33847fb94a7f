// RUN: not sparse-opt %s -sparse-ir-segment="cuboid=2,2" 2>&1 | FileCheck %s
// RUN: not sparse-opt %s -sparse-ir-segment="cuboid=2,0,2" 2>&1 | FileCheck %s
// RUN: not sparse-opt %s -sparse-ir-segment="cuboid=2,4294967296,2" 2>&1 | FileCheck %s
// RUN: not sparse-opt %s -sparse-ir-segment="cuboid=two" 2>&1 | FileCheck %s --check-prefix=NUMBER

// CHECK: error: expected a cuboid of 3 positive 32-bit extents along i, j and k
// NUMBER: 'two' value invalid for long argument
module {}
