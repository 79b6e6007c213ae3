# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 Vireo contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Configure and build by CMakePresets.json. Sourced by ./dev.
: "${root:?sourced by ./dev}"

# configure PRESET [CMAKE-ARGUMENT...]. Quiet unless it fails; a cache of another checkout or compiler is thrown away.
configure() {
    local preset=$1 log
    shift
    local arguments=(--preset "$preset" "$@")
    command -v ccache >/dev/null && arguments+=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
    command -v mold >/dev/null && arguments+=(-DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=mold)
    mkdir -p "$root/build"
    log=$root/build/configure-$preset.log
    cmake "${arguments[@]}" >"$log" 2>&1 && return
    if grep -q 'CMakeCache.txt directory .* is different' "$log"; then
        say "build/$preset was made by a checkout elsewhere: starting it anew"
        cmake --fresh "${arguments[@]}" >"$log" 2>&1 && return
    fi
    cat "$log" >&2
    die "configuring \"$preset\" failed"
}

# buildPreset PRESET [TARGET...]: in a configured preset.
buildPreset() {
    local preset=$1
    shift
    NINJA_STATUS="[$preset %f/%t] " cmake --build --preset "$preset" ${1:+--target} "$@"
}

knownPreset() {
    case $1 in release | dev | asan | tsan | clang-tidy) ;; *) die "there is no preset \"$1\" (release, dev, asan, tsan, clang-tidy)" ;; esac
}

verb_build() {
    local preset=${1:-release}
    (($# <= 1)) || die "build takes one preset at most"
    knownPreset "$preset"
    require build
    requireOwnLibraries
    configure "$preset"
    buildPreset "$preset"
    say "built build/$preset/bin/vireo"
}

verb_bench() {
    require build run bench
    requireOwnLibraries
    requireSshServer
    configure release -DVIREO_BUILD_BENCH=ON
    buildPreset release
    local program name found=0 failed=()
    enterSandbox
    for program in "$root"/build/release/bin/bench_*; do
        [[ -x $program ]] || continue
        name=${program##*/bench_}
        (($# == 0)) || [[ " $* " == *" $name "* || " $* " == *" bench_$name "* ]] || continue
        found=1
        printf '\n== %s\n' "$name"
        QT_QPA_PLATFORM=${QT_QPA_PLATFORM:-offscreen} "$program" || failed+=("$name")
    done
    ((found)) || die "no benchmark of that name in build/release/bin"
    ((${#failed[@]} == 0)) || die "failed: ${failed[*]}"
}
