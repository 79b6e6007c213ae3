// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/migratewizardstate.h"

#include <algorithm>

#include "backend/operation/cold/coldmigration.h"
#include "model/format.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using model::MatrixCell;
using operation::DiskMove;
using operation::MigrateDraft;

QString MigrateWizardState::uriKey(const virt::HostId &from, const virt::HostId &to)
{
    return u"migrate/uri/%1/%2"_s.arg(from.toString(QUuid::WithoutBraces), to.toString(QUuid::WithoutBraces));
}

MigrateWizardState::MigrateWizardState(QObject *parent)
    : QObject(parent)
{}

void MigrateWizardState::setVms(const QList<Vm> &vms)
{
    if (vms == m_vms) {
        return;
    }
    m_vms = vms;
    QList<model::MigrateMatrix::Vm> rows;
    rows.reserve(vms.size());
    for (const Vm &vm : vms) {
        rows.append({vm.key, vm.name});
    }
    m_matrix.setVms(rows);
    if (m_choices.mode != MigrateDraft::Mode::Offline && !isCold()
        && std::none_of(vms.cbegin(), vms.cend(), [](const Vm &vm) { return vm.active; })) {
        m_choices.mode = MigrateDraft::Mode::Offline;
    }
    Q_EMIT changed();
}

void MigrateWizardState::setHosts(const QList<Host> &hosts)
{
    if (hosts == m_hosts) {
        return;
    }
    for (const Host &gone : std::as_const(m_hosts)) {
        if (std::none_of(hosts.cbegin(), hosts.cend(), [&gone](const Host &host) { return host.id == gone.id; })) {
            forget(gone.id);
        }
    }
    m_hosts = hosts;
    QList<model::MigrateMatrix::Host> columns;
    for (const Host &host : hosts) {
        // A column of "It is here" alone helps nobody.
        const bool allThere = !m_vms.isEmpty()
            && std::all_of(m_vms.cbegin(), m_vms.cend(), [&host](const Vm &vm) { return vm.key.host == host.id; });
        if (!allThere) {
            columns.append({host.id, host.name});
        }
    }
    m_matrix.setHosts(columns);
    if (!host(m_chosen)) {
        m_chosen = {};
        m_chosenByUser = false;
    }
    propose();
    Q_EMIT changed();
}

const MigrateWizardState::Host *MigrateWizardState::host(const virt::HostId &id) const
{
    const auto found =
        std::find_if(m_hosts.cbegin(), m_hosts.cend(), [&id](const Host &host) { return host.id == id; });
    return found == m_hosts.cend() ? nullptr : &*found;
}

const operation::MigrateSource *MigrateWizardState::source(const virt::DomainKey &vm) const
{
    const auto found = m_sources.constFind(vm);
    return found == m_sources.constEnd() ? nullptr : &*found;
}

const operation::MigrateDestination *MigrateWizardState::destination(const virt::HostId &host) const
{
    const auto found = m_destinations.constFind(host);
    return found == m_destinations.constEnd() ? nullptr : &*found;
}

const MigrateEvaluation *MigrateWizardState::evaluation(const virt::DomainKey &vm, const virt::HostId &host) const
{
    const auto found = m_evaluations.constFind({vm, host});
    return found == m_evaluations.constEnd() ? nullptr : &*found;
}

std::optional<operation::MigrateFacts> MigrateWizardState::facts(
    const virt::DomainKey &vm, const virt::HostId &host) const
{
    const auto pair = m_pairs.constFind({vm, host});
    const operation::MigrateSource *from = source(vm);
    const operation::MigrateDestination *to = destination(host);
    if (pair == m_pairs.constEnd() || !from || !to) {
        return {};
    }
    operation::MigrateFacts facts{isCold() ? operation::switchedOff(*from) : *from, *to, *pair};
    if (m_dirty.contains(vm)) {
        facts.source.dirty = m_dirty.value(vm);
    }
    facts.destination.promisedMemory = promisedMemory(host);
    facts.destination.promisedVcpus = promisedVcpus(host);
    // Those that go along need room too.
    for (const Vm &other : m_vms) {
        const operation::MigrateSource *its = other.key != vm && other.key.host != host ? source(other.key) : nullptr;
        if (its && its->domain.isActive()) {
            facts.destination.promisedMemory += its->domain.maxMemoryKiB * 1024;
            facts.destination.promisedVcpus += its->domain.vcpus;
        }
    }
    return facts;
}

