// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "tests/unit/migratefixture.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using namespace vireo::migratefixture;
using namespace vireo::operation;
using Severity = job::Finding::Severity;

Q_DECLARE_METATYPE(vireo::job::Finding::Severity)

/** Definitions for the destination that were edited by hand: as it runs there, and that of its next start. */
class TestMigrateEdited final : public QObject
{
    Q_OBJECT

    /** What the plan says more than without the edits. */
    static QList<job::Finding> said(const MigrateFacts &made, const MigrateDraft &wanted)
    {
        MigrateDraft untouched = wanted;
        untouched.xml.clear();
        untouched.persistentXml.clear();
        QList<job::Finding> findings = planMigrate(hostA, hostB, made, wanted).findings;
        for (const job::Finding &known : planMigrate(hostA, hostB, made, untouched).findings) {
            findings.removeOne(known);
        }
        return findings;
    }

    static QJsonObject parameters(const job::Plan &plan)
    {
        for (const job::Step &step : plan.steps) {
            if (step.type == "domain.migrate"_L1) {
                return step.parameters;
            }
        }
        return {};
    }

private Q_SLOTS:
    void areJudged_data()
    {
        QTest::addColumn<QString>("from");
        QTest::addColumn<QString>("to");
        QTest::addColumn<Severity>("severity");
        QTest::addColumn<QString>("text");
        QTest::newRow("a change") << u"<vcpu>2</vcpu>"_s << u"<title>there</title><vcpu>2</vcpu>"_s << Severity::Note
                                  << u"the definition was edited by hand."_s;
        QTest::newRow("broken") << u"</domain>"_s << u"</doma>"_s << Severity::Blocker
                                << u"the edited XML can't be read."_s;
        QTest::newRow("another name") << u"<name>web01</name>"_s << u"<name>web02</name>"_s << Severity::Blocker
                                      << u"the edited XML is not about web01."_s;
        QTest::newRow("another UUID") << u"11111111-2222"_s << u"99999999-2222"_s << Severity::Blocker
                                      << u"the edited XML is not about web01."_s;
        QTest::newRow("no UUID") << u"<uuid>11111111-2222-4333-8444-555555555555</uuid>"_s << QString()
                                 << Severity::Blocker << u"the edited XML is not about web01."_s;
        QTest::newRow("no domain") << u"domain"_s << u"network"_s << Severity::Blocker
                                   << u"the edited XML is not about web01."_s;
        QTest::newRow("not in the schema")
            << u"<vcpu>2</vcpu>"_s << u"<vcpu>2</vcpu><nonsense/>"_s << Severity::Warning << u"line 1"_s;
    }

    void areJudged()
    {
        QFETCH(const QString, from);
        QFETCH(const QString, to);
        QFETCH(const Severity, severity);
        QFETCH(const QString, text);
        const MigrateFacts made = facts();
        QString edited = made.source.liveXml;
        edited.replace(from, to);
        QVERIFY(edited != made.source.liveXml);
        for (const bool live : {true, false}) {
            MigrateDraft wanted = draft();
            (live ? wanted.xml : wanted.persistentXml) = edited;
            const QList<job::Finding> findings = said(made, wanted);
            QVERIFY(!findings.isEmpty());
            const job::Finding &worst = findings.constLast();
            QCOMPARE(worst.severity, severity);
            QVERIFY2(worst.text.contains(text), qPrintable(worst.text));
            QVERIFY2(worst.text.startsWith(live ? u"As it runs at the destination"_s : u"At its next start there"_s),
                qPrintable(worst.text));
            const job::Plan plan = planMigrate(hostA, hostB, made, wanted);
            QCOMPARE(plan.isBlocked(), severity == Severity::Blocker);
            QCOMPARE(plan.steps.isEmpty(), plan.isBlocked());
        }
    }

    void bothGoIntoTheStep()
    {
        const MigrateFacts made = facts();
        MigrateDraft wanted = draft();
        wanted.xml = QString(made.source.liveXml).replace(u"</name>"_s, u"</name><title>runs</title>"_s);
        wanted.persistentXml = QString(made.source.liveXml).replace(u"</name>"_s, u"</name><title>starts</title>"_s);
        const job::Plan plan = planMigrate(hostA, hostB, made, wanted);
        QCOMPARE(parameters(plan).value("xml"_L1).toString(), wanted.xml);
        QCOMPARE(parameters(plan).value("persistentXml"_L1).toString(), wanted.persistentXml);
        QCOMPARE(plan.xmlAfter, wanted.xml);
        QCOMPARE(said(made, wanted).size(), 2);
    }

    /** Without a definition there, that of its next start is nobody's concern. */
    void temporaryHasNoStoredOne()
    {
        const MigrateFacts made = facts();
        MigrateDraft wanted = draft();
        wanted.persistent = false;
        wanted.persistentXml = u"<broken"_s;
        QVERIFY(said(made, wanted).isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestMigrateEdited)
#include "tst_migrateedited.moc"
