// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/migration/diagnosis.h"

namespace vireo::migration {

namespace {

/** VIR_ERR_OPERATION_UNSUPPORTED: all that QEMU's driver says of the figures of a migration that comes in. A driver
 * that knows of no jobs says something else. */
constexpr int operationUnsupported = 84;

} // namespace

Side readSide(virt::Connection &connection, const QUuid &domain)
{
    Side side;
    // The record tells what the bare state does not: whether there is a definition that outlives the guest.
    const auto state = virt::domains::state(connection, domain);
    if (!state) {
        if (state.error().kind == Error::Kind::NotFound) {
            side.asked = true;
        }
        return side;
    }
    side.exists = state->exists;
    side.state = state->state;
    side.reason = state->reason;
    if (!side.exists) {
        side.asked = true;
        return side;
    }
    const auto record = virt::domains::read(connection, domain);
    const auto figures = virt::migration::figures(connection, domain);
    // It may have gone between the calls: then it is as if it had been asked a moment later.
    const bool gone = (!record && record.error().kind == Error::Kind::NotFound)
        || (!figures && figures.error().kind == Error::Kind::NotFound);
    if (gone) {
        Side absent;
        absent.asked = true;
        return absent;
    }
    if (!record || (!figures && figures.error().kind != Error::Kind::Unsupported)) {
        return {};
    }
    side.asked = true;
    side.persistent = record->persistent;
    if (figures) {
        side.job = figures->type;
        side.operation = figures->operation;
    } else if (figures.error().code == operationUnsupported) {
        side.job = virt::migration::Figures::Type::Unbounded;
        side.operation = virt::migration::Figures::Operation::MigrationIn;
    }
    return side;
}

} // namespace vireo::migration
