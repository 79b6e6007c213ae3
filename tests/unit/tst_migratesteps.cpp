// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <thread>

#include <QTest>

#include "backend/operation/migrate/migraterecovery.h"
#include "backend/operation/migrate/migrateremedies_p.h"
#include "backend/operation/reservations.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using migration::Diagnosis;
using migration::Side;
using operation::MigrateSides;
using operation::RemedyOrder;
using operation::Reservations;
using virt::DomainState;
using Figures = virt::migration::Figures;
using Kind = Diagnosis::Kind;
using Remedy = Diagnosis::Remedy;

namespace {

Side side(DomainState state)
{
    Side side;
    side.asked = true;
    side.exists = true;
    side.persistent = true;
    side.state = state;
    return side;
}

Side nothing()
{
    Side side;
    side.asked = true;
    return side;
}

} // namespace

/** What the steps of a migration decide without a host. */
class TestMigrateSteps final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void reservationsOfOthersCount()
    {
        Reservations book;
        const Reservations same = book; // copies share one book
        const QString host = u"qemu+ssh://b/system"_s;
        const QUuid vm = QUuid::createUuid();
        book.hold(host, vm, {100, 2});
        QCOMPARE(book.promised(host), Reservations::Promise()); // its own do not stand in its way
        Reservations::Promise seen;
        Reservations::Promise elsewhere;
        std::thread other([&] {
            seen = same.promised(host);
            elsewhere = same.promised(u"qemu+ssh://c/system"_s);
        });
        other.join();
        QCOMPARE(seen, (Reservations::Promise{100, 2}));
        QCOMPARE(elsewhere, Reservations::Promise());
        book.hold(host, vm, {50, 1}); // in place of the former
        book.hold(host, QUuid::createUuid(), {7, 1});
        std::thread([&] { seen = same.promised(host); }).join();
        QCOMPARE(seen, (Reservations::Promise{57, 2}));
        book.giveBack(host, vm);
        std::thread([&] { seen = same.promised(host); }).join();
        QCOMPARE(seen, (Reservations::Promise{7, 1}));
    }

    void reservationsEndWithTheJob()
    {
        Reservations book;
        const QString host = u"qemu:///system"_s;
        std::thread([&] { book.hold(host, QUuid::createUuid(), {100, 2}); }).join();
        QCOMPARE(book.promised(host), Reservations::Promise());
        std::thread([] {
            Reservations gone;
            gone.hold(u"x"_s, QUuid::createUuid(), {1, 1});
        }).join(); // the book ends before the thread
    }

    void aGuestThatStoodStillIsNotBroken()
    {
        RemedyOrder order;
        order.mayStayPaused = true;
        QCOMPARE(judge({nothing(), side(DomainState::Paused)}, order).kind, Kind::Completed);
        QCOMPARE(judge({side(DomainState::Paused), nothing()}, order).kind, Kind::RolledBack);
        order.wasPostCopy = true; // then half of it may be elsewhere
        QVERIFY(judge({nothing(), side(DomainState::Paused)}, order).kind != Kind::Completed
            || judge({nothing(), side(DomainState::Paused)}, order).remedy != Remedy::None);
        QVERIFY(judge({side(DomainState::Paused), nothing()}, order).kind != Kind::RolledBack);
    }

    void aGuestThatRunsHereWasNotHandedOver()
    {
        const RemedyOrder order;
        QCOMPARE(judge({side(DomainState::Running), Side()}, order).kind, Kind::RolledBack);
        QCOMPARE(judge({side(DomainState::Running), nothing()}, order).kind, Kind::RolledBack);
        Side migrating = side(DomainState::Running);
        migrating.job = Figures::Type::Unbounded;
        migrating.operation = Figures::Operation::MigrationOut;
        QCOMPARE(judge({migrating, side(DomainState::Paused)}, order).kind, Kind::Running);
        QCOMPARE(judge({side(DomainState::ShutOff), side(DomainState::Running)}, order).kind, Kind::Completed);
        QCOMPARE(judge({Side(), Side()}, order).kind, Kind::Unknown);
    }

    void aDefinitionAlone()
    {
        RemedyOrder order;
        order.offline = true;
        QCOMPARE(judge({side(DomainState::ShutOff), nothing()}, order).kind, Kind::RolledBack);
        QCOMPARE(judge({nothing(), side(DomainState::ShutOff)}, order).kind, Kind::Completed);
        QCOMPARE(judge({side(DomainState::ShutOff), side(DomainState::ShutOff)}, order).kind, Kind::Completed);
        QCOMPARE(judge({side(DomainState::ShutOff), Side()}, order).kind, Kind::Unknown);
    }

    void recoveryPlan()
    {
        operation::MigrationRecovery recovery;
        recovery.domain = {QUuid::createUuid(), QUuid::createUuid()};
        recovery.domainName = u"web01"_s;
        recovery.destination = QUuid::createUuid();
        recovery.diagnosis.remedy = Remedy::ResumePostCopy;
        recovery.diagnosis.advice = u"It goes on."_s;
        recovery.wasPostCopy = true;
        recovery.destinationUri = u"qemu+tcp://b/system"_s;
        const job::Plan plan = planMigrationRecovery(recovery);
        QVERIFY(!plan.isBlocked());
        QCOMPARE(plan.host, recovery.domain.host);
        QCOMPARE(plan.alsoHosts, QList<virt::HostId>{recovery.destination});
        QCOMPARE(plan.steps.size(), 1);
        const QJsonObject parameters = plan.steps.constFirst().parameters;
        QCOMPARE(parameters.value("remedy"_L1).toString(), u"resume-post-copy"_s);
        QCOMPARE(parameters.value("to"_L1).toString(), recovery.destination.toString(QUuid::WithoutBraces));
        QCOMPARE(parameters.value("destinationUri"_L1).toString(), recovery.destinationUri);
        QVERIFY(parameters.value("postCopy"_L1).toBool());

        recovery.diagnosis.remedy = Remedy::None;
        recovery.diagnosis.text = u"Both run."_s;
        const job::Plan blocked = planMigrationRecovery(recovery);
        QVERIFY(blocked.isBlocked());
        QVERIFY(blocked.steps.isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestMigrateSteps)
#include "tst_migratesteps.moc"
