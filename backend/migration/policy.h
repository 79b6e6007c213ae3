// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>

#include "backend/migration/history.h"

namespace vireo::migration {

/** When to allow what in a migration that does not end by itself. A value: shown, edited, saved. ms. */
struct Policy {
    enum class Kind {
        Steady,          ///< stall detector as KubeVirt's: waits for a local minimum, acts there
        MinimalDowntime, ///< oVirt's schedule by rounds, then abort
        Nova,            ///< nova's steps by time, then abort or force
        PostCopy,        ///< switches to post-copy once the first round is over
        Patient,         ///< waits for ever at its limit
    } kind = Kind::Steady;
    quint64 initialDowntimeMs = 300;
    quint64 maxDowntimeMs = 900;         ///< the user's consent: never exceeded without being asked
    quint64 stallWindowMs = 40000;       ///< Steady
    quint64 completionMsPerGiB = 150000; ///< 0: no time limit
    enum class AtTheEnd { Abort, PostCopy, Pause } atTheEnd = AtTheEnd::Abort; ///< when time or steps are used up
    QList<quint64> schedule; ///< MinimalDowntime: limits from the second round on, one for each round, ms
    int steps = 10;          ///< Nova
    quint64 stepDelayMsPerGiB = 75000;

    static Policy preset(Kind kind);
    /** "kind" (policyWord()) and, where they differ from its preset, "initial_downtime_ms", "max_downtime_ms",
     *  "stall_window_ms", "completion_ms_per_gib", "at_the_end" ("abort", "post-copy", "pause"), "schedule_ms",
     * "steps", "step_delay_ms_per_gib"; toJson() writes all. Anything else is an error, which says what there is. */
    QJsonObject toJson() const;
    static Result<Policy> fromJson(const QJsonObject &json);
    friend bool operator==(const Policy &, const Policy &) = default;
};
/** "steady", "minimal-downtime", "nova", "post-copy", "patient": as in drafts. */
QString policyWord(Policy::Kind kind);
/** "Steady" */
QString policyName(Policy::Kind kind);
/** What it does with these values, in one or two sentences. */
QString policyText(const Policy &policy);

/** What the steering wants done now. */
struct Action {
    enum class Kind { None, SetDowntime, StartPostCopy, Pause, Abort } kind = Kind::None;
    quint64 downtimeMs = 0;
    QString reason; ///< a sentence, with the figures
    friend bool operator==(const Action &, const Action &) = default;
};

/** What the steering may use. */
struct Permissions {
    bool postCopy = false; ///< was permitted at the start
    quint64 memory = 0;    ///< bytes, of the guest
    quint64 disks = 0;     ///< of those that are copied
};

/**
 * Decides by a policy; one for each migration; one thread. It acts only while memory is copied, never lowers a limit
 * that somebody has raised, never sets one above the policy's maxDowntimeMs, and waits while the link is silent. What
 * did not help is not repeated before `repeatMs`.
 */
class Steering final
{
public:
    static constexpr qint64 repeatMs = 10000;

    Steering(Policy policy, const Permissions &permissions);
    /** After each feed() of the history, on the same clock. `maxDowntimeMs`: the limit in force now; 0: unknown. */
    Action decide(qint64 nowMs, const History &history, quint64 maxDowntimeMs);
    /** The user changed the policy while it runs. What was seen stays, what was concluded is concluded anew. */
    void setPolicy(const Policy &policy);
    const Policy &policy() const { return m_policy; }

private:
    /** What a round left at its end. */
    struct Seen {
        quint64 remaining = 0;
        qint64 atMs = 0;
    };
    /** What is known when it decides. Times since the migration began. */
    struct Now {
        qint64 atMs = 0;
        quint64 round = 0; ///< counted from the first seen
        quint64 bandwidth = 0;
        quint64 limitMs = 0;   ///< the downtime limit in force; 0: unknown
        bool boundary = false; ///< a round has just ended, so that `remaining` is exact
    };
    Action choose(const Now &now);
    bool look(const History &history);
    bool linkIsSlow(const Now &now);
    void followStall(qint64 atMs);
    Action steady(const Now &now);
    Action minimal(const Now &now);
    Action nova(const Now &now) const;
    Action raise(quint64 downtimeMs, const Now &now, const QString &why) const;
    Action atTheEnd(const QString &why) const;
    double gibibytes() const;
    qint64 completionMs() const;

    Policy m_policy;
    Permissions m_permissions;
    QList<Seen> m_seen;   ///< one for each round that ended
    quint64 m_rounds = 0; ///< how many of the history's were looked at
    quint64 m_knownLimitMs = 0;
    double m_usualBandwidth = 0;
    qint64 m_lookedMs = 0;
    qint64 m_slowMs = -1;    ///< since when the link is slower than usual
    qint64 m_stalledMs = -1; ///< Steady: since when its best is waited for; -1: it gets better
    quint64 m_best = 0;      ///< Steady: bytes
    qint64 m_patienceMs = 0;
    qint64 m_allowedMs = -1; ///< Steady: since when all that may be allowed is allowed
    int m_step = 0;          ///< MinimalDowntime: limits that were set
    qint64 m_stepMs = 0;
    Action m_last;
    qint64 m_actedMs = -1;
};

} // namespace vireo::migration
