// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QFile>
#include <QJsonDocument>
#include <QTemporaryDir>
#include <QTest>

#include "backend/operation/edit/definitionedit.h"
#include "backend/operation/steps.h"
#include "backend/virt/eventloop.h"
#include "backend/virt/virerror.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using job::Finding;
using job::Reality;
using operation::ObjectEdit;
using operation::ObjectFacts;
using virt::DefinitionEntry;
using virt::DefinitionKey;
using Kind = DefinitionKey::Kind;
using State = DefinitionEntry::State;
namespace definitions = virt::definitions;

namespace {

constexpr auto NodeXml = R"(<node>
  <domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'><name>web01</name><uuid>11111111-1111-1111-1111-111111111111</uuid>
    <memory unit='MiB'>512</memory><vcpu>1</vcpu><os><type arch='i686'>hvm</type></os>
    <test:domainsnapshot><name>before</name><creationTime>1600000000</creationTime><state>shutoff</state>
      <domain type='test'><name>web01</name><uuid>11111111-1111-1111-1111-111111111111</uuid><memory>1</memory>
        <os><type arch='i686'>hvm</type></os></domain><active>1</active></test:domainsnapshot>
  </domain>
  <domain type='test'><name>db01</name><uuid>22222222-2222-2222-2222-222222222222</uuid>
    <memory unit='MiB'>512</memory><vcpu>1</vcpu><os><type arch='i686'>hvm</type></os></domain>
  <network><name>net10</name><uuid>33333333-3333-3333-3333-333333333333</uuid><bridge name='virbr7'/><forward/>
    <ip address='192.168.122.1' netmask='255.255.255.0'/></network>
  <network><name>net9</name><uuid>33333333-3333-3333-3333-333333333334</uuid><bridge name='virbr8'/></network>
  <pool type='dir'><name>images</name><uuid>44444444-4444-4444-4444-444444444444</uuid>
    <target><path>/images</path></target>
    <volume><name>b.img</name><capacity unit='MiB'>100</capacity></volume>
    <volume><name>a.img</name><capacity unit='MiB'>50</capacity></volume></pool>
  <device><name>computer</name><capability type='system'><hardware><uuid>55555555-5555-5555-5555-555555555555</uuid></hardware><firmware/></capability></device>
  <device><name>net_eth9</name><parent>computer</parent>
    <capability type='net'><interface>eth9</interface><address>00:11:22:33:44:55</address></capability></device>
</node>)";

const DefinitionKey Net{Kind::Network, {}, u"33333333-3333-3333-3333-333333333333"_s};
const DefinitionKey Images{Kind::Pool, {}, u"44444444-4444-4444-4444-444444444444"_s};
const QString NetXml = u"<network><name>net10</name><uuid>33333333-3333-3333-3333-333333333333</uuid>"
                       "<bridge name='virbr7'/><ip address='192.168.122.1' netmask='255.255.255.0'/></network>"_s;

/** Inactive: of an active one the test driver shows the running definition alone. */
const DefinitionKey Apart{Kind::Network, {}, u"33333333-3333-3333-3333-333333333335"_s};
const QString ApartXml = u"<network><name>apart</name><uuid>33333333-3333-3333-3333-333333333335</uuid>"
                         "<bridge name='virbr7'/><ip address='192.168.125.1' netmask='255.255.255.0'/></network>"_s;

ObjectFacts facts(State state = State::Active, const QString &stored = NetXml)
{
    return {{Net, u"net10"_s, state, true}, stored};
}

QString changed(QString xml)
{
    return xml.replace(u"virbr7"_s, u"virbr9"_s);
}

QStringList blockers(const job::Plan &plan)
{
    QStringList texts;
    for (const Finding &finding : plan.findings) {
        if (finding.severity == Finding::Severity::Blocker) {
            texts << finding.text;
        }
    }
    return texts;
}

QStringList names(const Result<QList<DefinitionEntry>> &entries)
{
    QStringList names;
    for (const DefinitionEntry &entry : entries.value_or(QList<DefinitionEntry>())) {
        names << entry.name;
    }
    return names;
}

} // namespace

/** Definitions that are no domain's: listed and read from libvirt's test driver, planned, and changed there. */
class TestDefinitionEdit final : public QObject
{
    Q_OBJECT

