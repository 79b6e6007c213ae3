// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/virt/records.h"

#include <libvirt/libvirt.h>

#include <QCoreApplication>

namespace vireo::virt {

namespace {

struct RecordsText {
    Q_DECLARE_TR_FUNCTIONS(virt_state)
};

QString runningReason(int reason)
{
    switch (reason) {
    case VIR_DOMAIN_RUNNING_MIGRATED:
        return RecordsText::tr("migrated here");
    case VIR_DOMAIN_RUNNING_RESTORED:
        return RecordsText::tr("restored");
    case VIR_DOMAIN_RUNNING_FROM_SNAPSHOT:
        return RecordsText::tr("from a snapshot");
    case VIR_DOMAIN_RUNNING_MIGRATION_CANCELED:
        return RecordsText::tr("migration cancelled");
    case VIR_DOMAIN_RUNNING_SAVE_CANCELED:
        return RecordsText::tr("save cancelled");
    case VIR_DOMAIN_RUNNING_WAKEUP:
        return RecordsText::tr("woken up");
    case VIR_DOMAIN_RUNNING_CRASHED:
        return RecordsText::tr("after a crash");
    case VIR_DOMAIN_RUNNING_POSTCOPY:
        return RecordsText::tr("post-copy");
    case VIR_DOMAIN_RUNNING_POSTCOPY_FAILED:
        return RecordsText::tr("post-copy failed");
    default:
        return {}; // booted, resumed by the user: nothing worth saying
    }
}

QString pausedReason(int reason)
{
    switch (reason) {
    case VIR_DOMAIN_PAUSED_MIGRATION:
        return RecordsText::tr("migrating");
    case VIR_DOMAIN_PAUSED_SAVE:
        return RecordsText::tr("saving");
    case VIR_DOMAIN_PAUSED_DUMP:
        return RecordsText::tr("dumping");
    case VIR_DOMAIN_PAUSED_IOERROR:
        return RecordsText::tr("disk I/O error");
    case VIR_DOMAIN_PAUSED_WATCHDOG:
        return RecordsText::tr("watchdog");
    case VIR_DOMAIN_PAUSED_FROM_SNAPSHOT:
        return RecordsText::tr("from a snapshot");
    case VIR_DOMAIN_PAUSED_SHUTTING_DOWN:
        return RecordsText::tr("shutting down");
    case VIR_DOMAIN_PAUSED_SNAPSHOT:
        return RecordsText::tr("taking a snapshot");
    case VIR_DOMAIN_PAUSED_CRASHED:
        return RecordsText::tr("crashed");
    case VIR_DOMAIN_PAUSED_STARTING_UP:
        return RecordsText::tr("starting");
    case VIR_DOMAIN_PAUSED_POSTCOPY:
        return RecordsText::tr("post-copy");
    case VIR_DOMAIN_PAUSED_POSTCOPY_FAILED:
        return RecordsText::tr("post-copy failed");
    default:
        return {};
    }
}

QString shutOffReason(int reason)
{
    switch (reason) {
    case VIR_DOMAIN_SHUTOFF_DESTROYED:
        return RecordsText::tr("forced off");
    case VIR_DOMAIN_SHUTOFF_CRASHED:
        return RecordsText::tr("crashed");
    case VIR_DOMAIN_SHUTOFF_MIGRATED:
        return RecordsText::tr("migrated away");
    case VIR_DOMAIN_SHUTOFF_SAVED:
        return RecordsText::tr("saved");
    case VIR_DOMAIN_SHUTOFF_FAILED:
        return RecordsText::tr("failed");
    case VIR_DOMAIN_SHUTOFF_FROM_SNAPSHOT:
        return RecordsText::tr("from a snapshot");
    case VIR_DOMAIN_SHUTOFF_DAEMON:
        return RecordsText::tr("after a restart of the daemon");
    default:
        return {};
    }
}

} // namespace

QString stateText(DomainState state)
{
    switch (state) {
    case DomainState::NoState:
        return RecordsText::tr("no state");
    case DomainState::Running:
    case DomainState::Blocked:
        return RecordsText::tr("running");
    case DomainState::Paused:
        return RecordsText::tr("paused");
    case DomainState::ShuttingDown:
        return RecordsText::tr("shutting down");
    case DomainState::ShutOff:
        return RecordsText::tr("shut off");
    case DomainState::Crashed:
        return RecordsText::tr("crashed");
    case DomainState::PmSuspended:
        return RecordsText::tr("asleep");
    }
    return {};
}

QString reasonText(DomainState state, int reason)
{
    switch (state) {
    case DomainState::Running:
    case DomainState::Blocked:
        return runningReason(reason);
    case DomainState::Paused:
        return pausedReason(reason);
    case DomainState::ShutOff:
        return shutOffReason(reason);
    case DomainState::Crashed:
        return reason == VIR_DOMAIN_CRASHED_PANICKED ? RecordsText::tr("guest panic") : QString();
    default:
        return {};
    }
}

} // namespace vireo::virt
