// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/singleinstance.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QFileInfo>
#include <QLoggingCategory>

namespace vireo::app {

namespace {

Q_LOGGING_CATEGORY(log, "vireo.app", QtInfoMsg)

/** Asking Qt for a bus that is not there may start one, or wait for it. */
bool hasSessionBus()
{
    if (!qEnvironmentVariableIsEmpty("DBUS_SESSION_BUS_ADDRESS")) {
        return true;
    }
    const QString runtime = qEnvironmentVariable("XDG_RUNTIME_DIR");
    return !runtime.isEmpty() && QFileInfo::exists(runtime + QStringLiteral("/bus"));
}

// Of the D-Bus specification: RequestName.
constexpr uint DoNotQueue = 4;
constexpr uint Exists = 3;

} // namespace

SingleInstance::SingleInstance(QObject *parent)
    : QObject(parent)
{}

void SingleInstance::begin(const QStringList &arguments)
{
    m_arguments = arguments;
    const auto startLater = [this] {
        QMetaObject::invokeMethod(this, &SingleInstance::startHere, Qt::QueuedConnection);
    };
    if (!hasSessionBus()) {
        return startLater();
    }
    QDBusConnection bus = QDBusConnection::sessionBus();
    if (!bus.isConnected() || !bus.registerObject(QLatin1String(Path), this, QDBusConnection::ExportScriptableSlots)) {
        qCDebug(log) << "no session bus:" << bus.lastError().message();
        return startLater();
    }
    QDBusMessage request = QDBusMessage::createMethodCall(QStringLiteral("org.freedesktop.DBus"),
        QStringLiteral("/org/freedesktop/DBus"), QStringLiteral("org.freedesktop.DBus"), QStringLiteral("RequestName"));
    request << QLatin1String(Service) << DoNotQueue;
    auto *watcher = new QDBusPendingCallWatcher(bus.asyncCall(request, AnswerTimeoutMs), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [this, watcher] {
        watcher->deleteLater();
        const QDBusPendingReply<uint> reply = *watcher;
        if (reply.isError()) {
            qCDebug(log) << "no name on the bus:" << reply.error().message();
        }
        if (!reply.isError() && reply.value() == Exists) {
            handOver();
        } else {
            Q_EMIT startHere();
        }
    });
}

void SingleInstance::handOver()
{
    QDBusMessage open = QDBusMessage::createMethodCall(
        QLatin1String(Service), QLatin1String(Path), QLatin1String(Service), QStringLiteral("Open"));
    open << m_arguments;
    auto *watcher = new QDBusPendingCallWatcher(QDBusConnection::sessionBus().asyncCall(open, AnswerTimeoutMs), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [this, watcher] {
        watcher->deleteLater();
        if (watcher->isError()) {
            qCWarning(log) << "the running Vireo does not answer, starting another:" << watcher->error().message();
            Q_EMIT startHere();
        } else {
            Q_EMIT handedOver();
        }
    });
}

void SingleInstance::Open(const QStringList &arguments)
{
    // Later: the caller gets its answer first.
    QMetaObject::invokeMethod(this, [this, arguments] { Q_EMIT opened(arguments); }, Qt::QueuedConnection);
}

} // namespace vireo::app
