// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCryptographicHash>
#include <QDir>
#include <QStandardPaths>
#include <QTest>

#include "backend/operation/resize/resize.h"
#include "backend/operation/steps.h"
#include "diskcontents.h"
#include "snapshothost.h"
#include "tests/support/ownhome.h"

using namespace Qt::StringLiterals;
using namespace vireo;
namespace contents = test::contents;
using job::JobState;
using operation::KeptStates;
using operation::ResizeDraft;
using operation::ResizeEnd;
using operation::ResizeFacts;
using test::SnapshotHost;
using Kind = operation::DiskContent::Kind;

namespace {

constexpr auto hdb = "hdb"_L1;
constexpr quint64 mebibyte = 1024ULL * 1024;

ResizeDraft cold(quint64 mebibytes)
{
    ResizeDraft draft;
    draft.when = ResizeDraft::When::Cold;
    draft.timeoutSeconds = 20;
    ResizeDraft::Disk disk;
    disk.target = hdb;
    disk.capacity = mebibytes * mebibyte;
    draft.disks = {disk};
    return draft;
}

} // namespace

/** What lies on disks whose size changes while their VM is off: file systems grow with them, swap is made anew. */
class TestContentSystem final : public QObject
{
    Q_OBJECT

    test::OwnHome m_ownHome;

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
    [[nodiscard]] job::Plan plan(ResizeEnd end) const
    {
        const auto state = kept().find(m_host->uuid());
        const auto connection = m_host->connection();
        const auto read = state ? readResizeEndFacts(*state, connection, connection, m_host->id(), m_host->id(), {})
                                : fail(state.error());
        return read ? planResizeEnd(end, *read, {}) : job::Plan();
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
    static QStringList types(const job::Plan &plan)
    {
        QStringList result;
        for (const job::Step &step : plan.steps) {
            result.append(step.type);
        }
        return result;
    }
    static QString findings(const job::Plan &plan)
    {
        QString text;
        for (const job::Finding &finding : plan.findings) {
            text += finding.text + u' ' + finding.cause + u' ' + finding.fix + u'\n';
        }
        return text;
    }
    /** All files of the pool, by content; and the definition. */
    QMap<QString, QByteArray> world() const
    {
        QMap<QString, QByteArray> all{
            {QString(), m_host->virsh({u"dumpxml"_s, u"--inactive"_s, SnapshotHost::name()}).toUtf8()}};
        const QStringList names = m_host->files();
        for (const QString &name : names) {
            QFile file(m_host->directory() + u'/' + name);
            QCryptographicHash hash(QCryptographicHash::Sha256);
            if (file.open(QIODevice::ReadOnly)) {
                hash.addData(&file);
            }
            all.insert(name, hash.result());
        }
        return all;
    }
    /** The disk as the VM sees it now, as a raw file here. */
    QString disk() const
    {
        const QString from = m_host->path(hdb);
        QString to = m_scratch.filePath(u"disk"_s);
        QFile::remove(to);
        const bool isOverlay = m_host->virsh({u"dumpxml"_s, u"--inactive"_s, SnapshotHost::name()})
                                   .section(from, 0, 0)
                                   .section(u"<driver"_s, -1)
                                   .contains("qcow2"_L1);
        if (!isOverlay) {
            return QFile::copy(from, to) ? to : QString();
        }
        return contents::said(u"qemu-img"_s, {u"convert"_s, u"-f"_s, u"qcow2"_s, u"-O"_s, u"raw"_s, from, to}).isNull()
            ? QString()
            : to;
    }
    [[nodiscard]] bool make(const QString &format, int mebibytes = 64)
    {
        return m_host->make({{{u"hda"_s, u"qcow2"_s, 32}, {hdb, format, mebibytes}}});
    }
    /** The raw image becomes what the disk holds. */
    [[nodiscard]] bool fill(const QString &raw, const QString &format)
    {
        const bool filled = !contents::said(
            u"qemu-img"_s, {u"convert"_s, u"-n"_s, u"-f"_s, u"raw"_s, u"-O"_s, format, raw, m_host->path(hdb)})
                                 .isNull();
        return filled && m_host->bed.virsh(u"A"_s, {u"pool-refresh"_s, u"default"_s}).ok();
    }
    QString blank(int mebibytes) const
    {
        QString path = m_scratch.filePath(u"blank"_s);
        QFile::remove(path);
        QFile out(path);
        return out.open(QIODevice::WriteOnly) && out.resize(qint64(mebibytes * mebibyte)) ? path : QString();
    }
    [[nodiscard]] bool fillExt(const QString &format, const QString &kind = u"ext4"_s)
    {
        const QString raw = blank(64);
        return contents::makeExt(raw, kind) && fill(raw, format);
    }
    [[nodiscard]] bool fillSwap(const QString &format)
    {
        const QString raw = blank(64);
        return !contents::said(u"mkswap"_s, {u"-L"_s, u"my swap"_s, raw}).isNull()
            && contents::put(raw, 5 * mebibyte, QByteArray(100000, 's')) && fill(raw, format);
    }
    static bool nothingLeftHere()
    {
        const QString work = QStandardPaths::writableLocation(QStandardPaths::CacheLocation) + u"/work"_s;
        return QDir(work).entryList(QDir::Dirs | QDir::NoDotAndDotDot).isEmpty();
    }

    QTemporaryDir m_scratch;

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
        for (const operation::KeptState &state : *all) {
            QVERIFY(kept().remove(state.id));
        }
    }
    void cleanupTestCase() { m_host.reset(); }

