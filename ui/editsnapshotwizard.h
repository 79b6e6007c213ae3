// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/operation/snapshot/snapshotplans.h"
#include "ui/snapshotwizard.h"
#include "ui/wizardpage.h"

class QLineEdit;
class QPlainTextEdit;

namespace vireo::ui {

class FieldGrid;
class FieldNote;

/** Another name, another description. GUI thread. */
class EditSnapshotPage final : public WizardPage
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(EditSnapshotPage)

public:
    EditSnapshotPage(const QString &snapshot, QWidget *parent);

    void setFacts(const snapshot::Facts &facts);
    operation::SnapshotEditDraft draft() const;

    bool isComplete() const override;
    QString reason() const override;
    QWidget *firstField() const override;

Q_SIGNALS:
    void changed();

private:
    QString nameProblem() const;
    void refresh();

    QString m_snapshot;
    bool m_known = false;
    snapshot::Facts m_facts;
    QString m_noRename;
    QString m_oldDescription;
    FieldGrid *m_grid;
    QLineEdit *m_name;
    QPlainTextEdit *m_description;
    FieldNote *m_nameNote = nullptr;
};

/** Renames and describes a snapshot. GUI thread; see SnapshotWizard. */
class EditSnapshotWizard final : public SnapshotWizard
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(EditSnapshotWizard)

public:
    EditSnapshotWizard(const UiContext &context, const virt::DomainKey &domain,
        const std::optional<snapshot::Facts> &facts, const QString &snapshot, QWidget *parent = nullptr);

protected:
    Planner planner() const override;
    void factsRead() override;

private:
    EditSnapshotPage *m_page;
};

} // namespace vireo::ui
