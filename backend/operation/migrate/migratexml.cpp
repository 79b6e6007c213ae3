// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/migrate/migratexml.h"

#include <algorithm>
#include <array>

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonObject>
#include <QtEndian>

#include "backend/operation/definitionsecrets.h"
#include "backend/xml/xmltext.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

using xml::ElementPath;
using xml::XmlText;

struct MigratexmlText {
    Q_DECLARE_TR_FUNCTIONS(operation_migratexml)
};

/** Elements whose text is a file of the host. */
constexpr std::array fileTexts{
    "os/kernel"_L1, "os/initrd"_L1, "os/dtb"_L1, "os/loader"_L1, "os/nvram"_L1, "os/acpi/table"_L1};
/** Devices that may listen on an address of the host. */
constexpr std::array sockets{
    "serial"_L1, "console"_L1, "parallel"_L1, "channel"_L1, "redirdev"_L1, "smartcard"_L1, "rng"_L1};

QString lastName(const ElementPath &path)
{
    return path.parts().isEmpty() ? QString() : path.parts().constLast().name;
}

/** One document being rewritten. */
class Rewriter final
{
    Q_DISABLE_COPY_MOVE(Rewriter)

public:
    Rewriter(XmlText text, const MigrateRewrite &rewrite)
        : m_text(std::move(text))
        , m_rewrite(rewrite)
    {}

    Result<QString> run()
    {
        const int root = m_text.find({});
        const QString name = root < 0 ? QString() : m_text.tree().localName(root).toString();
        if (name == "domain"_L1) {
            rewriteDomain({}, true);
        } else if (name == "domainsnapshot"_L1) {
            rewriteSnapshot();
        } else {
            return fail(Error::invalid(MigratexmlText::tr("This is no definition of a VM, and no snapshot: <%1>.")
                    .arg(name.isEmpty() ? u"?"_s : name)));
        }
        return m_text.toString();
    }

private:
    QList<ElementPath> children(const ElementPath &parent, QLatin1StringView name) const
    {
        QList<ElementPath> result;
        const QList<ElementPath> all = m_text.has(parent) ? m_text.children(parent) : QList<ElementPath>();
        for (const ElementPath &child : all) {
            if (lastName(child) == name) {
                result.append(child);
            }
        }
        return result;
    }
    QString target(const ElementPath &disk) const { return m_text.attribute(disk.child(u"target"_s), u"dev"_s); }

    void rewriteDomain(const ElementPath &domain, bool now);
    void rewriteSnapshot();
    void rewriteFirmware(const ElementPath &domain);
    void rewriteDisk(const ElementPath &disk, bool now);
    void rewriteChain(const ElementPath &holder);
    void rewriteInterface(const ElementPath &interface);
    void rewriteGraphics(const ElementPath &graphics);
    void rewriteAddress(const ElementPath &element, const QString &attribute);
    void mapText(const ElementPath &element);
    void mapAttribute(
        const ElementPath &element, const QString &attribute, const QMap<QString, QString> &map, bool isMapped = false);
    void setSource(const ElementPath &holder, const QString &path);
    void eject(const ElementPath &disk);

    XmlText m_text;
    const MigrateRewrite &m_rewrite;
};

/** `now`: the disks are those that are copied; in a snapshot they may be older layers, found by their paths alone. */
void Rewriter::rewriteDomain(const ElementPath &domain, bool now)
{
    if (!m_rewrite.name.isEmpty() && m_text.has(domain.child(u"name"_s))) {
        m_text.setText(domain.child(u"name"_s), m_rewrite.name);
    }
    rewriteFirmware(domain);
    const ElementPath devices = domain.child(u"devices"_s);
    mapText(devices.child(u"emulator"_s));
    const QList<ElementPath> disks = children(devices, "disk"_L1);
    for (const ElementPath &disk : disks) {
        rewriteDisk(disk, now);
    }
    const QList<ElementPath> interfaces = children(devices, "interface"_L1);
    for (const ElementPath &interface : interfaces) {
        rewriteInterface(interface);
    }
    const QList<ElementPath> screens = children(devices, "graphics"_L1);
    for (const ElementPath &graphics : screens) {
        rewriteGraphics(graphics);
    }
    for (const QLatin1StringView kind : sockets) {
        const QList<ElementPath> devicesOfKind = children(devices, kind);
        for (const ElementPath &device : devicesOfKind) {
            const QList<ElementPath> sources = children(device, "source"_L1);
            for (const ElementPath &source : sources) {
                if (m_text.attribute(source, u"mode"_s) == "bind"_L1) {
                    rewriteAddress(source, u"host"_s);
                }
            }
        }
    }
}

