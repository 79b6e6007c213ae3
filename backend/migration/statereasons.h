// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/virt/records.h"

/** libvirt's numbers for why a domain is in its state, as far as migrations ask for them. Private to this folder. */
namespace vireo::migration::reasons {

inline constexpr int runningMigrated = 2;          // VIR_DOMAIN_RUNNING_MIGRATED
inline constexpr int runningMigrationCanceled = 6; // VIR_DOMAIN_RUNNING_MIGRATION_CANCELED
inline constexpr int runningPostCopy = 10;         // VIR_DOMAIN_RUNNING_POSTCOPY
inline constexpr int runningPostCopyFailed = 11;   // VIR_DOMAIN_RUNNING_POSTCOPY_FAILED
inline constexpr int pausedUser = 1;               // VIR_DOMAIN_PAUSED_USER
inline constexpr int pausedMigration = 2;          // VIR_DOMAIN_PAUSED_MIGRATION
inline constexpr int pausedIoError = 5;            // VIR_DOMAIN_PAUSED_IOERROR
inline constexpr int pausedPostCopy = 12;          // VIR_DOMAIN_PAUSED_POSTCOPY
inline constexpr int pausedPostCopyFailed = 13;    // VIR_DOMAIN_PAUSED_POSTCOPY_FAILED
inline constexpr int shutOffShutdown = 1;          // VIR_DOMAIN_SHUTOFF_SHUTDOWN
inline constexpr int shutOffMigrated = 4;          // VIR_DOMAIN_SHUTOFF_MIGRATED

inline bool inPostCopy(virt::DomainState state, int reason)
{
    return (state == virt::DomainState::Paused && (reason == pausedPostCopy || reason == pausedPostCopyFailed))
        || (state == virt::DomainState::Running && (reason == runningPostCopy || reason == runningPostCopyFailed));
}

inline bool postCopyFailed(virt::DomainState state, int reason)
{
    return (state == virt::DomainState::Paused && reason == pausedPostCopyFailed)
        || (state == virt::DomainState::Running && reason == runningPostCopyFailed);
}

} // namespace vireo::migration::reasons
