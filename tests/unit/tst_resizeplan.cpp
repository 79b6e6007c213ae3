// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QJsonArray>
#include <QTest>

#include "backend/operation/cold/firmwarestate.h"
#include "backend/operation/draft.h"
#include "backend/operation/resize/resize.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using operation::KeptState;
using operation::ResizeDraft;
using operation::ResizeEnd;
using operation::ResizeEndDraft;
using operation::ResizeEndFacts;
using operation::ResizeFacts;

namespace {

constexpr quint64 gib = 1024ULL * 1024 * 1024;

QString definition(const QString &cpu = {}, const QString &disk = {})
{
    return u"<domain type='kvm'>\n  <name>vm</name>\n  <uuid>0e2f3b12-5a3c-4c1c-9b0c-111111111111</uuid>\n"
           "  <memory unit='KiB'>1048576</memory>\n  <currentMemory unit='KiB'>524288</currentMemory>\n"
           "  <vcpu placement='static' current='2'>4</vcpu>\n  <os><type arch='x86_64' machine='pc'>hvm</type></os>\n"
           "  %1\n  <devices>\n"
           "    <disk type='file' device='disk'>\n      <driver name='qemu' type='raw' cache='none'/>\n"
           "      <source file='/pool/a.img' index='1'/>\n      <backingStore/>\n"
           "      <target dev='vda' bus='virtio'/>\n      <address type='pci' slot='0x04'/>\n%2    </disk>\n"
           "    <disk type='file' device='cdrom'>\n      <source file='/pool/cd.iso'/>\n"
           "      <target dev='sdc' bus='sata'/>\n      <readonly/>\n    </disk>\n  </devices>\n</domain>\n"_s.arg(
               cpu, disk);
}

ResizeFacts facts(const QString &xml = definition())
{
    ResizeFacts facts;
    facts.edit.domain.uuid = QUuid(u"0e2f3b12-5a3c-4c1c-9b0c-111111111111"_s);
    facts.edit.domain.name = u"vm"_s;
    facts.edit.domain.state = virt::DomainState::ShutOff;
    facts.edit.domain.vcpus = 2;
    facts.edit.stored = xml;
    facts.disks.domain = facts.edit.domain;
    facts.disks.xml = xml;
    facts.disks.storedXml = xml;
    facts.disks.disks = snapshot::parseDisks(xml).value();
    snapshot::FileFacts file;
    file.presence = snapshot::FileFacts::Presence::Present;
    file.pool = u"default"_s;
    file.allocation = 3 * gib;
    facts.disks.files.insert(u"/pool/a.img"_s, file);
    virt::storage::Pool pool;
    pool.name = u"default"_s;
    pool.type = u"dir"_s;
    pool.targetPath = u"/pool"_s;
    pool.active = true;
    pool.available = 20 * gib;
    facts.pools = {pool};
    facts.host.uri = u"qemu:///system"_s;
    facts.host.cpus = 8;
    facts.host.memoryKiB = 16ULL * 1024 * 1024;
    facts.capacities = {{u"vda"_s, 10 * gib}};
    facts.token = u"abc123"_s;
    return facts;
}

ResizeDraft vda(quint64 capacity)
{
    ResizeDraft draft;
    ResizeDraft::Disk disk;
    disk.target = u"vda"_s;
    disk.capacity = capacity;
    draft.disks = {disk};
    return draft;
}

QStringList typesOf(const job::Plan &plan)
{
    QStringList types;
    for (const job::Step &step : plan.steps) {
        types.append(step.type);
    }
    return types;
}

/** The first blocker; empty: none. */
QString blocker(const QList<job::Finding> &findings)
{
    const auto found = std::ranges::find(findings, job::Finding::Severity::Blocker, &job::Finding::severity);
    return found == findings.cend() ? QString() : found->text;
}
bool warns(const QList<job::Finding> &findings)
{
    return std::ranges::find(findings, job::Finding::Severity::Warning, &job::Finding::severity) != findings.cend();
}

} // namespace

/** What resizes of VMs that are off come to, and how they end: plans, without a host. */
class TestResizePlan final : public QObject
{
    Q_OBJECT

    const virt::HostId m_host = QUuid::createUuid();

