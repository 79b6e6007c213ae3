# SPDX-FileCopyrightText: 2026 Vireo contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Flags and definitions that all our targets share, and the functions that make a target of each kind.
add_library(vireo_options INTERFACE)
target_compile_features(vireo_options INTERFACE cxx_std_23)
target_compile_options(vireo_options INTERFACE
  -Wall -Wextra -Wold-style-cast -Wnon-virtual-dtor -Woverloaded-virtual -Wshadow $<$<BOOL:${VIREO_WERROR}>:-Werror>)
target_compile_definitions(vireo_options INTERFACE
  QT_NO_CAST_FROM_ASCII QT_NO_CAST_TO_ASCII QT_NO_KEYWORDS QT_NO_NARROWING_CONVERSIONS_IN_CONNECT
  QT_NO_CONTEXTLESS_CONNECT QT_DISABLE_DEPRECATED_BEFORE=0x060400 VIREO_VERSION="${PROJECT_VERSION}")
target_include_directories(vireo_options INTERFACE ${PROJECT_SOURCE_DIR})
if(VIREO_SANITIZE)
  # Null pointers are caught by AddressSanitizer as well; both checks at each access double the time of compiling.
  target_compile_options(vireo_options INTERFACE -fsanitize=${VIREO_SANITIZE} -fno-sanitize=null,alignment
    -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  target_link_options(vireo_options INTERFACE -fsanitize=${VIREO_SANITIZE})
endif()

# With -Og g++ 12 takes each std::stop_source on the stack for uninitialised; optimised builds warn where it is true.
set(vireo_false_warnings "")
if(VIREO_SANITIZE)
  set(vireo_false_warnings -Wno-maybe-uninitialized)
endif()

# vireo_add_library(NAME SOURCES… LINK …): one static library per folder. What it may include is what it links.
function(vireo_add_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC ${ARG_LINK} PRIVATE vireo_options)
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
  set_target_properties(${name} PROPERTIES CXX_STANDARD 23 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF)
endfunction()

# vireo_add_test(NAME SOURCES… LINK … LABELS …): one Qt Test program, known to ctest under its own name.
function(vireo_add_test name)
  cmake_parse_arguments(ARG "WAITS" "TIMEOUT" "SOURCES;LINK;LABELS;ENVIRONMENT" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} Qt6::Test vireo_options)
  target_compile_options(${name} PRIVATE ${vireo_false_warnings})
  set_target_properties(${name} PROPERTIES CXX_STANDARD 23 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF UNITY_BUILD OFF)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT}
    ENVIRONMENT "QT_QPA_PLATFORM=offscreen;QTEST_FUNCTION_TIMEOUT=1500000;${ARG_ENVIRONMENT}")
  # The presets give out five half processors: two tests run at once, and beside them one that mostly waits (WAITS), for
  # a time limit of the network or a daemon, say.
  if(NOT ARG_WAITS)
    set_tests_properties(${name} PROPERTIES PROCESSORS 2)
  endif()
endfunction()
