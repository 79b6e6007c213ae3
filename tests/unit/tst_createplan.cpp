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

#include "backend/operation/create/create.h"
#include "backend/virt/virerror.h"
#include "backend/xml/document.h"
#include "tests/unit/createfixture.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using namespace vireo::operation;
using namespace createfixture;
using job::Finding;
using Severity = Finding::Severity;

namespace {

QStringList types(const job::Plan &plan)
{
    QStringList result;
    for (const job::Step &step : plan.steps) {
        result << step.type + u' ' + step.object;
    }
    return result;
}

} // namespace

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

    /** libvirt's own schema. */
    static void validate(const QString &path, const QString &schema)
    {
        const QString xmllint = QStandardPaths::findExecutable(u"xmllint"_s);
        const QString rng = u"/usr/share/libvirt/schemas/"_s + schema;
        QVERIFY2(!xmllint.isEmpty() && QFile::exists(rng), qPrintable(rng));
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