    static KeptState keptState()
    {
        KeptState kept;
        kept.id = u"abc123"_s;
        kept.domain = facts().edit.domain.uuid;
        kept.name = u"vm"_s;
        kept.fromUri = kept.toUri = u"qemu:///system"_s;
        kept.wasRunning = true;
        kept.disks = {{u"vda"_s, {u"/pool/a.img"_s, u"raw"_s}, {u"/pool/o.qcow2"_s, u"qcow2"_s}, true}};
        kept.made = {u"/pool/o.qcow2"_s};
        return kept;
    }
    ResizeEndFacts endFacts(const KeptState &kept) const
    {
        ResizeEndFacts end;
        end.kept = kept;
        end.from = end.to = m_host;
        end.domain = facts().edit.domain;
        end.disks = facts().disks;
        end.disks.disks.first().chain = {kept.disks.first().now};
        if (kept.disks.first().isOverlay) {
            end.disks.disks.first().chain.append(kept.disks.first().before);
        }
        end.xml = definition();
        return end;
    }

private Q_SLOTS:
    void figures_data()
    {
        QTest::addColumn<QString>("cpu");
        QTest::addColumn<int>("vcpus");
        QTest::addColumn<int>("maxVcpus");
        QTest::addColumn<QString>("expected");
        QTest::newRow("fewer than the maximum")
            << QString() << 3 << 0 << u"<vcpu placement='static' current='3'>4</vcpu>"_s;
        QTest::newRow("the maximum") << QString() << 4 << 0 << u"<vcpu placement='static'>4</vcpu>"_s;
        QTest::newRow("more") << QString() << 6 << 0 << u"<vcpu placement='static'>6</vcpu>"_s;
        QTest::newRow("maximum") << QString() << 0 << 8 << u"<vcpu placement='static' current='2'>8</vcpu>"_s;
        QTest::newRow("smaller maximum") << QString() << 0 << 1 << u"<vcpu placement='static'>1</vcpu>"_s;
        QTest::newRow("topology follows") << u"<cpu><topology sockets='1' dies='1' cores='2' threads='2'/></cpu>"_s << 8
                                          << 0 << u"<topology sockets='2' dies='1' cores='2' threads='2'/>"_s;
        QTest::newRow("topology gives up") << u"<cpu><topology sockets='1' dies='1' cores='2' threads='2'/></cpu>"_s
                                           << 7 << 0 << u"<topology sockets='7' dies='1' cores='1' threads='1'/>"_s;
        QTest::newRow("not more than the maximum") << QString() << 5 << 4 << QString();
        QTest::newRow("NUMA") << u"<cpu><numa><cell cpus='0-3' memory='1048576'/></numa></cpu>"_s << 8 << 0
                              << QString();
    }
    void figures()
    {
        QFETCH(const QString, cpu);
        QFETCH(const int, vcpus);
        QFETCH(const int, maxVcpus);
        QFETCH(const QString, expected);
        ResizeDraft draft;
        draft.vcpus = vcpus > 0 ? std::optional(vcpus) : std::nullopt;
        draft.maxVcpus = maxVcpus > 0 ? std::optional(maxVcpus) : std::nullopt;
        const auto xml = resizedXml(definition(cpu), draft);
        QCOMPARE(xml.has_value(), !expected.isEmpty());
        QVERIFY2(!xml || xml->contains(expected), qPrintable(xml.value_or(QString())));
    }

    void memory()
    {
        ResizeDraft draft;
        QCOMPARE(resizedXml(definition(), draft).value(), definition());
        draft.memoryKiB = 262144;
        QString xml = resizedXml(definition(), draft).value();
        QVERIFY(xml.contains("<memory unit='KiB'>1048576</memory>"_L1));
        QVERIFY(xml.contains("<currentMemory unit='KiB'>262144</currentMemory>"_L1));
        draft.memoryKiB = 2097152;
        xml = resizedXml(definition(), draft).value();
        QVERIFY(xml.contains("<memory unit='KiB'>2097152</memory>"_L1));
        QVERIFY(xml.contains("<currentMemory unit='KiB'>2097152</currentMemory>"_L1));
        draft.maxMemoryKiB = 1048576;
        QVERIFY(!resizedXml(definition(), draft));
        draft.memoryKiB.reset();
        draft.maxMemoryKiB = 262144;
        xml = resizedXml(definition(), draft).value();
        QVERIFY(xml.contains("<memory unit='KiB'>262144</memory>"_L1));
        QVERIFY(xml.contains("<currentMemory unit='KiB'>262144</currentMemory>"_L1));
    }

    void bus()
    {
        ResizeDraft draft = vda(0);
        draft.disks.first().bus = u"scsi"_s;
        const QString xml = resizedXml(definition(), draft).value();
        QVERIFY(xml.contains("<target dev='vda' bus='scsi'/>"_L1));
        QVERIFY(!xml.contains("slot='0x04'"_L1));
    }

