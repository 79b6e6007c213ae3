// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <mutex>

#include <QUuid>

#include "backend/base/filelock.h"

namespace vireo::operation {

/**
 * Which VMs jobs of this process are about to shut down and keep, said to other processes of this user before anything
 * is touched: of two that come at the same time one is refused while nothing has happened yet, instead of starting,
 * when it takes back what it did, a VM whose files the other reads already. From kept.check until kept.begin has kept
 * what the VM was; then KeptStates says the same, beyond the life of the process.
 *
 * A locked file for each, below the directory of KeptStates, that goes with the claim; a process that ends, however
 * that is, has none. Jobs of one process share theirs: JobManager runs one of a VM at a time. Any thread; blocking.
 */
class KeptClaims final
{
    Q_DISABLE_COPY_MOVE(KeptClaims)

public:
    explicit KeptClaims(const QString &keptDirectory);
    ~KeptClaims();

    /** False: another process has it. One that is claimed already stays so. */
    Result<bool> claim(const QUuid &domain);
    /** One that is not claimed is fine. */
    void release(const QUuid &domain);
    bool isOthers(const QUuid &domain) const;

private:
    QString path(const QUuid &domain) const;

    QString m_directory;
    mutable std::mutex m_mutex;
    std::map<QUuid, FileLock> m_held; ///< by m_mutex
};

} // namespace vireo::operation
