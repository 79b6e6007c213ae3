// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/operation/snapshot/snapshotplans.h"
#include "ui/snapshotwizard.h"
#include "ui/wizardpage.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;

namespace vireo::ui {

class FieldGrid;
class FieldNote;

/** What shall be after going back, and whether what is now is kept. GUI thread. */
class RevertSnapshotPage final : public WizardPage
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(RevertSnapshotPage)

public:
    RevertSnapshotPage(const QString &snapshot, QWidget *parent);

    void setFacts(const snapshot::Facts &facts, const QList<snapshot::Discrepancy> &discrepancies);
    operation::SnapshotRevertDraft draft() const;

    bool isComplete() const override;
    QString reason() const override;
    QWidget *firstField() const override;

Q_SIGNALS:
    void changed();

private:
    void refresh();
    QString loss() const;

    QString m_snapshot;
    bool m_known = false;
    snapshot::Facts m_facts;
    QString m_proposedName;
    QLabel *m_what;
    QLabel *m_problems;
    FieldGrid *m_grid;
    QComboBox *m_state;
    QCheckBox *m_keep;
    FieldGrid *m_keepGrid;
    QLineEdit *m_name;
    QLabel *m_loss;
    FieldNote *m_nameNote = nullptr;
    FieldNote *m_stateNote = nullptr;
};

/** Goes back to a snapshot. Unless told otherwise it takes one of now first. GUI thread; see SnapshotWizard. */
class RevertSnapshotWizard final : public SnapshotWizard
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(RevertSnapshotWizard)

public:
    RevertSnapshotWizard(const UiContext &context, const virt::DomainKey &domain,
        const std::optional<snapshot::Facts> &facts, const QString &snapshot, QWidget *parent = nullptr);

protected:
    Planner planner() const override;
    void factsRead() override;

private:
    RevertSnapshotPage *m_page;
};

} // namespace vireo::ui
