// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/settings.h"

#include <QSettings>

#include "backend/virt/connectionuri.h"
#include "backend/virt/hosts.h"

namespace vireo::app {

namespace {
constexpr auto Hosts = "hosts";
constexpr auto Started = "started";

QString key(const char *name)
{
    return QLatin1String(name);
}
} // namespace

HostStore::HostStore(QSettings &settings, virt::Hosts &hosts, QObject *parent)
    : QObject(parent)
    , m_settings(settings)
    , m_hosts(hosts)
{
    m_later.setSingleShot(true);
    m_later.setInterval(500);
    connect(&m_later, &QTimer::timeout, this, &HostStore::save);
}

HostStore::~HostStore()
{
    if (m_later.isActive()) {
        save();
    }
}

QList<virt::HostSettings> HostStore::load(const QString &demoUri) const
{
    QList<virt::HostSettings> result;
    const int count = m_settings.beginReadArray(key(Hosts));
    for (int index = 0; index < count; ++index) {
        m_settings.setArrayIndex(index);
        virt::HostSettings host;
        host.id = QUuid(m_settings.value(key("id")).toString());
        host.demo = m_settings.value(key("demo"), false).toBool();
        host.uri = host.demo ? demoUri : m_settings.value(key("uri")).toString();
        host.name = m_settings.value(key("name")).toString();
        host.autoconnect = m_settings.value(key("autoconnect"), false).toBool();
        host.readOnly = m_settings.value(key("readOnly"), false).toBool();
        if (virt::ConnectionUri::parse(host.uri)) {
            result.append(host);
        }
    }
    m_settings.endArray();
    return result;
}

void HostStore::keep()
{
    connect(&m_hosts, &virt::Hosts::settingsChanged, this, [this] { m_later.start(); });
}

bool HostStore::isFirstStart() const
{
    return !m_settings.value(key(Started), false).toBool();
}

void HostStore::markStarted()
{
    m_settings.setValue(key(Started), true);
}

void HostStore::save()
{
    m_settings.remove(key(Hosts));
    m_settings.beginWriteArray(key(Hosts));
    int index = 0;
    const auto hosts = m_hosts.all();
    for (const virt::Host *host : hosts) {
        const virt::HostSettings &settings = host->settings();
        m_settings.setArrayIndex(index++);
        m_settings.setValue(key("id"), settings.id.toString(QUuid::WithoutBraces));
        if (settings.demo) {
            m_settings.setValue(key("demo"), true); // its URI is made anew at each start
        } else {
            m_settings.setValue(key("uri"), settings.uri);
        }
        m_settings.setValue(key("name"), settings.name);
        m_settings.setValue(key("autoconnect"), settings.autoconnect);
        m_settings.setValue(key("readOnly"), settings.readOnly);
    }
    m_settings.endArray();
    m_settings.sync();
}

} // namespace vireo::app
