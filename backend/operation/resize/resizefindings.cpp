// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QCoreApplication>
#include <QSet>

#include "backend/base/sizetext.h"
#include "backend/operation/resize/resizecontent_p.h"
#include "backend/operation/resize/resizeparts_p.h"
#include "backend/operation/snapshot/snapshotparts.h"
#include "backend/virt/storage.h"

using namespace Qt::StringLiterals;

/** What is wrong with a resize wherever it is done. */
namespace vireo::operation {

namespace {

using Severity = job::Finding::Severity;

struct ResizeFindingsText {
    Q_DECLARE_TR_FUNCTIONS(operation_resizeFindings)
};

class Findings final
{
    Q_DISABLE_COPY_MOVE(Findings)

public:
    Findings(const ResizeFacts &facts, const ResizeDraft &draft)
        : m_facts(facts)
        , m_draft(draft)
        , m_name(facts.edit.domain.name)
    {}

    QList<job::Finding> find()
    {
        checkState();
        checkFigures();
        QSet<QString> seen;
        for (const ResizeDraft::Disk &disk : m_draft.disks) {
            if (seen.contains(disk.target)) {
                block(ResizeFindingsText::tr("The disk %1 is named twice.").arg(disk.target));
                continue;
            }
            seen.insert(disk.target);
            checkDisk(disk);
        }
        checkRoom();
        return m_findings;
    }

private:
    void add(Severity severity, const QString &text, const QString &cause = {}, const QString &fix = {})
    {
        m_findings.append({severity, text, cause, fix});
    }
    void block(const QString &text, const QString &cause = {}, const QString &fix = {})
    {
        add(Severity::Blocker, text, cause, fix);
    }
    bool isHere() const { return m_draft.to.isEmpty(); }
    void checkState();
    void checkFigures();
    void checkDisk(const ResizeDraft::Disk &disk);
    void checkGrowth(const ResizeDraft::Disk &disk);
    void checkPlace(const ResizeDraft::Disk &disk);
    void checkRoom();
    const virt::storage::Pool *poolOf(const ResizeDraft::Disk &disk) const;

