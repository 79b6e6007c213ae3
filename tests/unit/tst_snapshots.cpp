// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QElapsedTimer>
#include <QTest>

#include "backend/operation/snapshot/snapshotplans.h"
#include "backend/operation/workdomain.h"
#include "backend/snapshot/chainxml.h"
#include "backend/snapshot/naming.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using snapshot::Chain;
using snapshot::Facts;
using snapshot::FileFacts;
using snapshot::Layer;
using snapshot::Merge;
using snapshot::Scope;
using snapshot::Snapshot;
using snapshot::SnapshotDisk;

namespace {

QString chainXml(const Chain &chain, qsizetype from = 1)
{
    if (from >= chain.size()) {
        return u"<backingStore/>"_s;
    }
    return u"<backingStore type='file'><format type='%1'/><source file='%2'/>%3</backingStore>"_s.arg(
        chain[from].format, chain[from].path, chainXml(chain, from + 1));
}

QString diskXml(const Chain &chain)
{
    return u"<disk type='file' device='disk'><driver name='qemu' type='%1'/><source file='%2'/>%3"
           "<target dev='vda' bus='virtio'/></disk>"_s.arg(chain.first().format, chain.first().path, chainXml(chain));
}

QString snapshotXml(const QString &name, const QString &parent, const Chain &state, const QString &overlay)
{
    return u"<domainsnapshot><name>%1</name>%2<creationTime>1700000000</creationTime><state>disk-snapshot</state>"
           "<memory snapshot='no'/><disks><disk name='vda' snapshot='external' type='file'><driver type='qcow2'/>"
           "<source file='%3'/></disk><disk name='sda' snapshot='no'/></disks>"
           "<domain type='qemu'><name>web01</name><devices>%4</devices></domain></domainsnapshot>"_s.arg(name,
               parent.isEmpty() ? QString() : u"<parent><name>%1</name></parent>"_s.arg(parent), overlay,
               diskXml(state));
}

/** disk ← o1 (s1) ← o2 (s2): the guest writes to o2. */
Facts linear()
{
    Facts facts;
    facts.domain.name = u"web01"_s;
    facts.domain.state = virt::DomainState::Running;
    const Layer disk{u"/d/disk.raw"_s, u"raw"_s};
    const Layer first{u"/d/o1"_s, u"qcow2"_s};
    const Layer second{u"/d/o2"_s, u"qcow2"_s};
    facts.snapshots = {*snapshot::parseSnapshot(snapshotXml(u"s1"_s, {}, {disk}, first.path)),
        *snapshot::parseSnapshot(snapshotXml(u"s2"_s, u"s1"_s, {first, disk}, second.path))};
    facts.disks = *snapshot::parseDisks(
        u"<domain type='qemu'><devices>%1</devices></domain>"_s.arg(diskXml({second, first, disk})));
    constexpr quint64 mib = 1024 * 1024;
    const auto add = [&facts](const QString &path, const QString &backing, quint64 allocation) {
        FileFacts file;
        file.presence = FileFacts::Presence::Present;
        file.pool = u"default"_s;
        file.volume = path.mid(3);
        file.backingPath = backing;
        file.allocation = allocation;
        file.capacity = 100 * mib;
        file.available = 1000 * mib;
        facts.files.insert(path, file);
    };
    add(disk.path, {}, 50 * mib);
    add(first.path, disk.path, 10 * mib);
    add(second.path, first.path, 3 * mib);
    return facts;
}

bool says(const job::Plan &plan, job::Finding::Severity severity, const QString &text)
{
    return std::ranges::any_of(plan.findings,
        [&](const job::Finding &finding) { return finding.severity == severity && finding.text.contains(text); });
}

QStringList types(const job::Plan &plan)
{
    QStringList result;
    for (const job::Step &step : plan.steps) {
        result << step.type;
    }
    return result;
}

} // namespace

