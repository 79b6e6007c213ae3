// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "backend/xml/importrisks.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using xml::ImportRisk;
using Severity = xml::ImportRisk::Severity;
using Kind = xml::ImportRisk::Kind;

namespace {

QString domain(const QString &devices, const QString &rest = {})
{
    return u"<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'"
           " xmlns:x='http://example.org/x'><name>guest</name>%1<devices>%2</devices></domain>"_s.arg(rest, devices);
}

} // namespace

class ImportRisksTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    /** What nearly every machine has is no risk. */
    void harmless()
    {
        const auto risks = xml::importRisks(domain(
            u"<disk type='volume' device='disk'><source pool='default' volume='a'/><target dev='vda'/></disk>"
            "<disk type='file' device='cdrom'><target dev='sda'/><readonly/></disk>"
            "<interface type='network'><source network='default'/></interface><interface type='user'/>"
            "<graphics type='vnc' port='-1' autoport='yes'><listen type='address' address='127.0.0.1'/></graphics>"
            "<graphics type='spice'><listen type='none'/></graphics><graphics type='vnc' listen='::1'/>"
            "<serial type='pty'/><console type='pty'/>"
            "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>"
            "<channel type='spicevmc'/><tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>"
            "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng><memballoon model='virtio'/>"
            "<video><model type='virtio'/></video><input type='tablet' bus='usb'/><panic model='isa'/>"
            "<controller type='usb'/><watchdog model='itco' action='reset'/>"_s,
            u"<metadata><l:libosinfo xmlns:l='http://libosinfo.org/xmlns/libvirt/domain/1.0'/></metadata>"
            "<os firmware='efi'><type>hvm</type><loader secure='yes'/></os><seclabel type='dynamic'/>"_s));
        QVERIFY(risks);
        for (const ImportRisk &risk : *risks) {
            qWarning().noquote() << risk.element << risk.text;
        }
        QVERIFY(risks->isEmpty());
    }

    /** One document for each risk: exactly that one is found, at its place. */
    void risk_data()
    {
        QTest::addColumn<QString>("devices");
        QTest::addColumn<QString>("rest");
        QTest::addColumn<Severity>("severity");
        QTest::addColumn<Kind>("kind");
        QTest::addColumn<QString>("element");
        QTest::addColumn<QString>("word");
        const auto device = [](const char *name, const QString &xml, Severity severity, Kind kind,
                                const QString &element, const QString &word) {
            QTest::newRow(name) << xml << QString() << severity << kind << element << word;
        };
        const auto top = [](const char *name, const QString &xml, Severity severity, Kind kind, const QString &element,
                             const QString &word) {
            QTest::newRow(name) << QString() << xml << severity << kind << element << word;
        };
        device("disk file", u"<disk type='file'><source file='/home/a/b.qcow2'/></disk>"_s, Severity::Warning,
            Kind::HostPath, u"devices/disk[1]/source"_s, u"/home/a/b.qcow2"_s);
        device("disk out of the pool", u"<disk type='file'><source file='/pool/../etc/shadow'/></disk>"_s,
            Severity::Warning, Kind::HostPath, u"devices/disk[1]/source"_s, u"/etc/shadow"_s);
        device("disk in the pool", u"<disk type='file'><source file='/pool/a.qcow2'/></disk>"_s, Severity::Note,
            Kind::HostPath, u"devices/disk[1]/source"_s, u"pool"_s);
        device("disk beside the pool", u"<disk type='file'><source file='/poolish/a'/></disk>"_s, Severity::Warning,
            Kind::HostPath, u"devices/disk[1]/source"_s, u"/poolish/a"_s);
        device("drive", u"<disk type='block'><source dev='/dev/sda'/></disk>"_s, Severity::Danger, Kind::HostDevice,
            u"devices/disk[1]/source"_s, u"/dev/sda"_s);
        device("directory as disk", u"<disk type='dir'><source dir='/etc'/></disk>"_s, Severity::Warning,
            Kind::HostPath, u"devices/disk[1]/source"_s, u"/etc"_s);
        device("cdrom", u"<disk type='file' device='cdrom'><source file='/home/a.iso'/></disk>"_s, Severity::Warning,
            Kind::HostPath, u"devices/disk[1]/source"_s, u"reads “/home/a.iso”"_s);
        device("backing file",
            u"<disk type='volume'><source pool='p' volume='v'/><backingStore type='file'>"
            "<source file='/etc/shadow'/></backingStore></disk>"_s,
            Severity::Warning, Kind::HostPath, u"devices/disk[1]/backingStore/source"_s, u"/etc/shadow"_s);
        device("network disk",
            u"<disk type='network'><source protocol='nbd'><host name='evil.example'/></source></disk>"_s,
            Severity::Warning, Kind::Network, u"devices/disk[1]/source"_s, u"evil.example"_s);
        device("nvme", u"<disk type='nvme'><source type='pci' managed='yes'/></disk>"_s, Severity::Danger,
            Kind::HostDevice, u"devices/disk[1]/source"_s, u"NVMe"_s);
        device("vhost-user disk", u"<disk type='vhostuser'><source type='unix' path='/run/s'/></disk>"_s,
            Severity::Warning, Kind::HostChannel, u"devices/disk[1]/source"_s, u"/run/s"_s);
        device("second disk",
            u"<disk type='volume'><source pool='p' volume='v'/></disk><disk type='block'><source dev='/dev/b'/></disk>"_s,
            Severity::Danger, Kind::HostDevice, u"devices/disk[2]/source"_s, u"/dev/b"_s);
        device("pci", u"<hostdev mode='subsystem' type='pci'><source/></hostdev>"_s, Severity::Danger, Kind::HostDevice,
            u"devices/hostdev[1]"_s, u"pci"_s);
        device("mdev", u"<hostdev mode='subsystem' type='mdev'><source><address uuid='c2'/></source></hostdev>"_s,
            Severity::Danger, Kind::HostDevice, u"devices/hostdev[1]"_s, u"c2"_s);
        device("container device", u"<hostdev mode='capabilities' type='storage'/>"_s, Severity::Danger,
            Kind::HostDevice, u"devices/hostdev[1]"_s, u"container"_s);
        device("redirection", u"<redirdev bus='usb' type='spicevmc'/>"_s, Severity::Note, Kind::HostDevice,
            u"devices/redirdev[1]"_s, u"USB"_s);
        device("vdpa", u"<interface type='vdpa'><source dev='/dev/vhost-vdpa-0'/></interface>"_s, Severity::Danger,
            Kind::HostDevice, u"devices/interface[1]"_s, u"card"_s);
        device("host network card", u"<interface type='hostdev'/>"_s, Severity::Danger, Kind::HostDevice,
            u"devices/interface[1]"_s, u"card"_s);
        device("script", u"<interface type='bridge'><script path='/tmp/x'/></interface>"_s, Severity::Danger,
            Kind::Script, u"devices/interface[1]/script"_s, u"/tmp/x"_s);
        device("script at the end", u"<interface type='user'><downscript path='/tmp/y'/></interface>"_s,
            Severity::Danger, Kind::Script, u"devices/interface[1]/downscript"_s, u"/tmp/y"_s);
        device("ethernet", u"<interface type='ethernet'/>"_s, Severity::Warning, Kind::Network,
            u"devices/interface[1]"_s, u"network device"_s);
        device("macvtap", u"<interface type='direct'><source dev='eth0'/></interface>"_s, Severity::Warning,
            Kind::Network, u"devices/interface[1]"_s, u"eth0"_s);
        device("bridge", u"<interface type='bridge'><source bridge='br0'/></interface>"_s, Severity::Note,
            Kind::Network, u"devices/interface[1]"_s, u"br0"_s);
        device("vhost-user network", u"<interface type='vhostuser'><source path='/run/v'/></interface>"_s,
            Severity::Warning, Kind::HostChannel, u"devices/interface[1]"_s, u"/run/v"_s);
        device("tunnel", u"<interface type='server'><source address='0.0.0.0'/></interface>"_s, Severity::Warning,
            Kind::Listener, u"devices/interface[1]"_s, u"0.0.0.0"_s);
        device("folder", u"<filesystem type='mount'><source dir='/home'/></filesystem>"_s, Severity::Danger,
            Kind::SharedFolder, u"devices/filesystem[1]"_s, u"/home"_s);
        device("serial to a file", u"<serial type='file'><source path='/etc/cron.d/x'/></serial>"_s, Severity::Warning,
            Kind::HostPath, u"devices/serial[1]/source"_s, u"/etc/cron.d/x"_s);
        device("parallel port", u"<parallel type='dev'><source path='/dev/parport0'/></parallel>"_s, Severity::Danger,
            Kind::HostDevice, u"devices/parallel[1]/source"_s, u"/dev/parport0"_s);
        device("pipe", u"<console type='pipe'><source path='/tmp/p'/></console>"_s, Severity::Warning,
            Kind::HostChannel, u"devices/console[1]/source"_s, u"/tmp/p"_s);
        device("log", u"<serial type='pty'><log file='/var/x'/></serial>"_s, Severity::Warning, Kind::HostPath,
            u"devices/serial[1]/log"_s, u"/var/x"_s);
        device("socket of the host",
            u"<channel type='unix'><source mode='connect' path='/run/docker.sock'/></channel>"_s, Severity::Warning,
            Kind::HostChannel, u"devices/channel[1]/source"_s, u"docker.sock"_s);
        device("own socket", u"<channel type='unix'><source mode='bind' path='/tmp/s'/></channel>"_s, Severity::Note,
            Kind::HostChannel, u"devices/channel[1]/source"_s, u"/tmp/s"_s);
        device("tcp listener", u"<serial type='tcp'><source mode='bind' host='0.0.0.0' service='4555'/></serial>"_s,
            Severity::Danger, Kind::Listener, u"devices/serial[1]/source"_s, u"0.0.0.0:4555"_s);
        device("tcp on localhost",
            u"<serial type='tcp'><source mode='bind' host='127.0.0.1' service='4555'/></serial>"_s, Severity::Note,
            Kind::Listener, u"devices/serial[1]/source"_s, u"4555"_s);
        device("tcp to elsewhere",
            u"<serial type='tcp'><source mode='connect' host='evil.example' service='1'/></serial>"_s,
            Severity::Warning, Kind::Network, u"devices/serial[1]/source"_s, u"evil.example"_s);
        device("entropy by tcp",
            u"<rng model='virtio'><backend model='egd' type='tcp'><source mode='connect' host='h' service='1'/>"
            "</backend></rng>"_s,
            Severity::Warning, Kind::Network, u"devices/rng[1]/backend/source"_s, u"h:1"_s);
        device("smart card", u"<smartcard mode='host'/>"_s, Severity::Danger, Kind::HostDevice,
            u"devices/smartcard[1]"_s, u"smart card"_s);
        device("vnc for all", u"<graphics type='vnc'><listen type='address' address='0.0.0.0'/></graphics>"_s,
            Severity::Danger, Kind::Listener, u"devices/graphics[1]/listen"_s, u"without a password"_s);
        device("vnc for all, old form", u"<graphics type='vnc' listen='192.168.1.5'/>"_s, Severity::Danger,
            Kind::Listener, u"devices/graphics[1]"_s, u"192.168.1.5"_s);
        device("vnc in a network", u"<graphics type='vnc'><listen type='network' network='lan'/></graphics>"_s,
            Severity::Warning, Kind::Listener, u"devices/graphics[1]/listen"_s, u"lan"_s);
        device("password", u"<graphics type='vnc' passwd='secret'/>"_s, Severity::Note, Kind::Listener,
            u"devices/graphics[1]"_s, u"password"_s);
        device("host's graphics driver", u"<graphics type='egl-headless'/>"_s, Severity::Warning, Kind::HostDevice,
            u"devices/graphics[1]"_s, u"driver"_s);
        device("shmem", u"<shmem name='shared'/>"_s, Severity::Warning, Kind::HostChannel, u"devices/shmem[1]"_s,
            u"shared"_s);
        device("vsock", u"<vsock model='virtio'><cid auto='yes'/></vsock>"_s, Severity::Warning, Kind::HostChannel,
            u"devices/vsock[1]"_s, u"vsock"_s);
        device("tpm", u"<tpm><backend type='passthrough'><device path='/dev/tpm0'/></backend></tpm>"_s,
            Severity::Danger, Kind::HostDevice, u"devices/tpm[1]"_s, u"TPM"_s);
        device("keyboard of the host", u"<input type='evdev'><source dev='/dev/input/event1'/></input>"_s,
            Severity::Danger, Kind::HostDevice, u"devices/input[1]"_s, u"typed"_s);
        device("nvdimm", u"<memory model='nvdimm'><source><path>/tmp/nv</path></source></memory>"_s, Severity::Warning,
            Kind::HostPath, u"devices/memory[1]/source"_s, u"/tmp/nv"_s);
        device("lease", u"<lease><target path='/tmp/l'/></lease>"_s, Severity::Warning, Kind::HostPath,
            u"devices/lease[1]"_s, u"/tmp/l"_s);
        device("usual emulator", u"<emulator>/usr/bin/qemu-system-x86_64</emulator>"_s, Severity::Note, Kind::Script,
            u"devices/emulator[1]"_s, u"qemu-system"_s);
        device("other emulator", u"<emulator>/home/a/qemu</emulator>"_s, Severity::Danger, Kind::Script,
            u"devices/emulator[1]"_s, u"own choice"_s);
        device("shell as emulator", u"<emulator>/usr/bin/env</emulator>"_s, Severity::Danger, Kind::Script,
            u"devices/emulator[1]"_s, u"own choice"_s);
        device("emulator by a detour", u"<emulator>/usr/bin/../../tmp/qemu</emulator>"_s, Severity::Danger,
            Kind::Script, u"devices/emulator[1]"_s, u"own choice"_s);
        top("qemu arguments", u"<qemu:commandline><qemu:arg value='-S'/></qemu:commandline>"_s, Severity::Danger,
            Kind::HypervisorArguments, u"commandline"_s, u"qemu:commandline"_s);
        top("qemu capabilities", u"<qemu:capabilities><qemu:del capability='x'/></qemu:capabilities>"_s,
            Severity::Danger, Kind::HypervisorArguments, u"capabilities"_s, u"qemu:capabilities"_s);
        for (const char *driver : {"lxc", "xen", "bhyve"}) {
            top(driver,
                u"<d:commandline xmlns:d='http://libvirt.org/schemas/domain/%1/1.0'/>"_s.arg(QLatin1String(driver)),
                Severity::Danger, Kind::HypervisorArguments, u"commandline"_s, QLatin1String(driver));
        }
        top("unknown namespace", u"<x:thing/>"_s, Severity::Note, Kind::Metadata, u"thing"_s, u"example.org"_s);
        top("notes of others", u"<metadata><x:app/></metadata>"_s, Severity::Note, Kind::Metadata, u"metadata/app"_s,
            u"example.org"_s);
        top("no confinement", u"<seclabel type='none'/>"_s, Severity::Danger, Kind::Isolation, u"seclabel"_s,
            u"confinement"_s);
        top("own label", u"<seclabel type='static'><label>unconfined_t</label></seclabel>"_s, Severity::Warning,
            Kind::Isolation, u"seclabel"_s, u"unconfined_t"_s);
        top("boot loader program", u"<bootloader>/usr/bin/pygrub</bootloader>"_s, Severity::Danger, Kind::Script,
            u"bootloader"_s, u"pygrub"_s);
        for (const char *name : {"kernel", "initrd", "dtb", "loader"}) {
            top(name, u"<os><%1>/boot/x</%1></os>"_s.arg(QLatin1String(name)), Severity::Warning, Kind::HostPath,
                u"os/"_s + QLatin1String(name), u"reads a file of the host"_s);
        }
        top("nvram", u"<os><nvram>/etc/x</nvram></os>"_s, Severity::Warning, Kind::HostPath, u"os/nvram"_s,
            u"writes to"_s);
        top("nvram, new form", u"<os><nvram type='file'><source file='/etc/x'/></nvram></os>"_s, Severity::Warning,
            Kind::HostPath, u"os/nvram"_s, u"writes to"_s);
        top("nvram template", u"<os><nvram template='/etc/shadow'/></os>"_s, Severity::Warning, Kind::HostPath,
            u"os/nvram"_s, u"/etc/shadow"_s);
        top("acpi table", u"<os><acpi><table type='slic'>/etc/t</table></acpi></os>"_s, Severity::Warning,
            Kind::HostPath, u"os/acpi"_s, u"/etc/t"_s);
        top("container", u"<os><init>/bin/sh</init></os>"_s, Severity::Warning, Kind::HostPath, u"os/init"_s,
            u"/bin/sh"_s);
        top("locked memory", u"<memoryBacking><locked/></memoryBacking>"_s, Severity::Warning, Kind::Resources,
            u"memoryBacking/locked"_s, u"locked"_s);
        top("scheduling", u"<cputune><vcpusched scheduler='fifo' priority='99'/></cputune>"_s, Severity::Warning,
            Kind::Resources, u"cputune"_s, u"starve"_s);
        top("rights", u"<features><capabilities policy='allow'/></features>"_s, Severity::Danger, Kind::Isolation,
            u"features/capabilities"_s, u"rights"_s);
    }

    void risk()
    {
        QFETCH(const QString, devices);
        QFETCH(const QString, rest);
        QFETCH(const Severity, severity);
        QFETCH(const Kind, kind);
        QFETCH(const QString, element);
        QFETCH(const QString, word);
        const auto risks = xml::importRisks(domain(devices, rest), {{u"/pool"_s}});
        QVERIFY(risks);
        // A bridge that a script comes with is noted, too; the worst comes first.
        QVERIFY(!risks->isEmpty());
        const ImportRisk &found = risks->first();
        QVERIFY2(risks->size() == 1 || risks->last().severity < severity, qPrintable(risks->last().text));
        QCOMPARE(found.element, element);
        QCOMPARE(found.severity, severity);
        QCOMPARE(found.kind, kind);
        QVERIFY2(found.text.contains(word), qPrintable(found.text));
        QVERIFY(found.text.endsWith(u'.'));
        QVERIFY(!found.text.contains("secret"_L1)); // passwords are not repeated
        QCOMPARE(found.line, 1);
    }

    void worstFirst()
    {
        const auto risks = xml::importRisks(domain(u"<interface type='bridge'><source bridge='br0'/></interface>"
                                                   "<disk type='file'><source file='/a'/></disk>"
                                                   "<hostdev mode='subsystem' type='usb'/>"
                                                   "<disk type='file'><source file='/b'/></disk>"_s));
        QVERIFY(risks);
        QStringList order;
        for (const ImportRisk &risk : *risks) {
            order << risk.element;
        }
        QCOMPARE(order,
            (QStringList{u"devices/hostdev[1]"_s, u"devices/disk[1]/source"_s, u"devices/disk[2]/source"_s,
                u"devices/interface[1]"_s}));
    }

    void lunAndReservations()
    {
        const auto risks = xml::importRisks(domain(
            u"<disk type='block' device='lun'><source dev='/dev/sdb'><reservations managed='yes'/></source></disk>"_s));
        QVERIFY(risks);
        QCOMPARE(risks->size(), 3);
    }

    void refused()
    {
        QVERIFY(!xml::importRisks({}));
        QVERIFY(!xml::importRisks(u"<network/>"_s));
        QVERIFY(
            !xml::importRisks(u"<!DOCTYPE domain [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><domain>&e;</domain>"_s));
        QVERIFY(!xml::importRisks(u"<domain>"_s));
    }
};

QTEST_GUILESS_MAIN(ImportRisksTest)
#include "tst_importrisks.moc"