    /** All that the guest can write to gets a layer, with formats that are recorded. */
    void layer()
    {
        ResizeDraft draft = vda(25 * gib);
        draft.vcpus = 4;
        const job::Plan plan = planResize(m_host, facts(), draft);
        QCOMPARE(blocker(plan.findings), QString());
        QCOMPARE(typesOf(plan),
            (QStringList{u"kept.check"_s, u"vm.powerOff"_s, u"kept.begin"_s, u"layer.create"_s, u"kept.define"_s}));
        const QJsonObject layer = plan.steps.at(3).parameters;
        QCOMPARE(layer.value("backing"_L1).toString(), u"/pool/a.img"_s);
        QCOMPARE(layer.value("format"_L1).toString(), u"raw"_s);
        QCOMPARE(layer.value("capacity"_L1).toDouble(), double(25 * gib));
        const QString path = layer.value("path"_L1).toString();
        QCOMPARE(path, u"/pool/vm.resize-abc123.qcow2"_s);
        const auto disks = snapshot::parseDisks(plan.xmlAfter).value();
        QCOMPARE(disks.first().chain, (snapshot::Chain{{path, u"qcow2"_s}, {u"/pool/a.img"_s, u"raw"_s}}));
        QVERIFY(plan.xmlAfter.contains("cache='none'"_L1));
        QCOMPARE(disks.at(1), facts().disks.disks.at(1)); // the CD-ROM stays
        const KeptState kept = KeptState::fromJson(plan.steps.at(2).parameters.value("state"_L1).toObject());
        QCOMPARE(kept.id, u"abc123"_s);
        QCOMPARE(kept.disks.size(), 1);
        QCOMPARE(kept.disks.first().isOverlay, true);
        QCOMPARE(kept.made, QStringList{path});
        QVERIFY(!kept.change.isEmpty());
        QVERIFY(!kept.isMoved());
    }

    void startsAsChosen()
    {
        ResizeFacts running = facts();
        running.edit.domain.state = running.disks.domain.state = virt::DomainState::Running;
        running.edit.running = definition();
        ResizeDraft draft = vda(25 * gib);
        draft.when = ResizeDraft::When::Cold;
        QCOMPARE(typesOf(planResize(m_host, running, draft)).last(), u"vm.start"_s);
        QVERIFY(warns(planResize(m_host, running, draft).findings));
        draft.after = ResizeDraft::After::Off;
        QCOMPARE(typesOf(planResize(m_host, running, draft)).last(), u"kept.define"_s);
        draft.after = ResizeDraft::After::Running;
        QCOMPARE(typesOf(planResize(m_host, facts(), draft)).last(), u"vm.start"_s);
        draft.confirm = ResizeDraft::Confirm::Auto;
        const job::Plan plan = planResize(m_host, running, draft);
        QCOMPARE(typesOf(plan).mid(5),
            (QStringList{u"vm.start"_s, u"kept.decide"_s, u"merge.run"_s, u"layer.delete"_s, u"kept.end"_s}));
        draft.confirmHours = 2;
        const job::Plan later = planResize(m_host, running, draft);
        QCOMPARE(typesOf(later).last(), u"vm.start"_s);
        const KeptState kept = KeptState::fromJson(later.steps.at(2).parameters.value("state"_L1).toObject());
        QCOMPARE(kept.since.secsTo(kept.confirmAt), 7200);
    }

    void remakes()
    {
        ResizeDraft draft = vda(25 * gib);
        draft.disks.first().format = u"qcow2"_s;
        const job::Plan plan = planResize(m_host, facts(), draft);
        QCOMPARE(blocker(plan.findings), QString());
        QCOMPARE(typesOf(plan),
            (QStringList{u"kept.check"_s, u"vm.powerOff"_s, u"kept.begin"_s, u"volume.create"_s, u"disk.copy"_s,
                u"disk.grow"_s, u"kept.define"_s}));
        const QJsonArray chain = plan.steps.at(4).parameters.value("chain"_L1).toArray();
        QCOMPARE(chain.first().toObject().value("format"_L1).toString(), u"raw"_s); // said, never probed
        QCOMPARE(plan.steps.at(4).parameters.value("format"_L1).toString(), u"qcow2"_s);
        const KeptState kept = KeptState::fromJson(plan.steps.at(2).parameters.value("state"_L1).toObject());
        QCOMPARE(kept.disks.first().isOverlay, false);
        QCOMPARE(kept.disks.first().now, (snapshot::Layer{u"/pool/vm-vda-abc123.qcow2"_s, u"qcow2"_s}));
        const auto disks = snapshot::parseDisks(plan.xmlAfter).value();
        QCOMPARE(disks.first().chain, snapshot::Chain{kept.disks.first().now});
        QVERIFY(!plan.xmlAfter.contains("a.img"_L1));
        draft.verify = true;
        QCOMPARE(
            typesOf(planResize(m_host, facts(), draft)).mid(4, 2), (QStringList{u"disk.copy"_s, u"disk.compare"_s}));
    }

