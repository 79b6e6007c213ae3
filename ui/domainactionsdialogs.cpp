// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/** The dialogs and wizards that DomainActions opens. */
#include "backend/job/jobmanager.h"
#include "ui/deletedialog.h"
#include "ui/domainactions.h"
#include "ui/migratewizard.h"
#include "ui/renamedialog.h"
#include "ui/seeddialog.h"
#include "ui/takesnapshotwizard.h"

namespace vireo::ui {

void DomainActions::triggerRename()
{
    Q_EMIT aboutToAct();
    const QList<Target> chosen = targets();
    if (chosen.size() != 1 || !m_rename->isEnabled()) {
        return;
    }
    auto *dialog = new RenameDialog(m_context, {chosen.first().host, chosen.first().record.uuid}, m_window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
}

void DomainActions::triggerDelete()
{
    Q_EMIT aboutToAct();
    QList<virt::DomainKey> keys;
    const QList<Target> chosen = targets();
    for (const Target &target : chosen) {
        keys.append({target.host, target.record.uuid});
    }
    if (keys.isEmpty()) {
        return;
    }
    auto *dialog = new DeleteDialog(m_context, keys, m_window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
}

void DomainActions::triggerSnapshot()
{
    Q_EMIT aboutToAct();
    const QList<Target> chosen = targets();
    if (chosen.size() == 1) {
        (new TakeSnapshotWizard(m_context, {chosen.constFirst().host, chosen.constFirst().record.uuid}, {}, m_window))
            ->show();
    }
}

void DomainActions::triggerMigrate()
{
    Q_EMIT aboutToAct();
    QList<virt::DomainKey> keys;
    const QList<Target> chosen = targets();
    for (const Target &target : chosen) {
        if (target.migrates.isEmpty()) {
            keys.append({target.host, target.record.uuid});
        }
    }
    openMigrateWizard(keys);
}

void DomainActions::openMigrateWizard(const QList<virt::DomainKey> &domains, const virt::HostId &to)
{
    if (!domains.isEmpty()) {
        (new MigrateWizard(m_context, domains, to, m_window))->show();
    }
}

void DomainActions::triggerSeed()
{
    Q_EMIT aboutToAct();
    const QList<Target> chosen = targets();
    if (chosen.size() != 1) {
        return;
    }
    const virt::DomainKey key{chosen.first().host, chosen.first().record.uuid};
    const auto open = m_window->findChildren<SeedDialog *>();
    for (SeedDialog *dialog : open) {
        if (dialog->domain() == key && dialog->isVisible()) {
            dialog->raise();
            dialog->activateWindow();
            return;
        }
    }
    // Not modal: the job that it starts is seen, and can be cancelled, in the main window.
    auto *dialog = new SeedDialog(m_context, key, m_window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->show();
}

void DomainActions::triggerAutostart(bool on)
{
    Q_EMIT aboutToAct();
    const QList<Target> chosen = targets();
    for (const Target &target : chosen) {
        if (target.record.persistent && target.record.autostart != on) {
            m_context.jobs.run(operation::planAutostart(target.host, target.record, on));
        }
    }
    update(); // the check mark shows what is, not what was asked for
}

} // namespace vireo::ui
