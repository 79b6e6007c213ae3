// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/migratedifferences.h"
#include "ui/wizarddialog.h"

namespace vireo::ui {

class MigrationView;
class PreflightView;

/**
 * The wizard `Migrate`: destination, method and storage, policy, plan; then the running migration in its last page. One
 * plan and one job for each VM. Opened by an action or by dropping VMs on a host; it never moves anything by itself.
 * GUI thread; deletes itself when closed.
 */
class MigrateWizard final : public WizardDialog
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(MigrateWizard)

public:
    /** `destination`: the one to propose; null: the best. */
    MigrateWizard(const UiContext &context, const QList<virt::DomainKey> &domains, const virt::HostId &destination,
        QWidget *parent = nullptr, const MigrateServices &services = {});
    ~MigrateWizard() override;

    MigrateWizardState &state() { return *m_state; }
    MigrateReader &reader() { return *m_reader; }

Q_SIGNALS:
    void migrated(const vireo::virt::DomainKey &source, const vireo::virt::DomainKey &destination);

protected:
    void check() override;
    void dropCheck() override;
    QString groupTitle(const QList<job::Plan> &plans) const override;
    void succeeded(const QList<job::JobRecord> &jobs) override;

private:
    void makePlanTabs();
    void watchHost(const virt::HostId &id);
    void refreshVms();
    void refreshHosts();
    void refreshPromised();
    void takePlans(const MigratePlans &plans);
    void takeXml(const QString &xml, int index);
    void showMigration();
    void restoreHabits();
    void saveHabits() const;

    MigrateWizardState *m_state;
    MigrateReader *m_reader;
    QList<virt::DomainKey> m_domains;
    PreflightView *m_preflight = nullptr;
    MigrateDifferences *m_differences = nullptr;
    QList<MigrateText> m_texts; ///< those that can be edited
    MigrationView *m_running = nullptr;
    MigratePlans m_made;
};

} // namespace vireo::ui
