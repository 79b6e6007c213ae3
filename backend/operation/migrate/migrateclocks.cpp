// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>

#include <QCoreApplication>
#include <QUuid>

#include "backend/migration/clocks.h"
#include "backend/operation/create/createlayout.h"
#include "backend/operation/migrate/migratepair_p.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

namespace storage = virt::storage;

struct ClocksText {
    Q_DECLARE_TR_FUNCTIONS(operation_migrateclocks)
};

/** Pools that are tried on each host: the first ones may be shared, or full, or read-only. */
constexpr qsizetype tried = 3;

/** Active pools that are plain directories: those of file servers would tell the server's time. */
QStringList directories(const QList<storage::Pool> &pools)
{
    QStringList names;
    for (const storage::Pool &pool : pools) {
        if (pool.active && pool.type == "dir"_L1 && names.size() < tried) {
            names.append(pool.name);
        }
    }
    return names;
}

/** An empty volume that tells its host's time, gone when this goes. */
class StampVolume final
{
    Q_DISABLE_COPY_MOVE(StampVolume)

public:
    StampVolume(virt::Connection &connection, QString pool, QString name)
        : m_connection(connection)
        , m_pool(std::move(pool))
        , m_name(std::move(name))
        , m_stamp(storage::createStampedVolume(connection, m_pool, volumeXml(m_name, u"raw"_s, 0, {}, {})))
    {}
    ~StampVolume() { static_cast<void>(storage::deleteVolume(m_connection, m_pool, m_name)); } // also after an error
    const Result<storage::ClockStamp> &stamp() const { return m_stamp; }

private:
    virt::Connection &m_connection;
    const QString m_pool;
    const QString m_name;
    const Result<storage::ClockStamp> m_stamp;
};

} // namespace

void compareClocks(virt::Connection &source, virt::Connection &destination, const MigrateDestination &there,
    MigratePair &pair, const std::stop_token &stop)
{
    const QStringList here = directories(storage::pools(source).value_or(QList<storage::Pool>()));
    const QStringList other = directories(there.pools);
    if (here.isEmpty() || other.isEmpty()) {
        pair.clockProblem = ClocksText::tr(
            "Hosts are asked by way of a new file's time, and one of them has no active storage pool in a directory.");
        return;
    }
    for (const QString &pool : here) {
        for (const QString &poolThere : other) {
            if (stop.stop_requested()) {
                return;
            }
            // Of one name: where both hosts see the same directory, the second one is refused. A file of a directory
            // that they share may have been stamped by a third computer.
            const QString name = u"vireo-clock-"_s + QUuid::createUuid().toString(QUuid::Id128);
            const StampVolume first(source, pool, name);
            if (!first.stamp()) {
                pair.clockProblem = first.stamp().error().message;
                break;
            }
            const StampVolume second(destination, poolThere, name);
            if (!second.stamp()) {
                pair.clockProblem = second.stamp().error().message;
                continue;
            }
            const auto difference = migration::clockDifference(*first.stamp(), *second.stamp());
            pair.clockKnown = true;
            pair.clockDifferenceMs = difference.ms;
            pair.clockUncertaintyMs = difference.uncertainty;
            pair.clockProblem.clear();
            return;
        }
    }
}

} // namespace vireo::operation
