// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/createwizard.h"

#include <QElapsedTimer>
#include <QFileInfo>
#include <QPushButton>
#include <QSettings>

#include "backend/base/courier.h"
#include "backend/base/lane.h"
#include "backend/operation/draft.h"
#include "backend/operation/vocabulary.h"
#include "backend/seed/passwordhash.h"
#include "backend/virt/connectionuri.h"
#include "backend/virt/hosts.h"
#include "backend/virt/inventory.h"
#include "ui/createdevicespage.h"
#include "ui/createmachinepage.h"
#include "ui/createseed.h"
#include "ui/createseedpage.h"
#include "ui/createsizepage.h"
#include "ui/createsourcepage.h"
#include "ui/createsystem.h"
#include "ui/createtemplates.h"
#include "ui/customisedialog.h"
#include "ui/planpage.h"
#include "ui/planview.h"
#include "ui/templatesaver.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using operation::CreateDraft;

namespace {

constexpr auto HostKey = "newvm/host"_L1;
// Reading the lists of a host with many pools takes more round trips than a usual question.
constexpr std::chrono::seconds ListDeadline{30};

QString hostSetting(const virt::HostId &host, QLatin1StringView key)
{
    return u"newvm/%1/%2"_s.arg(host.toString(QUuid::WithoutBraces), key);
}

QString nicToText(const std::optional<CreateDraft::Nic> &nic)
{
    if (!nic) {
        return u"none"_s;
    }
    switch (nic->kind) {
    case CreateDraft::NicKind::Network:
        return u"network:"_s + nic->source;
    case CreateDraft::NicKind::Bridge:
        return u"bridge:"_s + nic->source;
    case CreateDraft::NicKind::Macvtap:
        return u"macvtap:"_s + nic->source;
    case CreateDraft::NicKind::User:
        return u"user"_s;
    }
    return {};
}

std::optional<CreateDraft::Nic> nicFromText(const QString &text)
{
    if (text.startsWith("network:"_L1)) {
        return CreateDraft::Nic{CreateDraft::NicKind::Network, text.mid(8), {}, {}};
    }
    if (text.startsWith("bridge:"_L1)) {
        return CreateDraft::Nic{CreateDraft::NicKind::Bridge, text.mid(7), {}, {}};
    }
    if (text.startsWith("macvtap:"_L1)) {
        return CreateDraft::Nic{CreateDraft::NicKind::Macvtap, text.mid(8), {}, {}};
    }
    if (text == "user"_L1) {
        return CreateDraft::Nic{CreateDraft::NicKind::User, {}, {}, {}};
    }
    return {};
}

/** Templates lie beside the settings. */
QString templateDirectory(const QSettings &settings)
{
    return QFileInfo(settings.fileName()).absolutePath() + u"/templates"_s;
}

constexpr qint64 progressEveryMs = 100;

} // namespace

