// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <functional>

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include "backend/operation/create.h"
#include "backend/virt/virerror.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using namespace vireo::operation;
using job::Finding;
using Severity = Finding::Severity;
using Kind = CreateDraft::SourceKind;

namespace {

constexpr quint64 gib = 1ULL << 30;

void offer(CreateFacts &facts, const QString &part, const QString &setting, const QStringList &values)
{
    facts.caps.parts[part].support = xml::Support::Yes;
    facts.caps.parts[part].values[setting] = values;
}

CreateDraft sampleDraft()
{
    CreateDraft draft;
    draft.host = u"qemu:///system"_s;
    draft.name = u"web01"_s;
    draft.path = u"/home/me/debian.qcow2"_s;
    draft.memoryMiB = 2048;
    draft.vcpus = 2;
    draft.rootGiB = 20;
    draft.nics = {{CreateDraft::NicKind::Network, u"default"_s, {}, {}}};
    return draft;
}

/** A KVM host with an active pool and network, and a safe qcow2 image of 10 GiB with 1 GiB of data. */
CreateFacts sampleFacts()
{
    CreateFacts facts;
    facts.host = QUuid::fromString(u"11111111-2222-3333-4444-555555555555"_s);
    facts.hostInfo.hypervisor = u"QEMU"_s;
    facts.hostInfo.hostname = u"rack-7"_s;
    facts.hostInfo.arch = u"x86_64"_s;
    facts.hostInfo.cpus = 8;
    facts.hostInfo.memoryKiB = 16 * 1024 * 1024;
    facts.hostInfo.freeMemoryKiB = 8 * 1024 * 1024;
    facts.domainNames = {u"db01"_s};
    virt::storage::Pool pool;
    pool.name = u"default"_s;
    pool.type = u"dir"_s;
    pool.targetPath = u"/var/lib/libvirt/images"_s;
    pool.active = true;
    pool.capacity = 500 * gib;
    pool.available = 100 * gib;
    facts.pools = {pool};
    facts.networks = {{u"default"_s, {}, true, true, u"virbr0"_s, u"nat"_s}, {u"lab"_s, {}, false, false, {}, {}}};
    facts.defaultPoolTarget = pool.targetPath;
    image::Verdict verdict;
    verdict.format = image::Format::Qcow2;
    verdict.fileSize = gib + 4096;
    verdict.dataSize = gib;
    verdict.virtualSize = 10 * gib;
    verdict.modifiedNs = 1'700'000'000'123'456'789;
    facts.image = verdict;
    facts.imageDigest = u"0123456789abcdef0123456789abcdef"_s;
    facts.kvm = true;
    facts.caps.emulator = u"/usr/bin/qemu-system-x86_64"_s;
    facts.caps.virtType = u"kvm"_s;
    facts.caps.machine = u"pc-q35-7.2"_s;
    facts.caps.arch = u"x86_64"_s;
    facts.caps.maxVcpus = 288;
    offer(facts, u"disk"_s, u"bus"_s, {u"sata"_s, u"scsi"_s, u"usb"_s, u"virtio"_s});
    offer(facts, u"video"_s, u"modelType"_s, {u"vga"_s, u"virtio"_s});
    offer(facts, u"graphics"_s, u"type"_s, {u"vnc"_s});
    return facts;
}

/** A host with UEFI, secure boot, a TPM emulator, SPICE and named CPUs. */
void makeRich(CreateFacts &facts)
{
    facts.caps.autoFirmware = xml::Support::Yes;
    facts.caps.firmwares = {u"bios"_s, u"efi"_s};
    facts.caps.loader.support = xml::Support::Yes;
    facts.caps.loader.values = {{u"type"_s, {u"rom"_s, u"pflash"_s}}, {u"secure"_s, {u"yes"_s, u"no"_s}}};
    offer(facts, u"tpm"_s, u"model"_s, {u"tpm-tis"_s, u"tpm-crb"_s});
    offer(facts, u"tpm"_s, u"backendModel"_s, {u"passthrough"_s, u"emulator"_s});
    offer(facts, u"tpm"_s, u"backendVersion"_s, {u"1.2"_s, u"2.0"_s});
    offer(facts, u"graphics"_s, u"type"_s, {u"vnc"_s, u"spice"_s});
    facts.caps.cpuHostPassthrough = xml::Support::Yes;
    facts.caps.cpuHostModel = xml::Support::Yes;
    facts.caps.cpuModels = {{u"Skylake-Server"_s, u"Intel"_s, xml::Support::Yes, false, {}},
        {u"EPYC"_s, u"AMD"_s, xml::Support::No, false, {u"svm"_s}}};
}

os::Os windows()
{
    os::Os system;
    system.shortId = u"win11"_s;
    system.id = u"http://microsoft.com/win/11"_s;
    system.name = u"Microsoft Windows 11"_s;
    system.family = u"winnt"_s;
    system.needs.q35 = true;
    system.needs.e1000e = true;
    system.needs.usb3 = true;
    system.needs.usbTablet = true;
    system.needs.tpm = true;
    system.needs.firmware = {{u"x86_64"_s, u"bios"_s, false}, {u"x86_64"_s, u"efi"_s, true}};
    system.resources = {{u"all"_s, {4 * gib, 2, 64 * gib}, {8 * gib, 4, 128 * gib}, {}, {}}};
    return system;
}

void makeIso(CreateDraft &draft, CreateFacts &facts)
{
    draft.source = Kind::Iso;
    draft.path = u"/home/me/netinst.iso"_s;
    facts.image->format = image::Format::Iso;
    facts.image->virtualSize = facts.image->fileSize;
    facts.imageDigest.clear();
}

void useVolume(CreateDraft &draft, CreateFacts &facts, const QString &format)
{
    draft.path.clear();
    draft.volume = CreateDraft::Volume{u"images"_s, u"golden"_s};
    facts.image.reset();
    facts.imageDigest.clear();
    virt::storage::Volume volume;
    volume.pool = u"images"_s;
    volume.name = u"golden"_s;
    volume.path = u"/srv/images/golden"_s;
    volume.format = format;
    volume.capacity = 5 * gib;
    facts.sourceVolume = volume;
}

virt::storage::Volume volumeNamed(const QString &name, quint64 length)
{
    virt::storage::Volume volume;
    volume.pool = u"default"_s;
    volume.name = name;
    volume.path = u"/var/lib/libvirt/images/"_s + name;
    volume.format = u"qcow2"_s;
    volume.physical = length;
    return volume;
}

QStringList types(const job::Plan &plan)
{
    QStringList result;
    for (const job::Step &step : plan.steps) {
        result << step.type + u' ' + step.object;
    }
    return result;
}

using Change = std::function<void(CreateDraft &, CreateFacts &)>;

} // namespace

