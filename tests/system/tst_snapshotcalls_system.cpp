// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// The calls on snapshots and block jobs, on a real host with a guest that writes to its disks. What came of them is
// asked of virsh, qemu-img and the guest, never of the calls themselves.
#include <QFile>

#include "snapshotcallsbed.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using namespace vireo::test;
using namespace vireo::virt;

class TestSnapshotCallsSystem final : public SnapshotCallsBed
{
    Q_OBJECT

private Q_SLOTS:
    void goesBack();
    void memoryAndBack();
    void reusesFiles();
    void redefinesWithOtherDisks();
    void commitsAndPulls();
    void copies_data();
    void copies();
    void cancelled_data();
    void cancelled();
    void daemonKilled();
    void domainOff();
    void vanished();
};

void TestSnapshotCallsSystem::goesBack()
{
    using snapshots::After;
    QVERIFY(m_host->make({}) && m_host->start());
    const auto internal = [&](const QString &name) {
        return snapshots::create(
            *m_connection, m_host->uuid(), u"<domainsnapshot><name>%1</name></domainsnapshot>"_s.arg(name), {});
    };
    QVERIFY(m_host->writes(disk, 1, 2, 7));
    m_host->remember(u"s1"_s);
    VERIFY_OK(internal(u"s1"_s));
    QVERIFY(m_host->writes(disk, 2, 2, 8));
    m_host->remember(u"off"_s);
    VERIFY_OK(snapshots::revert(*m_connection, m_host->uuid(), u"s1"_s, After::Paused));
    QCOMPARE(m_host->state(), u"paused"_s);
    VERIFY_OK(domains::resume(*m_connection, m_host->uuid()));
    m_host->recall(u"s1"_s);
    QVERIFY(m_host->sees());
    QVERIFY(m_host->writes(disk, 4, 1, 9));
    QVERIFY(m_host->stop());
    m_host->remember(u"off"_s);
    VERIFY_OK(internal(u"off"_s));
    VERIFY_OK(snapshots::revert(*m_connection, m_host->uuid(), u"s1"_s, After::AsThen, true));
    QCOMPARE(m_host->state(), u"running"_s);
    VERIFY_OK(snapshots::revert(*m_connection, m_host->uuid(), u"off"_s, After::AsThen, true));
    QCOMPARE(m_host->state(), u"shut off"_s);
    QCOMPARE(m_host->compare(disk, m_host->path(disk), u"off"_s), QString());
    VERIFY_OK(snapshots::revert(*m_connection, m_host->uuid(), u"off"_s, After::Running));
    QCOMPARE(m_host->state(), u"running"_s);
    VERIFY_OK(snapshots::remove(*m_connection, m_host->uuid(), u"s1"_s, false));
    QCOMPARE(m_host->snapshots(), QStringList{u"off"_s});
    const auto inFile = m_host->bed.exec(u"A"_s, {u"qemu-img"_s, u"snapshot"_s, u"-U"_s, u"-l"_s, m_host->path(disk)});
    QVERIFY2(inFile.ok() && !inFile.output.contains(u"s1"_s) && inFile.output.contains(u"off"_s),
        qPrintable(inFile.output + inFile.errorText));
}

