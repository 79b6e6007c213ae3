// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/migratewizard.h"

#include <algorithm>

#include <QJsonArray>
#include <QJsonDocument>
#include <QSettings>

#include "backend/virt/hosts.h"
#include "backend/virt/inventory.h"
#include "ui/migratedifferences.h"
#include "ui/migratemethodpage.h"
#include "ui/migratepolicypage.h"
#include "ui/migratetargetpage.h"
#include "ui/migrationview.h"
#include "ui/planpage.h"
#include "ui/planview.h"
#include "ui/preflightview.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using operation::MigrateDraft;

namespace {

constexpr auto PolicyKey = "migrate/policy"_L1;
constexpr auto PathKey = "migrate/path"_L1;
constexpr auto BandwidthKey = "migrate/bandwidth"_L1;
constexpr auto PostCopyKey = "migrate/postCopy"_L1;
constexpr auto AutoConvergeKey = "migrate/autoConverge"_L1;
constexpr auto TlsKey = "migrate/tls"_L1;
constexpr auto ParallelKey = "migrate/parallel"_L1;
constexpr auto TimeoutKey = "migrate/timeout"_L1;
constexpr auto ForceKey = "migrate/force"_L1;

} // namespace

MigrateWizard::MigrateWizard(const UiContext &context, const QList<virt::DomainKey> &domains,
    const virt::HostId &destination, QWidget *parent, const MigrateServices &services)
    : WizardDialog(context, tr("Migrate"), tr("&Migrate"), u"migratewizard"_s, parent)
    , m_state(new MigrateWizardState(this))
    , m_reader(new MigrateReader(*m_state, context.hosts, services, this))
    , m_domains(domains)
{
    setObjectName(u"migrateWizard"_s);
    restoreHabits();
    addPage(new MigrateTargetPage(*m_state, *m_reader, this));
    addPage(new MigrateMethodPage(*m_state, this));
    addPage(new MigratePolicyPage(*m_state, *m_reader, this));
    makePlanTabs();

    connect(m_state, &MigrateWizardState::changed, this, [this] { setSummary(m_state->summary()); });
    connect(m_reader, &MigrateReader::plansMade, this, &MigrateWizard::takePlans);
    connect(m_reader, &MigrateReader::planFailed, this, [this](const Error &error) { showCheckError(error); });
    connect(m_reader, &MigrateReader::planProgress, planPage(), &PlanPage::showProgress);

    virt::Hosts &hosts = context.hosts;
    connect(&hosts, &virt::Hosts::added, this, [this](const QUuid &id) {
        watchHost(id);
        refreshHosts();
    });
    connect(&hosts, &virt::Hosts::removed, this, &MigrateWizard::refreshHosts);
    const QList<virt::Host *> all = hosts.all();
    for (const virt::Host *host : all) {
        watchHost(host->settings().id);
    }
    const auto onDomains = [this] {
        refreshVms();
    };
    connect(&context.inventory, &virt::Inventory::domainsRemoved, this, onDomains);
    connect(&context.inventory, &virt::Inventory::domainsChanged, this, onDomains);
    connect(&context.jobs, &job::JobManager::added, this, &MigrateWizard::refreshPromised);
    connect(&context.jobs, &job::JobManager::finished, this, &MigrateWizard::refreshPromised);
    connect(&context.jobs, &job::JobManager::changed, this, &MigrateWizard::showMigration);

    refreshVms();
    refreshHosts();
    if (!destination.isNull()) {
        m_state->choose(destination);
    }
    start();
}

MigrateWizard::~MigrateWizard() = default;

void MigrateWizard::makePlanTabs()
{
    m_preflight = new PreflightView;
    m_differences = new MigrateDifferences;
    m_running = new MigrationView(context());
    PlanView *view = planPage()->view();
    view->insertTab(1, m_preflight, tr("Pre-&flight"));
    view->insertTab(3, m_differences, tr("&Differences"));
    view->insertTab(4, m_running, tr("Mi&gration"));
    view->setTabShown(m_running, false);
    connect(view, &PlanView::xmlChosen, this, &MigrateWizard::takeXml);
}

