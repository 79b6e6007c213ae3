// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/application.h"

#include <QFileInfo>
#include <QLoggingCategory>
#include <QSettings>

#include "app/opener.h"
#include "app/paths.h"
#include "app/screenshot.h"
#include "app/settings.h"
#include "app/startup.h"
#include "backend/job/jobmanager.h"
#include "backend/job/journal.h"
#include "backend/operation/kept/keptconfirmer.h"
#include "backend/operation/kept/keptfeed.h"
#include "backend/operation/migrate/migrationfeed.h"
#include "backend/operation/migrate/migrationobserver.h"
#include "backend/operation/snapshot/snapshotscheduler.h"
#include "backend/operation/steps.h"
#include "backend/virt/eventloop.h"
#include "backend/virt/hosts.h"
#include "backend/virt/inventory.h"
#include "backend/virt/locallibvirt.h"
#include "backend/virt/virerror.h"
#include "model/eventmodel.h"
#include "ui/accessiblecombobox.h"
#include "ui/mainwindow.h"

namespace vireo::app {

namespace {

Q_LOGGING_CATEGORY(log, "vireo.app", QtInfoMsg)

job::StepRegistry makeRegistry(const operation::MigrationFeed &migrations)
{
    job::StepRegistry registry;
    operation::StepOptions options;
    options.migrations = migrations.sink();
    operation::registerSteps(registry, options);
    return registry;
}

QString preparedSettingsFile()
{
    if (const auto made = paths::prepareSettingsFile(); !made) {
        qCWarning(log).noquote() << made.error().message; // choices are lost at the end, nothing else
    }
    return paths::settingsFile();
}

/** The journal that this and every other Vireo of the user writes. None for the demo alone: it ends with this process.
 */
job::JournalAccess journalOf(const virt::Hosts &hosts, const CommandLine &line)
{
    if (line.demo && line.uris.isEmpty()) {
        return {};
    }
    return {std::make_shared<const job::Journal>(paths::journalDir()),
        [&hosts](const virt::HostId &id) {
            const virt::Host *host = hosts.host(id);
            return host ? host->settings().uri : QString();
        },
        [&hosts](const QString &uri) {
            const virt::Host *host = hosts.findUri(uri);
            return host ? host->settings().id : virt::HostId();
        }};
}

} // namespace

/** In the order of construction; destroyed from the last to the first. */
struct Application::Parts {
    explicit Parts(const CommandLine &commandLine)
        : line(commandLine)
    {}

