// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "model/migrationtexts.h"
#include "tests/model/migratevalues.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using migration::Diagnosis;
using migration::Phase;
using model::MigrationLever;
using operation::MigrationPicture;
using test::mebibyte;

namespace {

const virt::HostId here(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
const virt::HostId there(2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2);
const virt::DomainKey web{here, QUuid(9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)};

MigrationPicture running()
{
    return test::migrationPicture(web, there);
}

MigrationPicture ended(Phase phase)
{
    MigrationPicture picture = running();
    picture.history.end(60'000, phase, {});
    return picture;
}

} // namespace

/** What is said of a running migration, and before a lever is used. */
class TestMigrationTexts final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void ranges()
    {
        QCOMPARE(model::durationRange({-1, -1}), QString());
        QCOMPARE(model::durationRange({40'000, 54'100}), u"40 to 55 s"_s);
        QCOMPARE(model::durationRange({20'000, 20'000}), u"20 s"_s);
        QCOMPARE(model::durationRange({50'000, 80'000}), u"50 s to 1 min 20 s"_s);
        QCOMPARE(model::durationRange({0, 0}), u"1 s"_s); // never "0 s left"
    }

    void pauseIsSaidBefore()
    {
        MigrationPicture picture = running();
        const quint64 left = picture.history.samples().last().memoryRemaining;
        const auto expected = static_cast<double>(left) / static_cast<double>(picture.history.bandwidth());
        QVERIFY(std::abs(static_cast<double>(model::expectedPauseMs(picture)) - expected * 1000) <= 1);
        const QString text = model::pauseConsequence(picture);
        QVERIFY2(text.startsWith(u"The guest will stand still for about "_s), qPrintable(text));
        picture.history = {};
        QCOMPARE(model::expectedPauseMs(picture), -1);
        QVERIFY(model::pauseConsequence(picture).contains(u"can't be said"_s));
    }

    void bandwidthBelowTheDirtyRateIsTold()
    {
        const MigrationPicture picture = running();
        QVERIFY(model::bandwidthConsequence(picture, 0).startsWith(u"No limit"_s));
        QVERIFY(model::bandwidthConsequence(picture, 8 * mebibyte).contains(u"would not end by itself"_s));
        QVERIFY(model::bandwidthConsequence(picture, 100 * mebibyte).startsWith(u"At most 100 MiB/s"_s));
    }

    void downtimeSaysWhetherItWouldDo()
    {
        const MigrationPicture picture = running();
        const QString small = model::downtimeConsequence(picture, 300);
        const QString large = model::downtimeConsequence(picture, 20'000);
        QVERIFY2(small.startsWith(u"The guest may stand still for up to 0.3 s."_s), qPrintable(small));
        QVERIFY2(small.contains(u"which needs"_s), qPrintable(small));
        QVERIFY2(large.contains(u"that would do"_s), qPrintable(large));
    }

    void leversHaveReasons()
    {
        MigrationPicture picture = running();
        for (const MigrationLever lever : {MigrationLever::Bandwidth, MigrationLever::Downtime,
                 MigrationLever::PostCopy, MigrationLever::Pause, MigrationLever::Abort, MigrationLever::Policy}) {
            QVERIFY2(model::leverRefusal(picture, lever).isEmpty(), qPrintable(QString::number(int(lever))));
            QVERIFY(!model::leverRefusal(ended(Phase::Done), lever).isEmpty());
            MigrationPicture foreign = picture;
            foreign.isOurs = false;
            QVERIFY(model::leverRefusal(foreign, lever).contains(u"watched"_s));
        }
        picture.canPostCopy = false;
        QVERIFY(!model::leverRefusal(picture, MigrationLever::PostCopy).isEmpty());
        picture.canPostCopy = true;
        picture.inPostCopy = true;
        for (const MigrationLever lever :
            {MigrationLever::Downtime, MigrationLever::PostCopy, MigrationLever::Pause, MigrationLever::Abort}) {
            QVERIFY(!model::leverRefusal(picture, lever).isEmpty());
        }
        QVERIFY(model::leverRefusal(picture, MigrationLever::Bandwidth).isEmpty());
    }

    void results()
    {
        QCOMPARE(model::resultSentence(running()), QString());
        MigrationPicture picture = ended(Phase::Done);
        QCOMPARE(model::resultSentence(picture), u"web01 was migrated to rack-8."_s);
        virt::migration::Figures final;
        final.type = virt::migration::Figures::Type::Completed;
        final.elapsedMs = 61'000;
        final.downtimeMs = 49;
        final.memoryProcessed = 300 * mebibyte;
        final.diskProcessed = 100 * mebibyte;
        final.iteration = 7;
        picture.completed = final;
        const auto lines = model::resultLines(picture);
        const auto value = [&lines](const QString &label) {
            for (const model::MigrationResult &line : lines) {
                if (line.label == label) {
                    return line.value;
                }
            }
            return QString();
        };
        QCOMPARE(value(u"Total time"_s), u"1 min 1 s"_s);
        QCOMPARE(value(u"The guest stood still"_s), u"49 ms"_s);
        QCOMPARE(value(u"Sent"_s), u"400 MiB (memory 300 MiB, disks 100 MiB)"_s);
        QCOMPARE(value(u"Rounds over memory"_s), u"7"_s);
        QVERIFY(model::resultSentence(ended(Phase::Failed)).contains(u"where it was"_s));
    }

    void sidesAndRemedies()
    {
        migration::Side side;
        QCOMPARE(model::sideText(side), u"Does not answer"_s);
        side.asked = true;
        QCOMPARE(model::sideText(side), u"Nothing of this VM"_s);
        side.exists = true;
        side.state = virt::DomainState::Paused;
        side.reason = 2; // VIR_DOMAIN_PAUSED_MIGRATION
        QVERIFY2(model::sideText(side).startsWith(u"Paused"_s), qPrintable(model::sideText(side)));
        QVERIFY(!model::sideDetails(side).isEmpty());
        // Whatever can be done has a name of its own.
        QSet<QString> names;
        for (const auto remedy : {Diagnosis::Remedy::ResumePostCopy, Diagnosis::Remedy::ResumeSource,
                 Diagnosis::Remedy::ResumeDestination, Diagnosis::Remedy::EndSource, Diagnosis::Remedy::StartSource}) {
            QVERIFY(!model::remedyName(remedy).isEmpty());
            names.insert(model::remedyName(remedy));
        }
        QCOMPARE(names.size(), 5);
        QVERIFY(model::remedyName(Diagnosis::Remedy::None).isEmpty());
        QVERIFY(model::remedyName(Diagnosis::Remedy::Wait).isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestMigrationTexts)
#include "tst_migrationtexts.moc"
