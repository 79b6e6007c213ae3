// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "backend/operation/cold/coldmigration.h"
#include "backend/operation/kept/keptstate.h"
#include "backend/operation/steps.h"
#include "diskcontents.h"
#include "migrationhosts.h"

using namespace Qt::StringLiterals;
using namespace vireo;
namespace contents = test::contents;
using operation::ResizeDraft;
using operation::ResizeEnd;
using test::MigrationHosts;

namespace {

enum class Way { Shared, HostToHost, ThroughHere };

constexpr qint64 mebibyte = 1024LL * 1024;

} // namespace

/** File systems grow, and swap is made anew, on disks of a VM that moves to another host while it is off. */
class TestContentMoveSystem final : public QObject
{
    Q_OBJECT

    std::unique_ptr<MigrationHosts> m_hosts;
    QTemporaryDir m_kept;
    QTemporaryDir m_scratch;
    const QString m_a = MigrationHosts::a();
    const QString m_b = MigrationHosts::b();

    job::Plan plan(const ResizeDraft &draft, Way way) const
    {
        const auto a = m_hosts->connection(m_a);
        const auto b = m_hosts->connection(m_b);
        operation::MigrateFacts facts;
        facts.source = *operation::readMigrateSource(*a, m_hosts->uuid(), {});
        facts.destination = *operation::readMigrateDestination(*b, {});
        facts.pair = *operation::readMigratePair(
            a, b, facts.source, facts.destination, operation::migrateDraftOf(draft), false, {});
        facts.pair.reach.uri = m_hosts->peerUri(m_b);
        facts.pair.reach.state = way == Way::HostToHost ? operation::MigratePair::Reach::State::Yes
                                                        : operation::MigratePair::Reach::State::NoDaemon;
        const auto resize = operation::readResizeFacts(*a, m_hosts->uuid(), operation::KeptStates(m_kept.path()), {});
        return operation::planColdMigration(m_hosts->id(m_a), m_hosts->id(m_b), *resize, facts, draft);
    }
    job::Plan end(ResizeEnd how) const
    {
        const auto kept = operation::KeptStates(m_kept.path()).find(m_hosts->uuid());
        const auto facts = operation::readResizeEndFacts(
            *kept, m_hosts->connection(m_a), m_hosts->connection(m_b), m_hosts->id(m_a), m_hosts->id(m_b), {});
        return operation::planResizeEnd(how, *facts, {});
    }
    [[nodiscard]] bool done(const job::Plan &plan) const
    {
        if (!MigrationHosts::canRun(plan)) {
            return false;
        }
        const job::JobRecord record = m_hosts->run(plan);
        if (record.state != job::JobState::Done) {
            qWarning("%s", MigrationHosts::text(record).constData());
        }
        return record.state == job::JobState::Done;
    }
    /** A disk as its guest would see it on that host, as a raw file here. */
    QString disk(const QString &target, const QString &host) const
    {
        const QString path = m_hosts->path(target, host);
        const QString format =
            m_hosts->xml(host, true).section(path, 0, 0).section(u"<driver"_s, -1).contains("'qcow2'"_L1) ? u"qcow2"_s
                                                                                                          : u"raw"_s;
        QString to = m_scratch.filePath(target);
        QFile file(to);
        return file.open(QIODevice::WriteOnly) && file.write(m_hosts->content(path, format, {}, host)) >= 0 ? to
                                                                                                            : QString();
    }
    [[nodiscard]] bool fill(const QString &target, const QString &format, const QString &pool, const QString &raw) const
    {
        const QString path = m_hosts->directory(m_a, pool) + u"/vm-%1.%2"_s.arg(target, format);
        return !contents::said(u"qemu-img"_s, {u"convert"_s, u"-n"_s, u"-f"_s, u"raw"_s, u"-O"_s, format, raw, path})
                    .isNull();
    }
    QString blank(int mebibytes) const
    {
        QString path = m_scratch.filePath(u"blank"_s);
        QFile::remove(path);
        QFile out(path);
        return out.open(QIODevice::WriteOnly) && out.resize(mebibytes * mebibyte) ? path : QString();
    }
    QString world() const
    {
        QString text;
        for (const QString &host : {m_a, m_b}) {
            text += m_hosts->virsh({u"list"_s, u"--all"_s}, host) + m_hosts->xml(host, true)
                + m_hosts->files(host).join(u'\n') + m_hosts->files(host, u"shared"_s).join(u'\n');
        }
        return text;
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_hosts = std::make_unique<MigrationHosts>();
        QVERIFY2(m_hosts->problem().isEmpty(), qPrintable(m_hosts->problem()));
        job::StepRegistry registry;
        operation::StepOptions options;
        options.keptDirectory = m_kept.path();
        operation::registerSteps(registry, options);
        m_hosts->jobs = m_hosts->makeJobs(registry);
    }
    void cleanupTestCase() { m_hosts.reset(); }
    void init() { QVERIFY(m_hosts->clear()); }

