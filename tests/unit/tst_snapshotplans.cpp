// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QJsonArray>
#include <QTest>

#include "backend/operation/resize/resize.h"
#include "backend/operation/snapshot/snapshotplans.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using namespace vireo::operation;
using job::Finding;
using snapshot::DiskNow;
using snapshot::Facts;
using snapshot::FileFacts;
using snapshot::Snapshot;
using snapshot::SnapshotDisk;
using virt::DomainState;
using virt::snapshots::After;
using Kind = SnapshotCreateDraft::Kind;
using Memory = SnapshotCreateDraft::Memory;

namespace {

constexpr auto liveXml = R"(<domain type='qemu'><name>web01</name><devices>
  <disk type='file' device='disk'><source file='/d/vda.qcow2'/><target dev='vda'/></disk></devices></domain>)";

DiskNow disk(const QString &target, const snapshot::Chain &chain)
{
    DiskNow result;
    result.target = target;
    result.chain = chain;
    return result;
}

/** web01 with one qcow2 disk, no snapshot. */
Facts facts(bool running)
{
    Facts result;
    result.domain.uuid = QUuid(u"11111111-1111-1111-1111-111111111111"_s);
    result.domain.name = u"web01"_s;
    result.domain.state = running ? DomainState::Running : DomainState::ShutOff;
    result.domain.id = running ? 7 : -1;
    result.domain.memoryKiB = 512 * 1024;
    result.disks = {disk(u"vda"_s, {{u"/d/vda.qcow2"_s, u"qcow2"_s}})};
    FileFacts file;
    file.presence = FileFacts::Presence::Present;
    file.pool = u"default"_s;
    file.available = 100ULL << 30;
    result.files.insert(u"/d/vda.qcow2"_s, file);
    result.overlayDirectory = u"/d"_s;
    result.xml = QString::fromLatin1(liveXml);
    return result;
}

SnapshotDisk part(SnapshotDisk::Kind kind, const snapshot::Chain &state, const QString &overlay = {})
{
    SnapshotDisk result;
    result.target = u"vda"_s;
    result.kind = kind;
    result.state = state;
    if (!overlay.isEmpty()) {
        result.overlay = {overlay, u"qcow2"_s};
    }
    return result;
}

/** A snapshot as libvirt would have made it, and the VM on its overlay. */
void addExternal(Facts &facts, const QString &name, bool memory)
{
    Snapshot one;
    one.name = name;
    one.parent = facts.snapshots.isEmpty() ? QString() : facts.snapshots.constLast().name;
    one.state = facts.domain.state;
    one.isDiskOnly = !memory && facts.domain.isActive();
    one.memory = memory ? Snapshot::Memory::External : Snapshot::Memory::None;
    one.memoryFile = memory ? u"/d/%1.mem"_s.arg(name) : QString();
    const QString overlay = u"/d/%1.qcow2"_s.arg(name);
    one.disks = {part(SnapshotDisk::Kind::External, facts.disks.constFirst().chain, overlay)};
    facts.snapshots.append(one);
    facts.disks[0].chain.prepend({overlay, u"qcow2"_s});
    FileFacts file = facts.files.value(u"/d/vda.qcow2"_s);
    for (const QString &path : {overlay, one.memoryFile}) {
        if (!path.isEmpty()) {
            file.backingPath = path == overlay ? one.disks.constFirst().state.constFirst().path : QString();
            facts.files.insert(path, file);
        }
    }
}

void addInternal(Facts &facts, const QString &name)
{
    Snapshot one;
    one.name = name;
    one.state = facts.domain.state;
    one.memory = facts.domain.isActive() ? Snapshot::Memory::Internal : Snapshot::Memory::None;
    one.disks = {part(SnapshotDisk::Kind::Internal, facts.disks.constFirst().chain)};
    facts.snapshots.append(one);
}

SnapshotCreateDraft draft(Kind kind = Kind::Auto, Memory memory = Memory::Auto)
{
    SnapshotCreateDraft result;
    result.name = u"s"_s;
    result.kind = kind;
    result.memory = memory;
    return result;
}

SnapshotRevertDraft back(const QString &name, bool keepNow = true, After state = After::AsThen)
{
    SnapshotRevertDraft result;
    result.snapshot = name;
    result.keepNow = keepNow;
    result.keepName = u"kept"_s;
    result.state = state;
    return result;
}

