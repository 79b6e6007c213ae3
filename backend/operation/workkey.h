// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QCryptographicHash>

#include "backend/job/plan.h"

namespace vireo::operation {

/**
 * The directory (image::workDirectory()) for what a job's steps call `key` ("root", "kernel"; letters, digits, '-').
 * The same for each run of a plan, so that what a killed one left is found; different for jobs that may run at the same
 * time (Plan::lockKey()).
 */
inline QString workKey(const job::Plan &plan, const QString &key)
{
    const QByteArray digest = QCryptographicHash::hash(plan.lockKey().toUtf8(), QCryptographicHash::Sha256);
    return QString::fromLatin1(digest.toHex().first(16)) + QLatin1Char('-') + key;
}

} // namespace vireo::operation
