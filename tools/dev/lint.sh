# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 Vireo contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ./dev lint and ./dev format. Sourced by ./dev.
: "${root:?sourced by ./dev}"

# Prints the name of a clang tool: version 19 where the distribution names it so, since another one formats differently.
clangTool() {
    if command -v "$1-19" >/dev/null; then echo "$1-19"; else echo "$1"; fi
}

# ourFiles PATTERN...: files of the project that exist, also new ones that are not committed yet.
ourFiles() {
    local file
    git ls-files --cached --others --exclude-standard -- "$@" | sort -u | while IFS= read -r file; do
        [[ -f $file ]] && printf '%s\n' "$file"
    done
}

scripts() {
    local file
    ourFiles | while IFS= read -r file; do
        case $file in
        *.sh) printf '%s\n' "$file" ;;
        *.*) ;;
        *) head -c 64 "$file" | head -n 1 | grep -aqE '^#!.*[/ ](ba|da)?sh( |$)' && printf '%s\n' "$file" ;;
        esac
    done || true
}

verb_format() {
    (($# == 0)) || die "format takes no arguments"
    require lint
    ourFiles '*.cpp' '*.h' | xargs -r "$(clangTool clang-format)" -i
}

lintFormat() {
    local files
    mapfile -t files < <(ourFiles '*.cpp' '*.h')
    ((${#files[@]} == 0)) || "$(clangTool clang-format)" --dry-run -Werror "${files[@]}"
}

lintScripts() {
    local files
    mapfile -t files < <(scripts)
    ((${#files[@]} == 0)) || shellcheck --external-sources --source-path=SCRIPTDIR \
        --source-path=tests/system/bed "${files[@]}"
}

# Test data may be broken on purpose.
lintXml() {
    local files
    mapfile -t files < <(ourFiles '*.xml' '*.qrc' '*.svg' '*.ts' '*.ui' ':!tests/data')
    ((${#files[@]} == 0)) || xmllint --noout --nonet "${files[@]}"
}

# The files in the compilation database that are ours, not generated: relative to the checkout.
compiledFiles() {
    sed -n 's/^ *"file": "\(.*\)",\{0,1\}$/\1/p' build/clang-tidy/compile_commands.json | sort -u |
        sed -n "s#^$root/##p" | grep -v '^build/'
}

# lintTidy [FILE...]: these files, or all. Compiles nothing; only the moc files that sources include are made, directly,
# since the build's own targets for them wait for the libraries below.
lintTidy() {
    local files tool
    tool=$(clangTool clang-tidy)
    find build/clang-tidy -name AutogenInfo.json -print0 |
        xargs -0 -r -P "$(nproc)" -I '{}' cmake -E cmake_autogen '{}' Debug >build/clang-tidy/autogen.log 2>&1 || {
        cat build/clang-tidy/autogen.log >&2
        return 1
    }
    if (($#)); then files=("$@"); else mapfile -t files < <(compiledFiles); fi
    # Continuous integration goes without what takes half of the time and seldom finds anything: the static analyser, and
    # checks that look at each expression of Qt's headers as well. Measured with --enable-check-profile.
    local -a fast=()
    local dear='-clang-analyzer-*,-bugprone-*,bugprone-use-after-move,bugprone-unused-return-value,-modernize-*'
    dear+=',modernize-use-override,-misc-redundant-expression,-misc-unconventional-assign-operator'
    dear+=',-cppcoreguidelines-virtual-class-destructor,-readability-container-size-empty'
    [[ -z ${VIREO_LINT_FAST:-} ]] || fast=(--checks="$dear")
    ((${#files[@]})) || die "the compilation database is empty"
    # GCC 12's std::stable_sort uses what its own headers call deprecated, and clang sees our lines in the way there;
    # libvirt's callbacks are cast by design.
    local -a arguments=(--extra-arg=-Wno-error=deprecated-declarations
        --extra-arg=-Wno-error=cast-function-type-mismatch --extra-arg=-Wno-unknown-warning-option)
    # The count of warnings in system headers, which clang-tidy prints for each file, helps nobody.
    printf '%s\0' "${files[@]}" |
        xargs -0 -n 1 -P "$(nproc)" "$tool" -p build/clang-tidy --quiet "${fast[@]}" "${arguments[@]}" \
            2> >(grep -vE '^[0-9]+ warnings? (and [0-9]+ errors? )?generated' >&2)
}

# check STEP [ARGUMENT...]: runs one and says how it went.
check() {
    if "$@"; then
        say "$1: ok"
    else
        say "$1: FAILED"
        return 1
    fi
}

# lint [FILE...]: with files, clang-tidy looks at these alone.
verb_lint() {
    local status=0
    require build test lint
    requireOwnLibraries
    configure clang-tidy
    check lintFormat || status=1
    check lintScripts || status=1
    check lintXml || status=1
    check lintTidy "$@" || status=1
    return "$status"
}
