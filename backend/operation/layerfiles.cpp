// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/layerfiles.h"

#include <algorithm>
#include <functional>

#include <QCoreApplication>
#include <QDir>
#include <QUuid>

#include "backend/operation/create/createlayout.h"
#include "backend/operation/storagetarget.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

namespace storage = virt::storage;

struct LayerFilesText {
    Q_DECLARE_TR_FUNCTIONS(operation_layerFiles)
};

constexpr auto ownPrefix = "vireo-layers-"_L1;
/** Another job's pool for the same directory may end while it is used here. */
constexpr int attempts = 3;

Result<QString> directoryOf(const QString &path)
{
    const qsizetype slash = path.lastIndexOf(u'/');
    if (!path.startsWith(u'/') || slash == path.size() - 1) {
        return fail(Error::invalid(LayerFilesText::tr("“%1” is no absolute path of a file.").arg(path)));
    }
    return slash == 0 ? u"/"_s : path.first(slash);
}

QString nameOf(const QString &path)
{
    return path.sliced(path.lastIndexOf(u'/') + 1);
}

Result<std::optional<storage::Pool>> poolOf(virt::Connection &connection, const QString &directory)
{
    const auto pools = storage::pools(connection);
    if (!pools) {
        return fail(pools.error());
    }
    const QString wanted = QDir::cleanPath(directory);
    std::optional<storage::Pool> found;
    for (const storage::Pool &pool : *pools) {
        if (QDir::cleanPath(pool.targetPath) == wanted && (!found || pool.active)) {
            found = pool;
            if (pool.active) {
                break;
            }
        }
    }
    return found;
}

/** Does something with the pool of a file's directory; again when that was somebody's who took it away meanwhile. */
template<typename T>
Result<T> inPool(const virt::ConnectionPtr &connection, const QString &path,
    const std::function<Result<T>(const QString &pool)> &work)
{
    const auto directory = directoryOf(path);
    if (!directory) {
        return fail(directory.error());
    }
    for (int attempt = 1;; ++attempt) {
        const auto pool = DirectoryPool::open(connection, *directory);
        Result<T> outcome = pool ? work((*pool)->name()) : fail(pool.error());
        if (outcome || attempt == attempts) {
            return outcome;
        }
        if (pool) {
            const auto still = storage::pool(*connection, (*pool)->name());
            if ((still && still->active) || (!still && still.error().kind != Error::Kind::NotFound)) {
                return outcome;
            }
        }
    }
}

/** libvirt lists what was there when it last looked. */
Result<storage::Volume> find(virt::Connection &connection, const QString &pool, const QString &name)
{
    auto listed = storage::volume(connection, pool, name);
    if (listed) {
        return listed;
    }
    if (const Result<> fresh = storage::refreshPool(connection, pool); !fresh) {
        return fail(fresh.error());
    }
    return storage::volume(connection, pool, name);
}

} // namespace

DirectoryPool::DirectoryPool(virt::ConnectionPtr connection, QString name, bool ours)
    : m_connection(std::move(connection))
    , m_name(std::move(name))
    , m_ours(ours)
{}

DirectoryPool::~DirectoryPool()
{
    if (m_ours) {
        // One that another job of ours still uses is made again by it.
        static_cast<void>(storage::stopPool(*m_connection, m_name));
    }
}

Result<std::unique_ptr<DirectoryPool>> DirectoryPool::open(
    const virt::ConnectionPtr &connection, const QString &directory)
{
    const auto made = [&connection](const QString &name, bool ours) {
        return std::unique_ptr<DirectoryPool>(new DirectoryPool(connection, name, ours));
    };
    const auto present = poolOf(*connection, directory);
    if (!present) {
        return fail(present.error());
    }
    if (*present && (*present)->active) {
        return made((*present)->name, (*present)->name.startsWith(ownPrefix)); // also one that a killed job left
    }
    if (*present) { // libvirt takes no second one for the same directory
        const Result<> started = storage::startPool(*connection, (*present)->name);
        return started ? Result<std::unique_ptr<DirectoryPool>>(made((*present)->name, true)) : fail(started.error());
    }
    const QString name = ownPrefix + QUuid::createUuid().toString(QUuid::Id128);
    if (const Result<> created = storage::createPool(*connection, poolXml(name, directory)); !created) {
        const auto other = poolOf(*connection, directory); // somebody was faster
        return other && *other && (*other)->active
            ? Result<std::unique_ptr<DirectoryPool>>(made((*other)->name, (*other)->name.startsWith(ownPrefix)))
            : fail(created.error());
    }
    return made(name, true);
}

Result<> createOverlay(
    const virt::ConnectionPtr &connection, const QString &path, const snapshot::Layer &backing, quint64 capacity)
{
    if (backing.format.isEmpty()) {
        return fail({Error::Kind::Invalid, LayerFilesText::tr("The format of “%1” is not known.").arg(backing.path),
            LayerFilesText::tr("Vireo never guesses it: say it in the VM's definition."), 0, 0});
    }
    return inPool<void>(connection, path, [&](const QString &pool) -> Result<> {
        const auto existing = optional(find(*connection, pool, nameOf(path)));
        if (!existing) {
            return fail(existing.error());
        }
        if (*existing) {
            return fail({Error::Kind::Failed, LayerFilesText::tr("There is a file “%1” already.").arg(path),
                LayerFilesText::tr("Choose another name."), 0, 0});
        }
        const auto created = storage::createVolume(
            *connection, pool, volumeXml(nameOf(path), u"qcow2"_s, capacity, backing.path, backing.format));
        return created ? Result<>() : fail(created.error());
    });
}

Result<> deleteLayer(const virt::ConnectionPtr &connection, const QString &path)
{
    return inPool<void>(connection, path, [&](const QString &pool) -> Result<> {
        const auto existing = optional(find(*connection, pool, nameOf(path)));
        if (!existing) {
            return fail(existing.error());
        }
        if (!*existing) {
            return {};
        }
        const Result<> deleted =
            whileBusy([&] { return storage::deleteVolume(*connection, pool, nameOf(path)); }, std::stop_token());
        return !deleted && deleted.error().kind == Error::Kind::NotFound ? Result<>() : deleted;
    });
}

Result<storage::Volume> layerVolume(const virt::ConnectionPtr &connection, const QString &path)
{
    return inPool<storage::Volume>(
        connection, path, [&](const QString &pool) { return find(*connection, pool, nameOf(path)); });
}

} // namespace vireo::operation
