// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "backend/xml/domaindevices.h"

using vireo::xml::readDevices;

class TestDomainDevices final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void diskSources_data()
    {
        QTest::addColumn<QString>("disk");
        QTest::addColumn<QString>("source");
        QTest::addColumn<QString>("device");
        const auto row = [](const char *name, const char *disk, const char *source, const char *device = "disk") {
            QTest::newRow(name) << QString::fromUtf8(disk) << QString::fromUtf8(source) << QString::fromUtf8(device);
        };
        row("file", "<disk type='file' device='disk'><source file='/a/b c.qcow2'/></disk>", "/a/b c.qcow2");
        row("block", "<disk type='block'><source dev='/dev/vg/lv'/></disk>", "/dev/vg/lv");
        row("volume", "<disk type='volume'><source pool='default' volume='web.qcow2'/></disk>", "default/web.qcow2");
        row("network",
            "<disk type='network'><source protocol='rbd' name='pool/img'><host name='ceph1'/></source></disk>",
            "rbd://ceph1/pool/img");
        row("empty drive", "<disk type='file' device='cdrom'><target dev='sda' bus='sata'/></disk>", "", "cdrom");
        row("Chinese", "<disk type='file'><source file='/镜像/一.raw'/></disk>", "/镜像/一.raw");
    }

    void diskSources()
    {
        QFETCH(QString, disk);
        QFETCH(QString, source);
        QFETCH(QString, device);
        const auto devices =
            readDevices(QStringLiteral("<domain type='kvm'><name>x</name><devices>%1</devices></domain>").arg(disk));
        QVERIFY2(devices.has_value(), devices ? "" : qPrintable(devices.error().message));
        QCOMPARE(devices->disks.size(), 1);
        QCOMPARE(devices->disks.first().source, source);
        QCOMPARE(devices->disks.first().device, device);
    }

    void wholeDomain()
    {
        const auto devices = readDevices(QStringLiteral(R"(<domain type='kvm'>
  <os firmware='efi'><type arch='x86_64' machine='pc-q35-9.0'>hvm</type></os>
  <cpu mode='host-passthrough'/>
  <devices>
    <disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/x'/><target dev='vda' bus='virtio'/>
      <readonly/><backingStore type='file'><source file='/base'/></backingStore></disk>
    <interface type='bridge'><mac address='52:54:00:00:00:01'/><source bridge='br0'/><model type='virtio'/><target dev='vnet3'/></interface>
    <interface type='user'/>
    <unknown><disk/></unknown>
  </devices>
</domain>)"));
        QVERIFY(devices.has_value());
        QCOMPARE(devices->arch, QStringLiteral("x86_64"));
        QCOMPARE(devices->machine, QStringLiteral("pc-q35-9.0"));
        QCOMPARE(devices->virtType, QStringLiteral("kvm"));
        QCOMPARE(devices->firmware, QStringLiteral("UEFI"));
        QCOMPARE(devices->cpuMode, QStringLiteral("host-passthrough"));
        const vireo::xml::DiskDevice disk{QStringLiteral("vda"), QStringLiteral("disk"), QStringLiteral("virtio"),
            QStringLiteral("qcow2"), QStringLiteral("/x"), true, false};
        QCOMPARE(devices->disks, QList{disk}); // neither the backing file nor what unknown elements hold
        QCOMPARE(devices->nics.size(), 2);
        const vireo::xml::NicDevice nic{QStringLiteral("bridge"), QStringLiteral("br0"), QStringLiteral("virtio"),
            QStringLiteral("52:54:00:00:00:01"), QStringLiteral("vnet3")};
        QCOMPARE(devices->nics.first(), nic);
        QCOMPARE(devices->nics.last().kind, QStringLiteral("user"));
    }

    void refuses_data()
    {
        QTest::addColumn<QString>("text");
        QTest::newRow("nothing") << QString();
        QTest::newRow("another element") << QStringLiteral("<network/>");
        QTest::newRow("not closed") << QStringLiteral("<domain>");
        QTest::newRow("DOCTYPE") << QStringLiteral(
            "<!DOCTYPE domain [<!ENTITY a 'b'>]><domain><name>&a;</name></domain>");
    }

    void refuses()
    {
        QFETCH(QString, text);
        const auto devices = readDevices(text);
        QVERIFY(!devices.has_value());
        QVERIFY(!devices.error().message.isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestDomainDevices)
#include "tst_domaindevices.moc"
