// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/operation/snapshot/snapshotplans.h"
#include "ui/snapshotwizard.h"
#include "ui/wizardpage.h"

class QComboBox;
class QLabel;
class QTreeWidget;

namespace vireo::ui {

class FieldGrid;
class FieldNote;

/** Which snapshots go, and what becomes of their files. GUI thread. */
class DeleteSnapshotsPage final : public WizardPage
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(DeleteSnapshotsPage)

public:
    DeleteSnapshotsPage(const QStringList &snapshots, QWidget *parent);

    void setFacts(const snapshot::Facts &facts);
    /** What the present choice comes to. */
    void setDeletion(const snapshot::Deletion &deletion);
    operation::SnapshotDeleteDraft draft() const;

    bool isComplete() const override;
    QString reason() const override;
    QWidget *firstField() const override;

Q_SIGNALS:
    void changed();

private:
    QString hint() const;

    QStringList m_snapshots;
    bool m_known = false;
    snapshot::Facts m_facts;
    QLabel *m_what;
    FieldGrid *m_grid;
    QComboBox *m_scope;
    QTreeWidget *m_table;
    QLabel *m_sum;
    QLabel *m_kept;
    FieldNote *m_scopeNote = nullptr;
};

/** Deletes snapshots by merging their files into their neighbours. GUI thread; see SnapshotWizard. */
class DeleteSnapshotsWizard final : public SnapshotWizard
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(DeleteSnapshotsWizard)

public:
    DeleteSnapshotsWizard(const UiContext &context, const virt::DomainKey &domain,
        const std::optional<snapshot::Facts> &facts, const QStringList &snapshots, QWidget *parent = nullptr);
    ~DeleteSnapshotsWizard() override;

protected:
    Planner planner() const override;
    void factsRead() override;
    void planMade(const job::Plan &plan) override;

private:
    DeleteSnapshotsPage *m_page;
    std::shared_ptr<Courier> m_deletionCourier;
    std::unique_ptr<Lane> m_deletionLane;
    quint64 m_generation = 0;
};

} // namespace vireo::ui
