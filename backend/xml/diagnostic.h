// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/xml/syntaxtree.h"

namespace vireo::xml {

/** Something wrong in a document, where it is, in a sentence that a person understands. */
struct Diagnostic {
    enum class Severity { Note, Warning, Error };
    Severity severity = Severity::Error;
    TextRange range; ///< what to underline; never empty unless the text is
    TextPlace place; ///< of range.from
    QString message; ///< "<disk> has no attribute “typ”."
    QString hint;    ///< "Did you mean “type”? Allowed here: device, model, type." May be empty.
    friend bool operator==(const Diagnostic &, const Diagnostic &) = default;
};

/** What a document is: which schema it follows. */
enum class DocumentKind {
    Domain,
    DomainSnapshot,
    DomainCheckpoint,
    StoragePool,
    StorageVolume,
    Network,
    NetworkFilter,
    NodeDevice,
    Interface,
    Secret,
    Capabilities,
    DomainCapabilities,
};

} // namespace vireo::xml
