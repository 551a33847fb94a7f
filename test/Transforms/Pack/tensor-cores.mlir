// RUN: sparse-opt %s -sparse-ir-pack --remarks-filter=sparse-ir -o %t 2>&1 | FileCheck %s
// RUN: FileCheck %s --check-prefix=AFTER --input-file=%t

#mma = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 16, depth = 8, vectors = 1, phase = 0, tasks = 1, pack_rhs = false, step = 16, stages = 3>
#sp = #sparse_ir.strategy<intrinsic = "mma.sp-bf16", rows = 64, depth = 64, vectors = 1, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 3>
#tf32 = #sparse_ir.strategy<intrinsic = "mma.sp-tf32", rows = 64, depth = 32, vectors = 1, phase = 0, tasks = 1, pack_rhs = false, step = 32, stages = 3>
#wgmma = #sparse_ir.strategy<intrinsic = "wgmma-f16", rows = 64, depth = 64, vectors = 1, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 3>
#wgmmasp = #sparse_ir.strategy<intrinsic = "wgmma.sp-f16", rows = 64, depth = 64, vectors = 1, phase = 0, tasks = 1, pack_rhs = false, step = 128, stages = 3>

#three = #sparse_ir.chains<rows = 16, depth = 8, phases = 1, panel_rows = dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 17, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1]> : tensor<48xi32>, chain_ptr = dense<[0, 1, 1, 4]> : tensor<4xi32>, entries = dense<[8, 0, 8, 16]> : tensor<4xi32>>
#rows64 = dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63]> : tensor<64xi32>
#one64 = #sparse_ir.chains<rows = 64, depth = 64, phases = 1, panel_rows = #rows64, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>
#one32 = #sparse_ir.chains<rows = 64, depth = 32, phases = 1, panel_rows = #rows64, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>

