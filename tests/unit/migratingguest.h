// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cmath>

#include <QList>

#include "backend/virt/migration.h"

namespace vireo::test {

/// A guest that is migrated by pre-copy as QEMU does it, in steps of 5 ms, for tests of what watches and steers it. It
/// writes round and round over its working set. A round ends, and the dirty pages are counted, as soon as no more than
/// bandwidth x limit is left; it switches over when no more is left just after counting.
struct MigratingGuest {
    static constexpr double mib = 1024.0 * 1024;

    double memory = 128 * mib;
    double used = 128 * mib; ///< the rest is blank: done at once, at the end of the first round
    double workingSet = 24 * mib;
    double writes = 48 * mib; ///< per second
    double bandwidth = 16 * mib;
    double limitMs = 300;
    double disk = 0;     ///< copied before memory
    bool paused = false; ///< the guest stands still

    qint64 nowMs = 0;
    double remaining = 0;
    double sent = 0;
    double diskDone = 0;
    quint64 iteration = 0;
    quint64 iterationsBefore = 0; ///< of earlier tries
    bool done = false;
    QList<double> left; ///< what each round left, exactly

    void run(qint64 ms)
    {
        for (const qint64 end = nowMs + ms; nowMs < end; nowMs += 5) {
            step(0.005);
        }
    }

    virt::migration::Figures figures() const
    {
        using virt::migration::Figures;
        Figures result;
        result.operation = Figures::Operation::MigrationOut;
        result.type = Figures::Type::Unbounded;
        result.elapsedMs = static_cast<quint64>(nowMs);
        result.diskTotal = static_cast<quint64>(disk);
        result.diskProcessed = static_cast<quint64>(diskDone);
        result.diskRemaining = static_cast<quint64>(disk - diskDone);
        result.pageSize = 4096;
        if (iteration > 0) {
            result.memoryTotal = static_cast<quint64>(memory);
            result.memoryProcessed = static_cast<quint64>(sent);
            result.memoryRemaining = static_cast<quint64>(remaining);
            result.memoryBps = static_cast<quint64>(bandwidth);
            result.normalPages = static_cast<quint64>(sent / 4096);
            result.iteration = iterationsBefore + iteration;
            result.dirtyPagesPerSecond = iteration > 1 ? static_cast<quint64>(m_dirtyRate / 4096) : 0;
        }
        result.dataTotal = result.memoryTotal + result.diskTotal;
        return result;
    }

private:
    void step(double seconds)
    {
        if (done) {
            return;
        }
        if (diskDone < disk) {
            diskDone = std::min(disk, diskDone + bandwidth * seconds);
            return;
        }
        if (iteration == 0) {
            iteration = 1;
            remaining = memory;
        }
        m_round += seconds;
        const double now = std::min(remaining, bandwidth * seconds);
        remaining -= now;
        sent += now;
        const double limit = bandwidth * limitMs / 1000;
        const double blank = iteration == 1 ? memory - used : 0;
        if (remaining - blank > limit && remaining > blank) {
            return;
        }
        remaining -= std::min(blank, remaining);
        const double dirtied = paused ? 0 : std::min(workingSet, writes * m_round);
        const double kept = workingSet > 0 ? remaining * (1 - dirtied / workingSet) : remaining;
        remaining = std::min(memory, dirtied + std::max(0.0, kept));
        m_dirtyRate = dirtied / m_round;
        m_round = 0;
        left.append(remaining);
        ++iteration;
        done = remaining <= limit;
    }

    double m_round = 0;
    double m_dirtyRate = 0;
};

} // namespace vireo::test
