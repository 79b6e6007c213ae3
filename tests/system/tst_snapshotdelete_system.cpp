// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDir>
#include <QFileInfo>
#include <QTest>

#include "backend/operation/snapshot/snapshotplans.h"
#include "backend/operation/steps.h"
#include "backend/virt/blockjobs.h"
#include "backend/virt/domains.h"
#include "backend/xml/document.h"
#include "snapshothost.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using job::JobState;
using operation::SnapshotDeleteDraft;
using snapshot::Scope;
using test::SnapshotHost;

/** Snapshots of a real VM are deleted: whatever stays is byte for byte what it was, and no file is left over. */
class TestSnapshotDelete final : public QObject
{
    Q_OBJECT

    std::unique_ptr<SnapshotHost> m_host;
    virt::ConnectionPtr m_connection;

    /** One that works, also after the daemon was killed. */
    virt::ConnectionPtr connection()
    {
        if (!m_connection || !m_connection->isAlive() || !virt::domains::list(*m_connection)) {
            const auto opened = virt::Connection::open(m_host->uri(), false, {});
            m_connection = opened ? *opened : nullptr;
        }
        return m_connection;
    }
    snapshot::Facts facts()
    {
        const virt::ConnectionPtr open = connection();
        const auto read = open ? snapshot::readFacts(*open, m_host->uuid()) : fail(Error::failed(u"no host"_s));
        if (!read) {
            qWarning("%s", qPrintable(read.error().message));
        }
        return read ? *read : snapshot::Facts();
    }
    job::Plan plan(const QStringList &names, Scope scope = Scope::One, bool metadataOnly = false)
    {
        SnapshotDeleteDraft draft;
        draft.snapshots = names;
        draft.scope = scope;
        draft.metadataOnly = metadataOnly;
        return operation::planSnapshotDelete(m_host->id(), facts(), draft);
    }
    /** Empty, or what went wrong. */
    QByteArray erase(const QStringList &names, Scope scope = Scope::One)
    {
        const job::Plan wanted = plan(names, scope);
        if (!SnapshotHost::canRun(wanted)) {
            return "blocked";
        }
        const job::JobRecord record = m_host->run(wanted);
        return record.state == JobState::Done ? QByteArray() : SnapshotHost::text(record);
    }
    bool take(const QString &name, const QStringList &options = {})
    {
        const auto taken = m_host->bed.virsh(
            u"A"_s, QStringList{u"snapshot-create-as"_s, u"vm"_s, name, u"--disk-only"_s, u"--atomic"_s} + options);
        if (!taken.ok()) {
            qWarning("%s", qPrintable(taken.errorText));
            return false;
        }
        m_host->remember(name);
        return true;
    }
    /** As Vireo goes back to an external snapshot on libvirt 9.0: the domain is off afterwards. */
    bool goBack(const QString &name, const QString &overlay)
    {
        const snapshot::Facts before = facts();
        const snapshot::Snapshot *to = before.find(name);
        if (!to || (before.domain.isActive() && !m_host->stop())) {
            return false;
        }
        const snapshot::Layer state = to->disk(u"hda"_s)->state.first();
        const QString path = m_host->directory() + u'/' + overlay;
        const auto made = m_host->bed.exec(u"A"_s,
            {u"qemu-img"_s, u"create"_s, u"-q"_s, u"-f"_s, u"qcow2"_s, u"-F"_s, state.format, u"-b"_s, state.path,
                path});
        if (!made.ok() || !setDisk(path)) {
            return false;
        }
        m_host->recall(name);
        return m_host->bed.virsh(u"A"_s, {u"snapshot-current"_s, u"vm"_s, name}).ok();
    }
    bool setDisk(const QString &path)
    {
        const auto document = xml::Document::parse(m_host->virsh({u"dumpxml"_s, u"vm"_s, u"--inactive"_s}));
        if (!document) {
            return false;
        }
        xml::Element disk = document->root().find(u"devices/disk"_s);
        disk.child(u"source"_s).setAttribute(u"file"_s, path);
        if (xml::Element below = disk.child(u"backingStore"_s)) {
            below.remove();
        }
        return virt::domains::define(*connection(), document->toString()).has_value();
    }

