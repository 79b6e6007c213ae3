// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/operation/cold/coldmigration.h"
#include "ui/migrateservices.h"

namespace vireo::ui {

/**
 * What the Resize wizard asks of hosts, and what thinks about the answers: blocking functions, called on lanes. The
 * defaults are the real ones; tests put others in their place.
 */
struct ResizeServices {
    using Stop = std::stop_token;

    std::function<Result<operation::ResizeFacts>(virt::Connection &connection, const QUuid &domain, const Stop &stop)>
        facts = [](virt::Connection &connection, const QUuid &domain, const Stop &stop) {
            return operation::readResizeFacts(
                connection, domain, operation::KeptStates(operation::KeptStates::defaultDirectory()), stop);
        };
    std::function<QList<operation::ResizeEffect>(
        const operation::ResizeFacts &facts, const operation::ResizeDraft &draft)>
        effects = &operation::resizeEffects;
    std::function<QList<job::Finding>(const operation::ResizeFacts &facts, const operation::ResizeDraft &draft)>
        findings = &operation::resizeFindings;
    std::function<bool(const operation::ResizeFacts &facts, const operation::ResizeDraft &draft)> needsPowerOff =
        &operation::needsPowerOff;
    /** Where it is. */
    std::function<job::Plan(
        const virt::HostId &host, const operation::ResizeFacts &facts, const operation::ResizeDraft &draft)>
        plan = &operation::planResize;
    /** To another host, with what is read of source, destination and pair. */
    std::function<job::Plan(const virt::HostId &from, const virt::HostId &to, const operation::ResizeFacts &facts,
        const operation::MigrateFacts &migrate, const operation::ResizeDraft &draft)>
        planCold = &operation::planColdMigration;
    MigrateServices migrate;
};

} // namespace vireo::ui
