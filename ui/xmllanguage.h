// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

#include "backend/base/error.h"
#include "backend/xml/completion.h"
#include "backend/xml/diagnostic.h"

namespace vireo::ui {

/** What an editor needs to know about a kind of document; xml::Schema is one. Worker threads, several at once. */
class XmlLanguage
{
    Q_DISABLE_COPY_MOVE(XmlLanguage)

public:
    XmlLanguage() = default;
    virtual ~XmlLanguage() = default;
    virtual QList<xml::Diagnostic> check(const QString &text, const std::stop_token &stop) const = 0;
    virtual xml::CompletionList complete(
        const xml::SyntaxTree &tree, qsizetype position, const xml::HostVocabulary &host) const = 0;
    virtual std::optional<xml::HoverText> hover(const xml::SyntaxTree &tree, qsizetype position) const = 0;
};

using XmlLanguagePtr = std::shared_ptr<const XmlLanguage>;
/** Gives the language of a kind of document. Called on worker threads. Error NotFound: no schema is installed. */
using XmlLanguages = std::function<Result<XmlLanguagePtr>(xml::DocumentKind)>;

/** libvirt's schemas as installed on this computer. */
XmlLanguages installedLanguages();

/** A document around a fragment: what stands before and behind the text, on one line each. */
struct XmlFrame {
    QString before;
    QString after;
    /** Elements of `path` around the text, with what a domain must have besides; empty path: nothing. */
    static XmlFrame around(const QStringList &path);
    bool isEmpty() const { return before.isEmpty() && after.isEmpty(); }
};

/**
 * Everything but the text that an answer depends on; its members do the work, on a worker thread. Positions go in and
 * come out as those of the text without its frame. A value.
 */
struct XmlQuestion {
    XmlLanguages languages;
    std::optional<xml::DocumentKind> kind;
    QStringList fragment;
    xml::HostVocabulary host;

    struct Check {
        QList<xml::Diagnostic> diagnostics;
        std::optional<Error> schemaError; ///< why well-formedness alone was checked
    };
    Check check(const QString &text, const std::stop_token &stop) const;
    xml::CompletionList complete(const QString &text, qsizetype position) const;
    std::optional<xml::HoverText> hover(const QString &text, qsizetype position) const;
};

} // namespace vireo::ui
