// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <chrono>
#include <optional>

#include <QCoreApplication>

#include "backend/migration/linkspeed.h"
#include "backend/operation/migrate/migratepair_p.h"
#include "backend/operation/migrate/migrationmemory.h"
#include "backend/operation/probedomain.h"
#include "backend/operation/workdomain.h"
#include "backend/virt/volumeparts.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace vireo::operation {

namespace {

namespace storage = virt::storage;
using Clock = std::chrono::steady_clock;
using migration::ByteRange;
using migration::LinkPoint;

constexpr quint64 mebibyte = 1024ULL * 1024;
constexpr quint64 firstSize = 64 * mebibyte;
constexpr quint64 largestSize = 512 * mebibyte;
constexpr quint64 smallestSize = 32 * mebibyte;
constexpr quint64 spared = 4; ///< so much more must be free
constexpr auto patience = 20s;
constexpr qint64 enoughMs = 3000;
constexpr qint64 leastMs = 1000;

struct BandwidthText {
    Q_DECLARE_TR_FUNCTIONS(operation_migratebandwidth)
};

Error unsupported(const QString &why)
{
    return {Error::Kind::Unsupported, why, {}, 0, 0};
}

/** The active directory with most room; none: there is none with room enough. */
std::optional<storage::Pool> roomiest(const QList<storage::Pool> &pools)
{
    std::optional<storage::Pool> best;
    for (const storage::Pool &pool : pools) {
        const bool fits = pool.active && pool.type == "dir"_L1 && pool.available / spared >= smallestSize;
        if (fits && (!best || pool.available > best->available)) {
            best = pool;
        }
    }
    return best;
}

/** A raw volume, gone when this goes. */
class ProbeVolume final
{
    Q_DISABLE_COPY_MOVE(ProbeVolume)

public:
    ProbeVolume(virt::ConnectionPtr connection, QString pool)
        : m_connection(std::move(connection))
        , m_pool(std::move(pool))
    {}
    ~ProbeVolume()
    {
        if (m_begun) {
            static_cast<void>(storage::deleteVolume(*m_connection, m_pool, m_name)); // also after an unclear answer
        }
    }
    Result<storage::Volume> make(quint64 size, bool isWritten)
    {
        m_begun = true;
        auto document = xml::Document::create(u"volume"_s);
        xml::Element root = document.root();
        root.setAttribute(u"type"_s, u"file"_s);
        root.append(u"name"_s, m_name);
        const QString bytes = QString::number(size);
        root.append(u"capacity"_s, bytes).setAttribute(u"unit"_s, u"bytes"_s);
        // All of it: wiping a volume with holes only makes new holes.
        root.append(u"allocation"_s, isWritten ? bytes : u"0"_s).setAttribute(u"unit"_s, u"bytes"_s);
        root.append(u"target"_s).append(u"format"_s).setAttribute(u"type"_s, u"raw"_s);
        if (!isWritten) {
            return storage::createVolume(*m_connection, m_pool, document.toString());
        }
        const Result<> written = storage::createWrittenVolume(*m_connection, m_pool, document.toString());
        return written ? storage::volume(*m_connection, m_pool, m_name) : fail(written.error());
    }

private:
    const virt::ConnectionPtr m_connection;
    const QString m_pool;
    const QString m_name =
        QString::fromLatin1(WorkDomain::namePrefix) + u"probe-"_s + QUuid::createUuid().toString(QUuid::Id128);
    bool m_begun = false;
};

struct Way {
    virt::ConnectionPtr source;
    virt::ConnectionPtr destination;
    QString like;
    storage::Pool from;
    storage::Pool to;
    virt::migration::Options options; ///< not peer-to-peer: driven from here
};

struct Watched {
    QList<LinkPoint> points;
    qint64 ms() const { return points.isEmpty() ? 0 : points.constLast().ms - points.constFirst().ms; }
};

/** One disk goes from host to host. */
Result<Watched> watch(const Way &way, quint64 size, const std::stop_token &stop)
{
    ProbeVolume here(way.source, way.from.name);
    ProbeVolume there(way.destination, way.to.name);
    const auto from = here.make(size, true);
    if (!from || stop.stop_requested()) {
        return fail(from ? Error::cancelled() : from.error());
    }
    // libvirt writes as much as the file takes up, which may be a little more than was wanted.
    const auto to = there.make(from->physical, false);
    if (!to || stop.stop_requested()) {
        return fail(to ? Error::cancelled() : to.error());
    }
    ProbeDomain domain(way.source, way.destination, way.like);
    if (const Result<> started = domain.start(from->path); !started) {
        return fail(started.error());
    }
    virt::migration::Options options = way.options;
    options.storage = virt::migration::Options::Storage::Full;
    options.disks = {QString::fromLatin1(WorkDomain::diskTarget)};
    options.destinationXml = domain.xml(1, to->path);
    Watched watched;
    const auto begin = Clock::now();
    qint64 firstMs = -1;
    const Result<> moved = domain.migrate(options, !options.peerToPeer, patience, stop, [&] {
        const auto figures = domain.figures();
        if (!figures || figures->diskTotal == 0) {
            return false;
        }
        const qint64 ms = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin).count();
        watched.points.append({ms, figures->diskProcessed});
        firstMs = firstMs < 0 && figures->diskProcessed > 0 ? ms : firstMs;
        return firstMs >= 0 && ms - firstMs > enoughMs;
    });
    if (stop.stop_requested()) {
        return fail(Error::cancelled());
    }
    return moved ? Result<Watched>(watched) : fail(moved.error());
}

