// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QObject>

#include "ui/xmloutline.h"

class QPlainTextEdit;
class QTextBlock;

namespace vireo::ui {

/**
 * Hides and shows lines of a text by its outline. What is folded is kept with the line it hangs on, so that it stays
 * folded while other lines change. GUI thread; owned by its parent.
 */
class XmlFolding final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(XmlFolding)

public:
    XmlFolding(QPlainTextEdit *edit, QObject *parent);

    /** A new outline of the text as it is now. */
    void setFolds(const QList<XmlOutline::Fold> &folds);
    bool canFold(int line) const { return m_folds.contains(line); }
    bool isFolded(const QTextBlock &block) const;
    bool hasFolded() const { return m_folded > 0; }
    /** How many lines are hidden behind this one. */
    int hiddenLines(const QTextBlock &block) const;

    void toggle(int line);
    /** The innermost that the line belongs to, itself first. */
    void foldAround(int line);
    void unfoldAround(int line);
    void foldAll(); ///< all but what is at the top
    void unfoldAll();
    /** Folds the same lines again after another text was loaded, if they are still the same. */
    void remember();
    /** Unfolds whatever hides the line. */
    void reveal(const QTextBlock &block);

Q_SIGNALS:
    void changed();

private:
    void contentsChange(int position, int removed, int added);
    void setFolded(int line, bool folded);
    void apply();

    QPlainTextEdit *m_edit;
    QHash<int, int> m_folds;          ///< first line -> last line
    QHash<int, QString> m_remembered; ///< folded lines of the text before
    int m_folded = 0;                 ///< how many are folded
    int m_lines = 1;
};

} // namespace vireo::ui
