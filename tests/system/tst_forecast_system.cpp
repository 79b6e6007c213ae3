// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <chrono>
#include <future>

#include <QElapsedTimer>
#include <QTest>

#include "backend/migration/forecast.h"
#include "backend/virt/domains.h"
#include "migrationhosts.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using namespace std::chrono_literals;
using migration::History;
using test::MigrationHosts;

namespace {

constexpr double mib = 1024.0 * 1024;
constexpr double workingSet = 24 * mib;
constexpr quint64 memory = 128ULL * 1024 * 1024;
constexpr quint64 roundsThatProve = 6;

/**
 * QEMU looks at some pages by chance, so that one in twenty ranges misses: a quarter more on either side is not chance.
 */
bool holds(double low, double value, double high)
{
    return low * 0.75 <= value && value <= high * 1.33;
}

} // namespace

/** What is foretold of a guest that writes to 24 MiB for ever, and what QEMU does with it. */
class TestForecastSystem final : public QObject
{
    Q_OBJECT

    std::unique_ptr<MigrationHosts> m_hosts;
    migration::ForecastInput m_input;

    struct Outcome {
        bool converged = false;
        History history;
        quint64 downtimeMs = 0;
        qint64 longestGapMs = 0; ///< between two answers
    };
    Outcome migrate(quint64 bandwidth, quint64 limitMs);

private Q_SLOTS:
    void initTestCase()
    {
        m_hosts = std::make_unique<MigrationHosts>();
        QVERIFY2(m_hosts->problem().isEmpty(), qPrintable(m_hosts->problem()));
        QVERIFY(m_hosts->make({.orders = u"dirty=300:24"_s, .mebibytes = 128}));
        QVERIFY(m_hosts->start());
    }
    void cleanupTestCase() { m_hosts.reset(); }

    void isMeasured();
    void convergesWhereForetold_data();
    void convergesWhereForetold();
};

void TestForecastSystem::isMeasured()
{
    const virt::ConnectionPtr source = m_hosts->connection();
    for (const int seconds : {1, 1, 1, 1, 3}) {
        const auto rate = virt::migration::dirtyRate(*source, m_hosts->uuid(), seconds, {});
        QVERIFY2(rate, rate ? "" : qPrintable(rate.error().message));
        m_input.dirty.append({seconds, *rate});
    }
    QCOMPARE(m_hosts->runsOn(), u"A"_s); // measuring costs nobody his guest
    m_input.memory = memory;
    m_input.usedMemory = memory / 2;
    m_input.bandwidthLow = static_cast<quint64>(100 * mib);
    m_input.bandwidthHigh = static_cast<quint64>(4096 * mib);
    m_input.bandwidthLimit = static_cast<quint64>(16 * mib);
    const migration::Forecast forecast = migration::forecast(m_input);
    QVERIFY2(
        holds(static_cast<double>(forecast.fixedPoint.low), workingSet, static_cast<double>(forecast.fixedPoint.high)),
        qPrintable(migration::forecastText(m_input, forecast)));
    QVERIFY(forecast.fixedPoint.high < memory / 2);
    QVERIFY(forecast.verdict != migration::Forecast::Verdict::Converges);
}

TestForecastSystem::Outcome TestForecastSystem::migrate(quint64 bandwidth, quint64 limitMs)
{
    const virt::ConnectionPtr source = m_hosts->connection();
    const QUuid domain = m_hosts->uuid();
    virt::migration::Options options;
    options.persistent = false;
    options.undefineSource = false;
    options.bandwidth = bandwidth;
    options.downtimeMs = limitMs;
    options.destinationUri = m_hosts->peerUri(u"B"_s);
    auto call = std::async(
        std::launch::async, [&] { return virt::migration::migrate(*source, domain, nullptr, options).has_value(); });
    Outcome outcome;
    QElapsedTimer clock;
    clock.start();
    qint64 answered = 0;
    bool aborted = false;
    while (call.wait_for(100ms) != std::future_status::ready) {
        const auto figures = virt::migration::figures(*source, domain);
        const auto state = virt::domains::state(*source, domain);
        outcome.longestGapMs = std::max(outcome.longestGapMs, clock.elapsed() - answered);
        answered = clock.elapsed();
        if (figures && state) {
            outcome.history.feed(clock.elapsed(), *figures, limitMs, state->state, state->reason);
        }
        if (!aborted && outcome.history.round() > roundsThatProve) {
            aborted = virt::migration::abort(*source, domain).has_value();
        }
    }
    outcome.converged = call.get();
    if (outcome.converged) {
        if (const auto completed = virt::migration::completed(*m_hosts->connection(u"B"_s), domain)) {
            outcome.downtimeMs = completed->downtimeMs;
        }
    }
    return outcome;
}

void TestForecastSystem::convergesWhereForetold_data()
{
    QTest::addColumn<int>("cap");
    QTest::addColumn<double>("factor");
    const QList<int> caps = qEnvironmentVariableIsSet("VIREO_MIGRATE_ALWAYS") ? QList{8, 16, 32} : QList{16, 32};
    for (const int cap : caps) {
        for (const double factor : {0.5, 0.9, 1.2}) {
            QTest::addRow("%d MiB/s, %.1f of the foretold limit", cap, factor) << cap << factor;
        }
    }
}

void TestForecastSystem::convergesWhereForetold()
{
    QFETCH(const int, cap);
    QFETCH(const double, factor);
    m_input.bandwidthLimit = static_cast<quint64>(cap * mib);
    const migration::Forecast forecast = migration::forecast(m_input);
    const double needed = workingSet / (cap * mib) * 1000;
    QVERIFY2(holds(static_cast<double>(forecast.neededLimitMs.low), needed,
                 static_cast<double>(forecast.neededLimitMs.high)),
        qPrintable(migration::forecastText(m_input, forecast)));

    const auto limitMs = static_cast<quint64>(needed * factor);
    const Outcome outcome = migrate(m_input.bandwidthLimit, limitMs);
    QCOMPARE(outcome.converged, factor > 1);
    QVERIFY2(outcome.longestGapMs < 5000, qPrintable(QString::number(outcome.longestGapMs)));
    if (!outcome.converged) {
        QCOMPARE(m_hosts->runsOn(), u"A"_s);
        // what its rounds leave is the working set, and nobody can say when it ends
        const QList<migration::Round> &rounds = outcome.history.rounds();
        QVERIFY(rounds.size() > 4);
        const auto left = static_cast<double>(rounds.at(rounds.size() - 2).remaining);
        QVERIFY2(left > 0.85 * workingSet && left < 1.15 * workingSet, qPrintable(QString::number(left / mib)));
        QString told;
        for (const migration::Round &round : rounds) {
            told += u" %1"_s.arg(static_cast<double>(round.remaining) / mib, 0, 'f', 1);
        }
        const migration::Range end = outcome.history.remainingMs();
        QVERIFY2(end == migration::Range(),
            qPrintable(u"%1 to %2 ms; rounds left%3 MiB"_s.arg(end.low).arg(end.high).arg(told)));
        QVERIFY(outcome.history.fraction() < 0.97);
        return;
    }
    QCOMPARE(m_hosts->runsOn(), u"B"_s);
    // the pause that was felt is not the one that was allowed
    QVERIFY2(static_cast<double>(outcome.downtimeMs) < needed, qPrintable(QString::number(outcome.downtimeMs)));
    QVERIFY(m_hosts->stop(MigrationHosts::vm(), u"B"_s));
    QVERIFY(m_hosts->start());
}

QTEST_GUILESS_MAIN(TestForecastSystem)
#include "tst_forecast_system.moc"
