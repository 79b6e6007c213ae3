// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QCoreApplication>
#include <QFileInfo>

#include "backend/base/sizetext.h"
#include "backend/operation/cold/coldlayout_p.h"
#include "backend/operation/create/basecache.h"
#include "backend/operation/migrate/migratepair_p.h"
#include "backend/operation/migrate/migratepreflight_p.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

using Kind = DiskMove::Kind;
using Path = MigrateDraft::Path;
using Severity = job::Finding::Severity;
using State = MigratePair::Reach::State;
using Topic = Check::Topic;
using snapshot::Chain;
using snapshot::Layer;

struct ColdLayoutText {
    Q_DECLARE_TR_FUNCTIONS(operation_coldlayout)
};

class ColdLayouter final
{
    Q_DISABLE_COPY_MOVE(ColdLayouter)

public:
    ColdLayouter(const ResizeFacts &resize, const MigrateFacts &facts, const ResizeDraft &draft,
        const MigrateDraft &way, bool keeps)
        : m_resize(resize)
        , m_facts(facts)
        , m_draft(draft)
        , m_way(way)
        , m_keeps(keeps)
    {}

    ColdLayout make()
    {
        m_layout.files = migrateLayout(m_facts, m_way);
        m_layout.isReachable = reachesHost(m_facts, m_way);
        if (m_layout.isReachable) {
            m_layout.options = probeOptions(m_way);
            m_layout.options.peerToPeer = isPeerToPeer(m_facts, m_way);
            m_layout.options.bandwidth = m_way.bandwidth;
            if (m_layout.options.peerToPeer) {
                m_layout.options.destinationUri =
                    m_way.destinationUri.isEmpty() ? m_facts.pair.reach.uri : m_way.destinationUri;
            }
        }
        for (const FileMove &move : std::as_const(m_layout.files.files)) {
            if (move.relay) {
                addFile(move);
            }
        }
        const QList<MigrateDisk> disks = migrateDisks(m_facts.source.liveXml);
        for (const MigrateDisk &disk : disks) {
            if (!disk.isMedium()) {
                addDisk(disk);
            }
        }
        for (const ResizeDraft::Disk &wish : m_draft.disks) {
            if (!m_layout.chains.contains(wish.target)) {
                block(ColdLayoutText::tr("There is no disk %1 that could be changed on its way.").arg(wish.target),
                    ColdLayoutText::tr("Only disks that are files or devices of the host are."),
                    ColdLayoutText::tr("Leave that disk as it is."));
            }
        }
        return std::move(m_layout);
    }

private:
    void block(const QString &text, const QString &cause, const QString &fix)
    {
        m_layout.findings.append({Severity::Blocker, text, cause, fix});
    }
    Chain chainFrom(const QString &path) const;
    Layer there(const Layer &layer) const;
    bool hasInternal(const QString &path) const;
    bool canBeSent(const FileMove &move, const Chain &chain) const;
    quint64 capacityOf(const FileMove &move, bool isTop) const;
    void addFile(const FileMove &move);
    void addDisk(const MigrateDisk &disk);
    void addOverlay(const MigrateDisk &disk, const DiskMove &move, const Chain &chain);
    QString whyNotOpened(const FileMove &move, const Chain &chain) const;
    void passBeside(ColdFile &file);
    QString whyNotSent(const FileMove &move, const Chain &chain) const;

    const ResizeFacts &m_resize;
    const MigrateFacts &m_facts;
    const ResizeDraft &m_draft;
    const MigrateDraft &m_way;
    const bool m_keeps;
    ColdLayout m_layout;
};

/** A file with all beneath it, as recorded: of the disk as it is, or of a snapshot. */
Chain ColdLayouter::chainFrom(const QString &path) const
{
    const auto within = [&path](const Chain &chain) {
        const auto found = std::ranges::find(chain, path, &Layer::path);
        return found == chain.cend() ? Chain() : Chain(found, chain.cend());
    };
    for (const snapshot::DiskNow &disk : m_facts.source.disks.disks) {
        if (const Chain found = within(disk.chain); !found.isEmpty()) {
            return found;
        }
    }
    for (const snapshot::Snapshot &each : m_facts.source.disks.snapshots) {
        for (const snapshot::SnapshotDisk &disk : each.disks) {
            if (const Chain found = within(disk.state); !found.isEmpty()) {
                return found;
            }
            if (disk.overlay.path == path && !disk.state.isEmpty()) {
                return Chain{disk.overlay} + disk.state;
            }
        }
    }
    return {};
}

