// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QFile>
#include <QTest>

#include "backend/xml/capabilities.h"
#include "backend/xml/domaincapabilities.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using xml::Support;

namespace {

QString document(const QString &name)
{
    QFile file(QStringLiteral(VIREO_TEST_DATA "/capabilities/") + name);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

} // namespace

/** Documents of a libvirt 9.0 with QEMU 7.2; those of Xen and LXC are written after their drivers. */
class DomainCapabilitiesTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void emulated()
    {
        const auto caps = xml::readDomainCapabilities(document(u"q35-tcg.xml"_s));
        QVERIFY(caps);
        QCOMPARE(caps->emulator, u"/usr/bin/qemu-system-x86_64"_s);
        QCOMPARE(caps->virtType, u"qemu"_s);
        QCOMPARE(caps->machine, u"pc-q35-7.2"_s);
        QCOMPARE(caps->arch, u"x86_64"_s);
        QCOMPARE(caps->maxVcpus, 288);
        QCOMPARE(caps->ioThreads, Support::Yes);
        QCOMPARE(caps->autoFirmware, Support::Yes);
        QCOMPARE(caps->firmwares, QStringList{u"efi"_s});
        QCOMPARE(caps->loaderPaths.size(), 3);
        QVERIFY(caps->hasEfi());
        QVERIFY(caps->hasSecureBoot());
        QCOMPARE(caps->cpuHostPassthrough, Support::No);
        QCOMPARE(caps->cpuMaximum, Support::Yes);
        QCOMPARE(caps->cpuHostModel, Support::Yes);
        QCOMPARE(caps->hostModel, u"EPYC"_s);
        QCOMPARE(caps->hostModelVendor, u"AMD"_s);
        QVERIFY(caps->diskBuses().contains(u"sata"_s));
        QVERIFY(!caps->diskBuses().contains(u"ide"_s)); // q35 has none
        QVERIFY(caps->diskDevices().contains(u"cdrom"_s));
        QVERIFY(caps->graphics().contains(u"vnc"_s));
        QVERIFY(caps->videoModels().contains(u"virtio"_s));
        QVERIFY(caps->rngBackends().contains(u"random"_s));
        QVERIFY(caps->tpmModels().contains(u"tpm-crb"_s));
        QVERIFY(!caps->hasEmulatedTpm()); // this host has no swtpm
        QVERIFY(caps->filesystems().contains(u"virtiofs"_s));
        QCOMPARE(caps->part(u"memoryBacking"_s).support, Support::Yes);
        QCOMPARE(caps->feature(u"genid"_s), Support::Yes);
        QCOMPARE(caps->feature(u"sev"_s), Support::No);
        QCOMPARE(caps->feature(u"never-heard-of"_s), Support::Unknown);
        QVERIFY(caps->features.value(u"hyperv"_s).of(u"features"_s).contains(u"spinlocks"_s));
    }

    void otherBoard()
    {
        const auto caps = xml::readDomainCapabilities(document(u"pc-tcg.xml"_s));
        QVERIFY(caps);
        QCOMPARE(caps->machine, u"pc-i440fx-7.2"_s);
        QVERIFY(caps->diskBuses().contains(u"ide"_s));
        QVERIFY(!caps->hasSecureBoot()); // needs SMM, which this board lacks
    }

    void accelerated()
    {
        const auto caps = xml::readDomainCapabilities(document(u"q35-kvm.xml"_s));
        QVERIFY(caps);
        QCOMPARE(caps->virtType, u"kvm"_s);
        QCOMPARE(caps->cpuHostPassthrough, Support::Yes);
        QCOMPARE(caps->cpuCustom, Support::Yes);
        QVERIFY(caps->cpuModels.size() > 50);
        const auto model = [&caps](const QString &name) {
            return *std::ranges::find(caps->cpuModels, name, &xml::CpuModel::name);
        };
        QCOMPARE(model(u"pentium3"_s).usable, Support::Yes);
        QCOMPARE(model(u"phenom"_s).usable, Support::No);
        QCOMPARE(model(u"phenom"_s).vendor, u"AMD"_s);
    }