void TestSnapshotCallsSystem::memoryAndBack()
{
    QVERIFY(m_host->make({}) && m_host->start());
    QVERIFY(m_host->writes(disk, 1, 2, 7));
    m_host->remember(u"s1"_s);
    const int before = m_host->heartbeat();
    VERIFY_OK(take(u"s1"_s, true));
    QCOMPARE(m_host->state(), u"running"_s);
    QCOMPARE(m_host->chain(disk), chainOf({"s1.over", "vm-hda.qcow2"}));
    QVERIFY(QFile::exists(file(u"s1.mem"_s)));
    QVERIFY(m_host->writes(disk, 2, 2, 8));
    QVERIFY(m_host->heartbeat() > before);
    m_host->remember(u"s2"_s);
    VERIFY_OK(take(u"s2"_s, true, {.halt = true}));
    QCOMPARE(m_host->state(), u"shut off"_s);

    const auto all = snapshots::list(*m_connection, m_host->uuid());
    VERIFY_OK(all);
    QCOMPARE(all->size(), 2);
    QCOMPARE(all->constFirst().name, u"s1"_s);
    QVERIFY(all->constLast().current);

    // Back to s1 by its memory file and an overlay of its own.
    const auto document = xml::Document::parse(all->constFirst().xml);
    QVERIFY(document);
    QVERIFY(makeOverlay(u"back.over"_s, file(u"vm-hda.qcow2"_s)));
    const QString then = withDisk(document->root().child(u"domain"_s).toXml(), file(u"back.over"_s));
    const auto inactive = document->root().child(u"inactiveDomain"_s);
    QVERIFY(inactive);
    VERIFY_OK(domains::define(*m_connection,
        withDisk(
            domains::xml(*m_connection, m_host->uuid(), domains::XmlKind::Inactive).value(), file(u"back.over"_s))));
    VERIFY_OK(domains::restore(*m_connection, file(u"s1.mem"_s), then, true));
    QCOMPARE(m_host->state(), u"paused"_s);
    VERIFY_OK(domains::resume(*m_connection, m_host->uuid()));
    m_host->recall(u"s1"_s);
    QVERIFY(m_host->sees());
    QCOMPARE(m_host->chain(disk), chainOf({"back.over", "vm-hda.qcow2"}));
    QVERIFY(QFile::exists(file(u"s1.mem"_s)));
    QCOMPARE(m_host->snapshots(), (QStringList{u"s1"_s, u"s2"_s}));
    // And once more, running at once: the file serves again.
    VERIFY_OK(domains::destroy(*m_connection, m_host->uuid()));
    QVERIFY(QFile::remove(file(u"back.over"_s)) && makeOverlay(u"back.over"_s, file(u"vm-hda.qcow2"_s)));
    VERIFY_OK(domains::restore(*m_connection, file(u"s1.mem"_s), then, false));
    QCOMPARE(m_host->state(), u"running"_s);
    const auto missing = domains::restore(*m_connection, file(u"none.mem"_s), then, false);
    QVERIFY(!missing && missing.error().message.contains(u"none.mem"_s));
}

void TestSnapshotCallsSystem::reusesFiles()
{
    QVERIFY(m_host->make({}));
    for (const bool running : {false, true}) {
        if (running) {
            QVERIFY(m_host->start());
            QVERIFY(m_host->writes(disk, 1, 2, 7));
        }
        const QString name = running ? u"s2"_s : u"s1"_s;
        const QString top = m_host->path(disk);
        QVERIFY(makeOverlay(name + u".over"_s, top));
        QVERIFY(QFile::setPermissions(file(name + u".over"_s), QFile::ReadOwner | QFile::WriteOwner));
        VERIFY_OK(take(name, false, {.reuseFiles = true, .atomic = true}));
        QCOMPARE(m_host->chain(disk).first(), file(name + u".over"_s));
        QCOMPARE(m_host->mode(file(name + u".over"_s)), u"0600"_s);
    }
    QVERIFY(m_host->writes(disk, 2, 1, 8) && m_host->sees());
    QCOMPARE(m_host->chain(disk), chainOf({"s2.over", "s1.over", "vm-hda.qcow2"}));

    // A file that exists and is not meant to be used again is not touched.
    QVERIFY(makeOverlay(u"s3.over"_s, m_host->path(disk)));
    QFile there(file(u"s3.over"_s));
    QVERIFY(there.open(QIODevice::ReadOnly));
    const QByteArray content = there.readAll();
    QVERIFY(!take(u"s3"_s, false));
    QVERIFY(there.seek(0));
    QCOMPARE(there.readAll(), content);
    QCOMPARE(m_host->snapshots(), (QStringList{u"s1"_s, u"s2"_s}));
    // Without metadata libvirt knows of none.
    VERIFY_OK(take(u"s4"_s, false, {.noMetadata = true}));
    QCOMPARE(m_host->snapshots(), (QStringList{u"s1"_s, u"s2"_s}));
    QCOMPARE(m_host->path(disk), file(u"s4.over"_s));
}