class TestSnapshots final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void parses()
    {
        const Chain state{{u"/d/o1"_s, u"qcow2"_s}, {u"/d/disk.raw"_s, u"raw"_s}};
        const auto parsed = snapshot::parseSnapshot(snapshotXml(u"s2"_s, u"s1"_s, state, u"/d/o2"_s));
        QVERIFY(parsed);
        QCOMPARE(parsed->name, u"s2"_s);
        QCOMPARE(parsed->parent, u"s1"_s);
        QVERIFY(parsed->isDiskOnly);
        QVERIFY(parsed->isExternal() && !parsed->isInternal());
        QCOMPARE(parsed->created, QDateTime::fromSecsSinceEpoch(1700000000));
        QCOMPARE(parsed->disks.size(), 2);
        QVERIFY(parsed->disk(u"vda"_s)->state == state);
        QVERIFY(parsed->disk(u"vda"_s)->overlay == (Layer{u"/d/o2"_s, u"qcow2"_s}));
        QCOMPARE(parsed->disk(u"sda"_s)->kind, SnapshotDisk::Kind::None);
        QVERIFY(!snapshot::parseSnapshot(u"<domain/>"_s));
        QVERIFY(!snapshot::parseSnapshot(u"<domainsnapshot"_s));
    }
    void parsesMemory_data()
    {
        QTest::addColumn<QString>("memory");
        QTest::addColumn<QString>("state");
        QTest::addColumn<int>("expected");
        const auto number = [](Snapshot::Memory memory) {
            return static_cast<int>(memory);
        };
        QTest::newRow("external") << u"<memory snapshot='external' file='/d/m'/>"_s << u"running"_s
                                  << number(Snapshot::Memory::External);
        QTest::newRow("internal") << u"<memory snapshot='internal'/>"_s << u"paused"_s
                                  << number(Snapshot::Memory::Internal);
        QTest::newRow("none") << u"<memory snapshot='no'/>"_s << u"running"_s << number(Snapshot::Memory::None);
        QTest::newRow("old, on") << QString() << u"running"_s << number(Snapshot::Memory::Internal);
        QTest::newRow("old, off") << QString() << u"shutoff"_s << number(Snapshot::Memory::None);
        QTest::newRow("old, disks only") << QString() << u"disk-snapshot"_s << number(Snapshot::Memory::None);
    }
    void parsesMemory()
    {
        QFETCH(const QString, memory);
        QFETCH(const QString, state);
        QFETCH(const int, expected);
        const auto parsed = snapshot::parseSnapshot(
            u"<domainsnapshot><name>a</name><state>%1</state>%2</domainsnapshot>"_s.arg(state, memory));
        QVERIFY(parsed);
        QCOMPARE(static_cast<int>(parsed->memory), expected);
        QCOMPARE(parsed->memoryFile, expected == 2 ? u"/d/m"_s : QString());
    }
    void disksThatCannot()
    {
        const auto disks = snapshot::parseDisks(
            u"<domain><devices>"
            "<disk type='file' device='cdrom'><target dev='sda'/></disk>"
            "<disk type='file' device='disk'><source file='/a'/><readonly/><target dev='vdb'/></disk>"
            "<disk type='network' device='disk'><source protocol='rbd' name='p/i'><host name='h'/></source>"
            "<target dev='vdc'/></disk>"
            "<disk type='block' device='disk'><driver type='raw'/><source dev='/dev/vg/lv'/><target dev='vdd'/></disk>"
            "</devices></domain>"_s);
        QVERIFY(disks);
        QCOMPARE(disks->size(), 4);
        for (int i = 0; i < 3; ++i) {
            QVERIFY(!disks->at(i).canSnapshot && !disks->at(i).reason.isEmpty());
        }
        QVERIFY(disks->at(2).isNetwork);
        QVERIFY(disks->at(3).canSnapshot && !disks->at(3).isNetwork);
        QCOMPARE(disks->at(3).chain, (Chain{{u"/dev/vg/lv"_s, u"raw"_s}}));
    }

    /** 500 of them, with chains as deep as libvirt allows, and the tree of their files. */
    void manyAreQuick()
    {
        constexpr int count = 500;
        constexpr int deepest = 199;
        QStringList texts;
        Facts facts;
        Chain chain{{u"/d/disk"_s, u"qcow2"_s}};
        for (int i = 0; i < count; ++i) {
            const QString overlay = u"/d/o%1"_s.arg(i);
            texts << snapshotXml(u"s%1"_s.arg(i), i > 0 ? u"s%1"_s.arg(i - 1) : QString(), chain, overlay);
            chain.prepend({overlay, u"qcow2"_s});
            chain = chain.mid(0, deepest);
        }
        QElapsedTimer timer;
        timer.start();
        for (const QString &text : std::as_const(texts)) {
            const auto parsed = snapshot::parseSnapshot(text);
            QVERIFY(parsed);
            facts.snapshots.append(*parsed);
        }
        facts.disks = *snapshot::parseDisks(u"<domain><devices>%1</devices></domain>"_s.arg(diskXml(chain)));
        const qint64 parsing = timer.restart();
        const snapshot::LayerTree tree(facts, u"vda"_s);
        QCOMPARE(tree.nodes().size(), count + 1);
        QCOMPARE(tree.chainOf(chain.first().path).size(), count + 1);
        QCOMPARE(facts.subtree(u"s10"_s).size(), count - 10);
        QCOMPARE(snapshot::discrepancies(facts).size(), 0);
        const qint64 building = timer.restart();
        const auto deletion = snapshot::planDeletion(facts, {u"s250"_s}, Scope::One);
        QCOMPARE(deletion.merges.size(), 1);
        qInfo("parsed in %lld ms, tree in %lld ms, planned in %lld ms", static_cast<long long>(parsing),
            static_cast<long long>(building), static_cast<long long>(timer.elapsed()));
        QVERIFY(parsing < 10000 && building < 10000); // under sanitizers, beside other tests
    }

    void names_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<bool>("good");
        QTest::newRow("plain") << u"before update"_s << true;
        QTest::newRow("letters") << u"Größe ①"_s << true;
        QTest::newRow("longest") << QString(200, u'a') << true;
        QTest::newRow("too long") << QString(101, u'ä') << false;
        QTest::newRow("empty") << QString() << false;
        QTest::newRow("spaces") << u"  "_s << false;
        QTest::newRow("slash") << u"a/b"_s << false;
        QTest::newRow("comma") << u"a,b"_s << false;
        QTest::newRow("option") << u"-rf"_s << false;
        QTest::newRow("hidden") << u".."_s << false;
        QTest::newRow("control") << u"a\nb"_s << false;
        QTest::newRow("taken") << u"s1"_s << false;
    }
    void names()
    {
        QFETCH(const QString, name);
        QFETCH(const bool, good);
        QCOMPARE(snapshot::nameProblem(name, linear()).isEmpty(), good);
    }
    void suggestsNames()
    {
        Facts facts = linear();
        const QDateTime now(QDate(2026, 11, 21), QTime(19, 40));
        QCOMPARE(snapshot::suggestedName(facts, now), u"2026-11-21 19.40"_s);
        facts.snapshots.first().name = u"2026-11-21 19.40"_s;
        QCOMPARE(snapshot::suggestedName(facts, now), u"2026-11-21 19.40 (2)"_s);
        QCOMPARE(snapshot::nameProblem(snapshot::suggestedName(facts, now), facts), QString());
    }
    void namesFiles()
    {
        Facts facts = linear();
        facts.overlayDirectory = u"/pool"_s;
        QCOMPARE(snapshot::overlayPath(facts, u"vda"_s, u"a b:$c"_s), u"/d/web01.a-b--c.qcow2"_s);
        QCOMPARE(snapshot::memoryPath(facts, u"a"_s), u"/pool/web01.a.mem"_s);
        facts.files.insert(u"/d/web01.a.qcow2"_s, {});
        QCOMPARE(snapshot::overlayPath(facts, u"vda"_s, u"a"_s), u"/d/web01.a-2.qcow2"_s);
        facts.disks.append(facts.disks.first());
        facts.disks.last().target = u"vdb"_s;
        facts.disks.last().chain = {{u"/dev/vg/lv"_s, u"raw"_s}};
        QCOMPARE(snapshot::overlayPath(facts, u"vda"_s, u"b"_s), u"/d/web01.b-vda.qcow2"_s);
        QCOMPARE(snapshot::overlayPath(facts, u"vdb"_s, u"b"_s), u"/pool/web01.b-vdb.qcow2"_s);
        facts.domain.name = QString(250, u'ü');
        QVERIFY(snapshot::overlayPath(facts, u"vda"_s, QString(200, u'x')).toUtf8().size() <= 255);
        facts.domain.name = u"../../etc"_s;
        QCOMPARE(snapshot::memoryPath(facts, u"a"_s), u"/pool/etc.a.mem"_s);
    }

    void movesLayers_data()
    {
        QTest::addColumn<QString>("from");
        QTest::addColumn<QString>("to");
        QTest::addColumn<QStringList>("expected");
        QTest::newRow("top down") << u"/c"_s << u"/b"_s << QStringList{u"/b qcow2"_s, u"/a raw"_s};
        QTest::newRow("middle down") << u"/b"_s << u"/a"_s << QStringList{u"/c qcow2"_s, u"/a raw"_s};
        QTest::newRow("middle up") << u"/b"_s << u"/c"_s << QStringList{u"/c qcow2"_s, u"/a raw"_s};
        QTest::newRow("elsewhere") << u"/b"_s << u"/x"_s << QStringList{u"/c qcow2"_s, u"/x raw"_s, u"/a raw"_s};
    }
    void movesLayers()
    {
        QFETCH(const QString, from);
        QFETCH(const QString, to);
        QFETCH(const QStringList, expected);
        const Chain chain{{u"/c"_s, u"qcow2"_s}, {u"/b"_s, u"qcow2"_s}, {u"/a"_s, u"raw"_s}};
        const auto document = xml::Document::parse(diskXml(chain));
        QVERIFY(document);
        QVERIFY(!snapshot::chainxml::moveLayer(document->root(), u"/none"_s, {to, u"raw"_s}));
        QVERIFY(snapshot::chainxml::moveLayer(document->root(), from, {to, to == "/x"_L1 ? u"raw"_s : u"qcow2"_s}));
        const auto again = xml::Document::parse(document->toString());
        QVERIFY(again);
        QStringList now;
        for (const Layer &layer : snapshot::chainxml::chainOf(again->root())) {
            now << layer.path + u' ' + layer.format;
        }
        QCOMPARE(now, expected);
        QVERIFY(snapshot::chainxml::isTerminated(again->root()));
        QCOMPARE(again->root().children(u"backingStore"_s).size(), 1);
        QCOMPARE(again->root().children(u"source"_s).size(), 1);
    }

    void tellsWhatIsWrong()
    {
        Facts facts = linear();
        QCOMPARE(snapshot::discrepancies(facts).size(), 0);
        facts.files[u"/d/o1"_s].presence = FileFacts::Presence::Missing;
        auto found = snapshot::discrepancies(facts);
        QCOMPARE(found.size(), 2); // of s2, and of what the VM uses
        QCOMPARE(found.first().snapshot, u"s2"_s);
        QCOMPARE(found.first().path, u"/d/o1"_s);
        QVERIFY(found.first().isFatal && found.last().isFatal && found.last().snapshot.isEmpty());

        facts = linear();
        facts.files[u"/d/o2"_s].backingPath = u"/d/disk.raw"_s;
        found = snapshot::discrepancies(facts);
        QCOMPARE(found.size(), 1);
        QVERIFY(!found.first().isFatal && found.first().text.contains(u"o2"_s));

        facts = linear();
        facts.disks.first().chain = facts.disks.first().chain.mid(1); // set to o1 by hand
        found = snapshot::discrepancies(facts);
        QCOMPARE(found.size(), 1);
        QVERIFY(found.first().isFatal && found.first().snapshot == "s2"_L1);
    }

    void plans()
    {
        const Facts facts = linear();
        operation::SnapshotDeleteDraft draft;
        draft.snapshots = {u"s1"_s};
        job::Plan plan = operation::planSnapshotDelete(QUuid::createUuid(), facts, draft);
        QVERIFY(!plan.isBlocked());
        QCOMPARE(types(plan),
            (QStringList{
                u"merge.check"_s, u"snapshot.forget"_s, u"merge.run"_s, u"snapshot.redefine"_s, u"layer.delete"_s}));
        QCOMPARE(plan.bytes(), facts.files[u"/d/o1"_s].allocation);
        QCOMPARE(plan.steps[2].parameters["gone"_L1].toString(), u"/d/o1"_s);
        QVERIFY(says(plan, job::Finding::Severity::Note, u"Cancelling"_s));
        // s2: the smaller file is the upper one, which goes
        draft.snapshots = {u"s2"_s};
        plan = operation::planSnapshotDelete(QUuid::createUuid(), facts, draft);
        QCOMPARE(plan.steps[2].parameters["kind"_L1].toString(), u"commit"_s);
        QCOMPARE(plan.bytes(), facts.files[u"/d/o2"_s].allocation);
        // or the lower one
        Facts other = facts;
        other.files[u"/d/o1"_s].allocation = 1024;
        plan = operation::planSnapshotDelete(QUuid::createUuid(), other, draft);
        QCOMPARE(plan.steps[2].parameters["kind"_L1].toString(), u"pull"_s);
        QCOMPARE(plan.steps[2].parameters["gone"_L1].toString(), u"/d/o1"_s);
        draft.metadataOnly = true;
        plan = operation::planSnapshotDelete(QUuid::createUuid(), facts, draft);
        QCOMPARE(types(plan), QStringList{u"snapshot.forget"_s});
        QVERIFY(says(plan, job::Finding::Severity::Warning, u"files stay"_s));
    }
    void refuses()
    {
        operation::SnapshotDeleteDraft draft;
        draft.snapshots = {u"s1"_s};
        const auto blocked = [&draft](const Facts &facts, const QString &text) {
            const job::Plan plan = operation::planSnapshotDelete(QUuid::createUuid(), facts, draft);
            return plan.isBlocked() && plan.steps.isEmpty() && says(plan, job::Finding::Severity::Blocker, text);
        };
        Facts facts = linear();
        facts.files[u"/d/o1"_s].presence = FileFacts::Presence::Missing;
        QVERIFY(blocked(facts, u"missing"_s));
        facts = linear();
        facts.files[u"/d/o1"_s].backingPath = u"/d/else"_s;
        QVERIFY(blocked(facts, u"by hand"_s));
        facts = linear();
        for (Snapshot &each : facts.snapshots) {
            each.disks.first().state.last().format.clear();
        }
        facts.disks.first().chain.last().format.clear();
        QVERIFY(blocked(facts, u"format"_s));
        facts = linear();
        facts.domain.state = virt::DomainState::ShutOff;
        facts.domain.managedSave = true;
        QVERIFY(blocked(facts, u"saved state"_s));
        facts = linear();
        facts.usersProblem = u"The pool is locked."_s;
        QVERIFY(blocked(facts, u"locked"_s));
        draft.snapshots = {u"none"_s};
        QVERIFY(blocked(linear(), u"no snapshot"_s));
        draft.snapshots = {u"s2"_s};
        draft.scope = Scope::ChildrenOnly;
        QVERIFY(blocked(linear(), u"below"_s));
    }
    void keepsWhatOthersNeed()
    {
        Facts facts = linear();
        facts.files[u"/d/disk.raw"_s].users = QStringList{u"web02"_s};
        const auto deletion = snapshot::planDeletion(facts, {u"s1"_s}, Scope::One);
        QCOMPARE(deletion.merges.size(), 0);
        QVERIFY(deletion.blockers.isEmpty());
        QCOMPARE(deletion.kept.size(), 1);
        QVERIFY(deletion.kept.first().contains(u"web02"_s));
        // a disk that was detached meanwhile is somebody's, too
        facts = linear();
        facts.disks.clear();
        const auto detached = snapshot::planDeletion(facts, {u"s1"_s, u"s2"_s}, Scope::One);
        QCOMPARE(detached.merges.size(), 0);
        QCOMPARE(detached.kept.size(), 1);
    }
    void warnsOfFullPools()
    {
        Facts facts = linear();
        facts.files[u"/d/disk.raw"_s].available = 1024;
        operation::SnapshotDeleteDraft draft;
        draft.snapshots = {u"s1"_s};
        QVERIFY(says(operation::planSnapshotDelete(QUuid::createUuid(), facts, draft), job::Finding::Severity::Warning,
            u"default"_s));
    }

    void workDomain()
    {
        const QString like = u"<domain type='kvm'><os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os><devices>"
                             "<emulator>/usr/bin/qemu</emulator></devices></domain>"_s;
        const QUuid uuid = QUuid::createUuid();
        const Chain chain{{u"/d/o1 & co"_s, u"qcow2"_s}, {u"/d/disk"_s, u"raw"_s}};
        const auto text = operation::WorkDomain::xmlFor(like, u"vireo-work-1"_s, uuid, chain, {.readOnly = true});
        QVERIFY(text);
        const auto disks = snapshot::parseDisks(*text);
        QVERIFY(disks && disks->size() == 1);
        QVERIFY(disks->first().chain == chain);
        QVERIFY(!disks->first().canSnapshot); // read-only
        QVERIFY(text->contains(u"pc-q35-7.2"_s) && text->contains(u"/usr/bin/qemu"_s));
        // what nobody recorded is left to libvirt's own rules; the topmost must be known
        const auto open = operation::WorkDomain::xmlFor(like, u"a"_s, uuid, {chain.first(), {u"/d/x"_s, {}}}, {});
        QVERIFY(open && !open->contains(u"/d/x"_s) && !open->contains(u"backingStore"_s));
        QVERIFY(!operation::WorkDomain::xmlFor(like, u"a"_s, uuid, {{u"/d/x"_s, {}}}, {}));
    }
};

QTEST_APPLESS_MAIN(TestSnapshots)
#include "tst_snapshots.moc"