    void growsFilesystem_data()
    {
        QTest::addColumn<QString>("format");
        QTest::addColumn<QString>("kind");
        QTest::addColumn<QString>("into"); // empty: a layer; else remade in this format
        QTest::newRow("raw") << u"raw"_s << u"ext4"_s << QString();
        QTest::newRow("raw, ext3") << u"raw"_s << u"ext3"_s << QString();
        QTest::newRow("qcow2") << u"qcow2"_s << u"ext4"_s << QString();
        QTest::newRow("raw, a new file") << u"raw"_s << u"ext4"_s << u"raw"_s;
        QTest::newRow("raw becomes qcow2") << u"raw"_s << u"ext4"_s << u"qcow2"_s;
        QTest::newRow("qcow2 becomes raw") << u"qcow2"_s << u"ext2"_s << u"raw"_s;
    }
    /** It grows, is taken back byte for byte, grows again, and stays. */
    void growsFilesystem()
    {
        QFETCH(const QString, format);
        QFETCH(const QString, kind);
        QFETCH(const QString, into);
        QVERIFY(make(format) && fillExt(format, kind));
        QCOMPARE(facts().contents.value(hdb).kind, Kind::Ext);
        QCOMPARE(facts().contents.value(hdb).name, kind);
        const auto before = world();
        ResizeDraft draft = cold(200);
        if (into == format) {
            draft.disks.first().sparsify = true;
        } else {
            draft.disks.first().format = into;
        }
        const job::Plan made = plan(draft);
        QCOMPARE(types(made).count(u"filesystem.grow"_s), 1);
        QCOMPARE(types(made).count(u"layer.fold"_s), into.isEmpty() ? 0 : 1);
        QVERIFY2(findings(made).contains(u"The %1 file system on the disk hdb grows with it."_s.arg(kind)),
            qPrintable(findings(made)));
        QVERIFY(done(made));
        QVERIFY(nothingLeftHere());
        QCOMPARE(contents::extProblem(disk(), 200 * mebibyte), QString());

        QVERIFY(done(plan(ResizeEnd::Revert)));
        QVERIFY(world() == before);
        QCOMPARE(contents::extProblem(disk(), 64 * mebibyte), QString());

        QVERIFY(done(plan(draft)));
        QVERIFY(done(plan(ResizeEnd::Confirm)));
        QCOMPARE(m_host->files().size(), 2);
        QCOMPARE(m_host->chain(hdb).size(), 1);
        QCOMPARE(contents::extProblem(disk(), 200 * mebibyte), QString());
        if (into == "raw"_L1 || (into.isEmpty() && format == "raw"_L1)) {
            QCOMPARE(QFile(m_host->path(hdb)).size(), 200 * mebibyte);
        }
        QVERIFY(m_host->start()); // QEMU opens what has become of it
        QVERIFY(m_host->stop());
    }

    /** A layer upon another: read through all of them. */
    void growsThroughLayers()
    {
        QVERIFY(make(u"raw"_s) && fillExt(u"raw"_s));
        QVERIFY(m_host->bed
                .virsh(u"A"_s,
                    {u"snapshot-create-as"_s, SnapshotHost::name(), u"s1"_s, u"--disk-only"_s, u"--diskspec"_s,
                        u"hda,snapshot=no"_s})
                .ok());
        QCOMPARE(m_host->chain(hdb).size(), 2);
        QCOMPARE(facts().contents.value(hdb).kind, Kind::Ext);
        const auto before = world();
        QVERIFY(done(plan(cold(200))));
        QCOMPARE(contents::extProblem(disk(), 200 * mebibyte), QString());
        QVERIFY(done(plan(ResizeEnd::Revert)));
        QVERIFY(world() == before);
    }

