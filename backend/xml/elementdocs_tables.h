// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>

namespace vireo::xml::elementdocs {

/** One text of the tables behind documentationOf(). */
struct Entry {
    const char *key;  ///< "disk/driver@cache": the end of a path, and an attribute behind "@"
    const char *text; ///< English source text in the context "xml_ElementDocs"
};

// Functions, because a table of another file may not be initialised yet when a static object asks for it.
std::span<const Entry> domainBasics();
std::span<const Entry> domainTuning();
std::span<const Entry> domainStorage();
std::span<const Entry> domainNetwork();
std::span<const Entry> domainLines();
std::span<const Entry> domainDisplay();
std::span<const Entry> pools();
std::span<const Entry> volumes();
std::span<const Entry> snapshots();
std::span<const Entry> checkpoints();
std::span<const Entry> secrets();
std::span<const Entry> networks();
std::span<const Entry> filters();
std::span<const Entry> nodeDevices();
std::span<const Entry> hostInterfaces();
std::span<const Entry> capabilities();
std::span<const Entry> domainCapabilities();

} // namespace vireo::xml::elementdocs
