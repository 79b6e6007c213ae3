// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QRegularExpression>
#include <QTest>

#include "backend/operation/cold/coldmigration.h"
#include "backend/operation/kept/keptstate.h"
#include "backend/operation/steps.h"
#include "backend/virt/domains.h"
#include "migratehelpers.h"
#include "migrationhosts.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using operation::ResizeDraft;
using test::MigrationHosts;

namespace {

enum class Way { Shared, HostToHost, ThroughHere };

} // namespace

/** VMs that move to another host while they are off, with all that belongs to them. */
class TestColdMigrationSystem final : public QObject
{
    Q_OBJECT

    std::unique_ptr<MigrationHosts> m_hosts;
    std::unique_ptr<QTemporaryDir> m_kept;
    const QString m_a = MigrationHosts::a();
    const QString m_b = MigrationHosts::b();

    static QString fileOf(const QString &pool, const QString &format)
    {
        return MigrationHosts::hostDirectory(pool) + u"/vm-hda."_s + format;
    }
    /** Writes into an image of a host, by qemu-io. */
    bool fill(const QString &path, const QString &format, const QStringList &orders)
    {
        QStringList command{u"qemu-io"_s, u"-f"_s, format};
        for (const QString &order : orders) {
            command += {u"-c"_s, order};
        }
        const auto outcome = m_hosts->bed.exec(m_a, command + QStringList{path});
        return outcome.ok() || (qWarning("%s", qPrintable(outcome.errorText)), false);
    }
    /** A base image that both hosts have, each its own. */
    bool makeBase(const QString &pool)
    {
        const QString base = u"base.qcow2"_s;
        const QString path = MigrationHosts::hostDirectory(pool) + u'/' + base;
        const bool made =
            m_hosts->bed.virsh(m_a, {u"vol-create-as"_s, pool, base, u"24M"_s, u"--format"_s, u"qcow2"_s}).ok()
            && fill(path, u"qcow2"_s, {u"write -P 1 0 8M"_s}); // too large to be compared whole before
        const QString here = m_hosts->directory(m_a, pool) + u'/' + base;
        const QString there = m_hosts->directory(m_b, pool) + u'/' + base;
        return made && (here == there || QFile::copy(here, there))
            && m_hosts->bed.virsh(m_b, {u"pool-refresh"_s, pool}).ok();
    }
    ResizeDraft draft() const
    {
        ResizeDraft draft;
        draft.to = m_hosts->uri(m_b);
        draft.confirm = ResizeDraft::Confirm::Auto;
        draft.timeoutSeconds = 30;
        return draft;
    }
    operation::MigrateFacts migrateFacts(const ResizeDraft &draft, Way way) const
    {
        const auto a = m_hosts->connection(m_a);
        const auto b = m_hosts->connection(m_b);
        operation::MigrateFacts facts;
        facts.source = *operation::readMigrateSource(*a, m_hosts->uuid(), {});
        facts.destination = *operation::readMigrateDestination(*b, {});
        // Without the probe, which takes seconds, and which other tests look at.
        facts.pair = *operation::readMigratePair(
            a, b, facts.source, facts.destination, operation::migrateDraftOf(draft), false, {});
        facts.pair.reach.uri = m_hosts->peerUri(m_b);
        facts.pair.reach.state = way == Way::HostToHost ? operation::MigratePair::Reach::State::Yes
                                                        : operation::MigratePair::Reach::State::NoDaemon;
        return facts;
    }
    job::Plan plan(const ResizeDraft &draft, Way way) const
    {
        const operation::MigrateFacts facts = migrateFacts(draft, way);
        const auto resize = operation::readResizeFacts(
            *m_hosts->connection(m_a), m_hosts->uuid(), operation::KeptStates(m_kept->path()), {});
        return operation::planColdMigration(m_hosts->id(m_a), m_hosts->id(m_b), *resize, facts, draft);
    }
    job::Plan end(operation::ResizeEnd how, const operation::ResizeEndDraft &draft = {}) const
    {
        const auto kept = operation::KeptStates(m_kept->path()).find(m_hosts->uuid());
        const auto facts = operation::readResizeEndFacts(
            *kept, m_hosts->connection(m_a), m_hosts->connection(m_b), m_hosts->id(m_a), m_hosts->id(m_b), {});
        return operation::planResizeEnd(how, *facts, draft);
    }
    static QStringList types(const job::Plan &plan)
    {
        QStringList result;
        for (const job::Step &step : plan.steps) {
            result.append(step.type);
        }
        return result;
    }
    QString blockers(const job::Plan &plan) const
    {
        QStringList result;
        for (const job::Finding &finding : plan.findings) {
            if (finding.severity == job::Finding::Severity::Blocker) {
                result.append(finding.text);
            }
        }
        return result.join(u' ');
    }
    bool isKept() const
    {
        const auto all = operation::KeptStates(m_kept->path()).list();
        return all && !all->isEmpty();
    }
    /** Of both hosts, to see that nothing has changed: domains, definitions, snapshots, files. */
    QString world()
    {
        QString text;
        for (const QString &host : {m_a, m_b}) {
            text += m_hosts->virsh({u"list"_s, u"--all"_s}, host) + m_hosts->xml(host, true)
                + m_hosts->virsh({u"snapshot-list"_s, u"vm"_s, u"--tree"_s}, host)
                + m_hosts->virsh({u"dominfo"_s, u"vm"_s}, host).section(u"Autostart"_s, 1, 1).section(u'\n', 0, 0)
                + m_hosts->files(host).join(u'\n') + m_hosts->files(host, u"shared"_s).join(u'\n');
        }
        return text;
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_hosts = std::make_unique<MigrationHosts>();
        QVERIFY2(m_hosts->problem().isEmpty(), qPrintable(m_hosts->problem()));
        m_kept = std::make_unique<QTemporaryDir>();
        job::StepRegistry registry;
        operation::StepOptions options;
        options.keptDirectory = m_kept->path();
        operation::registerSteps(registry, options);
        m_hosts->jobs = m_hosts->makeJobs(registry);
    }
    void cleanupTestCase() { m_hosts.reset(); }
    void init() { QVERIFY(m_hosts->clear()); }

