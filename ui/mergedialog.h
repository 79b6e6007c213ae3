// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "backend/xml/comparison.h"
#include "backend/xml/diagnostic.h"

class QLabel;
class QListWidget;
class QPushButton;

namespace vireo::ui {

class DiffView;
class XmlEditor;

/**
 * Somebody else changed the definition while it was edited here: both changes are put together, and where they touch
 * the same lines the user chooses mine, theirs or both, or writes it himself. Accepted only when each conflict is
 * decided and the result is well-formed. Opened, never executed. GUI thread; owned by its parent.
 */
class MergeDialog final : public QDialog
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(MergeDialog)

public:
    enum class Choice { Open, Mine, Theirs, Both };

    MergeDialog(const xml::Merge &merge, xml::DocumentKind kind, QWidget *parent);

    /** The definition as merged. */
    QString merged() const;
    int openConflicts() const;
    void choose(int conflict, Choice choice);

private:
    void showConflict(int conflict);
    void rebuild();
    void updateState();
    static QString titleOf(const xml::MergePart &part, int number, Choice choice);

    xml::Merge m_merge;
    QList<qsizetype> m_conflicts; ///< in m_merge.parts
    QList<Choice> m_choices;
    QLabel *m_summary;
    QListWidget *m_list;
    DiffView *m_sides;
    XmlEditor *m_result;
    QLabel *m_note;
    QPushButton *m_mine;
    QPushButton *m_theirs;
    QPushButton *m_both;
    QPushButton *m_accept = nullptr;
};

} // namespace vireo::ui
