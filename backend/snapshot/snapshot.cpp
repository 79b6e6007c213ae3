// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/snapshot/snapshot.h"

#include <algorithm>
#include <array>
#include <utility>

#include <QCoreApplication>

#include "backend/snapshot/chainxml.h"

using namespace Qt::StringLiterals;

namespace vireo::snapshot {

namespace {

using virt::DomainState;

struct SnapshotText {
    Q_DECLARE_TR_FUNCTIONS(Snapshot)
};

DomainState stateOf(QStringView text)
{
    static const std::array<std::pair<QLatin1String, DomainState>, 8> names{{
        {"nostate"_L1, DomainState::NoState},
        {"running"_L1, DomainState::Running},
        {"disk-snapshot"_L1, DomainState::Running},
        {"blocked"_L1, DomainState::Blocked},
        {"paused"_L1, DomainState::Paused},
        {"shutdown"_L1, DomainState::ShuttingDown},
        {"crashed"_L1, DomainState::Crashed},
        {"pmsuspended"_L1, DomainState::PmSuspended},
    }};
    const auto *const found = std::ranges::find_if(names, [text](const auto &name) { return name.first == text; });
    return found == names.end() ? DomainState::ShutOff : found->second;
}

Snapshot::Memory memoryOf(const xml::Element &memory, const Snapshot &snapshot)
{
    const QString where = memory.attribute(u"snapshot"_s);
    if (where == "external"_L1) {
        return Snapshot::Memory::External;
    }
    if (where == "internal"_L1) {
        return Snapshot::Memory::Internal;
    }
    // libvirt's own default for metadata of before there was such an element
    const bool wasOn = snapshot.state != DomainState::ShutOff && snapshot.state != DomainState::Crashed;
    return where.isEmpty() && wasOn && !snapshot.isDiskOnly ? Snapshot::Memory::Internal : Snapshot::Memory::None;
}

SnapshotDisk::Kind kindOf(const QString &text)
{
    if (text == "external"_L1) {
        return SnapshotDisk::Kind::External;
    }
    return text == "internal"_L1 ? SnapshotDisk::Kind::Internal : SnapshotDisk::Kind::None;
}

/** Why snapshots leave a disk out; empty: they need not. */
QString refusalOf(const xml::Element &disk, const DiskNow &now)
{
    const QString device = disk.attribute(u"device"_s);
    if (device == "cdrom"_L1) {
        return SnapshotText::tr("A CD-ROM is not part of snapshots.");
    }
    if (device == "floppy"_L1) {
        return SnapshotText::tr("A floppy is not part of snapshots.");
    }
    if (device == "lun"_L1) {
        return SnapshotText::tr("It is a SCSI device that is passed through to the guest.");
    }
    if (!disk.child(u"readonly"_s).isNull()) {
        return SnapshotText::tr("It is read-only, so it stays as it is.");
    }
    if (!disk.child(u"shareable"_s).isNull()) {
        return SnapshotText::tr("It is shared with other VMs.");
    }
    if (!disk.child(u"transient"_s).isNull()) {
        return SnapshotText::tr("What the guest writes to it is thrown away when the VM stops.");
    }
    if (now.chain.isEmpty()) {
        return SnapshotText::tr("It has no storage.");
    }
    return now.isNetwork ? SnapshotText::tr("It is on network storage.") : QString();
}

} // namespace

bool Snapshot::isExternal() const
{
    return memory == Memory::External || std::ranges::any_of(disks, [](const SnapshotDisk &disk) {
        return disk.kind == SnapshotDisk::Kind::External;
    });
}

bool Snapshot::isInternal() const
{
    return memory == Memory::Internal || std::ranges::any_of(disks, [](const SnapshotDisk &disk) {
        return disk.kind == SnapshotDisk::Kind::Internal;
    });
}

const SnapshotDisk *Snapshot::disk(const QString &target) const
{
    const auto found = std::ranges::find(disks, target, &SnapshotDisk::target);
    return found == disks.end() ? nullptr : &*found;
}

Result<Snapshot> parseSnapshot(const QString &text)
{
    const auto document = xml::Document::parse(text);
    if (!document) {
        return fail(document.error());
    }
    const xml::Element root = document->root();
    if (root.name() != "domainsnapshot"_L1) {
        return fail(Error::invalid(SnapshotText::tr("This is no snapshot: its root is <%1>.").arg(root.name())));
    }
    Snapshot snapshot;
    snapshot.name = root.child(u"name"_s).text();
    snapshot.parent = root.child(u"parent"_s).child(u"name"_s).text();
    snapshot.description = root.child(u"description"_s).text();
    const qint64 seconds = root.child(u"creationTime"_s).text().trimmed().toLongLong();
    if (seconds > 0) {
        snapshot.created = QDateTime::fromSecsSinceEpoch(seconds).toUTC();
    }
    const QString state = root.child(u"state"_s).text().trimmed();
    snapshot.state = stateOf(state);
    snapshot.isDiskOnly = state == "disk-snapshot"_L1;
    const xml::Element memory = root.child(u"memory"_s);
    snapshot.memory = memoryOf(memory, snapshot);
    if (snapshot.memory == Snapshot::Memory::External) {
        snapshot.memoryFile = memory.attribute(u"file"_s);
    }

    const xml::Element entries = root.child(u"disks"_s);
    const auto disks = entries.children(u"disk"_s);
    for (const xml::Element &entry : disks) {
        SnapshotDisk disk;
        disk.target = entry.attribute(u"name"_s);
        disk.kind = kindOf(entry.attribute(u"snapshot"_s));
        if (disk.kind == SnapshotDisk::Kind::External) {
            disk.overlay = {chainxml::sourceOf(entry), entry.child(u"driver"_s).attribute(u"type"_s)};
        }
        snapshot.disks.append(std::move(disk));
    }
    const auto then = root.child(u"domain"_s).child(u"devices"_s).children(u"disk"_s);
    for (const xml::Element &element : then) {
        const QString target = element.child(u"target"_s).attribute(u"dev"_s);
        auto disk = std::ranges::find(snapshot.disks, target, &SnapshotDisk::target);
        if (disk == snapshot.disks.end()) {
            SnapshotDisk added;
            added.target = target;
            // Metadata without <disks> is of a time when there were internal ones only.
            const bool took = entries.isNull() && snapshot.memory != Snapshot::Memory::External
                && element.child(u"driver"_s).attribute(u"type"_s) == "qcow2"_L1;
            added.kind = took ? SnapshotDisk::Kind::Internal : SnapshotDisk::Kind::None;
            snapshot.disks.append(added);
            disk = std::prev(snapshot.disks.end());
        }
        disk->state = chainxml::chainOf(element);
    }
    return snapshot;
}

Result<QList<DiskNow>> parseDisks(const QString &domainXml)
{
    const auto document = xml::Document::parse(domainXml);
    if (!document) {
        return fail(document.error());
    }
    if (document->root().name() != "domain"_L1) {
        return fail(
            Error::invalid(SnapshotText::tr("This is no domain: its root is <%1>.").arg(document->root().name())));
    }
    QList<DiskNow> result;
    const auto disks = document->root().child(u"devices"_s).children(u"disk"_s);
    for (const xml::Element &element : disks) {
        DiskNow disk;
        disk.target = element.child(u"target"_s).attribute(u"dev"_s);
        disk.bus = element.child(u"target"_s).attribute(u"bus"_s);
        disk.chain = chainxml::chainOf(element);
        const QString type = element.attribute(u"type"_s);
        disk.isNetwork =
            !type.isEmpty() && type != "file"_L1 && type != "block"_L1 && type != "volume"_L1 && type != "dir"_L1;
        disk.reason = refusalOf(element, disk);
        disk.canSnapshot = disk.reason.isEmpty();
        result.append(std::move(disk));
    }
    return result;
}

} // namespace vireo::snapshot