void Rewriter::rewriteSnapshot()
{
    mapAttribute(ElementPath(u"memory"_s), u"file"_s, m_rewrite.paths);
    const QList<ElementPath> disks = children(ElementPath(u"disks"_s), "disk"_L1);
    for (const ElementPath &disk : disks) {
        rewriteChain(disk);
    }
    for (const QLatin1StringView name : {"domain"_L1, "inactiveDomain"_L1}) {
        const QList<ElementPath> domains = children({}, name);
        for (const ElementPath &domain : domains) {
            rewriteDomain(domain, false);
        }
    }
}

void Rewriter::mapText(const ElementPath &element)
{
    const auto found =
        m_text.has(element) ? m_rewrite.paths.constFind(m_text.text(element).trimmed()) : m_rewrite.paths.constEnd();
    if (found != m_rewrite.paths.constEnd()) {
        m_text.setText(element, *found);
    }
}

void Rewriter::rewriteFirmware(const ElementPath &domain)
{
    for (const QLatin1StringView each : fileTexts) {
        const ElementPath below{QString(each)};
        ElementPath path = domain;
        for (const ElementPath::Part &part : below.parts()) {
            path = path.child(part.name, part.index);
        }
        mapText(path);
    }
    const ElementPath nvram = domain.child(u"os"_s).child(u"nvram"_s);
    mapAttribute(nvram, u"template"_s, m_rewrite.paths);
    mapAttribute(nvram.child(u"source"_s), u"file"_s, m_rewrite.paths);
}

void Rewriter::rewriteDisk(const ElementPath &disk, bool now)
{
    const QString name = target(disk);
    if (m_rewrite.ejected.contains(name)) {
        eject(disk);
        return;
    }
    if (now && m_rewrite.flattened.contains(name) && !m_text.children(disk.child(u"backingStore"_s)).isEmpty()) {
        // Its end is said, so that nobody looks for one in bytes that the guest may have written.
        (void)m_text.replace(disk.child(u"backingStore"_s), u"<backingStore/>"_s);
    }
    const QString copied = now ? m_rewrite.disks.value(name) : QString();
    if (copied.isEmpty()) {
        rewriteChain(disk);
        return;
    }
    setSource(disk, copied);
    if (m_text.has(disk.child(u"backingStore"_s))) {
        rewriteChain(disk.child(u"backingStore"_s));
    }
}

/** A <disk> or <backingStore> with all below it, by their paths. */
void Rewriter::rewriteChain(const ElementPath &holder)
{
    for (ElementPath at = holder; m_text.has(at); at = at.child(u"backingStore"_s)) {
        const ElementPath source = at.child(u"source"_s);
        if (!m_text.has(source)) {
            continue;
        }
        const QString volume = m_text.attribute(source, u"volume"_s);
        QString path = volume.isEmpty() ? QString() : m_text.attribute(source, u"pool"_s) + u'/' + volume;
        for (const QString &attribute : {u"file"_s, u"dev"_s}) {
            if (m_text.hasAttribute(source, attribute)) {
                path = m_text.attribute(source, attribute);
            }
        }
        if (const auto found = m_rewrite.paths.constFind(path); found != m_rewrite.paths.constEnd()) {
            setSource(at, *found);
        }
        // What is below a copied file and is no chain of layers any more is not named: see rewriteDisk().
    }
}

