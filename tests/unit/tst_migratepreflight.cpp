// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <functional>

#include <QSet>
#include <QTest>

#include "tests/unit/migratechecks.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using namespace vireo::migratefixture;
using namespace vireo::operation;
using Severity = job::Finding::Severity;
using Topic = Check::Topic;
using Reach = MigratePair::Reach;
using Sharing = FileThere::Sharing;

namespace {

constexpr int topics = static_cast<int>(Topic::Libvirt) + 1;

using Change = std::function<void(MigrateFacts &, MigrateDraft &)>;

int count(const QList<Check> &checks, Severity severity)
{
    return static_cast<int>(
        std::ranges::count_if(checks, [severity](const Check &each) { return each.finding.severity == severity; }));
}

} // namespace

/** What can be known before a migration begins: a line for each topic, and what each state of the hosts makes of it. */
class TestMigratePreflight final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyTopicHasALine()
    {
        const QList<Check> checks = preflight(facts(), draft());
        QSet<int> seen;
        int last = -1;
        for (const Check &check : checks) {
            seen.insert(static_cast<int>(check.topic));
            QVERIFY(static_cast<int>(check.topic) >= last); // in their order
            last = static_cast<int>(check.topic);
            QVERIFY(!check.finding.text.isEmpty());
        }
        QCOMPARE(seen.size(), topics);
        for (int i = 0; i < topics; ++i) {
            QVERIFY(!topicName(static_cast<Topic>(i)).isEmpty());
        }
        QVERIFY2(
            count(checks, Severity::Blocker) == 0 && count(checks, Severity::Warning) == 0, qPrintable(textOf(checks)));
    }

    void table_data()
    {
        QTest::addColumn<Change>("change");
        QTest::addColumn<Topic>("topic");
        QTest::addColumn<Severity>("severity");
        const auto row = [](const char *name, Topic topic, Severity severity, const Change &change) {
            QTest::newRow(name) << change << topic << severity;
        };
        using F = MigrateFacts;
        using D = MigrateDraft;
        const auto devices = [](const QString &more) {
            return [more](F &f, D &) {
                f.source.liveXml = domainXml(diskXml(u"vda"_s, u"/a/web01.qcow2"_s) + more);
            };
        };
        const auto head = [](const QString &more) {
            return [more](F &f, D &) {
                f.source.liveXml = domainXml(diskXml(u"vda"_s, u"/a/web01.qcow2"_s), more);
            };
        };
        constexpr auto Blocker = Severity::Blocker;
        constexpr auto Warning = Severity::Warning;
        constexpr auto Note = Severity::Note;
        constexpr auto Ok = Severity::Ok;

        row("same daemon", Topic::Identity, Blocker, [](F &f, D &) { f.pair.sameHost = true; });
        row("same host UUID", Topic::Identity, Blocker, [](F &f, D &) { f.destination.hostUuid = u"uuid-a"_s; });
        row("read-only", Topic::Identity, Blocker, [](F &f, D &) { f.destination.host.readOnly = true; });
        const auto other = [](const QString &name, bool same, bool active) {
            return [=](F &f, D &) {
                virt::DomainRecord vm;
                vm.name = name;
                vm.uuid = same ? vmUuid : QUuid::createUuid();
                vm.state = active ? virt::DomainState::Running : virt::DomainState::ShutOff;
                f.destination.domains = {vm};
            };
        };
        row("name taken", Topic::Identity, Blocker, other(u"web01"_s, false, false));
        row("UUID runs there", Topic::Identity, Blocker, other(u"web01"_s, true, true));
        row("UUID of another name", Topic::Identity, Blocker, other(u"old"_s, true, false));
        row("leftover definition", Topic::Identity, Blocker, other(u"web01"_s, true, false));
        row("somebody else", Topic::Identity, Ok, other(u"db"_s, false, true));
        row("has a job", Topic::Identity, Blocker, [](F &f, D &) { f.source.hasJob = true; });
        row("crashed", Topic::Identity, Blocker,
            [](F &f, D &) { f.source.domain.state = virt::DomainState::PmSuspended; });
        row("offline while it runs", Topic::Identity, Blocker, [](F &, D &d) { d.mode = D::Mode::Offline; });
        row("keeps the definition", Topic::Identity, Warning, [](F &, D &d) { d.undefineSource = false; });
        row("no definition anywhere", Topic::Identity, Warning, [](F &, D &d) { d.persistent = false; });
        row("transient", Topic::Identity, Note, [](F &f, D &) { f.source.domain.persistent = false; });

        row("fits", Topic::Memory, Ok, [](F &, D &) {});
        row("more than the host has", Topic::Memory, Blocker,
            [](F &f, D &) { f.destination.host.memoryKiB = gibibyte / 1024; });
        row("no free memory", Topic::Memory, Blocker,
            [](F &f, D &) { f.destination.host.freeMemoryKiB = 512 * mebibyte / 1024; });
        row("promised to others", Topic::Memory, Blocker,
            [](F &f, D &) { f.destination.promisedMemory = 12 * gibibyte - 100 * mebibyte; });
        row("fits for now", Topic::Memory, Warning,
            [](F &f, D &) { f.destination.host.freeMemoryKiB = 1536 * mebibyte / 1024; });
        row("nearly full", Topic::Memory, Warning,
            [](F &f, D &) { f.destination.host.freeMemoryKiB = (2 * gibibyte + 100 * mebibyte) / 1024; });
        row("memory unknown", Topic::Memory, Note, [](F &f, D &) { f.destination.host.memoryKiB = 0; });

        row("too many vCPUs", Topic::Cpus, Blocker, [](F &f, D &) { f.pair.there.maxVcpus = 1; });
        row("fewer CPUs", Topic::Cpus, Warning, [](F &f, D &) { f.destination.host.cpus = 1; });
        row("overcommitted", Topic::Cpus, Note, [](F &f, D &) { f.destination.promisedVcpus = 40; });
        row("pinned", Topic::Cpus, Blocker, head(u"<cputune><vcpupin vcpu='0' cpuset='4-9'/></cputune>"_s));
        row("pinned within", Topic::Cpus, Ok, head(u"<cputune><vcpupin vcpu='0' cpuset='^9,4-7'/></cputune>"_s));
        row("NUMA", Topic::Cpus, Warning, head(u"<numatune><memory mode='strict' nodeset='0'/></numatune>"_s));

        row("incompatible", Topic::CpuModel, Blocker, [](F &f, D &) {
            f.pair.cpu = {virt::migration::CpuComparison::Verdict::Incompatible, u"missing: avx512"_s};
            f.pair.cpuThatWorks = u"<cpu><model>Haswell</model></cpu>"_s;
        });
        row("identical", Topic::CpuModel, Ok,
            [](F &f, D &) { f.pair.cpu = {virt::migration::CpuComparison::Verdict::Identical, {}}; });
        row("passthrough", Topic::CpuModel, Note, head(u"<cpu mode='host-passthrough'/>"_s));
        row("passthrough elsewhere", Topic::CpuModel, Warning, [head](F &f, D &d) {
            head(u"<cpu mode='host-passthrough'/>"_s)(f, d);
            f.destination.host.cpuModel = u"EPYC"_s;
        });
        row("not compared", Topic::CpuModel, Note, [](F &f, D &) { f.source.cpuXml = u"<cpu/>"_s; });

        row("no such architecture", Topic::Machine, Blocker,
            [](F &f, D &) { f.destination.capabilities.guests.clear(); });
        row("no KVM", Topic::Machine, Blocker,
            [](F &f, D &) { f.destination.capabilities.guests.first().domains.first().type = u"qemu"_s; });
        row("no such machine", Topic::Machine, Blocker, [](F &f, D &) {
            f.destination.capabilities.guests.first().domains.first().machines = {{u"pc-q35-6.2"_s, {}, 255}};
        });
        row("another emulator", Topic::Machine, Blocker, [](F &f, D &) {
            f.destination.capabilities.guests.first().domains.first().emulator = u"/usr/libexec/qemu-kvm"_s;
            f.pair.there.arch.clear();
        });
        row("mapped emulator", Topic::Machine, Ok, [](F &f, D &d) {
            f.destination.capabilities.guests.first().domains.first().emulator = u"/usr/libexec/qemu-kvm"_s;
            f.pair.there.arch.clear();
            d.map.paths.insert(u"/usr/bin/qemu-system-x86_64"_s, u"/usr/libexec/qemu-kvm"_s);
        });

        row("other hypervisor", Topic::Hypervisor, Blocker,
            [](F &f, D &) { f.destination.host.hypervisor = u"LXC"_s; });
        row("older QEMU", Topic::Hypervisor, Warning,
            [](F &f, D &) { f.destination.host.hypervisorVersion = u"6.2.10"_s; });
        row("newer QEMU", Topic::Hypervisor, Ok, [](F &f, D &) { f.destination.host.hypervisorVersion = u"10.0.0"_s; });
        row("older libvirt", Topic::Hypervisor, Note,
            [](F &f, D &) { f.destination.host.libvirtVersion = u"8.9.0"_s; });

        const auto emulated = [](const char *version, virt::DomainState state, D::Mode mode) {
            return [=](F &f, D &d) {
                f.source.liveXml.replace(u"type='kvm'"_s, u"type='qemu'"_s);
                f.source.host.hypervisorVersion = f.destination.host.hypervisorVersion = QString::fromLatin1(version);
                f.source.domain.state = state;
                d.mode = mode;
            };
        };
        using virt::DomainState;
        row("emulated, QEMU 8", Topic::Hypervisor, Warning, emulated("8.2.9", DomainState::Running, D::Mode::Live));
        row("emulated, QEMU 9", Topic::Hypervisor, Ok, emulated("9.0.0", DomainState::Running, D::Mode::Live));
        row("emulated, still", Topic::Hypervisor, Ok, emulated("7.2.0", DomainState::Running, D::Mode::Paused));
        row("emulated, through this computer", Topic::Hypervisor, Ok, [emulated](F &f, D &d) {
            emulated("7.2.0", DomainState::Running, D::Mode::Live)(f, d);
            d.path = D::Path::ThisComputer;
        });
        row("emulated, paused", Topic::Hypervisor, Ok, emulated("7.2.0", DomainState::Paused, D::Mode::Live));

        const auto firmware = [](const QString &more) {
            return [more](F &f, D &) {
                f.source.liveXml.replace(u"</type>"_s, u"</type>"_s + more);
                f.pair.there.loaderPaths = {u"/fw/CODE.fd"_s};
            };
        };
        const QString flash = u"<loader readonly='yes' type='pflash'>%1</loader><nvram>/a/vars.fd</nvram>"_s;
        row("firmware there", Topic::Firmware, Ok, firmware(flash.arg(u"/fw/CODE.fd"_s)));
        row("firmware elsewhere", Topic::Firmware, Blocker, firmware(flash.arg(u"/usr/CODE.fd"_s)));
        row("mapped firmware", Topic::Firmware, Ok, [firmware, flash](F &f, D &d) {
            firmware(flash.arg(u"/usr/CODE.fd"_s))(f, d);
            d.map.paths.insert(u"/usr/CODE.fd"_s, u"/fw/CODE.fd"_s);
        });
        row("variables of a VM that is off", Topic::Firmware, Blocker, [firmware, flash](F &f, D &d) {
            firmware(flash.arg(u"/fw/CODE.fd"_s))(f, d);
            f.source.domain.state = virt::DomainState::ShutOff;
        });
        row("shared variables of a VM that is off", Topic::Firmware, Ok, [firmware, flash](F &f, D &d) {
            firmware(flash.arg(u"/fw/CODE.fd"_s))(f, d);
            f.source.domain.state = virt::DomainState::ShutOff;
            share(f, u"/a/vars.fd"_s);
        });
        row("kernel missing", Topic::Firmware, Warning, [firmware](F &f, D &d) {
            firmware(u"<kernel>/a/vmlinuz</kernel>"_s)(f, d);
            f.pair.files.insert(u"/a/vmlinuz"_s, {});
        });

        const QString tpm = u"<tpm model='tpm-crb'><backend type='%1'>%2</backend></tpm>"_s;
        row("TPM", Topic::Tpm, Ok, devices(tpm.arg(u"emulator"_s, QString())));
        row("TPM of the host", Topic::Tpm, Blocker, devices(tpm.arg(u"passthrough"_s, QString())));
        row("TPM secret", Topic::Tpm, Blocker,
            devices(tpm.arg(u"emulator"_s, u"<encryption secret='0a81f5b2-8403-7b23-c8d6-21ccc2f80d6f'/>"_s)));
        row("TPM of a VM that is off", Topic::Tpm, Blocker, [devices, tpm](F &f, D &d) {
            devices(tpm.arg(u"emulator"_s, QString()))(f, d);
            f.source.domain.state = virt::DomainState::ShutOff;
        });

        row("TPM of a VM that moves cold", Topic::Tpm, Ok, [devices, tpm](F &f, D &d) {
            devices(tpm.arg(u"emulator"_s, QString()))(f, d);
            f.source.domain.state = virt::DomainState::ShutOff;
            f.source.storedXml = f.source.liveXml;
            f.source.pools = f.destination.pools;
            d.mode = operation::MigrateDraft::Mode::Cold;
        });
        row("TPM of a VM that moves cold, old libvirt", Topic::Tpm, Blocker, [devices, tpm](F &f, D &d) {
            devices(tpm.arg(u"emulator"_s, QString()))(f, d);
            f.source.domain.state = virt::DomainState::ShutOff;
            f.source.storedXml = f.source.liveXml;
            f.source.host.libvirtVersion = u"8.8.0"_s;
            d.mode = operation::MigrateDraft::Mode::Cold;
        });

        const QString nic = u"<interface type='%1'><source %2/>%3</interface>"_s;
        row("network", Topic::Networks, Ok, devices(nic.arg(u"network"_s, u"network='lan'"_s, QString())));
        row("network missing", Topic::Networks, Blocker, devices(nic.arg(u"network"_s, u"network='dmz'"_s, QString())));
        row("network mapped", Topic::Networks, Ok, [devices, nic](F &f, D &d) {
            devices(nic.arg(u"network"_s, u"network='dmz'"_s, QString()))(f, d);
            d.map.networks.insert(u"dmz"_s, u"lan"_s);
        });
        row("network off", Topic::Networks, Blocker, [devices, nic](F &f, D &d) {
            devices(nic.arg(u"network"_s, u"network='lan'"_s, QString()))(f, d);
            f.destination.networks.first().active = false;
        });
        row("network of one host", Topic::Networks, Note, [devices, nic](F &f, D &d) {
            devices(nic.arg(u"network"_s, u"network='lan'"_s, QString()))(f, d);
            f.destination.networks.first().forward = u"nat"_s;
        });
        row("bridge", Topic::Networks, Ok, devices(nic.arg(u"bridge"_s, u"bridge='br0'"_s, QString())));
        row("bridge missing", Topic::Networks, Blocker, devices(nic.arg(u"bridge"_s, u"bridge='br9'"_s, QString())));
        row("bridges not listed", Topic::Networks, Warning, [devices, nic](F &f, D &d) {
            devices(nic.arg(u"bridge"_s, u"bridge='br0'"_s, QString()))(f, d);
            f.destination.bridges.clear();
        });
        row("macvtap missing", Topic::Networks, Blocker, devices(nic.arg(u"direct"_s, u"dev='eno1'"_s, QString())));
        row("filter missing", Topic::Networks, Blocker,
            devices(nic.arg(u"network"_s, u"network='lan'"_s, u"<filterref filter='clean'/>"_s)));
        row("user network", Topic::Networks, Ok, devices(u"<interface type='user'/>"_s));

        row("copied", Topic::Disks, Ok, [](F &, D &) {});
        row("shared", Topic::Disks, Ok, [](F &f, D &) { share(f, u"/a/web01.qcow2"_s); });
        row("said to be shared", Topic::Disks, Blocker, [](F &, D &d) { d.storage = D::Storage::Shared; });
        row("said to be shared, nothing proven", Topic::Disks, Warning, [](F &f, D &d) {
            d.storage = D::Storage::Shared;
            f.pair.files.clear();
        });
        row("no room", Topic::Disks, Blocker, [](F &f, D &) { f.destination.pools.first().available = mebibyte; });
        row("no pool", Topic::Disks, Blocker, [](F &f, D &) { f.destination.pools.clear(); });
        row("pool is off", Topic::Disks, Blocker, [](F &f, D &) { f.destination.pools.first().active = false; });
        row("pool without files", Topic::Disks, Blocker,
            [](F &f, D &) { f.destination.pools.first().type = u"logical"_s; });
        row("mapped pool", Topic::Disks, Ok, [](F &f, D &d) {
            f.destination.pools.first().name = u"big"_s;
            d.map.pools.insert(u"default"_s, u"big"_s);
        });
        row("mapped to nothing", Topic::Disks, Blocker, [](F &, D &d) { d.map.pools.insert(u"default"_s, u"none"_s); });
        row("name taken there", Topic::Disks, Blocker,
            [](F &f, D &) { f.pair.places.insert(u"/b/web01.qcow2"_s, {Sharing::Unknown, true, 1, 1, {}, {}}); });
        row("onto itself", Topic::Disks, Blocker, [](F &f, D &d) {
            share(f, u"/a/web01.qcow2"_s);
            f.destination.pools.first().targetPath = u"/a"_s;
            d.storage = D::Storage::Copy;
        });
        row("no format", Topic::Disks, Blocker,
            [](F &f, D &) { f.source.disks.disks.first().chain.first().format.clear(); });
        row("no size", Topic::Disks, Blocker,
            [](F &f, D &) { f.source.disks.files[u"/a/web01.qcow2"_s].capacity = 0; });
        const auto disk = [](const QString &more) {
            return [more](F &f, D &) {
                f.source.liveXml = domainXml(diskXml(u"vda"_s, u"/a/web01.qcow2"_s, u"qcow2"_s, more));
            };
        };
        row("shareable", Topic::Disks, Blocker, disk(u"<shareable/>"_s));
        row("transient disk", Topic::Disks, Blocker, disk(u"<transient/>"_s));
        row("encrypted", Topic::Disks, Blocker, disk(u"<encryption format='luks'/>"_s));
        row("read-only disk", Topic::Disks, Note, disk(u"<readonly/>"_s)); // relayed
        row("tunnelled copy", Topic::Disks, Blocker, [](F &, D &d) { d.path = D::Path::Tunnelled; });
        row("disk of a VM that is off", Topic::Disks, Blocker,
            [](F &f, D &) { f.source.domain.state = virt::DomainState::ShutOff; });
        row("shared disk of a VM that is off", Topic::Disks, Ok, [](F &f, D &) {
            f.source.domain.state = virt::DomainState::ShutOff;
            share(f, u"/a/web01.qcow2"_s);
        });

        row("no medium", Topic::Media, Ok, [](F &, D &) {});
        const QString cd = u"<disk type='file' device='cdrom'><source file='/iso/x.iso'/><target dev='sda'/></disk>"_s;
        row("medium unknown", Topic::Media, Warning, devices(cd));
        row("medium there", Topic::Media, Ok, [devices, cd](F &f, D &d) {
            devices(cd)(f, d);
            f.pair.files.insert(u"/iso/x.iso"_s, {Sharing::Different, true, 1, 1, {}, {}});
        });
        row("another medium", Topic::Media, Warning, [devices, cd](F &f, D &d) {
            devices(cd)(f, d);
            f.pair.files.insert(u"/iso/x.iso"_s, {Sharing::Different, true, 1, 1, {}, FileThere::Content::Different});
        });
        row("medium missing", Topic::Media, Warning, [devices, cd](F &f, D &d) {
            devices(cd)(f, d);
            f.pair.files.insert(u"/iso/x.iso"_s, {Sharing::Different, false, 0, 0, {}, {}});
        });

        row("no host device", Topic::HostDevices, Ok, [](F &, D &) {});
        for (const char *xml : {"<hostdev mode='subsystem' type='pci'/>", "<interface type='hostdev'/>",
                 "<interface type='vdpa'/>", "<filesystem type='mount'><driver type='virtiofs'/></filesystem>",
                 "<filesystem type='mount'/>", "<smartcard mode='host'/>", "<input type='evdev'/>",
                 "<serial type='dev'/>", "<redirdev bus='usb' type='dev'/>", "<shmem name='x' role='peer'/>",
                 "<memory model='nvdimm'><source><path>/a/nv</path></source></memory>"}) {
            row(xml, Topic::HostDevices, Blocker, devices(QString::fromLatin1(xml)));
        }
        row("host device of a VM that is off", Topic::HostDevices, Warning, [devices](F &f, D &d) {
            devices(u"<hostdev mode='subsystem' type='usb'/>"_s)(f, d);
            f.source.domain.state = virt::DomainState::ShutOff;
        });
        row("USB over SPICE", Topic::HostDevices, Ok, devices(u"<redirdev bus='usb' type='spicevmc'/>"_s));

        row("no snapshots", Topic::Snapshots, Ok, [](F &, D &) {});
        row("snapshots", Topic::Snapshots, Note, [](F &f, D &) { f = snapshotted(); });
        row("temporary with snapshots", Topic::Snapshots, Blocker, [](F &f, D &d) {
            f = snapshotted();
            d.persistent = false;
        });
        row("internal memory in a copied disk", Topic::Snapshots, Blocker, [](F &f, D &) {
            snapshot::Snapshot inside;
            inside.name = u"x"_s;
            inside.memory = snapshot::Snapshot::Memory::Internal;
            f.source.disks.snapshots = {inside};
        });
        row("internal snapshot in a copied disk", Topic::Disks, Blocker, [](F &f, D &) {
            snapshot::Snapshot inside;
            inside.name = u"x"_s;
            inside.disks = {
                {u"vda"_s, snapshot::SnapshotDisk::Kind::Internal, {}, {{u"/a/web01.qcow2"_s, u"qcow2"_s}}}};
            f.source.disks.snapshots = {inside};
        });
        row("internal snapshot in a shared disk", Topic::Snapshots, Note, [](F &f, D &) {
            share(f, u"/a/web01.qcow2"_s);
            snapshot::Snapshot inside;
            inside.name = u"x"_s;
            inside.memory = snapshot::Snapshot::Memory::Internal;
            inside.disks = {
                {u"vda"_s, snapshot::SnapshotDisk::Kind::Internal, {}, {{u"/a/web01.qcow2"_s, u"qcow2"_s}}}};
            f.source.disks.snapshots = {inside};
        });

        row("local screen", Topic::Graphics, Ok, devices(u"<graphics type='vnc' listen='127.0.0.1'/>"_s));
        row("screen on an address", Topic::Graphics, Warning,
            devices(u"<graphics type='vnc'><listen type='address' address='192.0.2.7'/></graphics>"_s));
        row("3D", Topic::Graphics, Blocker, devices(u"<graphics type='spice'><gl enable='yes'/></graphics>"_s));

        row("no agent", Topic::Clock, Note, [](F &, D &) {});
        row("agent", Topic::Clock, Ok, [](F &f, D &) { f.source.disks.hasAgent = true; });
        const auto clocks = [](qint64 ms, qint64 uncertainty, bool agent = true) {
            return [=](F &f, D &) {
                f.source.disks.hasAgent = agent;
                f.pair.clockKnown = true;
                f.pair.clockDifferenceMs = ms;
                f.pair.clockUncertaintyMs = uncertainty;
            };
        };
        row("clocks agree", Topic::Clock, Ok, clocks(-900, 20));
        row("clocks differ a little", Topic::Clock, Note, clocks(-4000, 20));
        row("clocks differ", Topic::Clock, Warning, clocks(-6000, 20));
        row("clocks differ, no agent", Topic::Clock, Warning, clocks(6000, 20, false));
        row("clocks may differ", Topic::Clock, Note, clocks(6000, 1500));
        row("clocks compared badly", Topic::Clock, Note, clocks(0, 3000));
        row("clocks not compared", Topic::Clock, Note, [](F &f, D &) {
            f.source.disks.hasAgent = true;
            f.pair.clockProblem = u"no pool"_s;
        });
        row("clocks of a VM that is off", Topic::Clock, Ok, [clocks](F &f, D &d) {
            clocks(60000, 20)(f, d);
            f.source.domain.state = virt::DomainState::ShutOff;
        });

        const auto reached = [](Reach::State peer, Reach::State direct, D::Path path) {
            return [=](F &f, D &d) {
                f.pair.reach.state = peer;
                f.pair.direct.state = direct;
                d.path = path;
            };
        };
        using State = Reach::State;
        row("p2p", Topic::Reachability, Ok, reached(State::Yes, State::NotTried, D::Path::Auto));
        row("not tried", Topic::Reachability, Note, reached(State::NotTried, State::NotTried, D::Path::Auto));
        row("direct", Topic::Reachability, Warning, reached(State::NoDaemon, State::Yes, D::Path::Auto));
        row("nothing goes", Topic::Reachability, Blocker, reached(State::NoDaemon, State::NoData, D::Path::Auto));
        row("p2p wanted", Topic::Reachability, Blocker, reached(State::NoDaemon, State::Yes, D::Path::PeerToPeer));
        row("p2p without data", Topic::Reachability, Blocker, reached(State::NoData, State::Yes, D::Path::PeerToPeer));
        row("tunnel not tried", Topic::Reachability, Warning,
            reached(State::NotTried, State::NotTried, D::Path::Tunnelled));
        row("direct wanted", Topic::Reachability, Warning, reached(State::Yes, State::Yes, D::Path::Direct));
        row("URI that runs a program", Topic::Reachability, Blocker,
            [](F &, D &d) { d.destinationUri = u"qemu+ssh://h/system?command=/tmp/x"_s; });

        row("libvirt refuses", Topic::Libvirt, Blocker, [](F &f, D &) { f.source.refusal = u"no"_s; });
        row("invtsc", Topic::Libvirt, Blocker, head(u"<cpu><feature policy='require' name='invtsc'/></cpu>"_s));
        row("invtsc with a frequency", Topic::Libvirt, Ok,
            head(u"<cpu><feature policy='require' name='invtsc'/></cpu>"
                 "<clock><timer name='tsc' frequency='3000000000'/></clock>"_s));
        row("post-copy in parallel", Topic::Libvirt, Blocker, [](F &, D &d) {
            d.postCopy = true;
            d.parallel = 4;
        });
        row("zstd alone", Topic::Libvirt, Blocker,
            [](F &, D &d) { d.compress = virt::migration::Options::Compression::Zstd; });
        row("xbzrle in parallel", Topic::Libvirt, Blocker, [](F &, D &d) {
            d.compress = virt::migration::Options::Compression::Xbzrle;
            d.parallel = 2;
        });
        row("policy without permission", Topic::Libvirt, Warning,
            [](F &, D &d) { d.policy.atTheEnd = migration::Policy::AtTheEnd::PostCopy; });
        row("disk error", Topic::Libvirt, Blocker, [](F &f, D &) {
            f.source.domain.state = virt::DomainState::Paused;
            f.source.domain.reason = 5;
        });
        row("loose DIMM", Topic::Libvirt, Blocker, devices(u"<memory model='dimm'/>"_s));
    }

    void table()
    {
        QFETCH(const Change, change);
        QFETCH(const Topic, topic);
        QFETCH(const Severity, severity);
        MigrateFacts made = facts();
        MigrateDraft wanted = draft();
        change(made, wanted);
        const QList<Check> checks = preflight(made, wanted);
        QVERIFY2(worst(checks, topic) == severity, qPrintable(textOf(checks)));
        for (const Check &check : checks) {
            if (check.finding.severity == Severity::Blocker) {
                QVERIFY2(
                    !check.finding.cause.isEmpty() && !check.finding.fix.isEmpty(), qPrintable(check.finding.text));
            }
        }
        const job::Plan plan = planMigrate(hostA, hostB, made, wanted);
        QCOMPARE(plan.isBlocked(), count(checks, Severity::Blocker) > 0);
        QCOMPARE(plan.steps.isEmpty(), plan.isBlocked());
    }
};

QTEST_GUILESS_MAIN(TestMigratePreflight)
#include "tst_migratepreflight.moc"
