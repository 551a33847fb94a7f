// RUN: sparse-opt %s -sparse-ir-select-strategy="target=sapphirerapids" --remarks-filter=sparse-ir -o %t 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: FileCheck %s --input-file=%t
// RUN: sparse-opt %s -sparse-ir-select-strategy="target=sapphirerapids max-kernels=1" | FileCheck %s --check-prefix=ONE
// RUN: sparse-opt %s -sparse-ir-select-strategy="target=sapphirerapids dump" -o /dev/null | FileCheck %s --check-prefix=DUMP
// RUN: sparse-opt %s -sparse-ir-select-strategy="target=sapphirerapids tune-top=2" | FileCheck %s --check-prefix=TUNE
// RUN: not sparse-opt %s -sparse-ir-select-strategy="target=sapphirerapids tuning=%t.none" 2>&1 | FileCheck %s --check-prefix=NOFILE
// RUN: echo "some text" > %t.bad
// RUN: not sparse-opt %s -sparse-ir-select-strategy="target=sapphirerapids tuning=%t.bad" 2>&1 | FileCheck %s --check-prefix=BAD

// Few strategies for every N, and which serves which; how they were found.
// REMARK: sparse-ir-select-strategy | Category:sparse-ir | {{.*}}chosen=sparse
// REMARK: sparse-ir-select-strategy | Category:sparse-ir | {{.*}}caches="{{[0-9]+}} of {{[0-9]+}}"{{.*}}made={{[0-9]+}}, misaligned={{[0-9]+}}, over-capacity={{[0-9]+}}
// REMARK: sparse-ir-select-strategy | Category:sparse-ir | {{.*}}kernels={{[0-9]+}}, layouts={{[0-9]+}}{{.*}}others="0: 0 ({{.*}} us),
// REMARK: sparse-ir-select-strategy | Category:sparse-ir | {{.*}}number=0, strategy="avx512-f32
// CHECK: strategy(#[[S:.*]]) selection(#sparse_ir.selection<strategies = [{{.*}}], modulus = {{.*}}, aligned = [{{.*}}], others = [0, 0, {{.*}}]>)
// ONE-NOT: selection(
// DUMP: product 512x?x256 f32, target sapphirerapids
// DUMP: registers {{.*}} {{[0-9]+}} {{[0-9]+}}
// DUMP: not dominated; predicted us at N =
// DUMP: #0 {{ *}}avx512-f32
// DUMP: N from: 0 #0
// TUNE: sparse_ir.tune = {key = "512x?x256 f32 threads 1 mask {{.*}} target sapphirerapids", strategies = ["intrinsic=avx512-f32 rows=
// NOFILE: error: cannot read tuning file
// BAD: error: in tuning file {{.*}}: line 1: found 'some text', expected 'spmmplu tuning 1'
func.func @dynamic(%b: tensor<256x?xf32>, %c: tensor<512x?xf32>) -> tensor<512x?xf32> {
  %a = arith.constant dense<0.0> : tensor<512x256xf32>
  %r = sparse_ir.matmul ins(%a, %b : tensor<512x256xf32>, tensor<256x?xf32>) outs(%c : tensor<512x?xf32>)
         lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.random<density=0.1>>)
  return %r : tensor<512x?xf32>
}
