// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/job/plan.h"

/** Plans for what is done to an existing domain in one or two steps. Pure functions; GUI thread or any other. */
namespace vireo::operation {

/** The life-cycle verbs. Draft names are in brackets (3-interfaces of the design: start, shutdown, poweroff …). */
enum class Action {
    Run,       ///< start, or restore when a managed save exists, or resume when paused ("start")
    Pause,     ///< ("pause")
    Resume,    ///< ("resume")
    ShutDown,  ///< asks the guest ("shutdown")
    Reboot,    ///< asks the guest ("reboot")
    Reset,     ///< like the reset button ("reset")
    ForceOff,  ///< ("poweroff")
    Save,      ///< managed save ("save")
    Restore,   ///< start from the managed save ("start")
    HardReboot ///< destroy and create again, as nova's reboot; the guest can't refuse
};

/** The draft operation's name of an action. */
QString operationName(Action action);
/** Why the action makes no sense in this state, as a sentence; empty: it can be done. */
QString refusal(Action action, const virt::DomainRecord &domain);

/** The plan of an action. Ends when the state was really reached; `timeoutSeconds` limits the wait for the guest. */
job::Plan planAction(
    Action action, const virt::HostId &host, const virt::DomainRecord &domain, int timeoutSeconds = 180);
job::Plan planAutostart(const virt::HostId &host, const virt::DomainRecord &domain, bool on);
/** Blocker findings for a name that libvirt or a file system would choke on, or one that is taken. */
job::Plan planRename(
    const virt::HostId &host, const virt::DomainRecord &domain, const QString &name, const QStringList &taken);

/** Empty when `name` can be a domain's name: not empty, no '/', no control character, no leading '-' or '.', at most
 * 200 bytes of UTF-8 (it becomes file names), no leading or trailing space. */
QString nameProblem(const QString &name);

} // namespace vireo::operation
