// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/migrationfollower.h"

#include "backend/job/jobmanager.h"
#include "backend/operation/migrate/migrationfeed.h"
#include "ui/migrationrecoverdialog.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;

MigrationFollower::MigrationFollower(const UiContext &context, QWidget *window)
    : QObject(window)
    , m_context(context)
    , m_window(window)
{
    connect(&m_context.jobs, &job::JobManager::finished, this, &MigrationFollower::lookAtJob);
    if (!m_context.migrations) {
        return;
    }
    connect(m_context.migrations, &operation::MigrationFeed::changed, this, &MigrationFollower::look);
    connect(m_context.migrations, &operation::MigrationFeed::removed, this, [this](const virt::DomainKey &key) {
        m_asked.remove(key);
        m_arrived.remove(key);
    });
    const QList<virt::DomainKey> keys = m_context.migrations->domains();
    for (const virt::DomainKey &key : keys) {
        look(key);
    }
}

/** Those that move a VM while it is off tell nothing to the feed. */
void MigrationFollower::lookAtJob(const job::JobId &id)
{
    const job::JobRecord *job = m_context.jobs.job(id);
    if (!job || job->state != job::JobState::Done || job->plan.alsoHosts.size() != 1) {
        return;
    }
    const bool moves = job->plan.operation == "resize"_L1 || job->plan.operation == "resize.revert"_L1
        || (job->plan.operation == "migrate"_L1 && job->plan.draft.value("mode"_L1).toString() == "cold"_L1);
    if (moves) {
        Q_EMIT arrived({job->plan.host, job->plan.domain}, {job->plan.alsoHosts.constFirst(), job->plan.domain});
    }
}

void MigrationFollower::recover(const virt::DomainKey &source)
{
    QPointer<MigrationRecoverDialog> &dialog = m_dialogs[source];
    if (!dialog) {
        dialog = new MigrationRecoverDialog(m_context, source, m_window);
    }
    dialog->show();
    dialog->raise();
    dialog->activateWindow();
}

void MigrationFollower::look(const virt::DomainKey &source)
{
    const operation::MigrationPicture *picture = m_context.migrations->picture(source);
    if (!picture) {
        return;
    }
    if (MigrationRecoverDialog::isWanted(*picture)) {
        // Texts may carry figures; what counts is the state.
        const auto known = m_asked.constFind(source);
        const bool same = known != m_asked.constEnd() && known->kind == picture->diagnosis.kind
            && known->remedy == picture->diagnosis.remedy;
        m_asked.insert(source, picture->diagnosis);
        if (!same) {
            recover(source);
        }
    } else {
        m_asked.remove(source);
    }
    const bool done = picture->history.phase() == migration::Phase::Done && !picture->destination.isNull();
    if (done && !m_arrived.value(source)) {
        Q_EMIT arrived(source, {picture->destination, source.domain});
    }
    m_arrived.insert(source, done);
}

} // namespace vireo::ui
