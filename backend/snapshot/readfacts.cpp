// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QFileInfo>
#include <QSet>
#include <QVersionNumber>

#include "backend/snapshot/chainrecords.h"
#include "backend/snapshot/facts.h"
#include "backend/virt/domains.h"
#include "backend/virt/hostcalls.h"
#include "backend/virt/snapshots.h"
#include "backend/virt/storage.h"
#include "backend/xml/capabilities.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;

namespace vireo::snapshot {

namespace {

namespace storage = virt::storage;
namespace domains = virt::domains;

/** The host's storage as its pools list it. */
struct Storage {
    QList<storage::Pool> pools; ///< active ones with files
    QHash<QString, storage::Volume> volumes;
    QString problem; ///< why a pool could not be read
};

void readPool(virt::Connection &connection, const storage::Pool &pool, Storage &result)
{
    const auto volumes = storage::volumes(connection, pool.name);
    if (!volumes) {
        result.problem = volumes.error().message;
    } else {
        result.volumes.removeIf([&pool](const auto &entry) { return entry.value().pool == pool.name; });
        for (const storage::Volume &volume : *volumes) {
            result.volumes.insert(volume.path, volume);
        }
    }
}

QString directoryOf(const QString &path)
{
    return path.startsWith(u'/') ? QFileInfo(path).path() : QString();
}

/** Pools that hold these directories, or all that are active. */
Result<Storage> readStorage(virt::Connection &connection, const QSet<QString> &directories, Reach reach)
{
    const auto pools = storage::pools(connection);
    if (!pools) {
        // A host without storage driver still has snapshots.
        return pools.error().kind == Error::Kind::Unsupported ? Result<Storage>(Storage()) : fail(pools.error());
    }
    Storage result;
    for (const storage::Pool &pool : *pools) {
        if (pool.active && (reach == Reach::Everybody || directories.contains(pool.targetPath))) {
            result.pools.append(pool);
            readPool(connection, pool, result);
        }
    }
    return result;
}

const storage::Pool *poolOf(const Storage &known, const QString &path)
{
    const auto listed = known.volumes.constFind(path);
    const QString directory = directoryOf(path);
    const auto pool = std::ranges::find_if(known.pools, [&](const storage::Pool &candidate) {
        return listed != known.volumes.constEnd() ? candidate.name == listed->pool : candidate.targetPath == directory;
    });
    return pool == known.pools.end() ? nullptr : &*pool;
}

/** A volume that the XML names by its pool has a path only where the pool says so. */
void resolve(Layer &layer, const Storage &known)
{
    if (layer.path.isEmpty() || layer.path.startsWith(u'/') || layer.path.contains("://"_L1)) {
        return;
    }
    const auto volume = std::ranges::find_if(known.volumes,
        [&layer](const storage::Volume &candidate) { return candidate.pool + u'/' + candidate.name == layer.path; });
    if (volume != known.volumes.end()) {
        layer.path = volume->path;
    }
}

void resolveAll(Facts &facts, const Storage &known)
{
    for (DiskNow &disk : facts.disks) {
        for (Layer &layer : disk.chain) {
            resolve(layer, known);
        }
    }
    for (Snapshot &snapshot : facts.snapshots) {
        for (SnapshotDisk &disk : snapshot.disks) {
            for (Layer &layer : disk.state) {
                resolve(layer, known);
            }
        }
    }
}

QStringList targetsOf(const Facts &facts)
{
    QStringList targets;
    QSet<QString> seen;
    const auto add = [&](const QString &target) {
        if (!seen.contains(target)) {
            seen.insert(target);
            targets.append(target);
        }
    };
    for (const DiskNow &disk : facts.disks) {
        add(disk.target);
    }
    for (const Snapshot &snapshot : facts.snapshots) {
        for (const SnapshotDisk &disk : snapshot.disks) {
            add(disk.target);
        }
    }
    return targets;
}

QSet<QString> pathsOf(const Facts &facts)
{
    QSet<QString> paths;
    for (const DiskNow &disk : facts.disks) {
        for (const Layer &layer : disk.chain) {
            paths.insert(layer.path);
        }
    }
    for (const Snapshot &snapshot : facts.snapshots) {
        if (!snapshot.memoryFile.isEmpty()) {
            paths.insert(snapshot.memoryFile);
        }
        for (const SnapshotDisk &disk : snapshot.disks) {
            if (disk.kind == SnapshotDisk::Kind::None) {
                continue;
            }
            if (!disk.overlay.path.isEmpty()) {
                paths.insert(disk.overlay.path);
            }
            for (const Layer &layer : disk.state) {
                paths.insert(layer.path);
            }
        }
    }
    return paths;
}

FileFacts describe(const Storage &known, const QString &path)
{
    FileFacts file;
    const storage::Pool *pool = poolOf(known, path);
    const auto volume = known.volumes.constFind(path);
    if (pool) {
        file.pool = pool->name;
        file.available = pool->available;
        file.presence = FileFacts::Presence::Missing;
    }
    if (volume != known.volumes.constEnd()) {
        file.presence = FileFacts::Presence::Present;
        file.volume = volume->name;
        file.format = volume->format;
        file.backingPath = volume->backingPath;
        file.allocation = volume->allocation;
        file.capacity = volume->capacity;
    }
    return file;
}

/** What is known of all files, and of those beneath that only storage knows of. */
void describeAll(Facts &facts, const Storage &known)
{
    const QSet<QString> paths = pathsOf(facts);
    QStringList open(paths.cbegin(), paths.cend());
    facts.files.clear();
    while (!open.isEmpty()) {
        const QString path = open.takeLast();
        if (facts.files.contains(path)) {
            continue;
        }
        const FileFacts file = describe(known, path);
        facts.files.insert(path, file);
        if (file.backingPath.startsWith(u'/')) {
            open.append(file.backingPath);
        }
    }
}

/** Pools whose lists are too old for these files: one is not in it, or has another backing file than is recorded. */
QSet<QString> stalePools(const Facts &facts)
{
    QSet<QString> stale;
    for (auto it = facts.files.constBegin(); it != facts.files.constEnd(); ++it) {
        if (it->presence == FileFacts::Presence::Missing) {
            stale.insert(it->pool);
        }
    }
    const QStringList targets = targetsOf(facts);
    for (const QString &target : targets) {
        const ChainRecords records(facts, target);
        for (const QString &path : records.paths()) {
            const auto file = facts.files.constFind(path);
            if (file != facts.files.constEnd() && file->presence == FileFacts::Presence::Present
                && records.isContradicted(path, file->backingPath)) {
                stale.insert(file->pool);
            }
        }
    }
    return stale;
}

/** Who else needs which file. A set for each file, sorted by name in the end. */
class Users final
{
public:
    explicit Users(const Storage &known)
        : m_known(known)
    {}
    /** `user` needs the file and all that is beneath it. */
    void add(const QString &path, const QString &user)
    {
        QSet<QString> seen;
        for (QString at = path; !at.isEmpty() && !seen.contains(at);) {
            seen.insert(at);
            m_users[at].insert(user);
            const auto volume = m_known.volumes.constFind(at);
            at = volume == m_known.volumes.constEnd() ? QString() : volume->backingPath;
        }
    }
    bool has(const QString &path) const { return m_users.contains(path); }
    QStringList of(const QString &path) const
    {
        const QSet<QString> users = m_users.value(path);
        QStringList result(users.cbegin(), users.cend());
        result.sort();
        return result;
    }

private:
    const Storage &m_known;
    QHash<QString, QSet<QString>> m_users;
};

Result<> readUsers(virt::Connection &connection, const Storage &known, Facts &facts)
{
    const auto uses = storage::diskUses(connection);
    if (!uses) {
        return fail(uses.error());
    }
    Users users(known);
    QHash<QUuid, QString> others;
    QSet<QString> ours; // disks of this domain that are part of no snapshot
    for (const storage::DiskUse &use : *uses) {
        if (use.domain == facts.domain.uuid) {
            ours.insert(use.path);
        } else {
            users.add(use.path, use.domainName);
            others.insert(use.domain, use.domainName);
        }
    }
    for (auto it = others.constBegin(); it != others.constEnd(); ++it) {
        const auto names = virt::snapshots::names(connection, it.key());
        if (names && names->isEmpty()) {
            continue;
        }
        const auto stored = virt::snapshots::list(connection, it.key());
        if (!stored) {
            if (stored.error().kind == Error::Kind::NotFound) {
                continue;
            }
            return fail(stored.error()); // it may need anything
        }
        for (const virt::snapshots::Stored &one : *stored) {
            const auto snapshot = parseSnapshot(one.xml);
            if (!snapshot) {
                return fail(snapshot.error());
            }
            const QString user = it.value() + u": "_s + snapshot->name;
            if (!snapshot->memoryFile.isEmpty()) {
                users.add(snapshot->memoryFile, user);
            }
            for (const SnapshotDisk &disk : snapshot->disks) {
                const bool takesPart = disk.kind != SnapshotDisk::Kind::None;
                for (qsizetype i = 0; takesPart && i < disk.state.size(); ++i) {
                    users.add(disk.state[i].path, user);
                }
            }
        }
    }
    // An image that no domain has, but which lies on one of ours: somebody's template, or kept for later.
    for (const storage::Volume &volume : known.volumes) {
        if (!volume.backingPath.isEmpty() && !facts.files.contains(volume.path) && !ours.contains(volume.path)
            && !users.has(volume.path)) {
            users.add(volume.backingPath, volume.name);
        }
    }
    for (auto it = facts.files.begin(); it != facts.files.end(); ++it) {
        it->users = users.of(it.key());
    }
    return {};
}

void readFromDefinition(Facts &facts, const xml::Element &domain)
{
    const xml::Element os = domain.child(u"os"_s);
    facts.usesUefi =
        os.attribute(u"firmware"_s) == "efi"_L1 || os.child(u"loader"_s).attribute(u"type"_s) == "pflash"_L1;
    const xml::Element devices = domain.child(u"devices"_s);
    facts.hasTpm = !devices.child(u"tpm"_s).isNull();
    const auto channels = devices.children(u"channel"_s);
    facts.hasAgent = std::ranges::any_of(channels, [](const xml::Element &channel) {
        const xml::Element target = channel.child(u"target"_s);
        return target.attribute(u"name"_s) == "org.qemu.guest_agent.0"_L1
            && target.attribute(u"state"_s) == "connected"_L1;
    });
}

Result<> readHost(virt::Connection &connection, const xml::Element &domain, Facts &facts)
{
    const auto text = virt::hostcalls::capabilities(connection);
    const auto capabilities = text ? xml::readCapabilities(*text) : fail(text.error());
    if (!capabilities) {
        return fail(capabilities.error());
    }
    const xml::Element type = domain.find(u"os/type"_s);
    if (const xml::GuestKind *guest = capabilities->guest(type.text(), type.attribute(u"arch"_s))) {
        facts.revertsExternal = guest->features.contains("externalSnapshot"_L1);
    }
    if (facts.usesUefi) {
        const auto info = virt::hostcalls::info(connection);
        if (!info) {
            return fail(info.error());
        }
        facts.isInternalUefiSafe = QVersionNumber::fromString(info->libvirtVersion) >= QVersionNumber(10, 10);
    }
    return {};
}

Result<> readDomain(virt::Connection &connection, const QUuid &domain, Facts &facts)
{
    auto record = domains::read(connection, domain);
    auto now = record ? domains::xml(connection, domain, domains::XmlKind::Live) : fail(record.error());
    if (!now) {
        return fail(now.error());
    }
    facts.domain = *std::move(record);
    facts.xml = *std::move(now);
    if (facts.domain.persistent && facts.domain.isActive()) {
        auto stored = domains::xml(connection, domain, domains::XmlKind::Inactive);
        if (!stored) {
            return fail(stored.error());
        }
        facts.storedXml = *std::move(stored);
    } else if (facts.domain.persistent) {
        facts.storedXml = facts.xml;
    }
    auto disks = parseDisks(facts.xml);
    if (!disks) {
        return fail(disks.error());
    }
    facts.disks = *std::move(disks);
    const auto document = xml::Document::parse(facts.xml);
    if (!document) {
        return fail(document.error());
    }
    readFromDefinition(facts, document->root());
    return readHost(connection, document->root(), facts);
}

Result<> readSnapshots(virt::Connection &connection, const QUuid &domain, Facts &facts)
{
    const auto stored = virt::snapshots::list(connection, domain);
    if (!stored) {
        return fail(stored.error());
    }
    for (const virt::snapshots::Stored &one : *stored) {
        auto snapshot = parseSnapshot(one.xml);
        if (!snapshot) {
            return fail(snapshot.error());
        }
        snapshot->current = one.current;
        facts.snapshots.append(*std::move(snapshot));
    }
    return {};
}

QString overlayDirectoryOf(const Facts &facts, const Storage &known)
{
    for (const DiskNow &disk : facts.disks) {
        const QString path = disk.chain.isEmpty() ? QString() : disk.chain.first().path;
        if (disk.canSnapshot && path.startsWith(u'/') && !path.startsWith("/dev/"_L1)) {
            return directoryOf(path);
        }
    }
    for (const storage::Pool &pool : known.pools) {
        if (storage::isFileBased(pool)) {
            return pool.targetPath;
        }
    }
    return {};
}

} // namespace

Result<Facts> readFacts(virt::Connection &connection, const QUuid &domain, Reach reach)
{
    Facts facts;
    if (const Result<> read = readDomain(connection, domain, facts); !read) {
        return fail(read.error());
    }
    if (const Result<> read = readSnapshots(connection, domain, facts); !read) {
        return fail(read.error());
    }
    QSet<QString> directories;
    const QSet<QString> paths = pathsOf(facts);
    for (const QString &path : paths) {
        directories.insert(directoryOf(path));
    }
    auto known = readStorage(connection, directories, reach);
    if (!known) {
        return fail(known.error());
    }
    resolveAll(facts, *known);
    describeAll(facts, *known);
    // libvirt does not look by itself at what snapshots and merges make of a pool's files
    if (const QSet<QString> stale = stalePools(facts); !stale.isEmpty()) {
        for (const storage::Pool &pool : std::as_const(known->pools)) {
            if (stale.contains(pool.name) && storage::refreshPool(connection, pool.name)) {
                readPool(connection, pool, *known);
            }
        }
        describeAll(facts, *known);
    }
    for (DiskNow &disk : facts.disks) {
        if (!facts.domain.isActive() && !disk.isNetwork && !disk.chain.isEmpty()) {
            disk.chain = ChainRecords(facts, disk.target).chainOf(disk.chain.first().path);
        }
    }
    facts.overlayDirectory = overlayDirectoryOf(facts, *known);
    facts.usersProblem = known->problem;
    if (reach == Reach::Everybody) {
        if (const Result<> read = readUsers(connection, *known, facts); !read) {
            return fail(read.error());
        }
    }
    return facts;
}

} // namespace vireo::snapshot
