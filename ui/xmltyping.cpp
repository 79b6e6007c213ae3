// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/xmltyping.h"

#include <QKeyEvent>
#include <QTextBlock>

#include "ui/xmllines.h"
#include "ui/xmlscan.h"
#include "ui/xmltextedit.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using xmlscan::Place;

namespace {

/** Blanks at the start of a line, up to the cursor. */
QString indentation(const QTextCursor &cursor)
{
    const QString line = cursor.block().text().first(cursor.positionInBlock());
    qsizetype end = 0;
    while (end < line.size() && line.at(end).isSpace()) {
        ++end;
    }
    return line.first(end);
}

} // namespace

XmlTyping::XmlTyping(XmlTextEdit *edit, QObject *parent)
    : QObject(parent)
    , m_edit(edit)
{}

bool XmlTyping::keyPressed(const QKeyEvent &event)
{
    const Qt::KeyboardModifiers modifiers = event.modifiers() & ~(Qt::KeypadModifier | Qt::GroupSwitchModifier);
    const bool plain = modifiers == Qt::NoModifier;
    switch (event.key()) {
    case Qt::Key_Return:
    case Qt::Key_Enter:
        return plain && enter();
    case Qt::Key_Tab:
        return plain && tab(false);
    case Qt::Key_Backtab:
        return tab(true);
    case Qt::Key_Backspace:
        return plain && backspace();
    default:
        break;
    }
    if (event.text().size() != 1 || modifiers.testFlag(Qt::ControlModifier)) {
        return false;
    }
    if (swallowed(event.text())) {
        return true;
    }
    switch (event.text().front().unicode()) {
    case u'>':
        return closeTag();
    case u'/':
        return endTag();
    case u'"':
    case u'\'':
        return quote(event.text().front());
    default:
        return false;
    }
}

/** Writes in place of the selection; the cursor stands between the two. */
void XmlTyping::write(const QString &before, const QString &behind)
{
    QTextCursor cursor = m_edit->textCursor();
    cursor.beginEditBlock();
    cursor.insertText(before);
    const int position = cursor.position();
    if (!behind.isEmpty()) {
        cursor.insertText(behind);
    }
    cursor.endEditBlock();
    cursor.setPosition(position);
    m_edit->setTextCursor(cursor);
    m_edit->ensureCursorVisible();
    Q_EMIT typed(before);
}

bool XmlTyping::enter()
{
    QTextCursor cursor = m_edit->textCursor();
    const QString text = m_edit->text();
    const qsizetype position = cursor.selectionStart();
    cursor.setPosition(static_cast<int>(position));
    const QString base = indentation(cursor);
    qsizetype before = position;
    while (before > 0 && text.at(before - 1) == u' ') {
        --before;
    }
    const Place place = xmlscan::placeAt(text, position);
    QString inner = base;
    bool opened = false;
    if (place.in == Place::In::Content) {
        opened = xmlscan::behindStartTag(text, before);
        inner += opened ? u"  "_s : QString();
    } else if (place.in == Place::In::StartTag
        && m_edit->document()->findBlock(static_cast<int>(place.from)) == cursor.block()) {
        inner += u"    "_s; // attributes of the tag above
    }
    cursor.setPosition(m_edit->textCursor().selectionEnd());
    qsizetype behind = cursor.position();
    if (place.in == Place::In::Content) {
        while (behind < text.size() && text.at(behind) == u' ') { // the new indentation replaces them
            ++behind;
        }
    }
    const bool between = opened && QStringView(text).sliced(behind).startsWith(u"</");
    cursor = m_edit->textCursor();
    cursor.setPosition(static_cast<int>(position));
    cursor.setPosition(static_cast<int>(behind), QTextCursor::KeepAnchor);
    m_edit->setTextCursor(cursor);
    write(u'\n' + inner, between ? u'\n' + base : QString());
    return true;
}

/** Who types on what was written for him already writes nothing. */
bool XmlTyping::swallowed(const QString &text)
{
    const QTextCursor cursor = m_edit->textCursor();
    if (m_written.isEmpty() || cursor.hasSelection() || cursor.position() != m_writtenUntil
        || !m_written.startsWith(text)) {
        m_written.clear();
        return false;
    }
    m_written.remove(0, text.size());
    return true;
}

bool XmlTyping::closeTag()
{
    const QTextCursor cursor = m_edit->textCursor();
    if (cursor.hasSelection()) {
        return false;
    }
    const QString text = m_edit->text();
    const qsizetype position = cursor.position();
    const Place place = xmlscan::placeAt(text, position);
    const bool selfClosing = position > 0 && text.at(position - 1) == u'/';
    if (place.in != Place::In::StartTag || place.name.isEmpty() || selfClosing
        || xmlscan::endsBehind(text, position, place.name)) {
        return false;
    }
    write(u">"_s, u"</"_s + place.name + u'>');
    return true;
}