    void growsOnlyTheDisk()
    {
        QVERIFY(make(u"raw"_s) && fillExt(u"raw"_s));
        ResizeDraft draft = cold(200);
        draft.disks.first().growFilesystem = false;
        const job::Plan made = plan(draft);
        QVERIFY(!types(made).contains(u"filesystem.grow"_s));
        QVERIFY2(findings(made).contains(u"resize2fs"_s), qPrintable(findings(made)));
        QVERIFY(done(made));
        QCOMPARE(contents::extProblem(disk(), 64 * mebibyte), QString());
        QVERIFY(done(plan(ResizeEnd::Confirm)));
        QCOMPARE(QFile(m_host->path(hdb)).size(), 200 * mebibyte);
    }

    /** What its guest put there makes one thing of another to nobody. */
    void isNotFooled()
    {
        // A qcow2 header upon a raw ext4 file system: it grows, and the header stays what it is, bytes.
        QVERIFY(make(u"raw"_s) && fillExt(u"raw"_s));
        const QString trap = m_scratch.filePath(u"trap.qcow2"_s);
        QFile::remove(trap);
        QVERIFY(!contents::said(u"qemu-img"_s,
            {u"create"_s, u"-q"_s, u"-f"_s, u"qcow2"_s, u"-u"_s, u"-F"_s, u"raw"_s, u"-b"_s, u"/etc/passwd"_s, trap,
                u"1G"_s})
                .isNull());
        const QByteArray header = contents::bytes(trap, 0, 512);
        QVERIFY(contents::put(m_host->path(hdb), 0, header));
        QCOMPARE(facts().contents.value(hdb).kind, Kind::Ext);
        QVERIFY(done(plan(cold(200))));
        QCOMPARE(contents::extProblem(disk(), 200 * mebibyte), QString());
        QVERIFY(done(plan(ResizeEnd::Confirm)));
        QCOMPARE(contents::extProblem(disk(), 200 * mebibyte), QString());
        QCOMPARE(contents::bytes(m_host->path(hdb), 0, 512), header);
        QVERIFY(!m_host->virsh({u"dumpxml"_s, SnapshotHost::name()}).contains("/etc/passwd"_L1));

        // The superblock of ext4 between partition table and first partition: nothing is grown.
        QVERIFY(make(u"raw"_s));
        const QString raw = blank(64);
        QVERIFY(contents::makeExt(raw));
        const QByteArray super = contents::bytes(raw, 1024, 1024);
        const QString parted = blank(64);
        QVERIFY(!contents::said(u"sfdisk"_s, {u"-q"_s, parted}, "label: dos\n,,L\n").isNull());
        QVERIFY(contents::put(parted, 1024, super) && fill(parted, u"raw"_s));
        QCOMPARE(facts().contents.value(hdb).kind, Kind::Partitioned);
        ResizeDraft draft = cold(100);
        const job::Plan made = plan(draft);
        QVERIFY(!types(made).contains(u"filesystem.grow"_s));
        QVERIFY2(findings(made).contains(u"growpart"_s), qPrintable(findings(made)));
        draft.disks.first().growFilesystem = true;
        QVERIFY(plan(draft).isBlocked());
        QVERIFY(done(made));
        QCOMPARE(contents::bytes(disk(), 0, 64 * mebibyte), contents::bytes(parted, 0, 64 * mebibyte));
    }

    /** One that only a person can repair: all is left as it was. */
    void leavesWhatIsBroken()
    {
        const QString raw = blank(64);
        QVERIFY(contents::makeExt(raw));
        // The directory's block points into nothing, and the root directory is a file.
        QVERIFY(!contents::said(u"debugfs"_s, {u"-w"_s, u"-R"_s, u"set_inode_field <2> mode 0100644"_s, raw}).isNull());
        QVERIFY(make(u"raw"_s) && fill(raw, u"raw"_s));
        const auto before = world();
        const job::Plan made = plan(cold(200));
        QVERIFY(types(made).contains(u"filesystem.grow"_s));
        const job::JobRecord record = m_host->run(made);
        QVERIFY2(record.state == JobState::Failed, SnapshotHost::text(record).constData());
        QVERIFY2(SnapshotHost::text(record).contains("a person's judgement: "), SnapshotHost::text(record).constData());
        QVERIFY(record.remains.isEmpty());
        QVERIFY(world() == before);
        QVERIFY(nothingLeftHere());
        QVERIFY(kept().list()->isEmpty());
    }