    /** All that stays is as it was, libvirt and files agree, and no file is left over. Empty, or what is wrong. */
    QString check(const QStringList &leftOver = {})
    {
        const snapshot::Facts now = facts();
        QSet<QString> files;
        for (const snapshot::DiskNow &disk : now.disks) {
            if (disk.chain.isEmpty()) {
                return u"the disk %1 has no chain"_s.arg(disk.target);
            }
            const snapshot::Layer top = disk.chain.first();
            const QString differs = m_host->compare(disk.target, top.path, {}, top.format);
            if (!differs.isEmpty()) {
                return differs;
            }
            for (const snapshot::Layer &layer : disk.chain) {
                files.insert(QFileInfo(layer.path).fileName());
            }
        }
        for (const snapshot::Snapshot &each : now.snapshots) {
            for (const snapshot::SnapshotDisk &disk : each.disks) {
                if (disk.kind == snapshot::SnapshotDisk::Kind::None) {
                    continue;
                }
                const snapshot::Layer top = disk.state.first();
                const bool inside = disk.kind == snapshot::SnapshotDisk::Kind::Internal;
                const QString differs =
                    m_host->compare(disk.target, top.path, each.name, top.format, inside ? each.name : QString());
                if (!differs.isEmpty()) {
                    return each.name + u": "_s + differs;
                }
                for (const snapshot::Layer &layer : disk.state) {
                    files.insert(QFileInfo(layer.path).fileName());
                }
            }
        }
        for (const snapshot::Discrepancy &each : snapshot::discrepancies(now)) {
            return each.text;
        }
        QStringList expected(files.cbegin(), files.cend());
        expected += leftOver;
        expected.sort();
        const QStringList real = m_host->files();
        return real == expected ? QString() : u"there is %1 in place of %2"_s.arg(real.join(u' '), expected.join(u' '));
    }
    bool snapshotsAre(const QStringList &names)
    {
        QStringList real = m_host->snapshots();
        real.sort();
        if (real != names) {
            qWarning("%s", qPrintable(real.join(u' ')));
        }
        return real == names;
    }
    /** Running, with this many snapshots s1, s2 …, each of other content. */
    bool prepare(int count, const SnapshotHost::Guest &guest = {})
    {
        if (!m_host->make(guest) || !m_host->start()) {
            return false;
        }
        for (int i = 1; i <= count; ++i) {
            if (!write(i) || !take(u"s%1"_s.arg(i))) {
                return false;
            }
        }
        return write(count + 1);
    }
    /** Part of what was there, and something new. */
    bool write(int step)
    {
        const auto pattern = static_cast<quint32>(100 + step);
        return m_host->writes(u"hda"_s, 1, 2, pattern) && m_host->writes(u"hda"_s, 3 + step, 2, pattern + 50);
    }
    /** A merge of the running VM's disk that goes on for a while. */
    bool beginSlowly(job::JobManager &jobs, job::Plan wanted, job::JobId &id)
    {
        for (job::Step &step : wanted.steps) {
            if (step.type == "merge.run"_L1) {
                step.parameters.insert(u"speed"_s, 64 * 1024);
            }
        }
        id = jobs.run(wanted);
        return QTest::qWaitFor(
            [&] {
                const auto job = virt::blockjobs::info(*connection(), m_host->uuid(), u"hda"_s);
                return job && *job && (*job)->done < (*job)->total;
            },
            30000);
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_host = std::make_unique<SnapshotHost>();
        QVERIFY2(m_host->problem().isEmpty(), qPrintable(m_host->problem()));
    }
    void cleanupTestCase()
    {
        m_connection.reset();
        m_host.reset();
    }

