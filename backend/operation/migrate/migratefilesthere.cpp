// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <map>
#include <optional>

#include <QFileInfo>
#include <QSet>

#include "backend/operation/create/basecache.h"
#include "backend/operation/create/createlayout.h"
#include "backend/operation/layerfiles.h"
#include "backend/operation/migrate/migratepair_p.h"
#include "backend/virt/volumeparts.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

namespace storage = virt::storage;
using Content = FileThere::Content;
using Sharing = FileThere::Sharing;

constexpr quint64 comparedWhole = 4ULL * 1024 * 1024; // up to this length; the seed of a VM is shorter
constexpr int comparedPlaces = 16;
constexpr quint64 placeSize = 64ULL * 1024;

QString directoryOf(const QString &path)
{
    return QFileInfo(path).path();
}

/** The directories of one host as pools: started where needed, and stopped again when this goes. */
class Directories final
{
    Q_DISABLE_COPY_MOVE(Directories)

public:
    explicit Directories(virt::ConnectionPtr connection)
        : m_connection(std::move(connection))
    {}
    virt::Connection &connection() const { return *m_connection; }

    /** The pool's name; empty: there is no such directory, or the host has no storage. */
    QString pool(const QString &directory)
    {
        const auto known = m_pools.find(directory);
        if (known != m_pools.end()) {
            return known->second ? known->second->name() : QString();
        }
        // Devices are no files of a directory.
        auto opened =
            directory.startsWith("/dev"_L1) ? fail(Error::invalid({})) : DirectoryPool::open(m_connection, directory);
        const auto at = m_pools.emplace(directory, opened ? *std::move(opened) : nullptr).first;
        return at->second ? at->second->name() : QString();
    }
    /** What is there now, by name; looked at once. */
    const QList<storage::Volume> &volumes(const QString &directory)
    {
        const auto known = m_volumes.find(directory);
        if (known != m_volumes.end()) {
            return known->second;
        }
        QList<storage::Volume> found;
        if (const QString name = pool(directory); !name.isEmpty()) {
            static_cast<void>(storage::refreshPool(*m_connection, name));
            found = storage::volumes(*m_connection, name).value_or(QList<storage::Volume>());
        }
        return m_volumes.emplace(directory, std::move(found)).first->second;
    }
    const storage::Volume *volume(const QString &path)
    {
        const QList<storage::Volume> &all = volumes(directoryOf(path));
        const auto found = std::ranges::find(all, QFileInfo(path).fileName(), &storage::Volume::name);
        return found == all.end() ? nullptr : &*found;
    }

private:
    virt::ConnectionPtr m_connection;
    std::map<QString, std::unique_ptr<DirectoryPool>> m_pools;
    std::map<QString, QList<storage::Volume>> m_volumes;
};

/** A small empty volume in a directory of the source, gone when this goes. */
class Marker final
{
    Q_DISABLE_COPY_MOVE(Marker)

public:
    Marker(Directories &directories, const QString &directory)
        : m_connection(directories.connection())
        , m_pool(directories.pool(directory))
        , m_name(u"vireo-marker-"_s + QUuid::createUuid().toString(QUuid::Id128))
    {
        m_made = !m_pool.isEmpty()
            && storage::createVolume(m_connection, m_pool, volumeXml(m_name, u"raw"_s, 0, {}, {})).has_value();
    }
    ~Marker()
    {
        if (!m_pool.isEmpty()) {
            static_cast<void>(storage::deleteVolume(m_connection, m_pool, m_name)); // also after an unclear answer
        }
    }
    bool isMade() const { return m_made; }
    const QString &name() const { return m_name; }

private:
    virt::Connection &m_connection;
    const QString m_pool;
    const QString m_name;
    bool m_made = false;
};

/** Equal lengths, and equal bytes: all of a short file, else at the beginning, the end and some places between. */
Content compareContent(Directories &here, const storage::Volume &own, Directories &there, const storage::Volume &other,
    const std::stop_token &stop)
{
    const quint64 length = own.physical;
    if (length == 0 || other.physical == 0) {
        return Content::Unknown;
    }
    if (length != other.physical || own.capacity != other.capacity) {
        return Content::Different;
    }
    if (own.name == other.name && isBaseName(own.name)) {
        return Content::Same; // the name has a digest of the content in it
    }
    const auto differs = [&](quint64 at, quint64 size) -> std::optional<bool> {
        const auto mine = storage::readVolumePart(here.connection(), own.pool, own.name, at, size);
        const auto theirs = storage::readVolumePart(there.connection(), other.pool, other.name, at, size);
        return mine && theirs ? std::optional(*mine != *theirs) : std::nullopt;
    };
    if (length <= comparedWhole) {
        const auto all = differs(0, length);
        return !all ? Content::Unknown : *all ? Content::Different : Content::Same;
    }
    QSet<quint64> seen;
    for (int i = 0; i < comparedPlaces; ++i) {
        const quint64 last = length - placeSize;
        const quint64 offset = last / (comparedPlaces - 1) * static_cast<quint64>(i);
        const quint64 at = i == comparedPlaces - 1 ? last : offset;
        if (seen.contains(at)) {
            continue;
        }
        seen.insert(at);
        if (stop.stop_requested()) {
            return Content::Unknown;
        }
        const auto place = differs(at, placeSize);
        if (!place || *place) {
            return place ? Content::Different : Content::Unknown;
        }
    }
    return Content::Alike;
}

