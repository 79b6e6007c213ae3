// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCryptographicHash>
#include <QDir>
#include <QElapsedTimer>
#include <QJsonArray>
#include <QTest>

#include "backend/operation/resize/resize.h"
#include "backend/operation/snapshot/snapshotplans.h"
#include "backend/operation/steps.h"
#include "backend/virt/domains.h"
#include "snapshothost.h"
#include "tests/support/ownhome.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using job::JobState;
using operation::KeptState;
using operation::KeptStates;
using operation::ResizeDraft;
using operation::ResizeEnd;
using operation::ResizeEndDraft;
using operation::ResizeEndFacts;
using operation::ResizeFacts;
using test::SnapshotHost;

namespace {

constexpr auto hda = "hda"_L1;
constexpr quint64 mebibyte = 1024ULL * 1024;

ResizeDraft::Disk grown(quint64 mebibytes, const QString &format = {})
{
    ResizeDraft::Disk disk;
    disk.target = hda;
    disk.capacity = mebibytes * mebibyte;
    disk.format = format;
    return disk;
}

/** Cold, as all rows here; the guest obeys its power button. */
ResizeDraft cold(const QList<ResizeDraft::Disk> &disks = {})
{
    ResizeDraft draft;
    draft.when = ResizeDraft::When::Cold;
    draft.disks = disks;
    draft.timeoutSeconds = 20;
    return draft;
}

} // namespace

/** A VM is resized while it is off; that is confirmed, or taken back, and then all is exactly as it was. */
class TestResizeSystem final : public QObject
{
    Q_OBJECT

    test::OwnHome m_ownHome;

    /** What must be as it was when something is taken back. */
    struct Before {
        QString state;
        QString definition;
        QMap<QString, QByteArray> files;
        QString snapshots;
        friend bool operator==(const Before &, const Before &) = default;
    };

    std::unique_ptr<SnapshotHost> m_host;

