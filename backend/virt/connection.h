// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <stop_token>

#include <QList>

#include "backend/virt/records.h"

namespace vireo::virt {

struct ConnectionPrivate;

/** What libvirt asks for while opening (virConnectAuth). Answered on the thread that opens. */
struct CredentialRequest {
    struct Field {
        QString prompt;
        QString defaultValue;
        bool secret = false;
        QString answer;
    };
    QString uri;
    QList<Field> fields;
};
/** Fills the answers in; false: the user cancelled. Called on the opening thread, may block. */
using Authenticator = std::function<bool(CredentialRequest &)>;

/**
 * One open connection to a libvirt daemon or in-process driver, with values instead of handles.
 *
 * All members and the functions of domains.h, storage.h and hostcalls.h that take a Connection may be called from any
 * thread except the GUI thread and the event loop's (they block on the network). Shared by shared_ptr; the last owner
 * closes it. Opening registers for libvirt's domain events; these reach subscribers on the event loop's thread.
 */
class Connection final
{
    Q_DISABLE_COPY_MOVE(Connection)

public:
    /**
     * virConnectOpenAuth, then keep-alive (5 s x 5) and event registration. May block for long: only in a lane.
     * `uri` must have passed ConnectionUri's check. Error: libvirt's, with a hint by cause.
     */
    static Result<std::shared_ptr<Connection>> open(
        const QString &uri, bool readOnly, const Authenticator &authenticator);
    ~Connection();

    QString uri() const;
    bool isReadOnly() const;
    /** virConnectIsAlive without network traffic. */
    bool isAlive() const;

    using Subscription = quint64;
    /** `callback` runs on the event thread for each domain event until unsubscribe() has returned. */
    Subscription subscribe(std::function<void(const DomainEvent &)> callback);
    void unsubscribe(Subscription subscription);
    /** Called once on the event thread when libvirt says that the connection broke (virConnectRegisterCloseCallback).
     */
    void onClosed(std::function<void(const QString &reason)> callback);

    /** For backend/virt's own sources only (connection_p.h). */
    ConnectionPrivate &d() const { return *m_d; }

private:
    explicit Connection(std::unique_ptr<ConnectionPrivate> d);
    std::unique_ptr<ConnectionPrivate> m_d;
};

using ConnectionPtr = std::shared_ptr<Connection>;
/** Gives the open connection of a host to a job, or says why there is none. Any thread. */
using ConnectionProvider = std::function<Result<ConnectionPtr>(const HostId &)>;

} // namespace vireo::virt
