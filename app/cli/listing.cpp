// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// `vireo jobs`.
#include <QCoreApplication>
#include <QJsonArray>

#include "app/cli/connections.h"
#include "app/cli/journaltable.h"
#include "app/cli/recoverer.h"
#include "app/paths.h"
#include "backend/job/journal.h"
#include "backend/operation/steps.h"

using namespace Qt::StringLiterals;

namespace vireo::app::cli {

namespace {

struct ListingText {
    Q_DECLARE_TR_FUNCTIONS(cli_Listing)
};

using Standing = job::JournalEntry::Standing;

/** What there is of each step; a host that can't be asked is one whose steps are unknown. */
QList<job::StepComparison> compare(const job::JobRecord &job)
{
    job::StepRegistry registry;
    operation::registerSteps(registry);
    const auto connections = std::make_shared<Connections>();
    QString refusal;
    for (auto it = job.hosts.cbegin(); it != job.hosts.cend(); ++it) {
        if (const auto added = connections->add(it.value(), it.key()); !added) {
            refusal = added.error().message;
        }
    }
    return job::compare(job, registry, [&](const virt::HostId &host) -> Result<virt::ConnectionPtr> {
        if (!refusal.isEmpty()) {
            return fail(Error::invalid(refusal));
        }
        return connections->get(host);
    });
}

} // namespace

Exit listJobs(const CommandLine &line, Output &output)
{
    const job::Journal journal(paths::journalDir());
    const auto entries = journal.list();
    if (!entries) {
        return output.result(Exit::Refused, u"failed"_s, entries.error().message, entries.error());
    }
    const QDateTime now = QDateTime::currentDateTimeUtc();
    const QStringList rows = journaltable::rows(*entries, now);
    if (entries->isEmpty() || !output.isJson()) {
        output.line({{u"type"_s, u"result"_s}, {u"state"_s, u"done"_s}, {u"exit"_s, 0}, {u"jobs"_s, 0}},
            entries->isEmpty() ? ListingText::tr("There are no jobs.") : rows.constFirst());
    }
    std::unique_ptr<virt::EventLoop> loop;
    for (qsizetype i = 0; i < entries->size(); ++i) {
        const job::JournalEntry &entry = entries->at(i);
        QList<job::StepComparison> comparison;
        if (line.compare && entry.standing == Standing::Interrupted) {
            if (!loop) {
                loop = std::make_unique<virt::EventLoop>();
            }
            comparison = compare(entry.record);
        }
        QJsonObject json = journaltable::toJson(entry, now);
        if (!comparison.isEmpty()) {
            json.insert(u"comparison"_s, journaltable::toJson(comparison, entry.record.plan));
        }
        output.line(json, rows.at(i + 1));
        if (!output.isJson()) {
            const QStringList more = journaltable::rows(comparison, entry.record.plan);
            for (const QString &row : more) {
                output.line({}, row);
            }
        }
    }
    if (!entries->isEmpty() && output.isJson()) {
        output.line(
            {{u"type"_s, u"result"_s}, {u"state"_s, u"done"_s}, {u"exit"_s, 0}, {u"jobs"_s, entries->size()}}, {});
    }
    return Exit::Done;
}

} // namespace vireo::app::cli
