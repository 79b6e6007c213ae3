// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "snapshothost.h"

#include <algorithm>

#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <QTest>
#include <QXmlStreamWriter>

using namespace Qt::StringLiterals;

namespace vireo::test {

namespace {

void element(QXmlStreamWriter &xml, const QString &name, const QList<std::pair<QString, QString>> &attributes)
{
    xml.writeEmptyElement(name);
    for (const auto &[key, value] : attributes) {
        xml.writeAttribute(key, value);
    }
}

} // namespace

SnapshotHost::SnapshotHost(const QStringList &hosts)
    : PlanBed(hosts)
{
    for (const QString &host : m_problem.isEmpty() ? hosts : QStringList()) {
        if (!QDir().mkpath(directory(host))
            || !QFile::setPermissions(directory(host), QFile::Permissions(0x7777))) { // NOLINT: a session's own user
            m_problem = u"no directory %1"_s.arg(directory(host));
            return;
        }
        if (!makePool(host, u"default"_s, directory(host))) {
            m_problem = u"no pool on %1"_s.arg(host);
            return;
        }
    }
}

SnapshotHost::~SnapshotHost() = default;

// ---- the VM

QString SnapshotHost::guestXml(const Guest &guest) const
{
    QString text;
    QXmlStreamWriter xml(&text);
    xml.writeStartElement(u"domain"_s);
    xml.writeAttribute(u"type"_s, u"qemu"_s);
    xml.writeTextElement(u"name"_s, name());
    xml.writeTextElement(u"memory"_s, QString::number(16 * 1024));
    xml.writeTextElement(u"vcpu"_s, u"1"_s);
    xml.writeStartElement(u"os"_s);
    xml.writeStartElement(u"type"_s);
    xml.writeAttribute(u"arch"_s, u"x86_64"_s);
    xml.writeAttribute(u"machine"_s, u"pc"_s); // whose IDE the guest knows
    xml.writeCharacters(u"hvm"_s);
    xml.writeEndElement();
    xml.writeTextElement(u"kernel"_s, TestBed::guestKernel());
    xml.writeTextElement(u"cmdline"_s, guest.orders);
    xml.writeEndElement();
    xml.writeStartElement(u"features"_s);
    xml.writeEmptyElement(u"acpi"_s);
    xml.writeEmptyElement(u"apic"_s);
    xml.writeEndElement();
    xml.writeStartElement(u"devices"_s);
    for (const Disk &disk : guest.disks) {
        xml.writeStartElement(u"disk"_s);
        xml.writeAttribute(u"type"_s, u"file"_s);
        xml.writeAttribute(u"device"_s, u"disk"_s);
        element(xml, u"driver"_s, {{u"name"_s, u"qemu"_s}, {u"type"_s, disk.format}});
        element(xml, u"source"_s,
            {{u"file"_s, u"%1/%2-%3.%4"_s.arg(directory(m_names.first()), name(), disk.target, disk.format)}});
        element(xml, u"target"_s, {{u"dev"_s, disk.target}, {u"bus"_s, u"ide"_s}});
        xml.writeEndElement();
    }
    element(xml, u"controller"_s, {{u"type"_s, u"usb"_s}, {u"model"_s, u"none"_s}});
    xml.writeStartElement(u"serial"_s);
    xml.writeAttribute(u"type"_s, u"unix"_s);
    element(xml, u"source"_s, {{u"mode"_s, u"bind"_s}, {u"path"_s, QDir(bed.directory()).filePath(u"vm.serial"_s)}});
    element(xml, u"target"_s, {{u"port"_s, u"0"_s}});
    xml.writeEndElement();
    if (guest.agent) {
        xml.writeStartElement(u"channel"_s);
        xml.writeAttribute(u"type"_s, u"unix"_s);
        element(xml, u"target"_s, {{u"type"_s, u"virtio"_s}, {u"name"_s, u"org.qemu.guest_agent.0"_s}});
        xml.writeEndElement();
    }
    if (guest.screen) {
        xml.writeStartElement(u"video"_s);
        element(xml, u"model"_s, {{u"type"_s, u"vga"_s}});
        xml.writeEndElement();
    }
    element(xml, u"memballoon"_s, {{u"model"_s, u"none"_s}});
    xml.writeEndElement();
    xml.writeEndElement();
    return text;
}

bool SnapshotHost::clear()
{
    m_serial.abort();
    for (const QString &host : std::as_const(m_names)) {
        const QStringList domains = virsh({u"list"_s, u"--all"_s, u"--name"_s}, host).split(u'\n', Qt::SkipEmptyParts);
        for (const QString &domain : domains) {
            bed.virsh(host, {u"destroy"_s, domain});
            bed.virsh(host, {u"undefine"_s, domain, u"--managed-save"_s, u"--snapshots-metadata"_s, u"--nvram"_s});
        }
        const QDir files(directory(host));
        for (const QString &file : files.entryList(QDir::Files | QDir::Hidden | QDir::System)) {
            if (!QFile::remove(files.filePath(file))) {
                return fails(u"can't remove %1"_s.arg(file));
            }
        }
        if (!makePool(host, u"default"_s, directory(host))) { // another test's clearing may have taken it
            return false;
        }
        if (const auto refreshed = bed.virsh(host, {u"pool-refresh"_s, u"default"_s}); !refreshed.ok()) {
            return fails(refreshed.errorText);
        }
    }
    m_model.clear();
    return true;
}

bool SnapshotHost::make(const Guest &guest)
{
    if (!m_problem.isEmpty() || !clear()) {
        return fails(m_problem);
    }
    m_guest = guest;
    const QString host = m_names.first();
    for (const Disk &disk : guest.disks) {
        const auto made = bed.virsh(host,
            {u"vol-create-as"_s, u"default"_s, u"%1-%2.%3"_s.arg(name(), disk.target, disk.format),
                u"%1M"_s.arg(disk.mebibytes), u"--format"_s, disk.format});
        if (!made.ok()) {
            return fails(made.errorText);
        }
    }
    const QString file = QDir(bed.directory()).filePath(u"vm.xml"_s);
    QFile writer(file);
    if (!writer.open(QIODevice::WriteOnly | QIODevice::Truncate)) {
        return fails(writer.errorString());
    }
    writer.write(guestXml(guest).toUtf8());
    writer.close();
    if (const auto defined = bed.virsh(host, {u"define"_s, file}); !defined.ok()) {
        return fails(defined.errorText);
    }
    m_uuid = QUuid::fromString(virsh({u"domuuid"_s, name()}).trimmed());
    return !m_uuid.isNull();
}

bool SnapshotHost::start()
{
    m_serial.abort();
    if (const auto started = bed.virsh(m_names.first(), {u"start"_s, name()}); !started.ok()) {
        return fails(started.errorText);
    }
    return heartbeat() >= 0 || fails(u"the guest does not run"_s);
}

bool SnapshotHost::stop()
{
    const auto stopped = bed.virsh(m_names.first(), {u"destroy"_s, name()});
    return stopped.ok() || fails(stopped.errorText);
}

QString SnapshotHost::state()
{
    return virsh({u"domstate"_s, name()}).trimmed();
}

QString SnapshotHost::path(const QString &disk)
{
    const QString list = virsh({u"domblklist"_s, name()});
    const QRegularExpression line(u"^\\s*%1\\s+(/.*)$"_s.arg(disk), QRegularExpression::MultilineOption);
    return line.match(list).captured(1).trimmed();
}

QStringList SnapshotHost::chain(const QString &disk)
{
    const auto info = bed.exec(
        m_names.first(), {u"qemu-img"_s, u"info"_s, u"-U"_s, u"--backing-chain"_s, u"--output=json"_s, path(disk)});
    QStringList result;
    const QJsonArray layers = QJsonDocument::fromJson(info.output.toUtf8()).array();
    for (const auto &layer : layers) {
        result.append(layer.toObject().value("filename"_L1).toString());
    }
    return result;
}

QStringList SnapshotHost::snapshots()
{
    return virsh({u"snapshot-list"_s, name(), u"--name"_s, u"--topological"_s}).split(u'\n', Qt::SkipEmptyParts);
}

// ---- its guest

bool SnapshotHost::connectGuest()
{
    // all that has come, so that nobody takes the old for new
    while (m_serial.isOpen() && (m_serial.bytesAvailable() > 0 || m_serial.waitForReadyRead(0))) {
        m_said += m_serial.readAll();
    }
    if (m_serial.state() == QLocalSocket::ConnectedState) {
        return true;
    }
    if (m_serial.state() == QLocalSocket::UnconnectedState) {
        m_said.clear();
        m_from = 0;
        m_serial.connectToServer(QDir(bed.directory()).filePath(u"vm.serial"_s));
    }
    return false;
}

bool SnapshotHost::hears(const QString &text, int timeoutMs)
{
    const bool heard = QTest::qWaitFor(
        [&] {
            connectGuest();
            const qsizetype found = m_said.indexOf(text.toUtf8(), m_from);
            if (found >= 0) {
                m_from = found + text.toUtf8().size();
            }
            return found >= 0;
        },
        timeoutMs);
    return heard || fails(u"the guest does not say \"%1\" but: %2"_s.arg(text, QString::fromUtf8(m_said.right(600))));
}

bool SnapshotHost::order(const QString &line, const QString &answer, int timeoutMs)
{
    if (!QTest::qWaitFor([&] { return connectGuest(); }, timeoutMs)) {
        return fails(u"no serial line: %1"_s.arg(m_serial.errorString()));
    }
    m_from = m_said.size();
    m_serial.write(line.toUtf8() + '\n');
    m_serial.flush();
    return answer.isEmpty() || hears(answer, timeoutMs);
}

int SnapshotHost::figure(const QRegularExpression &line, int timeoutMs)
{
    connectGuest();
    m_from = m_said.size();
    int number = -1;
    const bool heard = QTest::qWaitFor(
        [&] {
            connectGuest();
            const auto match = line.match(QString::fromLatin1(m_said.mid(m_from)));
            number = match.hasMatch() ? match.capturedView(1).toInt() : -1;
            return number >= 0;
        },
        timeoutMs);
    return heard ? number : -1;
}

int SnapshotHost::heartbeat(int timeoutMs)
{
    return figure(QRegularExpression(u"HB (\\d+) t=[^\\n]*\\n"_s), timeoutMs);
}

int SnapshotHost::logged(int timeoutMs)
{
    return figure(QRegularExpression(u" logged=(\\d+)\\r"_s), timeoutMs);
}

bool SnapshotHost::writes(const QString &disk, int at, int size, quint32 pattern)
{
    const QString what = u"%1:%2:%3:%4"_s.arg(disk).arg(at).arg(size).arg(pattern);
    if (!order(u"write="_s + what, u"WROTE "_s + what + u"\r\n"_s)) {
        return false;
    }
    m_model.wrote(disk, {.at = at, .size = size, .pattern = pattern});
    return true;
}

bool SnapshotHost::sees()
{
    for (const Disk &disk : std::as_const(m_guest.disks)) {
        const QList<DiskModel::Reading> readings = m_model.readings(disk.target, disk.mebibytes);
        for (const auto &[line, answer] : readings) {
            if (!order(line, answer)) {
                return false;
            }
        }
    }
    return true;
}

// ---- what must be where

QByteArray SnapshotHost::expected(const QString &disk, const QString &remembered) const
{
    const auto found = std::ranges::find_if(m_guest.disks, [&](const Disk &one) { return one.target == disk; });
    return found == m_guest.disks.end() ? QByteArray() : m_model.expected(disk, found->mebibytes, remembered);
}

QString SnapshotHost::compare(const QString &disk, const QString &image, const QString &remembered,
    const QString &format, const QString &internal)
{
    return DiskModel::difference(content(image, format, internal, m_names.first()), expected(disk, remembered),
        remembered.isEmpty() ? image : u"%1 (\"%2\")"_s.arg(image, remembered));
}

// ---- hosts

QString SnapshotHost::directory(const QString &host) const
{
    return QDir(bed.directory()).filePath(u"pool-"_s + host);
}

QStringList SnapshotHost::files(const QString &host) const
{
    return QDir(directory(host)).entryList(QDir::Files | QDir::Hidden | QDir::System, QDir::Name);
}

} // namespace vireo::test
