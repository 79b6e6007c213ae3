// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <stop_token>

#include <QHash>

#include "backend/job/plan.h"
#include "backend/virt/connection.h"

namespace vireo::job {

/**
 * What a running step sees. Lives on the job's thread. `results` is shared by all steps of one job: a step notes there
 * what later steps and its own undo need (a UUID that libvirt made, "created": true), and it is journaled.
 */
class StepContext final
{
    Q_DISABLE_COPY_MOVE(StepContext)

public:
    using Report = std::function<void(quint64 done, quint64 total)>;
    using Log = std::function<void(const QString &line)>;
    /** Writes a note down; it is in the results only when this succeeded. */
    using Note = std::function<Result<>(const QString &key, const QJsonValue &value)>;
    using GoesOn = std::function<void(bool)>;

    /** Without `note` the results are kept in memory alone. */
    StepContext(const Plan &plan, virt::ConnectionProvider provider, std::stop_token stop, QJsonObject &results,
        Report report, Log log, Note note = {}, GoesOn goesOn = {});

    const Plan &plan() const { return m_plan; }
    /** The plan's host. */
    Result<virt::ConnectionPtr> connection() const { return m_provider(m_plan.host); }
    Result<virt::ConnectionPtr> connection(const virt::HostId &host) const { return m_provider(host); }
    std::stop_token stop() const { return m_stop; }
    bool isCancelled() const { return m_stop.stop_requested(); }
    /** Progress of this step; never shown running backwards. total 0: unknown. */
    void report(quint64 done, quint64 total) const { m_report(done, total); }
    void log(const QString &line) const { m_log(line); }
    const QJsonObject &results() const { return m_results; }
    /** Sets `key` of the results; undefined removes it. On disk before it returns, so that a step which was killed
     *  right after its next call still knows what it had begun. Error: the journal can't be written; do not go on. */
    Result<> note(const QString &key, const QJsonValue &value);
    /** What the user has to know of a job that is done nevertheless (JobRecord::warnings()): a sentence or two. Logged
     *  and journaled, once each. Errors: as note(). */
    Result<> warn(const QString &text);
    /** Whether what the step does now goes on on the hosts when this process ends, and can be taken up again by running
     *  the step again: then the end of the program does not cancel the job (JobRecord::goesOnAlone). */
    void goesOnAlone(bool does) const
    {
        if (m_goesOn) {
            m_goesOn(does);
        }
    }

private:
    const Plan &m_plan;
    virt::ConnectionProvider m_provider;
    std::stop_token m_stop;
    QJsonObject &m_results;
    Report m_report;
    Log m_log;
    Note m_note;
    GoesOn m_goesOn;
};

/** What a look at the host found of a step's effect. */
struct Reality {
    enum class Effect {
        Absent,  ///< nothing: the host is as if the step had not begun
        Present, ///< all of it (of a step that deletes: what was to go is gone)
        Partial, ///< begun: a volume that is not full, a pool that is not started
        Unknown  ///< it leaves no trace that could be told from others, or the host could not be asked
    };
    Effect effect = Effect::Unknown;
    QString text; ///< one sentence
    friend bool operator==(const Reality &, const Reality &) = default;
};

/** How each kind of step is run and undone. Built once by operation::registerSteps(), then read-only: any thread. */
class StepRegistry final
{
public:
    struct Kind {
        std::function<Result<>(const Step &, StepContext &)> run;
        std::function<Result<>(const Step &, StepContext &)> undo; ///< empty: nothing to undo
        /** Compares with the host; changes nothing and notes nothing. Empty: unknown. */
        std::function<Result<Reality>(const Step &, StepContext &)> look = {};
    };
    void add(const QString &type, const Kind &kind) { m_kinds.insert(type, kind); }
    const Kind *find(const QString &type) const;

private:
    QHash<QString, Kind> m_kinds;
};

} // namespace vireo::job