// Chains are padded to whole steps of two entries by repeating the last one, an
// empty one stays empty, the longest comes first. In rows 0 to 15 the lhs is 1 in
// column 9, of entry 0: registers 0 and 1 of lane 0, their upper halves. In row
// 16 it is 0, in row 17 it is 1.
// CHECK: [Passed] sparse-ir-pack | Category:sparse-ir | bytes=1536, dense-bytes=864, entries=6
// AFTER-LABEL: func.func @padded
// AFTER-DAG: %[[V:.*]] = arith.constant dense_resource<values> : tensor<768xf16>
// AFTER-DAG: %[[PTR:.*]] = arith.constant dense<[0, 2, 2, 6]> : tensor<4xi32>
// AFTER-DAG: %[[ENTRIES:.*]] = arith.constant dense<[8, 8, 0, 8, 16, 16]> : tensor<6xi32>
// AFTER-DAG: %[[TASKS:.*]] = arith.constant dense<[2, 0, 1]> : tensor<3xi32>
// AFTER: sparse_ir.kernel ins(%[[V]], %arg0 : tensor<768xf16>, tensor<24x5xf16>) tables(%{{.*}}, %[[PTR]], %[[ENTRIES]], %[[TASKS]] : tensor<48xi32>, tensor<4xi32>, tensor<6xi32>, tensor<3xi32>) outs(%arg1 : tensor<18x5xf32>) {{.*}} {packed_lhs} -> tensor<18x5xf32>
func.func @padded(%b: tensor<24x5xf16>, %c: tensor<18x5xf32>) -> tensor<18x5xf32> {
  %a = arith.constant dense<[[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
                            [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
                            [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]]> : tensor<3x24xf16>
  %r = sparse_ir.kernel ins(%a, %b : tensor<3x24xf16>, tensor<24x5xf16>) outs(%c : tensor<18x5xf32>) of #three extents [18, 5, 24] strategy(#mma) {lhs_map = affine_map<(i, k) -> (i floordiv 16 + i floordiv 17, k)>} -> tensor<18x5xf32>
  return %r : tensor<18x5xf32>
}

// Every row is 1 0 0 2, so all nibbles are 1100: indices 0 and 3.
// CHECK: [Passed] sparse-ir-pack | Category:sparse-ir | bytes=4608, dense-bytes=8192, entries=1
// AFTER-LABEL: func.func @sparse
// AFTER-DAG: %[[M:.*]] = arith.constant dense<-858993460> : tensor<128xi32>
// AFTER: sparse_ir.kernel ins(%{{.*}}, %arg0 : tensor<2048xbf16>, tensor<64x5xbf16>) tables(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %[[M]] : tensor<64xi32>, tensor<2xi32>, tensor<1xi32>, tensor<1xi32>, tensor<128xi32>)
func.func @sparse(%b: tensor<64x5xbf16>, %c: tensor<64x5xf32>) -> tensor<64x5xf32> {
  %a = arith.constant dense<[1.0, 0.0, 0.0, 2.0]> : tensor<4xbf16>
  %r = sparse_ir.kernel ins(%a, %b : tensor<4xbf16>, tensor<64x5xbf16>) outs(%c : tensor<64x5xf32>) of #one64 extents [64, 5, 64] strategy(#sp) {lhs_map = affine_map<(i, k) -> (k mod 4)>} -> tensor<64x5xf32>
  return %r : tensor<64x5xf32>
}

// Of tf32 one of two is kept: nibbles 1110.
// CHECK: [Passed] sparse-ir-pack | Category:sparse-ir | bytes=4608, dense-bytes=8192, entries=1
// AFTER-LABEL: func.func @sparse_tf32
// AFTER-DAG: %[[M:.*]] = arith.constant dense<-286331154> : tensor<128xi32>
// AFTER: sparse_ir.kernel ins(%{{.*}}, %arg0 : tensor<1024xf32>, tensor<32x5xf32>) tables({{.*}}, %[[M]] : tensor<64xi32>, tensor<2xi32>, tensor<1xi32>, tensor<1xi32>, tensor<128xi32>)
func.func @sparse_tf32(%b: tensor<32x5xf32>, %c: tensor<64x5xf32>) -> tensor<64x5xf32> {
  %a = arith.constant dense<[0.0, 2.0]> : tensor<2xf32>
  %r = sparse_ir.kernel ins(%a, %b : tensor<2xf32>, tensor<32x5xf32>) outs(%c : tensor<64x5xf32>) of #one32 extents [64, 5, 32] strategy(#tf32) {lhs_map = affine_map<(i, k) -> (k mod 2)>} -> tensor<64x5xf32>
  return %r : tensor<64x5xf32>
}

// Warpgroups read blocks of shared memory. Column k holds k / 8: in row 1 the
// chunks 1 0 3 2 5 4 7 6.
// CHECK: [Passed] sparse-ir-pack | Category:sparse-ir | bytes=8192, dense-bytes=8192, entries=1
// AFTER-LABEL: func.func @warpgroup
// AFTER: sparse_ir.kernel ins(%{{.*}}, %arg0 : tensor<4096xf16>, tensor<64x5xf16>) tables({{[^:]*}} : tensor<64xi32>, tensor<2xi32>, tensor<1xi32>, tensor<1xi32>)
func.func @warpgroup(%b: tensor<64x5xf16>, %c: tensor<64x5xf32>) -> tensor<64x5xf32> {
  %a = arith.constant dense<[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]> : tensor<8xf16>
  %r = sparse_ir.kernel ins(%a, %b : tensor<8xf16>, tensor<64x5xf16>) outs(%c : tensor<64x5xf32>) of #one64 extents [64, 5, 64] strategy(#wgmma) {lhs_map = affine_map<(i, k) -> (k floordiv 8)>} -> tensor<64x5xf32>
  return %r : tensor<64x5xf32>
}

// A step of two entries: half of the stored matrix is padding.
// CHECK: [Passed] sparse-ir-pack | Category:sparse-ir | bytes=9216, dense-bytes=8192, entries=2
// AFTER-LABEL: func.func @sparse_warpgroup
// AFTER-DAG: arith.constant dense<0> : tensor<2xi32>
// AFTER: tables({{.*}} : tensor<64xi32>, tensor<2xi32>, tensor<2xi32>, tensor<1xi32>, tensor<256xi32>)
func.func @sparse_warpgroup(%b: tensor<64x5xf16>, %c: tensor<64x5xf32>) -> tensor<64x5xf32> {
  %a = arith.constant dense<[1.0, 0.0, 0.0, 2.0]> : tensor<4xf16>
  %r = sparse_ir.kernel ins(%a, %b : tensor<4xf16>, tensor<64x5xf16>) outs(%c : tensor<64x5xf32>) of #one64 extents [64, 5, 64] strategy(#wgmmasp) {lhs_map = affine_map<(i, k) -> (k mod 4)>} -> tensor<64x5xf32>
  return %r : tensor<64x5xf32>
}

// Panels 0 and 2 have two k in common. A pair is its first step, its steps, and
// of each panel its number, first entry and entries; a step k << 2 | members.
// AFTER-LABEL: func.func @pairs
// AFTER-DAG: %[[PAIRS:.*]] = arith.constant dense<[0, 3, 0, 0, 2, 2, 3, 3, 3, 1, 1, 2, 1, -1, 0, 0]> : tensor<16xi32>
// AFTER-DAG: %[[STEPS:.*]] = arith.constant dense<[3, 258, 515, 257]> : tensor<4xi32>
// AFTER: tables(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %[[PAIRS]], %[[STEPS]] : tensor<192xi32>, tensor<4xi32>, tensor<6xi32>, tensor<3xi32>, tensor<16xi32>, tensor<4xi32>)
#pairs = #sparse_ir.chains<rows = 64, depth = 64, phases = 1, panel_rows = dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91, 92, 93, 94, 95, 96, 97, 98, 99, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115, 116, 117, 118, 119, 120, 121, 122, 123, 124, 125, 126, 127, 128, 129, 130, 131, 132, 133, 134, 135, 136, 137, 138, 139, 140, 141, 142, 143, 144, 145, 146, 147, 148, 149, 150, 151, 152, 153, 154, 155, 156, 157, 158, 159, 160, 161, 162, 163, 164, 165, 166, 167, 168, 169, 170, 171, 172, 173, 174, 175, 176, 177, 178, 179, 180, 181, 182, 183, 184, 185, 186, 187, 188, 189, 190, 191]> : tensor<192xi32>, chain_ptr = dense<[0, 2, 3, 6]> : tensor<4xi32>, entries = dense<[0, 128, 64, 0, 64, 128]> : tensor<6xi32>>
#two = #sparse_ir.strategy<intrinsic = "wgmma-f16", rows = 64, depth = 64, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 64, stages = 3, warps_i = 4, panels = 2>
func.func @pairs(%b: tensor<192x5xf16>, %c: tensor<192x5xf32>) -> tensor<192x5xf32> {
  %a = arith.constant dense<0.0> : tensor<192x192xf16>
  %r = sparse_ir.kernel ins(%a, %b : tensor<192x192xf16>, tensor<192x5xf16>) outs(%c : tensor<192x5xf32>) of #pairs extents [192, 5, 192] strategy(#two) -> tensor<192x5xf32>
  return %r : tensor<192x5xf32>
}

// AFTER: values: "0x400000000000003C0000003C{{(0{112})}}0000003C0000003C
// AFTER: values_1: "0x40000000{{(803F0040){8}(803F0040)*}}"
// AFTER: values_3: "0x40000000{{0{32}(003C){8}(0040){8}(0042){8}(0044){8}(0045){8}(0046){8}(0047){8}(003C){8}0{32}(0042){8}(0040){8}(0045){8}.*}}