void MigrateWizard::watchHost(const virt::HostId &id)
{
    if (virt::Host *host = context().hosts.host(id)) {
        connect(host, &virt::Host::statusChanged, this, &MigrateWizard::refreshHosts);
        connect(host, &virt::Host::infoChanged, this, &MigrateWizard::refreshHosts);
    }
}

void MigrateWizard::refreshVms()
{
    if (isRunning()) {
        return;
    }
    QList<MigrateWizardState::Vm> vms;
    for (const virt::DomainKey &key : std::as_const(m_domains)) {
        if (const virt::DomainRecord *record = context().inventory.domain(key)) {
            vms.append({key, record->displayName(), record->isActive(), record->persistent});
        }
    }
    const QList<MigrateWizardState::Vm> before = m_state->vms();
    m_state->setVms(vms);
    for (const MigrateWizardState::Vm &vm : vms) {
        // One that was started or shut down meanwhile is another matter; what is known of its host is old as well.
        const auto known = std::find_if(
            before.cbegin(), before.cend(), [&vm](const MigrateWizardState::Vm &old) { return old.key == vm.key; });
        if (known != before.cend() && known->active != vm.active) {
            m_reader->readAgain(vm.key.host);
        }
    }
}

void MigrateWizard::refreshHosts()
{
    if (isRunning()) {
        return;
    }
    QList<MigrateWizardState::Host> hosts;
    const QList<virt::Host *> all = context().hosts.all();
    for (const virt::Host *host : all) {
        if (host->isConnected() && !host->settings().readOnly) {
            hosts.append(
                {host->settings().id, host->settings().displayName(), host->settings().uri, host->info().hostname});
        }
    }
    for (const MigrateWizardState::Host &to : std::as_const(hosts)) {
        for (const virt::DomainKey &key : std::as_const(m_domains)) {
            const QString kept = context().settings.value(MigrateWizardState::uriKey(key.host, to.id)).toString();
            if (!kept.isEmpty() && m_state->destinationUri({key.host, to.id}).isEmpty()) {
                m_state->setDestinationUri({key.host, to.id}, kept);
            }
        }
    }
    m_state->setHosts(hosts);
    refreshPromised();
    m_reader->read();
}

/** What jobs in progress have reserved on each host. */
void MigrateWizard::refreshPromised()
{
    QHash<virt::HostId, std::pair<quint64, int>> promised;
    const QList<job::JobId> ids = context().jobs.jobs();
    for (const job::JobId &id : ids) {
        const job::JobRecord *job = context().jobs.job(id);
        if (!job || job->isFinished()) {
            continue;
        }
        for (const job::Step &step : job->plan.steps) {
            if (step.type == "domain.reserve"_L1) {
                auto &[memory, vcpus] = promised[QUuid::fromString(step.parameters.value("to"_L1).toString())];
                memory += static_cast<quint64>(step.parameters.value("memory"_L1).toDouble());
                vcpus += step.parameters.value("vcpus"_L1).toInt();
            }
        }
    }
    const QList<MigrateWizardState::Host> hosts = m_state->hosts();
    for (const MigrateWizardState::Host &host : hosts) {
        const auto its = promised.value(host.id);
        m_state->setPromised(host.id, its.first, its.second);
    }
}

void MigrateWizard::check()
{
    planPage()->view()->setXmlEditable(!m_state->isCold(), false);
    planPage()->showProgress(tr("Asking both hosts…"), 0, 0);
    m_reader->makePlans();
}

void MigrateWizard::dropCheck()
{
    m_reader->dropPlans();
}

void MigrateWizard::takePlans(const MigratePlans &plans)
{
    m_made = plans;
    QList<model::PreflightLine> lines;
    for (qsizetype i = 0; i < plans.plans.size(); ++i) {
        for (const operation::Check &check : plans.checks.at(i)) {
            lines.append({plans.plans.at(i).domainName, check});
        }
    }
    m_preflight->setLines(lines);
    // What was found out about the way is worth showing on the page before.
    const auto moving = m_state->moving();
    for (qsizetype i = 0; i < plans.facts.size() && i < moving.size(); ++i) {
        m_state->setPair(moving.at(i).key, m_state->chosen(), plans.facts.at(i).pair);
    }
    m_differences->setPlans(plans);
    showPlans(plans.plans, {});
    if (m_state->isCold()) { // its one definition is what the plan shows
        m_texts.clear();
        return;
    }
    QList<PlanText> texts;
    m_texts = migrateTexts(plans, *m_state, texts);
    planPage()->view()->setXmlTexts(texts);
}

