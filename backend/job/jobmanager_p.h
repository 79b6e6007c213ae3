// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QElapsedTimer>

#include "backend/base/courier.h"
#include "backend/base/lane.h"
#include "backend/job/jobmanager.h"
#include "backend/job/jobrun.h"

/** For jobmanager.cpp and jobrecovery.cpp. */
namespace vireo::job {

struct JobManager::Private {
    struct Entry {
        JobRecord record;
        QStringList lockKeys;
        std::shared_ptr<JobRun> run;           ///< while it runs
        std::optional<Recovery> recovery;      ///< while it waits to be recovered
        JobRecord before;                      ///< what it was before recover(), to call it off
        QHash<virt::HostId, virt::HostId> ids; ///< the host ids of its journal to ours
        std::optional<JobRecord> raw;          ///< with the journal's host ids
        QElapsedTimer sinceFetch;
        bool fetchPlanned = false;
    };

    JobManager *q;
    std::shared_ptr<const StepRegistry> registry; ///< a copy: a job that was left behind still needs it
    std::shared_ptr<ConnectionGate> gate;
    std::shared_ptr<Courier> courier;
    QHash<JobId, std::shared_ptr<Entry>> entries;
    QList<JobId> order;      ///< oldest first
    QList<JobId> unfinished; ///< oldest first
    QHash<virt::HostId, int> running;
    JournalAccess journal;
    std::unique_ptr<Lane> journalLane; ///< made when it is first needed

    std::shared_ptr<Entry> entry(const JobId &id) const { return entries.value(id); }

    void start(const std::shared_ptr<Entry> &job);
    void startQueued();
    void hear(const JobId &id, JobRun::News news);
    void fetch(const JobId &id);
    void close(const JobId &id);
    void forget(const JobId &id);
    bool isHistory(const JobId &id) const;
    void trim();

    // jobrecovery.cpp
    void inJournalLane(Lane::Work work);
    void take(const JournalEntry &found);
    void insert(const std::shared_ptr<Entry> &job);
    void findHosts(Entry &job);
    void callOff(const std::shared_ptr<Entry> &job);
};

} // namespace vireo::job
