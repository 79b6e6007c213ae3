// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QRegularExpression>
#include <QWidget>

#include "backend/xml/syntaxtree.h"

class QCheckBox;
class QLabel;
class QLineEdit;
class QToolButton;
class QTimer;

namespace vireo::ui {

class XmlTextEdit;

/**
 * Finds and replaces in an XML text, line by line: a match never spans lines. A long text is searched in slices; the
 * count grows meanwhile. GUI thread; owned by its parent.
 */
class XmlFindBar final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(XmlFindBar)

public:
    /** More are not counted. */
    static constexpr int mostMatches = 20'000;

    XmlFindBar(XmlTextEdit *edit, QWidget *parent);

    /** Shows it; what is selected on one line is looked for. */
    void open(bool replace);
    void close();
    bool isOpen() const { return !isHidden(); }
    void next(bool backward);
    void setReplaceAllowed(bool allowed);

Q_SIGNALS:
    void refused(const QString &text, const QString &hint);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    void search();
    void searchSlice();
    void goToMatch(qsizetype index);
    qsizetype matchFrom(qsizetype position) const;
    void show(qsizetype current);
    void replaceOne();
    void replaceAll();
    QString replacementFor(const QString &line, xml::TextRange inLine) const;
    QToolButton *option(const QString &text, const QString &tip);

    XmlTextEdit *m_edit;
    QLineEdit *m_find;
    QLineEdit *m_with;
    QLabel *m_count;
    QToolButton *m_case;
    QToolButton *m_words;
    QToolButton *m_regex;
    QWidget *m_replaceRow;
    QTimer *m_timer;
    QRegularExpression m_expression;
    QList<xml::TextRange> m_matches;
    int m_nextLine = -1;  ///< where the search goes on; -1: it is at the end
    qsizetype m_from = 0; ///< the first match from here on becomes the current one
    bool m_jump = false;
    bool m_replaceAllowed = true;
};

} // namespace vireo::ui
