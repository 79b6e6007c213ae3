// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QCoreApplication>
#include <QFileInfo>
#include <QSet>

#include "backend/operation/create/seedchange.h"
#include "backend/operation/migrate/migratelayout_p.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

using snapshot::SnapshotDisk;

struct MigratefilesText {
    Q_DECLARE_TR_FUNCTIONS(operation_migratefiles)
};

QString directoryOf(const QString &path)
{
    return QFileInfo(path).path();
}

MigrateDisk readDisk(const xml::Element &disk)
{
    MigrateDisk result;
    result.target = disk.child(u"target"_s).attribute(u"dev"_s);
    result.device = disk.hasAttribute(u"device"_s) ? disk.attribute(u"device"_s) : u"disk"_s;
    result.type = disk.hasAttribute(u"type"_s) ? disk.attribute(u"type"_s) : u"file"_s;
    const xml::Element source = disk.child(u"source"_s);
    result.path = source.hasAttribute(u"file"_s) ? source.attribute(u"file"_s) : source.attribute(u"dev"_s);
    result.pool = source.attribute(u"pool"_s);
    result.volume = source.attribute(u"volume"_s);
    result.protocol = source.attribute(u"protocol"_s);
    result.format = disk.child(u"driver"_s).attribute(u"type"_s);
    result.encrypted = source.child(u"encryption"_s) || disk.child(u"encryption"_s);
    result.readOnly = bool(disk.child(u"readonly"_s));
    result.shareable = bool(disk.child(u"shareable"_s));
    result.transient = bool(disk.child(u"transient"_s));
    for (const xml::Element &holder :
        {source.child(u"encryption"_s), disk.child(u"encryption"_s), source.child(u"auth"_s), disk.child(u"auth"_s)}) {
        const xml::Element secret = holder.child(u"secret"_s);
        if (secret && result.secret.isEmpty()) {
            result.secret = secret.attribute(u"uuid"_s); // of one that is named by its use nothing is listed
        }
    }
    return result;
}

/** Files in the order in which names are given away, each with the disk it belongs to. */
class FileList final
{
public:
    struct Entry {
        QString path;
        QString target;
    };
    void add(const QString &path, const QString &target)
    {
        if (path.startsWith(u'/') && !m_seen.contains(path)) {
            m_seen.insert(path);
            m_entries.append({path, target});
        }
    }
    const QList<Entry> &entries() const { return m_entries; }

private:
    QSet<QString> m_seen;
    QList<Entry> m_entries;
};

} // namespace

QString seedMedium(const MigrateSource &source)
{
    const auto document = xml::Document::parse(source.liveXml);
    const QString volume = document ? seedVolumeOf(*document) : QString();
    const auto found = std::ranges::find_if(source.mediaSources,
        [&volume](const QString &path) { return !volume.isEmpty() && QFileInfo(path).fileName() == volume; });
    return found == source.mediaSources.end() ? QString() : *found;
}

namespace {

FileList copyableFiles(const MigrateSource &source)
{
    QSet<QString> media;
    const QList<MigrateDisk> disks = migrateDisks(source.liveXml);
    for (const MigrateDisk &disk : disks) {
        if (disk.isMedium()) {
            media.insert(disk.target);
        }
    }
    FileList files;
    for (const snapshot::DiskNow &disk : source.disks.disks) {
        if (!media.contains(disk.target) && !disk.isNetwork) {
            for (const snapshot::Layer &layer : disk.chain) {
                files.add(layer.path, disk.target);
            }
        }
    }
    for (const snapshot::Snapshot &each : source.disks.snapshots) {
        for (const SnapshotDisk &disk : each.disks) {
            if (disk.kind == SnapshotDisk::Kind::None || media.contains(disk.target)) {
                continue;
            }
            for (const snapshot::Layer &layer : disk.state) {
                files.add(layer.path, disk.target);
            }
            files.add(disk.overlay.path, disk.target);
        }
        files.add(each.memoryFile, {});
    }
    files.add(seedMedium(source), {});
    return files;
}

const virt::storage::Pool *activePool(const MigrateDestination &destination, auto matches)
{
    const auto found = std::ranges::find_if(
        destination.pools, [&matches](const virt::storage::Pool &pool) { return pool.active && matches(pool); });
    return found == destination.pools.end() ? nullptr : &*found;
}

const virt::storage::Pool *poolNamed(const MigrateDestination &destination, const QString &name)
{
    return activePool(destination, [&name](const virt::storage::Pool &pool) { return pool.name == name; });
}

const virt::storage::Pool *poolAt(const MigrateDestination &destination, const QString &directory)
{
    return activePool(destination, [&directory](const virt::storage::Pool &pool) {
        return virt::storage::isFileBased(pool) && pool.targetPath == directory;
    });
}

FilePlace placeIn(const virt::storage::Pool *pool, const QString &volume)
{
    FilePlace place;
    place.pool = pool->name;
    place.volume = volume;
    place.path = pool->targetPath + u'/' + volume;
    place.isFileBased = virt::storage::isFileBased(*pool);
    return place;
}

FilePlace mappedPlace(const MigrateDestination &destination, const QString &path)
{
    if (const virt::storage::Pool *pool = poolAt(destination, directoryOf(path))) {
        return placeIn(pool, QFileInfo(path).fileName());
    }
    FilePlace place;
    place.path = path;
    place.reason =
        MigratefilesText::tr("No active pool of the destination has the directory %1.").arg(directoryOf(path));
    return place;
}

FilePlace placeByPool(
    const MigrateSource &source, const MigrateDestination &destination, const MigrateDraft &draft, const QString &path)
{
    const QString name = QFileInfo(path).fileName();
    const QString key = poolKeyOf(source, path);
    if (const auto mapped = draft.map.pools.constFind(key); mapped != draft.map.pools.constEnd()) {
        if (const virt::storage::Pool *pool = poolNamed(destination, *mapped)) {
            return placeIn(pool, name);
        }
        return {{}, {}, {}, MigratefilesText::tr("The destination has no active pool “%1”.").arg(*mapped), true};
    }
    const bool hasPool = !key.startsWith(u'/');
    const virt::storage::Pool *pool = hasPool ? poolNamed(destination, key) : nullptr;
    if (!pool) {
        pool = poolAt(destination, directoryOf(path));
    }
    if (!pool && !hasPool) {
        pool = poolNamed(destination, u"default"_s);
    }
    if (pool) {
        return placeIn(pool, name);
    }
    return {{}, {}, {},
        hasPool
            ? MigratefilesText::tr("The destination has no active pool “%1”.").arg(key)
            : MigratefilesText::tr("The destination has no active pool for %1, and none called “default”.").arg(key),
        true};
}

} // namespace

