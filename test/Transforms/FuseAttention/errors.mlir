// RUN: not sparse-opt %s -sparse-ir-fuse-attention="target=sm_1" 2>&1 | FileCheck %s --check-prefix=TARGET
// RUN: not sparse-opt %s -sparse-ir-fuse-attention="target=sm_90a strategy=x" 2>&1 | FileCheck %s --check-prefix=STRATEGY

// TARGET: error: in target 'sm_1': {{.+}}
// STRATEGY: error: expected a '#sparse_ir.strategy', found 'x'
module {}
