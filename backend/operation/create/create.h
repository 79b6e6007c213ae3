// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QHash>

#include "backend/image/chain.h"
#include "backend/job/plan.h"
#include "backend/operation/create/createdraft.h"
#include "backend/os/installtree.h"
#include "backend/os/oscatalog.h"
#include "backend/virt/hostcalls.h"
#include "backend/virt/storage.h"
#include "backend/xml/domaincapabilities.h"
#include "backend/xml/importrisks.h"

namespace vireo::operation {

/** A file of this computer that is uploaded as it is: a kernel, an initial RAM disk. Sizes in bytes. */
struct LocalContent {
    QString path;
    QString digest;  ///< image::contentDigest(); empty: it can't be used
    QString problem; ///< why
    quint64 fileSize = 0;
    quint64 dataSize = 0;
    qint64 modifiedNs = 0;
};

/** A volume that is to become a further disk. */
struct DiskVolume {
    virt::storage::Volume volume;
    QStringList usedBy; ///< domains that have it as a disk, and images that stand on it
};

/** What a create plan must know of the host, the image and the pool. A value: plans are tested without a host. */
struct CreateFacts {
    virt::HostId host;
    virt::HostInfo hostInfo;
    QStringList domainNames;       ///< taken
    QList<QUuid> domainUuids;      ///< likewise
    QHash<QString, QString> macs;  ///< taken addresses (lower case) and the domains that have them
    quint64 promisedMemoryKiB = 0; ///< to running domains
    int promisedVcpus = 0;         ///< likewise
    QList<virt::hostcalls::Network> networks;
    QString instanceId;  ///< of a seed: new for each plan
    QStringList newMacs; ///< for network cards without an address of their own, where a seed must name them

    QList<virt::storage::Pool> pools;
    QList<virt::storage::Volume> volumes; ///< of the chosen pool
    QString defaultPoolTarget;            ///< where a missing pool would be made

    std::optional<image::Verdict> image; ///< of the draft's local file
    QString imageProblem;                ///< why the file could not be read
    QString imageDigest;                 ///< names the base volume: image::contentDigest(), when one is needed
    std::optional<image::Chain> chain;   ///< when backing files are adopted
    std::optional<virt::storage::Volume> sourceVolume;
    QStringList sourceUsedBy;               ///< domains that write to the source volume
    QHash<QString, DiskVolume> diskVolumes; ///< by "pool/name"; what does not exist is missing
    QHash<QString, LocalContent> files;     ///< kernel files by path
    std::optional<os::InstallTree> tree;
    QString treeProblem;
    QHash<QString, QString> missingTools; ///< "qemu-img" or a file system -> what to install on this computer

    xml::DomainCapabilities caps; ///< for the virtualization type that is used
    bool kvm = false;             ///< the host offers and can really use KVM
    QString kvmProblem;           ///< why not
    QString kvmAdvice;            ///< what to do about it; may be empty
    QString machineProblem;       ///< the host does not offer the machine that was asked for
    std::optional<os::Os> os;     ///< chosen or detected; none: generic
    bool osDetected = false;
    QString osProblem; ///< the one that was asked for is not known

    QString importedXml; ///< source xml: the document
    QString importProblem;
    QList<xml::ImportRisk> importRisks;

    bool isX86() const { return caps.arch == QLatin1String("x86_64") || caps.arch == QLatin1String("i686"); }
    bool isTestDriver() const { return hostInfo.hypervisor == QLatin1String("TEST"); }
    /** KVM is used: it can be, and the draft does not say otherwise. */
    bool usesKvm(const CreateDraft &draft) const { return kvm && draft.virtType != CreateDraft::VirtType::Qemu; }
};

/** Where the slow parts of reading the facts have got to: hashing an image takes its time. */
using CreateProgress = std::function<void(const QString &what, quint64 done, quint64 total)>;

/**
 * Reads the facts for a draft. Blocking (network and local files): a worker thread. `catalog` may be null: then no
 * operating system is known. Error: the host's, or cancelled.
 */
Result<CreateFacts> readCreateFacts(virt::Connection &connection, const virt::HostId &host, const CreateDraft &draft,
    const os::OsCatalog *catalog = nullptr, std::stop_token stop = {}, const CreateProgress &progress = {});

/** Makes what each VM needs of its own and no host knows: the seed's instance id, MAC addresses. readCreateFacts() does
 *  so; again for the next of several VMs that are planned with the same facts. */
void giveIdentity(CreateFacts &facts, const CreateDraft &draft);

/**
 * nova's spawn as a plan: pool, base image (once per content and pool), overlay with explicit backing format, further
 * disks, seed, define, start, wait for running. Pure function. Findings say what is missing or unwise; xmlAfter is the
 * domain as it will be defined.
 */
job::Plan planCreate(const CreateDraft &draft, const CreateFacts &facts);

/** The domain XML of a draft, by the defaults of the field; disks as they will be made. */
QString createDomainXml(const CreateDraft &draft, const CreateFacts &facts);

/** A name not taken yet: `base`, then base-2, base-3 … */
QString freeName(const QString &base, const QStringList &taken);

} // namespace vireo::operation