    std::unique_ptr<virt::EventLoop> m_loop;
    virt::ConnectionPtr m_connection;
    QTemporaryDir m_directory;
    job::StepRegistry m_registry;
    const virt::HostId m_host = QUuid::createUuid();

    /** A job with one step, whose notes outlive its runs. */
    struct Bench {
        const TestDefinitionEdit &test;
        job::Plan plan;
        QJsonObject results = {};
        QStringList logged = {};
        bool journalBroken = false;

        template<typename Act>
        auto with(const Act &act)
        {
            job::StepContext context(
                plan, [this](const virt::HostId &) { return Result<virt::ConnectionPtr>(test.m_connection); }, {},
                results, [](quint64, quint64) {}, [this](const QString &line) { logged << line; },
                [this](const QString &key, const QJsonValue &value) -> Result<> {
                    if (journalBroken) {
                        return fail(Error::failed(u"disk full"_s));
                    }
                    Q_UNUSED(key)
                    Q_UNUSED(value)
                    return {};
                });
            return act(*test.m_registry.find(u"definition.define"_s), plan.steps.constFirst(), context);
        }
        Result<> run()
        {
            return with([](const auto &kind, const auto &step, auto &context) { return kind.run(step, context); });
        }
        Result<> undo()
        {
            return with([](const auto &kind, const auto &step, auto &context) { return kind.undo(step, context); });
        }
        Reality::Effect look()
        {
            const auto seen =
                with([](const auto &kind, const auto &step, auto &context) { return kind.look(step, context); });
            return seen ? seen->effect : Reality::Effect::Partial;
        }
    };

    QString stored(const DefinitionKey &key = Apart) const
    {
        return definitions::xml(*m_connection, key).value_or(QString());
    }
    job::Plan plan(const QString &from, const QString &to) const
    {
        const auto read = operation::readObjectFacts(*m_connection, Apart);
        return read ? operation::planDefinitionEdit(m_host, *read, {stored(), stored().replace(from, to)})
                    : job::Plan();
    }

private Q_SLOTS:
    void initTestCase()
    {
        virt::quietLibvirt();
        m_loop = std::make_unique<virt::EventLoop>();
        operation::registerSteps(m_registry);
        QFile node(m_directory.filePath(u"node.xml"_s));
        QVERIFY(node.open(QIODevice::WriteOnly));
        node.write(NodeXml);
        node.close();
    }

    void init()
    {
        auto connection = virt::Connection::open(u"test://"_s + m_directory.filePath(u"node.xml"_s), false, {});
        QVERIFY2(connection, connection ? "" : qPrintable(connection.error().message));
        m_connection = *connection;
        QVERIFY(definitions::define(*m_connection, Kind::Network, ApartXml));
    }

    void cleanup() { m_connection.reset(); }
    void cleanupTestCase() { m_loop.reset(); }

    void objectsAreListedByName()
    {
        QCOMPARE(
            names(definitions::list(*m_connection, Kind::Network)), (QStringList{u"apart"_s, u"net9"_s, u"net10"_s}));
        QCOMPARE(names(definitions::list(*m_connection, Kind::Pool)), QStringList{u"images"_s});
        QCOMPARE(
            names(definitions::list(*m_connection, Kind::Volume, Images.id)), (QStringList{u"a.img"_s, u"b.img"_s}));
        QVERIFY(names(definitions::list(*m_connection, Kind::NodeDevice)).contains(u"net_eth9"_s));
        QCOMPARE(names(definitions::list(*m_connection, Kind::SnapshotDomain)), QStringList{u"web01"_s});
        QCOMPARE(names(definitions::list(*m_connection, Kind::Snapshot, u"11111111-1111-1111-1111-111111111111"_s)),
            QStringList{u"before"_s});
        QVERIFY(!names(definitions::list(*m_connection, Kind::DomainCapabilities)).isEmpty());
        const auto net = definitions::entry(*m_connection, Net);
        QVERIFY(net);
        QVERIFY((*net == DefinitionEntry{Net, u"net10"_s, State::Active, true}));
        QCOMPARE(definitions::entry(*m_connection, Apart)->state, State::Inactive);
    }

