// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QJsonArray>
#include <QJsonDocument>
#include <QTemporaryDir>
#include <QTest>

#include "backend/operation/draft.h"
#include "backend/virt/domains.h"
#include "backend/virt/eventloop.h"
#include "backend/virt/virerror.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using namespace vireo::operation;

Q_DECLARE_METATYPE(vireo::operation::Action)

namespace {

constexpr auto NodeXml = R"(<node>
  <domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>
    <name>web01</name><uuid>11111111-1111-1111-1111-111111111111</uuid>
    <memory unit='MiB'>512</memory><vcpu>1</vcpu><os><type arch='i686'>hvm</type></os>
    <test:runstate>1</test:runstate></domain>
  <domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>
    <name>db01</name><uuid>33333333-3333-3333-3333-333333333333</uuid>
    <memory unit='MiB'>512</memory><vcpu>1</vcpu><os><type arch='i686'>hvm</type></os>
    <devices>
      <disk type='file' device='disk'><source file='/images/db01.img'/><target dev='vda' bus='virtio'/></disk>
      <disk type='file' device='disk'><source file='/elsewhere/data.img'/><target dev='vdb' bus='virtio'/></disk>
    </devices>
    <test:runstate>5</test:runstate></domain>
  <domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>
    <name>app01</name><uuid>55555555-5555-5555-5555-555555555555</uuid>
    <metadata><vireo:domain xmlns:vireo='https://vireo-vm.github.io/xmlns/domain/1'>
      <vireo:seed>app01-seed.iso</vireo:seed></vireo:domain></metadata>
    <memory unit='MiB'>16</memory><vcpu>1</vcpu><os><type arch='i686'>hvm</type></os>
    <devices>
      <disk type='file' device='cdrom'><source file='/images/app01-seed.iso'/><target dev='sda' bus='sata'/><readonly/></disk>
    </devices>
    <test:runstate>5</test:runstate></domain>
  <pool type='dir'><name>images</name><uuid>44444444-4444-4444-4444-444444444444</uuid><target><path>/images</path></target>
    <volume type='file'><name>db01.img</name><capacity unit='MiB'>64</capacity><allocation unit='MiB'>8</allocation>
      <target><path>/images/db01.img</path><format type='raw'/></target></volume>
    <volume type='file'><name>spare.img</name><capacity unit='MiB'>64</capacity><allocation unit='MiB'>8</allocation>
      <target><path>/images/spare.img</path><format type='raw'/></target></volume>
    <volume type='file'><name>app01-seed.iso</name><capacity unit='KiB'>366</capacity><allocation unit='KiB'>366</allocation>
      <target><path>/images/app01-seed.iso</path><format type='iso'/></target></volume></pool>
</node>)";

/** JSON with ' for ", which is easier to read in C++. */
QByteArray json(QByteArray text)
{
    return text.replace('\'', '"');
}

QString blockersOf(const job::Plan &plan)
{
    QStringList texts;
    for (const job::Finding &finding : plan.findings) {
        if (finding.severity == job::Finding::Severity::Blocker) {
            texts.append(finding.text + u' ' + finding.cause);
        }
    }
    return texts.join(u"; "_s);
}

QStringList pathsOf(const QList<DraftError> &errors)
{
    QStringList paths;
    for (const DraftError &error : errors) {
        paths.append(error.path);
    }
    paths.sort();
    return paths;
}

} // namespace

/** Draft documents of all operations, and what is planned for them on libvirt's test driver. */
class TestDraft final : public QObject
{
    Q_OBJECT

    QTemporaryDir m_directory;
    std::unique_ptr<virt::EventLoop> m_loop;
    virt::ConnectionPtr m_connection;
    const virt::HostId m_host = QUuid::createUuid();

    Result<QList<job::Plan>> plans(const QByteArray &text)
    {
        const auto draft = draftFromText(json(text));
        if (!draft) {
            return fail(Error::invalid(draft.error().constFirst().path + u' ' + draft.error().constFirst().message));
        }
        return planDraft(*m_connection, m_host, *draft);
    }

