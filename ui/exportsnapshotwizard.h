// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/operation/snapshot/snapshotexport.h"
#include "ui/snapshotwizard.h"

namespace vireo::ui {

class ExportSourcePage;
class ExportTargetPage;

/** Makes an image of a disk, as it is now or was in a snapshot. GUI thread; see SnapshotWizard. */
class ExportSnapshotWizard final : public SnapshotWizard
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ExportSnapshotWizard)

public:
    /** `snapshot`: empty: as it is now. */
    ExportSnapshotWizard(const UiContext &context, const virt::DomainKey &domain,
        const std::optional<snapshot::Facts> &facts, const QString &snapshot, QWidget *parent = nullptr);

protected:
    Planner planner() const override;
    void factsRead() override;
    void check() override;
    void succeeded(const QList<job::JobRecord> &jobs) override;

private:
    operation::SnapshotExportDraft draft() const;
    void refreshHosts();
    void readPools(const QUuid &host);
    void planWith(quint64 generation, const operation::ExportTarget &target);

    ExportSourcePage *m_source;
    ExportTargetPage *m_target;
};

} // namespace vireo::ui
