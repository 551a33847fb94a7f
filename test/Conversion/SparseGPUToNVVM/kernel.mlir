// RUN: sparse-opt %s --pass-pipeline='builtin.module(gpu.module(convert-sparse-gpu-to-nvvm))' | FileCheck %s
// RUN: sparse-opt %s -sparse-ir-device | FileCheck %s --check-prefix=LLVM

module attributes {gpu.container_module} {
  gpu.module @device {
    // CHECK: llvm.func @k(%[[MAP:.*]]: !llvm.ptr {llvm.align = 64 : i64, llvm.byval = !llvm.array<128 x i8>, nvvm.grid_constant}, %{{.*}}: !llvm.ptr<1>, %{{.*}}: i32)
    // CHECK-SAME: gpu.kernel
    // CHECK-SAME: nvvm.cluster_dim = array<i32: 2, 1, 1>
    // CHECK-SAME: nvvm.kernel
    // CHECK-SAME: nvvm.maxnreg = 168
    // CHECK-SAME: nvvm.maxntid = array<i32: 384, 1, 1>
    // CHECK-SAME: nvvm.minctasm = 1
    // LLVM: llvm.func @k(%{{.*}}: !llvm.ptr {{{.*}}llvm.byval = !llvm.array<128 x i8>, nvvm.grid_constant}
    // LLVM-NOT: {{scf|vector|memref|arith|gpu|sparse_gpu}}.{{[a-z]+}} %
    gpu.func @k(%map: !llvm.ptr {llvm.byval = !llvm.array<128 x i8>, llvm.align = 64 : i64}, %p: !llvm.ptr<1>, %n: i32) kernel
        attributes {known_block_size = array<i32: 384, 1, 1>, known_cluster_size = array<i32: 2, 1, 1>, nvvm.minctasm = 1 : i32, nvvm.maxnreg = 168 : i32} {
      // CHECK: scf.for
      %c0 = arith.constant 0 : i32
      %c1 = arith.constant 1 : i32
      scf.for %i = %c0 to %n step %c1 : i32 {
        %q = llvm.getelementptr %p[%i] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32
        llvm.store %i, %q {alignment = 4 : i64} : i32, !llvm.ptr<1>
      }
      // CHECK: llvm.return
      gpu.return
    }

    // A function that is no kernel stays.
    // CHECK: gpu.func @helper
    gpu.func @helper() {
      gpu.return
    }
  }
}
