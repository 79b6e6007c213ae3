// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/session.h"

#include <QCoreApplication>

#include "app/cli/connections.h"
#include "app/cli/jobfollower.h"
#include "app/paths.h"
#include "app/unixsignals.h"
#include "backend/job/journal.h"
#include "backend/operation/steps.h"

namespace vireo::app::cli {

namespace {

struct SessionText {
    Q_DECLARE_TR_FUNCTIONS(cli_Session)
};

job::StepRegistry makeRegistry()
{
    job::StepRegistry registry;
    operation::registerSteps(registry);
    return registry;
}

} // namespace

Exit exitOf(const job::JobRecord &job, bool signalled, const job::Recovery *recovery)
{
    const bool undoWanted = recovery && *recovery == job::Recovery::Undo;
    switch (job.state) {
    case job::JobState::Done:
        return undoWanted ? Exit::Refused : Exit::Done; // another process has finished it meanwhile
    case job::JobState::Stuck:
        return Exit::Stuck;
    case job::JobState::Failed:
    case job::JobState::Cancelled:
        if (undoWanted) {
            return Exit::Done;
        }
        return signalled || job.state == job::JobState::Cancelled ? Exit::Cancelled : Exit::Refused;
    default:
        return Exit::Refused;
    }
}

Session::Session(Output &output, UnixSignals &signals, QObject *parent)
    : QObject(parent)
    , m_output(output)
    , m_connections(std::make_shared<Connections>(m_preparation.get_token()))
    , m_courier(std::make_shared<Courier>(this))
{
    const job::JournalAccess access{std::make_shared<const job::Journal>(paths::journalDir()),
        [all = m_connections](const virt::HostId &host) { return all->uriOf(host); },
        [all = m_connections](const QString &uri) {
            return all->hostOf(uri);
        }};
    m_jobs = std::make_unique<job::JobManager>(makeRegistry(), providerOf(m_connections), access);
    m_follower = std::make_unique<JobFollower>(*m_jobs, m_output);
    connect(&signals, &UnixSignals::endRequested, this, &Session::onSignal);
    connect(m_follower.get(), &JobFollower::ended, this, [this](const job::JobRecord &record) {
        m_job = {};
        m_done(record);
    });
}

Session::~Session()
{
    m_courier->close();
}

void Session::follow(const job::JobId &id, std::function<void(const job::JobRecord &)> done)
{
    m_job = id;
    m_done = std::move(done);
    m_follower->follow(id);
    if (m_signalled) {
        m_jobs->cancel(id);
    }
}

void Session::onSignal()
{
    if (m_job.isNull()) {
        m_preparation.request_stop();
        if (!m_signalled) {
            m_signalled = true;
            Q_EMIT calledOff();
        }
        return;
    }
    const job::JobRecord *job = m_jobs->job(m_job);
    if (job && (job->cancelRequested || job->state == job::JobState::Undoing)) {
        m_output.say(SessionText::tr("Already undoing what was done. Please wait."));
        return;
    }
    m_signalled = true;
    m_output.say(SessionText::tr("Cancelling: what was done is being undone."));
    m_jobs->cancel(m_job);
}

} // namespace vireo::app::cli