    static KeptStates kept() { return KeptStates(KeptStates::defaultDirectory()); }
    [[nodiscard]] ResizeFacts facts() const
    {
        const auto read = operation::readResizeFacts(*m_host->connection(), m_host->uuid(), kept(), {});
        if (!read) {
            qWarning("%s", qPrintable(read.error().message));
        }
        return read.value_or(ResizeFacts());
    }
    [[nodiscard]] job::Plan plan(const ResizeDraft &draft) const { return planResize(m_host->id(), facts(), draft); }
    [[nodiscard]] job::Plan plan(ResizeEnd end, const ResizeEndDraft &draft = {}) const
    {
        const auto state = kept().find(m_host->uuid());
        const auto connection = m_host->connection();
        const auto read = state ? readResizeEndFacts(*state, connection, connection, m_host->id(), m_host->id(), {})
                                : fail(state.error());
        if (!read) {
            qWarning("%s", qPrintable(read.error().message));
            return {};
        }
        return planResizeEnd(end, *read, draft);
    }
    /** Of two files as a guest would read them. */
    [[nodiscard]] job::Plan comparison(const snapshot::Layer &one, const snapshot::Layer &other) const
    {
        const auto chain = [](const snapshot::Layer &layer) {
            return QJsonArray{QJsonObject{{u"path"_s, layer.path}, {u"format"_s, layer.format}}};
        };
        job::Plan plan;
        plan.operation = u"test"_s;
        plan.host = m_host->id();
        plan.domain = m_host->uuid();
        plan.domainName = SnapshotHost::name();
        plan.steps = {{u"disk.compare"_s, u"Compare"_s, other.path, {}, 0,
            {{u"fromChain"_s, chain(one)}, {u"chain"_s, chain(other)}, {u"path"_s, other.path}}}};
        return plan;
    }
    [[nodiscard]] bool done(const job::Plan &plan) const
    {
        if (plan.steps.isEmpty() || !SnapshotHost::canRun(plan)) {
            return false;
        }
        const job::JobRecord record = m_host->run(plan);
        if (record.state != JobState::Done) {
            qWarning("%s", SnapshotHost::text(record).constData());
        }
        return record.state == JobState::Done;
    }
    QString virsh(const QStringList &arguments) const { return m_host->virsh(arguments); }
    QString definition() const
    {
        return virsh({u"dumpxml"_s, u"--inactive"_s, u"--security-info"_s, SnapshotHost::name()});
    }
    Before now() const
    {
        Before before{
            m_host->state(), definition(), {}, virsh({u"snapshot-list"_s, SnapshotHost::name(), u"--tree"_s})};
        const QStringList names = m_host->files();
        for (const QString &name : names) {
            QFile file(m_host->directory() + u'/' + name);
            QCryptographicHash hash(QCryptographicHash::Sha256);
            if (file.open(QIODevice::ReadOnly)) {
                hash.addData(&file);
            }
            before.files.insert(name, hash.result());
        }
        return before;
    }
    static QString difference(const Before &is, const Before &was)
    {
        QStringList texts;
        if (is.state != was.state) {
            texts << u"state: %1, not %2"_s.arg(is.state, was.state);
        }
        if (is.definition != was.definition) {
            texts << u"definition:\n%1\nnot:\n%2"_s.arg(is.definition, was.definition);
        }
        if (is.files.keys() != was.files.keys()) {
            texts << u"files: %1, not %2"_s.arg(is.files.keys().join(u' '), was.files.keys().join(u' '));
        } else if (is.files != was.files) {
            texts << u"content of files"_s;
        }
        if (is.snapshots != was.snapshots) {
            texts << u"snapshots: %1 not %2"_s.arg(is.snapshots, was.snapshots);
        }
        return texts.join(u"\n"_s);
    }
    /** MiB as a guest sees the disk, and its format, by the definition's word. */
    QString size(const QString &disk = hda) const
    {
        const QString info = virsh({u"domblkinfo"_s, SnapshotHost::name(), disk});
        return QString::number(info.section(u"Capacity:"_s, 1).trimmed().section(u'\n', 0, 0).toULongLong() / mebibyte);
    }
    QString format() const { return definition().section(u"<driver name='qemu' type='"_s, 1).section(u'\'', 0, 0); }
    /** The content of the VM's disk, up to `mebibytes`, is what the model says; then only zeros, until `size`. */
    QString content(const QString &path, const QString &imageFormat, int mebibytes, int sizeNow) const
    {
        const QByteArray is = m_host->content(path, imageFormat);
        const QByteArray should = m_host->expected(hda);
        if (is.size() != sizeNow * qsizetype(mebibyte)) {
            return u"%1 bytes"_s.arg(is.size());
        }
        if (is.first(mebibytes * qsizetype(mebibyte)) != should) {
            return u"other content"_s;
        }
        return is.mid(mebibytes * qsizetype(mebibyte)).count('\0') == (sizeNow - mebibytes) * qsizetype(mebibyte)
            ? QString()
            : u"content in what grew"_s;
    }
    /** The guest runs, and reads what it wrote. */
    bool runs() const { return m_host->heartbeat() >= 0 && m_host->sees(); }
    bool nothingWaits() const
    {
        const auto all = kept().list();
        const QStringList aside =
            QDir(KeptStates::defaultDirectory() + u"/aside"_s).entryList(QDir::Dirs | QDir::NoDotAndDotDot);
        return all && all->isEmpty() && aside.isEmpty() && !definition().contains(":resize "_L1);
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_host = std::make_unique<SnapshotHost>();
        QVERIFY2(m_host->problem().isEmpty(), qPrintable(m_host->problem()));
    }
    void init()
    {
        const auto all = kept().list();
        QVERIFY(all);
        for (const KeptState &state : *all) {
            QVERIFY(kept().remove(state.id));
        }
    }
    void cleanupTestCase() { m_host.reset(); }

