// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/startup.h"

#include <QLoggingCategory>

#include "app/demohost.h"
#include "app/settings.h"
#include "backend/virt/connectionuri.h"
#include "backend/virt/hosts.h"
#include "backend/virt/locallibvirt.h"
#include "model/eventmodel.h"

namespace vireo::app {

namespace {

Q_LOGGING_CATEGORY(log, "vireo.app", QtInfoMsg)

} // namespace

Startup::Startup(virt::Hosts &hosts, HostStore &store, model::EventLog &events, QObject *parent)
    : QObject(parent)
    , m_hosts(hosts)
    , m_store(store)
    , m_events(events)
{}

void Startup::begin(const CommandLine &line)
{
    const auto report = [this](const Error &error) {
        qCWarning(log).noquote() << error.message;
        virt::EventRecord event;
        event.time = QDateTime::currentDateTime();
        event.text = error.message;
        event.severity = virt::EventRecord::Severity::Warning;
        m_events.append(event);
    };
    const auto written = writeDemoHost();
    if (!written) {
        report(written.error());
    }
    if (line.demo) { // alone, and the settings stay as they are
        m_hosts.host(m_hosts.add(demoHostSettings()))->connectToHost();
        return;
    }
    const auto known = m_store.load(demoHostUri());
    for (const virt::HostSettings &settings : known) {
        m_hosts.add(settings);
    }
    m_store.keep();
    // With --show only what it needs is opened, as in virt-manager.
    if (line.show == CommandLine::Show::Nothing) {
        const auto hosts = m_hosts.all();
        for (virt::Host *host : hosts) {
            if (host->settings().autoconnect) {
                host->connectToHost();
            }
        }
    }
    if (m_store.isFirstStart() && line.show == CommandLine::Show::Nothing) {
        offer();
    }
}

QList<QUuid> Startup::open(const QStringList &uris)
{
    QList<QUuid> ids;
    for (const QString &uri : uris) {
        virt::HostSettings settings;
        settings.uri = uri.trimmed();
        virt::Host *host = m_hosts.host(m_hosts.add(settings));
        ids.append(host->settings().id);
        if (host->status().state == virt::HostState::Disconnected || host->status().state == virt::HostState::Failed) {
            host->connectToHost(); // a wrong or risky URI ends as failed, with the sentence on the host's page
        }
    }
    return ids;
}

void Startup::offer()
{
    m_settled = false;
    auto *import = new VirtManagerImport(this);
    connect(import, &VirtManagerImport::finished, this, [this, import](const ImportedConnections &connections) {
        import->deleteLater();
        take(connections);
        m_settled = true;
    });
    import->start();
}

void Startup::take(const ImportedConnections &connections)
{
    const QStringList local = virt::lookForLocalDaemons().uris;
    for (const QString &uri : local) {
        virt::HostSettings settings;
        settings.uri = uri;
        settings.autoconnect = true;
        m_hosts.host(m_hosts.add(settings))->connectToHost();
    }
    for (const QString &text : connections.uris) {
        const auto uri = virt::ConnectionUri::parse(text);
        if (!uri || !uri->risks().isEmpty()) {
            virt::EventRecord event;
            event.time = QDateTime::currentDateTime();
            event.severity = virt::EventRecord::Severity::Warning;
            event.text = tr("virt-manager's connection %1 was not taken over: %2")
                             .arg(text, uri ? uri->risks().join(QLatin1Char(' ')) : uri.error().message);
            m_events.append(event);
            qCWarning(log).noquote() << event.text;
            continue;
        }
        if (m_hosts.findUri(text)) {
            continue;
        }
        virt::HostSettings settings;
        settings.uri = text;
        settings.autoconnect = connections.autoconnect.contains(text);
        virt::Host *host = m_hosts.host(m_hosts.add(settings));
        if (settings.autoconnect) {
            host->connectToHost();
        }
    }
    // Something to look at where there is nothing else; otherwise it is there for whoever wants it.
    const bool alone = m_hosts.all().isEmpty();
    virt::Host *demo = m_hosts.host(m_hosts.add(demoHostSettings()));
    if (alone) {
        demo->connectToHost();
    }
    m_store.markStarted();
}

} // namespace vireo::app
