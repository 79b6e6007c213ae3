#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 Vireo contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Derives the manifest of the local Flatpak from the one that is for Flathub.

    flatpakmanifest.py sources MANIFEST
        What to fetch, one source a line, as flatpaksources.sh reads it.
    flatpakmanifest.py derive MANIFEST FILES CHECKOUT EPOCH
        The local manifest, as JSON. FILES is a file with what flatpaksources.sh printed ("NAME FILE SHA256"), the files
        being beside it; CHECKOUT a tarball of this checkout.

Modules, their order and options, finish-args and all else stay. Replaced are the runtime, by one made of Debian packages,
and each source's address, by a file: Debian's tarball where it is upstream's own, byte for byte, else ("repacked", or data
from a package) Debian's version of it. Each source says by "x-debian" which of them it is.
"""
import hashlib
import json
import os
import sys

import yaml

RUNTIME = {
    "runtime": "io.github.vireo_vm.DebianPlatform",
    "sdk": "io.github.vireo_vm.DebianSdk",
    "runtime-version": "trixie",
}


def fail(text):
    sys.exit(f"flatpakmanifest: {text}")


def load(path):
    with open(path, encoding="utf-8") as file:
        return yaml.safe_load(file)


def sources(manifest):
    """Each source with its module and what x-debian says of it."""
    for module in manifest["modules"]:
        for source in module["sources"]:
            if "x-debian" not in source:
                fail(f"a source of {module['name']} has no x-debian")
            yield module, source, source["x-debian"]


def list_sources(manifest):
    for _, source, debian in sources(manifest):
        if "source" in debian:
            print("source", debian["source"], "-" if debian.get("repacked") else source["sha256"])
        elif "package" in debian:
            print("package", debian["package"], debian["folder"])


def read_files(path):
    """Name -> (absolute path, sum)."""
    folder = os.path.dirname(os.path.abspath(path))
    found = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            name, tarball, checksum = line.split()
            found[name] = (os.path.join(folder, tarball), checksum)
    return found


def checksum_of(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def derive(manifest, files, checkout, epoch):
    manifest.update(RUNTIME)
    # Debian 12's flatpak-builder does it by a tool that knows an older form of metainfo.
    manifest["appstream-compose"] = False
    for module, source, debian in sources(manifest):
        if debian.get("checkout"):
            path, checksum = os.path.abspath(checkout), checksum_of(checkout)
            # Only here, so that the other modules stay as they were built for an earlier commit.
            module.setdefault("build-options", {}).setdefault("env", {})["SOURCE_DATE_EPOCH"] = epoch
        else:
            path, checksum = files[debian.get("source") or debian["package"]]
        kept = {key: source[key] for key in ("dest-filename", "strip-components") if key in source}
        kind = "file" if source["type"] == "file" else "archive"
        source.clear()
        source.update({"type": kind, "path": path, "sha256": checksum, **kept})
    json.dump(manifest, sys.stdout, indent=2)
    print()


def main():
    match sys.argv[1:]:
        case ["sources", manifest]:
            list_sources(load(manifest))
        case ["derive", manifest, files, checkout, epoch]:
            derive(load(manifest), read_files(files), checkout, epoch)
        case _:
            fail("usage: flatpakmanifest.py sources MANIFEST | derive MANIFEST FILES CHECKOUT EPOCH")


main()
