// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include "backend/xml/completion.h"

class QKeyEvent;

namespace vireo::ui {

class XmlCompletionPopup;
class XmlService;
class XmlTextEdit;

/**
 * When the list of completions opens, what is in it, and what happens with the chosen one. The list is made by the
 * service's worker; while its answer is under way, the one on the screen is narrowed by what is typed. GUI thread;
 * owned by its parent.
 */
class XmlCompleter final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(XmlCompleter)

public:
    XmlCompleter(XmlTextEdit *edit, XmlService *service, QObject *parent);

    /** Opens it on demand: in a value all values are offered, whatever stands there. */
    void invoke();
    /** Before the text gets the key. True: the popup used it. */
    bool keyPressed(const QKeyEvent &event);
    /** After the text got it: `typed` is what was written by hand; empty: something was taken away. */
    void textTyped(const QString &typed);
    void close();
    bool isOpen() const;

private:
    void ask(qsizetype position);
    void answered(qsizetype position, const xml::CompletionList &list);
    void narrow();
    void accept();
    void show(const QList<xml::Completion> &items);

    XmlTextEdit *m_edit;
    XmlService *m_service;
    XmlCompletionPopup *m_popup;
    xml::CompletionList m_list;
    qsizetype m_asked = -1;     ///< the position that was asked for; -1: no answer is wanted
    qsizetype m_askedFrom = -1; ///< where the cursor was
    qsizetype m_behind = 0;     ///< how much of the word stands behind the cursor
    bool m_explicit = false;
};

} // namespace vireo::ui