QList<MigrateDisk> migrateDisks(const QString &domainXml)
{
    const auto document = xml::Document::parse(domainXml);
    QList<MigrateDisk> result;
    if (document) {
        const QList<xml::Element> disks = document->root().child(u"devices"_s).children(u"disk"_s);
        std::ranges::transform(disks, std::back_inserter(result), readDisk);
    }
    return result;
}

bool movesOffline(const MigrateSource &source)
{
    return !source.domain.isActive();
}

MigrateSource asShutOff(MigrateSource source)
{
    if (source.storedXml.isEmpty()) {
        return source;
    }
    source.liveXml = source.storedXml;
    source.domain.state = virt::DomainState::ShutOff;
    source.domain.reason = 0;
    source.domain.id = -1;
    source.residentMemory = 0;
    source.refusal.clear(); // it was asked for a live migration
    source.dirty.clear();
    source.mediaSources.clear(); // those of the running one
    const QList<MigrateDisk> disks = migrateDisks(source.liveXml);
    for (const MigrateDisk &disk : disks) {
        if (disk.isMedium() && !disk.path.isEmpty()) {
            source.mediaSources.insert(disk.target, disk.path);
        }
    }
    return source;
}

MigrateFacts asShutOff(MigrateFacts facts)
{
    facts.source = asShutOff(std::move(facts.source));
    return facts;
}

QString poolKeyOf(const MigrateSource &source, const QString &path)
{
    const QString pool = source.disks.files.value(path).pool;
    return pool.isEmpty() ? directoryOf(path) : pool;
}

QMap<QString, FilePlace> filePlaces(
    const MigrateSource &source, const MigrateDestination &destination, const MigrateDraft &draft)
{
    QMap<QString, FilePlace> places;
    QSet<QString> taken;
    const FileList files = copyableFiles(source);
    for (const FileList::Entry &file : files.entries()) {
        const auto mapped = draft.map.paths.constFind(file.path);
        const bool isMapped = mapped != draft.map.paths.constEnd();
        FilePlace place =
            isMapped ? mappedPlace(destination, *mapped) : placeByPool(source, destination, draft, file.path);
        if (!place.pool.isEmpty() && !isMapped) {
            // Two files of one name from two directories.
            const QString directory = directoryOf(place.path);
            const QString name = place.volume;
            for (int i = 1; taken.contains(place.path); ++i) {
                place.volume = i == 1 ? u"%1-%2"_s.arg(file.target.isEmpty() ? u"memory"_s : file.target, name)
                                      : u"%1-%2"_s.arg(i).arg(name);
                place.path = directory + u'/' + place.volume;
            }
        }
        if (!place.path.isEmpty()) {
            taken.insert(place.path);
        }
        places.insert(file.path, place);
    }
    return places;
}

QStringList neededFiles(const MigrateSource &source)
{
    FileList files = copyableFiles(source);
    for (const QString &medium : source.mediaSources) {
        files.add(medium, {});
    }
    const auto document = xml::Document::parse(source.liveXml);
    if (document) {
        const xml::Element os = document->root().child(u"os"_s);
        for (const QString &name : {u"kernel"_s, u"initrd"_s, u"dtb"_s, u"nvram"_s}) {
            files.add(os.child(name).text().trimmed(), {});
        }
        files.add(os.find(u"nvram/source"_s).attribute(u"file"_s), {});
        files.add(os.find(u"acpi/table"_s).text().trimmed(), {});
    }
    QStringList result;
    for (const FileList::Entry &file : files.entries()) {
        result.append(file.path);
    }
    return result;
}

QString samePlace(const MigrateDraft &draft, const QString &path)
{
    return draft.map.paths.value(path, path);
}

} // namespace vireo::operation
