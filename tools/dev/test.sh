# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 Vireo contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ./dev test. What the sanitizers are told stands in the test presets of CMakePresets.json.

# testNames PRESET [CTEST-ARGUMENT...]: the names of the tests that would run.
testNames() {
    ctest --preset "$1" --show-only "${@:2}" | sed -n 's/^ *Test *#[0-9]*: \([^ ]*\).*/\1/p'
}

# runTests PRESET [CTEST-ARGUMENT...]: in a home of their own.
runTests() (
    printf '\n== tests, preset %s\n' "$1"
    enterSandbox
    ctest --preset "$1" --output-on-failure --no-tests=error "${@:2}"
)

# The backend's own threads under ThreadSanitizer: only the tests labelled "tsan", and only their programs are built,
# since the GUI would bring reports about Qt (which is not instrumented) and nothing about us.
buildThreadTests() {
    local names
    configure tsan
    mapfile -t names < <(testNames tsan)
    ((${#names[@]})) || die 'no test carries the label "tsan"'
    buildPreset tsan "${names[@]}"
}

# Packages are tested in clean roots, as root; these tests need nothing of the other presets. Those named, or those that
# are quick to make.
testPackages() {
    local kinds=("$@") as_root=() pattern
    ((${#kinds[@]})) || kinds=(deb appimage)
    pattern=$(IFS='|' && printf '%s' "${kinds[*]#package_}")
    verb_package "${kinds[@]#package_}"
    require build # CMake looks for the libraries, also where nothing is compiled with them
    requireOwnLibraries
    configure release -DVIREO_TEST_PACKAGES=ON
    [[ $(id -u) == 0 ]] || as_root=(sudo -n)
    printf '\n== tests of packages\n'
    "${as_root[@]}" ctest --preset release --output-on-failure --tests-regex "^package_($pattern)\$" ||
        die "tests of packages failed (they need root; pictures and logs: build/package-tests)"
}

verb_test() {
    local selection=() names=() pattern='' packages_wanted='' status=0
    while (($#)); do
        case $1 in
        --label | -L)
            (($# >= 2)) || die "--label needs a label"
            [[ $2 != package ]] || packages_wanted=yes
            selection+=(--label-regex "^$2\$")
            shift
            ;;
        -*) die "test knows no option \"$1\"" ;;
        *) pattern+=${pattern:+|}$1 && names+=("$1") ;;
        esac
        shift
    done
    if [[ -n $packages_wanted ]]; then
        testPackages "${names[@]}"
        return
    fi
    [[ -z $pattern ]] || selection+=(--tests-regex "$pattern")

    require build run test
    requireOwnLibraries
    requireGuestPackages
    configure asan
    buildPreset asan
    if ((${#selection[@]})); then
        runTests asan "${selection[@]}"
        return
    fi

    buildThreadTests
    # Both are run even when the first fails; those labelled "soak" take long and are asked for by name.
    runTests asan --label-exclude '^soak$' || status=1
    runTests tsan || status=1
    return "$status"
}
