// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTextCursor>

class QPlainTextEdit;

/** Commands on whole lines, each one step to undo. GUI thread. */
namespace vireo::ui::xmllines {

bool spansLines(const QTextCursor &cursor);
/** The selected lines by so many steps of two blanks; negative: back. */
void indent(QPlainTextEdit &edit, int steps);
/** The selected lines, or the cursor's, past their neighbour. */
void move(QPlainTextEdit &edit, bool up);
void duplicate(QPlainTextEdit &edit);
/** Comments the selected lines, or takes away the comment that the cursor stands in. False: there is a comment among
 *  the lines, and comments don't nest. */
bool toggleComment(QPlainTextEdit &edit, const QString &text);

} // namespace vireo::ui::xmllines
