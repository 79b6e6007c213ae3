# SPDX-FileCopyrightText: 2026 Vireo contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Every outside library, found once.
find_package(Qt6 6.4 REQUIRED COMPONENTS Core Gui Widgets Network Svg DBus)
if(VIREO_BUILD_TESTS OR VIREO_BUILD_BENCH)
  find_package(Qt6 6.4 REQUIRED COMPONENTS Test)
endif()
find_package(PkgConfig REQUIRED)
pkg_check_modules(LIBVIRT REQUIRED IMPORTED_TARGET libvirt>=9.0 libvirt-qemu>=9.0)
pkg_check_modules(LIBXML2 REQUIRED IMPORTED_TARGET libxml-2.0>=2.9)
pkg_check_modules(LIBOSINFO REQUIRED IMPORTED_TARGET libosinfo-1.0>=1.10 gio-2.0)
pkg_check_modules(LIBARCHIVE REQUIRED IMPORTED_TARGET libarchive>=3.6)
pkg_check_modules(LIBCURL REQUIRED IMPORTED_TARGET libcurl>=7.88)
pkg_check_modules(LIBCRYPT REQUIRED IMPORTED_TARGET libcrypt>=4.4)
pkg_check_modules(LIBYAML REQUIRED IMPORTED_TARGET yaml-0.1>=0.2)

# KF6 where the distribution has it, else the KF5 branch built against Qt 6 in a private prefix (CONTRIBUTING.md).
find_package(KF6SyntaxHighlighting QUIET)
if(NOT TARGET KF6::SyntaxHighlighting)
  find_package(KF5SyntaxHighlighting 5.115 REQUIRED)
  add_library(KF6::SyntaxHighlighting ALIAS KF5::SyntaxHighlighting)
endif()