/** A disk that keeps the way busy for a second or more, where there is room for it. */
Result<ByteRange> measureWay(const Way &way, const std::stop_token &stop)
{
    const quint64 room = std::min(way.from.available, way.to.available) / spared;
    quint64 size = std::clamp(room, smallestSize, firstSize);
    auto watched = watch(way, size, stop);
    if (!watched) {
        return fail(watched.error());
    }
    if (const qint64 ms = watched->ms(); ms < leastMs) {
        const quint64 wanted = size / static_cast<quint64>(std::max<qint64>(ms, 1)) * leastMs * 2;
        const quint64 larger = std::min({wanted, room, largestSize}) / mebibyte * mebibyte;
        if (larger > size) {
            size = larger;
            watched = watch(way, size, stop);
        }
    }
    if (!watched) {
        return fail(watched.error());
    }
    const auto speed = migration::linkSpeed(watched->points);
    return speed ? Result<ByteRange>(*speed)
                 : fail(unsupported(BandwidthText::tr("The connection was too fast, or too slow, to be measured.")));
}

} // namespace

Result<ByteRange> measureBandwidth(const virt::ConnectionPtr &source, const virt::ConnectionPtr &destination,
    const MigrateSource &vm, const MigrateDestination &there, const MigrateDraft &draft, const std::stop_token &stop)
{
    using Path = MigrateDraft::Path;
    if (draft.path == Path::Tunnelled) {
        return fail(unsupported(BandwidthText::tr("A tunnel through libvirt can't be measured beforehand.")));
    }
    if (draft.path == Path::ThisComputer) {
        return fail(unsupported(BandwidthText::tr("The way through this computer is not measured beforehand.")));
    }
    if (vm.host.hypervisor != "QEMU"_L1 || there.host.hypervisor != "QEMU"_L1) {
        return fail(unsupported(BandwidthText::tr("The connection of these hosts can't be measured beforehand.")));
    }
    const auto pools = storage::pools(*source);
    const auto from = pools ? roomiest(*pools) : std::nullopt;
    const auto to = roomiest(there.pools);
    if (!from || !to) {
        return fail(unsupported(BandwidthText::tr("To measure the connection, each host needs an active storage pool "
                                                  "in a directory, with some free space.")));
    }
    Way way{source, destination, vm.liveXml, *from, *to, probeOptions(draft)};
    way.options.destinationUri = reachUri(*source, *destination, draft, vm, there);
    way.options.peerToPeer = draft.path != Path::Direct && !way.options.destinationUri.isEmpty();
    auto speed = measureWay(way, stop);
    if (!speed && way.options.peerToPeer && draft.path == Path::Auto && !stop.stop_requested()) {
        way.options.peerToPeer = false; // as the migration will, when the daemons don't reach each other
        speed = measureWay(way, stop);
    }
    if (speed) {
        // Not remembering it costs the next sitting one more measurement.
        static_cast<void>(rememberMeasured({}, vm.hostUuid, there.hostUuid, *speed));
    }
    return speed;
}

} // namespace vireo::operation