    QStringList stepTypes(const job::Plan &plan) const
    {
        QStringList types;
        for (const job::Step &step : plan.steps) {
            types.append(step.type);
        }
        return types;
    }

private Q_SLOTS:
    void readsSnapshots()
    {
        const auto read = [](const QByteArray &members) {
            const auto draft =
                draftFromText(json("{'host':'test:///default','domain':'web01','operation':" + members + "}"));
            return draft ? std::get<SnapshotDraft>(draft->content) : SnapshotDraft();
        };
        SnapshotCreateDraft create;
        QCOMPARE(std::get<SnapshotCreateDraft>(read("'snapshot.create'")), create);
        create.name = u"s"_s;
        create.kind = SnapshotCreateDraft::Kind::External;
        create.memory = SnapshotCreateDraft::Memory::Without;
        create.quiesce = true;
        create.description = u"d"_s;
        create.disks = {{u"vda"_s, true, {}}, {u"vdb"_s, true, u"/d/o"_s}};
        QCOMPARE(std::get<SnapshotCreateDraft>(
                     read("'snapshot.create','name':'s','kind':'external','memory':false,'quiesce':true,"
                          "'description':'d','disks':['vda',{'target':'vdb','file':'/d/o'}]")),
            create);
        QCOMPARE(
            std::get<SnapshotRevertDraft>(read("'snapshot.revert','snapshot':'s','state':'paused','keep_now':false")),
            (SnapshotRevertDraft{u"s"_s, virt::snapshots::After::Paused, false, {}}));
        QCOMPARE(std::get<SnapshotDeleteDraft>(read("'snapshot.delete','snapshot':['a','b'],'children':true")),
            (SnapshotDeleteDraft{{u"a"_s, u"b"_s}, snapshot::Scope::WithChildren, false}));
        QCOMPARE(std::get<SnapshotDeleteDraft>(
                     read("'snapshot.delete','snapshot':'a','children_only':true,'metadata_only':true")),
            (SnapshotDeleteDraft{{u"a"_s}, snapshot::Scope::ChildrenOnly, true}));
        QCOMPARE(std::get<SnapshotEditDraft>(read("'snapshot.edit','snapshot':'a','description':''")),
            (SnapshotEditDraft{u"a"_s, std::nullopt, QString(u""_s)}));
    }

    void refusesSnapshots_data()
    {
        QTest::addColumn<QByteArray>("members");
        QTest::addColumn<QString>("path");
        QTest::newRow("memory") << QByteArray("'snapshot.create','memory':'yes'") << u"$.memory"_s;
        QTest::newRow("disks") << QByteArray("'snapshot.create','disks':3") << u"$.disks"_s;
        QTest::newRow("a disk") << QByteArray("'snapshot.create','disks':['vda',7]") << u"$.disks[1]"_s;
        QTest::newRow("a disk's key") << QByteArray("'snapshot.create','disks':[{'target':'vda','x':''}]")
                                      << u"$.disks[0].x"_s;
        QTest::newRow("state") << QByteArray("'snapshot.revert','snapshot':'s','state':'on'") << u"$.state"_s;
        QTest::newRow("none") << QByteArray("'snapshot.delete','snapshot':[]") << u"$.snapshot"_s;
        QTest::newRow("both") << QByteArray("'snapshot.delete','snapshot':'s','children':true,'children_only':true")
                              << u"$.children_only"_s;
        QTest::newRow("nothing") << QByteArray("'snapshot.edit','snapshot':'s'") << u"$"_s;
        QTest::newRow("key") << QByteArray("'snapshot.edit','snapshot':'s','name':'t','x':1") << u"$.x"_s;
    }
    void refusesSnapshots()
    {
        QFETCH(QByteArray, members);
        QFETCH(QString, path);
        const auto draft =
            draftFromText(json("{'host':'test:///default','domain':'web01','operation':" + members + "}"));
        QVERIFY(!draft);
        QCOMPARE(pathsOf(draft.error()), QStringList{path});
    }

    void initTestCase()
    {
        virt::quietLibvirt();
        m_loop = std::make_unique<virt::EventLoop>();
        QFile node(m_directory.filePath(u"node.xml"_s));
        QVERIFY(node.open(QIODevice::WriteOnly));
        node.write(NodeXml);
        node.close();
        auto connection = virt::Connection::open(u"test://"_s + node.fileName(), false, {});
        QVERIFY2(connection, connection ? "" : qPrintable(connection.error().message));
        m_connection = *connection;
    }

    void cleanupTestCase()
    {
        m_connection.reset();
        m_loop.reset();
    }