CreateWizard::CreateWizard(
    const UiContext &context, const virt::HostId &preferred, QWidget *parent, const CreateServices &services)
    : WizardDialog(context, tr("New Virtual Machine"), tr("Cr&eate"), u"createwizard"_s, parent)
    , m_state(new CreateWizardState(services, this))
    , m_templates(new CreateTemplates(templateDirectory(context.settings), this))
    , m_saver(new TemplateSaver(*m_templates, this))
    , m_preferred(preferred.isNull() ? context.settings.value(HostKey).toUuid() : preferred)
    , m_courier(std::make_shared<Courier>(this))
{
    addPage(new CreateSourcePage(*m_state, *m_templates, this));
    addPage(new CreateSizePage(*m_state, this));
    addPage(new CreateDevicesPage(*m_state, this));
    addPage(new CreateMachinePage(*m_state, this));
    addPage(new CreateSeedPage(m_state->seed(), this));
    auto *saveButton = new QPushButton(tr("Save as &Template…"), this);
    planPage()->view()->addButton(saveButton);
    planPage()->addBar(m_saver);
    connect(saveButton, &QPushButton::clicked, this, &CreateWizard::askForTemplate);
    connect(planPage()->view(), &PlanView::xmlChosen, this, &CreateWizard::customise);
    connect(planPage()->view(), &PlanView::customiseRequested, this, &CreateWizard::openCustomise);

    connect(m_state, &CreateWizardState::changed, this, [this] { setSummary(m_state->summary()); });
    connect(m_state, &CreateWizardState::hostChanged, this, [this] {
        refreshNames();
        readHostFacts();
    });
    connect(m_state, &CreateWizardState::volumesWanted, this, &CreateWizard::readVolumes);
    connect(m_state, &CreateWizardState::machineWanted, this, &CreateWizard::readMachine);

    virt::Hosts &hosts = context.hosts;
    connect(&hosts, &virt::Hosts::added, this, [this](const QUuid &id) {
        watchHost(id);
        refreshHosts();
    });
    connect(&hosts, &virt::Hosts::removed, this, &CreateWizard::refreshHosts);
    for (const virt::Host *host : hosts.all()) {
        watchHost(host->settings().id);
    }
    const auto onDomains = [this](const QUuid &host) {
        if (host == m_state->host()) {
            refreshNames();
        }
    };
    connect(&context.inventory, &virt::Inventory::domainsAdded, this, onDomains);
    connect(&context.inventory, &virt::Inventory::domainsRemoved, this, onDomains);
    connect(&context.inventory, &virt::Inventory::domainsChanged, this, onDomains);

    refreshHosts();
    m_templates->read();
    m_state->system().load();
    start();
}

CreateWizard::~CreateWizard()
{
    m_courier->close();
    m_stop.request_stop();
    if (m_lane) {
        m_lane->abandon(); // a host that hangs must not hold the window
    }
}

void CreateWizard::watchHost(const virt::HostId &id)
{
    virt::Host *host = context().hosts.host(id);
    if (!host) {
        return;
    }
    connect(host, &virt::Host::statusChanged, this, [this, id] {
        refreshHosts();
        if (m_checking && id == m_state->host()) {
            check(); // which says that the host is away: nobody waits until its connection dies
        }
    });
    connect(host, &virt::Host::infoChanged, this, &CreateWizard::refreshHosts);
}

void CreateWizard::refreshHosts()
{
    QList<CreateWizardState::HostChoice> choices;
    for (const virt::Host *host : context().hosts.all()) {
        if (!host->isConnected() || host->settings().readOnly) {
            continue;
        }
        CreateWizardState::HostChoice choice;
        choice.id = host->settings().id;
        choice.uri = host->settings().uri;
        choice.name = host->settings().displayName();
        const auto uri = virt::ConnectionUri::parse(choice.uri);
        choice.local = uri && uri->isLocal() && !uri->isTestDriver();
        choice.memoryKiB = host->info().memoryKiB;
        choice.cpus = host->info().cpus;
        choices.append(choice);
    }
    m_state->setHosts(choices, m_preferred);
}

void CreateWizard::refreshNames()
{
    QStringList names;
    quint64 promisedKiB = 0;
    int promisedVcpus = 0;
    const virt::HostId host = m_state->host();
    for (const QUuid &domain : context().inventory.domainsOf(host)) {
        if (const virt::DomainRecord *record = context().inventory.domain({host, domain})) {
            names.append(record->name);
            promisedKiB += record->isActive() ? record->maxMemoryKiB : 0;
            promisedVcpus += record->isActive() ? record->vcpus : 0;
        }
    }
    m_state->setTakenNames(names);
    m_state->setPromised(promisedKiB, promisedVcpus);
}

void CreateWizard::readHostFacts()
{
    const virt::HostId id = m_state->host();
    virt::Host *host = context().hosts.host(id);
    if (!host) {
        return;
    }
    const quint64 generation = ++m_factsGeneration;
    host->ask<CreateWizardState::HostFacts>(
        this,
        [](virt::Connection &connection) -> Result<CreateWizardState::HostFacts> {
            CreateWizardState::HostFacts facts;
            // A driver without storage or networks (LXC) is still a host: the plan says what is missing.
            auto pools = virt::storage::pools(connection);
            if (!pools && pools.error().kind != Error::Kind::Unsupported) {
                return fail(pools.error());
            }
            auto networks = virt::hostcalls::networks(connection);
            if (!networks && networks.error().kind != Error::Kind::Unsupported) {
                return fail(networks.error());
            }
            facts.pools = std::move(pools).value_or(QList<virt::storage::Pool>());
            facts.networks = std::move(networks).value_or(QList<virt::hostcalls::Network>());
            readMachineFacts(connection, {}, facts);
            return facts;
        },
        [this, id, generation](const Result<CreateWizardState::HostFacts> &facts) {
            if (generation != m_factsGeneration) {
                return;
            }
            if (facts) {
                m_state->setHostFacts(id, *facts, habits(id));
            } else {
                m_state->setHostProblem(id, facts.error().message);
            }
        },
        ListDeadline);
}

