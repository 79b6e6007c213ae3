// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/base/error.h"
#include "backend/seed/seeddraft.h"

/** cloud-init's user-data: what kinds there are, what a draft becomes, and how two parts become one. Pure. */
namespace vireo::seed {

/** What cloud-init takes user-data for, by its first bytes. */
enum class UserDataType {
    Unknown, ///< ignored by cloud-init
    CloudConfig,
    Gzip,
    Mime,   ///< a MIME message, perhaps of several parts
    Script, ///< "#!"
    Other   ///< include, boothook, part-handler, archive, jsonp, jinja
};
UserDataType userDataType(const QByteArray &userData);

/** The cloud-config of the draft's own members, without its userData; empty when they say nothing. */
QJsonObject cloudConfigOf(const SeedDraft &draft);

/** What the guest finds as user-data. The draft must have no problems. */
Result<QByteArray> userDataOf(const SeedDraft &draft);

} // namespace vireo::seed