void MigrateWizardState::setSource(const virt::DomainKey &vm, const operation::MigrateSource &source)
{
    m_sources.insert(vm, source);
    Q_EMIT changed();
}

void MigrateWizardState::setDestination(const virt::HostId &host, const operation::MigrateDestination &destination)
{
    m_destinations.insert(host, destination);
    Q_EMIT changed();
}

void MigrateWizardState::setPair(
    const virt::DomainKey &vm, const virt::HostId &host, const operation::MigratePair &pair)
{
    m_pairs.insert({vm, host}, pair);
    Q_EMIT changed();
}

void MigrateWizardState::setEvaluation(
    const virt::DomainKey &vm, const virt::HostId &host, const MigrateEvaluation &evaluation)
{
    m_evaluations.insert({vm, host}, evaluation);
    m_matrix.setCell(vm, host, model::matrixCell(evaluation.checks));
    propose();
    Q_EMIT changed();
}

void MigrateWizardState::setFailure(const virt::DomainKey &vm, const virt::HostId &host, const QString &problem)
{
    MatrixCell cell;
    cell.state = MatrixCell::State::Failed;
    cell.text = problem;
    m_matrix.setCell(vm, host, cell);
    Q_EMIT changed();
}

void MigrateWizardState::forget(const virt::HostId &host)
{
    const auto concerns = [&host](const virt::DomainKey &vm, const virt::HostId &to) {
        return host.isNull() || vm.host == host || to == host;
    };
    m_sources.removeIf([&](const auto &entry) { return host.isNull() || entry.key().host == host; });
    m_destinations.removeIf([&](const auto &entry) { return host.isNull() || entry.key() == host; });
    m_pairs.removeIf([&](const auto &entry) { return concerns(entry.key().first, entry.key().second); });
    m_evaluations.removeIf([&](const auto &entry) { return concerns(entry.key().first, entry.key().second); });
    for (const model::MigrateMatrix::Host &column : m_matrix.hosts()) {
        if (host.isNull() || column.id == host) {
            m_matrix.forget(column.id);
        }
    }
    Q_EMIT changed();
}

void MigrateWizardState::setPromised(const virt::HostId &host, quint64 memory, int vcpus)
{
    const std::pair promised(memory, vcpus);
    if (m_promised.value(host) != promised) {
        m_promised.insert(host, promised);
        Q_EMIT draftChanged();
    }
}

void MigrateWizardState::setDirty(const virt::DomainKey &vm, const QList<migration::DirtySample> &samples)
{
    m_dirty.insert(vm, samples);
    Q_EMIT changed();
    Q_EMIT draftChanged();
}

void MigrateWizardState::choose(const virt::HostId &host, bool byUser)
{
    if (!this->host(host)) {
        return;
    }
    m_chosenByUser = m_chosenByUser || byUser;
    if (host == m_chosen) {
        return;
    }
    m_chosen = host;
    // Mappings and edited XML were for another host.
    m_choices.map = {};
    m_edited.clear();
    m_matrix.setChosen(host);
    Q_EMIT changed();
    Q_EMIT draftChanged();
}

void MigrateWizardState::propose()
{
    if (m_chosenByUser) {
        return;
    }
    const QList<model::MigrateMatrix::Host> &columns = m_matrix.hosts();
    const virt::HostId best = columns.size() == 1 ? columns.constFirst().id : m_matrix.best();
    if (!best.isNull() && best != m_chosen) {
        choose(best, false);
    }
}

void MigrateWizardState::change(const std::function<void(MigrateDraft &)> &edit)
{
    MigrateDraft edited = m_choices;
    edit(edited);
    if (!(edited == m_choices)) {
        if ((edited.mode == MigrateDraft::Mode::Cold) != isCold()) {
            m_edited.clear(); // was of the other way
        }
        m_choices = edited;
        Q_EMIT changed();
        Q_EMIT draftChanged();
    }
}

void MigrateWizardState::setDestinationUri(const Pair &pair, const QString &uri)
{
    if (m_uris.value(pair) != uri) {
        m_uris.insert(pair, uri);
        Q_EMIT changed();
        Q_EMIT draftChanged();
    }
}

void MigrateWizardState::setEdited(const virt::DomainKey &vm, const EditedXml &edited)
{
    if (!(m_edited.value(vm) == edited)) {
        m_edited.insert(vm, edited);
        Q_EMIT changed();
        Q_EMIT draftChanged();
    }
}

