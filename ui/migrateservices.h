// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include "backend/operation/migrate/migrate.h"
#include "backend/operation/resize/resize.h"

namespace vireo::ui {

/**
 * What the Migrate wizard asks of hosts, and what thinks about the answers: blocking functions, called on lanes. The
 * defaults are the real ones; tests put others in their place.
 */
struct MigrateServices {
    using Stop = std::stop_token;

    std::function<Result<operation::MigrateSource>(virt::Connection &source, const QUuid &domain, const Stop &stop)>
        source = &operation::readMigrateSource;
    std::function<Result<operation::MigrateDestination>(virt::Connection &destination, const Stop &stop)> destination =
        &operation::readMigrateDestination;
    std::function<Result<operation::MigratePair>(const virt::ConnectionPtr &source,
        const virt::ConnectionPtr &destination, const operation::MigrateSource &vm,
        const operation::MigrateDestination &there, const operation::MigrateDraft &draft, bool probe, const Stop &stop)>
        pair = &operation::readMigratePair;
    std::function<Result<QList<migration::DirtySample>>(
        virt::Connection &source, const QUuid &domain, const Stop &stop)>
        dirty = &operation::measureDirtyRate;
    std::function<Result<migration::ByteRange>(const virt::ConnectionPtr &source,
        const virt::ConnectionPtr &destination, const operation::MigrateSource &vm,
        const operation::MigrateDestination &there, const operation::MigrateDraft &draft, const Stop &stop)>
        bandwidth = &operation::measureBandwidth;
    std::function<QList<operation::Check>(const operation::MigrateFacts &facts, const operation::MigrateDraft &draft)>
        preflight = &operation::preflight;
    std::function<QList<operation::DiskMove>(
        const operation::MigrateFacts &facts, const operation::MigrateDraft &draft)>
        moves = &operation::diskMoves;
    std::function<migration::ForecastInput(const operation::MigrateFacts &facts, const operation::MigrateDraft &draft)>
        forecastInput = &operation::forecastInput;
    std::function<job::Plan(const virt::HostId &source, const virt::HostId &destination,
        const operation::MigrateFacts &facts, const operation::MigrateDraft &draft)>
        plan = &operation::planMigrate;
};

} // namespace vireo::ui
