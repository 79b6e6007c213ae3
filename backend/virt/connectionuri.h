// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QPair>
#include <QString>
#include <QStringList>

#include "backend/base/error.h"

namespace vireo::virt {

/**
 * A libvirt connection URI, taken apart, built and checked. Pure value.
 *
 * Only what can't run programs or weaken verification passes without consent: `command=`, `netcat=`, `no_verify=`,
 * `no_tty=`, `known_hosts_verify=ignore|auto`, transport `ext`, and `socket=` values with shell characters (libvirt
 * puts them unquoted into a remote shell line) are risks that the user must accept each time anew.
 */
struct ConnectionUri {
    QString driver;    ///< qemu, xen, lxc, test …
    QString transport; ///< empty (local or tls), unix, ssh, tls, tcp, libssh, libssh2, ext
    QString user;
    QString host;
    int port = -1;
    QString path; ///< /system, /session, /default …
    QList<QPair<QString, QString>> parameters;

    /** Errors say what is wrong where; nothing is looked up. */
    static Result<ConnectionUri> parse(const QString &text);
    QString toString() const;

    /** One sentence for each part that needs explicit consent; empty when the URI is safe. */
    QStringList risks() const;
    bool isLocal() const { return host.isEmpty(); }
    bool isTestDriver() const { return driver == QLatin1String("test"); }
    /** "QEMU/KVM", "QEMU/KVM user session", "QEMU/KVM: host", "Xen" … as virt-manager labels them; with a
     *  socket of its own, the folders that hold it. */
    QString label() const;
};

} // namespace vireo::virt
