// RUN: sparse-opt %s -convert-gpu-launches-to-calls -split-input-file | FileCheck %s

// A launch: sizes and addresses of arguments in memory of the first block.

// CHECK-DAG: llvm.mlir.global internal constant @spmmplu_name_kernel0("kernel0\00")
// CHECK-DAG: llvm.func @spmmplu_launch(!llvm.ptr, !llvm.ptr, !llvm.ptr, i64, !llvm.ptr, i64)
// CHECK-DAG: llvm.func @spmmplu_tensor_map(i32, i64, i64, i64, i64, i64, i64) -> !llvm.ptr
// CHECK-NOT: gpu.container_module
// CHECK-NOT: gpu.module
module attributes {gpu.container_module} {
  gpu.module @device {
    gpu.func @kernel0(%map: !llvm.ptr {llvm.byval = !llvm.array<128 x i8>, llvm.align = 64 : i64}, %p: !llvm.ptr<1>, %n: i32) kernel {
      gpu.return
    }
  }
  // CHECK-LABEL: func.func @launch
  // CHECK-SAME: (%[[G:.*]]: i64, %[[BASE:.*]]: i64, %[[N:.*]]: i32, %[[BYTES:.*]]: i32)
  func.func @launch(%g: i64, %base: i64, %n: i32, %bytes: i32) {
    %c1 = arith.constant 1 : i64
    %c256 = arith.constant 256 : i64
    // CHECK-DAG: %[[P:.*]] = llvm.inttoptr %[[BASE]] : i64 to !llvm.ptr<1>
    %p = llvm.inttoptr %base : i64 to !llvm.ptr<1>
    // CHECK-DAG: %[[F16:.*]] = llvm.mlir.constant(2 : i32)
    // CHECK-DAG: %[[ROWS:.*]] = llvm.mlir.constant(192 : i64)
    // CHECK-DAG: %[[COLS:.*]] = llvm.mlir.constant(64 : i64)
    // CHECK: %[[MAP:.*]] = llvm.call @spmmplu_tensor_map(%[[F16]], %[[BASE]], %[[G]], %[[G]], %[[G]], %[[ROWS]], %[[COLS]])
    %map = sparse_gpu.tensor_map f16 %base, %g, %g, %g box [192, 64] : !llvm.ptr
    // CHECK-DAG: llvm.store %[[P]], %[[PAT:.*]] : !llvm.ptr<1>, !llvm.ptr
    // CHECK-DAG: llvm.store %[[N]], %[[NAT:.*]] : i32, !llvm.ptr
    // CHECK-DAG: %[[NAME:.*]] = llvm.mlir.addressof @spmmplu_name_kernel0
    // CHECK-DAG: %[[GRID0:.*]] = llvm.getelementptr %[[GRID:.*]][0] : (!llvm.ptr) -> !llvm.ptr, i64
    // CHECK-DAG: llvm.store %[[G]], %[[GRID0]]
    // CHECK-DAG: %[[SHARED:.*]] = llvm.zext %[[BYTES]] : i32 to i64
    // A tensor map is passed as it is: what arguments point to is its value.
    // CHECK-DAG: llvm.store %[[MAP]], %{{.*}} : !llvm.ptr, !llvm.ptr
    // CHECK-DAG: %[[COUNT:.*]] = llvm.mlir.constant(3 : i64)
    // CHECK: llvm.call @spmmplu_launch(%[[NAME]], %[[GRID]], %{{.*}}, %[[SHARED]], %{{.*}}, %[[COUNT]])
    gpu.launch_func @device::@kernel0 blocks in (%g, %c1, %c1) threads in (%c256, %c1, %c1) : i64
        dynamic_shared_memory_size %bytes args(%map : !llvm.ptr, %p : !llvm.ptr<1>, %n : i32)
    return
  }
}

// -----

// Launches in a loop take their memory once; sizes may be index; one string
// for a name.

// CHECK-COUNT-1: llvm.mlir.global internal constant @spmmplu_name_k
module attributes {gpu.container_module} {
  gpu.module @device {
    gpu.func @k() kernel {
      gpu.return
    }
  }
  // CHECK-LABEL: func.func @loop
  // CHECK-COUNT-6: llvm.alloca
  // CHECK: scf.for
  // CHECK-NOT: llvm.alloca
  // CHECK: %[[ZERO:.*]] = llvm.mlir.constant(0 : i64)
  // CHECK: llvm.call @spmmplu_launch(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}})
  // CHECK: llvm.call @spmmplu_launch
  // CHECK: return
  func.func @loop(%n: index) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    scf.for %i = %c0 to %n step %c1 {
      gpu.launch_func @device::@k blocks in (%n, %c1, %c1) threads in (%c1, %c1, %c1)
      gpu.launch_func @device::@k blocks in (%n, %c1, %c1) threads in (%c1, %c1, %c1)
    }
    return
  }
}

// -----

