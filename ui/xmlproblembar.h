// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

#include "backend/xml/diagnostic.h"

class QLabel;
class QListWidget;
class QTimer;
class QToolButton;

namespace vireo::ui {

/**
 * One line below an XML text that says whether it is right, and what is wrong first; opened, the list of all problems.
 * GUI thread; owned by its parent.
 */
class XmlProblemBar final : public QFrame
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(XmlProblemBar)

public:
    explicit XmlProblemBar(QWidget *parent);

    /** The text changed. Said only when the answer is long in coming, so that the line does not flicker. */
    void setChecking();
    /** `clean`: what to say when there is no problem; `note`: why not more was checked, for a tool tip. */
    void setProblems(const QList<xml::Diagnostic> &problems, const QString &clean, const QString &note);
    /** The one that the cursor stands in is told in full, with its hint; -1: none. */
    void setCurrent(int problem);
    QString summary() const;
    bool isExpanded() const;
    void setExpanded(bool expanded);

Q_SIGNALS:
    /** The user chose one, by its number. */
    void chosen(int problem);

protected:
    void changeEvent(QEvent *event) override;

private:
    void updateSign();
    void say();

    QLabel *m_sign;
    QToolButton *m_toggle;
    QLabel *m_summary;
    QListWidget *m_list;
    QTimer *m_checking;
    QList<xml::Diagnostic> m_problems;
    QString m_clean;
    int m_current = -1;
    bool m_known = false; ///< something was said already
};

} // namespace vireo::ui
