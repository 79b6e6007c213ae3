// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

class QKeyEvent;

namespace vireo::ui {

class XmlTextEdit;

/**
 * What keys write besides themselves: end tags, closing quotes, indentation. Each key is one step to undo. GUI thread;
 * owned by its parent.
 */
class XmlTyping final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(XmlTyping)

public:
    XmlTyping(XmlTextEdit *edit, QObject *parent);
    /** False: the key is for the text widget. */
    bool keyPressed(const QKeyEvent &event);

Q_SIGNALS:
    /** Something was written by keyPressed(): what a completion list depends on. */
    void typed(const QString &text);

private:
    bool enter();
    bool swallowed(const QString &text);
    bool closeTag();
    bool endTag();
    bool quote(QChar character);
    bool tab(bool back);
    bool backspace();
    void write(const QString &before, const QString &behind = {});

    XmlTextEdit *m_edit;
    QString m_written;      ///< of what was written for the user, what he may still type himself
    int m_writtenUntil = 0; ///< where the cursor stands then
};

} // namespace vireo::ui