/** As it was edited in the last page; empty: as Vireo makes it. */
void MigrateWizard::takeXml(const QString &xml, int index)
{
    if (index < 0 || index >= m_texts.size()) {
        return;
    }
    const MigrateText &text = m_texts.at(index);
    MigrateWizardState::EditedXml edited = m_state->edited(text.vm);
    edited.running = text.running ? xml : edited.running;
    edited.stored = text.stored ? xml : edited.stored;
    m_state->setEdited(text.vm, edited);
    recheck();
}

/** The chart comes up in the last page as soon as there is one. */
void MigrateWizard::showMigration()
{
    if (!isRunning() || m_made.plans.size() != 1) {
        return;
    }
    const virt::DomainKey key{m_made.plans.constFirst().host, m_made.plans.constFirst().domain};
    const virt::DomainKey migration = MigrationView::migrationOf(context().migrations, key);
    if (!migration.isNull() && m_running->migration() != migration) {
        m_running->setMigration(migration);
        planPage()->view()->bringToFront(m_running);
    }
}

void MigrateWizard::restoreHabits()
{
    const QSettings &settings = context().settings;
    m_state->change([&settings](MigrateDraft &draft) {
        draft.policy = migration::Policy::preset(migration::Policy::Kind::Steady);
        const auto saved = QJsonDocument::fromJson(settings.value(PolicyKey).toByteArray());
        if (const auto policy = migration::Policy::fromJson(saved.object()); saved.isObject() && policy) {
            draft.policy = *policy;
        }
        const int path = settings.value(PathKey, 0).toInt();
        if (path >= 0 && path <= static_cast<int>(MigrateDraft::Path::Tunnelled)) {
            draft.path = static_cast<MigrateDraft::Path>(path);
        }
        draft.bandwidth = settings.value(BandwidthKey, 0).toULongLong();
        draft.postCopy = settings.value(PostCopyKey, false).toBool();
        draft.autoConverge = settings.value(AutoConvergeKey, false).toBool();
        draft.tls = settings.value(TlsKey, false).toBool();
        draft.parallel = settings.value(ParallelKey, 0).toInt();
        draft.timeoutSeconds = std::max(1, settings.value(TimeoutKey, draft.timeoutSeconds).toInt());
        draft.force = settings.value(ForceKey, draft.force).toBool();
    });
}

void MigrateWizard::saveHabits() const
{
    QSettings &settings = context().settings;
    const MigrateDraft &draft = m_state->choices();
    settings.setValue(PolicyKey, QJsonDocument(draft.policy.toJson()).toJson(QJsonDocument::Compact));
    settings.setValue(PathKey, static_cast<int>(draft.path));
    settings.setValue(BandwidthKey, draft.bandwidth);
    settings.setValue(PostCopyKey, draft.postCopy);
    settings.setValue(AutoConvergeKey, draft.autoConverge);
    settings.setValue(TlsKey, draft.tls);
    settings.setValue(ParallelKey, draft.parallel);
    settings.setValue(TimeoutKey, draft.timeoutSeconds);
    settings.setValue(ForceKey, draft.force);
    for (const virt::DomainKey &key : m_domains) {
        const QString uri = m_state->destinationUri({key.host, m_state->chosen()});
        if (!uri.isEmpty()) {
            settings.setValue(MigrateWizardState::uriKey(key.host, m_state->chosen()), uri);
        }
    }
}

QString MigrateWizard::groupTitle(const QList<job::Plan> &plans) const
{
    const MigrateWizardState::Host *to = m_state->host(m_state->chosen());
    return tr("Migrate %1 VMs to %2").arg(plans.size()).arg(to ? to->name : tr("another host"));
}

void MigrateWizard::succeeded(const QList<job::JobRecord> &jobs)
{
    saveHabits();
    for (const job::JobRecord &job : jobs) {
        Q_EMIT migrated({job.plan.host, job.plan.domain}, {m_state->chosen(), job.plan.domain});
    }
}

} // namespace vireo::ui