void TestSnapshotCallsSystem::redefinesWithOtherDisks()
{
    QVERIFY(m_host->make({}) && m_host->start());
    VERIFY_OK(take(u"s1"_s, true));
    VERIFY_OK(take(u"s2"_s, true));
    QVERIFY(makeOverlay(u"other.over"_s, file(u"vm-hda.qcow2"_s)));
    auto document = xml::Document::parse(snapshots::xml(*m_connection, m_host->uuid(), u"s2"_s, true).value());
    QVERIFY(document);
    for (const QString &part : {u"domain"_s, u"inactiveDomain"_s}) {
        xml::Element element = document->root().child(part).child(u"devices"_s).child(u"disk"_s);
        QVERIFY(element);
        element.child(u"source"_s).setAttribute(u"file"_s, file(u"other.over"_s));
    }
    VERIFY_OK(snapshots::create(*m_connection, m_host->uuid(), document->toString(), {.redefine = true}));
    const QString after = m_host->virsh({u"snapshot-dumpxml"_s, u"vm"_s, u"s2"_s});
    QCOMPARE(after.count(u"other.over"_s), 2);
    QCOMPARE(m_host->snapshots(), (QStringList{u"s1"_s, u"s2"_s}));
    QCOMPARE(m_host->virsh({u"snapshot-current"_s, u"vm"_s, u"--name"_s}).trimmed(), u"s2"_s);
    VERIFY_OK(snapshots::create(*m_connection, m_host->uuid(),
        snapshots::xml(*m_connection, m_host->uuid(), u"s1"_s, true).value(), {.redefine = true, .makeCurrent = true}));
    QCOMPARE(m_host->virsh({u"snapshot-current"_s, u"vm"_s, u"--name"_s}).trimmed(), u"s1"_s);
    VERIFY_OK(snapshots::remove(*m_connection, m_host->uuid(), u"s1"_s, true));
    QVERIFY(QFile::exists(file(u"s1.mem"_s)) && QFile::exists(file(u"s1.over"_s)));
}