bool XmlTyping::endTag()
{
    QTextCursor cursor = m_edit->textCursor();
    const QString text = m_edit->text();
    const qsizetype position = cursor.position();
    if (cursor.hasSelection() || position == 0 || text.at(position - 1) != u'<') {
        return false;
    }
    if (xmlscan::placeAt(text, position - 1).in != Place::In::Content) {
        return false;
    }
    qsizetype from = 0;
    const QString name = xmlscan::openElement(text, position - 1, &from);
    if (name.isEmpty() || (position < text.size() && xmlscan::isNameCharacter(text.at(position)))) {
        return false;
    }
    const QString rest = name + u'>';
    m_written = rest;
    if (QStringView(text).sliced(position).startsWith(u"</"_s + rest)) {
        // It is there: over it, instead of a second one.
        cursor.deletePreviousChar();
        cursor.movePosition(QTextCursor::NextCharacter, QTextCursor::MoveAnchor, static_cast<int>(rest.size()) + 2);
        m_edit->setTextCursor(cursor);
        m_writtenUntil = cursor.position();
        Q_EMIT typed(u"/"_s);
        return true;
    }
    cursor.beginEditBlock();
    // Alone on its line it stands below its start tag.
    const QString blanks = indentation(cursor);
    if (blanks.size() == cursor.positionInBlock() - 1) {
        QTextCursor start(m_edit->document());
        start.setPosition(static_cast<int>(from));
        if (start.block() != cursor.block()) {
            const QString wanted = indentation(start);
            QTextCursor old(cursor.block());
            old.setPosition(cursor.block().position() + static_cast<int>(blanks.size()), QTextCursor::KeepAnchor);
            old.insertText(wanted);
        }
    }
    cursor.insertText(u'/' + rest);
    cursor.endEditBlock();
    m_edit->setTextCursor(cursor);
    m_writtenUntil = cursor.position();
    Q_EMIT typed(u"/"_s);
    return true;
}

bool XmlTyping::quote(QChar character)
{
    QTextCursor cursor = m_edit->textCursor();
    if (cursor.hasSelection()) {
        return false;
    }
    const QString text = m_edit->text();
    const qsizetype position = cursor.position();
    const Place place = xmlscan::placeAt(text, position);
    if (place.in == Place::In::Value && place.quote == character && position < text.size()
        && text.at(position) == character) {
        cursor.movePosition(QTextCursor::NextCharacter); // over the one that closes
        m_edit->setTextCursor(cursor);
        Q_EMIT typed(character);
        return true;
    }
    if (place.in != Place::In::StartTag) {
        return false;
    }
    qsizetype before = position;
    while (before > 0 && text.at(before - 1).isSpace()) {
        --before;
    }
    const bool free = position >= text.size() || text.at(position).isSpace() || text.at(position) == u'>'
        || text.at(position) == u'/';
    if (before == 0 || text.at(before - 1) != u'=' || !free) {
        return false;
    }
    write(character, character);
    return true;
}

bool XmlTyping::tab(bool back)
{
    const QTextCursor cursor = m_edit->textCursor();
    if (back || xmllines::spansLines(cursor)) {
        xmllines::indent(*m_edit, back ? -1 : 1);
        return true;
    }
    const int column = cursor.positionInBlock() - (cursor.selectionEnd() - cursor.selectionStart());
    write(QString(2 - std::max(0, column) % 2, u' '));
    return true;
}

bool XmlTyping::backspace()
{
    QTextCursor cursor = m_edit->textCursor();
    const int column = cursor.positionInBlock();
    if (cursor.hasSelection() || column == 0) {
        return false;
    }
    const QString line = cursor.block().text();
    const QChar before = line.at(column - 1);
    const bool quotes = (before == u'"' || before == u'\'') && column < line.size() && line.at(column) == before
        && column > 1 && line.at(column - 2) == u'=';
    if (quotes) {
        cursor.movePosition(QTextCursor::PreviousCharacter);
        cursor.movePosition(QTextCursor::NextCharacter, QTextCursor::KeepAnchor, 2);
    } else if (indentation(cursor).size() == column && before == u' ' && column >= 2 && line.at(column - 2) == u' ') {
        cursor.movePosition(QTextCursor::PreviousCharacter, QTextCursor::KeepAnchor, column % 2 == 0 ? 2 : 1);
    } else {
        return false;
    }
    cursor.removeSelectedText();
    m_edit->setTextCursor(cursor);
    Q_EMIT typed({});
    return true;
}

} // namespace vireo::ui
