// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

#include "backend/virt/connection.h"

namespace vireo::virt::storage {

/** virStorageVolDownload of a part: up to `length` bytes, meant for few; fewer at the end of the file. Also while a
 *  domain uses it. Blocking; any worker thread. */
Result<QByteArray> readVolume(
    Connection &connection, const QString &pool, const QString &name, quint64 offset, quint64 length);

} // namespace vireo::virt::storage
