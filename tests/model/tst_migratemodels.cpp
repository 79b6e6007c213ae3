// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

#include "model/migratematrix.h"
#include "model/preflightmodel.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using job::Finding;
using model::MatrixCell;
using model::MigrateMatrix;
using model::PreflightModel;
using operation::Check;
using Severity = Finding::Severity;
using Tester = QAbstractItemModelTester;

namespace {

Check check(Check::Topic topic, Severity severity, const QString &text, const QString &fix = {})
{
    return {topic, {severity, text, {}, fix}};
}

const virt::HostId here(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
const virt::HostId there(2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2);
const virt::HostId other(3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3);
const virt::DomainKey web{here, QUuid(9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)};
const virt::DomainKey mail{there, QUuid(9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2)};

MatrixCell known(Severity severity, const QString &text = u"why"_s)
{
    return model::matrixCell({check(Check::Topic::Memory, severity, text)});
}

} // namespace

/** The compatibility matrix and the pre-flight grid. */
class TestMigrateModels final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aCellSaysTheWorst()
    {
        const MatrixCell cell = model::matrixCell({check(Check::Topic::Identity, Severity::Ok, u"fine"_s),
            check(Check::Topic::Memory, Severity::Note, u"tight"_s),
            check(Check::Topic::Networks, Severity::Blocker, u"no br0"_s, u"Map it."_s)});
        QCOMPARE(cell.state, MatrixCell::State::Known);
        QCOMPARE(cell.severity, Severity::Blocker);
        QCOMPARE(cell.text, u"no br0"_s);
        QCOMPARE(cell.details, (QStringList{u"Blocker: no br0 Map it."_s, u"Note: tight"_s}));
        QCOMPARE(model::matrixCell({}).severity, Severity::Ok);
    }

    void cellsFillInOneByOne()
    {
        MigrateMatrix matrix;
        const Tester tester(&matrix, Tester::FailureReportingMode::Fatal);
        matrix.setHosts({{here, u"rack-7"_s}, {there, u"rack-8"_s}, {other, u"rack-9"_s}});
        matrix.setVms({{web, u"web01"_s}, {mail, u"mail"_s}});
        QCOMPARE(matrix.rowCount(), 2);
        QCOMPARE(matrix.columnCount(), 4);
        QCOMPARE(matrix.readingCount(), 4); // two are where they are
        QVERIFY(matrix.best().isNull());
        QCOMPARE(matrix.index(0, 1).data().toString(), u"It is here"_s);
        const QSignalSpy changed(&matrix, &QAbstractItemModel::dataChanged);
        matrix.setCell(web, there, known(Severity::Warning));
        QCOMPARE(changed.size(), 1);
        matrix.setCell(web, there, known(Severity::Warning));
        QCOMPARE(changed.size(), 1); // nothing new
        QCOMPARE(matrix.index(0, 2).data().toString(), u"Warning: why"_s);
        QVERIFY(matrix.index(0, 2).data(Qt::AccessibleTextRole).toString().contains(u"web01 to rack-8"_s));
        // There only the one that comes from elsewhere counts.
        QCOMPARE(matrix.column(there).severity, Severity::Warning);
        QCOMPARE(matrix.best(), there);
        matrix.setCell(web, other, known(Severity::Ok));
        QCOMPARE(matrix.column(other).state, MatrixCell::State::Reading);
        matrix.setCell(mail, other, known(Severity::Note));
        QCOMPARE(matrix.best(), other); // a note is better than a warning
        matrix.setCell(mail, other, known(Severity::Blocker));
        QCOMPARE(matrix.best(), there);
        MatrixCell failed;
        failed.state = MatrixCell::State::Failed;
        failed.text = u"no answer"_s;
        matrix.setCell(web, there, failed);
        QVERIFY(matrix.best().isNull());
    }

    void hostsComeAndGo()
    {
        MigrateMatrix matrix;
        const Tester tester(&matrix, Tester::FailureReportingMode::Fatal);
        matrix.setVms({{web, u"web01"_s}});
        matrix.setHosts({{there, u"rack-8"_s}, {other, u"rack-9"_s}});
        matrix.setCell(web, there, known(Severity::Ok));
        matrix.setCell(web, other, known(Severity::Note));
        matrix.setChosen(other);
        QVERIFY(matrix.index(0, 2).data(MigrateMatrix::ChosenRole).toBool());
        matrix.setHosts({{other, u"rack-9"_s}});
        QCOMPARE(matrix.columnOf(other), 1);
        QVERIFY(matrix.index(0, 1).data(MigrateMatrix::ChosenRole).toBool());
        QCOMPARE(matrix.cell(web, other).severity, Severity::Note); // kept
        matrix.setHosts({{there, u"rack-8"_s}, {other, u"rack-9"_s}});
        QCOMPARE(matrix.cell(web, there).state, MatrixCell::State::Reading); // of one that came back: anew
        matrix.forget(other);
        QCOMPARE(matrix.readingCount(), 2);
    }

    void gridOfChecks()
    {
        PreflightModel grid;
        const Tester tester(&grid, Tester::FailureReportingMode::Fatal);
        Check bad = check(Check::Topic::Networks, Severity::Blocker, u"no br0"_s, u"Map it."_s);
        bad.finding.cause = u"rack-8 has no such bridge."_s;
        const Check good = check(Check::Topic::Memory, Severity::Ok, u"4 GiB free"_s);
        grid.setLines({{u"web01"_s, good}, {u"web01"_s, bad}});
        QCOMPARE(grid.rowCount(), 2);
        QCOMPARE(grid.rowCount(grid.index(0, 0)), 0);
        QCOMPARE(grid.rowCount(grid.index(1, 0)), 2);
        QCOMPARE(grid.index(1, PreflightModel::VerdictColumn).data().toString(), u"Blocker"_s);
        QCOMPARE(grid.index(1, PreflightModel::FindingColumn).data().toString(), u"no br0"_s); // one VM: no name
        QCOMPARE(grid.index(1, PreflightModel::FindingColumn, grid.index(1, 0)).data().toString(), u"Map it."_s);
        const QSignalSpy reset(&grid, &QAbstractItemModel::modelReset);
        grid.setLines({{u"web01"_s, good}, {u"web01"_s, bad}});
        QCOMPARE(reset.size(), 0); // the same: what is open stays open
        grid.setLines({{u"web01"_s, good}, {u"mail"_s, bad}});
        QCOMPARE(grid.index(1, PreflightModel::FindingColumn).data().toString(), u"mail: no br0"_s);
    }
};

QTEST_GUILESS_MAIN(TestMigrateModels)
#include "tst_migratemodels.moc"