    void runningMiddleTopFirst()
    {
        QVERIFY(prepare(3));
        QCOMPARE(check(), QString());
        const int beat = m_host->heartbeat();
        QCOMPARE(erase({u"s2"_s}), QByteArray());
        QVERIFY(snapshotsAre({u"s1"_s, u"s3"_s}));
        QCOMPARE(check(), QString());
        QCOMPARE(erase({u"s3"_s}), QByteArray());
        QCOMPARE(check(), QString());
        QCOMPARE(facts().current()->name, u"s1"_s);
        QCOMPARE(erase({u"s1"_s}), QByteArray());
        QVERIFY(snapshotsAre({}));
        QCOMPARE(check(), QString());
        QCOMPARE(m_host->files(), QStringList{u"vm-hda.qcow2"_s});
        QCOMPARE(m_host->path(u"hda"_s), m_host->directory() + u"/vm-hda.qcow2"_s);
        QVERIFY(m_host->sees());
        QVERIFY(m_host->heartbeat() > beat);
        // what the next start will use, too
        QVERIFY(m_host->stop() && m_host->start() && m_host->sees());
    }

    void severalAtOnce_data()
    {
        QTest::addColumn<QStringList>("names");
        QTest::addColumn<int>("scope");
        QTest::addColumn<QStringList>("left");
        QTest::newRow("two apart") << QStringList{u"s1"_s, u"s3"_s} << static_cast<int>(Scope::One)
                                   << QStringList{u"s2"_s, u"s4"_s};
        QTest::newRow("with children") << QStringList{u"s2"_s} << static_cast<int>(Scope::WithChildren)
                                       << QStringList{u"s1"_s};
        QTest::newRow("children only") << QStringList{u"s2"_s} << static_cast<int>(Scope::ChildrenOnly)
                                       << QStringList{u"s1"_s, u"s2"_s};
    }
    void severalAtOnce()
    {
        QFETCH(const QStringList, names);
        QFETCH(const int, scope);
        QFETCH(const QStringList, left);
        QVERIFY(prepare(4));
        QCOMPARE(erase(names, static_cast<Scope>(scope)), QByteArray());
        QVERIFY(snapshotsAre(left));
        QCOMPARE(check(), QString());
        QVERIFY(m_host->sees());
    }

    void shutOff()
    {
        QVERIFY(prepare(3));
        QVERIFY(m_host->stop());
        QCOMPARE(check(), QString());
        QCOMPARE(erase({u"s2"_s}), QByteArray());
        QCOMPARE(check(), QString());
        QCOMPARE(erase({u"s3"_s}), QByteArray());
        QCOMPARE(check(), QString());
        QCOMPARE(erase({u"s1"_s}), QByteArray());
        QCOMPARE(check(), QString());
        QCOMPARE(m_host->files(), QStringList{u"vm-hda.qcow2"_s});
        QCOMPARE(m_host->virsh({u"list"_s, u"--all"_s, u"--name"_s}).trimmed(), u"vm"_s); // no work domain
        QVERIFY(m_host->start() && m_host->sees());
    }

    /** Two disks, one raw, and a snapshot that left one out. */
    void severalDisks()
    {
        QVERIFY(m_host->make({.disks = {{}, {.target = u"hdb"_s, .format = u"raw"_s, .mebibytes = 8}}}));
        QVERIFY(m_host->start());
        QVERIFY(write(1) && m_host->writes(u"hdb"_s, 1, 3, 7) && take(u"s1"_s));
        QVERIFY(write(2) && m_host->writes(u"hdb"_s, 2, 3, 8));
        QVERIFY(take(u"s2"_s, {u"--diskspec"_s, u"hda,snapshot=no"_s}));
        QVERIFY(write(3) && m_host->writes(u"hdb"_s, 0, 1, 9));
        QCOMPARE(check(), QString());
        QCOMPARE(erase({u"s1"_s}), QByteArray());
        QCOMPARE(check(), QString());
        QVERIFY(m_host->stop());
        QCOMPARE(erase({u"s2"_s}), QByteArray());
        QCOMPARE(check(), QString());
        QCOMPARE(m_host->files(), (QStringList{u"vm-hda.qcow2"_s, u"vm-hdb.raw"_s}));
        QVERIFY(m_host->start() && m_host->sees());
    }

