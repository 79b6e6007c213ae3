// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDir>
#include <QFile>
#include <QTest>

#include "backend/job/jobmanager.h"
#include "backend/operation/edit/definitionedit.h"
#include "backend/operation/steps.h"
#include "backend/virt/domains.h"
#include "backend/virt/eventloop.h"
#include "backend/virt/virerror.h"
#include "backend/xml/comparison.h"
#include "tests/support/testbed.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using job::JobState;
using virt::DefinitionEntry;
using virt::DefinitionKey;
using Kind = DefinitionKey::Kind;
using State = DefinitionEntry::State;
namespace definitions = virt::definitions;

namespace {

constexpr auto NetworkXml = R"(<network>
  <name>lab</name>
  <bridge name='virbr41' stp='on' delay='0'/>
  <ip address='192.168.141.1' netmask='255.255.255.0'/>
</network>)";

constexpr auto FilterXml = R"(<filter name='lab-rules' chain='root'>
  <rule action='drop' direction='in' priority='500'><tcp dstportstart='23'/></rule>
</filter>)";

} // namespace

/** What a real libvirtd has defined, as virsh sees it; changed by jobs, refused, undone. */
class TestDefinitionsSystem final : public QObject
{
    Q_OBJECT

    std::unique_ptr<virt::EventLoop> m_loop;
    std::unique_ptr<test::TestBed> m_bed;
    virt::ConnectionPtr m_connection;
    const virt::HostId m_host = QUuid::createUuid();
    job::StepRegistry m_registry;
    std::unique_ptr<job::JobManager> m_jobs;