Q_DECLARE_METATYPE(Change)

class TestCreatePlan final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    /** Every choice, as XML. VIREO_UPDATE_GOLDEN=1 writes the files anew: read the difference before you keep it. */
    void golden_data()
    {
        QTest::addColumn<Change>("change");
        QTest::newRow("image") << Change([](CreateDraft &, CreateFacts &) {});
        QTest::newRow("image-tcg") << Change([](CreateDraft &, CreateFacts &facts) { facts.kvm = false; });
        QTest::newRow("image-raw") << Change(
            [](CreateDraft &, CreateFacts &facts) { facts.image->format = image::Format::Raw; });
        QTest::newRow("image-full-copy") << Change([](CreateDraft &draft, CreateFacts &) { draft.fullCopy = true; });
        QTest::newRow("image-described") << Change([](CreateDraft &draft, CreateFacts &) {
            draft.title = u"Web & <proxy> \"one\""_s;
            draft.description = u"第一行\nsecond line"_s;
            draft.tags = {u"prod"_s, u"a&b"_s};
        });
        QTest::newRow("image-no-graphics")
            << Change([](CreateDraft &draft, CreateFacts &) { draft.graphics = CreateDraft::Graphics::None; });
        QTest::newRow("image-spice-only")
            << Change([](CreateDraft &, CreateFacts &facts) { offer(facts, u"graphics"_s, u"type"_s, {u"spice"_s}); });
        QTest::newRow("image-no-virtio") << Change([](CreateDraft &draft, CreateFacts &facts) {
            offer(facts, u"disk"_s, u"bus"_s, {u"sata"_s});
            offer(facts, u"video"_s, u"modelType"_s, {u"vga"_s});
            draft.nics.first().model = u"e1000e"_s;
        });
        QTest::newRow("image-three-nics") << Change([](CreateDraft &draft, CreateFacts &) {
            draft.nics << CreateDraft::Nic{CreateDraft::NicKind::Bridge, u"br0"_s, u"e1000e"_s, u"52:54:00:00:00:01"_s}
                       << CreateDraft::Nic{CreateDraft::NicKind::User, {}, {}, {}};
        });
        QTest::newRow("iso-i440fx") << Change([](CreateDraft &draft, CreateFacts &facts) {
            makeIso(draft, facts);
            facts.caps.machine = u"pc-i440fx-7.2"_s;
        });
        QTest::newRow("iso-aarch64") << Change([](CreateDraft &draft, CreateFacts &facts) {
            makeIso(draft, facts);
            facts.caps.arch = u"aarch64"_s;
            facts.caps.machine = u"virt-7.2"_s;
            facts.kvm = false;
        });
        QTest::newRow("iso") << Change(makeIso);
        QTest::newRow("iso-sata-disk") << Change([](CreateDraft &draft, CreateFacts &facts) {
            makeIso(draft, facts);
            offer(facts, u"disk"_s, u"bus"_s, {u"sata"_s});
        });
        QTest::newRow("volume-image") << Change(
            [](CreateDraft &draft, CreateFacts &facts) { useVolume(draft, facts, u"raw"_s); });
        QTest::newRow("volume-iso") << Change([](CreateDraft &draft, CreateFacts &facts) {
            useVolume(draft, facts, u"iso"_s);
            draft.source = Kind::Iso;
        });
        QTest::newRow("volume-disk") << Change([](CreateDraft &draft, CreateFacts &facts) {
            useVolume(draft, facts, u"qcow2"_s);
            draft.source = Kind::Disk;
        });
        QTest::newRow("none") << Change([](CreateDraft &draft, CreateFacts &) {
            draft.source = Kind::None;
            draft.path.clear();
        });
        QTest::newRow("demo") << Change([](CreateDraft &, CreateFacts &facts) {
            facts.hostInfo.hypervisor = u"TEST"_s;
            facts.kvm = false;
            facts.caps = {};
            facts.caps.arch = u"i686"_s;
        });
        moreGolden();
    }

    void golden()
    {
        QFETCH(Change, change);
        CreateDraft draft = sampleDraft();
        CreateFacts facts = sampleFacts();
        change(draft, facts);
        if (draft.source != Kind::Image && draft.source != Kind::Iso) {
            facts.image.reset();
        }
        const job::Plan plan = planCreate(draft, facts);
        for (const Finding &finding : plan.findings) {
            QVERIFY2(finding.severity != Severity::Blocker, qPrintable(finding.text + u": "_s + finding.cause));
        }
        if (draft.source != Kind::Xml && !draft.customXml) {
            QCOMPARE(plan.xmlAfter, createDomainXml(draft, facts));
        }

        const QString path =
            QStringLiteral(VIREO_TEST_DATA "/create/%1.xml").arg(QString::fromUtf8(QTest::currentDataTag()));
        // Steps beside the XML: one file shows all that a choice does.
        QJsonArray steps;
        for (const job::Step &step : plan.steps) {
            steps.append(QJsonObject{
                {u"type"_s, step.type}, {u"object"_s, step.object}, {u"parameters"_s, [&step] {
                                                                         QJsonObject parameters = step.parameters;
                                                                         if (step.type == "domain.define"_L1) {
                                                                             parameters.remove("xml"_L1);
                                                                         }
                                                                         return parameters;
                                                                     }()}});
        }
        const QByteArray expectedSteps = QJsonDocument(steps).toJson();
        const QString stepsPath = path.chopped(4) + u".steps.json"_s;
        if (qEnvironmentVariableIsSet("VIREO_UPDATE_GOLDEN")) {
            QFile out(path);
            QVERIFY(out.open(QIODevice::WriteOnly));
            out.write(plan.xmlAfter.toUtf8());
            QFile outSteps(stepsPath);
            QVERIFY(outSteps.open(QIODevice::WriteOnly));
            outSteps.write(expectedSteps);
        }
        QFile file(path);
        QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(path));
        QCOMPARE(plan.xmlAfter, QString::fromUtf8(file.readAll()));
        QFile stepsFile(stepsPath);
        QVERIFY2(stepsFile.open(QIODevice::ReadOnly), qPrintable(stepsPath));
        QCOMPARE(QString::fromUtf8(expectedSteps), QString::fromUtf8(stepsFile.readAll()));
        validate(path, u"domain.rng"_s);
    }

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

    void stepsOfAnImage()
    {
        const job::Plan plan = planCreate(sampleDraft(), sampleFacts());
        const QString base = u"vireo-base-0123456789abcdef.qcow2"_s;
        QCOMPARE(types(plan),
            QStringList({u"volume.create "_s + base, u"volume.upload "_s + base, u"pool.refresh "_s + base,
                u"volume.create web01.qcow2"_s, u"domain.define web01"_s, u"domain.start web01"_s}));
        QCOMPARE(plan.bytes(), gib);
        QCOMPARE(plan.operation, u"create"_s);
        QCOMPARE(plan.domainName, u"web01"_s);
        QVERIFY(plan.domain.isNull());
        QCOMPARE(plan.verdict,
            u"Creates web01 on rack-7 with 2 vCPU and 2 GiB of memory, uploads 1 GiB, makes a disk of 20 GiB in the "
            u"pool "
            "“default”, starts it."_s);
        QCOMPARE(plan.draft, sampleDraft().toJson());
        QVERIFY(job::Plan::fromJson(plan.toJson()) == plan); // the journal keeps it whole

        const auto overlay = xml::Document::parse(plan.steps.at(3).parameters.value("xml"_L1).toString());
        QVERIFY(overlay);
        const xml::Element root = overlay->root();
        QCOMPARE(root.child(u"capacity"_s).text(), QString::number(20 * gib));
        QCOMPARE(root.find(u"target/format"_s).attribute(u"type"_s), u"qcow2"_s);
        QCOMPARE(root.find(u"target/permissions/mode"_s).text(), u"0600"_s);
        QCOMPARE(root.find(u"backingStore/path"_s).text(), u"/var/lib/libvirt/images/"_s + base);
        QCOMPARE(root.find(u"backingStore/format"_s).attribute(u"type"_s), u"qcow2"_s);
        for (const int i : {0, 3}) {
            validateText(plan.steps.at(i).parameters.value("xml"_L1).toString(), u"storagevol.rng"_s);
        }
    }

    void steps_data()
    {
        QTest::addColumn<Change>("change");
        QTest::addColumn<QStringList>("expected");
        const QString base = u"vireo-base-0123456789abcdef.qcow2"_s;
        const QStringList end{u"domain.define web01"_s, u"domain.start web01"_s};
        QTest::newRow("base is there") << Change([base](CreateDraft &, CreateFacts &facts) {
            facts.volumes = {volumeNamed(base, gib + 4096)};
        }) << QStringList{u"volume.upload "_s + base, u"pool.refresh "_s + base, u"volume.create web01.qcow2"_s} + end;
        QTest::newRow("name in pool taken")
            << Change([base](CreateDraft &, CreateFacts &facts) {
                   facts.volumes = {volumeNamed(base, gib + 4096), volumeNamed(u"web01.qcow2"_s, 1),
                       volumeNamed(u"web01-2.qcow2"_s, 1)};
               })
            << QStringList{u"volume.upload "_s + base, u"pool.refresh "_s + base, u"volume.create web01-3.qcow2"_s}
                + end;
        QTest::newRow("pool missing") << Change([](CreateDraft &, CreateFacts &facts) { facts.pools.clear(); })
                                      << QStringList{u"pool.ensure default"_s, u"volume.create "_s + base,
                                             u"volume.upload "_s + base, u"pool.refresh "_s + base,
                                             u"volume.create web01.qcow2"_s}
                + end;
        QTest::newRow("full copy") << Change([](CreateDraft &draft, CreateFacts &) { draft.fullCopy = true; })
                                   << QStringList{u"volume.create web01.qcow2"_s, u"volume.upload web01.qcow2"_s,
                                          u"pool.refresh web01.qcow2"_s, u"volume.resize web01.qcow2"_s}
                + end;
        QTest::newRow("full copy of the same size")
            << Change([](CreateDraft &draft, CreateFacts &) {
                   draft.fullCopy = true;
                   draft.rootGiB.reset();
               })
            << QStringList{u"volume.create web01.qcow2"_s, u"volume.upload web01.qcow2"_s,
                   u"pool.refresh web01.qcow2"_s}
                + end;
        QTest::newRow("ISO") << Change(makeIso)
                             << QStringList{u"volume.create netinst.iso"_s, u"volume.upload netinst.iso"_s,
                                    u"pool.refresh netinst.iso"_s, u"volume.create web01.qcow2"_s}
                + end;
        QTest::newRow("ISO is there") << Change([](CreateDraft &draft, CreateFacts &facts) {
            makeIso(draft, facts);
            facts.volumes = {volumeNamed(u"netinst.iso"_s, gib + 4096)};
        })
                                      << QStringList{u"volume.upload netinst.iso"_s, u"pool.refresh netinst.iso"_s,
                                             u"volume.create web01.qcow2"_s}
                + end;
        QTest::newRow("another ISO is there")
            << Change([](CreateDraft &draft, CreateFacts &facts) {
                   makeIso(draft, facts);
                   facts.volumes = {volumeNamed(u"netinst.iso"_s, 5)};
               })
            << QStringList{u"volume.create netinst-2.iso"_s, u"volume.upload netinst-2.iso"_s,
                   u"pool.refresh netinst-2.iso"_s, u"volume.create web01.qcow2"_s}
                + end;
        QTest::newRow("volume") << Change([](CreateDraft &draft, CreateFacts &facts) {
            useVolume(draft, facts, u"qcow2"_s);
        }) << QStringList{u"volume.create web01.qcow2"_s} + end;
        QTest::newRow("existing disk") << Change([](CreateDraft &draft, CreateFacts &facts) {
            useVolume(draft, facts, u"qcow2"_s);
            draft.source = Kind::Disk;
        }) << end;
        QTest::newRow("autostart, not started") << Change([](CreateDraft &draft, CreateFacts &facts) {
            useVolume(draft, facts, u"qcow2"_s);
            draft.start = false;
            draft.autostart = true;
        }) << QStringList{u"volume.create web01.qcow2"_s, u"domain.define web01"_s, u"domain.setAutostart web01"_s};
    }

    void steps()
    {
        QFETCH(Change, change);
        QFETCH(QStringList, expected);
        CreateDraft draft = sampleDraft();
        CreateFacts facts = sampleFacts();
        change(draft, facts);
        QCOMPARE(types(planCreate(draft, facts)), expected);
    }

    /** Metacharacters in names stay text: the XML has the same shape, whatever the draft says. */
    void hostileText()
    {
        CreateDraft draft = sampleDraft();
        draft.name = u"a]]><!--&amp;'\"b"_s;
        draft.title = u"</title><devices/>"_s;
        draft.nics.first() = {CreateDraft::NicKind::Bridge, u"'/><disk type='block'/>"_s, u"virtio"_s, {}};
        const job::Plan plan = planCreate(draft, sampleFacts());
        QVERIFY(!plan.isBlocked());
        const auto document = xml::Document::parse(plan.xmlAfter);
        QVERIFY(document);
        QCOMPARE(document->root().child(u"name"_s).text(), draft.name);
        QCOMPARE(document->root().child(u"title"_s).text(), draft.title);
        QCOMPARE(document->root().children(u"devices"_s).size(), 1);
        QCOMPARE(document->root().child(u"devices"_s).children(u"disk"_s).size(), 1);
        QCOMPARE(
            document->root().find(u"devices/interface/source"_s).attribute(u"bridge"_s), draft.nics.first().source);
    }

    void freeNames()
    {
        QCOMPARE(freeName(u"a"_s, {}), u"a"_s);
        QCOMPARE(freeName(u"a"_s, {u"a"_s}), u"a-2"_s);
        QCOMPARE(freeName(u"a"_s, {u"a"_s, u"a-2"_s, u"a-4"_s}), u"a-3"_s);
    }