/** The same layer at the destination. */
Layer ColdLayouter::there(const Layer &layer) const
{
    const auto made = std::ranges::find(
        m_layout.made, layer.path, [](const ColdFile &file) -> const QString & { return file.move.from; });
    if (made != m_layout.made.end()) {
        return {made->move.to, made->format};
    }
    const auto known = std::ranges::find(m_layout.files.files, layer.path, &FileMove::from);
    return {known == m_layout.files.files.end() ? samePlace(m_way, layer.path) : known->to, layer.format};
}

bool ColdLayouter::hasInternal(const QString &path) const
{
    return std::ranges::any_of(m_facts.source.disks.snapshots, [&path](const snapshot::Snapshot &snapshot) {
        return std::ranges::any_of(snapshot.disks, [&path](const snapshot::SnapshotDisk &disk) {
            return disk.kind == snapshot::SnapshotDisk::Kind::Internal
                && (disk.state.isEmpty() || disk.state.constFirst().path == path);
        });
    });
}

/** Why a file can only go byte for byte, wherever that is done; empty: it can be opened as a disk. */
QString ColdLayouter::whyNotOpened(const FileMove &move, const Chain &chain) const
{
    const QList<MigrateDisk> disks = migrateDisks(m_facts.source.liveXml);
    const auto disk = std::ranges::find(disks, move.target, &MigrateDisk::target);
    if (disk != disks.end() && disk->encrypted) {
        return ColdLayoutText::tr("It is encrypted.");
    }
    if (hasInternal(move.from)) {
        return ColdLayoutText::tr("Snapshots lie within it.");
    }
    const bool known = std::ranges::all_of(
        chain, [](const Layer &layer) { return layer.format == "raw"_L1 || layer.format == "qcow2"_L1; });
    return move.isMemory || chain.isEmpty() || !known ? ColdLayoutText::tr("Its format is none of those that are sent.")
                                                      : QString();
}

/** Its layers to files beside it, of which it is made there: they take room until it is. */
void ColdLayouter::passBeside(ColdFile &file)
{
    const FileMove &move = file.move;
    const QString directory = move.to.first(move.to.lastIndexOf(u'/') + 1);
    quint64 bytes = 0;
    for (const Layer &layer : std::as_const(file.chain)) {
        ColdFile::Passing passing;
        passing.from = layer.path;
        passing.volume = u"%1.%2-%3.part"_s.arg(move.volume, m_resize.token).arg(file.passing.size());
        passing.there = {directory + passing.volume, layer.format};
        passing.bytes = m_facts.source.disks.files.value(layer.path).allocation;
        bytes += passing.bytes;
        file.passing.append(passing);
    }
    m_layout.findings.append(
        {Severity::Note, ColdLayoutText::tr("The disk %1 is made of its copy at the destination.").arg(move.target),
            ColdLayoutText::tr("What goes through this computer is copied as it is: meanwhile it takes %1 more there.")
                .arg(sizeText(bytes)),
            {}});
    const auto pool = std::ranges::find(m_facts.destination.pools, move.pool, &virt::storage::Pool::name);
    if (pool != m_facts.destination.pools.end() && pool->available < bytes + move.bytes) {
        block(ColdLayoutText::tr("The pool “%1” has no room for the disk %2 and its copy.").arg(move.pool, move.target),
            ColdLayoutText::tr("They take %1, and %2 are free.")
                .arg(sizeText(bytes + move.bytes), sizeText(pool->available)),
            ColdLayoutText::tr("Make room there, or move the disk as it is."));
    }
}

/** Why a file can only go byte for byte; empty: it can be sent as a disk. */
QString ColdLayouter::whyNotSent(const FileMove &move, const Chain &chain) const
{
    const QList<MigrateDisk> disks = migrateDisks(m_facts.source.liveXml);
    const auto disk = std::ranges::find(disks, move.target, &MigrateDisk::target);
    if (!m_layout.isReachable) {
        return ColdLayoutText::tr("The hosts do not reach each other.");
    }
    // Of those QEMU has them open, or could have: they are not opened for writing, which the source's side needs.
    const snapshot::FileFacts facts = m_facts.source.disks.files.value(move.from);
    if (!facts.users.isEmpty() || !m_facts.source.disks.usersProblem.isEmpty()
        || isBaseName(QFileInfo(move.from).fileName()) || (disk != disks.end() && disk->readOnly)) {
        return ColdLayoutText::tr("Other VMs may need it too.");
    }
    return whyNotOpened(move, chain);
}

quint64 ColdLayouter::capacityOf(const FileMove &move, bool isTop) const
{
    const quint64 said = isTop ? m_resize.capacities.value(move.target) : 0;
    return said > 0 ? said : move.capacity;
}