    void whatIsMissingIsSaid()
    {
        const auto filters = definitions::list(*m_connection, Kind::NetworkFilter); // the test driver has none
        QVERIFY(!filters);
        QCOMPARE(filters.error().kind, Error::Kind::Unsupported);
        const QString nobody = QUuid::createUuid().toString(QUuid::WithoutBraces);
        for (const Kind kind : {Kind::Volume, Kind::Snapshot}) {
            const auto none = definitions::list(*m_connection, kind, nobody);
            QVERIFY(!none);
            QCOMPARE(none.error().kind, Error::Kind::NotFound);
        }
        for (const DefinitionKey &key : {DefinitionKey{Kind::Network, {}, nobody}, {Kind::Pool, {}, nobody},
                 {Kind::Volume, Images.id, u"c.img"_s}, {Kind::NodeDevice, {}, u"none"_s},
                 {Kind::Snapshot, u"11111111-1111-1111-1111-111111111111"_s, u"none"_s}}) {
            const auto none = definitions::xml(*m_connection, key);
            QVERIFY(!none);
            QVERIFY2(none.error().kind == Error::Kind::NotFound, qPrintable(none.error().message));
        }
        QVERIFY(!definitions::xml(*m_connection, {Kind::SnapshotDomain, {}, nobody}));
        QVERIFY(!definitions::define(*m_connection, Kind::Volume, u"<volume/>"_s));
        QVERIFY(!definitions::define(*m_connection, Kind::Network, u"<network"_s));
    }

    void definitionsAreRead()
    {
        QVERIFY(stored(Net).contains(u"<name>net10</name>"_s));
        QVERIFY(stored(Images).contains(u"<path>/images</path>"_s));
        QVERIFY(stored({Kind::Volume, Images.id, u"a.img"_s}).contains(u"a.img"_s));
        QVERIFY(stored({Kind::NodeDevice, {}, u"net_eth9"_s}).contains(u"eth9"_s));
        QVERIFY(stored({Kind::Snapshot, u"11111111-1111-1111-1111-111111111111"_s, u"before"_s})
                .contains(u"<domainsnapshot>"_s));
        QVERIFY(stored({}).contains(u"<capabilities>"_s));
    }

    void planOfAChange()
    {
        const job::Plan plan = operation::planDefinitionEdit(m_host, facts(), {NetXml, changed(NetXml)});
        QVERIFY(!plan.isBlocked());
        QCOMPARE(plan.operation, u"definition.edit"_s);
        QCOMPARE(plan.title, u"Change the virtual network “net10”"_s);
        QVERIFY(plan.domain.isNull());
        QCOMPARE(plan.steps.size(), 1);
        QCOMPARE(plan.steps.constFirst().type, u"definition.define"_s);
        QVERIFY(!plan.steps.constFirst().undo.isEmpty());
        QCOMPARE(plan.findings.size(), 1);
        QCOMPARE(plan.findings.constFirst().text, u"It takes effect when it is started the next time"_s);
        QCOMPARE(job::Plan::fromJson(plan.toJson()), plan);
        const job::Plan off = operation::planDefinitionEdit(m_host, facts(State::Inactive), {NetXml, changed(NetXml)});
        QCOMPARE(off.count(Finding::Severity::Ok), 1);
        QCOMPARE(off.count(Finding::Severity::Note), 0);
    }

    void theUuidMayBeLeftOut()
    {
        QString wanted = changed(NetXml);
        wanted.remove(u"<uuid>33333333-3333-3333-3333-333333333333</uuid>"_s);
        const job::Plan plan = operation::planDefinitionEdit(m_host, facts(), {NetXml, wanted});
        QVERIFY(!plan.isBlocked());
        QVERIFY(plan.steps.constFirst().parameters.value("xml"_L1).toString().contains(Net.id));
    }