    /** What newer editions of libvirt add. */
    void blockersAndTpm()
    {
        const auto caps = xml::readDomainCapabilities(
            u"<domainCapabilities><cpu><mode name='custom' supported='yes'>"
            "<model usable='no' deprecated='yes' canonical='x'>Old</model><model>New</model>"
            "<blockers model='Old'><feature name='mpx'/><feature name='hle'/></blockers>"
            "<blockers model='Other'><feature name='mpx'/></blockers></mode></cpu>"
            "<devices><tpm supported='yes'><enum name='backendModel'><value>emulator</value></enum>"
            "<enum name='backendVersion'><value>1.2</value><value>2.0</value></enum></tpm></devices>"
            "</domainCapabilities>"_s);
        QVERIFY(caps);
        QCOMPARE(caps->cpuModels.size(), 2);
        QCOMPARE(caps->cpuModels.at(0).blockers, (QStringList{u"mpx"_s, u"hle"_s}));
        QVERIFY(caps->cpuModels.at(0).deprecated);
        QCOMPARE(caps->cpuModels.at(1).usable, Support::Unknown);
        QVERIFY(caps->hasEmulatedTpm());
        const auto old = xml::readDomainCapabilities(
            u"<domainCapabilities><devices><tpm supported='yes'><enum "
            u"name='backendModel'><value>emulator</value></enum>"
            "<enum name='backendVersion'><value>1.2</value></enum></tpm></devices></domainCapabilities>"_s);
        QVERIFY(!old->hasEmulatedTpm());
    }

    void otherDrivers()
    {
        const auto xen = xml::readDomainCapabilities(document(u"xen.xml"_s));
        QVERIFY(xen);
        QCOMPARE(xen->machine, u"xenpv"_s);
        QCOMPARE(xen->cpuCustom, Support::No);
        QCOMPARE(xen->cpuMaximum, Support::Unknown);
        QCOMPARE(xen->loader.support, Support::No);
        QCOMPARE(xen->autoFirmware, Support::Unknown);
        QVERIFY(!xen->hasEfi());
        QVERIFY(xen->diskBuses().contains(u"xen"_s));
        QCOMPARE(xen->part(u"tpm"_s).support, Support::Unknown);
        const auto lxc = xml::readDomainCapabilities(document(u"lxc.xml"_s));
        QVERIFY(lxc);
        QCOMPARE(lxc->virtType, u"lxc"_s);
        QCOMPARE(lxc->maxVcpus, 0);
        QVERIFY(lxc->parts.isEmpty());
        QVERIFY(lxc->diskBuses().isEmpty());
    }

    void wrongDocuments()
    {
        QVERIFY(!xml::readDomainCapabilities({}));
        QVERIFY(!xml::readDomainCapabilities(u"<domain/>"_s));
        QVERIFY(!xml::readDomainCapabilities(u"<domainCapabilities>"_s));
        QVERIFY(!xml::readCapabilities(u"<domainCapabilities/>"_s));
        QVERIFY(!xml::readCapabilities(u"<!DOCTYPE capabilities><capabilities/>"_s));
        const auto empty = xml::readDomainCapabilities(u"<domainCapabilities/>"_s);
        QVERIFY(empty);
        QCOMPARE(*empty, xml::DomainCapabilities{});
        const auto odd = xml::readDomainCapabilities(u"<domainCapabilities><vcpu max='-5'/></domainCapabilities>"_s);
        QVERIFY(odd);
        QCOMPARE(odd->maxVcpus, 0);
    }

    void host()
    {
        const auto host = xml::readCapabilities(document(u"host.xml"_s));
        QVERIFY(host);
        QCOMPARE(host->hostArch, u"x86_64"_s);
        QCOMPARE(host->architectures(), (QStringList{u"x86_64"_s, u"i686"_s}));
        const xml::GuestKind *guest = host->guest(u"hvm"_s, u"x86_64"_s);
        QVERIFY(guest);
        QCOMPARE(guest->wordSize, 64);
        QVERIFY(guest->features.contains(u"acpi"_s));
        const xml::GuestDomain *emulated = guest->domain(u"qemu"_s);
        const xml::GuestDomain *accelerated = guest->domain(u"kvm"_s);
        QVERIFY(emulated && accelerated);
        QVERIFY(!guest->domain(u"xen"_s));
        QCOMPARE(emulated->emulator, u"/usr/bin/qemu-system-x86_64"_s);
        const auto q35 = std::ranges::find(emulated->machines, u"q35"_s, &xml::MachineType::name);
        QVERIFY(q35 != emulated->machines.end());
        QCOMPARE(q35->canonical, u"pc-q35-7.2"_s);
        QCOMPARE(q35->maxCpus, 288);
        QCOMPARE(accelerated->machines, emulated->machines); // inherited
        QVERIFY(!host->guest(u"hvm"_s, u"aarch64"_s));
    }

    void containerHost()
    {
        const auto host = xml::readCapabilities(document(u"lxc-host.xml"_s));
        QVERIFY(host);
        QVERIFY(host->architectures().isEmpty());
        QCOMPARE(host->architectures(u"exe"_s), QStringList{u"aarch64"_s});
        QCOMPARE(host->guests.first().domain(u"lxc"_s)->emulator, u"/usr/lib/libvirt/libvirt_lxc"_s);
        QVERIFY(host->guests.first().domain(u"lxc"_s)->machines.isEmpty());
    }
};

QTEST_GUILESS_MAIN(DomainCapabilitiesTest)
#include "tst_domaincapabilities.moc"
