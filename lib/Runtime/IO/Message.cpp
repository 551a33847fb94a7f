//===- Message.cpp - Building one-line errors -----------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Message.h"

namespace spmmplu {

std::string io::quote(std::string_view text) {
  constexpr size_t maxLength = 64;
  constexpr std::string_view hex = "0123456789abcdef";
  std::string out = "'";
  for (char c : text.substr(0, maxLength)) {
    unsigned char byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7f) {
      out += "\\x";
      out += hex[byte >> 4];
      out += hex[byte & 15];
      continue;
    }
    if (c == '\'' || c == '\\')
      out += '\\';
    out += c;
  }
  return out + (text.size() > maxLength ? "'..." : "'");
}

} // namespace spmmplu
