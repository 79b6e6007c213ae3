// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/job/plan.h"
#include "backend/seed/seeddraft.h"
#include "backend/virt/storage.h"
#include "backend/xml/document.h"

/**
 * The later life of a VM's seed. Which volume it is stands in Vireo's metadata (`<vireo:seed>VOLUME</vireo:seed>`), and
 * the volume lies in a CD-ROM drive; a medium that is not named there is never touched.
 */
namespace vireo::operation {

struct SeedFacts {
    virt::DomainRecord domain;
    QString xml;                          ///< the definition; of a transient VM that which runs
    QString seedVolume;                   ///< as the metadata name it; empty: the VM has no seed
    QString target;                       ///< the drive that holds it; empty: none does
    QString path;                         ///< the medium in that drive
    bool differs = false;                 ///< the running VM's drive holds something else than its definition says
    bool exists = false;                  ///< the volume is there
    virt::storage::Pool pool;             ///< where it is or was; no name: no pool of the host knows
    QList<virt::storage::Volume> volumes; ///< of that pool
    QStringList otherUsers;               ///< other VMs that have the same volume
    QStringList macs;                     ///< of the VM's network cards
};

/** Blocking: a worker thread. */
Result<SeedFacts> readSeedFacts(virt::Connection &connection, const QUuid &domain);

/**
 * A new seed in place of the old one (operation "seed.regenerate"): with another `instanceId` (a fresh UUID) the guest
 * does at its next boot what the draft says. Interfaces without a MAC address take that of the VM's card. The old
 * volume is deleted unless other VMs have it. Pure.
 */
job::Plan planRegenerateSeed(
    const virt::HostId &host, const SeedFacts &facts, const seed::SeedDraft &draft, const QString &instanceId);
/** Takes the seed out of its drive and deletes it ("seed.eject"): the guest keeps what it has become. Pure. */
job::Plan planEjectSeed(const virt::HostId &host, const SeedFacts &facts);

/** The volume that holds a domain's seed, by Vireo's metadata; empty: it has none. */
QString seedVolumeOf(const xml::Document &domain);
/** The CD-ROM drive of that target name in a domain's XML; null: there is none. */
xml::Element cdromOf(const xml::Document &domain, const QString &target);
/** The path of the medium in a drive, or POOL/VOLUME; empty: none. */
QString mediumOf(const xml::Element &disk);
void setMedium(xml::Element disk, const QString &path);

} // namespace vireo::operation
