// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/base/error.h"
#include "backend/migration/forecast.h"

/**
 * What Vireo remembers of pairs of hosts: a small file that only the user may read. Hosts are known by their own UUIDs,
 * and the way there is another pair than the way back. Blocking; any worker thread, and several processes.
 */
namespace vireo::operation {

struct MigrationMemory {
    quint64 bandwidth = 0;              ///< of the last migration, bytes per second; 0: none
    QString uri;                        ///< as the source's daemon reaches the destination, given by hand; empty: none
    migration::ByteRange measured = {}; ///< bytes per second between them, since the last migration; 0: not
    friend bool operator==(const MigrationMemory &, const MigrationMemory &) = default;
};

/** "migrations" below the state directory. */
QString migrationMemoryDirectory();
/** Nothing, where nothing is known or can be read. `directory` empty: the default. */
MigrationMemory recallPair(const QString &directory, const QString &fromHostUuid, const QString &toHostUuid);
/** Error: the system's. Hosts without UUID are not remembered. */
Result<> rememberBandwidth(
    const QString &directory, const QString &fromHostUuid, const QString &toHostUuid, quint64 bytesPerSecond);
/** Holds until the next migration tells better. */
Result<> rememberMeasured(const QString &directory, const QString &fromHostUuid, const QString &toHostUuid,
    const migration::ByteRange &bytesPerSecond);
/** Empty: forgets it. */
Result<> rememberUri(
    const QString &directory, const QString &fromHostUuid, const QString &toHostUuid, const QString &uri);

} // namespace vireo::operation
