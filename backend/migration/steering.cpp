// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include <QCoreApplication>

#include "backend/base/sizetext.h"
#include "backend/migration/policy.h"
#include "backend/migration/texts.h"

namespace vireo::migration {

namespace {

struct SteeringText {
    Q_DECLARE_TR_FUNCTIONS(migration_Steering)
};

constexpr double improvement = 0.04;   // less than this is none; as much above the best is as good as the best
constexpr double hopeful = 1.5;        // a pause this much above the limit may yet fall below it
constexpr qint64 switchOverMs = 60000; // how long a limit that was raised has to help
constexpr qint64 stuckMs = 150000;     // nothing sent for so long: given up
constexpr qint64 slowMs = 60000;       // a link that is slow for longer is a slow link
constexpr double usualMs = 30000;      // how fast the usual bandwidth follows
constexpr quint64 silence = 16 * 1024; // bytes per second
constexpr double gibibyte = 1024.0 * 1024 * 1024;

QString time(double ms)
{
    return durationText(static_cast<qint64>(std::min(ms, 1e12)));
}

} // namespace

Steering::Steering(Policy policy, const Permissions &permissions)
    : m_policy(std::move(policy))
    , m_permissions(permissions)
{}

void Steering::setPolicy(const Policy &policy)
{
    m_policy = policy;
    m_stalledMs = -1;
    m_allowedMs = -1;
    m_step = 0;
    m_stepMs = 0;
    m_last = {};
    m_actedMs = -1;
}

Action Steering::decide(qint64 nowMs, const History &history, quint64 maxDowntimeMs)
{
    if (maxDowntimeMs > 0) {
        m_knownLimitMs = maxDowntimeMs;
    }
    if (history.phase() != Phase::CopyingMemory) {
        return {};
    }
    Now now;
    now.atMs = nowMs - history.beganMs();
    now.round = static_cast<quint64>(history.rounds().size());
    now.bandwidth = history.bandwidth();
    now.limitMs = m_knownLimitMs;
    now.boundary = look(history);
    Action action = choose(now);
    if (action.kind == Action::Kind::None) {
        return {};
    }
    const bool again = m_actedMs >= 0 && action.kind == m_last.kind && action.downtimeMs == m_last.downtimeMs;
    if (again && now.atMs - m_actedMs < repeatMs) {
        return {};
    }
    m_last = action;
    m_actedMs = now.atMs;
    return action;
}

Action Steering::choose(const Now &now)
{
    if (linkIsSlow(now)) {
        // Switching over now would make the pause long, and post-copy would stand on a link that is about to break.
        const bool stuck = now.bandwidth < silence && now.atMs - m_slowMs >= stuckMs;
        if (!stuck || m_policy.kind == Policy::Kind::Patient || m_policy.atTheEnd != Policy::AtTheEnd::Abort) {
            return {};
        }
        return atTheEnd(SteeringText::tr("Nothing has been sent for %1.").arg(durationText(now.atMs - m_slowMs)));
    }
    const qint64 completion = completionMs();
    if (completion > 0 && now.atMs >= completion && m_policy.kind != Policy::Kind::Patient) {
        return atTheEnd(SteeringText::tr("It has taken %1, and the policy allows %2.")
                .arg(durationText(now.atMs), durationText(completion)));
    }
    const quint64 initial = std::min(m_policy.initialDowntimeMs, m_policy.maxDowntimeMs);
    if (now.limitMs > 0 && now.limitMs < initial) {
        return raise(
            initial, now, SteeringText::tr("The policy begins with a pause of %1.").arg(time(double(initial))));
    }
    switch (m_policy.kind) {
    case Policy::Kind::Steady:
        return steady(now);
    case Policy::Kind::MinimalDowntime:
        return minimal(now);
    case Policy::Kind::Nova:
        return nova(now);
    case Policy::Kind::PostCopy:
        if (m_permissions.postCopy && !m_seen.isEmpty()) {
            return {Action::Kind::StartPostCopy, 0,
                SteeringText::tr("The first round is over, %1 are left: the guest goes on at the destination.")
                    .arg(sizeText(m_seen.last().remaining))};
        }
        return {};
    case Policy::Kind::Patient:
        return {};
    }
    return {};
}

/** Takes note of the rounds that have ended. True: there was one since the last look. */
bool Steering::look(const History &history)
{
    const QList<Round> &rounds = history.rounds();
    bool ended = false;
    while (m_rounds < static_cast<quint64>(rounds.size()) && rounds.at(static_cast<qsizetype>(m_rounds)).endedMs >= 0) {
        const Round &round = rounds.at(static_cast<qsizetype>(m_rounds));
        m_seen.append({round.remaining, round.endedMs});
        ++m_rounds;
        ended = true;
    }
    return ended;
}

/** Half of what is usual, or nothing at all. One that stays so for a minute, and is no silence, is the usual. */
bool Steering::linkIsSlow(const Now &now)
{
    const auto bandwidth = static_cast<double>(now.bandwidth);
    const auto passed = static_cast<double>(std::max<qint64>(now.atMs - m_lookedMs, 0));
    m_lookedMs = now.atMs;
    const bool silent = now.bandwidth < silence;
    if (silent || bandwidth < m_usualBandwidth / 2) {
        if (m_slowMs < 0) {
            m_slowMs = now.atMs;
        }
        if (silent || now.atMs - m_slowMs < slowMs) {
            return true;
        }
        m_usualBandwidth = bandwidth;
    }
    m_slowMs = -1;
    m_usualBandwidth = m_usualBandwidth <= 0
        ? bandwidth
        : m_usualBandwidth + (bandwidth - m_usualBandwidth) * (1 - std::exp(-passed / usualMs));
    return false;
}

/** At the end of a round: has anything got better within the window? If not, which value is worth waiting for? */
void Steering::followStall(qint64 atMs)
{
    const qint64 edge = atMs - static_cast<qint64>(m_policy.stallWindowMs);
    std::optional<quint64> before;
    std::optional<quint64> recent;
    for (const Seen &seen : std::as_const(m_seen)) {
        std::optional<quint64> &least = seen.atMs <= edge ? before : recent;
        least = std::min(least.value_or(seen.remaining), seen.remaining);
    }
    if (!before || !recent || static_cast<double>(*recent) < (1 - improvement) * static_cast<double>(*before)) {
        m_stalledMs = -1;
        return;
    }
    if (m_stalledMs < 0) {
        m_stalledMs = atMs;
        m_best = std::min(*before, *recent);
        m_patienceMs = static_cast<qint64>(m_policy.stallWindowMs);
        return;
    }
    if (atMs - m_stalledMs >= m_patienceMs) {
        // It was not reached again: the next best, and less patience.
        std::optional<quint64> next;
        for (const Seen &seen : std::as_const(m_seen)) {
            if (seen.remaining > m_best) {
                next = std::min(next.value_or(seen.remaining), seen.remaining);
            }
        }
        m_best = next.value_or(m_best);
        m_stalledMs = atMs;
        m_patienceMs = std::max<qint64>(m_patienceMs / 2, 1000);
    }
}

Action Steering::steady(const Now &now)
{
    if (!now.boundary) {
        return {};
    }
    followStall(now.atMs);
    const quint64 left = m_seen.last().remaining;
    if (m_stalledMs < 0 || static_cast<double>(left) > (1 + improvement) * static_cast<double>(m_best)) {
        return {};
    }
    const double pause = 1000 * static_cast<double>(left) / static_cast<double>(now.bandwidth);
    const auto most = static_cast<double>(m_policy.maxDowntimeMs);
    if (const qint64 completion = completionMs();
        completion > 0 && pause > static_cast<double>(2 * completion - now.atMs)) {
        return {}; // a drop of the network: such a pause would outlast all that is left
    }
    const QString figures = SteeringText::tr("No round got better for %1: %2 are left at best, a pause of %3 at %4.")
                                .arg(durationText(static_cast<qint64>(m_policy.stallWindowMs)), sizeText(left),
                                    time(pause), rateText(now.bandwidth));
    if (pause <= hopeful * most) {
        if (now.limitMs < m_policy.maxDowntimeMs) {
            m_allowedMs = now.atMs;
            return raise(m_policy.maxDowntimeMs, now, figures);
        }
        if (m_allowedMs < 0) {
            m_allowedMs = now.atMs;
        }
        if (now.atMs - m_allowedMs < switchOverMs) {
            return {};
        }
    }
    return atTheEnd(figures + u' ' + SteeringText::tr("You allow %1.").arg(time(most)));
}

/** oVirt's: a step for each round, counted from the first seen, and none sooner than ten seconds after the last. */
Action Steering::minimal(const Now &now)
{
    const int steps = static_cast<int>(m_policy.schedule.size());
    const int due = static_cast<int>(std::min<quint64>(now.round - std::min<quint64>(now.round, 1), 1000000));
    if (m_step < std::min(due, steps) && (m_step == 0 || now.atMs - m_stepMs >= repeatMs)) {
        ++m_step;
        m_stepMs = now.atMs;
    }
    const QString round = SteeringText::tr("Round %1 goes on.").arg(now.round);
    if (m_step == steps && due > steps + 1 && now.atMs - m_stepMs >= repeatMs) {
        return atTheEnd(round + u' ' + SteeringText::tr("All steps of the schedule are used up."));
    }
    return m_step == 0 ? Action() : raise(m_policy.schedule.at(m_step - 1), now, round);
}

/** nova's: from a tenth (with ten steps) of the limit to the limit, by time and size alone. */
Action Steering::nova(const Now &now) const
{
    const auto steps = static_cast<quint64>(std::max(m_policy.steps, 1));
    const double delay = static_cast<double>(m_policy.stepDelayMsPerGiB) * gibibytes();
    const quint64 step = delay <= 0
        ? steps
        : static_cast<quint64>(std::min(static_cast<double>(steps), std::floor(static_cast<double>(now.atMs) / delay)));
    const quint64 base = m_policy.maxDowntimeMs / steps;
    const quint64 offset = (m_policy.maxDowntimeMs - base) / steps;
    return raise(step == steps ? m_policy.maxDowntimeMs : base + offset * step, now,
        SteeringText::tr("Step %1 of %2, after %3.").arg(step).arg(steps).arg(durationText(now.atMs)));
}

/** To `downtimeMs`, as far as the user consented; nothing when as much is allowed already. */
Action Steering::raise(quint64 downtimeMs, const Now &now, const QString &why) const
{
    const quint64 limit = std::min(downtimeMs, m_policy.maxDowntimeMs);
    if (limit <= now.limitMs) {
        return {};
    }
    return {Action::Kind::SetDowntime, limit,
        why + u' ' + SteeringText::tr("A pause of up to %1 is allowed now.").arg(time(static_cast<double>(limit)))};
}

Action Steering::atTheEnd(const QString &why) const
{
    switch (m_policy.atTheEnd) {
    case Policy::AtTheEnd::Pause:
        return {Action::Kind::Pause, 0, why + u' ' + SteeringText::tr("The guest is paused until all is copied.")};
    case Policy::AtTheEnd::PostCopy:
        if (m_permissions.postCopy) {
            return {
                Action::Kind::StartPostCopy, 0, why + u' ' + SteeringText::tr("The guest goes on at the destination.")};
        }
        return {Action::Kind::Abort, 0,
            why + u' '
                + SteeringText::tr("Post-copy was not permitted at the start, so the migration is aborted; the guest "
                                   "stays where it is.")};
    case Policy::AtTheEnd::Abort:
        break;
    }
    return {Action::Kind::Abort, 0,
        why + u' ' + SteeringText::tr("The migration is aborted; the guest stays where it is.")};
}

/** Of memory and disks; nova counts at least two of each. */
double Steering::gibibytes() const
{
    const double memory = static_cast<double>(m_permissions.memory) / gibibyte;
    const double disks = static_cast<double>(m_permissions.disks) / gibibyte;
    if (m_policy.kind == Policy::Kind::Nova) {
        return std::max(memory, 2.0) + (disks > 0 ? std::max(disks, 2.0) : 0);
    }
    return std::max(memory + disks, 1.0);
}

qint64 Steering::completionMs() const
{
    return static_cast<qint64>(static_cast<double>(m_policy.completionMsPerGiB) * gibibytes());
}

} // namespace vireo::migration