    void moves_data()
    {
        QTest::addColumn<Way>("way");
        QTest::addColumn<QString>("format");
        QTest::addColumn<bool>("overlay");
        QTest::addColumn<bool>("resized");
        for (const auto &[name, way] : {std::pair{"shared", Way::Shared}, std::pair{"host to host", Way::HostToHost},
                 std::pair{"only through here", Way::ThroughHere}}) {
            for (const bool resized : {false, true}) {
                const char *also = resized ? ", resized" : "";
                QTest::addRow("%s, raw%s", name, also) << way << u"raw"_s << false << resized;
                QTest::addRow("%s, qcow2%s", name, also) << way << u"qcow2"_s << false << resized;
                QTest::addRow("%s, overlay%s", name, also) << way << u"qcow2"_s << true << resized;
            }
        }
    }
    /** All that belongs to it, byte for byte. Resized it waits to be confirmed, and goes back to what it was. */
    void moves()
    {
        QFETCH(Way, way);
        QFETCH(QString, format);
        QFETCH(bool, overlay);
        QFETCH(bool, resized);
        const QString pool = way == Way::Shared ? u"shared"_s : u"default"_s;
        const QString path = fileOf(pool, format);
        QVERIFY(!overlay || makeBase(pool));
        QVERIFY(m_hosts->make(
            {.disks = {
                 {.format = format, .mebibytes = 24, .pool = pool, .base = overlay ? u"base.qcow2"_s : QString()}}}));
        QVERIFY(m_hosts->bed.virsh(m_a, {u"autostart"_s, u"vm"_s}).ok());
        QVERIFY(fill(path, format, {u"write -P 7 1M 2M"_s, u"write -P 0 4M 1M"_s, u"write -P 9 20M 1M"_s}));
        QByteArray should = m_hosts->content(path, format);
        const QByteArray content = should;
        ResizeDraft wished = draft();
        if (resized) {
            wished.confirm = ResizeDraft::Confirm::Ask;
            wished.vcpus = 3;
            wished.maxVcpus = 3;
            wished.memoryKiB = 96 * 1024;
            wished.maxMemoryKiB = 96 * 1024;
            ResizeDraft::Disk larger;
            larger.target = u"hda"_s;
            larger.capacity = 32 << 20;
            wished.disks = {larger};
            should.append(QByteArray(8 << 20, '\0'));
        }
        const QString before = world();
        const job::Plan made = plan(wished, way);
        QVERIFY2(MigrationHosts::canRun(made), qPrintable(blockers(made)));
        // The destination is asked for what the VM is to be, however many CPUs it has.
        static const QRegularExpression wanted(u"this one: 3;|The VM has 3,"_s);
        QCOMPARE(std::ranges::any_of(
                     made.findings, [](const job::Finding &each) { return (each.text + each.cause).contains(wanted); }),
            resized);
        QCOMPARE(types(made).contains(u"disk.send"_s), way == Way::HostToHost);
        QCOMPARE(types(made).contains(u"volume.relay"_s), way == Way::ThroughHere);
        QCOMPARE(types(made).contains(u"volume.compare"_s), overlay && way != Way::Shared);
        job::JobRecord record = m_hosts->run(made);
        QVERIFY2(record.state == job::JobState::Done, MigrationHosts::text(record).constData());
        QCOMPARE(m_hosts->existsOn(), m_b);
        QCOMPARE(m_hosts->runsOn(), QString());
        const QString now = m_hosts->path(u"hda"_s, m_b);
        QCOMPARE(now == path, way != Way::Shared || !resized);
        const QByteArray is = m_hosts->content(now, now == path ? format : u"qcow2"_s, {}, m_b);
        QCOMPARE(test::DiskModel::difference(is, should, now), QString());
        QVERIFY(m_hosts->virsh({u"dominfo"_s, u"vm"_s}, m_b).contains(QRegularExpression(u"Autostart:\\s+enable"_s)));
        if (!resized) {
            QVERIFY(!isKept());
            QVERIFY(!m_hosts->xml(m_b, true).contains(u"resize"_s));
            if (way != Way::Shared) {
                QCOMPARE(m_hosts->files(m_a), overlay ? QStringList{u"base.qcow2"_s} : QStringList());
            }
            return;
        }
        QVERIFY(m_hosts->xml(m_b, true).contains(QRegularExpression(u"<vcpu[^>]*>3</vcpu>"_s)));
        QVERIFY(m_hosts->xml(m_b, true).contains(u">98304</memory>"_s));
        QVERIFY(isKept());
        const job::Plan back = end(operation::ResizeEnd::Revert);
        QVERIFY2(MigrationHosts::canRun(back), qPrintable(blockers(back)));
        record = m_hosts->run(back);
        QVERIFY2(record.state == job::JobState::Done, MigrationHosts::text(record).constData());
        QCOMPARE(world(), before);
        QCOMPARE(m_hosts->content(path, format), content);
        QVERIFY(!isKept());
    }