    void refuses_data()
    {
        QTest::addColumn<std::function<void(ResizeFacts &, ResizeDraft &)>>("change");
        QTest::addColumn<QString>("word");
        using Change = std::function<void(ResizeFacts &, ResizeDraft &)>;
        const auto row = [](const char *name, const Change &change, const char *word) {
            QTest::newRow(name) << change << QString::fromLatin1(word);
        };
        row("nothing", [](ResizeFacts &, ResizeDraft &draft) { draft.disks.clear(); }, "Nothing");
        row("smaller", [](ResizeFacts &, ResizeDraft &draft) { draft.disks.first().capacity = 9 * gib; }, "smaller");
        row("no such disk", [](ResizeFacts &, ResizeDraft &draft) { draft.disks.first().target = u"vdx"_s; }, "vdx");
        row("a CD-ROM", [](ResizeFacts &, ResizeDraft &draft) { draft.disks.first().target = u"sdc"_s; }, "sdc");
        row("twice", [](ResizeFacts &, ResizeDraft &draft) { draft.disks.append(draft.disks.first()); }, "twice");
        row("another format", [](ResizeFacts &, ResizeDraft &draft) { draft.disks.first().format = u"vdi"_s; }, "vdi");
        row("no such pool", [](ResizeFacts &, ResizeDraft &draft) { draft.disks.first().pool = u"x"_s; }, "pool");
        row("unknown size", [](ResizeFacts &facts, ResizeDraft &) { facts.capacities.clear(); }, "not known");
        row(
            "no room for a copy",
            [](ResizeFacts &facts, ResizeDraft &draft) {
                draft.disks.first().flatten = true;
                facts.pools.first().available = gib;
            },
            "free");
        row("waits already", [](ResizeFacts &facts, ResizeDraft &) { facts.kept = keptState(); }, "waits");
        row(
            "marked",
            [](ResizeFacts &facts, ResizeDraft &) {
                facts.edit.stored = operation::withKeptMark(facts.edit.stored, u"a"_s).value();
            },
            "waits");
        row("transient", [](ResizeFacts &facts, ResizeDraft &) { facts.edit.domain.persistent = false; }, "transient");
        row("a job", [](ResizeFacts &facts, ResizeDraft &) { facts.jobText = u"x"_s; }, "works");
        row("saved", [](ResizeFacts &facts, ResizeDraft &) { facts.disks.domain.managedSave = true; }, "saved state");
        row(
            "unknown format",
            [](ResizeFacts &facts, ResizeDraft &) { facts.disks.disks.first().chain.first().format.clear(); },
            "format");
        row(
            "block device",
            [](ResizeFacts &facts, ResizeDraft &) { facts.disks.disks.first().chain.first().path = u"/dev/vg/a"_s; },
            "can't be kept");
        row(
            "network",
            [](ResizeFacts &facts, ResizeDraft &) {
                facts.disks.disks.first().canSnapshot = false;
                facts.disks.disks.first().reason = u"It is on network storage."_s;
            },
            "can't be kept");
        row(
            "encrypted",
            [](ResizeFacts &facts, ResizeDraft &) {
                facts.edit.stored = definition({}, u"<encryption format='luks'/>"_s);
            },
            "can't be kept");
        row(
            "a snapshot needs it",
            [](ResizeFacts &facts, ResizeDraft &draft) {
                draft.disks.first().format = u"qcow2"_s;
                snapshot::Snapshot snapshot;
                snapshot.name = u"s"_s;
                snapshot.disks = {{u"vda"_s, snapshot::SnapshotDisk::Kind::Internal, {}, {}}};
                facts.disks.snapshots = {snapshot};
            },
            "Snapshots");
    }
    void refuses()
    {
        QFETCH(const std::function<void(ResizeFacts &, ResizeDraft &)>, change);
        QFETCH(const QString, word);
        ResizeFacts known = facts();
        ResizeDraft draft = vda(25 * gib);
        change(known, draft);
        const job::Plan plan = planResize(m_host, known, draft);
        QVERIFY2(blocker(plan.findings).contains(word), qPrintable(blocker(plan.findings)));
        QVERIFY(plan.steps.isEmpty());
    }

    void warnsOfRoom()
    {
        QVERIFY(!warns(resizeFindings(facts(), vda(25 * gib))));
        QVERIFY(warns(resizeFindings(facts(), vda(40 * gib)))); // it may come to need it
        QCOMPARE(blocker(resizeFindings(facts(), vda(40 * gib))), QString());
        ResizeDraft many;
        many.vcpus = 9;
        QVERIFY(warns(resizeFindings(facts(), many)));
    }