FileThere described(const storage::Volume *volume)
{
    FileThere file;
    if (volume) {
        file.exists = true;
        file.capacity = volume->capacity;
        file.physical = volume->physical;
        file.backingPath = volume->backingPath;
    }
    return file;
}

/** What the running guest writes to: its content is nothing that could be compared. */
QSet<QString> writtenFiles(const MigrateSource &vm)
{
    QSet<QString> discs;
    const QList<MigrateDisk> disks = migrateDisks(vm.liveXml);
    for (const MigrateDisk &disk : disks) {
        if (disk.device == "cdrom"_L1) {
            discs.insert(disk.target);
        }
    }
    QSet<QString> written;
    for (const snapshot::DiskNow &disk : vm.disks.disks) {
        if (!disk.chain.isEmpty() && !discs.contains(disk.target)) {
            written.insert(disk.chain.constFirst().path);
        }
    }
    return written;
}

/** Files of which it matters whether they are the same ones: those that are written, and those that a VM which is off
 *  would leave behind. Nothing is put beside kernels and media. */
QSet<QString> filesToProve(const MigrateSource &vm, const QMap<QString, FilePlace> &places)
{
    const QStringList copyable = places.keys();
    QSet<QString> files(copyable.cbegin(), copyable.cend());
    const auto document = xml::Document::parse(vm.liveXml);
    const xml::Element nvram = document ? document->root().find(u"os/nvram"_s) : xml::Element();
    for (const QString &path : {nvram.text().trimmed(), nvram.child(u"source"_s).attribute(u"file"_s)}) {
        if (movesOffline(vm) && path.startsWith(u'/')) {
            files.insert(path);
        }
    }
    return files;
}

} // namespace

Result<> readFilesThere(const virt::ConnectionPtr &source, const virt::ConnectionPtr &destination,
    const MigrateSource &vm, const MigrateDestination &there, const MigrateDraft &draft, MigratePair &pair,
    const std::stop_token &stop)
{
    Directories here(source);
    Directories other(destination);
    const QStringList needed = neededFiles(vm);
    const QMap<QString, FilePlace> places = filePlaces(vm, there, draft);
    const QSet<QString> written = writtenFiles(vm);
    // Each pair of directories once. All markers are there before anybody looks.
    std::map<std::pair<QString, QString>, std::unique_ptr<Marker>> markers;
    const QSet<QString> proven = filesToProve(vm, places);
    for (const QString &path : proven) {
        const std::pair key(directoryOf(path), directoryOf(samePlace(draft, path)));
        if (stop.stop_requested()) {
            return fail(Error::cancelled());
        }
        if (!key.first.startsWith("/dev"_L1) && !markers.contains(key)) {
            markers.emplace(key, std::make_unique<Marker>(here, key.first));
        }
    }
    for (const QString &path : needed) {
        if (stop.stop_requested()) {
            return fail(Error::cancelled());
        }
        const QString same = samePlace(draft, path);
        const QString directory = directoryOf(same);
        const auto marker = markers.find({directoryOf(path), directory});
        const bool isMarked = marker != markers.end() && marker->second->isMade();
        if (!isMarked && other.pool(directory).isEmpty()) {
            continue; // devices, and what nobody can look at: nothing is known
        }
        const storage::Volume *found = other.volume(same);
        FileThere file = described(found);
        if (isMarked) {
            const QList<storage::Volume> &all = other.volumes(directory);
            const bool seen = std::ranges::find(all, marker->second->name(), &storage::Volume::name) != all.end();
            const bool isSameName = QFileInfo(same).fileName() == QFileInfo(path).fileName();
            file.sharing = seen && isSameName ? Sharing::Same : Sharing::Different;
        }
        const storage::Volume *own =
            found && file.sharing != Sharing::Same && !written.contains(path) ? here.volume(path) : nullptr;
        if (own) {
            file.content = compareContent(here, *own, other, *found, stop);
        }
        pair.files.insert(path, file);
    }
    markers.clear();
    for (auto each = places.cbegin(); each != places.cend(); ++each) {
        if (stop.stop_requested()) {
            return fail(Error::cancelled());
        }
        if (each->path.isEmpty() || !each->isFileBased) {
            continue;
        }
        const storage::Volume *found = other.volume(each->path);
        FileThere file = described(found);
        const storage::Volume *own = found && !written.contains(each.key()) ? here.volume(each.key()) : nullptr;
        if (own) {
            file.content = compareContent(here, *own, other, *found, stop);
        }
        pair.places.insert(each->path, file);
        if (const auto pool = storage::pool(*destination, each->pool); pool) {
            pair.poolSpace.insert(each->pool, pool->available);
        }
    }
    return {};
}

} // namespace vireo::operation
