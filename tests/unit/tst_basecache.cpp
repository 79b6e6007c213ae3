// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "backend/operation/create/basecache.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using job::Finding;
using operation::AgeOut;
using operation::BaseImage;
using operation::BaseList;

namespace {

const QUuid host = QUuid::fromString(u"11111111-1111-4111-8111-111111111111"_s);
const QDateTime now = QDateTime::fromString(u"2026-06-30T12:00:00Z"_s, Qt::ISODate);

BaseImage base(const QString &digits, int daysAgo, const QStringList &domains = {}, const QStringList &overlays = {})
{
    BaseImage image;
    image.pool = u"default"_s;
    image.name = u"vireo-base-%1.qcow2"_s.arg(digits);
    image.path = u"/pool/"_s + image.name;
    image.allocation = 1024 * 1024;
    image.lastUsed = daysAgo < 0 ? QDateTime() : now.addDays(-daysAgo);
    image.domains = domains;
    image.overlays = overlays;
    return image;
}

BaseList list()
{
    return {{base(u"00000000000000aa"_s, 3), base(u"00000000000000bb"_s, 100),
                base(u"00000000000000cc"_s, 400, {u"web01"_s}),
                base(u"00000000000000dd"_s, 400, {}, {u"other/overlay.qcow2"_s}), base(u"00000000000000ee"_s, -1)},
        {}};
}

/** The last two digits of what is deleted, in order. */
QStringList deleted(const job::Plan &plan)
{
    QStringList names;
    for (const job::Step &step : plan.steps) {
        names << step.parameters.value(u"volume"_s).toString().section(u'.', 0, 0).right(2);
    }
    return names;
}

bool says(const job::Plan &plan, Finding::Severity severity, const QString &text)
{
    return std::ranges::any_of(plan.findings, [&](const Finding &finding) {
        return finding.severity == severity && (finding.text + finding.cause).contains(text);
    });
}

} // namespace

class TestBaseCache final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void names_data()
    {
        QTest::addColumn<bool>("isBase");
        for (const char *name : {"vireo-base-0123456789abcdef.qcow2", "vireo-base-0123456789abcdef.img",
                 "vireo-base-0123456789abcdef-c.qcow2", "vireo-kernel-0123456789abcdef",
                 "vireo-initrd-0123456789abcdef", "vireo-dtb-0123456789abcdef"}) {
            QTest::newRow(name) << true;
        }
        for (const char *name : {"vireo-base-.qcow2", "vireo-base-xyz.qcow2", "vireo-base-0123456789abcdef.qcow2.bak",
                 "my-vireo-base-0123456789abcdef.qcow2", "vireo-base-0123456789abcdef.qcow2\n", "web01.qcow2",
                 "vireo-base-0123456789ABCDEF.qcow2", "vireo-base-0123456789abcdef.qcow2.complete", ""}) {
            QTest::newRow(name) << false;
        }
    }

    void names()
    {
        QFETCH(bool, isBase);
        QCOMPARE(operation::isBaseName(QString::fromLatin1(QTest::currentDataTag())), isBase);
    }

    void allUnused()
    {
        const job::Plan plan = operation::planAgeOut(host, list(), {}, now);
        QVERIFY(!plan.isBlocked());
        QCOMPARE(plan.host, host);
        // Unknown age first, then the oldest.
        QCOMPARE(deleted(plan), (QStringList{u"ee"_s, u"bb"_s, u"aa"_s}));
        QVERIFY(says(plan, Finding::Severity::Note, u"Used by: web01"_s));
        QVERIFY(says(plan, Finding::Severity::Note, u"base of: other/overlay.qcow2"_s));
        QVERIFY2(plan.verdict.contains(u"3 MiB"_s), qPrintable(plan.verdict));
        for (const job::Step &step : plan.steps) {
            QCOMPARE(step.type, u"base.delete"_s);
            QCOMPARE(step.parameters.value(u"pool"_s).toString(), u"default"_s);
            QVERIFY(!step.parameters.contains(u"unusedSince"_s));
        }
        QCOMPARE(job::Plan::fromJson(plan.toJson()), plan);
    }

    void byAge()
    {
        const job::Plan plan = operation::planAgeOut(host, list(), {.chosen = {}, .olderThanDays = 30}, now);
        QCOMPARE(deleted(plan), QStringList{u"bb"_s});
        QCOMPARE(plan.steps.first().parameters.value(u"unusedSince"_s).toString(), u"2026-05-31T12:00:00Z"_s);
        QVERIFY(says(plan, Finding::Severity::Note, u"does not say"_s));
        QVERIFY(says(plan, Finding::Severity::Note, u"Last used on"_s));
        // To the second.
        QCOMPARE(deleted(operation::planAgeOut(host, list(), {.chosen = {}, .olderThanDays = 100}, now)),
            QStringList{u"bb"_s});
        QVERIFY(operation::planAgeOut(host, list(), {.chosen = {}, .olderThanDays = 100}, now.addSecs(-1)).isBlocked());
    }

    void chosen()
    {
        const AgeOut some{.chosen = {u"vireo-base-00000000000000aa.qcow2"_s, u"vireo-base-00000000000000cc.qcow2"_s,
                              u"vireo-base-00000000000000ff.qcow2"_s},
            .olderThanDays = 0};
        const job::Plan plan = operation::planAgeOut(host, list(), some, now);
        QCOMPARE(deleted(plan), QStringList{u"aa"_s});
        QVERIFY(says(plan, Finding::Severity::Note, u"Used by: web01"_s));
        QVERIFY(says(plan, Finding::Severity::Note, u"gone already"_s));
    }

    void nothingToDo()
    {
        const job::Plan none = operation::planAgeOut(host, {}, {}, now);
        QVERIFY(none.isBlocked());
        QVERIFY(none.steps.isEmpty());
        const AgeOut used{.chosen = {u"vireo-base-00000000000000dd.qcow2"_s}, .olderThanDays = 0};
        QVERIFY(operation::planAgeOut(host, list(), used, now).isBlocked());
    }

    void unseenDisks()
    {
        BaseList bases = list();
        bases.unseen = {u"db01: /elsewhere/disk.qcow2"_s};
        const job::Plan all = operation::planAgeOut(host, bases, {}, now);
        QVERIFY(all.isBlocked());
        QVERIFY(says(all, Finding::Severity::Blocker, u"db01: /elsewhere/disk.qcow2"_s));
        const AgeOut one{.chosen = {u"vireo-base-00000000000000aa.qcow2"_s}, .olderThanDays = 0};
        const job::Plan knowingly = operation::planAgeOut(host, bases, one, now);
        QVERIFY(!knowingly.isBlocked());
        QVERIFY(says(knowingly, Finding::Severity::Warning, u"db01"_s));
    }
};

QTEST_GUILESS_MAIN(TestBaseCache)
#include "tst_basecache.moc"
