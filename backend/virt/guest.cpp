// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/virt/guest.h"

#include <algorithm>
#include <cstdlib>

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include <QCoreApplication>
#include <QDateTime>

#include "backend/virt/connection_p.h"
#include "backend/virt/domains.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;

namespace vireo::virt::guest {

namespace {

struct GuestText {
    Q_DECLARE_TR_FUNCTIONS(virt_guest)
};

/** A non-negative answer is the result; a negative one is libvirt's error under `what`. */
template<typename Call>
Result<int> onDomain(Connection &connection, const QUuid &uuid, const QString &what, Call &&call)
{
    const auto domain = connection.d().lookup(uuid);
    if (!domain) {
        return fail(domain.error());
    }
    const QString name = QString::fromUtf8(virDomainGetName(domain->get())); // later it would reset libvirt's error
    const int answer = call(domain->get());
    if (answer < 0) {
        return fail(lastError(what.arg(name)));
    }
    return answer;
}

/** Reads the whole stream. The caller ends it: by an abort after an error. */
Result<QByteArray> receive(virStreamPtr stream, const QString &what, qsizetype maxBytes)
{
    constexpr qsizetype packet = 262120; // what one packet of libvirt's protocol holds
    QByteArray result;
    QByteArray buffer(packet, Qt::Uninitialized);
    for (;;) {
        const int got = virStreamRecv(stream, buffer.data(), static_cast<size_t>(buffer.size()));
        if (got < 0) {
            return fail(lastError(what));
        }
        if (got == 0) {
            return result;
        }
        if (result.size() + got > maxBytes) {
            return fail(Error::failed(GuestText::tr("%1: the picture is too large.").arg(what)));
        }
        result.append(buffer.constData(), got);
    }
}

} // namespace

Result<bool> hasAgent(Connection &connection, const QUuid &domain)
{
    const auto text = domains::xml(connection, domain, domains::XmlKind::Live);
    if (!text) {
        return fail(text.error());
    }
    const auto document = xml::Document::parse(*text);
    if (!document) {
        return fail(document.error());
    }
    const auto channels = document->root().child(u"devices"_s).children(u"channel"_s);
    return std::ranges::any_of(channels, [](const xml::Element &channel) {
        const xml::Element target = channel.child(u"target"_s);
        return target.attribute(u"name"_s) == "org.qemu.guest_agent.0"_L1
            && target.attribute(u"state"_s) == "connected"_L1;
    });
}

Result<int> freeze(Connection &connection, const QUuid &domain)
{
    return onDomain(connection, domain, GuestText::tr("Can't freeze the file systems of %1"),
        [](virDomainPtr handle) { return virDomainFSFreeze(handle, nullptr, 0, 0); });
}

Result<int> thaw(Connection &connection, const QUuid &domain)
{
    return onDomain(connection, domain, GuestText::tr("Can't thaw the file systems of %1"),
        [](virDomainPtr handle) { return virDomainFSThaw(handle, nullptr, 0, 0); });
}

Result<> setAgentTimeout(Connection &connection, const QUuid &domain, std::chrono::seconds timeout)
{
    const auto done = onDomain(
        connection, domain, GuestText::tr("Can't limit the time of the guest agent of %1"), [&](virDomainPtr handle) {
            return virDomainAgentSetResponseTimeout(handle, static_cast<int>(timeout.count()), 0);
        });
    return done ? Result<>() : fail(done.error());
}

Result<> syncTime(Connection &connection, const QUuid &domain)
{
    const QString what = GuestText::tr("Can't set the clock of %1");
    const auto synced = onDomain(connection, domain, what,
        [](virDomainPtr handle) { return virDomainSetTime(handle, 0, 0, VIR_DOMAIN_TIME_SYNC); });
    if (synced) {
        return {};
    }
    const qint64 now = QDateTime::currentMSecsSinceEpoch();
    const auto told = onDomain(connection, domain, what, [now](virDomainPtr handle) {
        return virDomainSetTime(handle, now / 1000, static_cast<unsigned int>(now % 1000) * 1000000U, 0);
    });
    return told ? Result<>() : fail(synced.error());
}

Result<QByteArray> screenshot(Connection &connection, const QUuid &domain, qsizetype maxBytes)
{
    const auto handle = connection.d().lookup(domain);
    if (!handle) {
        return fail(handle.error());
    }
    const QString what = GuestText::tr("Can't take a picture of the screen of %1")
                             .arg(QString::fromUtf8(virDomainGetName(handle->get())));
    const StreamHandle stream(virStreamNew(connection.d().handle, 0));
    if (!stream) {
        return fail(lastError(what));
    }
    char *mime = virDomainScreenshot(handle->get(), stream.get(), 0, 0);
    if (!mime) {
        return fail(lastError(what));
    }
    std::free(mime); // the content says it as well
    auto picture = receive(stream.get(), what, maxBytes);
    if (!picture) {
        virStreamAbort(stream.get());
        return picture;
    }
    if (virStreamFinish(stream.get()) != 0) {
        return fail(lastError(what));
    }
    return picture;
}

} // namespace vireo::virt::guest