    QString virsh(const QStringList &arguments)
    {
        const auto outcome = m_bed->virsh(u"A"_s, arguments);
        if (!outcome.ok()) {
            qWarning("virsh %s: %s", qPrintable(arguments.join(u' ')), qPrintable(outcome.errorText));
        }
        return outcome.output;
    }
    QStringList lines(const QStringList &arguments)
    {
        QStringList lines = virsh(arguments).split(u'\n', Qt::SkipEmptyParts);
        for (QString &line : lines) {
            line = line.trimmed();
        }
        lines.removeAll(QString());
        lines.sort();
        return lines;
    }
    QString fileWith(const QByteArray &text)
    {
        const QString path = m_bed->directory() + u"/definition.xml"_s;
        QFile file(path);
        return file.open(QIODevice::WriteOnly | QIODevice::Truncate) && file.write(text) == text.size() ? path
                                                                                                        : QString();
    }
    QStringList names(Kind kind, const QString &owner = {})
    {
        QStringList names;
        const auto entries = definitions::list(*m_connection, kind, owner);
        if (!entries) {
            qWarning("%s", qPrintable(entries.error().message));
        }
        for (const DefinitionEntry &entry : entries.value_or(QList<DefinitionEntry>())) {
            names << entry.name;
        }
        names.sort();
        return names;
    }
    DefinitionEntry find(Kind kind, const QString &name)
    {
        for (const DefinitionEntry &entry : definitions::list(*m_connection, kind).value_or(QList<DefinitionEntry>())) {
            if (entry.name == name) {
                return entry;
            }
        }
        return {};
    }
    /** What libvirt has, read by us and by virsh alike. */
    bool readsAs(const DefinitionKey &key, const QStringList &arguments)
    {
        const auto xml = definitions::xml(*m_connection, key);
        const QString theirs = virsh(arguments);
        return xml && !theirs.isEmpty() && xml->trimmed() == theirs.trimmed();
    }
    job::Plan plan(const DefinitionKey &key, const QString &from, const QString &to)
    {
        const auto facts = operation::readObjectFacts(*m_connection, key);
        if (!facts) {
            qWarning("%s", qPrintable(facts.error().message));
            return {};
        }
        return operation::planDefinitionEdit(m_host, *facts, {facts->stored, QString(facts->stored).replace(from, to)});
    }
    job::JobRecord run(const job::Plan &plan)
    {
        const job::JobId id = m_jobs->run(plan);
        return QTest::qWaitFor([&] { return m_jobs->job(id)->isFinished(); }, 30'000) ? *m_jobs->job(id)
                                                                                      : job::JobRecord();
    }

private Q_SLOTS:
    void initTestCase()
    {
        virt::quietLibvirt();
        m_loop = std::make_unique<virt::EventLoop>();
        m_bed = std::make_unique<test::TestBed>();
        QVERIFY2(m_bed->isUp(), qPrintable(m_bed->errorText()));
        const auto connection = virt::Connection::open(m_bed->uri(u"A"_s), false, {});
        QVERIFY2(connection, connection ? "" : qPrintable(connection.error().message));
        m_connection = *connection;
        operation::registerSteps(m_registry);
        m_jobs = std::make_unique<job::JobManager>(
            m_registry, [this](const virt::HostId &) { return Result<virt::ConnectionPtr>(m_connection); });
    }

    void cleanupTestCase()
    {
        m_jobs.reset();
        m_connection.reset();
        m_bed.reset();
        m_loop.reset();
    }

    void networkIsEdited()
    {
        virsh({u"net-define"_s, fileWith(NetworkXml)});
        virsh({u"net-start"_s, u"lab"_s});
        QCOMPARE(names(Kind::Network), lines({u"net-list"_s, u"--all"_s, u"--name"_s}));
        const DefinitionEntry lab = find(Kind::Network, u"lab"_s);
        QCOMPARE(lab.state, State::Active);
        QVERIFY(lab.persistent);
        QVERIFY(readsAs(lab.key, {u"net-dumpxml"_s, u"--inactive"_s, u"lab"_s}));
        const job::Plan change = plan(lab.key, u"192.168.141.1"_s, u"192.168.141.9"_s);
        QVERIFY(!change.isBlocked());
        QCOMPARE(change.count(job::Finding::Severity::Note), 1);
        const job::JobRecord done = run(change);
        QVERIFY2(done.state == JobState::Done, qPrintable(done.error.message));
        QVERIFY(virsh({u"net-dumpxml"_s, u"--inactive"_s, u"lab"_s}).contains(u"192.168.141.9"_s));
        QVERIFY(virsh({u"net-dumpxml"_s, u"lab"_s}).contains(u"192.168.141.1"_s)); // goes on as it was
        QCOMPARE(find(Kind::Network, u"lab"_s).key, lab.key);
        virsh({u"net-destroy"_s, u"lab"_s});
        QCOMPARE(find(Kind::Network, u"lab"_s).state, State::Inactive);
        QVERIFY(virsh({u"net-dumpxml"_s, u"lab"_s}).contains(u"192.168.141.9"_s));
    }

    void whatTheSchemaRefusesIsUndone()
    {
        const DefinitionEntry lab = find(Kind::Network, u"lab"_s);
        const QString before = virsh({u"net-dumpxml"_s, u"--inactive"_s, u"lab"_s});
        QVERIFY(!before.isEmpty());
        const job::JobRecord unknown = run(plan(lab.key, u"<bridge "_s, u"<colour>blue</colour>\n  <bridge "_s));
        QCOMPARE(unknown.state, JobState::Failed);
        QVERIFY2(unknown.error.message.contains(u"colour"_s), qPrintable(unknown.error.message));
        const job::JobRecord wrong = run(plan(lab.key, u"192.168.141.9"_s, u"300.1.1.1"_s));
        QCOMPARE(wrong.state, JobState::Failed);
        QCOMPARE(virsh({u"net-dumpxml"_s, u"--inactive"_s, u"lab"_s}), before);
    }

    void whatLibvirtChangesIsLogged()
    {
        // An extended MTU of the bridge is kept; a delay written as 00 comes back as 0.
        const DefinitionEntry lab = find(Kind::Network, u"lab"_s);
        const job::JobRecord done = run(plan(lab.key, u"<bridge "_s, u"<mtu size='01400'/>\n  <bridge "_s));
        QVERIFY2(done.state == JobState::Done, qPrintable(done.error.message));
        QVERIFY2(done.log.join(u' ').contains(u"libvirt changed mtu@size"_s), qPrintable(done.log.join(u' ')));
    }

    void whoeverChangedItMeanwhileIsNotOverwritten()
    {
        const DefinitionEntry lab = find(Kind::Network, u"lab"_s);
        const job::Plan stale = plan(lab.key, u"virbr41"_s, u"virbr42"_s);
        virsh({u"net-define"_s,
            fileWith(QByteArray(NetworkXml)
                    .replace("<bridge", "<uuid>" + lab.key.id.toUtf8() + "</uuid><mtu size='1300'/><bridge"))});
        const QString theirs = virsh({u"net-dumpxml"_s, u"--inactive"_s, u"lab"_s});
        QVERIFY(theirs.contains(u"1300"_s));
        const job::JobRecord refused = run(stale);
        QCOMPARE(refused.state, JobState::Failed);
        QVERIFY(refused.error.message.contains(u"Somebody else"_s));
        QCOMPARE(virsh({u"net-dumpxml"_s, u"--inactive"_s, u"lab"_s}), theirs);
    }

    void transientNetworkCantBeEdited()
    {
        virsh({u"net-create"_s, fileWith(QByteArray(NetworkXml).replace("lab", "brief").replace("41", "43"))});
        const DefinitionEntry brief = find(Kind::Network, u"brief"_s);
        QVERIFY(!brief.persistent);
        QVERIFY(plan(brief.key, u"virbr43"_s, u"virbr44"_s).isBlocked());
        virsh({u"net-destroy"_s, u"brief"_s});
        QVERIFY(!definitions::xml(*m_connection, brief.key));
    }

    void filterIsEdited()
    {
        virsh({u"nwfilter-define"_s, fileWith(FilterXml)});
        const DefinitionEntry mine = find(Kind::NetworkFilter, u"lab-rules"_s);
        QVERIFY(!mine.key.id.isEmpty());
        QStringList theirs;
        for (const QString &line : lines({u"nwfilter-list"_s}).filter(u"-"_s)) { // " UUID  name"
            theirs << line.simplified().section(u' ', 1);
        }
        theirs.removeAll(QString()); // the rule below the header
        theirs.sort();
        QCOMPARE(names(Kind::NetworkFilter), theirs);
        QVERIFY(readsAs(mine.key, {u"nwfilter-dumpxml"_s, u"lab-rules"_s}));
        const job::JobRecord done = run(plan(mine.key, u"'23'"_s, u"'2323'"_s));
        QVERIFY2(done.state == JobState::Done, qPrintable(done.error.message));
        QVERIFY(virsh({u"nwfilter-dumpxml"_s, u"lab-rules"_s}).contains(u"2323"_s));
        QCOMPARE(run(plan(mine.key, u"'drop'"_s, u"'explode'"_s)).state, JobState::Failed);
        QVERIFY(virsh({u"nwfilter-dumpxml"_s, u"lab-rules"_s}).contains(u"drop"_s));
        // libxml2 would be busy with so many optional attributes for minutes, and libvirtd with it.
        QString many = u"<tcp comment='x' dscp='1'"_s;
        for (const QString &end : {u"src"_s, u"dst"_s}) {
            many += u" %1ipfrom='10.0.0.1' %1ipto='10.0.0.9' %1portstart='80' %1portend='90'"_s.arg(end);
        }
        many += u" srcmacaddr='52:54:00:00:00:01' flags='SYN/ALL' option='1' connlimit-above='4' state='NEW' "
                "ipset='all' ipsetflags='src' dstportstart='2323'"_s;
        many.replace(u" dstportstart='80'"_s, QString());
        const job::JobRecord slow = run(plan(mine.key, u"<tcp dstportstart='2323'"_s, many));
        QVERIFY2(slow.state == JobState::Done, qPrintable(slow.error.message));
        QVERIFY(virsh({u"nwfilter-dumpxml"_s, u"lab-rules"_s}).contains(u"connlimit-above='4'"_s));
        virsh({u"nwfilter-undefine"_s, u"lab-rules"_s});
    }

    void poolIsEditedAndItsVolumesAreShown()
    {
        const QString directory = m_bed->directory() + u"/lab-pool"_s;
        QVERIFY(QDir().mkpath(directory));
        virsh({u"pool-define-as"_s, u"lab"_s, u"dir"_s, u"--target"_s, directory});
        const DefinitionEntry off = find(Kind::Pool, u"lab"_s);
        QCOMPARE(off.state, State::Inactive);
        QVERIFY(!definitions::list(*m_connection, Kind::Volume, off.key.id)); // nobody knows
        virsh({u"pool-start"_s, u"lab"_s});
        virsh({u"vol-create-as"_s, u"lab"_s, u"one.qcow2"_s, u"1M"_s, u"--format"_s, u"qcow2"_s});
        virsh({u"vol-create-as"_s, u"lab"_s, u"two.img"_s, u"1M"_s});
        const DefinitionEntry lab = find(Kind::Pool, u"lab"_s);
        QCOMPARE(lab.state, State::Active);
        QCOMPARE(names(Kind::Volume, lab.key.id), (QStringList{u"one.qcow2"_s, u"two.img"_s}));
        QVERIFY(readsAs({Kind::Volume, lab.key.id, u"one.qcow2"_s}, {u"vol-dumpxml"_s, u"one.qcow2"_s, u"lab"_s}));
        QVERIFY(readsAs(lab.key, {u"pool-dumpxml"_s, u"--inactive"_s, u"lab"_s}));
        const job::JobRecord done = run(plan(lab.key, u"/lab-pool"_s, u"/other-pool"_s));
        QVERIFY2(done.state == JobState::Done, qPrintable(done.error.message));
        QVERIFY(virsh({u"pool-dumpxml"_s, u"--inactive"_s, u"lab"_s}).contains(u"/other-pool"_s));
        QVERIFY(virsh({u"pool-dumpxml"_s, u"lab"_s}).contains(u"/lab-pool"_s)); // goes on as it was
        virsh({u"pool-destroy"_s, u"lab"_s});
        QVERIFY(virsh({u"pool-dumpxml"_s, u"lab"_s}).contains(u"/other-pool"_s));
        virsh({u"pool-undefine"_s, u"lab"_s});
    }

    void libvirtKeepsNoPasswordOfPools()
    {
        // Why a password in a pool's definition is refused: it would be dropped, or refused, by libvirt itself.
        const QByteArray pool = R"(<pool type='iscsi'><name>san</name><source><host name='127.0.0.1'/>
            <device path='iqn.2013-06.com.example:iscsi-pool'/>
            <auth type='chap' username='me' passwd='hush'><secret usage='libvirtiscsi'/></auth></source>
            <target><path>/dev/disk/by-path</path></target></pool>)";
        if (definitions::define(*m_connection, Kind::Pool, QString::fromUtf8(pool))) {
            QVERIFY(!virsh({u"pool-dumpxml"_s, u"--inactive"_s, u"san"_s}).contains(u"hush"_s));
        }
        QVERIFY(definitions::define(*m_connection, Kind::Pool, QString::fromUtf8(pool).remove(u" passwd='hush'"_s)));
        const DefinitionEntry san = find(Kind::Pool, u"san"_s);
        QCOMPARE(san.state, State::Inactive);
        const job::Plan change = plan(san.key, u" username='me'"_s, u" username='you'"_s);
        QVERIFY(!change.isBlocked());
        QCOMPARE(run(change).state, JobState::Done);
        QVERIFY(virsh({u"pool-dumpxml"_s, u"--inactive"_s, u"san"_s}).contains(u"username='you'"_s));
        virsh({u"pool-undefine"_s, u"san"_s});
    }

