// RUN: sparse-opt %s -split-input-file -verify-diagnostics --pass-pipeline='builtin.module(gpu.module(convert-sparse-gpu-to-nvvm))'

gpu.module @device {
  gpu.func @wait(%x: vector<4xf16>) {
    // expected-error @+1 {{expects accumulators, vectors of f32 or i32, found 'vector<4xf16>'}}
    %0 = sparse_gpu.wgmma_wait 0, %x : vector<4xf16>
    gpu.return
  }
}

// -----

gpu.module @device {
  gpu.func @pending() {
    // expected-error @+1 {{expects 0 to 7 groups in flight, found 8}}
    sparse_gpu.wgmma_wait 8
    gpu.return
  }
}

// -----

gpu.module @device {
  gpu.func @exp2(%x: f16) -> f16 {
    // expected-error @+1 {{expects f32 or a vector of it, found 'f16'}}
    %0 = math.exp2 %x : f16
    gpu.return %0 : f16
  }
}

// -----

gpu.module @device {
  // expected-error @+1 {{argument 1 expects a number or a pointer, found 'memref<4xf32>'}}
  gpu.func @argument(%n: i32, %x: memref<4xf32>) kernel {
    gpu.return
  }
}

// -----

gpu.module @device {
  // expected-error @+1 {{expects shared memory as a global of the module, found attributions}}
  gpu.func @attributions() workgroup(%x: memref<4xf32, #gpu.address_space<workgroup>>) kernel {
    gpu.return
  }
}
