// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/xmlcompleter.h"

#include <algorithm>

#include <QKeyEvent>

#include "ui/xmlcompletionpopup.h"
#include "ui/xmlscan.h"
#include "ui/xmlservice.h"
#include "ui/xmltextedit.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using xml::Completion;
using xmlscan::Place;

XmlCompleter::XmlCompleter(XmlTextEdit *edit, XmlService *service, QObject *parent)
    : QObject(parent)
    , m_edit(edit)
    , m_service(service)
    , m_popup(new XmlCompletionPopup(edit))
{
    connect(service, &XmlService::completed, this, &XmlCompleter::answered);
    connect(m_popup, &XmlCompletionPopup::chosen, this, &XmlCompleter::accept);
    connect(edit, &QPlainTextEdit::cursorPositionChanged, this, [this] {
        const qsizetype here = m_edit->textCursor().position();
        if (isOpen() && (here < m_list.word.from || m_edit->textCursor().hasSelection())) {
            close();
        }
    });
    connect(edit, &QPlainTextEdit::updateRequest, this, [this](const QRect &, int dy) {
        if (dy != 0) {
            close(); // the line scrolled away from below it
        }
    });
}

bool XmlCompleter::isOpen() const
{
    return m_popup->isVisible();
}

void XmlCompleter::close()
{
    m_asked = -1;
    m_popup->hide();
}

void XmlCompleter::ask(qsizetype position)
{
    m_asked = position;
    m_askedFrom = m_edit->textCursor().position();
    m_service->complete(position);
}

void XmlCompleter::invoke()
{
    if (m_edit->isReadOnly()) {
        return;
    }
    m_explicit = true;
    const qsizetype position = m_edit->textCursor().position();
    const Place place = xmlscan::placeAt(m_edit->text(), position);
    ask(place.in == Place::In::Value ? place.from : position);
}

bool XmlCompleter::keyPressed(const QKeyEvent &event)
{
    if (!isOpen()) {
        return false;
    }
    switch (event.key()) {
    case Qt::Key_Escape:
        close();
        return true;
    case Qt::Key_Up:
        m_popup->move(-1);
        return true;
    case Qt::Key_Down:
        m_popup->move(1);
        return true;
    case Qt::Key_PageUp:
        m_popup->movePage(-1);
        return true;
    case Qt::Key_PageDown:
        m_popup->movePage(1);
        return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Tab:
        if (event.modifiers() & ~Qt::KeypadModifier) {
            return false;
        }
        accept();
        return true;
    default:
        return false;
    }
}

void XmlCompleter::textTyped(const QString &typed)
{
    const qsizetype position = m_edit->textCursor().position();
    if (typed.size() > 1 || typed == u"\n"_s) {
        close();
        return;
    }
    if (typed.isEmpty()) { // taken away: what is open may grow again
        if (isOpen()) {
            narrow();
            ask(position);
        }
        return;
    }
    const QChar character = typed.front();
    const Place place = xmlscan::placeAt(m_edit->text(), position);
    bool wanted = false;
    switch (place.in) {
    case Place::In::StartTag:
        wanted = character == u'<' || character.isSpace() || xmlscan::isNameCharacter(character);
        break;
    case Place::In::Value:
        wanted = character == u'"' || character == u'\'' || isOpen();
        break;
    case Place::In::EndTag:
        wanted = character == u'/' || xmlscan::isNameCharacter(character);
        break;
    default:
        break;
    }
    if (!wanted) {
        close();
        return;
    }
    m_explicit = false;
    if (isOpen()) {
        narrow();
    }
    ask(position);
}

void XmlCompleter::answered(qsizetype position, const xml::CompletionList &list)
{
    const QTextCursor cursor = m_edit->textCursor();
    const bool stale = position != m_asked || cursor.position() != m_askedFrom || cursor.hasSelection();
    if (stale || m_edit->isReadOnly() || !m_edit->hasFocus()) {
        return;
    }
    m_asked = -1;
    m_list = list;
    m_list.word.from = std::min<qsizetype>(m_list.word.from, cursor.position());
    m_behind = std::max<qsizetype>(0, m_list.word.to - cursor.position());
    const QStringView typed =
        QStringView(m_edit->text())
            .sliced(m_list.word.from, std::max<qsizetype>(0, cursor.position() - m_list.word.from));
    const bool written = list.items.size() == 1 && list.items.constFirst().label == typed;
    if (list.items.isEmpty() || (written && !m_explicit)) {
        m_popup->hide();
        return;
    }
    show(list.items);
}

/** Leaves out of the list on the screen what no longer fits; the worker's answer will replace it. */
void XmlCompleter::narrow()
{
    const qsizetype position = m_edit->textCursor().position();
    if (position < m_list.word.from) {
        m_popup->hide();
        return;
    }
    const QString typed = m_edit->text().sliced(m_list.word.from, position - m_list.word.from);
    QList<Completion> fitting;
    for (const Completion &item : std::as_const(m_list.items)) {
        if (item.label.contains(typed, Qt::CaseInsensitive)) {
            fitting.append(item);
        }
    }
    if (fitting.isEmpty()) {
        m_popup->hide();
    } else {
        show(fitting);
    }
}

void XmlCompleter::show(const QList<Completion> &items)
{
    QTextCursor start = m_edit->textCursor();
    start.setPosition(static_cast<int>(m_list.word.from));
    const QRect caret = m_edit->cursorRect(start);
    m_popup->open(items, {m_edit->viewport()->mapToGlobal(caret.topLeft()), caret.size()});
}

void XmlCompleter::accept()
{
    const int row = m_popup->current();
    if (row < 0 || row >= m_popup->items().size()) {
        close();
        return;
    }
    const Completion item = m_popup->items().at(row);
    close();
    QTextCursor cursor = m_edit->textCursor();
    const int most = m_edit->document()->characterCount() - 1;
    const qsizetype to = std::min<qsizetype>(cursor.position() + m_behind, most);
    cursor.setPosition(static_cast<int>(m_list.word.from));
    cursor.setPosition(static_cast<int>(to), QTextCursor::KeepAnchor);
    cursor.beginEditBlock();
    cursor.insertText(item.insert);
    cursor.endEditBlock();
    cursor.setPosition(static_cast<int>(m_list.word.from + std::clamp<qsizetype>(item.cursor, 0, item.insert.size())));
    m_edit->setTextCursor(cursor);
    m_edit->ensureCursorVisible();
    if (item.completesFurther) {
        m_explicit = false;
        ask(cursor.position());
    }
}

} // namespace vireo::ui
