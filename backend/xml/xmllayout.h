// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/xml/syntaxtree.h"

/** White space in documents: where elements go, and how their lines are indented. For XmlText; pure, any thread. */
namespace vireo::xml {

/** One replacement in a text. */
struct SpliceEdit {
    TextRange range;
    QString text;
};

/** The document's own line end. */
QString newlineOf(const SyntaxTree &tree);
/** The white space at the beginning of the line in which a position is. */
QString indentOf(const SyntaxTree &tree, qsizetype position);
/** The range and the white space and line end around it when it has its lines for itself. */
TextRange withItsLines(const SyntaxTree &tree, TextRange range);
/** A part of a fragment whose first line is already indented; its further lines get `indent` put before. */
QString indented(const SyntaxTree &fragment, TextRange range, const QString &indent, const QString &newline);
/**
 * Puts the fragment's element among the children of `parent`: before that child; with -1 behind the last of its name,
 * else where libvirt would write it, else last.
 */
SpliceEdit insertion(const SyntaxTree &tree, int parent, const SyntaxTree &fragment, int before);
/** An element as it is laid out by libvirt: children on lines of their own, two spaces a level; mixed content as it is.
 *  No indent before the first line. */
QString laidOut(const SyntaxTree &tree, int element, int level, const QString &newline);

} // namespace vireo::xml
