// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/migration/history.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <QCoreApplication>

#include "backend/migration/statereasons.h"

namespace vireo::migration {

using virt::DomainState;
using virt::migration::Figures;

namespace {

struct HistoryText {
    Q_DECLARE_TR_FUNCTIONS(migration_History)
};

constexpr double smoothing = 0.4;
constexpr double standsStill = 0.97; // rounds that shrink less than this do not converge
constexpr double nearlyOver = 0.99;  // the fraction while the rest is libvirt's paperwork
constexpr double oneSize = 0.85;     // rounds that differ by less than this may be of one size
constexpr qsizetype roundsCompared = 5;
constexpr double firstReserve = 0.2; // of memory: what the first round is expected to leave, before anybody knows
constexpr double mostRate = 1e15;    // bytes per second: whatever is beyond is nonsense
constexpr quint64 longest = 30ULL * 24 * 3600 * 1000; // ms: no migration has gone on for longer
constexpr quint64 deadLink = 16 * 1024;               // bytes per second: slower is silence

bool isActive(const Figures &figures)
{
    return figures.type == Figures::Type::Bounded || figures.type == Figures::Type::Unbounded;
}

bool isOff(DomainState state)
{
    return state == DomainState::ShutOff || state == DomainState::NoState;
}

quint64 less(quint64 from, quint64 what)
{
    return from > what ? from - what : 0;
}

quint64 smoothed(quint64 before, double now)
{
    const double rate = before == 0 ? now : smoothing * now + (1 - smoothing) * static_cast<double>(before);
    return static_cast<quint64>(std::min(rate, mostRate));
}

} // namespace

void History::feed(
    qint64 nowMs, const Figures &figures, quint64 maxDowntimeMs, DomainState state, int stateReason, quint64 iteration)
{
    if (m_over) {
        return;
    }
    if (!m_begun) {
        m_begun = true;
        m_beganMs = nowMs - static_cast<qint64>(isActive(figures) ? std::min(figures.elapsedMs, longest) : 0);
        m_wasPaused = state == DomainState::Paused && stateReason != reasons::pausedMigration
            && !reasons::inPostCopy(state, stateReason);
    }
    const qint64 at = std::max({nowMs - m_beganMs, m_fedMs, qint64{0}});
    if (maxDowntimeMs > m_maxDowntimeMs) {
        m_raisedInRound = round();
    }
    m_maxDowntimeMs = maxDowntimeMs;
    if (!isActive(figures)) {
        // Gone at the source: it arrived, or was lost; that is for a look at both hosts. A job that is missing while
        // the domain is still there means nothing: libvirt has none before and between its phases.
        if (m_active && (isOff(state) || figures.type == Figures::Type::Completed)) {
            m_phase = Phase::Finishing;
            m_fraction = std::max(m_fraction, nearlyOver);
            closeRound(at);
            addSample(at);
            m_fedMs = at;
        }
        return;
    }
    // The figures' own clock; a new try of the same migration (post-copy that was resumed) begins it anew.
    const bool sameTry = m_active && figures.elapsedMs >= m_figures.elapsedMs;
    const qint64 step = !sameTry ? 0
        : figures.elapsedMs > 0  ? static_cast<qint64>(figures.elapsedMs - m_figures.elapsedMs)
                                 : at - m_fedMs;
    updatePhase(figures, state, stateReason);
    if (step > 0) {
        updateRates(figures, step);
    } else if (!m_active) {
        m_bandwidth = figures.memoryBps; // one that goes on already
    }
    double work = m_active ? static_cast<double>(less(m_figures.diskRemaining, figures.diskRemaining)) : 0;
    work += updateRounds(figures, figures.iteration > 0 ? figures.iteration : iteration, at);
    const quint64 sent = figures.memoryProcessed + figures.diskProcessed;
    if (!sameTry || sent != m_sent) {
        m_sent = sent;
        m_sentAtMs = figures.elapsedMs;
    }
    m_figures = figures;
    m_active = true;
    m_fedMs = at;
    updateFraction(work);
    addSample(at);
}

void History::end(qint64 nowMs, Phase phase, const std::optional<Figures> &completed)
{
    if (m_over) {
        return;
    }
    if (!m_begun) {
        m_begun = true;
        m_beganMs = nowMs;
    }
    const qint64 at = std::max({nowMs - m_beganMs, m_fedMs, qint64{0}});
    closeRound(at);
    if (completed) {
        m_figures = *completed;
    }
    m_phase = phase;
    m_over = phase == Phase::Done || phase == Phase::Failed;
    if (phase == Phase::Done) {
        m_fraction = 1;
        m_figures.memoryRemaining = 0;
        m_figures.diskRemaining = 0;
    }
    m_fedMs = at;
    addSample(at);
}

qint64 History::silentMs() const
{
    // A switch-over also waits for devices and for libvirt, which sends nothing.
    const bool sends = m_phase == Phase::CopyingDisks || m_phase == Phase::CopyingMemory || m_phase == Phase::PostCopy;
    return sends && m_figures.memoryRemaining + m_figures.diskRemaining > 0
        ? static_cast<qint64>(less(m_figures.elapsedMs, m_sentAtMs))
        : 0;
}

void History::updatePhase(const Figures &figures, DomainState state, int reason)
{
    m_memory = m_memory || figures.memoryTotal > 0 || figures.iteration > 0;
    if (reasons::postCopyFailed(state, reason)) {
        m_phase = Phase::NeedsHelp;
    } else if (reasons::inPostCopy(state, reason)) {
        m_phase = Phase::PostCopy;
    } else if (isOff(state)) {
        m_phase = Phase::Finishing;
        m_fraction = std::max(m_fraction, nearlyOver);
    } else if (m_phase == Phase::PostCopy || m_phase == Phase::Finishing) {
        // there is no way back from these, whatever a late answer says
    } else if (!m_memory) {
        m_phase = figures.diskTotal > 0 ? Phase::CopyingDisks : Phase::Preparing;
    } else if (state == DomainState::Paused && !m_wasPaused) {
        m_phase = Phase::SwitchingOver;
    } else {
        m_phase = Phase::CopyingMemory;
    }
}

void History::updateRates(const Figures &figures, qint64 stepMs)
{
    const double seconds = static_cast<double>(stepMs) / 1000;
    const double disk = static_cast<double>(less(figures.diskProcessed, m_figures.diskProcessed)) / seconds;
    m_diskBandwidth = figures.diskTotal > 0 ? smoothed(m_diskBandwidth, disk) : 0;
    if (!m_memory) {
        m_bandwidth = m_diskBandwidth;
        return;
    }
    if (m_figures.memoryTotal == 0 && m_figures.iteration == 0) {
        m_bandwidth = figures.memoryBps; // memory has just begun: nothing to compare with
        return;
    }
    const double sent = static_cast<double>(less(figures.memoryProcessed, m_figures.memoryProcessed)) / seconds;
    m_bandwidth = smoothed(m_bandwidth, sent);
    if (figures.iteration == m_figures.iteration) {
        const double done = static_cast<double>(less(m_figures.memoryRemaining, figures.memoryRemaining)) / seconds;
        m_pace = smoothed(m_pace, done);
    }
}

/** Gives the bytes of memory that are done since the last figures, of what had to be done. */
double History::updateRounds(const Figures &figures, quint64 iteration, qint64 at)
{
    if (!m_memory) {
        return 0;
    }
    if (m_phase != Phase::CopyingMemory && m_phase != Phase::SwitchingOver) {
        closeRound(at); // post-copy has no rounds
        return static_cast<double>(less(m_figures.memoryRemaining, figures.memoryRemaining));
    }
    if (!m_iterationsBefore) {
        // Nothing is written down of dirty pages in the first pass: whatever its number is, it is the first.
        m_iterationsBefore = figures.dirtyPagesPerSecond == 0 ? less(iteration, 1) : 0;
    }
    const quint64 number = std::max<quint64>(less(iteration, *m_iterationsBefore), 1);
    if (m_rounds.isEmpty()) {
        m_firstSize = number == 1 ? figures.memoryTotal : figures.memoryRemaining;
        m_rounds.append({number, at, -1, figures.memoryRemaining, figures.memoryProcessed});
        return static_cast<double>(less(m_firstSize, figures.memoryRemaining));
    }
    if (number > m_rounds.last().number) {
        return nextRound(figures, number, at);
    }
    Round &round = m_rounds.last();
    const quint64 done = less(round.remaining, figures.memoryRemaining);
    round.remaining = figures.memoryRemaining;
    round.sent += less(figures.memoryProcessed, m_figures.memoryProcessed);
    round.endedMs = -1;
    return static_cast<double>(done);
}

/**
 * One or more rounds have ended since the last figures. QEMU ends one when no more than the threshold is left; what was
 * sent beyond that belongs to the new ones, and so what is left now plus that is what the old one left at its end.
 */
double History::nextRound(const Figures &figures, quint64 number, qint64 at)
{
    Round &old = m_rounds.last();
    const quint64 rounds = number - old.number;
    const quint64 kept = std::min(old.remaining, threshold());
    const quint64 sent = less(figures.memoryProcessed, m_figures.memoryProcessed);
    const quint64 sentOld = std::min(sent, old.remaining - kept);
    const quint64 sentNew = sent - sentOld;
    // all but the last of the new rounds were sent down to the threshold as well
    const quint64 size = std::clamp((sentNew + (rounds - 1) * kept + figures.memoryRemaining) / rounds,
        figures.memoryRemaining, std::max(figures.memoryTotal, figures.memoryRemaining));
    const double work = static_cast<double>(old.remaining - kept)
        + static_cast<double>(rounds - 1) * static_cast<double>(less(size, kept))
        + static_cast<double>(less(size, figures.memoryRemaining));

    const double share = sent > 0 ? static_cast<double>(sentOld) / static_cast<double>(sent) : 1;
    qint64 boundary = m_fedMs + static_cast<qint64>(share * static_cast<double>(at - m_fedMs));
    const qint64 each = (at - boundary) / static_cast<qint64>(rounds);
    old.remaining = size;
    old.sent += sentOld;
    old.endedMs = boundary;
    for (quint64 next = old.number + 1; next < number; ++next) {
        m_rounds.append({next, boundary, boundary + each, size, sentNew / rounds});
        boundary += each;
    }
    m_rounds.append({number, boundary, -1, figures.memoryRemaining, sentNew / rounds});
    return work;
}

void History::closeRound(qint64 at)
{
    if (!m_rounds.isEmpty() && m_rounds.last().endedMs < 0) {
        m_rounds.last().endedMs = at;
    }
}

/** What the round that goes on had to send when it began. */
quint64 History::roundSize() const
{
    return m_rounds.size() < 2 ? m_firstSize : m_rounds.at(m_rounds.size() - 2).remaining;
}

std::optional<History::Ratios> History::ratios() const
{
    const quint64 limit = threshold();
    if (m_rounds.size() < 2) {
        return Ratios{.low = 0, .likely = firstReserve, .high = 0.5};
    }
    // Next to the limit the difference to it is small, and rounds of one size look as if they shrank towards it; what a
    // round leaves, and what the limit is in bytes, is known no better than it is polled. QEMU, which begins one more
    // of them although nobody has changed the limit since, knows that they are above it.
    const qsizetype last = m_rounds.size() - 2;
    const auto earlier = static_cast<double>(m_rounds.at(std::max<qsizetype>(last - roundsCompared, 0)).remaining);
    const auto size = static_cast<double>(roundSize());
    const bool isLevel = last > 0 && size > earlier * oneSize;
    const bool isBeside = size > static_cast<double>(limit) * oneSize && round() > m_raisedInRound;
    if (roundSize() <= limit && !(isLevel && isBeside)) {
        return Ratios{};
    }
    if (isLevel) {
        return std::nullopt;
    }
    QList<double> newest;
    for (qsizetype i = last; i > 0 && newest.size() < 3; --i) {
        const quint64 before = less(m_rounds.at(i - 1).remaining, limit);
        if (before > 0) {
            newest.append(static_cast<double>(less(m_rounds.at(i).remaining, limit)) / static_cast<double>(before));
        }
    }
    if (newest.isEmpty()) {
        // Only the first round is over, and that was about all of memory rather than what was written to: half way
        // between what it says and standing still.
        const quint64 before = std::max<quint64>(less(m_firstSize, limit), 1);
        const double first = std::min(1.0, static_cast<double>(less(roundSize(), limit)) / static_cast<double>(before));
        return Ratios{.low = first, .likely = (1 + first) / 2, .high = (3 + first) / 4};
    }
    double product = 1;
    for (const double ratio : std::as_const(newest)) {
        product *= ratio;
    }
    const double likely = std::pow(product, 1.0 / static_cast<double>(newest.size()));
    if (likely >= standsStill) {
        return std::nullopt;
    }
    const auto [least, most] = std::minmax_element(newest.cbegin(), newest.cend());
    return Ratios{
        .low = std::min(*least, likely), .likely = likely, .high = std::clamp(*most, likely, (1 + likely) / 2)};
}

/** Bytes of memory that are still to be sent: of this round, of those that follow, and at the switch-over. */
double History::left(double ratio) const
{
    const quint64 limit = threshold();
    const quint64 remaining = m_figures.memoryRemaining;
    const quint64 kept = std::min(remaining, limit);
    const double above = static_cast<double>(less(roundSize(), limit));
    return static_cast<double>(remaining - kept) + above * ratio / (1 - ratio) + static_cast<double>(kept);
}

void History::updateFraction(double work)
{
    double expected = 0;
    switch (m_phase) {
    case Phase::CopyingDisks: {
        // Until memory's turn comes nobody tells how much it is.
        const quint64 memory = m_expectedMemory > 0 ? m_expectedMemory : m_figures.diskTotal / 3;
        expected = static_cast<double>(m_figures.diskRemaining) + static_cast<double>(memory) * (1 + firstReserve);
        break;
    }
    case Phase::CopyingMemory: {
        const std::optional<Ratios> ratio = ratios();
        if (!ratio) {
            return;
        }
        expected = static_cast<double>(m_figures.diskRemaining) + left(ratio->likely);
        break;
    }
    case Phase::SwitchingOver:
    case Phase::PostCopy:
        expected = static_cast<double>(m_figures.diskRemaining + m_figures.memoryRemaining);
        break;
    case Phase::Preparing:
    case Phase::Finishing:
    case Phase::Done:
    case Phase::Failed:
    case Phase::NeedsHelp:
        return;
    }
    // a little stays for what comes after the last page
    expected += 1 + static_cast<double>(m_figures.memoryTotal + m_figures.diskTotal) / 100;
    // Of what was expected to be left before, this share is left now. With a whole that stays the same that is the
    // share of the whole; where expectations change it neither falls nor arrives early.
    const double fraction = 1 - (1 - m_fraction) * expected / (expected + work);
    m_fraction = std::max(m_fraction, std::min(fraction, nearlyOver));
}

Range History::remainingMs() const
{
    constexpr qint64 paperwork = 1000; // libvirt's last words between the hosts
    const auto range = [](double low, double high) {
        constexpr double most = 1e12; // seconds
        return Range{static_cast<qint64>(std::min(low, most) * 1000),
            static_cast<qint64>(std::min(high, most) * 1000) + paperwork};
    };
    const auto rate = static_cast<double>(m_bandwidth);
    const auto disks = static_cast<double>(m_figures.diskRemaining);
    const auto memory = static_cast<double>(m_figures.memoryRemaining);
    if (m_phase == Phase::Done) {
        return {0, 0};
    }
    if (m_phase == Phase::Finishing) {
        return {0, 2 * paperwork};
    }
    if (m_bandwidth < deadLink) {
        return {};
    }
    switch (m_phase) {
    case Phase::CopyingDisks:
        if (m_expectedMemory == 0) {
            return {};
        }
        return range((disks + 0.2 * static_cast<double>(m_expectedMemory)) / rate * 0.9,
            (disks + 1.5 * static_cast<double>(m_expectedMemory)) / rate * 1.1);
    case Phase::SwitchingOver:
    case Phase::PostCopy:
        // the limit on bandwidth does not hold for these
        return range(0.3 * (disks + memory) / rate, 1.2 * (disks + memory) / rate);
    case Phase::CopyingMemory: {
        // The last part goes while the guest stands still, for which the limit on bandwidth is lifted.
        const auto last = static_cast<double>(std::min(m_figures.memoryRemaining, threshold()));
        if (m_rounds.size() < 2) {
            // Blank pages cost nothing, and nobody knows yet what is written meanwhile: at least what is in use of this
            // pass, at most all that is in use once more.
            const auto pages = static_cast<double>(m_figures.constantPages + m_figures.normalPages);
            const double used = pages > 0 ? static_cast<double>(m_figures.normalPages) / pages : 1;
            const double unsent = m_expectedMemory > 0
                ? std::min(memory, static_cast<double>(less(m_expectedMemory, m_figures.memoryProcessed)))
                : memory;
            const double fast = std::max(rate, static_cast<double>(m_pace));
            return range((disks + std::max(unsent - last, 0.0)) / fast * 0.9,
                (disks + memory + used * static_cast<double>(m_figures.memoryTotal)) / rate * 1.1);
        }
        const std::optional<Ratios> ratio = ratios();
        if (!ratio) {
            return {};
        }
        return range((disks + left(ratio->low) - last) / rate * 0.9, (disks + left(ratio->high)) / rate * 1.1);
    }
    case Phase::Preparing:
    case Phase::Finishing:
    case Phase::Done:
    case Phase::Failed:
    case Phase::NeedsHelp:
        break;
    }
    return {};
}

void History::addSample(qint64 at)
{
    Sample sample;
    sample.atMs = at;
    sample.phase = m_phase;
    sample.memoryRemaining = m_figures.memoryRemaining;
    sample.diskRemaining = m_figures.diskRemaining;
    sample.bytesPerSecond = m_memory ? m_bandwidth + m_diskBandwidth : m_diskBandwidth;
    sample.dirtyBytesPerSecond = m_figures.dirtyRate();
    sample.threshold = m_memory ? threshold() : 0;
    sample.throttlePercent = m_figures.throttlePercent;
    m_samples.append(sample);
    if (m_samples.size() <= maxSamples) {
        return;
    }
    // Every second one of the older three quarters goes; where a phase begins, it stays.
    QList<Sample> thinned;
    thinned.reserve(m_samples.size());
    for (qsizetype i = 0; i < m_samples.size(); ++i) {
        const bool begins = i == 0 || m_samples.at(i - 1).phase != m_samples.at(i).phase;
        if (i % 2 == 0 || i >= m_samples.size() * 3 / 4 || (begins && thinned.size() < maxSamples / 2)) {
            thinned.append(m_samples.at(i));
        }
    }
    m_samples = thinned;
}

QString phaseText(const History &history)
{
    switch (history.phase()) {
    case Phase::Preparing:
        return HistoryText::tr("Preparing");
    case Phase::CopyingDisks:
        return HistoryText::tr("Copying disks");
    case Phase::CopyingMemory:
        return HistoryText::tr("Copying memory, round %1").arg(history.round());
    case Phase::SwitchingOver:
        return HistoryText::tr("Switching over");
    case Phase::PostCopy:
        return HistoryText::tr("Runs at the destination, fetching the rest");
    case Phase::Finishing:
        return HistoryText::tr("Finishing");
    case Phase::Done:
        return HistoryText::tr("Migrated");
    case Phase::Failed:
        return HistoryText::tr("Not migrated");
    case Phase::NeedsHelp:
        return HistoryText::tr("Waits for your decision");
    }
    return {};
}

} // namespace vireo::migration
