// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "backend/migration/diagnosis.h"

using namespace vireo;
using namespace vireo::migration;
using namespace Qt::StringLiterals;
using virt::DomainState;
using virt::migration::Figures;
using Kind = Diagnosis::Kind;
using Remedy = Diagnosis::Remedy;

namespace {

// libvirt's numbers
enum RunningReason {
    RunningBooted = 1,
    RunningMigrated = 2,
    RunningCanceled = 6,
    RunningPostCopy = 10,
    RunningFailed = 11
};
enum PausedReason {
    PausedUser = 1,
    PausedMigration = 2,
    PausedIoError = 5,
    PausedStarting = 11,
    PausedPostCopy = 12,
    PausedFailed = 13
};
enum OffReason { OffUnknown = 0, OffShutdown = 1, OffDestroyed = 2, OffCrashed = 3, OffMigrated = 4, OffFailed = 6 };

Side unasked()
{
    return {};
}

Side absent()
{
    Side side;
    side.asked = true;
    return side;
}

Side in(DomainState state, int reason, Figures::Type job = Figures::Type::None, bool persistent = true)
{
    Side side;
    side.asked = true;
    side.exists = true;
    side.persistent = persistent;
    side.state = state;
    side.reason = reason;
    side.job = job;
    side.operation = job == Figures::Type::None ? Figures::Operation::Unknown : Figures::Operation::MigrationOut;
    return side;
}

Side runs(int reason = RunningBooted, Figures::Type job = Figures::Type::None)
{
    return in(DomainState::Running, reason, job);
}
Side paused(int reason = PausedMigration, Figures::Type job = Figures::Type::None)
{
    return in(DomainState::Paused, reason, job);
}
Side off(int reason = OffShutdown)
{
    return in(DomainState::ShutOff, reason);
}

/** Each state that libvirt may tell of one side. */
QList<Side> everySide()
{
    QList<Side> sides{unasked(), absent()};
    QList<std::pair<DomainState, int>> states{{DomainState::NoState, 0}, {DomainState::Crashed, 0},
        {DomainState::Blocked, 0}, {DomainState::ShuttingDown, 0}, {DomainState::PmSuspended, 0}};
    for (int reason = 0; reason <= 12; ++reason) {
        states.append({DomainState::Running, reason});
    }
    for (int reason = 0; reason <= 14; ++reason) {
        states.append({DomainState::Paused, reason});
    }
    for (int reason = 0; reason <= 8; ++reason) {
        states.append({DomainState::ShutOff, reason});
    }
    for (const auto &[state, reason] : std::as_const(states)) {
        for (const auto job : {Figures::Type::None, Figures::Type::Bounded, Figures::Type::Unbounded,
                 Figures::Type::Completed, Figures::Type::Failed, Figures::Type::Cancelled}) {
            const bool goesOn = job == Figures::Type::Bounded || job == Figures::Type::Unbounded;
            for (const auto operation : goesOn ? QList{Figures::Operation::Unknown, Figures::Operation::MigrationOut,
                                                     Figures::Operation::MigrationIn, Figures::Operation::Other}
                                               : QList{Figures::Operation::Unknown}) {
                for (const bool persistent : {false, true}) {
                    Side side = in(state, reason, job, persistent);
                    side.operation = operation;
                    sides.append(side);
                }
            }
        }
    }
    return sides;
}

/** May it be a process with the guest's memory, or its only sign of life? */
bool mayLive(const Side &side)
{
    return !side.asked || (side.exists && side.state != DomainState::ShutOff);
}

bool isRunning(const Side &side)
{
    return side.asked && side.exists
        && (side.state == DomainState::Running || side.state == DomainState::Blocked
            || side.state == DomainState::ShuttingDown || side.state == DomainState::PmSuspended);
}

QByteArray text(const Side &side)
{
    return u"asked %1 exists %2 persistent %3 state %4/%5 job %6/%7"_s.arg(side.asked)
        .arg(side.exists)
        .arg(side.persistent)
        .arg(int(side.state))
        .arg(side.reason)
        .arg(int(side.job))
        .arg(int(side.operation))
        .toUtf8();
}

} // namespace

