//===- HtmlPage.h - The fixed parts of an HTML plot -------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_PLOT_HTMLPAGE_H
#define SPMMPLU_LIB_PLOT_HTMLPAGE_H

#include <string_view>

namespace mlir::spmmplu {

/// From the first byte up to the data: head, style and body.
extern const std::string_view htmlHead;
/// What reads the data (see Html.cpp for their layout).
extern const std::string_view htmlModel;
/// What draws.
extern const std::string_view htmlView;
/// What answers the pointer and fills the side bar; starts everything.
extern const std::string_view htmlControls;

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_PLOT_HTMLPAGE_H
