// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/virt/connectionuri.h"

#include <QCoreApplication>
#include <QRegularExpression>
#include <QUrl>

namespace vireo::virt {

namespace {

struct ConnectionuriText {
    Q_DECLARE_TR_FUNCTIONS(virt_ConnectionUri)
};

bool oneOf(const QString &text, std::initializer_list<const char *> list)
{
    for (const char *candidate : list) {
        if (text == QLatin1StringView(candidate)) {
            return true;
        }
    }
    return false;
}

/** Parameters that name a file, a mode or a timeout and nothing that runs or weakens. */
bool isHarmless(const QString &name, const QString &value)
{
    if (oneOf(
            name, {"name", "mode", "proxy", "pkipath", "keyfile", "known_hosts", "sshauth", "root", "tls_priority"})) {
        // Where ssh runs, a value that starts with '-' would be read as an option by whoever passes it on.
        return !value.startsWith(u'-');
    }
    if (name == u"known_hosts_verify") {
        return value == u"normal";
    }
    if (name == u"socket") {
        static const QRegularExpression plain(QStringLiteral("^/[A-Za-z0-9_./+@:,=-]*$"));
        return plain.match(value).hasMatch();
    }
    if (oneOf(name, {"no_verify", "no_tty", "no_sanity"})) {
        return value == u"0";
    }
    return false;
}

QString riskOf(const QString &name, const QString &value)
{
    if (name == u"command") {
        return ConnectionuriText::tr("“command=%1” runs a program on this computer.").arg(value);
    }
    if (name == u"netcat") {
        return ConnectionuriText::tr("“netcat=%1” runs a program on the host.").arg(value);
    }
    if (name == u"no_verify" || name == u"known_hosts_verify") {
        return ConnectionuriText::tr("“%1=%2” accepts a host whose identity was not verified.").arg(name, value);
    }
    if (name == u"no_tty") {
        return ConnectionuriText::tr("“no_tty=%1” keeps ssh from asking whether the host's key is right.").arg(value);
    }
    if (name == u"no_sanity") {
        return ConnectionuriText::tr("“no_sanity=%1” switches off the checks of certificates.").arg(value);
    }
    if (name == u"socket") {
        return ConnectionuriText::tr("“socket=%1” has characters that a shell on the host would interpret.").arg(value);
    }
    return ConnectionuriText::tr("“%1=%2” is a parameter that Vireo does not know.").arg(name, value);
}

Error invalid(const QString &message)
{
    return {Error::Kind::Invalid, message,
        ConnectionuriText::tr("A connection looks like qemu:///system or qemu+ssh://user@host/system."), 0, 0};
}

} // namespace

Result<ConnectionUri> ConnectionUri::parse(const QString &text)
{
    const QString trimmed = text.trimmed();
    for (const QChar c : trimmed) {
        if (c.unicode() < 0x20 || c.unicode() == 0x7f || c.isSpace()) {
            return fail(invalid(ConnectionuriText::tr("A connection URI has no spaces or control characters.")));
        }
    }
    static const QRegularExpression scheme(QStringLiteral("^([a-z][a-z0-9]*)(?:\\+([a-z0-9]+))?:(//)?"));
    const auto match = scheme.match(trimmed);
    if (!match.hasMatch()) {
        return fail(invalid(ConnectionuriText::tr("“%1” is not a connection URI.").arg(trimmed)));
    }
    if (!match.hasCaptured(3)) {
        return fail(invalid(ConnectionuriText::tr("After “%1:” two slashes are missing.").arg(match.captured(1))));
    }
    const QUrl url(trimmed, QUrl::StrictMode);
    if (!url.isValid()) {
        return fail(invalid(ConnectionuriText::tr("“%1” is not a connection URI: %2").arg(trimmed, url.errorString())));
    }

    ConnectionUri uri;
    uri.driver = match.captured(1);
    uri.transport = match.captured(2);
    uri.user = url.userName(QUrl::FullyDecoded);
    uri.host = url.host(QUrl::FullyDecoded);
    uri.port = url.port();
    uri.path = url.path(QUrl::FullyDecoded);
    // libvirt's own reader knows no '+' for space: plain percent decoding, pair by pair.
    const auto pairs =
        url.query(QUrl::FullyEncoded).split(QRegularExpression(QStringLiteral("[&;]")), Qt::SkipEmptyParts);
    for (const QString &pair : pairs) {
        const qsizetype equals = pair.indexOf(u'=');
        const QString name = QUrl::fromPercentEncoding(pair.left(equals < 0 ? pair.size() : equals).toUtf8());
        const QString value = equals < 0 ? QString() : QUrl::fromPercentEncoding(pair.mid(equals + 1).toUtf8());
        uri.parameters.append({name, value});
    }

    if (!url.password().isEmpty()) {
        return fail(invalid(ConnectionuriText::tr("A password does not belong into a URI; you will be asked for it.")));
    }
    if (!uri.transport.isEmpty() && !oneOf(uri.transport, {"unix", "ssh", "tls", "tcp", "libssh", "libssh2", "ext"})) {
        return fail(
            invalid(ConnectionuriText::tr("“%1” is not a transport; there are unix, ssh, tls, tcp, libssh and libssh2.")
                    .arg(uri.transport)));
    }
    if (uri.host.startsWith(u'-') || uri.user.startsWith(u'-')) {
        return fail(invalid(ConnectionuriText::tr("A host or user name can't start with “-”.")));
    }
    if (uri.host.isEmpty() && oneOf(uri.transport, {"ssh", "tls", "tcp", "libssh", "libssh2"})) {
        return fail(invalid(ConnectionuriText::tr("With “%1” a host name is needed.").arg(uri.transport)));
    }
    return uri;
}

QString ConnectionUri::toString() const
{
    QString text = driver;
    if (!transport.isEmpty()) {
        text += u'+' + transport;
    }
    text += QStringLiteral("://");
    if (!user.isEmpty()) {
        text += QString::fromLatin1(QUrl::toPercentEncoding(user)) + u'@';
    }
    text += host.contains(u':') ? u'[' + host + u']' : host;
    if (port >= 0) {
        text += u':' + QString::number(port);
    }
    text += QString::fromLatin1(QUrl::toPercentEncoding(path, "/"));
    QChar separator = u'?';
    for (const auto &[name, value] : parameters) {
        text += separator + QString::fromLatin1(QUrl::toPercentEncoding(name)) + u'='
            + QString::fromLatin1(QUrl::toPercentEncoding(value, "/:"));
        separator = u'&';
    }
    return text;
}

QStringList ConnectionUri::risks() const
{
    QStringList result;
    if (transport == u"ext") {
        result.append(ConnectionuriText::tr("The transport “ext” runs a program on this computer."));
    }
    for (const auto &[name, value] : parameters) {
        if (!isHarmless(name, value)) {
            result.append(riskOf(name, value));
        }
    }
    return result;
}

QString ConnectionUri::label() const
{
    QString kind = driver;
    if (driver == u"qemu") {
        kind = path == u"/session" ? ConnectionuriText::tr("QEMU/KVM user session") : ConnectionuriText::tr("QEMU/KVM");
    } else if (driver == u"xen") {
        kind = ConnectionuriText::tr("Xen");
    } else if (driver == u"lxc") {
        kind = ConnectionuriText::tr("LXC");
    } else if (driver == u"test") {
        kind = ConnectionuriText::tr("Test");
    }
    QString place = host;
    for (const auto &[name, value] : parameters) {
        if (place.isEmpty() && name == u"socket") {
            place =
                value.section(u'/', -3, -2); // the folders of the socket: what tells two daemons of one computer apart
        }
    }
    return place.isEmpty() ? kind : ConnectionuriText::tr("%1: %2").arg(kind, place);
}

} // namespace vireo::virt