    /** A disk that the definition names by pool and volume. */
    void diskOfAPool()
    {
        QVERIFY(m_host->make({}));
        QString definition = m_host->virsh({u"dumpxml"_s, u"vm"_s, u"--inactive"_s});
        definition.replace(u"<disk type='file'"_s, u"<disk type='volume'"_s);
        definition.replace(u"<source file='%1/vm-hda.qcow2'/>"_s.arg(m_host->directory()),
            u"<source pool='default' volume='vm-hda.qcow2'/>"_s);
        QVERIFY(virt::domains::define(*connection(), definition).has_value());
        QVERIFY(m_host->virsh({u"dumpxml"_s, u"vm"_s}).contains(u"volume='vm-hda.qcow2'"_s));
        QVERIFY(m_host->start());
        const QString overlay = u"hda,snapshot=external,file=%1/vm-hda.s1"_s.arg(m_host->directory());
        QVERIFY(write(1) && take(u"s1"_s, {u"--diskspec"_s, overlay}) && write(2) && take(u"s2"_s) && write(3));
        QCOMPARE(erase({u"s1"_s}), QByteArray());
        QCOMPARE(check(), QString());
        QVERIFY(m_host->stop());
        QCOMPARE(erase({u"s2"_s}), QByteArray());
        QCOMPARE(check(), QString());
        QCOMPARE(m_host->files(), QStringList{u"vm-hda.qcow2"_s});
        QVERIFY(m_host->start() && m_host->sees());
    }

    void internalOnes()
    {
        QVERIFY(m_host->make({}) && m_host->start());
        QVERIFY(write(1));
        QVERIFY(m_host->bed.virsh(u"A"_s, {u"snapshot-create-as"_s, u"vm"_s, u"i1"_s}).ok());
        m_host->remember(u"i1"_s);
        QVERIFY(write(2) && take(u"s1"_s) && write(3));
        // what goes down leaves the internal one beneath as it is
        QCOMPARE(erase({u"s1"_s}), QByteArray());
        QVERIFY(snapshotsAre({u"i1"_s}));
        QCOMPARE(check(), QString());
        QCOMPARE(erase({u"i1"_s}), QByteArray());
        QVERIFY(snapshotsAre({}));
        QCOMPARE(check(), QString());
        QVERIFY(!m_host->bed.exec(u"A"_s, {u"qemu-img"_s, u"snapshot"_s, u"-U"_s, u"-l"_s, m_host->path(u"hda"_s)})
                .output.contains(u"i1"_s));
    }

    /** libvirt deletes an internal one only within the file in use: after the merges it may be that. */
    void internalBeneath()
    {
        QVERIFY(m_host->make({}) && m_host->start());
        QVERIFY(write(1));
        QVERIFY(m_host->bed.virsh(u"A"_s, {u"snapshot-create-as"_s, u"vm"_s, u"i1"_s}).ok());
        m_host->remember(u"i1"_s);
        QVERIFY(write(2) && take(u"s1"_s) && write(3));
        QVERIFY(plan({u"i1"_s}).isBlocked());
        QCOMPARE(erase({u"i1"_s}, Scope::WithChildren), QByteArray());
        QVERIFY(snapshotsAre({}));
        QCOMPARE(check(), QString());
        QCOMPARE(m_host->files(), QStringList{u"vm-hda.qcow2"_s});
        QVERIFY(!m_host->bed.exec(u"A"_s, {u"qemu-img"_s, u"snapshot"_s, u"-U"_s, u"-l"_s, m_host->path(u"hda"_s)})
                .output.contains(u"i1"_s));
    }

    /** Going back left two branches: s1 has s2 with s3 on one, and now on another. */
    void branches_data()
    {
        QTest::addColumn<bool>("running");
        QTest::newRow("running") << true;
        QTest::newRow("off") << false;
    }
    void branches()
    {
        QFETCH(const bool, running);
        QVERIFY(prepare(3));
        QVERIFY(goBack(u"s2"_s, u"branch.qcow2"_s));
        QVERIFY(m_host->start() && write(7));
        QVERIFY(running || m_host->stop());
        const QString leaf = u"vm-hda.s3"_s; // what came after s3: nobody refers to it
        QCOMPARE(check({leaf}), QString());
        // beneath both branches
        QCOMPARE(erase({u"s1"_s}), QByteArray());
        QVERIFY(snapshotsAre({u"s2"_s, u"s3"_s}));
        QCOMPARE(check({leaf}), QString());
        // where they part: nothing can be merged, and nobody is the worse for it
        const job::Plan parting = plan({u"s2"_s});
        QVERIFY(std::ranges::any_of(parting.findings, [](const job::Finding &finding) {
            return finding.severity == job::Finding::Severity::Note && finding.text.contains(u"branches"_s);
        }));
        // the other branch as a whole
        QCOMPARE(erase({u"s3"_s}), QByteArray());
        QCOMPARE(check(), QString());
        QCOMPARE(erase({u"s2"_s}), QByteArray());
        QVERIFY(snapshotsAre({}));
        QCOMPARE(check(), QString());
        QCOMPARE(m_host->files(), QStringList{u"vm-hda.qcow2"_s});
        if (running) {
            QVERIFY(m_host->sees());
        } else {
            QVERIFY(m_host->start() && m_host->sees());
        }
    }

