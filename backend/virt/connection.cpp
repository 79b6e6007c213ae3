// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/virt/connection.h"

#include <cstdlib>
#include <cstring>

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include <QCoreApplication>
#include <QThread>

#include "backend/base/lane.h"
#include "backend/virt/connection_p.h"

namespace vireo::virt {

namespace {

/** A host that says nothing for 5 x 5 s is gone: libvirt then fails all calls that wait for it. */
constexpr int keepAliveSeconds = 5;
constexpr unsigned keepAliveCount = 5;

struct ConnectionText {
    Q_DECLARE_TR_FUNCTIONS(virt_Connection)
};

struct AuthState {
    const Authenticator &authenticator;
    QString uri;
    bool cancelled = false;
};

int authenticate(virConnectCredentialPtr credentials, unsigned count, void *opaque)
{
    auto *state = static_cast<AuthState *>(opaque);
    CredentialRequest request;
    request.uri = state->uri;
    for (unsigned i = 0; i < count; ++i) {
        const virConnectCredential &credential = credentials[i];
        const bool secret = credential.type == VIR_CRED_PASSPHRASE || credential.type == VIR_CRED_NOECHOPROMPT;
        const QString fallback = QString::fromUtf8(credential.defresult);
        request.fields.append({QString::fromUtf8(credential.prompt), fallback, secret, fallback});
    }
    if (!state->authenticator || !state->authenticator(request)) {
        state->cancelled = true;
        return -1;
    }
    if (request.fields.size() != static_cast<qsizetype>(count)) {
        return -1; // not an answer to what was asked
    }
    for (unsigned i = 0; i < count; ++i) {
        const QByteArray answer = request.fields.at(static_cast<int>(i)).answer.toUtf8();
        credentials[i].result = strdup(answer.constData()); // libvirt frees it
        credentials[i].resultlen = static_cast<unsigned>(answer.size());
    }
    return 0;
}

/** Closing talks to the daemon, which may hang: where the last owner is on the GUI thread, a lane does it. */
void closeOffGuiThread(Connection *connection)
{
    const QCoreApplication *application = QCoreApplication::instance();
    if (!application || application->thread() != QThread::currentThread()) {
        delete connection;
        return;
    }
    Lane lane(QStringLiteral("vireo-close"));
    lane.post([connection] { delete connection; });
    lane.drain();
}

} // namespace

QString takeString(char *text)
{
    QString result = QString::fromUtf8(text);
    std::free(text);
    return result;
}

QUuid fromRaw(const unsigned char *raw)
{
    return QUuid::fromRfc4122(QByteArrayView(raw, VIR_UUID_BUFLEN));
}

QUuid uuidOf(virDomainPtr domain)
{
    unsigned char raw[VIR_UUID_BUFLEN];
    return virDomainGetUUID(domain, raw) == 0 ? fromRaw(raw) : QUuid();
}

void EventHub::dispatch(const DomainEvent &event)
{
    const std::lock_guard lock(mutex);
    for (const auto &[id, callback] : subscribers) {
        callback(event);
    }
}

void EventHub::dispatch(const DeviceEvent &event)
{
    const std::lock_guard lock(mutex);
    for (const auto &[id, callback] : deviceSubscribers) {
        callback(event);
    }
}

void EventHub::dispatch(const BlockJobEvent &event)
{
    const std::lock_guard lock(mutex);
    for (const auto &[id, callback] : blockJobSubscribers) {
        callback(event);
    }
}

void EventHub::dispatch(const SnapshotHint &hint)
{
    const std::lock_guard lock(mutex);
    for (const auto &[id, callback] : snapshotSubscribers) {
        callback(hint);
    }
}

void EventHub::dispatch(const MigrationEvent &event)
{
    const std::lock_guard lock(mutex);
    for (const auto &[id, callback] : migrationSubscribers) {
        callback(event);
    }
}

void EventHub::dispatchClosed(const QString &reason)
{
    const std::lock_guard lock(mutex);
    if (closed) {
        closed(reason);
    }
    closed = nullptr;
}

Result<DomainHandle> ConnectionPrivate::lookup(const QUuid &uuid) const
{
    const QByteArray raw = uuid.toRfc4122();
    DomainHandle domain(virDomainLookupByUUID(handle, reinterpret_cast<const unsigned char *>(raw.constData())));
    if (!domain) {
        return fail(lastError(ConnectionText::tr("Can't find the VM")));
    }
    return domain;
}

Connection::Connection(std::unique_ptr<ConnectionPrivate> d)
    : m_d(std::move(d))
{}

Result<ConnectionPtr> Connection::open(const QString &uri, bool readOnly, const Authenticator &authenticator)
{
    static int types[] = {VIR_CRED_USERNAME, VIR_CRED_AUTHNAME, VIR_CRED_ECHOPROMPT, VIR_CRED_PASSPHRASE,
        VIR_CRED_NOECHOPROMPT, VIR_CRED_REALM};
    AuthState state{authenticator, uri, false};
    virConnectAuth auth{types, std::size(types), authenticate, &state};
    auto d = std::make_unique<ConnectionPrivate>();
    const QByteArray address = uri.toUtf8();
    const auto open = [&] {
        return virConnectOpenAuth(address.constData(), &auth, readOnly ? VIR_CONNECT_RO : 0);
    };
    d->handle = open();
    // A ssh that ends at once may close its pipe before libvirt has read why. Its words are worth a second try.
    if (!d->handle && !state.cancelled && address.contains("+ssh")
        && QByteArrayView(virGetLastErrorMessage()).contains("client socket is closed")) {
        d->handle = open();
    }
    if (!d->handle) {
        Error error = lastError(ConnectionText::tr("Can't connect to %1").arg(uri));
        if (state.cancelled) {
            error.kind = Error::Kind::Cancelled;
        }
        return fail(std::move(error));
    }
    d->uri = takeString(virConnectGetURI(d->handle));
    d->readOnly = readOnly;
    virConnectSetKeepAlive(d->handle, keepAliveSeconds, keepAliveCount); // in-process drivers have none, and need none
    registerEvents(*d);
    return ConnectionPtr(new Connection(std::move(d)), closeOffGuiThread);
}

Connection::~Connection()
{
    unregisterEvents(*m_d);
    virConnectClose(m_d->handle);
}

QString Connection::uri() const
{
    return m_d->uri;
}

bool Connection::isReadOnly() const
{
    return m_d->readOnly;
}

bool Connection::isAlive() const
{
    return virConnectIsAlive(m_d->handle) == 1;
}

Connection::Subscription Connection::subscribe(std::function<void(const DomainEvent &)> callback)
{
    const std::lock_guard lock(m_d->hub->mutex);
    const Subscription id = m_d->hub->nextSubscription++;
    m_d->hub->subscribers.emplace(id, std::move(callback));
    return id;
}

void Connection::unsubscribe(Subscription subscription)
{
    const std::lock_guard lock(m_d->hub->mutex);
    m_d->hub->subscribers.erase(subscription);
}

void Connection::onClosed(std::function<void(const QString &)> callback)
{
    const std::lock_guard lock(m_d->hub->mutex);
    m_d->hub->closed = std::move(callback);
}

} // namespace vireo::virt
