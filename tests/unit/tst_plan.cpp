// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QJsonArray>
#include <QJsonDocument>
#include <QTest>

#include "backend/job/plan.h"
#include "backend/job/step.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using job::Finding;
using job::Plan;

namespace {

const QUuid host = QUuid::fromString(u"11111111-1111-4111-8111-111111111111"_s);
const QUuid domain = QUuid::fromString(u"22222222-2222-4222-8222-222222222222"_s);

Plan fullPlan()
{
    Plan plan;
    plan.operation = u"create"_s;
    plan.title = u"Create 网页"_s;
    plan.host = host;
    plan.domain = domain;
    plan.domainName = u"网页 01"_s;
    plan.alsoHosts = {QUuid::fromString(u"22222222-2222-4222-8222-222222222222"_s)};
    plan.queue = u"from here to there"_s;
    plan.queueLimit = 3;
    plan.findings = {{Finding::Severity::Ok, u"fine"_s, {}, {}},
        {Finding::Severity::Note, u"a note"_s, u"because"_s, u"do this"_s},
        {Finding::Severity::Warning, u"careful"_s, {}, {}}, {Finding::Severity::Warning, u"careful again"_s, {}, {}}};
    plan.steps = {{u"volume.upload"_s, u"Upload"_s, u"base.qcow2"_s, u"Delete it"_s, Q_UINT64_C(5'000'000'000'000'001),
                      {{u"pool"_s, u"default"_s}}},
        {u"domain.define"_s, u"Define"_s, u"网页 01"_s, u"Undefine"_s, 0, {{u"xml"_s, u"<domain/>"_s}, {u"n"_s, 3}}}};
    plan.xmlBefore = u"<a/>"_s;
    plan.xmlAfter = u"<b>\n</b>"_s;
    plan.verdict = u"It will be made."_s;
    plan.draft = {{u"operation"_s, u"create"_s}, {u"vcpus"_s, 2}};
    return plan;
}

} // namespace

class TestPlan final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void roundTripsThroughText()
    {
        const Plan plan = fullPlan();
        const QByteArray text = QJsonDocument(plan.toJson()).toJson();
        QCOMPARE(Plan::fromJson(QJsonDocument::fromJson(text).object()), plan);
        QCOMPARE(Plan::fromJson(Plan{}.toJson()), Plan{});
    }

    void unknownSeverityBlocks()
    {
        QJsonObject json = fullPlan().toJson();
        json[u"findings"_s] = QJsonArray{QJsonObject{{u"severity"_s, u"catastrophe"_s}, {u"text"_s, u"?"_s}}};
        QVERIFY(Plan::fromJson(json).isBlocked());
    }

    void sumsAndCounts()
    {
        Plan plan = fullPlan();
        QCOMPARE(plan.bytes(), Q_UINT64_C(5'000'000'000'000'001));
        QCOMPARE(plan.count(Finding::Severity::Warning), 2);
        QCOMPARE(plan.count(Finding::Severity::Blocker), 0);
        QVERIFY(!plan.isBlocked());
        plan.findings.append({Finding::Severity::Blocker, u"no"_s, {}, {}});
        QVERIFY(plan.isBlocked());
    }

    void lockKeyFollowsHostAndDomain()
    {
        const Plan plan = fullPlan();
        Plan renamed = plan;
        renamed.domainName = u"other"_s;
        QCOMPARE(renamed.lockKey(), plan.lockKey());

        Plan elsewhere = plan;
        elsewhere.host = domain;
        QVERIFY(elsewhere.lockKey() != plan.lockKey());

        Plan fresh = plan;
        fresh.domain = {};
        QVERIFY(fresh.lockKey() != plan.lockKey());
        Plan freshOther = fresh;
        freshOther.domainName = u"other"_s;
        QVERIFY(freshOther.lockKey() != fresh.lockKey());
    }

    void registryFindsKinds()
    {
        job::StepRegistry registry;
        QVERIFY(!registry.find(u"a"_s));
        registry.add(u"a"_s, {[](const job::Step &, job::StepContext &) { return Result<>{}; }, {}});
        QVERIFY(registry.find(u"a"_s));
        QVERIFY(registry.find(u"a"_s)->run);
        QVERIFY(!registry.find(u"a"_s)->undo);
    }
};

QTEST_GUILESS_MAIN(TestPlan)
#include "tst_plan.moc"
