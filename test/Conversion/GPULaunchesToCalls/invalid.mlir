// RUN: sparse-opt %s -split-input-file -verify-diagnostics -convert-gpu-launches-to-calls

module attributes {gpu.container_module} {
  gpu.module @device {
    gpu.func @k(%a: i32) kernel {
      gpu.return
    }
  }
  func.func @f(%a: i32, %n: index) {
    %c1 = arith.constant 1 : index
    // expected-error @+1 {{expects a launch without clusters and tokens}}
    gpu.launch_func @device::@k clusters in (%c1, %c1, %c1) blocks in (%n, %c1, %c1) threads in (%c1, %c1, %c1) args(%a : i32)
    return
  }
}

// -----

module attributes {gpu.container_module} {
  gpu.module @device {
    gpu.func @k(%a: i32) kernel {
      gpu.return
    }
  }
  func.func @f(%a: i32, %n: index) {
    %c1 = arith.constant 1 : index
    // expected-error @+1 {{expects a launch without clusters and tokens}}
    %t = gpu.launch_func async @device::@k blocks in (%n, %c1, %c1) threads in (%c1, %c1, %c1) args(%a : i32)
    return
  }
}

// -----

module attributes {gpu.container_module} {
  gpu.module @device {
    gpu.func @k(%a: memref<4xf32>) kernel {
      gpu.return
    }
  }
  func.func @f(%a: memref<4xf32>, %n: index) {
    %c1 = arith.constant 1 : index
    // expected-error @+1 {{argument 0 expects a number or a pointer, found 'memref<4xf32>'}}
    gpu.launch_func @device::@k blocks in (%n, %c1, %c1) threads in (%c1, %c1, %c1) args(%a : memref<4xf32>)
    return
  }
}

// -----

module attributes {gpu.container_module} {
  gpu.module @device {
    gpu.func @k(%a: !llvm.ptr<1> {llvm.byval = !llvm.array<128 x i8>}) kernel {
      gpu.return
    }
  }
  func.func @f(%a: !llvm.ptr<1>, %n: index) {
    %c1 = arith.constant 1 : index
    // expected-error @+1 {{argument 0 is passed by value and expects !llvm.ptr, found '!llvm.ptr<1>'}}
    gpu.launch_func @device::@k blocks in (%n, %c1, %c1) threads in (%c1, %c1, %c1) args(%a : !llvm.ptr<1>)
    return
  }
}

// -----

func.func @f(%x: memref<4xf32>) {
  %one = arith.constant 1.0 : f32
  // expected-error @+1 {{fills device memory by something else than the constant zero}}
  linalg.fill ins(%one : f32) outs(%x : memref<4xf32>)
  return
}

// -----

func.func @f(%x: memref<4xf32>) {
  %z = arith.constant -0.0 : f32
  // expected-error @+1 {{fills device memory by something else than the constant zero}}
  linalg.fill ins(%z : f32) outs(%x : memref<4xf32>)
  return
}

// -----

func.func @f(%x: memref<4xf32>, %z: f32) {
  // expected-error @+1 {{fills device memory by something else than the constant zero}}
  linalg.fill ins(%z : f32) outs(%x : memref<4xf32>)
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  %z = arith.constant 0.0 : f32
  // expected-error @+1 {{expects a memref, found 'tensor<4xf32>'}}
  %y = linalg.fill ins(%z : f32) outs(%x : tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @f(%x: memref<4x4xf32, strided<[8, 1]>>) {
  %z = arith.constant 0.0 : f32
  // expected-error @+1 {{expects contiguous device memory, found 'memref<4x4xf32, strided<[8, 1]>>'}}
  linalg.fill ins(%z : f32) outs(%x : memref<4x4xf32, strided<[8, 1]>>)
  return
}

// -----

func.func @f(%x: memref<?x4xf32, strided<[?, 1]>>, %y: memref<?x4xf32>) {
  // expected-error @+1 {{expects contiguous device memory, found 'memref<?x4xf32, strided<[?, 1]>>'}}
  memref.copy %x, %y : memref<?x4xf32, strided<[?, 1]>> to memref<?x4xf32>
  return
}

// -----

func.func @f(%x: memref<4x4xf32>, %y: memref<4x4xf32, strided<[1, 4]>>) {
  // expected-error @+1 {{expects contiguous device memory, found 'memref<4x4xf32, strided<[1, 4]>>'}}
  memref.copy %x, %y : memref<4x4xf32> to memref<4x4xf32, strided<[1, 4]>>
  return
}

// -----

func.func @f(%x: memref<4xcomplex<f32>>, %y: memref<4xcomplex<f32>>) {
  // expected-error @+1 {{expects elements of numbers, found 'complex<f32>'}}
  memref.copy %x, %y : memref<4xcomplex<f32>> to memref<4xcomplex<f32>>
  return
}

// -----

func.func @f() {
  // expected-error @+1 {{expects the identity layout, found 'memref<4x4xf32, strided<[1, 4]>>'}}
  %x = memref.alloc() : memref<4x4xf32, strided<[1, 4]>>
  return
}

// -----

func.func @f() {
  // expected-error @+1 {{expects an alignment of at most 256 bytes, found 512}}
  %x = memref.alloc() {alignment = 512 : i64} : memref<4xf32>
  return
}

// -----

func.func @f(%x: memref<*xf32>) {
  // expected-error @+1 {{expects contiguous device memory, found 'memref<*xf32>'}}
  memref.dealloc %x : memref<*xf32>
  return
}

// -----

func.func @f(%x: memref<4xf32>, %i: index) {
  // expected-error @+1 {{accesses device memory from the host}}
  %v = memref.load %x[%i] : memref<4xf32>
  return
}

// -----

func.func @f() {
  // expected-error @+1 {{accesses device memory from the host}}
  %x = memref.alloca() : memref<4xf32>
  return
}

// -----

memref.global "private" constant @g : memref<2xf32> = dense<[1.0, 2.0]>
func.func @f() {
  // expected-error @+1 {{expects device memory, found a global of the host}}
  %x = memref.get_global @g : memref<2xf32>
  return
}

// -----

func.func @f(%x: memref<4xf32>, %y: memref<4xf32>) {
  // expected-error @+1 {{accesses device memory from the host}}
  linalg.exp ins(%x : memref<4xf32>) outs(%y : memref<4xf32>)
  return
}

// -----

func.func @f() {
  // expected-error @+1 {{has no call of the runtime on the host}}
  gpu.wait
  return
}

// -----

func.func @f() {
  // expected-error @+1 {{has no call of the runtime on the host}}
  sparse_gpu.wgmma_wait 0
  return
}

// -----

// expected-error @+1 {{redefinition of function 'spmmplu_device_free' of different type '!llvm.func<void (ptr)>' is prohibited}}
llvm.func @spmmplu_device_free()
func.func @f(%x: memref<4xf32>) {
  // expected-error @+1 {{failed to legalize operation 'memref.dealloc'}}
  memref.dealloc %x : memref<4xf32>
  return
}
