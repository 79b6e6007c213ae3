// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/exportsnapshotwizard.h"

#include <chrono>

#include <QFileInfo>
#include <QSettings>

#include "backend/virt/hosts.h"
#include "ui/exportsnapshotpages.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using operation::ExportTarget;
using operation::SnapshotExportDraft;

namespace {

constexpr auto FormatKey = "export/format"_L1;
constexpr auto CompressedKey = "export/compressed"_L1;
constexpr auto FlattenKey = "export/flatten"_L1;
constexpr auto DirectoryKey = "export/directory"_L1;
constexpr std::chrono::seconds ListDeadline{30};
constexpr std::chrono::seconds FactsDeadline{120};

} // namespace

ExportSnapshotWizard::ExportSnapshotWizard(const UiContext &context, const virt::DomainKey &domain,
    const std::optional<snapshot::Facts> &facts, const QString &snapshot, QWidget *parent)
    : SnapshotWizard(context, domain, facts, tr("Export Snapshot"), tr("&Export"), u"exportsnapshot"_s, parent)
    , m_source(new ExportSourcePage(snapshot, this))
    , m_target(new ExportTargetPage(this))
{
    setObjectName(u"exportSnapshot"_s);
    const QSettings &settings = context.settings;
    m_target->setHabits(settings.value(FormatKey, u"qcow2"_s).toString(), settings.value(CompressedKey, false).toBool(),
        settings.value(FlattenKey, true).toBool(), settings.value(DirectoryKey).toString());
    connect(m_source, &ExportSourcePage::changed, this, [this] {
        m_target->proposeName(m_source->proposedName());
        choicesChanged();
    });
    connect(m_target, &ExportTargetPage::changed, this, &ExportSnapshotWizard::choicesChanged);
    connect(m_target, &ExportTargetPage::poolsWanted, this, &ExportSnapshotWizard::readPools);
    for (auto signal : {&virt::Hosts::added, &virt::Hosts::removed}) {
        connect(&context.hosts, signal, this, &ExportSnapshotWizard::refreshHosts);
    }
    addPage(m_source);
    addPage(m_target);
    refreshHosts();
    begin();
}

void ExportSnapshotWizard::refreshHosts()
{
    QList<ExportTargetPage::HostChoice> choices;
    const QList<virt::Host *> all = context().hosts.all();
    for (const virt::Host *each : all) {
        if (each->isConnected() && !each->settings().readOnly) {
            const ExportTargetPage::HostChoice choice{
                each->settings().id, each->settings().uri, each->settings().displayName()};
            if (choice.id == domain().host) {
                choices.prepend(choice);
            } else {
                choices.append(choice);
            }
        }
    }
    m_target->setHosts(choices);
}

void ExportSnapshotWizard::readPools(const QUuid &host)
{
    virt::Host *from = context().hosts.host(host);
    if (!from) {
        return;
    }
    from->ask<QList<virt::storage::Pool>>(
        this, [](virt::Connection &connection) { return virt::storage::pools(connection); },
        [this, host](const Result<QList<virt::storage::Pool>> &pools) { m_target->setPools(host, pools); },
        ListDeadline);
}

SnapshotExportDraft ExportSnapshotWizard::draft() const
{
    SnapshotExportDraft draft;
    m_source->fill(draft);
    m_target->fill(draft);
    return draft;
}

/** For the line at the bottom: as if there was room enough. */
SnapshotWizard::Planner ExportSnapshotWizard::planner() const
{
    ExportTarget target;
    target.host = m_target->host();
    target.available = std::numeric_limits<quint64>::max();
    target.workAvailable = target.available;
    target.isSameHost = target.host == domain().host;
    return [host = domain().host, draft = draft(), target](const snapshot::Facts &facts) {
        return operation::planSnapshotExport(host, facts, draft, target);
    };
}

void ExportSnapshotWizard::factsRead()
{
    m_source->setFacts(*facts());
}

void ExportSnapshotWizard::check()
{
    const quint64 generation = newCheck();
    const SnapshotExportDraft wanted = draft();
    const virt::HostId target = m_target->host();
    // A file of this computer is looked at in the lane of the VM's host, too: no file access on the GUI thread.
    virt::Host *holder = target.isNull() ? host() : context().hosts.host(target);
    if (!holder || !holder->isConnected()) {
        showCheckError(noHost());
        return;
    }
    holder->ask<ExportTarget>(
        this,
        [wanted, target](virt::Connection &connection) {
            return operation::readExportTarget(target.isNull() ? nullptr : &connection, target, wanted);
        },
        [this, generation, own = domain().host](Result<ExportTarget> read) {
            if (!isNewest(generation)) {
                return;
            }
            if (!read) {
                showCheckError(read.error());
                return;
            }
            read->isSameHost = read->host == own;
            planWith(generation, *read);
        },
        FactsDeadline);
}

void ExportSnapshotWizard::planWith(quint64 generation, const ExportTarget &target)
{
    virt::Host *on = host();
    if (!on) {
        showCheckError(noHost());
        return;
    }
    on->ask<job::Plan>(
        this,
        [key = domain(), wanted = draft(), target](virt::Connection &connection) -> Result<job::Plan> {
            const auto facts = snapshot::readFacts(connection, key.domain);
            if (!facts) {
                return fail(facts.error());
            }
            return operation::planSnapshotExport(key.host, *facts, wanted, target);
        },
        [this, generation](const Result<job::Plan> &plan) {
            if (!isNewest(generation)) {
                return;
            }
            if (plan) {
                showPlan(*plan);
            } else {
                showCheckError(plan.error());
            }
        },
        FactsDeadline);
}

void ExportSnapshotWizard::succeeded(const QList<job::JobRecord> & /*jobs*/)
{
    const SnapshotExportDraft made = draft();
    QSettings &settings = context().settings;
    settings.setValue(FormatKey, made.format);
    if (made.format == "qcow2"_L1) {
        settings.setValue(CompressedKey, made.compressed);
        settings.setValue(FlattenKey, made.flatten);
    }
    if (!made.path.isEmpty()) {
        settings.setValue(DirectoryKey, QFileInfo(made.path).path());
    }
}

} // namespace vireo::ui