    /** Another VM lies on what a snapshot holds: it stays as it is, whatever goes. */
    void baseOfAnother()
    {
        QVERIFY(prepare(2));
        const QString base = m_host->directory() + u"/vm-hda.s1"_s; // the state of s2
        const QString other = m_host->directory() + u"/other.qcow2"_s;
        QVERIFY(m_host->bed
                .exec(u"A"_s,
                    {u"qemu-img"_s, u"create"_s, u"-q"_s, u"-f"_s, u"qcow2"_s, u"-F"_s, u"qcow2"_s, u"-b"_s, base,
                        other})
                .ok());
        QString text = m_host->bed.kernelGuestXml(u"other"_s);
        text.replace(u"<devices>"_s,
            u"<devices><disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='%1'/>"
            "<target dev='hda' bus='ide'/></disk>"_s.arg(other));
        QVERIFY(virt::domains::define(*connection(), text).has_value());
        const QByteArray before = m_host->content(other, u"qcow2"_s);
        QCOMPARE(erase({u"s2"_s}), QByteArray());
        QVERIFY(snapshotsAre({u"s1"_s}));
        QCOMPARE(erase({u"s1"_s}), QByteArray());
        QVERIFY(snapshotsAre({}));
        QVERIFY(m_host->content(other, u"qcow2"_s) == before);
        QCOMPARE(check({u"other.qcow2"_s}), QString());
        QVERIFY(m_host->sees());
    }

    void cancelled()
    {
        QVERIFY(prepare(3));
        job::JobId id;
        QVERIFY(beginSlowly(*m_host->jobs, plan({u"s2"_s}), id));
        m_host->jobs->cancel(id);
        QVERIFY(m_host->wait(id));
        QCOMPARE(m_host->jobs->job(id)->state, JobState::Stuck); // it says what of s2 is lost
        const auto job = virt::blockjobs::info(*connection(), m_host->uuid(), u"hda"_s);
        QVERIFY(job && !*job);
        // s2 is lost, since its file has been written to; all others are whole, and the chain is valid
        QVERIFY(snapshotsAre({u"s1"_s, u"s3"_s}));
        QCOMPARE(check(), QString());
        QVERIFY(m_host->sees());
        QVERIFY(std::ranges::any_of(
            m_host->jobs->job(id)->remains, [](const QString &line) { return line.contains(u"s2"_s); }));
        // and what is left can be deleted
        QCOMPARE(erase({u"s3"_s, u"s1"_s}), QByteArray());
        QCOMPARE(check(), QString());
    }

    /** The VM goes off in the middle: the merge goes on without it. */
    void destroyedMeanwhile()
    {
        QVERIFY(prepare(3));
        job::JobId id;
        QVERIFY(beginSlowly(*m_host->jobs, plan({u"s2"_s}), id));
        QVERIFY(m_host->stop());
        QVERIFY(m_host->wait(id));
        QVERIFY2(
            m_host->jobs->job(id)->state == JobState::Done, SnapshotHost::text(*m_host->jobs->job(id)).constData());
        QVERIFY(snapshotsAre({u"s1"_s, u"s3"_s}));
        QCOMPARE(check(), QString());
        QVERIFY(m_host->start() && m_host->sees());
    }