    void makesSwap_data()
    {
        QTest::addColumn<QString>("format");
        QTest::addColumn<int>("size");
        QTest::newRow("larger") << u"raw"_s << 96;
        QTest::newRow("smaller") << u"raw"_s << 48;
        QTest::newRow("larger, qcow2") << u"qcow2"_s << 96;
        QTest::newRow("smaller, qcow2") << u"qcow2"_s << 48;
    }
    void makesSwap()
    {
        QFETCH(const QString, format);
        QFETCH(const int, size);
        QVERIFY(make(format) && fillSwap(format));
        QCOMPARE(facts().contents.value(hdb).kind, Kind::Swap);
        const QByteArray label = contents::said(u"swaplabel"_s, {disk()});
        QVERIFY(label.contains("my swap"));
        const auto before = world();
        const job::Plan made = plan(cold(quint64(size)));
        QCOMPARE(types(made).count(u"swap.make"_s), 1);
        QVERIFY(!types(made).contains(u"disk.copy"_s));
        QVERIFY2(findings(made).contains(u"is made anew"_s), qPrintable(findings(made)));
        const auto check = [&] {
            const QString now = disk();
            QCOMPARE(QFile(now).size(), size * mebibyte);
            QCOMPARE(contents::said(u"swaplabel"_s, {now}), label);
            // The header is mkswap's for that size.
            const QString uuid =
                QString::fromUtf8(contents::said(u"blkid"_s, {u"-p"_s, u"-o"_s, u"value"_s, u"-s"_s, u"UUID"_s, now}))
                    .trimmed();
            const QString theirs = blank(size);
            QVERIFY(!contents::said(u"mkswap"_s, {u"-L"_s, u"my swap"_s, u"-U"_s, uuid, theirs}).isNull());
            QCOMPARE(contents::bytes(now, 0, 4096), contents::bytes(theirs, 0, 4096));
        };
        QVERIFY(done(made));
        check();
        QVERIFY(done(plan(ResizeEnd::Revert)));
        QVERIFY(world() == before);
        QVERIFY(done(plan(cold(quint64(size)))));
        QVERIFY(done(plan(ResizeEnd::Confirm)));
        check();
        QCOMPARE(m_host->files().size(), 2);
        QVERIFY(nothingLeftHere());
    }

    /** A guest that sleeps in its swap, and data: neither is thrown away, nor made smaller. */
    void keepsWhatIsNoSwap()
    {
        QVERIFY(make(u"raw"_s) && fillSwap(u"raw"_s));
        const QString before = m_host->path(hdb);
        QVERIFY(contents::put(before, 4086, "S1SUSPEND\0"_ba));
        QVERIFY(plan(cold(48)).isBlocked());
        const job::Plan made = plan(cold(96));
        QVERIFY(!types(made).contains(u"swap.make"_s));
        QVERIFY(done(made));
        QVERIFY(m_host->path(hdb) != before);
        QCOMPARE(contents::bytes(disk(), 0, 64 * mebibyte), contents::bytes(before, 0, 64 * mebibyte));
    }

    /** While it runs nothing of it is done, and it is said what to do in the guest. */
    void onlyWhileItIsOff()
    {
        QVERIFY(make(u"raw"_s) && fillExt(u"raw"_s) && m_host->start());
        ResizeDraft draft = cold(100);
        draft.when = ResizeDraft::When::Auto;
        draft.disks.first().growFilesystem.reset();
        const job::Plan live = plan(draft);
        QVERIFY(!types(live).contains(u"filesystem.grow"_s));
        QVERIFY2(findings(live).contains(u"In the guest: resize2fs"_s), qPrintable(findings(live)));
        draft.disks.first().growFilesystem = true;
        const job::Plan off = plan(draft); // asked for: it is shut down for it
        QVERIFY(types(off).contains(u"filesystem.grow"_s));
        QVERIFY(done(off));
        QCOMPARE(m_host->state(), u"running"_s);
        QVERIFY(m_host->stop());
        QCOMPARE(contents::extProblem(disk(), 100 * mebibyte), QString());
    }
};

QTEST_GUILESS_MAIN(TestContentSystem)
#include "tst_content_system.moc"