    /** Variables get a new file, the TPM's state one to come back from; both end with the change. */
    void keepsFirmwareState()
    {
        const QString nvram = u"/nvram/vm_VARS.fd"_s;
        const QString with =
            definition()
                .replace(u"</os>"_s, u"<nvram>%1</nvram></os>"_s.arg(nvram))
                .replace(u"</devices>"_s,
                    u"<tpm model='tpm-crb'><backend type='emulator'/><alias name='tpm0'/></tpm></devices>"_s);
        const job::Plan plan = planResize(m_host, facts(with), vda(25 * gib));
        QCOMPARE(blocker(plan.findings), QString());
        const QStringList types = typesOf(plan);
        QVERIFY(types.indexOf(u"kept.begin"_s) < types.indexOf(u"nvram.carry"_s));
        QVERIFY(types.indexOf(u"kept.begin"_s) < types.indexOf(u"tpm.save"_s));
        QVERIFY(types.indexOf(u"tpm.save"_s) < types.indexOf(u"kept.define"_s));
        QVERIFY(plan.xmlAfter.contains(u"<nvram>/nvram/vm_VARS.abc123.fd</nvram>"_s));
        const auto begin = std::ranges::find(plan.steps, u"kept.begin"_s, &job::Step::type);
        const KeptState kept = KeptState::fromJson(begin->parameters.value("state"_L1).toObject());
        QCOMPARE(kept.tpmFile, u"/pool/vm.abc123.tpm"_s);
        QVERIFY(kept.made.contains(u"/nvram/vm_VARS.abc123.fd"_s));
        QCOMPARE(kept.before, QStringList{nvram});
        QVERIFY(operation::isTpmMachine(kept.tpmMachine));
        QVERIFY(!kept.tpmMachine.contains(u"alias"_s) && !kept.tpmMachine.contains(u"<disk"_s));

        ResizeEndFacts end = endFacts(kept);
        end.disks.disks.first().chain = {kept.disks.first().now, kept.disks.first().before};
        QCOMPARE(typesOf(planResizeEnd(ResizeEnd::Confirm, end, {})),
            (QStringList{u"kept.ready"_s, u"kept.decide"_s, u"merge.run"_s, u"layer.delete"_s, u"layer.delete"_s,
                u"state.drop"_s, u"kept.end"_s}));
        QCOMPARE(typesOf(planResizeEnd(ResizeEnd::Revert, end, {})),
            (QStringList{u"kept.ready"_s, u"vm.powerOff"_s, u"tpm.save"_s, u"kept.restore"_s, u"tpm.load"_s,
                u"kept.decide"_s, u"layer.delete"_s, u"layer.delete"_s, u"state.drop"_s, u"state.drop"_s,
                u"kept.end"_s}));
        // After the next resize its name is no longer.
        QCOMPARE(operation::variablesCopy(u"/n/vm_VARS.0123456789ab.fd"_s, u"ba9876543210"_s),
            u"/n/vm_VARS.ba9876543210.fd"_s);
        QCOMPARE(operation::variablesCopy(u"/n.d/vars"_s, u"ba9876543210"_s), u"/n.d/vars.ba9876543210"_s);
    }

    /** What it is saved with is given up when it is taken back; it stays when nothing is merged beneath it. */
    void endsOfASavedVm()
    {
        KeptState kept = keptState();
        ResizeEndFacts saved = endFacts(kept);
        saved.domain.managedSave = saved.disks.domain.managedSave = true;
        QVERIFY(planResizeEnd(ResizeEnd::Confirm, saved, {}).isBlocked());
        QVERIFY(typesOf(planResizeEnd(ResizeEnd::Revert, saved, {})).contains(u"saved.take"_s));
        kept.toUri = u"qemu+ssh://b/system"_s;
        kept.disks.first().isOverlay = false;
        kept.savedFile = u"/pool/vm.save"_s;
        saved = endFacts(kept);
        saved.from = QUuid::createUuid();
        saved.domain.managedSave = saved.disks.domain.managedSave = true;
        const job::Plan confirm = planResizeEnd(ResizeEnd::Confirm, saved, {});
        QCOMPARE(typesOf(confirm),
            (QStringList{u"kept.ready"_s, u"kept.decide"_s, u"layer.delete"_s, u"state.drop"_s, u"kept.end"_s}));
        const QStringList back = typesOf(planResizeEnd(ResizeEnd::Revert, saved, {}));
        QVERIFY(back.indexOf(u"saved.take"_s) < back.indexOf(u"kept.leave"_s));
        QVERIFY(back.indexOf(u"kept.restore"_s) < back.indexOf(u"saved.put"_s));
        QVERIFY(back.indexOf(u"saved.put"_s) < back.indexOf(u"kept.decide"_s));
        QCOMPARE(back.count(u"state.drop"_s), 2);
    }

    void confirms()
    {
        const job::Plan plan = planResizeEnd(ResizeEnd::Confirm, endFacts(keptState()), {});
        QCOMPARE(blocker(plan.findings), QString());
        QCOMPARE(typesOf(plan),
            (QStringList{u"kept.ready"_s, u"kept.decide"_s, u"merge.run"_s, u"layer.delete"_s, u"kept.end"_s}));
        QCOMPARE(plan.steps.at(3).parameters.value("path"_L1).toString(), u"/pool/o.qcow2"_s);
        ResizeEndFacts merged = endFacts(keptState());
        merged.kept.ending = KeptState::Ending::Confirm;
        merged.disks.disks.first().chain = {keptState().disks.first().before};
        QCOMPARE(typesOf(planResizeEnd(ResizeEnd::Confirm, merged, {})),
            (QStringList{u"kept.ready"_s, u"kept.decide"_s, u"layer.delete"_s, u"kept.end"_s}));
        QVERIFY(planResizeEnd(ResizeEnd::Revert, merged, {}).isBlocked());
        merged.disks.disks.first().chain = {{u"/other"_s, u"qcow2"_s}};
        QVERIFY(planResizeEnd(ResizeEnd::Confirm, merged, {}).isBlocked());
        ResizeEndFacts gone = endFacts(keptState());
        gone.domain = {};
        QVERIFY(planResizeEnd(ResizeEnd::Confirm, gone, {}).isBlocked());
        QVERIFY(!planResizeEnd(ResizeEnd::Revert, gone, {}).isBlocked());
    }

