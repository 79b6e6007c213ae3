// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "backend/operation/create/createdraft.h"
#include "backend/operation/kvmcheck.h"
#include "backend/virt/hostcalls.h"
#include "backend/virt/storage.h"
#include "backend/xml/capabilities.h"
#include "backend/xml/domaincapabilities.h"

/** What the pages of the New VM wizard know of hosts. Values. */
namespace vireo::ui {

/** A connected host. */
struct CreateHost {
    virt::HostId id;
    QString uri;
    QString name;
    bool local = false;
    quint64 memoryKiB = 0;
    int cpus = 0;
    friend bool operator==(const CreateHost &, const CreateHost &) = default;
};

/** What is read of the chosen one. */
struct CreateHostFacts {
    QList<virt::storage::Pool> pools = {};
    QList<virt::hostcalls::Network> networks = {};
    virt::HostInfo info = {};
    std::optional<xml::DomainCapabilities> kvmCaps = {}; ///< none: the host does not say, or has no KVM
    std::optional<xml::DomainCapabilities> emulationCaps = {};
    operation::KvmVerdict kvm = {};
    QList<xml::MachineType> machines = {}; ///< boards of the host's own architecture
};

/** One line of the Network field. */
struct CreateNicChoice {
    QString text;
    operation::CreateDraft::Nic nic;
};

/** What was used the last time on a host; empty: nothing yet. */
struct CreateHabits {
    QString pool;
    std::optional<operation::CreateDraft::Nic> nic;
    bool known = false;
};

/** Reads the part of the facts that says which machines the host can make. Blocking: a lane. `machine`: a board, or
 *  empty. What the driver does not say stays empty; that is no error. */
void readMachineFacts(virt::Connection &connection, const QString &machine, CreateHostFacts &facts);

} // namespace vireo::ui
