// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/xml/syntaxtree.h"

namespace vireo::ui {

/** What an editor shows of a text's structure. Made on a worker thread; an immutable value. */
struct XmlOutline {
    /** Lines from 0; `first` stays visible, those behind it up to `last` can be hidden. */
    struct Fold {
        int first = 0;
        int last = 0;
        friend bool operator==(const Fold &, const Fold &) = default;
    };
    xml::SyntaxTree tree;
    QList<Fold> folds; ///< by first line, one for each

    static XmlOutline of(const QString &text);

    /** What to mark for a cursor: the tag it stands in and its partner. `matched`: it has one. */
    struct Tags {
        QList<xml::TextRange> ranges;
        bool matched = true;
    };
    Tags tagsAt(qsizetype position) const;
    /** The range to select next: the smallest element, or content of one, that is larger than `range`. */
    xml::TextRange enclosing(xml::TextRange range) const;
};

} // namespace vireo::ui
