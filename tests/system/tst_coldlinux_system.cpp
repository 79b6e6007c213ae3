// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "backend/operation/cold/coldmigration.h"
#include "backend/operation/create/create.h"
#include "backend/operation/migrate/migrate.h"
#include "backend/operation/migrate/migratefacts.h"
#include "backend/operation/resize/resize.h"
#include "migrationhosts.h"
#include "tests/support/cloudimage.h"
#include "tests/support/serialconsole.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using job::JobState;
using operation::CreateDraft;
using operation::KeptStates;
using operation::ResizeDraft;
using operation::ResizeEnd;
using test::MigrationHosts;
using test::SerialConsole;
namespace cloudimage = test::cloudimage;

namespace {

constexpr quint64 gib = 1024ULL * 1024 * 1024;
// Under emulation and AddressSanitizer, beside other tests; some ten seconds on a quiet machine.
constexpr int bootTimeoutMs = 150000;
constexpr int answerTimeoutMs = 60000;
const QString prompt = u"guest# "_s;
const QString name = u"linux01"_s;

} // namespace

/**
 * A Linux guest from a cloud image, on an overlay, goes to another host while it is off, with more vCPUs and a larger
 * disk, whose partition and file system its agent grows there; it is taken back, goes once more, and is confirmed.
 */
class TestColdLinuxSystem final : public QObject
{
    Q_OBJECT

    std::unique_ptr<MigrationHosts> m_hosts;
    std::unique_ptr<SerialConsole> m_console;
    QUuid m_domain;
    const QString m_a = MigrationHosts::a();
    const QString m_b = MigrationHosts::b();

    QString ask(const QString &line) { return m_console->ask(prompt, line, answerTimeoutMs); }
    /** By its console there; empty: it is not up in time. */
    bool boots(const QString &host)
    {
        m_console = std::make_unique<SerialConsole>(m_hosts->uri(host), name);
        return m_console->ask(prompt, u"echo up"_s, bootTimeoutMs) == "up"_L1;
    }
    quint64 rootMebibytes() { return ask(u"df -m / | tail -n 1 | awk '{ print $2 }'"_s).toULongLong(); }
    QString vcpus() { return ask(u"grep -c ^processor /proc/cpuinfo"_s); }

    bool make()
    {
        CreateDraft draft;
        draft.host = m_hosts->uri(m_a);
        draft.name = name;
        draft.path = cloudimage::disk();
        draft.memoryMiB = 192;
        draft.rootGiB = 1;
        draft.virtType = CreateDraft::VirtType::Qemu;
        draft.seed = QJsonObject{{u"hostname"_s, u"guest"_s}};
        const auto facts = operation::readCreateFacts(*m_hosts->connection(m_a), m_hosts->id(m_a), draft);
        if (!facts) {
            qWarning("%s", qPrintable(facts.error().message));
            return false;
        }
        m_domain = {};
        const bool isMade = isDone(operation::planCreate(draft, *facts));
        m_domain = QUuid::fromString(m_hosts->virsh({u"domuuid"_s, name}, m_a).trimmed());
        return isMade && !m_domain.isNull();
    }
    bool isDone(const job::Plan &plan)
    {
        if (!MigrationHosts::canRun(plan)) {
            return false;
        }
        const job::JobRecord record = m_hosts->run(plan);
        const bool done = record.state == JobState::Done && record.warnings().isEmpty();
        if (!done) {
            qWarning("%s", MigrationHosts::text(record).constData());
        }
        return done;
    }

