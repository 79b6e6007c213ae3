// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "tests/unit/createfixture.h"

using namespace createfixture;
using job::Finding;
using Severity = Finding::Severity;

/** What a create plan finds wrong, unwise or worth knowing, and that it runs exactly when nothing blocks. */
class TestCreateFindings final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void findings_data()
    {
        QTest::addColumn<Change>("change");
        QTest::addColumn<Severity>("severity");
        QTest::addColumn<QString>("text"); // a part of "text: cause: fix"
        const auto row = [](const char *name, Severity severity, const QString &text, const Change &change) {
            QTest::newRow(name) << change << severity << text;
        };
        row("name empty", Severity::Blocker, u"name can't be used"_s,
            [](CreateDraft &draft, CreateFacts &) { draft.name.clear(); });
        row("name slash", Severity::Blocker, u"name can't be used"_s,
            [](CreateDraft &draft, CreateFacts &) { draft.name = u"a/b"_s; });
        row("name dash", Severity::Blocker, u"name can't be used"_s,
            [](CreateDraft &draft, CreateFacts &) { draft.name = u"-x"_s; });
        row("name control", Severity::Blocker, u"name can't be used"_s,
            [](CreateDraft &draft, CreateFacts &) { draft.name = u"a\nb"_s; });
        row("name long", Severity::Blocker, u"name can't be used"_s,
            [](CreateDraft &draft, CreateFacts &) { draft.name = QString(300, u'a'); });
        row("name Chinese", Severity::Ok, u"“数据库” is free"_s,
            [](CreateDraft &draft, CreateFacts &) { draft.name = u"数据库"_s; });
        row("name taken", Severity::Blocker, u"for example “db01-2”"_s,
            [](CreateDraft &draft, CreateFacts &) { draft.name = u"db01"_s; });
        row("image safe", Severity::Ok, u"debian.qcow2: qcow2, 10 GiB"_s, [](CreateDraft &, CreateFacts &) {});
        row("image refused", Severity::Blocker, u"must not be used: because"_s,
            [](CreateDraft &, CreateFacts &facts) { facts.image->refusal = u"because"_s; });
        row("image unreadable", Severity::Blocker, u"no such thing"_s, [](CreateDraft &, CreateFacts &facts) {
            facts.image.reset();
            facts.imageProblem = u"no such thing"_s;
        });
        row("image not hashed", Severity::Blocker, u"I/O"_s, [](CreateDraft &, CreateFacts &facts) {
            facts.imageDigest.clear();
            facts.imageProblem = u"I/O"_s;
        });
        row("image is ISO", Severity::Note, u"CD-ROM"_s, [](CreateDraft &draft, CreateFacts &facts) {
            makeIso(draft, facts);
            draft.source = Kind::Image;
        });
        row("ISO is image", Severity::Blocker, u"not an ISO image"_s,
            [](CreateDraft &draft, CreateFacts &) { draft.source = Kind::Iso; });
        row("snapshots", Severity::Note, u"internal snapshots"_s,
            [](CreateDraft &, CreateFacts &facts) { facts.image->internalSnapshots = 2; });
        row("uploads", Severity::Note, u"Uploads 1 GiB"_s, [](CreateDraft &, CreateFacts &) {});
        row("uploads nothing", Severity::Ok, u"nothing is uploaded"_s, [](CreateDraft &, CreateFacts &facts) {
            facts.volumes = {volumeNamed(u"vireo-base-0123456789abcdef.qcow2"_s, gib + 4096)};
        });
        row("uploads again", Severity::Note, u"Uploads 1 GiB"_s, [](CreateDraft &, CreateFacts &facts) {
            facts.volumes = {volumeNamed(u"vireo-base-0123456789abcdef.qcow2"_s, gib)};
        });
        row("root too small", Severity::Blocker, u"at least 10 GiB"_s,
            [](CreateDraft &draft, CreateFacts &) { draft.rootGiB = 9.99; });
        row("root just right", Severity::Ok, u"debian.qcow2"_s,
            [](CreateDraft &draft, CreateFacts &) { draft.rootGiB = 10; });
        row("root negative", Severity::Blocker, u"no size"_s,
            [](CreateDraft &draft, CreateFacts &) { draft.rootGiB = -1; });
        row("root missing", Severity::Blocker, u"no size"_s, [](CreateDraft &draft, CreateFacts &facts) {
            makeIso(draft, facts);
            draft.rootGiB.reset();
        });
        row("pool missing", Severity::Note, u"will be made in /var/lib/libvirt/images"_s,
            [](CreateDraft &, CreateFacts &facts) { facts.pools.clear(); });
        row("pool nowhere", Severity::Blocker, u"“default” does not exist"_s, [](CreateDraft &, CreateFacts &facts) {
            facts.pools.clear();
            facts.defaultPoolTarget.clear();
        });
        row("pool of other name there", Severity::Blocker, u"belongs to the pool “images”"_s,
            [](CreateDraft &, CreateFacts &facts) { facts.pools.first().name = u"images"_s; });
        row("pool inactive", Severity::Note, u"will be started"_s,
            [](CreateDraft &, CreateFacts &facts) { facts.pools.first().active = false; });
        row("pool logical", Severity::Blocker, u"of the type “logical”"_s,
            [](CreateDraft &, CreateFacts &facts) { facts.pools.first().type = u"logical"_s; });
        row("pool full", Severity::Blocker, u"no space"_s,
            [](CreateDraft &, CreateFacts &facts) { facts.pools.first().available = gib; });
        row("pool full but base there", Severity::Warning, u"can outgrow"_s, [](CreateDraft &, CreateFacts &facts) {
            facts.pools.first().available = gib;
            facts.volumes = {volumeNamed(u"vireo-base-0123456789abcdef.qcow2"_s, gib + 4096)};
        });
        row("pool too small later", Severity::Warning, u"can outgrow"_s,
            [](CreateDraft &, CreateFacts &facts) { facts.pools.first().available = 15 * gib; });
        row("memory above total", Severity::Blocker, u"less memory"_s,
            [](CreateDraft &draft, CreateFacts &) { draft.memoryMiB = 16 * 1024 + 1; });
        row("memory above free", Severity::Warning, u"run out of memory"_s,
            [](CreateDraft &draft, CreateFacts &) { draft.memoryMiB = 8 * 1024 + 1; });
        row("memory overcommitted", Severity::Warning, u"promised"_s,
            [](CreateDraft &, CreateFacts &facts) { facts.promisedMemoryKiB = 15 * 1024 * 1024; });
        row("memory zero", Severity::Blocker, u"memory has no size"_s,
            [](CreateDraft &draft, CreateFacts &) { draft.memoryMiB = 0; });
        row("vcpus", Severity::Warning, u"9 vCPUs share 8"_s,
            [](CreateDraft &draft, CreateFacts &) { draft.vcpus = 9; });
        row("vcpus zero", Severity::Blocker, u"no vCPU"_s, [](CreateDraft &draft, CreateFacts &) { draft.vcpus = 0; });
        row("network missing", Severity::Blocker, u"no virtual network “x”"_s,
            [](CreateDraft &draft, CreateFacts &) { draft.nics.first().source = u"x"_s; });
        row("network empty", Severity::Blocker, u"connected to nothing"_s,
            [](CreateDraft &draft, CreateFacts &) { draft.nics.first().source.clear(); });
        row("network inactive", Severity::Blocker, u"“lab” is not active"_s,
            [](CreateDraft &draft, CreateFacts &) { draft.nics.first().source = u"lab"_s; });
        row("network inactive, not started", Severity::Warning, u"“lab” is not active"_s,
            [](CreateDraft &draft, CreateFacts &) {
                draft.nics.first().source = u"lab"_s;
                draft.start = false;
            });
        row("same MAC twice", Severity::Blocker, u"52:54:00:00:00:01"_s, [](CreateDraft &draft, CreateFacts &) {
            draft.nics.first().mac = u"52:54:00:00:00:01"_s;
            draft.nics << draft.nics.first();
        });
        row("no KVM", Severity::Note, u"software emulation"_s,
            [](CreateDraft &, CreateFacts &facts) { facts.kvm = false; });
        row("KVM unusable", Severity::Note, u"kvm_pvm"_s, [](CreateDraft &, CreateFacts &facts) {
            facts.kvm = false;
            facts.kvmProblem = u"kvm_pvm"_s;
        });
        row("KVM", Severity::Ok, u"KVM"_s, [](CreateDraft &, CreateFacts &) {});
        row("read-only", Severity::Blocker, u"read-only"_s,
            [](CreateDraft &, CreateFacts &facts) { facts.hostInfo.readOnly = true; });
        row("LXC", Severity::Blocker, u"LXC hosts"_s,
            [](CreateDraft &, CreateFacts &facts) { facts.hostInfo.hypervisor = u"LXC"_s; });
        row("volume gone", Severity::Blocker, u"“images/golden” does not exist"_s,
            [](CreateDraft &draft, CreateFacts &facts) {
                useVolume(draft, facts, u"qcow2"_s);
                facts.sourceVolume.reset();
            });
        row("volume in use", Severity::Blocker, u"disk of: db01"_s, [](CreateDraft &draft, CreateFacts &facts) {
            useVolume(draft, facts, u"qcow2"_s);
            facts.sourceUsedBy = {u"db01"_s};
        });
        row("volume of other format", Severity::Blocker, u"“vmdk”"_s,
            [](CreateDraft &draft, CreateFacts &facts) { useVolume(draft, facts, u"vmdk"_s); });
        row("volume full copy", Severity::Note, u"host copies the volume"_s,
            [](CreateDraft &draft, CreateFacts &facts) {
                useVolume(draft, facts, u"qcow2"_s);
                draft.fullCopy = true;
            });
        row("volume larger than root", Severity::Blocker, u"smaller than the image"_s,
            [](CreateDraft &draft, CreateFacts &facts) {
                useVolume(draft, facts, u"qcow2"_s);
                draft.rootGiB = 1;
            });
        row("demo", Severity::Note, u"stores no data"_s,
            [](CreateDraft &, CreateFacts &facts) { facts.hostInfo.hypervisor = u"TEST"_s; });
        moreFindings(row);
    }

    void findings()
    {
        QFETCH(Change, change);
        QFETCH(Severity, severity);
        QFETCH(QString, text);
        CreateDraft draft = sampleDraft();
        CreateFacts facts = sampleFacts();
        change(draft, facts);
        const job::Plan plan = planCreate(draft, facts);
        QStringList seen;
        bool found = false;
        for (const Finding &finding : plan.findings) {
            const QString whole = u"%1: %2: %3"_s.arg(finding.text, finding.cause, finding.fix);
            seen << whole;
            found |= finding.severity == severity && whole.contains(text);
            QVERIFY2(finding.severity != Severity::Blocker || !finding.fix.isEmpty(), qPrintable(whole));
        }
        QVERIFY2(found, qPrintable(seen.join(u'\n')));
        // A plan runs exactly when nothing blocks.
        QCOMPARE(plan.isBlocked(), severity == Severity::Blocker);
        QCOMPARE(plan.steps.isEmpty(), plan.isBlocked());
        QCOMPARE(plan.xmlAfter.isEmpty(), plan.isBlocked());
    }

