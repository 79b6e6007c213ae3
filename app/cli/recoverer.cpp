// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/recoverer.h"

#include <QCoreApplication>

#include "app/cli/connections.h"
#include "app/paths.h"
#include "backend/job/journal.h"

using namespace Qt::StringLiterals;

namespace vireo::app::cli {

namespace {

struct RecoverText {
    Q_DECLARE_TR_FUNCTIONS(cli_Recoverer)
};

using Standing = job::JournalEntry::Standing;

QString shortForm(const QString &id)
{
    return id.toLower().remove(u'-').remove(u'{').remove(u'}');
}

/** Why it can't be taken up; empty: it can. */
QString refusalOf(const job::JournalEntry &entry, job::Recovery recovery)
{
    const job::JobRecord &job = entry.record;
    switch (entry.standing) {
    case Standing::Running:
        return RecoverText::tr("Another process runs it.");
    case Standing::Unreadable:
        return job.error.message;
    case Standing::Interrupted:
    case Standing::Finished:
        break;
    }
    if (recovery == job::Recovery::Finish ? job.canFinish : job.canUndo) {
        return {};
    }
    if (entry.standing == Standing::Finished) {
        return job.state == job::JobState::Stuck
            ? RecoverText::tr("It has failed: it can't be finished any more, but undone with --undo.")
            : RecoverText::tr("It has ended already (%1).").arg(job::journalformat::stateName(job.state));
    }
    return RecoverText::tr("It was being undone already: that is all that can be done (--undo).");
}

} // namespace

Result<job::JournalEntry> findJob(const QString &idOrPrefix, job::Recovery recovery)
{
    const job::Journal journal(paths::journalDir());
    const auto entries = journal.list();
    if (!entries) {
        return fail(entries.error());
    }
    const QString wanted = shortForm(idOrPrefix);
    QList<job::JournalEntry> found;
    for (const job::JournalEntry &entry : *entries) {
        if (!wanted.isEmpty() && shortForm(entry.record.id.toString(QUuid::WithoutBraces)).startsWith(wanted)) {
            found.append(entry);
        }
    }
    if (found.isEmpty()) {
        return fail({Error::Kind::NotFound, RecoverText::tr("There is no job “%1”.").arg(idOrPrefix),
            RecoverText::tr("“vireo jobs” lists all."), 0, 0});
    }
    if (found.size() > 1) {
        return fail(Error::invalid(
            RecoverText::tr("“%1” can be %2 jobs: give more of the id.").arg(idOrPrefix).arg(found.size())));
    }
    const job::JournalEntry &entry = found.constFirst();
    if (const QString refusal = refusalOf(entry, recovery); !refusal.isEmpty()) {
        return fail(Error::invalid(RecoverText::tr("%1: %2").arg(entry.record.plan.title, refusal)));
    }
    return entry;
}

Recoverer::Recoverer(const CommandLine &line, Session &session, QObject *parent)
    : QObject(parent)
    , m_session(session)
    , m_recovery(line.recover == CommandLine::Recover::Finish ? job::Recovery::Finish : job::Recovery::Undo)
{
    connect(&session, &Session::calledOff, this, [this] {
        end(m_session.output().result(
            Exit::Cancelled, u"cancelled"_s, RecoverText::tr("Cancelled. Nothing was changed.")));
    });
}

void Recoverer::end(Exit exit)
{
    if (!m_ended) {
        m_ended = true;
        Q_EMIT finished(exit);
    }
}

void Recoverer::begin(const job::JournalEntry &entry)
{
    m_id = entry.record.id;
    // Under the ids of its journal, so that nothing has to be translated.
    for (auto it = entry.record.hosts.cbegin(); it != entry.record.hosts.cend(); ++it) {
        if (const auto added = m_session.connections().add(it.value(), it.key()); !added) {
            end(m_session.output().result(Exit::Refused, u"refused"_s, added.error().message, added.error()));
            return;
        }
    }
    // All of them first: a host that can't be reached must not make a job of which half is undone.
    const std::function<Result<>()> work = [hosts = entry.record.hosts.keys(),
                                               connections = m_session.sharedConnections()]() -> Result<> {
        for (const virt::HostId &host : hosts) {
            if (const auto connection = connections->get(host); !connection) {
                return fail(connection.error());
            }
        }
        return {};
    };
    m_session.prepare<Result<>>(work, [this](const Result<> &connected) { recover(connected); });
}

void Recoverer::recover(const Result<> &connected)
{
    if (m_ended) {
        return;
    }
    Output &output = m_session.output();
    if (!connected) {
        end(output.result(Exit::Refused, u"refused"_s, connected.error().message, connected.error()));
        return;
    }
    job::JobManager &jobs = m_session.jobs();
    connect(&jobs, &job::JobManager::loaded, this, [this, &jobs, &output] {
        if (m_ended) {
            return;
        }
        if (!jobs.job(m_id)) { // since we looked
            const Error error = Error::invalid(RecoverText::tr("Another process runs it."));
            end(output.result(Exit::Refused, u"refused"_s, error.message, error));
            return;
        }
        if (const auto begun = jobs.recover(m_id, m_recovery); !begun) {
            end(output.result(Exit::Refused, u"refused"_s, begun.error().message, begun.error()));
            return;
        }
        m_session.follow(m_id, [this, &output](const job::JobRecord &record) {
            end(output.result(exitOf(record, m_session.wasSignalled(), &m_recovery), record));
        });
    });
    jobs.loadInterrupted();
}

} // namespace vireo::app::cli