    void readsActions_data()
    {
        QTest::addColumn<QString>("word");
        QTest::addColumn<Action>("action");
        QTest::newRow("start") << u"start"_s << Action::Run;
        QTest::newRow("shutdown") << u"shutdown"_s << Action::ShutDown;
        QTest::newRow("poweroff") << u"poweroff"_s << Action::ForceOff;
        QTest::newRow("reboot") << u"reboot"_s << Action::Reboot;
        QTest::newRow("reset") << u"reset"_s << Action::Reset;
        QTest::newRow("pause") << u"pause"_s << Action::Pause;
        QTest::newRow("resume") << u"resume"_s << Action::Resume;
        QTest::newRow("save") << u"save"_s << Action::Save;
    }

    void readsActions()
    {
        QFETCH(QString, word);
        QFETCH(Action, action);
        const QJsonObject object{
            {u"operation"_s, word}, {u"host"_s, u"qemu:///system"_s}, {u"domain"_s, u"web01"_s}, {u"timeout_s"_s, 7}};
        const auto draft = draftFromJson(object);
        QVERIFY2(draft, draft ? "" : qPrintable(draft.error().constFirst().message));
        QCOMPARE(draft->operation, word);
        QCOMPARE(draft->host, u"qemu:///system"_s);
        QCOMPARE(draft->domain, u"web01"_s);
        QVERIFY(std::get<ActionDraft>(draft->content) == (ActionDraft{action, 7}));
        QCOMPARE(operationName(action), word); // what the journal calls it
    }

    void readsTheOthers()
    {
        const auto common = [](const QString &operation, const QString &key, const QJsonValue &value) {
            return draftFromJson({{u"operation"_s, operation}, {u"host"_s, u"qemu:///system"_s},
                {u"domain"_s, u"web01"_s}, {key, value}});
        };
        const auto keep = draftFromText(json("{'operation':'delete','host':'qemu:///system','domain':'web01'}"));
        QVERIFY(keep && !std::get<DeleteDraft>(keep->content).ownStorage);
        const auto own = common(u"delete"_s, u"storage"_s, u"own"_s);
        QVERIFY(own && std::get<DeleteDraft>(own->content).ownStorage);
        const auto edit = common(u"edit"_s, u"autostart"_s, true);
        QVERIFY(edit && std::get<EditDraft>(edit->content).autostart == true);
        const auto eject = draftFromText(json("{'operation':'seed.eject','host':'qemu:///system','domain':'web01'}"));
        QVERIFY(eject && !std::get<SeedChangeDraft>(eject->content).seed);
        const auto anew = common(u"seed.regenerate"_s, u"seed"_s, QJsonObject{{u"hostname"_s, u"shop"_s}});
        QVERIFY(anew && std::get<SeedChangeDraft>(anew->content).seed);
        QCOMPARE(std::get<SeedChangeDraft>(anew->content).seed->hostname, u"shop"_s);
        const auto create =
            draftFromText(json("{'operation':'create','host':'qemu:///system','name':'a','source':{'kind':'none'}}"));
        QVERIFY(create);
        QCOMPARE(std::get<CreateDraft>(create->content).name, u"a"_s);
        QCOMPARE(create->domain, QString());
    }

    void readsMigrations()
    {
        const auto read = [](const QJsonObject &json) {
            const auto draft = draftFromJson(json);
            return draft ? std::get<MigrateDraft>(draft->content) : MigrateDraft();
        };
        const auto plain = draftFromText(
            json("{'operation':'migrate','host':'qemu:///system','domain':'web01','to':'qemu+ssh://b/system'}"));
        QVERIFY2(plain, plain ? "" : qPrintable(plain.error().constFirst().message));
        MigrateDraft expected;
        expected.to = u"qemu+ssh://b/system"_s;
        expected.policy = migration::Policy::preset(migration::Policy::Kind::Steady);
        QCOMPARE(migrateDraftToJson(u"h"_s, u"d"_s, std::get<MigrateDraft>(plain->content)),
            migrateDraftToJson(u"h"_s, u"d"_s, expected));
        QVERIFY(std::get<MigrateDraft>(plain->content) == expected);
        QVERIFY(read(migrateDraftToJson(u"qemu:///system"_s, u"web01"_s, expected)) == expected);

        MigrateDraft all = expected;
        all.mode = MigrateDraft::Mode::Paused;
        all.storage = MigrateDraft::Storage::Copy;
        all.path = MigrateDraft::Path::Tunnelled;
        all.destinationUri = u"qemu+tls://b/system"_s;
        all.migrateUri = u"tcp://10.0.0.2"_s;
        all.listenAddress = u"::"_s;
        all.postCopy = all.tls = all.flatten = all.autoConverge = true;
        all.persistent = all.undefineSource = all.deleteSourceDisks = all.setTime = false;
        all.parallel = 4;
        all.atOnce = 1;
        all.compress = virt::migration::Options::Compression::Zstd;
        all.throttleInitial = 20;
        all.throttleIncrement = 10;
        all.bandwidth = 100ULL << 20U;
        all.postCopyBandwidth = 50ULL << 20U;
        all.policy = migration::Policy::preset(migration::Policy::Kind::Nova);
        all.policy.maxDowntimeMs = 1234;
        all.map.networks = {{u"lan"_s, u"lan2"_s}};
        all.map.pools = {{u"default"_s, u"big"_s}};
        all.map.paths = {{u"/a"_s, u"/b"_s}};
        all.xml = u"<domain/>"_s;
        all.persistentXml = u"<domain><name>x</name></domain>"_s;
        const QJsonObject json = migrateDraftToJson(u"qemu:///system"_s, u"web01"_s, all);
        QVERIFY(read(json) == all);
        QCOMPARE(json.value("policy"_L1).toString(), u"nova"_s);
        for (const auto path : {MigrateDraft::Path::Direct, MigrateDraft::Path::PeerToPeer, MigrateDraft::Path::Auto}) {
            all.path = path;
            QVERIFY(read(migrateDraftToJson(u"qemu:///system"_s, u"web01"_s, all)) == all);
        }
        all.policy.stallWindowMs = 50000; // no preset any more: written in full
        QVERIFY(migrateDraftToJson(u"qemu:///system"_s, u"web01"_s, all).value("policy"_L1).isObject());
        QVERIFY(read(migrateDraftToJson(u"qemu:///system"_s, u"web01"_s, all)) == all);
    }