    void confirmsWhatMoved()
    {
        KeptState kept = keptState();
        kept.toUri = u"qemu+ssh://b/system"_s;
        kept.disks.first().isOverlay = false;
        kept.before = {u"/pool/base"_s};
        ResizeEndFacts moved = endFacts(kept);
        moved.from = QUuid::createUuid();
        const job::Plan plan = planResizeEnd(ResizeEnd::Confirm, moved, {});
        QCOMPARE(plan.host, m_host);
        QCOMPARE(plan.alsoHosts, QList{moved.from});
        QCOMPARE(typesOf(plan),
            (QStringList{u"kept.ready"_s, u"kept.decide"_s, u"layer.delete"_s, u"layer.delete"_s, u"kept.end"_s}));
        QCOMPARE(plan.steps.at(2).parameters.value("path"_L1).toString(), u"/pool/a.img"_s);
        QCOMPARE(QUuid(plan.steps.at(2).parameters.value("host"_L1).toString()), moved.from);
        QCOMPARE(QUuid(plan.steps.at(0).parameters.value("from"_L1).toString()), moved.from); // is asked first
        ResizeEndDraft keeps;
        keeps.keepSource = true;
        QCOMPARE(typesOf(planResizeEnd(ResizeEnd::Confirm, moved, keeps)),
            (QStringList{u"kept.ready"_s, u"kept.decide"_s, u"kept.end"_s}));
        moved.isBack = true;
        QVERIFY(planResizeEnd(ResizeEnd::Confirm, moved, {}).isBlocked());
        QVERIFY(planResizeEnd(ResizeEnd::Revert, moved, {}).isBlocked());
        moved.isBack = false;
        moved.from = {};
        QVERIFY(planResizeEnd(ResizeEnd::Confirm, moved, {}).isBlocked());
        QVERIFY(planResizeEnd(ResizeEnd::Revert, moved, {}).isBlocked());
        QVERIFY(!planResizeEnd(ResizeEnd::Confirm, moved, keeps).isBlocked());
    }

    void reverts()
    {
        const job::Plan plan = planResizeEnd(ResizeEnd::Revert, endFacts(keptState()), {});
        QCOMPARE(typesOf(plan),
            (QStringList{u"kept.ready"_s, u"vm.powerOff"_s, u"kept.restore"_s, u"vm.start"_s, u"kept.decide"_s,
                u"layer.delete"_s, u"kept.end"_s}));
        ResizeEndDraft off;
        off.start = false;
        QVERIFY(!typesOf(planResizeEnd(ResizeEnd::Revert, endFacts(keptState()), off)).contains(u"vm.start"_s));
        ResizeEndFacts missing = endFacts(keptState());
        missing.missing = {u"/pool/a.img"_s};
        QVERIFY(planResizeEnd(ResizeEnd::Revert, missing, {}).isBlocked());
        QVERIFY(!planResizeEnd(ResizeEnd::Confirm, missing, {}).isBlocked());
    }

    void revertsWhatMoved()
    {
        KeptState kept = keptState();
        kept.toUri = u"qemu+ssh://b/system"_s;
        kept.disks.first().isOverlay = false;
        ResizeEndFacts moved = endFacts(kept);
        moved.from = QUuid::createUuid();
        const job::Plan plan = planResizeEnd(ResizeEnd::Revert, moved, {});
        QCOMPARE(typesOf(plan),
            (QStringList{u"kept.ready"_s, u"vm.powerOff"_s, u"kept.leave"_s, u"kept.restore"_s, u"vm.start"_s,
                u"kept.decide"_s, u"layer.delete"_s, u"kept.end"_s}));
        for (const int at : {3, 4, 7}) {
            QCOMPARE(QUuid(plan.steps.at(at).parameters.value("host"_L1).toString()), moved.from);
        }
        moved.isBack = true;
        QVERIFY(planResizeEnd(ResizeEnd::Revert, moved, {}).isBlocked());
        moved.kept.ending = KeptState::Ending::Revert; // not all was deleted
        QCOMPARE(typesOf(planResizeEnd(ResizeEnd::Revert, moved, {})),
            (QStringList{u"kept.ready"_s, u"kept.decide"_s, u"layer.delete"_s, u"state.drop"_s, u"kept.end"_s}));
        for (const int at : {1, 2, 6}) {
            QVERIFY(!plan.steps.at(at).parameters.contains("host"_L1));
        }
    }