    void chainBrokenByHand()
    {
        QVERIFY(prepare(2));
        QVERIFY(m_host->stop());
        const QString top = m_host->path(u"hda"_s);
        QVERIFY(m_host->bed
                .exec(u"A"_s,
                    {u"qemu-img"_s, u"rebase"_s, u"-u"_s, u"-F"_s, u"qcow2"_s, u"-b"_s,
                        m_host->directory() + u"/vm-hda.qcow2"_s, top})
                .ok());
        const job::Plan broken = plan({u"s2"_s});
        QVERIFY(broken.isBlocked());
        QVERIFY(broken.steps.isEmpty());
        const QList<snapshot::Discrepancy> found = snapshot::discrepancies(facts());
        QCOMPARE(found.size(), 1);
        QVERIFY2(found.first().text.contains(u"vm-hda.s2"_s), qPrintable(found.first().text));
    }

    void changedAfterPlanning()
    {
        QVERIFY(prepare(2));
        const job::Plan old = plan({u"s1"_s});
        QVERIFY(take(u"s3"_s));
        const job::JobRecord record = m_host->run(old);
        QCOMPARE(record.state, JobState::Failed);
        QVERIFY(snapshotsAre({u"s1"_s, u"s2"_s, u"s3"_s}));
        QCOMPARE(check(), QString());
    }

    void overlayMissing()
    {
        QVERIFY(prepare(2));
        QVERIFY(m_host->stop());
        QVERIFY(QFile::remove(m_host->directory() + u"/vm-hda.s1"_s));
        const job::Plan broken = plan({u"s1"_s});
        QVERIFY(broken.isBlocked());
        QVERIFY(std::ranges::any_of(snapshot::discrepancies(facts()),
            [](const snapshot::Discrepancy &each) { return each.snapshot == u"s2"_s && each.isFatal; }));
        const QStringList files = m_host->files();
        const job::JobRecord record = m_host->run(plan({u"s1"_s, u"s2"_s}, Scope::One, true));
        QCOMPARE(record.state, JobState::Done);
        QVERIFY(snapshotsAre({}));
        QCOMPARE(m_host->files(), files);
    }

    void metadataOnly()
    {
        QVERIFY(prepare(2));
        const QStringList files = m_host->files();
        const job::JobRecord record = m_host->run(plan({u"s1"_s}, Scope::One, true));
        QCOMPARE(record.state, JobState::Done);
        QVERIFY(snapshotsAre({u"s2"_s}));
        QCOMPARE(m_host->files(), files);
        QCOMPARE(check(), QString());
    }

    /** Last, since the fixture's own connection does not come back. */
    void daemonKilled()
    {
        QVERIFY(prepare(3));
        job::StepRegistry registry;
        operation::registerSteps(registry);
        std::mutex mutex;
        virt::ConnectionPtr current = connection();
        job::JobManager jobs(registry, [&](const virt::HostId &) -> Result<virt::ConnectionPtr> {
            const std::lock_guard lock(mutex);
            if (!current->isAlive()) {
                auto opened = virt::Connection::open(m_host->uri(), false, {});
                if (!opened) {
                    return fail(opened.error());
                }
                current = *std::move(opened);
            }
            return current;
        });
        job::JobId id;
        QVERIFY(beginSlowly(jobs, plan({u"s2"_s}), id));
        QVERIFY(m_host->bed.killDaemon(u"A"_s));
        QTRY_VERIFY_WITH_TIMEOUT(connection() != nullptr, 20000);
        QVERIFY(!jobs.job(id)->isFinished());
        QVERIFY(virt::blockjobs::setSpeed(*connection(), m_host->uuid(), u"hda"_s, 0).has_value());
        QTRY_VERIFY_WITH_TIMEOUT(jobs.job(id)->isFinished(), 60000);
        QVERIFY2(jobs.job(id)->state == JobState::Done, SnapshotHost::text(*jobs.job(id)).constData());
        QVERIFY(snapshotsAre({u"s1"_s, u"s3"_s}));
        QCOMPARE(check(), QString());
        QVERIFY(m_host->sees());
    }
};

QTEST_GUILESS_MAIN(TestSnapshotDelete)
#include "tst_snapshotdelete_system.moc"