void TestSnapshotCallsSystem::commitsAndPulls()
{
    QVERIFY(makeChain());
    const QUuid vm = m_host->uuid();
    quint64 last = 0;
    bool backwards = false;
    const auto progress = [&](quint64 done, quint64 total) {
        backwards = backwards || done < last || done > total;
        last = done;
    };
    // The middle one goes into the base.
    {
        blockjobs::Watch watch(*m_connection, vm, disk);
        VERIFY_OK(blockjobs::commit(*m_connection, vm, disk, file(u"s1.over"_s), file(u"vm-hda.qcow2"_s), false));
        COMPARE_OUTCOME(watch.wait(progress, {}), Outcome::Completed);
    }
    QCOMPARE(m_host->chain(disk), chainOf({"s2.over", "vm-hda.qcow2"}));
    QCOMPARE(m_host->compare(disk, m_host->path(disk)), QString());
    // The topmost one too: ready first, and the guest goes on.
    last = 0;
    {
        blockjobs::Watch watch(*m_connection, vm, disk);
        VERIFY_OK(blockjobs::commit(
            *m_connection, vm, disk, file(u"s2.over"_s), file(u"vm-hda.qcow2"_s), true, 4 * mebibyte));
        COMPARE_OUTCOME(watch.wait(progress, {}), Outcome::Ready);
        QVERIFY(last >= mebibyte);
        QVERIFY(blockjobs::isMirrorReady(*m_connection, vm, disk).value());
        const auto job = blockjobs::info(*m_connection, vm, disk).value();
        QVERIFY(job && job->type == blockjobs::Job::Type::ActiveCommit);
        COMPARE_OUTCOME(watch.wait(progress, {}), Outcome::Ready); // asked again, the same
        VERIFY_OK(blockjobs::finish(*m_connection, vm, disk, true));
        COMPARE_OUTCOME(watch.wait(progress, {}), Outcome::Completed);
    }
    QVERIFY(!backwards);
    QCOMPARE(m_host->chain(disk), chainOf({"vm-hda.qcow2"}));
    QVERIFY(m_host->writes(disk, 4, 1, 10) && m_host->sees());
    QCOMPARE(m_host->compare(disk, m_host->path(disk)), QString());

    // Up: only what is above a base, then all.
    for (const char *name : {"p1", "p2", "p3"}) {
        VERIFY_OK(take(QString::fromLatin1(name), false));
        QVERIFY(m_host->writes(disk, 5, 1, 11));
    }
    for (const QString &base : {file(u"p1.over"_s), QString()}) {
        last = 0;
        blockjobs::Watch watch(*m_connection, vm, disk);
        VERIFY_OK(blockjobs::pull(*m_connection, vm, disk, base));
        COMPARE_OUTCOME(watch.wait(progress, {}), Outcome::Completed);
        VERIFY_OK(blockjobs::flush(*m_connection, vm)); // else QEMU may hold in memory where the pulled is
        QCOMPARE(m_host->state(), u"running"_s);
        QCOMPARE(m_host->chain(disk),
            base.isEmpty() ? chainOf({"p3.over"}) : chainOf({"p3.over", "p1.over", "vm-hda.qcow2"}));
        QCOMPARE(m_host->compare(disk, m_host->path(disk)), QString());
    }
    QVERIFY(!backwards);
    QVERIFY(m_host->sees());
}

void TestSnapshotCallsSystem::copies_data()
{
    QTest::addColumn<bool>("shallow");
    QTest::newRow("whole") << false;
    QTest::newRow("shallow") << true;
}

void TestSnapshotCallsSystem::copies()
{
    QFETCH(const bool, shallow);
    QVERIFY(m_host->make({}) && m_host->start() && m_host->writes(disk, 1, 4, 7));
    VERIFY_OK(take(u"s1"_s, false));
    QVERIFY(m_host->writes(disk, 2, 2, 8));
    m_host->remember(u"s2"_s);
    VERIFY_OK(take(u"s2"_s, false));
    QVERIFY(m_host->writes(disk, 3, 2, 9));

    // What s2 stands for, while the VM runs above it.
    const auto work = domains::createTransient(*m_connection, workXml(file(u"s1.over"_s), true), true);
    VERIFY_OK(work);
    QCOMPARE(m_host->virsh({u"domstate"_s, u"work"_s}).trimmed(), u"paused"_s);
    if (shallow) {
        QVERIFY(makeOverlay(u"copy.qcow2"_s, file(u"vm-hda.qcow2"_s)));
    }
    blockjobs::Watch watch(*m_connection, *work, u"vda"_s);
    VERIFY_OK(blockjobs::copy(*m_connection, *work, u"vda"_s,
        u"<disk type='file'><source file='%1'/><driver type='qcow2'/></disk>"_s.arg(file(u"copy.qcow2"_s)),
        {.shallow = shallow, .reuseFile = shallow}));
    quint64 copied = 0;
    COMPARE_OUTCOME(watch.wait([&](quint64 done, quint64) { copied = done; }, {}), Outcome::Ready);
    QVERIFY2(shallow ? copied < 4 * mebibyte : copied >= 4 * mebibyte, qPrintable(QString::number(copied)));
    VERIFY_OK(blockjobs::finish(*m_connection, *work, u"vda"_s, false));
    VERIFY_OK(domains::destroy(*m_connection, *work));
    QVERIFY(!domains::state(*m_connection, *work)->exists);

    QCOMPARE(m_host->compare(disk, file(u"copy.qcow2"_s), u"s2"_s), QString());
    const auto info = m_host->bed.exec(u"A"_s, {u"qemu-img"_s, u"info"_s, file(u"copy.qcow2"_s)});
    QCOMPARE(info.output.contains(u"backing file: "_s + file(u"vm-hda.qcow2"_s)), shallow);
    QVERIFY(m_host->sees());
    QCOMPARE(m_host->compare(disk, m_host->path(disk)), QString());
}