void Rewriter::setSource(const ElementPath &holder, const QString &path)
{
    const bool device = path.startsWith("/dev/"_L1);
    const QString type = device ? u"block"_s : u"file"_s;
    const QString before = m_text.hasAttribute(holder, u"type"_s) ? m_text.attribute(holder, u"type"_s) : u"file"_s;
    const ElementPath source = holder.child(u"source"_s);
    if (before != type) {
        m_text.setAttribute(holder, u"type"_s, type);
        for (const QString &attribute : {u"file"_s, u"dev"_s, u"pool"_s, u"volume"_s, u"mode"_s, u"protocol"_s,
                 u"name"_s, u"query"_s, u"tls"_s, u"tlsHostname"_s, u"dir"_s, u"startupPolicy"_s}) {
            if (attribute != (device ? "dev"_L1 : "file"_L1) && m_text.hasAttribute(source, attribute)) {
                m_text.removeAttribute(source, attribute);
            }
        }
        // What only a device or a server has; an encryption goes on with the content.
        for (const QString &child : {u"host"_s, u"auth"_s, u"reservations"_s, u"initiator"_s, u"cookies"_s, u"ssl"_s,
                 u"readahead"_s, u"timeout"_s, u"reconnect"_s, u"config"_s, u"snapshot"_s, u"identity"_s}) {
            while (m_text.has(source.child(child))) {
                m_text.remove(source.child(child));
            }
        }
    }
    m_text.setAttribute(source, device ? u"dev"_s : u"file"_s, path);
}

void Rewriter::eject(const ElementPath &disk)
{
    for (const QString &child : {u"backingStore"_s, u"source"_s}) {
        if (m_text.has(disk.child(child))) {
            m_text.remove(disk.child(child));
        }
    }
    if (m_text.hasAttribute(disk, u"type"_s)) {
        m_text.setAttribute(disk, u"type"_s, u"file"_s);
    }
}

void Rewriter::mapAttribute(
    const ElementPath &element, const QString &attribute, const QMap<QString, QString> &map, bool isMapped)
{
    if (!m_text.has(element) || !m_text.hasAttribute(element, attribute)) {
        return;
    }
    const auto found = map.constFind(m_text.attribute(element, attribute));
    if (found != map.constEnd()) {
        m_text.setAttribute(element, attribute, *found);
    } else if (isMapped) {
        m_text.removeAttribute(element, attribute);
    }
}

void Rewriter::rewriteInterface(const ElementPath &interface)
{
    const ElementPath source = interface.child(u"source"_s);
    if (!m_text.has(source)) {
        return;
    }
    const QString network = m_text.attribute(source, u"network"_s);
    const bool moved = !network.isEmpty() && m_rewrite.networks.contains(network);
    mapAttribute(source, u"network"_s, m_rewrite.networks);
    if (moved && m_text.hasAttribute(source, u"portid"_s)) {
        m_text.removeAttribute(source, u"portid"_s); // the port of the old network
    }
    // The bridge of a network is that network's business at the destination.
    mapAttribute(source, u"bridge"_s, m_rewrite.bridges, moved);
    mapAttribute(source, u"dev"_s, m_rewrite.bridges);
}

void Rewriter::rewriteGraphics(const ElementPath &graphics)
{
    rewriteAddress(graphics, u"listen"_s);
    const QList<ElementPath> all = children(graphics, "listen"_L1);
    for (const ElementPath &listen : all) {
        const bool moved = m_rewrite.networks.contains(m_text.attribute(listen, u"network"_s));
        mapAttribute(listen, u"network"_s, m_rewrite.networks);
        if (moved && m_text.hasAttribute(listen, u"address"_s)) {
            m_text.removeAttribute(listen, u"address"_s); // that of the old network
        } else {
            rewriteAddress(listen, u"address"_s);
        }
    }
}

void Rewriter::rewriteAddress(const ElementPath &element, const QString &attribute)
{
    if (!m_rewrite.listenAddress.isEmpty() && m_text.hasAttribute(element, attribute)
        && isAddressOfHost(m_text.attribute(element, attribute))) {
        m_text.setAttribute(element, attribute, m_rewrite.listenAddress);
    }
}

QJsonObject object(const QMap<QString, QString> &map)
{
    QJsonObject result;
    for (auto each = map.cbegin(); each != map.cend(); ++each) {
        result.insert(each.key(), each.value());
    }
    return result;
}

QMap<QString, QString> map(const QJsonValue &value)
{
    QMap<QString, QString> result;
    const QJsonObject json = value.toObject();
    for (auto each = json.begin(); each != json.end(); ++each) {
        result.insert(each.key(), each.value().toString());
    }
    return result;
}

QStringList list(const QJsonValue &value)
{
    QStringList result;
    const QJsonArray json = value.toArray();
    for (const auto &each : json) {
        result.append(each.toString());
    }
    return result;
}

} // namespace

bool isAddressOfHost(const QString &address)
{
    return !address.isEmpty() && address != "0.0.0.0"_L1 && address != "::"_L1 && address != "::1"_L1
        && address != "localhost"_L1 && !address.startsWith("127."_L1);
}

