// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/xmllines.h"

#include <algorithm>

#include <QPlainTextEdit>
#include <QTextBlock>

#include "ui/xmlscan.h"

namespace vireo::ui::xmllines {

using namespace Qt::StringLiterals;

namespace {

struct Lines {
    QTextBlock first;
    QTextBlock last;
};

/** Those that a selection touches; one that ends at a line's start does not touch that line. */
Lines selected(const QTextCursor &cursor)
{
    const QTextDocument *document = cursor.document();
    Lines lines{document->findBlock(cursor.selectionStart()), document->findBlock(cursor.selectionEnd())};
    if (lines.last != lines.first && cursor.selectionEnd() == lines.last.position()) {
        lines.last = lines.last.previous();
    }
    return lines;
}

/** From the start of the first to the end of the last line, without its line end. */
QTextCursor over(const Lines &lines)
{
    QTextCursor cursor(lines.first);
    cursor.setPosition(lines.last.position() + lines.last.length() - 1, QTextCursor::KeepAnchor);
    return cursor;
}

QString plainText(const QTextCursor &cursor)
{
    return cursor.selectedText().replace(QChar(QChar::ParagraphSeparator), u'\n');
}

} // namespace

bool spansLines(const QTextCursor &cursor)
{
    return cursor.hasSelection()
        && cursor.document()->findBlock(cursor.selectionStart()) != cursor.document()->findBlock(cursor.selectionEnd());
}

void indent(QPlainTextEdit &edit, int steps)
{
    const Lines lines = selected(edit.textCursor());
    QTextCursor cursor = edit.textCursor();
    cursor.beginEditBlock();
    for (QTextBlock block = lines.first; block.isValid(); block = block.next()) {
        QTextCursor at(block);
        if (steps > 0 && block.length() > 1) {
            at.insertText(QString(qsizetype{2} * steps, u' '));
        } else if (steps < 0) {
            const QString line = block.text();
            int blanks = 0;
            while (blanks < -2 * steps && blanks < line.size() && line.at(blanks) == u' ') {
                ++blanks;
            }
            if (blanks == 0 && line.startsWith(u'\t')) {
                blanks = 1;
            }
            at.movePosition(QTextCursor::NextCharacter, QTextCursor::KeepAnchor, blanks);
            at.removeSelectedText();
        }
        if (block == lines.last) {
            break;
        }
    }
    cursor.endEditBlock();
}

void move(QPlainTextEdit &edit, bool up)
{
    const QTextCursor before = edit.textCursor();
    const Lines lines = selected(before);
    const QTextBlock neighbour = up ? lines.first.previous() : lines.last.next();
    if (!neighbour.isValid()) {
        return;
    }
    const int shift = (up ? -1 : 1) * neighbour.length();
    const int anchor = before.anchor() + shift; // taken now: cursors move with the text
    const int position = before.position() + shift;
    QTextCursor all = over(up ? Lines{neighbour, lines.last} : Lines{lines.first, neighbour});
    const QString moved = plainText(over(lines));
    const QString other = neighbour.text();
    all.beginEditBlock();
    all.insertText(up ? moved + u'\n' + other : other + u'\n' + moved);
    all.endEditBlock();
    QTextCursor after = before;
    const int most = edit.document()->characterCount() - 1;
    after.setPosition(std::clamp(anchor, 0, most));
    after.setPosition(std::clamp(position, 0, most), QTextCursor::KeepAnchor);
    edit.setTextCursor(after);
    edit.ensureCursorVisible();
}

void duplicate(QPlainTextEdit &edit)
{
    const QTextCursor before = edit.textCursor();
    const Lines lines = selected(before);
    const QString text = plainText(over(lines));
    const int shift = static_cast<int>(text.size()) + 1;
    const int anchor = before.anchor() + shift;
    const int position = before.position() + shift;
    QTextCursor at(lines.last);
    at.movePosition(QTextCursor::EndOfBlock);
    at.insertText(u'\n' + text);
    QTextCursor after = before; // the copy is what goes on being edited
    after.setPosition(anchor);
    after.setPosition(position, QTextCursor::KeepAnchor);
    edit.setTextCursor(after);
    edit.ensureCursorVisible();
}

bool toggleComment(QPlainTextEdit &edit, const QString &text)
{
    const QTextCursor before = edit.textCursor();
    Lines lines = selected(before);
    QTextCursor all = over(lines);
    const QString chosen = plainText(all);
    qsizetype from = 0; // of what is commented, within the lines
    qsizetype to = chosen.size();
    while (from < to && chosen.at(from).isSpace()) {
        ++from;
    }
    while (to > from && chosen.at(to - 1).isSpace()) {
        --to;
    }
    // Inside of a comment: its marks go.
    const qsizetype start = all.selectionStart() + from;
    const bool atOne = QStringView(text).sliced(start).startsWith(u"<!--");
    const xmlscan::Place place = xmlscan::placeAt(text, atOne ? start + 4 : start);
    if (place.in == xmlscan::Place::In::Comment) {
        const qsizetype end = text.indexOf(u"-->"_s, place.from + 4);
        if (end >= 0) {
            QTextCursor mark(edit.document());
            mark.beginEditBlock();
            const bool blankEnd = end > place.from + 4 && text.at(end - 1) == u' ';
            mark.setPosition(static_cast<int>(end - (blankEnd ? 1 : 0)));
            mark.setPosition(static_cast<int>(end + 3), QTextCursor::KeepAnchor);
            mark.removeSelectedText();
            const bool blankStart = text.at(place.from + 4) == u' ' && end > place.from + 5;
            mark.setPosition(static_cast<int>(place.from));
            mark.setPosition(static_cast<int>(place.from + 4 + (blankStart ? 1 : 0)), QTextCursor::KeepAnchor);
            mark.removeSelectedText();
            mark.endEditBlock();
            return true;
        }
    }
    if (QStringView(chosen).sliced(from, to - from).contains(u"--")) {
        return false;
    }
    QTextCursor mark(edit.document());
    mark.beginEditBlock();
    mark.setPosition(all.selectionStart() + static_cast<int>(to));
    mark.insertText(u" -->"_s);
    mark.setPosition(static_cast<int>(start));
    mark.insertText(u"<!-- "_s);
    mark.endEditBlock();
    return true;
}

} // namespace vireo::ui::xmllines
