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

# runAgainAlone PRESET: what has just failed. System tests hold real hosts to their word, on a machine that may be busy with
# other things: what failed beside other tests gets one more run by itself, and says so. No other kind of test does, and
# no more than two at a time. A test named here has a bug to be found, or is one.
runAgainAlone() {
    local failed=() system=() name pattern
    mapfile -t failed < <(sed 's/^[0-9]*://' "build/$1/Testing/Temporary/LastTestsFailed.log" 2>/dev/null)
    ((${#failed[@]} > 0 && ${#failed[@]} <= 2)) || return 1
    mapfile -t system < <(testNames "$1" --label-regex '^system$')
    for name in "${failed[@]}"; do
        [[ " ${system[*]} " == *" $name "* ]] || return 1
    done
    pattern=$(IFS='|' && printf '%s' "${failed[*]}")
    say "FAILED beside other tests, once more alone: ${failed[*]}"
    runTests "$1" --tests-regex "^($pattern)\$" --parallel 1 || return 1
    say "passed alone, after a failure (see above; please find out why): ${failed[*]}"
}

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
    runTests asan --label-exclude '^soak$' || runAgainAlone asan || status=1
    runTests tsan || status=1
    return "$status"
}
