// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "backend/image/diskcontent.h"
#include "backend/operation/edit/edit.h"
#include "backend/operation/kept/keptstate.h"
#include "backend/operation/migrate/migrate.h"
#include "backend/virt/guestagent.h"

/**
 * Resizing a VM: here while it runs, here while it is off, or on its way to another host (cold migration, which may
 * change nothing else). After the latter two its user confirms, or goes back.
 */
namespace vireo::operation {

/** "resize". What is not said stays as it is. */
struct ResizeDraft {
    std::optional<int> vcpus;
    std::optional<int> maxVcpus;
    struct Topology {
        int sockets = 0; ///< all 0: no topology is said
        int cores = 0;
        int threads = 0;
        friend bool operator==(const Topology &, const Topology &) = default;
    };
    std::optional<Topology> topology;
    std::optional<quint64> memoryKiB; ///< what it has
    std::optional<quint64> maxMemoryKiB;
    struct Disk {
        QString target;
        quint64 capacity = 0;  ///< bytes; 0: stays
        QString format;        ///< raw or qcow2; empty: stays
        QString pool;          ///< of the host that it comes to be on; empty: stays (of another host: see map)
        QString bus;           ///< empty: stays
        bool flatten = false;  ///< its backing chain becomes one file
        bool sparsify = false; ///< what reads as zeroes takes no room any more
        /** With the disk, while the VM is off: an ext file system without partitions. Nothing: where that is possible;
         *  true: or not at all. */
        std::optional<bool> growFilesystem;
        /** Partition and file system, by the guest's agent, while the guest runs: at once, or as soon as it has
         *  started. */
        bool growInGuest = false;
        /** It becomes a new file, instead of a layer upon the old one. */
        bool isRemade() const { return !format.isEmpty() || !pool.isEmpty() || flatten || sparsify; }
        friend bool operator==(const Disk &, const Disk &) = default;
    };
    QList<Disk> disks;

    QString to;            ///< URI of another host; empty: it stays where it is
    MigrateDraft::Map map; ///< names here -> there
    bool flatten = false;  ///< on its way: all disks, instead of overlays on bases that are there
    bool verify = false;   ///< what was copied is read back and compared