    job::Plan move()
    {
        ResizeDraft draft;
        draft.to = m_hosts->uri(m_b);
        draft.vcpus = draft.maxVcpus = 3;
        draft.force = true;
        draft.timeoutSeconds = 1; // this guest has no ACPI daemon
        ResizeDraft::Disk disk;
        disk.target = u"vda"_s;
        disk.capacity = 6 * gib;
        disk.growInGuest = true;
        draft.disks = {disk};
        const auto facts = operation::readResizeFacts(
            *m_hosts->connection(m_a), m_domain, KeptStates(KeptStates::defaultDirectory()), {});
        const auto pair = facts
            ? operation::readColdFacts(m_hosts->connection(m_a), m_hosts->connection(m_b), m_domain, draft, {})
            : fail(facts.error());
        if (!pair) {
            qWarning("%s", qPrintable(pair.error().message));
            return {};
        }
        return operation::planColdMigration(m_hosts->id(m_a), m_hosts->id(m_b), *facts, *pair, draft);
    }
    /** With its memory, while it stands still. */
    job::Plan carry(const QString &from, const QString &to)
    {
        operation::MigrateDraft draft;
        draft.to = m_hosts->uri(to);
        draft.mode = operation::MigrateDraft::Mode::Paused;
        operation::MigrateFacts facts;
        auto source = operation::readMigrateSource(*m_hosts->connection(from), m_domain, {});
        auto there = operation::readMigrateDestination(*m_hosts->connection(to), {});
        if (!source || !there) {
            return {};
        }
        facts.source = *std::move(source);
        facts.destination = *std::move(there);
        auto pair = operation::readMigratePair(
            m_hosts->connection(from), m_hosts->connection(to), facts.source, facts.destination, draft, true, {});
        if (!pair) {
            return {};
        }
        facts.pair = *std::move(pair);
        return operation::planMigrate(m_hosts->id(from), m_hosts->id(to), facts, draft);
    }
    job::Plan end(ResizeEnd how)
    {
        const auto kept = KeptStates(KeptStates::defaultDirectory()).find(m_domain);
        const auto facts = kept ? operation::readResizeEndFacts(*kept, m_hosts->connection(m_a),
                                      m_hosts->connection(m_b), m_hosts->id(m_a), m_hosts->id(m_b), {})
                                : fail(kept.error());
        if (!facts) {
            qWarning("%s", qPrintable(facts.error().message));
            return {};
        }
        operation::ResizeEndDraft draft;
        draft.timeoutSeconds = 1;
        return operation::planResizeEnd(how, *facts, draft);
    }

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(!cloudimage::disk().isEmpty());
        m_hosts = std::make_unique<MigrationHosts>();
        QVERIFY2(m_hosts->problem().isEmpty(), qPrintable(m_hosts->problem()));
    }
    void cleanupTestCase()
    {
        m_console.reset();
        m_hosts.reset();
    }

    void movesAndGrows()
    {
        QVERIFY(make());
        QVERIFY2(boots(m_a), qPrintable(m_console->transcript()));
        QCOMPARE(ask(u"cat /bin/busybox /sbin/qemu-ga > /known && sync && echo written"_s), u"written"_s);
        const QString known = ask(u"md5sum < /known"_s);
        const quint64 before = rootMebibytes();
        QVERIFY(before > 0 && before < 1024);
        QCOMPARE(vcpus(), u"1"_s);
        const QStringList filesThere = m_hosts->files(m_b);
        const QString definition = m_hosts->xml(m_a, true, name);
        m_console.reset();

        QVERIFY(isDone(move()));
        QCOMPARE(m_hosts->existsOn(name), m_b);
        QVERIFY2(boots(m_b), qPrintable(m_console->transcript()));
        const quint64 grown = rootMebibytes();
        QVERIFY2(grown > 5700 && grown < 6144, qPrintable(QString::number(grown)));
        QCOMPARE(vcpus(), u"3"_s);
        QCOMPARE(ask(u"md5sum < /known"_s), known);
        QCOMPARE(ask(u"echo more > /added && sync && echo written"_s), u"written"_s);
        m_console.reset();

        QVERIFY(isDone(end(ResizeEnd::Revert)));
        QCOMPARE(m_hosts->existsOn(name), m_a);
        QCOMPARE(m_hosts->files(m_b), filesThere);
        QCOMPARE(m_hosts->xml(m_a, true, name), definition);
        QVERIFY2(boots(m_a), qPrintable(m_console->transcript()));
        QCOMPARE(rootMebibytes(), before);
        QCOMPARE(vcpus(), u"1"_s);
        QCOMPARE(ask(u"md5sum < /known; ls /added 2>/dev/null"_s), known);
        m_console.reset();

        QVERIFY(isDone(move()));
        QVERIFY(isDone(end(ResizeEnd::Confirm)));
        QCOMPARE(m_hosts->existsOn(name), m_b);
        QVERIFY2(boots(m_b), qPrintable(m_console->transcript()));
        QVERIFY(rootMebibytes() > 5700);
        QCOMPARE(ask(u"md5sum < /known"_s), known);
        // What is left at the source is the image that other VMs may be made of.
        const QStringList files = m_hosts->files(m_a);
        QVERIFY2(std::ranges::none_of(files, [](const QString &file) { return file.startsWith(name); }),
            qPrintable(files.join(u' ')));
        QVERIFY(KeptStates(KeptStates::defaultDirectory()).list()->isEmpty());
    }

    /** Back with its memory: its disk, and the seed in its drive. */
    void seedGoesAlong()
    {
        QCOMPARE(m_hosts->existsOn(name), m_b);
        const QString report = ask(u"md5sum < /dev/sr0"_s);
        QCOMPARE(report.size(), 35); // 32 digits, two spaces, a dash
        QCOMPARE(ask(u"echo $$ > /run/mine && cat /proc/sys/kernel/random/boot_id"_s).size(), 36);
        const QString boot = ask(u"cat /proc/sys/kernel/random/boot_id"_s);
        m_console.reset();
        QVERIFY(isDone(carry(m_b, m_a)));
        QCOMPARE(m_hosts->runsOn(name), m_a);
        QVERIFY2(boots(m_a), qPrintable(m_console->transcript()));
        QCOMPARE(ask(u"cat /proc/sys/kernel/random/boot_id"_s), boot); // it has not
        QCOMPARE(ask(u"echo 3 > /proc/sys/vm/drop_caches; md5sum < /dev/sr0"_s), report);
        const QStringList files = m_hosts->files(m_b);
        QVERIFY2(std::ranges::none_of(files, [](const QString &file) { return file.startsWith(name); }),
            qPrintable(files.join(u' ')));
    }
};

QTEST_GUILESS_MAIN(TestColdLinuxSystem)
#include "tst_coldlinux_system.moc"
