# Helpers for targets that must not see LLVM.

# spmmplu_plain_library(Name sources... [LINK_LIBS ...]): a static, position
# independent library without exceptions escaping its interface and no LLVM.
function(spmmplu_plain_library name)
  cmake_parse_arguments(ARG "" "" "LINK_LIBS" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_compile_options(${name} PRIVATE -Wall -Wextra)
  target_link_libraries(${name} PUBLIC ${ARG_LINK_LIBS})
endfunction()

# spmmplu_unit_test(Name sources... [LINK_LIBS ...]): one GoogleTest binary.
function(spmmplu_unit_test name)
  cmake_parse_arguments(ARG "" "" "LINK_LIBS" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE ${ARG_LINK_LIBS} GTest::gtest_main)
  set_target_properties(${name} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/test/Unit)
  add_test(NAME ${name} COMMAND ${name})
endfunction()