    /** It runs, is resized, runs with all of it; is taken back, and is what it was; again, and is confirmed. */
    void growsAndGoesBackAndGrows()
    {
        QVERIFY(m_host->make({}) && m_host->start());
        QVERIFY(m_host->writes(hda, 1, 2, 77));
        const Before before = now();

        ResizeDraft draft = cold({grown(48)});
        draft.vcpus = 3;
        draft.memoryKiB = 24 * 1024;
        QVERIFY(done(plan(draft)));
        QCOMPARE(m_host->state(), u"running"_s);
        QCOMPARE(virsh({u"vcpucount"_s, SnapshotHost::name(), u"--live"_s, u"--active"_s}).trimmed(), u"3"_s);
        QVERIFY(virsh({u"dominfo"_s, SnapshotHost::name()}).contains(u"24576 KiB"_s));
        QCOMPARE(size(), u"48"_s);
        QVERIFY(runs());
        QVERIFY(m_host->order(u"write=hda:40:2:5"_s, u"WROTE hda:40:2:5"_s)); // where there was nothing before
        QVERIFY(kept().find(m_host->uuid()));
        QCOMPARE(kept().find(m_host->uuid())->wasRunning, true);
        QVERIFY(definition().contains(":resize "_L1));

        QVERIFY(done(plan(ResizeEnd::Revert)));
        QCOMPARE(m_host->state(), u"running"_s);
        QVERIFY(nothingWaits());
        QVERIFY(m_host->stop());
        Before after = now();
        after.state = before.state;
        QCOMPARE(difference(after, before), QString());
        QCOMPARE(m_host->compare(hda, m_host->path(hda)), QString());

        QVERIFY(m_host->start());
        QVERIFY(done(plan(draft)));
        QVERIFY(m_host->heartbeat() >= 0);
        QVERIFY(m_host->writes(hda, 5, 3, 78));
        QVERIFY(done(plan(ResizeEnd::Confirm)));
        QVERIFY(nothingWaits());
        QCOMPARE(m_host->state(), u"running"_s);
        QVERIFY(runs());
        QVERIFY(m_host->writes(hda, 9, 1, 79));
        QCOMPARE(size(), u"48"_s);
        QVERIFY(m_host->stop());
        QCOMPARE(m_host->files(), before.files.keys());
        QCOMPARE(m_host->chain(hda).size(), 1);
        QCOMPARE(size(), u"48"_s);
        QCOMPARE(content(m_host->path(hda), u"qcow2"_s, 32, 48), QString());
    }

    void confirmsWhatIsOff_data()
    {
        QTest::addColumn<QString>("format");
        QTest::newRow("qcow2") << u"qcow2"_s;
        QTest::newRow("raw") << u"raw"_s;
    }
    void confirmsWhatIsOff()
    {
        QFETCH(const QString, format);
        QVERIFY(m_host->make({{{hda, format, 32}}}) && m_host->start());
        QVERIFY(m_host->writes(hda, 1, 2, 70));
        QVERIFY(m_host->stop());
        const Before before = now();
        QVERIFY(done(plan(cold({grown(40)}))));
        QCOMPARE(m_host->state(), u"shut off"_s);
        QCOMPARE(size(), u"40"_s);
        QVERIFY(m_host->start());
        QVERIFY(runs());
        QVERIFY(m_host->writes(hda, 2, 2, 71));
        QVERIFY(m_host->stop());
        QVERIFY(done(plan(ResizeEnd::Confirm)));
        QVERIFY(nothingWaits());
        QCOMPARE(m_host->files(), before.files.keys());
        QCOMPARE(size(), u"40"_s);
        QCOMPARE(this->format(), format);
        QCOMPARE(content(m_host->path(hda), format, 32, 40), QString());
        QVERIFY(m_host->start());
        QVERIFY(runs());
    }

