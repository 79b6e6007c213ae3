// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/operation/snapshot/snapshotplans.h"
#include "ui/snapshotwizard.h"

namespace vireo::ui {

class TakeSnapshotPage;

/** Takes a snapshot: what is proposed is right for most, so that Enter is enough. GUI thread; see SnapshotWizard. */
class TakeSnapshotWizard final : public SnapshotWizard
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(TakeSnapshotWizard)

public:
    TakeSnapshotWizard(const UiContext &context, const virt::DomainKey &domain,
        const std::optional<snapshot::Facts> &facts, QWidget *parent = nullptr);

protected:
    Planner planner() const override;
    void factsRead() override;
    void succeeded(const QList<job::JobRecord> &jobs) override;

private:
    TakeSnapshotPage *m_page;
};

} // namespace vireo::ui
