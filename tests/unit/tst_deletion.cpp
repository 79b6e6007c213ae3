// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "backend/operation/deletion.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using job::Finding;
using operation::DeletableDisk;
using operation::DeleteFacts;

namespace {

const QUuid host = QUuid::fromString(u"11111111-1111-4111-8111-111111111111"_s);

DeletableDisk disk(const QString &target, const QString &volume, const QString &refusal = {})
{
    DeletableDisk result;
    result.target = target;
    result.path = u"/pool/"_s + volume;
    result.pool = u"default"_s;
    result.volume = volume;
    result.allocation = 1024 * 1024;
    result.refusal = refusal;
    return result;
}

DeleteFacts facts(bool running, bool persistent = true)
{
    DeleteFacts result;
    result.domain.uuid = QUuid::fromString(u"22222222-2222-4222-8222-222222222222"_s);
    result.domain.name = u"web01"_s;
    result.domain.state = running ? virt::DomainState::Running : virt::DomainState::ShutOff;
    result.domain.id = running ? 3 : -1;
    result.domain.persistent = persistent;
    result.disks = {disk(u"vda"_s, u"root.qcow2"_s), disk(u"vdb"_s, u"data.qcow2"_s),
        disk(u"vdc"_s, u"shared.raw"_s, u"It is used by: db01."_s)};
    return result;
}

/** "type object" of each step. */
QStringList stepsOf(const job::Plan &plan)
{
    QStringList steps;
    for (const job::Step &step : plan.steps) {
        steps.append(step.type + u' ' + step.object);
    }
    return steps;
}

} // namespace

class TestDeletion final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keepsStorageUnlessAsked()
    {
        const auto plan = operation::planDelete(host, facts(false), {});
        QCOMPARE(stepsOf(plan), QStringList{u"domain.undefine web01"_s});
        QCOMPARE(plan.count(Finding::Severity::Warning), 0);
        QCOMPARE(plan.count(Finding::Severity::Note), 1);
        QCOMPARE(plan.operation, u"delete"_s);
    }

    void forcesOffThenUndefinesThenDeletes()
    {
        const auto plan = operation::planDelete(host, facts(true), {u"vdb"_s, u"vda"_s});
        const QStringList expected{u"storage.check web01"_s, u"domain.destroy web01"_s, u"domain.undefine web01"_s,
            u"volume.delete data.qcow2"_s, u"volume.delete root.qcow2"_s};
        QCOMPARE(stepsOf(plan), expected);
        QCOMPARE(plan.count(Finding::Severity::Warning), 2);
        const QJsonObject parameters = plan.steps.constLast().parameters;
        QCOMPARE(parameters[u"pool"_s].toString(), u"default"_s);
        QCOMPARE(parameters[u"volume"_s].toString(), u"root.qcow2"_s);
        for (const job::Step &step : plan.steps) {
            QVERIFY(step.undo.isEmpty());
        }
    }

    void transientOnlyNeedsForceOff()
    {
        QCOMPARE(stepsOf(operation::planDelete(host, facts(true, false), {})), QStringList{u"domain.destroy web01"_s});
    }

    void blocks_data()
    {
        QTest::addColumn<QString>("target");
        QTest::newRow("used by another") << u"vdc"_s;
        QTest::newRow("unknown") << u"vdz"_s;
        QTest::newRow("in no pool") << u"vdd"_s;
    }

    void blocks()
    {
        QFETCH(const QString, target);
        DeleteFacts some = facts(false);
        DeletableDisk loose = disk(u"vdd"_s, {});
        loose.pool.clear();
        some.disks.append(loose);
        const auto plan = operation::planDelete(host, some, {u"vda"_s, target});
        QVERIFY(plan.isBlocked());
        QVERIFY(plan.steps.isEmpty());
        QVERIFY(plan.findings.constFirst().text.contains(target));
    }

    void oneVolumeBehindTwoDisksGoesOnce()
    {
        DeleteFacts some = facts(false);
        some.disks = {disk(u"vda"_s, u"same.raw"_s), disk(u"vdb"_s, u"same.raw"_s)};
        const QStringList expected{u"storage.check web01"_s, u"domain.undefine web01"_s, u"volume.delete same.raw"_s};
        QCOMPARE(stepsOf(operation::planDelete(host, some, {u"vda"_s, u"vdb"_s})), expected);
    }

    void saysWhatGoesAlong()
    {
        DeleteFacts some = facts(false);
        some.domain.managedSave = true;
        some.hasNvram = true;
        const auto plan = operation::planDelete(host, some, {});
        QCOMPARE(plan.count(Finding::Severity::Warning), 1);
        QCOMPARE(plan.count(Finding::Severity::Note), 2);
    }
};

QTEST_GUILESS_MAIN(TestDeletion)
#include "tst_deletion.moc"
