// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/virt/snapshots.h"

#include <cstdlib>
#include <vector>

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include <QCoreApplication>

#include "backend/virt/connection_p.h"

namespace vireo::virt::snapshots {

namespace {

struct SnapshotsText {
    Q_DECLARE_TR_FUNCTIONS(virt_snapshots)
};

Result<std::vector<SnapshotHandle>> handles(virDomainPtr domain)
{
    virDomainSnapshotPtr *listed = nullptr;
    const QString name = QString::fromUtf8(virDomainGetName(domain)); // later it would reset libvirt's error
    const int count = virDomainListAllSnapshots(domain, &listed, VIR_DOMAIN_SNAPSHOT_LIST_TOPOLOGICAL);
    if (count < 0) {
        return fail(lastError(SnapshotsText::tr("Can't list the snapshots of %1").arg(name)));
    }
    std::vector<SnapshotHandle> result;
    result.reserve(static_cast<size_t>(count));
    for (int i = 0; i < count; ++i) {
        result.emplace_back(listed[i]);
    }
    std::free(static_cast<void *>(listed));
    return result;
}

QString nameOf(const SnapshotHandle &snapshot)
{
    return QString::fromUtf8(virDomainSnapshotGetName(snapshot.get()));
}

/** A snapshot and its domain, which lives as long as the snapshot's handle. */
Result<SnapshotHandle> lookup(Connection &connection, const QUuid &domain, const QString &name)
{
    const auto owner = connection.d().lookup(domain);
    if (!owner) {
        return fail(owner.error());
    }
    const QString vm = QString::fromUtf8(virDomainGetName(owner->get()));
    SnapshotHandle snapshot(virDomainSnapshotLookupByName(owner->get(), name.toUtf8().constData(), 0));
    if (!snapshot) {
        return fail(lastError(SnapshotsText::tr("Can't find the snapshot “%1” of %2").arg(name, vm)));
    }
    return snapshot;
}

Result<QString> currentOf(virDomainPtr domain)
{
    const SnapshotHandle snapshot(virDomainSnapshotCurrent(domain, 0));
    if (snapshot) {
        return nameOf(snapshot);
    }
    const Error error = lastError(SnapshotsText::tr("Can't read which snapshot is the current one"));
    return error.code == VIR_ERR_NO_DOMAIN_SNAPSHOT ? Result<QString>(QString()) : fail(error);
}

unsigned flagsOf(const CreateOptions &options)
{
    // VALIDATE is never asked for: the document is Vireo's own or libvirt's, a redefinition holds whole domain
    // definitions, on which libvirt's validator may spend minutes (validation.h), and libvirt's own schema of
    // snapshots has been behind what libvirt writes.
    const std::pair<bool, unsigned> flags[] = {
        {options.redefine, VIR_DOMAIN_SNAPSHOT_CREATE_REDEFINE},
        {options.makeCurrent, VIR_DOMAIN_SNAPSHOT_CREATE_CURRENT},
        {options.halt, VIR_DOMAIN_SNAPSHOT_CREATE_HALT},
        {options.diskOnly, VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY},
        {options.reuseFiles, VIR_DOMAIN_SNAPSHOT_CREATE_REUSE_EXT},
        {options.atomic, VIR_DOMAIN_SNAPSHOT_CREATE_ATOMIC},
        {options.live, VIR_DOMAIN_SNAPSHOT_CREATE_LIVE},
        {options.noMetadata, VIR_DOMAIN_SNAPSHOT_CREATE_NO_METADATA},
    };
    unsigned result = 0;
    for (const auto &[wanted, flag] : flags) {
        result |= wanted ? flag : 0U;
    }
    return result;
}

} // namespace

Result<QList<Stored>> list(Connection &connection, const QUuid &domain)
{
    const auto owner = connection.d().lookup(domain);
    if (!owner) {
        return fail(owner.error());
    }
    const auto all = handles(owner->get());
    if (!all) {
        return fail(all.error());
    }
    // Asking each whether it is the current one would double the calls.
    const auto current = all->empty() ? Result<QString>(QString()) : currentOf(owner->get());
    if (!current) {
        return fail(current.error());
    }
    QList<Stored> result;
    result.reserve(static_cast<qsizetype>(all->size()));
    for (const SnapshotHandle &snapshot : *all) {
        Stored stored;
        stored.name = nameOf(snapshot);
        char *text = virDomainSnapshotGetXMLDesc(snapshot.get(), 0);
        if (!text) {
            const Error error = lastError(SnapshotsText::tr("Can't read the snapshot “%1”").arg(stored.name));
            if (error.code == VIR_ERR_NO_DOMAIN_SNAPSHOT) {
                continue; // deleted meanwhile
            }
            return fail(error);
        }
        stored.xml = takeString(text);
        stored.current = stored.name == *current;
        result.append(std::move(stored));
    }
    return result;
}

Result<QStringList> names(Connection &connection, const QUuid &domain)
{
    const auto owner = connection.d().lookup(domain);
    if (!owner) {
        return fail(owner.error());
    }
    const auto all = handles(owner->get());
    if (!all) {
        return fail(all.error());
    }
    QStringList result;
    result.reserve(static_cast<qsizetype>(all->size()));
    for (const SnapshotHandle &snapshot : *all) {
        result.append(nameOf(snapshot));
    }
    return result;
}

Result<QString> xml(Connection &connection, const QUuid &domain, const QString &name, bool secure)
{
    const auto snapshot = lookup(connection, domain, name);
    if (!snapshot) {
        return fail(snapshot.error());
    }
    char *text = virDomainSnapshotGetXMLDesc(snapshot->get(), secure ? unsigned{VIR_DOMAIN_SNAPSHOT_XML_SECURE} : 0U);
    if (!text) {
        return fail(lastError(SnapshotsText::tr("Can't read the snapshot “%1”").arg(name)));
    }
    return takeString(text);
}

Result<QString> current(Connection &connection, const QUuid &domain)
{
    const auto owner = connection.d().lookup(domain);
    return owner ? currentOf(owner->get()) : fail(owner.error());
}

Result<QString> create(Connection &connection, const QUuid &domain, const QString &xml, const CreateOptions &options)
{
    const auto owner = connection.d().lookup(domain);
    if (!owner) {
        return fail(owner.error());
    }
    const QString vm = QString::fromUtf8(virDomainGetName(owner->get()));
    const SnapshotHandle snapshot(virDomainSnapshotCreateXML(owner->get(), xml.toUtf8().constData(), flagsOf(options)));
    if (!snapshot) {
        return fail(lastError(options.redefine ? SnapshotsText::tr("Can't change a snapshot of %1").arg(vm)
                                               : SnapshotsText::tr("Can't take a snapshot of %1").arg(vm)));
    }
    return nameOf(snapshot);
}

Result<> revert(Connection &connection, const QUuid &domain, const QString &name, After after, bool force)
{
    const auto snapshot = lookup(connection, domain, name);
    if (!snapshot) {
        return fail(snapshot.error());
    }
    unsigned flags = force ? unsigned{VIR_DOMAIN_SNAPSHOT_REVERT_FORCE} : 0U;
    if (after == After::Running) {
        flags |= VIR_DOMAIN_SNAPSHOT_REVERT_RUNNING;
    } else if (after == After::Paused) {
        flags |= VIR_DOMAIN_SNAPSHOT_REVERT_PAUSED;
    }
    if (virDomainRevertToSnapshot(snapshot->get(), flags) < 0) {
        return fail(lastError(SnapshotsText::tr("Can't go back to the snapshot “%1”").arg(name)));
    }
    return {};
}

Result<> remove(Connection &connection, const QUuid &domain, const QString &name, bool metadataOnly)
{
    const auto snapshot = lookup(connection, domain, name);
    if (!snapshot) {
        return fail(snapshot.error());
    }
    const unsigned flags = metadataOnly ? unsigned{VIR_DOMAIN_SNAPSHOT_DELETE_METADATA_ONLY} : 0U;
    if (virDomainSnapshotDelete(snapshot->get(), flags) < 0) {
        return fail(lastError(SnapshotsText::tr("Can't delete the snapshot “%1”").arg(name)));
    }
    return {};
}

} // namespace vireo::virt::snapshots
