// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include "backend/xml/diagnostic.h"

class QTextDocument;

/** Texts as an editor's widget takes and gives them. Pure functions. */
namespace vireo::ui::xmltext {

/** The document's text, its line ends as "\n", everything else as it is. */
QString plain(const QTextDocument &document);
/** Where a slice of about `length` ends: behind a line end when there is one near. */
qsizetype sliceEnd(const QString &text, qsizetype from, qsizetype length);
qsizetype longestLine(QStringView text);
/** The text with a line end put into lines that are longer; nothing else changes. */
QString broken(const QString &text, qsizetype longest);

struct Clean {
    QString text;
    int replaced = 0;
};
/** With U+FFFD for each character that XML 1.0 can't hold: controls, lone surrogates, U+FFFE, U+FFFF. */
Clean cleaned(const QString &text);

/** Message and hint in one. */
QString sentence(const xml::Diagnostic &diagnostic);

/** The smallest change that makes `to` of `from`: what stands between their common start and end. */
struct Replacement {
    xml::TextRange range;
    QString text;
};
Replacement difference(const QString &from, const QString &to);

} // namespace vireo::ui::xmltext
