// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/resizewizard.h"

#include <QSettings>

#include "backend/virt/hosts.h"
#include "backend/virt/inventory.h"
#include "ui/planpage.h"
#include "ui/planview.h"
#include "ui/preflightview.h"
#include "ui/resizeplacepage.h"
#include "ui/resizereader.h"
#include "ui/resizesizepage.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using operation::ResizeDraft;

namespace {

constexpr auto TimeoutKey = "resize/timeout"_L1;
constexpr auto ForceKey = "resize/force"_L1;
constexpr auto ConfirmKey = "resize/confirmAuto"_L1;
constexpr auto HoursKey = "resize/confirmHours"_L1;
constexpr auto VerifyKey = "resize/verify"_L1;
constexpr auto KeepKey = "resize/keepSource"_L1;

} // namespace

ResizeWizard::ResizeWizard(const UiContext &context, const virt::DomainKey &domain, const virt::HostId &destination,
    QWidget *parent, const ResizeServices &services)
    : WizardDialog(context, tr("Resize"), tr("&Resize"), u"resizewizard"_s, parent)
    , m_state(new ResizeWizardState(domain, this))
    , m_reader(new ResizeReader(*m_state, context.hosts, services, this))
{
    setObjectName(u"resizeWizard"_s);
    restoreHabits();
    refreshVm();
    refreshHosts();
    addPage(new ResizeSizePage(*m_state, context.settings, this));
    addPage(new ResizePlacePage(*m_state, this));
    m_preflight = new PreflightView;
    planPage()->view()->insertTab(1, m_preflight, tr("Pre-&flight"));

    connect(m_state, &ResizeWizardState::changed, this, [this] { setSummary(m_state->summary()); });
    connect(m_reader, &ResizeReader::planMade, this, &ResizeWizard::takePlan);
    connect(m_reader, &ResizeReader::planFailed, this, [this](const Error &error) { showCheckError(error); });
    connect(m_reader, &ResizeReader::planProgress, planPage(), &PlanPage::showProgress);
    virt::Hosts &hosts = context.hosts;
    connect(&hosts, &virt::Hosts::added, this, [this](const QUuid &id) {
        watchHost(id);
        refreshHosts();
    });
    connect(&hosts, &virt::Hosts::removed, this, &ResizeWizard::refreshHosts);
    const QList<virt::Host *> all = hosts.all();
    for (const virt::Host *host : all) {
        watchHost(host->settings().id);
    }
    connect(&context.inventory, &virt::Inventory::domainsRemoved, this, &ResizeWizard::refreshVm);
    connect(&context.inventory, &virt::Inventory::domainsChanged, this, &ResizeWizard::refreshVm);

    if (!destination.isNull()) {
        m_state->choose(destination);
    }
    setSummary(m_state->summary());
    start();
    m_reader->read();
}

ResizeWizard::~ResizeWizard() = default;

void ResizeWizard::watchHost(const virt::HostId &id)
{
    if (virt::Host *host = context().hosts.host(id)) {
        connect(host, &virt::Host::statusChanged, this, &ResizeWizard::refreshHosts);
    }
}

void ResizeWizard::refreshVm()
{
    if (isRunning()) {
        return;
    }
    const virt::DomainRecord *record = context().inventory.domain(m_state->domain());
    const bool was = m_state->vm().active;
    m_state->setVm(
        {record ? record->displayName() : m_state->vm().name, record != nullptr, record && record->isActive()});
    if (record && m_state->facts() && was != record->isActive()) {
        m_reader->read(); // what can be done at once has become another matter
    }
}

void ResizeWizard::refreshHosts()
{
    if (isRunning()) {
        return;
    }
    QList<ResizeWizardState::Host> hosts;
    const QList<virt::Host *> all = context().hosts.all();
    for (const virt::Host *host : all) {
        if (host->isConnected() && !host->settings().readOnly) {
            hosts.append({host->settings().id, host->settings().displayName(), host->settings().uri});
        }
    }
    m_state->setHosts(hosts);
}

void ResizeWizard::check()
{
    planPage()->showProgress(tr("Reading the virtual machine…"), 0, 0);
    m_reader->makePlan();
}

void ResizeWizard::takePlan(const job::Plan &plan, const QList<operation::Check> &checks)
{
    QList<model::PreflightLine> lines;
    for (const operation::Check &check : checks) {
        lines.append({plan.domainName, check});
    }
    m_preflight->setLines(lines);
    planPage()->view()->setTabShown(m_preflight, !lines.isEmpty());
    showPlan(plan);
}

void ResizeWizard::dropCheck()
{
    m_reader->dropPlan();
}

void ResizeWizard::restoreHabits()
{
    const QSettings &settings = context().settings;
    m_state->change([&settings](ResizeDraft &draft) {
        draft.timeoutSeconds = std::max(1, settings.value(TimeoutKey, draft.timeoutSeconds).toInt());
        draft.force = settings.value(ForceKey, draft.force).toBool();
        draft.confirm =
            settings.value(ConfirmKey, false).toBool() ? ResizeDraft::Confirm::Auto : ResizeDraft::Confirm::Ask;
        draft.confirmHours = std::max(0, settings.value(HoursKey, 0).toInt());
        draft.verify = settings.value(VerifyKey, draft.verify).toBool();
        draft.keepSource = settings.value(KeepKey, draft.keepSource).toBool();
    });
}

void ResizeWizard::saveHabits() const
{
    QSettings &settings = context().settings;
    const ResizeDraft &draft = m_state->draft();
    if (!m_state->isCold()) {
        return; // of these nothing was chosen
    }
    settings.setValue(TimeoutKey, draft.timeoutSeconds);
    settings.setValue(ForceKey, draft.force);
    settings.setValue(ConfirmKey, draft.confirm == ResizeDraft::Confirm::Auto);
    settings.setValue(HoursKey, draft.confirmHours);
    settings.setValue(VerifyKey, draft.verify);
    if (m_state->moves()) {
        settings.setValue(KeepKey, draft.keepSource);
    }
}

void ResizeWizard::succeeded(const QList<job::JobRecord> & /*jobs*/)
{
    saveHabits();
}

} // namespace vireo::ui