    void otherFiles_data()
    {
        QTest::addColumn<Way>("way");
        QTest::addColumn<QString>("format");
        QTest::addColumn<bool>("overlay");
        QTest::addColumn<QString>("wanted");
        for (const auto &[name, way] :
            {std::pair{"host to host", Way::HostToHost}, std::pair{"only through here", Way::ThroughHere}}) {
            QTest::addRow("%s, layers become one file", name) << way << u"qcow2"_s << true << QString();
            QTest::addRow("%s, layers become raw", name) << way << u"qcow2"_s << true << u"raw"_s;
            QTest::addRow("%s, raw becomes qcow2", name) << way << u"raw"_s << false << u"qcow2"_s;
            QTest::addRow("%s, qcow2 becomes raw", name) << way << u"qcow2"_s << false << u"raw"_s;
        }
    }
    /** The same disk in another file, compared byte for byte; and back. Nothing else is left at either host. */
    void otherFiles()
    {
        QFETCH(Way, way);
        QFETCH(QString, format);
        QFETCH(bool, overlay);
        QFETCH(QString, wanted);
        const QString path = fileOf(u"default"_s, format);
        QVERIFY(!overlay || makeBase(u"default"_s));
        QVERIFY(m_hosts->make(
            {.disks = {{.format = format, .mebibytes = 24, .base = overlay ? u"base.qcow2"_s : QString()}}}));
        QVERIFY(fill(path, format, {u"write -P 7 1M 2M"_s, u"write -P 0 4M 1M"_s, u"write -P 9 20M 1M"_s}));
        const QByteArray content = m_hosts->content(path, format);
        QByteArray should = content;
        should.append(QByteArray(8 << 20, '\0'));
        const QStringList filesThere = m_hosts->files(m_b);
        const QString before = world();
        ResizeDraft wished = draft();
        wished.confirm = ResizeDraft::Confirm::Ask;
        wished.verify = true;
        wished.flatten = overlay;
        ResizeDraft::Disk disk;
        disk.target = u"hda"_s;
        disk.capacity = 32 << 20;
        disk.format = wanted;
        wished.disks = {disk};
        const job::Plan made = plan(wished, way);
        QVERIFY2(MigrationHosts::canRun(made), qPrintable(blockers(made)));
        QCOMPARE(types(made).contains(u"volume.relay"_s), way == Way::ThroughHere);
        const job::JobRecord record = m_hosts->run(made);
        QVERIFY2(record.state == job::JobState::Done, MigrationHosts::text(record).constData());
        const QString now = m_hosts->path(u"hda"_s, m_b);
        const QString its = wanted.isEmpty() ? format : wanted;
        QVERIFY(m_hosts->xml(m_b, true).contains(u"type='%1'"_s.arg(its)));
        const QString info = m_hosts->bed.exec(m_b, {u"qemu-img"_s, u"info"_s, u"-f"_s, its, now}).output;
        QVERIFY2(!info.contains(u"backing file"_s), qPrintable(info));
        QCOMPARE(test::DiskModel::difference(m_hosts->content(now, its, {}, m_b), should, now), QString());
        QCOMPARE(m_hosts->files(m_b).size(), filesThere.size() + 1); // what passed is gone

        const job::JobRecord back = m_hosts->run(end(operation::ResizeEnd::Revert));
        QVERIFY2(back.state == job::JobState::Done, MigrationHosts::text(back).constData());
        QCOMPARE(world(), before);
        QCOMPARE(m_hosts->content(path, format), content);
        QVERIFY(!isKept());
    }

