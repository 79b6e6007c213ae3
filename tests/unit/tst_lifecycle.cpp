// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "backend/operation/lifecycle.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using operation::Action;
using virt::DomainRecord;
using virt::DomainState;

Q_DECLARE_METATYPE(vireo::operation::Action)
Q_DECLARE_METATYPE(vireo::virt::DomainRecord)

namespace {

const QUuid host = QUuid::fromString(u"11111111-1111-4111-8111-111111111111"_s);

DomainRecord record(DomainState state, bool managedSave = false, bool persistent = true)
{
    DomainRecord domain;
    domain.uuid = QUuid::fromString(u"22222222-2222-4222-8222-222222222222"_s);
    domain.name = u"web01"_s;
    domain.state = state;
    domain.id = domain.isActive() ? 7 : -1;
    domain.managedSave = managedSave;
    domain.persistent = persistent;
    return domain;
}

DomainRecord crashedButKept()
{
    DomainRecord domain = record(DomainState::Crashed);
    domain.id = 7;
    return domain;
}

QStringList typesOf(const job::Plan &plan)
{
    QStringList types;
    for (const job::Step &step : plan.steps) {
        types.append(step.type);
    }
    return types;
}

} // namespace

class TestLifecycle final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void plans_data()
    {
        QTest::addColumn<Action>("action");
        QTest::addColumn<DomainRecord>("domain");
        QTest::addColumn<QStringList>("steps"); // none: refused
        QTest::addColumn<QString>("operation");
        const auto off = record(DomainState::ShutOff);
        const auto saved = record(DomainState::ShutOff, true);
        const auto running = record(DomainState::Running);
        const auto blocked = record(DomainState::Blocked);
        const auto paused = record(DomainState::Paused);
        const auto stopping = record(DomainState::ShuttingDown);
        const auto asleep = record(DomainState::PmSuspended);
        const auto crashed = record(DomainState::Crashed);
        const auto kept = crashedButKept();
        const auto transient = record(DomainState::Running, false, false);

        QTest::newRow("run, off") << Action::Run << off << QStringList{u"domain.start"_s} << u"start"_s;
        QTest::newRow("run, saved") << Action::Run << saved << QStringList{u"domain.start"_s} << u"start"_s;
        QTest::newRow("run, paused") << Action::Run << paused << QStringList{u"domain.resume"_s} << u"start"_s;
        QTest::newRow("run, crashed") << Action::Run << crashed << QStringList{u"domain.start"_s} << u"start"_s;
        QTest::newRow("run, running") << Action::Run << running << QStringList{} << u"start"_s;
        QTest::newRow("run, shutting down") << Action::Run << stopping << QStringList{} << u"start"_s;
        QTest::newRow("run, asleep") << Action::Run << asleep << QStringList{} << u"start"_s;
        QTest::newRow("run, crashed and kept") << Action::Run << kept << QStringList{} << u"start"_s;
        QTest::newRow("pause, running") << Action::Pause << running << QStringList{u"domain.suspend"_s} << u"pause"_s;
        QTest::newRow("pause, blocked") << Action::Pause << blocked << QStringList{u"domain.suspend"_s} << u"pause"_s;
        QTest::newRow("pause, paused") << Action::Pause << paused << QStringList{} << u"pause"_s;
        QTest::newRow("pause, off") << Action::Pause << off << QStringList{} << u"pause"_s;
        QTest::newRow("resume, paused") << Action::Resume << paused << QStringList{u"domain.resume"_s} << u"resume"_s;
        QTest::newRow("resume, running") << Action::Resume << running << QStringList{} << u"resume"_s;
        QTest::newRow("resume, off") << Action::Resume << off << QStringList{} << u"resume"_s;
        QTest::newRow("shut down, running")
            << Action::ShutDown << running << QStringList{u"domain.shutdown"_s} << u"shutdown"_s;
        QTest::newRow("shut down, again")
            << Action::ShutDown << stopping << QStringList{u"domain.shutdown"_s} << u"shutdown"_s;
        QTest::newRow("shut down, paused") << Action::ShutDown << paused << QStringList{} << u"shutdown"_s;
        QTest::newRow("shut down, off") << Action::ShutDown << off << QStringList{} << u"shutdown"_s;
        QTest::newRow("reboot, running") << Action::Reboot << running << QStringList{u"domain.reboot"_s} << u"reboot"_s;
        QTest::newRow("reboot, shutting down") << Action::Reboot << stopping << QStringList{} << u"reboot"_s;
        QTest::newRow("reset, running") << Action::Reset << running << QStringList{u"domain.reset"_s} << u"reset"_s;
        QTest::newRow("reset, crashed and kept")
            << Action::Reset << kept << QStringList{u"domain.reset"_s} << u"reset"_s;
        QTest::newRow("reset, off") << Action::Reset << off << QStringList{} << u"reset"_s;
        QTest::newRow("force off, paused")
            << Action::ForceOff << paused << QStringList{u"domain.destroy"_s} << u"poweroff"_s;
        QTest::newRow("force off, crashed and kept")
            << Action::ForceOff << kept << QStringList{u"domain.destroy"_s} << u"poweroff"_s;
        QTest::newRow("force off, transient")
            << Action::ForceOff << transient << QStringList{u"domain.destroy"_s} << u"poweroff"_s;
        QTest::newRow("force off, off") << Action::ForceOff << off << QStringList{} << u"poweroff"_s;
        QTest::newRow("save, running") << Action::Save << running << QStringList{u"domain.save"_s} << u"save"_s;
        QTest::newRow("save, paused") << Action::Save << paused << QStringList{u"domain.save"_s} << u"save"_s;
        QTest::newRow("save, transient") << Action::Save << transient << QStringList{} << u"save"_s;
        QTest::newRow("save, off") << Action::Save << off << QStringList{} << u"save"_s;
        QTest::newRow("restore, saved") << Action::Restore << saved << QStringList{u"domain.start"_s} << u"start"_s;
        QTest::newRow("restore, nothing saved") << Action::Restore << off << QStringList{} << u"start"_s;
        QTest::newRow("restore, running") << Action::Restore << running << QStringList{} << u"start"_s;
        QTest::newRow("hard reboot, running")
            << Action::HardReboot << running << QStringList{u"domain.destroy"_s, u"domain.start"_s} << u"hardreboot"_s;
        QTest::newRow("hard reboot, crashed and kept")
            << Action::HardReboot << kept << QStringList{u"domain.destroy"_s, u"domain.start"_s} << u"hardreboot"_s;
        QTest::newRow("hard reboot, transient") << Action::HardReboot << transient << QStringList{} << u"hardreboot"_s;
        QTest::newRow("hard reboot, off") << Action::HardReboot << off << QStringList{} << u"hardreboot"_s;
    }

    void plans()
    {
        QFETCH(const Action, action);
        QFETCH(const DomainRecord, domain);
        QFETCH(const QStringList, steps);
        QFETCH(const QString, operation);
        const job::Plan plan = operation::planAction(action, host, domain, 42);
        QCOMPARE(plan.operation, operation);
        QCOMPARE(typesOf(plan), steps);
        QCOMPARE(plan.isBlocked(), steps.isEmpty());
        QCOMPARE(plan.isBlocked(), !operation::refusal(action, domain).isEmpty());
        QCOMPARE(plan.host, host);
        QCOMPARE(plan.domain, domain.uuid);
        QCOMPARE(plan.domainName, domain.name);
        QVERIFY2(plan.title.contains(domain.name) && !plan.title.contains(u'%'), qPrintable(plan.title));
        if (plan.isBlocked()) {
            const QString text = plan.findings.constFirst().text;
            QVERIFY2(text.startsWith(domain.name) && text.endsWith(u'.'), qPrintable(text));
            return;
        }
        QVERIFY2(plan.verdict.contains(domain.name) && plan.verdict.endsWith(u'.'), qPrintable(plan.verdict));
        for (const job::Step &step : plan.steps) {
            QCOMPARE(QUuid::fromString(step.parameters[u"uuid"_s].toString()), domain.uuid);
            QCOMPARE(step.object, domain.name);
        }
        if (action == Action::ShutDown) {
            QCOMPARE(plan.steps.constFirst().parameters[u"timeout"_s].toInt(), 42);
        }
    }

    void savedStateIsRestored()
    {
        const auto plan = operation::planAction(Action::Run, host, record(DomainState::ShutOff, true));
        QCOMPARE(plan.title, u"Restore web01"_s);
        QCOMPARE(plan.steps.constFirst().title, u"Restore"_s);
    }

    void violenceIsWarnedOf()
    {
        const auto running = record(DomainState::Running);
        for (const Action action : {Action::ForceOff, Action::Reset, Action::HardReboot}) {
            QCOMPARE(operation::planAction(action, host, running).count(job::Finding::Severity::Warning), 1);
        }
        QCOMPARE(operation::planAction(Action::ShutDown, host, running).count(job::Finding::Severity::Warning), 0);
        const auto transient = record(DomainState::Running, false, false);
        QCOMPARE(operation::planAction(Action::ShutDown, host, transient).count(job::Finding::Severity::Warning), 1);
    }

    void autostartKnowsTheWayBack()
    {
        auto domain = record(DomainState::Running);
        domain.autostart = true;
        const auto plan = operation::planAutostart(host, domain, false);
        QCOMPARE(typesOf(plan), QStringList{u"domain.setAutostart"_s});
        QCOMPARE(plan.steps.constFirst().parameters[u"on"_s].toBool(true), false);
        QCOMPARE(plan.steps.constFirst().parameters[u"before"_s].toBool(false), true);
        QVERIFY(!plan.steps.constFirst().undo.isEmpty());
        domain.persistent = false;
        QVERIFY(operation::planAutostart(host, domain, true).isBlocked());
    }

    void rename_data()
    {
        QTest::addColumn<DomainRecord>("domain");
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("blockers");
        QTest::newRow("free") << record(DomainState::ShutOff) << u"web02"_s << 0;
        QTest::newRow("taken") << record(DomainState::ShutOff) << u"db01"_s << 1;
        QTest::newRow("same") << record(DomainState::ShutOff) << u"web01"_s << 1;
        QTest::newRow("bad name") << record(DomainState::ShutOff) << u"a/b"_s << 1;
        QTest::newRow("running") << record(DomainState::Running) << u"web02"_s << 1;
        QTest::newRow("running and bad") << record(DomainState::Running) << u"-x"_s << 2;
        QTest::newRow("paused") << record(DomainState::Paused) << u"web02"_s << 1;
        QTest::newRow("transient") << record(DomainState::ShutOff, false, false) << u"web02"_s << 1;
    }

    void rename()
    {
        QFETCH(const DomainRecord, domain);
        QFETCH(const QString, name);
        QFETCH(const int, blockers);
        const auto plan = operation::planRename(host, domain, name, {u"web01"_s, u"db01"_s});
        QCOMPARE(plan.count(job::Finding::Severity::Blocker), blockers);
        QCOMPARE(typesOf(plan), blockers ? QStringList{} : QStringList{u"domain.rename"_s});
        if (!blockers) {
            QCOMPARE(plan.steps.constFirst().parameters[u"name"_s].toString(), name);
            QCOMPARE(plan.steps.constFirst().parameters[u"before"_s].toString(), u"web01"_s);
        }
    }

    void names_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<bool>("fine");
        QTest::newRow("plain") << u"web01"_s << true;
        QTest::newRow("space inside") << u"my web"_s << true;
        QTest::newRow("Chinese") << u"网页服务器"_s << true;
        QTest::newRow("emoji") << u"web🙂"_s << true;
        QTest::newRow("dash and dot inside") << u"a-b.c"_s << true;
        QTest::newRow("200 bytes") << QString(200, u'a') << true;
        QTest::newRow("empty") << QString() << false;
        QTest::newRow("only a space") << u" "_s << false;
        QTest::newRow("leading space") << u" a"_s << false;
        QTest::newRow("trailing space") << u"a "_s << false;
        QTest::newRow("slash") << u"a/b"_s << false;
        QTest::newRow("line break") << u"a\nb"_s << false;
        QTest::newRow("tab") << u"a\tb"_s << false;
        QTest::newRow("zero") << QString(QChar(0)) << false;
        QTest::newRow("delete") << QString(QChar(0x7f)) << false;
        QTest::newRow("line separator") << QString(QChar(0x2028)) << false;
        QTest::newRow("half a surrogate pair") << u"a"_s + QChar(0xd83d) << false;
        QTest::newRow("leading dash") << u"-a"_s << false;
        QTest::newRow("leading dot") << u".a"_s << false;
        QTest::newRow("201 bytes") << QString(201, u'a') << false;
        QTest::newRow("300 characters") << QString(300, u'a') << false;
        QTest::newRow("67 Chinese characters are 201 bytes") << QString(67, u'网') << false;
    }

    void names()
    {
        QFETCH(const QString, name);
        QFETCH(const bool, fine);
        const QString problem = operation::nameProblem(name);
        QCOMPARE(problem.isEmpty(), fine);
        if (!fine) {
            QVERIFY2(problem.endsWith(u'.'), qPrintable(problem));
        }
    }
};

QTEST_GUILESS_MAIN(TestLifecycle)
#include "tst_lifecycle.moc"