// CHECK-DAG: llvm.func @spmmplu_device_alloc(i64) -> !llvm.ptr
// CHECK-DAG: llvm.func @spmmplu_device_free(!llvm.ptr)
// CHECK-DAG: llvm.func @spmmplu_device_copy(!llvm.ptr, !llvm.ptr, i64)
// CHECK-DAG: llvm.func @spmmplu_device_zero(!llvm.ptr, i64)

// CHECK-LABEL: func.func @memory
// CHECK-SAME: (%[[N:.*]]: index, %[[OUT:.*]]: memref<4x?xf16>
func.func @memory(%n: index, %out: memref<4x?xf16>) {
  %zero = arith.constant 0.0 : f16
  // CHECK: %[[FIXED:.*]] = llvm.mlir.constant(8 : i64)
  // CHECK: %[[BYTES:.*]] = llvm.mul %[[FIXED]], %{{.*}} : i64
  // CHECK: %[[DATA:.*]] = llvm.call @spmmplu_device_alloc(%[[BYTES]])
  // CHECK: llvm.insertvalue %[[DATA]], %{{.*}}[0]
  // CHECK: llvm.insertvalue %[[DATA]], %{{.*}}[1]
  %t = memref.alloc(%n) {alignment = 64 : i64} : memref<4x?xf16>
  // CHECK: llvm.call @spmmplu_device_zero(%{{.*}}, %{{.*}})
  linalg.fill ins(%zero : f16) outs(%t : memref<4x?xf16>)
  // CHECK: llvm.call @spmmplu_device_copy(%{{.*}}, %{{.*}}, %{{.*}})
  memref.copy %t, %out : memref<4x?xf16> to memref<4x?xf16>
  // CHECK: llvm.call @spmmplu_device_free(%{{.*}})
  memref.dealloc %t : memref<4x?xf16>
  return
}

// -----

// Contiguous, but from an offset on.
// CHECK-LABEL: func.func @offset
func.func @offset(%x: memref<4x8xf32>) {
  %zero = arith.constant 0 : i32
  %t = memref.alloc() : memref<4x8xi32>
  // CHECK: memref.subview
  %s = memref.subview %t[2, 0] [2, 8] [1, 1] : memref<4x8xi32> to memref<2x8xi32, strided<[8, 1], offset: 16>>
  // CHECK: %[[BYTES:.*]] = llvm.mlir.constant(64 : i64)
  // CHECK: llvm.call @spmmplu_device_zero(%{{.*}}, %[[BYTES]])
  linalg.fill ins(%zero : i32) outs(%s : memref<2x8xi32, strided<[8, 1], offset: 16>>)
  return
}

// -----

// CHECK-LABEL: func.func @scratch
func.func @scratch(%n: i64) -> !llvm.ptr<1> {
  // CHECK: %[[P:.*]] = llvm.call @spmmplu_scratch(%{{.*}}) : (i64) -> !llvm.ptr
  // CHECK: llvm.addrspacecast %[[P]] : !llvm.ptr to !llvm.ptr<1>
  %p = sparse_gpu.scratch %n : !llvm.ptr<1>
  return %p : !llvm.ptr<1>
}

// -----

// Left alone: what describes memory.
// CHECK-LABEL: func.func @views
// CHECK-NOT: llvm
// CHECK: memref.dim
// CHECK: memref.extract_aligned_pointer_as_index
// CHECK: memref.extract_strided_metadata
// CHECK: memref.cast
// CHECK: return
func.func @views(%x: memref<?x8xf32>) -> (index, index, index, memref<?x?xf32>) {
  %c0 = arith.constant 0 : index
  %d = memref.dim %x, %c0 : memref<?x8xf32>
  %p = memref.extract_aligned_pointer_as_index %x : memref<?x8xf32> -> index
  %base, %offset, %sizes:2, %strides:2 = memref.extract_strided_metadata %x : memref<?x8xf32> -> memref<f32>, index, index, index, index, index
  %y = memref.cast %x : memref<?x8xf32> to memref<?x?xf32>
  return %d, %p, %offset, %y : index, index, index, memref<?x?xf32>
}

// -----

// A kernel that waits for earlier launches itself may begin early.

module attributes {gpu.container_module} {
  gpu.module @device {
    gpu.func @waits(%a: i1) kernel {
      nvvm.griddepcontrol launch_dependents
      scf.if %a {
        nvvm.griddepcontrol wait
      }
      gpu.return
    }
    gpu.func @lets(%a: i1) kernel {
      nvvm.griddepcontrol launch_dependents
      gpu.return
    }
  }
  // CHECK-LABEL: func.func @early
  // CHECK: llvm.call @spmmplu_launch_early(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) : (!llvm.ptr, !llvm.ptr, !llvm.ptr, i64, !llvm.ptr, i64) -> ()
  // CHECK: llvm.call @spmmplu_launch(
  func.func @early(%n: index, %a: i1) {
    gpu.launch_func @device::@waits blocks in (%n, %n, %n) threads in (%n, %n, %n) args(%a : i1)
    gpu.launch_func @device::@lets blocks in (%n, %n, %n) threads in (%n, %n, %n) args(%a : i1)
    return
  }
}
