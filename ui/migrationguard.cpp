// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/migrationguard.h"

#include <memory>

#include <QCoreApplication>

#include "backend/job/jobmanager.h"
#include "backend/operation/migrate/migrationfeed.h"
#include "model/migrationtexts.h"
#include "ui/migrationview.h"

namespace vireo::ui::migrationguard {

using namespace Qt::StringLiterals;

namespace {

struct Text {
    Q_DECLARE_TR_FUNCTIONS(ui_MigrationGuard)
};

const operation::MigrationPicture *pictureOf(const UiContext &context, const virt::DomainKey &domain)
{
    const virt::DomainKey key = MigrationView::migrationOf(context.migrations, domain);
    return key.isNull() ? nullptr : context.migrations->picture(key);
}

} // namespace

QString refusal(const UiContext &context, const virt::DomainKey &domain)
{
    const operation::MigrationPicture *picture = pictureOf(context, domain);
    if (picture && picture->history.phase() == migration::Phase::NeedsHelp) {
        return Text::tr("Its migration waits for your decision: see its Migration page.");
    }
    const bool seen = picture && !model::isOver(picture->history.phase());
    const job::JobRecord *job = context.jobs.runningCount() > 0 ? context.jobs.jobOf(domain) : nullptr;
    const bool ours = job && !job->isFinished() && job->plan.operation == "migrate"_L1;
    if (!seen && !ours) {
        return {};
    }
    return picture && !picture->destinationName.isEmpty()
        ? Text::tr("It is being migrated to %1: nothing may be changed until that has ended.")
              .arg(picture->destinationName)
        : Text::tr("It is being migrated: nothing may be changed until that has ended.");
}

void watch(const UiContext &context, QObject *owner, const std::function<virt::DomainKey()> &domain,
    const std::function<void()> &changed)
{
    const auto look = [context, domain, changed, last = std::make_shared<QString>()] {
        const QString now = refusal(context, domain());
        if (now != *last) { // a running migration tells of itself twice a second
            *last = now;
            changed();
        }
    };
    if (context.migrations) {
        QObject::connect(context.migrations, &operation::MigrationFeed::changed, owner, look);
        QObject::connect(context.migrations, &operation::MigrationFeed::removed, owner, look);
    }
    QObject::connect(&context.jobs, &job::JobManager::added, owner, look);
    QObject::connect(&context.jobs, &job::JobManager::finished, owner, look);
}

bool isInPostCopy(const UiContext &context, const virt::DomainKey &domain)
{
    const operation::MigrationPicture *picture = pictureOf(context, domain);
    return picture && !model::isOver(picture->history.phase())
        && (picture->inPostCopy || picture->history.phase() == migration::Phase::PostCopy);
}

} // namespace vireo::ui::migrationguard
