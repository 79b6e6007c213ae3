// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractItemModelTester>
#include <QElapsedTimer>
#include <QPersistentModelIndex>
#include <QRandomGenerator>
#include <QSignalSpy>
#include <QTest>

#include "model/snapshotchains.h"
#include "model/snapshottexts.h"
#include "model/snapshottreemodel.h"
#include "tests/model/snapshotfeed.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using model::SnapshotTreeModel;
using snapshot::Facts;
using snapshot::Snapshot;
using snapshot::SnapshotDisk;
using test::factsOf;
using Tester = QAbstractItemModelTester;

namespace {

/** "a(b(now))": what stands below what. */
QString shape(const QAbstractItemModel &model, const QModelIndex &parent = {})
{
    QStringList parts;
    for (int row = 0; row < model.rowCount(parent); ++row) {
        const QModelIndex at = model.index(row, 0, parent);
        const QString name = at.data(SnapshotTreeModel::IsNowRole).toBool()
            ? u"now"_s
            : at.data(SnapshotTreeModel::SnapshotRole).toString();
        const QString below = shape(model, at);
        parts.append(below.isEmpty() ? name : name + u'(' + below + u')');
    }
    return parts.join(u' ');
}

/** In the order in which an expanded tree shows them: name and lane. */
void collect(const QAbstractItemModel &model, const QModelIndex &parent, QStringList &lines)
{
    for (int row = 0; row < model.rowCount(parent); ++row) {
        const QModelIndex at = model.index(row, 0, parent);
        lines.append(u"%1:%2"_s.arg(at.data().toString()).arg(at.data(SnapshotTreeModel::LaneRole).toInt()));
        collect(model, at, lines);
    }
}

} // namespace