    void snapshotsOfARealGuest()
    {
        QFile file(m_bed->directory() + u"/guest.qcow2"_s);
        QVERIFY(QFile::copy(test::TestBed::guestDisk(), file.fileName()));
        QVERIFY(file.setPermissions(QFile::ReadOwner | QFile::WriteOwner));
        const auto uuid = virt::domains::define(*m_connection, m_bed->diskGuestXml(u"web01"_s, file.fileName()));
        QVERIFY2(uuid, uuid ? "" : qPrintable(uuid.error().message));
        QCOMPARE(names(Kind::SnapshotDomain), QStringList());
        virsh({u"snapshot-create-as"_s, u"web01"_s, u"first"_s});
        virsh({u"snapshot-create-as"_s, u"web01"_s, u"<second & last>"_s});
        QCOMPARE(names(Kind::SnapshotDomain), QStringList{u"web01"_s});
        const QString owner = uuid->toString(QUuid::WithoutBraces);
        QCOMPARE(names(Kind::Snapshot, owner), (QStringList{u"<second & last>"_s, u"first"_s}));
        QVERIFY(readsAs({Kind::Snapshot, owner, u"first"_s}, {u"snapshot-dumpxml"_s, u"web01"_s, u"first"_s}));
        virsh({u"snapshot-delete"_s, u"web01"_s, u"first"_s});
        const auto gone = definitions::xml(*m_connection, {Kind::Snapshot, owner, u"first"_s});
        QVERIFY(!gone);
        QCOMPARE(gone.error().kind, Error::Kind::NotFound);
        QVERIFY(virt::domains::undefine(*m_connection, *uuid));
        QVERIFY(!definitions::list(*m_connection, Kind::Snapshot, owner));
    }

