// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "machinestate.h"

#include <QRegularExpression>

using namespace Qt::StringLiterals;

namespace vireo::test {

namespace {

const QString variablesDirectory = u"/var/lib/libvirt/qemu/nvram"_s;

} // namespace

bool MachineState::clear()
{
    for (const QString &host : {MigrationHosts::a(), MigrationHosts::b()}) {
        if (!m_hosts.bed.exec(host, {u"rm"_s, u"-rf"_s, variablesDirectory, u"/var/lib/libvirt/swtpm"_s}).ok()) {
            return false;
        }
        m_hosts.bed.virsh(host, {u"secret-undefine"_s, secret()});
    }
    return true;
}

bool MachineState::redefine(Name host, Name text, Name with)
{
    const QString was = m_hosts.virsh({u"dumpxml"_s, u"--inactive"_s, u"vm"_s}, host);
    QFile file(m_hosts.bed.directory() + u"/new.xml"_s);
    return was.contains(text) && file.open(QIODevice::WriteOnly | QIODevice::Truncate)
        && file.write(QString(was).replace(text, with).toUtf8()) > 0 && file.flush()
        && m_hosts.bed.virsh(host, {u"define"_s, file.fileName()}).ok();
}

bool MachineState::giveVariables(Name path)
{
    const QString firmware = u"<loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader>"
                             "<nvram>%1</nvram>"_s;
    const QString a = MigrationHosts::a();
    return m_hosts.bed.exec(a, {u"mkdir"_s, u"-p"_s, variablesDirectory}).ok()
        && m_hosts.bed.exec(MigrationHosts::b(), {u"mkdir"_s, u"-p"_s, variablesDirectory}).ok()
        && m_hosts.bed.exec(a, {u"cp"_s, u"/usr/share/OVMF/OVMF_VARS_4M.fd"_s, path}).ok()
        && redefine(a, u"</type>"_s, u"</type>"_s + firmware.arg(path)) && changeVariables(a, u"before"_s, path);
}

bool MachineState::changeVariables(Name host, Name text, Name path)
{
    const QString order =
        u"printf %s '"_s + text + u"' | dd of='"_s + path + u"' bs=1 seek=300000 conv=notrunc status=none"_s;
    return m_hosts.bed.exec(host, {u"sh"_s, u"-c"_s, order}).ok();
}

QString MachineState::sumOf(Name host, Name path)
{
    return m_hosts.bed.exec(host, {u"sha256sum"_s, path}).output.section(u' ', 0, 0);
}

QString MachineState::variablesNow(Name host)
{
    static const QRegularExpression element(u"<nvram[^>]*>([^<]*)</nvram>"_s);
    return element.match(m_hosts.xml(host, true)).captured(1);
}

QStringList MachineState::variableFiles(Name host)
{
    return m_hosts.bed.exec(host, {u"ls"_s, variablesDirectory}).output.split(u'\n', Qt::SkipEmptyParts);
}

bool MachineState::giveTpm(Name inside)
{
    const QString tpm = u"<tpm model='tpm-tis'><backend type='emulator' version='2.0'>%1</backend></tpm>"_s;
    const QString a = MigrationHosts::a();
    return redefine(a, u"<memballoon"_s, tpm.arg(inside) + u"<memballoon"_s)
        && m_hosts.bed.virsh(a, {u"start"_s, u"vm"_s, u"--paused"_s}).ok()
        && m_hosts.bed.virsh(a, {u"destroy"_s, u"vm"_s}).ok() && (!inside.isEmpty() || writeTpm(a, u"before"_s));
}

QString MachineState::tpmTool(Name host, const QStringList &words)
{
    const auto outcome = m_hosts.bed.exec(host,
        QStringList{QStringLiteral(VIREO_SOURCE_DIR "/tests/system/bed/tpm"), words.first(),
            m_hosts.uuid().toString(QUuid::WithoutBraces)}
            + words.sliced(1));
    return outcome.ok() ? outcome.output.trimmed() : u"error: "_s + outcome.errorText;
}

QString MachineState::tpmFiles(Name host)
{
    return m_hosts.bed
        .exec(host,
            {u"sh"_s, u"-c"_s,
                u"cd /var/lib/libvirt/swtpm && find . -type f ! -name .lock -exec sha256sum {} + && ls"_s})
        .output.trimmed();
}

bool MachineState::giveSecret(Name host, Name value)
{
    QFile file(m_hosts.bed.directory() + u"/secret.xml"_s);
    QFile held(m_hosts.bed.directory() + u"/secret.txt"_s);
    const QString xml =
        u"<secret private='yes'><uuid>%1</uuid><usage type='vtpm'><name>vm</name></usage></secret>"_s.arg(secret());
    return file.open(QIODevice::WriteOnly | QIODevice::Truncate) && file.write(xml.toUtf8()) > 0 && file.flush()
        && held.open(QIODevice::WriteOnly | QIODevice::Truncate) && held.write(value.toUtf8()) > 0 && held.flush()
        && m_hosts.bed.virsh(host, {u"secret-define"_s, file.fileName()}).ok()
        && m_hosts.bed.virsh(host, {u"secret-set-value"_s, secret(), u"--plain"_s, u"--file"_s, held.fileName()}).ok();
}

bool MachineState::save(Name host)
{
    return m_hosts.bed.virsh(host, {u"managedsave"_s, u"vm"_s}).ok();
}

bool MachineState::isSaved(Name host)
{
    static const QRegularExpression yes(u"Managed save:\\s+yes"_s);
    return m_hosts.virsh({u"dominfo"_s, u"vm"_s}, host).contains(yes);
}

} // namespace vireo::test