void ColdLayouter::addFile(const FileMove &move)
{
    ColdFile file;
    file.move = move;
    const DiskMove *top = m_layout.files.disk(move.target);
    file.isTop = top && top->kind != Kind::Medium && top->from == move.from;
    file.chain = chainFrom(move.from);
    file.format = move.format;
    file.capacity = capacityOf(move, file.isTop);
    file.topOnly = !move.backing.isEmpty();
    for (qsizetype i = 1; file.topOnly && i < file.chain.size(); ++i) {
        file.beneath.append(there(file.chain.at(i)));
    }
    const ResizeDraft::Disk *wish = file.isTop ? m_draft.disk(move.target) : nullptr;
    if (wish && isRemadeSwap(m_resize, *wish)) {
        file.content = contentChange(m_resize, *wish);
        file.format = wish->format.isEmpty() ? move.format : wish->format;
        file.capacity = wish->capacity;
        file.move.bytes = 0;
        m_layout.made.append(std::move(file));
        return;
    }
    const QString why = whyNotSent(move, file.chain);
    file.way = why.isEmpty() ? ColdFile::Way::Send : ColdFile::Way::Relay;
    const bool converts = wish && !wish->format.isEmpty() && wish->format != move.format;
    const bool flattens = file.isTop && file.chain.size() > 1 && !file.topOnly;
    const bool conserves = file.way == ColdFile::Way::Relay;
    if (converts && file.topOnly && wish->format == "raw"_L1) {
        block(ColdLayoutText::tr("The disk %1 can't become raw.").arg(move.target),
            ColdLayoutText::tr("It lies on other layers, and a raw file can't."),
            ColdLayoutText::tr("Let its layers become one file."));
    } else if (conserves && (converts || flattens)) {
        const QString hindrance = whyNotOpened(move, file.chain);
        if (hindrance.isEmpty()) {
            file.format = converts ? wish->format : file.format;
            passBeside(file);
        } else {
            block(flattens
                    ? ColdLayoutText::tr("The layers of the disk %1 can't become one file on this way.")
                          .arg(move.target)
                    : ColdLayoutText::tr("The format of the disk %1 can't be changed on this way.").arg(move.target),
                hindrance, ColdLayoutText::tr("Move it as it is, and change it there afterwards."));
        }
    } else if (converts) {
        file.format = wish->format;
    }
    if (wish && wish->sparsify && conserves && file.passing.isEmpty()) {
        m_layout.findings.append(
            {Severity::Note, ColdLayoutText::tr("The disk %1 keeps the room that zeroes take.").arg(move.target),
                ColdLayoutText::tr("What goes through this computer is copied as it is. %1").arg(why), {}});
    }
    if (wish && wish->capacity > file.capacity) {
        file.grown = wish->capacity;
        file.content = contentChange(m_resize, *wish);
    }
    m_layout.made.append(std::move(file));
}

void ColdLayouter::addDisk(const MigrateDisk &disk)
{
    const DiskMove *move = m_layout.files.disk(disk.target);
    const snapshot::DiskNow *now = m_facts.source.disks.disk(disk.target);
    if (!move || !now || now->chain.isEmpty() || now->isNetwork) {
        return;
    }
    if (!disk.path.isEmpty() && now->chain.constFirst().path != disk.path) {
        block(ColdLayoutText::tr("The disk %1 is to be another one at the next start.").arg(disk.target),
            ColdLayoutText::tr("It is %1 now, and %2 in the stored definition.")
                .arg(now->chain.constFirst().path, disk.path),
            ColdLayoutText::tr("Shut the VM down yourself, look at what it has then, and try again."));
        return;
    }
    if (move->kind == Kind::Shared) {
        addOverlay(disk, *move, now->chain);
        return;
    }
    Chain chain;
    const auto top = std::ranges::find_if(
        m_layout.made, [&disk](const ColdFile &file) { return file.isTop && file.move.target == disk.target; });
    if (top != m_layout.made.end()) {
        chain = Chain{{top->move.to, top->format}} + top->beneath;
    } else {
        for (const Layer &layer : now->chain) {
            chain.append(there(layer));
        }
    }
    m_layout.chains.insert(disk.target, chain);
}

