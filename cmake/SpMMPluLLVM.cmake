# Finds LLVM and MLIR 22.1 and sets what their CMake functions need when they
# are used out of tree. Everything links libMLIR.so and libLLVM.so only: a
# second, static copy of MLIR in one process crashes.
find_package(MLIR 22.1 REQUIRED CONFIG)
message(STATUS "MLIR ${MLIR_CMAKE_DIR}")

set(MLIR_LINK_MLIR_DYLIB ON) # not exported by MLIRConfig
set(LLVM_RUNTIME_OUTPUT_INTDIR ${CMAKE_BINARY_DIR}/bin)
set(LLVM_LIBRARY_OUTPUT_INTDIR ${CMAKE_BINARY_DIR}/lib)
set(MLIR_BINARY_DIR ${CMAKE_BINARY_DIR})
set(LLVM_EXTERNAL_LIT ${LLVM_TOOLS_BINARY_DIR}/lit CACHE STRING "")
list(APPEND CMAKE_MODULE_PATH ${MLIR_CMAKE_DIR} ${LLVM_CMAKE_DIR})
include(TableGen)
include(AddLLVM)
include(AddMLIR)
include(HandleLLVMOptions)
include_directories(SYSTEM ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
separate_arguments(LLVM_DEFINITIONS_LIST NATIVE_COMMAND ${LLVM_DEFINITIONS})
add_definitions(${LLVM_DEFINITIONS_LIST})

# MLIR's headers take most of the seconds that a file takes to compile (10 of 11
# for a kernel), so those that several libraries use are compiled once. A file
# still includes what it uses.
set(SPMMPLU_MLIR_HEADERS
  <mlir/Dialect/Arith/IR/Arith.h>
  <mlir/Dialect/Func/IR/FuncOps.h>
  <mlir/Dialect/GPU/IR/GPUDialect.h>
  <mlir/Dialect/LLVMIR/LLVMDialect.h>
  <mlir/Dialect/LLVMIR/NVVMDialect.h>
  <mlir/Dialect/Linalg/IR/Linalg.h>
  <mlir/Dialect/Math/IR/Math.h>
  <mlir/Dialect/MemRef/IR/MemRef.h>
  <mlir/Dialect/SCF/IR/SCF.h>
  <mlir/Dialect/Tensor/IR/Tensor.h>
  <mlir/Dialect/Vector/IR/VectorOps.h>
  <mlir/IR/BuiltinOps.h>
  <mlir/IR/Matchers.h>
  <mlir/Pass/PassManager.h>)
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/cmake/MLIRHeaders.cpp CONTENT "")
add_mlir_library(SpMMPluMLIRHeaders STATIC
  ${CMAKE_BINARY_DIR}/cmake/MLIRHeaders.cpp
  EXCLUDE_FROM_LIBMLIR DISABLE_INSTALL PARTIAL_SOURCES_INTENDED)
# Without the time in it, ccache can tell that it is the same.
set(SPMMPLU_PCH_OPTIONS "$<$<CXX_COMPILER_ID:Clang>:SHELL:-Xclang -fno-pch-timestamp>")
target_compile_options(SpMMPluMLIRHeaders PRIVATE ${SPMMPLU_PCH_OPTIONS})
target_precompile_headers(SpMMPluMLIRHeaders PRIVATE ${SPMMPLU_MLIR_HEADERS})

# A compiler library of this project: add_spmmplu_library(Name sources...
# [DEPENDS ...] [LINK_LIBS own libraries...] [MLIR_LIBS ...]).
function(add_spmmplu_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LINK_LIBS;MLIR_LIBS" ${ARGN})
  add_mlir_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS}
    EXCLUDE_FROM_LIBMLIR DISABLE_INSTALL PARTIAL_SOURCES_INTENDED
    DEPENDS ${ARG_DEPENDS}
    LINK_LIBS PUBLIC ${ARG_LINK_LIBS})
  mlir_target_link_libraries(${name} PUBLIC MLIRIR ${ARG_MLIR_LIBS})
  target_compile_options(${name} PRIVATE ${SPMMPLU_PCH_OPTIONS})
  target_precompile_headers(${name} REUSE_FROM SpMMPluMLIRHeaders)
endfunction()
