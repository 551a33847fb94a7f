// RUN: not sparse-opt %s -sparse-ir-select-strategy="target=saphirerapids" 2>&1 | FileCheck %s --check-prefix=NAME
// RUN: not sparse-opt %s -sparse-ir-select-strategy="target=sapphirerapids,cores=none" 2>&1 | FileCheck %s --check-prefix=VALUE

// NAME: error: in target 'saphirerapids': {{.*}}sapphirerapids
// VALUE: error: in target 'sapphirerapids,cores=none':
module {}