private:
    static void moreFindings(const std::function<void(const char *, Severity, const QString &, const Change &)> &row)
    {
        using Firmware = CreateDraft::Firmware;
        using DiskKind = CreateDraft::DiskKind;
        row("KVM asked for", Severity::Blocker, u"kvm_pvm"_s, [](CreateDraft &draft, CreateFacts &facts) {
            facts.kvm = false;
            facts.kvmProblem = u"kvm_pvm"_s;
            draft.virtType = CreateDraft::VirtType::Kvm;
        });
        row("emulation asked for", Severity::Note, u"as chosen"_s,
            [](CreateDraft &draft, CreateFacts &) { draft.virtType = CreateDraft::VirtType::Qemu; });
        row("MAC taken", Severity::Warning, u"belongs to db01"_s, [](CreateDraft &draft, CreateFacts &facts) {
            draft.nics.first().mac = u"52:54:00:00:00:09"_s;
            facts.macs.insert(u"52:54:00:00:00:09"_s, u"db01"_s);
        });
        row("no UEFI", Severity::Blocker, u"no UEFI firmware"_s, [](CreateDraft &draft, CreateFacts &facts) {
            makeRich(facts);
            facts.caps.firmwares = {u"bios"_s};
            facts.caps.loader = {};
            draft.firmware = Firmware::Efi;
        });
        row("no secure boot", Severity::Blocker, u"secure boot"_s, [](CreateDraft &draft, CreateFacts &facts) {
            makeRich(facts);
            facts.caps.loader.values[u"secure"_s] = {u"no"_s};
            draft.firmware = Firmware::EfiSecure;
        });
        row("no TPM", Severity::Blocker, u"emulate a TPM"_s, [](CreateDraft &draft, CreateFacts &facts) {
            makeRich(facts);
            facts.caps.parts.remove(u"tpm"_s);
            draft.tpm = true;
        });
        row("Windows without TPM", Severity::Warning, u"without a TPM"_s, [](CreateDraft &draft, CreateFacts &facts) {
            makeRich(facts);
            facts.os = windows();
            draft.tpm = false;
        });
        row("Windows on BIOS", Severity::Warning, u"does not start by BIOS"_s,
            [](CreateDraft &draft, CreateFacts &facts) {
                makeRich(facts);
                facts.os = windows();
                draft.firmware = Firmware::Bios;
            });
        row("below the minimum", Severity::Warning, u"Windows 11 needs more memory"_s,
            [](CreateDraft &, CreateFacts &facts) {
                makeRich(facts);
                facts.os = windows();
            });
        row("unknown system", Severity::Warning, u"“beos” is not known"_s, [](CreateDraft &draft, CreateFacts &facts) {
            draft.os = u"beos"_s;
            facts.osProblem = u"No such entry."_s;
        });
        row("CPU unusable", Severity::Blocker, u"lacks: svm"_s, [](CreateDraft &draft, CreateFacts &facts) {
            makeRich(facts);
            draft.cpu = u"EPYC"_s;
        });
        row("CPU unknown", Severity::Blocker, u"knows no CPU “Z80”"_s,
            [](CreateDraft &draft, CreateFacts &) { draft.cpu = u"Z80"_s; });
        row("host CPU emulated", Severity::Blocker, u"needs KVM"_s, [](CreateDraft &draft, CreateFacts &facts) {
            facts.kvm = false;
            draft.cpu = u"host-passthrough"_s;
        });
        row("topology", Severity::Blocker, u"make 6"_s,
            [](CreateDraft &draft, CreateFacts &) { draft.topology = {1, 3, 2}; });
        row("too many vCPUs", Severity::Blocker, u"takes 288 at most"_s,
            [](CreateDraft &draft, CreateFacts &) { draft.maxVcpus = 300; });
        row("vCPUs promised", Severity::Note, u"promised 5 times"_s,
            [](CreateDraft &, CreateFacts &facts) { facts.promisedVcpus = 40; });
        row("no SPICE", Severity::Blocker, u"does not offer SPICE"_s,
            [](CreateDraft &draft, CreateFacts &) { draft.graphics = CreateDraft::Graphics::Spice; });
        row("open screen", Severity::Warning, u"reached from the network"_s,
            [](CreateDraft &draft, CreateFacts &) { draft.listen = u"0.0.0.0"_s; });
        row("bus", Severity::Blocker, u"on the bus “xen”"_s,
            [](CreateDraft &draft, CreateFacts &) { draft.rootBus = u"xen"_s; });
        row("machine", Severity::Blocker, u"does not offer the machine “isapc”"_s,
            [](CreateDraft &draft, CreateFacts &facts) {
                draft.machine = u"isapc"_s;
                facts.machineProblem = u"unsupported"_s;
            });
        row("macvtap", Severity::Note, u"can't reach each other"_s, [](CreateDraft &draft, CreateFacts &) {
            draft.nics = {{CreateDraft::NicKind::Macvtap, u"eno1"_s, {}, {}}};
        });
        row("PXE without network", Severity::Blocker, u"no network to start from"_s,
            [](CreateDraft &draft, CreateFacts &) {
                draft.source = Kind::Pxe;
                draft.nics.clear();
            });
        row("conversion", Severity::Note, u"converted to qcow2"_s,
            [](CreateDraft &, CreateFacts &facts) { facts.image->format = image::Format::Vdi; });
        row("no converter", Severity::Blocker, u"qemu-utils"_s, [](CreateDraft &, CreateFacts &facts) {
            facts.image->format = image::Format::Vdi;
            facts.missingTools.insert(u"qemu-img"_s, u"install qemu-utils"_s);
        });
        row("chain refused", Severity::Blocker, u"can't be adopted: loop"_s,
            [](CreateDraft &draft, CreateFacts &facts) {
                draft.adoptChain = true;
                facts.image->refusal = u"backing file"_s;
                facts.chain = image::Chain{{}, u"loop"_s};
            });
        row("backing file", Severity::Blocker, u"adopt them"_s, [](CreateDraft &, CreateFacts &facts) {
            facts.image->backingFile = u"x"_s;
            facts.image->refusal = u"It needs another file"_s;
        });
        row("kernel missing", Severity::Blocker, u"kernel can't be used: gone"_s,
            [](CreateDraft &draft, CreateFacts &facts) {
                draft.source = Kind::Kernel;
                draft.kernel.kernel = u"/k"_s;
                facts.files.insert(u"/k"_s, {u"/k"_s, {}, u"gone"_s, 0, 0, 0});
            });
        row("tree missing", Severity::Blocker, u"tree can't be used: 404"_s,
            [](CreateDraft &draft, CreateFacts &facts) {
                draft.source = Kind::Tree;
                facts.treeProblem = u"404"_s;
            });
        row("no formatter", Severity::Blocker, u"xfsprogs"_s, [](CreateDraft &draft, CreateFacts &facts) {
            draft.disks = {{DiskKind::Ephemeral, gib, u"xfs"_s, {}, {}, {}, {}, {}, {}, {}}};
            facts.missingTools.insert(u"xfs"_s, u"install xfsprogs"_s);
        });
        row("label too long", Severity::Blocker, u"can't be formatted with vfat"_s,
            [](CreateDraft &draft, CreateFacts &) {
                draft.disks = {{DiskKind::Ephemeral, gib, u"vfat"_s, QString(12, u'A'), {}, {}, {}, {}, {}, {}}};
            });
        row("disk without size", Severity::Blocker, u"A disk has no size"_s, [](CreateDraft &draft, CreateFacts &) {
            draft.disks = {{DiskKind::Blank, 0, {}, {}, {}, {}, {}, {}, {}, {}}};
        });
        row("disk volume missing", Severity::Blocker, u"“p/v” does not exist"_s, [](CreateDraft &draft, CreateFacts &) {
            draft.disks = {{DiskKind::Volume, 0, {}, {}, {}, {u"p"_s, u"v"_s}, {}, {}, {}, {}}};
        });
        row("disk volume used", Severity::Blocker, u"needed by: db01"_s, [](CreateDraft &draft, CreateFacts &facts) {
            draft.disks = {{DiskKind::Volume, 0, {}, {}, {}, {u"p"_s, u"v"_s}, {}, {}, {}, {}}};
            facts.diskVolumes.insert(u"p/v"_s, {volumeNamed(u"v"_s, 1), {u"db01"_s}});
        });
        row("same serial", Severity::Blocker, u"serial number “S”"_s, [](CreateDraft &draft, CreateFacts &) {
            draft.disks = {{DiskKind::Blank, gib, {}, {}, {}, {}, {}, {}, {}, u"S"_s},
                {DiskKind::Blank, gib, {}, {}, {}, {}, {}, {}, {}, u"S"_s}};
        });
        row("import broken", Severity::Blocker, u"line 3"_s, [](CreateDraft &draft, CreateFacts &facts) {
            draft.source = Kind::Xml;
            facts.importProblem = u"line 3"_s;
        });
        row("import risk", Severity::Warning, u"runs a program"_s, [](CreateDraft &draft, CreateFacts &facts) {
            draft.source = Kind::Xml;
            facts.importedXml = u"<domain/>"_s;
            facts.importRisks = {{xml::ImportRisk::Severity::Danger, xml::ImportRisk::Kind::Script,
                u"devices/interface"_s, 3, u"It runs a program."_s}};
        });
        row("edited XML broken", Severity::Blocker, u"can't be read"_s,
            [](CreateDraft &draft, CreateFacts &) { draft.customXml = u"<domain"_s; });
        row("edited XML renamed", Severity::Blocker, u"not about “web01”"_s,
            [](CreateDraft &draft, CreateFacts &) { draft.customXml = u"<domain><name>x</name></domain>"_s; });
        row("edited XML loses disk", Severity::Warning, u"does not use the disk"_s,
            [](CreateDraft &draft, CreateFacts &) { draft.customXml = u"<domain><name>web01</name></domain>"_s; });
    }
};

QTEST_GUILESS_MAIN(TestCreateFindings)
#include "tst_createfindings.moc"
