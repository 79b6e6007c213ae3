// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include "backend/job/jobrecord.h"

/**
 * Host ids are a process's own; a journal is read by others, too. So it names each host's URI, and whoever reads it
 * puts its own ids in their place. Pure functions; any thread.
 */
namespace vireo::job {

/** The host of an id, as a URI; empty: no such host. */
using UriOfHost = std::function<QString(const virt::HostId &)>;
/** The id of the host with a URI; null: not known here. */
using HostOfUri = std::function<virt::HostId(const QString &)>;

/** All hosts that a plan names anywhere, also in its steps' parameters, with their URIs (without passwords). */
QHash<virt::HostId, QString> hostsOf(const Plan &plan, const UriOfHost &uriOf);

struct HostMap {
    QHash<virt::HostId, virt::HostId> ids; ///< theirs to ours, where they differ
    QStringList unknown;                   ///< URIs of those that are not known here
};
/** An id that means the same URI here stays. Without functions all stay. */
HostMap mapHosts(const QHash<virt::HostId, QString> &hosts, const UriOfHost &uriOf, const HostOfUri &hostOf);

/** Puts our ids in the place of theirs in all strings that are such an id. */
QJsonValue replaceHosts(const QJsonValue &value, const QHash<virt::HostId, virt::HostId> &ids);
/** The same for a job: its plan, results and hosts. */
void replaceHosts(JobRecord &job, const QHash<virt::HostId, virt::HostId> &ids);

} // namespace vireo::job