QJsonObject MigrateRewrite::toJson() const
{
    QJsonObject json;
    for (const auto &[key, value] :
        {std::pair{u"networks"_s, &networks}, {u"bridges"_s, &bridges}, {u"paths"_s, &paths}, {u"disks"_s, &disks}}) {
        if (!value->isEmpty()) {
            json.insert(key, object(*value));
        }
    }
    for (const auto &[key, value] : {std::pair{u"flattened"_s, &flattened}, {u"ejected"_s, &ejected}}) {
        if (!value->isEmpty()) {
            json.insert(key, QJsonArray::fromStringList(*value));
        }
    }
    for (const auto &[key, value] : {std::pair{u"listenAddress"_s, &listenAddress}, {u"name"_s, &name}}) {
        if (!value->isEmpty()) {
            json.insert(key, *value);
        }
    }
    return json;
}

MigrateRewrite MigrateRewrite::fromJson(const QJsonObject &json)
{
    return {map(json.value("networks"_L1)), map(json.value("bridges"_L1)), map(json.value("paths"_L1)),
        map(json.value("disks"_L1)), list(json.value("flattened"_L1)), list(json.value("ejected"_L1)),
        json.value("listenAddress"_L1).toString(), json.value("name"_L1).toString()};
}

Result<QString> rewriteForDestination(const QString &domainXml, const MigrateRewrite &rewrite)
{
    auto text = XmlText::parse(domainXml);
    if (!text) {
        return fail(text.error());
    }
    return Rewriter(*std::move(text), rewrite).run();
}

Result<QString> destinationXml(const QString &secureXml, const MigrateRewrite &rewrite, const QString &edited)
{
    const auto rewritten = rewriteForDestination(secureXml, rewrite);
    if (!rewritten || edited.isEmpty()) {
        return rewritten;
    }
    return withSecrets(edited, withoutSecrets(*rewritten), *rewritten);
}

Result<QByteArray> withBackingPath(const QByteArray &head, const QString &path)
{
    // docs/interop/qcow2.txt of QEMU: big-endian; backing_file_offset at 8, backing_file_size at 16, cluster_bits at
    // 20, header_length at 100 (version 3). The name stands within the first cluster, behind the header's extensions.
    constexpr qsizetype minimum = 104;
    constexpr quint64 maxName = 1023;
    const auto *bytes = reinterpret_cast<const uchar *>(head.constData());
    const auto refused = [](const QString &why) {
        return fail(Error::failed(why));
    };
    if (head.size() < minimum || !head.startsWith("QFI\xfb")) {
        return refused(MigratexmlText::tr("The file is no qcow2 image."));
    }
    const auto offset = qFromBigEndian<quint64>(bytes + 8);
    const auto size = qFromBigEndian<quint32>(bytes + 16);
    const auto clusterBits = qFromBigEndian<quint32>(bytes + 20);
    const auto length = static_cast<quint64>(head.size());
    if (offset == 0 || size == 0 || offset > length || size > length - offset || clusterBits < 9 || clusterBits > 21) {
        return refused(MigratexmlText::tr("The file's header names no backing file."));
    }
    const QByteArray name = path.toUtf8();
    const quint64 end = std::min<quint64>(length, quint64(1) << clusterBits);
    const auto wanted = static_cast<quint64>(name.size());
    if (name.isEmpty() || wanted > maxName || wanted > end - std::min(end, offset)) {
        return refused(MigratexmlText::tr("The file's header has no room for the path “%1”.").arg(path));
    }
    // What stands behind the old name must be nothing.
    for (quint64 at = offset + size; at < offset + wanted; ++at) {
        if (head.at(static_cast<qsizetype>(at)) != '\0') {
            return refused(MigratexmlText::tr("The file's header has no room for the path “%1”.").arg(path));
        }
    }
    QByteArray result = head;
    result.replace(static_cast<qsizetype>(offset), static_cast<qsizetype>(std::max<quint64>(size, wanted)),
        name.leftJustified(static_cast<qsizetype>(std::max<quint64>(size, wanted)), '\0'));
    qToBigEndian(static_cast<quint32>(wanted), reinterpret_cast<uchar *>(result.data()) + 16);
    return result;
}

} // namespace vireo::operation
