// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QCryptographicHash>

#include "backend/job/plan.h"

namespace vireo::operation {

/**
 * The directory (image::workDirectory()) for what a job's steps call `key`. The same for each run of a plan, so that
 * what a killed one left is found; different for jobs that may run at the same time (Plan::lockKey()).
 */
inline QString workKey(const job::Plan &plan, const QString &key)
{
    const QString what = plan.lockKey() + QChar(0) + key;
    return QString::fromLatin1(QCryptographicHash::hash(what.toUtf8(), QCryptographicHash::Sha256).toHex().first(40));
}

} // namespace vireo::operation