    /** CVE-2026-24708: what a guest wrote into a raw disk is never taken for a format. */
    void rawStaysRaw_data()
    {
        QTest::addColumn<bool>("remade");
        QTest::newRow("layer") << false;
        QTest::newRow("copy") << true;
    }
    void rawStaysRaw()
    {
        QFETCH(const bool, remade);
        QVERIFY(m_host->make({{{hda, u"raw"_s, 32}}}));
        const QString path = m_host->path(hda);
        // A qcow2 header of another size whose backing file is a file of the host's.
        const QString trap = QDir(m_host->bed.directory()).filePath(u"trap.qcow2"_s);
        QVERIFY(m_host->bed
                .exec(u"A"_s,
                    {u"qemu-img"_s, u"create"_s, u"-q"_s, u"-f"_s, u"qcow2"_s, u"-u"_s, u"-F"_s, u"raw"_s, u"-b"_s,
                        u"/etc/passwd"_s, trap, u"1G"_s})
                .ok());
        QFile header(trap);
        QVERIFY(header.open(QIODevice::ReadOnly));
        const QByteArray bytes = header.read(65536);
        QFile disk(path);
        QVERIFY(disk.open(QIODevice::ReadWrite));
        QCOMPARE(disk.write(bytes), bytes.size());
        disk.close();

        ResizeDraft::Disk wanted = grown(48);
        wanted.sparsify = remade;
        const auto known = facts();
        QCOMPARE(known.capacities.value(hda), 32 * mebibyte);
        QVERIFY(done(plan(cold({wanted}))));
        QCOMPARE(size(), u"48"_s);
        QVERIFY(m_host->start());
        QVERIFY(m_host->order(u"write=hda:40:2:5"_s, u"WROTE hda:40:2:5"_s));
        QVERIFY(m_host->stop());
        QVERIFY(done(plan(ResizeEnd::Confirm)));
        QCOMPARE(format(), u"raw"_s);
        QCOMPARE(size(), u"48"_s);
        QFile after(m_host->path(hda));
        QVERIFY(after.open(QIODevice::ReadOnly));
        QCOMPARE(after.size(), qint64(48 * mebibyte));
        QCOMPARE(after.read(bytes.size()), bytes);
        QVERIFY(!definition().contains("/etc/passwd"_L1));
        QCOMPARE(m_host->files().size(), 1);
    }

    void converts_data()
    {
        QTest::addColumn<QString>("from");
        QTest::addColumn<QString>("to");
        QTest::newRow("raw to qcow2") << u"raw"_s << u"qcow2"_s;
        QTest::newRow("qcow2 to raw") << u"qcow2"_s << u"raw"_s;
    }
    void converts()
    {
        QFETCH(const QString, from);
        QFETCH(const QString, to);
        QVERIFY(m_host->make({{{hda, from, 32}}}) && m_host->start());
        QVERIFY(m_host->writes(hda, 1, 2, 70));
        QVERIFY(m_host->stop());
        const Before before = now();
        QVERIFY(done(plan(cold({grown(40, to)}))));
        QCOMPARE(format(), to);
        const snapshot::Layer old = kept().find(m_host->uuid())->disks.constFirst().before;
        const snapshot::Layer made = kept().find(m_host->uuid())->disks.constFirst().now;
        QVERIFY(done(comparison(old, made)));
        const snapshot::Layer wrong{from == "raw"_L1 ? made.path : old.path, u"raw"_s};
        QCOMPARE(m_host->run(comparison(from == "raw"_L1 ? old : made, wrong)).state, JobState::Failed);
        QCOMPARE(m_host->files().size(), 2);
        QVERIFY(m_host->start());
        QVERIFY(runs());
        QVERIFY(m_host->order(u"write=hda:36:1:5"_s, u"WROTE hda:36:1:5"_s));
        QVERIFY(done(plan(ResizeEnd::Revert)));
        QVERIFY(nothingWaits());
        QCOMPARE(difference(now(), before), QString());

        QVERIFY(done(plan(cold({grown(40, to)}))));
        QVERIFY(done(plan(ResizeEnd::Confirm)));
        QVERIFY(nothingWaits());
        QCOMPARE(m_host->files().size(), 1);
        QVERIFY(m_host->files() != before.files.keys());
        QCOMPARE(content(m_host->path(hda), to, 32, 40), QString());
    }

    void movesToAnotherPool()
    {
        QVERIFY(m_host->make({}) && m_host->start());
        QVERIFY(m_host->writes(hda, 1, 2, 70));
        const Before before = now();
        const QString other = QDir(m_host->bed.directory()).filePath(u"other"_s);
        QVERIFY(QDir().mkpath(other));
        QVERIFY(QFile::setPermissions(other, QFile::Permissions(0x7777)));
        virsh({u"pool-create-as"_s, u"other"_s, u"dir"_s, u"--target"_s, other});
        ResizeDraft::Disk disk;
        disk.target = hda;
        disk.pool = u"other"_s;
        QVERIFY(done(plan(cold({disk}))));
        QVERIFY(m_host->path(hda).startsWith(other));
        QVERIFY(runs());
        QVERIFY(done(plan(ResizeEnd::Revert)));
        QCOMPARE(QDir(other).entryList(QDir::Files), QStringList());
        QVERIFY(runs());
        QVERIFY(done(plan(cold({disk}))));
        QVERIFY(done(plan(ResizeEnd::Confirm)));
        QVERIFY(runs());
        QCOMPARE(m_host->files(), QStringList());
        QVERIFY(m_host->stop());
        QCOMPARE(m_host->compare(hda, m_host->path(hda)), QString());
        virsh({u"undefine"_s, SnapshotHost::name()});
        virsh({u"vol-delete"_s, m_host->path(hda)});
        virsh({u"pool-destroy"_s, u"other"_s});
        QDir(other).removeRecursively();
    }

