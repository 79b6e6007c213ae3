// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/virt/virerror.h"

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include <QCoreApplication>
#include <QLoggingCategory>

namespace vireo::virt {

namespace {

Q_LOGGING_CATEGORY(log, "vireo.virt", QtWarningMsg)

struct VirerrorText {
    Q_DECLARE_TR_FUNCTIONS(virt)
};

bool isConnectionLoss(const virError &error)
{
    if (error.domain != VIR_FROM_RPC && error.domain != VIR_FROM_REMOTE) {
        return false;
    }
    return error.code == VIR_ERR_INTERNAL_ERROR || error.code == VIR_ERR_SYSTEM_ERROR || error.code == VIR_ERR_RPC;
}

Error::Kind kindOf(const virError &error)
{
    switch (error.code) {
    case VIR_ERR_NO_DOMAIN:
    case VIR_ERR_NO_NETWORK:
    case VIR_ERR_NO_STORAGE_POOL:
    case VIR_ERR_NO_STORAGE_VOL:
    case VIR_ERR_NO_NODE_DEVICE:
    case VIR_ERR_NO_NWFILTER:
    case VIR_ERR_NO_SECRET:
    case VIR_ERR_NO_DOMAIN_SNAPSHOT:
        return Error::Kind::NotFound;
    case VIR_ERR_NO_SUPPORT:
    case VIR_ERR_ARGUMENT_UNSUPPORTED:
    case VIR_ERR_OPERATION_UNSUPPORTED:
        return Error::Kind::Unsupported;
    case VIR_ERR_OPERATION_ABORTED:
    case VIR_ERR_AUTH_CANCELLED:
        return Error::Kind::Cancelled;
    case VIR_ERR_OPERATION_TIMEOUT:
        return Error::Kind::TimedOut;
    default:
        return isConnectionLoss(error) ? Error::Kind::Disconnected : Error::Kind::Failed;
    }
}

/** What the user can do, by the causes that people meet; libvirt puts ssh's own words into the message. */
QString hintFor(const virError &error, const QString &text)
{
    const auto has = [&](const char *part) {
        return text.contains(QLatin1StringView(part), Qt::CaseInsensitive);
    };
    if (has("Host key verification failed")) {
        return VirerrorText::tr(
            "The host's SSH key is not known or has changed. Connect once with ssh in a terminal, compare the "
            "fingerprint, and try again.");
    }
    if (has("Could not resolve hostname") || has("unable to resolve") || has("Name or service not known")) {
        return VirerrorText::tr("Check the host's name.");
    }
    if (has("Permission denied (") || has("Permission denied, please try again")) {
        return VirerrorText::tr("Check the user name, and load your SSH key with ssh-add.");
    }
    if (error.code == VIR_ERR_AUTH_FAILED || error.code == VIR_ERR_AUTH_CANCELLED
        || error.code == VIR_ERR_AUTH_UNAVAILABLE) {
        return VirerrorText::tr(
            "Check the user name and the password, and that your user may manage virtual machines on that host "
            "(group “libvirt”).");
    }
    if (has("Failed to connect socket") && has("Permission denied")) {
        return VirerrorText::tr(
            "Your user may not use libvirt's socket. Add it to the group “libvirt” and log in again.");
    }
    if (has("Failed to connect socket") || has("nc: unix connect failed")) {
        return VirerrorText::tr(
            "libvirt's daemon does not run there. Install it, or start it with “systemctl start libvirtd”.");
    }
    if (has("Connection refused")) {
        return VirerrorText::tr(
            "Nothing listens on that port of the host. Check the address and that libvirt's daemon listens there.");
    }
    if (has("No route to host") || has("Connection timed out") || has("Network is unreachable")) {
        return VirerrorText::tr("The host can't be reached. Check the network, and that it is switched on.");
    }
    if (has("URI path")) {
        return VirerrorText::tr(
            "Check the part after the host's name: “/system” for the host's VMs, “/session” for your own.");
    }
    if (error.code == VIR_ERR_NO_CONNECT) {
        return VirerrorText::tr("This libvirt has no driver for that kind of URI. Check the part before “://”.");
    }
    return {};
}

} // namespace

Error lastError(const QString &what)
{
    const virError *error = virGetLastError();
    if (!error || error->code == VIR_ERR_OK) {
        return {Error::Kind::Failed, QStringLiteral("%1.").arg(what), {}, 0, 0};
    }
    const QString text = QString::fromUtf8(error->message).trimmed();
    return {
        kindOf(*error), QStringLiteral("%1: %2").arg(what, text), hintFor(*error, text), error->code, error->domain};
}

void quietLibvirt()
{
    virSetErrorFunc(nullptr, [](void *, virErrorPtr error) {
        qCDebug(log).noquote() << "libvirt error" << error->code << "from" << error->domain << error->message;
    });
}

} // namespace vireo::virt
