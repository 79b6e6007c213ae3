// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include <QCoreApplication>

#include "backend/virt/connection_p.h"
#include "backend/virt/storage.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace vireo::virt::storage {

namespace {

struct CloneText {
    Q_DECLARE_TR_FUNCTIONS(virt_storage)
};

/** Blocks until libvirt is done; on the thread that reads libvirt's error. Gives back the new volume's name. */
Result<> copy(virConnectPtr connection, const QString &pool, const QString &xml, const QString &fromPool,
    const QString &fromVolume)
{
    const PoolHandle target(virStoragePoolLookupByName(connection, pool.toUtf8().constData()));
    if (!target) {
        return fail(lastError(CloneText::tr("Can't find the storage pool “%1”").arg(pool)));
    }
    const PoolHandle source(virStoragePoolLookupByName(connection, fromPool.toUtf8().constData()));
    if (!source) {
        return fail(lastError(CloneText::tr("Can't find the storage pool “%1”").arg(fromPool)));
    }
    const VolumeHandle from(virStorageVolLookupByName(source.get(), fromVolume.toUtf8().constData()));
    if (!from) {
        return fail(lastError(CloneText::tr("Can't find the volume “%1” in the pool “%2”").arg(fromVolume, fromPool)));
    }
    const VolumeHandle made(virStorageVolCreateXMLFrom(target.get(), xml.toUtf8().constData(), from.get(), 0));
    if (!made) {
        return fail(lastError(CloneText::tr("Can't copy the volume “%1”").arg(fromVolume)));
    }
    return {};
}

} // namespace

Result<Volume> cloneVolume(Connection &connection, const QString &pool, const QString &xml, const QString &fromPool,
    const QString &fromVolume, const Progress &progress, std::stop_token stop)
{
    const auto document = xml::Document::parse(xml);
    if (!document) {
        return fail(document.error());
    }
    const QString name = document->root().child(u"name"_s).text();
    const auto source = volume(connection, fromPool, fromVolume);
    if (!source) {
        return fail(source.error());
    }
    if (stop.stop_requested()) {
        return fail(Error::cancelled());
    }

    std::mutex mutex;
    std::condition_variable wake;
    std::optional<Result<>> outcome;
    {
        const std::jthread worker([&] {
            Result<> result = copy(connection.d().handle, pool, xml, fromPool, fromVolume);
            const std::lock_guard lock(mutex);
            outcome = std::move(result);
            wake.notify_one();
        });
        const quint64 total = std::max<quint64>(source->allocation, 1);
        std::unique_lock lock(mutex);
        while (!wake.wait_for(lock, 250ms, [&outcome] { return outcome.has_value(); })) {
            lock.unlock();
            // Not there yet, or half made: then there is nothing to tell.
            if (const auto copied = volume(connection, pool, name); copied && progress) {
                progress(std::min(copied->allocation, total), total);
            }
            lock.lock();
        }
    }
    if (!*outcome) {
        return fail(outcome->error());
    }
    if (stop.stop_requested()) {
        const Result<> deleted = deleteVolume(connection, pool, name);
        return fail(deleted ? Error::cancelled() : deleted.error());
    }
    return volume(connection, pool, name);
}

} // namespace vireo::virt::storage