    /** All at once: nothing waits afterwards. */
    void confirmsItself()
    {
        QVERIFY(m_host->make({}) && m_host->start());
        QVERIFY(m_host->writes(hda, 1, 2, 70));
        const QStringList files = m_host->files();
        ResizeDraft draft = cold({grown(48)});
        draft.confirm = ResizeDraft::Confirm::Auto;
        QVERIFY(done(plan(draft)));
        QCOMPARE(m_host->state(), u"running"_s);
        QVERIFY(nothingWaits());
        QCOMPARE(m_host->files(), files);
        QVERIFY(runs());
        QVERIFY(m_host->order(u"write=hda:40:2:5"_s, u"WROTE hda:40:2:5"_s));
    }

    void refuses()
    {
        QVERIFY(m_host->make({}));
        const Before before = now();
        const auto blocked = [this](const ResizeDraft &draft) {
            const job::Plan made = plan(draft);
            return made.isBlocked() && made.steps.isEmpty();
        };
        QVERIFY(blocked(cold()));
        QVERIFY(blocked(cold({grown(16)}))); // smaller
        QVERIFY(blocked(cold({grown(48, u"vmdk"_s)})));
        ResizeDraft::Disk disk = grown(48);
        disk.target = u"hdb"_s;
        QVERIFY(blocked(cold({disk})));
        disk = grown(48);
        disk.pool = u"nowhere"_s;
        QVERIFY(blocked(cold({disk})));

        // Two at once: the second was planned before the first was done.
        const job::Plan first = plan(cold({grown(48)}));
        const job::Plan second = plan(cold({grown(64)}));
        QVERIFY(done(first));
        QCOMPARE(size(), u"48"_s);
        const Before between = now();
        QCOMPARE(m_host->run(second).state, JobState::Failed);
        QCOMPARE(difference(now(), between), QString());
        QVERIFY(blocked(cold({grown(64)})));
        operation::SnapshotCreateDraft snapshot;
        snapshot.name = u"s"_s;
        QVERIFY(planSnapshotCreate(m_host->id(), facts().disks, snapshot).isBlocked());
        QVERIFY(done(plan(ResizeEnd::Revert)));
        QCOMPARE(difference(now(), before), QString());
    }

    /** It can't start with what it was given: all is as it was, and it runs again. */
    void undoesWhatCanNotStart()
    {
        QVERIFY(m_host->make({}) && m_host->start());
        QVERIFY(m_host->writes(hda, 1, 2, 70));
        QVERIFY(m_host->stop());
        const Before before = now();
        QVERIFY(m_host->start());
        ResizeDraft draft = cold({grown(48)});
        draft.memoryKiB = 4ULL * 1024 * 1024 * 1024; // 4 TiB
        QCOMPARE(m_host->run(plan(draft)).state, JobState::Failed);
        QCOMPARE(m_host->state(), u"running"_s);
        QVERIFY(runs());
        QVERIFY(m_host->stop());
        QCOMPARE(difference(now(), before), QString());
        QVERIFY(nothingWaits());
    }

    /** The guest does not hear of it: nothing is touched. */
    void leavesTheDeafAlone()
    {
        QVERIFY(m_host->make({.orders = u"deaf"_s}) && m_host->start());
        const Before before = now();
        const int beat = m_host->heartbeat();
        ResizeDraft draft = cold({grown(48)});
        draft.timeoutSeconds = 2;
        QCOMPARE(m_host->run(plan(draft)).state, JobState::Failed);
        QVERIFY(m_host->heartbeat() > beat);
        QCOMPARE(now().definition, before.definition);
        QCOMPARE(now().files.keys(), before.files.keys());
        draft.force = true;
        QVERIFY(done(plan(draft)));
        QCOMPARE(size(), u"48"_s);
        QVERIFY(m_host->heartbeat() >= 0);
        QVERIFY(done(plan(ResizeEnd::Revert, {.timeoutSeconds = 1})));
        QCOMPARE(now().definition, before.definition);
        QCOMPARE(m_host->state(), u"running"_s);
    }

