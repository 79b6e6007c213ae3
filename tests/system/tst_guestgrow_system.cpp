// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QRegularExpression>
#include <QTest>

#include "backend/operation/resize/resize.h"
#include "backend/virt/domains.h"
#include "createhost.h"
#include "tests/support/cloudimage.h"
#include "tests/support/serialconsole.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using job::JobState;
using operation::CreateDraft;
using operation::KeptStates;
using operation::ResizeDraft;
using operation::ResizeFacts;
using test::CreateHost;
using test::SerialConsole;
namespace cloudimage = test::cloudimage;

namespace {

constexpr quint64 mib = 1024 * 1024;
constexpr quint64 gib = 1024 * mib;
// Under emulation and AddressSanitizer, beside other tests; some ten seconds on a quiet machine.
constexpr int bootTimeoutMs = 150000;
constexpr int answerTimeoutMs = 60000;
const QString prompt = u"guest# "_s;
const QString name = u"grow01"_s;

} // namespace

/** A Linux guest with QEMU's own agent, growpart, resize2fs and xfs_growfs: its disks grow, and what is on them. */
class TestGuestGrowSystem final : public QObject
{
    Q_OBJECT

    std::unique_ptr<CreateHost> m_host;
    std::unique_ptr<SerialConsole> m_console;
    QUuid m_domain;

    QString ask(const QString &line) { return m_console->ask(prompt, line, answerTimeoutMs); }
    /** Of what the guest has mounted there, MiB. */
    quint64 sizeOf(const QString &mountPoint)
    {
        return ask(u"df -m %1 | tail -n 1 | awk '{ print $2 }'"_s.arg(mountPoint)).toULongLong();
    }
    QString known(const QString &file) { return ask(u"md5sum < %1"_s.arg(file)); }