class TestDiagnosis final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tells_data();
    void tells();
    void neverHarms();
};

void TestDiagnosis::tells_data()
{
    using Type = Figures::Type;
    QTest::addColumn<Side>("source");
    QTest::addColumn<Side>("destination");
    QTest::addColumn<bool>("wasPostCopy");
    QTest::addColumn<Kind>("kind");
    QTest::addColumn<Remedy>("remedy");

    // nova's five states after an error
    QTest::newRow("source runs, nothing there") << runs() << absent() << false << Kind::NotBegun << Remedy::None;
    QTest::newRow("source runs, paused there, job")
        << runs(RunningBooted, Type::Unbounded) << paused() << false << Kind::Running << Remedy::Wait;
    QTest::newRow("paused on both, job") << paused(PausedMigration, Type::Unbounded) << paused() << false
                                         << Kind::Running << Remedy::Wait;
    QTest::newRow("paused on both") << paused() << paused() << false << Kind::DestinationWaits << Remedy::Wait;
    QTest::newRow("paused here, runs there")
        << paused() << runs(RunningMigrated) << false << Kind::CleanUpSource << Remedy::EndSource;
    QTest::newRow("nothing here, runs there")
        << absent() << runs(RunningMigrated) << false << Kind::Completed << Remedy::None;

    // what libvirt leaves to us
    QTest::newRow("PERFORM3_DONE") << paused() << absent() << false << Kind::SourceWaits << Remedy::ResumeSource;
    QTest::newRow("PERFORM3_DONE, destination off its feet")
        << paused() << unasked() << false << Kind::Unknown << Remedy::Wait;
    QTest::newRow("PERFORM3_DONE, defined there") << paused() << off() << false << Kind::Unknown << Remedy::None;
    QTest::newRow("PERFORM3_DONE in post-copy")
        << paused() << absent() << true << Kind::GuestLost << Remedy::StartSource;
    QTest::newRow("post-copy failed") << paused(PausedFailed) << runs(RunningFailed) << true << Kind::PostCopyBroken
                                      << Remedy::ResumePostCopy;
    QTest::newRow("post-copy failed, only the source knows")
        << paused(PausedFailed, Type::Unbounded) << runs(RunningPostCopy) << false << Kind::PostCopyBroken
        << Remedy::ResumePostCopy;
    QTest::newRow("post-copy failed, only the destination knows")
        << paused(PausedPostCopy) << paused(PausedFailed) << true << Kind::PostCopyBroken << Remedy::ResumePostCopy;
    QTest::newRow("post-copy failed, destination silent")
        << paused(PausedFailed) << unasked() << true << Kind::Unknown << Remedy::Wait;
    QTest::newRow("post-copy goes on") << paused(PausedPostCopy, Type::Unbounded) << runs(RunningPostCopy) << true
                                       << Kind::Running << Remedy::Wait;
    QTest::newRow("post-copy without its client")
        << paused(PausedPostCopy) << runs(RunningPostCopy) << true << Kind::Running << Remedy::Wait;
    QTest::newRow("post-copy, all arrived, source not cleaned")
        << paused(PausedPostCopy) << runs(RunningMigrated) << true << Kind::CleanUpSource << Remedy::EndSource;
    QTest::newRow("S10 post-copy, all arrived, then its client was lost")
        << paused(PausedFailed) << runs(RunningMigrated) << true << Kind::CleanUpSource << Remedy::EndSource;
    QTest::newRow("S10 nobody knows that it was post-copy")
        << paused(PausedFailed) << runs(RunningMigrated) << false << Kind::CleanUpSource << Remedy::EndSource;
    QTest::newRow("S16 destination QEMU gone in post-copy")
        << paused(PausedFailed) << absent() << true << Kind::GuestLost << Remedy::StartSource;
    QTest::newRow("S17 source QEMU gone in post-copy")
        << off(OffCrashed) << runs(RunningFailed) << true << Kind::PostCopyBroken << Remedy::None;
    QTest::newRow("S17 not noticed yet") << off(OffDestroyed) << runs(RunningPostCopy) << true << Kind::PostCopyBroken
                                         << Remedy::None;

    // pre-copy
    QTest::newRow("S1 aborted") << runs(RunningBooted, Type::Cancelled) << absent() << false << Kind::RolledBack
                                << Remedy::None;
    QTest::newRow("S4, S12 resumed at the source")
        << runs(RunningCanceled) << absent() << false << Kind::RolledBack << Remedy::None;
    QTest::newRow("S5 source QEMU killed")
        << off(OffCrashed) << absent() << false << Kind::GuestGone << Remedy::StartSource;
    QTest::newRow("S5 the leftover is not removed yet")
        << off(OffCrashed) << paused() << false << Kind::GuestGone << Remedy::Wait;
    QTest::newRow("S22 guest shut down") << off(OffShutdown) << absent() << false << Kind::GuestGone << Remedy::None;
    QTest::newRow("S9 goes on") << runs(RunningBooted, Type::Unbounded) << unasked() << false << Kind::Running
                                << Remedy::Wait;
    QTest::newRow("S11 link lost") << runs() << unasked() << false << Kind::NotBegun << Remedy::None;
    QTest::newRow("S18 paused during it, failed")
        << paused(PausedUser) << absent() << false << Kind::NotBegun << Remedy::None;
    QTest::newRow("a leftover there") << runs(RunningCanceled) << paused() << false << Kind::RolledBack << Remedy::Wait;

    // at the destination
    QTest::newRow("completed, defined at both")
        << off(OffMigrated) << runs(RunningMigrated) << false << Kind::Completed << Remedy::None;
    QTest::newRow("completed, source silent")
        << unasked() << runs(RunningMigrated) << false << Kind::Completed << Remedy::None;
    QTest::newRow("completed, paused as wanted")
        << absent() << paused(PausedUser) << false << Kind::Completed << Remedy::ResumeDestination;
    QTest::newRow("completed, paused at both")
        << paused() << paused(PausedUser) << false << Kind::DestinationWaits << Remedy::ResumeDestination;
    QTest::newRow("the one copy waits") << absent() << paused() << false << Kind::DestinationWaits
                                        << Remedy::ResumeDestination;
    QTest::newRow("offline") << absent() << off() << false << Kind::Completed << Remedy::None;
    QTest::newRow("offline, kept") << off(OffUnknown) << off(OffUnknown) << false << Kind::Completed << Remedy::None;
    QTest::newRow("went there and was lost")
        << off(OffMigrated) << absent() << false << Kind::GuestGone << Remedy::None;
    QTest::newRow("post-copy, about to be complete")
        << absent() << runs(RunningPostCopy) << true << Kind::Running << Remedy::Wait;

    // nobody knows
    QTest::newRow("nobody answers") << unasked() << unasked() << false << Kind::Unknown << Remedy::Wait;
    QTest::newRow("both run") << runs() << runs(RunningMigrated) << false << Kind::Unknown << Remedy::Wait;
    QTest::newRow("gone at the source, destination silent")
        << absent() << unasked() << false << Kind::Unknown << Remedy::Wait;
    QTest::newRow("on neither") << absent() << absent() << false << Kind::GuestGone << Remedy::None;
    QTest::newRow("paused by somebody, runs there")
        << paused(PausedUser) << runs() << false << Kind::Unknown << Remedy::Wait;
}

