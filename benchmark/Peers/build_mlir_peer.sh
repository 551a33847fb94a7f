#!/usr/bin/env bash
#===- build_mlir_peer.sh - Upstream's sparse product for one shape ---------===#
#
# Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#===------------------------------------------------------------------------===#
#
# Compiles MlirSparseTensor.mlir for fixed sizes into a shared library, for the
# mlir-csr and mlir-bsr peers. It holds each product twice: for one thread, and
# with OpenMP over the rows.
#
# The pipeline is upstream's `sparsifier` without its GPU steps and with
# convert-scf-to-openmp put in, which has to see scf.parallel before it becomes
# branches. No pass lets multiply and add fuse, so the flag is put into the LLVM
# IR: without it the peer would do without FMA. For one column it is left out:
# the sum of a row is one chain there, and an add has less latency than an FMA.

set -euo pipefail

usage() {
  cat <<'EOF'
usage: build_mlir_peer.sh --m=M --k=K --n=N [--block=RxC] OUTPUT.so
  --block   blocks of A that the BSR product is made for (default 1x1: none)
environment:
  LLVM_BIN  directory of mlir-opt, llc and the like (/usr/lib/llvm-22/bin)
EOF
}

fail() {
  echo "build_mlir_peer.sh: $1" >&2
  exit 2
}

m= k= n= block=1x1 output=
for argument in "$@"; do
  case $argument in
    --help) usage; exit 0 ;;
    --m=*) m=${argument#*=} ;;
    --k=*) k=${argument#*=} ;;
    --n=*) n=${argument#*=} ;;
    --block=*) block=${argument#*=} ;;
    -*) fail "unknown option $argument, see --help" ;;
    *) output=$argument ;;
  esac
done
[[ $m$k$n =~ ^[0-9]+$ && -n $m && -n $k && -n $n ]] ||
  fail "--m, --k and --n are '$m', '$k', '$n', expected whole numbers"
[[ $block =~ ^([1-9][0-9]*)x([1-9][0-9]*)$ ]] ||
  fail "--block is '$block', expected RxC"
rows=${BASH_REMATCH[1]} cols=${BASH_REMATCH[2]}
(( m % rows == 0 && k % cols == 0 )) ||
  fail "block $block does not tile ${m}x${k}"
[[ -n $output ]] || fail "no output named, see --help"

bin=${LLVM_BIN:-/usr/lib/llvm-22/bin}
template=$(dirname "${BASH_SOURCE[0]}")/MlirSparseTensor.mlir
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# compile SUFFIX STRATEGY EXTRA_PASS: writes $work/kernel$SUFFIX.o.
compile() {
  local suffix=$1 strategy=$2 extra=$3
  local vector="enable-x86vector=true force-32bit-vector-indices=true"
  vector+=" reassociate-fp-reductions=true"
  local pipeline="builtin.module(
    func.func(linalg-generalize-named-ops,linalg-fuse-elementwise-ops),
    sparsification-and-bufferization{
      enable-simd-index32=true parallelization-strategy=$strategy vl=16},
    sparse-storage-specifier-to-llvm,
    func.func(canonicalize,convert-linalg-to-loops,convert-vector-to-scf,
              expand-realloc),
    $extra
    func.func(convert-scf-to-cf),
    expand-strided-metadata,
    lower-affine,
    convert-vector-to-llvm{$vector},
    func.func(arith-expand),
    convert-to-llvm,
    reconcile-unrealized-casts)"
  local fuse="contract "
  (( n > 1 )) || fuse=
  # The dialect takes no blocks of 1x1.
  local blocks=
  (( rows * cols > 1 )) || blocks='/begin BSR/,/end BSR/d'
  sed -e "$blocks" -e "s/@M@/$m/g; s/@K@/$k/g; s/@N@/$n/g" \
      -e "s/@R@/$rows/g; s/@S@/$cols/g; s/@SUFFIX@/$suffix/g" \
      "$template" |
    "$bin/mlir-opt" --pass-pipeline="${pipeline//$'\n'/}" |
    "$bin/mlir-translate" --mlir-to-llvmir |
    sed -E "s/ = (fadd|fmul) / = \1 $fuse/" >"$work/kernel$suffix.ll"
  "$bin/opt" -O3 -mcpu=native "$work/kernel$suffix.ll" |
    "$bin/llc" -O3 -mcpu=native -relocation-model=pic -filetype=obj \
      -o "$work/kernel$suffix.o"
}

compile "" none ""
# Canonicalizing removes the allocation scopes that the conversion leaves; they
# may not hold the branches that come next.
compile _omp dense-outer-loop "convert-scf-to-openmp,func.func(canonicalize),"
"$bin/clang" -shared "$work"/kernel.o "$work"/kernel_omp.o \
  -L"$bin/../lib" -lomp -o "$output"