    bool boot()
    {
        m_console = std::make_unique<SerialConsole>(m_host->uri(), name);
        return m_console->ask(prompt, u"echo up"_s, bootTimeoutMs) == "up"_L1;
    }
    /** The agent is there once libvirt says so. */
    bool hasAgent()
    {
        return QTest::qWaitFor(
            [this] { return m_host->virsh({u"dumpxml"_s, name}).contains("state='connected'"_L1); }, bootTimeoutMs);
    }
    ResizeFacts facts()
    {
        auto read =
            operation::readResizeFacts(*m_host->connection, m_domain, KeptStates(KeptStates::defaultDirectory()), {});
        if (!read) {
            qWarning("%s", qPrintable(read.error().message));
            return {};
        }
        return *std::move(read);
    }
    job::Plan plan(const ResizeDraft &draft) { return operation::planResize(m_host->host, facts(), draft); }
    static QString said(const job::Plan &plan)
    {
        QStringList lines;
        for (const job::Finding &each : plan.findings) {
            lines << each.text + u' ' + each.cause + u' ' + each.fix;
        }
        return lines.join(u'\n');
    }
    static QStringList types(const job::Plan &plan)
    {
        QStringList list;
        for (const job::Step &step : plan.steps) {
            list << step.type;
        }
        return list;
    }
    static ResizeDraft::Disk larger(const QString &target, quint64 capacity)
    {
        ResizeDraft::Disk disk;
        disk.target = target;
        disk.capacity = capacity;
        disk.growInGuest = true;
        return disk;
    }

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(!cloudimage::disk().isEmpty());
        m_host = std::make_unique<CreateHost>();
        QVERIFY2(m_host->problem().isEmpty(), qPrintable(m_host->problem()));
        CreateDraft draft = m_host->draft(name, cloudimage::disk());
        draft.memoryMiB = 192;
        draft.rootGiB = 1;
        CreateDraft::Disk data;
        data.kind = CreateDraft::DiskKind::Ephemeral;
        data.bytes = 320 * mib;
        data.fs = u"xfs"_s;
        draft.disks = {data};
        draft.seed = QJsonObject{{u"hostname"_s, u"guest"_s}};
        const job::Plan planned = m_host->plan(draft);
        QVERIFY(!planned.isBlocked());
        const job::JobRecord record = m_host->run(planned);
        QVERIFY2(record.state == JobState::Done, CreateHost::text(record).constData());
        m_domain = QUuid::fromString(m_host->virsh({u"domuuid"_s, name}).trimmed());
        QVERIFY(!m_domain.isNull());
        QVERIFY2(boot(), qPrintable(m_console->transcript()));
        QVERIFY2(hasAgent(), qPrintable(ask(u"cat /run/qemu-ga.log"_s)));
    }
    void cleanupTestCase()
    {
        m_console.reset();
        if (m_host) {
            QVERIFY2(m_host->bed.wipe(), qPrintable(m_host->bed.errorText()));
        }
        m_host.reset();
    }

    /** The root partition with its ext4, and an XFS without partitions, both mounted and in use. */
    void growsWhileItRuns()
    {
        QVERIFY(sizeOf(u"/"_s) < 512);
        QVERIFY(sizeOf(u"/mnt/ephemeral0"_s) < 320);
        for (const QString &file : {u"/known"_s, u"/mnt/ephemeral0/known"_s}) {
            QCOMPARE(ask(u"cat /sbin/init /bin/busybox > %1 && sync && echo written"_s.arg(file)), u"written"_s);
        }
        const QString root = known(u"/known"_s);
        const QString data = known(u"/mnt/ephemeral0/known"_s);
        QCOMPARE(data, root);

        const ResizeFacts now = facts();
        QVERIFY(now.guest.answers && now.guest.canExecute && now.guest.hasChannel);
        ResizeDraft draft;
        draft.when = ResizeDraft::When::Live;
        draft.disks = {larger(u"vda"_s, 2 * gib), larger(u"vdb"_s, 640 * mib)};
        // It is offered before it is asked for.
        ResizeDraft alone = draft;
        alone.disks.first().growInGuest = false;
        const job::Plan offered = plan(alone);
        QVERIFY2(said(offered).contains("grow_in_guest"_L1), qPrintable(said(offered)));
        QCOMPARE(types(offered).count(u"guest.grow"_s), 1);

        const job::Plan made = plan(draft);
        QVERIFY2(!made.isBlocked(), qPrintable(said(made)));
        QCOMPARE(types(made).count(u"guest.grow"_s), 2);
        const job::JobRecord record = m_host->run(made);
        QVERIFY2(record.state == JobState::Done && record.warnings().isEmpty(), CreateHost::text(record).constData());
        QVERIFY2(record.log.join(u'\n').contains("ext4 on / (vda1) has "_L1), CreateHost::text(record).constData());
        const quint64 rootNow = sizeOf(u"/"_s);
        const quint64 dataNow = sizeOf(u"/mnt/ephemeral0"_s);
        QVERIFY2(rootNow > 1850 && rootNow < 2048, qPrintable(QString::number(rootNow)));
        QVERIFY2(dataNow > 550 && dataNow <= 640, qPrintable(QString::number(dataNow)));
        QCOMPARE(known(u"/known"_s), root);
        QCOMPARE(known(u"/mnt/ephemeral0/known"_s), data);

        // Once more is no harm: nothing is left to be grown.
        job::Plan again = made;
        again.steps = {made.steps.last(), made.steps.at(made.steps.size() - 2)};
        QCOMPARE(again.steps.constFirst().type, u"guest.grow"_s);
        const job::JobRecord repeated = m_host->run(again);
        QVERIFY2(
            repeated.state == JobState::Done && repeated.warnings().isEmpty(), CreateHost::text(repeated).constData());
        QCOMPARE(sizeOf(u"/"_s), rootNow);
    }

    /** What its guest does not have is said; the disk is larger all the same. */
    void saysWhatIsMissing()
    {
        const quint64 before = sizeOf(u"/"_s);
        QCOMPARE(ask(u"mv /sbin/growpart /sbin/growpart.off && echo moved"_s), u"moved"_s);
        ResizeDraft draft;
        draft.when = ResizeDraft::When::Live;
        draft.disks = {larger(u"vda"_s, 2 * gib + 256 * mib)};
        const job::JobRecord record = m_host->run(plan(draft));
        QVERIFY2(record.state == JobState::Done, CreateHost::text(record).constData());
        QCOMPARE(record.warnings().size(), 1);
        QVERIFY2(record.warnings().constFirst().contains("cloud-guest-utils"_L1),
            qPrintable(record.warnings().constFirst()));
        QVERIFY2(record.statusLine().contains(u"The disk vda is larger"_s), qPrintable(record.statusLine()));
        QCOMPARE(ask(u"cat /sys/block/vda/size"_s).toULongLong() * 512, 2 * gib + 256 * mib);
        QCOMPARE(sizeOf(u"/"_s), before);
        // One that fails says so in its own words.
        QCOMPARE(ask(u"printf '#!/bin/sh\\necho FAILED: no such luck\\nexit 2\\n' > /sbin/growpart && "
                     "chmod 755 /sbin/growpart && echo made"_s),
            u"made"_s);
        draft.disks.first().capacity += 256 * mib;
        const job::JobRecord failing = m_host->run(plan(draft));
        QVERIFY2(failing.state == JobState::Done, CreateHost::text(failing).constData());
        QVERIFY2(failing.warnings().value(0).contains("no such luck"_L1), CreateHost::text(failing).constData());
        QCOMPARE(ask(u"mv /sbin/growpart.off /sbin/growpart && echo back"_s), u"back"_s);
    }

    /** An agent that may run nothing, and none at all: known before anything is touched. */
    void knowsWhatItMayNot()
    {
        const auto restart = [this](const QString &options) {
            return ask(u"agent=$(cat /run/qemu-ga.pid); kill $agent; "
                       "while kill -0 $agent 2>/dev/null; do usleep 100000; done; %1 echo done"_s.arg(options));
        };
        ResizeDraft draft;
        draft.when = ResizeDraft::When::Live;
        draft.disks = {larger(u"vda"_s, 3 * gib)};
        const QString agent =
            u"qemu-ga --daemonize --logfile=/run/qemu-ga.log --pidfile=/run/qemu-ga.pid --statedir=/run"_s;
        QCOMPARE(restart(agent + u" -b guest-exec &&"_s), u"done"_s);
        QTRY_VERIFY_WITH_TIMEOUT(facts().guest.answers, answerTimeoutMs);
        const job::Plan forbidden = plan(draft);
        QVERIFY(forbidden.isBlocked());
        QVERIFY2(said(forbidden).contains("guest-exec"_L1), qPrintable(said(forbidden)));

        QCOMPARE(restart({}), u"done"_s);
        QTRY_VERIFY_WITH_TIMEOUT(!facts().guest.answers, answerTimeoutMs);
        const job::Plan nobody = plan(draft);
        QVERIFY(nobody.isBlocked());
        QVERIFY2(said(nobody).contains("does not answer"_L1), qPrintable(said(nobody)));

        QCOMPARE(ask(agent + u" && echo done"_s), u"done"_s);
        QTRY_VERIFY_WITH_TIMEOUT(facts().guest.canExecute, answerTimeoutMs);
    }

    /** Off meanwhile: it grows as soon as the guest is up again; and it is taken back with all else. */
    void growsWhenItIsUpAgain()
    {
        const QString root = known(u"/known"_s);
        const quint64 before = sizeOf(u"/"_s);
        ResizeDraft draft;
        draft.when = ResizeDraft::When::Cold;
        draft.force = true;
        draft.timeoutSeconds = 1; // this guest has no ACPI daemon
        draft.vcpus = 2;
        draft.maxVcpus = 2;
        draft.disks = {larger(u"vda"_s, 4 * gib)};
        QCOMPARE(ask(u"sync && echo synced"_s), u"synced"_s);
        draft.after = ResizeDraft::After::Off;
        const job::Plan off = plan(draft);
        QVERIFY2(off.isBlocked() && said(off).contains("not to be started"_L1), qPrintable(said(off)));
        draft.after = ResizeDraft::After::AsBefore;
        const job::Plan made = plan(draft);
        QVERIFY2(!made.isBlocked(), qPrintable(said(made)));
        QCOMPARE(types(made).last(), u"guest.grow"_s);
        m_console.reset();
        const job::JobRecord record = m_host->run(made);
        QVERIFY2(record.state == JobState::Done && record.warnings().isEmpty(), CreateHost::text(record).constData());
        QVERIFY2(boot(), qPrintable(m_console->transcript()));
        const quint64 now = sizeOf(u"/"_s);
        QVERIFY2(now > 3800 && now < 4096, qPrintable(QString::number(now)));
        QCOMPARE(ask(u"grep -c ^processor /proc/cpuinfo"_s), u"2"_s);
        QCOMPARE(known(u"/known"_s), root);

        m_console.reset();
        const auto kept = KeptStates(KeptStates::defaultDirectory()).find(m_domain);
        QVERIFY(kept);
        const auto end = operation::readResizeEndFacts(
            *kept, m_host->connection, m_host->connection, m_host->host, m_host->host, {});
        QVERIFY2(end, end ? "" : qPrintable(end.error().message));
        operation::ResizeEndDraft back;
        back.timeoutSeconds = 1;
        const job::JobRecord reverted = m_host->run(operation::planResizeEnd(operation::ResizeEnd::Revert, *end, back));
        QVERIFY2(reverted.state == JobState::Done, CreateHost::text(reverted).constData());
        QVERIFY2(boot(), qPrintable(m_console->transcript()));
        QCOMPARE(sizeOf(u"/"_s), before);
        QCOMPARE(known(u"/known"_s), root);
    }
};

QTEST_GUILESS_MAIN(TestGuestGrowSystem)
#include "tst_guestgrow_system.moc"