void CreateWizard::readMachine(const QString &machine)
{
    const virt::HostId id = m_state->host();
    virt::Host *host = context().hosts.host(id);
    if (!host) {
        return;
    }
    const quint64 generation = ++m_machineGeneration;
    host->ask<CreateHostFacts>(
        this,
        [machine](virt::Connection &connection) -> Result<CreateHostFacts> {
            CreateHostFacts facts;
            readMachineFacts(connection, machine, facts);
            return facts;
        },
        [this, id, generation](const Result<CreateHostFacts> &facts) {
            if (facts && generation == m_machineGeneration) {
                m_state->setMachineFacts(id, *facts);
            }
        },
        ListDeadline);
}

void CreateWizard::readVolumes(const QString &pool)
{
    const virt::HostId id = m_state->host();
    virt::Host *host = context().hosts.host(id);
    if (!host) {
        return;
    }
    host->ask<QList<virt::storage::Volume>>(
        this, [pool](virt::Connection &connection) { return virt::storage::volumes(connection, pool); },
        [this, id, pool](const Result<QList<virt::storage::Volume>> &volumes) {
            if (volumes) {
                m_state->setVolumes(id, pool, *volumes);
            } else {
                m_state->setVolumesProblem(id, pool, volumes.error().message);
            }
        },
        ListDeadline);
}

void CreateWizard::check()
{
    const quint64 generation = ++m_checkGeneration;
    virt::Host *host = context().hosts.host(m_state->host());
    Result<virt::ConnectionPtr> connection = host
        ? host->connection()
        : Result<virt::ConnectionPtr>(fail(Error::invalid(tr("This host is not there any more."))));
    if (host && host->status().state == virt::HostState::NotResponding) {
        connection = fail(Error{Error::Kind::TimedOut, tr("%1 is not responding.").arg(host->settings().displayName()),
            host->status().error.message, 0, 0});
    }
    m_checking = connection.has_value();
    if (!connection) {
        showCheckError(connection.error());
        return;
    }
    // What still runs is about older answers: its lane is left behind.
    if (m_lane && m_lane->pending() > 0) {
        m_lane->abandon();
        m_lane.reset();
    }
    if (!m_lane) {
        m_lane = std::make_unique<Lane>(u"newvm-plan"_s);
    }
    m_stop.request_stop();
    m_stop = {};
    const CreateDraft draft = m_state->draft();
    planPage()->view()->setXmlEditable(
        draft.count == 1 && draft.source != CreateDraft::SourceKind::Xml && !m_state->hosts().isEmpty());
    CreateDraft pages = draft;
    pages.customXml.reset();
    if (draft.customXml && !(pages == m_customised)) {
        showNotice(tr("The pages were changed after the XML was edited."),
            tr("The edited XML is used as it is. Reset, on its tab, takes the edits back."));
    }
    // Shared with nobody but the lane; hashPassword() overwrites it.
    const auto password = std::make_shared<QByteArray>(draft.seed ? m_state->seed().passwordCopy() : QByteArray());
    const auto progress = [this, courier = m_courier, generation, clock = QElapsedTimer()](
                              const QString &what, quint64 done, quint64 total) mutable {
        if (clock.isValid() && clock.elapsed() < progressEveryMs) {
            return;
        }
        clock.start();
        courier->post([this, generation, what, done, total] {
            if (generation == m_checkGeneration) {
                planPage()->showProgress(what, done, total);
            }
        });
    };
    m_lane->post([this, courier = m_courier, generation, connection = *connection, id = m_state->host(),
                     draft = CreateDraft(draft), seed = m_state->seed().draft(), password, progress,
                     catalog = m_state->system().catalog(), stop = m_stop.get_token()]() mutable {
        QString hash;
        if (!password->isEmpty() && !seed.users.isEmpty()) {
            const Result<QString> hashed = seed::hashPassword(*password);
            if (!hashed) {
                courier->post([this, generation, error = hashed.error()] { takePlans(generation, fail(error), {}); });
                return;
            }
            hash = *hashed;
            seed.users.first().passwordHash = hash;
            draft.seed = seed.toJson();
        }
        const operation::Draft document{u"create"_s, draft.host, {}, draft};
        const auto plans = operation::planDraft(*connection, id, document, catalog.get(), stop, progress);
        courier->post([this, generation, plans, hash, json = draft.toJson()] {
            if (!hash.isEmpty() && generation == m_checkGeneration) {
                m_state->seed().setHash(hash); // from here on the password itself is gone
            }
            takePlans(generation, plans, json);
        });
    });
}

