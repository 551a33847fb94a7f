// UNSUPPORTED: roundtrip
// DEFINE: %{gpu} = sparse-opt %s -sparse-ir-gpu="target=sm_90a strategy=\"#sparse_ir.strategy<intrinsic = \"mma-f16\", rows = 16, depth = 8, vectors = 8, phase = 0, tasks = 1, pack_rhs = false, step = 16, stages = 3>\"
// RUN: %{gpu} stop-after=kernels" | FileCheck %s --check-prefix=KERNELS
// RUN: %{gpu} stop-after=device" | FileCheck %s --check-prefix=DEVICE
// RUN: %{gpu} stop-after=device" | sparse-opt -test-emit-device -o /dev/null | FileCheck %s --check-prefix=PTX
// RUN: %{gpu} stop-after=llvm" | FileCheck %s --check-prefix=LLVM

// KERNELS: func.func @layer
// KERNELS: sparse_ir.kernel {{.*}} {packed_lhs} -> tensor<4x?xf32>

// DEVICE: gpu.module @device
// DEVICE: gpu.func @kernel0
// DEVICE: sparse_gpu.mma
// DEVICE: func.func @layer
// DEVICE-NOT: sparse_ir.kernel
// DEVICE: gpu.launch_func @device::@kernel0

// PTX: .visible .entry kernel0(
// PTX: mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32

// The host's part only: device code is emitted from phase device.
// LLVM-NOT: gpu
// LLVM: llvm.func @layer
// LLVM: llvm.call @spmmplu_launch
// LLVM-NOT: {{scf|vector|memref|arith|sparse_ir|sparse_gpu}}.{{[a-z]+}} %
// LLVM: llvm.return
func.func @layer(%x: tensor<8x?xf16> {sparse_ir.dims = [8, "n"]}) -> tensor<4x?xf32> {
  %w = arith.constant dense<[[1.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 3.0, 0.0, 0.0, 0.0, 0.0, 0.0],
                             [0.0, 0.0, 0.0, 0.0, 0.0, -0.0, 0.0, 0.0], [0.0, 4.0, 0.0, 0.0, 0.0, 0.0, 5.0, 6.0]]> : tensor<4x8xf16>
  %1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %1 : tensor<8x?xf16>
  %e = tensor.empty(%n) : tensor<4x?xf32>
  %c = linalg.fill ins(%zero : f32) outs(%e : tensor<4x?xf32>) -> tensor<4x?xf32>
  %y = linalg.matmul ins(%w, %x : tensor<4x8xf16>, tensor<8x?xf16>) outs(%c : tensor<4x?xf32>) -> tensor<4x?xf32>
  return %y : tensor<4x?xf32>
}
