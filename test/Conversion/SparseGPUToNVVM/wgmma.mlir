// RUN: sparse-opt %s --pass-pipeline='builtin.module(gpu.module(convert-sparse-gpu-to-nvvm))' | FileCheck %s

gpu.module @device {
  // Accumulators are outputs, tied to the first inputs.
  // CHECK-LABEL: gpu.func @dense
  // CHECK-SAME: (%[[A:.*]]: i64, %[[B:.*]]: i64, %[[C:.*]]: vector<4xf32>)
  gpu.func @dense(%a: i64, %b: i64, %c: vector<4xf32>) -> vector<4xf32> {
    // CHECK: %[[CS:.*]]:4 = vector.to_elements %[[C]]
    // CHECK: %[[D:.*]] = llvm.inline_asm has_side_effects
    // CHECK-SAME: wgmma.mma_async.sync.aligned.m64n8k16.f32.f16.f16 {$0, $1, $2, $3}, $8, $9, p, 1, 1, 0, 0;
    // CHECK-SAME: "=f,=f,=f,=f,0,1,2,3,l,l" %[[CS]]#0, %[[CS]]#1, %[[CS]]#2, %[[CS]]#3, %[[A]], %[[B]]
    // CHECK: llvm.extractvalue %[[D]][0]
    // CHECK: llvm.extractvalue %[[D]][3]
    %d = sparse_gpu.wgmma f16 %a, %b, %c : i64, vector<4xf32>
    gpu.return %d : vector<4xf32>
  }

  // CHECK-LABEL: gpu.func @forms
  gpu.func @forms(%a: i64, %h: vector<8xf16>, %t: vector<4xf32>, %b: vector<8xbf16>, %c: vector<4xf32>, %m: i32) -> vector<4xf32> {
    // CHECK: wgmma.mma_async.sync.aligned.m64n8k16.f32.f16.f16 {$0, $1, $2, $3}, {$8, $9, $10, $11}, $12, p, 1, 1, 1;
    // CHECK-SAME: "=f,=f,=f,=f,0,1,2,3,r,r,r,r,l"
    %0 = sparse_gpu.wgmma f16 %h, %a, %c transpose_b : vector<8xf16>, vector<4xf32>
    // CHECK: wgmma.mma_async.sp.sync.aligned.m64n8k32.f32.bf16.bf16 {$0, $1, $2, $3}, $8, $9, $10, 1, p, 1, 1, 0, 1;
    // CHECK-SAME: "=f,=f,=f,=f,0,1,2,3,l,l,r"
    %1 = sparse_gpu.wgmma bf16 %a, %a, %0 meta %m selector 1 transpose_b : i64, vector<4xf32>
    // CHECK: wgmma.mma_async.sp.sync.aligned.m64n8k32.f32.bf16.bf16 {$0, $1, $2, $3}, {$8, $9, $10, $11}, $12, $13, 0, p, 1, 1, 0;
    %2 = sparse_gpu.wgmma bf16 %b, %a, %1 meta %m : vector<8xbf16>, vector<4xf32>
    // CHECK: wgmma.mma_async.sync.aligned.m64n8k8.f32.tf32.tf32 {$0, $1, $2, $3}, {$8, $9, $10, $11}, $12, p, 1, 1;
    %3 = sparse_gpu.wgmma tf32 %t, %a, %2 : vector<4xf32>, vector<4xf32>
    // CHECK: wgmma.mma_async.sp.sync.aligned.m64n8k16.f32.tf32.tf32 {$0, $1, $2, $3}, $8, $9, $10, 1, p, 1, 1;
    %4 = sparse_gpu.wgmma tf32 %a, %a, %3 meta %m selector 1 : i64, vector<4xf32>
    gpu.return %4 : vector<4xf32>
  }

  // Integers have no factors, 8-bit elements no transposes.
  // CHECK-LABEL: gpu.func @bytes
  gpu.func @bytes(%a: i64, %r: vector<16xi8>, %i: vector<4xi32>, %c: vector<4xf32>, %m: i32) -> (vector<4xi32>, vector<4xf32>) {
    // CHECK: wgmma.mma_async.sync.aligned.m64n8k32.s32.s8.s8 {$0, $1, $2, $3}, $8, $9, p;
    // CHECK-SAME: "=r,=r,=r,=r,0,1,2,3,l,l"
    %0 = sparse_gpu.wgmma i8 %a, %a, %i : i64, vector<4xi32>
    // CHECK: wgmma.mma_async.sp.sync.aligned.m64n8k64.s32.u8.s8 {$0, $1, $2, $3}, {$8, $9, $10, $11}, $12, $13, 0, p;
    %1 = sparse_gpu.wgmma i8 %r, %a, %0 meta %m unsigned_a : vector<16xi8>, vector<4xi32>
    // CHECK: wgmma.mma_async.sync.aligned.m64n8k32.f32.e5m2.e5m2 {$0, $1, $2, $3}, $8, $9, p, 1, 1;
    %2 = sparse_gpu.wgmma f8E5M2 %a, %a, %c : i64, vector<4xf32>
    // CHECK: wgmma.mma_async.sp.sync.aligned.m64n8k64.f32.e4m3.e4m3 {$0, $1, $2, $3}, $8, $9, $10, 0, p, 1, 1;
    %3 = sparse_gpu.wgmma f8E4M3FN %a, %a, %2 meta %m : i64, vector<4xf32>
    gpu.return %1, %3 : vector<4xi32>, vector<4xf32>
  }

  // CHECK-LABEL: gpu.func @waits
  gpu.func @waits(%x: vector<4xf32>, %y: vector<1xf32>) -> vector<1xf32> {
    // CHECK: llvm.inline_asm has_side_effects asm_dialect = att "wgmma.wait_group.sync.aligned 2;", "~{memory}"  : () -> ()
    sparse_gpu.wgmma_wait 2
    // CHECK: llvm.inline_asm has_side_effects asm_dialect = att "wgmma.wait_group.sync.aligned 1;", "=f,=f,=f,=f,=f,0,1,2,3,4,~{memory}"
    %0:2 = sparse_gpu.wgmma_wait 1, %x, %y : vector<4xf32>, vector<1xf32>
    // CHECK: llvm.inline_asm {{.*}}"=f,0,~{memory}" %{{.*}} : (f32) -> f32
    %1 = sparse_gpu.wgmma_wait 0, %0#1 : vector<1xf32>
    gpu.return %1 : vector<1xf32>
  }

  // A loop carries scalars; no vector is left.
  // CHECK-LABEL: gpu.func @loop
  gpu.func @loop(%n: i32, %d: i64) -> f32 {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %zero = arith.constant dense<0.0> : vector<8xf32>
    // CHECK: scf.for {{.*}} -> (f32, f32, f32, f32, f32, f32, f32, f32)
    // CHECK-NOT: vector
    // CHECK: llvm.inline_asm
    // CHECK-NOT: vector
    // CHECK: scf.yield %{{.*}} : f32, f32, f32, f32, f32, f32, f32, f32
    // CHECK-NOT: vector
    %acc = scf.for %i = %c0 to %n step %c1 iter_args(%x = %zero) -> (vector<8xf32>) : i32 {
      %y = sparse_gpu.wgmma f16 %d, %d, %x : i64, vector<8xf32>
      scf.yield %y : vector<8xf32>
    }
    // CHECK: llvm.inline_asm
    // CHECK-NOT: vector
    // CHECK: gpu.return
    %r = sparse_gpu.wgmma_wait 0, %acc : vector<8xf32>
    %s = vector.extract_strided_slice %r {offsets = [4], sizes = [2], strides = [1]} : vector<8xf32> to vector<2xf32>
    %f = vector.extract %s[1] : f32 from vector<2xf32>
    gpu.return %f : f32
  }

  // Vectors of 16-bit elements stay: two elements share a register.
  // CHECK-LABEL: gpu.func @branches
  gpu.func @branches(%n: i32, %p: i1, %h: vector<8xf16>, %v: vector<2xf32>) -> (vector<8xf16>, vector<2xf32>) {
    %c0 = arith.constant 0 : i32
    // CHECK: scf.if %{{.*}} -> (vector<8xf16>, f32, f32)
    %0:2 = scf.if %p -> (vector<8xf16>, vector<2xf32>) {
      scf.yield %h, %v : vector<8xf16>, vector<2xf32>
    } else {
      %h2 = arith.addf %h, %h : vector<8xf16>
      %v2 = arith.addf %v, %v : vector<2xf32>
      scf.yield %h2, %v2 : vector<8xf16>, vector<2xf32>
    }
    // CHECK: scf.while {{.*}} : (i32, f32, f32) -> (i32, f32, f32)
    %1:2 = scf.while (%i = %n, %x = %0#1) : (i32, vector<2xf32>) -> (i32, vector<2xf32>) {
      %more = arith.cmpi sgt, %i, %c0 : i32
      scf.condition(%more) %i, %x : i32, vector<2xf32>
    } do {
    ^bb0(%i: i32, %x: vector<2xf32>):
      %y = arith.mulf %x, %x : vector<2xf32>
      scf.yield %i, %y : i32, vector<2xf32>
    }
    gpu.return %0#0, %1#1 : vector<8xf16>, vector<2xf32>
  }

  // CHECK-LABEL: gpu.func @exp2
  gpu.func @exp2(%x: f32, %v: vector<2xf32>) -> (f32, vector<2xf32>) {
    // CHECK: llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz"(%{{.*}}) : (f32) -> f32
    %0 = math.exp2 %x : f32
    // CHECK-COUNT-2: llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz"
    %1 = math.exp2 %v : vector<2xf32>
    gpu.return %0, %1 : f32, vector<2xf32>
  }

  // CHECK-LABEL: gpu.func @fma
  gpu.func @fma(%x: f32, %v: vector<2xf32>) -> (f32, vector<2xf32>) {
    // CHECK: llvm.intr.fma(%{{.*}}, %{{.*}}, %{{.*}}) : (f32, f32, f32) -> f32
    %0 = math.fma %x, %x, %x : f32
    // CHECK-COUNT-2: llvm.intr.fma(%{{.*}}) : (f32, f32, f32) -> f32
    // CHECK-NOT: llvm.intr.fma
    %1 = math.fma %v, %v, %v : vector<2xf32>
    gpu.return %0, %1 : f32, vector<2xf32>
  }

  // CHECK-LABEL: gpu.func @round_tf32
  gpu.func @round_tf32(%x: f32, %v: vector<2xf32>) -> (f32, vector<2xf32>) {
    // CHECK: %[[BITS:.*]] = llvm.call_intrinsic "llvm.nvvm.f2tf32.rna"(%{{.*}}) : (f32) -> i32
    // CHECK: llvm.bitcast %[[BITS]] : i32 to f32
    %0 = sparse_gpu.round_tf32 %x : f32
    // CHECK-COUNT-2: llvm.call_intrinsic "llvm.nvvm.f2tf32.rna"
    %1 = sparse_gpu.round_tf32 %v : vector<2xf32>
    gpu.return %0, %1 : f32, vector<2xf32>
  }

  // Fences carry the ordering, which NVPTX would drop.
  // CHECK-LABEL: gpu.func @atomics
  gpu.func @atomics(%p: !llvm.ptr<1>, %n: i32) {
    // CHECK-NEXT: llvm.fence syncscope("device") acq_rel
    // CHECK-NEXT: llvm.atomicrmw add %{{.*}}, %{{.*}} syncscope("device") monotonic
    // CHECK-NEXT: llvm.fence syncscope("device") acq_rel
    %0 = llvm.atomicrmw add %p, %n syncscope("device") acq_rel : !llvm.ptr<1>, i32
    // CHECK-NEXT: llvm.fence seq_cst
    // CHECK-NEXT: llvm.atomicrmw max %{{.*}}, %{{.*}} monotonic
    // CHECK-NEXT: llvm.fence seq_cst
    %1 = llvm.atomicrmw max %p, %n seq_cst : !llvm.ptr<1>, i32
    gpu.return
  }

  // To LLVM the intrinsics touch no memory: loads would pass them.
  // CHECK-LABEL: gpu.func @overlap
  gpu.func @overlap(%p: !llvm.ptr<1>) {
    // CHECK-NEXT: llvm.inline_asm has_side_effects "griddepcontrol.launch_dependents;", "~{memory}"  : () -> ()
    nvvm.griddepcontrol launch_dependents
    // CHECK-NEXT: llvm.inline_asm has_side_effects "griddepcontrol.wait;", "~{memory}"  : () -> ()
    nvvm.griddepcontrol wait
    gpu.return
  }

  // Nothing to do.
  // CHECK-LABEL: gpu.func @other
  gpu.func @other(%v: vector<4xf32>, %p: !llvm.ptr<1>, %n: i32) -> vector<4xf32> {
    // CHECK-NEXT: llvm.atomicrmw add %{{.*}}, %{{.*}} monotonic
    %1 = llvm.atomicrmw add %p, %n monotonic : !llvm.ptr<1>, i32
    // CHECK-NEXT: arith.addf %{{.*}} : vector<4xf32>
    // CHECK-NEXT: gpu.return
    %0 = arith.addf %v, %v : vector<4xf32>
    gpu.return %0 : vector<4xf32>
  }
}