    /** The definition says another format than the file has: nothing is guessed, and nothing is lost. */
    void wrongFormat()
    {
        QVERIFY(m_host->make({{{hda, u"raw"_s, 32}}}));
        QString xml = definition();
        QVERIFY(xml.contains("type='raw'"_L1));
        xml.replace(u"type='raw'"_s, u"type='qcow2'"_s);
        QVERIFY(virt::domains::define(*m_host->connection(), xml));
        const Before before = now();
        const job::Plan made = plan(cold({grown(48)}));
        QVERIFY(made.isBlocked() || m_host->run(made).state == JobState::Failed);
        QCOMPARE(difference(now(), before), QString());
        QVERIFY(nothingWaits());
    }

    /** After a failed boot, by another object as after days: the record is on disk. */
    void goesBackAfterAFailedBoot()
    {
        QVERIFY(m_host->make({}));
        const Before before = now();
        QVERIFY(done(plan(cold({grown(48)}))));
        const auto state = kept().find(m_host->uuid());
        QVERIFY(state);
        QVERIFY(QFile::remove(state->disks.constFirst().now.path)); // it can't start any more
        QVERIFY(!m_host->bed.virsh(u"A"_s, {u"start"_s, SnapshotHost::name()}).ok());
        QVERIFY(done(plan(ResizeEnd::Revert)));
        QCOMPARE(difference(now(), before), QString());
        QVERIFY(nothingWaits());
    }

    /** Its chain and snapshots stay what they are. */
    void keepsSnapshots()
    {
        QVERIFY(m_host->make({}) && m_host->start());
        QVERIFY(m_host->writes(hda, 1, 2, 70));
        operation::SnapshotCreateDraft snapshot;
        snapshot.name = u"s1"_s;
        snapshot.kind = operation::SnapshotCreateDraft::Kind::External;
        snapshot.memory = operation::SnapshotCreateDraft::Memory::Without;
        snapshot.picture = false;
        QVERIFY(done(planSnapshotCreate(m_host->id(), facts().disks, snapshot)));
        QVERIFY(m_host->writes(hda, 4, 2, 71));
        QVERIFY(m_host->stop());
        const Before before = now();
        QVERIFY(done(plan(cold({grown(48)}))));
        QVERIFY(m_host->start());
        QVERIFY(runs());
        QVERIFY(done(plan(ResizeEnd::Revert)));
        QCOMPARE(difference(now(), before), QString());
        QVERIFY(done(plan(cold({grown(48)}))));
        QVERIFY(done(plan(ResizeEnd::Confirm)));
        QCOMPARE(m_host->files(), before.files.keys());
        QCOMPARE(m_host->chain(hda).size(), 2);
        QCOMPARE(virsh({u"snapshot-list"_s, SnapshotHost::name(), u"--tree"_s}), before.snapshots);
        QCOMPARE(size(), u"48"_s);
        QVERIFY(m_host->start());
        QVERIFY(runs());
    }

    /** No copy, whatever the size. */
    void keepsQuickly()
    {
        QVERIFY(m_host->make({{{hda, u"qcow2"_s, 20 * 1024}}}));
        ResizeDraft draft = cold();
        draft.vcpus = 2;
        const job::Plan made = plan(draft);
        QElapsedTimer timer;
        timer.start();
        QVERIFY(done(made));
        const qint64 ms = timer.elapsed();
        qInfo("kept point of a disk of 20 GiB: %lld ms", static_cast<long long>(ms));
        QVERIFY2(ms < 1000, qPrintable(QString::number(ms)));
        timer.restart();
        const job::Plan back = plan(ResizeEnd::Revert);
        QVERIFY(done(back));
        qInfo("and back: %lld ms", static_cast<long long>(timer.elapsed()));
    }
};

QTEST_GUILESS_MAIN(TestResizeSystem)
#include "tst_resize_system.moc"
