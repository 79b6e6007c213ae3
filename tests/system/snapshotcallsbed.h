// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTest>

#include "backend/virt/blockjobs.h"
#include "backend/virt/domains.h"
#include "backend/virt/snapshots.h"
#include "backend/virt/virerror.h"
#include "backend/xml/document.h"
#include "snapshothost.h"

/// What the tests of calls on snapshots and on guests share.
namespace vireo::test {

using namespace Qt::StringLiterals;
using namespace vireo::virt;
using blockjobs::Outcome;

inline const QString disk = u"hda"_s;
constexpr quint64 mebibyte = 1 << 20;
constexpr quint64 slow = mebibyte; ///< of a job that is to be met in the middle; bytes per second

inline const char *nameOf(Outcome outcome)
{
    const char *names[] = {"completed", "ready", "failed", "cancelled", "vanished"};
    return names[static_cast<int>(outcome)];
}

#define VERIFY_OK(expression)                                                                                          \
    do {                                                                                                               \
        const auto result = expression;                                                                                \
        QVERIFY2(result, result ? "" : qPrintable(result.error().message));                                            \
    } while (false)

#define COMPARE_OUTCOME(expression, expected)                                                                          \
    do {                                                                                                               \
        const auto result = expression;                                                                                \
        QVERIFY2(result, result ? "" : qPrintable(result.error().message));                                            \
        QCOMPARE(nameOf(*result), nameOf(expected));                                                                   \
    } while (false)

class SnapshotCallsBed : public QObject
{
    Q_OBJECT

protected:
    std::unique_ptr<SnapshotHost> m_host;
    ConnectionPtr m_connection;

    QString file(const QString &name) const { return m_host->directory() + u'/' + name; }
    QStringList chainOf(std::initializer_list<const char *> names) const
    {
        QStringList result;
        for (const char *name : names) {
            result.append(file(QString::fromLatin1(name)));
        }
        return result;
    }
    Result<QString> take(const QString &name, bool memory, snapshots::CreateOptions options = {})
    {
        QString xml = u"<domainsnapshot><name>%1</name>"_s.arg(name);
        if (memory) {
            xml += u"<memory snapshot='external' file='%1'/>"_s.arg(file(name + u".mem"_s));
        }
        xml += u"<disks><disk name='hda' snapshot='external'><driver type='qcow2'/><source file='%1'/></disk></disks>"
               "</domainsnapshot>"_s.arg(file(name + u".over"_s));
        options.diskOnly = !memory;
        return snapshots::create(*m_connection, m_host->uuid(), xml, options);
    }
    bool makeOverlay(const QString &name, const QString &backing)
    {
        return m_host->bed
            .exec(u"A"_s,
                {u"qemu-img"_s, u"create"_s, u"-q"_s, u"-f"_s, u"qcow2"_s, u"-F"_s, u"qcow2"_s, u"-b"_s, backing,
                    file(name)})
            .ok();
    }
    /// A running VM with the chain over2, over1, base, and MiB of each of them, 8 in over1.
    bool makeChain()
    {
        return m_host->make({}) && m_host->start() && m_host->writes(disk, 1, 4, 7) && take(u"s1"_s, false)
            && m_host->writes(disk, 2, 8, 8) && take(u"s2"_s, false) && m_host->writes(disk, 3, 2, 9);
    }
    static QString withDisk(const QString &xml, const QString &path)
    {
        auto document = xml::Document::parse(xml);
        if (!document) {
            return {};
        }
        xml::Element element = document->root().child(u"devices"_s).child(u"disk"_s);
        element.child(u"source"_s).setAttribute(u"file"_s, path);
        element.child(u"backingStore"_s).remove(); // libvirt looks for itself
        return document->toString();
    }
    QString workXml(const QString &image, bool readOnly) const
    {
        return u"<domain type='qemu'><name>work</name><memory unit='MiB'>16</memory><vcpu>1</vcpu>"
               "<os><type arch='x86_64' machine='pc'>hvm</type></os><devices>"
               "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='%1'/>"
               "<target dev='vda' bus='virtio'/>%2</disk><controller type='usb' model='none'/>"
               "<memballoon model='none'/></devices></domain>"_s.arg(image, readOnly ? u"<readonly/>"_s : QString());
    }
    bool connectAnew()
    {
        const auto opened = Connection::open(m_host->uri(), false, {});
        m_connection = opened.value_or(nullptr);
        return m_connection != nullptr;
    }
    /// Starts a slow job of that kind on a VM of makeChain().
    Result<> startSlow(const QString &kind)
    {
        const QUuid vm = m_host->uuid();
        if (kind == "pull"_L1) {
            return blockjobs::pull(*m_connection, vm, disk, {}, slow);
        }
        if (kind == "copy"_L1) {
            return blockjobs::copy(*m_connection, vm, disk,
                u"<disk type='file'><source file='%1'/><driver type='qcow2'/></disk>"_s.arg(file(u"copy.qcow2"_s)),
                {.speed = slow});
        }
        const bool active = kind == "active commit"_L1;
        return blockjobs::commit(
            *m_connection, vm, disk, file(active ? u"s2.over"_s : u"s1.over"_s), file(u"vm-hda.qcow2"_s), active, slow);
    }
    bool hasJob()
    {
        const auto job = blockjobs::info(*m_connection, m_host->uuid(), disk);
        return job && *job;
    }

private Q_SLOTS:
    void initTestCase()
    {
        quietLibvirt();
        m_host = std::make_unique<SnapshotHost>();
        QVERIFY2(m_host->problem().isEmpty(), qPrintable(m_host->problem()));
        QVERIFY(connectAnew());
    }
    void cleanupTestCase()
    {
        m_connection.reset();
        m_host.reset();
    }
};

} // namespace vireo::test