    const CommandLine line;
    virt::EventLoop loop;
    QSettings settings{preparedSettingsFile(), QSettings::IniFormat};
    operation::MigrationFeed migrations;
    job::StepRegistry registry = makeRegistry(migrations);
    virt::Hosts hosts;
    virt::Inventory inventory{hosts};
    job::JobManager jobs{registry, hosts.provider(), journalOf(hosts, line)};
    operation::MigrationObserver observer{hosts, inventory, migrations};
    /** None for the demo alone, whose VMs are make-believe, and for a picture. */
    std::unique_ptr<operation::SnapshotScheduler> scheduler =
        (line.demo && line.uris.isEmpty()) || !line.screenshot.isEmpty()
        ? nullptr
        : std::make_unique<operation::SnapshotScheduler>(inventory, jobs, snapshot::ScheduleFile::defaultPath());
    /** The same holds of these: the demo alone keeps nothing. */
    std::unique_ptr<operation::KeptFeed> kept = line.demo && line.uris.isEmpty()
        ? nullptr
        : std::make_unique<operation::KeptFeed>(hosts, jobs, operation::KeptStates::defaultDirectory());
    std::unique_ptr<operation::KeptConfirmer> confirmer =
        !kept || !line.screenshot.isEmpty() ? nullptr : std::make_unique<operation::KeptConfirmer>(*kept, hosts, jobs);
    model::EventLog events{hosts, &jobs};
    HostStore store{settings, hosts};
    Startup startup{hosts, store, events};
    /** The demo alone and a picture show what there is, not what is missing. */
    std::unique_ptr<virt::LocalLibvirt> local =
        line.demo || !line.screenshot.isEmpty() ? nullptr : std::make_unique<virt::LocalLibvirt>();
    ui::MainWindow window{
        {hosts, inventory, jobs, events, settings, {}, scheduler.get(), {}, &migrations, kept.get(), local.get()}};
};

Application::Application(const CommandLine &line, QObject *parent)
    : QObject(parent)
{
    virt::quietLibvirt();
    ui::nameComboBoxesByLabel();
    m_parts = std::make_unique<Parts>(line);
    m_parts->window.show();
    m_parts->startup.begin(line);
    if (m_parts->local) {
        m_parts->local->look();
    }
    watchJournal();
    const QUuid demo = line.demo ? m_parts->hosts.all().constFirst()->settings().id : QUuid();
    QList<QUuid> hosts = m_parts->startup.open(line.uris);
    if (line.demo) {
        hosts.append(demo);
    }
    show(line, hosts);
    if (!line.screenshot.isEmpty()) {
        auto *screenshot = new Screenshot(m_parts->window, m_parts->hosts, m_parts->inventory, line.screenshot, this);
        connect(screenshot, &Screenshot::finished, this, &Application::finished);
        if (line.demo) {
            connect(screenshot, &Screenshot::ready, this, [this, demo] {
                const QUuid domain = findDomain(m_parts->inventory, demo, QStringLiteral("backup"));
                m_parts->window.showDomain({demo, domain}, ui::VmPage::Page::Overview);
            });
        }
        screenshot->begin();
    }
}

Application::~Application() = default;

/** What was interrupted is shown at the start, and looked at again when hosts are added: it may be theirs. */
void Application::watchJournal()
{
    connect(&m_parts->jobs, &job::JobManager::loaded, this, [this](const QString &problem) {
        lookAtInterrupted();
        if (problem.isEmpty() || problem == m_journalProblem) {
            return;
        }
        m_journalProblem = problem;
        virt::EventRecord event;
        event.time = QDateTime::currentDateTime();
        event.severity = virt::EventRecord::Severity::Warning;
        event.text = problem;
        m_parts->events.append(event);
        qCWarning(log).noquote() << problem;
    });
    connect(&m_parts->inventory, &virt::Inventory::domainsAdded, this, [this] { lookAtInterrupted(); });
    m_readJournal.setSingleShot(true);
    m_readJournal.setInterval(0); // once for all hosts of the settings
    connect(&m_readJournal, &QTimer::timeout, this, [this] { m_parts->jobs.loadInterrupted(); });
    connect(&m_parts->hosts, &virt::Hosts::added, &m_readJournal, [this] { m_readJournal.start(); });
    m_readJournal.start();
}

/** A migration of a Vireo that is gone may still go on: it is shown, with its levers. */
void Application::lookAtInterrupted()
{
    const QList<job::JobId> ids = m_parts->jobs.jobs();
    for (const job::JobId &id : ids) {
        const job::JobRecord *job = m_parts->jobs.job(id);
        if (job->state == job::JobState::Interrupted && job->plan.operation == QLatin1StringView("migrate")) {
            m_parts->observer.look({job->plan.host, job->plan.domain});
        }
    }
}

void Application::show(const CommandLine &line, const QList<QUuid> &hosts)
{
    if (!line.file.isEmpty()) {
        m_parts->window.createFromDefinition(
            hosts.isEmpty() ? QUuid() : hosts.constFirst(), QFileInfo(line.file).absoluteFilePath());
    }
    if (line.show != CommandLine::Show::Nothing && !hosts.isEmpty()) {
        new Opener(m_parts->window, m_parts->hosts, m_parts->inventory, line, hosts.constFirst(), this);
    }
}

void Application::open(const QStringList &arguments)
{
    ui::MainWindow &window = m_parts->window;
    window.setWindowState(window.windowState() & ~Qt::WindowMinimized);
    window.show();
    window.raise();
    window.activateWindow();
    // Whoever can call us on the bus is the same user; still nothing is taken that our own command line would refuse.
    const auto line = parseCommandLine(arguments);
    if (!line) {
        qCWarning(log).noquote() << line.error();
        return;
    }
    show(*line, m_parts->startup.open(line->uris));
}

} // namespace vireo::app