void TestSnapshotCallsSystem::cancelled_data()
{
    QTest::addColumn<QString>("kind");
    for (const char *kind : {"pull", "commit", "active commit", "copy"}) {
        QTest::newRow(kind) << QString::fromLatin1(kind);
    }
}

void TestSnapshotCallsSystem::cancelled()
{
    QFETCH(const QString, kind);
    QVERIFY(makeChain());
    blockjobs::Watch watch(*m_connection, m_host->uuid(), disk);
    VERIFY_OK(startSlow(kind));
    std::stop_source stop;
    quint64 done = 0;
    quint64 total = 0;
    const auto outcome = watch.wait(
        [&](quint64 now, quint64 all) {
            done = now;
            total = all;
            if (now > 0) {
                stop.request_stop();
            }
        },
        stop.get_token());
    COMPARE_OUTCOME(outcome, Outcome::Cancelled);
    QVERIFY(done > 0 && done < total); // in the middle
    QVERIFY(!hasJob());
    QCOMPARE(m_host->chain(disk), chainOf({"s2.over", "s1.over", "vm-hda.qcow2"}));
    QVERIFY(m_host->writes(disk, 3, 1, 10) && m_host->sees());
    QCOMPARE(m_host->compare(disk, m_host->path(disk)), QString());
    if (kind == "active commit"_L1 || kind == "copy"_L1) {
        QVERIFY(!m_host->virsh({u"dumpxml"_s, u"vm"_s}).contains(u"<mirror"_s));
    }

    // Also when it is ready already.
    if (kind == "active commit"_L1) {
        blockjobs::Watch second(*m_connection, m_host->uuid(), disk);
        VERIFY_OK(
            blockjobs::commit(*m_connection, m_host->uuid(), disk, file(u"s2.over"_s), file(u"vm-hda.qcow2"_s), true));
        COMPARE_OUTCOME(second.wait({}, {}), Outcome::Ready);
        std::stop_source now;
        now.request_stop();
        COMPARE_OUTCOME(second.wait({}, now.get_token()), Outcome::Cancelled);
        QCOMPARE(m_host->path(disk), file(u"s2.over"_s));
        QVERIFY(m_host->sees());
    }
}

void TestSnapshotCallsSystem::daemonKilled()
{
    QVERIFY(makeChain());
    VERIFY_OK(startSlow(u"active commit"_s));
    blockjobs::Watch watch(*m_connection, m_host->uuid(), disk);
    bool killed = false;
    const auto broken = watch.wait(
        [&](quint64 done, quint64) {
            if (done > 0 && !killed) {
                killed = m_host->bed.killDaemon(u"A"_s);
            }
        },
        {});
    QVERIFY(killed);
    QVERIFY(!broken);
    QCOMPARE(broken.error().kind, Error::Kind::Disconnected);

    // QEMU went on meanwhile; whoever comes back finds the job, and how it ends.
    QTRY_VERIFY_WITH_TIMEOUT(connectAnew(), 20000);
    blockjobs::Watch again(*m_connection, m_host->uuid(), disk);
    QVERIFY(hasJob());
    VERIFY_OK(blockjobs::setSpeed(*m_connection, m_host->uuid(), disk, 0));
    COMPARE_OUTCOME(again.wait({}, {}), Outcome::Ready);
    VERIFY_OK(blockjobs::finish(*m_connection, m_host->uuid(), disk, true));
    COMPARE_OUTCOME(again.wait({}, {}), Outcome::Completed);
    QCOMPARE(m_host->chain(disk), chainOf({"vm-hda.qcow2"}));
    QVERIFY(m_host->sees());
    QCOMPARE(m_host->compare(disk, m_host->path(disk)), QString());
}

