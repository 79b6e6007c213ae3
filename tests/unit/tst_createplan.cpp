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
    facts.emulator = u"/usr/bin/qemu-system-x86_64"_s;
    facts.machine = u"pc-q35-7.2"_s;
    facts.arch = u"x86_64"_s;
    facts.diskBuses = {u"ide"_s, u"sata"_s, u"virtio"_s};
    facts.videoModels = {u"vga"_s, u"virtio"_s};
    return facts;
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
        QTest::newRow("image-no-graphics") << Change([](CreateDraft &draft, CreateFacts &) { draft.graphics = false; });
        QTest::newRow("image-spice-only") << Change([](CreateDraft &, CreateFacts &facts) {
            facts.spice = true;
            facts.vnc = false;
        });
        QTest::newRow("image-no-virtio") << Change([](CreateDraft &draft, CreateFacts &facts) {
            facts.diskBuses = {u"sata"_s};
            facts.videoModels = {u"vga"_s};
            draft.nics.first().model = u"e1000e"_s;
        });
        QTest::newRow("image-three-nics") << Change([](CreateDraft &draft, CreateFacts &) {
            draft.nics << CreateDraft::Nic{CreateDraft::NicKind::Bridge, u"br0"_s, u"e1000e"_s, u"52:54:00:00:00:01"_s}
                       << CreateDraft::Nic{CreateDraft::NicKind::User, {}, {}, {}};
        });
        QTest::newRow("iso-i440fx") << Change([](CreateDraft &draft, CreateFacts &facts) {
            makeIso(draft, facts);
            facts.machine = u"pc-i440fx-7.2"_s;
        });
        QTest::newRow("iso-aarch64") << Change([](CreateDraft &draft, CreateFacts &facts) {
            makeIso(draft, facts);
            facts.arch = u"aarch64"_s;
            facts.machine = u"virt-7.2"_s;
            facts.kvm = false;
        });
        QTest::newRow("iso") << Change(makeIso);
        QTest::newRow("iso-sata-disk") << Change([](CreateDraft &draft, CreateFacts &facts) {
            makeIso(draft, facts);
            facts.diskBuses = {u"sata"_s};
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
            facts.machine.clear();
            facts.arch = u"i686"_s;
            facts.diskBuses.clear();
            facts.videoModels.clear();
        });
    }

    void golden()
    {
        QFETCH(Change, change);
        CreateDraft draft = sampleDraft();
        CreateFacts facts = sampleFacts();
        change(draft, facts);
        if (draft.source == Kind::None) {
            facts.image.reset();
        }
        const job::Plan plan = planCreate(draft, facts);
        for (const Finding &finding : plan.findings) {
            QVERIFY2(finding.severity != Severity::Blocker, qPrintable(finding.text + u": "_s + finding.cause));
        }
        QCOMPARE(plan.xmlAfter, createDomainXml(draft, facts));

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
        row("volume full copy", Severity::Blocker, u"copied in full"_s, [](CreateDraft &draft, CreateFacts &facts) {
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
            QVERIFY(finding.severity != Severity::Blocker || !finding.fix.isEmpty());
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