    /** It is shut down by its guest, and runs there: the guest sees what it wrote. Snapshots come along. */
    void runningWithSnapshots()
    {
        QVERIFY(m_hosts->make({.disks = {{.mebibytes = 24}}}));
        QVERIFY(m_hosts->start());
        QVERIFY(m_hosts->writes(u"hda"_s, 1, 1, 77));
        QVERIFY(m_hosts->bed
                .virsh(m_a,
                    {u"snapshot-create-as"_s, u"vm"_s, u"first"_s, u"--disk-only"_s, u"--diskspec"_s,
                        u"hda,file="_s + MigrationHosts::hostDirectory() + u"/vm-hda.first"_s})
                .ok());
        QVERIFY(m_hosts->writes(u"hda"_s, 3, 1, 78));
        ResizeDraft moved = draft();
        const job::Plan made = plan(moved, Way::HostToHost);
        QVERIFY2(MigrationHosts::canRun(made), qPrintable(blockers(made)));
        const job::JobRecord record = m_hosts->run(made);
        QVERIFY2(record.state == job::JobState::Done, MigrationHosts::text(record).constData());
        QVERIFY(m_hosts->said().contains("GUEST POWERBUTTON")); // it was asked
        QCOMPARE(m_hosts->existsOn(), m_b);
        QCOMPARE(m_hosts->runsOn(), m_b);
        QVERIFY(m_hosts->sees());
        QCOMPARE(m_hosts->virsh({u"snapshot-list"_s, u"vm"_s, u"--name"_s}, m_b).trimmed(), u"first"_s);
        QVERIFY(m_hosts->virsh({u"snapshot-current"_s, u"vm"_s, u"--name"_s}, m_b).contains(u"first"_s));
        QCOMPARE(m_hosts->files(m_a), QStringList());
        QCOMPARE(m_hosts->orphans(), QStringList());
    }

    void refused_data()
    {
        QTest::addColumn<QString>("what");
        QTest::newRow("a file of that name is there") << u"file"_s;
        QTest::newRow("a VM of that name is there") << u"name"_s;
        QTest::newRow("it is saved, and to be resized") << u"saved"_s;
    }
    /** Before anything is touched. */
    void refused()
    {
        QFETCH(QString, what);
        QVERIFY(m_hosts->make({.disks = {{.mebibytes = 24}}}));
        if (what == "file"_L1) {
            QVERIFY(m_hosts->bed
                    .virsh(m_b, {u"vol-create-as"_s, u"default"_s, u"vm-hda.qcow2"_s, u"1M"_s, u"--format"_s, u"raw"_s})
                    .ok());
        } else if (what == "name"_L1) {
            QVERIFY(m_hosts->make({.name = u"other"_s}, m_b));
            QVERIFY(m_hosts->bed.virsh(m_b, {u"domrename"_s, u"other"_s, u"vm"_s}).ok());
        } else {
            QVERIFY(m_hosts->start());
            QVERIFY(m_hosts->bed.virsh(m_a, {u"managedsave"_s, u"vm"_s}).ok());
        }
        const QString before = world();
        ResizeDraft wished = draft();
        if (what == "saved"_L1) {
            wished.vcpus = wished.maxVcpus = 2;
        }
        const job::Plan made = plan(wished, Way::HostToHost);
        QVERIFY(made.isBlocked());
        QVERIFY(made.steps.isEmpty());
        const QString told = blockers(made);
        QVERIFY2(told.contains(what == "file"_L1 ? u"already has"_s
                         : what == "name"_L1     ? u"another VM called"_s
                                                 : u"is saved"_s),
            qPrintable(told));
        QCOMPARE(world(), before);
    }