    static void formats()
    {
        QTest::addColumn<QString>("format");
        QTest::newRow("raw") << u"raw"_s;
        QTest::newRow("qcow2") << u"qcow2"_s;
    }
    void fromHostToHost_data() { formats(); }
    void fromHostToHost() { move(Way::HostToHost); }
    void throughHere_data() { formats(); }
    void throughHere() { move(Way::ThroughHere); }
    void onSharedStorage_data() { formats(); }
    void onSharedStorage() { move(Way::Shared); }

private:
    void move(Way way)
    {
        QFETCH(const QString, format);
        const QString pool = way == Way::Shared ? u"shared"_s : u"default"_s;
        QVERIFY(m_hosts->make({.disks = {{.format = format, .mebibytes = 48, .pool = pool},
                                   {.target = u"hdb"_s, .format = format, .mebibytes = 16, .pool = pool}}}));
        QString raw = blank(48);
        QVERIFY(contents::makeExt(raw) && fill(u"hda"_s, format, pool, raw));
        raw = blank(16);
        QVERIFY(!contents::said(u"mkswap"_s, {u"-L"_s, u"my swap"_s, raw}).isNull());
        const QByteArray label = contents::said(u"swaplabel"_s, {raw});
        QVERIFY(contents::put(raw, 8 * mebibyte, QByteArray(100000, 's')) && fill(u"hdb"_s, format, pool, raw));

        ResizeDraft draft;
        draft.to = m_hosts->uri(m_b);
        draft.timeoutSeconds = 30;
        ResizeDraft::Disk larger;
        larger.target = u"hda"_s;
        larger.capacity = 120 * mebibyte;
        ResizeDraft::Disk swap;
        swap.target = u"hdb"_s;
        swap.capacity = 32 * mebibyte;
        draft.disks = {larger, swap};
        const QString before = world();
        const QByteArray hda = m_hosts->content(m_hosts->path(u"hda"_s, m_a), format, {}, m_a);
        const QByteArray hdb = m_hosts->content(m_hosts->path(u"hdb"_s, m_a), format, {}, m_a);

        const auto isAllThere = [&] {
            QCOMPARE(m_hosts->existsOn(), m_b);
            QCOMPARE(contents::extProblem(disk(u"hda"_s, m_b), 120 * mebibyte), QString());
            const QString now = disk(u"hdb"_s, m_b);
            QCOMPARE(QFile(now).size(), 32 * mebibyte);
            QCOMPARE(contents::said(u"swaplabel"_s, {now}), label);
            if (way != Way::Shared) { // a file of its own there, into which nothing was copied
                QCOMPARE(contents::bytes(now, 4096, 32 * mebibyte).count('\0'), 32 * mebibyte - 4096);
            }
        };
        const job::Plan made = plan(draft, way);
        QStringList types;
        for (const job::Step &step : made.steps) {
            types.append(step.type);
        }
        QCOMPARE(types.count(u"filesystem.grow"_s), 1);
        QCOMPARE(types.count(u"swap.make"_s), 1);
        QCOMPARE(types.count(u"disk.send"_s), way == Way::HostToHost ? 1 : 0);
        QCOMPARE(types.count(u"volume.relay"_s), way == Way::ThroughHere ? 1 : 0);
        QVERIFY(done(made));
        isAllThere();

        QVERIFY(done(end(ResizeEnd::Revert)));
        QCOMPARE(world(), before);
        QCOMPARE(m_hosts->content(m_hosts->path(u"hda"_s, m_a), format, {}, m_a), hda);
        QCOMPARE(m_hosts->content(m_hosts->path(u"hdb"_s, m_a), format, {}, m_a), hdb);

        QVERIFY(done(plan(draft, way)));
        QVERIFY(done(end(ResizeEnd::Confirm)));
        isAllThere();
        QCOMPARE(m_hosts->files(m_a), QStringList());
        QCOMPARE(m_hosts->files(m_b, pool).size(), 2);
        QCOMPARE(m_hosts->orphans(), QStringList());
    }
};

QTEST_GUILESS_MAIN(TestContentMoveSystem)
#include "tst_contentmove_system.moc"
