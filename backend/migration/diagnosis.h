// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "backend/virt/domains.h"
#include "backend/virt/migration.h"

namespace vireo::migration {

/** What one host has of the domain. */
struct Side {
    bool asked = false;  ///< false: the host did not answer; nothing is known
    bool exists = false; ///< a domain of this UUID, running or not
    bool persistent = false;
    virt::DomainState state = virt::DomainState::NoState;
    int reason = 0;
    virt::migration::Figures::Type job = virt::migration::Figures::Type::None;
    virt::migration::Figures::Operation operation = virt::migration::Figures::Operation::Unknown;
    friend bool operator==(const Side &, const Side &) = default;
};
/** Blocking; a worker thread. Never an error: what could not be asked is not asked. */
Side readSide(virt::Connection &connection, const QUuid &domain);

/** Where the one usable copy is, and what may be done. */
struct Diagnosis {
    enum class Kind {
        NotBegun,   ///< as before: it runs (or is off) at the source alone
        Running,    ///< goes on: watch it
        Completed,  ///< it runs (or stands paused, as wanted) at the destination alone
        RolledBack, ///< failed, and runs on at the source
        GuestGone,  ///< shut off at the source and nothing at the destination: it shut down or was lost; disks whole
        PostCopyBroken,   ///< memory is on both hosts: only resuming the migration saves the guest
        SourceWaits,      ///< PERFORM3_DONE: paused at the source, nothing at the destination: it may be resumed there
        DestinationWaits, ///< paused at both, or paused at the destination and nothing else: that copy is whole
        CleanUpSource,    ///< runs at the destination; the source still has a paused leftover
        GuestLost,        ///< post-copy, and the destination's QEMU is gone
        Unknown           ///< a host does not answer, or both run (which must never be)
    } kind = Kind::Unknown;
    enum class Remedy {
        None,
        Wait,
        ResumePostCopy,
        ResumeSource,        ///< virDomainResume at the source; only with nothing at the destination
        ResumeDestination,   ///< virDomainResume at the destination; once it runs, the source's paused copy is ended
        EndSource,           ///< destroy the paused leftover
        StartSource          ///< boot again from the source's disks, after consent: the guest's memory is lost
    } remedy = Remedy::None; ///< the one safe act
    QString text;            ///< what is the case, in sentences
    QString advice;          ///< what the remedy does, and what it costs
    friend bool operator==(const Diagnosis &, const Diagnosis &) = default;
};
/** Pure. `wasPostCopy`: it had switched to post-copy, as far as is known. */
Diagnosis diagnose(const Side &source, const Side &destination, bool wasPostCopy);

} // namespace vireo::migration