    void secretsWithoutTheirValues()
    {
        const QString uuid = u"88888888-8888-8888-8888-888888888888"_s;
        virsh({u"secret-define"_s,
            fileWith("<secret ephemeral='no' private='no'><uuid>" + uuid.toUtf8()
                + "</uuid><usage type='volume'><volume>/images/safe.img</volume></usage></secret>")});
        virsh({u"secret-set-value"_s, uuid, u"--base64"_s, u"c2VzYW1l"_s});
        QCOMPARE(names(Kind::Secret), QStringList{u"/images/safe.img"_s});
        const DefinitionEntry secret = find(Kind::Secret, u"/images/safe.img"_s);
        QCOMPARE(secret.key.id, uuid);
        QVERIFY(readsAs(secret.key, {u"secret-dumpxml"_s, uuid}));
        const QString text = definitions::xml(*m_connection, secret.key).value_or(QString());
        QVERIFY(!text.contains(u"c2VzYW1l"_s) && !text.contains(u"sesame"_s));
        virsh({u"secret-undefine"_s, uuid});
    }

    void nodeDevicesAreThoseOfVirsh()
    {
        const auto listed = m_bed->virsh(u"A"_s, {u"nodedev-list"_s});
        const auto ours = definitions::list(*m_connection, Kind::NodeDevice);
        QCOMPARE(ours.has_value(), listed.ok()); // this daemon may have no such driver
        if (!ours) {
            QVERIFY2(ours.error().kind == Error::Kind::Unsupported, qPrintable(ours.error().message));
            return;
        }
        QCOMPARE(names(Kind::NodeDevice), lines({u"nodedev-list"_s}));
        qInfo("%d node devices", static_cast<int>(ours->size()));
        for (const DefinitionEntry &device : *ours) {
            QVERIFY2(definitions::xml(*m_connection, device.key), qPrintable(device.name));
        }
    }

    void capabilitiesOfHostAndMachines()
    {
        QVERIFY(readsAs({}, {u"capabilities"_s}));
        const auto machines = definitions::list(*m_connection, Kind::DomainCapabilities);
        QVERIFY(machines && !machines->isEmpty());
        for (const DefinitionEntry &machine : *machines) {
            QVERIFY2(definitions::xml(*m_connection, machine.key), qPrintable(machine.name));
        }
        const DefinitionKey tcg{Kind::DomainCapabilities, {}, u"x86_64/qemu"_s};
        QVERIFY(readsAs(tcg, {u"domcapabilities"_s, u"--virttype"_s, u"qemu"_s, u"--arch"_s, u"x86_64"_s}));
    }
};

QTEST_GUILESS_MAIN(TestDefinitionsSystem)
#include "tst_definitions_system.moc"