void ColdLayouter::addOverlay(const MigrateDisk &disk, const DiskMove &move, const Chain &chain)
{
    Chain seen;
    for (const Layer &layer : chain) {
        seen.append({samePlace(m_way, layer.path), layer.format});
    }
    const ResizeDraft::Disk *wish = m_draft.disk(disk.target);
    const bool grows = wish && wish->capacity > 0;
    if (grows && wish->capacity < m_resize.capacities.value(disk.target)) {
        block(ColdLayoutText::tr("The swap space on the disk %1 can't become smaller on its way.").arg(disk.target),
            ColdLayoutText::tr("The hosts share its file: it is kept beneath a new layer."),
            ColdLayoutText::tr("Move the VM, and change the disk there afterwards."));
    }
    if (wish && (wish->isRemade() || m_draft.flatten)) {
        block(ColdLayoutText::tr("The disk %1 is shared by the hosts: it is not copied on its way.").arg(disk.target),
            ColdLayoutText::tr("Format, pool and layers change only where a disk is copied."),
            ColdLayoutText::tr("Move the VM, and change the disk there afterwards."));
    }
    const QString why = disk.readOnly ? ColdLayoutText::tr("The VM only reads it.")
        : disk.shareable              ? ColdLayoutText::tr("Other VMs may write to it.")
        : chain.constFirst().path.startsWith("/dev/"_L1)
        ? ColdLayoutText::tr("It is a device, and has no room for a layer upon it.")
        : chain.constFirst().format.isEmpty() ? ColdLayoutText::tr("Its format is not recorded.")
                                              : QString();
    if (why.isEmpty() && (m_keeps || grows)) {
        const QString beneath = seen.constFirst().path;
        const qsizetype slash = beneath.lastIndexOf(u'/') + 1;
        const QString name = QFileInfo(beneath).completeBaseName();
        ColdOverlay overlay{disk.target, chain.constFirst(), seen.constFirst(), chain,
            u"%1%2.%3.qcow2"_s.arg(beneath.first(slash), name, m_resize.token), grows ? wish->capacity : 0,
            grows ? contentChange(m_resize, *wish) : ContentChange()};
        seen.prepend({overlay.path, u"qcow2"_s});
        m_layout.overlays.append(std::move(overlay));
    } else if (grows) {
        block(ColdLayoutText::tr("The disk %1 can't be grown on its way.").arg(disk.target), why,
            ColdLayoutText::tr("Leave its size as it is."));
    } else if (m_keeps && !disk.readOnly) {
        m_layout.findings.append({Severity::Warning,
            ColdLayoutText::tr("Going back will not bring back the content of the disk %1.").arg(disk.target), why,
            ColdLayoutText::tr("Make a copy of it first, if that matters.")});
    }
    static_cast<void>(move);
    m_layout.chains.insert(disk.target, seen);
}

} // namespace

snapshot::Chain ColdLayout::chainThere(const QString &target) const
{
    return chains.value(target);
}

bool reachesHost(const MigrateFacts &facts, const MigrateDraft &way)
{
    if (way.path == Path::ThisComputer || way.path == Path::Tunnelled) {
        return false; // a tunnel carries no disks
    }
    return isPeerToPeer(facts, way) ? facts.pair.reach.state == State::Yes : facts.pair.direct.state == State::Yes;
}

ColdLayout coldLayout(
    const ResizeFacts &resize, const MigrateFacts &facts, const ResizeDraft &draft, const MigrateDraft &way, bool keeps)
{
    return ColdLayouter(resize, facts, draft, way, keeps).make();
}

/** How the files go. That hosts do not reach each other is no hindrance. */
void checkColdWay(Preflight &grid)
{
    const bool copies = std::ranges::any_of(grid.layout.files, &FileMove::relay);
    const bool reaches = reachesHost(grid.facts, grid.draft);
    if (!copies) {
        grid.ok(Topic::Reachability, ColdLayoutText::tr("No file of the VM has to be copied."));
    } else if (reaches) {
        grid.ok(Topic::Reachability, ColdLayoutText::tr("The files go from host to host."),
            ColdLayoutText::tr("QEMU on the source reaches %1: a probe went there.").arg(grid.there()));
    } else if (grid.draft.tls && grid.draft.path != Path::ThisComputer) {
        grid.block(Topic::Reachability,
            ColdLayoutText::tr("The files can't go encrypted (TLS) from host to host.").arg(grid.there()),
            grid.facts.pair.reach.error,
            ColdLayoutText::tr("Put certificates for QEMU on both hosts, or choose “Through this computer”."));
    } else {
        const MigratePair &pair = grid.facts.pair;
        const QString error = pair.reach.error.isEmpty() ? pair.direct.error : pair.reach.error;
        grid.add(Topic::Reachability, Severity::Note, ColdLayoutText::tr("The files go through this computer."),
            grid.draft.path == Path::ThisComputer ? ColdLayoutText::tr("That was chosen.")
                : grid.draft.path == Path::Tunnelled
                ? ColdLayoutText::tr("libvirt carries no disks through a tunnel.")
                : ColdLayoutText::tr("It is not proven that the source's QEMU reaches %1. %2").arg(grid.there(), error),
            ColdLayoutText::tr("Let the hosts reach each other: that is faster."));
    }
}

} // namespace vireo::operation
