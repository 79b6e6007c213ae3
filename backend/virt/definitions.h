// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/virt/connection.h"
#include "backend/xml/diagnostic.h"

namespace vireo::virt {

/** Names one definition that a host keeps besides those of its domains. A value. */
struct DefinitionKey {
    enum class Kind {
        Capabilities,
        DomainCapabilities,
        Pool,
        Volume,
        Network,
        NetworkFilter,
        NodeDevice,
        SnapshotDomain, ///< a domain that has snapshots; it has no definition here, see domains.h
        Snapshot,
        Secret
    };
    Kind kind = Kind::Capabilities;
    QString owner; ///< UUID of a volume's pool, or of a snapshot's domain
    /** UUID, without braces, of what has one; else the name. Of domain capabilities "x86_64/kvm". */
    QString id;
    friend bool operator==(const DefinitionKey &, const DefinitionKey &) = default;
};
size_t qHash(const DefinitionKey &key, size_t seed = 0) noexcept;

/** What a list tells of an object without reading its definition. */
struct DefinitionEntry {
    enum class State { None, Active, Inactive };
    DefinitionKey key;
    QString name;              ///< for people; unique but for secrets
    State state = State::None; ///< of pools and networks
    bool persistent = true;    ///< false: a pool or network that is gone when it stops
    friend bool operator==(const DefinitionEntry &, const DefinitionEntry &) = default;
};

/** Blocking calls on definitions of all kinds, as XML. Any worker thread. */
namespace definitions {

/**
 * The objects of a kind, sorted by name; names only, so that thousands are one call. `owner`: whose volumes or
 * snapshots. Unsupported where the driver has no such objects; the volumes of an inactive pool are an error.
 */
Result<QList<DefinitionEntry>> list(Connection &connection, DefinitionKey::Kind kind, const QString &owner = {});

/** One pool, network or network filter as list() tells it. NotFound when it is gone. */
Result<DefinitionEntry> entry(Connection &connection, const DefinitionKey &key);

/** What is stored for the next start of pools and networks, where the driver tells it apart. Never a secret's value,
 *  nor the passwords in a snapshot. */
Result<QString> xml(Connection &connection, const DefinitionKey &key);

/** virStoragePoolDefineXML, virNetworkDefineXMLFlags, virNWFilterDefineXMLFlags, validated where the host can and
 * unless that could keep the daemon busy for minutes. Error Invalid for other kinds. */
Result<> define(Connection &connection, DefinitionKey::Kind kind, const QString &xml);

/** Which schema definitions of that kind follow. Pure. */
xml::DocumentKind documentKind(DefinitionKey::Kind kind);

} // namespace definitions
} // namespace vireo::virt
