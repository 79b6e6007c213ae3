// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

/**
 * Where a cursor stands in XML, found by looking around it, for what must happen with the key press itself: no answer
 * of a worker is waited for. Broken text is what it works on. Pure functions, linear in what they look at.
 */
namespace vireo::ui::xmlscan {

struct Place {
    enum class In { Content, StartTag, EndTag, Value, Comment, CData, Instruction };
    In in = In::Content;
    qsizetype from = 0; ///< where the tag, comment … begins; of a value: behind its quote
    QString name;       ///< of the tag
    QChar quote;        ///< of the value
    friend bool operator==(const Place &, const Place &) = default;
};
Place placeAt(QStringView text, qsizetype position);

/** The innermost element that is open at the position; empty: none. `from`, if not null: where its tag begins. */
QString openElement(QStringView text, qsizetype position, qsizetype *from = nullptr);
/** Whether the first end tag behind the position that ends nothing there is of that name. */
bool endsBehind(QStringView text, qsizetype position, QStringView name);
/** Whether a start tag that stays open ends right before the position. */
bool behindStartTag(QStringView text, qsizetype position);
bool isNameCharacter(QChar character);

} // namespace vireo::ui::xmlscan