    enum class When {
        Auto, ///< while it runs, if all can be done so, else while it is off
        Live, ///< while it runs: what can't is a blocker
        Cold  ///< it is shut down
    } when = When::Auto;
    int timeoutSeconds = 180; ///< how long the guest may take to shut down
    bool force = false;       ///< switched off if it does not; false: then all is left as it was
    enum class After { AsBefore, Running, Off } after = After::AsBefore;
    enum class Confirm { Ask, Auto } confirm = Confirm::Ask;
    int confirmHours = 0;    ///< Auto: so long afterwards; 0: as soon as it runs (or stays off as it is to be)
    bool keepSource = false; ///< of a VM that moved: once confirmed, its files stay where they were
    const Disk *disk(const QString &target) const;
    friend bool operator==(const ResizeDraft &, const ResizeDraft &) = default;
};

QJsonObject resizeDraftToJson(const QString &host, const QString &domain, const ResizeDraft &draft);

/** What the content of a disk says of itself. */
using DiskContent = image::DiskContent;

/** What the agent of a guest that runs says. */
struct GuestFacts {
    bool hasChannel = false; ///< the definition has one for it
    bool answers = false;
    bool canExecute = false; ///< it may run programs
    QList<virt::guest::FileSystem> fileSystems;
    friend bool operator==(const GuestFacts &, const GuestFacts &) = default;
};

/** All that is known before a resize. A value, without secrets. */
struct ResizeFacts {
    EditFacts edit;        ///< the domain, its definitions
    snapshot::Facts disks; ///< chains, files, snapshots
    QList<virt::storage::Pool> pools;
    virt::HostInfo host;
    QMap<QString, quint64> capacities;   ///< of disks, by target: bytes, as the guest sees them; none: unknown
    QMap<QString, DiskContent> contents; ///< of disks, by target; none: could not be read
    GuestFacts guest;
    quint64 localRoom = 0;         ///< bytes free on this computer, where files on their way lie
    QString localProblem;          ///< why file systems can't be grown here; empty: they can
    std::optional<KeptState> kept; ///< an earlier change waits to be confirmed
    QString jobText;               ///< a job (block job, migration, save) runs; empty: none
    QString token;                 ///< for names of new files: letters and digits, never used before
};
/** Blocking: a worker thread. */
Result<ResizeFacts> readResizeFacts(
    virt::Connection &connection, const QUuid &domain, const KeptStates &kept, const std::stop_token &stop);

/** When one field of a draft takes effect, and why not before. */
struct ResizeEffect {
    QString field; ///< "vcpus", "maxVcpus", "topology", "memory", "maxMemory", or a disk's target
    enum class When { Now, NextBoot, PowerOff, Never } when = When::Now;
    QString text;   ///< "4 vCPUs in place of 2"
    QString reason; ///< why not now, as a sentence; empty: now
    friend bool operator==(const ResizeEffect &, const ResizeEffect &) = default;
};
/** Of the fields that the draft changes. Pure; cheap enough for each key stroke's pause. */
QList<ResizeEffect> resizeEffects(const ResizeFacts &facts, const ResizeDraft &draft);
/** Whether it has to be shut down for it. Pure. */
bool needsPowerOff(const ResizeFacts &facts, const ResizeDraft &draft);

/** What becomes of the content of a disk whose size changes while its VM is off. */
enum class ContentFate {
    Stays, ///< as it is; what is on it may have to be grown in its guest
    Grows, ///< its file system grows with it
    Anew   ///< it is swap, and is made anew
};
/** Pure. */
ContentFate contentFate(const ResizeFacts &facts, const ResizeDraft::Disk &disk);

/** The definition with other figures and disks: vCPUs, topology, memory. Pure; what it does not concern stays. Files
 * are the planners' business. */
Result<QString> resizedXml(const QString &domainXml, const ResizeDraft &draft);

/** What is wrong with the draft wherever it is done: shrinking, room, names, what is unconfirmed. Pure. */
QList<job::Finding> resizeFindings(const ResizeFacts &facts, const ResizeDraft &draft);

/** On its host; live or cold by needsPowerOff(). Pure. */
job::Plan planResize(const virt::HostId &host, const ResizeFacts &facts, const ResizeDraft &draft);

/** To another host, while it is off; `migrate` are the facts for a migration there. Pure. */
job::Plan planColdMigration(const virt::HostId &source, const virt::HostId &destination, const ResizeFacts &facts,
    const MigrateFacts &migrate, const ResizeDraft &draft);

/** "resize.confirm", "resize.revert" */
enum class ResizeEnd { Confirm, Revert };
/** What is known of a change that waits. */
struct ResizeEndFacts {
    KeptState kept;
    virt::HostId from;         ///< null: not connected
    virt::HostId to;           ///< of a VM that did not move the same
    virt::DomainRecord domain; ///< where it is now; no UUID: it is gone from there
    QString xml;               ///< its definition there, without secrets
    bool isBack = false;       ///< a domain of its UUID is (also) where it was, of a VM that moved
    snapshot::Facts disks;     ///< where it is now
    QStringList missing;       ///< files of before that are not there any more
};
/** `to`: where it is. `from`: where it was; null: not connected, which only a confirmation with keepSource bears. */
Result<ResizeEndFacts> readResizeEndFacts(const KeptState &kept, const virt::ConnectionPtr &from,
    const virt::ConnectionPtr &to, const virt::HostId &fromId, const virt::HostId &toId, const std::stop_token &stop);
struct ResizeEndDraft {
    int timeoutSeconds = 180; ///< for the guest to shut down before it is taken back
    bool force = true;        ///< then it is switched off: what it did since is given up anyway
    bool start = true;        ///< taken back: it runs again if it ran
    bool keepSource = false;  ///< confirmed: files of before stay where they are
    friend bool operator==(const ResizeEndDraft &, const ResizeEndDraft &) = default;
};
/** The plan's host is the one that it is on. Pure. */
job::Plan planResizeEnd(ResizeEnd end, const ResizeEndFacts &facts, const ResizeEndDraft &draft);

/** A blocker for whatever must not be done to a VM that waits to be confirmed, by the mark in its definition; nothing:
 * it does not wait. Pure. */
std::optional<job::Finding> unconfirmedFinding(const QString &domainXml);

} // namespace vireo::operation