void TestSnapshotCallsSystem::domainOff()
{
    QVERIFY(makeChain());
    blockjobs::Watch watch(*m_connection, m_host->uuid(), disk);
    VERIFY_OK(startSlow(u"commit"_s));
    bool off = false;
    const auto outcome = watch.wait(
        [&](quint64 done, quint64) {
            if (done > 0 && !off) {
                off = m_host->stop();
            }
        },
        {});
    QVERIFY(off);
    QVERIFY2(!outcome, outcome ? nameOf(*outcome) : "");
    QCOMPARE(outcome.error().kind, Error::Kind::Failed);
    QVERIFY2(outcome.error().message.contains(u"went off"_s), qPrintable(outcome.error().message));
    QCOMPARE(m_host->chain(disk), chainOf({"s2.over", "s1.over", "vm-hda.qcow2"}));
    QCOMPARE(m_host->compare(disk, m_host->path(disk)), QString());
    // Asked of one that is off from the start, or that never was.
    blockjobs::Watch late(*m_connection, m_host->uuid(), disk);
    QCOMPARE(late.wait({}, {}).error().kind, Error::Kind::Failed);
    blockjobs::Watch nobody(*m_connection, QUuid::createUuid(), disk);
    QVERIFY(!nobody.wait({}, {}));
}

void TestSnapshotCallsSystem::vanished()
{
    QVERIFY(makeChain());
    // Done before anybody listened: the chain must tell.
    QVERIFY(m_host->bed.virsh(u"A"_s, {u"blockpull"_s, u"vm"_s, disk, u"--wait"_s}).ok());
    blockjobs::Watch watch(*m_connection, m_host->uuid(), disk);
    QElapsedTimer clock;
    clock.start();
    COMPARE_OUTCOME(watch.wait({}, {}), Outcome::Vanished);
    QVERIFY2(clock.elapsed() < 2000, qPrintable(QString::number(clock.elapsed())));
    // Heard while nobody waited: known.
    VERIFY_OK(take(u"s3"_s, false));
    blockjobs::Watch early(*m_connection, m_host->uuid(), disk);
    QVERIFY(m_host->bed.virsh(u"A"_s, {u"blockcommit"_s, u"vm"_s, disk, u"--active"_s, u"--pivot"_s}).ok());
    COMPARE_OUTCOME(early.wait({}, {}), Outcome::Completed);
    // Whoever else ends it: told as what it is.
    VERIFY_OK(take(u"s5"_s, false));
    QVERIFY(m_host->writes(disk, 1, 8, 12));
    blockjobs::Watch others(*m_connection, m_host->uuid(), disk);
    VERIFY_OK(blockjobs::commit(
        *m_connection, m_host->uuid(), disk, file(u"s5.over"_s), m_host->chain(disk).at(1), true, slow));
    bool aborted = false;
    COMPARE_OUTCOME(others.wait(
                        [&](quint64 done, quint64) {
                            if (done > 0 && !aborted) {
                                aborted = m_host->bed.virsh(u"A"_s, {u"blockjob"_s, u"vm"_s, disk, u"--abort"_s}).ok();
                            }
                        },
                        {}),
        Outcome::Cancelled);
    QVERIFY(aborted);
    QVERIFY(m_host->sees());
}

QTEST_GUILESS_MAIN(TestSnapshotCallsSystem)
#include "tst_snapshotcalls_system.moc"
