// RUN: sparse-opt %s -test-emit-device -o /dev/null | FileCheck %s

// Everything that docs/gpu.md allows in a kernel, as PTX.

// CHECK: .version 8.5
// CHECK: .target sm_90a
// CHECK: .extern .shared .align 1024 .b8 shared[];
// CHECK: .visible .entry ops(
// CHECK: .param .align 64 .b8 ops_param_0[128]
// CHECK: .maxntid 256, 1, 1
// CHECK: .minnctapersm 1
// CHECK: .maxnreg 168
// A tensor map stays where the launch put it.
// CHECK-NOT: .local
gpu.module @device {
  llvm.mlir.global external @shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
  gpu.func @ops(%map: !llvm.ptr {llvm.byval = !llvm.array<128 x i8>, llvm.align = 64 : i64},
                %in: !llvm.ptr<1>, %out: !llvm.ptr<1>, %n: i32, %big: i64) kernel
      attributes {known_block_size = array<i32: 256, 1, 1>, nvvm.minctasm = 1 : i32, nvvm.maxnreg = 168 : i32} {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c16 = arith.constant 16 : i32
    %c32 = arith.constant 32 : i32
    %c128 = arith.constant 128 : i32
    %c4096 = arith.constant 4096 : i32
    %all = arith.constant -1 : i32
    %ticks = arith.constant 10000000 : i32
    %tid = nvvm.read.ptx.sreg.tid.x : i32
    %bx = nvvm.read.ptx.sreg.ctaid.x : i32
    %by = nvvm.read.ptx.sreg.ctaid.y : i32
    %gx = nvvm.read.ptx.sreg.nctaid.x : i32
    %sm = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %buf = llvm.getelementptr %sm[1024] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
    // CHECK: cp.async.cg.shared.global [shared+1024], [%rd{{[0-9]+}}], 16, %r{{[0-9]+}};
    nvvm.cp.async.shared.global %buf, %in, 16, cache = cg, %n : !llvm.ptr<3>, !llvm.ptr<1>, i32
    // CHECK: cp.async.commit_group;
    nvvm.cp.async.commit.group
    // CHECK: cp.async.wait_group 0;
    nvvm.cp.async.wait.group 0
    // CHECK: bar.sync 0;
    nvvm.barrier
    // CHECK: elect.sync
    %bar = nvvm.elect.sync -> i1
    scf.if %bar {
      // CHECK: mbarrier.init.shared.b64 [shared], %r{{[0-9]+}};
      nvvm.mbarrier.init %sm, %c1 : !llvm.ptr<3>, i32
      // CHECK: fence.mbarrier_init.release.cluster;
      nvvm.fence.mbarrier.init
      // CHECK: mbarrier.arrive.expect_tx
      nvvm.mbarrier.arrive.expect_tx %sm, %c4096 : !llvm.ptr<3>, i32
      %b7 = llvm.addrspacecast %buf : !llvm.ptr<3> to !llvm.ptr<7>
      // CHECK: cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes
      nvvm.cp.async.bulk.shared.cluster.global %b7, %in, %sm, %c4096 : !llvm.ptr<7>, !llvm.ptr<1>
      // CHECK: cp.async.bulk.tensor.2d.shared::cluster.global.tile.mbarrier::complete_tx::bytes
      nvvm.cp.async.bulk.tensor.shared.cluster.global %b7, %map, %sm, box[%c0, %c1] : !llvm.ptr<7>, !llvm.ptr
    }
    // CHECK: mbarrier.try_wait.parity.shared.b64
    nvvm.mbarrier.try_wait.parity %sm, %c0, %ticks : !llvm.ptr<3>, i32, i32
    // CHECK: mbarrier.arrive.shared.b64
    %st = nvvm.mbarrier.arrive %sm : !llvm.ptr<3> -> i64
    // CHECK: fence.proxy.async.shared::cta;
    nvvm.fence.proxy {kind = #nvvm.proxy_kind<async.shared>, space = #nvvm.shared_space<cta>}
    // CHECK: bar.warp.sync -1;
    nvvm.bar.warp.sync %all : i32
    // CHECK: bar.sync 1, 128;
    nvvm.barrier id = %c1 number_of_threads = %c128
    // CHECK: setmaxnreg.dec.sync.aligned.u32 40;
    nvvm.setmaxregister decrease 40
    // CHECK: ldmatrix.sync.aligned.m8n8.x4.shared.b16
    %m = nvvm.ldmatrix %buf {num = 4 : i32, layout = #nvvm.mma_layout<row>, shape = #nvvm.ld_st_matrix_shape<m = 8, n = 8>, eltType = #nvvm.ld_st_matrix_elt_type<b16>} : (!llvm.ptr<3>) -> !llvm.struct<(i32, i32, i32, i32)>
    %m0 = llvm.extractvalue %m[0] : !llvm.struct<(i32, i32, i32, i32)>
    // CHECK: stmatrix.sync.aligned.m8n8.x1.shared.b16
    nvvm.stmatrix %buf, %m0 {layout = #nvvm.mma_layout<row>, shape = #nvvm.ld_st_matrix_shape<m = 8, n = 8>, eltType = #nvvm.ld_st_matrix_elt_type<b16>} : !llvm.ptr<3>, i32
    %f0 = arith.sitofp %m0 : i32 to f32
    // CHECK: shfl.sync.bfly.b32
    %sh = nvvm.shfl.sync bfly %all, %f0, %c1, %c32 : f32 -> f32
    // CHECK: ex2.approx.ftz.f32
    %e = math.exp2 %sh : f32
    %w:2 = scf.while (%i = %n, %v = %e) : (i32, f32) -> (i32, f32) {
      %c = arith.cmpi sgt, %i, %c0 : i32
      scf.condition(%c) %i, %v : i32, f32
    } do {
    ^bb0(%i: i32, %v: f32):
      %i1 = arith.subi %i, %c1 : i32
      %v1 = arith.mulf %v, %e : f32
      scf.yield %i1, %v1 : i32, f32
    }
    %h = vector.from_elements %w#1, %e : vector<2xf32>
    // CHECK: cvt.rn.f16x2.f32
    %h16 = arith.truncf %h : vector<2xf32> to vector<2xf16>
    // CHECK: cvt.rn.bf16x2.f32
    %hb = arith.truncf %h : vector<2xf32> to vector<2xbf16>
    %hi = vector.bitcast %h16 : vector<2xf16> to vector<1xi32>
    %hbi = vector.bitcast %hb : vector<2xbf16> to vector<1xi32>
    %x = vector.extract %hi[0] : i32 from vector<1xi32>
    %x2 = vector.extract %hbi[0] : i32 from vector<1xi32>
    %sl = vector.shuffle %h, %h [1, 0, 3, 2] : vector<2xf32>, vector<2xf32>
    %bc = vector.broadcast %e : f32 to vector<4xf32>
    %sum = arith.addf %sl, %bc : vector<4xf32>
    // CHECK: fence.acq_rel.gpu;
    // CHECK: atom.global.add.u32
    // CHECK: fence.acq_rel.gpu;
    %q = llvm.atomicrmw add %out, %x syncscope("device") acq_rel : !llvm.ptr<1>, i32
    // CHECK: membar.gl;
    nvvm.memory.barrier #nvvm.mem_scope<gpu>
    %o1 = llvm.getelementptr %out[%x2] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i8
    // CHECK: st.global.v4.b32
    llvm.store %sum, %o1 {alignment = 16 : i64} : vector<4xf32>, !llvm.ptr<1>
    %o2 = llvm.getelementptr %out[%big] : (!llvm.ptr<1>, i64) -> !llvm.ptr<1>, i32
    llvm.store %q, %o2 : i32, !llvm.ptr<1>
    gpu.return
  }
}