    void refusals_data()
    {
        QTest::addColumn<QString>("wanted");
        QTest::addColumn<QString>("blocker");
        QTest::newRow("another name") << changed(NetXml).replace(u"net10"_s, u"other"_s)
                                      << u"The name can't be changed"_s;
        QTest::newRow("no name") << changed(NetXml).remove(u"<name>net10</name>"_s) << u"The name can't be changed"_s;
        QTest::newRow("another UUID") << changed(NetXml).replace(u"33333333-3"_s, u"43333333-3"_s)
                                      << u"The UUID can't be changed"_s;
        QTest::newRow("no UUID") << changed(NetXml).replace(Net.id, u"none"_s) << u"The UUID can't be changed"_s;
        QTest::newRow("ill-formed") << changed(NetXml).remove(u"</network>"_s) << u"The XML is not well-formed"_s;
        QTest::newRow("empty") << QString() << u"The XML is not well-formed"_s;
        QTest::newRow("DOCTYPE") << u"<!DOCTYPE network>"_s + changed(NetXml) << u"The XML is not well-formed"_s;
        QTest::newRow("of another kind") << changed(NetXml).replace(u"network>"_s, u"pool>"_s)
                                         << u"This is not the definition of a virtual network"_s;
        QTest::newRow("the same") << NetXml << u"There is nothing to change"_s;
        QTest::newRow("the same in other words")
            << QString(NetXml).replace(u"><"_s, u">\n<!-- here -->\n<"_s) << u"There is nothing to change"_s;
    }

    void refusals()
    {
        QFETCH(const QString, wanted);
        QFETCH(const QString, blocker);
        const job::Plan plan = operation::planDefinitionEdit(m_host, facts(), {NetXml, wanted});
        QCOMPARE(blockers(plan), QStringList{blocker});
        QVERIFY(plan.steps.isEmpty());
    }

    void moreRefusals()
    {
        ObjectFacts transient = facts();
        transient.object.persistent = false;
        QCOMPARE(blockers(operation::planDefinitionEdit(m_host, transient, {NetXml, changed(NetXml)})),
            QStringList{u"There is no stored definition"_s});
        ObjectFacts device = facts();
        device.object.key.kind = Kind::NodeDevice;
        QCOMPARE(blockers(operation::planDefinitionEdit(m_host, device, {NetXml, changed(NetXml)})),
            QStringList{u"This definition can't be changed"_s});
        const ObjectFacts other = facts(State::Active, QString(NetXml).replace(u"122.1"_s, u"123.1"_s));
        QVERIFY(!operation::isCurrent(other, {NetXml, {}}));
        QCOMPARE(blockers(operation::planDefinitionEdit(m_host, other, {NetXml, changed(NetXml)})),
            QStringList{u"Somebody else has changed it meanwhile"_s});
        for (const Kind kind : {Kind::Capabilities, Kind::DomainCapabilities, Kind::Volume, Kind::NodeDevice,
                 Kind::SnapshotDomain, Kind::Snapshot, Kind::Secret}) {
            QVERIFY(!operation::isEditable(kind) && operation::readOnlyReason(kind).startsWith(u"Read-only"_s));
        }
    }

    void noPasswordTravels()
    {
        const QString before = u"<pool type='iscsi'><name>san</name><source><host name='h'/></source>"
                               "<target><path>/dev/disk/by-path</path></target></pool>"_s;
        const QString after = QString(before).replace(u"</source>"_s,
            u"<auth type='chap' login='me' passwd='hush'><secret uuid='%1'/></auth></source>"_s.arg(Images.id));
        const ObjectFacts pool{{Images, u"san"_s, State::Inactive, true}, before};
        const job::Plan plan = operation::planDefinitionEdit(m_host, pool, {before, after});
        QCOMPARE(blockers(plan), QStringList{u"A password does not belong here"_s});
        QVERIFY(!QString::fromUtf8(QJsonDocument(plan.toJson()).toJson()).contains(u"hush"_s));
        const QString named = QString(after).remove(u" passwd='hush'"_s);
        QVERIFY(!operation::planDefinitionEdit(m_host, pool, {before, named}).isBlocked());
    }

    void aFilterCountsAtOnce()
    {
        const QString before = u"<filter name='mine' chain='root'><uuid>%1</uuid></filter>"_s.arg(Net.id);
        const ObjectFacts filter{{{Kind::NetworkFilter, {}, Net.id}, u"mine"_s, State::None, true}, before};
        const QString after = QString(before).replace(u"</uuid>"_s, u"</uuid><filterref filter='no-spoofing'/>"_s);
        const job::Plan plan = operation::planDefinitionEdit(m_host, filter, {before, after});
        QVERIFY(!plan.isBlocked());
        QCOMPARE(plan.count(Finding::Severity::Warning), 1);
        QCOMPARE(blockers(operation::planDefinitionEdit(
                     m_host, filter, {before, QString(after).replace(u"'mine'"_s, u"'yours'"_s)})),
            QStringList{u"The name can't be changed"_s});
    }

