// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/operation/migrate/migrationfeed.h"

/** Migrations made by hand: what libvirt would have said, fed to a real History. */
namespace vireo::test {

constexpr quint64 mebibyte = 1024ULL * 1024;

/** A guest of 256 MiB that rewrites 24 MiB for ever, sent with `bandwidth`: after `rounds` passes. */
inline migration::History migrationHistory(int rounds, quint64 bandwidth = 16 * mebibyte, quint64 disk = 0)
{
    migration::History history;
    virt::migration::Figures figures;
    figures.type = virt::migration::Figures::Type::Unbounded;
    figures.operation = virt::migration::Figures::Operation::MigrationOut;
    figures.memoryTotal = 256 * mebibyte;
    figures.pageSize = 4096;
    figures.dirtyPagesPerSecond = 24 * mebibyte / 4096;
    figures.memoryBps = bandwidth;
    qint64 now = 0;
    figures.diskTotal = disk;
    for (int part = 0; disk > 0 && part <= 8; ++part) {
        figures.diskRemaining = disk - disk * static_cast<quint64>(part) / 8;
        figures.diskProcessed = disk - figures.diskRemaining;
        figures.diskBps = bandwidth;
        figures.memoryRemaining = figures.memoryTotal;
        figures.dataTotal = figures.memoryTotal + disk;
        figures.dataRemaining = figures.memoryRemaining + figures.diskRemaining;
        figures.dataProcessed = figures.dataTotal - figures.dataRemaining;
        figures.elapsedMs = static_cast<quint64>(now);
        history.feed(now, figures, 300, virt::DomainState::Running, 1);
        now += 500;
    }
    quint64 sent = 0;
    for (int round = 1; round <= rounds; ++round) {
        const quint64 begin = round == 1 ? 256 * mebibyte : 24 * mebibyte;
        const quint64 step = bandwidth / 2; // half a second
        figures.iteration = static_cast<quint64>(round);
        for (quint64 done = 0; done < begin; done += step) {
            figures.memoryRemaining = begin - done;
            figures.memoryProcessed = sent + done;
            figures.dataTotal = figures.memoryTotal + disk;
            figures.dataRemaining = figures.memoryRemaining;
            figures.dataProcessed = figures.memoryProcessed + disk;
            figures.elapsedMs = static_cast<quint64>(now);
            history.feed(now, figures, 300, virt::DomainState::Running, 1, figures.iteration);
            now += 500;
        }
        sent += begin;
    }
    return history;
}

inline operation::MigrationPicture migrationPicture(
    const virt::DomainKey &source, const virt::HostId &destination, int rounds = 3)
{
    operation::MigrationPicture picture;
    picture.domain = source;
    picture.domainName = QStringLiteral("web01");
    picture.destination = destination;
    picture.destinationName = QStringLiteral("rack-8");
    picture.isOurs = true;
    picture.history = migrationHistory(rounds);
    picture.policy = migration::Policy::preset(migration::Policy::Kind::Steady);
    picture.maxDowntimeMs = 300;
    picture.bandwidth = 16 * mebibyte;
    picture.canPostCopy = true;
    return picture;
}

} // namespace vireo::test
