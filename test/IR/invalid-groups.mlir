// RUN: sparse-opt %s -split-input-file -verify-diagnostics

func.func @group_c1(%a: tensor<2x4xf32>, %b: tensor<4x3xf32>, %c: tensor<2x3xf32>) {
  %0 = sparse_ir.matmul ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%c : tensor<2x3xf32>) groups {
    sparse_ir.group <chain> {
      // expected-error @+1 {{is no meta-op: 'sparse_ir.group' holds nothing but meta-ops}}
      %1 = arith.constant 1 : index
    }
  }
  return
}

// -----

func.func @group_c2(%a: tensor<4x4xf32>, %b: tensor<4x3xf32>, %c: tensor<4x3xf32>) {
  %0 = sparse_ir.matmul ins(%a, %b : tensor<4x4xf32>, tensor<4x3xf32>) outs(%c : tensor<4x3xf32>) groups {
    // Meta-ops of other policies may overlap, so may those of other groups.
    sparse_ir.group <chain> {
      sparse_ir.meta_op i <0 to 2> j <*> k <0 to 1>
      sparse_ir.meta_op i <0 to 2> j <*> k <1 to 2>
    }
    sparse_ir.group <disjoint> {
      sparse_ir.meta_op i <0 to 2> j <0 to 2> k <0 to 2>
      sparse_ir.meta_op i <2 to 4> j <0 to 2> k <0 to 2>
      // expected-note @+1 {{the other meta-op is here}}
      sparse_ir.meta_op i <[0, 3]> j <[2]> k <0 to 1>
      // expected-error @+1 {{writes an output element that another meta-op of a disjoint group writes}}
      sparse_ir.meta_op i <3 to 4> j <2 to 3> k <3 to 4>
    }
  }
  return
}

// -----

// Ranges are compared, not listed: j has 2^31 - 1 elements here.
func.func @group_c2_long(%a: tensor<4x4xf32>, %b: tensor<4x?xf32>, %c: tensor<4x?xf32>) {
  %0 = sparse_ir.matmul ins(%a, %b : tensor<4x4xf32>, tensor<4x?xf32>) outs(%c : tensor<4x?xf32>) groups {
    sparse_ir.group <disjoint> {
      // expected-note @+1 {{the other meta-op is here}}
      sparse_ir.meta_op i <0 to 2> j <0 to 2147483647> k <0 to 2>
      // expected-error @+1 {{writes an output element}}
      sparse_ir.meta_op i <[1]> j <[2147483646]> k <*>
    }
  }
  return
}

// -----

func.func @meta_op_c1(%a: tensor<2x4xf32>, %b: tensor<4x3xf32>, %c: tensor<2x3xf32>) {
  %0 = sparse_ir.matmul ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%c : tensor<2x3xf32>) groups {
    sparse_ir.group <disjoint> {
      // expected-error @+1 {{has N:M on axis j, expected on k only}}
      sparse_ir.meta_op i <0 to 1> j <0 to 2, nm 1 of 2> k <0 to 1>
    }
  }
  return
}

// -----

func.func @meta_op_c2(%a: tensor<2x4xf32>, %b: tensor<4x3xf32>, %c: tensor<2x3xf32>) {
  %0 = sparse_ir.matmul ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%c : tensor<2x3xf32>) groups {
    sparse_ir.group <disjoint> {
      // expected-error @+1 {{reaches index 4 on axis k, the computational space ends at 4}}
      sparse_ir.meta_op i <0 to 1> j <*> k <[0, 4]>
    }
  }
  return
}

// -----

// expected-error @+1 {{expects parent op 'sparse_ir.group'}}
sparse_ir.meta_op i <0 to 1> j <*> k <*>
