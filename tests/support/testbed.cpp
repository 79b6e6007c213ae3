// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "testbed.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QProcess>
#include <QProcessEnvironment>
#include <QXmlStreamWriter>

#include "builtfile.h"

using namespace Qt::StringLiterals;

namespace vireo::test {

namespace {

// QDir::tempPath() follows TMPDIR, which may be long; a socket's path has 107 bytes.
constexpr QLatin1StringView stateTemplate("/tmp/vireo-bed-XXXXXX");
constexpr int upTimeoutMs = 90000; // cold, QEMU is probed first: seconds on a busy machine
constexpr int buildTimeoutMs = 60000;
constexpr QLatin1StringView cacheDirectory(VIREO_TEST_CACHE_DIR);

QString builtGuest(const QString &name, const QString &script)
{
    return built(name, QStringLiteral(VIREO_TEST_GUEST_DIR), script, buildTimeoutMs);
}

using Attribute = QXmlStreamAttribute;

struct Boot {
    QString kernel;
    QString commandLine;
    QString disk;
};

QString guestXml(const QString &name, const Boot &boot, const QString &serialFile)
{
    QString text;
    QXmlStreamWriter xml(&text);
    const auto empty = [&xml](const QString &element, const QList<QXmlStreamAttribute> &attributes) {
        xml.writeEmptyElement(element);
        for (const QXmlStreamAttribute &attribute : attributes) {
            xml.writeAttribute(attribute);
        }
    };
    xml.writeStartElement(u"domain"_s);
    xml.writeAttribute(u"type"_s, u"qemu"_s);
    xml.writeTextElement(u"name"_s, name);
    xml.writeStartElement(u"memory"_s);
    xml.writeAttribute(u"unit"_s, u"MiB"_s);
    xml.writeCharacters(u"16"_s);
    xml.writeEndElement();
    xml.writeTextElement(u"vcpu"_s, u"1"_s);

    xml.writeStartElement(u"os"_s);
    xml.writeStartElement(u"type"_s);
    xml.writeAttribute(u"arch"_s, u"x86_64"_s);
    xml.writeCharacters(u"hvm"_s);
    xml.writeEndElement();
    if (!boot.kernel.isEmpty()) {
        xml.writeTextElement(u"kernel"_s, boot.kernel);
        xml.writeTextElement(u"cmdline"_s, boot.commandLine);
    }
    xml.writeEndElement();
    xml.writeStartElement(u"features"_s);
    xml.writeEmptyElement(u"acpi"_s);
    xml.writeEmptyElement(u"apic"_s);
    xml.writeEndElement();

    xml.writeStartElement(u"devices"_s);
    if (!boot.disk.isEmpty()) {
        xml.writeStartElement(u"disk"_s);
        xml.writeAttribute(u"type"_s, u"file"_s);
        xml.writeAttribute(u"device"_s, u"disk"_s);
        empty(u"driver"_s, {Attribute{u"name"_s, u"qemu"_s}, Attribute{u"type"_s, u"qcow2"_s}});
        empty(u"source"_s, {Attribute{u"file"_s, boot.disk}});
        empty(u"target"_s, {Attribute{u"dev"_s, u"vda"_s}, Attribute{u"bus"_s, u"virtio"_s}});
        xml.writeEndElement();
    }
    empty(u"controller"_s, {Attribute{u"type"_s, u"usb"_s}, Attribute{u"model"_s, u"none"_s}});
    xml.writeStartElement(u"serial"_s);
    xml.writeAttribute(u"type"_s, u"file"_s);
    empty(
        u"source"_s, {Attribute{u"path"_s, serialFile}, Attribute{u"append"_s, u"on"_s}}); // goes on after a migration
    empty(u"target"_s, {Attribute{u"port"_s, u"0"_s}});
    xml.writeEndElement();
    empty(u"memballoon"_s, {Attribute{u"model"_s, u"virtio"_s}});
    xml.writeEndElement();
    xml.writeEndElement();
    return text;
}

} // namespace

TestBed::TestBed(const QStringList &hostNames)
    : m_state(QString(stateTemplate))
{
    if (!m_state.isValid()) {
        m_errorText = m_state.errorString();
        return;
    }
    const Outcome up =
        hosts(QStringList{u"up"_s, u"--owner"_s, QString::number(QCoreApplication::applicationPid())} + hostNames,
            upTimeoutMs);
    m_up = up.ok();
    for (const QString &line : up.output.split(u'\n', Qt::SkipEmptyParts)) {
        const qsizetype equals = line.indexOf(u'=');
        m_variables.insert(line.left(equals), line.mid(equals + 1).remove(u'\''));
    }
}

TestBed::~TestBed()
{
    hosts({u"down"_s});
}

QString TestBed::uri(const QString &host) const
{
    return m_variables.value(u"URI_"_s + host);
}

QString TestBed::peerUri(const QString &host) const
{
    return m_variables.value(u"TCP_"_s + host);
}

bool TestBed::hostsAreIsolated() const
{
    return m_variables.value(u"VIREO_HOSTS_ISOLATED"_s) == u"yes";
}

QString TestBed::hostDirectory(const QString &host) const
{
    return QDir(m_state.path()).filePath(host);
}

QString TestBed::sharedDirectory() const
{
    return QDir(m_state.path()).filePath(u"shared"_s);
}

QString TestBed::directory() const
{
    return m_variables.value(u"VIREO_HOSTS_FILES"_s);
}

TestBed::Outcome TestBed::exec(const QString &host, const QStringList &command, int timeoutMs)
{
    return hosts(QStringList{u"exec"_s, host} + command, timeoutMs);
}

TestBed::Outcome TestBed::virsh(const QString &host, const QStringList &arguments, int timeoutMs)
{
    return run(u"virsh"_s, QStringList{u"-q"_s, u"-c"_s, uri(host)} + arguments, timeoutMs);
}

bool TestBed::stopDaemon(const QString &host)
{
    return verb(u"stop"_s, host);
}

bool TestBed::contDaemon(const QString &host)
{
    return verb(u"cont"_s, host);
}

bool TestBed::killDaemon(const QString &host)
{
    return verb(u"kill"_s, host);
}

bool TestBed::cutLink(const QString &host)
{
    return verb(u"cut"_s, host);
}

bool TestBed::joinLink(const QString &host)
{
    return verb(u"join"_s, host);
}

bool TestBed::rateLink(const QString &host, const QString &rate)
{
    return hosts({u"rate"_s, host, rate}).ok();
}

bool TestBed::wipe()
{
    return hosts({u"wipe"_s}).ok();
}

QByteArray TestBed::read(const QString &file) const
{
    QFile reader(QDir(directory()).filePath(file));
    return reader.open(QIODevice::ReadOnly) ? reader.readAll() : QByteArray();
}

QString TestBed::kernelGuestXml(const QString &name, const QString &commandLine) const
{
    return guestXml(name, {.kernel = guestKernel(), .commandLine = commandLine, .disk = {}},
        QDir(directory()).filePath(name + u".txt"_s));
}

QString TestBed::diskGuestXml(const QString &name, const QString &disk) const
{
    return guestXml(
        name, {.kernel = {}, .commandLine = {}, .disk = disk}, QDir(directory()).filePath(name + u".txt"_s));
}

QString TestBed::guestKernel()
{
    return builtGuest(u"guest.elf"_s, u"build.sh"_s);
}

QString TestBed::guestDisk()
{
    return builtGuest(u"guest.qcow2"_s, u"mkdisk.sh"_s);
}

QProcessEnvironment TestBed::environment() const
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"VIREO_HOSTS_DIR"_s, m_state.path());
    environment.insert(u"VIREO_HOSTS_CACHE"_s, QDir(cacheDirectory).filePath(u"hosts.cache"_s));
    environment.insert(u"VIREO_HOSTS_KVM"_s, u"off"_s); // the same guests on every machine
    environment.insert(u"LC_ALL"_s, u"C.UTF-8"_s);      // virsh's words are compared
    return environment;
}