void CreateWizard::takePlans(quint64 generation, const Result<QList<job::Plan>> &plans, const QJsonObject &draft)
{
    if (generation != m_checkGeneration) {
        return;
    }
    m_checking = false;
    if (plans) {
        showPlans(*plans, draft);
    } else {
        showCheckError(plans.error());
    }
}

void CreateWizard::dropCheck()
{
    ++m_checkGeneration;
    m_checking = false;
    m_stop.request_stop();
    m_saver->hide();
}

/** The XML as the user wants it, or as it follows from the pages; the plan is made anew. */
void CreateWizard::customise(const QString &xml)
{
    m_customised = m_state->draft();
    m_customised.customXml.reset();
    m_state->change(
        [&xml](CreateDraft &draft) { draft.customXml = xml.isEmpty() ? std::nullopt : std::optional(xml); });
    recheck();
}

void CreateWizard::askForTemplate()
{
    m_saver->ask(m_state->draft());
}

void CreateWizard::succeeded(const QList<job::JobRecord> &jobs)
{
    saveHabits();
    const job::JobRecord &job = jobs.constFirst(); // its page is shown; of several, the first one's
    Q_EMIT created({job.plan.host, QUuid::fromString(job.results.value("uuid"_L1).toString())});
}

CreateWizardState::Habits CreateWizard::habits(const virt::HostId &host) const
{
    CreateWizardState::Habits habits;
    const QString nic = context().settings.value(hostSetting(host, "network"_L1)).toString();
    habits.pool = context().settings.value(hostSetting(host, "pool"_L1)).toString();
    habits.known = !nic.isEmpty();
    habits.nic = nicFromText(nic);
    return habits;
}

void CreateWizard::saveHabits() const
{
    QSettings &settings = context().settings;
    settings.setValue(HostKey, m_state->host());
    settings.setValue(hostSetting(m_state->host(), "pool"_L1), m_state->pool());
    settings.setValue(hostSetting(m_state->host(), "network"_L1), nicToText(m_state->nic()));
}

/** The hardware pages on the new VM: what they make of its definition goes the way of XML that was edited by hand. */
void CreateWizard::openCustomise(const QString &xml)
{
    auto *dialog = new CustomiseDialog(xml, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &CustomiseDialog::chosen, planPage()->view(), &PlanView::chooseXml);
    if (virt::Host *host = context().hosts.host(m_state->host())) {
        host->ask<xml::devices::HostFacts>(
            dialog,
            [xml](virt::Connection &connection) -> Result<xml::devices::HostFacts> {
                auto facts = operation::readHostFacts(connection, xml);
                const auto neighbours = facts ? operation::readNeighbours(connection, {}) : fail(facts.error());
                if (facts && neighbours) {
                    facts->diskUsers = neighbours->diskUsers;
                    facts->takenMacs = neighbours->macs;
                }
                return facts;
            },
            [dialog](const Result<xml::devices::HostFacts> &facts) {
                if (facts) {
                    dialog->setHost(*facts);
                }
            },
            ListDeadline);
    }
    dialog->open();
}

} // namespace vireo::ui
