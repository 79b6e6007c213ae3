// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <stop_token>

#include "backend/base/error.h"
#include "backend/xml/completion.h"
#include "backend/xml/diagnostic.h"

namespace vireo::xml {

/**
 * libvirt's RELAX NG schema of one kind of document, as installed on this computer. Loaded once and kept
 * (load()); immutable and used by many threads at once. Loading takes some 50 ms: a worker thread.
 */
class Schema final
{
    Q_DISABLE_COPY_MOVE(Schema)

public:
    ~Schema();

    /** The directories that are searched, in this order: $VIREO_SCHEMA_DIR, $XDG_DATA_DIRS/libvirt/schemas, those
     *  relative to the program (AppImage, Flatpak), /usr/share/libvirt/schemas. */
    static QStringList directories();
    /** Any worker thread. Error NotFound: libvirt's schemas are not installed here, and which package has them. */
    static Result<std::shared_ptr<const Schema>> load(DocumentKind kind);
    /** The same from one directory, uncached: for tests. */
    static Result<std::shared_ptr<const Schema>> loadFrom(const QString &directory, DocumentKind kind);

    DocumentKind kind() const;

    /** What is wrong with the text by this schema; empty: valid. Also tells ill-formed XML, as check() below. At most
     *  200 diagnostics, in the order of the text. Worker thread; stops early (and answers incompletely) on `stop`. */
    QList<Diagnostic> check(const QString &text, const std::stop_token &stop = {}) const;

    /** What may be typed at a position. Any thread; some milliseconds. */
    CompletionList complete(const SyntaxTree &tree, qsizetype position, const HostVocabulary &host = {}) const;

    /** What the thing below the cursor is: an element, an attribute, a value. In our own words. */
    std::optional<HoverText> hover(const SyntaxTree &tree, qsizetype position) const;

private:
    struct Private;
    explicit Schema(std::unique_ptr<Private> d);
    std::unique_ptr<Private> m_d;
};

/** Well-formedness alone, for when no schema is installed: DOCTYPE, entities, depth and size are errors. Any thread. */
QList<Diagnostic> checkWellFormed(const QString &text);

} // namespace vireo::xml
