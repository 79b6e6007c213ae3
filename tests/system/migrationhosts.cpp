// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "migrationhosts.h"

#include <algorithm>

#include <QDir>
#include <QLocalSocket>
#include <QRegularExpression>
#include <QTest>
#include <QXmlStreamWriter>

#include "tests/support/cloudimage.h"

using namespace Qt::StringLiterals;

namespace vireo::test {

namespace {

const QStringList &hostNames()
{
    static const QStringList names{MigrationHosts::a(), MigrationHosts::b()};
    return names;
}

QString fileOf(const MigrationHosts::Disk &disk, const QString &name)
{
    return u"%1-%2.%3"_s.arg(name, disk.target, disk.format);
}

void element(QXmlStreamWriter &xml, const QString &name, const QList<std::pair<QString, QString>> &attributes)
{
    xml.writeEmptyElement(name);
    for (const auto &[key, value] : attributes) {
        xml.writeAttribute(key, value);
    }
}

} // namespace

MigrationHosts::MigrationHosts()
    : PlanBed(hostNames())
{
    if (m_problem.isEmpty() && !bed.hostsAreIsolated()) {
        m_problem = u"migrations are tested on hosts in namespaces only"_s;
    }
    if (m_problem.isEmpty() && !clear()) {
        m_problem = u"no pools"_s;
    }
}

MigrationHosts::~MigrationHosts() = default;

bool MigrationHosts::clear()
{
    for (const QString &host : hostNames()) {
        bed.joinLink(host);
        bed.rateLink(host, u"off"_s); // refused where there was no limit
        const QStringList domains = virsh({u"list"_s, u"--all"_s, u"--name"_s}, host).split(u'\n', Qt::SkipEmptyParts);
        for (const QString &domain : domains) {
            const QStringList undefine{
                u"undefine"_s, domain, u"--managed-save"_s, u"--snapshots-metadata"_s, u"--nvram"_s, u"--tpm"_s};
            bed.virsh(host, {u"destroy"_s, domain});
            bed.virsh(host, undefine);
            // After a post-copy whose source was killed, libvirt 9.0 may keep the domain's lock for ever.
            if (!state(host, domain).isEmpty()
                && !(bed.killDaemon(host) && answers(host) && bed.virsh(host, undefine).ok())) {
                return fails(u"can't remove %1 of %2"_s.arg(domain, host));
            }
        }
        const QStringList small = m_smallPools.take(host);
        for (const QString &pool : small) {
            bed.virsh(host, {u"pool-destroy"_s, pool});
            bed.virsh(host, {u"pool-undefine"_s, pool});
            bed.exec(host, {u"umount"_s, hostDirectory(pool)});
        }
        for (const QString &pool : {u"default"_s, u"shared"_s}) {
            if (!QDir().mkpath(directory(host, pool))) {
                return fails(u"no directory %1"_s.arg(directory(host, pool)));
            }
            QDir files(directory(host, pool));
            const QStringList names = files.entryList(QDir::Files | QDir::Hidden | QDir::System);
            for (const QString &file : names) {
                if (!files.remove(file)) {
                    return fails(u"can't remove %1"_s.arg(file));
                }
            }
            if (!makePool(host, pool, hostDirectory(pool))) {
                return false;
            }
            if (const auto refreshed = bed.virsh(host, {u"pool-refresh"_s, pool}); !refreshed.ok()) {
                return fails(refreshed.errorText);
            }
        }
    }
    QDir texts(bed.directory());
    const QStringList old = texts.entryList({u"*.txt"_s}, QDir::Files);
    for (const QString &file : old) {
        texts.remove(file);
    }
    m_guests.clear();
    return true;
}

// ---- VMs

QString MigrationHosts::guestXml(const Guest &guest, Name) const
{
    QString text;
    QXmlStreamWriter xml(&text);
    xml.writeStartElement(u"domain"_s);
    xml.writeAttribute(u"type"_s, u"qemu"_s);
    xml.writeTextElement(u"name"_s, guest.name);
    xml.writeTextElement(u"memory"_s, QString::number(guest.mebibytes * 1024));
    xml.writeTextElement(u"vcpu"_s, u"1"_s);
    xml.writeStartElement(u"os"_s);
    xml.writeStartElement(u"type"_s);
    xml.writeAttribute(u"arch"_s, u"x86_64"_s);
    xml.writeAttribute(u"machine"_s, u"pc"_s); // whose IDE the guest knows
    xml.writeCharacters(u"hvm"_s);
    xml.writeEndElement();
    xml.writeTextElement(u"kernel"_s, guest.realKernel ? cloudimage::kernel() : TestBed::guestKernel());
    if (guest.realKernel) {
        xml.writeTextElement(u"initrd"_s, cloudimage::initrd());
    }
    xml.writeTextElement(
        u"cmdline"_s, guest.realKernel ? u"console=ttyS0 quiet panic=-1 vireo.do=beat"_s : guest.orders);
    xml.writeEndElement();
    xml.writeStartElement(u"features"_s);
    xml.writeEmptyElement(u"acpi"_s);
    xml.writeEmptyElement(u"apic"_s);
    xml.writeEndElement();
    if (!guest.cpu.isEmpty()) {
        xml.writeStartElement(u"cpu"_s);
        xml.writeAttribute(u"mode"_s, u"custom"_s);
        xml.writeAttribute(u"match"_s, u"exact"_s);
        xml.writeAttribute(u"check"_s, u"none"_s);
        xml.writeTextElement(u"model"_s, guest.cpu);
        xml.writeEndElement();
    }
    xml.writeStartElement(u"devices"_s);
    for (const Disk &disk : guest.disks) {
        xml.writeStartElement(u"disk"_s);
        xml.writeAttribute(u"type"_s, u"file"_s);
        xml.writeAttribute(u"device"_s, u"disk"_s);
        QList<std::pair<QString, QString>> driver{{u"name"_s, u"qemu"_s}, {u"type"_s, disk.format}};
        if (!disk.cache.isEmpty()) {
            driver.append({u"cache"_s, disk.cache});
        }
        element(xml, u"driver"_s, driver);
        element(xml, u"source"_s, {{u"file"_s, u"%1/%2"_s.arg(hostDirectory(disk.pool), fileOf(disk, guest.name))}});
        element(xml, u"target"_s, {{u"dev"_s, disk.target}, {u"bus"_s, u"ide"_s}});
        xml.writeEndElement();
    }
    element(xml, u"controller"_s, {{u"type"_s, u"usb"_s}, {u"model"_s, u"none"_s}});
    // Orders go to a socket that each host has for its own; what the guest says is appended to one file.
    xml.writeStartElement(u"serial"_s);
    xml.writeAttribute(u"type"_s, u"unix"_s);
    element(xml, u"source"_s, {{u"mode"_s, u"bind"_s}, {u"path"_s, u"/run/libvirt/%1.serial"_s.arg(guest.name)}});
    element(
        xml, u"log"_s, {{u"file"_s, QDir(bed.directory()).filePath(guest.name + u".txt"_s)}, {u"append"_s, u"on"_s}});
    element(xml, u"target"_s, {{u"port"_s, u"0"_s}});
    xml.writeEndElement();
    if (guest.agent) {
        xml.writeStartElement(u"channel"_s);
        xml.writeAttribute(u"type"_s, u"unix"_s);
        element(xml, u"target"_s, {{u"type"_s, u"virtio"_s}, {u"name"_s, u"org.qemu.guest_agent.0"_s}});
        xml.writeEndElement();
    }
    element(xml, u"memballoon"_s, {{u"model"_s, u"none"_s}});
    xml.writeEndElement();
    xml.writeEndElement();
    return guest.devices.isEmpty() ? text : text.replace(u"</devices>"_s, guest.devices + u"</devices>"_s);
}

bool MigrationHosts::makeDisk(const Disk &disk, const QString &volume, Name host)
{
    QStringList order{u"vol-create-as"_s, disk.pool, volume, u"%1M"_s.arg(disk.mebibytes), u"--format"_s, disk.format};
    if (!disk.base.isEmpty()) {
        order += {u"--backing-vol"_s, disk.base, u"--backing-vol-format"_s, u"qcow2"_s};
    }
    const auto made = bed.virsh(host, order);
    return made.ok() || fails(made.errorText);
}

bool MigrationHosts::make(const Guest &guest, Name host)
{
    for (const Disk &disk : guest.disks) {
        if (!makeDisk(disk, fileOf(disk, guest.name), host)) {
            return false;
        }
    }
    const QString file = QDir(bed.directory()).filePath(guest.name + u".xml"_s);
    QFile writer(file);
    if (!writer.open(QIODevice::WriteOnly | QIODevice::Truncate)) {
        return fails(writer.errorString());
    }
    writer.write(guestXml(guest, host).toUtf8());
    writer.close();
    if (const auto defined = bed.virsh(host, {u"define"_s, file}); !defined.ok()) {
        return fails(defined.errorText);
    }
    QFile::remove(QDir(bed.directory()).filePath(guest.name + u".txt"_s));
    const QUuid uuid = QUuid::fromString(virsh({u"domuuid"_s, guest.name}, host).trimmed());
    m_guests.insert(guest.name, {.guest = guest, .uuid = uuid, .model = {}});
    return !uuid.isNull();
}

bool MigrationHosts::start(Name name, Name host)
{
    if (const auto started = bed.virsh(host, {u"start"_s, name}); !started.ok()) {
        return fails(started.errorText);
    }
    return heartbeat(name) >= 0 || fails(u"the guest does not run"_s);
}

bool MigrationHosts::stop(Name name, Name host)
{
    const auto stopped = bed.virsh(host, {u"destroy"_s, name});
    return stopped.ok() || fails(stopped.errorText);
}

QString MigrationHosts::state(Name host, Name name)
{
    return virsh({u"domstate"_s, name}, host).trimmed();
}

bool MigrationHosts::isPersistent(Name host, Name name)
{
    return virsh({u"list"_s, u"--all"_s, u"--persistent"_s, u"--name"_s}, host).split(u'\n').contains(name);
}

QString MigrationHosts::xml(Name host, bool inactive, Name name)
{
    QStringList order{u"dumpxml"_s, name};
    if (inactive) {
        order.append(u"--inactive"_s);
    }
    return virsh(order, host);
}

QString MigrationHosts::where(Name name, const std::function<bool(const QString &)> &holds)
{
    QStringList found;
    for (const QString &host : hostNames()) {
        if (holds(state(host, name))) {
            found.append(host);
        }
    }
    return found.join(u' ');
}

QString MigrationHosts::runsOn(Name name)
{
    return where(name, [](const QString &is) { return is == "running"_L1; });
}

QString MigrationHosts::existsOn(Name name)
{
    return where(name, [](const QString &is) { return !is.isEmpty(); });
}

QString MigrationHosts::path(Name disk, Name host, Name name)
{
    const QRegularExpression line(u"^\\s*%1\\s+(/.*)$"_s.arg(disk), QRegularExpression::MultilineOption);
    return line.match(virsh({u"domblklist"_s, name}, host)).captured(1).trimmed();
}

// ---- guests

bool MigrationHosts::order(Name line, Name answer, Name name, int timeoutMs)
{
    const QString host = runsOn(name);
    const qsizetype from = said(name).size();
    QLocalSocket serial;
    serial.connectToServer(QDir(bed.hostDirectory(host)).filePath(u"run/%1.serial"_s.arg(name)));
    if (!serial.waitForConnected(timeoutMs)) {
        return fails(u"no serial line of %1 on \"%2\": %3"_s.arg(name, host, serial.errorString()));
    }
    serial.write(line.toUtf8() + '\n');
    while (serial.bytesToWrite() > 0 && serial.waitForBytesWritten(timeoutMs)) {}
    // It reads byte by byte, and what was not read goes when the line is closed: each order has an answer, or is given
    // the time of two heartbeats.
    const auto isAnswered = [&] {
        serial.readAll(); // a line that nobody reads would hold the guest up
        const QByteArray now = said(name).mid(from);
        return answer.isEmpty() ? now.count("HB ") >= 2 : now.contains(answer.toUtf8());
    };
    return QTest::qWaitFor(isAnswered, timeoutMs)
        || fails(u"the guest does not say \"%1\" but: %2"_s.arg(answer, QString::fromUtf8(said(name).right(600))));
}

bool MigrationHosts::hears(Name text, Name name, int timeoutMs)
{
    const qsizetype from = said(name).size();
    const bool heard = QTest::qWaitFor([&] { return said(name).mid(from).contains(text.toUtf8()); }, timeoutMs);
    return heard
        || fails(u"the guest does not say \"%1\" but: %2"_s.arg(text, QString::fromUtf8(said(name).right(600))));
}

int MigrationHosts::heartbeat(Name name, int timeoutMs)
{
    static const QRegularExpression beat(u"HB (\\d+) t=[^\\n]*\\n"_s);
    const qsizetype from = said(name).size();
    int number = -1;
    const bool heard = QTest::qWaitFor(
        [&] {
            const auto match = beat.match(QString::fromLatin1(said(name).mid(from)));
            number = match.hasMatch() ? match.capturedView(1).toInt() : -1;
            return number >= 0;
        },
        timeoutMs);
    return heard ? number : -1;
}

QString MigrationHosts::neverWentBack(Name name) const
{
    const QList<QByteArray> lines = said(name).split('\n');
    int last = 0;
    int boots = 0;
    for (const QByteArray &line : lines) {
        boots += line.contains("VIREO GUEST READY");
        if (!line.startsWith("HB ") || !line.endsWith('\r')) {
            continue;
        }
        const int number = line.mid(3, line.indexOf(' ', 3) - 3).toInt();
        if (number != last + 1) {
            return u"heartbeat %1 follows %2"_s.arg(number).arg(last);
        }
        last = number;
    }
    return boots == 1 ? QString() : u"the guest booted %1 times"_s.arg(boots);
}

QString MigrationHosts::wentOn(Name name)
{
    if (heartbeat(name) < 0) {
        return u"the guest does not beat; it runs on \"%1\""_s.arg(runsOn(name));
    }
    return neverWentBack(name);
}

bool MigrationHosts::writes(Name disk, int at, int size, quint32 pattern, Name name)
{
    const QString what = u"%1:%2:%3:%4"_s.arg(disk).arg(at).arg(size).arg(pattern);
    if (!order(u"write="_s + what, u"WROTE "_s + what + u"\r\n"_s, name)) {
        return false;
    }
    m_guests[name].model.wrote(disk, {.at = at, .size = size, .pattern = pattern});
    return true;
}

bool MigrationHosts::sees(Name name)
{
    const Made &made = m_guests[name];
    for (const Disk &disk : made.guest.disks) {
        const QList<DiskModel::Reading> readings = made.model.readings(disk.target, disk.mebibytes);
        for (const auto &[line, answer] : readings) {
            if (!order(line, answer, name)) {
                return false;
            }
        }
    }
    return true;
}

// ---- files

QString MigrationHosts::compare(Name disk, Name host, Name name)
{
    const Made &made = m_guests[name];
    const auto found = std::ranges::find_if(made.guest.disks, [&](const Disk &one) { return one.target == disk; });
    if (found == made.guest.disks.end()) {
        return u"there is no disk %1"_s.arg(disk);
    }
    const QString image = path(disk, host, name);
    return DiskModel::difference(
        content(image, found->format, {}, host), made.model.expected(disk, found->mebibytes), image);
}

QString MigrationHosts::hostDirectory(Name pool)
{
    return pool == "shared"_L1 ? u"/srv/shared/pool"_s
        : pool == "default"_L1 ? u"/srv/local/pool"_s
                               : u"/srv/local/pool-%1"_s.arg(pool);
}

QString MigrationHosts::directory(Name host, Name pool) const
{
    return pool == "shared"_L1 ? QDir(bed.sharedDirectory()).filePath(u"pool"_s)
        : pool == "default"_L1 ? QDir(bed.hostDirectory(host)).filePath(u"local/pool"_s)
                               : QDir(bed.hostDirectory(host)).filePath(u"local/pool-%1"_s.arg(pool));
}

QStringList MigrationHosts::files(Name host, Name pool) const
{
    return QDir(directory(host, pool)).entryList(QDir::Files | QDir::Hidden | QDir::System, QDir::Name);
}

QStringList MigrationHosts::orphans()
{
    QHash<QString, QString> definitions;
    for (const QString &host : hostNames()) {
        QString &all = definitions[host];
        const QStringList domains = virsh({u"list"_s, u"--all"_s, u"--name"_s}, host).split(u'\n', Qt::SkipEmptyParts);
        for (const QString &domain : domains) {
            all += xml(host, false, domain) + xml(host, true, domain);
            const QStringList snapshots =
                virsh({u"snapshot-list"_s, domain, u"--name"_s}, host).split(u'\n', Qt::SkipEmptyParts);
            for (const QString &snapshot : snapshots) {
                all += virsh({u"snapshot-dumpxml"_s, domain, snapshot}, host);
            }
            // A domain that is off does not tell what lies beneath its disks.
            const QStringList disks = virsh({u"domblklist"_s, domain}, host).split(u'\n', Qt::SkipEmptyParts);
            for (const QString &disk : disks) {
                const QString image = disk.section(u'/', 1).trimmed();
                if (!image.isEmpty()) {
                    all +=
                        bed.exec(host, {u"qemu-img"_s, u"info"_s, u"-U"_s, u"--backing-chain"_s, u'/' + image}).output;
                }
            }
        }
    }
    QStringList result;
    const auto look = [&](const QString &host, const QString &pool, const QString &used) {
        const QStringList names = files(host, pool);
        for (const QString &file : names) {
            const QString path = u"%1/%2"_s.arg(hostDirectory(pool), file);
            if (!used.contains(path)) {
                result.append(u"%1: %2"_s.arg(host, path));
            }
        }
    };
    for (const QString &host : hostNames()) {
        look(host, u"default"_s, definitions.value(host));
    }
    look(a(), u"shared"_s, definitions.value(a()) + definitions.value(b()));
    return result;
}

bool MigrationHosts::makeSmallPool(Name host, Name pool, int mebibytes)
{
    const QString path = hostDirectory(pool);
    if (!QDir().mkpath(directory(host, pool))) {
        return fails(u"no directory %1"_s.arg(path));
    }
    const auto mounted =
        bed.exec(host, {u"mount"_s, u"-t"_s, u"tmpfs"_s, u"-o"_s, u"size=%1m"_s.arg(mebibytes), u"tmpfs"_s, path});
    if (!mounted.ok()) {
        return fails(mounted.errorText);
    }
    m_smallPools[host].append(pool);
    return makePool(host, pool, path);
}

// ---- breaking things

bool MigrationHosts::signalQemu(Name host, Name name, Name signal)
{
    // Its number counts inside of the host only, where no other process can have it.
    const auto read = bed.exec(host, {u"cat"_s, u"/run/libvirt/qemu/%1.pid"_s.arg(name)});
    const QString pid = read.output.trimmed();
    if (!read.ok() || pid.toInt() <= 1) {
        return fails(u"no QEMU of %1 on %2: %3"_s.arg(name, host, read.errorText));
    }
    const auto sent = bed.exec(host, {u"kill"_s, u"-s"_s, signal, pid});
    return sent.ok() || fails(sent.errorText);
}

bool MigrationHosts::killQemu(Name host, Name name)
{
    return signalQemu(host, name, u"KILL"_s);
}

bool MigrationHosts::stopQemu(Name host, Name name)
{
    return signalQemu(host, name, u"STOP"_s);
}

bool MigrationHosts::contQemu(Name host, Name name)
{
    return signalQemu(host, name, u"CONT"_s);
}

bool MigrationHosts::answers(Name host, int timeoutMs)
{
    return QTest::qWaitFor([&] { return bed.virsh(host, {u"version"_s}).ok(); }, timeoutMs)
        || fails(u"host %1 does not answer"_s.arg(host));
}

} // namespace vireo::test