void TestDiagnosis::tells()
{
    QFETCH(const Side, source);
    QFETCH(const Side, destination);
    QFETCH(const bool, wasPostCopy);
    const Diagnosis diagnosis = diagnose(source, destination, wasPostCopy);
    QTEST(diagnosis.kind, "kind");
    QTEST(diagnosis.remedy, "remedy");
    QVERIFY(!diagnosis.text.isEmpty());
    const bool acts = diagnosis.remedy != Remedy::None && diagnosis.remedy != Remedy::Wait;
    QVERIFY2(!acts || !diagnosis.advice.isEmpty(), "what acts says what it costs");
}

void TestDiagnosis::neverHarms()
{
    const QList<Side> sides = everySide();
    QVERIFY(sides.size() > 900);
    const auto show = [](const Side &source, const Side &destination, bool wasPostCopy, const Diagnosis &diagnosis) {
        return "source: " + text(source) + "\ndestination: " + text(destination)
            + "\npost-copy: " + QByteArray::number(int(wasPostCopy)) + " kind "
            + QByteArray::number(int(diagnosis.kind)) + " remedy " + QByteArray::number(int(diagnosis.remedy));
    };
    for (const Side &source : sides) {
        for (const Side &destination : sides) {
            // jobs of one side are enough to look at with each state of the other
            if (source.job != Figures::Type::None && destination.job != Figures::Type::None
                && source.job != destination.job) {
                continue;
            }
            for (const bool wasPostCopy : {false, true}) {
                const Diagnosis diagnosis = diagnose(source, destination, wasPostCopy);
                const auto says = [&] {
                    return show(source, destination, wasPostCopy, diagnosis);
                };
                if (diagnosis.text.isEmpty()) {
                    QFAIL(says().constData());
                }
                bool good = true;
                switch (diagnosis.remedy) {
                case Remedy::None:
                case Remedy::Wait:
                    break;
                case Remedy::ResumeSource:
                    // one that was never released, with nothing that may live elsewhere, or ever ran there
                    good = source.asked && source.state == DomainState::Paused && destination.asked
                        && !destination.exists && !wasPostCopy;
                    break;
                case Remedy::StartSource:
                    good = source.asked && source.exists && !isRunning(source) && !mayLive(destination)
                        && (source.state != DomainState::ShutOff || source.reason != OffMigrated);
                    // and what it would end is never a copy that could go on
                    good = good
                        && (source.state == DomainState::ShutOff || wasPostCopy || source.reason == PausedPostCopy
                            || source.reason == PausedFailed);
                    break;
                case Remedy::ResumeDestination:
                    good = source.asked && destination.asked && destination.state == DomainState::Paused
                        && !isRunning(source) && destination.reason != PausedPostCopy
                        && destination.reason != PausedFailed && (!mayLive(source) || destination.reason == PausedUser);
                    break;
                case Remedy::EndSource:
                    good = source.asked && source.state == DomainState::Paused && isRunning(destination)
                        && destination.reason != RunningPostCopy && destination.reason != RunningFailed
                        && (source.reason != PausedFailed || destination.reason == RunningMigrated);
                    // A sleeping or stopping guest has reasons of its own, which are none of these.
                    good = good
                        || (source.state == DomainState::Paused && isRunning(destination)
                            && destination.state != DomainState::Running && source.reason != PausedFailed);
                    break;
                case Remedy::ResumePostCopy:
                    good = source.asked && destination.asked && mayLive(source) && mayLive(destination);
                    break;
                }
                // who was not asked may have anything
                if (!source.asked || !destination.asked) {
                    good = good && (diagnosis.remedy == Remedy::None || diagnosis.remedy == Remedy::Wait);
                    const bool decided = isRunning(source) || isRunning(destination)
                        || source.job == Figures::Type::Bounded || source.job == Figures::Type::Unbounded
                        || destination.job == Figures::Type::Bounded || destination.job == Figures::Type::Unbounded;
                    good = good && (decided || diagnosis.kind == Kind::Unknown);
                }
                if (isRunning(source) && isRunning(destination)) {
                    good = good && diagnosis.kind == Kind::Unknown;
                }
                if (diagnosis.kind == Kind::Completed) {
                    good = good && destination.asked && destination.exists && !isRunning(source);
                }
                if (!good) {
                    QFAIL(says().constData());
                }
            }
        }
    }
}

QTEST_APPLESS_MAIN(TestDiagnosis)
#include "tst_diagnosis.moc"