    void runAgainAndUndone()
    {
        Bench bench{*this, plan(u"virbr7"_s, u"virbr9"_s)};
        QVERIFY(!bench.plan.isBlocked());
        const QString before = stored();
        QCOMPARE(bench.look(), Reality::Effect::Absent);
        const auto done = bench.run();
        QVERIFY2(done, done ? "" : qPrintable(done.error().message));
        QVERIFY(stored().contains(u"virbr9"_s));
        QCOMPARE(bench.look(), Reality::Effect::Present);
        QVERIFY(bench.run()); // as after a kill
        QVERIFY(bench.undo());
        QCOMPARE(stored(), before);
        QVERIFY(bench.results.isEmpty());
        QVERIFY(bench.undo());
        QCOMPARE(stored(), before);
        QCOMPARE(bench.look(), Reality::Effect::Absent);
    }

    void killedBeforeItCouldNoteTheEnd()
    {
        Bench bench{*this, plan(u"virbr7"_s, u"virbr9"_s)};
        const QString before = stored();
        QVERIFY(bench.run());
        QJsonObject notes = bench.results.constBegin()->toObject();
        notes.remove("made"_L1);
        bench.results.insert(bench.results.constBegin().key(), notes);
        QCOMPARE(bench.look(), Reality::Effect::Present);
        QVERIFY(bench.run());
        QVERIFY(bench.undo());
        QCOMPARE(stored(), before);
    }

    void withoutAJournalNothingHappens()
    {
        Bench bench{*this, plan(u"virbr7"_s, u"virbr9"_s)};
        bench.journalBroken = true;
        const QString before = stored();
        QVERIFY(!bench.run());
        QCOMPARE(stored(), before);
        QVERIFY(bench.undo());
        QCOMPARE(stored(), before);
    }

    void somebodyElsesChangeIsNotTouched()
    {
        Bench early{*this, plan(u"virbr7"_s, u"virbr9"_s)};
        Bench late{*this, plan(u"virbr7"_s, u"virbr9"_s)};
        QVERIFY(late.run());
        QVERIFY(definitions::define(*m_connection, Kind::Network, stored().replace(u"virbr9"_s, u"virbr5"_s)));
        const QString theirs = stored();
        QVERIFY(theirs.contains(u"virbr5"_s));
        const auto refused = early.run();
        QVERIFY(!refused);
        QVERIFY(refused.error().message.contains(u"Somebody else"_s));
        QVERIFY(early.undo()); // it never began
        QVERIFY(!late.undo());
        QCOMPARE(late.look(), Reality::Effect::Unknown);
        QCOMPARE(stored(), theirs);
    }

    void refusedByLibvirtLeavesWhatWasThere()
    {
        Bench bench{*this, plan(u"192.168.125.1"_s, u"nowhere"_s)};
        const QString before = stored();
        const auto refused = bench.run();
        QVERIFY(!refused);
        QCOMPARE(stored(), before);
        QVERIFY(bench.undo());
        QCOMPARE(stored(), before);
    }

    void brokenStepsAreErrors()
    {
        Bench bench{*this, plan(u"virbr7"_s, u"virbr9"_s)};
        bench.plan.steps.first().parameters.insert(u"kind"_s, u"domain"_s);
        QVERIFY(!bench.run());
        bench.plan.steps.first().parameters.insert(u"kind"_s, u"network"_s);
        bench.plan.steps.first().parameters.insert(u"id"_s, QUuid::createUuid().toString(QUuid::WithoutBraces));
        const auto gone = bench.run();
        QVERIFY(!gone);
        QCOMPARE(gone.error().kind, Error::Kind::NotFound);
        QCOMPARE(bench.look(), Reality::Effect::Unknown);
    }
};

QTEST_GUILESS_MAIN(TestDefinitionEdit)
#include "tst_definitionedit.moc"