    const ResizeFacts &m_facts;
    const ResizeDraft &m_draft;
    const QString m_name;
    QList<job::Finding> m_findings;
    QMap<QString, quint64> m_wanted; ///< by pool: what must be there for copies
    QMap<QString, quint64> m_growth; ///< by pool: what the guest may come to use
};

void Findings::checkState()
{
    const QString xml = m_facts.edit.stored;
    if (!m_facts.edit.domain.persistent || xml.isEmpty()) {
        block(ResizeFindingsText::tr("%1 is transient: it has no stored definition.").arg(m_name), {},
            ResizeFindingsText::tr("Define it first, so that its host keeps it."));
    }
    if (m_facts.kept || unconfirmedFinding(xml)) {
        const auto finding = unconfirmedFinding(xml);
        block(ResizeFindingsText::tr("An earlier change of %1 waits to be confirmed.").arg(m_name),
            m_facts.kept ? m_facts.kept->change : finding->cause,
            ResizeFindingsText::tr("Confirm that change, or go back to what the VM was, then try again."));
    }
    m_findings += presentObstacles(m_facts.disks);
    if (!m_facts.jobText.isEmpty() && !std::ranges::any_of(m_findings, [](const job::Finding &finding) {
            return finding.severity == Severity::Blocker;
        })) {
        block(ResizeFindingsText::tr("Something works on %1.").arg(m_name), m_facts.jobText,
            ResizeFindingsText::tr("Wait until it ends, or cancel it."));
    }
}

void Findings::checkFigures()
{
    if (const auto xml = resizedXml(m_facts.edit.stored, m_draft); !m_facts.edit.stored.isEmpty() && !xml) {
        block(xml.error().message, {}, xml.error().hint);
    }
    if (!isHere()) {
        return; // the destination's figures are the migration's pre-flight
    }
    const int vcpus = m_draft.vcpus.value_or(0);
    if (vcpus > m_facts.host.cpus && m_facts.host.cpus > 0 && vcpus > m_facts.edit.domain.vcpus) {
        add(Severity::Warning,
            ResizeFindingsText::tr("%1 vCPUs are more than the host has processors: %2.")
                .arg(vcpus)
                .arg(m_facts.host.cpus),
            ResizeFindingsText::tr("The guest becomes slower by it, not faster."));
    }
    const quint64 memory = m_draft.memoryKiB.value_or(0);
    if (m_facts.host.memoryKiB > 0 && memory > m_facts.host.memoryKiB && memory > m_facts.edit.domain.memoryKiB) {
        add(Severity::Warning,
            ResizeFindingsText::tr("%1 of memory are more than the host has: %2.")
                .arg(sizeText(memory * 1024), sizeText(m_facts.host.memoryKiB * 1024)),
            ResizeFindingsText::tr("The VM may not start, or make the host slow."));
    }
}

void Findings::checkDisk(const ResizeDraft::Disk &disk)
{
    const snapshot::DiskNow *now = m_facts.disks.disk(disk.target);
    if (!now) {
        block(ResizeFindingsText::tr("%1 has no disk “%2”.").arg(m_name, disk.target));
        return;
    }
    if (!disk.isRemade() && disk.capacity == 0) {
        return; // its bus
    }
    if (!isWritable(*now, m_facts.edit.stored) || now->chain.isEmpty()) {
        block(ResizeFindingsText::tr("The disk %1 can't be changed.").arg(disk.target), now->reason);
        return;
    }
    if (!disk.format.isEmpty() && disk.format != "raw"_L1 && disk.format != "qcow2"_L1) {
        block(ResizeFindingsText::tr("A disk can become raw or qcow2, and not “%1”.").arg(disk.format));
    }
    const snapshot::Layer &top = now->chain.constFirst();
    if (top.format.isEmpty()) {
        block(ResizeFindingsText::tr("The format of “%1” is not recorded.").arg(top.path),
            ResizeFindingsText::tr("Vireo never guesses it: what a guest wrote could look like another one."),
            ResizeFindingsText::tr("Say it in the VM's definition."));
    }
    const bool isHeld = std::ranges::any_of(m_facts.disks.snapshots, [&disk](const snapshot::Snapshot &each) {
        const snapshot::SnapshotDisk *part = each.disk(disk.target);
        return part && part->kind != snapshot::SnapshotDisk::Kind::None;
    });
    if (disk.isRemade() && isHeld) {
        block(ResizeFindingsText::tr("Snapshots of %1 need the files of the disk %2.").arg(m_name, disk.target),
            ResizeFindingsText::tr("Another format, pool or a single file would be a disk without them."),
            ResizeFindingsText::tr("Delete the snapshots first, or leave the disk in its files."));
    }
    checkGrowth(disk);
    checkPlace(disk);
    m_findings += contentFindings(m_facts, m_draft, disk);
}

void Findings::checkGrowth(const ResizeDraft::Disk &disk)
{
    const auto capacity = m_facts.capacities.constFind(disk.target);
    if (capacity == m_facts.capacities.constEnd()) {
        block(ResizeFindingsText::tr("The size of the disk %1 is not known.").arg(disk.target),
            ResizeFindingsText::tr("Its host could not tell it, so that it can't be kept from becoming smaller."),
            ResizeFindingsText::tr("Look whether its file is there, and of the format that the VM's definition says."));
        return;
    }
    if (disk.capacity > 0 && disk.capacity < *capacity && !isRemadeSwap(m_facts, disk)) {
        block(ResizeFindingsText::tr("The disk %1 has %2 and can't be made smaller, to %3.")
                  .arg(disk.target, sizeText(*capacity), sizeText(disk.capacity)),
            ResizeFindingsText::tr("What is at its end would be lost, and nobody but its guest knows what that is: "
                                   "partitions and file systems reach to the end of a disk."),
            ResizeFindingsText::tr("Add a new, smaller disk, copy the data within the guest, and remove this one."));
    } else if (disk.capacity % 512 != 0) {
        block(ResizeFindingsText::tr("The size of the disk %1 is no multiple of 512 bytes.").arg(disk.target));
    }
}

const virt::storage::Pool *Findings::poolOf(const ResizeDraft::Disk &disk) const
{
    const snapshot::DiskNow *now = m_facts.disks.disk(disk.target);
    const QString path = now && !now->chain.isEmpty() ? now->chain.constFirst().path : QString();
    const QString name = disk.pool.isEmpty() ? m_facts.disks.files.value(path).pool : disk.pool;
    const auto found = std::ranges::find(m_facts.pools, name, &virt::storage::Pool::name);
    return found == m_facts.pools.cend() ? nullptr : &*found;
}

/** Here: of another host that is the migration's pre-flight. */
void Findings::checkPlace(const ResizeDraft::Disk &disk)
{
    if (!isHere()) {
        return;
    }
    const virt::storage::Pool *pool = poolOf(disk);
    if (!disk.pool.isEmpty() && !pool) {
        block(ResizeFindingsText::tr("The host has no storage pool “%1”.").arg(disk.pool));
        return;
    }
    if (disk.isRemade() && !pool) {
        block(ResizeFindingsText::tr("The disk %1 is in no storage pool.").arg(disk.target),
            ResizeFindingsText::tr("Its new file has to be made in one."), ResizeFindingsText::tr("Choose a pool."));
        return;
    }
    if (disk.isRemade() && !pool->active) {
        block(ResizeFindingsText::tr("The storage pool “%1” is not active.").arg(pool->name), {},
            ResizeFindingsText::tr("Start it first."));
    } else if (disk.isRemade() && !virt::storage::isFileBased(*pool)) {
        block(ResizeFindingsText::tr("The storage pool “%1” does not keep files.").arg(pool->name), {},
            ResizeFindingsText::tr("Choose a pool of the type “directory”."));
    }
    if (!pool) {
        return;
    }
    const snapshot::DiskNow *now = m_facts.disks.disk(disk.target);
    const quint64 capacity = m_facts.capacities.value(disk.target);
    quint64 content = 0;
    for (const snapshot::Layer &layer : now->chain) {
        content += m_facts.disks.files.value(layer.path).allocation;
    }
    if (disk.isRemade()) {
        m_wanted[pool->name] += std::min(content, capacity);
    }
    if (disk.capacity > capacity) {
        m_growth[pool->name] += disk.capacity - capacity;
    }
}

void Findings::checkRoom()
{
    for (auto it = m_wanted.constBegin(); it != m_wanted.constEnd(); ++it) {
        const auto pool = std::ranges::find(m_facts.pools, it.key(), &virt::storage::Pool::name);
        if (pool->available < it.value()) {
            block(ResizeFindingsText::tr("The pool “%1” has %2 free; %3 are needed.")
                      .arg(pool->name, sizeText(pool->available), sizeText(it.value())),
                ResizeFindingsText::tr("The files of before stay until the change is confirmed."),
                ResizeFindingsText::tr("Make room in the pool, or choose another."));
        }
    }
    for (auto it = m_growth.constBegin(); it != m_growth.constEnd(); ++it) {
        const auto pool = std::ranges::find(m_facts.pools, it.key(), &virt::storage::Pool::name);
        const quint64 copies = m_wanted.value(it.key());
        const quint64 left = pool->available > copies ? pool->available - copies : 0;
        if (left < it.value()) {
            add(Severity::Warning,
                ResizeFindingsText::tr("The pool “%1” has %2 free, and disks in it become %3 larger.")
                    .arg(pool->name, sizeText(left), sizeText(it.value())),
                ResizeFindingsText::tr("When the guest fills them, its host runs out of room and the VM is paused."),
                ResizeFindingsText::tr("Make room in the pool, or choose another."));
        }
    }
}

} // namespace

QList<job::Finding> resizeFindings(const ResizeFacts &facts, const ResizeDraft &draft)
{
    return Findings(facts, draft).find();
}

} // namespace vireo::operation
