// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a migration costs beside the same by virsh, between two private hosts, in one run; and what it costs to look at
// one:
//   bench_migration [time|look]   (both without arguments)
// time: total time and downtime of plans run by the job manager with its journal on disk and a feed that is looked at,
// against `virsh migrate` with the same flags; rounds that take turns, medians. look: the share of a core that this
// process needs to observe one migration and to draw it with its chart, less what it needs with the same hosts at rest.
// Prints "figure, limit, ok or MISSED".

#include <algorithm>
#include <cstdlib>
#include <future>
#include <sys/resource.h>

#include <QApplication>
#include <QDebug>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>
#include <QTextStream>

#include "backend/operation/migrate/migrate.h"
#include "backend/operation/migrate/migrationobserver.h"
#include "backend/operation/steps.h"
#include "backend/virt/hosts.h"
#include "backend/virt/inventory.h"
#include "model/eventmodel.h"
#include "tests/bench/figures.h"
#include "tests/system/migrationhosts.h"
#include "ui/migrationchart.h"
#include "ui/migrationview.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using bench::check;
using bench::given;
using bench::median;
using bench::out;
using bench::ratio;
using test::MigrationHosts;

namespace {

const int rounds = qEnvironmentVariableIntValue("VIREO_BENCH_ROUNDS") > 0
    ? qEnvironmentVariableIntValue("VIREO_BENCH_ROUNDS")
    : 7;
constexpr int lookMs = 10000;
/**
 * MiB/s. Without a limit the processor is what limits, and QEMU decides by the luck of its windows of 100 ms whether it
 * takes one more round: then a pair differs by half, whoever asked for it.
 */
constexpr quint64 bandwidth = 150;

/** Seconds of CPU that this process has used. */
double cpuSeconds()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval &time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/** Counts how often something is drawn. */
class Paints final : public QObject
{
public:
    int count = 0;
    bool eventFilter(QObject *watched, QEvent *event) override
    {
        count += event->type() == QEvent::Paint ? 1 : 0;
        return QObject::eventFilter(watched, event);
    }
};

class Bench final
{
    Q_DISABLE_COPY_MOVE(Bench)

public:
    Bench()
    {
        if (!m_host.problem().isEmpty()) {
            qFatal("%s", qPrintable(m_host.problem()));
        }
        job::StepRegistry registry;
        operation::StepOptions options;
        options.migrations = m_feed.sink();
        operation::registerSteps(registry, options);
        m_jobs = m_host.makeJobs(registry);
    }

    void time();
    void look();

private:
    void virsh(const QString &host, const QStringList &arguments)
    {
        const auto outcome = m_host.bed.virsh(host, arguments);
        if (!outcome.ok()) {
            qFatal("virsh %s: %s", qPrintable(arguments.join(u' ')), qPrintable(outcome.errorText));
        }
    }
    double downtime(const QString &host)
    {
        const auto done = virt::migration::completed(*m_host.connection(host), m_host.uuid());
        m_elapsed.append(static_cast<double>(given(done).elapsedMs));
        return static_cast<double>(given(done).downtimeMs);
    }
    job::Plan plan(const QString &from);
    void run(const job::Plan &plan);