MigrateDraft MigrateWizardState::draft(const virt::DomainKey &vm, const virt::HostId &host) const
{
    MigrateDraft draft = m_choices;
    const Host *to = this->host(host);
    draft.to = to ? to->uri : QString();
    draft.destinationUri = destinationUri({vm.host, host});
    const auto record = std::find_if(m_vms.cbegin(), m_vms.cend(), [&vm](const Vm &each) { return each.key == vm; });
    if (record != m_vms.cend()) {
        // Several are chosen alike, but one that is off can only go so.
        if (isCold()) {
            draft.persistent = true; // there is no other way
            draft.undefineSource = true;
        } else if (!record->active) {
            draft.mode = MigrateDraft::Mode::Offline;
        } else if (draft.mode == MigrateDraft::Mode::Offline) {
            draft.mode = MigrateDraft::Mode::Live;
        }
    }
    if (host != m_chosen) {
        draft.map = {};
    }
    const EditedXml its = host == m_chosen ? edited(vm) : EditedXml();
    draft.xml = its.running;
    draft.persistentXml = its.stored;
    return draft;
}

QList<MigrateWizardState::Vm> MigrateWizardState::moving() const
{
    QList<Vm> moving = m_vms;
    moving.removeIf([this](const Vm &vm) { return vm.key.host == m_chosen; });
    return moving;
}

QString MigrateWizardState::targetProblem() const
{
    if (m_vms.isEmpty()) {
        return tr("The virtual machine is not there any more.");
    }
    if (m_matrix.hosts().isEmpty()) {
        return tr("Connect to another host first: there is none to migrate to.");
    }
    if (m_chosen.isNull()) {
        return m_matrix.readingCount() > 0 ? tr("The hosts are still being checked. You may choose one already.")
                                           : tr("Choose a destination.");
    }
    const MatrixCell column = m_matrix.column(m_chosen);
    switch (column.state) {
    case MatrixCell::State::Here:
        return tr("All of them are on this host already.");
    case MatrixCell::State::Reading:
        return tr("The destination is still being checked.");
    case MatrixCell::State::Failed:
        return column.text;
    case MatrixCell::State::Known:
        break;
    }
    return {}; // what blocks may be put right on the next pages; the plan decides
}

QString MigrateWizardState::methodProblem() const
{
    const bool tunnelled = m_choices.path == MigrateDraft::Path::Tunnelled;
    if (tunnelled && m_choices.parallel > 0) {
        return tr("Parallel connections don't go through a tunnel.");
    }
    if (tunnelled && m_choices.storage == MigrateDraft::Storage::Copy) {
        return tr("Disks can't be copied through a tunnel.");
    }
    if (m_choices.parallel > 0 && m_choices.compress == virt::migration::Options::Compression::Xbzrle) {
        return tr("XBZRLE and parallel connections exclude each other.");
    }
    return {};
}

QString MigrateWizardState::summary() const
{
    const Host *to = host(m_chosen);
    const QList<Vm> moving = this->moving();
    QString what =
        moving.size() == 1 ? moving.constFirst().name : tr("%n VMs", nullptr, static_cast<int>(moving.size()));
    if (!to) {
        return what;
    }
    QStringList parts{tr("%1 → %2", "VM and host").arg(what, to->name)};
    switch (m_choices.mode) {
    case MigrateDraft::Mode::Live:
        parts.append(m_choices.path == MigrateDraft::Path::ThisComputer ? tr("through this computer") : tr("live"));
        break;
    case MigrateDraft::Mode::Paused:
        parts.append(tr("paused meanwhile"));
        break;
    case MigrateDraft::Mode::Offline:
        parts.append(tr("off"));
        break;
    case MigrateDraft::Mode::Cold:
        parts.append(tr("shut down meanwhile"));
        break;
    }
    quint64 bytes = 0;
    bool known = !moving.isEmpty();
    for (const Vm &vm : moving) {
        const MigrateEvaluation *its = evaluation(vm.key);
        known = known && its;
        for (const DiskMove &move : its ? its->moves : QList<DiskMove>()) {
            bytes += move.kind == DiskMove::Kind::Shared || move.kind == DiskMove::Kind::Medium ? 0 : move.bytes;
        }
    }
    if (known) {
        parts.append(bytes > 0 ? tr("copies %1 of disks").arg(model::formatBytes(bytes)) : tr("no disk is copied"));
    }
    return parts.join(u" · "_s);
}

} // namespace vireo::ui
