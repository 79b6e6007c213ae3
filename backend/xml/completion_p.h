// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/xml/diagnostic.h"
#include "backend/xml/rng/explain.h"
#include "backend/xml/rng/matcher.h"

namespace vireo::xml {

/** Follows a document, also a broken one, to a place in it. Used for completion and hover; one call, one thread. */
class PlaceFinder final
{
    Q_DISABLE_COPY_MOVE(PlaceFinder)

public:
    PlaceFinder(rng::Matcher &matcher, const SyntaxTree &tree)
        : m_matcher(matcher)
        , m_tree(tree)
        , m_names(tree)
    {}

    /** What may come in an element (-1: at the top) where its children before `position` have been. `left` is not
     *  counted among them. */
    rng::PatternId before(int element, qsizetype position, int left = -1);
    /** The elements behind that place, as far as they fit; equal neighbours are told once or twice. */
    QList<rng::NameId> behind(int element, qsizetype position, int left = -1);
    /** What its start tag still allows, when all its attributes but one are read. */
    rng::PatternId inTag(int element, int leftAttribute = -1);
    rng::NameId nameOf(int element) { return m_names.element(m_matcher, element); }
    rng::NameId nameOf(int element, const SyntaxAttribute &attribute)
    {
        return m_names.attribute(m_matcher, element, attribute);
    }

private:
    rng::PatternId openedAt(int element);
    rng::PatternId withAttributes(rng::PatternId pattern, int element, int left);

    rng::Matcher &m_matcher;
    const SyntaxTree &m_tree;
    rng::NamespaceLookup m_names;
};

/** An element in short form, for typing it: with what it needs, and what is usually said. */
struct ShortForm {
    QString text; ///< without the "<": "interface type=''></interface>"
    qsizetype cursor = 0;
    bool goesOn = false; ///< there is something to choose at the cursor
};
ShortForm shortForm(rng::Matcher &matcher, const QString &name, rng::PatternId body, const QString &parent);

} // namespace vireo::xml
