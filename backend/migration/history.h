// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QList>

#include "backend/virt/migration.h"

/** What a migration does, would do and should do: values and pure functions, without a host. */
namespace vireo::migration {

/** The words for a migration's stages, in their order. */
enum class Phase {
    Preparing,     ///< nothing is sent yet
    CopyingDisks,  ///< disks are being mirrored, memory waits
    CopyingMemory, ///< pre-copy, round n
    SwitchingOver, ///< the guest stands still
    PostCopy,      ///< it runs at the destination, and fetches the rest
    Finishing,
    Done,
    Failed,    ///< and the guest is where it was
    NeedsHelp, ///< libvirt leaves it to a person: see Diagnosis
};

/** One pass over memory. Only at its end is `remaining` exact. */
struct Round {
    quint64 number = 0;
    qint64 startedMs = 0;  ///< since the migration began
    qint64 endedMs = -1;   ///< -1: goes on
    quint64 remaining = 0; ///< bytes, at its end (or now): what the next round has to send
    quint64 sent = 0;
    friend bool operator==(const Round &, const Round &) = default;
};

/** A point of the chart. */
struct Sample {
    qint64 atMs = 0;
    Phase phase = Phase::Preparing;
    quint64 memoryRemaining = 0; ///< bytes
    quint64 diskRemaining = 0;
    quint64 bytesPerSecond = 0; ///< memory and disks, smoothed
    quint64 dirtyBytesPerSecond = 0;
    quint64 threshold = 0; ///< bandwidth x allowed downtime: below it QEMU switches over; 0: unknown
    int throttlePercent = 0;
    friend bool operator==(const Sample &, const Sample &) = default;
};

/** A range of times, ms; -1: nobody can say. */
struct Range {
    qint64 low = -1;
    qint64 high = -1;
    friend bool operator==(const Range &, const Range &) = default;
};

/**
 * Makes rounds, phases, honest progress and times out of what libvirt says, one call of feed() each half a second. A
 * value: copies share. At most `maxSamples` samples are kept: older ones are thinned, rounds never.
 *
 * A round ends when QEMU looks which pages were written meanwhile; it does so as soon as less is left than the
 * threshold. What counts for convergence is therefore what a round leaves *above* the threshold, and its ratio to that
 * of the round before. Figures may come late (libvirt's answers can take seconds while a pass goes on): all rates are
 * by the figures' own clock.
 */
class History final
{
public:
    static constexpr int maxSamples = 2000;

    /** What is known beforehand, for the time before QEMU tells: memory of the guest that is in use, bytes. */
    void expect(quint64 memory) { m_expectedMemory = memory; }
    /** `maxDowntimeMs`: the limit in force, 0 unknown. `state`: of the domain at the source (a paused one in pre-copy
     *  is switching over, unless it was paused from the beginning). `iteration`: the newest by event, 0 none; it counts
     *  only where the figures have none. Never ends a migration: that takes a look at both hosts, and end(). */
    void feed(qint64 nowMs, const virt::migration::Figures &figures, quint64 maxDowntimeMs, virt::DomainState state,
        int stateReason, quint64 iteration = 0);
    /** It ended: with the final figures where there are any. What is fed afterwards is dropped. */
    void end(qint64 nowMs, Phase phase, const std::optional<virt::migration::Figures> &completed);

    Phase phase() const { return m_phase; }
    /** Counted from the first seen: libvirt's number may include earlier tries. */
    quint64 round() const { return m_rounds.isEmpty() ? 0 : m_rounds.last().number; }
    const QList<Round> &rounds() const { return m_rounds; }
    const QList<Sample> &samples() const { return m_samples; }
    const virt::migration::Figures &figures() const { return m_figures; }
    /**
     * 0 to 1. Never falls, and never reaches 1 before the end (Done): it is the share of the expected whole, not of a
     * round. The whole is what was sent and what is expected yet, by how the newest rounds shrank. While they do not,
     * nobody knows the whole, and the fraction stands still.
     */
    double fraction() const { return m_fraction; }
    /** Time left, from the newest rounds; {-1, -1} while it does not converge. */
    Range remainingMs() const;
    /** Of memory (of disks, until memory's turn comes), smoothed (EWMA 0.4), bytes per second. */
    quint64 bandwidth() const { return m_bandwidth; }
    /** Bandwidth x allowed downtime now, bytes; 0: unknown. */
    quint64 threshold() const { return m_bandwidth * m_maxDowntimeMs / 1000; }
    /** How long nothing has been sent, while there is something to send: a link that is cut, or a destination that
     *  hangs. 0: it flows, or it is not time to send. By the figures' own clock, ms. */
    qint64 silentMs() const;
    qint64 beganMs() const { return m_beganMs; } ///< on the clock of feed(), perhaps before its zero
    bool isOver() const { return m_over; }
    friend bool operator==(const History &, const History &) = default;

private:
    void updatePhase(const virt::migration::Figures &figures, virt::DomainState state, int reason);
    void updateRates(const virt::migration::Figures &figures, qint64 stepMs);
    double updateRounds(const virt::migration::Figures &figures, quint64 iteration, qint64 at);
    double nextRound(const virt::migration::Figures &figures, quint64 number, qint64 at);
    void closeRound(qint64 at);
    void updateFraction(double work);
    void addSample(qint64 at);
    /** What a round leaves above the threshold, compared with the one before; nothing: it does not shrink. */
    struct Ratios {
        double low = 0;
        double likely = 0;
        double high = 0;
    };
    std::optional<Ratios> ratios() const;
    double left(double ratio) const;
    quint64 roundSize() const;

    Phase m_phase = Phase::Preparing;
    QList<Round> m_rounds;
    QList<Sample> m_samples;
    virt::migration::Figures m_figures;
    double m_fraction = 0;
    quint64 m_bandwidth = 0;
    quint64 m_diskBandwidth = 0;
    quint64 m_pace = 0; ///< pages done, in bytes per second: blank ones are done without being sent
    quint64 m_maxDowntimeMs = 0;
    quint64 m_raisedInRound = 0; ///< when somebody allowed for more
    quint64 m_expectedMemory = 0;
    quint64 m_firstSize = 0; ///< of the first round that was seen, bytes
    std::optional<quint64> m_iterationsBefore;
    qint64 m_beganMs = 0;
    bool m_begun = false;
    qint64 m_fedMs = -1;    ///< since it began
    quint64 m_sent = 0;     ///< bytes
    quint64 m_sentAtMs = 0; ///< when something was last sent, by the figures' clock
    bool m_active = false;
    bool m_memory = false;
    bool m_wasPaused = false;
    bool m_over = false;
};

/** "Copying memory, round 3" */
QString phaseText(const History &history);

} // namespace vireo::migration
