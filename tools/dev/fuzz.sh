# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 Vireo contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ./dev fuzz. Sourced by ./dev.
: "${root:?sourced by ./dev}"

# seedCorpus FOLDER: the documents of tests/data, with the four bytes in front that say what is done where.
seedCorpus() {
    local file number=0
    for file in "$root"/tests/data/{domain,create,capabilities}/*.xml; do
        [[ -f $file ]] || continue
        number=$((number + 1))
        { printf '\001\020\005\000' && cat "$file"; } >"$1/seed-$number"
    done
    cp "$root"/tests/fuzz/inputs/* "$1"
}

# The corpus grows from run to run in build/fuzz/corpus; what breaks something is left in build/fuzz/found.
verb_fuzz() {
    local seconds=${1:-300} corpus=$root/build/fuzz/corpus found=$root/build/fuzz/found
    (($# <= 1)) || die "fuzz takes a number of seconds at most"
    [[ $seconds =~ ^[1-9][0-9]*$ ]] || die "\"$seconds\" is no number of seconds"
    require build run fuzz
    requireOwnLibraries
    configure fuzz "-DCMAKE_CXX_COMPILER=$(clangTool clang++)"
    buildPreset fuzz fuzz_xml
    mkdir -p "$corpus" "$found"
    seedCorpus "$corpus"
    (
        enterSandbox
        "$root/build/fuzz/bin/fuzz_xml" -max_total_time="$seconds" -max_len=65536 -timeout=20 -rss_limit_mb=2048 \
            -dict="$root/tests/fuzz/xml.dict" -artifact_prefix="$found/" -print_final_stats=1 "$corpus"
    ) || die "an input breaks something: build/fuzz/found (a copy in tests/fuzz/inputs makes it a test)"
}
