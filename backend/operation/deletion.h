// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "backend/job/plan.h"
#include "backend/virt/storage.h"

namespace vireo::operation {

/** A disk of the domain to be deleted, as the dialog lists it. Sizes in bytes. */
struct DeletableDisk {
    QString target; ///< vda
    QString path;
    QString pool; ///< empty: no pool of the host knows it, so it can't be deleted from here
    QString volume;
    quint64 allocation = 0;
    QString refusal; ///< why it must be kept: used by others, read-only, shared, backing file of others; empty: may be
                     ///< deleted
    QString note;    ///< "CD-ROM medium" …
};

struct DeleteFacts {
    virt::DomainRecord domain;
    QList<DeletableDisk> disks;
    bool hasNvram = false;
    std::optional<job::Finding> unconfirmed; ///< unconfirmedFinding()
};

/** Reads what deleting would touch. Blocking: a worker thread. */
Result<DeleteFacts> readDeleteFacts(virt::Connection &connection, const QUuid &domain);

/** The plan: force off when running, undefine first, then delete the chosen volumes (targets of facts.disks). Default:
 * keep all storage. */
job::Plan planDelete(const virt::HostId &host, const DeleteFacts &facts, const QStringList &targetsToDelete);

} // namespace vireo::operation