    void undone_data()
    {
        QTest::addColumn<QString>("what");
        QTest::newRow("cancelled while a disk is sent") << u"cancel"_s;
        QTest::newRow("somebody made that volume meanwhile") << u"volume"_s;
        QTest::newRow("it does not start there") << u"start"_s;
        QTest::newRow("the destination is full") << u"full"_s;
    }
    /** Completely: definition, snapshots, files, autostart; it runs again. */
    void undone()
    {
        QFETCH(QString, what);
        // Each host has its own /run/libvirt: a directory that the destination lacks.
        const QString device = u"<serial type='file'><source path='/srv/local/only-here/serial'/>"
                               "<target port='1'/></serial>"_s;
        QVERIFY(m_hosts->bed.exec(m_a, {u"mkdir"_s, u"-p"_s, u"/srv/local/only-here"_s}).ok());
        QVERIFY(m_hosts->make(
            {.disks = {{.format = u"raw"_s, .mebibytes = 24}}, .devices = what == "start"_L1 ? device : QString()}));
        QVERIFY(m_hosts->bed.virsh(m_a, {u"autostart"_s, u"vm"_s}).ok());
        QVERIFY(fill(fileOf(u"default"_s, u"raw"_s), u"raw"_s, {u"write -P 7 0 24M"_s}));
        const QByteArray content = m_hosts->content(fileOf(u"default"_s, u"raw"_s), u"raw"_s);
        QVERIFY(m_hosts->start());
        ResizeDraft moved = draft();
        if (what == "full"_L1) {
            QVERIFY(m_hosts->makeSmallPool(m_b, u"small"_s, 12));
            moved.map.pools.insert(u"default"_s, u"small"_s);
        }
        operation::MigrateFacts facts = migrateFacts(moved, Way::HostToHost);
        if (what == "full"_L1) {
            facts.pair.poolSpace.insert(u"small"_s, 1 << 30); // somebody fills it between plan and job
        }
        const QString before = world();
        const job::Plan made = operation::planColdMigration(
            m_hosts->id(m_a), m_hosts->id(m_b), operation::resizeFactsOf(facts), facts, moved);
        QVERIFY2(MigrationHosts::canRun(made), qPrintable(blockers(made)));
        if (what == "volume"_L1) {
            QVERIFY(m_hosts->bed
                    .virsh(m_b, {u"vol-create-as"_s, u"default"_s, u"vm-hda.raw"_s, u"1M"_s, u"--format"_s, u"raw"_s})
                    .ok());
        }
        if (what == "cancel"_L1) {
            QVERIFY(m_hosts->bed.rateLink(m_b, u"30mbit"_s));
        }
        const job::JobId id = m_hosts->jobs->run(made);
        if (what == "cancel"_L1) {
            const auto index = types(made).indexOf(u"disk.send"_s);
            QVERIFY(QTest::qWaitFor([&] { return m_hosts->jobs->job(id)->steps.at(index).done > 0; }, 30000));
            m_hosts->jobs->cancel(id);
        }
        QVERIFY(m_hosts->wait(id));
        if (what == "cancel"_L1) {
            QVERIFY(m_hosts->bed.rateLink(m_b, u"off"_s));
        }
        const job::JobRecord record = *m_hosts->jobs->job(id);
        QVERIFY2(record.state == (what == "cancel"_L1 ? job::JobState::Cancelled : job::JobState::Failed),
            MigrationHosts::text(record).constData());
        QVERIFY2(record.remains.isEmpty(), MigrationHosts::text(record).constData());
        QCOMPARE(m_hosts->existsOn(), m_a);
        QVERIFY(m_hosts->heartbeat() >= 0); // it runs again
        if (what == "volume"_L1) {
            QVERIFY(m_hosts->bed.virsh(m_b, {u"vol-delete"_s, u"vm-hda.raw"_s, u"default"_s}).ok()); // is still there
        }
        QCOMPARE(world().remove(QRegularExpression(u" +[0-9]+ +vm"_s)),
            QString(before).remove(QRegularExpression(u" +[0-9]+ +vm"_s))); // its id is another one
        QVERIFY(m_hosts->stop());
        QCOMPARE(m_hosts->content(fileOf(u"default"_s, u"raw"_s), u"raw"_s), content);
        QVERIFY(!isKept());
    }
};

QTEST_GUILESS_MAIN(TestColdMigrationSystem)
#include "tst_coldmigration_system.moc"