    void knowsWhenTheCatalogMatters()
    {
        const auto needs = [](const QByteArray &rest) {
            const auto draft =
                draftFromText(json("{'operation':'create','host':'qemu:///system','name':'a'," + rest + "}"));
            return draft && needsCatalog(*draft);
        };
        QVERIFY(!needs("'source':{'kind':'none'}"));
        QVERIFY(!needs("'source':{'kind':'iso','path':'/x.iso'},'os':'generic'"));
        QVERIFY(needs("'source':{'kind':'iso','path':'/x.iso'}"));
        QVERIFY(needs("'source':{'kind':'none'},'os':'debian12'"));
        const auto start = draftFromText(json("{'operation':'start','host':'qemu:///system','domain':'a'}"));
        QVERIFY(start && !needsCatalog(*start));
    }

    void refuses_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QStringList>("paths");
        QTest::addColumn<QString>("word");
        const auto row = [](const char *name, const QByteArray &text, const QStringList &paths, const char *word) {
            QTest::newRow(name) << json(text) << paths << QString::fromUtf8(word);
        };
        row("no JSON", "{'operation':'start',\n  'host' 'qemu:///system'}", {u"$"_s}, "line 2");
        row("empty", "", {u"$"_s}, "line 1");
        row("a list", "[]", {u"$"_s}, "object");
        row("no operation", "{}", {u"$.operation"_s}, "needed");
        row("operation is no text", "{'operation':3}", {u"$.operation"_s}, "text");
        row("unknown operation", "{'operation':'frobnicate'}", {u"$.operation"_s}, "poweroff");
        row("later operation", "{'operation':'rescue','host':'qemu:///system','domain':'a'}", {u"$.operation"_s},
            "not served by this version");
        row("migrate to nowhere", "{'operation':'migrate','host':'qemu:///system','domain':'a'}", {u"$.to"_s},
            "needed");
        row("migrate to no URI", "{'operation':'migrate','host':'qemu:///system','domain':'a','to':'rack 7'}",
            {u"$.to"_s}, "URI");
        row("migrate with what only a cold one has",
            "{'operation':'migrate','host':'qemu:///system','domain':'a','to':'qemu:///x','timeout_s':60,'force':true}",
            {u"$.force"_s, u"$.timeout_s"_s}, "only with the mode");
        row("migrate cold, at once",
            "{'operation':'migrate','host':'qemu:///system','domain':'a','to':'qemu:///x','mode':'cold','timeout_s':0}",
            {u"$.timeout_s"_s}, "");
        row("a definition for a cold migration",
            "{'operation':'migrate','host':'qemu:///system','domain':'a','to':'qemu:///x','mode':'cold','xml':'<domain/"
            ">'}",
            {u"$.xml"_s}, "makes the definition itself");
        row("migrate with kinds",
            "{'operation':'migrate','host':'qemu:///system','domain':'a','to':'qemu:///"
            "system','storage':'some','p2p':1,"
            "'parallel':256,'compress':'zip','throttle_initial':20,'policy':'hasty','map':{'paths':{'/"
            "a':'b'},'pools':[],"
            "'networks':{'a':1},'x':1},'destination_uri':'?','persistent':'no','flaten':true}",
            {u"$.compress"_s, u"$.destination_uri"_s, u"$.flaten"_s, u"$.map.networks.a"_s, u"$.map.paths./a"_s,
                u"$.map.pools"_s, u"$.map.x"_s, u"$.p2p"_s, u"$.parallel"_s, u"$.persistent"_s, u"$.policy"_s,
                u"$.storage"_s, u"$.throttle_initial"_s},
            "");
        row("migrate directly through a tunnel",
            "{'operation':'migrate','host':'qemu:///system','domain':'a','to':'qemu:///"
            "x','p2p':false,'tunnelled':true}",
            {u"$.tunnelled"_s}, "peer-to-peer");
        row("migrate with two limits",
            "{'operation':'migrate','host':'qemu:///system','domain':'a','to':'qemu:///x','downtime_ms':500,"
            "'policy':{'kind':'steady'}}",
            {u"$.downtime_ms"_s}, "policy");
        row("nested later operation", "{'operation':'rescue.end'}", {u"$.operation"_s}, "not served");
        row("unknown key", "{'operation':'start','host':'qemu:///system','domain':'a','force':true}", {u"$.force"_s},
            "Unknown key");
        row("keys of another operation", "{'operation':'start','host':'qemu:///system','domain':'a','storage':'own'}",
            {u"$.storage"_s}, "Unknown key");
        row("several", "{'operation':'shutdown','host':'','timeout_s':0,'x':1}",
            {u"$.domain"_s, u"$.host"_s, u"$.timeout_s"_s, u"$.x"_s}, "");
        row("time that is no number", "{'operation':'shutdown','host':'qemu:///system','domain':'a','timeout_s':'5'}",
            {u"$.timeout_s"_s}, "whole number");
        row("storage", "{'operation':'delete','host':'qemu:///system','domain':'a','storage':'all'}", {u"$.storage"_s},
            "keep, own");
        row("no URI", "{'operation':'start','host':'rack 7','domain':'a'}", {u"$.host"_s}, "URI");
        row("password in the URI", "{'operation':'start','host':'qemu+ssh://u:p@h/system','domain':'a'}", {u"$.host"_s},
            "password");
        row("edit nothing", "{'operation':'edit','host':'qemu:///system','domain':'a'}", {u"$"_s}, "autostart");
        row("edit with kinds", "{'operation':'edit','host':'qemu:///system','domain':'a','title':1,'tags':['a','']}",
            {u"$.tags[1]"_s, u"$.title"_s}, "");
        row("edit with two titles",
            "{'operation':'edit','host':'qemu:///system','domain':'a','title':'x','xml':'/tmp/x.xml'}", {u"$.xml"_s},
            "");
        row("attach nothing", "{'operation':'attach','host':'qemu:///system','domain':'a'}", {u"$"_s}, "disk");
        row("attach both",
            "{'operation':'attach','host':'qemu:///system','domain':'a','nic':{'user':true},"
            "'disk':{'path':'/a'}}",
            {u"$"_s}, "disk");
        row("attach two sources",
            "{'operation':'attach','host':'qemu:///system','domain':'a','disk':{'path':'/a','block':'/dev/b'}}",
            {u"$.disk"_s}, "Only one");
        row("attach within",
            "{'operation':'attach','host':'qemu:///system','domain':'a','disk':{'volume':{'pool':'p'},'target':'../x',"
            "'bus':'moon','pathh':1}}",
            {u"$.disk.bus"_s, u"$.disk.pathh"_s, u"$.disk.target"_s, u"$.disk.volume.name"_s}, "");
        row("attach a relative path",
            "{'operation':'attach','host':'qemu:///system','domain':'a','disk':{'path':'a.img'}}", {u"$.disk.path"_s},
            "begins with");
        row("attach an invalid network",
            "{'operation':'attach','host':'qemu:///system','domain':'a',"
            "'disk':{'network':'moon:x'}}",
            {u"$.disk.network"_s}, "nbd");
        row("attach a network within",
            "{'operation':'attach','host':'qemu:///system','domain':'a',"
            "'disk':{'network':{'protocol':'nbd','port':10809,'x':1}}}",
            {u"$.disk.network.port"_s, u"$.disk.network.x"_s}, "");
        row("attach a card to nothing", "{'operation':'attach','host':'qemu:///system','domain':'a','nic':{}}",
            {u"$.nic"_s}, "network");
        row("attach a card with a group address",
            "{'operation':'attach','host':'qemu:///system','domain':'a','nic':{'user':true,'mac':'01:00:00:00:00:00'}}",
            {u"$.nic.mac"_s}, "52:54");
        row("detach with what it is not asked",
            "{'operation':'detach','host':'qemu:///system','domain':'a','disk':{'target':'vda','bus':'virtio'}}",
            {u"$.disk.bus"_s}, "Unknown key");
        row("detach nothing", "{'operation':'detach','host':'qemu:///system','domain':'a','disk':{}}", {u"$.disk"_s},
            "target");
        row("seed missing", "{'operation':'seed.regenerate','host':'qemu:///system','domain':'a'}", {u"$.seed"_s},
            "needed");
        row("seed is no object", "{'operation':'seed.regenerate','host':'qemu:///system','domain':'a','seed':[]}",
            {u"$.seed"_s}, "object");
        row("seed within",
            "{'operation':'seed.regenerate','host':'qemu:///system','domain':'a','seed':{'hostname':'-'}}",
            {u"$.seed.hostname"_s}, "");
        row("eject with a seed", "{'operation':'seed.eject','host':'qemu:///system','domain':'a','seed':{}}",
            {u"$.seed"_s}, "Unknown key");
        row("create within", "{'operation':'create','host':'h','name':'a','source':{'kind':'pxe','pathh':'x'}}",
            {u"$.host"_s, u"$.source.pathh"_s}, "");
    }

    void refuses()
    {
        QFETCH(QByteArray, text);
        QFETCH(QStringList, paths);
        QFETCH(QString, word);
        const auto draft = draftFromText(text);
        QVERIFY(!draft);
        QCOMPARE(pathsOf(draft.error()), paths);
        for (const DraftError &error : draft.error()) {
            QVERIFY(!error.message.isEmpty());
        }
        QVERIFY2(draft.error().constFirst().message.contains(word), qPrintable(draft.error().constFirst().message));
    }

    void plansAnAction()
    {
        const auto stop = plans("{'operation':'poweroff','host':'test:///default','domain':'web01'}");
        QVERIFY2(stop, stop ? "" : qPrintable(stop.error().message));
        QCOMPARE(stop->size(), 1);
        QCOMPARE(stop->constFirst().operation, u"poweroff"_s);
        QCOMPARE(stop->constFirst().host, m_host);
        QCOMPARE(stepTypes(stop->constFirst()), QStringList{u"domain.destroy"_s});
        QCOMPARE(stop->constFirst().count(job::Finding::Severity::Warning), 1);

        // By UUID just as well; what makes no sense is a blocker, not an error.
        const auto again =
            plans("{'operation':'start','host':'test:///default','domain':'11111111-1111-1111-1111-111111111111'}");
        QVERIFY(again);
        QVERIFY(again->constFirst().isBlocked());
    }

    void timeoutReachesTheStep()
    {
        const auto plan = plans("{'operation':'shutdown','host':'test:///default','domain':'web01','timeout_s':17}");
        QVERIFY(plan);
        QCOMPARE(plan->constFirst().steps.constFirst().parameters[u"timeout"_s].toInt(), 17);
    }

    void findsByNameAndUuidOnly()
    {
        const auto none = plans("{'operation':'start','host':'test:///default','domain':'nobody'}");
        QVERIFY(!none);
        QCOMPARE(none.error().kind, Error::Kind::NotFound);
        // An id is another VM's tomorrow.
        const auto record = virt::domains::find(*m_connection, u"web01"_s);
        QVERIFY(record);
        const auto read = virt::domains::read(*m_connection, *record);
        QVERIFY(read && read->id > 0);
        const auto byId =
            plans("{'operation':'poweroff','host':'test:///default','domain':'" + QByteArray::number(read->id) + "'}");
        QVERIFY(!byId);
        QCOMPARE(byId.error().kind, Error::Kind::NotFound);
    }

    void deletesOwnStorageOnly()
    {
        const auto keep = plans("{'operation':'delete','host':'test:///default','domain':'db01'}");
        QVERIFY2(keep, keep ? "" : qPrintable(keep.error().message));
        QVERIFY(!stepTypes(keep->constFirst()).contains(u"volume.delete"_s));

        const auto own = plans("{'operation':'delete','host':'test:///default','domain':'db01','storage':'own'}");
        QVERIFY2(own, own ? "" : qPrintable(own.error().message));
        const job::Plan &plan = own->constFirst();
        QVERIFY(!plan.isBlocked()); // vdb is in no pool: it is kept, and said to be
        QCOMPARE(stepTypes(plan).count(u"volume.delete"_s), 1);
        const bool told = std::ranges::any_of(plan.findings, [](const job::Finding &finding) {
            return finding.severity == job::Finding::Severity::Note && finding.text.contains("/elsewhere/data.img"_L1);
        });
        QVERIFY(told);
    }

    void editsAutostart()
    {
        const auto on = plans("{'operation':'edit','host':'test:///default','domain':'web01','autostart':true}");
        QVERIFY(on);
        QCOMPARE(stepTypes(on->constFirst()), QStringList{u"domain.setAutostart"_s});
        QCOMPARE(on->constFirst().steps.constFirst().parameters[u"on"_s].toBool(), true);
    }

    void editsTexts()
    {
        const auto found = plans("{'operation':'edit','host':'test:///default','domain':'db01','title':'A title',"
                                 "'tags':['prod'],'autostart':true}");
        QVERIFY2(found, found ? "" : qPrintable(found.error().message));
        const job::Plan &plan = found->constFirst();
        QVERIFY2(!plan.isBlocked(), qPrintable(blockersOf(plan)));
        QCOMPARE(stepTypes(plan), (QStringList{u"domain.redefine"_s, u"domain.setAutostart"_s}));
        QVERIFY(plan.xmlAfter.contains(u"<title>A title</title>"_s) && plan.xmlAfter.contains(u">prod</"_s));
        const auto again = plans("{'operation':'edit','host':'test:///default','domain':'db01','title':''}");
        QVERIFY(again && blockersOf(again->constFirst()).contains(u"Nothing is changed"_s));
    }

    void editsFromAFile()
    {
        const QString path = m_directory.filePath(u"new.xml"_s);
        const auto planned = [&](const QByteArray &content) {
            QFile file(path);
            if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size()) {
                return QString();
            }
            file.close();
            const auto found =
                plans("{'operation':'edit','host':'test:///default','domain':'db01','xml':'" + path.toUtf8() + "'}");
            return !found                         ? found.error().message
                : found->constFirst().isBlocked() ? blockersOf(found->constFirst())
                                                  : stepTypes(found->constFirst()).join(u' ');
        };
        QVERIFY2(planned("<domain>\n  <name>\n</domain>").contains(u"Line 3, column 10"_s),
            qPrintable(planned("<domain>\n  <name>\n</domain>")));
        QVERIFY(planned("<domain>\xff</domain>").contains(path));
        QVERIFY(planned("<network/>").contains(u"not the definition"_s));
        const auto uuid = virt::domains::find(*m_connection, u"db01"_s);
        QVERIFY(uuid);
        const auto stored = virt::domains::xml(*m_connection, *uuid, virt::domains::XmlKind::Inactive);
        QVERIFY(stored);
        QVERIFY(planned(stored->toUtf8()).contains(u"Nothing is changed"_s));
        QCOMPARE(
            planned(QString(*stored).replace(u"<name>"_s, u"<title>T</title><name>"_s).toUtf8()), u"domain.redefine"_s);
        const QString invalid = planned(QString(*stored).replace(u"<name>"_s, u"<nam/><name>"_s).toUtf8());
        QVERIFY2(invalid.contains(u"line 2, column"_s) && invalid.contains(u"nam"_s), qPrintable(invalid));
        QVERIFY(QFile::remove(path));
        const auto gone = plans("{'operation':'edit','host':'test:///default','domain':'db01','xml':'/none.xml'}");
        QVERIFY(gone && blockersOf(gone->constFirst()).contains(u"/none.xml"_s));
    }

    void attachesAndDetaches()
    {
        const auto planned = [this](const QByteArray &operation, const QByteArray &device) {
            const auto found =
                plans("{'operation':'" + operation + "','host':'test:///default','domain':'db01'," + device + "}");
            return found ? found->constFirst() : job::Plan();
        };
        job::Plan plan = planned("attach", "'disk':{'volume':{'pool':'images','name':'spare.img'}}");
        QVERIFY2(!plan.isBlocked(), qPrintable(blockersOf(plan)));
        QCOMPARE(plan.operation, u"attach"_s);
        QCOMPARE(stepTypes(plan), QStringList{u"domain.redefine"_s});
        QVERIFY(plan.xmlAfter.contains(u"volume=\"spare.img\""_s) && plan.xmlAfter.contains(u"dev=\"vdc\""_s));
        plan = planned("attach", "'disk':{'path':'/dev/sdx','target':'vda'}");
        QVERIFY2(blockersOf(plan).contains(u"vda is used"_s), qPrintable(blockersOf(plan)));
        plan = planned("attach", "'disk':{'network':'nbd:data','bus':'virtio'}");
        QVERIFY(plan.xmlAfter.contains(u"protocol=\"nbd\""_s));
        plan = planned("attach", "'nic':{'user':true,'mac':'52:54:00:00:00:77'}");
        QVERIFY2(plan.xmlAfter.contains(u"52:54:00:00:00:77"_s), qPrintable(plan.xmlAfter));
        plan = planned("detach", "'disk':{'target':'vdb'}");
        QCOMPARE(plan.operation, u"detach"_s);
        QVERIFY(!plan.isBlocked() && !plan.xmlAfter.contains(u"vdb"_s) && plan.xmlAfter.contains(u"vda"_s));
        plan = planned("detach", "'disk':{'path':'/images/db01.img'}");
        QVERIFY(!plan.isBlocked() && !plan.xmlAfter.contains(u"'vda'"_s));
        QVERIFY(blockersOf(planned("detach", "'disk':{'target':'vdx'}")).contains(u"no such disk"_s));
        QVERIFY(blockersOf(planned("detach", "'nic':{'mac':'52:54:00:00:00:99'}")).contains(u"no such"_s));
    }

    void changesSeeds()
    {
        const auto eject = plans("{'operation':'seed.eject','host':'test:///default','domain':'app01'}");
        QVERIFY2(eject, eject ? "" : qPrintable(eject.error().message));
        QCOMPARE(stepTypes(eject->constFirst()),
            (QStringList{u"domain.changeMedia"_s, u"domain.setSeed"_s, u"volume.delete"_s}));
        const auto anew = plans("{'operation':'seed.regenerate','host':'test:///default','domain':'app01',"
                                "'seed':{'hostname':'shop','users':[{'name':'ann','password':'Canary-4711'}]}}");
        QVERIFY2(anew, anew ? "" : qPrintable(anew.error().message));
        QCOMPARE(stepTypes(anew->constFirst()),
            (QStringList{u"seed.upload"_s, u"domain.changeMedia"_s, u"domain.setSeed"_s, u"volume.delete"_s}));
        const QByteArray whole = QJsonDocument(anew->constFirst().toJson()).toJson();
        QVERIFY(whole.contains("$6$"));
        QVERIFY(!whole.contains("Canary-4711"));
        const auto none = plans("{'operation':'seed.eject','host':'test:///default','domain':'web01'}");
        QVERIFY(none);
        QVERIFY(none->constFirst().isBlocked());
    }

    void createsSeveral()
    {
        const auto three =
            plans("{'operation':'create','host':'test:///default','name':'node##','count':3,"
                  "'source':{'kind':'pxe'},'root_gib':0,'pool':'images','memory_mib':64,'nics':[{'user':true}]}");
        QVERIFY2(three, three ? "" : qPrintable(three.error().message));
        QCOMPARE(three->size(), 3);
        QStringList names;
        for (const job::Plan &plan : *three) {
            QVERIFY2(!plan.isBlocked(), qPrintable(blockersOf(plan)));
            names.append(plan.domainName);
        }
        QCOMPARE(names, (QStringList{u"node01"_s, u"node02"_s, u"node03"_s}));
    }

    void theNextOfSeveralSeesThoseBefore()
    {
        // One volume for all: the first may have it.
        const auto two = plans("{'operation':'create','host':'test:///default','name':'node##','count':2,"
                               "'source':{'kind':'pxe'},'root_gib':0,'pool':'images','memory_mib':64,"
                               "'disks':[{'kind':'volume','volume':{'pool':'images','name':'spare.img'}}]}");
        QVERIFY2(two, two ? "" : qPrintable(two.error().message));
        const auto speaksOf = [](const job::Plan &plan, const QString &text) {
            return std::ranges::any_of(plan.findings,
                [&](const job::Finding &finding) { return (finding.text + finding.cause).contains(text); });
        };
        QVERIFY(!speaksOf(two->at(0), u"node02"_s));
        QVERIFY(speaksOf(two->at(1), u"node01"_s));
    }
};

QTEST_GUILESS_MAIN(TestDraft)
#include "tst_draft.moc"
