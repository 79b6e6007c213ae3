// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/operation/snapshot/snapshotplans.h"
#include "ui/wizardpage.h"

class QCheckBox;
class QComboBox;
class QLineEdit;
class QPlainTextEdit;
class QTreeWidget;

namespace vireo::ui {

class Expander;
class FieldGrid;
class FieldNote;

/** What the snapshot shall be. Until something is chosen here, the draft leaves it to suggestSnapshot(). GUI thread. */
class TakeSnapshotPage final : public WizardPage
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(TakeSnapshotPage)

public:
    explicit TakeSnapshotPage(QWidget *parent = nullptr);

    /** What was chosen the last time. */
    void setHabits(bool quiesce, bool picture);
    void setFacts(const snapshot::Facts &facts);
    operation::SnapshotCreateDraft draft() const;
    bool wantsQuiesce() const { return m_wantsQuiesce; }

    bool isComplete() const override;
    QString reason() const override;
    QWidget *firstField() const override;

Q_SIGNALS:
    void changed();

private:
    operation::SnapshotCreateDraft::Kind kind() const; ///< never Auto
    bool withMemory() const;
    void connectFields();
    void fillDisks();
    void fillKinds();
    void proposeFiles();
    void refresh();
    void choose();

    bool m_known = false;
    snapshot::Facts m_facts;
    operation::SnapshotSuggestion m_suggestion;
    QString m_proposedName;
    bool m_memoryChosen = false; ///< by the user
    bool m_wantsQuiesce = false;
    bool m_filesChosen = false;
    FieldGrid *m_grid;
    QLineEdit *m_name;
    QPlainTextEdit *m_description;
    QComboBox *m_kind;
    QCheckBox *m_memory;
    QCheckBox *m_live;
    QCheckBox *m_quiesce;
    QCheckBox *m_picture;
    QTreeWidget *m_disks;
    QLineEdit *m_memoryFile;
    FieldNote *m_nameNote = nullptr;
    FieldNote *m_kindNote = nullptr;
};

} // namespace vireo::ui