    MigrationHosts m_host;
    operation::MigrationFeed m_feed;
    std::unique_ptr<job::JobManager> m_jobs;
    QMap<QString, QList<double>> m_steps; ///< ms, by type
    QList<double> m_elapsed;              ///< of all, by libvirt itself
};

job::Plan Bench::plan(const QString &from)
{
    const QString to = MigrationHosts::other(from);
    operation::MigrateDraft draft;
    draft.to = m_host.uri(to);
    draft.destinationUri = m_host.peerUri(to);
    draft.setTime = false; // virsh does not either
    draft.bandwidth = bandwidth << 20;
    draft.policy = migration::Policy::preset(migration::Policy::Kind::Steady);
    operation::MigrateFacts facts;
    facts.source = given(operation::readMigrateSource(*m_host.connection(from), m_host.uuid(), {}));
    facts.destination = given(operation::readMigrateDestination(*m_host.connection(to), {}));
    facts.pair = given(operation::readMigratePair(
        m_host.connection(from), m_host.connection(to), facts.source, facts.destination, draft, true, {}));
    job::Plan plan = operation::planMigrate(m_host.id(from), m_host.id(to), facts, draft);
    check(MigrationHosts::canRun(plan), "the plan");
    return plan;
}

/** Without a polling wait, which would be measured. */
void Bench::run(const job::Plan &plan)
{
    QEventLoop loop;
    job::JobId id;
    QObject::connect(m_jobs.get(), &job::JobManager::finished, &loop, [&](const job::JobId &finished) {
        if (finished == id) {
            loop.quit();
        }
    });
    id = m_jobs->run(plan);
    if (!m_jobs->job(id)->isFinished()) {
        loop.exec();
    }
    if (m_jobs->job(id)->state != job::JobState::Done) {
        qFatal("%s", MigrationHosts::text(*m_jobs->job(id)).constData());
    }
    const job::JobRecord record = *m_jobs->job(id);
    for (qsizetype i = 0; i < record.steps.size(); ++i) {
        const job::JobRecord::StepRecord &step = record.steps.at(i);
        m_steps[record.plan.steps.at(i).type].append(static_cast<double>(step.started.msecsTo(step.finished)));
    }
}

void Bench::time()
{
    out() << "512 MiB, 300 of them in use, 40 MiB/s over 40 MiB written, 150 MiB/s at most; p2p, persistent, undefined "
             "at the source\n";
    check(m_host.make({.orders = u"fill=300 dirty=40:40"_s, .mebibytes = 512}) && m_host.start()
            && QTest::qWaitFor([this] { return m_host.said().contains("FILLED"); }, 60000),
        "the guest");
    QList<double> ours;
    QList<double> ourDowntimes;
    QList<double> theirs;
    QList<double> theirDowntimes;
    QString from = MigrationHosts::a();
    for (int round = -1; round < rounds; ++round) { // the first warms up
        for (const bool byVirsh : {round % 2 == 0, round % 2 != 0}) {
            const QString to = MigrationHosts::other(from);
            const job::Plan made = plan(from); // for both: its probe leaves the hosts busy for a moment
            QElapsedTimer clock;
            clock.start();
            if (byVirsh) {
                virsh(from,
                    {u"migrate"_s, u"--live"_s, u"--p2p"_s, u"--persistent"_s, u"--undefinesource"_s,
                        u"--abort-on-error"_s, u"--bandwidth"_s, QString::number(bandwidth), u"vm"_s,
                        m_host.peerUri(to)});
            } else {
                run(made);
            }
            const auto ms = static_cast<double>(clock.elapsed());
            if (round >= 0) {
                (byVirsh ? theirs : ours).append(ms);
                (byVirsh ? theirDowntimes : ourDowntimes).append(downtime(to));
            }
            from = to;
        }
    }
    ratio(u"total time"_s, ours, u"virsh"_s, theirs, 1.05);
    if (qEnvironmentVariableIsSet("VIREO_BENCH_ALL")) {
        QDebug(QtWarningMsg) << "ours" << ours << "virsh" << theirs << "libvirt, in turn" << m_elapsed;
    }
    for (auto it = m_steps.cbegin(); it != m_steps.cend(); ++it) {
        out() << "    of which " << it.key() << ": " << QString::number(median(it.value()), 'f', 0) << " ms\n";
    }
    out() << "    libvirt itself, of both: " << QString::number(median(m_elapsed), 'f', 0) << " ms\n";
    ratio(u"downtime"_s, ourDowntimes, u"virsh"_s, theirDowntimes, 1.05);
}

void Bench::look()
{
    out() << "one migration by virsh, observed each half a second\n";
    check(m_host.clear() && m_host.make({.orders = u"dirty=96:24"_s, .mebibytes = 128}) && m_host.start(), "the guest");
    virt::Hosts hosts;
    virt::Inventory inventory(hosts);
    operation::MigrationFeed feed;
    operation::MigrationObserver observer(hosts, inventory, feed);
    model::EventLog events(hosts, m_jobs.get());
    QTemporaryDir directory;
    QSettings settings(directory.filePath(u"settings.ini"_s), QSettings::IniFormat);
    ui::UiContext context{hosts, inventory, *m_jobs, events, settings};
    context.migrations = &feed;
    ui::MigrationView view(context);
    view.resize(900, 700);
    Paints paints;
    view.findChild<ui::MigrationChart *>()->installEventFilter(&paints);
    for (const QString &name : {MigrationHosts::a(), MigrationHosts::b()}) {
        virt::HostSettings host;
        host.id = m_host.id(name);
        host.uri = m_host.uri(name);
        host.name = name;
        hosts.add(host);
        hosts.host(host.id)->connectToHost();
    }
    check(QTest::qWaitFor([&] { return hosts.connectedCount() == 2; }, 10000), "connecting");
    const virt::DomainKey key{m_host.id(), m_host.uuid()};
    const auto share = [] {
        const double before = cpuSeconds();
        QElapsedTimer clock;
        clock.start();
        QTest::qWait(lookMs);
        return (cpuSeconds() - before) / (static_cast<double>(clock.elapsed()) / 1000) * 100;
    };
    view.setMigration(key);
    view.show();
    check(QTest::qWaitForWindowExposed(&view), "showing it");
    QTest::qWait(2000);
    const double atRest = share();
    auto call = std::async(std::launch::async, [this] {
        return m_host.bed.virsh(u"A"_s,
            {u"migrate"_s, u"--live"_s, u"--p2p"_s, u"--bandwidth"_s, u"16"_s, u"vm"_s, m_host.peerUri(u"B"_s)});
    });
    check(QTest::qWaitFor([&] { return feed.picture(key) && feed.picture(key)->history.round() > 2; }, 30000),
        "seeing it");
    const double looking = share();
    check(paints.count > 10 && feed.picture(key)->history.phase() == migration::Phase::CopyingMemory, "going on");
    m_host.bed.virsh(u"A"_s, {u"domjobabort"_s, u"vm"_s});
    call.wait();
    const double extra = looking - atRest;
    out() << "  CPU: " << QString::number(looking, 'f', 1) << " % of a core, at rest "
          << QString::number(atRest, 'f', 1) << " %, extra " << QString::number(extra, 'f', 1) << " %, limit 5 %, "
          << (extra <= 5 ? "ok" : "MISSED") << '\n';
    out().flush();
}

} // namespace

int main(int argc, char **argv)
{
    qputenv("QT_QPA_PLATFORM", "offscreen");
    const QApplication application(argc, argv);
    const QStringList wanted = QCoreApplication::arguments().mid(1);
    Bench bench;
    if (wanted.isEmpty() || wanted.contains(u"time"_s)) {
        bench.time();
    }
    if (wanted.isEmpty() || wanted.contains(u"look"_s)) {
        bench.look();
    }
    return EXIT_SUCCESS;
}
