// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QString>

#include "backend/virt/definitions.h"

/** What the kinds of definitions that can be changed are called in plans and journals. Private to backend/operation. */
namespace vireo::operation {

inline QString kindWord(virt::DefinitionKey::Kind kind)
{
    using Kind = virt::DefinitionKey::Kind;
    return kind == Kind::Pool   ? QStringLiteral("pool")
        : kind == Kind::Network ? QStringLiteral("network")
                                : QStringLiteral("nwfilter");
}

inline std::optional<virt::DefinitionKey::Kind> kindOfWord(const QString &word)
{
    using Kind = virt::DefinitionKey::Kind;
    for (const Kind kind : {Kind::Pool, Kind::Network, Kind::NetworkFilter}) {
        if (kindWord(kind) == word) {
            return kind;
        }
    }
    return std::nullopt;
}

} // namespace vireo::operation