QStringList types(const job::Plan &plan)
{
    QStringList result;
    for (const job::Step &step : plan.steps) {
        result.append(step.type);
    }
    return result;
}

QString said(const job::Plan &plan, Finding::Severity severity)
{
    QStringList texts;
    for (const Finding &finding : plan.findings) {
        if (finding.severity == severity) {
            texts.append(finding.text + u' ' + finding.cause);
        }
    }
    return texts.join(u"; "_s);
}

QString blockers(const job::Plan &plan)
{
    return said(plan, Finding::Severity::Blocker);
}

const virt::HostId host(u"22222222-2222-2222-2222-222222222222"_s);

job::Plan create(const Facts &facts, const SnapshotCreateDraft &wanted = draft())
{
    return planSnapshotCreate(host, facts, wanted);
}

QJsonObject parameters(const job::Plan &plan, const QString &type)
{
    for (const job::Step &step : plan.steps) {
        if (step.type == type) {
            return step.parameters;
        }
    }
    return {};
}

} // namespace

class TestSnapshotPlans final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void suggests_data()
    {
        QTest::addColumn<Facts>("facts");
        QTest::addColumn<int>("kind");
        const auto row = [](const char *name, const Facts &facts, Kind kind) {
            QTest::newRow(name) << facts << int(kind);
        };
        row("off, qcow2", facts(false), Kind::Internal);
        row("running", facts(true), Kind::External);
        Facts raw = facts(false);
        raw.disks[0].chain[0].format = u"raw"_s;
        row("off, raw", raw, Kind::External);
        Facts uefi = facts(false);
        uefi.usesUefi = true;
        row("off, UEFI", uefi, Kind::External);
        uefi.isInternalUefiSafe = true;
        row("off, UEFI, new libvirt", uefi, Kind::Internal);
        Facts tpm = facts(false);
        tpm.hasTpm = true;
        row("off, TPM", tpm, Kind::External);
        Facts external = facts(false);
        addExternal(external, u"e"_s, false);
        row("off, after an external one", external, Kind::External);
        Facts internal = facts(true);
        addInternal(internal, u"i"_s);
        row("running, after an internal one", internal, Kind::Internal);
    }
    void suggests()
    {
        QFETCH(Facts, facts);
        QFETCH(int, kind);
        const SnapshotSuggestion suggestion = suggestSnapshot(facts);
        QCOMPARE(int(suggestion.kind), kind);
        QVERIFY(!suggestion.reason.isEmpty());
        const job::Plan plan = create(facts);
        QCOMPARE(blockers(plan), QString());
        QCOMPARE(plan.draft.value("kind"_L1).toString(), kind == int(Kind::Internal) ? u"internal"_s : u"external"_s);
    }

    void stepsOfTaking()
    {
        // Running: libvirt makes the overlays itself, closed to others.
        job::Plan plan = create(facts(true));
        QCOMPARE(types(plan), QStringList({u"snapshot.picture"_s, u"snapshot.create"_s}));
        QJsonObject values = parameters(plan, u"snapshot.create"_s);
        QCOMPARE(values.value("memory"_L1).toString(), u"external"_s);
        QVERIFY(values.value("live"_L1).toBool());
        QCOMPARE(plan.steps.constLast().bytes, 512ULL << 20);
        const QJsonObject taken = values.value("disks"_L1).toArray().first().toObject();
        QCOMPARE(taken.value("before"_L1).toString(), u"/d/vda.qcow2"_s);
        QVERIFY(taken.value("file"_L1).toString().startsWith(u"/d/web01.s"_s));

        // Off: they are made before, since libvirt would leave them open to everybody.
        plan = create(facts(false), draft(Kind::External));
        QCOMPARE(types(plan), QStringList({u"layer.create"_s, u"snapshot.create"_s}));
        QCOMPARE(parameters(plan, u"layer.create"_s).value("backing"_L1).toString(), u"/d/vda.qcow2"_s);
        QCOMPARE(parameters(plan, u"layer.create"_s).value("format"_L1).toString(), u"qcow2"_s);
        QCOMPARE(types(create(facts(false))), QStringList{u"snapshot.create"_s});
        QCOMPARE(plan.steps.constLast().object, u"s"_s);
    }

    void leavesDisksOut()
    {
        Facts two = facts(true);
        two.disks.append(disk(u"vdb"_s, {{u"/d/vdb.raw"_s, u"raw"_s}}));
        DiskNow cdrom = disk(u"sda"_s, {});
        cdrom.canSnapshot = false;
        cdrom.reason = u"It is a CD-ROM."_s;
        two.disks.append(cdrom);
        SnapshotCreateDraft one = draft();
        one.disks = {{u"vdb"_s, true, u"/elsewhere/o.qcow2"_s}};
        job::Plan plan = create(two, one);
        QCOMPARE(blockers(plan), QString());
        QVERIFY(said(plan, Finding::Severity::Note).contains(u"vda is left out"_s));
        const QJsonArray disks = parameters(plan, u"snapshot.create"_s).value("disks"_L1).toArray();
        QCOMPARE(disks.size(), 3); // libvirt would take those that nobody names
        QCOMPARE(disks.at(0).toObject().value("kind"_L1).toString(), u"no"_s);
        QCOMPARE(disks.at(1).toObject().value("file"_L1).toString(), u"/elsewhere/o.qcow2"_s);
        QCOMPARE(disks.at(2).toObject().value("kind"_L1).toString(), u"no"_s);

        one.disks = {{u"sda"_s, true, {}}};
        QVERIFY(blockers(create(two, one)).contains(u"CD-ROM"_s));
        one.disks = {{u"vdx"_s, true, {}}};
        QVERIFY(blockers(create(two, one)).contains(u"no disk vdx"_s));
        one.disks = {{u"vda"_s, false, {}}};
        QVERIFY(blockers(create(two, one)).contains(u"No disk takes part"_s));
    }

    void refuses_data()
    {
        QTest::addColumn<Facts>("facts");
        QTest::addColumn<SnapshotCreateDraft>("draft");
        QTest::addColumn<QString>("says");
        const auto row = [](const char *name, const Facts &facts, const SnapshotCreateDraft &draft,
                             const QString &says) {
            QTest::newRow(name) << facts << draft << says;
        };
        SnapshotCreateDraft wanted = draft();
        wanted.name = u"a/b"_s;
        row("a name that is no file name", facts(true), wanted, u"“/”"_s);
        Facts taken = facts(true);
        addExternal(taken, u"s"_s, false);
        row("a name that is taken", taken, draft(), u"already"_s);
        Facts saved = facts(false);
        saved.domain.managedSave = true;
        row("a saved state", saved, draft(), u"saved state"_s);
        Facts raw = facts(true);
        raw.disks[0].chain[0].format = u"raw"_s;
        row("internal on raw", raw, draft(Kind::Internal), u"qcow2"_s);
        Facts unknown = facts(true);
        unknown.disks[0].chain[0].format.clear();
        row("a format that nobody recorded", unknown, draft(Kind::External), u"never guesses"_s);
        Facts uefi = facts(true);
        uefi.usesUefi = true;
        row("internal with UEFI", uefi, draft(Kind::Internal), u"UEFI"_s);
        Facts above = facts(true);
        addExternal(above, u"e"_s, true);
        row("internal above external", above, draft(Kind::Internal), u"external snapshots"_s);
        row("internal without memory", facts(true), draft(Kind::Internal, Memory::Without), u"keeps its memory"_s);
        row("memory of one that is off", facts(false), draft(Kind::External, Memory::With), u"no memory to keep"_s);
        Facts passed = facts(true);
        passed.xml.replace(u"</devices>"_s, u"<hostdev mode='subsystem' type='pci'/></devices>"_s);
        row("memory with a host device", passed, draft(Kind::External, Memory::With), u"device of the host"_s);
        Facts mirrored = facts(true);
        mirrored.xml.replace(u"<target"_s, u"<mirror type='file' job='copy'/><target"_s);
        row("a block job", mirrored, draft(), u"block job"_s);
        wanted = draft(Kind::External, Memory::Without);
        wanted.quiesce = true;
        row("frozen without an agent", facts(true), wanted, u"agent"_s);
        wanted.memory = Memory::With;
        Facts agent = facts(true);
        agent.hasAgent = true;
        row("frozen with memory", agent, wanted, u"without memory"_s);
        wanted = draft();
        wanted.disks = {{u"vda"_s, true, u"relative.qcow2"_s}};
        row("a relative path", facts(true), wanted, u"absolute path"_s);
        wanted.disks = {{u"vda"_s, true, u"/d/vda.qcow2"_s}};
        row("a file that is there", facts(true), wanted, u"already"_s);
        wanted.disks = {{u"vda"_s, true, u"/d/x"_s}};
        wanted.memoryFile = u"/d/x"_s;
        row("one file for two", facts(true), wanted, u"already"_s);
        Facts full = facts(true);
        full.files[u"/d/vda.qcow2"_s].available = 0;
        row("a pool that is full", full, draft(), u"is full"_s);
        Facts stopping = facts(true);
        stopping.domain.state = DomainState::ShuttingDown;
        row("shutting down", stopping, draft(), u"shutting down"_s);
    }
    void refuses()
    {
        QFETCH(Facts, facts);
        QFETCH(SnapshotCreateDraft, draft);
        QFETCH(QString, says);
        const job::Plan plan = create(facts, draft);
        QVERIFY2(blockers(plan).contains(says), qPrintable(blockers(plan)));
        QVERIFY(plan.steps.isEmpty());
    }

    void warns()
    {
        Facts tight = facts(true);
        tight.files[u"/d/vda.qcow2"_s].available = 300ULL << 20; // less than its memory
        QVERIFY(said(create(tight), Finding::Severity::Warning).contains(u"free"_s));
        Facts internal = facts(true);
        addInternal(internal, u"i"_s);
        QVERIFY(said(create(internal, draft(Kind::External)), Finding::Severity::Warning)
                .contains(u"internal snapshots"_s));
        Facts transient = facts(true);
        transient.domain.persistent = false;
        QVERIFY(said(create(transient), Finding::Severity::Warning).contains(u"transient"_s));
        Facts passed = facts(true);
        passed.xml.replace(u"</devices>"_s, u"<hostdev mode='subsystem' type='pci'/></devices>"_s);
        const job::Plan bare = create(passed);
        QCOMPARE(blockers(bare), QString());
        QVERIFY(said(bare, Finding::Severity::Warning).contains(u"memory is not kept"_s));
        QCOMPARE(parameters(bare, u"snapshot.create"_s).value("memory"_L1).toString(), u"no"_s);
    }

    void freezesWhereItIsAskedTo()
    {
        Facts agent = facts(true);
        agent.hasAgent = true;
        SnapshotCreateDraft wanted = draft();
        wanted.quiesce = true;
        const job::Plan plan = create(agent, wanted);
        QCOMPARE(blockers(plan), QString());
        QVERIFY(parameters(plan, u"snapshot.create"_s).value("quiesce"_L1).toBool());
        QCOMPARE(parameters(plan, u"snapshot.create"_s).value("memory"_L1).toString(), u"no"_s);
        agent.domain.state = DomainState::Paused;
        QVERIFY(!blockers(create(agent, wanted)).isEmpty());
    }

    void goesBackByItself()
    {
        Facts now = facts(true);
        addExternal(now, u"s1"_s, true);
        addExternal(now, u"s2"_s, true);
        job::Plan plan = planSnapshotRevert(host, now, back(u"s1"_s));
        QCOMPARE(blockers(plan), QString());
        QCOMPARE(types(plan),
            QStringList({u"layer.create"_s, u"snapshot.picture"_s, u"snapshot.create"_s,
                u"snapshot.restoreDefinition"_s, u"snapshot.current"_s, u"domain.restoreMemory"_s, u"layer.delete"_s}));
        // The new overlay stands on the snapshot's state, and the VM is defined over it.
        QCOMPARE(parameters(plan, u"layer.create"_s).value("backing"_L1).toString(), u"/d/vda.qcow2"_s);
        const QString overlay = parameters(plan, u"layer.create"_s).value("path"_L1).toString();
        QCOMPARE(parameters(plan, u"snapshot.restoreDefinition"_s)
                     .value("layers"_L1)
                     .toArray()
                     .first()
                     .toObject()
                     .value("path"_L1)
                     .toString(),
            overlay);
        QVERIFY(parameters(plan, u"snapshot.create"_s).value("halt"_L1).toBool());
        QCOMPARE(parameters(plan, u"domain.restoreMemory"_s).value("file"_L1).toString(), u"/d/s1.mem"_s);
        // The overlay that keeping now makes is empty: it goes; what it stands on stays.
        const QJsonObject kept = parameters(plan, u"snapshot.create"_s).value("disks"_L1).toArray().first().toObject();
        QCOMPARE(parameters(plan, u"layer.delete"_s).value("path"_L1), kept.value("file"_L1));
        QVERIFY(kept.value("file"_L1).toString() != overlay);

        plan = planSnapshotRevert(host, now, back(u"s1"_s, false));
        QCOMPARE(types(plan),
            QStringList({u"layer.create"_s, u"domain.destroy"_s, u"snapshot.restoreDefinition"_s, u"snapshot.current"_s,
                u"domain.restoreMemory"_s, u"layer.delete"_s}));
        QCOMPARE(parameters(plan, u"layer.delete"_s).value("path"_L1).toString(), u"/d/s2.qcow2"_s);
        QVERIFY(said(plan, Finding::Severity::Warning).contains(u"is lost"_s));

        plan = planSnapshotRevert(host, now, back(u"s1"_s, false, After::Off));
        QVERIFY(!types(plan).contains(u"domain.restoreMemory"_s));

        // What libvirt can do by itself is used where our own steps can't do it.
        now.revertsExternal = true;
        plan = planSnapshotRevert(host, now, back(u"s1"_s, false));
        QVERIFY(types(plan).contains(u"layer.create"_s));
        for (snapshot::SnapshotDisk &disk : now.snapshots.first().disks) {
            disk.state.first().format.clear();
        }
        plan = planSnapshotRevert(host, now, back(u"s1"_s, false));
        QCOMPARE(types(plan), QStringList{u"snapshot.revert"_s});
        now.revertsExternal = false;
        QVERIFY(planSnapshotRevert(host, now, back(u"s1"_s, false)).isBlocked());
    }

    /** A layer that anybody still needs is not dropped. */
    void keepsWhatOthersNeed()
    {
        Facts now = facts(false);
        addExternal(now, u"s1"_s, false);
        QVERIFY(types(planSnapshotRevert(host, now, back(u"s1"_s, false))).contains(u"layer.delete"_s));
        now.files[u"/d/s1.qcow2"_s].users = {u"clone"_s};
        QVERIFY(!types(planSnapshotRevert(host, now, back(u"s1"_s, false))).contains(u"layer.delete"_s));
        now.files[u"/d/s1.qcow2"_s].users.clear();
        now.usersProblem = u"A pool can't be read."_s;
        QVERIFY(!types(planSnapshotRevert(host, now, back(u"s1"_s, false))).contains(u"layer.delete"_s));
        now.usersProblem.clear();
        addInternal(now, u"i"_s); // in the overlay itself
        QVERIFY(!types(planSnapshotRevert(host, now, back(u"s1"_s, false))).contains(u"layer.delete"_s));
    }

    void statesAfterwards()
    {
        Facts now = facts(true);
        addExternal(now, u"disks"_s, false);
        // The guest ran, but nobody knows what it did.
        job::Plan plan = planSnapshotRevert(host, now, back(u"disks"_s, false));
        QVERIFY(!types(plan).contains(u"domain.restoreMemory"_s));
        QVERIFY(said(plan, Finding::Severity::Note).contains(u"off afterwards"_s));
        plan = planSnapshotRevert(host, now, back(u"disks"_s, false, After::Paused));
        QCOMPARE(parameters(plan, u"domain.restoreMemory"_s).value("file"_L1).toString(), QString());
        QVERIFY(parameters(plan, u"domain.restoreMemory"_s).value("paused"_L1).toBool());

        Facts internal = facts(true);
        addInternal(internal, u"i"_s);
        plan = planSnapshotRevert(host, internal, back(u"i"_s, false, After::Off));
        QCOMPARE(types(plan), QStringList({u"snapshot.revert"_s, u"domain.destroy"_s}));
        QCOMPARE(parameters(plan, u"snapshot.revert"_s).value("state"_L1).toString(), u"paused"_s);
        plan = planSnapshotRevert(host, internal, back(u"i"_s));
        QCOMPARE(types(plan), QStringList({u"snapshot.picture"_s, u"snapshot.create"_s, u"snapshot.revert"_s}));
        QCOMPARE(parameters(plan, u"snapshot.create"_s).value("memory"_L1).toString(), u"internal"_s);
    }

    void refusesToGoBack()
    {
        Facts now = facts(true);
        addInternal(now, u"i"_s);
        addExternal(now, u"e"_s, true);
        QVERIFY(blockers(planSnapshotRevert(host, now, back(u"i"_s))).contains(u"other files stand"_s));
        QVERIFY(blockers(planSnapshotRevert(host, now, back(u"nobody"_s))).contains(u"no snapshot"_s));

        now = facts(true);
        addExternal(now, u"e"_s, true);
        now.files[u"/d/e.mem"_s].presence = FileFacts::Presence::Missing;
        QVERIFY(blockers(planSnapshotRevert(host, now, back(u"e"_s))).contains(u"missing"_s));
        QCOMPARE(blockers(planSnapshotRevert(host, now, back(u"e"_s, true, After::Off))), QString());
        now.files[u"/d/vda.qcow2"_s].presence = FileFacts::Presence::Missing;
        QVERIFY(!blockers(planSnapshotRevert(host, now, back(u"e"_s, true, After::Off))).isEmpty());

        now = facts(true);
        addExternal(now, u"e"_s, true);
        now.domain.persistent = false;
        QVERIFY(blockers(planSnapshotRevert(host, now, back(u"e"_s))).contains(u"transient"_s));
        now.domain.persistent = true;
        now.domain.managedSave = true;
        QVERIFY(blockers(planSnapshotRevert(host, now, back(u"e"_s))).contains(u"saved state"_s));
        now.domain.managedSave = false;
        now.snapshots[0].disks[0].state[0].format.clear();
        QVERIFY(blockers(planSnapshotRevert(host, now, back(u"e"_s))).contains(u"never guesses"_s));

        // An external snapshot of now would stand on the file that libvirt is about to write to.
        now = facts(false);
        addInternal(now, u"i"_s);
        now.hasTpm = true;
        QVERIFY(blockers(planSnapshotRevert(host, now, back(u"i"_s))).contains(u"can't be kept"_s));
        QCOMPARE(blockers(planSnapshotRevert(host, now, back(u"i"_s, false))), QString());
    }

    void edits()
    {
        Facts now = facts(true);
        addInternal(now, u"i"_s);
        addExternal(now, u"e"_s, false);
        SnapshotEditDraft edit{u"i"_s, u"new"_s, {}};
        QVERIFY(!renameRefusal(now, u"i"_s).isEmpty());
        QVERIFY(planSnapshotEdit(host, now, edit).isBlocked());
        edit.name.reset();
        edit.description = u"text"_s;
        job::Plan plan = planSnapshotEdit(host, now, edit);
        QCOMPARE(types(plan), QStringList{u"snapshot.redefine"_s});
        QVERIFY(!plan.steps.constFirst().parameters.contains("name"_L1));
        edit = {u"e"_s, u"i"_s, {}};
        QVERIFY(blockers(planSnapshotEdit(host, now, edit)).contains(u"already"_s));
        edit.name = u"e"_s; // as it is
        QVERIFY(planSnapshotEdit(host, now, edit).steps.isEmpty());
        edit.name = u"new"_s;
        plan = planSnapshotEdit(host, now, edit);
        QCOMPARE(types(plan), QStringList({u"snapshot.redefine"_s, u"snapshot.renamePicture"_s}));
        QCOMPARE(plan.steps.constFirst().parameters.value("name"_L1).toString(), u"new"_s);
    }

    /** Going back would find them changed. */
    void refusesWhileAChangeWaits()
    {
        Facts now = facts(false);
        addExternal(now, u"e"_s, false);
        const auto marked = withKeptMark(now.xml, u"20260101-a"_s);
        QVERIFY(marked);
        SnapshotDeleteDraft forget;
        forget.snapshots = {u"e"_s};
        forget.metadataOnly = true;
        const SnapshotEditDraft edit{u"e"_s, u"new"_s, {}};
        QVERIFY(!planSnapshotDelete(host, now, forget).isBlocked());
        QVERIFY(!planSnapshotEdit(host, now, edit).isBlocked());
        now.storedXml = *marked;
        for (const job::Plan &plan : {planSnapshotDelete(host, now, forget), planSnapshotEdit(host, now, edit)}) {
            QVERIFY(blockers(plan).contains(u"waits to be confirmed"_s));
            QVERIFY(plan.steps.isEmpty());
        }
    }
};

QTEST_GUILESS_MAIN(TestSnapshotPlans)
#include "tst_snapshotplans.moc"