    void documents()
    {
        const auto read = [](const QJsonObject &json) {
            const auto draft = operation::draftFromJson(json);
            const auto *resize = draft ? std::get_if<ResizeDraft>(&draft->content) : nullptr;
            return resize ? *resize : vda(1); // no draft of the test
        };
        const QString host = u"qemu:///system"_s;
        QCOMPARE(read(operation::resizeDraftToJson(host, u"vm"_s, {})), ResizeDraft());
        QCOMPARE(read({{u"operation"_s, u"resize"_s}, {u"host"_s, host}, {u"domain"_s, u"vm"_s}}), ResizeDraft());
        ResizeDraft all = vda(25 * gib);
        all.vcpus = 4;
        all.maxVcpus = 8;
        all.topology = ResizeDraft::Topology{2, 2, 2};
        all.memoryKiB = 2048 * 1024;
        all.maxMemoryKiB = 4096 * 1024;
        all.disks.first().format = u"qcow2"_s;
        all.disks.first().pool = u"big"_s;
        all.disks.first().bus = u"scsi"_s;
        all.disks.first().flatten = all.disks.first().sparsify = true;
        all.disks.first().growFilesystem = false;
        all.disks.first().growInGuest = true;
        all.disks.append(vda(gib + 1024 * 1024).disks.first());
        all.disks.append(vda(gib + 512).disks.first());
        all.to = u"qemu+ssh://b/system"_s;
        all.map.networks = {{u"a"_s, u"b"_s}};
        all.map.pools = {{u"default"_s, u"big"_s}};
        all.map.paths = {{u"/a"_s, u"/b"_s}};
        all.flatten = all.verify = all.force = all.keepSource = true;
        all.when = ResizeDraft::When::Cold;
        all.timeoutSeconds = 5;
        all.after = ResizeDraft::After::Off;
        all.confirm = ResizeDraft::Confirm::Auto;
        all.confirmHours = 24;
        QCOMPARE(read(resizeDraftToJson(host, u"vm"_s, all)), all);

        for (const ResizeEnd end : {ResizeEnd::Confirm, ResizeEnd::Revert}) {
            operation::ResizeEndDocument document{end, {}};
            for (int i = 0; i < 2; ++i) {
                const auto draft = operation::draftFromJson(resizeEndDraftToJson(host, u"vm"_s, document));
                QVERIFY(draft);
                QCOMPARE(std::get<operation::ResizeEndDocument>(draft->content), document);
                document.draft = end == ResizeEnd::Confirm ? ResizeEndDraft{180, true, true, true}
                                                           : ResizeEndDraft{7, false, false, false};
            }
        }
    }

    void contents_data()
    {
        using Kind = operation::DiskContent::Kind;
        QTest::addColumn<Kind>("kind");
        QTest::addColumn<int>("size"); // GiB; it has 10
        QTest::addColumn<int>("wish"); // -1: none
        QTest::addColumn<QString>("step");
        QTest::addColumn<QString>("says");
        QTest::addColumn<bool>("blocked");
        const QString grow = u"filesystem.grow"_s;
        const QString swap = u"swap.make"_s;
        QTest::newRow("ext") << Kind::Ext << 20 << -1 << grow << u"grows with it"_s << false;
        QTest::newRow("ext, asked for") << Kind::Ext << 20 << 1 << grow << u"grows with it"_s << false;
        QTest::newRow("ext, not wanted") << Kind::Ext << 20 << 0 << QString() << u"In the guest: resize2fs"_s << false;
        QTest::newRow("ext, smaller") << Kind::Ext << 5 << -1 << QString() << u"can't be made smaller"_s << true;
        QTest::newRow("xfs") << Kind::Xfs << 20 << -1 << QString() << u"xfs_growfs"_s << false;
        QTest::newRow("xfs, asked for") << Kind::Xfs << 20 << 1 << QString() << u"Only ext2, ext3"_s << true;
        QTest::newRow("swap") << Kind::Swap << 20 << -1 << swap << u"is made anew"_s << false;
        QTest::newRow("swap, smaller") << Kind::Swap << 5 << -1 << swap << u"is made anew"_s << false;
        QTest::newRow("partitions") << Kind::Partitioned << 20 << -1 << QString() << u"growpart"_s << false;
        QTest::newRow("unknown") << Kind::Unknown << 20 << -1 << QString() << u"could not be told"_s << false;
        QTest::newRow("blank") << Kind::Blank << 20 << -1 << QString() << QString() << false;
    }
    /** What is done with what lies on a disk of another size. */
    void contents()
    {
        QFETCH(const operation::DiskContent::Kind, kind);
        QFETCH(const int, size);
        QFETCH(const int, wish);
        QFETCH(const QString, step);
        QFETCH(const QString, says);
        QFETCH(const bool, blocked);
        ResizeFacts known = facts();
        operation::DiskContent content;
        content.kind = kind;
        content.pageSize = 4096;
        known.contents.insert(u"vda"_s, content);
        known.localRoom = 100 * gib;
        ResizeDraft draft = vda(quint64(size) * gib);
        draft.when = ResizeDraft::When::Cold;
        if (wish >= 0) {
            draft.disks.first().growFilesystem = wish == 1;
        }
        const job::Plan plan = planResize(m_host, known, draft);
        QCOMPARE(plan.isBlocked(), blocked);
        QString told;
        for (const job::Finding &finding : plan.findings) {
            told += finding.text + finding.cause + finding.fix;
        }
        QVERIFY2(told.contains(says), qPrintable(told));
        if (blocked) {
            QVERIFY(plan.steps.isEmpty());
            return;
        }
        for (const QString &type : {u"filesystem.grow"_s, u"swap.make"_s}) {
            QCOMPARE(typesOf(plan).contains(type), type == step);
        }
        QVERIFY(!typesOf(plan).contains(u"disk.copy"_s));
        // Only swap that becomes smaller needs another file.
        QCOMPARE(typesOf(plan).contains(u"volume.create"_s), size < 10);
        QCOMPARE(typesOf(plan).contains(u"layer.create"_s), size > 10);
    }
    /** What it takes is looked at before. */
    void contentsNeedRoom()
    {
        ResizeFacts known = facts();
        operation::DiskContent content;
        content.kind = operation::DiskContent::Kind::Ext;
        known.contents.insert(u"vda"_s, content);
        known.localRoom = 1 * gib; // 3 GiB lie on it
        ResizeDraft draft = vda(20 * gib);
        QVERIFY(!typesOf(planResize(m_host, known, draft)).contains(u"filesystem.grow"_s));
        QVERIFY(!planResize(m_host, known, draft).isBlocked());
        draft.disks.first().growFilesystem = true;
        QVERIFY(planResize(m_host, known, draft).isBlocked());
        known.localRoom = 4 * gib;
        QVERIFY(typesOf(planResize(m_host, known, draft)).contains(u"filesystem.grow"_s));
        known.localProblem = u"resize2fs is not installed here."_s;
        QVERIFY(planResize(m_host, known, draft).isBlocked());
        known.localProblem.clear();
        known.contents[u"vda"_s].isUnusual = true;
        QVERIFY(planResize(m_host, known, draft).isBlocked());
        // Made anew, the file gets the whole in its new size.
        known.contents[u"vda"_s].isUnusual = false;
        draft.disks.first().format = u"qcow2"_s;
        const QStringList types = typesOf(planResize(m_host, known, draft));
        QCOMPARE(types.mid(types.indexOf(u"volume.create"_s), 7),
            (QStringList{u"volume.create"_s, u"disk.copy"_s, u"disk.grow"_s, u"layer.create"_s, u"filesystem.grow"_s,
                u"layer.fold"_s, u"layer.delete"_s}));
    }

