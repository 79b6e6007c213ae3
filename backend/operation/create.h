// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "backend/image/inspector.h"
#include "backend/job/plan.h"
#include "backend/operation/createdraft.h"
#include "backend/virt/hostcalls.h"
#include "backend/virt/storage.h"

namespace vireo::operation {

/** What a create plan must know of the host, the image and the pool. A value: plans are tested without a host. */
struct CreateFacts {
    virt::HostId host;
    virt::HostInfo hostInfo;
    QStringList domainNames; ///< taken
    QList<virt::storage::Pool> pools;
    QList<virt::storage::Volume> volumes; ///< of the chosen pool
    QList<virt::hostcalls::Network> networks;
    QString defaultPoolTarget;           ///< where a missing pool would be made
    std::optional<image::Verdict> image; ///< of the draft's local file
    QString imageProblem;                ///< why the file could not be read
    QString imageDigest;                 ///< names the base volume: image::contentDigest(), when one is needed
    std::optional<virt::storage::Volume> sourceVolume;
    QStringList sourceUsedBy; ///< domains that write to the source volume
    bool kvm = false;         ///< the host offers and can really use KVM
    QString kvmProblem;
    QString emulator;
    QString machine; ///< canonical machine type chosen
    QString arch;
    QStringList diskBuses;   ///< from the domain capabilities; empty: unknown
    QStringList videoModels; ///< likewise
    bool spice = false;
    bool vnc = true;
    quint64 promisedMemoryKiB = 0; ///< to running domains
};

/** Reads the facts for a draft. Blocking (network and the local image file): a worker thread. */
Result<CreateFacts> readCreateFacts(virt::Connection &connection, const virt::HostId &host, const CreateDraft &draft);

/**
 * nova's spawn as a plan: pool, base image (once per content and pool), overlay with explicit backing format, define,
 * start, wait for running. Pure function. Findings say what is missing or unwise; xmlAfter is the domain as it will be
 * defined.
 */
job::Plan planCreate(const CreateDraft &draft, const CreateFacts &facts);

/** The domain XML of a draft, by the defaults of the field; disks as they will be made. */
QString createDomainXml(const CreateDraft &draft, const CreateFacts &facts);

/** A name not taken yet: `base`, then base-2, base-3 … */
QString freeName(const QString &base, const QStringList &taken);

} // namespace vireo::operation
