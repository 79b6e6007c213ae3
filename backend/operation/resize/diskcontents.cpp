// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/resize/diskcontents.h"

#include <algorithm>

#include "backend/virt/storage.h"
#include "backend/virt/volumeparts.h"

namespace vireo::operation {

image::LayerSource volumeSource(
    virt::Connection &connection, const QString &pool, const QString &volume, const QString &format)
{
    return {format, [&connection, pool, volume](quint64 offset, quint64 length) {
                return virt::storage::readVolumePart(connection, pool, volume, offset, length);
            }};
}

Result<image::DiskContent> readDiskContent(virt::Connection &connection, const snapshot::Chain &chain, quint64 capacity)
{
    QList<image::LayerSource> layers;
    for (const snapshot::Layer &layer : chain) {
        const auto volume = virt::storage::volumeByPath(connection, layer.path);
        if (!volume) {
            return fail(volume.error());
        }
        layers.append(volumeSource(connection, volume->pool, volume->name, layer.format));
    }
    const auto start = image::readLayered(layers, 0, std::min(capacity, image::contentBytes));
    return start ? Result<image::DiskContent>(image::diskContent(*start, capacity)) : fail(start.error());
}

} // namespace vireo::operation
