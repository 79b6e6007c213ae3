// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stop_token>

#include "backend/xml/diagnostic.h"
#include "backend/xml/rng/matcher.h"

namespace vireo::xml::rng {

/** The namespaces of a document, resolved quickly: most have none. */
class NamespaceLookup final
{
public:
    explicit NamespaceLookup(const SyntaxTree &tree);
    NameId element(Matcher &matcher, int element) const;
    NameId attribute(Matcher &matcher, int element, const SyntaxAttribute &attribute) const;
    /** xmlns and xmlns:x are no attributes for a schema. */
    static bool isDeclaration(QStringView attributeName);

private:
    QString uriOf(int element, QStringView prefix) const;

    const SyntaxTree &m_tree;
    bool m_any = false;
    mutable QHash<QString, QHash<int, QString>> m_known; ///< by declaration, then by element
};

/**
 * Says what is wrong with a well-formed document, in sentences. Goes on behind an error as if it were mended, so that
 * it finds several. Empty: nothing is wrong. Worker thread.
 */
QList<Diagnostic> explain(Matcher &matcher, const SyntaxTree &tree, const std::stop_token &stop = {});

} // namespace vireo::xml::rng