/** The tree of snapshots, fed by hand and under QAbstractItemModelTester. */
class TestSnapshotTree final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void nowStandsBelowTheCurrentOne()
    {
        SnapshotTreeModel model;
        const Tester tester(&model, Tester::FailureReportingMode::Fatal);
        QCOMPARE(shape(model), QString());
        model.setFacts(factsOf({u"a"_s, u"b<a*"_s, u"c<b"_s}), {});
        QCOMPARE(shape(model), u"a(b(c now))"_s);
        QCOMPARE(model.snapshotCount(), 3);
        const QModelIndex now = model.indexOf(QString());
        QVERIFY(now.data(SnapshotTreeModel::IsNowRole).toBool());
        QCOMPARE(now.data().toString(), u"Now"_s);
        QCOMPARE(now.siblingAtColumn(SnapshotTreeModel::StateColumn).data().toString(), u"running"_s);
        QCOMPARE(now.parent(), model.indexOf(u"b"_s));
        // After going back to another: only "now" moves.
        QSignalSpy moved(&model, &QAbstractItemModel::rowsMoved);
        QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
        QSignalSpy removed(&model, &QAbstractItemModel::rowsRemoved);
        model.setFacts(factsOf({u"a"_s, u"b<a"_s, u"c<b*"_s}), {});
        QCOMPARE(shape(model), u"a(b(c(now)))"_s);
        QCOMPARE(moved.size(), 1);
        QVERIFY(inserted.isEmpty() && removed.isEmpty());
    }

    void theBranchOfNowIsTheLastAndKeepsItsLane()
    {
        SnapshotTreeModel model;
        const Tester tester(&model, Tester::FailureReportingMode::Fatal);
        // b is older than c, but now is there.
        model.setFacts(factsOf({u"a"_s, u"b<a"_s, u"b2<b*"_s, u"c<a"_s, u"d<a"_s, u"d2<d"_s}), {});
        QCOMPARE(shape(model), u"a(c d(d2) b(b2(now)))"_s);
        QStringList lines;
        collect(model, {}, lines);
        QCOMPARE(lines, (QStringList{u"a:0"_s, u"c:1"_s, u"d:1"_s, u"d2:1"_s, u"b:0"_s, u"b2:0"_s, u"Now:0"_s}));
        QCOMPARE(model.laneCount(), 1);
        QVERIFY(model.indexOf(u"b2"_s).data(SnapshotTreeModel::InNowRole).toBool());
        QVERIFY(!model.indexOf(u"d2"_s).data(SnapshotTreeModel::InNowRole).toBool());
        QVERIFY(!model.indexOf(u"c"_s).data(SnapshotTreeModel::IsLastRole).toBool());
        QVERIFY(model.indexOf(u"b"_s).data(SnapshotTreeModel::IsLastRole).toBool());
    }

    void withoutACurrentOneNowIsARoot()
    {
        SnapshotTreeModel model;
        const Tester tester(&model, Tester::FailureReportingMode::Fatal);
        model.setFacts(factsOf({u"a"_s, u"b<gone"_s}), {});
        QCOMPARE(shape(model), u"a b now"_s); // what has lost its parent is shown all the same
        model.setFacts(factsOf({}), {});
        QCOMPARE(shape(model), QString());
        QCOMPARE(model.indexOf(QString()), QModelIndex());
    }

    void deletingOneKeepsTheRowsOfItsChildren()
    {
        SnapshotTreeModel model;
        const Tester tester(&model, Tester::FailureReportingMode::Fatal);
        model.setFacts(factsOf({u"a"_s, u"b<a"_s, u"c<b"_s, u"d<b*"_s}), {});
        const QPersistentModelIndex child(model.indexOf(u"c"_s));
        const QPersistentModelIndex now(model.indexOf(QString()));
        const QPersistentModelIndex gone(model.indexOf(u"b"_s));
        QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
        model.setFacts(factsOf({u"a"_s, u"c<a"_s, u"d<a*"_s}), {});
        QCOMPARE(shape(model), u"a(c d(now))"_s);
        QVERIFY(child.isValid() && child.data().toString() == u"c"_s);
        QVERIFY(now.isValid() && now.parent() == model.indexOf(u"d"_s));
        QVERIFY(!gone.isValid());
        QVERIFY(reset.isEmpty());
        // Its parents' order turned round, as a redefinition may do.
        model.setFacts(factsOf({u"d"_s, u"c<d"_s, u"a<c*"_s}), {});
        QCOMPARE(shape(model), u"d(c(a(now)))"_s);
        QVERIFY(child.isValid() && child.data().toString() == u"c"_s);
    }

    void nothingNewChangesNothing()
    {
        SnapshotTreeModel model;
        const Facts facts = test::manySnapshots(60);
        model.setFacts(facts, {});
        QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
        QSignalSpy moved(&model, &QAbstractItemModel::rowsMoved);
        QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
        model.setFacts(facts, {});
        QVERIFY(changed.isEmpty() && moved.isEmpty() && reset.isEmpty());
        Facts other = facts;
        other.files[u"/images/web01.s7.qcow2"_s].allocation = 1024;
        model.setFacts(other, {});
        QCOMPARE(changed.size(), 1);
        QCOMPARE(changed.first().at(0).toModelIndex(), model.indexOf(u"s7"_s));
        QCOMPARE(model.indexOf(u"s7"_s).siblingAtColumn(SnapshotTreeModel::SizeColumn).data().toString(), u"1 KiB"_s);
    }

    /** Any tree into any other, as QAbstractItemModelTester likes it. */
    void randomTrees()
    {
        QRandomGenerator random(5);
        SnapshotTreeModel model;
        const Tester tester(&model, Tester::FailureReportingMode::Fatal);
        for (int round = 0; round < 150; ++round) {
            QStringList names;
            for (int i = 0; i < 12; ++i) {
                if (random.bounded(4) > 0) {
                    names.append(u"s%1"_s.arg(i));
                }
            }
            std::shuffle(names.begin(), names.end(), random);
            QStringList texts;
            for (qsizetype i = 0; i < names.size(); ++i) {
                const bool root = i == 0 || random.bounded(6) == 0;
                texts.append(root ? names.at(i) : names.at(i) + u'<' + names.at(random.bounded(int(i))));
            }
            if (!texts.isEmpty() && random.bounded(5) > 0) {
                texts[random.bounded(int(texts.size()))] += u'*';
            }
            const Facts facts = factsOf(texts);
            model.setFacts(facts, {});
            SnapshotTreeModel fresh;
            fresh.setFacts(facts, {});
            QCOMPARE(shape(model), shape(fresh));
            for (const Snapshot &each : facts.snapshots) {
                const QModelIndex at = model.indexOf(each.name);
                QCOMPARE(at.data().toString(), each.name);
                QCOMPARE(at.parent(),
                    model.indexOf(each.parent).isValid() && !each.parent.isEmpty() ? model.indexOf(each.parent)
                                                                                   : QModelIndex());
            }
            QStringList mine;
            collect(model, {}, mine);
            QStringList theirs;
            collect(fresh, {}, theirs);
            QCOMPARE(mine, theirs); // lanes too
        }
    }

    void rowsSayWhatTheyAre()
    {
        Facts facts = factsOf({u"disks"_s, u"memory<disks"_s, u"inside<memory*"_s});
        facts.snapshots[1].memory = Snapshot::Memory::External;
        facts.snapshots[1].memoryFile = u"/images/web01.memory.mem"_s;
        facts.snapshots[1].isDiskOnly = false;
        facts.snapshots[1].state = virt::DomainState::Paused;
        facts.snapshots[2].disks[0].kind = SnapshotDisk::Kind::Internal;
        facts.snapshots[2].isDiskOnly = false;
        facts.snapshots[2].state = virt::DomainState::ShutOff;
        facts.snapshots[2].description = u"<b>bold</b>"_s;
        SnapshotTreeModel model;
        const Tester tester(&model, Tester::FailureReportingMode::Fatal);
        model.setFacts(facts,
            {{u"memory"_s, u"/images/web01.memory.mem"_s, u"The memory file is missing."_s, {}, {}, true},
                {QString(), {}, u"Now is odd."_s, {}, {}, false}});
        const auto text = [&model](const QString &name, int column) {
            return model.indexOf(name).siblingAtColumn(column).data().toString();
        };
        QCOMPARE(text(u"disks"_s, SnapshotTreeModel::KindColumn), u"External"_s);
        QCOMPARE(text(u"disks"_s, SnapshotTreeModel::StateColumn), u"running, disks only"_s);
        QCOMPARE(text(u"disks"_s, SnapshotTreeModel::SizeColumn), u"1 MiB"_s);
        QCOMPARE(text(u"memory"_s, SnapshotTreeModel::StateColumn), u"paused, with memory"_s);
        QCOMPARE(text(u"inside"_s, SnapshotTreeModel::KindColumn), u"Internal"_s);
        QCOMPARE(text(u"inside"_s, SnapshotTreeModel::StateColumn), u"shut off"_s);
        QCOMPARE(text(u"inside"_s, SnapshotTreeModel::SizeColumn), QString());
        QVERIFY(model.indexOf(u"memory"_s).data(SnapshotTreeModel::FatalRole).toBool());
        QCOMPARE(model.indexOf(u"memory"_s).data(SnapshotTreeModel::ProblemRole).toString(),
            u"The memory file is missing."_s);
        QCOMPARE(model.indexOf(QString()).data(SnapshotTreeModel::ProblemRole).toString(), u"Now is odd."_s);
        const QString tip = model.indexOf(u"inside"_s).data(Qt::ToolTipRole).toString();
        QVERIFY(tip.contains(u"&lt;b&gt;bold"_s) && !tip.contains(u"<b>"_s));
        const QString said = model.indexOf(u"memory"_s).data(Qt::AccessibleTextRole).toString();
        QVERIFY2(said.startsWith(u"memory, External, paused, with memory"_s)
                && said.contains(u"The memory file is missing."_s),
            qPrintable(said));
        QVERIFY(model::isSizeUnknown(facts, facts.snapshots.at(1))); // of the memory file nothing is known
        QCOMPARE(model::snapshotFileLines(facts, facts.snapshots.at(1)).size(), 2);
        QVERIFY(!model.indexOf(u"disks"_s).siblingAtColumn(SnapshotTreeModel::TimeColumn).data().toString().isEmpty());
    }

    void picturesAreKeys()
    {
        SnapshotTreeModel model;
        const Tester tester(&model, Tester::FailureReportingMode::Fatal);
        model.setFacts(factsOf({u"a"_s, u"b<a*"_s}), {});
        QVERIFY(!model.hasPictures());
        QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
        model.setPictures({u"b"_s, u"other"_s});
        QVERIFY(model.hasPictures());
        QCOMPARE(changed.size(), 1);
        QCOMPARE(model.indexOf(u"b"_s).data(SnapshotTreeModel::PictureRole).toString(), u"b"_s);
        QCOMPARE(model.indexOf(u"a"_s).data(SnapshotTreeModel::PictureRole).toString(), QString());
        model.setFacts(factsOf({u"a"_s, u"b<a*"_s}), {}); // stays
        QCOMPARE(model.indexOf(u"b"_s).data(SnapshotTreeModel::PictureRole).toString(), u"b"_s);
        model.clear();
        QVERIFY(!model.hasPictures());
        QCOMPARE(model.rowCount(), 0);
    }

    void chainsNameEveryFile()
    {
        Facts facts = factsOf({u"a"_s, u"b<a*"_s});
        facts.files[u"/images/web01.a.qcow2"_s].presence = snapshot::FileFacts::Presence::Missing;
        facts.disks[0].chain = {{u"/images/web01.b.qcow2"_s, u"qcow2"_s}, {u"/images/web01.a.qcow2"_s, u"qcow2"_s},
            {u"/images/web01.qcow2"_s, {}}};
        const QList<model::ChainDisk> now = model::snapshotChains(facts, {});
        QCOMPARE(now.size(), 1);
        QCOMPARE(now.first().target, u"vda"_s);
        QCOMPARE(now.first().rows.size(), 3);
        QCOMPARE(now.first().rows.at(0).name, u"web01.b.qcow2"_s);
        QCOMPARE(now.first().rows.at(0).bytes, quint64(2 * 1024 * 1024));
        QVERIFY(now.first().rows.at(0).isSizeKnown && !now.first().rows.at(0).isMissing);
        QVERIFY(now.first().rows.at(1).isMissing);
        QVERIFY(now.first().rows.at(1).notes.contains(u"It is missing."_s));
        QVERIFY(!now.first().rows.at(2).isSizeKnown);
        QVERIFY(now.first().rows.at(2).notes.contains(u"Its format was never recorded."_s));
        const QList<model::ChainDisk> then = model::snapshotChains(facts, u"b"_s);
        QCOMPARE(then.size(), 1);
        QCOMPARE(then.first().rows.first().path, u"/images/web01.a.qcow2"_s);
        QVERIFY(!then.first().text.isEmpty());
        QVERIFY(model::snapshotChains(facts, u"unknown"_s).isEmpty());
        facts.snapshots[1].disks[0].kind = SnapshotDisk::Kind::None;
        QVERIFY(model::snapshotChains(facts, u"b"_s).first().rows.isEmpty());
    }

    /** 500 in one chain: hundreds of levels, and every refresh is cheap. */
    void manyAreFast()
    {
        SnapshotTreeModel model;
        const Facts facts = test::manySnapshots(500);
        QElapsedTimer clock;
        clock.start();
        model.setFacts(facts, {});
        for (int i = 0; i < 20; ++i) {
            model.setFacts(facts, {});
        }
        QVERIFY2(clock.elapsed() < 5000, qPrintable(QString::number(clock.elapsed()))); // sanitizers, a busy machine
        QCOMPARE(model.snapshotCount(), 500);
        QCOMPARE(model.laneCount(), 1);
    }
};

QTEST_GUILESS_MAIN(TestSnapshotTree)
#include "tst_snapshottree.moc"
