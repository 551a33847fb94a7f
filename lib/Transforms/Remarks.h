//===- Remarks.h - The compiler's decisions, with figures ------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_TRANSFORMS_REMARKS_H
#define SPMMPLU_LIB_TRANSFORMS_REMARKS_H

#include "mlir/IR/Operation.h"
#include "mlir/IR/Remarks.h"

namespace mlir::spmmplu {

/// A remark of a pass about `op`, in category `sparse-ir`; `taken` says whether
/// the transformation was applied. Add figures with `remark::metric`.
inline remark::detail::InFlightRemark emitRemark(Operation *op, StringRef pass,
                                                 bool taken = true) {
  auto options = remark::RemarkOpts::name(pass).category("sparse-ir");
  return taken ? remark::passed(op->getLoc(), options)
               : remark::missed(op->getLoc(), options);
}

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_TRANSFORMS_REMARKS_H