private:
    static void moreGolden()
    {
        using DiskKind = CreateDraft::DiskKind;
        using Firmware = CreateDraft::Firmware;
        QTest::newRow("image-vmdk") << Change([](CreateDraft &, CreateFacts &facts) {
            facts.image->format = image::Format::Vmdk;
            facts.image->subformat = u"streamOptimized"_s;
        });
        QTest::newRow("image-to-raw") << Change(
            [](CreateDraft &draft, CreateFacts &) { draft.imageFormat = u"raw"_s; });
        QTest::newRow("image-vmdk-full-copy") << Change([](CreateDraft &draft, CreateFacts &facts) {
            facts.image->format = image::Format::Vmdk;
            facts.image->subformat = u"monolithicSparse"_s;
            draft.fullCopy = true;
        });
        QTest::newRow("image-adopted-chain") << Change([](CreateDraft &draft, CreateFacts &facts) {
            draft.adoptChain = true;
            facts.image->backingFile = u"base.qcow2"_s;
            facts.image->refusal = u"It needs another file."_s;
            facts.image->onlyBacking = true;
            facts.chain =
                image::Chain{{{u"/home/me/debian.qcow2"_s, *facts.image}, {u"/home/me/base.qcow2"_s, {}}}, {}};
        });
        QTest::newRow("volume-clone") << Change([](CreateDraft &draft, CreateFacts &facts) {
            useVolume(draft, facts, u"qcow2"_s);
            draft.fullCopy = true;
            draft.imageFormat = u"raw"_s;
        });
        QTest::newRow("disks") << Change([](CreateDraft &draft, CreateFacts &facts) {
            draft.disks = {{DiskKind::Blank, 30 * gib, {}, {}, {}, {}, {}, u"none"_s, {}, u"SN1"_s},
                {DiskKind::Ephemeral, 2 * gib, u"xfs"_s, {}, {}, {}, u"scsi"_s, {}, u"ignore"_s, {}},
                {DiskKind::Ephemeral, gib, u"vfat"_s, u"DATA"_s, {}, {}, {}, {}, {}, {}},
                {DiskKind::Swap, gib / 2, {}, u"swap0"_s, {}, {}, {}, {}, {}, {}},
                {DiskKind::Volume, 0, {}, {}, {}, {u"images"_s, u"old.img"_s}, u"sata"_s, {}, {}, {}}};
            virt::storage::Volume volume;
            volume.pool = u"images"_s;
            volume.name = u"old.img"_s;
            volume.path = u"/srv/images/old.img"_s;
            volume.format = u"raw"_s;
            facts.diskVolumes.insert(u"images/old.img"_s, {volume, {}});
        });
        QTest::newRow("kernel") << Change([](CreateDraft &draft, CreateFacts &facts) {
            draft.source = Kind::Kernel;
            draft.path.clear();
            draft.rootGiB.reset();
            draft.kernel = {u"/home/me/vmlinuz"_s, u"/home/me/initrd"_s, u"console=ttyS0 root=/dev/vda"_s, {}};
            facts.files.insert(
                u"/home/me/vmlinuz"_s, {u"/home/me/vmlinuz"_s, QString(64, u'a'), {}, 8'000'000, 8'000'000, 5});
            facts.files.insert(
                u"/home/me/initrd"_s, {u"/home/me/initrd"_s, QString(64, u'b'), {}, 30'000'000, 30'000'000, 6});
        });
        QTest::newRow("kernel-aarch64-dtb") << Change([](CreateDraft &draft, CreateFacts &facts) {
            draft.source = Kind::Kernel;
            draft.path.clear();
            draft.rootGiB = 5;
            draft.kernel = {u"/home/me/Image"_s, {}, {}, u"/home/me/board.dtb"_s};
            draft.firmware = Firmware::Bios;
            facts.caps.arch = u"aarch64"_s;
            facts.caps.machine = u"virt-7.2"_s;
            facts.kvm = false;
            for (const QString &path : {draft.kernel.kernel, draft.kernel.dtb}) {
                facts.files.insert(path, {path, QString(64, path.back()), {}, 4096, 4096, 7});
            }
        });
        QTest::newRow("tree") << Change([](CreateDraft &draft, CreateFacts &facts) {
            draft.source = Kind::Tree;
            draft.path = u"http://mirror.example/fedora"_s;
            draft.kernel.cmdline = u"inst.text"_s;
            os::InstallTree tree;
            tree.location = draft.path;
            tree.kernel = draft.path + u"/images/pxeboot/vmlinuz"_s;
            tree.initrd = draft.path + u"/images/pxeboot/initrd.img"_s;
            tree.arguments = u"inst.repo=http://mirror.example/fedora"_s;
            facts.tree = tree;
        });
        QTest::newRow("pxe") << Change([](CreateDraft &draft, CreateFacts &) {
            draft.source = Kind::Pxe;
            draft.path.clear();
        });
        QTest::newRow("iso-live") << Change([](CreateDraft &draft, CreateFacts &facts) {
            makeIso(draft, facts);
            draft.rootGiB = 0;
        });
        QTest::newRow("efi") << Change([](CreateDraft &draft, CreateFacts &facts) {
            makeRich(facts);
            draft.firmware = Firmware::Efi;
        });
        QTest::newRow("efi-secure-no-tpm") << Change([](CreateDraft &draft, CreateFacts &facts) {
            makeRich(facts);
            draft.firmware = Firmware::EfiSecure;
            draft.tpm = false;
        });
        QTest::newRow("bios-tpm") << Change([](CreateDraft &draft, CreateFacts &facts) {
            makeRich(facts);
            draft.firmware = Firmware::Bios;
            draft.tpm = true;
        });
        QTest::newRow("iso-windows") << Change([](CreateDraft &draft, CreateFacts &facts) {
            makeIso(draft, facts);
            makeRich(facts);
            facts.os = windows();
            draft.graphics = CreateDraft::Graphics::Spice;
            draft.memoryMiB = 4096;
            draft.rootGiB = 80;
        });
        QTest::newRow("compute") << Change([](CreateDraft &draft, CreateFacts &facts) {
            makeRich(facts);
            draft.maxMemoryMiB = 8192;
            draft.maxVcpus = 8;
            draft.topology = {2, 2, 2};
            draft.cpu = u"Skylake-Server"_s;
        });
        QTest::newRow("emulated-by-choice") << Change([](CreateDraft &draft, CreateFacts &) {
            draft.virtType = CreateDraft::VirtType::Qemu;
            draft.topology = {1, 2, 1};
        });
        QTest::newRow("plain") << Change([](CreateDraft &draft, CreateFacts &) {
            draft.agent = false;
            draft.rng = false;
            draft.balloon = false;
            draft.nics = {{CreateDraft::NicKind::Macvtap, u"eno1"_s, {}, {}}};
            draft.listen = u"::1"_s;
            draft.rootBus = u"usb"_s;
        });
        QTest::newRow("seed") << Change([](CreateDraft &draft, CreateFacts &facts) {
            draft.seed = QJsonObject{{u"kind"_s, u"nocloud"_s}, {u"hostname"_s, u"web01"_s},
                {u"network"_s, QJsonArray{QJsonObject{{u"dhcp4"_s, true}}}}};
            facts.instanceId = u"iid-1"_s;
            facts.newMacs = {u"52:54:00:aa:bb:cc"_s};
        });
        QTest::newRow("paused") << Change([](CreateDraft &draft, CreateFacts &) {
            draft.paused = true;
            draft.autostart = true;
        });
        QTest::newRow("import") << Change([](CreateDraft &draft, CreateFacts &facts) {
            draft.source = Kind::Xml;
            draft.path = u"/home/me/old.xml"_s;
            const QUuid uuid = QUuid::fromString(u"99999999-2222-3333-4444-555555555555"_s);
            facts.domainUuids = {uuid};
            facts.importedXml =
                u"<domain type='kvm' id='7'>\n  <name>old</name>\n  <uuid>%1</uuid>\n  <memory>1048576</memory>\n"
                "  <!-- kept -->\n  <os>\n    <type>hvm</type>\n  </os>\n</domain>\n"_s.arg(
                    uuid.toString(QUuid::WithoutBraces));
        });
        QTest::newRow("edited") << Change([](CreateDraft &draft, CreateFacts &facts) {
            QString text = createDomainXml(draft, facts);
            draft.customXml = text.replace(u"<on_crash>destroy</on_crash>"_s, u"<on_crash>preserve</on_crash>"_s);
        });
    }

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

    /** libvirt's own schema, where it is installed together with xmllint. */
    static void validate(const QString &path, const QString &schema)
    {
        const QString xmllint = QStandardPaths::findExecutable(u"xmllint"_s);
        const QString rng = u"/usr/share/libvirt/schemas/"_s + schema;
        if (xmllint.isEmpty() || !QFile::exists(rng)) {
            return;
        }
        QProcess process;
        process.start(xmllint, {u"--noout"_s, u"--relaxng"_s, rng, path});
        QVERIFY(process.waitForFinished(60000));
        QVERIFY2(process.exitCode() == 0, process.readAllStandardError().constData());
    }

    static void validateText(const QString &text, const QString &schema)
    {
        QTemporaryDir directory;
        QFile file(directory.filePath(u"x.xml"_s));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(text.toUtf8());
        file.close();
        validate(file.fileName(), schema);
    }
};

QTEST_GUILESS_MAIN(TestCreatePlan)
#include "tst_createplan.moc"