    void badDocuments_data()
    {
        QTest::addColumn<QJsonObject>("more");
        QTest::addColumn<QString>("path");
        const auto disk = [](const QJsonObject &one) {
            return QJsonObject{{u"disks"_s, QJsonArray{one}}};
        };
        QTest::newRow("no vCPU") << QJsonObject{{u"vcpus"_s, 0}} << u"$.vcpus"_s;
        QTest::newRow("text") << QJsonObject{{u"memory_mib"_s, u"1"_s}} << u"$.memory_mib"_s;
        QTest::newRow("no target") << disk({{u"gib"_s, 1}}) << u"$.disks[0].target"_s;
        QTest::newRow("two sizes") << disk({{u"target"_s, u"vda"_s}, {u"gib"_s, 1}, {u"mib"_s, 1}}) << u"$.disks[0]"_s;
        QTest::newRow("format") << disk({{u"target"_s, u"vda"_s}, {u"format"_s, u"vdi"_s}}) << u"$.disks[0].format"_s;
        QTest::newRow("unknown") << QJsonObject{{u"ram"_s, 1}} << u"$.ram"_s;
        QTest::newRow("no URI") << QJsonObject{{u"to"_s, u"rack 7"_s}} << u"$.to"_s;
        QTest::newRow("half a topology") << QJsonObject{{u"topology"_s, QJsonObject{{u"sockets"_s, 2}}}}
                                         << u"$.topology"_s;
        QTest::newRow("hours, but asked") << QJsonObject{{u"confirm_hours"_s, 2}} << u"$.confirm_hours"_s;
        QTest::newRow("flatten nowhere") << QJsonObject{{u"flatten"_s, true}} << u"$.flatten"_s;
    }
    void badDocuments()
    {
        QFETCH(const QJsonObject, more);
        QFETCH(const QString, path);
        QJsonObject json{{u"operation"_s, u"resize"_s}, {u"host"_s, u"qemu:///system"_s}, {u"domain"_s, u"vm"_s}};
        for (auto it = more.begin(); it != more.end(); ++it) {
            json.insert(it.key(), it.value());
        }
        const auto draft = operation::draftFromJson(json);
        QVERIFY(!draft);
        QCOMPARE(draft.error().size(), 1);
        QCOMPARE(draft.error().first().path, path);
    }
};

QTEST_GUILESS_MAIN(TestResizePlan)
#include "tst_resizeplan.moc"
