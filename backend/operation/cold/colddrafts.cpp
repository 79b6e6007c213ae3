// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "backend/operation/cold/coldmigration.h"

namespace vireo::operation {

using After = ResizeDraft::After;
using Confirm = ResizeDraft::Confirm;

MigrateDraft migrateDraftOf(const ResizeDraft &draft)
{
    using Start = MigrateDraft::Start;
    MigrateDraft way;
    way.to = draft.to;
    way.mode = MigrateDraft::Mode::Cold;
    way.map = draft.map;
    way.flatten =
        draft.flatten || (!draft.disks.isEmpty() && std::ranges::all_of(draft.disks, &ResizeDraft::Disk::flatten));
    way.deleteSourceDisks = !draft.keepSource;
    way.timeoutSeconds = draft.timeoutSeconds;
    way.force = draft.force;
    way.verify = draft.verify;
    way.start = draft.after == After::AsBefore ? Start::AsBefore
        : draft.after == After::Running        ? Start::Yes
                                               : Start::No;
    return way;
}

ResizeDraft resizeDraftOf(const MigrateDraft &draft)
{
    using Start = MigrateDraft::Start;
    ResizeDraft result;
    result.to = draft.to;
    result.map = draft.map;
    result.flatten = draft.flatten;
    result.verify = draft.verify;
    result.when = ResizeDraft::When::Cold;
    result.timeoutSeconds = draft.timeoutSeconds;
    result.force = draft.force;
    result.after = draft.start == Start::AsBefore ? After::AsBefore
        : draft.start == Start::Yes               ? After::Running
                                                  : After::Off;
    result.confirm = Confirm::Auto;
    result.keepSource = !draft.deleteSourceDisks || !draft.undefineSource;
    return result;
}

MigrateSource switchedOff(MigrateSource source)
{
    if (source.domain.isActive() && !source.storedXml.isEmpty()) {
        source.domain.state = virt::DomainState::ShutOff;
        source.domain.id = -1;
        source.liveXml = source.storedXml;
    }
    return source;
}

ResizeFacts resizeFactsOf(const MigrateFacts &facts)
{
    ResizeFacts result;
    result.edit.domain = facts.source.domain;
    result.edit.stored = facts.source.storedXml;
    result.edit.running = facts.source.domain.isActive() ? facts.source.liveXml : QString();
    result.disks = facts.source.disks;
    result.pools = facts.source.pools;
    result.host = facts.source.host;
    result.capacities = facts.source.capacities;
    result.jobText = facts.source.jobText;
    result.token = facts.source.token;
    return result;
}

Result<MigrateFacts> readColdFacts(const virt::ConnectionPtr &source, const virt::ConnectionPtr &destination,
    const QUuid &domain, const ResizeDraft &draft, const std::stop_token &stop)
{
    auto here = readMigrateSource(*source, domain, stop);
    if (!here) {
        return fail(here.error());
    }
    auto there = readMigrateDestination(*destination, stop);
    if (!there) {
        return fail(there.error());
    }
    auto pair = readMigratePair(source, destination, *here, *there, migrateDraftOf(draft), true, stop);
    if (!pair) {
        return fail(pair.error());
    }
    return MigrateFacts{*std::move(here), *std::move(there), *std::move(pair)};
}

} // namespace vireo::operation
