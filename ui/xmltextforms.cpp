// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/xmltextforms.h"

#include <algorithm>

#include <QTextDocument>

namespace vireo::ui::xmltext {

QString plain(const QTextDocument &document)
{
    QString text = document.toRawText();
    QChar *at = text.data();
    for (QChar *const end = at + text.size(); at != end; ++at) {
        switch (at->unicode()) {
        case 0xfdd0: // QTextBeginningOfFrame
        case 0xfdd1: // QTextEndOfFrame
        case QChar::ParagraphSeparator:
            *at = QLatin1Char('\n');
            break;
        default:
            break;
        }
    }
    return text;
}

qsizetype sliceEnd(const QString &text, qsizetype from, qsizetype length)
{
    if (from + length >= text.size()) {
        return text.size();
    }
    const qsizetype lineEnd = text.indexOf(QLatin1Char('\n'), from + length);
    return lineEnd < 0 ? text.size() : lineEnd + 1;
}

qsizetype longestLine(QStringView text)
{
    qsizetype longest = 0;
    qsizetype from = 0;
    while (from <= text.size()) {
        qsizetype to = text.indexOf(QLatin1Char('\n'), from);
        to = to < 0 ? text.size() : to;
        longest = std::max(longest, to - from);
        from = to + 1;
    }
    return longest;
}

QString broken(const QString &text, qsizetype longest)
{
    QString result;
    result.reserve(text.size() + text.size() / longest + 1);
    qsizetype column = 0;
    for (const QChar character : text) {
        if (column >= longest && !character.isLowSurrogate() && character != QLatin1Char('\n')) {
            result += QLatin1Char('\n');
            column = 0;
        }
        result += character;
        column = character == QLatin1Char('\n') ? 0 : column + 1;
    }
    return result;
}

Clean cleaned(const QString &text)
{
    Clean clean{text, 0};
    QString &out = clean.text;
    for (qsizetype i = 0; i < out.size(); ++i) {
        const QChar character = out.at(i);
        bool bad = false;
        if (character.isHighSurrogate()) {
            bad = i + 1 >= out.size() || !out.at(i + 1).isLowSurrogate();
            i += bad ? 0 : 1;
        } else {
            const char16_t unit = character.unicode();
            bad = character.isLowSurrogate() || unit >= 0xfffe || (unit >= 0xfdd0 && unit <= 0xfdd1)
                || (unit < 0x20 && unit != '\t' && unit != '\n' && unit != '\r');
        }
        if (bad) {
            out[i] = QChar::ReplacementCharacter;
            ++clean.replaced;
        }
    }
    return clean;
}

QString sentence(const xml::Diagnostic &diagnostic)
{
    return diagnostic.hint.isEmpty() ? diagnostic.message : diagnostic.message + QLatin1Char(' ') + diagnostic.hint;
}

Replacement difference(const QString &from, const QString &to)
{
    const qsizetype most = std::min(from.size(), to.size());
    const auto *const start = std::mismatch(from.cbegin(), from.cbegin() + most, to.cbegin()).first;
    const qsizetype same = start - from.cbegin();
    qsizetype tail = 0;
    while (tail < most - same && from.at(from.size() - 1 - tail) == to.at(to.size() - 1 - tail)) {
        ++tail;
    }
    return {{same, from.size() - tail}, to.mid(same, to.size() - tail - same)};
}

} // namespace vireo::ui::xmltext