void TestBed::startInside(QProcess &process, const QString &host, const QStringList &command) const
{
    process.setProcessEnvironment(environment());
    process.setStandardInputFile(QProcess::nullDevice());
    process.start(QStringLiteral(VIREO_TEST_BED_DIR "/hosts"), QStringList{u"exec"_s, host} + command);
}

TestBed::Outcome TestBed::run(const QString &program, const QStringList &arguments, int timeoutMs) const
{
    QProcess process;
    process.setProcessEnvironment(environment());
    process.setStandardInputFile(QProcess::nullDevice());
    process.start(program, arguments);
    Outcome outcome;
    if (!process.waitForFinished(timeoutMs)) {
        outcome.errorText = u"%1 %2: %3"_s.arg(program, arguments.join(u' '), process.errorString());
        process.kill();
        process.waitForFinished();
        return outcome;
    }
    if (process.exitStatus() == QProcess::NormalExit) {
        outcome.exitCode = process.exitCode();
    }
    outcome.output = QString::fromUtf8(process.readAllStandardOutput());
    outcome.errorText = QString::fromUtf8(process.readAllStandardError());
    return outcome;
}

TestBed::Outcome TestBed::hosts(const QStringList &arguments, int timeoutMs)
{
    const Outcome outcome = run(QStringLiteral(VIREO_TEST_BED_DIR "/hosts"), arguments, timeoutMs);
    if (!outcome.ok()) {
        m_errorText = u"hosts %1: %2"_s.arg(arguments.join(u' '), outcome.errorText);
    }
    return outcome;
}

bool TestBed::verb(const QString &name, const QString &host)
{
    return hosts({name, host}).ok();
}

} // namespace vireo::test
